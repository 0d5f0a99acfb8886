package web

import (
	"context"
	"errors"
	"net/http"

	"hearth/circle"
	"hearth/moderation"
)

// Whoever is kept out of a circle learns why, and nobody else learns that they
// came. A ban is asked about at every door: when a claim is redeemed, at the
// page, at each ticket, and of every socket when somebody rings (watch.go).
// Where the store can't say, nobody new comes in; sockets in the circle stay.

// bannedData is the page of whoever is kept out.
type bannedData struct {
	Statements []statementData // newest first; none: nothing can be said
}

// knownBy adds to a claim what a ban could know whoever makes it by, and what
// leads from their seat to them for as long as a day key is kept.
func (s *Server) knownBy(r *http.Request, c circle.Claim) circle.Claim {
	link := moderation.Link{Device: moderation.DeviceKey(c.Device), Person: moderation.PersonID(c.Person)}
	c.Keys = link.Keys()
	if s.Keys == nil {
		return c
	}
	if from := s.address(r); from.IsValid() {
		prefixes := s.Keys.Prefix(from, s.Now())
		c.Keys = append(c.Keys, prefixes...)
		if len(prefixes) > 0 {
			link.Prefix = prefixes[0]
		}
	}
	c.Link = s.Keys.SealLink(link)
	return c
}

// keysOf are what a ban, or a decision to be told of, could know whoever sits
// in a seat by, in this browser; their network is nobody's own.
func keysOf(r *http.Request, seat circle.Seat) (keys []string) {
	device := ""
	if c, err := r.Cookie(deviceCookie); err == nil && isToken(c.Value) {
		device = c.Value
	}
	for _, k := range []string{seatKey(seat.ID), moderation.DeviceKey(device), moderation.PersonKey(moderation.PersonID(seat.Person))} {
		if k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// letIn is circle.ErrBanned when this browser, or whoever sits in a seat, is
// kept out of its circle: a seat is had before its device is banned by another.
func (s *Server) letIn(ctx context.Context, r *http.Request, seat circle.Seat) error {
	if s.Desk == nil {
		return nil
	}
	by, _, err := s.Desk.Banned(ctx, keysOf(r, seat), moderation.CircleID(seat.Circle), s.Now())
	if err == nil && len(by) > 0 {
		err = circle.ErrBanned
	}
	return err
}

// banned tells whoever is kept out why, until when, and how to have it looked
// at again. The seat is theirs as far as it is known.
func (s *Server) banned(w http.ResponseWriter, r *http.Request, seat circle.Seat) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	var by []moderation.Decision
	var err error
	country := ""
	if s.Desk != nil {
		by, _, err = s.Desk.Banned(ctx, keysOf(r, seat), moderation.CircleID(seat.Circle), s.Now())
	}
	if err == nil {
		err = s.tell(ctx, by)
	}
	if c, no := s.Store.Circle(ctx, seat.Circle); no == nil {
		country = c.Country
	}
	if err != nil {
		s.Fault("banned", err) // the page is there all the same, and says less
	}
	d := bannedData{Statements: statementsOf(s.Face.in(r), by, s.Now())}
	s.Face.render(w, r, "keptout", http.StatusForbidden, s.Face.page(country, d))
}

// owed returns what whoever sits in a seat is to be told of before they come
// in. It is noted that they were, also on a GET: who has read it is not asked
// again for ever.
func (s *Server) owed(ctx context.Context, r *http.Request, seat circle.Seat) ([]statementData, error) {
	if s.Desk == nil {
		return nil, nil
	}
	list, err := s.Desk.Owed(ctx, seat.ID, keysOf(r, seat), moderation.CircleID(seat.Circle), s.Now())
	if err == nil {
		err = s.tell(ctx, list)
	}
	return statementsOf(s.Face.in(r), list, s.Now()), err
}

// tell notes that decisions are shown to whom they concern.
func (s *Server) tell(ctx context.Context, list []moderation.Decision) error {
	for _, d := range list {
		if err := s.Desk.Told(ctx, d.ID, s.Now()); err != nil && !errors.Is(err, moderation.ErrDone) {
			return err
		}
	}
	return nil
}

package web

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// aboutWhom finds out whom a report is about, and from whom it is kept.
func (s *Server) aboutWhom(ctx context.Context, report *moderation.Report, by reporter, quotes []moderation.Quote) (*room.Refusal, error) {
	var links map[room.SeatID]string
	var err error
	if by.room != "" {
		if links, err = s.Desk.Links(ctx, by.room, report.At.Add(-moderation.KeepKeys)); err != nil {
			return nil, err
		}
	}
	if by.person == "" {
		if by.person, err = s.personOf(ctx, by.seat, links, report.At); err != nil {
			return nil, err
		}
	}
	keeps := report.About == moderation.AboutFacilitator || report.Category == moderation.FacilitatorUnsafe
	if subject := report.Subject; subject != "" && report.About != moderation.AboutSelf {
		if subject == by.seat {
			return refuse(ReportSelf), nil
		}
		role, known := s.knownIn(ctx, by.room, subject)
		_, had := links[subject]
		if !known && !had && !slices.ContainsFunc(quotes, func(q moderation.Quote) bool { return q.Seat == subject && q.Room == by.room }) {
			if !by.past {
				return refuse(ReportWhom), nil
			}
			report.Subject = "" // what can't be checked stands in no fact; how they were called is in the body
		}
		keeps = keeps || role == room.Facilitator
	}
	about := []moderation.PersonID{}
	if report.Subject != "" {
		if report.SubjectPerson, err = s.personOf(ctx, report.Subject, links, report.At); err != nil {
			return nil, err
		}
		about = append(about, report.SubjectPerson)
	} else if report.About == moderation.AboutModerator { // any of those who were there
		for seat := range links {
			p, err := s.personOf(ctx, seat, links, report.At)
			if err != nil {
				return nil, err
			}
			about = append(about, p)
		}
	}
	report.Away, err = s.keptFrom(ctx, by, about, keeps)
	return nil, err
}

// personOf is who sits in a seat, if they have a part in running the house. A
// link may be over, or its key gone: then it is whose seat it is, while the
// room goes on.
func (s *Server) personOf(ctx context.Context, seat room.SeatID, links map[room.SeatID]string, now time.Time) (moderation.PersonID, error) {
	if sealed := links[seat]; sealed != "" && s.Keys != nil {
		if l, err := s.Keys.OpenLink(sealed, now); err == nil {
			return l.Person, nil
		}
	}
	if seat == "" {
		return "", nil
	}
	at, err := s.Desk.Sitting(ctx, seat)
	return at[seat].Person, err
}

// knownIn says whether a seat is one of a room, and in which role, if they sit
// there now. A room that doesn't answer knows nobody.
func (s *Server) knownIn(ctx context.Context, id room.ID, seat room.SeatID) (role room.Role, known bool) {
	type answer struct {
		role  room.Role
		known bool
	}
	answers := make(chan answer, 1) // the look may outlast its context
	err := s.Hub.Look(ctx, id, func(_ time.Time, st *room.State) {
		var a answer
		if one := st.Seats[seat]; one != nil {
			a.role = one.Role
		}
		a.known = a.role != "" || slices.Contains(st.Known, seat) || slices.Contains(st.Barred, seat) || slices.Contains(st.Deputies, seat) ||
			slices.ContainsFunc(st.Door, func(w room.AtDoor) bool { return w.Seat == seat })
		answers <- a
	})
	if err != nil {
		return "", false
	}
	a := <-answers
	return a.role, a.known
}

// keptFrom lists who must never see a report: whoever it is about, whoever
// reports, and where it is about how a circle is kept, or one of those who
// keep it, all of them.
func (s *Server) keptFrom(ctx context.Context, by reporter, about []moderation.PersonID, keeps bool) (away []moderation.PersonID, err error) {
	add := func(p moderation.PersonID) {
		if p != "" && !slices.Contains(away, p) {
			away = append(away, p)
		}
	}
	for _, p := range about {
		add(p)
	}
	subjects := slices.Clone(away)
	add(by.person)
	if by.circle == "" || !keeps && len(subjects) == 0 {
		return away, nil
	}
	c, err := s.Store.Circle(ctx, by.circle)
	if errors.Is(err, circle.ErrNoCircle) {
		return away, nil
	}
	if err != nil {
		return nil, err
	}
	all := slices.Concat(c.Keepers, c.Deputies)
	if keeps || slices.ContainsFunc(all, func(p circle.PersonID) bool { return slices.Contains(subjects, moderation.PersonID(p)) }) {
		for _, p := range all {
			add(moderation.PersonID(p))
		}
	}
	return away, nil
}

// receipt is what somebody has in hand of a seat, to report with after it has
// ended. It is signed, and says nothing that they don't know.
type receipt struct {
	Room   room.ID     `json:"r"`
	Circle circle.ID   `json:"c"`
	Seat   room.SeatID `json:"s"`
	Of     room.SeatID `json:"o,omitempty"` // of a seat in an aside: theirs in the circle
	Until  int64       `json:"u"`           // Unix seconds
}

// forReceipts is the purpose that receipts are signed for.
const forReceipts = "seat"

// receipt makes one of a seat, good as long as a gathering can last and then
// moderation.ReportAgain. Empty: nobody could take a report.
func (s *Server) receipt(seat circle.Seat) string {
	if s.Desk == nil || s.Keys == nil {
		return ""
	}
	life := room.DefaultSettings().MaxLife + moderation.ReportAgain
	b, err := json.Marshal(receipt{seat.Room, seat.Circle, seat.ID, seat.Of, s.Now().Add(life).Unix()})
	if err != nil {
		return ""
	}
	return s.Keys.Sign(forReceipts, b)
}

var errNoReceipt = errors.New("web: no such receipt, or its time is over")

func (s *Server) openReceipt(token string) (receipt, error) {
	if s.Keys == nil {
		return receipt{}, errNoReceipt
	}
	now := s.Now()
	b, err := s.Keys.Open(forReceipts, token, now)
	if err != nil {
		return receipt{}, err
	}
	var r receipt
	if err := json.Unmarshal(b, &r); err != nil || r.Until <= now.Unix() || r.Seat == "" || r.Room == "" {
		return receipt{}, errNoReceipt
	}
	return r, nil
}

// byReceipt returns who reports with a receipt: that of a seat in a circle.
func (s *Server) byReceipt(token string) (reporter, *room.Refusal) {
	r, err := s.openReceipt(token)
	if err != nil || r.Of != "" {
		return reporter{}, refuse(ReceiptOld)
	}
	return reporter{seat: r.Seat, room: r.Room, circle: r.Circle, past: true}, nil
}

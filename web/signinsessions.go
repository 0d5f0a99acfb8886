package web

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"time"

	"hearth/circle"
)

// sessionsData is what somebody sees of where they are signed in, and by what.
type sessionsData struct {
	Name     string
	Sessions []sessionShown
	Others   bool // there are more than this one
	Passkeys []passkeyShown
	Link     string // a welcome for another passkey, shown once
	Problem  string // key of a sentence
}

type sessionShown struct {
	ID         string
	Here       bool // it is this one
	Made, Seen time.Time
}

type passkeyShown struct {
	ID         string
	Made, Used time.Time
}

func (s *Server) mySessions(w http.ResponseWriter, r *http.Request, p *who) {
	s.showSessions(w, r, p, http.StatusOK, sessionsData{})
}

// showSessions shows the page with what has just happened on it.
func (s *Server) showSessions(w http.ResponseWriter, r *http.Request, p *who, status int, d sessionsData) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	list, err := s.Store.Sessions(ctx, p.ID, s.Now())
	if err != nil {
		s.fault(w, r, "sessions", err)
		return
	}
	keys, err := s.Store.Passkeys(ctx, p.ID)
	if err != nil {
		s.fault(w, r, "sessions", err)
		return
	}
	d.Name, d.Others = p.Name, len(list) > 1
	for _, one := range list {
		shown := sessionShown{one.ID, one.ID == p.Session.ID, one.Made.UTC(), one.Seen.UTC()}
		if shown.Here {
			d.Sessions = slices.Insert(d.Sessions, 0, shown)
		} else {
			d.Sessions = append(d.Sessions, shown)
		}
	}
	for _, k := range keys {
		d.Passkeys = append(d.Passkeys, passkeyShown{base64.RawURLEncoding.EncodeToString(k.ID), k.Made.UTC(), k.Used})
	}
	s.Face.show(w, r, "sessions", status, d)
}

// endSessions ends one of somebody's sessions, or all but this one. To end
// this one is to sign out.
func (s *Server) endSessions(w http.ResponseWriter, r *http.Request, p *who) {
	id := r.PostFormValue("id")
	if id == p.Session.ID {
		s.signOut(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	var err error
	if id != "" {
		err = s.Store.EndSession(ctx, circle.Act{By: p.ID, At: s.Now()}, p.ID, id)
	} else {
		err = s.endOthers(ctx, p)
	}
	if err != nil && !errors.Is(err, circle.ErrNoSession) { // it has ended already
		s.fault(w, r, "sessions", err)
		return
	}
	http.Redirect(w, r, "/office/sessions", http.StatusSeeOther)
}

func (s *Server) endOthers(ctx context.Context, p *who) error {
	list, err := s.Store.Sessions(ctx, p.ID, s.Now())
	for _, one := range list {
		if one.ID == p.Session.ID {
			continue
		}
		if err := s.Store.EndSession(ctx, circle.Act{By: p.ID, At: s.Now()}, p.ID, one.ID); err != nil && !errors.Is(err, circle.ErrNoSession) {
			return err
		}
	}
	return err
}

// addPasskey makes a welcome for oneself: a link to open where the other
// passkey is to be.
func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request, p *who) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code, err := s.Store.AddWelcome(ctx, circle.Act{By: p.ID, At: s.Now()}, circle.Welcome{Person: p.ID, Until: s.Now().Add(circle.FirstWelcome)})
	if err != nil {
		s.fault(w, r, "passkey", err)
		return
	}
	s.showSessions(w, r, p, http.StatusOK, sessionsData{Link: s.PublicURL.Scheme + "://" + s.PublicURL.Host + "/welcome#" + code})
}

// removePasskey takes one of somebody's passkeys away, and whoever may have
// signed in by it elsewhere out.
func (s *Server) removePasskey(w http.ResponseWriter, r *http.Request, p *who) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	id, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("id"))
	if err == nil {
		err = s.Store.RemovePasskey(ctx, circle.Act{By: p.ID, At: s.Now()}, p.ID, id)
	} else {
		err = circle.ErrNoPasskey
	}
	if err == nil {
		err = s.endOthers(ctx, p)
	}
	switch {
	case errors.Is(err, circle.ErrLastAdmin):
		s.showSessions(w, r, p, http.StatusConflict, sessionsData{Problem: "signin.lastPasskey"})
	case err != nil && !errors.Is(err, circle.ErrNoPasskey):
		s.fault(w, r, "passkey", err)
	default:
		http.Redirect(w, r, "/office/sessions", http.StatusSeeOther)
	}
}

// called is what whoever is signed in is called at the door, unless they say
// otherwise; empty for everybody else.
func (s *Server) called(ctx context.Context, seat circle.Seat) string {
	if seat.Person == "" {
		return ""
	}
	p, err := s.Store.Person(ctx, seat.Person)
	if err != nil && !errors.Is(err, circle.ErrNoPerson) {
		s.Fault("circle", err) // they type it themselves
	}
	return p.Name
}

// keepCircle seats somebody who keeps a circle, is a deputy of it, or
// moderates.
func (s *Server) keepCircle(w http.ResponseWriter, r *http.Request, p *who) {
	device, err := s.device(r)
	if err != nil {
		s.fault(w, r, "keep", err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	claim := s.knownBy(r, circle.Claim{Circle: circle.ID(r.PathValue("id")), Person: p.ID, Session: p.Session.ID, Device: device})
	seat, secret, err := s.Store.Redeem(ctx, claim, s.Now())
	switch {
	case errors.Is(err, circle.ErrNoInvite):
		s.problem(w, r, http.StatusNotFound, NotFound)
	case errors.Is(err, circle.ErrNotOpen):
		s.problem(w, r, http.StatusConflict, NotOpen)
	case errors.Is(err, circle.ErrBanned):
		s.banned(w, r, seat)
	case err != nil:
		s.fault(w, r, "keep", err)
	default:
		s.sit(w, r, device, seat, secret)
	}
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"hearth/circle"
)

// personCookie holds the secret of a session: somebody is signed in.
const personCookie = "__Host-hearth-person"

// who is somebody signed in, on this browser.
type who struct {
	circle.Person
	Session circle.Session
	secret  string
}

// fresh says whether a passkey was touched lately enough for what needs it.
func (p *who) fresh(now time.Time) bool { return now.Sub(p.Session.Proved) < circle.FreshSession }

func isAdmin(p *who) bool { return p.Admin }
func anybody(*who) bool   { return true }

// who returns who is signed in on the browser of a request;
// circle.ErrNoSession: nobody. Rights are those of this moment.
func (s *Server) who(r *http.Request) (*who, error) {
	c, err := r.Cookie(personCookie)
	if err != nil || c.Value == "" {
		return nil, circle.ErrNoSession
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	session, err := s.Store.Session(ctx, c.Value, s.Now())
	if err != nil {
		return nil, err
	}
	person, err := s.Store.Person(ctx, session.Person)
	if errors.Is(err, circle.ErrNoPerson) {
		return nil, circle.ErrNoSession // removed between the two questions
	}
	if err != nil {
		return nil, err
	}
	return &who{Person: person, Session: session, secret: c.Value}, nil
}

// signedIn lets in whoever is signed in and may. Others are sent to sign in,
// and whoever may not finds nothing there.
func (s *Server) signedIn(may func(*who) bool, h func(http.ResponseWriter, *http.Request, *who)) http.HandlerFunc {
	return s.let(may, h, false)
}

// fresh is signedIn for what needs a touch of the passkey within
// circle.FreshSession.
func (s *Server) fresh(may func(*who) bool, h func(http.ResponseWriter, *http.Request, *who)) http.HandlerFunc {
	return s.let(may, h, true)
}

func (s *Server) let(may func(*who) bool, h func(http.ResponseWriter, *http.Request, *who), fresh bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.who(r)
		switch {
		case errors.Is(err, circle.ErrNoSession):
			http.Redirect(w, r, signInAt(r, false), http.StatusSeeOther)
		case err != nil:
			s.fault(w, r, "who", err)
		case !may(p):
			s.problem(w, r, http.StatusNotFound, NotFound)
		case fresh && !p.fresh(s.Now()):
			http.Redirect(w, r, signInAt(r, true), http.StatusSeeOther)
		default:
			h(w, r, p)
		}
	}
}

// onLoopback says whether only this machine reaches the house: one tries
// things out.
func (s *Server) onLoopback() bool {
	host := s.PublicURL.Hostname()
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// signInAt is where one signs in, to come back to the page of a request: of
// a form, to the page it was on, since nothing is changed by coming back.
func signInAt(r *http.Request, fresh bool) string {
	to := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		to = "/office"
		if from, err := url.Parse(r.Referer()); err == nil && from.Path != "" {
			to = from.RequestURI()
		}
	}
	q := url.Values{"to": {ownPath(to)}}
	if fresh {
		q.Set("fresh", "1")
	}
	return "/sign-in?" + q.Encode()
}

// ownPath is a path of this house, to go on to; anything else becomes the
// office. A browser would take //host and /\host for another place.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(to, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/office"
	}
	return u.RequestURI()
}

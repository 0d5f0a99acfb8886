package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
)

// ceremonyCookie holds the code of a ceremony from its first step to its
// second.
const ceremonyCookie = "__Host-hearth-ceremony"

// signIn is signing in with passkeys, and who is signed in where.
//
//	GET  /sign-in        the page
//	POST /sign-in/begin  what the browser asks the passkey, and a cookie for it
//	POST /sign-in        what the passkey says: a session and its cookie
//	GET  /welcome        the page for a welcome, whose code is behind #
//	POST /welcome        the same page, for the code
//	POST /welcome/begin  what a new passkey is made from
//	POST /welcome/end    the new passkey: a person, a session and its cookie
func (s *Server) signIn(m *http.ServeMux) {
	m.HandleFunc("GET /sign-in", s.signInPage)
	m.HandleFunc("POST /sign-in/begin", s.signInBegin)
	m.HandleFunc("POST /sign-in", s.signInEnd)
	m.HandleFunc("POST /sign-out", s.signOut)
	m.HandleFunc("GET /welcome", func(w http.ResponseWriter, r *http.Request) {
		s.Face.show(w, r, "welcome", http.StatusOK, welcomeData{})
	})
	m.HandleFunc("POST /welcome", s.welcome)
	m.HandleFunc("POST /welcome/begin", s.welcomeBegin)
	m.HandleFunc("POST /welcome/end", s.welcomeEnd)
	m.HandleFunc("GET /office/sessions", s.signedIn(anybody, s.mySessions))
	m.HandleFunc("POST /office/sessions", s.signedIn(anybody, s.endSessions))
	m.HandleFunc("POST /office/passkeys", s.fresh(anybody, s.addPasskey))
	m.HandleFunc("POST /office/passkeys/remove", s.fresh(anybody, s.removePasskey))
	m.HandleFunc("POST /circles/{id}/keep", s.signedIn(anybody, s.keepCircle))
}

// hashed is how a code is compared where it must not be kept.
func hashed(code string) string {
	sum := sha256.Sum256([]byte("hearth welcome\x00" + code))
	return hex.EncodeToString(sum[:])
}

type signInData struct {
	To    string // where to go on
	Fresh bool   // somebody is signed in, and touches their passkey once more
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) {
	d := signInData{To: ownPath(r.URL.Query().Get("to")), Fresh: r.URL.Query().Get("fresh") == "1"}
	p, err := s.who(r)
	switch {
	case err != nil && !errors.Is(err, circle.ErrNoSession):
		s.fault(w, r, "sign in", err)
		return
	case err == nil && (!d.Fresh || p.fresh(s.Now())):
		http.Redirect(w, r, d.To, http.StatusSeeOther)
		return
	}
	d.Fresh = err == nil
	s.Face.show(w, r, "signin", http.StatusOK, d)
}

// tried counts a try to sign in or to use a welcome, and says whether it may
// go on; else it has answered.
func (s *Server) tried(w http.ResponseWriter, r *http.Request) bool {
	if s.keys == nil {
		s.says(w, r, http.StatusServiceUnavailable, "signin.noHost")
		return false
	}
	if s.doors.mayEnter(s.address(r)) {
		return true
	}
	s.Meter.Drop(dropEnter)
	w.Header().Set("Retry-After", "60")
	s.says(w, r, http.StatusTooManyRequests, "signin.tooMany")
	return false
}

// said answers a script: a sentence for the person, or where to go on.
type said struct {
	Say     string `json:"say,omitempty"`
	To      string `json:"to,omitempty"`
	Options any    `json:"options,omitempty"` // for navigator.credentials
}

// says answers a script with a sentence of the catalogue.
func (s *Server) says(w http.ResponseWriter, r *http.Request, status int, key string) {
	answerJSON(w, status, said{Say: s.Face.in(r).T(key)})
}

// failed answers a script for an error. What is wrong with a passkey, a
// welcome or a ceremony is said in one sentence each, and is no fault.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, where string, err error) {
	switch {
	case errors.Is(err, errPasskey), errors.Is(err, circle.ErrNoPasskey), errors.Is(err, circle.ErrNoPerson):
		s.says(w, r, http.StatusForbidden, "signin.notOurs")
	case errors.Is(err, errCopied):
		s.says(w, r, http.StatusForbidden, "signin.copied")
	case errors.Is(err, circle.ErrNoWelcome):
		s.says(w, r, http.StatusForbidden, "signin.noWelcome")
	case errors.Is(err, circle.ErrFull):
		s.says(w, r, http.StatusConflict, "signin.full")
	default:
		if !errors.Is(err, context.Canceled) {
			s.Fault(where, err)
		}
		s.says(w, r, http.StatusServiceUnavailable, "signin.fault")
	}
}

// begun answers with what the browser asks a passkey, and keeps the code of
// the ceremony in its cookie.
func (s *Server) begun(w http.ResponseWriter, r *http.Request, code string, options any, err error) {
	if err != nil {
		s.failed(w, r, "passkey", err)
		return
	}
	setCookie(w, ceremonyCookie, code, circle.CeremonyLife)
	answerJSON(w, http.StatusOK, said{Options: options})
}

func (s *Server) signInBegin(w http.ResponseWriter, r *http.Request) {
	if !s.tried(w, r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code, options, err := s.keys.asked(ctx, s.Now())
	s.begun(w, r, code, options, err)
}

// proof is what a script sends of a passkey.
type proof struct {
	To         string          `json:"to"`
	Code       string          `json:"code"` // a welcome's
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"`
	ceremony   string
}

// proof reads what was sent; false if it has answered.
func (s *Server) proof(w http.ResponseWriter, r *http.Request) (p proof, ok bool) {
	if !s.tried(w, r) {
		return p, false
	}
	c, err := r.Cookie(ceremonyCookie)
	if err == nil {
		p.ceremony = c.Value
		setCookie(w, ceremonyCookie, "", -time.Second)
	}
	if err = json.NewDecoder(r.Body).Decode(&p); err != nil {
		s.says(w, r, http.StatusBadRequest, "signin.notOurs")
		return p, false
	}
	return p, true
}

func (s *Server) signInEnd(w http.ResponseWriter, r *http.Request) {
	p, ok := s.proof(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	id, err := s.touched(ctx, p.ceremony, p.Credential)
	if errors.Is(err, errCopied) {
		s.copied(ctx, id)
	}
	if err == nil {
		err = s.session(ctx, w, r, id)
	}
	if err != nil {
		s.failed(w, r, "sign in", err)
		return
	}
	answerJSON(w, http.StatusOK, said{To: ownPath(p.To)})
}

// copied ends all sessions of somebody whose passkey may have a copy, and
// tells whoever runs the program.
func (s *Server) copied(ctx context.Context, id circle.PersonID) {
	s.Fault("sign in", fmt.Errorf("a passkey of person %s may have been copied: its counter went back. It was refused, and they were signed out everywhere", id))
	if err := s.Store.EndSession(ctx, circle.Act{By: id, At: s.Now()}, id, ""); err != nil {
		s.Fault("sign in", err)
	}
}

// session signs somebody in on this browser, always under a new secret.
// Whoever is signed in already goes on with the same session, and somebody
// else's ends.
func (s *Server) session(ctx context.Context, w http.ResponseWriter, r *http.Request, id circle.PersonID) error {
	was, err := s.who(r)
	var secret string
	switch {
	case err == nil && was.ID == id:
		secret, err = s.Store.Prove(ctx, was.secret, s.Now())
	case err == nil:
		if err = s.Store.EndSession(ctx, circle.Act{By: was.ID, At: s.Now()}, was.ID, was.Session.ID); err != nil {
			return err
		}
		secret, err = s.Store.SignIn(ctx, id, s.Now())
	case errors.Is(err, circle.ErrNoSession):
		secret, err = s.Store.SignIn(ctx, id, s.Now())
	}
	if err != nil {
		return err
	}
	setCookie(w, personCookie, secret, circle.SessionLife)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	p, err := s.who(r)
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
		defer cancel()
		err = s.Store.EndSession(ctx, circle.Act{By: p.ID, At: s.Now()}, p.ID, p.Session.ID)
	}
	if err != nil && !errors.Is(err, circle.ErrNoSession) {
		s.fault(w, r, "sign out", err)
		return
	}
	setCookie(w, personCookie, "", -time.Second)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// welcomeData is what the page of a welcome shows.
type welcomeData struct {
	Code    string // empty: it is asked for
	Problem string // key of a sentence
	Again   string // name of whoever gets another passkey; empty: somebody new

	Admin, Moderator, Deputy bool
	Circle                   string // title of the one they keep
}

// welcomeCode returns the code that a form or script sent, in the form of one.
func welcomeCode(pasted string) string { return inviteCode(strings.TrimSpace(pasted)) }

func (s *Server) welcome(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	if err := r.ParseForm(); err != nil {
		s.problem(w, r, http.StatusBadRequest, Malformed)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code := welcomeCode(r.PostForm.Get("code"))
	d, err := s.welcomeData(ctx, code)
	switch {
	case errors.Is(err, circle.ErrNoWelcome), errors.Is(err, circle.ErrNoPerson), errors.Is(err, circle.ErrNoCircle):
		s.Face.show(w, r, "welcome", http.StatusForbidden, welcomeData{Problem: "signin.noWelcome"})
	case err != nil:
		s.fault(w, r, "welcome", err)
	default:
		s.Face.show(w, r, "welcome", http.StatusOK, d)
	}
}

func (s *Server) welcomeData(ctx context.Context, code string) (d welcomeData, err error) {
	to, err := s.Store.Welcome(ctx, code, s.Now())
	if err != nil {
		return d, err
	}
	d = welcomeData{Code: code, Admin: to.Admin, Moderator: to.Moderator, Deputy: to.Deputy}
	if to.Person != "" {
		p, err := s.Store.Person(ctx, to.Person)
		d.Again = p.Name
		return d, err
	}
	if to.Circle != "" {
		c, err := s.Store.Circle(ctx, to.Circle)
		d.Circle = c.Settings.Title
		return d, err
	}
	return d, nil
}

func (s *Server) welcomeBegin(w http.ResponseWriter, r *http.Request) {
	p, ok := s.proof(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	h, err := s.welcomed(ctx, p)
	if no := refusalIn(err); no != nil {
		s.says(w, r, http.StatusBadRequest, "signin.name."+string(no.Code))
		return
	}
	if err != nil {
		s.failed(w, r, "welcome", err)
		return
	}
	code, options, err := s.keys.offered(ctx, h, welcomeCode(p.Code), s.Now())
	s.begun(w, r, code, options, err)
}

// welcomed returns who gets a passkey by a welcome.
func (s *Server) welcomed(ctx context.Context, p proof) (*holder, error) {
	to, err := s.Store.Welcome(ctx, welcomeCode(p.Code), s.Now())
	if err != nil {
		return nil, err
	}
	if to.Person == "" {
		called, no := name(p.Name, "")
		if no != nil {
			return nil, no
		}
		return &holder{Person: circle.Person{ID: circle.PersonID(uuid.NewString()), Name: called.Name}}, nil
	}
	known, err := s.Store.Person(ctx, to.Person)
	if errors.Is(err, circle.ErrNoPerson) {
		return nil, circle.ErrNoWelcome
	}
	if err != nil {
		return nil, err
	}
	return s.holder(ctx, known)
}

func (s *Server) welcomeEnd(w http.ResponseWriter, r *http.Request) {
	p, ok := s.proof(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code := welcomeCode(p.Code)
	key, err := s.keys.made(ctx, p.ceremony, code, p.Credential, s.Now())
	var who circle.Person
	if err == nil {
		called, _ := name(p.Name, "") // refused before: whoever changes it since gets none
		if called != nil {
			who.Name = called.Name
		}
		who.ID = key.Person
		who, err = s.Store.Register(ctx, code, who, key, s.Now())
	}
	if err == nil {
		err = s.session(ctx, w, r, who.ID)
	}
	if err != nil {
		s.failed(w, r, "welcome", err)
		return
	}
	answerJSON(w, http.StatusOK, said{To: "/office"})
}

package web

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"hearth/moderation"
)

// appealPages are for whoever was told of a decision about them: they need no
// account, only the code in the statement. It stands in the address's fragment
// and in forms, never in a path or a query.
func (s *Server) appealPages(m *http.ServeMux) {
	m.HandleFunc("GET /appeal", func(w http.ResponseWriter, r *http.Request) { s.Face.show(w, r, "appeal", http.StatusOK, appealData{}) })
	m.HandleFunc("POST /appeal", s.stated)
	m.HandleFunc("POST /appeal/send", s.sendAppeal)
}

// appealData is the way to a statement, the statement, and what became of an
// appeal.
type appealData struct {
	Wrong     bool // the code leads to no decision
	Code      string
	Statement *statementData
	Open      bool // an appeal can be written
	Most      int  // characters of one

	Text    string // as it was typed, if it can't be taken
	Problem string // why: "empty" or "long"
	Over    int    // characters too many

	Sent       bool   // just now
	On         string // the day of the appeal; empty: there is none
	Decided    string // the day somebody looked again; empty: not yet
	Overturned bool
	Answer     string
}

// appealCode returns the code in what was pasted. Codes are made by the store;
// what could be none is asked for like any other.
func appealCode(r *http.Request) string {
	code := PastedCode(r.PostFormValue("code"))
	if len(code) > 200 || !utf8.ValidString(code) {
		return noCode
	}
	return code
}

// stated shows a statement to whoever has its code, and what became of their
// appeal.
func (s *Server) stated(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	if d, ok := s.appealOf(w, r, appealCode(r)); ok {
		s.Face.show(w, r, "appeal", http.StatusOK, d)
	}
}

// appealOf returns what there is to show for a code; else it has answered.
func (s *Server) appealOf(w http.ResponseWriter, r *http.Request, code string) (d appealData, ok bool) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	now := s.Now()
	of, appeal, err := s.Desk.Stated(ctx, code, now)
	switch {
	case errors.Is(err, moderation.ErrNoAppeal):
		s.Face.show(w, r, "appeal", http.StatusNotFound, appealData{Wrong: true})
		return d, false
	case err != nil:
		s.fault(w, r, "appeal", err)
		return d, false
	}
	l := s.Face.in(r)
	shown := statementOf(l, of, now)
	d = appealData{Code: code, Statement: &shown, Most: moderation.MaxAppealing}
	if appeal == nil {
		d.Open = shown.Appeal != ""
		return d, true
	}
	d.On = l.Date(appeal.At.UTC())
	if !appeal.Decided.IsZero() {
		d.Decided, d.Overturned, d.Answer = l.Date(appeal.Decided.UTC()), appeal.Overturned, appeal.Answer
	}
	return d, true
}

// sendAppeal keeps an appeal. Its text is words: it goes to the store and
// nowhere else.
func (s *Server) sendAppeal(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayWrite) {
		return
	}
	if err := r.ParseForm(); err != nil {
		s.problem(w, r, http.StatusBadRequest, Malformed)
		return
	}
	d, ok := s.appealOf(w, r, appealCode(r))
	if !ok {
		return
	}
	if !d.Open { // it was appealed, or taken back, meanwhile
		s.Face.show(w, r, "appeal", http.StatusOK, d)
		return
	}
	typed := r.PostFormValue("text")
	text, no := words(typed)
	d.Over = utf8.RuneCountInString(text) - moderation.MaxAppealing
	switch {
	case no != nil:
		d.Text, d.Problem = typed, "empty"
	case d.Over > 0:
		d.Text, d.Problem = typed, "long"
	default:
		s.keepAppeal(w, r, d.Code, text)
		return
	}
	s.Face.show(w, r, "appeal", http.StatusUnprocessableEntity, d)
}

func (s *Server) keepAppeal(w http.ResponseWriter, r *http.Request, code, text string) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	err := s.Desk.Appeal(ctx, code, text, s.Now())
	if err != nil && !errors.Is(err, moderation.ErrAppealed) && !errors.Is(err, moderation.ErrNoAppeal) {
		s.fault(w, r, "appeal", err)
		return
	}
	if err == nil {
		s.ring(ctx) // there is a new case
	}
	if d, ok := s.appealOf(w, r, code); ok {
		d.Sent = err == nil
		s.Face.show(w, r, "appeal", http.StatusOK, d)
	}
}

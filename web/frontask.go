package web

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"hearth/circle"
)

// askData is the form for a question, and once it is asked the link to its
// answer, which is shown only then.
type askData struct {
	Path, Title, Tongue string
	Text                string // as it was typed, if it can't be taken
	Problem             string // why: "empty", "long" or "full"
	Over                int    // characters too many
	Link                string // asked: where its answer will be
	Most, Days          int
}

func newAsk(c circle.Circle) askData {
	return askData{
		Path: "/circles/" + string(c.ID), Title: c.Settings.Title, Tongue: c.Language,
		Most: circle.MaxQuestion, Days: int(circle.KeepQuestions.Hours() / 24),
	}
}

// askForm shows the form for a question to who keeps a circle.
func (s *Server) askForm(w http.ResponseWriter, r *http.Request) {
	if c, ok := s.known(w, r); ok {
		s.Face.show(w, r, "ask", http.StatusOK, newAsk(c))
	}
}

// ask keeps a question without a name. Its text is words: it goes to the
// store and nowhere else.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayWrite) {
		return
	}
	c, ok := s.known(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		s.problem(w, r, http.StatusBadRequest, Malformed)
		return
	}
	d := newAsk(c)
	d.Text = r.PostForm.Get("question")
	text, no := words(d.Text)
	d.Over = utf8.RuneCountInString(text) - circle.MaxQuestion
	switch {
	case no != nil:
		d.Problem = "empty"
	case d.Over > 0:
		d.Problem = "long"
	default:
		s.keepQuestion(w, r, c.ID, text, d)
		return
	}
	s.Face.show(w, r, "ask", http.StatusUnprocessableEntity, d)
}

func (s *Server) keepQuestion(w http.ResponseWriter, r *http.Request, of circle.ID, text string, d askData) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code, err := s.Store.Ask(ctx, of, text, s.Now())
	switch {
	case errors.Is(err, circle.ErrFull):
		d.Problem = "full"
		s.Face.show(w, r, "ask", http.StatusServiceUnavailable, d)
	case err != nil:
		s.fault(w, r, "ask", err)
	default:
		link := s.PublicURL.JoinPath("answer")
		link.Fragment = code
		d.Text, d.Link = "", link.String()
		s.Face.show(w, r, "ask", http.StatusOK, d)
	}
}

// answerData is the way to an answer, and the answer.
type answerData struct {
	Wrong    bool // the code leads to no question
	Asked    *circle.Question
	On       string // the day it was asked, in words
	Answered string // the day of its answer; empty: there is none yet
	Until    string // the day it is deleted
}

// answer shows what came of a question, to whoever has its code.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	q, err := s.Store.Asked(ctx, inviteCode(r.PostFormValue("code")), s.Now())
	switch {
	case errors.Is(err, circle.ErrNoQuestion):
		s.Face.show(w, r, "answer", http.StatusNotFound, answerData{Wrong: true})
	case err != nil:
		s.fault(w, r, "answer", err)
	default:
		l := s.Face.in(r)
		d := answerData{Asked: &q, On: l.Day(q.Asked.UTC()), Until: l.Day(q.Asked.Add(circle.KeepQuestions).UTC())}
		if q.Answer != "" {
			d.Answered = l.Day(q.Answered.UTC())
		}
		s.Face.show(w, r, "answer", http.StatusOK, d)
	}
}

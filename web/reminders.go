package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"hearth/circle"
	"hearth/web/lang"
)

// Mailer sends letters. An error may have the methods Refused (this address
// will never take it), Perhaps (it may have gone out all the same) and Down
// (no other letter would fare better now), each a bool; without them it did
// not go out, and no other would. No error says who a letter is for.
type Mailer interface {
	Takes(address string) bool // is that an address one letter can go to?
	Send(ctx context.Context, l Letter) error
}

// Letter is a mail to one person.
type Letter struct {
	To      string // an address alone
	Subject string // one line
	Text    string
	Lang    string // BCP 47
}

// reminders are a circle's dates outside of these pages: calendar files, and
// mails before a date.
//
//	GET, POST /circles/{id}/remind  somebody leaves an address: nothing but a question goes there
//	GET, POST /reminders#code       whoever reads its mail says yes, the next one too, or no
func (s *Server) reminders(m *http.ServeMux) {
	m.HandleFunc("GET /circles/{id}/calendar", s.calendarPage)
	m.HandleFunc("GET /circles/{id}/calendar.ics", s.calendarFile)
	m.HandleFunc("GET /calendar/{feed}", s.calendarFeed)
	if s.Mail != nil {
		m.HandleFunc("GET /circles/{id}/remind", s.remindForm)
		m.HandleFunc("POST /circles/{id}/remind", s.remind)
	}
	// Links go on to work where no mail is sent any more.
	m.HandleFunc("GET /reminders", func(w http.ResponseWriter, r *http.Request) {
		s.Face.show(w, r, "reminders", http.StatusOK, remindersData{Do: doing(r.URL.Query().Get("do"))})
	})
	m.HandleFunc("POST /reminders", s.changeReminder)
}

// remindData is the form for an address, and what came of it.
type remindData struct {
	Path, Title, Tongue string
	Next                *date  // what it is about; nil: no date is known
	Problem             string // "address" or "full"
	Address             string // as it was typed, if it can't be taken
	Sent                bool
}

func (s *Server) remindForm(w http.ResponseWriter, r *http.Request) {
	if c, ok := s.meeting(w, r); ok {
		d, _ := s.newRemind(r, c)
		s.Face.show(w, r, "remind", http.StatusOK, d)
	}
}

func (s *Server) newRemind(r *http.Request, c circle.Circle) (remindData, circle.Date) {
	d := remindData{Path: "/circles/" + string(c.ID), Title: c.Settings.Title, Tongue: c.Language}
	next, ok := nextDate(c, s.Now())
	if ok {
		d.Next = dated(s.Face.in(r), c.Schedule, next)
	}
	return d, next
}

// nextDate is the first one that begins after a time and takes place.
func nextDate(c circle.Circle, after time.Time) (circle.Date, bool) {
	if c.Standing != circle.Meeting {
		return circle.Date{}, false
	}
	for _, d := range c.Schedule.Next(after, calendarDates) {
		if !d.Off && d.Start.After(after) {
			return d, true
		}
	}
	return circle.Date{}, false
}

// remind keeps an address, to ask its owner. The answer is the same whether
// or not that address was asked before: nobody learns who has a reminder.
func (s *Server) remind(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayWrite) {
		return
	}
	c, ok := s.meeting(w, r)
	if !ok {
		return
	}
	d, next := s.newRemind(r, c)
	address := strings.TrimSpace(r.PostFormValue("address"))
	if d.Next == nil || !s.Mail.Takes(address) {
		d.Problem, d.Address = "address", address
		s.Face.show(w, r, "remind", http.StatusUnprocessableEntity, d)
		return
	}
	one, err := s.newReminder(c.ID, next, recipient{To: address, Lang: s.Face.in(r).Tag})
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
		defer cancel()
		err = s.Store.AskReminder(ctx, one, s.Now())
	}
	switch {
	case errors.Is(err, circle.ErrFull):
		d.Problem, d.Address = "full", address
		s.Face.show(w, r, "remind", http.StatusServiceUnavailable, d)
	case err != nil && !errors.Is(err, circle.ErrAsked):
		s.fault(w, r, "remind", err)
	default:
		d.Sent = true
		s.Face.show(w, r, "remind", http.StatusOK, d)
	}
}

func (s *Server) newReminder(of circle.ID, d circle.Date, who recipient) (circle.Reminder, error) {
	id, err := newToken(s.Random)
	if err != nil {
		return circle.Reminder{}, err
	}
	sealed, err := s.mailing.keys.close(id, who)
	return circle.Reminder{ID: id, Circle: of, Date: d.Local, Begins: d.Start, Ends: d.End,
		Code: s.mailing.keys.codeOf(id), Whose: s.mailing.keys.hash(who.To), Sealed: sealed}, err
}

// What somebody says by a link of a mail.
const (
	remindYes  = "yes"
	remindNext = "next"
	remindStop = "stop"
)

// doing is what a link says; all is possible where it says nothing we know.
func doing(said string) string {
	switch said {
	case remindYes, remindNext, remindStop:
		return said
	}
	return ""
}

// remindersData is the page that the links of mails lead to.
type remindersData struct {
	Do   string // yes, next or stop, to be said by a button; empty: any of them
	Done string // what was said; or "wrong", or "last": there is no next date
	Next *date  // what somebody will be reminded of
}

// changeReminder does what whoever reads the mails of an address says.
func (s *Server) changeReminder(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	code, do := inviteCode(r.PostFormValue("code")), doing(r.PostFormValue("do"))
	d, err := s.toldReminder(ctx, s.Face.in(r), code, do)
	switch {
	case errors.Is(err, circle.ErrNoReminder), errors.Is(err, circle.ErrNoCircle):
		s.Face.show(w, r, "reminders", http.StatusNotFound, remindersData{Do: do, Done: "wrong"})
	case err != nil:
		s.fault(w, r, "reminders", err)
	default:
		s.Face.show(w, r, "reminders", http.StatusOK, d)
	}
}

func (s *Server) toldReminder(ctx context.Context, l *lang.Texts, code, do string) (d remindersData, err error) {
	now := s.Now()
	one, err := s.Store.Reminder(ctx, code, now)
	if err != nil {
		return d, err
	}
	c, err := s.Store.Circle(ctx, one.Circle)
	if err != nil {
		return d, err
	}
	d.Done = do
	switch do {
	case remindStop:
		return d, s.Store.StopReminder(ctx, code, now)
	case remindYes:
		if at, ok := c.Schedule.Date(one.Date); ok {
			d.Next = dated(l, c.Schedule, at)
		}
		return d, s.Store.AgreeReminder(ctx, code, now)
	case remindNext:
		after := one.Begins
		if now.After(after) {
			after = now
		}
		next, ok := nextDate(c, after)
		if !ok {
			d.Done = "last"
			return d, nil
		}
		d.Next = dated(l, c.Schedule, next)
		return d, s.Store.RenewReminder(ctx, code, next, now)
	}
	return remindersData{}, nil
}

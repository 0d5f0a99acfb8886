package web

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"hearth/circle"
	"hearth/web/lang"
)

// Bounds of one pass: how many letters, and how long one may take. That and
// what is written down about it fit into circle.RemindLease.
const (
	mostLetters  = 100
	letterWithin = time.Minute
	maxBackoff   = 30 * time.Minute
)

// mailing is what this node knows about its letters.
type mailing struct {
	keys *reminderKeys

	mu    sync.Mutex // guards since
	since time.Time
}

// MailDown says since when this node's letters don't go out; zero: they do.
func (s *Server) MailDown() time.Time {
	s.mailing.mu.Lock()
	defer s.mailing.mu.Unlock()
	return s.mailing.since
}

// went notes whether letters go out, and tells once when they stop to.
func (m *mailing) went(now time.Time, down bool) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	news = down && m.since.IsZero()
	switch {
	case !down:
		m.since = time.Time{}
	case news:
		m.since = now
	}
	return news
}

// Remind forgets what has had its time, and sends what is due: one pass, to
// be made every minute. Several nodes may; each letter is one's.
func (s *Server) Remind(ctx context.Context) {
	if err := s.Store.ClearReminders(ctx, s.Now()); err != nil && ctx.Err() == nil {
		s.Fault("reminders", err)
	}
	if s.Mail == nil {
		return
	}
	for range mostLetters {
		r, err := s.Store.DueReminder(ctx, s.Now())
		if err != nil {
			if !errors.Is(err, circle.ErrNoReminder) && ctx.Err() == nil {
				s.Fault("reminders", err)
			}
			return
		}
		if !s.post(ctx, r) {
			return
		}
	}
}

// post sends one letter and writes down what came of it; false: no other
// would go out now.
func (s *Server) post(ctx context.Context, r circle.Reminder) bool {
	letter, err := s.letter(ctx, r)
	if err == nil {
		within, cancel := context.WithTimeout(ctx, letterWithin)
		err = s.Mail.Send(within, letter)
		cancel()
	} else if !errors.Is(err, errNoLetter) {
		s.Fault("reminders", err)
		return false // the lease gives it back
	}
	var told interface{ Refused() bool }
	var unsure interface{ Perhaps() bool }
	var one interface{ Down() bool }
	down := err != nil && !errors.Is(err, errNoLetter) && (!errors.As(err, &one) || one.Down())
	if s.mailing.went(s.Now(), down) && ctx.Err() == nil {
		s.Fault("mail", err)
	}
	// What came of it is written down also while the server stops.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	switch {
	case err == nil:
		err = s.Store.ReminderSent(ctx, r)
	case errors.Is(err, errNoLetter), errors.As(err, &told) && told.Refused():
		err = s.Store.RemoveReminder(ctx, r)
	case errors.As(err, &unsure) && unsure.Perhaps():
		err = nil // the lease sees to it
	default:
		err = s.Store.ReminderUnsent(ctx, r, s.Now().Add(min(maxBackoff, time.Minute<<min(r.Failed, 10))))
	}
	if err != nil {
		s.Fault("reminders", err)
	}
	return !down
}

// errNoLetter: there is nobody to write to any more.
var errNoLetter = errors.New("web: nobody to write to")

// letter writes what is due. Neither subject nor text says what it is about.
func (s *Server) letter(ctx context.Context, r circle.Reminder) (Letter, error) {
	who, err := s.mailing.keys.open(r.ID, r.Sealed)
	if err != nil {
		s.Fault("reminders", err)
		return Letter{}, errNoLetter
	}
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	c, err := s.Store.Circle(ctx, r.Circle)
	if errors.Is(err, circle.ErrNoCircle) {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, err
	}
	l := lang.Pick(s.Face.texts, who.Lang, "")
	at, on := c.Schedule.Date(r.Date)
	if !on { // it was moved or taken away
		at.Start = r.Begins
	}
	on = on && !at.Off && c.Standing == circle.Meeting
	_, more := nextDate(c, r.Begins)
	return Letter{To: who.To, Lang: l.Tag, Subject: l.T(subjectOf(r)), Text: s.letterText(l, r, c, at, on, more)}, nil
}

func subjectOf(r circle.Reminder) string {
	if r.Agreed {
		return "remind.subject"
	}
	return "remind.askSubject"
}

// letterText is the text of a letter: whether the date takes place, and what
// its reader can say.
func (s *Server) letterText(l *lang.Texts, r circle.Reminder, c circle.Circle, at circle.Date, on, more bool) string {
	when := l.DayAndTime(inZone(c.Schedule, at.Start)) + " (" + zoneName(l, c.Schedule.Zone) + ")"
	code := s.mailing.keys.codeOf(r.ID)
	link := func(do string) string {
		u := s.PublicURL.JoinPath("reminders")
		u.RawQuery, u.Fragment = url.Values{"do": {do}}.Encode(), code
		return u.String()
	}
	// Addresses stand alone on their lines: around one within a text some
	// languages have marks that a mail program would take for a part of it.
	part := func(key, address string, with ...any) string {
		return l.T("remind."+key, with...) + "\n" + address + "\n\n"
	}
	if !r.Agreed {
		return part("askMail", link(remindYes), "when", when) + part("askMailStop", link(remindStop))
	}
	text := l.T("remind.mailOff", "when", when) + "\n\n"
	if on {
		text = part("mail", s.PublicURL.JoinPath("circles", string(c.ID)).String(), "when", when)
	}
	if more {
		text += part("mailNext", link(remindNext))
	}
	return text + part("mailStop", link(remindStop))
}

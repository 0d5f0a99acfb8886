package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hearth/circle"
	"hearth/web/lang"
)

// Bounds of a calendar file: what lies ahead, and how many dates of it. A
// feed also tells of the last few weeks, so that a date stays where it was.
const (
	calendarAhead  = 366 * 24 * time.Hour
	calendarBehind = 30 * 24 * time.Hour
	calendarDates  = 60
)

// calendarChoice is what somebody wants in their calendar: as little as goes,
// unless they ask for more.
type calendarChoice struct {
	Full bool   // the circle's title, and not just "Reminder"
	Link bool   // the address of the circle's page
	Lang string // of "Reminder", where no browser says it
}

func choiceIn(q url.Values) calendarChoice {
	return calendarChoice{Full: q.Get("title") == "full", Link: q.Get("link") == "1", Lang: q.Get("lang")}
}

func (c calendarChoice) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"title": map[bool]string{true: "full"}[c.Full], "link": map[bool]string{true: "1"}[c.Link], "lang": c.Lang} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

// calendarData is what the page about calendars shows.
type calendarData struct {
	Path     string // of the circle's page
	Title    string
	Tongue   string // of the title; empty: not said
	File     string // where the file is
	Feed     string // address of the feed, with what was chosen; empty: none
	Chosen   calendarChoice
	Reminder bool // e-mail is set up
}

// calendarPage shows how a circle's dates get into somebody's own calendar.
// It works without script.
func (s *Server) calendarPage(w http.ResponseWriter, r *http.Request) {
	c, ok := s.meeting(w, r)
	if !ok {
		return
	}
	chosen := choiceIn(r.URL.Query())
	chosen.Lang = s.Face.in(r).Tag
	d := calendarData{
		Path: "/circles/" + string(c.ID), Title: c.Settings.Title, Tongue: c.Language, Chosen: chosen,
		File: "/circles/" + string(c.ID) + "/calendar.ics", Reminder: s.Mail != nil,
	}
	if c.Feed != "" {
		d.Feed = s.PublicURL.JoinPath("calendar", c.Feed+".ics").String() + "?" + chosen.query()
	}
	s.Face.show(w, r, "calendar", http.StatusOK, d)
}

// meeting returns the circle that a request names, if it meets by a schedule;
// else it has answered.
func (s *Server) meeting(w http.ResponseWriter, r *http.Request) (circle.Circle, bool) {
	c, ok := s.known(w, r)
	if ok && (c.Standing != circle.Meeting || c.Schedule.IsZero()) {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return circle.Circle{}, false
	}
	return c, ok
}

// calendarFile is the dates of a circle, to be put into a calendar once.
func (s *Server) calendarFile(w http.ResponseWriter, r *http.Request) {
	c, ok := s.meeting(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="dates.ics"`)
	s.answerCalendar(w, r, c, s.Now())
}

// calendarFeed is the same for a calendar that looks again by itself. Its
// address says nothing about the circle, and a wrong one takes as long.
func (s *Server) calendarFeed(w http.ResponseWriter, r *http.Request) {
	name, is := strings.CutSuffix(r.PathValue("feed"), ".ics")
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	all, err := s.Store.Circles(ctx)
	if err != nil {
		s.fault(w, r, "calendar", err)
		return
	}
	found := -1
	for i, c := range all {
		if subtle.ConstantTimeCompare([]byte(c.Feed), []byte(name)) == 1 && c.Feed != "" && c.Standing == circle.Meeting {
			found = i
		}
	}
	if !is || found < 0 {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	s.answerCalendar(w, r, all[found], s.Now().Add(-calendarBehind))
}

func (s *Server) answerCalendar(w http.ResponseWriter, r *http.Request, c circle.Circle, from time.Time) {
	chosen, l := choiceIn(r.URL.Query()), s.Face.in(r)
	if chosen.Lang != "" {
		l = lang.Pick(s.Face.texts, chosen.Lang, r.Header.Get("Accept-Language"))
	}
	title := l.T("calendar.title")
	var events []icsEvent
	dates := c.Schedule.Dates(from, s.Now().Add(calendarAhead))
	for _, d := range dates[:min(len(dates), calendarDates)] {
		e := icsEvent{uid: dateUID(c.ID, d), rev: c.Rev, start: d.Start, end: d.End, title: title, off: d.Off}
		if chosen.Full {
			e.title = c.Settings.Title
			if d.Theme != "" {
				e.title += " · " + d.Theme
			}
		}
		if chosen.Link {
			e.url = s.PublicURL.JoinPath("circles", string(c.ID)).String()
		}
		events = append(events, e)
	}
	if chosen.Full {
		title = c.Settings.Title
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Write(ics(title, s.Now(), events)) // a calendar that went away needs no answer
}

// dateUID names a date in calendars for ever, and tells nothing about it.
func dateUID(of circle.ID, d circle.Date) string {
	sum := sha256.Sum256([]byte("hearth date\x00" + string(of) + "\x00" + d.Local))
	return hex.EncodeToString(sum[:16]) + "@hearth"
}

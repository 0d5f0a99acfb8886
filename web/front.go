package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"hearth/circle"
	"hearth/room"
	"hearth/web/lang"
)

// front is the front door: directory, circles' pages, questions, the crisis
// card. All of it works without script, up to the room itself.
func (s *Server) front(m *http.ServeMux) {
	if !s.NoDirectory {
		m.HandleFunc("GET /circles", s.directory)
	}
	m.HandleFunc("GET /circles/{id}", s.about)
	m.HandleFunc("GET /circles/{id}/qr.svg", s.qr)
	m.HandleFunc("POST /circles/{id}/come", s.come)
	m.HandleFunc("POST /circles/{id}/interest", s.interest)
	m.HandleFunc("POST /circles/{id}/forget", s.forgetCircle)
	m.HandleFunc("GET /circles/{id}/ask", s.askForm)
	m.HandleFunc("POST /circles/{id}/ask", s.ask)
	m.HandleFunc("GET /answer", func(w http.ResponseWriter, r *http.Request) { s.Face.show(w, r, "answer", http.StatusOK, answerData{}) })
	m.HandleFunc("POST /answer", s.answer)
	m.HandleFunc("POST /c/{handle}/door", s.doorWithoutScript)
	m.HandleFunc("GET /help/card", s.Face.card)
	m.HandleFunc("GET /sw.js", s.Face.worker)
}

// known returns the circle that a request names, if it has a page; else it
// has answered, the same for a draft, a closed circle and one that never was.
func (s *Server) known(w http.ResponseWriter, r *http.Request) (circle.Circle, bool) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	c, err := s.Store.Circle(ctx, circle.ID(r.PathValue("id")))
	switch {
	case errors.Is(err, circle.ErrNoCircle), err == nil && !hasPage(c):
		s.problem(w, r, http.StatusNotFound, NotFound)
	case err != nil:
		s.fault(w, r, "front", err)
	default:
		return c, true
	}
	return circle.Circle{}, false
}

// hasPage says whether anybody may see a circle's page.
func hasPage(c circle.Circle) bool {
	return c.Standing == circle.Meeting || c.Standing == circle.Announced
}

// helped says whether whoever comes into a circle finds somebody to call:
// no circle that is open to all opens without (safety).
func (s *Server) helped(c circle.Circle) bool {
	if len(s.Face.crisis.For(c.Country)) > 0 {
		return true
	}
	if _, told := s.unhelped.LoadOrStore(c.ID, true); !told {
		s.Fault("crisis", errors.New("a circle that is open to all doesn't open: the crisis file has no signpost for its country: circle "+string(c.ID)))
	}
	return false
}

// summary is what is told of a circle everywhere: what it is, when, for whom.
// Texts that somebody typed are in Tongue, or in an unknown language.
type summary struct {
	Path, Title, Purpose     string
	Themes                   []string // in words
	Notes                    []string
	Tongue, Language, Region string // BCP 47 and in words; empty: not said
	Kind                     string // its format, in words
	Open, Announced, Series  bool
	Next                     *date  // nil: none is known
	Said                     string // when it meets, as somebody typed it
}

func summarize(l *lang.Texts, c circle.Circle, now time.Time) summary {
	d := summary{
		Path: "/circles/" + string(c.ID), Title: c.Settings.Title, Purpose: c.Purpose, Notes: c.Notes,
		Open: c.Access == circle.OpenToAll, Announced: c.Standing == circle.Announced, Series: c.Series,
		Tongue: c.Language, Language: languageName(l, c.Language), Region: countryName(l, c.Region),
		Kind: named(l, "front.format.", c.Format),
	}
	for _, theme := range c.Themes {
		d.Themes = append(d.Themes, named(l, "front.theme.", theme))
	}
	if c.Schedule.IsZero() {
		d.Said = c.Settings.Next
		return d
	}
	for _, at := range c.Schedule.Next(now, 12) {
		if !at.Off {
			d.Next = dated(l, c.Schedule, at)
			break
		}
	}
	return d
}

// date is one of a circle's dates as a page shows it: in words in the
// circle's own zone, and as a machine reads it.
type date struct {
	UTC        string // RFC 3339
	Says       string // Tuesday 24 November, 19:00
	Zone       string // IANA
	In         string // the zone in words
	Theme, Why string
	Off        bool
}

func dated(l *lang.Texts, of circle.Schedule, d circle.Date) *date {
	return &date{
		UTC: d.Start.UTC().Format(time.RFC3339), Says: l.DayAndTime(inZone(of, d.Start)), Zone: of.Zone, In: zoneName(l, of.Zone),
		Theme: d.Theme, Why: d.Why, Off: d.Off,
	}
}

// inZone returns a time on the clocks of a schedule's zone.
func inZone(of circle.Schedule, at time.Time) time.Time {
	zone, err := time.LoadLocation(of.Zone)
	if err != nil {
		return at.UTC() // Check lets no such zone in
	}
	return at.In(zone)
}

// zoneName returns a zone in words: the city that names it.
func zoneName(l *lang.Texts, zone string) string {
	if zone == "UTC" || zone == "" {
		return "UTC"
	}
	city := zone[strings.LastIndexByte(zone, '/')+1:]
	return l.T("front.zone", "city", strings.ReplaceAll(city, "_", " "))
}

// named returns the word for a thing that has one, else the thing's own name.
func named(l *lang.Texts, prefix, name string) string {
	if name == "" {
		return ""
	}
	if said := l.T(prefix + name); said != prefix+name {
		return said
	}
	return name
}

// languageName returns what a language is called in the reader's.
func languageName(l *lang.Texts, tag string) string {
	t, err := language.Parse(tag)
	if tag == "" || err != nil {
		return ""
	}
	return display.Tags(language.MustParse(l.Tag)).Name(t)
}

// countryName returns what a country is called in the reader's language.
func countryName(l *lang.Texts, code string) string {
	r, err := language.ParseRegion(code)
	if code == "" || err != nil {
		return ""
	}
	return display.Regions(language.MustParse(l.Tag)).Name(r)
}

// step is one stage of an agenda in plain words.
type step struct {
	From, To int // minutes from the beginning; To 0: as it comes
	Title    string
	Prompt   string
	Says     []string
}

// steps tells what will happen, stage by stage.
func steps(l *lang.Texts, agenda []room.Stage) []step {
	var out []step
	var from time.Duration
	for _, g := range agenda {
		p := step{From: int(from.Minutes()), Title: g.Title, Prompt: g.Prompt}
		if from += g.Time; g.Time > 0 {
			p.To = int((from + time.Minute - 1).Minutes())
		}
		out = append(out, p)
		out[len(out)-1].Says = stageSays(l, g)
	}
	return out
}

// stageSays tells what people do in a stage, and for how long.
func stageSays(l *lang.Texts, g room.Stage) []string {
	kind := string(g.Kind)
	if g.Kind == room.KindRound {
		kind = string(g.Order)
	}
	says := []string{l.T("front.stage." + kind)}
	switch seconds := int(g.Turn.Seconds()); {
	case g.Split:
		says = append(says, l.T("front.turn.equal"))
	case seconds > 0 && seconds%60 == 0:
		says = append(says, l.T("front.turn.minutes", "n", seconds/60))
	case seconds > 0:
		says = append(says, l.T("front.turn.seconds", "n", seconds))
	}
	if g.Images {
		says = append(says, l.T("front.turn.picture"))
	}
	return says
}

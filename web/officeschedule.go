package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/circle"
)

// asItComes is the choice of a circle without a schedule.
const asItComes = "none"

// nextDates is how many of a circle's next dates the office lists.
const nextDates = 8

// wallClock is how a schedule and a browser write a local time.
const wallClock = "2006-01-02T15:04"

// schedulePage shows when a circle meets.
type schedulePage struct {
	letterhead
	Rev     int
	May     bool // set the schedule; else only call dates off
	Editing bool // its form is open
	Fields  []field
	Zones   []string
	Zone    string
	Says    string // the schedule in words
	Dates   []row
	Extra   field // one more date
}

// row is one date of the list.
type row struct {
	At, UTC string
	Says    string
	Theme   string
	Why     string
	Off     bool
	Added   bool   // by hand
	Note    string // that the clocks change
	Wrong   string
	Open    bool // somebody was writing here
}

func (o office) schedule(w http.ResponseWriter, r *http.Request, v *visit) error {
	o.showSchedule(w, r, v, newForm(o.scheduleValues(r, v)), http.StatusOK, "")
	return nil
}

// scheduleValues is a schedule as its form has it, with good guesses for a
// circle that has none.
func (o office) scheduleValues(r *http.Request, v *visit) url.Values {
	s := v.circle.Schedule
	f := url.Values{}
	if s.IsZero() {
		all, _ := o.Store.Circles(r.Context()) // only for a guess
		zone := zoneOf(v.circle.Country)
		for _, c := range all {
			if zone == "" {
				zone = c.Schedule.Zone
			}
		}
		long := 0
		for _, g := range v.circle.Settings.Agenda {
			long += int(g.Time.Minutes())
		}
		if long < circle.MinMinutes || long > circle.MaxMinutes {
			long = 60
		}
		f.Set("zone", zone)
		f.Set("minutes", strconv.Itoa(long))
		f.Set("every", circle.EveryWeek)
		return f
	}
	f.Set("day", s.First[:min(len(s.First), len(time.DateOnly))])
	f.Set("at", strings.TrimPrefix(s.First, f.Get("day")+"T"))
	f.Set("zone", s.Zone)
	f.Set("minutes", strconv.Itoa(s.Minutes))
	f.Set("every", s.Every())
	f.Set("rule", s.Rule)
	return f
}

func (o office) setSchedule(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := newForm(r.PostForm)
	c := v.circle
	c.Rev, _ = strconv.Atoi(r.PostForm.Get("rev"))
	c.Schedule = readSchedule(v, f)
	if len(f.wrong) > 0 {
		o.showSchedule(w, r, v, f, http.StatusUnprocessableEntity, v.t("office.wrong.some"))
		return nil
	}
	return o.keepSchedule(w, r, v, f, c, "saved")
}

// keepSchedule keeps a circle whose schedule was changed.
func (o office) keepSchedule(w http.ResponseWriter, r *http.Request, v *visit, f *form, c circle.Circle, said string) error {
	if late, err := o.keep(w, r, v, c, "/schedule", said); !late {
		return err
	}
	if !f.typed.Has("do") { // it isn't a date's form
		f.kept = o.scheduleValues(r, v)
	}
	o.showSchedule(w, r, v, f, http.StatusConflict, v.t("office.wrong.changed"))
	return nil
}

// readSchedule is the schedule that was typed, with what was said about its
// dates before as far as they are still some of it.
func readSchedule(v *visit, f *form) circle.Schedule {
	every := f.chosen(v.texts, "every", everyField(v))
	if every == asItComes {
		return circle.Schedule{}
	}
	s := circle.Schedule{Zone: zoneTyped(f.typed.Get("zone")), Minutes: f.number(v.texts, "minutes", circle.MinMinutes, circle.MaxMinutes)}
	day, errDay := time.Parse(time.DateOnly, strings.TrimSpace(f.typed.Get("day")))
	at, errAt := time.Parse("15:04", strings.TrimSpace(f.typed.Get("at")))
	if errDay != nil {
		f.blame("day", v.t("office.wrong.day"))
	}
	if errAt != nil {
		f.blame("at", v.t("office.wrong.clock"))
	}
	if len(f.wrong) > 0 {
		return s
	}
	first := day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
	s.First = first.Format(wallClock)
	s.Rule = circle.Repeat(every, first)
	if every == circle.ByRule {
		s.Rule = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(f.typed.Get("rule"))), "RRULE:")
		if s.Rule == "" {
			f.blame("rule", v.t("office.wrong.needed"))
		}
	}
	if blameSchedule(v, f, s) {
		return s
	}
	s = s.Instead(v.circle.Schedule)
	blameSchedule(v, f, s)
	return s
}

// blameSchedule blames the field that a schedule's fault is in.
func blameSchedule(v *visit, f *form, s circle.Schedule) bool {
	err := s.Check()
	var bad *circle.BadSchedule
	switch {
	case err == nil:
		return false
	case !errors.As(err, &bad):
		f.blame("rule", v.t("office.wrong.rule"))
		return true
	}
	switch bad.Code {
	case "zone":
		f.blame("zone", v.t("office.wrong.zone"))
	case "first", "date":
		f.blame("day", v.t("office.wrong.day"))
	case "often":
		f.blame("rule", v.t("office.wrong.often"))
	case "never":
		f.blame("rule", v.t("office.wrong.never"))
	case "mismatch":
		f.blame("rule", v.t("office.wrong.mismatch"))
	case "many":
		f.blame("day", v.t("office.wrong.many"))
	default:
		f.blame("rule", v.t("office.wrong.rule"))
	}
	return true
}

// changeDates calls one date off, brings it back, gives it a theme, or adds
// one.
func (o office) changeDates(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := newForm(r.PostForm)
	c, at := v.circle, r.PostForm.Get("at")
	c.Rev, _ = strconv.Atoi(r.PostForm.Get("rev"))
	c.Schedule.Off, c.Schedule.Themes = cloned(c.Schedule.Off), cloned(c.Schedule.Themes)
	c.Schedule.Also = slices.Clone(c.Schedule.Also)
	do, said := r.PostForm.Get("do"), ""
	_, there := c.Schedule.Date(at)
	switch {
	case do == "add" && v.may(setSchedule):
		said = "added"
		if _, err := time.Parse(wallClock, at); err != nil || c.Schedule.IsZero() {
			f.blame("at", v.t("office.wrong.day"))
		} else if !there {
			c.Schedule.Also = append(c.Schedule.Also, at)
		}
	case !there || do == "add":
		f.blame("at", v.t("office.wrong.date"))
	case do == "off":
		said, c.Schedule.Off[at] = "off", f.line(v.texts, "why", circle.MaxWhy, false)
	case do == "on":
		said = "on"
		delete(c.Schedule.Off, at)
	case do == "theme":
		said, c.Schedule.Themes[at] = "theme", f.line(v.texts, "theme", circle.MaxWhy, false)
		if c.Schedule.Themes[at] == "" {
			delete(c.Schedule.Themes, at)
		}
	case do == "without" && v.may(setSchedule) && slices.Contains(c.Schedule.Also, at):
		said = "without"
		c.Schedule.Also = slices.DeleteFunc(c.Schedule.Also, func(a string) bool { return a == at })
		delete(c.Schedule.Off, at)
		delete(c.Schedule.Themes, at)
	default:
		o.problem(w, r, http.StatusBadRequest, Malformed)
		return nil
	}
	if err := c.Schedule.Check(); err != nil {
		f.blame("at", v.t("office.wrong.day"))
	}
	if len(f.wrong) > 0 {
		wrong := v.t("office.wrong.some")
		if (do != "add" || !v.may(setSchedule)) && f.wrong["at"] != "" { // there is no field to say it beside
			wrong = f.wrong["at"]
		}
		o.showSchedule(w, r, v, f, http.StatusUnprocessableEntity, wrong)
		return nil
	}
	return o.keepSchedule(w, r, v, f, c, said)
}

func cloned(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

func (o office) showSchedule(w http.ResponseWriter, r *http.Request, v *visit, f *form, status int, wrong string) {
	s := v.circle.Schedule
	p := schedulePage{letterhead: o.letterhead(r, v), Rev: v.circle.Rev, May: v.may(setSchedule), Zones: zones, Zone: s.Zone}
	p.Wrong = wrong
	t := v.t
	typed := f
	p.Editing = s.IsZero() || wrong != ""
	if f.typed.Has("do") { // it was a date's form
		typed, p.Editing = newForm(o.scheduleValues(r, v)), false
	}
	for _, q := range []field{
		{Name: "day", Kind: "date", Label: t("office.day"), Need: true},
		{Name: "at", Kind: "time", Label: t("office.at"), Need: true},
		{Name: "zone", Kind: "zone", Label: t("office.zone"), Hint: t("office.zone.hint"), Need: true},
		{Name: "minutes", Kind: "number", Label: t("office.minutes"), Min: circle.MinMinutes, Max: circle.MaxMinutes},
		everyField(v),
		{Name: "rule", Kind: "line", Label: t("office.rule"), Hint: t("office.rule.hint"), Most: 200},
	} {
		p.Fields = append(p.Fields, typed.fill(q))
	}
	p.Says = o.meets(v, s)
	p.Dates = o.rows(v, f)
	p.Extra = field{Name: "at", Kind: "moment", Label: t("office.extra")}
	if f.typed.Get("do") == "add" {
		p.Extra = f.fill(p.Extra)
	}
	o.Face.show(w, r, "office-schedule", status, p)
}

// meets says a schedule in words.
func (o office) meets(v *visit, s circle.Schedule) string {
	first, err := time.Parse(wallClock, s.First)
	if err != nil {
		return ""
	}
	clock, day := v.texts.Clock(first), v.texts.Weekday(first.Weekday())
	switch s.Every() {
	case circle.EveryWeek:
		return v.t("office.meets.week", "day", day, "clock", clock)
	case circle.EveryTwoWeeks:
		return v.t("office.meets.two", "day", day, "clock", clock)
	case circle.EveryMonth:
		return v.t("office.meets.month", "day", day, "clock", clock)
	case circle.Once:
		return v.t("office.meets.once", "when", v.texts.DayAndTime(first))
	}
	return v.t("office.meets.rule", "clock", clock)
}

// rows are the next dates, each with what was typed about it and could not
// be kept.
func (o office) rows(v *visit, f *form) (rows []row) {
	s := v.circle.Schedule
	last := 0
	for i, d := range s.Next(o.Now(), nextDates) {
		start := inZone(s, d.Start)
		one := row{
			At: d.Local, UTC: d.Start.UTC().Format(time.RFC3339), Says: v.texts.DayAndTime(start),
			Theme: d.Theme, Why: d.Why, Off: d.Off, Added: slices.Contains(s.Also, d.Local),
		}
		_, offset := start.Zone()
		if i > 0 && offset != last {
			one.Note = v.t("office.clocks", "clock", v.texts.Clock(start))
		}
		last = offset
		if start.Format(wallClock) != d.Local {
			one.Note = v.t("office.skipped", "clock", v.texts.Clock(start))
		}
		if f.typed.Get("at") == d.Local && f.typed.Has("do") {
			one.Open = true
			switch f.typed.Get("do") {
			case "theme":
				one.Theme, one.Wrong = f.typed.Get("theme"), f.wrong["theme"]
			case "off":
				one.Why, one.Wrong = f.typed.Get("why"), f.wrong["why"]
			}
		}
		rows = append(rows, one)
	}
	return rows
}

package circle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Schedule is when a circle meets. The zero Schedule is a circle that meets
// as it comes. Times are those of the clock on the wall in its zone: Tuesday
// at 19:00 stays Tuesday at 19:00 when the clocks change. A time that the
// clocks skip is as much later as they skip; of one that comes twice it is
// the first.
type Schedule struct {
	Zone    string            `json:"zone,omitempty"`    // IANA time zone, like Europe/Dublin
	First   string            `json:"first,omitempty"`   // local time of the first date, like 2026-03-03T19:00
	Minutes int               `json:"minutes,omitempty"` // how long it takes, MinMinutes to MaxMinutes
	Rule    string            `json:"rule,omitempty"`    // RFC 5545 RRULE without its name, like FREQ=WEEKLY;BYDAY=TU; empty: once
	Also    []string          `json:"also,omitempty"`    // local times of further dates
	Not     []string          `json:"not,omitempty"`     // local times that the rule gives and that are none
	Off     map[string]string `json:"off,omitempty"`     // local time of a cancelled date → why, for its page
	Themes  map[string]string `json:"themes,omitempty"`  // local time of a date → its theme
}

// Date is one time a circle meets.
type Date struct {
	Local      string // names it in its schedule, like 2026-03-03T19:00
	Start, End time.Time
	Theme      string
	Off        bool   // it is cancelled
	Why        string // for whom it may concern
}

// Early is how long before a date people may arrive.
const Early = 15 * time.Minute

// Bounds of a schedule.
const (
	MinMinutes = 10
	MaxMinutes = 480
	MaxDates   = 500 // of Also, Not, Off and Themes, each
	MaxWhy     = 200 // characters of a reason or a theme
	MostDates  = 400 // that Next and Dates return
)

// The years that a schedule may touch.
const (
	firstYear = 2000
	lastYear  = 2199
)

// wall is how local times are written.
const wall = "2006-01-02T15:04"

// BadSchedule is what is wrong with a schedule: a code for the program, and
// what it is about.
type BadSchedule struct {
	Code string // of those in badSays
	What string // the part that it is about, as it was typed; may be empty
}

var badSays = map[string]string{
	"zone":     "there is no time zone of that name; it is like Europe/Dublin",
	"first":    "it needs the day and time of its first date, like 2026-03-03T19:00",
	"date":     "this is not a day and time, like 2026-03-03T19:00, between the years 2000 and 2199",
	"minutes":  "a date takes between 10 minutes and 8 hours",
	"many":     "it has more than 500 dates of one kind by hand",
	"long":     "a reason or theme is at most 200 characters long",
	"rule":     "this part of the rule can't be read",
	"often":    "a circle meets once a day at most",
	"never":    "this rule gives no date within five years",
	"mismatch": "the first date is not one that the rule gives",
}

// Error is a sentence for whoever typed the schedule.
func (b *BadSchedule) Error() string {
	if b.What == "" {
		return "circle: schedule: " + badSays[b.Code]
	}
	return fmt.Sprintf("circle: schedule: %s (%.40q)", badSays[b.Code], b.What)
}

// IsZero says that a circle meets as it comes.
func (s Schedule) IsZero() bool {
	return s.Zone == "" && s.First == "" && s.Minutes == 0 && s.Rule == "" &&
		len(s.Also)+len(s.Not)+len(s.Off)+len(s.Themes) == 0
}

// Check says what is wrong with a schedule: nil or a *BadSchedule.
func (s Schedule) Check() error {
	if s.IsZero() {
		return nil
	}
	if _, err := zone(s.Zone); err != nil {
		return err
	}
	if s.First == "" {
		return &BadSchedule{Code: "first"}
	}
	if s.Minutes < MinMinutes || s.Minutes > MaxMinutes {
		return &BadSchedule{Code: "minutes"}
	}
	if err := s.checkDates(); err != nil {
		return err
	}
	if s.Rule == "" {
		return nil
	}
	first, _ := local(s.First)
	rule, err := parseRule(s.Rule, s.Zone)
	if err != nil {
		return err
	}
	given := rule.between(first, first, first.AddDate(5, 0, 0), 1)
	switch {
	case len(given) == 0:
		return &BadSchedule{"never", s.Rule}
	case !given[0].Equal(first):
		return &BadSchedule{"mismatch", s.First}
	}
	return nil
}

// checkDates looks over what was typed by hand.
func (s Schedule) checkDates() error {
	lists := [][]string{{s.First}, s.Also, s.Not, nil, nil}
	for i, m := range []map[string]string{s.Off, s.Themes} {
		for at, text := range m {
			lists[3+i] = append(lists[3+i], at)
			if len([]rune(text)) > MaxWhy {
				return &BadSchedule{"long", at}
			}
		}
	}
	for _, list := range lists {
		if len(list) > MaxDates {
			return &BadSchedule{Code: "many"}
		}
		for _, at := range list {
			if _, err := local(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// Open says whether people may come in: around its dates, and at any time if
// there is no schedule.
func (s Schedule) Open(now time.Time) bool {
	d, ok := s.Around(now)
	return s.IsZero() || ok && !d.Off
}

// Around returns the date that is on, or that begins within Early. One that
// takes place comes before one that is cancelled.
func (s Schedule) Around(now time.Time) (d Date, ok bool) {
	for _, one := range s.Dates(now, now.Add(Early+1)) {
		if !ok || d.Off && !one.Off {
			d, ok = one, true
		}
	}
	return d, ok
}

// Next returns the next n dates that aren't over at a time, the earliest
// first, cancelled ones too. MostDates at most.
func (s Schedule) Next(after time.Time, n int) []Date {
	return s.dates(after, time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC), min(n, MostDates))
}

// Dates returns the dates of which a part lies between two times, the first
// of them included, the earliest first, cancelled ones too. MostDates at most.
func (s Schedule) Dates(from, to time.Time) []Date { return s.dates(from, to, MostDates) }

// Date returns the date of a local time, if it is one of the schedule's.
func (s Schedule) Date(at string) (Date, bool) {
	l, err := local(at)
	in, zoneErr := zone(s.Zone)
	if err != nil || zoneErr != nil {
		return Date{}, false
	}
	start := instant(l, in)
	for _, d := range s.Dates(start, start.Add(1)) {
		if d.Local == at {
			return d, true
		}
	}
	return Date{}, false
}

// dates is what Next and Dates return. What doesn't Check gives none.
func (s Schedule) dates(from, to time.Time, most int) []Date {
	in, err := zone(s.Zone)
	if err != nil || s.IsZero() || most <= 0 || !from.Before(to) {
		return nil
	}
	// Local times are at most a day away from where UTC has them, and once in
	// history a day more.
	const away = 50 * time.Hour
	long := time.Duration(s.Minutes) * time.Minute
	locals := s.locals(wallOf(from).Add(-away-long), wallOf(to).Add(away), most+len(s.Not)+int(away/(12*time.Hour)))
	list := []Date{}
	for _, l := range locals {
		d := Date{Local: l.Format(wall), Start: instant(l, in)}
		d.End = d.Start.Add(long)
		d.Theme = s.Themes[d.Local]
		d.Why, d.Off = s.Off[d.Local]
		if d.End.After(from) && d.Start.Before(to) {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b Date) int { return a.Start.Compare(b.Start) })
	return list[:min(len(list), most)]
}

// locals returns local times of dates between two local times, each once: all
// that were typed, and as many of the rule's.
func (s Schedule) locals(from, to time.Time, most int) []time.Time {
	first, err := local(s.First)
	if err != nil {
		return nil
	}
	list := []time.Time{first}
	for _, at := range s.Also {
		if l, err := local(at); err == nil {
			list = append(list, l)
		}
	}
	list = slices.DeleteFunc(list, func(l time.Time) bool { return l.Before(from) || !l.Before(to) })
	if s.Rule != "" {
		if rule, err := parseRule(s.Rule, s.Zone); err == nil {
			list = append(list, rule.between(first, from, to, most)...)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	list = slices.CompactFunc(list, time.Time.Equal)
	return slices.DeleteFunc(list, func(l time.Time) bool { return slices.Contains(s.Not, l.Format(wall)) })
}

// zone loads a time zone by its name.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || strings.ContainsAny(name, ". ") {
		return nil, &BadSchedule{"zone", name}
	}
	in, err := time.LoadLocation(name)
	if err != nil {
		return nil, &BadSchedule{"zone", name}
	}
	return in, nil
}

// local reads a local time: as if it were UTC's, which has no gaps.
func local(at string) (time.Time, error) {
	l, err := time.Parse(wall, at)
	if err != nil || l.Format(wall) != at || l.Year() < firstYear || l.Year() > lastYear {
		return time.Time{}, &BadSchedule{"date", at}
	}
	return l, nil
}

// wallOf is what a clock shows, as if it were UTC's.
func wallOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is when a clock in a zone shows a local time, by the offset before
// the change where clocks change, as RFC 5545 has it: what they skip is as
// much later, and of what comes twice it is the first. time.Date promises
// neither.
func instant(l time.Time, in *time.Location) time.Time {
	by := func(at time.Time) time.Time {
		_, offset := at.In(in).Zone()
		return l.Add(-time.Duration(offset) * time.Second).In(in)
	}
	t := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, in)
	switch shows := wallOf(t); {
	case shows.Before(l):
		return by(t)
	case shows.After(l):
		return t
	}
	if change, _ := t.ZoneBounds(); !change.IsZero() {
		if before := by(change.Add(-1)); before.Before(change) && wallOf(before).Equal(l) {
			return before
		}
	}
	return t
}

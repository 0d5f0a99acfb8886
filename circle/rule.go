package circle

import (
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// maxRule bounds a rule, and maxInterval what it skips: no circle meets once
// in more than 366 days, weeks or months.
const (
	maxRule     = 200 // bytes
	maxInterval = 366
)

// ruleParts are the parts of RFC 5545 that a circle's rule may have. The hour
// is that of the first date; numbered weeks and days of the year are left out:
// nobody meets in week 20.
var ruleParts = []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}

// rule is a checked recurrence.
type rule struct{ rrule.ROption }

// parseRule reads a rule. UNTIL may be in UTC, local, or a day, which counts
// to its end.
func parseRule(text, inZone string) (r rule, err error) {
	if len(text) > maxRule || strings.ContainsAny(text, "\r\n ") {
		return r, &BadSchedule{"rule", text}
	}
	seen, rest := []string{}, []string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case name == "FREQ" && slices.Contains([]string{"HOURLY", "MINUTELY", "SECONDLY"}, value), slices.Contains([]string{"BYHOUR", "BYMINUTE", "BYSECOND"}, name):
			return r, &BadSchedule{"often", part}
		case !slices.Contains(ruleParts, name) || slices.Contains(seen, name):
			return r, &BadSchedule{"rule", part}
		case name != "UNTIL":
			rest = append(rest, part)
		default:
			if r.Until, err = until(value, inZone); err != nil {
				return r, err
			}
		}
		seen = append(seen, name)
	}
	o, err := rrule.StrToROption(strings.Join(rest, ";"))
	if err != nil {
		return r, &BadSchedule{"rule", text}
	}
	o.Until = r.Until
	r.ROption = *o
	if !r.possible(seen) {
		return r, &BadSchedule{"rule", text}
	}
	return r, nil
}

// possible says whether a rule is within RFC 5545 and what the library can
// count: it looks beyond its tables for the sixth Monday of a month.
func (r rule) possible(has []string) bool {
	given := func(part string) bool { return slices.Contains(has, part) }
	within := func(list []int, most int) bool {
		return !slices.ContainsFunc(list, func(n int) bool { return n == 0 || n > most || n < -most })
	}
	numbered := 0
	for _, d := range r.Byweekday {
		if n := d.N(); n != 0 {
			numbered = max(numbered, n, -n)
		}
	}
	most := map[rrule.Frequency]int{rrule.MONTHLY: 5, rrule.YEARLY: 53}[r.Freq]
	if given("BYMONTH") {
		most = min(most, 5)
	}
	switch {
	case given("INTERVAL") && (r.Interval < 1 || r.Interval > maxInterval):
	case given("COUNT") && r.Count < 1:
	case given("COUNT") && given("UNTIL"):
	case r.Wkst.N() != 0 || numbered > most:
	case r.Freq == rrule.WEEKLY && given("BYMONTHDAY"):
	case given("BYSETPOS") && !given("BYDAY") && !given("BYMONTHDAY") && !given("BYMONTH"):
	case slices.ContainsFunc(r.Bymonth, func(m int) bool { return m < 1 }):
	default:
		return within(r.Bymonth, 12) && within(r.Bymonthday, 31) && within(r.Bysetpos, 366)
	}
	return false
}

// until reads the end of a rule as a local time.
func until(value, inZone string) (time.Time, error) {
	for _, form := range []string{rrule.DateTimeFormat, rrule.LocalDateTimeFormat, rrule.DateFormat} {
		t, err := time.Parse(form, value)
		switch {
		case err != nil:
			continue
		case t.Year() < firstYear || t.Year() > lastYear:
			return t, &BadSchedule{"date", value}
		case form == rrule.DateFormat:
			return t.AddDate(0, 0, 1).Add(-time.Second), nil
		case form == rrule.DateTimeFormat:
			in, err := zone(inZone)
			if err != nil {
				return t, err
			}
			return wallOf(t.In(in)), nil
		}
		return t, nil
	}
	return time.Time{}, &BadSchedule{"rule", value}
}

// ages is 19 times the 400 years after which every day of the calendar has
// its weekday again.
const ages = 7600

// between returns the local times that a rule gives from a first one on,
// between two local times, at most as many. The library looks for a next date
// until the year 9999, however long there is none (FREQ=DAILY;BYMONTH=2;
// BYMONTHDAY=30: three million days). So it is asked in a time that is a whole
// number of ages later, where the same days come round, and the end is near.
func (r rule) between(first, from, to time.Time, most int) []time.Time {
	o := r.ROption
	o.Dtstart = r.closer(first, from).AddDate(ages, 0, 0)
	if !o.Until.IsZero() {
		o.Until = o.Until.AddDate(ages, 0, 0)
	}
	rr, err := rrule.NewRRule(o)
	if err != nil {
		return nil
	}
	var list []time.Time
	for next := rr.Iterator(); len(list) < most; {
		t, ok := next()
		if ok {
			t = t.AddDate(-ages, 0, 0)
		}
		if !ok || !t.Before(to) {
			break
		}
		if !t.Before(from) {
			list = append(list, t)
		}
	}
	return list
}

// closer is a later beginning of the same rule, for a circle that has met for
// years: a whole number of its days or weeks on. Rules that count their dates
// have only their own; those by month have few.
func (r rule) closer(first, from time.Time) time.Time {
	step := map[rrule.Frequency]int{rrule.DAILY: 1, rrule.WEEKLY: 7}[r.Freq] * max(r.Interval, 1)
	if r.Count > 0 || step == 0 {
		return first
	}
	days := int(from.Sub(first) / (24 * time.Hour))
	return first.AddDate(0, 0, max(days/step-1, 0)*step)
}

// How often a circle meets, as people say it.
const (
	Once          = "once"
	EveryWeek     = "week"
	EveryTwoWeeks = "two-weeks"
	EveryMonth    = "month" // on the same weekday of it, like the second Tuesday
	ByRule        = "rule"  // as only a rule can say
)

// Repeat writes the rule of a circle that first meets at a time and then every
// so often: Once, EveryWeek, EveryTwoWeeks or EveryMonth. A fifth Tuesday is
// the last one of its month.
func Repeat(every string, first time.Time) string {
	day := strings.ToUpper(first.Weekday().String()[:2])
	switch every {
	case EveryWeek:
		return "FREQ=WEEKLY;BYDAY=" + day
	case EveryTwoWeeks:
		return "FREQ=WEEKLY;INTERVAL=2;BYDAY=" + day
	case EveryMonth:
		nth := []string{"1", "2", "3", "4", "-1"}[(first.Day()-1)/7]
		return "FREQ=MONTHLY;BYDAY=" + nth + day
	}
	return ""
}

// Every says how often a circle meets, as Repeat takes it; ByRule if its rule
// says more.
func (s Schedule) Every() string {
	first, err := local(s.First)
	for _, every := range []string{Once, EveryWeek, EveryTwoWeeks, EveryMonth} {
		if err == nil && s.Rule == Repeat(every, first) {
			return every
		}
	}
	return ByRule
}

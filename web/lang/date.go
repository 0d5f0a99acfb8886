package lang

import (
	"strconv"
	"time"

	"golang.org/x/text/number"
)

// x/text has no forms for dates: names and order are texts like others, in
// date.json. A time is said as it is in its own zone.

// Weekday returns "Tuesday".
func (t *Texts) Weekday(d time.Weekday) string { return t.T("date.weekday" + strconv.Itoa(int(d))) }

// Month returns "November".
func (t *Texts) Month(m time.Month) string { return t.T("date.month" + strconv.Itoa(int(m))) }

// Day returns "Tuesday 24 November".
func (t *Texts) Day(at time.Time) string {
	return t.T("date.day", "weekday", t.Weekday(at.Weekday()), "day", at.Day(), "month", t.Month(at.Month()))
}

// Date returns "24 November 2026".
func (t *Texts) Date(at time.Time) string {
	return t.T("date.date", "day", at.Day(), "month", t.Month(at.Month()), "year", t.digits(at.Year(), 1))
}

// Clock returns "19:00".
func (t *Texts) Clock(at time.Time) string {
	return t.T("date.clock", "hour", t.digits(at.Hour(), 2), "minute", t.digits(at.Minute(), 2))
}

// DayAndTime returns "Tuesday 24 November, 19:00".
func (t *Texts) DayAndTime(at time.Time) string {
	return t.T("date.dayAndTime", "day", t.Day(at), "clock", t.Clock(at))
}

// Duration returns "75 minutes".
func (t *Texts) Duration(minutes int) string { return t.T("date.duration", "n", minutes) }

// digits writes a number without separators, in at least so many digits.
func (t *Texts) digits(n, least int) string {
	return t.numbers.Sprint(number.Decimal(n, number.NoSeparator(), number.MinIntegerDigits(least)))
}

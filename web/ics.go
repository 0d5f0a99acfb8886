package web

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// icsEvent is one date in a calendar file. It says nothing that it need not.
type icsEvent struct {
	uid        string // the same for the same date, for ever
	rev        int    // counts changes: calendars keep the highest
	start, end time.Time
	title      string
	url        string // empty: none
	off        bool   // it does not take place
}

// icsRefresh is how often a calendar should look again.
const icsRefresh = "PT6H"

// ics writes a calendar file (RFC 5545; REFRESH-INTERVAL is RFC 7986's). Times
// are in UTC, so that no reader needs to know anything about zones. Every
// calendar has some component: without dates it is the zone UTC.
func ics(title string, now time.Time, events []icsEvent) []byte {
	var b icsWriter
	b.line("BEGIN", "VCALENDAR")
	b.line("VERSION", "2.0")
	b.line("PRODID", "-//Hearth//Calendar//EN")
	b.line("CALSCALE", "GREGORIAN")
	b.line("METHOD", "PUBLISH")
	b.line("NAME", icsText(title))
	b.line("X-WR-CALNAME", icsText(title)) // for those that don't know NAME
	b.line("REFRESH-INTERVAL;VALUE=DURATION", icsRefresh)
	b.line("X-PUBLISHED-TTL", icsRefresh)
	if len(events) == 0 {
		for _, l := range []string{"BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000",
			"TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"} {
			name, value, _ := strings.Cut(l, ":")
			b.line(name, value)
		}
	}
	for _, e := range events {
		b.line("BEGIN", "VEVENT")
		b.line("UID", e.uid)
		b.line("DTSTAMP", icsTime(now))
		b.line("SEQUENCE", strconv.Itoa(e.rev))
		b.line("DTSTART", icsTime(e.start))
		b.line("DTEND", icsTime(e.end))
		b.line("SUMMARY", icsText(e.title))
		b.line("CLASS", "PRIVATE")
		if e.url != "" {
			b.line("URL", e.url)
		}
		if e.off {
			b.line("STATUS", "CANCELLED")
		} else {
			b.line("STATUS", "CONFIRMED")
		}
		b.line("END", "VEVENT")
	}
	b.line("END", "VCALENDAR")
	return []byte(b.String())
}

func icsTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// icsText writes a TEXT value: on one line, without controls.
func icsText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < ' ', r == 0x7F, r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// icsWriter folds lines at 75 bytes, and never within a letter.
type icsWriter struct{ strings.Builder }

func (b *icsWriter) line(name, value string) {
	rest, room := name+":"+value, 75
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		b.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], 74 // the space counts
	}
	b.WriteString(rest + "\r\n")
}

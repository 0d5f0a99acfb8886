package circle

import "time"

// Schedule is when a circle meets. The zero Schedule is a circle that meets
// as it comes.
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

// Check says what is wrong with a schedule, in a sentence.
func (s Schedule) Check() error { return nil }

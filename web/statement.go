package web

import (
	"strings"
	"time"

	"hearth/moderation"
	"hearth/room"
	"hearth/web/lang"
)

// statementData is a statement of reasons as a page shows it: what was
// decided, from and until when, by which rule, and how to ask for another
// look. The script of a room says the same of the same texts (told.ts).
type statementData struct {
	Action      string // in words
	Since       *date
	Until       *date // nil: no end, or nothing that lasts
	NoEnd       bool  // it lasts, and has no end
	Rule        string
	Facts       string // as somebody typed it; empty: erased
	Appeal      string // the code; empty: nobody can ask any more
	AppealUntil string // the day
	Undone      string // the day it was taken back; empty: it was not
}

// statementOf shows a decision to whom it concerns.
func statementOf(l *lang.Texts, d moderation.Decision, now time.Time) statementData {
	s := d.Statement()
	shown := statementData{
		Action: l.T(actionKey(d.Action, d.Scope)), Rule: l.T(ruleKey(d.Rule)), Since: instant(l, d.At), Facts: s.Facts,
		NoEnd: d.Action == moderation.Ban && d.Until.IsZero(),
	}
	if !d.Until.IsZero() {
		shown.Until = instant(l, d.Until)
	}
	if ends := time.UnixMilli(s.AppealUntil); now.Before(ends) && d.Undone.IsZero() {
		shown.Appeal, shown.AppealUntil = d.Appeal, l.Date(ends.UTC())
	}
	if !d.Undone.IsZero() {
		shown.Undone = l.Date(d.Undone.UTC())
	}
	return shown
}

// statementsOf shows several, in their order.
func statementsOf(l *lang.Texts, all []moderation.Decision, now time.Time) []statementData {
	shown := make([]statementData, 0, len(all))
	for _, d := range all {
		shown = append(shown, statementOf(l, d, now))
	}
	return shown
}

// actionKey is the key of what an action is to whom it concerns.
func actionKey(a moderation.Action, of moderation.Scope) string {
	name := camel(string(a))
	if a == moderation.Ban {
		name += camel(string(of))
	}
	return "statement.action" + name
}

// ruleKey is the key of a rule in words.
func ruleKey(rule string) string { return "statement.rule" + camel(rule) }

// camel is a name as a key ends with it: TakeStick for take-stick.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// instant is a time that is nobody's date: in words in UTC, which the reader's
// script adds their own clocks to.
func instant(l *lang.Texts, at time.Time) *date {
	at = at.UTC()
	return &date{UTC: at.Format(time.RFC3339), Says: l.T("statement.at", "date", l.Date(at), "clock", l.Clock(at)), Zone: "UTC", In: "UTC"}
}

// seatKey is what a seat is called in a ban, and where somebody is to be told.
func seatKey(id room.SeatID) string {
	if id == "" {
		return ""
	}
	return "seat:" + string(id)
}

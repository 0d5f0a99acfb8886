package moderation

import (
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"hearth/room"
)

// Action is what a moderator can do about a case.
type Action string

// The actions.
const (
	NoAction     Action = "none"
	Warn         Action = "warn"
	TakeStick    Action = "take-stick" // lay it in the centre
	MuteAction   Action = "mute"       // for minutes
	QuietRoom    Action = "quiet-room" // with a moderator, who sits in the room
	RemoveAction Action = "remove"     // from this gathering
	Ban          Action = "ban"        // from a circle, a series or the house
	CloseRoom    Action = "close"
	Restrict     Action = "restrict" // somebody keeps the circle no longer, in this gathering
)

// Actions lists what can be chosen, as it is shown.
var Actions = []Action{NoAction, Warn, TakeStick, MuteAction, QuietRoom, RemoveAction, Ban, CloseRoom, Restrict}

// Scope is where a ban holds.
type Scope string

// The scopes.
const (
	OfCircle Scope = "circle"
	OfSeries Scope = "series" // the circle, while it is one
	OfHouse  Scope = "server"
)

// RuleGround is the rule of a decision by the circle's own ground rules; the
// others are the categories.
const RuleGround = "ground-rules"

// Bounds of decisions.
const (
	MaxFacts     = 600 // characters of the sentence somebody is told
	MaxPublic    = 300 // characters of the note to those who reported
	MaxAppealing = 2000
	MaxBan       = 366 * 24 * time.Hour // with an end; none at all takes two moderators
	// AppealFor is how long a decision can be appealed.
	AppealFor = 183 * 24 * time.Hour
)

// Decision is one thing a moderator did about a case, with a rule and a
// sentence.
type Decision struct {
	ID      string // the store makes it
	Case    string
	By      PersonID
	At      time.Time
	Action  Action
	Minutes int       // of a mute
	Scope   Scope     // of a ban
	Until   time.Time // of a ban or mute; zero: no end
	Second  PersonID  // who agreed to a ban without an end; not By
	Rule    string
	Facts   string // what the person is told
	Public  string // what those who reported are told; may be empty
	// Appeal is the code that whoever it concerns appeals with; the store
	// makes it, and tells it to them alone. Empty: nobody is concerned.
	Appeal string
	Undone time.Time
	Undoer PersonID
	// Reach is whom a ban keeps out; see Link.Keys. Seats are those that end.
	Reach []string
	Seats []room.SeatID
	// Held are those of Seats that what was undone goes on for: by another
	// decision, or as who keeps the circle wanted it. Undo and Judge say so.
	Held []room.SeatID
}

// What Check answers; each is a sentence of package lang by its code.
var (
	ErrAction  = errors.New("moderation: no such action here")
	ErrRule    = errors.New("moderation: a decision needs a rule")
	ErrFacts   = errors.New("moderation: a decision needs a sentence, and not a long one")
	ErrMinutes = errors.New("moderation: minutes out of bounds")
	ErrEnd     = errors.New("moderation: a ban needs an end, or a second moderator")
)

// Concerns says whether somebody is told of an action, and can appeal it.
func (a Action) Concerns() bool { return a != NoAction && a != CloseRoom }

// Undoable says whether an action can be taken back.
func (a Action) Undoable() bool {
	return slices.Contains([]Action{Warn, MuteAction, RemoveAction, Ban, Restrict, TakeStick, QuietRoom}, a)
}

// Check says what is wrong with a decision about a case.
func (d Decision) Check(c Case, now time.Time) error {
	switch {
	case !slices.Contains(Actions, d.Action) || c.Kind == Care && d.Action != NoAction || c.Kind == Appeal:
		return ErrAction // care never acts on a person
	case d.Action.Concerns() && c.Subject == "":
		return ErrAction
	case !isRule(d.Rule):
		return ErrRule
	case d.Facts == "" || utf8.RuneCountInString(d.Facts) > MaxFacts || utf8.RuneCountInString(d.Public) > MaxPublic:
		return ErrFacts
	case d.Action == MuteAction && (d.Minutes < 1 || d.Minutes > room.MaxMuteMinutes):
		return ErrMinutes
	case d.Action == Ban:
		return d.checkBan(now)
	}
	return nil
}

func (d Decision) checkBan(now time.Time) error {
	switch {
	case !slices.Contains([]Scope{OfCircle, OfSeries, OfHouse}, d.Scope):
		return ErrAction
	case d.Until.IsZero() && (d.Second == "" || d.Second == d.By):
		return ErrEnd
	case !d.Until.IsZero() && (!d.Until.After(now) || d.Until.After(now.Add(MaxBan))):
		return ErrEnd
	}
	return nil
}

func isRule(r string) bool {
	return r == RuleGround || r != string(Other) && slices.ContainsFunc(Sorts, func(s Sort) bool { return string(s.Category) == r })
}

// Statement is what somebody is told of a decision about them (DSA Art. 17):
// in the frame that applies it, and again at the next join.
type Statement = room.Statement

// Statement says what a decision is to whom it concerns.
func (d Decision) Statement() Statement {
	return Statement{
		ID: d.ID, Action: string(d.Action), Scope: string(d.Scope), From: d.At.UnixMilli(), Until: ms(d.Until),
		Rule: d.Rule, Facts: d.Facts, Appeal: d.Appeal, AppealUntil: d.At.Add(AppealFor).UnixMilli(),
	}
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Appealed is what somebody writes against a decision, and what became of it.
type Appealed struct {
	Case       string // the appeal's own
	Decision   string
	Text       string // at most MaxAppealing characters
	At         time.Time
	Decided    time.Time // zero: not yet
	By         PersonID
	Overturned bool
	Answer     string // to who appealed, at most MaxFacts characters
}

package moderation

import (
	"slices"
	"time"

	"hearth/room"
)

// PersonID names somebody who has a part in running the house, and CircleID a
// standing circle, as package circle does.
type (
	PersonID string
	CircleID string
)

// Kind is by which door a report came.
type Kind string

// The kinds.
const (
	Care    Kind = "care"    // somebody may not be well
	Conduct Kind = "conduct" // something is wrong here
	Notice  Kind = "notice"  // from outside: something here may be illegal (DSA Art. 16)
	Appeal  Kind = "appeal"  // against a decision; it is a case, never a report
)

// About is what a report is about.
type About string

// What a report can be about.
const (
	AboutSelf        About = "self" // care: I'm not OK
	AboutPerson      About = "person"
	AboutWords       About = "words" // of a person, quoted
	AboutFacilitator About = "facilitator"
	AboutModerator   About = "moderator"
	AboutCircle      About = "circle" // also: whoever keeps it calls a moderator
)

// Category is what went wrong. A care report has none, a notice is Illegal.
// Pain is never one.
type Category string

// The categories, gravest first.
const (
	ThreatToOthers    Category = "threat-to-others"
	ChildSafety       Category = "child-safety"
	EncouragingHarm   Category = "encouraging-harm"
	Methods           Category = "methods"
	Outing            Category = "outing"
	Sexual            Category = "sexual"
	FacilitatorUnsafe Category = "facilitator-conduct"
	Illegal           Category = "illegal"
	Harassment        Category = "harassment"
	Selling           Category = "selling"
	TurnTaking        Category = "turn-taking"
	Other             Category = "other"
)

// Priority says how soon somebody has to look: P0 within a minute.
type Priority int

// The priorities.
const (
	P0 Priority = iota
	P1
	P2
	P3
)

// Sort is a category and how soon it is looked at. Its label is the text
// report.category.<category> of package lang.
type Sort struct {
	Category Category
	Priority Priority
}

// Sorts is the one table of categories, in the order they are shown.
var Sorts = []Sort{
	{ThreatToOthers, P0}, {ChildSafety, P0}, {EncouragingHarm, P0},
	{Methods, P1}, {Outing, P1}, {Sexual, P1}, {FacilitatorUnsafe, P1}, {Illegal, P1},
	{Harassment, P2}, {Selling, P2}, {TurnTaking, P3}, {Other, P3},
}

// Bounds of a report.
const (
	MaxQuotes   = 10   // chosen utterances
	MaxContext  = 10   // beside them, if the reporter wants it seen
	MaxText     = 2000 // characters that a reporter types
	MaxPlace    = 500  // characters of a notice: where it is
	MaxContact  = 200  // characters, optional, of a notice
	MostReports = 50   // of one case whose texts are kept; more are counted
	// ReportAgain is how long somebody who has left, or was removed, can still
	// report with their receipt.
	ReportAgain = 24 * time.Hour
)

// Report is one report as it is kept: facts, and what moderators alone read.
type Report struct {
	ID       string // the store makes it
	Kind     Kind
	About    About
	Category Category
	Circle   CircleID    // empty: of a notice that names none
	Room     room.ID     // empty: from outside
	Subject  room.SeatID // whom it is about; for AboutSelf the reporter's own; empty: nobody
	Reporter room.SeatID // empty: from outside
	// SubjectPerson and Away are people of the house: whom it is about, and
	// who must never see it (they, the reporter, and of a report about a
	// facilitator everybody who keeps the circle).
	SubjectPerson PersonID
	Away          []PersonID
	Lang          string // of the reporter, to be answered in
	At            time.Time
	Quotes        int     // utterances in Body
	Body          *Sealed // of a Body; nil: nothing was typed or quoted, or nobody has a key
}

// Priority is how soon a report has to be looked at.
func (r Report) Priority() Priority {
	if r.Kind == Care {
		return P0
	}
	i := slices.IndexFunc(Sorts, func(s Sort) bool { return s.Category == r.Category })
	if i < 0 {
		return P3
	}
	return Sorts[i].Priority
}

// Body is what of a report moderators alone can read, as JSON in a Sealed.
type Body struct {
	Text    string  `json:"text,omitempty"`
	Called  string  `json:"called,omitempty"`  // the subject, as the reporter saw them; not vouched for
	Place   string  `json:"place,omitempty"`   // of a notice: where it is
	Contact string  `json:"contact,omitempty"` // of a notice
	Quotes  []Quote `json:"quotes,omitempty"`
}

// Quote is one utterance whose tag was checked.
type Quote struct {
	Room    room.ID     `json:"room"`
	Seq     uint64      `json:"seq"`
	Seat    room.SeatID `json:"seat"`
	At      int64       `json:"at"` // Unix milliseconds
	Words   string      `json:"words"`
	Called  string      `json:"called,omitempty"` // as the reporter saw them; not vouched for
	Context bool        `json:"context,omitempty"`
}

// Step is what a reporter is told of how far it has come. Never what became of
// somebody else.
type Step string

// The steps.
const (
	Received Step = "received"
	Looking  Step = "looking" // a person is
	Settled  Step = "decided"
)

// Progress answers somebody who reported.
type Progress struct {
	Kind   Kind
	Step   Step
	Since  time.Time // of the step
	Public string    // the moderators' note to those who reported
	OnCall bool      // somebody was on duty when it came
	Lang   string
}

// Filed is what became of a report.
type Filed struct {
	Case string
	Code string // of the receipt: what Progress is asked with, told only now
	New  bool   // a case of its own; else it joined one
	Lost error  // why keys for what was typed could not be had; nil: they could
	Kept bool   // its Body is; not beyond MostReports, nor while the vault is away
	// OnCall: somebody is on duty who may see it.
	OnCall bool
}

package moderation

import (
	"time"

	"hearth/room"
)

// State is how far a case has come. Conduct, notices and appeals go raised →
// acknowledged → closed; care goes through all of them.
type State string

// The states.
const (
	Raised       State = "raised"
	Acknowledged State = "acknowledged" // somebody has taken it
	WithThem     State = "with"         // care: somebody is with the person
	Closed       State = "closed"       // decided, or care has its outcome
)

// Outcome is how care ended.
type Outcome string

// The outcomes.
const (
	TheyAreOK      Outcome = "ok"
	ResourcesGiven Outcome = "resources"
	HandedOver     Outcome = "helpline"  // to a helpline
	EmergencyCall  Outcome = "emergency" // emergency services were called
	LeftBefore     Outcome = "left"      // before anybody could be with them
)

// Outcomes lists them as they are shown.
var Outcomes = []Outcome{TheyAreOK, ResourcesGiven, HandedOver, EmergencyCall, LeftBefore}

// Case is one card on the desk: reports that are about the same person in the
// same room are one, as long as it is open. Care and conduct never mix.
type Case struct {
	ID       string
	N        int64 // 1, 2, 3 …: what moderators call it
	Rev      int   // counts its changes
	Kind     Kind
	About    About    // of its gravest report
	Category Category // of its gravest report
	Priority Priority
	Circle   CircleID
	Room     room.ID
	Subject  room.SeatID
	Person   PersonID // the subject's, if they have a part in running the house
	State    State
	Outcome  Outcome
	Reports  int
	Quotes   int // utterances in them
	Raised   time.Time
	Due      time.Time // when somebody should have taken it
	Acked    time.Time // when somebody first did; zero: nobody yet
	Closed   time.Time
	Again    time.Time // a follow-up brings it back to the queue then; zero: none
	Claim    Claim     // zero: nobody has it
	Of       string    // of an appeal: the decision
	Decider  PersonID  // of an appeal: who must not judge it
	Second   PersonID  // of an appeal: who agreed to what it is against, and must not either
	Erased   bool      // its texts are gone for good
}

// DecidedBy says whether somebody had a part in what an appeal is against.
func (c Case) DecidedBy(p PersonID) bool { return p != "" && (p == c.Decider || p == c.Second) }

// Clocks: within what time somebody has to take a case (deployments/safety.md). P2 is
// before the room closes, which is at least looked at within half an hour.
const (
	DueP0 = 60 * time.Second
	DueP1 = 5 * time.Minute
	DueP2 = 30 * time.Minute
	DueP3 = 48 * time.Hour
	// EmergencyAfter is when the organisation's emergency contact is called
	// too, for what nobody takes.
	EmergencyAfter = 180 * time.Second
)

// Within is how long a case of a priority may wait.
func (p Priority) Within() time.Duration {
	switch p {
	case P0:
		return DueP0
	case P1:
		return DueP1
	case P2:
		return DueP2
	}
	return DueP3
}

// ClaimFor is how long a claim lasts without activity.
const ClaimFor = 5 * time.Minute

// Claim says who has a case. It is a lease.
type Claim struct {
	By    PersonID
	Since time.Time
	Until time.Time
}

// Note is what moderators leave each other, and follow-ups after care.
type Note struct {
	ID   string
	Case string
	By   PersonID
	At   time.Time
	Text string // at most MaxNote characters
}

// MaxNote bounds a note.
const MaxNote = 1000 // characters

// Dossier is a case with all that belongs to it but the reports' bodies.
type Dossier struct {
	Case
	Filings   []Filing
	Decisions []Decision // oldest first; of an appeal: what it is against
	Notes     []Note     // oldest first
	Appeal    *Appealed  // of an appeal: what it says
}

// Filing is one report of a case, without its body.
type Filing struct {
	ID       string
	About    About
	Category Category
	Quotes   int
	Lang     string
	At       time.Time
	Keys     []string // ids of the keys that open its body; none: it has none
	Receipt  bool     // the reporter can be told
}

// Queue is what waits on the desk.
type Queue struct {
	Cases []Case // open ones, gravest first, then oldest; at most as many as asked for
	Open  int    // all there are
	Late  int    // of these, past their time without anybody
}

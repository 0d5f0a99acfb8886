package room

import (
	"time"
)

// Entry is one committed fact of a room: what came of one command.
type Entry struct {
	Seq     uint64
	At      time.Time
	By      SeatID // empty: the house
	Session string // with N, of a numbered command
	N       uint64
	Events  []Event
}

// Event is one thing that happened. Apply folds it and judges nothing.
type Event interface {
	apply(s *State, e Entry)
}

// Lossy is an event that makes no entry: it is told to whoever listens now
// and forgotten.
type Lossy interface{ lossy() }

// How says how an offer or a turn ended.
type How string

// The ways.
const (
	HowDone    How = "done"    // passed on by its holder
	HowDecline How = "decline" // not now
	HowLater   How = "later"   // offered again at the end of the round
	HowSilent  How = "silent"  // the window passed a second time
	HowListen  How = "listen"  // listening today
	HowSkipped How = "skipped" // by the facilitator
	HowMoved   How = "moved"   // the facilitator offered it to another
	HowLaid    How = "laid"    // in the centre
	HowCut     How = "cut"     // the line did not come back; offered again
	HowLeft    How = "left"
	HowTime    How = "time" // its time was over, as its holder was told
)

// What happens in a room. Each field's meaning is that of State.
type (
	Begun struct {
		Room ID
		Set  Settings
	} // the log's first entry
	Joined struct {
		Seat  SeatID
		Role  Role
		Node  string `json:",omitempty"`
		Asked bool   `json:",omitempty"`
	}
	Returned struct {
		Seat SeatID
		Node string `json:",omitempty"`
	}
	Dropped struct{ Seat SeatID }
	Reached struct {
		Seat SeatID
		Node string
	} // a line to another node, beside one that it has
	Unreached struct {
		Seat SeatID
		Node string
	} // the lines to one node are gone, not all
	Keyed struct{ Kid string }
	Left  struct {
		Seat       SeatID
		Fine, Long bool
	} // Long: away too long
	Removed struct {
		Seat SeatID
		Here bool // had a seat when it was removed
	}
	Named struct {
		Seat SeatID
		Name Name
	} // all words
	TakesPart struct{ Seat SeatID } // a listener becomes a member
	Listens   struct {
		Seat SeatID
		On   bool
	}

	CircleBegan  struct{}
	FloorSet     struct{ Floor Floor }
	RoundStarted struct {
		N     int
		Queue []SeatID
		Order Order         `json:",omitempty"`
		Share time.Duration `json:",omitempty"`
	}
	RoundEnded   struct{ N int }
	Missed       struct{ Seat SeatID } // not there when their place came up
	StickOffered struct {
		Turn  uint64
		From  SeatID
		To    SeatID
		Place Place         // the place in the round it takes; zero: none
		Limit time.Duration `json:",omitempty"`
		Hard  bool          `json:",omitempty"`
	}
	OfferEnded struct {
		Turn uint64
		Seat SeatID
		How  How
	}
	Took struct {
		Turn uint64
		Seat SeatID
	}
	TurnEnded struct {
		Turn uint64
		Seat SeatID
		How  How
	}
	TimeGiven struct {
		Turn uint64
		More time.Duration
	}
	TimeTold struct {
		Turn uint64
		Firm bool `json:",omitempty"` // its end is when the closing round begins
	}
	Wished struct {
		Turn uint64
		Wish Wish
	}
	HandRaised struct {
		Seat SeatID
		On   bool
	}

	StageSet struct {
		Stage StageID
		Later time.Duration `json:",omitempty"` // the closing round comes so much later
	}
	StageMoving struct{ Stage StageID } // follows when the present turn ends, which is soon
	Extended    struct {
		Stage StageID
		By    time.Duration
	}
	Planned struct {
		Rev    int
		Stages []Stage           // all of tonight's
		Typed  map[StageID]Typed // words
	}
	Moved struct {
		Seat, Before SeatID
	}
	Merged   struct{ Seats []SeatID } // their turns are made up for in the closing round
	BellRang struct{ Stage StageID }
	Reminded struct{}
	DutySet  struct {
		Seat SeatID
		Duty Duty
		On   bool
	}
	SupportAsked  struct{ Seat SeatID }
	SupportWanted struct{ Seat SeatID }
	SupportBegan  struct{ Seat SeatID }
	SupportOver   struct {
		Seat  SeatID
		Began bool `json:",omitempty"` // else nobody knows of it but those who asked
	}

	WasHeld struct {
		By  SeatID
		Why HoldWhy
	}
	HoldAsked struct{}
	Released  struct{}
	Muted     struct {
		Seat  SeatID
		Until time.Time
		Why   MuteWhy
	}
	Unmuted   struct{ Seat SeatID }
	Deputized struct {
		Seat SeatID
		On   bool
	}
	ChairTaken struct{ Seat SeatID }
	CareMoved  struct {
		Step  CareStep
		Until time.Time
	}
	CareOver struct{}
	EndSet   struct{ At time.Time }
	Closed   struct{ By SeatID }
	Froze    struct{ For time.Duration } // nobody could do anything so long

	AsideOpened struct {
		ID    ID
		Kind  AsideKind
		By    SeatID
		Seats []SeatID
	}
	AsideOver struct {
		ID    ID
		Began bool     `json:",omitempty"` // somebody has sat in it
		Back  []SeatID `json:",omitempty"` // had stepped out, and are back
	}
	SteppedOut struct {
		ID   ID
		Seat SeatID
		Out  bool `json:",omitempty"` // of the circle, so that the stick passes by
	}
	SteppedIn struct {
		ID   ID
		Seat SeatID
		Back bool `json:",omitempty"`
	}

	CameToDoor struct {
		Seat   SeatID
		Role   Role
		Node   string `json:",omitempty"`
		First  bool   `json:",omitempty"`
		Asks   bool   `json:",omitempty"`
		Deputy bool   `json:",omitempty"`
	} // waits there, or is back there, or would come otherwise
	DoorDropped struct{ Seat SeatID } // the line of somebody who waits is down
	LetIn       struct{ Seat SeatID } // waits for nothing but a place
	LeftDoor    struct {
		Seat SeatID
		Long bool `json:",omitempty"` // the line was down too long
	}
	ToldAtDoor struct {
		Seat SeatID
		Text string // words
	}

	Stated struct {
		Seat      SeatID
		Statement Statement // Facts and Appeal are words
	}
	Withdrawn struct {
		Seat SeatID
		ID   string
	}
	Restricted struct {
		Seat SeatID
		On   bool
	}
	Readmitted struct{ Seat SeatID }

	Said struct {
		Seat     SeatID
		Turn     uint64
		Guardian bool
		Text     string   // words; of a picture, what can be seen
		Note     string   `json:",omitempty"` // words
		Picture  *Picture `json:",omitempty"`
	}
	Retracted struct{ Seq uint64 }

	Reacted struct {
		Seat SeatID
		Kind Reaction
	}
	Typing struct{ Seat SeatID }
)

// Reaction is a silent sign of the circle. There are no negative ones.
type Reaction string

// The reactions.
const (
	Snap      Reaction = "snap"
	Heart     Reaction = "heart"
	Nod       Reaction = "nod"
	WithYou   Reaction = "with-you"
	Celebrate Reaction = "celebrate"
)

// Reactions lists them in the order a page shows them.
var Reactions = []Reaction{Snap, Heart, Nod, WithYou, Celebrate}

func (Reacted) lossy() {}
func (Typing) lossy()  {}

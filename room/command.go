package room

import "time"

// Actor is who asks. Exactly one of its fields is set.
type Actor struct {
	Seat  SeatID
	House bool // the server itself
	Desk  bool // a moderator at the desk, whom package moderation has let do it
}

// Command is one thing asked of a room.
type Command struct {
	By Actor
	// Session and N number the commands of one tab 1, 2, 3 …; a number is
	// used up only by a commit. N 0 is not numbered.
	Session string
	N       uint64
	Do      Act
}

// Act is what is asked. Its fields are its wire form.
type Act interface {
	// Can names the row of the table that allows it.
	Can() Capability
	decide(d *decision)
}

// What can be asked. Turn names the turn that is meant: State.Stick.Turn as
// the asker saw it.
type (
	Take struct {
		Turn uint64 `json:"turn"`
	} // take the offered stick
	Decline struct {
		Turn uint64 `json:"turn"`
	} // not now
	Later struct {
		Turn uint64 `json:"turn"`
	} // at the end of the round, once
	Pass struct {
		Turn uint64 `json:"turn"`
		To   SeatID `json:"to,omitempty"` // whom its holder names, where the order is so
	} // the holder passes it on
	Say struct {
		Turn uint64 `json:"turn"`           // looked at where the stick goes round
		Text string `json:"text"`           // 1 to 4,000 characters
		Note string `json:"note,omitempty"` // what it is about, so that others can leave it folded; 100 characters
	}
	SetWish struct {
		Turn uint64 `json:"turn"`
		Wish Wish   `json:"wish"`
	} // what one would like from the others in one's turn
	Hand struct {
		On bool `json:"on"`
	} // raise it, or lower it
	Consent struct {
		Yes bool `json:"yes"`
	} // to a support round for oneself; also unasked
	Listen struct {
		On bool `json:"on"`
	} // listening today, or taking part
	Retract struct {
		Seq uint64 `json:"seq"`
	}
	React struct {
		Kind Reaction `json:"kind"`
	}
	Type struct{}
	Call struct { // what to be called tonight; Key is never from the wire
		Name     string `json:"name"`
		Pronouns string `json:"pronouns,omitempty"`
		Key      string `json:"-"`
	}
	Leave struct {
		Fine bool `json:"fine,omitempty"`
	}

	Next struct {
		Turn uint64 `json:"turn"`
	} // begin, go on, or start a round
	Offer struct {
		Turn uint64 `json:"turn"`
		Seat SeatID `json:"seat"`
	}
	Skip struct {
		Turn uint64 `json:"turn"`
	}
	Lay struct {
		Turn uint64 `json:"turn"`
	}
	MoreTime struct {
		Turn    uint64 `json:"turn"`
		Minutes int    `json:"minutes"`
	} // 1 to 30
	OpenFloor struct {
		Turn uint64 `json:"turn"`
	}
	SetHold struct {
		Why HoldWhy `json:"why"`
	}
	Release struct{}
	Mute    struct {
		Seat    SeatID  `json:"seat"`
		Minutes int     `json:"minutes"`       // 1 to 60
		Why     MuteWhy `json:"why,omitempty"` // what the person is told; space if absent
	}
	Unmute struct {
		Seat SeatID `json:"seat"`
	}
	Remove struct {
		Seat SeatID `json:"seat"`
	}
	Guard struct {
		Text string `json:"text"`
	}
	NameDeputy struct {
		Seat SeatID `json:"seat"`
		On   bool   `json:"on"`
	}
	TakeChair struct{}
	HandOver  struct {
		Seat SeatID `json:"seat"`
	} // the chair, to a deputy, a member or a facilitator
	Close struct{}

	Go struct {
		From StageID `json:"from"` // the present one as the asker saw it; 0: none yet
		To   StageID `json:"to"`
	} // to a stage: the next, back, or past one
	Extend struct {
		Minutes int `json:"minutes"` // 1 to 30
	} // the present stage, and with it what follows
	Plan struct {
		Rev    int         `json:"rev"`    // of tonight's agenda as the asker saw it
		Stages []PlanStage `json:"stages"` // all that is still to come, in order
	}
	Move struct {
		Seat   SeatID `json:"seat"`
		Before SeatID `json:"before,omitempty"` // empty: last
	} // who comes next in the round; between rounds, who sits where
	Rally struct {
		Seat SeatID `json:"seat"`
	} // offers somebody a support round
	Grant struct {
		Seat SeatID `json:"seat"`
		Duty Duty   `json:"duty"`
		On   bool   `json:"on"`
	}
	Remind struct{} // of the ground rules

	Aside struct {
		Kind AsideKind `json:"kind"`
		With []SeatID  `json:"with"` // one for a talk, one or two for a quiet room
		ID   ID        `json:"-"`    // of the room it will be; random, never from the wire
		By   SeatID    `json:"-"`    // from the desk: the moderator's; empty: whoever of them sits longest
	} // opens a talk or a quiet room
	AsideEnd struct {
		ID ID `json:"id"`
	}

	Admit struct {
		Seat SeatID `json:"seat,omitempty"` // empty: all for whom there is a place
	} // lets somebody in who waits at the door
	Tell struct {
		Seat SeatID `json:"seat"`
		Text string `json:"text"` // 1 to 300 characters
	} // something kind to somebody who waits
)

// PlanStage is one stage of a Plan. Of a stage that is in the agenda already
// (ID > 0) only time, title and prompt can change; what is empty stays.
type PlanStage struct {
	ID      StageID `json:"id"` // 0: a new one
	Kind    Kind    `json:"kind,omitempty"`
	Order   Order   `json:"order,omitempty"`
	Title   string  `json:"title,omitempty"`
	Prompt  string  `json:"prompt,omitempty"`
	Minutes int     `json:"minutes"`          // 0: as it comes
	Turn    int     `json:"turn,omitempty"`   // seconds; 0: as it comes
	Rounds  int     `json:"rounds,omitempty"` // 0: until the stage's time has come
	Images  bool    `json:"images,omitempty"`
}

// Show is what a turn shows. It comes from the house's own door for
// pictures, which has looked at it and sealed it, never from the wire.
type Show struct {
	Turn    uint64
	Picture Picture
	Alt     string // what can be seen; 1 to 300 characters
}

// What the house asks. None of these comes from the wire.
type (
	// Arrive seats somebody, or tells that a line is back. A nil Name
	// leaves the name as it is.
	Arrive struct {
		Seat   SeatID
		Role   Role
		Listen bool
		Barred bool // somebody was removed who sat at the same device: no new seat
		Name   *Name
		Node   string // where the line ends; empty: there is but one node
		Asked  bool   // into an aside, which somebody else looks after
		Wait   bool   // somebody new has to be let in
		First  bool   // it is their first time, they say
		Deputy bool   // is to be named as one when seated
	}
	// Drop tells that a seat's last connection to a node is gone.
	Drop struct {
		Seat SeatID
		Node string
	}
	// Lost tells that a node is gone, and with it every line to it.
	Lost struct{ Node string }
	// Bar tells who was removed, as it is kept beside the log: one that lost
	// its newest entries may seat them again.
	Bar struct{ Seats []SeatID }
	// Rekey names the key that words are sealed with where they are stored,
	// if it is still Was: of two who do it at once, one does.
	Rekey struct{ Was, Kid string }
	// Timer is what State.Due asks for.
	Timer struct {
		What What
		Turn uint64
		Seat SeatID
	}
	// Outage tells that nobody could do anything from one time to another.
	// What lies before the newest entry does not count: somebody could. So
	// it may be told by several, and twice.
	Outage struct{ From, To time.Time }
	// Knock asks whether a seat may go into an aside of the room.
	Knock struct {
		ID   ID
		Seat SeatID
	}
	// StepOut tells that a seat sits in an aside now, StepIn that it does not
	// any more.
	StepOut struct {
		ID   ID
		Seat SeatID
	}
	StepIn struct {
		ID   ID
		Seat SeatID
	}
	// AsideGone tells a room that an aside of it is over.
	AsideGone struct{ ID ID }
	// Finish ends a room that is an aside.
	Finish struct{}
)

// What a moderator at the desk asks, without a seat. None of these comes from
// the wire.
type (
	// Warn changes nothing in the room: it is for a Sanction.
	Warn struct{ Seat SeatID }
	// TakeStick lays the stick in the centre, if that seat holds it or is
	// offered it.
	TakeStick struct{ Seat SeatID }
	// Restrict has somebody keep the circle no longer in this gathering, nor
	// be asked to; and, off, again.
	Restrict struct {
		Seat SeatID
		On   bool
	}
	// Readmit lets somebody come in again who was removed.
	Readmit struct{ Seat SeatID }
	// Sanction does something, and states why to whom it is about: both in one
	// entry, also if it was so before.
	Sanction struct {
		Do     Act
		Seat   SeatID
		Stated Statement
	}
	// Withdraw takes a statement back.
	Withdraw struct {
		Seat SeatID
		ID   string // of the statement
	}
	// Undo does something, and takes a statement back: both in one entry. A mute
	// that lasts longer than Until is another's, and stays.
	Undo struct {
		Do    Act
		Seat  SeatID
		ID    string    // of the statement
		Until time.Time // zero: any mute ends
	}
)

// What names a timer.
type What string

// The timers.
const (
	OfferUp What = "offer" // the window of an offer has passed
	AwayUp  What = "away"  // the grace of an absent holder has
	TimeUp  What = "time"  // the soft time of a turn has
	MuteUp  What = "mute"
	AskHold What = "hold"
	SeatUp  What = "seat" // a dropped seat was kept long enough
	CareUp  What = "care"
	EndUp   What = "end"  // an announced end has come
	HardUp  What = "hard" // the limit of a turn
	FirmUp  What = "firm" // so long before the closing round that its time is firm
	BellUp  What = "bell" // the quiet is over
	LastUp  What = "last" // the closing round's time has come
	LifeUp  What = "life" // the room's longest life has
	DoorUp  What = "door" // who waits and has no line was kept long enough
)

// Can names the capability an act needs.
func (Take) Can() Capability       { return "take" }
func (Decline) Can() Capability    { return "decline" }
func (Later) Can() Capability      { return "later" }
func (Pass) Can() Capability       { return "pass" }
func (Say) Can() Capability        { return "say" }
func (Listen) Can() Capability     { return "listen" }
func (Retract) Can() Capability    { return "retract" }
func (React) Can() Capability      { return "react" }
func (Type) Can() Capability       { return "typing" }
func (Call) Can() Capability       { return "name" }
func (Leave) Can() Capability      { return "leave" }
func (Next) Can() Capability       { return "next" }
func (Offer) Can() Capability      { return "offer" }
func (Skip) Can() Capability       { return "skip" }
func (Lay) Can() Capability        { return "lay" }
func (MoreTime) Can() Capability   { return "more-time" }
func (OpenFloor) Can() Capability  { return "open-floor" }
func (SetHold) Can() Capability    { return "hold" }
func (Release) Can() Capability    { return "release" }
func (Mute) Can() Capability       { return "mute" }
func (Unmute) Can() Capability     { return "unmute" }
func (Remove) Can() Capability     { return "remove" }
func (Guard) Can() Capability      { return "guard" }
func (NameDeputy) Can() Capability { return "deputy" }
func (TakeChair) Can() Capability  { return "take-chair" }
func (Close) Can() Capability      { return "close" }
func (SetWish) Can() Capability    { return "wish" }
func (Hand) Can() Capability       { return "hand" }
func (Consent) Can() Capability    { return "consent" }
func (HandOver) Can() Capability   { return "hand-over" }
func (Go) Can() Capability         { return "stage" }
func (Extend) Can() Capability     { return "extend" }
func (Plan) Can() Capability       { return "plan" }
func (Move) Can() Capability       { return "move" }
func (Rally) Can() Capability      { return "support" }
func (Grant) Can() Capability      { return "grant" }
func (Remind) Can() Capability     { return "remind" }
func (Show) Can() Capability       { return "show" }
func (Arrive) Can() Capability     { return "arrive" }
func (Drop) Can() Capability       { return "drop" }
func (Timer) Can() Capability      { return "timer" }
func (Lost) Can() Capability       { return "lost" }
func (Bar) Can() Capability        { return "bar" }
func (Rekey) Can() Capability      { return "rekey" }
func (Outage) Can() Capability     { return "outage" }
func (Aside) Can() Capability      { return "aside" }
func (AsideEnd) Can() Capability   { return "aside-end" }
func (Knock) Can() Capability      { return "knock" }
func (StepOut) Can() Capability    { return "step-out" }
func (StepIn) Can() Capability     { return "step-in" }
func (AsideGone) Can() Capability  { return "aside-gone" }
func (Finish) Can() Capability     { return "finish" }
func (Admit) Can() Capability      { return "admit" }
func (Tell) Can() Capability       { return "tell" }
func (Warn) Can() Capability       { return "warn" }
func (TakeStick) Can() Capability  { return "take-stick" }
func (Restrict) Can() Capability   { return "restrict" }
func (Readmit) Can() Capability    { return "readmit" }
func (Withdraw) Can() Capability   { return "withdraw" }
func (a Sanction) Can() Capability { return a.Do.Can() }
func (a Undo) Can() Capability     { return a.Do.Can() }

// Safety says whether an act must never lose a race: it is retried past
// contention and needs no turn.
func Safety(a Act) bool {
	switch a.(type) {
	case Mute, Remove, SetHold, Close:
		return true
	case Warn, TakeStick, Restrict, Readmit, Sanction, Withdraw, Undo:
		return true
	}
	return false
}

// Silent says whether an act only signals: unnumbered, and lost if nobody
// listens.
func Silent(a Act) bool {
	switch a.(type) {
	case React, Type:
		return true
	}
	return false
}

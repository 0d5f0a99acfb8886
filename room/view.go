package room

import "time"

// Audience is for whom a view is made.
type Audience struct {
	Keepers bool   // facilitators and moderators, beside what everybody sees
	Seat    SeatID // one seat, beside what everybody sees
	Door    SeatID // somebody who waits at the door, and sees nothing else
}

// Everybody sees what is said aloud.
var Everybody = Audience{}

// Frame is what leaves a room for one audience after one entry. Fields that
// are empty have not changed. Times are Unix milliseconds, durations
// milliseconds.
type Frame struct {
	Seq       uint64               `json:"seq"`
	At        int64                `json:"at"`
	Room      *RoomView            `json:"room,omitempty"`
	Seats     map[SeatID]*SeatView `json:"seats,omitempty"` // null: not here any more
	Said      *SaidView            `json:"said,omitempty"`
	Retracted uint64               `json:"retracted,omitempty"` // seq of what was said
	Left      *LeftView            `json:"left,omitempty"`
	You       *YouView             `json:"you,omitempty"`
	Keep      *KeepView            `json:"keep,omitempty"`
	Door      *DoorView            `json:"door,omitempty"` // alone, and only to who waits there
}

// RoomView is the room as everybody may see it.
type RoomView struct {
	Title   string     `json:"title"`
	Prompt  string     `json:"prompt"`            // of the stage, else of the circle
	Stage   *StageView `json:"stage,omitempty"`   // where the agenda is
	Then    string     `json:"then,omitempty"`    // title of the stage that follows
	Moving  string     `json:"moving,omitempty"`  // title of the stage that begins when the present turn ends, soon
	Closes  int64      `json:"closes,omitempty"`  // when the closing round begins
	Merged  []SeatID   `json:"merged,omitempty"`  // who says in the closing round what there was no time for
	Support SeatID     `json:"support,omitempty"` // whom this round is for
	Rules   int64      `json:"rules,omitempty"`   // when the circle was last reminded of its ground rules
	Phase   Phase      `json:"phase"`             // gathering, circle, held, over
	Floor   Floor      `json:"floor"`
	Stick   StickView  `json:"stick"`
	Round   RoundView  `json:"round"`
	Order   []SeatID   `json:"order"`           // the ring
	Chair   SeatID     `json:"chair,omitempty"` // who keeps the circle
	Hold    *HoldView  `json:"hold,omitempty"`
	Care    *CareView  `json:"care,omitempty"`
	Closing int64      `json:"closing,omitempty"` // when the room will close
}

// StickView tells where the stick is. The turn's clock shows Spent at the
// frame's time and runs on if Runs.
type StickView struct {
	At    StickAt `json:"at"`
	Turn  uint64  `json:"turn"`
	Seat  SeatID  `json:"seat,omitempty"`
	From  SeatID  `json:"from,omitempty"`
	Spent int64   `json:"spent"`
	Runs  bool    `json:"runs"`
	Limit int64   `json:"limit,omitempty"`
	Hard  bool    `json:"hard,omitempty"` // the turn ends with it
	Wish  Wish    `json:"wish,omitempty"` // of whoever speaks
}

// RoundView tells how far the round is, and who comes next: two at most; all
// of them where they were drawn, or can be named by the last speaker.
type RoundView struct {
	N     int      `json:"n"`
	Going bool     `json:"going"`
	At    int      `json:"at,omitempty"` // which turn of it this is
	Of    int      `json:"of,omitempty"`
	Next  []SeatID `json:"next,omitempty"`
}

// HoldView tells that the room is held.
type HoldView struct {
	By    SeatID  `json:"by,omitempty"`
	Why   HoldWhy `json:"why"`
	Since int64   `json:"since"`
}

// CareView tells how far a room without its facilitator has come.
type CareView struct {
	Step  CareStep `json:"step"`
	Until int64    `json:"until,omitempty"`
}

// SeatView is one seat as everybody may see it.
type SeatView struct {
	Role      Role   `json:"role"` // as they act: a member named as deputy is one
	Name      string `json:"name,omitempty"`
	Pronouns  string `json:"pronouns,omitempty"`
	Here      bool   `json:"here"`
	Listening bool   `json:"listening,omitempty"`
	Hand      bool   `json:"hand,omitempty"`
	Out       bool   `json:"out,omitempty"` // stepped out into a quiet room; the place is kept
	Duties    []Duty `json:"duties,omitempty"`
}

// SaidView is one utterance.
type SaidView struct {
	Seat     SeatID       `json:"seat"`
	Turn     uint64       `json:"turn"`
	Guardian bool         `json:"guardian,omitempty"`
	Text     string       `json:"text"`           // of a picture: what can be seen
	Note     string       `json:"note,omitempty"` // what it is about, to leave it folded
	Picture  *PictureView `json:"picture,omitempty"`
	// Tag is evidence that the server delivered exactly this (see package
	// moderation). Filled in by whoever encodes the frame.
	Tag string `json:"tag"`
}

// PictureView is a picture as everybody may see it.
type PictureView struct {
	Name string `json:"name"`
	W    int    `json:"w"` // pixels
	H    int    `json:"h"`
}

// LeftView tells that somebody went. A removal looks like any leaving.
type LeftView struct {
	Seat SeatID `json:"seat"`
	Fine bool   `json:"fine,omitempty"` // "I'm fine, just leaving"
}

// YouView is what concerns one seat alone.
type YouView struct {
	Seat    SeatID       `json:"seat"`
	Role    Role         `json:"role"`
	Can     []Capability `json:"can"`             // what would not be refused right now for who or when
	Before  int          `json:"before"`          // people before you; -1: not in the order
	Muted   int64        `json:"muted,omitempty"` // until when
	Why     MuteWhy      `json:"why,omitempty"`   // and why
	Time    bool         `json:"time,omitempty"`  // your turn's soft time has passed
	Later   bool         `json:"later,omitempty"` // this offer can still be put off
	Until   int64        `json:"until,omitempty"` // your turn ends then
	Shown   bool         `json:"shown,omitempty"` // your turn has had its picture
	Support SupportStep  `json:"support,omitempty"`
	Clock   *StageClock  `json:"clock,omitempty"`   // for whoever keeps the time
	Asides  []AsideView  `json:"asides,omitempty"`  // that one is in, or asked into
	Waiting *WaitingView `json:"waiting,omitempty"` // who is at the door, for whoever greets
	Removed bool         `json:"removed,omitempty"`
	Stated  *Statement   `json:"stated,omitempty"` // the newest decision of a moderator about you
}

// KeepView is what facilitators and moderators see beside the rest.
type KeepView struct {
	Muted   map[SeatID]int64 `json:"muted,omitempty"` // until when
	Away    map[SeatID]int64 `json:"away,omitempty"`  // since when
	Removed []SeatID         `json:"removed,omitempty"`
	Plan    int              `json:"plan,omitempty"` // revision of the agenda
	Agenda  []PlanView       `json:"agenda,omitempty"`
	Clock   *StageClock      `json:"clock,omitempty"`
	Queue   []SeatID         `json:"queue,omitempty"` // who is still to be offered the stick, in order
	Hands   []SeatID         `json:"hands,omitempty"` // raised, first come first
	Support *SupportView     `json:"support,omitempty"`
	Asides  []AsideView      `json:"asides,omitempty"`
	Waiting *WaitingView     `json:"waiting,omitempty"` // who is at the door
	AskHold int64            `json:"askHold,omitempty"` // held for long: when it was last asked whether that is still right
}

// StageView is the present stage as everybody may see it.
type StageView struct {
	ID      StageID `json:"id"`
	Kind    Kind    `json:"kind"`
	Order   Order   `json:"order,omitempty"`
	Title   string  `json:"title"`
	Images  bool    `json:"images,omitempty"`
	Closing bool    `json:"closing,omitempty"`
	Bell    bool    `json:"bell,omitempty"` // the quiet is over
}

// PlanView is a stage of tonight's agenda for those who keep the circle.
// Times are milliseconds; 0: as it comes.
type PlanView struct {
	ID      StageID `json:"id"`
	Kind    Kind    `json:"kind"`
	Order   Order   `json:"order,omitempty"`
	Title   string  `json:"title"`
	Prompt  string  `json:"prompt,omitempty"`
	Cue     string  `json:"cue,omitempty"` // what to say or do
	Time    int64   `json:"time,omitempty"`
	Turn    int64   `json:"turn,omitempty"`
	Split   bool    `json:"split,omitempty"`
	Rounds  int     `json:"rounds,omitempty"`
	Images  bool    `json:"images,omitempty"`
	Closing bool    `json:"closing,omitempty"`
}

// StageClock tells how long the present stage has gone on: Spent, and since
// Since, unless that is zero: it stands still.
type StageClock struct {
	Spent int64 `json:"spent"`
	Since int64 `json:"since,omitempty"`
	Time  int64 `json:"time,omitempty"` // it is meant to take; 0: as it comes
	Left  int64 `json:"left,omitempty"` // of all stages still to come
}

// SupportStep says how far a support round for oneself has come.
type SupportStep string

// The steps.
const (
	SupportIsOffered SupportStep = "offered" // would you like it?
	SupportIsWanted  SupportStep = "wanted"  // it begins when the stick is free, or whoever keeps the circle says so
	SupportGoes      SupportStep = "going"
)

// SupportView is the same for those who keep the circle.
type SupportView struct {
	Seat  SeatID      `json:"seat"`
	Step  SupportStep `json:"step"`
	Asked bool        `json:"asked,omitempty"` // it was offered: once wanted it begins by itself
}

func (p *Support) step() SupportStep {
	switch {
	case p.Going:
		return SupportGoes
	case p.Agreed:
		return SupportIsWanted
	}
	return SupportIsOffered
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

package room

import "time"

// Audience is for whom a view is made.
type Audience struct {
	Keepers bool   // facilitators and moderators, beside what everybody sees
	Seat    SeatID // one seat, beside what everybody sees
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
}

// RoomView is the room as everybody may see it.
type RoomView struct {
	Title   string    `json:"title"`
	Prompt  string    `json:"prompt"`
	Phase   Phase     `json:"phase"` // gathering, circle, held, over
	Floor   Floor     `json:"floor"`
	Stick   StickView `json:"stick"`
	Round   RoundView `json:"round"`
	Order   []SeatID  `json:"order"`           // the ring
	Chair   SeatID    `json:"chair,omitempty"` // who keeps the circle
	Hold    *HoldView `json:"hold,omitempty"`
	Care    *CareView `json:"care,omitempty"`
	Closing int64     `json:"closing,omitempty"` // when the room will close
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
	Limit int64   `json:"limit,omitempty"` // soft
}

// RoundView tells how far the round is, and who comes next (two at most).
type RoundView struct {
	N     int      `json:"n"`
	Going bool     `json:"going"`
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
}

// SaidView is one utterance.
type SaidView struct {
	Seat     SeatID `json:"seat"`
	Turn     uint64 `json:"turn"`
	Guardian bool   `json:"guardian,omitempty"`
	Text     string `json:"text"`
	// Tag is evidence that the server delivered exactly this (see package
	// moderation). Filled in by whoever encodes the frame.
	Tag string `json:"tag"`
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
	Removed bool         `json:"removed,omitempty"`
}

// KeepView is what facilitators and moderators see beside the rest.
type KeepView struct {
	Muted   map[SeatID]int64 `json:"muted,omitempty"` // until when
	Away    map[SeatID]int64 `json:"away,omitempty"`  // since when
	Removed []SeatID         `json:"removed,omitempty"`
	AskHold int64            `json:"askHold,omitempty"` // held for long: when it was last asked whether that is still right
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

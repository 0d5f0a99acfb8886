// Package hub keeps the live rooms of this process: one goroutine per room
// that decides what waits together, appends once, and hands each connection
// what it may see. A room never waits for a member.
//
// A room's loop, whichever comes first:
//
//	mailbox   what waits, together: Decide each, Apply to a copy, Append once;
//	          moved on? fold in what is new and decide again; then answer
//	rises     connections that went; a seat's last one is a Drop
//	timer     state.Due: submitted like any command
//	doorbell  the log may have more: read and catch up
//	signals   reactions and typing, gathered, never written
//
// After each commit: View for everybody, the keepers and each seat, into one
// bounded queue for each connection. A panic ends this room's run alone;
// whoever comes next loads it from its log.
package hub

import (
	"time"

	"hearth/room"
)

// Guest is one connection's claim to a seat, as checked by the caller.
type Guest struct {
	Seat    room.SeatID
	Role    room.Role
	Session string
	Name    *room.Name // nil: keep what is known
	Listen  bool
	Barred  bool // its device is: back to the place it has, if any, but to no new one
	Resume  *Point
}

// Point is a place in a room's log that a client has seen.
type Point struct {
	Epoch string
	Seq   uint64
}

// Answer is what became of one command. A fault is no Answer but an error.
type Answer struct {
	Seq     uint64 // the entry it became
	Already bool   // it was so before
	Refused *room.Refusal
	Last    uint64 // number of the session's last committed command
}

// Greeting is what a guest is met with.
type Greeting struct {
	Epoch string
	Seq   uint64
	Last  uint64
	Now   time.Time
	// Fresh is nil when the guest's Resume is honoured.
	Fresh *Fresh
}

// Fresh is a room from scratch, for one seat.
type Fresh struct {
	Room  *room.RoomView
	Seats map[room.SeatID]*room.SeatView
	You   *room.YouView
	Keep  *room.KeepView
}

// Load is what waits for one connection. Fresh comes first, then the
// entries' encoded frames, then signals.
type Load struct {
	Fresh   *Greeting // the connection fell behind: start again from this
	Frames  [][]byte  // one encoded room.Frame each, shared: do not change
	Signals []Signal
}

// Signal is one reaction or typing sign.
type Signal struct {
	Seat room.SeatID
	Kind room.Reaction // empty: typing
	Turn uint64
}

// Reason says why a sitting ended by the hub's will.
type Reason string

// The reasons.
const (
	SlowReader  Reason = "slow"    // fell behind twice
	WasRemoved  Reason = "removed" // the seat was removed
	RoomOver    Reason = "over"
	RoomFault   Reason = "fault" // the room could not go on in this process
	ShuttingOff Reason = "stop"
	YouLeft     Reason = "left"     // the seat left, here or in another tab
	Replaced    Reason = "replaced" // the same tab came back on a new connection
)

// Ended is the error of a sitting that ended by the hub's will.
type Ended struct{ Reason Reason }

func (e *Ended) Error() string { return "hub: sitting ended: " + string(e.Reason) }

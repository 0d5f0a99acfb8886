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
// bounded queue for each connection; whoever waits at the door gets the door
// alone, and the room once they are let in (tell.go). A panic ends this room's run alone;
// whoever comes next loads it from its log.
package hub

import (
	"context"
	"encoding/base64"
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
	Asked   bool // into an aside, see room.Arrive
	Wait    bool // has to be let in, unless they were before
	First   bool // it is their first time, they say
	Deputy  bool // to be named as one
	Resume  *Point
}

// Point is a place in a room's log that a client has seen.
type Point struct {
	Epoch string
	Seq   uint64
	Tag   string // of the log's hash there, see Tag: two logs may count alike
}

// Tag is what clients are told of a head's hash: 11 characters of base64url,
// enough to tell two pasts apart.
func Tag(h room.Head) string { return base64.RawURLEncoding.EncodeToString(h.Hash[:8]) }

// Keyring holds the keys that words are sealed with where they are stored.
//
// Hold sees to it that this node has the key of a room that its log names as
// kid, asking the others for up to 3 s. It returns "" when it has, and else
// the kid of a new key, which is used from now on and must be named in the
// log. With kid "" it always makes one.
//
// Release tells that the room is not run here any more: the key is kept for
// another 10 minutes. Forget drops it at once: the room is over.
type Keyring interface {
	Hold(ctx context.Context, id room.ID, kid string) (fresh string, err error)
	Release(id room.ID)
	Forget(id room.ID)
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
	Tag   string // of Seq, see Point
	Now   time.Time
	// Fresh is nil when the guest's Resume is honoured, and for whoever waits
	// at the door.
	Fresh *Fresh
	// Door is all that whoever waits there sees. When they are let in, a Load
	// with a Fresh comes by itself.
	Door *room.DoorView
	// Missed are encoded frames, oldest first, of what was said between the
	// guest's Resume and Fresh, if it is still known.
	Missed [][]byte
	// Rewound: the log has lost entries that were committed.
	Rewound bool
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
	Seq     uint64    // the point they lead to, with Tag: entries without a frame count too
	Tag     string    // see Point; empty: no frames
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

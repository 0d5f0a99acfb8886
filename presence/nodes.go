package presence

import (
	"time"

	"hearth/room"
)

// NodeID names one life of one process: new at every start, and again when
// the others gave it up for dead while it lived. Never used twice.
type NodeID = string

// Nodes knows which nodes are alive.
//
// Me is this node's present name. It changes when the others have declared
// it dead: what was said in the old name no longer counts, and whoever sits
// here must be told of again in the new one.
//
// Others are the nodes that live besides this one: empty when it is alone,
// nil when that can't be said now.
//
// Dead says whether a node is known to be gone for good. Of one that lives,
// or of which that can't be said now, it says no; after yes it never says no.
//
// Dark is the last stretch of time in which no node was alive, for a room,
// by the log's clock: people could do nothing in it. Zero: there was none.
//
// When the answer of any of them changes, the log's doorbell rings for every
// room that is watched here.
type Nodes interface {
	Me() NodeID
	Others() []NodeID
	Dead(n NodeID) bool
	Dark(id room.ID) (from, to time.Time)
}

// Alone is a node that shares its rooms with no other: every other name is
// of an earlier life.
type Alone struct {
	ID    NodeID
	Alive time.Time // when the earlier life was last known to run; zero: unknown
	Since time.Time // when this one began
}

// Me is the node's one name.
func (a Alone) Me() NodeID { return a.ID }

// Others are none.
func (a Alone) Others() []NodeID { return []NodeID{} }

// Dead says so of every other name.
func (a Alone) Dead(n NodeID) bool { return n != a.ID }

// Dark is the time between the lives.
func (a Alone) Dark(room.ID) (from, to time.Time) { return a.Alive, a.Since }

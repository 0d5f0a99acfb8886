package room

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

// ID names one room: one gathering of a circle. A random UUID.
type ID string

// SeatID names one person's place in one room. A random UUID, unlinkable to
// any other room.
type SeatID string

// Head is one exact point of a room's log. Two heads are equal only if
// everything before them is equal, byte for byte.
type Head struct {
	Epoch string   // random, new when a log is begun or restored
	Seq   uint64   // number of the newest entry; 0 before the first
	Hash  [32]byte // Chain over every entry up to Seq
}

// Chain folds one stored entry into the hash of all before it. The length
// goes in so that no two splits of the same bytes agree.
func Chain(before [32]byte, seq uint64, stored []byte) [32]byte {
	h := sha256.New()
	h.Write(before[:])
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], seq)
	binary.BigEndian.PutUint64(n[8:], uint64(len(stored)))
	h.Write(n[:])
	h.Write(stored)
	return [32]byte(h.Sum(nil))
}

// Batch is what Append writes: entries numbered on from the head it names.
type Batch struct {
	Entries []Entry
	// State is the state after the last entry. Nil leaves the stored state
	// as it is, which is right when the entries carry only utterances: a
	// reader folds them in again.
	State *State
	// Now is the writer's claim of the time.
	Now time.Time
}

// Tail is what a log knows beyond some head.
type Tail struct {
	Head Head
	// State is set when the asked-for head is not a point of this log that
	// can still be followed; it is the stored state, owned by the receiver.
	State *State
	// Entries follow State, or the asked-for head when State is nil.
	Entries []Entry
	// Earlier come with State: entries that it includes, oldest first, up to
	// its own, as far back as the log still keeps their words. It may be
	// empty.
	Earlier []Entry
	// Base comes with State: the hash before the first of Earlier, or of
	// Entries if there are none earlier.
	Base [32]byte
	// Now is the log's clock.
	Now time.Time
}

// Current returns the state at the tail's head: the stored state with the
// entries behind it folded in. It needs State; nil without.
func (t Tail) Current() *State {
	s := t.State
	if s == nil {
		return nil
	}
	for _, e := range t.Entries {
		s.Apply(e)
	}
	return s
}

// Log keeps one ordered list of entries for each room, and the state that
// they add up to. Any number of writers may share one; none of them owns a
// room.
//
// Append writes a batch if and only if the room's head equals at, all of it
// or none of it, and returns the new head. If the head is another, nothing
// is written: the error is ErrMoved and the tail says what is new since at.
// A batch without entries writes nothing and still compares, so that a
// refusal can be confirmed. The zero Head begins a log that does not exist.
// A claim of time more than MaxSkew from the log's clock, or before the
// newest entry, is ErrClock. After any other error it is unknown whether the
// batch was written: Read tells.
//
// Read returns what is new since a head; with the zero Head, the stored
// state and what follows it. A room that was never begun is ErrNoRoom.
//
// Watch rings when there may be something new, until ctx ends. It is a
// doorbell: rings may be lost, doubled or late, and the channel holds at
// most one.
//
// What a log keeps of words (names, utterances) is its own promise; entries
// and states it returns may lack them. Of an utterance that was taken back
// none does.
type Log interface {
	Append(ctx context.Context, id ID, at Head, b Batch) (Tail, error)
	Read(ctx context.Context, id ID, after Head) (Tail, error)
	Watch(ctx context.Context, id ID) (<-chan struct{}, error)
}

// MaxSkew is how far a writer's claim of time may be from the log's clock.
const MaxSkew = 2 * time.Second

// What a Log answers besides nil; compare with errors.Is.
var (
	ErrMoved  = errors.New("room log: the head has moved")
	ErrNoRoom = errors.New("room log: no such room")
	ErrClock  = errors.New("room log: the claimed time is off")
)

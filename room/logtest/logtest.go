// Package logtest holds every room.Log to the promises of its comment: one
// suite for all implementations.
//
//	func TestLog(t *testing.T) {
//		logtest.Run(t, func(t *testing.T) logtest.Subject { … })
//	}
package logtest

import (
	"bytes"
	"context"
	"testing"
	"time"

	"hearth/room"
)

// Subject is one empty log under test.
type Subject struct {
	Log room.Log
	Now func() time.Time // the log's clock
	Set func(time.Time)  // moves that clock; nil if it cannot be moved
	// Reopen closes the log and opens what it kept; nil if nothing outlasts it.
	Reopen func() room.Log
	// Stored returns the facts of a room's entries from the first on: the
	// very bytes that are kept, which the hash chain is made over.
	Stored     func(room.ID) [][]byte
	KeepsWords bool // as long as it is open
}

// promise is one named test.
type promise struct {
	name string
	test func(*testing.T, Subject)
}

// Run holds the logs that fresh makes to every promise, each on a new one.
func Run(t *testing.T, fresh func(*testing.T) Subject) {
	for _, group := range [][]promise{appends, reads, times, shared} {
		for _, p := range group {
			t.Run(p.name, func(t *testing.T) { p.test(t, fresh(t)) })
		}
	}
}

const here, there = room.ID("5b0e7a52-0001"), room.ID("5b0e7a52-0002")

// writer is one writer of one room: what it knows, and the batch it would
// append next.
type writer struct {
	t     *testing.T
	s     Subject
	id    room.ID
	head  room.Head
	state *room.State
}

// begin begins a room's log with its first entry.
func begin(t *testing.T, s Subject, id room.ID) *writer {
	t.Helper()
	w := &writer{t: t, s: s, id: id, state: &room.State{}}
	w.append(w.next(room.Begun{Room: id, Set: room.DefaultSettings()}))
	return w
}

// next is the batch of one entry, with the state that comes of it.
func (w *writer) next(events ...room.Event) room.Batch {
	now := w.s.Now()
	e := room.Entry{Seq: w.head.Seq + 1, At: now, Events: events}
	state := w.state.Clone()
	state.Apply(e)
	return room.Batch{Entries: []room.Entry{e}, State: state, Now: now}
}

// renumber makes a batch of one entry follow another head.
func renumber(b room.Batch, at room.Head) room.Batch {
	b.Entries[0].Seq, b.State.Seq = at.Seq+1, at.Seq+1
	return b
}

// say is the batch of one utterance, which leaves the stored state alone.
func (w *writer) say(text string) room.Batch {
	b := w.next(room.Said{Seat: "a", Turn: 1, Text: text})
	b.State = nil
	return b
}

// append appends a batch that must be accepted.
func (w *writer) append(b room.Batch) room.Tail {
	w.t.Helper()
	tail, err := w.s.Log.Append(context.Background(), w.id, w.head, b)
	if err != nil {
		w.t.Fatalf("append after %d: %v", w.head.Seq, err)
	}
	w.head = tail.Head
	for _, e := range b.Entries {
		w.state.Apply(e)
	}
	return tail
}

// refused appends at a head and wants an error, and that nothing changed.
func (w *writer) refused(at room.Head, b room.Batch) (room.Tail, error) {
	w.t.Helper()
	tail, err := w.s.Log.Append(context.Background(), w.id, at, b)
	if err == nil {
		w.t.Errorf("append at %d was accepted", at.Seq)
	}
	if got := w.read(room.Head{}).Head; got != w.head {
		w.t.Fatalf("a refused append moved the head from %d to %d", w.head.Seq, got.Seq)
	}
	return tail, err
}

func (w *writer) read(after room.Head) room.Tail {
	w.t.Helper()
	tail, err := w.s.Log.Read(context.Background(), w.id, after)
	if err != nil {
		w.t.Fatalf("read after %d: %v", after.Seq, err)
	}
	return tail
}

// facts are the bytes by which two states are compared.
func facts(t *testing.T, s *room.State) string {
	t.Helper()
	if s == nil {
		t.Fatal("no state")
	}
	b, _, err := room.SplitState(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// seqs are the numbers of some entries.
func seqs(list []room.Entry) []uint64 {
	var n []uint64
	for _, e := range list {
		n = append(n, e.Seq)
	}
	return n
}

// verify computes the hash chain again from the stored bytes and from what
// a reader gets, and compares both with the head.
func (w *writer) verify() {
	w.t.Helper()
	tail := w.read(room.Head{Epoch: w.head.Epoch})
	stored := w.s.Stored(w.id)
	if tail.State != nil || len(tail.Entries) != len(stored) || uint64(len(stored)) != tail.Head.Seq {
		w.t.Fatalf("%d entries read, %d stored, head %d", len(tail.Entries), len(stored), tail.Head.Seq)
	}
	var hash [32]byte
	for i, e := range tail.Entries {
		again, _, err := room.SplitEntry(e)
		if err != nil || e.Seq != uint64(i)+1 || !bytes.Equal(again, stored[i]) {
			w.t.Fatalf("entry %d as read is not what is stored: %v\n%s\n%s", i+1, err, again, stored[i])
		}
		hash = room.Chain(hash, e.Seq, stored[i])
	}
	if hash != tail.Head.Hash {
		w.t.Error("the chain over the stored bytes is not the head's")
	}
}

// Package memlog keeps room logs in memory, words included: for tests, and
// as the shortest example of what a room.Log promises. Its Shelf keeps the
// pictures of a node that is alone, which end with the process as words do.
package memlog

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"hearth/room"
)

// Log is a room.Log in memory. What it hands out is the receiver's own.
type Log struct {
	now func() time.Time

	mu    sync.Mutex // guards what follows
	rooms map[room.ID]*kept
	bells map[room.ID][]chan struct{}
}

// kept is one room as stored: encoded, so that nobody shares memory with it.
type kept struct {
	epoch        string
	entries      []room.Stored // entry n is at n-1
	stateSeq     uint64
	facts, words []byte // of the state
}

// New returns an empty log. Now is its clock.
func New(now func() time.Time) *Log {
	return &Log{now: now, rooms: map[room.ID]*kept{}, bells: map[room.ID][]chan struct{}{}}
}

// Append is room.Log's.
func (l *Log) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if err := ctx.Err(); err != nil {
		return room.Tail{}, err
	}
	stored, err := b.Store(at)
	if err != nil {
		return room.Tail{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.rooms[id]
	switch {
	case k == nil && at != room.Head{}:
		return room.Tail{Now: l.now()}, room.ErrNoRoom
	case k != nil && k.head() != at:
		tail, err := k.tail(at, l.now())
		if err == nil {
			err = room.ErrMoved
		}
		return tail, err
	case k == nil:
		k = &kept{}
	}
	clock := room.LogTime(l.now(), k.newest())
	if err := b.CheckClaim(k.newest(), clock); err != nil || len(stored.Entries) == 0 {
		return room.Tail{Head: at, Now: clock}, err
	}
	if stored.Facts != nil {
		k.stateSeq, k.facts, k.words = stored.Head.Seq, stored.Facts, stored.Words
	}
	if k.epoch == "" {
		k.epoch = rand.Text()
	}
	k.entries = append(k.entries, stored.Entries...)
	k.takeBack(b.Entries)
	l.rooms[id] = k
	l.ring(id)
	return room.Tail{Head: k.head(), Now: room.LogTime(clock, k.newest())}, nil
}

func (l *Log) ring(id room.ID) {
	for _, bell := range l.bells[id] {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// Lose forgets the entries after a number and goes on in a new epoch, as a
// log does that was restored from an older copy.
func (l *Log) Lose(id room.ID, after uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.rooms[id]
	if k == nil || after == 0 || after > uint64(len(k.entries)) {
		return room.ErrNoRoom
	}
	kept, err := join(k.entries[:after])
	if err != nil {
		return err
	}
	state := &room.State{}
	for _, e := range kept {
		state.Apply(e)
	}
	k.entries, k.stateSeq, k.epoch = k.entries[:after], after, rand.Text()
	k.facts, k.words, err = room.SplitState(state)
	l.ring(id)
	return err
}

// Read is room.Log's.
func (l *Log) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if err := ctx.Err(); err != nil {
		return room.Tail{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.rooms[id]
	if k == nil {
		return room.Tail{Now: l.now()}, room.ErrNoRoom
	}
	return k.tail(after, l.now())
}

// Watch is room.Log's. The channel is never closed.
func (l *Log) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bell := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bells[id] = append(l.bells[id], bell)
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.bells[id] = slices.DeleteFunc(l.bells[id], func(c chan struct{}) bool { return c == bell })
		if len(l.bells[id]) == 0 {
			delete(l.bells, id)
		}
	})
	return bell, nil
}

// Stored returns a room's entries as they are kept, from the first on.
func (l *Log) Stored(id room.ID) []room.Stored {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.rooms[id]
	if k == nil {
		return nil
	}
	list := slices.Clone(k.entries)
	for i := range list {
		list[i].Facts, list[i].Words = slices.Clone(list[i].Facts), slices.Clone(list[i].Words)
	}
	return list
}

// takeBack drops the words that entries take back.
func (k *kept) takeBack(list []room.Entry) {
	for _, e := range list {
		for _, ev := range e.Events {
			if back, is := ev.(room.Retracted); is && back.Seq > 0 && back.Seq <= uint64(len(k.entries)) {
				k.entries[back.Seq-1].Words = nil
			}
		}
	}
}

func (k *kept) head() room.Head {
	h := room.Head{Epoch: k.epoch, Seq: uint64(len(k.entries))}
	if h.Seq > 0 {
		h.Hash = k.entries[h.Seq-1].Hash
	}
	return h
}

func (k *kept) newest() time.Time {
	if len(k.entries) == 0 {
		return time.Time{}
	}
	return k.entries[len(k.entries)-1].At
}

// has says whether h is a point of this log: any entry of it, or the start.
func (k *kept) has(h room.Head) bool {
	switch {
	case h.Epoch != k.epoch || h.Seq > uint64(len(k.entries)):
		return false
	case h.Seq == 0:
		return h.Hash == [32]byte{}
	}
	return h.Hash == k.entries[h.Seq-1].Hash
}

func (k *kept) tail(after room.Head, now time.Time) (t room.Tail, err error) {
	t = room.Tail{Head: k.head(), Now: room.LogTime(now, k.newest())}
	from := after.Seq
	if !k.has(after) {
		from = k.stateSeq
		if t.State, err = room.JoinState(k.facts, k.words); err != nil {
			return room.Tail{}, err
		}
		if t.Earlier, err = join(k.entries[:from]); err != nil {
			return room.Tail{}, err
		}
	}
	t.Entries, err = join(k.entries[from:])
	return t, err
}

func join(list []room.Stored) (entries []room.Entry, err error) {
	for _, s := range list {
		e, err := room.JoinEntry(s.Facts, s.Words)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

package logtest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

var appends = []promise{
	{"the zero head begins a log", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		if w.head.Epoch == "" || w.head.Seq != 1 {
			t.Errorf("head %+v", w.head)
		}
		if other := begin(t, s, there); other.head.Epoch == w.head.Epoch {
			t.Error("two logs have one epoch")
		}
		w.verify()
	}},
	{"a log begins once", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		again := &writer{t: t, s: s, id: here, state: &room.State{}}
		tail, err := w.refused(room.Head{}, again.next(room.Begun{Room: here}))
		if !errors.Is(err, room.ErrMoved) || tail.Head != w.head || facts(t, tail.Current()) != facts(t, w.state) {
			t.Errorf("%v, %+v", err, tail)
		}
	}},
	{"a log begins with a state", func(t *testing.T, s Subject) {
		w := &writer{t: t, s: s, id: here, state: &room.State{}}
		b := w.next(room.Begun{Room: here})
		b.State = nil
		if _, err := s.Log.Append(context.Background(), here, room.Head{}, b); err == nil {
			t.Error("it began without")
		}
		if _, err := s.Log.Read(context.Background(), here, room.Head{}); !errors.Is(err, room.ErrNoRoom) {
			t.Error("and is there:", err)
		}
	}},
	{"append compares epoch, seq and hash", appendCompares},
	{"a moved head tells what is new", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		first := w.head
		w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
		w.append(w.say("hello"))
		tail, err := w.refused(first, renumber(w.next(room.CareOver{}), first))
		if !errors.Is(err, room.ErrMoved) || tail.Head != w.head || tail.State != nil || !slices.Equal(seqs(tail.Entries), []uint64{2, 3}) {
			t.Errorf("%v, head %d, entries %v", err, tail.Head.Seq, seqs(tail.Entries))
		}
	}},
	{"an empty batch compares and writes nothing", emptyBatch},
	{"several entries are one batch", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		b := w.next(room.Joined{Seat: "a", Role: room.Member})
		two := room.Entry{Seq: 3, At: b.Now, Events: []room.Event{room.Joined{Seat: "b", Role: room.Member}, room.ChairTaken{Seat: "b"}}}
		b.Entries = append(b.Entries, two)
		b.State.Apply(two)
		w.append(b)
		if w.head.Seq != 3 || facts(t, w.read(room.Head{}).Current()) != facts(t, w.state) {
			t.Errorf("head %d", w.head.Seq)
		}
		w.verify()
	}},
	{"a batch is written whole or not at all", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		b := w.next(room.Joined{Seat: "a", Role: room.Member})
		b.Entries = append(b.Entries, room.Entry{Seq: 3, At: b.Now, Events: []room.Event{room.Said{Text: strings.Repeat("w", room.MaxEntryBytes)}}})
		b.State = nil
		w.refused(w.head, b)
		b = w.next(room.Joined{Seat: "a", Role: room.Member})
		b.State.Order = make([]room.SeatID, room.MaxStateBytes)
		w.refused(w.head, b)
		w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
		w.verify()
	}},
	{"entry numbers must follow", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		for _, numbers := range [][]uint64{{1}, {3}, {2, 2}, {2, 4}, {0}} {
			b := w.say("x")
			e := b.Entries[0]
			b.Entries = nil
			for _, n := range numbers {
				e.Seq = n
				b.Entries = append(b.Entries, e)
			}
			w.refused(w.head, b)
		}
		b := w.next(room.CareOver{})
		b.State.Seq++
		w.refused(w.head, b)
		w.append(w.next(room.CareOver{}))
	}},
	{"rooms are apart", func(t *testing.T, s Subject) {
		a, b := begin(t, s, here), begin(t, s, there)
		if _, err := a.refused(b.head, a.next(room.CareOver{})); !errors.Is(err, room.ErrMoved) {
			t.Error(err)
		}
		a.append(a.next(room.CareOver{}))
		b.append(b.say("hello"))
		a.verify()
		b.verify()
	}},
	{"no room to append to", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		if _, err := s.Log.Append(context.Background(), there, w.head, w.next(room.CareOver{})); !errors.Is(err, room.ErrNoRoom) {
			t.Error(err)
		}
		if _, err := s.Log.Append(context.Background(), there, w.head, room.Batch{Now: s.Now()}); !errors.Is(err, room.ErrNoRoom) {
			t.Error("empty batch:", err)
		}
	}},
	{"after an error Read tells", afterAnError},
}

func appendCompares(t *testing.T, s Subject) {
	w := begin(t, s, here)
	w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
	for name, change := range map[string]func(*room.Head){
		"epoch":    func(h *room.Head) { h.Epoch += "x" },
		"no epoch": func(h *room.Head) { h.Epoch = "" },
		"behind":   func(h *room.Head) { h.Seq-- },
		"ahead":    func(h *room.Head) { h.Seq++ },
		"far":      func(h *room.Head) { h.Seq = math.MaxUint64 },
		"hash":     func(h *room.Head) { h.Hash[31] ^= 1 },
		"start":    func(h *room.Head) { h.Seq = 0 },
	} {
		at := w.head
		change(&at)
		tail, err := w.refused(at, renumber(w.next(room.CareOver{}), at))
		if !errors.Is(err, room.ErrMoved) || tail.Head != w.head {
			t.Errorf("%s: %v, head %d", name, err, tail.Head.Seq)
			continue
		}
		// None of these is a point that can be followed.
		if facts(t, tail.Current()) != facts(t, w.state) {
			t.Errorf("%s: the state is not the room's", name)
		}
	}
	w.append(w.next(room.CareOver{}))
	w.verify()
}

func emptyBatch(t *testing.T, s Subject) {
	none := room.Batch{Now: s.Now()}
	if _, err := s.Log.Append(context.Background(), here, room.Head{}, none); err != nil {
		t.Error("where there is no log:", err)
	}
	if _, err := s.Log.Read(context.Background(), here, room.Head{}); !errors.Is(err, room.ErrNoRoom) {
		t.Error("it began a log:", err)
	}
	w := begin(t, s, here)
	before, kept := w.head, facts(t, w.read(room.Head{}).State)
	none.Now, none.State = s.Now(), &room.State{Seq: 1, Chair: "x"}
	if tail := w.append(none); tail.Head != before {
		t.Errorf("it moved the head to %d", tail.Head.Seq)
	}
	if facts(t, w.read(room.Head{}).State) != kept {
		t.Error("it wrote a state")
	}
	w.append(w.say("hello"))
	tail, err := w.refused(before, room.Batch{Now: s.Now()})
	if !errors.Is(err, room.ErrMoved) || !slices.Equal(seqs(tail.Entries), []uint64{2}) {
		t.Errorf("a stale one: %v, entries %v", err, seqs(tail.Entries))
	}
}

// afterAnError: an append whose caller gave up is there or is not, and the
// log goes on from what Read tells.
func afterAnError(t *testing.T, s Subject) {
	w := begin(t, s, here)
	for i := range 40 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%8)*50*time.Microsecond)
		b := w.next(room.Muted{Seat: "a", Until: w.s.Now()})
		tail, err := s.Log.Append(ctx, here, w.head, b)
		cancel()
		now := w.read(w.head)
		switch {
		case err == nil && tail.Head != now.Head:
			t.Fatal("acknowledged, and not there")
		case len(now.Entries) == 1 && now.Head.Seq == w.head.Seq+1:
			w.state, w.head = b.State, now.Head
		case now.Head != w.head:
			t.Fatalf("neither there nor not: %d after %d", now.Head.Seq, w.head.Seq)
		}
		w.append(w.next(room.Unmuted{Seat: "a"}))
	}
	w.verify()
}

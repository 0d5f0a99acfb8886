package logtest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"hearth/room"
)

var reads = []promise{
	{"no room to read", func(t *testing.T, s Subject) {
		if _, err := s.Log.Read(context.Background(), here, room.Head{}); !errors.Is(err, room.ErrNoRoom) {
			t.Error(err)
		}
		w := begin(t, s, here)
		if _, err := s.Log.Read(context.Background(), there, w.head); !errors.Is(err, room.ErrNoRoom) {
			t.Error("with another room's head:", err)
		}
	}},
	{"the zero head reads the state and what follows it", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
		tail := w.read(room.Head{})
		if tail.Head != w.head || len(tail.Entries) != 0 || facts(t, tail.State) != facts(t, w.state) {
			t.Errorf("head %d, entries %v", tail.Head.Seq, seqs(tail.Entries))
		}
	}},
	{"utterances leave the stored state, and readers fold them", utterances},
	{"what is earlier leads to the head", earlier},
	{"reading on from a head", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		points := []room.Head{{Epoch: w.head.Epoch}, w.head}
		for range 4 {
			w.append(w.next(room.CareOver{}))
			points = append(points, w.head)
		}
		for i, after := range points {
			tail := w.read(after)
			var want []uint64
			for n := i + 1; n <= 5; n++ {
				want = append(want, uint64(n))
			}
			if tail.State != nil || tail.Head != w.head || !slices.Equal(seqs(tail.Entries), want) {
				t.Errorf("after %d: entries %v, state %v", i, seqs(tail.Entries), tail.State != nil)
			}
		}
	}},
	{"a head that is no point of the log reads the state", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		w.append(w.next(room.CareOver{}))
		h := w.head
		for _, after := range []room.Head{{Epoch: "x", Seq: h.Seq, Hash: h.Hash}, {Epoch: h.Epoch, Seq: 9, Hash: h.Hash},
			{Epoch: h.Epoch, Seq: 1, Hash: h.Hash}, {Epoch: h.Epoch, Seq: h.Seq}, {Epoch: h.Epoch, Hash: h.Hash}} {
			if tail := w.read(after); facts(t, tail.Current()) != facts(t, w.state) || tail.Head != h {
				t.Errorf("after %+v", after)
			}
		}
	}},
	{"entries come back as they were", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		b := w.next(room.Joined{Seat: "a", Role: room.Member}, room.Muted{Seat: "a", Until: w.s.Now()})
		b.Entries[0].By, b.Entries[0].Session, b.Entries[0].N = "a", "tab", 3
		before := w.head
		w.append(b)
		got := w.read(before).Entries[0]
		if want := b.Entries[0]; !got.At.Equal(want.At) || got.By != "a" || got.Session != "tab" || got.N != 3 || len(got.Events) != 2 ||
			got.Events[0] != want.Events[0] {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}},
	{"words", keepsWords},
	{"the hash chain is over the stored bytes", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		for i := range 30 {
			if i%3 == 0 {
				w.append(w.next(room.RoundStarted{N: i, Queue: []room.SeatID{"a", "b"}}))
			} else {
				w.append(w.say("hello"))
			}
		}
		w.verify()
	}},
	{"what is handed out is the receiver's own", receiversOwn},
	{"a log that was reopened goes on exactly", reopened},
}

// earlier: with a state come entries that it includes, if any are kept; from
// the base they and what follows lead to the head. What was taken back has
// no words any more.
func earlier(t *testing.T, s Subject) {
	w := begin(t, s, here)
	w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
	w.append(w.say("kept"))
	w.append(w.say("taken back"))
	w.append(w.next(room.Retracted{Seq: w.head.Seq}))
	w.append(w.next(room.CareOver{}))
	w.append(w.say("after"))
	tail := w.read(room.Head{})
	hash, seq := tail.Base, tail.State.Seq-uint64(len(tail.Earlier))
	said := map[string]bool{}
	for _, e := range slices.Concat(tail.Earlier, tail.Entries) {
		facts, _, err := room.SplitEntry(e)
		if seq++; err != nil || e.Seq != seq {
			t.Fatalf("entry %d where %d should be: %v", e.Seq, seq, err)
		}
		hash = room.Chain(hash, e.Seq, facts)
		for _, ev := range e.Events {
			if ev, is := ev.(room.Said); is {
				said[ev.Text] = true
			}
		}
	}
	if seq != w.head.Seq || hash != w.head.Hash {
		t.Errorf("the base and what follows lead to entry %d and another hash", seq)
	}
	if said["taken back"] || s.KeepsWords && len(tail.Earlier) > 0 && !said["kept"] {
		t.Errorf("said %v", said)
	}
}

func utterances(t *testing.T, s Subject) {
	w := begin(t, s, here)
	w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
	kept := facts(t, w.state)
	w.append(w.say("one"))
	w.append(w.say("two"))
	tail := w.read(room.Head{})
	if facts(t, tail.State) != kept || !slices.Equal(seqs(tail.Entries), []uint64{3, 4}) {
		t.Errorf("stored state of %d, entries %v", tail.State.Seq, seqs(tail.Entries))
	}
	if got := tail.Current(); got.Seq != 4 || facts(t, got) != facts(t, w.state) {
		t.Errorf("folded to %d:\n%s\nwant\n%s", got.Seq, facts(t, got), facts(t, w.state))
	}
	w.append(w.next(room.CareOver{}))
	if tail := w.read(room.Head{}); tail.State.Seq != 5 || len(tail.Entries) != 0 {
		t.Errorf("after a state: stored state of %d, entries %v", tail.State.Seq, seqs(tail.Entries))
	}
}

func keepsWords(t *testing.T, s Subject) {
	w := begin(t, s, here)
	start := w.head
	ada := room.Name{Name: "Ada", Key: "ada", Pronouns: "she"}
	w.append(w.next(room.Joined{Seat: "a", Role: room.Member}, room.Named{Seat: "a", Name: ada}))
	w.append(w.say("hello"))
	var want struct {
		text string
		name room.Name
	}
	if s.KeepsWords {
		want.text, want.name = "hello", ada
	}
	list := w.read(start).Entries
	if got := list[0].Events[1].(room.Named).Name; got != want.name {
		t.Errorf("name of the entry: %q", got)
	}
	if got := list[1].Events[0].(room.Said).Text; got != want.text {
		t.Errorf("words of the entry: %q", got)
	}
	if got := w.read(room.Head{}).Current().Words.Names["a"]; got != want.name {
		t.Errorf("name in the state: %q", got)
	}
}

func receiversOwn(t *testing.T, s Subject) {
	w := begin(t, s, here)
	start := w.head
	queue := []room.SeatID{"a", "b"}
	b := w.next(room.Joined{Seat: "a", Role: room.Member}, room.RoundStarted{N: 1, Queue: queue})
	w.append(b)
	want := facts(t, w.read(room.Head{}).State)
	spoil := func() {
		queue[0] = "spoilt"
		b.Entries[0].Events[0] = room.CareOver{}
		b.State.Chair = "spoilt"
		tail := w.read(room.Head{})
		tail.State.Seats["a"].Role = room.Moderator
		tail.State.Seats["spoilt"] = &room.Seat{}
		news := w.read(start)
		news.Entries[0].Events[1].(room.RoundStarted).Queue[1] = "spoilt"
		news.Entries[0].Events[0] = room.CareOver{}
	}
	spoil()
	if got := facts(t, w.read(room.Head{}).State); got != want {
		t.Errorf("the stored state changed:\n%s\nwas\n%s", got, want)
	}
	got := w.read(start).Entries[0].Events
	if !reflect.DeepEqual(got, []room.Event{room.Joined{Seat: "a", Role: room.Member}, room.RoundStarted{N: 1, Queue: []room.SeatID{"a", "b"}}}) {
		t.Errorf("the stored entry changed: %+v", got)
	}
	w.verify()
}

func reopened(t *testing.T, s Subject) {
	if s.Reopen == nil {
		t.Skip("nothing outlasts this log")
	}
	w := begin(t, s, here)
	for range 5 {
		w.append(w.next(room.Joined{Seat: "a", Role: room.Member}))
		w.append(w.say("hello"))
	}
	w.s.Log = s.Reopen()
	tail := w.read(room.Head{})
	if tail.Head != w.head || !slices.Equal(seqs(tail.Entries), []uint64{11}) {
		t.Errorf("head %d, was %d; entries %v", tail.Head.Seq, w.head.Seq, seqs(tail.Entries))
	}
	if facts(t, tail.Current()) != facts(t, w.state) {
		t.Error("the state is not the room's")
	}
	w.append(w.next(room.CareOver{}))
	w.verify()
}

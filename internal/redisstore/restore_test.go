package redisstore

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// watching has a store keep a copy of a keeper's room, as it is now.
func watching(t *testing.T, s *Store, id room.ID) {
	t.Helper()
	if _, err := s.Log().Watch(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Log().Read(t.Context(), id, room.Head{}); err != nil {
		t.Fatal(err)
	}
}

// talk begins a room with a name and words.
func talk(t *testing.T, s *Store, id room.ID) *keeper {
	t.Helper()
	k := begin(t, s, id)
	k.append(room.Joined{Seat: "a", Role: room.Member}, room.Named{Seat: "a", Name: room.Name{Name: "Ada", Key: "ada"}})
	k.say("one")
	return k
}

// rounds beats with all stores in turn until none has a window open.
func rounds(t *testing.T, stores ...*Store) {
	t.Helper()
	soon(t, 5*time.Second, "the window ends", func() bool {
		busy := false
		for _, s := range stores {
			open, err := s.pulse.round(t.Context())
			if err != nil && !errors.Is(err, errFenced) {
				t.Fatal(err)
			}
			busy = busy || open || err != nil
		}
		return !busy
	})
}

func said(tail room.Tail) (words []string) {
	for _, e := range append(tail.Earlier, tail.Entries...) {
		for _, ev := range e.Events {
			if s, ok := ev.(room.Said); ok {
				words = append(words, s.Text)
			}
		}
	}
	return words
}

// TestAfterAFlushTheNewestWins, whoever comes first.
func TestAfterAFlushTheNewestWins(t *testing.T) {
	for name, newestFirst := range map[string]bool{"newest first": true, "newest last": false} {
		t.Run(name, func(t *testing.T) {
			r := servers.StartRedis(t)
			behind, ahead := joined(t, r, brisk), joined(t, r, brisk)
			round(t, behind)
			k := talk(t, ahead, "r")
			watching(t, behind, "r")
			watching(t, ahead, "r")
			k.say("two")
			k.say("three")
			k.append(room.Retracted{Seq: 4})
			before, names := k.head, []string{behind.nodes.Me(), ahead.nodes.Me()}

			do(t, r, "FLUSHALL")
			order := []*Store{behind, ahead}
			if newestFirst {
				slices.Reverse(order)
			}
			rounds(t, order...)
			for i, s := range []*Store{behind, ahead} {
				tail, err := s.Log().Read(t.Context(), "r", before)
				if err != nil {
					t.Fatal(err)
				}
				if tail.Head.Seq != before.Seq || tail.Head.Hash != before.Hash || tail.Head.Epoch == before.Epoch {
					t.Errorf("the head is %d in epoch %s, was %d in %s", tail.Head.Seq, tail.Head.Epoch, before.Seq, before.Epoch)
				}
				if got := said(tail); !slices.Equal(got, []string{"one", "", "three"}) {
					t.Errorf("the words are %q", got)
				}
				if got := tail.Current().Words.Names["a"].Name; got != "Ada" {
					t.Errorf("the name is %q", got)
				}
				if me := s.Nodes().Me(); me == names[i] || !s.Nodes().Dead(names[i]) {
					t.Errorf("it is %s and was %s", me, names[i])
				}
				k.head = tail.Head
			}
			k.append(room.CareOver{})
		})
	}
}

// TestARestartThatLostNothingChangesNothing.
func TestARestartThatLostNothingChangesNothing(t *testing.T) {
	r := servers.StartRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	s, other := joined(t, r, brisk), joined(t, r, brisk)
	round(t, s)
	k := talk(t, s, "r")
	watching(t, s, "r")
	name := s.nodes.Me()
	r.Restart()
	if _, err := k.try(room.CareOver{}); err == nil {
		t.Error("it took what may have been lost")
	}
	rounds(t, s, other)
	if tail := k.read(k.head); tail.State != nil || tail.Head != k.head {
		t.Errorf("the head is %+v, was %+v", tail.Head, k.head)
	}
	if s.nodes.Me() != name {
		t.Error("it has another name")
	}
	k.append(room.CareOver{})
}

// TestARestartThatLostTheNewest gets it back from a node that knows it.
func TestARestartThatLostTheNewest(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	watching(t, s, "r")
	do(t, r, "SAVE")
	k.say("two")
	before := k.head
	r.Restart()
	rounds(t, s)
	tail := k.read(before)
	if tail.Head.Seq != before.Seq || tail.Head.Hash != before.Hash || tail.Head.Epoch == before.Epoch || !slices.Equal(said(tail), []string{"one", "two"}) {
		t.Errorf("head %d, words %q", tail.Head.Seq, said(tail))
	}
}

// TestWhatNobodyHasIsGone: a room that no node watched.
func TestWhatNobodyHasIsGone(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	do(t, r, "FLUSHALL")
	if _, err := s.Log().Read(t.Context(), "r", k.head); err == nil || errors.Is(err, room.ErrNoRoom) {
		t.Error("before the nodes gave back what they have:", err)
	}
	rounds(t, s)
	if _, err := s.Log().Read(t.Context(), "r", k.head); !errors.Is(err, room.ErrNoRoom) {
		t.Error(err)
	}
}

// TestWordsWithoutTheirKeyStayBehind; facts do not.
func TestWordsWithoutTheirKeyStayBehind(t *testing.T) {
	r := servers.StartRedis(t)
	keys := newVault(t)
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.Words = keys })
	k := talk(t, s, "r")
	watching(t, s, "r")
	keys.lose()
	do(t, r, "FLUSHALL")
	rounds(t, s)
	tail := k.read(room.Head{})
	if tail.Head.Hash != k.head.Hash || !slices.Equal(said(tail), []string{""}) || len(tail.State.Words.Names) > 0 {
		t.Errorf("head %d, words %q", tail.Head.Seq, said(tail))
	}
}

// TestARoomThatIsOverStaysOver when it is given back.
func TestARoomThatIsOverStaysOver(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	watching(t, s, "r")
	k.append(room.Closed{})
	do(t, r, "FLUSHALL")
	rounds(t, s)
	if tail := k.read(room.Head{}); tail.State.Phase != room.Over || tail.Head.Hash != k.head.Hash {
		t.Errorf("phase %s", tail.State.Phase)
	}
	if live, err := s.Live(t.Context()); err != nil || len(live) > 0 {
		t.Errorf("it lives: %q, %v", live, err)
	}
	if left := ttl(t, s, "room:r"); left > overLife {
		t.Errorf("it is kept for %v", left)
	}
}

// TestWhoFollowedTheCloseBringsNoRoomBack, nor its words.
func TestWhoFollowedTheCloseBringsNoRoomBack(t *testing.T) {
	r := servers.StartRedis(t)
	s, other := joined(t, r, brisk), joined(t, r, brisk)
	k := talk(t, s, "r")
	watching(t, other, "r")
	before := k.head
	k.append(room.Closed{})
	if tail, err := other.Log().Read(t.Context(), "r", before); err != nil || len(tail.Entries) != 1 {
		t.Fatalf("it reads %d entries, %v", len(tail.Entries), err)
	}
	do(t, r, "FLUSHALL")
	rounds(t, s, other)
	if live, err := s.Live(t.Context()); err != nil || len(live) > 0 {
		t.Errorf("it lives: %q, %v", live, err)
	}
	tail, err := s.Log().Read(t.Context(), "r", room.Head{})
	if !errors.Is(err, room.ErrNoRoom) && (err != nil || tail.State.Phase != room.Over || slices.Contains(said(tail), "one")) {
		t.Errorf("%v, words %q", err, said(tail))
	}
}

func ttl(t *testing.T, s *Store, name string) time.Duration {
	t.Helper()
	_, id, _ := strings.Cut(name, ":")
	left, err := s.client.TTL(t.Context(), key(partition(id), name)).Result()
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// TestHowLongAWindowIsOpen: at least its least, then until all nodes that are
// known have offered, at most its most.
func TestHowLongAWindowIsOpen(t *testing.T) {
	r := servers.StartRedis(t)
	p := brisk
	p.least, p.most = 300*time.Millisecond, 1200*time.Millisecond
	s, other := joined(t, r, p), joined(t, r, p)
	round(t, s)
	measure := func(stores ...*Store) time.Duration {
		do(t, r, "FLUSHALL")
		began := time.Now()
		rounds(t, stores...)
		return time.Since(began)
	}
	if d := measure(s, other); d < p.least || d > p.least+400*time.Millisecond {
		t.Errorf("with all nodes it was open for %v", d)
	}
	if d := measure(s); d < p.most || d > p.most+400*time.Millisecond {
		t.Errorf("with one of two it was open for %v", d)
	}
}

// TestAFlushInTheMiddleOfATalk, at the pace of a deployment.
func TestAFlushInTheMiddleOfATalk(t *testing.T) {
	r := servers.StartRedis(t)
	a, b := node(t, r, standard), node(t, r, standard)
	k := talk(t, a, "r")
	watching(t, a, "r")
	watching(t, b, "r")
	bell, err := b.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	soon(t, 3*time.Second, "they know each other", func() bool { return len(a.Nodes().Others()) == 1 && len(b.Nodes().Others()) == 1 })
	before := k.head
	do(t, r, "FLUSHALL")
	flushed := time.Now()
	soon(t, 3*time.Second, "it goes on", func() bool {
		tail, err := k.log.Read(t.Context(), "r", k.head)
		if err == nil {
			k.head = tail.Head
		}
		return err == nil
	})
	if d := time.Since(flushed); d < standard.least {
		t.Errorf("it went on after %v", d)
	}
	if k.head.Hash != before.Hash || k.head.Epoch == before.Epoch {
		t.Errorf("head %d, was %d", k.head.Seq, before.Seq)
	}
	heard(t, bell)
	k.append(room.CareOver{})
	from, to := a.Nodes().Dark("r")
	if !from.IsZero() && to.Sub(from) > 4*time.Second {
		t.Errorf("it was dark for %v", to.Sub(from))
	}
}

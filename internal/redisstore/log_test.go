package redisstore

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/logtest"
)

// twoNodes is a log whose rings are heard at another node: a store does not
// ring for what it has written itself.
type twoNodes struct {
	room.Log
	other room.Log
}

func (l twoNodes) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	return l.other.Watch(ctx, id)
}

func TestLog(t *testing.T) {
	r := servers.StartRedis(t)
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		if _, err := r.Do("FLUSHALL"); err != nil {
			t.Fatal(err)
		}
		s := node(t, r, brisk)
		other := node(t, r, brisk)
		return logtest.Subject{Log: twoNodes{s.Log(), other.Log()}, Now: time.Now, KeepsWords: true,
			Stored: func(id room.ID) [][]byte { return storedFacts(t, s, id) },
			Reopen: func() room.Log { return node(t, r, brisk).Log() }}
	})
}

// storedFacts are the facts of all entries kept.
func storedFacts(t *testing.T, s *Store, id room.ID) (list [][]byte) {
	t.Helper()
	all, err := s.client.LRange(t.Context(), key(partition(string(id)), "log:"+string(id)), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range all {
		e, err := parseStored(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.facts)
	}
	return list
}

// TestManyWritersOnTwoNodes: each number once, each entry of the one who was
// told so, and one chain.
func TestManyWritersOnTwoNodes(t *testing.T) {
	const writers, each = 8, 40
	r := servers.StartRedis(t)
	stores := []*Store{node(t, r, brisk), node(t, r, brisk)}
	k := begin(t, stores[0], "r")
	watching(t, stores[1], "r")
	var mu sync.Mutex
	acked := map[uint64]string{}
	var wg sync.WaitGroup
	for w := range writers {
		log, name := stores[w%2].Log(), strconv.Itoa(w)
		wg.Go(func() {
			head := k.head
			for n := 1; n <= each; {
				now := time.Now().UTC()
				b := room.Batch{Now: now, Entries: []room.Entry{{Seq: head.Seq + 1, At: now, By: room.SeatID(name), N: uint64(n)}}}
				tail, err := log.Append(context.Background(), "r", head, b)
				switch {
				case err == nil:
					mu.Lock()
					if acked[tail.Head.Seq] != "" {
						t.Errorf("number %d was given twice", tail.Head.Seq)
					}
					acked[tail.Head.Seq] = name
					mu.Unlock()
					n++
				case errors.Is(err, room.ErrClock): // another's clock read was later
				case !errors.Is(err, room.ErrMoved):
					t.Errorf("writer %s: %v", name, err)
					return
				}
				if err == nil || errors.Is(err, room.ErrMoved) {
					head = tail.Head
				}
			}
		})
	}
	wg.Wait()
	tail := k.read(k.head)
	if len(tail.Entries) != writers*each || len(acked) != writers*each {
		t.Fatalf("%d entries, %d told, of %d", len(tail.Entries), len(acked), writers*each)
	}
	next := map[room.SeatID]uint64{}
	for _, e := range tail.Entries {
		next[e.By]++
		if acked[e.Seq] != string(e.By) || e.N != next[e.By] {
			t.Fatalf("entry %d is number %d of %s, who was told otherwise", e.Seq, e.N, e.By)
		}
	}
}

// TestAForkIsCaughtByItsHash: two pasts of one length and one epoch.
func TestAForkIsCaughtByItsHash(t *testing.T) {
	r, fork := servers.StartRedis(t), servers.StartRedis(t)
	s, other := joined(t, r, brisk), joined(t, fork, brisk)
	p := partition("r")
	k := talk(t, s, "r")
	for _, name := range []string{key(p, "room:r"), key(p, "log:r")} {
		dump, err := s.client.Dump(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := other.client.Restore(t.Context(), name, 0, dump).Err(); err != nil {
			t.Fatal(err)
		}
	}
	there := *k
	there.log = other.Log()
	k.append(room.Joined{Seat: "b", Role: room.Member})
	there.append(room.Joined{Seat: "c", Role: room.Member})
	if k.head.Seq != there.head.Seq || k.head.Epoch != there.head.Epoch || k.head.Hash == there.head.Hash {
		t.Fatalf("this is no fork: %+v and %+v", k.head, there.head)
	}
	if _, err := other.Log().Append(t.Context(), "r", k.head, k.batch(room.CareOver{})); !errors.Is(err, room.ErrMoved) {
		t.Error("an append went on from another past:", err)
	}
	if _, err := other.Log().Append(t.Context(), "r", k.head, room.Batch{Now: time.Now()}); !errors.Is(err, room.ErrMoved) {
		t.Error("a no was confirmed from another past:", err)
	}
	if tail := there.read(k.head); tail.State == nil || tail.State.Seats["c"] == nil {
		t.Error("a reader with another past was told nothing new")
	}
}

// TestTheOldestEntriesMakeRoom, but never those that the state lacks.
func TestTheOldestEntriesMakeRoom(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := begin(t, s, "r")
	var points []room.Head
	for range keepEntries + 40 {
		k.say("x")
		points = append(points, k.head)
	}
	tail := k.read(room.Head{})
	if len(tail.Entries) != keepEntries+40 || len(tail.Earlier) != 0 || tail.Base != points0(k, tail) {
		t.Fatalf("behind the state are %d entries, %d before", len(tail.Entries), len(tail.Earlier))
	}
	k.append(room.CareOver{})
	k.say("last")
	tail = k.read(room.Head{})
	if len(tail.Earlier) != keepEntries-1 || len(tail.Entries) != 1 || tail.State.Seq != k.head.Seq-1 {
		t.Fatalf("the state is of %d, %d earlier, %d after", tail.State.Seq, len(tail.Earlier), len(tail.Entries))
	}
	oldest := tail.Earlier[0].Seq
	if base := points[oldest-3]; base.Seq != oldest-1 || tail.Base != base.Hash {
		t.Errorf("the hash before entry %d is not that of entry %d", oldest, base.Seq)
	}
	if got := said(tail); len(got) != keepEntries-1 || got[0] != "x" || got[len(got)-1] != "last" {
		t.Errorf("%d words are kept", len(got))
	}
	if tail := k.read(points[oldest-3]); tail.State != nil || len(tail.Entries) != keepEntries {
		t.Errorf("from just before the oldest: %d entries", len(tail.Entries))
	}
	if tail := k.read(points[oldest-4]); tail.State == nil {
		t.Error("from before that there is no state")
	}
}

// points0 is the hash of the log's first state.
func points0(k *keeper, tail room.Tail) [32]byte {
	k.t.Helper()
	if len(tail.Earlier) > 0 || tail.State.Seq != 1 {
		k.t.Fatal("not the first state")
	}
	return tail.Base
}

// TestHowLongARoomIsKept after its last write, and when it is over.
func TestHowLongARoomIsKept(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	for _, name := range []string{"room:r", "log:r"} {
		if left := ttl(t, s, name); left > roomLife || left < roomLife-time.Minute {
			t.Errorf("%s is kept for %v", name, left)
		}
	}
	do(t, r, "EXPIRE", key(partition("r"), "room:r"), "60")
	k.say("two")
	if left := ttl(t, s, "room:r"); left < roomLife-time.Minute {
		t.Errorf("after a word it is kept for %v", left)
	}
	before := k.head
	k.append(room.Said{Seat: "a", Turn: 1, Text: "bye"})
	behind := k.head
	k.append(room.Closed{})
	for _, name := range []string{"room:r", "log:r"} {
		if left := ttl(t, s, name); left > overLife || left < overLife-time.Minute {
			t.Errorf("%s is kept for %v after the end", name, left)
		}
	}
	tail := k.read(room.Head{})
	if len(said(tail)) > 0 || len(tail.State.Words.Names) > 0 || tail.State.Phase != room.Over {
		t.Errorf("words are kept: %q", said(tail))
	}
	if news := k.read(behind); news.State != nil || len(news.Entries) != 1 {
		t.Error("who was one step behind can't follow")
	}
	if news := k.read(before); news.State == nil {
		t.Error("entries are kept")
	}
	k.append(room.Dropped{Seat: "a"}) // the house goes on tidying
	if left := ttl(t, s, "room:r"); left > overLife {
		t.Errorf("then it is kept for %v", left)
	}
	if live, err := s.Live(t.Context()); err != nil || len(live) > 0 {
		t.Errorf("it lives: %q, %v", live, err)
	}
}

// TestNothingDueIsNotForever: a room without timers is looked at when it ends.
func TestNothingDueIsNotForever(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	begin(t, s, "idle")
	score, err := s.client.ZScore(t.Context(), key(partition("idle"), "due"), "idle").Result()
	if err != nil {
		t.Fatal(err)
	}
	if in := time.Until(time.UnixMilli(int64(score))); in < roomLife-time.Minute || in > roomLife {
		t.Errorf("it is due in %v", in)
	}
}

// TestARoomOfANewerHearth is left alone, and said once.
func TestARoomOfANewerHearth(t *testing.T) {
	r := servers.StartRedis(t)
	told := 0
	s := joined(t, r, brisk, func(_ *Options, ev *Events) { ev.Outdated = func() { told++ } })
	k := talk(t, s, "r")
	rm := key(partition("r"), "room:r")
	do(t, r, "HSET", rm, "v", strconv.Itoa(Format+1), "new", "thing")
	before := raw(t, s, "r")
	if _, err := k.try(room.CareOver{}); !errors.Is(err, ErrNewer) {
		t.Error("append:", err)
	}
	if _, err := s.Log().Read(t.Context(), "r", room.Head{}); !errors.Is(err, ErrNewer) {
		t.Error("read:", err)
	}
	if len(before) != len(raw(t, s, "r")) {
		t.Error("it was changed")
	}
	if told != 1 || !errors.Is(s.Ready(), ErrNewer) {
		t.Errorf("told %d times, ready says %v", told, s.Ready())
	}
	begin(t, s, "other").append(room.CareOver{})
}

// TestARoomOfAnEarlierHearth is read, and the next entry makes it one of
// this: whoever knows only the earlier form must not read what it can't.
func TestARoomOfAnEarlierHearth(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	rm := key(partition("r"), "room:r")
	do(t, r, "HSET", rm, "v", strconv.Itoa(Format-1))
	if _, err := s.Log().Read(t.Context(), "r", room.Head{}); err != nil {
		t.Error("read:", err)
	}
	k.append(room.CareOver{})
	if v := do(t, r, "HGET", rm, "v"); v != strconv.Itoa(Format) {
		t.Errorf("it is of form %s now", v)
	}
}

// TestAReplicaMustHaveIt: with AckReplica nothing is acknowledged that is on
// the primary only.
func TestAReplicaMustHaveIt(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t)
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.Ack = AckReplica })
	lone := &keeper{t: t, log: s.Log(), id: "lone", state: &room.State{}}
	_, err := lone.try(room.Begun{Room: "lone", Set: room.DefaultSettings()})
	says(t, err, "no replica")

	replica := servers.StartReplica(t, r)
	soon(t, 10*time.Second, "the replica confirms", func() bool {
		_, err := s.Log().Read(t.Context(), "lone", room.Head{})
		return err == nil
	})
	k := talk(t, s, "r")
	on := do(t, replica, "HGET", key(partition("r"), "room:r"), "seq")
	if on != strconv.FormatUint(k.head.Seq, 10) {
		t.Errorf("acknowledged is %d, the replica has %s", k.head.Seq, on)
	}
	offset := regexp.MustCompile(`,offset=(\d+),[^*]*master_repl_offset:(\d+)`)
	soon(t, 10*time.Second, "the replica has told that it has all", func() bool {
		at := offset.FindStringSubmatch(do(t, r, "INFO", "replication"))
		return at != nil && at[1] == at[2]
	})
	replica.Pause()
	_, err = s.Log().Read(t.Context(), "r", room.Head{})
	says(t, err, "no replica") // all is there, but who knows whether this is the primary still
	at := k.head
	for range 3 {
		began := time.Now()
		_, err := k.try(room.CareOver{})
		says(t, err, "no replica")
		_, err = s.Log().Append(t.Context(), "r", at, room.Batch{Now: time.Now()})
		if err == nil {
			t.Error("a no was confirmed by the primary alone")
		}
		_, err = s.Log().Read(t.Context(), "r", room.Head{})
		says(t, err, "no replica")
		if d := time.Since(began); d > 3*(actTime+waitTime) {
			t.Errorf("it took %v", d)
		}
	}
	replica.Resume()
	soon(t, 10*time.Second, "the replica follows again", func() bool {
		tail, err := s.Log().Read(t.Context(), "r", at)
		return err == nil && len(tail.Entries) == 1 // unknown, and written once
	})
}

// TestForgottenScripts are loaded again, and what was asked is done once.
func TestForgottenScripts(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	for range 3 {
		do(t, r, "SCRIPT", "FLUSH")
		before := k.head.Seq
		if k.append(room.CareOver{}); k.head.Seq != before+1 {
			t.Errorf("head %d after %d", k.head.Seq, before)
		}
		do(t, r, "SCRIPT", "FLUSH")
		round(t, s)
	}
	k.read(k.head)
}

// TestAFaultOfRedisIsASentence, and does not last longer than it.
func TestAFaultOfRedisIsASentence(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	do(t, r, "CONFIG", "SET", "maxmemory", "1")
	_, err := k.try(room.CareOver{})
	says(t, err, "Redis is full")
	do(t, r, "CONFIG", "SET", "maxmemory", "0")
	k.append(room.CareOver{})
	do(t, r, "SET", key(partition("r"), "due"), "somebody's")
	_, err = k.try(room.CareOver{})
	says(t, err, "something else in Redis", "somebody's")
	do(t, r, "DEL", key(partition("r"), "due"))
	k.append(room.CareOver{})
	r.Pause()
	began := time.Now()
	_, err = k.try(room.CareOver{})
	says(t, err, "does not answer in time")
	if d := time.Since(began); d > 2*actTime {
		t.Errorf("it took %v", d)
	}
	r.Resume()
	tail := k.read(k.head)
	if len(tail.Entries) > 1 {
		t.Errorf("%d entries came of one", len(tail.Entries))
	}
}

// TestNamesThatCanNotBeStored are refused before anything is asked.
func TestNamesThatCanNotBeStored(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	for _, id := range []room.ID{"", "a room", "a\nroom", "raum-ä", room.ID(strings.Repeat("r", mostName+1))} {
		k := &keeper{t: t, log: s.Log(), id: id, state: &room.State{}}
		if _, err := k.try(room.Begun{Room: id}); err == nil {
			t.Errorf("%q was begun", id)
		}
		if _, err := s.Log().Read(t.Context(), id, room.Head{}); err == nil || errors.Is(err, room.ErrNoRoom) {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := s.Log().Watch(t.Context(), id); err == nil {
			t.Errorf("%q is watched", id)
		}
	}
}

// TestASlowReplicaHoldsUpNoBeat: however many wait for it, the node lives.
func TestASlowReplicaHoldsUpNoBeat(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t)
	replica := servers.StartReplica(t, r)
	s := node(t, r, standard, func(o *Options, _ *Events) { o.Ack = AckReplica })
	name := s.Nodes().Me()
	replica.Pause()
	defer replica.Resume()
	end := time.Now().Add(3 * time.Second)
	var wg sync.WaitGroup
	for w := range 40 {
		wg.Go(func() {
			for time.Now().Before(end) {
				k := &keeper{t: t, log: s.Log(), id: room.ID("r" + strconv.Itoa(w)), state: &room.State{}}
				if _, err := k.try(room.Begun{Room: k.id, Set: room.DefaultSettings()}); err == nil {
					t.Error("acknowledged, and on no replica")
				}
			}
		})
	}
	silent := 0
	for tick := time.NewTicker(50 * time.Millisecond); time.Now().Before(end); <-tick.C {
		if !s.nodes.confirmed() {
			silent++
		}
	}
	wg.Wait()
	if silent > 0 || s.Nodes().Me() != name {
		t.Errorf("it was silent %d times, and is %s after %s", silent, s.Nodes().Me(), name)
	}
}

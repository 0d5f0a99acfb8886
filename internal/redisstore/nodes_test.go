package redisstore

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// round is a beat that must be confirmed.
func round(t *testing.T, s *Store) {
	t.Helper()
	if open, err := s.pulse.round(t.Context()); err != nil || open {
		t.Fatalf("a beat was not confirmed: %v, window %v", err, open)
	}
}

// TestAPausedNodeIsFenced: a node that the others gave up writes nothing in
// its old name, and comes back under a new one.
func TestAPausedNodeIsFenced(t *testing.T) {
	r := servers.StartRedis(t)
	paused := joined(t, r, brisk)
	k := begin(t, paused, "r")
	bell, err := paused.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	old := paused.nodes.Me()
	other := node(t, r, brisk)
	if other.Nodes().Dead(old) {
		t.Error("a node that lives is called dead")
	}
	soon(t, 3*time.Second, "the paused node is dead", func() bool { return other.Nodes().Dead(old) })

	if _, err := k.try(room.CareOver{}); err == nil || !strings.Contains(err.Error(), "joining them again") {
		t.Error("in its old name it wrote:", err)
	}
	if _, err := paused.Log().Read(t.Context(), "r", k.head); err == nil {
		t.Error("in its old name it read")
	}
	if _, err := paused.pulse.round(t.Context()); !errors.Is(err, errFenced) {
		t.Error("its beat was taken:", err)
	}
	round(t, paused)
	if me := paused.Nodes().Me(); me == old || paused.Nodes().Dead(me) || !paused.Nodes().Dead(old) {
		t.Errorf("it is %s and was %s", me, old)
	}
	heard(t, bell)
	k.append(room.CareOver{})
	if !other.Nodes().Dead(old) {
		t.Error("the dead came back")
	}
}

// TestOutagesKillNobody: time in which nobody could beat ages nobody.
func TestOutagesKillNobody(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 15 s")
	}
	r := servers.StartRedis(t)
	all := []*Store{node(t, r, standard), node(t, r, standard), node(t, r, standard)}
	k := begin(t, all[0], "r")
	var names []string
	for _, s := range all {
		names = append(names, s.Nodes().Me())
	}
	for range 5 {
		r.Pause()
		pause := time.After(2500 * time.Millisecond)
		soon(t, 2*time.Second, "the nodes notice", func() bool { return all[0].Ready() != nil && all[1].Ready() != nil })
		<-pause
		back := time.Now()
		r.Resume()
		soon(t, 5*time.Second, "all nodes are ready", func() bool {
			return !slices.ContainsFunc(all, func(s *Store) bool { return s.Ready() != nil })
		})
		from, to := all[1].Nodes().Dark("r")
		if d := to.Sub(from); d < 2*time.Second || d > 3500*time.Millisecond || to.Sub(back).Abs() > time.Second {
			t.Errorf("it was dark for %v, until %v after", d, to.Sub(back))
		}
		for i, s := range all {
			if s.Nodes().Me() != names[i] || len(s.Nodes().Others()) != 2 {
				t.Fatalf("node %d: is %s, was %s; others %q", i, s.Nodes().Me(), names[i], s.Nodes().Others())
			}
			for _, n := range names {
				if s.Nodes().Dead(n) {
					t.Fatalf("node %d says that %s is dead", i, n)
				}
			}
		}
	}
	k.append(room.CareOver{})
}

// TestADeadNodeIsNoticed within 2 s, and its rooms are due for somebody.
func TestADeadNodeIsNoticed(t *testing.T) {
	r := servers.StartRedis(t)
	var mu sync.Mutex
	orphans := map[room.ID]int{}
	listen := func(_ *Options, ev *Events) {
		ev.Orphans = func(ids []room.ID) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				orphans[id]++
			}
		}
	}
	told := func(id room.ID) int {
		mu.Lock()
		defer mu.Unlock()
		return orphans[id]
	}
	dies := node(t, r, standard)
	lives := []*Store{node(t, r, standard, listen), node(t, r, standard, listen)}
	name := dies.Nodes().Me()
	sits := begin(t, dies, "sits")
	sits.append(room.Joined{Seat: "a", Role: room.Member, Node: name})
	left := begin(t, dies, "left")
	left.append(room.Joined{Seat: "a", Role: room.Member, Node: name})
	left.append(room.Dropped{Seat: "a"})
	bell, err := lives[0].Log().Watch(t.Context(), "sits-too")
	if err != nil {
		t.Fatal(err)
	}
	begin(t, dies, "sits-too").append(room.Joined{Seat: "a", Role: room.Member, Node: name})
	heard(t, bell)

	if err := dies.Close(); err != nil { // without a word to the others
		t.Fatal(err)
	}
	died := time.Now()
	for _, s := range lives {
		soon(t, 2*time.Second, "it is dead", func() bool { return s.Nodes().Dead(name) })
	}
	if d := time.Since(died); d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
	heard(t, bell)
	soon(t, time.Second, "its room is told of", func() bool { return told("sits") > 0 })
	if told("left") > 0 {
		t.Error("a room that it had left is told of")
	}
	n := told("sits")
	soon(t, 3*time.Second, "it is told of again, since nobody took it", func() bool { return told("sits") > n })
	if told("sits") > 5 {
		t.Errorf("it was told of %d times", told("sits"))
	}
}

// TestLeavingIsAtOnce: nobody waits for a node that said that it goes.
func TestLeavingIsAtOnce(t *testing.T) {
	r := servers.StartRedis(t)
	leaves, stays := node(t, r, brisk), node(t, r, brisk)
	name := leaves.Nodes().Me()
	soon(t, time.Second, "they know each other", func() bool { return slices.Contains(stays.Nodes().Others(), name) })
	k := begin(t, leaves, "r")
	if err := leaves.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon(t, 500*time.Millisecond, "it is gone", func() bool { return stays.Nodes().Dead(name) && len(stays.Nodes().Others()) == 0 })
	if _, err := k.try(room.CareOver{}); err == nil {
		t.Error("it writes on")
	}
	says(t, leaves.Ready(), "has left the others")
	if err := leaves.Leave(t.Context()); err != nil {
		t.Error("leaving twice:", err)
	}
}

// TestAStrangersNameIsDeadSoon: a room that was kept may name nodes of which
// nobody has ever heard.
func TestAStrangersNameIsDeadSoon(t *testing.T) {
	r := servers.StartRedis(t)
	s, other := joined(t, r, brisk), joined(t, r, brisk)
	round(t, s)
	bell, err := s.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if s.Nodes().Dead("stranger") || s.Nodes().Dead("") || s.Nodes().Dead(other.Nodes().Me()) {
		t.Error("said too early")
	}
	round(t, s)
	heard(t, bell)
	if !s.Nodes().Dead("stranger") || s.Nodes().Dead(other.Nodes().Me()) || s.Nodes().Dead(s.Nodes().Me()) {
		t.Error("the stranger lives, or somebody else is dead")
	}
}

// TestABeatOnItsWayProvesNothing of a name that was found after it began.
func TestABeatOnItsWayProvesNothing(t *testing.T) {
	n := newNodes(time.Now, time.Second)
	list := func(names ...string) part {
		p := part{alive: map[string]bool{}, seen: 1}
		for _, name := range names {
			p.alive[name] = true
		}
		return p
	}
	first, me, _, _ := n.begin(func() string { return "me" })
	n.joined()
	if n.Dead("new") { // found in a room while the beat is on its way
		t.Error("said too early")
	}
	if n.heard(first, 0, list(me)); n.Dead("new") {
		t.Error("an old list was believed")
	}
	second, _, _, _ := n.begin(func() string { return "" })
	for p := range partitions {
		n.heard(second, p, list(me, "new"))
	}
	n.settle(second, time.Now())
	if n.Dead("new") || len(n.asked) > 0 {
		t.Error("who lives is asked about")
	}
	third, _, _, _ := n.begin(func() string { return "" })
	if !n.heard(third, 7, list(me)) || !n.Dead("new") || n.Dead(me) {
		t.Error("who is off a list is not dead")
	}
	n.heard(third, 8, list(me, "new"))
	if !n.Dead("new") {
		t.Error("the dead came back")
	}
}

// TestALostRingIsCaughtByTheBeat of a node that hears no bells at all.
func TestALostRingIsCaughtByTheBeat(t *testing.T) {
	r := servers.StartRedis(t)
	deaf, other := joined(t, r, brisk), joined(t, r, brisk)
	k := begin(t, other, "r")
	if _, err := deaf.Log().Read(t.Context(), "r", room.Head{}); err != nil {
		t.Fatal(err)
	}
	bell, err := deaf.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		k.append(room.CareOver{})
		round(t, deaf)
		heard(t, bell)
		if _, err := deaf.Log().Read(t.Context(), "r", room.Head{}); err != nil {
			t.Fatal(err)
		}
		round(t, deaf)
		select {
		case <-bell:
			t.Error("it rings for what is known")
		default:
		}
	}
}

// TestARewoundRoomIsRungFor: no doorbell tells of it.
func TestARewoundRoomIsRungFor(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	bell, err := s.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	k := begin(t, s, "r")
	p := partition("r")
	copies := map[string]string{key(p, "room:r"): key(p, "room:before"), key(p, "log:r"): key(p, "log:before")}
	for name, before := range copies {
		if _, err := r.Do("COPY", name, before); err != nil {
			t.Fatal(err)
		}
	}
	k.append(room.CareOver{})
	k.append(room.CareOver{})
	for name, before := range copies {
		if _, err := r.Do("COPY", before, name, "REPLACE"); err != nil {
			t.Fatal(err)
		}
	}
	round(t, s)
	heard(t, bell)
	tail, err := s.Log().Read(t.Context(), "r", k.head)
	if err != nil || tail.State == nil || tail.Head.Seq != 1 {
		t.Errorf("it reads %d, %v", tail.Head.Seq, err)
	}
}

// TestABellIsRung at a node that asks for nothing.
func TestABellIsRung(t *testing.T) {
	r := servers.StartRedis(t)
	p := brisk
	p.beat = time.Hour
	s := joined(t, r, brisk)
	listens := node(t, r, p)
	bell, err := listens.Log().Watch(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	soon(t, 5*time.Second, "it hears", func() bool { return listens.bell.heard() == nil })
	k := begin(t, s, "r")
	for range 3 {
		heard(t, bell)
		k.say("hello")
	}
	heard(t, bell)
}

// TestABellForWhatIsKnownIsNotRung, nor for what is on its way back.
func TestABellForWhatIsKnownIsNotRung(t *testing.T) {
	rooms := newRooms()
	bell := rooms.watch(t.Context(), "r")
	rang := func() bool {
		select {
		case <-bell:
			return true
		default:
			return false
		}
	}
	know := func(seq uint64) { rooms.m["r"].told(room.Head{Epoch: "E", Seq: seq}) }
	know(5)
	rooms.ring("r", "E", 5)
	rooms.ring("other", "E", 9)
	if rang() {
		t.Error("it rang for what is known")
	}
	rooms.ring("r", "E", 6)
	rooms.ring("r", "E", 7)
	if !rang() || rang() {
		t.Error("it did not ring once")
	}
	rooms.ring("r", "F", 1)
	if !rang() {
		t.Error("it did not ring for another epoch")
	}
	rooms.busy("r")
	rooms.ring("r", "E", 6)
	know(6)
	rooms.idle("r")
	if rang() {
		t.Error("it rang for what came back meanwhile")
	}
	rooms.busy("r")
	rooms.busy("r")
	rooms.ring("r", "E", 8)
	know(7)
	rooms.idle("r")
	if rang() {
		t.Error("it rang while something was on its way")
	}
	rooms.idle("r")
	if !rang() {
		t.Error("a bell that waited is lost")
	}
}

// TestOverdueRooms: what is due and not done is told to one node at a time;
// what is not there any more, to nobody.
func TestOverdueRooms(t *testing.T) {
	r := servers.StartRedis(t)
	var told []room.ID
	s := joined(t, r, brisk, func(_ *Options, ev *Events) { ev.Orphans = func(ids []room.ID) { told = append(told, ids...) } })
	other := joined(t, r, brisk, func(_ *Options, ev *Events) { ev.Orphans = func(ids []room.ID) { told = append(told, ids...) } })
	begin(t, s, "late")
	begin(t, s, "later")
	for _, id := range []string{"late", "bygone"} {
		do(t, r, "ZADD", key(partition(id), "due"), "1", id)
	}
	round(t, s)
	round(t, other)
	if !slices.Equal(told, []room.ID{"late"}) {
		t.Errorf("told of %q", told)
	}
	if left := do(t, r, "ZSCORE", key(partition("bygone"), "due"), "bygone"); left != "" {
		t.Error("what is gone is due still:", left)
	}
	live, err := s.Live(t.Context())
	if slices.Sort(live); err != nil || !slices.Equal(live, []room.ID{"late", "later"}) {
		t.Errorf("live are %q, %v", live, err)
	}
}

// TestReady is a sentence, or nothing.
func TestReady(t *testing.T) {
	r := servers.StartRedis(t)
	s := quiet(t, r, brisk)
	says(t, s.Ready(), "not joined")
	ready := node(t, r, brisk)
	soon(t, 5*time.Second, "it is ready", func() bool { return ready.Ready() == nil })
	r.Kill()
	soon(t, 5*time.Second, "it is not ready", func() bool { return ready.Ready() != nil })
	says(t, ready.Ready(), "see that Redis runs")
	if others := ready.Nodes().Others(); others != nil {
		t.Errorf("it says that %q live", others)
	}
	r.Restart()
	soon(t, 10*time.Second, "it is ready again", func() bool { return ready.Ready() == nil })
	if _, err := r.Do("CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	soon(t, 5*time.Second, "it is not ready", func() bool { return ready.Ready() != nil })
	says(t, ready.Ready(), "Redis is full")
}

// TestStartEndsInTime when Redis does not answer.
func TestStartEndsInTime(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t)
	s := quiet(t, r, standard)
	r.Pause()
	defer r.Resume()
	began := time.Now()
	err := s.Start(t.Context(), Events{})
	says(t, err, "join the other nodes")
	if d := time.Since(began); d > 7*time.Second {
		t.Errorf("it took %v", d)
	}
	if s.Start(t.Context(), Events{}) == nil {
		t.Error("started twice")
	}
}

package hub

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hearth/room"
	"hearth/room/memlog"
)

// What goes wrong at the worst moment, where nodes share a room.

// tabAt opens another tab of somebody at a node.
func (f *fleet) tabAt(node, seat, session string) *person {
	f.t.Helper()
	was := f.hub
	f.hub = f.hubs[node]
	defer func() { f.hub = was }()
	p, err := f.tab(seat, session, room.Member, nil)
	if err != nil {
		f.t.Fatalf("%s could not sit down at %s: %v", seat, node, err)
	}
	return p
}

// Who leaves has left, also where a tab on another node has not closed yet.
func TestWhoHasLeftIsNotMendedBack(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		phone := f.sitsAt("north", "jun", room.Member, nil)
		laptop := f.tabAt("south", "jun", "laptop")
		fac.does(room.Next{})
		phone.does(room.Leave{})
		pass(time.Second)
		if seat := f.state().Seats["jun"]; seat != nil {
			t.Errorf("Jun has left and is seated: %+v", seat)
		}
		if _, why := laptop.hears(); why != YouLeft {
			t.Errorf("the other tab ended with %q", why)
		}
	}, "north", "south")
}

// Somebody with lines to more nodes than a seat remembers keeps none of them
// busy.
func TestASeatWithLinesToManyNodes(t *testing.T) {
	var names []string
	for i := range room.MaxNodes + 2 {
		names = append(names, fmt.Sprint("node-", i))
	}
	together(t, func(t *testing.T, f *fleet) {
		all := map[string]*person{}
		for _, name := range names {
			all[name] = f.tabAt(name, "jun", "tab-"+name)
		}
		pass(time.Second)
		before := f.now().Seq
		pass(time.Minute)
		if after := f.now().Seq; after > before+uint64(len(names)) {
			t.Fatalf("%d entries about one seat's lines in a minute", after-before)
		}
		last := names[len(names)-1]
		for _, name := range names[:len(names)-1] {
			all[name].s.Rise()
		}
		pass(time.Second)
		if !f.state().Seats["jun"].Here {
			t.Error("one line is up, and Jun is told to be away")
		}
		all[last].s.Rise()
		pass(time.Second)
		if f.state().Seats["jun"].Here {
			t.Error("every line is down, and Jun is told to be here")
		}
	}, names...)
}

// Words that wait for somebody are not lost when names can be read again.
func TestAKeyThatComesBackTakesNoWordsAway(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		jun.hears()
		fac.does(room.Say{Turn: 1, Text: "waiting"})
		synctest.Wait()
		delete(f.hubs["north"].rooms[here].state.Words.Names, "jun") // as if its key had not been here
		f.hubs["north"].Reread(here)
		pass(time.Second)
		got := words(must(jun.hears()))
		if !slices.Equal(got, []string{"waiting"}) {
			t.Errorf("Jun heard %q", got)
		}
	}, "north")
}

// A page from before points had tags starts anew, and is told of no loss.
func TestAPointWithoutATag(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, all := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		seen := m.now()
		all["jun"].s.Rise()
		fac.does(room.Say{Turn: 1, Text: "meanwhile"})
		seen.Tag = ""
		back, err := m.tab("jun", "jun-tab", room.Member, seen)
		if err != nil {
			t.Fatal(err)
		}
		if back.g.Rewound || back.g.Fresh == nil {
			t.Errorf("rewound %v, fresh %v", back.g.Rewound, back.g.Fresh != nil)
		}
		if got := missed(back); !slices.Equal(got, []string{"meanwhile"}) {
			t.Errorf("Jun missed %q", got)
		}
	})
}

// counted counts who has a key of the room at heart.
type counted struct {
	ringOf
	sits *atomic.Bool
}

func (c counted) Hold(ctx context.Context, id room.ID, kid string) (string, error) {
	c.sits.Store(true)
	return c.ringOf.Hold(ctx, id, kid)
}

func (c counted) Release(id room.ID) { c.sits.Store(false) }
func (c counted) Forget(id room.ID)  { c.sits.Store(false); c.ringOf.Forget(id) }

// A node that opened a room in which nobody sits at it does not keep its key
// for ever.
func TestAKeyThatNobodySitsByIsReleased(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		f.sitsAt("north", "marisol", room.Facilitator, nil)
		var sits atomic.Bool
		f.hubs["south"].cfg.Keys = counted{ringOf{f, "south"}, &sits}
		f.hubs["south"].Wake(t.Context(), here)
		pass(3 * idleFor)
		if sits.Load() {
			t.Error("the node holds the key as if somebody sat there")
		}
	}, "north", "south")
}

// A room is written here as long as it is run here, also when every line is
// down: its key stays until then.
func TestTheKeyOfARoomWhoseLinesAreDown(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		var sits atomic.Bool
		f.hubs["north"].cfg.Keys = counted{ringOf{f, "north"}, &sits}
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.s.Rise()
		pass(time.Minute)
		jun.s.Rise()
		pass(room.DefaultSettings().SeatGrace - 30*time.Second)
		if len(f.state().Seats) != 1 || !sits.Load() {
			t.Errorf("%d seats are kept, and the key: %v", len(f.state().Seats), sits.Load())
		}
		pass(3 * time.Minute)
		if len(f.state().Seats) != 0 || sits.Load() {
			t.Errorf("later %d seats are kept, and the key: %v", len(f.state().Seats), sits.Load())
		}
	}, "north")
}

// emptied is a log that has lost everything, as when an operator gives a
// room up.
type emptied struct {
	room.Log
	lost *atomic.Bool
}

func (l emptied) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if l.lost.Load() {
		return room.Tail{}, room.ErrNoRoom
	}
	return l.Log.Append(ctx, id, at, b)
}

func (l emptied) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if l.lost.Load() {
		return room.Tail{}, room.ErrNoRoom
	}
	return l.Log.Read(ctx, id, after)
}

// A room whose log is gone does not stay in memory, answering nobody: people
// come back, and it begins anew.
func TestARoomWhoseLogIsGone(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		var lost atomic.Bool
		m.log = emptied{m.log, &lost}
		m.open()
		fac, all := m.circle("jun")
		seen := m.now()
		lost.Store(true)
		if a, err := fac.asks(room.Call{Name: "M", Key: "m"}); err == nil {
			t.Errorf("a name in a room without a log is answered %+v", a)
		}
		pass(time.Second)
		for _, p := range []*person{fac, all["jun"]} {
			if _, why := p.hears(); why != RoomFault {
				t.Errorf("%s sits on: %q", p.seat, why)
			}
		}
		m.log.(emptied).lost.Store(false)
		m.log = memlog.New(time.Now)
		m.hub.cfg.Log = m.log
		back, err := m.tab("jun", "jun-tab", room.Member, seen)
		if err != nil || !back.g.Rewound || back.g.Last != 0 {
			t.Errorf("Jun is met with %+v, %v", back.g, err)
		}
	})
}

// A log that was given back by a node that knew more than this one has lost
// nothing, and says nothing of a loss; nor are words lost on the way.
func TestALogGivenBackByWhoKnewMore(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("south", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "waiting"})
		pass(time.Second)
		f.mu.Lock()
		f.deaf = true
		f.mu.Unlock()
		fac.does(room.Say{Turn: 1, Text: "unheard"})
		pass(time.Second)
		f.mu.Lock()
		f.deaf = false
		f.mu.Unlock()
		f.loses(f.now().Seq)
		l, err := jun.s.queue.take()
		if err != nil || l.Fresh == nil || l.Fresh.Rewound {
			t.Fatalf("Jun is told %+v, %v", l.Fresh, err)
		}
		jun.g = *l.Fresh
		if got := missed(jun); !slices.Equal(got, []string{"waiting", "unheard"}) {
			t.Errorf("Jun is given %q", got)
		}
	}, "north", "south")
}

// slow is a log that answers for one room only after a while.
type slow struct {
	room.Log
	id room.ID
}

func (l slow) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if id == l.id {
		<-time.After(time.Minute)
	}
	return l.Log.Read(ctx, id, after)
}

// Of rooms that nobody runs, one that takes its time keeps none waiting.
func TestRoomsAreWokenSideBySide(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		m.log = slow{m.log, "slow"}
		m.open()
		go m.hub.Wake(t.Context(), "slow", here)
		pass(time.Second)
		if _, err := m.log.Read(t.Context(), here, room.Head{}); err != nil {
			t.Errorf("a room waits for another to be loaded: %v", err)
		}
		pass(2 * time.Minute)
	})
}

// Whoever was removed stays so, also where the log has lost it: on the node
// that knew, on one that begins with the older log, and while the store that
// remembers does not answer at first.
func TestARemovalOutlastsTheLog(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		away := atomic.Bool{}
		for _, h := range f.hubs {
			h.cfg.Removed = func(room.ID) ([]room.SeatID, error) {
				if away.Load() {
					return nil, errMoody
				}
				f.meeting.mu.Lock()
				defer f.meeting.mu.Unlock()
				return slices.Clone(f.barred), nil
			}
		}
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Offer{Turn: 1, Seat: "jun"})
		before := f.now().Seq
		fac.does(room.Remove{Seat: "jun"})
		pass(time.Second)
		gone := func(node string) {
			t.Helper()
			if seat := f.state().Seats["jun"]; seat != nil {
				t.Errorf("Jun, removed, is seated: %+v", seat)
			}
			f.hub = f.hubs[node]
			if _, err := f.tab("jun", "jun-tab", room.Member, nil); refusal(err) != room.YouAreBarred {
				t.Errorf("Jun, removed, is met with %v", err)
			}
			if f.state().Stick.Seat == "jun" {
				t.Error("Jun, removed, has the stick")
			}
		}
		away.Store(true)
		f.loses(before)
		gone("north")
		f.hubs["north"].Stop()
		if err := f.mem.Lose(here, before); err != nil {
			t.Fatal(err)
		}
		f.declareDead("north", "")
		f.hub = f.hubs["south"]
		f.hub.Wake(t.Context(), here)
		away.Store(false)
		pass(2 * retryLog)
		gone("south")
	}, "north", "south")
}

// A store that hangs takes its time, not the room's.
func TestAStoreThatHangsHoldsNobodyUp(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		var hangs atomic.Int32
		m.hub.cfg.Barred = func(room.ID, []room.SeatID) error {
			hangs.Add(1)
			<-time.After(2 * time.Second)
			return errMoody
		}
		fac, _ := m.circle("jun", "sam")
		fac.does(room.Remove{Seat: "jun"})
		start := time.Now()
		for range 15 {
			fac.does(room.SetHold{Why: room.HoldBreath})
			fac.does(room.Release{})
			pass(time.Second)
		}
		if took := time.Since(start); took > 17*time.Second || hangs.Load() != 1 {
			t.Errorf("15 s took %v, with %d tries", took, hangs.Load())
		}
		pass(time.Minute)
		if hangs.Load() < 3 {
			t.Errorf("tried again %d times in a minute", hangs.Load()-1)
		}
	})
}

// A node that alone was cut off, so that the others gave it up, stops nobody
// else's clock when it comes back.
func TestANodeCutOffAloneStopsNoClock(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		var cut atomic.Bool
		f.hubs["south"].cfg.Log = cutOff{f.log, &cut}
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		f.sitsAt("north", "jun", room.Member, nil)
		sam := f.sitsAt("south", "sam", room.Member, nil)
		fac.does(room.Next{})
		cut.Store(true)
		if _, err := sam.asks(room.Listen{On: true}); err == nil {
			t.Fatal("a node that is cut off answers")
		}
		pass(2 * time.Second)
		f.declareDead("south", "south-again")
		pass(time.Minute)
		cut.Store(false)
		pass(2 * time.Second)
		if seat := f.state().Seats["sam"]; !seat.Here {
			t.Error("Sam's node is back, and Sam is not")
		}
		pass(27 * time.Second)
		f.stickIs("offered jun 2")
	}, "north", "south")
}

type cutOff struct {
	room.Log
	cut *atomic.Bool
}

func (l cutOff) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if l.cut.Load() {
		return room.Tail{}, errMoody
	}
	return l.Log.Append(ctx, id, at, b)
}

func (l cutOff) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if l.cut.Load() {
		return room.Tail{}, errMoody
	}
	return l.Log.Read(ctx, id, after)
}

// Words that were taken back while somebody was on the way to another node
// leave their screen, too.
func TestWordsTakenBackOnTheWay(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		said := fac.does(room.Say{Turn: 1, Text: "heard, then taken back"})
		seen := f.now()
		jun.s.Rise()
		fac.does(room.Retract{Seq: said.Seq})
		fac.does(room.MoreTime{Turn: 1, Minutes: 1})
		back := f.sitsAt("south", "jun", room.Member, seen)
		if len(back.g.Missed) != 1 || frameOf(t, back.g.Missed[0]).Retracted != said.Seq {
			t.Errorf("Jun is given %s", back.g.Missed)
		}
		if late := f.sitsAt("south", "noor", room.Member, nil); len(late.g.Missed) != 0 {
			t.Errorf("a latecomer is given %s", late.g.Missed)
		}
	}, "north", "south")
}

// Somebody who fell behind starts again with what waited for them.
func TestWhoFellBehindIsGivenTheWords(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, all := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		fac.hears()
		all["jun"].hears()
		var want []string
		for i := range queueEntries + 2 {
			want = append(want, fmt.Sprint("word ", i))
			fac.does(room.Say{Turn: 1, Text: want[i]})
			fac.hears()
		}
		l, err := all["jun"].s.queue.take()
		if err != nil || l.Fresh == nil {
			t.Fatalf("%d waited and Jun is told %+v, %v", len(want), l, err)
		}
		got := []string{}
		for _, b := range slices.Concat(l.Fresh.Missed, l.Frames) {
			got = append(got, words([]room.Frame{frameOf(t, b)})...)
		}
		if !slices.Equal(got, want[len(want)-len(got):]) || len(got) < queueEntries {
			t.Errorf("Jun is given %q", got)
		}
	})
}

// A log that is away for an hour is told once, not every second by every room.
func TestALogThatIsAwayIsToldOnce(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		var cut atomic.Bool
		f.hubs["north"].cfg.Log = cutOff{f.log, &cut}
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		cut.Store(true)
		if _, err := fac.asks(room.Next{}); err == nil {
			t.Fatal("a node that is cut off answers")
		}
		pass(time.Hour)
		f.meeting.mu.Lock()
		defer f.meeting.mu.Unlock()
		if n := len(f.faults); n == 0 || n > 3 {
			t.Errorf("%d faults were told", n)
		}
	}, "north")
}

// A room that can't be loaded is found overdue every second, and told of once
// a minute.
func TestARoomThatCannotBeWokenIsToldOnceAMinute(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		var lost atomic.Bool
		m.log = cutOff{m.log, &lost}
		m.open()
		lost.Store(true)
		for range 119 {
			m.hub.Wake(t.Context(), here)
			pass(time.Second)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.faults) != 2 {
			t.Errorf("told %d times in two minutes", len(m.faults))
		}
	})
}

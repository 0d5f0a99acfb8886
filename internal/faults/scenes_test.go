package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// long makes each scene as large as it is promised for.
var long = flag.Bool("long", false, "50 failovers, 2,000 connections, 50 removals, 5 outages")

// size is small in the usual run.
func size(small, large int) int {
	if *long {
		return large
	}
	return small
}

// calm are flags of nodes on which nothing happens by itself for a minute.
var calm = []string{"--trusted-proxy", "127.0.0.0/8", "--log-level", "warn", "--max-seats", "100"}

// still does nothing.
func still(*Tab) room.Act { return nil }

// begins begins the circle, and then does nothing.
func begins(t *Tab) room.Act {
	if t.View.Phase == room.Gathering {
		return room.Next{Turn: t.View.Stick.Turn}
	}
	return nil
}

// holds begins the circle, takes the stick when it comes, and keeps it; talks
// says something now and then, too.
func holds(t *Tab) room.Act {
	s := t.View.Stick
	if s.Seat == t.You.Seat && s.At == room.Offered {
		return room.Take{Turn: s.Turn}
	}
	if t.Seat.Role == room.Facilitator {
		return begins(t)
	}
	return nil
}

func talks(t *Tab) room.Act {
	if s := t.View.Stick; s.Seat == t.You.Seat && s.At == room.InHand {
		return room.Say{Turn: s.Turn, Text: fmt.Sprintf("%s tells of %d", t.Seat.Name, t.Rng.Uint64())}
	}
	return holds(t)
}

// hands returns who holds the stick of each circle, and as which turn, as its
// first tab sees it; waits until somebody does.
func (g *gather) hands(where room.StickAt) (sticks []room.StickView) {
	g.t.Helper()
	for _, x := range g.circles {
		tab := x.Tabs[0]
		if !Poll(patience, func() bool { v := tab.Sees(); return v != nil && v.Stick.At == where }) {
			g.t.Fatalf("nobody holds the stick of %s: %s", x.Title, toJSON(tab.Sees()))
		}
		s := tab.Sees().Stick
		sticks = append(sticks, room.StickView{At: s.At, Turn: s.Turn, Seat: s.Seat})
	}
	return sticks
}

// unchanged asserts that the sticks are where they were, also in the log: no
// turn has ended.
func (g *gather) unchanged(was []room.StickView) {
	g.t.Helper()
	for i, s := range g.hands(room.InHand) {
		if s != was[i] {
			g.t.Errorf("%s: the stick was %+v and is %+v", g.circles[i].Title, was[i], s)
		}
	}
}

// fine asserts that nothing is wrong in any room; lossy: see check.
func (g *gather) fine(lossy bool) verdict {
	g.t.Helper()
	g.c.EndWitness()
	total, _ := g.judge(lossy)
	if g.t.Failed() {
		keepLogs(g.t, g.c)
	}
	return total
}

// With ack=replica a failover to a replica that is behind loses nothing that
// was acknowledged.
func TestFailoverToALaggingReplica(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: flags, Ack: "replica", Fsync: "everysec", Lag: 100 * time.Millisecond})
	g := gathering(t, c, 101, 6, agendas...)
	n := size(2, 50)
	g.talk(func() {
		for range n {
			c.PromoteLagging(300 * time.Millisecond)
			pause(t.Context(), 2*time.Second)
		}
	})
	total := g.fine(false)
	if total.acked < 10*n {
		t.Errorf("only %d were acknowledged", total.acked)
	}
	t.Logf("%d failovers: %d acknowledged, none lost", n, total.acked)
}

// What the nodes know survives a Redis that lost it: one that is behind takes
// over, or somebody empties it.
func TestNodesGiveBackWhatRedisLost(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: flags, Ack: "primary", Fsync: "everysec", Lag: 100 * time.Millisecond})
	g := gathering(t, c, 108, 6, agendas...)
	n := size(1, 10)
	g.talk(func() {
		for range n {
			c.PromoteLagging(300 * time.Millisecond)
			pause(t.Context(), 3*time.Second)
			c.Flush()
			pause(t.Context(), 3*time.Second)
		}
	})
	total := g.fine(false)
	if total.acked < 20*n {
		t.Errorf("only %d were acknowledged", total.acked)
	}
	t.Logf("%d failovers and %d flushes: %d acknowledged, none lost", n, n, total.acked)
}

// What only one node knew is lost if it has no line to Redis when that fails
// over. When it comes back it takes up what the others went on with, and
// those who were on it are told.
func TestALoneNodesLossIsTold(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: flags, Ack: "primary", Fsync: "everysec"})
	g := gathering(t, c, 109, 12, agendas...)
	n := size(2, 10)
	g.talk(func() {
		for i := range n {
			c.LoseSome(i%3, 400*time.Millisecond, 2800*time.Millisecond)
			pause(t.Context(), 2*time.Second)
		}
	})
	total := g.fine(true)
	if total.told == 0 {
		t.Error("nothing was lost, so nothing was shown")
	}
	t.Logf("%d failovers with a node apart: %d acknowledged, %d of them lost and told", n, total.acked, total.told)
}

// With ack=primary something acknowledged may be lost, if all nodes that know
// of it end at the same moment. Whoever it concerns is told.
func TestEveryLossIsTold(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: flags, Ack: "primary", Fsync: "everysec", Lag: 100 * time.Millisecond})
	g := gathering(t, c, 102, 6, agendas...)
	n := size(1, 10)
	g.talk(func() {
		for range n {
			c.LoseAll(700 * time.Millisecond)
			for _, node := range c.Nodes {
				node.AwaitReady()
			}
			pause(t.Context(), 3*time.Second)
		}
	})
	total := g.fine(true)
	if total.told == 0 {
		t.Error("nothing was lost, so nothing was shown")
	}
	t.Logf("%d failovers with all nodes killed: %d acknowledged, %d of them lost and told", n, total.acked, total.told)
}

// A holder whose node is killed comes back on another and still holds.
func TestHolderComesBackElsewhere(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: calm, Ack: "primary", Fsync: "everysec"})
	g := &gather{t: t, c: c}
	var everybody people
	for i := range 6 {
		x := NewCircle(t, fmt.Sprint("Circle ", i+1), 103, c.Began, c.Nodes...)
		x.Seat(&everybody, room.Facilitator, talks).startAt(i)
		x.Seat(&everybody, room.Member, still).startAt(i + 1)
		g.circles = append(g.circles, x)
	}
	g.talk(func() {
		was, before := g.hands(room.InHand), g.welcomes()
		c.Nodes[0].Kill()
		began := time.Now()
		if !Poll(patience, func() bool { return g.welcomes() >= before+4 && len(g.missing()) == 0 }) {
			t.Error("they did not come back")
		}
		t.Logf("everybody was back after %v", time.Since(began).Round(time.Millisecond))
		pause(t.Context(), 2*time.Second) // long enough for the node to be found dead
		g.unchanged(was)
		c.Nodes[0].Start()
	})
	g.fine(false)
	for _, x := range g.circles {
		g.hasNoTurnsEnded(x)
	}
}

// hasNoTurnsEnded asserts that one turn began in a circle and none ended.
func (g *gather) hasNoTurnsEnded(x *Circle) {
	g.t.Helper()
	h := g.c.Witness.Histories()[x.Title]
	if h == nil {
		g.t.Fatalf("no history of %s", x.Title)
	}
	for _, l := range h.Line() {
		for _, ev := range l.Entry.Events {
			if e, is := ev.(room.TurnEnded); is {
				g.t.Errorf("%s: a turn ended: %+v", x.Title, e)
			}
		}
	}
}

// Everybody on a node that is killed is back within 15 seconds, with the
// waits that PROTOCOL.md asks for, and no room loses its stick.
func TestAThousandComeBack(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: calm, Ack: "primary", Fsync: "everysec"})
	g := &gather{t: t, c: c}
	var everybody people
	want := size(200, 2000)
	const perSeat, seats = 5, 20
	for i := range want / (perSeat * seats) {
		x := NewCircle(t, fmt.Sprint("Circle ", i+1), 104, c.Began, c.Nodes...)
		for j := range seats {
			role, choose := room.Member, still
			if j == 0 {
				role, choose = room.Facilitator, holds
			}
			x.Seat(&everybody, role, choose)
			for range perSeat - 1 {
				x.Again(j*perSeat, still)
			}
		}
		for _, tab := range x.Tabs {
			tab.Backoff, tab.Patience = Polite, patience
			tab.startAt(2)
		}
		g.circles = append(g.circles, x)
	}
	g.talk(func() {
		was := g.hands(room.InHand)
		before := g.welcomes()
		c.Nodes[2].Kill()
		began := time.Now()
		if !Poll(patience, func() bool { return g.welcomes() >= before+want && len(g.missing()) == 0 }) {
			missing := g.missing()
			t.Errorf("%d of %d came back:\n%s", g.welcomes()-before, want, strings.Join(missing[:min(len(missing), 10)], "\n"))
		}
		took := time.Since(began)
		if took > 15*time.Second {
			t.Errorf("the last came back after %v", took)
		}
		t.Logf("%d connections were back after %v", want, took.Round(time.Millisecond))
		g.unchanged(was)
		c.Nodes[2].Start()
	})
	g.fine(false)
}

func (g *gather) welcomes() (n int) {
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			n += tab.Welcomes()
		}
	}
	return n
}

// Restarting one node after the other under talk loses no acknowledgement,
// no word and no name, and changes no stick.
func TestRollingRestart(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: calm, Ack: "primary", Fsync: "everysec"})
	g := &gather{t: t, c: c}
	var everybody people
	for i := range size(4, 20) {
		x := NewCircle(t, fmt.Sprint("Circle ", i+1), 105, c.Began, c.Nodes...)
		x.Seat(&everybody, room.Facilitator, talks)
		for range 3 {
			x.Seat(&everybody, room.Member, still)
		}
		g.circles = append(g.circles, x)
	}
	var was []room.StickView
	g.talk(func() {
		was = g.hands(room.InHand)
		for _, n := range c.Nodes {
			if code := n.Stop(); code != 0 {
				t.Errorf("%s ended with %d", n.Name, code)
			}
			n.Start()
			g.awaitAll("came back")
			pause(t.Context(), time.Second)
		}
		g.unchanged(was)
	})
	total := g.fine(false)
	if total.unknown > 0 {
		t.Errorf("%d are unknown", total.unknown)
	}
	for _, x := range g.circles {
		g.hasNoTurnsEnded(x)
		g.heardAll(x)
	}
	t.Logf("%d acknowledged", total.acked)
}

// heardAll asserts that everybody heard all that was said, and knows
// everybody's name.
func (g *gather) heardAll(x *Circle) {
	g.t.Helper()
	said := 0
	for _, o := range x.Record.Ops {
		do, is := o.Do.(room.Say)
		if !is || o.Outcome != Done {
			continue
		}
		said++
		for _, tab := range x.Tabs {
			if got, heard := tab.Heard[o.Seq]; !heard || got != do.Text {
				g.t.Errorf("%s: %s heard %q (%v) of %v", x.Title, tab.Seat.Name, got, heard, o)
			}
		}
	}
	for _, tab := range x.Tabs {
		for id, seat := range tab.Seats {
			if seat.Name == "" {
				g.t.Errorf("%s: %s does not know the name of %s", x.Title, tab.Seat.Name, id)
			}
		}
		if len(tab.Seats) != len(x.Tabs) {
			g.t.Errorf("%s: %s sees %d people of %d", x.Title, tab.Seat.Name, len(tab.Seats), len(x.Tabs))
		}
	}
	if said < 5 {
		g.t.Errorf("%s: only %d things were said", x.Title, said)
	}
}

// A removed person's connections are gone on every node: at once, and soon
// even if Redis tells nobody anything.
func TestRemovedIsGoneEverywhere(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		name, most := "with pubsub", 500*time.Millisecond
		if deaf {
			name, most = "without pubsub", 2*time.Second
		}
		t.Run(name, func(t *testing.T) { removals(t, deaf, most) })
	}
}

func removals(t *testing.T, deaf bool, most time.Duration) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: calm, Ack: "primary", Fsync: "everysec"})
	x := NewCircle(t, "Circle", 106, c.Began, c.Nodes...)
	var everybody people
	remove := make(chan room.SeatID, 1)
	x.Seat(&everybody, room.Facilitator, func(t *Tab) room.Act {
		select {
		case id := <-remove:
			return room.Remove{Seat: id}
		default:
			return nil
		}
	}).Pace = 10 * time.Millisecond
	n := size(6, 50)
	for range n {
		at := len(x.Tabs)
		x.Seat(&everybody, room.Member, still).startAt(0)
		x.Again(at, still).startAt(1)
		x.Again(at, still).startAt(2)
	}
	gone := make(chan time.Duration, 3*n)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	for _, tab := range x.Tabs {
		group.Go(func() {
			err := tab.Run(ctx)
			var away *StayAway
			if errors.As(err, &away) && away.Code == 4403 {
				gone <- x.Record.Now()
			} else if err != nil {
				t.Errorf("%s: %v", tab.Seat.Name, err)
			}
		})
	}
	g := &gather{t: t, c: c, circles: []*Circle{x}}
	g.awaitAll("came in")
	if deaf {
		c.Deafen()
		defer c.Heal()
	}
	var took []time.Duration
	for i := range n {
		pause(ctx, 300*time.Millisecond) // a facilitator has four safety commands a second
		remove <- x.Tabs[1+3*i].Sits()
		began := x.Record.Now()
		for range 3 {
			select {
			case at := <-gone:
				took = append(took, at-began)
			case <-time.After(patience):
				for _, tab := range x.Tabs[1+3*i : 4+3*i] {
					t.Errorf("removal %d: up %v, last down for: %s", i+1, tab.Up(), tab.Down())
				}
				t.FailNow()
			}
		}
	}
	slices.Sort(took)
	p99 := took[(len(took)-1)*99/100]
	if p99 > most {
		t.Errorf("p99 of %d connections: %v, more than %v", len(took), p99, most)
	}
	t.Logf("%d connections gone: median %v, p99 %v", len(took), took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond))
	cancel()
	group.Wait()
	g.fine(false)
}

// Outages of Redis declare nobody dead; a node that is dead is noticed.
func TestOutagesAndDeath(t *testing.T) {
	c := StartCluster(t, Setup{Bin: bin(t), Nodes: 3, Flags: calm, Ack: "primary", Fsync: "everysec"})
	g := gathering(t, c, 107, 2)
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			tab.Choose = holds
		}
	}
	g.talk(func() {
		g.hands(room.InHand)
		alive, dead := c.Known()
		if len(alive) != 3 || len(dead) != 0 {
			t.Fatalf("alive %v, dead %v", alive, dead)
		}
		for i := range size(2, 5) {
			c.primary.Pause()
			pause(t.Context(), 2500*time.Millisecond)
			c.primary.Resume()
			pause(t.Context(), 2*time.Second)
			if now, gone := c.Known(); !slices.Equal(now, alive) || len(gone) > 0 {
				t.Errorf("after outage %d: alive %v, dead %v; before alive %v", i+1, now, gone, alive)
			}
		}
		c.Nodes[1].Kill()
		began := time.Now()
		if !Poll(patience, func() bool { _, gone := c.Known(); return len(gone) == 1 }) {
			t.Error("nobody noticed a dead node")
		}
		took := time.Since(began)
		if took > 2*time.Second {
			t.Errorf("a dead node was noticed after %v", took)
		}
		t.Logf("a dead node was noticed after %v", took.Round(time.Millisecond))
		c.Nodes[1].Start()
	})
	g.fine(false)
}

package faults

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

var (
	seeds   = flag.Int("seeds", 1, "how many runs, each with its own faults")
	first   = flag.Uint64("seed", 1, "the first run's seed; the others count on")
	during  = flag.Duration("for", 20*time.Second, "how long each run has faults")
	circles = flag.Int("circles", 20, "circles of eight people in each run")
)

// flags make much happen in a minute.
var flags = []string{"--trusted-proxy", "127.0.0.0/8", "--offer-window", "3s", "--grace", "4s", "--turn-time", "4s", "--keeper-grace", "6s", "--log-level", "warn"}

// perCircle is how many people sit in one circle. least is how many commands
// must be acknowledged in a minute of faults; a short run may be on a slow
// machine.
const (
	perCircle = 8
	least     = 4000
)

// TestFaults lets circles talk while things break, and checks what everybody
// was told. What a line says is in the package doc.
func TestFaults(t *testing.T) {
	for i := range *seeds {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { runSeed(t, seed) })
	}
}

func runSeed(t *testing.T, seed uint64) {
	began := time.Now()
	setup := Setup{Bin: bin(t), Nodes: 3, Flags: flags, Ack: "replica", Fsync: "always"}
	if seed%2 == 0 {
		setup.Fsync = "everysec"
	}
	if seed%4 >= 2 {
		setup.Ack = "primary" // then a failover only once the replica has all
	}
	c := StartCluster(t, setup)
	gather := gathering(t, c, seed, *circles, agendas...)
	plan := Plan(seed, len(c.Nodes), *during)
	var events []string
	gather.talk(func() { events = c.Inflict(plan, setup.Ack == "primary") })
	c.EndWitness()
	total, bad := gather.judge(false)
	kinds := map[Kind]int{}
	for _, f := range plan {
		kinds[f.Kind]++
	}
	for _, k := range Kinds {
		if kinds[k] == 0 {
			t.Errorf("no fault was of the kind %s", k)
		}
	}
	want := int(least * during.Minutes())
	if *during < time.Minute {
		want /= 4
	}
	if total.acked < want {
		t.Errorf("only %d commands were acknowledged in %v", total.acked, *during)
	}
	for i, what := range moves {
		if total.events[what] == 0 && (*during >= time.Minute || i < often) {
			t.Errorf("it never came to %s", what)
		}
	}
	list := []string{}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, fmt.Sprintf("%s %d", k, kinds[k]))
	}
	word := "ok"
	if bad || t.Failed() {
		word = "WRONG"
	}
	fmt.Printf("faults: seed %d: %s: %d acknowledged, %d already so, %d refused, %d unknown; %s; ack=%s fsync=%s; %d faults (%s); %v\n",
		seed, word, total.acked, total.same, total.refused, total.unknown, total.evening(), setup.Ack, setup.Fsync, len(plan), strings.Join(list, ", "), time.Since(began).Round(time.Second))
	if t.Failed() {
		t.Logf("again: go test ./internal/faults -run TestFaults -seed %d -for %v\n%s", seed, *during, strings.Join(events, "\n"))
		keepLogs(t, c)
	}
}

// gather is everybody in a cluster.
type gather struct {
	t       *testing.T
	c       *Cluster
	circles []*Circle
}

// gathering makes circles with a facilitator, a listener and members. They
// hold these agendas in turn, or none.
func gathering(t *testing.T, c *Cluster, seed uint64, n int, agendas ...[]room.Stage) *gather {
	g := &gather{t: t, c: c}
	var everybody people
	for i := range n {
		title := fmt.Sprint("Circle ", i+1)
		var x *Circle
		if len(agendas) == 0 || agendas[i%len(agendas)] == nil {
			x = NewCircle(t, title, seed, c.Began, c.Nodes...)
		} else {
			x = agendaCircle(t, c, title, seed, agendas[i%len(agendas)])
		}
		x.Seat(&everybody, room.Facilitator, Talk)
		x.Seat(&everybody, room.Listener, Talk)
		for range perCircle - 2 {
			x.Seat(&everybody, room.Member, Talk)
		}
		g.circles = append(g.circles, x)
	}
	return g
}

// talk lets everybody talk while f runs, and a little longer, until everybody
// knows what became of all they did.
func (g *gather) talk(f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var group sync.WaitGroup
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			group.Go(func() {
				if err := tab.Run(ctx); err != nil {
					g.t.Errorf("%s of %s: %v", tab.Seat.Name, x.Title, err)
				}
			})
		}
	}
	g.awaitAll("came in")
	f()
	for _, n := range g.c.Nodes {
		n.AwaitReady()
		if strings.Contains(n.Log(), "panic") {
			g.t.Errorf("%s panicked", n.Name)
		}
	}
	g.awaitAll("came back")
	g.areHere()
	g.heardOut()
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			tab.Quiet()
		}
	}
	defer time.AfterFunc(patience, cancel).Stop()
	group.Wait()
}

// awaitAll waits until everybody is in their circle.
func (g *gather) awaitAll(what string) {
	g.t.Helper()
	var missing []string
	if !Poll(patience, func() bool { missing = g.missing(); return len(missing) == 0 }) {
		g.t.Errorf("not everybody %s:\n%s", what, strings.Join(missing, "\n"))
	}
}

// areHere waits until everybody who is connected is so in the log, too: a node
// that was taken for dead tells of its people again.
func (g *gather) areHere() {
	g.t.Helper()
	var away []string
	ok := Poll(patience, func() bool {
		away = nil
		for _, x := range g.circles {
			now := g.c.Witness.Now(x.Title)
			for _, tab := range x.Tabs {
				if now == nil || now.Seats[tab.Sits()] == nil || !now.Seats[tab.Sits()].Here {
					away = append(away, fmt.Sprintf("%s of %s", tab.Seat.Name, x.Title))
				}
			}
		}
		return len(away) == 0
	})
	if !ok {
		g.t.Errorf("connected, and not here by the log: %s", strings.Join(away, ", "))
	}
}

// heardOut has everybody do what they have begun, and waits until all nodes
// have told everybody all that the log had by then.
func (g *gather) heardOut() {
	g.t.Helper()
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			tab.Hush()
		}
	}
	g.eachHas("did what they had begun", func(*Circle) uint64 { return 0 })
	newest := map[*Circle]uint64{}
	for _, x := range g.circles {
		newest[x] = g.c.Witness.Told(x.Title)
	}
	g.eachHas("heard everything", func(x *Circle) uint64 { return newest[x] })
}

func (g *gather) eachHas(what string, seq func(*Circle) uint64) {
	g.t.Helper()
	var not []string
	ok := Poll(patience, func() bool {
		not = nil
		for _, x := range g.circles {
			for _, tab := range x.Tabs {
				if !tab.Has(seq(x)) {
					not = append(not, fmt.Sprintf("%s of %s (%d)", tab.Seat.Name, x.Title, seq(x)))
				}
			}
		}
		return len(not) == 0
	})
	if !ok {
		g.t.Errorf("not everybody %s: %s", what, strings.Join(not, ", "))
	}
}

func (g *gather) missing() (who []string) {
	for _, x := range g.circles {
		for _, tab := range x.Tabs {
			if !tab.Up() {
				who = append(who, fmt.Sprintf("%s of %s: %s", tab.Seat.Name, x.Title, tab.Down()))
			}
		}
	}
	return who
}

// judge checks every room.
func (g *gather) judge(lossy bool) (total verdict, bad bool) {
	histories := g.c.Witness.Histories()
	for _, x := range g.circles {
		h := histories[x.Title]
		if h == nil {
			g.t.Errorf("the witness never saw %s", x.Title)
			continue
		}
		v := check(h, x.Record, lossy)
		total.and(v)
		if len(v.wrong) == 0 {
			continue
		}
		bad = true
		dir, err := os.MkdirTemp("", "hearth-faults-wrong-")
		if err != nil {
			g.t.Fatal(err)
		}
		g.t.Errorf("%s (room %s), all of it and a picture in %s:\n%s", x.Title, h.Room, dir, v.brief())
		v.picture(g.t, dir)
	}
	return total, bad
}

// keepLogs puts the nodes' logs where they outlast the test.
func keepLogs(t *testing.T, c *Cluster) {
	dir, err := os.MkdirTemp("", "hearth-faults-logs-")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes {
		if err := os.WriteFile(dir+"/"+n.Name, []byte(n.Log()), 0o600); err != nil {
			t.Error(err)
		}
	}
	t.Logf("logs of the nodes are in %s", dir)
}

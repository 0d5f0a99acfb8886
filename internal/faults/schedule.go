package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Kind is a kind of fault.
type Kind string

// The kinds.
const (
	NodeKilled  Kind = "node-killed"  // kill -9; started again after a while
	NodePaused  Kind = "node-paused"  // SIGSTOP, SIGCONT
	RedisKilled Kind = "redis-killed" // kill -9; started again with its files
	RedisPaused Kind = "redis-paused" // SIGSTOP, SIGCONT
	Promoted    Kind = "promoted"     // the primary ends, its replica goes on
	LinkCut     Kind = "link-cut"     // a node has no line to Redis
	LinkHeld    Kind = "link-held"    // one way of it leads nowhere, then arrives late
	RepliesLost Kind = "replies-lost" // commands arrive, answers don't, then a cut
	Deaf        Kind = "deaf"         // a node hears nothing of what Redis publishes
	LinkSlow    Kind = "link-slow"    // everything between a node and Redis takes longer
	ClientsCut  Kind = "clients-cut"  // all lines of a node to its clients break
	ClientsHeld Kind = "clients-held" // one way of them leads nowhere, then arrives late
	AnswersLost Kind = "answers-lost" // what a node tells its clients is lost, then a cut
)

// Kinds are all of them.
var Kinds = []Kind{NodeKilled, NodePaused, RedisKilled, RedisPaused, Promoted, LinkCut, LinkHeld, RepliesLost, Deaf, LinkSlow, ClientsCut, ClientsHeld, AnswersLost}

// Fault is one fault: it begins at At after the start and lasts For.
type Fault struct {
	Kind Kind
	At   time.Duration
	For  time.Duration
	Node int // which; of no meaning to faults of Redis
	Way  Way // of what is held
}

func (f Fault) String() string {
	return fmt.Sprintf("%v %s node %d way %d for %v", f.At.Round(time.Millisecond), f.Kind, f.Node+1, f.Way, f.For.Round(time.Millisecond))
}

// Plan makes the faults of a seed: every kind once, in some order, and so on
// until the time is over, about one in 1.8 s, more if the time is short. At
// most one node is down at a time, and one fault at a time is on the same
// line; else they overlap.
func Plan(seed uint64, nodes int, during time.Duration) []Fault {
	gap := min(during/18, 1800*time.Millisecond)
	rng := rand.New(rand.NewPCG(seed, 1))
	var plan []Fault
	free := map[string]time.Duration{}
	kinds := []Kind{}
	for at := gap / 2; at < during-gap; at += gap/2 + time.Duration(rng.Int64N(int64(gap))) {
		if len(kinds) == 0 {
			kinds = slices.Clone(Kinds)
			rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		}
		f := Fault{At: at, Node: rng.IntN(nodes), Way: Way(rng.IntN(2)), For: time.Duration(100+rng.IntN(1100)) * time.Millisecond}
		// The first kind of those that are left whose place is free.
		i := slices.IndexFunc(kinds, func(k Kind) bool { return free[place(k, f.Node)] <= at })
		if i < 0 {
			continue
		}
		f.Kind = kinds[i]
		kinds = slices.Delete(kinds, i, i+1)
		if slices.Contains([]Kind{NodePaused, NodeKilled, LinkCut, Deaf}, f.Kind) {
			f.For += time.Duration(rng.IntN(1500)) * time.Millisecond // now and then longer than a lease
		}
		free[place(f.Kind, f.Node)] = at + f.For + 300*time.Millisecond
		plan = append(plan, f)
	}
	return plan
}

// place names what a fault happens to.
func place(k Kind, node int) string {
	switch k {
	case NodeKilled, NodePaused:
		return "a node"
	case RedisKilled, RedisPaused, Promoted:
		return "redis"
	case ClientsCut, ClientsHeld, AnswersLost:
		return fmt.Sprint("clients of ", node)
	}
	return fmt.Sprint("link of ", node)
}

// Inflict runs a plan on a cluster and returns what happened when, in words.
// When it returns all is whole again. Promotions wait for the replica to catch
// up if so told.
func (c *Cluster) Inflict(plan []Fault, caughtUp bool) (events []string) {
	began := time.Now()
	type end struct {
		at time.Duration
		f  Fault
	}
	var ends []end
	note := func(what string, f Fault) {
		events = append(events, fmt.Sprintf("%v %s %s", time.Since(c.Began).Round(time.Millisecond), what, strings.SplitN(f.String(), " ", 2)[1]))
	}
	until := func(at time.Duration) {
		slices.SortFunc(ends, func(a, b end) int { return int(a.at - b.at) })
		for len(ends) > 0 && ends[0].at <= at {
			e := ends[0]
			ends = ends[1:]
			pause(context.Background(), e.at-time.Since(began))
			c.end(e.f)
			note("end  ", e.f)
		}
		pause(context.Background(), at-time.Since(began))
	}
	for _, f := range plan {
		until(f.At)
		for _, e := range slices.Clone(ends) {
			if place(e.f.Kind, e.f.Node) == place(f.Kind, f.Node) {
				until(e.at) // what came before was late
			}
		}
		note("begin", f)
		if c.begin(f, caughtUp) {
			ends = append(ends, end{time.Since(began) + f.For, f})
		}
	}
	for len(ends) > 0 {
		until(slices.MaxFunc(ends, func(a, b end) int { return int(a.at - b.at) }).at)
	}
	return events
}

// begin lets a fault happen; true: it lasts, and end ends it.
func (c *Cluster) begin(f Fault, caughtUp bool) (lasts bool) {
	n, link, line := c.Nodes[f.Node], c.Stores[f.Node], c.Nodes[f.Node].Line
	switch f.Kind {
	case NodeKilled:
		n.Kill()
	case NodePaused:
		n.Pause()
	case RedisKilled:
		c.KillRedis(f.For)
		return false
	case RedisPaused:
		c.primary.Pause()
	case Promoted:
		if caughtUp {
			c.Promote()
		} else {
			c.PromoteLagging(f.For / 4)
		}
		return false
	case LinkCut:
		link.Refuse()
		link.Cut()
	case LinkHeld:
		link.Hold(f.Way)
	case RepliesLost:
		link.Lose(Back)
	case Deaf:
		link.Deafen()
	case LinkSlow:
		link.Delay(f.For / 10)
	case ClientsCut:
		line.Cut()
		return false
	case ClientsHeld:
		line.Hold(f.Way)
	case AnswersLost:
		line.Lose(Back)
	}
	return true
}

func (c *Cluster) end(f Fault) {
	switch f.Kind {
	case NodeKilled:
		c.Nodes[f.Node].Begin()
	case NodePaused:
		c.Nodes[f.Node].Resume()
	case RedisPaused:
		c.primary.Resume()
	case LinkCut, LinkHeld, RepliesLost, Deaf, LinkSlow:
		c.Stores[f.Node].Heal()
	case ClientsHeld, AnswersLost:
		c.Nodes[f.Node].Line.Heal()
	}
}

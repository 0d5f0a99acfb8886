package redisstore

import (
	"maps"
	"slices"
	"sync"
	"time"

	"hearth/presence"
	"hearth/room"
)

// Nodes returns who is alive, by the leases in Redis.
func (s *Store) Nodes() presence.Nodes { return s.nodes }

// nodes is what the beats tell of the nodes.
//
// Who is not on the list in Redis is gone for good: a name is put on it once,
// in every partition before it is used in any room, and never comes back. So
// a name found in a room is dead as soon as a beat that began afterwards does
// not list it.
type nodes struct {
	now    func() time.Time
	silent time.Duration // so long after a beat what is known counts

	mu    sync.Mutex // guards what follows
	me    string     // empty: not joined
	next  string     // the name that is being joined under; empty: none
	round uint64     // of beats, as begun
	asked map[string]uint64
	dead  map[string]bool
	parts [partitions]part
	beat  time.Time // when the last round began that was confirmed everywhere; zero: none was
}

// part is what the last beat told of one partition.
type part struct {
	alive    map[string]bool
	seen     int64 // ms, by the clock of Redis; 0: no beat yet
	from, to int64 // ms: when nobody lived
}

// mostNames bounds what is remembered of names that rooms mention: a room
// that is open here names a few, and each is forgotten only for a newer one.
const mostNames = 4096

func newNodes(now func() time.Time, silent time.Duration) *nodes {
	return &nodes{now: now, silent: silent, asked: map[string]uint64{}, dead: map[string]bool{}}
}

// Me is presence.Nodes'.
func (n *nodes) Me() presence.NodeID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.me
}

// Others is presence.Nodes'.
func (n *nodes) Others() []presence.NodeID {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.me == "" || !n.sure() {
		return nil
	}
	list := []presence.NodeID{}
	for name := range n.parts[0].alive {
		if name != n.me && name != n.next && !n.dead[name] {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// confirmed says whether this node is known to live.
func (n *nodes) confirmed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sure()
}

func (n *nodes) sure() bool { return !n.beat.IsZero() && n.now().Sub(n.beat) <= n.silent }

// Dead is presence.Nodes'.
func (n *nodes) Dead(name presence.NodeID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case name == "" || name == n.me || name == n.next:
		return false
	case n.dead[name]:
		return true
	}
	for _, p := range n.parts {
		if !p.alive[name] {
			n.ask(name)
			return false
		}
	}
	return false
}

// ask has the next beat find out about a name.
func (n *nodes) ask(name string) {
	if _, known := n.asked[name]; known {
		return
	}
	for old := range n.asked {
		if len(n.asked) < mostNames {
			break
		}
		delete(n.asked, old)
	}
	n.asked[name] = n.round
}

// bury remembers that a node is gone.
func (n *nodes) bury(name string) {
	delete(n.asked, name)
	for old := range n.dead {
		if len(n.dead) < mostNames {
			break
		}
		delete(n.dead, old)
	}
	n.dead[name] = true
}

// Dark is presence.Nodes'.
func (n *nodes) Dark(id room.ID) (from, to time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.parts[partition(string(id))]
	if p.to == 0 {
		return time.Time{}, time.Time{}
	}
	return time.UnixMilli(p.from).UTC(), time.UnixMilli(p.to).UTC()
}

// at is what a script of a partition is told: this node's name, how many
// nodes it knows, when it last had a beat confirmed.
func (n *nodes) at(p int) (name string, alive int, seen int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.me, len(n.parts[p].alive), n.parts[p].seen
}

// begin begins a round of beats. Name is what it goes under; join says that
// it is new, in place of was.
func (n *nodes) begin(fresh func() string) (round uint64, name, was string, join bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.round++
	if n.me == "" && n.next == "" {
		n.next = fresh()
	}
	if n.next != "" {
		return n.round, n.next, n.me, true
	}
	return n.round, n.me, "", false
}

// joined takes the new name into use.
func (n *nodes) joined() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.me != "" {
		n.bury(n.me)
	}
	n.me, n.next = n.next, ""
}

// rename has the next round join under a new name.
func (n *nodes) rename(fresh string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = fresh
}

// heard takes over what a beat told of a partition, and says whether any
// answer has changed.
func (n *nodes) heard(round uint64, p int, now part) (changed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	was := n.parts[p]
	n.parts[p] = now
	changed = was.seen != 0 && (was.from != now.from || was.to != now.to || !maps.Equal(was.alive, now.alive))
	mine := func(name string) bool { return name == n.me || name == n.next }
	for name := range was.alive {
		if !now.alive[name] && !n.dead[name] && !mine(name) {
			n.bury(name)
			changed = true
		}
	}
	for name, since := range n.asked {
		switch {
		case since >= round:
		case !now.alive[name] && !mine(name):
			n.bury(name)
			changed = true
		}
	}
	return changed
}

// settle ends a round that was confirmed everywhere: names that it has found
// alive are forgotten. It says whether that could not be said for a while.
func (n *nodes) settle(round uint64, began time.Time) (again bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, since := range n.asked {
		if since < round {
			delete(n.asked, name)
		}
	}
	again = !n.sure()
	n.beat = began
	return again
}

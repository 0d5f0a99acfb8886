package roomkeys

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"hearth/room"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const here = room.ID("0197c3a0-1111-7000-8000-000000000001")

var secret = []byte("the secret of this deployment, 32 bytes and more")

// wire is a bus that remembers everything, and can be bad.
type wire struct {
	mu   sync.Mutex
	said [][]byte
	ears map[string]chan []byte
	lost func(from, to string, m message) bool // nil: nothing is
	dead error                                 // of every Publish
}

// end is a node's end of a wire.
type end struct {
	*wire
	name string
}

func (e end) Publish(ctx context.Context, topic string, msg []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(msg) > room.MaxBusBytes || topic != Topic {
		return errors.New("not for this bus")
	}
	if e.dead != nil {
		return e.dead
	}
	e.said = append(e.said, msg)
	m, _ := read(msg)
	for to, ear := range e.ears {
		if e.lost == nil || !e.lost(e.name, to, m) {
			ear <- slices.Clone(msg)
		}
	}
	return ctx.Err()
}

func (e end) Subscribe(ctx context.Context, _ string, hear func([]byte)) error {
	ear := make(chan []byte, 1<<16)
	e.mu.Lock()
	e.ears[e.name] = ear
	e.mu.Unlock()
	go func() {
		for {
			select {
			case msg := <-ear:
				hear(msg)
			case <-ctx.Done():
				e.mu.Lock()
				delete(e.ears, e.name)
				e.mu.Unlock()
				return
			}
		}
	}()
	return nil
}

// cluster is some nodes on one wire, in virtual time.
type cluster struct {
	t     *testing.T
	wire  *wire
	nodes map[string]*node
	mu    sync.Mutex // guards live
	live  map[string]bool
	lost  bool // nobody knows who lives
}

// node is one of them.
type node struct {
	*Ring
	name     string
	cluster  *cluster
	stop     context.CancelFunc
	mu       sync.Mutex // guards what follows
	restored []room.ID
	faults   []string
}

// Me and Others make a node its own Peers.
func (n *node) Me() string {
	n.cluster.mu.Lock()
	defer n.cluster.mu.Unlock()
	return n.name
}

func (n *node) Others() []string {
	n.cluster.mu.Lock()
	defer n.cluster.mu.Unlock()
	if n.cluster.lost {
		return nil
	}
	others := []string{}
	for name := range n.cluster.live {
		if name != n.name {
			others = append(others, name)
		}
	}
	return others
}

// gather runs what happens between nodes in a bubble of virtual time.
func gather(t *testing.T, names string, what func(t *testing.T, c *cluster)) {
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{t: t, nodes: map[string]*node{}, live: map[string]bool{},
			wire: &wire{ears: map[string]chan []byte{}}}
		for _, name := range names {
			c.start(string(name))
		}
		c.pass(time.Second)
		defer func() {
			for _, name := range slices.Sorted(maps.Keys(c.nodes)) {
				c.kill(name)
			}
		}()
		what(t, c)
	})
}

func (c *cluster) start(name string) *node { return c.startWith(name, secret) }

func (c *cluster) startWith(name string, secret []byte) *node {
	n := &node{name: name, cluster: c}
	n.Ring = New(Config{Secret: secret,
		Restored: func(id room.ID) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.restored = append(n.restored, id)
		},
		Fault: func(err error) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.faults = append(n.faults, err.Error())
		}})
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	if err := n.Serve(ctx, end{c.wire, name}, n); err != nil {
		c.t.Fatal(err)
	}
	c.nodes[name] = n
	c.mu.Lock()
	c.live[name] = true
	c.mu.Unlock()
	return n
}

// kill ends a node without a word, and the others know.
func (c *cluster) kill(name string) {
	c.nodes[name].stop()
	c.nodes[name].Wait()
	delete(c.nodes, name)
	c.mu.Lock()
	delete(c.live, name)
	c.mu.Unlock()
}

// pass lets time pass.
func (c *cluster) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// holders are the nodes that have a key, in order.
func (c *cluster) holders(id room.ID, kid string) string {
	all := ""
	for _, name := range slices.Sorted(maps.Keys(c.nodes)) {
		if c.nodes[name].has(id, kid) {
			all += name
		}
	}
	return all
}

func (c *cluster) wantHolders(id room.ID, kid, want string) {
	c.t.Helper()
	if got := c.holders(id, kid); got != want {
		c.t.Fatalf("%q hold the key, want %q", got, want)
	}
}

// cut loses messages until the next cut; nil: none.
func (c *cluster) cut(lost func(from, to string, m message) bool) {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	c.wire.lost = lost
}

// apart cuts one node off from all others.
func apart(name string) func(from, to string, m message) bool {
	return func(from, to string, _ message) bool { return (from == name) != (to == name) }
}

// heard are the messages of one kind that were said so far.
func (c *cluster) heard(k kind) []message {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	var all []message
	for _, b := range c.wire.said {
		if m, err := read(b); err == nil && m.kind == k {
			all = append(all, m)
		}
	}
	return all
}

// say puts a message on the wire as if a node had.
func (c *cluster) say(b []byte) {
	c.t.Helper()
	if err := (end{c.wire, "outside"}).Publish(context.Background(), Topic, b); err != nil {
		c.t.Fatal(err)
	}
	synctest.Wait()
}

func (n *node) has(id room.ID, kid string) bool {
	n.Ring.mu.Lock()
	defer n.Ring.mu.Unlock()
	return n.shelf.get(name{id, kid}) != nil
}

// hold is Hold, which must not fail.
func (n *node) hold(id room.ID, kid string) (fresh string) {
	n.cluster.t.Helper()
	fresh, err := n.Hold(context.Background(), id, kid)
	if err != nil {
		n.cluster.t.Fatalf("%s holds %s of %s: %v", n.name, kid, id, err)
	}
	return fresh
}

// holds is hold of a key that somebody has.
func (n *node) holds(id room.ID, kid string) {
	n.cluster.t.Helper()
	if fresh := n.hold(id, kid); fresh != "" {
		n.cluster.t.Fatalf("%s did not get the key %s", n.name, kid)
	}
}

func (n *node) seal(words string) []byte {
	n.cluster.t.Helper()
	b, err := n.Seal(here, []byte("entry 7"), []byte(words))
	if err != nil {
		n.cluster.t.Fatal(err)
	}
	return b
}

// reads says whether a node can open what was sealed by seal.
func (n *node) reads(sealed []byte, want string) bool {
	n.cluster.t.Helper()
	got, ok := n.Open(here, []byte("entry 7"), sealed)
	if ok && string(got) != want {
		n.cluster.t.Fatalf("%s reads %q, want %q", n.name, got, want)
	}
	return ok
}

func (n *node) told() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.faults)
}

func (n *node) back() []room.ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.restored)
}

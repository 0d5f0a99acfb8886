package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// Circle is one circle with its only room, its people, and the record of all
// they do in it.
type Circle struct {
	Title  string
	Codes  map[room.Role]string
	Tabs   []*Tab
	Record *Record

	t     testing.TB
	nodes []string
	host  *Node // whose program makes invites
	seed  uint64
}

var links = regexp.MustCompile(`(?m)^  (facilitator|member|listener|moderator) +\S+#(\S+)`)

// NewCircle makes a circle with the program itself. Its people come in at any
// of the nodes.
func NewCircle(t testing.TB, title string, seed uint64, began time.Time, nodes ...*Node) *Circle {
	t.Helper()
	c := circleOf(t, title, seed, began, nodes)
	out := nodes[0].Run("circle", title, "--prompt", "How was your week?")
	for _, m := range links.FindAllStringSubmatch(out, -1) {
		c.Codes[room.Role(m[1])] = m[2]
	}
	if len(c.Codes) != 4 {
		t.Fatalf("hearth circle printed\n%s", out)
	}
	return c
}

// circleOf is a circle to which no codes lead yet.
func circleOf(t testing.TB, title string, seed uint64, began time.Time, nodes []*Node) *Circle {
	c := &Circle{Title: title, Codes: map[room.Role]string{}, Record: NewRecord(began), t: t, host: nodes[0], seed: seed}
	for _, n := range nodes {
		c.nodes = append(c.nodes, n.URL)
	}
	return c
}

// code is one that lets somebody of a role in: for whoever would wait at the
// door by a link of many, one of their own.
func (c *Circle) code(role room.Role) string {
	c.t.Helper()
	if role != room.Member && role != room.Listener {
		return c.Codes[role]
	}
	link := c.host.Run("invite", "--role", string(role), "--uses", "1", "--circle", c.Title)
	_, code, found := strings.Cut(strings.TrimSpace(link), "#")
	if !found {
		c.t.Fatalf("hearth invite printed\n%s", link)
	}
	return code
}

// people counts everybody of a run, so that each has an address of its own.
type people struct {
	mu sync.Mutex
	n  int // guarded by mu
}

func (p *people) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return p.n
}

// Seat lets somebody in at one of the nodes, who does what choose says.
func (c *Circle) Seat(p *people, role room.Role, choose Chooser) *Tab {
	c.t.Helper()
	i := p.next()
	rng := rand.New(rand.NewPCG(c.seed, uint64(i)))
	name := fmt.Sprintf("Person %d", i)
	t := &Tab{
		Seat: NewSeat(name, role, i), Session: fmt.Sprintf("%016x", rng.Uint64()), Nodes: c.nodes, Record: c.Record, Choose: choose,
		Pace: 450 * time.Millisecond, Backoff: Eager, Patience: 2500 * time.Millisecond, Rng: rng, Heard: map[uint64]string{}, at: i,
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	code := c.code(role)
	for {
		err := t.Seat.Enter(ctx, c.nodes[i%len(c.nodes)], code)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			c.t.Fatalf("%s could not come in: %v", name, err)
		}
		pause(ctx, 100*time.Millisecond)
	}
	if len(c.Tabs) > 0 {
		t.Friend = c.Tabs[len(c.Tabs)-1]
	}
	c.Tabs = append(c.Tabs, t)
	return t
}

// Again opens another tab of the seat that a tab is of.
func (c *Circle) Again(of int, choose Chooser) *Tab {
	was := c.Tabs[of]
	rng := rand.New(rand.NewPCG(c.seed, uint64(1_000_000+len(c.Tabs))))
	t := &Tab{
		Seat: was.Seat, Session: fmt.Sprintf("%016x", rng.Uint64()), Nodes: c.nodes, Record: c.Record, Choose: choose,
		Pace: was.Pace, Backoff: was.Backoff, Patience: was.Patience, Rng: rng, Heard: map[uint64]string{}, at: was.at,
	}
	c.Tabs = append(c.Tabs, t)
	return t
}

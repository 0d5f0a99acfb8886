package faults

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// Circles at human pace: so many, of so many people each, in each of which
// the holder says two hundred bytes every 2 to 4 seconds.
const (
	paceRooms  = 100
	pacePeople = 12
	paceLeast  = 2 * time.Second
	paceMost   = 4 * time.Second
)

// paceText is said, after the moment at which it was sent.
var paceText = strings.Repeat(" tea", 45)

// measured is how long each thing is measured in all: HEARTH_BENCH, or 10 s.
func measured(b *testing.B) time.Duration {
	d, err := time.ParseDuration(cmp.Or(os.Getenv("HEARTH_BENCH"), "10s"))
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkClusterPace is a hundred circles of twelve at human pace, on one
// node with SQLite and on two with Redis and PostgreSQL, which take turns at
// talking. How long from the holder's sending to another's having it, where
// both are on one node (same) and where they are not (cross); the CPU of all
// nodes, and that of Redis, for one delivery to one person. "x" is how many
// times that of the one node.
func BenchmarkClusterPace(b *testing.B) {
	d := measured(b)
	redis, postgres := benchRedis(b), servers.StartPostgres(b)
	one := gatherAt(b, nil, NewNode(b, bin(b), "alone", paceFlags...))
	shared := append([]string{"--redis", redis.URL(), "--secret-file", benchSecret(b), "--database", postgres.Database(b)}, paceFlags...)
	two := gatherAt(b, redis, NewNode(b, bin(b), "node-1", shared...), NewNode(b, bin(b), "node-2", shared...))
	for b.Loop() {
		for range 2 {
			for _, p := range []*paced{one, two} {
				p.idle.add(p.during(d/4, func(time.Duration) {}))
				p.busy.add(p.during(d/2, p.talk))
			}
		}
	}
	t := report{b: b}
	t.row("delivery, median", "p50-ms", cell{"one", ms(quantile(one.same, .5))}, cell{"same", ms(quantile(two.same, .5))}, cell{"cross", ms(quantile(two.cross, .5))})
	t.row("delivery, 99 of 100", "p99-ms", cell{"one", ms(quantile(one.same, .99))}, cell{"same", ms(quantile(two.same, .99))}, cell{"cross", ms(quantile(two.cross, .99))})
	t.row("CPU for a delivery", "cpu-µs", cell{"one", one.busy.perDelivery(one.busy.nodes)}, cell{"two", two.busy.perDelivery(two.busy.nodes)}, cell{"redis", two.busy.perDelivery(two.busy.redis)})
	t.row("CPU in a silent second", "idle-ms", cell{"one", one.idle.perSecond(one.idle.nodes)}, cell{"two", two.idle.perSecond(two.idle.nodes)}, cell{"redis", two.idle.perSecond(two.idle.redis)})
	t.print()
}

// paceFlags are those of every node.
var paceFlags = []string{"--trusted-proxy", "127.0.0.0/8", "--log-level", "warn"}

// benchRedis is as deployments/ runs it.
func benchRedis(b *testing.B) *servers.Redis {
	return servers.StartRedis(b, "--appendonly", "yes", "--appendfsync", "always", "--save", "")
}

func benchSecret(b *testing.B) string {
	name := filepath.Join(b.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}

// paced is everybody in the circles of some nodes.
type paced struct {
	b     *testing.B
	nodes []*Node
	redis *servers.Redis // nil: there is none
	lines []*line
	hosts []*host

	busy, idle spent

	heard atomic.Int64 // deliveries of what was said, also to who said it
	mu    sync.Mutex   // guards what follows
	same  []time.Duration
	cross []time.Duration
}

// host is a circle's facilitator, who has the stick and keeps it.
type host struct {
	line    *line
	n       uint64
	answers chan frame
}

// gatherAt starts nodes and lets everybody in. No proxy is between people and
// nodes, or between nodes and Redis.
func gatherAt(b *testing.B, redis *servers.Redis, nodes ...*Node) *paced {
	p := &paced{b: b, nodes: nodes, redis: redis, hosts: make([]*host, paceRooms)}
	for _, n := range nodes {
		n.Start()
	}
	var everybody people
	var group sync.WaitGroup
	some := make(chan struct{}, 8)
	for i := range paceRooms {
		group.Go(func() {
			some <- struct{}{}
			defer func() { <-some }()
			p.circle(i, &everybody)
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	b.Cleanup(func() {
		for _, l := range p.lines {
			l.close()
		}
	})
	return p
}

// circle makes one and lets its people in, one node after the other.
func (p *paced) circle(i int, everybody *people) {
	c := NewCircle(p.b, fmt.Sprint("Circle ", i), uint64(i), time.Now(), p.nodes...)
	h := &host{answers: make(chan frame, 1)}
	p.hosts[i] = h
	for j := range pacePeople {
		role := room.Member
		if j == 0 {
			role = room.Facilitator
		}
		t := c.Seat(everybody, role, nil)
		n := p.nodes[(i+j)%len(p.nodes)]
		t.Seat.http.Transport = n.direct()
		l, err := t.Seat.dial(p.b.Context(), n.URL, t.Session, nil)
		if err != nil {
			p.b.Errorf("a person could not come in: %v", err)
			return
		}
		p.mu.Lock()
		p.lines = append(p.lines, l)
		p.mu.Unlock()
		if j > 0 {
			go p.listen(l, j%len(p.nodes) == 0, nil)
			continue
		}
		h.line = l
		go p.listen(l, true, h)
		for _, act := range []room.Act{room.Next{}, room.Take{Turn: 1}} {
			if err := h.do(act); err != nil {
				p.b.Error(err)
				return
			}
		}
	}
}

// direct leads to the node and not through its Line.
func (n *Node) direct() *http.Transport {
	listen := n.args[slices.Index(n.args, "--listen")+1]
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, listen)
	}}
}

// do does one thing and waits for its answer.
func (h *host) do(a room.Act) error {
	h.n++
	if err := h.line.send(map[string]any{"t": "do", "n": h.n, "act": a.Can(), "with": a}); err != nil {
		return err
	}
	select {
	case f := <-h.answers:
		if f.Seq == 0 {
			return fmt.Errorf("%s was answered %+v", a.Can(), f)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s was not answered", a.Can())
	}
}

// listen hears what is said until the line is closed. A host's own words
// count as delivered, and not for how long it takes.
func (p *paced) listen(l *line, same bool, h *host) {
	for f := range l.in {
		now := time.Now()
		if f.T == "answer" && h != nil {
			h.answers <- f
		}
		for _, raw := range f.List {
			var one room.Frame
			if err := json.Unmarshal(raw, &one); err != nil {
				p.b.Error(err)
			}
			if one.Said == nil {
				continue
			}
			first, _, _ := strings.Cut(one.Said.Text, " ")
			sent, err := strconv.ParseInt(first, 10, 64)
			if err != nil {
				p.b.Error(err)
			}
			if h == nil {
				p.took(now.Sub(time.Unix(0, sent)), same)
			}
			p.heard.Add(1)
		}
	}
}

func (p *paced) took(d time.Duration, same bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if same {
		p.same = append(p.same, d)
	} else {
		p.cross = append(p.cross, d)
	}
}

// talk lets all circles talk at human pace for so long, and waits until
// everybody has heard all of it.
func (p *paced) talk(d time.Duration) {
	ctx, cancel := context.WithTimeout(p.b.Context(), d)
	defer cancel()
	before := p.heard.Load()
	var said atomic.Int64
	var group sync.WaitGroup
	for _, h := range p.hosts {
		group.Go(func() {
			for wait := mrand.N(paceMost); ; wait = paceLeast + mrand.N(paceMost-paceLeast) {
				if pause(ctx, wait); ctx.Err() != nil {
					return
				}
				if err := h.do(room.Say{Turn: 1, Text: fmt.Sprint(time.Now().UnixNano(), paceText)}); err != nil {
					p.b.Error(err)
					return
				}
				said.Add(1)
			}
		})
	}
	group.Wait()
	if !Poll(patience, func() bool { return p.heard.Load()-before == said.Load()*pacePeople }) {
		p.b.Fatalf("%d were said to %d people each, and %d heard", said.Load(), pacePeople, p.heard.Load()-before)
	}
}

// spent is what some time cost.
type spent struct {
	nodes, redis time.Duration // CPU
	took         time.Duration
	heard        int64
}

func (s *spent) add(o spent) {
	s.nodes, s.redis, s.took, s.heard = s.nodes+o.nodes, s.redis+o.redis, s.took+o.took, s.heard+o.heard
}

// perDelivery is in µs.
func (s *spent) perDelivery(cpu time.Duration) float64 {
	return float64(cpu.Nanoseconds()) / 1000 / float64(s.heard)
}

// perSecond is in ms.
func (s *spent) perSecond(cpu time.Duration) float64 { return ms(cpu) / s.took.Seconds() }

// during measures what do costs, or d of silence if it returns before.
func (p *paced) during(d time.Duration, do func(time.Duration)) spent {
	from, nodes, redis, heard := time.Now(), p.cpu(), p.redisCPU(), p.heard.Load()
	do(d)
	pause(p.b.Context(), d-time.Since(from))
	return spent{p.cpu() - nodes, p.redisCPU() - redis, time.Since(from), p.heard.Load() - heard}
}

// cpu is what all nodes have used of it so far.
func (p *paced) cpu() (sum time.Duration) {
	for _, n := range p.nodes {
		n.mu.Lock()
		pid := n.running.cmd.Process.Pid
		n.mu.Unlock()
		sum += cpuOf(p.b, pid)
	}
	return sum
}

// cpuOf reads the CPU time of a process where Linux tells it in nanoseconds:
// a hundredth of a second, as in /proc/PID/stat, is much for a node at human
// pace. Threads that have ended are missing; Go keeps its own.
func cpuOf(b *testing.B, pid int) (sum time.Duration) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(tasks) == 0 {
		b.Skip("this system doesn't tell what a process has used of its CPU")
	}
	for _, t := range tasks {
		var ns int64
		if raw, err := os.ReadFile(t); err == nil { // else it has just ended
			_, err = fmt.Sscan(string(raw), &ns)
			if err != nil {
				b.Fatal(err)
			}
		}
		sum += time.Duration(ns)
	}
	return sum
}

func (p *paced) redisCPU() (sum time.Duration) {
	if p.redis == nil {
		return 0
	}
	info, err := p.redis.Do("INFO", "cpu")
	if err != nil {
		p.b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			s, err := strconv.ParseFloat(value, 64)
			if err != nil {
				p.b.Fatal(err)
			}
			sum += time.Duration(s * float64(time.Second))
		}
	}
	return sum
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// quantile is the value that the part of q is not above.
func quantile(of []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[int(q*float64(len(sorted)-1))]
}

// report is a table, and the same as metrics.
type report struct {
	b     *testing.B
	lines []string // the testing package prints ten at most
}

// cell is what was measured of something.
type cell struct {
	of    string
	value float64
}

// row adds values in a unit like p50-ms, the first of which is one node's; the
// others also as how many times that.
func (r *report) row(what, unit string, cells ...cell) {
	name, short, _ := strings.Cut(unit, "-")
	line := what
	for i, c := range cells {
		r.b.ReportMetric(c.value, c.of+"-"+unit)
		line += fmt.Sprintf("\t%s %.*f %s", c.of, digits(c.value), c.value, short)
		if i > 0 {
			times := c.value / cells[0].value
			r.b.ReportMetric(times, c.of+"-"+name+"-x")
			line += fmt.Sprintf(" (%.2fx)", times)
		}
	}
	r.lines = append(r.lines, line)
}

// digits are those behind the point that leave three in all.
func digits(v float64) int {
	switch {
	case v < 10:
		return 2
	case v < 100:
		return 1
	}
	return 0
}

func (r *report) print() {
	r.b.ReportMetric(0, "ns/op") // says nothing here
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, l := range r.lines {
		fmt.Fprintln(w, l)
	}
	_ = w.Flush() // to a Builder
	r.b.Log("\n" + out.String())
}

package faults

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// Way is a direction through a Proxy.
type Way int

// The ways.
const (
	There Way = iota // from whoever dialled to the target: requests
	Back             // from the target: replies
)

// Proxy is a line between two programs that can be made bad. What it is told
// holds for the connections there are and for later ones, until Heal.
type Proxy struct {
	addr   string
	listen net.Listener
	group  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	target  string
	refuse  bool
	hold    [2]bool
	lose    [2]bool
	deaf    bool
	delay   time.Duration
	changed chan struct{} // closed and made anew at every change
	pairs   map[*pair]struct{}
	closed  bool
}

// pair is one connection from end to end.
type pair struct {
	near, far net.Conn
	gone      chan struct{}
	once      sync.Once
	holed     bool // bytes of it were lost; guarded by the proxy's mutex
	listens   bool // it has subscribed to something in Redis; likewise
}

func (c *pair) cut() {
	c.once.Do(func() {
		close(c.gone)
		abort(c.near)
		abort(c.far)
	})
}

// abort closes with a reset, as a line that is cut would look when it is used.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// StartProxy listens on a free port of 127.0.0.1 and passes everything on to
// target (host:port), which need not be there yet.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{addr: l.Addr().String(), listen: l, target: target, changed: make(chan struct{}), pairs: map[*pair]struct{}{}}
	p.group.Go(p.serve)
	t.Cleanup(p.close)
	return p
}

// Addr is where it listens.
func (p *Proxy) Addr() string { return p.addr }

// Cut breaks every connection there is. New ones are made.
func (p *Proxy) Cut() {
	p.change(func() {
		for c := range p.pairs {
			c.cut()
		}
	})
}

// Refuse closes new connections as soon as they are made.
func (p *Proxy) Refuse() { p.change(func() { p.refuse = true }) }

// Hold keeps what goes one way back, like a line that leads nowhere. After
// Heal it arrives.
func (p *Proxy) Hold(w Way) { p.change(func() { p.hold[w] = true }) }

// Lose throws away what goes one way. A connection that lost something is cut
// at the next Heal, for what follows would make no sense.
func (p *Proxy) Lose(w Way) { p.change(func() { p.lose[w] = true }) }

// Deafen keeps back what Redis tells those who have subscribed to something.
// All else goes on.
func (p *Proxy) Deafen() { p.change(func() { p.deaf = true }) }

// Delay lets everything arrive so much later, both ways.
func (p *Proxy) Delay(d time.Duration) { p.change(func() { p.delay = d }) }

// Retarget leads new connections elsewhere. Those there are stay: Cut them.
func (p *Proxy) Retarget(addr string) { p.change(func() { p.target = addr }) }

// Heal makes the line good again.
func (p *Proxy) Heal() {
	p.change(func() {
		p.refuse, p.deaf, p.hold, p.lose, p.delay = false, false, [2]bool{}, [2]bool{}, 0
		for c := range p.pairs {
			if c.holed {
				c.cut()
			}
		}
	})
}

func (p *Proxy) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) close() {
	p.change(func() { p.closed = true })
	_ = p.listen.Close()
	p.Cut()
	p.group.Wait()
}

func (p *Proxy) serve() {
	for {
		near, err := p.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.group.Go(func() { p.connect(near) })
		}
	}
}

func (p *Proxy) connect(near net.Conn) {
	p.mu.Lock()
	target, refuse := p.target, p.refuse || p.closed
	p.mu.Unlock()
	if refuse {
		abort(near)
		return
	}
	far, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		abort(near)
		return
	}
	c := &pair{near: near, far: far, gone: make(chan struct{})}
	p.mu.Lock()
	if p.closed || p.refuse {
		c.cut()
	}
	p.pairs[c] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.pairs, c)
	}()
	var both sync.WaitGroup
	both.Go(func() { p.pump(c, There, near, far) })
	both.Go(func() { p.pump(c, Back, far, near) })
	both.Wait()
}

// piece is some bytes and when they came.
type piece struct {
	b  []byte
	at time.Time
}

// pump carries one way of one connection. What has arrived is passed on also
// when the sender has closed, unless the line was cut.
func (p *Proxy) pump(c *pair, w Way, from, to net.Conn) {
	defer c.cut()
	pieces := make(chan piece, 64)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer c.cut() // so that the reader ends before it is waited for
	reading.Go(func() {
		defer close(pieces)
		for {
			b := make([]byte, 16<<10)
			n, err := from.Read(b)
			if n > 0 {
				select {
				case pieces <- piece{b[:n], time.Now()}:
				case <-c.gone:
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	for x := range pieces {
		if w == There && bytes.Contains(x.b, []byte("subscribe\r\n")) {
			p.change(func() { c.listens = true })
		}
		if !p.pass(c, w, x.at) {
			continue
		}
		if _, err := to.Write(x.b); err != nil {
			return
		}
	}
}

// pass waits until a piece that came at a time may go on; false if it is lost.
func (p *Proxy) pass(c *pair, w Way, at time.Time) bool {
	for {
		p.mu.Lock()
		hold, lose, wait, changed := p.hold[w] || w == Back && p.deaf && c.listens, p.lose[w], time.Until(at.Add(p.delay)), p.changed
		if lose {
			c.holed = true
		}
		p.mu.Unlock()
		switch {
		case lose:
			return false
		case !hold && wait <= 0:
			return true
		case hold:
			wait = time.Hour
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-changed:
		case <-c.gone:
			t.Stop()
			return false
		}
		t.Stop()
	}
}

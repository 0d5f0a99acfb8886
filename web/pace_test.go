package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// The pace of the wire: slowing down, heartbeats, signals, restarts.

// People in distress type fast. Whoever floods is slowed down, then refused,
// and never shut out.
func TestAFloodOfCommandsIsSlowedDownAndRefused(t *testing.T) {
	m := meet(t)
	began := time.Now()
	var done, slowed int
	for range 40 {
		a := m.ana.asks("say", map[string]any{"turn": m.ana.turn(), "text": "and another thing"})
		switch {
		case a.Seq > 0:
			done++
		case a.Refused.Code == SlowDown && strings.Contains(a.Refused.Say, "second"):
			slowed++
		default:
			t.Fatalf("%+v %v", a, a.Refused)
		}
	}
	l := m.server.Limits
	most := l.Commands.Burst + 1 + int(time.Since(began)/l.Commands.Every)
	if done < l.Commands.Burst || done > most || slowed == 0 || done+slowed != 40 {
		t.Errorf("%d done (at most %d), %d refused", done, most, slowed)
	}
	m.until("the next command to be welcome", func() bool {
		return m.ana.asks("say", map[string]any{"turn": m.ana.turn(), "text": "slowly"}).Seq > 0
	})
	m.ben.hears("it", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == "slowly" })
}

// All sockets of a seat share its measure.
func TestASecondTabIsNotASecondMeasure(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Commands, c.Limits.Waits = Rate{4, time.Hour}, Rate{1, time.Hour} })
	second := m.ana.again()
	second.hello(Hello{Name: "Ana"})
	for i := range 2 { // two are next and take
		second.does("say", map[string]any{"turn": m.ana.turn(), "text": fmt.Sprint(i)})
	}
	m.ana.refused("say", map[string]any{"turn": m.ana.turn(), "text": "too fast"}, SlowDown)
	second.refused("say", map[string]any{"turn": m.ana.turn(), "text": "too fast"}, SlowDown)
}

// Somebody who floods holds nobody else up, and never a safety command.
func TestAFloodSlowsNobodyElse(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Commands, c.Limits.Waits = Rate{4, time.Hour}, Rate{1, time.Hour} })
	for i := range 2 {
		m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": fmt.Sprint(i)})
	}
	m.ana.refused("say", map[string]any{"turn": m.ana.turn(), "text": "too fast"}, SlowDown)
	m.ben.does("listen", map[string]any{"on": true})
	seat := m.ben.welcome.State.You.Seat
	m.ana.does("mute", map[string]any{"seat": seat, "minutes": 1})
	m.ana.does("hold", map[string]any{"why": "breath"})
	m.ana.does("remove", map[string]any{"seat": seat})
	m.ben.closes(4403)
}

func TestCommandsSentAtOnceAreAnsweredInOrder(t *testing.T) {
	m := meet(t)
	for i := range uint64(5) {
		m.ana.text(fmt.Sprintf(`{"t":"do","n":%d,"act":"say","with":{"turn":%d,"text":"%d"}}`, m.ana.n+1+i, m.ana.turn(), i))
	}
	for range 5 {
		if a := m.ana.answer(); a.Seq == 0 {
			t.Fatalf("%+v %v", a, a.Refused)
		}
	}
	m.goesOnAfter("4")
}

func TestSignalsAreSeenAndTooManyAreDropped(t *testing.T) {
	m := meet(t)
	for range 30 {
		m.ben.text(`{"t":"signal","act":"react","with":{"kind":"snap"}}`)
	}
	got := m.ana.signals()
	if len(got.List) == 0 || got.List[0].Kind != room.Snap || got.List[0].Seat != m.ben.welcome.State.You.Seat {
		t.Errorf("Ana saw %+v", got)
	}
	m.until("the rest to be dropped", func() bool { return m.dropped(dropSignal) >= 30-m.server.Limits.Signals.Burst-2 })
	m.goesOn()
}

// signals reads up to the next signals.
func (t *tab) signals() (s Signals) {
	t.h.t.Helper()
	for {
		b, err := t.receive()
		t.h.must(err)
		if kindOf(b) == "signals" {
			t.h.must(json.Unmarshal(b, &s))
			return s
		}
		t.follow(b)
	}
}

func TestAReactionThatIsNoneIsRefused(t *testing.T) {
	m := meet(t)
	m.ben.text(`{"t":"signal","act":"react","with":{"kind":"boo"}}`)
	m.ben.refuses(room.BadReaction)
	m.goesOn()
}

func TestABeatComesWhenNothingElseDoes(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.BeatAfter = 30 * time.Millisecond })
	for range 3 {
		for {
			b, err := m.ben.receive()
			m.must(err)
			if kindOf(b) == "beat" {
				break
			}
			m.ben.follow(b)
		}
	}
	m.goesOn()
}

// deaf is a line on which nothing is answered: whoever is behind it may be
// asleep.
func TestALineThatAnswersNoPingIsClosed(t *testing.T) {
	m := meet(t, func(c *Config) {
		c.Limits.PingEvery, c.Limits.PingWait = 50*time.Millisecond, 100*time.Millisecond
		c.Limits.CloseWithin = 50 * time.Millisecond
	})
	m.until("Ana's and Ben's sockets to be gone", func() bool { return len(m.server.open()) == 0 })
	h := open(t, func(c *Config) { c.Limits.PingEvery, c.Limits.PingWait = 20*time.Millisecond, patience })
	ana := h.arrives("Ana", room.Facilitator)
	pongs := 0
	for pongs < 3 { // receive answers pings; frames come when it returns
		ana.text(`{"t":"dance"}`)
		b, err := ana.receive()
		h.must(err)
		if kindOf(b) == "refused" {
			pongs++
		}
	}
	if len(h.server.open()) != 1 {
		t.Error("a line that answers was closed")
	}
}

// A reader that takes nothing does not hold the room up: it falls behind and
// is let go.
func TestASlowReaderHoldsNobodyUp(t *testing.T) {
	m := meet(t, func(c *Config) {
		c.Limits.Commands = Rate{2000, time.Millisecond}
		c.Limits.WriteWithin, c.Limits.CloseWithin = 200*time.Millisecond, 50*time.Millisecond
	})
	deaf := m.arrives("Deaf", room.Member)
	m.must(deaf.conn.(*net.TCPConn).SetReadBuffer(4 << 10))
	long := strings.Repeat("many words ", 300)
	for i := 0; len(m.server.open()) == 3; i++ {
		if i > 500 {
			t.Fatal("the deaf socket is still there")
		}
		m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": long})
		m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil })
	}
	m.goesOn()
}

func TestADrainTellsAndCloses(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.DrainSpread = 100 * time.Millisecond })
	handle, b := m.ben.handle, m.ben.browser
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.server.Drain(context.Background())
	}()
	for _, one := range []*tab{m.ana, m.ben} {
		one.moves()
		one.closes(1012)
	}
	<-done
	if _, res := m.handshake(nil); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("a new socket: %s", res.Status)
	}
	if res := b.asks("/c/"+handle+"/ticket", map[string][]string{}); res.StatusCode != 503 {
		t.Errorf("a new ticket: %s", res.Status)
	}
	if m.conns != 0 {
		t.Errorf("%d connections are counted", m.conns)
	}
}

// moves reads up to the moving frame.
func (t *tab) moves() {
	t.h.t.Helper()
	for {
		b, err := t.receive()
		t.h.must(err)
		if kindOf(b) == "moving" {
			var f Moving
			t.h.must(json.Unmarshal(b, &f))
			if f.ReconnectIn <= 0 {
				t.h.t.Fatalf("%+v", f)
			}
			return
		}
		t.follow(b)
	}
}

// A hundred mute peers are closed in parallel, not one after the other.
func TestADrainDoesNotWaitForMutePeersOneByOne(t *testing.T) {
	h := open(t, func(c *Config) {
		c.Limits.DrainSpread, c.Limits.CloseWithin = time.Millisecond, 300*time.Millisecond
		c.Limits.WaitingPerAddress = 100
	})
	for range 50 {
		h.handshake(nil)
	}
	h.until("all to be there", func() bool { return len(h.server.open()) == 50 })
	began := time.Now()
	h.server.Drain(context.Background())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("50 mute peers took %v", took)
	}
}

func TestADrainEndsWithItsContext(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.DrainSpread = time.Hour })
	h.handshake(nil)
	h.until("the socket to be there", func() bool { return len(h.server.open()) == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	h.server.Drain(ctx)
	if took := time.Since(began); took > patience {
		t.Errorf("it took %v", took)
	}
}

// The store can't say whether a seat is still good: nobody is sent away for
// that.
func TestABrokenStoreClosesNobody(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.RecheckEvery = 10 * time.Millisecond })
	m.store.broken.Store(true)
	m.until("a few rechecks to fail", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(m.faults) > 5
	})
	m.goesOn()
}

func TestZeroLimitsAreTheDefaults(t *testing.T) {
	if got := (Limits{}).withDefaults(); got != DefaultLimits() {
		t.Errorf("%+v", got)
	}
	l := (Limits{Frame: 7}).withDefaults()
	if l.Frame != 7 || l.SocketsPerSeat != 5 {
		t.Errorf("%+v", l)
	}
}

func TestAServerNeedsItsParts(t *testing.T) {
	h := open(t)
	whole := h.server.Config
	for what, without := range map[string]func(*Config){
		"store": func(c *Config) { c.Store = nil }, "hub": func(c *Config) { c.Hub = nil },
		"face": func(c *Config) { c.Face = nil }, "URL": func(c *Config) { c.PublicURL = nil },
	} {
		c := whole
		without(&c)
		if _, err := New(c); err == nil {
			t.Errorf("made without %s", what)
		}
	}
	c := whole
	c.Meter, c.Fault, c.Now, c.Random = nil, nil, nil, nil
	if s, err := New(c); err != nil || s.Meter == nil || s.Fault == nil || s.Now == nil || s.Random == nil {
		t.Errorf("nil is silent: %v", err)
	}
}

func TestARepeatedRecheckStopsWithItsSocket(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.RecheckEvery = 5 * time.Millisecond })
	for _, one := range []*tab{m.ana, m.ben} {
		m.must(one.conn.Close())
	}
	m.until("both sockets to be gone", func() bool { return len(m.server.open()) == 0 })
	last := int64(-1)
	m.until("the rechecks to end", func() bool {
		now := m.store.asked.Load()
		same := now == last
		last = now
		return same
	})
}

var _ circle.Store = (*shelf)(nil)

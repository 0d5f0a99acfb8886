package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
	"hearth/room/hub"
)

// Several nodes, and a log that loses something: people notice as little as
// can be, and are told the rest.

// goes is the tab's next connection, at another node: the browser and its
// cookies are the same.
func (t *tab) goes(h *house) *tab {
	t.h.t.Helper()
	one := h.dial()
	one.browser, one.handle, one.session = &browser{h: h, cookies: t.browser.cookies}, t.handle, t.session
	return one
}

// startsAgain reads up to the next state from scratch.
func (t *tab) startsAgain() Fresh {
	t.h.t.Helper()
	for {
		b, err := t.receive()
		if err != nil {
			t.h.t.Fatalf("want a state, got: %v", err)
		}
		if kindOf(b) == "state" {
			var f Fresh
			t.h.must(json.Unmarshal(b, &f))
			t.n, t.seen, t.stick = f.Last, f.Seq, f.State.Room.Stick
			t.at = Resume{Epoch: f.Epoch, Seq: f.Seq, Tag: f.Tag}
			return f
		}
		t.follow(b)
	}
}

func spoken(frames []room.Frame) (texts []string) {
	for _, f := range frames {
		if f.Said != nil {
			texts = append(texts, f.Said.Text)
		}
	}
	return texts
}

func TestATicketIsGoodOnEveryNode(t *testing.T) {
	m := meet(t)
	south := m.beside()
	cat := m.guest(room.Member)
	ticket := cat.browser.ticket(cat.handle)
	there := cat.goes(south)
	there.hello(Hello{Name: "Cat", Ticket: ticket})
	again := cat.goes(south)
	again.says(Hello{Name: "Cat", Ticket: ticket})
	again.closes(4401)
	m.goesOn()
}

// The holder's node restarts: on another one they still hold the stick, have
// heard everything, and count on.
func TestAHolderMovesToAnotherNode(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.DrainSpread, c.Limits.CloseWithin = time.Millisecond, 100*time.Millisecond })
	south := m.beside()
	ben := m.ben.goes(south)
	ben.hello(Hello{Name: "Ben"})
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "before"})
	ben.hears("words", func(f room.Frame) bool { return f.Said != nil })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m.server.Drain(ctx)
	m.ana.moves()
	m.ana.closes(1012)
	back := m.ana.goes(south)
	back.hello(Hello{Name: "Ana", Resume: &m.ana.at})
	if w := back.welcome; w.Last != m.ana.n || w.Rewound || w.State != nil && w.State.Room.Stick.Seat != w.State.You.Seat {
		t.Fatalf("on the other node: %+v", w)
	}
	back.does("say", map[string]any{"turn": m.ana.turn(), "text": "after"})
	if got := ben.hears("words", func(f room.Frame) bool { return f.Said != nil }).Said.Text; got != "after" {
		t.Errorf("Ben heard %q", got)
	}
}

// What was said while nobody of a node sat in the room comes with the
// welcome there; what was taken back, and what was heard before, does not.
func TestWordsMissedComeWithTheWelcome(t *testing.T) {
	m := meet(t)
	m.goesOn()
	at := m.ben.at
	m.must(m.ben.conn.Close())
	for _, words := range []string{"one", "taken back", "two"} {
		a := m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": words})
		if words == "taken back" {
			m.ana.does("retract", map[string]any{"seq": a.Seq})
		}
	}
	back := m.ben.goes(m.beside())
	back.hello(Hello{Name: "Ben", Resume: &at})
	if got := spoken(back.welcome.Missed); !slices.Equal(got, []string{"one", "two"}) || back.welcome.State == nil || back.welcome.Rewound {
		t.Errorf("missed %q; %+v", got, back.welcome)
	}
	for _, f := range back.welcome.Missed {
		if f.Seq <= at.Seq || f.Seq > back.welcome.Seq || f.Retracted == 0 && f.Said.Tag == "" {
			t.Errorf("missed between %d and %d: %+v", at.Seq, back.welcome.Seq, f)
		}
	}
}

// Entries nobody here sees lead on all the same: whoever resumes after them
// is at a point that the log knows.
func TestAMuteOfAnotherIsNoRewind(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	m.goesOn()
	m.ana.does("mute", map[string]any{"seat": cat.welcome.State.You.Seat, "minutes": 1})
	m.goesOn()
	back := m.ben.again()
	back.hello(Hello{Name: "Ben", Resume: &m.ben.at})
	if back.welcome.Rewound || back.welcome.State != nil {
		t.Errorf("%+v", back.welcome)
	}
}

// rewinds makes the log forget everything after a number.
func (h *house) rewinds(after uint64) {
	h.t.Helper()
	h.must(h.log.Lose(h.roomHere(), after))
}

// roomHere is the circle's room.
func (h *house) roomHere() room.ID {
	h.t.Helper()
	b := h.browser()
	handle := b.enters(h.invite(room.Member))
	seat, err := h.store.Seat(h.t.Context(), handle, b.cookies[seatCookie+handle])
	h.must(err)
	return seat.Room
}

func TestARewoundLogIsToldAtOnce(t *testing.T) {
	m := meet(t)
	m.goesOn()
	kept := m.ana.n
	upTo := m.ana.seen
	m.goesOn()
	m.rewinds(upTo)
	if f := m.ana.startsAgain(); !f.Rewound || f.Last != kept || f.Seq != upTo || f.Tag == "" {
		t.Errorf("Ana is told: %+v", f)
	}
	if f := m.ben.startsAgain(); !f.Rewound || f.Last != 0 {
		t.Errorf("Ben is told: %+v", f)
	}
	m.goesOn()
}

func TestARewoundLogIsToldOnComingBack(t *testing.T) {
	m := meet(t)
	m.goesOn()
	kept, upTo := m.ana.n, m.ana.seen
	m.goesOn()
	at := m.ana.at
	m.must(m.ana.conn.Close())
	m.until("Ana's socket to be gone", func() bool { return len(m.server.open()) == 1 })
	m.rewinds(upTo)
	m.ben.startsAgain()
	back := m.ana.again()
	back.session = m.ana.session
	back.hello(Hello{Name: "Ana", Resume: &at})
	if w := back.welcome; !w.Rewound || w.Last != kept || w.State == nil || len(w.Missed) > 0 && slices.Contains(spoken(w.Missed), "lost") {
		t.Errorf("Ana is told: %+v", w)
	}
	m.ana = back
	m.goesOn()
}

// However a rewind falls between commands and answers, whoever goes by `last`
// knows exactly which of their words are kept.
func TestTheStateCountsEveryAnswerBeforeIt(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Commands = Rate{1000, time.Millisecond} })
	m.goesOn()
	here, base := m.roomHere(), m.ana.seen
	stop := make(chan struct{})
	var rewinds sync.WaitGroup
	rewinds.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(rand.IntN(int(10 * time.Millisecond)))):
			}
			_ = m.log.Lose(here, max(base, uint64(len(m.log.Stored(here)))-uint64(rand.IntN(3)))) // grown meanwhile: it loses more
		}
	})
	p := &counting{tab: m.ana, before: m.ana.n}
	for i := 0; i < 150 || p.lost == 0; i++ {
		p.say(fmt.Sprint(i))
	}
	close(stop)
	rewinds.Wait()
	p.say("the end") // after it nothing is lost, and what was is told
	t.Logf("%d words lost and told, %d kept", p.lost, len(p.kept))
	var inLog []string
	for _, s := range m.log.Stored(here)[base:] {
		e, err := room.JoinEntry(s.Facts, s.Words)
		m.must(err)
		for _, ev := range e.Events {
			if said, is := ev.(room.Said); is {
				inLog = append(inLog, said.Text)
			}
		}
	}
	if !slices.Equal(p.kept, inLog) {
		t.Errorf("Ana counts on %q,\nthe log has %q", p.kept, inLog)
	}
}

// What the hub knew of a session when it saw the rewind may be older than an
// answer that was sent since: the state goes by the answer.
func TestTheStateIsNotOlderThanAnAnswer(t *testing.T) {
	m := meet(t)
	m.goesOn()
	seat := m.ana.welcome.State.You.Seat
	for _, c := range m.server.open() {
		if c.Seat.ID == seat {
			m.must(c.startAgain(hub.Greeting{Last: m.ana.n - 1, Rewound: true, Fresh: (*hub.Fresh)(m.ana.welcome.State)}))
		}
	}
	said := m.ana.n
	if f := m.ana.startsAgain(); f.Last != said {
		t.Errorf("%d was answered, the state counts %d", said, f.Last)
	}
	m.ana.stick = m.ben.stick
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "on"})
}

// counting is a client that goes by numbers alone: what it was told is done
// and still counted.
type counting struct {
	*tab
	before uint64 // commands before the first of these
	kept   []string
	lost   int
}

// count goes on from the house's count.
func (p *counting) count(last uint64) {
	if last < p.before {
		p.h.t.Fatalf("counted down to %d", last)
	}
	if n := int(last - p.before); n < len(p.kept) {
		p.lost += len(p.kept) - n
		p.kept = p.kept[:n]
	}
}

// say says something until it is taken.
func (p *counting) say(text string) {
	p.h.t.Helper()
	ask := func() uint64 {
		n := p.before + uint64(len(p.kept)) + 1
		w, _ := json.Marshal(map[string]any{"turn": p.turn(), "text": text})
		p.text(string(encode(Do{T: "do", N: n, Act: "say", With: w})))
		return n
	}
	n := ask()
	for {
		b, err := p.receive()
		p.h.must(err)
		switch kindOf(b) {
		case "state":
			var f Fresh
			p.h.must(json.Unmarshal(b, &f))
			p.count(f.Last)
		case "answer":
			var a Answer
			p.h.must(json.Unmarshal(b, &a))
			switch {
			case a.N != n:
				p.h.t.Fatalf("an answer to %d, asked was %d", a.N, n)
			case a.Refused == nil && a.Last == n:
				p.kept = append(p.kept[:n-p.before-1], text)
				return
			case a.Refused != nil && a.Refused.Code == room.OutOfOrder:
				p.count(a.Last)
				n = ask()
			case a.Refused != nil && a.Refused.Code == Unavailable:
				w, _ := json.Marshal(map[string]any{"turn": p.turn(), "text": text})
				p.text(string(encode(Do{T: "do", N: n, Act: "say", With: w})))
			default:
				p.h.t.Fatalf("%s: %+v %v", text, a, a.Refused)
			}
		}
	}
}

// farTickets are kept where they can't be reached now and then.
type farTickets struct {
	circle.Tickets
	away atomic.Bool
}

var errAway = errors.New("nobody answers")

func (f *farTickets) Issue(ctx context.Context, a circle.Admission, now time.Time) (string, error) {
	if f.away.Load() {
		return "", errAway
	}
	return f.Tickets.Issue(ctx, a, now)
}

func (f *farTickets) Take(ctx context.Context, code string, now time.Time) (circle.Admission, error) {
	if f.away.Load() {
		return circle.Admission{}, errAway
	}
	return f.Tickets.Take(ctx, code, now)
}

// Tickets that can't be had or read just now are no bad tickets: it is worth
// coming back, and the ticket is still good.
func TestTicketsOutOfReachAreWorthComingBackFor(t *testing.T) {
	far := &farTickets{Tickets: circle.NewTickets(100, nil)}
	m := meet(t, func(c *Config) { c.Tickets = far })
	cat := m.guest(room.Member)
	ticket := cat.browser.ticket(cat.handle)
	far.away.Store(true)
	res := cat.browser.asks("/c/"+cat.handle+"/ticket", url.Values{})
	var no room.Refusal
	if err := json.NewDecoder(res.Body).Decode(&no); err != nil || res.StatusCode != http.StatusServiceUnavailable || no.Code != Unavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("a ticket: %s %+v %v", res.Status, no, err)
	}
	cat.says(Hello{Name: "Cat", Ticket: ticket})
	cat.refuses(Unavailable)
	cat.closes(1011)
	far.away.Store(false)
	back := cat.again()
	back.hello(Hello{Name: "Cat", Ticket: ticket})
	m.goesOn()
}

package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/presence"
	"hearth/room"
	"hearth/room/hub"
	"hearth/room/memlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come at once.
const patience = 10 * time.Second

// house is a whole server on a port of its own: a circle, its store, a hub
// and the pages.
type house struct {
	t      testing.TB
	server *Server
	hub    *hub.Hub
	store  *shelf
	desk   moderation.Store
	keys   *moderation.Keys
	log    *memlog.Log
	bus    *memlog.Bus
	shown  *memlog.Shelf
	url    *url.URL
	dials  func() (net.Conn, error)
	tabs   *atomic.Int64 // there were, on all nodes
	circle circle.ID
	set    room.Settings

	mu     sync.Mutex // guards what follows
	faults []string
	drops  map[string]int
	conns  int
}

// shelf is a store that can be counted and can fail.
type shelf struct {
	circle.Store
	asked  atomic.Int64 // for seats
	broken atomic.Bool
	poison atomic.Bool // OfRoom panics
}

// OfRoom is circle.Store's.
func (s *shelf) OfRoom(ctx context.Context, id room.ID) (circle.Circle, error) {
	if s.poison.Load() {
		panic("secret words")
	}
	return s.Store.OfRoom(ctx, id)
}

var errBroken = errors.New("the disk is on fire")

// Seat is circle.Store's.
func (s *shelf) Seat(ctx context.Context, handle, secret string) (circle.Seat, error) {
	s.asked.Add(1)
	if s.broken.Load() {
		return circle.Seat{}, errBroken
	}
	return s.Store.Seat(ctx, handle, secret)
}

// Redeem is circle.Store's.
func (s *shelf) Redeem(ctx context.Context, c circle.Claim, now time.Time) (circle.Seat, string, error) {
	if s.broken.Load() {
		return circle.Seat{}, "", errBroken
	}
	return s.Store.Redeem(ctx, c, now)
}

var theFace = sync.OnceValues(func() (*Face, error) { return NewFace(FaceOptions{}) })

// open opens a house; change may change what it is made of.
func open(t testing.TB, change ...func(*Config)) *house {
	t.Helper()
	h := &house{t: t, tabs: new(atomic.Int64), keys: new(moderation.Keys), log: memlog.New(time.Now), bus: memlog.NewBus(), shown: memlog.NewShelf(time.Now), drops: map[string]int{}, circle: "c1"}
	_, err := h.keys.Rotate(time.Now(), strings.NewReader(strings.Repeat("k", 32)))
	h.must(err)
	db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hearth.db"), time.Now)
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.store = &shelf{Store: db.Circles()}
	h.desk = db.Desk(vault.Memory())
	h.set = room.DefaultSettings()
	h.set.Title = "Tuesday circle"
	h.must(h.store.AddCircle(t.Context(), circle.Act{}, circle.Circle{ID: h.circle, Settings: h.set, Rules: []string{"One at a time."}, Country: "GB"}))
	h.run("north", change...)
	return h
}

// beside runs another node of the same house.
func (h *house) beside(change ...func(*Config)) *house {
	h.t.Helper()
	n := &house{t: h.t, tabs: h.tabs, keys: h.keys, log: h.log, bus: h.bus, shown: h.shown, store: h.store, desk: h.desk, drops: map[string]int{}, circle: h.circle, set: h.set}
	n.run("south", append(change, func(c *Config) { c.Tickets = h.server.Tickets })...)
	return n
}

// run starts a node.
func (h *house) run(name string, change ...func(*Config)) {
	h.t.Helper()
	l, err := h.listens()
	h.must(err)
	face, err := theFace()
	h.must(err)
	c := Config{Store: h.store, Shelf: h.shown, Face: face, PublicURL: h.url, Desk: h.desk, Keys: h.keys, Bus: h.bus, Meter: h, Fault: h.fault}
	for _, f := range change {
		f(&c)
	}
	h.hub = hub.New(hub.Config{
		Log: h.log, Bus: h.bus, Shelf: c.Shelf, Nodes: living(name), Presence: presence.NewTable(), Encode: Encoder(h.keys),
		Settings: func(ctx context.Context, id room.ID) (room.Settings, error) {
			if of, err := h.store.OfRoom(ctx, id); err == nil && of.Settings.Aside != "" {
				return of.Settings, nil
			}
			return h.set, nil
		},
		Barred: func(id room.ID, seats []room.SeatID) error { return h.store.Bar(context.Background(), id, seats...) },
		Readmitted: func(id room.ID, seats []room.SeatID) error {
			return h.store.Readmit(context.Background(), id, seats...)
		},
		Fault: func(_ room.ID, err error) { h.fault("hub", err) },
	})
	c.Hub = h.hub
	h.server, err = New(c)
	h.must(err)
	web := h.server.HTTP()
	var group sync.WaitGroup
	group.Go(func() { _ = web.Serve(l) })
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		h.server.Drain(ctx)
		h.must(web.Close())
		h.hub.Stop()
		group.Wait()
	})
}

// listens opens the door of a node: on a port of its own, or within the test
// alone.
func (h *house) listens() (net.Listener, error) {
	if _, is := h.t.(piped); is {
		p := &pipes{conns: make(chan net.Conn), shut: make(chan struct{})}
		h.url, h.dials = &url.URL{Scheme: "http", Host: "localhost"}, p.dial
		return p, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		h.url = &url.URL{Scheme: "http", Host: strings.Replace(l.Addr().String(), "127.0.0.1", "localhost", 1)}
		h.dials = func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
	}
	return l, err
}

// piped is a test whose houses are reached without a network, so that its time
// can stand still.
type piped struct{ testing.TB }

// pipes is a net.Listener within a test.
type pipes struct {
	conns chan net.Conn
	shut  chan struct{}
	once  sync.Once
}

func (p *pipes) dial() (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.shut:
		return nil, net.ErrClosed
	}
}

// Accept is net.Listener's.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.shut:
		return nil, net.ErrClosed
	}
}

// Close is net.Listener's.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.shut) })
	return nil
}

// Addr is net.Listener's.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// living is a node among others that all live.
type living string

func (n living) Me() presence.NodeID               { return string(n) }
func (n living) Others() []presence.NodeID         { return []presence.NodeID{} }
func (n living) Dead(presence.NodeID) bool         { return false }
func (n living) Dark(room.ID) (from, to time.Time) { return time.Time{}, time.Time{} }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) fault(where string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, where+": "+err.Error())
}

// Connections is Meter's.
func (h *house) Connections(d int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns += d
}

// Command is Meter's.
func (h *house) Command(string) {}

// Drop is Meter's.
func (h *house) Drop(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drops[reason]++
}

func (h *house) dropped(reason string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.drops[reason]
}

// until waits for something that is bound to become true.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			h.t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

// invite makes an invite for one person, who need not wait to be let in.
func (h *house) invite(r room.Role) string {
	h.t.Helper()
	code, err := h.store.AddInvite(h.t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: h.circle, Role: r, Uses: 1})
	h.must(err)
	return code
}

// browser keeps cookies as a browser does, and follows no redirect.
type browser struct {
	h       *house
	cookies map[string]string
}

func (h *house) browser() *browser { return &browser{h: h, cookies: map[string]string{}} }

// asks sends a request; form nil is a GET. change may change the request.
func (b *browser) asks(path string, form url.Values, change ...func(*http.Request)) *http.Response {
	b.h.t.Helper()
	method, body := "GET", ""
	if form != nil {
		method, body = "POST", form.Encode()
	}
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.url.String()+path, strings.NewReader(body))
	b.h.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", b.h.url.String())
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, f := range change {
		f(r)
	}
	t := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return b.h.dials() }}
	res, err := t.RoundTrip(r)
	b.h.must(err)
	b.h.t.Cleanup(func() { _ = res.Body.Close() })
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return res
}

// enters redeems a code and returns the seat's handle.
func (b *browser) enters(code string) string {
	b.h.t.Helper()
	res := b.asks("/enter", url.Values{"code": {code}})
	handle, ok := strings.CutPrefix(res.Header.Get("Location"), "/c/")
	if res.StatusCode != http.StatusSeeOther || !ok {
		b.h.t.Fatalf("entering: %s", res.Status)
	}
	return handle
}

// ticket trades a seat's cookie for a ticket.
func (b *browser) ticket(handle string) string {
	b.h.t.Helper()
	res := b.asks("/c/"+handle+"/ticket", url.Values{})
	var t Ticket
	if err := json.NewDecoder(res.Body).Decode(&t); err != nil || res.StatusCode != http.StatusOK {
		b.h.t.Fatalf("ticket: %s, %v", res.Status, err)
	}
	return t.Ticket
}

// arrives brings somebody new all the way into the circle.
func (h *house) arrives(name string, r room.Role) *tab {
	h.t.Helper()
	b := h.browser()
	handle := b.enters(h.invite(r))
	t := h.dial()
	t.browser, t.handle = b, handle
	t.hello(Hello{Name: name})
	return t
}

// meeting is a circle of which Ana keeps and holds the stick and Ben is
// there too.
type meeting struct {
	*house
	ana, ben *tab
	said     int
}

// meet opens a house with a circle in it.
func meet(t testing.TB, change ...func(*Config)) *meeting {
	t.Helper()
	h := open(t, change...)
	m := &meeting{house: h, ana: h.arrives("Ana", room.Facilitator), ben: h.arrives("Ben", room.Member)}
	m.ana.does("next", map[string]any{"turn": m.ana.turn()})
	m.ana.does("take", map[string]any{"turn": m.ana.turn()})
	return m
}

// goesOn asserts that the circle does: what Ana says reaches Ben.
func (m *meeting) goesOn() {
	m.t.Helper()
	m.said++
	words := "still here " + strings.Repeat("and here ", m.said)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": words})
	got := m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil })
	if got.Said.Text != strings.TrimSpace(words) {
		m.t.Fatalf("Ben heard %q, and Ana said %q", got.Said.Text, words)
	}
}

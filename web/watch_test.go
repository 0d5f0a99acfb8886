package web

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// A seat that ends on one node ends its sockets on every node, as soon as
// the next one asks.
func TestWhatEndsOnOneNodeEndsOnAll(t *testing.T) {
	m := meet(t)
	south := m.beside()
	ctx, end := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { defer close(watched); south.server.Watch(ctx) }()
	t.Cleanup(func() { end(); <-watched })

	code, err := m.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: m.circle, Role: room.Member, Uses: 1, For: "Cat"})
	m.must(err)
	b := south.browser()
	cat := south.dial()
	cat.browser, cat.handle = b, b.enters(code)
	cat.hello(Hello{Name: "Cat"})

	from := time.Now()
	m.revokes("Cat")
	cat.closes(int(CloseNoSeat))
	if took := time.Since(from); took > 2*watchEvery {
		t.Errorf("it took %v", took)
	}
	m.goesOn() // nobody else is disturbed
}

// meddling does something right after a seat was looked up, once.
type meddling struct {
	circle.Store
	then atomic.Pointer[func()]
}

// Seat is circle.Store's.
func (m *meddling) Seat(ctx context.Context, handle, secret string) (circle.Seat, error) {
	seat, err := m.Store.Seat(ctx, handle, secret)
	if then := m.then.Swap(nil); then != nil {
		(*then)()
	}
	return seat, err
}

// Somebody whose seat ends in the moment they sit down is asked again: all
// were asked while they weren't there yet.
func TestWhoSitsDownMeanwhileIsAskedToo(t *testing.T) {
	store := &meddling{}
	m := meet(t, func(c *Config) { store.Store = c.Store; c.Store = store })
	code, err := m.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: m.circle, Role: room.Member, Uses: 1, For: "Cat"})
	m.must(err)
	cat := m.dial()
	cat.browser = m.browser()
	cat.handle = cat.browser.enters(code)
	ticket := cat.browser.ticket(cat.handle)
	meanwhile := func() {
		m.revokes("Cat")
		m.server.Recheck()
	}
	store.then.Store(&meanwhile)
	cat.says(Hello{Name: "Cat", Ticket: ticket})
	cat.closes(int(CloseNoSeat))
	m.goesOn()
}

// revokes ends the invite with a note.
func (h *house) revokes(note string) {
	h.t.Helper()
	list, err := h.store.Invites(h.t.Context(), h.circle, time.Now())
	h.must(err)
	for _, i := range list {
		if i.For == note {
			h.must(h.store.Revoke(h.t.Context(), circle.Act{At: time.Now()}, h.circle, i.ID))
			return
		}
	}
	h.t.Fatalf("nobody was invited as %q", note)
}

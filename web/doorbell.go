package web

import (
	"context"
	"sync"
	"time"
)

// deskTopic is where nodes ring for each other on Config.Bus when somebody
// was kept out, let in again, or something on the desk changed. What was rung
// for is in the database: a ring that is lost is made up for by who asks there
// each second (Watch).
const deskTopic = "desk"

// ringWithin bounds how long whoever rings waits for the bus.
const ringWithin = time.Second

// bell wakes those who wait in this process. The zero bell works.
type bell struct {
	mu    sync.Mutex // guards hears
	hears map[chan struct{}]struct{}
}

// listen returns what holds one value from a ring on until it is taken,
// however often it rings; stop ends it.
func (b *bell) listen() (rung <-chan struct{}, stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hears == nil {
		b.hears = map[chan struct{}]struct{}{}
	}
	c := make(chan struct{}, 1)
	b.hears[c] = struct{}{}
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.hears, c)
	}
}

// strike wakes everybody who listens; it waits for nobody.
func (b *bell) strike() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.hears {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// ring tells every node that the desk, or who is kept out, has changed: call
// it once that is in the database, also when whoever asked has gone. It never
// fails, for nodes look by themselves, only later.
func (s *Server) ring(ctx context.Context) {
	s.bell.strike()
	if s.Bus == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ringWithin)
	defer cancel()
	if err := s.Bus.Publish(ctx, deskTopic, nil); err != nil {
		s.Fault("doorbell", err)
	}
}

// hearRings has rings of every node strike here, until ctx ends.
func (s *Server) hearRings(ctx context.Context) {
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Subscribe(ctx, deskTopic, func([]byte) { s.bell.strike() }); err != nil && ctx.Err() == nil {
		s.Fault("doorbell", err)
	}
}

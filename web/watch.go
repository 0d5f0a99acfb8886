package web

import (
	"context"
	"time"

	"github.com/coder/websocket"
)

// watchEvery is how often a node asks whether a seat or session ended before
// its time. The store's count of these can't be lost, as a doorbell could.
const watchEvery = time.Second

// Watch looks at all sockets again whenever something ended seats or
// sessions, on whichever node, until ctx ends: at once when somebody rings for
// it, else within watchEvery. A store that can't say is told of once; it
// changes nothing.
func (s *Server) Watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	rung, stop := s.bell.listen()
	defer stop()
	s.hearRings(ctx)
	var last int64
	known, stuck := false, false
	for {
		now, err := s.revision(ctx)
		if err != nil && !stuck && ctx.Err() == nil {
			s.Fault("watch", err)
		}
		if stuck = err != nil; !stuck {
			if known && now != last {
				s.Recheck()
			}
			last, known = now, true
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-rung:
		}
	}
}

func (s *Server) revision(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	return s.Store.Revision(ctx)
}

// asked is how many sockets are asked about at once, so that whoever comes
// meanwhile is not kept waiting by a full house.
const asked = 4

// Recheck asks of every socket whether its seat is still worth something, and
// returns when all were asked about. Those that lost it are closed beside:
// somebody who doesn't answer holds nobody else up.
func (s *Server) Recheck() {
	s.looked.Add(1)
	s.recheckDesks()
	places := make(chan struct{}, asked)
	for _, c := range s.open() {
		if !c.seated.Load() {
			continue // it is asked about when it sits down
		}
		places <- struct{}{}
		go c.guarded(func() {
			code := func() websocket.StatusCode { defer func() { <-places }(); return c.lost() }()
			c.loses(code)
		})()
	}
	for range asked {
		places <- struct{}{}
	}
}

// sits says that a socket has its seat. If all were asked about their seats
// meanwhile, this one is asked now; looked is how often that was before.
func (c *socket) sits(looked int64) {
	c.seated.Store(true)
	if c.server.looked.Load() != looked {
		c.recheck()
	}
}

// lastWord is how long the room of whoever is kept out has to tell them why, in
// the frame that removes them, before the socket closes without it. The page
// of the circle says the same.
const lastWord = 250 * time.Millisecond

// loses closes a socket whose seat is worth nothing any more; code 0: it is.
func (c *socket) loses(code websocket.StatusCode) {
	if code == CloseBanned {
		t := time.NewTimer(lastWord)
		defer t.Stop()
		select {
		case <-c.ctx.Done():
		case <-t.C:
		}
	}
	if code != 0 {
		c.end(code)
	}
}

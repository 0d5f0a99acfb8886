package hub

import (
	"context"
	"errors"
	"time"

	"hearth/room"
)

// This file is what one room tells another: a room its asides that they are
// over, an aside the room it belongs to. Each has its own loop, and neither
// waits for the other there: who tells does so on the side, and tries again
// for a while. What gets lost all the same is found out by whoever comes: no
// connection goes into an aside that its room does not know.

// How often, and how far apart, one room tries to tell another.
const (
	tellTries = 5
	tellEvery = time.Second
)

// House asks a room for something in the name of the house, and waits for its
// answer. The room is loaded, or its log begun, if need be.
func (h *Hub) House(ctx context.Context, id room.ID, a room.Act) (Answer, error) {
	for {
		l, err := h.live(id)
		if err != nil {
			return Answer{}, err
		}
		if err := l.ready(ctx); err != nil {
			return Answer{}, err
		}
		r := &request{command: house(a), done: make(chan struct{})}
		switch err := l.ask(ctx, r); {
		case errors.Is(err, errLetGo):
			continue // the room was just let go: load it again
		case err != nil:
			return Answer{}, err
		}
		return r.answer, r.err
	}
}

// tellRoom asks another room for something, beside the loop of the one that
// asks.
func (h *Hub) tellRoom(id room.ID, a room.Act) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return
	}
	h.group.Go(func() {
		for try := range tellTries {
			if try > 0 && !h.pause(tellEvery) {
				return
			}
			_, err := h.House(h.ctx, id, a)
			var ended *Ended
			switch {
			case err == nil || errors.As(err, &ended) && ended.Reason != RoomFault:
				return
			case try == tellTries-1:
				h.cfg.Fault(id, err)
			}
		}
	})
}

// pause waits; false if the hub stops meanwhile.
func (h *Hub) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.ctx.Done():
		return false
	}
}

// tellAsides tells asides that are over so, if anybody ever sat in them.
func (l *live) tellAsides(m made) {
	for _, e := range m.entries {
		for _, ev := range e.Events {
			if over, is := ev.(room.AsideOver); is && over.Began {
				l.hub.tellRoom(over.ID, room.Finish{})
			}
		}
	}
}

// tellParent tells the room that this is an aside of that it is over.
func (l *live) tellParent() {
	if of := l.state.Set.Aside; of != "" {
		l.hub.tellRoom(of, room.AsideGone{ID: l.id})
	}
}

package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hearth/room"
)

// Desk asks a room for something that a moderator at the desk has decided, and
// waits for its answer. The room is loaded if need be, on whichever node; its
// log is never begun for it. One that is over is *Ended, one that never was
// room.ErrNoRoom. After another error it is unknown whether it was done:
// asking again is right.
func (h *Hub) Desk(ctx context.Context, id room.ID, a room.Act) (Answer, error) {
	if h.runs(id) == nil {
		if _, err := h.read(ctx, id); err != nil {
			return Answer{}, err
		}
	}
	r, err := h.ask(ctx, id, func() *request {
		return &request{command: room.Command{By: room.Actor{Desk: true}, Do: a}, done: make(chan struct{})}
	})
	switch {
	case err != nil:
		return Answer{}, err
	case r.err == nil && r.answer.Refused != nil && r.answer.Refused.Code == room.RoomOver:
		return Answer{}, &Ended{RoomOver}
	}
	return r.answer, r.err
}

// Glance shows a room to who is not in it, as its log has it now: its facts,
// and perhaps no words. It changes nothing, nor is the room loaded for it. One
// that is over is *Ended, one that never was room.ErrNoRoom. See is quick, and
// keeps and changes nothing of the state.
func (h *Hub) Glance(ctx context.Context, id room.ID, see func(now time.Time, s *room.State)) error {
	over := false
	unless := func(now time.Time, s *room.State) {
		if over = s.Phase == room.Over; !over {
			see(now, s)
		}
	}
	if h.runs(id) != nil {
		if err := h.Look(ctx, id, unless); err != nil {
			return err
		}
	} else {
		tail, err := h.read(ctx, id)
		if err != nil {
			return err
		}
		unless(tail.Now, tail.Current())
	}
	if over {
		return &Ended{RoomOver}
	}
	return nil
}

// runs returns a room that runs in this process; nil if it does not.
func (h *Hub) runs(id room.ID) *live {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[id]
}

// read reads a room's log from its beginning.
func (h *Hub) read(ctx context.Context, id room.ID) (room.Tail, error) {
	tail, err := h.cfg.Log.Read(ctx, id, room.Head{})
	switch {
	case errors.Is(err, room.ErrNoRoom):
		return tail, err
	case err != nil:
		return tail, fmt.Errorf("%w: %w", ErrUnavailable, err)
	case tail.State == nil:
		return tail, errors.New("hub: the log has no state")
	}
	return tail, nil
}

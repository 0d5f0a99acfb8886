package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hearth/room"
)

// Do asks for an act of a seat that has no connection at hand: what is shown
// comes by another way. It has no number; after an error it is unknown
// whether it was done.
func (h *Hub) Do(ctx context.Context, id room.ID, seat room.SeatID, a room.Act) (Answer, error) {
	r, err := h.ask(ctx, id, func() *request {
		return &request{command: room.Command{By: room.Actor{Seat: seat}, Do: a}, done: make(chan struct{})}
	})
	if err != nil {
		return Answer{}, err
	}
	return r.answer, r.err
}

// Look shows a room as its log has it now. See runs in the room's goroutine:
// it is quick, and keeps and changes nothing of the state. After an error it
// may still be running.
func (h *Hub) Look(ctx context.Context, id room.ID, see func(now time.Time, s *room.State)) error {
	r, err := h.ask(ctx, id, func() *request { return &request{look: see, done: make(chan struct{})} })
	if err != nil {
		return err
	}
	return r.err
}

// ask asks a room, which is loaded if need be.
func (h *Hub) ask(ctx context.Context, id room.ID, fresh func() *request) (*request, error) {
	for {
		l, err := h.live(id)
		if err != nil {
			return nil, err
		}
		if err := l.ready(ctx); err != nil {
			return nil, err
		}
		r := fresh()
		if err := l.ask(ctx, r); !errors.Is(err, errLetGo) {
			return r, err
		}
	}
}

// lightly does what is asked without writing anything.
func (l *live) lightly(ctx context.Context, r *request) {
	if r.lossy {
		l.judgeSignal(r)
		return
	}
	if !l.catchUp(ctx) {
		r.err = ErrUnavailable
		return
	}
	defer func() {
		if p := recover(); p != nil {
			r.err = fmt.Errorf("hub: a look ended: %T", p)
		}
	}()
	r.look(l.now(), l.state)
}

// noteDrops notes the pictures that entries take back, before they do.
func (l *live) noteDrops(entries []room.Entry) {
	if l.cfg.Shelf == nil {
		return
	}
	for i, e := range entries {
		for _, ev := range e.Events {
			back, is := ev.(room.Retracted)
			if !is {
				continue
			}
			for name, p := range l.state.Words.Pictures {
				if p.Seq == back.Seq {
					l.drops = append(l.drops, name)
				}
			}
			l.drops = append(l.drops, shownBy(entries[:i], back.Seq)...)
		}
	}
}

// shownBy are the pictures that the entry of a number showed.
func shownBy(entries []room.Entry, seq uint64) (names []string) {
	for _, e := range entries {
		for _, ev := range e.Events {
			if said, is := ev.(room.Said); is && e.Seq == seq && said.Picture != nil {
				names = append(names, said.Picture.Name)
			}
		}
	}
	return names
}

// clearShelf takes from the shelf what nobody may see any more. Each node that
// has the room does: one may end before it is done.
func (l *live) clearShelf() error {
	if l.owesEnd() && l.cfg.Shelf != nil {
		l.drops = nil
		return l.cfg.Shelf.Forget(l.hub.ctx, l.id)
	}
	for len(l.drops) > 0 {
		if err := l.cfg.Shelf.Drop(l.hub.ctx, l.id, l.drops[0]); err != nil {
			return err
		}
		l.drops = l.drops[1:]
	}
	return nil
}

package hub

import (
	"context"
	"sync"
	"sync/atomic"

	"hearth/presence"
	"hearth/room"
)

// Sitting is one connection's place in a live room. Do and Signal are for
// its reader, Next for its writer.
type Sitting struct {
	room  *live
	guest Guest
	conn  presence.Conn
	queue *queue
	rise  sync.Once
	gone  atomic.Bool // it was given back

	// Owned by the room's goroutine.
	you  *room.YouView  // last sent
	keep *room.KeepView // last sent
	door *room.DoorView // last sent; nil: has a seat
}

// Do asks for a command and waits for its answer. N is its number; after an
// error the same number asked again finds out what became of it.
func (s *Sitting) Do(ctx context.Context, n uint64, a room.Act) (Answer, error) {
	c := room.Command{By: room.Actor{Seat: s.guest.Seat}, Session: s.guest.Session, N: n, Do: a}
	r := &request{command: c, done: make(chan struct{})}
	if err := s.room.ask(ctx, r); err != nil {
		return Answer{}, err
	}
	return r.answer, r.err
}

// Signal asks for a lossy act: a refusal, or nil if it went out or was lost.
func (s *Sitting) Signal(ctx context.Context, a room.Act) (*room.Refusal, error) {
	r := &request{command: room.Command{By: room.Actor{Seat: s.guest.Seat}, Do: a}, lossy: true, done: make(chan struct{})}
	if err := s.room.ask(ctx, r); err != nil {
		return nil, err
	}
	return r.answer.Refused, r.err
}

// Next waits for something to send. After *Ended nothing more comes.
func (s *Sitting) Next(ctx context.Context) (Load, error) { return s.queue.next(ctx) }

// Rise gives the connection back. It may be called twice.
func (s *Sitting) Rise() {
	s.rise.Do(func() {
		s.gone.Store(true)
		s.room.rises(s)
	})
}

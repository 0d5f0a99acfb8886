package hub

import (
	"context"
	"errors"

	"hearth/room"
)

// Sitting is one connection's place in a live room.
type Sitting struct{}

// Do asks for a command and waits for its answer. N is its number.
func (s *Sitting) Do(ctx context.Context, n uint64, a room.Act) (Answer, error) {
	return Answer{}, errors.New("hub: not built yet")
}

// Signal asks for a lossy act; nil if it went out.
func (s *Sitting) Signal(a room.Act) *room.Refusal { return nil }

// Next waits for something to send. After *Ended nothing more comes.
func (s *Sitting) Next(ctx context.Context) (Load, error) { return Load{}, &Ended{RoomOver} }

// Rise gives the connection back. It may be called twice.
func (s *Sitting) Rise() {}

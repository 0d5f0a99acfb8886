package memlog

import (
	"context"
	"errors"
	"slices"
	"sync"

	"hearth/room"
)

// waiting is how many messages may wait for one listener; more are lost.
const waiting = 64

// Bus is a room.Bus in memory.
type Bus struct {
	mu     sync.Mutex // guards topics
	topics map[string][]chan []byte
}

// NewBus returns a bus to which nobody listens.
func NewBus() *Bus { return &Bus{topics: map[string][]chan []byte{}} }

// Publish is room.Bus's.
func (b *Bus) Publish(ctx context.Context, topic string, msg []byte) error {
	if len(msg) > room.MaxBusBytes {
		return errors.New("bus: the message is too large")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.topics[topic] {
		select {
		case c <- slices.Clone(msg):
		default:
		}
	}
	return ctx.Err()
}

// Subscribe is room.Bus's.
func (b *Bus) Subscribe(ctx context.Context, topic string, hear func([]byte)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := make(chan []byte, waiting)
	b.mu.Lock()
	b.topics[topic] = append(b.topics[topic], c)
	b.mu.Unlock()
	go func() {
		defer b.leave(topic, c)
		for {
			select {
			case msg := <-c:
				if ctx.Err() == nil {
					hear(msg)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

func (b *Bus) leave(topic string, c chan []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.topics[topic] = slices.DeleteFunc(b.topics[topic], func(o chan []byte) bool { return o == c })
	if len(b.topics[topic]) == 0 {
		delete(b.topics, topic)
	}
}

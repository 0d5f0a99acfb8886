package redisstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"hearth/room"
)

// waiting is how many messages may wait for one listener that is slow; more
// are lost to it.
const waiting = 64

// bus is who listens to what on this node.
type bus struct {
	mu     sync.Mutex // guards what follows
	topics map[string][]chan []byte
	lost   uint64
}

func newBus() *bus { return &bus{topics: map[string][]chan []byte{}} }

// Publish is room.Bus's. A topic is one line.
func (d *doorbell) Publish(ctx context.Context, topic string, msg []byte) error {
	if len(msg) > room.MaxBusBytes {
		return errors.New("redisstore: the message is larger than a bus takes")
	}
	if strings.Contains(topic, "\n") {
		return errors.New("redisstore: the topic has more than one line")
	}
	return sentence(d.c.Publish(ctx, key(partition(topic), "bus"), topic+"\n"+string(msg)).Err())
}

// Subscribe is room.Bus's. It costs Redis nothing.
func (d *doorbell) Subscribe(ctx context.Context, topic string, hear func(msg []byte)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, c := d.bus, make(chan []byte, waiting)
	b.mu.Lock()
	b.topics[topic] = append(b.topics[topic], c)
	b.mu.Unlock()
	go func() {
		defer b.leave(topic, c)
		for {
			select {
			case <-ctx.Done():
				return
			case msg := <-c:
				if ctx.Err() == nil {
					hear(msg)
				}
			}
		}
	}()
	return nil
}

func (b *bus) leave(topic string, c chan []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.topics[topic] = slices.DeleteFunc(b.topics[topic], func(o chan []byte) bool { return o == c })
	if len(b.topics[topic]) == 0 {
		delete(b.topics, topic)
	}
}

// hear passes a message on to those who listen to its topic, and waits for
// nobody.
func (b *bus) hear(payload string) {
	topic, msg, ok := strings.Cut(payload, "\n")
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.topics[topic] {
		select {
		case c <- []byte(msg):
		default:
			b.lost++
		}
	}
}

// missed is how many messages slow listeners have lost.
func (b *bus) missed() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lost
}

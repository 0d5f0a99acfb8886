package room

import "context"

// MaxBusBytes bounds one message on a Bus.
const MaxBusBytes = 64 << 10

// Bus carries messages between the nodes that share a log, where losing one
// does no harm: reactions, typing, asking for a key.
//
// Publish sends a message of at most MaxBusBytes on a topic to everybody who
// listens to it now, on every node and this one. Nil means that it went out,
// not that anybody heard: messages may be lost or doubled, and those of
// different senders may change places.
//
// Subscribe calls hear, one message after another, for what comes on a topic
// until ctx ends. Hear must not block; the message is its own to keep.
// Messages published before Subscribe returns may be missed.
type Bus interface {
	Publish(ctx context.Context, topic string, msg []byte) error
	Subscribe(ctx context.Context, topic string, hear func(msg []byte)) error
}

package room

import (
	"context"
	"errors"
)

// Bounds of the pictures of one room.
const (
	MaxShelfBytes = 20 << 20 // sealed, all together
	MaxPictures   = 60
)

// Shelf keeps the pictures of rooms beside their logs, sealed: its bytes
// mean nothing without a picture's key, which is among the words of the
// entry that showed it. A picture's name is used once.
//
// Put keeps a picture. With it the room would have more than MaxShelfBytes
// or MaxPictures: ErrShelfFull, and nothing is kept. After any other error
// it is unknown whether it was.
//
// Get returns a picture as it was put; ErrNoPicture if there is none.
//
// Drop forgets one picture, Forget all of a room. Forgetting what is not
// there is no error. A room that nobody forgets is forgotten within a day.
type Shelf interface {
	Put(ctx context.Context, id ID, name string, sealed []byte) error
	Get(ctx context.Context, id ID, name string) ([]byte, error)
	Drop(ctx context.Context, id ID, name string) error
	Forget(ctx context.Context, id ID) error
}

// What a Shelf answers besides nil; compare with errors.Is.
var (
	ErrShelfFull = errors.New("room shelf: no room for another picture")
	ErrNoPicture = errors.New("room shelf: no such picture")
)

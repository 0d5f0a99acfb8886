package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/room"
)

// shelfLife is how long pictures are kept that nobody forgets, from a room's
// first one on: twice the longest gathering.
const shelfLife = 24 * time.Hour

// shelf is the room.Shelf of a store. What it is given is sealed already.
type shelf struct {
	link  *link
	hurry func() // a beat is wanted at once
}

// Shelf keeps the rooms' pictures; it works between Start and Leave.
func (s *Store) Shelf() room.Shelf { return &shelf{s.link, s.pulse.hurry} }

// Put is room.Shelf's.
func (s *shelf) Put(ctx context.Context, id room.ID, name string, sealed []byte) error {
	if err := errors.Join(ctx.Err(), fits(id), fits(room.ID(name))); err != nil {
		return err
	}
	a := s.link.shelfAct(putScript, id, name, sealed, room.MaxShelfBytes, room.MaxPictures, int64(shelfLife.Seconds()))
	return s.done(ctx, a)
}

// Get is room.Shelf's. A picture never changes, so any answer is a good one.
func (s *shelf) Get(ctx context.Context, id room.ID, name string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	sealed, err := s.link.client.HGet(ctx, shelfKey(id), "p:"+name).Bytes()
	if err == redis.Nil {
		return nil, room.ErrNoPicture
	}
	if err != nil {
		return nil, fmt.Errorf("room shelf: get: %w", sentence(err))
	}
	return sealed, nil
}

// Drop is room.Shelf's.
func (s *shelf) Drop(ctx context.Context, id room.ID, name string) error {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return err
	}
	return s.done(ctx, s.link.shelfAct(dropScript, id, name))
}

// Forget is room.Shelf's.
func (s *shelf) Forget(ctx context.Context, id room.ID) error {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	if err := s.link.client.Del(ctx, shelfKey(id)).Err(); err != nil {
		return fmt.Errorf("room shelf: forget: %w", sentence(err))
	}
	return nil
}

func shelfKey(id room.ID) string { return key(partition(string(id)), "shelf:"+string(id)) }

// shelfAct is a script about one room's pictures.
func (l *link) shelfAct(sc script, id room.ID, args ...any) *act {
	p := partition(string(id))
	return &act{script: sc, keys: append(keys(p), shelfKey(id)), args: append(l.args(p, ""), args...)}
}

// done runs a script. WAIT is not needed: the entry that shows a picture is
// written behind it, and waits for both.
func (s *shelf) done(ctx context.Context, a *act) error {
	if err := s.link.run(ctx, false, a); err != nil {
		return fmt.Errorf("room shelf: %s: %w", a.script.name, err)
	}
	switch a.reply.word {
	case "ok":
		return nil
	case "full":
		return room.ErrShelfFull
	case "twice":
		return errors.New("room shelf: a picture's name is used once")
	case "restoring", "fenced":
		s.hurry()
		return &fault{"Redis or this node is just coming back: for a moment no picture can be kept or dropped", nil}
	}
	return &fault{"where a room's pictures are kept in Redis there is something else: see what writes there besides Hearth; DEL " + a.keys[6] + " gives them up", nil}
}

package memlog

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"hearth/room"
)

// shelfLife is how long the pictures of a room that nobody forgets are kept,
// from its first one on: twice the longest gathering.
const shelfLife = 24 * time.Hour

// Shelf is a room.Shelf in memory: for a node that is alone, and for tests.
type Shelf struct {
	now func() time.Time

	mu    sync.Mutex // guards rooms
	rooms map[room.ID]*shelved
}

// shelved are one room's pictures.
type shelved struct {
	until    time.Time
	bytes    int
	pictures map[string][]byte
}

// NewShelf returns an empty shelf. Now is its clock.
func NewShelf(now func() time.Time) *Shelf {
	return &Shelf{now: now, rooms: map[room.ID]*shelved{}}
}

// Put is room.Shelf's.
func (s *Shelf) Put(ctx context.Context, id room.ID, name string, sealed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.rooms, func(_ room.ID, r *shelved) bool { return !now.Before(r.until) })
	r := s.rooms[id]
	if r == nil {
		r = &shelved{until: now.Add(shelfLife), pictures: map[string][]byte{}}
	}
	if _, is := r.pictures[name]; is {
		return errors.New("room shelf: a picture's name is used once")
	}
	if len(r.pictures) >= room.MaxPictures || r.bytes+len(sealed) > room.MaxShelfBytes {
		return room.ErrShelfFull
	}
	r.pictures[name] = bytes.Clone(sealed)
	r.bytes += len(sealed)
	s.rooms[id] = r
	return nil
}

// Get is room.Shelf's.
func (s *Shelf) Get(ctx context.Context, id room.ID, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil || !s.now().Before(r.until) {
		return nil, room.ErrNoPicture
	}
	sealed, is := r.pictures[name]
	if !is {
		return nil, room.ErrNoPicture
	}
	return slices.Clone(sealed), nil
}

// Drop is room.Shelf's.
func (s *Shelf) Drop(ctx context.Context, id room.ID, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil {
		r.bytes -= len(r.pictures[name])
		delete(r.pictures, name)
		if len(r.pictures) == 0 {
			delete(s.rooms, id)
		}
	}
	return nil
}

// Forget is room.Shelf's.
func (s *Shelf) Forget(ctx context.Context, id room.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rooms, id)
	return nil
}

// Kept says how many pictures there are, of all rooms.
func (s *Shelf) Kept() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		n += len(r.pictures)
	}
	return n
}

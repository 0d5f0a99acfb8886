package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"

	"hearth/room"
)

// window is what this node knows of a restoring window in one partition.
type window struct {
	from string // names it; empty: none is open
	by   string // the name under which all copies were offered; empty: not yet
}

// What goes in one round trip of offers: rooms, and about so many bytes.
const (
	offerAtOnce = 64
	offerBytes  = 1 << 20
)

// offer offers this node's copies of a partition, once per window and name.
func (s *Store) offer(ctx context.Context, p int, name, from string) error {
	s.mu.Lock()
	done := s.windows[p].from == from && s.windows[p].by == name
	s.windows[p].from = from
	s.mu.Unlock()
	if done {
		return nil
	}
	var acts []*act
	for id, c := range s.rooms.copies(p) {
		a, err := s.offerOf(p, name, id, c)
		if err != nil {
			s.fault(fmt.Errorf("a room can't be given back to Redis: %w", err))
			continue
		}
		acts = append(acts, a)
	}
	for len(acts) > 0 {
		n := fitting(acts)
		if err := s.run(ctx, false, acts[:n]...); err != nil {
			return err
		}
		for _, a := range acts[:n] {
			switch a.reply.word {
			case "closed", "fenced":
				return nil // the next beat tells what is
			case "newer":
				s.outdated()
			}
		}
		acts = acts[n:]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows[p] = window{from, name}
	return nil
}

// fitting is how many acts go in one round trip: at least one.
func fitting(acts []*act) (n int) {
	size := 0
	for n < min(len(acts), offerAtOnce) && (n == 0 || size < offerBytes) {
		for _, a := range acts[n].args {
			switch a := a.(type) {
			case []byte:
				size += len(a)
			case string:
				size += len(a)
			}
		}
		n++
	}
	return n
}

// offered is the window in which all was offered; empty: none.
func (s *Store) offered(p int, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.windows[p]; w.by == name {
		return w.from
	}
	return ""
}

// reopened says, once, that a window has ended.
func (s *Store) reopened(p int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.windows[p].from != ""
	s.windows[p] = window{}
	return was
}

// offerOf is one copy as it is offered: under a new epoch, to which its words
// are sealed again. Words whose key is not here stay behind.
func (s *Store) offerOf(p int, name string, id room.ID, c copied) (*act, error) {
	state, err := room.JoinState(c.state.facts, nil)
	if err != nil {
		return nil, err
	}
	epoch := rand.Text()
	again := func(what string, e stored) []byte {
		words := s.open(id, c.head.Epoch, what, e.facts, e.sealed)
		sealed, err := s.seal(id, epoch, what, e.facts, words)
		if err != nil {
			return nil
		}
		return sealed
	}
	life, over := roomLife, 0
	if state.Phase == room.Over {
		life, over = overLife, 1
	}
	args := s.args(p)
	args[0] = name
	args = append(args, Format, string(id), key(p, "bell"),
		epoch, c.head.Seq, hexed(c.head.Hash), c.at,
		c.stateSeq, hexed(c.stateHash), c.state.facts, again(ofState, c.state),
		over, int64(life.Seconds()))
	for i, e := range c.entries {
		e.sealed = again(ofEntry(c.stateSeq+uint64(i)+1), e)
		args = append(args, e.String())
	}
	return &act{script: restoreScript, keys: append(keys(p), key(p, "room:"+string(id)), key(p, "log:"+string(id))), args: args}, nil
}

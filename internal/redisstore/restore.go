package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"hearth/room"
)

// window is what this node knows of a restoring window in one partition.
type window struct {
	from string // names it; empty: none is open
	by   string // the name under which all copies were offered; empty: not yet
}

// offers are what this node gives back to a Redis that may have lost it.
type offers struct {
	link     *link
	seals    sealer
	rooms    *rooms
	fault    func(error)
	outdated func()

	mu      sync.Mutex // guards what follows
	windows [partitions]window
}

// What goes in one round trip of offers: rooms, and about so many bytes.
const (
	offerAtOnce = 64
	offerBytes  = 1 << 20
)

// make offers this node's copies of a partition, once per window and name.
func (o *offers) make(ctx context.Context, p int, name, from string) error {
	o.mu.Lock()
	done := o.windows[p].from == from && o.windows[p].by == name
	o.windows[p].from = from
	o.mu.Unlock()
	if done {
		return nil
	}
	var acts []*act
	for id, c := range o.rooms.copies(p) {
		a, err := o.of(p, name, id, c)
		if err != nil {
			o.fault(fmt.Errorf("a room can't be given back to Redis: %w", err))
			continue
		}
		acts = append(acts, a)
	}
	for len(acts) > 0 {
		n := fitting(acts)
		if err := o.link.run(ctx, false, acts[:n]...); err != nil {
			return err
		}
		for _, a := range acts[:n] {
			switch a.reply.word {
			case "closed", "fenced":
				return nil // the next beat tells what is
			case "newer":
				o.outdated()
			}
		}
		acts = acts[n:]
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.windows[p] = window{from, name}
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

// made is the window in which all was offered; empty: none.
func (o *offers) made(p int, name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if w := o.windows[p]; w.by == name {
		return w.from
	}
	return ""
}

// over says, once, that a window has ended.
func (o *offers) over(p int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.windows[p].from != ""
	o.windows[p] = window{}
	return was
}

// of is one copy as it is offered: under a new epoch, to which its words
// are sealed again. Words whose key is not here stay behind.
func (o *offers) of(p int, name string, id room.ID, c copied) (*act, error) {
	state, err := room.JoinState(c.state.facts, nil)
	if err != nil {
		return nil, err
	}
	epoch := rand.Text()
	again := func(what string, e stored) []byte {
		words := o.seals.open(id, c.head.Epoch, what, e.facts, e.sealed)
		sealed, err := o.seals.seal(id, epoch, what, e.facts, words)
		if err != nil {
			return nil
		}
		return sealed
	}
	life, over := roomLife, 0
	if state.Phase == room.Over {
		life, over = overLife, 1
	}
	args := append(o.link.args(p, name), Format, string(id), key(p, "bell"),
		epoch, c.head.Seq, hexed(c.head.Hash), c.at,
		c.stateSeq, hexed(c.stateHash), c.state.facts, again(ofState, c.state),
		over, int64(life.Seconds()))
	for i, e := range c.entries {
		e.sealed = again(ofEntry(c.stateSeq+uint64(i)+1), e)
		args = append(args, e.String())
	}
	return &act{script: restoreScript, keys: roomKeys(id), args: args}, nil
}

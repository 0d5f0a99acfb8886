package roomkeys

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"hearth/room"
)

const (
	newsEvery = 3 * time.Second
	heardFor  = 3*newsEvery + time.Second // a holder that is silent so long counts no more
	// standLeast: a key that would go sooner is not worth another holder.
	// It also ends two nodes without seats handing a key to each other.
	standLeast = time.Minute
	bootsMost  = 1024
)

// news is what nodes tell each other of what they hold. Ring's lock guards it.
type news struct {
	fresh map[name]bool // held since the last announcement, or asked about
	ended []room.ID     // rooms that are over, to be told
	no    uint64        // of this node's newest announcement

	heard  map[string]uint64 // number of the newest announcement of each boot
	leaves map[string]bool   // boots that are about to go

	going time.Time // when this node began to leave; zero: it stays
}

func newNews() news {
	return news{fresh: map[name]bool{}, heard: map[string]uint64{}, leaves: map[string]bool{}}
}

// sweep forgets boots that are gone: their names don't come back.
func (n *news) sweep(v view) {
	for boot := range n.heard {
		if !v.lives(boot) {
			delete(n.heard, boot)
			delete(n.leaves, boot)
		}
	}
}

// isNew says whether an announcement counts: of a boot that lives, and newer
// than all it has said.
func (n *news) isNew(m message, v view) bool {
	last, known := n.heard[m.from]
	if !v.lives(m.from) || known && m.no <= last || !known && len(n.heard) >= bootsMost {
		return false
	}
	n.heard[m.from] = m.no
	return true
}

// stay are the nodes, of those that live, which are not about to go.
func (n *news) stay(v view) []string {
	return slices.DeleteFunc(slices.Clone(v.others), func(b string) bool { return n.leaves[b] })
}

// holder says whether a node that lives and stays has said since then that
// it has a key.
func (n *news) holder(k *key, v view, since time.Time) bool {
	for boot, at := range k.others {
		if !at.Before(since) && v.lives(boot) && !n.leaves[boot] {
			return true
		}
	}
	return false
}

// learn takes what another node says it holds, or that a room is over.
func (l *line) learn(m message) {
	r := l.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.news.isNew(m, l.now) {
		return
	}
	if m.kind == isForget {
		if !r.shelf.sits(m.name.room) { // who sits there sees the end in the log
			r.end(m.name.room)
		}
		return
	}
	if m.kind == isLeaving {
		r.news.leaves[m.from] = true
	}
	for _, i := range m.items {
		if _, over := r.over[i.room]; !over {
			l.learnItem(m, i)
		}
	}
}

func (l *line) learnItem(m message, i item) {
	r := l.ring
	now := r.cfg.Now()
	k := r.shelf.get(i.name)
	_, missed := r.asks.missed[i.name]
	switch {
	case k != nil:
		k.others[m.from] = now
		if at := now.Add(keep); i.sits && at.After(k.until) {
			k.until = at
		}
		if m.kind == isLeaving {
			r.news.fresh[i.name] = true
		}
	case missed:
		r.asks.later(i.name, now, keep)
	case l.standsBy(i, m.from):
		r.asks.later(i.name, now, i.left)
	}
}

// standsBy says whether it is this node that should hold what only another
// does: the one with the highest hash (rendezvous hashing), which all agree
// on who know of the same nodes, and which moves few rooms when one goes. If
// that one does not, because it can't or does not hear, the next one's turn
// comes newsEvery later.
func (l *line) standsBy(i item, holder string) bool {
	r := l.ring
	if !l.now.known || !r.news.going.IsZero() || i.left < standLeast || !r.shelf.fits(i.name) {
		return false
	}
	mine, before := weight(i.room, l.now.me), 0
	for _, boot := range r.news.stay(l.now) {
		if boot != holder && weight(i.room, boot) > mine {
			before++
		}
	}
	return before < int(i.alone)
}

func weight(id room.ID, boot string) uint64 {
	h := sha256.Sum256(joined(string(id), boot))
	return binary.BigEndian.Uint64(h[:8])
}

// announce says what is to be said: rooms that are over, keys that came, and
// all that is held when it is time or the nodes are others.
func (l *line) announce(ctx context.Context, others bool) {
	for _, m := range l.announcements(others) {
		if !l.say(ctx, m) {
			return // what is held is said again
		}
	}
}

func (l *line) announcements(others bool) []message {
	r := l.ring
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []message
	for _, id := range r.news.ended {
		all = append(all, message{kind: isForget, name: name{room: id}})
	}
	r.news.ended = nil
	going := !r.news.going.IsZero()
	switch {
	case going && (l.pulse || others || l.said.Before(r.news.going)):
		l.said = now
		all = append(all, letters(isLeaving, r.unshared(l.now))...)
	case !going && (others || l.said.IsZero() || now.Sub(l.said) >= newsEvery):
		l.said = now
		all = append(all, letters(isHeld, r.items(l.now))...)
	case !going && len(r.news.fresh) > 0:
		var some []item
		for n := range r.news.fresh {
			if k := r.shelf.get(n); k != nil {
				some = append(some, r.item(n, k, l.now))
			}
		}
		all = append(all, letters(isHeld, some)...)
	}
	clear(r.news.fresh)
	for i := range all {
		r.news.no++
		all[i].no = r.news.no
	}
	return all
}

// items are all keys that are held.
func (r *Ring) items(v view) []item {
	var all []item
	for id, kept := range r.shelf.rooms {
		for kid, k := range kept.keys {
			all = append(all, r.item(name{id, kid}, k, v))
		}
	}
	return all
}

func (r *Ring) item(n name, k *key, v view) item {
	now := r.cfg.Now()
	i := item{name: n, sits: r.shelf.sits(n.room), left: k.until.Sub(now)}
	if i.sits {
		i.left = keep
	}
	switch {
	case r.news.holder(k, v, now.Add(-heardFor)):
		k.alone = time.Time{}
		return i
	case k.alone.IsZero():
		k.alone = now
	}
	i.alone = uint8(min(1+now.Sub(k.alone)/newsEvery, 255))
	return i
}

// unshared are the keys of which no other node that stays has said, since
// this one began to leave, that it holds them. Those about to go anyway are
// nobody's worry.
func (r *Ring) unshared(v view) []item {
	var all []item
	for _, i := range r.items(v) {
		if i.left >= standLeast && !r.news.holder(r.shelf.get(i.name), v, r.news.going) {
			i.alone = max(i.alone, 1)
			all = append(all, i)
		}
	}
	return all
}

// letters packs items into as many messages as they need. That a node leaves
// is said also when there is nothing to hand over.
func letters(k kind, items []item) []message {
	var all []message
	for each := bodyMost / itemMost; len(items) > each; items = items[each:] {
		all = append(all, message{kind: k, items: items[:each]})
	}
	if len(items) == 0 && k == isHeld {
		return all
	}
	return append(all, message{kind: k, items: items})
}

// handEvery is how often HandOver looks whether it is done.
const handEvery = 20 * time.Millisecond

// HandOver sees to it, before this node leaves, that others hold all its
// keys; from now on it stands by for nobody. It returns nil when they do, or
// when there is no other node that stays; at ctx's end, ctx's error.
func (r *Ring) HandOver(ctx context.Context) error {
	r.mu.Lock()
	l := r.line
	if r.news.going.IsZero() {
		r.news.going = r.cfg.Now()
	}
	r.mu.Unlock()
	if l == nil {
		return nil
	}
	r.wake()
	look := time.NewTicker(handEvery)
	defer look.Stop()
	for {
		left := r.owed(l.look())
		if left == 0 {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("room keys: %d of them nobody else holds: %w", left, ctx.Err())
		case <-l.done:
			return fmt.Errorf("room keys: %d of them nobody else holds: %w", left, ErrUnasked)
		}
	}
}

// owed counts the keys that others still have to get before this node
// leaves.
func (r *Ring) owed(v view) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.known && len(r.news.stay(v)) == 0 {
		return 0
	}
	return len(r.unshared(v))
}

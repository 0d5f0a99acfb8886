package roomkeys

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"hearth/room"
)

// SecretLeast is how many bytes the deployment secret has at least.
const SecretLeast = 32

// Config is what a Ring is made of. Secret is needed where nodes share keys.
type Config struct {
	Secret []byte           // the deployment's, SecretLeast bytes or more, the same on every node
	Random io.Reader        // makes keys; nil: crypto/rand
	Now    func() time.Time // nil: time.Now
	// Restored tells that a key has come which was missed before: words of
	// this room that were shut can be read again. One call at a time; it must
	// not block. Nil: nobody wants to know.
	Restored func(room.ID)
	// Fault is told what went wrong and what to do about it, the same thing
	// at most once a minute. Nil: silent.
	Fault func(error)
}

// Format prints no secret, whatever the verb.
func (Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// Ring is the keys that a node holds. It is safe to use by many at once.
type Ring struct {
	cfg  Config
	mac  []byte        // signs what nodes tell each other
	poke chan struct{} // there is something to send

	told   map[string]time.Time // faults; guarded by tellMu
	tellMu sync.Mutex

	mu    sync.Mutex // guards what follows
	shelf shelf
	asks  asks
	news  news
	over  map[room.ID]time.Time // rooms that ended lately: nobody's keys are taken for them
	line  *line                 // nil: there are no other nodes
}

// New returns a ring without keys. Until Serve it knows no other node.
func New(cfg Config) *Ring {
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Restored == nil {
		cfg.Restored = func(room.ID) {}
	}
	if cfg.Fault == nil {
		cfg.Fault = func(error) {}
	}
	mac, err := hkdf.Key(sha256.New, cfg.Secret, nil, "hearth room keys: messages 1", sha256.Size)
	if err != nil || len(cfg.Secret) < SecretLeast {
		mac = nil // Serve says so
	}
	cfg.Secret = nil
	return &Ring{
		cfg: cfg, mac: mac, poke: make(chan struct{}, 1), told: map[string]time.Time{},
		shelf: shelf{rooms: map[room.ID]*roomKeys{}},
		asks:  newAsks(), news: newNews(), over: map[room.ID]time.Time{},
	}
}

// Format prints no key, whatever the verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// What Hold answers besides nil; compare with errors.Is.
var (
	// ErrFull: this node holds the keys of as many rooms as it can.
	ErrFull = errors.New("room keys: no room for another room's keys")
	// ErrUnasked: nobody could be asked, so that nobody knows whether the
	// key is lost.
	ErrUnasked = errors.New("room keys: the other nodes could not be asked")
	// ErrName: no room has such an id.
	ErrName = errors.New("room keys: a room's id has 1 to 64 bytes")
)

// Hold sees to it that this node has the key of a room that its log names as
// kid, and seals with it from now on. If it is not here the other nodes are
// asked, for up to 3 s. Fresh is empty when it is here now; else nobody
// answered, and it is the kid of a new key that is sealed with from now on
// and must be named in the log. With kid "" a new key is made at once.
//
// An error means that nothing has changed: ErrFull, ErrUnasked, ErrName, or
// ctx's.
func (r *Ring) Hold(ctx context.Context, id room.ID, kid string) (fresh string, err error) {
	if !nameable(string(id)) {
		return "", ErrName
	}
	r.mu.Lock()
	delete(r.over, id)
	r.mu.Unlock()
	if nameable(kid) {
		if got, err := r.reach(ctx, name{id, kid}); got || err != nil {
			return "", err
		}
	}
	return r.make(id)
}

// reach gets a key from the shelf or from other nodes, and sits down to it.
func (r *Ring) reach(ctx context.Context, n name) (got bool, err error) {
	r.mu.Lock()
	if r.sit(n) || r.line == nil {
		got = r.shelf.get(n) != nil
		r.mu.Unlock()
		return got, nil
	}
	a := r.asks.begin(n, r.cfg.Now(), keep, true)
	if a == nil {
		r.mu.Unlock()
		return false, ErrFull
	}
	gone := r.line.done
	a.holds++
	r.mu.Unlock()
	r.wake()

	timer := time.NewTimer(askFor)
	defer timer.Stop()
	select {
	case <-a.came:
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	case <-gone:
		err = ErrUnasked
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a.holds--
	switch {
	case err != nil:
		return false, err
	case r.sit(n):
		return true, nil
	case a.sent == 0:
		return false, ErrUnasked
	}
	r.asks.miss(n, r.cfg.Now())
	return false, nil
}

// sit seals with a key from now on, if it is here.
func (r *Ring) sit(n name) bool {
	if r.shelf.get(n) == nil {
		return false
	}
	k := r.shelf.rooms[n.room]
	if !k.sits {
		k.sits = true
		for kid := range k.keys { // whoever stands by keeps them from now on
			r.news.fresh[name{n.room, kid}] = true
		}
		r.wake()
	}
	k.present = n.kid
	return true
}

// make makes a new key and seals with it.
func (r *Ring) make(id room.ID) (kid string, err error) {
	var raw [32]byte
	defer clear(raw[:])
	if _, err := io.ReadFull(r.cfg.Random, raw[:]); err != nil {
		return "", fmt.Errorf("room keys: making one: %w", err)
	}
	n := name{id, kidOf(id, raw[:])}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.shelf.put(n, newKey(raw[:]), true) {
		return "", ErrFull
	}
	r.sit(n)
	r.news.fresh[n] = true
	r.wake()
	return n.kid, nil
}

// Release tells that nobody sits in a room here any more. Its keys are kept
// for another 10 minutes.
func (r *Ring) Release(id room.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.shelf.rooms[id]
	if k == nil || !k.sits {
		return
	}
	k.sits = false
	for _, key := range k.keys {
		key.until = r.cfg.Now().Add(keep)
	}
}

// Forget drops a room's keys at once, also where other nodes stand by: the
// room is over.
func (r *Ring) Forget(id room.ID) {
	if !nameable(string(id)) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(id)
	if r.line != nil && len(r.news.ended) < roomsMost {
		r.news.ended = append(r.news.ended, id)
		r.wake()
	}
}

// end drops what there is of a room, and takes nothing more for it.
func (r *Ring) end(id room.ID) {
	r.shelf.drop(id)
	r.asks.drop(id)
	if len(r.over) < roomsMost {
		r.over[id] = r.cfg.Now()
	}
}

// wake has the line send what waits.
func (r *Ring) wake() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

// tellEvery is how often the same fault is told at most.
const tellEvery = time.Minute

// tell tells of a fault; what it is about is one of few constants.
func (r *Ring) tell(what string, err error) {
	now := r.cfg.Now()
	r.tellMu.Lock()
	last, known := r.told[what]
	if known && now.Sub(last) < tellEvery {
		r.tellMu.Unlock()
		return
	}
	r.told[what] = now
	r.tellMu.Unlock()
	r.cfg.Fault(fmt.Errorf("room keys: %s: %w", what, err))
}

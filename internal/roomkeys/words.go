package roomkeys

import (
	"errors"

	"hearth/room"
)

// ErrNoKey is Seal's answer for a room that Hold was not called for.
var ErrNoKey = errors.New("room keys: there is no key of this room here")

// A sealed blob is: version, the kid's length, the kid, a nonce of 12 bytes,
// the words as AES-256-GCM leaves them, a tag of 16 bytes. How long the words
// are can be seen. A random nonce is good for 2³² blobs under one key; a
// gathering has thousands.

// Seal seals words with the room's present key; ErrNoKey if there is none.
// Bound must be the same when they are opened.
func (r *Ring) Seal(id room.ID, bound, words []byte) ([]byte, error) {
	r.mu.Lock()
	n, k := r.shelf.present(id)
	if k == nil {
		r.mu.Unlock()
		return nil, ErrNoKey
	}
	gcm := k.words
	r.mu.Unlock()
	blob := short([]byte{version}, n.kid)
	return gcm.Seal(blob, nil, words, n.bind(bound)), nil
}

// Open opens what was sealed for the same room and bound. False if it is
// something else, or its key is not here; the others are asked for that
// once, and Config.Restored tells when it comes.
func (r *Ring) Open(id room.ID, bound, sealed []byte) ([]byte, bool) {
	in := reader{rest: sealed}
	if in.uint(1) != version {
		return nil, false
	}
	n := name{id, in.short()}
	if in.bad || !nameable(string(id)) {
		return nil, false
	}
	r.mu.Lock()
	k := r.shelf.get(n)
	if k == nil {
		if _, over := r.over[id]; r.line != nil && !over && r.asks.miss(n, r.cfg.Now()) {
			r.asks.later(n, r.cfg.Now(), keep)
			r.wake()
		}
		r.mu.Unlock()
		return nil, false
	}
	gcm := k.words
	r.mu.Unlock()
	words, err := gcm.Open(nil, nil, in.rest, n.bind(bound))
	return words, err == nil
}

// bind is what is authenticated with a room's words.
func (n name) bind(bound []byte) []byte {
	return joined("hearth words 1", string(n.room), n.kid, string(bound))
}

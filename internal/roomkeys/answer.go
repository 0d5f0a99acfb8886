package roomkeys

import (
	"context"
	"crypto/hpke"
	"errors"
)

// answer gives a key to who asked. An ask that is said again by somebody
// else does no harm: the answer opens for who asked first.
func (l *line) answer(ctx context.Context, m message) {
	r := l.ring
	now := r.cfg.Now()
	r.mu.Lock()
	k := r.shelf.get(m.name)
	if k == nil || !l.answers.take(now) {
		r.mu.Unlock()
		return
	}
	raw := k.raw
	r.mu.Unlock()
	defer clear(raw[:])
	to, err := kem().NewPublicKey(m.data)
	if err != nil {
		r.tell("another node asks for a key in a way that can't be answered; does another version run somewhere?", err)
		return
	}
	sealed, err := hpke.Seal(to, kdf(), aead(), bindAnswer(m.name, m.nonce), raw[:])
	if err != nil {
		r.tell("sealing a key for another node", err)
		return
	}
	l.say(ctx, message{kind: anAnswer, name: m.name, nonce: m.nonce, data: sealed})
}

var errOther = errors.New("it is not the key of that name")

// receive takes an answer, if it is one to an open ask of this node.
func (l *line) receive(m message) {
	r := l.ring
	r.mu.Lock()
	a := r.asks.open[m.name]
	r.mu.Unlock()
	if a == nil || a.pair == nil || a.nonce != m.nonce {
		return // somebody else's, or another has answered
	}
	raw, err := hpke.Open(a.pair, kdf(), aead(), bindAnswer(m.name, m.nonce), m.data)
	defer clear(raw)
	if err == nil && (len(raw) != 32 || kidOf(m.name.room, raw) != m.name.kid) {
		err = errOther
	}
	if err != nil {
		r.tell("another node gave a key that is none", err)
		return
	}
	if r.take(a, raw, m.from) {
		r.cfg.Restored(m.name.room)
	}
}

// take keeps a key that came from a boot; true if it was missed before and
// nobody waits for it now.
func (r *Ring) take(a *ask, raw []byte, from string) (restored bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asks.open[a.name] != a {
		return false // the room ended meanwhile
	}
	delete(r.asks.open, a.name)
	k := newKey(raw)
	k.until = r.cfg.Now().Add(a.stay)
	k.others[from] = r.cfg.Now()
	if !r.shelf.put(a.name, k, a.push) {
		k.wipe()
		return false
	}
	r.news.fresh[a.name] = true
	_, missed := r.asks.missed[a.name]
	delete(r.asks.missed, a.name)
	close(a.came)
	return missed && a.holds == 0
}

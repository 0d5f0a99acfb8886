package roomkeys

import (
	"crypto/hpke"
	"time"

	"hearth/room"
)

const (
	askEvery = 250 * time.Millisecond
	askFor   = 3 * time.Second  // that long an ask is repeated, and Hold waits
	listen   = 10 * time.Second // that long after it an answer is still taken
	asksMost = 64               // asks repeated at once, besides those of Hold
	missMost = 1024             // keys remembered as missing
	missFor  = time.Hour        // and for how long
)

// suite is how a key is sealed to who asked for it.
var (
	kem  = hpke.MLKEM768X25519
	kdf  = hpke.HKDFSHA256
	aead = hpke.AES256GCM
)

// bindAnswer is what an answer holds for, besides the public key.
func bindAnswer(n name, nonce [16]byte) []byte {
	return joined("hearth room key 1", string(n.room), n.kid, string(nonce[:]))
}

// ask is one key that others are asked for.
type ask struct {
	name name
	// The line's alone.
	pair  hpke.PrivateKey // made when it goes out first
	nonce [16]byte
	// Guarded by Ring's lock.
	began time.Time
	stay  time.Duration // how long the key is kept if nobody sits here
	push  bool          // it may push out keys that matter less
	sent  int
	holds int           // how many wait for it in Hold
	came  chan struct{} // closed when the key is here
}

func (a *ask) repeats(now time.Time) bool { return now.Sub(a.began) < askFor }

// asks are the open questions of a node. Ring's lock guards them.
type asks struct {
	open   map[name]*ask
	queue  map[name]time.Duration // to be asked for when fewer are open; and how long to keep
	missed map[name]time.Time     // wanted in vain, since when
}

func newAsks() asks {
	return asks{open: map[name]*ask{}, queue: map[name]time.Duration{}, missed: map[name]time.Time{}}
}

// begin asks for a key for the next askFor; nil if too much is asked already.
func (q *asks) begin(n name, now time.Time, stay time.Duration, push bool) *ask {
	a := q.open[n]
	if a == nil {
		if len(q.open) >= roomsMost {
			return nil
		}
		a = &ask{name: n, came: make(chan struct{})}
		q.open[n] = a
	}
	delete(q.queue, n)
	if !a.repeats(now) {
		a.sent = 0 // another round, with a key pair of its own
	}
	a.began, a.stay, a.push = now, max(a.stay, stay), a.push || push
	return a
}

// later asks for a key when it is its turn, unless that is being done.
func (q *asks) later(n name, now time.Time, stay time.Duration) {
	a := q.open[n]
	if (a == nil || !a.repeats(now)) && len(q.queue) < roomsMost {
		q.queue[n] = max(q.queue[n], stay)
	}
}

// miss remembers that a key was wanted in vain; false if it is known, or
// cannot be remembered.
func (q *asks) miss(n name, now time.Time) bool {
	if _, known := q.missed[n]; known || len(q.missed) >= missMost {
		return false
	}
	q.missed[n] = now
	return true
}

// due returns the asks to send now: new ones, and with again all that are
// repeated.
func (q *asks) due(now time.Time, again bool) []*ask {
	var all []*ask
	busy := 0
	for n, a := range q.open {
		switch {
		case a.repeats(now):
			busy++
			if again || a.sent == 0 {
				all = append(all, a)
			}
		case now.Sub(a.began) >= askFor+listen && a.holds == 0:
			delete(q.open, n)
		}
	}
	for n, stay := range q.queue {
		if busy >= asksMost {
			break
		}
		_, wanted := q.missed[n]
		a := q.begin(n, now, stay, wanted)
		if a == nil {
			break
		}
		busy++
		all = append(all, a)
	}
	return all
}

// forget forgets what was missed long ago.
func (q *asks) forget(now time.Time) {
	for n, since := range q.missed {
		if now.Sub(since) >= missFor {
			delete(q.missed, n)
		}
	}
}

// drop asks for none of a room's keys any more.
func (q *asks) drop(id room.ID) {
	for n := range q.open {
		if n.room == id {
			delete(q.open, n)
		}
	}
	for n := range q.queue {
		if n.room == id {
			delete(q.queue, n)
		}
	}
	for n := range q.missed {
		if n.room == id {
			delete(q.missed, n)
		}
	}
}

// bucket lets so many answers through and no more.
type bucket struct {
	left float64
	at   time.Time
}

const (
	answersBurst  = 512
	answersSecond = 256 // sealing one takes some 200 µs: a twentieth of a core
)

func (b *bucket) take(now time.Time) bool {
	if b.at.IsZero() {
		b.left = answersBurst
	} else {
		b.left = min(answersBurst, b.left+now.Sub(b.at).Seconds()*answersSecond)
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

package circle

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"sync"
	"time"
)

// NewTickets returns tickets in the memory of one process, at most so many
// that wait. Random makes the codes; nil is crypto/rand. Admissions are kept
// as they are: nothing of them is ever written.
func NewTickets(most int, random io.Reader) Tickets {
	if random == nil {
		random = rand.Reader
	}
	return &memTickets{most: most, random: random, waiting: map[[sha256.Size]byte]waitingTicket{}}
}

type memTickets struct {
	most   int
	random io.Reader

	mu      sync.Mutex // guards what follows
	waiting map[[sha256.Size]byte]waitingTicket
	order   [][sha256.Size]byte // as they were issued, which is as they expire
}

type waitingTicket struct {
	Admission
	expires time.Time
}

// Issue is Tickets'.
func (t *memTickets) Issue(_ context.Context, a Admission, now time.Time) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	if len(t.order) >= t.most {
		return "", ErrTickets
	}
	var b [16]byte
	if _, err := io.ReadFull(t.random, b[:]); err != nil {
		return "", fmt.Errorf("circle: make a ticket: %w", err)
	}
	code := base64.RawURLEncoding.EncodeToString(b[:])
	key := sha256.Sum256([]byte(code))
	t.waiting[key] = waitingTicket{a, now.Add(TicketLife)}
	t.order = append(t.order, key)
	return code, nil
}

// sweep forgets what is used or expired, up to the oldest that is neither.
func (t *memTickets) sweep(now time.Time) {
	for len(t.order) > 0 {
		if first, waits := t.waiting[t.order[0]]; waits && now.Before(first.expires) {
			return
		}
		delete(t.waiting, t.order[0])
		t.order = t.order[1:]
	}
}

// Take is Tickets'.
func (t *memTickets) Take(_ context.Context, code string, now time.Time) (Admission, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256([]byte(code))
	one, ok := t.waiting[key]
	delete(t.waiting, key)
	if !ok || !now.Before(one.expires) {
		return Admission{}, ErrNoTicket
	}
	return one.Admission, nil
}

package web

import (
	"encoding/base64"
	"fmt"
	"io"
	"sync"
	"time"

	"hearth/circle"
)

// admission is what a ticket stands for.
type admission struct {
	seat    circle.Seat
	secret  string // of the seat, to check it again later
	expires time.Time
}

// tickets are what waits to be shown in a hello: each good once, for one
// seat, for a short while, in memory only.
type tickets struct {
	most int
	life time.Duration

	mu     sync.Mutex // guards what follows
	byCode map[string]admission
	order  []string // as they were issued, which is as they expire
}

func newTickets(l Limits) *tickets {
	return &tickets{most: l.Tickets, life: l.TicketLife, byCode: map[string]admission{}}
}

// issue keeps a new ticket; false if too many wait.
func (t *tickets) issue(code string, seat circle.Seat, secret string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.order) > 0 {
		first, waits := t.byCode[t.order[0]]
		if waits && now.Before(first.expires) {
			break
		}
		delete(t.byCode, t.order[0])
		t.order = t.order[1:]
	}
	if len(t.order) >= t.most {
		return false
	}
	t.byCode[code] = admission{seat, secret, now.Add(t.life)}
	t.order = append(t.order, code)
	return true
}

// take uses a ticket up; false for one that is not good, or not any more.
func (t *tickets) take(code string, now time.Time) (admission, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.byCode[code]
	delete(t.byCode, code)
	return a, ok && now.Before(a.expires)
}

// newToken returns 128 random bits in base64url, 22 characters.
func newToken(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("web: make a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// isToken says whether s has the form of one that newToken made.
func isToken(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 16 && len(s) == 22 // the decoder skips line ends
}

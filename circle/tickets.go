package circle

import (
	"context"
	"errors"
	"time"
)

// TicketLife is how long a ticket is good: from a page asking for it to its
// first frame on a bad line.
const TicketLife = 30 * time.Second

// Admission is what a ticket stands for.
type Admission struct {
	Seat   Seat
	Secret string // that the seat was proved with, so that it can be checked again
}

// What Tickets answers besides nil; compare with errors.Is.
var (
	// ErrNoTicket is one answer for a wrong, a used and an expired ticket.
	ErrNoTicket = errors.New("circle: no such ticket")
	// ErrTickets: there is no room for another ticket now.
	ErrTickets = errors.New("circle: too many tickets")
)

// Tickets trades admissions for codes that are good once, for TicketLife, on
// every node. A code is 128 random bits in base64url, 22 characters; it is
// not kept, only what finds it again, and what is kept does not read without
// the code.
//
// Issue returns a new code. Take returns its admission and makes it useless,
// also when two take it at once: one of them has it. How many may wait is
// bounded; then Issue is ErrTickets.
type Tickets interface {
	Issue(ctx context.Context, a Admission, now time.Time) (code string, err error)
	Take(ctx context.Context, code string, now time.Time) (Admission, error)
}

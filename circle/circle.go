// Package circle is the standing group behind the rooms: what a circle is,
// who may come in by which invite, and which seat in which room that gives.
// Rules only; Store says what is kept and SQL keeps it.
//
//	Redeem(claim) → look all of it up → Judge → a seat and its secret, or no
//
// People may arrive early and wait: whoever comes first opens the room, and
// the circle in it begins when the facilitator begins it. For an hour after a
// gathering (Rest) only a facilitator opens the next one.
package circle

import (
	"context"
	"errors"
	"time"

	"hearth/room"
)

// ID names a circle. A random UUID.
type ID string

// Circle is a standing group.
type Circle struct {
	ID       ID
	Settings room.Settings // of every room of it; the title is here
	Rules    []string      // ground rules, accepted at the door
	Country  string        // ISO 3166 code whose crisis help the card shows first
}

// Invite lets people into a circle. Its code is 128 random bits and is
// stored only as a hash.
type Invite struct {
	Circle ID
	Role   room.Role
	Uses   int       // how often it can be redeemed; 0: any number of times
	Until  time.Time // zero: no end
}

// Seat is a credential: the right to sit in one room.
type Seat struct {
	ID     room.SeatID
	Handle string // names the seat in URLs and its cookie; says nothing else
	Room   room.ID
	Circle ID
	Role   room.Role // as invited
	Barred bool      // somebody was removed who sat at its device: not to be seated anew

	// Of an aside's: the seat of the same person in the room that it is an
	// aside of, and that room. Whoever proves that seat proves this one.
	Of room.SeatID
	In room.ID
}

// Claim is what a browser brings to redeem an invite.
type Claim struct {
	Code   string // the invite's code
	Device string // random token of the browser, stored as a hash
	Fresh  bool   // somebody else on the same device: a new seat
}

// What Store answers besides nil; compare with errors.Is.
var (
	// ErrNoInvite is one answer for a wrong, a used up and an expired code,
	// and one that was barred: a guesser learns nothing.
	ErrNoInvite = errors.New("circle: no such invite")
	// ErrNotOpen: the circle's gathering was over a moment ago, and no
	// facilitator has opened another.
	ErrNotOpen = errors.New("circle: not open now")
	ErrNoSeat  = errors.New("circle: no such seat")
	ErrNoRoom  = errors.New("circle: no such room")
)

// Store keeps circles, invites and seat credentials. Secrets are kept as
// hashes only. Every method is one transaction.
//
// Redeem trades an invite for a seat in the circle's present room and the
// secret that proves it. The same device redeeming the same invite in the
// same room gets its seat back with a new secret, whatever uses are left,
// unless it asks for a fresh one; a single-use invite is bound to its first
// device. When the circle has no room or its room is over, a new one begins;
// within Rest of the last one's end only a facilitator begins it, and anybody
// else gets ErrNotOpen. Wrong, used up,
// expired and barred codes are ErrNoInvite, all in the same time.
type Store interface {
	Redeem(ctx context.Context, c Claim, now time.Time) (seat Seat, secret string, err error)
	// Seat returns the seat of a handle if the secret is right; else ErrNoSeat.
	Seat(ctx context.Context, handle, secret string) (Seat, error)
	// Aside returns the seat in an aside for somebody who sits in the room
	// it belongs to, the same one each time. The aside's room begins with the
	// first of them, and ends with the other one; ErrNoRoom when it has
	// ended, or is another circle's or somebody's gathering, ErrNoSeat when
	// whoever asks has no seat any more. Whether they are asked into it is
	// the room's to say.
	Aside(ctx context.Context, of Seat, id room.ID) (Seat, error)
	// Bar makes the seats' devices, and single-use invites, useless for
	// their room. Barring twice is barring once.
	Bar(ctx context.Context, r room.ID, seats ...room.SeatID) error
	// Removed returns the seats of a room that were barred, each by itself,
	// while the room is not over: what to bar again where a log has lost it.
	Removed(ctx context.Context, r room.ID) ([]room.SeatID, error)
	// EndRoom tells that a room is over: its seats are worth nothing more,
	// nor are those of its asides.
	EndRoom(ctx context.Context, r room.ID, now time.Time) error
	// OfRoom returns the circle a room belongs to; else ErrNoRoom. Its
	// settings are those of the room: an aside has its own.
	OfRoom(ctx context.Context, r room.ID) (Circle, error)

	Circles(ctx context.Context) ([]Circle, error) // in the order they were made
	AddCircle(ctx context.Context, c Circle) error
	// AddInvite keeps an invite and returns its code, told only now.
	AddInvite(ctx context.Context, i Invite, now time.Time) (code string, err error)
}

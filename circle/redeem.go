package circle

import (
	"errors"
	"time"

	"hearth/room"
)

// Found is what a store knows about a claim. A store looks all of it up for
// every claim, right or wrong, so that no answer takes longer than another.
type Found struct {
	Exists bool // the code is an invite's
	Invite Invite
	Used   int         // so often redeemed
	Mine   bool        // the invite is bound to the claim's device
	Room   room.ID     // the circle's present room; empty: none, or it is over
	Over   time.Time   // when the circle's last room was over; zero: never
	Seat   room.SeatID // what this device has by this invite in that room
	Barred bool        // the device, from that room
}

// Rest is how long a circle stays closed after a gathering for all but its
// facilitators, so that nobody comes back to an empty room. After it people
// may arrive early for the next one and wait.
const Rest = time.Hour

// Grant is what a claim comes to.
type Grant int

// The grants.
const (
	SameSeat Grant = iota + 1 // back to the seat it has, with a new secret
	NewSeat
	NewRoom // a new seat in a new room
)

// Judge says what a claim comes to: a grant, ErrNoInvite or ErrNotOpen.
func (f Found) Judge(c Claim, now time.Time) (Grant, error) {
	expired := !f.Invite.Until.IsZero() && !now.Before(f.Invite.Until)
	if !f.Exists || expired || f.Barred {
		return 0, ErrNoInvite
	}
	if f.Seat != "" && !c.Fresh {
		return SameSeat, nil
	}
	// A single use is the right of one device, in every later room too.
	single := f.Invite.Uses == 1 && f.Mine && !c.Fresh
	if f.Invite.Uses > 0 && f.Used >= f.Invite.Uses && !single {
		return 0, ErrNoInvite
	}
	switch {
	case f.Room != "":
		return NewSeat, nil
	case f.Invite.Role == room.Facilitator || now.Sub(f.Over) >= Rest:
		return NewRoom, nil
	}
	return 0, ErrNotOpen
}

// Check says what is wrong with an invite that is about to be made.
func (i Invite) Check(now time.Time) error {
	switch i.Role {
	case room.Listener, room.Member, room.Facilitator, room.Moderator:
	default:
		return errors.New("circle: an invite is for a listener, member, facilitator or moderator")
	}
	switch {
	case i.Circle == "":
		return errors.New("circle: an invite needs a circle")
	case i.Uses < 0:
		return errors.New("circle: an invite can't be used less than never")
	case !i.Until.IsZero() && !now.Before(i.Until):
		return errors.New("circle: the invite would have ended already")
	}
	return nil
}

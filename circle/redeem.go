package circle

import (
	"errors"
	"fmt"
	"time"

	"hearth/room"
)

// Found is what a store knows about a claim. A store looks all of it up for
// every claim, right or wrong, so that no answer takes longer than another.
type Found struct {
	Exists bool        // the code is an invite's; without a code: there is that circle
	Invite Invite      // without a code: as what and where they come, any number of times
	About              // of the circle
	Signs  bool        // people have passkeys here
	Keeps  bool        // the claim's person keeps the circle, or is a deputy
	Used   int         // so often redeemed
	Ended  bool        // the invite was revoked
	Mine   bool        // the invite is bound to the claim's device
	Room   room.ID     // the circle's present room; empty: none, or it is over
	Over   time.Time   // when the circle's last room was over; zero: never
	Seat   room.SeatID // what this device has by this invite in that room
	Barred bool        // the device, from that room
	Banned bool        // whoever comes, from the circle or the house
	Wait   bool        // somebody is banned who had the same network a day ago or less
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

// Judge says what a claim comes to: a grant, ErrNoInvite, ErrNotOpen, or
// ErrBanned. The last only where there would be a grant without it: who
// guesses at codes learns nothing by being banned.
func (f Found) Judge(c Claim, now time.Time) (Grant, error) {
	if !f.Banned {
		return f.grant(c, now)
	}
	f.Barred = false // from the room too, as whoever is banned in a gathering: the ban says more
	if _, err := f.grant(c, now); err != nil {
		return 0, err
	}
	return 0, ErrBanned
}

// Waits says whether a new seat is to be let in first. Somebody who is kept
// out may have come again from the same network, which can be hundreds of
// people's: so they wait, and nobody is refused for it.
func (f Found) Waits(c Claim) bool {
	if c.Code == "" && c.Person != "" || f.Invite.Role != room.Member && f.Invite.Role != room.Listener {
		return false
	}
	return f.Wait || f.Access.Waits(f.Invite)
}

// grant is what a claim comes to that nobody is banned by.
func (f Found) grant(c Claim, now time.Time) (Grant, error) {
	expired := !f.Invite.Until.IsZero() && !now.Before(f.Invite.Until)
	if !f.Exists || expired || f.Ended || f.Barred || !f.receives(c) {
		return 0, ErrNoInvite
	}
	if c.Code != "" && !RidesOnLink(f.Invite.Role, f.Signs, !c.Far) {
		return 0, ErrNoInvite
	}
	fresh := c.Fresh && c.Person == "" // people who sign in are never somebody else
	if f.Seat != "" && !fresh {
		return SameSeat, nil
	}
	// A single use is the right of one device, in every later room too.
	single := f.Invite.Uses == 1 && f.Mine && !fresh
	if f.Invite.Uses > 0 && f.Used >= f.Invite.Uses && !single {
		return 0, ErrNoInvite
	}
	if !single && f.isLate(now) {
		return 0, ErrNoInvite
	}
	switch {
	case f.Room != "":
		return NewSeat, nil
	case f.opens(now):
		return NewRoom, nil
	}
	return 0, ErrNotOpen
}

// receives says whether the circle lets whoever brings the claim in at all.
func (f Found) receives(c Claim) bool {
	switch {
	case f.Standing == Draft || f.Standing == Announced:
		return f.Keeps
	case f.Standing != Meeting:
		return false
	case c.Code != "":
		return true
	case c.Person != "":
		return f.Keeps || f.Invite.Role == room.Moderator
	}
	return f.Access == OpenToAll
}

// isLate says that a series has begun, and that whoever comes would be new.
// The first date that takes place is where everybody meets.
func (f Found) isLate(now time.Time) bool {
	if !f.Series || f.Keeps || f.Invite.Role != room.Member && f.Invite.Role != room.Listener {
		return false
	}
	for _, d := range f.Schedule.Next(time.Time{}, len(f.Schedule.Off)+1) {
		if !d.Off {
			return !now.Before(d.End)
		}
	}
	return false
}

// opens says whether whoever comes begins a new room.
func (f Found) opens(now time.Time) bool {
	if f.Invite.Role == room.Facilitator {
		return true
	}
	return f.Standing == Meeting && now.Sub(f.Over) >= Rest && f.Schedule.Open(now)
}

// Check says what is wrong with an invite that is about to be made.
func (i Invite) Check(now time.Time) error {
	switch i.Role {
	case room.Listener, room.Member, room.Facilitator, room.Moderator:
	default:
		return errors.New("circle: an invite is for a listener, member, facilitator or moderator")
	}
	switch {
	case len([]rune(i.For)) > MaxFor:
		return fmt.Errorf("circle: the note on an invite has at most %d characters", MaxFor)
	case i.Circle == "":
		return errors.New("circle: an invite needs a circle")
	case i.Uses < 0:
		return errors.New("circle: an invite can't be used less than never")
	case !i.Until.IsZero() && !now.Before(i.Until):
		return errors.New("circle: the invite would have ended already")
	}
	return nil
}

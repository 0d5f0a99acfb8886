// Package circletest holds every circle.Store to the promises of its
// comment: one suite for all implementations.
//
//	func TestCircles(t *testing.T) {
//		circletest.Run(t, func(t *testing.T) circletest.Subject { … })
//	}
package circletest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// Subject is one empty store under test.
type Subject struct {
	Store circle.Store
	// Reopen closes the store and opens what it kept.
	Reopen func() circle.Store
	// Node opens another node on the same store. Closing it is the store's.
	Node func() circle.Store
}

type promise struct {
	name string
	test func(*house)
}

// Run holds the stores that fresh makes to every promise, each on a new one.
func Run(t *testing.T, fresh func(*testing.T) Subject) {
	for _, group := range [][]promise{comingIn, invites, barring, keeping, asides, people, keys, signedIn, reminders,
		standing, doors, ending, asking, acting, nodes} {
		for _, p := range group {
			t.Run(p.name, func(t *testing.T) {
				p.test(newHouse(t, fresh(t)))
			})
		}
	}
}

var evening = time.Date(2026, 3, 1, 19, 0, 0, 0, time.UTC)

const tea, walk = circle.ID("0195-tea"), circle.ID("0195-walk")

// house is a store with two circles, and a facilitator's invite to the first.
type house struct {
	*testing.T
	Subject
	ctx    context.Context
	now    time.Time
	keeper string // code
}

func newHouse(t *testing.T, s Subject) *house {
	h := &house{T: t, Subject: s, ctx: context.Background(), now: evening}
	for _, id := range []circle.ID{tea, walk} {
		set := room.DefaultSettings()
		set.Title = string(id)
		h.ok(s.Store.AddCircle(h.ctx, circle.Act{}, circle.Circle{ID: id, Settings: set, Rules: []string{"one at a time", "<it> stays here"}, Country: "IE"}))
	}
	h.keeper = h.invite(circle.Invite{Circle: tea, Role: room.Facilitator})
	return h
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) invite(i circle.Invite) string {
	h.Helper()
	code, err := h.Store.AddInvite(h.ctx, circle.Act{At: h.now}, i)
	h.ok(err)
	return code
}

// ticket is what a person has once they are in.
type ticket struct {
	circle.Seat
	secret string
}

// comes redeems a code on a device and must be let in.
func (h *house) comes(device, code string) ticket {
	h.Helper()
	seat, secret, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: device}, h.now)
	h.ok(err)
	if seat.ID == "" || seat.Handle == "" || seat.Room == "" || len(secret) < 22 {
		h.Fatalf("%s got half a seat: %+v", device, seat)
	}
	return ticket{seat, secret}
}

// refused redeems and must get an error, and nothing beside it.
func (h *house) refused(c circle.Claim, want error) {
	h.Helper()
	seat, secret, err := h.Store.Redeem(h.ctx, c, h.now)
	if !errors.Is(err, want) || err.Error() != want.Error() || seat != (circle.Seat{}) || secret != "" {
		h.Errorf("%s with %.4s…: %v, %+v; want %v", c.Device, c.Code, err, seat, want)
	}
}

// sits says whether a seat's credential is worth something.
func (h *house) sits(t ticket) bool {
	h.Helper()
	seat, err := h.Store.Seat(h.ctx, t.Handle, t.secret)
	switch {
	case err == nil && seat == t.Seat:
		return true
	case !errors.Is(err, circle.ErrNoSeat) || seat != circle.Seat{}:
		h.Errorf("seat: %+v, %v; want %+v", seat, err, t.Seat)
	}
	return false
}

// device names the n-th device.
func device(n int) string { return fmt.Sprintf("device-token-%08d", n) }

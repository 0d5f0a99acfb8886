package modtest

import (
	"errors"
	"slices"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// member makes an invite of members to a circle; 0 uses are any number.
func (h *house) member(of circle.ID, uses int) (code string) {
	h.Helper()
	code, err := h.Circles.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: of, Role: room.Member, Uses: uses})
	h.ok(err)
	return code
}

// brings is what a device's browser brings with a code.
func brings(device, code string, networks ...string) circle.Claim {
	return circle.Claim{Code: code, Device: device, Keys: append([]string{"device:" + device}, networks...), Link: "link of " + device}
}

// ticket is a seat and what proves it.
type ticket struct {
	circle.Seat
	secret string
}

// enters brings in whoever brings a claim, who must be let in.
func (h *house) enters(c circle.Claim) ticket {
	h.Helper()
	seat, secret, err := h.Circles.Redeem(h.ctx, c, h.now)
	h.ok(err)
	return ticket{seat, secret}
}

// refused checks what a claim is answered; nothing else is in the answer but
// for a ban whose it is.
func (h *house) refused(c circle.Claim, want error) {
	h.Helper()
	seat, secret, err := h.Circles.Redeem(h.ctx, c, h.now)
	if !errors.Is(err, want) || errors.Is(err, circle.ErrBanned) != (want == circle.ErrBanned) || secret != "" || seat.Handle != "" || seat.Room != "" {
		h.Errorf("%s: %v, %+v; want %v", c.Device, err, seat, want)
	}
}

// proves checks what a seat's secret is answered.
func (h *house) proves(t ticket, want error) {
	h.Helper()
	seat, err := h.Circles.Seat(h.ctx, t.Handle, t.secret)
	if !errors.Is(err, want) || errors.Is(err, circle.ErrBanned) != (want == circle.ErrBanned) || err != nil && (seat.Handle != "" || seat.Room != "") {
		h.Errorf("seat %s: %+v, %v; want %v", t.ID, seat, err, want)
	}
}

// caseOf is a case about a seat, which Mo has.
func (h *house) caseOf(s circle.Seat) string {
	h.Helper()
	id := h.files(h.about(moderation.Harassment, s.Room, s.ID, "ada")).Case
	h.claims(h.mo, id)
	return id
}

// bans has Mo ban whoever sits in a seat from its circle, or the house, for
// good or some time, by keys and other seats of theirs.
func (h *house) bans(s circle.Seat, in moderation.Scope, until time.Duration, keys []string, seats ...room.SeatID) moderation.Decision {
	h.Helper()
	d := decision(h.caseOf(s), moderation.Ban)
	d.Scope, d.Reach, d.Seats = in, keys, seats
	if d.Second = h.nia; until != 0 {
		d.Second, d.Until = "", h.now.Add(until)
	}
	return h.decides(h.mo, d)
}

var banning = []promise{
	{"whoever is banned by their device comes in by no code of the circle, and is told why not", func(h *house) {
		code, once, elsewhere := h.member(tea, 0), h.member(tea, 1), h.member(walk, 0)
		h.enters(brings("kim", h.keeper))
		eve, ada := h.enters(brings("eve", code)), h.enters(brings("ada", code))
		h.bans(eve.Seat, moderation.OfCircle, 24*time.Hour, []string{"device:eve"})
		for _, c := range []string{code, once, h.keeper} {
			h.refused(brings("eve", c), circle.ErrBanned)
			fresh := brings("eve", c)
			fresh.Fresh = true
			h.refused(fresh, circle.ErrBanned)
		}
		h.ok(h.Circles.EndRoom(h.ctx, eve.Room, h.now)) // the bar of the room is gone, and the ban is not
		h.pass(circle.Rest)
		h.refused(brings("eve", code), circle.ErrBanned)
		h.enters(brings("eve", elsewhere))
		if back := h.enters(brings("ada", code)); back.ID == ada.ID {
			h.Error("it is the same gathering")
		}
		h.enters(brings("bo", once)) // nothing was used up
	}},
	{"a ban from the house is one from every circle", func(h *house) {
		eve := h.enters(brings("eve", h.member(tea, 0)))
		h.bans(eve.Seat, moderation.OfHouse, 0, []string{"device:eve"})
		h.refused(brings("eve", h.member(tea, 0)), circle.ErrBanned)
		h.refused(brings("eve", h.member(walk, 0)), circle.ErrBanned)
		h.enters(brings("ada", h.member(walk, 0)))
	}},
	{"a ban ends when it says", func(h *house) {
		code := h.member(tea, 0)
		eve := h.enters(brings("eve", code))
		h.bans(eve.Seat, moderation.OfSeries, time.Hour, []string{"device:eve"})
		h.ok(h.Circles.EndRoom(h.ctx, eve.Room, h.now.Add(-circle.Rest)))
		h.pass(time.Hour - time.Millisecond)
		h.refused(brings("eve", code), circle.ErrBanned)
		h.pass(time.Millisecond)
		h.enters(brings("eve", code))
	}},
	{"who guesses learns nothing by being banned", func(h *house) {
		code, used, ended := h.member(tea, 0), h.member(tea, 1), h.member(tea, 0)
		eve := h.enters(brings("eve", code))
		h.enters(brings("ada", used))
		list, err := h.Circles.Invites(h.ctx, tea, h.now)
		h.ok(err)
		h.ok(h.Circles.Revoke(h.ctx, circle.Act{At: h.now}, tea, list[0].ID))
		h.bans(eve.Seat, moderation.OfHouse, 0, []string{"device:eve"})
		for _, c := range []string{"wrong", used, ended} {
			h.refused(brings("eve", c), circle.ErrNoInvite)
		}
		page := brings("eve", "")
		page.Circle = tea
		h.refused(page, circle.ErrNoInvite)
		h.refused(brings("eve", code), circle.ErrBanned)
		h.ok(h.Circles.EndRoom(h.ctx, eve.Room, h.now))
		h.refused(brings("eve", code), circle.ErrNotOpen)
	}},
	{"who comes from a banned network waits, and is never refused; for a day", func(h *house) {
		const network = "prefix:2026-03-01.aa:0123"
		eve := h.enters(brings("eve", h.member(tea, 0)))
		h.bans(eve.Seat, moderation.OfCircle, 0, []string{"device:eve", network})
		own := func() string { return h.member(tea, 1) }
		for i, c := range []struct {
			networks []string
			waits    bool
		}{{nil, false}, {[]string{"prefix:2026-03-01.aa:4567"}, false}, {[]string{network}, true}, {[]string{"prefix:2026-03-02.aa:89ab", network}, true}} {
			if got := h.enters(brings("new "+string(roomSeat(i)), own(), c.networks...)); got.Waits != c.waits {
				h.Errorf("from %q: waits %v", c.networks, got.Waits)
			}
		}
		if kim := h.enters(brings("kim", h.keeper, network)); kim.Waits {
			h.Error("who keeps the circle waits")
		}
		h.pass(moderation.PrefixFor - time.Millisecond)
		if got := h.enters(brings("late", own(), network)); !got.Waits {
			h.Error("nobody waits a day later")
		}
		h.pass(time.Millisecond)
		if got := h.enters(brings("later", own(), network)); got.Waits {
			h.Error("they wait for more than a day")
		}
		h.refused(brings("eve", own(), network), circle.ErrBanned)
	}},
	{"seats of whoever is banned prove nothing any more, in asides neither", func(h *house) {
		h.now = time.Now().Truncate(time.Millisecond) // a seat is looked at as of now
		code := h.member(tea, 0)
		eve, ada, walker := h.enters(brings("eve", code)), h.enters(brings("ada", code)), h.enters(brings("eve", h.member(walk, 0)))
		aside, err := h.Circles.Aside(h.ctx, eve.Seat, "an aside")
		h.ok(err)
		quiet := ticket{aside, eve.secret}
		h.proves(quiet, nil)
		before, err := h.Circles.Revision(h.ctx)
		h.ok(err)
		d := h.bans(eve.Seat, moderation.OfHouse, time.Hour, []string{"device:eve"}, walker.ID)
		for _, t := range []ticket{eve, quiet, walker} {
			h.proves(t, circle.ErrBanned)
		}
		h.proves(ticket{eve.Seat, "wrong"}, circle.ErrNoSeat)
		h.proves(ada, nil)
		for r, want := range map[room.ID][]room.SeatID{eve.Room: {eve.ID}, walker.Room: {walker.ID}, "an aside": {aside.ID}} {
			if got, err := h.Circles.Removed(h.ctx, r); err != nil || !slices.Equal(got, want) {
				h.Errorf("removed from %s: %q, %v; want %q", r, got, err, want)
			}
		}
		if after, err := h.Circles.Revision(h.ctx); err != nil || after <= before {
			h.Errorf("no node looks again: %d after %d, %v", after, before, err)
		}
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), d.ID)
		h.ok(err)
		for _, t := range []ticket{eve, quiet, walker} {
			h.proves(t, nil)
			if got, err := h.Circles.Removed(h.ctx, t.Room); err != nil || len(got) != 0 {
				h.Errorf("removed from %s: %q, %v; want nobody", t.Room, got, err)
			}
		}
		if back := h.enters(brings("eve", code)); back.ID != eve.ID {
			h.Error("eve has another seat")
		}
	}},
	{"a ban from one circle ends no seat in another, and a ban that is over none at all", func(h *house) {
		h.now = time.Now().Add(-2 * time.Hour).Truncate(time.Millisecond)
		eve, walker, bo := h.enters(brings("eve", h.member(tea, 0))), h.enters(brings("eve", h.member(walk, 0))), h.enters(brings("bo", h.member(tea, 0)))
		h.bans(eve.Seat, moderation.OfCircle, 24*time.Hour, []string{"device:eve"}, walker.ID)
		h.bans(bo.Seat, moderation.OfCircle, time.Hour, []string{"device:bo"})
		h.proves(eve, circle.ErrBanned)
		h.proves(walker, nil)
		bo.Barred = true // from that gathering still: it is not over
		if seat, err := h.Circles.Seat(h.ctx, bo.Handle, bo.secret); err != nil || seat != bo.Seat {
			h.Errorf("%+v, %v", seat, err)
		}
	}},
	{"without a link a seat alone is banned, and brings nobody back", func(h *house) {
		code := h.member(tea, 0)
		eve := h.enters(circle.Claim{Code: code, Device: "eve"})
		h.bans(eve.Seat, moderation.OfCircle, 0, nil)
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrBanned)
		h.refused(circle.Claim{Code: code, Device: "eve", Fresh: true}, circle.ErrBanned)
	}},
	{"somebody who signs in is banned as who they are, on any device", func(h *house) {
		h.now = time.Now().Truncate(time.Millisecond)
		c, err := h.Circles.Circle(h.ctx, tea)
		h.ok(err)
		c.Keepers = []circle.PersonID{circle.PersonID(h.kim)}
		h.ok(h.Circles.ChangeCircle(h.ctx, circle.Act{At: h.now}, c))
		_, err = h.Circles.SignIn(h.ctx, circle.PersonID(h.kim), h.now)
		h.ok(err)
		list, err := h.Circles.Sessions(h.ctx, circle.PersonID(h.kim), h.now)
		h.ok(err)
		claim := circle.Claim{Circle: tea, Person: circle.PersonID(h.kim), Session: list[0].ID, Device: "kim"}
		kim := h.enters(claim)
		d := h.bans(h.enters(brings("eve", h.member(tea, 0))).Seat, moderation.OfHouse, 0, []string{moderation.PersonKey(h.kim)})
		h.proves(kim, circle.ErrBanned)
		if got, err := h.Circles.Removed(h.ctx, kim.Room); err != nil || !slices.Contains(got, kim.ID) {
			h.Errorf("removed are %q, %v", got, err)
		}
		claim.Device = "kim's other phone"
		h.refused(claim, circle.ErrBanned)
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), d.ID)
		h.ok(err)
		h.proves(h.enters(claim), nil)
	}},
}

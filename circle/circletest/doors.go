package circletest

import (
	"time"

	"hearth/circle"
	"hearth/room"
)

// arrives comes by a claim and must be let in.
func (h *house) arrives(c circle.Claim) ticket {
	h.Helper()
	seat, secret, err := h.Store.Redeem(h.ctx, c, h.now)
	h.ok(err)
	if t := (ticket{seat, secret}); h.sits(t) {
		return t
	}
	h.Fatalf("the seat is worth nothing: %+v", seat)
	return ticket{}
}

// keep is somebody's claim to come into a circle, signed in on a device.
func (h *house) keep(p circle.Person, of circle.ID, device string) circle.Claim {
	h.Helper()
	s, err := h.Store.Session(h.ctx, h.signsIn(p), h.now)
	h.ok(err)
	return circle.Claim{Circle: of, Person: p.ID, Session: s.ID, Device: device}
}

// staff are a keeper and a deputy of tea, a moderator, and somebody without
// a part in it.
func (h *house) staff() (kim, dee, mo, ann circle.Person) {
	h.Helper()
	kim, dee = h.joins("kim", circle.Welcome{Circle: tea}), h.joins("dee", circle.Welcome{Circle: tea, Deputy: true})
	return kim, dee, h.joins("mo", circle.Welcome{Moderator: true}), h.joins("ann", circle.Welcome{Admin: true})
}

func dated(c *circle.Circle) {
	c.Schedule = circle.Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=TU",
		Off: map[string]string{"2026-03-10T19:00": "A holiday"}}
}

// date is seven in the evening in Dublin, on a Tuesday in March, as long as it
// is winter there.
func date(day int) time.Time { return time.Date(2026, 3, day, 19, 0, 0, 0, time.UTC) }

var doors = []promise{
	{"from the page of a circle that is open to all one comes as a member, and waits", func(h *house) {
		page := circle.Claim{Circle: tea, Device: "ada"}
		h.refused(page, circle.ErrNoInvite)
		h.change(tea, func(c *circle.Circle) { c.Access = circle.OpenToAll })
		ada := h.arrives(page)
		if ada.Role != room.Member || !ada.Waits || ada.Person != "" || ada.Deputy || ada.Circle != tea {
			h.Errorf("%+v", ada)
		}
		if again := h.arrives(page); again.Seat != ada.Seat || h.sits(ada) {
			h.Errorf("the same device: %+v", again)
		}
		fresh := page
		fresh.Fresh = true
		if bo := h.arrives(fresh); bo.ID == ada.ID || bo.Room != ada.Room {
			h.Errorf("somebody else: %+v", bo)
		}
		h.ok(h.Store.Bar(h.ctx, ada.Room, ada.ID))
		h.refused(page, circle.ErrNoInvite)
		h.refused(fresh, circle.ErrNoInvite)
		h.refused(circle.Claim{Circle: "elsewhere\x00", Device: "ada"}, circle.ErrNoInvite)
		if list, err := h.Store.Invites(h.ctx, tea, h.now); err != nil || len(list) != 1 {
			h.Errorf("only the facilitator has an invite: %+v, %v", list, err)
		}
	}},
	{"who waits to be let in is as the circle says", func(h *house) {
		one := circle.Invite{Circle: tea, Role: room.Member, Uses: 1}
		many, keeper := circle.Invite{Circle: tea, Role: room.Listener}, circle.Invite{Circle: tea, Role: room.Facilitator}
		n := 0
		for _, c := range []struct {
			access circle.Access
			invite circle.Invite
			waits  bool
		}{{circle.ByInvite, one, false}, {circle.ByInvite, many, true}, {circle.ByInvite, keeper, false},
			{circle.InviteAndWait, one, true}, {circle.OpenToAll, one, true}, {circle.OpenToAll, keeper, false}} {
			h.change(tea, func(x *circle.Circle) { x.Access = c.access })
			n++
			claim := circle.Claim{Code: h.invite(c.invite), Device: device(n)}
			seat := h.arrives(claim)
			// A seat stays what it was.
			h.change(tea, func(x *circle.Circle) { x.Access = circle.ByInvite })
			if back := h.arrives(claim); seat.Waits != c.waits || back.Seat != seat.Seat {
				h.Errorf("%q, %+v: %+v, then %+v", c.access, c.invite, seat, back)
			}
		}
	}},
	{"whoever is signed in comes as what the circle says they are", func(h *house) {
		kim, dee, mo, ann := h.staff()
		for _, c := range []struct {
			who    circle.Person
			role   room.Role
			deputy bool
		}{{kim, room.Facilitator, false}, {dee, room.Member, true}, {mo, room.Moderator, false}} {
			claim := h.keep(c.who, tea, c.who.Name)
			seat := h.arrives(claim)
			if seat.Role != c.role || seat.Deputy != c.deputy || seat.Waits || seat.Person != c.who.ID {
				h.Errorf("%s: %+v", c.who.Name, seat)
			}
			other := h.keep(c.who, tea, "a phone")
			other.Fresh = true
			if phone := h.arrives(other); phone.Seat != seat.Seat || h.sits(seat) {
				h.Errorf("%s has another seat on another device: %+v", c.who.Name, phone)
			}
		}
		h.refused(h.keep(ann, tea, "ann"), circle.ErrNoInvite)
		h.refused(h.keep(kim, walk, "kim"), circle.ErrNoInvite)
		wrong := h.keep(kim, tea, "kim")
		wrong.Person = mo.ID
		h.refused(wrong, circle.ErrNoInvite)
		wrong.Person, wrong.Session = kim.ID, "none"
		h.refused(wrong, circle.ErrNoInvite)
	}},
	{"a barred person comes in on no device", func(h *house) {
		kim, dee, _, _ := h.staff()
		h.arrives(h.keep(kim, tea, "kim"))
		seat := h.arrives(h.keep(dee, tea, "dee"))
		h.ok(h.Store.Bar(h.ctx, seat.Room, seat.ID))
		h.refused(h.keep(dee, tea, "dee"), circle.ErrNoInvite)
		h.refused(h.keep(dee, tea, "another phone"), circle.ErrNoInvite)
		h.refused(circle.Claim{Code: h.invite(circle.Invite{Circle: tea, Role: room.Member}), Device: "dee"}, circle.ErrNoInvite)
		if seat.Barred = true; !h.sits(seat) {
			h.Error("the seat is not known as barred")
		}
	}},
	{"a draft and an announced circle let in who keeps them, a closed one nobody", func(h *house) {
		kim, dee, mo, _ := h.staff()
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		for _, s := range []circle.Standing{circle.Draft, circle.Announced, circle.Closed} {
			h.change(tea, func(c *circle.Circle) { c.Standing, c.Access = s, circle.OpenToAll })
			for _, c := range []circle.Claim{{Code: code, Device: "ada"}, {Code: h.keeper, Device: "link"}, {Circle: tea, Device: "ada"}, h.keep(mo, tea, "mo")} {
				h.refused(c, circle.ErrNoInvite)
			}
			if s == circle.Closed {
				h.refused(h.keep(kim, tea, "kim"), circle.ErrNoInvite)
				continue
			}
			h.refused(h.keep(dee, tea, "dee"), circle.ErrNotOpen)
			seat := h.arrives(h.keep(kim, tea, "kim"))
			h.arrives(h.keep(dee, tea, "dee"))
			h.ok(h.Store.EndRoom(h.ctx, seat.Room, h.now))
		}
	}},
	{"a circle with dates opens around them, and for its facilitator at any time", func(h *house) {
		kim, dee, _, _ := h.staff()
		h.change(tea, dated)
		code := circle.Claim{Code: h.invite(circle.Invite{Circle: tea, Role: room.Member}), Device: "ada"}
		for _, c := range []struct {
			at   time.Time
			open bool
		}{{date(3).Add(-circle.Early - time.Second), false}, {date(3).Add(-circle.Early), true}, {date(3).Add(59 * time.Minute), true},
			{date(3).Add(61 * time.Minute), false}, {date(10), false}, {date(17), true}} {
			if h.now = c.at; !c.open {
				h.refused(code, circle.ErrNotOpen)
				h.refused(h.keep(dee, tea, "dee"), circle.ErrNotOpen)
				continue
			}
			h.ok(h.Store.EndRoom(h.ctx, h.arrives(code).Room, h.now.Add(-circle.Rest)))
		}
		h.now = date(10) // cancelled, and Kim comes all the same
		opened := h.arrives(h.keep(kim, tea, "kim"))
		if h.arrives(code).Room != opened.Room {
			h.Error("another room")
		}
	}},
	{"a series has the same people on all its dates", func(h *house) {
		h.change(tea, func(c *circle.Circle) { dated(c); c.Series = true })
		kim, _, _, _ := h.staff()
		for _, role := range []room.Role{room.Member, room.Listener} {
			for _, uses := range []int{0, 2} {
				if code, err := h.Store.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: tea, Role: role, Uses: uses}); err == nil || code != "" {
					h.Errorf("an invite for %d of them, as %s, was made", uses, role)
				}
			}
		}
		one := func(who string) circle.Claim {
			return circle.Claim{Code: h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1}), Device: who}
		}
		ada, late, never := one("ada"), one("late"), one("never")
		h.now = date(3)
		first := h.arrives(ada)
		h.now = date(3).Add(59 * time.Minute)
		h.arrives(late)
		h.ok(h.Store.EndRoom(h.ctx, first.Room, h.now))
		h.now = date(17)
		h.refused(never, circle.ErrNoInvite)
		if back := h.arrives(ada); back.Room == first.Room {
			h.Error("the old room")
		}
		h.refused(never, circle.ErrNoInvite)
		h.arrives(h.keep(kim, tea, "kim"))
	}},
}

package circletest

import (
	"slices"
	"time"

	"hearth/circle"
	"hearth/room"
)

// invited lists the notes on a circle's working invites.
func (h *house) invited(of circle.ID) (notes []string) {
	h.Helper()
	list, err := h.Store.Invites(h.ctx, of, h.now)
	h.ok(err)
	for _, i := range list {
		if i.ID == "" || i.Circle != of {
			h.Errorf("%+v", i)
		}
		notes = append(notes, i.For)
	}
	return notes
}

// named returns an invite by its note.
func (h *house) named(note string) circle.Invite {
	h.Helper()
	list, err := h.Store.Invites(h.ctx, tea, h.now)
	h.ok(err)
	n := slices.IndexFunc(list, func(i circle.Invite) bool { return i.For == note })
	if n < 0 {
		h.Fatalf("no invite is for %q", note)
	}
	return list[n]
}

// ends does what ends a seat, which must be worth something before and
// nothing after, and must be counted so that other nodes hear of it.
func (h *house) ends(t ticket, what func()) {
	h.Helper()
	before, err := h.Store.Revision(h.ctx)
	if h.ok(err); !h.sits(t) {
		h.Fatal("the seat is worth nothing to begin with")
	}
	what()
	if h.sits(t) {
		h.Errorf("%+v goes on", t.Seat)
	}
	if now, err := h.Store.Revision(h.ctx); err != nil || now <= before {
		h.Errorf("the revision is %d, was %d (%v)", now, before, err)
	}
}

var ending = []promise{
	{"invites are listed while they let in or bring back, newest first", func(h *house) {
		many := h.invite(circle.Invite{Circle: tea, Role: room.Member, For: "anybody", Until: h.now.Add(time.Hour)})
		one := h.invite(circle.Invite{Circle: tea, Role: room.Listener, Uses: 1, For: "Ada"})
		two := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 2, For: "the twins"})
		h.invite(circle.Invite{Circle: walk, Role: room.Member, For: "of another circle"})
		if got := h.invited(tea); !slices.Equal(got, []string{"the twins", "Ada", "anybody", ""}) {
			h.Errorf("%q", got)
		}
		ada := h.comes("ada", one)
		h.comes("bo", two)
		h.comes("cy", two)
		h.comes("di", many)
		if i := h.named("the twins"); i.Used != 2 || i.Uses != 2 || i.Role != room.Member {
			h.Errorf("while they sit by it: %+v", i)
		}
		if i := h.named("anybody"); i.Used != 1 || !i.Until.Equal(h.now.Add(time.Hour)) {
			h.Errorf("%+v", i)
		}
		h.ok(h.Store.EndRoom(h.ctx, ada.Room, h.now))
		h.now = h.now.Add(time.Hour)
		if got := h.invited(tea); !slices.Equal(got, []string{"Ada", ""}) { // Ada's brings her back
			h.Errorf("%q", got)
		}
		_, err := h.Store.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: "elsewhere", Role: room.Member})
		h.want("into nothing", err, circle.ErrNoCircle)
	}},
	{"a revoked invite ends, with every seat that was had by it, in asides too", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, For: "anybody"})
		kim, ada, bo := h.comes("kim", h.keeper), h.comes("ada", code), h.comes("bo", code)
		beside := h.within(ada, aside)
		id := h.named("anybody").ID
		h.want("of another circle", h.Store.Revoke(h.ctx, circle.Act{}, walk, id), circle.ErrNoInvite)
		h.want("of nobody", h.Store.Revoke(h.ctx, circle.Act{}, tea, "\x00"), circle.ErrNoInvite)
		h.want("of nothing", h.Store.Revoke(h.ctx, circle.Act{}, tea, ""), circle.ErrNoInvite)
		h.ends(ada, func() { h.ok(h.Store.Revoke(h.ctx, circle.Act{By: "kim", At: h.now}, tea, id)) })
		if h.sits(bo) || h.sits(beside) || !h.sits(kim) {
			h.Error("want nobody to sit by it, and Kim as before")
		}
		h.refused(circle.Claim{Code: code, Device: "ada"}, circle.ErrNoInvite)
		h.refused(circle.Claim{Code: code, Device: "cy"}, circle.ErrNoInvite)
		before := len(h.did())
		h.ok(h.Store.Revoke(h.ctx, circle.Act{By: "kim", At: h.now}, tea, id)) // twice is once
		if did := h.did(); len(did) != before || did[before-1] != "invite-revoked" || !slices.Equal(h.invited(tea), []string{""}) {
			h.Errorf("%q, invites %q", did, h.invited(tea))
		}
		h.ok(h.Store.Bar(h.ctx, ada.Room, ada.ID)) // it is known, so that it can be barred
		h.refused(circle.Claim{Code: h.invite(circle.Invite{Circle: tea, Role: room.Member}), Device: "ada"}, circle.ErrNoInvite)
		h.Store = h.Reopen()
		if h.sits(ada) {
			h.Error("a restart brought it back")
		}
	}},
	{"a person's seat ends with the session it was taken in", func(h *house) {
		kim, _, _, _ := h.staff()
		claim := h.keep(kim, tea, "kim")
		seat := h.arrives(claim)
		beside := h.within(seat, aside)
		h.ends(seat, func() { h.ok(h.Store.EndSession(h.ctx, circle.Act{At: h.now}, kim.ID, claim.Session)) })
		if h.sits(beside) {
			h.Error("the aside goes on")
		}
		h.refused(claim, circle.ErrNoInvite)
		if back := h.arrives(h.keep(kim, tea, "kim")); back.ID != seat.ID {
			h.Errorf("signed in again: %+v", back)
		}
	}},
	{"a person's seat ends with the part they had", func(h *house) {
		kim, dee, mo, _ := h.staff()
		kims, dees, mos := h.arrives(h.keep(kim, tea, "kim")), h.arrives(h.keep(dee, tea, "dee")), h.arrives(h.keep(mo, tea, "mo"))
		h.change(tea, func(c *circle.Circle) { // given more, they lose nothing
			c.Deputies, c.Keepers = nil, append(c.Keepers, dee.ID, mo.ID)
		})
		if !h.sits(dees) || !h.sits(mos) {
			h.Error("whoever was given more lost a seat")
		}
		if more := h.arrives(h.keep(dee, tea, "dee")); more.Role != room.Facilitator || more.ID == dees.ID {
			h.Errorf("%+v", more)
		}
		h.ends(kims, func() {
			h.change(tea, func(c *circle.Circle) { c.Keepers, c.Deputies = []circle.PersonID{dee.ID}, []circle.PersonID{kim.ID} })
		})
		if less := h.arrives(h.keep(kim, tea, "kim")); less.Role != room.Member || !less.Deputy || less.ID == kims.ID {
			h.Errorf("as a deputy: %+v", less)
		}
		mo.Moderator = false
		h.ends(mos, func() { h.ok(h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, mo)) })
		dees = h.arrives(h.keep(dee, tea, "dee"))
		h.ends(dees, func() { h.ok(h.Store.RemovePerson(h.ctx, circle.Act{At: h.now}, dee.ID)) })
	}},
	{"a device is forgotten in one circle, and its link is used up", func(h *house) {
		one := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1, For: "Ada"})
		old := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1, For: "Ada, earlier"})
		other := h.invite(circle.Invite{Circle: walk, Role: room.Member, Uses: 1})
		h.ok(h.Store.EndRoom(h.ctx, h.comes("ada", old).Room, h.now.Add(-circle.Rest)))
		ada, bo := h.comes("ada", one), h.comes("bo", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
		walks, beside := h.comes("ada", other), h.within(ada, aside)
		h.ends(ada, func() { h.ok(h.Store.Forget(h.ctx, tea, "ada")) })
		if h.sits(beside) || !h.sits(bo) || !h.sits(walks) {
			h.Error("want Ada's seats in this circle gone, and no others")
		}
		for _, code := range []string{one, old} {
			h.refused(circle.Claim{Code: code, Device: "ada"}, circle.ErrNoInvite)
			h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
		}
		if got := h.invited(tea); slices.Contains(got, "Ada") || slices.Contains(got, "Ada, earlier") {
			h.Errorf("%q", got)
		}
		if h.comes("ada", other).ID != walks.ID {
			h.Error("her link to the other circle is bound to her no more")
		}
		h.ok(h.Store.Forget(h.ctx, tea, "ada"))
		h.ok(h.Store.Forget(h.ctx, "elsewhere\x00", "ada\xff"))
	}},
	{"forgotten, a barred device stays barred", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		eve := h.comes("eve", code)
		h.ok(h.Store.Bar(h.ctx, eve.Room, eve.ID))
		h.ok(h.Store.Forget(h.ctx, tea, "eve"))
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
		if removed, err := h.Store.Removed(h.ctx, eve.Room); err != nil || !slices.Equal(removed, []room.SeatID{eve.ID}) {
			h.Errorf("%q, %v", removed, err)
		}
	}},
}

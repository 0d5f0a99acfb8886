package circletest

import (
	"slices"

	"hearth/circle"
	"hearth/room"
)

var barring = []promise{
	{"a barred device is not let in again, by any invite", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		other := h.invite(circle.Invite{Circle: tea, Role: room.Listener})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		ada := h.comes("ada", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		for _, c := range []string{code, other, h.keeper} {
			h.refused(circle.Claim{Code: c, Device: "eve"}, circle.ErrNoInvite)
			h.refused(circle.Claim{Code: c, Device: "eve", Fresh: true}, circle.ErrNoInvite)
		}
		if back := h.comes("ada", code); back.ID != ada.ID {
			h.Error("ada lost her seat")
		}
		h.comes("bo", code) // the invite of many still lets others in
	}},
	{"a barred single-use invite is worth nothing in this room, on any device", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
		h.refused(circle.Claim{Code: code, Device: "eve's other phone"}, circle.ErrNoInvite)
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
		h.comes("kim", h.keeper)
		h.comes("eve", code) // the bar was of that room
	}},
	{"bars are of one room", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		lee := h.comes("lee", h.invite(circle.Invite{Circle: walk, Role: room.Facilitator}))
		walkers := h.invite(circle.Invite{Circle: walk, Role: room.Member})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		h.ok(h.Store.Bar(h.ctx, lee.Room, eve.ID)) // not a seat of that room
		h.comes("eve", code)
		h.comes("eve", walkers)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		h.comes("eve", walkers)
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
	}},
	{"several are barred at once, and nobody is nobody", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		kim, a, b := h.comes("kim", h.keeper), h.comes("a", code), h.comes("b", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room))
		h.ok(h.Store.Bar(h.ctx, kim.Room, "not a seat"))
		h.ok(h.Store.Bar(h.ctx, "not a room", a.ID))
		h.comes("a", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room, a.ID, b.ID))
		for _, who := range []string{"a", "b"} {
			h.refused(circle.Claim{Code: code, Device: who}, circle.ErrNoInvite)
		}
	}},
	{"a barred seat is still known, so that the room can say no kindly", func(h *house) {
		kim := h.comes("kim", h.keeper)
		eve := h.comes("eve", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		eve.Barred = true
		if !h.sits(eve) {
			h.Error("the seat is gone")
		}
	}},
	{"who was removed is remembered, seat by seat, until the room is over", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		_, _, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: "eve", Fresh: true}, h.now)
		h.ok(err)
		removed := func(want ...room.SeatID) {
			got, err := h.Store.Removed(h.ctx, kim.Room)
			if h.ok(err); !slices.Equal(got, want) {
				h.Errorf("removed are %q, want %q", got, want)
			}
		}
		removed()
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		removed(eve.ID)
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
		removed()
	}},
	{"whoever is readmitted can come in again", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID, kim.ID))
		h.ok(h.Store.Readmit(h.ctx, kim.Room, eve.ID))
		h.ok(h.Store.Readmit(h.ctx, kim.Room, eve.ID))
		got, err := h.Store.Removed(h.ctx, kim.Room)
		if h.ok(err); !slices.Equal(got, []room.SeatID{kim.ID}) || !h.sits(eve) {
			h.Errorf("removed are %q, and Eve sits: %v", got, h.sits(eve))
		}
		if _, _, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: "eve", Fresh: true}, h.now); err != nil {
			h.Errorf("another seat at the same device: %v", err)
		}
	}},
	{"seats that a barred device put by are barred too", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		kim, eve := h.comes("kim", h.keeper), h.comes("eve", code)
		seat, secret, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: "eve", Fresh: true}, h.now)
		h.ok(err)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		seat.Barred = true
		if !h.sits(ticket{seat, secret}) || !h.sits(kim) {
			h.Error("want the second seat barred, and nobody else's")
		}
	}},
}

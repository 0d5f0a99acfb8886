package circletest

import (
	"errors"
	"sync"
	"time"

	"hearth/circle"
	"hearth/room"
)

var comingIn = []promise{
	{"whoever comes first opens the room, and the others find it", func(h *house) {
		ada := h.comes("ada", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
		kim := h.comes("kim", h.keeper)
		if kim.Room != ada.Room || kim.ID == ada.ID || kim.Handle == ada.Handle {
			h.Errorf("kim %+v\nada %+v", kim, ada)
		}
		if kim.Role != room.Facilitator || ada.Role != room.Member || ada.Circle != tea {
			h.Errorf("kim %+v\nada %+v", kim, ada)
		}
		if !h.sits(kim) || !h.sits(ada) {
			h.Error("a new seat is worth nothing")
		}
	}},
	{"just after a room only a facilitator opens another", func(h *house) {
		h.ok(h.Store.EndRoom(h.ctx, h.comes("kim", h.keeper).Room, h.now))
		for _, role := range []room.Role{room.Listener, room.Member, room.Moderator} {
			code := h.invite(circle.Invite{Circle: tea, Role: role, Uses: 1})
			h.refused(circle.Claim{Code: code, Device: string(role)}, circle.ErrNotOpen)
			h.refused(circle.Claim{Code: code, Device: "another"}, circle.ErrNotOpen) // nothing was used up
		}
		h.now = h.now.Add(circle.Rest)
		h.comes("early", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
	}},
	{"the same device gets its seat back, with a new secret", func(h *house) {
		first := h.comes("kim", h.keeper)
		again := h.comes("kim", h.keeper)
		if again.Seat != first.Seat || again.secret == first.secret {
			h.Errorf("%+v\n%+v", first, again)
		}
		if h.sits(first) || !h.sits(again) {
			h.Error("the old secret counts, or the new one does not")
		}
	}},
	{"somebody else on the same device gets a seat of their own", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		h.comes("kim", h.keeper)
		ada := h.comes("shared", code)
		seat, secret, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: "shared", Fresh: true}, h.now)
		h.ok(err)
		bo := ticket{seat, secret}
		if bo.ID == ada.ID || bo.Handle == ada.Handle || !h.sits(ada) || !h.sits(bo) {
			h.Errorf("ada %+v\nbo %+v", ada, bo)
		}
	}},
	{"two invites on one device are two seats", func(h *house) {
		kim := h.comes("kim", h.keeper)
		member := h.comes("kim", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
		if kim.ID == member.ID || !h.sits(kim) || !h.sits(member) {
			h.Errorf("%+v\n%+v", kim, member)
		}
	}},
	{"circles are apart", func(h *house) {
		other := h.invite(circle.Invite{Circle: walk, Role: room.Member})
		kim := h.comes("kim", h.keeper)
		lee := h.comes("lee", h.invite(circle.Invite{Circle: walk, Role: room.Facilitator}))
		ada := h.comes("ada", other)
		if ada.Room != lee.Room || ada.Room == kim.Room || ada.Circle != walk {
			h.Errorf("ada %+v\nlee %+v\nkim %+v", ada, lee, kim)
		}
	}},
	{"when a room is over its seats are worth nothing, and the facilitator opens another", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
		kim, ada := h.comes("kim", h.keeper), h.comes("ada", code)
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now.Add(time.Minute)))
		if h.sits(kim) || h.sits(ada) {
			h.Error("a seat outlasted its room")
		}
		h.refused(circle.Claim{Code: code, Device: "ada"}, circle.ErrNotOpen)
		kim2, ada2 := h.comes("kim", h.keeper), h.comes("ada", code)
		if kim2.Room == kim.Room || kim2.ID == kim.ID || ada2.Room != kim2.Room || ada2.ID == ada.ID {
			h.Errorf("before %+v %+v\nafter %+v %+v", kim, ada, kim2, ada2)
		}
	}},
	{"two facilitators at once open one room", func(h *house) {
		second := h.invite(circle.Invite{Circle: tea, Role: room.Facilitator})
		for range 10 {
			var seats [2]ticket
			var wg sync.WaitGroup
			for i, code := range []string{h.keeper, second} {
				wg.Go(func() {
					seat, secret, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: device(i)}, h.now)
					if err != nil {
						h.Error(err)
					}
					seats[i] = ticket{seat, secret}
				})
			}
			wg.Wait()
			if seats[0].Room != seats[1].Room || !h.sits(seats[0]) || !h.sits(seats[1]) {
				h.Fatalf("%+v\n%+v", seats[0], seats[1])
			}
			h.ok(h.Store.EndRoom(h.ctx, seats[0].Room, h.now))
		}
	}},
	{"a claim without a device is a fault", func(h *house) {
		_, _, err := h.Store.Redeem(h.ctx, circle.Claim{Code: h.keeper}, h.now)
		if err == nil || errors.Is(err, circle.ErrNoInvite) {
			h.Error(err)
		}
	}},
}

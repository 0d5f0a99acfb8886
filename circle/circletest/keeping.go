package circletest

import (
	"errors"
	"reflect"
	"slices"

	"hearth/circle"
	"hearth/room"
)

var keeping = []promise{
	{"a seat needs its own secret", func(h *house) {
		kim := h.comes("kim", h.keeper)
		ada := h.comes("ada", h.invite(circle.Invite{Circle: tea, Role: room.Member}))
		for _, c := range [][2]string{{kim.Handle, ada.secret}, {kim.Handle, ""}, {"", kim.secret}, {"", ""},
			{"nobody", kim.secret}, {kim.secret, kim.Handle}, {string(kim.ID), kim.secret}} {
			if seat, err := h.Store.Seat(h.ctx, c[0], c[1]); !errors.Is(err, circle.ErrNoSeat) || seat != (circle.Seat{}) {
				h.Errorf("%q: %+v, %v", c, seat, err)
			}
		}
	}},
	{"circles come in the order they were made, as they were", func(h *house) {
		list, err := h.Store.Circles(h.ctx)
		h.ok(err)
		want := room.DefaultSettings()
		want.Title = string(walk)
		if len(list) != 2 || list[0].ID != tea || list[1].ID != walk || !reflect.DeepEqual(list[1].Settings, want) || list[1].Country != "IE" ||
			!slices.Equal(list[1].Rules, []string{"one at a time", "<it> stays here"}) {
			h.Errorf("%+v", list)
		}
	}},
	{"a circle is added once, and has an id", func(h *house) {
		if err := h.Store.AddCircle(h.ctx, circle.Act{}, circle.Circle{ID: tea}); err == nil {
			h.Error("twice")
		}
		if err := h.Store.AddCircle(h.ctx, circle.Act{}, circle.Circle{}); err == nil {
			h.Error("without an id")
		}
		if list, err := h.Store.Circles(h.ctx); err != nil || len(list) != 2 || list[0].Settings.Title != string(tea) {
			h.Error(list, err)
		}
	}},
	{"a room knows its circle", func(h *house) {
		kim := h.comes("kim", h.keeper)
		if c, err := h.Store.OfRoom(h.ctx, kim.Room); err != nil || c.ID != tea || c.Settings.Title != string(tea) {
			h.Errorf("%+v, %v", c, err)
		}
		if c, err := h.Store.OfRoom(h.ctx, "elsewhere"); !errors.Is(err, circle.ErrNoRoom) || c.ID != "" {
			h.Errorf("%+v, %v", c, err)
		}
	}},
	{"ending a room that is not there changes nothing", func(h *house) {
		kim := h.comes("kim", h.keeper)
		h.ok(h.Store.EndRoom(h.ctx, "elsewhere", h.now))
		if !h.sits(kim) {
			h.Error("kim lost the seat")
		}
	}},
	{"a restart loses no seat, use, bar or end", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 2})
		kim, ada, eve := h.comes("kim", h.keeper), h.comes("ada", code), h.comes("eve", code)
		h.ok(h.Store.Bar(h.ctx, kim.Room, eve.ID))
		h.Store = h.Reopen()
		if !h.sits(kim) || !h.sits(ada) {
			h.Error("a seat was lost")
		}
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
		h.refused(circle.Claim{Code: code, Device: "bo"}, circle.ErrNoInvite)
		if back := h.comes("kim", h.keeper); back.Room != kim.Room {
			h.Error("another room was opened")
		}
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
		h.Store = h.Reopen()
		if h.sits(ada) {
			h.Error("the end was lost")
		}
	}},
}

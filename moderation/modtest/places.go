package modtest

import (
	"maps"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// places are the promises of moderation.Places, and one that whoever pages
// keeps to.
var places = []promise{
	{"where seats are is told while their room goes on", func(h *house) {
		ada, bo := h.comes("ada", h.keeper), h.comes("bo", h.keeper)
		code, err := h.Circles.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: walk, Role: room.Facilitator})
		h.ok(err)
		eve := h.comes("eve", code)
		aside, err := h.Circles.Aside(h.ctx, ada, "an aside")
		h.ok(err)
		at := func(r room.ID, c circle.ID) moderation.Place {
			return moderation.Place{Room: r, Circle: moderation.CircleID(c)}
		}
		sit := func(want map[room.SeatID]moderation.Place) {
			h.Helper()
			got, err := h.Store.Sitting(h.ctx, ada.ID, bo.ID, eve.ID, aside.ID, "nobody", "")
			h.ok(err)
			if !maps.Equal(got, want) {
				h.Errorf("they sit in %v, want %v", got, want)
			}
		}
		sit(map[room.SeatID]moderation.Place{ada.ID: at(ada.Room, tea), bo.ID: at(ada.Room, tea), eve.ID: at(eve.Room, walk), aside.ID: at("an aside", tea)})
		h.ok(h.Circles.EndRoom(h.ctx, ada.Room, h.now))
		sit(map[room.SeatID]moderation.Place{eve.ID: at(eve.Room, walk)})
		if got, err := h.Store.Sitting(h.ctx); err != nil || len(got) > 0 {
			h.Errorf("of nobody: %v, %v", got, err)
		}
		many := make([]room.SeatID, 1000)
		many[999] = eve.ID
		if got, err := h.Store.Sitting(h.ctx, many...); err != nil || len(got) != 1 {
			h.Errorf("one of many: %v, %v", got, err)
		}
	}},
	{"with nobody on duty, what failed on every channel is due again after its lease, too", func(h *house) {
		id := h.files(h.worry("room", "eve", "ada")).Case
		for range 2 {
			h.ok(h.Store.Paged(h.ctx, h.due(h.Store, id, moderation.PageCall), false, h.now))
			h.pass(moderation.PageLease - time.Millisecond)
			h.quiet()
			h.pass(time.Millisecond)
		}
		h.sent(id, moderation.PageCall)
		h.quiet()
	}},
}

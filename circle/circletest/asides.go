package circletest

import (
	"errors"
	"sync"
	"time"

	"hearth/circle"
	"hearth/room"
)

// within goes into an aside and must be let in; the secret is the one that
// the seat in the circle has.
func (h *house) within(t ticket, id room.ID) ticket {
	h.Helper()
	seat, err := h.Store.Aside(h.ctx, t.Seat, id)
	h.ok(err)
	if seat.ID == "" || seat.ID == t.ID || seat.Handle == "" || seat.Handle == t.Handle || seat.Room != id || seat.Circle != t.Circle || seat.Role != room.Member {
		h.Fatalf("in the aside %+v, in the room %+v", seat, t.Seat)
	}
	return ticket{seat, t.secret}
}

// keptOut asks for a seat in an aside and must get an error, and no seat.
func (h *house) keptOut(t ticket, id room.ID, want error) {
	h.Helper()
	if seat, err := h.Store.Aside(h.ctx, t.Seat, id); !errors.Is(err, want) || seat != (circle.Seat{}) {
		h.Errorf("%+v, %v; want %v", seat, err, want)
	}
}

// two are a facilitator and a member of one room, with an invite for more.
func (h *house) two() (kim, ada ticket, code string) {
	h.Helper()
	code = h.invite(circle.Invite{Circle: tea, Role: room.Member})
	return h.comes("kim", h.keeper), h.comes("ada", code), code
}

const aside, another = room.ID("aside-1"), room.ID("aside-2")

var asides = []promise{
	{"a seat in an aside is another seat, proved by the same secret", func(h *house) {
		kim, ada, _ := h.two()
		there, beside := h.within(kim, aside), h.within(ada, aside)
		if !h.sits(there) || !h.sits(beside) || there.ID == beside.ID || beside.Of != ada.ID || beside.In != ada.Room {
			h.Errorf("kim %+v\nada %+v", there, beside)
		}
		for _, wrong := range []string{"", kim.secret, ada.Handle} {
			if h.sits(ticket{beside.Seat, wrong}) {
				h.Error("another secret proves it")
			}
		}
		if again := h.within(ada, aside); again.Seat != beside.Seat {
			h.Errorf("the second time %+v, the first %+v", again.Seat, beside.Seat)
		}
		if other := h.within(ada, another); other.ID == beside.ID || other.Handle == beside.Handle {
			h.Error("two asides, one seat")
		}
	}},
	{"an aside has settings of its own, and is of the same circle", func(h *house) {
		kim, _, _ := h.two()
		h.within(kim, aside)
		c, err := h.Store.OfRoom(h.ctx, aside)
		h.ok(err)
		if c.ID != tea || c.Country != "IE" || c.Settings.Aside != kim.Room || c.Settings.MaxSeats != room.MaxAside || c.Settings.Check() != nil {
			h.Errorf("%+v", c)
		}
		if c, err := h.Store.OfRoom(h.ctx, kim.Room); err != nil || c.Settings.Aside != "" {
			h.Errorf("the room itself: %+v, %v", c, err)
		}
	}},
	{"an aside is no gathering: invites lead to the room, also after it", func(h *house) {
		kim, ada, code := h.two()
		h.within(kim, aside)
		if bo := h.comes("bo", code); bo.Room != kim.Room {
			h.Errorf("bo came into %s", bo.Room)
		}
		h.ok(h.Store.EndRoom(h.ctx, aside, h.now))
		if cy := h.comes("cy", code); cy.Room != kim.Room || !h.sits(kim) || !h.sits(ada) {
			h.Errorf("cy came into %s", cy.Room)
		}
		h.keptOut(ada, aside, circle.ErrNoRoom)
	}},
	{"it ends with the room, and every seat in it", func(h *house) {
		kim, ada, _ := h.two()
		there, beside := h.within(kim, aside), h.within(ada, another)
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now.Add(-circle.Rest)))
		if h.sits(there) || h.sits(beside) {
			h.Error("a seat in an aside outlasted the room")
		}
		h.keptOut(kim, aside, circle.ErrNoRoom)
		h.keptOut(ada, "aside-3", circle.ErrNoRoom)
		if next := h.comes("kim", h.keeper); next.Room == aside || next.Room == another {
			h.Error("an aside became a gathering")
		}
	}},
	{"an aside of one room is none of another's", func(h *house) {
		kim, _, _ := h.two()
		lee := h.comes("lee", h.invite(circle.Invite{Circle: walk, Role: room.Facilitator}))
		h.within(kim, aside)
		h.keptOut(lee, aside, circle.ErrNoRoom)
		h.keptOut(lee, kim.Room, circle.ErrNoRoom)
		h.keptOut(lee, lee.Room, circle.ErrNoRoom)
		h.keptOut(lee, "", circle.ErrNoRoom)
		h.keptOut(ticket{Seat: circle.Seat{ID: kim.ID, Room: lee.Room}}, another, circle.ErrNoSeat)
		h.keptOut(ticket{Seat: circle.Seat{ID: "nobody", Room: kim.Room}}, aside, circle.ErrNoSeat)
		h.keptOut(h.within(kim, aside), "aside-3", circle.ErrNoRoom) // nor is there one of an aside
	}},
	{"whoever is barred from the room is barred in its asides", func(h *house) {
		kim, ada, _ := h.two()
		there, beside := h.within(kim, aside), h.within(ada, aside)
		h.ok(h.Store.Bar(h.ctx, kim.Room, ada.ID))
		beside.Barred = true
		if !h.sits(beside) || !h.sits(there) {
			h.Error("want ada barred there too, and nobody else")
		}
	}},
	{"a seat with a new secret has it in its asides", func(h *house) {
		_, ada, code := h.two()
		before := h.within(ada, aside)
		ada = h.comes("ada", code)
		if h.sits(before) || !h.sits(ticket{before.Seat, ada.secret}) {
			h.Error("the old secret counts, or the new one does not")
		}
	}},
	{"of two who come at once each has a seat, and one aside", func(h *house) {
		kim, ada, _ := h.two()
		for n := range 5 {
			id := room.ID(device(n))
			var wg sync.WaitGroup
			seats := make([]circle.Seat, 4)
			for i, t := range []ticket{kim, ada, kim, ada} {
				wg.Go(func() {
					seat, err := h.Store.Aside(h.ctx, t.Seat, id)
					if seats[i] = seat; err != nil {
						h.Error(err)
					}
				})
			}
			wg.Wait()
			if seats[0] != seats[2] || seats[1] != seats[3] || seats[0].ID == seats[1].ID {
				h.Fatalf("%+v", seats)
			}
		}
	}},
	{"asides are kept", func(h *house) {
		_, ada, _ := h.two()
		beside := h.within(ada, aside)
		h.Store = h.Reopen()
		if !h.sits(beside) || h.within(ada, aside).Seat != beside.Seat {
			h.Error("the seat is another, or gone")
		}
		h.ok(h.Store.EndRoom(h.ctx, ada.Room, h.now.Add(time.Minute)))
		if h.sits(beside) {
			h.Error("the seat outlasted the room")
		}
	}},
}

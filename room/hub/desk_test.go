package hub

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// stated is an act of the desk with a statement of that name.
func stated(do room.Act, whom room.SeatID, id string) room.Act {
	return room.Sanction{Do: do, Seat: whom, Stated: room.Statement{ID: id, Action: "some", From: 1, Rule: "harassment", Facts: "why " + id, Appeal: "code " + id}}
}

// atDesk has the desk of a node do something, and wants it done.
func (m *meeting) atDesk(h *Hub, a room.Act) Answer {
	m.t.Helper()
	ans, err := h.Desk(m.t.Context(), here, a)
	if err != nil || ans.Refused != nil {
		m.t.Fatalf("the desk: %T: %v %v", a, ans.Refused, err)
	}
	return ans
}

// A moderator at one node removes somebody who sits at another: it ends their
// sitting, and the last thing they hear is why. Nobody else hears that.
func TestTheDeskRemovesSomebodyOnAnotherNode(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		abena := f.sitsAt("south", "abena", room.Member, nil)
		for _, p := range []*person{fac, jun, abena} {
			p.hears()
		}
		f.atDesk(f.hubs["east"], stated(room.Remove{Seat: "jun"}, "jun", "d1"))
		frames, why := jun.hears()
		if len(frames) == 0 || why != WasRemoved {
			t.Fatalf("Jun heard %d frames and %q", len(frames), why)
		}
		you := frames[len(frames)-1].You
		if you == nil || !you.Removed || you.Stated == nil || you.Stated.Facts != "why d1" || you.Stated.Appeal != "code d1" {
			t.Errorf("the last that Jun heard is %+v", you)
		}
		for _, p := range []*person{fac, abena} {
			frames, why := p.hears()
			b, err := json.Marshal(frames)
			if err != nil || why != "" || len(frames) == 0 || strings.Contains(string(b), "d1") || strings.Contains(string(b), "stated") {
				t.Errorf("%s heard %s, %q, %v", p.seat, b, why, err)
			}
		}
		if a := f.atDesk(f.hubs["south"], stated(room.Remove{Seat: "jun"}, "jun", "d1")); !a.Already {
			t.Errorf("the second time: %+v", a)
		}
	}, "north", "south", "east")
}

// Whoever is warned is told again when they come back, on whichever node.
func TestAStatementOnComingBack(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		jun.hears()
		fac.hears()
		f.atDesk(f.hubs["south"], stated(room.Warn{Seat: "jun"}, "jun", "d1"))
		frames, why := jun.hears()
		if len(frames) != 1 || frames[0].You.Stated.ID != "d1" || frames[0].Room != nil || why != "" {
			t.Errorf("Jun heard %+v, %q", frames, why)
		}
		if frames, _ := fac.hears(); len(frames) > 0 {
			t.Errorf("Marisol heard %+v", frames)
		}
		jun.s.Rise()
		back := f.sitsAt("south", "jun", room.Member, nil)
		if st := back.g.Fresh.You.Stated; st == nil || st.Facts != "why d1" {
			t.Errorf("back, Jun sees %+v", st)
		}
		f.atDesk(f.hubs["north"], room.Withdraw{Seat: "jun", ID: "d1"})
		if frames, _ := back.hears(); len(frames) == 0 || frames[len(frames)-1].You.Stated != nil {
			t.Errorf("withdrawn, Jun hears %+v", frames)
		}
	}, "north", "south")
}

// bars is a store's account of who was removed, as a hub keeps it.
type bars struct {
	mu    sync.Mutex
	seats []room.SeatID
}

func (b *bars) add(_ room.ID, ids []room.SeatID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seats = slices.Compact(slices.Sorted(slices.Values(append(b.seats, ids...))))
	return nil
}

func (b *bars) drop(_ room.ID, ids []room.SeatID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seats = slices.DeleteFunc(b.seats, func(id room.SeatID) bool { return slices.Contains(ids, id) })
	return nil
}

func (b *bars) all(room.ID) ([]room.SeatID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seats), nil
}

// A removal is undone and done again, more than once, also past a restart: who
// may come in is the same in the room and in the store.
func TestReadmitted(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		kept := &bars{}
		reopen := func() {
			m.hub.Stop()
			m.open()
			m.cfg.Barred, m.cfg.Readmitted, m.cfg.Removed = kept.add, kept.drop, kept.all
			m.hub = New(m.cfg)
		}
		reopen()
		m.sits("marisol", room.Facilitator)
		for _, restarts := range []bool{true, true, false, false, false} {
			m.sits("jun", room.Member)
			m.atDesk(m.hub, stated(room.Remove{Seat: "jun"}, "jun", "d1"))
			if restarts {
				reopen()
			}
			if _, err := m.tab("jun", "tab", room.Member, nil); err == nil {
				t.Fatal("Jun came back")
			}
			if got, _ := kept.all(here); !slices.Equal(got, []room.SeatID{"jun"}) {
				t.Fatalf("removed: %v", got)
			}
			if restarts {
				reopen()
			}
			m.atDesk(m.hub, room.Undo{Do: room.Readmit{Seat: "jun"}, Seat: "jun", ID: "d1"})
			if got, _ := kept.all(here); len(got) > 0 {
				t.Fatalf("readmitted, and kept as removed: %v", got)
			}
		}
		if p := m.sits("jun", room.Member); p.g.Fresh.You.Removed || p.g.Fresh.You.Stated != nil {
			t.Errorf("Jun is told %+v", p.g.Fresh.You)
		}
		pass(time.Minute)
		if m.state().Seats["jun"] == nil {
			t.Error("Jun did not stay")
		}
	})
}

// The desk begins no room, opens none again, and loads none to look at it.
func TestTheDeskAndRoomsThatAreNot(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		look := func(h *Hub, id room.ID) (n int, err error) {
			err = h.Glance(t.Context(), id, func(_ time.Time, s *room.State) { n = len(s.Seats) })
			return n, err
		}
		north, south := f.hubs["north"], f.hubs["south"]
		if _, err := south.Desk(t.Context(), "never", room.Close{}); !errors.Is(err, room.ErrNoRoom) {
			t.Errorf("of a room that never was: %v", err)
		}
		if _, err := look(south, "never"); !errors.Is(err, room.ErrNoRoom) {
			t.Errorf("looking at a room that never was: %v", err)
		}
		if _, err := f.mem.Read(t.Context(), "never", room.Head{}); !errors.Is(err, room.ErrNoRoom) {
			t.Errorf("it was begun: %v", err)
		}
		f.sitsAt("north", "marisol", room.Facilitator, nil)
		before := f.state().Seq
		for _, h := range []*Hub{north, south} {
			if n, err := look(h, here); n != 1 || err != nil {
				t.Errorf("%d seats, %v", n, err)
			}
		}
		if south.Rooms() != 0 || f.state().Seq != before {
			t.Errorf("a look loaded %d rooms and made %d entries", south.Rooms(), f.state().Seq-before)
		}
		f.atDesk(south, room.Close{})
		var ended *Ended
		for _, h := range []*Hub{north, south} {
			if _, err := h.Desk(t.Context(), here, stated(room.Warn{Seat: "marisol"}, "marisol", "d1")); !errors.As(err, &ended) || ended.Reason != RoomOver {
				t.Errorf("of a room that is over: %v", err)
			}
			if _, err := look(h, here); !errors.As(err, &ended) {
				t.Errorf("looking at a room that is over: %v", err)
			}
		}
	}, "north", "south")
}

package hub

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/room"
	"hearth/room/memlog"
)

// withPictures is a circle whose first stage has pictures.
func withPictures(context.Context, room.ID) (room.Settings, error) {
	set := room.DefaultSettings()
	set.Agenda = []room.Stage{{ID: 1, Kind: room.KindRound, Order: room.OrderRing, Rounds: 1, Images: true, Time: time.Hour},
		{ID: 2, Kind: room.KindRound, Order: room.OrderRing, Rounds: 1, Closing: true, Time: 10 * time.Minute}}
	return set, nil
}

// slippery is a shelf from which nothing can be taken for a while.
type slippery struct {
	*memlog.Shelf
	mu    sync.Mutex // guards stuck
	stuck bool
}

func (s *slippery) sticks(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = is
}

func (s *slippery) asIs() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stuck {
		return errMoody
	}
	return nil
}

func (s *slippery) Drop(ctx context.Context, id room.ID, name string) error {
	if err := s.asIs(); err != nil {
		return err
	}
	return s.Shelf.Drop(ctx, id, name)
}

func (s *slippery) Forget(ctx context.Context, id room.ID) error {
	if err := s.asIs(); err != nil {
		return err
	}
	return s.Shelf.Forget(ctx, id)
}

// deaf is a log whose bell never rings.
type deaf struct{ room.Log }

func (deaf) Watch(context.Context, room.ID) (<-chan struct{}, error) { return nil, nil }

// gallery is a meeting whose holder, with turn 1, may show pictures.
func gallery(t *testing.T, what func(t *testing.T, m *meeting, s *slippery, fac *person)) {
	meet(t, func(t *testing.T, m *meeting) {
		s := &slippery{Shelf: memlog.NewShelf(time.Now)}
		m.hub.cfg.Settings, m.hub.cfg.Shelf, m.hub.cfg.Log = withPictures, s, deaf{m.log}
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		what(t, m, s, fac)
	})
}

// shows puts a picture on the shelf and shows it.
func (m *meeting) shows(s room.Shelf, seat room.SeatID, turn uint64, name string) Answer {
	m.t.Helper()
	if err := s.Put(m.t.Context(), here, name, []byte("sealed")); err != nil {
		m.t.Fatal(err)
	}
	p := room.Picture{Name: name, Type: "image/png", W: 3, H: 2, Key: []byte("key")}
	a, err := m.hub.Do(m.t.Context(), here, seat, room.Show{Turn: turn, Picture: p, Alt: "a kettle"})
	if err != nil {
		m.t.Fatal(err)
	}
	return a
}

func TestAPictureIsShownWithoutAConnection(t *testing.T) {
	gallery(t, func(t *testing.T, m *meeting, s *slippery, fac *person) {
		if a := m.shows(s, "jun", 1, "jun's"); a.Refused == nil || a.Refused.Code != room.NotHolding {
			t.Errorf("without the stick: %+v", a)
		}
		if a := m.shows(s, "nobody", 1, "nobody's"); a.Refused == nil || a.Refused.Code != room.NotSeated {
			t.Errorf("without a seat: %+v", a)
		}
		a := m.shows(s, fac.seat, 1, "tea")
		if a.Seq == 0 || a.Refused != nil {
			t.Fatalf("the holder: %+v", a)
		}
		heard := must(fac.hears())
		if got := heard[len(heard)-1]; got.Said == nil && heard[len(heard)-2].Said == nil {
			t.Errorf("nobody hears of it: %+v", got)
		}
		if !slices.ContainsFunc(heard, func(f room.Frame) bool { return f.You != nil && f.You.Shown }) {
			t.Error("the holder isn't told that the turn has had its picture")
		}
		var seen room.Shown
		err := m.hub.Look(t.Context(), here, func(_ time.Time, st *room.State) { seen = st.Words.Pictures["tea"] })
		if err != nil || seen.Seq != a.Seq || string(seen.Key) != "key" {
			t.Errorf("a look shows %+v, %v", seen, err)
		}
	})
}

// TestALookSeesWhatTheLogHas, also what another node has written and no bell
// rang for; and one that panics harms nobody.
func TestALookSeesWhatTheLogHas(t *testing.T) {
	gallery(t, func(t *testing.T, m *meeting, s *slippery, fac *person) {
		tail, err := m.log.Read(t.Context(), here, room.Head{})
		if err != nil {
			t.Fatal(err)
		}
		e := room.Entry{Seq: tail.Head.Seq + 1, At: tail.Now, Events: []room.Event{room.Said{Seat: fac.seat, Turn: 1, Text: "x", Picture: &room.Picture{Name: "there"}}}}
		if _, err := m.log.Append(t.Context(), here, tail.Head, room.Batch{Entries: []room.Entry{e}, Now: tail.Now}); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := m.hub.Look(t.Context(), here, func(_ time.Time, st *room.State) { n = len(st.Words.Pictures) }); err != nil || n != 1 {
			t.Errorf("%d pictures, %v", n, err)
		}
		if err := m.hub.Look(t.Context(), here, func(time.Time, *room.State) { panic("words") }); err == nil || err.Error() != "hub: a look ended: string" {
			t.Errorf("a look that panics: %v", err)
		}
		fac.does(room.Say{Turn: 1, Text: "still here"})
		m.hub.Stop()
		if err := m.hub.Look(t.Context(), here, func(time.Time, *room.State) {}); err == nil {
			t.Error("a hub that has ended shows something")
		}
	})
}

func TestAPictureTakenBackIsDropped(t *testing.T) {
	gallery(t, func(t *testing.T, m *meeting, s *slippery, fac *person) {
		a := m.shows(s, fac.seat, 1, "tea")
		said := fac.does(room.Say{Turn: 1, Text: "my kettle"})
		fac.does(room.Retract{Seq: said.Seq})
		synctest.Wait()
		if s.Kept() != 1 {
			t.Fatalf("%d pictures are kept after other words were taken back", s.Kept())
		}
		s.sticks(true)
		fac.does(room.Retract{Seq: a.Seq})
		synctest.Wait()
		if s.Kept() != 1 {
			t.Fatalf("%d pictures are kept by a shelf that gives none", s.Kept())
		}
		s.sticks(false)
		pass(20 * time.Second)
		if s.Kept() != 0 {
			t.Errorf("%d pictures are kept", s.Kept())
		}
	})
}

// TestNoPictureOutlivesItsRoom, also if the shelf does not answer when it
// ends, and the node ends before it does.
func TestNoPictureOutlivesItsRoom(t *testing.T) {
	gallery(t, func(t *testing.T, m *meeting, s *slippery, fac *person) {
		m.shows(s, fac.seat, 1, "tea")
		s.sticks(true)
		fac.does(room.Close{})
		pass(5 * time.Second)
		if s.Kept() != 1 || m.over > 0 {
			t.Fatalf("%d pictures are kept by a shelf that gives none; the end was told %d times", s.Kept(), m.over)
		}
		m.hub.Stop()
		m.open()
		m.hub.cfg.Shelf = s
		s.sticks(false)
		m.hub.Wake(t.Context(), here)
		pass(5 * time.Second)
		if s.Kept() != 0 || m.over == 0 {
			t.Errorf("%d pictures are kept; the end was told %d times", s.Kept(), m.over)
		}
	})
}

package memlog_test

import (
	"errors"
	"testing"
	"time"

	"hearth/room"
	"hearth/room/logtest"
	"hearth/room/memlog"
)

func TestShelf(t *testing.T) {
	logtest.RunShelf(t, func(*testing.T) (a, b room.Shelf) {
		one := memlog.NewShelf(time.Now)
		return one, one
	})
}

// TestAShelfForgetsByItself, within a day of a room's first picture.
func TestAShelfForgetsByItself(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := memlog.NewShelf(func() time.Time { return now })
	put := func(id room.ID, name string) {
		t.Helper()
		if err := s.Put(t.Context(), id, name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	put("r", "first")
	now = now.Add(24*time.Hour - time.Second)
	put("r", "second")
	if _, err := s.Get(t.Context(), "r", "first"); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Second)
	for _, name := range []string{"first", "second"} {
		if _, err := s.Get(t.Context(), "r", name); !errors.Is(err, room.ErrNoPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if put("another", "x"); s.Kept() != 1 {
		t.Errorf("%d pictures are kept", s.Kept())
	}
	if err := s.Drop(t.Context(), "another", "x"); err != nil || s.Kept() != 0 {
		t.Errorf("%d pictures are kept, %v", s.Kept(), err)
	}
}

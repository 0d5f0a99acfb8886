package logtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"hearth/room"
)

var times = []promise{
	{"a claim of time is held to the log's clock", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		for _, off := range []time.Duration{3 * time.Second, -3 * time.Second, time.Hour, -24 * time.Hour} {
			b := w.next(room.CareOver{})
			b.Now = b.Now.Add(off)
			b.Entries[0].At = b.Now
			if tail, err := w.refused(w.head, b); !errors.Is(err, room.ErrClock) || tail.Now.Sub(s.Now()).Abs() > room.MaxSkew {
				t.Errorf("%v off: %v, the log's clock said %v", off, err, tail.Now)
			}
			if _, err := w.refused(w.head, room.Batch{Now: b.Now}); !errors.Is(err, room.ErrClock) {
				t.Errorf("%v off, without entries: %v", off, err)
			}
			first := &writer{t: t, s: s, id: there, state: &room.State{}}
			b = first.next(room.Begun{Room: there})
			b.Now = b.Now.Add(off)
			b.Entries[0].At = b.Now
			if _, err := s.Log.Append(context.Background(), there, room.Head{}, b); !errors.Is(err, room.ErrClock) {
				t.Errorf("%v off, as the first entry: %v", off, err)
			}
		}
		b := w.next(room.CareOver{})
		b.Now = b.Now.Add(1500 * time.Millisecond)
		b.Entries[0].At = b.Now
		if tail := w.append(b); tail.Now.Before(b.Now) {
			t.Errorf("the log's clock says %v, its newest entry is of %v", tail.Now, b.Now)
		}
	}},
	{"time does not go back", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		b := w.next(room.CareOver{})
		b.Now = b.Now.Add(1500 * time.Millisecond)
		b.Entries[0].At = b.Now
		w.append(b)
		back := w.next(room.CareOver{})
		back.Now = b.Now.Add(-time.Second)
		back.Entries[0].At = back.Now
		if _, err := w.refused(w.head, back); !errors.Is(err, room.ErrClock) {
			t.Error("before the newest entry:", err)
		}
		old := w.next(room.CareOver{})
		old.Now = b.Now
		old.Entries[0].At = b.Now.Add(-time.Nanosecond)
		if _, err := w.refused(w.head, old); !errors.Is(err, room.ErrClock) {
			t.Error("an entry before the newest:", err)
		}
		both := w.next(room.CareOver{})
		both.Now = b.Now
		both.Entries[0].At = b.Now
		both.Entries = append(both.Entries, room.Entry{Seq: w.head.Seq + 2, At: b.Now.Add(-time.Nanosecond)})
		both.State = nil
		if _, err := w.refused(w.head, both); !errors.Is(err, room.ErrClock) {
			t.Error("inside a batch:", err)
		}
	}},
	{"a moved head counts before a wrong clock", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		first := w.head
		w.append(w.next(room.CareOver{}))
		late := room.Batch{Now: s.Now().Add(-time.Hour)}
		if _, err := w.refused(first, late); !errors.Is(err, room.ErrMoved) {
			t.Error(err)
		}
	}},
	{"tails tell the log's clock", func(t *testing.T, s Subject) {
		w := begin(t, s, here)
		first := w.head
		appended := w.append(w.next(room.CareOver{}))
		moved, err := w.refused(first, renumber(w.next(room.CareOver{}), first))
		if !errors.Is(err, room.ErrMoved) {
			t.Fatal(err)
		}
		for name, tail := range map[string]room.Tail{"append": appended, "moved": moved, "read": w.read(w.head)} {
			if tail.Now.Sub(s.Now()).Abs() > time.Second {
				t.Errorf("%s: %v, it is %v", name, tail.Now, s.Now())
			}
		}
	}},
	{"a clock that was set back stops time, not the room", func(t *testing.T, s Subject) {
		if s.Set == nil {
			t.Skip("this clock cannot be moved")
		}
		w := begin(t, s, here)
		newest := s.Now()
		s.Set(newest.Add(-time.Hour))
		now := w.read(w.head).Now
		if !now.Equal(newest) {
			t.Errorf("the log says %v, its newest entry is of %v", now, newest)
		}
		b := w.next(room.CareOver{})
		b.Now, b.Entries[0].At = now, now
		w.append(b)
		s.Set(newest.Add(time.Hour))
		if now := w.read(w.head).Now; !now.Equal(s.Now()) {
			t.Errorf("when its time has come again the log says %v, not %v", now, s.Now())
		}
		w.append(w.next(room.CareOver{}))
	}},
	{"a caller that has given up gets an error", func(t *testing.T, s Subject) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		w := begin(t, s, here)
		if _, err := s.Log.Append(ctx, here, w.head, w.next(room.CareOver{})); err == nil {
			t.Error("append went on")
		}
		if _, err := s.Log.Read(ctx, here, w.head); err == nil {
			t.Error("read went on")
		}
	}},
}

package logtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

var shared = []promise{
	{"two writers never share a number", twoWriters},
	{"a watcher hears of what is new", func(t *testing.T, s Subject) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		bell, err := s.Log.Watch(ctx, here) // also before the log begins
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Log.Watch(ctx, here)
		if err != nil {
			t.Fatal(err)
		}
		w := begin(t, s, here)
		for range 3 {
			heard(t, bell)
			w.append(w.next(room.CareOver{}))
		}
		heard(t, second)
	}},
	{"a bell holds one ring, and nobody waits for it", func(t *testing.T, s Subject) {
		bell, err := s.Log.Watch(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		w := begin(t, s, here)
		for range 20 {
			w.append(w.next(room.CareOver{}))
		}
		heard(t, bell)
		if cap(bell) > 1 {
			t.Errorf("it can hold %d", cap(bell))
		}
	}},
	{"watching ends with its context", func(t *testing.T, s Subject) {
		ctx, cancel := context.WithCancel(context.Background())
		if _, err := s.Log.Watch(ctx, here); err != nil {
			t.Fatal(err)
		}
		stays, err := s.Log.Watch(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		begin(t, s, here)
		heard(t, stays)
		if _, err := s.Log.Watch(ctx, here); err == nil {
			t.Error("watching began though its context had ended")
		}
	}},
}

func heard(t *testing.T, bell <-chan struct{}) {
	t.Helper()
	select {
	case <-bell:
	case <-time.After(10 * time.Second):
		t.Fatal("no ring")
	}
}

// twoWriters race 200 appends. Each entry carries who wrote it, so that a
// lost or doubled one shows.
func twoWriters(t *testing.T, s Subject) {
	const each = 100
	w := begin(t, s, here)
	acked := [2][]uint64{}
	var wg sync.WaitGroup
	for i := range acked {
		wg.Go(func() {
			head := w.head
			for n := 1; n <= each; {
				now := s.Now()
				b := room.Batch{Now: now, Entries: []room.Entry{{Seq: head.Seq + 1, At: now, By: seat[i], N: uint64(n)}}}
				tail, err := s.Log.Append(context.Background(), here, head, b)
				switch {
				case err == nil:
					acked[i] = append(acked[i], tail.Head.Seq)
					n++
				case !errors.Is(err, room.ErrMoved):
					t.Errorf("writer %d: %v", i, err)
					return
				}
				head = tail.Head
			}
		})
	}
	wg.Wait()
	list := w.read(w.head).Entries
	if len(list) != 2*each {
		t.Fatalf("%d entries of %d", len(list), 2*each)
	}
	next := [2]int{}
	for _, e := range list {
		i := 0
		if e.By == seat[1] {
			i = 1
		}
		if e.N != uint64(next[i]+1) || next[i] >= len(acked[i]) || acked[i][next[i]] != e.Seq {
			t.Fatalf("entry %d is number %d of writer %d, who knows otherwise", e.Seq, e.N, i)
		}
		next[i]++
	}
	w.verify()
}

var seat = [2]room.SeatID{"a", "b"}

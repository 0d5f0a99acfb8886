package hub

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"hearth/room"
)

// What restarts, long nights and full disks do to a room: nothing.

// An orderly restart lets everybody go first. Nobody is missed while no
// server runs: the holder keeps the stick, everybody their seat.
func TestAnOrderlyRestartKeepsTheTurn(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		pass(20 * time.Second)
		fac.s.Rise()
		p["jun"].s.Rise()
		pass(time.Second)
		m.hub.Stop()
		died := time.Now()
		pass(20 * time.Minute)
		m.openSince(died)
		m.hub.Wake(t.Context(), here)
		pass(20 * time.Second)
		m.stickIs("held marisol 1")
		m.sits("marisol", room.Facilitator)
		m.sits("jun", room.Member).s.Rise()
		m.stickIs("held marisol 1")
	})
}

// Everybody leaves and nobody closes: the circle ends by itself, and so does
// what is kept of it.
func TestACircleThatAllHaveLeftEnds(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		p["jun"].does(room.Leave{})
		fac.does(room.Leave{})
		p["jun"].s.Rise()
		fac.s.Rise()
		pass(20 * time.Minute)
		if got := m.state().Phase; got != room.Over {
			t.Fatalf("twenty minutes later the room is %q", got)
		}
		if m.over != 1 {
			t.Fatalf("told %d times that it is over", m.over)
		}
	})
}

// Somebody looked in the day before; that doesn't count against the evening.
func TestALookTheDayBeforeDoesNotEndTheEvening(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		early := m.sits("early", room.Member)
		early.does(room.Leave{})
		early.s.Rise()
		pass(24 * time.Hour)
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		pass(2 * time.Hour)
		if s := m.state(); s.Phase != room.Circle || !s.Closing.IsZero() {
			t.Fatalf("the evening is %q and closes at %v", s.Phase, s.Closing)
		}
	})
}

// full is a disk that can be read and not written.
type full struct {
	room.Log
	on    atomic.Bool
	tries atomic.Int64
}

var errFull = errors.New("no space left on device")

func (l *full) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if l.on.Load() && len(b.Entries) > 0 {
		l.tries.Add(1)
		return room.Tail{}, errFull
	}
	return l.Log.Append(ctx, id, at, b)
}

// While nothing can be written timers stand still; the disk and the log of
// faults are not flooded with tries; afterwards the room is as it is: whose
// line went meanwhile is away, and the offer has its whole window.
func TestTheDiskIsFullForAWhile(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		disk := &full{Log: m.log}
		m.log = disk
		m.open()
		fac, p := m.circle("jun")
		pass(80 * time.Second) // of the window of 90
		disk.on.Store(true)
		p["jun"].s.Rise()
		pass(time.Minute)
		if _, err := fac.asks(room.Take{Turn: 1}); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("want ErrUnavailable, got %v", err)
		}
		if n := disk.tries.Load(); n > 1000 {
			t.Fatalf("%d tries in a minute", n)
		}
		disk.on.Store(false)
		pass(5 * time.Second)
		m.stickIs("offered marisol 1")
		if m.state().Seats["jun"].Here {
			t.Fatal("Jun's line went while nothing could be written, and Jun still counts as here")
		}
		pass(10 * time.Second)
		m.stickIs("offered marisol 2") // silence is later
	})
}

// A mute that can't be written is answered, and not tried for ever.
func TestAMuteOnAFullDiskIsAnswered(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		disk := &full{Log: m.log}
		m.log = disk
		m.open()
		fac, _ := m.circle("jun")
		disk.on.Store(true)
		if _, err := fac.asks(room.Mute{Seat: "jun", Minutes: 5}); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("want ErrUnavailable, got %v", err)
		}
		disk.on.Store(false)
		fac.does(room.Mute{Seat: "jun", Minutes: 5})
	})
}

// What ends a room's goroutine is not asked of it for ever, and takes nothing
// else down, also when it lies in wait at the start.
func TestAPoisonRoomIsTriedOnce(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		var poison atomic.Bool
		var tries atomic.Int64
		encode := m.hub.cfg.Encode
		m.hub.cfg.Encode = func(id room.ID, f *room.Frame) []byte {
			if poison.Load() && tries.Add(1) < 100 {
				panic("poison")
			}
			return encode(id, f)
		}
		fac, _ := m.circle("jun")
		poison.Store(true)
		_, err := m.tab("abena", "abena-tab", room.Member, nil)
		var ended *Ended
		if !errors.As(err, &ended) || ended.Reason != RoomFault || tries.Load() != 1 {
			t.Fatalf("got %v after %d tries", err, tries.Load())
		}
		if _, why := fac.hears(); why != RoomFault {
			t.Fatalf("the facilitator's line ended %q", why)
		}
		if _, err := m.tab("abena", "abena-tab", room.Member, nil); err == nil {
			t.Fatal("a room that can't be told of was opened")
		}
		poison.Store(false)
		m.sits("marisol", room.Facilitator)
		m.stickIs("offered marisol 1")
	})
}

// A mute waits for its place in a full mailbox; anything else is told.
func TestAMuteWaitsForAFullMailbox(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle()
		l := fac.s.room
		full := &live{hub: l.hub, cfg: l.cfg, in: make(chan *request), ended: make(chan struct{})}
		go func() {
			<-time.After(time.Second)
			close((<-full.in).done)
		}()
		r := &request{command: room.Command{Do: room.Mute{}}, done: make(chan struct{})}
		if err := full.ask(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := full.ask(t.Context(), &request{command: room.Command{Do: room.Pass{}}}); !errors.Is(err, ErrBusy) {
			t.Fatalf("want ErrBusy, got %v", err)
		}
	})
}

// A room that a fault ended goes on where it was: what was lived through
// before the fault is not taken for an outage.
func TestAFaultTakesNoTimeBack(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		var poison atomic.Bool
		encode := m.hub.cfg.Encode
		m.hub.cfg.Encode = func(id room.ID, f *room.Frame) []byte {
			if poison.CompareAndSwap(true, false) {
				panic("poison")
			}
			return encode(id, f)
		}
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		pass(5 * time.Minute)
		poison.Store(true)
		now := m.now()
		if _, err := m.tab("jun", "tablet", room.Member, now); err == nil {
			t.Fatal("no fault")
		}
		pass(10 * time.Second)
		m.sits("marisol", room.Facilitator)
		if got := m.state().Stick.Clock.Read(time.Now()); got < 5*time.Minute {
			t.Fatalf("the clock shows %v of five minutes", got)
		}
		m.stickIs("held marisol 1")
	})
}

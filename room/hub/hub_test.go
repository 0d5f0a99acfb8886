package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/room"
)

func TestTheHolderComesBackWithinTheGrace(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Pass{Turn: 1})
		p["jun"].does(room.Take{Turn: 2})
		pass(10 * time.Second)
		p["jun"].s.Rise()
		pass(29 * time.Second)
		m.stickIs("held jun 2")
		back := m.sits("jun", room.Member)
		pass(5 * time.Second)
		m.stickIs("held jun 2")
		if got := m.state().Stick.Clock.Read(time.Now()); got != 15*time.Second {
			t.Fatalf("the turn's clock shows %v, want 15s: it stops while the line is down", got)
		}
		for _, f := range must(p["abena"].hears()) {
			if f.Room != nil && f.Room.Stick.At == room.Offered && f.Room.Stick.Seat == "abena" {
				t.Fatal("somebody else was offered the stick meanwhile")
			}
		}
		back.does(room.Say{Turn: 2, Text: "still here"})
	})
}

func must(f []room.Frame, _ Reason) []room.Frame { return f }

func TestTheStickMovesOnAfterTheGrace(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Pass{Turn: 1})
		p["jun"].does(room.Take{Turn: 2})
		p["jun"].s.Rise()
		pass(31 * time.Second)
		m.stickIs("offered abena 3")
	})
}

func TestOneOfTwoTabsCloses(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		second, err := m.tab("marisol", "second-tab", room.Facilitator, nil)
		if err != nil {
			t.Fatal(err)
		}
		fac.does(room.Take{Turn: 1})
		before := m.state().Seq
		fac.s.Rise()
		pass(5 * time.Minute)
		m.stickIs("held marisol 1")
		if got := m.state().Seq; got != before {
			t.Fatalf("closing one of two tabs made an entry: %d, was %d", got, before)
		}
		second.s.Rise()
		pass(time.Second)
		if m.state().Seats["marisol"].Here {
			t.Fatal("the last tab closed, and the seat still counts as here")
		}
	})
}

func TestHolderAndFacilitatorPassAtTheSameMoment(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Pass{Turn: 1})
		p["jun"].does(room.Take{Turn: 2})
		var group sync.WaitGroup
		answers := make([]Answer, 2)
		group.Go(func() { answers[0], _ = p["jun"].s.Do(t.Context(), p["jun"].n+1, room.Pass{Turn: 2}) })
		group.Go(func() { answers[1], _ = fac.s.Do(t.Context(), fac.n+1, room.Skip{Turn: 2}) })
		group.Wait()
		m.stickIs("offered abena 3")
		moved, refused := 0, 0
		for _, a := range answers {
			if a.Seq > 0 {
				moved++
			}
			if a.Refused != nil && a.Refused.Code == room.TurnMoved {
				refused++
			}
		}
		if moved != 1 || refused != 1 {
			t.Fatalf("want one move and one turn-moved, got %+v", answers)
		}
	})
}

func TestThePasserLeavesAfterOffering(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Decline{Turn: 1})
		p["jun"].does(room.Take{Turn: 2})
		p["jun"].does(room.Pass{Turn: 2})
		p["jun"].does(room.Leave{})
		m.stickIs("offered abena 3")
		p["abena"].does(room.Take{Turn: 3})
		if _, why := p["jun"].hears(); why != YouLeft {
			t.Fatalf("who left is told %q", why)
		}
	})
}

// Members do what members do in every order; whenever the facilitator mutes
// or removes one of them, it is done.
func TestMuteAndRemoveNeverLoseARace(t *testing.T) {
	for seed := range uint64(20) {
		meet(t, func(t *testing.T, m *meeting) {
			m.log = &moody{Log: m.log, chance: rand.New(rand.NewPCG(seed, 1)), moved: 3}
			m.hub.Stop()
			m.open()
			safetyMeeting(m, rand.New(rand.NewPCG(seed, 2)))
		})
	}
}

func safetyMeeting(m *meeting, chance *rand.Rand) {
	fac, p := m.circle("a", "b", "c", "d", "e", "f")
	var group sync.WaitGroup
	for name, who := range p {
		acts := make([]room.Act, 10)
		for i := range acts {
			turn := uint64(chance.IntN(20))
			acts[i] = []room.Act{room.Take{Turn: turn}, room.Pass{Turn: turn}, room.Decline{Turn: turn}, room.Later{Turn: turn}, room.Say{Turn: turn, Text: name}}[chance.IntN(5)]
		}
		group.Go(func() {
			for _, a := range acts {
				who.asks(a)
			}
		})
	}
	targets := []room.SeatID{"a", "b", "c", "d", "e", "f"}
	for i := range 50 {
		target := targets[chance.IntN(len(targets))]
		var act room.Act = room.Mute{Seat: target, Minutes: 1 + i%60}
		if i%10 == 9 {
			act = room.Remove{Seat: target}
		}
		if ans, err := fac.asks(act); err != nil || ans.Refused != nil {
			m.t.Errorf("%T in the middle of it all: %v %v", act, ans.Refused, err)
		}
	}
	group.Wait()
}

// moody is a log that now and then answers as if another node had written
// (moved), or loses its answer (lost), or does not answer at all (down).
type moody struct {
	room.Log
	mu     sync.Mutex // guards what follows
	chance *rand.Rand
	moved  int // one append in so many
	lost   int // answers to lose after writing
	failed int // appends to fail before writing
	down   bool
}

var errMoody = errors.New("moody")

func (l *moody) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.down:
		return room.Tail{}, errMoody
	case l.failed > 0:
		l.failed--
		return room.Tail{}, errMoody
	case l.lost > 0:
		l.lost--
		if _, err := l.Log.Append(ctx, id, at, b); err != nil {
			return room.Tail{}, err
		}
		return room.Tail{}, errMoody
	case l.moved > 0 && at.Seq > 0 && l.chance.IntN(l.moved) == 0:
		return room.Tail{Now: b.Now}, room.ErrMoved
	}
	return l.Log.Append(ctx, id, at, b)
}

func (l *moody) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return room.Tail{}, errMoody
	}
	tail, err := l.Log.Read(ctx, id, after)
	for i, e := range tail.Entries { // as a log that keeps no words
		facts, _, splitErr := room.SplitEntry(e)
		if tail.Entries[i], err = room.JoinEntry(facts, nil); splitErr != nil {
			return tail, splitErr
		}
	}
	return tail, err
}

func (l *moody) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

func moodyMeeting(t *testing.T, what func(t *testing.T, m *meeting, l *moody)) {
	meet(t, func(t *testing.T, m *meeting) {
		l := &moody{Log: m.log}
		m.log = l
		m.hub.Stop()
		m.open()
		what(t, m, l)
	})
}

// An append error means unknown: written or not, the words are said once.
func TestAnAppendErrorMeansUnknown(t *testing.T) {
	for name, spoil := range map[string]func(*moody){
		"failed":             func(l *moody) { l.failed = 1 },
		"failed but written": func(l *moody) { l.lost = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			moodyMeeting(t, func(t *testing.T, m *meeting, l *moody) {
				fac, p := m.circle("jun")
				fac.does(room.Take{Turn: 1})
				l.set(func() { spoil(l) })
				ans := fac.does(room.Say{Turn: 1, Text: "once"})
				again, err := fac.s.Do(t.Context(), fac.n, room.Say{Turn: 1, Text: "once"})
				if err != nil || again.Seq != ans.Seq {
					t.Fatalf("a repeat got %+v %v, want the stored answer %+v", again, err, ans)
				}
				if got := words(must(p["jun"].hears())); !slices.Equal(got, []string{"once"}) {
					t.Fatalf("Jun heard %q", got)
				}
			})
		})
	}
}

// The log is away for a minute: nothing is lost, timers stand still, and
// the offer's window is as long as it would have been.
func TestTheLogIsAwayAndComesBack(t *testing.T) {
	moodyMeeting(t, func(t *testing.T, m *meeting, l *moody) {
		fac, p := m.circle("jun")
		pass(80 * time.Second) // of the window of 90
		l.set(func() { l.down = true })
		if _, err := fac.asks(room.Take{Turn: 1}); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("want ErrUnavailable, got %v", err)
		}
		pass(time.Minute)
		l.set(func() { l.down = false })
		pass(5 * time.Second)
		m.stickIs("offered marisol 1")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "back"})
		if got := words(must(p["jun"].hears())); !slices.Equal(got, []string{"back"}) {
			t.Fatalf("Jun heard %q", got)
		}
	})
}

func TestSilenceIsLaterThenAPass(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		fac.does(room.Decline{Turn: 1})
		m.stickIs("offered jun 2")
		pass(91 * time.Second)
		m.stickIs("offered jun 3")
		pass(91 * time.Second)
		m.stickIs("resting  3")
	})
}

func TestRemovedMeansGone(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		tablet, err := m.tab("jun", "tablet", room.Member, nil)
		if err != nil {
			t.Fatal(err)
		}
		fac.does(room.Take{Turn: 1})
		fac.does(room.Remove{Seat: "jun"})
		fac.does(room.Say{Turn: 1, Text: "not for Jun"})
		for _, tab := range []*person{p["jun"], tablet} {
			frames, why := tab.hears()
			if why != WasRemoved || len(words(frames)) > 0 {
				t.Fatalf("ended %q, heard %q", why, words(frames))
			}
			if last := frames[len(frames)-1]; last.You == nil || !last.You.Removed {
				t.Fatalf("the last frame doesn't say it: %+v", last)
			}
			tab.s.Rise()
		}
		p["abena"].hears()
		if _, err := m.tab("jun", "jun-tab", room.Member, nil); refusal(err) != room.YouAreBarred {
			t.Fatalf("coming back: %v", err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if !slices.Equal(m.barred, []room.SeatID{"jun"}) {
			t.Fatalf("barred are %v", m.barred)
		}
	})
}

func refusal(err error) room.Code {
	var r *room.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func TestAClientResumesAndMissesNothing(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "one"})
		synctest.Wait()
		seen := m.now()
		p["jun"].s.Rise()
		fac.does(room.Say{Turn: 1, Text: "two"})
		taken := fac.does(room.Say{Turn: 1, Text: "taken back"})
		fac.does(room.Retract{Seq: taken.Seq})
		back, err := m.tab("jun", "jun-tab", room.Member, seen)
		if err != nil || back.g.Fresh != nil {
			t.Fatalf("resume was not honoured: %v %+v", err, back.g)
		}
		if got := words(must(back.hears())); !slices.Equal(got, []string{"two"}) {
			t.Fatalf("after resuming Jun heard %q", got)
		}
	})
}

// There is no scrollback for latecomers, also not for a forged resume.
func TestNobodyResumesToBeforeTheyCame(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "before"})
		late, err := m.tab("noor", "noor-tab", room.Member, &Point{Epoch: fac.g.Epoch, Seq: 1})
		if err != nil || late.g.Fresh == nil || len(late.g.Missed) > 0 {
			t.Fatalf("a forged resume was honoured: %v %+v", err, late.g)
		}
		if got := words(must(late.hears())); len(got) > 0 {
			t.Fatalf("a latecomer heard %q", got)
		}
	})
}

func TestASlowReaderStartsAgainOnceThenGoes(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Take{Turn: 1})
		p["abena"].hears()
		talk := func() {
			for i := range queueEntries + 1 {
				fac.does(room.Say{Turn: 1, Text: fmt.Sprint(i)})
				p["abena"].hears()
			}
		}
		talk()
		l, err := p["jun"].s.Next(t.Context())
		if err != nil || l.Fresh == nil {
			t.Fatalf("want a fresh state, got %+v %v", l, err)
		}
		talk()
		if _, why := p["jun"].hears(); why != SlowReader {
			t.Fatalf("ended %q, want %q", why, SlowReader)
		}
	})
}

func TestASlowReaderOfBigWordsIsBounded(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		p["jun"].hears()
		for range 20 { // 320 KB, far fewer than queueEntries
			fac.does(room.Say{Turn: 1, Text: strings.Repeat("\U0001F33F", room.MaxWords)})
			fac.hears()
			if q := p["jun"].s.queue; q.bytes > queueBytes {
				t.Fatalf("%d bytes wait, bound %d", q.bytes, queueBytes)
			}
		}
		if l, _ := p["jun"].s.queue.take(); l.Fresh == nil {
			t.Fatal("20 utterances of 16 KB fitted a queue of 256 KiB")
		}
	})
}

// A command that can't be judged is refused and told; the room goes on.
func TestAPoisonCommandHarmsNobody(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		if _, err := p["jun"].s.Do(t.Context(), 1, nil); err == nil {
			t.Fatal("want an error")
		}
		fac.does(room.Take{Turn: 1})
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.faults) != 1 {
			t.Fatalf("faults: %v", m.faults)
		}
	})
}

// The process is killed in the middle of a turn and another takes over ten
// minutes later: same holder, and the graces begin anew.
func TestARestartKeepsTheTurn(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun", "abena")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Pass{Turn: 1})
		p["jun"].does(room.Take{Turn: 2})
		pass(20 * time.Second)
		m.hub.Stop()
		if _, why := p["jun"].hears(); why != ShuttingOff {
			t.Fatalf("ended %q", why)
		}
		died := time.Now()
		pass(10 * time.Minute)
		m.openSince(died)
		m.hub.Wake(t.Context(), here)
		m.stickIs("held jun 2")
		pass(20 * time.Second)
		back := m.sits("jun", room.Member)
		m.sits("marisol", room.Facilitator)
		m.stickIs("held jun 2")
		if got := m.state().Stick.Clock.Read(time.Now()); got != 20*time.Second {
			t.Fatalf("the clock shows %v, want the 20s before the kill", got)
		}
		back.does(room.Say{Turn: 2, Text: "again"})
	})
}

func TestSignalsAreGatheredAndLeaveNoEntry(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		_, p := m.circle("jun", "abena")
		before := m.state().Seq
		for range 50 {
			if r, err := p["jun"].s.Signal(t.Context(), room.React{Kind: room.Snap}); r != nil || err != nil {
				t.Fatal(r, err)
			}
		}
		p["abena"].hears()
		pass(signalsEvery)
		l, _ := p["abena"].s.queue.take()
		if want := []Signal{{Seat: "jun", Kind: room.Snap, Turn: 1}}; !slices.Equal(l.Signals, want) {
			t.Fatalf("Abena sees %v, want %v", l.Signals, want)
		}
		if got := m.state().Seq; got != before {
			t.Fatalf("signals made entries: %d, was %d", got, before)
		}
		if r, _ := p["jun"].s.Signal(t.Context(), room.React{Kind: "boo"}); r == nil || r.Code != room.BadReaction {
			t.Fatalf("boo: %v", r)
		}
	})
}

func TestARoomThatIsOverLetsEverybodyGo(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Close{})
		frames, why := p["jun"].hears()
		if why != RoomOver || frames[len(frames)-1].Room == nil && frames[len(frames)-2].Room == nil {
			t.Fatalf("ended %q with %+v", why, frames)
		}
		if _, err := m.tab("abena", "abena-tab", room.Member, nil); refusal(err) != room.RoomOver {
			t.Fatalf("coming in afterwards: %v", err)
		}
		if m.over != 1 {
			t.Fatalf("told %d times that it is over", m.over)
		}
		pass(3 * idleFor)
		m.hub.mu.Lock()
		defer m.hub.mu.Unlock()
		if len(m.hub.rooms) != 0 {
			t.Fatal("the room is still kept")
		}
	})
}

// A tab whose line hangs comes back on a new one: the old one is let go,
// and the seat was never away.
func TestATabComesBackBeforeItsOldLineIsGone(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		back := m.sits("marisol", room.Facilitator)
		if _, why := fac.hears(); why != Replaced {
			t.Fatalf("the old line ended %q", why)
		}
		fac.s.Rise()
		pass(5 * time.Minute)
		m.stickIs("held marisol 1")
		if back.g.Last != 2 {
			t.Fatalf("the tab's last command is %d, want 2", back.g.Last)
		}
	})
}

func TestAFullMailboxIsAnAnswer(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle()
		synctest.Wait()
		l := fac.s.room
		full := &live{hub: l.hub, cfg: l.cfg, in: make(chan *request), ended: make(chan struct{})}
		if err := full.ask(t.Context(), &request{}); !errors.Is(err, ErrBusy) {
			t.Fatalf("want ErrBusy, got %v", err)
		}
	})
}

// broken is a log that can't read one of its rooms.
type broken struct {
	room.Log
	id room.ID
}

func (l broken) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if id == l.id {
		return room.Tail{}, errMoody
	}
	return l.Log.Read(ctx, id, after)
}

func TestARoomThatCannotBeLoadedKeepsNoOther(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		m.hub.Stop()
		m.log = broken{m.log, "spoilt"}
		m.open()
		m.hub.Wake(t.Context(), "spoilt", here)
		m.sits("marisol", room.Facilitator)
		m.stickIs("held marisol 1")
		if len(m.faults) != 1 || !errors.Is(m.faults[0], errMoody) {
			t.Fatalf("faults: %v", m.faults)
		}
	})
}

// The store that keeps removals is away for a moment: it is told again.
func TestARemovalIsToldUntilItIsKept(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		m.mu.Lock()
		m.noBars = true
		m.mu.Unlock()
		fac.does(room.Remove{Seat: "jun"})
		m.mu.Lock()
		m.noBars = false
		m.mu.Unlock()
		pass(2 * retryLog)
		m.mu.Lock()
		defer m.mu.Unlock()
		if !slices.Equal(m.barred, []room.SeatID{"jun"}) || len(m.faults) == 0 {
			t.Fatalf("barred are %v, faults %v", m.barred, m.faults)
		}
	})
}

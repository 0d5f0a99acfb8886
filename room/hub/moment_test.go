package hub

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hearth/room"
)

// What people do at the very same moment, and who hears of it.

// gated is a log that keeps one append waiting, so that what comes meanwhile
// is decided together.
type gated struct {
	room.Log
	gate chan struct{} // nil: open
}

func (l *gated) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if l.gate != nil && len(b.Entries) > 0 {
		<-l.gate
	}
	return l.Log.Append(ctx, id, at, b)
}

// together has the room decide all of it at once, in the order given.
func (m *meeting) together(first *person, all ...func()) {
	l := m.log.(*gated)
	l.gate = make(chan struct{})
	done := make(chan struct{}, len(all)+1)
	start := func(f func()) {
		go func() { f(); done <- struct{}{} }()
		synctest.Wait()
	}
	name := fmt.Sprint("first ", first.n)
	start(func() { first.does(room.Call{Name: name, Key: name}) })
	for _, f := range all {
		start(f)
	}
	close(l.gate)
	for range len(all) + 1 {
		<-done
	}
	l.gate = nil
}

func gatedMeeting(t *testing.T, what func(t *testing.T, m *meeting)) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		m.log = &gated{Log: m.log}
		m.open()
		what(t, m)
	})
}

// Whoever is removed or leaves hears nothing said after it, also when it
// was decided together with it.
func TestWhoIsGoneHearsNothingSaidInTheSameMoment(t *testing.T) {
	for name, goes := range map[string]func(fac, jun *person){
		"removed": func(fac, _ *person) { fac.does(room.Remove{Seat: "jun"}) },
		"left":    func(_, jun *person) { jun.does(room.Leave{}) },
	} {
		t.Run(name, func(t *testing.T) {
			gatedMeeting(t, func(t *testing.T, m *meeting) {
				fac, p := m.circle("jun", "abena")
				fac.does(room.Take{Turn: 1})
				mod := m.sits("mo", room.Moderator)
				m.together(p["abena"],
					func() { goes(mod, p["jun"]) },
					func() { fac.does(room.Say{Turn: 1, Text: "not for Jun"}) })
				frames, why := p["jun"].hears()
				if len(words(frames)) > 0 {
					t.Fatalf("ended %q and heard %q", why, words(frames))
				}
				if why != WasRemoved && why != YouLeft {
					t.Fatalf("ended %q", why)
				}
				if got := words(must(p["abena"].hears())); !slices.Equal(got, []string{"not for Jun"}) {
					t.Fatalf("Abena heard %q", got)
				}
			})
		})
	}
}

// Somebody who leaves in one tab while another tab arrives is not told that
// they were removed.
func TestLeavingWhileAnotherTabArrivesIsLeaving(t *testing.T) {
	gatedMeeting(t, func(t *testing.T, m *meeting) {
		_, p := m.circle("jun", "abena")
		var tablet *person
		m.together(p["abena"],
			func() { tablet, _ = m.tab("jun", "tablet", room.Member, nil) },
			func() { p["jun"].does(room.Leave{}) })
		if _, why := tablet.hears(); why != YouLeft {
			t.Fatalf("the tablet ended %q, want %q", why, YouLeft)
		}
	})
}

// Words that were taken back before a slow reader took them are not read.
func TestWordsTakenBackLeaveTheQueues(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "one"})
		taken := fac.does(room.Say{Turn: 1, Text: "taken back"})
		fac.does(room.Say{Turn: 1, Text: "two"})
		fac.does(room.Retract{Seq: taken.Seq})
		frames := must(p["jun"].hears())
		if got := words(frames); !slices.Equal(got, []string{"one", "two"}) {
			t.Fatalf("Jun heard %q", got)
		}
		if last := frames[len(frames)-1]; last.Retracted != taken.Seq {
			t.Fatalf("the last frame is %+v", last)
		}
	})
}

// Whoever resumes and missed more than waits for a connection starts from
// scratch: never with a hole in the middle.
func TestResumingLeavesNoHole(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		seen := m.now()
		p["jun"].s.Rise()
		synctest.Wait()
		for range 20 { // 320 KB
			fac.does(room.Say{Turn: 1, Text: strings.Repeat("\U0001F33F", room.MaxWords)})
			fac.hears()
		}
		fac.does(room.Say{Turn: 1, Text: "small"})
		back, err := m.tab("jun", "jun-tab", room.Member, seen)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(words(must(back.hears()))); back.g.Fresh == nil && n != 21 {
			t.Fatalf("resumed with %d of 21 utterances", n)
		}
	})
}

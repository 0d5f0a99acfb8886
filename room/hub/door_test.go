package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/room"
)

// waits brings somebody to the door of a room, by a hub of it.
func (m *meeting) waits(h *Hub, g Guest) *person {
	m.t.Helper()
	g.Role, g.Session, g.Name = room.Member, string(g.Seat)+"-tab", &room.Name{Name: string(g.Seat), Key: string(g.Seat)}
	s, met, err := h.Sit(m.t.Context(), here, g)
	if err != nil {
		m.t.Fatalf("%s: %v", g.Seat, err)
	}
	return &person{m: m, seat: g.Seat, s: s, g: met, n: met.Last}
}

// next is the next load of a person, as a writer gets it.
func (p *person) next() Load {
	p.m.t.Helper()
	ctx, cancel := context.WithTimeout(p.m.t.Context(), time.Second)
	defer cancel()
	l, err := p.s.Next(ctx)
	if err != nil {
		p.m.t.Fatalf("%s waits in vain: %v", p.seat, err)
	}
	return l
}

// Whoever waits hears their own door and nothing else: not what is said, who
// comes, reactions, or what they missed if they resume from where they have
// never been. Once they are let in the room comes by itself, with what was said
// since and nothing said before.
func TestTheDoorHearsNothing(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("canary-jun")
		fac.does(room.Take{Turn: 1})
		early := m.now()
		fac.does(room.Say{Turn: 1, Text: "canary before"})
		wim := m.waits(m.hub, Guest{Seat: "wim", Wait: true, First: true, Resume: early})
		if wim.g.Fresh != nil || len(wim.g.Missed) > 0 || wim.g.Door == nil || !wim.g.Door.Asks {
			t.Fatalf("met at the door with %+v", wim.g)
		}
		fac.does(room.Say{Turn: 1, Text: "canary now"})
		m.sits("canary-abena", room.Member)
		p["canary-jun"].does(room.Call{Name: "canary-name", Key: "canary-name"})
		if no, err := p["canary-jun"].s.Signal(t.Context(), room.React{Kind: room.Heart}); no != nil || err != nil {
			t.Fatal(no, err)
		}
		pass(time.Second)
		if got := m.all(wim); got != "" {
			t.Errorf("heard at the door: %s", got)
		}
		fac.does(room.Tell{Seat: "wim", Text: "Soon."})
		if got := m.all(wim); strings.Contains(got, "canary") || !strings.Contains(got, `"told":"Soon."`) {
			t.Errorf("heard at the door: %s", got)
		}
		if no, err := wim.s.Signal(t.Context(), room.React{Kind: room.Heart}); no == nil || err != nil {
			t.Errorf("a reaction from the door: %v, %v", no, err)
		}
		wim.does(room.Call{Name: "Wim", Key: "wim"})
		fac.does(room.Admit{Seat: "wim"})
		fac.does(room.Say{Turn: 1, Text: "welcome"})
		in := wim.next() // the door has changed; then the room
		for in.Fresh == nil {
			in = wim.next()
		}
		if in.Fresh.Fresh == nil || in.Fresh.Fresh.Seats["wim"] == nil || in.Fresh.Last != 1 {
			t.Fatalf("let in, and met with %+v", in.Fresh)
		}
		frames, _ := wim.hears()
		for _, b := range slices.Concat(in.Fresh.Missed, in.Frames) {
			frames = append(frames, frameOf(t, b))
		}
		if got := words(frames); !slices.Equal(got, []string{"welcome"}) {
			t.Errorf("let in, and heard %q", got)
		}
		wim.does(room.Hand{On: true})
	})
}

// all is everything that waits for a person, as text.
func (m *meeting) all(p *person) string {
	m.t.Helper()
	synctest.Wait()
	l, err := p.s.queue.take()
	if err != nil || l.Fresh == nil && len(l.Frames)+len(l.Signals) == 0 {
		return ""
	}
	b, err := json.Marshal(l)
	if err != nil {
		m.t.Fatal(err)
	}
	all := string(b)
	for _, f := range l.Frames {
		all += string(f)
	}
	return all
}

// How waiting ends, each for a reason that the person is told.
func TestTheEndsOfWaiting(t *testing.T) {
	for want, end := range map[Reason]func(fac, wim *person){
		WasRemoved: func(fac, _ *person) { fac.does(room.Remove{Seat: "wim"}) },
		YouLeft:    func(_, wim *person) { wim.does(room.Leave{}) },
		RoomOver:   func(fac, _ *person) { fac.does(room.Close{}) },
	} {
		meet(t, func(t *testing.T, m *meeting) {
			fac, _ := m.circle("jun")
			wim := m.waits(m.hub, Guest{Seat: "wim", Wait: true})
			end(fac, wim)
			frames, why := wim.hears()
			if why != want || len(frames) > 0 {
				t.Errorf("told %q, want %q, and heard %v", why, want, frames)
			}
			if m.state().DoorView("wim") != nil {
				t.Errorf("%s, and still at the door", want)
			}
		})
	}
}

// Two hundred take the last ten places at once, on two nodes: ten sit, all
// the others wait, each once, and the first of them comes in when one goes.
func TestTwoHundredAtOnceOnTwoNodes(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		m := f.meeting
		m.sits("marisol", room.Facilitator)
		var early []*person
		for i := range 20 {
			early = append(early, m.sits(fmt.Sprint("early-", i), room.Member))
		}
		people := make([]*person, 200)
		var group sync.WaitGroup
		for i := range people {
			h := f.hubs[[]string{"north", "south"}[i%2]]
			group.Go(func() { people[i] = m.waits(h, Guest{Seat: room.SeatID(fmt.Sprint("late-", i))}) })
		}
		group.Wait()
		s := m.state()
		if len(s.Seats) != 31 || len(s.Door) != 190 {
			t.Fatalf("%d sit and %d wait", len(s.Seats), len(s.Door))
		}
		in, out := 0, 0
		for _, p := range people {
			switch {
			case p.g.Door != nil && p.g.Door.Full && room.Waits(s, p.seat):
				out++
			case p.g.Fresh != nil && s.Seats[p.seat] != nil:
				in++
			default:
				t.Errorf("%s is lost: %+v", p.seat, p.g)
			}
		}
		if in != 10 || out != 190 {
			t.Fatalf("%d were met in the room, and %d at the door", in, out)
		}
		for i, w := range s.Door[:5] {
			early[i].does(room.Leave{})
			n := slices.IndexFunc(people, func(p *person) bool { return p.seat == w.Seat })
			synctest.Wait()
			if l := people[n].next(); l.Fresh == nil || l.Fresh.Fresh == nil {
				t.Errorf("%s is the next, and is told %+v", w.Seat, l)
			}
			if m.state().Seats[w.Seat] == nil {
				t.Errorf("%s is the next, and has no place", w.Seat)
			}
		}
	}, "north", "south")
}

// A node ends while people wait at it: who comes back at another keeps their
// place in line, and who doesn't is not waited for.
func TestWaitingOnANodeThatEnds(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		m := f.meeting
		fac := m.sits("marisol", room.Facilitator)
		for _, id := range []room.SeatID{"kim", "lee", "wim"} {
			m.waits(f.hubs["south"], Guest{Seat: id, Wait: true})
		}
		f.declareDead("south", "south-again")
		f.hubs["south"].Stop()
		pass(time.Second)
		m.waits(f.hubs["north"], Guest{Seat: "wim", Wait: true})
		m.waits(f.hubs["north"], Guest{Seat: "kim", Wait: true})
		pass(room.DoorGrace + time.Second)
		var line []room.SeatID
		for _, w := range m.state().Door {
			line = append(line, w.Seat)
		}
		if !slices.Equal(line, []room.SeatID{"kim", "wim"}) {
			t.Errorf("in line: %v", line)
		}
		fac.does(room.Admit{})
		if s := m.state(); len(s.Seats) != 3 || len(s.Door) != 0 {
			t.Errorf("%d sit, %d wait", len(s.Seats), len(s.Door))
		}
	}, "north", "south")
}

// TestTheDoorIsHeardNowAndThen: strangers who come and go, or change their
// names again and again, don't fill the line of whoever keeps the circle, who
// sees the first of it at once and how it ended soon after.
func TestTheDoorIsHeardNowAndThen(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, p := m.circle("jun")
		fac.does(room.Grant{Seat: "jun", Duty: room.Greeter, On: true})
		wim := m.waits(m.hub, Guest{Seat: "wim", Wait: true})
		if seen := m.all(fac); !strings.Contains(seen, "wim") || !strings.Contains(m.all(p["jun"]), "wim") {
			t.Fatalf("the first who waits is seen late: %s", seen)
		}
		loads := 0
		for i := range 100 {
			wim.does(room.Call{Name: fmt.Sprint("Wim ", i), Key: fmt.Sprint("wim ", i)})
			pass(20 * time.Millisecond)
			for _, who := range []*person{fac, p["jun"]} {
				if seen := m.all(who); seen != "" {
					loads++
				}
			}
		}
		if loads > 12 || loads < 4 {
			t.Errorf("in two seconds the two who look after the door had %d frames of it", loads)
		}
		wim.does(room.Call{Name: "Willem", Key: "willem"})
		pass(time.Second)
		if seen, other := m.all(fac), m.all(p["jun"]); !strings.Contains(seen, "Willem") || !strings.Contains(other, "Willem") {
			t.Errorf("and in the end they see %q and %q", seen, other)
		}
	})
}

// TestTheDoorDrownsNoWords: however much goes on at the door, whoever lost the
// line hears what was said meanwhile, but for what was taken back.
func TestTheDoorDrownsNoWords(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		fac, _ := m.circle("jun")
		fac.does(room.Take{Turn: 1})
		left := m.now()
		fac.does(room.Say{Turn: 1, Text: "before"})
		fac.does(room.Say{Turn: 1, Text: "a slip"})
		slip := m.now().Seq
		wim := m.waits(m.hub, Guest{Seat: "wim", Wait: true})
		for i := range backlogSize {
			wim.does(room.Call{Name: fmt.Sprint("Wim ", i), Key: fmt.Sprint("wim ", i)})
		}
		fac.does(room.Retract{Seq: slip})
		fac.does(room.Say{Turn: 1, Text: "after"})
		back, err := m.tab("jun", "jun-tab", room.Member, left)
		if err != nil {
			t.Fatal(err)
		}
		var frames []room.Frame
		for _, b := range back.g.Missed {
			frames = append(frames, frameOf(t, b))
		}
		if got := words(frames); !slices.Equal(got, []string{"before", "after"}) {
			t.Errorf("heard %q", got)
		}
	})
}

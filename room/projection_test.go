package room

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"
)

// world is one way a meeting may go: after a common beginning, something
// happens that is nobody else's concern.
type world struct {
	name string
	do   func(g *gathering) ([]Event, error)
}

// fromTheDesk does something and states why.
func fromTheDesk(a Act, whom SeatID) func(*gathering) ([]Event, error) {
	return func(g *gathering) ([]Event, error) {
		return g.do(Command{By: Actor{Desk: true}, Do: Sanction{Do: a, Seat: whom, Stated: someStatement("d1")}})
	}
}

func by(id SeatID, a Act) func(*gathering) ([]Event, error) {
	return func(g *gathering) ([]Event, error) { return g.by(id, a) }
}

// silence is the offer's window passing, at the time when others answer.
func silence(g *gathering) ([]Event, error) {
	_, c := g.s.Due()
	return g.do(c)
}

// fiveSit begins a circle in which Jun is offered turn 2, three are to come,
// and the window of the offer has just passed.
func fiveSit(t *testing.T) *gathering {
	g := newGathering(DefaultSettings())
	for _, id := range []SeatID{"Marisol", "Jun", "Abena", "Robin", "Sam"} {
		role := Member
		if id == "Marisol" {
			role = Facilitator
		}
		well(t)(g.house(Arrive{Seat: id, Role: role, Name: &Name{Name: string(id), Key: string(id)}}))
	}
	well(t)(g.by("Marisol", Next{}))
	well(t)(g.by("Marisol", Decline{1}))
	g.now = g.now.Add(g.s.Set.OfferWindow)
	return g
}

func well(t *testing.T) func([]Event, error) {
	return func(events []Event, err error) {
		t.Helper()
		if err != nil || len(events) == 0 {
			t.Fatalf("nothing happened: %v", err)
		}
	}
}

// seen is all that goes to those not concerned, from some entry on: the
// shared frames, and what each of them is told for themselves.
func seen(t *testing.T, g *gathering, from uint64, concerned SeatID) string {
	all := ""
	s := &State{}
	for _, e := range g.log {
		s.Apply(e)
		if e.Seq < from {
			continue
		}
		frames := []*Frame{View(s, e, Everybody)}
		for _, id := range s.Order {
			if id != concerned && id != "Marisol" {
				frames = append(frames, View(s, e, Audience{Seat: id}))
			}
		}
		for _, f := range frames {
			if b, err := json.Marshal(f); err != nil {
				t.Fatal(err)
			} else if f != nil {
				all += string(b) + "\n"
			}
		}
	}
	return all
}

// TestNobodyElseSees: in each family of worlds everybody else sees the same
// bytes, now and in what follows.
func TestNobodyElseSees(t *testing.T) {
	families := map[string][]world{
		"an answer to an offer": {
			{"declines", by("Jun", Decline{2})}, {"is silent", silence}, {"later", by("Jun", Later{2})},
			{"is skipped", by("Marisol", Skip{2})}, {"is muted", by("Marisol", Mute{Seat: "Jun", Minutes: 5})},
			{"is muted by the desk", fromTheDesk(Mute{Seat: "Jun", Minutes: 5}, "Jun")},
		},
		"going": {
			{"leaves", by("Abena", Leave{})}, {"is removed", by("Marisol", Remove{"Abena"})},
			{"is removed by the desk", fromTheDesk(Remove{"Abena"}, "Abena")},
		},
		"going when offered": {
			{"leaves", by("Jun", Leave{})}, {"is removed", by("Marisol", Remove{"Jun"})},
			{"is removed by the desk", fromTheDesk(Remove{"Jun"}, "Jun")},
		},
	}
	for name, worlds := range families {
		first := ""
		for i, w := range worlds {
			g := fiveSit(t)
			from := g.s.Seq + 1
			well(t)(w.do(g))
			well(t)(g.house(Arrive{Seat: "Kim", Role: Listener}))
			if g.s.Stick.Seat == "Jun" {
				well(t)(g.by("Jun", Decline{2}))
			}
			well(t)(g.by(g.s.Stick.Seat, Take{g.s.Stick.Turn}))
			got := seen(t, g, from, "Jun")
			if name == "going" {
				got = seen(t, g, from, "Abena")
			}
			if i == 0 {
				first = got
			}
			if got == "" || got != first {
				t.Errorf("%s: %s is seen as\n%snot as %s:\n%s", name, w.name, got, worlds[0].name, first)
			}
		}
	}
}

var numbered = regexp.MustCompile(`"seq":\d+,`)

// TestMuteOfSomebodyWaiting: nobody else can tell a meeting with a mute from
// one without.
func TestMuteOfSomebodyWaiting(t *testing.T) {
	worlds := []string{}
	for _, muted := range []bool{true, false} {
		g := fiveSit(t)
		from := g.s.Seq + 1
		if muted {
			well(t)(g.by("Marisol", Mute{Seat: "Sam", Minutes: 1}))
			if f := View(g.s, g.log[len(g.log)-1], Everybody); f != nil {
				t.Errorf("a mute is told to everybody: %+v", f)
			}
			from++
		}
		well(t)(g.by("Jun", Take{2}))
		well(t)(g.house(Arrive{Seat: "Kim", Role: Member}))
		well(t)(g.by("Jun", Pass{Turn: 2}))
		well(t)(g.by("Abena", Take{3}))
		well(t)(g.house(Drop{Seat: "Kim"}))
		if err := g.pass(2*time.Minute, func(Command, []Event) {}); err != nil {
			t.Fatal(err)
		}
		well(t)(g.by("Abena", Pass{Turn: 3}))
		unmute := regexp.MustCompile(`"at":150000`) // the end of the mute makes an entry of its own
		worlds = append(worlds, numbered.ReplaceAllString(seen(t, g, from, "Sam"), ""))
		if muted != unmute.MatchString(worlds[len(worlds)-1]) {
			t.Errorf("muted %v, and its end is seen: %v", muted, !muted)
		}
	}
	ownFrames := regexp.MustCompile(`\{"at":150000,"you".*\n`) // the same as before: not sent again
	if a := ownFrames.ReplaceAllString(worlds[0], ""); a != worlds[1] {
		t.Errorf("with a mute:\n%swithout:\n%s", a, worlds[1])
	}
}

// TestRemovedLater: whoever was removed before leaving, or has left, leaves
// no further trace.
func TestRemovedLater(t *testing.T) {
	g := fiveSit(t)
	well(t)(g.by("Abena", Leave{}))
	well(t)(g.by("Marisol", Remove{"Abena"}))
	if f := View(g.s, g.log[len(g.log)-1], Everybody); f != nil {
		t.Errorf("everybody sees %+v", f)
	}
	if you := g.s.YouView("Abena"); !you.Removed || g.s.YouView("Robin").Removed {
		t.Error("Abena is not told, or Robin is")
	}
	if k := g.s.KeepView(); len(k.Removed) != 1 {
		t.Errorf("those who look after the circle see %v", k.Removed)
	}
}

// Somebody takes another name, and a node can't read it: it must not go on with
// the name that they have laid down.
func TestANameThatCantBeReadIsNotTheOldOne(t *testing.T) {
	g := newGathering(DefaultSettings())
	well(t)(g.house(Arrive{Seat: "Kim", Role: Member, Name: &Name{Name: "Kim", Key: "kim"}}))
	s := g.s.Clone()
	s.Apply(Entry{Seq: s.Seq + 1, At: g.now, Events: []Event{Named{Seat: "Kim"}}})
	if name := s.Words.Names["Kim"]; name != (Name{}) {
		t.Errorf("Kim is still called %q", name.Name)
	}
}

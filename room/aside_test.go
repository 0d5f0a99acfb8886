package room

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// How scripts speak of asides: "Marisol: aside talk Jun t1" opens one,
// "Jun goes into t1" and "Jun comes out of t1" is what the house tells.
var (
	stepLine = regexp.MustCompile(`^(\w+) (knocks at|goes into|comes out of) (\w+)$`)
	goneLine = regexp.MustCompile(`^(\w+) is gone$`)
)

// asideLine does what the house tells of asides; false: the line is another.
func (m *meeting) asideLine(line string) (bool, error) {
	if line == "the aside is to end" {
		return true, m.came(m.house(Finish{}))
	}
	if p := goneLine.FindStringSubmatch(line); p != nil {
		return true, m.came(m.house(AsideGone{ID: ID(p[1])}))
	}
	p := stepLine.FindStringSubmatch(line)
	if p == nil {
		return false, nil
	}
	id, seat := ID(p[3]), SeatID(p[1])
	do := map[string]Act{"knocks at": Knock{id, seat}, "goes into": StepOut{id, seat}, "comes out of": StepIn{id, seat}}
	return true, m.came(m.house(do[p[2]]))
}

// asideAct reads "talk Jun t1" and "t1".
func asideAct(what Capability, with string) (Act, error) {
	words := strings.Fields(with)
	switch {
	case what == "aside-end":
		return AsideEnd{ID: ID(with)}, nil
	case what != "aside":
		return nil, nil
	case len(words) < 2:
		return nil, errors.New("an aside is of a kind, with somebody, and has a name")
	}
	a := Aside{Kind: AsideKind(words[0]), ID: ID(words[len(words)-1])}
	for _, w := range words[1 : len(words)-1] {
		a.With = append(a.With, SeatID(w))
	}
	return a, nil
}

func tellAside(ev Event) string {
	switch ev := ev.(type) {
	case AsideOpened:
		return fmt.Sprintf("%s asks into %s, a %s for %s", ev.By, ev.ID, ev.Kind, list(ev.Seats))
	case AsideOver:
		return fmt.Sprintf("%s is over%s%s", ev.ID, when(!ev.Began, ", and never began"), when(len(ev.Back) > 0, "; back: "+list(ev.Back)))
	case SteppedOut:
		return fmt.Sprintf("%s is in %s%s", ev.Seat, ev.ID, when(ev.Out, ", and out of the circle"))
	case SteppedIn:
		return fmt.Sprintf("%s is not in %s any more%s", ev.Seat, ev.ID, when(ev.Back, ", and back in the circle"))
	}
	return ""
}

// asidesSound: no aside outlasts its reason, two members are never alone in
// one, and nobody sits in two quiet rooms.
func asidesSound(s *State, _ time.Time) error {
	if len(s.Asides) > MaxAsides || s.Phase == Over && len(s.Asides) > 0 {
		return brokenf("%d asides in phase %s", len(s.Asides), s.Phase)
	}
	pairs, quiet := map[[2]SeatID]bool{}, map[SeatID]bool{}
	for _, a := range s.Asides {
		kept := a.Kind == Talk && s.has(a.By, Greeter)
		for i, id := range a.Seats {
			seat := s.Seats[id]
			if seat == nil {
				return brokenf("%s is gone and in an aside", id)
			}
			kept = kept || seat.Role == Facilitator && !s.restricted(id) || seat.Role == Moderator || s.Chair == id
			if a.Kind == QuietRoom && quiet[id] {
				return brokenf("%s is in two quiet rooms", id)
			}
			quiet[id] = quiet[id] || a.Kind == QuietRoom
			for _, o := range a.Seats[:i] {
				if pairs[[2]SeatID{o, id}] || pairs[[2]SeatID{id, o}] || o == id {
					return brokenf("%s and %s are aside twice", o, id)
				}
				pairs[[2]SeatID{o, id}] = true
			}
		}
		if !kept {
			return brokenf("%v are aside, and nobody of them looks after the circle", a.Seats)
		}
		if n := len(a.Seats); n < 2 || n > MaxAside || a.Kind == Talk && n != 2 || slices.ContainsFunc(a.In, func(id SeatID) bool { return !slices.Contains(a.Seats, id) }) {
			return brokenf("an aside %+v", a)
		}
	}
	return nil
}

// talksWith says with whom somebody could talk aside, written down once more.
func (s *State) talksWith(by SeatID) func(SeatID) bool {
	keeps := func(id SeatID) bool {
		seat := s.Seats[id]
		return seat != nil && (seat.Role == Facilitator && !s.restricted(id) || seat.Role == Moderator || s.Chair == id)
	}
	return func(id SeatID) bool {
		together := slices.ContainsFunc(s.Asides, func(a AsideRoom) bool { return slices.Contains(a.Seats, by) && slices.Contains(a.Seats, id) })
		return id != by && s.Seats[id].Here && !together && s.Set.Aside == "" && (keeps(by) || keeps(id) || s.has(by, Greeter))
	}
}

// someAside is mostly one that there is.
func (w *walker) someAside() AsideRoom {
	return pick(w.rand, append(w.s.Asides, AsideRoom{ID: "none", Seats: []SeatID{w.anyone()}})...)
}

// asideAct is what anybody might do about asides.
func (w *walker) asideAct() Act {
	if w.chance(25) {
		return AsideEnd{w.someAside().ID}
	}
	a := Aside{Kind: pick(w.rand, Talk, Talk, QuietRoom, QuietRoom, "party"), ID: ID(fmt.Sprintf("aside-%d", w.asked)), With: []SeatID{w.anyone()}}
	if w.chance(40) {
		a.With = append(a.With, w.anyone())
	}
	return a
}

// asideStep is what the house tells about asides.
func (w *walker) asideStep() Act {
	a := w.someAside()
	id := pick(w.rand, append(slices.Clone(a.Seats), w.anyone())...)
	return pick[Act](w.rand, StepOut{a.ID, id}, StepOut{a.ID, id}, StepOut{a.ID, id}, StepIn{a.ID, id}, Knock{a.ID, id}, AsideGone{pick(w.rand, a.ID, "none")}, Finish{})
}

// steps: whoever is in a quiet room is out of the circle, as told.
func (w *witness) steps(_ *State, _ Entry, ev Event) error {
	switch ev := ev.(type) {
	case SteppedOut:
		if ev.Out {
			w.out[ev.Seat] = true
			delete(w.owed, ev.Seat)
		}
	case SteppedIn:
		delete(w.out, ev.Seat)
	case AsideOver:
		for _, id := range ev.Back {
			delete(w.out, id)
		}
	case StickOffered:
		if w.out[ev.To] {
			return brokenf("%s has stepped out and is offered the stick", ev.To)
		}
	}
	return nil
}

// TestTalksAreNobodyElsesConcern: what is done about a talk, from its opening
// to its end, sends nothing to anybody else.
func TestTalksAreNobodyElsesConcern(t *testing.T) {
	g := fiveSit(t)
	well(t)(g.house(Arrive{Seat: "Kim", Role: Moderator, Name: &Name{Name: "Kim", Key: "kim"}}))
	from := g.s.Seq + 1
	before := g.s.YouView("Robin")
	steps := 0
	for _, with := range []SeatID{"Jun", "Kim"} {
		for _, do := range []func(*gathering) ([]Event, error){
			by("Marisol", Aside{Kind: Talk, With: []SeatID{with}, ID: "t1"}),
			func(g *gathering) ([]Event, error) { return g.house(StepOut{"t1", "Marisol"}) },
			func(g *gathering) ([]Event, error) { return g.house(StepOut{"t1", with}) },
			func(g *gathering) ([]Event, error) { return g.house(StepIn{"t1", with}) },
			by(with, AsideEnd{ID: "t1"}),
		} {
			well(t)(do(g))
			steps++
			if f := View(g.s, g.log[len(g.log)-1], Everybody); f != nil {
				t.Errorf("step %d is told to everybody: %+v", steps, f)
			}
			if you := g.s.YouView("Robin"); fmt.Sprint(*you) != fmt.Sprint(*before) {
				t.Errorf("step %d: Robin sees %+v", steps, you)
			}
		}
	}
	for n, id := range []SeatID{"Abena", "Sam", "Kim"} {
		well(t)(g.by("Marisol", Aside{Kind: Talk, With: []SeatID{id}, ID: ID("t2" + id)}))
		if you := g.s.YouView("Robin"); fmt.Sprint(*you) != fmt.Sprint(*before) {
			t.Errorf("with %d talks Robin sees %+v", n+1, you)
		}
		steps++
	}
	if n := g.s.Seq + 1 - from; int(n) != steps || steps != 13 {
		t.Errorf("%d entries for %d steps", n, steps)
	}
}

// TestAModeratorsTalkIsNotTheFacilitators: what somebody tells a moderator may
// be about the facilitator.
func TestAModeratorsTalkIsNotTheFacilitators(t *testing.T) {
	g := fiveSit(t)
	well(t)(g.house(Arrive{Seat: "Kim", Role: Moderator}))
	well(t)(g.by("Jun", Aside{Kind: Talk, With: []SeatID{"Kim"}, ID: "t1"}))
	well(t)(g.by("Robin", Aside{Kind: Talk, With: []SeatID{"Marisol"}, ID: "t2"}))
	if k := g.s.KeepView().Asides; len(k) != 1 || k[0].ID != "t2" {
		t.Errorf("those who look after the circle see %+v", k)
	}
	for id, want := range map[SeatID]ID{"Jun": "t1", "Kim": "t1", "Robin": "t2", "Marisol": "t2"} {
		if list := g.s.YouView(id).Asides; len(list) != 1 || list[0].ID != want {
			t.Errorf("%s sees %+v, want %s", id, list, want)
		}
	}
}

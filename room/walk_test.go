package room

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	steps = flag.Int("steps", 100_000, "random steps of the walk")
	seed  = flag.Uint64("seed", 1, "where the walk begins")
)

// walker does things at random in a gathering: what people do, what they
// should not be able to do, and what lines and clocks do to them.
type walker struct {
	*gathering
	rand  *rand.Rand
	ids   []SeatID
	tally map[string]int // events and refusals that came up
	stern bool           // nobody is readmitted
}

func newWalker(r *rand.Rand, tally map[string]int) *walker {
	set := DefaultSettings()
	set.MaxSeats = []int{3, 8, 12, 30}[r.IntN(4)]
	set.TurnTime = []time.Duration{0, 3 * time.Minute}[r.IntN(2)]
	set.MaxLife = []time.Duration{30 * time.Minute, 12 * time.Hour}[r.IntN(2)]
	if r.IntN(3) > 0 {
		set.Agenda = walkAgenda(r)
	}
	w := &walker{gathering: newGathering(set), rand: r, tally: tally}
	w.thrift = 16
	for i := range set.MaxSeats + 4 {
		w.ids = append(w.ids, SeatID(fmt.Sprintf("%08x-7a4e-4c11-9d2e-%012x", r.Uint32(), i)))
	}
	return w
}

// walkAgenda draws an agenda.
func walkAgenda(r *rand.Rand) []Stage {
	names := []string{"open", "quiet", "lead", "ring", "reversed", "hands", "least", "nominate", "random", "soft", "hard", "split", "twice", "on", "show"}
	var stages []string
	for range 1 + r.IntN(5) {
		stages = append(stages, fmt.Sprintf("%s%d", pick(r, names...), 1+r.IntN(12)))
	}
	stages = append(stages, "closing5", "open")
	agenda, err := agendaOf(strings.Join(stages, ","))
	if err != nil {
		panic(err)
	}
	return agenda
}

// role says which part a seat plays: of the first four one listens, one
// keeps, one helps.
func (w *walker) role(id SeatID) Role {
	i := 0
	fmt.Sscanf(string(id[24:]), "%x", &i)
	switch i {
	case 0, 4:
		return Facilitator
	case 1:
		return Listener
	case 2:
		return Moderator
	}
	return Member
}

func (w *walker) chance(percent int) bool { return w.rand.IntN(100) < percent }

// anyone is mostly somebody who sits here.
func (w *walker) anyone() SeatID {
	id := pick(w.rand, w.ids...)
	for range 20 {
		if w.s.Seats[id] != nil || w.chance(2) {
			break
		}
		id = pick(w.rand, w.ids...)
	}
	return id
}

// turn is mostly the present one.
func (w *walker) turn() uint64 {
	if w.chance(15) {
		return w.s.Stick.Turn - min(w.s.Stick.Turn, uint64(1+w.rand.IntN(3))) + uint64(w.rand.IntN(2))*2
	}
	return w.s.Stick.Turn
}

// step does one thing. The error is a broken promise.
func (w *walker) step() error {
	n := w.rand.IntN(100)
	switch {
	case n == 40 && w.chance(60):
		return w.judge(w.do(w.fromDesk()))
	case n < 12:
		return w.judge(w.house(w.arrival()))
	case n < 15 && w.chance(40):
		return w.judge(w.house(w.asideStep()))
	case n < 16:
		return w.judge(w.house(Drop{Seat: pick(w.rand, w.anyone(), w.anyone(), w.atDoor()), Node: w.node()}))
	case n < 17 && len(w.s.Door) > 0:
		return w.judge(w.do(Command{By: Actor{Seat: w.atDoor()}, Do: pick[Act](w.rand, w.act(), w.act(), w.keeping().Do, Call{Name: "Kim", Key: "kim"}, Leave{})}))
	case n < 45:
		return w.judge(w.do(w.likely()))
	case n < 75:
		return w.judge(w.do(Command{By: Actor{Seat: w.anyone()}, Do: w.act()}))
	case n < 80:
		return w.judge(w.do(w.keeping()))
	case n < 82:
		return w.judge(w.house(w.timer()))
	case n < 83 && w.chance(60):
		return w.judge(w.house(pick[Act](w.rand, Lost{Node: w.node()}, Bar{Seats: []SeatID{w.anyone()}}, Rekey{Was: w.s.Kid, Kid: w.node()})))
	case n < 83:
		d := time.Duration(w.rand.IntN(40)) * time.Second
		w.now = w.now.Add(d)
		if err := w.judge(w.house(Outage{From: w.now.Add(-d), To: w.now})); err != nil {
			return err
		}
		return w.pass(0, w.told)
	}
	longest := []time.Duration{5 * time.Second, 100 * time.Second, 10 * time.Minute}[min(w.rand.IntN(24)/11, 2)]
	return w.pass(time.Duration(w.rand.Int64N(int64(longest))), w.told)
}

func (w *walker) told(_ Command, events []Event) { w.count(events) }

func (w *walker) count(events []Event) {
	for _, ev := range events {
		w.tally[reflect.TypeOf(ev).Name()]++
	}
}

// judge lets refusals be and keeps count.
func (w *walker) judge(events []Event, err error) error {
	w.count(events)
	var repeat *Repeat
	switch code := codeOf(err); {
	case code != "":
		w.tally[string(code)]++
		return nil
	case errors.As(err, &repeat):
		w.tally["Repeat"]++
		return nil
	}
	return err
}

func (w *walker) arrival() Act {
	id := pick(w.rand, w.ids...)
	a := Arrive{Seat: id, Role: w.role(id), Listen: w.chance(10), Node: w.node(), Wait: w.chance(12), First: w.chance(30), Deputy: w.chance(5)}
	if w.chance(80) {
		name := string(id[20:])
		if w.chance(5) {
			name = "Sam"
		}
		a.Name = &Name{Name: name, Key: strings.ToLower(name)}
	}
	return a
}

// node is where a line ends, now and then nowhere in particular.
func (w *walker) node() string { return pick(w.rand, "", "north", "north", "south", "east") }

// likely is what the person with the stick, or somebody in their place,
// would do next.
func (w *walker) likely() Command {
	st := w.s.Stick
	c := Command{By: Actor{Seat: st.Seat}}
	switch {
	case w.s.Support != nil && w.chance(20): // what it waits for
		c.By.Seat, c.Do = w.s.Support.Seat, Consent{Yes: w.chance(90)}
		if w.s.Support.Agreed {
			c.By.Seat, c.Do = w.keeper(), Rally{w.s.Support.Seat}
		}
	case st.At == Offered:
		c.Do = pick[Act](w.rand, Take{w.turn()}, Take{w.turn()}, Decline{w.turn()}, Later{w.turn()}, Listen{On: true})
	case st.At == InHand && w.chance(10):
		c.By.Seat = w.keeper()
		c.Do = MoreTime{w.turn(), 1}
	case st.At == InHand && w.chance(5):
		c.Do = w.agendaAct()
	case st.At == InHand:
		c.Do = pick[Act](w.rand, Pass{Turn: w.turn()}, Say{Turn: w.turn(), Text: "words"}, Type{})
	default:
		c.By.Seat = w.keeper()
		c.Do = Next{w.turn()}
		if w.chance(25) {
			c.Do = w.agendaAct()
		}
	}
	if seat := w.s.Seats[c.By.Seat]; seat != nil && w.chance(50) {
		c.Session = fmt.Sprintf("tab-%022d", w.rand.IntN(7))[:22]
		c.N = seat.Receipt(c.Session).N + uint64(1-w.rand.IntN(10)/8+w.rand.IntN(20)/19)
	}
	return c
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// keeper is somebody who keeps the circle or might.
func (w *walker) keeper() SeatID {
	who := append([]SeatID{w.s.Chair, w.ids[0], w.ids[2], w.ids[4]}, w.s.Deputies...)
	id := pick(w.rand, who...)
	for range 4 {
		if w.s.Seats[id] == nil {
			id = pick(w.rand, who...)
		}
	}
	return id
}

// act is anything that comes over the wire.
func (w *walker) act() Act {
	acts := []Act{
		Take{w.turn()}, Decline{w.turn()}, Later{w.turn()}, Pass{Turn: w.turn()}, Say{Turn: w.turn(), Text: "words"}, Say{Turn: w.turn()},
		Listen{On: w.chance(40)}, Listen{On: false}, w.lastWords(),
		React{Kind: Nod}, React{Kind: "boo"}, Type{}, Call{Name: "Sam", Key: "sam"}, TakeChair{},
		w.agendaAct(), w.agendaAct(), w.asideAct(), w.keeping().Do, React{Kind: Snap}, Say{Turn: w.turn(), Text: "words"}, Type{}, Call{Name: "Robin", Key: "robin"}, Guard{Text: "words"},
	}
	if w.chance(4) {
		return Leave{Fine: w.chance(50)}
	}
	return pick(w.rand, acts...)
}

// atDoor is somebody who waits, if anybody does.
func (w *walker) atDoor() SeatID {
	if len(w.s.Door) == 0 || w.chance(10) {
		return w.anyone()
	}
	return w.s.Door[w.rand.IntN(len(w.s.Door))].Seat
}

// agendaAct is what anybody might do with hands, wishes and tonight's agenda.
func (w *walker) agendaAct() Act {
	g := pick(w.rand, append(w.s.Agenda, Stage{ID: 99})...)
	acts := []Act{
		Hand{On: w.chance(60)}, Hand{On: true}, SetWish{w.turn(), pick(w.rand, WishListen, WishIdeas, "more")}, Consent{Yes: w.chance(60)},
		Move{w.anyone(), w.anyone()}, Rally{w.anyone()}, Grant{w.anyone(), pick(w.rand, Timekeeper, Reader, "cook"), w.chance(70)}, Remind{},
		HandOver{w.anyone()}, Extend{w.rand.IntN(4)}, Go{From: w.s.Now.Stage, To: g.ID}, Go{From: g.ID, To: 1},
		Pass{Turn: w.turn(), To: w.anyone()}, Say{Turn: w.turn(), Text: "words", Note: "about words"},
		Show{w.turn(), Picture{Name: fmt.Sprint(w.asked), Type: "image/png", W: 4, H: 3, Key: []byte("key")}, "a hill"},
	}
	if w.chance(10) {
		plan := Plan{Rev: w.s.Plan - w.rand.IntN(5)/4}
		for _, g := range w.s.Agenda[w.s.stageAt(w.s.Now.Stage)+1:] {
			if g.Closing || w.chance(90) {
				plan.Stages = append(plan.Stages, PlanStage{ID: g.ID, Minutes: w.rand.IntN(15), Title: pick(w.rand, "", "typed")})
			}
		}
		if len(plan.Stages) < MaxStages/2 && w.chance(50) {
			plan.Stages = append([]PlanStage{{Kind: pick(w.rand, KindOpen, KindQuiet), Minutes: 2}}, plan.Stages...)
		}
		return plan
	}
	return pick(w.rand, acts...)
}

// lastWords takes back the newest words there are, whoever said them.
func (w *walker) lastWords() Act {
	if n := len(w.s.Words.Recent); n > 0 {
		return Retract{Seq: w.s.Words.Recent[n-1].Seq}
	}
	return Retract{Seq: w.s.Seq}
}

// keeping is what somebody who keeps the circle might do.
func (w *walker) keeping() Command {
	minutes := w.rand.IntN(4)
	acts := []Act{
		Next{w.turn()}, Offer{w.turn(), w.anyone()}, Skip{w.turn()}, Lay{w.turn()}, MoreTime{w.turn(), minutes},
		OpenFloor{w.turn()}, Mute{Seat: w.anyone(), Minutes: 1 + minutes}, Mute{Seat: w.s.Stick.Seat, Minutes: 1 + minutes}, Mute{Seat: w.anyone(), Minutes: minutes}, Unmute{w.anyone()},
		NameDeputy{w.anyone(), w.chance(70)}, TakeChair{}, Guard{Text: "words"}, w.agendaAct(), w.agendaAct(), w.agendaAct(), w.asideAct(), w.asideAct(),
		Admit{}, Admit{w.atDoor()}, Admit{w.atDoor()}, Tell{w.atDoor(), pick(w.rand, "soon", "in a minute")},
	}
	switch w.rand.IntN(100) / 2 {
	case 0, 1, 2:
		acts = []Act{SetHold{Why: HoldBreath}}
	case 3, 4:
		acts = []Act{Remove{w.anyone()}, Remove{w.s.Stick.Seat}, Remove{w.atDoor()}}
	case 5:
		acts = []Act{Remove{w.anyone()}, Release{}, Release{}, Release{}, Close{}}
	}
	if w.s.Hold != nil && w.chance(50) {
		acts = []Act{Release{}}
	}
	return Command{By: Actor{Seat: w.keeper()}, Do: pick(w.rand, acts...)}
}

// timer is one that may mean another turn, or nothing.
func (w *walker) timer() Act {
	return Timer{What: pick(w.rand, OfferUp, AwayUp, TimeUp, MuteUp, AskHold, SeatUp, CareUp, EndUp, LifeUp, HardUp, FirmUp, BellUp, LastUp, DoorUp), Turn: w.turn(), Seat: w.anyone()}
}

// lookRound looks closely now and then: at what somebody can do, at what is
// stored, and that looking after the circle is never refused.
func (w *walker) lookRound() error {
	if w.asked%w.thrift != 0 || w.s.Phase == Over {
		return nil
	}
	for _, id := range []SeatID{w.anyone(), w.atDoor()} {
		if err := canIsTrue(w.s, w.now, id); err != nil {
			return err
		}
	}
	w.most("most seats", len(w.s.Seats))
	if stored, _, err := SplitState(w.s); err != nil || len(stored) > 32<<10+80*len(w.s.Door) {
		return brokenf("the state takes %d bytes: %v", len(stored), err)
	}
	w.most("most entries", len(w.log))
	return safetyHolds(w.s, w.now, w.keeper(), w.anyone())
}

func (w *walker) most(what string, n int) { w.tally[what] = max(w.tally[what], n) }

// safetyHolds: a facilitator mutes or removes a member, whatever else goes
// on (rule 10).
func safetyHolds(s *State, now time.Time, by, whom SeatID) error {
	keeper, seat := s.Seats[by], s.Seats[whom]
	if keeper == nil || seat == nil || !s.keeps(by) || s.keeps(whom) || seat.Role == Moderator {
		return nil
	}
	for _, do := range []Act{Mute{Seat: whom, Minutes: MaxMuteMinutes}, Remove{whom}, SetHold{Why: HoldCare}, Close{}} {
		if _, err := s.Decide(now, Command{By: Actor{Seat: by}, Do: do}); err != nil {
			return brokenf("%T of %s was refused: %v", do, whom, err)
		}
	}
	return nil
}

// TestWalk does a hundred thousand things at random, in rooms of 3 to 30.
func TestWalk(t *testing.T) {
	tally := map[string]int{}
	r := rand.New(rand.NewPCG(*seed, 0))
	for done := 0; done < *steps; {
		start := done
		w := newWalker(rand.New(rand.NewPCG(r.Uint64(), 1)), tally)
		for range 2000 {
			done++
			if err := errors.Join(w.step(), w.lookRound()); err != nil {
				t.Fatalf("seed %d, meeting from step %d, step %d: %v\n%s", *seed, start, done, err, w.story(12))
			}
			if w.s.Phase == Over {
				break
			}
		}
		if err := w.replayed(); err != nil {
			t.Fatalf("seed %d, meeting from step %d: %v", *seed, start, err)
		}
	}
	for kind, ty := range kinds {
		if tally[ty.Name()] == 0 && kind != "begun" {
			t.Errorf("in %d steps it never came to %q", *steps, kind)
		}
	}
	if tally["most seats"] < 30 {
		t.Errorf("never more than %d seats", tally["most seats"])
	}
	t.Log(tally)
}

// story tells the newest entries.
func (g *gathering) story(last int) string {
	var b strings.Builder
	for _, e := range g.log[max(0, len(g.log)-last):] {
		fmt.Fprintf(&b, "%s #%d by %s\n", clock(e.At), e.Seq, e.By)
		for _, ev := range e.Events {
			fmt.Fprintf(&b, "    %s\n", tell(ev))
		}
	}
	return b.String() + strings.Join(tellState(g.s, g.now), "\n")
}

// TestSafetyInTheMiddle: in a thousand meetings, in the middle of whatever
// goes on, a facilitator mutes or removes a member, and it is so.
func TestSafetyInTheMiddle(t *testing.T) {
	done := 0
	for i := uint64(0); done < 1000; i++ {
		w := newWalker(rand.New(rand.NewPCG(i, *seed)), map[string]int{})
		by, whom := w.ids[0], w.ids[3]
		asked := Act(Mute{Seat: whom, Minutes: 5})
		if i%2 == 1 {
			asked = Remove{whom}
		}
		was, err := w.middle(by, whom, asked)
		if err != nil {
			t.Fatalf("meeting %d, %T: %v\n%s", i, asked, err, w.story(6))
		}
		if was {
			done++
		}
	}
}

// middle is false if the two can't sit in the room together.
func (w *walker) middle(by, whom SeatID, asked Act) (bool, error) {
	for range 10 + w.rand.IntN(60) {
		if err := w.step(); err != nil {
			return false, err
		}
	}
	for _, id := range []SeatID{by, whom} { // both may have left or dropped
		if w.s.Phase == Over || w.s.barred(id) {
			return false, nil
		}
		if _, err := w.house(Arrive{Seat: id, Role: w.role(id)}); codeOf(err) == RoomFull || w.s.Seats[id] == nil {
			return false, nil
		}
	}
	if w.s.restricted(by) {
		return false, nil
	}
	if _, err := w.by(by, asked); err != nil {
		return true, err
	}
	if !w.s.muted(whom) && !w.s.barred(whom) {
		return true, errors.New("it did not come about")
	}
	for range 10 {
		if err := w.step(); err != nil {
			return true, err
		}
	}
	return true, nil
}

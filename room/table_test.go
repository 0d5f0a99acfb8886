package room

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	allRoles  = []Role{Waiting, Listener, Member, Deputy, Facilitator, Moderator, House, Desk}
	allPhases = []Phase{Gathering, Circle, Held, Over}
	// player is who plays which part in the rooms of this file.
	player = map[Role]SeatID{Listener: "Ola", Member: "Jun", Deputy: "Abena", Facilitator: "Marisol", Moderator: "Mo", Waiting: "Wim"}
)

// TestCapabilityTable shows the table for review: the first letters of the
// phases in which a role may do a thing.
func TestCapabilityTable(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "# g gathering, c circle, h held, o over\n%-12s", "")
	for _, r := range allRoles {
		fmt.Fprintf(&b, "%-12s", r)
	}
	for _, c := range Capabilities() {
		fmt.Fprintf(&b, "\n%-12s", c)
		for _, r := range allRoles {
			cell := ""
			for _, p := range allPhases {
				if May(c, r, p) {
					cell += string(p)[:1] + " "
				}
			}
			fmt.Fprintf(&b, "%-12s", cell+when(cell == "", "-"))
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/capabilities.txt"
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table has changed:\n%s", differences(string(want), got))
	}
}

// TestEveryCell asks Decide about every capability, role and phase.
func TestEveryCell(t *testing.T) {
	for _, c := range Capabilities() {
		for _, role := range allRoles {
			for _, phase := range allPhases {
				t.Run(fmt.Sprintf("%s/%s/%s", c, role, phase), func(t *testing.T) { tryCell(t, c, role, phase) })
			}
		}
	}
}

func tryCell(t *testing.T, c Capability, role Role, phase Phase) {
	g := roomFor(t, c, role, phase)
	who := Actor{Seat: player[role], House: role == House, Desk: role == Desk}
	if is, _ := g.s.part(who.Seat); who.Seat != "" && is != role && phase != Over || g.s.PhaseNow() != phase {
		t.Fatalf("the room is not as meant: %s in %s", is, g.s.PhaseNow())
	}
	do := sample(g.s, who.Seat, c)
	if do == nil {
		do = onJun[c] // the asker has nobody to do it to
	}
	_, err := g.do(Command{By: who, Do: do})
	if isBroken(err) {
		t.Fatal(err)
	}
	code, fromTable := codeOf(err), []Code{NotYours, NotNow, RoomHeld, RoomOver}
	switch {
	case May(c, role, phase):
		if slices.Contains(fromTable, code) {
			t.Errorf("the table says yes, Decide says %s", code)
		}
		return
	case phase == Over && code == RoomOver:
	case phase != Over && len(table[c][role]) == 0 && code == NotYours:
	case phase == Held && len(table[c][role]) > 0 && code == RoomHeld:
	case phase != Over && phase != Held && len(table[c][role]) > 0 && code == NotNow:
	default:
		t.Errorf("the table says no, Decide says %q", code)
	}
	if phase != Over && !May(c, role, phase) && who.Seat != "" && g.s.Can(who.Seat, c) {
		t.Error("the table says no, Can says yes")
	}
}

var onJun = map[Capability]Act{
	"mute": Mute{Seat: "Jun", Minutes: 5}, "unmute": Unmute{"Jun"}, "remove": Remove{"Jun"}, "offer": Offer{1, "Jun"}, "deputy": NameDeputy{"Jun", true},
	"hand-over": HandOver{"Marisol"}, "move": Move{Seat: "Jun"}, "support": Rally{"Jun"}, "admit": Admit{"Jun"}, "tell": Tell{"Wim", "soon"}, "aside": Aside{Kind: Talk, With: []SeatID{"Jun"}, ID: "t1"}, "grant": Grant{"Jun", Reader, true},
}

// roomFor makes a room in a phase where somebody of a role could do c if the
// table lets them: the stick is where c needs it.
func roomFor(t *testing.T, c Capability, role Role, phase Phase) *gathering {
	t.Helper()
	set := DefaultSettings()
	set.TurnTime = time.Minute
	set.Agenda = []Stage{{ID: 1, Kind: KindRound, Order: OrderRing, Rounds: 1, Turn: time.Minute, Images: true, Time: time.Hour},
		{ID: 2, Kind: KindRound, Order: OrderRing, Rounds: 1, Closing: true}}
	g := newGathering(set)
	must := func(_ []Event, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []Role{Facilitator, Member, Listener, Moderator} {
		must(g.house(Arrive{Seat: player[r], Role: r}))
	}
	must(g.house(Arrive{Seat: player[Deputy], Role: Member}))
	must(g.by("Marisol", NameDeputy{Seat: "Abena", On: true}))
	must(g.house(Arrive{Seat: player[Waiting], Role: Member, Wait: true}))
	if phase == Gathering {
		return g
	}
	must(g.by("Marisol", Next{}))
	who := player[role]
	if !g.s.inRing(who) {
		who = "Jun"
	}
	if who != "Marisol" {
		must(g.by("Marisol", Offer{Turn: 1, Seat: who}))
	}
	switch c {
	case "pass", "say", "typing", "retract", "more-time", "show":
		must(g.by(who, Take{g.s.Stick.Turn}))
		must(g.by(who, Say{Turn: g.s.Stick.Turn, Text: "words"}))
	case "next":
		must(g.by("Marisol", Lay{g.s.Stick.Turn}))
	}
	switch phase {
	case Held:
		must(g.by("Mo", SetHold{Why: HoldCare}))
	case Over:
		must(g.by("Marisol", Close{}))
	}
	return g
}

// sample is c with the right words, turn and person for somebody who can do
// it now; nil if there is nobody to do it to.
func sample(s *State, by SeatID, c Capability) Act {
	turn := s.Stick.Turn
	if do := sampleOfSeat(s, by, c); do != nil {
		return do
	}
	switch c {
	case "offer":
		return onSomebody(s, func(id SeatID) bool { return s.ready(id) }, func(id SeatID) Act { return Offer{turn, id} })
	case "mute":
		return onSomebody(s, s.below(by), func(id SeatID) Act { return Mute{Seat: id, Minutes: 5} })
	case "unmute":
		return onSomebody(s, s.below(by), func(id SeatID) Act { return Unmute{id} })
	case "remove":
		return onSomebody(s, s.below(by), func(id SeatID) Act { return Remove{id} })
	case "deputy":
		if len(s.Deputies) == MaxDeputies {
			return NameDeputy{Seat: s.Deputies[0]}
		}
		return onSomebody(s, func(id SeatID) bool { return s.Seats[id].Role == Member && !s.restricted(id) }, func(id SeatID) Act { return NameDeputy{id, true} })
	case "hand-over":
		return onSomebody(s, func(id SeatID) bool {
			seat := s.Seats[id]
			return seat.Here && !s.muted(id) && !s.restricted(id) && (seat.Role == Facilitator || seat.Role == Member && s.keeps(by) && len(s.Deputies) < MaxDeputies)
		}, func(id SeatID) Act { return HandOver{id} })
	case "move":
		return onSomebody(s, func(id SeatID) bool {
			return s.Round.Going && s.placeOf(id).Seat != "" && s.Round.Order != OrderLeast || !s.Round.Going && slices.Contains(s.Order, id)
		}, func(id SeatID) Act { return Move{Seat: id} })
	case "support":
		return onSomebody(s, s.inRing, func(id SeatID) Act { return Rally{id} })
	case "grant":
		return onSomebody(s, func(id SeatID) bool {
			return slices.Contains(s.Order, id) && (s.has(id, Reader) || s.withDuty(Reader) < MaxOfDuty)
		},
			func(id SeatID) Act { return Grant{id, Reader, !s.has(id, Reader)} })
	case "admit", "tell":
		return sampleAtDoor(s, c)
	case "stage":
		for _, g := range s.Agenda {
			if g.ID != s.Now.Stage && g.ID != s.Now.Moving {
				return Go{From: s.Now.Stage, To: g.ID}
			}
		}
		return nil
	case "plan":
		return samplePlan(s)
	case "aside":
		return onSomebody(s, s.talksWith(by), func(id SeatID) Act { return Aside{Kind: Talk, With: []SeatID{id}, ID: "t1"} })
	case "aside-end":
		if len(s.Asides) > 0 {
			return AsideEnd{s.Asides[0].ID}
		}
		return AsideEnd{}
	case "knock":
		return Knock{}
	case "step-out":
		return StepOut{}
	case "step-in":
		return StepIn{}
	case "aside-gone":
		return AsideGone{}
	case "finish":
		return Finish{}
	case "arrive":
		return Arrive{Seat: "Sam", Role: Member}
	case "drop":
		return Drop{Seat: "Jun"}
	case "timer":
		return Timer{What: LifeUp}
	case "outage":
		return Outage{From: s.At, To: s.At.Add(time.Second)}
	case "lost":
		return Lost{Node: "north"}
	case "bar":
		return Bar{Seats: []SeatID{"Jun"}}
	case "rekey":
		return Rekey{Was: s.Kid, Kid: s.Kid + "'"}
	}
	return nil
}

func sampleOfSeat(s *State, by SeatID, c Capability) Act {
	if c == "retract" {
		for _, u := range s.Words.Recent {
			if u.Seat == by {
				return Retract{u.Seq}
			}
		}
		return Retract{}
	}
	listening := s.Seats[by] == nil || s.Seats[by].Listening || s.Seats[by].Role == Listener
	acts := []Act{
		Take{s.Stick.Turn}, Decline{s.Stick.Turn}, Later{s.Stick.Turn}, Pass{Turn: s.Stick.Turn}, Say{Turn: s.Stick.Turn, Text: "words"},
		Listen{On: !listening}, React{Kind: Heart}, Type{}, Call{Name: "Quinn", Key: "quinn of " + string(by)}, Leave{},
		Next{s.Stick.Turn}, Skip{s.Stick.Turn}, Lay{s.Stick.Turn}, MoreTime{s.Stick.Turn, 1}, OpenFloor{s.Stick.Turn},
		SetHold{Why: HoldCare}, Release{}, Guard{"words"}, TakeChair{}, Close{},
		SetWish{s.Stick.Turn, WishIdeas}, Hand{On: s.Seats[by] == nil || s.Seats[by].Hand == 0}, Consent{Yes: true}, Extend{1}, Remind{},
		Show{s.Stick.Turn, Picture{Name: "p", Type: "image/png", W: 4, H: 3, Key: []byte("key")}, "a hill"},
		Warn{"Jun"}, TakeStick{"Jun"}, Restrict{"Marisol", true}, Readmit{"Jun"}, Withdraw{"Jun", "d1"},
	}
	if c == "wish" && s.Stick.Wish == WishIdeas {
		return SetWish{s.Stick.Turn, WishListen}
	}
	if i := slices.IndexFunc(acts, func(a Act) bool { return a.Can() == c }); i >= 0 {
		return acts[i]
	}
	return nil
}

// sampleAtDoor is something for somebody who waits; nil if nobody does.
func sampleAtDoor(s *State, c Capability) Act {
	for _, w := range s.Door {
		if c == "tell" {
			return Tell{w.Seat, "soon, " + s.Words.Told[w.Seat]}
		}
		if w.Asks {
			return Admit{w.Seat}
		}
	}
	return nil
}

// samplePlan makes what is still to come of the agenda a minute longer.
func samplePlan(s *State) Act {
	plan := Plan{Rev: s.Plan}
	for _, g := range s.Agenda[s.stageAt(s.Now.Stage)+1:] {
		plan.Stages = append(plan.Stages, PlanStage{ID: g.ID, Minutes: int(g.Time/time.Minute)%60 + 1})
	}
	return plan
}

// below says whom somebody may mute or remove, written down once more.
func (s *State) below(by SeatID) func(SeatID) bool {
	ranks := map[Role]int{Listener: 1, Member: 1, Facilitator: 2, Moderator: 3}
	rank := func(id SeatID) int {
		if s.restricted(id) && s.Seats[id].Role == Facilitator {
			return 1
		}
		return ranks[s.Seats[id].Role]
	}
	return func(id SeatID) bool {
		if s.Seats[by] == nil {
			return false
		}
		mine := rank(by)
		if s.Chair == by {
			mine = max(mine, 2)
		}
		return id != by && rank(id) < mine
	}
}

func onSomebody(s *State, fit func(SeatID) bool, act func(SeatID) Act) Act {
	ids := []SeatID{}
	for id := range s.Seats {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if s.Seats[id] != nil && fit(id) {
			return act(id)
		}
	}
	return nil
}

// canIsTrue: what Can allows is not refused, and what it doesn't is refused
// or already so.
func canIsTrue(s *State, now time.Time, id SeatID) error {
	for _, c := range wireCapabilities {
		can := s.Can(id, c)
		do := sample(s, id, c)
		if do == nil || c == "retract" {
			continue
		}
		events, err := s.Decide(now, Command{By: Actor{Seat: id}, Do: do})
		if codeOf(err) == TooManyAsides || c == "consent" && s.Support != nil && codeOf(err) == NotNow {
			continue // not said beforehand: it would tell how many there are, and that somebody wants support
		}
		if can && err != nil {
			return brokenf("%s can %q and is refused: %v", id, c, err)
		}
		if !can && err == nil && len(events) > 0 {
			return brokenf("%s can't %q and it happens: %v", id, c, events)
		}
	}
	return nil
}

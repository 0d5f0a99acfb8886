package room

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// someStatement is what somebody is told of a decision, every field set.
func someStatement(id string) Statement {
	return Statement{ID: id, Action: "mute", Scope: "circle", From: 1, Until: 2, Rule: "harassment", Facts: "You did it <twice>.",
		Appeal: "code of " + id, AppealUntil: 3}
}

var deskWord = regexp.MustCompile(` (stating|withdrawing) (\w+)`)

// ofTheDesk reads what the desk states, or withdraws, from what a script says
// beside it.
func ofTheDesk(with string) (rest, stating, withdrawing string) {
	p := deskWord.FindStringSubmatch(with)
	switch {
	case p == nil:
		return with, "", ""
	case p[1] == "stating":
		return strings.Replace(with, p[0], "", 1), p[2], ""
	}
	return strings.Replace(with, p[0], "", 1), "", p[2]
}

func tellDesk(ev Event) string {
	switch ev := ev.(type) {
	case Stated:
		return fmt.Sprintf("%s is told of decision %s", ev.Seat, ev.Statement.ID)
	case Withdrawn:
		return fmt.Sprintf("%s is not told of decision %s any more", ev.Seat, ev.ID)
	case Restricted:
		return fmt.Sprintf("%s is restricted: %v", ev.Seat, ev.On)
	case Readmitted:
		return fmt.Sprintf("%s may come again", ev.Seat)
	}
	return ""
}

// deskSound: whoever is restricted keeps nothing; nobody is removed and
// readmitted; what is told fits in a room.
func deskSound(s *State, _ time.Time) error {
	for _, id := range s.Restricted {
		role, seated := s.RoleOf(id)
		if s.Chair == id && s.Phase != Over || seated && (role == Facilitator || role == Deputy) {
			return brokenf("%s is restricted and %s", id, role)
		}
	}
	for _, id := range s.Readmitted {
		if s.barred(id) {
			return brokenf("%s was readmitted and is removed", id)
		}
	}
	for id := range s.Words.Stated {
		if _, is := s.Stated[id]; !is {
			return brokenf("words of a statement about %s are kept without it", id)
		}
	}
	for name, n := range map[string][2]int{
		"stated": {len(s.Stated), MaxStated}, "restricted": {len(s.Restricted), MaxRestricted}, "readmitted": {len(s.Readmitted), MaxReadmitted},
	} {
		if n[0] > n[1] {
			return brokenf("%d %s, more than %d", n[0], name, n[1])
		}
	}
	return nil
}

// fromDesk is what a moderator at the desk might do.
func (w *walker) fromDesk() Command {
	id := w.anyone()
	do := pick[Act](w.rand, Warn{id}, TakeStick{id}, TakeStick{w.s.Stick.Seat}, Restrict{id, true}, Restrict{w.keeper(), true}, Restrict{w.keeper(), true},
		Mute{Seat: id, Minutes: w.rand.IntN(4)}, Aside{Kind: QuietRoom, With: []SeatID{id}, ID: ID(w.anyone())}, SetHold{Why: HoldCare}, Release{}, Lay{w.turn()})
	switch n := w.rand.IntN(200); {
	case n == 0:
		do = Close{}
	case n < 16:
		do = pick[Act](w.rand, Remove{id}, Remove{w.s.Stick.Seat}, Remove{w.keeper()})
	}
	named := fmt.Sprintf("d%d", w.rand.IntN(100))
	switch {
	case w.chance(60):
		do = Sanction{Do: do, Seat: id, Stated: someStatement(named)}
	case w.chance(70):
		do = w.undone(id, named)
	}
	return Command{By: Actor{Desk: true}, Do: do}
}

// undone takes something back, often what is so.
func (w *walker) undone(id SeatID, named string) Act {
	acts := []Act{Unmute{id}, Restrict{Seat: id}}
	if n := len(w.s.Restricted); n > 0 {
		acts = append(acts, Restrict{Seat: w.s.Restricted[w.rand.IntN(n)]})
	}
	if n := len(w.s.Barred); n > 0 && !w.stern {
		acts = append(acts, Readmit{w.s.Barred[w.rand.IntN(n)]}, Readmit{id})
	}
	if o, is := w.s.Stated[id]; is {
		named = o.ID
	}
	return pick[Act](w.rand, append(acts, Withdraw{id, named}, Undo{Do: pick(w.rand, acts...), Seat: id, ID: named})...)
}

// TestARemovedSeatStaysOut: in a thousand meetings somebody is removed from
// the desk in the middle of whatever goes on, and whatever they and everybody
// else try then, nothing brings them back into the order.
func TestARemovedSeatStaysOut(t *testing.T) {
	removed, tried := 0, 0
	for i := uint64(0); removed < 1000; i++ {
		w := newWalker(rand.New(rand.NewPCG(i, *seed+1)), map[string]int{})
		w.stern = true
		whom := w.ids[w.rand.IntN(6)]
		was, err := w.removedAndBack(whom)
		if err != nil {
			t.Fatalf("meeting %d: %v\n%s", i, err, w.story(6))
		}
		if was {
			removed++
		}
		tried += w.tally["barred"]
	}
	if tried < 10_000 {
		t.Errorf("only %d times somebody was turned away", tried)
	}
}

// removedAndBack is false if the meeting was over before.
func (w *walker) removedAndBack(whom SeatID) (bool, error) {
	for range 5 + w.rand.IntN(40) {
		if err := w.step(); err != nil {
			return false, err
		}
	}
	if w.s.Phase == Over || w.s.Seats[whom] == nil {
		return false, nil
	}
	if _, err := w.do(Command{By: Actor{Desk: true}, Do: Sanction{Do: Remove{whom}, Seat: whom, Stated: someStatement("d1")}}); err != nil {
		return true, err
	}
	for range 40 {
		if err := errors.Join(w.triesToComeBack(whom), w.isOut(whom)); err != nil {
			return true, err
		}
	}
	return true, nil
}

// triesToComeBack does something at random, half of the time for that seat.
func (w *walker) triesToComeBack(whom SeatID) error {
	name := &Name{Name: "Kim", Key: "kim"}
	switch w.rand.IntN(10) {
	case 0, 1, 2:
		role := pick(w.rand, Member, Listener, Facilitator, Moderator, w.role(whom))
		return w.judge(w.house(Arrive{Seat: whom, Role: role, Node: w.node(), Name: pick(w.rand, name, nil), Wait: w.chance(30), Deputy: w.chance(30)}))
	case 3:
		return w.judge(w.house(Drop{Seat: whom, Node: w.node()}))
	case 4:
		what := pick(w.rand, OfferUp, AwayUp, TimeUp, MuteUp, SeatUp, DoorUp)
		return w.judge(w.house(Timer{What: what, Turn: w.turn(), Seat: whom}))
	case 5:
		by := Command{By: Actor{Seat: w.keeper()}}
		by.Do = pick[Act](w.rand, Offer{w.turn(), whom}, Admit{whom}, Unmute{whom}, Move{Seat: whom}, HandOver{whom}, Rally{whom}, Next{w.turn()})
		return w.judge(w.do(by))
	}
	return w.step()
}

func (w *walker) isOut(whom SeatID) error {
	s := w.s
	inRound := slices.ContainsFunc(s.Round.Queue, func(p Place) bool { return p.Seat == whom })
	if slices.Contains(s.Order, whom) || inRound || s.Stick.Seat == whom || s.Seats[whom] != nil || s.doorAt(whom) >= 0 || s.Chair == whom {
		return brokenf("%s was removed, and is in the order %v, the queue %v, the seats, at the door, or has the stick or the chair", whom, s.Order, s.Round.Queue)
	}
	return nil
}

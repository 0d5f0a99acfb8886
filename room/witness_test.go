package room

import (
	"maps"
	"slices"
	"time"
)

// witness watches a room through its entries alone and keeps its own
// account of the promises, so that a state which is wrong and agrees with
// itself is still found out.
type witness struct {
	turn       uint64
	holder     SeatID // as told by offers, takes and ends
	offered    SeatID
	muted      map[SeatID]time.Time
	removed    map[SeatID]bool
	restricted map[SeatID]bool
	asked      map[SeatID]bool // into an aside
	named      map[SeatID]bool // deputies, ever
	floor      Floor
	held       bool
	unkept     bool // the facilitator's grace has passed
	over       bool

	owed     map[SeatID]bool // present since the round began, not yet offered
	later    map[SeatID]int  // put off in this round
	answered map[SeatID]bool // took it, or let it go by
	cut      map[SeatID]bool // cut off twice: not offered it again
	begins   bool            // the round that starts is for one person
	byHand   bool            // only whoever raises a hand is
	out      map[SeatID]bool // in a quiet room
	again    bool            // the present offer is one to somebody cut off
}

func newWitness() *witness {
	return &witness{muted: map[SeatID]time.Time{}, removed: map[SeatID]bool{}, restricted: map[SeatID]bool{}, asked: map[SeatID]bool{}, named: map[SeatID]bool{},
		later: map[SeatID]int{}, answered: map[SeatID]bool{}, cut: map[SeatID]bool{}, out: map[SeatID]bool{}, floor: Ring}
}

func (w *witness) saw(s *State, e Entry) error {
	if w.over {
		return brokenf("something happened after the close: %v", e.Events)
	}
	for _, ev := range e.Events {
		for _, look := range []func(*State, Entry, Event) error{w.steps, w.stick, w.words, w.people, w.round} {
			if err := look(s, e, ev); err != nil {
				return err
			}
		}
	}
	at := Resting
	switch {
	case w.holder != "":
		at = InHand
	case w.offered != "":
		at = Offered
	}
	if s.Stick.At != at || s.Stick.Turn != w.turn || at != Resting && s.Stick.Seat != w.holder+w.offered {
		return brokenf("the stick is %s, turn %d, seat %q; witnessed %s, turn %d, %q", s.Stick.At, s.Stick.Turn, s.Stick.Seat, at, w.turn, w.holder+w.offered)
	}
	return nil
}

// stick: rules 1 and 2. One stick, one number per offer, never back.
func (w *witness) stick(s *State, e Entry, ev Event) error {
	switch ev := ev.(type) {
	case StickOffered:
		if w.holder != "" || w.offered != "" {
			return brokenf("offered to %s while %q has it", ev.To, w.holder+w.offered)
		}
		if ev.Turn <= w.turn {
			return brokenf("turn %d after turn %d", ev.Turn, w.turn)
		}
		if w.held {
			return brokenf("offered to %s while the room is held", ev.To)
		}
		if role, _ := s.RoleOf(e.By); w.unkept && role != Facilitator {
			return brokenf("offered to %s while nobody keeps the circle", ev.To)
		}
		w.turn, w.offered = ev.Turn, ev.To
	case Took:
		if w.offered != ev.Seat || ev.Turn != w.turn || w.held {
			return brokenf("%s took turn %d, which was offered to %q as %d", ev.Seat, ev.Turn, w.offered, w.turn)
		}
		w.holder, w.offered = ev.Seat, ""
	case OfferEnded:
		if w.offered != ev.Seat || ev.Turn != w.turn {
			return brokenf("an offer to %s ended that was not made", ev.Seat)
		}
		w.offered = ""
	case TurnEnded:
		if w.holder != ev.Seat || ev.Turn != w.turn {
			return brokenf("a turn of %s ended that was not theirs", ev.Seat)
		}
		w.holder = ""
	case Closed:
		w.holder, w.offered, w.over = "", "", true
	}
	return nil
}

// words: rule 2 and the mute.
func (w *witness) words(s *State, e Entry, ev Event) error {
	switch ev := ev.(type) {
	case FloorSet:
		w.floor = ev.Floor
	case StageSet:
		w.floor = s.Floor
	case WasHeld:
		w.held = true
	case Released:
		w.held = false
	case Muted:
		w.muted[ev.Seat] = ev.Until
	case Unmuted:
		delete(w.muted, ev.Seat)
	case Said:
		until, muted := w.muted[ev.Seat]
		role, seated := s.RoleOf(ev.Seat)
		switch {
		case muted && e.At.Before(until):
			return brokenf("%s is muted and spoke", ev.Seat)
		case !seated || e.By != ev.Seat:
			return brokenf("%s has no seat and spoke", ev.Seat)
		case ev.Guardian && role != Facilitator && role != Moderator:
			return brokenf("%s spoke as guardian and is %s", ev.Seat, role)
		case !ev.Guardian && w.held:
			return brokenf("%s spoke while the room is held", ev.Seat)
		case !ev.Guardian && w.floor == Quiet:
			return brokenf("%s spoke in the quiet", ev.Seat)
		case !ev.Guardian && w.floor == Lead && role != Facilitator && !s.has(ev.Seat, Reader):
			return brokenf("%s spoke where another leads", ev.Seat)
		case !ev.Guardian && w.floor == Ring && (w.holder != ev.Seat || ev.Turn != w.turn):
			return brokenf("%s spoke in turn %d, which is %q's turn %d", ev.Seat, ev.Turn, w.holder, w.turn)
		case s.Set.Aside != "" && w.leftAlone(s):
			return brokenf("%s spoke, and nobody is there who looks after the aside", ev.Seat)
		case !ev.Guardian && (role == Listener || s.Phase != Circle):
			return brokenf("%s spoke as %s in %s", ev.Seat, role, s.Phase)
		}
	}
	return nil
}

// leftAlone says whether several were asked into an aside, and are by themselves.
func (w *witness) leftAlone(s *State) bool {
	here := slices.DeleteFunc(slices.Collect(maps.Keys(s.Seats)), func(id SeatID) bool { return !s.Seats[id].Here })
	return len(here) > 1 && !slices.ContainsFunc(here, func(id SeatID) bool { return !w.asked[id] })
}

// people: rules 8 and 11.
func (w *witness) people(s *State, _ Entry, ev Event) error {
	switch ev := ev.(type) {
	case CareMoved:
		w.unkept = ev.Step != CareGrace
	case CareOver:
		w.unkept = false
	case Joined:
		w.asked[ev.Seat] = ev.Asked
		if w.removed[ev.Seat] {
			return brokenf("%s was removed and came back", ev.Seat)
		}
	case Removed:
		w.removed[ev.Seat] = true
	case Readmitted:
		delete(w.removed, ev.Seat)
	case Restricted:
		w.restricted[ev.Seat] = ev.On
	case Deputized:
		w.named[ev.Seat] = w.named[ev.Seat] || ev.On
	case ChairTaken:
		seat := s.Seats[ev.Seat]
		if w.restricted[ev.Seat] {
			return brokenf("%s took the chair and is restricted", ev.Seat)
		}
		if seat == nil || seat.Role == Listener || seat.Role == Member && !w.named[ev.Seat] {
			return brokenf("%s took the chair and was never named", ev.Seat)
		}
	}
	return nil
}

// round: rules 3 and 6.
func (w *witness) round(s *State, e Entry, ev Event) error {
	switch ev := ev.(type) {
	case SupportBegan:
		w.begins = true
	case RoundStarted:
		w.byHand = false
		w.owed, w.later, w.answered, w.cut = map[SeatID]bool{}, map[SeatID]int{}, map[SeatID]bool{}, map[SeatID]bool{}
		for _, id := range ev.Queue {
			if _, muted := w.muted[id]; !muted {
				w.owed[id] = true
			}
		}
		if w.begins {
			w.owed, w.begins = map[SeatID]bool{}, false // nobody owes anybody words of support
		}
		if ev.Order == OrderHands || ev.Order == OrderLeast {
			w.owed, w.byHand = map[SeatID]bool{}, true
			return nil
		}
		for id, seat := range s.Seats {
			since := seat.Since == e.Seq // sat down in the same entry, when the round had begun: a latecomer
			if s.inRing(id) && seat.Here && !since && !w.out[id] && !slices.Contains(ev.Queue, id) {
				return brokenf("%s is here and not in the round", id)
			}
		}
	case StickOffered:
		delete(w.owed, ev.To)
		if w.byHand {
			w.answered, w.later = map[SeatID]bool{}, map[SeatID]int{} // each hand is a new one
		}
		if w.answered[ev.To] && ev.Place.Seat != "" && !ev.Place.Cut {
			return brokenf("%s was offered it again", ev.To)
		}
		if w.cut[ev.To] && ev.Place.Cut {
			return brokenf("%s was cut off twice and is offered it again", ev.To)
		}
		w.again = ev.Place.Cut
		delete(w.cut, ev.To)
	case TurnEnded:
		w.cut[ev.Seat] = ev.How == HowCut && w.again
	case Took:
		w.answered[ev.Seat] = true
	case OfferEnded:
		w.answered[ev.Seat] = ev.How != HowLater && ev.How != HowMoved || w.answered[ev.Seat]
		if ev.How == HowLater {
			if w.later[ev.Seat]++; w.later[ev.Seat] > 1 {
				return brokenf("%s put it off twice in one round", ev.Seat)
			}
		}
	case Dropped:
		delete(w.owed, ev.Seat)
	case Left:
		delete(w.owed, ev.Seat)
	case Removed:
		delete(w.owed, ev.Seat)
	case Missed:
		// Past the closing round nothing can be made up for: whoever moves the
		// circle on there decides it.
		if slices.ContainsFunc(e.Events, func(o Event) bool { _, moves := o.(StageSet); return moves }) {
			delete(w.owed, ev.Seat)
		}
	case Merged:
		for _, id := range ev.Seats {
			delete(w.owed, id)
		}
	case Muted:
		delete(w.owed, ev.Seat)
	case Listens:
		delete(w.owed, ev.Seat)
	case RoundEnded:
		if len(w.owed) > 0 {
			return brokenf("the round is over and these were never offered it: %v", w.owed)
		}
	}
	return nil
}

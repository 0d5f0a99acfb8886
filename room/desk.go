package room

import (
	"cmp"
	"maps"
	"slices"
)

// What a moderator does from the desk, without a seat in the room, and what
// the person whom it is about is told. Nobody else is told more than what the
// act makes visible by itself. Package moderation says who may and why.

// Warn is a statement without more: see Sanction.
func (Warn) decide(*decision) {}

// TakeStick: the turn is over, and the circle sees the stick in the centre.
func (a TakeStick) decide(d *decision) { d.release(a.Seat, HowSkipped, HowLaid) }

// Restrict, also of somebody who has left, so that coming back does not end
// it. Whoever keeps the circle then is found by rule 8.
func (a Restrict) decide(d *decision) {
	switch {
	case d.s.restricted(a.Seat) == a.On: // already so
	case a.On && !d.over(a.Seat):
		// refused
	case a.On && d.s.Seats[a.Seat] != nil && d.s.Seats[a.Seat].Role == Moderator:
		d.refuse(NotOverThem)
	default:
		d.emit(Restricted(a))
	}
}

// Readmit: they may come again, and come last as everybody does who is new.
func (a Readmit) decide(d *decision) {
	if d.s.barred(a.Seat) {
		d.emit(Readmitted(a))
	}
}

func (a Sanction) decide(d *decision) {
	a.Do.decide(d)
	if d.refusal == nil && d.s.Phase != Over && d.s.Stated[a.Seat].ID != a.Stated.ID {
		d.emit(Stated{Seat: a.Seat, Statement: a.Stated})
	}
}

func (a Withdraw) decide(d *decision) {
	if st, is := d.s.Stated[a.Seat]; is && st.ID == a.ID {
		d.emit(Withdrawn(a))
	}
}

func (a Undo) decide(d *decision) {
	if m, is := a.Do.(Unmute); !is || a.Until.IsZero() || !d.s.Mutes[m.Seat].Until.After(a.Until) {
		a.Do.decide(d)
	}
	if d.refusal == nil && d.s.Phase != Over {
		Withdraw{Seat: a.Seat, ID: a.ID}.decide(d)
	}
}

// restricted says whether a seat keeps the circle no longer, and is not asked
// to. It keeps its place among those who do.
func (s *State) restricted(id SeatID) bool { return slices.Contains(s.Restricted, id) }

// keeps says whether a seat is there to keep the circle.
func (s *State) keeps(id SeatID) bool {
	seat := s.Seats[id]
	return seat != nil && seat.Role == Facilitator && !s.restricted(id)
}

// deputy says whether a seat is named to take over.
func (s *State) deputy(id SeatID) bool { return slices.Contains(s.Deputies, id) && !s.restricted(id) }

// statement is what a seat is told of the newest decision about it; nil if
// there is none.
func (s *State) statement(id SeatID) *Statement {
	o, is := s.Stated[id]
	if !is {
		return nil
	}
	st := o.with(s.Words.Stated[id])
	return &st
}

func (e Stated) apply(s *State, _ Entry) {
	if s.Stated == nil {
		s.Stated = map[SeatID]Outline{}
	}
	if s.Words.Stated == nil {
		s.Words.Stated = map[SeatID]Reason{}
	}
	s.Stated[e.Seat], s.Words.Stated[e.Seat] = e.Statement.apart()
	if s.Words.Stated[e.Seat] == (Reason{}) {
		delete(s.Words.Stated, e.Seat) // its words are gone
	}
	if len(s.Stated) > MaxStated {
		s.unsay(s.oldestStated())
	}
}

func (s *State) unsay(id SeatID) {
	delete(s.Stated, id)
	delete(s.Words.Stated, id)
}

func (s *State) oldestStated() SeatID {
	return slices.MinFunc(slices.Collect(maps.Keys(s.Stated)), func(a, b SeatID) int {
		return cmp.Or(cmp.Compare(s.Stated[a].From, s.Stated[b].From), cmp.Compare(a, b))
	})
}

func (e Withdrawn) apply(s *State, _ Entry) {
	if s.Stated[e.Seat].ID == e.ID {
		s.unsay(e.Seat)
	}
}

func (e Restricted) apply(s *State, _ Entry) {
	s.Restricted = without(s.Restricted, e.Seat)
	if !e.On {
		return
	}
	s.Restricted = newest(append(s.Restricted, e.Seat), MaxRestricted)
	if s.Chair == e.Seat {
		s.Chair = ""
	}
}

func (e Readmitted) apply(s *State, _ Entry) {
	s.Barred = without(s.Barred, e.Seat)
	s.Readmitted = newest(append(without(s.Readmitted, e.Seat), e.Seat), MaxReadmitted)
}

package room

import (
	"maps"
	"slices"
	"time"
)

// Apply folds a fact. It judges nothing and never fails; what it does with
// an entry that Decide would not have made is harmless.
func (s *State) Apply(e Entry) {
	for _, ev := range e.Events {
		ev.apply(s, e)
	}
	s.Seq, s.At = e.Seq, e.At
	if e.N > 0 {
		s.keepReceipt(e.By, Receipt{Session: e.Session, N: e.N, Seq: e.Seq})
	}
	s.runClocks(e.At)
}

func (s *State) keepReceipt(id SeatID, r Receipt) {
	if seat := s.Seats[id]; seat != nil {
		seat.keep(r)
	} else if i := s.doorAt(id); i >= 0 {
		s.Door[i].Receipts = withReceipt(s.Door[i].Receipts, r)
	}
}

func (seat *Seat) keep(r Receipt) { seat.Receipts = withReceipt(seat.Receipts, r) }

// withReceipt remembers a receipt as the newest, and so many in all.
func withReceipt(list []Receipt, r Receipt) []Receipt {
	list = slices.DeleteFunc(list, func(o Receipt) bool { return o.Session == r.Session })
	return newest(append(list, r), MaxSessions)
}

// newest drops the oldest of a full list.
func newest[T any](list []T, most int) []T {
	if len(list) > most {
		return slices.Delete(list, 0, len(list)-most)
	}
	return list
}

// runClocks is the one place where clocks start and stop: they run while
// the room does and the seat that has the stick has a line.
func (s *State) runClocks(now time.Time) {
	st := &s.Stick
	runs := s.Hold == nil && s.Phase == Circle
	s.Now.Clock.set(runs && s.Now.Stage != 0, now)
	if st.At == Resting {
		return
	}
	seat := s.Seats[st.Seat]
	here := seat != nil && seat.Here
	st.Clock.set(runs && here, now)
	st.Stopped.set(runs && !here, now)
	st.Away.set(runs && !here, now)
	if here {
		st.Away = Clock{}
	}
}

func (e Begun) apply(s *State, by Entry) {
	*s = State{
		Room: e.Room, Begun: by.At, Set: e.Set, Agenda: slices.Clone(e.Set.Agenda), Phase: Gathering, Floor: Ring,
		Stick: Stick{At: Resting}, Seats: map[SeatID]*Seat{}, Mutes: map[SeatID]Silence{},
		Words: Words{Names: map[SeatID]Name{}},
	}
	s.Set.Agenda = nil                                       // tonight's is a copy, and the one that counts
	s.Set.Goodbye, s.Set.Next, s.Set.Resources = "", "", nil // the pages know them
	if e.Set.Aside != "" {
		s.Phase, s.Floor, s.Start = Circle, Open, by.At // nobody keeps it, so nobody begins it
	}
}

func (e Joined) apply(s *State, by Entry) {
	// While a decision is tried, its entry has no number yet.
	if s.Seats == nil {
		s.Seats = map[SeatID]*Seat{}
	}
	if s.Phase == Gathering && len(s.Seats) == 0 {
		s.Begun = by.At // whoever looked in before has gone again
	}
	s.Seats[e.Seat] = &Seat{Role: e.Role, Here: true, Since: by.Seq, Asked: e.Asked, Receipts: s.offDoor(e.Seat).Receipts}
	s.Seats[e.Seat].reach(e.Node)
	s.sitInRing(e.Seat)
}

// sitInRing gives a seat its place in the ring, and, if a round is going,
// as a latecomer in it.
func (s *State) sitInRing(id SeatID) {
	seat := s.Seats[id]
	if seat.Role != Member && seat.Role != Facilitator {
		return
	}
	if !slices.Contains(s.Order, id) {
		s.Order = append(s.Order, id)
	}
	if s.Round.Going && !s.Round.byHand() && s.inRing(id) && s.placeOf(id).Seat == "" && s.Stick.Seat != id && !slices.Contains(s.Round.Had, id) {
		s.Round.Queue = append(s.Round.Queue, Place{Seat: id, Late: true})
		s.Round.Of++
	}
}

func (e Returned) apply(s *State, _ Entry) {
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.Here, seat.Gone = true, time.Time{}
		seat.reach(e.Node)
		s.sitInRing(e.Seat)
	}
}

func (e Reached) apply(s *State, _ Entry) {
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.reach(e.Node)
	}
}

func (e Unreached) apply(s *State, _ Entry) {
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.Nodes = slices.DeleteFunc(slices.Clone(seat.Nodes), func(n string) bool { return n == e.Node })
	}
}

// reach remembers a node that a seat has a line to.
func (seat *Seat) reach(node string) {
	if node != "" && !slices.Contains(seat.Nodes, node) {
		seat.Nodes = newest(append(slices.Clip(seat.Nodes), node), MaxNodes)
	}
}

func (e Keyed) apply(s *State, _ Entry) { s.Kid = e.Kid }

func (e Dropped) apply(s *State, by Entry) {
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.Here, seat.Gone, seat.Nodes = false, by.At, nil
	}
}

func (e Left) apply(s *State, _ Entry) {
	if seat := s.Seats[e.Seat]; seat != nil && (seat.Role == Member || seat.Role == Listener) && s.Set.Aside == "" {
		s.know(e.Seat)
	}
	s.unseat(e.Seat)
}

func (e Removed) apply(s *State, _ Entry) {
	s.unseat(e.Seat)
	s.Barred = newest(append(s.Barred, e.Seat), MaxBarred)
	s.Deputies, s.Known = without(s.Deputies, e.Seat), without(s.Known, e.Seat)
	s.Readmitted = without(s.Readmitted, e.Seat)
}

func (s *State) unseat(id SeatID) {
	delete(s.Seats, id)
	delete(s.Words.Names, id)
	s.offDoor(id)
	s.Order = without(s.Order, id)
	s.giveUpPlace(id)
	if s.Chair == id {
		s.Chair = ""
	}
}

func (s *State) unqueue(id SeatID) {
	s.Round.Queue = slices.DeleteFunc(s.Round.Queue, func(p Place) bool { return p.Seat == id })
}

// giveUpPlace takes a seat out of the round. One that was offered the stick
// before is done: coming back does not make it a latecomer, who could put it
// off once more.
func (s *State) giveUpPlace(id SeatID) {
	if p := s.placeOf(id); p.Again || p.Cut {
		s.had(id)
	}
	s.unqueue(id)
}

func without(list []SeatID, id SeatID) []SeatID {
	return slices.DeleteFunc(list, func(o SeatID) bool { return o == id })
}

// A name whose words are gone is not known; the one before is not theirs any
// more.
func (e Named) apply(s *State, _ Entry) {
	if e.Name.Name == "" {
		delete(s.Words.Names, e.Seat)
		return
	}
	if s.Seats[e.Seat] != nil || s.doorAt(e.Seat) >= 0 {
		if s.Words.Names == nil {
			s.Words.Names = map[SeatID]Name{}
		}
		s.Words.Names[e.Seat] = e.Name
	}
}

func (e TakesPart) apply(s *State, _ Entry) {
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.Role = Member
		s.sitInRing(e.Seat)
	}
}

func (e Listens) apply(s *State, _ Entry) {
	seat := s.Seats[e.Seat]
	if seat == nil {
		return
	}
	seat.Listening = e.On
	if e.On {
		seat.Hand = 0
		s.giveUpPlace(e.Seat)
	} else {
		s.sitInRing(e.Seat)
	}
}

func (CircleBegan) apply(s *State, by Entry) { s.Phase, s.Start = Circle, by.At }
func (e FloorSet) apply(s *State, _ Entry)   { s.Floor = e.Floor }

func (e RoundStarted) apply(s *State, _ Entry) {
	s.Round = Round{N: e.N, Going: true, Order: e.Order, Share: e.Share, Of: len(e.Queue)}
	for _, id := range e.Queue {
		s.Round.Queue = append(s.Round.Queue, Place{Seat: id})
	}
}

func (e RoundEnded) apply(s *State, _ Entry) {
	s.Round = Round{N: e.N}
	if s.Support == nil || !s.Support.Going {
		s.Now.Rounds++
	}
}

func (e Missed) apply(s *State, _ Entry) { s.unqueue(e.Seat) }

func (e StickOffered) apply(s *State, _ Entry) {
	s.unqueue(e.To)
	s.Stick = Stick{At: Offered, Turn: e.Turn, Seat: e.To, From: e.From, Limit: e.Limit, Hard: e.Hard, Place: e.Place}
	if p := e.Place; p.Seat != "" && !p.Again && !p.Cut {
		s.Round.At++
	}
	if seat := s.Seats[e.To]; seat != nil && (s.Support == nil || !s.Support.Going) {
		seat.Hand = 0 // a support round leaves it up, for what one raised it for
	}
}

func (e OfferEnded) apply(s *State, by Entry) {
	p := s.Stick.Place
	s.rest()
	switch {
	case e.How == HowLater && p.Seat != "":
		p.Again = true
		s.requeue(p)
	case e.How == HowMoved && p.Seat != "":
		s.Round.Queue, s.Round.Moved = slices.Insert(s.Round.Queue, 0, p), true
	default:
		s.had(e.Seat)
	}
	s.waitByHand(e.Seat, by)
}

func (e Took) apply(s *State, _ Entry) {
	s.Stick.At, s.Stick.Clock, s.Stick.Away, s.Stick.Stopped = InHand, Clock{}, Clock{}, Clock{}
	s.Round.Took = s.Round.Going
}

func (e TurnEnded) apply(s *State, by Entry) {
	p, spent := s.Stick.Place, s.Stick.Clock.Read(by.At)
	usedUp := s.Stick.Hard && s.Stick.Limit-spent < hardNotice // of a whole turn, hardly anything is left
	if seat := s.Seats[e.Seat]; seat != nil {
		seat.Heard += spent
	}
	s.rest()
	if e.How == HowCut && !p.Cut && !usedUp && s.Round.Going {
		if p.Seat == "" { // offered beside the round: it couldn't be put off
			p = Place{Seat: e.Seat, Again: true}
		}
		p.Cut, p.Spent = true, p.Spent+spent
		s.requeue(p)
		return
	}
	s.had(e.Seat)
	s.waitByHand(e.Seat, by)
}

// rest lays the stick in the centre. The turn's number stays: the next one
// is higher.
func (s *State) rest() { s.Stick = Stick{At: Resting, Turn: s.Stick.Turn} }

// requeue puts a place at the end of the round, latecomers behind it.
func (s *State) requeue(p Place) {
	i := slices.IndexFunc(s.Round.Queue, func(o Place) bool { return o.Late })
	if i < 0 || p.Late {
		i = len(s.Round.Queue)
	}
	s.Round.Queue = slices.Insert(s.Round.Queue, i, p)
}

func (s *State) had(id SeatID) {
	if s.Round.Going && !s.Round.byHand() && !slices.Contains(s.Round.Had, id) {
		s.Round.Had = newest(append(s.Round.Had, id), MaxHad)
	}
}

func (e TimeGiven) apply(s *State, by Entry) {
	s.Stick.Limit = max(s.Stick.Limit, s.Stick.Clock.Read(by.At)) + e.More
	s.Stick.Told = false
}

func (e TimeTold) apply(s *State, _ Entry) {
	s.Stick.Told = true
	s.Stick.Firm = s.Stick.Firm || e.Firm
}

func (e WasHeld) apply(s *State, by Entry) { s.Hold = &Hold{By: e.By, Why: e.Why, Since: by.At} }
func (Released) apply(s *State, _ Entry)   { s.Hold = nil }

func (HoldAsked) apply(s *State, by Entry) {
	if s.Hold != nil {
		s.Hold.Asked = by.At
	}
}

func (e Muted) apply(s *State, _ Entry) {
	if s.Mutes == nil {
		s.Mutes = map[SeatID]Silence{}
	}
	s.Mutes[e.Seat] = Silence{Until: e.Until, Why: e.Why}
	if len(s.Mutes) > MaxMutes {
		delete(s.Mutes, s.soonestMute())
	}
}

func (s *State) soonestMute() SeatID {
	var soonest SeatID
	for id, mute := range s.Mutes {
		until, first := mute.Until, s.Mutes[soonest].Until
		if soonest == "" || until.Before(first) || until.Equal(first) && id < soonest {
			soonest = id
		}
	}
	return soonest
}

func (e Unmuted) apply(s *State, _ Entry) { delete(s.Mutes, e.Seat) }

func (e Deputized) apply(s *State, _ Entry) {
	s.Deputies = without(s.Deputies, e.Seat)
	if e.On {
		s.Deputies = append(s.Deputies, e.Seat)
	}
}

func (e ChairTaken) apply(s *State, _ Entry) { s.Chair = e.Seat }
func (e CareMoved) apply(s *State, _ Entry)  { s.Care = &Care{Step: e.Step, Until: e.Until} }

func (CareOver) apply(s *State, _ Entry) {
	if s.Care != nil && s.Care.Step == CareClosing {
		s.Closing = time.Time{}
	}
	s.Care = nil
}

func (e EndSet) apply(s *State, _ Entry) { s.Closing = e.At }

func (Closed) apply(s *State, _ Entry) {
	s.Phase = Over
	s.rest()
	s.Round = Round{N: s.Round.N}
	s.Hold, s.Care, s.Closing = nil, nil, time.Time{}
	s.Mutes, s.Deputies, s.Words, s.Support = nil, nil, Words{}, nil
	s.Door, s.Known, s.Stated = nil, nil, nil
}

func (e Froze) apply(s *State, by Entry) {
	for _, c := range []*Clock{&s.Stick.Clock, &s.Stick.Away, &s.Stick.Stopped, &s.Now.Clock} {
		c.shift(e.For)
		c.Since = earlier(c.Since, by.At) // what began during the outage begins now
	}
	for _, seat := range s.Seats {
		shift(&seat.Gone, e.For)
		seat.Gone = earlier(seat.Gone, by.At)
	}
	for i := range s.Door {
		shift(&s.Door[i].Gone, e.For)
		s.Door[i].Gone = earlier(s.Door[i].Gone, by.At)
	}
	if s.Care != nil {
		shift(&s.Care.Until, e.For)
	}
	shift(&s.Closing, e.For)
	shift(&s.Start, e.For)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func shift(t *time.Time, d time.Duration) {
	if !t.IsZero() {
		*t = t.Add(d)
	}
}

func (e Said) apply(s *State, by Entry) {
	s.Words.Recent = newest(append(s.Words.Recent, Utterance{Seq: by.Seq, Seat: e.Seat, Turn: e.Turn}), MaxRecent)
	if e.Picture == nil {
		return
	}
	if s.Words.Pictures == nil {
		s.Words.Pictures = map[string]Shown{}
	}
	s.Words.Pictures[e.Picture.Name] = Shown{Picture: *e.Picture, Seq: by.Seq, Seat: e.Seat}
	s.Stick.Shown = s.Stick.Turn == e.Turn
}

func (e Retracted) apply(s *State, _ Entry) {
	s.Words.Recent = slices.DeleteFunc(s.Words.Recent, func(u Utterance) bool { return u.Seq == e.Seq })
	maps.DeleteFunc(s.Words.Pictures, func(_ string, p Shown) bool { return p.Seq == e.Seq })
}

func (Reacted) apply(*State, Entry) {}
func (Typing) apply(*State, Entry)  {}

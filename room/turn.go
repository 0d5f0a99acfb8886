package room

import (
	"cmp"
	"slices"
)

// The stick: rules 3 to 6. The holder and the offered person act here; the
// facilitator's acts are in keep.go.

func (a Take) decide(d *decision) {
	st := d.s.Stick
	switch {
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At == InHand && st.Seat == d.by: // already so
	case st.At != Offered || st.Seat != d.by:
		d.refuse(NotOffered)
	default:
		d.emit(Took{Turn: a.Turn, Seat: d.by})
	}
}

func (a Decline) decide(d *decision) {
	if d.offeredTo(a.Turn) {
		d.endOffer(HowDecline)
		d.moveOn("")
	}
}

func (a Later) decide(d *decision) {
	if !d.offeredTo(a.Turn) {
		return
	}
	if !d.s.canPutOff() {
		d.refuse(LaterUsed)
		return
	}
	d.endOffer(HowLater)
	d.moveOn("")
}

func (a Pass) decide(d *decision) {
	st := d.s.Stick
	switch {
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At != InHand || st.Seat != d.by:
		d.refuse(NotHolding)
	default:
		a.passOn(d)
	}
}

// passOn ends the holder's turn, and offers the stick to whom they named.
func (a Pass) passOn(d *decision) {
	switch {
	case a.To == "":
		d.endTurn(HowDone)
		d.moveOn(d.by)
	case d.s.Round.Order != OrderNominate:
		d.refuse(NotNow)
	case d.s.placeOf(a.To).Seat == "":
		d.refuse(NotWaiting)
	case d.s.out(a.To):
		d.refuse(SeatOut)
	case !d.s.Seats[a.To].Here:
		d.refuse(SeatAway)
	default:
		d.endTurn(HowDone)
		// By somebody muted it goes, as always: a no would tell of it.
		if p := d.s.placeOf(a.To); d.s.Now.Moving != 0 || d.s.closeNow(d.now) || d.s.muted(a.To) || !d.s.fits(p, d.now) {
			d.moveOn(d.by)
			return
		}
		d.offer(a.To, d.by, d.s.placeOf(a.To))
	}
}

func (a Listen) decide(d *decision) {
	seat := d.s.Seats[d.by]
	switch {
	case seat.Role == Listener && !a.On:
		d.emit(TakesPart{Seat: d.by})
	case seat.Role == Listener || seat.Listening == a.On: // already so
	case !a.On:
		d.emit(Listens{Seat: d.by})
	default:
		moves := d.release(d.by, HowListen, HowDone)
		d.emit(Listens{Seat: d.by, On: true})
		if moves {
			d.moveOn("")
		}
	}
}

// offeredTo says whether the asker is offered the turn they mean.
func (d *decision) offeredTo(turn uint64) bool {
	switch st := d.s.Stick; {
	case turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At != Offered || st.Seat != d.by:
		d.refuse(NotOffered)
	default:
		return true
	}
	return false
}

// canPutOff says whether the present offer can be put off: it came from a
// place in the round, which had not been put off before.
func (s *State) canPutOff() bool {
	return s.Stick.Place.Seat != "" && !s.Stick.Place.Again
}

func (d *decision) endOffer(how How) {
	d.emit(OfferEnded{Turn: d.s.Stick.Turn, Seat: d.s.Stick.Seat, How: how})
}

func (d *decision) endTurn(how How) {
	d.emit(TurnEnded{Turn: d.s.Stick.Turn, Seat: d.s.Stick.Seat, How: how})
}

// passOver ends an offer that nobody answered: later, then a pass (rule 3).
func (d *decision) passOver(last How) {
	if d.s.canPutOff() {
		last = HowLater
	}
	d.endOffer(last)
}

// release frees the stick from a seat that has it, and says whether it had.
func (d *decision) release(id SeatID, offer, turn How) bool {
	switch st := d.s.Stick; {
	case st.Seat != id || st.At == Resting:
		return false
	case st.At == Offered:
		d.endOffer(offer)
	default:
		d.endTurn(turn)
	}
	return true
}

// moveOn offers a resting stick to whoever is next in the round, or ends
// the round. It rests while the room is held or nobody keeps it (rule 8).
func (d *decision) moveOn(from SeatID) {
	s := d.s
	if s.Stick.At != Resting || s.Phase != Circle || s.Hold != nil || s.unkept() {
		return
	}
	switch {
	case s.Now.Moving != 0:
		d.enter(s.Now.Moving)
		return
	case s.Floor != Ring || !s.Round.Going:
		return
	case s.closeNow(d.now):
		d.enterClosing()
		return
	}
	if s.supportReady() {
		return // it comes before the next hand
	}
	if p, ok := s.nextPlace(d); ok {
		d.offer(p.Seat, from, p)
		return
	}
	if s.Round.byHand() {
		return // until somebody raises a hand
	}
	d.missRest()
	d.roundOver()
}

// missRest ends the wait of those to whom a round that ends did not come.
// They have their turn in the closing round, and the circle is told; after it,
// or where nobody has a turn to make up for, the round has gone by them.
func (d *decision) missRest() {
	supports := d.s.Support != nil && d.s.Support.Going
	if _, ahead := d.s.closing(); ahead && len(d.s.Round.Queue) > 0 && !supports {
		var waiting []SeatID
		for _, p := range d.s.Round.Queue {
			waiting = append(waiting, p.Seat)
		}
		d.emit(Merged{Seats: waiting})
	}
	for _, p := range slices.Clone(d.s.Round.Queue) { // each event takes one out
		d.emit(Missed{Seat: p.Seat})
	}
}

// unkept says whether the facilitator's grace has passed.
func (s *State) unkept() bool { return s.Care != nil && s.Care.Step != CareGrace }

// nextPlace finds who is next: the first in the queue who can take the
// stick; if there is none, the first whose line dropped a moment ago, for
// whom the offer waits out the grace. The closing round, after which there is
// no other, waits so for everybody once.
func (s *State) nextPlace(d *decision) (Place, bool) {
	queue := s.queue()
	for _, p := range queue {
		if s.ready(p.Seat) && s.fits(p, d.now) {
			return p, true
		}
	}
	g, _ := s.present()
	for _, p := range queue {
		seat := s.Seats[p.Seat]
		once := g.Closing && !p.Again && !p.Cut
		if !seat.Here && !s.muted(p.Seat) && !s.out(p.Seat) && (once || d.now.Sub(seat.Gone) < s.Set.Grace) && s.fits(p, d.now) {
			return p, true
		}
	}
	return Place{}, false
}

// queue returns the round's queue as the stick goes: least heard first,
// where the order is so.
func (s *State) queue() []Place {
	if s.Round.Order != OrderLeast {
		return s.Round.Queue
	}
	queue := slices.Clone(s.Round.Queue)
	slices.SortStableFunc(queue, func(a, b Place) int { return cmp.Compare(s.Seats[a.Seat].Heard, s.Seats[b.Seat].Heard) })
	return queue
}

// inRing says whether the stick comes to a seat at all.
func (s *State) inRing(id SeatID) bool {
	seat := s.Seats[id]
	return seat != nil && (seat.Role == Member || seat.Role == Facilitator) && !seat.Listening
}

// ready says whether a seat could take the stick right now.
func (s *State) ready(id SeatID) bool {
	return s.inRing(id) && s.Seats[id].Here && !s.muted(id) && !s.out(id)
}

func (s *State) muted(id SeatID) bool {
	_, ok := s.Mutes[id]
	return ok
}

// upcoming lists who is next, of those with a line. Also the muted, by whom
// the stick goes: leaving them out would tell everybody.
func (s *State) upcoming() []SeatID {
	var next []SeatID
	for _, p := range s.queue() {
		if s.Seats[p.Seat].Here && !s.out(p.Seat) {
			next = append(next, p.Seat)
		}
	}
	return next
}

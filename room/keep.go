package room

import (
	"cmp"
	"slices"
	"time"
)

// What facilitators and moderators do: rules 7, 8, 10 and 11.

func (a Next) decide(d *decision) {
	switch {
	case a.Turn != d.s.Stick.Turn:
		d.refuse(TurnMoved)
		return
	case d.s.Stick.At != Resting:
		d.refuse(NotNow)
		return
	case d.s.Phase == Gathering && len(d.s.Agenda) > 0:
		d.begin()
		d.enter(d.s.Agenda[0].ID)
		return
	case d.s.notARound():
		d.refuse(StageMoved)
		return
	case !d.s.canNext():
		d.refuse(NoOneNext)
		return
	}
	d.begin()
	if d.s.closeNow(d.now) {
		d.enterClosing() // no new round when its time has come
		return
	}
	if d.s.Now.Moving == 0 && d.s.Floor != Ring {
		d.emit(FloorSet{Floor: Ring})
	}
	if d.s.Now.Moving == 0 && !d.s.Round.Going {
		d.startRound()
		return
	}
	d.moveOn("")
}

// notARound says whether the circle is in a stage in which the stick does not
// go round. Two who press Next at once begin with the first stage, and not
// with a round in it.
func (s *State) notARound() bool {
	g, ok := s.present()
	return ok && g.Kind != KindRound && !s.Round.Going && s.Now.Moving == 0
}

// canNext says whether Next would find something to do.
func (s *State) canNext() bool {
	switch {
	case s.Stick.At != Resting || s.notARound():
		return false
	case s.Phase == Gathering && len(s.Agenda) > 0:
		return true
	case s.Round.byHand() && s.Now.Moving == 0 && s.Floor == Ring:
		return slices.ContainsFunc(s.Round.Queue, func(p Place) bool { return s.ready(p.Seat) })
	}
	return slices.ContainsFunc(s.Order, s.ready)
}

func (d *decision) begin() {
	if d.s.Phase == Gathering {
		d.emit(CircleBegan{})
	}
}

func (a Offer) decide(d *decision) {
	s, st := d.s, d.s.Stick
	seat := s.Seats[a.Seat]
	switch {
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case seat == nil:
		d.refuse(NoSuchSeat)
	case !s.inRing(a.Seat):
		d.refuse(NotInRing)
	case !seat.Here:
		d.refuse(SeatAway)
	case s.out(a.Seat):
		d.refuse(SeatOut)
	case s.muted(a.Seat):
		d.refuse(SeatMuted)
	case st.At != Resting && st.Seat == a.Seat: // already so
	default:
		if st.At != Resting {
			d.release(st.Seat, HowMoved, HowSkipped)
		}
		if s.Floor != Ring {
			d.emit(FloorSet{Floor: Ring})
		}
		d.offer(a.Seat, d.by, d.s.placeOf(a.Seat))
	}
}

// placeOf returns a seat's place in the queue; zero if it has none.
func (s *State) placeOf(id SeatID) Place {
	i := slices.IndexFunc(s.Round.Queue, func(p Place) bool { return p.Seat == id })
	if i < 0 {
		return Place{}
	}
	return s.Round.Queue[i]
}

func (a Skip) decide(d *decision) {
	switch {
	case a.Turn != d.s.Stick.Turn:
		d.refuse(TurnMoved)
		return
	case d.s.Stick.At == Resting:
		d.refuse(NoTurnRunning)
		return
	case d.s.Stick.At == Offered:
		d.passOver(HowSkipped)
	default:
		d.endTurn(HowSkipped)
	}
	d.moveOn("")
}

func (a Lay) decide(d *decision) {
	if a.Turn != d.s.Stick.Turn {
		d.refuse(TurnMoved)
		return
	}
	d.release(d.s.Stick.Seat, HowMoved, HowLaid)
}

func (a MoreTime) decide(d *decision) {
	switch st := d.s.Stick; {
	case d.role != Facilitator && !d.s.has(d.by, Timekeeper):
		d.refuse(DutyNeeded)
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At != InHand:
		d.refuse(NoTurnRunning)
	case d.s.Now.Moving != 0:
		d.refuse(NotNow) // it ends so that the circle can go on, in time for the closing round
	case a.Minutes < 1 || a.Minutes > MaxMoreMinutes:
		d.refuse(BadMinutes)
	case st.Limit == 0: // as it comes: already so
	default:
		d.emit(TimeGiven{Turn: a.Turn, More: time.Duration(a.Minutes) * time.Minute})
	}
}

func (a OpenFloor) decide(d *decision) {
	switch {
	case a.Turn != d.s.Stick.Turn:
		d.refuse(TurnMoved)
	case d.s.Floor == Open && d.s.Phase == Circle: // already so
	default:
		d.begin()
		d.release(d.s.Stick.Seat, HowMoved, HowLaid)
		d.emit(FloorSet{Floor: Open})
	}
}

func (a SetHold) decide(d *decision) {
	switch {
	case a.Why != HoldBreath && a.Why != HoldCare && a.Why != HoldPause:
		d.refuse(BadReason)
	case d.s.Hold != nil: // already so
	default:
		d.emit(WasHeld{By: d.by, Why: a.Why})
	}
}

func (a Release) decide(d *decision) {
	if d.s.Hold != nil {
		d.emit(Released{})
	}
}

// Mute, also of somebody who just left, so that leaving does not end it.
func (a Mute) decide(d *decision) {
	until := d.now.Add(time.Duration(a.Minutes) * time.Minute)
	switch {
	case a.Minutes < 1 || a.Minutes > MaxMuteMinutes:
		d.refuse(BadMinutes)
	case !d.over(a.Seat):
		// refused
	case !slices.Contains([]MuteWhy{MuteSpace, MuteRules, MuteCalm, ""}, a.Why):
		d.refuse(BadReason)
	case !d.s.Mutes[a.Seat].Until.Before(until): // already so
	default:
		offered := d.s.Stick.At == Offered
		moves := d.releaseMuted(a.Seat) && offered
		d.emit(Muted{Seat: a.Seat, Until: until, Why: cmp.Or(a.Why, MuteSpace)})
		if moves {
			d.moveOn("")
		}
	}
}

// releaseMuted takes the stick from somebody about to be muted: a turn
// counts as cut off and the stick rests in the centre; an offer is put off.
func (d *decision) releaseMuted(id SeatID) bool {
	offer := HowSkipped
	if d.s.canPutOff() {
		offer = HowLater
	}
	return d.release(id, offer, HowCut)
}

// Unmute: whoever may not mute somebody may not end it either, least of all
// for themselves.
func (a Unmute) decide(d *decision) {
	if d.s.muted(a.Seat) && d.over(a.Seat) {
		d.emit(Unmuted(a))
		d.callHand()
	}
}

// Remove, also of somebody who just left: they don't come back.
func (a Remove) decide(d *decision) {
	switch {
	case slices.Contains(d.s.Barred, a.Seat): // already so
	case !d.over(a.Seat):
		// refused
	default:
		d.depart(a.Seat, Removed{Seat: a.Seat, Here: d.s.Seats[a.Seat] != nil})
	}
}

// over says whether the asker may mute or remove a seat: nobody themselves,
// a facilitator no facilitator, nobody a moderator. A member in the chair can
// be: the returning facilitator comes before a deputy (rules 8 and 10). From
// the desk anybody can be, for a moderator can be reported too.
func (d *decision) over(id SeatID) bool {
	target := d.s.Seats[id]
	switch {
	case id == "" || len(id) > 36:
		d.refuse(NoSuchSeat)
	case id == d.by: // the desk is nobody
		d.refuse(NotOverThem)
	case target == nil || d.role == Desk:
		return true
	case target.Role == Moderator:
		d.refuse(NotOverThem)
	case d.s.Seats[d.by].Role != Moderator && d.s.keeps(id):
		d.refuse(NotOverThem)
	default:
		return true
	}
	return false
}

func (a NameDeputy) decide(d *decision) {
	seat := d.s.Seats[a.Seat]
	named := slices.Contains(d.s.Deputies, a.Seat)
	switch {
	case !d.s.keeps(d.by):
		d.refuse(NotYours) // a deputy in the chair can't hand power on (rule 8)
	case named == a.On: // already so
	case !a.On:
		d.emit(Deputized(a))
		if d.s.Chair == a.Seat && a.Seat != d.by {
			d.emit(ChairTaken{Seat: d.by})
		}
	case seat == nil:
		d.refuse(NoSuchSeat)
	case seat.Role != Member:
		d.refuse(NotMember)
	case d.s.restricted(a.Seat):
		d.refuse(NotNow)
	case len(d.s.Deputies) >= MaxDeputies:
		d.refuse(TooManyNamed)
	default:
		d.emit(Deputized(a))
	}
}

// TakeChair: a facilitator at any time, a deputy once the facilitator's
// grace has passed, a moderator once the deputies were asked (rule 8).
func (a TakeChair) decide(d *decision) {
	switch {
	case d.s.Chair == d.by: // already so
	case !d.s.mayTakeChair(d.by):
		d.refuse(StillKept)
	default:
		d.emit(ChairTaken{Seat: d.by})
	}
}

func (s *State) mayTakeChair(id SeatID) bool {
	switch role, _ := s.RoleOf(id); {
	case s.restricted(id):
		return false
	case role == Facilitator:
		return s.Chair != id
	case role == Deputy:
		return s.unkept()
	case role == Moderator:
		return s.unkept() && s.Care.Step != CareDeputies
	}
	return false
}

// Close twice is closing once: both who press it have their way (rule 10).
func (a Close) decide(d *decision) {
	if d.s.Phase != Over {
		d.emit(Closed{By: d.by})
	}
}

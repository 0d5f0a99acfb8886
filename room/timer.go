package room

import "time"

// Due returns the next thing that time brings and when; the zero time if
// there is nothing. Whoever sees it pass submits the command; it names what
// it means, so a late or doubled one changes nothing.
func (s *State) Due() (time.Time, Command) {
	var at time.Time
	var first Timer
	s.timers(func(t time.Time, timer Timer) {
		c := t.Compare(at)
		if at.IsZero() || c < 0 || c == 0 && timer.before(first) {
			at, first = t, timer
		}
	})
	if at.IsZero() {
		return at, Command{}
	}
	return at, Command{By: Actor{House: true}, Do: first}
}

// before orders timers of one moment, so that every node sees the same first.
func (t Timer) before(o Timer) bool {
	return t.What < o.What || t.What == o.What && t.Seat < o.Seat
}

// timers tells all that time will bring if nothing else happens.
func (s *State) timers(add func(time.Time, Timer)) {
	if s.Phase == Over || s.Seq == 0 {
		return
	}
	s.stickTimers(add)
	s.agendaTimers(add)
	s.doorTimers(add)
	for id, mute := range s.Mutes {
		add(mute.Until, Timer{What: MuteUp, Seat: id})
	}
	for id, seat := range s.Seats {
		if !seat.Here {
			add(seat.Gone.Add(s.Set.SeatGrace), Timer{What: SeatUp, Seat: id})
		}
	}
	if s.Hold != nil {
		add(latest(s.Hold.Since, s.Hold.Asked).Add(s.Set.HoldAsk), Timer{What: AskHold})
	}
	if s.Care != nil && s.Care.Step != CareClosing && !s.Care.Until.IsZero() {
		add(s.Care.Until, Timer{What: CareUp})
	}
	switch {
	case !s.Closing.IsZero():
		add(s.Closing, Timer{What: EndUp})
	case s.Phase == Circle || len(s.Seats) > 0: // a gathering without anybody has not begun to live
		add(s.Begun.Add(s.Set.MaxLife), Timer{What: LifeUp})
	}
}

func (s *State) stickTimers(add func(time.Time, Timer)) {
	st := s.Stick
	clock := func(c Clock, limit time.Duration, what What) {
		if at, runs := c.When(limit); runs {
			add(at, Timer{What: what, Turn: st.Turn})
		}
	}
	switch st.At {
	case Offered:
		clock(st.Clock, s.Set.OfferWindow, OfferUp)
		clock(st.Stopped, s.Set.Grace, AwayUp)
	case InHand:
		clock(st.Away, s.Set.Grace, AwayUp)
		clock(st.Stopped, s.Set.MaxStopped, AwayUp)
		if st.Limit > 0 && !st.Told {
			clock(st.Clock, st.tellAt(), TimeUp)
		}
		if st.Limit > 0 && st.Hard {
			clock(st.Clock, st.Limit, HardUp)
		}
	}
}

// tellAt is what the turn's clock shows when its holder is told: at a soft
// limit, and some time before a hard one.
func (st Stick) tellAt() time.Duration {
	if st.Hard {
		return max(st.Limit-hardNotice, st.Limit/2)
	}
	return st.Limit
}

// agendaTimers: the bell, and what protects the closing round (rule 9).
func (s *State) agendaTimers(add func(time.Time, Timer)) {
	g, _ := s.present()
	if at, runs := s.Now.Clock.When(g.Time); runs && g.Kind == KindQuiet && !s.Now.Bell {
		add(at, Timer{What: BellUp})
	}
	last := s.closesAt()
	if last.IsZero() || s.Hold != nil || s.unkept() {
		return
	}
	if s.Stick.At == InHand && !s.Stick.Firm {
		add(last.Add(-firmTime), Timer{What: FirmUp, Turn: s.Stick.Turn})
	}
	if s.Stick.At != InHand || s.Now.Moving == 0 {
		add(last, Timer{What: LastUp})
	}
}

// due says whether a timer is one that the state asks for by now.
func (s *State) due(t Timer, now time.Time) bool {
	is := false
	s.timers(func(at time.Time, timer Timer) {
		is = is || timer == t && !at.After(now)
	})
	return is
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A timer that is not due, or means another turn, finds things already so.
func (t Timer) decide(d *decision) {
	if !d.s.due(t, d.now) {
		return
	}
	switch t.What {
	case OfferUp:
		d.passOver(HowSilent)
		d.moveOn("")
	case AwayUp:
		d.giveUpWaiting()
	case TimeUp:
		d.emit(TimeTold{Turn: t.Turn})
	case FirmUp:
		last := d.s.closesAt()
		d.emit(TimeTold{Turn: t.Turn, Firm: true})
		if last.Sub(d.now) < lastWords && d.s.Now.Moving == 0 {
			d.closingFollows() // told late, so it ends a little late
		}
	case HardUp:
		d.endTurn(HowTime)
		d.moveOn("")
	case BellUp:
		d.emit(BellRang{Stage: d.s.Now.Stage})
	case LastUp:
		d.lastUp()
	case MuteUp:
		d.emit(Unmuted{Seat: t.Seat})
		d.callHand()
	case AskHold:
		d.emit(HoldAsked{})
	case SeatUp:
		d.depart(t.Seat, Left{Seat: t.Seat, Long: true})
	case DoorUp:
		d.emit(LeftDoor{Seat: t.Seat, Long: true})
	case CareUp:
		d.careUp()
	case EndUp:
		d.emit(Closed{})
	case LifeUp:
		d.emit(EndSet{At: d.now.Add(d.s.Set.CloseNotice)})
	}
}

// closingFollows tells whoever speaks that the closing round begins after
// their last words.
func (d *decision) closingFollows() {
	i, _ := d.s.closing()
	d.emit(StageMoving{Stage: d.s.Agenda[i].ID})
}

// lastUp begins the closing round. Where its time passed while the room was
// held or nobody kept it, whoever speaks has not had the end they were told of.
func (d *decision) lastUp() {
	if d.s.Stick.At == InHand && d.now.Sub(d.s.closesAt()) > atMostLate {
		d.closingFollows()
		return
	}
	d.release(d.s.Stick.Seat, HowMoved, HowTime)
	d.enterClosing()
}

func (d *decision) giveUpWaiting() {
	if d.s.Stick.At == Offered {
		d.passOver(HowSilent)
	} else {
		d.endTurn(HowCut)
	}
	d.moveOn("")
}

// careUp takes a room nobody keeps a step further (rule 8): the turn
// finishes, deputies are asked, then moderators, then a close is announced.
func (d *decision) careUp() {
	s := d.s
	switch s.Care.Step {
	case CareGrace:
		d.emit(CareMoved{Step: CareDeputies})
	case CareDeputies:
		d.emit(CareMoved{Step: CareModerators, Until: d.now.Add(s.Set.ModWait)})
	case CareModerators:
		end := d.now.Add(s.Set.CloseNotice)
		d.emit(CareMoved{Step: CareClosing, Until: end})
		d.emit(EndSet{At: end})
	}
}

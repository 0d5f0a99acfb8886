package room

import (
	"slices"
	"unicode/utf8"
)

// Hands, wishes, support for one person, pictures, and duties.

// Hand: whoever raises one takes part, also after "listening today".
func (a Hand) decide(d *decision) {
	seat := d.s.Seats[d.by]
	if a.On == (seat.Hand > 0) {
		return // already so
	}
	if a.On && seat.Listening {
		d.emit(Listens{Seat: d.by})
	}
	d.emit(HandRaised{Seat: d.by, On: a.On})
	d.callHand()
}

// callHand offers a resting stick to a hand, also one that was up while its
// seat could not take it. Elsewhere a hand moves nothing: the stick may rest
// because somebody laid it in the centre.
func (d *decision) callHand() {
	if d.s.Round.byHand() && !d.s.closeNow(d.now) { // nor does it begin another stage
		d.moveOn("")
	}
}

func (e HandRaised) apply(s *State, by Entry) {
	seat := s.Seats[e.Seat]
	if seat == nil {
		return
	}
	seat.Hand = 0
	if e.On {
		seat.Hand = max(by.Seq, 1)
	}
	if s.Round.byHand() && !e.On {
		s.unqueue(e.Seat)
	}
	s.waitByHand(e.Seat, by)
}

// waitByHand gives a raised hand its place in a round that goes by hand. Who
// raises one with the stick at them waits from the end of that on.
func (s *State) waitByHand(id SeatID, by Entry) {
	seat := s.Seats[id]
	if seat != nil && seat.Hand > 0 && s.Round.byHand() && s.inRing(id) && s.placeOf(id).Seat == "" && s.Stick.Seat != id {
		seat.Hand = max(seat.Hand, by.Seq)
		s.Round.Queue = append(s.Round.Queue, Place{Seat: id})
	}
}

// byHand says whether the stick comes only to those who raise a hand.
func (r Round) byHand() bool { return r.Going && Stage{Order: r.Order}.byHand() }

func (a SetWish) decide(d *decision) {
	st := d.s.Stick
	switch {
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At == Resting || st.Seat != d.by:
		d.refuse(NotHolding)
	case !slices.Contains([]Wish{WishListen, WishReflections, WishIdeas}, a.Wish):
		d.refuse(BadWish)
	case st.Wish == a.Wish: // already so
	default:
		d.emit(Wished(a))
	}
}

func (e Wished) apply(s *State, _ Entry) { s.Stick.Wish = e.Wish }

// Rally offers somebody a support round. It begins when they agree and the
// stick is free.
func (a Rally) decide(d *decision) {
	sup := d.s.Support
	switch {
	case !d.s.inRing(a.Seat):
		d.refuse(NotInRing)
	case sup.settled():
		d.refuse(NotNow)
	case sup != nil && sup.Seat == a.Seat && sup.Asked: // already so
	default:
		d.emit(SupportAsked(a))
	}
}

// settled says that a support round goes, or waits for the stick.
func (sup *Support) settled() bool { return sup != nil && (sup.Going || sup.Asked && sup.Agreed) }

// Consent to a support round, also unasked; or a word that one would rather
// not, also while it goes on.
func (a Consent) decide(d *decision) {
	sup := d.s.Support
	mine := sup != nil && sup.Seat == d.by
	switch {
	case !d.s.inRing(d.by):
		d.refuse(NotNow)
	case a.Yes && mine && sup.Agreed: // already so
	case a.Yes && !mine && sup != nil:
		d.refuse(NotNow) // somebody else's
	case a.Yes:
		d.emit(SupportWanted{Seat: d.by})
	case mine:
		d.supportGone()
	}
}

// supportBegins starts the round once it is wanted, offered, and the stick
// is free: everybody may say something, the person it is for comes last.
func (d *decision) supportBegins() {
	s, sup := d.s, d.s.Support
	if !s.supportReady() || s.closeNow(d.now) {
		return
	}
	queue := slices.DeleteFunc(s.roundOrder(OrderRing), func(id SeatID) bool { return id == sup.Seat })
	if len(queue) == 0 {
		return
	}
	if s.Round.Going { // by raised hands: it goes on afterwards
		d.emit(RoundEnded{N: s.Round.N})
	}
	if s.Floor != Ring {
		d.emit(FloorSet{Floor: Ring})
	}
	d.emit(SupportBegan{Seat: sup.Seat})
	d.emit(RoundStarted{N: s.Round.N + 1, Queue: append(queue, sup.Seat)})
	d.moveOn("")
}

// supportReady says whether a support round could begin now.
func (s *State) supportReady() bool {
	sup := s.Support
	wanted := sup != nil && sup.Asked && sup.Agreed && !sup.Going
	free := s.Stick.At == Resting && (!s.Round.Going || s.Round.byHand()) && s.Now.Moving == 0 && (s.Floor != Quiet || s.Now.Bell)
	return wanted && free && s.Phase == Circle && s.Hold == nil && !s.unkept() && s.ready(sup.Seat)
}

// supportGone ends it when the person it is for went, or has enough: with
// the words of whoever speaks.
func (d *decision) supportGone() {
	if !d.s.Support.Going {
		d.emit(SupportOver{Seat: d.s.Support.Seat})
		return
	}
	if d.s.Stick.At == Offered {
		d.release(d.s.Stick.Seat, HowMoved, HowDone)
	}
	d.missRest()
	d.moveOn("")
}

func (d *decision) supportOver() {
	if sup := d.s.Support; sup != nil && sup.Going {
		d.emit(SupportOver{Seat: sup.Seat, Began: true})
	}
}

func (e SupportAsked) apply(s *State, _ Entry) {
	if s.Support == nil || s.Support.Seat != e.Seat {
		s.Support = &Support{Seat: e.Seat}
	}
	s.Support.Asked = true
}

func (e SupportWanted) apply(s *State, _ Entry) {
	if s.Support == nil || s.Support.Seat != e.Seat {
		s.Support = &Support{Seat: e.Seat}
	}
	s.Support.Agreed = true
}

func (e SupportBegan) apply(s *State, _ Entry) {
	if s.Support != nil {
		s.Support.Going = true
	}
}

func (SupportOver) apply(s *State, _ Entry) { s.Support = nil }

// Show: one picture in a turn, where the stage has pictures.
func (a Show) decide(d *decision) {
	st := d.s.Stick
	g, _ := d.s.present()
	switch {
	case a.Turn != st.Turn:
		d.refuse(TurnMoved)
	case st.At != InHand || st.Seat != d.by:
		d.refuse(NotHolding)
	case !g.Images:
		d.refuse(NoPictures)
	case st.Shown || len(d.s.Words.Pictures) >= MaxPictures:
		d.refuse(OnePicture)
	case a.Alt == "":
		d.refuse(NoWords)
	case utf8.RuneCountInString(a.Alt) > MaxAlt:
		d.refuse(LongNote)
	default:
		p := a.Picture
		d.emit(Said{Seat: d.by, Turn: st.Turn, Text: a.Alt, Picture: &p})
	}
}

func (a Grant) decide(d *decision) {
	seat := d.s.Seats[a.Seat]
	switch {
	case !slices.Contains([]Duty{Timekeeper, Greeter, Reader}, a.Duty):
		d.refuse(NoSuchDuty)
	case seat == nil:
		d.refuse(NoSuchSeat)
	case !slices.Contains(d.s.Order, a.Seat):
		d.refuse(NotMember)
	case slices.Contains(seat.Duties, a.Duty) == a.On: // already so
	case a.On && d.s.withDuty(a.Duty) >= MaxOfDuty:
		d.refuse(EnoughOfThem)
	default:
		d.emit(DutySet(a))
	}
}

func (e DutySet) apply(s *State, _ Entry) {
	seat := s.Seats[e.Seat]
	if seat == nil {
		return
	}
	seat.Duties = slices.DeleteFunc(slices.Clone(seat.Duties), func(o Duty) bool { return o == e.Duty })
	if e.On {
		seat.Duties = append(seat.Duties, e.Duty)
	}
}

// withDuty counts who have a duty.
func (s *State) withDuty(duty Duty) int {
	n := 0
	for id := range s.Seats {
		if s.has(id, duty) {
			n++
		}
	}
	return n
}

func (s *State) has(id SeatID, duty Duty) bool {
	seat := s.Seats[id]
	return seat != nil && slices.Contains(seat.Duties, duty)
}

func (Remind) decide(d *decision) { d.emit(Reminded{}) }

func (Reminded) apply(s *State, by Entry) { s.Rules = by.At }

// HandOver gives the chair on. A facilitator may give it to any member, who
// is a deputy from then on; a deputy only back to a facilitator (rule 8).
func (a HandOver) decide(d *decision) {
	seat := d.s.Seats[a.Seat]
	keeps := d.s.keeps(d.by)
	switch {
	case seat == nil:
		d.refuse(NoSuchSeat)
	case d.s.Chair == a.Seat: // already so
	case seat.Role != Facilitator && !keeps:
		d.refuse(NotYours)
	case seat.Role != Facilitator && seat.Role != Member:
		d.refuse(NotMember)
	case d.s.restricted(a.Seat):
		d.refuse(NotNow)
	case !seat.Here:
		d.refuse(SeatAway)
	case d.s.muted(a.Seat):
		d.refuse(SeatMuted)
	case seat.Role == Member && !slices.Contains(d.s.Deputies, a.Seat) && len(d.s.Deputies) >= MaxDeputies:
		d.refuse(TooManyNamed)
	default:
		if seat.Role == Member && !slices.Contains(d.s.Deputies, a.Seat) {
			d.emit(Deputized{Seat: a.Seat, On: true})
		}
		d.emit(ChairTaken(a))
	}
}

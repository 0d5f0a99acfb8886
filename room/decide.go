package room

import (
	"fmt"
	"slices"
	"time"
)

// decision is one command being judged. Rules read s and emit events; an
// emitted event is applied to a copy, so that the next rule sees it.
type decision struct {
	s       *State
	own     bool // s is a copy already
	now     time.Time
	by      SeatID
	role    Role
	events  []Event
	refusal *Refusal
}

// Repeat answers a command that was committed before: its number was used
// up by entry Seq.
type Repeat struct{ Seq uint64 }

func (r *Repeat) Error() string { return fmt.Sprintf("room: a repeat of entry %d", r.Seq) }

// Begin returns the first entry of a room's log.
func Begin(id ID, set Settings, now time.Time) Entry {
	return Entry{Seq: 1, At: now, Events: []Event{Begun{Room: id, Set: set}}}
}

// Decide judges a command at a time and changes nothing. It returns what
// would happen; nothing, if what is asked is already so; or an error: a
// *Refusal for the person, or a *Repeat.
func (s *State) Decide(now time.Time, c Command) ([]Event, error) {
	d := &decision{s: s, now: now, by: c.By.Seat, role: House}
	if err := d.admit(c); err != nil {
		return nil, err
	}
	c.Do.decide(d)
	if d.refusal != nil {
		return nil, d.refusal
	}
	if d.own {
		d.settle()
	}
	return d.events, nil
}

// admit checks who asks: the seat, its numbering, the table.
func (d *decision) admit(c Command) error {
	last := d.s.Receipt(c.By.Seat, c.Session)
	if c.N > 0 && last.N == c.N {
		return &Repeat{Seq: last.Seq} // also when it was the close that is asked about again
	}
	if d.s.Phase == Over && !d.s.stillAsked(c) {
		return Refuse(RoomOver)
	}
	switch {
	case c.By.Desk:
		d.role = Desk
	case !c.By.House:
		role, ok := d.s.part(c.By.Seat)
		if !ok {
			return Refuse(NotSeated)
		}
		d.role = role
		if c.N > 0 && c.N != last.N+1 {
			return Refuse(OutOfOrder)
		}
	}
	return d.s.allow(c.Do.Can(), d.role)
}

// stillAsked says whether a command can be asked of a room that is over.
func (s *State) stillAsked(c Command) bool {
	if c.By.Desk {
		return May(c.Do.Can(), Desk, Over)
	}
	seat := s.Seats[c.By.Seat]
	return seat != nil && May(c.Do.Can(), seat.Role, Over)
}

// Receipt returns a session's last committed command; zero if there is none.
func (seat *Seat) Receipt(session string) Receipt {
	return receiptIn(seat.Receipts, session)
}

func receiptIn(list []Receipt, session string) Receipt {
	for _, r := range list {
		if r.Session == session {
			return r
		}
	}
	return Receipt{Session: session}
}

// allow reads the table.
func (s *State) allow(c Capability, role Role) error {
	phases := table[c][role]
	switch {
	case slices.Contains(phases, s.PhaseNow()):
		return nil
	case len(phases) == 0:
		return Refuse(NotYours)
	case s.Hold != nil:
		return Refuse(RoomHeld)
	}
	return Refuse(NotNow)
}

func (d *decision) refuse(c Code) { d.refusal = Refuse(c) }

// emit adds an event that later rules must see.
func (d *decision) emit(e Event) {
	if !d.own {
		d.s, d.own = d.s.Clone(), true
	}
	d.events = append(d.events, e)
	d.s.Apply(Entry{Seq: d.s.Seq, At: d.now, Events: []Event{e}})
}

// only adds an event that no later rule looks at; it saves the copy.
func (d *decision) only(e Event) { d.events = append(d.events, e) }

// settle keeps the chair filled and the room cared for (rule 8).
func (d *decision) settle() {
	if s := d.s; s.Phase != Over && s.Seats[s.Chair] == nil {
		if id := s.firstFacilitator(); id != "" {
			d.emit(ChairTaken{Seat: id})
		}
	}
	d.settleAsides()
	s := d.s
	if s.Phase == Over {
		return
	}
	d.settleDoor()
	d.settleAgenda()
	s = d.s
	kept := s.kept()
	switch {
	case kept && s.Care != nil:
		d.emit(CareOver{})
	case !kept && s.Care == nil && s.Phase == Circle:
		d.emit(CareMoved{Step: CareGrace, Until: d.now.Add(s.Set.KeeperGrace)})
	case s.Care != nil && s.Care.Until.IsZero() && (s.Stick.At != InHand || s.Hold != nil):
		d.askForKeeper() // the turn is over, or held, which nobody here can end
	}
	d.settleRound()
}

// settleRound begins the round of a stage for which nobody was there when the
// stage began: the closing round waits for nobody's hand.
func (d *decision) settleRound() {
	s := d.s
	g, _ := s.present()
	waits := g.Kind == KindRound && !g.byHand() && s.Now.Rounds == 0 && !s.Round.Going && s.Now.Moving == 0
	if waits && s.Phase == Circle && s.Hold == nil && !s.unkept() && s.Floor == Ring && s.Stick.At == Resting {
		d.startRound()
	}
}

// settleAgenda gives a stage its own floor back after a turn beside it, and
// begins or ends a support round.
func (d *decision) settleAgenda() {
	if sup := d.s.Support; sup != nil && !d.s.inRing(sup.Seat) {
		d.supportGone()
	}
	d.supportBegins()
	s := d.s
	g, ok := s.present()
	if ok && g.Kind != KindRound && s.Floor == Ring && s.Stick.At == Resting && !s.Round.Going {
		d.emit(FloorSet{Floor: g.floor()})
	}
}

// askForKeeper asks the deputies; with none named, the moderators.
func (d *decision) askForKeeper() {
	if !slices.ContainsFunc(d.s.Deputies, d.s.deputy) {
		d.emit(CareMoved{Step: CareModerators, Until: d.now.Add(d.s.Set.ModWait)})
		return
	}
	d.emit(CareMoved{Step: CareDeputies, Until: d.now.Add(d.s.Set.DeputyWait)})
}

// firstFacilitator returns the facilitator with a line who sits longest.
func (s *State) firstFacilitator() SeatID {
	var first SeatID
	for id, seat := range s.Seats {
		if s.keeps(id) && seat.Here && (first == "" || seat.Since < s.Seats[first].Since) {
			first = id
		}
	}
	return first
}

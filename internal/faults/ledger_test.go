package faults

import (
	"fmt"
	"slices"
	"time"

	"hearth/room"
)

// The closing round begins by itself within a beat of the log and a grace (see
// flags), in time in which somebody wrote. Nodes may be dead or cut off; one
// that writes has a timer that runs.
const (
	beat      = 250 * time.Millisecond
	closesIn  = beat + 4*time.Second
	longPause = time.Second // of a log's silence at most so much counts
)

// rule 9: with less left than a turn takes, the closing round follows; and
// whoever speaks two minutes before it is told when it begins.
const (
	turnTakes = time.Minute
	firmFrom  = 2 * time.Minute
)

// ledger is an account of a room's stages, rounds and hands, kept by hand
// beside the room's own code, and of what may never be in it.
type ledger struct {
	c       *checker
	agenda  []room.Stage
	start   time.Time
	began   bool
	stage   room.StageID
	moving  room.StageID
	firm    bool // the holder was told that the closing round comes
	floor   room.Floor
	round   int
	going   bool
	rev     int
	chair   room.SeatID
	roles   map[room.SeatID]room.Role
	readers map[room.SeatID]bool
	hands   map[room.SeatID]bool

	supports bool // a support round goes

	waited time.Duration // for the closing round, after its time
}

// agenda checks the log as it ended: nothing but an act or the closing
// round's own time moves a stage, a round or a prompt.
func (c *checker) agenda() {
	g := &ledger{c: c, roles: map[room.SeatID]room.Role{}, readers: map[room.SeatID]bool{}, hands: map[room.SeatID]bool{}}
	for _, l := range c.line {
		var err error
		if err = g.closes(l); err == nil {
			err = g.linesMoveNothing(l)
		}
		for _, ev := range l.Entry.Events {
			if err == nil {
				err = g.event(l, ev)
			}
		}
		if err == nil {
			err = g.holds(l)
		}
		if err != nil {
			c.v.fault("entry %d: %v: %s", l.Entry.Seq, err, l.Facts)
			return // what follows from it would only hide it
		}
	}
}

// linesMoveNothing: lines that drop, nodes and keys that are lost move
// neither stage nor round nor prompt.
func (g *ledger) linesMoveNothing(l *Link) error {
	line, moves := false, false
	for _, ev := range l.Entry.Events {
		switch ev.(type) {
		case room.Dropped, room.Reached, room.Unreached, room.Keyed:
			line = true
		case room.StageSet, room.StageMoving, room.RoundStarted, room.RoundEnded, room.FloorSet, room.Planned, room.Extended, room.Moved, room.Merged, room.Missed:
			moves = true
		}
	}
	if line && moves {
		return fmt.Errorf("a line moves the circle")
	}
	return nil
}

func (g *ledger) event(l *Link, ev room.Event) error {
	for _, ask := range []func(*Link, room.Event) error{g.stages, g.rounds, g.words} {
		if err := ask(l, ev); err != nil {
			return err
		}
	}
	g.people(ev)
	return nil
}

// stages: where the agenda is.
func (g *ledger) stages(l *Link, ev room.Event) error {
	switch ev := ev.(type) {
	case room.Begun:
		g.agenda, g.floor = slices.Clone(ev.Set.Agenda), room.Ring
	case room.CircleBegan:
		g.start, g.began = l.Entry.At, true
	case room.Froze:
		if g.began {
			g.start = g.start.Add(ev.For)
		}
	case room.Extended:
		i := g.at(ev.Stage)
		if _, acts := g.did(l).(room.Extend); !acts && !g.lost(l) || i < 0 {
			return fmt.Errorf("nobody asked for more time")
		}
		g.agenda[i].Time += ev.By
		g.notYet()
	case room.TimeTold:
		g.firm = g.firm || ev.Firm
	case room.TurnEnded:
		g.firm = false
	case room.Planned:
		past := g.at(g.stage) + 1
		switch do, acts := g.did(l).(room.Plan); {
		case len(ev.Stages) < past || !slices.Equal(ev.Stages[:past], g.agenda[:past]):
			return fmt.Errorf("a plan changes what has been")
		case (!acts || do.Rev != g.rev) && !g.lost(l), ev.Rev != g.rev+1:
			return fmt.Errorf("plan %d follows plan %d", ev.Rev, g.rev)
		}
		kept := g.keepsTime()
		g.rev, g.agenda = ev.Rev, slices.Clone(ev.Stages)
		if g.began && !kept && g.keepsTime() {
			g.start = l.Entry.At // the first times count from now
		}
		if g.at(g.moving) < 0 {
			g.moving = 0
		}
		g.notYet()
	case room.StageMoving:
		if !g.asksFor(l, ev.Stage) && !g.isTime(l, ev.Stage, firmFrom) {
			return fmt.Errorf("stage %d is announced, and nobody asked for it", ev.Stage)
		}
		g.moving = ev.Stage
	case room.StageSet:
		if g.moving != ev.Stage && !g.asksFor(l, ev.Stage) && !g.isTime(l, ev.Stage, turnTakes) {
			return fmt.Errorf("stage %d begins, and nobody asked for it", ev.Stage)
		}
		if ev.Later > 0 && g.at(g.stage) < g.closing() {
			return fmt.Errorf("the closing round is put off, and nobody went back from it")
		}
		g.start = g.start.Add(ev.Later)
		g.count(l, ev.Stage)
		g.stage, g.moving, g.floor = ev.Stage, 0, floorOf(g.agenda[g.at(ev.Stage)].Kind)
	case room.FloorSet:
		g.floor = ev.Floor
	}
	return nil
}

func (g *ledger) at(id room.StageID) int {
	return slices.IndexFunc(g.agenda, func(s room.Stage) bool { return s.ID == id })
}

func (g *ledger) closing() int {
	return slices.IndexFunc(g.agenda, func(s room.Stage) bool { return s.Closing })
}

// notYet: more time, or another plan, calls off the closing round that was
// about to begin.
func (g *ledger) notYet() {
	if g.firm && g.at(g.moving) == g.closing() {
		g.moving = 0
	}
	g.firm = false
}

// keepsTime: a stage before the closing round has a time.
func (g *ledger) keepsTime() bool {
	return slices.ContainsFunc(g.agenda[:max(g.closing(), 0)], func(s room.Stage) bool { return s.Time > 0 })
}

// did is what somebody asked for with an entry; nil: nobody did.
func (g *ledger) did(l *Link) room.Act { return g.c.asked[l].Do }

// lost says whether somebody asked for an entry and nobody knows what: where
// the log was rewound, numbers are used again.
func (g *ledger) lost(l *Link) bool { return g.c.lossy && l.Entry.N > 0 && g.did(l) == nil }

// asksFor says whether somebody asked for a stage with an entry.
func (g *ledger) asksFor(l *Link, id room.StageID) bool {
	switch do := g.did(l).(type) {
	case room.Go:
		return do.To == id && do.From == g.stage
	case room.Next:
		return g.stage == 0 && g.at(id) == 0
	}
	return g.lost(l)
}

// closesAt is when the closing round begins; zero if it has no time.
func (g *ledger) closesAt() (at time.Time) {
	i := g.closing()
	if g.stage == 0 || g.at(g.stage) >= i {
		return at
	}
	sum := time.Duration(0)
	for _, s := range g.agenda[:i] {
		sum += s.Time
	}
	if sum > 0 {
		at = g.start.Add(sum)
	}
	return at
}

// isTime says whether a stage is the closing round, with at most so much time
// before it.
func (g *ledger) isTime(l *Link, id room.StageID, left time.Duration) bool {
	at := g.closesAt()
	return g.at(id) == g.closing() && !at.IsZero() && !l.Entry.At.Before(at.Add(-left))
}

// count keeps how late a closing round is that nobody asked for.
func (g *ledger) count(l *Link, id room.StageID) {
	if g.at(id) == g.closing() && !g.asksFor(l, id) {
		g.c.v.closings++
		g.c.v.late = max(g.c.v.late, g.waited)
	}
}

// closes: the closing round is not waited for. While the room is held, nobody
// keeps it, or somebody says the last words they were promised, it may be.
func (g *ledger) closes(l *Link) error {
	if l.Parent == nil {
		return nil
	}
	s, at := l.Parent.State(), g.closesAt()
	unkept := s.Care != nil && s.Care.Step != room.CareGrace
	if at.IsZero() || s.Phase != room.Circle || s.Hold != nil || unkept || s.Stick.At == room.InHand && g.moving != 0 {
		g.waited = 0
		return nil
	}
	from := l.Parent.Entry.At
	if at.After(from) {
		from = at
	}
	g.waited += max(0, min(l.Entry.At.Sub(from), longPause))
	if g.waited > closesIn {
		return fmt.Errorf("the closing round is %v late", l.Entry.At.Sub(at))
	}
	return nil
}

// rounds count on, one after the other.
func (g *ledger) rounds(_ *Link, ev room.Event) error {
	switch ev := ev.(type) {
	case room.RoundStarted:
		if g.going || ev.N != g.round+1 {
			return fmt.Errorf("round %d begins after round %d (%v)", ev.N, g.round, g.going)
		}
		g.round, g.going = ev.N, true
	case room.RoundEnded:
		if !g.going || ev.N != g.round {
			return fmt.Errorf("round %d ends in round %d (%v)", ev.N, g.round, g.going)
		}
		g.going = false
	case room.Closed:
		g.going = false
	}
	return nil
}

// words: nobody speaks in the quiet; where somebody leads, whoever keeps the
// circle and readers do. Who has the stick, oneStick knows.
func (g *ledger) words(_ *Link, ev room.Event) error {
	said, is := ev.(room.Said)
	switch {
	case !is || said.Guardian:
	case g.floor == room.Quiet:
		return fmt.Errorf("somebody speaks in the quiet")
	case g.floor == room.Lead && g.roles[said.Seat] != room.Facilitator && g.chair != said.Seat && !g.readers[said.Seat]:
		return fmt.Errorf("somebody speaks where another leads")
	}
	return nil
}

// people: their parts, and their hands.
func (g *ledger) people(ev room.Event) {
	gone := func(id room.SeatID) {
		delete(g.roles, id)
		delete(g.readers, id)
		delete(g.hands, id)
		if g.chair == id {
			g.chair = ""
		}
	}
	switch ev := ev.(type) {
	case room.Joined:
		g.roles[ev.Seat] = ev.Role
	case room.TakesPart:
		g.roles[ev.Seat] = room.Member
	case room.Left:
		gone(ev.Seat)
	case room.Removed:
		gone(ev.Seat)
	case room.ChairTaken:
		g.chair = ev.Seat
	case room.DutySet:
		if ev.Duty == room.Reader {
			g.readers[ev.Seat] = ev.On
		}
	case room.HandRaised:
		g.hands[ev.Seat] = ev.On
	case room.SupportBegan:
		g.supports = true
	case room.SupportOver:
		g.supports = false
	case room.StickOffered:
		g.hands[ev.To] = g.hands[ev.To] && g.supports // it was not raised for this
	case room.Listens:
		if ev.On {
			g.hands[ev.Seat] = false
		}
	}
}

// holds holds the account against what the room made of the entry.
func (g *ledger) holds(l *Link) error {
	s := l.State()
	is := fmt.Sprint(s.Now.Stage, s.Now.Moving, s.Floor, s.Round.N, s.Round.Going, s.Plan, s.Chair)
	if own := fmt.Sprint(g.stage, g.moving, g.floor, g.round, g.going, g.rev, g.chair); is != own {
		return fmt.Errorf("stage, next stage, floor, round, going, plan, chair are %s and should be %s", is, own)
	}
	for id, seat := range s.Seats {
		if g.hands[id] != (seat.Hand > 0) {
			return fmt.Errorf("the hand of %s is up: %v, and should be: %v", id, seat.Hand > 0, g.hands[id])
		}
	}
	prompt := s.Set.Prompt
	if i := g.at(g.stage); i >= 0 {
		prompt = g.agenda[i].Prompt
	}
	if got := s.RoomView(l.Entry.At).Prompt; got != prompt {
		return fmt.Errorf("the prompt is %q and should be %q", got, prompt)
	}
	return nil
}

func floorOf(k room.Kind) room.Floor {
	return map[room.Kind]room.Floor{room.KindRound: room.Ring, room.KindOpen: room.Open, room.KindQuiet: room.Quiet, room.KindLead: room.Lead}[k]
}

// plans: of two who change the agenda at the same time, one does.
func (c *checker) plans() {
	first := map[int]Op{}
	for _, o := range c.r.Ops {
		do, is := o.Do.(room.Plan)
		if !is || o.Outcome != Done || c.lossy && c.wasTold(o) {
			continue
		}
		if was, twice := first[do.Rev]; twice {
			c.v.fault("two plans for one: %v and %v", was, o)
		}
		first[do.Rev] = o
	}
}

// finals: what everybody knew at the end, on whichever node, is what the log
// has made of the room.
func (c *checker) finals() {
	for _, f := range c.r.Finals {
		i := slices.IndexFunc(c.line, func(l *Link) bool { return l.Entry.Seq == f.Seq })
		if i < 0 || f.View == nil {
			c.v.fault("%s ends at entry %d, which the log doesn't have", f.Who, f.Seq)
			continue
		}
		l := c.line[i]
		want := Final{Keeps: f.Keeps, View: l.State().RoomView(l.Entry.At), Seats: l.State().SeatViews(), Keep: l.State().KeepView()}
		if is, should := f.bare(), want.bare(); is != should {
			c.v.fault("%s ends with %s; it is %s", f.Who, is, should)
		}
	}
}

// bare is what of it a witness can tell: no words, and no clock.
func (f Final) bare() string {
	view := *f.View
	view.Prompt, view.Stick.Spent = untyped(view.Prompt), 0
	seats := map[room.SeatID]room.SeatView{}
	for id, seat := range f.Seats {
		s := *seat
		s.Name, s.Pronouns = "", ""
		seats[id] = s
	}
	keep := room.KeepView{}
	if f.Keeps && f.Keep != nil {
		keep = room.KeepView{Plan: f.Keep.Plan, Queue: f.Keep.Queue, Hands: f.Keep.Hands}
	}
	return toJSON(struct {
		Room  room.RoomView
		Seats map[room.SeatID]room.SeatView
		Keep  room.KeepView
	}{view, seats, keep})
}

// typed: a prompt that was typed is one that somebody typed for its stage.
func (c *checker) typed() {
	known := map[string]bool{}
	for _, o := range c.r.Ops {
		if do, is := o.Do.(room.Plan); is {
			for _, g := range do.Stages {
				known[g.Prompt] = true
			}
		}
	}
	for at, variants := range c.r.Sights {
		for _, s := range variants {
			for _, prompt := range s.Typed {
				if !known[prompt] {
					c.v.fault("clients saw the prompt %q at %v, which nobody typed", prompt, at)
				}
			}
		}
	}
}

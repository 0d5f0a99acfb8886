package formats_test

import (
	"maps"
	"slices"
	"time"

	"hearth/room"
)

// judge watches a circle through its entries and what everybody is shown,
// and keeps its own account: a room that is wrong and agrees with itself is
// still found out.
type judge struct {
	set     room.Settings
	now     time.Time
	seats   map[room.SeatID]*sitter
	chair   room.SeatID
	round   roundSeen
	turn    turnSeen
	stage   room.Stage
	goesOn  bool // whoever keeps the circle said so, and a turn is still to end
	support room.SeatID
	parked  map[room.SeatID]bool // hands that wait while a support round goes

	began   time.Time
	merged  map[room.SeatID]bool // said aloud, until the closing round is over
	shares  map[room.SeatID]time.Duration
	used    map[room.SeatID]bool // their share, to its end
	shown   shown
	figures figures
}

// sitter is somebody in the circle, as the entries tell.
type sitter struct {
	ring, here, listening bool
	muted                 bool
	gone                  time.Time
	hand                  time.Time     // raised since; zero: not
	airtime               time.Duration // with the stick in hand
}

func (p *sitter) present() bool { return p.ring && p.here && !p.listening && !p.muted }

type roundSeen struct {
	going bool
	n     int
	order room.Order
	owed  map[room.SeatID]bool // who was there at its start, or raised a hand, and was not asked yet
	late  map[room.SeatID]bool // who came while it went
}

type turnSeen struct {
	n               uint64
	offered, holder room.SeatID
	since           time.Time // its clock runs since; zero: it doesn't
	spent           time.Duration
	down            time.Duration // its line was, in all
	limit           time.Duration // as offered
	told            bool
	toldAt          time.Duration // of its clock
}

// shown is what everybody was shown last.
type shown struct {
	n      int
	prompt string
}

// figures are what one circle adds to the table.
type figures struct {
	asked, merged, out int // of those there at a round's start
	late               time.Duration
	closing            bool // it came to it
	length             time.Duration
	ratio              float64 // of the longest share to the shortest, of those used; 0: there were none
	support            bool
}

func newJudge(set room.Settings) *judge {
	return &judge{set: set, seats: map[room.SeatID]*sitter{}, merged: map[room.SeatID]bool{},
		shares: map[room.SeatID]time.Duration{}, used: map[room.SeatID]bool{}}
}

// saw takes one entry in. The error is a promise that was not kept.
func (j *judge) saw(s *room.State, e room.Entry) error {
	j.now = e.At
	frame := room.View(s, e, room.Everybody)
	for _, ev := range e.Events {
		for _, look := range []func(room.Entry, room.Event) error{j.stick, j.people, j.rounds, j.hands, j.agenda} {
			if err := look(e, ev); err != nil {
				return err
			}
		}
	}
	if frame == nil || frame.Room == nil {
		return nil
	}
	return j.looks(e, frame.Room)
}

// looks compares what everybody is shown with what happened.
func (j *judge) looks(e room.Entry, v *room.RoomView) error {
	for id := range j.merged {
		if j.seats[id] != nil && !slices.Contains(v.Merged, id) {
			return brokenf("%s was to say both in the closing round, and it isn't shown", id)
		}
	}
	was := j.shown
	j.shown = shown{v.Round.N, v.Prompt}
	for _, ev := range e.Events {
		switch ev.(type) {
		case room.Dropped, room.Returned:
			if was != j.shown && j.support == "" { // whom a support round is for may have been waited for
				return brokenf("a line changed round %d, %q to round %d, %q", was.n, was.prompt, v.Round.N, v.Prompt)
			}
		}
	}
	return nil
}

// spent is what the turn's clock shows.
func (j *judge) spent() time.Duration {
	if j.turn.since.IsZero() {
		return j.turn.spent
	}
	return j.turn.spent + j.now.Sub(j.turn.since)
}

// run starts or stops the turn's clock.
func (j *judge) run(on bool) {
	j.turn.spent, j.turn.since = j.spent(), time.Time{}
	if on {
		j.turn.since = j.now
	}
}

// stick: never two holders, and nobody's turn ends without a word to them.
func (j *judge) stick(e room.Entry, ev room.Event) error {
	t := &j.turn
	switch ev := ev.(type) {
	case room.StickOffered:
		if t.holder != "" || t.offered != "" {
			return brokenf("offered to %s while %s has it", ev.To, t.holder+t.offered)
		}
		if ev.Turn <= t.n {
			return brokenf("turn %d after turn %d", ev.Turn, t.n)
		}
		*t = turnSeen{n: ev.Turn, offered: ev.To, limit: ev.Limit}
	case room.OfferEnded:
		t.offered = ""
		j.waitsAnew(j.seats[ev.Seat])
	case room.Took:
		if t.offered != ev.Seat || t.n != ev.Turn {
			return brokenf("%s took turn %d, offered to %q", ev.Seat, ev.Turn, t.offered)
		}
		t.offered, t.holder = "", ev.Seat
		j.run(j.seats[ev.Seat].here)
	case room.TimeTold:
		j.tellsHolder()
	case room.StageMoving:
		j.tellsHolder()
	case room.TurnEnded:
		if t.holder != ev.Seat || t.n != ev.Turn {
			return brokenf("turn %d of %s ended, which is %q's", ev.Turn, ev.Seat, t.holder)
		}
		return j.turnEnds(e, ev)
	}
	return nil
}

// tellsHolder: the first word about a turn's end is the one that counts.
func (j *judge) tellsHolder() {
	if !j.turn.told {
		j.turn.told, j.turn.toldAt = true, j.spent()
	}
}

// notice is what somebody has from being told until their turn ends. The
// house tells 30 s before and more; the rest is for rounding.
const notice = 25 * time.Second

// usesUp: whoever has less left of their turn has used their time.
const usesUp = 10 * time.Second

func (j *judge) turnEnds(e room.Entry, ev room.TurnEnded) error {
	p, t, spent := j.seats[ev.Seat], j.turn, j.spent()
	p.airtime += spent
	j.waitsAnew(p)
	if j.stage.Split && j.support == "" {
		j.shares[ev.Seat] += spent
		j.used[ev.Seat] = t.told && (ev.How == room.HowTime || ev.How == room.HowMoved || t.limit-spent < usesUp)
	}
	j.turn = turnSeen{n: t.n}
	switch ev.How {
	case room.HowTime, room.HowMoved:
		if !t.told || spent-t.toldAt < notice {
			return brokenf("%s's turn ended (%s) after %v, told %v at %v", ev.Seat, ev.How, spent, t.told, t.toldAt)
		}
	case room.HowDone:
		if e.By != ev.Seat {
			return brokenf("%s's turn ended as if they had passed the stick on", ev.Seat)
		}
	case room.HowCut:
		muted := slices.ContainsFunc(e.Events, func(ev room.Event) bool { _, is := ev.(room.Muted); return is })
		away := !p.here && (j.now.Sub(p.gone) >= j.set.Grace || t.down+j.now.Sub(p.gone) >= j.set.MaxStopped)
		if !muted && !away {
			return brokenf("%s's turn was cut off, here: %v", ev.Seat, p.here)
		}
	}
	return nil
}

// people keeps account of who is here.
func (j *judge) people(_ room.Entry, ev room.Event) error {
	switch ev := ev.(type) {
	case room.Joined:
		j.seats[ev.Seat] = &sitter{ring: ev.Role == room.Member || ev.Role == room.Facilitator, here: true}
		j.came(ev.Seat)
	case room.Returned:
		p := j.seats[ev.Seat]
		p.here = true
		if j.turn.holder == ev.Seat {
			j.turn.down += j.now.Sub(p.gone)
			j.run(true)
		}
	case room.Dropped:
		j.seats[ev.Seat].here, j.seats[ev.Seat].gone = false, j.now
		if j.turn.holder == ev.Seat {
			j.run(false)
		}
	case room.Left:
		j.leaves(ev.Seat)
		delete(j.seats, ev.Seat)
	case room.Listens:
		j.seats[ev.Seat].listening = ev.On
		if ev.On {
			j.leaves(ev.Seat)
		} else {
			j.came(ev.Seat)
		}
	case room.Muted:
		if p := j.seats[ev.Seat]; p != nil {
			p.muted = true
			j.leaves(ev.Seat)
		}
	case room.Unmuted:
		if p := j.seats[ev.Seat]; p != nil {
			p.muted = false
		}
	case room.ChairTaken:
		j.chair = ev.Seat
	}
	return nil
}

// came: whoever comes while a round goes is a latecomer in it.
func (j *judge) came(id room.SeatID) {
	if j.round.going && !j.round.owed[id] {
		j.round.late[id] = true
	}
}

// leaves: whoever goes, listens or is muted has opted out.
func (j *judge) leaves(id room.SeatID) {
	if j.round.owed[id] {
		j.figures.out++
		delete(j.round.owed, id)
	}
}

// waitsAnew: whoever raises a hand with the stick at them comes after those
// who wait already.
func (j *judge) waitsAnew(p *sitter) {
	if !p.hand.IsZero() && byHand(j.round.order) {
		p.hand = j.now
	}
}

// rounds: everybody there at the start is asked, or asked in the closing
// round and the circle is told, or has opted out. Latecomers come last.
func (j *judge) rounds(e room.Entry, ev room.Event) error {
	r := &j.round
	switch ev := ev.(type) {
	case room.RoundStarted:
		if r.going || ev.N != r.n+1 {
			return brokenf("round %d begins after round %d, which goes on: %v", ev.N, r.n, r.going)
		}
		*r = roundSeen{going: true, n: ev.N, order: ev.Order, owed: map[room.SeatID]bool{}, late: map[room.SeatID]bool{}}
		if j.support != "" {
			return nil // nobody owes anybody words of support
		}
		for id, p := range j.seats {
			if j.parked[id] && !p.hand.IsZero() && !byHand(ev.Order) {
				return brokenf("%s's hand was up, and it was neither seen nor said to come in the closing round", id)
			}
			if byHand(ev.Order) && p.ring && !p.listening && !p.muted && !p.hand.IsZero() || !byHand(ev.Order) && p.present() {
				r.owed[id] = true
			}
		}
		j.parked = nil
	case room.StickOffered:
		if err := j.nextIsNext(ev); err != nil {
			return err
		}
		if r.owed[ev.To] {
			j.figures.asked++
			delete(r.owed, ev.To)
		}
	case room.Merged:
		for _, id := range ev.Seats {
			j.merged[id] = true
			delete(j.parked, id)
			if r.owed[id] {
				j.figures.merged++
				delete(r.owed, id)
			}
		}
	case room.RoundEnded:
		if byHand(r.order) && slices.ContainsFunc(e.Events, isSupport) {
			j.parked, r.owed = r.owed, nil // hands wait until the support round is over
		}
		if len(r.owed) > 0 {
			return brokenf("round %d is over, and nobody asked %v, nor said that they come in the closing round", r.n, list(slices.Sorted(maps.Keys(r.owed))))
		}
		r.going = false
	}
	return nil
}

func isSupport(ev room.Event) bool { _, is := ev.(room.SupportBegan); return is }

// nextIsNext: a latecomer's turn comes after everybody else's, a hand's
// after the hands before it, and the one heard least comes first.
func (j *judge) nextIsNext(ev room.StickOffered) error {
	r, to := j.round, j.seats[ev.To]
	if !r.going || ev.Place.Seat == "" || ev.Place.Again || ev.Place.Cut {
		return nil
	}
	for id, p := range j.seats {
		switch {
		case id == ev.To || !p.present():
		case r.order != room.OrderNominate && !byHand(r.order) && r.late[ev.To] && r.owed[id]:
			return brokenf("%s came late and is asked before %s", ev.To, id)
		case !r.owed[id] || !byHand(r.order):
		case r.order == room.OrderHands && p.hand.Before(to.hand):
			return brokenf("%s raised a hand before %s, who is asked", id, ev.To)
		case r.order == room.OrderLeast && p.airtime+time.Second < to.airtime:
			return brokenf("%s was heard for %v, %s for %v, who is asked", id, p.airtime, ev.To, to.airtime)
		}
	}
	return nil
}

// hands: whose is up is asked, lowers it, or comes in the closing round.
func (j *judge) hands(_ room.Entry, ev room.Event) error {
	switch ev := ev.(type) {
	case room.HandRaised:
		p := j.seats[ev.Seat]
		p.hand = time.Time{}
		if ev.On {
			p.hand = j.now
		}
		waits := j.round.going && byHand(j.round.order)
		switch {
		case waits && ev.On && !p.muted:
			j.round.owed[ev.Seat] = true
		case waits && !ev.On:
			j.leaves(ev.Seat)
		}
	case room.StickOffered:
		if j.support == "" {
			j.seats[ev.To].hand = time.Time{}
		}
	case room.Listens:
		if ev.On {
			j.seats[ev.Seat].hand = time.Time{}
		}
	}
	return nil
}

// agenda: the closing round begins in time.
func (j *judge) agenda(e room.Entry, ev room.Event) error {
	switch ev := ev.(type) {
	case room.CircleBegan:
		j.began = j.now
	case room.SupportBegan:
		j.support, j.figures.support = ev.Seat, true
	case room.SupportOver:
		j.support = ""
	case room.StageSet:
		was, said := j.stage, j.goesOn || e.By == j.chair
		j.goesOn = false
		i := slices.IndexFunc(j.set.Agenda, func(g room.Stage) bool { return g.ID == ev.Stage })
		j.stage = j.set.Agenda[i]
		if was.Closing {
			j.merged = map[room.SeatID]bool{}
		}
		if j.stage.Closing {
			return j.closes(i, said)
		}
	case room.StageMoving:
		j.goesOn = e.By == j.chair
	case room.Closed:
		j.merged = map[room.SeatID]bool{}
		j.figures.length = j.now.Sub(j.began)
		j.figures.ratio = j.sharesRatio()
	}
	return nil
}

// slack is how much later than its time a closing round may begin, and how
// much earlier unless whoever keeps the circle goes on to it.
const slack = time.Minute

func (j *judge) closes(i int, said bool) error {
	due := j.began
	for _, g := range j.set.Agenda[:i] {
		due = due.Add(g.Time)
	}
	j.figures.closing, j.figures.late = true, j.now.Sub(due)
	if j.figures.late < -slack && !said {
		return brokenf("the closing round begins %v early, and nobody who keeps the circle said so", -j.figures.late)
	}
	return nil
}

// sharesRatio compares the longest share with the shortest, among those who
// used theirs to its end.
func (j *judge) sharesRatio() float64 {
	var longest, shortest time.Duration
	for id, d := range j.shares {
		if !j.used[id] {
			continue
		}
		longest = max(longest, d)
		if shortest == 0 || d < shortest {
			shortest = d
		}
	}
	if shortest == 0 {
		return 0
	}
	return float64(longest) / float64(shortest)
}

// inTime says whether the closing round began when it should.
func (f figures) inTime() bool { return f.closing && f.late <= slack }

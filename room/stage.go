package room

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"time"
)

// The agenda: stages, their rounds, and the closing round that cannot be
// starved (rule 9).

// Lengths of rule 9 and of notices.
const (
	shortTurn  = time.Minute      // to which offers shrink before the closing round
	firmTime   = 2 * time.Minute  // before the closing round a turn's end is firm
	lastWords  = time.Minute      // for whoever speaks when the stage moves on
	hardNotice = 30 * time.Second // before a turn ends with its limit
	splitSlack = time.Minute      // for silence and lines, when a share must still fit
	atMostLate = 10 * time.Second // is a timer that nothing held back
)

// stageAt returns where a stage stands in tonight's agenda; -1: nowhere.
func (s *State) stageAt(id StageID) int {
	return slices.IndexFunc(s.Agenda, func(g Stage) bool { return g.ID == id })
}

// present returns the stage that the circle is in; false if it is in none.
func (s *State) present() (Stage, bool) {
	if i := s.stageAt(s.Now.Stage); i >= 0 {
		return s.Agenda[i], true
	}
	return Stage{}, false
}

// closing returns where the closing round stands in the agenda, -1: nowhere,
// and whether it is still to come.
func (s *State) closing() (int, bool) {
	i := slices.IndexFunc(s.Agenda, func(g Stage) bool { return g.Closing })
	return i, i >= 0 && s.Now.Stage != 0 && s.stageAt(s.Now.Stage) < i
}

// closesAt says when the closing round begins; zero if the agenda keeps no
// time, or it has begun. What comes before it may take longer or shorter:
// the closing round doesn't move with it.
func (s *State) closesAt() time.Time {
	_, ahead := s.closing()
	if !ahead || s.Phase != Circle || !s.keepsTime() {
		return time.Time{}
	}
	return s.Start.Add(s.beforeClosing())
}

// beforeClosing is what the stages before the closing round take.
func (s *State) beforeClosing() (sum time.Duration) {
	i, _ := s.closing()
	for _, g := range s.Agenda[:max(i, 0)] {
		sum += g.Time
	}
	return sum
}

// keepsTime says whether any stage before the closing round has a time.
func (s *State) keepsTime() bool { return s.beforeClosing() > 0 }

// floor is how speaking goes as a stage begins.
func (g Stage) floor() Floor {
	switch g.Kind {
	case KindOpen:
		return Open
	case KindQuiet:
		return Quiet
	case KindLead:
		return Lead
	}
	return Ring
}

func (a Go) decide(d *decision) {
	s := d.s
	switch {
	case a.To == s.Now.Stage || a.To == s.Now.Moving && a.To != 0: // already so
	case a.From != s.Now.Stage:
		d.refuse(StageMoved)
	case s.stageAt(a.To) < 0:
		d.refuse(NoSuchStage)
	case s.Stick.At == InHand && s.Stick.Seat != d.by:
		d.emit(StageMoving{Stage: a.To}) // never mid-word
	default:
		d.begin()
		d.release(s.Stick.Seat, HowMoved, HowDone)
		d.enter(a.To)
	}
}

// enter begins a stage. The stick rests.
func (d *decision) enter(id StageID) {
	d.leaveRound()
	d.emit(StageSet{Stage: id, Later: d.s.backFromClosing(id, d.now)})
	if _, ahead := d.s.closing(); !ahead && d.s.Support != nil {
		d.supportGone() // there is no time left for one
	}
	if g, _ := d.s.present(); g.Kind == KindRound {
		d.startRound()
	}
}

// backFromClosing says how much later the closing round comes when whoever
// keeps the circle goes back from it, or from behind it, to a stage before:
// that stage and what follows have their time again.
func (s *State) backFromClosing(to StageID, now time.Time) time.Duration {
	closing, ahead := s.closing()
	i := s.stageAt(to)
	if closing < 0 || ahead || s.Now.Stage == 0 || i >= closing {
		return 0
	}
	var before, again time.Duration
	for j, g := range s.Agenda[:closing] {
		before += g.Time
		if j >= i {
			again += g.Time
		}
	}
	return max(0, now.Add(again).Sub(s.Start.Add(before)))
}

// leaveRound ends a round before everybody was offered the stick.
func (d *decision) leaveRound() {
	r := d.s.Round
	if !r.Going {
		return
	}
	g, _ := d.s.present()
	if _, ahead := d.s.closing(); ahead && g.byHand() && d.s.Support != nil && d.s.Support.Going {
		if hands := d.s.roundOrder(g.Order); len(hands) > 0 { // which waited until the support round is over
			d.emit(Merged{Seats: hands})
		}
	}
	d.missRest()
	d.emit(RoundEnded{N: r.N})
	d.supportOver()
}

// startRound offers the stick to whoever comes first, in the order of the
// present stage. With nobody there to take it, it rests.
func (d *decision) startRound() {
	s := d.s
	g, _ := s.present()
	if g.Kind != KindRound {
		g = Stage{Order: OrderRing}
	}
	queue := s.roundOrder(g.Order)
	if len(queue) == 0 && !g.byHand() {
		return
	}
	started := RoundStarted{N: s.Round.N + 1, Queue: queue}
	if g.Order != OrderRing {
		started.Order = g.Order
	}
	if g.Split {
		started.Share = s.share(g, len(queue), d.now)
	}
	d.emit(started)
	d.moveOn("")
}

// share is an equal part of what remains of a stage's time, for n people: four
// fifths of it. The rest is for latecomers, dropped lines and silence, so
// that the last have as much as the first.
func (s *State) share(g Stage, n int, now time.Time) time.Duration {
	return max(s.toShare(g, now)*4/5/time.Duration(max(n, 1)), shortTurn).Truncate(time.Second)
}

// toShare is what remains of a stage's time.
func (s *State) toShare(g Stage, now time.Time) time.Duration {
	left := g.Time - s.Now.Clock.Read(now)
	if at := s.closesAt(); !at.IsZero() {
		left = min(left, at.Sub(now))
	}
	return left
}

// fits says whether a place can still have its whole share. Nobody is given
// less than the others: whose share doesn't fit has their turn in the closing
// round instead.
func (s *State) fits(p Place, now time.Time) bool {
	g, _ := s.present()
	if !g.Split || s.Support != nil && s.Support.Going {
		return true
	}
	limit, _ := s.turnTime(now, p)
	return limit+splitSlack <= s.toShare(g, now)
}

// roundOrder lists those with a line in the order of a round. It begins with
// whoever keeps the circle: the facilitator usually goes first, to show how.
func (s *State) roundOrder(o Order) []SeatID {
	start := max(slices.Index(s.Order, s.Chair), 0)
	var order []SeatID
	for i := range s.Order {
		step := i
		if o == OrderReversed {
			step = len(s.Order) - i
		}
		id := s.Order[(start+step)%len(s.Order)]
		here := s.Seats[id].Here && !s.out(id) || Stage{Order: o}.byHand() // a raised hand stays up
		if s.inRing(id) && here {
			order = append(order, id)
		}
	}
	switch {
	case o == OrderRandom:
		slices.SortFunc(order, func(a, b SeatID) int { return slices.Compare(s.lot(a), s.lot(b)) })
	case Stage{Order: o}.byHand():
		order = slices.DeleteFunc(order, func(id SeatID) bool { return s.Seats[id].Hand == 0 })
		slices.SortStableFunc(order, s.firstHand)
	}
	return order
}

func (s *State) firstHand(a, b SeatID) int { return cmp.Compare(s.Seats[a].Hand, s.Seats[b].Hand) }

// lot draws a seat's lot for the next round. Room and seat ids are random,
// so a hash of them is chance enough, and every node draws the same.
func (s *State) lot(id SeatID) []byte {
	h := sha256.Sum256(append([]byte(string(s.Room)+"/"+string(id)+"/"), byte(s.Round.N), byte(s.Round.N>>8)))
	return h[:]
}

// turnTime says how long the turn of a place may be, and whether it ends
// then. Before the closing round offers shrink when the rest no longer fits.
func (s *State) turnTime(now time.Time, p Place) (limit time.Duration, hard bool) {
	g, inStage := s.present()
	switch {
	case !inStage || g.Kind != KindRound || s.Support != nil && s.Support.Going:
		limit = s.Set.TurnTime
	case g.Split:
		limit, hard = s.Round.Share, g.Hard && s.Round.Share > 0 // beside the round there is no share
	default:
		limit, hard = g.Turn, g.Hard
	}
	if limit > 0 {
		limit = max(limit-p.Spent, min(limit, shortTurn))
	}
	at := s.closesAt()
	if at.IsZero() || !s.Round.Going || s.Round.Share > 0 {
		return limit, hard // a share is as long as the others', or comes in the closing round
	}
	waiting := len(s.Round.Queue)
	if p.Seat == "" || s.placeOf(p.Seat).Seat == "" {
		waiting++
	}
	switch each := at.Sub(now) / time.Duration(waiting); {
	case limit > 0 && each < limit:
		limit = max(each, min(limit, shortTurn)).Truncate(time.Second)
	case limit == 0 && each <= shortTurn:
		limit = shortTurn
	}
	return limit, hard
}

// offer offers the resting stick.
func (d *decision) offer(to, from SeatID, p Place) {
	limit, hard := d.s.turnTime(d.now, p)
	d.emit(StickOffered{Turn: d.s.Stick.Turn + 1, To: to, From: from, Place: p, Limit: limit, Hard: hard})
}

// closeNow says whether there is no time left for another offer before the
// closing round.
func (s *State) closeNow(now time.Time) bool {
	at := s.closesAt()
	return !at.IsZero() && at.Sub(now) < shortTurn
}

// enterClosing begins the closing round.
func (d *decision) enterClosing() {
	i, _ := d.s.closing()
	d.enter(d.s.Agenda[i].ID)
}

// roundOver ends a round that went round, and begins the stage's next one:
// if there is one, its time has not come, and anybody spoke in the last.
func (d *decision) roundOver() {
	s := d.s
	spoke := s.Round.Took || s.Support != nil && s.Support.Going
	d.emit(RoundEnded{N: s.Round.N})
	d.supportOver()
	if d.s.supportReady() {
		return // it comes first
	}
	s = d.s
	g, ok := s.present()
	more := g.Rounds == 0 || s.Now.Rounds < g.Rounds
	inTime := more && (g.Time == 0 || s.Now.Clock.Read(d.now) < g.Time)
	if ok && g.Kind == KindRound && spoke && (inTime || g.byHand()) { // hands are called until the stage ends
		d.startRound()
	}
}

// asItComes says whether nothing limits the present stage. More time would be
// the first that it has, and end what has none.
func (s *State) asItComes() bool {
	_, ahead := s.closing()
	return ahead && !s.keepsTime()
}

func (a Extend) decide(d *decision) {
	g, ok := d.s.present()
	by := time.Duration(a.Minutes) * time.Minute
	switch {
	case !ok:
		d.refuse(NoSuchStage)
	case a.Minutes < 1 || a.Minutes > MaxMoreMinutes || g.Time+by > MaxStageTime:
		d.refuse(BadMinutes)
	case d.s.asItComes(): // already so
	default:
		d.emit(Extended{Stage: g.ID, By: by})
	}
}

func (a Plan) decide(d *decision) {
	if a.Rev != d.s.Plan {
		d.refuse(PlanMoved)
		return
	}
	past := d.s.Agenda[:d.s.stageAt(d.s.Now.Stage)+1]
	planned := Planned{Rev: a.Rev + 1, Stages: slices.Clone(past)}
	next := d.s.Newest + 1 // which may have been dropped again
	for _, g := range d.s.Agenda {
		next = max(next, g.ID+1)
	}
	for _, p := range a.Stages {
		g, ok := d.s.planned(p, next)
		if !ok || len(p.Title) > MaxTitle || len(p.Prompt) > MaxPrompt || p.Minutes < 0 || p.Minutes > 24*60 {
			d.refuse(BadPlan)
			return
		}
		next = max(next, g.ID+1)
		planned.Stages = append(planned.Stages, g)
		if p.Title != "" || p.Prompt != "" {
			if planned.Typed == nil {
				planned.Typed = map[StageID]Typed{}
			}
			planned.Typed[g.ID] = Typed{Title: p.Title, Prompt: p.Prompt}
		}
	}
	if len(planned.Stages) == 0 || CheckAgenda(planned.Stages) != nil {
		d.refuse(BadPlan)
		return
	}
	d.emit(planned)
}

// planned returns the stage that one of a plan becomes; false if it means
// one that is not to come.
func (s *State) planned(p PlanStage, id StageID) (Stage, bool) {
	minutes := time.Duration(p.Minutes) * time.Minute
	if p.ID == 0 {
		return Stage{ID: id, Kind: p.Kind, Order: p.Order, Time: minutes, Turn: time.Duration(p.Turn) * time.Second, Rounds: p.Rounds, Images: p.Images}, true
	}
	i := s.stageAt(p.ID)
	if i < 0 || i <= s.stageAt(s.Now.Stage) {
		return Stage{}, false
	}
	g := s.Agenda[i]
	g.Time = minutes
	return g, true
}

func (a Move) decide(d *decision) {
	r := d.s.Round
	waits := func(id SeatID) bool {
		return r.Going && d.s.placeOf(id).Seat != "" || !r.Going && slices.Contains(d.s.Order, id)
	}
	switch {
	case d.s.Seats[a.Seat] == nil || a.Before != "" && d.s.Seats[a.Before] == nil:
		d.refuse(NoSuchSeat)
	case !waits(a.Seat) || a.Before != "" && !waits(a.Before):
		d.refuse(NotWaiting)
	case a.Seat == a.Before: // already so
	case r.Order == OrderLeast:
		d.refuse(NotNow)
	default:
		d.emit(Moved(a))
	}
}

func (e StageSet) apply(s *State, by Entry) {
	s.Now, s.Start = Progress{Stage: e.Stage}, s.Start.Add(e.Later)
	g, _ := s.present()
	s.Floor = g.floor()
	if i, _ := s.closing(); i >= 0 && s.stageAt(e.Stage) > i {
		for _, seat := range s.Seats {
			seat.Merged = false
		}
	}
}

func (e StageMoving) apply(s *State, by Entry) {
	s.Now.Moving = e.Stage
	st := &s.Stick
	end := st.Clock.Read(by.At) + lastWords
	if !st.Hard || st.Limit > end {
		st.Limit = end
	}
	st.Hard, st.Told = true, true
}

func (e Extended) apply(s *State, by Entry) {
	if i := s.stageAt(e.Stage); i >= 0 {
		s.Agenda[i].Time += e.By
		if e.Stage == s.Now.Stage {
			s.Now.Bell = false // it rings when that has passed
		}
		s.notYet(by.At)
	}
}

// notYet takes back what was told because of the closing round's time. The
// turn has its own time again, and a minute at least.
func (s *State) notYet(now time.Time) {
	st := &s.Stick
	if !st.Firm {
		return
	}
	st.Firm, st.Told = false, false
	if i, _ := s.closing(); s.Now.Moving == 0 || s.stageAt(s.Now.Moving) != i {
		return
	}
	g, _ := s.present()
	s.Now.Moving, st.Limit, st.Hard = 0, g.Turn, g.Hard
	if g.Split {
		st.Limit = s.Round.Share
	}
	if st.Limit > 0 {
		st.Limit = max(st.Limit, st.Clock.Read(now)+lastWords)
	}
}

func (e Planned) apply(s *State, by Entry) {
	kept := s.keepsTime()
	for _, g := range slices.Concat(s.Agenda, e.Stages) {
		s.Newest = max(s.Newest, g.ID)
	}
	s.Plan, s.Agenda = e.Rev, slices.Clone(e.Stages)
	if s.Phase == Circle && !kept && s.keepsTime() {
		s.Start = by.At // the times are from now on: nobody meant the past
	}
	for id, t := range e.Typed {
		if s.Words.Stages == nil {
			s.Words.Stages = map[StageID]Typed{}
		}
		was := s.Words.Stages[id]
		if t.Title == "" {
			t.Title = was.Title
		}
		if t.Prompt == "" {
			t.Prompt = was.Prompt
		}
		s.Words.Stages[id] = t
	}
	for id := range s.Words.Stages {
		if s.stageAt(id) < 0 {
			delete(s.Words.Stages, id)
		}
	}
	if s.stageAt(s.Now.Moving) < 0 {
		s.Now.Moving = 0
	}
	s.notYet(by.At)
}

func (e Moved) apply(s *State, _ Entry) {
	if s.Round.Going {
		p := s.placeOf(e.Seat)
		if p.Seat == "" {
			return
		}
		s.unqueue(e.Seat)
		i := slices.IndexFunc(s.Round.Queue, func(o Place) bool { return o.Seat == e.Before })
		if i < 0 {
			i = len(s.Round.Queue)
		}
		s.Round.Queue = slices.Insert(s.Round.Queue, i, p)
		s.Round.Moved = true
		return
	}
	s.Order = without(s.Order, e.Seat)
	i := slices.Index(s.Order, e.Before)
	if i < 0 {
		i = len(s.Order)
	}
	s.Order = slices.Insert(s.Order, i, e.Seat)
}

func (e Merged) apply(s *State, _ Entry) {
	for _, id := range e.Seats {
		if seat := s.Seats[id]; seat != nil {
			seat.Merged = true
		}
		s.unqueue(id)
	}
}

// merged lists, in the order of the ring, whose turn is made up for.
func (s *State) merged() []SeatID {
	var list []SeatID
	for _, id := range s.Order {
		if s.Seats[id].Merged {
			list = append(list, id)
		}
	}
	return list
}

func (BellRang) apply(s *State, _ Entry) { s.Now.Bell = true }

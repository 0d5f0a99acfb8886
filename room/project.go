package room

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// View makes the frame for one audience of what s became with entry e. Nil
// if there is nothing in it for them. What concerns one seat or the keepers
// is made anew each time; whoever sends it leaves out what they have.
func View(s *State, e Entry, who Audience) *Frame {
	f := &Frame{Seq: e.Seq, At: ms(e.At)}
	switch {
	case who.Door != "":
		if f.Door = s.DoorView(who.Door); f.Door == nil {
			return nil
		}
	case who.Keepers:
		f.Keep = s.KeepView()
	case who.Seat != "":
		f.You = s.YouView(who.Seat)
	default:
		return s.forEverybody(f, e)
	}
	return f
}

// forEverybody fills in what is said aloud; nil if nothing was.
func (s *State) forEverybody(f *Frame, e Entry) *Frame {
	for _, ev := range e.Events {
		switch ev := ev.(type) {
		case Said:
			f.Said = &SaidView{Seat: ev.Seat, Turn: ev.Turn, Guardian: ev.Guardian, Text: ev.Text, Note: ev.Note}
			if p := ev.Picture; p != nil {
				f.Said.Picture = &PictureView{Name: p.Name, W: p.W, H: p.H}
			}
			continue
		case Retracted:
			f.Retracted = ev.Seq
			continue
		case Left:
			f.Left = &LeftView{Seat: ev.Seat, Fine: ev.Fine}
		case Removed:
			if !ev.Here {
				continue
			}
			f.Left = &LeftView{Seat: ev.Seat}
		case Muted, Unmuted, TimeTold, Reached, Unreached, Keyed, SupportAsked, SupportWanted, AsideOpened,
			CameToDoor, DoorDropped, LetIn, LeftDoor, ToldAtDoor, Stated, Withdrawn, Readmitted:
			continue // nobody else's concern
		case Restricted:
			if s.Seats[ev.Seat] == nil {
				continue
			}
		case Named:
			if s.Seats[ev.Seat] == nil {
				continue // at the door, or gone again
			}
		case SupportOver:
			if !ev.Began {
				continue
			}
		case AsideOver:
			if len(ev.Back) == 0 {
				continue
			}
		case SteppedOut:
			if !ev.Out {
				continue
			}
		case SteppedIn:
			if !ev.Back {
				continue
			}
		}
		f.Room = s.RoomView(e.At)
		for _, id := range touched(s, ev) {
			if f.Seats == nil {
				f.Seats = map[SeatID]*SeatView{}
			}
			f.Seats[id] = s.SeatView(id)
		}
	}
	if f.Room == nil && f.Said == nil && f.Retracted == 0 {
		return nil
	}
	return f
}

// touched lists the seats whose view an event changes.
func touched(s *State, e Event) []SeatID {
	switch e := e.(type) {
	case Joined:
		return []SeatID{e.Seat}
	case Returned:
		return []SeatID{e.Seat}
	case Dropped:
		return []SeatID{e.Seat}
	case Left:
		return []SeatID{e.Seat}
	case Removed:
		return []SeatID{e.Seat}
	case Named:
		return []SeatID{e.Seat}
	case TakesPart:
		return []SeatID{e.Seat}
	case Listens:
		return []SeatID{e.Seat}
	case HandRaised:
		return []SeatID{e.Seat}
	case StickOffered:
		return []SeatID{e.To} // a raised hand goes down
	case DutySet:
		return []SeatID{e.Seat}
	case Restricted:
		return []SeatID{e.Seat}
	case AsideOver:
		return e.Back
	case SteppedOut:
		return []SeatID{e.Seat}
	case SteppedIn:
		return []SeatID{e.Seat}
	case Deputized, ChairTaken:
		return slices.Collect(maps.Keys(s.Seats))
	}
	return nil
}

// RoomView returns the room as everybody may see it at a time.
func (s *State) RoomView(now time.Time) *RoomView {
	v := &RoomView{
		Title: s.Set.Title, Prompt: s.Set.Prompt, Phase: s.PhaseNow(), Floor: s.Floor,
		Round: RoundView{N: s.Round.N, Going: s.Round.Going, Next: s.upcoming()},
		Order: slices.Clone(s.Order), Chair: s.Chair, Closing: ms(s.Closing),
	}
	if v.Order == nil {
		v.Order = []SeatID{}
	}
	if o := s.Round.Order; len(v.Round.Next) > 2 && o != OrderRandom && o != OrderNominate {
		v.Round.Next = v.Round.Next[:2]
	}
	if s.Round.Going && !s.Round.byHand() {
		v.Round.At, v.Round.Of = min(s.Round.At, s.Round.Of), s.Round.Of
	}
	s.agendaView(v)
	st := s.Stick
	v.Stick = StickView{
		At: st.At, Turn: st.Turn, Seat: st.Seat, From: st.From,
		Spent: st.Clock.Read(now).Milliseconds(), Runs: !st.Clock.Since.IsZero(), Limit: st.Limit.Milliseconds(), Hard: st.Hard, Wish: st.Wish,
	}
	if s.Hold != nil {
		v.Hold = &HoldView{By: s.Hold.By, Why: s.Hold.Why, Since: ms(s.Hold.Since)}
	}
	if s.Care != nil {
		v.Care = &CareView{Step: s.Care.Step, Until: ms(s.Care.Until)}
	}
	return v
}

// agendaView fills in where the agenda is.
func (s *State) agendaView(v *RoomView) {
	v.Merged, v.Rules = s.merged(), ms(s.Rules)
	if s.Support != nil && s.Support.Going {
		v.Support = s.Support.Seat
	}
	i := s.stageAt(s.Now.Stage)
	if i >= 0 {
		g := s.worded(s.Agenda[i])
		v.Prompt = g.Prompt
		v.Stage = &StageView{ID: g.ID, Kind: g.Kind, Order: g.Order, Title: g.Title, Images: g.Images, Closing: g.Closing, Bell: s.Now.Bell}
	}
	if i+1 < len(s.Agenda) {
		v.Then = s.worded(s.Agenda[i+1]).Title
	}
	if j := s.stageAt(s.Now.Moving); j >= 0 {
		v.Moving = s.worded(s.Agenda[j]).Title
	}
	v.Closes = ms(s.closesAt())
}

// worded returns a stage with what was typed for it tonight.
func (s *State) worded(g Stage) Stage {
	t := s.Words.Stages[g.ID]
	g.Title, g.Prompt = cmp.Or(t.Title, g.Title), cmp.Or(t.Prompt, g.Prompt)
	return g
}

// stageClock tells how long the stage has gone on; nil outside of stages.
func (s *State) stageClock() *StageClock {
	i := s.stageAt(s.Now.Stage)
	if i < 0 {
		return nil
	}
	c := &StageClock{Spent: s.Now.Clock.Spent.Milliseconds(), Since: ms(s.Now.Clock.Since), Time: s.Agenda[i].Time.Milliseconds()}
	for _, g := range s.Agenda[i+1:] {
		c.Left += g.Time.Milliseconds()
	}
	return c
}

// SeatView returns a seat as everybody may see it; nil if it is not here.
func (s *State) SeatView(id SeatID) *SeatView {
	seat := s.Seats[id]
	if seat == nil {
		return nil
	}
	role, _ := s.RoleOf(id)
	if seat.Role == Moderator {
		role = Moderator // seen as one also in the chair
	}
	name := s.Words.Names[id]
	return &SeatView{Role: role, Name: name.Name, Pronouns: name.Pronouns, Here: seat.Here, Listening: seat.Listening,
		Hand: seat.Hand > 0, Out: s.out(id), Duties: seat.Duties}
}

// SeatViews returns all seats as everybody may see them.
func (s *State) SeatViews() map[SeatID]*SeatView {
	all := make(map[SeatID]*SeatView, len(s.Seats))
	for id := range s.Seats {
		all[id] = s.SeatView(id)
	}
	return all
}

// KeepView returns what those who look after the circle see beside that.
func (s *State) KeepView() *KeepView {
	v := &KeepView{Removed: slices.Clone(s.Barred), Asides: s.keptAsides(), Waiting: s.waitingView()}
	if s.Hold != nil {
		v.AskHold = ms(s.Hold.Asked)
	}
	for id, mute := range s.Mutes {
		if v.Muted == nil {
			v.Muted = map[SeatID]int64{}
		}
		v.Muted[id] = ms(mute.Until)
	}
	for id, seat := range s.Seats {
		if seat.Here {
			continue
		}
		if v.Away == nil {
			v.Away = map[SeatID]int64{}
		}
		v.Away[id] = ms(seat.Gone)
	}
	s.planView(v)
	return v
}

// planView fills in tonight's agenda and who waits for what.
func (s *State) planView(v *KeepView) {
	v.Plan, v.Clock = s.Plan, s.stageClock()
	for _, g := range s.Agenda {
		g = s.worded(g)
		v.Agenda = append(v.Agenda, PlanView{ID: g.ID, Kind: g.Kind, Order: g.Order, Title: g.Title, Prompt: g.Prompt, Cue: g.Cue,
			Time: g.Time.Milliseconds(), Turn: g.Turn.Milliseconds(), Split: g.Split, Rounds: g.Rounds, Images: g.Images, Closing: g.Closing})
	}
	for _, p := range s.queue() {
		v.Queue = append(v.Queue, p.Seat)
	}
	for id, seat := range s.Seats {
		if seat.Hand > 0 {
			v.Hands = append(v.Hands, id)
		}
	}
	slices.SortFunc(v.Hands, s.firstHand)
	if s.Support != nil {
		v.Support = &SupportView{Seat: s.Support.Seat, Step: s.Support.step(), Asked: s.Support.Asked}
	}
}

// YouView returns what concerns one seat alone.
func (s *State) YouView(id SeatID) *YouView {
	v := &YouView{Seat: id, Before: -1, Can: []Capability{}, Removed: s.barred(id), Muted: ms(s.Mutes[id].Until), Why: s.Mutes[id].Why, Stated: s.statement(id)}
	role, ok := s.RoleOf(id)
	if !ok {
		return v
	}
	v.Role = role
	mine := s.Stick.Seat == id
	v.Time = mine && s.Stick.At == InHand && s.Stick.Told
	v.Later = mine && s.Stick.At == Offered && s.canPutOff()
	s.turnView(v, mine && s.Stick.At == InHand)
	if sup := s.Support; sup != nil && sup.Seat == id {
		v.Support = sup.step()
	}
	v.Asides = s.asidesOf(id)
	if s.has(id, Greeter) && !s.looksAfter(id) { // else it is in the keepers' view
		v.Waiting = s.waitingView()
	}
	if s.has(id, Timekeeper) {
		v.Clock = s.stageClock()
	}
	if !s.muted(id) {
		v.Before = slices.Index(s.upcoming(), id)
	}
	for _, c := range wireCapabilities {
		if s.Can(id, c) {
			v.Can = append(v.Can, c)
		}
	}
	return v
}

// turnView fills in what whoever speaks sees of their turn's end.
func (s *State) turnView(v *YouView, holds bool) {
	if !holds {
		return
	}
	v.Shown = s.Stick.Shown
	if at, runs := s.Stick.Clock.When(s.Stick.Limit); runs && s.Stick.Hard {
		v.Until = ms(at)
	}
	if s.Stick.Firm && s.Now.Moving == 0 && !s.closesAt().IsZero() { // else the last words count
		if last := ms(s.closesAt()); v.Until == 0 || last < v.Until {
			v.Until = last
		}
	}
}

// wireCapabilities are those that a person in the room has, in the order of
// their names.
var wireCapabilities = slices.DeleteFunc(Capabilities(), func(c Capability) bool { return !Seated(c) })

// Can says whether a seat could do a thing right now, with the right words,
// turn and person: the table, and what the moment adds to it.
func (s *State) Can(id SeatID, c Capability) bool {
	role, ok := s.part(id)
	if !ok || s.Phase == Over || !May(c, role, s.PhaseNow()) {
		return false
	}
	st := s.Stick
	mine := st.Seat == id
	switch c {
	case "guard":
		return !s.muted(id)
	case "take", "decline":
		return mine && st.At == Offered
	case "later":
		return mine && st.At == Offered && s.canPutOff()
	case "pass":
		return mine && st.At == InHand
	case "say", "typing":
		return s.silenced(id) == ""
	case "name":
		return !s.alone()
	case "next":
		return s.canNext()
	case "skip", "lay":
		return st.At != Resting
	case "more-time":
		return st.At == InHand && st.Limit > 0 && s.Now.Moving == 0 && (role == Facilitator || s.has(id, Timekeeper))
	case "wish":
		return mine && st.At != Resting
	case "show":
		g, _ := s.present()
		return mine && st.At == InHand && g.Images && !st.Shown && len(s.Words.Pictures) < MaxPictures
	case "consent": // that another waits for one is told to who asks: it would tell everybody
		return s.inRing(id) && (s.Support == nil || s.Support.Seat == id || !s.Support.Going)
	case "support":
		return !s.Support.settled()
	case "stage", "plan":
		return len(s.Agenda) > 0
	case "extend":
		g, ok := s.present()
		return ok && g.Time+time.Minute <= MaxStageTime && !s.asItComes()
	case "open-floor":
		return s.Floor != Open || s.Phase == Gathering
	case "hold":
		return s.Hold == nil
	case "release":
		return s.Hold != nil
	case "deputy":
		return s.keeps(id)
	case "take-chair":
		return s.mayTakeChair(id)
	case "admit", "tell":
		return s.canGreet(id, c)
	case "aside":
		return s.canAside(id)
	case "aside-end":
		return len(s.asidesOf(id)) > 0 || role == Facilitator || role == Moderator
	}
	return true
}

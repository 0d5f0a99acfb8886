package room

import (
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
			f.Said = &SaidView{Seat: ev.Seat, Turn: ev.Turn, Guardian: ev.Guardian, Text: ev.Text}
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
		case Muted, Unmuted, TimeTold, Reached, Unreached, Keyed:
			continue // nobody else's concern
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
	if len(v.Round.Next) > 2 {
		v.Round.Next = v.Round.Next[:2]
	}
	st := s.Stick
	v.Stick = StickView{
		At: st.At, Turn: st.Turn, Seat: st.Seat, From: st.From,
		Spent: st.Clock.Read(now).Milliseconds(), Runs: !st.Clock.Since.IsZero(), Limit: st.Limit.Milliseconds(),
	}
	if s.Hold != nil {
		v.Hold = &HoldView{By: s.Hold.By, Why: s.Hold.Why, Since: ms(s.Hold.Since)}
	}
	if s.Care != nil {
		v.Care = &CareView{Step: s.Care.Step, Until: ms(s.Care.Until)}
	}
	return v
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
	return &SeatView{Role: role, Name: name.Name, Pronouns: name.Pronouns, Here: seat.Here, Listening: seat.Listening}
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
	v := &KeepView{Removed: slices.Clone(s.Barred)}
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
	return v
}

// YouView returns what concerns one seat alone.
func (s *State) YouView(id SeatID) *YouView {
	v := &YouView{Seat: id, Before: -1, Can: []Capability{}, Removed: s.barred(id), Muted: ms(s.Mutes[id].Until), Why: s.Mutes[id].Why}
	role, ok := s.RoleOf(id)
	if !ok {
		return v
	}
	v.Role = role
	mine := s.Stick.Seat == id
	v.Time = mine && s.Stick.At == InHand && s.Stick.Told
	v.Later = mine && s.Stick.At == Offered && s.canPutOff()
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

// wireCapabilities are those a person has, in the order of their names.
var wireCapabilities = slices.DeleteFunc(Capabilities(), func(c Capability) bool {
	return len(table[c][House]) > 0
})

// Can says whether a seat could do a thing right now, with the right words,
// turn and person: the table, and what the moment adds to it.
func (s *State) Can(id SeatID, c Capability) bool {
	role, ok := s.RoleOf(id)
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
		return !s.muted(id) && (s.Floor == Open || mine && st.At == InHand)
	case "next":
		return st.At == Resting && slices.ContainsFunc(s.Order, s.ready)
	case "skip", "lay":
		return st.At != Resting
	case "more-time":
		return st.At == InHand && st.Limit > 0
	case "open-floor":
		return s.Floor != Open || s.Phase == Gathering
	case "hold":
		return s.Hold == nil
	case "release":
		return s.Hold != nil
	case "deputy":
		return s.Seats[id].Role == Facilitator
	case "take-chair":
		return s.mayTakeChair(id)
	}
	return true
}

package room

import (
	"maps"
	"slices"
	"time"
)

// Asides: a talk with one person, a quiet room for two or three. Each is a
// room of its own, with its own log and its own words. What is here is who
// may open one and with whom, and who has stepped out into one. Two members
// are never alone in one, which is how newcomers are preyed on; but for a
// greeter, whom the facilitator has named and whose talks they see.

// AsideKind says what an aside is.
type AsideKind string

// The kinds. Whoever talks aside stays in the circle; whoever is in a quiet
// room has stepped out, and the stick passes by.
const (
	Talk      AsideKind = "talk"
	QuietRoom AsideKind = "quiet"
)

// Bounds of asides.
const (
	MaxAsides = 4 // at once; the last is left for those who look after the circle
	MaxAside  = 3 // people in a quiet room
)

// AsideRoom is one aside of a room, as that room knows it.
type AsideRoom struct {
	ID    ID        `json:"id"`
	Kind  AsideKind `json:"kind"`
	By    SeatID    `json:"by"`
	Seats SeatIDs   `json:"seats"`           // whom it is for, By first; clones share it: never changed in place
	In    SeatIDs   `json:"in,omitempty"`    // who sits in it now; clones share it too
	Began bool      `json:"began,omitempty"` // somebody has sat in it
}

// AsideSettings are those of an aside of a room.
func AsideSettings(of ID, title string) Settings {
	set := DefaultSettings()
	set.Title, set.Aside, set.MaxSeats = title, of, MaxAside
	set.SeatGrace, set.MaxLife = 5*time.Minute, 2*time.Hour
	return set
}

func (a Aside) decide(d *decision) {
	by := d.by
	if d.role == Desk { // whoever is at the desk may not be in the room
		if by = a.By; by == "" {
			by = d.s.moderator(a.With)
		} else if seat := d.s.Seats[by]; seat == nil || !seat.Here {
			d.refuse(KeeperNeeded)
			return
		}
	}
	if d.s.hasAside(a.Kind, append([]SeatID{by}, a.With...)) {
		return // already so
	}
	if code := d.s.asideRefused(by, a.Kind, a.With); code != "" {
		d.refuse(code)
		return
	}
	n := len(d.s.Asides)
	if n >= MaxAsides || n == MaxAsides-1 && !d.s.looksAfter(by) {
		d.refuse(TooManyAsides)
		return
	}
	d.emit(AsideOpened{ID: a.ID, Kind: a.Kind, By: by, Seats: append([]SeatID{by}, a.With...)})
}

// moderator is the one with a line who sits longest, and is not one of these;
// empty if there is none.
func (s *State) moderator(but []SeatID) (first SeatID) {
	for id, seat := range s.Seats {
		if seat.Role == Moderator && seat.Here && !slices.Contains(but, id) && (first == "" || seat.Since < s.Seats[first].Since) {
			first = id
		}
	}
	return first
}

// hasAside says whether there is such an aside for the same people.
func (s *State) hasAside(kind AsideKind, seats []SeatID) bool {
	return slices.ContainsFunc(s.Asides, func(a AsideRoom) bool { return a.Kind == kind && sameSeats(a.Seats, seats) })
}

func sameSeats(a, b []SeatID) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(id SeatID) bool { return !slices.Contains(b, id) })
}

// asideRefused says why somebody can't open an aside, however many there are;
// empty if they can. Whom others are aside with is nobody else's concern, so
// nothing here tells.
func (s *State) asideRefused(by SeatID, kind AsideKind, with []SeatID) Code {
	quiet := kind == QuietRoom
	switch {
	case s.Set.Aside != "":
		return NotNow
	case !quiet && (kind != Talk || len(with) != 1), len(with) < 1, len(with) >= MaxAside:
		return BadAside
	case slices.Contains(with, by) || len(with) == 2 && with[0] == with[1]:
		return BadAside
	}
	for _, id := range with {
		switch seat := s.Seats[id]; {
		case seat == nil:
			return NoSuchSeat
		case !seat.Here:
			return SeatAway
		}
	}
	switch {
	case !s.looksAfter(by) && (quiet || !s.has(by, Greeter) && !s.looksAfter(with[0])):
		return KeeperNeeded
	case s.aside(by, with, quiet):
		return InAside
	}
	return ""
}

// looksAfter says whether a seat keeps the circle, or is a moderator's.
func (s *State) looksAfter(id SeatID) bool {
	role, _ := s.RoleOf(id)
	return role == Facilitator || role == Moderator
}

// aside says whether any two of these are in one aside already, or, of a
// quiet room, anybody in another: nobody sits in two.
func (s *State) aside(by SeatID, with []SeatID, quiet bool) bool {
	for _, a := range s.Asides {
		n := 0
		for _, id := range append([]SeatID{by}, with...) {
			if slices.Contains(a.Seats, id) {
				n++
			}
		}
		if n > 1 || n == 1 && quiet && a.Kind == QuietRoom {
			return true
		}
	}
	return false
}

// canAside says whether there is anybody with whom a seat could talk aside.
// That there are too many is told to whoever asks: it would tell everybody
// how many there are.
func (s *State) canAside(by SeatID) bool {
	for id := range maps.Keys(s.Seats) {
		if s.asideRefused(by, Talk, []SeatID{id}) == "" {
			return true
		}
	}
	return false
}

// AsideEnd, by anybody in it or who looks after the circle. To others there
// is none: they find things already so.
func (a AsideEnd) decide(d *decision) {
	i := d.s.asideAt(a.ID)
	if i >= 0 && (d.role == Desk || d.s.looksAfter(d.by) || slices.Contains(d.s.Asides[i].Seats, d.by)) {
		d.endAside(d.s.Asides[i])
	}
}

// endAside ends one; whoever comes back from it may have a hand up.
func (d *decision) endAside(a AsideRoom) {
	d.emit(a.over())
	d.callHand()
}

func (s *State) asideAt(id ID) int {
	return slices.IndexFunc(s.Asides, func(a AsideRoom) bool { return a.ID == id })
}

// over is its end: whoever had stepped out comes back.
func (a AsideRoom) over() AsideOver {
	e := AsideOver{ID: a.ID, Began: a.Began}
	if a.Kind == QuietRoom {
		e.Back = a.In
	}
	return e
}

// AsideGone: the aside's own room is over.
func (a AsideGone) decide(d *decision) {
	if i := d.s.asideAt(a.ID); i >= 0 {
		d.endAside(d.s.Asides[i])
	}
}

// Knock asks whether a seat may go into an aside. Nothing else comes of it.
func (a Knock) decide(d *decision) {
	if !d.s.invited(a.ID, a.Seat) {
		d.refuse(NoSuchAside)
	}
}

func (s *State) invited(id ID, seat SeatID) bool {
	i := s.asideAt(id)
	return i >= 0 && slices.Contains(s.Asides[i].Seats, seat)
}

// StepOut: from somebody who goes into a quiet room the stick moves on. A
// turn counts as cut off, and an offer as put off.
func (a StepOut) decide(d *decision) {
	i := d.s.asideAt(a.ID)
	switch {
	case !d.s.invited(a.ID, a.Seat):
		d.refuse(NoSuchAside)
	case slices.Contains(d.s.Asides[i].In, a.Seat): // already so
	case d.s.Asides[i].Kind == QuietRoom:
		moves := d.releaseMuted(a.Seat)
		d.emit(SteppedOut{ID: a.ID, Seat: a.Seat, Out: true})
		if moves {
			d.moveOn("")
		}
	default:
		d.emit(SteppedOut{ID: a.ID, Seat: a.Seat})
	}
}

func (a StepIn) decide(d *decision) {
	if i := d.s.asideAt(a.ID); i >= 0 && slices.Contains(d.s.Asides[i].In, a.Seat) {
		d.emit(SteppedIn{ID: a.ID, Seat: a.Seat, Back: d.s.Asides[i].Kind == QuietRoom})
		d.callHand()
	}
}

// AsksInto says whether a seat is in an aside because it was asked into it, and
// neither looks after the circle nor is the greeter who talks with somebody.
func (s *State) AsksInto(id ID, seat SeatID) bool {
	i := s.asideAt(id)
	greets := i >= 0 && s.Asides[i].Kind == Talk && s.Asides[i].By == seat
	return !greets && !s.looksAfter(seat)
}

// alone says whether an aside has only people in it who were asked there, and
// more than one: whoever looks after them has gone, or is yet to come.
func (s *State) alone() bool {
	asked := 0
	for _, seat := range s.Seats {
		switch {
		case seat.Here && !seat.Asked:
			return false
		case seat.Here:
			asked++
		}
	}
	return s.Set.Aside != "" && asked > 1
}

// Finish: the room that this is an aside of wants it over.
func (Finish) decide(d *decision) {
	if d.s.Set.Aside != "" {
		d.emit(Closed{})
	}
}

// settleAsides ends asides that have lost their reason: one of the people
// went, or two members would be left to themselves. An aside that everybody
// has left is over.
func (d *decision) settleAsides() {
	for _, a := range d.s.Asides {
		if d.s.Phase == Over || !d.s.stands(a) {
			d.endAside(a)
		}
	}
	if d.s.Set.Aside != "" && d.s.Phase != Over && len(d.s.Seats) == 0 {
		d.emit(Closed{})
	}
}

// stands says whether an aside may go on.
func (s *State) stands(a AsideRoom) bool {
	if slices.ContainsFunc(a.Seats, func(id SeatID) bool { return s.Seats[id] == nil }) {
		return false
	}
	return slices.ContainsFunc(a.Seats, s.looksAfter) || a.Kind == Talk && s.has(a.By, Greeter)
}

// out says whether a seat has stepped out into a quiet room. Its place is
// kept, and the stick passes by.
func (s *State) out(id SeatID) bool {
	return slices.ContainsFunc(s.Asides, func(a AsideRoom) bool { return a.Kind == QuietRoom && slices.Contains(a.In, id) })
}

func (e AsideOpened) apply(s *State, _ Entry) {
	s.Asides = append(s.Asides, AsideRoom{ID: e.ID, Kind: e.Kind, By: e.By, Seats: e.Seats})
}

func (e AsideOver) apply(s *State, _ Entry) {
	s.Asides = slices.DeleteFunc(slices.Clone(s.Asides), func(a AsideRoom) bool { return a.ID == e.ID })
	for _, id := range e.Back {
		s.sitBack(id)
	}
}

func (e SteppedOut) apply(s *State, _ Entry) {
	if i := s.asideAt(e.ID); i >= 0 {
		a := &s.Asides[i]
		a.In, a.Began = append(slices.Clip(a.In), e.Seat), true
	}
}

func (e SteppedIn) apply(s *State, _ Entry) {
	if i := s.asideAt(e.ID); i >= 0 {
		s.Asides[i].In = without(slices.Clone(s.Asides[i].In), e.Seat)
	}
	if e.Back {
		s.sitBack(e.Seat)
	}
}

// sitBack: a round that began meanwhile has somebody as a latecomer.
func (s *State) sitBack(id SeatID) {
	if s.Phase == Circle && s.Seats[id] != nil {
		s.sitInRing(id)
	}
}

// AsideView is an aside as those in it see it, and those who look after the
// circle.
type AsideView struct {
	ID    ID        `json:"id"`
	Kind  AsideKind `json:"kind"`
	By    SeatID    `json:"by"`    // who asked
	Seats []SeatID  `json:"seats"` // whom it is for
	In    []SeatID  `json:"in,omitempty"`
}

func (a AsideRoom) view() AsideView {
	return AsideView{ID: a.ID, Kind: a.Kind, By: a.By, Seats: slices.Clone(a.Seats), In: slices.Clone(a.In)}
}

// asidesOf are those that a seat is in.
func (s *State) asidesOf(id SeatID) (list []AsideView) {
	for _, a := range s.Asides {
		if slices.Contains(a.Seats, id) {
			list = append(list, a.view())
		}
	}
	return list
}

// keptAsides are those that everybody sees who looks after the circle: all
// but what a moderator talks about with somebody, which may be them.
func (s *State) keptAsides() (list []AsideView) {
	for _, a := range s.Asides {
		moderated := slices.ContainsFunc(a.Seats, func(id SeatID) bool { return s.Seats[id] != nil && s.Seats[id].Role == Moderator })
		if a.Kind != Talk || !moderated {
			list = append(list, a.view())
		}
	}
	return list
}

package room

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The door: where people wait to be let in, or for a place in a full room.
// Whoever is there has nothing of the room: no ring, no names, no words. Only
// their own door is shown to them, and only those who may let them in, and the
// moderators, know that they are there.

// Bounds of the door.
const (
	MaxDoor   = 250             // who wait at once
	MaxKnown  = 100             // seats that come back without waiting
	MaxTold   = 300             // characters of a kind sentence to somebody who waits
	MaxListed = 30              // of those who wait, in one frame to those who may let them in
	DoorGrace = 2 * time.Minute // whoever waits and has lost the line is kept so long
)

// AtDoor is one person who waits.
type AtDoor struct {
	Seat     SeatID
	Role     Role // they will have; Listener also of a member who just listens
	First    bool // it is their first time, they say
	Asks     bool // has to be let in; else comes in by themselves when there is a place
	Deputy   bool // is named when they sit down
	Since    time.Time
	Gone     time.Time // since when the line is down; zero: it is up
	Node     string    // where it ends, or ended
	Receipts []Receipt // oldest first; the seat they will have goes on with them
}

// Door is who waits, in order of coming.
type Door []AtDoor

// wait puts somebody at the door; of who is there already it changes what is
// new.
func (d *decision) wait(a Arrive) {
	now := CameToDoor{Seat: a.Seat, Role: a.seatedAs(), Node: a.Node, First: a.First, Deputy: a.Deputy, Asks: a.Wait && !d.s.known(a.Seat)}
	i := d.s.doorAt(a.Seat)
	if i < 0 {
		d.emit(now)
		return
	}
	w := d.s.Door[i]
	now.Asks = w.Asks
	if a.Name == nil { // the house tells of a line, and nobody said anything
		now.Role, now.First, now.Deputy = w.Role, w.First, w.Deputy
	}
	if !w.Gone.IsZero() || now != (CameToDoor{Seat: w.Seat, Role: w.Role, Node: w.Node, First: w.First, Deputy: w.Deputy, Asks: w.Asks}) {
		d.emit(now)
	}
}

// seatedAs is the role that somebody comes to have.
func (a Arrive) seatedAs() Role {
	if a.Role == Member && a.Listen {
		return Listener
	}
	return a.Role
}

// mustWait says whether somebody new goes to the door first.
func (s *State) mustWait(a Arrive) bool {
	switch {
	case s.Set.Aside != "" || a.Role == Facilitator || a.Role == Moderator:
		return false
	case s.doorAt(a.Seat) >= 0:
		return true
	}
	return a.Wait && !s.known(a.Seat) || s.full(a.Role)
}

// known says whether somebody was in the room before, or let in.
func (s *State) known(id SeatID) bool { return slices.Contains(s.Known, id) }

// Waits says whether somebody is at the door of a room.
func Waits(s *State, id SeatID) bool { return s.Seats[id] == nil && s.doorAt(id) >= 0 }

func (s *State) doorAt(id SeatID) int {
	return slices.IndexFunc(s.Door, func(w AtDoor) bool { return w.Seat == id })
}

// part is the role that a person acts in, also at the door.
func (s *State) part(id SeatID) (Role, bool) {
	if role, ok := s.RoleOf(id); ok {
		return role, true
	}
	return Waiting, s.doorAt(id) >= 0
}

// Receipt returns the last committed command of a person's session; zero if
// there is none.
func (s *State) Receipt(id SeatID, session string) Receipt {
	if seat := s.Seats[id]; seat != nil {
		return seat.Receipt(session)
	}
	if i := s.doorAt(id); i >= 0 {
		return receiptIn(s.Door[i].Receipts, session)
	}
	return Receipt{Session: session}
}

// greets says whether somebody may let people in.
func (s *State) greets(id SeatID) bool {
	role, _ := s.RoleOf(id)
	return role == Facilitator || s.has(id, Greeter)
}

// canGreet says whether there is anybody at the door for whom somebody can do
// a thing.
func (s *State) canGreet(id SeatID, c Capability) bool {
	if c == "tell" && s.muted(id) || !s.greets(id) {
		return false
	}
	return slices.ContainsFunc(s.Door, func(w AtDoor) bool { return w.Asks || c == "tell" })
}

// Admit lets in one, or, without a seat, as many as there are places for.
// Whoever is let in sits down as soon as there is a place and a line.
func (a Admit) decide(d *decision) {
	i := d.s.doorAt(a.Seat)
	switch {
	case !d.s.greets(d.by):
		d.refuse(DutyNeeded)
	case a.Seat == "":
		for _, id := range d.s.fitting() {
			d.emit(LetIn{Seat: id})
		}
	case i >= 0 && d.s.Door[i].Asks:
		d.emit(LetIn(a))
	case i < 0 && d.s.Seats[a.Seat] == nil:
		d.refuse(NotAtDoor)
	}
}

// fitting are those who ask and have a place, when whoever was let in before
// has theirs.
func (s *State) fitting() (list []SeatID) {
	free := s.Set.MaxSeats - s.guests()
	for _, w := range s.Door {
		if !w.Asks {
			free--
		}
	}
	for _, w := range s.Door {
		if w.Asks && len(list) < free {
			list = append(list, w.Seat)
		}
	}
	return list
}

// Tell says something kind to somebody who waits. It takes the place of what
// was said to them before, and goes when they do.
func (a Tell) decide(d *decision) {
	switch {
	case !d.s.greets(d.by):
		d.refuse(DutyNeeded)
	case d.s.muted(d.by):
		d.refuse(YouAreMuted)
	case d.s.doorAt(a.Seat) < 0:
		d.refuse(NotAtDoor)
	case a.Text == "":
		d.refuse(NoWords)
	case utf8.RuneCountInString(a.Text) > MaxTold:
		d.refuse(LongTold)
	case d.s.Words.Told[a.Seat] != a.Text:
		d.emit(ToldAtDoor(a))
	}
}

// settleDoor seats whoever waits for nothing but a place, in order of coming.
func (d *decision) settleDoor() {
	for !d.s.full(Member) {
		i := slices.IndexFunc(d.s.Door, func(w AtDoor) bool { return !w.Asks && w.Gone.IsZero() })
		if i < 0 {
			return
		}
		w := d.s.Door[i]
		d.sit(Joined{Seat: w.Seat, Role: w.Role, Node: w.Node}, w.Deputy)
	}
}

// sit seats somebody new, who may have a name from the door; a deputy of the
// circle is one here too.
func (d *decision) sit(e Joined, deputy bool) {
	d.emit(e)
	if n := d.s.Words.Names[e.Seat]; n.Key != "" {
		d.call(e.Seat, n)
	}
	if deputy && e.Role == Member && !slices.Contains(d.s.Deputies, e.Seat) && len(d.s.Deputies) < MaxDeputies {
		d.emit(Deputized{Seat: e.Seat, On: true})
	}
}

// offLine tells that the line of somebody at the door is down.
func (d *decision) offLine(id SeatID, node string) {
	if i := d.s.doorAt(id); i >= 0 && d.s.Door[i].Gone.IsZero() && (node == "" || node == d.s.Door[i].Node) {
		d.emit(DoorDropped{Seat: id})
	}
}

func (s *State) doorTimers(add func(time.Time, Timer)) {
	for _, w := range s.Door {
		if !w.Gone.IsZero() {
			add(w.Gone.Add(DoorGrace), Timer{What: DoorUp, Seat: w.Seat})
		}
	}
}

func (e CameToDoor) apply(s *State, by Entry) {
	w := AtDoor{Seat: e.Seat, Since: by.At}
	i := s.doorAt(e.Seat)
	if i < 0 {
		i, s.Door = len(s.Door), append(s.Door, w)
	}
	w = s.Door[i]
	w.Role, w.First, w.Asks, w.Deputy, w.Node, w.Gone = e.Role, e.First, e.Asks, e.Deputy, e.Node, time.Time{}
	s.Door[i] = w
}

func (e DoorDropped) apply(s *State, by Entry) {
	if i := s.doorAt(e.Seat); i >= 0 {
		s.Door[i].Gone = by.At
	}
}

func (e LetIn) apply(s *State, _ Entry) {
	if i := s.doorAt(e.Seat); i >= 0 {
		s.Door[i].Asks = false
	}
}

// Whoever was let in and goes before there was a place needs not ask again.
func (e LeftDoor) apply(s *State, _ Entry) {
	if i := s.doorAt(e.Seat); i >= 0 && !s.Door[i].Asks {
		s.know(e.Seat)
	}
	s.unseat(e.Seat)
}

// A sentence whose words are gone was not said.
func (e ToldAtDoor) apply(s *State, _ Entry) {
	if e.Text == "" || s.doorAt(e.Seat) < 0 {
		delete(s.Words.Told, e.Seat)
		return
	}
	if s.Words.Told == nil {
		s.Words.Told = map[SeatID]string{}
	}
	s.Words.Told[e.Seat] = e.Text
}

// know remembers that a seat comes back without waiting.
func (s *State) know(id SeatID) { s.Known = newest(append(without(s.Known, id), id), MaxKnown) }

// offDoor takes somebody from the door, and returns what they had there.
func (s *State) offDoor(id SeatID) (w AtDoor) {
	if i := s.doorAt(id); i >= 0 {
		w = s.Door[i]
		s.Door = slices.Delete(s.Door, i, i+1)
	}
	delete(s.Words.Told, id)
	return w
}

// DoorView is the door as whoever waits there sees it: nothing of the room but
// whether all its places are taken.
type DoorView struct {
	Seat     SeatID       `json:"seat"`
	Name     string       `json:"name,omitempty"` // their own
	Pronouns string       `json:"pronouns,omitempty"`
	Asks     bool         `json:"asks,omitempty"` // somebody lets them in; else they come in when there is a place
	Full     bool         `json:"full,omitempty"` // all places are taken
	Told     string       `json:"told,omitempty"` // a kind sentence of whoever keeps the circle
	Can      []Capability `json:"can"`
}

// DoorView returns the door for somebody who waits; nil if they don't.
func (s *State) DoorView(id SeatID) *DoorView {
	i := s.doorAt(id)
	if i < 0 || s.Seats[id] != nil {
		return nil
	}
	n := s.Words.Names[id]
	v := &DoorView{Seat: id, Name: n.Name, Pronouns: n.Pronouns, Asks: s.Door[i].Asks, Full: s.full(Member), Told: s.Words.Told[id], Can: []Capability{}}
	for _, c := range wireCapabilities {
		if s.Can(id, c) {
			v.Can = append(v.Can, c)
		}
	}
	return v
}

// WaitingView is who waits, for those who may let them in.
type WaitingView struct {
	List []WaitView `json:"list"`           // in order of coming, at most 30
	More int        `json:"more,omitempty"` // who wait behind them
	Full bool       `json:"full,omitempty"` // all places are taken
}

// WaitView is one person who waits.
type WaitView struct {
	Seat     SeatID `json:"seat"`
	Name     string `json:"name,omitempty"`
	Pronouns string `json:"pronouns,omitempty"`
	First    bool   `json:"first,omitempty"`  // it is their first time, they say
	Listen   bool   `json:"listen,omitempty"` // will just listen
	Asks     bool   `json:"asks,omitempty"`   // has to be let in; else only waits for a place
	Away     bool   `json:"away,omitempty"`   // their line is down
	Told     bool   `json:"told,omitempty"`   // something kind was said to them
	Since    int64  `json:"since"`
}

// waitingView returns who waits; nil if nobody does.
func (s *State) waitingView() *WaitingView {
	if len(s.Door) == 0 {
		return nil
	}
	v := &WaitingView{List: []WaitView{}, More: max(0, len(s.Door)-MaxListed), Full: s.full(Member)}
	for _, w := range s.Door[:min(len(s.Door), MaxListed)] {
		n := s.Words.Names[w.Seat]
		v.List = append(v.List, WaitView{Seat: w.Seat, Name: n.Name, Pronouns: n.Pronouns, First: w.First, Listen: w.Role == Listener,
			Asks: w.Asks, Away: !w.Gone.IsZero(), Told: s.Words.Told[w.Seat] != "", Since: ms(w.Since)})
	}
	return v
}

// doorFacts is a door as it is stored: the nodes once, and each who waits as
// a list, [seat, role, flags, since, gone, node], with receipts if there are
// any. Two hundred who come at once take no more than they must.
type doorFacts struct {
	Nodes []string            `json:"nodes"`
	List  [][]json.RawMessage `json:"list"`
}

func (d Door) MarshalJSON() ([]byte, error) {
	f := doorFacts{Nodes: []string{}, List: [][]json.RawMessage{}}
	for _, w := range d {
		at := slices.Index(f.Nodes, w.Node)
		if at < 0 {
			at, f.Nodes = len(f.Nodes), append(f.Nodes, w.Node)
		}
		flags := ""
		for _, g := range []struct {
			is   bool
			name string
		}{{w.First, "f"}, {w.Asks, "a"}, {w.Deputy, "d"}} {
			if g.is {
				flags += g.name
			}
		}
		parts := []any{w.Seat, w.Role, flags, millis(w.Since), millis(w.Gone), at}
		if len(w.Receipts) > 0 {
			parts = append(parts, w.Receipts)
		}
		var list []json.RawMessage
		for _, p := range parts {
			b, err := encode(p)
			if err != nil {
				return nil, err
			}
			list = append(list, b)
		}
		f.List = append(f.List, list)
	}
	return encode(f)
}

func (d *Door) UnmarshalJSON(b []byte) error {
	var f doorFacts
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*d = nil
	for _, parts := range f.List {
		var w AtDoor
		var flags string
		var since, gone *int64
		at := -1
		into := []any{&w.Seat, &w.Role, &flags, &since, &gone, &at, &w.Receipts}
		if len(parts) != len(into) && len(parts) != len(into)-1 {
			return errors.New("somebody at the door is too long or too short")
		}
		for i, p := range parts {
			if err := json.Unmarshal(p, into[i]); err != nil {
				return err
			}
		}
		if at < 0 || at >= len(f.Nodes) {
			return errors.New("somebody at the door has a line to no node")
		}
		has := func(g string) bool { return strings.Contains(flags, g) }
		w.First, w.Asks, w.Deputy, w.Node, w.Since, w.Gone = has("f"), has("a"), has("d"), f.Nodes[at], ofMillis(since), ofMillis(gone)
		*d = append(*d, w)
	}
	return nil
}

// millis is a time as it is stored at the door, nil for none.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	at := t.UnixMilli()
	return &at
}

func ofMillis(at *int64) time.Time {
	if at == nil {
		return time.Time{}
	}
	return time.UnixMilli(*at).UTC()
}

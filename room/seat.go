package room

import (
	"maps"
	"slices"
	"strconv"
)

// Coming and going: rules 4, 5 and 11.

func (a Arrive) decide(d *decision) {
	seat := d.s.Seats[a.Seat]
	if code := d.s.turnAway(a); code != "" {
		d.refuse(code)
		return
	}
	switch {
	case seat == nil && d.s.mustWait(a):
		d.wait(a)
	case seat == nil:
		d.sit(Joined{Seat: a.Seat, Role: a.seatedAs(), Node: a.Node, Asked: a.Asked}, a.Deputy)
	case !seat.Here:
		d.emit(Returned{Seat: a.Seat, Node: a.Node})
		d.callHand()
	case a.Node != "" && !slices.Contains(seat.Nodes, a.Node) && len(seat.Nodes) < MaxNodes:
		d.emit(Reached{Seat: a.Seat, Node: a.Node})
	}
	if a.Name != nil {
		d.call(a.Seat, *a.Name)
	}
}

// call has somebody go by a name. Inside, where somebody else goes by it
// already, they keep the one they have, or get a number behind it: whoever
// waited could not be told.
func (d *decision) call(id SeatID, n Name) {
	has := d.s.Words.Names[id]
	if d.s.nameRefused(id, n) == NameTaken {
		if n = d.s.numbered(id, n); has.Key != "" && d.s.nameRefused(id, has) == "" {
			n = has
		}
	}
	if n != has {
		d.emit(Named{Seat: id, Name: n})
	}
}

// numbered is a name with the first number behind it that nobody has.
func (s *State) numbered(id SeatID, n Name) Name {
	for i := 2; ; i++ {
		behind := " " + strconv.Itoa(i)
		if one := (Name{Name: n.Name + behind, Key: n.Key + behind, Pronouns: n.Pronouns}); s.nameRefused(id, one) == "" {
			return one
		}
	}
}

// turnAway says why somebody can't come in; empty if they can.
func (s *State) turnAway(a Arrive) Code {
	if s.barred(a.Seat) {
		return YouAreBarred
	}
	switch isNew := s.Seats[a.Seat] == nil; {
	case isNew && a.Barred:
		return YouAreBarred
	case isNew && s.mustWait(a):
		if s.doorAt(a.Seat) < 0 && len(s.Door) >= MaxDoor {
			return RoomFull
		}
	case isNew && s.full(a.Role):
		return RoomFull
	}
	if a.Name == nil {
		return ""
	}
	code := s.nameRefused(a.Seat, *a.Name)
	if code == NameTaken && (s.Seats[a.Seat] != nil || s.mustWait(a)) {
		return "" // whoever has a place is not kept from it
	}
	return code
}

// full says whether there is no seat left for a role. Who looks after the
// circle has seats of their own, so that a full room can be helped.
func (s *State) full(role Role) bool {
	guests := s.guests()
	if role == Facilitator || role == Moderator {
		return len(s.Seats)-guests >= ReservedSeats
	}
	return guests >= s.Set.MaxSeats
}

// guests counts members and listeners.
func (s *State) guests() (n int) {
	for _, seat := range s.Seats {
		if seat.Role != Facilitator && seat.Role != Moderator {
			n++
		}
	}
	return n
}

// nameRefused says why somebody can't go by a name; empty if they can. Names
// at the door are nobody's but their own: asking for one tells whoever waits
// nothing of who is inside, and keeps it from nobody there.
func (s *State) nameRefused(id SeatID, n Name) Code {
	if n.Name == "" || n.Key == "" {
		return NameNeeded
	}
	if Waits(s, id) {
		return ""
	}
	for other, name := range s.Words.Names {
		if other != id && name.Key == n.Key && s.Seats[other] != nil {
			return NameTaken
		}
	}
	return ""
}

func (a Drop) decide(d *decision) { d.unreach(a.Seat, a.Node) }

// A node's seats lose their lines in an order that every node sees alike.
func (a Lost) decide(d *decision) {
	for _, id := range slices.Sorted(maps.Keys(d.s.Seats)) {
		if slices.Contains(d.s.Seats[id].Nodes, a.Node) {
			d.unreach(id, a.Node)
		}
	}
	for _, w := range slices.Clone(d.s.Door) {
		if w.Node == a.Node {
			d.offLine(w.Seat, a.Node)
		}
	}
}

// unreach takes a seat's lines to one node away; only the last counts (rule 5).
func (d *decision) unreach(id SeatID, node string) {
	seat := d.s.Seats[id]
	switch {
	case seat == nil:
		d.offLine(id, node)
	case !seat.Here:
	case node == "" || len(seat.Nodes) == 1 && seat.Nodes[0] == node:
		d.emit(Dropped{Seat: id})
	case slices.Contains(seat.Nodes, node):
		d.emit(Unreached{Seat: id, Node: node})
	}
}

func (a Bar) decide(d *decision) {
	for _, id := range a.Seats {
		if _, there := d.s.part(id); there {
			d.depart(id, Removed{Seat: id, Here: d.s.Seats[id] != nil})
		}
	}
}

func (a Rekey) decide(d *decision) {
	if d.s.Kid == a.Was && a.Kid != a.Was {
		d.emit(Keyed{Kid: a.Kid})
	}
}

func (a Call) decide(d *decision) {
	n := Name{Name: a.Name, Key: a.Key, Pronouns: a.Pronouns}
	if d.s.alone() {
		d.refuse(KeeperNeeded) // a name is words too
		return
	}
	if code := d.s.nameRefused(d.by, n); code != "" {
		d.refuse(code)
		return
	}
	if n != d.s.Words.Names[d.by] {
		d.emit(Named{Seat: d.by, Name: n})
	}
}

func (a Leave) decide(d *decision) {
	if d.role == Waiting {
		d.emit(LeftDoor{Seat: d.by})
		return
	}
	d.depart(d.by, Left{Seat: d.by, Fine: a.Fine})
}

// depart takes a seat out of the room. Its turn goes on to the next, but
// from somebody who is removed the stick goes to the centre (rule 7).
func (d *decision) depart(id SeatID, how Event) {
	offered := d.s.Stick.At == Offered
	_, removed := how.(Removed)
	moves := d.release(id, HowLeft, HowLeft) && (offered || !removed)
	d.emit(how)
	if moves {
		d.moveOn("")
	}
}

func (s *State) barred(id SeatID) bool {
	for _, b := range s.Barred {
		if b == id {
			return true
		}
	}
	return false
}

// Outage: what could not run did not run.
func (a Outage) decide(d *decision) {
	from, to := latest(a.From, d.s.At), a.To
	if to.After(d.now) {
		to = d.now
	}
	if to.After(from) {
		d.emit(Froze{For: to.Sub(from)})
	}
}

package room

// Coming and going: rules 4, 5 and 11.

func (a Arrive) decide(d *decision) {
	seat := d.s.Seats[a.Seat]
	if code := d.s.turnAway(a); code != "" {
		d.refuse(code)
		return
	}
	switch {
	case seat == nil:
		role := a.Role
		if role == Member && a.Listen {
			role = Listener
		}
		d.emit(Joined{Seat: a.Seat, Role: role})
	case !seat.Here:
		d.emit(Returned{Seat: a.Seat})
	}
	if a.Name != nil && *a.Name != d.s.Words.Names[a.Seat] {
		d.emit(Named{Seat: a.Seat, Name: *a.Name})
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
	case isNew && s.full(a.Role):
		return RoomFull
	}
	if a.Name != nil {
		return s.nameRefused(a.Seat, *a.Name)
	}
	return ""
}

// full says whether there is no seat left for a role. Who looks after the
// circle has seats of their own, so that a full room can be helped.
func (s *State) full(role Role) bool {
	guests, carers := 0, 0
	for _, seat := range s.Seats {
		if seat.Role == Facilitator || seat.Role == Moderator {
			carers++
		} else {
			guests++
		}
	}
	if role == Facilitator || role == Moderator {
		return carers >= ReservedSeats
	}
	return guests >= s.Set.MaxSeats
}

func (s *State) nameRefused(id SeatID, n Name) Code {
	if n.Name == "" || n.Key == "" {
		return NameNeeded
	}
	for other, name := range s.Words.Names {
		if other != id && name.Key == n.Key && s.Seats[other] != nil {
			return NameTaken
		}
	}
	return ""
}

func (a Drop) decide(d *decision) {
	if seat := d.s.Seats[a.Seat]; seat != nil && seat.Here {
		d.emit(Dropped(a))
	}
}

func (a Call) decide(d *decision) {
	n := Name{Name: a.Name, Key: a.Key, Pronouns: a.Pronouns}
	if code := d.s.nameRefused(d.by, n); code != "" {
		d.refuse(code)
		return
	}
	if n != d.s.Words.Names[d.by] {
		d.emit(Named{Seat: d.by, Name: n})
	}
}

func (a Leave) decide(d *decision) { d.depart(d.by, Left{Seat: d.by, Fine: a.Fine}) }

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
	if a.For > 0 {
		d.emit(Froze(a))
	}
}

package room

import "slices"

// Role is what a seat may be in a room.
type Role string

// The roles. Deputy is never stored: a member named as deputy is one.
const (
	Listener    Role = "listener"    // observes; the stick passes by
	Member      Role = "member"      // sits in the ring
	Deputy      Role = "deputy"      // a member named to take over
	Facilitator Role = "facilitator" // keeps the circle, sits in it as an equal
	Moderator   Role = "moderator"   // not part of the circle, seen when present
	Waiting     Role = "waiting"     // at the door; never of a seat
	House       Role = "house"       // the server itself: arrivals, drops, timers
	Desk        Role = "desk"        // a moderator at the desk, without a seat; never of one
)

// Capability is one thing a person can do in a room. Its names are those of
// the commands on the wire.
type Capability string

// cell is one row of the table: the phases in which a role may do a thing.
type cell map[Role][]Phase

var (
	always  = []Phase{Gathering, Circle, Held}
	closing = []Phase{Gathering, Circle, Held, Over}
	begun   = []Phase{Circle, Held}
	circle  = []Phase{Circle}
	unheld  = []Phase{Gathering, Circle}
	ringers = []Role{Member, Deputy, Facilitator}
	keepers = []Role{Facilitator, Moderator}
	safety  = []Role{Facilitator, Moderator, Desk}
	seated  = []Role{Listener, Member, Deputy, Facilitator, Moderator}
	anybody = []Role{Waiting, Listener, Member, Deputy, Facilitator, Moderator}
)

func row(phases []Phase, roles ...Role) cell {
	c := cell{}
	for _, r := range roles {
		c[r] = phases
	}
	return c
}

// table is who may do what, and when. What is not in it is refused.
var table = map[Capability]cell{
	"take":       row(circle, ringers...),
	"decline":    row(circle, ringers...),
	"later":      row(circle, ringers...),
	"pass":       row(circle, ringers...),
	"say":        row(circle, ringers...),
	"listen":     row(always, Listener, Member, Deputy, Facilitator),
	"retract":    row(always, seated...),
	"react":      row(unheld, seated...),
	"typing":     row(circle, ringers...),
	"name":       row(always, anybody...),
	"leave":      row(always, anybody...),
	"admit":      row(always, ringers...), // members: who greets tonight
	"tell":       row(always, ringers...),
	"next":       row(unheld, Facilitator),
	"offer":      row(circle, Facilitator),
	"skip":       row(circle, Facilitator),
	"lay":        row(begun, safety...),
	"more-time":  row(begun, ringers...), // members: who keeps the time tonight
	"open-floor": row(unheld, Facilitator),
	"hold":       row(always, safety...),
	"release":    row(always, safety...),
	"mute":       row(always, safety...),
	"unmute":     row(always, safety...),
	"remove":     row(always, safety...),
	"guard":      row(always, keepers...),
	"deputy":     row(always, Facilitator),
	"take-chair": row(always, Deputy, Facilitator, Moderator),
	"hand-over":  row(always, Facilitator),
	"close":      row(closing, safety...),
	"wish":       row(circle, ringers...),
	"show":       row(circle, ringers...),
	"hand":       row(unheld, ringers...),
	"consent":    row(begun, ringers...),
	"stage":      row(unheld, Facilitator),
	"extend":     row(begun, Facilitator),
	"plan":       row(always, Facilitator),
	"move":       row(always, Facilitator),
	"support":    row(begun, Facilitator),
	"grant":      row(always, Facilitator),
	"remind":     row(always, keepers...),
	"aside":      row(always, append([]Role{Desk}, seated...)...),
	"aside-end":  row(always, append([]Role{Desk}, seated...)...),
	"warn":       row(always, Desk),
	"take-stick": row(always, Desk),
	"restrict":   row(always, Desk),
	"readmit":    row(always, Desk),
	"withdraw":   row(always, Desk),
	"knock":      row(always, House),
	"step-out":   row(always, House),
	"step-in":    row(always, House),
	"aside-gone": row(always, House),
	"finish":     row(always, House),
	"arrive":     row(always, House),
	"drop":       row(always, House),
	"lost":       row(always, House),
	"bar":        row(always, House),
	"rekey":      row(always, House),
	"timer":      row(always, House),
	"outage":     row(always, House),
}

// May says whether the table lets role do c in phase.
func May(c Capability, role Role, phase Phase) bool {
	return slices.Contains(table[c][role], phase)
}

// Seated says whether a capability is one that people in the room have, or at
// its door; the others are the house's or the desk's.
func Seated(c Capability) bool {
	return slices.ContainsFunc(anybody, func(r Role) bool { return len(table[c][r]) > 0 })
}

// Capabilities lists what the table knows, sorted.
func Capabilities() []Capability {
	all := make([]Capability, 0, len(table))
	for c := range table {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

// PhaseNow returns the phase the table is read in: a held room is Held.
func (s *State) PhaseNow() Phase {
	if s.Hold != nil && s.Phase != Over {
		return Held
	}
	return s.Phase
}

// RoleOf returns the role a seat acts in: whoever has the chair is
// facilitator, and a facilitator keeps that right while a deputy has it,
// unless the desk has restricted them. False if there is no such seat.
func (s *State) RoleOf(id SeatID) (Role, bool) {
	seat, ok := s.Seats[id]
	switch {
	case !ok:
		return "", false
	case s.Chair == id:
		return Facilitator, true
	case seat.Role == Facilitator && s.restricted(id):
		return Member, true
	case seat.Role == Member && s.deputy(id):
		return Deputy, true
	}
	return seat.Role, true
}

// kept says whether somebody who keeps the circle has a connection.
func (s *State) kept() bool {
	if s.Set.Aside != "" {
		return true // nobody needs to: whoever sits there came from a room that is
	}
	for id, seat := range s.Seats {
		if seat.Here && (s.keeps(id) || s.Chair == id) {
			return true
		}
	}
	return false
}

package moderation

import (
	"testing"
	"time"

	"hearth/room"
)

// held is a room of three and a moderator, in its circle.
func held(t *testing.T) *room.State {
	t.Helper()
	s := &room.State{}
	s.Apply(room.Begin("r1", room.DefaultSettings(), noon))
	for _, p := range []struct {
		seat room.SeatID
		role room.Role
	}{{"marisol", room.Facilitator}, {"jun", room.Member}, {"abena", room.Member}, {"mo", room.Moderator}} {
		asked(t, s, room.Command{By: room.Actor{House: true}, Do: room.Arrive{Seat: p.seat, Role: p.role}})
	}
	asked(t, s, room.Command{By: room.Actor{Seat: "marisol"}, Do: room.Next{}})
	asked(t, s, room.Command{By: room.Actor{Seat: "marisol"}, Do: room.Decline{Turn: 1}})
	return s
}

func asked(t *testing.T, s *room.State, c room.Command) {
	t.Helper()
	events, err := s.Decide(noon, c)
	if err != nil || len(events) == 0 {
		t.Fatalf("%T: %v, %v", c.Do, events, err)
	}
	s.Apply(room.Entry{Seq: s.Seq + 1, At: noon, Events: events})
}

// decided says of a seat what a decision can change in a room.
func decided(s *room.State, id room.SeatID) string {
	role, _ := s.RoleOf(id)
	_, muted := s.Mutes[id]
	you := s.YouView(id)
	out := string(role)
	for name, is := range map[string]bool{" muted": muted, " removed": you.Removed} {
		if is {
			out += name
		}
	}
	if s.Stick.Seat == id {
		out += " has the stick"
	}
	if len(you.Asides) > 0 {
		out += " aside"
	}
	if you.Stated != nil {
		out += " told " + you.Stated.Facts
	}
	return out
}

// Each action does what it says in the room, and undoing it takes it back; the
// person is told, and then not any more.
func TestDecisionsInTheRoom(t *testing.T) {
	for _, c := range []struct {
		action     Action
		about      room.SeatID
		then, back string
	}{
		{Warn, "jun", "member has the stick told why", "member has the stick"},
		{TakeStick, "jun", "member told why", "member"},
		{MuteAction, "abena", "member muted told why", "member"},
		{QuietRoom, "abena", "member aside told why", "member"},
		{RemoveAction, "jun", " removed told why", ""},
		{RemoveAction, "mo", " removed told why", ""},
		{Ban, "marisol", " removed told why", ""},
		{Restrict, "marisol", "member told why", "facilitator"},
	} {
		t.Run(string(c.action), func(t *testing.T) {
			s, about := held(t), Case{Room: "r1", Subject: c.about}
			d := Decision{ID: "d1", Action: c.action, Minutes: 5, Facts: "why", Rule: RuleGround, At: noon, Until: noon.Add(time.Hour)}
			do, is := d.InRoom(about)
			if !is || !room.Safety(do) {
				t.Fatalf("in the room: %T, %v", do, is)
			}
			asked(t, s, room.Command{By: room.Actor{Desk: true}, Do: do})
			if got := decided(s, c.about); got != c.then {
				t.Errorf("%s is %q, want %q", c.about, got, c.then)
			}
			undo, is := d.BackInRoom(about)
			if !is || !c.action.Undoable() {
				t.Fatalf("undone: %T, %v", undo, is)
			}
			asked(t, s, room.Command{By: room.Actor{Desk: true}, Do: undo})
			if got := decided(s, c.about); got != c.back {
				t.Errorf("undone, %s is %q, want %q", c.about, got, c.back)
			}
		})
	}
}

func TestDecisionsWithNothingToDoInTheRoom(t *testing.T) {
	about := Case{Room: "r1", Subject: "jun"}
	if do, is := (Decision{Action: CloseRoom}).InRoom(Case{Room: "r1"}); !is || do != (room.Close{}) {
		t.Errorf("to close: %T, %v", do, is)
	}
	for name, c := range map[string]struct {
		Decision
		Case
	}{
		"no action":   {Decision{Action: NoAction}, about},
		"no subject":  {Decision{Action: Ban}, Case{Room: "r1"}},
		"no room":     {Decision{Action: Ban}, Case{Subject: "jun"}},
		"none at all": {Decision{Action: CloseRoom}, Case{}},
	} {
		if do, is := c.InRoom(c.Case); is {
			t.Errorf("%s: %T", name, do)
		}
		if do, is := c.BackInRoom(c.Case); is {
			t.Errorf("%s, undone: %T", name, do)
		}
	}
	for _, a := range Actions {
		_, back := (Decision{ID: "d1", Action: a}).BackInRoom(about)
		if back != a.Undoable() {
			t.Errorf("%s: undoable %v, and back in the room %v", a, a.Undoable(), back)
		}
	}
}

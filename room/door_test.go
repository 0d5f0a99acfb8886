package room

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func tellDoor(ev Event) string {
	switch ev := ev.(type) {
	case CameToDoor:
		return fmt.Sprintf("%s is at the door (%s)%s%s%s", ev.Seat, ev.Role, when(ev.First, ", for the first time"), when(ev.Asks, ", asks to be let in"), when(ev.Deputy, ", a deputy"))
	case DoorDropped:
		return fmt.Sprintf("%s's line is down, at the door", ev.Seat)
	case LetIn:
		return fmt.Sprintf("%s is let in", ev.Seat)
	case LeftDoor:
		return fmt.Sprintf("%s leaves the door%s", ev.Seat, when(ev.Long, ", away too long"))
	case ToldAtDoor:
		return fmt.Sprintf("%s is told %s", ev.Seat, brief(ev.Text))
	}
	return ""
}

// TestTwoHundredTakeTheLastTen: ten sit down, all the others wait in order,
// and each place that is free again goes to the first of them.
func TestTwoHundredTakeTheLastTen(t *testing.T) {
	g := newGathering(DefaultSettings())
	g.thrift = 20
	for i := range 20 {
		well(t)(g.house(Arrive{Seat: SeatID(fmt.Sprint("early ", i)), Role: Member}))
	}
	order := rand.New(rand.NewPCG(1, 2)).Perm(200)
	for _, n := range order {
		well(t)(g.house(Arrive{Seat: SeatID(fmt.Sprint("late ", n)), Role: Member}))
	}
	if len(g.s.Seats) != 30 || len(g.s.Door) != 190 {
		t.Fatalf("%d sit and %d wait", len(g.s.Seats), len(g.s.Door))
	}
	for i, n := range order {
		id := SeatID(fmt.Sprint("late ", n))
		if i >= 10 { // somebody goes, and it is this one's turn
			if g.s.Seats[id] != nil || g.s.Door[0].Seat != id {
				t.Fatalf("%s is not the next, %s is", id, g.s.Door[0].Seat)
			}
			well(t)(g.by(g.s.Order[0], Leave{}))
		}
		if g.s.Seats[id] == nil || len(g.s.Seats) != 30 {
			t.Fatalf("%s has no place, and %d sit", id, len(g.s.Seats))
		}
	}
}

// TestTheDoorIsFull: then there is no more waiting either, but for who was in
// line already.
func TestTheDoorIsFull(t *testing.T) {
	g := newGathering(DefaultSettings())
	g.thrift = 50
	for i := range MaxDoor {
		well(t)(g.house(Arrive{Seat: SeatID(fmt.Sprint("seat ", i)), Role: Member, Wait: true}))
	}
	if _, err := g.house(Arrive{Seat: "one more", Role: Member, Wait: true}); codeOf(err) != RoomFull {
		t.Errorf("one more is answered %v", err)
	}
	well(t)(g.house(Drop{Seat: "seat 7"}))
	well(t)(g.house(Arrive{Seat: "seat 7", Role: Member, Wait: true}))
	well(t)(g.house(Arrive{Seat: "Marisol", Role: Facilitator}))
	if v := g.s.KeepView().Waiting; len(v.List) != MaxListed || v.More != MaxDoor-MaxListed {
		t.Errorf("the list has %d, and %d more", len(v.List), v.More)
	}
	well(t)(g.by("Marisol", Admit{}))
	if got := g.s.guests(); got != g.s.Set.MaxSeats {
		t.Errorf("all are let in, and %d sit", got)
	}
}

// TestSizeOfADoor: two hundred who wait are no burden to a log.
func TestSizeOfADoor(t *testing.T) {
	s := &State{}
	now := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	s.Apply(Begin("00000000-7a4e-4c11-9d2e-000000000000", DefaultSettings(), now))
	size := func() int {
		facts, _, err := SplitState(s)
		if err != nil {
			t.Fatal(err)
		}
		return len(facts)
	}
	before := size()
	for i := range MaxDoor {
		e := CameToDoor{Seat: SeatID(fmt.Sprintf("00000000-7a4e-4c11-9d2e-%012d", i)), Role: Listener, Node: []string{"north-7f3kd0q2x9", "south-7f3kd0q2x9"}[i%2], First: true, Asks: true}
		s.Apply(Entry{Seq: uint64(i + 2), At: now, Events: []Event{e}})
	}
	if each := (size() - before) / MaxDoor; each > 80 || each < 40 {
		t.Errorf("%d bytes each", each)
	}
}

func TestADoorReadsAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	door := Door{
		{Seat: "a", Role: Member, First: true, Since: at, Node: "north", Receipts: []Receipt{{"tab", 1, 2}}},
		{Seat: "b", Role: Listener, Asks: true, Deputy: true, Since: at, Gone: at.Add(time.Second), Node: "south"},
		{Seat: "c", Role: Member, Node: "north"},
	}
	b, err := json.Marshal(door)
	var again Door
	if err == nil {
		err = json.Unmarshal(b, &again)
	}
	if err != nil || !reflect.DeepEqual(door, again) {
		t.Errorf("%v\n%s\n%+v", err, b, again)
	}
	for _, bad := range []string{`7`, `{"list":[[]]}`, `{"nodes":["n"],"list":[["a","member","",1,null,1]]}`, `{"nodes":["n"],"list":[["a","member","",1,null,null]]}`,
		`{"nodes":["n"],"list":[["a","member","","noon",null,0]]}`, `{"nodes":["n"],"list":[["a","member","",1,null,0,[],1]]}`} {
		if err := json.Unmarshal([]byte(bad), &again); err == nil {
			t.Errorf("%s reads as a door", bad)
		}
	}
}

// TestTheDoorTellsNothing: of all that is in a room, nothing shows in what
// whoever waits is sent, and what nobody shall see of them shows nowhere.
func TestTheDoorTellsNothing(t *testing.T) {
	set := DefaultSettings()
	set.Title, set.Prompt = "canary-title", "canary-prompt"
	set.Agenda = []Stage{{ID: 1, Kind: KindRound, Order: OrderRing, Rounds: 1, Images: true, Title: "canary-stage", Prompt: "canary-question", Cue: "canary-cue"}}
	g := newGathering(set)
	named := func(s string) *Name { return &Name{Name: s, Key: s, Pronouns: s + "-they"} }
	well(t)(g.house(Arrive{Seat: "canary-fac", Role: Facilitator, Name: named("canary-marisol")}))
	well(t)(g.house(Arrive{Seat: "canary-jun", Role: Member, Name: named("canary-jun")}))
	from := len(g.log)
	well(t)(g.house(Arrive{Seat: "wim", Role: Member, Wait: true, First: true, Name: named("Wim")}))
	well(t)(g.house(Arrive{Seat: "canary-other", Role: Member, Wait: true, Name: named("canary-other")}))
	well(t)(g.by("canary-fac", Tell{"canary-other", "canary-kind"}))
	well(t)(g.by("canary-fac", Tell{"wim", "Soon."}))
	well(t)(g.by("canary-fac", Next{}))
	well(t)(g.by("canary-fac", Take{1}))
	well(t)(g.by("canary-fac", Say{Turn: 1, Text: "canary-words", Note: "canary-note"}))
	well(t)(g.by("canary-fac", Show{1, Picture{Name: "canary-picture", Type: "image/png", W: 1, H: 1, Key: []byte("k")}, "canary-alt"}))
	well(t)(g.by("canary-fac", Remove{"canary-jun"}))
	all, s := "", &State{}
	for i, e := range g.log {
		s.Apply(e)
		if i < from {
			continue
		}
		b, err := json.Marshal([]any{View(s, e, Audience{Door: "wim"}), s.DoorView("canary-jun"), s.DoorView("canary-fac")})
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
		if v := View(s, e, Everybody); v != nil {
			shared, err := json.Marshal(v)
			if err != nil || strings.Contains(strings.ToLower(string(shared)), "wim") || strings.Contains(string(shared), "canary-other") {
				t.Errorf("everybody hears of who waits: %s, %v", shared, err)
			}
		}
	}
	if strings.Contains(all, "canary") || !strings.Contains(all, `"told":"Soon."`) || !strings.Contains(all, `"name":"Wim"`) {
		t.Errorf("at the door: %s", all)
	}
}

func TestSeatsAreStoredSmall(t *testing.T) {
	const a, b = "0190a4c1-7a4e-4c11-9d2e-00000000000a", "0190a4c1-7a4e-4c11-9d2e-ffffffffffff"
	for _, c := range []struct {
		ids    SeatIDs
		stored string
	}{
		{SeatIDs{a, b}, `"AZCkwXpOTBGdLgAAAAAACgGQpMF6TkwRnS7_______8"`},
		{SeatIDs{a, "Jun"}, `["` + a + `","Jun"]`},
		{SeatIDs{SeatID(strings.ToUpper(a))}, `["` + strings.ToUpper(a) + `"]`},
	} {
		stored, err := json.Marshal(c.ids)
		var again SeatIDs
		if err == nil {
			err = json.Unmarshal(stored, &again)
		}
		if err != nil || string(stored) != c.stored || !reflect.DeepEqual(again, c.ids) {
			t.Errorf("%v: stored %s, read %v, %v", c.ids, stored, again, err)
		}
	}
	for _, bad := range []string{`7`, `"AZ"`, `"AZCkwXpOTBGdLgAAAAAACh"`, `"?"`} {
		var ids SeatIDs
		if err := json.Unmarshal([]byte(bad), &ids); err == nil {
			t.Errorf("%s reads as %v", bad, ids)
		}
	}
}

// TestTheDoorTellsNoNames: nobody finds out by asking at the door who sits
// inside or waits beside them, and nobody who waits keeps a name from those
// inside. Of two who have one name, whoever sits down later has a number.
func TestTheDoorTellsNoNames(t *testing.T) {
	g := newGathering(DefaultSettings())
	named := func(s string) *Name { return &Name{Name: s, Key: strings.ToLower(s)} }
	at := func(id SeatID, name string) Arrive {
		return Arrive{Seat: id, Role: Member, Wait: true, Name: named(name)}
	}
	well(t)(g.house(Arrive{Seat: "Marisol", Role: Facilitator, Name: named("Marisol")}))
	well(t)(g.house(at("one", "Marisol")))
	well(t)(g.house(at("two", "Jun")))
	well(t)(g.house(at("three", "JUN")))
	well(t)(g.by("three", Call{Name: "Jun", Key: "jun"}))
	well(t)(g.house(Arrive{Seat: "jun", Role: Member, Name: named("Jun")}))
	if _, err := g.house(Arrive{Seat: "plain", Role: Member, Name: named("Jun")}); codeOf(err) != NameTaken {
		t.Errorf("somebody who needs not wait is answered %v", err)
	}
	for _, id := range []SeatID{"three", "two", "one"} {
		well(t)(g.by("Marisol", Admit{id}))
	}
	want := map[SeatID]Name{
		"Marisol": {Name: "Marisol", Key: "marisol"}, "one": {Name: "Marisol 2", Key: "marisol 2"},
		"jun": {Name: "Jun", Key: "jun"}, "three": {Name: "Jun 2", Key: "jun 2"}, "two": {Name: "Jun 3", Key: "jun 3"},
	}
	if !reflect.DeepEqual(g.s.Words.Names, want) {
		t.Errorf("they are called %v", g.s.Words.Names)
	}
	// Their browsers know only what was typed, and say it again.
	well(t)(g.house(Drop{Seat: "two"}))
	well(t)(g.house(at("two", "Jun")))
	if g.s.Words.Names["two"].Name != "Jun 3" || !g.s.Seats["two"].Here {
		t.Errorf("back as %v", g.s.Words.Names["two"])
	}
	g.s.Words = Words{} // a restart
	well(t)(g.house(at("two", "Jun")))
	well(t)(g.house(at("jun", "Jun")))
	if g.s.Words.Names["two"].Name != "Jun" || g.s.Words.Names["jun"].Name != "Jun 2" {
		t.Errorf("after a restart they are called %v", g.s.Words.Names)
	}
}

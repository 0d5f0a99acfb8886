package room

import (
	"fmt"
	"testing"
	"time"
)

// FuzzRoom reads bytes as a meeting: two for each thing that somebody does.
// Whatever they are, nothing panics and every promise is kept.
func FuzzRoom(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 2, 0, 16, 0, 12, 0, 15, 0, 12, 1, 15, 1, 3, 200})
	f.Add([]byte{0, 0, 1, 0, 16, 0, 12, 0, 28, 1, 2, 0, 3, 40, 30, 1, 0, 1})
	f.Add([]byte{0, 0, 0, 1, 21, 0, 16, 33, 26, 16, 3, 90, 2, 0, 3, 250, 3, 250, 33, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 160 {
			b = b[:160] // longer meetings are the walk's
		}
		set := DefaultSettings()
		set.MaxSeats = 4
		g := newGathering(set)
		g.thrift = 8
		for i := 0; i+1 < len(b); i += 2 {
			if err := g.fuzzed(int(b[i]), int(b[i+1])); isBroken(err) {
				t.Fatalf("%v\n%s", err, g.story(8))
			}
		}
		if err := g.replayed(); err != nil {
			t.Fatal(err)
		}
	})
}

// nodeOf is one of few nodes, or none.
func nodeOf(n int) string { return []string{"", "north", "south", "east"}[n%4] }

// fuzzed does one thing: what says which, with says by whom and with what.
func (g *gathering) fuzzed(what, with int) error {
	seat := func(n int) SeatID { return SeatID(fmt.Sprintf("seat-%d", n%7)) }
	who, other, turn := seat(with), seat(with/7), g.s.Stick.Turn
	if with >= 128 {
		turn -= min(turn, uint64(with%3))
	}
	name := Name{Name: string(who), Key: fmt.Sprint(with % 9)}
	acts := []Act{
		Arrive{Seat: who, Role: []Role{Facilitator, Member, Member, Listener, Member, Moderator, Facilitator}[with%7], Listen: with > 200, Barred: with == 200,
			Name: &name, Node: nodeOf(with), Asked: with%2 == 0, Wait: with%5 == 0, First: with%3 == 0, Deputy: with%8 == 0},
		Arrive{Seat: who, Role: Member}, Drop{who, ""}, nil, Outage{g.now.Add(-time.Duration(with) * time.Second), g.now},
		Drop{who, nodeOf(with / 7)}, Lost{nodeOf(with)}, Rekey{g.s.Kid, nodeOf(with)}, Bar{[]SeatID{other, who}},
		Timer{What: OfferUp, Turn: turn}, Timer{What: AwayUp, Turn: turn}, Timer{What: MuteUp, Seat: who},
		Timer{What: SeatUp, Seat: who}, Timer{What: CareUp}, Timer{What: AskHold}, Timer{What: EndUp}, Timer{What: DoorUp, Seat: who},
	}
	house := len(acts)
	acts = append(acts,
		Take{turn}, Decline{turn}, Later{turn}, Pass{Turn: turn}, Next{turn}, Say{Turn: turn, Text: "words"}, Listen{true}, Listen{false},
		Retract{g.s.Seq}, OpenFloor{turn}, React{Nod}, Type{}, Call{Name: "x", Key: fmt.Sprint(with)}, Leave{},
		NameDeputy{other, with < 200}, Offer{turn, other}, Skip{turn}, Lay{turn}, Mute{Seat: other, Minutes: with%4 + 1}, Unmute{other},
		Remove{other}, TakeChair{}, SetHold{HoldCare}, Release{}, Guard{"words"}, MoreTime{turn, 1},
		Admit{}, Admit{other}, Tell{other, "words"},
	)
	if with == 255 {
		acts = append(acts, Close{})
	}
	i := what % len(acts)
	switch {
	case acts[i] == nil:
		return g.pass(time.Duration(with*with)*10*time.Millisecond, func(Command, []Event) {})
	case i < house:
		_, err := g.house(acts[i])
		return err
	}
	c := Command{By: Actor{Seat: who}, Do: acts[i]}
	if what >= 128 {
		c.Session, c.N = "tab", uint64(with%5)
	}
	_, err := g.do(c)
	return err
}

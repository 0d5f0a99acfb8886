package room

import (
	"fmt"
	"testing"
)

// twelveSit is a room of twelve in the middle of its first round: the
// facilitator holds the stick, everybody has a name and a numbered session.
func twelveSit(b *testing.B) *State {
	set := DefaultSettings()
	g := newGathering(set)
	g.thrift = 1 << 30
	for i := range 12 {
		id := SeatID(fmt.Sprintf("00000000-7a4e-4c11-9d2e-%012d", i))
		role := Member
		if i == 0 {
			role = Facilitator
		}
		n := &Name{Name: fmt.Sprint("Name ", i), Key: fmt.Sprint("name ", i)}
		if _, err := g.house(Arrive{Seat: id, Role: role, Name: n}); err != nil {
			b.Fatal(err)
		}
		if _, err := g.do(Command{By: Actor{Seat: id}, Session: "0123456789abcdef", N: 1, Do: Call{Name: n.Name + "!", Key: n.Key}}); err != nil {
			b.Fatal(err)
		}
	}
	keeper := g.s.Chair
	for _, a := range []Act{Next{}, Take{1}} {
		if _, err := g.by(keeper, a); err != nil {
			b.Fatal(err)
		}
	}
	return g.s
}

// run decides and applies one command, on a copy as a hub does.
func run(b *testing.B, s *State, by SeatID, a Act) *State {
	events, err := s.Decide(s.At, Command{By: Actor{Seat: by}, Do: a})
	if err != nil {
		b.Fatal(err)
	}
	next := s.Clone()
	next.Apply(Entry{Seq: s.Seq + 1, At: s.At, By: by, Events: events})
	return next
}

func BenchmarkSay(b *testing.B) {
	s := twelveSit(b)
	b.ReportAllocs()
	for b.Loop() {
		s = run(b, s, s.Stick.Seat, Say{Turn: s.Stick.Turn, Text: "words"})
	}
}

// BenchmarkPassAndTake is two commands; a round ends every twelfth time.
func BenchmarkPassAndTake(b *testing.B) {
	s := twelveSit(b)
	b.ReportAllocs()
	for b.Loop() {
		s = run(b, s, s.Stick.Seat, Pass{Turn: s.Stick.Turn})
		if s.Stick.At == Resting {
			s = run(b, s, s.Chair, Next{s.Stick.Turn})
		}
		s = run(b, s, s.Stick.Seat, Take{s.Stick.Turn})
	}
}

func BenchmarkRefusal(b *testing.B) {
	s := twelveSit(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Decide(s.At, Command{By: Actor{Seat: s.Order[3]}, Do: Say{Turn: 1, Text: "words"}}); err == nil {
			b.Fatal("not refused")
		}
	}
}

func BenchmarkClone(b *testing.B) {
	s := twelveSit(b)
	for range MaxRecent { // as full as it gets
		s = run(b, s, s.Stick.Seat, Say{Turn: s.Stick.Turn, Text: "words"})
	}
	b.ReportAllocs()
	for b.Loop() {
		s = s.Clone()
	}
}

func BenchmarkDue(b *testing.B) {
	s := twelveSit(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Due()
	}
}

func BenchmarkView(b *testing.B) {
	s := twelveSit(b)
	e := Entry{Seq: s.Seq + 1, At: s.At, Events: []Event{TurnEnded{Turn: 1, Seat: s.Stick.Seat, How: HowDone}}}
	for name, who := range map[string]Audience{"everybody": Everybody, "keepers": {Keepers: true}, "one-seat": {Seat: s.Order[3]}, "facilitator": {Seat: s.Chair}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				View(s, e, who)
			}
		})
	}
}

package room

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// evening is an agenda as long as that of a usual format: seven stages, with
// 1,400 bytes of titles, prompts and cues.
func evening() []Stage {
	var agenda []Stage
	for i, g := range []Stage{
		{Kind: KindRound, Order: OrderRing}, {Kind: KindLead}, {Kind: KindOpen}, {Kind: KindRound, Order: OrderRandom, Rounds: 1},
		{Kind: KindRound, Order: OrderRing, Rounds: 1, Closing: true}, {Kind: KindLead}, {Kind: KindOpen},
	} {
		g.ID, g.Title, g.Prompt, g.Cue = StageID(i+1), "Highs and lows", strings.Repeat("a high and a low, ", 4), strings.Repeat("first, ", 16)
		g.Time = time.Hour
		agenda = append(agenda, g)
	}
	return agenda
}

// with runs a benchmark in a circle without an agenda, and in one with.
func with(b *testing.B, do func(*testing.B, *State)) {
	for name, agenda := range map[string][]Stage{"plain": nil, "agenda": evening()} {
		b.Run(name, func(b *testing.B) {
			s := twelveSit(b, agenda)
			b.ReportAllocs()
			do(b, s)
		})
	}
}

// twelveSit is a room of twelve in the middle of its first round: the
// facilitator holds the stick, everybody has a name and a numbered session.
func twelveSit(b *testing.B, agenda []Stage) *State {
	set := DefaultSettings()
	set.Agenda = agenda
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
	with(b, func(b *testing.B, s *State) {
		for b.Loop() {
			s = run(b, s, s.Stick.Seat, Say{Turn: s.Stick.Turn, Text: "words"})
		}
	})
}

// BenchmarkPassAndTake is two commands; a round ends every twelfth time.
func BenchmarkPassAndTake(b *testing.B) {
	with(b, func(b *testing.B, s *State) {
		for b.Loop() {
			s = run(b, s, s.Stick.Seat, Pass{Turn: s.Stick.Turn})
			if s.Stick.At == Resting {
				s = run(b, s, s.Chair, Next{s.Stick.Turn})
			}
			s = run(b, s, s.Stick.Seat, Take{s.Stick.Turn})
		}
	})
}

// BenchmarkCommit is what a hub pays for a command that changes the state,
// beside the log: to decide and apply it, and to make what is stored.
func BenchmarkCommit(b *testing.B) {
	with(b, func(b *testing.B, s *State) {
		stored := 0
		for b.Loop() {
			seat := s.Seats[s.Order[3]]
			s = run(b, s, s.Order[3], Listen{On: !seat.Listening})
			facts, _, err := SplitState(s)
			if err != nil {
				b.Fatal(err)
			}
			stored = len(facts)
		}
		b.ReportMetric(float64(stored), "stored-bytes")
	})
}

func BenchmarkRefusal(b *testing.B) {
	with(b, func(b *testing.B, s *State) {
		for b.Loop() {
			if _, err := s.Decide(s.At, Command{By: Actor{Seat: s.Order[3]}, Do: Say{Turn: 1, Text: "words"}}); err == nil {
				b.Fatal("not refused")
			}
		}
	})
}

func BenchmarkClone(b *testing.B) {
	with(b, func(b *testing.B, s *State) {
		for range MaxRecent { // as full as it gets
			s = run(b, s, s.Stick.Seat, Say{Turn: s.Stick.Turn, Text: "words"})
		}
		b.ResetTimer()
		for b.Loop() {
			s = s.Clone()
		}
	})
}

func BenchmarkDue(b *testing.B) {
	with(b, func(b *testing.B, s *State) {
		for b.Loop() {
			s.Due()
		}
	})
}

func BenchmarkView(b *testing.B) {
	for name, who := range map[string]func(*State) Audience{
		"everybody":   func(*State) Audience { return Everybody },
		"keepers":     func(*State) Audience { return Audience{Keepers: true} },
		"one-seat":    func(s *State) Audience { return Audience{Seat: s.Order[3]} },
		"facilitator": func(s *State) Audience { return Audience{Seat: s.Chair} },
	} {
		b.Run(name, func(b *testing.B) {
			with(b, func(b *testing.B, s *State) {
				e := Entry{Seq: s.Seq + 1, At: s.At, Events: []Event{TurnEnded{Turn: 1, Seat: s.Stick.Seat, How: HowDone}}}
				audience := who(s)
				for b.Loop() {
					View(s, e, audience)
				}
			})
		})
	}
}

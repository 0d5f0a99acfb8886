package room

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestFullestState: with thirty seats, those who look after them, and every
// list as long as it gets, the facts take no more than 32 KiB.
func TestFullestState(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	set := DefaultSettings()
	set.Title, set.Prompt = strings.Repeat("t", 120), strings.Repeat("p", 400)
	s := &State{}
	s.Apply(Begin("00000000-7a4e-4c11-9d2e-000000000000", set, now))
	n := 0
	seat := func() SeatID { n++; return SeatID(fmt.Sprintf("00000000-7a4e-4c11-9d2e-%012d", n)) }
	running := Clock{Spent: 123456789, Since: now}
	for i := range set.MaxSeats {
		id, role := seat(), Member
		if i < ReservedSeats {
			role = Facilitator
		}
		st := &Seat{Role: role, Gone: now, Since: 99_999, Listening: true, Hand: 99_999, Heard: 123456789, Merged: true}
		if i < MaxOfDuty {
			st.Duties = []Duty{Timekeeper, Greeter, Reader}
		}
		for j := range MaxSessions {
			st.keep(Receipt{Session: fmt.Sprintf("%022d", j), N: 99_999, Seq: 99_999})
		}
		s.Seats[id], s.Order = st, append(s.Order, id)
		s.Round.Queue = append(s.Round.Queue, Place{Seat: id, Again: true, Cut: true, Late: true, Spent: 123456789})
		if len(s.Deputies) < MaxDeputies {
			s.Deputies = append(s.Deputies, id)
		}
		s.Chair = id
	}
	s.Round.Going, s.Round.N, s.Round.Order, s.Round.Took, s.Round.Moved, s.Round.Share, s.Round.At, s.Round.Of = true, 99, OrderReversed, true, true, 1e9, 36, 36
	for i := range MaxStages {
		s.Agenda = append(s.Agenda, Stage{ID: StageID(i + 1), Kind: KindRound, Order: OrderReversed, Title: strings.Repeat("t", MaxText/MaxStages), Time: 1e12, Turn: 1e12, Split: true, Hard: true, Rounds: 9, Images: true, Closing: true})
	}
	s.Now = Progress{Stage: 16, Clock: running, Rounds: 99, Bell: true, Moving: 16}
	s.Plan, s.Start, s.Rules, s.Support = 99, now, now, &Support{Seat: s.Chair, Asked: true, Agreed: true, Going: true}
	s.Stick = Stick{At: InHand, Turn: 9_999, Seat: s.Chair, From: s.Chair, Clock: running, Away: running, Stopped: running,
		Limit: 999 * time.Minute, Told: true, Place: s.Round.Queue[0]}
	for len(s.Asides) < MaxAsides {
		a := AsideRoom{ID: ID(seat()), Kind: QuietRoom, By: s.Chair, Began: true}
		for range MaxAside {
			a.Seats, a.In = append(a.Seats, seat()), append(a.In, seat())
		}
		s.Asides = append(s.Asides, a)
	}
	s.Hold = &Hold{By: s.Chair, Why: HoldBreath, Since: now, Asked: now}
	s.Care, s.Closing = &Care{Step: CareModerators, Until: now}, now
	for range MaxBarred {
		s.Barred = append(s.Barred, seat())
	}
	for range MaxKnown {
		s.Known = append(s.Known, seat())
	}
	for range MaxMutes {
		s.Mutes[seat()] = Silence{now, MuteSpace}
	}
	for range MaxHad {
		s.Round.Had = append(s.Round.Had, seat())
	}
	for len(s.Stated) < MaxStated {
		st := Statement{ID: string(seat()), Action: "quiet-room", Scope: "server", From: 1767225600000, Until: 1767225600000, Rule: "facilitator-conduct",
			AppealUntil: 1767225600000}
		Stated{Seat: seat(), Statement: st}.apply(s, Entry{})
	}
	for range MaxRestricted {
		s.Restricted = append(s.Restricted, seat())
	}
	for range MaxReadmitted {
		s.Readmitted = append(s.Readmitted, seat())
	}
	facts, _, err := SplitState(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(facts) > 32<<10 {
		t.Errorf("%d bytes", len(facts))
	}
	if len(facts) < 16<<10 {
		t.Errorf("%d bytes: that is not the fullest", len(facts))
	}
}

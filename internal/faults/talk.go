package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"hearth/room"
)

// Talk is what people do in a circle where everything happens in a minute:
// mostly what fits, often what doesn't, so that there are refusals to check.
func Talk(t *Tab) room.Act {
	if t.View == nil || t.You == nil {
		return nil
	}
	s := talker{t, t.Rng, t.View, t.You, 0}
	if f := t.Friend; f != nil && t.Rng.IntN(2) == 0 && f.Sees() != nil && f.Sees().Stick.Turn > s.room.Stick.Turn {
		s.room = f.Sees() // somebody on another node told them what is new
	}
	s.turn = s.room.Stick.Turn
	switch s.rng.IntN(12) {
	case 0:
		s.turn -= min(s.turn, uint64(s.rng.IntN(3))) // too late
	case 1, 2:
		s.turn++ // too early, unless they don't know yet
	}
	if t.Seat.Role == room.Facilitator {
		if act := s.keeps(); act != nil {
			return act
		}
	}
	return s.sits()
}

// talker is a person about to do something.
type talker struct {
	tab  *Tab
	rng  *rand.Rand
	room *room.RoomView
	you  *room.YouView
	turn uint64
}

// odds picks one of several with these weights.
func (s talker) odds(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := s.rng.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

func (s talker) words() string {
	return fmt.Sprintf("%s tells of %d", s.tab.Seat.Name, s.rng.Uint64())
}

// sits is what anybody does.
func (s talker) sits() room.Act {
	stick := s.room.Stick
	mine := stick.Seat == s.you.Seat
	switch {
	case mine && stick.At == room.Offered:
		switch s.odds(60, 15, 15, 10) {
		case 0:
			return room.Take{Turn: s.turn}
		case 1:
			return room.Decline{Turn: s.turn}
		case 2:
			return room.Later{Turn: s.turn}
		}
		return room.Say{Turn: s.turn, Text: s.words()}
	case mine && stick.At == room.InHand:
		switch s.odds(70, 22, 4, 4) {
		case 0:
			return room.Say{Turn: s.turn, Text: s.words()}
		case 1:
			return room.Pass{Turn: s.turn}
		case 2:
			return room.Take{Turn: s.turn}
		}
		return s.takesBack()
	case s.room.Floor == room.Open:
		switch s.odds(75, 10, 10, 5) {
		case 0:
			return room.Say{Turn: s.turn, Text: s.words()}
		case 1:
			return s.takesBack()
		case 2:
			return s.calls()
		}
		return room.Take{Turn: s.turn}
	}
	return s.waits()
}

// waits is what somebody does who is not asked to do anything.
func (s talker) waits() room.Act {
	listening := s.tab.Seat.Role != room.Listener && s.rng.IntN(3) == 0
	switch s.odds(46, 16, 12, 12, 6, 8) {
	case 0:
		return s.calls()
	case 1:
		return room.Listen{On: listening}
	case 2:
		return room.Say{Turn: s.turn, Text: s.words()}
	case 3:
		return room.Take{Turn: s.turn}
	case 4:
		return room.Pass{Turn: s.turn}
	}
	return s.takesBack()
}

func (s talker) calls() room.Act {
	return room.Call{Name: s.tab.Seat.Name, Pronouns: fmt.Sprint("they ", s.rng.IntN(1_000_000)), Key: s.tab.Seat.Name}
}

// takesBack takes back something one has said, or that somebody else has.
func (s talker) takesBack() room.Act {
	if mine := s.tab.Mine; len(mine) > 0 && s.rng.IntN(5) > 0 {
		seq := mine[len(mine)-1]
		s.tab.Mine = mine[:len(mine)-1]
		return room.Retract{Seq: seq}
	}
	return room.Retract{Seq: uint64(1 + s.rng.IntN(200))}
}

// keeps is what the facilitator does beside sitting in the ring; nil: that.
func (s talker) keeps() room.Act {
	who := s.somebody()
	switch {
	case s.room.Hold != nil:
		if s.rng.IntN(10) > 0 {
			return room.Release{}
		}
	case s.room.Floor == room.Open && s.rng.IntN(12) == 0, s.room.Floor == room.Ring && s.room.Stick.At == room.Resting && s.rng.IntN(4) > 0:
		if s.rng.IntN(3) == 0 {
			return room.OpenFloor{Turn: s.turn}
		}
		return room.Next{Turn: s.turn}
	}
	switch s.odds(40, 16, 6, 12, 8, 3, 5, 4, 3, 3) {
	case 1:
		return room.Guard{Text: s.words()}
	case 2:
		return room.Mute{Seat: who, Minutes: 1}
	case 3:
		return room.Unmute{Seat: s.muted()}
	case 4:
		return room.NameDeputy{Seat: who, On: s.rng.IntN(2) == 0}
	case 5:
		return room.SetHold{Why: room.HoldBreath}
	case 6:
		return room.Offer{Turn: s.turn, Seat: who}
	case 7:
		return room.Skip{Turn: s.turn}
	case 8:
		return room.Lay{Turn: s.turn}
	case 9:
		return room.MoreTime{Turn: s.turn, Minutes: 1}
	}
	return nil
}

// somebody is a seat of the ring.
func (s talker) somebody() room.SeatID {
	if len(s.room.Order) == 0 {
		return s.you.Seat
	}
	return s.room.Order[s.rng.IntN(len(s.room.Order))]
}

// muted is somebody who is, if anybody is.
func (s talker) muted() room.SeatID {
	if s.tab.Keep == nil || len(s.tab.Keep.Muted) == 0 {
		return s.somebody()
	}
	return slices.Min(slices.Collect(maps.Keys(s.tab.Keep.Muted)))
}

package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

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
	if t.You.Role == room.Facilitator { // also a member with the chair
		if s.rng.IntN(5) < 2 {
			if act := s.leads(); act != nil {
				return act
			}
		}
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
	case s.you.Support == room.SupportIsOffered && s.rng.IntN(2) == 0:
		return room.Consent{Yes: s.rng.IntN(4) > 0}
	case mine && stick.At == room.Offered:
		switch s.odds(60, 15, 15, 10) {
		case 0:
			return room.Take{Turn: s.turn}
		case 1:
			return room.Decline{Turn: s.turn}
		case 2:
			return room.Later{Turn: s.turn}
		}
		return s.says()
	case mine && stick.At == room.InHand:
		switch s.odds(64, 22, 4, 4, 6) {
		case 0:
			return s.says()
		case 1:
			return s.passes()
		case 2:
			return room.Take{Turn: s.turn}
		case 3:
			return s.wishes()
		}
		return s.takesBack()
	case s.room.Floor == room.Open:
		switch s.odds(70, 10, 10, 5, 5) {
		case 0:
			return s.says()
		case 1:
			return s.takesBack()
		case 2:
			return s.calls()
		case 3:
			return s.raises()
		}
		return room.Take{Turn: s.turn}
	}
	return s.waits()
}

// waits is what somebody does who is not asked to do anything.
func (s talker) waits() room.Act {
	listening := s.tab.Seat.Role != room.Listener && s.rng.IntN(3) == 0
	switch s.odds(30, 16, 14, 12, 6, 8, 22, 3, 3, 4) {
	case 0:
		return s.calls()
	case 1:
		return room.Listen{On: listening}
	case 2:
		return s.says()
	case 3:
		return room.Take{Turn: s.turn}
	case 4:
		return s.passes()
	case 5:
		return s.takesBack()
	case 6:
		return s.raises()
	case 7:
		return s.wishes()
	case 8:
		return room.Consent{Yes: s.rng.IntN(3) > 0}
	}
	return s.asides()
}

// asides asks whoever keeps the circle for a word aside, or ends one.
func (s talker) asides() room.Act {
	if open := s.you.Asides; len(open) > 0 && s.rng.IntN(2) == 0 {
		return room.AsideEnd{ID: open[0].ID}
	}
	return room.Aside{Kind: room.Talk, With: []room.SeatID{s.room.Chair}}
}

// says says something, now and then with a note of what it is about.
func (s talker) says() room.Act {
	say := room.Say{Turn: s.turn, Text: s.words()}
	if s.rng.IntN(8) == 0 {
		say.Note = fmt.Sprint("about ", s.rng.IntN(1000))
	}
	return say
}

// passes passes the stick on, to somebody who waits if it may be so.
func (s talker) passes() room.Act {
	g, next := s.room.Stage, s.room.Round.Next
	if named := g != nil && g.Order == room.OrderNominate; len(next) > 0 && (named || s.rng.IntN(10) == 0) {
		return room.Pass{Turn: s.turn, To: next[s.rng.IntN(len(next))]}
	}
	return room.Pass{Turn: s.turn}
}

func (s talker) wishes() room.Act {
	wishes := []room.Wish{room.WishListen, room.WishReflections, room.WishIdeas}
	return room.SetWish{Turn: s.turn, Wish: wishes[s.rng.IntN(len(wishes))]}
}

// raises raises a hand, or lowers it.
func (s talker) raises() room.Act {
	me := s.tab.Seats[s.you.Seat]
	return room.Hand{On: me == nil || !me.Hand || s.rng.IntN(6) == 0}
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
		if s.room.Phase == room.Circle && s.rng.IntN(3) == 0 {
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

// leads is what whoever keeps the circle does with tonight's agenda and with
// the people; nil: nothing.
func (s talker) leads() room.Act {
	switch s.odds(24, 8, 14, 14, 12, 12, 6, 6, 4) {
	case 0:
		return s.goes()
	case 1:
		return room.Extend{Minutes: s.rng.IntN(3)}
	case 2:
		return s.plans()
	case 3:
		return room.Move{Seat: s.somebody(), Before: s.somebody()}
	case 4:
		return room.Rally{Seat: s.somebody()}
	case 5:
		duties := []room.Duty{room.Timekeeper, room.Greeter, room.Reader}
		return room.Grant{Seat: s.somebody(), Duty: duties[s.rng.IntN(len(duties))], On: s.rng.IntN(3) > 0}
	case 6:
		return room.HandOver{Seat: s.somebody()}
	case 7:
		return room.Remind{}
	}
	return s.says()
}

// goes to another stage, mostly the next. A closing round that is about to
// begin is mostly left to itself.
func (s talker) goes() room.Act {
	if s.tab.Keep == nil || len(s.tab.Keep.Agenda) == 0 {
		return room.Go{To: 1}
	}
	agenda, from := s.tab.Keep.Agenda, room.StageID(0)
	if s.room.Stage != nil {
		from = s.room.Stage.ID
	}
	soon := s.room.Closes > 0 && time.UnixMilli(s.room.Closes).Before(time.Now().Add(2*time.Minute))
	if soon && s.rng.IntN(8) > 0 {
		return nil
	}
	i := 1 + slices.IndexFunc(agenda, func(g room.PlanView) bool { return g.ID == from })
	if i >= len(agenda) || s.rng.IntN(3) == 0 {
		i = s.rng.IntN(len(agenda))
	}
	if s.rng.IntN(10) == 0 {
		from++ // they think the circle is elsewhere
	}
	return room.Go{From: from, To: agenda[i].ID}
}

// plans changes what is still to come: drops a stage, stretches one, changes
// two, adds one, writes a prompt. Often somebody else does at the same time.
func (s talker) plans() room.Act {
	k := s.tab.Keep
	if k == nil || len(k.Agenda) == 0 {
		return nil
	}
	p := room.Plan{Rev: k.Plan - min(k.Plan, s.rng.IntN(6)/5), Stages: []room.PlanStage{}}
	at := 0
	if s.room.Stage != nil {
		at = 1 + slices.IndexFunc(k.Agenda, func(g room.PlanView) bool { return g.ID == s.room.Stage.ID })
	}
	for _, g := range k.Agenda[at:] {
		if !g.Closing && s.rng.IntN(12) == 0 {
			continue
		}
		one := room.PlanStage{ID: g.ID, Minutes: int(g.Time/60_000) + s.rng.IntN(8)/7}
		if g.Kind == room.KindQuiet {
			one.Minutes = 1
		}
		if s.rng.IntN(3) == 0 {
			one.Prompt = s.prompt(g.Prompt)
		}
		p.Stages = append(p.Stages, one)
	}
	if n := len(p.Stages); n > 2 && s.rng.IntN(3) == 0 {
		p.Stages[n-1], p.Stages[n-2] = p.Stages[n-2], p.Stages[n-1]
	}
	if len(k.Agenda) < 10 && s.rng.IntN(3) == 0 {
		kinds := []room.PlanStage{{Kind: room.KindOpen}, {Kind: room.KindLead}, {Kind: room.KindRound, Order: room.OrderHands, Minutes: 9}, {Kind: room.KindRound, Order: room.OrderReversed, Rounds: 1}}
		one := kinds[s.rng.IntN(len(kinds))]
		one.Prompt = s.prompt("")
		p.Stages = append(p.Stages, one)
	}
	return p
}

// prompt is one that somebody types, behind what the agenda says.
func (s talker) prompt(was string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s%d)", untyped(was), typedMark, s.rng.Uint64()))
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

package room

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// act does what "Jun: say "hello" turn 2 #3 tab phone" says.
func (m *meeting) act(who SeatID, what Capability, with string) error {
	c := Command{By: Actor{Seat: who}}
	if who == "desk" {
		c.By = Actor{Desk: true}
	}
	with, stating, withdrawing := ofTheDesk(with)
	turn := m.s.Stick.Turn
	if p := numberWord.FindStringSubmatch(with); p != nil {
		c.N, _ = strconv.ParseUint(p[1], 10, 64)
		c.Session = "tab" + p[2]
		with = strings.Replace(with, p[0], "", 1)
	}
	if p := turnWord.FindStringSubmatch(with); p != nil {
		turn, _ = strconv.ParseUint(p[1], 10, 64)
		with = strings.Replace(with, p[0], "", 1)
	}
	do, err := m.agendaAct(what, strings.TrimSpace(with))
	if do == nil && err == nil {
		do, err = asideAct(what, strings.TrimSpace(with))
	}
	if do == nil && err == nil {
		do, err = actOf(what, turn, strings.TrimSpace(with))
	}
	if err != nil {
		return err
	}
	m.acts[what]++
	c.Do = do
	if p := strings.Fields(with); stating != "" {
		c.Do = Sanction{Do: do, Seat: SeatID(p[0]), Stated: someStatement(stating)}
	} else if withdrawing != "" {
		c.Do = Undo{Do: do, Seat: SeatID(p[0]), ID: withdrawing}
	}
	return m.came(m.do(c))
}

// actOf reads an act as a script says it.
func actOf(what Capability, turn uint64, with string) (Act, error) {
	words := strings.Fields(with)
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(word(i))
		return n
	}
	text := ""
	if p := timesWord.FindStringSubmatch(with); p != nil {
		n, _ := strconv.Atoi(p[2])
		text = strings.Repeat(p[1], n)
	} else if p := quoted.FindStringSubmatch(with); p != nil {
		text = p[1]
	}
	acts := []Act{
		Take{turn}, Decline{turn}, Later{turn}, Pass{turn, SeatID(word(0))}, Say{Turn: turn, Text: text}, Guard{text},
		Listen{On: word(0) == "on"}, Retract{Seq: uint64(number(0))}, React{Kind: Reaction(word(0))}, Type{},
		Call{Name: text, Key: strings.ToLower(text)}, Leave{Fine: word(0) == "fine"},
		Next{turn}, Offer{turn, SeatID(word(0))}, Skip{turn}, Lay{turn}, MoreTime{turn, number(0)}, OpenFloor{turn},
		SetHold{Why: HoldWhy(word(0))}, Release{}, Mute{SeatID(word(0)), number(1), MuteWhy(word(2))}, Unmute{SeatID(word(0))},
		Remove{SeatID(word(0))}, NameDeputy{SeatID(word(0)), word(1) != "off"}, TakeChair{}, Close{},
		Drop{Seat: SeatID(word(0))}, StepOut{ID(word(0)), SeatID(word(1))}, Finish{},
		Admit{SeatID(word(0))}, Tell{SeatID(word(0)), text},
		SetWish{turn, Wish(word(0))}, Hand{On: word(0) != "down"}, Consent{Yes: word(0) != "no"}, HandOver{SeatID(word(0))},
		Extend{number(0)}, Move{SeatID(word(0)), SeatID(strings.Join(words[min(2, len(words)):], ""))}, Rally{SeatID(word(0))},
		Grant{SeatID(word(0)), Duty(word(1)), word(2) != "off"}, Remind{},
		Show{turn, Picture{Name: word(0), Type: "image/png", W: 4, H: 3, Key: []byte("key")}, text},
		Warn{SeatID(word(0))}, TakeStick{SeatID(word(0))}, Restrict{SeatID(word(0)), word(1) != "off"}, Readmit{SeatID(word(0))},
		Withdraw{SeatID(word(0)), word(1)},
	}
	if i := slices.IndexFunc(acts, func(a Act) bool { return a.Can() == what }); i >= 0 {
		return acts[i], nil
	}
	return nil, fmt.Errorf("nobody can %q", what)
}

// agendaAct reads "stage 3", "stage 3 from 1", "plan 4 6=10m 0:quiet:5m" and
// a note in "say "words" about a bus"; nil if it is none of these.
func (m *meeting) agendaAct(what Capability, with string) (Act, error) {
	switch what {
	case "say":
		text, note, noted := strings.Cut(with, " about ")
		if !noted || !quoted.MatchString(text) {
			return nil, nil
		}
		return Say{Turn: m.s.Stick.Turn, Text: quoted.FindStringSubmatch(text)[1], Note: note}, nil
	case "stage":
		move := Go{From: m.s.Now.Stage}
		if _, err := fmt.Sscanf(with, "%d from %d", &move.To, &move.From); err != nil && move.To == 0 {
			return nil, err
		}
		return move, nil
	case "plan":
		plan := Plan{Rev: m.s.Plan}
		for _, w := range strings.Fields(with) {
			if n, old := strings.CutPrefix(w, "rev"); old {
				plan.Rev, _ = strconv.Atoi(n)
				continue
			}
			p, err := planStage(w)
			if err != nil {
				return nil, err
			}
			plan.Stages = append(plan.Stages, p)
		}
		return plan, nil
	}
	return nil, nil
}

// planStage reads "4" (as it is, 10 minutes if it says nothing), "4=10",
// "4=10:What-helps?" or a new one "quiet=5".
func planStage(w string) (PlanStage, error) {
	head, prompt, _ := strings.Cut(w, ":")
	name, minutes, timed := strings.Cut(head, "=")
	p := PlanStage{Minutes: 10, Prompt: prompt}
	var err error
	if timed {
		if p.Minutes, err = strconv.Atoi(minutes); err != nil {
			return p, err
		}
	}
	if id, err := strconv.Atoi(name); err == nil {
		p.ID = StageID(id)
		return p, nil
	}
	p.Kind = Kind(name)
	if p.Kind == KindRound {
		p.Order, p.Rounds = OrderRing, 1
	}
	return p, nil
}

// someStages are stages as scripts name them, with their minutes behind:
// agenda=open5,ring20,closing10.
var someStages = map[string]Stage{
	"open": {Kind: KindOpen}, "quiet": {Kind: KindQuiet}, "lead": {Kind: KindLead},
	"ring":     {Kind: KindRound, Order: OrderRing, Rounds: 1},
	"reversed": {Kind: KindRound, Order: OrderReversed, Rounds: 1},
	"hands":    {Kind: KindRound, Order: OrderHands},
	"least":    {Kind: KindRound, Order: OrderLeast},
	"nominate": {Kind: KindRound, Order: OrderNominate, Rounds: 1},
	"random":   {Kind: KindRound, Order: OrderRandom, Rounds: 1},
	"soft":     {Kind: KindRound, Order: OrderRing, Rounds: 1, Turn: 2 * time.Minute},
	"hard":     {Kind: KindRound, Order: OrderRing, Rounds: 1, Turn: 2 * time.Minute, Hard: true},
	"split":    {Kind: KindRound, Order: OrderRing, Rounds: 1, Split: true, Hard: true},
	"twice":    {Kind: KindRound, Order: OrderRing, Rounds: 2},
	"on":       {Kind: KindRound, Order: OrderRing},
	"show":     {Kind: KindRound, Order: OrderRing, Rounds: 1, Images: true},
	"closing":  {Kind: KindRound, Order: OrderRing, Rounds: 1, Closing: true},
}

func agendaOf(names string) ([]Stage, error) {
	var stages []Stage
	for i, w := range strings.Split(names, ",") {
		name := strings.TrimRight(w, "0123456789")
		g, ok := someStages[name]
		if !ok {
			return nil, fmt.Errorf("no stage is called %q", name)
		}
		minutes, _ := strconv.Atoi("0" + w[len(name):])
		g.ID, g.Title, g.Prompt, g.Time = StageID(i+1), name, name+"?", time.Duration(minutes)*time.Minute
		stages = append(stages, g)
	}
	return stages, CheckAgenda(stages)
}

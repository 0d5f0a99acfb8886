package room

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// act does what "Jun: say "hello" turn 2 #3 tab phone" says.
func (m *meeting) act(who SeatID, what Capability, with string) error {
	c := Command{By: Actor{Seat: who}}
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
	do, err := actOf(what, turn, strings.TrimSpace(with))
	if err != nil {
		return err
	}
	m.acts[what]++
	c.Do = do
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
		Drop{Seat: SeatID(word(0))},
	}
	if i := slices.IndexFunc(acts, func(a Act) bool { return a.Can() == what }); i >= 0 {
		return acts[i], nil
	}
	return nil, fmt.Errorf("nobody can %q", what)
}

package faults

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/room"
)

// agendas are what circles hold, in turn. In the first the closing round has
// no time to lose, and begins by itself after ten seconds. In the second a
// round is cut short by it: who was not asked by then is asked in it. The
// third is two hours long, and the fourth circle has none.
var agendas = [][]room.Stage{
	evening(stage("open", 5), stage("lead", 5), stage("closing", 0), stage("hands", 3600), stage("quiet", 3), stage("nominate", 0), stage("lead", 0), stage("open", 0)),
	evening(stage("on", 75), stage("closing", 0), stage("least", 3600), stage("random", 0), stage("open", 0)),
	evening(stage("on", 1200), stage("hands", 1200), stage("nominate", 0), stage("split", 1200), stage("lead", 1200), stage("quiet", 2), stage("random", 1200), stage("open", 1200), stage("closing", 0), stage("open", 0)),
	nil,
}

// stage is one of so many seconds; 0: as it comes.
func stage(name string, seconds int) room.Stage {
	g := map[string]room.Stage{
		"open":     {Kind: room.KindOpen},
		"quiet":    {Kind: room.KindQuiet},
		"lead":     {Kind: room.KindLead},
		"on":       {Kind: room.KindRound, Order: room.OrderRing},
		"hands":    {Kind: room.KindRound, Order: room.OrderHands},
		"least":    {Kind: room.KindRound, Order: room.OrderLeast},
		"nominate": {Kind: room.KindRound, Order: room.OrderNominate, Rounds: 2},
		"random":   {Kind: room.KindRound, Order: room.OrderRandom, Rounds: 2},
		"split":    {Kind: room.KindRound, Order: room.OrderReversed, Rounds: 1, Split: true, Hard: true},
		"closing":  {Kind: room.KindRound, Order: room.OrderRing, Rounds: 1, Closing: true},
	}[name]
	g.Title, g.Prompt, g.Time = name, "What about "+name+"?", time.Duration(seconds)*time.Second
	return g
}

func evening(stages ...room.Stage) []room.Stage {
	for i := range stages {
		stages[i].ID = room.StageID(i + 1)
	}
	return stages
}

func TestAgendasAreSound(t *testing.T) {
	for i, stages := range agendas {
		if err := room.CheckAgenda(stages); err != nil {
			t.Errorf("agenda %d: %v", i+1, err)
		}
	}
}

// agendaCircle makes a circle with an agenda. A format has whole minutes, so
// it is put where the nodes find it.
func agendaCircle(t *testing.T, c *Cluster, title string, seed uint64, agenda []room.Stage) *Circle {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	db, err := sqlstore.Connect(ctx, sqlstore.Options{URL: c.SQL})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	x := circleOf(t, title, seed, c.Began, c.Nodes)
	made := circle.Circle{ID: circle.ID(title), Settings: room.DefaultSettings()}
	made.Settings.Title, made.Settings.Agenda = title, agenda
	if err := db.Circles().AddCircle(ctx, circle.Act{}, made); err != nil {
		t.Fatal(err)
	}
	for _, role := range []room.Role{room.Facilitator, room.Member, room.Listener, room.Moderator} {
		if x.Codes[role], err = db.Circles().AddInvite(ctx, circle.Act{At: time.Now()}, circle.Invite{Circle: made.ID, Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// moves are what must have come about in a run with agendas; the first of
// them also in a short one.
var moves = []string{"StageSet", "Planned", "Moved", "HandRaised", "Wished", "RoundEnded", "ChairTaken", "DutySet",
	"StageMoving", "Extended", "Merged", "SupportBegan", "Reminded"}

const often = 8

// evening tells what came of the agendas.
func (v *verdict) evening() string {
	e := v.events
	return fmt.Sprintf("%d stages, %d closing rounds by themselves (at most %v late), %d rounds, %d plans, %d moves, %d hands, %d support rounds",
		e["StageSet"], v.closings, v.late.Round(time.Millisecond), e["RoundStarted"], e["Planned"], e["Moved"], e["HandRaised"], e["SupportBegan"])
}

package faults

import (
	"testing"
	"time"

	"hearth/room"
)

// tellEvening begins a circle with an agenda: it is open, and the closing
// round, its fourth stage, begins after two minutes.
func tellEvening(t *testing.T) *tale {
	return tellOf(t, evening(stage("open", 60), stage("lead", 30), stage("quiet", 30), stage("closing", 0), stage("on", 600), stage("open", 0)))
}

// house is an entry that nobody asked for.
func (x *tale) house(events ...room.Event) {
	x.t.Helper()
	x.append(room.Entry{Seq: x.state.Seq + 1, At: day.Add(x.clock), Events: events})
}

// timer is what time brings.
func (x *tale) timer() {
	x.t.Helper()
	at, c := x.state.Due()
	x.clock = max(x.clock, at.Sub(day))
	x.commit(c)
}

func TestCheckAcceptsAnEvening(t *testing.T) {
	x := tellEvening(t)
	x.does("ben", room.Hand{On: true})
	x.commit(room.Command{By: room.Actor{House: true}, Do: room.Drop{Seat: "ben"}})
	x.commit(room.Command{By: room.Actor{House: true}, Do: room.Arrive{Seat: "ben", Role: room.Member}})
	x.does("ana", room.Go{From: 1, To: 2})
	x.does("ana", room.Say{Text: "welcome"})
	x.does("ana", room.Grant{Seat: "ben", Duty: room.Reader, On: true})
	x.does("ben", room.Say{Text: "a poem", Note: "about rain"})
	plan := []room.PlanStage{{ID: 3, Minutes: 1, Prompt: "What about quiet? " + typedMark + "1)"}, {ID: 4, Minutes: 5}, {ID: 6}}
	x.does("ana", room.Plan{Stages: plan})
	x.refused("ana", room.Plan{Stages: plan}, room.PlanMoved)
	x.does("ana", room.Move{Seat: "ben", Before: "ana"})
	x.does("ana", room.Offer{Turn: 0, Seat: "ben"})
	x.does("ben", room.Take{Turn: 1})
	x.does("ana", room.Go{From: 2, To: 3})
	x.does("ben", room.Pass{Turn: 1})                            // and so it is quiet
	for _, typed := range []string{"", " " + typedMark + "1)"} { // whoever lacks the key sees what the agenda says
		v := x.viewOf(x.state.Seq)
		v.Prompt += typed
		x.r.saw(Point{x.epoch, x.state.Seq}, room.Frame{Seq: x.state.Seq, Room: v})
	}
	for x.state.Now.Stage != 4 {
		x.timer()
	}
	x.r.ended(Final{Who: "ben", Seq: x.state.Seq, View: x.state.RoomView(day.Add(x.clock)), Seats: x.state.SeatViews()})
	x.accepted()
	if v := check(x.h, x.r, false); v.closings != 1 || v.late > time.Second || v.events["Planned"] != 1 {
		t.Errorf("%d closing rounds, %v late, and %v", v.closings, v.late, v.events)
	}
}

func TestCheckFindsADropThatMoves(t *testing.T) {
	for _, ev := range []room.Event{room.StageSet{Stage: 2}, room.RoundStarted{N: 1}, room.FloorSet{Floor: room.Ring}} {
		x := tellEvening(t)
		x.house(room.Dropped{Seat: "ben"}, ev)
		x.found("a line moves the circle")
	}
}

func TestCheckFindsAStageThatNobodyAskedFor(t *testing.T) {
	x := tellEvening(t)
	x.house(room.StageSet{Stage: 2})
	x.found("stage 2 begins, and nobody asked for it")
	x = tellEvening(t)
	x.house(room.StageSet{Stage: 4}) // the closing round, two minutes early
	x.found("stage 4 begins, and nobody asked for it")
	x = tellEvening(t)
	x.house(room.StageMoving{Stage: 3})
	x.found("stage 3 is announced")
	x = tellEvening(t)
	o := x.op("ana", room.Go{From: 1, To: 2})
	x.append(room.Entry{Seq: x.state.Seq + 1, At: day, By: "ana", Session: o.Session, N: o.N, Events: []room.Event{room.StageSet{Stage: 3}}})
	x.told(o, Done, x.state.Seq, "")
	x.found("stage 3 begins, and nobody asked for it")
}

func TestCheckFindsALateClosingRound(t *testing.T) {
	x := tellEvening(t)
	x.clock = 2 * time.Minute
	for range 5 { // a pause of the log counts little
		x.does("ana", room.Say{Text: "still here"})
		x.clock += 10 * time.Second
	}
	x.accepted()
	x.does("ana", room.Say{Text: "still here"})
	x.found("the closing round is")
}

func TestCheckFindsARoundThatGoesBack(t *testing.T) {
	for _, n := range []int{0, 2} {
		x := tellEvening(t)
		x.house(room.RoundStarted{N: n})
		x.found("begins after round 0")
	}
	x := tellEvening(t)
	x.house(room.RoundStarted{N: 1}, room.RoundEnded{N: 0})
	x.found("round 0 ends in round 1")
}

func TestCheckFindsWordsInTheQuiet(t *testing.T) {
	x := tellEvening(t)
	x.does("ana", room.Go{From: 1, To: 3})
	x.house(room.Said{Seat: "ana"})
	x.found("somebody speaks in the quiet")
	x = tellEvening(t)
	x.does("ana", room.Go{From: 1, To: 2})
	x.does("ana", room.Grant{Seat: "ben", Duty: room.Reader, On: true})
	x.does("ben", room.Say{Text: "a poem"})
	x.does("ana", room.Grant{Seat: "ben", Duty: room.Reader})
	x.accepted()
	x.house(room.Said{Seat: "ben"})
	x.found("somebody speaks where another leads")
}

func TestCheckFindsTwoPlans(t *testing.T) {
	plan := room.Plan{Stages: []room.PlanStage{{ID: 4, Minutes: 5}}}
	x := tellEvening(t)
	x.does("ana", plan)
	o := x.op("ana", plan)
	x.append(room.Entry{Seq: x.state.Seq + 1, At: day, By: "ana", Session: o.Session, N: o.N, Events: []room.Event{room.Planned{Rev: 1, Stages: x.state.Agenda}}})
	x.told(o, Done, x.state.Seq, "")
	x.found("two plans for one")
	x.found("plan 1 follows plan 1")
	x = tellEvening(t)
	o = x.op("ana", plan)
	x.append(room.Entry{Seq: x.state.Seq + 1, At: day, By: "ana", Session: o.Session, N: o.N, Events: []room.Event{room.Planned{Rev: 1, Stages: x.state.Agenda[3:4]}}})
	x.told(o, Done, x.state.Seq, "")
	x.found("a plan changes what has been")
}

// Whoever knows less at the end than the log does was not told.
func TestCheckFindsAnEndThatIsBehind(t *testing.T) {
	x := tellEvening(t)
	was := Final{Who: "ben", Keeps: true, View: x.viewOf(x.state.Seq), Seats: x.state.SeatViews(), Keep: x.state.KeepView()}
	x.does("ben", room.Hand{On: true})
	is := Final{Who: "ben", Keeps: true, Seq: x.state.Seq, View: x.viewOf(x.state.Seq), Seats: x.state.SeatViews(), Keep: x.state.KeepView()}
	for _, change := range []func(f *Final){
		func(f *Final) { f.Seats = was.Seats },
		func(f *Final) { f.Keep = was.Keep },
		func(f *Final) { v := *is.View; v.Order = v.Order[1:]; f.View = &v },
		func(f *Final) { f.Seq = 99 },
	} {
		x.r.Finals = nil
		x.r.ended(is)
		x.accepted()
		change(&x.r.Finals[0])
		x.found("ben ends ")
	}
}

func TestCheckFindsAPromptThatNobodyTyped(t *testing.T) {
	x := tellEvening(t)
	x.does("ana", room.Plan{Stages: []room.PlanStage{{ID: 3, Minutes: 1, Prompt: "Rest " + typedMark + "1)"}, {ID: 4, Minutes: 5}}})
	x.does("ana", room.Go{From: 1, To: 3})
	view := x.viewOf(x.state.Seq)
	at := Point{x.epoch, x.state.Seq}
	see := func(prompt string) {
		v := *view
		v.Prompt = prompt
		x.r.saw(at, room.Frame{Seq: at.Seq, Room: &v})
	}
	see(view.Prompt)
	see(view.Prompt + " " + typedMark + "2)")
	x.found("which nobody typed")
}

// What only grows doesn't go back for a client, unless it is told so.
func TestTabFindsAWayBack(t *testing.T) {
	tab := &Tab{Record: NewRecord(time.Now()), resume: &resume{}, Keep: &room.KeepView{Plan: 2},
		View: &room.RoomView{Stick: room.StickView{Turn: 5}, Round: room.RoundView{N: 3}}}
	tab.onward(false)
	tab.View.Round.N = 2
	tab.onward(true)
	if len(tab.Record.Wrong) > 0 {
		t.Errorf("it was told, and is wrong: %v", tab.Record.Wrong)
	}
	for i, back := range []func(){func() { tab.View.Round.N-- }, func() { tab.View.Stick.Turn-- }, func() { tab.Keep.Plan-- }} {
		back()
		if tab.onward(false); len(tab.Record.Wrong) != i+1 {
			t.Errorf("way back %d was not found: %v", i+1, tab.Record.Wrong)
		}
	}
}

package faults

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"hearth/room"
)

// tale is a short history of one room, told by hand.
type tale struct {
	t     *testing.T
	h     *History
	r     *Record
	epoch string
	clock time.Duration // moves on by 10 ms with everything that happens
	state *room.State
	log   Glance
	last  [32]byte
	n     map[room.SeatID]uint64
}

var day = time.Now().Add(-time.Hour).UTC()

// tell begins a circle in which ana has the stick, ben sits beside her, and
// five entries were made.
func tell(t *testing.T) *tale {
	t.Helper()
	x := tellOf(t, nil)
	x.does("ana", room.Take{Turn: 1})
	return x
}

// tellOf begins one with an agenda, or without, in which they have sat down
// and ana has begun the circle.
func tellOf(t *testing.T, agenda []room.Stage) *tale {
	t.Helper()
	x := &tale{t: t, h: NewHistory("r"), r: NewRecord(time.Now().Add(-time.Hour)), epoch: "e1", state: &room.State{}, n: map[room.SeatID]uint64{}}
	set := room.DefaultSettings()
	set.Agenda = agenda
	x.append(room.Begin("r", set, day))
	house := room.Actor{House: true}
	x.commit(room.Command{By: house, Do: room.Arrive{Seat: "ana", Role: room.Facilitator}})
	x.commit(room.Command{By: house, Do: room.Arrive{Seat: "ben", Role: room.Member}})
	x.does("ana", room.Next{})
	return x
}

func (x *tale) now() time.Duration {
	x.clock += 10 * time.Millisecond
	return x.clock
}

// append writes an entry, whatever it is.
func (x *tale) append(e room.Entry) {
	x.t.Helper()
	facts, _, err := room.SplitEntry(e)
	if err != nil {
		x.t.Fatal(err)
	}
	x.last = room.Chain(x.last, e.Seq, facts)
	x.log.Epoch = x.epoch
	x.log.Facts, x.log.Hashes = append(x.log.Facts, facts), append(x.log.Hashes, x.last)
	x.state.Apply(e)
	x.h.Saw(x.log, x.now())
}

// commit decides a command and writes what comes of it.
func (x *tale) commit(c room.Command) uint64 {
	x.t.Helper()
	now := day.Add(x.clock)
	events, err := x.state.Decide(now, c)
	if err != nil || len(events) == 0 {
		x.t.Fatalf("%T: %v", c.Do, err)
	}
	e := room.Entry{Seq: x.state.Seq + 1, At: now, By: c.By.Seat, Events: events}
	if c.N > 0 {
		e.Session, e.N = c.Session, c.N
	}
	x.append(e)
	return e.Seq
}

// op is what a client did, from now on.
func (x *tale) op(who room.SeatID, do room.Act) Op {
	return Op{Seat: who, Session: string(who) + "-session", N: x.n[who] + 1, Do: do, Start: x.now(), Tries: 1}
}

func (x *tale) told(o Op, as Outcome, seq uint64, code room.Code) {
	o.End, o.Outcome, o.Seq, o.Code = x.now(), as, seq, code
	x.r.add(o)
}

// does is a command that is committed and acknowledged.
func (x *tale) does(who room.SeatID, do room.Act) {
	x.t.Helper()
	o := x.op(who, do)
	x.told(o, Done, x.commit(o.Command()), "")
	x.n[who]++
}

func (x *tale) refused(who room.SeatID, do room.Act, code room.Code) {
	x.told(x.op(who, do), Refused, 0, code)
}

// viewOf is the room as everybody saw it with an entry.
func (x *tale) viewOf(seq uint64) *room.RoomView {
	l := x.h.Points[Point{x.epoch, seq}][0]
	return l.State().RoomView(l.Entry.At)
}

// rewind puts the log back to an entry, under another epoch.
func (x *tale) rewind(to uint64, epoch string) {
	x.epoch = epoch
	facts := slices.Clone(x.log.Facts[:to])
	x.log, x.last, x.state = Glance{}, [32]byte{}, &room.State{}
	for _, f := range facts {
		e, err := room.JoinEntry(f, nil)
		if err != nil {
			x.t.Fatal(err)
		}
		x.last = room.Chain(x.last, e.Seq, f)
		x.log.Facts, x.log.Hashes = append(x.log.Facts, f), append(x.log.Hashes, x.last)
		x.state.Apply(e)
	}
	x.log.Epoch = epoch
}

// accepted and found are the two ends a check can have.
func (x *tale) accepted() {
	x.t.Helper()
	if v := check(x.h, x.r, true); len(v.wrong) > 0 || v.result != porcupine.Ok {
		x.t.Errorf("a good history is found bad: %s", strings.Join(v.wrong, "\n"))
	}
}

func (x *tale) found(what string) {
	x.t.Helper()
	v := check(x.h, x.r, false)
	if !strings.Contains(strings.Join(v.wrong, "\n"), what) {
		x.t.Errorf("found %q, want %q", v.wrong, what)
	}
}

func say(words string) room.Act { return room.Say{Turn: 1, Text: words} }

func TestCheckAcceptsWhatIsTrue(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	x.refused("ben", say("I too"), room.NotHolding)
	x.told(x.op("ana", room.Take{Turn: 1}), Already, 0, "")
	late := x.op("ben", room.Take{Turn: 1})
	x.does("ana", room.Pass{Turn: 1})
	x.told(late, Refused, 0, room.TurnMoved)
	lost, never := x.op("ana", room.Guard{Text: "gently"}), x.op("ben", room.Take{Turn: 2})
	seq := x.commit(lost.Command())
	x.r.saw(Point{"e1", seq}, room.Frame{Seq: seq, Said: &room.SaidView{Seat: "ana", Turn: 2, Guardian: true, Text: "gently"}})
	x.r.saw(Point{"e1", 5}, room.Frame{Seq: 5, Room: x.viewOf(5)})
	x.told(lost, Unknown, 0, "")
	x.told(never, Unknown, 0, "")
	x.accepted()
}

func TestCheckFindsAStaleOk(t *testing.T) {
	x := tell(t)
	x.does("ana", say("first"))
	o := x.r.Ops[len(x.r.Ops)-1]
	x.does("ana", say("second"))
	o.Start, o.End = x.now(), x.now()
	x.r.Ops[len(x.r.Ops)-2] = o // asked after the second was done, and before it in the log
	x.found("porcupine says Illegal\nentry 7 was over")
}

func TestCheckFindsAStaleNo(t *testing.T) {
	x := tell(t)
	x.does("ana", room.Pass{Turn: 1})
	x.refused("ben", room.Take{Turn: 2}, room.TurnMoved) // which was so before the pass
	x.found("porcupine says Illegal\nbetween entries 6 and 6")
}

func TestCheckFindsANoThatNeverWas(t *testing.T) {
	x := tell(t)
	x.refused("ben", say("hello"), room.YouAreMuted)
	x.found("this was never so")
}

func TestCheckFindsAStaleAlready(t *testing.T) {
	x := tell(t)
	x.does("ana", room.Pass{Turn: 1})
	x.told(x.op("ana", room.Take{Turn: 1}), Already, 0, "")
	x.found("porcupine says Illegal")
}

func TestCheckFindsALostAcknowledgement(t *testing.T) {
	x := tell(t)
	x.told(x.op("ana", say("hello")), Done, 6, "")
	x.found("acknowledged and never in the log")
}

func TestCheckFindsARewind(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	at := x.clock
	x.rewind(5, "e2")
	x.n["ana"]--
	x.does("ana", say("anybody there?"))
	x.found("acknowledged and lost")
	x.r.lost(Loss{Seat: "ana", Session: "ana-session", Acked: x.n["ana"], Last: x.n["ana"] - 1, At: at + 1})
	x.accepted()
	x.found("acknowledged and lost")
	x.rewind(5, "e2")
	x.n["ana"]--
	x.commit(x.op("ana", room.Pass{Turn: 1}).Command())
	x.found("within one epoch")
}

func TestCheckFindsTheSameNumberTwice(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	o := x.r.Ops[len(x.r.Ops)-1]
	x.append(room.Entry{Seq: 7, At: day, By: "ana", Session: o.Session, N: o.N, Events: []room.Event{room.Said{Seat: "ana", Turn: 1}}})
	x.found("was used twice")
}

func TestCheckFindsAFork(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	x.rewind(5, "e1")
	x.commit(room.Command{By: room.Actor{Seat: "ana"}, Do: room.Pass{Turn: 1}})
	x.found("two entries at")
}

// A failover may lose what was not acknowledged.
func TestCheckAcceptsAFailover(t *testing.T) {
	x := tell(t)
	o := x.op("ana", say("hello"))
	x.commit(o.Command())
	x.told(o, Unknown, 0, "")
	x.rewind(5, "e1")
	x.log.Life++
	x.does("ana", room.Pass{Turn: 1})
	x.accepted()
}

func TestCheckFindsABrokenChain(t *testing.T) {
	x := tell(t)
	x.last[0]++
	x.does("ana", say("hello"))
	x.found("the chain is broken")
}

func TestCheckFindsAnotherDeed(t *testing.T) {
	x := tell(t)
	o := x.op("ana", room.Pass{Turn: 1})
	as := o
	as.Do = say("hello")
	x.told(o, Done, x.commit(as.Command()), "")
	x.found("and should be")
}

func TestCheckFindsOneEntryForTwo(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	x.r.add(x.r.Ops[len(x.r.Ops)-1])
	x.found("one entry for two")
}

func TestCheckFindsWhatOnlyClientsSaw(t *testing.T) {
	x := tell(t)
	x.r.saw(Point{"e1", 6}, room.Frame{Seq: 6, Said: &room.SaidView{Seat: "ana", Turn: 1, Text: "hello"}})
	x.found("was never in the log")
	x = tell(t)
	x.r.saw(Point{"e1", 5}, room.Frame{Seq: 5, Room: x.viewOf(4)})
	x.found("clients saw the room")
	x = tell(t)
	x.r.saw(Point{"e1", 5}, room.Frame{Seq: 5, Said: &room.SaidView{Seat: "ana", Turn: 1, Text: "hello"}})
	x.found("what nobody said there")
}

func TestCheckFindsTwoStories(t *testing.T) {
	x := tell(t)
	x.does("ana", say("hello"))
	for _, words := range []string{"", "hello", "good bye"} {
		x.r.saw(Point{"e1", 6}, room.Frame{Seq: 6, Said: &room.SaidView{Seat: "ana", Turn: 1, Text: words}})
	}
	x.found("several things")
	x = tell(t)
	x.does("ana", say("hello"))
	x.r.saw(Point{"e1", 6}, room.Frame{Seq: 6, Said: &room.SaidView{Seat: "ana", Turn: 1, Text: "good bye"}})
	x.found("people heard")
}

func TestCheckFindsTwoHolders(t *testing.T) {
	x := tell(t)
	x.append(room.Entry{Seq: 6, At: day, Events: []room.Event{room.Took{Turn: 1, Seat: "ben"}}})
	x.found("held by")
}

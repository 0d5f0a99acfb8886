package house

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mutant is a bug that circles elsewhere have had, as one small change to our
// code. The tests in at must notice it, packages and flags of go test; without,
// those of the room, its hub and presence.
type mutant struct {
	name, file, was, is string
	at                  []string
}

// inRoom and inHub are where one package alone must notice.
var (
	inRoom = []string{"./room"}
	inHub  = []string{"./room/hub"}
)

// inRedis is where most bugs between nodes show.
var inRedis = []string{"./internal/redisstore"}

// inCircles is where a thousand circles are held.
var inCircles = []string{"./room/formats"}

var mutants = []mutant{
	{"a timer of an old turn ends the same person's new one", "room/timer.go",
		"is = is || timer == t && !at.After(now)",
		"timer.Turn = t.Turn\n\t\tis = is || timer == t", nil},
	{"the first closed tab counts", "presence/presence.go",
		"if len(conns) > 0 {\n\t\treturn false\n\t}\n\tdelete(t.rooms[r], seat)",
		"delete(t.rooms[r], seat)", nil},
	{"an offer is voided when the one who passed it leaves", "room/seat.go",
		"\td.emit(how)\n\tif moves {",
		"\tif d.s.Stick.At == Offered && d.s.Stick.From == id {\n\t\td.endOffer(HowLeft)\n\t\tmoves = true\n\t}\n\td.emit(how)\n\tif moves {", nil},
	{"the grace leaves two holders: the next is offered the stick, and the first never lost it", "room/timer.go",
		"\t\td.endTurn(HowCut)\n",
		"\t\tif p, ok := d.s.nextPlace(d); ok {\n\t\t\td.emit(StickOffered{Turn: d.s.Stick.Turn + 1, To: p.Seat, Place: p})\n\t\t}\n", nil},
	{"a mute loses a race", "room/command.go",
		"case Mute, Remove, SetHold, Close:",
		"case Remove, SetHold, Close:", nil},
	{"somebody leaving breaks the round", "room/apply.go",
		"\tdelete(s.Words.Names, id)\n",
		"\tdelete(s.Words.Names, id)\n\ts.Round.Queue = nil\n", nil},
	{"a stale turn is accepted", "room/turn.go",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn != st.Turn:",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn > st.Turn:", nil},
	{"a held room's clocks run on", "room/apply.go",
		"runs := s.Hold == nil && s.Phase == Circle",
		"runs := s.Phase == Circle", nil},
	{"a turn is put off twice", "room/turn.go",
		"return s.Stick.Place.Seat != \"\" && !s.Stick.Place.Again",
		"return s.Stick.Place.Seat != \"\"", nil},
	{"leaving ends a mute", "room/apply.go",
		"s.know(e.Seat)\n\t}\n\ts.unseat(e.Seat)\n",
		"s.know(e.Seat)\n\t}\n\ts.unseat(e.Seat)\n\tdelete(s.Mutes, e.Seat)\n", nil},
	{"a cut-off turn is offered again without end", "room/apply.go",
		"if e.How == HowCut && !p.Cut &&",
		"if e.How == HowCut &&", nil},
	{"a deputy grabs the chair", "room/keep.go",
		"case role == Deputy:\n\t\treturn s.unkept()",
		"case role == Deputy:\n\t\treturn true", nil},
	{"somebody removed comes back", "room/seat.go",
		"if s.barred(a.Seat) {",
		"if false {", nil},
	{"a removed person hears on", "room/hub/tell.go",
		"s.queue.end(WasRemoved)\n\tcase went",
		"\n\tcase went", nil},
	{"a latecomer resumes to before they came", "room/hub/tell.go",
		"case p.Seq < me.Since:",
		"case false:", nil},
	{"words are lost with the answer to their append", "room/hub/commit.go",
		"if tail.State == nil && len(m.entries) > 0 && startsWith(tail.Entries, m.entries) {",
		"if false {", nil},

	// What the desk gets wrong.
	{"everybody is told why", "room/project.go",
		"ToldAtDoor, Stated, Withdrawn, Readmitted:\n\t\t\tcontinue",
		"ToldAtDoor, Withdrawn, Readmitted:\n\t\t\tcontinue\n\t\tcase Stated:\n\t\t\tf.You = s.YouView(ev.Seat)", inRoom},
	{"whoever the desk removes can come back as somebody else", "room/seat.go",
		"if s.barred(a.Seat) {",
		"if s.barred(a.Seat) && a.Role != Moderator {", inRoom},
	{"whoever is restricted leaves the chair to nobody, for they still have it", "room/desk.go",
		"if s.Chair == e.Seat {",
		"if false {", inRoom},
	{"coming back ends a restriction", "room/apply.go",
		"\ts.unseat(e.Seat)\n}\n\nfunc (e Removed)",
		"\ts.unseat(e.Seat)\n\ts.Restricted = without(s.Restricted, e.Seat)\n}\n\nfunc (e Removed)", inRoom},
	{"the desk's act is done and not stated when it was so before", "room/desk.go",
		"if d.refusal == nil && d.s.Phase != Over && d.s.Stated[a.Seat].ID != a.Stated.ID {",
		"if len(d.events) > 0 && d.s.Phase != Over && d.s.Stated[a.Seat].ID != a.Stated.ID {", inRoom},
	{"whoever may come again is kept out by another node", "room/hub/nodes.go",
		"return contains(l.removed, id) && !contains(l.state.Readmitted, id)",
		"return contains(l.removed, id)", inHub},

	// What goes wrong between nodes.
	{"no compare: an append does not look at the head", "internal/redisstore/scripts/append.lua",
		"if not begins and (epoch ~= e.epoch or seq ~= e.seq or hash ~= e.hash) then",
		"if false then", inRedis},
	{"no hash: numbers alone say where a log is", "internal/redisstore/scripts/append.lua",
		"(epoch ~= e.epoch or seq ~= e.seq or hash ~= e.hash)",
		"(epoch ~= e.epoch or seq ~= e.seq)", inRedis},
	{"a refusal without a check: no is said from a stale copy", "room/hub/commit.go",
		"\t\ttail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)\n",
		"\t\ttail, err := room.Tail{Head: l.head}, error(nil)\n\t\tif len(m.entries) > 0 {\n\t\t\ttail, err = l.cfg.Log.Append(ctx, l.id, l.head, b)\n\t\t}\n", nil},
	{"a lease without a fence: the dead go on as if nothing had been", "internal/redisstore/scripts/prelude.lua",
		"return redis.call('HEXISTS', NODES, boot) == 0",
		"redis.call('HSETNX', NODES, boot, redis.call('HGET', LIFE, 'active') or 0)\n  return false", inRedis},
	{"first back restores, not who knows most", "internal/redisstore/scripts/restore.lua",
		"if e and e.n >= tonumber(seq) then",
		"if e then", inRedis},
	{"no command numbers: what is asked twice happens twice", "room/decide.go",
		"if c.N > 0 && last.N == c.N {",
		"c.N = 0\n\tif c.N > 0 && last.N == c.N {", nil},
	{"published before it is committed", "room/hub/commit.go",
		"\t\ttail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)\n",
		"\t\tl.tell(m)\n\t\ttail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)\n", nil},

	// What circles with an agenda get wrong.
	{"the closing round waits until somebody begins it", "room/timer.go",
		"\t\tadd(last, Timer{What: LastUp})\n",
		"\t\t_ = last\n", inCircles},
	{"a new offer is made when the closing round is due", "room/stage.go",
		"return !at.IsZero() && at.Sub(now) < shortTurn",
		"return !at.IsZero() && at.Sub(now) < -10*time.Minute", nil},
	{"whoever a round doesn't come to is forgotten", "room/turn.go",
		"if _, ahead := d.s.closing(); ahead && len(d.s.Round.Queue) > 0",
		"if _, ahead := d.s.closing(); !ahead && len(d.s.Round.Queue) > 0", inCircles},
	{"the circle isn't told who comes in the closing round", "room/project.go",
		"v.Merged, v.Rules = s.merged(), ms(s.Rules)",
		"v.Rules = ms(s.Rules)", inCircles},
	{"the closing round goes by whoever's line is down", "room/turn.go",
		"once := g.Closing && !p.Again && !p.Cut",
		"once := g.Closing && p.Late && p.Cut", inCircles},
	{"shares are not fixed when the round begins", "room/stage.go",
		"limit, hard = s.Round.Share, g.Hard",
		"limit, hard = s.share(g, len(s.Round.Queue), now), g.Hard", inCircles},
	{"the last shares are what remains", "room/stage.go",
		"return limit+splitSlack <= s.toShare(g, now)",
		"return limit > 0", inCircles},
	{"a share that was used up is offered again", "room/apply.go",
		"!p.Cut && !usedUp && s.Round.Going",
		"!p.Cut && (!usedUp || s.Round.Going) && s.Round.Going", nil},
	{"a turn ends with its time, and its holder hears of it then", "room/timer.go",
		"return max(st.Limit-hardNotice, st.Limit/2)",
		"return st.Limit", inCircles},
	{"nobody is told that the closing round ends their turn", "room/timer.go",
		"add(last.Add(-firmTime), Timer{What: FirmUp, Turn: s.Stick.Turn})",
		"_ = firmTime", inCircles},
	{"the stage moves mid-word", "room/stage.go",
		"case s.Stick.At == InHand && s.Stick.Seat != d.by:",
		"case false:", inCircles},
	{"a drop gives one's place in the round up", "room/apply.go",
		"\t\tseat.Here, seat.Gone, seat.Nodes = false, by.At, nil\n",
		"\t\tseat.Here, seat.Gone, seat.Nodes = false, by.At, nil\n\t\ts.unqueue(e.Seat)\n", inCircles},
	{"a drop begins the round anew", "room/apply.go",
		"\t\tseat.Here, seat.Gone, seat.Nodes = false, by.At, nil\n",
		"\t\tseat.Here, seat.Gone, seat.Nodes = false, by.At, nil\n\t\ts.Round.N++\n", inCircles},
	{"the newest hand comes first", "room/stage.go",
		"cmp.Compare(s.Seats[a].Hand, s.Seats[b].Hand)",
		"cmp.Compare(s.Seats[b].Hand, s.Seats[a].Hand)", inCircles},
	{"whoever was heard most comes first", "room/turn.go",
		"cmp.Compare(s.Seats[a.Seat].Heard, s.Seats[b.Seat].Heard)",
		"cmp.Compare(s.Seats[b.Seat].Heard, s.Seats[a.Seat].Heard)", inCircles},
	{"a hand goes down with the line", "room/stage.go",
		"!s.out(id) || Stage{Order: o}.byHand() //",
		"!s.out(id) //", nil},
	{"a hand that goes up while one speaks is never seen", "room/apply.go",
		"\ts.had(e.Seat)\n\ts.waitByHand(e.Seat, by)\n",
		"\ts.had(e.Seat)\n", inCircles},
	{"latecomers come first", "room/apply.go",
		"s.Round.Queue = append(s.Round.Queue, Place{Seat: id, Late: true})",
		"s.Round.Queue = slices.Insert(s.Round.Queue, 0, Place{Seat: id, Late: true})", inCircles},

	// What the other commands of an agenda get wrong.
	{"of two who change the agenda at once, both do", "room/stage.go",
		"if a.Rev != d.s.Plan {",
		"if a.Rev > d.s.Plan {", inRoom},
	{"a plan forgets the present stage", "room/stage.go",
		"past := d.s.Agenda[:d.s.stageAt(d.s.Now.Stage)+1]",
		"past := d.s.Agenda[:max(0, d.s.stageAt(d.s.Now.Stage))]", inRoom},
	{"a plan without a closing round", "room/stage.go",
		"len(planned.Stages) == 0 || CheckAgenda(planned.Stages) != nil",
		"len(planned.Stages) == 0", inRoom},
	{"a stage is skipped by somebody who thinks the circle elsewhere", "room/stage.go",
		"case a.From != s.Now.Stage:",
		"case a.From > s.Now.Stage:", inRoom},
	{"somebody removed is moved in the order", "room/stage.go",
		"\tcase d.s.Seats[a.Seat] == nil || a.Before != \"\" && d.s.Seats[a.Before] == nil:\n\t\td.refuse(NoSuchSeat)\n\tcase !waits(a.Seat) || a.Before != \"\" && !waits(a.Before):\n\t\td.refuse(NotWaiting)\n",
		"\tcase false:\n\t\twaits(a.Seat)\n", inRoom},
	{"a listener raises a hand", "room/roles.go",
		"\"hand\":       row(unheld, ringers...)",
		"\"hand\":       row(unheld, seated...)", inRoom},
	{"the stick is given to whoever isn't waiting", "room/turn.go",
		"case d.s.placeOf(a.To).Seat == \"\":",
		"case d.s.Seats[a.To] == nil:", inRoom},
	{"support that nobody agreed to", "room/hands.go",
		"sup.Asked && sup.Agreed && !sup.Going",
		"sup.Asked && !sup.Going", inRoom},
	{"everybody hears who was offered support", "room/project.go",
		"Keyed, SupportAsked, SupportWanted,",
		"Keyed, SupportWanted,", inRoom},
	{"a deputy hands the chair on", "room/hands.go",
		"case seat.Role != Facilitator && !keeps:",
		"case seat.Role != Facilitator && !keeps && seat.Role != Member:", inRoom},
	{"a hard limit never comes", "room/timer.go",
		"if st.Limit > 0 && st.Hard {\n\t\t\tclock(",
		"if st.Limit > 0 && st.Hard && st.Firm {\n\t\t\tclock(", inRoom},
	{"a soft limit ends the turn", "room/timer.go",
		"if st.Limit > 0 && st.Hard {\n\t\t\tclock(",
		"if st.Limit > 0 {\n\t\t\tclock(", inRoom},
	{"a reader reads on whose duty was taken back", "room/hands.go",
		"func(o Duty) bool { return o == e.Duty }",
		"func(o Duty) bool { return o == e.Duty && e.On }", inRoom},
	{"anybody gives more time", "room/keep.go",
		"case d.role != Facilitator && !d.s.has(d.by, Timekeeper):",
		"case d.role == Listener:", inRoom},
	{"somebody speaks in the quiet", "room/words.go",
		"case s.Floor == Quiet:",
		"case s.Floor == Quiet && role != Facilitator:", inRoom},
	{"everybody speaks where one leads", "room/words.go",
		"case s.Floor == Lead && role != Facilitator &&",
		"case s.Floor == Lead && role == Listener &&", inRoom},
	{"the bell rings on and on", "room/timer.go",
		"g.Kind == KindQuiet && !s.Now.Bell",
		"g.Kind == KindQuiet", inRoom},
	{"a turn shows two pictures", "room/hands.go",
		"case st.Shown || len(",
		"case len(", inRoom},
	{"a typed prompt among the facts", "room/codec.go",
		"w := &eventWords{Typed: e.Typed}\n\t\t\te.Typed = nil\n",
		"w := &eventWords{Typed: e.Typed}\n", inRoom},
	{"a content note among the facts", "room/codec.go",
		"e.Text, e.Note = \"\", \"\"",
		"e.Text = \"\"", inRoom},
	{"what a picture shows among the facts", "room/codec.go",
		"e.Text, e.Note = \"\", \"\"",
		"if e.Note = \"\"; e.Picture == nil {\n\t\t\te.Text = \"\"\n\t\t}", inRoom},
	{"a picture's key among the facts", "room/codec.go",
		"w.Key, p.Key, e.Picture = p.Key, nil, &p",
		"w.Key, e.Picture = p.Key, &p", inRoom},
	{"a state keeps what was typed among the facts", "room/state.go",
		"Words Words `json:\"-\"`",
		"Words Words `json:\"words,omitzero\"`", inRoom},
	{"whoever waits at the door hears the room", "room/hub/tell.go",
		"if s.door != nil || !went && room.Waits(l.state, s.guest.Seat) {",
		"if s.door != nil && !room.Waits(l.state, s.guest.Seat) {", inHub},
	{"whoever waits at the door is taken for one who left", "room/hub/tell.go",
		"if g.Door != nil {\n\t\treturn g // ",
		"if g.Door != nil && s.guest.Resume == nil {\n\t\treturn g // ", inHub},
	{"one more comes in than there are places", "room/seat.go",
		"return guests >= s.Set.MaxSeats",
		"return guests > s.Set.MaxSeats", inRoom},
	{"who was let in waits again", "room/door.go",
		"return a.Wait && !s.known(a.Seat) || s.full(a.Role)",
		"return a.Wait || s.full(a.Role)", inRoom},
	{"what is said at the door among the facts", "room/codec.go",
		"return &eventWords{Text: e.Text}, ToldAtDoor{Seat: e.Seat}",
		"return &eventWords{Text: e.Text}, e", inRoom},
	{"everybody hears who is called what at the door", "room/project.go",
		"if s.Seats[ev.Seat] == nil {\n\t\t\t\tcontinue // at the door",
		"if s.Seats[ev.Seat] == nil && s.doorAt(ev.Seat) < 0 {\n\t\t\t\tcontinue // at the door", inRoom},
	{"somebody is told what happened, and not how far that leads", "room/hub/tell.go",
		"\ts.queue.stands(l.backlog.last())\n\treturn g",
		"\treturn g", inHub},
}

// planted returns the changed file's text.
func (m mutant) planted(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.was); n != 1 {
		t.Fatalf("%s: %s has the place to change %d times, not once", m.name, m.file, n)
	}
	return strings.Replace(string(text), m.was, m.is, 1)
}

// Whoever changes one of these places changes the mutant with it; whether it
// is noticed, `make mutants` shows.
func TestMutantsHaveTheirPlace(t *testing.T) {
	for _, m := range slices.Concat(mutants, ofCircles, ofModeration) {
		if text := m.planted(t); strings.HasSuffix(m.file, ".go") {
			parse(t, m.file, text)
		}
	}
}

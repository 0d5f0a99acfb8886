package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a bug that circles elsewhere have had, as one small change to our
// code. The tests of the room, its hub and presence must notice it.
type mutant struct {
	name, file, was, is string
}

var mutants = []mutant{
	{"a timer of an old turn ends the same person's new one", "room/timer.go",
		"is = is || timer == t && !at.After(now)",
		"timer.Turn = t.Turn\n\t\tis = is || timer == t"},
	{"the first closed tab counts", "presence/presence.go",
		"if len(conns) > 0 {\n\t\treturn false\n\t}\n\tdelete(t.rooms[r], seat)",
		"delete(t.rooms[r], seat)"},
	{"an offer is voided when the one who passed it leaves", "room/seat.go",
		"\td.emit(how)\n\tif moves {",
		"\tif d.s.Stick.At == Offered && d.s.Stick.From == id {\n\t\td.endOffer(HowLeft)\n\t\tmoves = true\n\t}\n\td.emit(how)\n\tif moves {"},
	{"the grace leaves two holders: the next is offered the stick, and the first never lost it", "room/timer.go",
		"\t\td.endTurn(HowCut)\n",
		"\t\tif p, ok := d.s.nextPlace(d); ok {\n\t\t\td.emit(StickOffered{Turn: d.s.Stick.Turn + 1, To: p.Seat, Place: p})\n\t\t}\n"},
	{"a mute loses a race", "room/command.go",
		"case Mute, Remove, SetHold, Close:",
		"case Remove, SetHold, Close:"},
	{"somebody leaving breaks the round", "room/apply.go",
		"\tdelete(s.Words.Names, id)\n",
		"\tdelete(s.Words.Names, id)\n\ts.Round.Queue = nil\n"},
	{"a stale turn is accepted", "room/turn.go",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn != st.Turn:",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn > st.Turn:"},
	{"a held room's clocks run on", "room/apply.go",
		"runs := s.Hold == nil && s.Phase == Circle",
		"runs := s.Phase == Circle"},
	{"a turn is put off twice", "room/turn.go",
		"return s.Stick.Place.Seat != \"\" && !s.Stick.Place.Again",
		"return s.Stick.Place.Seat != \"\""},
	{"leaving ends a mute", "room/apply.go",
		"{ s.unseat(e.Seat) }",
		"{ s.unseat(e.Seat); delete(s.Mutes, e.Seat) }"},
	{"a cut-off turn is offered again without end", "room/apply.go",
		"if e.How == HowCut && !p.Cut &&",
		"if e.How == HowCut &&"},
	{"a deputy grabs the chair", "room/keep.go",
		"case Deputy:\n\t\treturn s.unkept()",
		"case Deputy:\n\t\treturn true"},
	{"somebody removed comes back", "room/seat.go",
		"if s.barred(a.Seat) {",
		"if false {"},
	{"a removed person hears on", "room/hub/tell.go",
		"s.queue.end(WasRemoved)\n\tcase went",
		"\n\tcase went"},
	{"a latecomer resumes to before they came", "room/hub/tell.go",
		" || p.Seq < me.Since",
		""},
	{"words are lost with the answer to their append", "room/hub/commit.go",
		"if tail.State == nil && len(m.entries) > 0 && startsWith(tail.Entries, m.entries) {",
		"if false {"},
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
	for _, m := range mutants {
		parse(t, m.file, m.planted(t))
	}
}

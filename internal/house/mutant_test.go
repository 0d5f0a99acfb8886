package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a bug that circles elsewhere have had, as one small change to our
// code. The tests of the packages in at must notice it; without, those of the
// room, its hub and presence.
type mutant struct {
	name, file, was, is string
	at                  []string
}

// inRedis is where most bugs between nodes show.
var inRedis = []string{"./internal/redisstore"}

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
		"{ s.unseat(e.Seat) }",
		"{ s.unseat(e.Seat); delete(s.Mutes, e.Seat) }", nil},
	{"a cut-off turn is offered again without end", "room/apply.go",
		"if e.How == HowCut && !p.Cut &&",
		"if e.How == HowCut &&", nil},
	{"a deputy grabs the chair", "room/keep.go",
		"case Deputy:\n\t\treturn s.unkept()",
		"case Deputy:\n\t\treturn true", nil},
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
		"if r, ok := repeated(seat, c); ok {",
		"c.N = 0\n\tif r, ok := repeated(seat, c); ok {", nil},
	{"published before it is committed", "room/hub/commit.go",
		"\t\ttail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)\n",
		"\t\tl.tell(m)\n\t\ttail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)\n", nil},
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
		if text := m.planted(t); strings.HasSuffix(m.file, ".go") {
			parse(t, m.file, text)
		}
	}
}

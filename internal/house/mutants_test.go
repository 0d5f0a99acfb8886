//go:build mutants

package house

import (
	"encoding/json"
	"os"
	"os/exec"
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
		"\ts.Order = without(s.Order, id)\n\ts.unqueue(id)",
		"\ts.Order = without(s.Order, id)\n\ts.Round.Queue = nil"},
	{"a stale turn is accepted", "room/turn.go",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn != st.Turn:",
		"func (a Pass) decide(d *decision) {\n\tst := d.s.Stick\n\tswitch {\n\tcase a.Turn > st.Turn:"},
}

func TestMutants(t *testing.T) {
	if out, err := goTest(); err != nil {
		t.Fatalf("the tests fail without any mutant, so they prove nothing:\n%s", out)
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			overlay := plant(t, m)
			if out, err := goTest("-overlay", overlay, "-run=^$"); err != nil {
				t.Fatalf("doesn't compile, so it proves nothing:\n%s", out)
			}
			out, err := goTest("-overlay", overlay)
			if err == nil {
				t.Fatal("no test noticed")
			}
			for line := range strings.Lines(out) {
				if strings.Contains(line, "--- FAIL") || strings.HasPrefix(line, "panic:") {
					t.Logf("noticed by %s", strings.TrimSpace(line))
				}
			}
		})
	}
}

// plant writes the changed file beside the house and returns an overlay that
// puts it in place.
func plant(t *testing.T, m mutant) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.was); n != 1 {
		t.Fatalf("%s has the place to change %d times, not once: the mutant needs care", m.file, n)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.was, m.is, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

// goTest runs the tests that must notice.
func goTest(flags ...string) (string, error) {
	args := append([]string{"test"}, flags...)
	cmd := exec.Command("go", append(args, "./room/...", "./presence")...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

//go:build mutants

package house

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inRooms is where the others do.
var inRooms = []string{"./room/...", "./presence"}

func TestMutants(t *testing.T) {
	pass := map[string]bool{}
	for _, m := range slices.Concat(mutants, ofCircles, ofModeration) {
		t.Run(m.name, func(t *testing.T) {
			overlay := plant(t, m)
			at := m.at
			if at == nil {
				at = inRooms
			}
			if all := strings.Join(at, " "); !pass[all] {
				if out, err := goTest(at); err != nil {
					t.Fatalf("the tests fail without any mutant, so they prove nothing:\n%s", out)
				}
				pass[all] = true
			}
			if out, err := goTest(slices.Concat(at, []string{"-run=^$"}), "-overlay", overlay); err != nil {
				t.Fatalf("doesn't compile, so it proves nothing:\n%s", out)
			}
			out, err := goTest(at, "-overlay", overlay, "-timeout=3m")
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
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(m.planted(t)), 0o600); err != nil {
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
func goTest(at []string, flags ...string) (string, error) {
	cmd := exec.Command("go", slices.Concat([]string{"test"}, flags, at)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

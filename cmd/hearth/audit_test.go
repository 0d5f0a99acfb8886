package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/moderation"
)

// written waits for a file that has something in it.
func written(t *testing.T, name string) []byte {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for from := time.Now(); time.Since(from) < patience; <-tick.C {
		if b, err := os.ReadFile(name); err == nil && len(b) > 0 {
			return b
		}
	}
	t.Fatalf("nothing was written to %s", filepath.Base(name))
	return nil
}

// The audit is told outside when the server starts, and is held against that:
// in the data folder, and in a log that was kept elsewhere.
func TestAuditIsHeldAgainstAnchors(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	own := filepath.Join(data, anchorFile)
	try := func(want int, say string, args ...string) string {
		t.Helper()
		code, out, errs := finish(t, append(args, "--data", data)...)
		if code != want || !strings.Contains(out+errs, say) {
			t.Errorf("%v: exit %d, printed %q, said %q; want %q", args, code, out, errs, say)
		}
		return out
	}
	anchor := written(t, own)
	if !strings.Contains(p.errs.String(), strings.TrimSpace(string(anchor))) {
		t.Error("the anchor is not in the log")
	}
	try(0, "1 anchor fits. Up to line ", "audit", "verify")
	if out := try(0, "", "audit", "export"); !strings.Contains(out, `"did":"circle-made"`) || !strings.HasPrefix(out, `{"seq":1,`) {
		t.Errorf("exported %q", out)
	}
	key, err := (&Config{Data: data}).auditKey()
	if err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(t.TempDir(), "mails")
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(later, "> "+moderation.Anchor{Seq: 900, Hash: strings.Repeat("ab", 32), At: time.Now()}.Sign(key)+"\n")
	try(1, "line 900 is missing", "audit", "verify", "--anchors", later)
	put(later, strings.Replace(string(anchor), "hearth-audit 1 ", "hearth-audit 1 9", 1))
	try(1, "1 anchor that this house did not sign", "audit", "verify", "--anchors", later)
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	try(0, "There is no anchor to hold it against", "audit", "verify")
}

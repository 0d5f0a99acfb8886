package sqlstore

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

func TestAudit(t *testing.T) {
	auditHolds(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

// lines writes lines of the audit, a day after each other from noon on.
func lines(t *testing.T, db *Durable, n int) {
	t.Helper()
	if err := db.Circles().AddCircle(t.Context(), circle.Act{By: "kim", At: noon}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < n; i++ {
		_, err := db.Circles().AddInvite(t.Context(), circle.Act{By: "kim", At: noon.Add(time.Duration(i) * 24 * time.Hour)}, circle.Invite{Circle: "c", Role: room.Member})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// auditHolds: whatever is altered in the middle of the audit is seen, and at
// which line.
func auditHolds(t *testing.T, db *Durable) {
	ctx := context.Background()
	lines(t, db, 6)
	verify := func(what, at string) {
		t.Helper()
		err := db.Circles().VerifyAudit(ctx)
		if at == "" && err != nil || at != "" && (err == nil || !strings.Contains(err.Error(), "at line "+at+":")) {
			t.Errorf("%s: %v, want line %q", what, err, at)
		}
	}
	verify("as it was written", "")
	for _, c := range []struct{ what, do, undo, at string }{
		{"another time", `UPDATE audit SET at = at + 1 WHERE seq = 3`, `UPDATE audit SET at = at - 1 WHERE seq = 3`, "3"},
		{"somebody else", `UPDATE audit SET person = 'lee' WHERE seq = 3`, `UPDATE audit SET person = 'kim' WHERE seq = 3`, "3"},
		{"something else", `UPDATE audit SET did = 'nothing' WHERE seq = 3`, `UPDATE audit SET did = 'invite-made' WHERE seq = 3`, "3"},
		{"to something else", `UPDATE audit SET what = what || 'x' WHERE seq = 1`, `UPDATE audit SET what = 'c' WHERE seq = 1`, "1"},
		{"after another line", `UPDATE audit SET prev = 'x' || prev WHERE seq = 4`, `UPDATE audit SET prev = substr(prev, 2) WHERE seq = 4`, "4"},
		{"the newest", `UPDATE audit SET what = what || 'x' WHERE seq = 6`, `UPDATE audit SET what = substr(what, 1, 36) WHERE seq = 6`, "6"},
		{"moved", `UPDATE audit SET seq = 9 WHERE seq = 6`, `UPDATE audit SET seq = 6 WHERE seq = 9`, "9"},
		{"a line is gone", `DELETE FROM audit WHERE seq = 5`, ``, "6"},
	} {
		if _, err := db.write.Exec(c.do); err != nil {
			t.Fatal(err)
		}
		verify(c.what, c.at)
		if c.undo != "" {
			if _, err := db.write.Exec(c.undo); err != nil {
				t.Fatal(err)
			}
			verify("mended", "")
		}
	}
}

func TestForgedAudit(t *testing.T) {
	forgedAudit(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

// forgedAudit: whoever writes a line anew, with the hash that it should have,
// is seen at the next one; and that a line was left out is seen by the numbers.
func forgedAudit(t *testing.T, db *Durable) {
	ctx := context.Background()
	lines(t, db, 6)
	forge := func(seq int64, how func(*line)) {
		t.Helper()
		var l line
		err := audit{db}.each(ctx, `WHERE seq = $1`, func(is line) error { l = is; return nil }, seq)
		how(&l)
		if err == nil {
			_, err = db.write.Exec(`UPDATE audit SET what = $2, prev = $3, hash = $4 WHERE seq = $1`, seq, l.What, l.prev, l.chained())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	forge(3, func(l *line) { l.What = "another" })
	if err := db.Circles().VerifyAudit(ctx); err == nil || !strings.Contains(err.Error(), "at line 4:") {
		t.Error("a line that was written anew:", err)
	}
	list, err := db.Circles().Audit(ctx, 0, 6)
	if err != nil {
		t.Fatal(err)
	}
	forge(4, func(l *line) { l.prev = list[3].Hash })
	list, err = db.Circles().Audit(ctx, 0, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.write.Exec(`DELETE FROM audit WHERE seq = 5`); err != nil {
		t.Fatal(err)
	}
	forge(6, func(l *line) { l.prev = list[2].Hash })
	if err := db.Circles().VerifyAudit(ctx); err == nil || !strings.Contains(err.Error(), "at line 6:") {
		t.Error("a line that was left out:", err)
	}
}

func TestSweepAudit(t *testing.T) {
	sweepAudit(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

// sweepAudit: lines go after their time, the oldest first, never the newest,
// and what is left holds and goes on.
func sweepAudit(t *testing.T, db *Durable) {
	ctx := context.Background()
	lines(t, db, 6)
	// A clock that was wrong for a moment: line 7 looks older than it is, and
	// still nothing is taken out of the middle.
	if _, err := db.Circles().AddInvite(ctx, circle.Act{At: noon.Add(-24 * time.Hour)}, circle.Invite{Circle: "c", Role: room.Member}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before time.Duration // after noon and the time that lines are kept
		oldest int64
	}{{0, 1}, {time.Hour, 2}, {49 * time.Hour, 4}, {10000 * time.Hour, 7}, {20000 * time.Hour, 7}} {
		if err := db.Sweep(ctx, noon.Add(circle.KeepAudit+c.before)); err != nil {
			t.Fatal(err)
		}
		list, err := db.Circles().Audit(ctx, 0, 100)
		if err != nil || len(list) == 0 || list[len(list)-1].Seq != c.oldest || list[0].Seq != 7 {
			t.Errorf("after %v: %+v, %v", c.before, list, err)
		}
		if err := db.Circles().VerifyAudit(ctx); err != nil {
			t.Errorf("after %v: %v", c.before, err)
		}
	}
	if _, err := db.Circles().AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Member}); err != nil {
		t.Fatal(err)
	}
	if list, err := db.Circles().Audit(ctx, 0, 100); err != nil || len(list) != 2 || list[0].Seq != 8 || db.Circles().VerifyAudit(ctx) != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestSweepQuestions(t *testing.T) {
	sweepQuestions(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

// sweepQuestions: a question goes after its time, answered or not.
func sweepQuestions(t *testing.T, db *Durable) {
	ctx := context.Background()
	lines(t, db, 1)
	store := db.Circles()
	for n := range 3 {
		if _, err := store.Ask(ctx, "c", "Is there tea?", noon.Add(time.Duration(n)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := store.Questions(ctx, "c", noon)
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := store.Answer(ctx, circle.Act{At: noon}, "c", list[0].ID, "There is."); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before time.Duration // after noon and the time that they are kept
		left   int
	}{{0, 3}, {time.Second, 2}, {time.Hour, 2}, {3 * time.Hour, 0}} {
		if err := db.Sweep(ctx, noon.Add(circle.KeepQuestions+c.before)); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.read.QueryRow(`SELECT COUNT(*) FROM questions`).Scan(&n); err != nil || n != c.left {
			t.Errorf("after %v there are %d, want %d (%v)", c.before, n, c.left, err)
		}
	}
}

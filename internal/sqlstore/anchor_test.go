package sqlstore

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
)

func TestAnchoredAudit(t *testing.T) {
	anchoredAudit(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

// anchoredAudit: what a chain alone can't see is seen by a head that was kept
// elsewhere: the end cut off, all of it written anew, nothing left.
func anchoredAudit(t *testing.T, db *Durable) {
	ctx := context.Background()
	lines(t, db, 5)
	err := db.change(ctx, hold{}, func(tx *sql.Tx) error {
		return db.recordRule(ctx, tx, circle.Act{By: "kim", At: noon.Add(200 * time.Hour)}, "decided", "case", "harassment", strings.Repeat("ab", 32))
	})
	list, e := db.Circles().Audit(ctx, 0, 10)
	if err != nil || e != nil || len(list) != 6 || list[0].Rule != "harassment" || list[0].Words == "" {
		t.Fatal(list, err, e)
	}
	head := func(i int) circle.AuditHead {
		return circle.AuditHead{Seq: list[i].Seq, Hash: list[i].Hash, At: time.Now()}
	}
	heads := []circle.AuditHead{head(1), head(3)}
	do := func(q string, args ...any) {
		t.Helper()
		if _, err := db.write.Exec(q, args...); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(what, want string, heads ...circle.AuditHead) {
		t.Helper()
		err := db.Circles().VerifyAudit(ctx, heads...)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	verify("as it was written", "", heads...)
	for _, column := range []string{"rule", "words"} {
		do(`UPDATE audit SET ` + column + ` = ` + column + ` || 'x' WHERE seq = 6`)
		verify("another "+column, "at line 6")
		do(`UPDATE audit SET ` + column + ` = substr(` + column + `, 1, length(` + column + `) - 1) WHERE seq = 6`)
	}
	verify("mended", "", heads...)

	do(`DELETE FROM audit WHERE seq = 6`)
	verify("cut off after the last anchor: the limit that is published", "", heads...)
	do(`DELETE FROM audit WHERE seq = 5`)
	verify("cut off, as a chain sees it", "")
	verify("cut off before the last anchor", "line 5 is missing", heads...)

	var prev string // all of it anew, with hashes that fit
	for seq := int64(1); seq <= 4; seq++ {
		var l line
		if err := (audit{db}).each(ctx, `WHERE seq = $1`, func(is line) error { l = is; return nil }, seq); err != nil {
			t.Fatal(err)
		}
		l.By, l.prev = "nobody", prev
		prev = l.chained()
		do(`UPDATE audit SET person = 'nobody', prev = $2, hash = $3 WHERE seq = $1`, seq, l.prev, prev)
	}
	verify("written anew, as a chain sees it", "")
	verify("written anew", "at line 3: it was another one", head(3))
	do(`DELETE FROM audit WHERE seq < 4`)
	verify("the beginning is gone", "line 3 is missing", head(3))
	verify("the beginning has had its time", "", circle.AuditHead{Seq: 3, Hash: list[3].Hash, At: time.Now().Add(-circle.KeepAudit)})
	do(`DELETE FROM audit`)
	verify("nothing is left, as a chain sees it", "")
	verify("nothing is left", "is missing", heads...)
}

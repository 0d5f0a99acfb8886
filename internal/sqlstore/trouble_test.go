package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// writes are calls that write, each about the circle "c" and by its newest
// values.
func writes(t *testing.T, db *Durable, id string) map[string]func() error {
	t.Helper()
	ctx, s, act := context.Background(), db.Circles(), circle.Act{At: noon}
	c, err := s.Circle(ctx, "c")
	list, err2 := s.Invites(ctx, "c", noon)
	asked, err3 := s.Questions(ctx, "c", noon)
	if err := errors.Join(err, err2, err3); err != nil || len(list) == 0 || len(asked) == 0 {
		t.Fatal(list, asked, err)
	}
	return map[string]func() error{
		"add circle": func() error {
			return s.AddCircle(ctx, act, circle.Circle{ID: circle.ID(id), Settings: room.DefaultSettings(), About: circle.About{Purpose: strings.Repeat("x", circle.MaxPurpose)}})
		},
		"change circle": func() error { c.Purpose = strings.Repeat("y", circle.MaxPurpose); return s.ChangeCircle(ctx, act, c) },
		"add invite": func() error {
			_, err := s.AddInvite(ctx, act, circle.Invite{Circle: "c", Role: room.Member})
			return err
		},
		"revoke": func() error { return s.Revoke(ctx, act, "c", list[0].ID) },
		"ask":    func() error { _, err := s.Ask(ctx, "c", strings.Repeat("x", circle.MaxQuestion), noon); return err },
		"answer": func() error { return s.Answer(ctx, act, "c", asked[0].ID, "Yes.") },
		"redeem": func() error {
			_, _, err := s.Redeem(ctx, circle.Claim{Circle: "c", Device: id}, noon)
			return err
		},
		"forget": func() error { return s.Forget(ctx, "c", "kim") },
	}
}

// furnished makes of a database one with a circle, Kim in its room, and a question.
func furnished(t *testing.T, db *Durable) {
	t.Helper()
	keeper, _ := twoInvites(t, db)
	c, err0 := db.Circles().Circle(t.Context(), "c")
	c.Access = circle.OpenToAll
	_, _, err := db.Circles().Redeem(t.Context(), circle.Claim{Code: keeper, Device: "kim"}, noon)
	_, err2 := db.Circles().Ask(t.Context(), "c", "Is there tea?", noon)
	if err := errors.Join(err0, db.Circles().ChangeCircle(t.Context(), circle.Act{At: noon}, c), err, err2); err != nil {
		t.Fatal(err)
	}
}

// everything is what a database holds that these calls write to.
func everything(t *testing.T, db *Durable) (all string) {
	t.Helper()
	err := db.look(t.Context(), func(x *sql.Tx) error {
		for _, q := range []string{`SELECT id || about || rev FROM circles ORDER BY id`, `SELECT code || COALESCE(revoked_at, 0) || used FROM invites ORDER BY code`,
			`SELECT id || answer FROM questions ORDER BY id`, `SELECT id FROM seats ORDER BY id`, `SELECT hash FROM audit ORDER BY seq`, `SELECT 'revision ' || n FROM revisions`} {
			list, err := column(t.Context(), x, q)
			if err != nil {
				return err
			}
			all += fmt.Sprintln(len(list), list)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTrouble: a file that is held, full or can't be written is said to be,
// with what to do; nothing is kept by half; and afterwards all goes on.
func TestTrouble(t *testing.T) {
	ctx := context.Background()
	file := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	db := file.Durable
	furnished(t, db)
	// Writers have one connection, so this is for all of them.
	set := func(pragma string) {
		t.Helper()
		if _, err := db.write.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			t.Fatal(err)
		}
	}
	other, err := sql.Open("sqlite", dsn(db.place, map[string][]string{"_txlock": {"immediate"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for name, c := range map[string]struct {
		want        error
		says        string
		begin, mend func()
	}{
		"held by another program": {ErrAway, "another program holds it", func() {
			set("busy_timeout = 20")
			if _, err := other.Exec("CREATE TABLE IF NOT EXISTS held (id TEXT); BEGIN IMMEDIATE"); err != nil {
				t.Fatal(err)
			}
		}, func() {
			if _, err := other.Exec("ROLLBACK; DROP TABLE held"); err != nil {
				t.Fatal(err)
			}
		}},
		"read-only": {ErrAccess, "may be written", func() { set("query_only = 1") }, func() { set("query_only = 0") }},
	} {
		other.SetMaxOpenConns(1)
		c.begin()
		before := everything(t, db)
		calls := writes(t, db, "new "+name)
		calls["log"] = func() error {
			first := room.Entry{Seq: 1, At: noon, Events: []room.Event{room.Begun{Room: "r", Set: room.DefaultSettings()}}}
			state := &room.State{}
			state.Apply(first)
			_, err := file.Log().Append(ctx, room.ID(name), room.Head{}, room.Batch{Entries: []room.Entry{first}, State: state, Now: noon})
			return err
		}
		for what, call := range calls {
			if err := call(); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), db.place) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if after := everything(t, db); after != before {
			t.Errorf("%s: it has %s\nhad %s", name, after, before)
		}
		c.mend()
		for what, call := range calls {
			if err := call(); err != nil {
				t.Errorf("%s, %s, after: %v", name, what, err)
			}
		}
	}
}

// TestFullDisk fills a file to its last page, with whatever comes.
func TestFullDisk(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon }).Durable
	furnished(t, db)
	var pages int
	if err := db.write.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	most := func(n int) {
		t.Helper()
		if err := db.write.QueryRow(fmt.Sprint("PRAGMA max_page_count = ", n)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	most(pages)
	full := 0
	for n := range 20 {
		for what, call := range writes(t, db, fmt.Sprint("new ", n)) {
			before := everything(t, db)
			err := call()
			if err == nil {
				continue
			}
			if full++; !errors.Is(err, ErrAccess) || !strings.Contains(err.Error(), "disk is full") {
				t.Fatalf("%s: %v", what, err)
			}
			if after := everything(t, db); after != before {
				t.Fatalf("%s: it has %s\nhad %s", what, after, before)
			}
		}
	}
	if full < 20 {
		t.Errorf("it was full %d times", full)
	}
	most(1 << 30)
	for what, call := range writes(t, db, "after") {
		if err := call(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.Circles().VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
}

// heldRow: on PostgreSQL a call waits for whoever holds the circle, and not
// for ever.
func heldRow(t *testing.T, url string) {
	db := connect(t, url)
	furnished(t, db)
	other, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	x, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer x.Rollback()
	if _, err := x.Exec(`SELECT id FROM circles FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	before, calls := everything(t, db), writes(t, db, "new")
	delete(calls, "add circle") // it waits for nobody who changes another
	done := make(chan error)
	for what, call := range calls {
		go func() {
			if err := call(); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), db.place) {
				done <- fmt.Errorf("%s: %w", what, err)
				return
			}
			done <- nil
		}()
	}
	for range calls {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if after := everything(t, db); after != before {
		t.Errorf("it has %s\nhad %s", after, before)
	}
}

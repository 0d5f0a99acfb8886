package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"hearth/circle"
	"hearth/internal/servers"
)

// TestEveryTableHasItsPlace: a table is in a backup, or it says why not.
func TestEveryTableHasItsPlace(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now)
	var there []string
	err := tx(context.Background(), db.read, func(x *sql.Tx) (err error) {
		there, err = ours(context.Background(), x)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	told := slices.Sorted(maps.Keys(leftOut))
	for _, name := range inBackup {
		if leftOut[name] != "" {
			t.Errorf("%s is in a backup and left out", name)
		}
		told = append(told, name)
	}
	for _, part := range bansInBackup {
		if leftOut[part.name] != "" || slices.Contains(inBackup, part.name) {
			t.Errorf("%s has two places", part.name)
		}
		told = append(told, part.name)
	}
	slices.Sort(told)
	if !slices.Equal(there, told) {
		t.Errorf("tables are\n%q\nbackups know of\n%q", there, told)
	}
}

// fill puts rows into every table of a backup, with another value in each
// column of each row, whatever columns there are. Existing rows make way.
func fill(t testing.TB, d *Durable, n int) {
	t.Helper()
	ctx := context.Background()
	model, err := inMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	if err := migrateFile(ctx, model); err != nil {
		t.Fatal(err)
	}
	var seq int64
	err = tx(ctx, model, func(m *sql.Tx) error {
		return tx(ctx, d.write, func(x *sql.Tx) error {
			for _, name := range inBackup {
				if err := fillTable(ctx, m, x, name, n, &seq); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fillTable fills one; m says what the table is like.
func fillTable(ctx context.Context, m, x *sql.Tx, name string, n int, seq *int64) error {
	tab, err := tableOf(ctx, m, name)
	if err != nil {
		return err
	}
	kinds, points := map[string]string{}, map[string]string{}
	for _, c := range tab.columns {
		var kind, at string
		if err := m.QueryRowContext(ctx, `SELECT type FROM pragma_table_info($1) WHERE name = $2`, name, c).Scan(&kind); err != nil {
			return err
		}
		err := m.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_list($1) WHERE "from" = $2`, name, c).Scan(&at)
		if _, err := some(err); err != nil {
			return err
		}
		kinds[c], points[c] = kind, at
	}
	put := tab.insert("")
	for i := range n {
		row := make([]any, len(tab.columns))
		for k, c := range tab.columns {
			*seq++
			switch {
			case points[c] != "":
				row[k] = fmt.Sprintf("%s %d", points[c], i)
			case c == "id" || c == "code":
				row[k] = fmt.Sprintf("%s %d", name, i)
			case c == "settings" || c == "about":
				row[k] = fmt.Sprintf(`{"title":"Grüße %d"}`, *seq)
			case c == "rules":
				row[k] = fmt.Sprintf(`["%d"]`, *seq)
			case kinds[c] == "TEXT":
				row[k] = fmt.Sprintf("%s's %s\n%d ünï", name, c, *seq)
			default:
				row[k] = 1e12 + *seq
			}
		}
		if _, err := x.ExecContext(ctx, put, row...); err != nil {
			return err
		}
	}
	return nil
}

// dump is all that a backup would have, row by row.
func dump(t testing.TB, pool *sql.DB) map[string]map[string][]any {
	t.Helper()
	model, err := inMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	if err := migrateFile(context.Background(), model); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string][]any{}
	err = tx(context.Background(), model, func(m *sql.Tx) error {
		return tx(context.Background(), pool, func(x *sql.Tx) error {
			for _, name := range inBackup {
				tab, err := tableOf(context.Background(), m, name)
				if err != nil {
					return err
				}
				if all[name], err = tab.rows(context.Background(), x); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// but is what was dumped without what restoring itself adds.
func but(all map[string]map[string][]any, did string) map[string]map[string][]any {
	all = maps.Clone(all)
	all["audit"] = maps.Clone(all["audit"])
	maps.DeleteFunc(all["audit"], func(_ string, row []any) bool { return slices.Contains(row, any(did)) })
	return all
}

// backedUp makes a backup and writes it to a file.
func backedUp(t testing.TB, d *Durable) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup")
	b, err := d.Backup(context.Background(), noon)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Write(context.Background(), path, false); err != nil {
		t.Fatal(err)
	}
	return path
}

// read reads a backup for as long as the test lasts.
func read(t testing.TB, path string) *Backup {
	t.Helper()
	b, err := ReadBackup(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func restored(t testing.TB, d *Durable, path string) Change {
	t.Helper()
	c, err := d.Restore(context.Background(), read(t, path), circle.Act{At: noon})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newFile(t testing.TB) *Durable {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon }).Durable
}

// TestRestoreEquals: from each kind of database into each, empty or not,
// every column of every row comes back.
func TestRestoreEquals(t *testing.T) {
	p := servers.StartPostgres(t)
	kinds := map[string]func() *Durable{
		"SQLite":     func() *Durable { return newFile(t) },
		"PostgreSQL": func() *Durable { return connect(t, p.Database(t)) },
	}
	for from, make1 := range kinds {
		a := make1()
		fill(t, a, 30)
		file := backedUp(t, a)
		want := dump(t, a.read)
		if b := read(t, file); b.From != from || !b.Made.Equal(noon) || !reflect.DeepEqual(dump(t, b.db), want) {
			t.Fatalf("the backup is of %s at %v, or not what was there", b.From, b.Made)
		}
		for to, make2 := range kinds {
			for _, had := range []int{0, 20, 30, 50} {
				b := make2()
				fill(t, b, had)
				if had == 20 { // others than those of the backup
					if _, err := b.write.Exec(`UPDATE circles SET country = 'other'`); err != nil {
						t.Fatal(err)
					}
				}
				c := restored(t, b, file)
				is := dump(t, b.read)
				if !reflect.DeepEqual(but(is, "restored"), but(want, "restored")) || len(is["audit"]) != len(want["audit"])+1 {
					t.Errorf("%s to %s with %d rows before: it is not what was there", from, to, had)
				}
				if c.Then["circles"] != 30 || c.Now["circles"] != had || c.Same != (had > 0) {
					t.Errorf("%s to %s with %d rows before: told %+v", from, to, had, c)
				}
			}
		}
	}
}

func TestBackupFile(t *testing.T) {
	ctx := context.Background()
	d := newFile(t)
	fill(t, d, 3)
	b, err := d.Backup(ctx, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "backup")
	if err := os.WriteFile(path+".part", []byte("of a backup that was cut off"), 0o644); err != nil {
		t.Fatal(err)
	}
	size, err := b.Write(ctx, path, false)
	st, err2 := os.Stat(path)
	if err := errors.Join(err, err2); err != nil || st.Size() != size || st.Mode().Perm() != 0o600 || len(files(dir)) != 1 {
		t.Fatalf("%v: %+v; the folder has %d files", err, st, len(files(dir)))
	}
	before := files(dir)
	if _, err := b.Write(ctx, path, false); !errors.Is(err, fs.ErrExist) || !maps.Equal(files(dir), before) {
		t.Errorf("a file that is there: %v, or it was changed", err)
	}
	fill2 := newFile(t)
	other, err := fill2.Backup(ctx, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := takePart(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Write(ctx, path, true); !errors.Is(err, ErrBusy) {
		t.Errorf("beside another backup: %v", err)
	}
	held.Close()
	if _, err := other.Write(ctx, path, true); err != nil || len(files(dir)) != 1 {
		t.Errorf("to replace it: %v", err)
	}
	if counts, err := read(t, path).Counts(ctx); err != nil || counts["circles"] != 0 {
		t.Errorf("it was not replaced: %v, %v", counts, err)
	}
	if err := os.Symlink(path, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write(ctx, filepath.Join(dir, "link"), true); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto a link: %v", err)
	}
	if _, err := b.Write(ctx, filepath.Join(dir, "no", "folder"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
}

// TestNoBackup: what is no backup, or not whole, or of the future is
// refused. What is refused can't be restored: there is no Backup.
func TestNoBackup(t *testing.T) {
	d := newFile(t)
	fill(t, d, 40)
	good, err := os.ReadFile(backedUp(t, d))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	refuses := func(name string, want error, b []byte) {
		t.Helper()
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := ReadBackup(t.Context(), path); !errors.Is(err, want) {
			if err == nil {
				r.Close()
			}
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if is, err := os.ReadFile(path); err != nil || string(is) != string(b) || len(files(dir)) != 1 {
			t.Errorf("%s: the file was changed, or something is beside it (%v)", name, err)
		}
	}
	for n := 0; n < len(good); n += 1 + len(good)/50 {
		refuses(fmt.Sprint("cut at ", n), ErrNoBackup, good[:n])
	}
	for n := 100; n < len(good); n += len(good) / 100 {
		bad := slices.Clone(good)
		bad[n] ^= 0x10
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		// A byte that nothing uses may be any.
		if r, err := ReadBackup(t.Context(), path); err == nil {
			if !reflect.DeepEqual(dump(t, r.db), dump(t, d.read)) {
				t.Errorf("a bit at %d changed what is read", n)
			}
			r.Close()
		} else if !errors.Is(err, ErrNoBackup) {
			t.Errorf("a bit at %d: %v", n, err)
		}
	}
	refuses("text", ErrNoBackup, []byte(strings.Repeat("no backup ", 200)))
	refuses("a server's file", ErrNoBackup, []byte(server()[closed]["hearth.db"]))
	for name, c := range map[string]struct {
		want  error
		query string
	}{
		"somebody else's":      {ErrNoBackup, `PRAGMA foreign_keys = 0; DROP TABLE circles; CREATE TABLE mine (x)`},
		"a database":           {ErrNoBackup, `DROP TABLE backup`},
		"altered":              {ErrNoBackup, `UPDATE circles SET country = 'XX' WHERE id = 'circles 7'`},
		"a row more":           {ErrNoBackup, `INSERT INTO revisions (id, n) VALUES (7, 7)`},
		"a row less":           {ErrNoBackup, `DELETE FROM passkeys WHERE id = 'passkeys 3'`},
		"points at nothing":    {ErrNoBackup, `PRAGMA foreign_keys = 0; UPDATE passkeys SET person = 'nobody'; sign`},
		"of a newer version":   {ErrNewer, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1); sign`},
		"with a table it lost": {ErrNoBackup, `DROP TABLE audit`},
	} {
		refuses(name, c.want, altered(t, good, c.query))
	}
	if _, err := ReadBackup(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("no file:", err)
	}
	if _, err := ReadBackup(t.Context(), dir); !errors.Is(err, ErrNoBackup) {
		t.Error("a folder:", err)
	}
}

// TestHostileBackup: a file with a right sum that wants more than to be read
// is refused, and nothing in it is ever done.
func TestHostileBackup(t *testing.T) {
	d := newFile(t)
	fill(t, d, 3)
	good, err := os.ReadFile(backedUp(t, d))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	loot := filepath.Join(dir, "loot")
	column := `1 FROM circles; ATTACH '` + loot + `' AS x; CREATE TABLE x.y (z); SELECT id`
	for name, query := range map[string]string{
		"a column that is a statement": `ALTER TABLE circles ADD COLUMN "` + strings.ReplaceAll(column, "; ", ";") + `" TEXT; sign`,
		"a column more":                `ALTER TABLE circles ADD COLUMN more TEXT; sign`,
		"a column less":                `ALTER TABLE circles DROP COLUMN country; sign`,
		"a table that is a statement":  `CREATE TABLE "circles;ATTACH '` + loot + `' AS x;SELECT id FROM circles" (id TEXT PRIMARY KEY); sign`,
		"a trigger":                    `CREATE TRIGGER mine AFTER INSERT ON goose_db_version BEGIN DELETE FROM circles WHERE 1;END`,
		"a view":                       `ALTER TABLE people RENAME TO folk; CREATE VIEW people AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id FROM n) SELECT id FROM n; sign`,
		"a virtual table":              `CREATE VIRTUAL TABLE mine USING fts5 (x)`,
	} {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, altered(t, good, query), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(loot); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err) // signing may have done it
		}
		r, err := ReadBackup(t.Context(), path)
		if !errors.Is(err, ErrNoBackup) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			r.Close()
		}
		if _, err := os.Stat(loot); err == nil {
			t.Errorf("%s was done", name)
		}
	}
}

// altered is a file after somebody was at it.
func altered(t testing.TB, file []byte, queries string) (b []byte) {
	t.Helper()
	db, err := inMemory(file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for q := range strings.SplitSeq(queries, "; ") {
		if q == "sign" { // so that its sum is right
			err = tx(context.Background(), db, func(x *sql.Tx) error {
				sum, err := sumOf(context.Background(), x)
				if err == nil {
					_, err = x.Exec(`UPDATE backup SET sum = $1`, sum)
				}
				return err
			})
		} else {
			_, err = db.Exec(q)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := withMemory(context.Background(), db, func(m memory) (err error) { b, err = m.Serialize(); return err }); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOlderBackup: one that was made before there were people comes back as
// the tables are now.
func TestOlderBackup(t *testing.T) {
	ctx := context.Background()
	db, err := inMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &Backup{Made: noon, From: "SQLite", db: db}
	defer b.Close()
	if err := tablesOf(ctx, db, 3); err != nil {
		t.Fatal(err)
	}
	err = tx(ctx, db, func(x *sql.Tx) error {
		for _, q := range []string{
			`INSERT INTO circles (id, made, settings, rules, country) VALUES ('c', 1, '{"title":"Then"}', '[]', 'GB')`,
			`INSERT INTO invites (code, circle, role, uses, used) VALUES ('h', 'c', 'member', 0, 4)`,
		} {
			if _, err := x.Exec(q); err != nil {
				return err
			}
		}
		return b.sign(ctx, x)
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "older")
	if _, err := b.Write(ctx, path, false); err != nil {
		t.Fatal(err)
	}
	if v := read(t, path).Version; v != 3 {
		t.Errorf("it is of version %d", v)
	}
	d := newFile(t)
	restored(t, d, path)
	list, err := d.Circles().Circles(ctx)
	if err != nil || len(list) != 1 || list[0].Settings.Title != "Then" || list[0].Rev != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if is := dump(t, d.read)["invites"]; len(is) != 1 {
		t.Errorf("invites are %v", is)
	}
}

// tablesOf makes the tables as an older version had them.
func tablesOf(ctx context.Context, db *sql.DB, version int64) error {
	old, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, old, goose.WithDisableGlobalRegistry(true))
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return err
}

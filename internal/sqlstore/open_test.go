package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// files reads everything in a folder.
func files(dir string) map[string]string {
	all := map[string]string{}
	list, err := os.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			panic(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

// remains are what a server can leave in its folder.
type remains int

const (
	closed  remains = iota // by Close: one file
	killed                 // by kill -9: the newest facts are in the log
	emptied                // the same, with nearly all of them in the file
)

// server has lived once: 301 entries in the room "r", in each of its remains.
var server = sync.OnceValue(func() (left [3]map[string]string) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db, err := Open(context.Background(), filepath.Join(dir, "hearth.db"), func() time.Time { return noon })
	if err != nil {
		panic(err)
	}
	state, head := &room.State{}, room.Head{}
	for n := range uint64(301) {
		e := room.Entry{Seq: n + 1, At: noon, Events: []room.Event{room.CareOver{}}}
		if n == 0 {
			e.Events[0] = room.Begun{Room: "r", Set: room.DefaultSettings()}
		}
		state.Apply(e)
		tail, err := db.Log().Append(context.Background(), "r", head, room.Batch{Entries: []room.Entry{e}, State: state, Now: noon})
		if err != nil {
			panic(err)
		}
		head = tail.Head
	}
	left[killed] = files(dir)
	if err := errors.Join(db.Sweep(context.Background(), noon.Add(-time.Hour)), db.Beat(context.Background(), noon)); err != nil {
		panic(err)
	}
	left[emptied] = files(dir)
	if err := db.Close(); err != nil {
		panic(err)
	}
	left[closed] = files(dir)
	return left
})

// lived puts what a server left into a folder and returns the file's path.
func lived(t *testing.T, how remains) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range server()[how] {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "hearth.db")
}

// change rewrites a file.
func change(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, how(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goesOn opens a database in which nothing may be lost.
func goesOn(t *testing.T, path string) {
	t.Helper()
	db, err := Open(context.Background(), path, func() time.Time { return noon })
	if err != nil {
		t.Error(err)
		return
	}
	if tail, err := db.Log().Read(context.Background(), "r", room.Head{}); err != nil || tail.Head.Seq != 301 {
		t.Errorf("the log ends at %d, %v", tail.Head.Seq, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// refusesUntouched opens a database that must be refused, and compares
// everything around it before and after.
func refusesUntouched(t *testing.T, path string, want error) {
	t.Helper()
	before := files(filepath.Dir(path))
	for range 2 {
		db, err := Open(context.Background(), path, time.Now)
		if err == nil {
			_ = db.Close()
		}
		if !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v; want %v, and the file's name", err, want)
		}
	}
	if after := files(filepath.Dir(path)); !maps.Equal(before, after) {
		t.Errorf("something was touched: %v, was %v", sizes(after), sizes(before))
	}
}

func sizes(all map[string]string) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, fmt.Sprint(name, " ", len(all[name])))
	}
	return list
}

func TestDamagedFile(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"garbage":    func(b []byte) []byte { return bytes.Repeat([]byte("no database "), 1000) },
		"short text": func(b []byte) []byte { return []byte("x") },
		"header":     func(b []byte) []byte { b[3] ^= 1; return b },
		"cut short":  func(b []byte) []byte { return b[:len(b)/2] },
		"zeroes": func(b []byte) []byte {
			clear(b[len(b)/2:])
			return b
		},
		"pages": func(b []byte) []byte {
			for i := 4096; i < len(b); i += 4096 {
				copy(b[i:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
			}
			return b
		},
	} {
		for _, how := range []remains{closed, emptied} {
			t.Run(fmt.Sprintf("%s %d", name, how), func(t *testing.T) {
				path := lived(t, how)
				change(t, path, damage)
				refusesUntouched(t, path, ErrDamaged)
			})
		}
	}
}

func TestEmptiedFileBesideItsLog(t *testing.T) {
	path := lived(t, killed)
	change(t, path, func([]byte) []byte { return nil })
	refusesUntouched(t, path, ErrDamaged)
}

func TestDamagedFileWithoutIndex(t *testing.T) {
	path := lived(t, emptied)
	if err := os.Remove(path + "-shm"); err != nil {
		t.Fatal(err)
	}
	change(t, path, func(b []byte) []byte { return b[:len(b)/2] })
	refusesUntouched(t, path, ErrDamaged)
}

// TestKilledFileGoesOn: what a kill leaves is no damage, with the index of
// the write-ahead log, half of it or none.
func TestKilledFileGoesOn(t *testing.T) {
	path := lived(t, killed)
	goesOn(t, path)
	path = lived(t, killed)
	change(t, path+"-shm", func(b []byte) []byte { return nil })
	goesOn(t, path)
	path = lived(t, killed)
	if err := os.Remove(path + "-shm"); err != nil {
		t.Fatal(err)
	}
	goesOn(t, path)
}

// TestLogWithoutFrames: a kill can leave a write-ahead log that has only its
// header, or not even that. Nothing is lost with it.
func TestLogWithoutFrames(t *testing.T) {
	for name, how := range map[string]func([]byte) []byte{
		"header only":   func(b []byte) []byte { return b[:32] },
		"header, torn":  func(b []byte) []byte { clear(b[:8]); return b },
		"half a header": func(b []byte) []byte { return b[:16] },
		"nothing":       func(b []byte) []byte { return nil },
		"half a frame":  func(b []byte) []byte { return b[:1000] },
		"bad salt":      func(b []byte) []byte { b[20] ^= 1; return b },
	} {
		t.Run(name, func(t *testing.T) {
			path := lived(t, emptied)
			change(t, path+"-wal", how)
			goesOn(t, path)
		})
	}
}

func execSQL(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// version1 makes a file as the first programs did, in which somebody was
// alive at noon.
func version1(t *testing.T, path string) {
	t.Helper()
	tables, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	execSQL(t, path, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1);`+string(tables)+
		fmt.Sprintf(`INSERT INTO beats (id, beat_at) VALUES (1, %d)`, noon.UnixMilli()))
}

// columns lists what a file can hold.
func columns(t *testing.T, path string) (list []string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.name || '.' || c.name || ' ' || c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		list = append(list, column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestReadyFile(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now)
	if err := db.Ready(ctx); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(ctx); err == nil {
		t.Error("a closed database is ready")
	}
}

func TestNewerFile(t *testing.T) {
	path := lived(t, closed)
	execSQL(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	refusesUntouched(t, path, ErrNewer)
}

func TestSomebodyElsesFile(t *testing.T) {
	for name, query := range map[string]string{
		"plain":    `CREATE TABLE recipes (id TEXT)`,
		"migrated": `CREATE TABLE recipes (id TEXT); CREATE TABLE goose_db_version (id INTEGER, version_id INTEGER); INSERT INTO goose_db_version VALUES (1, 77)`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "recipes.db")
			execSQL(t, path, query)
			refusesUntouched(t, path, ErrForeign)
		})
	}
}

// TestFirstStartCutShort: a file that got no further than its first steps is
// finished.
func TestFirstStartCutShort(t *testing.T) {
	for name, query := range map[string]string{
		"empty":   ``,
		"in WAL":  `PRAGMA journal_mode = WAL`,
		"version": `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now'))); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`,
	} {
		path := filepath.Join(t.TempDir(), "hearth.db")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		execSQL(t, path, query)
		if list, err := open(t, path, time.Now).Circles().Circles(context.Background()); err != nil || list != nil {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

func TestNoPlaceForTheFile(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"no folder":       filepath.Join(dir, "none", "hearth.db"),
		"folder is file":  filepath.Join(plain, "hearth.db"),
		"file is folder":  dir,
		"file is no file": "/dev/null",
	} {
		if db, err := Open(context.Background(), path, time.Now); !errors.Is(err, ErrAccess) || !strings.Contains(err.Error(), path) || db != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hearth.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			db, err := Open(context.Background(), path, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Beat(context.Background(), noon); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestFiles: only the owner can read them, whatever the folder is called,
// and Close leaves one.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41&e=f;g")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := Open(context.Background(), filepath.Join(dir, "hearth.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Beat(context.Background(), noon); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	for _, e := range list {
		if st, err := e.Info(); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), st.Mode(), err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}

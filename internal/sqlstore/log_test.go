package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/room"
	"hearth/room/logtest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hand is a clock moved by hand.
type hand struct {
	mu sync.Mutex // guards t
	t  time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.t
}

func (h *hand) set(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.t = t
}

func open(t testing.TB, path string, now func() time.Time) *DB {
	t.Helper()
	db, err := Open(context.Background(), path, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestLog(t *testing.T) {
	defer goleak.VerifyNone(t)
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		clock := &hand{t: noon}
		path := filepath.Join(t.TempDir(), "hearth.db")
		db := open(t, path, clock.now)
		return logtest.Subject{Log: db.Log(), Now: clock.now, Set: clock.set,
			Stored: func(id room.ID) [][]byte { return storedFacts(t, db, id) },
			Reopen: func() room.Log {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				db = open(t, path, clock.now)
				return db.Log()
			}}
	})
}

func storedFacts(t *testing.T, db *DB, id room.ID) (list [][]byte) {
	t.Helper()
	rows, err := db.read.Query(`SELECT facts FROM entries WHERE room = $1 ORDER BY seq`, string(id))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var facts []byte
		if err := rows.Scan(&facts); err != nil {
			t.Fatal(err)
		}
		list = append(list, facts)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// keeper appends to one room as a hub would.
type keeper struct {
	t     testing.TB
	log   room.Log
	id    room.ID
	now   func() time.Time
	head  room.Head
	state *room.State
}

func begin(t testing.TB, db *DB, id room.ID) *keeper {
	k := &keeper{t: t, log: db.Log(), id: id, now: db.now, state: &room.State{}}
	k.append(room.Begun{Room: id, Set: room.DefaultSettings()})
	return k
}

func (k *keeper) append(events ...room.Event) {
	k.t.Helper()
	e := room.Entry{Seq: k.head.Seq + 1, At: k.now(), Events: events}
	k.state.Apply(e)
	tail, err := k.log.Append(context.Background(), k.id, k.head, room.Batch{Entries: []room.Entry{e}, State: k.state, Now: e.At})
	if err != nil {
		k.t.Fatal(err)
	}
	k.head = tail.Head
}

// TestDurability reads what SQLite promises off the very connection that
// writes.
func TestDurability(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	begin(t, db, "r")
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := db.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
		}
	}
	if n := db.write.Stats().OpenConnections; n != 1 {
		t.Errorf("%d connections write", n)
	}
	if _, err := db.read.Exec(`DELETE FROM states`); err == nil {
		t.Error("the readers can write")
	}
}

// TestChangedBytesAreNoFacts: what changed on the disk is a fault, never
// handed out.
func TestChangedBytesAreNoFacts(t *testing.T) {
	ctx := context.Background()
	for name, change := range map[string]string{
		"facts":      `UPDATE entries SET facts = replace(facts, '"Seat":"a"', '"Seat":"x"') WHERE seq = 2`,
		"number":     `UPDATE entries SET facts = replace(facts, '"seq":2', '"seq":9') WHERE seq = 2`,
		"hash":       `UPDATE entries SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 2`,
		"other hash": `UPDATE entries SET hash = (SELECT hash FROM entries WHERE seq = 1) WHERE seq = 2`,
		"lost entry": `DELETE FROM entries WHERE seq = 2`,
		"unreadable": `UPDATE entries SET facts = '{' WHERE seq = 2`,
	} {
		db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
		k := begin(t, db, "r")
		first := k.head
		k.append(room.Joined{Seat: "a", Role: room.Member})
		k.append(room.CareOver{})
		if _, err := db.Log().Read(ctx, "r", first); err != nil {
			t.Fatal(err)
		}
		if _, err := db.write.Exec(change); err != nil {
			t.Fatal(err)
		}
		tail, err := db.Log().Read(ctx, "r", first)
		if err == nil || answered(err) || tail.Entries != nil {
			t.Errorf("%s: %v, %+v", name, err, tail)
		}
	}
}

func TestStateOfAnotherEntryIsAFault(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	k := begin(t, db, "r")
	k.append(room.CareOver{})
	for _, change := range []string{`UPDATE states SET seq = 1`, `UPDATE states SET facts = 'x'`, `DELETE FROM states`} {
		if _, err := db.write.Exec(change); err != nil {
			t.Fatal(err)
		}
		if tail, err := k.log.Read(context.Background(), "r", room.Head{}); err == nil || answered(err) {
			t.Errorf("%s: %v, %+v", change, err, tail.State)
		}
	}
}

// TestFailedAppend: when the disk says no, nothing is half written and the
// log goes on.
func TestFailedAppend(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	k := begin(t, db, "r")
	if _, err := db.write.Exec(`CREATE TRIGGER full BEFORE UPDATE ON states BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	e := room.Entry{Seq: 2, At: noon}
	_, err := k.log.Append(context.Background(), "r", k.head, room.Batch{Entries: []room.Entry{e}, State: &room.State{Seq: 2}, Now: noon})
	if err == nil || answered(err) || !strings.Contains(err.Error(), "disk full") {
		t.Fatal(err)
	}
	if tail, err := k.log.Read(context.Background(), "r", k.head); err != nil || tail.Head != k.head {
		t.Fatalf("it left something: %+v, %v", tail, err)
	}
	if _, err := db.write.Exec(`DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	k.append(room.CareOver{})
}

// TestRefusalsWaitForNoWriter: an empty batch compares though somebody else
// is writing, and goes on doing so.
func TestRefusalsWaitForNoWriter(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	k := begin(t, db, "r")
	writer, err := db.write.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Rollback()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if tail, err := k.log.Append(ctx, "r", k.head, room.Batch{Now: noon}); err != nil || tail.Head != k.head {
		t.Error(tail.Head.Seq, err)
	}
}

func TestLiveRooms(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	if list, err := db.Live(ctx); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
	begin(t, db, "b")
	a, c := begin(t, db, "a"), begin(t, db, "c")
	a.append(room.Joined{Seat: "x", Role: room.Facilitator})
	c.append(room.Closed{By: "x"})
	if c.state.Phase != room.Over {
		t.Fatal("a closed room is not over")
	}
	if list, err := db.Live(ctx); err != nil || !slices.Equal(list, []room.ID{"a", "b"}) {
		t.Error(list, err)
	}
}

func TestBeat(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "hearth.db")
	db := open(t, path, time.Now)
	if at, err := db.LastBeat(ctx); err != nil || !at.IsZero() {
		t.Fatal(at, err)
	}
	for _, at := range []time.Time{noon, noon.Add(time.Second)} {
		if err := db.Beat(ctx, at); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := open(t, path, time.Now).LastBeat(ctx); err != nil || !at.Equal(noon.Add(time.Second)) {
		t.Error(at, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if at, err := db.LastBeat(gone); !errors.Is(err, context.Canceled) || !at.IsZero() {
		t.Error(at, err)
	}
}

package sqlstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// where lists the files of a folder that hold any of the strings.
func where(dir string, any ...string) (list []string) {
	for name, b := range files(dir) {
		for _, s := range any {
			if strings.Contains(b, s) {
				list = append(list, name+" has "+s)
			}
		}
	}
	return list
}

// evening is one gathering of a circle, with somebody barred from it.
type evening struct {
	db   *DB
	k    *keeper
	room room.ID
	kim  circle.Seat
	all  []string // everything that must go with it
}

func (e *evening) come(t *testing.T, code, device string) circle.Seat {
	t.Helper()
	seat, _, err := e.db.Circles().Redeem(context.Background(), circle.Claim{Code: code, Device: device}, noon)
	if err != nil {
		t.Fatal(err)
	}
	e.all = append(e.all, string(seat.ID), seat.Handle, digest("device", string(seat.Room), device))
	return seat
}

func gather(t *testing.T, db *DB, keeper, member string) *evening {
	t.Helper()
	e := &evening{db: db}
	e.kim = e.come(t, keeper, "kim")
	e.room = e.kim.Room
	e.k = begin(t, db, e.room)
	eve := e.come(t, member, "eve")
	for _, s := range []circle.Seat{e.kim, eve} {
		e.k.append(room.Joined{Seat: s.ID, Role: s.Role})
	}
	e.k.append(room.Removed{Seat: eve.ID, Here: true})
	if err := db.Circles().Bar(context.Background(), e.room, eve.ID); err != nil {
		t.Fatal(err)
	}
	e.all = append(e.all, string(e.room), e.k.head.Epoch)
	return e
}

// TestSweep follows two gatherings of one circle: the one that was over
// early enough leaves nothing in any file, the other stays whole.
func TestSweep(t *testing.T) {
	ctx, dir, clock := context.Background(), t.TempDir(), &hand{t: noon}
	db := open(t, filepath.Join(dir, "hearth.db"), clock.now)
	keeper, member := twoInvites(t, db.Durable)

	first := gather(t, db, keeper, member)
	for _, s := range first.all { // the search can find each
		if where(dir, s) == nil {
			t.Fatalf("control: %s is nowhere", s)
		}
	}
	first.k.append(room.Closed{By: first.kim.ID})
	clock.set(noon.Add(time.Hour))
	second := gather(t, db, keeper, member)

	if err := db.Sweep(ctx, noon); err != nil { // not yet
		t.Fatal(err)
	}
	if _, err := db.Log().Read(ctx, first.room, room.Head{}); err != nil {
		t.Error("swept too early:", err)
	}
	if _, err := db.Circles().OfRoom(ctx, first.room); err != nil {
		t.Error("swept too early:", err)
	}
	if err := db.Sweep(ctx, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if left := where(dir, first.all...); left != nil {
		t.Errorf("after the sweep %q", left)
	}
	if _, err := db.Log().Read(ctx, first.room, room.Head{}); !errors.Is(err, room.ErrNoRoom) {
		t.Error(err)
	}
	if _, err := db.Circles().OfRoom(ctx, first.room); !errors.Is(err, circle.ErrNoRoom) {
		t.Error(err)
	}
	if tail, err := db.Log().Read(ctx, second.room, room.Head{}); err != nil || tail.Head != second.k.head {
		t.Errorf("the other gathering: %d, %v", tail.Head.Seq, err)
	}
	second.come(t, keeper, "kim")
	second.k.append(room.CareOver{})
	for _, s := range []string{`"` + string(second.room), second.k.head.Epoch} {
		if where(dir, s) == nil {
			t.Errorf("control: %s is nowhere", s)
		}
	}
	wal, err := os.Stat(filepath.Join(dir, "hearth.db-wal"))
	if err := errors.Join(err, db.Sweep(ctx, noon)); err != nil || wal.Size() == 0 {
		t.Fatal(wal.Size(), err)
	}
	if wal, err := os.Stat(filepath.Join(dir, "hearth.db-wal")); err != nil || wal.Size() != 0 {
		t.Error("the write-ahead log was not emptied:", wal.Size(), err)
	}
}

func twoInvites(t *testing.T, db *Durable) (keeper, member string) {
	t.Helper()
	ctx, store := context.Background(), db.Circles()
	err := store.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()})
	keeper, err1 := store.AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Facilitator})
	member, err2 := store.AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Member})
	if err := errors.Join(err, err1, err2); err != nil {
		t.Fatal(err)
	}
	return keeper, member
}

// TestEndedSeatsAreErased: the credentials go with the room, long before its
// log does.
func TestEndedSeatsAreErased(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	db := open(t, filepath.Join(dir, "hearth.db"), func() time.Time { return noon })
	keeper, member := twoInvites(t, db.Durable)
	e := gather(t, db, keeper, member)
	devices := []string{digest("device", string(e.room), "kim"), digest("device", string(e.room), "eve"), e.kim.Handle}
	if len(where(dir, devices...)) < 3 {
		t.Fatal("control: the search finds nothing")
	}
	// Told again later, it has still been over since noon.
	if err := errors.Join(db.Circles().EndRoom(ctx, e.room, noon), db.Circles().EndRoom(ctx, e.room, noon.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := db.Sweep(ctx, noon); err != nil {
		t.Fatal(err)
	}
	if left := where(dir, devices...); left != nil {
		t.Errorf("%q", left)
	}
	if list, err := db.Live(ctx); err != nil || list != nil {
		t.Error("an ended room is live:", list, err)
	}
	if err := db.Sweep(ctx, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if left := where(dir, e.all...); left != nil {
		t.Errorf("%q", left)
	}
}

func TestSweepInvites(t *testing.T) {
	sweepInvites(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

func sweepInvites(t *testing.T, db *Durable) {
	ctx := context.Background()
	keeper, forever := twoInvites(t, db)
	store := db.Circles()
	add := func(i circle.Invite) string {
		t.Helper()
		i.Circle, i.Role = "c", room.Member
		code, err := store.AddInvite(ctx, circle.Act{At: noon}, i)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	come := func(code, device string) circle.Seat {
		t.Helper()
		seat, _, err := store.Redeem(ctx, circle.Claim{Code: code, Device: device}, noon)
		if err != nil {
			t.Fatal(err)
		}
		return seat
	}
	kim := come(keeper, "kim")
	ended, seated := add(circle.Invite{Until: noon.Add(time.Minute)}), add(circle.Invite{Until: noon.Add(time.Minute)})
	later, single, usedUp := add(circle.Invite{Until: noon.Add(2 * time.Hour)}), add(circle.Invite{Uses: 1}), add(circle.Invite{Uses: 2})
	for _, c := range [][2]string{{seated, "a"}, {single, "b"}, {usedUp, "c"}, {usedUp, "d"}} {
		come(c[0], c[1])
	}
	revoked, forgotten := add(circle.Invite{For: "revoked"}), add(circle.Invite{Uses: 1})
	come(forgotten, "e")
	if err := errors.Join(revoke(ctx, store, "revoked"), store.Forget(ctx, "c", "e")); err != nil {
		t.Fatal(err)
	}
	kept := func() (list []string) {
		for name, code := range map[string]string{"keeper": keeper, "forever": forever, "ended": ended, "seated": seated,
			"later": later, "single": single, "usedUp": usedUp, "revoked": revoked, "forgotten": forgotten} {
			var n int
			if err := db.read.QueryRow(`SELECT COUNT(*) FROM invites WHERE code = $1`, digest("invite", code)).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				list = append(list, name)
			}
		}
		slices.Sort(list)
		return list
	}
	if got := kept(); len(got) != 9 {
		t.Errorf("to begin with: %q", got)
	}
	if err := db.Sweep(ctx, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := kept(); !slices.Equal(got, []string{"forever", "keeper", "later", "seated", "single", "usedUp"}) {
		t.Errorf("while people sit by them: %q", got)
	}
	if err := store.EndRoom(ctx, kim.Room, noon); err != nil {
		t.Fatal(err)
	}
	if err := db.Sweep(ctx, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := kept(); !slices.Equal(got, []string{"forever", "keeper", "later", "single"}) {
		t.Errorf("afterwards: %q", got)
	}
}

// TestNoWordsOrSecretsOnDisk plants canaries in everything a person types
// and in every secret, and looks for them in every file.
func TestNoWordsOrSecretsOnDisk(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	db := open(t, filepath.Join(dir, "hearth.db"), func() time.Time { return noon })
	keeper, _ := twoInvites(t, db.Durable)
	seat, secret, err := db.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "canary-device"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	k := begin(t, db, seat.Room)
	k.append(room.Joined{Seat: seat.ID, Role: room.Facilitator},
		room.Named{Seat: seat.ID, Name: room.Name{Name: "canary-name", Key: "canary-key", Pronouns: "canary-pronouns"}})
	k.append(room.Said{Seat: seat.ID, Turn: 1, Text: "canary-text"})
	if where(dir, string(seat.ID)) == nil || where(dir, seat.Handle) == nil {
		t.Fatal("control: the search finds nothing")
	}
	if found := where(dir, "canary", keeper, secret); found != nil {
		t.Errorf("%q", found)
	}
}

// TestEveryColumnIsWrittenDown holds the package comment and the tables
// against each other, both ways.
func TestEveryColumnIsWrittenDown(t *testing.T) {
	everyColumn(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

func everyColumn(t *testing.T, db *Durable) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var told, kept []string
	table, least := "", 30
	query := `SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> 'goose_db_version'`
	if db.shared {
		least = 20
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> 'goose_db_version'`
	}
	for line := range strings.Lines(string(doc)) {
		if m := regexp.MustCompile(`^//\t([a-z_]+)( \(SQLite only\))?: `).FindStringSubmatch(line); m != nil {
			if table = m[1]; m[2] != "" && db.shared {
				table = ""
			}
		} else if m := regexp.MustCompile(`^//\t  ([a-z_]+) +\S`).FindStringSubmatch(line); m != nil && table != "" {
			told = append(told, table+"."+m[1])
		}
	}
	rows, err := db.read.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, column)
	}
	slices.Sort(told)
	slices.Sort(kept)
	if rows.Err() != nil || !slices.Equal(told, kept) || len(kept) < least {
		t.Errorf("%v\ntold %q\nkept %q", rows.Err(), told, kept)
	}
}

package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/circle"
	"hearth/circle/circletest"
	"hearth/room"
)

func TestCircles(t *testing.T) {
	defer goleak.VerifyNone(t)
	circletest.Run(t, func(t *testing.T) circletest.Subject {
		path := filepath.Join(t.TempDir(), "hearth.db")
		db := open(t, path, time.Now)
		return circletest.Subject{Store: db.Circles(), Reopen: func() circle.Store {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = open(t, path, time.Now)
			return db.Circles()
		}, Node: func() circle.Store { return open(t, path, time.Now).Circles() }}
	})
}

// counted writes down what is asked.
type counted struct {
	asker
	asked []string
}

func (c *counted) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	c.asked = append(c.asked, query)
	return c.asker.QueryRowContext(ctx, query, args...)
}

// TestSameQuestions: whatever is wrong with a code, the same questions are
// asked of the database, and the writer is never waited for.
func TestSameQuestions(t *testing.T) {
	sameQuestions(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable)
}

func sameQuestions(t *testing.T, db *Durable) {
	ctx := context.Background()
	store := db.Circles()
	if err := store.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		t.Fatal(err)
	}
	add := func(i circle.Invite) string {
		i.Circle = "c"
		code, err := store.AddInvite(ctx, circle.Act{At: noon}, i)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	come := func(code, device string) circle.Seat {
		seat, _, err := store.Redeem(ctx, circle.Claim{Code: code, Device: device}, noon)
		if err != nil {
			t.Fatal(err)
		}
		return seat
	}
	good := add(circle.Invite{Role: room.Facilitator})
	once, twice := add(circle.Invite{Role: room.Member, Uses: 1}), add(circle.Invite{Role: room.Member, Uses: 2})
	ends, ended := add(circle.Invite{Role: room.Member, Until: noon.Add(time.Second)}), add(circle.Invite{Role: room.Member, For: "ended"})
	if err := revoke(ctx, store, "ended"); err != nil {
		t.Fatal(err)
	}
	come(good, "kim")
	come(once, "ada")
	come(twice, "ada")
	eve := come(twice, "eve")
	if err := store.Bar(ctx, eve.Room, eve.ID); err != nil {
		t.Fatal(err)
	}
	bannedKeys(t, db, "c", "device:mal")
	// From here on somebody else is writing, and goes on doing so.
	writer, err := db.write.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Rollback()
	if db.shared {
		if err := holdByCode(digest("invite", good)).take(ctx, writer); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var want []string
	for _, c := range []circle.Claim{{Code: "wrong", Device: "x"}, {Code: once, Device: "x"}, {Code: twice, Device: "x"},
		{Code: ends, Device: "x"}, {Code: ended, Device: "x"}, {Code: good, Device: "eve"}, {Code: twice, Device: "eve"},
		{Code: "wrong", Device: "mal"}, {Code: ended, Device: "mal"}, {Code: good, Device: "mal"}} {
		c.Keys = []string{"device:" + c.Device, "prefix:1:a"}
		q := &counted{asker: db.read}
		if _, err := lookUp(ctx, q, c, noon); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = q.asked
		}
		if !reflect.DeepEqual(q.asked, want) || len(want) != 5 {
			t.Errorf("%+v: asked %q", c, q.asked)
		}
		no := circle.ErrNoInvite
		if c.Code == good && c.Device == "mal" {
			no = circle.ErrBanned
		}
		if _, _, err := store.Redeem(ctx, c, noon.Add(time.Hour)); err != no {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// bannedKeys keeps keys out of a circle for good, as a decision of a case's
// does; of none: out of the house.
func bannedKeys(t testing.TB, db *Durable, of circle.ID, keys ...string) {
	t.Helper()
	id := rand.Text()
	if err := tx(context.Background(), db.write, func(x *sql.Tx) error {
		for _, q := range []string{
			`INSERT INTO cases (id, n, rev, kind, about, category, priority, circle, room, subject, person, state, outcome, reports, quotes, raised_at, due_at, closed_at, alone, erased)
				SELECT $1, COALESCE(MAX(n), 0) + 1, 1, 'conduct', 'person', 'other', 3, '', '', '', '', 'closed', '', 1, 0, 0, 0, 0, 0, 0 FROM cases`,
			`INSERT INTO decisions (id, case_id, n, person, at, action, minutes, scope, second, rule) VALUES ($1, $1, 1, 'mo', 0, 'ban', 0, 'circle', 'nia', 'other')`,
		} {
			if _, err := x.Exec(q, id); err != nil {
				return err
			}
		}
		for _, k := range keys {
			if _, err := x.Exec(`INSERT INTO bans (decision, key, circle, from_at) VALUES ($1, $2, $3, $4)`, id, k, string(of), noon.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// revoke revokes the invite with a note.
func revoke(ctx context.Context, store circle.Store, note string) error {
	list, err := store.Invites(ctx, "c", noon)
	for _, i := range list {
		if i.For == note {
			return store.Revoke(ctx, circle.Act{At: noon}, "c", i.ID)
		}
	}
	return errors.Join(err, errors.New("there is no such invite"))
}

// TestClosedRoomEndsItsSeats: the log and the seats say the same, whatever
// happens between the two.
func TestClosedRoomEndsItsSeats(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
	store := db.Circles()
	if err := store.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		t.Fatal(err)
	}
	code, err := store.AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Facilitator})
	if err != nil {
		t.Fatal(err)
	}
	claim := circle.Claim{Code: code, Device: "kim"}
	kim, secret, err := store.Redeem(ctx, claim, noon)
	if err != nil {
		t.Fatal(err)
	}
	begin(t, db, kim.Room).append(room.Closed{})
	if _, err := store.Seat(ctx, kim.Handle, secret); err != circle.ErrNoSeat {
		t.Error("the seat outlasted the room:", err)
	}
	next, _, err := store.Redeem(ctx, claim, noon)
	if err != nil || next.Room == kim.Room {
		t.Errorf("the next gathering: %+v, %v", next, err)
	}
}

// TestTwoProcesses: a second handle, as `hearth invite` has one, adds
// invites while the first appends to a log.
func TestTwoProcesses(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "hearth.db")
	server := open(t, path, func() time.Time { return noon })
	if err := server.Circles().AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		t.Fatal(err)
	}
	other := open(t, path, time.Now)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 50 {
			code, err := other.Circles().AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Facilitator})
			if err != nil {
				t.Error(err)
				return
			}
			// The server knows it at once.
			if _, _, err := server.Circles().Redeem(ctx, circle.Claim{Code: code, Device: "d"}, noon); err != nil {
				t.Error(err)
				return
			}
		}
	})
	k := begin(t, server, "r")
	for range 200 {
		k.append(room.CareOver{})
	}
	wg.Wait()
	tail, err := other.Log().Read(ctx, "r", room.Head{})
	if err != nil || tail.Head != k.head {
		t.Errorf("the other handle reads %d, %v", tail.Head.Seq, err)
	}
}

// FuzzClaim: whatever is brought, only the code that was told opens the
// door, and only the secret that was told proves a seat.
func FuzzClaim(f *testing.F) {
	ctx := context.Background()
	db := open(f, filepath.Join(f.TempDir(), "hearth.db"), func() time.Time { return noon })
	store := db.Circles()
	if err := store.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		f.Fatal(err)
	}
	code, err := store.AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Facilitator})
	if err != nil {
		f.Fatal(err)
	}
	kim, secret, err := store.Redeem(ctx, circle.Claim{Code: code, Device: "kim"}, noon)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][2]string{{code, "eve"}, {code + " ", "kim"}, {digest("invite", code), "kim"}, {kim.Handle, secret}, {"' OR 1=1 --", "\x00"}, {"", ""}} {
		f.Add(s[0], s[1], true)
	}
	f.Fuzz(func(t *testing.T, a, b string, fresh bool) {
		if a != code && b != "" {
			if seat, _, err := store.Redeem(ctx, circle.Claim{Code: a, Device: b, Fresh: fresh}, noon); err != circle.ErrNoInvite {
				t.Errorf("%q let in: %+v, %v", a, seat, err)
			}
		}
		if a != kim.Handle || b != secret {
			if seat, err := store.Seat(ctx, a, b); err != circle.ErrNoSeat {
				t.Errorf("%q, %q: %+v, %v", a, b, seat, err)
			}
		}
	})
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/circle"
	"hearth/circle/circletest"
	"hearth/internal/servers"
	"hearth/room"
)

func connect(t testing.TB, url string) *Durable {
	t.Helper()
	d, err := Connect(context.Background(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestPostgres runs what leaves the server whole, each on a database of its
// own.
func TestPostgres(t *testing.T) {
	p := servers.StartPostgres(t)
	for name, test := range map[string]func(t *testing.T, url string){
		"two nodes":                    twoNodes,
		"barred on another node":       barredElsewhere,
		"who waits for whom":           holds,
		"nodes start together":         startTogether,
		"who gave way tries again":     givesWay,
		"pools":                        pools,
		"no room logs":                 noRoomLogs,
		"what people send":             whatPeopleSend,
		"sweep":                        sweepPostgres,
		"a paused node":                pausedNode,
		"the same questions":           func(t *testing.T, url string) { sameQuestions(t, connect(t, url)) },
		"swept questions":              func(t *testing.T, url string) { sweepQuestions(t, connect(t, url)) },
		"the audit":                    func(t *testing.T, url string) { auditHolds(t, connect(t, url)) },
		"a circle that is held":        heldRow,
		"a forged audit":               func(t *testing.T, url string) { forgedAudit(t, connect(t, url)) },
		"an anchored audit":            func(t *testing.T, url string) { anchoredAudit(t, connect(t, url)) },
		"swept audit":                  func(t *testing.T, url string) { sweepAudit(t, connect(t, url)) },
		"swept invites":                func(t *testing.T, url string) { sweepInvites(t, connect(t, url)) },
		"every column is written down": func(t *testing.T, url string) { everyColumn(t, connect(t, url)) },
	} {
		t.Run(name, func(t *testing.T) { test(t, p.Database(t)) })
	}
}

// reused returns a database with all its tables, and a func that leaves nothing
// in them but what they were made with: to make them takes longer than most
// tests do.
func reused(t *testing.T, p *servers.Postgres) (url string, empty func(t *testing.T)) {
	t.Helper()
	url = p.Database(t)
	d, err := Connect(t.Context(), Options{URL: url})
	if err == nil {
		err = d.Close()
	}
	tables, e := sharedTables()
	if err != nil || e != nil {
		t.Fatal(err, e)
	}
	return url, func(t *testing.T) {
		t.Helper()
		p.Exec(t, url, "TRUNCATE "+strings.Join(tables, ", "), "INSERT INTO revisions (id, n) VALUES (1, 1)", "INSERT INTO desk (id, n) VALUES (1, 1)")
	}
}

func TestCirclesOnPostgres(t *testing.T) {
	p := servers.StartPostgres(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	url, empty := reused(t, p)
	circletest.Run(t, func(t *testing.T) circletest.Subject {
		empty(t)
		d := connect(t, url)
		return circletest.Subject{Store: d.Circles(), Reopen: func() circle.Store {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = connect(t, url)
			return d.Circles()
		}, Node: func() circle.Store { return connect(t, url).Circles() }}
	})
}

// twoNodes: the promises that need one transaction after another hold
// when the transactions are on two nodes.
func twoNodes(t *testing.T, url string) {
	ctx := context.Background()
	nodes := []*Durable{connect(t, url), connect(t, url)}
	keeper, member := twoInvites(t, nodes[0])
	crowd := func(what func(n int, s circle.Store)) {
		var wg sync.WaitGroup
		for n := range 12 {
			wg.Go(func() { what(n, nodes[n%2].Circles()) })
		}
		wg.Wait()
	}
	for round := range 20 {
		single, err := nodes[0].Circles().AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Facilitator, Uses: 1})
		if err != nil {
			t.Fatal(err)
		}
		var in, out atomic.Int32
		var mu sync.Mutex // guards rooms
		rooms := map[room.ID][]room.SeatID{}
		crowd(func(n int, s circle.Store) {
			code := []string{single, keeper, member}[n%3]
			seat, _, err := s.Redeem(ctx, circle.Claim{Code: code, Device: fmt.Sprint("device ", n)}, noon.Add(time.Duration(round)*2*circle.Rest))
			switch {
			case err == nil && code == single:
				in.Add(1)
			case err == circle.ErrNoInvite && code == single:
				out.Add(1)
			case err != nil:
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				rooms[seat.Room] = append(rooms[seat.Room], seat.ID)
				mu.Unlock()
			}
		})
		if in.Load() != 1 || out.Load() != 3 || len(rooms) != 1 {
			t.Fatalf("round %d: %d came in by one invite, %d did not; they are in %v", round, in.Load(), out.Load(), rooms)
		}
		for id, seats := range rooms {
			oneOpenRoom(t, nodes[0], id, len(seats))
			// Somebody is removed, comes again and the room ends, all at once.
			crowd(func(n int, s circle.Store) {
				var err error
				switch n % 3 {
				case 0:
					err = s.Bar(ctx, id, seats...)
				case 1:
					_, _, err = s.Redeem(ctx, circle.Claim{Code: member, Device: fmt.Sprint("device ", n)}, noon.Add(time.Duration(round)*2*circle.Rest))
				case 2:
					err = errors.Join(s.EndRoom(ctx, id, noon.Add(time.Duration(round)*2*circle.Rest)), nodes[n%2].Sweep(ctx, noon))
				}
				if err != nil && err != circle.ErrNoInvite && err != circle.ErrNotOpen {
					t.Error(err)
				}
			})
			oneOpenRoom(t, nodes[1], "", 0)
		}
	}
}

// oneOpenRoom: the circle has one open room, with so many seats numbered
// from 1, and nothing else; or none.
func oneOpenRoom(t *testing.T, d *Durable, id room.ID, seats int) {
	t.Helper()
	var open string
	err := d.read.QueryRow(`SELECT COALESCE(string_agg(id, ', '), '') FROM rooms WHERE over_at IS NULL`).Scan(&open)
	if err != nil || open != string(id) {
		t.Errorf("open are %q, want %q (%v)", open, id, err)
	}
	var n, most int
	err = d.read.QueryRow(`SELECT COUNT(*), COALESCE(MAX(n), 0) FROM seats`).Scan(&n, &most)
	if err != nil || n != seats || most != seats {
		t.Errorf("%d seats up to %d, want %d (%v)", n, most, seats, err)
	}
}

// barredElsewhere: whoever comes again on one node while being
// removed on another sits nowhere unbarred.
func barredElsewhere(t *testing.T, url string) {
	ctx := context.Background()
	here, there := connect(t, url).Circles(), connect(t, url).Circles()
	d := connect(t, url)
	_, member := twoInvites(t, d)
	for n := range 30 {
		claim := circle.Claim{Code: member, Device: fmt.Sprint("eve ", n)}
		eve, _, err := here.Redeem(ctx, claim, noon)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := there.Bar(ctx, eve.Room, eve.ID); err != nil {
				t.Error(err)
			}
		})
		claim.Fresh = true
		again, secret, err := here.Redeem(ctx, claim, noon)
		wg.Wait()
		switch {
		case err == nil:
			if seat, err := there.Seat(ctx, again.Handle, secret); err != nil || !seat.Barred {
				t.Errorf("a seat beside the bar: %+v, %v", seat, err)
			}
		case err != circle.ErrNoInvite:
			t.Error(err)
		}
	}
}

// holds: whatever writes about a circle, numbers the circles or sweeps
// waits for another node that is about the same, and then goes on.
func holds(t *testing.T, url string) {
	ctx := context.Background()
	here, there := connect(t, url), connect(t, url)
	keeper, _ := twoInvites(t, here)
	kim, _, err := here.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	another := hold{`INSERT INTO circles (id, made, settings, rules, country) SELECT 'another', MAX(made) + 1, '{}', '[]', '' FROM circles`, nil}
	byCode, byRoom := holdByCode(digest("invite", keeper)), holdByRoom(kim.Room)
	for name, c := range map[string]struct {
		other hold
		call  func(circle.Store) error
	}{
		"redeem": {byRoom, func(s circle.Store) error {
			_, _, err := s.Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon)
			return err
		}},
		"bar": {byCode, func(s circle.Store) error { return s.Bar(ctx, kim.Room, "nobody") }},
		"end": {byCode, func(s circle.Store) error { return s.EndRoom(ctx, kim.Room, noon) }},
		"add circle": {another, func(s circle.Store) error {
			return s.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "d", Settings: room.DefaultSettings()})
		}},
		"sweep": {holdSweep, func(circle.Store) error { return there.Sweep(ctx, noon) }},
	} {
		x, err := here.write.Begin()
		if err := errors.Join(err, c.other.take(ctx, x)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.call(there.Circles()) }()
		if !waits(t, here, done) {
			t.Errorf("%s did not wait", name)
		}
		if err := errors.Join(x.Commit(), <-done); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// waits says whether a connection comes to wait for a lock before what it
// was about is done.
func waits(t *testing.T, d *Durable, done chan error) bool {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		var waiting int
		if err := d.read.QueryRow(`SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting > 0 {
			return true
		}
		if len(done) > 0 {
			return false
		}
	}
	return false
}

// startTogether: nodes start at once on an empty database, and add a circle
// each.
func startTogether(t *testing.T, url string) {
	ctx := context.Background()
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			d, err := Connect(ctx, Options{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			err = errors.Join(d.Circles().AddCircle(ctx, circle.Act{}, circle.Circle{ID: circle.ID(fmt.Sprint("c", n)), Settings: room.DefaultSettings()}), d.Ready(ctx), d.Close())
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d := connect(t, url)
	if list, err := d.Circles().Circles(ctx); err != nil || len(list) != 6 {
		t.Errorf("%d circles, %v", len(list), err)
	}
}

// givesWay: a transaction that PostgreSQL undoes for another is tried
// again, and not for ever.
func givesWay(t *testing.T, url string) {
	ctx := context.Background()
	d := connect(t, url)
	for _, code := range []string{"40001", "40P01"} {
		runs := 0
		err := d.change(ctx, hold{}, func(x *sql.Tx) error {
			if runs++; runs < tries {
				_, err := x.Exec(`DO $$ BEGIN RAISE EXCEPTION 'gave way' USING ERRCODE = '` + code + `'; END $$`)
				return err
			}
			_, err := x.Exec(`SELECT 1`)
			return err
		})
		if err != nil || runs != tries {
			t.Errorf("%s: %d runs, %v", code, runs, err)
		}
		runs = 0
		err = d.change(ctx, hold{}, func(x *sql.Tx) error {
			runs++
			_, err := x.Exec(`DO $$ BEGIN RAISE EXCEPTION 'gave way' USING ERRCODE = '` + code + `'; END $$`)
			return err
		})
		if !gaveWay(err) || runs != tries {
			t.Errorf("%s for ever: %d runs, %v", code, runs, err)
		}
	}
}

// pools reads what is promised off the connections.
func pools(t *testing.T, url string) {
	d := connect(t, url)
	for pool, wants := range map[*sql.DB]map[string]string{
		d.read:  {"transaction_read_only": "on", "transaction_isolation": "repeatable read", "statement_timeout": "5s"},
		d.write: {"transaction_read_only": "off", "transaction_isolation": "read committed", "idle_in_transaction_session_timeout": "2s", "application_name": "hearth"},
	} {
		for setting, want := range wants {
			var got string
			if err := pool.QueryRow(`SELECT current_setting($1)`, setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s, want %s (%v)", setting, got, want, err)
			}
		}
	}
	if r, w := d.read.Stats().MaxOpenConnections, d.write.Stats().MaxOpenConnections; r != mostReading || w != mostWriting {
		t.Error(r, w)
	}
}

// noRoomLogs: there is no table for them.
func noRoomLogs(t *testing.T, url string) {
	d := connect(t, url)
	var logs, all int
	err := d.read.QueryRow(`SELECT COUNT(*) FILTER (WHERE tablename IN ('logs', 'entries', 'states', 'beats')), COUNT(*)
		FROM pg_tables WHERE schemaname = current_schema()`).Scan(&logs, &all)
	if err != nil || logs != 0 || all < 6 {
		t.Errorf("%d of %d tables, %v", logs, all, err)
	}
}

// whatPeopleSend: PostgreSQL has no text for some of it, which is no
// fault of the database.
func whatPeopleSend(t *testing.T, url string) {
	ctx := context.Background()
	d := connect(t, url)
	keeper, _ := twoInvites(t, d)
	kim, secret, err := d.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "kim\x00\xff"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"\x00", kim.Handle + "\x00", "\xff" + kim.Handle, "' OR 1=1 --", strings.Repeat("x", 1<<16)} {
		if seat, err := d.Circles().Seat(ctx, s, secret); err != circle.ErrNoSeat {
			t.Errorf("%.20q: %+v, %v", s, seat, err)
		}
		if seat, _, err := d.Circles().Redeem(ctx, circle.Claim{Code: s, Device: s}, noon); err != circle.ErrNoInvite {
			t.Errorf("%.20q: %+v, %v", s, seat, err)
		}
	}
	if seat, err := d.Circles().Seat(ctx, kim.Handle, secret); err != nil || seat != kim {
		t.Error(seat, err)
	}
}

// sweepPostgres: of two gatherings the one that was over early enough
// leaves no row.
func sweepPostgres(t *testing.T, url string) {
	ctx := context.Background()
	d := connect(t, url)
	keeper, member := twoInvites(t, d)
	gathering := func(now time.Time) circle.Seat {
		t.Helper()
		kim, _, err := d.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, now)
		eve, _, err2 := d.Circles().Redeem(ctx, circle.Claim{Code: member, Device: "eve"}, now)
		if err := errors.Join(err, err2, d.Circles().Bar(ctx, kim.Room, eve.ID)); err != nil {
			t.Fatal(err)
		}
		return kim
	}
	count := func() (n [3]int) {
		t.Helper()
		err := d.read.QueryRow(`SELECT (SELECT COUNT(*) FROM rooms), (SELECT COUNT(*) FROM seats), (SELECT COUNT(*) FROM bars)`).Scan(&n[0], &n[1], &n[2])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := gathering(noon)
	if err := d.Circles().EndRoom(ctx, first.Room, noon); err != nil {
		t.Fatal(err)
	}
	second := gathering(noon.Add(time.Hour))
	for _, c := range []struct {
		before time.Time
		want   [3]int
	}{{noon, [3]int{2, 2, 2}}, {noon.Add(time.Second), [3]int{1, 2, 2}}} {
		if err := d.Sweep(ctx, c.before); err != nil {
			t.Fatal(err)
		}
		if got := count(); got != c.want {
			t.Errorf("before %v: %v rooms, seats and bars; want %v", c.before, got, c.want)
		}
	}
	if c, err := d.Circles().OfRoom(ctx, second.Room); err != nil || c.ID != "c" {
		t.Error(c.ID, err)
	}
	if _, err := d.Circles().OfRoom(ctx, first.Room); err != circle.ErrNoRoom {
		t.Error(err)
	}
}

// TestPostgresRestarts under use: calls fail while it is away, and nothing
// that was answered is lost.
func TestPostgresRestarts(t *testing.T) {
	ctx := context.Background()
	p := servers.StartPostgres(t)
	d := connect(t, p.Database(t))
	store := d.Circles()
	keeper, member := twoInvites(t, d)
	if _, _, err := store.Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon); err != nil {
		t.Fatal(err)
	}
	type ticket struct {
		circle.Seat
		secret string
	}
	var had []ticket
	for round := range 3 {
		var wg sync.WaitGroup
		var mu sync.Mutex // guards had
		enough := make(chan struct{}, 400)
		for n := range 4 {
			wg.Go(func() {
				for i := 0; ; i++ {
					seat, secret, err := store.Redeem(ctx, circle.Claim{Code: member, Device: fmt.Sprint(round, n, i)}, noon)
					if err != nil {
						if !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), d.place) {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					had = append(had, ticket{seat, secret})
					mu.Unlock()
					enough <- struct{}{}
				}
			})
		}
		for range 20 {
			<-enough
		}
		p.Kill()
		wg.Wait()
		if err := d.Ready(ctx); !errors.Is(err, ErrAway) {
			t.Error("ready without a database:", err)
		}
		p.Restart()
		// Every connection of before is dead, and no call hears of it.
		for range 3 * (mostReading + mostWriting) {
			if err := d.Ready(ctx); err != nil {
				t.Fatal(err)
			}
			if _, _, err := store.Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, h := range had {
		if seat, err := store.Seat(ctx, h.Handle, h.secret); err != nil || seat != h.Seat {
			t.Errorf("%+v was lost: %+v, %v", h.Seat, seat, err)
		}
	}
	ids := map[room.SeatID]bool{}
	for _, h := range had {
		ids[h.ID] = true
	}
	if len(ids) != len(had) || len(had) < 60 {
		t.Errorf("%d seats, %d of their own", len(had), len(ids))
	}
}

// TestPausedPostgres: a database that stands still makes calls fail in time,
// and works again after.
func TestPausedPostgres(t *testing.T) {
	p := servers.StartPostgres(t)
	d := connect(t, p.Database(t))
	keeper, _ := twoInvites(t, d)
	p.Pause()
	start := time.Now()
	var wg sync.WaitGroup
	for _, call := range []func(context.Context) error{
		d.Ready,
		func(ctx context.Context) error { _, err := d.Circles().Circles(ctx); return err },
		func(ctx context.Context) error { _, err := d.Circles().Seat(ctx, "x", "y"); return err },
		func(ctx context.Context) error { return d.Sweep(ctx, noon) },
	} {
		wg.Go(func() {
			if err := call(context.Background()); !errors.Is(err, ErrAway) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if took := time.Since(start); took > 2*callTime {
		t.Errorf("they failed after %v", took)
	}
	p.Resume()
	if _, _, err := d.Circles().Redeem(context.Background(), circle.Claim{Code: keeper, Device: "kim"}, noon); err != nil {
		t.Error(err)
	}
}

// pausedNode: a node that stands still in the middle of a transaction
// holds the others up for a while, not for good.
func pausedNode(t *testing.T, url string) {
	ctx := context.Background()
	paused, awake := connect(t, url), connect(t, url)
	keeper, _ := twoInvites(t, awake)
	x, err := paused.write.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := holdByCode(digest("invite", keeper)).take(ctx, x); err != nil {
		t.Fatal(err)
	}
	if _, _, err := awake.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon); err != nil {
		t.Error(err)
	}
	if err := x.Commit(); err == nil {
		t.Error("the paused one went on as if nothing had been")
	}
}

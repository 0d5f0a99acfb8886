package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/room"
)

// TestBackupUnderLoad: while others write, a backup has whole transactions
// only, and restores to what it has.
func TestBackupUnderLoad(t *testing.T) {
	p := servers.StartPostgres(t)
	t.Run("SQLite", func(t *testing.T) { backupUnderLoad(t, newFile(t), p) })
	t.Run("PostgreSQL", func(t *testing.T) { backupUnderLoad(t, connect(t, p.Database(t)), p) })
}

// busy writes until it is told to end: what belongs together, in one
// transaction each. It waits for leave to write more, so that it doesn't
// write more than a slow machine can read.
func busy(t *testing.T, d *Durable) (wrote *atomic.Int64, more, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	leave := make(chan struct{}, 16*400)
	more = func() {
		for range 400 {
			leave <- struct{}{}
		}
	}
	h := newHouse(t, d)
	h.circle("pair 0")
	h.circle("pair 1")
	var group sync.WaitGroup
	wrote = &atomic.Int64{}
	for _, write := range []func(n int) error{
		func(n int) error {
			return h.store.AddCircle(h.ctx, circle.Act{At: noon}, circle.Circle{ID: circle.ID(fmt.Sprint("c", n)), Settings: room.DefaultSettings()})
		},
		func(n int) error {
			_, err := h.store.AddInvite(h.ctx, circle.Act{At: noon}, circle.Invite{Circle: "pair 0", Role: room.Member, Uses: 1 + n})
			return err
		},
		func(n int) error {
			code, err := h.store.Ask(h.ctx, circle.ID(fmt.Sprint("pair ", n%2)), fmt.Sprint("May I just listen? ", n), noon)
			if err != nil {
				return err
			}
			q, err := h.store.Asked(h.ctx, code, noon)
			if err == nil {
				err = h.store.Answer(h.ctx, circle.Act{At: noon}, q.Circle, q.ID, "You may.")
			}
			if errors.Is(err, circle.ErrNoQuestion) { // a restore took it away
				return nil
			}
			return err
		},
		func(n int) error {
			return d.change(h.ctx, holdList, func(x *sql.Tx) error {
				for _, id := range []string{"pair 1", "pair 0"} {
					if _, err := x.Exec(`UPDATE circles SET country = $1 WHERE id = $2`, fmt.Sprint(n), id); err != nil {
						return err
					}
				}
				return nil
			})
		},
	} {
		group.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-leave:
				}
				if err := write(n); err != nil {
					t.Error(err)
					return
				}
				wrote.Add(1)
			}
		})
	}
	return wrote, more, func() { cancel(); group.Wait() }
}

func backupUnderLoad(t *testing.T, d *Durable, p *servers.Postgres) {
	wrote, more, end := busy(t, d)
	defer end()
	var last string
	seen := map[int]bool{}
	for range 6 {
		from := wrote.Load()
		more()
		last = backedUp(t, d)
		more()
		for goal := wrote.Load() + 20; wrote.Load() < goal && !t.Failed(); {
			if err := d.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all := dump(t, read(t, last).db)
		wholeOnly(t, all)
		seen[len(all["circles"])] = true
		if t.Failed() {
			t.Fatalf("after %d writes", from)
		}
	}
	restoreUnderLoad(t, d, last, wrote, more)
	end()
	if len(seen) < 4 {
		t.Errorf("only %d backups differ: nothing was written meanwhile", len(seen))
	}
	want := dump(t, read(t, last).db)
	for _, to := range []*Durable{newFile(t), connect(t, p.Database(t)), d} {
		kept := len(dump(t, to.read)["audit"])
		c := restored(t, to, last)
		is := dump(t, to.read)
		if c.Same != (to == d) || len(is["audit"]) != max(kept, len(want["audit"]))+1 {
			t.Errorf("told %+v; %d lines of audit, %d in the backup", c, len(is["audit"]), len(want["audit"]))
		}
		if err := to.Circles().VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
		for key := range want["audit"] {
			if !slices.Equal(is["audit"][key], want["audit"][key]) {
				t.Fatalf("line %s of the audit is another", key)
			}
		}
		is["audit"] = want["audit"]
		if !reflect.DeepEqual(is, want) {
			t.Error("it is not what is in the backup")
		}
	}
	t.Logf("%d writes, %d circles", wrote.Load(), len(want["circles"]))
}

// restoreUnderLoad: of what others write, all that came before a restore is
// as in the backup and all that came after is there.
func restoreUnderLoad(t *testing.T, d *Durable, file string, wrote *atomic.Int64, more func()) {
	t.Helper()
	then := dump(t, read(t, file).db)
	for range 2 {
		more()
		restored(t, d, file)
		more()
		for goal := wrote.Load() + 10; wrote.Load() < goal && !t.Failed(); {
			if err := d.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all := dump(t, d.read)
		audit := tablesIn(t)["audit"]
		var at int64
		for _, row := range all["audit"] {
			if audit.text(row, "did") == "restored" {
				at = max(at, audit.number(row, "seq"))
			}
		}
		for name, did := range map[string]string{"circles": "circle-made", "invites": "invite-made"} {
			is := tablesIn(t)[name]
			want := map[string]bool{}
			for _, row := range then[name] {
				want[is.text(row, "id")] = true
			}
			for _, row := range all["audit"] {
				if audit.text(row, "did") == did && audit.number(row, "seq") > at {
					want[audit.text(row, "what")] = true
				}
			}
			for _, row := range all[name] {
				if !want[is.text(row, "id")] {
					t.Errorf("of %s, one of before the restore is there", name)
				}
				delete(want, is.text(row, "id"))
			}
			if len(want) > 0 {
				t.Errorf("of %s, %d are lost", name, len(want))
			}
		}
	}
}

// tablesIn are the tables of a backup, by name.
func tablesIn(t *testing.T) map[string]table {
	t.Helper()
	model, err := inMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	all := map[string]table{}
	err = migrateFile(t.Context(), model)
	for _, name := range inBackup {
		if err == nil {
			err = tx(t.Context(), model, func(x *sql.Tx) (err error) { all[name], err = tableOf(t.Context(), x, name); return err })
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wholeOnly: whatever was made is in the audit, and nothing else is; two that
// are changed together are alike.
func wholeOnly(t *testing.T, all map[string]map[string][]any) {
	t.Helper()
	column := tablesIn(t)
	ids := func(table, of string, is func([]any) bool) (list []string) {
		for _, row := range all[table] {
			if is(row) {
				list = append(list, column[table].text(row, of))
			}
		}
		slices.Sort(list)
		return list
	}
	every := func([]any) bool { return true }
	did := func(what string) func([]any) bool {
		return func(row []any) bool { return column["audit"].text(row, "did") == what }
	}
	if c, told := ids("circles", "id", every), ids("audit", "what", did("circle-made")); !slices.Equal(c, told) {
		t.Errorf("circles are %q, the audit has %q", c, told)
	}
	if i, told := ids("invites", "id", every), ids("audit", "what", did("invite-made")); !slices.Equal(i, told) {
		t.Errorf("%d invites, the audit has %d", len(i), len(told))
	}
	pair := map[string]bool{}
	for _, row := range all["circles"] {
		if id := column["circles"].text(row, "id"); id == "pair 0" || id == "pair 1" {
			pair[column["circles"].text(row, "country")] = true
		}
	}
	if len(pair) != 1 {
		t.Errorf("what was written together is apart: %q", slices.Sorted(maps.Keys(pair)))
	}
}

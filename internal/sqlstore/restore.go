package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/circle"
)

// Change is what a restore does, or did.
type Change struct {
	Now    map[string]int // rows there are in the database, by table of a backup
	Then   map[string]int // and in the backup
	GoOn   int            // gatherings that go on
	Ended  int            // gatherings that end: their circle is not in the backup
	Out    int            // sessions that end
	Links  int            // links for new people and passkeys that end
	Same   bool           // the database has circles of the backup, so it knows of Again
	Again  Again
	Audits bool // the audit that is here goes on; else the backup's takes its place
}

// Again is what was ended since the backup, and comes back with it.
type Again struct {
	Invites  int // revoked or used up
	People   int // removed
	Rights   int // rights that people had lost, their part in circles too
	Passkeys int // removed
}

// Compare says what restoring the backup would do now.
func (d *Durable) Compare(ctx context.Context, b *Backup, now time.Time) (c Change, err error) {
	err = tx(ctx, d.read, func(t *sql.Tx) error {
		if err := d.takeTime(ctx, t); err != nil {
			return err
		}
		all, err := d.differences(ctx, t, b)
		if err == nil {
			c, err = d.sumUp(ctx, t, all, now)
		}
		return err
	})
	return c, wrap("restore", d.explain(err))
}

// Restore puts a backup in the place of what lasts: all of it, or after an
// error nothing. Servers may be at work. Gatherings of circles that are in
// the backup go on, also for whoever came by an invite that is not, which
// lets nobody else in. Everybody who was signed in is signed out, and links
// for new people end. What the audit says of the time since stays in it, if
// it is the same audit; its last line says what was restored. Of the desk
// nothing is taken away: bans of the backup that are not there come back.
func (d *Durable) Restore(ctx context.Context, b *Backup, a circle.Act) (c Change, err error) {
	a.At = moment(a)
	for range tries {
		err = tx(ctx, d.write, func(t *sql.Tx) error {
			if err := d.holdAll(ctx, t); err != nil {
				return err
			}
			all, err := d.differences(ctx, t, b)
			if err != nil {
				return err
			}
			if c, err = d.sumUp(ctx, t, all, a.At); err != nil {
				return err
			}
			if err := all.spare(ctx, t); err != nil {
				return err
			}
			if err := d.makeRoom(ctx, t, all, a.At); err != nil {
				return err
			}
			if err := all.put(ctx, t); err != nil {
				return err
			}
			if err := putBans(ctx, t, b); err != nil {
				return err
			}
			if err := d.record(ctx, t, a, "restored", b.Made.Format(time.RFC3339)); err != nil {
				return err
			}
			return bump(ctx, t)
		})
		if !gaveWay(err) {
			break
		}
	}
	return c, wrap("restore", d.explain(err))
}

// holdAll keeps others on PostgreSQL from writing until all is in its place.
// They wait, and readers don't.
func (d *Durable) holdAll(ctx context.Context, t *sql.Tx) error {
	if !d.shared {
		return nil
	}
	if err := d.takeTime(ctx, t); err != nil {
		return err
	}
	if err := holdDesk.take(ctx, t); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `LOCK TABLE `+strings.Join(inBackup, ", ")+`, rooms, seats, bars, sessions, ceremonies, welcomes, reminders IN EXCLUSIVE MODE`)
	return err
}

// difference is what is to be done to one table.
type difference struct {
	table
	have map[string][]any // every row that is there, by its key
	want map[string][]any // and in the backup
	keep bool             // nothing: it stays as it is
}

type differences []difference

// differences holds a database against a backup.
func (d *Durable) differences(ctx context.Context, t *sql.Tx, b *Backup) (all differences, err error) {
	err = tx(ctx, b.db, func(from *sql.Tx) error {
		for _, name := range inBackup {
			one, err := tableOf(ctx, from, name)
			if err != nil {
				return err
			}
			have, err := one.rows(ctx, t)
			if err != nil {
				return err
			}
			want, err := one.rows(ctx, from)
			if err != nil {
				return err
			}
			all = append(all, difference{table: one, have: have, want: want})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	audit := all.of("audit")
	audit.keep = audit.goesOn()
	return all, nil
}

func (t table) rows(ctx context.Context, from *sql.Tx) (map[string][]any, error) {
	all := map[string][]any{}
	return all, t.each(ctx, from, func(row []any) error {
		all[t.keyOf(row)] = slices.Clone(row)
		return nil
	})
}

func (all differences) of(name string) *difference {
	return &all[slices.IndexFunc(all, func(d difference) bool { return d.name == name })]
}

// goesOn says whether the audit that is there goes on from the backup's: it
// has its last line.
func (d *difference) goesOn() bool {
	var last []any
	for _, row := range d.want {
		if last == nil || d.number(row, "seq") > d.number(last, "seq") {
			last = row
		}
	}
	if last == nil {
		return true
	}
	is := d.have[d.keyOf(last)]
	return is != nil && slices.Equal(is, last)
}

// spare leaves invites there that are not in the backup, but by which
// somebody sits in a circle that is: nobody else comes in by them. Those
// without a role are of a circle's page, and never did let in by themselves.
func (all differences) spare(ctx context.Context, t *sql.Tx) error {
	d, circles := all.of("invites"), all.of("circles")
	rows, err := t.QueryContext(ctx, `SELECT DISTINCT invite FROM seats`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return err
		}
		key := keyOfID(code)
		row := slices.Clone(d.have[key])
		if row == nil || d.want[key] != nil || !circles.wants(d.text(row, "circle")) {
			continue
		}
		if d.text(row, "role") != "" {
			row[d.at("until_at")] = int64(0)
		}
		d.want[key] = row
	}
	return rows.Err()
}

// wants says whether a row with that id is in the backup.
func (d *difference) wants(id string) bool { return d.want[keyOfID(id)] != nil }

func (t table) at(column string) int                  { return slices.Index(t.columns, column) }
func (t table) text(row []any, column string) string  { s, _ := row[t.at(column)].(string); return s }
func (t table) number(row []any, column string) int64 { n, _ := row[t.at(column)].(int64); return n }

// lost are the circles that are not in the backup.
func (all differences) lost() (ids []string) {
	d := all.of("circles")
	for key, row := range d.have {
		if d.want[key] == nil {
			ids = append(ids, d.text(row, "id"))
		}
	}
	return ids
}

// makeRoom takes away what has no place any more.
func (d *Durable) makeRoom(ctx context.Context, t *sql.Tx, all differences, now time.Time) error {
	for _, name := range []string{"sessions", "ceremonies", "welcomes"} {
		if _, err := t.ExecContext(ctx, `DELETE FROM `+name); err != nil {
			return err
		}
	}
	if err := all.offTheDesk(ctx, t); err != nil {
		return err
	}
	for _, id := range all.lost() {
		const whole = `(SELECT id FROM rooms WHERE circle = $1)`
		for _, q := range []string{`DELETE FROM seats WHERE room IN ` + whole, `DELETE FROM bars WHERE room IN ` + whole, `DELETE FROM reminders WHERE circle = $1`} {
			if _, err := t.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
		if !d.shared { // for Sweep, and so that no server goes on with them
			if _, err := t.ExecContext(ctx, `UPDATE logs SET over_at = COALESCE(over_at, $2) WHERE room IN `+whole, id, now.UnixMilli()); err != nil {
				return err
			}
		}
		if _, err := t.ExecContext(ctx, `DELETE FROM rooms WHERE circle = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// offTheDesk takes all from whoever is no moderator in the backup that they
// have as one.
func (all differences) offTheDesk(ctx context.Context, t *sql.Tx) error {
	d := all.of("people")
	for key, row := range d.have {
		if then := d.want[key]; then != nil && d.number(then, "moderator") != 0 {
			continue
		}
		for _, name := range []string{"modkeys", "duties", "claims"} {
			if _, err := t.ExecContext(ctx, `DELETE FROM `+name+` WHERE person = $1`, d.text(row, "id")); err != nil {
				return err
			}
		}
	}
	return nil
}

// put makes the tables like the backup's. Rows that are alike stay as they
// are.
func (all differences) put(ctx context.Context, t *sql.Tx) error {
	for _, d := range slices.Backward(all) {
		if d.keep {
			continue
		}
		for key, row := range d.have {
			if d.want[key] != nil {
				continue
			}
			if err := d.remove(ctx, t, row); err != nil {
				return err
			}
		}
	}
	for _, d := range all {
		if d.keep {
			continue
		}
		put := d.upsert()
		for key, row := range d.want {
			if slices.Equal(d.have[key], row) {
				continue
			}
			if _, err := t.ExecContext(ctx, put, row...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t table) remove(ctx context.Context, x *sql.Tx, row []any) error {
	var is []string
	var args []any
	for i, k := range t.key {
		is, args = append(is, fmt.Sprint(quoted(k), " = $", i+1)), append(args, row[t.at(k)])
	}
	_, err := x.ExecContext(ctx, `DELETE FROM `+quoted(t.name)+` WHERE `+strings.Join(is, " AND "), args...)
	return err
}

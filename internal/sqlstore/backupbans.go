package sqlstore

import (
	"context"
	"database/sql"
	"strings"
)

// bansInBackup are the tables that a backup has in part: whoever is kept out
// is so after a restore, too. Nothing that was typed is among it, and a case
// in it is closed, for what was reported is not. Whatever is pointed at comes
// before what points at it.
var bansInBackup = []struct {
	name, which string
	instead     map[string]string // of a column's value
}{
	{"cases", `id IN (` + casesOfBans + `)`, map[string]string{
		"state": `'closed'`, "closed_at": `COALESCE(closed_at, raised_at)`, "again_at": `NULL`, "erased": `erased + 1`}},
	{"case_away", `case_id IN (` + casesOfBans + `)`, nil},
	{"decisions", `id IN (SELECT decision FROM bans)`, map[string]string{"texts": `NULL`}},
	// Those by a network are over after a day.
	{"bans", `key NOT LIKE '` + byPrefix + `'`, nil},
}

const casesOfBans = `SELECT d.case_id FROM decisions d JOIN bans b ON b.decision = d.id`

// copyBans puts them into a backup.
func copyBans(ctx context.Context, from, to *sql.Tx) error {
	for _, part := range bansInBackup {
		t, err := tableOf(ctx, to, part.name)
		if err != nil {
			return err
		}
		var values []string
		for _, c := range t.columns {
			if v := part.instead[c]; v != "" {
				values = append(values, v)
			} else {
				values = append(values, quoted(c))
			}
		}
		put := t.insert("")
		err = t.ask(ctx, from, `SELECT `+strings.Join(values, ", ")+` FROM `+t.name+` WHERE `+part.which, func(row []any) error {
			_, err := to.ExecContext(ctx, put, row...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// putBans adds those of a backup that are not there. What is there stays as
// it is: a ban that was undone since the backup stays undone, and none is
// lifted that was made since.
func putBans(ctx context.Context, t *sql.Tx, b *Backup) error {
	err := tx(ctx, b.db, func(from *sql.Tx) error {
		for _, part := range bansInBackup {
			one, err := tableOf(ctx, from, part.name)
			if err != nil {
				return err
			}
			if err := one.each(ctx, from, func(row []any) error { return one.add(ctx, t, row) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return bumpDesk(ctx, t)
}

// add adds a row if there is none with its key. A case gets another number if
// there is one with its number by now.
func (t table) add(ctx context.Context, x *sql.Tx, row []any) error {
	if t.name == "cases" {
		var n int64
		err := x.QueryRowContext(ctx, `SELECT MAX(n) + 1 FROM cases WHERE EXISTS (SELECT 1 FROM cases WHERE n = $1) AND NOT EXISTS (SELECT 1 FROM cases WHERE id = $2) HAVING MAX(n) IS NOT NULL`,
			t.number(row, "n"), t.text(row, "id")).Scan(&n)
		taken, err := some(err)
		if err != nil {
			return err
		}
		if taken {
			row[t.at("n")] = n
		}
	}
	_, err := x.ExecContext(ctx, t.insert(` ON CONFLICT (`+quoted(t.key...)+`) DO NOTHING`), row...)
	return err
}

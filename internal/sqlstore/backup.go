package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// inBackup are the tables a backup has, whatever is pointed at before what
// points at it.
var inBackup = []string{"circles", "people", "invites", "questions", "passkeys", "audit"}

// leftOut are the others, and why a backup doesn't have them.
var leftOut = map[string]string{
	"rooms":      "a gathering of then is over",
	"seats":      "a gathering of then is over",
	"bars":       "a gathering of then is over",
	"logs":       "a gathering of then is over",
	"entries":    "a gathering of then is over",
	"states":     "a gathering of then is over",
	"beats":      "says when this server was last alive, not that one",
	"sessions":   "whoever was signed in then may not be any more",
	"ceremonies": "a sign-in takes minutes",
	"welcomes":   "a link that was used since would make somebody an admin again",
	"reminders":  "an address is kept until its date, and nowhere longer",
	"revisions":  "counts on, whatever is restored",
	"reports":    "what was reported is kept for a time, and nowhere longer",
	"notes":      "what is typed is kept for a time, and nowhere longer",
	"appeals":    "what is typed is kept for a time, and nowhere longer",
	"claims":     "a lease of minutes",
	"told":       "whoever is kept out is told by their ban",
	"desk":       "counts on, whatever is restored",
	"links":      "goes with the day key, which is in no backup",
	"duties":     "whoever was on call then is not any more",
	"pages":      "what was waiting then has been heard, or is not there",
	"modkeys":    "one that was ended since would read reports again; browsers bring theirs",
}

// Backup is what a backup has in it, in memory, as the newest version of the
// tables.
type Backup struct {
	Made time.Time
	// From is the database it was made of: "SQLite" or "PostgreSQL".
	From string
	// Version is that of its tables when it was made.
	Version int64
	db      *sql.DB // one connection, which is the database
}

// ErrNoBackup: a file is no backup of Hearth's, or not whole. Others that
// ReadBackup answers: ErrNewer, and what reading a file can.
var ErrNoBackup = errors.New("sqlstore: this is no backup that Hearth made, or not whole any more")

// Backup copies what lasts out of the database, all of it as it was at one
// moment, while others read and write. It is held in memory: a backup is a
// few MB, and SQLite lets it be 1 GiB. Close it.
func (d *Durable) Backup(ctx context.Context, now time.Time) (_ *Backup, err error) {
	b := &Backup{Made: now.UTC(), From: "SQLite"}
	if d.shared {
		b.From = "PostgreSQL"
	}
	if b.Version, err = latest(false); err != nil {
		return nil, err
	}
	if b.db, err = inMemory(nil); err != nil {
		return nil, err
	}
	if err := errors.Join(migrateFile(ctx, b.db), d.copyTo(ctx, b)); err != nil {
		return nil, wrap("backup", errors.Join(d.explain(err), b.Close()))
	}
	return b, nil
}

// Close lets go of it.
func (b *Backup) Close() error { return b.db.Close() }

func (d *Durable) copyTo(ctx context.Context, b *Backup) error {
	return tx(ctx, d.read, func(from *sql.Tx) error {
		if err := d.takeTime(ctx, from); err != nil {
			return err
		}
		return tx(ctx, b.db, func(to *sql.Tx) error {
			for _, name := range inBackup {
				t, err := tableOf(ctx, to, name)
				if err != nil {
					return err
				}
				put := t.insert("")
				if err := t.each(ctx, from, func(row []any) error {
					_, err := to.ExecContext(ctx, put, row...)
					return err
				}); err != nil {
					return err
				}
			}
			if err := copyBans(ctx, from, to); err != nil {
				return err
			}
			return b.sign(ctx, to)
		})
	})
}

// takeTime lets a transaction on PostgreSQL take longer than a call may.
func (d *Durable) takeTime(ctx context.Context, t *sql.Tx) error {
	if !d.shared {
		return nil
	}
	for _, q := range []string{`SET LOCAL statement_timeout = '10min'`, `SET LOCAL idle_in_transaction_session_timeout = '1min'`} {
		if _, err := t.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// sign writes into the backup what it is, and the sum of all there is in it.
func (b *Backup) sign(ctx context.Context, t *sql.Tx) error {
	sum, err := sumOf(ctx, t)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `CREATE TABLE backup (made_at BIGINT NOT NULL, made_of TEXT NOT NULL, sum TEXT NOT NULL)`); err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO backup (made_at, made_of, sum) VALUES ($1, $2, $3)`, b.Made.UnixMilli(), b.From, sum)
	return err
}

// Counts says how many rows a backup has, by table.
func (b *Backup) Counts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	return counts, tx(ctx, b.db, func(t *sql.Tx) error {
		for _, name := range inBackup {
			var n int
			if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+name).Scan(&n); err != nil {
				return err
			}
			counts[name] = n
		}
		return nil
	})
}

// table is a table with its columns, in the order of the SQLite tables,
// which PostgreSQL's need not be in.
type table struct {
	name    string
	columns []string
	key     []string // of its primary key
}

func tableOf(ctx context.Context, t *sql.Tx, name string) (table, error) {
	out := table{name: name}
	rows, err := t.QueryContext(ctx, `SELECT name, pk FROM pragma_table_info($1) ORDER BY cid`, name)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		var pk int
		if err := rows.Scan(&column, &pk); err != nil {
			return out, err
		}
		out.columns = append(out.columns, column)
		if pk > 0 {
			out.key = append(out.key, column)
		}
	}
	if err := rows.Err(); err != nil {
		return out, err
	}
	if len(out.key) == 0 {
		return out, fmt.Errorf("the table %s is missing or has no key", name)
	}
	return out, nil
}

// insert is the statement that adds a row; then follows.
func (t table) insert(then string) string {
	marks := make([]string, len(t.columns))
	for i := range marks {
		marks[i] = fmt.Sprint("$", i+1)
	}
	return `INSERT INTO ` + quoted(t.name) + ` (` + quoted(t.columns...) + `) VALUES (` + strings.Join(marks, ", ") + `)` + then
}

// quoted are names of a database, which in somebody's file can be anything.
func quoted(names ...string) string {
	var all []string
	for _, n := range names {
		all = append(all, `"`+strings.ReplaceAll(n, `"`, `""`)+`"`)
	}
	return strings.Join(all, ", ")
}

// upsert adds a row, or makes the one with its key like it.
func (t table) upsert() string {
	set := make([]string, len(t.columns))
	for i, c := range t.columns {
		set[i] = quoted(c) + ` = excluded.` + quoted(c)
	}
	return t.insert(` ON CONFLICT (` + quoted(t.key...) + `) DO UPDATE SET ` + strings.Join(set, ", "))
}

// each hands every row over, sorted by its key where bytes say so. A value
// is a string, an int64 or nil; the slice is used again.
func (t table) each(ctx context.Context, from *sql.Tx, f func([]any) error) error {
	return t.ask(ctx, from, `SELECT `+quoted(t.columns...)+` FROM `+quoted(t.name)+` ORDER BY `+quoted(t.key...), f)
}

// ask is each for a query that answers in these columns.
func (t table) ask(ctx context.Context, from *sql.Tx, query string, f func([]any) error) error {
	rows, err := from.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	row, at := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		at[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(at...); err != nil {
			return err
		}
		for i, v := range row {
			switch v.(type) {
			case nil, string, int64:
			default:
				return fmt.Errorf("%s.%s is neither text nor a number", t.name, t.columns[i])
			}
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// keyOf names a row by its key.
func (t table) keyOf(row []any) string {
	var b strings.Builder
	for i, c := range t.columns {
		for _, k := range t.key {
			if k == c {
				writeValue(&b, row[i])
			}
		}
	}
	return b.String()
}

// keyOfID is keyOf a row whose key is one text.
func keyOfID(id string) string {
	var b strings.Builder
	writeValue(&b, id)
	return b.String()
}

// writeValue writes a value so that no two rows of values look alike.
func writeValue(w io.Writer, v any) {
	switch v := v.(type) {
	case string:
		fmt.Fprintf(w, "s%d:%s", len(v), v)
	case int64:
		fmt.Fprintf(w, "i%d;", v)
	default:
		fmt.Fprint(w, "n;")
	}
}

// ours lists the tables of a SQLite database but for goose's and the
// backup's own.
func ours(ctx context.Context, t *sql.Tx) (names []string, err error) {
	rows, err := t.QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
		AND name NOT IN ('goose_db_version', 'backup') ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// sumOf is the SHA-256 of all rows there are, whatever version the tables
// have.
func sumOf(ctx context.Context, t *sql.Tx) (string, error) {
	tables, err := allTables(ctx, t)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, one := range tables {
		fmt.Fprintf(sum, "\n%s(%s)", one.name, strings.Join(one.columns, ","))
		if err := one.each(ctx, t, func(row []any) error {
			for _, v := range row {
				writeValue(sum, v)
			}
			return nil
		}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

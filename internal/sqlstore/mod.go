package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hearth/circle"
	"hearth/moderation"
)

// desk is the moderation.Store of a database: a part for each part of that.
type desk struct {
	modReports
	modCases
	modClaims
	modDecisions
	modAppeals
	modSanctions
	modDuties
	modPages
	modKeys
	modPlaces
	modRetention
}

// Desk returns all that the database keeps of reports and what came of them.
// Texts are kept under keys of the vault.
func (d *Durable) Desk(v moderation.Vault) moderation.Store {
	m := mod{db: d, vault: v}
	return desk{modReports: modReports{mod: m}, modCases: modCases{mod: m}, modClaims: modClaims{mod: m}, modDecisions: modDecisions{mod: m},
		modAppeals: modAppeals{mod: m}, modSanctions: modSanctions{mod: m}, modDuties: modDuties{mod: m},
		modPages: modPages{mod: m}, modKeys: modKeys{mod: m}, modPlaces: modPlaces{m}, modRetention: modRetention{mod: m}}
}

// mod is what each part works with.
type mod struct {
	db    *Durable
	vault moderation.Vault
}

// holdDesk makes nodes change what is on the desk one after the other: the
// number is "desk", and nobody else in this database uses it. Whoever takes a
// circle's row as well takes that first, and the audit and the counters last.
var holdDesk = hold{`SELECT pg_advisory_xact_lock($1)`, int64(0x6465736b)}

// change runs f in one transaction that changes the desk, and counts that.
func (m mod) change(ctx context.Context, what string, h hold, f func(*sql.Tx) error) error {
	return modAnswer(what, m.db.change(ctx, h, func(t *sql.Tx) error {
		if m.db.shared && h != holdDesk {
			if err := holdDesk.take(ctx, t); err != nil {
				return err
			}
		}
		if err := f(t); err != nil {
			return err
		}
		return bumpDesk(ctx, t)
	}))
}

// bumpDesk counts that something a desk shows has changed. It comes last in a
// transaction.
func bumpDesk(ctx context.Context, t *sql.Tx) error {
	_, err := t.ExecContext(ctx, `UPDATE desk SET n = n + 1`)
	return err
}

// Desk is moderation.Store's.
func (m modCases) Desk(ctx context.Context) (n int64, err error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	err = m.db.read.QueryRowContext(ctx, `SELECT n FROM desk WHERE id = 1`).Scan(&n)
	return n, wrap("desk", m.db.explain(err))
}

// moderates is ErrNotYours unless somebody is a moderator, and stays one
// until the transaction is over.
func (m mod) moderates(ctx context.Context, q asker, p moderation.PersonID) error {
	query := `SELECT moderator FROM people WHERE id = $1`
	if m.db.shared {
		query += ` FOR SHARE`
	}
	var is int
	err := q.QueryRowContext(ctx, query, asText(string(p))).Scan(&is)
	if _, err = some(err); err == nil && is == 0 {
		err = moderation.ErrNotYours
	}
	return err
}

// recordMod writes a line of the audit about what a moderator did: by which
// rule, and the commitment to what they typed. Either may be empty.
func (d *Durable) recordMod(ctx context.Context, t *sql.Tx, a moderation.Act, did, what, rule, commitment string) error {
	return d.recordRule(ctx, t, circle.Act{By: circle.PersonID(a.By), At: a.At}, did, what, rule, commitment)
}

// modAnswer gives what a moderation.Store answers as it is, and other errors
// the name of what was done.
func modAnswer(what string, err error) error {
	var claimed *moderation.ClaimedError
	if errors.As(err, &claimed) {
		return claimed
	}
	for _, no := range []error{moderation.ErrNoReport, moderation.ErrNoCase, moderation.ErrNotYours, moderation.ErrChanged,
		moderation.ErrNoAppeal, moderation.ErrAppealed, moderation.ErrFull, moderation.ErrDone, moderation.ErrAction,
		moderation.ErrRule, moderation.ErrFacts, moderation.ErrMinutes, moderation.ErrEnd} {
		if errors.Is(err, no) {
			return no
		}
	}
	return wrap(what, err)
}

// then is a time as it is kept; null for none.
func then(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// when is what then wrote.
func when(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64)
}

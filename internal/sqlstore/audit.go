package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"time"

	"hearth/circle"
)

// audit is the circle.Audit of a database.
type audit struct{ db *Durable }

// line is one line of the audit, and the hash of the one before it.
type line struct {
	circle.Acted
	prev string
}

// chained is the hash of a line. None of its parts has a zero byte in it. One
// without a rule and words has the form that all had in earlier programs.
func (l line) chained() string {
	parts := []string{"audit", l.prev, strconv.FormatInt(l.Seq, 10), strconv.FormatInt(l.At.UnixMilli(), 10), string(l.By), l.Did, l.What}
	if l.Rule != "" || l.Words != "" {
		parts = append(parts, "by a rule", l.Rule, l.Words)
	}
	return digest(parts...)
}

// holdAudit makes nodes write the audit one after the other: the number is
// "audit", and nobody else in this database uses it.
var holdAudit = hold{`SELECT pg_advisory_xact_lock($1)`, int64(0x6175646974)}

// record writes a line of the audit in the transaction that does what it
// tells of, after everything else in it but bump: whoever holds the audit
// waits for nobody.
func (d *Durable) record(ctx context.Context, t *sql.Tx, a circle.Act, did, what string) error {
	return d.recordRule(ctx, t, a, did, what, "", "")
}

// recordRule is record for what was decided by a rule, with a commitment to what
// was typed: a salted hash. The words themselves lie elsewhere with their salt,
// and can be erased while the chain still holds.
func (d *Durable) recordRule(ctx context.Context, t *sql.Tx, a circle.Act, did, what, rule, words string) error {
	if d.shared {
		if err := holdAudit.take(ctx, t); err != nil {
			return err
		}
	}
	l := line{Acted: circle.Acted{Seq: 1, At: moment(a), By: circle.PersonID(asText(string(a.By))), Did: did, What: asText(what), Rule: asText(rule), Words: words}}
	err := t.QueryRowContext(ctx, `SELECT seq + 1, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&l.Seq, &l.prev)
	if _, err = some(err); err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO audit (seq, at, person, did, what, prev, hash, rule, words) VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''), NULLIF($9, ''))`,
		l.Seq, l.At.UnixMilli(), string(l.By), l.Did, l.What, l.prev, l.chained(), l.Rule, l.Words)
	return err
}

// moment is when somebody acts: now, if they don't say.
func moment(a circle.Act) time.Time {
	if a.At.IsZero() {
		return time.Now()
	}
	return a.At
}

// bump counts that something ended a seat or a session before its time, so
// that every node looks again. It comes last in a transaction.
func bump(ctx context.Context, t *sql.Tx) error {
	_, err := t.ExecContext(ctx, `UPDATE revisions SET n = n + 1`)
	return err
}

// Audit is circle.Store's.
func (a audit) Audit(ctx context.Context, before int64, most int) (list []circle.Acted, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	err = a.each(ctx, `WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, func(l line) error {
		list = append(list, l.Acted)
		return nil
	}, before, most)
	return list, err
}

// VerifyAudit is circle.Store's. Lines that are past their time are gone;
// the oldest one that is left says what it follows.
func (a audit) VerifyAudit(ctx context.Context, heads ...circle.AuditHead) error {
	known := map[int64][]circle.AuditHead{}
	for _, h := range heads {
		known[h.Seq] = append(known[h.Seq], h)
	}
	var first, last line
	err := a.each(ctx, `ORDER BY seq`, func(l line) error {
		if last.Seq != 0 && (l.Seq != last.Seq+1 || l.prev != last.Hash) || l.Hash != l.chained() {
			return fmt.Errorf("the audit does not hold at line %d: it, or what was before it, is not as it was written", l.Seq)
		}
		for _, h := range known[l.Seq] {
			if h.Hash != l.Hash {
				return fmt.Errorf("the audit does not hold at line %d: it was another one on %s, when it was anchored", l.Seq, h.At.UTC().Format(time.DateOnly))
			}
		}
		if first.Seq == 0 {
			first = l
		}
		last = l
		return nil
	})
	if err != nil {
		return err
	}
	now := time.Now()
	for _, h := range heads {
		past := h.Seq < first.Seq && now.Sub(h.At) >= circle.KeepAudit
		if h.Seq > last.Seq || h.Seq < first.Seq && !past {
			return fmt.Errorf("the audit does not hold: line %d is missing, which was there on %s, when it was anchored", h.Seq, h.At.UTC().Format(time.DateOnly))
		}
	}
	return nil
}

func (a audit) each(ctx context.Context, which string, f func(line) error, args ...any) error {
	ctx, cancel := a.db.bound(ctx)
	defer cancel()
	rows, err := a.db.read.QueryContext(ctx, `SELECT seq, at, person, did, what, prev, hash, COALESCE(rule, ''), COALESCE(words, '') FROM audit `+which, args...)
	if err != nil {
		return wrap("audit", a.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var l line
		var at int64
		if err := rows.Scan(&l.Seq, &at, &l.By, &l.Did, &l.What, &l.prev, &l.Hash, &l.Rule, &l.Words); err != nil {
			return wrap("audit", a.db.explain(err))
		}
		l.At = time.UnixMilli(at)
		if err := f(l); err != nil {
			return err
		}
	}
	return wrap("audit", a.db.explain(rows.Err()))
}

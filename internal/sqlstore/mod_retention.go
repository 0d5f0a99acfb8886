package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"hearth/moderation"
)

// modRetention is the moderation.Retention of a database.
type modRetention struct{ mod }

// What has had its time, given now and the periods in Unix milliseconds: $1
// now, $2 of care, $3 of evidence, $4 of what can be appealed, $5 of facts, $6 of bans.
const (
	// A ban that lasts is told for as long as it does.
	banLasts = `(d.action = 'ban' AND d.undone_at IS NULL AND (d.until_at IS NULL OR d.until_at >= $1 - $6))`
	// Whom a decision concerns can appeal it.
	appealable = `EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.code IS NOT NULL)`

	bodiesOver = `SELECT c.id FROM cases c WHERE (c.closed_at IS NOT NULL
		AND c.closed_at < $1 - CASE WHEN c.kind = 'care' THEN $2 WHEN ` + appealable + ` THEN $4 ELSE $3 END)
		AND EXISTS (SELECT 1 FROM reports r WHERE r.case_id = c.id AND r.body IS NOT NULL)`
	textsOver = `SELECT c.id FROM cases c WHERE (c.closed_at IS NOT NULL
		AND c.closed_at < $1 - CASE WHEN c.kind = 'care' THEN $2 ELSE $4 END
		AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND ` + banLasts + `))
		AND (EXISTS (SELECT 1 FROM notes n WHERE n.case_id = c.id AND n.texts IS NOT NULL)
			OR EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.texts IS NOT NULL)
			OR EXISTS (SELECT 1 FROM appeals a WHERE a.case_id = c.id AND a.texts IS NOT NULL))`
	// What an appeal is against stays for as long as the appeal.
	casesOver = `SELECT c.id FROM cases c WHERE c.closed_at IS NOT NULL AND c.closed_at < $1 - $5
		AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND ` + banLasts + `)
		AND NOT EXISTS (SELECT 1 FROM decisions d JOIN appeals a ON a.decision = d.id JOIN cases o ON o.id = a.case_id
			WHERE d.case_id = c.id AND (o.closed_at IS NULL OR o.closed_at >= $1 - $5))`
	bansOver = `SELECT d.id FROM decisions d WHERE d.action = 'ban' AND (d.undone_at < $1 - $6 OR d.until_at < $1 - $6)
		AND EXISTS (SELECT 1 FROM bans b WHERE b.decision = d.id)`
)

// over fills in the parameters that a query has.
func over(query string, p moderation.Periods, now time.Time) (string, []any) {
	var args []any
	for i, n := range []int64{now.UnixMilli(), p.CareText.Milliseconds(), p.Evidence.Milliseconds(), p.Appealable.Milliseconds(),
		p.Metadata.Milliseconds(), p.Bans.Milliseconds()} {
		name := "$" + string(rune('1'+i))
		if !strings.Contains(query, name) {
			continue
		}
		args = append(args, n)
		query = strings.ReplaceAll(query, name, "CAST(@"+string(rune('0'+len(args)))+" AS BIGINT)")
	}
	return strings.ReplaceAll(query, "@", "$"), args
}

// Retain is moderation.Store's. Keys go before what was written under them:
// what stops half-way is found again the next time.
func (m modRetention) Retain(ctx context.Context, p moderation.Periods, now time.Time, dry bool) (s moderation.Swept, err error) {
	var keys []string
	err = m.db.look(ctx, func(t *sql.Tx) error {
		// What was to be erased is, if it stopped half-way.
		if keys, err = erasedKeys(ctx, t, `erased > 0`); err != nil {
			return err
		}
		for _, one := range []struct {
			query string
			names []func(string, int64) string
			n     *int
		}{{bodiesOver, keyNames[1:], &s.Bodies}, {textsOver, keyNames, &s.Texts}, {casesOver, keyNames, &s.Cases}, {bansOver, nil, &s.Bans}} {
			query, args := over(one.query, p, now)
			ids, err := column(ctx, t, query, args...)
			if err != nil {
				return err
			}
			*one.n = len(ids)
			if keys, err = keysOfNow(ctx, t, keys, ids, one.names); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !dry && len(keys) > 0 {
		err = m.vault.Destroy(ctx, keys...)
	}
	if err != nil || dry || s == (moderation.Swept{}) {
		return s, wrap("retain", err)
	}
	return s, m.change(ctx, "retain", holdDesk, func(t *sql.Tx) error { return clearOut(ctx, t, p, now) })
}

// keyNames are the keys of a case. What was reported goes with the rest, at
// the latest.
var keyNames = []func(id string, erased int64) string{textKey, bodyKey}

// keysOfNow adds the keys that are in use of some cases.
func keysOfNow(ctx context.Context, t *sql.Tx, keys, ids []string, names []func(string, int64) string) ([]string, error) {
	for _, id := range ids {
		if names == nil {
			break
		}
		var erased int64
		if err := t.QueryRowContext(ctx, `SELECT erased FROM cases WHERE id = $1`, id).Scan(&erased); err != nil {
			return nil, err
		}
		for _, name := range names {
			keys = append(keys, name(id, erased))
		}
	}
	return keys, nil
}

// clearOut deletes what has had its time, whatever points at a row before it.
func clearOut(ctx context.Context, t *sql.Tx, p moderation.Periods, now time.Time) error {
	const cases = `case_id IN (` + casesOver + `)`
	const ofCases = `decision IN (SELECT id FROM decisions WHERE ` + cases + `)`
	for _, query := range []string{
		`UPDATE cases SET erased = erased + 1 WHERE id IN (` + textsOver + `)`, // what is typed later has a key of its own
		`UPDATE notes SET texts = NULL WHERE case_id IN (` + textsOver + `)`,
		`UPDATE appeals SET texts = NULL WHERE case_id IN (` + textsOver + `)`,
		`UPDATE decisions SET texts = NULL WHERE case_id IN (` + textsOver + `)`,
		`UPDATE reports SET body = NULL WHERE case_id IN (` + bodiesOver + `)`,
		`DELETE FROM told WHERE decision IN (` + bansOver + `)`,
		`DELETE FROM bans WHERE decision IN (` + bansOver + `)`,
		// The appeal's own case goes in a later pass, when nothing is left of it.
		`DELETE FROM told WHERE ` + ofCases, `DELETE FROM bans WHERE ` + ofCases, `DELETE FROM appeals WHERE ` + ofCases,
		`DELETE FROM decisions WHERE ` + cases, `DELETE FROM notes WHERE ` + cases, `DELETE FROM pages WHERE ` + cases,
		`DELETE FROM claims WHERE ` + cases, `DELETE FROM case_away WHERE ` + cases, `DELETE FROM appeals WHERE ` + cases,
		`DELETE FROM reports WHERE ` + cases,
		`DELETE FROM cases WHERE id IN (` + casesOver + `)`,
	} {
		query, args := over(query, p, now)
		if _, err := t.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// Erase is moderation.Store's. With a case goes what was written in appeals
// against it. The keys go last: if that fails, Retain does it.
func (m modRetention) Erase(ctx context.Context, a moderation.Act, id string) error {
	var keys []string
	err := m.change(ctx, "erase", holdDesk, func(t *sql.Tx) (err error) {
		if a.By != "" {
			if err := m.moderates(ctx, t, a.By); err != nil {
				return err
			}
		}
		keys = nil
		ids, err := column(ctx, t, `SELECT id FROM cases WHERE id = $1 UNION
			SELECT a.case_id FROM appeals a JOIN decisions d ON d.id = a.decision WHERE d.case_id = $1`, asText(id))
		if err == nil && len(ids) == 0 {
			err = moderation.ErrNoCase
		}
		for _, one := range ids {
			var old []string
			if err == nil {
				err = clearTexts(ctx, t, one)
			}
			if err == nil {
				old, err = erasedKeys(ctx, t, `id = $1`, one)
			}
			keys = append(keys, old...)
		}
		if err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "case-erased", id, "", "")
	})
	if err != nil {
		return err
	}
	return wrap("erase", m.vault.Destroy(ctx, keys...))
}

// Numbered is moderation.Store's.
func (m modRetention) Numbered(ctx context.Context, n int64) (id string, err error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	found, err := some(m.db.read.QueryRowContext(ctx, `SELECT id FROM cases WHERE n = $1`, n).Scan(&id))
	if err == nil && !found {
		return "", moderation.ErrNoCase
	}
	return id, wrap("numbered", m.db.explain(err))
}

// clearTexts deletes all that was typed in a case. What is typed later has a
// key of its own.
func clearTexts(ctx context.Context, t *sql.Tx, id string) error {
	for _, query := range []string{
		`UPDATE reports SET body = NULL WHERE case_id = $1`, `UPDATE notes SET texts = NULL WHERE case_id = $1`,
		`UPDATE decisions SET texts = NULL WHERE case_id = $1`, `UPDATE appeals SET texts = NULL WHERE case_id = $1`,
		`UPDATE cases SET erased = erased + 1, rev = rev + 1 WHERE id = $1`,
	} {
		if _, err := t.ExecContext(ctx, query, id); err != nil {
			return err
		}
	}
	return nil
}

// erasedKeys are the keys of all that was erased in some cases.
func erasedKeys(ctx context.Context, t *sql.Tx, which string, args ...any) (keys []string, err error) {
	rows, err := t.QueryContext(ctx, `SELECT id, erased FROM cases WHERE `+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var erased int64
		if err := rows.Scan(&id, &erased); err != nil {
			return nil, err
		}
		for n := range erased {
			keys = append(keys, textKey(id, n), bodyKey(id, n))
		}
	}
	return keys, rows.Err()
}

// What the vault's names begin with: of a case's texts, and of what was
// reported in it.
const (
	vaultTexts = "case:"
	vaultBody  = "body:"
)

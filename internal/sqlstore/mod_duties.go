package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"hearth/moderation"
)

// modDuties is the moderation.Duties of a database.
type modDuties struct{ mod }

// OnDuty is moderation.Store's.
func (m modDuties) OnDuty(ctx context.Context, now time.Time) (list []moderation.Duty, err error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	rows, err := m.db.read.QueryContext(ctx, `SELECT d.person, p.name, d.since, d.until_at FROM duties d JOIN people p ON p.id = d.person
		WHERE p.moderator = 1 AND d.until_at > $1 ORDER BY d.since, p.n`, now.UnixMilli())
	if err != nil {
		return nil, wrap("on duty", m.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var one moderation.Duty
		var since, until int64
		if err := rows.Scan(&one.Person, &one.Name, &since, &until); err != nil {
			return nil, wrap("on duty", m.db.explain(err))
		}
		one.Since, one.Until = time.UnixMilli(since), time.UnixMilli(until)
		list = append(list, one)
	}
	return list, wrap("on duty", m.db.explain(rows.Err()))
}

// SetDuty is moderation.Store's. Somebody who says again that they are on call
// has been since they first said so.
func (m modDuties) SetDuty(ctx context.Context, a moderation.Act, until time.Time) error {
	now := acting(a).At
	if most := now.Add(moderation.MostDuty); until.After(most) {
		until = most
	}
	return m.change(ctx, "set duty", holdDesk, func(t *sql.Tx) error {
		if err := m.moderates(ctx, t, a.By); err != nil {
			return err
		}
		if !until.After(now) {
			return m.endDuty(ctx, t, a)
		}
		_, err := t.ExecContext(ctx, `INSERT INTO duties (person, since, until_at) VALUES ($1, $2, $3)
			ON CONFLICT (person) DO UPDATE SET since = CASE WHEN duties.until_at > $2 THEN duties.since ELSE $2 END, until_at = $3`,
			asText(string(a.By)), now.UnixMilli(), until.UnixMilli())
		if err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "duty-begun", string(a.By), "", "")
	})
}

// endDuty ends somebody's duty; without one it changes nothing.
func (m modDuties) endDuty(ctx context.Context, t *sql.Tx, a moderation.Act) error {
	n, err := rowsOf(t.ExecContext(ctx, `DELETE FROM duties WHERE person = $1`, asText(string(a.By))))
	if err != nil || n == 0 {
		return err
	}
	return m.db.recordMod(ctx, t, a, "duty-ended", string(a.By), "", "")
}

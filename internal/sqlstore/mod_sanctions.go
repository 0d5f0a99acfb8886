package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// modSanctions is the moderation.Sanctions of a database.
type modSanctions struct{ mod }

// Banned is moderation.Store's.
func (m modSanctions) Banned(ctx context.Context, keys []string, of moderation.CircleID, now time.Time) (out []moderation.Decision, wait bool, err error) {
	is := asKeys(keys)
	if len(is) == 0 {
		return nil, false, nil
	}
	args := append([]any{asText(string(of)), now.UnixMilli(), now.Add(-moderation.PrefixFor).UnixMilli()}, is...)
	from := ` FROM bans b WHERE b.key IN (` + places(4, len(is)) + `) AND (b.circle = '' OR b.circle = $1) AND ` + holdsAt("$2", "$3")
	var list []keptDecision
	err = m.db.look(ctx, func(t *sql.Tx) error {
		var prefixes int
		err := t.QueryRowContext(ctx, `SELECT COUNT(*)`+from+` AND b.key LIKE '`+byPrefix+`'`, args...).Scan(&prefixes)
		if wait = prefixes > 0; err == nil {
			list, err = decisionsOf(ctx, t, `WHERE d.id IN (SELECT b.decision`+from+` AND b.key NOT LIKE '`+byPrefix+`') ORDER BY d.at DESC, d.n DESC, d.id`, args...)
		}
		return err
	})
	if err == nil {
		out, err = m.worded(ctx, list)
	}
	return out, wait, wrap("banned", err)
}

// owedFor is how long what still holds is told of at each join.
const owedFor = 30 * 24 * time.Hour

// Owed is moderation.Store's.
func (m modSanctions) Owed(ctx context.Context, seat room.SeatID, keys []string, of moderation.CircleID, now time.Time) (out []moderation.Decision, err error) {
	known := ""
	if seat != "" {
		known = bannedSeat + string(seat)
	}
	is := asKeys(keys, known)
	if len(is) == 0 {
		return nil, nil
	}
	args := append([]any{asText(string(of)), now.UnixMilli(), now.Add(-owedFor).UnixMilli(), now.Add(-moderation.AppealFor).UnixMilli()}, is...)
	var list []keptDecision
	err = m.db.look(ctx, func(t *sql.Tx) error {
		list, err = decisionsOf(ctx, t, `WHERE d.id IN (SELECT w.decision FROM told w WHERE w.key IN (`+places(5, len(is))+`))
			AND d.undone_at IS NULL AND (c.circle = $1 OR d.scope = 'server')
			AND (d.told_at IS NULL AND d.at > $4 OR d.at > $3 AND CASE d.action
				WHEN 'ban' THEN d.until_at IS NULL OR d.until_at > $2
				WHEN 'mute' THEN COALESCE(d.until_at, d.at + d.minutes * 60000) > $2
				WHEN 'remove' THEN EXISTS (SELECT 1 FROM rooms r WHERE r.id = c.room AND r.over_at IS NULL)
				WHEN 'restrict' THEN EXISTS (SELECT 1 FROM rooms r WHERE r.id = c.room AND r.over_at IS NULL)
				ELSE 1 = 0 END)
			ORDER BY d.at DESC, d.n DESC, d.id`, args...)
		return err
	})
	if err == nil {
		out, err = m.worded(ctx, list)
	}
	return out, wrap("owed", err)
}

// Told is moderation.Store's. The first time counts.
func (m modSanctions) Told(ctx context.Context, decision string, now time.Time) error {
	return modAnswer("told", m.db.change(ctx, hold{}, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `UPDATE decisions SET told_at = $2 WHERE id = $1 AND told_at IS NULL`, asText(decision), now.UnixMilli())
		return err
	}))
}

// Include is moderation.Store's. The rows are as those of the decision's other
// seats: a prefix has an end of its own.
func (m modSanctions) Include(ctx context.Context, decision string, seats []room.SeatID) error {
	return modAnswer("include", m.db.change(ctx, holdDesk, func(t *sql.Tx) error {
		added := int64(0)
		for _, s := range seats {
			n, err := rowsOf(t.ExecContext(ctx, `INSERT INTO bans (decision, key, circle, from_at, until_at)
				SELECT b.decision, $2, b.circle, b.from_at, b.until_at FROM bans b WHERE b.decision = $1 AND b.key LIKE '`+bannedSeat+`%'
				AND EXISTS (SELECT 1 FROM decisions d WHERE d.id = $1 AND d.undone_at IS NULL) ORDER BY b.key LIMIT 1 ON CONFLICT DO NOTHING`,
				asText(decision), bannedSeat+asText(string(s))))
			if err != nil {
				return err
			}
			added += n
			if n == 0 {
				continue
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO told (decision, key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, asText(decision), bannedSeat+asText(string(s))); err != nil {
				return err
			}
			if err := barBy(ctx, t, asText(decision), "", []room.SeatID{s}); err != nil {
				return err
			}
		}
		if added == 0 {
			return nil
		}
		return bump(ctx, t)
	}))
}

// Links is moderation.Store's.
func (m modSanctions) Links(ctx context.Context, of room.ID, since time.Time) (map[room.SeatID]string, error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	rows, err := m.db.read.QueryContext(ctx, `SELECT seat, sealed FROM links WHERE room = $1 OR $1 = '' AND at >= $2`, asText(string(of)), since.UnixMilli())
	if err != nil {
		return nil, wrap("links", m.db.explain(err))
	}
	defer rows.Close()
	all := map[room.SeatID]string{}
	for rows.Next() {
		var seat room.SeatID
		var sealed string
		if err := rows.Scan(&seat, &sealed); err != nil {
			return nil, wrap("links", m.db.explain(err))
		}
		all[seat] = sealed
	}
	return all, wrap("links", m.db.explain(rows.Err()))
}

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// modSanctions is the moderation.Sanctions of a database.
type modSanctions struct {
	mod
	moderation.Sanctions
}

// Include is moderation.Store's. The seats' rows are the decision's others'
// but for the key.
func (m modSanctions) Include(ctx context.Context, decision string, seats []room.SeatID) error {
	return modAnswer("include", m.db.change(ctx, holdDesk, func(t *sql.Tx) error {
		added := int64(0)
		for _, s := range seats {
			n, err := rowsOf(t.ExecContext(ctx, `INSERT INTO bans (decision, key, circle, from_at, until_at)
				SELECT b.decision, $2, b.circle, b.from_at, b.until_at FROM bans b JOIN decisions d ON d.id = b.decision
				WHERE b.decision = $1 AND d.undone_at IS NULL ORDER BY b.key LIMIT 1 ON CONFLICT DO NOTHING`, asText(decision), bannedSeat+asText(string(s))))
			if err != nil {
				return err
			}
			added += n
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

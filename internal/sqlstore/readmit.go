package sqlstore

import (
	"context"
	"database/sql"

	"hearth/room"
)

// Readmit is circle.Store's. What another decision of a moderator's bars, it
// goes on barring.
func (c seats) Readmit(ctx context.Context, r room.ID, seats ...room.SeatID) error {
	return wrap("readmit", c.db.change(ctx, holdByRoom(r), func(t *sql.Tx) error {
		for _, s := range seats {
			_, err := t.ExecContext(ctx, `DELETE FROM bars WHERE room = $1 AND decision IS NULL AND (device = '`+barredSeat+`' || $2
				OR device IN (SELECT device FROM seats WHERE room = $1 AND id = $2)
				OR device IN (SELECT '`+barredPerson+`' || person FROM seats WHERE room = $1 AND id = $2))`, string(r), string(s))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

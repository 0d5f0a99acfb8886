package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hearth/moderation"
	"hearth/room"
)

// modPlaces is the moderation.Places of a database.
type modPlaces struct{ mod }

// placesAtOnce is how many seats one question is about.
const placesAtOnce = 200

// Sitting is moderation.Store's.
func (m modPlaces) Sitting(ctx context.Context, seats ...room.SeatID) (map[room.SeatID]moderation.Place, error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	all := map[room.SeatID]moderation.Place{}
	for some := range slices.Chunk(seats, placesAtOnce) {
		if err := m.sitting(ctx, some, all); err != nil {
			return nil, wrap("sitting", m.db.explain(err))
		}
	}
	return all, nil
}

func (m modPlaces) sitting(ctx context.Context, seats []room.SeatID, all map[room.SeatID]moderation.Place) error {
	var names []string
	var args []any
	for i, s := range seats {
		names, args = append(names, fmt.Sprintf("$%d", i+1)), append(args, asText(string(s)))
	}
	rows, err := m.db.read.QueryContext(ctx, `SELECT s.id, r.id, r.circle, COALESCE(p.person, s.person, '')
		FROM seats s JOIN rooms r ON r.id = s.room LEFT JOIN seats p ON p.id = s.of_seat
		WHERE r.over_at IS NULL AND s.id IN (`+strings.Join(names, ", ")+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seat room.SeatID
		var at moderation.Place
		if err := rows.Scan(&seat, &at.Room, &at.Circle, &at.Person); err != nil {
			return err
		}
		all[seat] = at
	}
	return rows.Err()
}

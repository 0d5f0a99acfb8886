package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"

	"hearth/circle"
	"hearth/room"
)

// Aside is circle.Store's. Everybody in an aside sits there as a member: who
// looks after the circle does so from the room that it belongs to.
func (c seats) Aside(ctx context.Context, of circle.Seat, id room.ID) (circle.Seat, error) {
	newSeat, _ := newIDs()
	seat := circle.Seat{ID: newSeat, Handle: strings.ToLower(rand.Text()), Room: id, Circle: of.Circle, Role: room.Member, Person: of.Person, Of: of.ID, In: of.Room}
	name := asText(string(id))
	if name == "" {
		return circle.Seat{}, circle.ErrNoRoom
	}
	err := c.db.change(ctx, holdByRoom(of.Room), func(t *sql.Tx) error {
		if err := openAside(ctx, t, of.Room, name); err != nil {
			return err
		}
		// It has no secret: that of the other seat counts.
		_, err := t.ExecContext(ctx, `INSERT INTO seats (id, handle, secret, room, n, role, invite, device, of_seat)
			SELECT $1, $2, '', $3, (SELECT COALESCE(MAX(n), 0) + 1 FROM seats WHERE room = $3), $4, invite, device, id
			FROM seats WHERE id = $5 AND room = $6 ON CONFLICT (room, of_seat) DO NOTHING`,
			string(seat.ID), seat.Handle, name, string(seat.Role), string(of.ID), string(of.Room))
		if err != nil {
			return err
		}
		err = t.QueryRowContext(ctx, `SELECT id, handle FROM seats WHERE room = $1 AND of_seat = $2`, name, string(of.ID)).Scan(&seat.ID, &seat.Handle)
		switch found, err := some(err); {
		case err != nil:
			return err
		case !found:
			return circle.ErrNoSeat
		}
		return linkAside(ctx, t, seat)
	})
	for _, no := range []error{circle.ErrNoSeat, circle.ErrNoRoom} {
		if errors.Is(err, no) {
			return circle.Seat{}, no
		}
	}
	if err != nil {
		return circle.Seat{}, wrap("aside", err)
	}
	return seat, nil
}

// openAside makes an aside's room if there is none. It has none of its own.
func openAside(ctx context.Context, t *sql.Tx, parent room.ID, id string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO rooms (id, circle, parent)
		SELECT $1, circle, id FROM rooms WHERE id = $2 AND parent IS NULL AND over_at IS NULL ON CONFLICT (id) DO NOTHING`, id, string(parent))
	if err != nil {
		return err
	}
	var open int
	err = t.QueryRowContext(ctx, `SELECT COUNT(*) FROM rooms WHERE id = $1 AND parent = $2 AND over_at IS NULL`, id, string(parent)).Scan(&open)
	if err == nil && open == 0 {
		return circle.ErrNoRoom
	}
	return err
}

// parent returns the room that a room is an aside of; empty if it is none.
func (c seats) parent(ctx context.Context, id room.ID) (parent room.ID, err error) {
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	err = c.db.read.QueryRowContext(ctx, `SELECT COALESCE(parent, '') FROM rooms WHERE id = $1`, string(id)).Scan(&parent)
	if _, err = some(err); err != nil {
		return "", wrap("aside", c.db.explain(err))
	}
	return parent, nil
}

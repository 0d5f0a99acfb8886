package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"time"

	"hearth/circle"
)

// asker is what looking up needs of a transaction.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// found is what was looked up for a claim, with the names it is kept under.
type found struct {
	circle.Found
	code, device string // as they are kept
	handle       string // of the seat, if there is one
}

// lookUp asks the same five questions whatever the answers are.
func lookUp(ctx context.Context, q asker, c circle.Claim) (f found, err error) {
	f.code = digest("invite", c.Code)
	var until sql.NullInt64
	var bound sql.NullString
	err = q.QueryRowContext(ctx, `SELECT circle, role, uses, used, until_at, device FROM invites WHERE code = $1`, f.code).
		Scan(&f.Invite.Circle, &f.Invite.Role, &f.Invite.Uses, &f.Used, &until, &bound)
	if f.Exists, err = some(err); err != nil {
		return f, err
	}
	if until.Valid {
		f.Invite.Until = time.UnixMilli(until.Int64)
	}
	f.Mine = bound.String == digest("bound", c.Code, c.Device)

	err = q.QueryRowContext(ctx, `SELECT id FROM rooms WHERE circle = $1 AND parent IS NULL AND over_at IS NULL`, string(f.Invite.Circle)).Scan(&f.Room)
	if _, err = some(err); err != nil {
		return f, err
	}
	var over sql.NullInt64
	err = q.QueryRowContext(ctx, `SELECT MAX(over_at) FROM rooms WHERE circle = $1 AND parent IS NULL`, string(f.Invite.Circle)).Scan(&over)
	if err != nil {
		return f, err
	}
	if over.Valid {
		f.Over = time.UnixMilli(over.Int64)
	}
	f.device = digest("device", string(f.Room), c.Device)
	err = q.QueryRowContext(ctx, `SELECT id, handle FROM seats WHERE room = $1 AND invite = $2 AND device = $3 ORDER BY n DESC LIMIT 1`,
		string(f.Room), f.code, f.device).Scan(&f.Seat, &f.handle)
	if _, err = some(err); err != nil {
		return f, err
	}
	var bars int
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM bars WHERE room = $1 AND device = $2`, string(f.Room), f.device).Scan(&bars)
	f.Barred = bars > 0
	return f, err
}

// some tells nothing from a fault.
func some(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Redeem is circle.Store's. A claim is judged by reading first, so that
// guesses wait for no writer, hold none up and all take the same time; what
// was granted is judged again where it is written.
func (c circles) Redeem(ctx context.Context, claim circle.Claim, now time.Time) (circle.Seat, string, error) {
	if claim.Device == "" {
		return circle.Seat{}, "", errors.New("redeem: a claim needs a device")
	}
	err := c.db.look(ctx, func(t *sql.Tx) error {
		f, err := lookUp(ctx, t, claim)
		if err == nil {
			_, err = f.Judge(claim, now)
		}
		return err
	})
	if err != nil {
		return circle.Seat{}, "", redeemError(err)
	}
	secret := rand.Text()
	var seat circle.Seat
	err = c.db.change(ctx, holdByCode(digest("invite", claim.Code)), func(t *sql.Tx) error {
		f, err := lookUp(ctx, t, claim)
		if err != nil {
			return err
		}
		grant, err := f.Judge(claim, now)
		if err != nil {
			return err
		}
		seat, err = f.write(ctx, t, claim, grant, digest("seat", secret))
		return err
	})
	if err != nil {
		return circle.Seat{}, "", redeemError(err)
	}
	return seat, secret, nil
}

func redeemError(err error) error {
	if errors.Is(err, circle.ErrNoInvite) || errors.Is(err, circle.ErrNotOpen) {
		return err
	}
	return wrap("redeem", err)
}

// write makes a grant true.
func (f found) write(ctx context.Context, t *sql.Tx, claim circle.Claim, grant circle.Grant, secret string) (circle.Seat, error) {
	seat := circle.Seat{ID: f.Seat, Handle: f.handle, Room: f.Room, Circle: f.Invite.Circle, Role: f.Invite.Role}
	if grant == circle.SameSeat {
		_, err := t.ExecContext(ctx, `UPDATE seats SET secret = $1 WHERE id = $2`, secret, string(seat.ID))
		return seat, err
	}
	newSeat, newRoom := newIDs()
	if grant == circle.NewRoom {
		seat.Room = newRoom
		f.device = digest("device", string(newRoom), claim.Device)
		if _, err := t.ExecContext(ctx, `INSERT INTO rooms (id, circle) VALUES ($1, $2)`, string(newRoom), string(seat.Circle)); err != nil {
			return seat, err
		}
	}
	// The device of a single-use invite is bound with its first use.
	_, err := t.ExecContext(ctx, `UPDATE invites SET used = used + 1,
		device = CASE WHEN uses = 1 THEN COALESCE(device, $2) ELSE NULL END WHERE code = $1`,
		f.code, digest("bound", claim.Code, claim.Device))
	if err != nil {
		return seat, err
	}
	seat.ID, seat.Handle = newSeat, strings.ToLower(rand.Text())
	_, err = t.ExecContext(ctx, `INSERT INTO seats (id, handle, secret, room, n, role, invite, device)
		SELECT $1, $2, $3, $4, COALESCE(MAX(n), 0) + 1, $5, $6, $7 FROM seats WHERE room = $4`,
		string(seat.ID), seat.Handle, secret, string(seat.Room), string(seat.Role), f.code, f.device)
	return seat, err
}

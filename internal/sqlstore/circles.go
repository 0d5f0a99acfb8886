package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
)

// circles is the circle.Store of a database.
type circles struct {
	db *Durable
	later
}

type (
	questions = circle.Questions
	audit     = circle.Audit
	people    = circle.People
	passkeys  = circle.Passkeys
	sessions  = circle.Sessions
)

type later struct {
	questions
	audit
	people
	passkeys
	sessions
}

// Circles returns the circles, invites and seats of the database.
func (d *Durable) Circles() circle.Store { return circles{db: d} }

// digest is how a secret is kept. What it is for goes in first, so that one
// secret is kept differently in each place and two places can't be matched.
func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:])
}

// asText is what somebody sent as PostgreSQL takes it: it has no text with
// zero bytes or broken letters in it. None of ours has those, so it can't
// become one of ours.
func asText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Seat is circle.Store's.
func (c circles) Seat(ctx context.Context, handle, secret string) (circle.Seat, error) {
	s := circle.Seat{Handle: handle}
	var kept string
	var bars int
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	err := c.db.read.QueryRowContext(ctx, `SELECT s.id, s.room, r.circle, s.role, COALESCE(p.secret, s.secret), COALESCE(s.of_seat, ''), COALESCE(r.parent, ''),
		(SELECT COUNT(*) FROM bars b WHERE b.device = s.device AND (b.room = s.room OR b.room = r.parent))
		FROM seats s JOIN rooms r ON r.id = s.room LEFT JOIN seats p ON p.id = s.of_seat WHERE s.handle = $1`, asText(handle)).
		Scan(&s.ID, &s.Room, &s.Circle, &s.Role, &kept, &s.Of, &s.In, &bars)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return circle.Seat{}, wrap("seat", c.db.explain(err))
	}
	if subtle.ConstantTimeCompare([]byte(kept), []byte(digest("seat", secret))) != 1 {
		return circle.Seat{}, circle.ErrNoSeat
	}
	s.Barred = bars > 0
	return s, nil
}

// Bar is circle.Store's. A single-use invite is bound to its device and is
// barred with it. Seats that are not there any more are nobody's to bar.
func (c circles) Bar(ctx context.Context, r room.ID, seats ...room.SeatID) error {
	return wrap("bar", c.db.change(ctx, holdByRoom(r), func(t *sql.Tx) error {
		for _, s := range seats {
			for _, what := range []string{"device", "'" + barredSeat + "' || id"} {
				_, err := t.ExecContext(ctx, `INSERT INTO bars (room, device)
					SELECT room, `+what+` FROM seats WHERE room = $1 AND id = $2 ON CONFLICT DO NOTHING`, string(r), string(s))
				if err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// barredSeat begins what bars a seat, and not its device: no hash begins so.
const barredSeat = "seat "

// Removed is circle.Store's.
func (c circles) Removed(ctx context.Context, r room.ID) (seats []room.SeatID, err error) {
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	rows, err := c.db.read.QueryContext(ctx, `SELECT device FROM bars WHERE room = $1 AND device LIKE '`+barredSeat+`%' ORDER BY device`, string(r))
	if err != nil {
		return nil, wrap("removed", c.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var kept string
		if err := rows.Scan(&kept); err != nil {
			return nil, wrap("removed", c.db.explain(err))
		}
		seats = append(seats, room.SeatID(strings.TrimPrefix(kept, barredSeat)))
	}
	return seats, wrap("removed", c.db.explain(rows.Err()))
}

// EndRoom is circle.Store's. Ending a room twice, or one that is not there
// any more, changes nothing.
func (c circles) EndRoom(ctx context.Context, r room.ID, now time.Time) error {
	return wrap("end room", c.db.change(ctx, holdByRoom(r), func(t *sql.Tx) error { return endRoom(ctx, t, r, now) }))
}

func endRoom(ctx context.Context, t *sql.Tx, r room.ID, now time.Time) error {
	const whole = `IN (SELECT id FROM rooms WHERE id = $1 OR parent = $1)`
	for _, q := range []string{`DELETE FROM seats WHERE room ` + whole, `DELETE FROM bars WHERE room ` + whole} {
		if _, err := t.ExecContext(ctx, q, string(r)); err != nil {
			return err
		}
	}
	_, err := t.ExecContext(ctx, `UPDATE rooms SET over_at = COALESCE(over_at, $2) WHERE id = $1 OR parent = $1`, string(r), now.UnixMilli())
	return err
}

// OfRoom is circle.Store's.
func (c circles) OfRoom(ctx context.Context, r room.ID) (circle.Circle, error) {
	list, err := c.list(ctx, `JOIN rooms r ON r.circle = c.id WHERE r.id = $1`, string(r))
	if err == nil && len(list) == 0 {
		return circle.Circle{}, circle.ErrNoRoom
	}
	if err != nil {
		return circle.Circle{}, err
	}
	parent, err := c.parent(ctx, r)
	if parent != "" {
		list[0].Settings = room.AsideSettings(parent, list[0].Settings.Title)
	}
	return list[0], err
}

// Circles is circle.Store's.
func (c circles) Circles(ctx context.Context) ([]circle.Circle, error) {
	return c.list(ctx, `ORDER BY c.made`)
}

func (c circles) list(ctx context.Context, which string, args ...any) ([]circle.Circle, error) {
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	rows, err := c.db.read.QueryContext(ctx, `SELECT c.id, c.settings, c.rules, c.country FROM circles c `+which, args...)
	if err != nil {
		return nil, wrap("circles", c.db.explain(err))
	}
	defer rows.Close()
	var list []circle.Circle
	for rows.Next() {
		var one circle.Circle
		var settings, rules string
		if err := rows.Scan(&one.ID, &settings, &rules, &one.Country); err != nil {
			return nil, wrap("circles", c.db.explain(err))
		}
		if err := errors.Join(json.Unmarshal([]byte(settings), &one.Settings), json.Unmarshal([]byte(rules), &one.Rules)); err != nil {
			return nil, fmt.Errorf("circle %s does not read: %w", one.ID, err)
		}
		list = append(list, one)
	}
	return list, wrap("circles", c.db.explain(rows.Err()))
}

// AddCircle is circle.Store's.
func (c circles) AddCircle(ctx context.Context, _ circle.Act, one circle.Circle) error {
	if one.ID == "" {
		return errors.New("add circle: it needs an id")
	}
	settings, err := json.Marshal(one.Settings)
	if err != nil {
		return wrap("add circle", err)
	}
	rules, err := json.Marshal(one.Rules)
	if err != nil {
		return wrap("add circle", err)
	}
	return wrap("add circle", c.db.change(ctx, holdList, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO circles (id, made, settings, rules, country)
			SELECT $1, COALESCE(MAX(made), 0) + 1, $2, $3, $4 FROM circles`, string(one.ID), string(settings), string(rules), one.Country)
		return err
	}))
}

// AddInvite is circle.Store's.
func (c circles) AddInvite(ctx context.Context, a circle.Act, i circle.Invite) (code string, err error) {
	if err := i.Check(a.At); err != nil {
		return "", err
	}
	code = newCode()
	until := sql.NullInt64{Int64: i.Until.UnixMilli(), Valid: !i.Until.IsZero()}
	err = c.db.change(ctx, hold{}, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO invites (code, circle, role, uses, used, until_at) VALUES ($1, $2, $3, $4, 0, $5)`,
			digest("invite", code), string(i.Circle), string(i.Role), i.Uses, until)
		return err
	})
	if err != nil {
		return "", wrap("add invite", err)
	}
	return code, nil
}

// newCode returns 128 random bits in base64url: 22 characters, the form that
// package web looks codes up by.
func newCode() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newIDs are the names of a new seat and a new room. Seats and rooms are
// random through and through: an id that told the time could be linked.
func newIDs() (room.SeatID, room.ID) {
	return room.SeatID(uuid.NewString()), room.ID(uuid.NewString())
}

// Circle is circle.Store's.
func (c circles) Circle(ctx context.Context, id circle.ID) (circle.Circle, error) {
	list, err := c.list(ctx, `WHERE c.id = $1`, string(id))
	if err == nil && len(list) == 0 {
		return circle.Circle{}, circle.ErrNoCircle
	}
	if err != nil {
		return circle.Circle{}, err
	}
	return list[0], nil
}

func (later) ChangeCircle(context.Context, circle.Act, circle.Circle) error {
	return errors.New("later")
}
func (later) AddInterest(context.Context, circle.ID) error { return errors.New("later") }
func (later) Invites(context.Context, circle.ID, time.Time) ([]circle.Invite, error) {
	return nil, errors.New("later")
}
func (later) Revoke(context.Context, circle.Act, circle.ID, string) error {
	return errors.New("later")
}
func (later) Forget(context.Context, circle.ID, string) error { return errors.New("later") }

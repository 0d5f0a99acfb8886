package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
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
	waits        bool   // that seat, to be let in
	deputy       bool   // whoever comes
}

// lookUp asks the same five questions whatever the answers are.
func lookUp(ctx context.Context, q asker, c circle.Claim, now time.Time) (f found, err error) {
	switch {
	case c.Code != "":
		err = f.byCode(ctx, q, c)
	case c.Person != "":
		err = f.byPerson(ctx, q, c)
	default:
		err = f.byPage(ctx, q, c)
	}
	if err != nil {
		return f, err
	}
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
	if err = f.seat(ctx, q, c); err != nil {
		return f, err
	}
	return f, f.keptOut(ctx, q, c, now)
}

// keptOut looks whether whoever claims is barred from the room, or banned.
func (f *found) keptOut(ctx context.Context, q asker, c circle.Claim, now time.Time) error {
	keys := asKeys(c.Keys, bannedSeat+string(f.Seat), moderation.PersonKey(moderation.PersonID(person(c))))
	args := append([]any{string(f.Room), f.device, barredPerson + asText(string(person(c))), string(f.Invite.Circle),
		now.UnixMilli(), now.Add(-moderation.PrefixFor).UnixMilli()}, keys...)
	var bars, bans int
	err := q.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM bars WHERE room = $1 AND (device = $2 OR device = $3)),
		(SELECT COALESCE(MAX(CASE WHEN b.key LIKE '`+byPrefix+`' THEN 1 ELSE 2 END), 0) FROM bans b
			WHERE b.key IN (`+places(7, len(keys))+`) AND (b.circle = '' OR b.circle = $4) AND `+holdsAt("$5", "$6")+`)`, args...).Scan(&bars, &bans)
	f.Barred, f.Banned, f.Wait = bars > 0, bans == 2, bans == 1
	return err
}

// person is who is signed in, of a claim that is theirs to make.
func person(c circle.Claim) circle.PersonID {
	if c.Code != "" {
		return ""
	}
	return c.Person
}

func (f *found) byCode(ctx context.Context, q asker, c circle.Claim) error {
	f.code = digest("invite", c.Code)
	var until, revoked sql.NullInt64
	var bound sql.NullString
	about := "{}"
	err := q.QueryRowContext(ctx, `SELECT i.circle, i.role, i.uses, i.used, i.until_at, i.device, i.revoked_at, c.about, EXISTS (SELECT 1 FROM passkeys)
		FROM invites i JOIN circles c ON c.id = i.circle WHERE i.code = $1`, f.code).
		Scan(&f.Invite.Circle, &f.Invite.Role, &f.Invite.Uses, &f.Used, &until, &bound, &revoked, &about, &f.Signs)
	if f.Exists, err = some(err); err != nil {
		return err
	}
	if until.Valid {
		f.Invite.Until = time.UnixMilli(until.Int64)
	}
	f.Ended = revoked.Valid
	// The second form is of earlier programs.
	f.Mine = bound.Valid && (bound.String == boundTo(f.code, c.Device) || bound.String == digest("bound", c.Code, c.Device))
	return json.Unmarshal([]byte(about), &f.About)
}

func (f *found) byPage(ctx context.Context, q asker, c circle.Claim) error {
	f.code = digest("door", "page", asText(string(c.Circle)))
	f.Invite = circle.Invite{Circle: circle.ID(asText(string(c.Circle))), Role: room.Member}
	about := "{}"
	err := q.QueryRowContext(ctx, `SELECT about FROM circles WHERE id = $1`, string(f.Invite.Circle)).Scan(&about)
	if f.Exists, err = some(err); err != nil {
		return err
	}
	return json.Unmarshal([]byte(about), &f.About)
}

func (f *found) byPerson(ctx context.Context, q asker, c circle.Claim) error {
	f.code = digest("door", "people", asText(string(c.Circle)))
	f.Invite = circle.Invite{Circle: circle.ID(asText(string(c.Circle)))}
	has, err := personHolds(ctx, q, c.Circle, c.Person, c.Session)
	as := has.as()
	f.Invite.Role, f.deputy = as.role, as.deputy
	f.About, f.Keeps, f.Exists = has.about, has.keeps.role != "", as.role != ""
	return err
}

// seat looks for the seat that whoever claims has in the room: by the device
// and the invite, or their own as what they come now.
func (f *found) seat(ctx context.Context, q asker, c circle.Claim) error {
	query, args := `room = $1 AND invite = $2 AND device = $3 AND person IS NULL`, []any{string(f.Room), f.code, f.device}
	if p := person(c); p != "" {
		query, args = `room = $1 AND person = $2 AND role = $3 AND deputy = $4`, []any{string(f.Room), asText(string(p)), string(f.Invite.Role), bit(f.deputy)}
	}
	var waits int
	err := q.QueryRowContext(ctx, `SELECT id, handle, waits FROM seats WHERE `+query+` AND of_seat IS NULL ORDER BY n DESC LIMIT 1`, args...).
		Scan(&f.Seat, &f.handle, &waits)
	f.waits = waits != 0
	_, err = some(err)
	return err
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
func (c seats) Redeem(ctx context.Context, claim circle.Claim, now time.Time) (circle.Seat, string, error) {
	if claim.Device == "" {
		return circle.Seat{}, "", errors.New("redeem: a claim needs a device")
	}
	var seat circle.Seat
	err := c.db.look(ctx, func(t *sql.Tx) error {
		f, err := lookUp(ctx, t, claim, now)
		if err == nil {
			_, err = f.Judge(claim, now)
		}
		seat = f.banned(claim, err)
		return err
	})
	if err != nil {
		return seat, "", answer("redeem", err)
	}
	secret := rand.Text()
	err = c.db.change(ctx, holdByClaim(claim), func(t *sql.Tx) error {
		f, err := lookUp(ctx, t, claim, now)
		if err != nil {
			return err
		}
		grant, err := f.Judge(claim, now)
		if err != nil {
			seat = f.banned(claim, err)
			return err
		}
		if seat, err = f.write(ctx, t, claim, grant, digest("seat", secret)); err != nil || claim.Link == "" {
			return err
		}
		return keepLink(ctx, t, seat, claim.Link, now)
	})
	if errors.Is(err, circle.ErrBanned) {
		return seat, "", answer("redeem", err)
	}
	if err != nil {
		return circle.Seat{}, "", answer("redeem", err)
	}
	return seat, secret, nil
}

// banned is what whoever is kept out is told by: which circle, and the seat
// they had, if any. Nothing of anybody else.
func (f found) banned(c circle.Claim, err error) circle.Seat {
	if !errors.Is(err, circle.ErrBanned) {
		return circle.Seat{}
	}
	return circle.Seat{ID: f.Seat, Circle: f.Invite.Circle, Person: person(c)}
}

// holdByClaim holds the circle that a claim is about.
func holdByClaim(c circle.Claim) hold {
	if c.Code == "" {
		return holdByCircle(c.Circle)
	}
	return holdByCode(digest("invite", c.Code))
}

// write makes a grant true.
func (f found) write(ctx context.Context, t *sql.Tx, claim circle.Claim, grant circle.Grant, secret string) (circle.Seat, error) {
	seat := circle.Seat{ID: f.Seat, Handle: f.handle, Room: f.Room, Circle: f.Invite.Circle, Role: f.Invite.Role,
		Waits: f.waits, Deputy: f.deputy, Person: person(claim)}
	session := sql.NullString{String: claim.Session, Valid: seat.Person != ""}
	if grant == circle.SameSeat {
		_, err := t.ExecContext(ctx, `UPDATE seats SET secret = $1, device = $2, session = $3 WHERE id = $4`, secret, f.device, session, string(seat.ID))
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
	if err := f.use(ctx, t, claim); err != nil {
		return seat, err
	}
	seat.ID, seat.Handle = newSeat, strings.ToLower(rand.Text())
	seat.Waits = f.Waits(claim)
	_, err := t.ExecContext(ctx, `INSERT INTO seats (id, handle, secret, room, n, role, invite, device, waits, deputy, person, session)
		SELECT $1, $2, $3, $4, COALESCE(MAX(n), 0) + 1, $5, $6, $7, $8, $9, $10, $11 FROM seats WHERE room = $4`,
		string(seat.ID), seat.Handle, secret, string(seat.Room), string(seat.Role), f.code, f.device, bit(seat.Waits), bit(seat.Deputy),
		sql.NullString{String: string(seat.Person), Valid: seat.Person != ""}, session)
	return seat, err
}

// use counts a use of an invite. The device of a single-use invite is bound
// with its first use.
func (f found) use(ctx context.Context, t *sql.Tx, claim circle.Claim) error {
	if claim.Code == "" {
		return door(ctx, t, f.code, f.Invite.Circle)
	}
	_, err := t.ExecContext(ctx, `UPDATE invites SET used = used + 1, device = CASE WHEN uses = 1 THEN $2 ELSE NULL END WHERE code = $1`,
		f.code, boundTo(f.code, claim.Device))
	return err
}

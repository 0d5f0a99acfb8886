package sqlstore

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hearth/circle"
	"hearth/room"
)

// seats is the circle.Seats of a database.
type seats struct{ db *Durable }

// Seat is circle.Store's. In an aside it is proved, barred and ended by the
// seat of the same person in the room that the aside belongs to.
func (c seats) Seat(ctx context.Context, handle, secret string) (circle.Seat, error) {
	s := circle.Seat{Handle: handle}
	var kept, session string
	var as part
	var waits, deputy, asDeputy, bars, bans, ended int
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	err := c.db.read.QueryRowContext(ctx, `SELECT s.id, s.room, r.circle, s.role, COALESCE(p.secret, s.secret), COALESCE(s.of_seat, ''), COALESCE(r.parent, ''),
		s.waits, s.deputy, COALESCE(p.role, s.role), COALESCE(p.deputy, s.deputy), COALESCE(p.person, s.person, ''), COALESCE(p.session, s.session, ''),
		CASE WHEN i.revoked_at IS NULL THEN 0 ELSE 1 END,
		(SELECT COUNT(*) FROM bars b WHERE (b.room = s.room OR b.room = r.parent)
			AND (b.device = COALESCE(p.device, s.device) OR b.device = '`+barredPerson+`' || COALESCE(p.person, s.person))),
		(SELECT COUNT(*) FROM bans b
			WHERE b.key IN ('`+bannedSeat+`' || s.id, '`+bannedSeat+`' || s.of_seat, '`+bannedPerson+`' || COALESCE(p.person, s.person))
			AND (b.circle = '' OR b.circle = r.circle) AND `+holdsAt("$2", "$2")+`)
		FROM seats s JOIN rooms r ON r.id = s.room JOIN invites i ON i.code = s.invite LEFT JOIN seats p ON p.id = s.of_seat
		WHERE s.handle = $1`, asText(handle), time.Now().UnixMilli()).
		Scan(&s.ID, &s.Room, &s.Circle, &s.Role, &kept, &s.Of, &s.In, &waits, &deputy, &as.role, &asDeputy, &s.Person, &session, &ended, &bars, &bans)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return circle.Seat{}, wrap("seat", c.db.explain(err))
	}
	if subtle.ConstantTimeCompare([]byte(kept), []byte(digest("seat", secret))) != 1 || ended != 0 {
		return circle.Seat{}, circle.ErrNoSeat
	}
	s.Barred, s.Waits, s.Deputy = bars > 0, waits != 0, deputy != 0
	if s.Person == "" {
		return unlessBanned(bans, s)
	}
	has, err := personHolds(ctx, c.db.read, s.Circle, s.Person, session)
	if err != nil {
		return circle.Seat{}, wrap("seat", c.db.explain(err))
	}
	if as.deputy = asDeputy != 0; !has.still(as) {
		return circle.Seat{}, circle.ErrNoSeat
	}
	return unlessBanned(bans, s)
}

// unlessBanned is a seat that is proved, unless bans hold of whoever sits there.
func unlessBanned(bans int, s circle.Seat) (circle.Seat, error) {
	if bans > 0 {
		return circle.Seat{ID: s.ID, Circle: s.Circle, Person: s.Person}, circle.ErrBanned
	}
	return s, nil
}

// part is as what somebody comes into a room.
type part struct {
	role   room.Role // empty: not at all
	deputy bool
}

// held is what somebody who is signed in has to do with a circle.
type held struct {
	about     circle.About
	keeps     part // of the circle
	moderator bool // of the house
}

// personHolds says what a person's part in a circle is, as long as the
// session lasts; without it they have none.
func personHolds(ctx context.Context, q asker, of circle.ID, p circle.PersonID, session string) (h held, err error) {
	var about string
	var moderator int
	err = q.QueryRowContext(ctx, `SELECT c.about, p.moderator FROM sessions s JOIN people p ON p.id = s.person CROSS JOIN circles c
		WHERE s.id = $1 AND p.id = $2 AND c.id = $3`, asText(session), asText(string(p)), asText(string(of))).Scan(&about, &moderator)
	found, err := some(err)
	if err != nil || !found {
		return held{}, err
	}
	if err := json.Unmarshal([]byte(about), &h.about); err != nil {
		return held{}, err
	}
	h.keeps.role, h.keeps.deputy = circle.Circle{About: h.about}.Keeps(p)
	h.moderator = moderator != 0
	return h, nil
}

// as is what they come as.
func (h held) as() part {
	if h.keeps.role == "" && h.moderator {
		return part{role: room.Moderator}
	}
	return h.keeps
}

// still says whether a seat that they took as something is theirs. Whoever
// was given more since then keeps it.
func (h held) still(as part) bool {
	switch {
	case as.role == room.Moderator:
		return h.moderator
	case as.deputy:
		return h.keeps.role != ""
	}
	return as.role != "" && h.keeps.role == as.role
}

// Bar is circle.Store's. A single-use invite is bound to its device and is
// barred with it; a person who is signed in is barred whatever device they
// use. Seats that are not there any more are nobody's to bar.
func (c seats) Bar(ctx context.Context, r room.ID, seats ...room.SeatID) error {
	return wrap("bar", c.db.change(ctx, holdByRoom(r), func(t *sql.Tx) error { return barBy(ctx, t, "", r, seats) }))
}

// barBy bars seats, by a decision of a moderator's if there is one. Without a
// room each is barred from its own.
func barBy(ctx context.Context, t *sql.Tx, decision string, r room.ID, seats []room.SeatID) error {
	for _, s := range seats {
		for _, what := range []string{"device", "'" + barredSeat + "' || id", "'" + barredPerson + "' || person"} {
			_, err := t.ExecContext(ctx, `INSERT INTO bars (room, device, decision)
				SELECT room, `+what+`, NULLIF($3, '') FROM seats WHERE ($1 = '' OR room = $1) AND id = $2 AND `+what+` IS NOT NULL ON CONFLICT DO NOTHING`, string(r), string(s), decision)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// What begins a bar of something else than a device: of a seat, and of a
// person. No hash begins so.
const (
	barredSeat   = "seat "
	barredPerson = "person "
)

// Removed is circle.Store's.
func (c seats) Removed(ctx context.Context, r room.ID) (seats []room.SeatID, err error) {
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	rows, err := c.db.read.QueryContext(ctx, `SELECT SUBSTR(device, $3) FROM bars WHERE room = $1 AND device LIKE '`+barredSeat+`%'
		UNION SELECT s.id FROM seats s JOIN rooms r ON r.id = s.room LEFT JOIN seats p ON p.id = s.of_seat
			JOIN bans b ON b.key IN ('`+bannedSeat+`' || s.id, '`+bannedSeat+`' || s.of_seat, '`+bannedPerson+`' || COALESCE(p.person, s.person))
			WHERE s.room = $1 AND (b.circle = '' OR b.circle = r.circle) AND `+holdsAt("$2", "$2")+`
		ORDER BY 1`, string(r), time.Now().UnixMilli(), len(barredSeat)+1)
	if err != nil {
		return nil, wrap("removed", c.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var kept string
		if err := rows.Scan(&kept); err != nil {
			return nil, wrap("removed", c.db.explain(err))
		}
		seats = append(seats, room.SeatID(kept))
	}
	return seats, wrap("removed", c.db.explain(rows.Err()))
}

// EndRoom is circle.Store's. Ending a room twice, or one that is not there
// any more, changes nothing.
func (c seats) EndRoom(ctx context.Context, r room.ID, now time.Time) error {
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
func (c seats) OfRoom(ctx context.Context, r room.ID) (circle.Circle, error) {
	list, err := c.db.circles(ctx, `JOIN rooms r ON r.circle = c.id WHERE r.id = $1`, string(r))
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

// Forget is circle.Store's.
func (c seats) Forget(ctx context.Context, of circle.ID, device string) error {
	return wrap("forget", c.db.change(ctx, holdByCircle(of), func(t *sql.Tx) error {
		gone, err := forgetSeats(ctx, t, of, device)
		if err != nil {
			return err
		}
		if err := forgetBound(ctx, t, of, device); err != nil || !gone {
			return err
		}
		return bump(ctx, t)
	}))
}

// forgetSeats deletes a device's seats in a circle's rooms, and those of the
// same people in asides. Each room has a hash of the device of its own.
func forgetSeats(ctx context.Context, t *sql.Tx, of circle.ID, device string) (gone bool, err error) {
	rooms, err := column(ctx, t, `SELECT id FROM rooms WHERE circle = $1 AND parent IS NULL AND over_at IS NULL`, asText(string(of)))
	for _, id := range rooms {
		// Until an invite is used again it may be bound in the old form, which
		// takes its code to compare.
		for _, q := range []string{
			`UPDATE invites SET device = NULL WHERE uses = 1 AND code IN (SELECT invite FROM seats WHERE device = $1)`,
			`DELETE FROM seats WHERE of_seat IN (SELECT id FROM seats WHERE device = $1)`,
			`DELETE FROM seats WHERE device = $1`,
		} {
			done, err := t.ExecContext(ctx, q, digest("device", id, device))
			if err != nil {
				return false, err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return false, err
			}
			gone = gone || n > 0
		}
	}
	return gone, err
}

// forgetBound takes a device off the invites that are its own.
func forgetBound(ctx context.Context, t *sql.Tx, of circle.ID, device string) error {
	codes, err := column(ctx, t, `SELECT code FROM invites WHERE circle = $1 AND device IS NOT NULL`, asText(string(of)))
	for _, code := range codes {
		_, err := t.ExecContext(ctx, `UPDATE invites SET device = NULL WHERE code = $1 AND device = $2`, code, boundTo(code, device))
		if err != nil {
			return err
		}
	}
	return err
}

// boundTo is how an invite, by its code as it is kept, is bound to a device.
func boundTo(code, device string) string { return digest("bound to", code, device) }

// column reads a column of text.
func column(ctx context.Context, t *sql.Tx, query string, args ...any) (list []string, err error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

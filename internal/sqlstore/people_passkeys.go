package sqlstore

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"hearth/circle"
)

// passkeys is the circle.Passkeys of a database.
type passkeys struct{ db *Durable }

// asBytes and fromBytes are how bytes are kept, which are no text.
func asBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func fromBytes(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }

// AddWelcome is circle.Passkeys'.
func (p passkeys) AddWelcome(ctx context.Context, a circle.Act, w circle.Welcome) (string, error) {
	if !w.Until.After(a.At) {
		return "", errors.New("add welcome: it would have ended already")
	}
	code := newCode()
	err := p.db.change(ctx, hold{}, func(t *sql.Tx) error {
		for _, named := range []struct {
			query, id string
			no        error
		}{
			{`SELECT 1 FROM people WHERE id = $1`, string(w.Person), circle.ErrNoPerson},
			{`SELECT 1 FROM circles WHERE id = $1`, string(w.Circle), circle.ErrNoCircle},
		} {
			var one int
			if named.id == "" {
				continue
			}
			if found, err := some(t.QueryRowContext(ctx, named.query, asText(named.id)).Scan(&one)); err != nil || !found {
				return errors.Join(err, named.no)
			}
		}
		_, err := t.ExecContext(ctx, `INSERT INTO welcomes (code, person, circle, first, admin, moderator, deputy, until_at, maker)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, digest("welcome", code), orNull(string(w.Person)), orNull(string(w.Circle)),
			bit(w.First), bit(w.Admin), bit(w.Moderator), bit(w.Deputy), w.Until.UnixMilli(), orNull(asText(string(a.By))))
		if err != nil {
			return err
		}
		return p.db.record(ctx, t, a, "welcome-made", string(w.Person)+string(w.Circle))
	})
	if err != nil {
		return "", answer("add welcome", err)
	}
	return code, nil
}

// dropOwn ends the links that somebody made for passkeys of their own: they
// may be with whoever was just shut out.
func dropOwn(ctx context.Context, t *sql.Tx, of circle.PersonID) error {
	_, err := t.ExecContext(ctx, `DELETE FROM welcomes WHERE person = $1 AND maker = $1`, asText(string(of)))
	return err
}

func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// Welcome is circle.Passkeys'.
func (p passkeys) Welcome(ctx context.Context, code string, now time.Time) (circle.Welcome, error) {
	ctx, cancel := p.db.bound(ctx)
	defer cancel()
	w, err := welcomeOf(ctx, p.db.read, code, now)
	return w, answer("welcome", p.db.explain(err))
}

// welcomeOf returns a welcome that works. The first admin's doesn't once
// there is one; one that somebody made doesn't once they could not make it.
func welcomeOf(ctx context.Context, q asker, code string, now time.Time) (circle.Welcome, error) {
	var w circle.Welcome
	var until int64
	err := q.QueryRowContext(ctx, `SELECT COALESCE(person, ''), COALESCE(circle, ''), first, admin, moderator, deputy, until_at FROM welcomes
		WHERE code = $1 AND until_at > $2 AND (first = 0 OR NOT EXISTS (SELECT 1 FROM people p WHERE p.admin = 1))
		AND (maker IS NULL OR EXISTS (SELECT 1 FROM people m WHERE m.id = maker AND (m.admin = 1 OR m.id = person)))`, digest("welcome", code), now.UnixMilli()).
		Scan(&w.Person, &w.Circle, &w.First, &w.Admin, &w.Moderator, &w.Deputy, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return circle.Welcome{}, circle.ErrNoWelcome
	}
	w.Until = time.UnixMilli(until)
	return w, err
}

// Register is circle.Passkeys'. It holds what changing people holds, so that
// of two who use one welcome at once, or each a first one, one does.
func (p passkeys) Register(ctx context.Context, code string, who circle.Person, k circle.Passkey, now time.Time) (circle.Person, error) {
	err := p.db.change(ctx, holdEverywhere, func(t *sql.Tx) error {
		w, err := welcomeOf(ctx, t, code, now)
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `DELETE FROM welcomes WHERE code = $1`, digest("welcome", code)); err != nil {
			return err
		}
		if w.Person != "" {
			if who, err = personOf(ctx, t, w.Person); errors.Is(err, circle.ErrNoPerson) {
				return circle.ErrNoWelcome
			}
		} else {
			who.Name, who.Admin, who.Moderator, who.Made = asText(strings.TrimSpace(who.Name)), w.Admin, w.Moderator, time.UnixMilli(now.UnixMilli())
			err = p.addPerson(ctx, t, who, w)
		}
		if err != nil {
			return err
		}
		k.Person = who.ID
		return p.addPasskey(ctx, t, k, now)
	})
	if err != nil {
		return circle.Person{}, answer("register", err)
	}
	return who, nil
}

// addPerson makes somebody new, with the part that a welcome gives them.
func (p passkeys) addPerson(ctx context.Context, t *sql.Tx, who circle.Person, w circle.Welcome) error {
	if err := who.Check(); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `INSERT INTO people (id, n, name, admin, moderator, made)
		SELECT $1, COALESCE(MAX(n), 0) + 1, $2, $3, $4, $5 FROM people`,
		string(who.ID), who.Name, bit(who.Admin), bit(who.Moderator), who.Made.UnixMilli())
	if err == nil && w.Circle != "" {
		err = p.appoint(ctx, t, w.Circle, who.ID, w.Deputy, who.Made)
	}
	if err != nil {
		return err
	}
	return p.db.record(ctx, t, circle.Act{By: who.ID, At: who.Made}, "person-came", string(who.ID))
}

func (p passkeys) addPasskey(ctx context.Context, t *sql.Tx, k circle.Passkey, now time.Time) error {
	var has, of int
	err := t.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN person = $1 THEN 1 ELSE 0 END), 0) FROM passkeys WHERE person = $1 OR id = $2`,
		string(k.Person), asBytes(k.ID)).Scan(&has, &of)
	switch {
	case err != nil:
		return err
	case of >= circle.MostPasskeys:
		return circle.ErrFull
	}
	r, err := t.ExecContext(ctx, `INSERT INTO passkeys (id, person, data, made) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		asBytes(k.ID), string(k.Person), asBytes(k.Data), now.UnixMilli())
	if err := touched(r, err, circle.ErrNoPasskey); err != nil {
		return err
	}
	return p.db.record(ctx, t, circle.Act{By: k.Person, At: now}, "passkey-made", string(k.Person))
}

// touched is no if nothing was changed.
func touched(r sql.Result, err, no error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		err = no
	}
	return err
}

// Passkeys is circle.Passkeys'.
func (p passkeys) Passkeys(ctx context.Context, of circle.PersonID) ([]circle.Passkey, error) {
	ctx, cancel := p.db.bound(ctx)
	defer cancel()
	rows, err := p.db.read.QueryContext(ctx, `SELECT id, data, made, used_at FROM passkeys WHERE person = $1 ORDER BY made, id`, asText(string(of)))
	if err != nil {
		return nil, wrap("passkeys", p.db.explain(err))
	}
	defer rows.Close()
	var list []circle.Passkey
	for rows.Next() {
		var id, data string
		var made int64
		var used sql.NullInt64
		if err := rows.Scan(&id, &data, &made, &used); err != nil {
			return nil, wrap("passkeys", p.db.explain(err))
		}
		k := circle.Passkey{Person: of, Made: time.UnixMilli(made)}
		if used.Valid {
			k.Used = time.UnixMilli(used.Int64).UTC()
		}
		var bad, worse error
		k.ID, bad = fromBytes(id)
		k.Data, worse = fromBytes(data)
		if err := errors.Join(bad, worse); err != nil {
			return nil, wrap("passkeys", err)
		}
		list = append(list, k)
	}
	return list, wrap("passkeys", p.db.explain(rows.Err()))
}

// UsePasskey is circle.Passkeys'.
func (p passkeys) UsePasskey(ctx context.Context, k circle.Passkey, was []byte, now time.Time) error {
	return answer("use passkey", p.db.change(ctx, hold{}, func(t *sql.Tx) error {
		r, err := t.ExecContext(ctx, `UPDATE passkeys SET data = $3, used_at = $4 WHERE id = $1 AND data = $2`,
			asBytes(k.ID), asBytes(was), asBytes(k.Data), now.UTC().Truncate(24*time.Hour).UnixMilli())
		err = touched(r, err, circle.ErrChanged)
		if !errors.Is(err, circle.ErrChanged) {
			return err
		}
		var there int
		found, e := some(t.QueryRowContext(ctx, `SELECT 1 FROM passkeys WHERE id = $1`, asBytes(k.ID)).Scan(&there))
		if e != nil || found {
			return errors.Join(e, err)
		}
		return circle.ErrNoPasskey
	}))
}

// RemovePasskey is circle.Passkeys'.
func (p passkeys) RemovePasskey(ctx context.Context, a circle.Act, of circle.PersonID, id []byte) error {
	return answer("remove passkey", p.db.change(ctx, holdPeople, func(t *sql.Tx) error {
		r, err := t.ExecContext(ctx, `DELETE FROM passkeys WHERE person = $1 AND id = $2`, asText(string(of)), asBytes(id))
		if err := touched(r, err, circle.ErrNoPasskey); err != nil {
			return err
		}
		var left int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM passkeys WHERE person = $1`, string(of)).Scan(&left); err != nil {
			return err
		}
		if left == 0 {
			return circle.ErrLastAdmin
		}
		if err := dropOwn(ctx, t, of); err != nil {
			return err
		}
		return p.db.record(ctx, t, a, "passkey-removed", string(of))
	}))
}

// Begin is circle.Passkeys'. Whatever was begun too long ago goes.
func (p passkeys) Begin(ctx context.Context, data []byte, now time.Time) (string, error) {
	code := newCode()
	err := p.db.change(ctx, hold{}, func(t *sql.Tx) error {
		if _, err := t.ExecContext(ctx, `DELETE FROM ceremonies WHERE until_at <= $1`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO ceremonies (code, data, until_at) VALUES ($1, $2, $3)`,
			digest("ceremony", code), asBytes(data), now.Add(circle.CeremonyLife).UnixMilli())
		return err
	})
	if err != nil {
		return "", wrap("begin", err)
	}
	return code, nil
}

// End is circle.Passkeys'. Of two who end one at once, one does.
func (p passkeys) End(ctx context.Context, code string, now time.Time) (data []byte, err error) {
	err = p.db.change(ctx, hold{}, func(t *sql.Tx) error {
		var kept string
		var until int64
		found, err := some(t.QueryRowContext(ctx, `DELETE FROM ceremonies WHERE code = $1 RETURNING data, until_at`, digest("ceremony", code)).Scan(&kept, &until))
		if err != nil || !found {
			return errors.Join(err, circle.ErrNoPasskey)
		}
		if data, err = fromBytes(kept); err == nil && until <= now.UnixMilli() {
			data = nil // it is gone all the same
		}
		return err
	})
	if err == nil && data == nil {
		err = circle.ErrNoPasskey
	}
	return data, answer("end", err)
}

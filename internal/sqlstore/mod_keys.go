package sqlstore

import (
	"context"
	"database/sql"
	"encoding/base64"

	"hearth/circle"
	"hearth/moderation"
)

// modKeys is the moderation.ModKeys of a database.
type modKeys struct{ mod }

// AddKey is moderation.Store's. The key is of whoever adds it; one that is
// theirs already is not added again. ErrDone if it is somebody else's.
func (m modKeys) AddKey(ctx context.Context, a moderation.Act, k moderation.PublicKey) error {
	id, err := moderation.KeyID(k.Raw)
	if err != nil {
		return err
	}
	now := acting(a).At.UnixMilli()
	return m.change(ctx, "add key", holdDesk, func(t *sql.Tx) error {
		if err := m.moderates(ctx, t, a.By); err != nil {
			return err
		}
		var whose string
		err := t.QueryRowContext(ctx, `SELECT person FROM modkeys WHERE id = $1`, id).Scan(&whose)
		if found, err := some(err); err != nil || found {
			if err == nil && whose != string(a.By) {
				err = moderation.ErrDone
			}
			return err
		}
		// Newer ones are made later also when the clock went back.
		_, err = t.ExecContext(ctx, `INSERT INTO modkeys (id, person, raw, made) SELECT $1, $2, $3, MAX(made) FROM
			(SELECT CAST($4 AS BIGINT) AS made UNION ALL SELECT made + 1 FROM modkeys WHERE person = $2) AS all_made`,
			id, string(a.By), base64.StdEncoding.EncodeToString(k.Raw), now)
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `DELETE FROM modkeys WHERE person = $1 AND id NOT IN
			(SELECT id FROM modkeys WHERE person = $1 ORDER BY made DESC LIMIT $2)`, string(a.By), moderation.MostKeys)
		if err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "key-added", id, "", "")
	})
}

// Keys is moderation.Store's, in the order they were made.
func (m modKeys) Keys(ctx context.Context) (list []moderation.PublicKey, err error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	rows, err := m.db.read.QueryContext(ctx, `SELECT k.id, k.person, k.raw FROM modkeys k JOIN people p ON p.id = k.person
		WHERE p.moderator = 1 ORDER BY k.made, k.id`)
	if err != nil {
		return nil, wrap("keys", m.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var k moderation.PublicKey
		var raw string
		if err := rows.Scan(&k.ID, &k.Person, &raw); err != nil {
			return nil, wrap("keys", m.db.explain(err))
		}
		if k.Raw, err = base64.StdEncoding.DecodeString(raw); err != nil {
			return nil, wrap("keys: "+k.ID, err)
		}
		list = append(list, k)
	}
	return list, wrap("keys", m.db.explain(rows.Err()))
}

// EndKey is moderation.Store's. ErrNotYours if it is not one's own, or gone.
func (m modKeys) EndKey(ctx context.Context, a moderation.Act, id string) error {
	return m.change(ctx, "end key", holdDesk, func(t *sql.Tx) error {
		n, err := rowsOf(t.ExecContext(ctx, `DELETE FROM modkeys WHERE id = $1 AND person = $2`, asText(id), asText(string(a.By))))
		if err == nil && n == 0 {
			err = moderation.ErrNotYours
		}
		if err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "key-ended", id, "", "")
	})
}

// leaveDesk takes all from somebody that they had as a moderator: keys, duty
// and cases, which go back to the queue. On PostgreSQL it holds the desk, so it
// comes before whatever changes the person.
func (d *Durable) leaveDesk(ctx context.Context, t *sql.Tx, p circle.PersonID) error {
	if d.shared {
		if err := holdDesk.take(ctx, t); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`UPDATE people SET moderator = 0 WHERE id = $1`, // whoever looks at it waits from here on
		`DELETE FROM modkeys WHERE person = $1`,
		`DELETE FROM duties WHERE person = $1`,
		`UPDATE cases SET rev = rev + 1 WHERE id IN (SELECT case_id FROM claims WHERE person = $1)`,
		`DELETE FROM claims WHERE person = $1`,
	} {
		if _, err := t.ExecContext(ctx, q, string(p)); err != nil {
			return err
		}
	}
	return bumpDesk(ctx, t)
}

// rowsOf is how many rows a statement changed.
func rowsOf(done sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
)

// invites is the circle.Invites of a database.
type invites struct{ db *Durable }

// inviteID names an invite. Those that were made before invites had ids have
// a piece of their hash, which tells nothing of the code.
const inviteID = `COALESCE(id, substr(code, 1, 22))`

// AddInvite is circle.Store's.
func (c invites) AddInvite(ctx context.Context, a circle.Act, i circle.Invite) (code string, err error) {
	if err := i.Check(moment(a)); err != nil {
		return "", err
	}
	code, i.ID = newCode(), uuid.NewString()
	until := sql.NullInt64{Int64: i.Until.UnixMilli(), Valid: !i.Until.IsZero()}
	err = c.db.change(ctx, holdByCircle(i.Circle), func(t *sql.Tx) error {
		of, err := changing(ctx, t, i.Circle)
		if err != nil {
			return err
		}
		if err := of.Admits(i); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO invites (code, circle, role, uses, used, until_at, id, note, n)
			SELECT $1, $2, $3, $4, 0, $5, $6, $7, COALESCE(MAX(n), 0) + 1 FROM invites WHERE circle = $2`,
			digest("invite", code), string(i.Circle), string(i.Role), i.Uses, until, i.ID, asText(i.For))
		if err != nil {
			return err
		}
		return c.db.record(ctx, t, a, "invite-made", i.ID)
	})
	if err != nil {
		return "", answer("add invite", err)
	}
	return code, nil
}

// Invites is circle.Store's.
func (c invites) Invites(ctx context.Context, of circle.ID, now time.Time) ([]circle.Invite, error) {
	ctx, cancel := c.db.bound(ctx)
	defer cancel()
	rows, err := c.db.read.QueryContext(ctx, `SELECT `+inviteID+`, role, uses, used, until_at, note FROM invites i
		WHERE circle = $1 AND role <> '' AND revoked_at IS NULL AND (until_at IS NULL OR until_at > $2)
		AND (uses = 0 OR used < uses OR device IS NOT NULL OR EXISTS (SELECT 1 FROM seats s WHERE s.invite = i.code))
		ORDER BY n DESC, code`, asText(string(of)), now.UnixMilli())
	if err != nil {
		return nil, wrap("invites", c.db.explain(err))
	}
	defer rows.Close()
	var list []circle.Invite
	for rows.Next() {
		i := circle.Invite{Circle: of}
		var until sql.NullInt64
		if err := rows.Scan(&i.ID, &i.Role, &i.Uses, &i.Used, &until, &i.For); err != nil {
			return nil, wrap("invites", c.db.explain(err))
		}
		if until.Valid {
			i.Until = time.UnixMilli(until.Int64)
		}
		list = append(list, i)
	}
	return list, wrap("invites", c.db.explain(rows.Err()))
}

// Revoke is circle.Store's. Revoking twice is revoking once.
func (c invites) Revoke(ctx context.Context, a circle.Act, of circle.ID, id string) error {
	err := c.db.change(ctx, holdByCircle(of), func(t *sql.Tx) error {
		var code string
		var revoked sql.NullInt64
		err := t.QueryRowContext(ctx, `SELECT code, revoked_at FROM invites WHERE circle = $1 AND role <> '' AND `+inviteID+` = $2`,
			asText(string(of)), asText(id)).Scan(&code, &revoked)
		found, err := some(err)
		switch {
		case err != nil:
			return err
		case !found:
			return circle.ErrNoInvite
		case revoked.Valid:
			return nil
		}
		if _, err := t.ExecContext(ctx, `UPDATE invites SET revoked_at = $2 WHERE code = $1`, code, moment(a).UnixMilli()); err != nil {
			return err
		}
		if err := c.db.record(ctx, t, a, "invite-revoked", id); err != nil {
			return err
		}
		return bump(ctx, t)
	})
	return answer("revoke", err)
}

// door is what seats hang on that were had without an invite: by the page of
// a circle that is open to all, or by somebody who is signed in. It is a row
// of invites with no role, and no code leads to it.
func door(ctx context.Context, t *sql.Tx, code string, of circle.ID) error {
	_, err := t.ExecContext(ctx, `INSERT INTO invites (code, circle, role, uses, used) VALUES ($1, $2, '', 0, 0) ON CONFLICT DO NOTHING`,
		code, string(of))
	return err
}

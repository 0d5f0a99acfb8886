package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
)

// sessions is the circle.Sessions of a database.
type sessions struct{ db *Durable }

// inUse says which sessions still work: $1 and $2 are the earliest times they
// may have been seen and made.
const inUse = ` seen > $1 AND made > $2 `

func since(now time.Time) (seen, made int64) {
	return now.Add(-circle.SessionIdle).UnixMilli(), now.Add(-circle.SessionLife).UnixMilli()
}

// SignIn is circle.Sessions'.
func (s sessions) SignIn(ctx context.Context, p circle.PersonID, now time.Time) (string, error) {
	secret := rand.Text()
	err := s.db.change(ctx, holdPeople, func(t *sql.Tx) error {
		if _, err := personOf(ctx, t, p); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO sessions (id, secret, person, made, seen, proved) VALUES ($1, $2, $3, $4, $5, $4)`,
			uuid.NewString(), digest("session", secret), string(p), now.UnixMilli(), now.Truncate(time.Hour).UnixMilli())
		return err
	})
	if err != nil {
		return "", answer("sign in", err)
	}
	return secret, nil
}

// Session is circle.Sessions'.
func (s sessions) Session(ctx context.Context, secret string, now time.Time) (circle.Session, error) {
	bounded, cancel := s.db.bound(ctx)
	defer cancel()
	seen, made := since(now)
	one, err := scanSession(s.db.read.QueryRowContext(bounded, sessionColumns+`WHERE`+inUse+`AND secret = $3`, seen, made, digest("session", secret)))
	if errors.Is(err, sql.ErrNoRows) {
		return circle.Session{}, circle.ErrNoSession
	}
	if err != nil {
		return circle.Session{}, wrap("session", s.db.explain(err))
	}
	if hour := now.Truncate(time.Hour); hour.After(one.Seen) {
		err = s.db.change(ctx, hold{}, func(t *sql.Tx) error {
			_, err := t.ExecContext(ctx, `UPDATE sessions SET seen = $2 WHERE id = $1 AND seen < $2`, one.ID, hour.UnixMilli())
			return err
		})
		one.Seen = time.UnixMilli(hour.UnixMilli())
	}
	return one, wrap("session", err)
}

const sessionColumns = `SELECT id, person, made, seen, proved FROM sessions `

func scanSession(row scanner) (s circle.Session, err error) {
	var made, seen, proved int64
	err = row.Scan(&s.ID, &s.Person, &made, &seen, &proved)
	s.Made, s.Seen, s.Proved = time.UnixMilli(made), time.UnixMilli(seen), time.UnixMilli(proved)
	return s, err
}

// Prove is circle.Sessions'.
func (s sessions) Prove(ctx context.Context, secret string, now time.Time) (string, error) {
	renewed := rand.Text()
	seen, made := since(now)
	err := s.db.change(ctx, hold{}, func(t *sql.Tx) error {
		r, err := t.ExecContext(ctx, `UPDATE sessions SET secret = $4, proved = $5, seen = $6 WHERE`+inUse+`AND secret = $3`,
			seen, made, digest("session", secret), digest("session", renewed), now.UnixMilli(), now.Truncate(time.Hour).UnixMilli())
		return touched(r, err, circle.ErrNoSession)
	})
	if err != nil {
		return "", answer("prove", err)
	}
	return renewed, nil
}

// Sessions is circle.Sessions'. The newest comes first.
func (s sessions) Sessions(ctx context.Context, p circle.PersonID, now time.Time) ([]circle.Session, error) {
	ctx, cancel := s.db.bound(ctx)
	defer cancel()
	seen, made := since(now)
	rows, err := s.db.read.QueryContext(ctx, sessionColumns+`WHERE`+inUse+`AND person = $3 ORDER BY made DESC, id`, seen, made, asText(string(p)))
	if err != nil {
		return nil, wrap("sessions", s.db.explain(err))
	}
	defer rows.Close()
	var list []circle.Session
	for rows.Next() {
		one, err := scanSession(rows)
		if err != nil {
			return nil, wrap("sessions", s.db.explain(err))
		}
		list = append(list, one)
	}
	return list, wrap("sessions", s.db.explain(rows.Err()))
}

// EndSession is circle.Sessions'.
func (s sessions) EndSession(ctx context.Context, a circle.Act, p circle.PersonID, id string) error {
	return answer("end session", s.db.change(ctx, hold{}, func(t *sql.Tx) error {
		r, err := t.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1 AND (id = $2 OR $2 = '')`, asText(string(p)), asText(id))
		if err := touched(r, err, circle.ErrNoSession); err != nil {
			if id == "" && errors.Is(err, circle.ErrNoSession) {
				return nil
			}
			return err
		}
		if err := dropOwn(ctx, t, p); err != nil {
			return err
		}
		if err := s.db.record(ctx, t, a, "session-ended", string(p)); err != nil {
			return err
		}
		return bump(ctx, t)
	}))
}

// Revision is circle.Sessions'.
func (s sessions) Revision(ctx context.Context) (n int64, err error) {
	ctx, cancel := s.db.bound(ctx)
	defer cancel()
	err = s.db.read.QueryRowContext(ctx, `SELECT n FROM revisions`).Scan(&n)
	return n, wrap("revision", s.db.explain(err))
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hearth/moderation"
)

// modClaims is the moderation.Claims of a database.
type modClaims struct{ mod }

// acting gives an act a time.
func acting(a moderation.Act) moderation.Act {
	if a.At.IsZero() {
		a.At = time.Now()
	}
	return a
}

// touched is a case that a moderator changes.
func (m mod) touched(ctx context.Context, t *sql.Tx, a moderation.Act, id string) (moderation.Case, error) {
	if err := m.moderates(ctx, t, a.By); err != nil {
		return moderation.Case{}, err
	}
	return seen(ctx, t, a.By, id, a.At)
}

// taken is touched for what only whoever has the case may do. It renews the
// lease: they are at work.
func (m mod) taken(ctx context.Context, t *sql.Tx, a moderation.Act, id string) (moderation.Case, error) {
	c, err := m.touched(ctx, t, a, id)
	if err == nil && c.Claim.By != a.By {
		err = moderation.ErrNotYours
	}
	if err != nil {
		return moderation.Case{}, err
	}
	return c, lease(ctx, t, &c, a.By, a.At)
}

// lease gives a case to somebody, from now on.
func lease(ctx context.Context, t *sql.Tx, c *moderation.Case, to moderation.PersonID, now time.Time) error {
	if c.Claim.By != to {
		c.Claim = moderation.Claim{By: to, Since: now}
	}
	c.Claim.Until = now.Add(moderation.ClaimFor)
	_, err := t.ExecContext(ctx, `INSERT INTO claims (case_id, person, since, until_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (case_id) DO UPDATE SET person = excluded.person, since = excluded.since, until_at = excluded.until_at`,
		c.ID, string(to), c.Claim.Since.UnixMilli(), c.Claim.Until.UnixMilli())
	return err
}

// changed counts a change of a case.
func changed(ctx context.Context, t *sql.Tx, id string) error {
	_, err := t.ExecContext(ctx, `UPDATE cases SET rev = rev + 1 WHERE id = $1`, id)
	return err
}

// Claim is moderation.Store's. A closed case can be taken as well: to read
// it, or for what has to follow.
func (m modClaims) Claim(ctx context.Context, a moderation.Act, id string) (out moderation.Case, err error) {
	a = acting(a)
	err = m.change(ctx, "claim", holdDesk, func(t *sql.Tx) error {
		c, err := m.touched(ctx, t, a, id)
		switch {
		case err != nil:
			return err
		case c.DecidedBy(a.By):
			return moderation.ErrNotYours
		case c.Claim.By == a.By:
			out = c
			return lease(ctx, t, &out, a.By, a.At)
		case c.Claim.By != "":
			return &moderation.ClaimedError{Claim: c.Claim}
		}
		if err := lease(ctx, t, &c, a.By, a.At); err != nil {
			return err
		}
		if c.Acked.IsZero() {
			_, err := t.ExecContext(ctx, `UPDATE cases SET acked_at = $2, state = CASE WHEN closed_at IS NULL THEN 'acknowledged' ELSE state END WHERE id = $1`, c.ID, a.At.UnixMilli())
			if err != nil {
				return err
			}
		}
		if err := changed(ctx, t, c.ID); err != nil {
			return err
		}
		if out, err = seen(ctx, t, a.By, c.ID, a.At); err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "case-claimed", c.ID, "", "")
	})
	if err != nil {
		return moderation.Case{}, err
	}
	return out, nil
}

// Release is moderation.Store's.
func (m modClaims) Release(ctx context.Context, a moderation.Act, id string) error {
	a = acting(a)
	return m.change(ctx, "release", holdDesk, func(t *sql.Tx) error {
		c, err := m.taken(ctx, t, a, id)
		if err != nil {
			return err
		}
		return m.release(ctx, t, a, c.ID)
	})
}

func (m modClaims) release(ctx context.Context, t *sql.Tx, a moderation.Act, id string) error {
	if _, err := t.ExecContext(ctx, `DELETE FROM claims WHERE case_id = $1`, id); err != nil {
		return err
	}
	if err := changed(ctx, t, id); err != nil {
		return err
	}
	return m.db.recordMod(ctx, t, a, "case-released", id, "", "")
}

// HandOver is moderation.Store's. ErrNotYours also if the other one may not
// have it.
func (m modClaims) HandOver(ctx context.Context, a moderation.Act, id string, to moderation.PersonID) error {
	a = acting(a)
	return m.change(ctx, "hand over", holdDesk, func(t *sql.Tx) error {
		c, err := m.taken(ctx, t, a, id)
		if err != nil {
			return err
		}
		can, err := m.canHave(ctx, t, to, c, a.At)
		if err == nil && !can {
			err = moderation.ErrNotYours
		}
		if err != nil {
			return err
		}
		return m.handOver(ctx, t, a, c, to)
	})
}

// canHave says whether somebody may have a case.
func (m modClaims) canHave(ctx context.Context, t *sql.Tx, p moderation.PersonID, c moderation.Case, now time.Time) (bool, error) {
	if err := m.moderates(ctx, t, p); err != nil {
		return false, unless(err, moderation.ErrNotYours)
	}
	if _, err := seen(ctx, t, p, c.ID, now); err != nil {
		return false, unless(err, moderation.ErrNoCase)
	}
	return !c.DecidedBy(p), nil
}

func (m modClaims) handOver(ctx context.Context, t *sql.Tx, a moderation.Act, c moderation.Case, to moderation.PersonID) error {
	if err := lease(ctx, t, &c, to, a.At); err != nil {
		return err
	}
	if err := changed(ctx, t, c.ID); err != nil {
		return err
	}
	return m.db.recordMod(ctx, t, a, "case-handed", c.ID, "", "")
}

// Shift is moderation.Store's. What the other one may not have goes back to
// the queue.
func (m modClaims) Shift(ctx context.Context, a moderation.Act, to moderation.PersonID) (n int, err error) {
	a = acting(a)
	err = m.change(ctx, "shift", holdDesk, func(t *sql.Tx) error {
		n = 0
		if err := m.moderates(ctx, t, a.By); err != nil {
			return err
		}
		if err := m.moderates(ctx, t, to); err != nil {
			return err
		}
		mine, err := casesOf(ctx, t, a.At, `WHERE l.person = $1 AND `+seenBy+`ORDER BY c.n`, asText(string(a.By)))
		if err != nil || to == a.By {
			return err
		}
		for _, c := range mine {
			if c.Claim.By == "" {
				continue // the lease ran out
			}
			can, err := m.canHave(ctx, t, to, c, a.At)
			switch {
			case err != nil:
			case can:
				n++
				err = m.handOver(ctx, t, a, c, to)
			default:
				err = m.release(ctx, t, a, c.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// unless is an error but for the one that is an answer here.
func unless(err, answer error) error {
	if errors.Is(err, answer) {
		return nil
	}
	return err
}

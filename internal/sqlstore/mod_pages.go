package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"hearth/moderation"
)

// modPages is the moderation.Pages of a database.
//
//	no row ─► leased ─► done        a call took
//	            ▲  └──► failed      tries counts; due again when the lease is over
//	            └── lease is over   whoever had it is gone
//
// A row also says how grave the case was: one that has become graver since is
// due once more. The leases are of the nodes' clocks, which agree to 2 s where
// rooms are shared. A clock that goes back makes a lease begin anew, so that
// nothing goes out twice for it; what has gone out never goes out again.
type modPages struct{ mod }

// duePages are the pages that are due at $1, the gravest first. Nobody is woken
// at once for what has days ($2). What became grave by a later report has its
// time for the emergency contact from that one on; somebody who isn't well, in
// reports without a category, has it from the first, however often they say so.
var duePages = `SELECT c.id, c.n, c.kind, c.category, c.priority, c.circle, c.room, c.raised_at, c.due_at, c.step, COALESCE(c.tries, 0)
	FROM (SELECT c.*, s.step, p.tries, p.done_at, p.lease_at, p.priority AS paged, CASE
			WHEN s.step = 'emergency' THEN $3 +
				COALESCE((SELECT MIN(r.at) FROM reports r WHERE r.case_id = c.id AND r.category IN (` + gravest() + `)), c.raised_at)
			WHEN c.alone = 1 AND c.priority < $2 AND p.done_at IS NULL THEN c.raised_at ELSE c.due_at END AS since
		FROM cases c CROSS JOIN (SELECT 'call' AS step UNION ALL SELECT 'emergency') s
		LEFT JOIN pages p ON p.case_id = c.id AND p.step = s.step
		WHERE c.acked_at IS NULL AND c.closed_at IS NULL AND (s.step = 'call' OR c.priority = 0)) c
	WHERE c.since <= $1 AND (c.paged IS NULL OR c.done_at IS NULL OR c.paged > c.priority) AND (c.lease_at IS NULL OR c.lease_at <= $1 OR c.lease_at > $4)
	ORDER BY c.priority, c.since, c.step LIMIT 1`

// gravest are the categories of P0, as a list in a query.
func gravest() string {
	var list []string
	for _, s := range moderation.Sorts {
		if s.Priority == moderation.P0 {
			list = append(list, "'"+string(s.Category)+"'")
		}
	}
	return strings.Join(list, ", ")
}

func nextPage(ctx context.Context, q asker, now time.Time) (p moderation.Page, err error) {
	var raised, due int64
	c := &p.Case
	err = q.QueryRowContext(ctx, duePages, now.UnixMilli(), int(moderation.P3),
		moderation.EmergencyAfter.Milliseconds(), now.Add(moderation.PageLease).UnixMilli()).
		Scan(&c.ID, &c.N, &c.Kind, &c.Category, &c.Priority, &c.Circle, &c.Room, &raised, &due, &p.Step, &p.Tries)
	if found, err := some(err); err != nil || !found {
		if err == nil {
			err = moderation.ErrDone
		}
		return moderation.Page{}, err
	}
	c.State, c.Raised, c.Due = moderation.Raised, time.UnixMilli(raised), time.UnixMilli(due)
	return p, nil
}

// DuePage is moderation.Store's. It reads first: mostly nothing is due, and
// every node asks each second. Of the case it has those facts alone that say
// what waits.
func (m modPages) DuePage(ctx context.Context, now time.Time) (p moderation.Page, err error) {
	err = m.db.look(ctx, func(t *sql.Tx) error {
		_, err := nextPage(ctx, t, now)
		return err
	})
	if err != nil {
		return moderation.Page{}, modAnswer("due page", err)
	}
	none := false
	err = m.db.change(ctx, holdDesk, func(t *sql.Tx) error {
		until := now.Add(moderation.PageLease).UnixMilli()
		if _, err := t.ExecContext(ctx, `UPDATE pages SET lease_at = $1 WHERE lease_at > $1`, until); err != nil {
			return err
		}
		p, err = nextPage(ctx, t, now)
		if none = err == moderation.ErrDone; none {
			return nil // but what the clock did to leases is kept
		}
		if err != nil {
			return err
		}
		// One that is due once more begins anew.
		_, err = t.ExecContext(ctx, `INSERT INTO pages (case_id, step, lease_at, priority, tries) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (case_id, step) DO UPDATE SET lease_at = $3, priority = $4, done_at = NULL,
				tries = CASE WHEN pages.done_at IS NULL THEN pages.tries ELSE 0 END`,
			p.Case.ID, string(p.Step), until, int(p.Case.Priority))
		return err
	})
	if err == nil && none {
		err = moderation.ErrDone
	}
	if err != nil {
		return moderation.Page{}, modAnswer("due page", err)
	}
	return p, nil
}

// Paged is moderation.Store's. Of two that had one page, one after the other,
// the first that says so counts.
func (m modPages) Paged(ctx context.Context, p moderation.Page, ok bool, now time.Time) error {
	return modAnswer("paged", m.db.change(ctx, holdDesk, func(t *sql.Tx) error {
		set := `tries = tries + 1, lease_at = $4 WHERE tries = $5`
		args := []any{asText(p.Case.ID), string(p.Step), int(p.Case.Priority), now.Add(moderation.PageLease).UnixMilli(), p.Tries}
		if ok {
			set, args = `done_at = $4 WHERE tries >= 0`, append(args[:3], now.UnixMilli())
		}
		n, err := rowsOf(t.ExecContext(ctx, `UPDATE pages SET `+set+` AND case_id = $1 AND step = $2 AND priority = $3 AND done_at IS NULL`, args...))
		if err != nil || n == 0 || ok && p.Tries == 0 {
			return err
		}
		return bumpDesk(ctx, t) // a desk shows what went unheard
	}))
}

// Unheard is moderation.Store's.
func (m modPages) Unheard(ctx context.Context, v moderation.Viewer) (n int, err error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	err = m.db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM pages p JOIN cases c ON c.id = p.case_id
		WHERE p.tries > 0 AND p.done_at IS NULL AND c.acked_at IS NULL AND c.closed_at IS NULL AND `+seenBy, asText(string(v.Person))).Scan(&n)
	return n, wrap("unheard", m.db.explain(err))
}

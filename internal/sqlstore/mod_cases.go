package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"hearth/moderation"
)

// modCases is the moderation.Cases of a database.
type modCases struct{ mod }

// caseRows reads cases as scanCase takes them.
const caseRows = `SELECT c.id, c.n, c.rev, c.kind, c.about, c.category, c.priority, c.circle, c.room, c.subject, c.person, c.state, c.outcome,
	c.reports, c.quotes, c.raised_at, c.due_at, c.acked_at, c.closed_at, c.again_at, c.erased,
	COALESCE(l.person, ''), COALESCE(l.since, 0), COALESCE(l.until_at, 0), COALESCE(a.decision, ''), COALESCE(a.decider, ''), COALESCE(a.second, '')
	FROM cases c LEFT JOIN claims l ON l.case_id = c.id LEFT JOIN appeals a ON a.case_id = c.id `

// seenBy leaves out what somebody is kept away from, and everything for
// whoever is no moderator. It takes who as $1.
const seenBy = `NOT EXISTS (SELECT 1 FROM case_away w WHERE w.case_id = c.id AND w.person = $1)
	AND EXISTS (SELECT 1 FROM people p WHERE p.id = $1 AND p.moderator = 1) `

// waiting is what is in the queue, at the time $2. The first part is that of
// the index.
const waiting = `(c.closed_at IS NULL OR c.again_at IS NOT NULL) AND (c.closed_at IS NULL OR c.again_at <= $2) `

// leaseSkew is how much further than ClaimFor the end of a lease may be: by
// so much do clocks of nodes differ. One that ends later was made before the
// clock went back, and is over.
const leaseSkew = time.Minute

// leaseEnd is the latest that a lease may end, in Unix milliseconds.
func leaseEnd(now time.Time) int64 { return now.Add(moderation.ClaimFor + leaseSkew).UnixMilli() }

// scanCase reads a case as it is at a time.
func scanCase(row scanner, now time.Time) (c moderation.Case, err error) {
	var raised, due, since, until, erased int64
	var acked, closed, again sql.NullInt64
	err = row.Scan(&c.ID, &c.N, &c.Rev, &c.Kind, &c.About, &c.Category, &c.Priority, &c.Circle, &c.Room, &c.Subject, &c.Person, &c.State, &c.Outcome,
		&c.Reports, &c.Quotes, &raised, &due, &acked, &closed, &again, &erased, &c.Claim.By, &since, &until, &c.Of, &c.Decider, &c.Second)
	c.Raised, c.Due, c.Acked, c.Closed, c.Again = time.UnixMilli(raised), time.UnixMilli(due), when(acked), when(closed), when(again)
	c.Erased = erased > 0
	if until > now.UnixMilli() && until <= leaseEnd(now) {
		c.Claim.Since, c.Claim.Until = time.UnixMilli(since), time.UnixMilli(until)
	} else {
		c.Claim = moderation.Claim{}
	}
	return c, err
}

func casesOf(ctx context.Context, t *sql.Tx, now time.Time, which string, args ...any) (list []moderation.Case, err error) {
	rows, err := t.QueryContext(ctx, caseRows+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanCase(rows, now)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// seen is a case that somebody may see, or ErrNoCase.
func seen(ctx context.Context, q asker, p moderation.PersonID, id string, now time.Time) (moderation.Case, error) {
	c, err := scanCase(q.QueryRowContext(ctx, caseRows+`WHERE `+seenBy+`AND c.id = $2`, asText(string(p)), asText(id)), now)
	if found, err := some(err); err != nil || !found {
		if err == nil {
			err = moderation.ErrNoCase
		}
		return moderation.Case{}, err
	}
	return c, nil
}

// Queue is moderation.Store's. How long something waits is told by its number,
// which no clock can turn round.
func (m modCases) Queue(ctx context.Context, v moderation.Viewer, now time.Time, most int) (q moderation.Queue, err error) {
	who, at := asText(string(v.Person)), now.UnixMilli()
	err = m.db.look(ctx, func(t *sql.Tx) (err error) {
		err = t.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.closed_at IS NULL AND c.due_at < $2 AND NOT EXISTS (
			SELECT 1 FROM claims l WHERE l.case_id = c.id AND l.until_at > $2 AND l.until_at <= $3) THEN 1 ELSE 0 END), 0)
			FROM cases c WHERE `+waiting+`AND `+seenBy, who, at, leaseEnd(now)).Scan(&q.Open, &q.Late)
		if err != nil {
			return err
		}
		q.Cases, err = casesOf(ctx, t, now, `WHERE `+waiting+`AND `+seenBy+`ORDER BY c.priority, c.n LIMIT $3`, who, at, most)
		return err
	})
	return q, wrap("queue", err)
}

// mostFound bounds a page of a search.
const mostFound = 100

// Search is moderation.Store's.
func (m modCases) Search(ctx context.Context, v moderation.Viewer, s moderation.Search) (list []moderation.Case, err error) {
	where, args := []string{seenBy}, []any{asText(string(v.Person))}
	add := func(is bool, what string, arg any) {
		if is {
			args = append(args, arg)
			where = append(where, fmt.Sprintf(what, len(args)))
		}
	}
	add(s.N != 0, `c.n = $%d`, s.N)
	add(s.Kind != "", `c.kind = $%d`, asText(string(s.Kind)))
	add(s.Category != "", `c.category = $%d`, asText(string(s.Category)))
	add(s.Circle != "", `c.circle = $%d`, asText(string(s.Circle)))
	add(s.Action != "", `EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.action = $%d)`, asText(string(s.Action)))
	add(s.By != "", `(EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.person = $%[1]d) OR a.judge = $%[1]d)`, asText(string(s.By)))
	add(!s.From.IsZero(), `c.raised_at >= $%d`, s.From.UnixMilli())
	add(!s.To.IsZero(), `c.raised_at < $%d`, s.To.UnixMilli())
	add(s.Before > 0, `c.n < $%d`, s.Before)
	if s.Most <= 0 || s.Most > mostFound {
		s.Most = mostFound
	}
	err = m.db.look(ctx, func(t *sql.Tx) (err error) {
		list, err = casesOf(ctx, t, time.Now(), `WHERE `+strings.Join(where, ` AND `)+fmt.Sprintf(` ORDER BY c.n DESC LIMIT %d`, s.Most), args...)
		return err
	})
	return list, wrap("search", err)
}

// sealedRow is a row with a text that is still sealed.
type sealedRow struct{ id, texts string }

// file is all that was read of a case, with its texts sealed.
type file struct {
	moderation.Dossier
	erased    int64
	decisions []keptDecision
	notes     []sealedRow // of each note
	appeal    string
}

// Case is moderation.Store's.
func (m modCases) Case(ctx context.Context, v moderation.Viewer, id string, now time.Time) (moderation.Dossier, error) {
	var f file
	err := m.db.look(ctx, func(t *sql.Tx) (err error) {
		if f.Case, err = seen(ctx, t, v.Person, id, now); err != nil {
			return err
		}
		return f.read(ctx, t)
	})
	if err == nil {
		err = f.open(ctx, m.opener())
	}
	if err != nil {
		return moderation.Dossier{}, modAnswer("case", err)
	}
	return f.Dossier, nil
}

func (f *file) read(ctx context.Context, t *sql.Tx) (err error) {
	if err := t.QueryRowContext(ctx, `SELECT erased FROM cases WHERE id = $1`, f.ID).Scan(&f.erased); err != nil {
		return err
	}
	if err := f.readFilings(ctx, t); err != nil {
		return err
	}
	if f.decisions, err = decisionsOf(ctx, t, `WHERE d.case_id = $1 OR d.id = $2 ORDER BY d.n`, f.ID, f.Of); err != nil {
		return err
	}
	if f.Kind == moderation.Appeal {
		if f.Appeal, f.appeal, err = appealOf(ctx, t, `case_id = $1`, f.ID); err != nil {
			return err
		}
	}
	rows, err := t.QueryContext(ctx, `SELECT id, person, at, COALESCE(texts, '') FROM notes WHERE case_id = $1 ORDER BY n`, f.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		n, at, kept := moderation.Note{Case: f.ID}, int64(0), ""
		if err := rows.Scan(&n.ID, &n.By, &at, &kept); err != nil {
			return err
		}
		n.At = time.UnixMilli(at)
		f.Notes, f.notes = append(f.Notes, n), append(f.notes, sealedRow{n.ID, kept})
	}
	return rows.Err()
}

func (f *file) readFilings(ctx context.Context, t *sql.Tx) error {
	rows, err := t.QueryContext(ctx, `SELECT id, about, category, quotes, lang, at, keys, CASE WHEN body IS NULL THEN 0 ELSE 1 END
		FROM reports WHERE case_id = $1 AND about <> '' ORDER BY at, id`, f.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		one, at, keys, has := moderation.Filing{Receipt: true}, int64(0), "", false
		if err := rows.Scan(&one.ID, &one.About, &one.Category, &one.Quotes, &one.Lang, &at, &keys, &has); err != nil {
			return err
		}
		if one.At = time.UnixMilli(at); has {
			one.Keys = strings.Fields(keys)
		}
		f.Filings = append(f.Filings, one)
	}
	return rows.Err()
}

// open opens its texts. What is erased is empty.
func (f *file) open(ctx context.Context, o *opener) (err error) {
	if f.Decisions, err = o.decisions(ctx, f.decisions); err != nil {
		return err
	}
	for i := range f.Decisions { // whom it concerns has it, and nobody else
		f.Decisions[i].Appeal = ""
	}
	for i, n := range f.notes {
		var said texts
		if err := o.open(ctx, textKey(f.ID, f.erased), "notes.texts."+n.id, n.texts, &said); err != nil {
			return err
		}
		f.Notes[i].Text = said.Text
	}
	if f.Appeal != nil {
		if err := o.appeal(ctx, f.Appeal, f.appeal, f.erased); err != nil {
			return err
		}
	}
	f.Erased = f.Erased || o.lost()
	bodies, err := o.haveKey(ctx, bodyKey(f.ID, f.erased))
	if err == nil && bodies == nil {
		for i := range f.Filings {
			f.Filings[i].Keys = nil
		}
	}
	return err
}

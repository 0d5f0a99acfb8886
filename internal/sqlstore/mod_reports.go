package sqlstore

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hearth/moderation"
)

// modReports is the moderation.Reports of a database.
type modReports struct{ mod }

// opened is a case that a report may join.
type opened struct {
	id       string // of a new one: what it will be
	is       bool   // it is there
	erased   int64
	about    string
	category moderation.Category
	priority moderation.Priority
	due      int64
	claimed  bool
}

// errElsewhere: between looking and writing, the case to join became another.
var errElsewhere = errors.New("the case to join is another one now")

// joinable finds the open case that a report joins. From outside there is no
// room to join people by.
func joinable(ctx context.Context, q asker, r moderation.Report, now time.Time) (o opened, err error) {
	if r.Room == "" || r.Kind == moderation.Notice {
		return o, nil
	}
	err = q.QueryRowContext(ctx, `SELECT c.id, c.erased, c.about, c.category, c.priority, c.due_at,
		EXISTS (SELECT 1 FROM claims l WHERE l.case_id = c.id AND l.until_at > $4 AND l.until_at <= $5)
		FROM cases c WHERE c.kind = $1 AND c.room = $2 AND c.subject = $3
		AND c.closed_at IS NULL AND c.kind IN ('care', 'conduct') AND c.room <> ''`,
		string(r.Kind), asText(string(r.Room)), asText(string(r.Subject)), now.UnixMilli(), leaseEnd(now)).
		Scan(&o.id, &o.erased, &o.about, &o.category, &o.priority, &o.due, &o.claimed)
	o.is, err = some(err)
	return o, err
}

// filing is a report on its way in.
type filing struct {
	mod
	moderation.Report
	into       opened
	lost       error
	text, body []byte // keys; nil: there is none to be had, and what needs it is not kept
	code       string
	onCall     bool
}

// File is moderation.Store's. Keys are asked for before the transaction, for
// the vault may be far away. If it can't be reached the report is filed
// without its body: that somebody needs help must not wait for it.
func (m modReports) File(ctx context.Context, r moderation.Report) (moderation.Filed, error) {
	if !slices.Contains([]moderation.Kind{moderation.Care, moderation.Conduct, moderation.Notice}, r.Kind) {
		return moderation.Filed{}, fmt.Errorf("file: there is no report of kind %q", r.Kind)
	}
	if r.At.IsZero() {
		r.At = time.Now()
	}
	for range tries {
		f, err := m.prepare(ctx, r)
		if err != nil {
			return moderation.Filed{}, wrap("file", m.db.explain(err))
		}
		err = m.change(ctx, "file", holdDesk, func(t *sql.Tx) error { return f.write(ctx, t) })
		if errors.Is(err, errElsewhere) {
			continue
		}
		if err != nil {
			return moderation.Filed{}, err
		}
		return moderation.Filed{Lost: f.lost, Case: f.into.id, Code: f.code, New: !f.into.is, Kept: f.body != nil, OnCall: f.onCall}, nil
	}
	return moderation.Filed{}, fmt.Errorf("file: %w", errElsewhere)
}

func (m modReports) prepare(ctx context.Context, r moderation.Report) (*filing, error) {
	f := &filing{mod: m.mod, Report: r}
	err := m.db.look(ctx, func(t *sql.Tx) (err error) {
		f.into, err = joinable(ctx, t, r, r.At)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !f.into.is {
		f.into.id = uuid.NewString()
	}
	f.text, f.lost = m.vault.Make(ctx, textKey(f.into.id, f.into.erased))
	if r.Body != nil {
		f.body, err = m.vault.Make(ctx, bodyKey(f.into.id, f.into.erased))
		f.lost = cmp.Or(f.lost, err)
	}
	return f, nil
}

func (f *filing) write(ctx context.Context, t *sql.Tx) error {
	now, err := joinable(ctx, t, f.Report, f.At)
	if err != nil {
		return err
	}
	if now.is != f.into.is || now.is && (now.id != f.into.id || now.erased != f.into.erased) {
		return errElsewhere
	}
	if now.is {
		f.into = now
	}
	if f.onCall, err = f.somebodyOnCall(ctx, t); err != nil {
		return err
	}
	if !now.is {
		if err := f.begin(ctx, t); err != nil {
			return err
		}
	}
	reports, quotes, err := f.keep(ctx, t)
	if err != nil {
		return err
	}
	if now.is {
		if err := f.join(ctx, t, reports, quotes); err != nil {
			return err
		}
	}
	return f.keepAway(ctx, t)
}

// somebodyOnCall says whether there is anybody on duty who may see the case.
func (f *filing) somebodyOnCall(ctx context.Context, t *sql.Tx) (bool, error) {
	on, err := column(ctx, t, `SELECT d.person FROM duties d JOIN people p ON p.id = d.person WHERE p.moderator = 1 AND d.until_at > $1
		AND NOT EXISTS (SELECT 1 FROM case_away w WHERE w.case_id = $2 AND w.person = d.person)`, f.At.UnixMilli(), f.into.id)
	if err != nil {
		return false, err
	}
	away := f.away()
	return slices.ContainsFunc(on, func(p string) bool { return !slices.Contains(away, p) }), nil
}

// away are those who must not see it.
func (f *filing) away() (list []string) {
	for _, p := range append(slices.Clone(f.Away), f.SubjectPerson) {
		if p != "" {
			list = append(list, asText(string(p)))
		}
	}
	return list
}

func (f *filing) begin(ctx context.Context, t *sql.Tx) error {
	_, err := t.ExecContext(ctx, `INSERT INTO cases (id, n, rev, kind, about, category, priority, circle, room, subject, person, state, outcome, reports, quotes, raised_at, due_at, alone, erased)
		SELECT $1, COALESCE(MAX(n), 0) + 1, 1, $2, $3, $4, $5, $6, $7, $8, $9, 'raised', '', 1, $10, $11, $12, $13, 0 FROM cases`,
		f.into.id, string(f.Kind), asText(string(f.About)), asText(string(f.Category)), int(f.Priority()), asText(string(f.Circle)), asText(string(f.Room)),
		asText(string(f.Subject)), asText(string(f.SubjectPerson)), f.Quotes, f.At.UnixMilli(), f.At.Add(f.Priority().Within()).UnixMilli(), bit(!f.onCall))
	return err
}

// join counts the report in its case, which gets no less grave by it. If it
// gets graver, and nobody has it, somebody has to come: as for a new one.
// Somebody who was with a person knows that it is grave.
func (f *filing) join(ctx context.Context, t *sql.Tx, reports, quotes int) error {
	if !graver(f.Report, f.into.category) {
		_, err := t.ExecContext(ctx, `UPDATE cases SET rev = rev + 1, reports = reports + $2, quotes = quotes + $3 WHERE id = $1`, f.into.id, reports, quotes)
		return err
	}
	again := bit(f.Priority() < f.into.priority && !f.into.claimed)
	_, err := t.ExecContext(ctx, `UPDATE cases SET rev = rev + 1, reports = reports + $2, quotes = quotes + $3, about = $4, category = $5, priority = $6, due_at = $7,
		acked_at = CASE WHEN $8 = 1 THEN NULL ELSE acked_at END, state = CASE WHEN $8 = 1 THEN 'raised' ELSE state END, alone = CASE WHEN $8 = 1 THEN $9 ELSE alone END
		WHERE id = $1`, f.into.id, reports, quotes, asText(string(f.About)), asText(string(f.Category)), int(f.Priority()),
		min(f.into.due, f.At.Add(f.Priority().Within()).UnixMilli()), again, bit(!f.onCall))
	return err
}

// graver says whether a report is graver than a category: the table is in
// that order.
func graver(r moderation.Report, than moderation.Category) bool {
	rank := func(c moderation.Category) int {
		if i := slices.IndexFunc(moderation.Sorts, func(s moderation.Sort) bool { return s.Category == c }); i >= 0 {
			return i
		}
		return len(moderation.Sorts)
	}
	return r.Kind == moderation.Conduct && rank(r.Category) < rank(than)
}

// keep writes the report's row, and says what it adds to its case.
func (f *filing) keep(ctx context.Context, t *sql.Tx) (reports, quotes int, err error) {
	own := f.About == moderation.AboutSelf && f.Reporter != ""
	var kept int
	var before string
	var had int
	err = t.QueryRowContext(ctx, `SELECT COUNT(*) FROM reports WHERE case_id = $1 AND about <> ''`, f.into.id).Scan(&kept)
	if err == nil && own {
		err = t.QueryRowContext(ctx, `SELECT id, quotes FROM reports WHERE case_id = $1 AND about = 'self' AND reporter = $2`, f.into.id, asText(string(f.Reporter))).Scan(&before, &had)
		_, err = some(err)
	}
	if err != nil {
		return 0, 0, err
	}
	switch {
	case before != "":
		_, err = t.ExecContext(ctx, `DELETE FROM reports WHERE id = $1`, before)
		if err == nil {
			err = f.insert(ctx, t)
		}
		return 0, f.Quotes - had, err
	case own || kept < moderation.MostReports || f.text == nil:
		return 1, f.Quotes, f.insert(ctx, t)
	}
	return 1, 0, f.more(ctx, t)
}

func (f *filing) insert(ctx context.Context, t *sql.Tx) error {
	id := uuid.NewString()
	f.code = newCode()
	body, keys := sql.NullString{}, []string{}
	if f.body != nil {
		kept, _, err := seal(f.body, "reports.body."+id, f.Body)
		if err != nil {
			return err
		}
		body = sql.NullString{String: kept, Valid: true}
		for _, w := range f.Body.To {
			keys = append(keys, w.Key)
		}
	}
	_, err := t.ExecContext(ctx, `INSERT INTO reports (id, case_id, code, about, category, reporter, lang, at, quotes, on_call, keys, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, id, f.into.id, digest("receipt", f.code), asText(string(f.About)), asText(string(f.Category)),
		asText(string(f.Reporter)), asText(f.Lang), f.At.UnixMilli(), f.Quotes, bit(f.onCall), asText(strings.Join(keys, " ")), body)
	return err
}

// more is for a report beyond those whose texts are kept: all of these have
// one row and one code, which is made of the case's key.
func (f *filing) more(ctx context.Context, t *sql.Tx) error {
	mac := hmac.New(sha256.New, f.text)
	mac.Write([]byte("receipt of one more report"))
	f.code, f.body = base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]), nil
	_, err := t.ExecContext(ctx, `INSERT INTO reports (id, case_id, code, about, category, reporter, lang, at, quotes, on_call, keys)
		VALUES ($1, $2, $3, '', '', '', '', $4, 0, $5, '') ON CONFLICT DO NOTHING`,
		uuid.NewString(), f.into.id, digest("receipt", f.code), f.At.UnixMilli(), bit(f.onCall))
	return err
}

// keepAway notes who must not see the case, and ends a claim of theirs.
func (f *filing) keepAway(ctx context.Context, t *sql.Tx) error {
	for _, p := range f.away() {
		if _, err := t.ExecContext(ctx, `INSERT INTO case_away (case_id, person) VALUES ($1, $2) ON CONFLICT DO NOTHING`, f.into.id, p); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `DELETE FROM claims WHERE case_id = $1 AND person = $2`, f.into.id, p); err != nil {
			return err
		}
	}
	return nil
}

// Progress is moderation.Store's. What the moderators say to those who
// reported is told once the case is closed.
func (m modReports) Progress(ctx context.Context, code string, _ time.Time) (p moderation.Progress, err error) {
	var at int64
	var id string
	var acked, closed sql.NullInt64
	var list []keptDecision
	err = m.db.look(ctx, func(t *sql.Tx) error {
		err := t.QueryRowContext(ctx, `SELECT r.at, r.lang, r.on_call, c.id, c.kind, c.acked_at, c.closed_at FROM reports r JOIN cases c ON c.id = r.case_id
			WHERE r.code = $1`, digest("receipt", code)).Scan(&at, &p.Lang, &p.OnCall, &id, &p.Kind, &acked, &closed)
		if found, err := some(err); err != nil || !found {
			return errors.Join(err, no(!found, moderation.ErrNoReport))
		}
		list, err = decisionsOf(ctx, t, `WHERE d.case_id = $1 AND d.undone_at IS NULL ORDER BY d.n DESC`, id)
		return err
	})
	if err != nil {
		return moderation.Progress{}, modAnswer("progress", err)
	}
	p.Step, p.Since = moderation.Received, time.UnixMilli(at)
	if acked.Valid {
		p.Step, p.Since = moderation.Looking, time.UnixMilli(max(at, acked.Int64))
	}
	if !closed.Valid {
		return p, nil
	}
	p.Step, p.Since = moderation.Settled, when(closed)
	said, err := m.worded(ctx, list)
	if i := slices.IndexFunc(said, func(d moderation.Decision) bool { return d.Public != "" }); i >= 0 {
		p.Public = said[i].Public
	}
	return p, wrap("progress", err)
}

// no is an error if something is so.
func no(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// Bodies is moderation.Store's. Those that are erased are left out.
func (m modReports) Bodies(ctx context.Context, a moderation.Act, of string) (map[string]moderation.Sealed, error) {
	a = acting(a)
	kept := map[string]string{}
	var erased int64
	err := m.change(ctx, "bodies", holdDesk, func(t *sql.Tx) error {
		clear(kept)
		if a.By != "" { // else at the command line
			if _, err := m.taken(ctx, t, a, of); err != nil {
				return err
			}
		}
		found, err := some(t.QueryRowContext(ctx, `SELECT erased FROM cases WHERE id = $1`, asText(of)).Scan(&erased))
		if err == nil && !found {
			err = moderation.ErrNoCase
		}
		if err != nil {
			return err
		}
		rows, err := t.QueryContext(ctx, `SELECT id, body FROM reports WHERE case_id = $1 AND body IS NOT NULL`, asText(of))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, body string
			if err := rows.Scan(&id, &body); err != nil {
				return err
			}
			kept[id] = body
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "evidence-read", of, "", "")
	})
	if err != nil {
		return nil, err
	}
	out, o := map[string]moderation.Sealed{}, m.opener()
	for id, body := range kept {
		var sealed moderation.Sealed
		if err := o.open(ctx, bodyKey(of, erased), "reports.body."+id, body, &sealed); err != nil {
			return nil, wrap("bodies", err)
		}
		if sealed.V != 0 {
			out[id] = sealed
		}
	}
	return out, nil
}

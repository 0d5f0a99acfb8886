package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hearth/moderation"
)

// modAppeals is the moderation.Appeals of a database.
type modAppeals struct{ mod }

// appealOf reads an appeal, with its texts sealed; nil: there is none.
func appealOf(ctx context.Context, t *sql.Tx, which, arg string) (*moderation.Appealed, string, error) {
	var one moderation.Appealed
	var at int64
	var kept string
	var judged sql.NullInt64
	err := t.QueryRowContext(ctx, `SELECT case_id, decision, at, COALESCE(texts, ''), COALESCE(judge, ''), judged_at, overturned FROM appeals WHERE `+which, arg).
		Scan(&one.Case, &one.Decision, &at, &kept, &one.By, &judged, &one.Overturned)
	if found, err := some(err); err != nil || !found {
		return nil, "", err
	}
	one.At, one.Decided = time.UnixMilli(at), when(judged)
	return &one, kept, nil
}

// appeal opens the texts of an appeal.
func (o *opener) appeal(ctx context.Context, one *moderation.Appealed, kept string, erased int64) error {
	var said texts
	if err := o.open(ctx, textKey(one.Case, erased), "appeals.texts."+one.Case, kept, &said); err != nil {
		return err
	}
	one.Text, one.Answer = said.Text, said.Answer
	return nil
}

// stated is a decision by its code, and the appeal against it.
type stated struct {
	decision keptDecision
	appeal   *moderation.Appealed
	texts    string // of the appeal
	erased   int64  // its case
}

// statedBy finds what a code is for. Whoever has appealed in time can see what
// became of it for as long again.
func statedBy(ctx context.Context, t *sql.Tx, code string, now time.Time) (s stated, err error) {
	list, err := decisionsOf(ctx, t, `WHERE d.code = $1`, digest("appeal", code))
	if err != nil || len(list) == 0 {
		return s, errors.Join(err, no(err == nil, moderation.ErrNoAppeal))
	}
	s.decision = list[0]
	if s.appeal, s.texts, err = appealOf(ctx, t, `decision = $1`, s.decision.ID); err != nil {
		return s, err
	}
	from := s.decision.At
	if s.appeal != nil {
		from = s.appeal.At
		err = t.QueryRowContext(ctx, `SELECT erased FROM cases WHERE id = $1`, s.appeal.Case).Scan(&s.erased)
	}
	if err == nil && now.After(from.Add(moderation.AppealFor)) {
		err = moderation.ErrNoAppeal
	}
	return s, err
}

// Stated is moderation.Store's.
func (m modAppeals) Stated(ctx context.Context, code string, now time.Time) (moderation.Decision, *moderation.Appealed, error) {
	var s stated
	err := m.db.look(ctx, func(t *sql.Tx) (err error) {
		s, err = statedBy(ctx, t, code, now)
		return err
	})
	if err != nil {
		return moderation.Decision{}, nil, modAnswer("stated", err)
	}
	o := m.opener()
	list, err := o.decisions(ctx, []keptDecision{s.decision})
	if err == nil && s.appeal != nil {
		err = o.appeal(ctx, s.appeal, s.texts, s.erased)
	}
	if err != nil {
		return moderation.Decision{}, nil, wrap("stated", err)
	}
	list[0].Public = "" // for those who reported
	return list[0], s.appeal, nil
}

// Appeal is moderation.Store's. ErrFacts if it says nothing, or too much;
// ErrNoAppeal also of what was taken back already.
func (m modAppeals) Appeal(ctx context.Context, code, text string, now time.Time) error {
	if text == "" || utf8.RuneCountInString(text) > moderation.MaxAppealing {
		return moderation.ErrFacts
	}
	err := m.db.look(ctx, func(t *sql.Tx) error { return canAppeal(ctx, t, code, now, nil) })
	if err != nil {
		return modAnswer("appeal", err)
	}
	id := uuid.NewString()
	key, err := m.vault.Make(ctx, textKey(id, 0))
	if err != nil {
		return wrap("appeal", err)
	}
	kept, _, err := seal(key, "appeals.texts."+id, texts{Text: asText(text)})
	if err != nil {
		return wrap("appeal", err)
	}
	return m.change(ctx, "appeal", holdDesk, func(t *sql.Tx) error {
		var d keptDecision
		if err := canAppeal(ctx, t, code, now, &d); err != nil {
			return err
		}
		due := now.Add(moderation.P3.Within()).UnixMilli()
		_, err := t.ExecContext(ctx, `INSERT INTO cases (id, n, rev, kind, about, category, priority, circle, room, subject, person, state, outcome, reports, quotes, raised_at, due_at, alone, erased)
			SELECT $1, (SELECT MAX(n) + 1 FROM cases), 1, 'appeal', about, category, $2, circle, room, subject, person, 'raised', '', 0, 0, $3, $4,
			CASE WHEN EXISTS (SELECT 1 FROM duties WHERE until_at > $3) THEN 0 ELSE 1 END, 0 FROM cases WHERE id = $5`,
			id, int(moderation.P3), now.UnixMilli(), due, d.Case)
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO case_away (case_id, person) SELECT $1, person FROM case_away WHERE case_id = $2`, id, d.Case); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO appeals (case_id, decision, decider, second, at, texts, overturned) VALUES ($1, $2, $3, NULLIF($6, ''), $4, $5, 0)`,
			id, d.ID, string(d.By), now.UnixMilli(), kept, asText(string(d.Second)))
		return err
	})
}

// canAppeal says whether the decision of a code can be appealed now, and
// reads it into d, if there is one.
func canAppeal(ctx context.Context, t *sql.Tx, code string, now time.Time, d *keptDecision) error {
	s, err := statedBy(ctx, t, code, now)
	switch {
	case err != nil:
		return err
	case s.appeal != nil:
		return moderation.ErrAppealed
	case !s.decision.Undone.IsZero():
		return moderation.ErrNoAppeal
	}
	if d != nil {
		*d = s.decision
	}
	return nil
}

// Judge is moderation.Store's. A decision that was taken back meanwhile can be
// overturned all the same: that is an answer, too.
func (m modAppeals) Judge(ctx context.Context, a moderation.Act, id string, overturn bool, answer string) (moderation.Decision, error) {
	a = acting(a)
	if answer == "" || utf8.RuneCountInString(answer) > moderation.MaxFacts {
		return moderation.Decision{}, moderation.ErrFacts
	}
	w, is, err := m.judging(ctx, id)
	if err != nil {
		return moderation.Decision{}, modAnswer("judge", err)
	}
	var d keptDecision
	err = m.change(ctx, "judge", w.holds(is.Action, is.Scope), func(t *sql.Tx) error {
		c, err := m.taken(ctx, t, a, id)
		switch {
		case err != nil:
			return err
		case c.Kind != moderation.Appeal:
			return moderation.ErrAction
		case c.DecidedBy(a.By):
			return moderation.ErrNotYours
		case !c.Closed.IsZero():
			return moderation.ErrDone
		}
		if d, err = m.overturn(ctx, t, a, is.ID, overturn); err != nil {
			return err
		}
		return m.judged(ctx, t, a, w.key, d.Decision, c, overturn, asText(answer))
	})
	if err != nil {
		return moderation.Decision{}, err
	}
	list, err := m.worded(ctx, []keptDecision{d})
	if err != nil {
		return moderation.Decision{}, wrap("judge", err)
	}
	return list[0], nil
}

// judging reads what a judgement is about before its transaction.
func (m modAppeals) judging(ctx context.Context, id string) (w writing, is moderation.Decision, err error) {
	if w, err = m.writes(ctx, id, ""); err != nil {
		return w, is, err
	}
	decision := ""
	err = m.db.look(ctx, func(t *sql.Tx) error {
		err := t.QueryRowContext(ctx, `SELECT decision FROM appeals WHERE case_id = $1`, asText(id)).Scan(&decision)
		found, err := some(err)
		return errors.Join(err, no(err == nil && !found, moderation.ErrAction))
	})
	if err == nil {
		_, is, err = m.undoing(ctx, decision)
	}
	return w, is, err
}

// overturn takes a decision back, or leaves it.
func (m modAppeals) overturn(ctx context.Context, t *sql.Tx, a moderation.Act, decision string, really bool) (keptDecision, error) {
	if really {
		d, err := m.undo(ctx, t, a, decision)
		if err == nil {
			err = changed(ctx, t, d.Case)
		}
		if !errors.Is(err, moderation.ErrDone) {
			return d, err
		}
	}
	list, err := decisionsOf(ctx, t, `WHERE d.id = $1`, decision)
	if err != nil || len(list) == 0 {
		return keptDecision{}, errors.Join(err, no(err == nil, moderation.ErrNoCase))
	}
	err = list[0].reached(ctx, t, a.At)
	return list[0], err
}

// judged writes what became of an appeal.
func (m modAppeals) judged(ctx context.Context, t *sql.Tx, a moderation.Act, key []byte, d moderation.Decision, c moderation.Case, overturned bool, answer string) error {
	one, kept, err := appealOf(ctx, t, `case_id = $1`, c.ID)
	if err != nil {
		return err
	}
	var said texts
	if kept != "" { // what they wrote stays with what is answered, unless it is erased
		_ = unseal(key, "appeals.texts."+one.Case, kept, &said)
	}
	said.Answer = answer
	kept, commitment, err := seal(key, "appeals.texts."+one.Case, said)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `UPDATE appeals SET judge = $2, judged_at = $3, overturned = $4, texts = $5 WHERE case_id = $1`,
		c.ID, asText(string(a.By)), a.At.UnixMilli(), bit(overturned), kept); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `UPDATE cases SET rev = rev + 1, state = 'closed', closed_at = $2 WHERE id = $1`, c.ID, a.At.UnixMilli()); err != nil {
		return err
	}
	if err := m.db.recordMod(ctx, t, a, "appeal-judged", c.ID, d.Rule, commitment); err != nil || !overturned {
		return err
	}
	if err := m.db.recordMod(ctx, t, a, "undone", d.ID, d.Rule, ""); err != nil {
		return err
	}
	return endsSeats(ctx, t, d)
}

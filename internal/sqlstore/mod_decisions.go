package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// modDecisions is the moderation.Decisions of a database.
type modDecisions struct{ mod }

// keptDecision is a decision with its texts sealed.
type keptDecision struct {
	moderation.Decision
	texts  string
	erased int64
}

// decisionsOf reads decisions (d) of cases (c), with their texts sealed and
// without Reach and Seats.
func decisionsOf(ctx context.Context, t *sql.Tx, which string, args ...any) (list []keptDecision, err error) {
	rows, err := t.QueryContext(ctx, `SELECT d.id, d.case_id, d.person, d.at, d.action, d.minutes, d.scope, d.until_at, COALESCE(d.second, ''), d.rule,
		COALESCE(d.texts, ''), d.undone_at, COALESCE(d.undoer, ''), c.erased FROM decisions d JOIN cases c ON c.id = d.case_id `+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d keptDecision
		var at int64
		var until, undone sql.NullInt64
		if err := rows.Scan(&d.ID, &d.Case, &d.By, &at, &d.Action, &d.Minutes, &d.Scope, &until, &d.Second, &d.Rule,
			&d.texts, &undone, &d.Undoer, &d.erased); err != nil {
			return nil, err
		}
		d.At, d.Until, d.Undone = time.UnixMilli(at), when(until), when(undone)
		list = append(list, d)
	}
	return list, rows.Err()
}

// worded opens the texts of decisions; those that are erased stay empty. The
// codes for appeals are among them.
func (m mod) worded(ctx context.Context, list []keptDecision) ([]moderation.Decision, error) {
	return m.opener().decisions(ctx, list)
}

func (o *opener) decisions(ctx context.Context, list []keptDecision) (out []moderation.Decision, err error) {
	for _, d := range list {
		var said texts
		if err := o.open(ctx, textKey(d.Case, d.erased), "decisions.texts."+d.ID, d.texts, &said); err != nil {
			return nil, err
		}
		d.Facts, d.Public, d.Decision.Appeal = said.Facts, said.Public, said.Appeal
		out = append(out, d.Decision)
	}
	return out, nil
}

// writing is what is known of a case before a transaction begins: the key of
// its texts, for a vault may be far away, and which circle to hold.
type writing struct {
	key    []byte
	circle string
}

// writes looks up what it takes to write about a case, or about that of a
// decision.
func (m mod) writes(ctx context.Context, id, decision string) (w writing, err error) {
	var erased int64
	err = m.db.look(ctx, func(t *sql.Tx) error {
		err := t.QueryRowContext(ctx, `SELECT id, circle, erased FROM cases WHERE id = $1 OR id = (SELECT case_id FROM decisions WHERE id = $2)`, asText(id), asText(decision)).
			Scan(&id, &w.circle, &erased)
		found, err := some(err)
		return errors.Join(err, no(err == nil && !found, moderation.ErrNoCase))
	})
	if err == nil {
		w.key, err = m.vault.Make(ctx, textKey(id, erased))
	}
	return w, err
}

// holdCircles holds all that a ban can be about, so that whoever comes in
// does so before it or after it.
var holdCircles = hold{`SELECT id FROM circles ORDER BY id FOR NO KEY UPDATE`, nil}

// holds is what to hold for a decision.
func (w writing) holds(a moderation.Action, s moderation.Scope) hold {
	switch {
	case a == moderation.Ban && s == moderation.OfHouse:
		return holdCircles
	case a == moderation.Ban || a == moderation.RemoveAction:
		return holdByCircle(circle.ID(w.circle))
	}
	return holdDesk
}

// Decide is moderation.Store's.
func (m modDecisions) Decide(ctx context.Context, a moderation.Act, rev int, d moderation.Decision, more bool) (moderation.Decision, error) {
	a = acting(a)
	w, err := m.writes(ctx, d.Case, "")
	if err != nil {
		return moderation.Decision{}, modAnswer("decide", err)
	}
	d = plain(d, a)
	code := ""
	if d.Action.Concerns() {
		d.Appeal = newCode()
		code = digest("appeal", d.Appeal)
	}
	err = m.change(ctx, "decide", w.holds(d.Action, d.Scope), func(t *sql.Tx) error {
		c, err := m.taken(ctx, t, a, d.Case)
		switch {
		case err != nil:
			return err
		case c.Rev != rev:
			return moderation.ErrChanged
		case !c.Closed.IsZero():
			return moderation.ErrDone
		}
		if err := m.mayBe(ctx, t, d, c); err != nil {
			return err
		}
		d.Seats = seatsOf(d, c)
		kept, commitment, err := seal(w.key, "decisions.texts."+d.ID, texts{Facts: d.Facts, Public: d.Public, Appeal: d.Appeal})
		if err != nil {
			return err
		}
		if err := insertDecision(ctx, t, d, code, kept); err != nil {
			return err
		}
		if err := apply(ctx, t, d, c); err != nil {
			return err
		}
		return m.decided(ctx, t, a, d, more, commitment)
	})
	if err != nil {
		return moderation.Decision{}, err
	}
	return d, nil
}

// plain is a decision without what doesn't belong to its action.
func plain(d moderation.Decision, a moderation.Act) moderation.Decision {
	d.ID, d.By, d.At, d.Undone, d.Undoer, d.Appeal = uuid.NewString(), a.By, a.At, time.Time{}, "", ""
	if d.Action != moderation.Ban {
		d.Scope, d.Second, d.Until = "", "", time.Time{}
	}
	switch {
	case d.Action != moderation.MuteAction:
		d.Minutes = 0
	case d.Minutes > 0 && d.Minutes <= room.MaxMuteMinutes:
		d.Until = a.At.Add(time.Duration(d.Minutes) * time.Minute)
	}
	d.Facts, d.Public = asText(d.Facts), asText(d.Public)
	return d
}

// mayBe says what is wrong with a decision. Whoever agrees to a ban is a
// moderator too, and may see what it is about; and a ban from a circle needs
// one.
func (m modDecisions) mayBe(ctx context.Context, t *sql.Tx, d moderation.Decision, c moderation.Case) error {
	if err := d.Check(c, d.At); err != nil {
		return err
	}
	if d.Action == moderation.Ban && d.Scope != moderation.OfHouse && c.Circle == "" {
		return moderation.ErrAction
	}
	if d.Second == "" {
		return nil
	}
	_, err := m.touched(ctx, t, moderation.Act{By: d.Second, At: d.At}, c.ID)
	if d.Second == d.By || errors.Is(err, moderation.ErrNotYours) || errors.Is(err, moderation.ErrNoCase) {
		return moderation.ErrEnd
	}
	return err
}

// seatsOf are the seats that a decision is about, each once.
func seatsOf(d moderation.Decision, c moderation.Case) (list []room.SeatID) {
	for _, s := range append([]room.SeatID{c.Subject}, d.Seats...) {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func insertDecision(ctx context.Context, t *sql.Tx, d moderation.Decision, code, kept string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO decisions (id, case_id, n, person, at, action, minutes, scope, until_at, second, rule, code, texts)
		SELECT $1, $2, COALESCE(MAX(n), 0) + 1, $3, $4, $5, $6, $7, $8, NULLIF($9, ''), $10, NULLIF($11, ''), $12 FROM decisions WHERE case_id = $2`,
		d.ID, d.Case, asText(string(d.By)), d.At.UnixMilli(), string(d.Action), d.Minutes, string(d.Scope), then(d.Until), asText(string(d.Second)), d.Rule, code, kept)
	return err
}

// apply makes a decision hold: whom it keeps out, and who is to be told.
func apply(ctx context.Context, t *sql.Tx, d moderation.Decision, c moderation.Case) error {
	out := d.Action == moderation.Ban || d.Action == moderation.RemoveAction
	if out {
		if err := barBy(ctx, t, d.ID, "", d.Seats); err != nil { // each where it is: undone, all of it ends
			return err
		}
	}
	if !d.Action.Concerns() {
		return nil
	}
	tell := []string{bannedSeat + string(c.Subject)}
	for _, s := range d.Seats {
		if out {
			tell = append(tell, bannedSeat+string(s))
		}
	}
	if d.Action == moderation.Ban {
		if err := ban(ctx, t, d, c, append(slices.Clone(tell), d.Reach...)); err != nil {
			return err
		}
	}
	for _, key := range append(tell, d.Reach...) {
		if isPrefix(key) {
			continue // hundreds of people may come from there
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO told (decision, key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, d.ID, asText(key)); err != nil {
			return err
		}
	}
	return nil
}

// isPrefix says whether a key of moderation.Link is that of a network.
func isPrefix(key string) bool { return strings.HasPrefix(key, "prefix:") }

// ban keeps keys out. A network prefix is held for PrefixFor at most.
func ban(ctx context.Context, t *sql.Tx, d moderation.Decision, c moderation.Case, keys []string) error {
	of := string(c.Circle)
	if d.Scope == moderation.OfHouse {
		of = ""
	}
	for _, key := range keys {
		until := d.Until
		if short := d.At.Add(moderation.PrefixFor); isPrefix(key) && (until.IsZero() || until.After(short)) {
			until = short
		}
		_, err := t.ExecContext(ctx, `INSERT INTO bans (decision, key, circle, from_at, until_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			d.ID, asText(key), of, d.At.UnixMilli(), then(until))
		if err != nil {
			return err
		}
	}
	return nil
}

// decided closes the case, unless there is more to do, and has it on record.
func (m modDecisions) decided(ctx context.Context, t *sql.Tx, a moderation.Act, d moderation.Decision, more bool, commitment string) error {
	if err := changed(ctx, t, d.Case); err != nil {
		return err
	}
	if !more {
		if _, err := t.ExecContext(ctx, `UPDATE cases SET state = 'closed', closed_at = $2 WHERE id = $1`, d.Case, a.At.UnixMilli()); err != nil {
			return err
		}
	}
	if err := m.db.recordMod(ctx, t, a, "decided", d.ID, d.Rule, commitment); err != nil {
		return err
	}
	return endsSeats(ctx, t, d)
}

// endsSeats has every node look again, after what a decision changed about
// who may be in.
func endsSeats(ctx context.Context, t *sql.Tx, d moderation.Decision) error {
	if d.Action != moderation.Ban && d.Action != moderation.RemoveAction {
		return nil
	}
	return bump(ctx, t)
}

// Undo is moderation.Store's.
func (m modDecisions) Undo(ctx context.Context, a moderation.Act, decision string) (moderation.Decision, error) {
	a = acting(a)
	w, is, err := m.undoing(ctx, decision)
	if err != nil {
		return moderation.Decision{}, modAnswer("undo", err)
	}
	var d keptDecision
	err = m.change(ctx, "undo", w.holds(is.Action, is.Scope), func(t *sql.Tx) (err error) {
		c, err := m.touched(ctx, t, a, is.Case)
		if err != nil {
			return err
		}
		if d, err = m.undo(ctx, t, a, decision); err != nil {
			return err
		}
		if c.Claim.By == a.By {
			if err := lease(ctx, t, &c, a.By, a.At); err != nil {
				return err
			}
		}
		if err := changed(ctx, t, c.ID); err != nil {
			return err
		}
		if err := m.db.recordMod(ctx, t, a, "undone", d.ID, d.Rule, ""); err != nil {
			return err
		}
		return endsSeats(ctx, t, d.Decision)
	})
	if err != nil {
		return moderation.Decision{}, err
	}
	list, err := m.worded(ctx, []keptDecision{d})
	if err != nil {
		return moderation.Decision{}, wrap("undo", err)
	}
	return list[0], nil
}

// undoing reads a decision before it is undone.
func (m mod) undoing(ctx context.Context, decision string) (w writing, d moderation.Decision, err error) {
	err = m.db.look(ctx, func(t *sql.Tx) error {
		list, err := decisionsOf(ctx, t, `WHERE d.id = $1`, asText(decision))
		if err != nil || len(list) == 0 {
			return errors.Join(err, no(err == nil, moderation.ErrNoCase))
		}
		d = list[0].Decision
		return t.QueryRowContext(ctx, `SELECT circle FROM cases WHERE id = $1`, d.Case).Scan(&w.circle)
	})
	return w, d, err
}

// undo takes a decision back. The rows of a ban stay, for the record; they
// hold no longer.
func (m mod) undo(ctx context.Context, t *sql.Tx, a moderation.Act, decision string) (keptDecision, error) {
	list, err := decisionsOf(ctx, t, `WHERE d.id = $1`, asText(decision))
	switch {
	case err != nil:
		return keptDecision{}, err
	case len(list) == 0:
		return keptDecision{}, moderation.ErrNoCase
	case !list[0].Action.Undoable():
		return keptDecision{}, moderation.ErrAction
	case !list[0].Undone.IsZero():
		return keptDecision{}, moderation.ErrDone
	}
	d := list[0]
	d.Undone, d.Undoer = a.At, a.By
	if _, err := t.ExecContext(ctx, `UPDATE decisions SET undone_at = $2, undoer = $3 WHERE id = $1`, d.ID, a.At.UnixMilli(), asText(string(a.By))); err != nil {
		return keptDecision{}, err
	}
	if err := unbar(ctx, t, d.ID); err != nil {
		return keptDecision{}, err
	}
	err = d.reached(ctx, t, a.At)
	return d, err
}

// reached reads whom a decision that was undone is about, and for whom it goes
// on by another.
func (d *keptDecision) reached(ctx context.Context, t *sql.Tx, now time.Time) error {
	keys, err := column(ctx, t, `SELECT key FROM bans WHERE decision = $1 UNION SELECT key FROM told WHERE decision = $1 ORDER BY 1`, d.ID)
	for _, key := range keys {
		if seat, is := strings.CutPrefix(key, bannedSeat); is {
			d.Seats = append(d.Seats, room.SeatID(seat))
		} else {
			d.Reach = append(d.Reach, key)
		}
	}
	if err == nil {
		d.Held, err = heldStill(ctx, t, d.Decision, now)
	}
	return err
}

// heldStill are the seats of a decision that was undone which are out all the
// same, or restricted.
func heldStill(ctx context.Context, t *sql.Tx, d moderation.Decision, now time.Time) (held []room.SeatID, err error) {
	query := `SELECT (SELECT COUNT(*) FROM bars b JOIN seats s ON s.room = b.room WHERE s.id = $1 AND b.device = '` + barredSeat + `' || $1)
		+ (SELECT COUNT(*) FROM seats s JOIN rooms r ON r.id = s.room LEFT JOIN seats p ON p.id = s.of_seat
			JOIN bans b ON b.key IN ('` + bannedSeat + `' || s.id, '` + bannedSeat + `' || s.of_seat, '` + bannedPerson + `' || COALESCE(p.person, s.person))
			WHERE s.id = $1 AND (b.circle = '' OR b.circle = r.circle) AND ` + holdsAt("$2", "$2") + `)`
	args := []any{"", now.UnixMilli()}
	switch d.Action {
	case moderation.Ban, moderation.RemoveAction:
	case moderation.Restrict:
		query = `SELECT COUNT(*) FROM decisions o JOIN cases c ON c.id = o.case_id JOIN decisions d ON d.id = $2 JOIN cases mine ON mine.id = d.case_id
			WHERE c.room = mine.room AND c.subject = $1 AND o.id <> d.id AND o.action = d.action AND o.undone_at IS NULL`
		args[1] = d.ID
	default:
		return nil, nil
	}
	for _, s := range d.Seats {
		var n int
		args[0] = asText(string(s))
		if err := t.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			held = append(held, s)
		}
	}
	return held, nil
}

// unbar lifts what a decision barred, unless another one about the same seat
// holds: there it is that one's from now on.
func unbar(ctx context.Context, t *sql.Tx, decision string) error {
	others, err := column(ctx, t, `SELECT o.id FROM decisions o WHERE o.id <> $1 AND o.undone_at IS NULL AND o.action IN ('ban', 'remove')
		AND EXISTS (SELECT 1 FROM told w JOIN told mine ON mine.key = w.key WHERE w.decision = o.id AND mine.decision = $1 AND w.key LIKE '`+bannedSeat+`%')
		ORDER BY o.at DESC, o.id`, decision)
	for _, o := range others {
		if err == nil {
			_, err = t.ExecContext(ctx, `UPDATE bars SET decision = $2 WHERE decision = $1 AND room IN
				(SELECT s.room FROM told w JOIN seats s ON w.key = '`+bannedSeat+`' || s.id WHERE w.decision = $2)`, decision, o)
		}
	}
	if err == nil {
		_, err = t.ExecContext(ctx, `DELETE FROM bars WHERE decision = $1`, decision)
	}
	return err
}

// Care is moderation.Store's. It goes one way.
func (m modDecisions) Care(ctx context.Context, a moderation.Act, id string, to moderation.State, o moderation.Outcome) error {
	a = acting(a)
	return m.change(ctx, "care", holdDesk, func(t *sql.Tx) error {
		c, err := m.taken(ctx, t, a, id)
		ends := to == moderation.Closed && slices.Contains(moderation.Outcomes, o)
		switch {
		case err != nil:
			return err
		case !c.Closed.IsZero():
			return moderation.ErrDone
		case c.Kind != moderation.Care || !ends && (to != moderation.WithThem || o != ""):
			return moderation.ErrAction
		}
		did, closed := "care-with", sql.NullInt64{}
		if ends {
			did, closed = "care-ended", then(a.At)
		}
		if _, err := t.ExecContext(ctx, `UPDATE cases SET rev = rev + 1, state = $2, outcome = $3, closed_at = $4 WHERE id = $1`, c.ID, string(to), string(o), closed); err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, did, c.ID, "", "")
	})
}

// mostNotes bounds the notes of a case.
const mostNotes = 200

// Note is moderation.Store's. What was to be followed up is, once whoever has
// the case notes something without another date.
func (m modDecisions) Note(ctx context.Context, a moderation.Act, id, text string, again time.Time) error {
	a = acting(a)
	if text == "" || utf8.RuneCountInString(text) > moderation.MaxNote {
		return moderation.ErrFacts
	}
	w, err := m.writes(ctx, id, "")
	if err != nil {
		return modAnswer("note", err)
	}
	return m.change(ctx, "note", holdDesk, func(t *sql.Tx) error {
		c, err := m.touched(ctx, t, a, id)
		mine := c.Claim.By == a.By
		switch {
		case err != nil:
			return err
		case !again.IsZero() && !mine:
			return moderation.ErrNotYours
		case !again.IsZero() && !again.After(a.At):
			return moderation.ErrEnd
		}
		if mine {
			if c, err = m.taken(ctx, t, a, id); err != nil {
				return err
			}
		}
		note, n := uuid.NewString(), 0
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM notes WHERE case_id = $1`, c.ID).Scan(&n); err != nil {
			return err
		}
		if n >= mostNotes {
			return moderation.ErrFull
		}
		kept, commitment, err := seal(w.key, "notes.texts."+note, texts{Text: asText(text)})
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO notes (id, case_id, n, person, at, texts) VALUES ($1, $2, $3, $4, $5, $6)`,
			note, c.ID, n+1, asText(string(a.By)), a.At.UnixMilli(), kept); err != nil {
			return err
		}
		if mine && (!again.IsZero() || !c.Again.After(a.At)) {
			if _, err := t.ExecContext(ctx, `UPDATE cases SET again_at = $2 WHERE id = $1`, c.ID, then(again)); err != nil {
				return err
			}
		}
		if err := changed(ctx, t, c.ID); err != nil {
			return err
		}
		return m.db.recordMod(ctx, t, a, "case-noted", c.ID, "", commitment)
	})
}

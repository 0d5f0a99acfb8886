package sqlstore

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"hearth/circle"
)

// reminders is the circle.Reminders of a database.
type reminders struct{ db *Durable }

// holdReminders has those who ask, and those who send, come one after the
// other: "remind". Nobody holds it while mail is under way.
var holdReminders = hold{`SELECT pg_advisory_xact_lock($1)`, int64(0x72656d696e64)}

// stillThere is which reminders can still come to something at $2.
const stillThere = `sealed <> '' AND gone_at > $2 AND ends_at > $2`

// AskReminder is circle.Store's.
func (m reminders) AskReminder(ctx context.Context, r circle.Reminder, now time.Time) error {
	if r.ID == "" || r.Code == "" || r.Whose == "" || len(r.Sealed) == 0 || len(r.Sealed) > circle.MaxSealed || !r.Ends.After(now) {
		return errors.New("ask for a reminder: it isn't whole")
	}
	err := m.db.change(ctx, holdReminders, func(t *sql.Tx) error {
		if _, err := changing(ctx, t, r.Circle); err != nil {
			return err
		}
		var asked, unagreed, all int
		err := t.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN whose = $1 AND (agreed = 0 OR circle = $3) THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN agreed = 0 THEN 1 ELSE 0 END), 0), COUNT(*) FROM reminders WHERE gone_at > $2`,
			r.Whose, now.UnixMilli(), string(r.Circle)).Scan(&asked, &unagreed, &all)
		switch {
		case err != nil:
			return err
		case asked > 0:
			return circle.ErrAsked
		case unagreed >= circle.MostUnagreed || all >= circle.MostReminders:
			return circle.ErrFull
		}
		_, err = t.ExecContext(ctx, `INSERT INTO reminders (id, circle, date, begins_at, ends_at, code, whose, sealed, agreed, asked_at, gone_at, due_at, attempts, failed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $9, 0, 0)`,
			r.ID, string(r.Circle), r.Date, r.Begins.UnixMilli(), r.Ends.UnixMilli(), digest("reminder", r.Code), r.Whose,
			base64.StdEncoding.EncodeToString(r.Sealed), now.UnixMilli(), now.Add(circle.KeepUnagreed).UnixMilli())
		return err
	})
	return reminded("ask for a reminder", err)
}

// Reminder is circle.Store's.
func (m reminders) Reminder(ctx context.Context, code string, now time.Time) (circle.Reminder, error) {
	ctx, cancel := m.db.bound(ctx)
	defer cancel()
	r, err := scanReminder(m.db.read.QueryRowContext(ctx, `SELECT `+reminderColumns+` FROM reminders WHERE code = $1 AND `+stillThere,
		digest("reminder", code), now.UnixMilli()))
	return r, reminded("reminder", m.db.explain(err))
}

const reminderColumns = `id, circle, date, begins_at, ends_at, whose, sealed, agreed, asked_at, attempts, failed`

func scanReminder(row *sql.Row) (r circle.Reminder, err error) {
	var begins, ends, agreed, asked int64
	var sealed string
	err = row.Scan(&r.ID, &r.Circle, &r.Date, &begins, &ends, &r.Whose, &sealed, &agreed, &asked, &r.Attempt, &r.Failed)
	if found, err := some(err); !found {
		if err == nil {
			err = circle.ErrNoReminder
		}
		return circle.Reminder{}, err
	}
	r.Begins, r.Ends, r.Asked, r.Agreed = time.UnixMilli(begins), time.UnixMilli(ends), time.UnixMilli(asked), agreed != 0
	if r.Sealed, err = base64.StdEncoding.DecodeString(sealed); err != nil {
		return circle.Reminder{}, fmt.Errorf("reminder %s does not read: %w", r.ID, err)
	}
	return r, nil
}

// AgreeReminder is circle.Store's.
func (m reminders) AgreeReminder(ctx context.Context, code string, now time.Time) error {
	err := m.db.change(ctx, holdReminders, func(t *sql.Tx) error {
		r, err := reminderTo(ctx, t, code, now)
		if err != nil || r.Agreed {
			return err
		}
		_, err = t.ExecContext(ctx, `UPDATE reminders SET agreed = 1, gone_at = ends_at, due_at = begins_at - `+milliseconds(circle.RemindBefore)+`,
			attempts = 0, failed = 0 WHERE id = $1`, r.ID)
		return err
	})
	return reminded("agree to a reminder", err)
}

// reminderTo is the reminder of a code, for who is about to change it.
func reminderTo(ctx context.Context, t *sql.Tx, code string, now time.Time) (circle.Reminder, error) {
	return scanReminder(t.QueryRowContext(ctx, `SELECT `+reminderColumns+` FROM reminders WHERE code = $1 AND `+stillThere,
		digest("reminder", code), now.UnixMilli()))
}

// RenewReminder is circle.Store's.
func (m reminders) RenewReminder(ctx context.Context, code string, to circle.Date, now time.Time) error {
	if to.Local == "" || !to.Start.After(now) || !to.End.After(to.Start) {
		return errors.New("renew a reminder: it is of no date to come")
	}
	err := m.db.change(ctx, holdReminders, func(t *sql.Tx) error {
		r, err := reminderTo(ctx, t, code, now)
		if err == nil && !r.Agreed {
			err = circle.ErrNoReminder
		}
		if err != nil || r.Date == to.Local {
			return err
		}
		_, err = t.ExecContext(ctx, `UPDATE reminders SET date = $2, begins_at = $3, ends_at = $4, gone_at = $4, due_at = $5, attempts = 0, failed = 0 WHERE id = $1`,
			r.ID, to.Local, to.Start.UnixMilli(), to.End.UnixMilli(), to.Start.Add(-circle.RemindBefore).UnixMilli())
		return err
	})
	return reminded("renew a reminder", err)
}

// StopReminder is circle.Store's. The address goes at once; that it said no
// stays for as long as it may not be asked again.
func (m reminders) StopReminder(ctx context.Context, code string, now time.Time) error {
	err := m.db.change(ctx, holdReminders, func(t *sql.Tx) error {
		r, err := reminderTo(ctx, t, code, now)
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `UPDATE reminders SET sealed = '', agreed = 0, due_at = NULL, gone_at = $2 WHERE id = $1`,
			r.ID, now.Add(circle.KeepUnagreed).UnixMilli())
		return err
	})
	return reminded("stop a reminder", err)
}

// DueReminder is circle.Store's. Its lease is that it isn't due until then.
func (m reminders) DueReminder(ctx context.Context, now time.Time) (r circle.Reminder, err error) {
	err = m.db.change(ctx, holdReminders, func(t *sql.Tx) (err error) {
		r, err = scanReminder(t.QueryRowContext(ctx, `UPDATE reminders SET attempts = attempts + 1, due_at = $1 WHERE id =
			(SELECT id FROM reminders WHERE due_at <= $2 AND begins_at > $2 AND attempts < $3 AND `+stillThere+` ORDER BY due_at, id LIMIT 1)
			RETURNING `+reminderColumns, now.Add(circle.RemindLease).UnixMilli(), now.UnixMilli(), circle.RemindAttempts))
		return err
	})
	return r, reminded("due reminder", err)
}

// asHandedOut is the reminder that was handed out: the same mail, and nobody
// else has it now.
const asHandedOut = `id = $1 AND agreed = $2 AND date = $3 AND attempts = $4`

func handedOut(r circle.Reminder, more ...any) []any {
	agreed := 0
	if r.Agreed {
		agreed = 1
	}
	return append([]any{r.ID, agreed, r.Date, r.Attempt}, more...)
}

// ReminderSent is circle.Store's.
func (m reminders) ReminderSent(ctx context.Context, r circle.Reminder) error {
	return m.told(ctx, `UPDATE reminders SET due_at = NULL WHERE `+asHandedOut, handedOut(r)...)
}

// ReminderUnsent is circle.Store's.
func (m reminders) ReminderUnsent(ctx context.Context, r circle.Reminder, again time.Time) error {
	return m.told(ctx, `UPDATE reminders SET due_at = $5, attempts = attempts - 1, failed = failed + 1 WHERE `+asHandedOut, handedOut(r, again.UnixMilli())...)
}

// RemoveReminder is circle.Store's.
func (m reminders) RemoveReminder(ctx context.Context, r circle.Reminder) error {
	return m.told(ctx, `UPDATE reminders SET sealed = '', agreed = 0, due_at = NULL, gone_at = asked_at + `+milliseconds(circle.KeepUnagreed)+` WHERE `+asHandedOut, handedOut(r)...)
}

func (m reminders) told(ctx context.Context, query string, args ...any) error {
	return reminded("reminder", m.db.change(ctx, hold{}, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, query, args...)
		return err
	}))
}

// ClearReminders is circle.Store's.
func (m reminders) ClearReminders(ctx context.Context, now time.Time) error {
	return reminded("clear reminders", m.db.change(ctx, holdReminders, func(t *sql.Tx) error {
		for _, q := range []string{`DELETE FROM reminders WHERE gone_at <= $1`, `UPDATE reminders SET sealed = '', due_at = NULL WHERE ends_at <= $1 AND sealed <> ''`} {
			if _, err := t.ExecContext(ctx, q, now.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	}))
}

// reminded gives what Reminders answers as it is.
func reminded(what string, err error) error {
	for _, no := range []error{circle.ErrAsked, circle.ErrNoReminder} {
		if errors.Is(err, no) {
			return no
		}
	}
	return answer(what, err)
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// Live lists the rooms that have a log and are not over, sorted: those to go
// on with when the server starts.
func (db *DB) Live(ctx context.Context) ([]room.ID, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT l.room FROM logs l LEFT JOIN rooms r ON r.id = l.room
		WHERE l.over_at IS NULL AND r.over_at IS NULL ORDER BY l.room`)
	if err != nil {
		return nil, wrap("live rooms", err)
	}
	defer rows.Close()
	var list []room.ID
	for rows.Next() {
		var id room.ID
		if err := rows.Scan(&id); err != nil {
			return nil, wrap("live rooms", err)
		}
		list = append(list, id)
	}
	return list, wrap("live rooms", rows.Err())
}

// sweeps delete what is past its time, given a time in Unix milliseconds.
// Whatever points at a row goes before it.
func (d *Durable) sweeps() []string {
	over := `SELECT id FROM rooms WHERE over_at < $1`
	var list []string
	if !d.shared {
		over += ` UNION SELECT room FROM logs WHERE over_at < $1`
		list = append(list, `DELETE FROM entries WHERE room IN (`+over+`)`, `DELETE FROM states WHERE room IN (`+over+`)`)
	}
	list = append(list, `DELETE FROM seats WHERE room IN (`+over+`)`, `DELETE FROM bars WHERE room IN (`+over+`)`)
	if !d.shared {
		list = append(list, `DELETE FROM logs WHERE over_at < $1 OR room IN (SELECT id FROM rooms WHERE over_at < $1)`)
	}
	return append(list, `DELETE FROM rooms WHERE over_at < $1`,
		`DELETE FROM links WHERE at < $1`,
		// These hold for PrefixFor alone, and all else here is kept for KeepKeys.
		`DELETE FROM bans WHERE key LIKE '`+byPrefix+`' AND from_at < $1 + `+milliseconds(moderation.KeepKeys-moderation.PrefixFor),
		`DELETE FROM invites WHERE (until_at < $1 OR revoked_at < $1 OR (uses > 1 AND used >= uses) OR (uses = 1 AND used > 0 AND device IS NULL))
			AND NOT EXISTS (SELECT 1 FROM seats WHERE seats.invite = invites.code)`,
		`DELETE FROM questions WHERE asked_at < $1 - `+milliseconds(circle.KeepQuestions),
		`DELETE FROM reminders WHERE gone_at < $1`,
		`DELETE FROM welcomes WHERE until_at < $1`,
		`DELETE FROM ceremonies WHERE until_at < $1`,
		`DELETE FROM sessions WHERE seen < $1 - `+milliseconds(circle.SessionIdle)+` OR made < $1 - `+milliseconds(circle.SessionLife),
		// From the oldest on, so that no line is missing between two others;
		// never the newest, which the next one follows.
		`DELETE FROM audit WHERE seq < (SELECT COALESCE(MIN(seq), (SELECT MAX(seq) FROM audit)) FROM audit
			WHERE at >= $1 - `+milliseconds(circle.KeepAudit)+`)`)
}

// milliseconds is a length in a query. PostgreSQL takes a small number for a
// small type, and with it the parameter beside it.
func milliseconds(d time.Duration) string {
	return "CAST(" + strconv.FormatInt(d.Milliseconds(), 10) + " AS BIGINT)"
}

// Sweep deletes every trace of rooms that were over before the given time,
// what led from seats to people before it, invites that ended before it or are
// used up, and what is kept for a time
// (circle.KeepQuestions, circle.KeepAudit) if that had passed by then. What was deleted is
// overwritten in a SQLite file, and the write-ahead log is emptied; if
// somebody is reading from that log for too long, that part is an error and
// the next sweep does it. A circle rests after a gathering (circle.Rest):
// what ended later than that ago should not be swept yet. Several nodes may
// sweep; one after the other does.
func (d *Durable) Sweep(ctx context.Context, before time.Time) error {
	err := d.change(ctx, holdSweep, func(t *sql.Tx) error {
		for _, q := range d.sweeps() {
			if _, err := t.ExecContext(ctx, q, before.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || d.shared {
		return wrap("sweep", err)
	}
	var busy, frames, moved int
	err = d.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = errors.New("the write-ahead log is being read and could not be emptied")
	}
	return wrap("sweep", err)
}

// Beat notes that this server was alive at t.
func (db *DB) Beat(ctx context.Context, t time.Time) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO beats (id, beat_at) VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at`, t.UnixMilli())
	return wrap("beat", err)
}

// LastBeat returns the time of the last Beat; zero if there was none.
func (db *DB) LastBeat(ctx context.Context) (time.Time, error) {
	var ms int64
	err := db.read.QueryRowContext(ctx, `SELECT beat_at FROM beats WHERE id = 1`).Scan(&ms)
	if found, err := some(err); !found {
		return time.Time{}, wrap("last beat", err)
	}
	return time.UnixMilli(ms), nil
}

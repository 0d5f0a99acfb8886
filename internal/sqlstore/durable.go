package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hearth/circle"
	"hearth/room"
)

// Durable is what must last, in either database: circles, invites and seat
// credentials. It has no room logs; only a DB, which is a SQLite file, has.
// Several nodes may have one PostgreSQL open, each once.
type Durable struct {
	shared bool    // PostgreSQL, where other nodes write too
	place  string  // for errors: where it is, without a password
	write  *sql.DB // SQLite: one connection, so that writers queue here
	read   *sql.DB
}

// callTime is how long a call may take on PostgreSQL: long enough to wait
// for a few others, shorter than a person waits for a page.
const callTime = 5 * time.Second

// stillTime is how long a node may stand still in the middle of a
// transaction, and hold others up, before PostgreSQL undoes it: shorter than
// they wait.
const stillTime = 2 * time.Second

// Close closes the database. The last one to close a file in any process
// leaves one file behind.
func (d *Durable) Close() error {
	return errors.Join(d.read.Close(), d.write.Close())
}

// Ready says whether the database is there and, on PostgreSQL, takes writes;
// if not, the error says what to do. It costs one question.
func (d *Durable) Ready(ctx context.Context) error {
	if !d.shared {
		var circles int
		return wrap("ready", d.explain(d.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM circles`).Scan(&circles)))
	}
	ctx, cancel := d.bound(ctx)
	defer cancel()
	var only bool
	err := d.write.QueryRowContext(ctx, `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'`).Scan(&only)
	if err == nil && only {
		err = &pgconn.PgError{Code: readOnly, Message: "it takes no writes"}
	}
	return wrap("ready", d.explain(err))
}

// bound gives a call on PostgreSQL its end, whatever the network does.
func (d *Durable) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if !d.shared {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, callTime)
}

// look runs f in one transaction that reads: it sees one moment, and waits
// for no writer.
func (d *Durable) look(ctx context.Context, f func(*sql.Tx) error) error {
	ctx, cancel := d.bound(ctx)
	defer cancel()
	return d.explain(tx(ctx, d.read, f))
}

// hold is what a transaction on PostgreSQL takes before it looks at
// anything, so that two nodes about the same circle come one after the
// other, and the second sees what the first did. On SQLite to begin is to
// lock.
type hold struct {
	query string
	arg   any
}

var (
	// Circles are numbered one after the other.
	holdList = hold{`LOCK TABLE circles IN SHARE ROW EXCLUSIVE MODE`, nil}
	// Any number will do that nobody else in this database uses: "sweep".
	holdSweep = hold{`SELECT pg_advisory_xact_lock($1)`, int64(0x7377656570)}
)

func holdByCode(code string) hold {
	return hold{`SELECT id FROM circles WHERE id = (SELECT circle FROM invites WHERE code = $1) FOR NO KEY UPDATE`, code}
}

func holdByCircle(id circle.ID) hold {
	return hold{`SELECT id FROM circles WHERE id = $1 FOR NO KEY UPDATE`, asText(string(id))}
}

func holdByRoom(id room.ID) hold {
	return hold{`SELECT id FROM circles WHERE id = (SELECT circle FROM rooms WHERE id = $1) FOR NO KEY UPDATE`, string(id)}
}

func (h hold) take(ctx context.Context, t *sql.Tx) error {
	var args []any
	switch {
	case h.query == "":
		return nil
	case h.arg != nil:
		args = []any{h.arg}
	}
	_, err := t.ExecContext(ctx, h.query, args...)
	return err
}

// tries is how often a transaction is tried that PostgreSQL gave up because
// of another one. With the locks that should not happen at all.
const tries = 5

// change runs f in one transaction that writes: all of it or, after any
// error, nothing. F may be run more than once.
func (d *Durable) change(ctx context.Context, h hold, f func(*sql.Tx) error) error {
	if !d.shared {
		return d.explain(tx(ctx, d.write, f))
	}
	ctx, cancel := d.bound(ctx)
	defer cancel()
	var err error
	for try := range tries {
		err = tx(ctx, d.write, func(t *sql.Tx) error {
			if err := h.take(ctx, t); err != nil {
				return err
			}
			return f(t)
		})
		if !gaveWay(err) {
			break
		}
		// Not all at once again.
		pause := time.NewTimer(rand.N(10*time.Millisecond) << try)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
	return d.explain(err)
}

// gaveWay says whether PostgreSQL undid a transaction for the sake of
// another (serialization_failure, deadlock_detected).
func gaveWay(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// tx runs f in one transaction of a pool: all of it or, after any error,
// nothing.
func tx(ctx context.Context, pool *sql.DB, f func(*sql.Tx) error) error {
	t, err := pool.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return err
	}
	if err := f(t); err != nil {
		// Begun by us and not committed: there is nothing to undo by hand.
		_ = t.Rollback()
		return late(ctx, err)
	}
	return late(ctx, t.Commit())
}

// late says that the caller's time was over, where database/sql only says
// that the transaction is.
func late(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// answer gives what a Store answers as it is, and other errors the name of
// what was done.
func answer(what string, err error) error {
	for _, no := range []error{circle.ErrNoInvite, circle.ErrNotOpen, circle.ErrBanned, circle.ErrNoSeat, circle.ErrNoRoom,
		circle.ErrNoCircle, circle.ErrChanged, circle.ErrNoQuestion, circle.ErrFull,
		circle.ErrNoPerson, circle.ErrLastAdmin, circle.ErrNoWelcome, circle.ErrNoSession, circle.ErrNoPasskey} {
		if errors.Is(err, no) {
			return no
		}
	}
	return wrap(what, err)
}

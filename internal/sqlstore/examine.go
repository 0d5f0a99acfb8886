package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Examined is a database that was opened to be looked at: nothing can be
// written by it, and its tables are as they were found.
type Examined struct {
	*Durable
	Version, Newest int64 // of its tables, and what this program knows
}

// Current says whether its tables are of this program's version. If not,
// only its version can be told.
func (e *Examined) Current() bool { return e.Version == e.Newest }

// Examine reads all of a SQLite file, also while a server works with it, and
// says what is wrong with it. ErrNone: there is no file.
func Examine(ctx context.Context, path string) (*Examined, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAccess, err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNone, path)
	}
	if err := prepare(ctx, path); err != nil {
		return nil, err
	}
	e := &Examined{Durable: &Durable{place: path}}
	if e.read, err = pool(path, 1, "deferred", "query_only(1)"); err != nil {
		return nil, err
	}
	e.write = e.read
	if e.Newest, err = latest(false); err == nil {
		e.Version, err = e.version(ctx)
	}
	if err != nil {
		return nil, errors.Join(explainFile(path, err), e.Close())
	}
	if err := whole(ctx, e.read); err != nil {
		return nil, errors.Join(damaged(path, err), e.Close())
	}
	return e, nil
}

// ErrNone: there is no database yet.
var ErrNone = errors.New("sqlstore: there is no database yet")

// version is that of a SQLite file; 0: nobody made tables in it.
func (e *Examined) version(ctx context.Context) (v int64, err error) {
	var made int
	if err := e.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema WHERE name = 'goose_db_version'`).Scan(&made); err != nil || made == 0 {
		return 0, err
	}
	err = e.read.QueryRowContext(ctx, versionQuery).Scan(&v)
	return v, err
}

// ExamineShared is Examine for PostgreSQL, which looks after its own files.
// It says too if the user may not write, or it takes no writes.
func ExamineShared(ctx context.Context, o Options) (*Examined, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	d := &Durable{shared: true, place: place(cfg)}
	d.read = pgPool(cfg, 1, callTime, "repeatable read", "on")
	d.write = d.read
	e := &Examined{Durable: d}
	if e.Version, e.Newest, err = d.inspect(ctx); err == nil && e.Version > 0 {
		err = d.mayWrite(ctx)
	}
	if err != nil {
		return nil, errors.Join(d.explain(err), d.Close())
	}
	if e.Version == 0 {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrNone, d.place), d.Close())
	}
	return e, nil
}

package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrations are numbered through for both databases; those that end in
// .sqlite.sql are for SQLite alone. A number is never used twice.
//
//go:embed migrations/*.sql
var migrations embed.FS

const onlySQLite = "*.sqlite.sql"

// shipped are our migrations by their names.
var shipped = func() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name of the folder is right
	}
	return files
}()

// latest is the newest version of a database that this program knows.
func latest(shared bool) (int64, error) { return latestOf(shipped, shared) }

func latestOf(files fs.FS, shared bool) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, name := range names {
		if only, err := path.Match(onlySQLite, name); err != nil || only && shared {
			continue
		}
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		newest = max(newest, v)
	}
	return newest, nil
}

var madeTable = regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)

// sharedTables lists the tables of a PostgreSQL, sorted.
func sharedTables() (list []string, err error) {
	names, err := fs.Glob(shipped, "*.sql")
	for _, name := range names {
		if only, err := path.Match(onlySQLite, name); err != nil || only {
			continue
		}
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			return nil, err
		}
		for _, m := range madeTable.FindAllSubmatch(text, -1) {
			list = append(list, string(m[1]))
		}
	}
	slices.Sort(list)
	return list, err
}

// migrateFile brings a SQLite file's tables up to date.
func migrateFile(ctx context.Context, db *sql.DB) error { return migrateFileTo(ctx, db, shipped) }

// migrateFileTo is migrateFile with other migrations than ours. Another
// process may be about the same: whoever comes second finds it done and looks
// again.
func migrateFileTo(ctx context.Context, db *sql.DB, files fs.FS) error {
	// Version 2 changes nothing in a file of version 1: the tables that it
	// would take away again have been there before.
	m := migration{back: 2, tries: 5, provider: func() (*goose.Provider, error) {
		return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	}}
	return m.run(ctx)
}

// migrationTime is how long changing the tables may take, waiting for
// another node that does it included.
const migrationTime = 5 * time.Minute

// migrateShared brings PostgreSQL's tables up to date. Of several nodes one
// does it, and the others wait.
func migrateShared(ctx context.Context, db *sql.DB, files fs.FS) error {
	not, err := fs.Glob(files, onlySQLite)
	if err != nil {
		return err
	}
	// Asked for once a second; the number is goose's.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(migrationTime.Seconds())))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, migrationTime)
	defer cancel()
	m := migration{back: 1, tries: 1, provider: func() (*goose.Provider, error) {
		return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true),
			goose.WithExcludeNames(not), goose.WithSessionLocker(locker))
	}}
	return m.run(ctx)
}

// migration brings a database's tables up to date: to the newest version or,
// if that fails half-way, back to the one they had, so that the program of
// before goes on with them.
type migration struct {
	back     int64 // no further back than this
	tries    int
	provider func() (*goose.Provider, error)
}

func (m migration) run(ctx context.Context) (err error) {
	var from, to int64 // what we have changed ourselves
	for range m.tries {
		p, err2 := m.provider()
		if err2 != nil {
			return err2
		}
		was, err2 := p.GetDBVersion(ctx)
		if err2 != nil {
			err = err2
			continue
		}
		if _, err = p.Up(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		var half *goose.PartialError
		if errors.As(err, &half) && len(half.Applied) > 0 {
			if to == 0 {
				from = was
			}
			to = half.Applied[len(half.Applied)-1].Source.Version
		}
	}
	if from == 0 {
		return err
	}
	return errors.Join(err, m.undo(ctx, max(from, m.back), to))
}

// undo takes back what was changed, unless somebody has gone further.
func (m migration) undo(ctx context.Context, from, to int64) error {
	p, err := m.provider()
	if err != nil {
		return err
	}
	is, err := p.GetDBVersion(ctx)
	if err == nil && is == to && from < to {
		_, err = p.DownTo(ctx, from)
	}
	return err
}

package sqlstore

import (
	"context"
	"database/sql"
	"embed"
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

// latest is the newest version of a database that this program knows.
func latest(shared bool) (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, name := range names {
		if only, err := path.Match(onlySQLite, path.Base(name)); err != nil || only && shared {
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
	names, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		if only, err := path.Match(onlySQLite, path.Base(name)); err != nil || only {
			continue
		}
		text, err := migrations.ReadFile(name)
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

// migrateFile brings a SQLite file's tables up to date. Another process may
// be about the same: whoever comes second finds it done and looks again.
func migrateFile(ctx context.Context, db *sql.DB) (err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	for range 5 {
		var p *goose.Provider
		p, err = goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return err
		}
		if _, err = p.Up(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// migrationTime is how long changing the tables may take, waiting for
// another node that does it included.
const migrationTime = 5 * time.Minute

// migrateShared brings PostgreSQL's tables up to date. Of several nodes one
// does it, and the others wait.
func migrateShared(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	not, err := fs.Glob(files, onlySQLite)
	if err != nil {
		return err
	}
	// Asked for once a second; the number is goose's.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(migrationTime.Seconds())))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true),
		goose.WithExcludeNames(not), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, migrationTime)
	defer cancel()
	_, err = p.Up(ctx)
	return err
}

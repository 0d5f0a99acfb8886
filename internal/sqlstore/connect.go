package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Options say which PostgreSQL.
type Options struct {
	// postgres://user@host:5432/database, as PostgreSQL's own programs take
	// it: with several hosts, and settings behind a question mark, like
	// sslmode=verify-full&sslrootcert=FILE or target_session_attrs=read-write.
	URL string
	// Wins over one in the URL; empty: that one, or none.
	Password string

	files fs.FS // other migrations than ours; nil: ours
}

// Of each pool of connections, so that ten nodes fit into the 100 that a
// PostgreSQL lets in unless told otherwise.
const (
	mostReading = 5
	mostWriting = 4
)

// Connect opens a PostgreSQL database and brings its tables up to date. Any
// number of nodes may do so at once. A database of a newer version or
// somebody else's is refused and left as it is. No error has the password
// in it.
func Connect(ctx context.Context, o Options) (*Durable, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	d := &Durable{shared: true, place: place(cfg)}
	// Readers see one moment, and can't write. Writers see what was done by
	// those they waited for.
	d.read = pgPool(cfg, mostReading, callTime, "repeatable read", "on")
	d.write = pgPool(cfg, mostWriting, callTime, "read committed", "off")
	if o.files == nil {
		o.files = shipped
	}
	if err := d.prepare(ctx, cfg, o.files); err != nil {
		return nil, errors.Join(d.explain(err), d.Close())
	}
	return d, nil
}

// config reads the URL. What is wrong with it may be that a password was not
// escaped, so nothing of it is repeated.
func (o Options) config() (*pgx.ConnConfig, error) {
	rest, ok := strings.CutPrefix(o.URL, "postgres://")
	if !ok {
		rest, ok = strings.CutPrefix(o.URL, "postgresql://")
	}
	// With an @, / or # in the password the host would begin too early, and
	// half of the password would be looked up as its name.
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if !ok || strings.Count(rest[:end], "@") > 1 || strings.ContainsAny(rest[end:], "@") || strings.Contains(rest, "#") {
		return nil, badURL(nil)
	}
	cfg, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return nil, badURL(err)
	}
	if o.Password != "" {
		cfg.Password = o.Password
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = callTime
	}
	return cfg, nil
}

func badURL(err error) error {
	var file *fs.PathError // of a certificate or key
	if errors.As(err, &file) {
		return fmt.Errorf("%w: a file that it names can't be read: %w", ErrAddress, file)
	}
	return fmt.Errorf("%w. It looks like postgres://user@host:5432/database. In names and passwords @ is written %%40, / %%2F, ? %%3F and # %%23; better, put the password into a file. (Nothing of it is shown here, because of the password.)", ErrAddress)
}

// place names a database without a password.
func place(cfg *pgx.ConnConfig) string {
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))) + "/" + cfg.Database
}

// pgPool opens connections that are set up alike, whenever they are made.
func pgPool(cfg *pgx.ConnConfig, most int, longest time.Duration, isolation, readOnly string) *sql.DB {
	cfg = cfg.Copy()
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	for name, value := range map[string]string{
		"application_name":                    "hearth",
		"statement_timeout":                   ms(longest),
		"idle_in_transaction_session_timeout": ms(stillTime),
		"default_transaction_isolation":       isolation,
		"default_transaction_read_only":       readOnly,
		"client_min_messages":                 "warning",
	} {
		cfg.RuntimeParams[name] = value
	}
	// After a restart of PostgreSQL no call should get one of the connections
	// that went with it. A restart takes longer than that.
	db := stdlib.OpenDB(*cfg, stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
		return p.IdleDuration > 50*time.Millisecond
	}))
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour) // so that in the end all are where the name points
	return db
}

// prepare looks at what is there before anything is touched, and makes or
// changes the tables where that is due.
func (d *Durable) prepare(ctx context.Context, cfg *pgx.ConnConfig, files fs.FS) error {
	version, newest, err := d.inspectWith(ctx, files)
	if err != nil {
		return err
	}
	if version < newest {
		if err := d.Ready(ctx); err != nil {
			return err
		}
		once := pgPool(cfg, 1, migrationTime, "read committed", "off")
		if err := errors.Join(migrateShared(ctx, once, files), once.Close()); err != nil {
			var half *goose.PartialError
			told := d.explain(err)
			if errors.As(err, &half) && errors.Is(told, ErrDamaged) {
				told = err // what is missing may be the migration's fault
			}
			return notUpdated(d.place, told)
		}
		if _, _, err := d.inspectWith(ctx, files); err != nil {
			return err
		}
	}
	if err := d.mayWrite(ctx); err != nil {
		return err
	}
	return d.feeds(ctx)
}

// inspect says which version the tables have and which this program knows, or
// why it can't go on with them.
func (d *Durable) inspect(ctx context.Context) (version, newest int64, err error) {
	return d.inspectWith(ctx, shipped)
}

func (d *Durable) inspectWith(ctx context.Context, files fs.FS) (version, newest int64, err error) {
	ctx, cancel := d.bound(ctx)
	defer cancel()
	var is int
	if err := d.read.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&is); err != nil {
		return 0, 0, err
	}
	if err := newEnough(d.place, is); err != nil {
		return 0, 0, err
	}
	var found contents
	err = d.read.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE tablename = 'goose_db_version'),
		count(*) FILTER (WHERE tablename = 'circles') FROM pg_tables WHERE schemaname = current_schema()`).
		Scan(&found.tables, &found.versioned, &found.circles)
	if err == nil && found.versioned > 0 {
		err = d.read.QueryRowContext(ctx, versionQuery).Scan(&found.version)
	}
	if err != nil {
		return 0, 0, err
	}
	if newest, err = latestOf(files, true); err != nil {
		return 0, 0, err
	}
	return found.version, newest, found.judge(d.place, newest)
}

// oldest is the first major version of PostgreSQL that is still looked after
// (postgresql.org/support/versioning).
const oldest = 14

// newEnough takes a version as server_version_num has it: 150018 is 15.18.
func newEnough(place string, version int) error {
	if major := version / 10_000; major < oldest {
		return fmt.Errorf("%w: %s is PostgreSQL %d, Hearth needs %d or newer", ErrOld, place, major, oldest)
	}
	return nil
}

// mayWrite refuses a user who may not do what every gathering needs.
func (d *Durable) mayWrite(ctx context.Context) error {
	all, err := sharedTables()
	if err != nil {
		return err
	}
	ctx, cancel := d.bound(ctx)
	defer cancel()
	var not string
	err = d.read.QueryRowContext(ctx, `SELECT COALESCE(string_agg(name, ', ' ORDER BY name), '')
		FROM unnest($1::text[]) name
		WHERE NOT (has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')
		AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE'))`, all).Scan(&not)
	if err == nil && not != "" {
		err = fmt.Errorf("%w: %s: the user lacks rights on %s; %s", ErrAccess, d.place, not, howToGrant)
	}
	return err
}

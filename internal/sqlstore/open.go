package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"hearth/room"
)

// DB is one SQLite database: what is durable, and the room logs. Several
// processes may have it open, each once.
type DB struct {
	*Durable
	now func() time.Time

	mu    sync.Mutex // guards bells
	bells map[room.ID][]chan struct{}
}

// Open opens the database at path, makes it if there is none, and brings its
// tables up to date. Now is the clock of its room logs. A file that is
// damaged, of a newer version or somebody else's is refused and left as it
// is, byte for byte.
func Open(ctx context.Context, path string, now func() time.Time) (*DB, error) {
	return openWith(ctx, path, now, shipped)
}

// openWith is Open with other migrations than ours.
func openWith(ctx context.Context, path string, now func() time.Time, files fs.FS) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAccess, err)
	}
	if err := prepare(ctx, path); err != nil {
		return nil, err
	}
	db := &DB{Durable: &Durable{place: path}, now: now, bells: map[room.ID][]chan struct{}{}}
	if db.write, err = pool(path, 1, "immediate", "journal_mode(WAL)", "synchronous(FULL)"); err != nil {
		return nil, err
	}
	if db.read, err = pool(path, 4, "deferred", "query_only(1)"); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	if err := migrateFileTo(ctx, db.write, files); err != nil {
		return nil, errors.Join(notUpdated(path, explainFile(path, err)), db.Close())
	}
	if err := db.feeds(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepare looks at what is there before anything is touched, and makes the
// file, readable by its owner only, if there is none.
func prepare(ctx context.Context, path string) error {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return fmt.Errorf("%w: %s cannot be made; check that its folder is there and may be written: %w", ErrAccess, path, err)
		}
		return f.Close()
	case err != nil:
		return fmt.Errorf("%w: %w", ErrAccess, err)
	case !st.Mode().IsRegular():
		return fmt.Errorf("%w: %s is not a file", ErrAccess, path)
	}
	// Closing a file lets go of this process's locks on it. Nobody else in
	// this process has it open yet.
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: %s: check whose file it is: %w", ErrAccess, path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrAccess, err)
	}
	switch wal, err := os.Stat(path + "-wal"); {
	case st.Size() == 0 && (err != nil || wal.Size() == 0):
		return nil // somebody made the file, and nothing more
	case st.Size() < minSize:
		// SQLite would take it for new, and throw the log away.
		return damaged(path, errors.New("it has lost its beginning"))
	}
	return inspect(ctx, path)
}

// minSize is the smallest page of SQLite, in bytes.
const minSize = 512

// pool opens connections to a file. Every connection is set up alike,
// whenever it is made. Those that write begin their transactions by locking
// (immediate), so that two of them wait for each other and never fail half
// way.
func pool(path string, most int, lock string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"mode": {"rw"}, "_txlock": {lock}}
	q["_pragma"] = append(pragmas, "busy_timeout(5000)", "foreign_keys(1)", "secure_delete(1)", "temp_store(MEMORY)")
	db, err := sql.Open("sqlite", dsn(path, q))
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

func dsn(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// explainFile tells what to do about an error of a file.
func explainFile(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("sqlstore: %s: %w", path, err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %s: check that its folder may be written: %w", ErrAccess, path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %s: the disk is full; make room there: %w", ErrAccess, path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %s: its disk does not do what it should; look whether it is full or broken: %w", ErrAccess, path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %s: another program holds it; end what has it open for so long, and try again: %w", ErrAway, path, err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return damaged(path, err)
	}
	return fmt.Errorf("sqlstore: %s: %w", path, err)
}

func damaged(path string, why error) error {
	return fmt.Errorf("%w: %s does not read as a whole. Nothing was changed. Move it and the files beside it (-wal, -shm) away and restore a backup (hearth restore), or start anew without it: %w", ErrDamaged, path, why)
}

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
)

// inspect reads a whole database without changing a byte of it, and says
// whether this program can go on with it.
//
// A file at rest is read as immutable: SQLite then makes no files beside it.
// Behind a write-ahead log (a server is running, or one was killed) it is
// read through that log, with the log's index opened for reading only. A
// rollback journal exists only in the first moments of a file's life;
// SQLite must be let at it, so there is nothing to look at before.
func inspect(ctx context.Context, path string) error {
	for range 3 {
		if there(path + "-journal") {
			return nil
		}
		logged := hasFrames(path + "-wal")
		err := inspectAs(ctx, path, logged)
		if err == nil || logged == hasFrames(path+"-wal") {
			return err
		}
		// A server began to write while its file was taken for one at rest.
	}
	return nil // one that busy has looked for itself
}

func inspectAs(ctx context.Context, path string, logged bool) (err error) {
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)"}}
	switch {
	case !logged:
		q.Set("immutable", "1")
	case there(path + "-shm"):
		q.Set("readonly_shm", "1")
	default:
		// A copy without its index: SQLite makes one, which must not stay
		// if nobody is to work with it.
		defer func() {
			if err != nil {
				_ = os.Remove(path + "-shm")
			}
		}()
	}
	db, err := sql.Open("sqlite", dsn(path, q))
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	db.SetMaxOpenConns(1)
	err = inspectOpen(ctx, db, path)
	return errors.Join(err, db.Close())
}

// hasFrames says whether a write-ahead log holds anything. A kill can leave
// one that is only its header (32 bytes), or not even that, which SQLite
// ignores; but with a read-only index it waits 10 s for somebody to mend it.
// The numbers are those of SQLite's file format.
func hasFrames(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 33)
	if _, err := io.ReadFull(f, head); err != nil {
		return false
	}
	magic, page := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[8:])
	return magic&^1 == 0x377f0682 && page >= minSize && page <= 65536 && page&(page-1) == 0
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func inspectOpen(ctx context.Context, db *sql.DB, path string) error {
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return explainFile(path, err)
	}
	if found != "ok" {
		return damaged(path, errors.New(found))
	}
	var has contents
	err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'goose_db_version'),
		count(*) FILTER (WHERE name = 'circles') FROM sqlite_schema
		WHERE type = 'table' AND name NOT LIKE 'sqlite%'`).Scan(&has.tables, &has.versioned, &has.circles)
	if err != nil {
		return explainFile(path, err)
	}
	if has.versioned > 0 {
		if err := db.QueryRowContext(ctx, versionQuery).Scan(&has.version); err != nil {
			return explainFile(path, err)
		}
	}
	newest, err := latest(false)
	if err != nil {
		return err
	}
	return has.judge(path, newest)
}

package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"time"
)

// largest is the size of a database in memory, at most (SQLite's
// SQLITE_CONFIG_MEMDB_MAXSIZE).
const largest = 1 << 30

// magic begins every SQLite file.
var magic = []byte("SQLite format 3\x00")

// memory is what the driver's connections can besides database/sql.
type memory interface {
	Serialize() ([]byte, error)
	Deserialize([]byte) error
}

// inMemory opens a database that is gone when it is closed, empty or with
// what a file held.
func inMemory(file []byte) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if file == nil {
		return db, nil
	}
	err = withMemory(context.Background(), db, func(m memory) error { return m.Deserialize(file) })
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func withMemory(ctx context.Context, db *sql.DB, f func(memory) error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(driver any) error {
		m, ok := driver.(memory)
		if !ok {
			return errors.New("the driver can't have a database in memory")
		}
		return f(m)
	})
}

// Write puts the backup into a file that its owner alone may read. It is
// written beside, synced, read again and looked over; only then it gets its
// name. There is the whole backup, or what was there before. A file that is
// there already is fs.ErrExist, unless it may be replaced; one that is being
// written is ErrBusy.
func (b *Backup) Write(ctx context.Context, path string, replace bool) (size int64, err error) {
	var whole []byte
	err = withMemory(ctx, b.db, func(m memory) (err error) {
		whole, err = m.Serialize()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	if err := mayPut(path, replace); err != nil {
		return 0, err
	}
	part := path + ".part"
	f, err := takePart(part)
	if err != nil {
		return 0, err
	}
	defer f.Close() // lets go of the file
	_, err = f.Write(whole)
	if err = errors.Join(err, f.Sync()); err == nil {
		err = b.same(ctx, part)
	}
	if err == nil {
		err = mayPut(path, replace)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return 0, fmt.Errorf("backup: %w", errors.Join(err, os.Remove(part)))
	}
	return int64(len(whole)), syncDir(filepath.Dir(path))
}

// ErrBusy: somebody else is writing a backup into the same file.
var ErrBusy = errors.New("sqlstore: another backup is being written there")

// takePart opens the file that a backup is written to. One that was left by
// a backup that was cut off is begun anew.
func takePart(part string) (*os.File, error) {
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(ErrBusy, f.Close())
	}
	// Whoever had the lock may have given the file its name meanwhile.
	mine, err2 := f.Stat()
	named, err3 := os.Lstat(part)
	if err = errors.Join(err, err2, err3); err == nil && !os.SameFile(mine, named) {
		err = ErrBusy
	}
	if err == nil {
		err = errors.Join(f.Chmod(0o600), f.Truncate(0))
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", errors.Join(err, f.Close()))
	}
	return f, nil
}

func mayPut(path string, replace bool) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !replace || !st.Mode().IsRegular():
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return nil
}

// same reads a file as a restore would, and sees that it is this backup.
func (b *Backup) same(ctx context.Context, path string) error {
	again, err := ReadBackup(ctx, path)
	if err != nil {
		return err
	}
	defer again.Close()
	was, err := b.kept(ctx)
	if err != nil {
		return err
	}
	if is, err := again.kept(ctx); err != nil || is != was {
		return errors.Join(fmt.Errorf("%w: what was written reads otherwise", ErrNoBackup), err)
	}
	return nil
}

// kept is the sum that stands in the backup.
func (b *Backup) kept(ctx context.Context) (sum string, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT sum FROM backup`).Scan(&sum)
	return sum, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ReadBackup reads a backup whole, without changing the file, and looks it
// over: that it is one, that nothing is missing or altered, and that this
// program knows its version. One of an older version comes out as the newest.
func ReadBackup(ctx context.Context, path string) (*Backup, error) {
	whole, err := readBackupFile(path)
	if err != nil {
		return nil, err
	}
	db, err := inMemory(whole)
	if err != nil {
		return nil, noBackup(path, err)
	}
	b := &Backup{db: db}
	if err := b.look(ctx, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := migrateFile(ctx, db); err != nil {
		return nil, errors.Join(noBackup(path, err), db.Close())
	}
	if err := b.likeOurs(ctx); err != nil {
		return nil, errors.Join(noBackup(path, err), db.Close())
	}
	return b, nil
}

// likeOurs says whether a backup has the tables that this program has, with
// their columns, and no others.
func (b *Backup) likeOurs(ctx context.Context) error {
	fresh, err := inMemory(nil)
	if err != nil {
		return err
	}
	defer fresh.Close()
	if err := migrateFile(ctx, fresh); err != nil {
		return err
	}
	return tx(ctx, fresh, func(ours *sql.Tx) error {
		return tx(ctx, b.db, func(theirs *sql.Tx) error {
			want, err := allTables(ctx, ours)
			if err != nil {
				return err
			}
			is, err := allTables(ctx, theirs)
			if err == nil && !reflect.DeepEqual(is, want) {
				err = errors.New("its tables are others")
			}
			return err
		})
	})
}

func allTables(ctx context.Context, t *sql.Tx) (all []table, err error) {
	names, err := ours(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		one, err := tableOf(ctx, t, name)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func readBackupFile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, noBackup(path, errors.New("it is not a file"))
	case st.Size() > largest:
		return nil, noBackup(path, errors.New("it is larger than any backup"))
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// The bytes are those of SQLite's file format: its page size at 16, the
	// number of pages at 28, and at 18 whether there is a log beside it,
	// which a backup never has.
	switch {
	case len(whole) < minSize || !bytes.HasPrefix(whole, magic):
		return nil, noBackup(path, errors.New("it is no such file, or has lost its beginning"))
	case whole[18] != 1 || whole[19] != 1:
		return nil, noBackup(path, errors.New("it is a database that a server works with, or a copy of one"))
	}
	return whole, nil
}

func noBackup(path string, why error) error {
	if errors.Is(why, ErrDamaged) || errors.Is(why, ErrForeign) {
		why = errors.New("it does not read as one") // and not what to do about a server's file
	}
	return fmt.Errorf("%w: %s: %w", ErrNoBackup, path, why)
}

// look looks the database of a file over.
func (b *Backup) look(ctx context.Context, path string) error {
	if err := still(ctx, b.db, path); err != nil {
		return noBackup(path, err)
	}
	if err := inspectOpen(ctx, b.db, path); err != nil {
		if errors.Is(err, ErrNewer) {
			return err
		}
		return noBackup(path, err)
	}
	return tx(ctx, b.db, func(t *sql.Tx) error {
		var made int64
		var sum string
		err := t.QueryRowContext(ctx, `SELECT made_at, made_of, sum FROM backup`).Scan(&made, &b.From, &sum)
		if err == nil {
			err = t.QueryRowContext(ctx, versionQuery).Scan(&b.Version)
		}
		if err == nil {
			err = whole(ctx, t)
		}
		if err != nil {
			return noBackup(path, err)
		}
		is, err := sumOf(ctx, t)
		if err == nil && is != sum {
			err = errors.New("something in it was altered")
		}
		if err != nil {
			return noBackup(path, err)
		}
		b.Made = time.UnixMilli(made).UTC()
		return nil
	})
}

// still says whether a SQLite database has nothing in it that does something
// when it is read or written: views, triggers and virtual tables have no page.
func still(ctx context.Context, a asker, path string) error {
	var name string
	err := a.QueryRowContext(ctx, `SELECT name FROM sqlite_schema WHERE COALESCE(rootpage, 0) = 0 LIMIT 1`).Scan(&name)
	switch there, err := some(err); {
	case err != nil:
		return explainFile(path, err)
	case there:
		return errors.New("there is more in it than tables")
	}
	return nil
}

// whole looks all of a SQLite database over, indexes too, and that whatever
// is pointed at is there.
func whole(ctx context.Context, a asker) error {
	var found string
	if err := a.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return errors.New(found)
	}
	var from string
	err := a.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check`).Scan(&from)
	if there, err := some(err); there || err != nil {
		return errors.Join(err, fmt.Errorf("something that %s points at is missing", from))
	}
	return nil
}

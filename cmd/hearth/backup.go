package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
)

// backupCmd writes what lasts into one file, while the server runs.
type backupCmd struct {
	File  string `arg:"" placeholder:"FILE" help:"Where to. It is whole when it has its name."`
	Force bool   `help:"Replace the file if there is one."`
}

func (c *backupCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	if c.File == "" {
		return say("Please name the file that the backup is written to.")
	}
	if ours(cfg, c.File) {
		return say("%s is the database itself. Please choose another file, best on another disk.", c.File)
	}
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	b, err := db.Backup(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("nothing was backed up: %w", plain(err))
	}
	defer b.Close()
	counts, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	size, err := b.Write(ctx, c.File, c.Force)
	switch {
	case errors.Is(err, fs.ErrExist):
		return say("There is a file %s already. Please choose another name, or add --force to replace it.", c.File)
	case errors.Is(err, sqlstore.ErrBusy):
		return say("Another backup is being written to %s. Please let it end.", c.File)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return say("Nothing was backed up: there is not enough room for %s. Please make some, or choose another disk.", c.File)
	case err != nil:
		return say("Nothing was backed up: %w.", plain(err))
	}
	_, err = fmt.Fprintf(out, "Backed up %s: %s (%d KB).\nWhoever has this file can read the questions in it, and change who may come in by restoring it: keep it as safe as the data folder.\n",
		inAll(counts), c.File, (size+1023)/1024)
	return err
}

// ours says whether a file is one of the data folder's own.
func ours(cfg *Config, name string) bool {
	is, err := os.Stat(name)
	if err != nil {
		return false
	}
	own, _ := filepath.Glob(dbPath(cfg.Data) + "*")
	own = append(own, lockPath(cfg.Data), filepath.Join(cfg.Data, "evidence.json"), textsPath(cfg.Data))
	for _, o := range own {
		if st, err := os.Stat(o); err == nil && os.SameFile(is, st) {
			return true
		}
	}
	return false
}

// restoreCmd puts a backup in the place of what lasts.
type restoreCmd struct {
	File string `arg:"" placeholder:"FILE" help:"A backup that hearth backup made."`
	Yes  bool   `help:"Do it. Without, nothing is changed: it is said what would be."`
}

func (c *restoreCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	b, err := readBackup(ctx, c.File)
	if err != nil {
		return err
	}
	defer b.Close()
	db, err := openAny(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now()
	will, err := db.Compare(ctx, b, now)
	if err != nil {
		return say("Nothing was changed: %w.", plain(err))
	}
	if !c.Yes {
		if err := tell(out, c.File, b, will); err != nil {
			return err
		}
		return say("Nothing was changed yet. To restore it, add --yes.")
	}
	did, err := db.Restore(ctx, b, circle.Act{At: now})
	if err != nil {
		return say("Nothing was changed: %w.", plain(err))
	}
	if err := tell(out, c.File, b, did); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "Restored.")
	return err
}

func readBackup(ctx context.Context, file string) (*sqlstore.Backup, error) {
	b, err := sqlstore.ReadBackup(ctx, file)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, say("The backup can't be read: %w. Nothing was changed.", path)
	case errors.Is(err, sqlstore.ErrNewer):
		return nil, say("%s was made by a newer Hearth. Please restore it with that one. Nothing was changed.", file)
	case err != nil:
		return nil, say("Nothing was changed: %w.", plain(err))
	}
	return b, nil
}

// openAny opens the database there is, or makes an empty one to restore into.
func openAny(ctx context.Context, cfg *Config) (*sqlstore.Durable, error) {
	if cfg.Database != "" {
		return connect(ctx, cfg)
	}
	if err := makeData(cfg.Data); err != nil {
		return nil, err
	}
	db, err := openDB(ctx, cfg.Data)
	if err != nil {
		return nil, err
	}
	if err := giveAway(cfg.Data); err != nil {
		return nil, errors.Join(cantWrite(cfg.Data, err), db.Close())
	}
	return db.Durable, nil
}

// giveAway makes a database that root has made the folder's owner's, whom
// the server runs as.
func giveAway(data string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	st, err := os.Stat(data)
	if err != nil {
		return err
	}
	if of, ok := st.Sys().(*syscall.Stat_t); ok {
		for _, name := range []string{"", "-wal", "-shm"} {
			if err := os.Chown(dbPath(data)+name, int(of.Uid), int(of.Gid)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// tell says what a restore does, and what it can't undo.
func tell(out io.Writer, file string, b *sqlstore.Backup, c sqlstore.Change) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s was made on %s (%s, version %d of the tables).\n", file, b.Made.Format("2 January 2006, 15:04 MST"), b.From, b.Version)
	fmt.Fprintf(&s, "  in it:     %s\n", inAll(c.Then))
	fmt.Fprintf(&s, "  now here:  %s\n", inAll(c.Now))
	fmt.Fprintf(&s, "What is here now gives way to what is in it.\n")
	if c.GoOn+c.Ended > 0 {
		fmt.Fprintf(&s, "Gatherings: %d go on, %d end because their circle is not in the backup.\n", c.GoOn, c.Ended)
	}
	fmt.Fprintf(&s, "Everybody who is signed in is signed out (%s), and links for new people end (%d).\n", many(c.Out, "session", "sessions"), c.Links)
	switch {
	case c.Now["audit"] == 0:
	case c.Audits:
		fmt.Fprintf(&s, "The audit stays, with what was done since.\n")
	default:
		fmt.Fprintf(&s, "The audit that is here belongs to something else and gives way to the backup's.\n")
	}
	again := c.Again
	switch {
	case !c.Same:
		fmt.Fprintf(&s, "Whatever was revoked or removed after that day works again. It isn't known here what that is: please look invites and people over.\n")
	case again == sqlstore.Again{}:
		fmt.Fprintf(&s, "Nothing was revoked, used up or removed since that would work again.\n")
	default:
		fmt.Fprintf(&s, "These work again, though they were revoked, used up or removed since: %s, %s, %s, %s. Please look them over.\n",
			many(again.Invites, "invite", "invites"), many(again.People, "person", "people"),
			many(again.Rights, "right of people who are here", "rights of people who are here"), many(again.Passkeys, "passkey", "passkeys"))
	}
	_, err := io.WriteString(out, s.String())
	return err
}

func inAll(n map[string]int) string {
	return strings.Join([]string{many(n["circles"], "circle", "circles"), many(n["invites"], "invite", "invites"), many(n["questions"], "question", "questions"),
		many(n["people"], "person", "people"), many(n["passkeys"], "passkey", "passkeys"), many(n["audit"], "line of the audit", "lines of the audit")}, ", ")
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}

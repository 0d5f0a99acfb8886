package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres is one PostgreSQL. It keeps its promises through a kill of its
// processes, not through a power cut: fsync is off.
type Postgres struct {
	Addr string // host:port
	Dir  string // its data and its log lie here

	t        testing.TB
	bin      string
	password string // of every role, once escaped in a URL
	settings []string
	made     int      // databases
	process  *process // nil: killed
}

// StartPostgres starts a PostgreSQL that asks for passwords; settings are
// its options ("log_statement=all") and win over those of here. Under root
// it runs as the user postgres. It answers when StartPostgres returns, which
// takes about two seconds: share one among the tests of a file and ask for a
// Database each.
func StartPostgres(t testing.TB, settings ...string) *Postgres {
	t.Helper()
	p := &Postgres{t: t, bin: postgresBin(), password: rand.Text(), settings: settings}
	if p.bin == "" {
		missing(t, "PostgreSQL", "postgresql")
	}
	var err error
	if p.Dir, err = postgresDir(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(p.Dir) })
	if err := p.initdb(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.Addr = start(t, func(port string) error {
		p.Addr = "127.0.0.1:" + port
		return p.run()
	})
	return p
}

// postgresBin is where its programs are; empty if they are nowhere. Debian
// keeps them out of the PATH.
func postgresBin() string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return majorOf(b) - majorOf(a) })
	if found, err := exec.LookPath("initdb"); err == nil {
		dirs = slices.Insert(dirs, 0, filepath.Dir(found))
	}
	for _, dir := range dirs {
		_, err := exec.LookPath(filepath.Join(dir, "initdb"))
		_, err2 := exec.LookPath(filepath.Join(dir, "postgres"))
		if errors.Join(err, err2) == nil {
			return dir
		}
	}
	return ""
}

func majorOf(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

// runner is who PostgreSQL runs as; nil: whoever we are. It refuses root.
func runner() (*user.User, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres: %w", err)
	}
	return u, nil
}

// postgresDir makes a folder that the runner owns and can get at. The
// folders of tests are closed to others.
func postgresDir() (string, error) {
	u, err := runner()
	if err != nil {
		return "", err
	}
	for _, in := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if u != nil && !reachable(in) {
			continue
		}
		dir, err := os.MkdirTemp(in, "hearth-postgres-")
		if err != nil || u == nil {
			return dir, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return dir, os.Chown(dir, uid, gid)
	}
	return "", errors.New("no scratch folder is open to the user postgres; choose one with TMPDIR")
}

// reachable says whether others may go through a folder and all above it.
func reachable(dir string) bool {
	for {
		st, err := os.Stat(dir)
		if err != nil || st.Mode()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}

// command is how one of its programs is started: in a folder and as a user
// that it likes.
func (p *Postgres) command(program string, args ...string) ([]string, error) {
	line := []string{"-c", `cd "$0" && exec "$@"`, p.Dir}
	u, err := runner()
	if err != nil {
		return nil, err
	}
	if u != nil {
		line = append(line, "setpriv", "--reuid", u.Uid, "--regid", u.Gid, "--clear-groups")
	}
	return append(append(line, filepath.Join(p.bin, program)), args...), nil
}

func (p *Postgres) initdb() error {
	secret := filepath.Join(p.Dir, "secret")
	if err := os.WriteFile(secret, []byte(p.password+"\n"), 0o644); err != nil { // in a folder of 0700
		return err
	}
	line, err := p.command("initdb", "-D", filepath.Join(p.Dir, "data"), "-U", "postgres", "-A", "scram-sha-256",
		"--pwfile", secret, "--no-sync", "--locale=C", "--encoding=UTF8")
	if err != nil {
		return err
	}
	if out, err := exec.Command("sh", line...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// run starts the process and waits until it answers.
func (p *Postgres) run() error {
	args := []string{"-D", filepath.Join(p.Dir, "data")}
	_, port, _ := strings.Cut(p.Addr, ":")
	for _, s := range append([]string{"port=" + port, "listen_addresses=127.0.0.1", "unix_socket_directories=",
		"fsync=off", "shared_buffers=16MB", "dynamic_shared_memory_type=mmap", "logging_collector=on",
		"log_directory=" + p.Dir, "log_filename=log", "log_rotation_age=0"}, p.settings...) {
		args = append(args, "-c", s)
	}
	line, err := p.command("postgres", args...)
	if err != nil {
		return err
	}
	// What a killed server leaves behind takes a moment to go, and until
	// then the next one ends at once.
	poll(func() bool {
		var again *process
		if again, err = spawn("sh", line...); err != nil {
			return true
		}
		if err = again.answersSQL(p.URL()); err == nil {
			p.process = again
			return true
		}
		again.kill()
		return !strings.Contains(p.Log(), "shared memory block")
	})
	if err != nil {
		return errors.Join(err, errors.New(p.Log()))
	}
	return nil
}

func (p *process) answersSQL(url string) error {
	var err error
	poll(func() bool {
		select {
		case <-p.ended: // somebody else may answer at its address
			err = errors.New("it ended at once")
			return true
		default:
		}
		err = execAt(url, "SELECT 1")
		return err == nil
	})
	return err
}

func execAt(url string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// URL is where its superuser finds it, password and all.
func (p *Postgres) URL() string { return p.url("postgres", "postgres") }

func (p *Postgres) url(role, database string) string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword(role, p.password), Host: p.Addr, Path: "/" + database}).String()
}

// Database makes an empty database and a role that owns it and may do
// nothing else, and returns its URL. It goes when its test ends.
func (p *Postgres) Database(t testing.TB) string {
	t.Helper()
	p.made++
	name := "circle_" + strconv.Itoa(p.made)
	p.Exec(t, p.URL(), "CREATE ROLE "+name+" LOGIN PASSWORD '"+p.password+"'", "CREATE DATABASE "+name+" OWNER "+name)
	t.Cleanup(func() {
		if p.process != nil {
			// A server that lets nothing be dropped ends soon anyway.
			_ = execAt(p.URL(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)", "DROP ROLE IF EXISTS "+name)
		}
	})
	return p.url(name, name)
}

// Exec runs statements at a URL.
func (p *Postgres) Exec(t testing.TB, url string, statements ...string) {
	t.Helper()
	if err := execAt(url, statements...); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// Kill ends it at once (SIGKILL), its connections soon after. Twice is once.
func (p *Postgres) Kill() {
	if p.process == nil {
		return
	}
	children := childrenOf(p.process.cmd.Process.Pid)
	p.process.kill()
	p.process = nil
	poll(func() bool {
		return !slices.ContainsFunc(children, func(pid int) bool { return syscall.Kill(pid, 0) == nil })
	})
}

// end shuts it down, so that nothing of it stays.
func (p *Postgres) end() {
	if p.process == nil {
		return
	}
	p.Resume()
	if p.process.cmd.Process.Signal(syscall.SIGQUIT) == nil {
		poll(func() bool {
			select {
			case <-p.process.ended:
				return true
			default:
				return false
			}
		})
	}
	p.Kill()
}

// Restart starts it again, after a Kill or in place of one: same port, same
// data, same settings. It answers when Restart returns.
func (p *Postgres) Restart() {
	p.t.Helper()
	p.Kill()
	if err := p.run(); err != nil {
		p.t.Errorf("PostgreSQL did not start again: %v", err)
	}
}

// Pause stops all its processes as they are (SIGSTOP): connections stay,
// nothing is answered.
func (p *Postgres) Pause() { p.signal(syscall.SIGSTOP) }

// Resume lets them go on (SIGCONT).
func (p *Postgres) Resume() { p.signal(syscall.SIGCONT) }

func (p *Postgres) signal(s syscall.Signal) {
	p.t.Helper()
	if p.process == nil {
		p.t.Errorf("PostgreSQL does not run: no %v", s)
		return
	}
	// The first one first: once it is stopped it makes no more of them.
	if err := p.process.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("PostgreSQL: %v: %v", s, err)
	}
	for _, pid := range childrenOf(p.process.cmd.Process.Pid) {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			p.t.Errorf("PostgreSQL: %v: %v", s, err)
		}
	}
}

// childrenOf are the processes that a process has made, as Linux tells: the fourth word is the parent,
// the second is in brackets and may hold anything.
func childrenOf(pid int) (list []int) {
	parent := strconv.Itoa(pid)
	stats, _ := fs.Glob(os.DirFS("/proc"), "[0-9]*/stat")
	for _, name := range stats {
		stat, _ := os.ReadFile(filepath.Join("/proc", name))
		_, rest, _ := strings.Cut(string(stat), ") ")
		if words := strings.Fields(rest); len(words) > 1 && words[1] == parent {
			pid, _ := strconv.Atoi(filepath.Dir(name))
			list = append(list, pid)
		}
	}
	return list
}

// Log is what it wrote about itself so far.
func (p *Postgres) Log() string { return logOf(p.Dir) }

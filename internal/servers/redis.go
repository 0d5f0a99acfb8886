// Package servers starts real servers for tests, each in a scratch folder, on
// a free port of 127.0.0.1, and ends them with the test, also when the test
// panics or is killed. A server belongs to one goroutine at a time.
package servers

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to come up or to follow another: a
// slow machine under the race detector, running other tests too.
const patience = 20 * time.Second

// Redis is one redis-server.
type Redis struct {
	Addr string // host:port
	Dir  string // its data and its log lie here

	t        testing.TB
	password string
	args     []string
	process  *process // nil: killed
}

// StartRedis starts a redis-server that keeps nothing on disk, asks for no
// password and never throws keys out; args are options for the command line
// ("--appendonly", "yes") and win over that. It answers when StartRedis
// returns.
func StartRedis(t testing.TB, args ...string) *Redis {
	t.Helper()
	r := &Redis{Dir: scratch(t), t: t, password: after(args, "--requirepass")}
	r.Addr = start(t, func(port string) error {
		r.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", r.Dir,
			"--logfile", filepath.Join(r.Dir, "log"), "--save", "", "--appendonly", "no",
			"--maxmemory-policy", "noeviction", "--repl-diskless-sync-delay", "0"}, args...)
		r.Addr = "127.0.0.1:" + port
		return r.run()
	})
	t.Cleanup(r.Kill)
	return r
}

// StartReplica starts a replica of another server and waits until it follows.
func StartReplica(t testing.TB, of *Redis, args ...string) *Redis {
	t.Helper()
	host, port, _ := net.SplitHostPort(of.Addr)
	follow := []string{"--replicaof", host + " " + port}
	if of.password != "" {
		follow = append(follow, "--masterauth", of.password, "--requirepass", of.password)
	}
	r := StartRedis(t, append(follow, args...)...)
	r.until("follow", func() bool {
		info, _ := r.Do("INFO", "replication")
		return strings.Contains(info, "master_link_status:up")
	})
	return r
}

// URL is where clients find it, password and all.
func (r *Redis) URL() string {
	if r.password != "" {
		return "redis://:" + r.password + "@" + r.Addr
	}
	return "redis://" + r.Addr
}

// Kill ends it at once, as a power cut would (SIGKILL). Twice is once.
func (r *Redis) Kill() {
	if r.process != nil {
		r.process.kill()
		r.process = nil
	}
}

// Restart starts it again, after a Kill or in place of one: same port, same
// folder, same options. It answers when Restart returns.
func (r *Redis) Restart() {
	r.t.Helper()
	r.Kill()
	if err := r.run(); err != nil {
		r.t.Errorf("redis-server did not start again: %v", err)
	}
}

// Pause stops it as it is (SIGSTOP): connections stay, nothing is answered.
func (r *Redis) Pause() { r.signal(syscall.SIGSTOP) }

// Resume lets it go on (SIGCONT).
func (r *Redis) Resume() { r.signal(syscall.SIGCONT) }

func (r *Redis) signal(s syscall.Signal) {
	r.t.Helper()
	if r.process == nil {
		r.t.Errorf("redis-server does not run: no %v", s)
		return
	}
	if err := r.process.cmd.Process.Signal(s); err != nil {
		r.t.Errorf("redis-server: %v: %v", s, err)
	}
}

// Promote makes a replica a primary, whatever it lags behind.
func (r *Redis) Promote() {
	r.t.Helper()
	if _, err := r.Do("REPLICAOF", "NO", "ONE"); err != nil {
		r.t.Errorf("a replica was not promoted: %v", err)
	}
}

// Log is what it wrote about itself so far.
func (r *Redis) Log() string { return logOf(r.Dir) }

// Do runs one command as the default user and returns its reply as text,
// arrays one element a line. An error reply is an error.
func (r *Redis) Do(args ...string) (string, error) { return do(r.Addr, r.password, args) }

// run starts the process and waits until it answers.
func (r *Redis) run() error {
	p, err := spawn("redis-server", r.args...)
	if err != nil {
		return err
	}
	r.process = p
	if err = p.answers(r.Addr, r.password); err != nil {
		r.Kill()
		return errors.Join(err, errors.New(r.Log()))
	}
	return nil
}

func (r *Redis) until(what string, is func() bool) {
	r.t.Helper()
	if !poll(is) {
		r.t.Fatalf("redis-server does not %s:\n%s", what, r.Log())
	}
}

// Sentinel is one redis-sentinel that decides alone.
type Sentinel struct {
	Addr string // host:port
	Dir  string
	Name string // what it calls the primary it watches

	t testing.TB
}

// StartSentinel starts a sentinel that gives a primary up after half a
// second, and waits until it knows the primary's replicas, if there are any.
func StartSentinel(t testing.TB, primary *Redis, name string) *Sentinel {
	t.Helper()
	s := &Sentinel{Dir: scratch(t), Name: name, t: t}
	host, port, _ := net.SplitHostPort(primary.Addr)
	s.Addr = start(t, func(own string) error {
		config := []string{"port " + own, "bind 127.0.0.1", "dir " + s.Dir, "logfile " + filepath.Join(s.Dir, "log"),
			"sentinel monitor " + name + " " + host + " " + port + " 1",
			"sentinel down-after-milliseconds " + name + " 500",
			"sentinel failover-timeout " + name + " 2000"}
		if primary.password != "" {
			config = append(config, "sentinel auth-pass "+name+" "+primary.password)
		}
		file := filepath.Join(s.Dir, "sentinel.conf")
		if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
			return err
		}
		p, err := spawn("redis-server", file, "--sentinel")
		if err != nil {
			return err
		}
		t.Cleanup(p.kill)
		if err := p.answers("127.0.0.1:"+own, ""); err != nil {
			return errors.Join(err, errors.New(s.Log()))
		}
		return nil
	})
	info, _ := primary.Do("INFO", "replication")
	if !strings.Contains(info, "connected_slaves:0") && !poll(s.knowsReplicas) {
		t.Fatalf("the sentinel does not find the replicas:\n%s", s.Log())
	}
	return s
}

func (s *Sentinel) knowsReplicas() bool {
	known, err := s.Do("SENTINEL", "replicas", s.Name)
	return err == nil && strings.Contains(known, "master-link-status\nok")
}

// Primary is the address of what it takes for the primary now.
func (s *Sentinel) Primary() string {
	got, _ := s.Do("SENTINEL", "get-master-addr-by-name", s.Name)
	return strings.Replace(got, "\n", ":", 1)
}

// URL is where clients find the primary through it.
func (s *Sentinel) URL() string { return "redis://" + s.Addr + "?master_name=" + s.Name }

// Log is what it wrote about itself so far.
func (s *Sentinel) Log() string { return logOf(s.Dir) }

// Do runs one command.
func (s *Sentinel) Do(args ...string) (string, error) { return do(s.Addr, "", args) }

// after is the argument behind a flag.
func after(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

// scratch is an own folder, if there is a redis-server to use it.
func scratch(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, "redis-server", "redis-server")
	}
	return t.TempDir()
}

// missing ends a test that needs what is not installed: where everything is
// promised to be there, that is a failure.
func missing(t testing.TB, program, pkg string) {
	t.Helper()
	why := program + " is not installed: apt-get install " + pkg
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func logOf(dir string) string {
	b, _ := os.ReadFile(filepath.Join(dir, "log"))
	return string(b)
}

// FreePort is a port of 127.0.0.1 that nobody listens on at the moment.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// start tries free ports until one is not taken by somebody else meanwhile,
// and returns the address.
func start(t testing.TB, on func(port string) error) string {
	t.Helper()
	var err error
	for range 5 {
		port := FreePort(t)
		if err = on(port); err == nil {
			return "127.0.0.1:" + port
		}
	}
	t.Fatalf("a server did not start: %v", err)
	return ""
}

// poll asks until it is so, or patience has ended.
func poll(is func() bool) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		if is() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Node is one hearth, a process of its own. It belongs to one goroutine at a
// time, but for what says otherwise.
type Node struct {
	Name string
	URL  string // its public URL; leads through Line
	Line *Proxy // between clients and it
	Data string // its folder; its log lies there, in all its lives

	t     testing.TB
	bin   string
	admin string
	args  []string

	mu      sync.Mutex // guards what follows
	running *process   // nil: it doesn't run
}

// process is one life of a node, and a second process that kills it when this
// program ends, however it ends.
type process struct {
	cmd, leash *exec.Cmd
	log        *os.File
	ended      chan struct{}
	once       sync.Once
}

// NewNode prepares a node of the program bin; args are flags beside those for
// its addresses and its folder. Start starts it.
func NewNode(t testing.TB, bin, name string, args ...string) *Node {
	t.Helper()
	listen := "127.0.0.1:" + freePort(t)
	n := &Node{Name: name, Line: StartProxy(t, listen), Data: filepath.Join(t.TempDir(), name), t: t, bin: bin, admin: "127.0.0.1:" + freePort(t)}
	_, port, _ := strings.Cut(n.Line.Addr(), ":")
	n.URL = "http://localhost:" + port
	n.args = append([]string{"--data", n.Data, "--listen", listen, "--admin-listen", n.admin, "--public-url", n.URL}, args...)
	if err := os.Mkdir(n.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Kill)
	return n
}

// again is how long after it ended by itself it is started again.
const again = 200 * time.Millisecond

// freePort is a port nobody listens on, of those that are never given to
// somebody who dials: a node that is down must find its own free again.
func freePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// Begin starts the process and does not wait for it. If it ends by itself, it
// is started again, as those who run it would.
func (n *Node) Begin() {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.begin(); err != nil {
		n.t.Errorf("%s did not start: %v", n.Name, err)
	}
}

func (n *Node) begin() error {
	p, err := spawn(n.bin, filepath.Join(n.Data, "log"), n.args)
	if err != nil {
		return err
	}
	n.running = p
	go func() {
		<-p.ended
		pause(context.Background(), again)
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.running == p { // nobody ended it
			p.kill()
			_ = n.begin() // it has been started before
		}
	}()
	return nil
}

// Start starts it and waits until it is ready.
func (n *Node) Start() {
	n.t.Helper()
	n.Begin()
	n.AwaitReady()
}

// AwaitReady waits until it is.
func (n *Node) AwaitReady() {
	n.t.Helper()
	if !Poll(patience, n.Ready) {
		n.t.Fatalf("%s was not ready within %v:\n%s", n.Name, patience, n.Log())
	}
}

// Ready says whether it wants people. Anybody may ask.
func (n *Node) Ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.admin+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Kill ends it at once (SIGKILL) and waits until it is gone. Twice is once.
func (n *Node) Kill() {
	if p := n.take(); p != nil {
		p.kill()
	}
}

// Stop asks it to end (SIGTERM) and returns its exit code; -1: it had to be
// killed.
func (n *Node) Stop() int {
	p := n.take()
	if p == nil {
		return -1
	}
	defer p.kill()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		return -1
	}
}

func (n *Node) take() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.running
	n.running = nil
	return p
}

// Pause stops it as it is (SIGSTOP); Resume lets it go on.
func (n *Node) Pause() { n.signal(syscall.SIGSTOP) }

// Resume lets it go on (SIGCONT).
func (n *Node) Resume() { n.signal(syscall.SIGCONT) }

func (n *Node) signal(s syscall.Signal) {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.running == nil {
		n.t.Errorf("%s does not run: no %v", n.Name, s)
		return
	}
	if err := n.running.cmd.Process.Signal(s); err != nil {
		n.t.Errorf("%s: %v: %v", n.Name, s, err)
	}
}

// Log is what it wrote in all its lives.
func (n *Node) Log() string {
	b, _ := os.ReadFile(filepath.Join(n.Data, "log"))
	return string(b)
}

// Run runs the program beside the node, on its folder, until it ends, and
// returns what it prints.
func (n *Node) Run(args ...string) string {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, n.bin, append(args, n.args...)...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("hearth %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func spawn(bin, log string, args []string) (*process, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(bin, args...), log: f, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = f, f
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.leash = exec.Command("sh", "-c", `read -r _ || kill -9 "$0"`, strconv.Itoa(p.cmd.Process.Pid))
	if _, err = p.leash.StdinPipe(); err == nil {
		err = p.leash.Start()
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	if err != nil {
		_ = p.cmd.Process.Kill()
		<-p.ended
		return nil, fmt.Errorf("no leash: %w", err)
	}
	return p, nil
}

// kill takes the leash off first: afterwards the number may be another's.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.leash.Process.Kill()
		_ = p.leash.Wait()
		_ = p.cmd.Process.Kill()
		<-p.ended
		_ = p.log.Close()
	})
}

// Poll asks until it is so, for at most so long.
func Poll(most time.Duration, is func() bool) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(most); ; <-tick.C {
		if is() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

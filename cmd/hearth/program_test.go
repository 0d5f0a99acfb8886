package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram, in the environment, makes this test binary be hearth itself, so
// that tests run the true program as a process of its own.
const asProgram = "HEARTH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience bounds everything a test waits for.
const patience = 30 * time.Second

// program is a hearth that runs.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   string // until it was up
	url   string
	admin string
	links map[string]string // of the circle made last, by role; those for members and listeners lead to its door
	title string            // of that circle
	given []string          // links for one person each, by own
	flags []string          // for a command beside it, to work on the same data
	errs  *syncBuffer
	rest  *syncBuffer // of what it printed
	ended chan struct{}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// hearth prepares the program with arguments.
func hearth(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Dir = t.TempDir()
	return cmd
}

// start runs a server on free ports and waits until it is up.
func start(t *testing.T, data string, args ...string) *program {
	t.Helper()
	admin := freeAddr(t)
	cmd := hearth(t, append([]string{"--data", data, "--listen", "127.0.0.1:0", "--admin-listen", admin}, args...)...)
	p := &program{t: t, cmd: cmd, admin: "http://" + admin, flags: append([]string{"--data", data}, args...),
		errs: &syncBuffer{}, rest: &syncBuffer{}, ended: make(chan struct{})}
	cmd.Stderr = p.errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	up := make(chan string, 1)
	go func() {
		defer close(p.ended)
		up <- readUntil(out, "Stop with Ctrl-C")
		_, _ = io.Copy(p.rest, out)
		_ = cmd.Wait()
	}()
	select {
	case p.out = <-up:
	case <-time.After(patience):
	}
	if !strings.Contains(p.out, "Stop with Ctrl-C") {
		t.Fatalf("didn't come up:\n%s%s", p.out, p.errs)
	}
	p.url = regexp.MustCompile(`Hearth is at (\S+)`).FindStringSubmatch(p.out)[1]
	p.links = linksIn(p.out)
	return p
}

// linksIn are the links that were printed, by role.
func linksIn(out string) map[string]string {
	links := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (facilitator|member|listener|moderator) +(\S+#\S+)`).FindAllStringSubmatch(out, -1) {
		links[m[1]] = m[2]
	}
	return links
}

// welcome is the link of the first admin that was printed; empty: none was.
func (p *program) welcome() string {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^  admin +(\S+)$`).FindAllStringSubmatch(p.out, -1)
	if strings.Count(p.out, "/welcome#") != len(found) || len(found) > 1 {
		p.t.Errorf("printed\n%s", p.out)
	}
	if len(found) == 0 {
		return ""
	}
	return found[0][1]
}

// makes makes a circle beside the server, with links into it, and returns
// what is printed.
func (p *program) makes(title string, how ...string) (out string) {
	p.t.Helper()
	code, out, errs := finish(p.t, slices.Concat([]string{"circle", title}, how, p.flags)...)
	if code != 0 {
		p.t.Fatalf("exit %d, said %q", code, errs)
	}
	p.links, p.title = linksIn(out), title
	return out
}

// free makes a circle without an agenda: begun, the stick goes round.
func (p *program) free(title string) {
	p.t.Helper()
	p.makes(title, "--prompt", "How was your week?")
}

// own makes a link for one person into the circle made last, which leads
// past the door.
func (p *program) own(role string) string {
	p.t.Helper()
	code, out, errs := finish(p.t, slices.Concat([]string{"invite", "--role", role, "--uses", "1", "--circle", p.title}, p.flags)...)
	if code != 0 {
		p.t.Fatalf("exit %d, said %q", code, errs)
	}
	p.given = append(p.given, strings.TrimSpace(out))
	return p.given[len(p.given)-1]
}

func readUntil(r io.Reader, last string) string {
	var b strings.Builder
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		b.WriteString(line)
		if err != nil || strings.Contains(line, last) {
			return b.String()
		}
	}
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop sends SIGTERM and returns the exit code and how long it took.
func (p *program) stop() (code int, took time.Duration) {
	p.t.Helper()
	from := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("didn't end on SIGTERM:\n%s", p.errs)
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(from)
}

// freeAddr returns an address nobody listens on at the moment.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// finish runs a command that ends by itself.
func finish(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := hearth(t, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// refused runs a server that must not come up, and returns what it says.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := finish(t, args...)
	if code != 1 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "hearth: ") {
		t.Errorf("exit %d, printed %q, said %q; want exit 1 and one sentence", code, out, errs)
	}
	return errs
}

func TestFirstStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	for _, role := range []string{"facilitator", "member", "listener", "moderator"} {
		link := p.links[role]
		if !strings.HasPrefix(link, p.url+"/enter#") {
			t.Errorf("link for %s is %q", role, link)
			continue
		}
		if status, _ := get(t, link); status != 200 {
			t.Errorf("%s answers %d", link, status)
		}
	}
	for _, probe := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/goroutine?debug=1"} {
		if status, body := get(t, p.admin+probe); status != 200 {
			t.Errorf("%s: %d %s", probe, status, body)
		}
	}
	_, text := get(t, p.admin+"/metrics")
	for _, name := range []string{"hearth_rooms", "hearth_seats", "hearth_connections", "hearth_append_conflicts_total", "hearth_delivery_seconds"} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("/metrics has no %s", name)
		}
	}
	if code, took := p.stop(); code != 0 || took > 15*time.Second {
		t.Errorf("SIGTERM: exit %d after %v", code, took)
	}
	p = start(t, data)
	if len(p.links) != 0 || !strings.Contains(p.out, "invite --role member") {
		t.Errorf("a later start prints:\n%s", p.out)
	}
}

func TestDataIsReadableByItsOwnerAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	start(t, data)
	seen := 0
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		seen++
		return nil
	})
	if err != nil || seen < 4 {
		t.Errorf("saw %d files, %v; want folder, lock, keys and database", seen, err)
	}
	if info, err := os.Stat(data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v %v", info.Mode(), err)
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	say := refused(t, "--data", data, "--listen", "127.0.0.1:0", "--admin-listen=")
	if !strings.Contains(say, "Another Hearth already serves the data in "+data) {
		t.Errorf("said %q", say)
	}
	if status, _ := get(t, p.url); status != 200 {
		t.Errorf("the first one answers %d now", status)
	}
	p.kill() // the kernel lets go of the lock
	start(t, data)
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for flag, other := range map[string]string{"--listen": "--admin-listen=", "--admin-listen": "--listen=127.0.0.1:0"} {
		data := filepath.Join(t.TempDir(), "data")
		if say := refused(t, "--data", data, flag, taken, other); !strings.Contains(say, taken+" is taken") || !strings.Contains(say, flag) {
			t.Errorf("%s: said %q", flag, say)
		}
	}
}

func TestDataFolderCantBeWritten(t *testing.T) {
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{notAFolder, filepath.Join(notAFolder, "below")} {
		if say := refused(t, "--data", data, "--listen", "127.0.0.1:0", "--admin-listen="); !strings.Contains(say, data+" can't be written to") {
			t.Errorf("said %q", say)
		}
	}
	if os.Getuid() == 0 {
		return // to root every folder is writable
	}
	data := filepath.Join(t.TempDir(), "readonly")
	if err := os.Mkdir(data, 0o500); err != nil {
		t.Fatal(err)
	}
	if say := refused(t, "--data", data, "--listen", "127.0.0.1:0", "--admin-listen="); !strings.Contains(say, data+" can't be written to") {
		t.Errorf("said %q", say)
	}
}

func TestCorruptDatabaseIsLeftAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	if code, _ := p.stop(); code != 0 {
		t.Fatalf("exit %d", code)
	}
	db := dbPath(data)
	whole, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	middle := bytes.Clone(whole)
	copy(middle[4096:], bytes.Repeat([]byte{0xa5}, 8192))
	for name, bad := range map[string][]byte{
		"no database": []byte("this was never a database, whatever it says"),
		"torn off":    whole[:len(whole)/2+100],
		"overwritten": middle,
	} {
		if err := os.WriteFile(db, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		say := refused(t, "--data", data, "--listen", "127.0.0.1:0", "--admin-listen=")
		if !strings.Contains(say, db) {
			t.Errorf("%s: %q doesn't name %s", name, say, db)
		}
		if now, err := os.ReadFile(db); err != nil || !bytes.Equal(now, bad) {
			t.Errorf("%s: the file was touched (%v)", name, err)
		}
	}
}

func TestDamagedEvidenceKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(data, "evidence.json")
	if err := os.WriteFile(name, []byte(`{"days":[{"id":"2026-01-01","key":"short"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if say := refused(t, "--data", data, "--listen", "127.0.0.1:0", "--admin-listen="); !strings.Contains(say, name) {
		t.Errorf("%q doesn't name the file", say)
	}
}

// public is the address of a house behind a proxy.
const public = "https://circle.example.org"

// behindProxy asks as a browser does whose proxy passes requests on to addr.
func behindProxy(t *testing.T, addr, method, path, form string) (status int, page string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+addr+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = strings.TrimPrefix(public, "https://")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// In public nothing is there until somebody makes it.
func TestPublicStart(t *testing.T) {
	addr := freeAddr(t)
	p := start(t, filepath.Join(t.TempDir(), "data"), "--listen", addr, "--public-url", public+"/")
	if p.url != public || len(p.links) != 0 || !strings.Contains(p.out, "There is no circle yet.") || !strings.HasPrefix(p.welcome(), public+"/welcome#") {
		t.Errorf("printed\n%s", p.out)
	}
	if list := said(t, p.flags[1], 0, "circle", "list"); list != "" {
		t.Errorf("there are\n%s", list)
	}
	toCircle := `href="/circles/`
	if status, page := behindProxy(t, addr, "GET", "/circles", ""); status != 200 || strings.Contains(page, toCircle) {
		t.Errorf("%d, or a circle is listed:\n%s", status, page)
	}
	if out := p.makes("Tuesday evening circle"); !strings.Contains(out, "work once") {
		t.Errorf("printed\n%s", out)
	}
	tries := func(link string) int {
		code, ok := strings.CutPrefix(link, public+"/enter#")
		if !ok {
			t.Fatalf("the link is %q", link)
		}
		status, _ := behindProxy(t, addr, "POST", "/enter", "code="+code)
		return status
	}
	for _, role := range []string{"facilitator", "moderator"} {
		if first, second := tries(p.links[role]), tries(p.links[role]); first != 303 || second != 403 {
			t.Errorf("%s's link in two browsers: %d, %d; want 303, 403", role, first, second)
		}
	}
	if first, second := tries(p.links["member"]), tries(p.links["member"]); first != 303 || second != 303 {
		t.Errorf("member's link in two browsers: %d, %d; want 303 twice", first, second)
	}
	said(t, p.flags[1], 0, "circle", "set", p.title, "--listed", "--country", "IE", "--language", "en")
	if _, page := behindProxy(t, addr, "GET", "/circles", ""); !strings.Contains(page, toCircle) {
		t.Error("a circle that is listed isn't found: the list proves nothing")
	}
	if status, _ := get(t, "http://"+addr+"/"); status != 421 {
		t.Errorf("asked for by another name it answers %d", status)
	}
}

// Each start prints a link for the first admin, on one's own machine and in
// public, until there is one.
func TestStartsWithoutAnAdminPrintALinkForOne(t *testing.T) {
	for _, args := range [][]string{nil, {"--public-url", public}} {
		data := filepath.Join(t.TempDir(), "data")
		seen := map[string]bool{}
		var code string
		for range 2 {
			p := start(t, data, args...)
			link := p.welcome()
			var ok bool
			if code, ok = strings.CutPrefix(link, p.url+"/welcome#"); !ok || seen[link] {
				t.Errorf("%v: printed\n%s", args, p.out)
			}
			seen[link] = true
			p.stop()
		}
		register(t, data, code, "Kim")
		if p := start(t, data, args...); p.welcome() != "" {
			t.Errorf("%v: with an admin it prints\n%s", args, p.out)
		}
	}
}

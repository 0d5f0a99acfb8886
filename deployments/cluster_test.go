// Package deployments tests what nodes are run with: a cluster of plain
// processes, and that its neighbours for Docker and systemd make no setting
// that there isn't.
package deployments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is for a slow machine that runs other tests too.
const patience = 60 * time.Second

// program builds hearth once, in a folder that goes when the tests have ended.
// HEARTH_BIN names one that is there already.
var program = sync.OnceValues(func() (string, error) {
	if b := os.Getenv("HEARTH_BIN"); b != "" {
		return b, nil
	}
	var err error
	if built, err = os.MkdirTemp("", "hearth-deployments-"); err != nil {
		return "", err
	}
	b := filepath.Join(built, "hearth")
	out, err := run(nil, "go", "build", "-o", b, "hearth/cmd/hearth")
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return b, nil
})

var built string // what program made

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

func bin(t *testing.T) string {
	t.Helper()
	b, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// run runs a command of this folder and returns what it says.
func run(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func needs(t *testing.T, there bool, pkg string) {
	t.Helper()
	switch {
	case there:
	case os.Getenv("CI") == "true":
		t.Fatalf("apt-get install %s", pkg)
	default:
		t.Skipf("apt-get install %s", pkg)
	}
}

// cluster is what the script writes about itself.
type cluster struct {
	Pid    int
	Folder string
	Start  string
	Nodes  []struct {
		Name, URL, Admin string
		Pid              int
	}
	Links           map[string]string
	Redis, Postgres struct{ Pid int }
}

func (c *cluster) pids() []int {
	all := []int{c.Pid, c.Redis.Pid, c.Postgres.Pid}
	for _, n := range c.Nodes {
		all = append(all, n.Pid)
	}
	return all
}

func status(url string) int {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// gone says whether no process has that number, but one that nobody has
// asked about since it ended.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(args) == 0
}

// start starts a cluster that ends with the test at the latest.
func start(t *testing.T) (c cluster, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "cluster.json")
	if out, err := run([]string{"HEARTH_BIN=" + bin(t)}, "./cluster.sh",
		"--port", "0", "--background", file, "--with", strconv.Itoa(os.Getpid())); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { _, _ = run(nil, "./cluster.sh", "--stop", file) })
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || len(c.Nodes) != 3 {
		t.Fatalf("%v\n%s", err, b)
	}
	return c, file
}

// TestCluster kills a node, starts it again, and leaves nothing behind.
func TestCluster(t *testing.T) {
	_, err := exec.LookPath("redis-server")
	needs(t, err == nil, "redis-server")
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	_, err = exec.LookPath("initdb")
	needs(t, err == nil || len(found) > 0, "postgresql")

	c, file := start(t)
	for _, n := range c.Nodes {
		if s := status(n.Admin + "/readyz"); s != http.StatusOK {
			t.Errorf("%s: ready: %d", n.Name, s)
		}
		if s := status(n.URL + "/enter"); s != http.StatusOK {
			t.Errorf("%s: its door: %d", n.Name, s)
		}
	}
	for _, role := range []string{"facilitator", "member", "listener", "moderator"} {
		if !regexp.MustCompile(`^http://localhost:\d+/enter#[\w-]{22}$`).MatchString(c.Links[role]) {
			t.Errorf("the link of the %s: %q", role, c.Links[role])
		}
	}
	if c.Links["facilitator"][:22] == c.Links["member"][:22] {
		t.Error("the links lead to one node")
	}

	last := c.Nodes[2]
	if err := syscall.Kill(last.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a killed node is gone", func() bool { return gone(last.Pid) && status(last.URL+"/enter") == 0 })
	if out, err := run(nil, c.Start, last.Name); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	eventually(t, "it is there again", func() bool { return status(last.Admin+"/readyz") == http.StatusOK })

	if out, err := run(nil, "./cluster.sh", "--stop", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, pid := range c.pids() {
		if !gone(pid) {
			t.Errorf("process %d goes on", pid)
		}
	}
	if s := status(last.Admin + "/readyz"); s != 0 {
		t.Errorf("the node that was started again goes on: %d", s)
	}
	if _, err := os.Stat(c.Folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its folder is there: %v", err)
	}
}

// TestClusterSaysWhy: what can't be is told in a sentence.
func TestClusterSaysWhy(t *testing.T) {
	for args, want := range map[string]string{
		"--port lots":     "--port is a number",
		"--background":    "needs a value",
		"--tea":           "no option",
		"--stop /nowhere": "There is no /nowhere",
	} {
		out, err := run(nil, "./cluster.sh", strings.Fields(args)...)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v: %q", args, err, out)
		}
	}
}

// TestSecretsStay: nodes that run know the old ones.
func TestSecretsStay(t *testing.T) {
	dir, hearth := filepath.Join(t.TempDir(), "secrets"), bin(t)
	read := func() map[string][]byte {
		if out, err := run(nil, "./secrets.sh", dir, hearth); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		all := map[string][]byte{}
		for _, name := range []string{"secret", "redis-password", "database-password", "admin-token", "admin.json", "redis-users.acl"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			all[name] = b
		}
		return all
	}
	before := read()
	for name, b := range read() {
		if !bytes.Equal(b, before[name]) {
			t.Errorf("%s is another", name)
		}
		for other, s := range before {
			if name != other && name != "admin.json" && bytes.Contains(b, s) {
				t.Errorf("%s has %s in it", name, other)
			}
		}
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to others: %v %v", st.Mode(), err)
	}
}

// TestSettingsThereAre: a misspelt setting would be one that is not made.
func TestSettingsThereAre(t *testing.T) {
	help, err := run(nil, bin(t), "--help")
	if err != nil {
		t.Fatal(help, err)
	}
	// Of Compose, the Caddyfile and cluster.sh; the file itself; and any name.
	others := []string{"HEARTH_FRONT", "HEARTH_NODES", "HEARTH_ADMIN_PORT", "HEARTH_SORRY_PORT", "HEARTH_BIN", "HEARTH_CONFIG", "HEARTH_NAME"}
	setting := regexp.MustCompile(`\bHEARTH_[A-Z_]+\b`)
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && !strings.HasSuffix(name, ".go") {
			for _, s := range setting.FindAllString(string(b), -1) {
				seen++
				if !slices.Contains(others, s) && !strings.Contains(help, "$"+s+")") {
					t.Errorf("%s: there is no setting %s", name, s)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d settings were seen", seen)
	}
}

package sqlstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
)

// child starts this binary as one of children.
func child(t *testing.T, args ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(args, " "))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// killedAfter runs a child, does what is to be done in the middle and then
// kills it: within some time after a number of lines. It returns what was
// acknowledged.
func killedAfter(t *testing.T, chance *rand.Rand, lines int, within time.Duration, middle func(), args ...string) (acks [][]string) {
	t.Helper()
	cmd, out := child(t, args...)
	kill := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if lines == 0 { // from before the database is open
		kill.Reset(time.Duration(chance.IntN(60_000)) * time.Microsecond)
	}
	for in := bufio.NewReader(out); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			break // half a line was not told
		}
		acks = append(acks, strings.Fields(line))
		switch {
		case len(acks) == lines && middle != nil:
			middle()
		case len(acks) == lines:
			kill.Reset(time.Duration(chance.Int64N(int64(within))))
		case len(acks) == lines+40 && middle != nil: // it outlived that
			kill.Reset(0)
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("it was not killed but ended: %v", err)
	}
	return acks
}

// kills is how often; HEARTH_KILLS says otherwise.
func kills(most int) int {
	if n, err := strconv.Atoi(os.Getenv("HEARTH_KILLS")); err == nil && n > 0 {
		return most * n / 20
	}
	return most
}

// TestKillsKeep: whatever is killed, all that was acknowledged of circles,
// invites, questions, people and sessions is there. A kill is not a power
// cut: what a disk does when the current fails is beyond this test.
func TestKillsKeep(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	t.Run("SQLite", func(t *testing.T) {
		killsKeep(t, chance, filepath.Join(t.TempDir(), "hearth.db"), kills(20), nil)
	})
	p := servers.StartPostgres(t)
	url := p.Database(t)
	connect(t, url)
	t.Run("a node on PostgreSQL", func(t *testing.T) { killsKeep(t, chance, url, kills(5), nil) })
	t.Run("PostgreSQL itself", func(t *testing.T) {
		killsKeep(t, chance, url, kills(2), func() { p.Kill(); p.Restart() })
	})
}

func killsKeep(t *testing.T, chance *rand.Rand, where string, kills int, middle func()) {
	var all [][]string
	for n := range kills {
		lines := 1 + chance.IntN(40)
		if middle == nil && chance.IntN(4) == 0 {
			lines = 0
		}
		acks := killedAfter(t, chance, lines, 8*time.Millisecond, middle, "keeps", where, fmt.Sprint(t.Name(), "-", n))
		all = append(all, acks...)
		// Often the next life has to start from what the last one left.
		if chance.IntN(3) == 0 {
			keptAll(t, where, acks)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	keptAll(t, where, all)
	t.Logf("%d kills, %d acknowledged", kills, len(all))
	if len(all) < 5*kills {
		t.Errorf("only %d were acknowledged: nothing was tried", len(all))
	}
}

// keptAll opens the database and looks for everything that was acknowledged.
func keptAll(t *testing.T, where string, acks [][]string) {
	t.Helper()
	ctx := context.Background()
	d, err := openAs(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Circles().VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
	for _, a := range acks {
		if err := keptOne(ctx, d, a); err != nil {
			t.Errorf("%q was acknowledged: %v", a, err)
		}
	}
}

func keptOne(ctx context.Context, d *Durable, a []string) error {
	s := d.Circles()
	not := func(is bool, err error) error {
		if err == nil && !is {
			err = errors.New("it is not as it was")
		}
		return err
	}
	switch a[0] {
	case "circle":
		c, err := s.Circle(ctx, circle.ID(a[1]))
		rev, _ := strconv.Atoi(a[2])
		return not(c.Rev >= rev && (rev < 2 || c.Country == "GB"), err)
	case "invite", "revoked":
		var revoked bool
		err := d.read.QueryRowContext(ctx, `SELECT revoked_at IS NOT NULL FROM invites WHERE code = $1`, digest("invite", a[1])).Scan(&revoked)
		return not(revoked == (a[0] == "revoked"), err)
	case "seat":
		_, err := s.Seat(ctx, a[1], a[2])
		return err
	case "asked":
		q, err := s.Asked(ctx, a[1], noon)
		return not(q.Text == "May I? "+a[2], err)
	case "answered":
		q, err := s.Asked(ctx, a[1], noon)
		return not(q.Answer == "Yes. "+a[2], err)
	case "person":
		p, err := s.Person(ctx, circle.PersonID(a[1]))
		keys, err2 := s.Passkeys(ctx, p.ID)
		return not(p.Moderator && len(keys) == 1, errors.Join(err, err2))
	case "session":
		one, err := s.Session(ctx, a[1], noon)
		return not(string(one.Person) == a[2], err)
	}
	return errors.New("nobody knows what that is")
}

// TestKilledRestore: a restore that is killed half way has not begun.
func TestKilledRestore(t *testing.T) {
	p := servers.StartPostgres(t)
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "hearth.db")
	alone := open(t, path, func() time.Time { return noon }).Durable
	for where, d := range map[string]*Durable{path: alone, p.Database(t): nil} {
		if d == nil {
			d = connect(t, where)
		}
		var file [2]string
		var want [2]map[string]map[string][]any
		for i, n := range []int{200, 300} {
			fresh := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon }).Durable
			fill(t, fresh, n)
			file[i], want[i] = backedUp(t, fresh), but(dump(t, fresh.read), "restored")
		}
		restored(t, d, file[0])
		from := time.Now()
		restored(t, d, file[1])
		within := time.Since(from) * 3 / 2
		halfWay := 0
		for range kills(12) {
			acks := killedAfter(t, chance, 1+2*chance.IntN(2), within, nil, "restores", where, file[0], file[1])
			is := but(dump(t, d.read), "restored")
			last := acks[len(acks)-1]
			now := 0
			if !reflect.DeepEqual(is, want[0]) {
				now = 1
			}
			if !reflect.DeepEqual(is, want[now]) {
				t.Fatalf("neither of the two backups is there, after %q", acks)
			}
			if last[0] == "restored" && fmt.Sprint(now) != last[1] {
				// The next one may have got so far, without a word.
				t.Fatalf("%q was acknowledged and is not there", acks)
			}
			if last[0] == "begins" && fmt.Sprint(now) != last[1] {
				halfWay++
			}
		}
		t.Logf("%d were killed half way", halfWay)
		if halfWay == 0 {
			t.Error("none was killed half way: nothing was tried")
		}
	}
}

// TestBackupOntoAFullDisk: what was there stays, and nothing half is left.
func TestBackupOntoAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hearth.db")
	fill(t, open(t, path, func() time.Time { return noon }).Durable, 50)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "backup"), []byte("of last week"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, out := child(t, "full", path, filepath.Join(dir, "backup"))
	said, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil || string(said) != "refused\n" {
		t.Fatalf("%q, %v", said, err)
	}
	if is := files(dir); len(is) != 1 || is["backup"] != "of last week" {
		t.Errorf("the folder has %q", is)
	}
}

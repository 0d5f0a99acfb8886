package servers

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestPostgres follows one server through what tests do to it.
func TestPostgres(t *testing.T) {
	p := StartPostgres(t, "log_statement=all")
	first, second := p.Database(t), p.Database(t)
	p.Exec(t, first, "CREATE TABLE cups (n BIGINT)", "INSERT INTO cups VALUES (4)")
	cups := func() int {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c, err := pgx.Connect(ctx, first)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(ctx)
		var n int
		if err := c.QueryRow(ctx, "SELECT n FROM cups").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := execAt(second, "SELECT n FROM cups"); err == nil {
		t.Error("two databases share a table")
	}
	if err := execAt(strings.Replace(first, p.password, "wrong", 1), "SELECT 1"); err == nil {
		t.Error("any password will do")
	}
	if err := execAt(first, "CREATE ROLE more"); err == nil {
		t.Error("the owner of a database may do everything")
	}
	p.Kill()
	p.Kill()
	if err := execAt(first, "SELECT 1"); err == nil {
		t.Error("it answers though it was killed")
	}
	p.Restart()
	if n := cups(); n != 4 {
		t.Errorf("%d cups after a kill", n)
	}
	p.Restart()
	if n := cups(); n != 4 {
		t.Errorf("%d cups after a restart", n)
	}
	if !strings.Contains(p.Log(), "INSERT INTO cups") {
		t.Error("the settings were not heard")
	}
}

func TestPausedPostgres(t *testing.T) {
	p := StartPostgres(t)
	c, err := pgx.Connect(context.Background(), p.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	p.Pause()
	answer := make(chan error, 1)
	go func() {
		_, err := c.Exec(context.Background(), "SELECT 1")
		answer <- err
	}()
	select {
	case err := <-answer:
		t.Error("it answered in its pause:", err)
	case <-time.After(200 * time.Millisecond):
	}
	p.Resume()
	if err := <-answer; err != nil {
		t.Error(err)
	}
}

// TestPostgresLeavesNothing: no process, no folder.
func TestPostgresLeavesNothing(t *testing.T) {
	var p *Postgres
	var all []int
	t.Run("a life", func(t *testing.T) {
		p = StartPostgres(t)
		all = append(childrenOf(p.process.cmd.Process.Pid), p.process.cmd.Process.Pid)
	})
	if len(all) < 2 {
		t.Fatal("control: it had no processes:", all)
	}
	for _, pid := range all {
		if !poll(func() bool { return syscall.Kill(pid, 0) != nil }) {
			t.Errorf("process %d goes on", pid)
		}
	}
	if p.Log() != "" {
		t.Error("its folder is there")
	}
}

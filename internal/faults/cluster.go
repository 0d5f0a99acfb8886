package faults

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
)

// Cluster is everything that runs: nodes that share one Redis, of which there
// is a replica, and one PostgreSQL, with a proxy on every line. It belongs to
// one goroutine.
type Cluster struct {
	Nodes   []*Node
	Stores  []*Proxy // from each node to Redis
	Witness *Witness
	Began   time.Time

	t       testing.TB
	options []string // of every Redis
	primary *servers.Redis
	replica *servers.Redis // nil: there is none at the moment
	stop    func()         // ends the witness
}

// Setup says what a Cluster is made of.
type Setup struct {
	Bin   string   // the program
	Nodes int      // how many
	Flags []string // of every node
	Ack   string   // "primary" or "replica"
	Fsync string   // of Redis' append-only file: "always" or "everysec"
}

// StartCluster starts one, and a witness who reads its rooms from then on.
func StartCluster(t testing.TB, s Setup) *Cluster {
	t.Helper()
	c := &Cluster{t: t, Began: time.Now(), options: []string{"--appendonly", "yes", "--appendfsync", s.Fsync}}
	c.primary = servers.StartRedis(t, c.options...)
	c.replica = servers.StartReplica(t, c.primary, c.options...)
	database := servers.StartPostgres(t).Database(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range s.Nodes {
		line := StartProxy(t, c.primary.Addr)
		flags := append([]string{"--redis", "redis://" + line.Addr(), "--redis-ack", s.Ack, "--secret-file", secret, "--database", database}, s.Flags...)
		n := NewNode(t, s.Bin, fmt.Sprint("node-", i+1), flags...)
		c.Nodes, c.Stores = append(c.Nodes, n), append(c.Stores, line)
		n.Begin()
	}
	for _, n := range c.Nodes {
		n.AwaitReady()
	}
	c.Witness = NewWitness(c.primary.Addr, c.Began)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Witness.Run(ctx)
	}()
	c.stop = func() { cancel(); <-ended }
	t.Cleanup(func() { c.stop(); c.Witness.Close() })
	return c
}

// EndWitness lets the witness look a last time, and ends it.
func (c *Cluster) EndWitness() {
	c.t.Helper()
	c.stop()
	if err := c.Witness.Look(context.Background()); err != nil {
		c.t.Errorf("the witness could not look a last time: %v", err)
	}
}

// isolate cuts Redis off from all nodes, for good as far as they can tell, and
// has the witness look at what was written until then.
func (c *Cluster) isolate() {
	for _, p := range c.Stores {
		p.Refuse()
		p.Cut()
	}
	if err := c.Witness.Look(context.Background()); err != nil {
		c.t.Errorf("the witness could not look at a Redis about to end: %v", err)
	}
}

// KillRedis ends the primary (kill -9), and starts it again after a while.
func (c *Cluster) KillRedis(down time.Duration) {
	c.t.Helper()
	c.isolate()
	c.primary.Kill()
	pause(context.Background(), down)
	c.primary.Restart()
	c.primary.Promote() // its command line may still say that it is a replica
	c.connect()
}

// connect lets the nodes have Redis again, where it is now.
func (c *Cluster) connect() {
	c.Witness.Follow(c.primary.Addr)
	for _, p := range c.Stores {
		p.Retarget(c.primary.Addr)
		p.Heal()
	}
}

// Follows says whether the replica has a line to the primary.
func (c *Cluster) Follows() bool {
	info, err := c.replica.Do("INFO", "replication")
	return err == nil && strings.Contains(info, "master_link_status:up") && strings.Contains(info, "master_sync_in_progress:0")
}

// offset is how far a Redis has come in what is replicated.
func offset(r interface {
	Do(...string) (string, error)
}, field string) string {
	info, _ := r.Do("INFO", "replication")
	for line := range strings.Lines(info) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), field+":"); ok {
			return n
		}
	}
	return ""
}

// Promote ends the primary and makes its replica the primary; caughtUp: once
// the replica has all there is. A new replica follows the new primary.
func (c *Cluster) Promote(caughtUp bool) {
	c.t.Helper()
	if !Poll(patience, c.Follows) {
		c.t.Errorf("the replica does not follow:\n%s", c.replica.Log())
		return
	}
	c.isolate()
	if caughtUp && !Poll(patience, func() bool {
		return offset(c.primary, "master_repl_offset") == offset(c.replica, "slave_repl_offset")
	}) {
		c.t.Error("the replica does not catch up")
	}
	c.primary.Kill()
	c.replica.Promote()
	c.primary, c.replica = c.replica, nil
	c.connect()
	c.replica = servers.StartReplica(c.t, c.primary, c.options...)
}

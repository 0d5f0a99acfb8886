package faults

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	SQL     string // the URL of the nodes' database

	t       testing.TB
	options []string // of every Redis
	primary *servers.Redis
	replica *servers.Redis // nil: there is none at the moment
	between *Proxy         // from the replica to the primary
	lag     time.Duration
	stop    func() // ends the witness
}

// Setup says what a Cluster is made of.
type Setup struct {
	Bin   string        // the program
	Nodes int           // how many
	Flags []string      // of every node
	Ack   string        // "primary" or "replica"
	Fsync string        // of Redis' append-only file: "always" or "everysec"
	Lag   time.Duration // of the replica
}

// StartCluster starts one, and a witness who reads its rooms from then on.
func StartCluster(t testing.TB, s Setup) *Cluster {
	t.Helper()
	c := &Cluster{t: t, Began: time.Now(), lag: s.Lag, options: []string{"--appendonly", "yes", "--appendfsync", s.Fsync}}
	c.primary = servers.StartRedis(t, c.options...)
	c.follow()
	c.SQL = servers.StartPostgres(t).Database(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range s.Nodes {
		line := StartProxy(t, c.primary.Addr)
		flags := append([]string{"--redis", "redis://" + line.Addr(), "--redis-ack", s.Ack, "--secret-file", secret, "--database", c.SQL}, s.Flags...)
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
	var err error
	if !Poll(patience, func() bool { err = c.Witness.Look(context.Background()); return err == nil }) {
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
	var err error
	if !Poll(patience, func() bool { err = c.Witness.Look(context.Background()); return err == nil }) {
		c.t.Errorf("the witness could not look at a Redis about to end: %v", err)
	}
}

// KillRedis ends the primary (kill -9), and starts it again after a while.
func (c *Cluster) KillRedis(down time.Duration) {
	c.t.Helper()
	c.isolate()
	// While the disk is slow, a Redis that syncs every second keeps what it has
	// acknowledged in its memory for up to two seconds.
	unwritten := ofInfo(c.primary, "persistence", "aof_buffer_length")
	if unwritten != "0" {
		c.t.Logf("%v a Redis is killed that has not written %s bytes yet", time.Since(c.Began).Round(time.Millisecond), unwritten)
	}
	c.primary.Kill()
	pause(context.Background(), down)
	c.primary.Restart()
	c.primary.Promote() // its command line may still say that it is a replica
	c.connect(unwritten != "0")
}

// connect lets the nodes have Redis again, where it is now.
func (c *Cluster) connect(behind bool) {
	c.Witness.Follow(c.primary.Addr, behind)
	for _, p := range c.Stores {
		p.Retarget(c.primary.Addr)
		p.Heal()
	}
}

// follow starts a replica of the primary.
func (c *Cluster) follow() {
	c.t.Helper()
	c.between = StartProxy(c.t, c.primary.Addr)
	c.between.Delay(c.lag)
	_, port, _ := strings.Cut(c.between.Addr(), ":")
	c.replica = servers.StartRedis(c.t, append([]string{"--replicaof", "127.0.0.1 " + port}, c.options...)...)
	c.awaitReplica()
}

// awaitReplica waits until the replica has a line to the primary, and has
// taken over what there was.
func (c *Cluster) awaitReplica() bool {
	c.t.Helper()
	ok := Poll(patience, func() bool {
		info, err := c.replica.Do("INFO", "replication")
		return err == nil && strings.Contains(info, "master_link_status:up") && strings.Contains(info, "master_sync_in_progress:0")
	})
	if !ok {
		c.t.Errorf("the replica does not follow:\n%s", c.replica.Log())
	}
	return ok
}

// offset is how far a Redis has come in what is replicated.
func offset(r *servers.Redis, field string) string { return ofInfo(r, "replication", field) }

// ofInfo is one field of what a Redis says of itself; empty: it doesn't.
func ofInfo(r *servers.Redis, section, field string) string {
	info, _ := r.Do("INFO", section)
	for line := range strings.Lines(info) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), field+":"); ok {
			return n
		}
	}
	return ""
}

// Promote ends the primary and makes its replica the primary, with all there
// is. A new replica follows the new primary.
func (c *Cluster) Promote() {
	c.t.Helper()
	if !c.awaitReplica() {
		return
	}
	c.isolate()
	if !Poll(patience, func() bool {
		return offset(c.primary, "master_repl_offset") == offset(c.replica, "slave_repl_offset")
	}) {
		c.t.Error("the replica does not catch up")
	}
	c.promote(false)
}

// PromoteLagging does the same, and for a while before nothing reaches the
// replica.
func (c *Cluster) PromoteLagging(behind time.Duration) {
	c.t.Helper()
	if !c.awaitReplica() {
		return
	}
	c.between.Refuse()
	c.between.Cut()
	pause(context.Background(), behind)
	c.isolate()
	c.promote(true)
}

func (c *Cluster) promote(behind bool) {
	c.primary.Kill()
	c.replica.Promote()
	c.primary, c.replica = c.replica, nil
	c.connect(behind)
	c.follow()
}

// LoseAll has nothing reach the replica for a while, then ends the primary
// and all nodes at one moment, and goes on with the replica and new nodes.
func (c *Cluster) LoseAll(behind time.Duration) {
	c.t.Helper()
	if !c.awaitReplica() {
		return
	}
	c.between.Refuse()
	c.between.Cut()
	pause(context.Background(), behind)
	c.isolate()
	for _, n := range c.Nodes {
		n.Kill()
	}
	c.promote(true)
	for _, n := range c.Nodes {
		n.Begin()
	}
}

// LoseSome makes what one node alone knows of lost: for a while only it has a
// line to Redis and nothing reaches the replica, which is then promoted while
// that node has no line. For some time the others go on without it.
func (c *Cluster) LoseSome(node int, alone, apart time.Duration) {
	c.t.Helper()
	if !c.awaitReplica() {
		return
	}
	for i, p := range c.Stores {
		if i != node {
			p.Hold(There)
		}
	}
	c.between.Refuse()
	c.between.Cut()
	pause(context.Background(), alone)
	c.isolate()
	c.primary.Kill()
	c.replica.Promote()
	c.primary, c.replica = c.replica, nil
	c.Witness.Follow(c.primary.Addr, true)
	for i, p := range c.Stores {
		p.Retarget(c.primary.Addr)
		if i != node {
			p.Heal()
		}
	}
	pause(context.Background(), apart)
	c.Stores[node].Heal()
	c.follow()
}

// Flush empties Redis, as somebody might by mistake.
func (c *Cluster) Flush() {
	c.t.Helper()
	c.isolate()
	if _, err := c.primary.Do("FLUSHALL"); err != nil {
		c.t.Error(err)
	}
	c.connect(true)
}

// Deafen keeps everything that is published in Redis from the nodes, until
// Heal.
func (c *Cluster) Deafen() {
	for _, p := range c.Stores {
		p.Deafen()
	}
}

// Heal makes the lines between nodes and Redis good again.
func (c *Cluster) Heal() {
	for _, p := range c.Stores {
		p.Heal()
	}
}

// Known are the nodes that Redis takes to be alive, and those declared dead,
// in any partition.
func (c *Cluster) Known() (alive, dead []string) {
	for p := range 16 {
		for list, key := range map[*[]string]string{&alive: "nodes", &dead: "gone"} {
			ask := []string{"HKEYS", fmt.Sprintf("hearth:{%d}:%s", p, key)}
			if list == &dead {
				ask = []string{"ZRANGE", ask[1], "0", "-1"}
			}
			got, err := c.primary.Do(ask...)
			if err != nil {
				c.t.Errorf("%v: %v", ask, err)
			}
			*list = append(*list, strings.Fields(got)...)
		}
	}
	slices.Sort(alive)
	slices.Sort(dead)
	return slices.Compact(alive), slices.Compact(dead)
}

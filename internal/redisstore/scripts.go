package redisstore

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/room"
)

//go:embed scripts/prelude.lua
var prelude string

//go:embed scripts/append.lua
var appendLua string

//go:embed scripts/read.lua
var readLua string

//go:embed scripts/beat.lua
var beatLua string

//go:embed scripts/restore.lua
var restoreLua string

//go:embed scripts/leave.lua
var leaveLua string

//go:embed scripts/put.lua
var putLua string

//go:embed scripts/drop.lua
var dropLua string

// script is one act in Redis: nothing comes between its steps.
type script struct{ name, text, sha string }

func newScript(name, text string) script {
	text = prelude + "\n" + text
	sum := sha1.Sum([]byte(text)) // the name that Redis gives it
	return script{name, text, hex.EncodeToString(sum[:])}
}

// The scripts.
var (
	appendScript  = newScript("append", appendLua)
	readScript    = newScript("read", readLua)
	beatScript    = newScript("beat", beatLua)
	restoreScript = newScript("restore", restoreLua)
	leaveScript   = newScript("leave", leaveLua)
	putScript     = newScript("put", putLua)
	dropScript    = newScript("drop", dropLua)
)

func scripts() []script {
	return []script{appendScript, readScript, beatScript, restoreScript, leaveScript, putScript, dropScript}
}

// load makes the scripts known to Redis, which forgets them when it restarts.
func load(ctx context.Context, c redis.UniversalClient) error {
	for _, s := range scripts() {
		sha, err := c.ScriptLoad(ctx, s.text).Result()
		if err != nil {
			return fmt.Errorf("script %s: %w", s.name, sentence(err))
		}
		if sha != s.sha {
			return fmt.Errorf("script %s: this is not the Redis that Hearth knows", s.name)
		}
	}
	return nil
}

// act is one script to be run, and what it answers.
type act struct {
	script script
	keys   []string
	args   []any
	reply  reply
	err    error
}

// How long Redis may take.
const (
	actTime  = time.Second
	waitTime = 800 * time.Millisecond // for a replica
)

// link is how scripts are run.
type link struct {
	client  redis.UniversalClient
	replica bool          // nothing counts that is not on a replica too
	waits   chan struct{} // a place for each act that waits for a replica
	pace    pace
	nodes   *nodes
}

// key is the name of a key or channel of a partition.
func key(p int, name string) string { return "hearth:" + tag(p) + ":" + name }

// keys are the keys of a partition that every script gets.
func keys(p int) []string {
	return []string{key(p, "life"), key(p, "nodes"), key(p, "gone"), key(p, "offered"), key(p, "due"), key(p, "at")}
}

// args are the arguments that every script gets. Name is this node's; empty:
// the present one.
func (l *link) args(p int, name string) []any {
	me, alive, seen := l.nodes.at(p)
	if name == "" {
		name = me
	}
	return []any{name, alive, seen, l.pace.least.Milliseconds(), l.pace.most.Milliseconds()}
}

// roomKeys are the keys for a script about one room.
func roomKeys(id room.ID) []string {
	p := partition(string(id))
	return append(keys(p), key(p, "room:"+string(id)), key(p, "log:"+string(id)))
}

// syncKeys are roomKeys, and what WAIT waits for where a replica must have
// it.
func (l *link) syncKeys(id room.ID) []string {
	list := roomKeys(id)
	if l.replica {
		list = append(list, key(partition(string(id)), "sync"))
	}
	return list
}

// mostWaits is how many acts may wait for a replica at once. There are ten
// connections for acts that go several to a trip; the beats need theirs also
// when a replica is slow.
const mostWaits = 8

// run runs acts in order in one round trip. If replica says so, it waits for
// a replica after the last. What each was answered is in it. An error means
// that it is unknown whether all were done, or not on a replica. Scripts that
// Redis does not know are loaded and their acts, of which nothing was done,
// sent again once.
func (l *link) run(ctx context.Context, replica bool, acts ...*act) error {
	limit := actTime
	if replica {
		limit += waitTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if replica {
		select {
		case l.waits <- struct{}{}:
			defer func() { <-l.waits }()
		case <-ctx.Done():
			return sentence(ctx.Err())
		}
	}
	waited := l.send(ctx, replica, acts)
	missing := []*act{}
	for _, a := range acts {
		if redis.HasErrorPrefix(a.err, "NOSCRIPT") {
			missing = append(missing, a)
		}
	}
	if len(missing) > 0 {
		if err := load(ctx, l.client); err != nil {
			return err
		}
		waited = l.send(ctx, replica, missing)
	}
	for _, a := range acts {
		if a.err != nil {
			return a.fault()
		}
	}
	return waited
}

// fault is what went wrong, as a sentence. What is wrong with a room's own
// keys a script answers; so if there is something else under a name, it is
// one of the partition's.
func (a *act) fault() error {
	err := sentence(a.err)
	if redis.HasErrorPrefix(a.err, "WRONGTYPE") {
		return &fault{err.Error() + " (one of " + strings.Join(a.keys[:6], ", ") + ")", a.err}
	}
	return err
}

// send is one round trip. Its error is about the replica.
func (l *link) send(ctx context.Context, replica bool, acts []*act) error {
	if len(acts) == 1 && !replica {
		a := acts[0]
		a.heard(l.client.EvalSha(ctx, a.script.sha, a.keys, a.args...), nil)
		return nil
	}
	pipe := l.client.Pipeline()
	sent := make([]*redis.Cmd, len(acts))
	for i, a := range acts {
		sent[i] = pipe.EvalSha(ctx, a.script.sha, a.keys, a.args...)
	}
	var wait *redis.Cmd
	if replica {
		wait = pipe.Do(ctx, "wait", 1, waitTime.Milliseconds())
	}
	// Each command has its own error, unless no connection could be had that
	// may send them.
	_, none := pipe.Exec(ctx)
	for i, a := range acts {
		a.heard(sent[i], none)
	}
	if wait == nil {
		return nil
	}
	n, err := wait.Int64()
	if err != nil {
		return sentence(err)
	}
	if n < 1 {
		return &fault{"no replica of Redis has confirmed in time what was written: see that one follows and keeps up", nil}
	}
	return nil
}

// heard takes over what a command was answered; none is why nothing was, if
// nothing was.
func (a *act) heard(c *redis.Cmd, none error) {
	said, err := c.Result()
	if said == nil && err == nil {
		err = none
	}
	if a.err = err; err == nil {
		a.reply, a.err = newReply(said)
	}
}

// reply is what a script answered: a word, and what goes with it.
type reply struct {
	word string
	list []any
	bad  bool // something was not what it had to be
}

func newReply(said any) (reply, error) {
	list, ok := said.([]any)
	if !ok || len(list) == 0 {
		return reply{}, &fault{"a script in Redis answered what Hearth does not expect", nil}
	}
	word, ok := list[0].(string)
	return reply{word: word, list: list[1:], bad: !ok}, nil
}

// text takes the next value off.
func (r *reply) text() string {
	s, ok := take[string](r)
	r.bad = r.bad || !ok
	return s
}

func (r *reply) number() int64 {
	n, ok := take[int64](r)
	r.bad = r.bad || !ok
	return n
}

func (r *reply) sub() reply {
	list, ok := take[[]any](r)
	r.bad = r.bad || !ok
	return reply{list: list}
}

func (r *reply) texts() []string {
	sub := r.sub()
	list := make([]string, 0, len(sub.list))
	for len(sub.list) > 0 {
		list = append(list, sub.text())
	}
	r.bad = r.bad || sub.bad
	return list
}

func take[T any](r *reply) (v T, ok bool) {
	if len(r.list) == 0 {
		return v, false
	}
	v, ok = r.list[0].(T)
	r.list = r.list[1:]
	return v, ok
}

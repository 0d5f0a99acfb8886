package redisstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"

	"hearth/internal/servers"
)

func TestSentencesOfARedisThatCanNotWrite(t *testing.T) {
	r := servers.StartRedis(t)
	c := speak(t, Options{URL: r.URL()})
	write := func() error { return sentence(c.Set(t.Context(), "hearth:tea", "hot", 0).Err()) }
	script := func() error {
		return sentence(c.Eval(t.Context(), "#!lua\nreturn redis.call('SET', KEYS[1], 'hot')", []string{"hearth:tea"}).Err())
	}
	for want, how := range map[string][2][]string{
		"CONFIG SET maxmemory": {{"CONFIG", "SET", "maxmemory", "1"}, {"CONFIG", "SET", "maxmemory", "0"}},
		"start the replicas":   {{"CONFIG", "SET", "min-replicas-to-write", "1"}, {"CONFIG", "SET", "min-replicas-to-write", "0"}},
		"name the primary":     {{"REPLICAOF", "127.0.0.1", "1"}, {"REPLICAOF", "NO", "ONE"}},
	} {
		set(t, r, how[0]...)
		says(t, write(), want)
		says(t, script(), want)
		set(t, r, how[1]...)
		if err := write(); err != nil {
			t.Errorf("after %v: %v", how[1], err)
		}
	}
	for _, command := range []string{"SMEMBERS", "LLEN"} {
		says(t, sentence(c.Do(t.Context(), command, "hearth:tea").Err()), "give Hearth a Redis of its own", "hearth:tea")
	}
}

func TestASentenceOfADiskThatTakesNothing(t *testing.T) {
	r := servers.StartRedis(t, "--save", "3600 1000000", "--dbfilename", "dump")
	if err := os.Mkdir(filepath.Join(r.Dir, "dump"), 0o700); err != nil { // where a file should be
		t.Fatal(err)
	}
	set(t, r, "BGSAVE")
	c := speak(t, Options{URL: r.URL()})
	var err error
	became(t, "it takes no writes", func() bool {
		err = c.Set(t.Context(), "hearth:tea", "hot", 0).Err()
		return err != nil
	})
	says(t, sentence(err), "make space")
}

// proto is an error as a server sends it.
type proto string

func (p proto) Error() string { return string(p) }
func (proto) RedisError()     {}

func TestEveryReplyHasItsSentence(t *testing.T) {
	for first, say := range replies {
		err := proto(first + " kettle at 10.0.0.1")
		said := sentence(fmt.Errorf("append: %w", err))
		says(t, said, say, "kettle", "10.0.0.1")
		var inside proto
		if !errors.As(said, &inside) || inside != err {
			t.Errorf("%s: what Redis said is not inside", first)
		}
	}
	says(t, sentence(proto("ERR max number of clients reached")), "maxclients")
	says(t, sentence(proto("ERR user_script:12: kettle is not a number script: 00ff, on @user_script:12.")), "answered ERR at user_script:12", "kettle")
	says(t, sentence(proto("kettle")), "answered something", "kettle")
	says(t, sentence(errors.New("kettle")), "a reason that Hearth does not know", "kettle")
}

func TestASentenceIsSaidOnce(t *testing.T) {
	for _, err := range []error{nil, redis.Nil, context.Canceled, sentence(errors.New("kettle"))} {
		if got := sentence(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
	if !errors.Is(sentence(context.DeadlineExceeded), context.DeadlineExceeded) {
		t.Error("that time ran out can't be asked any more")
	}
}

// Redis says it in three ways that a script may not do something.
func TestAScriptThatMayNot(t *testing.T) {
	for _, said := range []string{
		"NOPERM this user has no permissions to run the 'set' command",
		"ERR The user executing the script can't run this command or subcommand",             // 7.0
		"ERR ACL failure in script: User hearth has no permissions to run the 'set' command", // later
	} {
		says(t, errors.New(ofReply(said)), "hearth redis-acl")
	}
}

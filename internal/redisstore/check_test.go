package redisstore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
)

// checked is what check says of a server, and the warnings.
func checked(t *testing.T, r *servers.Redis, o Options) (warned []string, err error) {
	t.Helper()
	if o.URL == "" {
		o.URL = r.URL()
	}
	if o.Secret == nil {
		o.Secret = deployment
	}
	o.Fault = func(err error) { warned = append(warned, err.Error()) }
	err = check(t.Context(), speak(t, o), o)
	return warned, err
}

func set(t *testing.T, r *servers.Redis, args ...string) {
	t.Helper()
	if _, err := r.Do(args...); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
}

func TestCheckIsContentWithARedisThatKeepsItsPromises(t *testing.T) {
	r := servers.StartRedis(t, "--appendonly", "yes")
	for range 2 {
		if warned, err := checked(t, r, Options{}); err != nil || len(warned) > 0 {
			t.Fatalf("%v, %q", err, warned)
		}
	}
	became(t, "nothing is left behind but the tag of the secret", func() bool {
		left, err := r.Do("KEYS", "*")
		return err == nil && left == secretKey
	})
}

func TestCheckWarnsOfWhatCanBeLivedWith(t *testing.T) {
	r := servers.StartRedis(t)
	warned, err := checked(t, r, Options{Ack: AckReplica})
	if err != nil || len(warned) != 2 || !strings.Contains(warned[0], "CONFIG SET appendonly yes") || !strings.Contains(warned[1], "no replica follows") {
		t.Errorf("%v, %q", err, warned)
	}
	set(t, r, "CONFIG", "SET", "appendonly", "yes")
	set(t, r, "CONFIG", "SET", "appendfsync", "no")
	if warned, err := checked(t, r, Options{}); err != nil || len(warned) != 1 || !strings.Contains(warned[0], "CONFIG SET appendfsync everysec") {
		t.Errorf("%v, %q", err, warned)
	}
	allow(t, r, ACL("hearth"))
	if warned, err := checked(t, r, Options{URL: "redis://hearth:tea@" + r.Addr}); err != nil || len(warned) != 1 || !strings.Contains(warned[0], "fsync policy not verified") {
		t.Errorf("%v, %q", err, warned)
	}
}

func TestCheckRefusesARedisThatForgets(t *testing.T) {
	r := servers.StartRedis(t, "--maxmemory-policy", "allkeys-lru")
	_, err := checked(t, r, Options{})
	says(t, err, "CONFIG SET maxmemory-policy noeviction")
}

func TestCheckRefusesAReplicaAndACluster(t *testing.T) {
	_, err := checked(t, servers.StartReplica(t, servers.StartRedis(t)), Options{})
	says(t, err, "name the primary in --redis")
	_, err = checked(t, servers.StartRedis(t, "--cluster-enabled", "yes"), Options{})
	says(t, err, "part of a cluster")
}

func TestCheckReadsWhatRedisSaysOfItself(t *testing.T) {
	good := "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n\r\n# Memory\r\nmaxmemory_policy:noeviction\r\nrole:master\r\n"
	if err := parse(good).fit(); err != nil {
		t.Error(err)
	}
	for _, newer := range []string{"7.2.4", "8.0.1", "10.1"} {
		if err := parse(strings.Replace(good, "7.0.15", newer, 1)).fit(); err != nil {
			t.Errorf("%s: %v", newer, err)
		}
	}
	for _, older := range []string{"6.2.14", "2.8"} {
		says(t, parse(strings.Replace(good, "7.0.15", older, 1)).fit(), "too old: Hearth needs Redis 7.0")
	}
	says(t, parse("kettle").fit(), "does not say which version")
	full := parse(good + "aof_enabled:1\r\naof_last_write_status:err\r\n")
	if w := full.warnings("always", AckPrimary); len(w) != 1 || !strings.Contains(w[0], "make space") {
		t.Errorf("of a full disk: %q", w)
	}
}

func TestCheckRefusesAnotherSecret(t *testing.T) {
	r := servers.StartRedis(t)
	_, err := checked(t, r, Options{Secret: []byte("kettle")})
	says(t, err, "at least 32 random bytes", "kettle")
	if _, err := checked(t, r, Options{}); err != nil {
		t.Fatal(err)
	}
	_, err = checked(t, r, Options{Secret: []byte("another secret, long enough, of another house")})
	says(t, err, "give every node the same file with --secret-file", "another house")
	if kept, _ := r.Do("GET", secretKey); strings.Contains(kept, string(deployment[:8])) || len(kept) != 64 {
		t.Errorf("kept is %q", kept)
	}
	set(t, r, "SET", secretKey, "a kettle")
	_, err = checked(t, r, Options{})
	says(t, err, "something else in Redis", "kettle")
	set(t, r, "DEL", secretKey)
	set(t, r, "LPUSH", secretKey, "a kettle")
	_, err = checked(t, r, Options{})
	says(t, err, "something else in Redis", "kettle")
}

func TestCheckWaitsForLoading(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t, "--save", "3600 1000000", "--rdbcompression", "no", "--enable-debug-command", "yes")
	set(t, r, "DEBUG", "POPULATE", "100", "cup", "2000")
	set(t, r, "SAVE")
	set(t, r, "CONFIG", "SET", "key-load-delay", "20000")
	set(t, r, "CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
	done := make(chan error)
	go func() {
		_, err := r.Do("DEBUG", "RELOAD")
		done <- err
	}()
	became(t, "it loads", func() bool {
		said, _ := r.Do("INFO", "persistence")
		return strings.Contains(said, "\nloading:1")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	c := speak(t, Options{URL: r.URL()})
	says(t, check(ctx, c, Options{Secret: deployment}), "Redis is still loading its data")
	says(t, sentence(c.Get(t.Context(), "tea").Err()), "Redis is loading its data")
	if _, err := checked(t, r, Options{}); err != nil {
		t.Errorf("when it has loaded: %v", err)
	}
	<-done // the reply may come too late for it: no matter
}

func TestCheckOfNobody(t *testing.T) {
	c := speak(t, Options{URL: "redis://127.0.0.1:" + servers.FreePort(t)})
	says(t, check(t.Context(), c, Options{Secret: deployment}), "nothing answers where --redis points", "127.0.0.1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := check(ctx, c, Options{Secret: deployment}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context: %v", err)
	}
}

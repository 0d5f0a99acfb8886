package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/servers"
	"hearth/moderation"
)

// daysIn is the shelf of day keys in a Redis.
func daysIn(t *testing.T, r *servers.Redis) *redisstore.Secrets {
	t.Helper()
	secret := []byte("a secret of thirty-two bytes, at least")
	s, err := redisstore.Open(t.Context(), redisstore.Options{URL: r.URL(), Secret: secret, Words: roomkeys.New(roomkeys.Config{Secret: secret})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	days, err := s.Secrets("days", moderation.KeepKeys)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

// aNode begins with what is in a folder; a nil Redis is that of a node alone.
func aNode(t *testing.T, data string, r *servers.Redis, now time.Time) *keyFile {
	t.Helper()
	k, err := openKeys(data)
	if err != nil {
		t.Fatal(err)
	}
	var days *redisstore.Secrets
	if r != nil {
		days = daysIn(t, r)
	}
	if err := k.begin(t.Context(), days, now); err != nil {
		t.Fatal(err)
	}
	return k
}

func saidAt(now time.Time) moderation.Evidence {
	return moderation.Evidence{Room: "r", Seq: 1, Seat: "s", At: now.UnixMilli(), Words: "I had a good week."}
}

func (k *keyFile) checks(t *testing.T, tag string, now time.Time) {
	t.Helper()
	if err := k.keys.Check(saidAt(now), tag, now); err != nil {
		t.Errorf("a tag of another node: %v", err)
	}
}

func TestATagOfOneNodeIsCheckedOnAnother(t *testing.T) {
	r, now := servers.StartRedis(t), time.Now()
	a := aNode(t, t.TempDir(), r, now)
	tag := a.keys.Tag(saidAt(now))
	b := aNode(t, t.TempDir(), r, now)
	b.keys.Ask(nil) // it has it from the start
	b.checks(t, tag, now)
	if again := b.keys.Tag(saidAt(now)); again != tag {
		t.Errorf("the second node made a key of its own: %s, %s", tag, again)
	}
}

func TestANodeAsksForAKeyItDoesNotKnow(t *testing.T) {
	r, now := servers.StartRedis(t), time.Now()
	yesterday := now.Add(-24 * time.Hour)
	a, b := aNode(t, t.TempDir(), r, yesterday), aNode(t, t.TempDir(), r, yesterday)
	if err := a.turn(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	tag := a.keys.Tag(saidAt(now))
	b.checks(t, tag, now)
	c := aNode(t, t.TempDir(), nil, now) // of another house
	if err := b.keys.Check(saidAt(now), c.keys.Tag(saidAt(now)), now); !errors.Is(err, moderation.ErrExpired) {
		t.Errorf("a foreign tag: %v", err)
	}
	if on, err := openKeys(filepath.Dir(b.path)); err != nil || on.keys.Check(saidAt(now), tag, now) != nil {
		t.Errorf("what it asked for is not in its file, %v", err)
	}
}

func TestUnknownKeysAreAskedForOnceASecond(t *testing.T) {
	r, now := servers.StartRedis(t), time.Now()
	k := aNode(t, t.TempDir(), r, now)
	asked := func() string {
		for _, line := range strings.Split(must(t, r, "INFO", "commandstats"), "\n") {
			if strings.HasPrefix(line, "cmdstat_hgetall:") {
				calls, _, _ := strings.Cut(line, ",")
				return calls
			}
		}
		return ""
	}
	k.look(now)
	before := asked()
	for range 100 {
		k.look(now.Add(askAgain / 2))
	}
	if after := asked(); before == "" || after != before {
		t.Errorf("before %q, after a hundred made-up tags %q", before, after)
	}
	if k.look(now.Add(askAgain)); asked() == before {
		t.Error("a second later nobody asks either")
	}
}

func must(t *testing.T, r *servers.Redis, args ...string) string {
	t.Helper()
	said, err := r.Do(args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func TestDayKeysOutliveAFlushAndARestart(t *testing.T) {
	r, now := servers.StartRedis(t), time.Now()
	folder := t.TempDir()
	a := aNode(t, folder, r, now)
	tag := a.keys.Tag(saidAt(now))
	must(t, r, "FLUSHALL")
	if err := a.turn(t.Context(), now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	aNode(t, t.TempDir(), r, now).checks(t, tag, now)
	aNode(t, folder, nil, now).checks(t, tag, now)
	r.Kill()
	if err := a.turn(t.Context(), now.Add(24*time.Hour)); err == nil {
		t.Error("nobody hears that Redis is away")
	}
	tomorrow := a.keys.Tag(saidAt(now))
	if tomorrow[:len(time.DateOnly)] == tag[:len(time.DateOnly)] {
		t.Error("without Redis a node makes no new key")
	}
	r.Restart()
	if err := a.turn(t.Context(), now.Add(24*time.Hour+time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := aNode(t, t.TempDir(), r, now.Add(24*time.Hour))
	if err := b.keys.Check(saidAt(now), tomorrow, now.Add(24*time.Hour)); err != nil {
		t.Errorf("what was made meanwhile: %v", err)
	}
}

func TestADayKeyIsGoneEverywhereAfterItsTime(t *testing.T) {
	r, now := servers.StartRedis(t), time.Now()
	folder := t.TempDir()
	a := aNode(t, folder, r, now)
	id, _, _ := strings.Cut(a.keys.Tag(saidAt(now)), ".")
	if must(t, r, "HEXISTS", "hearth:secrets:days", id) != "1" {
		t.Fatal("it never was in Redis: this test proves nothing")
	}
	if err := a.turn(t.Context(), now.Add(moderation.KeepKeys)); err != nil {
		t.Fatal(err)
	}
	if must(t, r, "HEXISTS", "hearth:secrets:days", id) != "0" {
		t.Error("Redis has it still")
	}
	if b, err := os.ReadFile(a.path); err != nil || strings.Contains(string(b), id) {
		t.Errorf("the file has it still, %v", err)
	}
}

// TestNodesHaveEachOthersSecrets tries the whole program: whoever starts has
// everything before it serves, also after Redis was emptied.
func TestNodesHaveEachOthersSecrets(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a := c.node()
	b := c.node()
	days := func(n *node) string {
		text, err := os.ReadFile(filepath.Join(n.data, "evidence.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if one, two := days(a), days(b); one != two || strings.Count(one, `"id"`) != 1 {
		t.Error("two nodes begin with different day keys")
	}
	f, err := openTexts(a.data)
	if err != nil {
		t.Fatal(err)
	}
	key, err := f.Make(t.Context(), "case")
	if err != nil {
		t.Fatal(err)
	}
	c.do("FLUSHALL")
	a.stop()
	a.again() // puts back what it holds
	b.stop()
	b.again()
	f, err = openTexts(b.data)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Key(t.Context(), "case"); err != nil || !slices.Equal(got, key) {
		t.Errorf("the second node has no key of a case of the first: %v", err)
	}
	if one, two := days(a), days(b); one != two {
		t.Error("after the flush they have different day keys")
	}
}

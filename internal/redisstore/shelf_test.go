package redisstore

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"hearth/internal/pictures"
	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/logtest"
)

// TestShelf runs as the least of users.
func TestShelf(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	least := func(o *Options, _ *Events) { o.URL = "redis://hearth:tea@" + r.Addr }
	a, b := joined(t, r, brisk, least), joined(t, r, brisk, least)
	logtest.RunShelf(t, func(t *testing.T) (room.Shelf, room.Shelf) {
		for _, name := range strings.Fields(do(t, r, "KEYS", "*:shelf:*")) {
			do(t, r, "DEL", name)
		}
		return a.Shelf(), b.Shelf()
	})
	if log := do(t, r, "ACL", "LOG"); strings.Contains(log, "evalsha") || strings.Contains(log, "lua") {
		t.Errorf("something was refused: %s", log)
	}
}

// put puts a picture that must be taken.
func put(t *testing.T, s room.Shelf, id room.ID, name, sealed string) {
	t.Helper()
	if err := s.Put(t.Context(), id, name, []byte(sealed)); err != nil {
		t.Fatal(err)
	}
}

// TestAShelfEndsADayAfterItsFirstPicture, whatever comes later.
func TestAShelfEndsADayAfterItsFirstPicture(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk).Shelf()
	put(t, s, "r", "first", "x")
	if left := do(t, r, "TTL", shelfKey("r")); left != "86400" && left != "86399" {
		t.Errorf("it ends in %s s", left)
	}
	do(t, r, "EXPIRE", shelfKey("r"), "100")
	put(t, s, "r", "second", "x")
	if left := do(t, r, "TTL", shelfKey("r")); left != "100" && left != "99" {
		t.Errorf("with a second picture it ends in %s s", left)
	}
	do(t, r, "PEXPIRE", shelfKey("r"), "1")
	became(t, "its time is over", func() bool {
		_, err := s.Get(t.Context(), "r", "first")
		return errors.Is(err, room.ErrNoPicture)
	})
}

// TestNothingIsLeftOfAShelf: after Forget there is no key and no value that
// any of it could be in, and after Drop none of that picture.
func TestNothingIsLeftOfAShelf(t *testing.T) {
	const canary = "canary-sealed"
	r := servers.StartRedis(t)
	s := joined(t, r, brisk).Shelf()
	all := func() string {
		var b strings.Builder
		cursor := "0"
		for first := true; first || cursor != "0"; first = false {
			said := strings.Split(do(t, r, "SCAN", cursor, "COUNT", "100"), "\n")
			cursor = said[0]
			for _, name := range said[1:] {
				if do(t, r, "TYPE", name) == "hash" {
					b.WriteString(name + " " + do(t, r, "HGETALL", name) + "\n")
				}
			}
		}
		return b.String()
	}
	put(t, s, "r", "one", canary+"-1")
	put(t, s, "r", "two", canary+"-2")
	if got := all(); !strings.Contains(got, canary+"-1") || !strings.Contains(got, canary+"-2") || !strings.Contains(got, shelfKey("r")) {
		t.Fatal("the search can't find what is there")
	}
	if err := s.Drop(t.Context(), "r", "one"); err != nil {
		t.Fatal(err)
	}
	if got := all(); strings.Contains(got, canary+"-1") || !strings.Contains(got, canary+"-2") {
		t.Error("what was dropped is there still, or more went")
	}
	if err := s.Forget(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	if got := all(); strings.Contains(got, canary) || strings.Contains(got, "shelf") {
		t.Error("something is left")
	}
	put(t, s, "r", "last", canary)
	if err := s.Drop(t.Context(), "r", "last"); err != nil || strings.Contains(all(), "shelf") {
		t.Errorf("an empty shelf is left, %v", err)
	}
}

// TestShelfTrouble: each is a sentence that says what to do, and names
// nothing of a picture.
func TestShelfTrouble(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	sh := s.Shelf()
	k := shelfKey("r")
	for _, spoil := range [][]string{{"SET", k, "x"}, {"HSET", k, "bytes", "many"}, {"HSET", k, "p:tea", "x"}} {
		do(t, r, spoil...)
		says(t, sh.Put(t.Context(), "r", "tea", []byte("canary")), "DEL "+k, "canary")
		says(t, sh.Drop(t.Context(), "r", "tea"), "DEL "+k, "canary")
		if err := sh.Forget(t.Context(), "r"); err != nil {
			t.Fatal(err)
		}
	}
	do(t, r, "SET", k, "x")
	_, err := sh.Get(t.Context(), "r", "tea")
	says(t, err, "something else in Redis", "canary")
	for _, id := range []string{"", "with space", strings.Repeat("x", 300)} {
		if err := sh.Put(t.Context(), room.ID(id), "tea", nil); err == nil {
			t.Errorf("room %q was taken", id)
		}
		if err := sh.Put(t.Context(), "r", id, nil); err == nil {
			t.Errorf("name %q was taken", id)
		}
	}
	do(t, r, "DEL", k)
	do(t, r, "CONFIG", "SET", "maxmemory", "1")
	says(t, sh.Put(t.Context(), "r", "tea", []byte("canary")), "Redis is full", "canary")
	do(t, r, "CONFIG", "SET", "maxmemory", "0")
	do(t, r, "HSET", key(partition("r"), "life"), "run", "another")
	s.link.pace.most = 1 << 40
	says(t, sh.Put(t.Context(), "r", "tea", []byte("canary")), "coming back", "canary")
	r.Kill()
	_, err = sh.Get(t.Context(), "r", "tea")
	for _, err := range []error{err, sh.Put(t.Context(), "r", "tea", []byte("canary")), sh.Drop(t.Context(), "r", "tea"), sh.Forget(t.Context(), "r")} {
		if says(t, err, "Redis", "canary"); errors.Is(err, room.ErrNoPicture) {
			t.Error("a picture is called gone because Redis is away")
		}
	}
}

// TestNoPictureCanBeReadInRedis: its key is never there, so neither files nor
// slow log nor MONITOR show one, before or after it is forgotten.
func TestNoPictureCanBeReadInRedis(t *testing.T) {
	const pixels, control = "canary-pixels", "canary-control"
	r := servers.StartRedis(t, "--appendonly", "yes", "--appendfsync", "always", "--slowlog-log-slower-than", "0", "--rdbcompression", "no")
	monitor := eavesdrop(t, r)
	s := joined(t, r, brisk).Shelf()
	secret, err := pictures.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := pictures.Seal(secret, "r", "tea", []byte(strings.Repeat(pixels, 100)))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "r", "tea", string(sealed))
	put(t, s, "r", "control", control)
	do(t, r, "SAVE")
	places := map[string]string{"its files": files(t, r.Dir), "the slow log": do(t, r, "SLOWLOG", "GET", "-1")}
	if err := s.Forget(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	places["its files afterwards"], places["MONITOR"] = files(t, r.Dir), string(monitor.told(t))
	for where, all := range places {
		if !strings.Contains(all, control) {
			t.Errorf("%s: the control is not found, so nothing would be", where)
		}
		for _, word := range []string{pixels, string(secret), hex.EncodeToString(secret)} {
			if strings.Contains(all, word) {
				t.Errorf("%s shows a picture, or its key", where)
			}
		}
	}
	if !strings.Contains(places["its files"], string(sealed)) {
		t.Error("what was sealed is not in its files, so this proves nothing of it")
	}
}

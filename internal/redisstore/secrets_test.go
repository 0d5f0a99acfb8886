package redisstore

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/moderation"
)

// shelfOf is a shelf as the least of users has it.
func shelfOf(t *testing.T, r *servers.Redis, secret, group string, life time.Duration) *Secrets {
	t.Helper()
	s, err := newSecrets(speak(t, Options{URL: "redis://hearth:tea@" + r.Addr}), []byte(secret), group, life)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFirstSecretOfANameStays(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	a, b := shelfOf(t, r, "tea", "texts", 0), shelfOf(t, r, "tea", "texts", 0)
	if got, err := a.Get(t.Context(), "case"); got != nil || err != nil {
		t.Errorf("before there is one: %q, %v", got, err)
	}
	var kept [2][]byte
	var together sync.WaitGroup
	for i, s := range []*Secrets{a, b} {
		together.Go(func() {
			var err error
			if kept[i], err = s.Put(t.Context(), "case", []byte{byte('a' + i)}); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	if len(kept[0]) != 1 || !bytes.Equal(kept[0], kept[1]) {
		t.Errorf("two nodes have %q and %q", kept[0], kept[1])
	}
	if got, err := b.Get(t.Context(), "case"); err != nil || !bytes.Equal(got, kept[0]) {
		t.Errorf("read: %q, %v", got, err)
	}
	for _, bad := range []struct{ name, secret string }{{"", "x"}, {"n", ""}, {"n", strings.Repeat("x", mostSecret)}} {
		if _, err := a.Put(t.Context(), bad.name, []byte(bad.secret)); err == nil {
			t.Errorf("%d bytes under a name of %d are kept", len(bad.secret), len(bad.name))
		}
	}
}

func TestADeletedSecretNeverComesBack(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	s := shelfOf(t, r, "tea", "texts", 0)
	for _, name := range []string{"one", "two", "three"} {
		if _, err := s.Put(t.Context(), name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Delete(t.Context(), "two", "never"), s.Forget(t.Context(), "three"), s.Delete(t.Context()), s.Forget(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "two", []byte("again")); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("put again: %v", err)
	}
	if _, err := s.Get(t.Context(), "two"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("read again: %v", err)
	}
	kept, deleted, err := s.All(t.Context())
	slices.Sort(deleted)
	if err != nil || !slices.Equal(slices.Collect(maps.Keys(kept)), []string{"one"}) || !slices.Equal(deleted, []string{"never", "two"}) {
		t.Errorf("there are %q, and were %q, %v", kept, deleted, err)
	}
	if got, err := s.Put(t.Context(), "three", []byte("again")); err != nil || string(got) != "again" {
		t.Errorf("what was forgotten: %q, %v", got, err)
	}
}

func TestSecretsAreReadAndMadeByNodesAlone(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	ours, theirs, days := shelfOf(t, r, "tea", "texts", 0), shelfOf(t, r, "coffee", "texts", 0), shelfOf(t, r, "tea", "days", time.Minute)
	if _, err := ours.Put(t.Context(), "case", []byte("canary")); err != nil {
		t.Fatal(err)
	}
	sealed := do(t, r, "HGET", "hearth:secrets:texts", "case")
	if sealed == "" || strings.Contains(sealed, "canary") {
		t.Errorf("kept as %q", sealed)
	}
	if _, err := theirs.Get(t.Context(), "case"); !errors.Is(err, ErrOther) {
		t.Errorf("another secret reads it: %v", err)
	}
	if err := theirs.Delete(t.Context(), "case"); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Put(t.Context(), "case", []byte("canary")); !errors.Is(err, ErrOther) {
		t.Errorf("a stranger's word counts that it was deleted: %v", err)
	}
	if kept, deleted, err := ours.All(t.Context()); len(kept)+len(deleted) > 0 || err != nil {
		t.Errorf("a stranger's: %q, %q, %v", kept, deleted, err)
	}
	do(t, r, "HSET", "hearth:secrets:texts", "other", sealed)
	if _, err := ours.Get(t.Context(), "other"); !errors.Is(err, ErrOther) {
		t.Errorf("it is good under another name: %v", err)
	}
	do(t, r, "HSET", "hearth:secrets:days", "case", sealed)
	if _, err := days.Get(t.Context(), "case"); !errors.Is(err, ErrOther) {
		t.Errorf("it is good in another group: %v", err)
	}
}

func TestAGroupEndsAfterItsLife(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	for group, life := range map[string]time.Duration{"days": time.Hour, "texts": 0} {
		if _, err := shelfOf(t, r, "tea", group, life).Put(t.Context(), "name", []byte("x")); err != nil {
			t.Fatal(err)
		}
		left := do(t, r, "TTL", "hearth:secrets:"+group)
		if want := map[string]string{"days": "3600", "texts": "-1"}[group]; left != want && !(group == "days" && left == "3599") {
			t.Errorf("%s: %s s are left", group, left)
		}
	}
}

func TestAShelfThatIsAwayIsNotEmpty(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	s := shelfOf(t, r, "tea", "texts", 0)
	r.Kill()
	_, put := s.Put(t.Context(), "name", []byte("x"))
	_, got := s.Get(t.Context(), "name")
	_, _, all := s.All(t.Context())
	for i, err := range []error{put, got, all, s.Delete(t.Context(), "name"), s.Forget(t.Context(), "name")} {
		if err == nil || errors.Is(err, moderation.ErrErased) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

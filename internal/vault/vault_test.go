package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/servers"
	"hearth/moderation"
)

// file opens a file of its own.
func file(t *testing.T) *File {
	t.Helper()
	return again(t, filepath.Join(t.TempDir(), "texts.keys"))
}

func again(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shelf is what a node shares with others in one Redis.
func shelf(t *testing.T, r *servers.Redis) Shelf {
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
	kept, err := s.Secrets("texts", 0)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// TestVaults is what every vault must keep. Each case has two hands on one
// vault: of two programs, or of two nodes.
func TestVaults(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (a, b moderation.Vault){
		"memory": func(*testing.T) (a, b moderation.Vault) { m := Memory(); return m, m },
		"file": func(t *testing.T) (a, b moderation.Vault) {
			f := file(t)
			return f, again(t, f.path)
		},
		"shared": func(t *testing.T) (a, b moderation.Vault) {
			r := servers.StartRedis(t)
			return Share(file(t), shelf(t, r)), Share(file(t), shelf(t, r))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("the same key each time", func(t *testing.T) { a, b := open(t); sameKey(t, a, b) })
			t.Run("at once", func(t *testing.T) { a, b := open(t); atOnce(t, a, b) })
			t.Run("destroyed", func(t *testing.T) { a, b := open(t); destroyed(t, a, b) })
		})
	}
}

func sameKey(t *testing.T, a, b moderation.Vault) {
	if _, err := a.Key(t.Context(), "one"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("a key that nobody made: %v", err)
	}
	first, err := a.Make(t.Context(), "one")
	if err != nil || len(first) != 32 {
		t.Fatalf("made %d bytes, %v", len(first), err)
	}
	for _, v := range []moderation.Vault{a, b} {
		made, err := v.Make(t.Context(), "one")
		if err != nil || !bytes.Equal(made, first) {
			t.Errorf("made again: the same %v, %v", bytes.Equal(made, first), err)
		}
		clear(made) // a caller's copy
		if key, err := v.Key(t.Context(), "one"); err != nil || !bytes.Equal(key, first) {
			t.Errorf("read: the same %v, %v", bytes.Equal(key, first), err)
		}
	}
	if other, err := b.Make(t.Context(), "two"); err != nil || bytes.Equal(other, first) {
		t.Errorf("two names have one key, %v", err)
	}
	if _, err := a.Make(t.Context(), ""); err == nil {
		t.Error("a key without a name")
	}
}

func atOnce(t *testing.T, a, b moderation.Vault) {
	made := make([][]byte, 8)
	var together sync.WaitGroup
	for i := range made {
		together.Go(func() {
			var err error
			if made[i], err = []moderation.Vault{a, b}[i%2].Make(t.Context(), "one"); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	for i, m := range made {
		if len(m) != 32 || !bytes.Equal(m, made[0]) {
			t.Errorf("%d has another key", i)
		}
	}
}

func destroyed(t *testing.T, a, b moderation.Vault) {
	for _, name := range []string{"one", "two", "left"} {
		if _, err := a.Make(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Key(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(a.Destroy(t.Context(), "one", "two", "never"), b.Destroy(t.Context(), "one"), b.Destroy(t.Context())); err != nil {
		t.Fatal(err)
	}
	for i, v := range []moderation.Vault{a, b} {
		for _, name := range []string{"one", "two", "never"} {
			if key, err := v.Key(t.Context(), name); key != nil || !errors.Is(err, moderation.ErrErased) {
				t.Errorf("%d: the key of %s is read, %v", i, name, err)
			}
			if key, err := v.Make(t.Context(), name); key != nil || !errors.Is(err, moderation.ErrErased) {
				t.Errorf("%d: the key of %s is made again, %v", i, name, err)
			}
		}
		if _, err := v.Key(t.Context(), "left"); err != nil {
			t.Errorf("%d: another went with it: %v", i, err)
		}
	}
}

func TestAFileOutlivesItsProgram(t *testing.T) {
	f := file(t)
	one, err := f.Make(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Make(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	two, _ := f.Key(t.Context(), "two")
	if err := f.Destroy(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(f.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", st.Mode(), err)
	}
	b, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	var kept stored
	if err := json.Unmarshal(b, &kept); err != nil || !bytes.Equal(kept.Keys["one"], one) || len(kept.Keys) != 1 {
		t.Errorf("the file has %d keys, %v", len(kept.Keys), err)
	}
	if coded, _ := json.Marshal(two); bytes.Contains(b, coded) {
		t.Error("a destroyed key is in the file")
	}
	next := again(t, f.path)
	if key, err := next.Key(t.Context(), "one"); err != nil || !bytes.Equal(key, one) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := next.Make(t.Context(), "two"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("after a restart a destroyed key is made again: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

func TestADamagedFileIsNotReadAndNotReplaced(t *testing.T) {
	key := strings.Repeat("A", 43) + "="
	for _, text := range []string{"", "{", `{"v":2,"keys":{}}`, `{"v":1,"keys":{"one":"AAAA"}}`, fmt.Sprintf(`{"v":1,"keys":{"":%q}}`, key)} {
		f := file(t)
		if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(f.path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q is opened: %v", text, err)
		}
		if _, err := f.Make(t.Context(), "one"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q is written over: %v", text, err)
		}
		if b, err := os.ReadFile(f.path); err != nil || string(b) != text {
			t.Errorf("%q became %q, %v", text, b, err)
		}
	}
}

func TestWhatCantBeWrittenHasNotHappened(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	f := again(t, filepath.Join(folder, "texts.keys"))
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if key, err := f.Make(t.Context(), "one"); key != nil || err == nil {
		t.Errorf("a key was made that is nowhere, %v", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Key(t.Context(), "one"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("it is read afterwards: %v", err)
	}
	if _, err := f.Make(t.Context(), "one"); err != nil {
		t.Errorf("when the folder is back: %v", err)
	}
	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Key(t.Context(), "one"); err == nil || errors.Is(err, moderation.ErrErased) {
		t.Errorf("a file that is gone is taken for an empty one: %v", err)
	}
}

// nodes are two that share a Redis, each with a file.
func nodes(t *testing.T) (r *servers.Redis, a, b *Shared) {
	t.Helper()
	r = servers.StartRedis(t)
	return r, Share(file(t), shelf(t, r)), Share(file(t), shelf(t, r))
}

func synced(t *testing.T, all ...*Shared) {
	t.Helper()
	for _, s := range all {
		if err := s.Sync(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func flush(t *testing.T, r *servers.Redis) {
	t.Helper()
	if said, err := r.Do("FLUSHALL"); err != nil || said != "OK" {
		t.Fatalf("%q, %v", said, err)
	}
}

func TestNodesPutBackWhatTheShelfLostButNothingDestroyed(t *testing.T) {
	r, a, b := nodes(t)
	keys := map[string][]byte{}
	for _, name := range []string{"stays", "destroyed"} {
		var err error
		if keys[name], err = a.Make(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	synced(t, b) // both have both
	if err := a.Destroy(t.Context(), "destroyed"); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	synced(t, b) // puts back what it holds, also what a alone knows destroyed
	if _, err := b.Key(t.Context(), "destroyed"); err != nil {
		t.Fatalf("b knew of it already, so this test proves nothing: %v", err)
	}
	synced(t, a, b)
	c := Share(file(t), shelf(t, r))
	for i, s := range []*Shared{a, b, c} {
		synced(t, s)
		if key, err := s.Key(t.Context(), "stays"); err != nil || !bytes.Equal(key, keys["stays"]) {
			t.Errorf("%d: %v", i, err)
		}
		if _, err := s.file.Key(t.Context(), "destroyed"); !errors.Is(err, moderation.ErrErased) {
			t.Errorf("%d: the file has what was destroyed, %v", i, err)
		}
		if _, err := s.Make(t.Context(), "destroyed"); !errors.Is(err, moderation.ErrErased) {
			t.Errorf("%d: it is made again, %v", i, err)
		}
	}
}

func TestADestroyedKeyLeavesTheOthersFilesWithTheNextSync(t *testing.T) {
	_, a, b := nodes(t)
	if _, err := a.Make(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	synced(t, b)
	if _, err := again(t, b.file.path).Key(t.Context(), "one"); err != nil {
		t.Fatalf("it never came to b's file: %v", err)
	}
	if err := a.Destroy(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	synced(t, b)
	if _, err := again(t, b.file.path).Key(t.Context(), "one"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("b's file has it still: %v", err)
	}
}

func TestWithoutTheShelfANodeReadsWhatItHoldsAndMakesNothing(t *testing.T) {
	r, a, b := nodes(t)
	one, err := a.Make(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	r.Kill()
	for name, get := range map[string]func(context.Context, string) ([]byte, error){"key": a.Key, "make": a.Make} {
		if key, err := get(t.Context(), "one"); err != nil || !bytes.Equal(key, one) {
			t.Errorf("%s of what it holds: %v", name, err)
		}
		if _, err := get(t.Context(), "two"); err == nil || errors.Is(err, moderation.ErrErased) {
			t.Errorf("%s of what it doesn't hold: %v", name, err)
		}
	}
	if err := a.Destroy(t.Context(), "one"); err == nil {
		t.Error("it says that a key is gone everywhere")
	}
	if _, err := a.Key(t.Context(), "one"); err == nil {
		t.Error("the key is not gone here")
	}
	if a.Sync(t.Context()) == nil || b.Sync(t.Context()) == nil {
		t.Error("a sync without a shelf is well")
	}
	r.Restart()
	synced(t, a, b)
	if _, err := b.Make(t.Context(), "one"); !errors.Is(err, moderation.ErrErased) {
		t.Errorf("when the shelf is back it is not gone everywhere: %v", err)
	}
}

func TestTwoKeysOfOneNameAreTold(t *testing.T) {
	r, a, b := nodes(t)
	if _, err := a.Make(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	two, err := b.Make(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Make(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if err := a.Sync(t.Context()); !errors.Is(err, ErrTwo) {
		t.Errorf("nobody is told: %v", err)
	}
	if key, err := a.file.Key(t.Context(), "one"); err != nil || !bytes.Equal(key, two) {
		t.Errorf("the one on the shelf did not stay: %v", err)
	}
	if _, err := a.file.Key(t.Context(), "two"); err != nil {
		t.Errorf("the rest was not done: %v", err)
	}
	synced(t, a)
}

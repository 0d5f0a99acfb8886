package vault

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"hearth/moderation"
)

// keySize is of every key, in bytes.
const keySize = 32

// File keeps keys in one file. Safe for concurrent use, also by several
// programs on one machine.
type File struct {
	path string // empty: in memory

	mu   sync.Mutex  // guards what follows
	seen fs.FileInfo // of the file as it was read; nil: there was none
	kept kept
}

var _ moderation.Vault = (*File)(nil)

// kept is what is in the file.
type kept struct {
	keys map[string][]byte
	gone map[string]bool // names whose key was destroyed
}

// stored is kept as JSON.
type stored struct {
	V    int               `json:"v"` // 1
	Keys map[string][]byte `json:"keys"`
	Gone []string          `json:"gone"`
}

// ErrDamaged: the file is none of keys, or of a newer program.
var ErrDamaged = errors.New("vault: the keys of texts are damaged")

// Open opens a file of keys, which needs not be there yet.
func Open(path string) (*File, error) {
	f := &File{path: path, kept: kept{keys: map[string][]byte{}, gone: map[string]bool{}}}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f, f.read()
}

// Memory keeps keys for as long as the process lives.
func Memory() *File {
	return &File{kept: kept{keys: map[string][]byte{}, gone: map[string]bool{}}}
}

// Make is moderation.Vault's.
func (f *File) Make(_ context.Context, name string) (key []byte, err error) {
	fresh := make([]byte, keySize)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("vault: make a key: %w", err)
	}
	return f.put(name, fresh, false)
}

// put returns the key of a name, which from now on is the proposed one if there
// was none, or if it wins over what is there.
func (f *File) put(name string, proposed []byte, wins bool) (key []byte, err error) {
	if name == "" || len(proposed) != keySize {
		return nil, errors.New("vault: a key has a name, and 32 bytes")
	}
	gone := false
	err = f.change(func(k kept) bool {
		gone = k.gone[name]
		old, had := k.keys[name]
		if gone || had && (!wins || slices.Equal(old, proposed)) {
			key = old
			return false
		}
		k.keys[name], key = proposed, proposed
		return true
	})
	if err == nil && gone {
		err = moderation.ErrErased
	}
	if err != nil {
		return nil, err
	}
	return slices.Clone(key), nil
}

// Key is moderation.Vault's.
func (f *File) Key(_ context.Context, name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.read(); err != nil {
		return nil, err
	}
	key, ok := f.kept.keys[name]
	if !ok {
		return nil, moderation.ErrErased
	}
	return slices.Clone(key), nil
}

// Destroy is moderation.Vault's.
func (f *File) Destroy(_ context.Context, names ...string) error {
	return f.change(func(k kept) (changed bool) {
		for _, name := range names {
			if k.gone[name] || name == "" {
				continue
			}
			clear(k.keys[name])
			delete(k.keys, name)
			k.gone[name], changed = true, true
		}
		return changed
	})
}

// all returns a copy of what is kept.
func (f *File) all() (kept, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.read()
	return f.kept.clone(), err
}

func (k kept) clone() kept {
	c := kept{make(map[string][]byte, len(k.keys)), maps.Clone(k.gone)}
	for name, key := range k.keys {
		c.keys[name] = slices.Clone(key)
	}
	return c
}

// change reads what is in the file now, has f change it, and if f says that it
// did, writes it: nothing comes between, from this program or another. What
// can't be written has not happened.
func (f *File) change(do func(kept) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" {
		do(f.kept)
		return nil
	}
	folder, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	defer folder.Close() // and with it the lock ends
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("vault: wait for others: %w", err)
	}
	if err := f.read(); err != nil {
		return err
	}
	next := f.kept.clone()
	if !do(next) {
		return nil
	}
	if err := f.write(next); err != nil {
		return err
	}
	return folder.Sync()
}

// read reads the file if it is not the one that was read last. Call with mu.
func (f *File) read() error {
	if f.path == "" {
		return nil
	}
	now, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) && f.seen == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("vault: %w", err) // also of a file that was there and is not any more
	}
	if f.seen != nil && os.SameFile(now, f.seen) && now.ModTime().Equal(f.seen.ModTime()) && now.Size() == f.seen.Size() {
		return nil
	}
	b, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	var s stored
	if err := json.Unmarshal(b, &s); err != nil || s.V != 1 {
		return ErrDamaged
	}
	k := kept{map[string][]byte{}, map[string]bool{}}
	for name, key := range s.Keys {
		if name == "" || len(key) != keySize {
			return ErrDamaged
		}
		k.keys[name] = key
	}
	for _, name := range s.Gone {
		k.gone[name] = true
		delete(k.keys, name)
	}
	f.seen, f.kept = now, k
	return nil
}

// write replaces the file. Call with mu and the folder's lock.
func (f *File) write(k kept) error {
	b, err := json.Marshal(stored{1, k.keys, slices.Sorted(maps.Keys(k.gone))})
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	next, err := os.CreateTemp(filepath.Dir(f.path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	defer os.Remove(next.Name())
	_, err = next.Write(b)
	if err = errors.Join(err, next.Sync()); err != nil {
		return fmt.Errorf("vault: %w", errors.Join(err, next.Close()))
	}
	seen, err := next.Stat()
	if err = errors.Join(err, next.Close()); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	if err := os.Rename(next.Name(), f.path); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	f.seen, f.kept = seen, k
	return nil
}

package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hearth/moderation"
)

// Shelf is where nodes share secrets by name. A name whose secret was deleted
// never has one again.
//
// Put keeps a secret if there is none of its name, and returns the one that is
// there now; moderation.ErrErased after Delete. Get returns it, nil if there is
// none, ErrErased after Delete. All returns every one, and the names of the
// deleted. Any other error means that it is not known what the shelf has.
type Shelf interface {
	Put(ctx context.Context, name string, secret []byte) (kept []byte, err error)
	Get(ctx context.Context, name string) ([]byte, error)
	All(ctx context.Context) (kept map[string][]byte, deleted []string, err error)
	Delete(ctx context.Context, names ...string) error
}

// Shared is the Vault of a node among others: its own file, and the shelf.
type Shared struct {
	file  *File
	shelf Shelf
}

var _ moderation.Vault = (*Shared)(nil)

// Share returns the Vault of a node that shares a shelf with others. Call Sync
// at the start, and then every minute.
func Share(f *File, s Shelf) *Shared { return &Shared{f, s} }

// Make is moderation.Vault's. Without the shelf it makes nothing new.
func (s *Shared) Make(ctx context.Context, name string) ([]byte, error) {
	own, err := s.file.Key(ctx, name)
	proposed := own
	if errors.Is(err, moderation.ErrErased) {
		proposed = make([]byte, keySize)
		_, err = rand.Read(proposed)
	}
	if err != nil {
		return nil, err
	}
	kept, err := s.shelf.Put(ctx, name, proposed)
	switch {
	case errors.Is(err, moderation.ErrErased):
		return nil, s.drop(ctx, name)
	case err != nil && own != nil:
		return own, nil // the shelf is away; the key is known
	case err != nil:
		return nil, fmt.Errorf("vault: share a key: %w", err)
	}
	key, err := s.file.put(name, kept, true)
	if errors.Is(err, moderation.ErrErased) { // destroyed here, and the shelf has lost that
		err = errors.Join(err, s.shelf.Delete(ctx, name))
	}
	return key, err
}

// Key is moderation.Vault's.
func (s *Shared) Key(ctx context.Context, name string) ([]byte, error) {
	own, err := s.file.Key(ctx, name)
	if err != nil && !errors.Is(err, moderation.ErrErased) {
		return nil, err
	}
	kept, asked := s.shelf.Get(ctx, name)
	switch {
	case errors.Is(asked, moderation.ErrErased):
		return nil, s.drop(ctx, name)
	case own != nil && (asked != nil || kept == nil):
		return own, nil
	case asked != nil:
		return nil, fmt.Errorf("vault: ask for a key: %w", asked)
	case kept == nil:
		return nil, moderation.ErrErased
	}
	return s.file.put(name, kept, true)
}

// drop destroys what another node has destroyed, and answers ErrErased.
func (s *Shared) drop(ctx context.Context, name string) error {
	return errors.Join(moderation.ErrErased, s.file.Destroy(ctx, name))
}

// Destroy is moderation.Vault's. With an error the keys are gone here, and
// with the next Sync that finds the shelf everywhere.
func (s *Shared) Destroy(ctx context.Context, names ...string) error {
	if err := s.file.Destroy(ctx, names...); err != nil {
		return err
	}
	if err := s.shelf.Delete(ctx, names...); err != nil {
		return fmt.Errorf("vault: destroy keys on other nodes: %w", err)
	}
	return nil
}

// ErrTwo: two nodes had made keys of the same name while the shelf lost what it
// had. What was kept under one of them can't be read any more.
var ErrTwo = errors.New("vault: a key was made twice, and one of the two is lost")

// Sync gives this node what the others hold, and them what it holds. ErrTwo is
// worth telling, and does not keep the rest from being done.
func (s *Shared) Sync(ctx context.Context) error {
	kept, deleted, err := s.shelf.All(ctx)
	if err != nil {
		return fmt.Errorf("vault: look at the shelf: %w", err)
	}
	two := s.take(kept, deleted)
	if two != nil && !errors.Is(two, ErrTwo) {
		return two
	}
	mine, err := s.file.all()
	if err != nil {
		return err
	}
	again := maps.Clone(mine.gone)
	for _, name := range deleted {
		delete(again, name)
	}
	if err := s.shelf.Delete(ctx, slices.Collect(maps.Keys(again))...); err != nil {
		return fmt.Errorf("vault: destroy keys on other nodes: %w", err)
	}
	for name := range mine.keys {
		if kept[name] != nil {
			continue
		}
		if _, err := s.Make(ctx, name); err != nil && !errors.Is(err, moderation.ErrErased) {
			return err
		}
	}
	return two
}

// take writes into the own file what the shelf has.
func (s *Shared) take(all map[string][]byte, deleted []string) (two error) {
	err := s.file.change(func(k kept) (changed bool) {
		for _, name := range deleted {
			if !k.gone[name] {
				delete(k.keys, name)
				k.gone[name], changed = true, true
			}
		}
		for name, key := range all {
			own := k.keys[name]
			if k.gone[name] || len(key) != keySize || slices.Equal(own, key) {
				continue
			}
			if own != nil {
				two = ErrTwo
			}
			k.keys[name], changed = key, true
		}
		return changed
	})
	return errors.Join(err, two)
}

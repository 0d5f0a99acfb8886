package modtest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"

	"hearth/moderation"
)

// Vault is a moderation.Vault in memory.
type Vault struct {
	Away bool              // it can't be reached; set it while nobody asks
	mu   sync.Mutex        // guards what follows
	keys map[string][]byte // nil: destroyed
}

var errAway = errors.New("the vault is away")

// NewVault returns an empty one.
func NewVault() *Vault { return &Vault{keys: map[string][]byte{}} }

// Make is moderation.Vault's.
func (v *Vault) Make(_ context.Context, name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.keys[name]; !ok {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // it never fails
		v.keys[name] = key
	}
	return v.have(name)
}

// Key is moderation.Vault's.
func (v *Vault) Key(_ context.Context, name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.have(name)
}

func (v *Vault) have(name string) ([]byte, error) {
	if v.Away {
		return nil, errAway
	}
	if key := v.keys[name]; key != nil {
		return key, nil
	}
	return nil, moderation.ErrErased
}

// Destroy is moderation.Vault's.
func (v *Vault) Destroy(_ context.Context, names ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range names {
		v.keys[name] = nil
	}
	return nil
}

// Names lists the keys that were made and not destroyed, sorted.
func (v *Vault) Names() (list []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for name, key := range v.keys {
		if key != nil {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

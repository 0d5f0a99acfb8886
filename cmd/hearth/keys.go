package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"hearth/moderation"
)

// keyFile keeps the day keys of evidence tags in data/evidence.json, outside
// the database and its backups: when a day's key is gone, its tags prove
// nothing any more, and that must be true of every copy.
type keyFile struct {
	path string
	keys moderation.Keys
}

// openKeys reads the keys, or begins with none, and makes today's.
func openKeys(data string, now time.Time) (*keyFile, error) {
	k := &keyFile{path: filepath.Join(data, "evidence.json")}
	b, err := os.ReadFile(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, say("The evidence keys can't be read: %w. Please make %s readable.", err, k.path)
	default:
		if err := json.Unmarshal(b, &k.keys); err != nil {
			return nil, say("The evidence keys in %s are damaged. Moving the file away lets Hearth start; what was said before can't be quoted in a report then.", k.path)
		}
	}
	return k, k.turn(now)
}

// turn makes the key of a new day and forgets old ones.
func (k *keyFile) turn(now time.Time) error {
	changed, err := k.keys.Rotate(now, rand.Reader)
	if err != nil || !changed {
		return err
	}
	b, err := json.Marshal(&k.keys)
	if err != nil {
		return err
	}
	return writeSecret(k.path, b)
}

// keep turns the keys until ctx ends.
func (k *keyFile) keep(ctx context.Context, log *zap.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := k.turn(now); err != nil {
				log.Error("the evidence keys can't be kept", zap.Error(err))
			}
		}
	}
}

// writeSecret replaces a file by one its owner alone can read, whole or not
// at all.
func writeSecret(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return cantWrite(filepath.Dir(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

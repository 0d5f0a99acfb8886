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
	"sync"
	"time"

	"go.uber.org/zap"

	"hearth/internal/redisstore"
	"hearth/internal/vault"
	"hearth/moderation"
)

// keyFile keeps the day keys of evidence tags in data/evidence.json, outside
// the database and its backups: when a day's key is gone, its tags prove
// nothing any more, and that must be true of every copy. Nodes that share
// rooms share them too: each keeps all of them in its file, and puts back what
// the shelf has lost.
type keyFile struct {
	path string
	keys moderation.Keys

	mu     sync.Mutex          // guards what follows, and the file
	shelf  *redisstore.Secrets // nil: a node alone
	looked time.Time           // when somebody last asked for a key that isn't here
}

// askAgain is how often at most the shelf is asked for keys of ids that aren't
// known here: anybody can make up such ids.
const askAgain = time.Second

// openKeys reads the keys, or begins with none.
func openKeys(data string) (*keyFile, error) {
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
	return k, nil
}

// begin takes what other nodes have, and sees that there is today's key. From
// then on unknown keys are asked for. A nil shelf is that of a node alone.
func (k *keyFile) begin(ctx context.Context, shelf *redisstore.Secrets, now time.Time) error {
	k.shelf = shelf
	if shelf != nil {
		k.keys.Ask(func() { k.look(time.Now()) })
	}
	return k.turn(ctx, now)
}

// turn makes the key of a new day and forgets old ones, here and for all. What
// can't be shared now is shared with the next turn.
func (k *keyFile) turn(ctx context.Context, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	met, news := k.meet(ctx, now)
	turned, err := k.keys.Rotate(now, rand.Reader)
	if err == nil && (turned || met) {
		err = k.write()
	}
	if k.shelf != nil && news == nil && turned {
		_, news = k.meet(ctx, now)
	}
	return errors.Join(err, news)
}

// meet takes from the shelf what is new, puts there what it lacks, and clears
// out what has had its time. Call with mu.
func (k *keyFile) meet(ctx context.Context, now time.Time) (changed bool, err error) {
	if k.shelf == nil {
		return false, nil
	}
	there, _, err := k.shelf.All(ctx)
	if err != nil {
		return false, err
	}
	changed, over := k.keys.Merge(there, now)
	days, err := k.keys.Days()
	if err != nil {
		return changed, err
	}
	err = k.shelf.Forget(ctx, over...)
	for id, day := range days {
		if there[id] == nil {
			_, put := k.shelf.Put(ctx, id, day)
			err = errors.Join(err, put)
		}
	}
	return changed, err
}

// look asks the shelf for keys that aren't here, unless somebody just has. Who
// waits meanwhile finds what it found.
func (k *keyFile) look(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.looked).Abs() < askAgain {
		return
	}
	k.looked = now
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	there, _, err := k.shelf.All(ctx)
	if err != nil {
		return // the next turn says so
	}
	if changed, _ := k.keys.Merge(there, now); changed {
		_ = k.write() // the next turn writes them too, or says why not
	}
}

func (k *keyFile) write() error {
	b, err := json.Marshal(&k.keys)
	if err != nil {
		return err
	}
	return writeSecret(k.path, b)
}

// keep turns the keys, and has texts' keys go round, until ctx ends.
func (k *keyFile) keep(ctx context.Context, texts moderation.Vault, log *zap.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := k.turn(ctx, now); err != nil && ctx.Err() == nil {
				log.Error("the evidence keys can't be kept", zap.Error(err))
			}
			if err := syncTexts(ctx, texts); err != nil && ctx.Err() == nil {
				log.Error("the keys of typed texts can't be kept", zap.Error(err))
			}
		}
	}
}

// shareFor bounds how long nodes need to give each other their keys.
const shareFor = 30 * time.Second

// textsPath is where the keys of typed texts are; see package vault.
func textsPath(data string) string { return filepath.Join(data, "texts.keys") }

// openTexts opens the keys of typed texts: of a node alone, or without a Redis.
func openTexts(data string) (*vault.File, error) {
	f, err := vault.Open(textsPath(data))
	if errors.Is(err, vault.ErrDamaged) {
		return nil, say("The keys of typed texts in %s are damaged. Please put a copy of the file back; moving it away lets Hearth start, and what was typed in reports and decisions can't be read any more then.", textsPath(data))
	}
	if err != nil {
		return nil, say("The keys of typed texts can't be read: %w. Please make %s readable.", err, textsPath(data))
	}
	return f, nil
}

// shareTexts returns the vault of a node that shares r with others; nil: it is
// alone.
func shareTexts(ctx context.Context, f *vault.File, r *redisstore.Store) (moderation.Vault, error) {
	if r == nil {
		return f, nil
	}
	shelf, err := r.Secrets("texts", 0)
	if err != nil {
		return nil, err
	}
	v := vault.Share(f, shelf)
	return v, syncTexts(ctx, v)
}

// syncTexts has a node's texts' keys go round, if it shares them.
func syncTexts(ctx context.Context, v moderation.Vault) error {
	s, shared := v.(*vault.Shared)
	if !shared {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shareFor)
	defer cancel()
	return s.Sync(ctx)
}

// openSecrets opens what must not be in the database: day keys and keys of
// typed texts, and shares them with other nodes if there are any.
func (s *server) openSecrets(ctx context.Context) (err error) {
	var days *redisstore.Secrets
	if s.redis != nil {
		if days, err = s.redis.Secrets("days", moderation.KeepKeys); err != nil {
			return err
		}
	}
	if s.keys, err = openKeys(s.cfg.Data); err != nil {
		return err
	}
	if err := s.keys.begin(ctx, days, time.Now()); err != nil {
		return plain(err)
	}
	f, err := openTexts(s.cfg.Data)
	if err != nil {
		return err
	}
	s.vault, err = shareTexts(ctx, f, s.redis)
	switch {
	case errors.Is(err, vault.ErrTwo):
		s.log.Error("the keys of typed texts can't be kept", zap.Error(err))
	case err != nil:
		return plain(err)
	}
	return nil
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

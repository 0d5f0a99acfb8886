package redisstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/moderation"
)

// Secrets is a small shelf of secrets by name, which all nodes share. Each is
// sealed with a key that comes from the deployment's secret: who has Redis, its
// files or a copy of them, but not that secret, can neither read one, nor make
// one, nor make nodes believe that one was deleted. Who has both can, for as
// long as Redis keeps its old files. Redis is not where these secrets last: nodes
// put back what it loses.
//
// It is package vault's Shelf.
type Secrets struct {
	c    redis.UniversalClient
	name string        // of the hash
	life time.Duration // of the hash, after the last Put; 0: for good
	seal cipher.AEAD
}

// mostSecret is the largest secret, in bytes.
const mostSecret = 1 << 10

// ErrOther: what is there was not put there by a node with this secret.
var ErrOther = errors.New("redisstore: a secret in Redis is sealed with another secret than that of --secret-file: give every node the same")

// Secrets returns the shelf of a group: "days" or "texts". All that is in it
// ends life after the last Put of any; 0: never. It works from Open on.
func (s *Store) Secrets(group string, life time.Duration) (*Secrets, error) {
	return newSecrets(s.client, s.secret, group, life)
}

func newSecrets(c redis.UniversalClient, secret []byte, group string, life time.Duration) (*Secrets, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "hearth secrets 1 "+group, 32)
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	return &Secrets{c, "hearth:secrets:" + group, life, seal}, nil
}

// sealed is a secret as it is kept; an empty one says that it was deleted.
func (s *Secrets) sealed(name string, secret []byte) []byte {
	return s.seal.Seal(nil, nil, secret, []byte(s.name+"\n"+name))
}

func (s *Secrets) open(name, sealed string) ([]byte, error) {
	secret, err := s.seal.Open(nil, nil, []byte(sealed), []byte(s.name+"\n"+name))
	switch {
	case err != nil:
		return nil, ErrOther
	case len(secret) == 0:
		return nil, moderation.ErrErased
	}
	return secret, nil
}

// Put keeps a secret unless there is one of that name, and returns the one
// that is there now; moderation.ErrErased if it was deleted.
func (s *Secrets) Put(ctx context.Context, name string, secret []byte) ([]byte, error) {
	if name == "" || len(secret) == 0 || len(name)+len(secret) > mostSecret {
		return nil, errors.New("redisstore: a secret is some bytes, and not many, under a name")
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	var is *redis.StringCmd
	_, err := s.c.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.HSetNX(ctx, s.name, name, s.sealed(name, secret))
		is = p.HGet(ctx, s.name, name)
		if s.life > 0 {
			p.Expire(ctx, s.name, s.life)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("redisstore: keep a secret: %w", sentence(err))
	}
	return s.open(name, is.Val())
}

// Get returns a secret, nil if there is none; moderation.ErrErased if it was
// deleted.
func (s *Secrets) Get(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	sealed, err := s.c.HGet(ctx, s.name, name).Result()
	if err == redis.Nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("redisstore: read a secret: %w", sentence(err))
	}
	return s.open(name, sealed)
}

// All returns every secret by its name, and the names of the deleted. What a
// stranger put there it leaves out.
func (s *Secrets) All(ctx context.Context) (kept map[string][]byte, deleted []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, talking)
	defer cancel()
	all, err := s.c.HGetAll(ctx, s.name).Result()
	if err != nil {
		return nil, nil, fmt.Errorf("redisstore: read secrets: %w", sentence(err))
	}
	kept = make(map[string][]byte, len(all))
	for name, sealed := range all {
		secret, err := s.open(name, sealed)
		switch {
		case err == nil:
			kept[name] = secret
		case errors.Is(err, moderation.ErrErased):
			deleted = append(deleted, name)
		}
	}
	return kept, deleted, nil
}

// Delete makes secrets be gone for good: what is left is that they were.
func (s *Secrets) Delete(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, talking)
	defer cancel()
	fields := make([]any, 0, 2*len(names))
	for _, name := range names {
		fields = append(fields, name, s.sealed(name, nil))
	}
	if err := s.c.HSet(ctx, s.name, fields...).Err(); err != nil {
		return fmt.Errorf("redisstore: delete secrets: %w", sentence(err))
	}
	return nil
}

// Forget takes secrets away without a trace: another node may put them back.
func (s *Secrets) Forget(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	if err := s.c.HDel(ctx, s.name, names...).Err(); err != nil {
		return fmt.Errorf("redisstore: forget secrets: %w", sentence(err))
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	"hearth/circle"
	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/sqlstore"
	"hearth/room"
	"hearth/room/hub"
)

// shared is what a node has together with others; the zero value is a node
// alone.
type shared struct {
	redis *redisstore.Store
	ring  *roomkeys.Ring
	end   context.CancelFunc // of the ring
}

// errOutdated ends a program that others have left behind.
var errOutdated = say("A newer Hearth writes to these rooms, so this one ends. Please update it.")

// openShared opens what several nodes share, or says what is the matter and
// what to do.
func (s *server) openShared(ctx context.Context) error {
	secret, err := readSecret("--secret-file", s.cfg.Secret)
	if err != nil {
		return err
	}
	if len(secret) < roomkeys.SecretLeast {
		return say("The secret in the file of --secret-file, %s, is too short: please give %d random bytes or more, the same on every node.", s.cfg.Secret, roomkeys.SecretLeast)
	}
	if s.store, err = connect(ctx, s.cfg); err != nil {
		return err
	}
	o, err := s.cfg.redisOptions()
	if err != nil {
		return err
	}
	s.ring = roomkeys.New(roomkeys.Config{
		Secret:   secret,
		Restored: func(id room.ID) { s.hub.Reread(id) },
		Fault:    func(err error) { s.log.Warn("the keys of words", zap.Error(err)) },
	})
	o.Secret, o.Words = secret, s.ring
	o.Fault = func(err error) { s.log.Warn("redis", zap.Error(err)) }
	if s.redis, err = redisstore.Open(ctx, o); err != nil {
		return say("Redis can't be used: %w", plain(err))
	}
	return nil
}

// redisOptions are those that the operator chose.
func (c *Config) redisOptions() (o redisstore.Options, err error) {
	o = redisstore.Options{URL: string(c.Redis), Ack: redisstore.Ack(c.RedisAck)}
	if o.Password, err = readPassword("--redis-password-file", c.RedisPassword); err != nil {
		return o, err
	}
	o.TLS, err = readCA("--redis-ca-file", c.RedisCA)
	return o, err
}

// connect opens the PostgreSQL database.
func connect(ctx context.Context, cfg *Config) (*sqlstore.Durable, error) {
	password, err := readPassword("--database-password-file", cfg.DatabasePassword)
	if err != nil {
		return nil, err
	}
	d, err := sqlstore.Connect(ctx, sqlstore.Options{URL: string(cfg.Database), Password: password})
	if err != nil {
		return nil, say("PostgreSQL, as --database names it, can't be used: %w", plain(err))
	}
	return d, nil
}

// plain is an error without the names of packages, and without what the
// PostgreSQL driver says of each of its attempts.
func plain(err error) error {
	text, _, _ := strings.Cut(err.Error(), ": failed to connect to ")
	return errors.New(strings.NewReplacer("sqlstore: ", "", "redisstore: ", "").Replace(text))
}

// join makes this node one of those that share the rooms. The hub must be
// there: orphans may come at once.
func (s *server) join(ctx context.Context, outdated func()) error {
	if s.redis == nil {
		return nil
	}
	err := s.redis.Start(ctx, redisstore.Events{
		Orphans: func(ids []room.ID) { s.group.Go(func() { s.hub.Wake(context.WithoutCancel(ctx), ids...) }) },
		Outdated: func() {
			s.log.Error(errOutdated.Error())
			outdated()
		},
	})
	if err != nil {
		return plain(err)
	}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	return s.ring.Serve(serving, s.redis.Bus(), s.redis.Nodes())
}

// share has a hub share its rooms.
func (s *server) share(c *hub.Config) {
	c.Log, c.Nodes, c.Bus, c.Keys = s.redis.Log(), s.redis.Nodes(), s.redis.Bus(), s.ring
	c.Shelf = s.redis.Shelf()
}

// tickets are good on every node; nil: this node keeps its own.
func (s *server) tickets() circle.Tickets {
	if s.redis == nil {
		return nil
	}
	return s.redis.Tickets()
}

// handOver gives the keys of words to another node before people move there.
func (s *server) handOver(ctx context.Context) {
	if s.ring == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, handOverFor)
	defer cancel()
	if err := s.ring.HandOver(ctx); err != nil {
		s.log.Warn("not every key was handed over: some names may be asked for again", zap.Error(err))
	}
}

// handOverFor bounds how long a node that ends waits for another to have its
// keys. One standing by has them already.
const handOverFor = 2 * time.Second

// part takes this node off the list, so that nobody waits for it.
func (s *server) part() {
	if s.end != nil {
		s.end()
		s.ring.Wait()
	}
	if s.redis == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	if err := errors.Join(s.redis.Leave(ctx), s.redis.Close()); err != nil {
		s.log.Warn("leaving the other nodes", zap.Error(err))
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/web"
)

// retainCmd clears out what has had its time.
type retainCmd struct {
	DryRun bool `help:"Only say what would go."`
}

// eraseCmd destroys what was typed in a case.
type eraseCmd struct {
	Case int64 `arg:"" placeholder:"NUMBER" help:"The case's number, as the desk shows it."`
	Yes  bool  `help:"It can't be taken back: say that it is meant."`
}

// reportCmd is about what was reported.
type reportCmd struct {
	Export reportExport `cmd:"" help:"Print what was reported in a case, sealed: hearth moderator-key open reads it, on another machine. It is in the audit."`
}

type reportExport struct {
	Case int64 `arg:"" placeholder:"NUMBER" help:"The case's number, as the desk shows it."`
}

// casesAt is what a command line reaches of cases, beside a server.
type casesAt struct {
	moderation.Store
	db    *sqlstore.Durable
	redis *redisstore.Store // nil: a node alone
}

func (c *casesAt) close() {
	if c.redis != nil {
		_ = c.redis.Close() // nothing was begun that could be lost
	}
	_ = c.db.Close()
}

// openCases opens the cases that a server keeps, also while it runs.
func openCases(ctx context.Context, cfg *Config) (_ *casesAt, err error) {
	c := &casesAt{}
	if c.db, err = openBeside(ctx, cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if err := makeData(cfg.Data); err != nil {
		return nil, err
	}
	f, err := openTexts(cfg.Data)
	if err != nil {
		return nil, err
	}
	if cfg.Redis != "" {
		if c.redis, err = cfg.besideRedis(ctx); err != nil {
			return nil, err
		}
	}
	v, err := shareTexts(ctx, f, c.redis)
	if err != nil && !errors.Is(err, vault.ErrTwo) {
		return nil, plain(err)
	}
	c.Store = c.db.Desk(v)
	return c, nil
}

// besideRedis opens the Redis of nodes without becoming one of them.
func (c *Config) besideRedis(ctx context.Context) (*redisstore.Store, error) {
	o, err := c.redisOptions()
	if err != nil {
		return nil, err
	}
	if o.Secret, err = readSecret("--secret-file", c.Secret); err != nil {
		return nil, err
	}
	o.Words = roomkeys.New(roomkeys.Config{Secret: o.Secret})
	r, err := redisstore.Open(ctx, o)
	if err != nil {
		return nil, say("Redis can't be used: %w", plain(err))
	}
	return r, nil
}

// numbered is the id of a case.
func (c *casesAt) numbered(ctx context.Context, n int64) (string, error) {
	id, err := c.Numbered(ctx, n)
	if errors.Is(err, moderation.ErrNoCase) {
		return "", say("There is no case %d.", n)
	}
	if err != nil {
		return "", fmt.Errorf("the cases can't be read: %w", plain(err))
	}
	return id, nil
}

func (r *retainCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	c, err := openCases(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	s, err := c.Retain(ctx, cfg.periods(), time.Now(), r.DryRun)
	if err != nil {
		return fmt.Errorf("not everything could be cleared out: %w", plain(err))
	}
	would := "Gone"
	if r.DryRun {
		would = "Would go"
	}
	_, err = fmt.Fprintf(out, "%s: words of reports in %s, other texts of %s, facts of %s, %s.\n", would,
		many(s.Bodies, "case", "cases"), many(s.Texts, "case", "cases"), many(s.Cases, "case", "cases"), many(s.Bans, "ban", "bans"))
	return err
}

func (e *eraseCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	c, err := openCases(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	id, err := c.numbered(ctx, e.Case)
	if err != nil {
		return err
	}
	if !e.Yes {
		return say("This destroys every text of case %d, for good, also for a moderator who works on it. If that is meant, please add --yes.", e.Case)
	}
	if err := c.Erase(ctx, moderation.Act{At: time.Now()}, id); err != nil {
		return fmt.Errorf("not everything could be erased, the server goes on with it: %w", plain(err))
	}
	_, err = fmt.Fprintf(out, "Every text of case %d is destroyed. That there was a case, and what was decided, stays until its time.\n", e.Case)
	return err
}

func (x *reportExport) run(ctx context.Context, cfg *Config, out io.Writer) error {
	c, err := openCases(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	id, err := c.numbered(ctx, x.Case)
	if err != nil {
		return err
	}
	bodies, err := c.Bodies(ctx, moderation.Act{At: time.Now()}, id)
	if err != nil {
		return fmt.Errorf("the reports can't be read: %w", plain(err))
	}
	return json.NewEncoder(out).Encode(web.DeskBodies{Bodies: bodies})
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"hearth/circle"
	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/web"
)

// checkCmd looks everything over and changes nothing, also while the server
// runs: one line for each thing.
type checkCmd struct{}

func (checkCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	c := &checker{cfg: cfg, out: out, now: time.Now()}
	c.say("settings", "they go together", cfg.check())
	c.folder()
	c.formats()
	c.database(ctx)
	c.onCall()
	c.crisis()
	if cfg.SMTP != "" {
		_, err := cfg.mailer()
		c.say("reminders", "the settings of mail go together", err)
	}
	if cfg.Redis != "" {
		c.redis(ctx)
	}
	if c.wrong > 0 {
		return say("%s to look at.", many(c.wrong, "thing", "things"))
	}
	return c.err
}

// checker writes down what it finds.
type checker struct {
	cfg     *Config
	out     io.Writer
	now     time.Time
	wrong   int
	err     error           // of writing
	circles []circle.Circle // that the database has
}

// say writes one line: what is well, or what is the matter.
func (c *checker) say(what, well string, err error) {
	line := fmt.Sprintf("ok    %s: %s\n", what, well)
	if err != nil {
		c.wrong++
		line = fmt.Sprintf("look: %s: %s\n", what, strings.ReplaceAll(plain(err).Error(), "\n", " "))
	}
	if _, err := io.WriteString(c.out, line); err != nil {
		c.err = err
	}
}

func (c *checker) folder() {
	st, err := os.Stat(c.cfg.Data)
	switch {
	case err == nil && !st.IsDir():
		err = say("%s is not a folder.", c.cfg.Data)
	case err == nil && st.Mode().Perm()&0o077 != 0:
		err = say("others on this machine may look into %s. Please run: chmod 700 %s", c.cfg.Data, c.cfg.Data)
	}
	c.say("data folder", c.cfg.Data+", its owner's alone", err)
}

func (c *checker) formats() {
	all, err := c.cfg.formats()
	c.say("formats", fmt.Sprint(len(all)), err)
}

func (c *checker) database(ctx context.Context) {
	db, err := c.examine(ctx)
	if err != nil {
		c.say("database", "", err)
		return
	}
	defer db.Close()
	if !db.Current() {
		c.say("database", fmt.Sprintf("whole; its tables are of version %d, the next start brings them to %d", db.Version, db.Newest), nil)
		return
	}
	c.circles, err = db.Circles().Circles(ctx)
	c.say("database", fmt.Sprintf("whole, version %d, %s", db.Version, many(len(c.circles), "circle", "circles")), err)
	c.say("audit", "every line follows from the one before", db.Circles().VerifyAudit(ctx))
	c.reports(ctx, db.Desk(vault.Memory()))
}

// reports looks at whether anybody could read them. On this machine alone, to
// try it out, nobody needs to.
func (c *checker) reports(ctx context.Context, keys moderation.ModKeys) {
	n, err := readers(ctx, c.cfg, keys)
	well := "sealed to " + many(n, "key", "keys")
	if n == 0 && err == nil {
		well = "nobody could read them: no moderator has opened the desk, and there is no --moderator-key"
		if c.public() {
			err = say("%s. Please see to one of the two.", well)
		}
	}
	c.say("reports", well, err)
}

// onCall looks at whether anybody is called about what waits on the desk. On
// this machine alone nobody needs to be.
func (c *checker) onCall() {
	all, err := c.cfg.alarms()
	n := 0
	for _, a := range all {
		if !a.Emergency() {
			n++
		}
	}
	well := "called on " + many(n, "channel", "channels")
	if n == 0 && err == nil {
		well = "nobody is called: a report at night waits until somebody looks at the desk"
		if c.public() {
			err = say("%s. Please give --on-call-webhook or --on-call-mail.", well)
		}
	}
	c.say("on call", well, err)
}

// public says whether others than this machine reach the house.
func (c *checker) public() bool { return c.cfg.PublicURL != "" && !onLocalhost(c.cfg.PublicURL) }

func (c *checker) examine(ctx context.Context) (*sqlstore.Examined, error) {
	if c.cfg.Database == "" {
		return sqlstore.Examine(ctx, dbPath(c.cfg.Data))
	}
	password, err := readPassword("--database-password-file", c.cfg.DatabasePassword)
	if err != nil {
		return nil, err
	}
	return sqlstore.ExamineShared(ctx, sqlstore.Options{URL: string(c.cfg.Database), Password: password})
}

// crisis looks at the signposts, and at whom the public circles are for.
func (c *checker) crisis() {
	all, err := c.cfg.signposts()
	if err != nil {
		c.say("crisis signposts", "", err)
		return
	}
	if stale := all.Stale(c.now); len(stale) > 0 {
		err = say("nobody has looked at %d of them for half a year, like %s. Please check them and note the day.", len(stale), stale[0].Name)
	}
	c.say("crisis signposts", "checked within half a year", err)
	var without []string
	public := 0
	for _, one := range c.circles {
		if !(one.Listed || one.Access == circle.OpenToAll) || one.Standing == circle.Draft || one.Standing == circle.Closed {
			continue
		}
		public++
		for _, region := range []string{one.Region, one.Country} {
			if region != "" && len(all.For(region)) == 0 {
				without = append(without, fmt.Sprintf("%s (%s)", one.Settings.Title, region))
				break
			}
		}
	}
	if err = nil; len(without) > 0 {
		err = say("there is none for these public circles: %s. Please add one to --crisis-file.", strings.Join(without, ", "))
	}
	c.say("public circles", fmt.Sprintf("%d, each with signposts", public), err)
}

// signposts are the operator's, or those that come with Hearth.
func (c *Config) signposts() (*web.Crisis, error) {
	if c.CrisisFile == "" {
		return web.BuiltInCrisis()
	}
	f, err := os.Open(c.CrisisFile)
	if err != nil {
		return nil, say("The signposts can't be read: %w. Please check --crisis-file.", err)
	}
	defer f.Close()
	return web.NewCrisis(c.CrisisFile, f)
}

func (c *checker) redis(ctx context.Context) {
	well := "it answers, and may keep rooms"
	err := c.askRedis(ctx, func(known error) { well += "; " + known.Error() })
	c.say("redis", well, err)
}

// askRedis hands over what can be lived with.
func (c *checker) askRedis(ctx context.Context, known func(error)) error {
	secret, err := readSecret("--secret-file", c.cfg.Secret)
	if err != nil {
		return err
	}
	o, err := c.cfg.redisOptions()
	if err != nil {
		return err
	}
	o.Fault = known
	o.Secret, o.Words = secret, roomkeys.New(roomkeys.Config{Secret: secret})
	s, err := redisstore.Open(ctx, o)
	if err != nil {
		return err
	}
	return s.Close()
}

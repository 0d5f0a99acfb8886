package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
	"hearth/room/formats"
)

// circlesCmd is all that can be done to circles at the command line. It works
// on the database that the server reads, also while it runs.
type circlesCmd struct {
	Make     circleCmd         `cmd:"" default:"withargs" help:"Make a circle and print its links (the default)."`
	List     circleListCmd     `cmd:"" help:"List the circles."`
	Show     circleShowCmd     `cmd:"" help:"Show a circle."`
	Set      circleSetCmd      `cmd:"" help:"Change a circle."`
	Schedule circleScheduleCmd `cmd:"" help:"Say when a circle meets, or show its next dates."`
}

// circleCmd makes a circle beside those there are, also while the server
// runs, and prints its first links.
type circleCmd struct {
	Title   string   `arg:"" help:"What it is called, like 'Thursday carers'."`
	Format  string   `placeholder:"NAME" help:"How it goes, one of hearth formats: agenda, words and ground rules. (peer-support; with --prompt alone no agenda, the stick goes round as long as the circle lasts)"`
	Prompt  string   `placeholder:"QUESTION" help:"What stands in the middle of the ring, before the agenda begins if there is one."`
	Rule    []string `sep:"none" placeholder:"SENTENCE" help:"A ground rule; once for each. (the format's)"`
	Next    string   `placeholder:"WHEN" help:"When it meets, as one would say it: 'every Tuesday at 19:00'. Shown after a gathering."`
	Country string   `placeholder:"CODE" help:"Whose crisis signposts come first, like GB."`
	Tongue  string   `name:"language" placeholder:"TAG" help:"The language it is held in, like en or es; built-in formats speak both."`
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// circle is what was asked for. Without a format it goes like most do,
// unless there is a question to go round with instead.
func (c *circleCmd) circle(all []formats.Format) (circle.Circle, error) {
	f, err := formatNamed(all, cmp.Or(c.Format, usualFormat))
	if err != nil {
		return circle.Circle{}, err
	}
	f = f.In(c.Tongue)
	set, prompt := room.DefaultSettings(), strings.TrimSpace(c.Prompt)
	if c.Format != "" || prompt == "" {
		set = f.Settings(set)
	}
	set.Title, set.Prompt = strings.TrimSpace(c.Title), cmp.Or(prompt, set.Prompt)
	set.Next = strings.TrimSpace(c.Next)
	made := circle.Circle{ID: circle.ID(uuid.NewString()), Settings: set, Rules: c.Rule, Country: c.Country, About: circle.About{Language: c.Tongue}}
	if c.Format != "" || prompt == "" {
		made.Format = f.Name
	}
	if len(made.Rules) == 0 {
		made.Rules = f.Rules
	}
	return made, nil
}

func (c *circleCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	all, err := cfg.formats()
	if err != nil {
		return err
	}
	made, err := c.circle(all)
	if err != nil {
		return err
	}
	made.Settings.MaxSeats = cfg.MaxSeats
	if err := made.Check(); err != nil {
		return say("%s. Nothing was made.", sentence(err))
	}
	if c.Country != "" && !countryCode.MatchString(c.Country) {
		return say("--country %s is not a country's two letters, like GB. Nothing was made.", c.Country)
	}
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	s := db.Circles()
	if err := newTitle(ctx, s, made); err != nil {
		return err
	}
	if err := s.AddCircle(ctx, circle.Act{}, made); err != nil {
		return fmt.Errorf("the circle can't be kept: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := links(ctx, w, s, made, base(cfg), time.Now()); err != nil {
		return err
	}
	return w.Flush()
}

// newTitle refuses a title that another circle has: at the command line it
// names one.
func newTitle(ctx context.Context, s circle.Store, of circle.Circle) error {
	all, err := s.Circles(ctx)
	if err != nil {
		return fmt.Errorf("the circles can't be read: %w", err)
	}
	for _, other := range called(all, of.Settings.Title) {
		if other.ID != of.ID {
			return say("There is a circle %q already. Please choose another name.", other.Settings.Title)
		}
	}
	return nil
}

package main

import (
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
)

// circleCmd makes a circle beside those there are, also while the server
// runs, and prints its first links.
type circleCmd struct {
	Title   string   `arg:"" help:"What it is called, like 'Thursday carers'."`
	Prompt  string   `placeholder:"QUESTION" help:"What stands in the middle of the ring."`
	Rule    []string `sep:"none" placeholder:"SENTENCE" help:"A ground rule; once for each. (the demo circle's)"`
	Country string   `placeholder:"CODE" help:"Whose crisis signposts come first, like GB."`
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (c *circleCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	set := cfg.settings(room.DefaultSettings())
	set.Title, set.Prompt = strings.TrimSpace(c.Title), strings.TrimSpace(c.Prompt)
	if err := set.Check(); err != nil {
		return say("%w. Nothing was made.", err)
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
	if same, err := findCircle(ctx, s, set.Title); err == nil {
		return say("There is a circle %q already. Please choose another name.", same.Settings.Title)
	}
	made := circle.Circle{ID: circle.ID(uuid.NewString()), Settings: set, Rules: c.Rule, Country: c.Country}
	if len(made.Rules) == 0 {
		made.Rules = groundRules()
	}
	if err := s.AddCircle(ctx, made); err != nil {
		return fmt.Errorf("the circle can't be kept: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := links(ctx, w, s, made, base(cfg), time.Now()); err != nil {
		return err
	}
	return w.Flush()
}

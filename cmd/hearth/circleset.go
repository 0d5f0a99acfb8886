package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"hearth/circle"
	"hearth/room"
	"hearth/web"
)

// circleListCmd lists the circles, each with where it stands and its next date.
type circleListCmd struct{}

func (c *circleListCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := db.Circles().Circles(ctx)
	if err != nil {
		return fmt.Errorf("the circles can't be read: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, one := range all {
		listed := "unlisted"
		if one.Listed {
			listed = "listed"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", one.ID, one.Settings.Title, standingName(one.Standing), accessName(one.Access), listed, nextDate(one, time.Now()))
	}
	return w.Flush()
}

// The names that circles' choices have at the command line.
var (
	accesses  = map[string]circle.Access{"invite": circle.ByInvite, "wait": circle.InviteAndWait, "open": circle.OpenToAll}
	standings = map[string]circle.Standing{"draft": circle.Draft, "announced": circle.Announced, "meeting": circle.Meeting, "closed": circle.Closed}
)

func accessName(a circle.Access) string     { return cmp.Or(string(a), "invite") }
func standingName(s circle.Standing) string { return cmp.Or(string(s), "meeting") }

// nextDate is when a circle meets next, in words.
func nextDate(c circle.Circle, now time.Time) string {
	for _, d := range c.Schedule.Next(now, 12) {
		if !d.Off {
			return when(d)
		}
	}
	return c.Settings.Next
}

// when is a date on the clocks of its circle.
func when(d circle.Date) string { return d.Start.Format("Mon 2 Jan 2006 15:04 MST") }

// circleShowCmd shows what is kept of a circle.
type circleShowCmd struct {
	Name string `arg:"" optional:"" help:"Its title or id; not needed while there is only one."`
}

func (c *circleShowCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	return inCircle(ctx, cfg, c.Name, func(s circle.Store, one circle.Circle) error { return show(ctx, cfg, s, one, out) })
}

func show(ctx context.Context, cfg *Config, s circle.Store, one circle.Circle, out io.Writer) error {
	people, err := s.People(ctx)
	if err != nil {
		return fmt.Errorf("who keeps it can't be read: %w", err)
	}
	names := func(ids []circle.PersonID) string {
		var list []string
		for _, p := range people {
			if slices.Contains(ids, p.ID) {
				list = append(list, p.Name)
			}
		}
		return strings.Join(list, ", ")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range [][2]string{
		{"title", one.Settings.Title}, {"id", string(one.ID)}, {"page", base(cfg) + "/circles/" + string(one.ID)},
		{"purpose", one.Purpose}, {"standing", standingName(one.Standing)}, {"access", accessName(one.Access)},
		{"listed", yes(one.Listed)}, {"series", yes(one.Series)}, {"themes", strings.Join(one.Themes, ", ")}, {"notes", strings.Join(one.Notes, "; ")},
		{"language", one.Language}, {"region", one.Region}, {"country", one.Country}, {"format", one.Format},
		{"capacity", fmt.Sprint(min(one.Settings.MaxSeats, cfg.MaxSeats))}, {"facilitators", names(one.Keepers)}, {"deputies", names(one.Deputies)},
		{"next", nextDate(one, time.Now())}, {"rules", fmt.Sprintf("%d, version %d", len(one.Rules), one.RulesRev)},
	} {
		if l[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", l[0], strings.ReplaceAll(l[1], "\n", " "))
		}
	}
	return w.Flush()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// circleSetCmd changes a circle. What isn't named stays.
type circleSetCmd struct {
	Name     string   `arg:"" optional:"" help:"Its title or id; not needed while there is only one."`
	Title    *string  `placeholder:"TITLE" help:"Another title."`
	Purpose  *string  `placeholder:"SENTENCE" help:"What it is for, as on its page."`
	Access   *string  `placeholder:"HOW" help:"invite: by invite; wait: by invite, and everybody waits to be let in; open: from its page, to the waiting room."`
	Standing *string  `placeholder:"WHERE" help:"draft, announced, meeting or closed."`
	Listed   *bool    `negatable:"" help:"Show it in the list of circles."`
	Series   *bool    `negatable:"" help:"The same people on all its dates."`
	Country  *string  `placeholder:"CODE" help:"Whose crisis signposts come first, like GB."`
	Region   *string  `placeholder:"CODE" help:"The country of whom it is for; empty: anywhere."`
	Language *string  `placeholder:"TAG" help:"The language it is held in, like en or pt-BR."`
	Capacity *int     `placeholder:"N" help:"Members and listeners, at most --max-seats."`
	Theme    []string `placeholder:"THEME" help:"What it is about; once for each, instead of those it has; empty: none."`
	Note     []string `sep:"none" placeholder:"SENTENCE" help:"What may be hard to hear; once for each, instead of those it has; empty: none."`
	Rule     []string `sep:"none" placeholder:"SENTENCE" help:"A ground rule; once for each, instead of those it has; empty: none."`
}

func (c *circleSetCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	return changeCircle(ctx, cfg, c.Name, func(one *circle.Circle) error {
		put(&one.Settings.Title, c.Title)
		put(&one.Purpose, c.Purpose)
		put(&one.Listed, c.Listed)
		put(&one.Series, c.Series)
		put(&one.Country, c.Country)
		put(&one.Region, c.Region)
		put(&one.Language, c.Language)
		if put(&one.Settings.MaxSeats, c.Capacity); one.Settings.MaxSeats < 1 || one.Settings.MaxSeats > room.MostSeats {
			return say("--capacity is %d. Please choose 1 to %d.", one.Settings.MaxSeats, room.MostSeats)
		}
		one.Themes, one.Notes, one.Rules = instead(one.Themes, c.Theme), instead(one.Notes, c.Note), instead(one.Rules, c.Rule)
		for _, code := range []string{one.Country, one.Region} {
			if code != "" && !countryCode.MatchString(code) {
				return say("%s is not a country's two letters, like GB.", code)
			}
		}
		if err := choose(&one.Access, c.Access, accesses, "--access"); err != nil {
			return err
		}
		if err := choose(&one.Standing, c.Standing, standings, "--standing"); err != nil {
			return err
		}
		signposts, err := cfg.signposts()
		if err != nil {
			return err
		}
		if !web.MayMeet(*one, signposts) {
			return say("A circle that is listed or open to all needs crisis signposts for its country, and there are none for %q. Please give a --country that has them, or add some to --crisis-file.", one.Country)
		}
		return nil
	}, func(one circle.Circle) error {
		_, err := fmt.Fprintf(out, "%s is changed: %s, %s.\n", one.Settings.Title, standingName(one.Standing), accessName(one.Access))
		return err
	})
}

// put sets what was given.
func put[T any](to, given *T) {
	if given != nil {
		*to = *given
	}
}

// instead is what was given; an empty one alone is none.
func instead(of, given []string) []string {
	switch {
	case len(given) == 0:
		return of
	case len(given) == 1 && given[0] == "":
		return nil
	}
	return given
}

// choose sets one of some choices by its name.
func choose[T any](to *T, given *string, among map[string]T, flag string) error {
	if given == nil {
		return nil
	}
	v, ok := among[*given]
	if !ok {
		names := make([]string, 0, len(among))
		for name := range among {
			names = append(names, name)
		}
		slices.Sort(names)
		return say("%s %s is none of: %s.", flag, *given, strings.Join(names, ", "))
	}
	*to = v
	return nil
}

// changeCircle changes a circle, and says so once it is kept.
func changeCircle(ctx context.Context, cfg *Config, name string, change func(*circle.Circle) error, done func(circle.Circle) error) error {
	return inCircle(ctx, cfg, name, func(s circle.Store, one circle.Circle) error {
		title := one.Settings.Title
		if err := change(&one); err != nil {
			return say("%w Nothing was changed.", err)
		}
		if err := one.Check(); err != nil {
			return say("%s. Nothing was changed.", sentence(err))
		}
		if one.Settings.Title != title {
			if err := newTitle(ctx, s, one); err != nil {
				return say("%w Nothing was changed.", err)
			}
		}
		switch err := s.ChangeCircle(ctx, circle.Act{At: time.Now()}, one); {
		case errors.Is(err, circle.ErrChanged):
			return say("Somebody else changed it at the same moment. Nothing was changed here: please look, and try again.")
		case err != nil:
			return fmt.Errorf("the circle can't be kept: %w", err)
		}
		return done(one)
	})
}

// sentence is a sentence of package circle or room for a person: without where
// it comes from.
func sentence(err error) string {
	s := err.Error()
	for _, from := range []string{"circle: ", "schedule: ", "room settings: "} {
		s = strings.TrimPrefix(s, from)
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// usualMinutes is how long a circle takes if nobody says.
const usualMinutes = 60

// circleScheduleCmd says when a circle meets. Without --first it shows the
// next dates.
type circleScheduleCmd struct {
	Name    string `arg:"" optional:"" help:"Its title or id; not needed while there is only one."`
	First   string `placeholder:"WHEN" help:"Day and time of the first date on the clocks there, like '2027-03-02 19:00'."`
	Zone    string `placeholder:"ZONE" help:"Time zone, like Europe/Dublin."`
	Every   string `placeholder:"HOW" help:"once, week, two-weeks, month (on the same weekday of it), or an RFC 5545 rule like 'FREQ=WEEKLY;BYDAY=TU,TH'. (once)"`
	Minutes *int   `placeholder:"N" help:"How long a date takes. (60)"`
	None    bool   `help:"It meets as it comes: no dates."`
}

func (c *circleScheduleCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	says := c.Zone != "" || c.Every != "" || c.Minutes != nil
	switch {
	case c.None && (c.First != "" || says):
		return say("--none is a circle without dates, so it goes with nothing else.")
	case c.First == "" && says:
		return say("A new schedule begins with its first date: please add --first.")
	case c.First == "" && !c.None:
		return inCircle(ctx, cfg, c.Name, func(_ circle.Store, one circle.Circle) error { return dates(out, one) })
	}
	return changeCircle(ctx, cfg, c.Name, func(one *circle.Circle) error {
		was := one.Schedule
		one.Schedule = circle.Schedule{}
		if c.None {
			return nil
		}
		at, err := time.Parse("2006-01-02 15:04", strings.Replace(c.First, "T", " ", 1))
		if err != nil {
			return say("--first %q is not a day and time like '2027-03-02 19:00'.", c.First)
		}
		one.Schedule = circle.Schedule{Zone: c.Zone, First: at.Format("2006-01-02T15:04"), Minutes: usualMinutes}
		put(&one.Schedule.Minutes, c.Minutes)
		switch c.Every {
		case "", circle.Once, circle.EveryWeek, circle.EveryTwoWeeks, circle.EveryMonth:
			one.Schedule.Rule = circle.Repeat(c.Every, at)
		default:
			one.Schedule.Rule = strings.TrimPrefix(strings.ToUpper(c.Every), "RRULE:")
		}
		if err := one.Schedule.Check(); err != nil {
			return say("%s.", sentence(err))
		}
		one.Schedule = one.Schedule.Instead(was)
		return nil
	}, func(one circle.Circle) error { return dates(out, one) })
}

// dates prints the next dates of a circle.
func dates(out io.Writer, c circle.Circle) error {
	list := c.Schedule.Next(time.Now(), 6)
	if len(list) == 0 {
		how := "meets as it comes: it has no dates"
		if !c.Schedule.IsZero() {
			how = "has no more dates, so it opens no more: please give it a new --first, or --none"
		}
		_, err := fmt.Fprintf(out, "%s %s.\n", c.Settings.Title, how)
		return err
	}
	for _, d := range list {
		more := d.Theme
		if d.Off {
			more = strings.TrimSpace("called off. " + d.Why)
		}
		if _, err := fmt.Fprintln(out, strings.TrimSpace(when(d)+"  "+more)); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
	"hearth/room/formats"
)

// demo is the circle that a first start makes, so that there is one to sit in.
func demo(all []formats.Format) (circle.Circle, error) {
	f, err := formatNamed(all, usualFormat)
	if err != nil {
		return circle.Circle{}, err
	}
	set := f.Settings(room.DefaultSettings())
	set.Title = "Tuesday evening circle"
	return circle.Circle{
		ID: circle.ID(uuid.NewString()), Settings: set, Rules: f.Rules, Country: "IE",
		About: circle.About{
			Purpose:  "A circle to look around in: highs and lows of the week, and what has helped. Come as you are; listening is taking part.",
			Themes:   []string{"wellbeing"},
			Language: "en",
			Format:   f.Name,
			Access:   circle.OpenToAll,
			Listed:   true,
		},
	}, nil
}

// invitees are who gets a link at the first start, and what it says.
var invitees = []struct {
	role room.Role
	does string
}{
	{room.Facilitator, "keeps the circle, and begins it"},
	{room.Member, "sits in the ring, once they are let in; any number of people"},
	{room.Listener, "just listens, once they are let in; any number of people"},
	{room.Moderator, "helps when something is wrong"},
}

// greet prints where the server is and how to get in. The first start makes
// the demo circle and shows its links; their codes are kept as hashes only,
// so a later start can't show them again.
func greet(ctx context.Context, out io.Writer, cfg *Config, kinds []formats.Format, s circle.Store, url string, now time.Time) error {
	all, err := s.Circles(ctx)
	if err != nil {
		return fmt.Errorf("the circles can't be read: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nHearth is at %s\n", url)
	admin, err := firstAdmin(ctx, s, url, now)
	if err != nil {
		return err
	}
	if admin != "" {
		fmt.Fprintf(w, "\nNobody runs it yet. Whoever opens this within %d minutes, and makes a passkey, does:\n\n  admin\t%s\n",
			int(circle.FirstWelcome.Minutes()), admin)
	}
	switch {
	case len(all) > 0:
		fmt.Fprintf(w, "\nA link for somebody new:\n\n")
	case cfg.Redis != "" || !onLocalhost(url): // each of several nodes would make one; others would find it
		fmt.Fprintf(w, "\nThere is no circle yet. To make one, with links into it:\n\n  %s\n\nA link for somebody new:\n\n", command(cfg, "circle 'Tuesday evening circle'"))
	default:
		if err := firstLinks(ctx, w, kinds, s, url, now); err != nil {
			return err
		}
	}
	with := ""
	if cfg.Redis != "" {
		with = " Both need this node's settings: in the environment, or with --config."
	}
	fmt.Fprintf(w, "  %s\n\nThe role is facilitator, member, listener or moderator.%s Stop with Ctrl-C.\n\n", command(cfg, "invite --role member"), with)
	return w.Flush()
}

func firstLinks(ctx context.Context, w io.Writer, kinds []formats.Format, s circle.Store, url string, now time.Time) error {
	c, err := demo(kinds)
	if err != nil {
		return err
	}
	if err := s.AddCircle(ctx, circle.Act{At: now}, c); err != nil {
		return fmt.Errorf("the demo circle can't be kept: %w", err)
	}
	fmt.Fprintf(w, "\nThere is a circle to try, %q. Open these side by side, one tab each:\n\n", c.Settings.Title)
	if err := links(ctx, w, s, c, url, now); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nPlease keep these links: they are not shown again.\nMore of them:\n\n")
	return nil
}

// links makes one link for each role of a circle and prints them.
func links(ctx context.Context, w io.Writer, s circle.Store, c circle.Circle, url string, now time.Time) error {
	people, err := s.People(ctx)
	if err != nil {
		return fmt.Errorf("the people who run the house can't be read: %w", err)
	}
	signIn := false
	for _, v := range invitees {
		if !circle.RidesOnLink(v.role, len(people) > 0, onLocalhost(url)) {
			signIn = true
			continue
		}
		link, err := makeLink(ctx, s, url, invitation(c.ID, v.role, url), now)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", v.role, link, v.does)
	}
	switch {
	case signIn:
		fmt.Fprintf(w, "\nWhoever keeps or moderates circles signs in. To invite somebody: hearth person invite --circle %s\n", c.ID)
	case !onLocalhost(url):
		fmt.Fprintf(w, "\nThe links for facilitator and moderator work once, within 48 hours.\n")
	}
	return nil
}

// command is how to start this very program, for a person to copy.
func command(cfg *Config, args string) string {
	name := filepath.Base(os.Args[0])
	if exe, err := os.Executable(); err == nil && strings.Contains(exe, "go-build") {
		name = "go run ./cmd/hearth"
	}
	if cfg.ConfigFile != "" {
		name += " --config " + cfg.ConfigFile
	}
	if cfg.Data != "./hearth-data" {
		name += " --data " + cfg.Data
	}
	return strings.TrimSpace(name + " " + args)
}

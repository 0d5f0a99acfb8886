package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"hearth/circle"
)

// personCmd is about those who run the house. It works on the database that
// the server reads, so that all of it holds at once.
type personCmd struct {
	Invite personInvite `cmd:"" help:"Make a link that makes somebody an admin, a moderator, or one who keeps a circle. It works once."`
	List   struct{}     `cmd:"" help:"List who runs the house."`
	Remove personRemove `cmd:"" help:"Take somebody's rights and passkeys, and sign them out everywhere, at once."`
}

type personInvite struct {
	Admin     bool   `help:"They run the house: circles, people, settings."`
	Moderator bool   `help:"They look after every circle."`
	Circle    string `placeholder:"NAME-OR-ID" help:"They keep this circle."`
	Deputy    bool   `help:"With --circle: as a deputy, who takes over when whoever keeps it can't."`
	Passkey   string `placeholder:"NAME-OR-ID" help:"Instead: another passkey for somebody who is here already, like after losing a phone."`
}

type personRemove struct {
	Who string `arg:"" name:"name-or-id" help:"Who, by name or id."`
}

// run does what was asked for: which is "invite", "list" or "remove".
func (c *personCmd) run(ctx context.Context, cfg *Config, which string, out io.Writer) error {
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	s := db.Circles()
	switch which {
	case "invite":
		return c.Invite.run(ctx, s, base(cfg), time.Now(), out)
	case "remove":
		return c.Remove.run(ctx, s, time.Now(), out)
	}
	return listPeople(ctx, s, out)
}

func (c *personInvite) run(ctx context.Context, s circle.Store, base string, now time.Time, out io.Writer) error {
	w, err := c.welcome(ctx, s)
	if err != nil {
		return err
	}
	w.Until = now.Add(circle.WelcomeLife)
	link, err := welcomeLink(ctx, s, base, w, now)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n\nIt works once, for %d days. Please send it in a way that only they can read.\n", link, int(circle.WelcomeLife.Hours()/24))
	return err
}

// welcome is what was asked for.
func (c *personInvite) welcome(ctx context.Context, s circle.Store) (w circle.Welcome, err error) {
	other := c.Admin || c.Moderator || c.Circle != ""
	switch {
	case c.Passkey != "" && other:
		return w, say("--passkey is for somebody who is here already, so it goes with nothing else.")
	case c.Passkey != "":
		p, err := findPerson(ctx, s, c.Passkey)
		return circle.Welcome{Person: p.ID}, err
	case !other:
		return w, say("Please say what they will be: --admin, --moderator or --circle NAME.")
	case c.Deputy && c.Circle == "":
		return w, say("--deputy goes with --circle NAME.")
	}
	w = circle.Welcome{Admin: c.Admin, Moderator: c.Moderator, Deputy: c.Deputy}
	if c.Circle != "" {
		of, err := findCircle(ctx, s, c.Circle)
		if err != nil {
			return w, err
		}
		w.Circle = of.ID
	}
	return w, nil
}

// findPerson returns the person of a name or id.
func findPerson(ctx context.Context, s circle.Store, want string) (circle.Person, error) {
	all, err := s.People(ctx)
	if err != nil {
		return circle.Person{}, fmt.Errorf("the people who run the house can't be read: %w", err)
	}
	var found []circle.Person
	var names []string
	for _, p := range all {
		if string(p.ID) == want {
			return p, nil
		}
		if strings.EqualFold(p.Name, want) {
			found = append(found, p)
		}
		names = append(names, fmt.Sprintf("%q", p.Name))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return circle.Person{}, say("There are %d people called %q. Please give the id of one: hearth person list shows them.", len(found), want)
	case len(all) == 0:
		return circle.Person{}, say("Nobody runs the house yet. Please start the server: it prints a link for the first one.")
	}
	return circle.Person{}, say("There is nobody called %q. There are: %s.", want, strings.Join(names, ", "))
}

// listPeople prints who there is, what they may, and which circles they keep.
func listPeople(ctx context.Context, s circle.Store, out io.Writer) error {
	people, err := s.People(ctx)
	if err != nil {
		return fmt.Errorf("the people who run the house can't be read: %w", err)
	}
	circles, err := s.Circles(ctx)
	if err != nil {
		return fmt.Errorf("the circles can't be read: %w", err)
	}
	if len(people) == 0 {
		_, err := fmt.Fprintln(out, "Nobody runs the house yet. The server prints a link for the first one when it starts.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range people {
		var does []string
		if p.Admin {
			does = append(does, "admin")
		}
		if p.Moderator {
			does = append(does, "moderator")
		}
		for _, c := range circles {
			if role, deputy := c.Keeps(p.ID); deputy {
				does = append(does, fmt.Sprintf("deputy in %q", c.Settings.Title))
			} else if role != "" {
				does = append(does, fmt.Sprintf("keeps %q", c.Settings.Title))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, p.Name, cmp.Or(strings.Join(does, ", "), "nothing yet"))
	}
	return w.Flush()
}

func (c *personRemove) run(ctx context.Context, s circle.Store, now time.Time, out io.Writer) error {
	p, err := findPerson(ctx, s, c.Who)
	if err != nil {
		return err
	}
	err = s.RemovePerson(ctx, circle.Act{At: now}, p.ID)
	if errors.Is(err, circle.ErrLastAdmin) {
		return say("%s is the only one who runs the house, and somebody must. Please invite another first: hearth person invite --admin", p.Name)
	}
	if err != nil {
		return fmt.Errorf("they can't be removed: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s is signed out everywhere and has no part in the house any more.\n", p.Name)
	return err
}

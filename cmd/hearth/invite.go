package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/room"
)

// invitesCmd is all that can be done to invites at the command line.
type invitesCmd struct {
	Make   inviteCmd       `cmd:"" default:"withargs" help:"Make a link into a circle (the default)."`
	List   inviteListCmd   `cmd:"" help:"List the invites of a circle that still let in, or back in."`
	Revoke inviteRevokeCmd `cmd:"" help:"End an invite, and every seat that was had by it."`
}

// inviteListCmd lists invites. A link can't be shown again: only its hash is kept.
type inviteListCmd struct {
	Circle string `placeholder:"NAME-OR-ID" help:"Which circle; not needed while there is only one."`
}

func (c *inviteListCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	return inCircle(ctx, cfg, c.Circle, func(s circle.Store, of circle.Circle) error {
		list, err := s.Invites(ctx, of.ID, time.Now())
		if err != nil {
			return fmt.Errorf("the invites can't be read: %w", err)
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, i := range list {
			uses, until := "any number of uses", "no end"
			if i.Uses > 0 {
				uses = fmt.Sprintf("%d of %d used", i.Used, i.Uses)
			}
			if !i.Until.IsZero() {
				until = "until " + i.Until.Local().Format("2 January 2006 15:04")
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", i.ID, i.Role, uses, until, i.For)
		}
		return w.Flush()
	})
}

// inviteRevokeCmd ends an invite.
type inviteRevokeCmd struct {
	ID     string `arg:"" name:"id" help:"As hearth invite list shows it."`
	Circle string `placeholder:"NAME-OR-ID" help:"Which circle; not needed while there is only one."`
}

func (c *inviteRevokeCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	return inCircle(ctx, cfg, c.Circle, func(s circle.Store, of circle.Circle) error {
		err := s.Revoke(ctx, circle.Act{At: time.Now()}, of.ID, c.ID)
		if errors.Is(err, circle.ErrNoInvite) {
			return say("The circle %q has no invite %.40q. See: %s", of.Settings.Title, c.ID, command(cfg, "invite list"))
		}
		if err != nil {
			return fmt.Errorf("the invite can't be ended: %w", err)
		}
		_, err = fmt.Fprintln(out, "It lets nobody in any more, and whoever came in by it leaves their seat within two seconds.")
		return err
	})
}

// inviteCmd makes one link. It writes to the database the server reads, so
// the link works at once.
type inviteCmd struct {
	Role   string   `required:"" enum:"facilitator,member,listener,moderator" help:"facilitator, member, listener or moderator."`
	Circle string   `placeholder:"NAME-OR-ID" help:"Which circle; not needed while there is only one."`
	Uses   int      `default:"-1" help:"How often it can be used; 0: any number of times. (any number for members and listeners; once for facilitators and moderators, unless on localhost)"`
	For    Duration `default:"0s" help:"How long it works, like 48h; 0: no end. (48h for facilitators and moderators, unless on localhost)"`
}

func (c *inviteCmd) run(ctx context.Context, cfg *Config, out io.Writer) error {
	return inCircle(ctx, cfg, c.Circle, func(s circle.Store, at circle.Circle) error {
		base := base(cfg)
		if err := mayRide(ctx, s, room.Role(c.Role), base); err != nil {
			return err
		}
		i := invitation(at.ID, room.Role(c.Role), base)
		if c.Uses >= 0 {
			i.Uses = c.Uses
		}
		now := time.Now()
		if c.For > 0 {
			i.Until = now.Add(time.Duration(c.For))
		}
		link, err := makeLink(ctx, s, base, i, now)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, link)
		return err
	})
}

// mayRide refuses a link that would not open: whoever keeps or moderates a
// circle signs in once people do, unless all of it is on one machine.
func mayRide(ctx context.Context, s circle.Store, role room.Role, base string) error {
	people, err := s.People(ctx)
	if err != nil {
		return fmt.Errorf("the people who run the house can't be read: %w", err)
	}
	if circle.RidesOnLink(role, len(people) > 0, onLocalhost(base)) {
		return nil
	}
	return say("Here people sign in, so a link alone doesn't make anybody a %s. Please use: hearth person invite --%s", role,
		map[room.Role]string{room.Facilitator: "circle NAME", room.Moderator: "moderator"}[role])
}

// openBeside opens the database that a server made, also while it runs.
func openBeside(ctx context.Context, cfg *Config) (*sqlstore.Durable, error) {
	if cfg.Database != "" {
		return connect(ctx, cfg)
	}
	if _, err := os.Stat(dbPath(cfg.Data)); err != nil {
		return nil, say("There is no circle in %s yet. Please start the server once with: %s", cfg.Data, command(cfg, ""))
	}
	db, err := openDB(ctx, cfg.Data)
	if err != nil {
		return nil, err
	}
	return db.Durable, nil
}

// base is the address links begin with: what was asked for, else where the
// server of this folder is, else where it would be.
func base(cfg *Config) string {
	if url := servedAt(cfg.Data); cfg.PublicURL == "" && url != "" {
		return url
	}
	return cfg.public(cfg.Listen)
}

// invitation is an invite with the usual limits. What facilitators and
// moderators may do doesn't ride on a link that can be used twice, except
// on the machine itself, where one tries things out.
func invitation(id circle.ID, role room.Role, base string) circle.Invite {
	i := circle.Invite{Circle: id, Role: role}
	if (role == room.Facilitator || role == room.Moderator) && !onLocalhost(base) {
		i.Uses, i.Until = 1, time.Now().Add(48*time.Hour)
	}
	return i
}

// makeLink keeps the invite and returns its link. The code stands behind #:
// browsers don't send that part to anybody.
func makeLink(ctx context.Context, s circle.Store, base string, i circle.Invite, now time.Time) (string, error) {
	code, err := s.AddInvite(ctx, circle.Act{At: now}, i)
	if err != nil {
		return "", fmt.Errorf("the invite can't be kept: %w", err)
	}
	return base + "/enter#" + code, nil
}

// inCircle does something with the circle of an id or title, beside the server.
func inCircle(ctx context.Context, cfg *Config, name string, do func(circle.Store, circle.Circle) error) error {
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	of, err := findCircle(ctx, db.Circles(), name)
	if err != nil {
		return err
	}
	return do(db.Circles(), of)
}

// findCircle returns the circle of an id or title; with neither, the only one.
// A title that several have names none of them.
func findCircle(ctx context.Context, s circle.Store, want string) (circle.Circle, error) {
	all, err := s.Circles(ctx)
	if err != nil {
		return circle.Circle{}, fmt.Errorf("the circles can't be read: %w", err)
	}
	names := make([]string, len(all))
	for i, c := range all {
		if string(c.ID) == want {
			return c, nil
		}
		names[i] = fmt.Sprintf("%q", c.Settings.Title)
	}
	found := called(all, want)
	switch {
	case len(all) == 0:
		return circle.Circle{}, say("There is no circle yet. Please make one: hearth circle TITLE")
	case want == "" && len(all) == 1:
		return all[0], nil
	case want == "":
		return circle.Circle{}, say("There are several circles. Please say which one, by title or id: %s.", strings.Join(names, ", "))
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return circle.Circle{}, say("There are %d circles called %q. Please give the id of one: hearth circle list shows them.", len(found), want)
	}
	return circle.Circle{}, say("There is no circle %q. There are: %s.", want, strings.Join(names, ", "))
}

// called are the circles of a title, however it is capitalised.
func called(all []circle.Circle, title string) (found []circle.Circle) {
	for _, c := range all {
		if strings.EqualFold(c.Settings.Title, title) {
			found = append(found, c)
		}
	}
	return found
}

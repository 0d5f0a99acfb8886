// Command hearth serves support circles with a talking stick. Everything is
// put together in build; nothing else in the program reaches for anything
// that it wasn't handed.
//
//	build   formats, lock, database (and Redis), evidence keys, listeners, hub, web
//	run     wake the rooms that were live, or join the other nodes; serve,
//	        beat and sweep
//	drain   not ready, hand keys over, tell everybody when to come back,
//	        close, end
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	_ "time/tzdata" // circles have time zones, and a small machine may have none

	"github.com/alecthomas/kong"

	"hearth/internal/redisstore"
)

// cli is the command line. Serve is what happens without a command.
type cli struct {
	Config

	Serve      serveCmd   `cmd:"" default:"1" help:"Serve circles (the default)."`
	Circle     circlesCmd `cmd:"" help:"Make, list, show and change circles, also while the server runs."`
	Invite     invitesCmd `cmd:"" help:"Make, list and end links into a circle, also while the server runs."`
	Person     personCmd  `cmd:"" help:"Invite, list and remove those who run the house, also while the server runs."`
	FormatsCmd formatsCmd `cmd:"" name:"formats" help:"List the formats that a circle can have, or check files of your own."`
	Audit      auditCmd   `cmd:"" help:"Look over or export what was done by those who run the house, also while the server runs."`
	ModKey     modKeyCmd  `cmd:"" name:"moderator-key" help:"Make the organisation's own key for reports, or read a report with it. Not on the server."`
	Report     reportCmd  `cmd:"" help:"Export what was reported, also while the server runs."`
	Retention  retainCmd  `cmd:"" help:"Clear out what has had its time of reports and bans, or say what that is; the server does it every hour."`
	Erase      eraseCmd   `cmd:"" help:"Destroy every text of a case, for somebody who asks for it. Facts and the audit stay."`
	Backup     backupCmd  `cmd:"" help:"Write circles, invites, people and questions into one file, also while the server runs."`
	Restore    restoreCmd `cmd:"" help:"Put a backup in the place of what is there, also while the server runs."`
	Check      checkCmd   `cmd:"" help:"Look everything over, also while the server runs: one line for each thing, exit 1 if one needs looking at."`
	ConfigCmd  configCmd  `cmd:"" name:"config" help:"Look at the settings."`
	RedisACL   struct{}   `cmd:"" name:"redis-acl" help:"Print the user that Redis should have for Hearth, for its aclfile."`
	Version    struct{}   `cmd:"" help:"Print the version."`
}

type configCmd struct {
	Print struct{} `cmd:"" help:"Print the settings as they are after flags, environment and file. Secrets are masked."`
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit code: 0,
// 1 when something could not be done, 2 when the command line makes no sense.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var c cli
	exit := -1
	parser := kong.Must(&c, kong.Name("hearth"),
		kong.Description("Support circles with a talking stick. `hearth` alone serves a demo circle on this machine."),
		kong.DefaultEnvars("HEARTH"), kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }),
		kong.WithBeforeResolve(readFile))
	cmd, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		return complain(errs, 2, err)
	}
	if err := c.Config.check(); err != nil {
		return complain(errs, 2, err)
	}
	if err := c.do(ctx, cmd.Command(), out, errs); err != nil {
		return complain(errs, 1, err)
	}
	return 0
}

// do is one command, as kong names it.
func (c *cli) do(ctx context.Context, command string, out, errs io.Writer) error {
	switch command {
	case "config print":
		return printConfig(out, &c.Config)
	case "redis-acl":
		_, err := fmt.Fprintln(out, redisstore.ACL("hearth"))
		return err
	case "version":
		_, err := fmt.Fprintln(out, "hearth", version())
		return err
	case "circle make <title>":
		return c.Circle.Make.run(ctx, &c.Config, out)
	case "circle list":
		return c.Circle.List.run(ctx, &c.Config, out)
	case "circle show", "circle show <name>":
		return c.Circle.Show.run(ctx, &c.Config, out)
	case "circle set", "circle set <name>":
		return c.Circle.Set.run(ctx, &c.Config, out)
	case "circle schedule", "circle schedule <name>":
		return c.Circle.Schedule.run(ctx, &c.Config, out)
	case "invite make":
		return c.Invite.Make.run(ctx, &c.Config, out)
	case "invite list":
		return c.Invite.List.run(ctx, &c.Config, out)
	case "invite revoke <id>":
		return c.Invite.Revoke.run(ctx, &c.Config, out)
	case "person invite", "person list", "person remove <name-or-id>":
		return c.Person.run(ctx, &c.Config, strings.Fields(command)[1], out)
	case "formats", "formats <file>":
		return c.FormatsCmd.run(&c.Config, out)
	case "audit verify", "audit export":
		return c.Audit.run(ctx, &c.Config, strings.Fields(command)[1], out)
	case "moderator-key make <file>":
		return c.ModKey.Make.run(out)
	case "moderator-key open <file>":
		return c.ModKey.Open.run(os.Stdin, out)
	case "report export <case>":
		return c.Report.Export.run(ctx, &c.Config, out)
	case "retention":
		return c.Retention.run(ctx, &c.Config, out)
	case "erase <case>":
		return c.Erase.run(ctx, &c.Config, out)
	case "backup <file>":
		return c.Backup.run(ctx, &c.Config, out)
	case "restore <file>":
		return c.Restore.run(ctx, &c.Config, out)
	case "check":
		return c.Check.run(ctx, &c.Config, out)
	default:
		return serve(ctx, &c.Config, out, errs)
	}
}

// say makes an error for the person at the terminal: whole sentences, what
// is the matter and what to do.
func say(format string, a ...any) error { return fmt.Errorf(format, a...) }

func complain(errs io.Writer, code int, err error) int {
	_, _ = fmt.Fprintln(errs, "hearth:", strings.ReplaceAll(err.Error(), "\n", " "))
	return code
}

func printConfig(out io.Writer, c *Config) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(c)
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "(devel)"
}

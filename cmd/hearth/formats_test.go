package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/room"
	"hearth/room/formats"
)

// nightShift is a format of an operator's own.
const nightShift = `name = "night-shift"
description = "For people who work at night."
opening = "Is the coffee on?"
rules = ["Nobody is tired of you here."]
[[stage]]
title = "The night"
kind = "round"
minutes = 30
[[stage]]
title = "Closing round"
kind = "round"
minutes = 10
closing = true
`

// folder writes files into a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFormatsAreListed(t *testing.T) {
	dir := folder(t, map[string]string{"night.toml": nightShift, "notes.txt": "mine"})
	code, out, errs := ask(t, "formats", "--formats", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 10 {
		t.Fatalf("exit %d, printed\n%s%s", code, out, errs)
	}
	for _, want := range []string{"night-shift      40 min  For people who work at night.", "peer-support     60 min  "} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) }) {
			t.Errorf("printed\n%swithout %q", out, want)
		}
	}
}

func TestFormatsAreChecked(t *testing.T) {
	dir := folder(t, map[string]string{"night.toml": nightShift, "bad.toml": nightShift + "minuts = 5\n"})
	night, bad := filepath.Join(dir, "night.toml"), filepath.Join(dir, "bad.toml")
	code, out, errs := ask(t, "formats", night)
	if code != 0 || out != "night.toml is fine: night-shift, 2 stages, 40 min.\n" || errs != "" {
		t.Errorf("exit %d, printed %q, said %q", code, out, errs)
	}
	code, out, errs = ask(t, "formats", bad, night, filepath.Join(dir, "none.toml"), dir)
	for _, want := range []string{
		"bad.toml, line 14: there is nothing called \"minuts\" here.", "night.toml is fine",
		"none.toml, line 1: the file can't be read: no such file or directory.", ", line 1: this is no file.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("printed\n%swithout %q", out, want)
		}
	}
	if code != 1 || errs != "hearth: 3 of 4 can't be used.\n" {
		t.Errorf("exit %d, said %q", code, errs)
	}
}

func TestFormatsThatKeepItFromStarting(t *testing.T) {
	bad := folder(t, map[string]string{"night.toml": nightShift, "bad.toml": nightShift + "minuts = 5\n", "worse.toml": ""})
	none := filepath.Join(bad, "none")
	for _, c := range []struct{ dir, say string }{
		{bad, "bad.toml, line 14: there is nothing called"},
		{bad, "worse.toml, line 1: the file is empty."},
		{bad, "A format in " + bad + " can't be used, so nothing was started or made"},
		{none, "The folder of formats, " + none + ", can't be read: no such file or directory. Please check --formats."},
	} {
		data := filepath.Join(t.TempDir(), "data")
		for _, args := range [][]string{
			{"--data", data, "--listen", "127.0.0.1:0", "--admin-listen=", "--formats", c.dir},
			{"circle", "Night", "--data", data, "--formats", c.dir},
		} {
			if say := refused(t, args...); !strings.Contains(say, c.say) {
				t.Errorf("%v: said %q, want %q", args, say, c.say)
			}
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: it made a folder for data", c.dir)
		}
	}
}

func TestFormatOfACircle(t *testing.T) {
	own, err := formats.Parse("night.toml", []byte(nightShift))
	if err != nil {
		t.Fatal(err)
	}
	usual, err := formats.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all := formats.Add(usual, []formats.Format{own})
	peer, _ := formats.Named(all, "peer-support")
	for _, c := range []struct {
		cmd    circleCmd
		stages int
		prompt string
		rules  []string
	}{
		{circleCmd{}, len(peer.Agenda), peer.Opening, peer.Rules},
		{circleCmd{Prompt: "How?"}, 0, "How?", peer.Rules},
		{circleCmd{Format: "night-shift"}, 2, "Is the coffee on?", own.Rules},
		{circleCmd{Format: "night-shift", Prompt: " How? ", Rule: []string{"One."}}, 2, "How?", []string{"One."}},
	} {
		c.cmd.Title = "Night"
		made, err := c.cmd.circle(all)
		if err != nil || len(made.Settings.Agenda) != c.stages || made.Settings.Prompt != c.prompt || !slices.Equal(made.Rules, c.rules) {
			t.Errorf("%+v made %+v, %v", c.cmd, made, err)
		}
	}
	if _, err := (&circleCmd{Title: "Night", Format: "nihgt"}).circle(all); err == nil || !strings.Contains(err.Error(), `There is no format "nihgt". There are: council,`) {
		t.Errorf("said %v", err)
	}
}

func TestFormatsGracesAndTheOperators(t *testing.T) {
	set := room.DefaultSettings()
	set.OfferWindow, set.Grace = 2*time.Minute, 45*time.Second
	chosen := Duration(20 * time.Second)
	c := Config{MaxSeats: 12, Grace: &chosen}
	if got := c.settings(set); got.OfferWindow != 2*time.Minute || got.Grace != 20*time.Second || got.KeeperGrace != set.KeeperGrace || got.MaxSeats != 12 {
		t.Errorf("a flag that is given wins, one that isn't leaves the format's: %+v", got)
	}
}

func TestFormatOfTheDemoCircle(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	keeper, _ := circleOf(t, p)
	usual, err := formats.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	peer, _ := formats.Named(usual, usualFormat)
	if keeper.room.Prompt != peer.Opening {
		t.Errorf("before it begins there stands %q", keeper.room.Prompt)
	}
	keeper.do("next", `{"turn":%d}`, keeper.room.Stick.Turn)
	keeper.sees("the arrival", func() bool { return keeper.room.Floor == room.Open && keeper.room.Prompt == peer.Agenda[0].Prompt })
	if keeper.room.Then != peer.Agenda[1].Title {
		t.Errorf("after the arrival comes %q", keeper.room.Then)
	}
}

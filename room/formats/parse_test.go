package formats

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
	"unicode/utf8"

	"hearth/room"
)

// night is a small format, for tests to spoil line by line.
const night = `name = "night-shift"
description = "For people who work at night."
rules = ["What is said here stays here."]

[graces]
grace = "45s"

[[stage]]
title = "Arrival"
kind = "open"
minutes = 5

[[stage]]
title = "The night"
kind = "round"
order = "ring"
minutes = 20
turn = "4m"

[[stage]]
title = "Closing round"
kind = "round"
closing = true
`

// with returns night with one line exchanged, by its number.
func with(line int, text string) string {
	lines := strings.Split(night, "\n")
	lines[line-1] = text
	return strings.Join(lines, "\n")
}

func TestFormatParsed(t *testing.T) {
	for what, text := range map[string]string{
		"as it is": night, "from Windows": "\ufeff" + strings.ReplaceAll(night, "\n", "\r\n"),
	} {
		f, err := Parse("night.toml", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		want := []room.Stage{
			{ID: 1, Kind: room.KindOpen, Title: "Arrival", Time: 5 * time.Minute},
			{ID: 2, Kind: room.KindRound, Title: "The night", Time: 20 * time.Minute, Order: room.OrderRing, Turn: 4 * time.Minute, Rounds: 1},
			{ID: 3, Kind: room.KindRound, Title: "Closing round", Order: room.OrderRing, Rounds: 1, Closing: true},
		}
		if fmt.Sprint(f.Agenda) != fmt.Sprint(want) || f.Graces.Grace != 45*time.Second || f.Rules[0] != "What is said here stays here." || f.Time() != 25*time.Minute {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

func TestFormatWordsForNoLimit(t *testing.T) {
	f, err := Parse("night.toml", []byte(strings.Replace(with(18, "turn = \"as it comes\"\nrounds = \"until time\""), `"ring"`, `"least"`, 1)))
	if err != nil || f.Agenda[1].Turn != 0 || f.Agenda[1].Rounds != 0 || f.Agenda[1].Order != room.OrderLeast {
		t.Errorf("%+v, %v", f.Agenda, err)
	}
	f, err = Parse("night.toml", []byte(with(11, `minutes = "as it comes"`+"\nprompt = \"\"\"\nHow was\r\n  the   night?\n\"\"\"")))
	if err != nil || f.Agenda[0].Time != 0 || f.Agenda[0].Prompt != "How was the night?" {
		t.Errorf("%+v, %v", f.Agenda, err)
	}
}

// bad are files that are refused: the line, and how the reason begins.
var bad = []struct {
	what, text string
	line       int
	why        string
}{
	{"empty", "", 1, "the file is empty"},
	{"blank", " \n\n", 1, "the file is empty"},
	{"only a remark", "# later\n", 1, "the line with the name is missing"},
	{"too long", night + strings.Repeat("# and so on\n", 6000), 1, "the file is too long: 64 KiB"},
	{"not UTF-8", with(2, "description = \"caf\xe9\""), 2, "there is a sign that can't be read"},
	{"UTF-16", "\xff\xfen\x00a\x00", 1, "there is a sign that can't be read"},
	{"no =", with(9, `title "Arrival"`), 9, "this line can't be read"},
	{"no quotes", with(9, `title = Arrival`), 9, "this line can't be read"},
	{"a quote left open", with(9, `title = "Arrival`), 9, "this line can't be read"},
	{"a list left open", with(3, `rules = ["One."`), 5, "this line can't be read"},
	{"a NUL", with(9, "title = \"Arr\x00ival\""), 9, "this line can't be read"},
	{"a control character", with(9, `title = "Arr\u0007ival"`), 9, "title: there is a sign in it that can't be shown (U+0007)"},
	{"a turned line", with(9, `title = "Arr`+"\u202e"+`ival"`), 9, "title: there is a sign in it that can't be shown (U+202E)"},
	{"unknown at the top", with(2, `descripton = "…"`), 2, `there is nothing called "descripton" here. There are: description, goodbye, name, opening, resources, rules.`},
	{"unknown in a stage", with(11, "minuts = 5"), 11, `there is nothing called "minuts" here. There are: closing, cue,`},
	{"unknown in the graces", with(6, `speaker = "45s"`), 6, `there is nothing called "speaker" here. There are: close-notice, deputy-wait, grace, keeper-grace, moderator-wait, offer-window.`},
	{"a long unknown", with(6, strings.Repeat("x", 500)+" = 1"), 6, "there is nothing called that here"},
	{"an unknown part", with(5, "[grace]"), 5, `there is no part called "grace"`},
	{"dots", with(6, `a.b = 1`), 6, "a name has no dots"},
	{"rules too far down", with(11, `rules = ["One."]`), 11, `"rules" belongs to the top of the file`},
	{"minutes too far up", with(4, `minutes = 5`), 4, `"minutes" belongs to a stage`},
	{"a grace at the top", with(4, `grace = "30s"`), 4, `"grace" belongs below [graces]`},
	{"one bracket", with(8, "[stage]"), 8, "a stage begins with two brackets"},
	{"two brackets", with(5, "[[graces]]"), 5, "the graces begin with one bracket"},
	{"graces twice", with(7, "[graces]"), 7, "the graces are in line 5 already"},
	{"a key twice", with(11, `title = "Arrival"`), 11, `"title" is in line 9 already`},
	{"no name", with(1, ""), 1, "the line with the name is missing"},
	{"no description", with(2, ""), 1, "the line with the description is missing"},
	{"no rules", with(3, ""), 1, "the line with the rules is missing"},
	{"a name in capitals", with(1, `name = "Night shift"`), 1, "name: a name has small letters"},
	{"a name that leads elsewhere", with(1, `name = "../etc"`), 1, "name: a name has small letters"},
	{"a long name", with(1, `name = "`+strings.Repeat("n", 41)+`"`), 1, "name: this is too long"},
	{"a long description", with(2, `description = "`+strings.Repeat("n", 201)+`"`), 2, "description: this is too long: 201 bytes, and 200 is the most"},
	{"an empty description", with(2, `description = " "`), 2, "description: this is empty"},
	{"a number for a text", with(2, `description = 3`), 2, "description: this is a text, and stands in quotes"},
	{"a text for a list", with(3, `rules = "One."`), 3, "rules: this is a list"},
	{"an empty list", with(3, `rules = []`), 3, "rules: the list is empty"},
	{"a number in a list", with(3, "rules = [\n\"One.\",\n2]"), 5, "rules: this is a text"},
	{"a list in a list", with(3, `rules = [["One."]]`), 3, "rules: this is a text"},
	{"a long rule", with(3, "rules = [\n\"One.\",\n\""+strings.Repeat("n", 201)+"\"]"), 5, "rules: this is too long"},
	{"many rules", with(3, "rules = ["+strings.Repeat("\n\"One.\",", 21)+"]"), 24, "rules: there are more than 20"},
	{"a grace of nothing", with(6, `grace = "0s"`), 6, "grace: this is a time from 10s to 15m"},
	{"a grace of a day", with(6, `grace = "24h"`), 6, "grace: this is a time from 10s to 15m"},
	{"a grace without unit", with(6, `grace = 45`), 6, "grace: this is a time from 10s to 15m"},
	{"no time", with(11, "minutes = 0"), 11, "minutes: this is a whole number from 1 to 240, without quotes, or \"as it comes\""},
	{"negative", with(11, "minutes = -5"), 11, "minutes: this is a whole number from 1"},
	{"absurd", with(11, "minutes = 100000"), 11, "minutes: this is a whole number from 1"},
	{"beyond numbers", with(11, "minutes = 99999999999999999999"), 11, "minutes: this is a whole number from 1"},
	{"half a minute", with(11, "minutes = 0.5"), 11, "minutes: this is a whole number"},
	{"minutes in quotes", with(11, `minutes = "5"`), 11, "minutes: this is a whole number"},
	{"a negative turn", with(18, `turn = "-4m"`), 18, "turn: this is a time from 30s to 1h, in quotes"},
	{"a tiny turn", with(18, `turn = "5s"`), 18, "turn: this is a time from 30s to 1h"},
	{"a turn between seconds", with(18, `turn = "30.5s"`), 18, "turn: this is a time from 30s to 1h"},
	{"rounds that never are", with(18, "rounds = 0"), 18, "rounds: this is a whole number from 1 to 9, without quotes, or \"until time\""},
	{"yes in quotes", with(23, `closing = "true"`), 23, "closing: this is true or false"},
	{"no such kind", with(10, `kind = "popcorn"`), 10, "kind: must be round, open, quiet or lead"},
	{"no such order", with(16, `order = "clockwise"`), 16, "order: must be ring, reversed"},
	{"no kind", with(10, ""), 8, "this stage has no kind"},
	{"no title", with(9, ""), 8, "this stage has no title"},
	{"a turn in the open", with(11, `turn = "4m"`), 11, "kind: order, turn, split"},
	{"pictures in the open", with(11, "images = true"), 11, "kind: order, turn, split"},
	{"quiet without end", strings.Replace(with(10, `kind = "quiet"`), "minutes = 5\n", "", 1), 8, "minutes: quiet needs a time"},
	{"split and a turn", with(19, "split = true"), 19, "split: an equal split needs the time of the stage"},
	{"hard without a time", with(18, "hard = true"), 18, "hard: needs the time of a turn"},
	{"until a time that isn't", with(17, `rounds = "until time"`), 17, "rounds: until the time has come needs a time"},
	{"a closing of two rounds", night + "rounds = 2\n", 23, "closing: is one round"},
	{"a closing by hand", night + "order = \"hands\"\nrounds = 1\n", 23, "closing: is one round"},
	{"no closing", with(23, ""), 20, "this is the last stage, and none was the closing round"},
	{"two closings", with(19, "closing = true"), 23, "there are two closing rounds; the other is in line 19"},
	{"no stage", strings.SplitN(night, "[[stage]]", 2)[0], 1, "there is no stage"},
	{"many stages", night + strings.Repeat("[[stage]]\ntitle = \"More\"\nkind = \"open\"\n", room.MaxStages-2), 24 + 3*(room.MaxStages-3), fmt.Sprintf("there are more than %d stages", room.MaxStages)},
	{"many words", night + strings.Repeat("[[stage]]\ntitle = \"More\"\nkind = \"open\"\ncue = \""+strings.Repeat("n", room.MaxCue)+"\"\n", 7), 24 + 4*6, "with this stage the titles, prompts and cues have 2857 bytes together"},
	{"a gathering of days", night + strings.Repeat("[[stage]]\ntitle = \"More\"\nkind = \"open\"\nminutes = 240\n", 3), 24 + 4*2 + 3, "up to here the stages take longer than 12h"},
}

func TestFormatRefused(t *testing.T) {
	for _, b := range bad {
		_, err := Parse("night.toml", []byte(b.text))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", b.what, err)
			continue
		}
		if e.Line != b.line || !strings.HasPrefix(e.Why, b.why) {
			t.Errorf("%s: said\n  %v\nwant\n  night.toml, line %d: %s…", b.what, e, b.line, b.why)
		}
		sound(t, e, []byte(b.text))
	}
}

// sound is what every refusal is: one short line with a place in the file.
func sound(t *testing.T, e *Error, text []byte) {
	t.Helper()
	lines := 1 + strings.Count(string(text), "\n")
	odd := strings.ContainsFunc(e.Why, func(r rune) bool { return unicode.IsControl(r) })
	if e.File != "night.toml" || e.Line < 1 || e.Line > lines || odd || !utf8.ValidString(e.Why) || !strings.HasSuffix(e.Why, ".") || len(e.Why) > 400 {
		t.Errorf("of a file of %d lines it is said: %q", lines, e.Error())
	}
}

func TestFormatsOfAFolder(t *testing.T) {
	own := strings.Replace(night, "night-shift", "peer-support", 1)
	dir := fstest.MapFS{
		"night.toml": {Data: []byte(night)}, "mine.toml": {Data: []byte(own)},
		"README.md": {Data: []byte("not a format")}, ".keep": {}, "old/older.toml": {Data: []byte("broken")},
	}
	got, err := Load(dir)
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	usual, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all := Add(usual, got)
	mine, _ := Named(all, "peer-support")
	if _, there := Named(all, "night-shift"); !there || len(all) != len(usual)+1 || mine.Description != "For people who work at night." {
		t.Errorf("%d formats of %d and %d; peer support is %q", len(all), len(usual), len(got), mine.Description)
	}
	if f, _ := Named(usual, "peer-support"); f.Description == mine.Description {
		t.Error("what came with the program was changed in place")
	}
}

func TestFormatsOfAFolderRefused(t *testing.T) {
	dir := fstest.MapFS{
		"a.toml": {Data: []byte(night)}, "b.toml": {Data: []byte(with(10, `kind = "popcorn"`))}, "c.toml": {Data: []byte(night)},
		"d.toml/x": {}, "e.toml": {Data: []byte(night + strings.Repeat("# and so on\n", 6000))},
	}
	got, err := Load(dir)
	if err == nil || got != nil {
		t.Fatalf("%v, %v", got, err)
	}
	want := []string{
		"b.toml, line 10: kind: must be round, open, quiet or lead.",
		`c.toml, line 1: a.toml is called "night-shift" already. Please choose another name.`,
		"d.toml, line 1: this is no file.",
		"e.toml, line 1: the file is too long: 64 KiB is the most.",
	}
	if said := strings.Split(err.Error(), "\n"); fmt.Sprint(said) != fmt.Sprint(want) {
		t.Errorf("said\n  %s\nwant\n  %s", strings.Join(said, "\n  "), strings.Join(want, "\n  "))
	}
	if _, err := Load(fstest.MapFS{}); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range bad {
		f.Add([]byte(b.text))
	}
	f.Add([]byte(night))
	for _, text := range texts(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Parse("night.toml", text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v names no line", err)
			}
			sound(t, e, text)
			return
		}
		set := got.Settings(room.DefaultSettings())
		if err := errors.Join(set.Check(), room.CheckAgenda(got.Agenda)); err != nil {
			t.Fatalf("%v, of %q", err, text)
		}
		if closing(got) < 0 || got.Name == "" || len(got.Rules) == 0 || got.Time() > set.MaxLife {
			t.Fatalf("%+v, of %q", got, text)
		}
		all := fmt.Sprint(got.Name, got.Description, got.Opening, got.Goodbye, got.Resources, got.Rules, got.Agenda)
		if !utf8.ValidString(all) || strings.ContainsFunc(all, unicode.IsControl) {
			t.Fatalf("%q, of %q", all, text)
		}
	})
}

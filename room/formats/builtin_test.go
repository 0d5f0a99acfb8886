package formats

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

func builtin(t *testing.T) map[string]Format {
	t.Helper()
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]Format{}
	for _, f := range all {
		m[f.Name] = f
	}
	return m
}

func TestFormatsThatAreThere(t *testing.T) {
	want := []string{"council", "creative", "goals", "open-floor", "peer-support", "recovery", "sharing-circle", "skills-workshop", "step-meeting"}
	if got := slices.Sorted(maps.Keys(builtin(t))); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

// closing is the place of the closing round.
func closing(f Format) int {
	return slices.IndexFunc(f.Agenda, func(g room.Stage) bool { return g.Closing })
}

func TestFormatsAreWholeCircles(t *testing.T) {
	for name, f := range builtin(t) {
		last := closing(f)
		if last < 0 {
			t.Errorf("%s has no closing round", name)
			continue
		}
		if f.Opening == "" || f.Goodbye == "" || len(f.Rules) < 5 || strings.Count(f.Description, ".") != 1 {
			t.Errorf("%s: opening %q, goodbye %q, %d rules, description %q", name, f.Opening, f.Goodbye, len(f.Rules), f.Description)
		}
		if name != "step-meeting" && (f.Agenda[0].Kind != room.KindOpen || f.Agenda[0].Time == 0) {
			t.Errorf("%s doesn't begin with an arrival", name)
		}
		if end := f.Agenda[len(f.Agenda)-1]; name != "council" && (end.Kind != room.KindOpen || end.Closing) {
			t.Errorf("%s doesn't end with a talk afterwards", name)
		}
		for i, g := range f.Agenda {
			if i <= last && g.Time == 0 {
				t.Errorf("%s keeps no time: %q has no minutes", name, g.Title)
			}
			if g.Cue == "" || g.Prompt == "" || len([]rune(g.Title)) > 30 {
				t.Errorf("%s: %q: cue %q, prompt %q, title at most 30 characters", name, g.Title, g.Cue, g.Prompt)
			}
		}
		if !strings.Contains(f.Agenda[last].Prompt, "you take with you") {
			t.Errorf("%s: the closing round asks %q", name, f.Agenda[last].Prompt)
		}
	}
}

// minutes are the agendas in use, as practice has them, stage by stage. A
// reading and the closing round share the last five of a step meeting.
var minutes = map[string][]int{
	"peer-support":    {5, 3, 25, 15, 10, 2},
	"sharing-circle":  {5, 10, 5, 40, 15},
	"skills-workshop": {5, 10, 15, 20, 15, 10},
	"creative":        {5, 5, 20, 35, 10},
	"step-meeting":    {5, 10, 35, 5, 4, 1},
}

func TestFormatsTakeTheTimeTheyTakeInPractice(t *testing.T) {
	sums := map[string]time.Duration{"peer-support": 60, "sharing-circle": 75, "skills-workshop": 75, "creative": 75, "step-meeting": 60, "recovery": 90}
	for name, f := range builtin(t) {
		for i, want := range minutes[name] {
			if g := f.Agenda[i]; g.Time != time.Duration(want)*time.Minute {
				t.Errorf("%s: %q takes %v, in practice %d minutes", name, g.Title, g.Time, want)
			}
		}
		if want, known := sums[name]; known && f.Time() != want*time.Minute {
			t.Errorf("%s takes %v, in practice %d minutes", name, f.Time(), want)
		}
	}
}

// stage returns a stage by its title.
func (f Format) stage(t *testing.T, title string) room.Stage {
	t.Helper()
	i := slices.IndexFunc(f.Agenda, func(g room.Stage) bool { return g.Title == title })
	if i < 0 {
		t.Fatalf("%s has no stage %q", f.Name, title)
	}
	return f.Agenda[i]
}

func TestFormatsGoAsInPractice(t *testing.T) {
	all := builtin(t)
	shares := all["sharing-circle"].stage(t, "Shares")
	if !shares.Split || !shares.Hard || shares.Order != room.OrderRandom || shares.Turn != 0 {
		t.Errorf("sharing circle: equal parts in an order drawn and told, not %+v", shares)
	}
	step := all["step-meeting"].stage(t, "Shares")
	if step.Kind != room.KindRound || step.Order != room.OrderHands || step.Turn != 4*time.Minute || step.Rounds != 0 {
		t.Errorf("step meeting: raised hands, four minutes each, not %+v", step)
	}
	for _, g := range all["step-meeting"].Agenda[:len(all["step-meeting"].Agenda)-1] {
		if g.Kind == room.KindOpen {
			t.Errorf("step meeting: %q is an open floor, and there is no cross-talk", g.Title)
		}
	}
	if g := all["council"].stage(t, "Council round"); g.Order != room.OrderRing || g.Turn != 0 {
		t.Errorf("council: round the ring, as it comes, not %+v", g)
	}
	if g := all["council"].stage(t, "Threads"); g.Order != room.OrderNominate {
		t.Errorf("council: each names the next, not %+v", g)
	}
	if g := all["skills-workshop"].stage(t, "Practice"); g.Kind != room.KindQuiet || g.Time != 15*time.Minute {
		t.Errorf("skills workshop: quiet, with a bell, not %+v", g)
	}
	if g := all["creative"].stage(t, "Showing"); !g.Images || g.Kind != room.KindRound {
		t.Errorf("creative: a round with pictures, not %+v", g)
	}
	if g := all["open-floor"].stage(t, "Raised hands"); g.Order != room.OrderLeast {
		t.Errorf("open floor: who has spoken least first, not %+v", g)
	}
}

// unkind are words that put blame on somebody, or come from an office, in
// English and Spanish.
var unkind = regexp.MustCompile(`(?i)\b(infring|incumpl|culp|fracas|castig|vergüenza|perezos|excusa|adict|víctima|expuls|quej|desobed|prohib|debes?\b|reca[ií]|usuari)|violat|flagg|terminat|\bfault|\bblam|\bfail|punish|sham(e|ing)|\blaz|excuse|addict|suffer|victim|\bban(s|ned)?\b|complain|disobey|forbid|comply|\bmust\b|relaps|\buser`)

func TestFormatsAreKind(t *testing.T) {
	for _, said := range []string{"You must not fail.", "Es tu culpa.", "No debes hablar."} {
		if !unkind.MatchString(said) {
			t.Errorf("%q is not seen", said)
		}
	}
	for name, text := range texts(t) {
		if w := unkind.Find(text); w != nil {
			t.Errorf("%s says %q", name, w)
		}
	}
}

// texts are the files of all built-in formats, in every language.
func texts(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[name], err = files.ReadFile(name)
		}
		return err
	})
	if err != nil || all["council.toml"] == nil || all["es/council.toml"] == nil {
		t.Fatal(len(all), err)
	}
	return all
}

func TestFormatsSettings(t *testing.T) {
	base := room.DefaultSettings()
	base.Title = "Thursday carers"
	for name, f := range builtin(t) {
		set := f.Settings(base)
		if err := set.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if set.Title != base.Title || set.Prompt != f.Opening || len(set.Agenda) != len(f.Agenda) || set.Goodbye != f.Goodbye || !slices.Equal(set.Resources, f.Resources) {
			t.Errorf("%s became %+v", name, set)
		}
		set.Agenda[0].Title = "tonight's"
		if f.Agenda[0].Title == "tonight's" {
			t.Errorf("%s: what is changed tonight changes the format", name)
		}
		// A room's stored state has 32 KiB with thirty seats.
		if b, err := json.Marshal(set.Agenda); err != nil || len(b) > 6<<10 {
			t.Errorf("%s: the agenda takes %d bytes, %v", name, len(b), err)
		}
	}
	council := builtin(t)["council"].Settings(base)
	if council.OfferWindow != 2*time.Minute || council.Grace != base.Grace || council.KeeperGrace != base.KeeperGrace {
		t.Errorf("council waits %v, %v and %v", council.OfferWindow, council.Grace, council.KeeperGrace)
	}
}

// example is the file that a person finds in the README.
var example = regexp.MustCompile("(?s)```toml\n(.*?)```")

func TestFormatOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := example.FindSubmatch(text)
	if found == nil {
		t.Fatal("the README shows no format")
	}
	if f, err := Parse("README.md", found[1]); err != nil || f.Name != "night-shift" {
		t.Errorf("%q, %v", f.Name, err)
	}
}

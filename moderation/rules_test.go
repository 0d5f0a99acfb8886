package moderation

import (
	"errors"

	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every cell of the table stands in testdata, so that a change of it is seen.
func TestCapabilityTable(t *testing.T) {
	var b strings.Builder
	for _, c := range Capabilities() {
		fmt.Fprintf(&b, "%s:", c)
		for _, as := range []Standing{Away, Moderator, Claimer, Decider} {
			if May(c, as) {
				fmt.Fprintf(&b, " [%s]", as)
			}
		}
		b.WriteString("\n")
		if May(c, Away) || May(c, "") || May(c+"x", Claimer) {
			t.Errorf("%s is allowed to whoever is kept away, nobody, or under another name", c)
		}
	}
	path := filepath.Join("testdata", "capabilities.txt")
	if *rewrite {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != b.String() {
		t.Errorf("the table is not that of %s (go test ./moderation -rewrite): %v\n%s", path, err, b.String())
	}
}

// How soon each kind is looked at, and that none is there twice.
func TestHowSoon(t *testing.T) {
	want := map[Category]time.Duration{
		ThreatToOthers: time.Minute, ChildSafety: time.Minute, EncouragingHarm: time.Minute,
		Methods: 5 * time.Minute, Outing: 5 * time.Minute, Sexual: 5 * time.Minute, FacilitatorUnsafe: 5 * time.Minute, Illegal: 5 * time.Minute,
		Harassment: 30 * time.Minute, Selling: 30 * time.Minute, TurnTaking: 48 * time.Hour, Other: 48 * time.Hour,
	}
	if len(Sorts) != len(want) {
		t.Errorf("%d categories, want %d", len(Sorts), len(want))
	}
	for c, within := range want {
		if got := (Report{Kind: Conduct, Category: c}).Priority().Within(); got != within {
			t.Errorf("%s within %v, want %v", c, got, within)
		}
	}
	if !slices.IsSortedFunc(Sorts, func(a, b Sort) int { return int(a.Priority - b.Priority) }) {
		t.Error("the categories are not shown gravest first")
	}
	if p := (Report{Kind: Care, Category: Other}).Priority(); p != P0 {
		t.Errorf("care has priority %d", p)
	}
}

func TestDecisionsAreChecked(t *testing.T) {
	conduct := Case{Kind: Conduct, Subject: "sam"}
	fine := func(a Action) Decision {
		d := Decision{By: "kim", Action: a, Rule: string(Harassment), Facts: "You put somebody down."}
		switch a {
		case MuteAction:
			d.Minutes = 10
		case Ban:
			d.Scope, d.Until = OfCircle, noon.Add(24*time.Hour)
		}
		return d
	}
	for _, a := range Actions {
		if err := fine(a).Check(conduct, noon); err != nil {
			t.Errorf("%s: %v", a, err)
		}
		if err := fine(a).Check(Case{Kind: Care, Subject: "sam"}, noon); a != NoAction && !errors.Is(err, ErrAction) {
			t.Errorf("%s in a case of care: %v", a, err)
		}
		if err := fine(a).Check(Case{Kind: Conduct}, noon); a.Concerns() != errors.Is(err, ErrAction) {
			t.Errorf("%s about nobody: %v", a, err)
		}
	}
	for name, c := range map[string]struct {
		change func(*Decision)
		want   error
	}{
		"no such action":          {func(d *Decision) { d.Action = "punish" }, ErrAction},
		"no rule":                 {func(d *Decision) { d.Rule = "" }, ErrRule},
		"something else is none":  {func(d *Decision) { d.Rule = string(Other) }, ErrRule},
		"the ground rules are":    {func(d *Decision) { d.Rule = RuleGround }, nil},
		"no sentence":             {func(d *Decision) { d.Facts = "" }, ErrFacts},
		"a long sentence":         {func(d *Decision) { d.Facts = strings.Repeat("ä", MaxFacts+1) }, ErrFacts},
		"as long as it may be":    {func(d *Decision) { d.Facts = strings.Repeat("ä", MaxFacts) }, nil},
		"a long note":             {func(d *Decision) { d.Public = strings.Repeat("ä", MaxPublic+1) }, ErrFacts},
		"no minutes":              {func(d *Decision) { d.Action = MuteAction }, ErrMinutes},
		"too many minutes":        {func(d *Decision) { d.Action, d.Minutes = MuteAction, 61 }, ErrMinutes},
		"no scope":                {func(d *Decision) { d.Scope = "" }, ErrAction},
		"no end, nobody else":     {func(d *Decision) { d.Until = time.Time{} }, ErrEnd},
		"no end, agreed by one":   {func(d *Decision) { d.Until, d.Second = time.Time{}, "kim" }, ErrEnd},
		"no end, two agree":       {func(d *Decision) { d.Until, d.Second = time.Time{}, "lou" }, nil},
		"an end that has been":    {func(d *Decision) { d.Until = noon }, ErrEnd},
		"an end that never comes": {func(d *Decision) { d.Until = noon.Add(MaxBan + time.Hour) }, ErrEnd},
	} {
		d := fine(Ban)
		c.change(&d)
		if err := d.Check(conduct, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What somebody is told says all that Art. 17 of the DSA asks for.
func TestAStatementSaysWhy(t *testing.T) {
	d := Decision{ID: "d", At: noon, Action: Ban, Scope: OfHouse, Until: noon.Add(time.Hour), Rule: "selling", Facts: "You sold oils.", Public: "not for them", Appeal: "code"}
	want := Statement{ID: "d", Action: "ban", Scope: "server", From: noon.UnixMilli(), Until: noon.Add(time.Hour).UnixMilli(), Rule: "selling", Facts: "You sold oils.",
		Appeal: "code", AppealUntil: noon.Add(183 * 24 * time.Hour).UnixMilli()}
	if got := d.Statement(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	d.Until = time.Time{}
	if got := d.Statement().Until; got != 0 {
		t.Errorf("no end is %d", got)
	}
}

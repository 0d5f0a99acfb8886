package web

import (
	"os"
	"strings"
	"testing"
	"time"
)

func builtIn(t *testing.T) *Crisis {
	t.Helper()
	c, err := BuiltInCrisis()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Whoever chooses a country is shown its numbers, three at most, and the
// European ones where they hold.
func TestCrisisFor(t *testing.T) {
	c := builtIn(t)
	for country, want := range map[string]string{
		"US": "988 741741 18006624357",
		"GB": "116123 85258 999",
		"IE": "116123 112",
		"EU": "112 116123",
		"DE": "112 116123",
		"JP": "", "": "", "us": "", "XX": "",
	} {
		var got []string
		for _, s := range c.For(country) {
			got = append(got, s.Digits())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("For(%q) = %q, want %q", country, got, want)
		}
		if len(got) > AtOnce {
			t.Errorf("For(%q) shows %d at once", country, len(got))
		}
	}
}

func TestCrisisChoice(t *testing.T) {
	c := builtIn(t)
	for country, want := range map[string]string{"US": "US", "IE": "IE", "FR": "EU", "EU": "EU", "JP": "", "": ""} {
		if got := c.Choice(country); got != want {
			t.Errorf("Choice(%q) = %q, want %q", country, got, want)
		}
	}
	var names []string
	for _, o := range c.Countries() {
		names = append(names, o.Code+" "+o.Name)
	}
	want := "IE Ireland, GB United Kingdom, US United States, EU Elsewhere in the European Union"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("Countries() = %s, want %s", got, want)
	}
}

// A number nobody has looked at for six months is told of, and so is a date
// that can't be.
func TestCrisisStale(t *testing.T) {
	c := builtIn(t)
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for now, want := range map[string]int{
		"2026-11-22": 0,
		"2027-05-01": 0,
		"2027-05-02": len(c.all) - 2, // two were looked at three weeks later
		"2027-05-23": len(c.all),
		"2026-10-01": len(c.all), // checked a month from now
	} {
		if got := len(c.Stale(day(now))); got != want {
			t.Errorf("on %s %d are stale, want %d", now, got, want)
		}
	}
}

const goodPost = `{"name": "Line", "region": "US", "languages": ["en"], "channels": ["call"], "number": "988",
 "hours": "day and night", "for": "anything", "owner": "Line", "checked": "2026-11-01", "source": "https://example.org/"}`

// What is not exactly right is refused with the line and the reason.
func TestCrisisBadFiles(t *testing.T) {
	with := func(old, new string) string {
		if !strings.Contains(goodPost, old) {
			t.Fatalf("%q is not in the good entry", old)
		}
		return "[\n" + strings.Replace(goodPost, old, new, 1) + "\n]"
	}
	for name, c := range map[string]struct{ file, line, reason string }{
		"empty":              {"", "line 1", "a list"},
		"an object":          {goodPost, "line 1", "a list"},
		"no entry":           {"[]", "line 1", "no signpost"},
		"cut off":            {"[\n" + goodPost, "line 3", "doesn't end"},
		"cut off in it":      {"[\n" + goodPost[:200], "line 2", "unexpected"},
		"trailing":           {"[" + goodPost + "]\n[]", "line 3", "follows"},
		"not JSON":           {"[\n" + goodPost + ",\n\n{name}]", "line 5", "invalid"},
		"a string":           {"[\"988\"]", "line 1", "cannot unmarshal"},
		"null":               {"[\nnull]", "line 2", "name is missing"},
		"unknown field":      {with(`"hours"`, `"hour"`), "line 2", `unknown field "hour"`},
		"wrong type":         {with(`"988"`, `988`), "line 2", "cannot unmarshal"},
		"second entry":       {"[\n" + goodPost + ",\n" + strings.Replace(goodPost, "2026-11-01", "soon", 1) + "]", "line 4", "date"},
		"no name":            {with(`"Line"`, `" "`), "line 2", "name is missing"},
		"no source":          {with(`"https://example.org/"`, `""`), "line 2", "source is missing"},
		"source not secure":  {with(`https://`, `http://`), "line 2", "https"},
		"source with user":   {with(`https://`, `https://a@`), "line 2", "https"},
		"no date":            {with(`"2026-11-01"`, `""`), "line 2", "checked is missing"},
		"bad date":           {with(`2026-11-01`, `2026-11-31`), "line 2", "2026-11-31"},
		"date other way":     {with(`2026-11-01`, `01.11.2026`), "line 2", "date"},
		"no such country":    {with(`"US"`, `"XQ"`), "line 2", "region"},
		"country in words":   {with(`"US"`, `"America"`), "line 2", "region"},
		"country small":      {with(`"US"`, `"us"`), "line 2", "region"},
		"no language":        {with(`["en"]`, `[]`), "line 2", "languages is missing"},
		"bad language":       {with(`["en"]`, `["english!"]`), "line 2", "language"},
		"no channel":         {with(`["call"]`, `[]`), "line 2", "channels is missing"},
		"bad channel":        {with(`["call"]`, `["pigeon"]`), "line 2", "pigeon"},
		"channel twice":      {with(`["call"]`, `["call", "call"]`), "line 2", "twice"},
		"no number":          {with(`"988"`, `""`), "line 2", "number is missing"},
		"number with words":  {with(`"988"`, `"988 ext"`), "line 2", "telephone"},
		"number as a script": {with(`"988"`, `"javascript:1"`), "line 2", "telephone"},
		"number for web":     {with(`["call"]`, `["web"]`), "line 2", "a number is for"},
		"chat, no address":   {with(`["call"], "number": "988"`, `["chat"]`), "line 2", "address"},
		"address for call":   {with(`"number"`, `"address": "https://example.org", "number"`), "line 2", "an address is for"},
		"keyword for call":   {with(`"number"`, `"keyword": "HOME", "number"`), "line 2", "keyword"},
		"too long":           {with(`"anything"`, `"`+strings.Repeat("a", 201)+`"`), "line 2", "200"},
		"control characters": {with(`"anything"`, `"any\u0007thing"`), "line 2", "control"},
		"twice":              {"[\n" + goodPost + ",\n" + goodPost + "]", "line 4", "already"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewCrisis("crisis.json", strings.NewReader(c.file))
			if err == nil {
				t.Fatal("taken as good")
			}
			for _, want := range []string{"crisis.json " + c.line + ":", c.reason} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v; want it to say %q", err, want)
				}
			}
		})
	}
	if _, err := NewCrisis("crisis.json", strings.NewReader("["+goodPost+"]")); err != nil {
		t.Errorf("the good entry: %v", err)
	}
}

// The file that is embedded is the file an operator finds and edits.
func TestCrisisFileIsWhole(t *testing.T) {
	f, err := os.Open("face/crisis.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := NewCrisis("crisis.json", f)
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"US", "GB", "IE", "EU"} {
		if len(c.For(region)) == 0 {
			t.Errorf("nothing for %s", region)
		}
	}
}

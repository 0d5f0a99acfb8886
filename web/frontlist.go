package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"hearth/circle"
	"hearth/web/lang"
)

// Bounds of the directory.
const (
	mostListed = 60  // circles on one page: a search finds the others
	mostSought = 100 // characters of a search
	datesAhead = 4   // whose days of the week count as a circle's
)

// directoryData is the directory as somebody asked for it.
type directoryData struct {
	Query    string
	Filters  []filter
	Filtered bool // by anything but words
	Any      bool // there are listed circles
	Found    int
	Circles  []summary
	More     int // that matched and don't fit
}

// filter is one choice beside the words of a search.
type filter struct {
	Name, Label string
	Options     []option
	Chosen      string
}

type option struct{ Value, Label string }

// directory lists the circles that want to be found.
func (s *Server) directory(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	all, err := s.Store.Circles(ctx)
	if err != nil {
		s.fault(w, r, "directory", err)
		return
	}
	all = slices.DeleteFunc(all, func(c circle.Circle) bool { return !c.Listed || !hasPage(c) })
	s.Face.show(w, r, "directory", http.StatusOK, search(s.Face.in(r), all, r.URL.Query(), s.Now()))
}

// search finds circles by words and filters, the soonest first.
func search(l *lang.Texts, all []circle.Circle, asked url.Values, now time.Time) directoryData {
	d := directoryData{Query: cut(strings.TrimSpace(asked.Get("q")), mostSought), Any: len(all) > 0}
	entries := make([]entry, len(all))
	for i, c := range all {
		entries[i] = newEntry(l, c, now)
	}
	for _, k := range kinds {
		if f := k.choice(l, entries, asked.Get(k.name)); len(f.Options) > 0 {
			d.Filters, d.Filtered = append(d.Filters, f), d.Filtered || f.Chosen != ""
		}
	}
	for _, f := range d.Filters {
		entries = slices.DeleteFunc(entries, func(e entry) bool { return f.Chosen != "" && !e.is(f.Name, f.Chosen) })
	}
	for _, word := range strings.Fields(folded(d.Query)) {
		entries = slices.DeleteFunc(entries, func(e entry) bool { return !strings.Contains(e.words, word) })
	}
	slices.SortStableFunc(entries, sooner)
	d.Found = len(entries)
	for _, e := range entries[:min(d.Found, mostListed)] {
		d.Circles = append(d.Circles, e.summary)
	}
	d.More = d.Found - len(d.Circles)
	return d
}

// entry is a circle with what it is found by.
type entry struct {
	summary
	words  string              // folded
	traits map[string][]string // by filter; nil: suits every choice
}

func newEntry(l *lang.Texts, c circle.Circle, now time.Time) entry {
	e := entry{summary: summarize(l, c, now), traits: map[string][]string{"theme": c.Themes, "language": {}, "format": {}, "day": {}}}
	e.words = folded(strings.Join(slices.Concat([]string{c.Settings.Title, c.Purpose, e.Kind}, e.Themes, c.Themes, c.Notes), " "))
	if tag, err := language.Parse(c.Language); c.Language != "" && err == nil {
		base, _ := tag.Base()
		e.traits["language"] = []string{base.String()}
	}
	if c.Format != "" {
		e.traits["format"] = []string{c.Format}
	}
	if c.Region != "" {
		e.traits["region"] = []string{c.Region} // without one it is for people anywhere
	}
	if !c.Schedule.IsZero() {
		for _, d := range c.Schedule.Next(now, datesAhead) {
			e.traits["day"] = append(e.traits["day"], days[inZone(c.Schedule, d.Start).Weekday()])
		}
	}
	return e
}

func (e entry) is(trait, value string) bool {
	has, said := e.traits[trait]
	return !said || slices.Contains(has, value)
}

// sooner puts whoever meets next first, and those without a date behind.
func sooner(a, b entry) int {
	at := func(e entry) string {
		if e.Next == nil {
			return "~"
		}
		return e.Next.UTC // RFC 3339 in UTC sorts as time does
	}
	return cmp.Or(strings.Compare(at(a), at(b)), strings.Compare(folded(a.Title), folded(b.Title)))
}

// days are the days of the week in addresses.
var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// kind is a kind of filter: its name in addresses, the word for one of its
// values, and their order, if it isn't that of the words.
type kind struct {
	name  string
	word  func(l *lang.Texts, value string) string
	order []string
}

var kinds = []kind{
	{"theme", func(l *lang.Texts, v string) string { return named(l, "front.theme.", v) }, circle.Themes},
	{"language", languageName, nil},
	{"day", weekday, append(slices.Clone(days[1:]), days[0])},
	{"format", func(l *lang.Texts, v string) string { return named(l, "front.format.", v) }, nil},
	{"region", countryName, nil},
}

func weekday(l *lang.Texts, day string) string {
	return l.Weekday(time.Weekday(slices.Index(days, day)))
}

// choice offers the values that some circle has. Any other is no choice, so
// that an old address still finds something.
func (k kind) choice(l *lang.Texts, all []entry, asked string) filter {
	f := filter{Name: k.name, Label: l.T("front.filter." + k.name)}
	for _, e := range all {
		for _, v := range e.traits[k.name] {
			if !slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == v }) {
				f.Options = append(f.Options, option{v, k.word(l, v)})
			}
			if v == asked {
				f.Chosen = v
			}
		}
	}
	slices.SortFunc(f.Options, func(a, b option) int {
		return cmp.Or(slices.Index(k.order, a.Value)-slices.Index(k.order, b.Value), strings.Compare(folded(a.Label), folded(b.Label)))
	})
	return f
}

// folded is text to be searched: without case, accents and width.
func folded(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
	return cases.Fold().String(s)
}

// cut returns at most so many characters of s.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

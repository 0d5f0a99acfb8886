package lang

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// keepers are the parts that only those who keep a circle or run the house
// read: they are not in Arabic, which has a member's path.
var keepers = []string{"board", "desk", "keep", "letin", "office", "signin", "status"}

// source is what uses the catalogue, by the name of the file.
func source(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.FromSlash(p))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no files (%v)", p, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(n, "_test.go") && !strings.HasPrefix(filepath.Base(n), "says-") {
				all[filepath.Base(n)] = string(b)
			}
		}
	}
	return all
}

func part(key string) string { before, _, _ := strings.Cut(key, "."); return before }

// uses are the keys that the sources name, with where; and beginnings of keys
// that are made while the program runs, like "front.stage." + order.
func uses(t *testing.T, parts []string) (keys map[string]string, begin []string) {
	t.Helper()
	keys = map[string]string{}
	key := regexp.MustCompile("[\"`]((?:" + strings.Join(parts, "|") + `)\.[A-Za-z0-9.-]*)["` + "`]" + `(\s*\+)?`)
	comment := regexp.MustCompile(`(?m)^\s*//.*$`)
	for name, text := range source(t, "../*.go", "../face/*.html", "*.go", "../../cmd/hearth/*.go") {
		text = comment.ReplaceAllString(text, "")
		for _, m := range key.FindAllStringSubmatch(text, -1) {
			if m[2] != "" || strings.HasSuffix(m[1], ".") {
				begin = append(begin, m[1])
			} else if !fileName(m[1]) {
				keys[m[1]] = name
			}
		}
	}
	name, en := regexp.MustCompile(`\w+`), english(t)
	for file, text := range source(t, "../face/*.ts") {
		for _, m := range regexp.MustCompile(`says-(\w+)\.ts"`).FindAllStringSubmatch(text, -1) {
			for _, word := range name.FindAllString(text, -1) {
				if en.Has(m[1] + "." + word) {
					keys[m[1]+"."+word] = file
				}
			}
		}
	}
	return keys, begin
}

// fileName says whether what looks like a key names a file.
func fileName(s string) bool {
	return slices.Contains([]string{".html", ".css", ".ts", ".json", ".ics", ".js", ".svg"}, filepath.Ext(s))
}

func english(t *testing.T) *Texts { return load(t)[0] }

func parts(l *Texts) []string {
	var all []string
	for _, k := range l.Keys("") {
		all = append(all, part(k))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Every key that a page, the program or the script names is there, and none
// is there for nobody.
func TestEveryKey(t *testing.T) {
	en := english(t)
	keys, begin := uses(t, parts(en))
	for k, file := range keys {
		if !en.Has(k) {
			t.Errorf("%s says %s, which isn't there", file, k)
		}
	}
	for _, k := range en.Keys("") {
		made := slices.ContainsFunc(begin, func(b string) bool { return strings.HasPrefix(k, b) && k != b })
		if _, used := keys[k]; !used && !made {
			t.Errorf("nobody says %s", k)
		}
	}
	if len(keys) < 200 {
		t.Errorf("found only %d keys in use", len(keys))
	}
}

// Spanish has all of English, Arabic all of a member's path; with the same
// blanks, and a form for every kind of number that the language knows.
func TestEveryLanguage(t *testing.T) {
	all := load(t)
	for _, l := range all {
		for _, k := range all[0].Keys("") {
			if !l.Has(k) && !(l.Tag == "ar" && slices.Contains(keepers, part(k))) {
				t.Errorf("%s isn't in %s", k, l.Name)
			}
		}
		for _, k := range l.Keys("") {
			if !all[0].Has(k) {
				t.Errorf("%s is in %s alone", k, l.Name)
				continue
			}
			for _, bad := range l.wrong(k, all[0].texts[k]) {
				t.Errorf("%s in %s: %s", k, l.Name, bad)
			}
		}
	}
}

// A catalogue with faults is found out.
func TestEveryLanguageNotices(t *testing.T) {
	all := load(t)
	first := forms{"one": "one {what}", "other": "{n} {what}"}
	for name, text := range map[string]forms{
		"no plural": {"other": "{n} {what}"}, "no form": {"one": "uno {what}", "other": "{what}"}, "another blank": {"one": "uno {who}", "other": "{n} {what}"},
		"empty": {"one": "", "other": "{n} {what}"},
	} {
		es := &Texts{Language: Languages[1], tag: all[1].tag, texts: map[string]forms{"k": text}}
		if len(es.wrong("k", first)) == 0 {
			t.Errorf("%s: nobody notices", name)
		}
	}
	ar := &Texts{Language: Languages[2], tag: all[2].tag, texts: map[string]forms{"k": {"one": "{what}", "other": "{n} {what}"}}}
	if len(ar.wrong("k", first)) == 0 {
		t.Error("forms are missing in Arabic, and nobody notices")
	}
}

// wrong says what is wrong with a text, as a translation of first.
func (t *Texts) wrong(key string, first forms) []string {
	var bad []string
	f := t.texts[key]
	if !slices.Equal(f.blanks(), first.blanks()) {
		bad = append(bad, fmt.Sprintf("blanks %v, in English %v", f.blanks(), first.blanks()))
	}
	for c, text := range f {
		if strings.TrimSpace(text) == "" {
			bad = append(bad, "its form "+c+" is empty")
		}
		for _, b := range f.blanks() {
			if b != "n" && !strings.Contains(text, "{"+b+"}") {
				bad = append(bad, "its form "+c+" lacks {"+b+"}")
			}
		}
	}
	if len(f) == 1 && len(first) == 1 {
		return bad
	}
	for n := range 201 {
		c, ok := categories[plural.Cardinal.MatchPlural(t.tag, n, 0, 0, 0, 0)]
		if _, has := f[c]; ok && !has {
			return append(bad, fmt.Sprintf("no form %q, as for %d", c, n))
		}
	}
	return bad
}

// said are the attributes that people read or hear.
var said = regexp.MustCompile(`\b(?:aria-label|title|placeholder|alt|label)="([^"]*)"`)

// Templates that have nothing but attributes in them, on a line of their own.
var (
	define     = regexp.MustCompile(`(?m)^\{\{define "\w+"\}\}[^<\n]*$`)
	action     = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	attributes = regexp.MustCompile(`^(?:\s+(?:required|[a-z-]+="[^"]*"))*\s*$`)
)

// spoken returns the words of a template that are in no catalogue.
func spoken(html string) []string {
	html = define.ReplaceAllStringFunc(html, func(d string) string {
		if rest := action.ReplaceAllString(d, ""); attributes.MatchString(rest) {
			return "<p" + rest + ">"
		}
		return d
	})
	html = action.ReplaceAllString(html, "")
	html = regexp.MustCompile(`(?s)<!--.*?-->|<svg.*?</svg>`).ReplaceAllString(html, "")
	var found []string
	texts := []string{regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(html, "\n")}
	for _, m := range said.FindAllStringSubmatch(html, -1) {
		texts = append(texts, m[1])
	}
	for _, word := range regexp.MustCompile(`\p{L}[\p{L}’']*`).FindAllString(strings.Join(texts, "\n"), -1) {
		if word != "Hearth" { // its name
			found = append(found, word)
		}
	}
	return found
}

// No template says anything itself.
func TestTemplatesSayNothing(t *testing.T) {
	for name, html := range source(t, "../face/*.html") {
		if words := spoken(html); len(words) > 0 {
			t.Errorf("%s says %v, which is in no catalogue", name, words)
		}
	}
	for planted, want := range map[string]int{
		`<p>Hello {{t "base.help"}}</p>`: 1, `<a aria-label="Always there" href="/help">{{t "x.y"}}</a>`: 2, `<input placeholder="Ayuda">`: 1, `{{if eq .A "b"}}<b>مرحبا</b>{{end}}`: 1,
		`{{define "x"}}Hello you{{end}}`: 2, `{{define "x"}}{{if .A}} required{{end}} title="Hello"{{end}}`: 1,
		`<p class="small">{{t "base.help"}}: {{.Name}} · Hearth</p><!-- a word -->`: 0,
	} {
		if got := spoken(planted); len(got) != want {
			t.Errorf("%s: found %v", planted, got)
		}
	}
}

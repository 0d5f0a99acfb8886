// Package lang holds every text that a person reads, in every language: one
// catalogue, a folder for each language and a file for each part of the house.
//
//	en/front.json   "front.upTo": {"one": "one person", "other": "up to {n} people"}
//	en/door.json    "door.name": "What shall we call you?"
//
// A text has named blanks, {name}. One with a number has a form for each
// plural category of its language (CLDR: zero, one, two, few, many, other),
// chosen by {n}. English and Spanish are whole; Arabic has a member's path,
// and what it lacks is said in English.
package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed en/*.json es/*.json ar/*.json
var files embed.FS

// Language is one that the house speaks.
type Language struct {
	Tag  string // BCP 47
	Name string // its own
	Dir  string // ltr or rtl
}

// Languages are those the house speaks; the first is the one for everybody
// else.
var Languages = []Language{{"en", "English", "ltr"}, {"es", "Español", "ltr"}, {"ar", "العربية", "rtl"}}

// Texts is one language's texts.
type Texts struct {
	Language
	texts   map[string]forms
	tag     language.Tag
	numbers *message.Printer
	instead *Texts // says what this one lacks; nil: nobody
}

// forms is a text by plural category; "other" is there always.
type forms map[string]string

// UnmarshalJSON reads a text, or one for each category.
func (f *forms) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*f = forms{"other": s}
		return err
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	if m["other"] == "" {
		return fmt.Errorf("a text needs the form %q", "other")
	}
	*f = m
	return nil
}

// Load reads the catalogue. An error is a fault of the program.
func Load() ([]*Texts, error) {
	var all []*Texts
	for _, l := range Languages {
		tag := language.MustParse(l.Tag)
		t := &Texts{Language: l, tag: tag, texts: map[string]forms{}, numbers: message.NewPrinter(digits(tag))}
		if len(all) > 0 {
			t.instead = all[0]
		}
		names, err := fs.Glob(files, l.Tag+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("lang: %w", err)
		}
		for _, name := range names {
			if err := t.read(name); err != nil {
				return nil, fmt.Errorf("lang: %s: %w", name, err)
			}
		}
		all = append(all, t)
	}
	return all, nil
}

// read adds a file's texts. All keys of a file begin with its name, so that
// none is there twice.
func (t *Texts) read(name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var texts map[string]forms
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	part := strings.TrimSuffix(path.Base(name), ".json") + "."
	for key, f := range texts {
		if !strings.HasPrefix(key, part) {
			return fmt.Errorf("%q doesn't begin with %q", key, part)
		}
		t.texts[key] = f
	}
	return nil
}

// T returns the text of a key with its blanks filled in: names and values by
// turns, T("front.upTo", "n", 12). A key that isn't there is returned itself,
// which a test finds.
func (t *Texts) T(key string, with ...any) string {
	f, ok := t.texts[key]
	if !ok {
		if t.instead != nil {
			return t.instead.T(key, with...)
		}
		return key
	}
	text := f["other"]
	for i := 0; i+1 < len(with); i += 2 {
		if n, is := with[i+1].(int); is && with[i] == "n" {
			text = f.of(t.tag, n)
		}
	}
	for i := 0; i+1 < len(with); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", with[i]), t.show(with[i+1]))
	}
	return text
}

// Has says whether the language has a text of its own for a key.
func (t *Texts) Has(key string) bool { _, ok := t.texts[key]; return ok }

func (t *Texts) show(v any) string {
	if n, is := v.(int); is {
		return t.numbers.Sprint(n)
	}
	text := fmt.Sprint(v)
	if t.Dir == "rtl" && leftToRight.MatchString(text) {
		return "\u2068" + text + "\u2069" // keeps its own direction (FSI, PDI)
	}
	return text
}

// leftToRight finds a letter of another script, or what would change places
// among letters that run from the right, like a telephone number.
var leftToRight = regexp.MustCompile(`[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}]|[0-9][ -][0-9]`)

// digits has a language's numbers written as telephones have them: a page has
// both, and browsers write them so.
func digits(tag language.Tag) language.Tag {
	tag, err := tag.SetTypeForKey("nu", "latn")
	if err != nil {
		panic(err) // both are part of the program
	}
	return tag
}

var categories = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

func (f forms) of(tag language.Tag, n int) string {
	if s, ok := f[categories[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]]; ok {
		return s
	}
	return f["other"]
}

// Pick returns the language that somebody chose, else the one that suits what
// their browser asks for (Accept-Language).
func Pick(all []*Texts, chosen, accept string) *Texts {
	tags := make([]language.Tag, len(all))
	for i, t := range all {
		if t.Tag == chosen {
			return t
		}
		tags[i] = t.tag
	}
	want, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(want) == 0 {
		return all[0]
	}
	if _, i, sure := language.NewMatcher(tags).Match(want...); sure >= language.Low {
		return all[i]
	}
	return all[0]
}

// First returns what the first language says in a part, without numbers to
// choose a form by; the keys without the part's name.
func First(part string) map[string]string {
	b, err := fs.ReadFile(files, Languages[0].Tag+"/"+part+".json")
	if err != nil {
		panic(err) // it is part of the program
	}
	var texts map[string]forms
	if err := json.Unmarshal(b, &texts); err != nil {
		panic(err)
	}
	all := map[string]string{}
	for key, f := range texts {
		all[strings.TrimPrefix(key, part+".")] = f["other"]
	}
	return all
}

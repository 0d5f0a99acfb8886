package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hearth/room"
	"hearth/web/lang"
)

// field is one question of a form.
type field struct {
	Name   string
	Kind   string // line, area, lines, number, date, time, select, pick, checks, check, zone
	Label  string
	Hint   string
	Value  string
	Groups []group // of what can be chosen
	Most   int     // characters
	Min    int     // of a number
	Max    int
	Rows   int
	Need   bool
	Wrong  string // what is the matter with what was typed
	Theirs string // what is kept now, when somebody else changed it meanwhile
}

// group is choices under one heading, or under none.
type group struct {
	Label string
	Picks []pick
}

// pick is one choice.
type pick struct {
	Value, Label, Hint string
	On                 bool
}

// section is a part of a form that opens by itself.
type section struct {
	Title, Say string
	Open       bool // without being asked
	Fields     []field
}

// form is what was typed, or what is kept, and what is to be said of it.
type form struct {
	typed url.Values
	kept  url.Values        // when somebody else changed it meanwhile
	wrong map[string]string // by field
	shown map[string]string // what is kept, in words, by field
}

func newForm(typed url.Values) *form {
	return &form{typed: typed, wrong: map[string]string{}, shown: map[string]string{}}
}

// blame notes what is the matter with a field; the first thing stays.
func (f *form) blame(name, say string) {
	if _, ok := f.wrong[name]; !ok {
		f.wrong[name] = say
	}
}

// fill gives a field what was typed and what is to be said of it.
func (f *form) fill(q field) field {
	q.Value = f.typed.Get(q.Name)
	for g := range q.Groups {
		for o := range q.Groups[g].Picks {
			c := &q.Groups[g].Picks[o]
			c.On = slices.Contains(f.typed[q.Name], c.Value) || c.Value == "" && q.Value == "" && q.Kind != "checks"
		}
	}
	q.Wrong = f.wrong[q.Name]
	if f.kept != nil && !same(f.kept[q.Name], f.typed[q.Name]) {
		q.Theirs = q.words(f.kept[q.Name])
	}
	return q
}

// same says whether two answers are one; nothing and an empty one are.
func same(a, b []string) bool {
	one := func(v []string) string {
		return strings.TrimSpace(strings.ReplaceAll(strings.Join(v, "\n"), "\r\n", "\n"))
	}
	return one(a) == one(b)
}

// words are an answer as its choices call it; "–" for none.
func (q field) words(values []string) string {
	var said []string
	for _, v := range values {
		for _, g := range q.Groups {
			for _, o := range g.Picks {
				if o.Value == v {
					v = o.Label
				}
			}
		}
		if v != "" {
			said = append(said, v)
		}
	}
	if len(said) == 0 {
		return "–"
	}
	return strings.Join(said, ", ")
}

// section fills fields; it opens when something in it needs to be seen.
func (f *form) section(title, say string, open bool, fields ...field) section {
	s := section{Title: title, Say: say, Open: open}
	for _, q := range fields {
		q = f.fill(q)
		s.Open = s.Open || q.Wrong != "" || q.Theirs != ""
		s.Fields = append(s.Fields, q)
	}
	return s
}

// The readers below bring what was typed into its form, and blame a field
// for what can't be.

// line is one line of at most so many characters, and four bytes each.
func (f *form) line(l *lang.Texts, name string, most int, need bool) string {
	s, no := maybeWords(strings.TrimSpace(f.typed.Get(name)))
	return f.judge(l, name, s, no, most, need)
}

// area is a text of at most so many characters.
func (f *form) area(l *lang.Texts, name string, most int) string {
	s := f.typed.Get(name)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	s, no := words(s)
	return f.judge(l, name, s, no, most, false)
}

func (f *form) judge(l *lang.Texts, name, s string, no *room.Refusal, most int, need bool) string {
	switch {
	case no != nil:
		f.blame(name, l.T("office.wrong.unreadable"))
	case need && s == "":
		f.blame(name, l.T("office.wrong.needed"))
	case utf8.RuneCountInString(s) > most:
		f.blame(name, l.T("office.wrong.long", "n", most))
	}
	return s
}

// lines are lines of at most so many characters, and at most so many of them.
func (f *form) lines(l *lang.Texts, name string, many, most int) (all []string) {
	for typed := range strings.Lines(f.typed.Get(name)) {
		s, no := maybeWords(strings.TrimSpace(typed))
		if s = f.judge(l, name, s, no, most, false); s != "" {
			all = append(all, s)
		}
	}
	if len(all) > many {
		f.blame(name, l.T("office.wrong.lines", "n", many))
	}
	return all
}

// number is a number from min to max.
func (f *form) number(l *lang.Texts, name string, least, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(f.typed.Get(name)))
	if err != nil || n < least || n > most {
		f.blame(name, l.T("office.wrong.number", "min", least, "max", most))
		return least
	}
	return n
}

// chosen is one of what can be chosen.
func (f *form) chosen(l *lang.Texts, name string, q field) string {
	v := f.typed.Get(name)
	for _, g := range q.Groups {
		for _, o := range g.Picks {
			if o.Value == v {
				return v
			}
		}
	}
	f.blame(name, l.T("office.wrong.choose"))
	return ""
}

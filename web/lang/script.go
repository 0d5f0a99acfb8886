package lang

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var blank = regexp.MustCompile(`\{([a-zA-Z]+)\}`)

// blanks returns the names of a text's blanks, each once, in the order of the
// alphabet: whoever rewords a text must not swap two of them.
func (f forms) blanks() []string {
	var names []string
	for _, text := range f {
		for _, m := range blank.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// identifier makes what JavaScript takes for a name of the rest of a key.
var identifier = strings.NewReplacer(".", "_", "-", "_")

// Keys returns the keys of a part, sorted: "room" for "room.…". All parts for
// an empty name.
func (t *Texts) Keys(part string) []string {
	var keys []string
	for key := range t.texts {
		if part == "" || strings.HasPrefix(key, part+".") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Script returns a part's texts as a TypeScript module: a constant for each,
// and a function of its blanks for one that has any, in the order of the
// alphabet; n is the number that chooses the form. Every language's module has
// the same exports, those of the first language, so that a script fits all.
func (t *Texts) Script(part string) string {
	first := t
	if t.instead != nil {
		first = t.instead
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Code generated from web/lang/%s/%s.json by go test ./web/lang -run TestScript -rewrite. DO NOT EDIT.\n", t.Tag, part)
	var body strings.Builder
	for _, key := range first.Keys(part) {
		said, ok := t.texts[key]
		if !ok {
			said = first.texts[key]
		}
		said.script(&body, identifier.Replace(strings.TrimPrefix(key, part+".")), first.texts[key].blanks())
	}
	var helpers []string
	for _, name := range []string{"of", "put"} {
		if strings.Contains(body.String(), name+"(") {
			helpers = append(helpers, name)
		}
	}
	if len(helpers) > 0 {
		fmt.Fprintf(&b, "import { %s } from \"./tongue.ts\";\n", strings.Join(helpers, ", "))
	}
	return b.String() + "\n" + body.String()
}

// script writes one text as an export.
func (f forms) script(b *strings.Builder, name string, blanks []string) {
	if len(blanks) == 0 {
		fmt.Fprintf(b, "export const %s = %s;\n", name, quoted(f["other"]))
		return
	}
	var takes []string
	for _, n := range blanks {
		kind := "string | number"
		if n == "n" {
			kind = "number"
		}
		takes = append(takes, n+": "+kind)
	}
	fmt.Fprintf(b, "export const %s = (%s) => ", name, strings.Join(takes, ", "))
	if len(f) == 1 {
		fmt.Fprintf(b, "%s;\n", filled(f["other"]))
		return
	}
	b.WriteString("of(n, { ")
	for _, c := range []string{"zero", "one", "two", "few", "many", "other"} {
		if text, ok := f[c]; ok && (c == "other" || text != f["other"]) {
			fmt.Fprintf(b, "%s: %s, ", c, filled(text))
		}
	}
	b.WriteString("});\n")
}

// filled writes a text as an expression that fills in its blanks.
func filled(text string) string {
	if !blank.MatchString(text) {
		return quoted(text)
	}
	text = strings.NewReplacer("\\", "\\\\", "`", "\\`", "$", "\\$").Replace(text)
	return "`" + blank.ReplaceAllString(text, "${put($1)}") + "`"
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // a string always has one
	return string(b)
}

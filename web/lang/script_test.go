package lang

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the modules of texts that the TypeScript compiler sees")

// modules is where a part's module is: in English, to check its use.
func modules(part string) string { return filepath.Join("..", "face", "says-"+part+".ts") }

// TestScript holds those modules to the English catalogue: with -rewrite it
// writes them. In every other language they have the same exports.
func TestScript(t *testing.T) {
	all := load(t)
	names, err := filepath.Glob(modules("*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no modules of texts: %v", err)
	}
	for _, name := range names {
		part := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(name), ".ts"), "says-")
		want := all[0].Script(part)
		if *rewrite {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s has drifted from the catalogue: go test ./web/lang -run TestScript -rewrite (%v)", name, err)
		}
		for _, l := range all[1:] {
			if exports(l.Script(part)) != exports(want) {
				t.Errorf("%s has other exports in %s", name, l.Tag)
			}
		}
	}
}

// exports is a module's exports with what they take.
func exports(script string) string {
	return strings.Join(regexp.MustCompile(`(?m)^export const \w+ = (?:\([^)]*\) =>)?`).FindAllString(script, -1), "\n")
}

// A text's blanks come in the order of the alphabet, whatever the language
// says first, and a number chooses the form.
func TestScriptBlanks(t *testing.T) {
	first := &Texts{Language: Languages[0], texts: map[string]forms{
		"x.plain": {"other": `say "it"`}, "x.two": {"other": "{name} and {from}"}, "x.many": {"one": "one `thing`", "other": "{n} things"},
	}}
	second := &Texts{Language: Languages[1], instead: first, texts: map[string]forms{"x.two": {"other": "{from} y {name}"}}}
	for _, c := range []struct {
		of   *Texts
		want string
	}{
		{first, "export const many = (n: number) => of(n, { one: \"one `thing`\", other: `${put(n)} things`, });\n" +
			"export const plain = \"say \\\"it\\\"\";\nexport const two = (from: string | number, name: string | number) => `${put(name)} and ${put(from)}`;\n"},
		{second, "export const two = (from: string | number, name: string | number) => `${put(from)} y ${put(name)}`;\n"},
	} {
		if got := c.of.Script("x"); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s:\n%s\nwant at its end:\n%s", c.of.Tag, got, c.want)
		}
	}
}

func load(t *testing.T) []*Texts {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

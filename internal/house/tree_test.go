package house

import (
	"go/ast"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// top is everything that may lie at the top of the house. The last row is
// never committed.
var top = []string{
	"cmd", "room", "presence", "moderation", "circle", "internal", "web", "deployments", "tools",
	"go.mod", "go.sum", "Makefile", "README.md", "ARCHITECTURE.md", "LICENSE", ".gitignore", ".gitattributes", ".ci", ".github",
	".git", "hearth", "hearth-data",
}

// attics are the places where things go that nobody has thought about.
var attics = []string{"pkg", "util", "utils", "common", "models", "mocks", "mock", "helpers", "misc", "lib", "vendor"}

func stray(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return slices.Contains(top, n) || strings.HasSuffix(n, ".test") || strings.HasSuffix(n, ".prof")
	})
}

func TestTop(t *testing.T) {
	if len(stray([]string{"package.json"})) == 0 {
		t.Error("a project file of Node at the top is not seen")
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if s := stray(names); len(s) > 0 {
		t.Errorf("what is this at the top of the house: %v", s)
	}
}

func attic(name string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(d string) bool { return slices.Contains(attics, d) })
}

func TestNoAttics(t *testing.T) {
	if !attic("web/util/a.go") {
		t.Error("web/util is not seen")
	}
	files(t, func(name string, _ []byte) {
		if attic(name) {
			t.Errorf("%s: say what it is about instead", name)
		}
	})
}

// mark finds what somebody meant to come back to.
var mark = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)

func TestNothingLeftForLater(t *testing.T) {
	if !mark.MatchString("// TO" + "DO: later") {
		t.Error("a mark is not seen")
	}
	kinds := []string{".go", ".ts", ".mjs", ".css", ".html", ".md", ".sql", ".json", ".yaml", ".yml", ""}
	files(t, func(name string, text []byte) {
		if slices.Contains(kinds, path.Ext(name)) && !slices.Contains(text, 0) && mark.Match(text) {
			t.Errorf("%s: %s", name, mark.Find(text))
		}
	})
}

// methods counts what each type offers to other packages, and returns the
// types that offer more than 15 things.
func methods(all []source) map[string]int {
	count := map[string]int{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() || s.isTest() {
				continue
			}
			recv := f.Recv.List[0].Type
			if p, ok := recv.(*ast.StarExpr); ok {
				recv = p.X
			}
			if id, ok := recv.(*ast.Ident); ok {
				count[s.dir()+"."+id.Name]++
			}
		}
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n <= 15 })
	return count
}

func TestNoTypeDoesEverything(t *testing.T) {
	if len(methods([]source{parse(t, "web/a.go", "package web; type T int"+strings.Repeat("; func (*T) A() {}", 16))})) == 0 {
		t.Error("16 methods are not seen")
	}
	for name, n := range methods(sources(t)) {
		t.Errorf("%s has %d methods, more than 15", name, n)
	}
}

// hosts finds where a package manager downloaded something from: that is the
// business of the machine it ran on.
var hosts = regexp.MustCompile(`"resolved"|https?://[^"/]*regist`)

func TestLockFileNamesNoHosts(t *testing.T) {
	if !hosts.MatchString(`"resolved": "https://registry.example.org/a.tgz"`) {
		t.Error("a host is not seen")
	}
	b, err := os.ReadFile(root + "/web/e2e/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if h := hosts.Find(b); h != nil {
		t.Errorf("package-lock.json names where it was downloaded from: %s", h)
	}
}

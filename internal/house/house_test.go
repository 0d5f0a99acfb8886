// Package house holds the doors of the house shut: which package may know
// which, what the room may touch, how long a function may get. Each rule is a
// function over one source file, and each is tried on a planted fault first,
// so that a rule that can't see anything fails too.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// source is one Go file, as the rules see it.
type source struct {
	path string // from the top of the house, with slashes
	text string
	fset *token.FileSet
	file *ast.File
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// imports returns the paths of what a file imports.
func (s source) imports() []string {
	all := []string{}
	for _, i := range s.file.Imports {
		all = append(all, strings.Trim(i.Path.Value, `"`))
	}
	return all
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, text: text, fset: fset, file: f}
}

// files calls f with every file of the house that is ours.
func files(t *testing.T, f func(name string, text []byte)) {
	t.Helper()
	skip := []string{".git", "node_modules", "hearth-data", "test-results", "shots"}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skip, d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		f(filepath.ToSlash(name), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources parses every Go file of the house.
func sources(t *testing.T) []source {
	t.Helper()
	all := []source{}
	files(t, func(name string, text []byte) {
		if strings.HasSuffix(name, ".go") {
			all = append(all, parse(t, name, string(text)))
		}
	})
	if len(all) < 20 {
		t.Fatalf("found only %d Go files: looking in the wrong place", len(all))
	}
	return all
}

// rule is one door. Bad is a file that it must object to.
type rule struct {
	name  string
	check func(s source) []string
	bad   []source
}

func rules(t *testing.T) []rule {
	p := func(name, text string) source { return parse(t, name, text) }
	return []rule{
		{"imports run one way", oneWay, []source{
			p("room/a.go", `package room; import "hearth/web"`),
			p("circle/a.go", `package circle; import "hearth/room/hub"`),
			p("web/a.go", `package web; import "hearth/internal/sqlstore"`),
			p("internal/sqlstore/a.go", `package sqlstore; import "hearth/web"`),
			p("elsewhere/a.go", `package elsewhere; import "hearth/room"`)}},
		{"each library has its place", librariesInPlace, []source{
			p("room/hub/a.go", `package hub; import "github.com/coder/websocket"`),
			p("web/a.go", `package web; import "github.com/redis/go-redis/v9"`),
			p("presence/a.go", `package presence; import "go.uber.org/zap/zapcore"`),
			p("circle/a_test.go", `package circle; import "github.com/prometheus/client_golang/prometheus"`),
			p("web/b.go", `package web; import "example.org/new"`)}},
		{"the room is pure", pureRoom, []source{
			p("room/a.go", `package room; import "os"`),
			p("room/b.go", `package room; import "math/rand/v2"`),
			p("room/c.go", `package room; import "github.com/google/uuid"`),
			p("room/d.go", `package room; import "time"; var t = time.Now()`),
			p("room/e.go", `package room; import tm "time"; var f = tm.AfterFunc`),
			p("room/f.go", `package room; func f() { go f() }`)}},
		{"the desk has one door", deskOnly, []source{
			p("web/desk.go", `package web; import "hearth/room"; var a = room.Actor{Desk: true}`),
			p("room/a.go", `package room; func f() { do(Actor{"", false, true}) }`),
			p("web/report.go", `package web; func (s *Server) f() { s.Hub.Desk() }`),
			p("cmd/hearth/a.go", `package main; func (s *server) f() { s.hub.Desk() }`)}},
		{"functions fit on a screen", shortFunctions, []source{
			p("web/a.go", "package web\nfunc f() {"+strings.Repeat("\n", 60)+"}"),
			p("web/a_test.go", "package web\nfunc f() {"+strings.Repeat("\n", 80)+"}")}},
		{"tests don't sleep", awake, []source{
			p("web/a_test.go", `package web; import "time"; func f() { time.Sleep(1) }`)}},
		{"tests can fail", canFail, []source{
			p("web/a_test.go", `package web; import "testing"; func TestA(t *testing.T) { t.Parallel(); t.Log() }`)}},
		{"gofmt", formatted, []source{p("web/a.go", "package web\nfunc  f() {}\n")}},
		{"one main", oneMain, []source{p("web/gen/a.go", "package main")}},
	}
}

func TestRules(t *testing.T) {
	all := sources(t)
	for _, r := range rules(t) {
		t.Run(r.name, func(t *testing.T) {
			for _, bad := range r.bad {
				if len(r.check(bad)) == 0 {
					t.Errorf("didn't see what is wrong with %s:\n%.80s", bad.path, bad.text)
				}
			}
			for _, s := range all {
				for _, c := range r.check(s) {
					t.Errorf("%s: %s", s.path, c)
				}
			}
		})
	}
}

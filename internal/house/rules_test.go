package house

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"
)

// may says which of our packages a package may import. What is not listed
// may not exist; tests may use more, as far as Go lets them.
var may = map[string][]string{
	"room":                {},
	"room/memlog":         {"room"},
	"room/logtest":        {"room"},
	"room/formats":        {"room"},
	"presence":            {"room"},
	"room/hub":            {"room", "presence"},
	"circle":              {"room"},
	"circle/circletest":   {"room", "circle"},
	"moderation":          {"room"},
	"moderation/modtest":  {"room", "moderation", "circle"},
	"internal/redisstore": {"room", "presence", "moderation", "circle"},
	"internal/sqlstore":   {"room", "presence", "moderation", "circle"},
	"web":                 {"room", "room/hub", "room/formats", "presence", "moderation", "circle", "internal/pictures", "web/lang"},
	"web/lang":            {},
	"internal/mail":       {},
	"cmd/hearth":          {"room", "room/hub", "room/memlog", "room/formats", "presence", "moderation", "circle", "web", "internal/mail", "internal/sqlstore", "internal/redisstore", "internal/roomkeys", "internal/vault"},
	"internal/roomkeys":   {"room", "presence"},
	"internal/vault":      {"moderation"},
	"internal/pictures":   {},
	"internal/servers":    {},
	"internal/faults":     {"room", "web", "internal/servers"},
	"internal/house":      {},
	"deployments":         {},
}

func oneWay(s source) []string {
	allowed, known := may[s.dir()]
	if !known {
		return []string{"no such room in the house; internal/house says which there are"}
	}
	bad := []string{}
	for _, i := range s.imports() {
		ours, is := strings.CutPrefix(i, "hearth/")
		if is && !s.isTest() && !slices.Contains(allowed, ours) {
			bad = append(bad, "imports "+i)
		}
	}
	return bad
}

// places says in which packages a library may be used.
var places = map[string][]string{
	"github.com/coder/websocket":     {"web", "internal/faults"},
	"github.com/redis/go-redis":      {"internal/redisstore", "internal/faults"},
	"github.com/jackc/pgx":           {"internal/sqlstore", "internal/servers"},
	"modernc.org/sqlite":             {"internal/sqlstore"},
	"github.com/pressly/goose":       {"internal/sqlstore"},
	"github.com/evanw/esbuild":       {"web"},
	"github.com/alecthomas/kong":     {"cmd/hearth"},
	"github.com/pelletier/go-toml":   {"room/formats"},
	"go.uber.org/zap":                {"cmd/hearth"},
	"github.com/prometheus":          {"cmd/hearth"},
	"github.com/google/uuid":         {"cmd/hearth", "web", "room/hub", "internal/sqlstore", "internal/redisstore"},
	"golang.org/x/time":              {"web", "room/hub"},
	"golang.org/x/text":              {"web", "web/lang"},
	"github.com/go-webauthn":         {"web"},
	"rsc.io/qr":                      {"web"},
	"github.com/teambition/rrule-go": {"circle"},
	"golang.org/x/image":             {"internal/pictures"},
	"github.com/emersion/go-ical":    nil,
	"github.com/arran4/golang-ical":  nil,
	"golang.org/x/sync":              {"cmd/hearth", "web", "room/hub"},
	"go.uber.org/goleak":             nil, // tests anywhere
	"pgregory.net/rapid":             nil,
	"github.com/anishathalye/porc":   nil,
}

// clients are the libraries that a test of the whole program speaks.
var clients = []string{"github.com/coder/websocket", "modernc.org/sqlite"}

func librariesInPlace(s source) []string {
	bad := []string{}
	for _, i := range s.imports() {
		if first, _, _ := strings.Cut(i, "/"); !strings.Contains(first, ".") {
			continue // ours, or the standard library
		}
		known := false
		for lib, dirs := range places {
			if !strings.HasPrefix(i, lib) {
				continue
			}
			testing := s.isTest() && (dirs == nil || s.dir() == "cmd/hearth" && slices.Contains(clients, lib))
			known = slices.Contains(dirs, s.dir()) || testing
		}
		if !known {
			bad = append(bad, "uses "+i)
		}
	}
	return bad
}

// deskOnly: who acts without a seat is made in one place, which one caller
// asks, after package moderation has said yes.
func deskOnly(s source) []string {
	if s.isTest() {
		return nil
	}
	bad := []string{}
	atDesk := strings.HasPrefix(s.path, "web/desk")
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if n.Type != nil && lastName(n.Type) == "Actor" && setsDesk(n) && s.dir() != "room/hub" {
				bad = append(bad, s.at(n)+"is a moderator's desk by itself")
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "Desk" && strings.EqualFold(lastName(n.X), "hub") && !atDesk {
				bad = append(bad, s.at(n)+"decides from the desk")
			}
		}
		return true
	})
	return bad
}

// lastName is b of a.b, and of b.
func lastName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// setsDesk says whether an actor names its desk, or no field at all, which
// sets each.
func setsDesk(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, named := e.(*ast.KeyValueExpr)
		if !named {
			return true
		}
		key, ok := kv.Key.(*ast.Ident)
		return ok && key.Name == "Desk"
	})
}

// impure is what a room may not touch even of the standard library.
var impure = []string{"os", "net", "log", "math/rand", "crypto/rand", "sync", "syscall", "runtime", "testing", "unsafe", "embed", "database", "C"}

// clocks is what package time has besides arithmetic.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "NewTimer", "NewTicker", "Tick"}

func pureRoom(s source) []string {
	if s.dir() != "room" || s.isTest() {
		return nil
	}
	bad := []string{}
	for _, i := range s.imports() {
		first, _, _ := strings.Cut(i, "/")
		touches := slices.ContainsFunc(impure, func(p string) bool { return i == p || strings.HasPrefix(i, p+"/") })
		if touches || first == "hearth" || strings.Contains(first, ".") {
			bad = append(bad, "imports "+i)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			bad = append(bad, s.at(n)+"starts a goroutine")
		case *ast.SelectorExpr:
			if s.names(n.X, "time") && slices.Contains(clocks, n.Sel.Name) {
				bad = append(bad, s.at(n)+"looks at a clock: time."+n.Sel.Name)
			}
		}
		return true
	})
	return bad
}

// names says whether x is the package imported from path.
func (s source) names(x ast.Expr, path string) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	for _, i := range s.file.Imports {
		if strings.Trim(i.Path.Value, `"`) != path {
			continue
		}
		if i.Name != nil {
			return i.Name.Name == id.Name
		}
		return path == id.Name
	}
	return false
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("line %d: ", s.fset.Position(n.Pos()).Line)
}

func shortFunctions(s source) []string {
	most, bad := 60, []string{}
	if s.isTest() {
		most = 80
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.line(f.End()) - s.line(f.Pos()) + 1; n > most {
			bad = append(bad, fmt.Sprintf("%s has %d lines, more than %d", f.Name.Name, n, most))
		}
	}
	return bad
}

func (s source) line(p token.Pos) int { return s.fset.Position(p).Line }

func awake(s source) []string {
	bad := []string{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if x, ok := n.(*ast.SelectorExpr); ok && s.isTest() && s.names(x.X, "time") && x.Sel.Name == "Sleep" {
			bad = append(bad, s.at(n)+"sleeps")
		}
		return true
	})
	return bad
}

// canFail objects to tests that never say no and never hand their t on.
func canFail(s source) []string {
	bad := []string{}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && s.isTest() && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && !judges(f) {
			bad = append(bad, f.Name.Name+" can't fail")
		}
	}
	return bad
}

func judges(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"}, sel.Sel.Name) {
			found = true
		}
		for _, a := range call.Args {
			if id, ok := a.(*ast.Ident); ok && id.Name == "t" {
				found = true
			}
		}
		return true
	})
	return found
}

func formatted(s source) []string {
	out, err := format.Source([]byte(s.text))
	if err != nil {
		return []string{err.Error()}
	}
	if string(out) != s.text {
		return []string{"is not as gofmt writes it"}
	}
	return nil
}

func oneMain(s source) []string {
	if s.file.Name.Name == "main" && s.dir() != "cmd/hearth" {
		return []string{"is a second program"}
	}
	return nil
}

package web

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hearth/moderation"
)

// What goes between somebody who reports and the server.
var ofReports = []any{ReportIn{}, ReportOut{}, ReportAsk{}, ReportStep{}}

// reportTypeScript writes the types of reportwire.go, and the bounds that a
// page keeps to.
func reportTypeScript(t *testing.T) string {
	g := &generator{t: t, notes: map[string]string{}, known: map[reflect.Type]bool{}, values: map[reflect.Type][]string{}}
	named := map[string][]string{}
	for _, dir := range []string{".", "../moderation"} {
		g.read(dir, named)
	}
	for _, v := range []reflect.Type{reflect.TypeFor[moderation.Kind](), reflect.TypeFor[moderation.About](), reflect.TypeFor[moderation.Category](),
		reflect.TypeFor[moderation.Step](), reflect.TypeFor[WordsWay]()} {
		g.values[v] = named[v.Name()]
	}
	for _, f := range ofReports {
		g.meet(reflect.TypeOf(f))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// The wire of reports, %s\nimport type { SeatID } from \"./wire.ts\";\n\n", generated)
	for _, v := range slices.SortedFunc(maps.Keys(g.values), byTypeName) {
		g.union(&b, v)
	}
	for _, s := range g.order {
		g.structure(&b, s)
	}
	fmt.Fprintf(&b, "/** What the page keeps to by itself. */\nexport const bounds = { quotes: %d, context: %d };\n", moderation.MaxQuotes, moderation.MaxContext)
	return b.String()
}

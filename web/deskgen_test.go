package web

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hearth/moderation"
	"hearth/room"
)

// What goes between a desk and the server, and what reports are sealed as.
var onTheDesk = []any{
	DeskView{}, CaseView{}, DeskDecide{}, DeskUndo{}, DeskCare{}, DeskNote{}, DeskTo{}, DeskJudge{}, DeskDuty{},
	DeskKey{}, DeskKeyEnd{}, DeskActive{},
	DeskBodies{}, DeskCases{}, DeskSecond{}, moderation.Body{},
}

// deskTypeScript writes the types of deskwire.go, and the bounds that a page
// keeps to before the server has to say so.
func deskTypeScript(t *testing.T) string {
	g := &generator{t: t, notes: map[string]string{}, known: map[reflect.Type]bool{}}
	named := map[string][]string{}
	for _, dir := range []string{".", "../moderation"} {
		g.read(dir, named)
	}
	var can []string
	for _, c := range moderation.Capabilities() {
		can = append(can, string(c))
	}
	g.values = map[reflect.Type][]string{reflect.TypeFor[moderation.Capability](): can}
	for _, v := range []reflect.Type{
		reflect.TypeFor[moderation.Kind](), reflect.TypeFor[moderation.About](), reflect.TypeFor[moderation.Category](),
		reflect.TypeFor[moderation.State](), reflect.TypeFor[moderation.Outcome](), reflect.TypeFor[moderation.Action](), reflect.TypeFor[moderation.Scope](),
	} {
		g.values[v] = named[v.Name()]
	}
	for _, f := range onTheDesk {
		g.meet(reflect.TypeOf(f))
	}
	phase := reflect.TypeFor[room.Phase]()
	var b strings.Builder
	fmt.Fprintf(&b, "// The wire of the moderators' desk, %s\nimport type { Phase, SeatID } from \"./wire.ts\";\n\n", generated)
	for _, v := range slices.SortedFunc(maps.Keys(g.values), byTypeName) {
		if v != phase {
			g.union(&b, v)
		}
	}
	g.values[phase] = []string{}
	for _, s := range g.order {
		g.structure(&b, s)
	}
	fmt.Fprintf(&b, "/** What the page keeps to by itself. */\nexport const bounds = {\n")
	for _, n := range []struct {
		name string
		n    int
	}{
		{"facts", moderation.MaxFacts}, {"public", moderation.MaxPublic}, {"note", moderation.MaxNote}, {"muteMinutes", room.MaxMuteMinutes},
		{"banDays", int(moderation.MaxBan.Hours() / 24)}, {"dutyHours", int(moderation.MostDuty.Hours())}, {"claimMinutes", int(moderation.ClaimFor.Minutes())},
		{"appealDays", int(moderation.AppealFor.Hours() / 24)}, {"found", mostFound},
	} {
		fmt.Fprintf(&b, "  %s: %d,\n", n.name, n.n)
	}
	fmt.Fprintf(&b, "};\n")
	return b.String()
}

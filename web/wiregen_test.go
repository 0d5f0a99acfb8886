package web

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hearth/room"
)

var rewrite = flag.Bool("rewrite", false, "write the files that are generated from the Go types")

// The frames of the wire, by their t.
var (
	fromClient = []any{Hello{}, Do{}, Signal{}}
	fromServer = []any{Welcome{}, Fresh{}, Entries{}, Answer{}, Signals{}, Moving{}, Beat{}, Refused{}}
)

// TestWire holds the generated files to the Go types: with -rewrite it
// writes them.
func TestWire(t *testing.T) {
	g := newGenerator(t)
	for name, want := range map[string]string{
		"face/wire.ts":       g.typeScript(),
		"asyncapi.json":      g.asyncAPI(),
		"face/deskwire.ts":   deskTypeScript(t),
		"face/reportwire.ts": reportTypeScript(t),
	} {
		if *rewrite {
			if err := os.MkdirAll("face", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s has drifted from the Go types: go test ./web -run TestWire -rewrite", name)
		}
	}
}

// Every frame names itself in its t, and the name is in its comment.
func TestWireFramesNameThemselves(t *testing.T) {
	g := newGenerator(t)
	for _, f := range slices.Concat(fromClient, fromServer) {
		if kind := g.kind(reflect.TypeOf(f)); kind == "" {
			t.Errorf("%T: the comment of its field T does not quote its type", f)
		}
	}
}

// Every act that a role may do has a way in, and none that is the house's.
func TestWireActsAreTheTable(t *testing.T) {
	for _, c := range room.Capabilities() {
		_, numbered := acts[c]
		_, lossy := signals[c]
		house := true
		for _, phase := range []room.Phase{room.Gathering, room.Circle, room.Held} {
			for _, role := range []room.Role{room.Listener, room.Member, room.Deputy, room.Facilitator, room.Moderator} {
				if room.May(c, role, phase) {
					house = false
				}
			}
		}
		switch {
		case house && (numbered || lossy):
			t.Errorf("%s is the house's and comes from the wire", c)
		case c == (room.Show{}).Can():
			if numbered || lossy {
				t.Error("a picture comes from the wire, past the door that looks at it")
			}
		case !house && numbered == lossy:
			t.Errorf("%s: numbered %v, lossy %v; want one of them", c, numbered, lossy)
		}
	}
	for c, read := range signals {
		if a, _ := read([]byte(`{"kind":"snap"}`)); a != nil && !room.Silent(a) {
			t.Errorf("%s is a signal and not lossy", c)
		}
	}
}

// generator turns Go types into other languages' types.
type generator struct {
	t      *testing.T
	notes  map[string]string         // comment of "Type" or "Type.Field"
	values map[reflect.Type][]string // of string types, in source order
	order  []reflect.Type            // structs met, in order
	known  map[reflect.Type]bool
}

func newGenerator(t *testing.T) *generator {
	g := &generator{t: t, notes: map[string]string{}, known: map[reflect.Type]bool{}}
	named := map[string][]string{}
	for _, dir := range []string{"../room", "."} {
		g.read(dir, named)
	}
	g.values = map[reflect.Type][]string{
		reflect.TypeFor[room.Capability](): g.capabilities(),
		reflect.TypeFor[room.Code]():       g.codes(),
	}
	for _, v := range []reflect.Type{
		reflect.TypeFor[room.Role](), reflect.TypeFor[room.Phase](), reflect.TypeFor[room.Floor](),
		reflect.TypeFor[room.StickAt](), reflect.TypeFor[room.Reaction](), reflect.TypeFor[room.HoldWhy](), reflect.TypeFor[room.MuteWhy](),
		reflect.TypeFor[room.Kind](), reflect.TypeFor[room.Order](), reflect.TypeFor[room.Wish](), reflect.TypeFor[room.Duty](), reflect.TypeFor[room.SupportStep](),
		reflect.TypeFor[room.CareStep](),
	} {
		g.values[v] = slices.DeleteFunc(named[v.Name()], func(s string) bool { return s == string(room.House) || s == string(room.Desk) })
		if len(g.values[v]) == 0 {
			t.Fatalf("no values of %v found", v)
		}
	}
	for _, f := range slices.Concat(fromClient, fromServer) {
		g.meet(reflect.TypeOf(f))
	}
	for _, c := range g.capabilities() {
		g.meet(actType(room.Capability(c)))
	}
	return g
}

func actType(c room.Capability) reflect.Type {
	read := acts[c]
	if read == nil {
		read = signals[c]
	}
	a, _ := read(nil)
	return reflect.TypeOf(a)
}

func (g *generator) capabilities() []string {
	var all []string
	for c := range acts {
		all = append(all, string(c))
	}
	for c := range signals {
		all = append(all, string(c))
	}
	slices.Sort(all)
	return all
}

func (g *generator) codes() []string {
	var all []string
	for _, c := range slices.Concat(room.Codes(), Codes()) {
		all = append(all, string(c))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// read takes the comments and the typed string constants of a package.
func (g *generator) read(dir string, named map[string][]string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), dir+"/"+f.Name(), nil, parser.ParseComments)
		if err != nil {
			g.t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				for _, s := range n.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && !n.Lparen.IsValid() {
						s.Doc = n.Doc
					}
				}
			case *ast.TypeSpec:
				g.note(n)
			case *ast.ValueSpec:
				constant(n, named)
			}
			return true
		})
	}
}

func (g *generator) note(s *ast.TypeSpec) {
	one := func(groups ...*ast.CommentGroup) string {
		for _, c := range groups {
			if text := strings.Join(strings.Fields(c.Text()), " "); text != "" {
				return text
			}
		}
		return ""
	}
	g.notes[s.Name.Name] = one(s.Doc, s.Comment)
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			g.notes[s.Name.Name+"."+n.Name] = one(f.Doc, f.Comment)
		}
	}
}

func constant(v *ast.ValueSpec, named map[string][]string) {
	typ, ok := v.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, value := range v.Values {
		if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			named[typ.Name] = append(named[typ.Name], s)
		}
	}
}

// meet notes a type and all it is made of.
func (g *generator) meet(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if t != reflect.TypeFor[json.RawMessage]() {
			g.meet(t.Elem())
		}
	case reflect.Struct:
		if g.known[t] {
			return
		}
		g.known[t] = true
		g.order = append(g.order, t)
		for i := range t.NumField() {
			g.meet(t.Field(i).Type)
		}
	}
}

// kind is the t of a frame, from its comment.
func (g *generator) kind(t reflect.Type) string {
	note := g.notes[t.Name()+".T"]
	s, err := strconv.Unquote(note)
	if err != nil {
		return ""
	}
	return s
}

// wireField is one field as it is on the wire.
type wireField struct {
	name, note string
	optional   bool
	typ        reflect.Type
}

// nullable says whether the values of a map can be null, by its comment.
func (f wireField) nullable() bool {
	return f.typ.Kind() == reflect.Map && strings.HasPrefix(f.note, "null: ")
}

func (g *generator) fields(t reflect.Type) []wireField {
	var all []wireField
	for i := range t.NumField() {
		f := t.Field(i)
		tag, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" {
			continue
		}
		if f.Anonymous && tag == "" { // what is embedded is told as its own
			all = append(all, g.fields(f.Type)...)
			continue
		}
		note := g.notes[t.Name()+"."+f.Name]
		all = append(all, wireField{tag, note, option == "omitempty", f.Type})
	}
	return all
}

const generated = "generated from the Go types: go test ./web -run TestWire -rewrite"

// tsName avoids names a browser already has.
func tsName(t reflect.Type) string {
	if t.PkgPath() == "hearth/room" && t.Name() == "State" {
		return "RoomState"
	}
	return t.Name()
}

func (g *generator) typeScript() string {
	var b strings.Builder
	fmt.Fprintf(&b, "// The wire of %s, %s\n\n", Protocol, generated)
	fmt.Fprintf(&b, "export const protocol = %q;\n\n", Protocol)
	b.WriteString("/** Names one person's place in one room. */\nexport type SeatID = string;\n\n")
	for _, t := range slices.SortedFunc(maps.Keys(g.values), byTypeName) {
		g.union(&b, t)
	}
	for _, t := range g.order {
		g.structure(&b, t)
	}
	b.WriteString("/** What each act comes with. */\nexport interface Acts {\n")
	for _, c := range g.capabilities() {
		fmt.Fprintf(&b, "  %q: %s;\n", c, tsName(actType(room.Capability(c))))
	}
	b.WriteString("}\n\n")
	union(&b, "FromClient", fromClient)
	b.WriteString("\n")
	union(&b, "FromServer", fromServer)
	return b.String()
}

func byTypeName(a, b reflect.Type) int { return strings.Compare(a.Name(), b.Name()) }

// union writes a type that is one of some strings.
func (g *generator) union(b *strings.Builder, t reflect.Type) {
	comment(b, "", g.notes[t.Name()])
	fmt.Fprintf(b, "export type %s =\n", t.Name())
	for _, v := range g.values[t] {
		fmt.Fprintf(b, "  | %q\n", v)
	}
	b.WriteString("  ;\n\n")
}

// structure writes an object's type.
func (g *generator) structure(b *strings.Builder, t reflect.Type) {
	comment(b, "", g.notes[t.Name()])
	fmt.Fprintf(b, "export interface %s {\n", tsName(t))
	for _, f := range g.fields(t) {
		typ := g.tsType(f.typ)
		if f.nullable() {
			typ = strings.TrimSuffix(typ, ">") + " | null>"
		}
		if f.name == "t" {
			typ = strconv.Quote(g.kind(t))
		} else {
			comment(b, "  ", f.note)
		}
		mark := ""
		if f.optional {
			mark = "?"
		}
		fmt.Fprintf(b, "  %s%s: %s;\n", f.name, mark, typ)
	}
	b.WriteString("}\n\n")
}

func union(b *strings.Builder, name string, of []any) {
	fmt.Fprintf(b, "export type %s =\n", name)
	for _, f := range of {
		fmt.Fprintf(b, "  | %s\n", tsName(reflect.TypeOf(f)))
	}
	b.WriteString("  ;\n")
}

func comment(b *strings.Builder, indent, note string) {
	if note != "" {
		fmt.Fprintf(b, "%s/** %s */\n", indent, note)
	}
}

func (g *generator) tsType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return "object"
	case t == reflect.TypeFor[[]byte]():
		return "string" // in base64
	case g.values[t] != nil, t == reflect.TypeFor[room.SeatID](), t.Kind() == reflect.Struct:
		return tsName(t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.tsType(t.Elem())
	case reflect.Slice:
		return g.tsType(t.Elem()) + "[]"
	case reflect.Map:
		return "Record<" + g.tsType(t.Key()) + ", " + g.tsType(t.Elem()) + ">"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "number"
	}
	g.t.Fatalf("no TypeScript type for %v", t)
	return ""
}

// object is a JSON object with a fixed order of keys when marshalled: maps
// are sorted.
type jsonObject = map[string]any

func (g *generator) asyncAPI() string {
	schemas := jsonObject{}
	for t, values := range g.values {
		schemas[t.Name()] = jsonObject{"type": "string", "enum": values}
	}
	for _, t := range g.order {
		schemas[tsName(t)] = g.schema(t)
	}
	messages, channel := jsonObject{}, jsonObject{}
	refs := func(of []any) []jsonObject {
		var all []jsonObject
		for _, f := range of {
			name := tsName(reflect.TypeOf(f))
			messages[name] = jsonObject{
				"name":        g.kind(reflect.TypeOf(f)),
				"summary":     g.notes[reflect.TypeOf(f).Name()],
				"contentType": "application/json",
				"payload":     jsonObject{"$ref": "#/components/schemas/" + name},
			}
			channel[name] = jsonObject{"$ref": "#/components/messages/" + name}
			all = append(all, jsonObject{"$ref": "#/channels/circle/messages/" + name})
		}
		return all
	}
	here := jsonObject{"$ref": "#/channels/circle"}
	in, out := refs(fromClient), refs(fromServer)
	doc := jsonObject{
		"asyncapi": "3.0.0",
		"info": jsonObject{
			"title": "Hearth", "version": strings.TrimPrefix(Protocol, "hearth."),
			"description": "One websocket per tab, subprotocol " + Protocol + ", JSON text frames. PROTOCOL.md tells what they mean; this file is " + generated,
		},
		"channels": jsonObject{"circle": jsonObject{"address": "/ws", "messages": channel}},
		"operations": jsonObject{
			"fromClient": jsonObject{"action": "receive", "channel": here, "messages": in},
			"fromServer": jsonObject{"action": "send", "channel": here, "messages": out},
		},
		"components": jsonObject{"messages": messages, "schemas": schemas},
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		g.t.Fatal(err)
	}
	return string(b) + "\n"
}

func (g *generator) schema(t reflect.Type) jsonObject {
	properties, required := jsonObject{}, []string{}
	for _, f := range g.fields(t) {
		p := g.property(f.typ)
		if f.nullable() {
			p["additionalProperties"] = jsonObject{"oneOf": []any{p["additionalProperties"], jsonObject{"type": "null"}}}
		}
		switch {
		case f.name == "t":
			p = jsonObject{"const": g.kind(t)}
		case f.note != "" && p["$ref"] == nil:
			p["description"] = f.note
		}
		properties[f.name] = p
		if !f.optional {
			required = append(required, f.name)
		}
	}
	s := jsonObject{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	if note := g.notes[t.Name()]; note != "" {
		s["description"] = note
	}
	return s
}

func (g *generator) property(t reflect.Type) jsonObject {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return jsonObject{"type": "object"}
	case g.values[t] != nil, t.Kind() == reflect.Struct:
		return jsonObject{"$ref": "#/components/schemas/" + tsName(t)}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.property(t.Elem())
	case reflect.Slice:
		return jsonObject{"type": "array", "items": g.property(t.Elem())}
	case reflect.Map:
		return jsonObject{"type": "object", "additionalProperties": g.property(t.Elem())}
	case reflect.Bool:
		return jsonObject{"type": "boolean"}
	case reflect.String:
		return jsonObject{"type": "string"}
	case reflect.Uint64:
		return jsonObject{"type": "integer", "minimum": 0}
	case reflect.Int, reflect.Int64:
		return jsonObject{"type": "integer"}
	}
	g.t.Fatalf("no schema for %v", t)
	return nil
}

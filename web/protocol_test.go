package web

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"hearth/room"
)

// TestWireDocument holds the tables of PROTOCOL.md to the Go types; with
// -rewrite it writes them.
func TestWireDocument(t *testing.T) {
	g := newGenerator(t)
	const name = "PROTOCOL.md"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for what, made := range map[string]string{
		"client": g.frames(fromClient), "server": g.frames(fromServer), "views": g.views(), "acts": g.actTable(),
		"closes": closeTable(), "refusals": refusalTable(), "limits": g.limitTable(),
	} {
		from, to := "<!-- made: "+what+" -->\n", "<!-- end -->"
		before, rest, ok := strings.Cut(text, from)
		_, after, ok2 := strings.Cut(rest, to)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for %s", name, what)
		}
		text = before + from + made + to + after
	}
	if *rewrite {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != string(b) {
		t.Errorf("%s has drifted from the Go types: go test ./web -run TestWire -rewrite", name)
	}
}

// frames are tables of frames; t is in their heading.
func (g *generator) frames(of []any) string {
	var b strings.Builder
	for _, f := range of {
		t := reflect.TypeOf(f)
		fmt.Fprintf(&b, "**`%s`**: %s\n\n", g.kind(t), g.note1(t))
		g.fieldTable(&b, t)
	}
	return b.String()
}

// note1 is a type's comment without its name.
func (g *generator) note1(t reflect.Type) string {
	note := strings.TrimSpace(strings.TrimPrefix(g.notes[t.Name()], t.Name()))
	return strings.TrimPrefix(strings.TrimPrefix(note, "is "), "are ")
}

func (g *generator) fieldTable(b *strings.Builder, t reflect.Type) {
	head := false
	for _, f := range g.fields(t) {
		if f.name == "t" {
			continue
		}
		if !head {
			b.WriteString("| field | type | |\n|---|---|---|\n")
			head = true
		}
		mark := ""
		if f.optional {
			mark = "?"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", f.name, mark, strings.ReplaceAll(g.tsType(f.typ), "|", "\\|"), strings.TrimPrefix(f.note, "Tag "))
	}
	if head {
		b.WriteString("\n")
	}
}

// views are the structs inside of frames, and the texts that mean something.
func (g *generator) views() string {
	var b strings.Builder
	top := map[reflect.Type]bool{}
	for _, f := range slices.Concat(fromClient, fromServer) {
		top[reflect.TypeOf(f)] = true
	}
	for _, c := range g.capabilities() {
		top[actType(room.Capability(c))] = true
	}
	for _, t := range g.order {
		if !top[t] {
			fmt.Fprintf(&b, "**%s**: %s\n\n", tsName(t), g.note1(t))
			g.fieldTable(&b, t)
		}
	}
	b.WriteString("| text | one of |\n|---|---|\n")
	for _, t := range []reflect.Type{
		reflect.TypeFor[room.Role](), reflect.TypeFor[room.Phase](), reflect.TypeFor[room.Floor](), reflect.TypeFor[room.StickAt](),
		reflect.TypeFor[room.Reaction](), reflect.TypeFor[room.HoldWhy](), reflect.TypeFor[room.MuteWhy](), reflect.TypeFor[room.CareStep](),
		reflect.TypeFor[room.Kind](), reflect.TypeFor[room.Order](), reflect.TypeFor[room.Wish](), reflect.TypeFor[room.Duty](), reflect.TypeFor[room.SupportStep](),
	} {
		fmt.Fprintf(&b, "| %s | `%s` |\n", t.Name(), strings.Join(g.values[t], "` `"))
	}
	return b.String()
}

func (g *generator) actTable() string {
	var b strings.Builder
	b.WriteString("| act | with | who | |\n|---|---|---|---|\n")
	for _, c := range g.capabilities() {
		t := actType(room.Capability(c))
		var with []string
		for _, f := range g.fields(t) {
			mark := ""
			if f.optional {
				mark = "?"
			}
			note := ""
			if f.note != "" {
				note = " (" + f.note + ")"
			}
			with = append(with, fmt.Sprintf("`%s%s` %s%s", f.name, mark, g.tsType(f.typ), note))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c, strings.Join(with, ", "), whoMay(room.Capability(c)), actNotes[room.Capability(c)])
		if actNotes[room.Capability(c)] == "" {
			g.t.Errorf("%s does not say what it does", c)
		}
	}
	return b.String()
}

// actNotes say what each act does.
var actNotes = map[room.Capability]string{
	"admit":      "lets somebody in who waits at the door, as soon as there is a place for them; members: who greets tonight",
	"tell":       "something kind to somebody who waits at the door, in place of what was said to them before; members: who greets tonight",
	"aside":      "asks one person into a talk, or one or two into a quiet room (see Asides); whoever doesn't look after the circle can ask those who do",
	"aside-end":  "ends one that one is in, or looks after",
	"close":      "ends the gathering for everybody",
	"consent":    "to a support round for oneself, also unasked; no also ends one",
	"extend":     "minutes for the present stage; what follows moves with it",
	"grant":      "a duty for tonight, or takes it back",
	"hand":       "raises a hand, or lowers it",
	"hand-over":  "gives the chair on; who gets it is a deputy from then on",
	"move":       "who comes next in the round; between rounds who sits where",
	"plan":       "changes what is still to come of tonight's agenda",
	"remind":     "shows everybody the ground rules",
	"stage":      "goes to a stage; whoever speaks has a minute for their last words",
	"support":    "offers somebody a support round",
	"wish":       "what one would like from the others in one's turn",
	"decline":    "not now; the stick goes on",
	"deputy":     "names somebody to take over, or takes that back",
	"guard":      "words without the stick, to protect the circle, shown as such",
	"hold":       "holds the room: stick, clocks, words and typing rest",
	"later":      "at the end of the round, once a round",
	"lay":        "lays the stick in the centre",
	"leave":      "gives the seat up; `fine`: I'm fine, just leaving",
	"listen":     "listening today, or taking part again",
	"more-time":  "minutes for the present turn, 1 to 30",
	"mute":       "for minutes, 1 to 60; the person is told `why`",
	"name":       "what to be called",
	"next":       "begins the circle, goes on, or starts a round",
	"offer":      "offers the stick to somebody",
	"open-floor": "anyone unmuted may speak, the stick rests",
	"pass":       "passes the stick on",
	"react":      "a silent sign",
	"release":    "lets a held room go on",
	"remove":     "ends the seat and bars it from this room",
	"retract":    "takes one's own words back; `seq` is their entry's",
	"say":        "words, with the stick or on the open floor",
	"skip":       "takes back an offer or a turn; the stick goes on",
	"take":       "takes the offered stick",
	"take-chair": "keeps the circle from now on",
	"typing":     "a sign that somebody writes",
	"unmute":     "ends a mute",
}

// whoMay lists the roles that may do something in some phase.
func whoMay(c room.Capability) string {
	var roles []string
	for _, r := range []room.Role{room.Listener, room.Member, room.Deputy, room.Facilitator, room.Moderator} {
		for _, p := range []room.Phase{room.Gathering, room.Circle, room.Held} {
			if room.May(c, r, p) {
				roles = append(roles, string(r))
				break
			}
		}
	}
	if len(roles) == 5 {
		return "everybody"
	}
	return strings.Join(roles, ", ")
}

func closeTable() string {
	var b strings.Builder
	b.WriteString("| code | means | then |\n|---|---|---|\n")
	for _, c := range closeCodes {
		fmt.Fprintf(&b, "| %d | %s | %s |\n", c.Code, c.Means, c.Then)
	}
	return b.String()
}

func refusalTable() string {
	var b strings.Builder
	b.WriteString("| code | says |\n|---|---|\n")
	codes := slices.Concat(room.Codes(), Codes())
	slices.Sort(codes)
	for _, c := range codes {
		say := room.Refuse(c).Say
		if say == "" {
			say = refuse(c).Say
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", c, say)
	}
	return b.String()
}

func (g *generator) limitTable() string {
	var b strings.Builder
	b.WriteString("| what | default | |\n|---|---|---|\n")
	v := reflect.ValueOf(DefaultLimits())
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		value := fmt.Sprint(v.Field(i).Interface())
		switch x := v.Field(i).Interface().(type) {
		case Rate:
			value = fmt.Sprintf("%d, then one every %v", x.Burst, x.Every)
		case time.Duration:
			value = strings.TrimSuffix(strings.TrimSuffix(x.String(), "0s"), "0m")
			if value == "" || !unicode.IsLetter(rune(value[len(value)-1])) {
				value = x.String()
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", spaced(name), value, g.notes["Limits."+name])
	}
	return b.String()
}

// spaced makes "sockets per seat" of SocketsPerSeat.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Every code that a sitting's end can close with is in the table, once.
func TestEveryCloseCodeIsExplained(t *testing.T) {
	seen := map[int]bool{}
	for _, c := range closeCodes {
		if seen[int(c.Code)] || c.Means == "" || c.Then == "" {
			t.Errorf("%d is explained twice, or not at all", c.Code)
		}
		seen[int(c.Code)] = true
	}
	for _, c := range []int{1000, 1003, 1007, 1009, 1011, 1012, 4400, 4401, 4403, 4404, 4408, 4409, 4410, 4412, 4429} {
		if !seen[c] {
			t.Errorf("%d is not explained", c)
		}
	}
}

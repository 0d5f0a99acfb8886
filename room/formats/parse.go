package formats

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"

	"hearth/room"
)

// The keys of a file, by the part they stand in.
var (
	ofFormat = map[string]func(*Format, value) error{
		"name":        func(f *Format, v value) (err error) { f.Name, err = v.name(); return },
		"description": func(f *Format, v value) (err error) { f.Description, err = v.words(MaxDescription); return },
		"opening":     func(f *Format, v value) (err error) { f.Opening, err = v.words(room.MaxPrompt); return },
		"goodbye":     func(f *Format, v value) (err error) { f.Goodbye, err = v.words(MaxGoodbye); return },
		"resources": func(f *Format, v value) (err error) {
			f.Resources, err = v.sentences(MaxResources, MaxResource)
			return
		},
		"rules": func(f *Format, v value) (err error) { f.Rules, err = v.sentences(MaxRules, MaxRule); return },
	}
	ofGraces = map[string]func(*Graces, value) error{
		"offer-window":   grace(func(g *Graces) *time.Duration { return &g.OfferWindow }),
		"grace":          grace(func(g *Graces) *time.Duration { return &g.Grace }),
		"keeper-grace":   grace(func(g *Graces) *time.Duration { return &g.KeeperGrace }),
		"deputy-wait":    grace(func(g *Graces) *time.Duration { return &g.DeputyWait }),
		"moderator-wait": grace(func(g *Graces) *time.Duration { return &g.ModWait }),
		"close-notice":   grace(func(g *Graces) *time.Duration { return &g.CloseNotice }),
	}
	ofStage = map[string]func(*room.Stage, value) error{
		"title":  func(g *room.Stage, v value) (err error) { g.Title, err = v.words(room.MaxTitle); return },
		"prompt": func(g *room.Stage, v value) (err error) { g.Prompt, err = v.words(room.MaxPrompt); return },
		"cue":    func(g *room.Stage, v value) (err error) { g.Cue, err = v.words(room.MaxCue); return },
		"kind": func(g *room.Stage, v value) error {
			text, err := v.words(room.MaxTitle)
			g.Kind = room.Kind(text)
			return err
		},
		"order": func(g *room.Stage, v value) error {
			text, err := v.words(room.MaxTitle)
			g.Order = room.Order(text)
			return err
		},
		"minutes": func(g *room.Stage, v value) (err error) { g.Time, err = v.minutes(room.MaxStageTime); return },
		"turn": func(g *room.Stage, v value) (err error) {
			g.Turn, err = v.turn(room.MinTurnTime, room.MaxTurnTime)
			return
		},
		"rounds":  func(g *room.Stage, v value) (err error) { g.Rounds, err = v.rounds(room.MaxRounds); return },
		"split":   func(g *room.Stage, v value) (err error) { g.Split, err = v.yes(); return },
		"hard":    func(g *room.Stage, v value) (err error) { g.Hard, err = v.yes(); return },
		"images":  func(g *room.Stage, v value) (err error) { g.Images, err = v.yes(); return },
		"closing": func(g *room.Stage, v value) (err error) { g.Closing, err = v.yes(); return },
	}
	ofRound = []string{"order", "turn", "split", "hard", "rounds", "images", "closing"}
)

// grace reads one of the graces.
func grace(of func(*Graces) *time.Duration) func(*Graces, value) error {
	return func(g *Graces, v value) (err error) { *of(g), err = v.span(MinGrace, MaxGrace); return }
}

// part is the head of the file or what stands below one [graces] or
// [[stage]].
type part struct {
	table string         // "", graces or stage
	line  int            // of its heading
	keys  map[string]int // the line of each
}

// reader goes through a file from top to bottom, and stops at what is wrong.
type reader struct {
	file   string
	p      unstable.Parser
	f      Format
	head   part
	graces part
	stages []part // of f.Agenda
	now    *part
}

// Parse reads one format. The name of the file is for errors, which are
// *Error.
func Parse(name string, text []byte) (Format, error) {
	r := &reader{file: name, head: part{line: 1, keys: map[string]int{}}}
	r.now = &r.head
	text, err := r.plain(text)
	if err != nil {
		return Format{}, err
	}
	r.p.Reset(text)
	for r.p.NextExpression() {
		if err := r.expression(r.p.Expression()); err != nil {
			return Format{}, err
		}
	}
	if err := r.p.Error(); err != nil {
		return Format{}, r.unreadable(err)
	}
	if err := r.whole(); err != nil {
		return Format{}, err
	}
	return r.f, nil
}

func (r *reader) no(line int, format string, a ...any) error {
	why := fmt.Sprintf(format, a...)
	if !strings.HasSuffix(why, ".") {
		why += "."
	}
	return &Error{File: r.file, Line: line, Why: why}
}

// plain refuses what is no text. Editors on Windows put a mark at the
// beginning of a file, which says nothing.
func (r *reader) plain(text []byte) ([]byte, error) {
	if len(text) > MaxFile {
		return nil, r.no(1, "the file is too long: %d KiB is the most", MaxFile>>10)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, r.no(1, "the file is empty")
	}
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && n == 1 {
			line := 1 + bytes.Count(text[:i], []byte{'\n'})
			return nil, r.no(line, "there is a sign that can't be read. Please save the file as plain text in UTF-8")
		}
		i += n
	}
	return text, nil
}

// unreadable puts what the parser says in words, with the line it means.
func (r *reader) unreadable(err error) error {
	line, why := 1+bytes.Count(r.p.Data(), []byte{'\n'}), ""
	var e *unstable.ParserError
	if errors.As(err, &e) {
		line, why = r.line(r.p.Range(e.Highlight)), " ("+e.Message+")"
	}
	return r.no(line, `this line can't be read%s. A line looks like: minutes = 25, or with a text: title = "Highs and lows"`, why)
}

func (r *reader) line(at unstable.Range) int { return r.p.Shape(at).Start.Line }

// expression is a heading in brackets or a line with a key.
func (r *reader) expression(n *unstable.Node) error {
	it := n.Key()
	it.Next()
	key, line := string(it.Node().Data), r.line(it.Node().Raw)
	if !it.IsLast() {
		return r.no(line, "a name has no dots in it")
	}
	if n.Kind == unstable.KeyValue {
		return r.set(key, line, r.value(n.Value(), line))
	}
	return r.heading(key, line, n.Kind == unstable.ArrayTable)
}

func (r *reader) heading(key string, line int, double bool) error {
	switch {
	case key == "stage" && !double:
		return r.no(line, "a stage begins with two brackets: [[stage]]")
	case key == "graces" && double:
		return r.no(line, "the graces begin with one bracket: [graces]")
	case key == "graces" && r.graces.line > 0:
		return r.no(line, "the graces are in line %d already", r.graces.line)
	case key == "graces":
		r.graces = part{table: key, line: line, keys: map[string]int{}}
		r.now = &r.graces
	case key == "stage" && len(r.stages) == room.MaxStages:
		return r.no(line, "there are more than %d stages", room.MaxStages)
	case key == "stage":
		r.stages = append(r.stages, part{table: key, line: line, keys: map[string]int{}})
		r.f.Agenda = append(r.f.Agenda, room.Stage{ID: room.StageID(len(r.stages))})
		r.now = &r.stages[len(r.stages)-1]
	default:
		return r.no(line, "there is no part called %s. There are [[stage]] and [graces]", quote(key))
	}
	return nil
}

// set reads one line into the part it stands in.
func (r *reader) set(key string, line int, v value) error {
	if first, twice := r.now.keys[key]; twice {
		return r.no(line, "%s is in line %d already", quote(key), first)
	}
	r.now.keys[key] = line
	known, err := false, error(nil)
	switch r.now.table {
	case "graces":
		known, err = put(ofGraces, &r.f.Graces, key, v)
	case "stage":
		known, err = put(ofStage, &r.f.Agenda[len(r.f.Agenda)-1], key, v)
	default:
		known, err = put(ofFormat, &r.f, key, v)
	}
	if !known {
		return r.unknown(key, line)
	}
	var other at
	if errors.As(err, &other) {
		line = other.line
	}
	if err != nil {
		return r.no(line, "%s: %v", key, err)
	}
	return nil
}

func put[T any](keys map[string]func(*T, value) error, to *T, key string, v value) (known bool, _ error) {
	f, known := keys[key]
	if !known {
		return false, nil
	}
	return true, f(to, v)
}

// unknown helps with a key that stands in the wrong part, or nowhere.
func (r *reader) unknown(key string, line int) error {
	var here []string
	switch r.now.table {
	case "graces":
		here = slices.Sorted(maps.Keys(ofGraces))
	case "stage":
		here = slices.Sorted(maps.Keys(ofStage))
	default:
		here = slices.Sorted(maps.Keys(ofFormat))
	}
	switch {
	case ofFormat[key] != nil:
		return r.no(line, "%s belongs to the top of the file, above [graces] and the first [[stage]]", quote(key))
	case ofStage[key] != nil:
		return r.no(line, "%s belongs to a stage, below its [[stage]]", quote(key))
	case ofGraces[key] != nil:
		return r.no(line, "%s belongs below [graces]", quote(key))
	}
	return r.no(line, "there is nothing called %s here. There are: %s", quote(key), strings.Join(here, ", "))
}

// value takes what the parser found, one list deep. What is in a list may
// stand in a later line than its key.
func (r *reader) value(n *unstable.Node, line int) value {
	if n.Raw.Length > 0 {
		line = r.line(n.Raw)
	}
	v := value{kind: n.Kind, text: string(n.Data), line: line}
	if n.Kind != unstable.Array {
		return v
	}
	for it := n.Children(); it.Next() && len(v.list) <= MaxRules; { // one too many: who reads it says so
		one := it.Node()
		if one.Kind == unstable.Array {
			v.list = append(v.list, value{kind: one.Kind, line: line})
		} else {
			v.list = append(v.list, r.value(one, line))
		}
	}
	return v
}

// quote shows a key as it was written, if it is short enough to be one.
func quote(key string) string {
	if len(key) > MaxName {
		return "that"
	}
	return fmt.Sprintf("%q", key)
}

// whole judges what only the whole file can tell.
func (r *reader) whole() error {
	for _, must := range []struct{ key, like string }{
		{"name", `name = "night-shift"`},
		{"description", `description = "For people who work at night."`},
		{"rules", `rules = ["What is said here stays here."]`},
	} {
		if r.head.keys[must.key] == 0 {
			return r.no(1, "the line with the %s is missing. Please write one at the top, like: %s", must.key, must.like)
		}
	}
	closing, written := 0, 0
	var sum time.Duration
	most := room.DefaultSettings().MaxLife
	for i, p := range r.stages {
		g := &r.f.Agenda[i]
		if err := r.stage(g, p); err != nil {
			return err
		}
		if g.Closing && closing > 0 {
			return r.no(p.keys["closing"], "there are two closing rounds; the other is in line %d. Please choose one", closing)
		}
		if g.Closing {
			closing = p.keys["closing"]
		}
		if written += len(g.Title) + len(g.Prompt) + len(g.Cue); written > room.MaxText {
			return r.no(p.line, "with this stage the titles, prompts and cues have %d bytes together, and %d is the most. Please say some of it shorter", written, room.MaxText)
		}
		if sum += g.Time; sum > most {
			return r.no(p.keys["minutes"], "up to here the stages take longer than %s, which no gathering does", short(most))
		}
	}
	if len(r.stages) == 0 {
		return r.no(1, "there is no stage. A stage begins with [[stage]]")
	}
	if closing == 0 {
		return r.no(r.stages[len(r.stages)-1].line, "this is the last stage, and none was the closing round. Please write closing = true below one that is a round")
	}
	if err := room.CheckAgenda(r.f.Agenda); err != nil {
		return r.no(1, "%v", err)
	}
	return nil
}

// stage fills in what goes without saying, and finds the line of what the
// room won't have.
func (r *reader) stage(g *room.Stage, p part) error {
	for _, must := range []string{"title", "kind"} {
		if p.keys[must] == 0 {
			return r.no(p.line, "this stage has no %s", must)
		}
	}
	if g.Kind == room.KindRound {
		if g.Order == "" {
			g.Order = room.OrderRing
		}
		if byHand := g.Order == room.OrderHands || g.Order == room.OrderLeast; p.keys["rounds"] == 0 && !byHand {
			g.Rounds = 1
		}
	}
	err := g.Check()
	if err == nil {
		return nil
	}
	field, why, _ := strings.Cut(err.Error(), ": ")
	if field == "time" {
		field = "minutes"
	}
	line := p.line
	if at := p.keys[field]; at > 0 {
		line = at
	}
	if field == "kind" && strings.HasPrefix(why, "order") {
		line = p.first(ofRound)
	}
	return r.no(line, "%s: %s", field, why)
}

// first is the first line of some keys.
func (p part) first(keys []string) int {
	line := 0
	for _, k := range keys {
		if at := p.keys[k]; at > 0 && (line == 0 || at < line) {
			line = at
		}
	}
	return max(line, p.line)
}

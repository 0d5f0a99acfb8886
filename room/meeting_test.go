package room

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write what the meetings in testdata say now")

// The meetings in testdata are read like this: a line is a comment, something
// that somebody does, a wait, or a question; what came of it follows with
// "> ". Names are seats. An act names the present turn unless it says another.
var (
	circleLine = regexp.MustCompile(`^circle((?: \w+=[\w,]+)*)$`)
	arriveLine = regexp.MustCompile(`^([\w, ]+?) arrives?(?: as (\w+))?( listening)?(?: called "(.*)")?(?: at (\w+))?( asked)?( to wait)?( first)?( deputy)?$`)
	lineLine   = regexp.MustCompile(`^(\w+)'s line (drops|is back)(?: at (\w+))?$`)
	nodeLine   = regexp.MustCompile(`^node (\w+) is lost$`)
	keyLine    = regexp.MustCompile(`^key (\w+)(?: after (\w+))?$`)
	waitLine   = regexp.MustCompile(`^(wait|outage|dark) (\w+)$`)
	seesLine   = regexp.MustCompile(`^(\w+) sees?$`)
	timerLine  = regexp.MustCompile(`^late timer: (\w+) ?(\d+)?(\w*)$`)
	actLine    = regexp.MustCompile(`^(\w+): ([\w-]+)(.*)$`)
	turnWord   = regexp.MustCompile(` turn (\d+)`)
	numberWord = regexp.MustCompile(` #(\d+)(?: tab (\w+))?`)
	timesWord  = regexp.MustCompile(`"(.)" times (\d+)`)
	quoted     = regexp.MustCompile(`"(.*)"`)
)

// meeting runs one script.
type meeting struct {
	*gathering
	out   []string
	codes map[Code]int // refused with
	acts  map[Capability]int
}

func TestMeetings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	codes, acts, scripts := map[Code]int{}, map[Capability]int{}, 0
	for _, f := range files {
		if filepath.Base(f) == "capabilities.txt" {
			continue
		}
		scripts++
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { runMeeting(t, f, codes, acts) })
	}
	if scripts < 60 {
		t.Errorf("only %d meetings", scripts)
	}
	for _, c := range Codes() {
		if codes[c] == 0 {
			t.Errorf("no meeting in which somebody is told %q", c)
		}
	}
	for _, c := range wireCapabilities {
		if acts[c] == 0 {
			t.Errorf("no meeting in which somebody does %q", c)
		}
	}
}

func runMeeting(t *testing.T, file string, codes map[Code]int, acts map[Capability]int) {
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := &meeting{codes: codes, acts: acts}
	for n, line := range strings.Split(strings.TrimSuffix(string(script), "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		m.out = append(m.out, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := m.line(line); err != nil {
			t.Fatalf("line %d, %s: %v", n+1, line, err)
		}
	}
	if err := m.replayed(); err != nil {
		t.Error(err)
	}
	got := strings.Join(m.out, "\n") + "\n"
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(script) {
		t.Errorf("the meeting went otherwise (go test -run %s -rewrite writes it down):\n%s", t.Name(), differences(string(script), got))
	}
}

// differences shows the first place where two texts part.
func differences(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-3)
			return fmt.Sprintf("line %d\nwritten:\n  %s\nnow:\n  %s", i+1,
				strings.Join(a[from:min(len(a), i+4)], "\n  "), strings.Join(b[from:min(len(b), i+4)], "\n  "))
		}
	}
	return "one ends before the other"
}

func (m *meeting) tell(lines ...string) {
	for _, l := range lines {
		m.out = append(m.out, "> "+l)
	}
}

// line does what one line of a script says.
func (m *meeting) line(line string) error {
	if p := circleLine.FindStringSubmatch(line); p != nil {
		set, err := settings(strings.Fields(p[1]))
		m.gathering = newGathering(set)
		return err
	}
	if m.gathering == nil {
		return errors.New("a meeting begins with a circle")
	}
	if line == "show" {
		m.tell(tellState(m.s, m.now)...)
		return nil
	}
	if p := arriveLine.FindStringSubmatch(line); p != nil {
		return m.arrive(p)
	}
	if p := lineLine.FindStringSubmatch(line); p != nil {
		if p[2] == "drops" {
			return m.came(m.house(Drop{Seat: SeatID(p[1]), Node: p[3]}))
		}
		return m.came(m.house(Arrive{Seat: SeatID(p[1]), Node: p[3]}))
	}
	if is, err := m.asideLine(line); is {
		return err
	}
	if p := nodeLine.FindStringSubmatch(line); p != nil {
		return m.came(m.house(Lost{Node: p[1]}))
	}
	if p := keyLine.FindStringSubmatch(line); p != nil {
		return m.came(m.house(Rekey{Kid: p[1], Was: p[2]}))
	}
	if p := waitLine.FindStringSubmatch(line); p != nil {
		return m.time(p[1], p[2])
	}
	if p := timerLine.FindStringSubmatch(line); p != nil {
		turn, _ := strconv.ParseUint("0"+p[2], 10, 64)
		return m.came(m.house(Timer{What: What(p[1]), Turn: turn, Seat: SeatID(p[3])}))
	}
	if p := seesLine.FindStringSubmatch(line); p != nil {
		return m.sees(p[1])
	}
	if p := actLine.FindStringSubmatch(line); p != nil {
		return m.act(SeatID(p[1]), Capability(p[2]), p[3])
	}
	return errors.New("what does that mean?")
}

// came writes down what came of a command.
func (m *meeting) came(events []Event, err error) error {
	var repeat *Repeat
	switch code := codeOf(err); {
	case code != "":
		m.codes[code]++
		m.tell("refused " + string(code))
		return nil
	case errors.As(err, &repeat):
		m.tell(fmt.Sprintf("as answered before: entry %d", repeat.Seq))
		return nil
	case err != nil:
		return err
	case len(events) == 0:
		m.tell("already so")
	}
	for _, ev := range events {
		if n, ok := ev.(Named); ok && string(n.Seat) == n.Name.Name {
			continue
		}
		m.tell(tell(ev))
	}
	return nil
}

func (m *meeting) arrive(p []string) error {
	role := Role(p[2])
	if role == "" {
		role = Member
	}
	for _, name := range strings.Split(p[1], ", ") {
		called := name
		if p[4] != "" {
			called = p[4]
		}
		n := &Name{Name: called, Key: strings.ToLower(called)}
		if called == "-" {
			n = &Name{}
		}
		if err := m.came(m.house(Arrive{Seat: SeatID(name), Role: role, Listen: p[3] != "", Name: n, Node: p[5], Asked: p[6] != "",
			Wait: p[7] != "", First: p[8] != "", Deputy: p[9] != ""})); err != nil {
			return err
		}
	}
	return nil
}

func (m *meeting) time(how, long string) error {
	d, err := time.ParseDuration(long)
	if err != nil {
		return err
	}
	if how == "dark" { // it was so until now, as another node tells
		return m.came(m.house(Outage{From: m.now.Add(-d), To: m.now}))
	}
	if how == "outage" {
		from := m.now
		m.now = m.now.Add(d) // nothing runs meanwhile
		return m.came(m.house(Outage{From: from, To: m.now}))
	}
	return m.pass(d, func(c Command, events []Event) {
		for i, ev := range events {
			at := "         "
			if i == 0 {
				at = clock(m.now) + " "
			}
			m.tell(at + tell(ev))
		}
	})
}

// sees prints what somebody sees: "everybody" the shared frame of the last
// entry, "keepers" theirs, a seat its own.
func (m *meeting) sees(who string) error {
	last := m.log[len(m.log)-1]
	var v any
	switch who {
	case "everybody":
		v = View(m.s, last, Everybody)
	case "keepers":
		v = View(m.s, last, Audience{Keepers: true})
	default:
		if v = m.s.YouView(SeatID(who)); m.s.Seats[SeatID(who)] == nil && m.s.doorAt(SeatID(who)) >= 0 {
			v = View(m.s, last, Audience{Door: SeatID(who)})
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	m.tell(strings.TrimSpace(b.String()))
	return err
}

// settings reads "grace=30s"; the rest is the default.
func settings(words []string) (Settings, error) {
	set := DefaultSettings()
	durations := map[string]*time.Duration{
		"window": &set.OfferWindow, "turn": &set.TurnTime, "grace": &set.Grace, "stopped": &set.MaxStopped,
		"seat": &set.SeatGrace, "ask": &set.HoldAsk, "keeper": &set.KeeperGrace, "deputy": &set.DeputyWait,
		"moderator": &set.ModWait, "notice": &set.CloseNotice, "life": &set.MaxLife,
	}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		var err error
		if d := durations[key]; d != nil {
			*d, err = time.ParseDuration(value)
		} else if key == "aside" {
			set = AsideSettings(ID(value), "Circle")
		} else if key == "agenda" {
			set.Agenda, err = agendaOf(value)
		} else if key == "seats" {
			set.MaxSeats, err = strconv.Atoi(value)
		} else {
			err = errors.New("no such setting")
		}
		if err != nil {
			return set, fmt.Errorf("%s: %w", w, err)
		}
	}
	return set, nil
}

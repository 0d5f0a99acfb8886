package formats_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/room"
	"hearth/room/formats"
)

var rewrite = flag.Bool("rewrite", false, "write what the meetings in testdata say now")

// The meetings in testdata are read like those of package room: a line is a
// comment, something that somebody does, or a wait; what came of it follows
// with "> ". Names are seats. Stages are named by their titles.
var (
	circleLine = regexp.MustCompile(`^circle ([\w-]+)$`)
	arriveLine = regexp.MustCompile(`^([\w, ]+?) arrives?(?: as (\w+))?( listening)?$`)
	lineLine   = regexp.MustCompile(`^(\w+)'s line (drops|is back)$`)
	waitLine   = regexp.MustCompile(`^wait (\w+)$`)
	speakLine  = regexp.MustCompile(`^(?:each|next (\d+)) speaks? for (\w+)$`)
	actLine    = regexp.MustCompile(`^(\w+): ([\w-]+)(?: ([^"]*?))?(?: ?"(.*)")?$`)
)

// meeting runs one script.
type meeting struct {
	evening
	all []formats.Format
	out []string
}

// TestEachFormatIsHeld holds each format from arrival to goodbye.
func TestEachFormatIsHeld(t *testing.T) {
	all, err := formats.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		t.Run(f.Name, func(t *testing.T) {
			m := &meeting{all: all}
			m.run(t, filepath.Join("testdata", f.Name+".txt"))
			if m.s.Phase != room.Over {
				t.Error("the circle is not closed")
			}
			for _, g := range f.Agenda {
				came := func(line string) bool {
					return strings.HasPrefix(line, ">") && strings.HasSuffix(line, "stage: "+g.Title)
				}
				if !slices.ContainsFunc(m.out, came) {
					t.Errorf("it never comes to %q", g.Title)
				}
			}
		})
	}
}

func (m *meeting) run(t *testing.T, file string) {
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSuffix(string(script), "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		m.out = append(m.out, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := m.line(line); err != nil {
			t.Fatalf("%s, line %d, %s: %v\n%s", file, n+1, line, err, strings.Join(m.out[max(0, len(m.out)-12):], "\n"))
		}
	}
	got := strings.Join(m.out, "\n") + "\n"
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(script) {
		t.Errorf("the meeting went otherwise (go test ./room/formats -run %s -rewrite writes it down):\n%s", t.Name(), parts(string(script), got))
	}
}

// parts shows the first place where two texts part.
func parts(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-3)
	return fmt.Sprintf("line %d\nwritten:\n  %s\nnow:\n  %s", i+1,
		strings.Join(a[from:min(len(a), i+4)], "\n  "), strings.Join(b[from:min(len(b), i+4)], "\n  "))
}

func (m *meeting) line(line string) error {
	if p := circleLine.FindStringSubmatch(line); p != nil {
		f, ok := formats.Named(m.all, p[1])
		if !ok {
			return errors.New("there is no such format")
		}
		set := f.Settings(room.DefaultSettings())
		j := newJudge(set)
		m.watch = func(e room.Entry) error { return j.saw(m.s, e) }
		m.open(set)
		return nil
	}
	if m.s == nil {
		return errors.New("a meeting begins with a circle")
	}
	if p := arriveLine.FindStringSubmatch(line); p != nil {
		return m.arrive(p)
	}
	if p := lineLine.FindStringSubmatch(line); p != nil {
		if p[2] == "drops" {
			return m.came(m.house(room.Drop{Seat: room.SeatID(p[1])}))
		}
		return m.came(m.house(room.Arrive{Seat: room.SeatID(p[1])}))
	}
	if p := waitLine.FindStringSubmatch(line); p != nil {
		return m.wait(p[1])
	}
	if p := speakLine.FindStringSubmatch(line); p != nil {
		return m.speak(p[1], p[2])
	}
	if p := actLine.FindStringSubmatch(line); p != nil {
		a, err := m.act(p[2], strings.Fields(p[3]), p[4])
		if err != nil {
			return err
		}
		return m.came(m.by(room.SeatID(p[1]), a))
	}
	return errors.New("what does that mean?")
}

func (m *meeting) arrive(p []string) error {
	role := room.Role(p[2])
	if role == "" {
		role = room.Member
	}
	for _, name := range strings.Split(p[1], ", ") {
		if err := m.came(m.house(room.Arrive{Seat: room.SeatID(name), Role: role, Listen: p[3] != ""})); err != nil {
			return err
		}
	}
	return nil
}

// came writes down what came of a command. A meeting goes as it should: a
// refusal is a mistake in the script.
func (m *meeting) came(events []room.Event, err error) error {
	for _, ev := range events {
		m.out = append(m.out, "> "+m.told(ev))
	}
	return err
}

func (m *meeting) wait(long string) error {
	d, err := time.ParseDuration(long)
	if err != nil {
		return err
	}
	for until := m.now.Add(d); ; {
		ran, events, err := m.timer(until)
		if !ran || err != nil {
			m.now = until
			return err
		}
		for i, ev := range events {
			at := "         "
			if i == 0 {
				at = clock(m.now) + " "
			}
			m.out = append(m.out, "> "+at+m.told(ev))
		}
	}
}

// speak lets those to whom the stick comes speak so long each, in this round
// or for so many turns.
func (m *meeting) speak(times, long string) error {
	n, stage, round := 100, m.s.Now.Stage, m.s.Round.N
	if times != "" {
		n, _ = strconv.Atoi(times)
	}
	for range n {
		st := m.s.Stick
		if st.At != room.Offered || m.s.Now.Stage != stage || m.s.Round.N != round {
			break
		}
		if err := m.came(m.by(st.Seat, room.Take{Turn: st.Turn})); err != nil {
			return err
		}
		if err := m.wait(long); err != nil {
			return err
		}
		if m.s.Stick.At == room.InHand && m.s.Stick.Turn == st.Turn {
			if err := m.came(m.by(st.Seat, room.Pass{Turn: st.Turn})); err != nil {
				return err
			}
		}
	}
	return nil
}

// act reads what somebody does; turn and stage are the present ones.
func (m *meeting) act(what string, words []string, text string) (room.Act, error) {
	turn, whom := m.s.Stick.Turn, room.SeatID("")
	if len(words) > 0 {
		whom = room.SeatID(words[len(words)-1])
	}
	acts := map[string]room.Act{
		"next": room.Next{Turn: turn}, "take": room.Take{Turn: turn}, "decline": room.Decline{Turn: turn}, "later": room.Later{Turn: turn},
		"pass": room.Pass{Turn: turn, To: whom}, "listen": room.Listen{On: true}, "hand": room.Hand{On: len(words) == 0}, "leave": room.Leave{Fine: true},
		"say": room.Say{Turn: turn, Text: text}, "wish": room.SetWish{Turn: turn, Wish: room.Wish(whom)}, "guard": room.Guard{Text: text},
		"consent": room.Consent{Yes: len(words) == 0}, "support": room.Rally{Seat: whom}, "deputy": room.NameDeputy{Seat: whom, On: true},
		"take-chair": room.TakeChair{}, "remind": room.Remind{}, "close": room.Close{}, "offer": room.Offer{Turn: turn, Seat: whom},
		"show": room.Show{Turn: turn, Alt: text, Picture: room.Picture{Name: "picture", Type: "image/png", W: 4, H: 3}},
	}
	if len(words) == 2 && what == "grant" {
		return room.Grant{Seat: room.SeatID(words[0]), Duty: room.Duty(words[1]), On: true}, nil
	}
	if i := slices.IndexFunc(m.s.Agenda, func(g room.Stage) bool { return g.Title == text }); what == "stage" && i >= 0 {
		return room.Go{From: m.s.Now.Stage, To: m.s.Agenda[i].ID}, nil
	}
	if a := acts[what]; a != nil {
		return a, nil
	}
	return nil, errors.New("nobody here knows how to do that")
}

// told says an event, with a stage's title.
func (m *meeting) told(ev room.Event) string {
	title := func(id room.StageID) string {
		return m.s.Agenda[slices.IndexFunc(m.s.Agenda, func(g room.Stage) bool { return g.ID == id })].Title
	}
	switch ev := ev.(type) {
	case room.StageSet:
		return "stage: " + title(ev.Stage)
	case room.StageMoving:
		return title(ev.Stage) + " follows after these words"
	case room.BellRang:
		return "the bell rings"
	}
	return tell(ev)
}

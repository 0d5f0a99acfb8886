package faults

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/room"
)

// Outcome is what a client was told about a command.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "ok"      // committed as entry Seq
	Already Outcome = "already" // it was so before
	Refused Outcome = "refused" // with Code
	Unknown Outcome = "unknown" // no answer until the end
)

// Op is one numbered command of one session, from the first time it was sent
// to the answer that settled it; it may have been sent many times.
type Op struct {
	Seat    room.SeatID
	Session string
	N       uint64
	Do      room.Act

	Start, End time.Duration // since the record began
	Tries      int
	Outcome    Outcome
	Seq        uint64
	Code       room.Code
}

func (o Op) String() string {
	what, _ := json.Marshal(o.Do)
	s := fmt.Sprintf("%v-%v %.8s/%.4s #%d %s%s: %s", o.Start.Round(time.Millisecond), o.End.Round(time.Millisecond), o.Seat, o.Session, o.N, o.Do.Can(), what, o.Outcome)
	switch o.Outcome {
	case Done:
		s += fmt.Sprint(" ", o.Seq)
	case Refused:
		s += " " + string(o.Code)
	}
	if o.Tries > 1 {
		s += fmt.Sprintf(" (sent %d times)", o.Tries)
	}
	return s
}

// Command is the command as the room was asked it.
func (o Op) Command() room.Command {
	return room.Command{By: room.Actor{Seat: o.Seat}, Session: o.Session, N: o.N, Do: o.Do}
}

// Point is a place in a room's log as clients are told it.
type Point struct {
	Epoch string
	Seq   uint64
}

// Sight is what clients saw of one entry, all alike.
type Sight struct {
	First time.Duration  // when the first of them did
	Room  *room.RoomView // its prompt without what was typed
	Said  *room.SaidView
	Typed []string // prompts with what was typed, which not everybody may know
}

// typedMark is in every prompt that is typed in these circles, behind what the
// agenda says: it is words, so clients may see a prompt with it or without.
const typedMark = "(as planned "

// untyped takes what was typed off a prompt.
func untyped(prompt string) string {
	was, _, _ := strings.Cut(prompt, typedMark)
	return strings.TrimSpace(was)
}

// Final is what a client knew at the end, after entry Seq.
type Final struct {
	Who   string
	Keeps bool // it keeps the circle, and so knows what Keep says
	Seq   uint64
	View  *room.RoomView
	Seats map[room.SeatID]*room.SeatView
	Keep  *room.KeepView
}

// Loss is what a client learnt about its own acknowledged commands: that its
// session is only at Last where Acked had been acknowledged.
type Loss struct {
	Seat        room.SeatID
	Session     string
	Acked, Last uint64
	At          time.Duration
	Rewound     bool // the server said so, too
}

// Record is all that clients did and saw in one room. Its methods may be
// called by anybody at any time; its fields are read when all have ended.
type Record struct {
	mu     sync.Mutex // guards what follows
	began  time.Time
	Ops    []Op
	Sights map[Point][]*Sight // more than one is wrong, unless the log was rewound
	Losses []Loss
	Finals []Final
	Wrong  []string // what no client may ever see
}

// NewRecord begins one; all records of a run begin at one time.
func NewRecord(began time.Time) *Record {
	return &Record{began: began, Sights: map[Point][]*Sight{}}
}

// Now is the time of the record.
func (r *Record) Now() time.Duration { return time.Since(r.began) }

// add keeps an operation.
func (r *Record) add(o Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Ops = append(r.Ops, o)
}

// lost keeps what was lost.
func (r *Record) lost(l Loss) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Losses = append(r.Losses, l)
}

// ended keeps what a client knew at its end.
func (r *Record) ended(f Final) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Finals = append(r.Finals, f)
}

// wrong keeps what may never be.
func (r *Record) wrong(format string, a ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Wrong = append(r.Wrong, r.Now().Round(time.Millisecond).String()+" "+fmt.Sprintf(format, a...))
}

// saw keeps what a client saw of an entry. The tag is the server's own, and
// words may be missing where their key is not.
func (r *Record) saw(at Point, f room.Frame) {
	if f.Room == nil && f.Said == nil {
		return // what concerns one seat
	}
	now := r.Now()
	if f.Said != nil {
		f.Said.Tag = ""
	}
	var typed []string
	if v := f.Room; v != nil && strings.Contains(v.Prompt, typedMark) {
		bare := *v
		typed, bare.Prompt, f.Room = []string{v.Prompt}, untyped(v.Prompt), &bare
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.Sights[at] {
		if sameJSON(s.Room, f.Room) && sameWords(s.Said, f.Said) {
			if f.Said != nil && s.Said.Text == "" {
				s.Said = f.Said
			}
			if typed != nil && !slices.Contains(s.Typed, typed[0]) {
				s.Typed = append(s.Typed, typed[0])
			}
			return
		}
	}
	r.Sights[at] = append(r.Sights[at], &Sight{First: now, Room: f.Room, Said: f.Said, Typed: typed})
}

// fits says whether two sights can be of one entry: names that come back with
// their key come as one more frame, in which everybody sees the room again.
func (s *Sight) fits(o *Sight) bool {
	return (s.Room == nil || o.Room == nil || sameJSON(s.Room, o.Room)) && (s.Said == nil || o.Said == nil || sameWords(s.Said, o.Said))
}

func sameWords(a, b *room.SaidView) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	if x.Text == "" || y.Text == "" {
		x.Text, y.Text, x.Note, y.Note = "", "", "", ""
	}
	return x == y
}

func sameJSON(a, b any) bool { return toJSON(a) == toJSON(b) }

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

package faults

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"hearth/room"
)

// checkWithin bounds porcupine's search in one room. Not to have found out by
// then is a failure.
const checkWithin = time.Minute

// verdict is what came of checking one room.
type verdict struct {
	acked, same, refused, unknown int
	told                          int           // acknowledged, lost, and the client was told
	closings                      int           // closing rounds that began by themselves
	late                          time.Duration // the latest of them
	events                        map[string]int
	wrong                         []string
	result                        porcupine.CheckResult
	info                          porcupine.LinearizationInfo
	model                         porcupine.Model
}

// step is one operation as porcupine sees it. State is the newest entry, a
// *Link.
type step struct {
	what  string
	to    *Link               // a commit: from its parent to it
	lost  *Link               // a rewind, if set: from here
	right func(at *Link) bool // an answer that changes nothing: where it is right
}

// check holds what clients were told against what a witness saw of the log.
//
//	ok n       legal only as the step of the log from entry n-1 to n that has
//	           this session and number, and what Decide makes of the command there
//	refused    legal where Decide refuses the command so
//	already    legal where Decide finds nothing to do
//	unknown    a step if the log has it, else nothing
//	the house  entries nobody asked for are steps, too
//
// Lossy: what was acknowledged may be lost, if its client is told.
// All of it must fit one order in which nothing comes before what had ended
// when it began.
func check(h *History, r *Record, lossy bool) *verdict {
	v := &verdict{wrong: slices.Concat(h.Wrong, r.Wrong)}
	c := checker{v: v, h: h, r: r, lossy: lossy, byNumber: map[number][]*Link{}, bySeq: map[uint64][]*Link{}, kept: map[*Link]bool{}, asked: map[*Link]Op{}}
	c.index()
	c.sights()
	c.operations()
	c.house()
	c.rewinds()
	c.words()
	c.agenda()
	c.plans()
	c.typed()
	c.finals()
	c.tally()
	v.model = model
	v.result, v.info = porcupine.CheckOperationsVerbose(model, c.steps, checkWithin)
	if v.result != porcupine.Ok {
		v.fault("porcupine says %s", v.result)
		c.explain()
	}
	return v
}

// tally counts what happened, by its type.
func (c *checker) tally() {
	c.v.events = map[string]int{}
	for _, l := range c.line {
		for _, ev := range l.Entry.Events {
			c.v.events[strings.TrimPrefix(fmt.Sprintf("%T", ev), "room.")]++
		}
	}
}

// and adds another room's verdict.
func (v *verdict) and(o *verdict) {
	v.acked, v.same, v.refused, v.unknown, v.told = v.acked+o.acked, v.same+o.same, v.refused+o.refused, v.unknown+o.unknown, v.told+o.told
	v.closings, v.late = v.closings+o.closings, max(v.late, o.late)
	if v.events == nil {
		v.events = map[string]int{}
	}
	for name, n := range o.events {
		v.events[name] += n
	}
}

func (v *verdict) fault(format string, a ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, a...))
}

// brief is the beginning of what is wrong.
func (v *verdict) brief() string {
	const most, wide = 12, 500
	lines := slices.Clone(v.wrong)
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("and %d more", len(v.wrong)-most))
	}
	for i, l := range lines {
		lines[i] = l[:min(len(l), wide)]
	}
	return strings.Join(lines, "\n")
}

// picture writes all that is wrong, and what porcupine found, into a folder.
func (v *verdict) picture(t *testing.T, dir string) {
	t.Helper()
	err := os.WriteFile(filepath.Join(dir, "wrong.txt"), []byte(strings.Join(v.wrong, "\n")), 0o600)
	err2 := porcupine.VisualizePath(v.model, v.info, filepath.Join(dir, "history.html"))
	if err = errors.Join(err, err2); err != nil {
		t.Error(err)
	}
}

// model: the state of a room is how far its log is.
var model = porcupine.Model{
	Init: func() any { return (*Link)(nil) },
	Step: func(state, input, _ any) (bool, any) {
		at, s := state.(*Link), input.(*step)
		switch {
		case s.right != nil:
			return s.right(at), at
		case s.lost != nil:
			return at == s.lost, s.to
		}
		return at == s.to.Parent, s.to
	},
	DescribeOperation: func(input, _ any) string { return input.(*step).what },
	DescribeState: func(state any) string {
		if l := state.(*Link); l != nil {
			return fmt.Sprintf("%d %s", l.Entry.Seq, l.Facts)
		}
		return "nothing"
	},
}

// number names a command.
type number struct {
	session string
	n       uint64
}

type checker struct {
	v        *verdict
	h        *History
	r        *Record
	lossy    bool
	line     []*Link
	kept     map[*Link]bool // in the log as it ended
	all      []*Link        // also what was lost, parents first
	byNumber map[number][]*Link
	bySeq    map[uint64][]*Link
	asked    map[*Link]Op
	steps    []porcupine.Operation
}

// index finds entries by who asked for them. No number is used twice.
func (c *checker) index() {
	c.line = c.h.Line()
	for _, l := range c.line {
		c.kept[l] = true
	}
	for _, l := range c.h.byHash {
		c.all = append(c.all, l)
	}
	slices.SortFunc(c.all, func(a, b *Link) int { return int(a.Entry.Seq) - int(b.Entry.Seq) })
	for _, l := range c.all {
		c.bySeq[l.Entry.Seq] = append(c.bySeq[l.Entry.Seq], l)
		if l.Entry.N > 0 {
			k := number{l.Entry.Session, l.Entry.N}
			for _, o := range c.byNumber[k] {
				if o.Over(l) {
					c.v.fault("number %d of %s was used twice: %s and %s", k.n, k.session, o.Facts, l.Facts)
				}
			}
			c.byNumber[k] = append(c.byNumber[k], l)
		}
	}
	if err := oneStick(c.line); err != nil {
		c.v.fault("%v", err)
	}
}

// sights: what clients were shown of an entry is what it made of the room.
func (c *checker) sights() {
	for at, variants := range c.r.Sights {
		links := c.bySeq[at.Seq] // a client is not told of a new epoch if it has lost nothing
		alike := true
		for i, s := range variants {
			alike = alike && !slices.ContainsFunc(variants[:i], func(o *Sight) bool { return !s.fits(o) })
		}
		if !alike && !c.lossy {
			c.v.fault("clients saw several things at %v: %s", at, toJSON(variants))
		}
		for _, s := range variants {
			c.sight(at, s, links)
		}
	}
}

func (c *checker) sight(at Point, s *Sight, links []*Link) {
	if links == nil {
		c.v.fault("%v clients saw entry %v, which was never in the log: %s", s.First, at, toJSON(s))
		return
	}
	i := slices.IndexFunc(links, func(l *Link) bool {
		said := slices.ContainsFunc(l.Entry.Events, func(ev room.Event) bool { e, is := ev.(room.Said); return is && s.Said != nil && e.Seat == s.Said.Seat })
		return (s.Room == nil || sameJSON(s.Room, l.State().RoomView(l.Entry.At))) && (s.Said == nil || said)
	})
	if i < 0 && s.Said != nil && s.Room == nil {
		c.v.fault("clients heard at %v what nobody said there: %s", at, toJSON(s.Said))
		return
	}
	if i < 0 {
		l := links[0]
		c.v.fault("clients saw the room at %v as %s; it was %s", at, toJSON(s.Room), toJSON(l.State().RoomView(l.Entry.At)))
		return
	}
	if len(links) == 1 {
		links[i].Seen = min(links[i].Seen, s.First)
	}
}

// operations makes a step of everything a client was told.
func (c *checker) operations() {
	for i, o := range slices.Backward(c.r.Ops) { // see entryOf
		s := &step{what: o.String()}
		end := o.End
		switch o.Outcome {
		case Done:
			c.v.acked++
			if s.to = c.entryOf(o); s.to == nil || !c.ownWork(o, s.to) {
				continue
			}
			end = min(end, s.to.Seen)
		case Unknown:
			c.v.unknown++
			if s.to = c.perhaps(o); s.to == nil {
				continue
			}
			end = s.to.Seen
		case Refused:
			c.v.refused++
			s.right = c.anywhere(o)
		case Already:
			c.v.same++
			s.right = c.anywhere(o)
		}
		if s.to != nil {
			if other, twice := c.asked[s.to]; twice {
				c.v.fault("one entry for two commands: %v and %v", other, o)
				continue
			}
			c.asked[s.to] = o
		}
		c.steps = append(c.steps, porcupine.Operation{ClientId: i % 16, Input: s, Call: int64(o.Start), Return: int64(max(end, o.Start))})
	}
}

// entryOf finds the entry that a command became; what was acknowledged must
// be in the log as it ended, or its client must know that it is not.
func (c *checker) entryOf(o Op) *Link {
	found, best := (*Link)(nil), -1
	for _, l := range c.byNumber[number{o.Session, o.N}] {
		if rank := c.likely(o, l); (o.Outcome != Done || l.Entry.Seq == o.Seq) && rank > best {
			found, best = l, rank
		}
	}
	switch {
	case o.Outcome != Done || found != nil && c.kept[found]:
	case c.lossy && c.wasTold(o):
		c.v.told++
	case found == nil:
		c.v.fault("acknowledged and never in the log: %v", o)
	default:
		c.v.fault("acknowledged and lost: %v", o)
	}
	return found
}

// likely says how likely it is that an entry with a command's number is the
// command's. After a rewind a number may be used again: then the times tell,
// and what was done.
func (c *checker) likely(o Op, l *Link) (rank int) {
	soon := c.r.began.Add(o.End + 100*time.Millisecond)
	_, taken := c.asked[l]
	_, same := c.becomes(o, l)
	for i, is := range []bool{c.kept[l], !taken, same, l.Seen >= o.Start && !l.Entry.At.After(soon)} {
		if is {
			rank += 1 << i
		}
	}
	return rank
}

// perhaps finds the entry that a command became of which its client never
// heard; nil if there is none, or its number was used for another since.
func (c *checker) perhaps(o Op) *Link {
	l := c.entryOf(o)
	if l == nil || l.Seen < o.Start {
		return nil
	}
	_, taken := c.asked[l]
	_, same := c.becomes(o, l)
	if taken || !same {
		return nil
	}
	return l
}

func (c *checker) wasTold(o Op) bool {
	return slices.ContainsFunc(c.r.Losses, func(l Loss) bool {
		return l.Session == o.Session && l.At > o.End && l.Last < o.N && l.Acked >= o.N
	})
}

// ownWork says whether an entry is what its command comes to.
func (c *checker) ownWork(o Op, l *Link) bool {
	want, is := c.becomes(o, l)
	if !is {
		c.v.fault("%v became %s, and should be %s", o, l.Facts, want)
	}
	return is
}

// becomes says what a command comes to where an entry was written, and
// whether that is the entry. What can be taken back depends on what a node
// knows of words.
func (c *checker) becomes(o Op, l *Link) (want string, is bool) {
	before := &room.State{}
	if l.Parent != nil {
		before = l.Parent.State()
	}
	events, err := before.Decide(l.Entry.At, named(o.Command(), l))
	if err != nil {
		_, is := o.Do.(room.Retract)
		return err.Error(), is
	}
	e := l.Entry
	e.Events = events
	facts, _, err := room.SplitEntry(e)
	if err != nil {
		return err.Error(), false
	}
	return string(facts), string(facts) == string(l.Facts)
}

// named gives an aside the name that its node has chosen for it.
func named(c room.Command, l *Link) room.Command {
	aside, is := c.Do.(room.Aside)
	for _, ev := range l.Entry.Events {
		if opened, opens := ev.(room.AsideOpened); is && opens {
			aside.ID = opened.ID
			c.Do = aside
		}
	}
	return c
}

// anywhere makes the question where an answer that changed nothing is right.
// It remembers, and says so if the answer never was.
func (c *checker) anywhere(o Op) func(*Link) bool {
	known := map[*Link]bool{}
	right := func(at *Link) bool {
		is, ok := known[at]
		if !ok {
			is = rightAt(o, at)
			known[at] = is
		}
		return is
	}
	if !slices.ContainsFunc(c.all, right) {
		c.v.fault("this was never so: %v", o)
	}
	return right
}

// rightAt says whether a command is answered so by the room with an entry.
// What can be taken back depends on what a node still knows of words.
func rightAt(o Op, at *Link) bool {
	if at == nil {
		return false
	}
	events, err := at.State().Decide(at.Entry.At, o.Command())
	var no *room.Refusal
	if _, is := o.Do.(room.Retract); is && o.Code == room.NoSuchWords {
		return err == nil || errors.As(err, &no) && (no.Code == o.Code || no.Code == room.NotYourWords)
	}
	if o.Outcome == Already {
		return err == nil && len(events) == 0
	}
	return errors.As(err, &no) && no.Code == o.Code
}

// house makes steps of the entries nobody asked for. Their time is bounded by
// what comes before and after them, and by who saw them.
func (c *checker) house() {
	before, after := map[*Link]int64{}, map[*Link]int64{}
	for _, l := range c.all {
		from := int64(0)
		if l.Parent != nil {
			from = before[l.Parent]
		}
		if o, ok := c.asked[l]; ok {
			from = max(from, int64(o.Start))
		}
		before[l] = from
		after[l] = int64(l.Seen)
	}
	for _, l := range slices.Backward(c.all) {
		if l.Parent != nil {
			after[l.Parent] = min(after[l.Parent], after[l])
		}
	}
	for _, l := range c.all {
		if _, ok := c.asked[l]; !ok {
			s := &step{what: fmt.Sprintf("the house: %s", l.Facts), to: l}
			c.steps = append(c.steps, porcupine.Operation{ClientId: 16, Input: s, Call: before[l], Return: max(before[l], after[l])})
		}
	}
}

// rewinds are steps, too: from the end of what was lost the log goes back to
// where it was gone on from.
func (c *checker) rewinds() {
	children := map[*Link][]*Link{}
	for _, l := range c.all {
		children[l.Parent] = append(children[l.Parent], l)
	}
	for _, leaf := range c.all {
		if len(children[leaf]) > 0 || leaf == c.h.Newest {
			continue
		}
		to, by := c.h.Newest, int64(math.MaxInt64)
		for l := leaf; l != nil && by == math.MaxInt64; l = l.Parent {
			for _, next := range children[l.Parent] {
				if next.Seen > l.Seen {
					to, by = l.Parent, min(by, int64(next.Seen))
				}
			}
		}
		s := &step{what: fmt.Sprintf("rewound from %d to %d", leaf.Entry.Seq, seqOf(to)), lost: leaf, to: to}
		c.steps = append(c.steps, porcupine.Operation{ClientId: 17, Input: s, Call: 0, Return: by})
	}
}

func seqOf(l *Link) uint64 {
	if l == nil {
		return 0
	}
	return l.Entry.Seq
}

// explain says which steps can't be where they would have to be: porcupine
// only says that something can't.
func (c *checker) explain() {
	call, end := map[*Link]int64{}, map[*Link]int64{}
	for _, o := range c.steps {
		if s := o.Input.(*step); s.to != nil && s.lost == nil {
			call[s.to], end[s.to] = o.Call, o.Return
		}
	}
	latest := int64(0)
	for _, l := range c.line {
		if latest = max(latest, call[l]); end[l] < latest {
			c.v.fault("entry %d was over before one before it was asked for: %v", l.Entry.Seq, c.asked[l])
		}
	}
	for _, o := range c.steps {
		s := o.Input.(*step)
		if s.right == nil {
			continue
		}
		from, to, fits := 0, 0, false
		for i, l := range c.line {
			if end[l] < o.Call {
				from = i
			}
			if call[l] <= o.Return {
				to = i
			}
		}
		for _, l := range c.line[from : to+1] {
			fits = fits || s.right(l)
		}
		if !fits {
			c.v.fault("between entries %d and %d this was never so: %s", from+1, to+1, s.what)
		}
	}
}

// words: what was heard is what was said.
func (c *checker) words() {
	heard := map[uint64][]*room.SaidView{}
	for at, variants := range c.r.Sights {
		for _, s := range variants {
			if s.Said != nil {
				heard[at.Seq] = append(heard[at.Seq], s.Said)
			}
		}
	}
	for l, o := range c.asked {
		text, note, says := "", "", false
		switch do := o.Do.(type) {
		case room.Say:
			text, note, says = do.Text, do.Note, true
		case room.Guard:
			text, says = do.Text, true
		}
		if !says {
			continue
		}
		for _, s := range heard[l.Entry.Seq] {
			if len(c.bySeq[l.Entry.Seq]) == 1 && s.Text != "" && (s.Text != text || s.Note != note) {
				c.v.fault("%s said %q (%q) and people heard %q (%q)", o.Seat, text, note, s.Text, s.Note)
			}
		}
	}
}

// oneStick reads a log and keeps its own account of who has the stick.
func oneStick(line []*Link) error {
	var holder, offered room.SeatID
	var agenda []room.Stage
	floor, turn := room.Ring, uint64(0)
	for _, l := range line {
		for _, ev := range l.Entry.Events {
			wrong := false
			switch ev := ev.(type) {
			case room.Begun:
				agenda = ev.Set.Agenda
			case room.Planned:
				agenda = ev.Stages
			case room.StageSet:
				floor = room.Ring
				for _, g := range agenda {
					if g.ID == ev.Stage {
						floor = floorOf(g.Kind)
					}
				}
			case room.FloorSet:
				floor = ev.Floor
			case room.StickOffered:
				wrong = holder != "" || offered != "" || ev.Turn <= turn
				offered, turn = ev.To, ev.Turn
			case room.OfferEnded:
				wrong = offered != ev.Seat || ev.Turn != turn
				offered = ""
			case room.Took:
				wrong = offered != ev.Seat || holder != "" || ev.Turn != turn
				holder, offered = ev.Seat, ""
			case room.TurnEnded:
				wrong = holder != ev.Seat || ev.Turn != turn
				holder = ""
			case room.Closed:
				holder, offered = "", ""
			case room.Said:
				wrong = !ev.Guardian && floor == room.Ring && (holder != ev.Seat || ev.Turn != turn)
			}
			if wrong {
				return fmt.Errorf("held by %q, offered to %q as turn %d, and then %s", holder, offered, turn, l.Facts)
			}
		}
	}
	return nil
}

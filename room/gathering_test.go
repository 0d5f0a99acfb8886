package room

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// opening is when every gathering of these tests begins. Clocks in frames
// count milliseconds from it.
var opening = time.Unix(0, 0).UTC()

// gathering hosts a room as a hub does: it decides, applies, and runs what
// time brings, in order. After every command it asks whether anything that
// must never be has come about.
type gathering struct {
	s       *State
	now     time.Time
	log     []Entry
	witness *witness
	thrift  int // looks closely at every so-manieth command only; 0: at all
	asked   int
}

func newGathering(set Settings) *gathering {
	g := &gathering{s: &State{}, now: opening, witness: newWitness()}
	if set.Aside != "" {
		g.witness.floor = Open
	}
	g.commit(Begin("room", set, opening))
	return g
}

// do puts one command to the room. The error is what the person is told, or
// a *broken promise.
func (g *gathering) do(c Command) ([]Event, error) {
	g.asked++
	close := g.thrift == 0 || g.asked%g.thrift == 0
	var before []byte
	if close {
		before = facts(g.s)
	}
	events, err := g.s.Decide(g.now, c)
	if close && !bytes.Equal(before, facts(g.s)) {
		return events, brokenf("Decide changed the state")
	}
	if err != nil || len(events) == 0 || Silent(c.Do) {
		return events, err
	}
	was := g.s
	g.commit(Entry{Seq: g.s.Seq + 1, At: g.now, By: c.By.Seat, Session: c.Session, N: c.N, Events: events})
	if close && !bytes.Equal(before, facts(was)) {
		return events, brokenf("what happened to a copy happened to the state")
	}
	if err := g.check(close); err != nil {
		return events, err
	}
	return events, nil
}

// commit applies an entry to a copy, as a hub does: what could not be
// written would leave no trace.
func (g *gathering) commit(e Entry) {
	next := g.s.Clone()
	next.Apply(e)
	g.s, g.log = next, append(g.log, e)
}

func (g *gathering) check(close bool) error {
	e := g.log[len(g.log)-1]
	if err := g.witness.saw(g.s, e); err != nil {
		return err
	}
	if err := wellFormed(g.s, g.now); err != nil {
		return err
	}
	if close {
		return discreet(g.s, e)
	}
	return nil
}

// pass lets time pass; told hears of every timer that fell due.
func (g *gathering) pass(d time.Duration, told func(c Command, events []Event)) error {
	until := g.now.Add(d)
	for runs := 0; ; runs++ {
		at, c := g.s.Due()
		if at.IsZero() || at.After(until) {
			g.now = until
			return nil
		}
		if runs > 10_000 {
			return brokenf("timers go on for ever: %v", c.Do)
		}
		if at.After(g.now) {
			g.now = at
		}
		events, err := g.do(c)
		if err != nil {
			return fmt.Errorf("timer %v: %w", c.Do, err)
		}
		if len(events) == 0 {
			return brokenf("timer %v is due and changes nothing", c.Do)
		}
		told(c, events)
	}
}

func (g *gathering) house(a Act) ([]Event, error) {
	return g.do(Command{By: Actor{House: true}, Do: a})
}

func (g *gathering) by(id SeatID, a Act) ([]Event, error) {
	return g.do(Command{By: Actor{Seat: id}, Do: a})
}

// replayed folds the whole log again, from nothing.
func (g *gathering) replayed() error {
	s := &State{}
	for _, e := range g.log {
		s.Apply(e)
	}
	if a, b := facts(s), facts(g.s); !bytes.Equal(a, b) {
		return brokenf("the log replayed gives\n%s\nnot\n%s", a, b)
	}
	return nil
}

// facts is everything in a state, words included, as text.
func facts(s *State) []byte {
	b, err := json.Marshal(struct {
		S      *State
		Names  map[SeatID]Name
		Recent []Utterance
	}{s, s.Words.Names, s.Words.Recent})
	if err != nil {
		panic(err)
	}
	return b
}

// broken is a promise that was not kept.
type broken struct{ what string }

func (b *broken) Error() string { return "broken: " + b.what }

func brokenf(format string, args ...any) error { return &broken{fmt.Sprintf(format, args...)} }

func isBroken(err error) bool {
	var b *broken
	return errors.As(err, &b)
}

// codeOf returns the code of a refusal; empty if it is none.
func codeOf(err error) Code {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

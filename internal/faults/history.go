package faults

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"hearth/room"
)

// Link is one entry that was in a room's log, and what was before it.
type Link struct {
	Entry  room.Entry // without words
	Facts  []byte
	Hash   [32]byte
	Parent *Link         // nil: the log begins here
	Seen   time.Duration // when the witness first saw it

	life  int         // of Redis, in which it was last seen
	state *room.State // what the room was with it; made when it is asked for
}

// State is what the room was with this entry. It is the history's: do not
// change it.
func (l *Link) State() *room.State {
	todo := []*Link{}
	for ; l.state == nil; l = l.Parent {
		todo = append(todo, l)
		if l.Parent == nil {
			break
		}
	}
	s := &room.State{}
	if l.state != nil {
		s = l.state
	}
	for i := len(todo) - 1; i >= 0; i-- {
		s = s.Clone()
		s.Apply(todo[i].Entry)
		todo[i].state = s
	}
	return s
}

// Over says whether a link lies on or before another.
func (l *Link) Over(o *Link) bool {
	for o != nil && o.Entry.Seq > l.Entry.Seq {
		o = o.Parent
	}
	return o == l
}

// Glance is a log at one moment, as it is stored: entries from Base+1 on.
type Glance struct {
	// Life counts failovers to a Redis that may be behind. Entries that were
	// lost then, which nobody may have been told of, leave their numbers to
	// others, also within one epoch.
	Life     int
	Epoch    string
	Base     uint64
	BaseHash [32]byte
	Hashes   [][32]byte // of the entries, as they are stored
	Facts    [][]byte
}

// History is a room's log as a witness saw it, also what is no longer in it.
// Two entries with one hash have one past, so it is a tree, and a list as long
// as nothing is lost. Its methods are called one at a time.
type History struct {
	Room   room.ID
	Title  string
	Newest *Link
	Epoch  string
	Points map[Point][]*Link // more than one is wrong, unless Lossy
	Lossy  bool              // entries may be lost: their numbers are used again, also in one epoch
	Wrong  []string          // what no log may ever be

	byHash map[[32]byte]*Link
	life   int
}

// NewHistory begins one.
func NewHistory(id room.ID) *History {
	return &History{Room: id, Points: map[Point][]*Link{}, byHash: map[[32]byte]*Link{}}
}

func (h *History) wrong(now time.Duration, format string, a ...any) {
	h.Wrong = append(h.Wrong, now.Round(time.Millisecond).String()+" "+fmt.Sprintf(format, a...))
}

// Saw takes in a glance at a time.
func (h *History) Saw(g Glance, now time.Duration) {
	last := h.byHash[g.BaseHash]
	if last == nil && g.Base > 0 {
		h.wrong(now, "the log begins after entry %d, which the witness never saw", g.Base)
		return
	}
	for i, facts := range g.Facts {
		if last = h.link(last, g.Base+uint64(i)+1, g.Hashes[i], facts, now); last == nil {
			return
		}
		last.life = g.Life
		at := Point{g.Epoch, last.Entry.Seq}
		for _, was := range h.Points[at] {
			if was != last && was.life == g.Life {
				h.wrong(now, "two entries at %v: %s and %s", at, was.Facts, last.Facts)
			}
		}
		if !slices.Contains(h.Points[at], last) {
			h.Points[at] = append(h.Points[at], last)
		}
	}
	if last != nil {
		h.moved(g, last, now)
	}
}

// link finds or makes the link of one stored entry; nil if it can't be one.
func (h *History) link(parent *Link, seq uint64, hash [32]byte, facts []byte, now time.Duration) *Link {
	if l := h.byHash[hash]; l != nil && l.Parent == parent && bytes.Equal(l.Facts, facts) {
		return l
	}
	var before [32]byte
	if parent != nil {
		before = parent.Hash
	}
	if room.Chain(before, seq, facts) != hash {
		h.wrong(now, "the chain is broken at entry %d: %s", seq, facts)
		return nil
	}
	e, err := room.JoinEntry(facts, nil)
	if err != nil || e.Seq != seq {
		h.wrong(now, "entry %d does not read (%v): %s", seq, err, facts)
		return nil
	}
	l := &Link{Entry: e, Facts: facts, Hash: hash, Parent: parent, Seen: now}
	h.byHash[hash] = l
	return l
}

// moved keeps what the newest entry is.
func (h *History) moved(g Glance, to *Link, now time.Duration) {
	if was := h.Newest; was != nil && !was.Over(to) && g.Epoch == h.Epoch && g.Life == h.life {
		h.wrong(now, "the log went back from entry %d to %d within one epoch", was.Entry.Seq, to.Entry.Seq)
	}
	h.Newest, h.Epoch, h.life = to, g.Epoch, g.Life
}

// Line is the log as it ended, oldest entry first.
func (h *History) Line() []*Link {
	var line []*Link
	for l := h.Newest; l != nil; l = l.Parent {
		line = append(line, l)
	}
	slices.Reverse(line)
	return line
}

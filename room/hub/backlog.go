package hub

import (
	"slices"

	"hearth/room"
)

// backlog is what was told aloud lately, for clients that resume.
type backlog struct {
	before heard    // the point before the first item
	hash   [32]byte // at the newest item; of an unknown past it is zero
	items  []heard
	words  []heard // the newest that have words, or take some back: nothing else drowns them
	bytes  int
	whole  uint64 // after this seq the frames tell all; before it, only words
}

// heard is the shared frame of one entry, nil if there was none.
type heard struct {
	seq   uint64
	tag   string // of the point after it; empty: not known
	frame []byte
}

func newBacklog(at room.Head) backlog {
	return backlog{before: heard{seq: at.Seq, tag: Tag(at)}, hash: at.Hash, whole: at.Seq}
}

// add appends an entry and its frame. The head's hash is taken for granted.
func (b *backlog) add(e room.Entry, frame []byte, head room.Head) {
	h := heard{seq: e.Seq, frame: frame}
	if e.Seq == head.Seq {
		b.hash = head.Hash
	} else if facts, _, err := room.SplitEntry(e); err == nil {
		b.hash = room.Chain(b.hash, e.Seq, facts)
	}
	h.tag = Tag(room.Head{Hash: b.hash})
	b.items = append(b.items, h)
	b.bytes += len(frame)
	if frame != nil && hasWords(e) {
		b.words = append(b.words, h)
	}
	if len(b.words) > queueEntries {
		b.words[0] = heard{}
		b.words = b.words[1:]
	}
	for len(b.items) > backlogSize || b.bytes > backlogBytes {
		b.before = heard{seq: b.items[0].seq, tag: b.items[0].tag}
		b.bytes -= len(b.items[0].frame)
		b.items[0] = heard{}
		b.items = b.items[1:]
	}
}

// hasWords says whether an entry has words or takes some back.
func hasWords(e room.Entry) bool {
	for _, ev := range e.Events {
		switch ev := ev.(type) {
		case room.Said:
			return ev.Text != ""
		case room.Retracted:
			return true
		}
	}
	return false
}

// remember begins the backlog of a room that was read from its log: of what
// its state includes, the words that are still kept.
func (l *live) remember(tail room.Tail) {
	first := tail.State.Seq + 1 - uint64(len(tail.Earlier))
	l.backlog = newBacklog(room.Head{Seq: first - 1, Hash: tail.Base})
	for _, e := range slices.Concat(tail.Earlier, tail.Entries) {
		var frame []byte
		if hasWords(e) {
			frame = l.cfg.Encode(l.id, room.View(&room.State{}, e, room.Everybody))
		}
		l.backlog.add(e, frame, tail.Head)
		for _, ev := range e.Events {
			if back, is := ev.(room.Retracted); is {
				l.backlog.forget(back.Seq)
			}
		}
	}
	l.backlog.whole = tail.Head.Seq
}

// forget drops the words of an entry, which were taken back, and returns
// their frame; nil if it is not here any more.
func (b *backlog) forget(seq uint64) []byte {
	by := func(h heard, seq uint64) int { return int(h.seq) - int(seq) }
	var frame []byte
	if i, ok := slices.BinarySearchFunc(b.words, seq, by); ok {
		frame = b.words[i].frame
		b.words = slices.Delete(b.words, i, i+1)
	}
	if i, ok := slices.BinarySearchFunc(b.items, seq, by); ok {
		frame = b.items[i].frame
		b.bytes -= len(frame)
		b.items[i].frame = nil
	}
	return frame
}

// tag names the newest point.
func (b *backlog) tag() string { return b.last().tag }

func (b *backlog) last() heard {
	if n := len(b.items); n > 0 {
		return b.items[n-1]
	}
	return b.before
}

// Where a point is, as far as a backlog knows.
type where int

const (
	unknown   where = iota // too old to say
	known                  // here
	elsewhere              // in a past that this log has lost
)

// find says where a client's point is. Its tag decides: two logs may count
// alike.
func (b *backlog) find(p Point) where {
	last := b.last()
	tag := last.tag
	switch {
	case p.Seq > last.seq:
		return elsewhere
	case p.Seq < b.before.seq || p.Tag == "":
		return unknown
	case p.Seq == b.before.seq:
		tag = b.before.tag
	case p.Seq < last.seq:
		tag = b.items[p.Seq-b.items[0].seq].tag
	}
	if p.Tag == tag {
		return known
	}
	return elsewhere
}

// after returns the frames after a seq; false if they don't tell all.
func (b *backlog) after(seq uint64) ([][]byte, bool) {
	if seq < b.whole || seq < b.before.seq {
		return nil, false
	}
	var frames [][]byte
	for _, h := range b.items {
		if h.seq > seq && h.frame != nil {
			frames = append(frames, h.frame)
		}
	}
	return frames, true
}

// heardBy returns what was said, as far as it is known, since a seat sat down.
func (l *live) heardBy(id room.SeatID) [][]byte {
	seat := l.state.Seats[id]
	if seat == nil {
		return nil
	}
	return l.backlog.said(seat.Since)
}

// said returns the frames with words after a seq, and those that take words
// back; the newest of them if they are many.
func (b *backlog) said(seq uint64) (frames [][]byte) {
	bytes := 0
	for _, h := range slices.Backward(b.words) {
		if h.seq <= seq || bytes+len(h.frame) > queueBytes/2 {
			break
		}
		frames = append(frames, h.frame)
		bytes += len(h.frame)
	}
	slices.Reverse(frames)
	return frames
}

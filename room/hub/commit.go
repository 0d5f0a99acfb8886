package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/room"
)

// asked is one command and what came of it.
type asked struct {
	command room.Command
	answer  Answer
	err     error
	poison  bool // judging it panicked; not judged again
}

func ask(c room.Command) *asked { return &asked{command: c} }

// made is what a batch of commands would make of the room.
type made struct {
	state   *room.State
	entries []room.Entry
	shared  []*room.Frame // one per entry; nil: nothing for everybody
}

// commit decides commands together and appends them once. After it the
// room is as every reader of the log sees it, and every command has its
// answer: also a no was checked against the log.
func (l *live) commit(ctx context.Context, batch []*asked) {
	if (l.unsure || !l.awayAt.IsZero()) && !l.catchUp(ctx) {
		l.fail(batch, ErrUnavailable)
		return
	}
	l.write(ctx, batch)
}

// write is commit while the log is thought to answer.
func (l *live) write(ctx context.Context, batch []*asked) {
	start, faults := l.cfg.Now(), 0
	for try := 1; ; try++ {
		now := l.now()
		m := l.make(now, batch)
		b := room.Batch{Entries: m.entries, Now: now}
		if !m.quiet() || l.stored+len(m.entries) >= stateEvery {
			b.State = m.state
		}
		l.hush() // what it rang for the append finds
		tail, err := l.cfg.Log.Append(ctx, l.id, l.head, b)
		switch {
		case err == nil:
			l.adopt(m, tail, b.State != nil)
			l.count(batch)
			return
		case errors.Is(err, room.ErrMoved):
			l.cfg.Meter.Conflict()
			l.follow(tail)
			l.followKey(ctx)
		case errors.Is(err, room.ErrClock):
			l.skew = l.skewOf(tail)
		default:
			if l.wasWritten(ctx, m, err) {
				l.count(batch)
				return
			}
			faults++
		}
		if l.unsure || faults >= faultsMost || l.tired(batch, try, start) {
			l.away()
			l.fail(batch, ErrUnavailable)
			return
		}
	}
}

// hush takes a ring of the doorbell away.
func (l *live) hush() {
	select {
	case <-l.bell:
	default:
	}
}

// tired says whether to give up on contention. Safety commands go on for
// two seconds (rule 10).
func (l *live) tired(batch []*asked, try int, start time.Time) bool {
	for _, a := range batch {
		if room.Safety(a.command.Do) {
			return l.cfg.Now().Sub(start) > safetyFor
		}
	}
	return try >= triesMost
}

func (l *live) fail(batch []*asked, err error) {
	for _, a := range batch {
		a.answer, a.err = Answer{}, err
	}
	l.count(batch)
}

// make judges a batch on a copy of the room.
func (l *live) make(now time.Time, batch []*asked) made {
	for {
		m := made{state: l.state.Clone()}
		if l.judgeAll(&m, now, batch) {
			return m
		}
	}
}

// judgeAll says no if a command panicked half-way: then the copy is spoilt,
// and the batch is judged again without it.
func (l *live) judgeAll(m *made, now time.Time, batch []*asked) (whole bool) {
	var at *asked
	defer func() {
		if p := recover(); p != nil {
			at.poison, at.err = true, fmt.Errorf("hub: %T could not be judged", at.command.Do)
			l.cfg.Fault(l.id, at.err)
			whole = false
		}
	}()
	for _, a := range batch {
		if at = a; !a.poison {
			l.judge(m, now, a)
		}
	}
	return true
}

func (l *live) judge(m *made, now time.Time, a *asked) {
	c := a.command
	events, err := m.state.Decide(now, c)
	a.answer, a.err = Answer{}, nil
	var refusal *room.Refusal
	var repeat *room.Repeat
	switch {
	case errors.As(err, &refusal):
		a.answer.Refused = refusal
	case errors.As(err, &repeat):
		a.answer.Seq = repeat.Seq
	case len(events) == 0:
		a.answer.Already = true
	default:
		e := room.Entry{Seq: m.state.Seq + 1, At: now, By: c.By.Seat, Events: events}
		if c.N > 0 {
			e.Session, e.N = c.Session, c.N
		}
		m.state.Apply(e)
		m.entries = append(m.entries, e)
		m.shared = append(m.shared, room.View(m.state, e, room.Everybody))
		a.answer.Seq = e.Seq
	}
	a.answer.Last = m.state.Receipt(c.By.Seat, c.Session).N
	if a.answer.Last == 0 && a.answer.Seq > 0 {
		a.answer.Last = c.N // they left with it
	}
}

// quiet says whether a batch is only words, which leave the facts alone.
func (m *made) quiet() bool {
	for _, e := range m.entries {
		if !wordsOnly(e) {
			return false
		}
	}
	return true
}

func wordsOnly(e room.Entry) bool {
	for _, ev := range e.Events {
		switch ev := ev.(type) {
		case room.Said:
			if ev.Picture != nil {
				return false // the turn has had its own
			}
		case room.Retracted:
		default:
			return false
		}
	}
	return true
}

// adopt makes what was committed the room, and tells everybody.
func (l *live) adopt(m made, tail room.Tail, stored bool) {
	l.noteDrops(m.entries)
	l.head, l.state = tail.Head, m.state
	if l.cfg.Bus == nil {
		l.hush() // alone, it rang for what this head includes
	}
	l.stored += len(m.entries)
	if stored {
		l.stored = 0
	}
	l.tell(m)
}

// wasWritten finds out what became of an append whose answer was lost. It
// was ours if the log now goes on with the very same facts.
func (l *live) wasWritten(ctx context.Context, m made, err error) bool {
	l.unsure = true
	if l.awayAt.IsZero() {
		l.cfg.Fault(l.id, fmt.Errorf("append: %w", err))
	}
	tail, err := l.cfg.Log.Read(ctx, l.id, l.head)
	if err != nil {
		l.logless = errors.Is(err, room.ErrNoRoom)
		return false
	}
	l.unsure = false
	if tail.State == nil && len(m.entries) > 0 && startsWith(tail.Entries, m.entries) {
		rest := tail.Entries[len(m.entries):]
		l.adopt(m, room.Tail{Head: tail.Head}, false)
		l.follow(room.Tail{Head: tail.Head, Entries: rest})
		return true
	}
	l.follow(tail)
	return false
}

// startsWith compares facts: the words may be missing on one side.
func startsWith(got, want []room.Entry) bool {
	if len(got) < len(want) {
		return false
	}
	for i, e := range want {
		g, _, err1 := room.SplitEntry(got[i])
		w, _, err2 := room.SplitEntry(e)
		if err1 != nil || err2 != nil || !bytes.Equal(g, w) {
			return false
		}
	}
	return true
}

// catchUp reads what is new, and after a time without the log says so in it;
// false if the log does not answer.
func (l *live) catchUp(ctx context.Context) bool {
	tail, err := l.cfg.Log.Read(ctx, l.id, l.head)
	if err != nil {
		if l.awayAt.IsZero() { // once is enough: the next look is in a second
			l.cfg.Fault(l.id, fmt.Errorf("read: %w", err))
		}
		l.unsure, l.logless = true, errors.Is(err, room.ErrNoRoom)
		l.away()
		return false
	}
	l.unsure = false
	l.follow(tail)
	l.followKey(ctx)
	if l.awayAt.IsZero() {
		return true
	}
	batch, since := l.amends(), l.awayAt.Add(l.skew)
	if l.awayAs != l.cfg.Nodes.Me() && l.state.At.After(since) {
		// The others lived, gave this node up and went on: it was away alone.
		batch = append(batch, ask(house(room.Lost{Node: l.awayAs})))
	} else {
		batch = slices.Insert(batch, 0, ask(outage(since, l.now())))
	}
	if l.write(ctx, batch); batch[0].err != nil {
		return false // it can be read and not written
	}
	l.awayAt = time.Time{}
	return true
}

// away keeps since when the log takes nothing.
func (l *live) away() {
	if l.awayAt.IsZero() {
		l.awayAt, l.awayAs = l.cfg.Now(), l.cfg.Nodes.Me()
	}
}

// follow takes over what others wrote.
func (l *live) follow(tail room.Tail) {
	l.skew = l.skewOf(tail)
	if tail.State != nil {
		l.jump(tail)
		return
	}
	if len(tail.Entries) == 0 {
		return
	}
	m := made{state: l.state.Clone(), entries: tail.Entries}
	for _, e := range tail.Entries {
		m.state.Apply(e)
		m.shared = append(m.shared, room.View(m.state, e, room.Everybody))
	}
	l.noteDrops(m.entries)
	l.head, l.state = tail.Head, m.state
	l.tell(m)
}

// jump takes over a state that does not follow from ours. If ours is not
// among what the log has, the log was rewound: everybody is told. They get
// the words anew: some may wait in their queues, or were never heard here.
func (l *live) jump(tail room.Tail) {
	if tail.Head.Seq == l.head.Seq && tail.Head.Hash == l.head.Hash {
		l.head = tail.Head // restored, and nothing is missing
		return
	}
	was, removed := l.head, l.state.Barred
	l.remember(tail)
	l.state, l.head, l.stored = tail.Current(), tail.Head, len(tail.Entries)
	at := l.backlog.find(Point{Seq: was.Seq, Tag: Tag(was)})
	rewound := at == elsewhere || at == unknown && was.Epoch != l.head.Epoch
	if rewound {
		l.cfg.Meter.Drop("rewound")
		l.removed, l.asks = append(l.removed, removed...), true
	}
	l.mends, l.barred, l.freed = true, "", ""
	for s := range l.sittings {
		g := l.anew(s)
		g.Rewound = rewound
		s.queue.replace(g)
	}
	l.tellStore()
	if l.state.Phase == room.Over {
		l.end()
	}
}

func (l *live) skewOf(tail room.Tail) time.Duration {
	if tail.Now.IsZero() {
		return l.skew
	}
	return tail.Now.Sub(l.cfg.Now())
}

func (l *live) count(batch []*asked) {
	for _, a := range batch {
		switch {
		case a.poison:
			l.cfg.Meter.Command("fault")
		case a.err != nil:
			l.cfg.Meter.Command("unavailable")
		case a.answer.Refused != nil:
			l.cfg.Meter.Command(string(a.answer.Refused.Code))
		case a.answer.Already:
			l.cfg.Meter.Command("already")
		default:
			l.cfg.Meter.Command("ok")
		}
	}
}

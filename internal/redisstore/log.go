package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hearth/room"
)

// ErrNewer says that a room is kept in a format newer than this program's.
var ErrNewer = errors.New("a newer Hearth writes in this Redis: end this one and start the newer version here too")

// roomLog is the room.Log of a store.
type roomLog struct {
	link  *link
	seals sealer
	rooms *rooms

	hurry    func() // a beat is wanted at once
	outdated func() // a newer program was met
}

// Append is room.Log's. When it returns nil, Redis has the batch, and a
// replica too if Options.Ack asks for that. Words without a key to seal them
// are an error, and nothing is written.
func (l *roomLog) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return room.Tail{}, err
	}
	batch, err := b.Store(at)
	if err != nil {
		return room.Tail{}, err
	}
	w, err := l.writing(id, at, b, batch)
	if err != nil {
		return room.Tail{}, err
	}
	l.rooms.busy(id)
	defer l.rooms.idle(id)
	a := w.act(l.link)
	if err := l.link.run(ctx, l.link.replica, a); err != nil {
		return room.Tail{}, fmt.Errorf("room log: append: %w", err)
	}
	switch a.reply.word {
	case "ok":
		return l.written(w, a.reply)
	case "moved", "moved-whole":
		tail, err := l.tail(id, at, a.reply, a.reply.word == "moved-whole", true)
		if err == nil {
			err = room.ErrMoved
		}
		return tail, err
	case "clock":
		now, newest := a.reply.number(), a.reply.text()
		clock, err := logTime(now, newest)
		if err != nil || a.reply.bad {
			return room.Tail{}, foreign(id)
		}
		return room.Tail{Head: at, Now: clock}, room.ErrClock
	}
	return l.other(id, a.reply)
}

// Read is room.Log's.
func (l *roomLog) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return room.Tail{}, err
	}
	l.rooms.busy(id)
	defer l.rooms.idle(id)
	return l.read(ctx, id, after, true)
}

// read reads; told says whether the answer goes to the one who watches, or is
// for the copy, which needs no replica.
func (l *roomLog) read(ctx context.Context, id room.ID, after room.Head, told bool) (room.Tail, error) {
	a := &act{script: readScript, keys: l.link.syncKeys(id),
		args: append(l.link.args(partition(string(id)), ""), Format, after.Epoch, after.Seq, hexed(after.Hash))}
	if err := l.link.run(ctx, l.link.replica && told, a); err != nil {
		return room.Tail{}, fmt.Errorf("room log: read: %w", err)
	}
	switch a.reply.word {
	case "news", "whole":
		return l.tail(id, after, a.reply, a.reply.word == "whole", told)
	}
	return l.other(id, a.reply)
}

// Watch is room.Log's. The channel is never closed.
func (l *roomLog) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	if err := errors.Join(ctx.Err(), fits(id)); err != nil {
		return nil, err
	}
	return l.rooms.watch(ctx, id), nil
}

// writing is a batch on its way.
type writing struct {
	id      room.ID
	at      room.Head
	batch   room.Batch
	head    room.Head
	fresh   string // epoch, should this begin the log
	entries []stored
	facts   []byte
	words   []byte // sealed
	over    bool
}

// writing seals a batch.
func (l *roomLog) writing(id room.ID, at room.Head, b room.Batch, batch room.StoredBatch) (*writing, error) {
	w := &writing{id: id, at: at, batch: b, head: batch.Head, facts: batch.Facts,
		over: batch.Facts != nil && b.State.Phase == room.Over}
	epoch := at.Epoch
	if at == (room.Head{}) {
		w.fresh = rand.Text()
		epoch = w.fresh
	}
	var err error
	for _, e := range batch.Entries {
		if w.over { // a room that is over keeps no words
			e.Words = nil
		}
		kept := stored{hash: e.Hash, facts: e.Facts}
		if kept.sealed, err = l.seals.seal(id, epoch, ofEntry(e.Seq), e.Facts, e.Words); err != nil {
			return nil, err
		}
		w.entries = append(w.entries, kept)
	}
	if !w.over {
		w.words, err = l.seals.seal(id, epoch, ofState, batch.Facts, batch.Words)
	}
	return w, err
}

func (w *writing) act(l *link) *act {
	p := partition(string(w.id))
	life, due, nodes, over := roomLife, "", "", 0
	if w.over {
		life, over = overLife, 1
	} else if w.facts != nil {
		due, nodes = dueScore(w.batch), namedIn(w.batch.State)
	}
	first, last := w.batch.Now, w.batch.Now
	if n := len(w.batch.Entries); n > 0 {
		first, last = w.batch.Entries[0].At, w.batch.Entries[n-1].At
	}
	args := append(l.args(p, ""), Format, string(w.id), key(p, "bell"),
		w.at.Epoch, w.at.Seq, hexed(w.at.Hash), w.fresh,
		micros(w.batch.Now), nanos(w.batch.Now), nanos(first), nanos(last), room.MaxSkew.Microseconds(),
		w.head.Seq, hexed(w.head.Hash),
		w.facts, w.words, due, over, int64(life.Seconds()), keepEntries, nodes, len(w.entries))
	for _, e := range w.entries {
		args = append(args, e.String())
	}
	for _, e := range w.batch.Entries {
		for _, seq := range retracted(e) {
			args = append(args, seq)
		}
	}
	return &act{script: appendScript, keys: l.syncKeys(w.id), args: args}
}

// retracted are the entries whose words an entry takes back.
func retracted(e room.Entry) (seqs []uint64) {
	for _, ev := range e.Events {
		if r, ok := ev.(room.Retracted); ok {
			seqs = append(seqs, r.Seq)
		}
	}
	return seqs
}

// dueScore is when a state next has something due, in ms; when it has
// nothing, the end of what is stored.
func dueScore(b room.Batch) string {
	at, _ := b.State.Due()
	if end := b.Now.Add(roomLife); at.IsZero() || at.After(end) {
		at = end
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// namedIn are the nodes that a state's seats have lines to, with a space
// behind each.
func namedIn(s *room.State) string {
	seen, list := map[string]bool{}, strings.Builder{}
	for _, seat := range s.Seats {
		for _, n := range seat.Nodes {
			if !seen[n] {
				seen[n] = true
				list.WriteString(n + " ")
			}
		}
	}
	return list.String()
}

// written is what became of a batch that is in Redis.
func (l *roomLog) written(w *writing, r reply) (room.Tail, error) {
	now, epoch, newest := r.number(), r.text(), r.text()
	clock, err := logTime(now, newest)
	if err != nil || r.bad {
		return room.Tail{}, foreign(w.id)
	}
	head := w.head
	head.Epoch = epoch
	if len(w.entries) > 0 {
		l.rooms.wrote(w, head, newest)
	}
	return room.Tail{Head: head, Now: clock}, nil
}

// logTime is the log's clock for one room.
func logTime(us int64, newest string) (time.Time, error) {
	at, err := parseNanos(newest)
	return room.LogTime(time.UnixMicro(us).UTC(), at), err
}

// tail decodes what a log knows beyond a head, and computes its hashes again.
func (l *roomLog) tail(id room.ID, after room.Head, r reply, whole, told bool) (room.Tail, error) {
	n, err := parseNews(r, after, whole)
	if err != nil {
		return room.Tail{}, foreign(id)
	}
	t := room.Tail{Head: n.head, Base: n.base.hash}
	if t.Now, err = logTime(n.now, n.at); err != nil {
		return room.Tail{}, foreign(id)
	}
	var list []room.Entry
	for i, e := range n.entries {
		seq := n.base.seq + uint64(i) + 1
		entry, err := l.seals.joinEntry(id, n.head.Epoch, seq, e)
		if err != nil || entry.Seq != seq {
			return room.Tail{}, foreign(id)
		}
		list = append(list, entry)
	}
	if whole {
		t.State, err = l.seals.joinState(id, n.head.Epoch, n.state.facts, n.state.sealed)
		if err != nil || t.State.Seq != n.stateSeq {
			return room.Tail{}, foreign(id)
		}
		earlier := n.stateSeq - n.base.seq
		t.Earlier, list = list[:earlier:earlier], list[earlier:]
	}
	t.Entries = list
	l.rooms.heard(id, after, n, list, told)
	if !whole {
		t.Base = [32]byte{}
	}
	return t, nil
}

// other is the answer when there is no tail.
func (l *roomLog) other(id room.ID, r reply) (room.Tail, error) {
	switch r.word {
	case "noroom":
		l.rooms.gone(id)
		return room.Tail{Now: time.UnixMicro(r.number()).UTC()}, room.ErrNoRoom
	case "newer":
		l.outdated()
		return room.Tail{}, ErrNewer
	case "restoring":
		l.hurry()
		return room.Tail{}, &fault{"Redis has lost something or was restarted: for a moment the nodes give it back what they have", nil}
	case "fenced":
		l.hurry()
		return room.Tail{}, &fault{"the other nodes took this one for gone: it is joining them again", nil}
	}
	return room.Tail{}, foreign(id)
}

// foreign is the error for a room of which something is stored that no Hearth
// wrote. It is this room's alone.
func foreign(id room.ID) error {
	k := roomKeys(id)
	return &fault{fmt.Sprintf("what is kept of a room in Redis is not what Hearth wrote: see what writes there besides Hearth; DEL %s %s gives the room up", k[6], k[7]), nil}
}

package redisstore

import (
	"context"
	"slices"
	"sync"

	"hearth/room"
)

// rooms are those that somebody watches here: whom to ring, what was told
// already, and the copy that is offered when Redis has lost something.
type rooms struct {
	mu sync.Mutex // guards what follows
	m  map[room.ID]*watched
	// next is where the beat goes on asking, see ask.
	next room.ID
}

// mark is a point of a log as bells and beats name it.
type mark struct {
	epoch string
	seq   uint64
}

// watched is one room.
type watched struct {
	bells []chan struct{}
	known mark // the newest that a caller was told
	calls int  // on their way; bells wait until they are back
	late  mark // the newest bell that waits
	copy  *copied
}

// copied is a room as Redis has it, words sealed, without what its state
// includes.
type copied struct {
	head      room.Head
	at        string // of the newest entry
	stateSeq  uint64
	stateHash [32]byte
	state     stored
	entries   []stored // behind the state
}

func newRooms() *rooms { return &rooms{m: map[room.ID]*watched{}} }

// watch is room.Log's Watch.
func (r *rooms) watch(ctx context.Context, id room.ID) <-chan struct{} {
	bell := make(chan struct{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.m[id]
	if w == nil {
		w = &watched{}
		r.m[id] = w
	}
	w.bells = append(w.bells, bell)
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		w.bells = slices.DeleteFunc(w.bells, func(c chan struct{}) bool { return c == bell })
		if len(w.bells) == 0 && r.m[id] == w {
			delete(r.m, id)
		}
	})
	return bell
}

func (w *watched) ring() {
	for _, bell := range w.bells {
		ring(bell)
	}
}

// ring rings a bell that holds one ring.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

func (w *watched) knows(m mark) bool { return m.epoch == w.known.epoch && m.seq <= w.known.seq }

// ring rings for a room, unless what it rings for is known here.
func (r *rooms) ring(id room.ID, epoch string, seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, m := r.m[id], mark{epoch, seq}
	switch {
	case w == nil || w.knows(m):
	case w.calls > 0: // what is on its way may be just this
		if w.late.epoch != epoch || w.late.seq < seq {
			w.late = m
		}
	default:
		w.ring()
	}
}

// differs rings for a room of which a beat says that it stands elsewhere than
// it was known to. Where it stands earlier it was rewound, which no doorbell
// tells.
func (r *rooms) differs(a asked, epoch string, seq uint64) {
	if epoch == a.known.epoch && seq < a.known.seq {
		r.nudge(a.id)
		return
	}
	r.ring(a.id, epoch, seq)
}

// ringAll rings for every room of those that which allows; nil: all.
func (r *rooms) ringAll(which func(room.ID) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, w := range r.m {
		if which == nil || which(id) {
			w.ring()
		}
	}
}

// busy says that a call about a room is on its way, idle that it is back.
func (r *rooms) busy(id room.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.m[id]; w != nil {
		w.calls++
	}
}

func (r *rooms) idle(id room.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.m[id]
	if w == nil || w.calls == 0 {
		return // the watch began meanwhile
	}
	w.calls--
	if w.calls == 0 && w.late != (mark{}) {
		if !w.knows(w.late) {
			w.ring()
		}
		w.late = mark{}
	}
}

// told notes what a caller now knows.
func (w *watched) told(h room.Head) {
	if w.known.epoch != h.Epoch || w.known.seq < h.Seq {
		w.known = mark{h.Epoch, h.Seq}
	}
}

// wrote takes over what this node has written.
func (r *rooms) wrote(w *writing, head room.Head, at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.m[w.id]
	if v == nil {
		return
	}
	v.told(head)
	switch {
	case w.facts != nil:
		v.take(&copied{head: head, at: at, stateSeq: head.Seq, stateHash: head.Hash, state: stored{facts: w.facts, sealed: w.words}})
	case v.copy != nil && v.copy.head == w.at:
		v.copy.extend(head, at, w.entries, w.batch.Entries)
	default:
		v.stale(head)
	}
}

// heard takes over what was read after a head. List is what follows the head
// or the state, decoded.
func (r *rooms) heard(id room.ID, after room.Head, n news, list []room.Entry, told bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.m[id]
	if v == nil {
		return
	}
	if told {
		v.told(n.head)
	}
	behind := n.entries[len(n.entries)-len(list):]
	switch {
	case n.state.facts != nil:
		c := &copied{head: n.head, at: n.at, stateSeq: n.stateSeq, stateHash: n.stateHash, state: n.state}
		c.entries = append(c.entries, behind...)
		v.take(c)
	case v.copy != nil && v.copy.head == after && !closes(list):
		v.copy.extend(n.head, n.at, behind, list)
	default:
		v.stale(n.head)
	}
}

// take keeps a copy, unless that which is there is newer: answers may come
// back in another order than they were given.
func (w *watched) take(c *copied) {
	if old := w.copy; old == nil || old.head.Epoch != c.head.Epoch || old.head.Seq <= c.head.Seq {
		w.copy = c
	}
}

// stale drops a copy that does not go on to a head; the beat reads it again.
func (w *watched) stale(h room.Head) {
	if c := w.copy; c != nil && (c.head.Epoch != h.Epoch || c.head.Seq < h.Seq) {
		w.copy = nil
	}
}

// closes says whether a room ends with entries: then what is kept of it is not
// its copy and they, but less.
func closes(list []room.Entry) bool {
	for _, e := range list {
		for _, ev := range e.Events {
			if _, is := ev.(room.Closed); is {
				return true
			}
		}
	}
	return false
}

// extend adds entries, and takes back the words that they take back.
func (c *copied) extend(head room.Head, at string, kept []stored, list []room.Entry) {
	c.entries = append(c.entries, kept...)
	c.head, c.at = head, at
	for _, e := range list {
		for _, seq := range retracted(e) {
			if i := seq - c.stateSeq - 1; seq > c.stateSeq && i < uint64(len(c.entries)) {
				c.entries[i].sealed = nil
			}
		}
	}
}

// gone forgets a room that is not there any more.
func (r *rooms) gone(id room.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.m[id]; w != nil {
		w.copy, w.known = nil, mark{}
	}
}

// nudge rings for a room that is overdue; false if nobody watches it here.
func (r *rooms) nudge(id room.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.m[id]
	if w != nil {
		w.ring()
	}
	return w != nil
}

// asked is a room that a beat asks about.
type asked struct {
	id    room.ID
	known mark
}

// ask returns a share of the rooms, a quarter and at least 64, going round:
// with four beats a second each is asked about once a second.
func (r *rooms) ask() (list []asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]room.ID, 0, len(r.m))
	for id := range r.m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	from, _ := slices.BinarySearch(ids, r.next)
	for i := range min(len(ids), max(64, (len(ids)+3)/4)) {
		id := ids[(from+i)%len(ids)]
		list = append(list, asked{id, r.m[id].known})
		r.next = id + "\x00"
	}
	return list
}

// lacking are some rooms of which there is no copy.
func (r *rooms) lacking(most int) (list []room.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, w := range r.m {
		if w.copy == nil && len(list) < most {
			list = append(list, id)
		}
	}
	return list
}

// copies returns the copies of one partition, its own.
func (r *rooms) copies(p int) map[room.ID]copied {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[room.ID]copied{}
	for id, w := range r.m {
		if w.copy != nil && partition(string(id)) == p {
			c := *w.copy
			c.entries = slices.Clone(c.entries)
			all[id] = c
		}
	}
	return all
}

package hub

import (
	"fmt"
	"reflect"
	"slices"

	"hearth/room"
)

// tell hands every connection what it may see of what was just committed:
// the shared frames, encoded once, then what concerns keepers and itself.
func (l *live) tell(m made) {
	if len(m.entries) == 0 {
		return
	}
	t := &telling{live: l, last: m.entries[len(m.entries)-1], talk: m.quiet() || l.doorLater(m), went: map[room.SeatID]int{}}
	for i, e := range m.entries {
		var frame []byte
		if m.shared[i] != nil {
			frame = l.cfg.Encode(l.id, m.shared[i])
			t.frames = append(t.frames, frame)
		}
		l.backlog.add(e, frame, l.head)
		for _, ev := range e.Events {
			switch ev := ev.(type) {
			case room.Retracted:
				t.takeBack(ev.Seq)
			case room.Left:
				t.went[ev.Seat] = len(t.frames)
			case room.Removed:
				t.went[ev.Seat], l.freed = len(t.frames), "" // who may come again is told anew
			case room.Readmitted:
				l.barred = ""
			case room.LeftDoor:
				t.went[ev.Seat] = 0
			}
		}
	}
	for s := range l.sittings {
		t.to(s)
	}
	l.tellAsides(m)
	l.tellStore()
	if l.state.Phase == room.Over {
		l.end()
	}
}

// doorLater says whether a batch is only about who waits at the door, and those
// who look after it were told of them a moment ago: they are told again soon.
// Strangers come and go there, and must not fill anybody's line.
func (l *live) doorLater(m made) bool {
	for _, e := range m.entries {
		if !l.atDoorOnly(e) {
			return false
		}
	}
	now := l.cfg.Now()
	wait := l.doorAt.Add(doorEvery).Sub(now)
	if wait <= 0 || wait > doorEvery {
		l.doorAt = now
		return false
	}
	if !l.doorOwes && len(l.signals) == 0 {
		l.flush.Reset(wait)
	}
	l.doorOwes = true
	return true
}

// atDoorOnly says whether an entry changes nothing but who waits.
func (l *live) atDoorOnly(e room.Entry) bool {
	for _, ev := range e.Events {
		switch ev := ev.(type) {
		case room.CameToDoor, room.DoorDropped, room.LeftDoor:
		case room.Named:
			if l.state.Seats[ev.Seat] != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// tellDoor tells those who look after the door what they were not told yet.
func (l *live) tellDoor() {
	if !l.doorOwes || l.state.Phase == room.Over {
		return
	}
	l.doorOwes, l.doorAt = false, l.cfg.Now()
	t := &telling{live: l, last: room.Entry{Seq: l.state.Seq, At: l.state.At}}
	for s := range l.sittings {
		if s.door == nil && !t.private(s) {
			s.queue.restart(l.anew(s))
		}
		s.queue.stands(l.backlog.last())
	}
}

// telling is one round of telling; the keepers' frame is made once.
type telling struct {
	live   *live
	last   room.Entry
	talk   bool                // only words: nothing private has changed
	frames [][]byte            // for everybody; nil: taken back since
	went   map[room.SeatID]int // who went, and how many of frames came before
	keep   *room.Frame
	code   []byte // keep, encoded
}

func (t *telling) to(s *Sitting) {
	l, frames := t.live, t.frames
	before, went := t.went[s.guest.Seat]
	if s.door != nil || !went && room.Waits(l.state, s.guest.Seat) {
		t.atDoor(s)
		return
	}
	if went { // what was said after it is not theirs to hear
		frames = frames[:before]
	}
	fits := true
	for _, f := range frames {
		fits = fits && (f == nil || s.queue.put(f))
	}
	if !t.talk {
		fits = fits && t.private(s)
	}
	if !fits && !went {
		s.queue.restart(l.anew(s))
	}
	s.queue.stands(l.backlog.last())
	switch {
	case l.state.Phase == room.Over:
	case contains(l.state.Barred, s.guest.Seat):
		s.queue.end(WasRemoved)
	case went:
		s.queue.end(YouLeft)
	}
}

// atDoor tells whoever was at the door until now: their door, if it has
// changed, or the room from scratch, if they were let in. Nothing else of the
// room goes to them.
func (t *telling) atDoor(s *Sitting) {
	l, id := t.live, s.guest.Seat
	switch {
	case l.state.Phase == room.Over: // everybody is told in a moment
	case contains(l.state.Barred, id):
		s.queue.end(WasRemoved)
	case room.Waits(l.state, id):
		f := room.View(l.state, t.last, room.Audience{Door: id})
		if reflect.DeepEqual(f.Door, s.door) {
			return
		}
		s.door = f.Door
		if !s.queue.put(l.cfg.Encode(l.id, f)) {
			s.queue.restart(l.anew(s))
		}
		s.queue.stands(l.backlog.last())
	case l.state.Seats[id] != nil:
		s.queue.replace(l.anew(s))
	default:
		s.queue.end(YouLeft)
	}
}

// takeBack drops words from wherever they still wait.
func (t *telling) takeBack(seq uint64) {
	frame := t.live.backlog.forget(seq)
	if frame == nil {
		return
	}
	for i, f := range t.frames {
		if same(f, frame) {
			t.frames[i] = nil
		}
	}
	for s := range t.live.sittings {
		s.queue.forget(frame)
	}
}

// private sends what concerns one seat, and the keepers theirs, if it is
// not what they have.
func (t *telling) private(s *Sitting) (fits bool) {
	l := t.live
	fits = true
	you := room.View(l.state, t.last, room.Audience{Seat: s.guest.Seat})
	if !reflect.DeepEqual(you.You, s.you) {
		s.you = you.You
		fits = s.queue.put(l.cfg.Encode(l.id, you))
	}
	if !l.keeper(s.guest.Seat) {
		s.keep = nil
		return fits
	}
	if t.keep == nil {
		t.keep = room.View(l.state, t.last, room.Audience{Keepers: true})
	}
	if reflect.DeepEqual(t.keep.Keep, s.keep) {
		return fits
	}
	if t.code == nil {
		t.code = l.cfg.Encode(l.id, t.keep)
	}
	s.keep = t.keep.Keep
	return fits && s.queue.put(t.code)
}

func (l *live) keeper(id room.SeatID) bool {
	role, _ := l.state.RoleOf(id)
	return role == room.Facilitator || role == room.Moderator
}

func contains(list []room.SeatID, id room.SeatID) bool {
	for _, o := range list {
		if o == id {
			return true
		}
	}
	return false
}

// seat takes a connection in. From here on it hears everything; a client
// that resumes first hears what it missed, but nothing said before it
// first sat down.
func (l *live) seat(s *Sitting) Greeting {
	for o := range l.sittings {
		if o.guest.Seat == s.guest.Seat && o.guest.Session == s.guest.Session {
			o.queue.end(Replaced)
			l.unseat(o)
		}
	}
	l.sittings[s] = struct{}{}
	if l.cfg.Presence.Connect(l.id, s.guest.Seat, s.conn) {
		l.cfg.Meter.Seats(1)
	}
	g := l.greet(s)
	if g.Door != nil {
		return g // whatever they have seen of the room before
	}
	p, me := s.guest.Resume, l.state.Seats[s.guest.Seat]
	if me == nil { // gone again by a command decided together with it
		why := YouLeft
		if contains(l.state.Barred, s.guest.Seat) {
			why = WasRemoved
		}
		s.queue.end(why)
		return g
	}
	if p == nil {
		return g
	}
	at := l.backlog.find(*p)
	switch {
	case at == elsewhere:
		g.Rewound, g.Missed = true, l.heardBy(s.guest.Seat)
		return g
	case p.Seq < me.Since:
		return g
	}
	frames, whole := l.backlog.after(p.Seq)
	if !whole || at != known || len(frames) > queueEntries/2 || total(frames) > queueBytes/2 {
		g.Missed = l.backlog.said(p.Seq) // half a queue is left for what comes meanwhile
		return g
	}
	g.Fresh, g.Seq, g.Tag = nil, p.Seq, p.Tag
	s.you, s.keep = nil, nil
	for _, f := range frames {
		s.queue.put(f)
	}
	t := &telling{live: l, last: room.Entry{Seq: l.state.Seq, At: l.state.At}}
	t.private(s)
	s.queue.stands(l.backlog.last())
	return g
}

// greet is the room from scratch for one seat, or the door for who waits
// there.
func (l *live) greet(s *Sitting) Greeting {
	id, now := s.guest.Seat, l.now()
	g := Greeting{Epoch: l.head.Epoch, Seq: l.state.Seq, Tag: l.backlog.tag(), Now: now, Last: l.state.Receipt(id, s.guest.Session).N}
	s.you, s.keep, s.door = nil, nil, l.state.DoorView(id)
	if g.Door = s.door; g.Door != nil {
		return g
	}
	s.you = l.state.YouView(id)
	if l.keeper(id) {
		s.keep = l.state.KeepView()
	}
	g.Fresh = &Fresh{Room: l.state.RoomView(now), Seats: l.state.SeatViews(), You: s.you, Keep: s.keep}
	return g
}

// anew is the room from scratch for a seat whose queue is emptied for it, with
// the words: those that waited there, or came with what it replaces.
func (l *live) anew(s *Sitting) Greeting {
	g := l.greet(s)
	g.Missed = l.heardBy(s.guest.Seat)
	return g
}

// tellStore tells the keeper of seats who may not come back and that a room
// is over, and again until it is taken; on loading a room all of it, since a
// process may have ended before it did. It asks what the log may have lost of
// that. A store that hangs takes a tenth of the room's time at most.
func (l *live) tellStore() {
	from := l.cfg.Now()
	if from.Before(l.storeAt) {
		return
	}
	if err := l.errands(); err != nil {
		l.cfg.Fault(l.id, err)
		took := l.cfg.Now().Sub(from)
		l.storeAt = from.Add(took + max(retryLog, 10*took))
	}
}

// errands does what tellStore is for; an error leaves the rest for later.
func (l *live) errands() error {
	if l.asks && l.state.Phase != room.Over {
		removed, err := l.cfg.Removed(l.id)
		if err != nil {
			return fmt.Errorf("ask who was removed: %w", err)
		}
		l.removed, l.mends = append(l.removed, removed...), true
	}
	l.asks = false
	if l.owesBars() {
		if err := l.cfg.Barred(l.id, slices.Clone(l.state.Barred)); err != nil {
			return fmt.Errorf("keep a removal: %w", err)
		}
		l.barred = l.state.Barred[len(l.state.Barred)-1]
	}
	if l.owesFreed() {
		if err := l.cfg.Readmitted(l.id, slices.Clone(l.state.Readmitted)); err != nil {
			return fmt.Errorf("keep that somebody may come again: %w", err)
		}
		l.freed = l.state.Readmitted[len(l.state.Readmitted)-1]
	}
	if err := l.clearShelf(); err != nil {
		return fmt.Errorf("forget pictures: %w", err)
	}
	if l.owesEnd() {
		if err := l.cfg.Over(l.id); err != nil {
			return fmt.Errorf("keep an end: %w", err)
		}
		l.toldOver = true
		l.tellParent()
	}
	return nil
}

// owesBars says whether there are removals that were not told yet.
func (l *live) owesBars() bool {
	n := len(l.state.Barred)
	return n > 0 && l.state.Barred[n-1] != l.barred
}

// owesFreed says whether somebody was readmitted, which was not told yet.
func (l *live) owesFreed() bool {
	n := len(l.state.Readmitted)
	return n > 0 && l.state.Readmitted[n-1] != l.freed
}

// owesEnd says whether the end was not told yet.
func (l *live) owesEnd() bool { return l.state.Phase == room.Over && !l.toldOver }

// end lets everybody go from a room that is over.
func (l *live) end() {
	l.endAll(RoomOver)
	l.state.Words, l.backlog = room.Words{}, newBacklog(l.head) // for the collector
	if l.cfg.Keys != nil {
		l.cfg.Keys.Forget(l.id)
	}
}

func (l *live) endAll(r Reason) {
	for s := range l.sittings {
		s.queue.end(r)
		l.unseat(s)
	}
}

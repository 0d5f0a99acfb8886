package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/room"
)

// errLetGo: the room's goroutine ended while nobody sat in it.
var errLetGo = errors.New("hub: the room was let go")

// request is one thing asked of a live room. Who asks reads its results
// after done is closed.
type request struct {
	command room.Command
	lossy   bool
	sit     *Sitting // asks to be seated
	look    func(now time.Time, s *room.State)

	answer   Answer
	greeting Greeting
	err      error
	done     chan struct{}
}

// live is one room in this process. Its goroutine owns all but what is
// marked otherwise.
type live struct {
	hub *Hub
	cfg Config
	id  room.ID

	in     chan *request // anyone puts in
	loaded chan struct{} // closed when the room is loaded, or can't be
	ended  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex // guards rising
	rising  []*Sitting
	riseNow chan struct{} // holds at most one

	loadErr  error  // set before loaded is closed
	why      Reason // it ended; set before ended is closed; empty: let go
	state    *room.State
	head     room.Head
	skew     time.Duration // of the log's clock to ours
	unsure   bool          // the last append's fate is unknown
	logless  bool          // the log has no such room any more
	awayAt   time.Time     // since when the log takes nothing; zero: it does
	awayAs   string        // this node's name then
	balked   bool          // the timer that is due came to nothing
	stored   int           // entries since the state was stored
	barred   room.SeatID   // the last of state.Barred that was told
	freed    room.SeatID   // the last of state.Readmitted that was
	toldOver bool          // the room's end was
	drops    []string      // pictures that were taken back and are on the shelf still
	asks     bool          // who was removed is to be asked for
	removed  []room.SeatID // who was, also if the log does not know it any more
	storeAt  time.Time     // when the store is told and asked again; zero: at once
	mends    bool          // what the room thinks of lines may be wrong
	kid      string        // the key that words are sealed with here
	keying   bool          // it is being seen to
	bell     <-chan struct{}
	reread   chan struct{} // holds at most one
	heard    chan []Signal // from other nodes

	sittings map[*Sitting]struct{}
	backlog  backlog
	signals  map[Signal]struct{}
	timer    *time.Timer // for the state's next due command
	flush    *time.Timer // for signals
	doorAt   time.Time   // when who waits at the door was told of last
	doorOwes bool        // it has changed since
	idle     time.Time   // since when nobody sits here
}

func newLive(h *Hub, id room.ID) *live {
	return &live{
		hub: h, cfg: h.cfg, id: id,
		in: make(chan *request, mailbox), loaded: make(chan struct{}), ended: make(chan struct{}),
		riseNow: make(chan struct{}, 1), reread: make(chan struct{}, 1), heard: make(chan []Signal, signsWaiting), sittings: map[*Sitting]struct{}{}, signals: map[Signal]struct{}{},
	}
}

// ready waits until the room is loaded.
func (l *live) ready(ctx context.Context) error {
	select {
	case <-l.loaded:
		return l.loadErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask puts a request in the mailbox and waits for what comes of it.
// A safety command waits for its place there too.
func (l *live) ask(ctx context.Context, r *request) error {
	select {
	case l.in <- r:
	case <-l.ended:
		return l.gone()
	default:
		l.cfg.Meter.Drop("mailbox")
		if !room.Safety(r.command.Do) {
			return ErrBusy
		}
		select {
		case l.in <- r:
		case <-l.ended:
			return l.gone()
		case <-ctx.Done():
			return ErrBusy
		}
	}
	select {
	case <-r.done:
		return nil
	case <-l.ended:
		return l.gone()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gone says how the room's goroutine ended. What ended it may be what was
// asked: only after letting an empty room go is asking again right.
func (l *live) gone() error {
	if l.why == "" {
		return errLetGo
	}
	return &Ended{l.why}
}

func (l *live) rises(s *Sitting) {
	l.mu.Lock()
	l.rising = append(l.rising, s)
	l.mu.Unlock()
	select {
	case l.riseNow <- struct{}{}:
	default:
	}
}

// run is the room's loop: load, then do whatever comes first.
func (l *live) run() {
	defer close(l.ended)
	ctx, cancel := context.WithCancel(l.hub.ctx)
	defer cancel()
	if l.loadErr = l.open(ctx); l.loadErr != nil {
		l.leave() // before anybody hears of it: who asks again loads it again
		close(l.loaded)
		return
	}
	defer l.leave()
	close(l.loaded)
	l.cfg.Meter.Rooms(1)
	defer l.cfg.Meter.Rooms(-1)
	l.timer, l.flush = time.NewTimer(time.Hour), time.NewTimer(time.Hour)
	l.flush.Stop()
	defer l.timer.Stop()
	defer l.flush.Stop()
	l.why = l.loop(ctx)
	l.endAll(l.why)
}

// open loads the room and brings it up to now. A panic is this room's alone.
func (l *live) open(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("load room: %T", p)
		}
	}()
	if err := l.load(ctx); err != nil {
		return err
	}
	if l.bell, err = l.cfg.Log.Watch(ctx, l.id); err != nil {
		return fmt.Errorf("watch room: %w", err)
	}
	if err := l.openWords(ctx); err != nil {
		return err
	}
	if err := l.listen(ctx); err != nil {
		return err
	}
	l.asks = true
	l.tellStore()
	l.clearEarlierLife(ctx)
	l.mends = false
	return nil
}

// loop runs until the room is let go or the process stops. A panic ends
// this room alone: whoever comes next loads it from its log.
func (l *live) loop(ctx context.Context) (why Reason) {
	defer func() {
		if p := recover(); p != nil {
			l.cfg.Fault(l.id, fmt.Errorf("room ended: %T", p))
			why = RoomFault
		}
	}()
	for {
		l.arm()
		select {
		case r := <-l.in:
			l.serve(ctx, l.together(r))
		case <-l.riseNow:
			l.riseAll(ctx)
		case <-l.timer.C:
			if l.letGo() {
				return ""
			}
			l.tellStore()
			l.runDue(ctx)
		case <-l.flush.C:
			l.flushSignals(ctx)
			l.tellDoor()
		case <-l.bell:
			if l.catchUp(ctx) {
				l.mend(ctx)
			}
		case <-l.reread:
			l.readWords(ctx)
		case list := <-l.heard:
			l.hand(list)
		case <-ctx.Done():
			return ShuttingOff
		}
		if l.mends {
			l.mends = false
			l.mend(ctx)
		}
		if l.logless { // whoever comes next begins it anew
			return RoomFault
		}
	}
}

// together takes what else waits, so that it is decided and appended at once.
func (l *live) together(first *request) []*request {
	batch := []*request{first}
	for len(batch) < mostTogether {
		select {
		case r := <-l.in:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// arm sets the one timer: the next due command, a look at a log that is
// away, a removal that could not be kept, or letting an empty room go.
func (l *live) arm() {
	wait := idleFor
	balked := l.balked
	l.balked = false
	switch at, _ := l.state.Due(); {
	case !l.awayAt.IsZero(), balked:
		wait = retryLog
	case !at.IsZero():
		wait = min(wait, max(at.Sub(l.now()), time.Millisecond))
	}
	if l.asks || l.owesBars() || l.owesFreed() || l.owesEnd() || len(l.drops) > 0 {
		wait = min(wait, max(l.storeAt.Sub(l.cfg.Now()), time.Millisecond))
	}
	l.timer.Reset(wait)
}

// letGo says whether nobody sits here and nothing waits for anybody. A circle
// that all have left is kept until it has ended (rule 8).
func (l *live) letGo() bool {
	ends := l.state.Phase == room.Circle || !l.state.Closing.IsZero()
	empty := len(l.sittings) == 0 && !l.owesEnd() && (l.state.Phase == room.Over || l.deserted() && !ends || l.othersKeep())
	if !empty {
		l.idle = time.Time{}
		return false
	}
	if l.idle.IsZero() {
		l.idle = l.cfg.Now()
		return false
	}
	return l.cfg.Now().Sub(l.idle) >= idleFor && len(l.in) == 0
}

// deserted says whether nobody has a seat here, or waits for one.
func (l *live) deserted() bool { return len(l.state.Seats)+len(l.state.Door) == 0 }

// now is the time by the log's clock, never before the newest entry.
func (l *live) now() time.Time {
	t := l.cfg.Now().Add(l.skew).UTC().Truncate(time.Millisecond)
	if t.Before(l.state.At) {
		return l.state.At
	}
	return t
}

// serve answers a batch: signals at once, the rest with one append.
func (l *live) serve(ctx context.Context, batch []*request) {
	var asked []*asked
	if len(l.sittings) == 0 && l.kid != l.state.Kid { // naming one came to nothing before
		l.holdKey(ctx)
	}
	for _, r := range batch {
		if r.lossy || r.look != nil {
			l.lightly(ctx, r)
			close(r.done)
			continue
		}
		if r.sit != nil {
			a := l.arrival(r.sit.guest)
			a.Barred, a.Name = a.Barred || l.isRemoved(a.Seat), r.sit.guest.Name
			r.command = house(a)
		}
		asked = append(asked, ask(r.command))
	}
	l.commit(ctx, asked)
	i := 0
	for _, r := range batch {
		if r.lossy || r.look != nil {
			continue
		}
		a := asked[i]
		i++
		r.answer, r.err = a.answer, a.err
		if r.sit != nil && r.err == nil && r.answer.Refused == nil {
			r.greeting = l.seat(r.sit)
			if r.sit.gone.Load() {
				l.rises(r.sit) // it was given back while it waited
			}
		}
		close(r.done)
	}
}

// arrival is how a guest comes in by this node; as who, they say themselves.
func (l *live) arrival(g Guest) room.Arrive {
	return room.Arrive{Seat: g.Seat, Role: g.Role, Listen: g.Listen, Barred: g.Barred, Node: l.cfg.Nodes.Me(), Asked: g.Asked, Wait: g.Wait, First: g.First, Deputy: g.Deputy}
}

// runDue submits what time has brought.
func (l *live) runDue(ctx context.Context) {
	if !l.awayAt.IsZero() {
		l.catchUp(ctx)
		return
	}
	for range mostTogether {
		at, c := l.state.Due()
		if at.IsZero() || at.After(l.now()) {
			return
		}
		a := ask(c)
		l.commit(ctx, []*asked{a})
		if a.err != nil || a.answer.Seq == 0 {
			l.balked = true // the log is away, or there was nothing in it
			return
		}
	}
}

// riseAll takes back the connections that went, and tells of seats whose
// last one did.
func (l *live) riseAll(ctx context.Context) {
	l.mu.Lock()
	gone := l.rising
	l.rising = nil
	l.mu.Unlock()
	var drops []*asked
	for _, s := range gone {
		if l.unseat(s) {
			drops = append(drops, l.drop(s.guest.Seat))
		}
	}
	if len(drops) > 0 {
		l.commit(ctx, drops)
	}
}

// unseat forgets a connection and says whether it was the seat's last.
func (l *live) unseat(s *Sitting) (last bool) {
	if _, ok := l.sittings[s]; !ok {
		return false
	}
	delete(l.sittings, s)
	last = l.cfg.Presence.Gone(l.id, s.guest.Seat, s.conn)
	if last {
		l.cfg.Meter.Seats(-1)
	}
	return last
}

// load reads the room, or begins its log.
func (l *live) load(ctx context.Context) error {
	tail, err := l.cfg.Log.Read(ctx, l.id, room.Head{})
	if errors.Is(err, room.ErrNoRoom) {
		if err = l.begin(ctx); !errors.Is(err, room.ErrMoved) {
			return err
		}
		tail, err = l.cfg.Log.Read(ctx, l.id, room.Head{}) // another node was first
	}
	if err != nil {
		return fmt.Errorf("load room: %w", err)
	}
	if tail.State == nil {
		return errors.New("load room: the log has no state")
	}
	l.remember(tail)
	l.state, l.head, l.stored = tail.Current(), tail.Head, len(tail.Entries)
	l.skew = tail.Now.Sub(l.cfg.Now())
	return nil
}

func (l *live) begin(ctx context.Context) error {
	set, err := l.cfg.Settings(ctx, l.id)
	if err != nil {
		return fmt.Errorf("begin room: %w", err)
	}
	if err := set.Check(); err != nil {
		return fmt.Errorf("begin room: %w", err)
	}
	tail, err := l.first(ctx, set)
	if errors.Is(err, room.ErrClock) {
		l.skew = l.skewOf(tail) // not known before anything was read
		tail, err = l.first(ctx, set)
	}
	if err != nil {
		return fmt.Errorf("begin room: %w", err)
	}
	l.head = tail.Head
	l.backlog = newBacklog(tail.Head)
	return nil
}

// first writes a room's first entry.
func (l *live) first(ctx context.Context, set room.Settings) (room.Tail, error) {
	l.state = &room.State{}
	now := l.now()
	first := room.Begin(l.id, set, now)
	l.state.Apply(first)
	return l.cfg.Log.Append(ctx, l.id, room.Head{}, room.Batch{Entries: []room.Entry{first}, State: l.state, Now: now})
}

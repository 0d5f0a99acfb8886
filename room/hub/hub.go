package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hearth/presence"
	"hearth/room"
)

// Bounds of what waits.
const (
	mailbox      = 256                    // requests waiting for one room
	mostTogether = 64                     // of them decided together
	queueEntries = 64                     // encoded frames waiting for one connection
	queueBytes   = 256 << 10              // their bytes
	backlogSize  = 256                    // entries kept for clients that resume
	backlogBytes = 1 << 20                // their bytes
	signalsEvery = 250 * time.Millisecond // reactions and typing are gathered so long
	doorEvery    = 500 * time.Millisecond // who waits at the door is told so often at most
	signalsMost  = 64                     // of them waiting for one connection
	safetyFor    = 2 * time.Second        // how long a safety command is retried
	triesMost    = 20                     // how often any other is
	faultsMost   = 2                      // how often an append may fail before the log counts as away
	retryLog     = time.Second            // between looks at a log that is away, or tries of a timer that came to nothing
	stateEvery   = 100                    // entries before the state is stored again
	idleFor      = time.Minute            // an empty room is let go after it
	wakeAtOnce   = 32                     // rooms loaded side by side: one may wait for its key
)

// ErrBusy: the room has more to do than fits its mailbox. Nothing happened.
var ErrBusy = errors.New("hub: the room is busy")

// ErrUnavailable: the log does not answer. Whether the command was written
// is unknown; the same number asked again finds out.
var ErrUnavailable = errors.New("hub: the room's log is not available")

// Config is what a hub needs. Log, Presence, Encode and Settings are
// required.
type Config struct {
	Log      room.Log
	Presence *presence.Table
	// Encode turns a frame into the bytes that connections send. Once per
	// frame and audience, shared by all of it.
	Encode func(room.ID, *room.Frame) []byte
	// Settings returns the settings of a room whose log is begun now.
	Settings func(context.Context, room.ID) (room.Settings, error)
	Nodes    presence.Nodes // nil: this is the only one
	Bus      room.Bus       // for signals; nil: there is but this node
	Keys     Keyring        // nil: words are not sealed
	// Shelf keeps the rooms' pictures; nil: there are none. One that is taken
	// back is dropped from it, and a room that is over is forgotten; both are
	// tried again until they work, and may take their time.
	Shelf room.Shelf
	// Barred is told, after a commit and on loading a room, who may not
	// come back; Over that a room has ended. Each is told again until it
	// returns nil, and may take its time.
	Barred func(room.ID, []room.SeatID) error
	Over   func(room.ID) error
	// Removed returns all that Barred was told of a room that is not over.
	// It is asked on loading a room, and when its log was rewound, until it
	// answers: whoever was removed stays so. It may take its time.
	Removed func(room.ID) ([]room.SeatID, error)
	// Readmitted is told who may come in again all the same, as Barred is told
	// who may not; no seat is in both.
	Readmitted func(room.ID, []room.SeatID) error

	Now   func() time.Time // nil: time.Now
	Meter Meter            // nil: silent
	Fault func(id room.ID, err error)
}

// Meter counts what happens. Implementations must not block.
type Meter interface {
	Rooms(change int)
	Seats(change int)       // seats with a connection
	Command(outcome string) // "ok", "already", "repeat", a refusal's code, "fault", "unavailable"
	Conflict()              // an append found the head moved
	Drop(reason string)     // "overflow", "slow", "signals", "mailbox", "rewound"
	Delivery(time.Duration) // from commit to the connection's writer
}

type silent struct{}

func (silent) Rooms(int)              {}
func (silent) Seats(int)              {}
func (silent) Command(string)         {}
func (silent) Conflict()              {}
func (silent) Drop(string)            {}
func (silent) Delivery(time.Duration) {}

// Hub keeps the live rooms. It is safe for concurrent use.
type Hub struct {
	cfg  Config
	ctx  context.Context // of all rooms
	stop context.CancelFunc

	mu    sync.Mutex // guards rooms, fell, told and conns
	rooms map[room.ID]*live
	fell  map[room.ID]time.Time // when a fault last ended a room here
	told  map[room.ID]time.Time // when it was last told that a room can't be woken
	conns presence.Conn
	group sync.WaitGroup // the rooms' goroutines
}

// New returns a hub without rooms.
func New(cfg Config) *Hub {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Meter == nil {
		cfg.Meter = silent{}
	}
	if cfg.Fault == nil {
		cfg.Fault = func(room.ID, error) {}
	}
	if cfg.Barred == nil {
		cfg.Barred = func(room.ID, []room.SeatID) error { return nil }
	}
	if cfg.Over == nil {
		cfg.Over = func(room.ID) error { return nil }
	}
	if cfg.Removed == nil {
		cfg.Removed = func(room.ID) ([]room.SeatID, error) { return nil, nil }
	}
	if cfg.Readmitted == nil {
		cfg.Readmitted = func(room.ID, []room.SeatID) error { return nil }
	}
	if cfg.Nodes == nil {
		cfg.Nodes = presence.Alone{ID: "node"}
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Hub{cfg: cfg, ctx: ctx, stop: stop, rooms: map[room.ID]*live{}, fell: map[room.ID]time.Time{}, told: map[room.ID]time.Time{}}
}

// Wake loads rooms that are not over, so that their timers run. A room that
// can't be loaded keeps none of the others; its fault is told.
func (h *Hub) Wake(ctx context.Context, ids ...room.ID) {
	for ids := range slices.Chunk(ids, wakeAtOnce) {
		var group sync.WaitGroup
		for _, id := range ids {
			group.Go(func() { h.wake(ctx, id) })
		}
		group.Wait()
	}
}

func (h *Hub) wake(ctx context.Context, id room.ID) {
	l, err := h.live(id)
	if err == nil {
		err = l.ready(ctx)
	}
	var ended *Ended
	if !errors.As(err, &ended) && h.isNews(id, err) {
		h.cfg.Fault(id, err)
	}
}

// isNews says whether a fault in waking a room is to be told: of one that is
// asked for again and again once a minute.
func (h *Hub) isNews(id room.ID, err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.told, id)
		return false
	}
	now := h.cfg.Now()
	if last, known := h.told[id]; known && now.Sub(last) < time.Minute {
		return false
	}
	h.told[id] = now
	return true
}

// Sit seats a guest. A *room.Refusal is a no for the person.
func (h *Hub) Sit(ctx context.Context, id room.ID, g Guest) (*Sitting, Greeting, error) {
	for {
		l, err := h.live(id)
		if err != nil {
			return nil, Greeting{}, err
		}
		if err := l.ready(ctx); err != nil {
			return nil, Greeting{}, err
		}
		s := &Sitting{room: l, guest: g, conn: h.nextConn(), queue: newQueue(h.cfg)}
		r := &request{sit: s, done: make(chan struct{})}
		switch err := l.ask(ctx, r); {
		case errors.Is(err, errLetGo):
			continue // the room was just let go: load it again
		case err != nil:
			s.Rise()
			return nil, Greeting{}, err
		case r.err != nil:
			return nil, Greeting{}, r.err
		case r.answer.Refused != nil:
			return nil, Greeting{}, r.answer.Refused
		}
		return s, r.greeting, nil
	}
}

// Stop ends all rooms in this process; their logs go on. It returns when
// nothing runs any more.
func (h *Hub) Stop() {
	h.mu.Lock()
	h.stop()
	h.mu.Unlock()
	h.group.Wait()
}

func (h *Hub) nextConn() presence.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns++
	return h.conns
}

// live returns the room's goroutine, started if need be.
func (h *Hub) live(id room.ID) (*live, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return nil, &Ended{ShuttingOff}
	}
	if l := h.rooms[id]; l != nil {
		return l, nil
	}
	l := newLive(h, id)
	h.rooms[id] = l
	h.group.Go(l.run)
	return l, nil
}

// letGo forgets a room whose goroutine is about to end.
func (h *Hub) letGo(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[l.id] == l {
		delete(h.rooms, l.id)
	}
	if l.why == RoomFault {
		h.fell[l.id] = h.cfg.Now()
	} else {
		delete(h.fell, l.id)
	}
}

// fellAt returns when a fault last ended a room here; zero: never.
func (h *Hub) fellAt(id room.ID) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fell[id]
}

// Reread has a room that is live here read its words again: their key has
// come back.
func (h *Hub) Reread(id room.ID) {
	l := h.runs(id)
	if l == nil {
		return
	}
	select {
	case l.reread <- struct{}{}:
	default:
	}
}

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"hearth/room"
	"hearth/web"
)

// Backoff is how a client comes back: it waits a random part of From, then of
// twice as much, up to To, until it is in.
type Backoff struct{ From, To time.Duration }

// Polite is what PROTOCOL.md asks for; Eager finds out more in a minute.
var (
	Polite = Backoff{time.Second, 30 * time.Second}
	Eager  = Backoff{100 * time.Millisecond, time.Second}
)

func (b Backoff) wait(rng *rand.Rand, try int) time.Duration {
	most := b.To
	if try < 16 {
		most = min(most, b.From<<try)
	}
	return time.Duration(rng.Int64N(int64(most) + 1))
}

// Chooser says what somebody does next; nil: nothing. It is called with the
// room as they see it.
type Chooser func(t *Tab) room.Act

// Tab is one session of a seat: it stays connected to one of the nodes and
// does one thing after another, each until it knows what became of it.
type Tab struct {
	Seat     *Seat
	Session  string
	Nodes    []string // public URLs
	Record   *Record
	Choose   Chooser
	Pace     time.Duration // between two things done, on average
	Friend   *Tab          // from whom they may know what they have not seen themselves; nil: nobody
	Backoff  Backoff
	Patience time.Duration // for an answer, before it tries another node

	// As the server last told it.
	View  *room.RoomView
	You   *room.YouView
	Keep  *room.KeepView
	Seats map[room.SeatID]*room.SeatView
	Heard map[uint64]string // words, by their entry
	Mine  []uint64          // entries that it said and has not taken back
	Rng   *rand.Rand

	at      int // index of the node it is on, or tries next
	resume  *resume
	acked   uint64 // the newest number that was acknowledged
	pending *Op
	newest  progress // as it was told
	quiet   atomic.Bool
	hushed  atomic.Bool
	idle    atomic.Bool   // hushed, and nothing is pending
	seen    atomic.Uint64 // the newest entry it has
	told    atomic.Pointer[room.RoomView]
	sits    atomic.Value // its seat's room.SeatID
	ins     atomic.Int64 // welcomes
	up      atomic.Bool
	down    atomic.Value // why it was down last, in words
}

// Quiet asks it to begin nothing new.
func (t *Tab) Quiet() { t.quiet.Store(true) }

// Hush asks it to begin nothing new, and to go on listening.
func (t *Tab) Hush() { t.hushed.Store(true) }

// Has says whether it is hushed with nothing pending, and has an entry.
func (t *Tab) Has(seq uint64) bool { return t.Up() && t.idle.Load() && t.seen.Load() >= seq }

// Up says whether it has been welcomed and its line stands.
func (t *Tab) Up() bool { return t.up.Load() }

// Sits is its seat's id; empty before the first welcome. Anybody may ask.
func (t *Tab) Sits() room.SeatID {
	id, _ := t.sits.Load().(room.SeatID)
	return id
}

// startAt has it come in at one of its nodes.
func (t *Tab) startAt(node int) { t.at = node % len(t.Nodes) }

// Down says why it was down last.
func (t *Tab) Down() string {
	why, _ := t.down.Load().(string)
	return why
}

// Welcomes is how often it was welcomed.
func (t *Tab) Welcomes() int { return int(t.ins.Load()) }

// Sees is the room as it was last told; anybody may ask.
func (t *Tab) Sees() *room.RoomView { return t.told.Load() }

// Run lives until ctx ends, the server says to stay away (an error), or it is
// quiet and nothing is pending. What is pending then stays unknown.
func (t *Tab) Run(ctx context.Context) error {
	defer func() {
		if t.pending != nil {
			t.settle(Unknown, 0, "")
		}
		if t.resume != nil {
			t.Record.ended(Final{Who: t.Seat.Name, Keeps: t.You != nil && t.You.Role == room.Facilitator, Seq: t.resume.Seq, View: t.View, Seats: t.Seats, Keep: t.Keep})
		}
	}()
	for try := 0; ; try++ {
		if ctx.Err() != nil || t.quiet.Load() && t.pending == nil {
			return nil
		}
		before := t.ins.Load()
		l, err := t.Seat.dial(ctx, t.Nodes[t.at%len(t.Nodes)], t.Session, t.resume)
		if err == nil {
			err = t.live(ctx, l)
			t.up.Store(false)
			l.close()
			if err == nil {
				return nil
			}
		}
		if away(err) {
			return err
		}
		t.down.Store(err.Error())
		if t.ins.Load() > before {
			try = 0
		}
		t.at++
		pause(ctx, t.Backoff.wait(t.Rng, try))
	}
}

// StayAway is an end by the server's will.
type StayAway struct{ Code websocket.StatusCode }

func (e *StayAway) Error() string { return fmt.Sprintf("the server closed with %d", e.Code) }

// away says whether to stay away after an error: also who gets no ticket for
// their seat has none any more.
func away(err error) bool {
	var no *NoTicket
	if errors.As(err, &no) {
		return no.Status == http.StatusForbidden
	}
	var stay *StayAway
	return errors.As(err, &stay)
}

// stays are the closes after which a client doesn't come back.
var stays = []websocket.StatusCode{1000, 1003, 1007, 1009, 4400, 4403, 4410, 4412}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// live is one connection; nil: it is over for good.
func (t *Tab) live(ctx context.Context, l *line) error {
	act := time.NewTimer(0)
	defer act.Stop()
	overdue := time.NewTimer(t.Patience) // first for the welcome
	defer overdue.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case f, ok := <-l.in:
			if !ok {
				if slices.Contains(stays, l.code()) {
					return &StayAway{l.code()}
				}
				return fmt.Errorf("the line is down: %w", l.err)
			}
			t.hear(f, act, overdue)
		case <-act.C:
			if !t.up.Load() {
				continue // not before the welcome
			}
			if t.quiet.Load() && t.pending == nil {
				return nil
			}
			if t.hushed.Load() && t.pending == nil {
				t.idle.Store(true)
				act.Reset(hushTime)
				continue
			}
			if err := t.act(l); err != nil {
				return err
			}
			if t.pending == nil {
				act.Reset(t.pace())
			} else {
				overdue.Reset(t.Patience)
			}
		case <-overdue.C:
			if !t.up.Load() || t.pending != nil {
				return fmt.Errorf("nothing was heard within %v", t.Patience)
			}
		}
	}
}

// hushTime is how often a hushed tab asks whether to end.
const hushTime = 50 * time.Millisecond

// pace is how long until the next thing is done.
func (t *Tab) pace() time.Duration {
	if t.quiet.Load() {
		return 0
	}
	return t.Pace/2 + time.Duration(t.Rng.Int64N(int64(t.Pace)))
}

// act does the next thing, or the pending one again.
func (t *Tab) act(l *line) error {
	if t.pending == nil {
		do := t.Choose(t)
		if do == nil || t.You == nil {
			return nil
		}
		t.pending = &Op{Seat: t.You.Seat, Session: t.Session, N: t.acked + 1, Do: do, Start: t.Record.Now()}
	}
	p := t.pending
	p.Tries++
	return l.send(map[string]any{"t": "do", "n": p.N, "act": p.Do.Can(), "with": p.Do})
}

// hear takes one frame in.
func (t *Tab) hear(f frame, act, overdue *time.Timer) {
	switch f.T {
	case "welcome":
		t.welcomed(f)
		overdue.Stop()
		act.Reset(0)
	case "state":
		t.fresh(f)
		if t.counts(f); t.pending == nil {
			act.Reset(t.pace())
		}
	case "entries":
		for _, raw := range f.List {
			t.entry(raw)
		}
		t.resume.Seq, t.resume.Tag = f.Seq, f.Tag
		t.onward(false)
	case "answer":
		if p := t.pending; p != nil && f.N == p.N {
			act.Reset(t.answered(f))
			overdue.Stop()
		}
	}
}

func (t *Tab) welcomed(f frame) {
	t.ins.Add(1)
	t.up.Store(true)
	t.resume = &resume{f.Epoch, f.Seq, f.Tag}
	if f.State != nil {
		t.fresh(f)
	}
	t.counts(f)
}

// counts compares what the server knows of this session with what it has
// acknowledged.
func (t *Tab) counts(f frame) {
	switch p := t.pending; {
	case f.Last == t.acked, f.Last == t.acked+1 && p != nil:
	case f.Last < t.acked:
		t.Record.lost(Loss{t.seat(), t.Session, t.acked, f.Last, t.Record.Now(), f.Rewound})
		t.skip(f.Last)
	default:
		t.Record.wrong("%s was at number %d and is told %d", t.Session, t.acked, f.Last)
		t.skip(f.Last)
	}
}

// skip goes on from another number. What became of a pending command nobody
// knows.
func (t *Tab) skip(last uint64) {
	if t.pending != nil {
		t.settle(Unknown, 0, "")
	}
	t.acked = last
}

// fresh takes in a room from scratch, and what was missed before it.
func (t *Tab) fresh(f frame) {
	t.resume = &resume{f.Epoch, 0, ""}
	for _, raw := range f.Missed {
		t.entry(raw)
	}
	t.resume = &resume{f.Epoch, f.Seq, f.Tag}
	t.Seats = f.State.Seats
	t.View, t.You, t.Keep = f.State.Room, f.State.You, f.State.Keep
	t.told.Store(t.View)
	t.sits.Store(t.You.Seat)
	t.onward(f.Rewound)
}

// progress is what only ever grows, unless the log was rewound.
type progress struct {
	seq, turn   uint64
	round, plan int
}

// onward holds what the server tells now against what it told before:
// nothing goes back without a word.
func (t *Tab) onward(rewound bool) {
	is := progress{t.resume.Seq, t.View.Stick.Turn, t.View.Round.N, 0}
	if t.Keep != nil {
		is.plan = t.Keep.Plan
	}
	was := t.newest
	if !rewound && (is.turn < was.turn || is.round < was.round || is.plan < was.plan && t.Keep != nil) {
		t.Record.wrong("%s was at %+v and is told %+v, and not that anything is lost", t.Session, was, is)
	}
	t.newest = is
	t.seen.Store(is.seq)
}

func (t *Tab) seat() room.SeatID {
	if t.You == nil {
		return ""
	}
	return t.You.Seat
}

// entry takes in one frame of a room.
func (t *Tab) entry(raw json.RawMessage) {
	var f room.Frame
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Record.wrong("a frame that does not read: %v", err)
		return
	}
	t.Record.saw(Point{t.resume.Epoch, f.Seq}, f)
	if f.Said != nil {
		t.Heard[f.Seq] = f.Said.Text
	}
	if f.Seq >= t.resume.Seq {
		if f.Room != nil {
			t.View = f.Room
			t.told.Store(f.Room)
		}
		for id, seat := range f.Seats {
			if t.Seats[id] = seat; seat == nil {
				delete(t.Seats, id)
			}
		}
		if f.You != nil {
			t.You = f.You
		}
		if f.Keep != nil {
			t.Keep = f.Keep
		}
	}
}

// roomCodes are the refusals of rooms; others come before a room is asked.
var roomCodes = room.Codes()

// answered takes in what became of the pending command, and says when to do
// the next thing.
func (t *Tab) answered(f frame) time.Duration {
	switch {
	case f.Seq > 0:
		if _, is := t.pending.Do.(room.Say); is {
			t.Mine = append(t.Mine, f.Seq)
		}
		t.acked = t.pending.N
		t.settle(Done, f.Seq, "")
	case f.Already:
		t.settle(Already, 0, "")
	case f.Refused == nil:
		t.Record.wrong("an answer that says nothing: %+v", f)
		t.pending = nil
	case f.Refused.Code == room.OutOfOrder:
		t.settle(Refused, 0, f.Refused.Code)
		t.counts(f)
	case slices.Contains(roomCodes, f.Refused.Code):
		t.settle(Refused, 0, f.Refused.Code)
	case f.Refused.Code == web.SlowDown:
		if t.pending.Tries == 1 {
			t.pending = nil // it was never asked
		}
		return time.Second
	case f.Refused.Code == web.Unavailable, f.Refused.Code == web.Faulty, f.Refused.Code == web.Restarting:
		return 100 * time.Millisecond
	default:
		t.Record.wrong("%v was answered %s", *t.pending, f.Refused.Code)
		t.pending = nil
	}
	return t.pace()
}

func (t *Tab) settle(as Outcome, seq uint64, code room.Code) {
	p := t.pending
	t.pending = nil
	p.End, p.Outcome, p.Seq, p.Code = t.Record.Now(), as, seq, code
	t.Record.add(*p)
}

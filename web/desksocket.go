package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"hearth/circle"
	"hearth/moderation"
	"hearth/web/lang"
)

// DeskProtocol is the websocket subprotocol of a desk.
const DeskProtocol = "hearth.desk.v1"

// Pace of a desk: how often a node with open desks asks whether something has
// changed, and how far apart two views on one line are at least. A ring
// (doorbell.go) is faster, and may be lost.
const (
	deskEvery = 500 * time.Millisecond
	viewEvery = 200 * time.Millisecond
	// renewBefore is how much of a claim is left when activity renews it: not
	// each touch of a key is a change for all desks.
	renewBefore = moderation.ClaimFor - 30*time.Second
	deskFrame   = 1 << 10 // bytes of what a desk sends
)

// watching are the open desks of a node, and what they share. One goroutine
// looks for all of them, while there are any.
type watching struct {
	paces
	names namesKept
	lives lives

	lines   sync.Mutex // guards open and tending
	open    map[*deskLine]struct{}
	tending bool
}

// deskLine is one open desk.
type deskLine struct {
	helm
	ws     *websocket.Conn
	line   *line
	ctx    context.Context // ends when the line does
	cancel context.CancelFunc
	door   *door
	texts  *lang.Texts
	person circle.PersonID
	in     string // id of the session it was opened by

	news  chan struct{} // holds one while there is something new to show
	over  sync.Once
	mu    sync.Mutex // guards cases
	cases []moderation.Case
}

// upgrade opens a desk's websocket, for moderators on our own page.
func (h helm) upgrade(w http.ResponseWriter, r *http.Request) {
	switch {
	case !h.ownOrigin(r):
		h.refused(w, r, &deskNo{http.StatusForbidden, Elsewhere})
		return
	case h.draining.Load():
		w.Header().Set("Retry-After", "2")
		h.refused(w, r, &deskNo{http.StatusServiceUnavailable, Restarting})
		return
	case !speaks(r, DeskProtocol):
		h.refused(w, r, &deskNo{http.StatusBadRequest, Malformed})
		return
	}
	m, err := h.mate(r)
	if err != nil {
		h.refused(w, r, err)
		return
	}
	door := h.doors.knock(h.address(r))
	if door == nil {
		h.Meter.Drop(dropHandshake)
		h.refused(w, r, &deskNo{http.StatusTooManyRequests, TooMany})
		return
	}
	hj := &hijacker{ResponseWriter: w, limits: h.Limits}
	l := &deskLine{helm: h, door: door, texts: m.texts, person: m.ID, in: m.Session.ID, news: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	pings := h.Limits.Pings.limiter()
	ws, err := websocket.Accept(hj, r, &websocket.AcceptOptions{
		Subprotocols:       []string{DeskProtocol},
		InsecureSkipVerify: true, // ownOrigin has
		OnPingReceived: func(context.Context, []byte) bool {
			if !pings.Allow() {
				hj.line.silence()
				return false
			}
			return true
		},
	})
	if err != nil { // it has answered
		l.cancel()
		h.doors.leave(door, false)
		return
	}
	l.ws, l.line = ws, hj.line
	go l.run()
}

// run is a desk line's life.
func (l *deskLine) run() {
	defer l.doors.leave(l.door, false)
	defer l.cancel()
	l.ws.SetReadLimit(deskFrame)
	if code := l.watched(); code != 0 {
		l.end(code)
		return
	}
	defer l.unwatched()
	l.guarded(func() {
		if !l.still() { // it ended while the line was opened
			l.end(CloseNoSeat)
			return
		}
		ping := every(l.ctx, l.Limits.PingEvery, l.guarded(l.ping))
		session := every(l.ctx, l.Limits.RecheckEvery, l.guarded(l.recheck))
		defer ping.Stop()
		defer session.Stop()
		written := make(chan struct{})
		go func() {
			defer close(written)
			l.guarded(l.writer)()
		}()
		l.end(l.reader())
		<-written
	})()
}

// watched counts a line in; how to close if it can't be.
func (l *deskLine) watched() websocket.StatusCode {
	l.Server.mu.Lock()
	defer l.Server.mu.Unlock()
	w := &l.watching
	w.lines.Lock()
	defer w.lines.Unlock()
	if l.draining.Load() {
		return CloseMoving
	}
	n := 0
	for o := range w.open {
		if o.person == l.person {
			n++
		}
	}
	if n >= l.Limits.DeskSockets {
		return CloseTooMany
	}
	if w.open == nil {
		w.open = map[*deskLine]struct{}{}
	}
	w.open[l] = struct{}{}
	l.gone.Add(1)
	l.Meter.Connections(1)
	if !w.tending {
		w.tending = true
		l.gone.Add(1)
		go l.tend()
	}
	return 0
}

func (l *deskLine) unwatched() {
	w := &l.watching
	w.lines.Lock()
	defer w.lines.Unlock()
	delete(w.open, l)
	l.Meter.Connections(-1)
	l.gone.Done()
}

// desks lists the lines there are.
func (w *watching) desks() []*deskLine {
	w.lines.Lock()
	defer w.lines.Unlock()
	all := make([]*deskLine, 0, len(w.open))
	for l := range w.open {
		all = append(all, l)
	}
	return all
}

// rests says whether nobody watches any more: who tends ends then.
func (w *watching) rests() bool {
	w.lines.Lock()
	defer w.lines.Unlock()
	w.tending = len(w.open) > 0
	return !w.tending
}

// tend tells every desk of this node when something has changed, until there
// are none. It looks at rooms beside that, so that one which is slow to answer
// holds up no news.
func (h helm) tend() {
	defer h.gone.Done()
	rung, stop := h.bell.listen()
	defer stop()
	tick := time.NewTicker(deskEvery)
	defer tick.Stop()
	looked, looking := make(chan bool, 1), false
	defer func() {
		if looking {
			<-looked
		}
	}()
	var last int64
	stuck := false
	for !h.watching.rests() {
		rev, err := h.revised()
		if err != nil && !stuck {
			h.Fault("desk", err)
		}
		if stuck = err != nil; !stuck && rev != last {
			last = rev
			h.wakeDesks()
		}
		select {
		case <-rung:
		case news := <-looked:
			if looking = false; news {
				h.wakeDesks()
			}
		case <-tick.C:
			if !looking {
				looking = true
				go func() { looked <- h.lookAround() }()
			}
		}
	}
}

func (h helm) wakeDesks() {
	for _, l := range h.watching.desks() {
		l.wake()
	}
}

// revised asks for the desk's revision.
func (h helm) revised() (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
	defer cancel()
	return h.Desk.Desk(ctx)
}

// lookAround looks at the rooms that desks show, and says whether one of them
// is another than before.
func (h helm) lookAround() bool {
	defer h.recovered("desk")
	var all []moderation.Case
	for _, l := range h.watching.desks() {
		l.mu.Lock()
		all = append(all, l.cases...)
		l.mu.Unlock()
	}
	return len(all) > 0 && h.watching.lives.look(context.Background(), h.Hub, all, h.Now)
}

// wake has a line show what there is now. What it has not shown yet, it shows
// in one.
func (l *deskLine) wake() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// writer shows the desk at once and whenever it has changed, and a beat when
// nothing did for a while. A desk that the database can't tell is tried again.
func (l *deskLine) writer() {
	l.wake()
	beat := time.NewTicker(l.Limits.BeatAfter)
	defer beat.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	stuck := false
	for {
		var frame []byte
		select {
		case <-l.ctx.Done():
			return
		case <-beat.C:
			frame = encode(Beat{T: "beat", Now: l.Now().UnixMilli()})
		case <-l.news:
			v, err := l.view()
			if err != nil {
				if !stuck && l.ctx.Err() == nil {
					l.Fault("desk", err)
				}
				stuck = true
				l.wake()
				break
			}
			stuck, frame = false, encode(v)
			beat.Reset(l.Limits.BeatAfter)
		}
		if frame != nil && l.write(frame) != nil {
			l.end(CloseSlow)
			return
		}
		pause.Reset(viewEvery) // whatever comes meanwhile waits together
		select {
		case <-pause.C:
		case <-l.ctx.Done():
			return
		}
	}
}

// view is what the desk shows now.
func (l *deskLine) view() (*DeskView, error) {
	ctx, cancel := context.WithTimeout(l.ctx, storeWithin)
	defer cancel()
	rev, err := l.Desk.Desk(ctx) // before the rest: what changes meanwhile is shown once more
	if err != nil {
		return nil, err
	}
	m := &mate{who: &who{Person: circle.Person{ID: l.person}}, texts: l.texts, now: l.Now()}
	v, cases, err := l.deskView(ctx, m, rev)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cases = cases
	return v, nil
}

// write writes one frame. It is not cut short when the line is to end: the
// library would break the line off, and the code of its closing would be lost.
func (l *deskLine) write(frame []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), l.Limits.WriteWithin)
	defer cancel()
	return l.ws.Write(ctx, websocket.MessageText, frame)
}

// reader takes what a desk says, which is little, until the line is to close.
func (l *deskLine) reader() websocket.StatusCode {
	may := l.Limits.DeskMessages.limiter()
	for {
		a, code := l.read(may)
		if code != 0 {
			return code
		}
		l.renew(a.Case)
	}
}

func (l *deskLine) read(may *rate.Limiter) (a DeskActive, code websocket.StatusCode) {
	kind, r, err := l.ws.Reader(context.Background())
	if err != nil {
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			return a, CloseTooBig
		case errors.Is(err, errNoise):
			l.Meter.Drop(dropNoise)
			return a, CloseTooMany
		}
		return a, websocket.StatusProtocolError
	}
	if kind != websocket.MessageText {
		return a, CloseBinary
	}
	l.line.within(l.Limits.MessageWithin)
	raw, err := io.ReadAll(r)
	if err != nil || l.line.ended.Load() {
		return a, CloseFault
	}
	l.line.renew()
	l.line.within(0)
	switch {
	case !may.Allow():
		return a, CloseTooMany
	case decode(raw, &a) != nil || a.T != "active":
		return a, CloseMalformed
	}
	return a, 0
}

// renew keeps a case for who is at work on it, and has it. Somebody who does
// not have it any more gets nothing by this.
func (l *deskLine) renew(id string) {
	ctx, cancel := context.WithTimeout(l.ctx, storeWithin)
	defer cancel()
	now, me := l.Now(), moderation.PersonID(l.person)
	d, err := l.Desk.Case(ctx, moderation.Viewer{Person: me}, id, now)
	if err == nil && (!holdsCase(d.Case, me, now) || d.Claim.Until.Sub(now) > renewBefore) {
		return
	}
	if err == nil {
		_, err = l.Desk.Claim(ctx, moderation.Act{By: me, At: now}, id)
	}
	var taken *moderation.ClaimedError
	if err == nil {
		l.ring(ctx)
	} else if !errors.Is(err, moderation.ErrNoCase) && !errors.Is(err, moderation.ErrNotYours) && !errors.As(err, &taken) && l.ctx.Err() == nil {
		l.Fault("desk", err)
	}
}

// still asks whether whoever opened the desk is signed in and a moderator. A
// database that can't say changes nothing.
func (l *deskLine) still() bool {
	ctx, cancel := context.WithTimeout(l.ctx, storeWithin)
	defer cancel()
	p, err := l.Store.Person(ctx, l.person)
	if errors.Is(err, circle.ErrNoPerson) || err == nil && !p.Moderator {
		return false
	}
	list, err := l.Store.Sessions(ctx, l.person, l.Now())
	if err != nil {
		if l.ctx.Err() == nil {
			l.Fault("desk", err)
		}
		return true
	}
	for _, s := range list {
		if s.ID == l.in { // under another secret, if they touched their passkey since
			return true
		}
	}
	return false
}

func (l *deskLine) recheck() {
	if !l.still() {
		l.end(CloseNoSeat)
	}
}

// recheckDesks asks of every desk whether it is still somebody's.
func (s *Server) recheckDesks() {
	for _, l := range s.watching.desks() {
		go l.guarded(l.recheck)() // one that doesn't answer holds nobody else up
	}
}

// moveDesks tells every desk that this node restarts.
func (s *Server) moveDesks() {
	for _, l := range s.watching.desks() {
		go l.end(CloseMoving)
	}
}

// cutDesks cuts the lines of desks that don't end by themselves.
func (s *Server) cutDesks() {
	for _, l := range s.watching.desks() {
		l.cancel()
		l.line.Close()
	}
}

// ping asks whether the line is alive.
func (l *deskLine) ping() {
	ctx, cancel := context.WithTimeout(context.Background(), l.Limits.PingWait)
	defer cancel()
	if l.ws.Ping(ctx) == nil {
		l.line.renew()
		return
	}
	l.end(CloseSlow)
}

// end closes the line, once; see socket.end.
func (l *deskLine) end(code websocket.StatusCode) {
	l.over.Do(func() {
		l.cancel()
		l.line.closeWithin(l.Limits.CloseWithin, lingerBytes)
		_ = l.ws.Close(code, "") // the code says it all; a line already down is fine
	})
}

// guarded keeps a mistake in f from taking more than this line down.
func (l *deskLine) guarded(f func()) func() {
	return func() {
		defer func() {
			if v := recover(); v != nil {
				l.Fault("desk", panicked(v))
				l.end(CloseFault)
			}
		}()
		f()
	}
}

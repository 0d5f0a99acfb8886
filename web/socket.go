package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"hearth/circle"
	"hearth/room"
	"hearth/room/hub"
	"hearth/web/lang"
)

// lingerBytes is how much a closing handshake reads past.
const lingerBytes = 1 << 20

// socket is one websocket. Its reader owns it; the writer only takes from
// the sitting and writes.
type socket struct {
	server *Server
	ws     *websocket.Conn
	line   *line
	ctx    context.Context // ends when the socket does
	cancel context.CancelFunc
	ended  sync.Once
	door   *door
	texts  *lang.Texts // of the page that it belongs to

	mistakes, signals, messages *rate.Limiter

	// After hello.
	circle.Admission
	desk  *desk
	aside bool // counted as in one
	sit   *hub.Sitting
	last  atomic.Uint64 // number of the session's last committed command

	seated atomic.Bool // what Recheck looks at is there

	doing   sync.Mutex  // held from a command to its answer, so that what it ends closes after
	writing sync.Mutex  // guards writes to ws
	beat    *time.Timer // guarded by writing; runs out when nothing was written for a while
}

// upgrade opens a websocket. What the library's own check lets through (no
// Origin, or a forged Host and Origin that agree) was looked at before.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	if !s.ownOrigin(r) {
		http.Error(w, s.said(r, Elsewhere), http.StatusForbidden)
		return
	}
	if s.draining.Load() {
		w.Header().Set("Retry-After", "2")
		http.Error(w, s.said(r, Restarting), http.StatusServiceUnavailable)
		return
	}
	if !speaks(r, Protocol) {
		http.Error(w, s.said(r, Malformed), http.StatusBadRequest)
		return
	}
	door := s.doors.knock(s.address(r))
	if door == nil {
		s.Meter.Drop(dropHandshake)
		w.Header().Set("Retry-After", "30")
		http.Error(w, s.said(r, TooMany), http.StatusTooManyRequests)
		return
	}
	h := &hijacker{ResponseWriter: w, limits: s.Limits}
	c := &socket{server: s, door: door, texts: s.Face.in(r)}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Protocol},
		InsecureSkipVerify: true, // ownOrigin has
		OnPingReceived:     c.pinged(s.Limits.Pings.limiter()),
	})
	if err != nil { // it has answered
		s.doors.leave(door, false)
		return
	}
	c.ws, c.line = ws, h.line
	go c.run()
}

// speaks says whether a client offers a subprotocol.
func speaks(r *http.Request, protocol string) bool {
	for p := range strings.SplitSeq(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",") {
		if strings.TrimSpace(p) == protocol {
			return true
		}
	}
	return false
}

// pinged answers a ping, unless there are too many.
func (c *socket) pinged(l *rate.Limiter) func(context.Context, []byte) bool {
	return func(context.Context, []byte) bool {
		if l.Allow() {
			return true
		}
		c.line.silence()
		return false
	}
}

// run is a socket's life.
func (c *socket) run() {
	s := c.server
	c.ws.SetReadLimit(s.Limits.Frame)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	wasIn := false
	defer func() { s.doors.leave(c.door, wasIn) }()
	if !s.add(c) {
		c.end(CloseMoving)
		return
	}
	defer s.drop(c)
	defer c.cancel()
	c.mistakes, c.signals, c.messages = s.Limits.Mistakes.limiter(), s.Limits.Signals.limiter(), s.Limits.Messages.limiter()
	c.line.within(s.Limits.HelloWithin)
	c.guarded(func() {
		h, code := c.greeted()
		if code == 0 {
			code = c.admit(h)
		}
		if code != 0 {
			c.end(code)
			return
		}
		defer s.seats.rise(c.desk)
		if wasIn = s.doors.in(c.door, h.Resume != nil); !wasIn {
			c.refuse(refuse(TooMany))
			c.end(CloseTooMany)
			return
		}
		c.stay(h)
	})()
}

// stay sits down and serves the seat until the socket ends.
func (c *socket) stay(h Hello) {
	defer c.stepsIn()
	defer func() { // also of a mistake half-way
		if c.sit != nil {
			c.sit.Rise()
		}
	}()
	looked := c.server.looked.Load()
	met, code := c.sitDown(h)
	if code != 0 {
		c.end(code)
		return
	}
	defer c.beats()()
	if c.write(encode(met)) != nil {
		c.end(CloseSlow)
		return
	}
	defer c.care()()
	c.sits(looked)
	c.line.within(0)
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.guarded(c.writer)()
	}()
	code = c.reader()
	c.sit.Rise() // the place is free before the handshake of closing
	c.end(code)
	<-written
}

// greeted reads the hello.
func (c *socket) greeted() (h Hello, code websocket.StatusCode) {
	raw, code := c.read()
	switch {
	case code != 0:
		if c.line.late.Load() {
			return h, CloseSlow
		}
		return h, code
	case kindOf(raw) != "hello":
		c.refuse(refuse(HelloFirst))
		return h, CloseMalformed
	}
	if err := decode(raw, &h); err != nil || !isSession(h.Session) {
		c.refuse(refuse(Malformed))
		return h, CloseMalformed
	}
	return h, 0
}

// isSession says whether s can name a tab.
func isSession(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return len(s) >= 16 && len(s) <= 22 && strings.Trim(s, letters) == ""
}

// admit takes the ticket, and a place among the seat's sockets.
func (c *socket) admit(h Hello) websocket.StatusCode {
	s := c.server
	if !isToken(h.Ticket) {
		return CloseTicket
	}
	ctx, cancel := context.WithTimeout(c.ctx, storeWithin)
	defer cancel()
	a, err := s.Tickets.Take(ctx, h.Ticket, s.Now())
	if errors.Is(err, circle.ErrNoTicket) {
		return CloseTicket
	}
	if err != nil {
		s.Fault("ticket", err)
		c.refuse(refuse(Unavailable))
		return CloseFault
	}
	c.Admission = a
	if c.desk = s.seats.sit(a.Seat.ID, a.Secret); c.desk == nil {
		c.refuse(refuse(TooManyTabs))
		return CloseTooMany
	}
	return 0
}

// sitDown takes the seat in the room.
func (c *socket) sitDown(h Hello) (welcome, websocket.StatusCode) {
	s := c.server
	called, no := name(h.Name, h.Pronouns)
	if no != nil {
		c.refuse(no)
		return welcome{}, CloseRefused
	}
	if code := c.checked(); code != 0 {
		return welcome{}, code
	}
	g := hub.Guest{Seat: c.Seat.ID, Role: c.Seat.Role, Session: h.Session, Name: called, Listen: h.Listen, Barred: c.Seat.Barred,
		Wait: c.Seat.Waits, First: h.First, Deputy: c.Seat.Deputy}
	if h.Resume != nil {
		g.Resume = (*hub.Point)(h.Resume)
	}
	ctx, cancel := context.WithTimeout(c.ctx, s.Limits.CommandWithin)
	defer cancel()
	var code websocket.StatusCode
	if g.Asked, code = c.stepsOut(ctx); code != 0 {
		return welcome{}, code
	}
	sit, met, err := s.Hub.Sit(ctx, c.Seat.Room, g)
	if err != nil {
		return welcome{}, c.unseated(err)
	}
	c.sit = sit
	c.last.Store(met.Last)
	w := welcomeOf(met)
	if of, err := s.Store.OfRoom(ctx, c.Seat.Room); err == nil {
		w.Country = of.Country
	} else {
		s.Fault("welcome", err)
	}
	return w, 0
}

// checked takes the seat as the store has it: tickets lie where others may
// write, and somebody at its device may have been removed since. It says how to
// close if there is no such seat. A store that can't say leaves it at what the
// ticket knew.
func (c *socket) checked() websocket.StatusCode {
	ctx, cancel := context.WithTimeout(c.ctx, storeWithin)
	defer cancel()
	seat, err := c.server.Store.Seat(ctx, c.Seat.Handle, c.Secret)
	switch {
	case err == nil && seat.ID != c.Seat.ID:
		return CloseNoSeat
	case err == nil:
		c.Seat = seat
	}
	return seatless(err)
}

// unseated tells why there is no place.
func (c *socket) unseated(err error) websocket.StatusCode {
	var ended *hub.Ended
	if no := refusalIn(err); no != nil {
		c.refuse(no)
		switch no.Code {
		case room.YouAreBarred:
			return CloseRemoved
		case room.RoomOver:
			return CloseOver
		}
		return CloseRefused
	}
	c.refuse(refuse(Unavailable))
	if errors.As(err, &ended) {
		return closeFor(ended.Reason)
	}
	c.server.Fault("sit", err)
	return CloseFault
}

// read returns the next message, whole and in UTF-8, or how to close.
func (c *socket) read() ([]byte, websocket.StatusCode) {
	l := c.server.Limits
	kind, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return nil, c.broken(err)
	}
	if kind != websocket.MessageText {
		return nil, CloseBinary
	}
	if c.sit != nil {
		c.line.within(l.MessageWithin)
	}
	raw, err := io.ReadAll(r)
	switch {
	case err != nil:
		return nil, c.broken(err)
	case c.line.ended.Load(): // cut off in the middle, which the library takes for the end
		return nil, CloseFault
	case !utf8.Valid(raw):
		return nil, CloseNotText
	}
	c.line.renew()
	if c.sit != nil {
		c.line.within(0)
	}
	return raw, 0
}

// broken says how to close after a read that failed. When the other side has
// closed, or the library has, it no longer matters.
func (c *socket) broken(err error) websocket.StatusCode {
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		return CloseTooBig
	case errors.Is(err, errNoise):
		c.server.Meter.Drop(dropNoise)
		return CloseTooMany
	}
	return websocket.StatusProtocolError
}

// end closes the socket, once. It may take Limits.CloseWithin twice; what the
// other side still sends is read past, so that the code can arrive.
func (c *socket) end(code websocket.StatusCode) {
	c.ended.Do(func() {
		if c.cancel != nil {
			c.cancel()
		}
		c.line.closeWithin(c.server.Limits.CloseWithin, lingerBytes)
		_ = c.ws.Close(code, "") // the code says it all; a line already down is fine
	})
}

// moveOn tells of a restart, waits its turn and closes.
func (c *socket) moveOn() {
	s := c.server
	in := s.jitter(s.Limits.DrainSpread)
	_ = c.write(encode(Moving{T: "moving", ReconnectIn: in.Milliseconds() + 1}))
	t := time.NewTimer(in)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ctx.Done():
	}
	c.end(CloseMoving)
}

// care keeps asking: is the line alive, is the seat still good. The returned
// func ends it.
func (c *socket) care() (stop func()) {
	l := c.server.Limits
	ping := every(c.ctx, l.PingEvery, c.guarded(c.ping))
	seat := every(c.ctx, l.RecheckEvery, c.guarded(c.recheck))
	return func() { ping.Stop(); seat.Stop() }
}

// guarded keeps a mistake in f from taking more than this socket down.
func (c *socket) guarded(f func()) func() {
	return func() {
		defer func() {
			if v := recover(); v != nil {
				c.server.Fault("socket", panicked(v))
				c.end(CloseFault)
			}
		}()
		f()
	}
}

// beats sends a beat whenever nothing else was for a while, until stopped.
func (c *socket) beats() (stop func()) {
	c.writing.Lock()
	defer c.writing.Unlock()
	beat := time.AfterFunc(c.server.Limits.BeatAfter, c.guarded(c.sendBeat))
	c.beat = beat
	return func() { beat.Stop() }
}

// every runs f again and again until ctx ends; no goroutine waits for it.
func every(ctx context.Context, d time.Duration, f func()) *time.Timer {
	var t *time.Timer
	var set sync.Mutex // t is used by what it starts
	set.Lock()
	defer set.Unlock()
	t = time.AfterFunc(d, func() {
		if ctx.Err() != nil {
			return
		}
		f()
		set.Lock()
		defer set.Unlock()
		if ctx.Err() == nil {
			t.Reset(d)
		}
	})
	return t
}

// ping asks whether the line is alive.
func (c *socket) ping() {
	ctx, cancel := context.WithTimeout(context.Background(), c.server.Limits.PingWait)
	defer cancel()
	if c.ws.Ping(ctx) == nil {
		c.line.renew()
		return
	}
	c.end(CloseSlow)
}

// recheck closes the socket if its seat is worth nothing any more.
func (c *socket) recheck() {
	c.loses(c.lost())
}

// lost asks whether the seat is worth nothing any more, and says how to close
// then. A store that can't say changes nothing.
func (c *socket) lost() websocket.StatusCode {
	ctx, cancel := context.WithTimeout(c.ctx, storeWithin)
	defer cancel()
	secret := c.server.seats.secretOf(c.desk)
	_, err := c.server.Store.Seat(ctx, c.Seat.Handle, secret)
	if now := c.server.seats.secretOf(c.desk); errors.Is(err, circle.ErrNoSeat) && now != secret { // their link was opened again meanwhile
		_, err = c.server.Store.Seat(ctx, c.Seat.Handle, now)
	}
	if err != nil && !errors.Is(err, circle.ErrNoSeat) && c.ctx.Err() == nil {
		c.server.Fault("recheck", err)
	}
	return seatless(err)
}

// seatless says how to close where the store knows no such seat; 0: it does,
// or can't say.
func seatless(err error) websocket.StatusCode {
	switch {
	case errors.Is(err, circle.ErrBanned):
		return CloseBanned
	case errors.Is(err, circle.ErrNoSeat):
		return CloseNoSeat
	}
	return 0
}

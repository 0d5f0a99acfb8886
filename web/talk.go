package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"

	"hearth/room"
	"hearth/room/hub"
)

// reader takes what the client sends, one frame after the other, until the
// socket is to close.
func (c *socket) reader() websocket.StatusCode {
	for {
		raw, code := c.read()
		if code != 0 {
			return code
		}
		if err := c.messages.Wait(c.ctx); err != nil {
			return CloseFault
		}
		if code = c.handle(raw); code != 0 {
			return code
		}
	}
}

func (c *socket) handle(raw []byte) websocket.StatusCode {
	switch kindOf(raw) {
	case "do":
		return c.do(raw)
	case "signal":
		return c.signal(raw)
	case "hello":
		c.refuse(refuse(HelloTwice))
		return CloseMalformed
	}
	return c.mistake(0, refuse(Malformed))
}

// do asks the room for a numbered command and answers.
func (c *socket) do(raw []byte) websocket.StatusCode {
	var d Do
	if err := decode(raw, &d); err != nil || d.N == 0 {
		return c.mistake(numberOf(raw), refuse(Malformed))
	}
	act, no := decodeAct(acts, d.Act, d.With)
	if no == nil {
		act, no = c.server.withID(act)
	}
	if no != nil && (no.Code == Malformed || no.Code == UnknownCommand) {
		return c.mistake(d.N, no)
	}
	if no == nil {
		no = c.slowDown(act)
	}
	if no != nil {
		c.server.Meter.Command(string(no.Code))
		return c.answer(Answer{N: d.N, Refused: no, Last: c.last.Load()})
	}
	c.doing.Lock()
	defer c.doing.Unlock()
	ctx, cancel := context.WithTimeout(c.ctx, c.server.Limits.CommandWithin)
	defer cancel()
	a, err := c.sit.Do(ctx, d.N, act)
	if err != nil {
		return c.undone(d.N, err)
	}
	c.last.Store(a.Last)
	return c.answer(Answer{N: d.N, Seq: a.Seq, Already: a.Already, Refused: a.Refused, Last: a.Last})
}

// undone answers a command of which nobody knows what became.
func (c *socket) undone(n uint64, err error) websocket.StatusCode {
	var ended *hub.Ended
	if errors.As(err, &ended) {
		return closeFor(ended.Reason)
	}
	if c.ctx.Err() != nil {
		return CloseFault // already closing
	}
	if !errors.Is(err, hub.ErrBusy) && !errors.Is(err, hub.ErrUnavailable) {
		c.server.Fault("command", err)
	}
	return c.answer(Answer{N: n, Refused: refuse(Unavailable), Last: c.last.Load()})
}

// slowDown holds a command back when they come fast, and refuses it, saying
// how long to wait, when they keep coming. Safety commands have a wider
// measure: taking care of a room comes in bursts.
func (c *socket) slowDown(a room.Act) *room.Refusal {
	if room.Safety(a) {
		if c.desk.safety.Allow() {
			return nil
		}
		return refuseWait(c.texts, time.Second)
	}
	r := c.desk.commands.Reserve()
	wait := r.Delay()
	if wait == 0 {
		return nil
	}
	if wait > c.server.Limits.Wait || !c.desk.waits.Allow() {
		r.Cancel()
		return refuseWait(c.texts, wait)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ctx.Done():
	}
	return nil
}

// signal passes a reaction or typing sign on, or drops it.
func (c *socket) signal(raw []byte) websocket.StatusCode {
	var f Signal
	if err := decode(raw, &f); err != nil {
		return c.mistake(0, refuse(Malformed))
	}
	act, no := decodeAct(signals, f.Act, f.With)
	if no != nil {
		return c.mistake(0, no)
	}
	if !c.signals.Allow() {
		c.server.Meter.Drop(dropSignal)
		return 0
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.server.Limits.CommandWithin)
	defer cancel()
	no, err := c.sit.Signal(ctx, act)
	var ended *hub.Ended
	switch {
	case errors.As(err, &ended):
		return closeFor(ended.Reason)
	case no != nil:
		c.refuse(no)
	}
	return 0 // a signal may be lost
}

// mistake answers a frame that was not understood; after too many the socket
// closes.
func (c *socket) mistake(n uint64, no *room.Refusal) websocket.StatusCode {
	c.server.Meter.Command(string(no.Code))
	if !c.mistakes.Allow() {
		c.server.Meter.Drop(dropMistakes)
		return CloseMalformed
	}
	if n == 0 {
		c.refuse(no)
		return 0
	}
	return c.answer(Answer{N: n, Refused: no, Last: c.last.Load()})
}

func (c *socket) answer(a Answer) websocket.StatusCode {
	a.T, a.Refused = "answer", refusedIn(c.texts, a.Refused)
	if c.write(encode(a)) != nil {
		return CloseSlow
	}
	return 0
}

func (c *socket) refuse(no *room.Refusal) {
	_ = c.write(encode(Refused{T: "refused", Refused: refusedIn(c.texts, no)})) // a broken line shows when it is read
}

func (c *socket) sendBeat() {
	_ = c.write(encode(Beat{T: "beat", Now: c.server.Now().UnixMilli()}))
}

// writer sends what the room has for this seat, until it ends.
func (c *socket) writer() {
	for {
		load, err := c.sit.Next(c.ctx)
		var ended *hub.Ended
		switch {
		case errors.As(err, &ended):
			c.doing.Lock()
			defer c.doing.Unlock()
			c.end(closeFor(ended.Reason))
			return
		case err != nil:
			return // the reader closes
		}
		if err := c.deliver(load); err != nil {
			c.end(CloseSlow)
			return
		}
	}
}

// deliver writes a load: a fresh state, then all entries in one frame, then
// signals.
func (c *socket) deliver(l hub.Load) error {
	if l.Fresh != nil {
		if err := c.startAgain(*l.Fresh); err != nil {
			return err
		}
	}
	if len(l.Frames) > 0 {
		b := buffers.Get().(*bytes.Buffer)
		b.Reset()
		joinEntries(b, l)
		err := c.write(b.Bytes())
		if b.Cap() <= keepBuffer {
			buffers.Put(b)
		}
		if err != nil {
			return err
		}
	}
	if len(l.Signals) == 0 {
		return nil
	}
	out := Signals{T: "signals", List: make([]SignalView, len(l.Signals))}
	for i, s := range l.Signals {
		out.List[i] = SignalView(s)
	}
	return c.write(encode(out))
}

// joinEntries makes one entries frame of encoded frames. A tag is base64url
// and needs no escaping.
func joinEntries(b *bytes.Buffer, l hub.Load) {
	b.WriteString(`{"t":"entries","list":[`)
	for i, f := range l.Frames {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(f)
	}
	fmt.Fprintf(b, `],"seq":%d,"tag":"%s"}`, l.Seq, l.Tag)
}

// keepBuffer is the largest buffer that is kept for the next frame.
const keepBuffer = 64 << 10

// buffers are shared by all writers; an idle connection has none.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// write sends one text frame. Whoever does not take it within
// Limits.WriteWithin is cut off.
func (c *socket) write(frame []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	err := c.ws.Write(context.Background(), websocket.MessageText, frame)
	if err == nil && c.beat != nil {
		c.beat.Reset(c.server.Limits.BeatAfter)
	}
	return err
}

// encode makes JSON of a frame of ours, which always can be.
func encode(frame any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(frame); err != nil {
		panic(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

package web

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Buffers of a connection: small, since most of them are idle most of the
// time, and since a frame larger than the buffer is written past it.
const (
	readBuffer  = 1 << 10
	writeBuffer = 2 << 10
	// kernelBuffer is what the kernel may hold for a slow reader: what waits
	// should wait in the hub's queue, where it can be replaced by the state.
	kernelBuffer = 64 << 10
)

// errNoise ends a connection that sends much and says nothing.
var errNoise = errors.New("web: too much on the line that is no message")

// line is the connection below a websocket. It sees what the library does
// not tell: bytes that never make a message (empty fragments, pings), and
// the end of the stream in the middle of one.
type line struct {
	net.Conn
	limit       int64
	writeWithin time.Duration
	budget      atomic.Int64 // bytes that may come before the next message is whole
	ended       atomic.Bool  // the stream ended or broke, or its time was up
	late        atomic.Bool  // its time was up

	mu      sync.Mutex
	closing bool // guarded by mu; the read deadline is final
}

func (l *line) Read(p []byte) (int, error) {
	if l.budget.Load() < 0 {
		return 0, errNoise
	}
	n, err := l.Conn.Read(p)
	l.budget.Add(int64(-n))
	if err != nil {
		l.late.Store(errors.Is(err, os.ErrDeadlineExceeded))
		l.ended.Store(true)
	}
	return n, err
}

// renew forgives what has come so far: a message was whole.
func (l *line) renew() {
	if l.budget.Load() >= 0 {
		l.budget.Store(l.limit)
	}
}

// silence lets nothing more come.
func (l *line) silence() { l.budget.Store(-1) }

// within sets how long reading may take; 0 is for ever.
func (l *line) within(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return
	}
	var t time.Time
	if d > 0 {
		t = time.Now().Add(d)
	}
	_ = l.Conn.SetReadDeadline(t) // a broken line shows when it is read
}

// closeWithin bounds what a closing handshake may still read, in time and in
// bytes: the library bounds neither in the middle of a message.
func (l *line) closeWithin(d time.Duration, bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return
	}
	l.closing = true
	l.budget.Store(bytes)
	_ = l.Conn.SetReadDeadline(time.Now().Add(d))
}

// Write gives every write its time, also those of the library.
func (l *line) Write(p []byte) (int, error) {
	if err := l.Conn.SetWriteDeadline(time.Now().Add(l.writeWithin)); err != nil {
		return 0, err
	}
	return l.Conn.Write(p)
}

// hijacker hands the library a line in place of the bare connection.
type hijacker struct {
	http.ResponseWriter
	limits Limits
	line   *line
}

// Hijack is http.Hijacker's.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, b, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(kernelBuffer) // a wish
	}
	h.line = &line{Conn: c, limit: 2*h.limits.Frame + 4<<10, writeWithin: h.limits.WriteWithin}
	h.line.renew()
	r, w := bufio.NewReaderSize(h.line, readBuffer), bufio.NewWriterSize(h.line, writeBuffer)
	if early, _ := b.Reader.Peek(b.Reader.Buffered()); len(early) > 0 { // sent before our answer
		r = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), h.line), max(readBuffer, len(early)))
		_, _ = r.Peek(len(early)) // the library looks at what is buffered
	}
	return h.line, bufio.NewReadWriter(r, w), nil
}

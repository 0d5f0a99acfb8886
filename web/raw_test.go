package web

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"hearth/room"
)

// The opcodes of RFC 6455.
const (
	opMore   = 0
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPing   = 9
	opPong   = 10
)

// raw is a websocket client that can misbehave in every way: it writes the
// frames it is told to.
type raw struct {
	h    *house
	conn net.Conn
	in   *bufio.Reader
}

// handshake opens a connection and asks for a websocket. The headers given
// replace the usual ones; empty removes one.
func (h *house) handshake(headers map[string]string) (*raw, *http.Response) {
	h.t.Helper()
	conn, err := h.dials()
	h.must(err)
	h.t.Cleanup(func() { _ = conn.Close() })
	all := map[string]string{
		"Host": h.url.Host, "Origin": h.url.String(), "Upgrade": "websocket", "Connection": "Upgrade",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": Protocol,
	}
	for k, v := range headers {
		all[k] = v
	}
	var b strings.Builder
	b.WriteString("GET /ws HTTP/1.1\r\n")
	for k, v := range all {
		if v != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", k, v)
		}
	}
	h.must(conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, b.String()+"\r\n")
	h.must(err)
	r := &raw{h: h, conn: conn, in: bufio.NewReader(conn)}
	res, err := http.ReadResponse(r.in, nil)
	h.must(err)
	return r, res
}

// dial opens a websocket as a browser's page would, up to the hello.
func (h *house) dial() *tab {
	h.t.Helper()
	r, res := h.handshake(nil)
	if res.StatusCode != http.StatusSwitchingProtocols {
		h.t.Fatalf("websocket: %s", res.Status)
	}
	return &tab{raw: r, session: "session-" + fmt.Sprintf("%08d", h.tabs.Add(1))}
}

// frame writes one frame, masked as a client must. A line that was cut is no
// error: what comes back tells.
func (r *raw) frame(op byte, fin bool, payload []byte) error {
	head := []byte{op, 0x80}
	if fin {
		head[0] |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		head[1] |= byte(n)
	case n < 1<<16:
		head[1] |= 126
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	default:
		head[1] |= 127
		head = binary.BigEndian.AppendUint64(head, uint64(n))
	}
	mask := []byte{1, 2, 3, 4}
	b := append(head, mask...)
	for i, c := range payload {
		b = append(b, c^mask[i%4])
	}
	if err := r.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := r.conn.Write(b)
	return err
}

func (r *raw) text(s string) {
	r.h.t.Helper()
	r.h.must(r.frame(opText, true, []byte(s)))
}

// nullField finds a field without a value. Only seats, whose ids have
// hyphens, may be null: they are gone.
var nullField = regexp.MustCompile(`"\w+":null`)

// closed is the error of a socket that was closed with a code; 0 is a line
// that just ended.
type closed struct{ code int }

func (c closed) Error() string { return fmt.Sprintf("closed with %d", c.code) }

// receive returns the next text message. Pings are answered on the way.
func (r *raw) receive() ([]byte, error) {
	if err := r.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	for {
		var head [2]byte
		if _, err := io.ReadFull(r.in, head[:]); err != nil {
			return nil, ended(err)
		}
		n := uint64(head[1])
		switch n {
		case 126:
			var b [2]byte
			if _, err := io.ReadFull(r.in, b[:]); err != nil {
				return nil, ended(err)
			}
			n = uint64(binary.BigEndian.Uint16(b[:]))
		case 127:
			var b [8]byte
			if _, err := io.ReadFull(r.in, b[:]); err != nil {
				return nil, ended(err)
			}
			n = binary.BigEndian.Uint64(b[:])
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r.in, body); err != nil {
			return nil, ended(err)
		}
		switch head[0] & 0x0f {
		case opText:
			if nullField.Match(body) {
				r.h.t.Errorf("a client would stumble over null: %s", body)
			}
			return body, nil
		case opPing:
			_ = r.frame(opPong, true, body) // a line that was cut shows above
		case opClose:
			_ = r.frame(opClose, true, body)
			if len(body) < 2 {
				return nil, closed{1005}
			}
			return nil, closed{int(binary.BigEndian.Uint16(body))}
		}
	}
}

// ended tells a line that was cut from one that is silent.
func ended(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return err
	}
	return closed{0}
}

// closes reads until the socket is closed and asserts the code.
func (r *raw) closes(code int) {
	r.h.t.Helper()
	for {
		_, err := r.receive()
		var c closed
		switch {
		case errors.As(err, &c) && c.code == code:
			return
		case err != nil:
			r.h.t.Fatalf("want a close with %d, got: %v", code, err)
		}
	}
}

// refuses reads until a refused frame and asserts its code.
func (r *raw) refuses(code room.Code) {
	r.h.t.Helper()
	for {
		b, err := r.receive()
		if err != nil {
			r.h.t.Fatalf("want a refusal %s, got: %v", code, err)
		}
		var f Refused
		if kindOf(b) != "refused" {
			continue
		}
		if err := decode(b, &f); err != nil || f.Refused.Code != code || f.Refused.Say == "" {
			r.h.t.Fatalf("want a refusal %s, got %s", code, b)
		}
		return
	}
}

// tab is a page that behaves: it numbers its commands and follows the room.
type tab struct {
	*raw
	browser *browser
	handle  string
	session string
	welcome Welcome
	n       uint64
	stick   room.StickView
	heard   []room.Frame // not yet asked for
	seen    uint64       // seq of the newest
	at      Resume       // where to resume
}

// hello says hello with a new ticket and reads the welcome.
func (t *tab) hello(h Hello) {
	t.h.t.Helper()
	t.says(h)
	b, err := t.receive()
	t.h.must(err)
	if kindOf(b) != "welcome" {
		t.h.t.Fatalf("no welcome: %s", b)
	}
	t.h.must(json.Unmarshal(b, &t.welcome))
	t.n, t.seen = t.welcome.Last, t.welcome.Seq
	t.at = Resume{Epoch: t.welcome.Epoch, Seq: t.welcome.Seq, Tag: t.welcome.Tag}
	if t.welcome.State != nil {
		t.stick = t.welcome.State.Room.Stick
	}
}

// says sends a hello with what is missing filled in.
func (t *tab) says(h Hello) {
	t.h.t.Helper()
	h.T = "hello"
	if h.Ticket == "" {
		h.Ticket = t.browser.ticket(t.handle)
	}
	if h.Session == "" {
		h.Session = t.session
	}
	t.text(string(encode(h)))
}

// again is another connection of the same browser and seat.
func (t *tab) again() *tab {
	t.h.t.Helper()
	one := t.h.dial()
	one.browser, one.handle = t.browser, t.handle
	return one
}

// asks sends a command and reads up to its answer.
func (t *tab) asks(act room.Capability, with any) Answer {
	t.h.t.Helper()
	w, err := json.Marshal(with)
	t.h.must(err)
	t.text(string(encode(Do{T: "do", N: t.n + 1, Act: act, With: w})))
	return t.answer()
}

// answer reads up to the next answer.
func (t *tab) answer() Answer {
	t.h.t.Helper()
	for {
		b, err := t.receive()
		if err != nil {
			t.h.t.Fatalf("want an answer, got: %v", err)
		}
		if kindOf(b) == "answer" {
			var a Answer
			t.h.must(json.Unmarshal(b, &a))
			if a.Seq > 0 {
				t.n = a.N
			}
			return a
		}
		t.follow(b)
	}
}

// does asks for a command that is done, and sees it happen.
func (t *tab) does(act room.Capability, with any) Answer {
	t.h.t.Helper()
	a := t.asks(act, with)
	if a.Seq == 0 || a.Refused != nil {
		t.h.t.Fatalf("%s %v: %+v %v", act, with, a, a.Refused)
	}
	for t.seen < a.Seq && act != "leave" {
		b, err := t.receive()
		t.h.must(err)
		t.follow(b)
	}
	return a
}

// refused asks for a command that is not.
func (t *tab) refused(act room.Capability, with any, code room.Code) {
	t.h.t.Helper()
	before := t.n
	a := t.asks(act, with)
	if a.Refused == nil || a.Refused.Code != code || a.Refused.Say == "" || a.Last != before || t.n != before {
		t.h.t.Fatalf("%s %v: %+v %v; want %s", act, with, a, a.Refused, code)
	}
}

// follow takes in what the room sends.
func (t *tab) follow(b []byte) {
	t.h.t.Helper()
	if kindOf(b) != "entries" {
		return
	}
	var e Entries
	t.h.must(json.Unmarshal(b, &e))
	t.at.Seq, t.at.Tag = e.Seq, e.Tag
	for _, f := range e.List {
		if f.Room != nil {
			t.stick = f.Room.Stick
		}
		t.heard, t.seen = append(t.heard, f), f.Seq
	}
}

// hears returns the next frame that is ok, waiting for it.
func (t *tab) hears(what string, ok func(room.Frame) bool) room.Frame {
	t.h.t.Helper()
	for {
		for i, f := range t.heard {
			if ok(f) {
				t.heard = t.heard[i+1:]
				return f
			}
		}
		t.heard = nil
		b, err := t.receive()
		if err != nil {
			t.h.t.Fatalf("waited for %s: %v", what, err)
		}
		t.follow(b)
	}
}

// turn is the stick's, as this tab knows it.
func (t *tab) turn() uint64 { return t.stick.Turn }

package web

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
	"hearth/room/hub"
)

// utterance is what everybody in a room of twelve gets: 200 bytes of words.
func utterance() *room.Frame {
	return &room.Frame{Seq: 1234, At: time.Now().UnixMilli(), Said: &room.SaidView{
		Seat: "0b7c2f1e-4a4f-4a52-9f6e-3b1d2c5a7e90", Turn: 17, Text: strings.Repeat("a few words ", 17)[:200],
	}}
}

// BenchmarkEncode is encoding an utterance once, with its evidence tag.
func BenchmarkEncode(b *testing.B) {
	keys := new(moderation.Keys)
	if _, err := keys.Rotate(time.Now(), strings.NewReader(strings.Repeat("k", 32))); err != nil {
		b.Fatal(err)
	}
	encode, f := Encoder(keys), utterance()
	b.ReportAllocs()
	for b.Loop() {
		encode("room", f)
	}
}

// BenchmarkFanOut is one utterance for a room of twelve: encoded once, then
// written to twelve sockets over TCP. Figures are per delivery.
func BenchmarkFanOut(b *testing.B) {
	const people = 12
	h := open(b)
	for range people {
		r, _ := h.handshake(nil)
		h.must(r.conn.SetDeadline(time.Time{}))
		go func() { _, _ = io.Copy(io.Discard, r.conn) }()
	}
	h.until("twelve to be there", func() bool { return len(h.server.open()) == people })
	sockets := h.server.open()
	encode, f := Encoder(h.keys), utterance()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		load := hub.Load{Frames: [][]byte{encode("room", f)}}
		for _, c := range sockets {
			if err := c.deliver(load); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/delivery")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkJoined is the same with eight utterances that waited, in one
// frame.
func BenchmarkJoined(b *testing.B) {
	h := open(b)
	r, _ := h.handshake(nil)
	h.must(r.conn.SetDeadline(time.Time{}))
	go func() { _, _ = io.Copy(io.Discard, r.conn) }()
	h.until("one to be there", func() bool { return len(h.server.open()) == 1 })
	c, one := h.server.open()[0], Encoder(h.keys)("room", utterance())
	load := hub.Load{Frames: [][]byte{one, one, one, one, one, one, one, one}}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.deliver(load); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(8*float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkDecode is reading one command from the wire.
func BenchmarkDecode(b *testing.B) {
	raw := fmt.Appendf(nil, `{"t":"do","n":7,"act":"say","with":{"turn":17,"text":%q}}`, strings.Repeat("a few words ", 17)[:200])
	b.ReportAllocs()
	for b.Loop() {
		var d Do
		if err := decode(raw, &d); err != nil {
			b.Fatal(err)
		}
		if _, no := decodeAct(acts, d.Act, d.With); no != nil {
			b.Fatal(no)
		}
	}
}

// BenchmarkIdleMemory is what a seated connection that says nothing costs
// the server, buffers, goroutines and the hub's part included, rooms of
// twelve. The clients of this process count too: a few hundred bytes each.
func BenchmarkIdleMemory(b *testing.B) {
	const rooms, people = 40, 12
	h := open(b, func(c *Config) {
		c.Limits.SocketsPerAddress, c.Limits.WaitingPerAddress = rooms*people+1, rooms*people+1
		c.Limits.Handshakes, c.Limits.AllHandshakes = Rate{10_000, time.Millisecond}, Rate{10_000, time.Millisecond}
	})
	all := make([]net.Conn, 0, rooms*people)
	before := inUse()
	for r := range rooms {
		for p := range people {
			raw, _ := h.handshake(nil)
			all = append(all, raw.conn)
			raw.in = nil
			h.seatIdle(raw, fmt.Sprintf("room-%d", r), p)
		}
	}
	h.until("all to sit", func() bool { return len(h.server.open()) == rooms*people })
	after := inUse()
	for b.Loop() {
		runtime.KeepAlive(all)
	}
	b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/float64(rooms*people), "B/connection")
	b.ReportMetric(float64(after.StackInuse-before.StackInuse)/float64(rooms*people), "stack-B/connection")
}

// seatIdle says hello with a ticket made on the spot, and reads the welcome
// without keeping anything.
func (h *house) seatIdle(r *raw, id string, p int) {
	h.t.Helper()
	seat := circle.Seat{ID: room.SeatID(fmt.Sprintf("%s-%d", id, p)), Handle: "none", Room: room.ID(id), Role: room.Member}
	ticket, err := h.server.Tickets.Issue(h.t.Context(), circle.Admission{Seat: seat}, time.Now())
	h.must(err)
	hello := encode(Hello{T: "hello", Ticket: ticket, Session: fmt.Sprintf("session-%08d", p), Name: fmt.Sprintf("Person %d", p)})
	h.must(r.frame(opText, true, hello))
	var some [256]byte
	_, err = r.conn.Read(some[:])
	h.must(err)
}

func inUse() (m runtime.MemStats) {
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

package roomkeys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"hearth/room"
)

// kind says what a message is.
type kind byte

const (
	anAsk kind = 1 + iota
	anAnswer
	isHeld
	isLeaving
	isForget
)

// message is what nodes tell each other. Which fields count is the kind's
// business; encode and decode say which.
type message struct {
	kind  kind
	from  string // boot
	no    uint64 // of the boot's announcements: held, leaving, forget
	name  name   // ask, answer; of a forget, the room
	nonce [16]byte
	data  []byte // the public key of an ask; the sealed key of an answer
	items []item // held, leaving
}

// item is one key that somebody holds.
type item struct {
	name
	sits  bool          // somebody sits in the room there
	alone uint8         // no other holder is known: 1, and 1 more for every newsEvery; 0: one is
	left  time.Duration // how long it is kept if nobody sits down; whole seconds
}

// version is the first byte of every message and of every sealed blob. What
// has another is not read.
const version = 1

// A message is version, kind, 32 bytes of HMAC over all else, body.
const (
	macAt  = 2
	bodyAt = macAt + sha256.Size
)

// itemMost is how long an item can get.
const itemMost = 2*(1+nameMost) + 1 + 1 + 2

// bodyMost keeps a message well below what a bus carries.
const bodyMost = room.MaxBusBytes / 2

// What is wrong with a message.
var (
	errForm   = errors.New("not a message between nodes of this version")
	errForged = errors.New("not made with this deployment's secret")
)

// encode writes a message and signs it.
func (m message) encode(mac []byte) []byte {
	b := make([]byte, bodyAt, 256+len(m.data)+len(m.items)*itemMost)
	b[0], b[1] = version, byte(m.kind)
	b = short(b, m.from)
	switch m.kind {
	case anAsk, anAnswer:
		b = short(short(b, string(m.name.room)), m.name.kid)
		b = append(b, m.nonce[:]...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(m.data)))
		b = append(b, m.data...)
	case isForget:
		b = binary.BigEndian.AppendUint64(b, m.no)
		b = short(b, string(m.name.room))
	case isHeld, isLeaving:
		b = binary.BigEndian.AppendUint64(b, m.no)
		for _, i := range m.items {
			b = i.encode(b)
		}
	}
	copy(b[macAt:], sign(mac, b))
	return b
}

func (i item) encode(b []byte) []byte {
	b = short(short(b, string(i.room)), i.kid)
	sits := byte(0)
	if i.sits {
		sits = 1
	}
	left := min(max(i.left/time.Second, 0), 1<<16-1)
	return binary.BigEndian.AppendUint16(append(b, sits, i.alone), uint16(left))
}

func short(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }

func sign(mac, b []byte) []byte {
	h := hmac.New(sha256.New, mac)
	h.Write(b[:macAt])
	h.Write(b[bodyAt:])
	return h.Sum(nil)
}

// decode reads a message if it is signed.
func decode(mac, b []byte) (message, error) {
	if len(b) < bodyAt || b[0] != version {
		return message{}, errForm
	}
	if !hmac.Equal(b[macAt:bodyAt], sign(mac, b)) {
		return message{}, errForged
	}
	return read(b)
}

// read reads a message whoever signed it. What it accepts is what encode
// writes, byte for byte.
func read(b []byte) (message, error) {
	if len(b) < bodyAt || len(b) > room.MaxBusBytes || b[0] != version {
		return message{}, errForm
	}
	m, r := message{kind: kind(b[1])}, reader{rest: b[bodyAt:]}
	m.from = r.short()
	switch m.kind {
	case anAsk, anAnswer:
		m.name = name{room.ID(r.short()), r.short()}
		copy(m.nonce[:], r.take(len(m.nonce)))
		m.data = r.take(int(r.uint(2)))
	case isForget:
		m.no = r.uint(8)
		m.name.room = room.ID(r.short())
	case isHeld, isLeaving:
		m.no = r.uint(8)
		for len(r.rest) > 0 && !r.bad {
			m.items = append(m.items, r.item())
		}
	default:
		r.bad = true
	}
	if r.bad || len(r.rest) > 0 {
		return message{}, errForm
	}
	return m, nil
}

// reader takes a body apart. Once something is missing, all is bad.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// uint reads a number of at most 8 bytes.
func (r *reader) uint(size int) uint64 {
	n := uint64(0)
	for _, c := range r.take(size) {
		n = n<<8 | uint64(c)
	}
	return n
}

func (r *reader) short() string {
	s := string(r.take(int(r.uint(1))))
	if !nameable(s) {
		r.bad = true
	}
	return s
}

func (r *reader) item() item {
	i := item{name: name{room.ID(r.short()), r.short()}}
	sits := r.uint(1)
	if sits > 1 {
		r.bad = true
	}
	i.sits, i.alone = sits == 1, uint8(r.uint(1))
	i.left = time.Duration(r.uint(2)) * time.Second
	return i
}

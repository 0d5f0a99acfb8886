package moderation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strings"
	"time"

	"hearth/room"
)

// Evidence is one utterance as it was delivered.
type Evidence struct {
	Room  room.ID
	Seq   uint64 // of its entry
	Seat  room.SeatID
	At    int64 // Unix milliseconds, as in its frame
	Words string
}

// What Check answers besides nil; compare with errors.Is.
var (
	// ErrForged: the tag does not belong to this evidence.
	ErrForged = errors.New("moderation: the tag does not fit")
	// ErrExpired: the day key of the tag is not kept any more, or never was
	// ours.
	ErrExpired = errors.New("moderation: the tag's key is gone")
)

// Tag returns the tag of an utterance: the day key's id, a dot, and the MAC
// in unpadded base64url; 59 bytes, at most 64. Empty before the first Rotate.
func (k *Keys) Tag(e Evidence) string {
	day, ok := k.newest()
	if !ok {
		return ""
	}
	return day.tag(e)
}

// Check says whether tag was made by Tag for exactly e, under a key that is
// still kept at now: nil, ErrForged or ErrExpired.
func (k *Keys) Check(e Evidence, tag string, now time.Time) error {
	id, _, ok := strings.Cut(tag, ".")
	if !ok {
		return ErrForged
	}
	days := k.find(id, now)
	if len(days) == 0 {
		return ErrExpired
	}
	for _, day := range days {
		if hmac.Equal([]byte(tag), []byte(day.tag(e))) {
			return nil
		}
	}
	return ErrForged
}

func (d dayKey) tag(e Evidence) string {
	sum := e.mac(d.Key)
	return d.ID + "." + base64.RawURLEncoding.EncodeToString(sum[:])
}

// mac is HMAC-SHA256 over room, seq, seat, time and SHA-256 of the words.
// Texts are prefixed with their length, so that no two pieces of evidence
// give the same bytes.
func (e Evidence) mac(key [32]byte) [32]byte {
	h := hmac.New(sha256.New, key[:])
	field(h, "hearth evidence 1")
	field(h, string(e.Room))
	number(h, e.Seq)
	field(h, string(e.Seat))
	number(h, uint64(e.At))
	words := sha256.Sum256([]byte(e.Words))
	h.Write(words[:])
	return [32]byte(h.Sum(nil))
}

func field(h hash.Hash, s string) {
	number(h, uint64(len(s)))
	h.Write([]byte(s))
}

func number(h hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

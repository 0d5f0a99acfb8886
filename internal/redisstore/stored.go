package redisstore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hearth/room"
)

// Format is the version of what is stored for a room: 2 since there are
// agendas, 3 since people wait at the door, 4 since a moderator's desk acts in
// rooms. A program reads all before its own, and what it writes is of its own;
// one that finds a higher one leaves the room alone and ends.
const Format = 4

// Bounds of what is kept of a room.
const (
	keepEntries = 512            // entries, besides those behind the stored state
	roomLife    = 24 * time.Hour // after the last write; a gathering lives at most 12 h
	overLife    = time.Hour      // after a room is over
	mostName    = 128            // bytes of a room's id
)

// stored is one entry as it is kept: 64 hex digits of the chain's hash, 8 of
// how long the facts are, the facts, the sealed words.
type stored struct {
	hash          [32]byte
	facts, sealed []byte
}

func (e stored) String() string {
	return fmt.Sprintf("%x%08x%s%s", e.hash, len(e.facts), e.facts, e.sealed)
}

var errStored = errors.New("an entry is not as it was written")

func parseStored(s string) (stored, error) {
	if len(s) < 72 {
		return stored{}, errStored
	}
	hash, err := unhex(s[:64])
	n, err2 := strconv.ParseUint(s[64:72], 16, 32)
	if err != nil || err2 != nil || n > uint64(len(s)-72) {
		return stored{}, errStored
	}
	return stored{hash, []byte(s[72 : 72+n]), []byte(s[72+n:])}, nil
}

func hexed(h [32]byte) string { return hex.EncodeToString(h[:]) }

func unhex(s string) (h [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("a hash does not read")
	}
	return [32]byte(b), nil
}

// bound is what sealed words go with: sealed words moved to another epoch,
// another entry, or beside other facts don't open. Facts name seat and turn.
func bound(epoch, what string, facts []byte) []byte {
	sum := sha256.Sum256(facts)
	return append([]byte(epoch+"\n"+what+"\n"), sum[:]...)
}

func ofEntry(seq uint64) string { return strconv.FormatUint(seq, 10) }

const ofState = "state"

// sealer seals and opens what is stored.
type sealer struct{ words Words }

// seal seals words, if there are any.
func (s sealer) seal(id room.ID, epoch, what string, facts, words []byte) ([]byte, error) {
	if len(words) == 0 {
		return nil, nil
	}
	sealed, err := s.words.Seal(id, bound(epoch, what, facts), words)
	if err != nil {
		return nil, fmt.Errorf("the words of a room can't be sealed: %w", err)
	}
	return sealed, nil
}

// open opens words; nil if they can't be.
func (s sealer) open(id room.ID, epoch, what string, facts, sealed []byte) []byte {
	if len(sealed) == 0 {
		return nil
	}
	words, ok := s.words.Open(id, bound(epoch, what, facts), sealed)
	if !ok {
		return nil
	}
	return words
}

// joinEntry decodes an entry, without its words if they can't be had.
func (s sealer) joinEntry(id room.ID, epoch string, seq uint64, e stored) (room.Entry, error) {
	if words := s.open(id, epoch, ofEntry(seq), e.facts, e.sealed); words != nil {
		if entry, err := room.JoinEntry(e.facts, words); err == nil {
			return entry, nil
		}
	}
	return room.JoinEntry(e.facts, nil)
}

func (s sealer) joinState(id room.ID, epoch string, facts, sealed []byte) (*room.State, error) {
	if words := s.open(id, epoch, ofState, facts, sealed); words != nil {
		if state, err := room.JoinState(facts, words); err == nil {
			return state, nil
		}
	}
	return room.JoinState(facts, nil)
}

// nanos is a time in 19 digits, which compare as text as times do.
func nanos(t time.Time) string {
	n := t.UnixNano()
	switch {
	case t.Year() < 1971:
		n = 0
	case t.Year() > 2261:
		n = 1<<63 - 1
	}
	return fmt.Sprintf("%019d", n)
}

func micros(t time.Time) int64 {
	return min(max(t.UnixMicro(), 0), 1<<53)
}

func parseNanos(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(0, n).UTC(), err
}

// fits says whether an id can be stored: it becomes part of keys and bells.
func fits(id room.ID) error {
	if id == "" || len(id) > mostName {
		return fmt.Errorf("room log: a room's id has 1 to %d bytes", mostName)
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return errors.New("room log: a room's id has a character that can't be stored")
		}
	}
	return nil
}

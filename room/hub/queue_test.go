package hub

import (
	"testing"
	"time"

	"hearth/room"
)

// Whoever takes what waits knows how far it leads: a frame without that would
// be resumed from nowhere, or with the tag of another entry, which looks like
// a log that was rewound.
func TestNothingIsTakenThatLeadsNowhere(t *testing.T) {
	q := newQueue(Config{Now: time.Now, Meter: silent{}})
	q.put([]byte("a"))
	if l, err := q.take(); err != nil || len(l.Frames) > 0 {
		t.Fatalf("taken before its end was known: %+v, %v", l, err)
	}
	q.stands(heard{seq: 5, tag: "five"})
	q.put([]byte("b"))
	if l, err := q.take(); err != nil || len(l.Frames) != 1 || l.Seq != 5 || l.Tag != "five" {
		t.Errorf("taken: %+v, %v", l, err)
	}
	q.stands(heard{seq: 6, tag: "six"})
	if l, err := q.take(); err != nil || len(l.Frames) != 1 || l.Seq != 6 || l.Tag != "six" {
		t.Errorf("taken: %+v, %v", l, err)
	}
}

// Who comes back and has missed nothing is told what concerns them, and where
// that leads.
func TestWhoMissedNothingKnowsWhereTheyAre(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		_, p := m.circle("jun")
		seen := m.now()
		p["jun"].hears()
		back, err := m.tab("jun", "jun-tab", room.Member, seen)
		if err != nil || back.g.Fresh != nil {
			t.Fatalf("resume was not honoured: %v %+v", err, back.g)
		}
		l, err := back.s.queue.take()
		if err != nil || len(l.Frames) == 0 || l.Seq != seen.Seq || l.Tag != seen.Tag {
			t.Errorf("Jun is at %+v and is told %+v, %v", *seen, l, err)
		}
	})
}

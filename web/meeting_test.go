package web

import (
	"testing"

	"hearth/moderation"
	"hearth/room"
	"time"
)

func TestACircleSpeaksOverTheWire(t *testing.T) {
	m := meet(t)
	m.goesOn()
	m.ana.does("pass", map[string]any{"turn": m.ana.turn()})
	m.ben.hears("the stick", func(f room.Frame) bool { return f.Room != nil && f.Room.Stick.At == room.Offered })
	m.ben.does("take", map[string]any{"turn": m.ben.turn()})
	m.ben.does("say", map[string]any{"turn": m.ben.turn(), "text": "thank you"})
	f := m.ana.hears("Ben's words", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == "thank you" })
	e := moderation.Evidence{Room: "", Seq: f.Seq, Seat: f.Said.Seat, At: f.At, Words: f.Said.Text}
	if err := m.keys.Check(e, f.Said.Tag, time.Now()); err == nil {
		t.Error("a tag is good for another room")
	}
	e.Room = m.roomOf(m.ana)
	if err := m.keys.Check(e, f.Said.Tag, time.Now()); err != nil {
		t.Errorf("the tag %q of what was delivered: %v", f.Said.Tag, err)
	}
}

// roomOf is the room of a tab's seat.
func (h *house) roomOf(t *tab) room.ID {
	h.t.Helper()
	s, err := h.store.Seat(h.t.Context(), t.handle, t.browser.cookies[seatCookie+t.handle])
	h.must(err)
	return s.Room
}

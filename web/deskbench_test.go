package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hearth/moderation"
	"hearth/room"
)

// crowded is a desk on which a thousand cases wait, each about somebody else,
// in a hundred rooms.
func crowded(b *testing.B) (h *house, mo *clerk, ids []string) {
	b.Helper()
	h = open(b, func(c *Config) {
		c.Limits.Desk, c.Limits.Handshakes, c.Limits.AllHandshakes = Rate{1 << 20, 1}, Rate{1 << 20, 1}, Rate{1 << 20, 1}
	})
	for i := range 1000 {
		filed, err := h.desk.File(b.Context(), moderation.Report{
			Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Sorts[i%len(moderation.Sorts)].Category, Circle: moderation.CircleID(h.circle),
			Room: room.ID(fmt.Sprintf("room %d", i%100)), Subject: room.SeatID(fmt.Sprintf("seat %d", i)), Reporter: "reporter", Lang: "en", At: time.Now(),
		})
		h.must(err)
		ids = append(ids, filed.Case)
	}
	return h, h.moderator("Mo"), ids
}

// BenchmarkDeskOpens is from opening the desk's line to its first view, with
// 1,000 open cases of which it shows 100.
func BenchmarkDeskOpens(b *testing.B) {
	h, mo, _ := crowded(b)
	h.watches(mo).shows("the queue", func(v DeskView) bool { return v.Open == 1000 && len(v.Cards) == mostCards })
	for b.Loop() {
		d := h.watches(mo)
		if v, err := d.receive(); err != nil || v.Open != 1000 {
			b.Fatal(v.Open, err)
		}
		b.StopTimer()
		_ = d.Close(websocket.StatusNormalClosure, "")
		h.until("it has gone", func() bool { return len(h.server.watching.desks()) < 2 })
		b.StartTimer()
	}
}

// BenchmarkDeskDecides is to take one of 1,000 open cases and decide it, as a
// page does: two requests, and the case as it is then.
func BenchmarkDeskDecides(b *testing.B) {
	_, mo, ids := crowded(b)
	n := 0
	for b.Loop() {
		id := ids[n%len(ids)]
		v := mo.deals(id, "/claim", none{})
		d := warns(v)
		if v = mo.deals(id, "/decide", d); len(v.Decisions) == 0 {
			b.Fatal("nothing was decided")
		}
		mo.atDesk("/desk/cases/"+id+"/release", none{}, http.StatusOK)
		n++
	}
}

package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"hearth/presence"
	"hearth/room"
	"hearth/room/memlog"
)

// BenchmarkSay is one utterance of 200 bytes in a room of 12 on a log in
// memory: decided, appended, encoded once, handed to 12 connections and
// taken out by each. One op is one utterance.
func BenchmarkSay(b *testing.B) {
	const people = 12
	h := New(Config{
		Log: memlog.New(time.Now), Presence: presence.NewTable(),
		Encode: func(_ room.ID, f *room.Frame) []byte {
			bytes, err := json.Marshal(f)
			if err != nil {
				panic(err)
			}
			return bytes
		},
		Settings: func(context.Context, room.ID) (room.Settings, error) { return room.DefaultSettings(), nil },
	})
	defer h.Stop()
	sittings := make([]*Sitting, people)
	for i := range sittings {
		role := room.Member
		if i == 0 {
			role = room.Facilitator
		}
		name := fmt.Sprint("seat-", i)
		s, _, err := h.Sit(b.Context(), "room", Guest{Seat: room.SeatID(name), Role: role, Session: name, Name: &room.Name{Name: name, Key: name}})
		if err != nil {
			b.Fatal(err)
		}
		sittings[i] = s
	}
	for n, act := range []room.Act{room.Next{}, room.Take{Turn: 1}} {
		if _, err := sittings[0].Do(b.Context(), uint64(n+1), act); err != nil {
			b.Fatal(err)
		}
	}
	text := strings.Repeat("word ", 40)
	b.ReportAllocs()
	runtime.GC()
	n := uint64(2)
	for b.Loop() {
		n++
		if a, err := sittings[0].Do(b.Context(), n, room.Say{Turn: 1, Text: text}); err != nil || a.Refused != nil {
			b.Fatal(err, a.Refused)
		}
		for _, s := range sittings {
			if _, err := s.queue.take(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*people)/b.Elapsed().Seconds(), "deliveries/s")
}

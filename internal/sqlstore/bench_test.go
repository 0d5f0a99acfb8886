package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hearth/room"
)

// twelve begins a room of twelve in the middle of a round.
func twelve(b *testing.B, db *DB) *keeper {
	k := begin(b, db, "5b0e7a52-7d1c-4f0e-9d57-6b1f3f1c2a10")
	var seats []room.SeatID
	for n := range 12 {
		seats = append(seats, room.SeatID(fmt.Sprintf("0d9a3c1e-52b7-4c6a-8f11-3f6de7a9%04d", n)))
		role := room.Member
		if n == 0 {
			role = room.Facilitator
		}
		k.append(room.Joined{Seat: seats[n], Role: role})
	}
	k.append(room.ChairTaken{Seat: seats[0]}, room.CircleBegan{}, room.RoundStarted{N: 1, Queue: seats})
	return k
}

// BenchmarkAppend is one commit to the disk: one entry, and the state of a
// room of twelve or, for an utterance, none.
func BenchmarkAppend(b *testing.B) {
	for name, utterance := range map[string]bool{"state": false, "utterance": true} {
		b.Run(name, func(b *testing.B) {
			db := open(b, filepath.Join(b.TempDir(), "hearth.db"), time.Now)
			k := twelve(b, db)
			log, head := db.Log(), k.head
			facts, _, err := room.SplitState(k.state)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				now := time.Now()
				batch := room.Batch{Now: now, State: k.state, Entries: []room.Entry{{Seq: head.Seq + 1, At: now,
					By: "0d9a3c1e-52b7-4c6a-8f11-3f6de7a90003", Session: "4kZp0Jq2cX7mVw9yT1uR3A", N: head.Seq,
					Events: []room.Event{room.Said{Seat: "0d9a3c1e-52b7-4c6a-8f11-3f6de7a90003", Turn: 7, Text: "hello"}}}}}
				if k.state.Seq = head.Seq + 1; utterance {
					batch.State = nil
				}
				tail, err := log.Append(context.Background(), k.id, head, batch)
				if err != nil {
					b.Fatal(err)
				}
				head = tail.Head
			}
			b.ReportMetric(float64(len(facts)), "state-bytes")
		})
	}
}

// BenchmarkConfirm is an empty batch: what a refusal costs.
func BenchmarkConfirm(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "hearth.db"), time.Now)
	k := twelve(b, db)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.log.Append(context.Background(), k.id, k.head, room.Batch{Now: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
}

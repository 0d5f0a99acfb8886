package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/moderation"
	"hearth/room"
)

// busyDesk is a desk with 1,000 open cases.
func busyDesk(b *testing.B, d *Durable) counter {
	b.Helper()
	c := counterOf(b, d)
	for n := range 1000 {
		c.reported(n)
	}
	b.ResetTimer()
	return c
}

// reported files the n-th report, of a case of its own.
func (c counter) reported(n int) string {
	c.t.Helper()
	f, err := c.desk.File(context.Background(), moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Circle: "tea", Room: "room",
		Category: moderation.Sorts[n%len(moderation.Sorts)].Category, Subject: room.SeatID(fmt.Sprint("seat ", n)), At: noon})
	if err != nil {
		c.t.Fatal(err)
	}
	return f.Case
}

func onEitherDesk(b *testing.B, f func(*testing.B, *Durable)) {
	b.Run("SQLite", func(b *testing.B) {
		f(b, open(b, filepath.Join(b.TempDir(), "hearth.db"), time.Now).Durable)
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		p := servers.StartPostgres(b)
		f(b, connect(b, p.Database(b)))
	})
}

// BenchmarkQueue is how long the first page of 1,000 open cases takes.
func BenchmarkQueue(b *testing.B) {
	onEitherDesk(b, func(b *testing.B, d *Durable) {
		c := busyDesk(b, d)
		for range b.N {
			q, err := c.desk.Queue(context.Background(), moderation.Viewer{Person: "mo"}, noon, 50)
			if err != nil || len(q.Cases) != 50 || q.Open != 1000 {
				b.Fatalf("%d of %d, %v", len(q.Cases), q.Open, err)
			}
		}
	})
}

// BenchmarkDecide is how long taking and deciding a case takes, among 1,000.
func BenchmarkDecide(b *testing.B) {
	onEitherDesk(b, func(b *testing.B, d *Durable) {
		c := busyDesk(b, d)
		ctx, a := context.Background(), moderation.Act{By: "mo", At: noon}
		for n := range b.N {
			b.StopTimer()
			id := c.reported(1000 + n)
			b.StartTimer()
			one, err := c.desk.Claim(ctx, a, id)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := c.desk.Decide(ctx, a, one.Rev, moderation.Decision{Case: id, Action: moderation.Warn, Rule: moderation.RuleGround, Facts: "So."}, false); err != nil {
				b.Fatal(err)
			}
		}
	})
}

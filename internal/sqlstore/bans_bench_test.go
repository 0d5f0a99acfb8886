package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/room"
)

// BenchmarkBans is what a seat that is looked at, and coming back to it, cost
// in a house without bans and in one with ten thousand.
func BenchmarkBans(b *testing.B) {
	p := servers.StartPostgres(b)
	for _, bans := range []int{0, 10_000} {
		b.Run(fmt.Sprintf("SQLite/%d", bans), func(b *testing.B) { benchBans(b, newFile(b), bans) })
		b.Run(fmt.Sprintf("PostgreSQL/%d", bans), func(b *testing.B) { benchBans(b, connect(b, p.Database(b)), bans) })
	}
}

func benchBans(b *testing.B, d *Durable, bans int) {
	ctx, store := context.Background(), d.Circles()
	if err := store.AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()}); err != nil {
		b.Fatal(err)
	}
	code, err := store.AddInvite(ctx, circle.Act{At: noon}, circle.Invite{Circle: "c", Role: room.Member})
	if err != nil {
		b.Fatal(err)
	}
	// Four keys to a ban, some of this circle's and most of others.
	if err := tx(ctx, d.write, func(t *sql.Tx) error { return manyBans(t, bans/4) }); err != nil {
		b.Fatal(err)
	}
	claim := circle.Claim{Code: code, Device: "ada", Link: "sealed", Keys: []string{"device:ada", "prefix:2026-03-01.aa:1", "prefix:2026-02-28.bb:2"}}
	seat, secret, err := store.Redeem(ctx, claim, noon)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seat", func(b *testing.B) {
		for b.Loop() {
			if _, err := store.Seat(ctx, seat.Handle, secret); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("redeem", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := store.Redeem(ctx, claim, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func manyBans(t *sql.Tx, n int) error {
	for i := range n {
		id := fmt.Sprintf("decision %d", i)
		for _, q := range []string{
			`INSERT INTO cases (id, n, rev, kind, about, category, priority, circle, room, subject, person, state, outcome, reports, quotes, raised_at, due_at, closed_at, alone, erased)
				SELECT $1, COALESCE(MAX(n), 0) + 1, 1, 'conduct', 'person', 'other', 3, '', '', '', '', 'closed', '', 1, 0, 0, 0, 0, 0, 0 FROM cases`,
			`INSERT INTO decisions (id, case_id, n, person, at, action, minutes, scope, second, rule) VALUES ($1, $1, 1, 'mo', 0, 'ban', 0, 'circle', 'nia', 'other')`,
		} {
			if _, err := t.Exec(q, id); err != nil {
				return err
			}
		}
		for _, kind := range []string{"seat", "device", "person", "prefix"} {
			_, err := t.Exec(`INSERT INTO bans (decision, key, circle, from_at) VALUES ($1, $2, $3, $4)`,
				id, fmt.Sprintf("%s:%032d", kind, i), []string{"c", "", "other"}[i%3], time.Now().UnixMilli())
			if err != nil {
				return err
			}
		}
	}
	return nil
}

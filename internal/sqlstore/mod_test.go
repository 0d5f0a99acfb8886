package sqlstore

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/moderation"
	"hearth/moderation/modtest"
)

func TestDesk(t *testing.T) {
	modtest.Run(t, func(t *testing.T) modtest.Subject {
		path := filepath.Join(t.TempDir(), "hearth.db")
		return deskOf(t, open(t, path, time.Now).Durable, func() *Durable { return open(t, path, time.Now).Durable })
	})
}

func TestDeskOnPostgres(t *testing.T) {
	p := servers.StartPostgres(t)
	url, empty := reused(t, p)
	modtest.Run(t, func(t *testing.T) modtest.Subject {
		empty(t)
		return deskOf(t, connect(t, url), func() *Durable { return connect(t, url) })
	})
}

// deskOf is a database as a subject of the suite.
func deskOf(t *testing.T, d *Durable, node func() *Durable) modtest.Subject {
	vault := modtest.NewVault()
	return modtest.Subject{Store: d.Desk(vault), Circles: d.Circles(), Vault: vault,
		Node: func() moderation.Store { return node().Desk(vault) },
		Exec: func(query string, args ...any) error {
			_, err := d.write.ExecContext(context.Background(), query, args...)
			return err
		},
		Count: func(query string, args ...any) (n int) {
			t.Helper()
			if err := d.read.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}}
}

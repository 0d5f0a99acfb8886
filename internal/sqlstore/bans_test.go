package sqlstore

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/moderation"
	"hearth/moderation/modtest"
	"hearth/room"
)

// inBothHouses runs a test on a SQLite file and on PostgreSQL.
func inBothHouses(t *testing.T, test func(*house)) {
	p := servers.StartPostgres(t)
	t.Run("SQLite", func(t *testing.T) { test(newHouse(t, newFile(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { test(newHouse(t, connect(t, p.Database(t)))) })
}

// count is how many rows a query finds.
func (h *house) count(query string, args ...any) (n int) {
	h.Helper()
	h.ok(h.d.read.QueryRowContext(h.ctx, query, args...).Scan(&n))
	return n
}

// TestSweptLinks: what leads from a seat to somebody, and what a network is
// called, is there for its time and no longer; a ban by a device stays.
func TestSweptLinks(t *testing.T) {
	inBothHouses(t, func(h *house) {
		h.circle("tea")
		code := h.invite("tea", room.Member, 0)
		eve := h.comes(circle.Claim{Code: code, Device: "eve", Link: "eve's"})
		bannedKeys(h.T, h.d, "tea", "device:eve", "prefix:1:a")
		links := func() int { return h.count(`SELECT COUNT(*) FROM links WHERE sealed = $1`, "eve's") }
		prefixes := func() int { return h.count(`SELECT COUNT(*) FROM bans WHERE key LIKE 'prefix:%'`) }
		h.ok(h.store.EndRoom(h.ctx, eve.Room, noon))
		day := noon.Add(moderation.PrefixFor - moderation.KeepKeys) // what is swept 24 hours after noon
		h.ok(h.d.Sweep(h.ctx, day))
		if links() != 1 || prefixes() != 1 {
			h.Errorf("too early: %d links, %d prefixes", links(), prefixes())
		}
		h.ok(h.d.Sweep(h.ctx, day.Add(time.Millisecond)))
		if links() != 1 || prefixes() != 0 {
			h.Errorf("after a day: %d links, %d prefixes", links(), prefixes())
		}
		h.ok(h.d.Sweep(h.ctx, noon))
		if links() != 1 {
			h.Errorf("too early: %d links", links())
		}
		h.ok(h.d.Sweep(h.ctx, noon.Add(time.Millisecond)))
		if links() != 0 || prefixes() != 0 {
			h.Errorf("still there: %d links, %d prefixes", links(), prefixes())
		}
		if n := h.count(`SELECT COUNT(*) FROM bans WHERE key = 'device:eve'`); n != 1 {
			h.Errorf("the ban is there %d times", n)
		}
	})
}

// TestRestoreEndsModerators: whoever is no moderator in a backup has nothing of
// one after it is restored, and the others keep what they have.
func TestRestoreEndsModerators(t *testing.T) {
	inBothHouses(t, func(h *house) {
		desk := h.d.Desk(modtest.NewVault())
		people := []moderation.PersonID{"mo", "nia", "oz"}
		h.person("mo", circle.Welcome{Admin: true, Moderator: true})
		h.person("nia", circle.Welcome{})
		file := backedUp(h.T, h.d)
		h.person("oz", circle.Welcome{Moderator: true})
		h.ok(h.store.ChangePerson(h.ctx, circle.Act{At: noon}, circle.Person{ID: "nia", Name: "Nia", Moderator: true}))
		for i, p := range people {
			a := moderation.Act{By: p, At: noon}
			private, err := ecdh.P256().GenerateKey(rand.Reader)
			h.ok(err)
			h.ok(desk.AddKey(h.ctx, a, moderation.PublicKey{Raw: private.PublicKey().Bytes()}))
			h.ok(desk.SetDuty(h.ctx, a, noon.Add(time.Hour)))
			f, err := desk.File(h.ctx, moderation.Report{Kind: moderation.Care, About: moderation.AboutPerson, Room: "room", Subject: room.SeatID(fmt.Sprint("seat ", i)), At: noon})
			h.ok(err)
			_, err = desk.Claim(h.ctx, a, f.Case)
			h.ok(err)
		}
		restored(h.T, h.d, file)
		for _, table := range []string{"modkeys", "duties", "claims"} {
			all, mos := h.count(`SELECT COUNT(*) FROM `+table), h.count(`SELECT COUNT(*) FROM `+table+` WHERE person = 'mo'`)
			if all != 1 || mos != 1 {
				h.Errorf("%s: %d rows, %d of Mo's", table, all, mos)
			}
		}
	})
}

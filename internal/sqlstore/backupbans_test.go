package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/moderation"
	"hearth/moderation/modtest"
	"hearth/room"
)

// counter is a database with a desk and two moderators.
type counter struct {
	t testing.TB
	*Durable
	desk moderation.Store
	mo   moderation.PersonID
}

func counterOf(t testing.TB, d *Durable) counter {
	t.Helper()
	c := counter{t, d, d.Desk(modtest.NewVault()), "mo"}
	for _, id := range []string{"mo", "nia"} {
		if _, err := d.write.Exec(`INSERT INTO people (id, n, name, admin, moderator, made) SELECT $1, COUNT(*) + 1, $1, 0, 1, 0 FROM people`, id); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// bans files, claims and bans, and returns the decision.
func (c counter) bans(subject room.SeatID, keys ...string) moderation.Decision {
	c.t.Helper()
	ctx, a := context.Background(), moderation.Act{By: c.mo, At: noon}
	f, err := c.desk.File(ctx, moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Outing, Circle: "tea",
		Room: "room", Subject: subject, Away: []moderation.PersonID{"oz"}, At: noon, Body: &moderation.Sealed{V: 1, Body: []byte("canary")}})
	if err != nil {
		c.t.Fatal(err)
	}
	one, err := c.desk.Claim(ctx, a, f.Case)
	if err != nil {
		c.t.Fatal(err)
	}
	d, err := c.desk.Decide(ctx, a, one.Rev, moderation.Decision{Case: f.Case, Action: moderation.Ban, Scope: moderation.OfCircle,
		Second: "nia", Rule: moderation.RuleGround, Facts: "canary", Reach: keys}, false)
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// out says whether a key is kept out, or fails.
func (c counter) out(key string, want bool) {
	c.t.Helper()
	list, _, err := c.desk.Banned(context.Background(), []string{key}, "tea", noon.Add(time.Hour))
	if err != nil || (len(list) > 0) != want {
		c.t.Errorf("%s is kept out: %v, %v; want %v", key, list, err, want)
	}
}

// TestBansOutlastARestore: whoever is kept out is after it, too, and a ban
// that was undone or made since is neither made again nor lifted.
func TestBansOutlastARestore(t *testing.T) {
	p := servers.StartPostgres(t)
	for name, fresh := range map[string]func() *Durable{
		"SQLite":     func() *Durable { return open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).Durable },
		"PostgreSQL": func() *Durable { return connect(t, p.Database(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			here := counterOf(t, fresh())
			here.bans("ada", "device:ada", "prefix:day:x")
			undone := here.bans("bo", "device:bo")
			file := backedUp(t, here.Durable)
			if left := where(filepath.Dir(file), "canary", "prefix:", `"body"`); left != nil {
				t.Errorf("the backup has %q", left)
			}
			if _, err := here.desk.Undo(ctx, moderation.Act{By: "nia", At: noon}, undone.ID); err != nil {
				t.Fatal(err)
			}
			since := here.bans("cy", "device:cy")
			restored(t, here.Durable, file)
			here.out("device:ada", true)
			here.out("device:bo", false)
			here.out("device:cy", true)
			if d, err := here.desk.Case(ctx, moderation.Viewer{Person: "mo"}, since.Case, noon); err != nil || d.Decisions[0].Facts != "canary" {
				t.Errorf("what came since: %+v, %v", d, err)
			}

			there := counterOf(t, fresh())
			there.bans("dee", "device:dee") // has the number of another one there
			restored(t, there.Durable, file)
			for key, want := range map[string]bool{"device:ada": true, "device:bo": true, "device:cy": false, "device:dee": true, "seat:ada": true, "prefix:day:x": false} {
				there.out(key, want)
			}
			there.looksOver(t, undone)
			restored(t, there.Durable, file) // twice is once
			there.looksOver(t, undone)
		})
	}
}

// looksOver sees that what came out of a backup is a case like others.
func (c counter) looksOver(t *testing.T, d moderation.Decision) {
	t.Helper()
	ctx := context.Background()
	list, err := c.desk.Search(ctx, moderation.Viewer{Person: "mo"}, moderation.Search{})
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	var numbers []int64
	for _, one := range list {
		numbers = append(numbers, one.N)
		if one.State != moderation.Closed || one.Closed.IsZero() {
			t.Errorf("%+v", one)
		}
	}
	if !slices.Equal(numbers, []int64{3, 2, 1}) {
		t.Errorf("numbers are %v", numbers)
	}
	is, err := c.desk.Case(ctx, moderation.Viewer{Person: "mo"}, d.Case, noon)
	if err != nil || !is.Erased || len(is.Decisions) != 1 || is.Decisions[0].Facts != "" || is.Decisions[0].Rule != d.Rule {
		t.Errorf("%+v, %v", is, err)
	}
	if said, _, err := c.desk.Stated(ctx, d.Appeal, noon); err != nil || said.ID != d.ID {
		t.Errorf("it can't be appealed: %+v, %v", said, err)
	}
	if _, err := c.write.Exec(`INSERT INTO people (id, n, name, admin, moderator, made) SELECT 'oz', COUNT(*) + 1, 'oz', 0, 1, 0 FROM people`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.desk.Case(ctx, moderation.Viewer{Person: "oz"}, d.Case, noon); !errors.Is(err, moderation.ErrNoCase) {
		t.Errorf("who is kept away: %v", err)
	}
	if err := c.Circles().VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Circles().RemovePerson(ctx, circle.Act{}, "oz"); err != nil {
		t.Error(err)
	}
}

package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/web"
)

// trouble is something that happens to Redis under nodes that run, and the
// end of it.
type trouble struct {
	name       string
	harm, mend func()
	say        string // part of what a node says of it
}

func TestRedisAwayAndBack(t *testing.T) {
	p := servers.StartPostgres(t)
	c := share(t, p)
	a, b := c.node(), c.node()
	a.free("Tuesday evening circle")
	keeper, members := seated(a, b, "Ben")
	ben := members[0]
	keeper.begins()
	for _, x := range []trouble{
		{"stands still", c.redis.Pause, c.redis.Resume, "Redis does not answer in time"},
		{"is killed", c.redis.Kill, func() { c.redis.Restart(); c.allow() }, "nothing answers where --redis points"},
		{"is full", func() { c.do("CONFIG", "SET", "maxmemory", "1") }, func() { c.do("CONFIG", "SET", "maxmemory", "0") }, "Redis is full"},
		{"is a replica", func() { c.do("REPLICAOF", "127.0.0.1", servers.FreePort(t)) }, func() { c.do("REPLICAOF", "NO", "ONE") }, "this Redis is a replica"},
		{"lets Hearth do less", func() { c.do("ACL", "SETUSER", "hearth", "-evalsha") }, c.allow, "`hearth redis-acl` prints what to allow"},
	} {
		t.Run(x.name, func(t *testing.T) { away(t, x, a, b, keeper, ben) })
	}
	epoch := keeper.at.Epoch
	t.Run("has lost everything", func(t *testing.T) {
		c.do("FLUSHALL")
		epoch = lost(t, a, b, keeper, ben, epoch)
	})
	t.Run("has lost everything and was started anew", func(t *testing.T) {
		c.do("FLUSHALL")
		c.redis.Restart()
		c.allow()
		lost(t, a, b, keeper, ben, epoch)
	})
	t.Run("PostgreSQL is away", func(t *testing.T) {
		p.Kill()
		a.awaitReady(http.StatusServiceUnavailable, "the database can't be written")
		keeper.says("They come and go.", ben) // who is in is in
		if status := ben.asksForTicket(); status != http.StatusServiceUnavailable {
			t.Errorf("who comes is told %d", status)
		}
		p.Restart()
		a.awaitReady(http.StatusOK, "")
		b.awaitReady(http.StatusOK, "")
		b.enter(a.own("member"), "Dot").sit()
	})
	a.logsAreSentences()
	b.logsAreSentences()
}

// asksForTicket tries to come in, and returns how that is answered.
func (g *guest) asksForTicket() (status int) {
	g.t.Helper()
	status, body := g.asks("POST", "ticket")
	var no room.Refusal
	if err := json.Unmarshal(body, &no); err != nil || status != http.StatusOK && no.Code != web.Unavailable {
		g.t.Errorf("%s is told %+v, %v", g.name, no, err)
	}
	return status
}

// away: whoever speaks is told that the circle can't be reached. When it can
// be again, the same is said once, by the same holder, on the same line.
func away(t *testing.T, x trouble, a, b *node, keeper, ben *guest) {
	turn := keeper.room.Stick.Turn
	x.harm()
	mended := false
	defer func() {
		if !mended {
			x.mend()
		}
	}()
	if code := keeper.refusedTo("say", `{"turn":%d,"text":%q}`, turn, x.name); code != web.Unavailable {
		t.Errorf("the speaker is told %q", code)
	}
	a.awaitReady(http.StatusServiceUnavailable, x.say)
	b.awaitReady(http.StatusServiceUnavailable, x.say)
	if status := ben.asksForTicket(); status != http.StatusServiceUnavailable && !strings.Contains(x.say, "redis-acl") {
		t.Errorf("who comes is told %d", status)
	}
	if status, _ := get(t, a.admin+"/livez"); status != http.StatusOK {
		t.Errorf("/livez says %d", status)
	}
	a.logs(x.say)
	x.mend()
	mended = true
	a.awaitReady(http.StatusOK, "")
	b.awaitReady(http.StatusOK, "")
	insist(keeper, turn, x.name)
	ben.hearsOnce(keeper, x.name)
	if !ben.holds(keeper) || ben.room.Stick.Turn != turn || !ben.room.Stick.Runs {
		t.Errorf("the stick is %+v", ben.room.Stick)
	}
}

// lost: the nodes give Redis back what they have, in a log of a new epoch. A
// newcomer finds all there.
func lost(t *testing.T, a, b *node, keeper, ben *guest, was string) (epoch string) {
	turn := keeper.room.Stick.Turn
	text := "After " + t.Name()
	insist(keeper, turn, text)
	ben.hearsOnce(keeper, text)
	a.awaitReady(http.StatusOK, "")
	b.awaitReady(http.StatusOK, "")
	cleo := b.enter(a.own("member"), "Cleo").sit()
	for _, g := range []*guest{keeper, ben} {
		if s := cleo.seats[g.seat]; s == nil || s.Name != g.name || !s.Here {
			t.Errorf("Cleo finds %+v for %s", s, g.name)
		}
	}
	if !cleo.holds(keeper) || cleo.room.Stick.Turn != turn {
		t.Errorf("Cleo finds the stick %+v", cleo.room.Stick)
	}
	if cleo.at.Epoch == was {
		t.Error("it is the same log still: nothing was lost, and this proves nothing")
	}
	cleo.do("leave", `{}`)
	cleo.closes()
	return cleo.at.Epoch
}

// insist says something with the same number until that is taken.
func insist(g *guest, turn uint64, text string) {
	g.t.Helper()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for from := time.Now(); ; <-again.C {
		no := g.ask("say", `{"turn":%d,"text":%q}`, turn, text).Refused
		switch {
		case no == nil:
			return
		case no.Code != web.Unavailable && no.Code != web.SlowDown, time.Since(from) > patience:
			g.t.Fatalf("%s can't speak: %s", g.name, no.Code)
		}
	}
}

// hearsOnce waits for words, and for the next ones, to see that they come once.
func (g *guest) hearsOnce(who *guest, text string) {
	g.t.Helper()
	g.hears(who, text)
	insist(who, who.room.Stick.Turn, text+" Once?")
	g.hears(who, text+" Once?")
	n := 0
	for _, s := range g.said {
		if s.Text == text {
			n++
		}
	}
	if n != 1 {
		g.t.Errorf("%s heard %q %d times", g.name, text, n)
	}
}

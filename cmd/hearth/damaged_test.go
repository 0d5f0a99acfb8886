package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/web"
)

// group is a circle whose facilitator holds the stick, and a member.
type group struct {
	keeper, member *guest
	key            string // of its room in Redis
}

// gather makes a circle at a node and seats two people.
func (n *node) gather(title string) *group {
	n.t.Helper()
	before := n.common.rooms()
	n.free(title)
	keeper, members := seated(n, n, "Ben")
	keeper.begins()
	g := &group{keeper: keeper, member: members[0]}
	for _, key := range n.common.rooms() {
		if !strings.Contains(strings.Join(before, " "), key) {
			g.key = key
		}
	}
	if g.key == "" {
		n.t.Fatalf("the room of %s is not in Redis", title)
	}
	return g
}

func (c *common) rooms() []string { return strings.Fields(c.do("KEYS", "hearth:{*}:room:*")) }

// of is another key of the same partition.
func (g *group) of(name string) string {
	before, _, _ := strings.Cut(g.key, "}")
	return before + "}:" + name
}

// goesOn sees that a circle is as well as ever.
func (g *group) goesOn(text string) {
	g.keeper.t.Helper()
	g.keeper.says(text, g.member)
}

// standsStill sees that whoever speaks is told so, and what the log says.
func (g *group) standsStill(n *node, say string) {
	g.keeper.t.Helper()
	if code := g.keeper.refusedTo("say", `{"turn":%d,"text":"Hello?"}`, g.keeper.room.Stick.Turn); code != web.Unavailable {
		g.keeper.t.Errorf("the speaker is told %q", code)
	}
	n.logs(say)
}

func TestADamagedRoomIsItsOwnTrouble(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a := c.node()
	well := a.gather("Well")
	t.Run("something else under the room's name", func(t *testing.T) {
		g := a.gather("Something else")
		c.do("DEL", g.key)
		c.do("RPUSH", g.key, "somebody else's")
		g.standsStill(a, "is not what Hearth wrote")
		well.goesOn("One.")
		c.do("DEL", g.key, strings.Replace(g.key, ":room:", ":log:", 1)) // as the log says
		well.goesOn("Two.")
	})
	t.Run("something else among its entries", func(t *testing.T) {
		g := a.gather("Entries")
		c.do("RPUSH", strings.Replace(g.key, ":room:", ":log:", 1), "somebody else's")
		g.standsStill(a, "is not what Hearth wrote")
		well.goesOn("Three.")
	})
	t.Run("a state that doesn't parse", func(t *testing.T) {
		g := a.gather("Doesn't parse")
		b := c.node()
		ben := g.member.to(b)
		g.keeper.sees("Ben away", func() bool { return !g.keeper.seats[ben.seat].Here })
		c.do("HSET", g.key, "facts", `{"phase": "tea`) // the first node knows better; the other has to read it
		if no := ben.turnedAway(); no != web.Unavailable {
			t.Errorf("who wants to sit is told %q", no)
		}
		b.logs("is not what Hearth wrote")
		well.member.to(b).returns()
		well.goesOn("Four.")
		b.awaitReady(http.StatusOK, "")
		b.logsAreSentences()
		b.kill()
		well.member.to(a).returns()
	})
	t.Run("something else under the name of a partition", func(t *testing.T) {
		g := a.gather("Partition")
		for i := 2; g.of("life") == well.of("life"); i++ {
			g = a.gather(fmt.Sprint("Partition ", i))
		}
		c.do("DEL", g.of("life"))
		c.do("SET", g.of("life"), "somebody else's")
		a.awaitReady(http.StatusServiceUnavailable, "remove what does not belong to it")
		g.standsStill(a, "remove what does not belong to it")
		well.goesOn("Five.")
		c.do("DEL", g.of("life"))
		a.awaitReady(http.StatusOK, "")
		insist(g.keeper, g.keeper.room.Stick.Turn, "Six.")
		g.member.hears(g.keeper, "Six.")
	})
	a.awaitReady(http.StatusOK, "")
	well.goesOn("Seven.")
	a.logsAreSentences()
}

// A room that a newer program writes is left to it: this one lets everybody
// go where that runs, and ends.
func TestARoomFromTheFuture(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a := c.node()
	well, g := a.gather("Well"), a.gather("From the future")
	c.do("HSET", g.key, "v", "99")
	before := c.do("HGETALL", g.key)
	moved := make(chan bool, 4)
	for _, guest := range []*guest{well.keeper, well.member, g.member} {
		go func() { moved <- guest.isMoved() && guest.closes() == web.CloseMoving }()
	}
	if code := g.keeper.refusedTo("say", `{"turn":%d,"text":"Hello?"}`, g.keeper.room.Stick.Turn); code != web.Unavailable {
		t.Errorf("the speaker is told %q", code)
	}
	go func() { moved <- g.keeper.closes() == web.CloseMoving }()
	for range cap(moved) {
		if !<-moved {
			t.Error("somebody was not told to move")
		}
	}
	a.ends()
	if code := a.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(a.errs.String(), " newer Hearth writes to these rooms, so this one ends") {
		t.Errorf("exit %d:\n%s", code, a.errs)
	}
	if now := c.do("HGETALL", g.key); now != before {
		t.Errorf("the room was written: %q, %q", before, now)
	}
	a.logsAreSentences()
}

// turnedAway says hello and returns why there is no place.
func (g *guest) turnedAway() room.Code {
	g.t.Helper()
	g.knock(nil)
	f := g.until("a refusal", func(f frame) bool { return f.T == "refused" || f.T == "welcome" })
	if f.Refused == nil {
		g.t.Fatalf("%s was welcome", g.name)
	}
	g.closes()
	return f.Refused.Code
}

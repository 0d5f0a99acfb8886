package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/web"
)

// common is what the nodes of a test share.
type common struct {
	t        *testing.T
	redis    *servers.Redis
	url      string // of Redis, as the user that Hearth should be
	database string
	secret   string // its file
}

// node is one of them, in all its lives.
type node struct {
	*program
	common *common
	data   string
	listen string
	args   []string
}

// canary is part of every password of these tests. Nothing prints it.
const canary = "canary7ea1"

// share makes what nodes share, in a PostgreSQL that is there.
func share(t *testing.T, p *servers.Postgres, redis ...string) *common {
	t.Helper()
	redis = append([]string{"--requirepass", canary, "--appendonly", "yes", "--appendfsync", "always"}, redis...)
	c := &common{t: t, redis: servers.StartRedis(t, redis...), database: p.Database(t), secret: secretFile(t, 32)}
	c.url = "redis://hearth:" + canary + "@" + c.redis.Addr
	c.allow()
	return c
}

// allow makes the user that Hearth says it needs. Redis keeps no users when it
// restarts, unless it has a file for them.
func (c *common) allow() {
	c.t.Helper()
	_, user, _ := ask(c.t, "redis-acl")
	words := append([]string{"ACL", "SETUSER"}, strings.Fields(user)[1:]...)
	c.do(append(words, ">"+canary)...)
}

// do has Redis do something.
func (c *common) do(args ...string) string {
	c.t.Helper()
	said, err := c.redis.Do(args...)
	if err != nil {
		c.t.Fatalf("%s: %v", args, err)
	}
	return said
}

// secretFile writes a secret of so many characters.
func secretFile(t *testing.T, n int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	text := (rand.Text() + rand.Text())[:n]
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// flags are those of every node; more win over them.
func (c *common) flags(more ...string) []string {
	return append([]string{"--redis", c.url, "--secret-file", c.secret, "--database", c.database}, more...)
}

// node starts one.
func (c *common) node(args ...string) *node {
	c.t.Helper()
	n := &node{common: c, data: filepath.Join(c.t.TempDir(), "data"), listen: freeAddr(c.t), args: args}
	return n.again()
}

// again starts it again where it was.
func (n *node) again() *node {
	n.common.t.Helper()
	n.program = start(n.common.t, n.data, n.common.flags(append([]string{"--listen", n.listen}, n.args...)...)...)
	return n
}

// seats a guest at this node who had a link to another.
func (n *node) enter(link, name string) *guest {
	n.t.Helper()
	g := enter(n.t, link, name)
	return g.to(n)
}

// to brings a guest to a node, whatever line there was to another.
func (g *guest) to(n *node) *guest {
	if g.conn != nil {
		_ = g.conn.CloseNow()
	}
	g.base = n.url
	return g
}

// ends waits until a node that was told to end has done so.
func (n *node) ends() {
	n.t.Helper()
	select {
	case <-n.ended:
	case <-time.After(patience):
		_ = n.cmd.Process.Signal(syscall.SIGQUIT) // says what it waits for
		<-n.ended
		n.t.Fatalf("didn't end:\n%s", n.errs)
	}
}

// readyz is what a node says of itself to whoever sends people there.
func (n *node) readyz() (status int, why string) {
	client := http.Client{Timeout: 5 * time.Second}
	res, err := client.Get(n.admin + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	var b strings.Builder
	if err := res.Write(&b); err != nil {
		return 0, err.Error()
	}
	_, why, _ = strings.Cut(b.String(), "\r\n\r\n")
	return res.StatusCode, why
}

// awaitReady waits until a node is ready, or is not and says why.
func (n *node) awaitReady(status int, say string) {
	n.t.Helper()
	var is int
	var why string
	if !soon(func() bool { is, why = n.readyz(); return is == status && strings.Contains(why, say) }) {
		n.t.Fatalf("/readyz: %d %q, want %d with %q\n%s", is, why, status, say, n.errs)
	}
	if found := noise.FindString(why); found != "" || strings.Contains(why, canary) {
		n.t.Errorf("/readyz says: %s", why)
	}
}

// soon asks until it is so; false if that takes too long.
func soon(is func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !is(); <-tick.C {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// noise is what nobody should have to read: what libraries, the network and
// this program's insides call things.
var noise = regexp.MustCompile(`dial tcp|\bEOF\b|panic|\.go:\d|0x[0-9a-f]{4}|sqlstore|redisstore|pgconn|SQLSTATE|%!|redis: |strconv|failed to connect|<nil>|WRONGTYPE|NOSCRIPT`)

// logs waits until a node has logged something: an answer can be faster.
func (n *node) logs(say string) {
	n.t.Helper()
	if !soon(func() bool { return strings.Contains(n.errs.String(), say) }) {
		n.t.Errorf("the log doesn't say %q:\n%s", say, n.errs)
	}
}

// logsAreSentences looks at every line a node logged.
func (n *node) logsAreSentences() {
	n.t.Helper()
	for line := range strings.Lines(n.errs.String()) {
		var is struct{ Level, Msg, Error string }
		if err := json.Unmarshal([]byte(line), &is); err != nil {
			if !strings.HasPrefix(line, "hearth: ") {
				n.t.Errorf("a line that is none of a log: %s", line)
			}
			is.Msg = line
		}
		if found := noise.FindString(is.Msg + is.Error); found != "" {
			n.t.Errorf("%q in: %s", found, line)
		}
		if strings.Contains(line, canary) {
			n.t.Errorf("a secret is logged: %s", line)
		}
	}
}

// seated seats a facilitator at one node and members at another, who all see
// each other.
func seated(a, b *node, members ...string) (keeper *guest, rest []*guest) {
	a.t.Helper()
	keeper = a.enter(a.links["facilitator"], "Ada").sit()
	for _, name := range members {
		rest = append(rest, b.enter(a.own("member"), name).sit())
	}
	for _, g := range append([]*guest{keeper}, rest...) {
		g.sees("everybody", func() bool { return len(g.room.Order) == 1+len(members) })
	}
	return keeper, rest
}

// begins has the facilitator begin the circle and take the stick.
func (g *guest) begins() {
	g.t.Helper()
	g.do("next", `{"turn":%d}`, g.room.Stick.Turn)
	g.do("take", `{"turn":%d}`, g.isOffered())
	g.sees("the stick in one's own hand", func() bool { return g.holds(g) })
}

// holds says whether somebody holds the stick, as this guest sees it.
func (g *guest) holds(who *guest) bool {
	return g.room.Stick.At == room.InHand && g.room.Stick.Seat == who.seat
}

// hears waits for words of somebody who has a name.
func (g *guest) hears(who *guest, text string) {
	g.t.Helper()
	heard := func() bool {
		for _, s := range g.said {
			if s.Text == text && s.Seat == who.seat {
				return true
			}
		}
		return false
	}
	g.sees(who.name+" saying "+text, heard)
	if s := g.seats[who.seat]; s == nil || s.Name != who.name || !s.Here {
		g.t.Errorf("%s hears this from %+v, not from %s", g.name, s, who.name)
	}
}

// says has the holder say something, which the others hear.
func (g *guest) says(text string, others ...*guest) {
	g.t.Helper()
	g.do("say", `{"turn":%d,"text":%q}`, g.room.Stick.Turn, text)
	for _, o := range others {
		o.hears(g, text)
	}
}

func TestACircleOnTwoNodes(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a, b := c.node(), c.node()
	a.free("Tuesday evening circle")
	keeper, members := seated(a, b, "Ben")
	ben := members[0]
	keeper.begins()
	keeper.says("Welcome.", ben)
	keeper.do("pass", `{"turn":%d}`, keeper.room.Stick.Turn)
	ben.do("take", `{"turn":%d}`, ben.isOffered())
	ben.says("Good evening.", keeper)

	code, out, errs := finish(t, append([]string{"invite", "--role", "member", "--uses", "1", "--data", b.data}, c.flags()...)...)
	if code != 0 || !strings.HasPrefix(out, b.url+"/enter#") {
		t.Fatalf("invite: exit %d, printed %q, said %q", code, out, errs)
	}
	cleo := enter(t, strings.TrimSpace(out), "Cleo").sit()
	if s := cleo.seats[ben.seat]; s == nil || s.Name != "Ben" || !cleo.holds(ben) {
		t.Errorf("Cleo finds %+v with the stick, %+v", s, cleo.room.Stick)
	}

	t.Run("a node is killed", func(t *testing.T) {
		b.kill()
		keeper.sees("Ben away", func() bool { return !keeper.seats[ben.seat].Here })
		turn := ben.room.Stick.Turn
		ben.to(a).sit()
		if !ben.holds(ben) || ben.room.Stick.Turn != turn {
			t.Errorf("Ben came back to %+v", ben.room.Stick)
		}
		ben.says("I am back.", keeper)
		cleo.to(a).sit()
	})
	t.Run("a node is stopped while somebody speaks", func(t *testing.T) { movesUnderTalk(t, a, b, keeper, ben) })
	t.Run("every node is killed", func(t *testing.T) {
		b.kill()
		a.again()
		b.again()
		cleo.to(a).sit()
		if s := cleo.seats[ben.seat]; s == nil || s.Name != "" || !cleo.holds(ben) {
			t.Errorf("nobody is left who knows names; Cleo finds %+v, %+v", s, cleo.room.Stick)
		}
		ben.to(b).sit()
		keeper.to(a).sit()
		ben.says("What a night.", keeper, cleo)
	})
	a.logsAreSentences()
	b.logsAreSentences()
}

// movesUnderTalk stops a while Ben speaks there and nobody is at b, which
// takes over all there is.
func movesUnderTalk(t *testing.T, a, b *node, keeper, ben *guest) {
	b.again()
	b.awaitReady(http.StatusOK, "")
	if err := a.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	spoken := []string{}
	for moving := false; !moving; {
		text := rand.Text()
		ben.send(web.Do{T: "do", N: ben.n + 1, Act: "say", With: fmt.Appendf(nil, `{"turn":%d,"text":%q}`, ben.room.Stick.Turn, text)})
		for answered := false; !answered; {
			f, err := ben.read()
			moving = moving || f.T == "moving"
			answered = f.T == "answer"
			if err != nil && moving {
				break // closed before the answer: whether it was said shows at the other node
			}
			if err != nil {
				t.Fatal(err)
			}
			if answered && f.Refused == nil {
				spoken = append(spoken, text)
			}
			if answered {
				ben.n = f.Last
			}
		}
	}
	keeper.isMoved()
	keeper.to(b).returns()
	if s := keeper.seats[ben.seat]; s == nil || s.Name != "Ben" || !keeper.holds(ben) {
		t.Errorf("before Ben is back the other node knows of him: %+v, %+v", s, keeper.room.Stick)
	}
	if w := ben.to(b).returns(); w.Rewound {
		t.Error("something is lost")
	}
	ben.says("And this.", keeper)
	for _, text := range spoken {
		keeper.hears(ben, text)
	}
	if len(spoken) == 0 {
		t.Error("nothing was said meanwhile: it proves nothing")
	}
	a.ends()
	if code := a.cmd.ProcessState.ExitCode(); code != 0 || !keeper.holds(ben) {
		t.Errorf("exit %d; the stick is %+v", code, keeper.room.Stick)
	}
}

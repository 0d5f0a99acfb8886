package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"hearth/internal/servers"
	"hearth/web"
)

// places are all that is left of a night, by where it lies, in small letters.
type places map[string][]byte

func (p places) put(name string, b []byte) { p[name] = lower(b) }

// lower makes small letters of A to Z. What is in no alphabet stays as it is.
func lower(b []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

// folder takes in every file below a folder.
func (p places) folder(t *testing.T, name, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		p.put(name+" "+strings.TrimPrefix(path, dir), b)
		files++
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%s: %d files, %v", name, files, err)
	}
}

// ways are how a word may be written down: as it is, or in hex or base64,
// which has three ways, by where the word begins.
func ways(word string) [][]byte {
	all := [][]byte{[]byte(word), []byte(hex.EncodeToString([]byte(word)))}
	for i := range 3 {
		b := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", i) + word))
		all = append(all, []byte(b[(8*i+5)/6:8*(i+len(word))/6])) // what its neighbours have no part in
	}
	return all
}

// find says in which places a word is, whatever its letters' case.
func (p places) find(word string) (found []string) {
	for name, b := range p {
		for _, way := range ways(word) {
			if bytes.Contains(b, lower(way)) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}

// spy is somebody who reads along all that Redis is told.
func (c *common) spy(t *testing.T) *syncBuffer {
	t.Helper()
	conn, err := net.Dial("tcp", c.redis.Addr)
	if err != nil {
		t.Fatal(err)
	}
	heard, ended := &syncBuffer{}, make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 1<<16)
		for {
			n, err := conn.Read(b)
			_, _ = heard.Write(b[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-ended })
	fmt.Fprintf(conn, "AUTH %s\r\nMONITOR\r\n", canary)
	return heard
}

// What is planted has one of these in it. Words are nowhere afterwards;
// the control is everywhere.
const (
	word    = "heardcanary"
	control = "controlcanary"
)

func TestNoWordsWhereNodesShare(t *testing.T) {
	p := servers.StartPostgres(t, "log_statement=all")
	keeps := []string{"--rdbcompression", "no", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "1000000"}
	c := share(t, p, keeps...)
	replica := servers.StartReplica(t, c.redis, append(keeps, "--appendonly", "yes", "--appendfsync", "always")...)
	monitor := c.spy(t)
	a, b := c.node("--log-level", "debug"), c.node("--log-level", "debug")
	a.free("The " + control + " circle")
	keeper, ben := plant(t, a, b)

	left := places{}
	c.do("SAVE") // while the words are alive
	left.folder(t, "Redis, meanwhile", c.redis.Dir)
	key := c.rooms()[0]
	secrets := append(secretsOf(a, keeper), secretsOf(b, ben)...)
	closed := make(chan websocket.StatusCode)
	go func() { closed <- ben.closes() }()
	keeper.do("close", `{}`)
	if code := keeper.closes(); code != web.CloseOver || <-closed != web.CloseOver {
		t.Errorf("the circle was closed with %d", code)
	}
	if words, life := c.do("HGET", key, "words"), c.do("TTL", key); words != "" || !within(life, 3600) {
		t.Errorf("what is kept of a room that is over: words %q, for %s s", words, life)
	}
	c.do("SET", "hearth:control", control)
	if !soon(func() bool { v, _ := replica.Do("GET", "hearth:control"); return v == control }) {
		t.Fatal("the replica doesn't follow")
	}
	if !soon(func() bool { return strings.Contains(monitor.String(), control) }) {
		t.Fatal("the monitor hears nothing")
	}
	collect(t, left, c, replica, p, a, b)
	left.put("monitor", []byte(monitor.String()))
	search(t, left, secrets)
}

func within(number string, most int) bool {
	n, err := strconv.Atoi(number)
	return err == nil && n > 0 && n <= most
}

// plant has people type canaries into everything that they can type into.
func plant(t *testing.T, a, b *node) (keeper, ben *guest) {
	keeper = a.enter(a.links["facilitator"], "Ada "+word)
	keeper.pronouns = "her " + word
	keeper.sit()
	ben = b.enter(a.own("member"), "Ben "+word)
	ben.pronouns = "him " + word
	ben.sit()
	keeper.sees("both", func() bool { return len(keeper.room.Order) == 2 })
	keeper.begins()
	keeper.says("What is said: "+word, ben)
	keeper.do("guard", `{"text":"A guardian's %s"}`, word)
	keeper.do("say", `{"turn":%d,"text":"Taken back: %s"}`, keeper.room.Stick.Turn, word)
	taken := keeper.ask("say", `{"turn":%d,"text":"Also taken back: %s"}`, keeper.room.Stick.Turn, word)
	keeper.do("retract", `{"seq":%d}`, taken.Seq)
	ben.name = "Benny " + word
	ben.do("name", `{"name":%q,"pronouns":"them %s"}`, ben.name, word)
	// What is typed and never said.
	ben.refusedTo("say", `{"turn":%d,"text":"A draft %s"}`, ben.room.Stick.Turn, word)
	keeper.refusedTo("say", `{"turn":%d,"text":"Too late a draft %s"}`, keeper.room.Stick.Turn-1, word)
	ben.refusedTo("name", `{"name":"%s %s"}`, word, strings.Repeat("long", 20))
	keeper.refusedTo("hold", `{"why":%q}`, word)
	ben.send(web.Signal{T: "signal", Act: "typing", With: fmt.Appendf(nil, `{"text":%q}`, word)})
	ben.send(web.Signal{T: "signal", Act: "react", With: fmt.Appendf(nil, `{"kind":%q}`, word)})
	ben.send(map[string]string{"t": word, word: word})
	_, _ = get(t, b.url+"/"+word+"?"+word+"="+word)
	if status := redeem(t, b.url+"/enter#"+word); status != http.StatusForbidden {
		t.Errorf("a wrong code: %d", status)
	}
	keeper.sees("a new name", func() bool { return keeper.seats[ben.seat].Name == ben.name })
	keeper.do("pass", `{"turn":%d}`, keeper.room.Stick.Turn)
	ben.do("take", `{"turn":%d}`, ben.isOffered())
	ben.says("Said elsewhere: "+word, keeper)
	return keeper, ben
}

// secretsOf are what lets somebody in.
func secretsOf(n *node, g *guest) []string {
	_, cookie, _ := strings.Cut(g.cookie, "=")
	list := []string{cookie, g.ticket()}
	for _, link := range slices.AppendSeq(slices.Clone(n.given), maps.Values(n.links)) {
		_, code, _ := strings.Cut(link, "#")
		list = append(list, code)
	}
	return list
}

func collect(t *testing.T, left places, c *common, replica *servers.Redis, p *servers.Postgres, nodes ...*node) {
	for name, r := range map[string]*servers.Redis{"primary": c.redis, "replica": replica} {
		for _, args := range [][]string{{"SAVE"}, {"SLOWLOG", "GET", "-1"}} {
			said, err := r.Do(args...)
			if err != nil {
				t.Fatal(err)
			}
			left.put("slow log of the "+name, []byte(said))
		}
		left.folder(t, name, r.Dir)
	}
	p.Exec(t, p.URL(), "CHECKPOINT")
	left.folder(t, "PostgreSQL", filepath.Join(p.Dir, "data"))
	left.put("log of PostgreSQL", []byte(p.Log()))
	for i, n := range nodes {
		if code, _ := n.stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
		name := fmt.Sprint("node ", i)
		left.put(name+" log", []byte(n.errs.String()))
		left.put(name+" out", []byte(n.out+n.rest.String()))
		left.folder(t, name+" data", n.data)
		n.logsAreSentences()
	}
}

// search looks for what must not be there, and sees that it can find.
func search(t *testing.T, left places, secrets []string) {
	if found := left.find(word); len(found) > 0 {
		t.Errorf("words are in %q", found)
	}
	for i, s := range secrets {
		if found := left.find(s); s == "" || len(found) > 0 {
			t.Errorf("secret %d, %d characters, is in %q", i, len(s), found)
		}
	}
	found := strings.Join(left.find(control), "\n")
	for _, place := range []string{"primary /appendonlydir", "primary /dump.rdb", "replica /appendonlydir", "replica /dump.rdb", "slow log of the primary",
		"monitor", "PostgreSQL /base", "PostgreSQL /pg_wal", "log of PostgreSQL"} {
		if !strings.Contains(found, place) {
			t.Errorf("the control is not found in %s: the search proves nothing there. It is in\n%s", place, found)
		}
	}
	found = strings.Join(left.find("http://localhost:"), "\n")
	for _, place := range []string{"node 0 log", "node 0 out", "node 1 log", "node 1 out"} {
		if !strings.Contains(found, place) {
			t.Errorf("nothing is found in %s: the search proves nothing there", place)
		}
	}
	if len(left.find("deadbeef")) > 0 || len(left["node 0 data /evidence.json"]) == 0 {
		t.Error("the search finds what isn't there, or looks in the wrong folder")
	}
}

func TestWaysToWriteAWord(t *testing.T) {
	for i := range 6 {
		said := []byte("12345"[:i%6] + "the heardcanary sings")
		in := places{}
		for name, b := range map[string][]byte{"plain": said, "hex": []byte(hex.EncodeToString(said)), "base64": []byte(base64.StdEncoding.EncodeToString(said)),
			"shouted": bytes.ToUpper(said), "url": []byte(base64.RawURLEncoding.EncodeToString(said)), "nothing": []byte("the canary sings")} {
			in.put(name, b)
		}
		if found := in.find(word); len(found) != len(in)-1 {
			t.Errorf("%q is found in %q only", said, found)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/web"
)

// bringing is a picture with a word in its comment.
func bringing(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i % 251)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return append(append([]byte("\xff\xd8\xff\xfe\x00"), fmt.Sprint(string(rune(2+len(word))), word)...), b.Bytes()[2:]...)
}

// shows sends a picture as the page does.
func (g *guest) shows(in []byte, alt string) {
	g.t.Helper()
	req, err := http.NewRequest("POST", g.base+"/c/"+g.handle+"/picture", bytes.NewReader(in))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Cookie", g.cookie)
	req.Header.Set("Hearth-Turn", fmt.Sprint(g.room.Stick.Turn))
	req.Header.Set("Hearth-Alt", alt)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		g.t.Fatalf("%s shows a picture: %s %s", g.name, res.Status, b)
	}
}

// picture gets one.
func (g *guest) picture(name string) (status int, b []byte) {
	g.t.Helper()
	return g.asks("GET", "picture/"+name)
}

// shown waits for a picture, and returns its name.
func (g *guest) shown() (name string) {
	g.t.Helper()
	g.sees("a picture", func() bool {
		for _, s := range g.said {
			if s.Picture != nil {
				name = s.Picture.Name
			}
		}
		return name != ""
	})
	return name
}

// TestAPictureWhereNodesShare is shown at one node and seen at the other, and
// when the circle is over nothing of it is left.
func TestAPictureWhereNodesShare(t *testing.T) {
	c := share(t, servers.StartPostgres(t), "--rdbcompression", "no", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "1000000")
	a, b := c.node("--log-level", "debug"), c.node("--log-level", "debug")
	a.makes("The "+control+" circle", "--format", "creative")
	keeper := a.enter(a.links["facilitator"], "Ada").sit()
	ben := b.enter(a.own("member"), "Ben").sit()
	keeper.sees("both", func() bool { return len(keeper.room.Order) == 2 })
	const showing = 4 // of creative.toml
	keeper.do("stage", `{"from":0,"to":%d}`, showing)
	keeper.do("take", `{"turn":%d}`, keeper.isOffered())
	keeper.sees("the stick in one's own hand", func() bool { return keeper.holds(keeper) })
	keeper.shows(bringing(t), "a kettle "+word)
	name := ben.shown()
	for _, g := range []*guest{keeper, ben} {
		status, got := g.picture(name)
		if _, kind, err := image.Decode(bytes.NewReader(got)); status != http.StatusOK || err != nil || kind != "jpeg" && kind != "png" || bytes.Contains(got, []byte(word)) {
			t.Errorf("%s gets %d, %d bytes, %v", g.name, status, len(got), err)
		}
	}
	if status, _ := b.enter(a.own("member"), "Cleo").sit().picture(name); status != http.StatusNotFound {
		t.Errorf("a latecomer gets %d", status)
	}
	if kept := c.do("KEYS", "hearth:*:shelf:*"); !strings.Contains(kept, "shelf") {
		t.Error("it is on no shelf, so this proves nothing")
	}
	keeper.do("close", `{}`)
	if over := ben.closes(); over != websocket.StatusCode(web.CloseOver) {
		t.Errorf("closed with %d", over)
	}
	if !soon(func() bool { return c.do("KEYS", "hearth:*:shelf:*") == "" }) {
		t.Error("a shelf is left")
	}
	if status, _ := ben.picture(name); status != http.StatusNotFound {
		t.Errorf("afterwards it is answered with %d", status)
	}
	left := places{}
	c.do("SET", "hearth:control", control)
	c.do("SAVE")
	left.put("slow log", []byte(c.do("SLOWLOG", "GET", "-1")))
	left.folder(t, "Redis", c.redis.Dir)
	for i, n := range []*node{a, b} {
		if code, _ := n.stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
		left.put(fmt.Sprint("log of ", i), []byte(n.errs.String()))
		left.folder(t, fmt.Sprint("data of ", i), n.data)
	}
	if found := left.find(word); len(found) > 0 {
		t.Errorf("what it shows, or what was in it, is in %q", found)
	}
	if found := strings.Join(left.find(control), "\n"); !strings.Contains(found, "slow log") || !strings.Contains(found, "appendonlydir") {
		t.Errorf("the control is found in %q only", found)
	}
}

// TestAPictureOfANodeAlone is in its memory only: nothing of it is on its
// disk or in its log.
func TestAPictureOfANodeAlone(t *testing.T) {
	data := t.TempDir() + "/data"
	p := start(t, data)
	p.makes("Creative", "--format", "creative")
	keeper, rest := circleOf(t, p, "Ben")
	keeper.do("stage", `{"from":0,"to":4}`)
	keeper.do("take", `{"turn":%d}`, keeper.isOffered())
	keeper.sees("the stick in one's own hand", func() bool { return keeper.holds(keeper) })
	keeper.shows(bringing(t), "a kettle "+word)
	name := rest[0].shown()
	if status, _ := rest[0].picture(name); status != http.StatusOK {
		t.Fatalf("Ben gets %d", status)
	}
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	left := places{}
	left.folder(t, "data", data)
	left.put("log", []byte(p.errs.String()))
	if found := left.find(word); len(found) > 0 {
		t.Errorf("what it shows is in %q", found)
	}
	if found := left.find(string(room.KindRound)); len(found) == 0 {
		t.Error("nothing is found: the search proves nothing")
	}
}

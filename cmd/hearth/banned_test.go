package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/room"
	"hearth/web"
)

// device is somebody's browser with all its cookies, which asks any node.
type device struct {
	t       testing.TB
	cookies map[string]string
	from    string // the address that a trusted proxy says it has; empty: its own
}

func newDevice(t testing.TB) *device { return &device{t: t, cookies: map[string]string{}} }

func (d *device) header() string {
	var all []string
	for name, value := range d.cookies {
		all = append(all, name+"="+value)
	}
	return strings.Join(all, "; ")
}

// asks sends a form, or JSON, or nothing: a GET.
func (d *device) asks(n *node, path string, what any) (status int, page, to string) {
	d.t.Helper()
	method, kind, body := http.MethodPost, "application/x-www-form-urlencoded", ""
	switch v := what.(type) {
	case nil:
		method = http.MethodGet
	case url.Values:
		body = v.Encode()
	default:
		raw, err := json.Marshal(v)
		d.must(err)
		kind, body = "application/json", string(raw)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, n.url+path, strings.NewReader(body))
	d.must(err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", n.url)
	r.Header.Set("Cookie", d.header())
	r.Header.Set("X-Forwarded-For", d.from)
	res, err := http.DefaultTransport.RoundTrip(r)
	d.must(err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		d.cookies[c.Name] = c.Value
	}
	raw, err := io.ReadAll(res.Body)
	d.must(err)
	return res.StatusCode, string(raw), res.Header.Get("Location")
}

func (d *device) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// tries opens a link at a node.
func (d *device) tries(n *node, link string) (status int, page, to string) {
	d.t.Helper()
	_, code, _ := strings.Cut(link, "/enter#")
	return d.asks(n, "/enter", url.Values{"code": {code}})
}

// comes opens a link at a node, and sits there or waits at its door.
func (d *device) comes(t *testing.T, n *node, link, name string) *guest {
	t.Helper()
	status, page, to := d.tries(n, link)
	handle, ok := strings.CutPrefix(to, "/c/")
	if !ok {
		t.Fatalf("%s got no seat: %d %s", name, status, page)
	}
	return &guest{t: t, base: n.url, handle: handle, cookie: d.header(), from: d.from, name: name, session: "tab-" + strings.Repeat("0", 15) + name[:1]}
}

// moderator is somebody of the house, who is signed in.
type moderator struct {
	*device
	desk    moderation.Store
	circles circle.Store
}

// employ makes a moderator.
func (c *common) employ(name string) *moderator {
	c.t.Helper()
	d := newDevice(c.t)
	db, err := sqlstore.Connect(c.t.Context(), sqlstore.Options{URL: c.database})
	d.must(err)
	c.t.Cleanup(func() { d.must(db.Close()) })
	now, people := time.Now(), db.Circles()
	code, err := people.AddWelcome(c.t.Context(), circle.Act{At: now}, circle.Welcome{Moderator: true, Until: now.Add(time.Hour)})
	d.must(err)
	p, err := people.Register(c.t.Context(), code, circle.Person{ID: circle.PersonID("id of " + name), Name: name}, circle.Passkey{ID: []byte(name), Data: []byte("{}")}, now)
	d.must(err)
	d.cookies["__Host-hearth-person"], err = people.SignIn(c.t.Context(), p.ID, now)
	d.must(err)
	return &moderator{d, db.Desk(vault.Memory()), people}
}

// helms does something on a node's desk.
func (m *moderator) helms(n *node, path string, what any) (v web.CaseView) {
	m.t.Helper()
	status, page, _ := m.asks(n, "/desk/cases/"+path, what)
	if status != http.StatusOK || json.Unmarshal([]byte(page), &v) != nil {
		m.t.Fatalf("%s: %d %s\n%s", path, status, page, n.errs)
	}
	return v
}

// takes has a report about somebody, and takes the case.
func (m *moderator) takes(n *node, about room.SeatID) web.CaseView {
	m.t.Helper()
	at, err := m.desk.Sitting(m.t.Context(), about)
	m.must(err)
	f, err := m.desk.File(m.t.Context(), moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment,
		Circle: at[about].Circle, Room: at[about].Room, Subject: about, Lang: "en", At: time.Now()})
	m.must(err)
	return m.helms(n, f.Case+"/claim", struct{}{})
}

// bans keeps somebody out for a week, and returns the decision.
func (m *moderator) bans(n *node, v web.CaseView) web.DecisionView {
	m.t.Helper()
	v = m.helms(n, v.ID+"/decide", web.DeskDecide{Rev: v.Rev, Action: moderation.Ban, Scope: moderation.OfCircle, Days: 7,
		Rule: string(moderation.Harassment), Facts: "You called Ben names."})
	return v.Decisions[len(v.Decisions)-1]
}

// A ban ends what somebody has on another node, keeps their device out by every
// link and on every node, and holds after everything was restarted and Redis
// emptied. Others from their address wait at the door, and are not refused.
// Once it is undone they come in anywhere.
func TestABanHoldsOnEveryNode(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a, b := c.node(), c.node()
	a.free("Tuesday evening circle")
	mo := c.employ("Mo")
	keeper := a.enter(a.links["facilitator"], "Ada").sit()
	browser, link, other, third := newDevice(t), a.own("member"), a.own("member"), a.own("member")
	cat := browser.comes(t, b, link, "Cat").sit()
	keeper.sees("Cat", func() bool { return keeper.seats[cat.seat] != nil })

	v := mo.takes(a, cat.seat)
	d := mo.bans(a, v)
	if code := cat.closes(); code != web.CloseRemoved && code != web.CloseBanned {
		t.Errorf("the line to the other node closed with %d", code)
	}
	keeper.sees("Cat gone", func() bool { s := keeper.seats[cat.seat]; return s == nil || !s.Here })

	isOut := func(when string) {
		t.Helper()
		for _, n := range []*node{a, b} {
			status, page, _ := browser.asks(n, "/c/"+cat.handle, nil)
			if status != http.StatusForbidden || !strings.Contains(page, "You called Ben names.") || !strings.Contains(page, "/appeal#") {
				t.Errorf("%s, at her page: %d %s", when, status, page)
			}
			for _, l := range []string{link, other} {
				if status, page, _ := browser.tries(n, l); status != http.StatusForbidden || !strings.Contains(page, "You called Ben names.") {
					t.Errorf("%s, by a link: %d %s", when, status, page)
				}
			}
		}
	}
	isOut("at once")
	dot := newDevice(t).comes(t, b, third, "Dot")
	f := dot.welcome()
	if f.State != nil || f.Door == nil {
		t.Fatal("somebody new with the same address doesn't wait")
	}
	keeper.do("admit", `{"seat":%q}`, f.Door.Seat)
	dot.until("the room", func(f frame) bool { return f.State != nil })

	a.kill()
	b.kill()
	c.do("FLUSHALL")
	a.again()
	b.again()
	isOut("after a restart, and with an empty Redis")

	mo.helms(b, v.ID+"/undo", web.DeskUndo{Decision: d.ID})
	for _, n := range []*node{a, b} {
		if status, page, to := browser.tries(n, other); status != http.StatusSeeOther || !strings.HasPrefix(to, "/c/") {
			t.Errorf("after it was undone: %d %s", status, page)
		}
	}
	a.logsAreSentences()
	b.logsAreSentences()
}

// manyBans is how many bans are timed each way: HEARTH_BENCH, or a few.
func manyBans(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("HEARTH_BENCH"), "3"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// How long it takes from a moderator's ban on one node to the end of the line
// on another, with the doorbell and without it. That the lines end is the
// promise held here; the times are for whoever reads them.
func TestBansEndLinesOnOtherNodes(t *testing.T) {
	c := share(t, servers.StartPostgres(t))
	a, b := c.node("--trusted-proxy", "127.0.0.0/8"), c.node("--trusted-proxy", "127.0.0.0/8")
	mo := c.employ("Mo")
	var members [2][]sitter
	for i := range members {
		for left := manyBans(t); left > 0; left -= 20 {
			a.free(fmt.Sprintf("Circle %d %d", i, left))
			members[i] = append(members[i], c.fills(t, a, b, mo, min(left, 20))...)
		}
	}
	timed := func(how string, those []sitter) {
		var took []time.Duration
		for i, m := range those {
			if i%20 == 0 { // each moderator has a pace, and this is too fast for one
				mo = c.employ("Mo " + how + strconv.Itoa(i))
			}
			took = append(took, mo.timesBan(a, m))
		}
		slices.Sort(took)
		at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(time.Millisecond) }
		t.Logf("%s: %d bans, p50 %v, p99 %v, longest %v", how, len(took), at(.5), at(.99), at(1))
	}
	timed("with the doorbell", members[0])
	c.do("ACL", "SETUSER", "hearth", "resetchannels") // who listens is cut off, and nobody can ring
	timed("without it", members[1])
}

// sitter is somebody who sits in a room and listens, until their line ends.
type sitter struct {
	room.SeatID
	ended chan websocket.StatusCode
}

// listens reads whatever comes.
func (g *guest) listens() sitter {
	s := sitter{g.seat, make(chan websocket.StatusCode, 1)}
	go func() {
		for {
			if _, _, err := g.conn.Read(g.t.Context()); err != nil {
				s.ended <- websocket.CloseStatus(err)
				return
			}
		}
	}()
	return s
}

// fills seats a facilitator at one node, and so many at another, each from an
// address of their own: a ban has the next from there wait at the door.
func (c *common) fills(t *testing.T, a, b *node, mo *moderator, n int) (members []sitter) {
	t.Helper()
	list, err := mo.circles.Circles(t.Context())
	mo.must(err)
	a.enter(a.links["facilitator"], "Ada").sit().listens()
	for i := range n {
		code, err := mo.circles.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: list[len(list)-1].ID, Role: room.Member, Uses: 1})
		mo.must(err)
		d := newDevice(t)
		d.from = fmt.Sprintf("10.%d.%d.1", len(list), i)
		members = append(members, d.comes(t, b, b.url+"/enter#"+code, "M"+strconv.Itoa(i)).sit().listens())
	}
	return members
}

// timesBan bans somebody at a node, and returns how long their line stood.
func (m *moderator) timesBan(n *node, who sitter) (took time.Duration) {
	m.t.Helper()
	v := m.takes(n, who.SeatID)
	from, done := time.Now(), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case code := <-who.ended:
			took = time.Since(from)
			if code != web.CloseRemoved && code != web.CloseBanned {
				m.t.Errorf("the line closed with %d", code)
			}
		case <-time.After(patience):
			m.t.Error("the line stands")
		}
	}()
	m.bans(n, v)
	<-done
	return took
}

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

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
}

func newDevice(t testing.TB) *device { return &device{t, map[string]string{}} }

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
	return &guest{t: t, base: n.url, handle: handle, cookie: d.header(), name: name, session: "tab-" + strings.Repeat("0", 15) + name[:1]}
}

// moderator is somebody of the house, who is signed in.
type moderator struct {
	*device
	desk moderation.Store
	me   moderation.PersonID
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
	return &moderator{d, db.Desk(vault.Memory()), moderation.PersonID(p.ID)}
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

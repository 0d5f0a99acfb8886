package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
	"hearth/web/lang"
)

// court is a meeting with Cat in it, who came by a link of her own, and two
// moderators.
type court struct {
	*meeting
	cat    *tab
	link   string // hers
	mo, oz *clerk
}

func holdCourt(t *testing.T, change ...func(*Config)) *court {
	t.Helper()
	c := &court{meeting: meet(t, change...)}
	c.link = c.invite(room.Member)
	c.cat = c.comes("Cat", c.browser(), c.link)
	c.mo, c.oz = c.employs("Mo", circle.Welcome{Moderator: true}), c.employs("Oz", circle.Welcome{Moderator: true})
	return c
}

// comes brings somebody in by a link, at a browser they have.
func (h *house) comes(name string, b *browser, link string) *tab {
	h.t.Helper()
	t := h.dial()
	t.browser, t.handle = b, b.enters(link)
	t.hello(Hello{Name: name})
	return t
}

// sent is the body of a request, as JSON.
func (h *house) sent(v any) func(*http.Request) {
	return func(r *http.Request) {
		raw, err := json.Marshal(v)
		h.must(err)
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(raw))), int64(len(raw))
	}
}

// helms has a moderator do something on the desk.
func (m *clerk) helms(path string, v any) CaseView {
	m.h.t.Helper()
	res := m.asks("/desk/cases/"+path, url.Values{}, m.h.sent(v))
	var c CaseView
	raw, err := io.ReadAll(res.Body)
	m.h.must(err)
	if res.StatusCode != http.StatusOK || json.Unmarshal(raw, &c) != nil {
		m.h.t.Fatalf("%s: %s %s %v", path, res.Status, raw, m.h.faults)
	}
	return c
}

// raised is a case about somebody, that a moderator has taken.
func (c *court) raised(by *clerk, about *tab) CaseView {
	c.t.Helper()
	f, err := c.desk.File(c.t.Context(), moderation.Report{
		Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment, Circle: moderation.CircleID(c.circle),
		Room: c.roomOf(about), Subject: about.me(), Reporter: c.ben.me(), Lang: "en", At: time.Now(),
	})
	c.must(err)
	return by.helms(f.Case+"/claim", nil)
}

// decides has a moderator decide about somebody, and returns what they are told
// by: nobody else learns the code to appeal with.
func (c *court) decides(by *clerk, about *tab, d DeskDecide) moderation.Decision {
	c.t.Helper()
	v := c.raised(by, about)
	d.Rev = v.Rev
	if d.Rule == "" {
		d.Rule = string(moderation.Harassment)
	}
	if d.Facts == "" {
		d.Facts = "You called Ben <names>, twice."
	}
	by.helms(v.ID+"/decide", d)
	list, err := c.desk.Owed(c.t.Context(), about.me(), nil, moderation.CircleID(c.circle), time.Now())
	c.must(err)
	i := slices.IndexFunc(list, func(d moderation.Decision) bool { return d.Case == v.ID })
	if i < 0 {
		c.t.Fatalf("they are told of %+v", list)
	}
	return list[i]
}

// week is a ban from the circle for a week.
var week = DeskDecide{Action: moderation.Ban, Scope: moderation.OfCircle, Days: 7}

// isTold asserts that a page tells of a decision all that it must.
func (c *court) isTold(page string, d moderation.Decision) {
	c.t.Helper()
	for _, want := range []string{
		"You can’t come into this circle.", "You called Ben &lt;names&gt;, twice.", "Nobody is put down for who they are or what they say.",
		"A person decided this. No program did.", `href="/appeal#` + d.Appeal + `"`, d.Appeal + "</code>", `datetime="` + d.Until.UTC().Format(time.RFC3339) + `"`, "Since", "Until",
		`href="/help?country=GB"`, "Nobody in the circle is told",
	} {
		if !strings.Contains(page, want) {
			c.t.Errorf("the page doesn't say %q", want)
		}
	}
	if strings.Contains(page, "Ada") || strings.Contains(page, "Tuesday circle") || d.Appeal == "" {
		c.t.Errorf("the page says too much, or there is nothing to appeal with:\n%s", page)
	}
}

// Whoever is banned sees it in the frame that removes them, and at every door
// after it: what, why, until when and how to appeal. Others come and go.
func TestWhoeverIsKeptOutIsToldWhy(t *testing.T) {
	c := holdCourt(t)
	other := c.invite(room.Member)
	shared := c.shared(room.Member)
	open := c.stands("Elsewhere")
	d := c.decides(c.mo, c.cat, week)

	f := c.cat.hears("the end", func(f room.Frame) bool { return f.You != nil && f.You.Removed })
	if s := f.You.Stated; s == nil || s.ID != d.ID || s.Facts != d.Facts || s.Appeal != d.Appeal || s.Until != d.Until.UnixMilli() {
		t.Errorf("the last frame says %+v", s)
	}
	c.cat.closes(int(CloseRemoved))
	b := c.cat.browser
	c.isTold(b.shows("/c/"+c.cat.handle, nil, http.StatusForbidden), d)
	c.isTold(b.shows("/enter", url.Values{"code": {c.link}}, http.StatusForbidden), d)
	for _, link := range []string{other, shared} {
		c.isTold(b.shows("/enter", url.Values{"code": {link}}, http.StatusForbidden), d)
		c.isTold(b.shows("/enter", url.Values{"code": {link}, "fresh": {"1"}}, http.StatusForbidden), d)
	}
	b.shows("/enter", url.Values{"code": {noCode}}, http.StatusForbidden, "This link doesn&#39;t open a circle", "!put down") // who guesses learns nothing
	res := b.asks("/c/"+c.cat.handle+"/ticket", url.Values{})
	var no room.Refusal
	if err := json.NewDecoder(res.Body).Decode(&no); err != nil || res.StatusCode != http.StatusForbidden || no.Code != Banned {
		t.Errorf("a ticket: %s %+v %v", res.Status, no, err)
	}
	b.goes("/circles/"+string(open.ID)+"/come", url.Values{}, "/c/") // it is another circle
	c.letsIn(c.knocks(other), "Dot")                                 // she has the same address: she waits, and is let in
	c.goesOn()

	c.mo.helms(d.Case+"/undo", DeskUndo{Decision: d.ID})
	back := c.dial()
	back.browser, back.handle = b, c.cat.handle
	back.hello(Hello{Name: "Cat"})
	c.noFaults(t)
}

// From the page of a circle that is open to all, and by what a house gives who
// signs in, a ban is told as well. It is of the house here.
func TestAHouseKeepsOutAtEveryDoor(t *testing.T) {
	c := holdCourt(t)
	open := c.stands("Elsewhere", func(e *circle.Circle) { e.Country = "GB" })
	ada := c.employs("Ada", circle.Welcome{Moderator: true})
	handle, ok := strings.CutPrefix(ada.asks("/circles/"+string(c.circle)+"/keep", url.Values{}).Header.Get("Location"), "/c/")
	if !ok {
		t.Fatal("Ada doesn't come in")
	}
	there := c.dial()
	there.browser, there.handle = ada.browser, handle
	there.hello(Hello{Name: "Ada"})
	for who, at := range map[*tab]string{c.cat: "/circles/" + string(open.ID) + "/come", there: "/circles/" + string(open.ID) + "/keep"} {
		who.browser.goes(at, url.Values{}, "/c/")
		d := c.decides(c.mo, who, DeskDecide{Action: moderation.Ban, Scope: moderation.OfHouse, Days: 3})
		page := who.browser.shows(at, url.Values{}, http.StatusForbidden)
		c.isTold(strings.Replace(page, "You can’t come into any circle here.", "You can’t come into this circle.", 1), d)
	}
}

// A device that was banned by a seat of long ago, whose link is gone, comes in
// by none that it has now.
func TestABannedDeviceComesInByNoSeatItHas(t *testing.T) {
	c := holdCourt(t)
	f, err := c.desk.File(t.Context(), moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment,
		Circle: moderation.CircleID(c.circle), Room: "a room of long ago", Subject: "a seat there", Lang: "en", At: time.Now()})
	c.must(err)
	v := c.mo.helms(f.Case+"/claim", nil)
	b := c.cat.browser
	_, err = c.desk.Decide(t.Context(), moderation.Act{By: moderation.PersonID(c.mo.ID), At: time.Now()}, v.Rev, moderation.Decision{
		Case: f.Case, Action: moderation.Ban, Scope: moderation.OfCircle, Until: time.Now().Add(time.Hour), Rule: moderation.RuleGround,
		Facts: "You put somebody down.", Reach: []string{moderation.DeviceKey(b.cookies[deviceCookie])}}, false)
	c.must(err)
	b.shows("/c/"+c.cat.handle, nil, http.StatusForbidden, "You put somebody down.")
	res := b.asks("/c/"+c.cat.handle+"/ticket", url.Values{})
	var no room.Refusal
	if err := json.NewDecoder(res.Body).Decode(&no); err != nil || res.StatusCode != http.StatusForbidden || no.Code != Banned {
		t.Errorf("a ticket: %s %+v %v", res.Status, no, err)
	}
	c.ben.browser.shows("/c/"+c.ben.handle, nil, http.StatusOK)
	c.noFaults(t)
}

// A ban ends by itself, and its page with it.
func TestABanEnds(t *testing.T) {
	var later atomic.Int64
	c := holdCourt(t, func(c *Config) { c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) } })
	was := c.roomOf(c.cat)
	c.decides(c.mo, c.cat, week)
	c.cat.browser.shows("/enter", url.Values{"code": {c.link}}, http.StatusForbidden)
	later.Store(int64(7*24*time.Hour - time.Minute))
	c.cat.browser.shows("/enter", url.Values{"code": {c.link}}, http.StatusForbidden)
	later.Store(int64(7*24*time.Hour + time.Minute))
	c.cat.browser.shows("/enter", url.Values{"code": {c.link}}, http.StatusForbidden, "This link doesn&#39;t open", "!put down") // still not into that gathering
	c.must(c.store.EndRoom(t.Context(), was, time.Now()))
	c.cat.browser.goes("/enter", url.Values{"code": {c.link}}, "/c/")
}

// What somebody was told of stands above the door of their next gathering, too,
// for nobody but them, and without script. What lasts no longer is said once.
func TestTheDoorTellsWhatWasDecided(t *testing.T) {
	c := holdCourt(t)
	warned := c.decides(c.mo, c.cat, DeskDecide{Action: moderation.Warn, Facts: "Please let others finish.", Rule: moderation.RuleGround})
	c.decides(c.oz, c.cat, DeskDecide{Action: moderation.MuteAction, Minutes: 20, Facts: "A little quiet."})
	at := "/c/" + c.cat.handle
	c.cat.browser.shows(at, nil, http.StatusOK, "Before you come in", "Please let others finish.", "The ground rules of this circle.", "/appeal#"+warned.Appeal, "A little quiet.", `id="let-me-in"`)
	c.cat.browser.shows(at, nil, http.StatusOK, "!Please let others finish.", "A little quiet.") // it was said
	c.ben.browser.shows("/c/"+c.ben.handle, nil, http.StatusOK, "!Before you come in", "!A little quiet.")
	c.noFaults(t)
}

// silentDesk is a desk whose database can't be read.
type silentDesk struct {
	moderation.Store
	broken atomic.Bool
}

// Banned is moderation.Store's.
func (s *silentDesk) Banned(ctx context.Context, keys []string, of moderation.CircleID, now time.Time) ([]moderation.Decision, bool, error) {
	if s.broken.Load() {
		return nil, false, errBroken
	}
	return s.Store.Banned(ctx, keys, of, now)
}

// Where nobody can say who is kept out, nobody new comes in, and the circle
// goes on.
func TestWithoutTheBanListNobodyNewComesIn(t *testing.T) {
	for name, fails := range map[string]func(*court, *silentDesk){
		"seats": func(c *court, _ *silentDesk) { c.store.broken.Store(true) },
		"bans":  func(_ *court, d *silentDesk) { d.broken.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			silent := &silentDesk{}
			c := holdCourt(t, func(c *Config) { silent.Store = c.Desk; c.Desk = silent })
			link, b := c.invite(room.Member), c.browser()
			fails(c, silent)
			if res := b.asks("/enter", url.Values{"code": {link}}); res.StatusCode == http.StatusSeeOther { // a seat was had, and leads nowhere
				handle := strings.TrimPrefix(res.Header.Get("Location"), "/c/")
				b.shows("/c/"+handle, nil, http.StatusInternalServerError)
				if res := b.asks("/c/"+handle+"/ticket", url.Values{}); res.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("a ticket: %s", res.Status)
				}
			}
			c.server.Recheck()
			c.goesOn()
			if list := c.told(); len(list) == 0 || slices.ContainsFunc(list, func(f string) bool { return !strings.Contains(f, errBroken.Error()) }) {
				t.Errorf("it is told of as %q", list)
			}
		})
	}
}

// Every action that somebody is told of, and every rule, is said in every
// language, each in its own words.
func TestStatementsSayEverything(t *testing.T) {
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range texts {
		keys := []string{ruleKey(moderation.RuleGround)}
		for _, s := range moderation.Sorts {
			if s.Category != moderation.Other {
				keys = append(keys, ruleKey(string(s.Category)))
			}
		}
		for _, a := range moderation.Actions {
			switch {
			case a == moderation.Ban:
				keys = append(keys, actionKey(a, moderation.OfCircle), actionKey(a, moderation.OfSeries), actionKey(a, moderation.OfHouse))
			case a.Concerns():
				keys = append(keys, actionKey(a, ""))
			}
		}
		said := map[string]string{}
		for _, k := range keys {
			say := l.T(k)
			if !l.Has(k) || said[say] != "" {
				t.Errorf("%s in %s is %q, as is %q", k, l.Tag, say, said[say])
			}
			said[say] = k
		}
	}
}

// A ring on one node wakes those who listen on all of them, at once and
// without a bus on its own; a bus that fails is told of and stops nobody.
func TestARingIsHeardOnEveryNode(t *testing.T) {
	m := meet(t)
	south := m.beside()
	rung, stop := south.server.bell.listen()
	defer stop()
	ctx, end := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { defer close(watched); south.server.Watch(ctx) }()
	defer func() { end(); <-watched }()
	m.until("the other node hears it", func() bool {
		m.server.ring(t.Context())
		select {
		case <-rung:
			return true
		default:
			return false
		}
	})
	m.noFaults(t)

	alone := open(t, func(c *Config) { c.Bus = deaf{} })
	here, stop := alone.server.bell.listen()
	defer stop()
	alone.server.ring(t.Context())
	alone.server.ring(t.Context())
	if len(here) != 1 {
		t.Errorf("this node heard %d rings", len(here))
	}
	if list := alone.told(); len(list) != 2 || !strings.HasPrefix(list[0], "doorbell: ") {
		t.Errorf("it is told of as %q", list)
	}
}

// deaf is a bus that is down.
type deaf struct{}

// Publish is room.Bus's.
func (deaf) Publish(context.Context, string, []byte) error { return errors.New("the line is down") }

// Subscribe is room.Bus's.
func (deaf) Subscribe(context.Context, string, func([]byte)) error {
	return errors.New("the line is down")
}

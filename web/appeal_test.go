package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// judges has a moderator decide an appeal that waits.
func (c *court) judges(by *clerk, v DeskJudge) {
	c.t.Helper()
	q, err := c.desk.Queue(c.t.Context(), moderation.Viewer{Person: moderation.PersonID(by.ID)}, time.Now(), 10)
	c.must(err)
	for _, one := range q.Cases {
		if one.Kind == moderation.Appeal {
			by.helms(one.ID+"/claim", nil)
			by.helms(one.ID+"/judge", v)
			return
		}
	}
	c.t.Fatalf("no appeal waits: %+v", q.Cases)
}

// Whoever was told of a decision has it looked at again without an account, by
// a code that is in no address, and the same code says what became of it.
func TestAnAppeal(t *testing.T) {
	c := holdCourt(t)
	d := c.decides(c.mo, c.cat, week)
	b := c.browser() // another browser: the code is all it takes
	b.shows("/appeal", nil, http.StatusOK, `<form class="card" method="post" action="/appeal">`, "You need no account")
	code := url.Values{"code": {d.Appeal}}
	b.shows("/appeal", code, http.StatusOK, "You can’t come into this circle.", "You called Ben &lt;names&gt;, twice.", `action="/appeal/send"`, "Up to 2,000 characters", "!Ada", "!Mo")
	b.shows("/appeal", url.Values{"code": {c.url.String() + "/appeal#" + d.Appeal + " "}}, http.StatusOK, `action="/appeal/send"`)

	const words = "It was <b>Ben</b> who began.\nPlease look again."
	b.shows("/appeal/send", url.Values{"code": {d.Appeal}, "text": {words}}, http.StatusOK, "Thank you. It is with us", "A moderator who didn’t decide this", d.Appeal, "!<textarea", "!who began")
	b.shows("/appeal/send", url.Values{"code": {d.Appeal}, "text": {"And another thing."}}, http.StatusOK, "It is with us", "no need to send it again", "!Thank you")
	b.shows("/appeal", code, http.StatusOK, "It is with us", "!<textarea")
	c.cat.browser.shows("/c/"+c.cat.handle, nil, http.StatusForbidden) // it holds until then

	c.judges(c.oz, DeskJudge{Overturn: true, Answer: "You are right, and welcome."})
	b.shows("/appeal", code, http.StatusOK, "The decision was taken back", "You are right, and welcome.", "It doesn’t hold any more.", "!with us", "!Oz")
	back := c.dial()
	back.browser, back.handle = c.cat.browser, c.cat.handle
	back.hello(Hello{Name: "Cat"})
	c.noFaults(t)
}

// An appeal that changes nothing is answered all the same.
func TestAnAppealThatIsUpheld(t *testing.T) {
	c := holdCourt(t)
	d := c.decides(c.mo, c.cat, week)
	b := c.browser()
	b.asks("/appeal/send", url.Values{"code": {d.Appeal}, "text": {"Please look again."}})
	c.judges(c.oz, DeskJudge{Answer: "We read it twice."})
	b.shows("/appeal", url.Values{"code": {d.Appeal}}, http.StatusOK, "The decision stays", "We read it twice.", "!<textarea", "!any more")
	c.cat.browser.shows("/c/"+c.cat.handle, nil, http.StatusForbidden)
}

// What can't be taken is kept for whoever typed it; codes that lead nowhere are
// answered alike, and what was taken back already needs no appeal.
func TestAppealsThatCantBeTaken(t *testing.T) {
	c := holdCourt(t)
	eve := c.comes("Eve", c.browser(), c.invite(room.Member))
	d := c.decides(c.mo, c.cat, week)
	b := c.browser()
	for name, v := range map[string]url.Values{
		"wrong": {"code": {noCode}}, "empty": {"code": {""}}, "none": {}, "long": {"code": {strings.Repeat("A", 5000)}}, "not text": {"code": {"\xff\x00"}},
	} {
		for _, at := range []string{"/appeal", "/appeal/send"} {
			if res := b.asks(at, v); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s at %s: %s", name, at, res.Status)
			}
		}
	}
	send := func(text string) url.Values { return url.Values{"code": {d.Appeal}, "text": {text}} }
	b.shows("/appeal/send", send(" \u200b "), http.StatusUnprocessableEntity, "A few words are enough.", `aria-invalid="true"`)
	long := strings.Repeat("ü", moderation.MaxAppealing+2)
	b.shows("/appeal/send", send(long), http.StatusUnprocessableEntity, "2 characters too many. Nothing is lost", long)
	b.shows("/appeal/send", send(strings.Repeat(long, 20)), http.StatusBadRequest)
	b.shows("/appeal/send", send(long[:2*moderation.MaxAppealing]), http.StatusOK, "Thank you")

	warned := c.decides(c.mo, eve, DeskDecide{Action: moderation.Warn, Facts: "Please wait."})
	c.mo.helms(warned.Case+"/undo", DeskUndo{Decision: warned.ID})
	for _, at := range []string{"/appeal", "/appeal/send"} {
		b.shows(at, url.Values{"code": {warned.Appeal}, "text": {"Why?"}}, http.StatusOK, "This decision was taken back on", "!<textarea", "!Thank you")
	}
	c.noFaults(t)
}

// Codes can't be tried by the thousand from one address.
func TestAppealsComeSlowlyFromOneAddress(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.Enters, c.Limits.Writes = Rate{2, time.Hour}, Rate{2, time.Hour} })
	for _, at := range []string{"/appeal", "/appeal/send"} {
		var got []int
		for range 3 {
			got = append(got, h.browser().asks(at, url.Values{"code": {noCode}, "text": {"words"}}).StatusCode)
		}
		if got[1] != http.StatusNotFound || got[2] != http.StatusTooManyRequests {
			t.Errorf("%s: %v", at, got)
		}
	}
}

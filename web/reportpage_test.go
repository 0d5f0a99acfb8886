package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
)

// notice is what the form for everybody sends.
func notice(change ...string) url.Values {
	v := url.Values{"form": {"outside"}, "place": {"The page of a circle"}, "why": {"It sells <b>pills</b>."}, "contact": {"+44 1"}, "good": {"1"}}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

var statusLink = regexp.MustCompile(`/report/status#([A-Za-z0-9_-]+)`)

// A notice from outside needs no script and no name, and its code says how far
// it has come.
func TestANoticeFromOutside(t *testing.T) {
	c := complain(t)
	b := c.browser()
	b.shows("/report", nil, http.StatusOK, `name="place"`, `name="receipt"`, "threat-to-others")
	page := b.shows("/report", notice(), http.StatusOK, "It has arrived", "Nobody is on call")
	r, n := c.desk.last()
	if n != 1 || r.Kind != moderation.Notice || r.Category != moderation.Illegal || r.Circle != "" || r.Room != "" || r.Subject != "" || r.Reporter != "" {
		t.Errorf("%d filed: %+v", n, r)
	}
	if body := c.read(); body.Place != "The page of a circle" || body.Text != "It sells <b>pills</b>." || body.Contact != "+44 1" {
		t.Errorf("%+v", body)
	}
	m := statusLink.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no code: %s", page)
	}
	b.shows("/report/status", nil, http.StatusOK, `name="code"`)
	b.shows("/report/status", url.Values{"code": {"https://localhost/report/status#" + m[1]}}, http.StatusOK, "It has arrived", "Since")
	b.shows("/report/status", url.Values{"code": {noCode}}, http.StatusNotFound, "find a report with this code")
}

// What is missing or too much is said, and what was typed stays: as text,
// whatever it is.
func TestWhatWasTypedStaysInTheForms(t *testing.T) {
	c := complain(t, func(f *Config) { f.Limits.Notices = Rate{1, time.Hour} })
	b := c.browser()
	const script = `"><script>alert(1)</script>`
	for name, v := range map[string]url.Values{
		"no place": notice("place", " "), "no why": notice("why", ""), "no good faith": notice("good", ""),
		"too long": notice("why", strings.Repeat("x", moderation.MaxText+1)), "a long place": notice("place", strings.Repeat("x", moderation.MaxPlace+1)),
		"a long contact": notice("contact", strings.Repeat("x", moderation.MaxContact+1)),
	} {
		page := b.shows("/report", v, http.StatusUnprocessableEntity, `role="alert"`)
		if typed := v.Get("why"); typed != "" && len(typed) < 100 && !strings.Contains(page, "It sells &lt;b&gt;pills") {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.shows("/report", notice("why", "\xff"), http.StatusBadRequest)
	scripts := notice("place", "", "why", script, "contact", script, "receipt", script, "called", script, "text", script, "which", script, "about", script, "category", script)
	b.shows("/report", scripts, http.StatusUnprocessableEntity, "!<script>alert", "&lt;script&gt;alert(1)")
	if _, n := c.desk.last(); n != 0 {
		t.Errorf("%d were filed", n)
	}
	b.shows("/report", notice("place", script, "why", script), http.StatusOK, "It has arrived")
	if body := c.read(); body.Text != script || body.Place != script {
		t.Errorf("%+v", body)
	}
	b.shows("/report", notice(), http.StatusTooManyRequests, "It sells &lt;b&gt;pills", "What you typed stays")
	c.cat.reports(c.ofBen(), http.StatusOK) // nobody outside uses up what those in a circle have
}

// With a receipt both doors are open without script, at any device.
func TestBothDoorsWithAReceipt(t *testing.T) {
	c := complain(t)
	receipt := c.server.receipt(mustSeat(c, c.cat))
	b := c.browser()
	for i, one := range []struct {
		form url.Values
		want moderation.Report
	}{
		{url.Values{"which": {"self"}, "text": {"I can't.\r\nReally."}}, moderation.Report{Kind: moderation.Care, About: moderation.AboutSelf, Subject: c.cat.me()}},
		{url.Values{"which": {"someone"}, "called": {"Ben"}}, moderation.Report{Kind: moderation.Care, About: moderation.AboutPerson}},
		{url.Values{"which": {"conduct"}, "about": {"facilitator"}, "category": {"facilitator-conduct"}, "text": {"x"}},
			moderation.Report{Kind: moderation.Conduct, About: moderation.AboutFacilitator, Category: moderation.FacilitatorUnsafe}},
	} {
		one.form.Set("receipt", receipt)
		b.shows("/report", one.form, http.StatusOK, "It has arrived")
		r, n := c.desk.last()
		if n != i+1 || r.Kind != one.want.Kind || r.About != one.want.About || r.Category != one.want.Category || r.Subject != one.want.Subject || r.Reporter != c.cat.me() {
			t.Errorf("%v: %+v", one.form, r)
		}
		if i == 0 && c.read().Text != "I can't.\nReally." {
			t.Errorf("kept %q", c.read().Text)
		}
	}
	b.shows("/report", url.Values{"receipt": {"no receipt"}, "which": {"self"}, "text": {"still here"}}, http.StatusForbidden, "still here", "receipt isn’t good any more")
	b.shows("/report", url.Values{"receipt": {receipt}, "which": {"conduct"}, "about": {"person"}, "category": {"made-up"}, "text": {"still here"}}, http.StatusBadRequest, "still here")
}

// A body that is no report, or too much for one, is refused; nothing breaks.
func TestBodiesThatAreNoReports(t *testing.T) {
	c := complain(t, func(f *Config) { f.Limits.SeatReports = Rate{1000, time.Second} })
	q := c.hears("x")
	at := `"kind":"conduct","about":"circle","category":"other"`
	for name, body := range map[string]string{
		"nothing": "", "no object": "[]", "a notice": `{"kind":"notice","about":"circle","category":"illegal"}`, "an appeal": `{"kind":"appeal","about":"circle"}`,
		"no category": `{"kind":"conduct","about":"circle"}`, "a made up one": `{"kind":"conduct","about":"circle","category":"pain"}`,
		"care with one": `{"kind":"care","about":"self","category":"other"}`, "care about a circle": `{"kind":"care","about":"circle"}`,
		"conduct of oneself": `{"kind":"conduct","about":"self","category":"other"}`, "a field more": `{` + at + `,"sanction":"ban"}`, "twice": `{` + at + `,"kind":"care"}`,
		"null": `{` + at + `,"text":null}`, "a number": `{` + at + `,"text":7}`, "something after": `{` + at + `} {}`, "not UTF-8": `{` + at + ",\"text\":\"\xff\"}",
		"a receipt at a seat": `{` + at + `,"receipt":"x.y.z"}`, "oneself and another": `{"kind":"care","about":"self","subject":"x"}`,
		"called at length": `{` + at + `,"called":"` + strings.Repeat("x", maxCalled+1) + `"}`,
		"no tag":           `{` + at + `,"quotes":[{"seq":1,"seat":"s","at":1,"words":"w","tag":""}]}`,
		"too many asides":  `{` + at + `,"asides":["a","b","c","d","e"]}`,
	} {
		if _, no := c.cat.reports(body, http.StatusBadRequest); no.Code != Malformed {
			t.Errorf("%s: %+v", name, no)
		}
	}
	many := c.ofBen()
	for range moderation.MaxQuotes + 1 {
		many.Quotes = append(many.Quotes, q)
	}
	c.refusesReport(many, http.StatusBadRequest, Malformed)
	long := c.ofBen()
	long.Text = strings.Repeat("é", moderation.MaxText+1)
	c.refusesReport(long, http.StatusUnprocessableEntity, ReportLong)
	c.refusesReport(fmt.Sprintf(`{%s,"text":%q}`, at, strings.Repeat("x", maxReport)), http.StatusRequestEntityTooLarge, ReportBig)
	long.Text = strings.Repeat("é", moderation.MaxText)
	c.cat.reports(long, http.StatusOK)
}

// mustSeat is the seat of a tab.
func mustSeat(c *complaint, t *tab) circle.Seat {
	c.t.Helper()
	s, err := c.store.Seat(c.t.Context(), t.handle, t.browser.cookies[seatCookie+t.handle])
	c.must(err)
	return s
}

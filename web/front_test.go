package web

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rsc.io/qr"

	"hearth/circle"
	"hearth/room"
	"hearth/room/formats"
)

// stands adds a circle to a house: one that is listed, open to all and in
// Ireland, unless change says otherwise.
func (h *house) stands(title string, change ...func(*circle.Circle)) circle.Circle {
	h.t.Helper()
	c := circle.Circle{ID: circle.ID("id-" + strings.ReplaceAll(strings.ToLower(title), " ", "-")), Settings: room.DefaultSettings(), Country: "IE",
		About: circle.About{Access: circle.OpenToAll, Listed: true, Language: "en"}}
	c.Settings.Title = title
	for _, f := range change {
		f(&c)
	}
	h.must(h.store.AddCircle(h.t.Context(), circle.Act{At: time.Now()}, c))
	return c
}

// sees returns a page's text and status.
func (b *browser) sees(path string, change ...func(*http.Request)) (string, int) {
	b.h.t.Helper()
	res := b.asks(path, nil, change...)
	page, err := io.ReadAll(res.Body)
	b.h.must(err)
	return string(page), res.StatusCode
}

// tuesdays is every Tuesday at seven in Dublin, from long ago.
var tuesdays = circle.Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 75, Rule: "FREQ=WEEKLY;BYDAY=TU"}

// at sets a house's clock.
func at(when time.Time) func(*Config) {
	return func(c *Config) { c.Now = func() time.Time { return when } }
}

// monday is the day before one of the Tuesdays, in winter.
var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTheDirectoryFindsCircles(t *testing.T) {
	h := open(t, at(monday))
	h.stands("Quiet grief", func(c *circle.Circle) {
		c.Themes, c.Purpose, c.Format, c.Region = []string{"grief"}, "For who lost somebody.", "council", "IE"
		c.Schedule = tuesdays
	})
	h.stands("Café de los lunes", func(c *circle.Circle) {
		c.Themes, c.Language, c.Region = []string{"anxiety", "grief"}, "es-MX", "US"
		c.Schedule = circle.Schedule{Zone: "America/Mexico_City", First: "2026-03-02T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=MO"}
	})
	h.stands("Anybody", func(c *circle.Circle) { c.Language = "" })
	h.stands("Announced one", func(c *circle.Circle) { c.Standing = circle.Announced })
	for _, s := range []circle.Standing{circle.Draft, circle.Closed} {
		h.stands("Hidden "+string(s), func(c *circle.Circle) { c.Standing = s })
	}
	h.stands("Hidden unlisted", func(c *circle.Circle) { c.Listed = false })
	title := regexp.MustCompile(`<a href="/circles/id-[^"]+">([^<]+)</a>`)
	for query, want := range map[string]string{
		"":                               "Café de los lunes|Quiet grief|Announced one|Anybody", // the soonest first
		"q=cafe+LUNES":                   "Café de los lunes",
		"q=lost":                         "Quiet grief",
		"theme=grief":                    "Café de los lunes|Quiet grief",
		"theme=grief&language=es":        "Café de los lunes",
		"day=tue":                        "Quiet grief",
		"day=mon&theme=anxiety":          "Café de los lunes",
		"format=council":                 "Quiet grief",
		"region=IE":                      "Quiet grief|Announced one|Anybody", // those for people anywhere, too
		"language=xx&theme=nonsense":     "Café de los lunes|Quiet grief|Announced one|Anybody",
		"q=grief&day=mon&format=council": "",
		"q=%00%ff<b>":                    "",
	} {
		page, status := h.browser().sees("/circles?" + query)
		var got []string
		for _, m := range title.FindAllStringSubmatch(page, -1) {
			got = append(got, m[1])
		}
		if status != http.StatusOK || strings.Join(got, "|") != want {
			t.Errorf("%q: %d, %q; want %q", query, status, strings.Join(got, "|"), want)
		}
		if want == "" && !strings.Contains(page, "No circle fits all of that") {
			t.Errorf("%q finds nothing and doesn't help", query)
		}
		if strings.Contains(page, "Hidden") || inlineScript.MatchString(page) {
			t.Errorf("%q shows what isn't listed, or something inline", query)
		}
	}
}

func TestWithoutADirectoryNothingLeadsToOne(t *testing.T) {
	h := open(t, func(c *Config) { c.NoDirectory = true })
	c := h.stands("Quiet grief")
	if _, status := h.browser().sees("/circles"); status != http.StatusNotFound {
		t.Errorf("a list all the same: %d", status)
	}
	for _, path := range []string{"/", "/circles/" + string(c.ID), "/help"} {
		if page, status := h.browser().sees(path); status != http.StatusOK || strings.Contains(page, `href="/circles"`) {
			t.Errorf("%s: %d, or it leads to the list", path, status)
		}
	}
	with := open(t)
	if page, _ := with.browser().sees("/"); !strings.Contains(page, `href="/circles"`) {
		t.Error("with a list the first page leads there")
	}
	if page, _ := with.browser().sees("/circles"); !strings.Contains(page, "No circle is listed here yet") {
		t.Error("an empty list doesn't say so")
	}
}

func TestACirclesPageTellsWhatWillHappen(t *testing.T) {
	h := open(t, at(monday))
	all, err := formats.Builtin()
	h.must(err)
	i := slices.IndexFunc(all, func(f formats.Format) bool { return f.Name == "peer-support" })
	c := h.stands("Tuesday evening", func(c *circle.Circle) {
		c.Settings = all[i].Settings(c.Settings)
		c.Settings.Title = "Tuesday <b>evening</b>"
		c.Purpose, c.Notes, c.Rules, c.Themes = "Highs & lows.", []string{"Loss"}, []string{"One at a time."}, []string{"carers"}
		c.Schedule = tuesdays
		c.Schedule.Off = map[string]string{"2026-12-08T19:00": "The house is painted."}
		c.Schedule.Themes = map[string]string{"2026-12-01T19:00": "Sleep"}
	})
	page, status := h.browser().sees("/circles/" + string(c.ID))
	for _, want := range []string{
		"Tuesday &lt;b&gt;evening&lt;/b&gt;", "Highs &amp; lows.", "It isn’t therapy, and it isn’t a crisis service.", "You may just listen.",
		"Minute 0 to 5", "Minute 8 to 33", "Highs and lows", "The stick goes round.", "About one minute each.", "As long as people like",
		"One at a time.", "Loss", "carers", "up to 30 people",
		`<time datetime="2026-11-24T19:00:00Z" data-zone="Europe/Dublin"`, "Tuesday 24 November, 19:00", "Dublin time",
		"Not this time.", "The house is painted.", "Sleep",
		"The door opens on", "Tuesday 24 November, 18:45",
		`src="/circles/` + string(c.ID) + `/qr.svg"`, "Forget me in this circle", "Ask a question",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
	if status != http.StatusOK || inlineScript.MatchString(page) || strings.Contains(page, "/come") {
		t.Errorf("%d; or something is inline, or one comes in on a Monday", status)
	}
	if _, text, _ := strings.Cut(page, "<title>"); !strings.HasPrefix(text, "Hearth</title>") {
		t.Error("the title of the window says which circle it is")
	}
	es, _ := h.browser().sees("/circles/"+string(c.ID), header("Accept-Language", "es-MX"))
	if !strings.Contains(es, "martes") || !strings.Contains(es, "hora de Dublin") || !strings.Contains(es, `<h1 dir="auto">Tuesday`) {
		t.Error("it isn't told in Spanish")
	}
}

// One answer for what is a draft, closed, or never was.
func TestCirclesWithoutAPageAreAllTheSame(t *testing.T) {
	h := open(t)
	draft := h.stands("A draft", func(c *circle.Circle) { c.Standing = circle.Draft })
	closed := h.stands("A closed one", func(c *circle.Circle) { c.Standing = circle.Closed })
	unlisted := h.stands("Unlisted", func(c *circle.Circle) { c.Listed = false })
	for _, under := range []string{"", "/ask", "/qr.svg"} {
		never, status := h.browser().sees("/circles/never-was" + under)
		for _, c := range []circle.Circle{draft, closed} {
			if page, got := h.browser().sees("/circles/" + string(c.ID) + under); page != strings.ReplaceAll(never, "never-was", string(c.ID)) || got != http.StatusNotFound || status != got {
				t.Errorf("%s%s: %d, or not what is said of none", c.ID, under, got)
			}
		}
		if _, got := h.browser().sees("/circles/" + string(unlisted.ID) + under); got != http.StatusOK {
			t.Errorf("who has the address finds nothing: %d", got)
		}
	}
	for _, act := range []string{"/come", "/ask", "/interest", "/forget"} {
		for _, c := range []circle.ID{draft.ID, closed.ID, "never-was"} {
			if res := h.browser().asks("/circles/"+string(c)+act, url.Values{"question": {"Hello?"}}); res.StatusCode != http.StatusNotFound || len(res.Cookies()) != 0 {
				t.Errorf("%s%s: %s", c, act, res.Status)
			}
		}
	}
}

func TestComingInFromACirclesPage(t *testing.T) {
	var now atomic.Int64
	now.Store(monday.UnixNano())
	h := open(t, func(c *Config) { c.Now = func() time.Time { return time.Unix(0, now.Load()) } })
	open := h.stands("Any time")
	dated := h.stands("Tuesdays", func(c *circle.Circle) { c.Schedule = tuesdays })
	invited := h.stands("By invite", func(c *circle.Circle) { c.Access = circle.ByInvite })
	come := func(b *browser, c circle.Circle) *http.Response {
		return b.asks("/circles/"+string(c.ID)+"/come", url.Values{})
	}
	b := h.browser()
	first := come(b, open)
	handle, ok := strings.CutPrefix(first.Header.Get("Location"), "/c/")
	if first.StatusCode != http.StatusSeeOther || !ok {
		t.Fatalf("coming in: %s", first.Status)
	}
	if page, status := b.sees("/c/" + handle); status != http.StatusOK || !strings.Contains(page, "Any time") {
		t.Errorf("no door: %d", status)
	}
	if again := come(b, open); again.Header.Get("Location") != first.Header.Get("Location") {
		t.Error("the same browser gets another seat")
	}
	if other := come(h.browser(), open); other.Header.Get("Location") == first.Header.Get("Location") {
		t.Error("another browser gets the same seat")
	}
	if res := come(h.browser(), dated); res.StatusCode != http.StatusConflict || !strings.Contains(body(t, res), "It isn’t open at this moment") {
		t.Errorf("on a Monday: %s", res.Status)
	}
	if res := come(h.browser(), invited); res.StatusCode != http.StatusForbidden || len(res.Cookies()) != 0 || !strings.Contains(body(t, res), "Ask for an invite") {
		t.Errorf("by invite: %s", res.Status)
	}
	now.Store(time.Date(2026, 11, 24, 18, 45, 0, 0, time.UTC).UnixNano())
	if page, _ := h.browser().sees("/circles/" + string(dated.ID)); !strings.Contains(page, `action="/circles/id-tuesdays/come"`) {
		t.Error("at its time there is no way in")
	}
	if res := come(h.browser(), dated); res.StatusCode != http.StatusSeeOther {
		t.Errorf("at its time: %s", res.Status)
	}
	res := h.browser().asks("/circles/"+string(open.ID)+"/come", url.Values{}, header("Sec-Fetch-Site", "cross-site"))
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %s", res.Status)
	}
}

// A circle that is open to all and has nobody to call doesn't open.
func TestACircleWithoutSignpostsDoesNotOpen(t *testing.T) {
	h := open(t)
	for _, country := range []string{"", "JP", "XQ"} {
		c := h.stands("Nobody to call "+country, func(c *circle.Circle) { c.Country = country })
		page, _ := h.browser().sees("/circles/" + string(c.ID))
		res := h.browser().asks("/circles/"+string(c.ID)+"/come", url.Values{})
		if strings.Contains(page, "/come") || !strings.Contains(page, "This circle is closed for now") || res.StatusCode != http.StatusServiceUnavailable || len(res.Cookies()) != 0 {
			t.Errorf("%q opens: %s", country, res.Status)
		}
	}
	// Nor by a link, but for who keeps it, and for circles that aren't open to all.
	for _, c := range []struct {
		access circle.Access
		role   room.Role
		status int
	}{
		{circle.OpenToAll, room.Member, http.StatusServiceUnavailable}, {circle.OpenToAll, room.Listener, http.StatusServiceUnavailable},
		{circle.OpenToAll, room.Facilitator, http.StatusSeeOther}, {circle.InviteAndWait, room.Member, http.StatusSeeOther},
	} {
		h.changes(func(of *circle.Circle) { of.Access, of.Country = c.access, "JP" })
		code, err := h.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: h.circle, Role: c.role, Uses: 1})
		h.must(err)
		b := h.browser()
		res := b.asks("/enter", url.Values{"code": {code}})
		seated := slices.ContainsFunc(res.Cookies(), func(one *http.Cookie) bool { return one.Name != deviceCookie })
		if res.StatusCode != c.status || seated != (c.status == http.StatusSeeOther) {
			t.Errorf("%s by a link into %q: %s, %v", c.role, c.access, res.Status, res.Cookies())
		}
		h.changes(func(of *circle.Circle) { of.Country = "GB" })
		b.enters(code) // as soon as there is somebody to call
	}
	for _, country := range []string{"US", "GB", "IE", "DE"} {
		c := h.stands("Somebody to call "+country, func(c *circle.Circle) { c.Country = country })
		if res := h.browser().asks("/circles/"+string(c.ID)+"/come", url.Values{}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%q: %s", country, res.Status)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.faults) != 4 || strings.Contains(strings.Join(h.faults, " "), "Nobody to call") {
		t.Errorf("told of four circles once each, by their ids: %q", h.faults)
	}
}

func TestWhoWouldComeIsCountedOnce(t *testing.T) {
	h := open(t)
	c := h.stands("To come", func(c *circle.Circle) { c.Standing = circle.Announced })
	path := "/circles/" + string(c.ID)
	b := h.browser()
	for range 3 {
		if res := b.asks(path+"/interest", url.Values{}); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != path {
			t.Fatalf("%s, to %q", res.Status, res.Header.Get("Location"))
		}
	}
	if page, _ := b.sees(path); !strings.Contains(page, "You are counted.") || !strings.Contains(page, "One person would come.") {
		t.Error("three times the same browser is not one")
	}
	h.browser().asks(path+"/interest", url.Values{})
	if page, _ := h.browser().sees(path); !strings.Contains(page, "2 people would come.") || !strings.Contains(page, "I would come") {
		t.Error("two browsers are not two")
	}
	meets := h.stands("Meets already")
	h.browser().asks("/circles/"+string(meets.ID)+"/interest", url.Values{})
	if kept, err := h.store.Circle(t.Context(), meets.ID); err != nil || kept.Interest != 0 {
		t.Errorf("a circle that meets counted %d, %v", kept.Interest, err)
	}
}

func TestForgetMeInThisCircle(t *testing.T) {
	h := open(t)
	c, other := h.stands("Forgotten"), h.stands("Another")
	b := h.browser()
	gone := strings.TrimPrefix(b.asks("/circles/"+string(c.ID)+"/come", url.Values{}).Header.Get("Location"), "/c/")
	stays := strings.TrimPrefix(b.asks("/circles/"+string(other.ID)+"/come", url.Values{}).Header.Get("Location"), "/c/")
	secret := b.cookies[seatCookie+gone]
	res := b.asks("/circles/"+string(c.ID)+"/forget", url.Values{})
	page := body(t, res)
	if res.StatusCode != http.StatusOK || !strings.Contains(page, "Your seat is gone") || !strings.Contains(page, `data-circle="`+onDevice(c.ID)+`" data-handles="`+gone+`"`) {
		t.Errorf("%s: it doesn't say what was forgotten", res.Status)
	}
	if b.cookies[seatCookie+gone] != "" || b.cookies[seatCookie+stays] == "" || b.cookies[deviceCookie] == "" {
		t.Error("the cookie of the seat stays, or another's went")
	}
	if _, err := h.store.Store.Seat(t.Context(), gone, secret); err == nil {
		t.Error("the seat is still there")
	}
	if _, status := b.sees("/c/" + stays); status != http.StatusOK {
		t.Errorf("the seat in another circle: %d", status)
	}
	if page := body(t, h.browser().asks("/circles/"+string(c.ID)+"/forget", url.Values{})); !strings.Contains(page, "This browser has no seat") {
		t.Error("who never was here is told of a seat")
	}
}

// Whoever leaves quickly is signed out in that browser, and it knows no
// language, no circle and no seat any more.
func TestLeavingQuicklyTakesEveryCookieBack(t *testing.T) {
	h := open(t)
	c := h.stands("To come", func(c *circle.Circle) { c.Standing = circle.Announced })
	b := h.browser()
	b.asks("/circles/"+string(c.ID)+"/interest", url.Values{})
	b.asks("/language", url.Values{"language": {"es"}})
	b.cookies[personCookie] = "secret"
	if len(b.cookies) != 3 {
		t.Fatalf("%d cookies before", len(b.cookies))
	}
	had := slices.Collect(maps.Keys(b.cookies))
	b.asks("/forget", url.Values{})
	for _, name := range had {
		if b.cookies[name] != "" {
			t.Errorf("%s stays", name)
		}
	}
}

var answerLink = regexp.MustCompile(`value="(http[^"]+/answer#([A-Za-z0-9_-]+))"`)

func TestAskingWithoutAName(t *testing.T) {
	h := open(t)
	c := h.stands("Asked", func(c *circle.Circle) { c.Access = circle.ByInvite })
	path := "/circles/" + string(c.ID) + "/ask"
	const canary = "may I bring my <b>dog</b>? \u202emirrored"
	page := body(t, h.browser().asks(path, url.Values{"question": {canary}}))
	m := answerLink.FindStringSubmatch(page)
	if m == nil || !strings.HasPrefix(m[1], h.url.String()) || strings.Contains(page, "dog") {
		t.Fatal("no link to the answer, or the question with it")
	}
	kept, err := h.store.Questions(t.Context(), c.ID, time.Now())
	h.must(err)
	if len(kept) != 1 || kept[0].Text != "may I bring my <b>dog</b>? mirrored" {
		t.Fatalf("kept: %q", kept)
	}
	read := func(code string) (string, int) {
		res := h.browser().asks("/answer", url.Values{"code": {code}})
		return body(t, res), res.StatusCode
	}
	if page, status := read(m[2]); status != http.StatusOK || !strings.Contains(page, "There is no answer yet") || !strings.Contains(page, "&lt;b&gt;dog&lt;/b&gt;") {
		t.Errorf("before the answer: %d", status)
	}
	h.must(h.store.Answer(t.Context(), circle.Act{At: time.Now()}, c.ID, kept[0].ID, "Yes, <i>do</i>."))
	if page, status := read(m[1]); status != http.StatusOK || !strings.Contains(page, "Yes, &lt;i&gt;do&lt;/i&gt;.") {
		t.Errorf("with the whole link: %d", status)
	}
	for _, code := range []string{"", "x", noCode, m[2][1:]} {
		if page, status := read(code); status != http.StatusNotFound || !strings.Contains(page, "leads to no question") {
			t.Errorf("%q: %d", code, status)
		}
	}
	if len(h.faults) != 0 {
		t.Errorf("faults: %q", h.faults)
	}
}

func TestQuestionsThatCannotBeTaken(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.Writes = Rate{10, time.Hour} })
	c := h.stands("Asked")
	path := "/circles/" + string(c.ID) + "/ask"
	for typed, want := range map[string]string{
		"": "A few words are enough.", " \u200b\n": "A few words are enough.",
		strings.Repeat("é", circle.MaxQuestion+2) + " <x>": "That is 6 characters too many. Nothing is lost",
	} {
		res := h.browser().asks(path, url.Values{"question": {typed}})
		page := body(t, res)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("%d characters: %s", len(typed), res.Status)
		}
		if typed != "" && strings.TrimSpace(typed) != "" && len(typed) > 9 && !strings.Contains(page, "é &lt;x&gt;</textarea>") {
			t.Error("what was typed is lost")
		}
	}
	for _, letter := range []string{"é", "क", "🙂"} { // as long as may be, in any script
		if res := h.browser().asks(path, url.Values{"question": {strings.Repeat(letter, circle.MaxQuestion)}}); res.StatusCode != http.StatusOK {
			t.Errorf("of %s: %s", letter, res.Status)
		}
	}
	if page := body(t, h.browser().asks(path, url.Values{"question": {strings.Repeat("क", 5000)}})); !strings.Contains(page, "That is 4,000 characters too many. Nothing is lost") || !strings.Contains(page, "ककक</textarea>") {
		t.Error("a long letter is lost")
	}
	if res := h.browser().asks(path, url.Values{"question": {strings.Repeat("a", maxText)}}); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a book: %s", res.Status)
	}
	for range 2 {
		h.browser().asks(path, url.Values{"question": {"Again?"}})
	}
	if res := h.browser().asks(path, url.Values{"question": {"Once more?"}}); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the eleventh from one address: %s", res.Status)
	}
	if kept, err := h.store.Questions(t.Context(), c.ID, time.Now()); err != nil || len(kept) != 5 {
		t.Errorf("%d kept, %v", len(kept), err)
	}
}

func TestTheDoorWithoutScript(t *testing.T) {
	h := open(t)
	c := h.stands("Any time")
	b := h.browser()
	handle := strings.TrimPrefix(b.asks("/circles/"+string(c.ID)+"/come", url.Values{}).Header.Get("Location"), "/c/")
	door, _ := b.sees("/c/" + handle)
	if !strings.Contains(door, `method="post" action="/c/`+handle+`/door"`) {
		t.Error("the form of the door leads nowhere without script")
	}
	res := b.asks("/c/"+handle+"/door", url.Values{"name": {"Canary"}})
	page := body(t, res)
	if res.StatusCode != http.StatusOK || !strings.Contains(page, "The room needs script") || !strings.Contains(page, `href="/c/`+handle+`"`) || strings.Contains(page, "Canary") {
		t.Errorf("%s, or it isn't kind", res.Status)
	}
}

// What is drawn is the code, square by square, with its margin.
func TestTheDrawnCodeIsTheAddress(t *testing.T) {
	h := open(t)
	c := h.stands("Drawn")
	res := h.browser().asks("/circles/"+string(c.ID)+"/qr.svg", nil)
	svg := body(t, res)
	want, err := qr.Encode(h.url.String()+"/circles/"+string(c.ID), qr.M)
	h.must(err)
	if res.Header.Get("Content-Type") != "image/svg+xml" || res.StatusCode != http.StatusOK {
		t.Fatalf("%s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	black := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[[2]int{x + i, y}] = true
		}
	}
	side := want.Size + 8
	for y := range side {
		for x := range side {
			if black[[2]int{x, y}] != want.Black(x-4, y-4) {
				t.Fatalf("square %d, %d is wrong", x, y)
			}
		}
	}
}

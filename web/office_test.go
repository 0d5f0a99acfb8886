package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
	"hearth/web/lang"
)

// clerk is somebody signed in, at a browser of their own.
type clerk struct {
	*browser
	circle.Person
}

// employs makes somebody with a part in running the house, and signs them in.
func (h *house) employs(name string, w circle.Welcome) *clerk {
	h.t.Helper()
	now := time.Now()
	w.Until = now.Add(time.Hour)
	code, err := h.store.AddWelcome(h.t.Context(), circle.Act{At: now}, w)
	h.must(err)
	p, err := h.store.Register(h.t.Context(), code, circle.Person{ID: circle.PersonID(uuid.NewString()), Name: name}, circle.Passkey{ID: []byte(name), Data: []byte("{}")}, now)
	h.must(err)
	c := &clerk{h.browser(), p}
	secret, err := h.store.SignIn(h.t.Context(), p.ID, now)
	h.must(err)
	c.cookies[personCookie] = secret
	return c
}

// shows asserts what a page has and has not.
func (b *browser) shows(path string, form url.Values, status int, has ...string) string {
	b.h.t.Helper()
	res := b.asks(path, form)
	page, err := io.ReadAll(res.Body)
	b.h.must(err)
	body := string(page)
	if res.StatusCode != status {
		b.h.t.Fatalf("%s: %s, want %d\n%v\n%s", path, res.Status, status, b.h.faults, body)
	}
	for _, s := range has {
		if not, is := strings.CutPrefix(s, "!"); is == strings.Contains(body, not) {
			b.h.t.Errorf("%s: %q is there: %v", path, not, is)
		}
	}
	return body
}

// goes asserts that a form leads on to a page, and returns what it shows.
func (b *browser) goes(path string, form url.Values, to string, has ...string) string {
	b.h.t.Helper()
	res := b.asks(path, form)
	at := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, to) {
		body, _ := io.ReadAll(res.Body)
		b.h.t.Fatalf("%s: %s to %q, want to %s\n%s", path, res.Status, at, to, body)
	}
	return b.shows(at, nil, http.StatusOK, has...)
}

// kept returns a circle as it is kept.
func (h *house) kept(id circle.ID) circle.Circle {
	h.t.Helper()
	c, err := h.store.Circle(h.t.Context(), id)
	h.must(err)
	return c
}

// changes changes the circle behind everybody's back.
func (h *house) changes(f func(*circle.Circle)) {
	h.t.Helper()
	c := h.kept(h.circle)
	f(&c)
	h.must(h.store.ChangeCircle(h.t.Context(), circle.Act{At: time.Now()}, c))
}

// inputs reads a form's answers off a page, as a browser would send them.
var (
	inputTag  = regexp.MustCompile(`<input\s[^>]*>`)
	attribute = regexp.MustCompile(`\b(type|name|value)="([^"]*)"`)
	areaTag   = regexp.MustCompile(`(?s)<textarea id="([a-z]+)" name="([a-z]+)"[^>]*>\n?(.*?)</textarea>`)
	selectTag = regexp.MustCompile(`(?s)<select id="[a-z]+" name="([a-z]+)"[^>]*>(.*?)</select>`)
	chosenTag = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

func inputs(body string) url.Values {
	form := url.Values{}
	for _, tag := range inputTag.FindAllString(body, -1) {
		a := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			a[m[1]] = m[2]
		}
		if (a["type"] == "radio" || a["type"] == "checkbox") && !strings.Contains(tag, " checked") || a["name"] == "" {
			continue
		}
		form.Add(a["name"], unescaped(a["value"]))
	}
	for _, m := range areaTag.FindAllStringSubmatch(body, -1) {
		form.Set(m[2], unescaped(m[3]))
	}
	for _, m := range selectTag.FindAllStringSubmatch(body, -1) {
		if c := chosenTag.FindStringSubmatch(m[2]); c != nil {
			form.Set(m[1], unescaped(c[1]))
		}
	}
	return form
}

func unescaped(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&").Replace(s)
}

// Who may open which door: an admin, a facilitator of the circle, a deputy of
// it, a moderator, one of another circle (f), nobody (n).
func TestOfficeDoors(t *testing.T) {
	h := open(t)
	folk := map[string]*clerk{
		"admin": h.employs("Ada", circle.Welcome{Admin: true}), "keeper": h.employs("Kit", circle.Welcome{Circle: h.circle}),
		"deputy": h.employs("Dee", circle.Welcome{Circle: h.circle, Deputy: true}), "moderator": h.employs("Mo", circle.Welcome{Moderator: true}),
		"other": h.employs("Fay", circle.Welcome{}),
	}
	nobody := h.browser()
	const one = "/office/circles/{id}"
	may := map[string]string{
		"GET /office": "admin keeper deputy moderator other", "GET /office/circles": "admin keeper deputy moderator other",
		"GET /office/questions":   "admin keeper deputy moderator other",
		"GET /office/circles/new": "admin", "POST /office/circles/new": "admin",
		"GET " + one: "admin keeper", "POST " + one: "admin keeper",
		"GET " + one + "/schedule": "admin keeper", "POST " + one + "/schedule": "admin", "POST " + one + "/dates": "admin keeper",
		"GET " + one + "/people": "admin", "POST " + one + "/people": "admin",
		"GET " + one + "/invites": "admin keeper", "POST " + one + "/invites": "admin keeper", "POST " + one + "/invites/revoke": "admin keeper",
		"GET " + one + "/questions": "admin keeper", "POST " + one + "/questions": "admin keeper",
		"GET /office/people": "admin", "POST /office/people": "admin", "GET /office/settings": "admin", "GET /office/status": "admin",
		"GET /office/audit": "admin", "POST /office/audit": "admin",
	}
	for _, door := range officeDoors() {
		list, ok := may[door.at]
		if !ok {
			t.Errorf("%s: who may?", door.at)
		}
		delete(may, door.at)
		method, path, _ := strings.Cut(door.at, " ")
		path = strings.Replace(path, "{id}", string(h.circle), 1)
		var form url.Values
		if method == "POST" {
			form = url.Values{"do": {"nothing"}} // what comes in is judged, and changes nothing
		}
		for who, c := range folk {
			status := c.asks(path, form).StatusCode
			if in := status != http.StatusNotFound; in != slices.Contains(strings.Fields(list), who) || status >= 500 {
				t.Errorf("%s as %s: %d", door.at, who, status)
			}
		}
		if at := nobody.asks(path, form).Header.Get("Location"); !strings.HasPrefix(at, "/sign-in?") {
			t.Errorf("%s as nobody leads to %q", door.at, at)
		}
	}
	if len(may) > 0 {
		t.Errorf("no such doors: %v", may)
	}
	if c := h.kept(h.circle); c.Rev != 3 { // made, and two named
		t.Errorf("knocking changed the circle: its revision is %d", c.Rev)
	}
	if status := folk["admin"].asks("/office/circles/none", nil).StatusCode; status != http.StatusNotFound {
		t.Errorf("a circle that isn't: %d", status)
	}
}

// What manages people asks for a passkey that was touched a moment ago.
func TestOfficeAsksForAFreshSignIn(t *testing.T) {
	late := time.Now()
	h := open(t, func(c *Config) { c.Now = func() time.Time { return late } })
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	late = late.Add(circle.FreshSession + time.Minute)
	for _, path := range []string{"/office/people", "/office/circles/" + string(h.circle) + "/people"} {
		for _, form := range []url.Values{nil, {"do": {"invite"}}} {
			if at := ada.asks(path, form).Header.Get("Location"); !strings.Contains(at, "fresh=1") {
				t.Errorf("%s leads to %q", path, at)
			}
		}
	}
	ada.shows("/office", nil, http.StatusOK)
}

// Every page in both languages: nothing inline, no text missing, nothing from
// anywhere else.
func TestOfficeEveryPage(t *testing.T) {
	h := open(t, func(c *Config) { c.Settings = []Setting{{"listen", "<b>", "Where."}} })
	ada := h.employs("Ada", circle.Welcome{Admin: true, Moderator: true, Circle: h.circle})
	h.changes(func(c *circle.Circle) {
		c.Settings.Title = "A <i>title</i>"
		c.Schedule = circle.Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=TU"}
	})
	_, err := h.store.Ask(t.Context(), h.circle, "May I <b>listen</b>?", time.Now())
	h.must(err)
	for _, door := range officeDoors() {
		method, path, _ := strings.Cut(door.at, " ")
		if method != "GET" {
			continue
		}
		path = strings.Replace(path, "{id}", string(h.circle), 1)
		for _, tag := range []string{"en", "es"} {
			ada.cookies[langCookie] = tag
			body := ada.shows(path, nil, http.StatusOK, "<title>Hearth</title>", `lang="`+tag+`"`, `id="main"`, "<h1", "!<i>title", "!<b>listen", "!<b><b>")
			if in := inlineScript.FindString(body); in != "" {
				t.Errorf("%s: inline %s", path, in)
			}
			if key := regexp.MustCompile(`>\s*(?:office|front)\.[a-z.]+`).FindString(body); key != "" {
				t.Errorf("%s in %s: no text for %q", path, tag, key)
			}
			for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(body, -1) {
				if n := strings.Count(body, ` id="`+m[1]+`"`); n != 1 {
					t.Errorf("%s: %s is there %d times", path, m[1], n)
				}
			}
			for _, m := range regexp.MustCompile(`(?:href|src|action)="(?:https?:)?//`).FindAllString(body, -1) {
				t.Errorf("%s: leads elsewhere: %s", path, m)
			}
		}
	}
}

func TestOfficeMakesACircle(t *testing.T) {
	h := open(t)
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	form := inputs(ada.shows("/office/circles/new", nil, http.StatusOK, "Make a circle"))
	for k, v := range map[string]string{"title": "  Night  shift ", "purpose": "For people who work at night.", "format": "sharing-circle", "language": "en", "country": "IE"} {
		form.Set(k, v)
	}
	ada.goes("/office/circles/new", form, "/office/circles/", "Night shift", "The circle is made", "Nobody knows yet when")
	all, err := h.store.Circles(t.Context())
	h.must(err)
	c := all[len(all)-1]
	want := circle.About{Purpose: "For people who work at night.", Language: "en", Format: "sharing-circle", Standing: circle.Draft, RulesRev: 1, Feed: c.Feed}
	if c.Settings.Title != "Night shift" || c.Country != "IE" || c.Settings.MaxSeats != 12 || fmt.Sprintf("%+v", c.About) != fmt.Sprintf("%+v", want) {
		t.Errorf("made %+v", c)
	}
	if len(c.Settings.Agenda) == 0 || len(c.Rules) == 0 || c.Settings.Goodbye == "" {
		t.Errorf("its format brought nothing along: %+v", c.Settings)
	}
	for name, f := range map[string]func(url.Values){
		"There is a circle of this name already": func(f url.Values) { f.Set("title", "NIGHT SHIFT") },
		"Please write something here":            func(f url.Values) { f.Set("title", " ") },
		"at most 80 characters":                  func(f url.Values) { f.Set("title", strings.Repeat("x", 81)) },
		"a number from 2 to 100":                 func(f url.Values) { f.Set("title", "Other"); f.Set("capacity", "101") },
		"at most 6 lines":                        func(f url.Values) { f.Set("title", "Other"); f.Set("notes", strings.Repeat("note\n", 7)) },
		"Please choose one of these":             func(f url.Values) { f.Set("title", "Other"); f.Set("format", "none") },
		"be open to all":                         func(f url.Values) { f.Set("title", "Other"); f.Set("access", "open"); f.Set("series", "1") },
	} {
		bad := cloneForm(form)
		bad.Set("goodbye", "Typed, and <not> lost.")
		f(bad)
		ada.shows("/office/circles/new", bad, http.StatusUnprocessableEntity, name, "Typed, and &lt;not&gt; lost.", `aria-invalid="true"`)
	}
	if all, err := h.store.Circles(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d circles, %v", len(all), err)
	}
}

func cloneForm(f url.Values) url.Values {
	c := url.Values{}
	for k, v := range f {
		c[k] = slices.Clone(v)
	}
	return c
}

// What is saved without a change is the same; texts of a format go with it,
// and what somebody wrote stays.
func TestOfficeEditsACircle(t *testing.T) {
	h := open(t)
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	at := "/office/circles/" + string(h.circle)
	h.changes(func(c *circle.Circle) {
		c.Themes, c.Notes, c.Language, c.Region, c.Series = []string{"grief", "carers"}, []string{"loss"}, "pt-BR", "IE", true
		c.Settings.Resources = []string{"The library"}
	})
	was := h.kept(h.circle)
	ada.goes(at, inputs(ada.shows(at, nil, http.StatusOK)), at, "Saved.")
	was.Rev++
	if now := h.kept(h.circle); fmt.Sprintf("%+v", now) != fmt.Sprintf("%+v", was) {
		t.Errorf("was %+v\nis  %+v", was, now)
	}
	form := inputs(ada.shows(at, nil, http.StatusOK))
	form.Set("format", "council")
	form.Set("language", "en")
	ada.goes(at, form, at)
	now := h.kept(h.circle)
	if len(now.Settings.Agenda) == 0 || !slices.Equal(now.Rules, []string{"One at a time."}) || now.Settings.Resources[0] != "The library" || now.Settings.Title != "Tuesday circle" {
		t.Errorf("with another format it is %+v", now)
	}
	old := now.Settings.Prompt
	form = inputs(ada.shows(at, nil, http.StatusOK))
	form.Set("format", "goals")
	ada.goes(at, form, at)
	if now = h.kept(h.circle); now.Settings.Prompt == old {
		t.Errorf("the other format's words stayed: %q", old)
	}
}

// Two change a circle: the second sees both, and nothing typed is lost.
func TestOfficeTwoAtOnce(t *testing.T) {
	h := open(t)
	ada, kit := h.employs("Ada", circle.Welcome{Admin: true}), h.employs("Kit", circle.Welcome{Circle: h.circle})
	at := "/office/circles/" + string(h.circle)
	hers, theirs := inputs(ada.shows(at, nil, http.StatusOK)), inputs(kit.shows(at, nil, http.StatusOK))
	theirs.Set("purpose", "Kit wrote this.")
	kit.goes(at, theirs, at)
	hers.Set("purpose", "Ada wrote that.")
	body := ada.shows(at, hers, http.StatusConflict, "Somebody else changed this", "Kept at the moment:", "Kit wrote this.", "Ada wrote that.")
	if p := h.kept(h.circle).Purpose; p != "Kit wrote this." {
		t.Fatalf("kept is %q", p)
	}
	ada.goes(at, inputs(body), at)
	if p := h.kept(h.circle).Purpose; p != "Ada wrote that." {
		t.Errorf("after both were seen, kept is %q", p)
	}
}

// A facilitator writes texts. What decides who comes in isn't theirs, and
// isn't changed by sending it along.
func TestOfficeFacilitatorsKeepToTexts(t *testing.T) {
	h := open(t)
	kit := h.employs("Kit", circle.Welcome{Circle: h.circle})
	at := "/office/circles/" + string(h.circle)
	form := inputs(kit.shows(at, nil, http.StatusOK, "!name=\"access\"", "!name=\"standing\"", "!name=\"listed\"", "!name=\"capacity\""))
	was := h.kept(h.circle)
	for k, v := range map[string]string{"purpose": "Ours.", "access": "open", "standing": "closed", "listed": "1", "series": "1", "capacity": "99", "country": "US", "format": "goals"} {
		form.Set(k, v)
	}
	kit.goes(at, form, at)
	was.Rev, was.Purpose = was.Rev+1, "Ours."
	if now := h.kept(h.circle); fmt.Sprintf("%+v", now) != fmt.Sprintf("%+v", was) {
		t.Errorf("is  %+v\nwant %+v", now, was)
	}
}

// Nobody can open a circle for all, or list it, where there is nobody to call.
func TestOfficeNoCircleWithoutSignposts(t *testing.T) {
	h := open(t)
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	at := "/office/circles/" + string(h.circle)
	for _, how := range []url.Values{{"access": {"open"}}, {"listed": {"1"}}} {
		form := inputs(ada.shows(at, nil, http.StatusOK))
		form.Set("country", "AQ")
		for k, v := range how {
			form[k] = v
		}
		ada.shows(at, form, http.StatusUnprocessableEntity, "somebody to call on a bad day", "no checked crisis numbers")
		form.Set("standing", string(circle.Announced))
		ada.goes(at, form, at)
		h.changes(func(c *circle.Circle) { c.Access, c.Listed, c.Standing = circle.ByInvite, false, circle.Meeting })
	}
}

func TestOfficeHome(t *testing.T) {
	h := open(t)
	ada, kit, mo := h.employs("Ada", circle.Welcome{Admin: true}), h.employs("Kit", circle.Welcome{Circle: h.circle}), h.employs("Mo", circle.Welcome{Moderator: true})
	_, err := h.store.Ask(t.Context(), h.circle, "May I listen?", time.Now())
	h.must(err)
	at := string(h.circle)
	ada.shows("/office", nil, http.StatusOK, "The first steps", "It has no time yet", "One question waits", "!/circles/"+at+"/keep")
	kit.shows("/office", nil, http.StatusOK, "you keep it", "One question waits", `action="/circles/`+at+`/keep"`, "!The first steps", "!/office/people", "!has no time yet")
	mo.shows("/office", nil, http.StatusOK, "Circles you look after", `action="/circles/`+at+`/keep"`, "!One question", "!/office/circles/"+at)
	h.changes(func(c *circle.Circle) { c.Standing = circle.Draft })
	ada.shows("/office", nil, http.StatusOK, "Nobody else sees it yet")
	mo.shows("/office", nil, http.StatusOK, "!Tuesday circle")
	h.changes(func(c *circle.Circle) { c.Standing = circle.Announced })
	h.must(h.store.AddInterest(t.Context(), h.circle))
	h.must(h.store.AddInterest(t.Context(), h.circle))
	ada.shows("/office", nil, http.StatusOK, "2 people would come")
}

func TestOfficeSchedule(t *testing.T) {
	h := open(t)
	kit, ada := h.employs("Kit", circle.Welcome{Circle: h.circle}), h.employs("Ada", circle.Welcome{Admin: true})
	at := "/office/circles/" + string(h.circle)
	form := inputs(ada.shows(at+"/schedule", nil, http.StatusOK, "Nobody knows yet"))
	year := strconv.Itoa(time.Now().Year() + 1)
	for k, v := range map[string]string{"day": year + "-10-05", "at": "19:00", "zone": "dublin", "minutes": "75", "every": circle.EveryWeek} {
		form.Set(k, v)
	}
	body := ada.goes(at+"/schedule", form, at+"/schedule", "19:00", "Europe/Dublin", "The clocks change before this date: still 19:00")
	s := h.kept(h.circle).Schedule
	if s.Zone != "Europe/Dublin" || s.First != year+"-10-05T19:00" || s.Minutes != 75 || s.Every() != circle.EveryWeek || strings.Count(body, `name="why"`) != nextDates {
		t.Errorf("%+v", s)
	}
	date := func(who *clerk, do, when, said string, more ...string) {
		t.Helper()
		f := url.Values{"do": {do}, "at": {when}, "rev": {strconv.Itoa(h.kept(h.circle).Rev)}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		who.goes(at+"/dates", f, at+"/schedule", said)
	}
	second, third := year+"-10-12T19:00", year+"-10-19T19:00"
	date(kit, "off", second, "called off", "why", "A <holiday>.")
	date(kit, "theme", third, "Letting go", "theme", "Letting go")
	date(ada, "add", year+"-10-14T10:00", "The date is added")
	if s = h.kept(h.circle).Schedule; s.Off[second] != "A <holiday>." || s.Themes[third] != "Letting go" || len(s.Also) != 1 {
		t.Errorf("%+v", s)
	}
	form = inputs(ada.shows(at+"/schedule", nil, http.StatusOK, "A &lt;holiday&gt;."))
	form.Set("at", "20:00") // what was said of a date goes with it when the clock does
	form.Set("day", year+"-10-05")
	form.Del("do")
	ada.goes(at+"/schedule", form, at+"/schedule", "20:00", "Letting go")
	if s = h.kept(h.circle).Schedule; s.Off[year+"-10-12T20:00"] == "" || s.Themes[year+"-10-19T20:00"] == "" {
		t.Errorf("%+v", s)
	}
	date(kit, "on", year+"-10-12T20:00", "takes place again")
	date(ada, "without", year+"-10-14T10:00", "taken out")
	if s = h.kept(h.circle).Schedule; len(s.Off) != 0 || len(s.Also) != 0 {
		t.Errorf("%+v", s)
	}
	f := url.Values{"do": {"add"}, "at": {year + "-10-15T10:00"}, "rev": {strconv.Itoa(h.kept(h.circle).Rev)}}
	kit.shows(at+"/dates", f, http.StatusUnprocessableEntity, "no date of the circle") // an admin's to add
	f = url.Values{"do": {"off"}, "at": {third[:11] + "20:00"}, "why": {"Late"}, "rev": {"1"}}
	kit.shows(at+"/dates", f, http.StatusConflict, "Somebody else changed this", `value="Late"`)
}

func TestOfficeScheduleThatCannotBe(t *testing.T) {
	h := open(t)
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	at := "/office/circles/" + string(h.circle) + "/schedule"
	good := url.Values{"rev": {strconv.Itoa(h.kept(h.circle).Rev)}, "day": {"2027-03-02"}, "at": {"19:00"}, "zone": {"Europe/Dublin"}, "minutes": {"60"}, "every": {circle.EveryWeek}}
	for say, change := range map[string]url.Values{
		"like Europe/Dublin, or just the city": {"zone": {"Atlantis"}},
		"Please give a day and a time":         {"day": {"9999-01-01"}},
		"Please give a time, like 19:00":       {"at": {"25:00"}},
		"a number from 10 to 480":              {"minutes": {"5"}},
		"meets once a day at most":             {"every": {circle.ByRule}, "rule": {"FREQ=HOURLY"}},
		"no date within five years":            {"every": {circle.ByRule}, "rule": {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}},
		"one that this rule gives":             {"every": {circle.ByRule}, "rule": {"FREQ=WEEKLY;BYDAY=SU"}},
		"This rule can’t be read":              {"every": {circle.ByRule}, "rule": {"FREQ=SOMETIMES"}},
		"Please write something here":          {"every": {circle.ByRule}, "rule": {""}},
		"Please choose one of these":           {"every": {"never"}},
	} {
		form := cloneForm(good)
		for k, v := range change {
			form[k] = v
		}
		ada.shows(at, form, http.StatusUnprocessableEntity, say, "Nothing is saved yet", `value="`+form.Get("day")+`"`, `value="`+form.Get("zone")+`"`)
	}
	if s := h.kept(h.circle).Schedule; !s.IsZero() {
		t.Errorf("kept %+v", s)
	}
	ada.goes(at, good, at)
	good.Set("rev", strconv.Itoa(h.kept(h.circle).Rev))
	good.Set("every", asItComes)
	ada.goes(at, good, at, "Nobody knows yet")
	if s := h.kept(h.circle).Schedule; !s.IsZero() {
		t.Errorf("kept %+v", s)
	}
}

func TestOfficePeople(t *testing.T) {
	h := open(t)
	ada, kit := h.employs("Ada", circle.Welcome{Admin: true}), h.employs("Kit", circle.Welcome{})
	at := "/office/circles/" + string(h.circle) + "/people"
	rev := func() string { return strconv.Itoa(h.kept(h.circle).Rev) }
	ada.shows(at, nil, http.StatusOK, "Nobody yet.", ">Kit</option>")
	ada.goes(at, url.Values{"do": {"add"}, "person": {string(kit.ID)}, "as": {"keeper"}, "rev": {rev()}}, at, "Saved.")
	ada.shows(at, url.Values{"do": {"add"}, "person": {"none"}, "rev": {rev()}}, http.StatusUnprocessableEntity, "isn’t here any more")
	ada.shows(at, url.Values{"do": {"remove"}, "person": {string(kit.ID)}, "rev": {"1"}}, http.StatusConflict, "Somebody else changed this")
	if c := h.kept(h.circle); !slices.Equal(c.Keepers, []circle.PersonID{kit.ID}) {
		t.Fatalf("kept by %v", c.Keepers)
	}
	ada.goes(at, url.Values{"do": {"add"}, "person": {string(kit.ID)}, "as": {"deputy"}, "rev": {rev()}}, at)
	if c := h.kept(h.circle); len(c.Keepers) != 0 || !slices.Equal(c.Deputies, []circle.PersonID{kit.ID}) {
		t.Errorf("kept by %v and %v", c.Keepers, c.Deputies)
	}
	ada.goes(at, url.Values{"do": {"remove"}, "person": {string(kit.ID)}, "rev": {rev()}}, at, "no longer keep")
	link := regexp.MustCompile(`/welcome#([A-Za-z0-9_-]{22})`)
	for _, c := range []struct {
		at   string
		form url.Values
		want circle.Welcome
	}{
		{at, url.Values{"do": {"invite"}, "as": {"deputy"}, "rev": {rev()}}, circle.Welcome{Circle: h.circle, Deputy: true}},
		{"/office/people", url.Values{"do": {"invite"}, "moderator": {"1"}}, circle.Welcome{Moderator: true}},
	} {
		m := link.FindStringSubmatch(ada.shows(c.at, c.form, http.StatusOK, "shown only now"))
		if m == nil {
			t.Fatalf("%s: no link", c.at)
		}
		w, err := h.store.Welcome(t.Context(), m[1], time.Now())
		h.must(err)
		if w.Until = (time.Time{}); w != c.want {
			t.Errorf("%s: the link is for %+v", c.at, w)
		}
	}
}

func TestOfficeRights(t *testing.T) {
	h := open(t)
	ada, kit := h.employs("Ada", circle.Welcome{Admin: true}), h.employs("Kit", circle.Welcome{Circle: h.circle})
	ada.shows("/office/people", nil, http.StatusOK, "Kit", "Tuesday circle", "runs the house")
	of := func(p circle.PersonID, more ...string) url.Values {
		f := url.Values{"person": {string(p)}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	ada.shows("/office/people", of(ada.ID, "do", "change", "name", "Ada"), http.StatusConflict, "Somebody must stay")
	ada.shows("/office/people", of(ada.ID, "do", "remove"), http.StatusConflict, "Somebody must stay")
	ada.shows("/office/people", of(kit.ID, "do", "change", "name", "Кit"), http.StatusUnprocessableEntity, "in one alphabet", `value="Кit"`)
	ada.goes("/office/people", of(kit.ID, "do", "change", "name", "Kit B", "moderator", "1"), "/office/people", "Kit B", "Saved.")
	if p, err := h.store.Person(t.Context(), kit.ID); err != nil || p.Name != "Kit B" || !p.Moderator || p.Admin {
		t.Errorf("%+v, %v", p, err)
	}
	ada.goes("/office/people", of(kit.ID, "do", "remove"), "/office/people", "!Kit B", "no longer sign in")
	if at := kit.asks("/office", nil).Header.Get("Location"); !strings.HasPrefix(at, "/sign-in") {
		t.Errorf("somebody who was removed is led to %q", at)
	}
	ada.shows("/office/people", of(kit.ID, "do", "remove"), http.StatusConflict, "isn’t here any more")
}

// A link for each person brings in one device; one for several waits; one
// that is ended lets in nobody, and its seat is gone.
func TestOfficeInvites(t *testing.T) {
	h := open(t)
	kit := h.employs("Kit", circle.Welcome{Circle: h.circle})
	at := "/office/circles/" + string(h.circle) + "/invites"
	codes := regexp.MustCompile(`/enter#([A-Za-z0-9_-]{22})`)
	form := inputs(kit.shows(at, nil, http.StatusOK, "None yet"))
	form.Set("for", "Ana’s friend\r\n\r\nBen")
	form.Set("until", "30")
	body := kit.shows(at, form, http.StatusOK, "Here are the 2 links", "For Ben", "Ana’s friend", "straight in", "!Tuesday circle?", "not used yet")
	made := codes.FindAllStringSubmatch(body, -1)
	if len(made) != 2 {
		t.Fatalf("%d links", len(made))
	}
	b := h.browser()
	handle := b.enters(made[0][1])
	if res := h.browser().asks("/enter", url.Values{"code": {made[0][1]}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("a second browser with a personal link: %s", res.Status)
	}
	list, err := h.store.Invites(t.Context(), h.circle, time.Now())
	h.must(err)
	i := list[slices.IndexFunc(list, func(i circle.Invite) bool { return i.Used == 1 })]
	kit.goes(at+"/revoke", url.Values{"invite": {i.ID}}, at, "!"+i.ID, "lets nobody in")
	if status := b.asks("/c/"+handle, nil).StatusCode; status != http.StatusNotFound {
		t.Errorf("a seat had by a link that is ended: %d", status)
	}
	kit.goes(at+"/revoke", url.Values{"invite": {i.ID}}, at) // somebody was quicker
	h.invite(room.Moderator)
	list, err = h.store.Invites(t.Context(), h.circle, time.Now())
	h.must(err)
	mods := list[slices.IndexFunc(list, func(i circle.Invite) bool { return i.Role == room.Moderator })].ID
	kit.shows(at, nil, http.StatusOK, "!"+mods)
	kit.goes(at+"/revoke", url.Values{"invite": {mods}}, at)
	if list, err = h.store.Invites(t.Context(), h.circle, time.Now()); err != nil || !slices.ContainsFunc(list, func(i circle.Invite) bool { return i.ID == mods }) {
		t.Errorf("a facilitator ended a moderator's link: %v", err)
	}
	form = url.Values{"kind": {"many"}, "role": {string(room.Listener)}, "until": {"0"}}
	kit.shows(at, form, http.StatusOK, "Here is the link", "waits at the door")
	form.Set("for", "One\nTwo")
	kit.shows(at, form, http.StatusUnprocessableEntity, "has one note", "One\nTwo")
	form.Set("role", string(room.Facilitator))
	kit.shows(at, form, http.StatusUnprocessableEntity, "Please choose one of these")
	h.changes(func(c *circle.Circle) { c.Series = true })
	form = url.Values{"kind": {"many"}, "role": {string(room.Member)}, "until": {"0"}}
	kit.shows(at, form, http.StatusUnprocessableEntity, "each of them needs a link of their own")
	list, err = h.store.Invites(t.Context(), h.circle, time.Now())
	if err != nil || len(list) != 3 { // Ben's, the one for several, the moderator's
		t.Errorf("%d invites, %v", len(list), err)
	}
}

func TestOfficeQuestions(t *testing.T) {
	h := open(t)
	kit := h.employs("Kit", circle.Welcome{Circle: h.circle})
	at := "/office/circles/" + string(h.circle) + "/questions"
	kit.shows(at, nil, http.StatusOK, "Nobody is waiting")
	code, err := h.store.Ask(t.Context(), h.circle, "May I just listen?", time.Now())
	h.must(err)
	q, err := h.store.Asked(t.Context(), code, time.Now())
	h.must(err)
	kit.shows("/office/questions", nil, http.StatusOK, "May I just listen?", "Tuesday circle", `action="`+at+`"`, "30 days after")
	kit.shows(at, url.Values{"question": {q.ID}, "do": {"answer"}, "answer": {" "}}, http.StatusUnprocessableEntity, "Please write something")
	long := strings.Repeat("a", circle.MaxQuestion+1)
	kit.shows(at, url.Values{"question": {q.ID}, "do": {"answer"}, "answer": {long}}, http.StatusUnprocessableEntity, "at most 1,000", long)
	kit.goes(at, url.Values{"question": {q.ID}, "do": {"answer"}, "answer": {"Yes, always."}}, at, "Yes, always.", "Your answer is there")
	if q, err = h.store.Asked(t.Context(), code, time.Now()); err != nil || q.Answer != "Yes, always." {
		t.Errorf("%+v, %v", q, err)
	}
	kit.goes(at, url.Values{"question": {q.ID}, "do": {"delete"}}, at, "is deleted", "!May I just")
	kit.goes(at, url.Values{"question": {q.ID}, "do": {"answer"}, "answer": {"Late."}}, at, "is deleted")
}

func TestOfficeHouse(t *testing.T) {
	h := open(t, func(c *Config) {
		c.Settings = []Setting{{"database", "[redacted]", "PostgreSQL."}, {"redis", "", ""}}
		c.Status = func(context.Context) []Condition {
			return []Condition{
				{Name: "office.zone", State: ConditionFine, Say: "office.zone.hint"}, {Name: "office.at", State: ConditionDown},
				{Name: "office.made", State: "other", Say: "office.made", With: []any{"n", 2}},
			}
		}
	})
	ada := h.employs("Ada", circle.Welcome{Admin: true})
	ada.shows("/office/settings", nil, http.StatusOK, "database", "[redacted]", "PostgreSQL.", "not set")
	ada.shows("/office/status", nil, http.StatusOK, "Crisis numbers", "In which time zone?", "fine", "Type a city", "not working", "please look", "Here are the 2 links")
	ada.goes("/office/audit", url.Values{}, "/office/audit", "Every line is as it was written", "made the circle", "Somebody at the server", "Tuesday circle", "!audit?before=")
	for i := range auditShown {
		h.changes(func(c *circle.Circle) { c.Purpose = strconv.Itoa(i) })
	}
	older := regexp.MustCompile(`/office/audit\?before=\d+`).FindString(ada.shows("/office/audit", nil, http.StatusOK, "!made the circle"))
	ada.shows(older, nil, http.StatusOK, "made the circle")
}

// Whatever the store writes into the audit has words, in both languages.
func TestAuditHasWordsForEverything(t *testing.T) {
	names, err := filepath.Glob("../internal/sqlstore/*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	all, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	did := regexp.MustCompile(`"((?:circle|invite|welcome|person|passkey|session|question|keeper|deputy)-[a-z]+|restored)"`)
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range did.FindAllStringSubmatch(string(text), -1) {
			found++
			for _, l := range all[:2] {
				if !l.Has("office.did." + m[1]) {
					t.Errorf("%s: no words in %s for %q", name, l.Tag, m[1])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d: the search proves nothing", found)
	}
}

// The page after a gathering says when the circle meets again: not tonight's
// date, nor one that is called off, and in the reader's language.
func TestNextIsByTheSchedule(t *testing.T) {
	tuesday := time.Date(2026, 11, 24, 18, 50, 0, 0, time.UTC) // ten minutes before
	h := open(t, at(tuesday))
	b := h.browser()
	handle := b.enters(h.invite(room.Facilitator))
	b.shows("/c/"+handle, nil, http.StatusOK, "!We meet again")
	h.changes(func(c *circle.Circle) {
		c.Settings.Next, c.Schedule = "as somebody typed it", tuesdays
		c.Schedule.Off = map[string]string{"2026-12-01T19:00": ""}
		c.Settings.MaxSeats = 9
	})
	b.shows("/c/"+handle, nil, http.StatusOK, "We meet again", "Tuesday 8 December, 19:00", "!somebody typed")
	b.cookies[langCookie] = "es"
	b.shows("/c/"+handle, nil, http.StatusOK, "martes 8 de diciembre, 19:00")
	h.changes(func(c *circle.Circle) { c.Schedule = circle.Schedule{} })
	b.shows("/c/"+handle, nil, http.StatusOK, "as somebody typed it")
	for house, want := range map[int]int{0: 9, 6: 6, 30: 9} {
		h.server.Seats = house
		if got := h.server.holds(h.kept(h.circle)); got != want {
			t.Errorf("in a house for %d a circle of 9 holds %d", house, got)
		}
	}
}

package web

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	arran "github.com/arran4/golang-ical"
	emersion "github.com/emersion/go-ical"

	"hearth/circle"
)

// inCalendar is a date as somebody else's program reads it.
type inCalendar struct {
	uid, title, status, url string
	start, end              time.Time
}

// parsed reads a calendar with two strict readers, which must agree.
func parsed(t *testing.T, file string) []inCalendar {
	t.Helper()
	strict(t, file)
	one, other := byEmersion(t, file), byArran(t, file)
	if !slices.Equal(one, other) {
		t.Fatalf("two readers, two calendars:\n%v\n%v", one, other)
	}
	return one
}

// strict holds a file to the line rules of RFC 5545.
func strict(t *testing.T, file string) {
	t.Helper()
	lines := strings.Split(file, "\r\n")
	if lines[len(lines)-1] != "" || lines[0] != "BEGIN:VCALENDAR" {
		t.Errorf("begins with %q, ends with %q", lines[0], lines[len(lines)-1])
	}
	for _, l := range lines {
		if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") {
			t.Errorf("line of %d bytes: %q", len(l), l)
		}
	}
}

func byEmersion(t *testing.T, file string) (list []inCalendar) {
	t.Helper()
	cal, err := emersion.NewDecoder(strings.NewReader(file)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	// Its encoder refuses what a calendar may not be.
	if err := emersion.NewEncoder(new(bytes.Buffer)).Encode(cal); err != nil {
		t.Fatal(err)
	}
	for _, e := range cal.Events() {
		text := func(name string) string {
			p := e.Props.Get(name)
			if p == nil {
				return ""
			}
			if name == emersion.PropURL {
				return p.Value
			}
			v, err := p.Text()
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		start, err := e.DateTimeStart(time.UTC)
		end, err2 := e.DateTimeEnd(time.UTC)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		list = append(list, inCalendar{text(emersion.PropUID), text(emersion.PropSummary), text(emersion.PropStatus), text(emersion.PropURL), start.UTC(), end.UTC()})
	}
	return list
}

func byArran(t *testing.T, file string) (list []inCalendar) {
	t.Helper()
	cal, err := arran.ParseCalendar(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cal.Events() {
		text := func(p arran.ComponentProperty) string {
			if v := e.GetProperty(p); v != nil {
				return v.Value
			}
			return ""
		}
		start, err := e.GetStartAt()
		end, err2 := e.GetEndAt()
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		list = append(list, inCalendar{e.Id(), text(arran.ComponentPropertySummary), text(arran.ComponentPropertyStatus), text(arran.ComponentPropertyUrl), start.UTC(), end.UTC()})
	}
	return list
}

func TestACalendarFileShowsTheRightInstants(t *testing.T) {
	h := open(t, at(time.Date(2026, 10, 19, 12, 0, 0, 0, time.UTC)))
	c := h.stands("Grief; after a loss, a circle", func(c *circle.Circle) {
		c.Schedule = tuesdays
		c.Schedule.Off = map[string]string{"2026-11-03T19:00": "no heating"}
		c.Schedule.Themes = map[string]string{"2026-10-27T19:00": "sleep"}
		c.Listed = false
	})
	res := h.browser().asks("/circles/"+string(c.ID)+"/calendar.ics", nil)
	file := body(t, res)
	for name, want := range map[string]string{"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "no-store", "Content-Disposition": `attachment; filename="dates.ics"`} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	got := parsed(t, file)
	if len(got) != 53 {
		t.Fatalf("%d dates in a year of Tuesdays", len(got))
	}
	for i, want := range []string{"2026-10-20T18:00:00Z", "2026-10-27T19:00:00Z", "2026-11-03T19:00:00Z"} { // the clocks change on the 25th
		start, _ := time.Parse(time.RFC3339, want)
		if e := got[i]; !e.start.Equal(start) || !e.end.Equal(start.Add(75*time.Minute)) || e.title != "Reminder" || e.url != "" {
			t.Errorf("date %d: %+v, want %s", i, e, want)
		}
	}
	if got[0].status != "CONFIRMED" || got[2].status != "CANCELLED" || got[0].uid == got[1].uid {
		t.Errorf("%+v", got[:3])
	}
	for _, private := range []string{"rief", "loss", "heating", "sleep", string(c.ID), h.url.Host, "DESCRIPTION", "LOCATION"} {
		if strings.Contains(file, private) {
			t.Errorf("the file says %q", private)
		}
	}
	if !strings.Contains(file, "SEQUENCE:1\r\n") || !strings.Contains(file, "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n") {
		t.Errorf("no version, or no interval:\n%.600s", file)
	}
	full, _ := h.fetches("/circles/" + string(c.ID) + "/calendar.ics?title=full&link=1")
	if more := parsed(t, full); more[1].title != "Grief; after a loss, a circle · sleep" || more[1].url != h.url.String()+"/circles/"+string(c.ID) || more[1].uid != got[1].uid {
		t.Errorf("asked for more: %+v", more[1])
	}
	if said := `SUMMARY:Grief\; after a loss\, a circle · sleep`; !strings.Contains(full, said+"\r\n") {
		t.Errorf("not escaped as it must be: no %s", said)
	}
	if es, _ := h.fetches("/circles/"+string(c.ID)+"/calendar.ics", header("Accept-Language", "es")); parsed(t, es)[0].title != "Recordatorio" {
		t.Error("in Spanish it is called something else")
	}
}

func TestACalendarFeedKeepsUp(t *testing.T) {
	now := &clock{monday}
	h := open(t, func(c *Config) { c.Now = now.now })
	c := h.stands("Quiet grief", func(c *circle.Circle) { c.Schedule = tuesdays })
	kept, err := h.store.Circle(t.Context(), c.ID)
	h.must(err)
	path := "/calendar/" + kept.Feed + ".ics"
	page, _ := h.fetches("/circles/" + string(c.ID) + "/calendar?title=full&link=1")
	if !strings.Contains(page, path+"?lang=en&amp;link=1&amp;title=full") {
		t.Errorf("the page has no such address:\n%s", page)
	}
	before := parsed(t, readsFeed(t, h, path))
	if before[0].start.After(monday) || before[0].start.Before(monday.Add(-calendarBehind)) || len(before) > calendarDates {
		t.Errorf("%d dates from %v on", len(before), before[0].start)
	}
	if res := h.browser().asks(path, nil); res.Header.Get("Content-Disposition") != "" {
		t.Error("a feed is no download")
	}
	kept.Schedule.Off = map[string]string{"2026-11-24T19:00": ""}
	h.must(h.store.ChangeCircle(t.Context(), circle.Act{At: monday}, kept))
	after := readsFeed(t, h, path+"?lang=ar")
	if !strings.Contains(after, "SEQUENCE:2\r\n") {
		t.Error("the change has no number")
	}
	for i, e := range parsed(t, after) {
		if off := e.start.Equal(time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC)); e.uid != before[i].uid || off != (e.status == "CANCELLED") || e.title != "تذكير" {
			t.Errorf("date %d: %+v, was %+v", i, e, before[i])
		}
	}
	now.at = monday.AddDate(0, 0, 10)
	if later := parsed(t, readsFeed(t, h, path)); later[1].uid != before[2].uid && later[0].uid != before[1].uid {
		t.Errorf("ten days later other dates: %v", later[:2])
	}
	kept, err = h.store.Circle(t.Context(), c.ID)
	h.must(err)
	kept.Schedule = circle.Schedule{}
	h.must(h.store.ChangeCircle(t.Context(), circle.Act{At: monday}, kept))
	if none := readsFeed(t, h, path); !strings.Contains(none, "BEGIN:VTIMEZONE") || len(parsed(t, none)) != 0 {
		t.Errorf("without dates: %s", none)
	}
}

func readsFeed(t *testing.T, h *house, path string) string {
	t.Helper()
	file, status := h.fetches(path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d", path, status)
	}
	return file
}

func TestWhatHasNoCalendar(t *testing.T) {
	h := open(t, at(monday), func(c *Config) { c.Limits.Enters = Rate{12, time.Hour} })
	paths := []string{"/circles/nowhere/calendar.ics", "/circles/" + string(h.circle) + "/calendar.ics", "/calendar/.ics", "/calendar/x.ics", "/calendar/"}
	for _, s := range []circle.Standing{circle.Draft, circle.Closed, circle.Announced} {
		c := h.stands("A "+string(s), func(c *circle.Circle) { c.Standing, c.Schedule = s, tuesdays })
		kept, err := h.store.Circle(t.Context(), c.ID)
		h.must(err)
		paths = append(paths, "/circles/"+string(c.ID)+"/calendar.ics", "/circles/"+string(c.ID)+"/calendar", "/calendar/"+kept.Feed+".ics")
	}
	open := h.stands("Open", func(c *circle.Circle) { c.Schedule = tuesdays })
	kept, err := h.store.Circle(t.Context(), open.ID)
	h.must(err)
	paths = append(paths, "/calendar/"+kept.Feed, "/calendar/"+kept.Feed[1:]+".ics")
	for _, path := range paths {
		if _, status := h.fetches(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	last := 0
	for range 12 {
		_, last = h.fetches("/calendar/x.ics")
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("guessing goes on: %d", last)
	}
}

// FuzzCalendar: whatever a title is made of, the file stays one that can be
// read, with the same title in it.
func FuzzCalendar(f *testing.F) {
	for _, seed := range []string{"Tea", "a;b,c\\n\nd\r\nEND:VCALENDAR", strings.Repeat("é", 80), "\x00\x7f\xff", strings.Repeat("حلقة ", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		got := parsed(t, string(ics(title, monday, []icsEvent{{uid: "u@hearth", rev: 1, start: monday, end: monday.Add(time.Hour), title: title}})))
		want := strings.Map(func(r rune) rune {
			if r != '\n' && r < ' ' || r == 0x7F || r == utf8.RuneError {
				return -1
			}
			return r
		}, title)
		if len(got) != 1 || got[0].title != want {
			t.Fatalf("%q became %+v", want, got)
		}
	})
}

// fetches gets a path on a new browser.
func (h *house) fetches(path string, change ...func(*http.Request)) (string, int) {
	h.t.Helper()
	res := h.browser().asks(path, nil, change...)
	all, err := io.ReadAll(res.Body)
	h.must(err)
	return string(all), res.StatusCode
}

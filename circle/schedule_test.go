package circle_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the tests need no zones of the machine

	"hearth/circle"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04Z07:00", s)
	if err != nil {
		panic(err)
	}
	return t
}

// starts writes dates as their local names and UTC.
func starts(list []circle.Date) (out []string) {
	for _, d := range list {
		out = append(out, d.Local+" "+d.Start.UTC().Format("01-02T15:04Z"))
	}
	return out
}

func TestDatesOnBothSidesOfAClockChange(t *testing.T) {
	for name, c := range map[string]struct {
		zone, first, rule, from string
		want                    []string
	}{
		"Dublin, spring": {"Europe/Dublin", "2026-03-24T19:00", "FREQ=WEEKLY;BYDAY=TU", "2026-03-24T00:00Z",
			[]string{"2026-03-24T19:00 03-24T19:00Z", "2026-03-31T19:00 03-31T18:00Z"}},
		"Dublin, autumn": {"Europe/Dublin", "2026-03-24T19:00", "FREQ=WEEKLY;BYDAY=TU", "2026-10-20T12:00Z",
			[]string{"2026-10-20T19:00 10-20T18:00Z", "2026-10-27T19:00 10-27T19:00Z"}},
		"Dublin, what the clocks skip is an hour later": {"Europe/Dublin", "2027-03-27T01:30", "FREQ=DAILY", "2027-03-27T00:00Z",
			[]string{"2027-03-27T01:30 03-27T01:30Z", "2027-03-28T01:30 03-28T01:30Z", "2027-03-29T01:30 03-29T00:30Z"}},
		"Dublin, of what comes twice the first": {"Europe/Dublin", "2026-10-24T01:30", "FREQ=DAILY", "2026-10-24T00:00Z",
			[]string{"2026-10-24T01:30 10-24T00:30Z", "2026-10-25T01:30 10-25T00:30Z", "2026-10-26T01:30 10-26T01:30Z"}},
		"New York, spring 2026": {"America/New_York", "2026-03-07T02:30", "FREQ=DAILY", "2026-03-07T00:00Z",
			[]string{"2026-03-07T02:30 03-07T07:30Z", "2026-03-08T02:30 03-08T07:30Z", "2026-03-09T02:30 03-09T06:30Z"}},
		"New York, autumn 2027": {"America/New_York", "2027-11-06T01:30", "FREQ=DAILY", "2027-11-06T00:00Z",
			[]string{"2027-11-06T01:30 11-06T05:30Z", "2027-11-07T01:30 11-07T05:30Z", "2027-11-08T01:30 11-08T06:30Z"}},
		"Apia, the day there was none of": {"Pacific/Apia", "2011-12-29T10:00", "FREQ=DAILY", "2011-12-29T00:00Z",
			[]string{"2011-12-29T10:00 12-29T20:00Z", "2011-12-30T10:00 12-30T20:00Z", "2011-12-31T10:00 12-30T20:00Z", "2012-01-01T10:00 12-31T20:00Z"}},
		"Casablanca, Ramadan begins": {"Africa/Casablanca", "2026-02-14T20:00", "FREQ=DAILY", "2026-02-14T00:00Z",
			[]string{"2026-02-14T20:00 02-14T19:00Z", "2026-02-15T20:00 02-15T20:00Z"}},
		"Casablanca, Ramadan ends in a gap": {"Africa/Casablanca", "2026-03-21T02:30", "FREQ=DAILY", "2026-03-21T00:00Z",
			[]string{"2026-03-21T02:30 03-21T02:30Z", "2026-03-22T02:30 03-22T02:30Z", "2026-03-23T02:30 03-23T01:30Z"}},
		"every second week over new year": {"UTC", "2026-12-22T19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-12-22T00:00Z",
			[]string{"2026-12-22T19:00 12-22T19:00Z", "2027-01-05T19:00 01-05T19:00Z", "2027-01-19T19:00 01-19T19:00Z"}},
		"the last Friday": {"UTC", "2026-01-30T19:00", "FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T00:00Z",
			[]string{"2026-01-30T19:00 01-30T19:00Z", "2026-02-27T19:00 02-27T19:00Z"}},
		"a day that few months have": {"UTC", "2026-01-31T19:00", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01T00:00Z",
			[]string{"2026-01-31T19:00 01-31T19:00Z", "2026-03-31T19:00 03-31T19:00Z"}},
		"leap days": {"UTC", "2028-02-29T19:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-01-01T00:00Z",
			[]string{"2028-02-29T19:00 02-29T19:00Z", "2032-02-29T19:00 02-29T19:00Z"}},
		"three times": {"UTC", "2026-01-05T19:00", "FREQ=DAILY;COUNT=3", "2026-01-06T20:30Z",
			[]string{"2026-01-07T19:00 01-07T19:00Z"}},
		"until a time in UTC, which is local time": {"America/New_York", "2026-01-05T19:00", "FREQ=DAILY;UNTIL=20260107T000000Z", "2026-01-05T00:00Z",
			[]string{"2026-01-05T19:00 01-06T00:00Z", "2026-01-06T19:00 01-07T00:00Z"}},
		"and not a second longer": {"America/New_York", "2026-01-05T19:00", "FREQ=DAILY;UNTIL=20260106T235959Z", "2026-01-05T00:00Z",
			[]string{"2026-01-05T19:00 01-06T00:00Z"}},
		"until a day is to its end": {"Asia/Tokyo", "2026-01-05T19:00", "FREQ=DAILY;UNTIL=20260106", "2026-01-01T00:00Z",
			[]string{"2026-01-05T19:00 01-05T10:00Z", "2026-01-06T19:00 01-06T10:00Z"}},
	} {
		s := circle.Schedule{Zone: c.zone, First: c.first, Rule: c.rule, Minutes: 60}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := s.Next(at(c.from), len(c.want)+1)
		if len(got) > len(c.want) && !strings.Contains(c.rule, "COUNT") && !strings.Contains(c.rule, "UNTIL") {
			got = got[:len(c.want)]
		}
		if !slices.Equal(starts(got), c.want) {
			t.Errorf("%s: got %q, want %q", name, starts(got), c.want)
		}
	}
}

// weekly meets on Tuesdays at 19:00 in Dublin, for an hour.
func weekly() circle.Schedule {
	return circle.Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=TU"}
}

func TestWhatIsSetByHand(t *testing.T) {
	s := weekly()
	s.Also = []string{"2026-03-12T18:00", "2026-03-10T19:00"} // the second is the rule's already
	s.Not = []string{"2026-03-17T19:00"}
	s.Off = map[string]string{"2026-03-24T19:00": "a day of rest", "2026-03-25T19:00": "no date at all"}
	s.Themes = map[string]string{"2026-03-10T19:00": "sleep"}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	got := s.Next(at("2026-03-03T20:00Z"), 4)
	want := []string{"2026-03-10T19:00 03-10T19:00Z", "2026-03-12T18:00 03-12T18:00Z", "2026-03-24T19:00 03-24T19:00Z", "2026-03-31T19:00 03-31T18:00Z"}
	if !slices.Equal(starts(got), want) {
		t.Fatalf("got %q, want %q", starts(got), want)
	}
	if got[0].Theme != "sleep" || got[1].Theme != "" || !got[2].Off || got[2].Why != "a day of rest" || got[3].Off {
		t.Errorf("got %+v", got)
	}
	if d, ok := s.Date("2026-03-24T19:00"); !ok || !d.Off {
		t.Errorf("by name: %+v, %v", d, ok)
	}
	for _, none := range []string{"2026-03-17T19:00", "2026-03-25T19:00", "2026-03-03", "", "2026-02-24T19:00"} {
		if d, ok := s.Date(none); ok {
			t.Errorf("%q is a date: %+v", none, d)
		}
	}
	once := circle.Schedule{Zone: "UTC", First: "2026-03-03T19:00", Minutes: 60}
	if got := starts(once.Next(time.Time{}, 9)); !slices.Equal(got, []string{"2026-03-03T19:00 03-03T19:00Z"}) {
		t.Errorf("once: %q", got)
	}
}

func TestOpenAroundDates(t *testing.T) {
	s := weekly()
	s.Off = map[string]string{"2026-03-10T19:00": ""}
	for when, want := range map[string]bool{
		"2026-03-03T18:44Z": false, "2026-03-03T18:45Z": true, "2026-03-03T19:30Z": true, "2026-03-03T19:59Z": true, "2026-03-03T20:00Z": false,
		"2026-03-04T19:00Z": false, "2026-03-10T19:00Z": false, "2026-03-31T18:00Z": true, "2026-03-31T19:00Z": false, "2026-02-24T19:00Z": false,
	} {
		if got := s.Open(at(when)); got != want {
			t.Errorf("at %s: open is %v, want %v", when, got, want)
		}
	}
	if !(circle.Schedule{}).Open(at("2026-03-03T03:00Z")) {
		t.Error("a circle without a schedule isn't open")
	}
	if d, ok := s.Around(at("2026-03-10T18:50Z")); !ok || !d.Off {
		t.Errorf("around a cancelled date: %+v, %v", d, ok)
	}
	s.Also = []string{"2026-03-10T19:10"}
	if d, ok := s.Around(at("2026-03-10T19:00Z")); !ok || d.Local != "2026-03-10T19:10" {
		t.Errorf("beside a cancelled date: %+v, %v", d, ok)
	}
	broken := weekly()
	broken.Zone = "Nowhere/Land"
	if broken.Open(at("2026-03-03T19:00Z")) || len(broken.Next(time.Time{}, 3)) != 0 {
		t.Error("a schedule without a zone has dates")
	}
}

func TestDatesBetween(t *testing.T) {
	s := weekly()
	for span, want := range map[[2]string]int{
		{"2026-03-03T19:00Z", "2026-03-10T19:00Z"}: 1, // the second begins where it ends
		{"2026-03-03T19:59Z", "2026-03-10T19:01Z"}: 2,
		{"2026-03-03T20:00Z", "2026-03-10T19:00Z"}: 0,
		{"2026-03-03T00:00Z", "2027-03-03T00:00Z"}: 53,
		{"2027-03-03T00:00Z", "2026-03-03T00:00Z"}: 0,
		{"2026-01-01T00:00Z", "2199-01-01T00:00Z"}: circle.MostDates,
		{"2150-01-01T00:00Z", "2150-01-15T00:00Z"}: 2,
	} {
		if got := len(s.Dates(at(span[0]), at(span[1]))); got != want {
			t.Errorf("%v: %d dates, want %d", span, got, want)
		}
	}
}

func TestCountedDatesEnd(t *testing.T) {
	s := weekly()
	s.Rule = "FREQ=WEEKLY;COUNT=3;BYDAY=TU"
	if got := starts(s.Next(at("2026-03-17T12:00Z"), 3)); !slices.Equal(got, []string{"2026-03-17T19:00 03-17T19:00Z"}) {
		t.Errorf("before the last of three: %q", got)
	}
	if got := s.Next(at("2026-05-01T00:00Z"), 3); len(got) != 0 || s.Open(at("2026-03-24T19:00Z")) {
		t.Errorf("after the last of three: %q", starts(got))
	}
}

func TestBadSchedules(t *testing.T) {
	many := make([]string, circle.MaxDates+1)
	for i := range many {
		many[i] = at("2026-01-01T00:00Z").AddDate(0, 0, i).Format("2006-01-02T15:04")
	}
	for name, c := range map[string]struct {
		code   string
		change func(*circle.Schedule)
	}{
		"no zone":           {"zone", func(s *circle.Schedule) { s.Zone = "" }},
		"the machine's":     {"zone", func(s *circle.Schedule) { s.Zone = "Local" }},
		"nowhere":           {"zone", func(s *circle.Schedule) { s.Zone = "Europe/Atlantis" }},
		"a path":            {"zone", func(s *circle.Schedule) { s.Zone = "../../etc/passwd" }},
		"no first":          {"first", func(s *circle.Schedule) { s.First = "" }},
		"no such day":       {"date", func(s *circle.Schedule) { s.First = "2026-02-30T19:00" }},
		"a day alone":       {"date", func(s *circle.Schedule) { s.First = "2026-03-03" }},
		"year 9999":         {"date", func(s *circle.Schedule) { s.First = "9999-12-31T19:00" }},
		"year 1":            {"date", func(s *circle.Schedule) { s.First = "0001-01-01T19:00" }},
		"also":              {"date", func(s *circle.Schedule) { s.Also = []string{"soon"} }},
		"not":               {"date", func(s *circle.Schedule) { s.Not = []string{"9999-01-01T00:00"} }},
		"off":               {"date", func(s *circle.Schedule) { s.Off = map[string]string{"x": ""} }},
		"themes":            {"date", func(s *circle.Schedule) { s.Themes = map[string]string{"": "sleep"} }},
		"a long reason":     {"long", func(s *circle.Schedule) { s.Off = map[string]string{s.First: strings.Repeat("é", 201)} }},
		"too many":          {"many", func(s *circle.Schedule) { s.Also = many }},
		"nine minutes":      {"minutes", func(s *circle.Schedule) { s.Minutes = 9 }},
		"more than a day":   {"minutes", func(s *circle.Schedule) { s.Minutes = 481 }},
		"every hour":        {"often", func(s *circle.Schedule) { s.Rule = "FREQ=HOURLY" }},
		"every second":      {"often", func(s *circle.Schedule) { s.Rule = "FREQ=SECONDLY;COUNT=5" }},
		"two hours a day":   {"often", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;BYHOUR=9,19" }},
		"February 30":       {"never", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30" }},
		"over before":       {"never", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;UNTIL=20260101" }},
		"another day":       {"mismatch", func(s *circle.Schedule) { s.Rule = "FREQ=WEEKLY;BYDAY=WE" }},
		"no frequency":      {"rule", func(s *circle.Schedule) { s.Rule = "BYDAY=TU" }},
		"words":             {"rule", func(s *circle.Schedule) { s.Rule = "every Tuesday" }},
		"two lines":         {"rule", func(s *circle.Schedule) { s.Rule = "DTSTART:20260303T190000\nFREQ=DAILY" }},
		"twice":             {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;FREQ=WEEKLY" }},
		"week 20":           {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=YEARLY;BYWEEKNO=20" }},
		"Easter":            {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=YEARLY;BYEASTER=0" }},
		"interval 0":        {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;INTERVAL=0" }},
		"interval for ever": {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;INTERVAL=2147483647" }},
		"the 53rd Monday":   {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=MONTHLY;BYDAY=53MO" }},
		"a sixth in March":  {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=YEARLY;BYMONTH=3;BYDAY=-6TU" }},
		"month 13":          {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=YEARLY;BYMONTH=13" }},
		"count and until":   {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;COUNT=3;UNTIL=20270101" }},
		"until 9999":        {"date", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;UNTIL=99991231T000000Z" }},
		"a novel":           {"rule", func(s *circle.Schedule) { s.Rule = "FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("3,", 200) + "3" }},
	} {
		s := weekly()
		c.change(&s)
		var bad *circle.BadSchedule
		if err := s.Check(); !errors.As(err, &bad) || bad.Code != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		} else if say := bad.Error(); len(say) < 20 || strings.Contains(say, "schedule:  ") {
			t.Errorf("%s: says %q", name, say)
		}
	}
	if err := (circle.Schedule{}).Check(); err != nil {
		t.Errorf("as it comes: %v", err)
	}
	if out, _ := json.Marshal(circle.About{}); strings.Contains(string(out), "schedule") {
		t.Errorf("a circle without a schedule keeps one: %s", out)
	}
}

// longRules have the library count for long, up to the year 9999 where
// nothing stops it, and the dates they give around the end of our time.
var longRules = map[string][]string{
	"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30": nil, "FREQ=DAILY;COUNT=2147483647;BYMONTH=2;BYMONTHDAY=30": nil,
	"FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=7": nil, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30,31": nil,
	"FREQ=DAILY;COUNT=9223372036854775807": {"2199-06-01T19:00", "2199-06-02T19:00"},
	"FREQ=DAILY":                           {"2199-06-01T19:00", "2199-06-02T19:00"},
}

func TestLongRules(t *testing.T) {
	for rule, want := range longRules {
		s := weekly()
		s.First, s.Rule = "2000-01-04T19:00", rule
		var got []string
		for _, d := range s.Next(at("2199-06-01T00:00Z"), 2) {
			got = append(got, d.Local)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gives %q, want %q", rule, got, want)
		}
	}
}

func BenchmarkLongRules(b *testing.B) {
	for rule := range longRules {
		b.Run(rule, func(b *testing.B) {
			s := weekly()
			s.First, s.Rule = "2000-01-04T19:00", rule
			for b.Loop() {
				s.Next(at("2199-06-01T00:00Z"), 2)
			}
		})
	}
}

func TestRepeat(t *testing.T) {
	for _, c := range []struct{ every, first, rule, second string }{
		{circle.Once, "2026-03-10T19:00", "", ""},
		{circle.EveryWeek, "2026-03-10T19:00", "FREQ=WEEKLY;BYDAY=TU", "2026-03-17T19:00"},
		{circle.EveryTwoWeeks, "2026-03-10T19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-03-24T19:00"},
		{circle.EveryMonth, "2026-03-10T19:00", "FREQ=MONTHLY;BYDAY=2TU", "2026-04-14T19:00"},
		{circle.EveryMonth, "2026-03-29T19:00", "FREQ=MONTHLY;BYDAY=-1SU", "2026-04-26T19:00"},
	} {
		first, _ := time.Parse("2006-01-02T15:04", c.first)
		s := circle.Schedule{Zone: "UTC", First: c.first, Minutes: 60, Rule: circle.Repeat(c.every, first)}
		if s.Rule != c.rule || s.Check() != nil || s.Every() != c.every {
			t.Errorf("%s from %s: %q, %v, read back as %q", c.every, c.first, s.Rule, s.Check(), s.Every())
		}
		if got := s.Next(first, 2); c.second != "" && (len(got) < 2 || got[1].Local != c.second) {
			t.Errorf("%s from %s: %q", c.every, c.first, starts(got))
		}
	}
	if s := weekly(); s.Every() != circle.EveryWeek {
		t.Errorf("got %q", s.Every())
	}
	odd := weekly()
	if odd.Rule = "FREQ=DAILY"; odd.Every() != circle.ByRule {
		t.Errorf("got %q", odd.Every())
	}
}

// FuzzSchedule: whatever passes Check has its first date, in order, each once,
// and nothing makes the library fall over.
func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=-1TU", "FREQ=YEARLY;BYDAY=53TU,-53MO", "FREQ=YEARLY;BYMONTH=12;BYDAY=5TU;BYSETPOS=-1",
		"FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=TU,SU;UNTIL=20270101T000000Z", "FREQ=MONTHLY;BYMONTHDAY=-31,3;BYSETPOS=366"} {
		f.Add(seed, "2026-03-03T19:00", "Europe/Dublin", int64(0))
	}
	f.Fuzz(func(t *testing.T, rule, first, zone string, hours int64) {
		s := circle.Schedule{Zone: zone, First: first, Rule: rule, Minutes: 60}
		bad := s.Check()
		after := at("2026-03-03T00:00Z").Add(time.Duration(hours%2_000_000) * time.Hour)
		list := s.Next(after, 20)
		for i, d := range list {
			if !d.End.After(after) || i > 0 && (d.Start.Before(list[i-1].Start) || d.Local == list[i-1].Local) {
				t.Fatalf("%q: %q after %v", rule, starts(list), after)
			}
		}
		if _, ok := s.Date(first); bad == nil && !ok && !s.IsZero() {
			t.Fatalf("%q: %q is not among its dates", rule, first)
		}
	})
}

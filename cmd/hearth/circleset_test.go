package main

import (
	"path/filepath"
	"strings"
	"testing"

	"hearth/room"
)

// said runs hearth beside the server and asserts how it ends.
func said(t *testing.T, data string, code int, args ...string) string {
	t.Helper()
	got, out, errs := finish(t, append(args, "--data", data)...)
	if got != code {
		t.Fatalf("%v: exit %d, printed %q, said %q", args, got, out, errs)
	}
	return out + errs
}

func TestACircleIsSetAtTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	start(t, data)
	said(t, data, 0, "circle", "make", "Thursday carers", "--format", "council")
	said(t, data, 0, "circle", "set", "thursday carers", "--country", "GB", "--access", "open", "--listed", "--language", "en",
		"--purpose", "For who cares for somebody.", "--theme", "carers", "--theme", "grief", "--capacity", "9", "--title", "Thursday care")
	shown := said(t, data, 0, "circle", "show", "Thursday care")
	for _, want := range []string{"For who cares for somebody.", "open", "carers, grief", "GB", "council", "/circles/"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in %s", want, shown)
		}
	}
	if list := said(t, data, 0, "circle", "list"); !strings.Contains(list, "Thursday care  ") || strings.Count(list, "\n") != 2 {
		t.Errorf("listed are\n%s", list)
	}
	said(t, data, 0, "circle", "set", "Thursday care", "--no-listed", "--access", "invite", "--country", "", "--standing", "closed", "--rule", "")
	for _, c := range []struct{ args, say string }{
		{"--access|ajar", "--access ajar is none of: invite, open, wait"},
		{"--standing|gone", "is none of: announced, closed, draft, meeting"},
		{"--country|Britain", "two letters"},
		{"--theme|weather", `There is no theme "weather"`},
		{"--capacity|0", "choose 1 to 100"},
		{"--title|tuesday EVENING circle", `there is a circle "Tuesday evening circle" already`},
		{"--title|two\nlines", "can't be shown"},
		{"--purpose|\x1b[31mred", "can't be shown"},
		{"--language|en " + strings.Repeat("x", 1000), "no language"},
		{"--listed|--standing|meeting|--country|AQ", "needs crisis signposts"},
		{"--series|--access|open", "a series is for the same people"},
	} {
		said := said(t, data, 1, append([]string{"circle", "set", "Thursday care"}, strings.Split(c.args, "|")...)...)
		if !strings.Contains(strings.ToLower(said), strings.ToLower(c.say)) || !strings.Contains(said, "Nothing was changed.") {
			t.Errorf("%s: said %q", c.args, said)
		}
	}
	if shown := said(t, data, 0, "circle", "show", "Thursday care"); !strings.Contains(shown, "closed") || !strings.Contains(shown, "carers, grief") || !strings.Contains(shown, "0, version 2") {
		t.Errorf("after what couldn't be, it is %s", shown)
	}
}

func TestACirclesDatesAtTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	start(t, data)
	of := []string{"circle", "schedule", "Tuesday evening circle"}
	if s := said(t, data, 0, of...); !strings.Contains(s, "as it comes") {
		t.Errorf("at first: %q", s)
	}
	s := said(t, data, 0, append(of, "--first", "2190-03-16 19:00", "--zone", "Europe/Dublin", "--every", "week")...)
	if !strings.Contains(s, "16 Mar 2190 19:00 GMT\n") || !strings.Contains(s, "30 Mar 2190 19:00 IST\n") {
		t.Errorf("across the change of clocks: %q", s)
	}
	if list := said(t, data, 0, "circle", "list"); !strings.Contains(list, "16 Mar 2190 19:00") {
		t.Errorf("listed is %q", list)
	}
	for _, c := range []struct{ args, say string }{
		{"--first|soon", "is not a day and time"},
		{"--first|2190-03-16 19:00|--zone|Atlantis", "no time zone"},
		{"--first|2190-03-16 19:00|--zone|UTC|--every|FREQ=HOURLY", "once a day at most"},
		{"--first|2190-03-16 19:00|--zone|UTC|--minutes|1", "a date takes"},
		{"--minutes|90", "please add --first"},
		{"--none|--every|week", "goes with nothing else"},
	} {
		got := said(t, data, 1, append(of, strings.Split(c.args, "|")...)...)
		if !strings.Contains(strings.ToLower(got), c.say) {
			t.Errorf("%s: said %q", c.args, got)
		}
	}
	if s := said(t, data, 0, append(of, "--first", "2020-03-16 19:00", "--zone", "UTC")...); !strings.Contains(s, "has no more dates") {
		t.Errorf("when all are over: %q", s)
	}
	said(t, data, 0, append(of, "--none")...)
	if s := said(t, data, 0, of...); !strings.Contains(s, "as it comes") {
		t.Errorf("at last: %q", s)
	}
}

// A title that two circles have leads into neither by itself.
func TestCirclesOfOneTitle(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	start(t, data).stop()
	said(t, data, 0, "circle", "Thursday carers")
	alter(t, data, `UPDATE circles SET settings = replace(settings, 'Thursday carers', 'Tuesday evening circle')`)
	list := said(t, data, 0, "circle", "list")
	id, _, _ := strings.Cut(list, " ")
	for code, want := range map[string]int{"Tuesday evening circle": 1, "": 1, id: 0} {
		if s := said(t, data, want, "circle", "show", code); want == 1 && !strings.Contains(s, "id") || want == 0 && !strings.Contains(s, id) {
			t.Errorf("%q shows %s", code, s)
		}
	}
	if s := said(t, data, 1, "circle", "Tuesday evening circle"); !strings.Contains(s, "already") {
		t.Errorf("a third: %s", s)
	}
}

func TestInvitesAtTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	start(t, data)
	said(t, data, 0, "circle", "Thursday carers")
	of := []string{"--circle", "Thursday carers"}
	before := said(t, data, 0, append([]string{"invite", "list"}, of...)...)
	link := strings.TrimSpace(said(t, data, 0, append([]string{"invite", "--role", "listener", "--uses", "1"}, of...)...))
	seat := enter(t, link, "Lis")
	var id string
	for line := range strings.Lines(said(t, data, 0, append([]string{"invite", "list"}, of...)...)) {
		if !strings.Contains(before, line) {
			id, _, _ = strings.Cut(line, " ")
			if !strings.Contains(line, "listener") || !strings.Contains(line, "1 of 1 used") {
				t.Errorf("listed as %q", line)
			}
		}
	}
	seat.sit()
	said(t, data, 0, append([]string{"invite", "revoke", id}, of...)...)
	seat.closes()
	if got := said(t, data, 1, append([]string{"invite", "revoke", "none"}, of...)...); !strings.Contains(got, `has no invite "none"`) {
		t.Errorf("one that isn't: %q", got)
	}
}

// A room holds what its circle says, and never more than the house.
func TestTheSmallerCapacityHolds(t *testing.T) {
	c := Config{MaxSeats: 12}
	for seats, want := range map[int]int{8: 8, 12: 12, 30: 12} {
		set := room.DefaultSettings()
		set.MaxSeats = seats
		if got := c.settings(set).MaxSeats; got != want {
			t.Errorf("a circle of %d in a house for 12 holds %d", seats, got)
		}
	}
}

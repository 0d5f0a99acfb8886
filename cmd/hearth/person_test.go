package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
)

// Beside a running server: what one end does, the other knows at once.
func TestPeopleAtTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	circleOf(t, p)
	far := []string{"--data", data, "--public-url", "https://circle.example"}
	try := func(want int, say string, args ...string) string {
		t.Helper()
		code, out, errs := finish(t, append(args, far...)...)
		if code != want || !strings.Contains(out+errs, say) {
			t.Errorf("%v: exit %d, printed %q, said %q", args, code, out, errs)
		}
		return out
	}
	try(0, "Nobody runs the house yet.", "person", "list")
	try(1, "Please say what they will be", "person", "invite")
	try(1, "--deputy goes with --circle", "person", "invite", "--deputy", "--admin")
	try(1, `There is no circle "Monday"`, "person", "invite", "--circle", "Monday")
	try(1, "Nobody runs the house yet.", "person", "remove", "Kim")
	try(0, "/enter#", "invite", "--role", "facilitator")
	joins := func(name string, args ...string) {
		t.Helper()
		out := try(0, "It works once, for 7 days.", append([]string{"person", "invite"}, args...)...)
		_, code, ok := strings.Cut(strings.Fields(out)[0], "https://circle.example/welcome#")
		if !ok {
			t.Fatalf("no link in %q", out)
		}
		register(t, data, code, name)
	}
	joins("Kim", "--admin", "--moderator")
	joins("Ada", "--circle", "tuesday evening circle")
	joins("Bo", "--circle", "tuesday evening circle", "--deputy")
	list := try(0, "admin, moderator", "person", "list")
	if !strings.Contains(list, `keeps "Tuesday evening circle"`) || !strings.Contains(list, `deputy in "Tuesday evening circle"`) {
		t.Errorf("listed: %q", list)
	}
	try(1, "hearth person invite --circle NAME", "invite", "--role", "facilitator")
	try(1, "hearth person invite --moderator", "invite", "--role", "moderator")
	try(0, "/enter#", "invite", "--role", "member")
	if made := try(0, "hearth person invite --circle ", "circle", "Thursday carers"); strings.Count(made, "/enter#") != 2 {
		t.Errorf("links that would not open: %q", made)
	}
	try(1, "--passkey is for somebody who is here already", "person", "invite", "--passkey", "Ada", "--admin")
	try(0, "/welcome#", "person", "invite", "--passkey", "ada")
	try(1, "Kim is the only one who runs the house", "person", "remove", "kim")
	try(1, `There is nobody called "Eve". There are: "Kim", "Ada", "Bo".`, "person", "remove", "Eve")
	try(0, "Ada is signed out everywhere", "person", "remove", "Ada")
	if list := try(0, "Kim", "person", "list"); strings.Contains(list, "Ada") {
		t.Errorf("still listed: %q", list)
	}
}

// register does what a browser does with a welcome, but for the passkey.
func register(t *testing.T, data, code, name string) {
	t.Helper()
	db, err := sqlstore.Open(context.Background(), dbPath(data), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Circles().Register(context.Background(), code, circle.Person{ID: circle.PersonID("id of " + name), Name: name},
		circle.Passkey{ID: []byte(name), Data: []byte("{}")}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
}

// A start without an admin makes a link for one, another each time, that
// works until somebody is.
func TestTheFirstAdminsLink(t *testing.T) {
	ctx, now := context.Background(), time.Now()
	data := t.TempDir()
	db, err := sqlstore.Open(ctx, dbPath(data), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := db.Circles()
	links := map[string]bool{}
	for range 2 {
		link, err := firstAdmin(ctx, s, "https://circle.example", now)
		if err != nil || !strings.HasPrefix(link, "https://circle.example/welcome#") || links[link] {
			t.Fatalf("%q, %v", link, err)
		}
		links[link] = true
		w, err := s.Welcome(ctx, link[strings.Index(link, "#")+1:], now)
		if err != nil || !w.Admin || !w.First || w.Until.After(now.Add(circle.FirstWelcome)) {
			t.Errorf("%+v, %v", w, err)
		}
	}
	for link := range links {
		register(t, data, link[strings.Index(link, "#")+1:], "Kim")
		break
	}
	if link, err := firstAdmin(ctx, s, "https://circle.example", now); err != nil || link != "" {
		t.Errorf("with an admin: %q, %v", link, err)
	}
	for link := range links {
		if _, err := s.Welcome(ctx, link[strings.Index(link, "#")+1:], now); err != circle.ErrNoWelcome {
			t.Error("a first link still works:", err)
		}
	}
}

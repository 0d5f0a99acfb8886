package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/internal/sqlstore"
)

// Part of every address that somebody leaves for a reminder. It is readable
// nowhere but at the mail server.
const mailbox = "mailboxcanary"

// browser is one that asks for pages, and says at most who is signed in.
type browser struct {
	p       *program
	session string // its secret; empty: nobody is signed in
}

// asks gets a page, or posts a form to it; a form under "json" alone is sent
// as that.
func (b browser) asks(path string, form url.Values) (status int, page string) {
	b.p.t.Helper()
	method, kind, body := "GET", "", ""
	if form != nil {
		method, kind, body = "POST", "application/x-www-form-urlencoded", form.Encode()
	}
	if form.Has("json") {
		kind, body = "application/json", form.Get("json")
	}
	req, err := http.NewRequest(method, b.p.url+path, strings.NewReader(body))
	if err != nil {
		b.p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if b.session != "" {
		req.Header.Set("Cookie", "__Host-hearth-person="+b.session)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.p.t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		b.p.t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

// gets asks, fails unless the answer is as it should be, and returns it.
func (b browser) gets(want int, path string, form url.Values) (page string) {
	b.p.t.Helper()
	status, page := b.asks(path, form)
	if status != want {
		b.p.t.Fatalf("%s: %d, want %d:\n%s", path, status, want, page)
	}
	return page
}

// coded returns the code behind # of a link to a page, wherever it stands.
func coded(t *testing.T, where, text string) string {
	t.Helper()
	m := regexp.MustCompile(where + `#([A-Za-z0-9_-]+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no link to %s in\n%s", where, text)
	}
	return m[1]
}

// frontRig is a house whose front door and office somebody types into.
type frontRig struct {
	*program
	data   string
	args   []string
	circle string // its page
	office string // the same circle's, there
	admin  browser
	anyone browser
	left   places
	codes  []string // that let somebody in, or at something
	lives  int
}

// live starts the house again, after a look at what the life before left.
func (f *frontRig) live(t *testing.T) {
	t.Helper()
	if f.program != nil {
		f.dies(t)
	}
	f.lives++
	f.program = start(t, f.data, f.args...)
	f.admin.p, f.anyone.p = f.program, f.program
}

func (f *frontRig) dies(t *testing.T) {
	t.Helper()
	life := fmt.Sprint("life ", f.lives)
	f.left.folder(t, life+" data", f.data) // with what is not yet in the database's own file
	if code, _ := f.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	f.left.folder(t, life+" data, at rest", f.data)
	f.left.put(life+" log", []byte(f.errs.String()))
	f.left.put(life+" out", []byte(f.out+f.rest.String()))
}

// signsIn makes the first admin and signs them in.
func (f *frontRig) signsIn(t *testing.T, name string) {
	t.Helper()
	welcome := coded(t, "/welcome", f.welcome())
	register(t, f.data, welcome, name)
	db, err := sqlstore.Open(t.Context(), dbPath(f.data), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if f.admin.session, err = db.Circles().SignIn(context.Background(), circle.PersonID("id of "+name), time.Now()); err != nil {
		t.Fatal(err)
	}
	f.codes = append(f.codes, welcome, f.admin.session)
}

// types puts canaries into all that can be typed outside of a room.
func (f *frontRig) types(t *testing.T) {
	made := f.admin.gets(200, f.office+"/invites", url.Values{"kind": {"each"}, "role": {"member"}, "until": {"7"}, "for": {"For " + word}})
	f.codes = append(f.codes, coded(t, "/enter", made))
	asked := f.anyone.gets(200, f.circle+"/ask", url.Values{"question": {"May I ask? " + word}})
	code := coded(t, "/answer", asked)
	f.codes = append(f.codes, code)
	id := regexp.MustCompile(`name="question" value="([^"]+)"`).FindStringSubmatch(f.admin.gets(200, f.office+"/questions", nil))
	if id == nil {
		t.Fatal("nobody is asked")
	}
	f.admin.gets(303, f.office+"/questions", url.Values{"question": {id[1]}, "answer": {"You may. " + word}})
	f.anyone.gets(200, f.circle+"/remind", url.Values{"address": {mailbox + "@one.example"}})
	// What is not taken.
	f.anyone.gets(422, f.circle+"/ask", url.Values{"question": {strings.Repeat(word+" ", circle.MaxQuestion)}})
	f.anyone.gets(422, f.circle+"/remind", url.Values{"address": {mailbox + " at one.example"}})
	f.anyone.gets(404, "/answer", url.Values{"code": {word}})
	f.admin.gets(422, f.office+"/invites", url.Values{"kind": {"many"}, "role": {word}, "until": {word}, "for": {word}})
	f.anyone.gets(200, "/circles?q="+word, nil)
	// Where it is meant to be read, it is.
	for path, form := range map[string]url.Values{f.office + "/invites": nil, "/office/people": nil, "/answer": {"code": {code}}} {
		if page := f.admin.gets(200, path, form); !strings.Contains(page, word) {
			t.Errorf("what was typed is not on %s: this proves nothing", path)
		}
	}
}

// breaks has each of these go wrong in the database, which is a thing to log.
func (f *frontRig) breaks(t *testing.T) {
	t.Helper()
	join := coded(t, "/welcome", said(t, f.data, 0, "person", "invite", "--moderator"))
	f.codes = append(f.codes, join)
	typed, err := json.Marshal(map[string]string{"code": join, "name": "Mo " + word})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		table, path string
		who         browser
		form        url.Values
		says        int
		reason      string
	}{
		{"questions", f.circle + "/ask", f.anyone, url.Values{"question": {"Again? " + word}}, 500, "ask"},
		{"reminders", f.circle + "/remind", f.anyone, url.Values{"address": {mailbox + "@gone.example"}}, 500, "remind"},
		{"invites", f.office + "/invites", f.admin, url.Values{"kind": {"each"}, "role": {"member"}, "until": {"0"}, "for": {"Lost " + word}}, 500, "office"},
		{"ceremonies", "/welcome/begin", f.anyone, url.Values{"json": {string(typed)}}, 503, "passkey"},
		{"welcomes", "/welcome/begin", f.anyone, url.Values{"json": {string(typed)}}, 503, "welcome"},
	} {
		alter(t, f.data, "ALTER TABLE "+x.table+" RENAME TO away")
		x.who.gets(x.says, x.path, x.form)
		alter(t, f.data, "ALTER TABLE away RENAME TO "+x.table)
		f.logs(x.reason)
	}
}

// logs waits until a fault of this kind is in the log.
func (f *frontRig) logs(reason string) {
	f.t.Helper()
	if !soon(func() bool { return strings.Contains(f.errs.String(), fmt.Sprintf(`"reason":%q`, reason)) }) {
		f.t.Errorf("no fault of %q is logged: this proves nothing\n%s", reason, f.errs)
	}
}

// What is typed outside of a room is where it is meant to be and nowhere
// else: in no log, whatever goes wrong, and an address nowhere at all.
func TestNoWordsOfTheFrontDoorInLogs(t *testing.T) {
	mail := servers.StartSMTP(t, servers.SMTPOptions{NoTLS: true})
	f := &frontRig{data: filepath.Join(t.TempDir(), "data"), left: places{},
		args: []string{"--log-level", "debug", "--smtp", "smtp://" + mail.Addr, "--mail-from", "Hearth <hearth@circle.example>"}}
	f.live(t)
	const title = "Tuesday evening circle"
	said(t, f.data, 0, "circle", "schedule", title, "--first", "2190-03-16 19:00", "--zone", "Europe/Dublin", "--every", "week")
	f.circle = regexp.MustCompile(`/circles/[0-9a-f-]+`).FindString(said(t, f.data, 0, "circle", "show", title))
	f.office = "/office" + f.circle
	f.signsIn(t, "Kim "+word)
	f.types(t)
	f.breaks(t)
	// A mail server that says whom it does not write to is not quoted.
	mail.Say("MAIL", "451 4.3.0 nothing for "+mailbox+"@one.example now")
	f.live(t)
	f.logs("mail")
	f.anyone.gets(200, f.circle+"/remind", url.Values{"address": {mailbox + "@two.example"}})
	mail.Say("MAIL", "")
	f.live(t)
	if !soon(func() bool { return len(mail.Letters()) > 0 }) || !strings.HasPrefix(mail.Letters()[0].To, mailbox) {
		t.Fatalf("nobody was written to, so this proves nothing: %+v\n%s", mail.Letters(), f.errs)
	}
	f.dies(t)

	if found := f.left.find(mailbox); len(found) > 0 {
		t.Errorf("an address is in %q", found)
	}
	for i, code := range f.codes {
		found := f.left.find(code)
		if i == 0 && len(found) == 1 && found[0] == "life 1 out" {
			continue // the admin's link, printed to be opened
		}
		if len(found) > 0 {
			t.Errorf("code %d is in %q", i, found)
		}
	}
	at := f.left.find(word)
	for _, name := range at {
		if !strings.Contains(name, " /hearth.db") {
			t.Errorf("words are in %q", name)
		}
	}
	if len(at) < 3 || len(f.left.find(`"msg":"serving"`)) != 3 {
		t.Errorf("found in %q: the search proves nothing", at)
	}
}

package web

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/mail"
	"hearth/internal/servers"
	"hearth/internal/sqlstore"
)

// posted is the sender of internal/mail, as cmd hands it in.
type posted struct{ *mail.Sender }

// Takes is Mailer's.
func (p posted) Takes(address string) bool { return mail.ValidAddress(address) }

// Send is Mailer's.
func (p posted) Send(ctx context.Context, l Letter) error {
	return p.Sender.Send(ctx, mail.Letter(l))
}

// postOffice is a house that sends reminders of a circle on Tuesdays, by a
// mail server of its own, and a clock to move.
type postOffice struct {
	*house
	server *servers.SMTP
	now    *clock
	circle circle.Circle
	read   int // letters so far
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	p := &postOffice{server: servers.StartSMTP(t, servers.SMTPOptions{}), now: &clock{monday}}
	sender, err := mail.New(mail.Options{URL: "smtp://" + p.server.Addr, From: "Hearth <hearth@circle.example>", Roots: p.server.Roots})
	if err != nil {
		t.Fatal(err)
	}
	p.house = open(t, func(c *Config) {
		c.Limits.Writes = Rate{100, time.Second} // everybody here has one address
		c.Now, c.Mail, c.MailKey = p.now.now, posted{sender}, []byte(strings.Repeat("k", 32))
	})
	p.circle = p.stands("Quiet grief", func(c *circle.Circle) { c.ID, c.Schedule = "0195-8c1e", tuesdays })
	return p
}

// asksFor leaves an address on the circle's page.
func (p *postOffice) asksFor(address string, change ...func(*http.Request)) (string, int) {
	p.t.Helper()
	res := p.browser().asks("/circles/"+string(p.circle.ID)+"/remind", url.Values{"address": {address}}, change...)
	all, err := io.ReadAll(res.Body)
	p.must(err)
	return string(all), res.StatusCode
}

// letter is a mail as its reader has it.
type letter struct{ to, subject, text string }

// mails makes a pass and returns what came of it.
func (p *postOffice) mails() (list []letter) {
	p.t.Helper()
	p.server2().Remind(p.t.Context())
	all := p.server.Letters()
	for _, l := range all[p.read:] {
		in, err := netmail.ReadMessage(strings.NewReader(l.Data))
		p.must(err)
		subject, err := new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject"))
		p.must(err)
		text, err := io.ReadAll(quotedprintable.NewReader(in.Body))
		p.must(err)
		list = append(list, letter{l.To, subject, strings.ReplaceAll(string(text), "\r", "")})
	}
	p.read = len(all)
	return list
}

// server2 is the house's server, which the mail server's name hides.
func (p *postOffice) server2() *Server { return p.house.server }

func (p *postOffice) mailed(want ...string) []letter {
	p.t.Helper()
	got := p.mails()
	var subjects []string
	for _, l := range got {
		subjects = append(subjects, l.to+" "+l.subject)
	}
	if !slices.Equal(subjects, want) {
		p.t.Fatalf("at %v: %q, want %q; faults %q", p.now.at, subjects, want, p.faults)
	}
	return got
}

var linkIn = regexp.MustCompile(`http://localhost:\d+/reminders\?do=([a-z]+)#([\w-]{22})\n`)

// does follows a letter's link and presses its button.
func (p *postOffice) does(l letter, do string, status int, says string) {
	p.t.Helper()
	for _, m := range linkIn.FindAllStringSubmatch(l.text, -1) {
		if m[1] != do {
			continue
		}
		if page, got := p.fetches("/reminders?do=" + do); got != http.StatusOK || strings.Count(page, `name="do"`) != 1 || !strings.Contains(page, `value="`+do+`"`) {
			p.t.Fatalf("the page of %s: %d\n%s", do, got, page)
		}
		res := p.browser().asks("/reminders", url.Values{"code": {m[2]}, "do": {do}})
		if page := body(p.t.(*testing.T), res); res.StatusCode != status || !strings.Contains(page, says) {
			p.t.Fatalf("%s: %s, without %q\n%s", do, res.Status, says, page)
		}
		return
	}
	p.t.Fatalf("no link to %s in %q", do, l.text)
}

const (
	ada         = "ada@example.org"
	adaAsked    = ada + " Did you ask for a reminder?"
	adaRecalled = ada + " A reminder you asked for"
)

func TestAReminderFromAskingToForgetting(t *testing.T) {
	p := openPostOffice(t)
	if page, status := p.fetches("/circles/" + string(p.circle.ID) + "/remind"); status != http.StatusOK || !strings.Contains(page, "Tuesday 24 November, 19:00") {
		t.Fatalf("the form: %d\n%s", status, page)
	}
	if page, status := p.asksFor(ada); status != http.StatusOK || !strings.Contains(page, "a short e-mail is on its way") {
		t.Fatalf("asking: %d\n%s", status, page)
	}
	first := p.mailed(adaAsked)[0]
	neutral(t, first)
	p.does(first, "yes", 200, "We will remind you")
	p.now.at = time.Date(2026, 11, 24, 16, 59, 59, 0, time.UTC)
	p.mailed()
	p.now.at = p.now.at.Add(time.Second)
	second := p.mailed(adaRecalled)[0]
	neutral(t, second)
	if !strings.HasPrefix(second.text, "This is the reminder you asked for: Tuesday 24 November, 19:00 (Dublin time).") || !strings.Contains(second.text, "/circles/"+string(p.circle.ID)+"\n") {
		t.Errorf("it says %q", second.text)
	}
	p.mailed()
	p.does(second, "next", 200, "Tuesday 1 December, 19:00")
	p.does(second, "next", 200, "Tuesday 8 December, 19:00")
	p.now.at = time.Date(2026, 12, 8, 16, 59, 59, 0, time.UTC)
	p.mailed()
	p.now.at = p.now.at.Add(time.Second)
	third := p.mailed(adaRecalled)[0]
	p.now.at = time.Date(2026, 12, 8, 20, 15, 0, 0, time.UTC) // it is over
	p.does(third, "next", 404, "leads to no reminder any more")
	p.asksFor(ada)
	last := p.mailed(adaAsked)[0]
	p.does(last, "stop", 200, "Your address is deleted")
	p.does(last, "yes", 404, "leads to no reminder any more")
	p.asksFor(ada)
	p.mailed()
	p.noFaults(t)
}

// neutral: nobody who sees a letter learns what it is about.
func neutral(t *testing.T, l letter) {
	t.Helper()
	for _, word := range []string{"rief", "circle is", "support", "therapy", "Hearth", "crisis"} {
		if strings.Contains(l.subject+l.text, word) {
			t.Errorf("a letter says %q: %s\n%s", word, l.subject, l.text)
		}
	}
}

func TestNobodyIsPestered(t *testing.T) {
	p := openPostOffice(t)
	first, _ := p.asksFor(ada)
	p.mailed(adaAsked)
	for range 3 {
		p.now.at = p.now.at.Add(7 * time.Hour)
		for _, again := range []string{ada, "ADA@example.org", "ada+more@example.org"} {
			if page, status := p.asksFor(again); status != http.StatusOK || page != first {
				t.Errorf("%s is told that the address is known: %d", again, status)
			}
		}
		p.mailed()
	}
	p.now.at = p.now.at.Add(4 * time.Hour)
	p.asksFor(ada)
	p.mailed(adaAsked)
	for _, one := range []string{"adabell@gmail.com", "a.da.bell@gmail.com", "A.d.a.b.e.l.l+x@GoogleMail.com"} {
		p.asksFor(one)
	}
	p.mailed(strings.Replace(adaAsked, ada, "adabell@gmail.com", 1))
	p.asksFor("a.da@example.org") // elsewhere that may be somebody else
	p.mailed(strings.Replace(adaAsked, ada, "a.da@example.org", 1))
	for _, bad := range []string{"", "ada", "ada@example.org\r\nBcc: bo@example.org", "a@b, c@d", "<ada@example.org>"} {
		if page, status := p.asksFor(bad); status != http.StatusUnprocessableEntity || !strings.Contains(page, "look like one e-mail address") {
			t.Errorf("%q: %d", bad, status)
		}
	}
	p.mailed()
}

func TestRemindersInOtherWords(t *testing.T) {
	p := openPostOffice(t)
	p.asksFor("bo@example.es", header("Accept-Language", "es"))
	p.asksFor("amal@example.org", header("Accept-Language", "ar"))
	got := p.mails()
	if len(got) != 2 || !slices.ContainsFunc(got, func(l letter) bool {
		return l.subject == "¿Pediste un recordatorio?" && strings.Contains(l.text, "martes 24 de noviembre")
	}) ||
		!slices.ContainsFunc(got, func(l letter) bool { return l.subject == "هل طلبت تذكيرًا؟" }) {
		t.Errorf("got %+v", got)
	}
	// What was called off is said so.
	for _, l := range got {
		p.does(l, "yes", 200, "We will remind you")
	}
	c, err := p.store.Circle(t.Context(), p.circle.ID)
	p.must(err)
	c.Schedule.Off = map[string]string{"2026-11-24T19:00": "grief needs rest"}
	p.must(p.store.ChangeCircle(t.Context(), circle.Act{At: monday}, c))
	p.now.at = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	for _, l := range p.mails() {
		if neutral(t, l); l.to == "bo@example.es" && !strings.Contains(l.text, "Esta vez no tendrá lugar") {
			t.Errorf("called off: %q", l.text)
		}
	}
	if p.read != 4 {
		t.Errorf("%d letters in all", p.read)
	}
}

func TestMailThatIsDown(t *testing.T) {
	p := openPostOffice(t)
	p.asksFor(ada)
	p.server.Stop()
	since := p.now.at
	for n := range 12 {
		p.mailed()
		if got := p.server2().MailDown(); !got.Equal(since) {
			t.Fatalf("pass %d: down since %v, want %v", n, got, since)
		}
		p.now.at = p.now.at.Add(time.Minute)
	}
	if len(p.faults) != 1 || !strings.HasPrefix(p.faults[0], "mail: mail: dial: ") {
		t.Errorf("said %q", p.faults)
	}
	p.server.Again()
	p.now.at = p.now.at.Add(maxBackoff)
	p.mailed(adaAsked)
	if down := p.server2().MailDown(); !down.IsZero() {
		t.Errorf("still down since %v", down)
	}
	p.mailed()
}

func TestWhatAMailServerAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		step, says string
		passes     int  // further ones, a minute apart
		letters    int  // that arrived in the end
		down       bool // at once
	}{
		"no such user: never again":            {"RCPT", "550 5.1.1 <ada@example.org> unknown", 40, 0, false},
		"not now: again":                       {"RCPT", "451 4.7.1 ada, later", 3, 1, false},
		"who are you: an operator can mend it": {"MAIL", "550 5.7.1 no", 3, 1, true},
		"cut after the last dot: once more":    {".", servers.Cut, 5, 2, false},
	} {
		p := openPostOffice(t)
		p.server.Say(c.step, c.says)
		p.asksFor(ada)
		p.mails()
		if down := !p.server2().MailDown().IsZero(); down != c.down {
			t.Errorf("%s: down is %v", name, down)
		}
		p.server.Say(c.step, "")
		for range c.passes {
			p.now.at = p.now.at.Add(time.Minute)
			p.mails()
		}
		if p.read != c.letters {
			t.Errorf("%s: %d letters, want %d", name, p.read, c.letters)
		}
		for _, f := range p.faults {
			if strings.Contains(f, "ada") || strings.Contains(f, "example.org") {
				t.Errorf("%s: a fault names her: %s", name, f)
			}
		}
	}
}

func TestWithoutMailThereIsNoForm(t *testing.T) {
	h := open(t, at(monday))
	c := h.stands("Quiet grief", func(c *circle.Circle) { c.Schedule = tuesdays })
	page, _ := h.fetches("/circles/" + string(c.ID) + "/calendar")
	if _, status := h.fetches("/circles/" + string(c.ID) + "/remind"); status != http.StatusNotFound || strings.Contains(page, "/remind") {
		t.Errorf("a form without mail: %d", status)
	}
	if _, status := h.fetches("/reminders"); status != http.StatusOK {
		t.Errorf("links of before: %d", status)
	}
	h.server.Remind(t.Context())
	h.noFaults(t)
	face, err := theFace()
	h.must(err)
	if _, err := New(Config{Store: h.store, Hub: h.hub, Face: face, PublicURL: h.url, Mail: posted{}, MailKey: []byte("short")}); err == nil {
		t.Error("a short key seals addresses")
	}
}

// TestNoAddressLiesAbout plants one and looks for it wherever anything is
// kept: in the database as it is, and after its date. The control finds what
// is there in the open.
func TestNoAddressLiesAbout(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlstore.Open(t.Context(), filepath.Join(dir, "hearth.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p := openPostOffice(t)
	p.house.server.Store = db.Circles()
	p.store.Store = db.Circles()
	p.must(p.store.AddCircle(t.Context(), circle.Act{At: monday}, p.circle))
	const canary = "wagtail.canary@example.org"
	p.asksFor(canary)
	l := p.mailed(canary + " Did you ask for a reminder?")[0]
	p.does(l, "yes", 200, "We will remind you")
	code := linkIn.FindStringSubmatch(l.text)[2]
	one, err := db.Circles().Reminder(t.Context(), code, p.now.at)
	p.must(err)
	for _, secret := range []string{"wagtail", "WAGTAIL", code, p.house.server.mailing.keys.hash("canary@example.org")} {
		if found(t, dir, secret) {
			t.Errorf("%.10s… can be read in the database", secret)
		}
	}
	if !found(t, dir, one.ID) || !found(t, dir, "Quiet grief") {
		t.Fatal("the search finds nothing at all")
	}
	p.now.at = one.Begins.Add(-time.Hour)
	p.asksFor("redstart@example.org") // and never says yes
	sent := p.mailed(canary+" A reminder you asked for", "redstart@example.org Did you ask for a reminder?")
	unsaid, err := db.Circles().Reminder(t.Context(), linkIn.FindStringSubmatch(sent[1].text)[2], p.now.at)
	p.must(err)
	sealed := base64.StdEncoding.EncodeToString(unsaid.Sealed)
	if !found(t, dir, sealed) {
		t.Fatal("what is sealed isn't kept")
	}
	p.now.at = one.Ends
	p.mailed()
	p.must(db.Sweep(t.Context(), p.now.at))
	for _, gone := range []string{one.ID, one.Whose, sealed} {
		if found(t, dir, gone) {
			t.Errorf("%.10s… is still there after its date", gone)
		}
	}
	if strings.Contains(strings.Join(p.faults, "\n"), "wagtail") {
		t.Errorf("said %q", p.faults)
	}
}

// found looks for a text in every file of a folder.
func found(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}

func TestReminderKeys(t *testing.T) {
	k, err := newReminderKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := newReminderKeys([]byte(strings.Repeat("o", 32)))
	if err != nil {
		t.Fatal(err)
	}
	who := recipient{To: ada, Lang: "ar"}
	sealed, err := k.close("one", who)
	if err != nil || strings.Contains(string(sealed), "ada") {
		t.Fatal(err, sealed)
	}
	if got, err := k.open("one", sealed); err != nil || got != who {
		t.Errorf("opened %+v, %v", got, err)
	}
	if _, err := k.open("two", sealed); err == nil {
		t.Error("it opens as another's")
	}
	if _, err := other.open("one", sealed); err == nil {
		t.Error("it opens with another key")
	}
	long, err := k.close("one", recipient{To: strings.Repeat("a", 242) + "@example.org", Lang: "en"})
	if err != nil || len(long) != len(sealed) || len(long) > circle.MaxSealed {
		t.Errorf("%v: %d bytes and %d", err, len(long), len(sealed))
	}
	if k.codeOf("one") == k.codeOf("two") || k.codeOf("one") == other.codeOf("one") || !isToken(k.codeOf("one")) {
		t.Error("codes can be guessed")
	}
	if k.hash("Ada+x@Example.org") != k.hash(ada) || k.hash("bo@example.org") == k.hash(ada) || other.hash(ada) == k.hash(ada) {
		t.Error("hashes don't tell mailboxes apart")
	}
}

package mail_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/mail"
	"hearth/internal/servers"
)

const text = "Hola, aquí está el recordatorio que pediste.\n\n.\nMás tarde: https://circle.example/reminders#code=\n"

var letter = mail.Letter{To: "ada@example.org", Subject: "Un recordatorio que pediste: mañana", Text: text, Lang: "es"}

// sender makes one for a server of a test.
func sender(t *testing.T, s *servers.SMTP, scheme string, change ...func(*mail.Options)) *mail.Sender {
	t.Helper()
	o := mail.Options{URL: scheme + "://" + s.Addr, From: "Hearth <hearth@circle.example>", Roots: s.Roots, Within: 10 * time.Second,
		Now: func() time.Time { return time.Date(2026, 3, 3, 19, 0, 0, 0, time.UTC) }}
	for _, f := range change {
		f(&o)
	}
	m, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	for name, c := range map[string]struct {
		scheme string
		o      servers.SMTPOptions
		user   string
	}{
		"STARTTLS":                   {"smtp", servers.SMTPOptions{}, ""},
		"TLS from the beginning":     {"smtps", servers.SMTPOptions{Whole: true}, ""},
		"on this machine":            {"smtp", servers.SMTPOptions{NoTLS: true}, ""},
		"with a name and password":   {"smtp", servers.SMTPOptions{User: "hearth", Password: "p@ss"}, "hearth:p%40ss@"},
		"and TLS from the beginning": {"smtps", servers.SMTPOptions{Whole: true, User: "hearth", Password: "p"}, "hearth:p@"},
	} {
		server := servers.StartSMTP(t, c.o)
		m := sender(t, server, c.scheme, func(o *mail.Options) { o.URL = strings.Replace(o.URL, "://", "://"+c.user, 1) })
		if err := m.Send(t.Context(), letter); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tls := slices.Contains(server.Seen(), "STARTTLS"); tls != (c.scheme == "smtp" && !c.o.NoTLS) {
			t.Errorf("%s: STARTTLS is %v", name, tls)
		}
		got := server.Letters()
		if len(got) != 1 || got[0].From != "hearth@circle.example" || got[0].To != "ada@example.org" {
			t.Fatalf("%s: %+v", name, got)
		}
		read(t, got[0].Data)
	}
}

// read looks a letter over as a reader does.
func read(t *testing.T, data string) {
	t.Helper()
	in, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{"From": `"Hearth" <hearth@circle.example>`, "To": "<ada@example.org>", "Date": "Tue, 03 Mar 2026 19:00:00 +0000",
		"Content-Type": "text/plain; charset=utf-8", "Auto-Submitted": "auto-generated", "Content-Language": "es", "Bcc": ""} {
		if got := in.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if id := in.Header.Get("Message-ID"); !strings.HasSuffix(id, "@circle.example>") || len(id) < 40 {
		t.Errorf("id %q", id)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(in.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r", "") != text {
		t.Errorf("text %q, %v", body, err)
	}
	for line := range strings.Lines(data) {
		if len(line) > 80 || strings.ContainsFunc(line, func(r rune) bool { return r > 0x7E }) {
			t.Errorf("line %q", line)
		}
	}
}

// fault sends and must fail.
func fault(t *testing.T, ctx context.Context, m *mail.Sender, l mail.Letter) *mail.Fault {
	t.Helper()
	var f *mail.Fault
	if err := m.Send(ctx, l); !errors.As(err, &f) {
		t.Fatalf("got %v", err)
	}
	for _, private := range []string{"ada", "example.org", "reminders#code", "secret"} {
		if strings.Contains(f.Error(), private) {
			t.Errorf("the error has %q in it: %v", private, f)
		}
	}
	return f
}

func TestWhatAServerSaysNoTo(t *testing.T) {
	server := servers.StartSMTP(t, servers.SMTPOptions{User: "hearth", Password: "secret"})
	m := sender(t, server, "smtp", func(o *mail.Options) { o.URL, o.Password = strings.Replace(o.URL, "://", "://hearth@", 1), "secret" })
	for _, c := range []struct {
		step, says             string
		refused, perhaps, down bool
		error                  string
	}{
		{"greeting", "421 too busy for ada@example.org", false, false, true, "mail: greeting: the server answered 421"},
		{"STARTTLS", "454 4.7.0 not now", false, false, true, "mail: tls: the server answered 454 4.7.0"},
		{"AUTH", "535 5.7.8 wrong secret", false, false, true, "mail: auth: the server answered 535 5.7.8"},
		{"MAIL", "550 5.1.8 who are you", false, false, true, "mail: from: the server answered 550 5.1.8"},
		{"RCPT", "550 5.1.1 <ada@example.org>: no such user", true, false, false, "mail: to: the server answered 550 5.1.1"},
		{"RCPT", "550 5.7.1 relaying denied", false, false, false, "mail: to: the server answered 550 5.7.1"},
		{"RCPT", "451 4.7.1 greylisted", false, false, false, "mail: to: the server answered 451 4.7.1"},
		{"DATA", "554 no", true, false, false, "mail: data: the server answered 554"},
		{".", "554 5.6.0 reminders#code", true, false, false, "mail: data: the server answered 554 5.6.0"},
		{".", "452 4.2.2 full", false, false, false, "mail: data: the server answered 452 4.2.2"},
		{"greeting", servers.Cut, false, false, true, "mail: greeting: the server was cut off or took too long"},
		{"RCPT", servers.Cut, false, false, false, "mail: to: the server was cut off or took too long"},
		{".", servers.Cut, false, true, false, "mail: data: the server was cut off or took too long"},
	} {
		server.Say(c.step, c.says)
		f := fault(t, t.Context(), m, letter)
		if f.Refused() != c.refused || f.Perhaps() != c.perhaps || f.Down() != c.down || f.Error() != c.error {
			t.Errorf("%s %q: %v, refused %v, perhaps %v, down %v", c.step, c.says, f, f.Refused(), f.Perhaps(), f.Down())
		}
		server.Say(c.step, "")
	}
	if err := m.Send(t.Context(), letter); err != nil {
		t.Error("afterwards:", err)
	}
}

func TestAServerThatHangs(t *testing.T) {
	server := servers.StartSMTP(t, servers.SMTPOptions{})
	for _, step := range []string{"greeting", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "."} {
		server.Say(step, servers.Hang)
		m := sender(t, server, "smtp", func(o *mail.Options) { o.Within = 200 * time.Millisecond })
		began := time.Now()
		f := fault(t, t.Context(), m, letter)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: it took %v", step, took)
		}
		if f.Perhaps() != (step == ".") {
			t.Errorf("%s: perhaps is %v", step, f.Perhaps())
		}
		server.Say(step, "")
	}
	ctx, cancel := context.WithCancel(t.Context())
	server.Say("RCPT", servers.Hang)
	time.AfterFunc(50*time.Millisecond, cancel)
	if f := fault(t, ctx, sender(t, server, "smtp"), letter); f.Perhaps() || f.Refused() {
		t.Errorf("cancelled: %v", f)
	}
}

func TestNoServerAndNoTLS(t *testing.T) {
	server := servers.StartSMTP(t, servers.SMTPOptions{})
	stranger := sender(t, server, "smtp", func(o *mail.Options) { o.Roots = servers.StartSMTP(t, servers.SMTPOptions{}).Roots })
	if f := fault(t, t.Context(), stranger, letter); f.Step != "tls" || !f.Down() {
		t.Errorf("another's certificate: %v", f)
	}
	server.Stop()
	if f := fault(t, t.Context(), sender(t, server, "smtp"), letter); f.Step != "dial" || !f.Down() || f.Perhaps() {
		t.Errorf("nobody there: %v", f)
	}
	server.Again()
	if err := sender(t, server, "smtp").Send(t.Context(), letter); err != nil {
		t.Errorf("there again: %v", err)
	}
	server.Say("greeting", "220 "+strings.Repeat("on and on ", 100_000))
	if f := fault(t, t.Context(), sender(t, server, "smtp"), letter); f.Step != "greeting" {
		t.Errorf("talks without end: %v", f)
	}
}

func TestNothingIsSmuggledIn(t *testing.T) {
	server := servers.StartSMTP(t, servers.SMTPOptions{})
	m := sender(t, server, "smtp")
	for _, to := range []string{"", "ada", "ada@example.org\r\nRCPT TO:<bo@example.org>", "Ada <ada@example.org>", "<ada@example.org>", "ada@example.org,bo@example.org",
		"ada@example.org ", "ada@exa mple.org", "adá@example.org", `"a b"@example.org`, strings.Repeat("a", 250) + "@example.org", "ada@example.org\x00", "@example.org", "ada@"} {
		l := letter
		if l.To = to; mail.ValidAddress(to) || !fault(t, t.Context(), m, l).Refused() {
			t.Errorf("%q is an address", to)
		}
	}
	for _, subject := range []string{"", "one\r\nBcc: bo@x.test", "one\ntwo", "one\x00"} {
		l := letter
		if l.Subject = subject; !fault(t, t.Context(), m, l).Refused() {
			t.Errorf("%q is a subject", subject)
		}
	}
	if seen := server.Seen(); len(seen) != 0 {
		t.Errorf("the server was asked: %q", seen)
	}
	for _, to := range []string{"a@b", "ada.l+hearth@mail.example.org", "o'neil@example.ie"} {
		if !mail.ValidAddress(to) {
			t.Errorf("%q is no address", to)
		}
	}
}

func TestOptionsThatCantBe(t *testing.T) {
	from := "Hearth <hearth@example.org>"
	for _, o := range []mail.Options{{URL: "", From: from}, {URL: "http://mail.test", From: from}, {URL: "smtp://", From: from}, {URL: "smtp://u:secret@mail.test:x", From: from},
		{URL: "smtp://mail.test/path", From: from}, {URL: "smtp://mail.test", From: ""}, {URL: "smtp://mail.test", From: "Hearth"}, {URL: "smtp://mail.test", From: "a@b\r\nBcc: c@d"}} {
		if _, err := mail.New(o); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, url := range []string{"smtp://mail.test", "smtps://hearth:secret@mail.test", "smtp://mail.test:25?tls=off"} {
		if _, err := mail.New(mail.Options{URL: url, From: from}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

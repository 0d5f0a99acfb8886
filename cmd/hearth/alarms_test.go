package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/moderation"
	"hearth/web"
)

// board is a server that webhooks call: it keeps what they say.
type board struct {
	*httptest.Server
	mu     sync.Mutex // guards bodies and signed
	bodies []string
	signed []string
}

func newBoard(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *board {
	b := &board{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s, %v", r.Method, err)
		}
		b.mu.Lock()
		b.bodies, b.signed = append(b.bodies, string(all)), append(b.signed, r.Header.Get(signatureHeader))
		b.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *board) calls() ([]string, []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bodies, b.signed
}

// one is the only alarm that settings come to.
func one(t *testing.T, c Config) web.Alarm {
	t.Helper()
	all, err := c.alarms()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d alarms, %v", len(all), err)
	}
	return all[0]
}

var calling = web.AlarmCall{N: 12, Step: moderation.PageCall, Waiting: 60, Desk: "https://circle.example/desk"}

// A webhook says where somebody is needed, signed, and nothing more; any 2xx
// has taken it.
func TestWebhook(t *testing.T) {
	b := newBoard(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("thirty-two random bytes, or more"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := one(t, Config{OnCallWebhook: Sensitive(b.URL + "/token-canary"), OnCallSecret: name})
	if a.Name() != "webhook" || a.Emergency() {
		t.Errorf("%s, %v", a.Name(), a.Emergency())
	}
	if err := a.Call(t.Context(), calling); err != nil {
		t.Fatal(err)
	}
	bodies, signed := b.calls()
	var said map[string]any
	if err := json.Unmarshal([]byte(bodies[0]), &said); err != nil || len(said) != 5 || said["case"] != 12.0 || said["step"] != "call" || said["waiting"] != 60.0 || said["desk"] != calling.Desk {
		t.Errorf("%s, %v", bodies[0], err)
	}
	if at, _ := said["at"].(float64); time.Since(time.Unix(int64(at), 0)).Abs() > time.Minute {
		t.Errorf("it was at %v", said["at"])
	}
	if signed[0] != signature([]byte("thirty-two random bytes, or more"), []byte(bodies[0])) || signed[0] == signature([]byte("another"), []byte(bodies[0])) || len(signed[0]) != len("sha256=")+64 {
		t.Errorf("signed %q", signed[0])
	}
	if err := one(t, Config{OnCallWebhook: Sensitive(b.URL)}).Call(t.Context(), calling); err != nil {
		t.Fatal(err)
	}
	if _, signed := b.calls(); signed[1] != "" {
		t.Errorf("without a secret it is signed %q", signed[1])
	}
}

// What does not take a call is an error that says nothing of the address; a
// redirect is not followed, and who hangs has until the call ends.
func TestWebhookFails(t *testing.T) {
	elsewhere := newBoard(t, func(http.ResponseWriter, *http.Request) {})
	hangs, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hangs.Close() })
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for what, to := range map[string]string{
		"a no": newBoard(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }).URL,
		"a redirect": newBoard(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}).URL,
		"nobody":  "http://" + gone.Addr().String(),
		"silence": "http://" + hangs.Addr().String(),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := one(t, Config{OnCallWebhook: Sensitive(to + "/token-canary")}).Call(ctx, calling)
		if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "http://") {
			t.Errorf("%s: %v", what, err)
		}
		if what == "silence" && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
		cancel()
	}
	if bodies, _ := elsewhere.calls(); len(bodies) > 0 {
		t.Errorf("the redirect was followed: %q", bodies)
	}
}

// A mail says that somebody is asked for, and where; not what it is about.
func TestAlarmMail(t *testing.T) {
	s := servers.StartSMTP(t, servers.SMTPOptions{NoTLS: true})
	all, err := (&Config{SMTP: Sensitive("smtp://" + s.Addr), MailFrom: "Hearth <hearth@circle.example>", OnCallMail: []string{"mo@circle.example", "jo@circle.example"}, EmergencyMail: []string{"safe@circle.example"}}).alarms()
	if err != nil || len(all) != 3 {
		t.Fatalf("%d alarms, %v", len(all), err)
	}
	for i, a := range all {
		if a.Name() != "mail" || a.Emergency() != (i == 2) {
			t.Errorf("%d: %s, %v", i, a.Name(), a.Emergency())
		}
		c := calling
		c.Waiting = 185
		if a.Emergency() {
			c.Step = moderation.PageEmergency
		}
		if err := a.Call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Letters()
	for i, to := range []string{"mo@circle.example", "jo@circle.example", "safe@circle.example"} {
		text := strings.NewReplacer("=\r\n", "", "=\n", "").Replace(got[i].Data)
		if strings.Trim(got[i].To, "<>") != to || !strings.Contains(text, "https://circle.example/desk") || !strings.Contains(text, "number 12") || !strings.Contains(text, "3 minutes") {
			t.Errorf("to %s: %s", got[i].To, text)
		}
		for _, never := range []string{"report", "care", "harm", "moderat", "suicid", "circle 12"} {
			if strings.Contains(strings.ToLower(text), never) {
				t.Errorf("a mail says %q", never)
			}
		}
	}
}

// What can't work is refused before anything starts.
func TestAlarmsAreLookedOver(t *testing.T) {
	for want, c := range map[string]Config{
		"--on-call-mail needs":                  {OnCallMail: []string{"mo@circle.example"}},
		"--emergency-mail needs":                {EmergencyMail: []string{"mo@circle.example"}},
		"--on-call-mail takes addresses":        {SMTP: "smtp://localhost", OnCallMail: []string{"Mo <mo@circle.example>"}},
		"--on-call-webhook looks like":          {OnCallWebhook: "ftp://canary.example/x"},
		"--on-call-webhook looks like https":    {OnCallWebhook: "canary"},
		"Please give --on-call-webhook":         {OnCallSecret: "secret"},
		"file of --on-call-webhook-secret-file": {OnCallWebhook: "https://canary.example", OnCallSecret: "/nowhere/secret"},
	} {
		if _, err := c.alarms(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", want, err)
		}
	}
	if all, err := (&Config{}).alarms(); err != nil || len(all) > 0 {
		t.Errorf("nothing is set up, and comes to %v, %v", all, err)
	}
}

func TestTheHouseSaysWhetherAnybodyIsCalled(t *testing.T) {
	check := []string{"check", "--data", filepath.Join(t.TempDir(), "none yet")}
	abroad := append(check, "--public-url", public)
	mail := append(abroad, "--smtp", "smtp://mail.example.org:587", "--mail-from", "hearth@example.org")
	says(t, 1, []string{"ok    on call: nobody is called"}, check...)
	says(t, 1, []string{"look: on call: nobody is called"}, abroad...)
	says(t, 1, []string{"look: on call: nobody is called"}, append(mail, "--emergency-mail", "ada@example.org")...)
	says(t, 1, []string{"ok    on call: called on 3 channels"},
		append(mail, "--on-call-mail", "ada@example.org,bea@example.org", "--on-call-webhook", "https://example.org/pager")...)
}

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"hearth/moderation"
	"hearth/web"
)

// organisation makes a key as the command does.
func organisation(t *testing.T) (name string, public moderation.PublicKey) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "house.key")
	code, out, errs := ask(t, "moderator-key", "make", name)
	if code != 0 {
		t.Fatalf("moderator-key make: %d %s", code, errs)
	}
	keys, err := (&Config{ModeratorKey: []string{strings.TrimSpace(out)}}).offline()
	if err != nil {
		t.Fatal(err)
	}
	return name, keys[0]
}

func sealedTo(t *testing.T, body string, to ...moderation.PublicKey) moderation.Sealed {
	t.Helper()
	s, err := moderation.Seal([]byte(body), to, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, key string, export any) (string, error) {
	t.Helper()
	b, err := json.Marshal(export)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = (&modKeyOpen{File: key}).run(bytes.NewReader(b), &out)
	return out.String(), err
}

func TestTheOrganisationReadsAReportOffline(t *testing.T) {
	name, public := organisation(t)
	if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", st, err)
	}
	sealed := sealedTo(t, `{"text":"I <am> afraid"}`, public)
	if got, err := read(t, name, sealed); err != nil || got != "{\n  \"text\": \"I <am> afraid\"\n}\n" {
		t.Errorf("%q, %v", got, err)
	}
	_, other := organisation(t)
	bodies := map[string]moderation.Sealed{"one": sealed, "two": sealedTo(t, `{"text":"no"}`, other)}
	got, err := read(t, name, map[string]any{"bodies": bodies})
	if err == nil || !strings.Contains(err.Error(), "1 report of 2") {
		t.Errorf("of two reports one is shut: %v", err)
	}
	var open struct{ Bodies map[string]moderation.Body }
	if err := json.Unmarshal([]byte(got), &open); err != nil || len(open.Bodies) != 1 || open.Bodies["one"].Text != "I <am> afraid" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatIsNoReportIsNotRead(t *testing.T) {
	name, public := organisation(t)
	_, other := organisation(t)
	none := filepath.Join(t.TempDir(), "no.key")
	if err := os.WriteFile(none, []byte("tea\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key    string
		export any
		say    string
	}{
		{name, sealedTo(t, `{}`, other), "does not open"},
		{name, sealedTo(t, `words`, public), "does not open"},
		{name, "tea", "no export"},
		{name, map[string]any{}, "no export"},
		{none, sealedTo(t, `{}`, public), "is no key"},
		{filepath.Join(t.TempDir(), "gone"), sealedTo(t, `{}`, public), "can't be read"},
	} {
		if out, err := read(t, c.key, c.export); err == nil || !strings.Contains(err.Error(), c.say) || out != "" {
			t.Errorf("%q: printed %q, said %v", c.say, out, err)
		}
	}
	code, out, errs := ask(t, "moderator-key", "make", name)
	if code != 1 || out != "" || !strings.Contains(errs, "already") {
		t.Errorf("a key is written over: %d, %q, %q", code, out, errs)
	}
	if got, err := read(t, name, sealedTo(t, `{"text":"still"}`, public)); err != nil || !strings.Contains(got, "still") {
		t.Errorf("and is another now: %v", err)
	}
}

func TestSeveralModeratorKeysInTheSettings(t *testing.T) {
	_, a := organisation(t)
	_, b := organisation(t)
	text := base64.RawURLEncoding.EncodeToString(a.Raw) + "," + base64.RawURLEncoding.EncodeToString(b.Raw)
	t.Setenv("HEARTH_MODERATOR_KEY", text)
	got := printed(t)["moderator-key"].([]any)
	if len(got) != 2 || got[0].(string)+","+got[1].(string) != text {
		t.Errorf("two keys become %v", got)
	}
}

func TestTheHouseSaysWhetherReportsCouldBeRead(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	name := filepath.Join(t.TempDir(), "house.key")
	_, key, _ := ask(t, "moderator-key", "make", name)
	p := start(t, data)
	says(t, 0, []string{"ok    reports: nobody could read them"}, "check", "--data", data)
	abroad := []string{"check", "--data", data, "--public-url", public, "--on-call-webhook", "https://example.org/pager"}
	says(t, 1, []string{"look: reports: nobody could read them", "1 thing"}, abroad...)
	says(t, 0, []string{"ok    reports: sealed to 1 key"}, append(abroad, "--moderator-key", strings.TrimSpace(key))...)
	p.stop()
	for _, c := range []struct{ state, say string }{{web.ConditionLook, "status.reports.nobody"}, {web.ConditionFine, "status.reports.are"}} {
		cfg := &Config{Data: data, Listen: "127.0.0.1:0", MaxSeats: 30}
		if c.state == web.ConditionFine {
			cfg.ModeratorKey = []string{strings.TrimSpace(key)}
		}
		s, err := build(t.Context(), cfg, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		list := s.health(t.Context())
		s.close()
		if !slices.ContainsFunc(list, func(is web.Condition) bool {
			return is.Name == "status.reports" && is.State == c.state && is.Say == c.say
		}) {
			t.Errorf("the office is told %+v", list)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ask runs the program in this process and returns what it printed.
func ask(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// printed returns the settings that `hearth config print` shows.
func printed(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := ask(t, append([]string{"config", "print"}, args...)...)
	if code != 0 {
		t.Fatalf("config print: %d %s", code, errs)
	}
	m := map[string]any{}
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "hearth.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConfigOrder(t *testing.T) {
	if got := printed(t)["max-seats"]; got != 30.0 {
		t.Errorf("default: %v", got)
	}
	f := file(t, `{"max-seats": 12, "grace": "20s", "turn-time": "3m", "trusted-proxy": ["10.0.0.0/8", "fd00::/8"]}`)
	t.Setenv("HEARTH_CONFIG", f)
	if got := printed(t); got["max-seats"] != 12.0 || got["grace"] != "20s" || fmt.Sprint(got["trusted-proxy"]) != "[10.0.0.0/8 fd00::/8]" {
		t.Errorf("file: %v", got)
	}
	t.Setenv("HEARTH_MAX_SEATS", "14")
	if got := printed(t)["max-seats"]; got != 14.0 {
		t.Errorf("the environment doesn't win over the file: %v", got)
	}
	if got := printed(t, "--max-seats", "16"); got["max-seats"] != 16.0 || got["turn-time"] != "3m0s" {
		t.Errorf("a flag doesn't win over the environment: %v", got)
	}
	other := file(t, `{"grace": "21s"}`)
	if got := printed(t, "--config", other)["grace"]; got != "21s" {
		t.Errorf("--config doesn't win over HEARTH_CONFIG: %v", got)
	}
}

func TestConfigPrintIsAConfigFile(t *testing.T) {
	_, out, _ := ask(t, "config", "print", "--max-seats", "9", "--trusted-proxy", "127.0.0.0/8")
	_, again, errs := ask(t, "config", "print", "--config", file(t, out))
	if out != again {
		t.Errorf("printed and read again it differs:\n%s\n%s%s", out, again, errs)
	}
}

func TestConfigMasksSecrets(t *testing.T) {
	const secret = "canary-7ea1"
	t.Setenv("HEARTH_ADMIN_TOKEN", secret)
	if got := printed(t)["admin-token"]; got != "[redacted]" {
		t.Errorf("admin-token is printed as %v", got)
	}
	c := Config{AdminToken: secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if s := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, c.AdminToken); strings.Contains(s, secret) || strings.Contains(s, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s prints the secret: %s", verb, s)
		}
	}
	if _, _, errs := ask(t, "config", "print", "--listen", "nonsense"); strings.Contains(errs, secret) {
		t.Errorf("an error prints the secret: %s", errs)
	}
}

func TestConfigRefuses(t *testing.T) {
	cases := []struct {
		args string
		say  string // part of the sentence
	}{
		{"--listen 0.0.0.0:8080", "add --public-url"},
		{"--listen :8080", "add --public-url"},
		{"--listen [::]:8080", "add --public-url"},
		{"--public-url http://circle.example.org", "must begin with https://"},
		{"--public-url https://circle.example.org/path", "a scheme and a host only"},
		{"--public-url https://u:p@circle.example.org", "a scheme and a host only"},
		{"--public-url circle.example.org", "a scheme and a host only"},
		{"--admin-listen 0.0.0.0:8081", "HEARTH_ADMIN_TOKEN"},
		{"--max-seats 1", "2 to 100"},
		{"--max-seats 101", "2 to 100"},
		{"--max-seats many", "max-seats"},
		{"--grace 0s", "grace must be"},
		{"--grace 500ms", "grace must be"},
		{"--turn-time 25h", "turnTime must be"},
		{"--grace soon", "not a time like"},
		{"--trusted-proxy 10.0.0.1/99", "trusted-proxy"},
		{"--log-level loud", "log-level"},
		{"--data=", "--data is empty"},
		{"--moderator-key tea", "hearth moderator-key make"},
		{"--no-such-flag", "no-such-flag"},
		{"--config /nowhere/hearth.json", "can't be read"},
		{"--config " + file(t, `{"max-seets": 3}`), "is no setting"},
		{"--config " + file(t, `not json`), "is not JSON"},
		{"invite --role king", "--role"},
		{"invite", "--role"},
	}
	for _, c := range cases {
		args := strings.Fields(c.args)
		if args[0] != "invite" {
			args = append([]string{"config", "print"}, args...)
		}
		code, out, errs := ask(t, args...)
		if code != 2 || out != "" || !strings.Contains(errs, c.say) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, printed %q, said %q; want one line with %q", c.args, code, out, errs, c.say)
		}
	}
}

// Browsers write addresses in one way, and passkeys belong to what they write.
func TestThePublicURLIsAsBrowsersWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"HTTPS://Circle.Example.ORG:443/": "https://circle.example.org", "https://circle.example.org:8443": "https://circle.example.org:8443",
		"http://LocalHost:80": "http://localhost", "http://localhost:443": "http://localhost:443",
	} {
		if got := printed(t, "--public-url", typed)["public-url"]; got != want {
			t.Errorf("%s is taken for %v", typed, got)
		}
	}
}

func TestConfigAccepts(t *testing.T) {
	for _, args := range []string{
		"--listen localhost:0", "--listen [::1]:8080", "--listen 127.8.9.1:80", "--admin-listen=",
		"--listen 0.0.0.0:8080 --public-url https://circle.example.org/",
		"--public-url http://localhost:9000",
		"--turn-time 0", "--turn-time 2m30s",
	} {
		if code, _, errs := ask(t, append([]string{"config", "print"}, strings.Fields(args)...)...); code != 0 {
			t.Errorf("%s: %s", args, errs)
		}
	}
}

package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"hearth/room"
)

func TestAdminAsksForItsToken(t *testing.T) {
	cases := []struct {
		token, path, host, auth string
		want                    int
	}{
		{"", "/metrics", "localhost:8081", "", 200},
		{"", "/metrics", "127.0.0.1:8081", "", 200},
		{"", "/metrics", "[::1]:8081", "", 200},
		{"", "/metrics", "rebound.example.org:8081", "", 403},
		{"", "/debug/pprof/heap", "rebound.example.org", "", 403},
		{"", "/debug/pprof/cmdline", "localhost", "", 404},
		{"", "/livez", "10.0.0.1:8081", "", 200},
		{"s3cret", "/metrics", "metrics.example.org", "Bearer s3cret", 200},
		{"s3cret", "/metrics", "localhost", "", 401},
		{"s3cret", "/debug/pprof/", "localhost", "Bearer s3cre", 401},
		{"s3cret", "/debug/pprof/", "localhost", "Bearer s3cret", 200},
		{"s3cret", "/readyz", "localhost", "", 200},
	}
	for _, c := range cases {
		h := admin(newMetrics().registry, Sensitive(c.token), func() error { return nil })
		r := httptest.NewRequest("GET", c.path, nil)
		r.Host = c.host
		if c.auth != "" {
			r.Header.Set("Authorization", c.auth)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
}

func TestNotReadyIsStillAlive(t *testing.T) {
	h := admin(newMetrics().registry, "", func() error { return errors.New("stopping") })
	for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// count reads one number of /metrics.
func (p *program) count(t *testing.T, name string) int {
	t.Helper()
	_, text := get(t, p.admin+"/metrics")
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestMetricsCountACircle(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	p.free("As it comes")
	keeper, members := circleOf(t, p, "Ben", "Cleo")
	tab := *members[0]
	tab.session = "another-tab-00000"
	tab.n = 0
	tab.sit()
	keeper.do("next", `{"turn":%d}`, keeper.room.Stick.Turn)
	keeper.do("take", `{"turn":%d}`, keeper.isOffered())
	keeper.do("say", `{"turn":%d,"text":"Welcome."}`, keeper.room.Stick.Turn)
	ben := members[0]
	ben.sees("the words", func() bool { return len(ben.said) == 1 })
	if code := ben.refusedTo("say", `{"turn":%d,"text":"Me too."}`, ben.room.Stick.Turn); code != room.NotHolding {
		t.Errorf("speaking without the stick is answered with %q", code)
	}
	for name, want := range map[string]int{
		"hearth_ready": 1, "hearth_rooms": 1, "hearth_seats": 3, "hearth_connections": 4, "hearth_append_conflicts_total": 0,
		`hearth_commands_total{outcome="ok"}`:          6, // three of them arrivals
		`hearth_commands_total{outcome="not-holding"}`: 1,
	} {
		if got := p.count(t, name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	if n := p.count(t, "hearth_delivery_seconds_count"); n < 4 {
		t.Errorf("only %d deliveries were timed", n)
	}
}

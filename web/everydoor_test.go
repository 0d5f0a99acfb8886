package web

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
)

var (
	handled = regexp.MustCompile(`m\.HandleFunc\("((?:GET|POST) [^"]+)"`)
	blanks  = strings.NewReplacer("{$}", "", "{feed}", noCode+".ics", "{handle}", "nobody", "{aside}", "none", "{name}", "none")
)

// everyDoor lists all addresses, as method and path, for a circle and for a
// seat that isn't there: whatever the sources of this package handle.
func everyDoor(t *testing.T, id circle.ID) (list []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range handled.FindAllStringSubmatch(string(text), -1) {
			list = append(list, m[1])
		}
	}
	for _, d := range officeDoors() {
		list = append(list, d.at)
	}
	for _, d := range deskDoors() {
		list = append(list, d.at)
	}
	list = slices.DeleteFunc(list, func(door string) bool { return door == "GET /ws" })
	for i := range list {
		list[i] = blanks.Replace(strings.ReplaceAll(list[i], "{id}", string(id)))
	}
	if len(list) < 95 {
		t.Fatalf("%q", list)
	}
	return list
}

// knocksAt asks at a door, with everything in the form that some form has.
func (b *browser) knocksAt(door string, change ...func(*http.Request)) (string, *http.Response) {
	b.h.t.Helper()
	method, path, _ := strings.Cut(door, " ")
	var form url.Values
	if method == http.MethodPost {
		form = url.Values{"question": {"canary words?"}, "address": {"canary@example.org"}, "code": {noCode}, "do": {"yes"}, "language": {"es"}}
	}
	res := b.asks(path, form, change...)
	all, err := io.ReadAll(res.Body)
	b.h.must(err)
	return string(all), res
}

// told returns the faults that were told of since it was asked last.
func (h *house) told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.faults
	h.faults = nil
	return list
}

// grand is a house with everything there is: mail, a schedule, an admin.
func grand(t *testing.T) (*postOffice, *clerk) {
	p := openPostOffice(t)
	ada := &clerk{}
	now := p.now.at
	code, err := p.store.AddWelcome(t.Context(), circle.Act{At: now}, circle.Welcome{Admin: true, Moderator: true, Until: now.Add(time.Hour)})
	p.must(err)
	ada.Person, err = p.store.Register(t.Context(), code, circle.Person{ID: "ada", Name: "Ada"}, circle.Passkey{ID: []byte("ada"), Data: []byte("{}")}, now)
	p.must(err)
	ada.browser = p.browser()
	ada.cookies[personCookie], err = p.store.SignIn(t.Context(), ada.ID, now)
	p.must(err)
	return p, ada
}

// Every answer tells browsers and those between to keep nothing, to run
// nothing of others, and to frame it nowhere; and no door hangs open or lost.
func TestEveryDoorIsKept(t *testing.T) {
	p, ada := grand(t)
	nobody := p.browser()
	for _, door := range everyDoor(t, p.circle.ID) {
		for who, b := range map[string]*browser{"nobody": nobody, "an admin": ada.browser} {
			cookies := maps.Clone(b.cookies)
			page, res := b.knocksAt(door)
			b.cookies = cookies // also after signing out
			h := res.Header
			if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s as %s: policy %q", door, who, policy)
			}
			if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("%s as %s: %v", door, who, h)
			}
			lost := res.StatusCode == http.StatusNotFound && !strings.Contains(door, "nobody") && !strings.Contains(door, "AAAA") && !strings.Contains(door, "/desk/cases/") // there is none
			code := strings.Contains(door, "POST /appeal") || door == "POST /report/status" || strings.HasSuffix(door, "/answer") || strings.HasSuffix(door, "/reminders") || strings.HasSuffix(door, "/keep")
			if res.StatusCode >= 500 || lost && !code {
				t.Errorf("%s as %s: %s\n%v", door, who, res.Status, p.faults)
			}
			if strings.Contains(page, "sqlstore") || strings.Contains(page, "panic") {
				t.Errorf("%s as %s shows an error as it is", door, who)
			}
		}
	}
	if len(p.faults) > 0 {
		t.Errorf("faults: %q", p.faults)
	}
}

// What another site sends changes nothing, whoever is signed in, and a name
// that isn't ours is nobody's.
func TestNoDoorOpensForOthers(t *testing.T) {
	p, ada := grand(t)
	before, err := p.store.Audit(t.Context(), 0, 100)
	p.must(err)
	for _, door := range everyDoor(t, p.circle.ID) {
		if _, res := ada.knocksAt(door, func(r *http.Request) { r.Host = "evil.example" }); res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s at another name: %s", door, res.Status)
		}
		if strings.HasPrefix(door, "GET ") {
			continue
		}
		for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
			_, res := ada.knocksAt(door, func(r *http.Request) {
				r.Header.Del("Origin")
				r.Header.Del("Sec-Fetch-Site")
				r.Header.Set(name, value)
			})
			if res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 {
				t.Errorf("%s with %s %s: %s", door, name, value, res.Status)
			}
		}
	}
	after, err := p.store.Audit(t.Context(), 0, 100)
	p.must(err)
	asked, err := p.store.Questions(t.Context(), p.circle.ID, p.now.at)
	p.must(err)
	if len(after) != len(before) || len(asked) > 0 {
		t.Errorf("it came to %+v and %+v", after, asked)
	}
}

// needsNoDatabase are the doors behind which nothing is asked of it.
var needsNoDatabase = []string{"GET /", "GET /help", "GET /help/card", "GET /sw.js", "GET /enter", "POST /language", "POST /forget", "GET /answer", "GET /reminders",
	"GET /welcome", "POST /c/nobody/door",
	"POST /sign-in", "POST /welcome/begin", "POST /welcome/end", // no form
	"GET /appeal", "GET /report", "GET /report/status",
	"POST /report", "GET /desk/ws", "POST /c/nobody/report", // no receipt, no socket, no cookie
	"POST /c/nobody/ticket", "POST /c/nobody/aside/none", "GET /c/nobody", "POST /c/nobody/picture", "GET /c/nobody/picture/none"} // no cookie

// When the database is gone, every door that needs it says so kindly, is told
// of once for each, and gives away neither what broke nor what was typed.
func TestEveryDoorWithoutADatabase(t *testing.T) {
	p, ada := grand(t)
	gone, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "gone.db"), time.Now)
	p.must(err)
	p.must(gone.Close())
	p.store.Store, p.house.server.Desk = gone.Circles(), gone.Desk(vault.Memory())
	told := regexp.MustCompile(`canary|sql|database|` + ada.cookies[personCookie])
	for _, door := range everyDoor(t, p.circle.ID) {
		p.told()
		cookies := maps.Clone(ada.cookies)
		page, res := ada.knocksAt(door)
		if slices.Contains(needsNoDatabase, door) {
			if res.StatusCode >= 500 {
				t.Errorf("%s: %s", door, res.Status)
			}
			ada.cookies = cookies
			continue
		}
		if res.StatusCode != http.StatusInternalServerError && res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s", door, res.Status)
		}
		if in := told.FindString(page); in != "" {
			t.Errorf("%s shows %q", door, in)
		}
		if !maps.Equal(ada.cookies, cookies) {
			t.Errorf("%s changes cookies: %v", door, ada.cookies)
		}
		ada.cookies = cookies
		list := p.told()
		faults := strings.Join(list, "\n")
		if len(list) != 1 || strings.Contains(faults, "canary") || strings.Contains(faults, noCode) || strings.Contains(faults, ada.cookies[personCookie]) {
			t.Errorf("%s: faults are told of: %q", door, list)
		}
	}
}

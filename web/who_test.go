package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// jsonBody sends JSON instead of a form.
func jsonBody(t *testing.T, v any) func(*http.Request) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	}
}

func TestOnlyOwnPathsAreGoneOnTo(t *testing.T) {
	for to, want := range map[string]string{
		"/office/circles?x=1": "/office/circles?x=1", "/": "/", "": "/office", "office": "/office",
		"//evil.example": "/office", "/\\evil.example": "/office", "https://evil.example/": "/office", "javascript:alert(1)": "/office",
		"///evil.example": "/office", "/%2f/evil": "/office", "/a\r\nb": "/office", "http:/x": "/office", "/ok#x": "/ok", "/%5cevil.example": "/%5cevil.example", "%2foffice": "/office", "%2f/evil": "/office",
	} {
		if got := ownPath(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// guarded is a handler behind what asks who is there.
func (h *house) guarded(how func(func(*who) bool, func(http.ResponseWriter, *http.Request, *who)) http.HandlerFunc, may func(*who) bool, b *browser) (string, int) {
	h.t.Helper()
	r, err := http.NewRequest("GET", h.url.String()+"/office/people?q=1", nil)
	h.must(err)
	r.RequestURI = "/office/people?q=1"
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := &answers{header: http.Header{}}
	how(may, func(w http.ResponseWriter, _ *http.Request, p *who) { _, _ = io.WriteString(w, "in: "+p.Name) })(w, r)
	if to := w.header.Get("Location"); to != "" {
		return to, w.status
	}
	return w.body.String(), w.status
}

type answers struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answers) Header() http.Header         { return a.header }
func (a *answers) WriteHeader(status int)      { a.status = status }
func (a *answers) Write(b []byte) (int, error) { return a.body.Write(b) }

func TestWhoMayAndWhoIsFresh(t *testing.T) {
	now := &clock{time.Now()}
	h := open(t, func(c *Config) { c.Now = now.now })
	kims, kim := h.joins("Kim", circle.Welcome{Admin: true})
	_, ada := h.joins("Ada", circle.Welcome{Circle: h.circle})
	try := func(what string, got string, status int, want string, wantStatus int) {
		t.Helper()
		if status != wantStatus || !strings.Contains(got, want) {
			t.Errorf("%s: %d %.80q, want %d %q", what, status, got, wantStatus, want)
		}
	}
	got, status := h.guarded(h.server.signedIn, isAdmin, h.browser())
	try("nobody", got, status, "/sign-in?to=%2Foffice%2Fpeople%3Fq%3D1", 303)
	got, status = h.guarded(h.server.signedIn, isAdmin, ada)
	try("a facilitator", got, status, "", 404)
	got, status = h.guarded(h.server.fresh, isAdmin, kim)
	try("an admin, fresh", got, status, "in: Kim", 0)
	now.at = now.at.Add(circle.FreshSession)
	got, status = h.guarded(h.server.signedIn, isAdmin, kim)
	try("an admin, later", got, status, "in: Kim", 0)
	got, status = h.guarded(h.server.fresh, isAdmin, kim)
	try("an admin, no longer fresh", got, status, "fresh=1", 303)
	got, status = h.guarded(h.server.fresh, isAdmin, ada)
	try("a facilitator, not fresh", got, status, "", 404)
	before := kim.cookies[personCookie]
	if again := kim.signsIn(kims); again.status != http.StatusOK || kim.cookies[personCookie] == before {
		t.Errorf("touched again: %+v", again)
	}
	got, status = h.guarded(h.server.fresh, isAdmin, kim)
	try("an admin, fresh again", got, status, "in: Kim", 0)
	kim.cookies[personCookie] = before
	if kim.in() {
		t.Error("the secret from before is still good")
	}
}

// Rights end at once, and with them every session.
func TestOtherRightsAreNewSessions(t *testing.T) {
	h := open(t)
	h.joins("Kim", circle.Welcome{Admin: true})
	a, ada := h.joins("Ada", circle.Welcome{})
	p, err := h.store.Person(t.Context(), circle.PersonID(a.user))
	h.must(err)
	p.Moderator = true
	h.must(h.store.ChangePerson(t.Context(), circle.Act{At: time.Now()}, p))
	if ada.in() {
		t.Error("a session from before the change still works")
	}
	h.must(h.store.RemovePerson(t.Context(), circle.Act{At: time.Now()}, p.ID))
	if got := ada.signsIn(a); got.status != http.StatusForbidden {
		t.Errorf("removed, and signs in: %+v", got)
	}
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

func TestOneSeesAndEndsOnesSessions(t *testing.T) {
	h := open(t)
	kim, here := h.joins("Kim", circle.Welcome{Admin: true})
	_, ada := h.joins("Ada", circle.Welcome{Admin: true})
	there, elsewhere := h.browser(), h.browser()
	there.signsIn(kim)
	elsewhere.signsIn(kim)
	page := body(t, here.asks("/office/sessions", nil))
	ids := hiddenID.FindAllStringSubmatch(page, -1)
	if len(ids) != 2 || strings.Count(page, "This browser") != 1 || strings.Count(page, "Another browser") != 2 {
		t.Fatalf("%d sessions to end: %s", len(ids), page)
	}
	ada.asks("/office/sessions", url.Values{"id": {ids[0][1]}})
	if !there.in() || !elsewhere.in() {
		t.Fatal("somebody else ended Kim's session")
	}
	here.asks("/office/sessions", url.Values{"id": {ids[0][1]}})
	if there.in() == elsewhere.in() {
		t.Error("not one ended")
	}
	here.asks("/office/sessions", url.Values{})
	if there.in() || elsewhere.in() || !here.in() || !ada.in() {
		t.Error("not all others ended, or more than these")
	}
	h.noFaults(t)
}

func TestOneAddsAPasskeyAndKeepsOne(t *testing.T) {
	now := &clock{time.Now()}
	h := open(t, func(c *Config) { c.Now = now.now })
	kim, here := h.joins("Kim", circle.Welcome{Admin: true})
	there := h.browser()
	there.signsIn(kim)
	if res := here.asks("/office/passkeys/remove", url.Values{"id": {text64(kim.id)}}); res.StatusCode != http.StatusConflict || !strings.Contains(body(t, res), "only passkey") {
		t.Error("the only one:", res.Status)
	}
	page := body(t, here.asks("/office/passkeys", url.Values{}))
	code := regexp.MustCompile(`/welcome#([\w-]{22})`).FindStringSubmatch(page)
	if code == nil {
		t.Fatal(page)
	}
	phone, onPhone := h.authenticator("Kim's phone"), h.browser()
	asked := onPhone.sends("/welcome/begin", map[string]any{"code": code[1]})
	if len(asked.Options.ExcludeCredentials) != 1 || asked.Options.ExcludeCredentials[0].ID != text64(kim.id) {
		t.Errorf("%+v", asked.Options)
	}
	if got := onPhone.registers(phone, code[1], "Eve"); got.status != http.StatusOK || string(phone.user) != string(kim.user) {
		t.Fatalf("%+v", got)
	}
	now.at = now.at.Add(circle.FreshSession)
	if res := here.asks("/office/passkeys/remove", url.Values{"id": {text64(kim.id)}}, header("Referer", h.url.String()+"/office/sessions")); res.Header.Get("Location") != "/sign-in?fresh=1&to=%2Foffice%2Fsessions" {
		t.Error("without a fresh touch:", res.Status, res.Header.Get("Location"))
	}
	onPhone.signsIn(phone)
	onPhone.asks("/office/passkeys/remove", url.Values{"id": {text64(kim.id)}})
	if got := there.signsIn(kim); got.status != http.StatusForbidden || here.in() || !onPhone.in() {
		t.Errorf("after it was removed: %+v", got)
	}
	h.noFaults(t)
}

// Looking at a page changes nothing, and no page keeps anything on its way.
func TestPagesOfSigningInAreRead(t *testing.T) {
	h := open(t)
	_, kim := h.joins("Kim", circle.Welcome{Admin: true})
	code := h.welcome(circle.Welcome{})
	for _, path := range []string{"/sign-in", "/sign-in?to=//evil.example", "/sign-in?fresh=1", "/welcome", "/welcome?code=" + code, "/sign-out", "/office/passkeys", "/sign-in/begin"} {
		for _, b := range []*browser{kim, h.browser()} {
			res := b.asks(path, nil)
			if res.Header.Get("Cache-Control") != "no-store" || strings.Contains(res.Header.Get("Location"), "evil") || len(res.Cookies()) != 0 {
				t.Errorf("%s: %s, %v", path, res.Status, res.Header)
			}
		}
	}
	if _, err := h.store.Welcome(t.Context(), code, time.Now()); err != nil || !kim.in() {
		t.Error("a page was looked at, and:", err)
	}
}

// In a house that others reach, a link to keep a circle opens no door once
// people sign in; one for members does.
func TestAFarHouseWantsItsKeepersSignedIn(t *testing.T) {
	h := open(t, func(c *Config) { c.PublicURL = &url.URL{Scheme: "https", Host: "circle.example"} })
	far := func(r *http.Request) { r.Host = "circle.example"; r.Header.Set("Origin", "https://circle.example") }
	keeper, member := h.invite(room.Facilitator), h.invite(room.Member)
	if res := h.browser().asks("/enter", url.Values{"code": {keeper}}, far); res.StatusCode != http.StatusSeeOther {
		t.Error("while nobody signs in:", res.Status)
	}
	code := h.welcome(circle.Welcome{Admin: true})
	_, err := h.store.Register(t.Context(), code, circle.Person{ID: "kim", Name: "Kim"}, circle.Passkey{ID: []byte("k"), Data: []byte("{}")}, time.Now())
	h.must(err)
	if res := h.browser().asks("/enter", url.Values{"code": {keeper}}, far); res.StatusCode != http.StatusForbidden || !strings.Contains(body(t, res), `href="/sign-in"`) {
		t.Error("once people do:", res.Status)
	}
	if res := h.browser().asks("/enter", url.Values{"code": {member}}, far); res.StatusCode != http.StatusSeeOther {
		t.Error("a member:", res.Status)
	}
}

package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

func TestFromAWelcomeToTheOfficeAndBack(t *testing.T) {
	h := open(t)
	code, b, kim := h.welcome(circle.Welcome{Admin: true}), h.browser(), h.authenticator("Kim")
	page := body(t, b.asks("/welcome", url.Values{"code": {code}}))
	if !strings.Contains(page, code) || !strings.Contains(page, "run the house") {
		t.Errorf("the page of the welcome: %s", page)
	}
	if b.in() {
		t.Error("signed in by the link alone")
	}
	begun := b.sends("/welcome/begin", map[string]any{"code": code, "name": " Kim\u200b "})
	if begun.Options.User.Name != "Kim" || len(b.cookies[ceremonyCookie]) != 22 {
		t.Fatalf("%+v", begun)
	}
	made := b.sends("/welcome/end", map[string]any{"code": code, "name": "Kim", "credential": kim.creates(begun.Options)})
	if made.To != "/office" || !b.in() {
		t.Fatalf("%+v", made)
	}
	people, err := h.store.People(t.Context())
	h.must(err)
	if len(people) != 1 || people[0].Name != "Kim" || !people[0].Admin || string(kim.user) != string(people[0].ID) {
		t.Errorf("%+v", people)
	}
	first := b.cookies[personCookie]
	if res := b.asks("/sign-out", url.Values{}); res.StatusCode != http.StatusSeeOther || b.in() {
		t.Error("still signed in after signing out:", res.Status)
	}
	b.cookies[personCookie] = first
	if b.in() {
		t.Error("the old cookie still works")
	}
	got := b.signsIn(kim)
	if got.To != "/office/sessions" || !b.in() || b.cookies[personCookie] == first {
		t.Errorf("%+v", got)
	}
	h.noFaults(t)
}

func TestTheCookieOfASessionIsForThisHostAndNoScript(t *testing.T) {
	h := open(t)
	kim, b := h.joins("Kim", circle.Welcome{Admin: true})
	begun := b.sends("/sign-in/begin", map[string]any{})
	var found []*http.Cookie
	res := b.asks("/sign-in", url.Values{}, jsonBody(t, map[string]any{"credential": kim.gets(begun.Options)}))
	for _, c := range res.Cookies() {
		if c.Value != "" {
			found = append(found, c)
		}
	}
	if len(found) != 1 || found[0].Name != personCookie {
		t.Fatalf("%+v", found)
	}
	if c := found[0]; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != int(circle.SessionLife/time.Second) {
		t.Errorf("%+v", c)
	}
}

// What a browser sends that is no passkey of ours signs nobody in, is told
// nothing, and is no fault.
func TestWhatIsNoPasskeySignsNobodyIn(t *testing.T) {
	now := &clock{time.Now()}
	h := open(t, func(c *Config) { c.Now = now.now })
	kim, kims := h.joins("Kim", circle.Welcome{Admin: true})
	eve, _ := h.joins("Eve", circle.Welcome{})
	want := h.server.Face.texts[0].T("signin.notOurs")
	for name, wrong := range map[string]func(*authenticator){
		"another origin":         func(a *authenticator) { a.origin = "https://evil.example" },
		"another port":           func(a *authenticator) { a.origin += "1" },
		"another house":          func(a *authenticator) { a.rp = "evil.example" },
		"another challenge":      func(a *authenticator) { a.asks = text64([]byte("0123456789abcdef0123456789abcdef")) },
		"another ceremony":       func(a *authenticator) { a.kind = "webauthn.create" },
		"in another site's page": func(a *authenticator) { a.framed = true },
		"nobody was there":       func(a *authenticator) { a.flags = userVerified },
		"nobody proved it":       func(a *authenticator) { a.flags = userThere },
		"another signature":      func(a *authenticator) { a.nothing = true },
		"an unknown passkey":     func(a *authenticator) { a.id = []byte("unknown") },
		"somebody else's handle": func(a *authenticator) { a.user = eve.user },
		"no handle":              func(a *authenticator) { a.user = nil },
		"nobody's handle":        func(a *authenticator) { a.user = []byte("nobody\x00\xff") },
		"another's key":          func(a *authenticator) { a.key = eve.key },
		"another's id":           func(a *authenticator) { a.id = eve.id },
	} {
		a, b := *kim, h.browser()
		wrong(&a)
		if got := b.signsIn(&a); got.status != http.StatusForbidden || got.Say != want || got.To != "" || b.in() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b := h.browser()
	begun := b.sends("/sign-in/begin", map[string]any{})
	if begun.Options.UserVerification != "required" || begun.Options.RpID != "localhost" {
		t.Errorf("asked for %+v", begun.Options)
	}
	now.at = now.at.Add(circle.CeremonyLife)
	if got := b.sends("/sign-in", map[string]any{"credential": kim.gets(begun.Options)}); got.status != http.StatusForbidden || b.in() {
		t.Errorf("too late: %+v", got)
	}
	if got := kims.signsIn(kim); got.status != http.StatusOK || !kims.in() {
		t.Errorf("Kim after all that: %+v", got)
	}
	h.noFaults(t)
}

// A ceremony is finished once, by whoever began it.
func TestACeremonyIsFinishedOnce(t *testing.T) {
	h := open(t)
	kim, _ := h.joins("Kim", circle.Welcome{Admin: true})
	b := h.browser()
	begun := b.sends("/sign-in/begin", map[string]any{})
	code, answer := b.cookies[ceremonyCookie], map[string]any{"credential": kim.gets(begun.Options)}
	other := h.browser()
	if got := other.sends("/sign-in", answer); got.status != http.StatusForbidden || other.in() {
		t.Errorf("in another browser: %+v", got)
	}
	if got := b.sends("/sign-in", answer); got.status != http.StatusOK || b.cookies[ceremonyCookie] != "" {
		t.Errorf("%+v", got)
	}
	other.cookies[ceremonyCookie] = code
	if got := other.sends("/sign-in", answer); got.status != http.StatusForbidden || other.in() {
		t.Errorf("once more: %+v", got)
	}
	h.noFaults(t)
}

// Any node finishes what another began.
func TestACeremonyGoesOnAtAnotherNode(t *testing.T) {
	h := open(t)
	south := h.beside()
	kim, _ := h.joins("Kim", circle.Welcome{Admin: true})
	kim.origin = south.url.String()
	b := h.browser()
	begun := b.sends("/sign-in/begin", map[string]any{})
	there := south.browser()
	maps.Copy(there.cookies, b.cookies)
	if got := there.sends("/sign-in", map[string]any{"credential": kim.gets(begun.Options)}); got.status != http.StatusOK || !there.in() {
		t.Errorf("%+v", got)
	}
}

// A counter that goes back is a copy's: it is refused, told of, and whoever
// is signed in by it no longer is.
func TestACopiedPasskeyIsRefused(t *testing.T) {
	h := open(t)
	kim, b := h.joins("Kim", circle.Welcome{Admin: true})
	copied := *kim
	for range 3 {
		if got := b.signsIn(kim); got.status != http.StatusOK {
			t.Fatalf("%+v", got)
		}
	}
	thief := h.browser()
	got := thief.signsIn(&copied)
	if got.status != http.StatusForbidden || got.Say != h.server.Face.texts[0].T("signin.copied") || thief.in() || b.in() {
		t.Errorf("%+v", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.faults) != 1 || !strings.Contains(h.faults[0], "may have been copied") {
		t.Errorf("faults: %v", h.faults)
	}
}

// Two who use one passkey at the same moment: one is in.
func TestOnePasskeyTwiceAtOnce(t *testing.T) {
	h := open(t)
	kim, _ := h.joins("Kim", circle.Welcome{Admin: true})
	ctx := t.Context()
	p, err := h.store.Person(ctx, circle.PersonID(kim.user))
	h.must(err)
	before, err := h.server.holder(ctx, p)
	h.must(err)
	if got := h.browser().signsIn(kim); got.status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	key := before.keys[0] // as whoever came second had read it
	key.Authenticator.SignCount = 7
	if err := h.server.used(ctx, before, &key); err != errPasskey {
		t.Error("both are in:", err)
	}
}

func TestWhatIsNoNewPasskeyIsNotKept(t *testing.T) {
	now := &clock{time.Now()}
	h := open(t, func(c *Config) { c.Now = now.now })
	kim, _ := h.joins("Kim", circle.Welcome{Admin: true})
	code := h.welcome(circle.Welcome{Moderator: true})
	for name, wrong := range map[string]func(*authenticator){
		"another origin":    func(a *authenticator) { a.origin = "https://evil.example" },
		"another house":     func(a *authenticator) { a.rp = "evil.example" },
		"another challenge": func(a *authenticator) { a.asks = text64([]byte("0123456789abcdef0123456789abcdef")) },
		"another ceremony":  func(a *authenticator) { a.kind = "webauthn.get" },
		"nobody proved it":  func(a *authenticator) { a.flags = userThere },
		"Kim's passkey":     func(a *authenticator) { a.id = kim.id },
		"a huge id":         func(a *authenticator) { a.id = make([]byte, maxKeyID+1) },
	} {
		a, b := h.authenticator("Eve"), h.browser()
		wrong(a)
		if got := b.registers(a, code, "Eve"); got.status != http.StatusForbidden || b.in() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b, a := h.browser(), h.authenticator("Eve")
	begun := b.sends("/welcome/begin", map[string]any{"code": code, "name": "Eve"})
	made := a.creates(begun.Options)
	if got := b.sends("/welcome/end", map[string]any{"code": h.welcome(circle.Welcome{Admin: true}), "name": "Eve", "credential": made}); got.status != http.StatusForbidden {
		t.Errorf("by another welcome: %+v", got)
	}
	begun = b.sends("/welcome/begin", map[string]any{"code": code, "name": "Eve"})
	now.at = now.at.Add(circle.CeremonyLife)
	if got := b.sends("/welcome/end", map[string]any{"code": code, "name": "Eve", "credential": a.creates(begun.Options)}); got.status != http.StatusForbidden {
		t.Errorf("too late: %+v", got)
	}
	people, err := h.store.People(context.Background())
	h.must(err)
	if len(people) != 1 || b.in() {
		t.Errorf("%+v", people)
	}
	if got := b.registers(a, code, "Eve"); got.status != http.StatusOK {
		t.Errorf("the welcome after all that: %+v", got)
	}
	if got := h.browser().registers(h.authenticator("Ada"), code, "Ada"); got.status != http.StatusForbidden || got.Say != h.server.Face.texts[0].T("signin.noWelcome") {
		t.Errorf("used twice: %+v", got)
	}
	h.noFaults(t)
}

// What is no request of our pages is answered with a sentence, and read no
// further than a passkey is long.
func TestWhatIsNoRequestIsRefused(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/sign-in", "/welcome/begin", "/welcome/end"} {
		for name, sent := range map[string]string{
			"nothing": "", "no JSON": "{", "a list": "[]", "a huge body": `{"to":"` + strings.Repeat("x", 64<<10) + `"}`,
			"a huge passkey": `{"credential":{"id":"` + strings.Repeat("A", 7<<10) + `"}}`, "not a passkey": `{"credential":[[[[[1]]]]]}`,
		} {
			b := h.browser()
			b.sends("/sign-in/begin", map[string]any{})
			if got := b.sendsRaw(path, []byte(sent)); got.status/100 != 4 || got.Say == "" || b.in() {
				t.Errorf("%s to %s: %+v", name, path, got)
			}
		}
	}
	h.noFaults(t)
}

func TestNamesOfPeopleAreLikeThoseInCircles(t *testing.T) {
	h := open(t)
	code := h.welcome(circle.Welcome{})
	for called, key := range map[string]string{"": "name-needed", "\u200b": "name-needed", strings.Repeat("x", 41): "name-long", "Kіm": "name-mixed"} {
		got := h.browser().registers(h.authenticator("x"), code, called)
		if got.status != http.StatusBadRequest || got.Say != h.server.Face.texts[0].T("signin.name."+key) || strings.HasPrefix(got.Say, "signin.") {
			t.Errorf("%q: %+v", called, got)
		}
	}
	// With its vowels this has more signs than letters.
	const vowels = "عَبْدُ الرَّحْمَٰنِ بْنُ مُحَمَّدِ الْقُرْطُبِيُّ"
	if got := h.browser().registers(h.authenticator("x"), code, vowels); got.status != http.StatusOK {
		t.Errorf("%s: %+v", vowels, got)
	}
	h.noFaults(t)
}

func TestTriesToSignInAreSlowedDown(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.Enters = Rate{3, time.Hour} })
	b := h.browser()
	for n := range 5 {
		got := b.sends("/sign-in/begin", map[string]any{})
		if want := map[bool]int{true: http.StatusOK, false: http.StatusTooManyRequests}[n < 3]; got.status != want {
			t.Errorf("try %d: %+v", n+1, got)
		}
	}
	for path, v := range map[string]any{"/sign-in": 1, "/welcome/begin": 1, "/welcome/end": 1} {
		if got := b.sends(path, v); got.status != http.StatusTooManyRequests {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if res := b.asks("/welcome", url.Values{"code": {noCode}}); res.StatusCode != http.StatusTooManyRequests {
		t.Error("/welcome:", res.Status)
	}
}

// Nobody signs in on a page of another site.
func TestSigningInComesFromOurPages(t *testing.T) {
	h := open(t)
	_, b := h.joins("Kim", circle.Welcome{Admin: true})
	for _, path := range []string{"/sign-in", "/sign-in/begin", "/sign-out", "/welcome", "/welcome/begin", "/welcome/end", "/office/sessions", "/office/passkeys", "/circles/c1/keep"} {
		res := b.asks(path, url.Values{}, header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example"))
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if !b.in() {
		t.Error("signed out by another site")
	}
}

// Who keeps a circle is seated without a link; who doesn't finds nothing.
func TestWhoKeepsACircleGoesIn(t *testing.T) {
	h := open(t)
	_, kim := h.joins("Kim", circle.Welcome{Admin: true})
	_, ada := h.joins("Ada", circle.Welcome{Circle: h.circle})
	_, mo := h.joins("Mo", circle.Welcome{Moderator: true})
	if res := kim.asks("/circles/c1/keep", url.Values{}); res.StatusCode != http.StatusNotFound {
		t.Error("an admin who doesn't keep it:", res.Status)
	}
	if res := h.browser().asks("/circles/c1/keep", url.Values{}); !strings.HasPrefix(res.Header.Get("Location"), "/sign-in?") {
		t.Error("nobody:", res.Status, res.Header.Get("Location"))
	}
	for b, role := range map[*browser]room.Role{ada: room.Facilitator, mo: room.Moderator} {
		res := b.asks("/circles/c1/keep", url.Values{})
		handle, ok := strings.CutPrefix(res.Header.Get("Location"), "/c/")
		if !ok {
			t.Fatalf("%s: %s", role, res.Status)
		}
		seat, err := h.store.Seat(t.Context(), handle, b.cookies[seatCookie+handle])
		if err != nil || seat.Role != role || seat.Waits {
			t.Errorf("%+v, %v", seat, err)
		}
		name := map[room.Role]string{room.Facilitator: "Ada", room.Moderator: "Mo"}[role]
		if door := body(t, b.asks("/c/"+handle, nil)); !strings.Contains(door, `value="`+name+`"`) {
			t.Errorf("at the door they are not called %s: %s", name, door)
		}
		b.asks("/sign-out", url.Values{})
		if _, err := h.store.Seat(t.Context(), handle, b.cookies[seatCookie+handle]); err != circle.ErrNoSeat {
			t.Errorf("%s, signed out: %v", role, err)
		}
	}
}

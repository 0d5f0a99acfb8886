package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hearth/room"
	"hearth/web/lang"
)

// in asks for a page in a language, as a browser that chose it does.
func in(tag string) []string { return []string{"Cookie", langCookie + "=" + tag} }

// Every page speaks the language that was chosen, else the browser's, and runs
// the way that it is read.
func TestEveryPageInEveryLanguage(t *testing.T) {
	f := newTestFace(t)
	for name, h := range shown(f) {
		for _, l := range f.texts {
			body := get(h, "/", in(l.Tag)...).Body.String()
			if !strings.Contains(body, `<html lang="`+l.Tag+`" dir="`+l.Dir+`"`) || !strings.Contains(body, l.T("base.leave")) {
				t.Errorf("%s isn't in %s", name, l.Name)
			}
			if left := regexp.MustCompile(`>[a-z]+\.[a-zA-Z]+<`).FindString(body); left != "" {
				t.Errorf("%s in %s shows a key: %s", name, l.Name, left)
			}
			if own := f.loads[l.Tag]; !strings.Contains(body, own.Script) && !strings.Contains(body, own.Front) {
				t.Errorf("%s in %s loads another language's script", name, l.Name)
			}
		}
	}
	home := shown(f)["home"]
	for accept, want := range map[string]string{"es-MX, en;q=0.5": "es", "ar": "ar", "de": "en"} {
		if body := get(home, "/", "Accept-Language", accept).Body.String(); !strings.Contains(body, `<html lang="`+want+`"`) {
			t.Errorf("who asks for %s doesn't get %s", accept, want)
		}
	}
}

// What a page loads is small in every language, and says nothing of another.
func TestBudgetInEveryLanguage(t *testing.T) {
	f := newTestFace(t)
	h := f.Assets()
	for _, l := range f.texts {
		p, packed, script := f.loads[l.Tag], 0, ""
		for _, a := range append([]string{p.Script, p.Style}, p.Ahead...) {
			packed += get(h, a, "Accept-Encoding", "gzip").Body.Len()
			script += get(h, a).Body.String()
		}
		page := get(shown(f)["member"], "/", append(in(l.Tag), "Accept-Encoding", "gzip")...).Body.Len()
		t.Logf("%s: the page %d, script and style %d", l.Name, page, packed)
		if packed > MaxPacked || page+packed > 60_000 {
			t.Errorf("in %s a room takes %d and %d bytes, at most %d and 60,000 together", l.Name, page, packed, MaxPacked)
		}
		for _, other := range f.texts {
			if key := "room.mine"; strings.Contains(script, other.T(key)) != (other == l) {
				t.Errorf("the script in %s: whether it says %q is wrong", l.Name, other.T(key))
			}
		}
	}
}

// The language is chosen by a form, kept by a cookie, and forgotten with
// everything else.
func TestChooseLanguage(t *testing.T) {
	m := http.NewServeMux()
	m.HandleFunc("GET /help", http.NotFound)
	m.HandleFunc("GET /c/{handle}", http.NotFound)
	m.HandleFunc("POST /enter", http.NotFound)
	m.HandleFunc("/", http.NotFound)
	for _, c := range []struct{ language, to, cookie, leads string }{
		{"es", "/help", "es", "/help"},
		{"ar", "/c/abc", "ar", "/c/abc"},
		{"xx", "/help", "", "/help"},
		{"", "", "", "/"},
		{"es", "/enter", "es", "/"},
		{"es", "///help", "es", "/"},
		{"es", "//evil.example/help", "es", "/"},
		{"es", "https://evil.example/help", "es", "/"},
		{"es", `/\evil.example`, "es", "/"},
		{"es", "/%5cevil.example", "es", "/"},
		{"es", "/help\r\nSet-Cookie: a=b", "es", "/"},
		{"es", "javascript:alert(1)", "es", "/"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/language", strings.NewReader(url.Values{"language": {c.language}, "to": {c.to}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		chooseLanguage(m)(w, r)
		got := ""
		for _, k := range w.Result().Cookies() {
			if k.Name != langCookie || !k.Secure || !k.HttpOnly || k.MaxAge != 365*24*3600 {
				t.Errorf("cookie %v", k)
			}
			got = k.Value
		}
		if got != c.cookie || w.Header().Get("Location") != c.leads || w.Code != http.StatusSeeOther {
			t.Errorf("%q, back to %q: %d, cookie %q, leads to %q", c.language, c.to, w.Code, got, w.Header().Get("Location"))
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/forget", nil)
	r.AddCookie(&http.Cookie{Name: langCookie, Value: "es"})
	w := httptest.NewRecorder()
	forget(w, r)
	if !slices.ContainsFunc(w.Result().Cookies(), func(k *http.Cookie) bool { return k.Name == langCookie && k.MaxAge < 0 }) {
		t.Error("leaving quickly keeps the language")
	}
}

// Every refusal has a sentence in every language; the room's own, which it
// falls back to, is the English one.
func TestRefusalsInEveryLanguage(t *testing.T) {
	all, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(room.Codes(), Codes()) {
		no := refuse(c)
		if slices.Contains(room.Codes(), c) {
			no = room.Refuse(c)
		}
		for _, l := range all {
			if !l.Has(refusalKey(c)) {
				t.Errorf("%s isn't said in %s", c, l.Name)
			}
			if got := refusedIn(l, no); got.Code != c || got.Say != l.T(refusalKey(c)) || l == all[0] && got.Say != no.Say {
				t.Errorf("%s in %s: %q", c, l.Name, got.Say)
			}
		}
	}
	es := all[1]
	if got := refusedIn(es, refuseWait(es, 1500*1e6)); !strings.Contains(got.Say, "2 segundos") {
		t.Errorf("a wait is said as %q", got.Say)
	}
	if refusedIn(es, nil) != nil {
		t.Error("no refusal became one")
	}
}

// What the built-in signposts say of themselves is there in every language.
func TestSignpostsInEveryLanguage(t *testing.T) {
	c, err := BuiltInCrisis()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.all {
		for _, l := range lang.Languages[1:] {
			if said := s.Said[l.Tag]; said.For == "" || said.Hours == "" {
				t.Errorf("%s of %s isn't said in %s", s.Name, s.Region, l.Name)
			}
		}
	}
	es := c.For("US")[0].In("es")
	if es.Hours != "día y noche" || c.For("US")[0].In("xx").Hours != "day and night" {
		t.Errorf("hours in Spanish are %q", es.Hours)
	}
	if _, err := NewCrisis("x", strings.NewReader(strings.Replace("["+goodPost+"]", `"checked"`, `"in":{"!!":{}},"checked"`, 1))); err == nil {
		t.Error("a language that is none was taken")
	}
}

// What is refused is said in the language of the page it comes to: the one
// chosen, in each of the ways out.
func TestRefusedInOnesLanguage(t *testing.T) {
	h := open(t)
	spanish := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: langCookie, Value: "es"}) }
	b := h.browser()
	handle := b.enters(h.invite(room.Member))
	if page := body(t, b.asks("/nothing", nil, spanish)); !strings.Contains(page, "Aquí no hay nada") || !strings.Contains(page, "No hay nada en esta dirección.") {
		t.Errorf("a page that isn't there: %s", page)
	}
	if says := body(t, h.browser().asks("/c/"+handle+"/ticket", url.Values{}, spanish)); !strings.Contains(says, "No encontramos tu lugar") {
		t.Errorf("no ticket: %s", says)
	}
	if says := body(t, h.browser().asks("/c/"+handle+"/picture", url.Values{}, spanish)); !strings.Contains(says, "No encontramos tu lugar") {
		t.Errorf("no picture: %s", says)
	}
	r, res := h.handshake(map[string]string{"Cookie": langCookie + "=es"})
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("websocket: %s", res.Status)
	}
	ben := &tab{raw: r, session: "session-in-spanish", browser: b, handle: handle}
	ben.hello(Hello{Name: "Ben"})
	for _, c := range []struct {
		act  room.Capability
		with any
		says string
	}{ // the room's no, and one of ours before it
		{"take", map[string]any{"turn": ben.turn()}, "Ahora mismo no es posible"},
		{"name", map[string]any{"name": ""}, "Dinos cómo llamarte"},
	} {
		if a := ben.asks(c.act, c.with); a.Refused == nil || !strings.Contains(a.Refused.Say, c.says) {
			t.Errorf("%s: %v", c.act, a.Refused)
		}
	}
}

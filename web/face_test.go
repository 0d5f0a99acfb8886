package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hearth/room"
)

// newTestFace is the face that all tests share: nothing changes it.
func newTestFace(t *testing.T) *Face {
	t.Helper()
	f, err := theFace()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown is every page in every shape, by a name for the test's output.
func shown(f *Face) map[string]http.HandlerFunc {
	circle := CircleData{
		Handle: "h1", Title: `A <script>title</script>`, Prompt: `"quoted" & <b>`, Rules: []string{"What is said here stays here.", "<i>rule</i>"},
		Role: room.Member, Country: "IE", Capacity: 12, Keeper: "Marisol", Circle: "0123456789abcdef",
		Goodbye: "Thank you <all>.", Next: "Tuesday at 7 <pm>", Resources: []string{"The library, <b>second</b> floor"},
	}
	as := func(role room.Role) http.HandlerFunc {
		d := circle
		d.Role = role
		return func(w http.ResponseWriter, r *http.Request) { f.Circle(w, r, d) }
	}
	return map[string]http.HandlerFunc{
		"home":  func(w http.ResponseWriter, r *http.Request) { f.Home(w, r, HomeData{}) },
		"enter": func(w http.ResponseWriter, r *http.Request) { f.Enter(w, r, EnterData{}) },
		"enter bad": func(w http.ResponseWriter, r *http.Request) {
			f.Enter(w, r, EnterData{Status: 403, Problem: "Not <so>."})
		},
		"enter later": func(w http.ResponseWriter, r *http.Request) { f.Enter(w, r, EnterData{Status: 409, Closed: true}) },
		"member":      as(room.Member),
		"listener":    as(room.Listener),
		"facilitator": as(room.Facilitator),
		"moderator":   as(room.Moderator),
		"bare circle": func(w http.ResponseWriter, r *http.Request) { f.Circle(w, r, CircleData{Handle: "h2", Title: "T"}) },
		"help":        func(w http.ResponseWriter, r *http.Request) { f.Help(w, r, HelpData{}) },
		"help US":     func(w http.ResponseWriter, r *http.Request) { f.Help(w, r, HelpData{Country: "US"}) },
		"problem":     func(w http.ResponseWriter, r *http.Request) { f.Problem(w, r, 404, "Nothing here", "Say <it>.") },
	}
}

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var (
	inlineScript = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|\son[a-z]+\s*=|<style|\sstyle\s*=`)
	address      = regexp.MustCompile(`(?i)(?:href|src|action)="([^"]*)"`)
	ours         = regexp.MustCompile(`^(?:/(?:$|enter$|sign-in$|language$|c/[a-z0-9]+/door$|circles$|report$|help(?:\?country=[A-Z]{2})?$|assets/[a-z]+-(?:[0-9a-f]{16}\.(?:css|svg)|[0-9A-Z]{8}\.(?:css|js))$)|#[a-z-]+$|tel:[0-9+]+$|sms:[0-9+]+$|about:blank$)`)
)

// What holds for every page: nothing inline, nothing from elsewhere, a title
// that says nothing to whoever looks over a shoulder, help and a quick way
// out in the same corner.
func TestFaceEveryPage(t *testing.T) {
	f := newTestFace(t)
	for name, h := range shown(f) {
		t.Run(name, func(t *testing.T) {
			w := get(h, "/")
			body := w.Body.String()
			for key, want := range map[string]string{
				"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
				"Content-Security-Policy": PagePolicy, "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			} {
				if got := w.Header().Get(key); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
			for _, want := range []string{
				"<title>Hearth</title>", `<html lang="en"`, `id="main"`, `>Help<`,
				`>Leave quickly</a>`, `href="about:blank"`, f.paths.Style, f.paths.Icon, `<script type="module" src="/assets/`,
			} {
				if !strings.Contains(body, want) {
					t.Errorf("no %s in it", want)
				}
			}
			if in := inlineScript.FindString(body); in != "" {
				t.Errorf("inline: %s", in)
			}
			if n := strings.Count(body, "<h1"); n < 1 {
				t.Error("no heading")
			}
			for _, a := range address.FindAllStringSubmatch(body, -1) {
				if !ours.MatchString(a[1]) {
					t.Errorf("leads to %q", a[1])
				}
			}
		})
	}
}

// A page travels compressed where it can, and is the same page.
func TestFacePacksPages(t *testing.T) {
	f := newTestFace(t)
	h := shown(f)["member"]
	plain, small := get(h, "/"), get(h, "/", "Accept-Encoding", "gzip, br")
	if got := small.Header().Get("Content-Encoding"); got != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("asked for gzip it is %q, without %q", got, plain.Header().Get("Content-Encoding"))
	}
	r, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != plain.Body.String() {
		t.Errorf("compressed it is something else (%v)", err)
	}
}

func TestFaceEscapes(t *testing.T) {
	f := newTestFace(t)
	pages := shown(f)
	for name, want := range map[string][]string{
		"member":    {"A &lt;script&gt;title&lt;/script&gt;", "&#34;quoted&#34; &amp; &lt;b&gt;", "&lt;i&gt;rule&lt;/i&gt;", "Thank you &lt;all&gt;.", "Tuesday at 7 &lt;pm&gt;", "&lt;b&gt;second&lt;/b&gt;"},
		"enter bad": {"Not &lt;so&gt;."},
		"problem":   {"Say &lt;it&gt;."},
	} {
		body := get(pages[name], "/").Body.String()
		for _, s := range want {
			if !strings.Contains(body, s) {
				t.Errorf("%s: no %q in it", name, s)
			}
		}
	}
}

func TestFaceStatus(t *testing.T) {
	f := newTestFace(t)
	pages := shown(f)
	for name, want := range map[string]int{"home": 200, "enter": 200, "enter bad": 403, "enter later": 409, "problem": 404} {
		if got := get(pages[name], "/").Code; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	w := httptest.NewRecorder()
	pages["home"](w, httptest.NewRequest(http.MethodHead, "/", nil))
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d and %d bytes", w.Code, w.Body.Len())
	}
}

// The ways in work without script: a form with a code, by POST.
func TestFaceWithoutScript(t *testing.T) {
	f := newTestFace(t)
	pages := shown(f)
	for _, name := range []string{"home", "enter", "enter bad"} {
		body := get(pages[name], "/").Body.String()
		if !strings.Contains(body, `method="post" action="/enter"`) || !strings.Contains(body, `name="code"`) {
			t.Errorf("%s: no form for a code", name)
		}
	}
	// The door is of no use without script; pressing Enter in it must not put
	// the name into an address.
	door := get(pages["member"], "/").Body.String()
	if !strings.Contains(door, `id="let-me-in" disabled`) || !strings.Contains(door, "<noscript>") {
		t.Error("the door can be submitted without script")
	}
}

// The crisis page needs no script; the country in its form was chosen by the
// person, and none is guessed.
func TestFaceHelp(t *testing.T) {
	f := newTestFace(t)
	help := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.Help(w, r, HelpData{Country: "GB"}) })
	open := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.Help(w, r, HelpData{}) })
	for _, c := range []struct {
		name   string
		h      http.Handler
		target string
		has    []string
		not    []string
	}{
		{"chosen", help, "/help?country=US", []string{`href="tel:988"`, `href="sms:741741"`, "Text HOME to 741741", "1 November 2026"}, []string{"tel:116123"}},
		{"of the circle", help, "/help", []string{`href="tel:116123"`}, []string{"tel:988"}},
		{"of the Union", help, "/help?country=PT", []string{`href="tel:112"`, `value="EU" selected`}, []string{"tel:988"}},
		{"somewhere else", help, "/help?country=", []string{"no checked numbers", "local emergency number"}, []string{"tel:"}},
		{"not a country", help, "/help?country=%3Cb%3E", []string{"no checked numbers"}, []string{"tel:", "<b>"}},
		{"nothing chosen", open, "/help", []string{"Please choose", "local emergency number"}, []string{"tel:", "no checked numbers"}},
	} {
		body := get(c.h, c.target).Body.String()
		for _, s := range c.has {
			if !strings.Contains(body, s) {
				t.Errorf("%s: no %q", c.name, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(body, s) {
				t.Errorf("%s: has %q", c.name, s)
			}
		}
	}
}

// The card is in every other page whole, so that it opens with the line down.
func TestFaceCardInPage(t *testing.T) {
	f := newTestFace(t)
	body := get(shown(f)["member"], "/").Body.String()
	for _, want := range []string{`href="tel:988"`, `href="sms:741741"`, `href="tel:112"`, `<option value="IE" selected>`, "Checked on"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in it", want)
		}
	}
}

func TestFaceAssets(t *testing.T) {
	f := newTestFace(t)
	h := f.Assets()
	const script = "text/javascript; charset=utf-8"
	for p, kind := range map[string]string{f.paths.Script: script, f.paths.Ahead[0]: script, f.paths.Board: script, f.paths.Keeper: "text/css; charset=utf-8", f.paths.Style: "text/css; charset=utf-8", f.paths.Icon: "image/svg+xml"} {
		w := get(h, p)
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %v", p, w.Code, w.Header())
		}
		z := get(h, p, "Accept-Encoding", "br, gzip")
		if z.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: not compressed", p)
		}
		r, err := gzip.NewReader(z.Body)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || string(plain) != w.Body.String() {
			t.Errorf("%s: compressed it is something else (%v)", p, err)
		}
	}
	for _, p := range []string{"/assets/", "/assets/face.js", "/assets/../face.go", "/assets/face.ts"} {
		if w := get(h, p); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", p, w.Code)
		}
	}
	again, err := NewFace(FaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.paths, f.paths) {
		t.Errorf("the same sources have other names: %v and %v", f.paths, again.paths)
	}
}

// A page is small enough for a bad line: what a browser asks for to show a
// room, as it travels.
func TestFaceBudget(t *testing.T) {
	f := newTestFace(t)
	h := f.Assets()
	whole, packed := 0, 0
	for _, p := range append([]string{f.paths.Script, f.paths.Style}, f.paths.Ahead...) {
		whole += get(h, p).Body.Len()
		packed += get(h, p, "Accept-Encoding", "gzip, deflate, br").Body.Len()
	}
	page := get(shown(f)["member"], "/", "Accept-Encoding", "gzip").Body.Len()
	if f.paths.Board == "" || slices.Contains(f.paths.Ahead, f.paths.Board) {
		t.Errorf("everybody loads the board: %v", f.paths)
	}
	for who, keeps := range map[string]bool{"member": false, "listener": false, "facilitator": true, "moderator": true} {
		page := get(shown(f)[who], "/").Body.String()
		for _, p := range []string{f.paths.Board, f.paths.Keeper} {
			if strings.Contains(page, `href="`+p+`"`) != keeps {
				t.Errorf("%s is loaded by a %s: want %v", p, who, keeps)
			}
		}
	}
	t.Logf("script and style: %d bytes, %d compressed; the page itself %d compressed", whole, packed, page)
	if packed > MaxPacked || whole > MaxBundle {
		t.Errorf("script and style are %d bytes, %d compressed; at most %d and %d", whole, packed, MaxBundle, MaxPacked)
	}
	if packed == 0 || page+packed > 60_000 {
		t.Errorf("a room's page takes %d bytes in all, at most 60,000", page+packed)
	}
}

// What the circle says at its end is in the page already, so that it is there
// with the line down; a circle that says nothing has no empty frame for it.
func TestFaceGoodbye(t *testing.T) {
	f := newTestFace(t)
	pages := shown(f)
	body, bare := get(pages["member"], "/").Body.String(), get(pages["bare circle"], "/").Body.String()
	for _, want := range []string{"Thank you", "We meet again", "To find more", "The library", `data-circle="0123456789abcdef"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in it", want)
		}
	}
	for _, not := range []string{"We meet again", "To find more"} {
		if strings.Contains(bare, not) {
			t.Errorf("a circle without says %q", not)
		}
	}
	if box := regexp.MustCompile(`<input[^>]*id="keep-here"[^>]*>`).FindString(body); box == "" || strings.Contains(box, "checked") {
		t.Errorf("keeping on the device is not left to the person: %q", box)
	}
}

func TestFaceOptions(t *testing.T) {
	for _, to := range []string{"javascript:alert(1)", "http://example.org", "example.org", "data:text/html,x"} {
		if _, err := NewFace(FaceOptions{LeaveTo: to}); err == nil {
			t.Errorf("leaves to %s", to)
		}
	}
	f, err := NewFace(FaceOptions{LeaveTo: "https://example.org/weather"})
	if err != nil {
		t.Fatal(err)
	}
	if body := get(shown(f)["home"], "/").Body.String(); !strings.Contains(body, `href="https://example.org/weather"`) {
		t.Error("does not leave to where it was told")
	}
}

func TestPastedCode(t *testing.T) {
	for in, want := range map[string]string{
		"abc": "abc", " abc\n": "abc", "https://h.example/enter#abc": "abc", "#abc": "abc", "": "", "https://h.example/enter#": "",
	} {
		if got := PastedCode(in); got != want {
			t.Errorf("PastedCode(%q) = %q, want %q", in, got, want)
		}
	}
}

// source returns the files of the face by name.
func source(t *testing.T, pattern string) map[string]string {
	t.Helper()
	names, err := fs.Glob(faceFiles, "face/"+pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	out := map[string]string{}
	for _, n := range names {
		b, err := fs.ReadFile(faceFiles, n)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = string(b)
	}
	return out
}

// Text is text: no script makes HTML, code or style of it, and none names
// another host.
func TestFaceScriptIsSafe(t *testing.T) {
	bad := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|\beval\(|new Function|"style"|localStorage|indexedDB|sendBeacon|https?://[a-z]`)
	for name, text := range source(t, "*.ts") {
		if name == "face/device.ts" { // the one place that keeps longer than the tab, when somebody asks for it
			text = strings.ReplaceAll(text, "localStorage", "")
			text = strings.ReplaceAll(text, "indexedDB.deleteDatabase", "") // it forgets all that is kept
		}
		if name == "face/modkey.ts" { // and the one for a moderator's own key
			text = strings.ReplaceAll(text, "indexedDB", "")
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "http://www.w3.org/2000/svg") {
				continue
			}
			if in := bad.FindString(line); in != "" {
				t.Errorf("%s: %s in %s", name, in, strings.TrimSpace(line))
			}
		}
	}
}

func TestFaceHelperIsSmall(t *testing.T) {
	if n := strings.Count(source(t, "dom.ts")["face/dom.ts"], "\n"); n >= 60 {
		t.Errorf("dom.ts has %d lines; it stays under 60", n)
	}
}

// What the script looks for by id is in the page, once.
func TestFaceIDs(t *testing.T) {
	f := newTestFace(t)
	page := get(shown(f)["member"], "/").Body.String()
	made := `"ask-title" "board-title"` // by the script itself
	for _, id := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if n := strings.Count(page, ` id="`+id[1]+`"`); n != 1 {
			t.Errorf("%s is there %d times", id[1], n)
		}
	}
	looked := regexp.MustCompile(`\$(?:<[A-Za-z]+>)?\("([a-z-]+)"\)`)
	for name, text := range source(t, "*.ts") {
		for _, m := range looked.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(page, ` id="`+m[1]+`"`) && !strings.Contains(made, m[1]) {
				t.Errorf("%s looks for %s, which is not there", name, m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?:aria-labelledby|aria-describedby|for)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !strings.Contains(page, ` id="`+id+`"`) && !strings.Contains(made, id) {
				t.Errorf("%s refers to what is not there", m[0])
			}
		}
	}
}

// Everything a person may do has its place in the page.
func TestFaceOffersEverything(t *testing.T) {
	var all strings.Builder
	for name, text := range source(t, "*.ts") {
		if name != "face/wire.ts" && name != "face/deskwire.ts" {
			all.WriteString(text)
		}
	}
	for _, c := range room.Capabilities() {
		if !room.Seated(c) {
			continue // the house's, or the desk's
		}
		asked := string(c)
		if c == (room.Show{}).Can() {
			asked = turnHeader // it is sent by another way
		}
		if !strings.Contains(all.String(), `"`+asked+`"`) {
			t.Errorf("nobody can %s from the page", c)
		}
	}
	for _, r := range room.Reactions {
		if drawn := source(t, "drawings.html")["face/drawings.html"]; !strings.Contains(drawn, `id="d-`+string(r)+`"`) {
			t.Errorf("%s is not drawn", r)
		}
	}
}

// Words a kind person would use.
func TestFaceWordsAreKind(t *testing.T) {
	unkind := regexp.MustCompile(`(?i)violat|flagged|terminat|disconnect|banned|kick|illegal|forbidden|invalid|denied|error|failed|offender`)
	files := source(t, "*.html")
	files["face/texts.ts"] = source(t, "texts.ts")["face/texts.ts"]
	for name, text := range files {
		text = regexp.MustCompile(`aria-invalid|doorFailed`).ReplaceAllString(text, "")
		if in := unkind.FindString(text); in != "" {
			t.Errorf("%s says %q", name, in)
		}
	}
}

// The style knows start and end, not left and right, so that it reads both
// ways; and stands still for whoever asks.
func TestFaceStyleReadsBothWays(t *testing.T) {
	physical := regexp.MustCompile(`(?m)(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|(?:min|max)-width|(?:min|max)-height|float)\s*:|text-align:\s*(?:left|right)`)
	all := ""
	for name, text := range source(t, "*.css") {
		all += text
		if in := physical.FindString(regexp.MustCompile(`\((?:min|max)-(?:width|height):`).ReplaceAllString(text, "(")); in != "" {
			t.Errorf("%s: %q", name, strings.TrimSpace(in))
		}
	}
	for _, want := range []string{"prefers-reduced-motion: reduce", "prefers-color-scheme: dark", ":focus-visible"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s", want)
		}
	}
}

// Text is at least 4.5:1 on its ground, what can be used 3:1, light and dark
// (WCAG 2.2: 1.4.3, 1.4.11).
func TestFaceContrast(t *testing.T) {
	css := source(t, "base.css")["face/base.css"]
	token := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	light, dark := map[string]string{}, map[string]string{}
	before, after, ok := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark colours")
	}
	after, _, _ = strings.Cut(after, "}")
	for _, m := range token.FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range token.FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "ground", 4.5}, {"ink", "surface", 4.5}, {"ink", "sunk", 4.5},
		{"muted", "ground", 4.5}, {"muted", "surface", 4.5}, {"muted", "sunk", 4.5},
		{"ember", "ground", 4.5}, {"ember", "surface", 4.5}, {"on-ember", "ember", 4.5},
		{"moss", "surface", 4.5}, {"ground", "ink", 4.5},
		{"edge", "ground", 3}, {"edge", "surface", 3}, {"wood", "ground", 3},
	}
	for theme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(t, colours[p.ink], colours[p.ground]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f", theme, p.ink, p.ground, got, p.least)
			}
		}
	}
	hues := regexp.MustCompile(`--hue: (#[0-9a-f]{6});`).FindAllStringSubmatch(source(t, "ring.css")["face/ring.css"], -1)
	if len(hues) != 9 {
		t.Fatalf("%d colours for seats", len(hues))
	}
	for _, h := range hues {
		if got := contrast(t, "#2b2622", h[1]); got < 4.5 {
			t.Errorf("a letter on %s is %.2f:1", h[1], got)
		}
	}
}

// contrast is the ratio of WCAG 2.2 of two colours like #a8481f.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	l := func(hex string) float64 {
		n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
		if err != nil {
			t.Fatal(fmt.Errorf("colour %q: %w", hex, err))
		}
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			v := float64(n>>(16-8*i)&0xff) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := l(a), l(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

package web

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// The card is everything at once: all countries, no script, nothing to send.
func TestTheCardStandsByItself(t *testing.T) {
	f := newTestFace(t)
	w := get(http.HandlerFunc(f.card), "/help/card")
	page := w.Body.String()
	for _, s := range f.crisis.all {
		if !strings.Contains(page, template.HTMLEscapeString(s.Name)) || s.Number != "" && !strings.Contains(page, s.Number) {
			t.Errorf("%s is not on it", s.Name)
		}
	}
	for _, no := range []string{"<script", "<form", "<link rel=\"modulepreload\"", f.paths.FrontStyle, `href="/help`} {
		if strings.Contains(page, no) {
			t.Errorf("it has %s", no)
		}
	}
	if got := w.Header().Get("Content-Security-Policy"); got != CardPolicy || strings.Contains(got, "script-src") {
		t.Errorf("its policy is %q", got)
	}
	if es := get(http.HandlerFunc(f.card), "/help/card?lang=es", "Accept-Language", "ar").Body.String(); !strings.Contains(es, `<html lang="es"`) || !strings.Contains(es, "Reino Unido") {
		t.Error("it isn't in the language asked for")
	}
	if none := get(http.HandlerFunc(f.card), "/help/card?lang=xx", "Accept-Language", "ar").Body.String(); !strings.Contains(none, `<html lang="ar" dir="rtl"`) {
		t.Error("with a language that the house doesn't speak it isn't in the browser's")
	}
}

func TestTheKeeperOfTheCardChangesWithIt(t *testing.T) {
	script := func(file string) string {
		c, err := NewCrisis("crisis.json", strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFace(FaceOptions{Crisis: c})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		f.worker(w, nil)
		if !strings.HasPrefix(w.Body.String(), `const style="`+f.paths.Style+`",version="`) || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("it begins %.80q", w.Body.String())
		}
		return w.Body.String()
	}
	one := "[" + goodPost + "]"
	first := script(one)
	if script(one) != first {
		t.Error("the same card has two keepers")
	}
	if first == script(strings.ReplaceAll(one, "988", "989")) {
		t.Error("a device would go on with an old number")
	}
}

func TestCountriesAreNamedInTheReadersLanguage(t *testing.T) {
	f := newTestFace(t)
	for i, want := range [][]string{
		{"Ireland", "United Kingdom", "United States", "Elsewhere in the European Union"},
		{"Estados Unidos", "Irlanda", "Reino Unido", "Otro lugar de la Unión Europea"},
	} {
		var got []string
		for _, p := range f.page("", nil).crisisIn(f.texts[i]) {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", f.texts[i].Tag, got)
		}
	}
}

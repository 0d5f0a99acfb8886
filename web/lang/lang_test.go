package lang

import "testing"

func TestPick(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ chosen, accept, want string }{
		{"", "", "en"}, {"", "es-MX,es;q=0.9,en;q=0.5", "es"}, {"ar", "es", "ar"}, {"xx", "ar-EG", "ar"}, {"", "de,fr", "en"}, {"", ";;;", "en"},
	} {
		if got := Pick(all, c.chosen, c.accept); got.Tag != c.want {
			t.Errorf("chosen %q, asked for %q: %s, want %s", c.chosen, c.accept, got.Tag, c.want)
		}
	}
}

// What runs from the left keeps its order among letters that run from the
// right; what doesn't need that stays as it is.
func TestTKeepsDirection(t *testing.T) {
	all := load(t)
	for _, c := range []struct{ lang, number, want string }{
		{"en", "116 123", "Call 116 123"},
		{"ar", "116 123", "اتصال: \u2068116 123\u2069"},
		{"ar", "HOME", "اتصال: \u2068HOME\u2069"},
		{"ar", "988", "اتصال: 988"},
		{"ar", "نور", "اتصال: نور"},
	} {
		if got := Pick(all, c.lang, "").T("help.call", "number", c.number); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.lang, c.number, got, c.want)
		}
	}
}

// A number chooses the form.
func TestTForms(t *testing.T) {
	ar := Pick(load(t), "ar", "")
	for n, want := range map[int]string{1: "دقيقة واحدة", 2: "دقيقتان", 3: "3 دقائق", 11: "11 دقيقة", 100: "100 دقيقة"} {
		if got := ar.T("date.duration", "n", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

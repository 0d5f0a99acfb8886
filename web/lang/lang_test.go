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

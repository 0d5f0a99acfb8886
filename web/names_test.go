package web

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hearth/room"
)

// A name's way in: what was typed, what the ring shows.
func TestNamesAreBroughtIntoForm(t *testing.T) {
	for _, c := range []struct{ what, typed, shown string }{
		{"plain", "Ada", "Ada"},
		{"spaces", "  Ada \t  Lovelace ", "Ada Lovelace"},
		{"a line end", "Ada\nLovelace", "Ada Lovelace"},
		{"another alphabet", "Зоя", "Зоя"},
		{"Greek", "Ζωή", "Ζωή"},
		{"Arabic", "ليلى", "ليلى"},
		{"Hebrew with points", "שָׁלוֹם", "שָׁלוֹם"},
		{"Japanese beside Latin", "ゆき Yuki", "ゆき Yuki"},
		{"full-width letters", "Ａｄａ", "Ada"},
		{"composed", "Zoe\u0308", "Zoë"},
		{"emoji alone", "🦊", "🦊"},
		{"an emoji of several", "👩\u200D🚀", "👩\u200D🚀"},
		{"a flag spelled in tags", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"},
		{"tags without a flag", "Ada\U000E0067\U000E0062", "Ada"},
		{"RTL override", "Ada\u202Ebob", "Adabob"},
		{"isolates and marks", "\u2067Ada\u2069\u200F", "Ada"},
		{"zero width", "A\u200Bd\u2060a\uFEFF", "Ada"},
		{"a joiner between letters", "A\u200Dda", "Ada"},
		{"controls", "A\u0000d\u001Ba\u009F", "Ada"},
		{"a soft hyphen", "A\u00ADda", "Ada"},
		{"a tower of marks", "A" + strings.Repeat("\u0301", 30), "Á" + strings.Repeat("\u0301", maxMarks)},
	} {
		n, no := name(c.typed, "")
		if no != nil || n.Name != c.shown {
			t.Errorf("%s: %+q became %+v (%v), want %+q", c.what, c.typed, n, no, c.shown)
		}
	}
}

func TestNamesThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		what, typed string
		want        room.Code
	}{
		{"empty", "", room.NameNeeded},
		{"blank", " \t\n", room.NameNeeded},
		{"nothing to see", "\u200B\u202E\u3164\u2060", room.NameNeeded},
		{"marks alone", "\u0301\u0302", room.NameNeeded},
		{"a joiner alone", "\u200D", room.NameNeeded},
		{"41 characters", strings.Repeat("a", 41), NameLong},
		{"over 120 bytes", strings.Repeat("語", 41), NameLong},
		{"31 letters of four bytes", strings.Repeat("𐌰", 31), NameLong},
		{"a ligature that unfolds", strings.Repeat("\uFDFA", 10), NameLong},
		{"100 KB", strings.Repeat("a", 100_000), NameLong},
		{"Latin and Cyrillic", "Adа", NameMixed},
		{"Latin and Greek", "Αda", NameMixed},
		{"Cyrillic and Greek", "Зωя", NameMixed},
		{"mixed once unfolded", "Ａдa", NameMixed},
	} {
		if n, no := name(c.typed, ""); no == nil || no.Code != c.want || no.Say == "" {
			t.Errorf("%s: became %+v, refusal %v; want %s with a sentence", c.what, n, no, c.want)
		}
	}
	if _, no := name("Ada", strings.Repeat("she ", 20)); no == nil || no.Code != PronounsLong {
		t.Errorf("long pronouns: %v", no)
	}
}

func TestNamesThatLookAlikeHaveOneKey(t *testing.T) {
	for _, pair := range [][2]string{
		{"Ada", "ADA"}, {"Straße", "STRASSE"}, {"Zoë", "ZOE\u0308"}, {"ﬁn", "FIN"}, {"Σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"❤\uFE0F", "❤"}, {"Ada ", " ada"},
	} {
		a, _ := name(pair[0], "")
		b, _ := name(pair[1], "")
		if a == nil || b == nil || a.Key != b.Key {
			t.Errorf("%q and %q: keys %+v and %+v", pair[0], pair[1], a, b)
		}
	}
	a, _ := name("Ada", "")
	b, _ := name("Ade", "")
	if a.Key == b.Key {
		t.Error("Ada and Ade have one key")
	}
}

func TestGraphemesAreCountedAsPeopleDo(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "Ada": 3, "Zoe\u0308": 3, "👩\u200D🚀": 1, "👍🏽": 1, "❤\uFE0F": 1, "🇫🇷🇩🇪": 2, "🇫🇷x": 2, "ゆき": 2,
		"🏴\U000E0067\U000E0062\U000E007F": 1,
	} {
		if got := graphemes(s); got != want {
			t.Errorf("%+q: %d, want %d", s, got, want)
		}
	}
}

func TestWordsAreBroughtIntoForm(t *testing.T) {
	for _, c := range []struct{ what, typed, sent string }{
		{"plain", "I had a good week.", "I had a good week."},
		{"line ends", "one\r\ntwo\rthree\n", "one\ntwo\nthree"},
		{"tabs stay", "a\tb", "a\tb"},
		{"controls go", "a\u0000b\u0007c\u007Fd\u0085e", "abcde"},
		{"overrides go", "a\u202Eb\u202Cc\u2066d\u2069", "abcd"},
		{"direction marks stay", "שלום\u200F!", "שלום\u200F!"},
		{"a Persian joiner stays", "می\u200Cخواهم", "می\u200Cخواهم"},
		{"an Indic joiner stays", "ക്\u200D", "ക്"}, // at the end it joins nothing
		{"joiners in a row become one", "a\u200D\u200D\u200C\u200Db", "a\u200Db"},
		{"zero width spaces go", "a\u200Bb\uFEFF", "ab"},
		{"family emoji stay", "👨\u200D👩\u200D👧", "👨\u200D👩\u200D👧"},
		{"towers of marks are cut", "a" + strings.Repeat("\u0316", 50), "a" + strings.Repeat("\u0316", maxMarks)},
		{"composed", "e\u0301", "é"},
		{"mixed alphabets are fine in words", "Adа said Ζ", "Adа said Ζ"},
		{"angle brackets are words", "<b>&", "<b>&"},
	} {
		got, no := words(c.typed)
		if no != nil || got != c.sent {
			t.Errorf("%s: %+q became %+q (%v), want %+q", c.what, c.typed, got, no, c.sent)
		}
	}
	for _, empty := range []string{"", " \n\t", "\u200B\u202E", "\u0301", "\u3164"} {
		if got, no := words(empty); no == nil || no.Code != room.NoWords {
			t.Errorf("%+q became %+q, %v; want no-words", empty, got, no)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"Ada", "Зоя", "👩\u200D🚀", "A\u202Eb", "\uFDFA", "🏴\U000E0067\U000E007F", "a\u0301\u0302", "\xff"} {
		f.Add(s, "she/her")
	}
	f.Fuzz(func(t *testing.T, called, pronouns string) {
		n, no := name(called, pronouns)
		if (n == nil) == (no == nil) {
			t.Fatalf("%q: name %v and refusal %v", called, n, no)
		}
		if no != nil {
			if no.Say == "" {
				t.Fatalf("%s says nothing", no.Code)
			}
			return
		}
		for _, s := range []string{n.Name, n.Pronouns} {
			if !utf8.ValidString(s) || len(s) > maxNameBytes || graphemes(s) > maxNameGraphemes {
				t.Fatalf("%q became %q", called, s)
			}
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || turnsText(r) || marksDirection(r) || hidden(r) }) {
				t.Fatalf("%q kept what it should not: %+q", called, s)
			}
		}
		again, no := name(n.Name, n.Pronouns)
		if no != nil || *again != *n {
			t.Fatalf("%+q is not its own form: %+v, %v", n.Name, again, no)
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"hello", "a\r\nb", "a\u200D\u200Db", "\u202E", "می\u200Cخواهم", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, no := words(s)
		if no != nil {
			return
		}
		if strings.ContainsFunc(got, turnsText) || strings.ContainsAny(got, "\r\u0000\u200B") || got != strings.TrimSpace(got) {
			t.Fatalf("%+q became %+q", s, got)
		}
		if again, no := words(got); no != nil || again != got {
			t.Fatalf("%+q is not its own form: %+q, %v", got, again, no)
		}
	})
}

func FuzzInviteCode(f *testing.F) {
	for _, s := range []string{"", noCode, "http://localhost:8080/enter#" + noCode, "#", "AAAA", "AAAAAAAAAAAAAAAAAAAAAB", " " + noCode + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := inviteCode(s)
		if !isToken(c) || len(c) != 22 {
			t.Fatalf("%q became %q", s, c)
		}
		if c != noCode && !strings.Contains(s, c) {
			t.Fatalf("%q became %q, which is not in it", s, c)
		}
	})
}

package moderation

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func daysOf(t *testing.T, k *Keys) map[string][]byte {
	t.Helper()
	days, err := k.Days()
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func TestNodesMergeTheirKeys(t *testing.T) {
	a, b := keysAt(t, noon, 1), keysAt(t, noon.Add(time.Second), 2)
	tag, other := a.Tag(said()), b.Tag(said())
	if tag[:15] == other[:15] || tag[:10] != other[:10] {
		t.Fatalf("two keys of one day are called %s and %s", tag[:15], other[:15])
	}
	if err := b.Check(said(), tag, noon); !errors.Is(err, ErrExpired) {
		t.Errorf("before: %v", err)
	}
	for _, k := range []*Keys{a, b} {
		if changed, over := k.Merge(daysOf(t, a), noon); changed != (k == b) || len(over) > 0 {
			t.Errorf("the first node's: changed %v, over %q", changed, over)
		}
		if changed, _ := k.Merge(daysOf(t, b), noon); changed != (k == a) {
			t.Errorf("the second node's: changed %v", changed)
		}
		for _, c := range []string{tag, other} {
			if err := k.Check(said(), c, noon); err != nil {
				t.Errorf("a tag of either: %v", err)
			}
		}
	}
	if a.Tag(said()) != b.Tag(said()) {
		t.Error("nodes with the same keys tag with different ones")
	}
	if changed, err := a.Rotate(noon.Add(time.Minute), chance(7)); changed || err != nil {
		t.Errorf("another key of the day was made: %v, %v", changed, err)
	}
}

func TestMergeTakesNoKeyThatHasHadItsTimeOrHasNotCome(t *testing.T) {
	old := keysAt(t, noon, 1)
	for _, c := range []struct {
		name          string
		now           time.Time
		changed, over bool
	}{
		{"in time", noon.Add(KeepKeys - time.Second), true, false},
		{"over", noon.Add(KeepKeys), false, true},
		{"of a clock that is a bit ahead", noon.Add(-ahead + time.Second), true, false},
		{"of a clock that is far ahead", noon.Add(-ahead), false, false},
	} {
		k := new(Keys)
		changed, over := k.Merge(daysOf(t, old), c.now)
		if changed != c.changed || (len(over) == 1) != c.over {
			t.Errorf("%s: changed %v, over %q", c.name, changed, over)
		}
	}
	k := new(Keys)
	for id, day := range daysOf(t, old) {
		for _, bad := range []map[string][]byte{{id: nil}, {id: []byte(`{}`)}, {id: day[:len(day)-3]}, {"2026-03-01": day}, {"": day}, {"x": day},
			{id: []byte(strings.Replace(string(day), "key\":\"", "key\":\"AAAA", 1))}} {
			if changed, over := k.Merge(bad, noon); changed || len(over) > 0 {
				t.Errorf("%q was read: %v, %q", bad, changed, over)
			}
		}
	}
}

func TestAKeyFromTheFutureIsNotKept(t *testing.T) {
	k := keysAt(t, noon.AddDate(1, 0, 0), 1) // the clock jumped a year ahead
	if changed, err := k.Rotate(noon, chance(2)); !changed || err != nil {
		t.Fatalf("back again: %v, %v", changed, err)
	}
	if days := daysOf(t, k); len(days) != 1 || !strings.HasPrefix(k.Tag(said()), "2026-03-01-") {
		t.Errorf("%d keys; tags begin with %.10s", len(days), k.Tag(said()))
	}
}

func TestKeysOfEarlierProgramsAreRead(t *testing.T) {
	k := new(Keys)
	text := `{"days":[{"id":"2026-03-01","made":"2026-03-01T12:00:00Z","key":"` + strings.Repeat("A", 43) + `="}]}`
	if err := k.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	tag := k.Tag(said())
	if !strings.HasPrefix(tag, "2026-03-01.") || k.Check(said(), tag, noon) != nil {
		t.Errorf("the tag %s, %v", tag, k.Check(said(), tag, noon))
	}
	if changed, err := k.Rotate(noon.Add(time.Hour), chance(1)); changed || err != nil {
		t.Errorf("a second key that day: %v, %v", changed, err)
	}
}

func TestUnknownKeysAreAskedFor(t *testing.T) {
	a, b := keysAt(t, noon, 1), keysAt(t, noon, 2)
	asked := 0
	b.Ask(func() { asked++; b.Merge(daysOf(t, a), noon) })
	for _, tag := range []string{b.Tag(said()), "", "x", ".", "2026-03-01-x7k2", "2026-03-01-X7K2.a", "2026-03-01-x7k2x.a", "2026-13-01-x7k2.a",
		"2025-03-01-x7k2.a", "2027-03-01-x7k2.a"} {
		_ = b.Check(said(), tag, noon)
		if asked > 0 {
			t.Fatalf("%q: somebody was asked", tag)
		}
	}
	if err := b.Check(said(), a.Tag(said()), noon); err != nil || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	if err := b.Check(said(), a.Tag(said()), noon); err != nil || asked != 1 {
		t.Errorf("again: %v, asked %d times", err, asked)
	}
}

func TestATokenSaysOneThingForOnePurpose(t *testing.T) {
	k := keysAt(t, noon, 1)
	token := k.Sign("seat", []byte(`{"seat":"s1"}`))
	if got, err := k.Open("seat", token, noon.Add(KeepKeys-time.Second)); err != nil || string(got) != `{"seat":"s1"}` {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := k.Open("seat", k.Sign("seat", nil), noon); err != nil || len(got) != 0 {
		t.Errorf("nothing said: %q, %v", got, err)
	}
	id, rest, _ := strings.Cut(token, ".")
	payload, mac, _ := strings.Cut(rest, ".")
	_, evidence, _ := strings.Cut(k.Tag(said()), ".")
	_, prefix, _ := strings.Cut(k.Sign("prefix", []byte(`{"seat":"s1"}`)), ".")
	for _, c := range []struct {
		name, purpose, token string
		now                  time.Time
		want                 error
	}{
		{"another purpose", "desk", token, noon, ErrForged},
		{"that purpose's token", "seat", id + "." + prefix, noon, ErrForged},
		{"what a tag is", "seat", id + "." + payload + "." + evidence, noon, ErrForged},
		{"another payload", "seat", id + ".e30." + mac, noon, ErrForged},
		{"cut", "seat", token[:len(token)-1], noon, ErrForged},
		{"longer", "seat", token + ".", noon, ErrForged},
		{"with a line end", "seat", token[:20] + "\n" + token[20:], noon, ErrForged},
		{"written otherwise", "seat", token[:len(token)-1] + string(token[len(token)-1]+1), noon, ErrForged},
		{"empty", "seat", "", noon, ErrForged},
		{"no payload", "seat", id, noon, ErrForged},
		{"too late", "seat", token, noon.Add(KeepKeys), ErrExpired},
		{"another house's", "seat", keysAt(t, noon, 2).Sign("seat", nil), noon, ErrExpired},
	} {
		if got, err := k.Open(c.purpose, c.token, c.now); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v; want %v", c.name, got, err, c.want)
		}
	}
	if new(Keys).Sign("seat", nil) != "" || new(Keys).SealLink(Link{}) != "" {
		t.Error("without a key something is signed or sealed")
	}
}

func TestAPrefixIsCalledTheSameForADay(t *testing.T) {
	k := keysAt(t, noon, 1)
	home, away := netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/64")
	first := k.Prefix(home, noon)
	if len(first) != 1 || !strings.HasPrefix(first[0], "prefix:2026-03-01-") || len(first[0]) != len("prefix:2026-03-01-abcd:")+32 {
		t.Fatalf("%q", first)
	}
	if same := k.Prefix(netip.MustParsePrefix("192.0.2.77/24"), noon); !slices.Equal(same, first) {
		t.Errorf("somebody beside: %q", same)
	}
	if other := k.Prefix(away, noon); len(other) != 1 || other[0] == first[0] {
		t.Errorf("somebody else: %q", other)
	}
	if _, err := k.Rotate(noon.Add(13*time.Hour), chance(2)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		names int
	}{{13 * time.Hour, 2}, {35 * time.Hour, 2}, {36 * time.Hour, 1}, {70 * time.Hour, 1}} {
		names := k.Prefix(home, noon.Add(c.after))
		if len(names) != c.names || slices.Contains(names, first[0]) != (c.names == 2) || names[0] == first[0] {
			t.Errorf("after %v: %q", c.after, names)
		}
	}
}

func TestALinkOpensForADayAndNoTwoLookAlike(t *testing.T) {
	k := keysAt(t, noon, 1)
	l := Link{Device: DeviceKey("token"), Prefix: "prefix:2026-03-01-abcd:00", Person: "who keeps the house"}
	sealed, again := k.SealLink(l), k.SealLink(l)
	if sealed == again || strings.Contains(sealed, string(l.Person)) || len(k.SealLink(Link{})) != len(sealed) {
		t.Errorf("sealed %s, again %s, nothing %s", sealed, again, k.SealLink(Link{}))
	}
	if got, err := k.OpenLink(sealed, noon.Add(KeepKeys-time.Second)); err != nil || got != l {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := k.OpenLink(k.SealLink(Link{}), noon); err != nil || got != (Link{}) {
		t.Errorf("nothing: %+v, %v", got, err)
	}
	for bad, want := range map[string]error{"": ErrForged, "x.": ErrForged, sealed[:16]: ErrForged, sealed[:len(sealed)-4]: ErrForged,
		sealed[:30] + string(sealed[30]^1) + sealed[31:]: ErrForged, "2026-03-01-x7k2" + sealed[15:]: ErrExpired, keysAt(t, noon, 2).SealLink(l): ErrExpired} {
		if got, err := k.OpenLink(bad, noon); !errors.Is(err, want) || got != (Link{}) {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
	if _, err := k.OpenLink(sealed, noon.Add(KeepKeys)); !errors.Is(err, ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
}

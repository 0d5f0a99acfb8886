package moderation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// chance returns a reader of well-known bytes: n, n+1, n+2 …
func chance(n byte) *bytes.Reader {
	b := make([]byte, 32)
	for i := range b {
		b[i] = n + byte(i)
	}
	return bytes.NewReader(b)
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func keysAt(t *testing.T, now time.Time, seed byte) *Keys {
	t.Helper()
	k := new(Keys)
	if changed, err := k.Rotate(now, chance(seed)); err != nil || !changed {
		t.Fatalf("first Rotate: changed %v, error %v", changed, err)
	}
	return k
}

func said() Evidence {
	return Evidence{Room: "r1", Seq: 7, Seat: "s1", At: noon.UnixMilli(), Words: "I had a good week."}
}

func TestATagVouchesForExactlyWhatWasDelivered(t *testing.T) {
	k := keysAt(t, noon, 1)
	tag := k.Tag(said())
	if err := k.Check(said(), tag, noon.Add(time.Hour)); err != nil {
		t.Fatalf("the true words: %v", err)
	}
	if !strings.HasPrefix(tag, "2026-03-01-") || len(tag) > 64 {
		t.Errorf("tag %q does not carry its day's id in at most 64 bytes", tag)
	}
	change := map[string]func(*Evidence){
		"foreign room":   func(e *Evidence) { e.Room = "r2" },
		"another entry":  func(e *Evidence) { e.Seq = 8 },
		"another seat":   func(e *Evidence) { e.Seat = "s2" },
		"another time":   func(e *Evidence) { e.At++ },
		"altered word":   func(e *Evidence) { e.Words = "I had a bad week." },
		"moved boundary": func(e *Evidence) { e.Room, e.Seat = "r", "1s1" },
	}
	for name, f := range change {
		e := said()
		f(&e)
		if err := k.Check(e, tag, noon); !errors.Is(err, ErrForged) {
			t.Errorf("%s: got %v, want ErrForged", name, err)
		}
	}
}

func TestAForgedTagIsRefused(t *testing.T) {
	k := keysAt(t, noon, 1)
	foreign := keysAt(t, noon, 2).Tag(said())
	tag := k.Tag(said())
	id, mac, _ := strings.Cut(tag, ".")
	_, theirs, _ := strings.Cut(foreign, ".")
	for _, c := range []struct {
		name, tag string
		want      error
	}{
		{"another house's key", foreign, ErrExpired},
		{"another house's key under our day", id + "." + theirs, ErrForged},
		{"empty", "", ErrForged},
		{"no mac", id + ".", ErrForged},
		{"no day", "." + mac, ErrExpired},
		{"with a line end", tag[:20] + "\n" + tag[20:], ErrForged},
		{"cut short", tag[:len(tag)-2], ErrForged},
		{"not base64url", id + ".****", ErrForged},
		{"a day never kept", "2025-01-01." + mac, ErrExpired},
	} {
		if err := k.Check(said(), c.tag, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestADayKeyIsGoneAfter72Hours(t *testing.T) {
	k := keysAt(t, noon, 1)
	tag := k.Tag(said())
	if err := k.Check(said(), tag, noon.Add(KeepKeys-time.Second)); err != nil {
		t.Errorf("just before: %v", err)
	}
	if err := k.Check(said(), tag, noon.Add(KeepKeys)); !errors.Is(err, ErrExpired) {
		t.Errorf("after 72 h, not yet rotated: got %v, want ErrExpired", err)
	}
	if _, err := k.Rotate(noon.Add(KeepKeys), chance(9)); err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(kept), "2026-03-01") {
		t.Error("the old day's key is still kept")
	}
	if !strings.Contains(string(kept), "2026-03-04") {
		t.Error("the new day's key is not kept")
	}
}

func TestRotateMakesOneKeyADay(t *testing.T) {
	k := keysAt(t, noon, 1)
	yesterday := k.Tag(said())
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{
		{time.Hour, false},
		{12 * time.Hour, true}, // midnight
		{13 * time.Hour, false},
		{0, false}, // the clock went back
	} {
		changed, err := k.Rotate(noon.Add(c.after), chance(byte(c.after/time.Hour)))
		if err != nil || changed != c.want {
			t.Errorf("after %v: changed %v, error %v; want %v", c.after, changed, err, c.want)
		}
	}
	if err := k.Check(said(), yesterday, noon.Add(24*time.Hour)); err != nil {
		t.Errorf("yesterday's tag: %v", err)
	}
	if today := k.Tag(said()); !strings.HasPrefix(today, "2026-03-02-") {
		t.Errorf("today's tag is %q", today)
	}
}

func TestRotateWithoutChanceMakesNoKey(t *testing.T) {
	k := new(Keys)
	if _, err := k.Rotate(noon, bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("31 bytes were enough for a key")
	}
	if tag := k.Tag(said()); tag != "" {
		t.Errorf("a tag without a key: %q", tag)
	}
}

func TestKeysSurviveTheirFile(t *testing.T) {
	k := keysAt(t, noon, 1)
	tag := k.Tag(said())
	kept, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	again := new(Keys)
	if err := json.Unmarshal(kept, again); err != nil {
		t.Fatal(err)
	}
	if err := again.Check(said(), tag, noon); err != nil {
		t.Errorf("a tag from before: %v", err)
	}
	if changed, err := again.Rotate(noon.Add(time.Minute), chance(5)); err != nil || changed {
		t.Errorf("the day's key was made twice: %v, %v", changed, err)
	}
	for _, damaged := range []string{`{`, `{"days":[{"id":"x","key":""}]}`, `{"days":[{"id":"2026-03-01","key":"AAAA"}]}`} {
		if err := json.Unmarshal([]byte(damaged), new(Keys)); err == nil {
			t.Errorf("%s was read as keys", damaged)
		}
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	k := keysAt(t, noon, 'A')
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "[redacted]" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

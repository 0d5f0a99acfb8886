package pictures

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"image/color"
	"runtime"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestOneAtATime: one is made, so many wait, the rest are told to come back.
func TestOneAtATime(t *testing.T) {
	in := asPNG(t, quarters(4, 4))
	synctest.Test(t, func(t *testing.T) {
		const wait = 3
		m := NewMaker(wait)
		m.bench <- struct{}{} // somebody else's is being made
		m.waiting <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		done, gaveUp := make(chan error, wait), make(chan error)
		go func() { _, err := m.Make(ctx, in); gaveUp <- err }()
		for range wait - 1 {
			go func() { _, err := m.Make(t.Context(), in); done <- err }()
		}
		synctest.Wait()
		if _, err := m.Make(t.Context(), in); !errors.Is(err, Busy) {
			t.Errorf("one too many: %v", err)
		}
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up waiting: %v", err)
		}
		go func() { _, err := m.Make(t.Context(), in); done <- err }() // in their place
		synctest.Wait()
		if len(done) > 0 {
			t.Error("two were made at once")
		}
		<-m.bench
		<-m.waiting
		for range wait {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if _, err := m.Make(ctx, in); err == nil {
			t.Error("made for somebody who is gone")
		}
		if _, err := m.Make(t.Context(), []byte("x")); !errors.Is(err, NotAPicture) {
			t.Error(err)
		}
	})
}

// TestMemory measures what the largest pictures take in all; it is an upper
// bound of what they take at once.
func TestMemory(t *testing.T) {
	const mb = 1 << 20
	for name, c := range map[string]struct {
		in   []byte
		most uint64
	}{
		"a camera's JPEG":      {plainJPEG(6000, 4000, 3, 1, false), 200 * mb},
		"the largest JPEG":     {plainJPEG(4800, 5000, 4, 1, true), 700 * mb},
		"WebP":                 {webpOf("VP8L", plainVP8L(6000, 4000, color.NRGBA{1, 2, 3, 255})), 300 * mb},
		"just under the scale": {webpOf("VP8L", plainVP8L(3199, 3199, color.NRGBA{1, 2, 3, 255})), 400 * mb},
		"a PNG bomb":           {pngOf(30_000, 30_000, 16, 6), mb},
		"a JPEG bomb":          {bombJPEG(), mb},
		"a WebP bomb":          {webpOf("VP8L", plainVP8L(16_384, 16_384, color.NRGBA{})), mb},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Make(c.in)
		runtime.ReadMemStats(&after)
		took := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d MB, %v", name, took/mb, err)
		if took > c.most || (err != nil) != (c.most == mb) {
			t.Errorf("%s takes %d MB, %v", name, took/mb, err)
		}
	}
}

func TestSealedPictures(t *testing.T) {
	plain := []byte("canary: pixels")
	key, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := Seal(key, "room", "id", plain)
	if err != nil || len(sealed) != len(plain)+Overhead || bytes.Contains(sealed, []byte("canary")) {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	if got, ok := Open(key, "room", "id", sealed); !ok || !bytes.Equal(got, plain) {
		t.Fatal("it does not open")
	}
	again, err := Seal(key, "room", "id", plain)
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("sealed twice it is the same, %v", err)
	}
	another, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() ([]byte, bool){
		"another key":  func() ([]byte, bool) { return Open(another, "room", "id", sealed) },
		"no key":       func() ([]byte, bool) { return Open(nil, "room", "id", sealed) },
		"another room": func() ([]byte, bool) { return Open(key, "moor", "id", sealed) },
		"another id":   func() ([]byte, bool) { return Open(key, "room", "di", sealed) },
		"moved border": func() ([]byte, bool) { return Open(key, "roomi", "d", sealed) },
	} {
		if _, ok := open(); ok {
			t.Errorf("%s opens it", name)
		}
	}
	for i := range sealed {
		wrong := bytes.Clone(sealed)
		wrong[i] ^= 1
		_, ok := Open(key, "room", "id", wrong)
		_, short := Open(key, "room", "id", sealed[:i])
		if ok || short {
			t.Fatalf("changed or cut at %d it opens", i)
		}
	}
	if _, err := Seal(key[1:], "room", "id", plain); err == nil {
		t.Error("sealed with a short key")
	}
	if _, err := NewKey(iotest.ErrReader(errors.New("no chance"))); err == nil {
		t.Error("a key without chance")
	}
}

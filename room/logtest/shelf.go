package logtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hearth/room"
)

// RunShelf holds shelves to every promise of room.Shelf. Ends makes two ends
// of a new one, as two nodes have them; they may be the same.
func RunShelf(t *testing.T, ends func(*testing.T) (a, b room.Shelf)) {
	for _, p := range shelves {
		t.Run(p.name, func(t *testing.T) {
			a, b := ends(t)
			p.test(t, shelf{t, a}, shelf{t, b})
		})
	}
}

var shelves = []struct {
	name string
	test func(t *testing.T, a, b shelf)
}{
	{"what is put at one end is at both, byte for byte", func(t *testing.T, a, b shelf) {
		all := make([]byte, 1<<20)
		for i := range all {
			all[i] = byte(i ^ i>>8)
		}
		a.put(here, "tea", all)
		b.put(here, "pot", []byte("\x00\r\n$-1"))
		for _, s := range []shelf{a, b} {
			s.has(here, "tea", all)
			s.has(here, "pot", []byte("\x00\r\n$-1"))
		}
	}},
	{"each room is for itself", func(t *testing.T, a, b shelf) {
		a.put(here, "tea", []byte("hot"))
		b.put(there, "tea", []byte("cold"))
		b.has(here, "tea", []byte("hot"))
		a.has(there, "tea", []byte("cold"))
		a.forget(here)
		b.hasNot(here, "tea")
		a.has(there, "tea", []byte("cold"))
	}},
	{"what is not there is not there", func(t *testing.T, a, b shelf) {
		a.hasNot(here, "tea")
		a.put(here, "tea", []byte("hot"))
		b.hasNot(here, "te")
		b.hasNot(here, "bytes")
		b.hasNot(there, "tea")
	}},
	{"one is dropped and the others stay", func(t *testing.T, a, b shelf) {
		a.put(here, "tea", []byte("hot"))
		a.put(here, "pot", []byte("round"))
		b.drop(here, "tea")
		a.hasNot(here, "tea")
		a.has(here, "pot", []byte("round"))
	}},
	{"forgetting what is not there is no error", func(t *testing.T, a, b shelf) {
		a.drop(here, "tea")
		a.forget(here)
		a.put(here, "tea", []byte("hot"))
		for range 2 {
			b.drop(here, "pot")
			b.drop(here, "tea")
			b.forget(here)
		}
		a.hasNot(here, "tea")
	}},
	{"a name is used once", func(t *testing.T, a, b shelf) {
		a.put(here, "tea", []byte("hot"))
		if err := b.Put(t.Context(), here, "tea", []byte("cold")); err == nil || errors.Is(err, room.ErrShelfFull) {
			t.Errorf("used twice: %v", err)
		}
		a.has(here, "tea", []byte("hot"))
	}},
	{"as many as may be, and no more", asMany},
	{"as much as may be, and no more", asMuch},
	{"many at once are as many as may be", atOnce},
	{"what it hands out is the receiver's own", func(t *testing.T, a, b shelf) {
		given := []byte("hot")
		a.put(here, "tea", given)
		copy(given, "ZZZ")
		got, err := b.Get(t.Context(), here, "tea")
		if err != nil {
			t.Fatal(err)
		}
		copy(got, "YYY")
		b.has(here, "tea", []byte("hot"))
	}},
	{"nothing is done for who is gone", func(t *testing.T, a, b shelf) {
		a.put(here, "tea", []byte("hot"))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := a.Get(gone, here, "tea")
		for i, err := range []error{err, a.Put(gone, here, "pot", nil), a.Drop(gone, here, "tea"), a.Forget(gone, here)} {
			if err == nil || errors.Is(err, room.ErrNoPicture) {
				t.Errorf("%d: %v", i, err)
			}
		}
		b.has(here, "tea", []byte("hot"))
		b.hasNot(here, "pot")
	}},
}

func asMany(t *testing.T, a, b shelf) {
	for i := range room.MaxPictures {
		a.put(here, fmt.Sprint(i), []byte("x"))
	}
	b.full(here, "one-more", []byte("x"))
	a.put(there, "one-more", []byte("x"))
	b.drop(here, "7")
	b.put(here, "one-more", []byte("y"))
	a.full(here, "7", []byte("x"))
	a.has(here, "one-more", []byte("y"))
	a.forget(here)
	b.put(here, "7", []byte("x"))
}

func asMuch(t *testing.T, a, b shelf) {
	half := make([]byte, room.MaxShelfBytes/2)
	a.full(here, "too-much", make([]byte, room.MaxShelfBytes+1))
	a.put(here, "left", half)
	b.put(here, "right", half)
	a.full(here, "one-byte", []byte("x"))
	a.put(there, "one-byte", []byte("x"))
	b.drop(here, "left")
	a.full(here, "a-byte-too-much", append([]byte("x"), half...))
	b.put(here, "left-again", half)
	b.forget(here)
	a.put(here, "all", make([]byte, room.MaxShelfBytes))
}

// atOnce: who puts at the same moment does not get past the bounds.
func atOnce(t *testing.T, a, b shelf) {
	const tries = 2 * room.MaxPictures
	errs := make([]error, tries)
	var group sync.WaitGroup
	for i := range tries {
		s := []shelf{a, b}[i%2]
		group.Go(func() { errs[i] = s.Put(t.Context(), here, fmt.Sprint(i), []byte("x")) })
	}
	group.Wait()
	kept := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err != nil })
	if len(kept) != room.MaxPictures {
		t.Errorf("%d are kept", len(kept))
	}
	for i, err := range errs {
		switch {
		case err == nil:
			a.has(here, fmt.Sprint(i), []byte("x"))
		case errors.Is(err, room.ErrShelfFull):
			b.hasNot(here, fmt.Sprint(i))
		default:
			t.Error(err)
		}
	}
}

// shelf is one that does what it is told, or its test fails.
type shelf struct {
	t *testing.T
	room.Shelf
}

func (s shelf) put(id room.ID, name string, sealed []byte) {
	s.t.Helper()
	if err := s.Put(s.t.Context(), id, name, sealed); err != nil {
		s.t.Fatalf("put %s: %v", name, err)
	}
}

func (s shelf) full(id room.ID, name string, sealed []byte) {
	s.t.Helper()
	if err := s.Put(s.t.Context(), id, name, sealed); !errors.Is(err, room.ErrShelfFull) {
		s.t.Fatalf("put %s: %v, wanted %v", name, err, room.ErrShelfFull)
	}
	s.hasNot(id, name)
}

func (s shelf) has(id room.ID, name string, want []byte) {
	s.t.Helper()
	if got, err := s.Get(s.t.Context(), id, name); err != nil || !bytes.Equal(got, want) {
		s.t.Errorf("get %s: %d bytes, wanted %d, %v", name, len(got), len(want), err)
	}
}

func (s shelf) hasNot(id room.ID, name string) {
	s.t.Helper()
	if got, err := s.Get(s.t.Context(), id, name); !errors.Is(err, room.ErrNoPicture) {
		s.t.Errorf("get %s: %d bytes, %v, wanted %v", name, len(got), err, room.ErrNoPicture)
	}
}

func (s shelf) drop(id room.ID, name string) {
	s.t.Helper()
	if err := s.Drop(s.t.Context(), id, name); err != nil {
		s.t.Fatalf("drop %s: %v", name, err)
	}
}

func (s shelf) forget(id room.ID) {
	s.t.Helper()
	if err := s.Forget(s.t.Context(), id); err != nil {
		s.t.Fatalf("forget: %v", err)
	}
}

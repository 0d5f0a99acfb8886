package roomkeys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

func TestWordsSaidOnOneNodeAreReadOnAnother(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		kid := a.hold(here, "")
		sealed := a.seal("I have been sober for a year")
		b.holds(here, kid)
		if !b.reads(sealed, "I have been sober for a year") {
			t.Error("b can't read what was said on a")
		}
		if !a.reads(b.seal("so glad"), "so glad") {
			t.Error("a can't read what was said on b")
		}
	})
}

func TestAKeyIsAskedForAtOnce(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		c.cut(nil)
		began := time.Now()
		c.nodes["b"].holds(here, kid)
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v although a answers at once", took)
		}
	})
}

func TestAnAskIsRepeated(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		c.cut(apart("a"))
		kid := c.nodes["a"].hold(here, "")
		go func() {
			<-time.After(2 * time.Second)
			c.cut(nil)
		}()
		began := time.Now()
		c.nodes["b"].holds(here, kid)
		if took := time.Since(began); took < 2*time.Second || took > 2*time.Second+askEvery {
			t.Errorf("took %v, want an answer to the first ask after 2 s", took)
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		began := time.Now()
		fresh := a.hold(here, "lost-with-its-node")
		if fresh == "" || fresh == "lost-with-its-node" {
			t.Fatalf("got %q, want a new key", fresh)
		}
		if took := time.Since(began); took != askFor {
			t.Errorf("took %v, want 3 s", took)
		}
		c.pass(time.Minute)
		if asks := len(c.heard(anAsk)) - 1; asks < 12 || asks > 13 { // and b's one for the new key
			t.Errorf("asked %d times, want every 250 ms for 3 s", asks)
		}
		if !a.reads(a.seal("on we go"), "on we go") {
			t.Error("the new key does not work")
		}
	})
}

func TestTwoNodesStartAtOnce(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		won, lost := a.hold(here, ""), b.hold(here, "")
		if won == lost {
			t.Fatal("two nodes made the same key")
		}
		b.holds(here, won) // the log names a's
		if sealed := b.seal("hello"); !bytes.Contains(sealed, []byte(won)) || !a.reads(sealed, "hello") {
			t.Error("b does not seal with the key that the log names")
		}
	})
}

func TestANodeThatCanAskNobodyMakesNoKey(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		c.wire.mu.Lock()
		c.wire.dead = errors.New("connection refused")
		c.wire.mu.Unlock()
		if fresh, err := a.Hold(context.Background(), here, "k1"); !errors.Is(err, ErrUnasked) || fresh != "" {
			t.Fatalf("%q, %v; want ErrUnasked: the key may be well", fresh, err)
		}
		if told := a.told(); len(told) != 1 || !strings.Contains(told[0], "did not go out: connection refused") {
			t.Errorf("told %q, want once that messages don't go out", told)
		}
		if _, err := a.Seal(here, nil, nil); !errors.Is(err, ErrNoKey) {
			t.Errorf("%v, want ErrNoKey", err)
		}
	})
}

func TestHoldEndsWithItsContextAndWithTheNode(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := a.Hold(ctx, here, "k1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
		go func() {
			<-time.After(time.Second)
			a.stop()
		}()
		if _, err := a.Hold(context.Background(), here, "k2"); !errors.Is(err, ErrUnasked) {
			t.Errorf("%v, want ErrUnasked", err)
		}
	})
}

func TestARingOnItsOwn(t *testing.T) {
	r := New(Config{})
	kid, err := r.Hold(context.Background(), here, "of-another-life")
	if err != nil || kid == "" {
		t.Fatalf("%q, %v; want a new key at once", kid, err)
	}
	sealed, err := r.Seal(here, nil, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Open(here, nil, sealed); !ok || string(got) != "x" {
		t.Errorf("%q, %v", got, ok)
	}
	if err := r.HandOver(context.Background()); err != nil {
		t.Errorf("%v, want nil: there is nobody", err)
	}
	r.Wait()
}

func TestOlderWordsStayReadable(t *testing.T) {
	r := New(Config{})
	blobs := [][]byte{}
	for i := range kidsMost + 1 {
		if _, err := r.Hold(context.Background(), here, ""); err != nil {
			t.Fatal(err)
		}
		b, err := r.Seal(here, nil, fmt.Append(nil, i))
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, b)
	}
	for i, b := range blobs {
		got, ok := r.Open(here, nil, b)
		if want := i > 0; ok != want || ok && string(got) != fmt.Sprint(i) {
			t.Errorf("words %d: %q, %v; want the newest four", i, got, ok)
		}
	}
}

func TestThePresentKeyIsNeverPushedOut(t *testing.T) {
	r := New(Config{})
	hold := func(kid string) string {
		fresh, err := r.Hold(context.Background(), here, kid)
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	first := hold("")
	for range kidsMost - 1 {
		hold("")
	}
	hold(first)
	hold("")
	if r.shelf.get(name{here, first}) == nil || len(r.shelf.rooms[here].keys) != kidsMost {
		t.Error("the key that words were sealed with went")
	}
}

func TestKeptTenMinutesAfterTheLastSeat(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		kid := a.hold(here, "")
		c.pass(time.Hour)
		a.Release(here)
		c.pass(keep - time.Second)
		a.holds(here, kid) // somebody came back
		c.pass(time.Hour)
		c.wantHolders(here, kid, "a")
		a.Release(here)
		c.pass(keep - time.Second)
		c.wantHolders(here, kid, "a")
		c.pass(2 * time.Second)
		c.wantHolders(here, kid, "")
		if _, err := a.Seal(here, nil, nil); !errors.Is(err, ErrNoKey) {
			t.Errorf("%v, want ErrNoKey", err)
		}
	})
}

func TestNoMoreRoomsThanThereIsRoomFor(t *testing.T) {
	r := New(Config{})
	hold := func(i int) error {
		_, err := r.Hold(context.Background(), room.ID(fmt.Sprint(i)), "")
		return err
	}
	for i := range roomsMost {
		if err := hold(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := hold(roomsMost); !errors.Is(err, ErrFull) {
		t.Fatalf("%v, want ErrFull: somebody sits everywhere", err)
	}
	r.Release("7")
	r.Release("8")
	if err := hold(roomsMost); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.shelf.rooms["7"]; ok {
		t.Error("the room that was left first is still there")
	}
	if _, ok := r.shelf.rooms["8"]; !ok {
		t.Error("a room that was left later went as well")
	}
	if err := hold(roomsMost + 1); err != nil {
		t.Fatal(err)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	r := New(Config{})
	for _, id := range []room.ID{"", room.ID(strings.Repeat("x", nameMost+1))} {
		if _, err := r.Hold(context.Background(), id, ""); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v, want ErrName", id, err)
		}
		r.Release(id)
		r.Forget(id)
		if len(r.over) > 0 {
			t.Errorf("%q is remembered", id)
		}
	}
}

func TestChanceThatFails(t *testing.T) {
	r := New(Config{Random: bytes.NewReader(make([]byte, 31))})
	if kid, err := r.Hold(context.Background(), here, ""); err == nil || kid != "" {
		t.Errorf("%q, %v: a key of 31 bytes", kid, err)
	}
}

func TestServeRefuses(t *testing.T) {
	w := &wire{ears: map[string]chan []byte{}}
	r := New(Config{Secret: secret[:31]})
	if err := r.Serve(t.Context(), end{w, "a"}, nil); err == nil || !strings.Contains(err.Error(), "at least 32 bytes") {
		t.Errorf("%v, want that the secret is too short", err)
	}
	gather(t, "a", func(t *testing.T, c *cluster) {
		if err := c.nodes["a"].Serve(t.Context(), end{c.wire, "a"}, c.nodes["a"]); err == nil {
			t.Error("served twice")
		}
	})
}

func TestNothingPrints(t *testing.T) {
	r := New(Config{Secret: secret})
	kid, err := r.Hold(context.Background(), here, "")
	if err != nil {
		t.Fatal(err)
	}
	k := r.shelf.get(name{here, kid})
	for _, v := range []any{r, Config{Secret: secret}, k, &Config{Secret: secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			if got := fmt.Sprintf(verb, v); got != redacted {
				t.Errorf("%T prints as %q with %s", v, got, verb)
			}
		}
	}
	if k.String() != redacted || k.GoString() != redacted {
		t.Error("a key says more than that it is one")
	}
}

func TestDroppedKeysAreZeroed(t *testing.T) {
	r := New(Config{})
	kid, err := r.Hold(context.Background(), here, "")
	if err != nil {
		t.Fatal(err)
	}
	k := r.shelf.get(name{here, kid})
	if k.raw == [32]byte{} {
		t.Fatal("a key of zeros")
	}
	r.Forget(here)
	if k.raw != [32]byte{} || k.words != nil {
		t.Error("a dropped key is still there")
	}
}

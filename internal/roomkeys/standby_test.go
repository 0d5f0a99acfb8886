package roomkeys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hearth/room"
)

func TestTwoOfThreeHoldEveryKey(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		count := map[string]int{}
		kids := map[room.ID]string{}
		for i := range 60 {
			id := room.ID(fmt.Sprint("room ", i))
			kids[id] = c.nodes["a"].hold(id, "")
		}
		c.pass(time.Second)
		for id, kid := range kids {
			count[c.holders(id, kid)]++
		}
		if count["ab"]+count["ac"] != 60 || count["ab"] < 15 || count["ac"] < 15 {
			t.Errorf("held by %v, want a and one other each, shared out", count)
		}
		asks := len(c.heard(anAsk))
		c.pass(10 * time.Minute)
		if more := len(c.heard(anAsk)) - asks; more > 0 {
			t.Errorf("%d asks although two hold every key", more)
		}
	})
}

func TestAnotherStandsByForWhoDoesNotHear(t *testing.T) {
	gather(t, "abcd", func(t *testing.T, c *cluster) {
		c.cut(func(_, to string, _ message) bool { return to == "c" || to == "d" })
		for i := range 20 {
			id := room.ID(fmt.Sprint("room ", i))
			kid := c.nodes["a"].hold(id, "")
			c.pass(3 * newsEvery)
			c.wantHolders(id, kid, "ab")
		}
	})
}

func TestOneNodeTakesThePlaceOfAStandbyThatDies(t *testing.T) {
	gather(t, "abcdef", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		for range 3 {
			c.pass(time.Minute)
			both := c.holders(here, kid)
			if len(both) != 2 || both[0] != 'a' {
				t.Fatalf("%q hold the key, want a and one other", both)
			}
			c.kill(both[1:])
		}
	})
}

func TestTheStandbyAnswersWhenANodeDies(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		sealed := c.nodes["a"].seal("before")
		c.pass(0)
		c.kill("a")
		for _, n := range c.nodes { // wherever they come back
			n.holds(here, kid)
			if !n.reads(sealed, "before") {
				t.Error("words are lost with one node of three")
			}
		}
	})
}

func TestOneNodeAfterAnotherDies(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		sealed := c.nodes["a"].seal("long ago")
		for i := range 20 { // nobody sits anywhere but on the newest
			c.pass(2 * newsEvery)
			c.kill(string(rune('a' + i)))
			n := c.nodes[string(rune('b'+i))]
			n.holds(here, kid)
			c.start(string(rune('c' + i)))
		}
		c.pass(2 * newsEvery)
		c.wantHolders(here, kid, "uv")
		if !c.nodes["v"].reads(sealed, "long ago") {
			t.Error("the words are lost")
		}
	})
}

func TestANodeThatComesStandsBy(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		c.pass(time.Minute)
		c.start("b")
		c.pass(askEvery)
		c.wantHolders(here, kid, "ab")
	})
}

func TestAStandbyIsForgottenWithTheRoom(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		kid := a.hold(here, "")
		b.holds(here, kid)
		sealed := a.seal("done")
		c.kill("c")
		c.start("d")
		c.pass(newsEvery)
		a.Forget(here)
		c.pass(0)
		c.wantHolders(here, kid, "b") // it sits there: it sees the end itself
		c.pass(2 * heardFor)
		c.wantHolders(here, kid, "b") // and hands it to nobody
		b.Forget(here)
		c.pass(heardFor)
		c.wantHolders(here, kid, "")
		if a.reads(sealed, "done") {
			t.Error("words of a room that is over can be read")
		}
	})
}

func TestAStandbyForgetsWithoutBeingTold(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		c.pass(time.Hour)
		c.wantHolders(here, kid, "ab")
		c.kill("a")
		c.pass(keep - 2*newsEvery)
		c.wantHolders(here, kid, "b")
		c.pass(2 * newsEvery)
		c.wantHolders(here, kid, "")
	})
}

func TestNobodyKeepsAKeyBecauseAnotherDoes(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		c.pass(time.Minute)
		c.nodes["a"].Release(here)
		c.pass(keep - 2*time.Minute)
		c.kill("a")
		c.start("d")
		c.start("e")
		c.pass(time.Minute)
		if got := c.holders(here, kid); len(got) != 2 {
			t.Fatalf("%q hold the key, want two", got)
		}
		c.pass(time.Minute + 2*newsEvery)
		c.wantHolders(here, kid, "")
	})
}

func TestDrainHandsOver(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		kids := map[room.ID]string{}
		lossy := func(from, to string, m message) bool { return m.kind == isHeld }
		c.cut(lossy) // nobody stands by yet
		for i := range 300 {
			id := room.ID(fmt.Sprint("room ", i))
			kids[id] = a.hold(id, "")
		}
		c.pass(time.Second)
		c.cut(nil)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.HandOver(ctx); err != nil {
			t.Fatal(err)
		}
		c.kill("a")
		for id, kid := range kids {
			if c.holders(id, kid) == "" {
				t.Fatalf("the key of %s is lost", id)
			}
		}
	})
}

func TestARollingRestartLosesNoWord(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		sealed := c.nodes["a"].seal("still here")
		for i, old := range []string{"a", "b", "c"} {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			if err := c.nodes[old].HandOver(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			c.kill(old)
			n := c.start(string(rune('d' + i)))
			n.holds(here, kid)
			if !n.reads(sealed, "still here") {
				t.Fatalf("lost when %s went", old)
			}
		}
	})
}

func TestDrainGivesNothingToWhoLeavesToo(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := b.HandOver(ctx); err != nil {
			t.Fatal(err)
		}
		c.pass(0)
		for i := range 20 {
			id := room.ID(fmt.Sprint("room ", i))
			kid := a.hold(id, "")
			c.pass(newsEvery)
			c.wantHolders(id, kid, "ac")
		}
	})
}

func TestDrainAlone(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		a.hold(here, "")
		b.hold("another room", "")
		began := time.Now()
		done := make(chan error)
		for _, n := range []*node{a, b} {
			go func() { done <- n.HandOver(context.Background()) }()
		}
		if err := errors.Join(<-done, <-done); err != nil || time.Since(began) > askEvery {
			t.Errorf("%v after %v; want nil at once: both go", err, time.Since(began))
		}
		c.kill("b")
		if err := a.HandOver(context.Background()); err != nil {
			t.Errorf("%v, want nil: nobody else is there", err)
		}
	})
}

func TestDrainDoesNotWaitForWhatGoesAnyway(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		c.cut(apart("a"))
		a := c.nodes["a"]
		kid := a.hold(here, "")
		a.Release(here)
		c.pass(keep - standLeast/2)
		c.cut(nil)
		c.wantHolders(here, kid, "a")
		began := time.Now()
		if err := a.HandOver(context.Background()); err != nil || time.Since(began) > askEvery {
			t.Errorf("%v after %v, want nil at once", err, time.Since(began))
		}
	})
}

func TestDrainThatCannotBe(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		c.cut(apart("a"))
		a := c.nodes["a"]
		a.hold(here, "")
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := a.HandOver(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
		c.mu.Lock()
		c.lost = true
		c.mu.Unlock()
		ctx, cancel = context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := a.HandOver(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error: there may be others", err)
		}
	})
}

func TestALateHolderRestores(t *testing.T) {
	gather(t, "abc", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(apart("b"))
		old := a.hold(here, "")
		c.pass(2 * newsEvery) // b might be the one to stand by, and does not hear
		c.wantHolders(here, old, "ac")
		sealed := a.seal("said while they were apart")
		fresh := b.hold(here, old)
		if fresh == "" || b.reads(sealed, "") {
			t.Fatal("b has a key that nobody gave it")
		}
		c.pass(5 * time.Minute)
		if got := b.back(); len(got) > 0 {
			t.Fatalf("restored %q already", got)
		}
		c.cut(nil)
		c.pass(newsEvery)
		if got := b.back(); !slices.Equal(got, []room.ID{here}) {
			t.Errorf("restored %q, want the room, once", got)
		}
		if !b.reads(sealed, "said while they were apart") {
			t.Error("older words are not back")
		}
		a.holds(here, fresh)
		if !a.reads(b.seal("and now"), "and now") {
			t.Error("b seals with the old key again")
		}
	})
}

func TestALateAnswerRestores(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(func(_, _ string, m message) bool { return m.kind == isHeld || m.kind == anAnswer })
		old := a.hold(here, "")
		if b.hold(here, old) == "" {
			t.Fatal("got a key although no answer came")
		}
		answers := c.heard(anAnswer)
		c.cut(func(_, _ string, m message) bool { return m.kind == isHeld })
		c.pass(listen / 2)
		c.say(answers[len(answers)-1].encode(a.mac))
		if got := b.back(); !b.has(here, old) || !slices.Equal(got, []room.ID{here}) {
			t.Errorf("restored %q by an answer 5 s late", got)
		}
	})
}

func TestTheKeyPairOfAnAskIsDropped(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(func(_, _ string, m message) bool { return m.kind == isHeld || m.kind == anAnswer })
		old := a.hold(here, "")
		if b.hold(here, old) == "" {
			t.Fatal("got a key although no answer came")
		}
		answers := c.heard(anAnswer)
		c.pass(listen + askEvery)
		b.Ring.mu.Lock()
		open := len(b.asks.open)
		b.Ring.mu.Unlock()
		if open > 0 {
			t.Errorf("%d asks are open", open)
		}
		c.cut(func(_, _ string, m message) bool { return m.kind == isHeld })
		c.say(answers[0].encode(a.mac))
		if b.has(here, old) {
			t.Error("an answer was opened after the key pair should have gone")
		}
	})
}

func TestUnknownWordsAreAskedForOnce(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(func(_, _ string, m message) bool { return m.kind == isHeld })
		kid := a.hold(here, "")
		sealed := a.seal("hello")
		if b.reads(sealed, "") {
			t.Fatal("b has a key that nobody gave it")
		}
		c.pass(0)
		if got := b.back(); !slices.Equal(got, []room.ID{here}) || !b.reads(sealed, "hello") {
			t.Errorf("restored %q, want the room", got)
		}
		lost := append(short([]byte{version}, "gone-with-nodes"), sealed...)
		asks := len(c.heard(anAsk))
		for range 100 {
			b.reads(lost, "")
			c.pass(time.Second)
		}
		if n := len(c.heard(anAsk)) - asks; n < 12 || n > 13 {
			t.Errorf("%d asks for words opened 100 times, want 3 s of them, once", n)
		}
		c.wantHolders(here, kid, "ab")
	})
}

func TestAFloodOfUnknownWordsIsBounded(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		b := c.nodes["b"]
		for i := range 2 * missMost {
			b.reads(append(short([]byte{version}, fmt.Sprint("kid ", i)), 1, 2, 3), "")
		}
		c.pass(askFor)
		if n := len(c.heard(anAsk)); n > asksMost*13 {
			t.Errorf("%d asks in 3 s", n)
		}
		c.pass(10 * time.Minute)
		b.Ring.mu.Lock()
		defer b.Ring.mu.Unlock()
		if missed, open := len(b.asks.missed), len(b.asks.open)+len(b.asks.queue); missed > missMost || open > 0 {
			t.Errorf("%d remembered, %d still asked for", missed, open)
		}
	})
}

func TestANodeWithANewNameGoesOn(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		kid := a.hold(here, "")
		c.pass(time.Minute)
		c.mu.Lock()
		delete(c.live, "b")
		c.live["b2"] = true
		b.name = "b2"
		c.mu.Unlock()
		b.holds("another room", c.nodes["a"].hold("another room", ""))
		c.pass(newsEvery)
		c.wantHolders(here, kid, "ab")
		a.Ring.mu.Lock()
		defer a.Ring.mu.Unlock()
		k := a.shelf.get(name{here, kid})
		if _, known := k.others["b2"]; !known {
			t.Errorf("a knows of %v", k.others)
		}
	})
}

func TestFullOfStandbys(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(func(from, _ string, m message) bool { return from == "b" && m.kind == isHeld })
		for i := range roomsMost - 1 {
			b.hold(room.ID(fmt.Sprint("b's ", i)), "")
		}
		one, two := a.hold("one", ""), a.hold("two", "")
		c.pass(20 * time.Second)
		if b.has("one", one) == b.has("two", two) {
			t.Error("b stands by for both or for none; it has space for one")
		}
		asks := 0
		for _, m := range c.heard(anAsk) {
			if m.from == "b" {
				asks++
			}
		}
		if asks > 2 {
			t.Errorf("b asked %d times", asks)
		}
	})
}

func TestLettersFit(t *testing.T) {
	items := []item{}
	for i := range roomsMost * kidsMost {
		long := fmt.Sprintf("%0*d", nameMost, i)
		items = append(items, item{name: name{room.ID(long), long}, sits: true, left: keep})
	}
	got := 0
	for _, m := range letters(isHeld, items) {
		m.from = items[0].kid
		b := m.encode(secret)
		if len(b) > bodyMost+256 {
			t.Fatalf("a message of %d bytes", len(b))
		}
		back, err := decode(secret, b)
		if err != nil || !slices.Equal(back.items, m.items) {
			t.Fatalf("%v: what was said is not what was heard", err)
		}
		got += len(m.items)
	}
	if got != len(items) {
		t.Errorf("%d of %d items", got, len(items))
	}
}

func TestNobodyStandsByForTheLastMinute(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		c.cut(apart("a"))
		a := c.nodes["a"]
		kid := a.hold(here, "")
		a.Release(here)
		c.pass(keep - standLeast/2)
		c.cut(nil)
		c.pass(2 * newsEvery)
		c.wantHolders(here, kid, "a")
	})
}

func TestDrainIsAnsweredAtOnce(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		c.pass(time.Minute)
		c.wantHolders(here, kid, "ab")
		began := time.Now()
		if err := c.nodes["a"].HandOver(context.Background()); err != nil || time.Since(began) > handEvery {
			t.Errorf("%v after %v, want nil at once: b has it", err, time.Since(began))
		}
	})
}

func TestDrainTakesNobodysOldWord(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		a.hold(here, "")
		c.pass(newsEvery)
		b.Ring.mu.Lock()
		b.shelf.drop(here) // whatever the reason
		b.Ring.mu.Unlock()
		c.cut(apart("a"))
		c.pass(askEvery)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := a.HandOver(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error: b has not said that it has it still", err)
		}
	})
}

func TestNobodyIsNewsToItself(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		c.mu.Lock()
		c.lost = true
		c.mu.Unlock()
		a := c.nodes["a"]
		a.hold(here, "")
		c.pass(2 * newsEvery)
		news := c.heard(isHeld)
		if last := news[len(news)-1]; last.items[0].alone == 0 {
			t.Error("a takes itself for another holder")
		}
	})
}

func TestEveryRoundOfAskingHasItsOwnKeyPair(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		c.nodes["a"].hold(here, "gone")
		first := c.heard(anAsk)[0]
		c.nodes["a"].hold(here, "gone")
		asks := slices.DeleteFunc(c.heard(anAsk), func(m message) bool { return m.name != first.name })
		last := asks[len(asks)-1]
		if last.nonce == first.nonce || slices.Equal(last.data, first.data) {
			t.Error("asked with the same key pair 3 s later")
		}
		if n := len(asks); n < 24 || n > 26 {
			t.Errorf("asked %d times in two rounds", n)
		}
	})
}

func TestWhoWaitsIsNotToldAsWell(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		c.cut(apart("a"))
		kid := a.hold(here, "")
		b.reads(a.seal("x"), "") // as a room is loaded
		go func() {
			<-time.After(time.Second)
			c.cut(nil)
		}()
		b.holds(here, kid)
		c.pass(newsEvery)
		if got := b.back(); len(got) > 0 {
			t.Errorf("restored %q although Hold said so", got)
		}
	})
}

package roomkeys

import (
	"bytes"
	"crypto/hpke"
	"slices"
	"strings"
	"testing"
	"time"
)

// With all that was ever said, the sealed words and the secret, nothing
// opens once the nodes have dropped what they had. The control keeps the key
// pair of one ask, and opens everything.
func TestTheTranscriptOpensNothing(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		kid := a.hold(here, "")
		sealed := a.seal("the canary")
		spy, err := kem().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		b.holds(here, kid)
		thief := message{kind: anAsk, from: "spy", name: name{here, kid}, data: spy.PublicKey().Bytes()}
		c.say(thief.encode(a.mac)) // who has the secret then and there may ask: the control
		a.Forget(here)
		b.Forget(here)
		c.pass(time.Hour)
		c.wantHolders(here, kid, "")

		pairs := []hpke.PrivateKey{}
		for _, seed := range [][]byte{secret, a.mac, make([]byte, 32)} {
			if pair, err := kem().DeriveKeyPair(seed); err == nil {
				pairs = append(pairs, pair)
			}
		}
		if len(pairs) == 0 || len(c.heard(anAnswer)) < 2 {
			t.Fatal("nothing to try")
		}
		if key := c.anyKey(pairs); key != nil {
			t.Errorf("the transcript gave away a key")
		}
		key := c.anyKey(append(pairs, spy))
		if key == nil {
			t.Fatal("the control found nothing: this test can't see")
		}
		words, err := newKey(key).words.Open(nil, nil, sealed[2+len(kid):], name{here, kid}.bind([]byte("entry 7")))
		if err != nil || string(words) != "the canary" {
			t.Errorf("control: %q, %v", words, err)
		}
	})
}

// anyKey tries what an attacker has on everything that was said: key pairs
// on answers, and every 32 bytes that stand anywhere as a key in the clear.
func (c *cluster) anyKey(pairs []hpke.PrivateKey) []byte {
	for _, m := range c.heard(anAnswer) {
		for _, pair := range pairs {
			if raw, err := hpke.Open(pair, kdf(), aead(), bindAnswer(m.name, m.nonce), m.data); err == nil {
				return raw
			}
		}
	}
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	for _, b := range c.wire.said {
		m, _ := read(b)
		for i := 0; m.name.kid != "" && i+32 <= len(b); i++ {
			if kidOf(m.name.room, b[i:i+32]) == m.name.kid {
				return b[i : i+32]
			}
		}
	}
	return nil
}

func TestAKeyInTheClearWouldBeSeen(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		if c.anyKey(nil) != nil {
			t.Fatal("found what is not there")
		}
		raw := c.nodes["a"].shelf.get(name{here, kid}).raw
		leak := message{kind: anAnswer, from: "a", name: name{here, kid}, data: slices.Concat([]byte("x"), raw[:], []byte("y"))}
		c.say(leak.encode(secret))
		if got := c.anyKey(nil); !bytes.Equal(got, raw[:]) {
			t.Error("not found")
		}
	})
}

func TestAForgedAskGetsNothing(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		kid := a.hold(here, "")
		spy, err := kem().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		ask := message{kind: anAsk, from: "b", name: name{here, kid}, data: spy.PublicKey().Bytes()}
		c.say(ask.encode([]byte("another secret, also of 32 bytes")))
		c.say(ask.encode(nil))
		c.say(ask.encode(secret)) // the secret itself signs nothing
		flipped := ask.encode(a.mac)
		flipped[len(flipped)-1] ^= 1
		c.say(flipped)
		if n := len(c.heard(anAnswer)); n > 0 {
			t.Errorf("%d answers", n)
		}
		if told := a.told(); len(told) != 1 || !strings.Contains(told[0], "another secret") {
			t.Errorf("told %q, want once that secrets differ", told)
		}
		c.say(ask.encode(a.mac))
		if n := len(c.heard(anAnswer)); n != 1 {
			t.Errorf("control: %d answers", n)
		}
	})
}

func TestANodeWithAnotherSecretGetsNothing(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		kid := c.nodes["a"].hold(here, "")
		x := c.startWith("x", []byte("quite another secret of 32 bytes or more"))
		if x.hold(here, kid) == "" || x.has(here, kid) {
			t.Error("it has the key")
		}
	})
}

// ask has b ask for a key that nobody has, and returns the ask.
func (c *cluster) ask(kid string) message {
	b := c.nodes["b"]
	b.reads(append(short([]byte{version}, kid), 1), "")
	c.pass(0)
	asks := c.heard(anAsk)
	return asks[len(asks)-1]
}

// reply is an answer to an ask, as a node that holds raw would give it.
func reply(t *testing.T, to message, about name, raw []byte) message {
	t.Helper()
	pub, err := kem().NewPublicKey(to.data)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hpke.Seal(pub, kdf(), aead(), bindAnswer(about, to.nonce), raw)
	if err != nil {
		t.Fatal(err)
	}
	return message{kind: anAnswer, from: "x", name: about, nonce: to.nonce, data: sealed}
}

func TestForgedAnswersAreIgnored(t *testing.T) {
	raw := bytes.Repeat([]byte{7}, 32)
	kid := kidOf(here, raw)
	for what, forge := range map[string]func(t *testing.T, ask message, mac []byte) []byte{
		"signed with another secret": func(t *testing.T, ask message, _ []byte) []byte {
			return reply(t, ask, ask.name, raw).encode([]byte("another"))
		},
		"for another room": func(t *testing.T, ask message, mac []byte) []byte {
			return reply(t, ask, name{"another room", ask.name.kid}, raw).encode(mac)
		},
		"for another key": func(t *testing.T, ask message, mac []byte) []byte {
			return reply(t, ask, name{here, "another key"}, raw).encode(mac)
		},
		"of another room, renamed": func(t *testing.T, ask message, mac []byte) []byte {
			m := reply(t, ask, name{"another room", ask.name.kid}, raw)
			m.name = ask.name
			return m.encode(mac)
		},
		"to another ask": func(t *testing.T, ask message, mac []byte) []byte {
			ask.nonce[0] ^= 1
			return reply(t, ask, ask.name, raw).encode(mac)
		},
		"with another key, by one who has the secret": func(t *testing.T, ask message, mac []byte) []byte {
			return reply(t, ask, ask.name, bytes.Repeat([]byte{8}, 32)).encode(mac)
		},
		"with a key that is too short": func(t *testing.T, ask message, mac []byte) []byte {
			return reply(t, ask, ask.name, raw[:31]).encode(mac)
		},
		"with nothing": func(t *testing.T, ask message, mac []byte) []byte {
			return message{kind: anAnswer, from: "x", name: ask.name, nonce: ask.nonce}.encode(mac)
		},
	} {
		t.Run(what, func(t *testing.T) {
			gather(t, "b", func(t *testing.T, c *cluster) {
				b := c.nodes["b"]
				ask := c.ask(kid)
				c.say(forge(t, ask, b.mac))
				b.Ring.mu.Lock()
				held := len(b.shelf.rooms)
				b.Ring.mu.Unlock()
				if held > 0 {
					t.Error("b took it")
				}
				c.say(reply(t, ask, ask.name, raw).encode(b.mac))
				if !b.has(here, kid) {
					t.Error("control: b did not take the right one either")
				}
			})
		})
	}
}

func TestAnAskSaidAgainGivesNothingAway(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a, b := c.nodes["a"], c.nodes["b"]
		kid := a.hold(here, "")
		b.holds(here, kid)
		asks := c.heard(anAsk)
		c.kill("b")
		before := len(c.heard(anAnswer))
		for range 10 * answersBurst {
			c.say(asks[0].encode(a.mac))
		}
		answers := c.heard(anAnswer)
		if n := len(answers) - before; n == 0 || n > answersBurst {
			t.Errorf("%d answers at once, want at most %d", n, answersBurst)
		}
		c.start("b")
		for _, m := range answers {
			c.say(m.encode(a.mac)) // nobody has the key pair any more
		}
		c.nodes["b"].holds(here, kid)
	})
}

func TestAnnouncementsSaidAgainDoNotCount(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		kid := a.hold(here, "")
		c.pass(time.Minute)
		c.wantHolders(here, kid, "ab")
		old := c.heard(isHeld)
		a.Release(here)
		c.pass(keep / 2)
		for _, m := range old {
			c.say(m.encode(a.mac))
		}
		c.pass(keep/2 + 2*newsEvery)
		c.wantHolders(here, kid, "")
	})
}

func TestAnnouncementsOfTheDeadDoNotCount(t *testing.T) {
	gather(t, "ab", func(t *testing.T, c *cluster) {
		b := c.nodes["b"]
		kid := b.hold(here, "")
		c.pass(newsEvery)
		forget := message{kind: isForget, from: "dead", no: 1, name: name{room: here}}
		c.say(forget.encode(b.mac))
		c.wantHolders(here, kid, "ab")
		forget.from, forget.no = "b", 1<<40
		c.say(forget.encode(b.mac))
		c.wantHolders(here, kid, "b") // control: a stood by, and heard it
	})
}

func TestSealedWordsThatWereTouched(t *testing.T) {
	gather(t, "a", func(t *testing.T, c *cluster) {
		a := c.nodes["a"]
		kid := a.hold(here, "")
		a.hold("another room", "")
		sealed := a.seal("hello")
		if !a.reads(sealed, "hello") {
			t.Fatal("control: it does not open")
		}
		for i := range sealed {
			touched := slices.Clone(sealed)
			touched[i] ^= 1
			if a.reads(touched, "") {
				t.Errorf("opens with byte %d changed", i)
			}
			if a.reads(sealed[:i], "") {
				t.Errorf("opens with only %d bytes", i)
			}
		}
		if a.reads(append(slices.Clone(sealed), 0), "") {
			t.Error("opens with a byte more")
		}
		if _, ok := a.Open(here, []byte("entry 8"), sealed); ok {
			t.Error("opens as another entry's")
		}
		other := "another room"
		a.Ring.mu.Lock() // even with the very same key there
		a.shelf.rooms["another room"].keys[kid] = a.shelf.get(name{here, kid})
		a.Ring.mu.Unlock()
		if _, ok := a.Open("another room", []byte("entry 7"), sealed); ok {
			t.Errorf("opens in %s", other)
		}
		if bytes.Contains(sealed, []byte("hello")) || bytes.Equal(sealed, a.seal("hello")) {
			t.Error("it is not sealed, or the same twice")
		}
	})
}

func FuzzMessage(f *testing.F) {
	mac := bytes.Repeat([]byte{1}, 32)
	n := name{here, "kid"}
	for _, m := range []message{
		{kind: anAsk, from: "a", name: n, nonce: [16]byte{1}, data: []byte("key")},
		{kind: anAnswer, from: "a", name: n, data: []byte("sealed")},
		{kind: isHeld, from: "a", no: 7, items: []item{{name: n, sits: true, left: keep}, {name: n, alone: 2}}},
		{kind: isLeaving, from: "a", no: 8},
		{kind: isForget, from: "a", no: 9, name: name{room: here}},
	} {
		f.Add(m.encode(mac))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := decode([]byte("another"), b); err == nil {
			t.Fatal("signed by nobody")
		}
		m, err := read(b)
		if err != nil {
			return
		}
		again := m.encode(mac)
		if !bytes.Equal(again[bodyAt:], b[bodyAt:]) || !bytes.Equal(again[:macAt], b[:macAt]) {
			t.Fatalf("%x reads as %+v, which is %x", b, m, again)
		}
		if _, err := decode(mac, again); err != nil {
			t.Fatalf("what was read can't be sent: %v", err)
		}
	})
}

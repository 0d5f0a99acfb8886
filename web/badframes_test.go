package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

// Bad input, frame by frame: each gets a code and a kind sentence, and in
// every one the circle goes on.

// answers sends a text frame that has a number and wants it refused without
// using the number up.
func (t *tab) answers(frame string, code room.Code) {
	t.h.t.Helper()
	t.text(frame)
	a := t.answer()
	if a.Refused == nil || a.Refused.Code != code || a.Refused.Say == "" || a.Seq != 0 || a.Last != t.n {
		t.h.t.Fatalf("%s: %+v %v; want %s", frame, a, a.Refused, code)
	}
}

func TestAnUnknownCommandIsRefused(t *testing.T) {
	m := meet(t)
	m.ben.answers(`{"t":"do","n":1,"act":"fly","with":{}}`, UnknownCommand)
	m.ben.answers(`{"t":"do","n":1,"act":"arrive","with":{"Seat":"x","Role":"facilitator"}}`, UnknownCommand)
	m.ben.answers(`{"t":"do","n":1,"act":"react","with":{"kind":"snap"}}`, UnknownCommand)
	m.ben.text(`{"t":"signal","act":"say","with":{"turn":1,"text":"x"}}`)
	m.ben.refuses(UnknownCommand)
	m.goesOn()
}

func TestAMalformedCommandIsRefused(t *testing.T) {
	m := meet(t)
	for _, frame := range []string{`{`, ``, `[]`, `null`, `"do"`, `{"t":"dance"}`, `{"t":7}`, `{}`} {
		m.ben.text(frame)
		m.ben.refuses(Malformed)
	}
	m.goesOn()
}

func TestWrongTypesAreRefused(t *testing.T) {
	m := meet(t)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{"turn":"1"}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":[1]}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":7,"with":{"turn":1}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{"turn":1.5}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{"turn":null}}`, Malformed)
	m.ben.text(`{"t":"do","n":"1","act":"take","with":{"turn":1}}`)
	m.ben.refuses(Malformed)
	m.goesOn()
}

func TestMissingFieldsAreRefused(t *testing.T) {
	m := meet(t)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"take"}`, Malformed)
	m.ben.answers(`{"t":"do","n":1}`, Malformed)
	m.ben.text(`{"t":"do","act":"take","with":{"turn":1}}`)
	m.ben.refuses(Malformed)
	m.ben.text(`{"t":"do","n":0,"act":"take","with":{"turn":1}}`)
	m.ben.refuses(Malformed)
	m.goesOn()
}

func TestExtraFieldsAreRefused(t *testing.T) {
	m := meet(t)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{"turn":1,"role":"facilitator"}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"take","with":{"turn":1},"seat":"x"}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"n":1,"act":"take","with":{"turn":1}}`, Malformed)
	m.ben.answers(`{"t":"do","n":1,"act":"name","with":{"name":"Ana","key":"x"}}`, Malformed)
	m.goesOn()
}

func TestTrailingDataIsRefused(t *testing.T) {
	m := meet(t)
	m.ben.text(`{"t":"do","n":1,"act":"take","with":{"turn":1}}{"t":"do"}`)
	m.ben.refuses(Malformed)
	m.goesOn()
}

func TestTooManyMistakesCloseTheSocket(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	for range m.server.Limits.Mistakes.Burst + 1 {
		cat.text(`{"t":"dance"}`)
	}
	cat.closes(4400)
	m.goesOn()
}

func TestNumbersOutOfOrderAreRefused(t *testing.T) {
	m := meet(t)
	m.ana.text(`{"t":"do","n":9,"act":"say","with":{"turn":1,"text":"from the future"}}`)
	if a := m.ana.answer(); a.Refused == nil || a.Refused.Code != room.OutOfOrder || a.Last != m.ana.n {
		t.Fatalf("a gap: %+v %v", a, a.Refused)
	}
	m.goesOn()
	m.ana.text(`{"t":"do","n":1,"act":"say","with":{"turn":1,"text":"from the past"}}`)
	if a := m.ana.answer(); a.Refused == nil && a.Seq == 0 && !a.Already {
		t.Fatalf("an old number: %+v", a)
	}
	m.goesOn()
}

// A repeat, after a lost answer, gets the stored one and is not done twice.
func TestARepeatGetsTheStoredAnswer(t *testing.T) {
	m := meet(t)
	first := m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "once"})
	m.ana.text(fmt.Sprintf(`{"t":"do","n":%d,"act":"say","with":{"turn":%d,"text":"once"}}`, first.N, m.ana.turn()))
	if a := m.ana.answer(); a.Seq != first.Seq || a.Last != first.N {
		t.Fatalf("the repeat: %+v, the first: %+v", a, first)
	}
	m.ben.hears("it once", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == "once" })
	m.goesOn() // and what Ben hears next is not "once" again
}

func TestAStaleTurnIsRefused(t *testing.T) {
	m := meet(t)
	m.ana.refused("pass", map[string]any{"turn": m.ana.turn() + 7}, room.TurnMoved)
	m.ana.refused("say", map[string]any{"turn": m.ana.turn() - 1, "text": "late"}, room.TurnMoved)
	m.goesOn()
}

func TestCommandsNotOfTheRoleAreRefused(t *testing.T) {
	m := meet(t)
	lea := m.arrives("Lea", room.Listener)
	for act, with := range map[room.Capability]any{
		"next": map[string]any{"turn": 1}, "close": map[string]any{}, "open-floor": map[string]any{"turn": 1},
		"mute": map[string]any{"seat": m.ana.welcome.State.You.Seat, "minutes": 5}, "guard": map[string]any{"text": "x"},
	} {
		m.ben.refused(act, with, room.NotYours)
		lea.refused(act, with, room.NotYours)
	}
	lea.refused("take", map[string]any{"turn": 1}, room.NotYours)
	m.goesOn()
}

// The server refuses, the page does not merely hide: whoever does not hold
// the stick is heard by nobody.
func TestWordsWithoutTheStickReachNobody(t *testing.T) {
	m := meet(t)
	lea := m.arrives("Lea", room.Listener)
	for _, turn := range []uint64{m.ben.turn(), 0, m.ben.turn() + 1} {
		for _, one := range []*tab{m.ben, lea} {
			a := one.asks("say", map[string]any{"turn": turn, "text": "over everybody"})
			if a.Refused == nil || a.Seq != 0 {
				t.Fatalf("not refused: %+v", a)
			}
		}
	}
	m.ben.refused("guard", map[string]any{"text": "over everybody"}, room.NotYours)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "the end"})
	for _, one := range []*tab{m.ana, m.ben, lea} {
		f := one.hears("words", func(f room.Frame) bool { return f.Said != nil })
		if f.Said.Text != "the end" {
			t.Errorf("%q was heard", f.Said.Text)
		}
	}
}

func TestEmptyWordsAreRefused(t *testing.T) {
	m := meet(t)
	for _, s := range []string{"", " \n\t ", "\u200b\u202e", "\u0000\u0007"} {
		m.ana.refused("say", map[string]any{"turn": m.ana.turn(), "text": s}, room.NoWords)
	}
	m.goesOn()
}

func TestTooManyWordsAreRefused(t *testing.T) {
	m := meet(t)
	m.ana.refused("say", map[string]any{"turn": m.ana.turn(), "text": strings.Repeat("a", room.MaxWords+1)}, room.TooManyWords)
	m.ana.refused("say", map[string]any{"turn": m.ana.turn(), "text": strings.Repeat("é", 5000)}, room.TooManyWords)
	m.goesOn()
}

func TestAsManyWordsAsAllowedArriveWhole(t *testing.T) {
	m := meet(t)
	long := strings.Repeat("🦊", room.MaxWords)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": long})
	if f := m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil }); f.Said.Text != long {
		t.Errorf("%d bytes of %d arrived", len(f.Said.Text), len(long))
	}
	m.goesOn()
}

func TestControlCharactersInWordsAreTakenOut(t *testing.T) {
	m := meet(t)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "a\u0000b\u001b[31mc\r\nd\te\u009f"})
	if f := m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil }); f.Said.Text != "ab[31mc\nd\te" {
		t.Errorf("heard %q", f.Said.Text)
	}
	m.goesOn()
}

func TestBidiTricksInWordsAreTakenOut(t *testing.T) {
	m := meet(t)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "you \u202Egood are\u202C \u2067x\u2069 \u200b!"})
	if f := m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil }); f.Said.Text != "you good are x !" {
		t.Errorf("heard %+q", f.Said.Text)
	}
	m.goesOn()
}

func TestWordsAreNeverMarkup(t *testing.T) {
	m := meet(t)
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "<script>alert(1)</script> & \u2028"})
	f := m.ben.hears("words", func(f room.Frame) bool { return f.Said != nil })
	if !strings.HasPrefix(f.Said.Text, "<script>alert(1)</script> &") {
		t.Errorf("heard %q", f.Said.Text)
	}
}

func TestTextThatIsNotUTF8Closes1007(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	m.must(cat.frame(opText, true, []byte("{\"t\":\"do\",\"n\":1,\"act\":\"say\",\"with\":{\"turn\":1,\"text\":\"\xff\xfe\"}}")))
	cat.closes(1007)
	m.goesOn()
}

func TestABinaryFrameCloses1003(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	m.must(cat.frame(opBinary, true, []byte{1, 2, 3}))
	cat.closes(1003)
	m.goesOn()
}

func TestAMessageOver16KiBCloses1009(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	m.must(cat.frame(opText, true, make([]byte, 17<<10)))
	cat.closes(1009)
	m.goesOn()
}

func TestA10MBFrameCloses1009(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_ = cat.frame(opText, true, make([]byte, 10<<20)) // it is cut off
	}()
	cat.closes(1009)
	_ = cat.conn.Close()
	<-sent
	m.goesOn()
}

// A header that promises 10 MB and then nothing: the closing handshake does
// not wait for them.
func TestAPromiseOf10MBIsNotWaitedFor(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.CloseWithin = 50 * time.Millisecond })
	cat := m.arrives("Cat", room.Member)
	_, err := cat.conn.Write(append([]byte{0x80 | opText, 0xff, 0, 0, 0, 0, 0, 0xa0, 0, 0, 1, 2, 3, 4}, make([]byte, 20<<10)...))
	m.must(err)
	m.until("the socket to be gone", func() bool { return len(m.server.open()) == 2 })
	m.goesOn()
}

func TestAnUnmaskedFrameIsNotHeard(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	_, err := cat.conn.Write([]byte{0x80 | opText, 2, '{', '}'})
	m.must(err)
	cat.closes(1002)
	m.goesOn()
}

func TestReservedBitsAndOpcodesCloseTheSocket(t *testing.T) {
	for _, head := range []byte{0x80 | 0x40 | opText, 0x80 | 3, 0x80 | 11, 0x80 | opMore} {
		t.Run(fmt.Sprintf("%#x", head), func(t *testing.T) {
			m := meet(t)
			cat := m.arrives("Cat", room.Member)
			_, err := cat.conn.Write([]byte{head, 0x80, 0, 0, 0, 0})
			m.must(err)
			cat.closes(1002)
			m.goesOn()
		})
	}
}

// A message in pieces is a message.
func TestAFragmentedMessageIsOne(t *testing.T) {
	m := meet(t)
	b, err := json.Marshal(Do{T: "do", N: m.ana.n + 1, Act: "say", With: json.RawMessage(fmt.Sprintf(`{"turn":%d,"text":"in pieces"}`, m.ana.turn()))})
	m.must(err)
	m.must(m.ana.frame(opText, false, b[:5]))
	m.must(m.ana.frame(opPing, true, []byte("between")))
	m.must(m.ana.frame(opMore, false, nil))
	m.must(m.ana.frame(opMore, true, b[5:]))
	if a := m.ana.answer(); a.Seq == 0 {
		t.Fatalf("%+v %v", a, a.Refused)
	}
	m.goesOnAfter("in pieces")
}

// goesOnAfter lets Ben hear some words first.
func (m *meeting) goesOnAfter(words string) {
	m.t.Helper()
	m.ben.hears(words, func(f room.Frame) bool { return f.Said != nil && f.Said.Text == words })
	m.goesOn()
}

// The library takes a message that is cut off by the end of the stream for a
// whole one.
func TestAMessageCutOffIsNotHeard(t *testing.T) {
	m := meet(t)
	words := fmt.Sprintf(`{"t":"do","n":%d,"act":"say","with":{"turn":%d,"text":"half of it"}}`, m.ana.n+1, m.ana.turn())
	m.must(m.ana.frame(opText, false, []byte(words))) // all of the JSON, and not the end of the message
	m.must(m.ana.conn.(interface{ CloseWrite() error }).CloseWrite())
	m.until("Ana's socket to be gone", func() bool { return len(m.server.open()) == 1 })
	m.ana = m.anaAgain()
	m.goesOn() // and Ben hears this next, not half of it
}

// anaAgain brings Ana back on a new connection.
func (m *meeting) anaAgain() *tab {
	m.t.Helper()
	one := m.ana.again()
	one.session = m.ana.session
	one.hello(Hello{Name: "Ana"})
	return one
}

func TestAFloodOfEmptyFragmentsIsCut(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	m.must(cat.frame(opText, false, []byte("{")))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for cat.frame(opMore, false, nil) == nil {
		}
	}()
	m.until("Cat's socket to be gone", func() bool { return len(m.server.open()) == 2 })
	_ = cat.conn.Close()
	<-sent
	if m.dropped(dropNoise) != 1 {
		t.Errorf("noise was counted %d times", m.dropped(dropNoise))
	}
	m.goesOn()
}

func TestAMessageThatNeverEndsIsCut(t *testing.T) {
	m := meet(t, func(c *Config) {
		c.Limits.MessageWithin, c.Limits.CloseWithin = 50*time.Millisecond, 50*time.Millisecond
	})
	cat := m.arrives("Cat", room.Member)
	m.must(cat.frame(opText, false, []byte("{")))
	m.until("Cat's socket to be gone", func() bool { return len(m.server.open()) == 2 })
	m.goesOn()
}

// Far fewer than what bytes alone would end.
func TestAFloodOfPingsIsCut(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	for range 10 * m.server.Limits.Pings.Burst {
		_ = cat.frame(opPing, true, []byte("x")) // it is cut off
	}
	m.until("Cat's socket to be gone", func() bool { return len(m.server.open()) == 2 })
	if m.dropped(dropNoise) != 1 {
		t.Errorf("noise was counted %d times", m.dropped(dropNoise))
	}
	m.goesOn()
}

func TestAFewPingsAreAnswered(t *testing.T) {
	m := meet(t)
	for range 5 {
		m.must(m.ben.frame(opPing, true, []byte("are you there")))
	}
	m.goesOn()
}

package web

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"hearth/room"
)

// What must hold when something else goes wrong.

// A message that is whole is heard, even if it was the last thing before the
// line went.
func TestTheLastWholeMessageIsHeard(t *testing.T) {
	m := meet(t)
	for _, words := range []string{"goodbye", strings.Repeat("a long goodbye ", 200)} {
		m.ana.text(fmt.Sprintf(`{"t":"do","n":%d,"act":"say","with":{"turn":%d,"text":%q}}`, m.ana.n+1, m.ana.turn(), words))
		m.must(m.ana.conn.(interface{ CloseWrite() error }).CloseWrite())
		f := m.ben.hears("the words", func(f room.Frame) bool { return f.Said != nil })
		if f.Said.Text != strings.TrimSpace(words) {
			t.Errorf("Ben heard %q", f.Said.Text)
		}
		m.until("Ana's socket to be gone", func() bool { return len(m.server.open()) == 1 })
		m.ana = m.anaAgain()
	}
	m.goesOn()
}

// A mistake of ours in one connection closes that one, and the operator is
// told.
func TestAPanicClosesOneSocketWith1011(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	m.store.poison.Store(true)
	cat.says(Hello{Name: "Cat"})
	cat.closes(1011)
	m.store.poison.Store(false)
	m.goesOn()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.faults) != 1 || !strings.Contains(m.faults[0], "socket: panic") || strings.Contains(m.faults[0], "secret words") {
		t.Errorf("told: %v", m.faults)
	}
}

// The place of a connection that broke in the middle is given back.
func TestNothingIsLeftOfBrokenConnections(t *testing.T) {
	m := meet(t)
	for range 20 {
		r, _ := m.handshake(nil)
		m.must(r.conn.Close())
	}
	for range 5 {
		cat := m.guest(room.Member)
		cat.hello(Hello{Name: "Cat"})
		cat.does("leave", map[string]any{})
		cat.closes(1000)
	}
	m.until("only Ana and Ben to be there", func() bool { return len(m.server.open()) == 2 })
	d := m.server.doors
	m.until("their door to count two", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		one := d.at(netip.MustParsePrefix("127.0.0.1/32"))
		return one.waiting == 0 && one.sockets == 2
	})
	m.goesOn()
}

func TestTheWholeNodeHasItsMeasureToo(t *testing.T) {
	l := DefaultLimits()
	l.AllEnters.Burst, l.AllHandshakes.Burst = 3, 3
	d := newDoors(l)
	for i := range 5 {
		a := netip.MustParsePrefix(fmt.Sprintf("192.0.2.%d/32", i))
		if got, want := d.mayEnter(a), i < 3; got != want {
			t.Errorf("try %d: %v", i+1, got)
		}
		if got, want := d.knock(a) != nil, i < 3; got != want {
			t.Errorf("knock %d: %v", i+1, got)
		}
	}
}

// Secrets are in cookies and bodies, never in an address.
func TestNoSecretIsInAnAddress(t *testing.T) {
	m := meet(t)
	code := m.invite(room.Member)
	b := m.browser()
	res := b.asks("/enter", url.Values{"code": {code}})
	at := res.Header.Get("Location")
	for name, value := range b.cookies {
		if strings.Contains(at, value) {
			t.Errorf("%s is in %s", name, at)
		}
	}
	if strings.Contains(at, code) {
		t.Errorf("the code is in %s", at)
	}
}

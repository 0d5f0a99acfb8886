package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// shared makes a link that several may use.
func (h *house) shared(r room.Role) string {
	h.t.Helper()
	code, err := h.store.AddInvite(h.t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: h.circle, Role: r})
	h.must(err)
	return code
}

// letsIn has somebody say hello, wait, and be let in.
func (m *meeting) letsIn(t *tab, name string) {
	m.t.Helper()
	t.hello(Hello{Name: name})
	m.ana.does("admit", map[string]any{"seat": t.welcome.Door.Seat})
	t.startsAgain()
}

// knocks opens a connection for somebody new with a code, up to the hello.
func (h *house) knocks(code string) *tab {
	h.t.Helper()
	b := h.browser()
	handle := b.enters(code)
	t := h.dial()
	t.browser, t.handle = b, handle
	return t
}

// raws reads frames as they came, up to and with the first that is ok.
func (t *tab) raws(what string, ok func(string) bool) (all string) {
	t.h.t.Helper()
	for {
		b, err := t.receive()
		if err != nil {
			t.h.t.Fatalf("waited for %s: %v", what, err)
		}
		all += string(b)
		if ok(string(b)) {
			return all
		}
	}
}

func has(what string) func(string) bool {
	return func(frame string) bool { return strings.Contains(frame, what) }
}

// Whoever comes by a link that several may use waits, and no byte of the room
// reaches them; then the room comes on the same socket, and they go on in it.
func TestWaitingAtTheDoor(t *testing.T) {
	m := gallery(t)
	m.ana.shows(photo(t))
	name := m.ben.sees()
	wim := m.knocks(m.shared(room.Member))
	at := m.ben.at
	wim.hello(Hello{Name: "Wim", First: true, Resume: &at})
	if d := wim.welcome.Door; d == nil || !d.Asks || wim.welcome.State != nil || len(wim.welcome.Missed) > 0 {
		t.Fatalf("met with %+v", wim.welcome)
	}
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "canary words"})
	wim.refused("react", map[string]any{"kind": "heart"}, UnknownCommand)
	wim.refused("say", map[string]any{"turn": m.ana.turn(), "text": "let me in"}, room.NotYours)
	gone(t, "looks from the door", wim.gets(name))
	isRefused(t, "shows from the door", wim.posts(bytes.NewReader(photo(t))), http.StatusConflict, room.NotYours)
	waits := m.ana.hears("who waits", func(f room.Frame) bool { return f.Keep != nil && f.Keep.Waiting != nil }).Keep.Waiting
	if len(waits.List) != 1 || waits.List[0].Name != "Wim" || !waits.List[0].First {
		t.Errorf("Ana sees at the door %+v", waits)
	}
	seat := waits.List[0].Seat
	m.ana.does("tell", map[string]any{"seat": seat, "text": "In a minute."})
	heard := wim.raws("a kind sentence", has("In a minute."))
	m.ana.does("admit", map[string]any{"seat": seat})
	for _, canary := range []string{"canary", "Ana", "Ben", `"room"`, `"seats"`, name} {
		if strings.Contains(heard, canary) {
			t.Errorf("%q reached the door: %s", canary, heard)
		}
	}
	in := wim.startsAgain()
	if in.State == nil || in.State.Seats[seat] == nil || len(in.Missed) > 0 {
		t.Fatalf("let in, and sees %+v", in)
	}
	wim.does("hand", map[string]any{"on": true})
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "welcome"})
	wim.hears("a welcome", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == "welcome" })
	m.ben.hears("who came", func(f room.Frame) bool { return f.Seats[seat] != nil && f.Seats[seat].Name == "Wim" })
	for _, f := range m.ben.heard {
		if f.You != nil && f.You.Waiting != nil {
			t.Error("Ben sees who waits")
		}
	}
}

// The ways to go from the door: by oneself, or kindly turned away, for good.
func TestGoingFromTheDoor(t *testing.T) {
	m := meet(t)
	code := m.shared(room.Member)
	first := m.knocks(code)
	first.hello(Hello{Name: "Wim"})
	first.does("name", map[string]any{"name": "Willem"})
	first.does("leave", map[string]any{})
	first.closes(1000)
	second := m.knocks(code)
	second.hello(Hello{Name: "Willem"})
	m.ana.does("remove", map[string]any{"seat": second.welcome.Door.Seat})
	second.closes(4403)
	if res := second.browser.asks("/enter", map[string][]string{"code": {code}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("was turned away, and the link answers %s", res.Status)
	}
	m.goesOn()
}

// Two hundred take the last ten places at once, over two nodes: ten are in,
// all the others are in line and nobody is lost; and when one goes the first in
// line comes in.
func TestTwoHundredForTenPlaces(t *testing.T) {
	const places, come = 10, 200
	wide := func(c *Config) {
		c.Limits.SocketsPerAddress, c.Limits.WaitingPerAddress = 2*come, 2*come
		c.Limits.Enters, c.Limits.Handshakes = Rate{2 * come, time.Millisecond}, Rate{2 * come, time.Millisecond}
		c.Limits.HelloWithin = patience
	}
	h := open(t, wide)
	h.set.MaxSeats = places + 1
	south := h.beside(wide)
	ana, ben := h.arrives("Ana", room.Facilitator), h.arrives("Ben", room.Member)
	people, tickets := make([]*tab, come), make([]string, come)
	for i := range people {
		people[i] = []*house{h, south}[i%2].knocks(h.invite(room.Member))
		tickets[i] = people[i].browser.ticket(people[i].handle)
	}
	for i, p := range people {
		p.says(Hello{Name: "Person " + strings.Repeat("i", i%14) + strings.Repeat("o", i/14), Ticket: tickets[i]})
	}
	in, line := 0, map[room.SeatID]*tab{}
	for _, p := range people {
		b, err := p.receive()
		h.must(err)
		h.must(json.Unmarshal(b, &p.welcome))
		switch w := p.welcome; {
		case w.State != nil:
			in++
		case w.Door != nil && w.Door.Full && !w.Door.Asks:
			line[w.Door.Seat] = p
		default:
			t.Fatalf("is lost: %s", b)
		}
	}
	if in != places || len(line) != come-places {
		t.Fatalf("%d are in and %d in line", in, len(line))
	}
	waits := ana.hears("the whole line", func(f room.Frame) bool {
		return f.Keep != nil && f.Keep.Waiting != nil && len(f.Keep.Waiting.List)+f.Keep.Waiting.More == come-places
	}).Keep.Waiting
	ben.does("leave", map[string]any{})
	next := line[waits.List[0].Seat].startsAgain()
	if next.State == nil || next.State.Seats[waits.List[0].Seat] == nil {
		t.Errorf("the first in line sees %+v", next)
	}
}

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

// Talks aside and quiet rooms, over real sockets: who gets in, who hears,
// and how they end.

// me is the tab's own seat.
func (t *tab) me() room.SeatID { return t.welcome.State.You.Seat }

// opens asks others aside and returns the aside's id.
func (t *tab) opens(kind room.AsideKind, with ...*tab) room.ID {
	t.h.t.Helper()
	ids := []room.SeatID{}
	for _, o := range with {
		ids = append(ids, o.me())
	}
	t.does("aside", map[string]any{"kind": kind, "with": ids})
	return t.isAsked()
}

// isAsked waits for the one aside that the tab is asked into.
func (t *tab) isAsked() room.ID {
	t.h.t.Helper()
	f := t.hears("an aside", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 1 })
	return f.You.Asides[0].ID
}

// knocks asks for a ticket into an aside.
func (t *tab) knocks(id room.ID, change ...func(*http.Request)) *http.Response {
	t.h.t.Helper()
	return t.browser.asks("/c/"+t.handle+"/aside/"+string(id), url.Values{}, change...)
}

// within is the tab's second socket, in an aside, on a node.
func (t *tab) within(h *house, id room.ID) *tab {
	t.h.t.Helper()
	b := &browser{h: h, cookies: t.browser.cookies}
	res := b.asks("/c/"+t.handle+"/aside/"+string(id), url.Values{})
	var ticket Ticket
	if err := json.NewDecoder(res.Body).Decode(&ticket); err != nil || res.StatusCode != http.StatusOK {
		t.h.t.Fatalf("into the aside: %s, %v", res.Status, err)
	}
	one := h.dial()
	one.browser, one.handle = b, t.handle
	one.hello(Hello{Name: t.welcome.State.Seats[t.me()].Name, Ticket: ticket.Ticket})
	return one
}

// refusedAside knocks in vain.
func (t *tab) refusedAside(id room.ID, status int, code room.Code, change ...func(*http.Request)) {
	t.h.t.Helper()
	res := t.knocks(id, change...)
	var no room.Refusal
	err := json.NewDecoder(res.Body).Decode(&no)
	if res.StatusCode != status || code != "" && (err != nil || no.Code != code) {
		t.h.t.Errorf("knocking: %s, %+v, %v; want %d %s", res.Status, no, err, status, code)
	}
}

// reads returns all that comes, as it comes, up to some words.
func (t *tab) reads(upTo string) string {
	t.h.t.Helper()
	var all strings.Builder
	for !strings.Contains(all.String(), upTo) {
		b, err := t.receive()
		t.h.must(err)
		all.Write(b)
		t.follow(b)
	}
	return all.String()
}

func TestWordsAsideReachNobodyElse(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	kim := m.arrives("Kim", room.Moderator)
	const canary, marker = "the words between the two", "aloud to everybody"
	id := m.ana.opens(room.Talk, m.ben)
	if m.ben.isAsked() != id {
		t.Fatal("Ben is asked into another")
	}
	ana, ben := m.ana.within(m.house, id), m.ben.within(m.house, id)
	if ana.welcome.State.Room.Floor != room.Open || len(ben.welcome.State.Seats) != 2 || ana.me() == m.ana.me() {
		t.Fatalf("aside: %+v", ben.welcome.State)
	}
	ana.does("say", map[string]any{"turn": 0, "text": canary})
	ben.does("say", map[string]any{"turn": 0, "text": canary + ", said back"})
	if heard := ana.reads("said back"); !strings.Contains(heard, canary) {
		t.Error("control: the search finds nothing")
	}
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": marker})
	for name, who := range map[string]*tab{"Cat": cat, "Kim": kim, "Ben's page": m.ben} {
		heard := who.reads(marker)
		if strings.Contains(heard, canary) {
			t.Errorf("%s hears what was said aside", name)
		}
		if name == "Cat" && (strings.Contains(heard, "aside") || strings.Contains(heard, string(id)) || strings.Contains(heard, `"out"`)) {
			t.Errorf("Cat sees that the two talk: %s", heard)
		}
		if name == "Kim" && !strings.Contains(heard, string(id)) {
			t.Error("who looks after the circle does not see that the two talk")
		}
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	kim := m.arrives("Kim", room.Moderator)
	id := m.ana.opens(room.Talk, m.ben)
	for _, who := range []*tab{cat, kim} {
		who.refusedAside(id, http.StatusForbidden, room.NoSuchAside)
		if a := who.asks("aside-end", map[string]any{"id": id}); who == cat && !a.Already {
			t.Errorf("Cat ends it: %+v", a)
		}
	}
	// Kim looks after the circle, and may end it.
	m.ana.hears("its end", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 0 })
	m.ben.isAsked()
	id = m.ana.opens(room.Talk, m.ben)
	m.ben.refusedAside("another", http.StatusForbidden, room.NoSuchAside)
	cross := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	m.ben.refusedAside(id, http.StatusForbidden, "", cross)
	none := *m.ben
	none.browser = m.browser()
	none.refusedAside(id, http.StatusForbidden, NoSeat)
	cat.refused("aside", map[string]any{"kind": "talk", "with": []room.SeatID{m.ben.me()}}, room.KeeperNeeded)
	cat.refused("aside", map[string]any{"kind": "quiet", "with": []room.SeatID{m.ana.me()}}, room.KeeperNeeded)
	there := m.ben.within(m.house, id)
	if n := len(there.welcome.State.Seats); n != 1 {
		t.Errorf("%d people in it", n)
	}
}

// A ticket that was got before the end opens nothing after it.
func TestATicketIntoAnAsideThatIsOver(t *testing.T) {
	m := meet(t)
	id := m.ana.opens(room.Talk, m.ben)
	var ticket Ticket
	m.must(json.NewDecoder(m.ben.knocks(id).Body).Decode(&ticket))
	m.ana.does("aside-end", map[string]any{"id": id})
	late := m.dial()
	late.browser, late.handle = m.ben.browser, m.ben.handle
	late.says(Hello{Name: "Ben", Ticket: ticket.Ticket})
	late.refuses(room.NoSuchAside)
	late.closes(4410)
	m.ben.refusedAside(id, http.StatusForbidden, room.NoSuchAside)
	m.goesOn()
}

// However a circle or a place in it ends, the aside ends with it, within a
// second.
func TestAnAsideEndsWithTheReasonForIt(t *testing.T) {
	for what, end := range map[string]func(*meeting, room.ID){
		"the circle closes":    func(m *meeting, _ room.ID) { m.ana.does("close", map[string]any{}) },
		"one of them ends it":  func(m *meeting, id room.ID) { m.ben.does("aside-end", map[string]any{"id": id}) },
		"one of them leaves":   func(m *meeting, _ room.ID) { m.ben.does("leave", map[string]any{}) },
		"one of them is asked": func(m *meeting, _ room.ID) { m.ana.does("remove", map[string]any{"seat": m.ben.me()}) },
	} {
		t.Run(what, func(t *testing.T) {
			m := meet(t)
			id := m.ana.opens(room.Talk, m.ben)
			ana, ben := m.ana.within(m.house, id), m.ben.within(m.house, id)
			end(m, id)
			from := time.Now()
			ana.closes(4410)
			ben.closes(4410)
			if took := time.Since(from); took > time.Second {
				t.Errorf("it took %v", took)
			}
			res := m.ben.knocks(id)
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("knocking after it: %s", res.Status)
			}
		})
	}
}

// Whoever is in a quiet room has stepped out: the stick goes by, everybody
// sees that the place is kept, and nobody why.
func TestAQuietRoomKeepsThePlace(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	id := m.ana.opens(room.QuietRoom, m.ben)
	out := func(is bool) func(room.Frame) bool {
		return func(f room.Frame) bool { s := f.Seats[m.ben.me()]; return s != nil && s.Out == is }
	}
	first, second := m.ben.within(m.house, id), m.ben.within(m.house, id)
	cat.hears("that Ben is out", out(true))
	m.ana.does("pass", map[string]any{"turn": m.ana.turn()})
	cat.hears("an offer", func(f room.Frame) bool { return f.Room != nil && f.Room.Stick.Seat == cat.me() })
	m.must(first.conn.Close())
	cat.does("take", map[string]any{"turn": cat.turn()})
	cat.does("say", map[string]any{"turn": cat.turn(), "text": "one of Ben's tabs went"})
	if heard := m.ben.reads("tabs went"); strings.Contains(heard, string(m.ben.me())+`":{"role":"member","name":"Ben","here":true}`) {
		t.Error("Ben came back with one of two tabs gone")
	}
	m.must(second.conn.Close())
	cat.hears("that Ben is back", out(false))
	cat.does("pass", map[string]any{"turn": cat.turn()})
	m.ben.hears("an offer to Ben", func(f room.Frame) bool { return f.Room != nil && f.Room.Stick.Seat == m.ben.me() })
}

// Two who were asked into a quiet room exchange no words without whoever asked
// them, also when her line goes; a greeter talks with one person alone.
func TestTwoAreNeverAlone(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	id := m.ana.opens(room.QuietRoom, m.ben, cat)
	ben, caz := m.ben.within(m.house, id), cat.within(m.house, id)
	caz.refused("say", map[string]any{"turn": 0, "text": "are you here on your own?"}, room.KeeperNeeded)
	caz.refused("name", map[string]any{"name": "write to cat@example.org"}, room.KeeperNeeded)
	ana := m.ana.within(m.house, id)
	caz.hears("Ana", func(f room.Frame) bool { return f.Seats[ana.me()] != nil })
	caz.does("say", map[string]any{"turn": 0, "text": "thank you for asking"})
	m.must(ana.conn.Close())
	ben.hears("that Ana is gone", func(f room.Frame) bool { s := f.Seats[ana.me()]; return s != nil && !s.Here })
	caz.refused("say", map[string]any{"turn": 0, "text": "and now?"}, room.KeeperNeeded)
	again := m.ana.within(m.house, id)
	ben.hears("that Ana is back", func(f room.Frame) bool { s := f.Seats[again.me()]; return s != nil && s.Here })
	ben.does("say", map[string]any{"turn": 0, "text": "I was quiet for a while"})
	m.ben.isAsked()
	m.ana.does("aside-end", map[string]any{"id": id})
	m.ben.hears("its end", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 0 })

	m.ana.does("grant", map[string]any{"seat": m.ben.me(), "duty": room.Greeter, "on": true})
	talk := m.ben.opens(room.Talk, cat)
	greets, greeted := m.ben.within(m.house, talk), cat.within(m.house, talk)
	greeted.does("say", map[string]any{"turn": 0, "text": "it is my first evening"})
	greets.reads("first evening")
}

// An aside that everybody has left is over, and the circle knows.
func TestAnAsideThatEverybodyLeftIsOver(t *testing.T) {
	m := meet(t)
	id := m.ana.opens(room.Talk, m.ben)
	m.ben.isAsked()
	ana, ben := m.ana.within(m.house, id), m.ben.within(m.house, id)
	ana.does("leave", map[string]any{})
	ben.does("leave", map[string]any{})
	m.ben.hears("its end", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 0 })
	m.ben.refusedAside(id, http.StatusForbidden, room.NoSuchAside)
	m.goesOn()
}

// A node restarts while somebody there is in a quiet room: it goes on at
// another, and the circle doesn't see them come and go.
func TestAnAsideMovesToAnotherNode(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.DrainSpread, c.Limits.CloseWithin = time.Millisecond, 100*time.Millisecond })
	south := m.beside()
	cat := south.arrives("Cat", room.Member)
	id := m.ana.opens(room.QuietRoom, m.ben)
	m.ben.isAsked()
	ana := m.ana.within(m.house, id)
	ben := m.ben.within(south, id)
	ana.does("say", map[string]any{"turn": 0, "text": "before"})
	ben.reads("before")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m.server.Drain(ctx)
	ana.moves()
	ana.closes(1012)
	page := m.ana.goes(south)
	page.hello(Hello{Name: "Ana"})
	if list := page.welcome.State.You.Asides; len(list) != 1 || list[0].ID != id {
		t.Fatalf("on the other node Ana is in %+v", list)
	}
	page.welcome.State.Seats[page.me()].Name = "Ana"
	again := page.within(south, id)
	again.does("say", map[string]any{"turn": 0, "text": "after"})
	ben.reads("after")
	page.does("name", map[string]any{"name": "Anna"})
	wasOut := false
	cat.hears("Ana's new name", func(f room.Frame) bool {
		s := f.Seats[page.me()]
		if s != nil && wasOut && !s.Out {
			t.Error("Ana was back in the circle for a moment")
		}
		wasOut = wasOut || s != nil && s.Out
		return s != nil && s.Name == "Anna"
	})
	if !wasOut {
		t.Error("control: Ana was never out")
	}
	page.does("aside-end", map[string]any{"id": id})
	again.closes(4410)
	ben.closes(4410)
}

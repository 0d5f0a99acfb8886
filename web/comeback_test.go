package web

import (
	"net/http"
	"net/url"
	"testing"

	"hearth/room"
)

// What somebody tries who is not to come back, or not to be let in at others'
// cost.

// fresh takes another seat with the same browser, as somebody else there.
func (b *browser) fresh(code string) string {
	b.h.t.Helper()
	res := b.asks("/enter", url.Values{"code": {code}, "fresh": {"1"}})
	if res.StatusCode != http.StatusSeeOther {
		b.h.t.Fatalf("entering: %s", res.Status)
	}
	return res.Header.Get("Location")[len("/c/"):]
}

// Whoever is removed doesn't come back by a seat they had put by, nor by a
// ticket got beforehand.
func TestASeatPutByIsNoWayBack(t *testing.T) {
	m := meet(t)
	code, b := m.shared(room.Member), m.browser()
	eve := m.dial()
	eve.browser, eve.handle = b, b.enters(code)
	m.letsIn(eve, "Eve")
	second := m.dial()
	second.browser, second.handle = b, b.fresh(code)
	ticket := b.ticket(second.handle)
	m.ana.does("remove", map[string]any{"seat": eve.welcome.Door.Seat})
	eve.closes(4403)
	second.says(Hello{Name: "Somebody else", Ticket: ticket})
	second.refuses(room.YouAreBarred)
	second.closes(4403)
	third := second.again()
	third.says(Hello{Name: "Somebody else"})
	third.closes(4403)
	m.goesOn()
}

// Somebody else who sits at the same device keeps their place.
func TestWhoSitsAtTheSameDeviceStays(t *testing.T) {
	m := meet(t)
	code, b := m.shared(room.Member), m.browser()
	eve := m.dial()
	eve.browser, eve.handle = b, b.enters(code)
	m.letsIn(eve, "Eve")
	dan := m.dial()
	dan.browser, dan.handle = b, b.fresh(code)
	m.letsIn(dan, "Dan")
	m.ana.does("remove", map[string]any{"seat": eve.welcome.Door.Seat})
	eve.closes(4403)
	dan.does("name", map[string]any{"name": "Danny"})
	again := dan.again()
	again.hello(Hello{Name: "Danny"})
	m.goesOn()
}

// One seat that asks for tickets without end leaves those of others alone.
func TestTicketsWithoutEndAreOneSeatsOwnMatter(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Tickets = 100 })
	eve, cat := m.guest(room.Member), m.guest(room.Member)
	refused := 0
	for range 150 {
		res := eve.browser.asks("/c/"+eve.handle+"/ticket", url.Values{})
		if res.StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a hundred and fifty tickets in a row")
	}
	cat.hello(Hello{Name: "Cat"})
	m.goesOn()
}

// A mistake of ours while somebody sits down leaves nobody there without a
// connection.
func TestAPanicLeavesNoGhost(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	m.store.poison.Store(true)
	cat.says(Hello{Name: "Cat"})
	cat.closes(1011)
	m.store.poison.Store(false)
	gone := false
	m.ben.hears("that Cat's line is down", func(f room.Frame) bool {
		for _, s := range f.Seats {
			gone = gone || s != nil && s.Name == "Cat" && !s.Here
		}
		return gone
	})
	m.goesOn()
}

// Two people never look alike because of something that can't be seen.
func TestWhatCantBeSeenMakesNoOtherName(t *testing.T) {
	ana, no := name("Ana", "")
	if no != nil {
		t.Fatal(no)
	}
	for _, r := range []rune{
		0x2800, 0x1D159, 0x1D173, 0x1BCA0, 0xE0100, 0xE01EF, 0x180B, 0x180F, 0x17B4, 0x13430,
		0x200B, 0x200D, 0x2060, 0xFE0F, 0x00AD, 0x3164, 0xFFA0, 0x034F, 0x061C, 0xFFF9, 0x2065, 0xFFFC, 0x16FE4, 0xE0041,
	} {
		for _, s := range []string{"Ana" + string(r), string(r) + "Ana", "A" + string(r) + "na"} {
			got, no := name(s, "")
			if no == nil && got.Key != ana.Key && got.Key != "a na" {
				t.Errorf("%+q is another name than Ana: %+q", s, got.Key)
			}
		}
		if got, no := name(string(r), ""); no == nil {
			t.Errorf("%+q alone is a name: %+q", string(r), got.Name)
		}
	}
	for _, s := range []string{"أنا ١٢", "ꦱꦫꦶ", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "👩‍🚀", "❤️", "สมชาย", "ណារី", "⠠⠁⠝⠁"} {
		if got, no := name(s, ""); no != nil || got.Name != s {
			t.Errorf("%+q became %+v, %v", s, got, no)
		}
	}
}

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// The way in: tickets, hello and names. However somebody comes in badly, the
// circle goes on.

// guest is somebody with a seat who has not said hello.
func (m *meeting) guest(r room.Role) *tab {
	m.t.Helper()
	b := m.browser()
	handle := b.enters(m.invite(r))
	t := m.dial()
	t.browser, t.handle = b, handle
	return t
}

func TestASlowHelloCloses4408(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.HelloWithin = 300 * time.Millisecond })
	cat := m.guest(room.Member)
	cat.closes(4408)
	m.goesOn()
}

// A hello that trickles in is as late as none.
func TestAHelloInPiecesHasTheSameTime(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.HelloWithin = 300 * time.Millisecond })
	cat := m.guest(room.Member)
	m.must(cat.frame(opText, false, []byte(`{"t":"hello",`)))
	cat.closes(4408)
	m.goesOn()
}

func TestHelloTwiceCloses4400(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	cat.hello(Hello{Name: "Cat"})
	cat.says(Hello{Name: "Cat"})
	cat.refuses(HelloTwice)
	cat.closes(4400)
	m.goesOn()
}

func TestTheFirstFrameIsHello(t *testing.T) {
	m := meet(t)
	for _, frame := range []string{`{"t":"do","n":1,"act":"say","with":{"turn":1,"text":"x"}}`, `{`, `{"t":"signal"}`} {
		cat := m.guest(room.Member)
		cat.text(frame)
		cat.refuses(HelloFirst)
		cat.closes(4400)
	}
	m.goesOn()
}

func TestAMalformedHelloCloses4400(t *testing.T) {
	m := meet(t)
	for what, frame := range map[string]string{
		"no ticket":          `{"t":"hello","session":"abcdefghijklmnop","name":"Cat"}`,
		"an extra field":     `{"t":"hello","ticket":"x","session":"abcdefghijklmnop","name":"Cat","role":"facilitator"}`,
		"a short session":    `{"t":"hello","ticket":"x","session":"abc","name":"Cat"}`,
		"a strange session":  `{"t":"hello","ticket":"x","session":"abcdefghijklmno<","name":"Cat"}`,
		"half a resume":      `{"t":"hello","ticket":"x","session":"abcdefghijklmnop","name":"Cat","resume":{"epoch":"x"}}`,
		"a number as a name": `{"t":"hello","ticket":"x","session":"abcdefghijklmnop","name":7}`,
	} {
		t.Run(what, func(t *testing.T) {
			cat := m.guest(room.Member)
			cat.text(frame)
			cat.refuses(Malformed)
			cat.closes(4400)
		})
	}
	m.goesOn()
}

func TestAUsedTicketCloses4401(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	ticket := cat.browser.ticket(cat.handle)
	cat.hello(Hello{Name: "Cat", Ticket: ticket})
	again := cat.again()
	again.says(Hello{Name: "Cat", Ticket: ticket})
	again.closes(4401)
	m.goesOn()
}

func TestAnExpiredTicketCloses4401(t *testing.T) {
	var later atomic.Int64
	m := meet(t, func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	cat := m.guest(room.Member)
	ticket := cat.browser.ticket(cat.handle)
	later.Store(int64(circle.TicketLife))
	cat.says(Hello{Name: "Cat", Ticket: ticket})
	cat.closes(4401)
	m.goesOn()
}

func TestAForgedTicketCloses4401(t *testing.T) {
	m := meet(t)
	for _, ticket := range []string{"-", noCode, strings.Repeat("A", 10_000)} {
		cat := m.guest(room.Member)
		cat.says(Hello{Name: "Cat", Ticket: ticket})
		cat.closes(4401)
	}
	m.goesOn()
}

// A ticket opens the seat it was made for and nothing else, in whatever room
// that is.
func TestATicketForAnotherRoomOpensOnlyThat(t *testing.T) {
	m := meet(t)
	here := m.circle
	m.circle = "c2"
	m.must(m.store.AddCircle(t.Context(), circle.Act{}, circle.Circle{ID: m.circle, Settings: room.DefaultSettings()}))
	dee := m.arrives("Dee", room.Facilitator)
	m.circle = here
	if seats := dee.welcome.State.Seats; len(seats) != 1 {
		t.Fatalf("Dee sees %d seats in a room of her own", len(seats))
	}
	dee.refused("deputy", map[string]any{"seat": m.ben.welcome.State.You.Seat, "on": true}, room.NoSuchSeat)
	m.goesOn()
	dee.does("guard", map[string]any{"text": "hello, empty room"})
	if f := dee.hears("words", func(f room.Frame) bool { return f.Said != nil }); f.Said.Text != "hello, empty room" {
		t.Errorf("Dee heard %q", f.Said.Text)
	}
	m.goesOn()
}

func TestATicketNeedsTheSeatsOwnCookie(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	for what, b := range map[string]*browser{
		"no cookie":      {h: m.house},
		"somebody else":  m.ben.browser,
		"a wrong secret": {h: m.house, cookies: map[string]string{seatCookie + cat.handle: noCode}},
	} {
		res := b.asks("/c/"+cat.handle+"/ticket", url.Values{})
		var no room.Refusal
		if err := json.NewDecoder(res.Body).Decode(&no); err != nil || res.StatusCode != http.StatusForbidden || no.Code != NoSeat {
			t.Errorf("%s: %s %+v %v", what, res.Status, no, err)
		}
	}
	m.goesOn()
}

func TestNamesAreRefusedAtTheDoor(t *testing.T) {
	for what, c := range map[string]struct {
		name string
		want room.Code
	}{
		"empty":             {"", room.NameNeeded},
		"nothing seen":      {"\u202e\u200b", room.NameNeeded},
		"too long":          {strings.Repeat("a", 41), NameLong},
		"mixed scripts":     {"Adа", NameMixed},
		"taken":             {"ben", room.NameTaken},
		"taken in disguise": {"\u202eＢＥＮ\u200b", room.NameTaken},
	} {
		t.Run(what, func(t *testing.T) {
			m := meet(t)
			cat := m.guest(room.Member)
			cat.says(Hello{Name: c.name})
			cat.refuses(c.want)
			cat.closes(4409)
			again := cat.again()
			again.hello(Hello{Name: "Cat"}) // the seat is not lost with it
			m.goesOn()
		})
	}
}

func TestANameOf100KBCloses1009(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	cat.says(Hello{Name: strings.Repeat("a", 100_000)})
	cat.closes(1009)
	m.goesOn()
}

func TestANameWithAnOverrideIsShownWithout(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	cat.hello(Hello{Name: "Cat\u202eanA"})
	you := cat.welcome.State.You.Seat
	if got := cat.welcome.State.Seats[you].Name; got != "CatanA" {
		t.Errorf("the ring shows %+q", got)
	}
	m.goesOn()
}

func TestANameCanChangeInTheRoom(t *testing.T) {
	m := meet(t)
	m.ben.refused("name", map[string]any{"name": "ANA"}, room.NameTaken)
	m.ben.refused("name", map[string]any{"name": ""}, room.NameNeeded)
	m.ben.refused("name", map[string]any{"name": strings.Repeat("b", 41)}, NameLong)
	m.ben.does("name", map[string]any{"name": " Benjamin\u202e ", "pronouns": "he/him"})
	you := m.ben.welcome.State.You.Seat
	f := m.ana.hears("the new name", func(f room.Frame) bool { return f.Seats[you] != nil && f.Seats[you].Name != "Ben" })
	if s := f.Seats[you]; s.Name != "Benjamin" || s.Pronouns != "he/him" {
		t.Errorf("the ring shows %+v", s)
	}
	m.goesOn()
}

func TestTheSixthSocketOfASeatCloses4429(t *testing.T) {
	m := meet(t)
	for range m.server.Limits.SocketsPerSeat - 1 {
		m.ben.again().hello(Hello{Name: "Ben"})
	}
	sixth := m.ben.again()
	sixth.says(Hello{Name: "Ben"})
	sixth.refuses(TooManyTabs)
	sixth.closes(4429)
	m.goesOn()
}

// A line that dropped comes back to the same place: what was missed follows,
// and numbers go on.
func TestAResumeMissesNothing(t *testing.T) {
	m := meet(t)
	m.must(m.ben.conn.Close())
	m.until("Ben's socket to be gone", func() bool { return len(m.server.open()) == 1 })
	m.ana.does("say", map[string]any{"turn": m.ana.turn(), "text": "while you were away"})
	back := m.ben.again()
	back.session = m.ben.session
	back.hello(Hello{Name: "Ben", Resume: &m.ben.at})
	if back.welcome.State != nil || back.welcome.Last != m.ben.n {
		t.Fatalf("the resume was not honoured: %+v", back.welcome)
	}
	m.ben = back
	m.goesOnAfter("while you were away")
}

func TestAResumeFromElsewhereGetsTheState(t *testing.T) {
	m := meet(t)
	for _, at := range []*Resume{{Epoch: "another", Seq: 1}, {Epoch: m.ben.welcome.Epoch, Seq: 1 << 40}} {
		one := m.ben.again()
		one.hello(Hello{Name: "Ben", Resume: at})
		if one.welcome.State == nil || one.welcome.State.You.Seat != m.ben.welcome.State.You.Seat {
			t.Errorf("%+v: %+v", at, one.welcome)
		}
	}
	m.goesOn()
}

func TestTheWelcomeTellsTheCountryOfTheCircle(t *testing.T) {
	m := meet(t)
	if m.ben.welcome.Country != "GB" {
		t.Errorf("country %q", m.ben.welcome.Country)
	}
}

func TestARemovedSeatIsGoneAndStaysGone(t *testing.T) {
	m := meet(t)
	cat := m.guest(room.Member)
	cat.hello(Hello{Name: "Cat"})
	second := cat.again()
	second.hello(Hello{Name: "Cat"})
	waiting := cat.again()
	ticket := cat.browser.ticket(cat.handle)
	m.ana.does("remove", map[string]any{"seat": cat.welcome.State.You.Seat})
	cat.closes(4403)
	second.closes(4403)
	waiting.says(Hello{Name: "Cat", Ticket: ticket})
	waiting.refuses(room.YouAreBarred)
	waiting.closes(4403)
	m.goesOn()
}

func TestLeavingCloses1000(t *testing.T) {
	m := meet(t)
	cat := m.arrives("Cat", room.Member)
	cat.does("leave", map[string]any{"fine": true})
	cat.closes(1000)
	m.goesOn()
}

func TestTheEndOfTheRoomCloses4410(t *testing.T) {
	m := meet(t)
	if a := m.ana.asks("close", map[string]any{}); a.Seq == 0 {
		t.Fatalf("close: %+v %v", a, a.Refused)
	}
	m.ana.closes(4410)
	m.ben.closes(4410)
	late := m.ben.again()
	late.says(Hello{Name: "Ben"})
	late.refuses(room.RoomOver)
	late.closes(4410)
}

func TestASeatThatIsRevokedIsClosedWithinTheRecheck(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.RecheckEvery = 50 * time.Millisecond })
	m.goesOn()
	m.must(m.store.EndRoom(context.Background(), m.roomOf(m.ben), time.Now()))
	m.ben.closes(4404)
}

// Opening one's link again in the same browser gives the seat a new secret;
// the tab that is open already stays.
func TestTheLinkOpenedAgainKeepsTheOpenTab(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.RecheckEvery = 20 * time.Millisecond })
	code := m.invite(room.Member)
	b := m.browser()
	cat := m.dial()
	cat.browser, cat.handle = b, b.enters(code)
	cat.hello(Hello{Name: "Cat"})
	old := b.cookies[seatCookie+cat.handle]
	if again := b.enters(code); again != cat.handle || b.cookies[seatCookie+cat.handle] == old {
		t.Fatalf("handle %q, before %q; the secret is new: %v", again, cat.handle, b.cookies[seatCookie+cat.handle] != old)
	}
	rechecked := m.store.asked.Load()
	m.until("a few rechecks", func() bool { return m.store.asked.Load() > rechecked+5 })
	cat.does("listen", map[string]any{"on": true})
	m.goesOn()
}

// A ticket that was not given for a seat, by somebody who writes where tickets
// are kept, opens nothing.
func TestATicketForNoSeatOpensNothing(t *testing.T) {
	m := meet(t)
	m.goesOn()
	for _, a := range []circle.Admission{
		{Seat: circle.Seat{ID: "eve", Handle: "eve", Room: m.roomOf(m.ben), Role: room.Facilitator}, Secret: "secret"},
		{Seat: circle.Seat{ID: m.ana.welcome.State.You.Seat, Handle: m.ana.handle, Room: m.roomOf(m.ben), Role: room.Facilitator}, Secret: "secret"},
	} {
		code, err := m.server.Tickets.Issue(t.Context(), a, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		eve := m.dial()
		eve.says(Hello{Name: "Eve", Ticket: code})
		eve.closes(4404)
	}
}

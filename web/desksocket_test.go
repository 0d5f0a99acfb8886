package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hearth/circle"
	"hearth/moderation"
)

// deskTab is a page that shows the desk.
type deskTab struct {
	*websocket.Conn
	h *house
}

// opensDesk opens the desk at a browser. What is changed of the request comes last.
func (h *house) opensDesk(c *clerk, change ...func(http.Header)) (*deskTab, *http.Response, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	head := http.Header{"Origin": {h.url.String()}, "Cookie": {personCookie + "=" + c.cookies[personCookie]}}
	for _, f := range change {
		f(head)
	}
	one := &http.Transport{DisableKeepAlives: true}
	ws, res, err := websocket.Dial(ctx, h.url.String()+"/desk/ws", &websocket.DialOptions{HTTPClient: &http.Client{Transport: one}, HTTPHeader: head, Subprotocols: []string{DeskProtocol}})
	if err != nil {
		return nil, res, err
	}
	ws.SetReadLimit(1 << 20)
	h.t.Cleanup(func() { _ = ws.CloseNow() })
	return &deskTab{ws, h}, res, nil
}

// watches opens the desk, which is let in.
func (h *house) watches(c *clerk) *deskTab {
	h.t.Helper()
	d, _, err := h.opensDesk(c)
	h.must(err)
	return d
}

// receive returns the next frame of a kind.
func (d *deskTab) receive() (v DeskView, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, b, err := d.Read(ctx)
		if err != nil {
			return v, err
		}
		if kindOf(b) == "desk" {
			return v, json.Unmarshal(b, &v)
		}
	}
}

// shows waits for a view that is as it should be.
func (d *deskTab) shows(what string, ok func(DeskView) bool) DeskView {
	d.h.t.Helper()
	for {
		v, err := d.receive()
		if err != nil {
			d.h.t.Fatalf("waited for %s: %v", what, err)
		}
		if ok(v) {
			return v
		}
	}
}

// closes waits for the end of a line.
func (d *deskTab) closes(code websocket.StatusCode) {
	d.h.t.Helper()
	for {
		_, err := d.receive()
		if err == nil {
			continue
		}
		if websocket.CloseStatus(err) != code {
			d.h.t.Errorf("closed with %v, want %d", err, code)
		}
		return
	}
}

// hasCard says whether a view shows a case that is as it should be.
func hasCard(id string, ok func(Card) bool) func(DeskView) bool {
	return func(v DeskView) bool {
		for _, c := range v.Cards {
			if c.ID == id {
				return ok(c)
			}
		}
		return false
	}
}

// Two desks on two nodes: a report shows on both, and so does who has it, and
// what goes on in the room.
func TestDesksShowWhatIsNew(t *testing.T) {
	m := meet(t)
	south := m.beside()
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	here, there := m.watches(mo), south.watches(jo)
	for _, d := range []*deskTab{here, there} {
		v, err := d.receive() // at once
		m.must(err)
		if v.T != "desk" || v.Open != 0 || len(v.People) != 2 || v.Now == 0 || v.Rev == 0 {
			t.Errorf("%+v", v)
		}
	}
	id := m.reported(m.ben)
	m.server.ring(t.Context())
	live := hasCard(id, func(c Card) bool {
		return c.Live != nil && c.Live.People == 2 && c.Live.Facilitator && c.Live.Subject == "here"
	})
	for _, d := range []*deskTab{here, there} {
		v := d.shows("the card", hasCard(id, func(Card) bool { return true }))
		if c := v.Cards[0]; v.Open != 1 || c.N != 1 || c.Category != moderation.Harassment || c.Title != "Tuesday circle" || c.Priority != moderation.P2 || c.Due-c.Raised != int64(moderation.DueP2/time.Millisecond) {
			t.Errorf("%+v", v)
		}
		d.shows("the room", live)
	}
	mo.deals(id, "/claim", none{})
	v := there.shows("who has it", hasCard(id, func(c Card) bool { return c.Claim != nil }))
	if c := v.Cards[0].Claim; c.Name != "Mo" || c.Until-c.Since != int64(moderation.ClaimFor/time.Millisecond) {
		t.Errorf("%+v", c)
	}
	m.ana.does("mute", map[string]any{"seat": m.ben.me(), "minutes": 5})
	there.shows("a mute in the room", hasCard(id, func(c Card) bool { return c.Live != nil && c.Live.Muted > 0 }))
	m.ana.does("close", map[string]any{})
	here.shows("that it is over", hasCard(id, func(c Card) bool { return c.Live == nil }))
}

// A change that nobody rings for shows all the same.
func TestDesksLookByThemselves(t *testing.T) {
	m := meet(t)
	d := m.watches(m.moderator("Mo"))
	d.shows("an empty desk", func(v DeskView) bool { return v.Open == 0 })
	id := m.reported(m.ben) // nothing rings: a ring may be lost
	d.shows("the card", hasCard(id, func(Card) bool { return true }))
}

// Whoever isn't a moderator, comes from elsewhere or speaks something else
// gets no line; nor does the sixth of one person.
func TestWhoGetsADesk(t *testing.T) {
	m := meet(t)
	mo, ada := m.moderator("Mo"), m.employs("Ada", circle.Welcome{Admin: true})
	for what, c := range map[string]struct {
		who    *clerk
		change func(http.Header)
		status int
	}{
		"an admin":             {ada, func(http.Header) {}, http.StatusNotFound},
		"nobody":               {mo, func(h http.Header) { h.Del("Cookie") }, http.StatusUnauthorized},
		"another site":         {mo, func(h http.Header) { h.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		"no site":              {mo, func(h http.Header) { h.Del("Origin") }, http.StatusForbidden},
		"a room's subprotocol": {mo, nil, http.StatusBadRequest},
	} {
		if c.change == nil {
			r, res := m.handshake(map[string]string{"Cookie": personCookie + "=" + mo.cookies[personCookie]})
			if res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatal(res.Status) // at /ws, as a control
			}
			_ = r.conn.Close()
			res = mo.asks("/desk/ws", nil, func(r *http.Request) {
				for k, v := range map[string]string{"Origin": m.url.String(), "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": Protocol} {
					r.Header.Set(k, v)
				}
			})
			if res.StatusCode != c.status {
				t.Errorf("%s: %s", what, res.Status)
			}
			continue
		}
		if _, res, err := m.opensDesk(c.who, c.change); err == nil || res == nil || res.StatusCode != c.status {
			t.Errorf("%s: %v, %v", what, res, err)
		}
	}
	var all []*deskTab
	for range DefaultLimits().DeskSockets {
		d := m.watches(mo)
		d.shows("a desk", func(DeskView) bool { return true })
		all = append(all, d)
	}
	m.watches(mo).closes(CloseTooMany)
	_ = all[0].Close(websocket.StatusNormalClosure, "")
	m.until("one has gone", func() bool { return len(m.server.watching.desks()) == len(all)-1 })
	m.watches(mo).shows("a desk", func(DeskView) bool { return true })
}

// A desk ends with the session it was opened by, and with its moderator's
// right; touching the passkey again, which renews the session, ends nothing.
func TestADeskEndsWithItsSession(t *testing.T) {
	m := meet(t)
	ctx, end := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { defer close(watched); m.server.Watch(ctx) }()
	t.Cleanup(func() { end(); <-watched })
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	mos, jos := m.watches(mo), m.watches(jo)
	mos.shows("a desk", func(DeskView) bool { return true })
	jos.shows("a desk", func(DeskView) bool { return true })

	renewed, err := m.store.Prove(t.Context(), jo.cookies[personCookie], time.Now())
	m.must(err)
	jo.cookies[personCookie] = renewed
	this, err := m.store.Session(t.Context(), mo.cookies[personCookie], time.Now())
	m.must(err)
	_, err = m.store.SignIn(t.Context(), mo.ID, time.Now()) // elsewhere; that one goes on
	m.must(err)
	m.must(m.store.EndSession(t.Context(), circle.Act{By: mo.ID, At: time.Now()}, mo.ID, this.ID))
	mos.closes(CloseNoSeat)

	id := m.reported(m.ben)
	jos.shows("the card", hasCard(id, func(Card) bool { return true }))
	jo.Moderator = false
	m.must(m.store.ChangePerson(t.Context(), circle.Act{At: time.Now()}, jo.Person))
	jos.closes(CloseNoSeat)
}

// Whoever is at work on a case keeps it; what a desk sends besides closes it.
func TestActivityKeepsACase(t *testing.T) {
	var clock watch
	m := meet(t, clock.set)
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	mine, free := m.reported(m.ben), m.reported(m.ana)
	until := mo.deals(mine, "/claim", none{}).Claim.Until
	d := m.watches(mo)
	d.shows("a desk", func(DeskView) bool { return true })
	say := func(s string) { m.must(d.Write(t.Context(), websocket.MessageText, []byte(s))) }
	clock.passes(4 * time.Minute)
	say(`{"t":"active","case":"` + free + `"}`) // nobody's: it stays so
	say(`{"t":"active","case":"nothing"}`)
	say(`{"t":"active","case":"` + mine + `"}`)
	v := d.shows("a longer claim", hasCard(mine, func(c Card) bool { return c.Claim != nil && c.Claim.Until > until }))
	for _, c := range v.Cards {
		if c.ID == free && c.Claim != nil {
			t.Errorf("%+v", c.Claim)
		}
	}
	clock.passes(moderation.ClaimFor + time.Second)
	jo.deals(mine, "/claim", none{})
	say(`{"t":"active","case":"` + mine + `"}`) // too late
	say(`{"t":"decide"}`)
	d.closes(CloseMalformed)
	if v := jo.deals(mine, "", nil); v.Claim.ID != string(jo.ID) {
		t.Errorf("%+v", v.Claim)
	}
	for what, ends := range map[string]func(*deskTab){
		"too many": func(d *deskTab) {
			for range 2 * DefaultLimits().DeskMessages.Burst {
				_ = d.Write(t.Context(), websocket.MessageText, []byte(`{"t":"active","case":"x"}`))
			}
			d.closes(CloseTooMany)
		},
		"too long": func(d *deskTab) {
			_ = d.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat("x", 2*deskFrame)))
			d.closes(CloseTooBig)
		},
		"binary": func(d *deskTab) {
			_ = d.Write(t.Context(), websocket.MessageBinary, []byte("{}"))
			d.closes(CloseBinary)
		},
	} {
		t.Run(what, func(*testing.T) { ends(m.watches(jo)) })
	}
	if faults := m.told(); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
}

// A node that restarts tells its desks so.
func TestDesksAreDrained(t *testing.T) {
	m := meet(t)
	mo := m.moderator("Mo")
	d := m.watches(mo)
	d.shows("a desk", func(DeskView) bool { return true })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go m.server.Drain(ctx)
	d.closes(CloseMoving)
	if _, res, err := m.opensDesk(mo); err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%v, %v", res, err)
	}
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hearth/room"
	"hearth/web"
)

// guest is one person's browser, without the browser.
type guest struct {
	t        *testing.T
	base     string
	handle   string
	door     string // where its tickets are; empty: the circle's
	cookie   string // of the seat
	from     string // the address that a trusted proxy says it has; empty: its own
	name     string
	pronouns string
	session  string
	conn     *websocket.Conn
	n        uint64 // number of the last command that was answered ok
	seat     room.SeatID
	room     room.RoomView
	seats    map[room.SeatID]*room.SeatView
	said     []room.SaidView
	at       web.Resume // how far the guest has read
}

// frame is any frame from the server.
type frame struct {
	T       string          `json:"t"`
	State   *web.State      `json:"state"`
	Door    *room.DoorView  `json:"door"`
	List    json.RawMessage `json:"list"`
	N       uint64          `json:"n"`
	Seq     uint64          `json:"seq"`
	Already bool            `json:"already"`
	Refused *room.Refusal   `json:"refused"`
	Last    uint64          `json:"last"`
	Epoch   string          `json:"epoch"`
	Tag     string          `json:"tag"`
	Missed  []room.Frame    `json:"missed"`
	Rewound bool            `json:"rewound"`
}

// enter redeems a link, as a browser that nobody used before.
func enter(t *testing.T, link, name string) *guest {
	t.Helper()
	base, code, _ := strings.Cut(link, "/enter#")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(base+"/enter", url.Values{"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	handle, ok := strings.CutPrefix(res.Header.Get("Location"), "/c/")
	if !ok {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("%s got no seat: %s %s", name, res.Status, body)
	}
	g := &guest{t: t, base: base, handle: handle, name: name, session: "tab-" + strings.Repeat("0", 15) + name[:1]}
	for _, c := range res.Cookies() {
		if c.Name == "__Host-hearth-"+handle {
			g.cookie = c.Name + "=" + c.Value
		}
	}
	return g
}

func (g *guest) ticket() string {
	g.t.Helper()
	status, body := g.asks("POST", cmp.Or(g.door, "ticket"))
	var got web.Ticket
	if err := json.Unmarshal(body, &got); err != nil || got.Ticket == "" {
		g.t.Fatalf("%s got no ticket: %d %v", g.name, status, err)
	}
	return got.Ticket
}

// asks asks for something of the seat's, with its cookie.
func (g *guest) asks(method, what string) (status int, body []byte) {
	g.t.Helper()
	req, err := http.NewRequest(method, g.base+"/c/"+g.handle+"/"+what, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Cookie", g.cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, body
}

// sit opens the websocket and waits for the room.
func (g *guest) sit() *guest {
	g.t.Helper()
	g.welcome()
	return g
}

// welcome opens the websocket and returns how the guest is met.
func (g *guest) welcome() frame { g.t.Helper(); return g.hello(nil) }

// returns opens the websocket again, as a tab does that has heard so far.
func (g *guest) returns() frame {
	g.t.Helper()
	at := g.at
	return g.hello(&at)
}

func (g *guest) hello(heard *web.Resume) frame {
	g.t.Helper()
	g.knock(heard)
	f := g.until("a welcome", func(f frame) bool {
		if f.T == "refused" {
			g.t.Errorf("%s is refused: %s", g.name, f.Refused.Code)
		}
		return f.T == "welcome"
	})
	g.n = f.Last
	return f
}

// knock opens the websocket and says hello.
func (g *guest) knock(heard *web.Resume) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.base, "http")+"/ws",
		&websocket.DialOptions{Subprotocols: []string{web.Protocol}, HTTPHeader: http.Header{"Origin": {g.base}, "X-Forwarded-For": {g.from}}})
	if err != nil {
		g.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	g.conn = conn
	g.t.Cleanup(func() { _ = conn.CloseNow() })
	g.send(web.Hello{T: "hello", Ticket: g.ticket(), Session: g.session, Name: g.name, Pronouns: g.pronouns, Resume: heard})
}

func (g *guest) send(v any) {
	g.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		g.t.Fatal(err)
	}
	if err := g.conn.Write(g.t.Context(), websocket.MessageText, b); err != nil {
		g.t.Fatal(err)
	}
}

// read takes the next frame in; an error is the connection's end.
func (g *guest) read() (frame, error) {
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	_, b, err := g.conn.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		return f, err
	}
	if f.State != nil {
		g.room, g.seats, g.seat = *f.State.Room, f.State.Seats, f.State.You.Seat
	}
	if f.Epoch != "" {
		g.at.Epoch = f.Epoch
	}
	if f.Tag != "" {
		g.at.Seq, g.at.Tag = f.Seq, f.Tag
	}
	for _, e := range f.Missed {
		if e.Said != nil {
			g.said = append(g.said, *e.Said)
		}
	}
	if f.T == "entries" {
		var list []room.Frame
		if err := json.Unmarshal(f.List, &list); err != nil {
			return f, err
		}
		for _, e := range list {
			g.fold(e)
		}
	}
	return f, nil
}

func (g *guest) fold(e room.Frame) {
	if e.Room != nil {
		g.room = *e.Room
	}
	for id, s := range e.Seats {
		if g.seats == nil {
			g.seats = map[room.SeatID]*room.SeatView{}
		}
		if g.seats[id] = s; s == nil {
			delete(g.seats, id)
		}
	}
	if e.Said != nil {
		g.said = append(g.said, *e.Said)
	}
}

// until reads frames until one is it.
func (g *guest) until(what string, is func(frame) bool) frame {
	g.t.Helper()
	for from := time.Now(); ; { // the server says something every now and then, if only that it is there
		f, err := g.read()
		if err != nil || time.Since(from) > patience {
			g.t.Fatalf("%s waited for %s: %v", g.name, what, err)
		}
		if is(f) {
			return f
		}
	}
}

// sees reads until the room is as it should be.
func (g *guest) sees(what string, is func() bool) {
	g.t.Helper()
	if !is() {
		g.until(what, func(frame) bool { return is() })
	}
}

// ask asks for a command and returns the answer.
func (g *guest) ask(act room.Capability, with string, a ...any) frame {
	g.t.Helper()
	g.send(web.Do{T: "do", N: g.n + 1, Act: act, With: json.RawMessage(fmt.Sprintf(with, a...))})
	f := g.until("an answer to "+string(act), func(f frame) bool { return f.T == "answer" && f.N == g.n+1 })
	g.n = f.Last
	return f
}

// do asks for a command and fails unless it is done.
func (g *guest) do(act room.Capability, with string, a ...any) {
	g.t.Helper()
	if f := g.ask(act, with, a...); f.Refused != nil {
		g.t.Fatalf("%s asked to %s: %s", g.name, act, f.Refused.Code)
	}
}

// refusedTo asks for a command and returns why not.
func (g *guest) refusedTo(act room.Capability, with string, a ...any) room.Code {
	g.t.Helper()
	f := g.ask(act, with, a...)
	if f.Refused == nil {
		g.t.Fatalf("%s was let to %s", g.name, act)
	}
	return f.Refused.Code
}

// isOffered waits until the stick is offered to this guest, and returns the turn.
func (g *guest) isOffered() uint64 {
	g.t.Helper()
	g.sees("the stick being offered", func() bool { return g.room.Stick.At == room.Offered && g.room.Stick.Seat == g.seat })
	return g.room.Stick.Turn
}

// circleOf seats a facilitator and members, who all see each other.
func circleOf(t *testing.T, p *program, members ...string) (keeper *guest, rest []*guest) {
	t.Helper()
	keeper = enter(t, p.links["facilitator"], "Ada").sit()
	for _, name := range members {
		rest = append(rest, enter(t, p.own("member"), name).sit())
	}
	for _, g := range append(slices.Clone(rest), keeper) {
		g.sees("everybody", func() bool { return len(g.room.Order) == 1+len(members) })
	}
	return keeper, rest
}

// isMoved reads until the server says that it restarts; false if it never does.
func (g *guest) isMoved() bool {
	f, err := g.read()
	for err == nil && f.T != "moving" {
		f, err = g.read()
	}
	return err == nil
}

// closes reads until the server closes, and returns the code.
func (g *guest) closes() websocket.StatusCode {
	for from := time.Now(); time.Since(from) < patience; {
		if _, err := g.read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
	return -1
}

// redeem tries a link with a browser nobody used before.
func redeem(t *testing.T, link string) (status int) {
	t.Helper()
	base, code, _ := strings.Cut(link, "/enter#")
	res, err := http.PostForm(base+"/enter", url.Values{"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

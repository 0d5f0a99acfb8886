package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"hearth/room"
	"hearth/web"
)

// requestWithin bounds one request or handshake of a client.
const requestWithin = 5 * time.Second

// Seat is a place that somebody got through the door: what a browser keeps.
type Seat struct {
	Name   string
	Role   room.Role
	Handle string

	cookies map[string]string
	address string // told in X-Forwarded-For, so that each is a house of its own
	http    *http.Client
}

// NewSeat is somebody who has not come in yet; i tells people apart.
func NewSeat(name string, role room.Role, i int) *Seat {
	return &Seat{
		Name: name, Role: role, cookies: map[string]string{},
		address: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255),
		http: &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Enter redeems an invite's code at the server of a public URL.
func (s *Seat) Enter(ctx context.Context, at, code string) error {
	res, err := s.post(ctx, at, "/enter", url.Values{"code": {code}})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	handle, ok := strings.CutPrefix(res.Header.Get("Location"), "/c/")
	if res.StatusCode != http.StatusSeeOther || !ok {
		return fmt.Errorf("enter: %s", res.Status)
	}
	s.Handle = handle
	for _, c := range res.Cookies() {
		s.cookies[c.Name] = c.Value
	}
	return nil
}

// NoTicket is the answer to somebody who gets none.
type NoTicket struct {
	Status int
	Code   room.Code
}

func (e *NoTicket) Error() string { return fmt.Sprintf("no ticket: %d %s", e.Status, e.Code) }

// ticket trades the cookie for a ticket.
func (s *Seat) ticket(ctx context.Context, at string) (string, error) {
	res, err := s.post(ctx, at, "/c/"+s.Handle+"/ticket", nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return "", err
	}
	var answer struct {
		web.Ticket
		Code room.Code `json:"code"`
	}
	if json.Unmarshal(body, &answer) != nil || res.StatusCode != http.StatusOK {
		return "", &NoTicket{res.StatusCode, answer.Code}
	}
	return answer.Ticket.Ticket, nil
}

func (s *Seat) post(ctx context.Context, at, path string, form url.Values) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header = s.headers(at)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return s.http.Do(r)
}

func (s *Seat) headers(at string) http.Header {
	return http.Header{"Origin": {at}, "X-Forwarded-For": {s.address}}
}

// frame is any frame of the server's; T names its type.
type frame struct {
	T       string            `json:"t"`
	Epoch   string            `json:"epoch"`
	Seq     uint64            `json:"seq"`
	Tag     string            `json:"tag"`
	Last    uint64            `json:"last"`
	Rewound bool              `json:"rewound"`
	State   *web.State        `json:"state"`
	Missed  []json.RawMessage `json:"missed"`
	List    []json.RawMessage `json:"list"`
	N       uint64            `json:"n"`
	Already bool              `json:"already"`
	Refused *room.Refusal     `json:"refused"`
}

// resume names the last entry a client has.
type resume struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	Tag   string `json:"tag,omitempty"`
}

// line is one websocket.
type line struct {
	ws *websocket.Conn
	in chan frame // closed when the line is down
	up context.CancelFunc

	err error // why it went down; read after in is closed
}

// dial opens a websocket to a server and says hello. The first frame of in is
// the server's answer.
func (s *Seat) dial(ctx context.Context, at, session string, from *resume) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWithin)
	defer cancel()
	ticket, err := s.ticket(ctx, at)
	if err != nil {
		return nil, err
	}
	ws, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(at, "http")+"/ws", &websocket.DialOptions{
		HTTPClient: s.http, HTTPHeader: s.headers(at), Subprotocols: []string{web.Protocol},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(16 << 20)
	hello := struct {
		T       string  `json:"t"`
		Ticket  string  `json:"ticket"`
		Session string  `json:"session"`
		Name    string  `json:"name"`
		Resume  *resume `json:"resume,omitempty"`
	}{"hello", ticket, session, s.Name, from}
	if err := ws.Write(ctx, websocket.MessageText, []byte(toJSON(hello))); err != nil {
		_ = ws.CloseNow()
		return nil, err
	}
	own, up := context.WithCancel(context.Background())
	l := &line{ws: ws, in: make(chan frame, 64), up: up}
	go l.read(own)
	return l, nil
}

func (l *line) read(ctx context.Context) {
	defer close(l.in)
	for {
		var f frame
		_, raw, err := l.ws.Read(ctx)
		if err == nil {
			err = json.Unmarshal(raw, &f)
		}
		if err != nil {
			l.err = err
			return
		}
		select {
		case l.in <- f:
		case <-ctx.Done():
			l.err = ctx.Err()
			return
		}
	}
}

func (l *line) send(v any) error {
	ctx, cancel := context.WithTimeout(context.Background(), requestWithin)
	defer cancel()
	return l.ws.Write(ctx, websocket.MessageText, []byte(toJSON(v)))
}

// close takes the line down at once and waits for its reader.
func (l *line) close() {
	l.up()
	_ = l.ws.CloseNow()
	for range l.in {
	}
}

// code is how the server closed; -1: it didn't.
func (l *line) code() websocket.StatusCode {
	var c websocket.CloseError
	if errors.As(l.err, &c) {
		return c.Code
	}
	return -1
}

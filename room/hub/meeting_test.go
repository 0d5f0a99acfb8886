package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"hearth/presence"
	"hearth/room"
	"hearth/room/memlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const here = room.ID("room")

// meeting is a hub on a log in memory, in virtual time, with people in it.
type meeting struct {
	t      *testing.T
	log    room.Log
	hub    *Hub
	cfg    Config
	mu     sync.Mutex // guards what follows
	faults []error
	barred []room.SeatID
	noBars bool // removals can't be kept
	over   int
	lives  int
}

// meet runs a meeting in a bubble of virtual time.
func meet(t *testing.T, what func(t *testing.T, m *meeting)) {
	synctest.Test(t, func(t *testing.T) {
		m := &meeting{t: t, log: memlog.New(time.Now)}
		m.open()
		defer func() { m.hub.Stop() }()
		what(t, m)
	})
}

// open begins a life of the server, again after the one before.
func (m *meeting) open() { m.openSince(time.Time{}) }

// openSince tells when the life before was last known to run.
func (m *meeting) openSince(alive time.Time) {
	m.lives++
	m.cfg = Config{
		Nodes: presence.Alone{ID: fmt.Sprint("life-", m.lives), Alive: alive, Since: time.Now()},
		Log:   m.log, Presence: presence.NewTable(),
		Encode: func(_ room.ID, f *room.Frame) []byte {
			b, err := json.Marshal(f)
			if err != nil {
				panic(err)
			}
			return b
		},
		Settings: func(context.Context, room.ID) (room.Settings, error) { return room.DefaultSettings(), nil },
		Barred: func(_ room.ID, ids []room.SeatID) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.noBars {
				return errMoody
			}
			m.barred = ids
			return nil
		},
		Over: func(room.ID) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.noBars {
				return errMoody
			}
			m.over++
			return nil
		},
		Fault: func(_ room.ID, err error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.faults = append(m.faults, err)
		},
	}
	m.hub = New(m.cfg)
}

// person is one tab of one seat.
type person struct {
	m    *meeting
	seat room.SeatID
	s    *Sitting
	g    Greeting
	n    uint64
}

func (m *meeting) tab(seat, session string, role room.Role, resume *Point) (*person, error) {
	s, g, err := m.hub.Sit(m.t.Context(), here, Guest{
		Seat: room.SeatID(seat), Role: role, Session: session, Resume: resume,
		Name: &room.Name{Name: seat, Key: seat},
	})
	return &person{m: m, seat: room.SeatID(seat), s: s, g: g, n: g.Last}, err
}

func (m *meeting) sits(seat string, role room.Role) *person {
	m.t.Helper()
	p, err := m.tab(seat, seat+"-tab", role, nil)
	if err != nil {
		m.t.Fatalf("%s could not sit down: %v", seat, err)
	}
	return p
}

// circle seats a facilitator and members, begun: the stick is offered to
// the facilitator with turn 1.
func (m *meeting) circle(members ...string) (*person, map[string]*person) {
	fac := m.sits("marisol", room.Facilitator)
	all := map[string]*person{}
	for _, name := range members {
		all[name] = m.sits(name, room.Member)
	}
	fac.does(room.Next{})
	return fac, all
}

// does asks for an act and wants it done.
func (p *person) does(a room.Act) Answer {
	p.m.t.Helper()
	ans, err := p.asks(a)
	if err != nil || ans.Refused != nil {
		p.m.t.Fatalf("%s: %T%+v: %v %v", p.seat, a, a, ans.Refused, err)
	}
	return ans
}

func (p *person) asks(a room.Act) (Answer, error) {
	ans, err := p.s.Do(p.m.t.Context(), p.n+1, a)
	if err == nil && ans.Seq > 0 {
		p.n++
	}
	return ans, err
}

// hears takes what waits for a person: decoded frames, and why it ended.
func (p *person) hears() ([]room.Frame, Reason) {
	p.m.t.Helper()
	synctest.Wait()
	var frames []room.Frame
	for {
		l, err := p.s.queue.take()
		var ended *Ended
		if errors.As(err, &ended) {
			return frames, ended.Reason
		}
		if l.Fresh == nil && len(l.Frames) == 0 && len(l.Signals) == 0 {
			return frames, ""
		}
		for _, b := range l.Frames {
			frames = append(frames, frameOf(p.m.t, b))
		}
	}
}

func frameOf(t *testing.T, b []byte) (f room.Frame) {
	t.Helper()
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// now is where a client that has heard everything stands.
func (m *meeting) now() *Point {
	m.t.Helper()
	synctest.Wait()
	tail, err := m.log.Read(m.t.Context(), here, room.Head{})
	if err != nil {
		m.t.Fatal(err)
	}
	return &Point{Epoch: tail.Head.Epoch, Seq: tail.Head.Seq, Tag: Tag(tail.Head)}
}

// words lists what somebody heard said.
func words(frames []room.Frame) []string {
	var said []string
	for _, f := range frames {
		if f.Said != nil {
			said = append(said, f.Said.Text)
		}
	}
	return said
}

// stick says where the stick is by the log: "offered jun 3".
func (m *meeting) stick() string {
	m.t.Helper()
	st := m.state().Stick
	return fmt.Sprintf("%s %s %d", st.At, st.Seat, st.Turn)
}

func (m *meeting) state() *room.State {
	m.t.Helper()
	synctest.Wait()
	tail, err := m.log.Read(m.t.Context(), here, room.Head{})
	if err != nil {
		m.t.Fatal(err)
	}
	return tail.Current()
}

func (m *meeting) stickIs(want string) {
	m.t.Helper()
	if got := m.stick(); got != want {
		m.t.Fatalf("the stick is %q, want %q", got, want)
	}
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

package web

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/presence"
	"hearth/room"
	"hearth/room/hub"
	"hearth/room/memlog"
)

// chime is a channel by which people are called: it keeps its calls, and may
// fail, hang or break.
type chime struct {
	how       string
	emergency bool

	mu   sync.Mutex // guards got
	got  []AlarmCall
	when []time.Time
}

func (c *chime) Name() string    { return "chime" }
func (c *chime) Emergency() bool { return c.emergency }
func (c *chime) Call(ctx context.Context, a AlarmCall) error {
	c.mu.Lock()
	c.got, c.when = append(c.got, a), append(c.when, time.Now())
	c.mu.Unlock()
	switch c.how {
	case "fails":
		return errors.New("no line")
	case "hangs":
		<-ctx.Done()
		return ctx.Err()
	case "breaks":
		panic("secret words")
	}
	return nil
}

func (c *chime) calls() []AlarmCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

// absent is a desk whose database may be gone when it is asked what is due.
type absent struct {
	moderation.Store
	gone atomic.Pointer[sqlstore.DB]
}

// DuePage is moderation.Store's.
func (a *absent) DuePage(ctx context.Context, now time.Time) (moderation.Page, error) {
	if db := a.gone.Load(); db != nil {
		return db.Desk(vault.Memory()).DuePage(ctx, now)
	}
	return a.Store.DuePage(ctx, now)
}

// tower is a house that nobody visits: its database, and who is called.
type tower struct {
	*house
	mo moderation.PersonID
}

// pages runs test in a house with these channels, by a clock that time alone
// moves, while the program asks each second.
func pages(t *testing.T, test func(*tower), alarms ...*chime) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, drops: map[string]int{}, circle: "c1"}
		db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hearth.db"), time.Now)
		h.must(err)
		defer func() { h.must(db.Close()) }()
		h.store, h.desk = &shelf{Store: db.Circles()}, &absent{Store: db.Desk(vault.Memory())}
		h.must(h.store.AddCircle(t.Context(), circle.Act{}, circle.Circle{ID: h.circle, Settings: room.DefaultSettings(), Country: "GB"}))
		face, err := theFace()
		h.must(err)
		c := Config{Store: h.store, Desk: h.desk, Face: face, PublicURL: &url.URL{Scheme: "https", Host: "circle.example"}, Meter: h, Fault: h.fault,
			Hub: hub.New(hub.Config{Log: memlog.New(time.Now), Presence: presence.NewTable(), Encode: Encoder(new(moderation.Keys))})}
		for _, a := range alarms {
			c.Alarms = append(c.Alarms, a)
		}
		h.server, err = New(c)
		h.must(err)
		ctx, end := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for ctx.Err() == nil {
				h.server.Page(ctx)
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
		w := &tower{h, ""}
		code, err := h.store.AddWelcome(t.Context(), circle.Act{At: time.Now()}, circle.Welcome{Moderator: true, Until: time.Now().Add(time.Hour)})
		h.must(err)
		p, err := h.store.Register(t.Context(), code, circle.Person{ID: "mo", Name: "Mo"}, circle.Passkey{ID: []byte("mo"), Data: []byte("{}")}, time.Now())
		h.must(err)
		w.mo = moderation.PersonID(p.ID)
		test(w)
		end()
		group.Wait()
		h.server.Drain(t.Context())
		h.server.Hub.Stop()
	})
}

// cares files a care report, and returns its case.
func (w *tower) cares() string {
	w.t.Helper()
	filed, err := w.desk.File(w.t.Context(), moderation.Report{Kind: moderation.Care, About: moderation.AboutSelf, Circle: "c1", Room: "r1", Subject: "s1", Reporter: "s1", Lang: "en", At: time.Now()})
	w.must(err)
	return filed.Case
}

// onCall puts Mo on duty, so that there is somebody to wait for.
func (w *tower) onCall() {
	w.t.Helper()
	w.must(w.desk.SetDuty(w.t.Context(), moderation.Act{By: w.mo, At: time.Now()}, time.Now().Add(time.Hour)))
}

func (w *tower) unheard() int {
	w.t.Helper()
	n, err := w.desk.Unheard(w.t.Context(), moderation.Viewer{Person: w.mo})
	w.must(err)
	return n
}

// pass lets time go by, and what it brings be done.
func pass(d time.Duration) {
	<-time.After(d) // in a bubble of synctest
	synctest.Wait()
}

// Somebody on call has a minute at their desk; then all channels call at once,
// and one that takes it is enough, whatever the others do. Two minutes later
// the emergency contact is called too.
func TestAPageGoesOutOnEveryChannel(t *testing.T) {
	good, fails, hangs, last := &chime{}, &chime{how: "fails"}, &chime{how: "hangs"}, &chime{emergency: true}
	pages(t, func(w *tower) {
		w.onCall()
		raised := time.Now()
		w.cares()
		pass(moderation.DueP0 - time.Second)
		for _, c := range []*chime{good, fails, hangs, last} {
			if n := len(c.calls()); n > 0 {
				t.Errorf("%s was called %d times too early", c.how, n)
			}
		}
		pass(2*time.Second + callWithin)
		for _, c := range []*chime{good, fails, hangs} {
			got := c.calls()
			if len(got) != 1 || got[0].N != 1 || got[0].Step != moderation.PageCall || got[0].Desk != "https://circle.example/desk" || got[0].Waiting < 60 || got[0].Waiting > 61 {
				t.Errorf("%q was told %+v", c.how, got)
			}
			if at := c.when[0].Sub(raised); at > moderation.DueP0+2*time.Second {
				t.Errorf("%q was called after %v", c.how, at)
			}
		}
		if len(last.calls()) > 0 || w.unheard() != 0 || w.dropped(dropPage) != 0 {
			t.Errorf("emergency %v, unheard %d, counted %d", last.calls(), w.unheard(), w.dropped(dropPage))
		}
		pass(moderation.EmergencyAfter - moderation.DueP0)
		if got := last.calls(); len(got) != 1 || got[0].Step != moderation.PageEmergency || got[0].Waiting < 180 || got[0].Waiting > 182 {
			t.Errorf("the emergency contact was told %+v", got)
		}
		pass(10 * time.Minute)
		for _, c := range []*chime{good, fails, hangs} {
			if n := len(c.calls()); n != 2 {
				t.Errorf("%q was called %d times in all", c.how, n)
			}
		}
	}, good, fails, hangs, last)
}

// Whoever takes a case is why nobody else is called.
func TestNobodyIsCalledAboutWhatIsTaken(t *testing.T) {
	good, last := &chime{}, &chime{emergency: true}
	pages(t, func(w *tower) {
		w.onCall()
		first, second := w.cares(), ""
		pass(30 * time.Second)
		_, err := w.desk.Claim(w.t.Context(), moderation.Act{By: w.mo, At: time.Now()}, first)
		w.must(err)
		pass(10 * time.Minute)
		if len(good.calls())+len(last.calls()) > 0 {
			t.Errorf("%v, %v", good.calls(), last.calls())
		}
		w.must(w.desk.SetDuty(w.t.Context(), moderation.Act{By: w.mo, At: time.Now()}, time.Time{}))
		filed, err := w.desk.File(w.t.Context(), moderation.Report{Kind: moderation.Care, About: moderation.AboutPerson, Circle: "c1", Room: "r1", Subject: "s2", Reporter: "s1", Lang: "en", At: time.Now()})
		w.must(err)
		second = filed.Case
		pass(2 * time.Second) // nobody is on call: at once
		if got := good.calls(); len(got) != 1 || got[0].N != 2 || second == first {
			t.Errorf("%+v", got)
		}
	}, good, last)
}

// When every channel fails the desk says so, loudly, it is counted, and the
// call goes out again, until somebody takes the case.
func TestWhenNobodyCanBeCalled(t *testing.T) {
	for name, alarms := range map[string][]*chime{"all fail": {{how: "fails"}, {how: "breaks"}, {how: "hangs"}}, "none is set up": nil, "only for emergencies": {{emergency: true}}} {
		t.Run(name, func(t *testing.T) {
			pages(t, func(w *tower) {
				id := w.cares() // and nobody is on call
				pass(2*time.Second + callWithin)
				if w.unheard() != 1 || w.dropped(dropPage) != 1 {
					t.Errorf("unheard %d, counted %d", w.unheard(), w.dropped(dropPage))
				}
				told := strings.Join(w.told(), "\n")
				if !strings.Contains(told, "page: ") || strings.Contains(told, "secret words") {
					t.Errorf("told is %q", told)
				}
				pass(2 * (moderation.PageLease + callWithin + time.Second))
				if n := w.dropped(dropPage); n != 3 && n != 4 { // a channel that hangs takes its time
					t.Errorf("it was tried %d times", n)
				}
				_, err := w.desk.Claim(w.t.Context(), moderation.Act{By: w.mo, At: time.Now()}, id)
				w.must(err)
				if w.unheard() != 0 {
					t.Error("the desk is still loud")
				}
				was := w.dropped(dropPage)
				pass(time.Minute)
				if n := w.dropped(dropPage); n > was+1 { // one was on its way
					t.Errorf("it was tried again, %d times", n-was)
				}
			}, alarms...)
		})
	}
}

// A channel that hangs keeps no other case waiting.
func TestAHangingChannelHoldsNothingUp(t *testing.T) {
	hangs := &chime{how: "hangs"}
	pages(t, func(w *tower) {
		from := time.Now()
		for _, who := range []room.SeatID{"s1", "s2", "s3", "s4", "s5"} {
			_, err := w.desk.File(w.t.Context(), moderation.Report{Kind: moderation.Care, About: moderation.AboutPerson, Circle: "c1", Room: "r1", Subject: who, Reporter: "s9", Lang: "en", At: time.Now()})
			w.must(err)
		}
		pass(2 * time.Second)
		if n := len(hangs.calls()); n != 5 {
			t.Errorf("%d of 5 were called about within %v", n, time.Since(from))
		}
	}, hangs)
}

// A database that can't say is told of once, and calls go out when it can again.
func TestPagingWithoutADatabase(t *testing.T) {
	good := &chime{}
	pages(t, func(w *tower) {
		w.onCall()
		gone, err := sqlstore.Open(w.t.Context(), filepath.Join(w.t.TempDir(), "gone.db"), time.Now)
		w.must(err)
		w.must(gone.Close())
		desk := w.desk.(*absent)
		desk.gone.Store(gone)
		pass(10 * time.Second)
		if n := len(w.told()); n != 1 {
			t.Errorf("it is told of %d times", n)
		}
		desk.gone.Store(nil)
		w.cares()
		pass(2 * time.Minute)
		if more := w.told(); len(more) > 0 || len(good.calls()) == 0 {
			t.Errorf("once it can say again: told %q, called %v", more, good.calls())
		}
	}, good)
}

package web

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/moderation"
)

// Calling people who are not at their desk, about cases that nobody takes.
//
//	each second: Page ─► DuePage, which one node gets ─► all channels at once ─► Paged
//
// One channel that takes a call is enough. When all fail, or there are none,
// the desk says so as loudly as it says anything (DeskView.Unheard), and the
// call goes out again after moderation.PageLease.

// callWithin is how long one channel has for one call, and mostCalls how many
// calls go out from this node at once; the others stay due. A call that hangs
// so keeps no other waiting.
const (
	callWithin = 10 * time.Second
	mostCalls  = 16
)

// errNoAlarm: there is nobody to call.
var errNoAlarm = errors.New("web: no channel to call anybody by is set up")

// Page lets calls go out about whatever has waited too long, and returns once
// they are on their way; they end with ctx.
func (s *Server) Page(ctx context.Context) {
	if s.Desk == nil {
		return
	}
	for {
		select {
		case s.calls <- struct{}{}:
		default:
			return // enough are on their way
		}
		p, err := s.duePage(ctx)
		if err != nil || !s.calling() {
			<-s.calls
			return
		}
		go func() {
			defer s.gone.Done()
			defer func() { <-s.calls }()
			defer s.recovered("page")
			s.page(ctx, p)
		}()
	}
}

// calling counts a call in, for Drain to wait for; false when it waits already.
func (s *Server) calling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false // another node takes it up after its lease
	}
	s.gone.Add(1)
	return true
}

// duePage returns a page that is this node's to send. A database that can't
// say is told of once.
func (s *Server) duePage(ctx context.Context) (moderation.Page, error) {
	within, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	p, err := s.Desk.DuePage(within, s.Now())
	stuck := err != nil && !errors.Is(err, moderation.ErrDone)
	if stuck && ctx.Err() != nil {
		return p, err
	}
	if was := s.pageless.Swap(stuck); stuck && !was {
		s.Fault("page", err)
	}
	return p, err
}

// page calls everybody about one case, and keeps how that went.
func (s *Server) page(ctx context.Context, p moderation.Page) {
	err := s.callAll(ctx, p)
	if ctx.Err() != nil {
		return // the process ends: the page's lease runs out, and another node has it
	}
	if err != nil {
		s.Meter.Drop(dropPage)
		s.Fault("page", err)
	}
	within, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	if err := s.Desk.Paged(within, p, err == nil, s.Now()); err != nil {
		s.Fault("page", err)
	}
	s.ring(ctx)
}

// callAll calls on all channels of a step at once, and returns nil when one of
// them took it.
func (s *Server) callAll(ctx context.Context, p moderation.Page) error {
	c := AlarmCall{N: p.Case.N, Step: p.Step, Desk: s.PublicURL.Scheme + "://" + s.PublicURL.Host + "/desk"}
	c.Waiting = max(0, int64(s.Now().Sub(p.Case.Raised)/time.Second))
	var group sync.WaitGroup
	var mu sync.Mutex // guards taken and failed
	taken, failed := false, errNoAlarm
	for _, a := range s.Alarms {
		if a.Emergency() && p.Step != moderation.PageEmergency {
			continue
		}
		group.Go(func() {
			err := called(ctx, a, c)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				taken = true
			case errors.Is(failed, errNoAlarm):
				failed = fmt.Errorf("%s: %w", a.Name(), err)
			default:
				failed = errors.Join(failed, fmt.Errorf("%s: %w", a.Name(), err))
			}
		})
	}
	group.Wait()
	if taken {
		return nil
	}
	return failed
}

// called calls on one channel, within its time.
func called(ctx context.Context, a Alarm, c AlarmCall) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	return a.Call(ctx, c)
}

// recovered keeps a mistake beside the requests from ending the process.
func (s *Server) recovered(where string) {
	if v := recover(); v != nil {
		s.Fault(where, panicked(v))
	}
}

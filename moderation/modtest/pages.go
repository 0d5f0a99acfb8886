package modtest

import (
	"errors"
	"sync"
	"time"

	"hearth/moderation"
)

// due is a page that goes out now; it must be of that case and step.
func (h *house) due(s moderation.Store, id string, step moderation.PageStep) moderation.Page {
	h.Helper()
	p, err := s.DuePage(h.ctx, h.now)
	if err != nil || p.Case.ID != id || p.Step != step {
		h.Fatalf("due is %s of %s, %v; want %s of %s", p.Step, p.Case.ID, err, step, id)
	}
	return p
}

// quiet checks that nothing is due on any node.
func (h *house) quiet() {
	h.Helper()
	if p, err := h.Store.DuePage(h.ctx, h.now); !errors.Is(err, moderation.ErrDone) || p != (moderation.Page{}) {
		h.Fatalf("due is %+v, %v; want nothing", p, err)
	}
}

// sent sends what is due, and it is heard.
func (h *house) sent(id string, step moderation.PageStep) {
	h.Helper()
	h.ok(h.Store.Paged(h.ctx, h.due(h.Store, id, step), true, h.now))
}

func (h *house) unheard(want int) {
	h.Helper()
	if n, err := h.Store.Unheard(h.ctx, moderation.Viewer{Person: h.mo}); err != nil || n != want {
		h.Errorf("%d pages went unheard, %v; want %d", n, err, want)
	}
}

// attended has somebody on duty for the test.
func (h *house) attended() { h.ok(h.Store.SetDuty(h.ctx, h.by(h.oz), h.now.Add(moderation.MostDuty))) }

// raised files a report of a category about somebody, while somebody is on duty.
func (h *house) raised(c moderation.Category, who int) string {
	h.Helper()
	h.attended()
	return h.files(h.about(c, "room", "subject "+roomSeat(who), "ada")).Case
}

var paging = []promise{
	{"a case that nobody takes is paged when it is due, once", func(h *house) {
		for i, c := range []moderation.Category{moderation.ChildSafety, moderation.Outing, moderation.Harassment, moderation.Other} {
			id := h.raised(c, i)
			within := h.dossier(h.mo, id).Priority.Within()
			h.pass(within - time.Millisecond)
			h.quiet()
			h.pass(time.Millisecond)
			p := h.due(h.Store, id, moderation.PageCall)
			if p.Tries != 0 || p.Case.N != int64(i+1) || !p.Case.Raised.Equal(h.now.Add(-within)) || !p.Case.Due.Equal(h.now) {
				h.Errorf("%s: %+v", c, p)
			}
			h.quiet()
			h.ok(h.Store.Paged(h.ctx, p, true, h.now))
			h.pass(moderation.PageLease)
			h.quiet()
			h.pass(moderation.EmergencyAfter)
			if i == 0 {
				h.sent(id, moderation.PageEmergency)
			}
			h.quiet()
		}
		h.unheard(0)
	}},
	{"the emergency contact is called 180 seconds after, once", func(h *house) {
		id := h.raised(moderation.ThreatToOthers, 0)
		h.pass(moderation.DueP0)
		h.sent(id, moderation.PageCall)
		h.pass(moderation.EmergencyAfter - moderation.DueP0 - time.Millisecond)
		h.quiet()
		h.pass(time.Millisecond)
		h.sent(id, moderation.PageEmergency)
		h.pass(24 * time.Hour)
		h.quiet()
	}},
	{"while nobody is on duty it goes out at once, and not again when it is due", func(h *house) {
		id := h.files(h.worry("room", "eve", "ada")).Case
		h.sent(id, moderation.PageCall)
		h.pass(moderation.DueP0)
		h.quiet()
		h.pass(moderation.EmergencyAfter - moderation.DueP0)
		h.sent(id, moderation.PageEmergency)
		h.quiet()
		late := h.files(h.about(moderation.TurnTaking, "room", "bo", "ada")).Case
		h.quiet() // nobody is woken for what has two days
		h.pass(moderation.DueP3)
		h.sent(late, moderation.PageCall)
	}},
	{"what somebody has taken, or is over, is not paged, nor tried again", func(h *house) {
		taken, failed := h.raised(moderation.ChildSafety, 0), h.raised(moderation.ChildSafety, 1)
		h.claims(h.mo, taken)
		h.pass(moderation.DueP0)
		h.ok(h.Store.Paged(h.ctx, h.due(h.Store, failed, moderation.PageCall), false, h.now))
		h.unheard(1)
		h.claims(h.mo, failed)
		h.unheard(0)
		h.ok(h.Store.Release(h.ctx, h.by(h.mo), taken))
		h.pass(24 * time.Hour)
		h.quiet()
	}},
	{"what failed on every channel is due again after its lease, and counted until it is heard", func(h *house) {
		id := h.raised(moderation.Outing, 0)
		h.pass(moderation.DueP1)
		for n := range 3 {
			p := h.due(h.Store, id, moderation.PageCall)
			if p.Tries != n {
				h.Errorf("it failed %d times, and says %d", n, p.Tries)
			}
			was := h.desk()
			h.pass(time.Second)
			h.ok(h.Store.Paged(h.ctx, p, false, h.now))
			h.ok(h.Store.Paged(h.ctx, p, false, h.now)) // a second time is nothing
			h.unheard(1)
			if h.desk() == was {
				h.Error("no desk heard that nobody did")
			}
			h.quiet()
			h.pass(moderation.PageLease - time.Millisecond)
			h.quiet()
			h.pass(time.Millisecond)
		}
		h.sent(id, moderation.PageCall)
		h.unheard(0)
		h.pass(time.Hour)
		h.quiet()
	}},
	{"what went unheard is nothing to whom it is kept from", func(h *house) {
		r := h.about(moderation.ChildSafety, "room", "eve", "ada")
		r.Away = []moderation.PersonID{h.nia}
		id := h.files(r).Case
		h.pass(moderation.DueP0)
		h.ok(h.Store.Paged(h.ctx, h.due(h.Store, id, moderation.PageCall), false, h.now))
		h.unheard(1)
		if n, err := h.Store.Unheard(h.ctx, moderation.Viewer{Person: h.nia}); err != nil || n != 0 {
			h.Errorf("Nia is told of %d, %v", n, err)
		}
	}},
	{"a node that dies with a page leaves it to another, when its lease is over", func(h *house) {
		other := h.Node()
		id := h.raised(moderation.ChildSafety, 0)
		h.pass(moderation.DueP0)
		lost := h.due(h.Store, id, moderation.PageCall)
		h.pass(moderation.PageLease - time.Millisecond)
		h.quiet()
		h.pass(time.Millisecond)
		h.ok(other.Paged(h.ctx, h.due(other, id, moderation.PageCall), true, h.now))
		h.ok(h.Store.Paged(h.ctx, lost, false, h.now)) // it lived after all, and comes late
		h.unheard(0)
		h.pass(moderation.PageLease)
		h.quiet()
	}},
	{"exactly one of eight on two nodes gets a page", func(h *house) {
		nodes := []moderation.Store{h.Store, h.Node()}
		for round := range 10 {
			id := h.raised(moderation.ChildSafety, round)
			h.pass(moderation.DueP0)
			var mu sync.Mutex // guards got
			var got []moderation.Page
			var all sync.WaitGroup
			start := make(chan struct{})
			for n := range 8 {
				all.Go(func() {
					<-start
					p, err := nodes[n%2].DuePage(h.ctx, h.now)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						got = append(got, p)
					case !errors.Is(err, moderation.ErrDone):
						h.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
			if len(got) != 1 || got[0].Case.ID != id {
				h.Fatalf("round %d: %d got it: %+v", round, len(got), got)
			}
			h.ok(nodes[round%2].Paged(h.ctx, got[0], true, h.now))
			h.claims(h.mo, id)
		}
	}},
	{"the gravest goes out first, and all that are due do", func(h *house) {
		var ids []string
		for i, c := range []moderation.Category{moderation.Harassment, moderation.Outing, moderation.ChildSafety} {
			ids = append(ids, h.raised(c, i))
		}
		h.pass(moderation.DueP2)
		h.sent(ids[2], moderation.PageCall)
		h.sent(ids[2], moderation.PageEmergency)
		h.sent(ids[1], moderation.PageCall)
		h.sent(ids[0], moderation.PageCall)
		h.quiet()
	}},
	{"a case that becomes graver is paged once more, as what it is then", func(h *house) {
		id := h.raised(moderation.Harassment, 0)
		h.pass(moderation.DueP2)
		h.sent(id, moderation.PageCall)
		h.pass(time.Hour)
		h.quiet()
		if again := h.raised(moderation.ThreatToOthers, 0); again != id {
			h.Fatalf("it is another case: %s", again)
		}
		h.pass(moderation.DueP0)
		h.sent(id, moderation.PageCall)
		h.quiet()
		h.pass(moderation.EmergencyAfter - moderation.DueP0 - time.Millisecond)
		h.quiet()
		h.pass(time.Millisecond)
		h.sent(id, moderation.PageEmergency)
		h.quiet()
	}},
	{"a clock that jumps doubles nothing that went out, and holds nothing up for long", func(h *house) {
		id := h.raised(moderation.Outing, 0)
		h.pass(24 * time.Hour) // forward
		h.sent(id, moderation.PageCall)
		for _, d := range []time.Duration{-24 * time.Hour, 48 * time.Hour, -72 * time.Hour} {
			h.pass(d)
			h.quiet()
		}
		h.pass(48 * time.Hour)
		lost := h.raised(moderation.Outing, 1)
		h.pass(moderation.DueP1 + time.Hour)
		h.due(h.Store, lost, moderation.PageCall)
		h.pass(-time.Hour) // back, while a node has it
		h.quiet()
		h.pass(moderation.PageLease - time.Millisecond)
		h.quiet()
		h.pass(time.Millisecond)
		h.sent(lost, moderation.PageCall)
	}},
	{"somebody who says again that they are not well holds no call up", func(h *house) {
		h.attended()
		id := h.files(h.worry("room", "eve", "eve")).Case
		for range 17 {
			h.pass(10 * time.Second)
			h.files(h.worry("room", "eve", "eve"))
			if h.now.Sub(evening) == moderation.DueP0 {
				h.sent(id, moderation.PageCall)
			}
		}
		h.quiet()
		h.pass(10 * time.Second)
		h.sent(id, moderation.PageEmergency)
	}},
	{"fifty that wait are paged once each", func(h *house) {
		h.attended()
		for n := range 50 {
			h.files(h.about(moderation.ChildSafety, "room", "subject "+roomSeat(n), "ada"))
		}
		h.pass(moderation.DueP0)
		seen := map[string]bool{}
		for range 50 {
			p, err := h.Store.DuePage(h.ctx, h.now)
			h.ok(err)
			if seen[p.Case.ID] {
				h.Fatalf("twice: %d", p.Case.N)
			}
			seen[p.Case.ID] = true
			h.ok(h.Store.Paged(h.ctx, p, true, h.now))
		}
		h.quiet()
	}},
}

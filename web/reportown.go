package web

import (
	"context"
	"net/netip"
	"sync"

	"hearth/room"
)

// ownReports takes what a seat says of itself: always, and as often as it is
// said. It costs no more than one after the other: what comes while another is
// being kept waits, and of those that wait the newest is kept for all of them.
type ownReports struct {
	one chan struct{} // held by whoever keeps one
	mu  sync.Mutex    // guards next
	// next waits to be kept; nil: nobody does.
	next *ownReport
}

type ownReport struct {
	in   ReportIn // guarded by the mutex of ownReports until it is kept
	done chan struct{}
	out  ReportOut
	no   *room.Refusal
	err  error
}

func newOwnReports() *ownReports { return &ownReports{one: make(chan struct{}, 1)} }

// say has keep called with in, or with what is said after it, and returns what
// came of it.
func (o *ownReports) say(ctx context.Context, in ReportIn, keep func(ReportIn) (ReportOut, *room.Refusal, error)) (ReportOut, *room.Refusal, error) {
	o.mu.Lock()
	w := o.next
	if w != nil {
		w.in = in
		o.mu.Unlock()
		select {
		case <-w.done:
			return w.out, w.no, w.err
		case <-ctx.Done():
			return ReportOut{}, nil, ctx.Err()
		}
	}
	w = &ownReport{in: in, done: make(chan struct{})}
	o.next = w
	o.mu.Unlock()
	defer close(w.done)
	select {
	case o.one <- struct{}{}:
		defer func() { <-o.one }()
	case <-ctx.Done():
		w.err = ctx.Err()
	}
	o.mu.Lock()
	o.next, in = nil, w.in
	o.mu.Unlock()
	if w.err == nil {
		w.out, w.no, w.err = keep(in)
	}
	return w.out, w.no, w.err
}

// own returns what takes a seat's reports of itself.
func (d *desks) own(seat room.SeatID) *ownReports {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.at(seat)
	if one.own == nil {
		one.own = newOwnReports()
	}
	return one.own
}

// mayReport counts a report that is not about oneself.
func (d *desks) mayReport(seat room.SeatID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(seat).reports.Allow()
}

// mayNotice counts a notice from outside, by an address. They are counted by
// themselves, so that nobody outside can use up what those in a circle have.
func (d *doors) mayNotice(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).notices.Allow()
}

// mayReport counts one that is not about oneself, from an address.
func (d *doors) mayReport(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).reports.Allow()
}

// mayAskReport counts a question about how far a report has come.
func (d *doors) mayAskReport(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).reportLooks.Allow()
}

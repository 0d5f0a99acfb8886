package web

import (
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"

	"hearth/room"
)

// mostDoors bounds how many addresses are remembered at once; further ones
// share one door.
const mostDoors = 10_000

// doors count what comes from each address.
type doors struct {
	limits        Limits
	allHandshakes *rate.Limiter
	allEnters     *rate.Limiter

	mu     sync.Mutex // guards what follows
	byAddr map[netip.Prefix]*door
	rest   *door
}

// door is one address. Its counts are guarded by the mutex of doors.
type door struct {
	handshakes, enters *rate.Limiter
	asks, writes       *rate.Limiter
	reports, notices   *rate.Limiter
	reportLooks        *rate.Limiter
	waiting, sockets   int
}

func newDoors(l Limits) *doors {
	d := &doors{
		limits:        l,
		allHandshakes: l.AllHandshakes.limiter(),
		allEnters:     l.AllEnters.limiter(),
		byAddr:        map[netip.Prefix]*door{},
	}
	d.rest = d.fresh()
	return d
}

func (d *doors) fresh() *door {
	l := d.limits
	return &door{handshakes: l.Handshakes.limiter(), enters: l.Enters.limiter(), asks: l.Asks.limiter(), writes: l.Writes.limiter(),
		reports: l.Reports.limiter(), notices: l.Notices.limiter(), reportLooks: l.ReportLooks.limiter()}
}

// at returns the door of an address. The caller has the mutex.
func (d *doors) at(a netip.Prefix) *door {
	if one, ok := d.byAddr[a]; ok {
		return one
	}
	if len(d.byAddr) >= mostDoors {
		for k, one := range d.byAddr {
			if one.idle() {
				delete(d.byAddr, k)
			}
		}
	}
	if len(d.byAddr) >= mostDoors {
		return d.rest
	}
	one := d.fresh()
	d.byAddr[a] = one
	return one
}

// idle says whether nothing would be forgotten with a door.
func (one *door) idle() bool {
	full := func(l *rate.Limiter) bool { return l.Tokens() >= float64(l.Burst()) }
	return one.waiting == 0 && one.sockets == 0 && full(one.handshakes) && full(one.enters) && full(one.asks) && full(one.writes) &&
		full(one.reports) && full(one.notices) && full(one.reportLooks)
}

// mayEnter counts a try to redeem an invite.
func (d *doors) mayEnter(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).enters.Allow() && d.allEnters.Allow()
}

// mayWrite counts what is kept of a stranger's, of which there is room for
// so much in all: a question, an address.
func (d *doors) mayWrite(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).writes.Allow()
}

// mayAsk counts a word of interest, or a wish to be forgotten.
func (d *doors) mayAsk(a netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(a).asks.Allow() && d.allEnters.Allow()
}

// knock counts a socket before its hello; nil is no. Whoever got a door
// gives it back with leave.
func (d *doors) knock(a netip.Prefix) *door {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.at(a)
	if one.waiting >= d.limits.WaitingPerAddress || !one.handshakes.Allow() || !d.allHandshakes.Allow() {
		return nil
	}
	one.waiting++
	return one
}

// in counts a socket that has said hello; one that resumes is never too many.
func (d *doors) in(one *door, resumes bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one.sockets >= d.limits.SocketsPerAddress && !resumes {
		return false
	}
	one.waiting--
	one.sockets++
	return true
}

func (d *doors) leave(one *door, wasIn bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wasIn {
		one.sockets--
	} else {
		one.waiting--
	}
}

// mostDesks bounds how many seats' rates are remembered after their last
// socket.
const mostDesks = 10_000

// desks keep what all sockets of a seat share.
type desks struct {
	limits Limits
	mu     sync.Mutex // guards bySeat
	bySeat map[room.SeatID]*desk
}

// desk slows one seat down.
type desk struct {
	commands, waits, safety, tickets *rate.Limiter
	pictures, looks, reports         *rate.Limiter
	seeing                           chan struct{} // holds one for each picture that goes out
	stepping                         sync.Mutex    // held while a room is told of steps into an aside, or back
	// Guarded by the mutex of desks.
	sockets int
	out     int    // of these, in an aside
	showing bool   // a picture is on its way
	secret  string // the seat's newest, as far as this node knows
	own     *ownReports
}

func newDesks(l Limits) *desks {
	return &desks{limits: l, bySeat: map[room.SeatID]*desk{}}
}

// sit counts a socket of a seat, proved by secret; nil is one too many.
func (d *desks) sit(seat room.SeatID, secret string) *desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.at(seat)
	if one.sockets >= d.limits.SocketsPerSeat {
		return nil
	}
	if one.sockets == 0 {
		one.secret = secret
	}
	one.sockets++
	return one
}

// at returns the desk of a seat. The caller has the mutex.
func (d *desks) at(seat room.SeatID) *desk {
	one, ok := d.bySeat[seat]
	if !ok {
		d.sweep()
		l := d.limits
		one = &desk{commands: l.Commands.limiter(), waits: l.Waits.limiter(), safety: l.Safety.limiter(), tickets: l.SeatTickets.limiter(),
			pictures: l.Pictures.limiter(), looks: l.PictureLooks.limiter(), reports: l.SeatReports.limiter(), seeing: make(chan struct{}, mostSeeing)}
		d.bySeat[seat] = one
	}
	return one
}

// mayTicket counts a ticket that a seat asks for.
func (d *desks) mayTicket(seat room.SeatID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(seat).tickets.Allow()
}

// mostSeeing is how many pictures go out to one seat at once: what a browser
// asks one host for. Others wait.
const mostSeeing = 6

// show counts a picture that a seat is about to show: one at a time, and not
// too many. Whoever may gives its place back with shown.
func (d *desks) show(seat room.SeatID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.at(seat)
	if one.showing || !one.pictures.Allow() {
		return false
	}
	one.showing = true
	return true
}

func (d *desks) shown(seat room.SeatID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at(seat).showing = false
}

// see counts a picture that a seat wants to see; nil is one too many.
func (d *desks) see(seat room.SeatID) *desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.at(seat)
	if !one.looks.Allow() {
		return nil
	}
	return one
}

// renew tells of a seat's new secret: its link was opened again in the same
// browser, and the sockets it has stay.
func (d *desks) renew(seat room.SeatID, secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one, ok := d.bySeat[seat]; ok {
		one.secret = secret
	}
}

func (d *desks) secretOf(one *desk) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return one.secret
}

// stepped counts sockets in an aside, and returns how many there are.
func (d *desks) stepped(one *desk, change int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	one.out += change
	return one.out
}

func (d *desks) rise(one *desk) {
	d.mu.Lock()
	defer d.mu.Unlock()
	one.sockets--
}

// sweep forgets empty desks when there are many.
func (d *desks) sweep() {
	if len(d.bySeat) < mostDesks {
		return
	}
	for k, one := range d.bySeat {
		if one.sockets == 0 && !one.showing {
			delete(d.bySeat, k)
		}
	}
}

// slowly says whether one more try from where a request comes is fine; else
// it has answered.
func (s *Server) slowly(w http.ResponseWriter, r *http.Request, may func(netip.Prefix) bool) bool {
	if may(s.address(r)) {
		return true
	}
	s.Meter.Drop(dropEnter)
	w.Header().Set("Retry-After", "60")
	s.problem(w, r, http.StatusTooManyRequests, TooMany)
	return false
}

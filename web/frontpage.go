package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rsc.io/qr"

	"hearth/circle"
	"hearth/web/lang"
)

// datesShown is how many of a circle's dates its page names.
const datesShown = 6

// way is how somebody comes into a circle, as its page offers it now.
type way string

const (
	comeNow   way = "come"     // it is open to all, and it is time
	comeLater way = "later"    // open to all, at its time
	byInvite  way = "invite"   // somebody who keeps it gives out links
	wouldCome way = "interest" // it is announced
	noHelp    way = "nohelp"   // open to all, but nobody to call is known where it is
)

// aboutData is what a circle's page shows.
type aboutData struct {
	summary
	Directory bool // there is one to go back to
	Keepers   []string
	Steps     []step
	Rules     []string
	Capacity  int
	Dates     []*date
	Way       way
	Opens     *date  // of comeLater: when one may arrive; nil: no date is known
	Closed    bool   // somebody just tried: it isn't open
	Device    bool   // somebody came in here before, with this browser
	Interest  int    // who would come
	Would     bool   // this browser said so
	Calendar  bool   // there are dates to put into one
	Address   string // of this page, to give on
}

// about shows a circle's page.
func (s *Server) about(w http.ResponseWriter, r *http.Request) {
	if c, ok := s.known(w, r); ok {
		s.showAbout(w, r, c, http.StatusOK)
	}
}

func (s *Server) showAbout(w http.ResponseWriter, r *http.Request, c circle.Circle, status int) {
	keepers, err := s.keepers(r.Context(), c)
	if err != nil {
		s.fault(w, r, "about", err)
		return
	}
	l := s.Face.in(r)
	d := aboutData{
		summary: summarize(l, c, s.Now()), Directory: !s.NoDirectory, Keepers: keepers, Steps: steps(l, c.Settings.Agenda), Rules: c.Rules,
		Capacity: s.holds(c), Interest: c.Interest, Closed: status == http.StatusConflict,
		Address: s.PublicURL.JoinPath("circles", string(c.ID)).String(),
	}
	d.Way, d.Opens = s.wayInto(l, c)
	if !c.Schedule.IsZero() {
		for _, at := range c.Schedule.Next(s.Now(), datesShown) {
			d.Dates = append(d.Dates, dated(l, c.Schedule, at))
		}
		d.Calendar = len(d.Dates) > 0 && !d.Announced
	}
	_, err = r.Cookie(deviceCookie)
	d.Device = err == nil
	_, err = r.Cookie(wouldCookie(c.ID))
	d.Would = err == nil
	s.Face.render(w, r, "about", status, s.Face.page(c.Country, d))
}

// keepers returns the names of who facilitates a circle. Whoever was removed
// in between is not among them.
func (s *Server) keepers(ctx context.Context, c circle.Circle) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	var names []string
	for _, id := range c.Keepers {
		p, err := s.Store.Person(ctx, id)
		if errors.Is(err, circle.ErrNoPerson) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names = append(names, p.Name)
	}
	return names, nil
}

// wayInto says how somebody comes into a circle now, and if it is later, when.
func (s *Server) wayInto(l *lang.Texts, c circle.Circle) (way, *date) {
	switch {
	case c.Standing == circle.Announced:
		return wouldCome, nil
	case c.Access != circle.OpenToAll:
		return byInvite, nil
	case !s.helped(c):
		return noHelp, nil
	case c.Schedule.IsZero() || c.Schedule.Open(s.Now()):
		return comeNow, nil
	}
	for _, at := range c.Schedule.Next(s.Now(), datesShown) {
		if !at.Off {
			at.Start = at.Start.Add(-circle.Early)
			return comeLater, dated(l, c.Schedule, at)
		}
	}
	return comeLater, nil
}

// come brings a member from the page of a circle that is open to all to its
// door.
func (s *Server) come(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	c, ok := s.known(w, r)
	if !ok {
		return
	}
	if c.Access == circle.OpenToAll && !s.helped(c) {
		s.showAbout(w, r, c, http.StatusServiceUnavailable)
		return
	}
	device, err := s.device(r)
	if err != nil {
		s.fault(w, r, "come", err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	claim := s.knownBy(r, circle.Claim{Circle: c.ID, Device: device, Fresh: r.PostFormValue("fresh") == "1"})
	seat, secret, err := s.Store.Redeem(ctx, claim, s.Now())
	switch {
	case errors.Is(err, circle.ErrNoInvite): // by invite, or barred: the page says how one comes in
		s.showAbout(w, r, c, http.StatusForbidden)
	case errors.Is(err, circle.ErrNotOpen):
		s.showAbout(w, r, c, http.StatusConflict)
	case errors.Is(err, circle.ErrBanned):
		s.banned(w, r, seat)
	case err != nil:
		s.fault(w, r, "come", err)
	default:
		s.sit(w, r, device, seat, secret)
	}
}

// wouldCookie is how a browser remembers that somebody would come to an
// announced circle, so that they are counted once.
func wouldCookie(id circle.ID) string { return seatCookie + "would-" + onDevice(id) }

// interest counts somebody who would come.
func (s *Server) interest(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayAsk) {
		return
	}
	c, ok := s.known(w, r)
	if !ok {
		return
	}
	name := wouldCookie(c.ID)
	if _, err := r.Cookie(name); err != nil && c.Standing == circle.Announced {
		ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
		defer cancel()
		if err := s.Store.AddInterest(ctx, c.ID); err != nil {
			s.fault(w, r, "interest", err)
			return
		}
		setCookie(w, name, "1", s.Limits.DeviceCookie)
	}
	http.Redirect(w, r, "/circles/"+string(c.ID), http.StatusSeeOther)
}

// mostForgotten bounds how many seats' cookies one request has looked up.
const mostForgotten = 40

// goneData is what the page after "forget me" says.
type goneData struct {
	Path, Title, Tongue string
	Circle              string   // names it on the person's device
	Handles             []string // of seats whose drafts this tab may keep
	Seats               int
}

// forgetCircle makes a browser unknown to a circle, and the circle to the
// browser.
func (s *Server) forgetCircle(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayAsk) {
		return
	}
	c, ok := s.known(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	handles, err := s.seatsIn(ctx, r, c.ID)
	if err == nil {
		if device, no := r.Cookie(deviceCookie); no == nil && isToken(device.Value) {
			err = s.Store.Forget(ctx, c.ID, device.Value)
		}
	}
	if err != nil {
		s.fault(w, r, "forget", err)
		return
	}
	for _, handle := range handles {
		setCookie(w, seatCookie+handle, "", -1)
	}
	setCookie(w, wouldCookie(c.ID), "", -1)
	s.Face.show(w, r, "gone", http.StatusOK, goneData{
		Path: "/circles/" + string(c.ID), Title: c.Settings.Title, Tongue: c.Language, Circle: onDevice(c.ID), Handles: handles, Seats: len(handles),
	})
}

// seatsIn returns the handles of a circle's seats that a browser has.
func (s *Server) seatsIn(ctx context.Context, r *http.Request, id circle.ID) (handles []string, err error) {
	looked := 0
	for _, cookie := range r.Cookies() {
		handle, ours := strings.CutPrefix(cookie.Name, seatCookie)
		other := slices.Contains([]string{deviceCookie, personCookie, langCookie}, cookie.Name) || strings.Contains(handle, "-")
		if !ours || other || slices.Contains(handles, handle) || looked >= mostForgotten {
			continue
		}
		looked++
		switch seat, err := s.Store.Seat(ctx, handle, cookie.Value); {
		case errors.Is(err, circle.ErrNoSeat):
		case err != nil:
			return nil, err
		case seat.Circle == id:
			handles = append(handles, handle)
		}
	}
	return handles, nil
}

// doorWithoutScript answers the form of the door in a browser without script:
// how to go on, and whom to call. What was typed is dropped.
func (s *Server) doorWithoutScript(w http.ResponseWriter, r *http.Request) {
	s.Face.show(w, r, "needs", http.StatusOK, struct{ Back string }{"/c/" + r.PathValue("handle")})
}

// qr draws the address of a circle's page, to print or to point a phone at.
func (s *Server) qr(w http.ResponseWriter, r *http.Request) {
	c, ok := s.known(w, r)
	if !ok {
		return
	}
	code, err := qr.Encode(s.PublicURL.JoinPath("circles", string(c.ID)).String(), qr.M)
	if err != nil {
		s.fault(w, r, "qr", err)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Write(drawn(code)) // a browser that went away needs no answer
}

// quiet is the empty margin around a code, in its squares (ISO 18004: four).
const quietZone = 4

// drawn returns a code as an SVG of whole squares, dark on light whatever is
// around it.
func drawn(code *qr.Code) []byte {
	var b strings.Builder
	side := code.Size + 2*quietZone
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) {
				x++ // outside of the code nothing is black
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String())
}

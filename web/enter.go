package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"hearth/circle"
	"hearth/room"
)

// Cookies. One for each seat, named by its handle, so that several people
// can share a browser, and one for the device, so that a link opened twice
// leads to the same seat.
const (
	seatCookie   = "__Host-hearth-"
	deviceCookie = "__Host-hearth-device"
)

// storeWithin bounds how long a page waits for the store.
const storeWithin = 5 * time.Second

// enter trades the code of an invite for a seat. A code that was never one is
// asked for like any other, so that it takes as long.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	if !s.slowly(w, r, s.doors.mayEnter) {
		return
	}
	if err := r.ParseForm(); err != nil {
		s.problem(w, r, http.StatusBadRequest, Malformed)
		return
	}
	device, err := s.device(r)
	if err != nil {
		s.fault(w, r, "enter", err)
		return
	}
	claim := s.knownBy(r, circle.Claim{
		Code:   inviteCode(r.PostForm.Get("code")),
		Device: device,
		Far:    !s.onLoopback(),
		Fresh:  r.PostForm.Get("fresh") == "1",
	})
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	seat, secret, err := s.Store.Redeem(ctx, claim, s.Now())
	switch {
	case errors.Is(err, circle.ErrNoInvite):
		s.Face.Enter(w, r, EnterData{Status: http.StatusForbidden, Problem: s.said(r, NoInvite)})
	case errors.Is(err, circle.ErrNotOpen):
		s.Face.Enter(w, r, EnterData{Status: http.StatusConflict, Closed: true})
	case errors.Is(err, circle.ErrBanned):
		s.banned(w, r, seat)
	case err != nil:
		s.fault(w, r, "enter", err)
	default:
		s.sitByLink(ctx, w, r, device, seat, secret)
	}
}

// sitByLink seats somebody who came by a link; not where no circle that is
// open to all opens, by whatever door, but for who keeps it. The link is
// their browser's all the same.
func (s *Server) sitByLink(ctx context.Context, w http.ResponseWriter, r *http.Request, device string, seat circle.Seat, secret string) {
	s.seats.renew(seat.ID, secret) // at once: what they have open may be asked about
	c, err := s.Store.Circle(ctx, seat.Circle)
	if err != nil {
		s.fault(w, r, "enter", err)
		return
	}
	keeps := seat.Role == room.Facilitator || seat.Role == room.Moderator
	if !keeps && c.Access == circle.OpenToAll && !s.helped(c) {
		setCookie(w, deviceCookie, device, s.Limits.DeviceCookie)
		l := s.Face.in(r)
		s.Face.Problem(w, r, http.StatusServiceUnavailable, l.T("problem.title"), l.T("front.noHelp"))
		return
	}
	s.sit(w, r, device, seat, secret)
}

// sit gives a browser the cookie of a seat, and leads it to the seat's door.
func (s *Server) sit(w http.ResponseWriter, r *http.Request, device string, seat circle.Seat, secret string) {
	s.seats.renew(seat.ID, secret)
	setCookie(w, deviceCookie, device, s.Limits.DeviceCookie)
	setCookie(w, seatCookie+seat.Handle, secret, s.Limits.SeatCookie)
	http.Redirect(w, r, "/c/"+seat.Handle, http.StatusSeeOther)
}

// noCode has the form of a code and is nobody's.
const noCode = "AAAAAAAAAAAAAAAAAAAAAA"

// inviteCode returns the code in what was pasted: 22 characters of
// base64url. Anything else becomes noCode.
func inviteCode(pasted string) string {
	if c := PastedCode(pasted); isToken(c) {
		return c
	}
	return noCode
}

// device returns the random token of this browser, a new one if it has none.
func (s *Server) device(r *http.Request) (string, error) {
	if c, err := r.Cookie(deviceCookie); err == nil && isToken(c.Value) {
		return c.Value, nil
	}
	return newToken(s.Random)
}

// setCookie sets a cookie that only this host sees, only over a secure line
// (which http://localhost is), and no script. Lax, not Strict: people follow
// links to their circle from elsewhere.
func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// forget has a browser drop all it keeps of us: somebody leaves quickly.
func forget(w http.ResponseWriter, r *http.Request) {
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, seatCookie) || c.Name == langCookie {
			setCookie(w, c.Name, "", -time.Second)
		}
	}
	w.Header().Set("Clear-Site-Data", `"cookies", "storage"`)
	w.WriteHeader(http.StatusNoContent)
}

// seat returns the seat that a request's cookie proves, and its secret;
// circle.ErrNoSeat without.
func (s *Server) seat(r *http.Request) (circle.Seat, string, error) {
	handle := r.PathValue("handle")
	c, err := r.Cookie(seatCookie + handle)
	if err != nil || handle == "device" {
		return circle.Seat{}, "", circle.ErrNoSeat
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	seat, err := s.Store.Seat(ctx, handle, c.Value)
	return seat, c.Value, err
}

// circle shows the page of a seat's circle.
func (s *Server) circle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	seat, _, err := s.seat(r)
	if err == nil {
		err = s.letIn(ctx, r, seat)
	}
	if errors.Is(err, circle.ErrBanned) {
		s.banned(w, r, seat)
		return
	}
	if errors.Is(err, circle.ErrNoSeat) {
		s.problem(w, r, http.StatusNotFound, NoSeat)
		return
	}
	var c circle.Circle
	var owed []statementData
	if err == nil {
		c, err = s.Store.OfRoom(ctx, seat.Room)
	}
	if err == nil {
		owed, err = s.owed(ctx, r, seat)
	}
	if err != nil {
		s.fault(w, r, "circle", err)
		return
	}
	s.Face.Circle(w, r, CircleData{
		Owed:   owed,
		Called: s.called(ctx, seat),
		Handle: seat.Handle, Title: c.Settings.Title, Prompt: c.Settings.Prompt, Rules: c.Rules,
		Role: seat.Role, Country: c.Country, Capacity: s.holds(c),
		Circle: onDevice(c.ID), Goodbye: c.Settings.Goodbye, Next: s.nextSays(r, c), Resources: c.Settings.Resources,
	})
}

// onDevice names a circle in what a device keeps of it. It stays the same
// from gathering to gathering and leads back to nothing.
func onDevice(id circle.ID) string {
	sum := sha256.Sum256([]byte("hearth circle on a device\x00" + string(id)))
	return hex.EncodeToString(sum[:8])
}

// ticket trades a seat's cookie for a ticket: {"ticket": …}, or a refusal.
func (s *Server) ticket(w http.ResponseWriter, r *http.Request) {
	s.admission(w, r, func(_ context.Context, seat circle.Seat) (circle.Seat, error) { return seat, nil })
}

// admission answers with a ticket for the seat that whoever has one may have.
func (s *Server) admission(w http.ResponseWriter, r *http.Request, may func(context.Context, circle.Seat) (circle.Seat, error)) {
	if s.draining.Load() {
		w.Header().Set("Retry-After", "1")
		answerJSON(w, http.StatusServiceUnavailable, refusedIn(s.Face.in(r), refuse(Restarting)))
		return
	}
	seat, secret, err := s.seat(r)
	if err == nil {
		err = s.letIn(r.Context(), r, seat)
	}
	if errors.Is(err, circle.ErrNoSeat) {
		code := NoSeat
		if errors.Is(err, circle.ErrBanned) {
			code = Banned
		}
		answerJSON(w, http.StatusForbidden, refusedIn(s.Face.in(r), refuse(code)))
		return
	}
	if err == nil && !s.seats.mayTicket(seat.ID) {
		s.Meter.Drop(dropTickets)
		w.Header().Set("Retry-After", "3")
		answerJSON(w, http.StatusTooManyRequests, refusedIn(s.Face.in(r), refuse(TooMany)))
		return
	}
	var code string
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
		defer cancel()
		if seat, err = may(ctx, seat); err == nil {
			code, err = s.Tickets.Issue(ctx, circle.Admission{Seat: seat, Secret: secret}, s.Now())
		}
	}
	switch no := refusalIn(err); {
	case no != nil:
		answerJSON(w, http.StatusForbidden, refusedIn(s.Face.in(r), no))
	case errors.Is(err, circle.ErrTickets):
		s.Meter.Drop(dropTickets)
		w.Header().Set("Retry-After", "10")
		answerJSON(w, http.StatusServiceUnavailable, refusedIn(s.Face.in(r), refuse(TooMany)))
	case err != nil:
		s.Fault("ticket", err)
		w.Header().Set("Retry-After", "1")
		answerJSON(w, http.StatusServiceUnavailable, refusedIn(s.Face.in(r), refuse(Unavailable)))
	default:
		answerJSON(w, http.StatusOK, Ticket{code, s.receipt(seat)})
	}
}

// Ticket is the answer to POST /c/{handle}/ticket and /c/{handle}/aside/{id}. A refusal has the form of
// room.Refusal.
type Ticket struct {
	Ticket  string `json:"ticket"`            // 22 characters, good once, 30 s, for this seat
	Receipt string `json:"receipt,omitempty"` // to report with after this seat has ended, at POST /report
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a browser that went away needs no answer
}

// fault shows that something is wrong on our side.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, where string, err error) {
	code, status := Faulty, http.StatusInternalServerError
	if errors.Is(err, context.DeadlineExceeded) {
		code, status = Unavailable, http.StatusServiceUnavailable
	}
	if !errors.Is(err, context.Canceled) {
		s.Fault(where, err)
	}
	s.problem(w, r, status, code)
}

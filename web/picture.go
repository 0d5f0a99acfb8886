package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"hearth/circle"
	"hearth/internal/pictures"
	"hearth/room"
	"hearth/room/hub"
)

// A picture's way, see PROTOCOL.md:
//
//	may they?   the seat, its pace, and what the room would say: before any
//	            of the picture is read
//	read        whole, into memory
//	make        drawn anew, small, without all that came along (internal/pictures)
//	seal        with a key of its own, which becomes one of the room's words
//	put         on the shelf
//	show        the room decides; if it says no by now, the picture is dropped
//
// Whoever was there when it was shown gets it by name; the key stays here.

// The headers of a picture on its way in. Words don't belong in an address.
const (
	turnHeader = "Hearth-Turn"
	altHeader  = "Hearth-Alt" // UTF-8, as encodeURIComponent writes it
)

// Shown is the answer to POST /c/{handle}/picture. A refusal has the form of
// room.Refusal.
type Shown struct {
	Seq uint64 `json:"seq"` // the entry that shows it
}

// show takes a picture in and shows it to the circle.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close") // or net/http reads on before it answers
	if s.draining.Load() {
		s.noPicture(w, r, refuse(Restarting))
		return
	}
	seat, _, err := s.seat(r)
	switch {
	case errors.Is(err, circle.ErrNoSeat):
		s.noPicture(w, r, refuse(NoSeat))
		return
	case err != nil:
		s.Fault("picture", err)
		s.noPicture(w, r, refuse(Unavailable))
		return
	}
	a, no := showOf(r.Header)
	if no != nil {
		s.noPicture(w, r, no)
		return
	}
	if !s.seats.show(seat.ID) {
		s.Meter.Drop(dropPictures)
		s.noPicture(w, r, refuseWait(s.Face.in(r), s.Limits.Pictures.Every))
		return
	}
	defer s.seats.shown(seat.ID)
	if no = s.mayShow(r.Context(), seat, a); no != nil {
		s.noPicture(w, r, no)
		return
	}
	made, no := s.receive(w, r)
	if no != nil {
		s.noPicture(w, r, no)
		return
	}
	seq, no := s.shows(r.Context(), seat, a, made)
	if no != nil {
		s.noPicture(w, r, no)
		return
	}
	answerJSON(w, http.StatusOK, Shown{seq})
}

// showOf reads what goes with a picture.
func showOf(h http.Header) (a room.Show, no *room.Refusal) {
	turn, err := strconv.ParseUint(h.Get(turnHeader), 10, 64)
	alt, err2 := url.PathUnescape(h.Get(altHeader))
	if err != nil || err2 != nil || !utf8.ValidString(alt) {
		return a, refuse(Malformed)
	}
	alt, no = words(alt)
	switch {
	case no != nil:
		return a, refuse(AltNeeded)
	case utf8.RuneCountInString(alt) > room.MaxAlt:
		return a, refuse(AltLong)
	}
	return room.Show{Turn: turn, Alt: alt}, nil
}

// mayShow asks the room whether it would take a picture now.
func (s *Server) mayShow(ctx context.Context, seat circle.Seat, a room.Show) *room.Refusal {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.CommandWithin)
	defer cancel()
	var judged error
	err := s.Hub.Look(ctx, seat.Room, func(now time.Time, st *room.State) {
		_, judged = st.Decide(now, room.Command{By: room.Actor{Seat: seat.ID}, Do: a})
	})
	if err != nil {
		return s.away(err)
	}
	return refusalIn(judged)
}

// away is the refusal when the room can't be asked.
func (s *Server) away(err error) *room.Refusal {
	var ended *hub.Ended
	if !errors.Is(err, hub.ErrBusy) && !errors.Is(err, hub.ErrUnavailable) && !errors.As(err, &ended) && !errors.Is(err, context.Canceled) {
		s.Fault("picture", err)
	}
	return refuse(Unavailable)
}

// receive reads a picture and makes it one that can be shown. Slow lines get
// more time than other requests: only who may show one comes this far.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (pictures.Picture, *room.Refusal) {
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		s.Meter.Drop(dropPictures)
		return pictures.Picture{}, refuse(PictureBusy)
	}
	if r.ContentLength > pictures.MaxBytes {
		return pictures.Picture{}, refuse(PictureBig)
	}
	line := http.NewResponseController(w)
	until := time.Now().Add(s.Limits.PictureWithin)
	if err := errors.Join(line.SetReadDeadline(until), line.SetWriteDeadline(until.Add(s.Limits.CommandWithin*3))); err != nil {
		s.Fault("picture", err)
		return pictures.Picture{}, refuse(Faulty)
	}
	in, err := io.ReadAll(r.Body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return pictures.Picture{}, refuse(PictureBig)
	case err != nil:
		return pictures.Picture{}, refuse(PictureCut)
	}
	w.Header().Del("Connection")
	_ = line.SetReadDeadline(time.Time{}) // the server sets its own again for what comes next
	ctx, cancel := context.WithTimeout(r.Context(), s.Limits.CommandWithin)
	defer cancel()
	made, err := s.maker.Make(ctx, in)
	if err != nil {
		return pictures.Picture{}, refuse(problemCode(err))
	}
	return made, nil
}

// problemCode is what is wrong with a picture, for the wire.
func problemCode(err error) room.Code {
	var p pictures.Problem
	if !errors.As(err, &p) {
		return PictureBusy // its turn did not come
	}
	return map[pictures.Problem]room.Code{
		pictures.TooBig: PictureBig, pictures.TooManyPixels: PicturePixels, pictures.NotAPicture: NotAPicture,
		pictures.Animated: PictureMoves, pictures.Broken: PictureBroken, pictures.Busy: PictureBusy,
	}[p]
}

// shows seals a picture, puts it on the shelf, and has the room show it. It
// goes on if the browser is gone: what is on the shelf is shown or dropped.
func (s *Server) shows(ctx context.Context, seat circle.Seat, a room.Show, made pictures.Picture) (uint64, *room.Refusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.CommandWithin)
	defer cancel()
	key, err := pictures.NewKey(s.Random)
	name, err2 := newToken(s.Random)
	if err := errors.Join(err, err2); err != nil {
		s.Fault("picture", err)
		return 0, refuse(Faulty)
	}
	sealed, err := pictures.Seal(key, string(seat.Room), name, made.Bytes)
	if err == nil {
		err = s.Shelf.Put(ctx, seat.Room, name, sealed)
	}
	switch {
	case errors.Is(err, room.ErrShelfFull):
		return 0, refuse(ShelfFull)
	case err != nil:
		s.Fault("picture", err)
		s.dropPicture(ctx, seat.Room, name) // it may be there
		return 0, refuse(Unavailable)
	}
	a.Picture = room.Picture{Name: name, Type: made.Type, W: made.W, H: made.H, Key: key}
	answer, err := s.Hub.Do(ctx, seat.Room, seat.ID, a)
	switch {
	case errors.Is(err, hub.ErrBusy):
		s.dropPicture(ctx, seat.Room, name)
		return 0, refuse(Unavailable)
	case err != nil: // it may have been shown: what nobody can see goes when the room ends
		return 0, s.away(err)
	case answer.Refused != nil:
		s.dropPicture(ctx, seat.Room, name)
		return 0, answer.Refused
	}
	return answer.Seq, nil
}

func (s *Server) dropPicture(ctx context.Context, id room.ID, name string) {
	if err := s.Shelf.Drop(ctx, id, name); err != nil {
		s.Fault("picture", err)
	}
}

// noPicture answers with a refusal. What the room says is a conflict.
func (s *Server) noPicture(w http.ResponseWriter, r *http.Request, no *room.Refusal) {
	status, known := map[room.Code]int{
		Malformed: http.StatusBadRequest, AltNeeded: http.StatusBadRequest, AltLong: http.StatusBadRequest,
		NoSeat: http.StatusForbidden, PictureCut: http.StatusRequestTimeout,
		PictureBig: http.StatusRequestEntityTooLarge, PicturePixels: http.StatusRequestEntityTooLarge,
		NotAPicture: http.StatusUnsupportedMediaType, PictureMoves: http.StatusUnsupportedMediaType, PictureBroken: http.StatusUnprocessableEntity,
		SlowDown: http.StatusTooManyRequests, PictureBusy: http.StatusServiceUnavailable,
		Unavailable: http.StatusServiceUnavailable, Restarting: http.StatusServiceUnavailable, Faulty: http.StatusInternalServerError,
	}[no.Code]
	if !known {
		status = http.StatusConflict
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "3")
	}
	answerJSON(w, status, refusedIn(s.Face.in(r), no))
}

// picturePolicy lets a picture that is opened by itself do nothing.
const picturePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// picture sends one to somebody who was there when it was shown.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	seat, _, err := s.seat(r)
	if errors.Is(err, circle.ErrNoSeat) {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	if err != nil {
		s.fault(w, r, "picture", err)
		return
	}
	desk := s.seats.see(seat.ID)
	if desk == nil {
		s.Meter.Drop(dropPictures)
		w.Header().Set("Retry-After", "3")
		s.problem(w, r, http.StatusTooManyRequests, TooMany)
		return
	}
	select {
	case desk.seeing <- struct{}{}:
		defer func() { <-desk.seeing }()
	case <-r.Context().Done():
		return
	}
	is, plain, err := s.seen(r.Context(), seat, r.PathValue("name"))
	switch {
	case errors.Is(err, room.ErrNoPicture):
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	case err != nil:
		s.away(err)
		s.problem(w, r, http.StatusServiceUnavailable, Unavailable)
		return
	}
	line := http.NewResponseController(w)
	if err := line.SetWriteDeadline(time.Now().Add(s.Limits.PictureWithin)); err != nil {
		s.fault(w, r, "picture", err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", is.Type)
	h.Set("Content-Length", strconv.Itoa(len(plain)))
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", picturePolicy)
	_, _ = w.Write(plain) // a browser that went away needs no picture
}

// seen returns a picture that a seat may see; room.ErrNoPicture if there is
// none, it was shown before the seat came, or its key is lost.
func (s *Server) seen(ctx context.Context, seat circle.Seat, name string) (room.Picture, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.CommandWithin)
	defer cancel()
	var is room.Picture
	err := s.Hub.Look(ctx, seat.Room, func(_ time.Time, st *room.State) {
		me, p := st.Seats[seat.ID], st.Words.Pictures[name]
		if me != nil && p.Seq > me.Since {
			is = p.Picture
		}
	})
	switch {
	case err != nil:
		return room.Picture{}, nil, err
	case len(is.Key) == 0 || is.Type != pictures.JPEG && is.Type != pictures.PNG:
		return room.Picture{}, nil, room.ErrNoPicture
	}
	sealed, err := s.Shelf.Get(ctx, seat.Room, name)
	if err != nil {
		return room.Picture{}, nil, err
	}
	plain, ok := pictures.Open(is.Key, string(seat.Room), name, sealed)
	if !ok {
		return room.Picture{}, nil, room.ErrNoPicture
	}
	return is, plain, nil
}

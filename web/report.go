package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
	"hearth/web/lang"
)

// Reports: somebody isn't well, or something is wrong here.
//
//	POST /c/{handle}/report  from a seat, with its cookie (reportwire.go)
//	POST /report             after leaving, with a receipt; forms too (reportpage.go)
//	POST /report/status      how far one has come, by its code
//
//	body ─► decode ─► rates ─► judge (who, whom, tags) ─► seal ─► Desk.File ─► ring ─► code
//
// A report goes to the desk and nowhere else: no room log, no frame, no fault
// and no log line knows of it. What was typed and chosen is sealed to the
// moderators here, before it is kept anywhere.
//
// A tag says that words were delivered in a room, not to whom: somebody who
// came too late to get them could quote them if a person who did handed them
// tags and words. What is checked is that they were said, and that whoever
// quotes has a seat in that room.

// reports has the doors of reporting.
func (s *Server) reports(m *http.ServeMux) {
	m.HandleFunc("POST /c/{handle}/report", s.reportFromSeat)
	m.HandleFunc("GET /report", s.reportPage)
	m.HandleFunc("POST /report", s.reportAfter)
	m.HandleFunc("GET /report/status", s.reportStatusPage)
	m.HandleFunc("POST /report/status", s.reportStatus)
}

// reporter is who reports; from outside it is empty.
type reporter struct {
	seat   room.SeatID
	room   room.ID
	circle circle.ID
	person moderation.PersonID // if they have a part in running the house, and this is known
	past   bool                // came with a receipt
}

// reportFromSeat takes a report of somebody with a seat, also at the door.
func (s *Server) reportFromSeat(w http.ResponseWriter, r *http.Request) {
	seat, _, err := s.seat(r)
	switch {
	case errors.Is(err, circle.ErrNoSeat):
		s.answerReport(w, r, ReportOut{}, refuse(NoSeat), nil)
		return
	case err != nil:
		s.answerReport(w, r, ReportOut{}, nil, err)
		return
	}
	in, no := readReport(r.Body)
	if no == nil && in.Receipt != "" {
		no = refuse(Malformed)
	}
	if no != nil {
		s.answerReport(w, r, ReportOut{}, no, nil)
		return
	}
	by := reporter{seat: seat.ID, room: seat.Room, circle: seat.Circle, person: moderation.PersonID(seat.Person)}
	out, no, err := s.takeReport(r, by, in)
	s.answerReport(w, r, out, no, err)
}

// reportAfter takes a report of somebody who has left, or was removed, with
// their receipt; and what the forms of the page send.
func (s *Server) reportAfter(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		s.reportForm(w, r)
		return
	}
	in, no := readReport(r.Body)
	if no != nil {
		s.answerReport(w, r, ReportOut{}, no, nil)
		return
	}
	by, no := s.byReceipt(in.Receipt)
	if no != nil {
		s.answerReport(w, r, ReportOut{}, no, nil)
		return
	}
	out, no, err := s.takeReport(r, by, in)
	s.answerReport(w, r, out, no, err)
}

// readReport decodes a report as strictly as a frame.
func readReport(body io.Reader) (ReportIn, *room.Refusal) {
	raw, err := io.ReadAll(body)
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return ReportIn{}, refuse(ReportBig)
	case err != nil || !utf8.Valid(raw):
		return ReportIn{}, refuse(Malformed)
	}
	return decodeReport(raw)
}

func decodeReport(raw []byte) (in ReportIn, no *room.Refusal) {
	if decode(raw, &in) != nil || !in.whole() {
		return ReportIn{}, refuse(Malformed)
	}
	if utf8.RuneCountInString(in.Text) > moderation.MaxText {
		return ReportIn{}, refuse(ReportLong)
	}
	return in, nil
}

// whole says whether a report's fields fit together. What a page of ours sends
// does.
func (in ReportIn) whole() bool {
	chosen, beside := 0, 0
	for _, q := range in.Quotes {
		if q.Context {
			beside++
		} else {
			chosen++
		}
		if q.Tag == "" || q.Seat == "" || len(q.Called) > maxCalled || len(q.Seat) > maxCalled || len(q.Room) > maxCalled {
			return false
		}
	}
	abouts := []moderation.About{moderation.AboutPerson, moderation.AboutWords, moderation.AboutFacilitator, moderation.AboutModerator, moderation.AboutCircle}
	known := slices.ContainsFunc(moderation.Sorts, func(s moderation.Sort) bool { return s.Category == in.Category })
	if in.Kind == moderation.Care {
		abouts, known = []moderation.About{moderation.AboutSelf, moderation.AboutPerson}, in.Category == ""
	} else if in.Kind != moderation.Conduct {
		return false
	}
	return known && slices.Contains(abouts, in.About) && chosen <= moderation.MaxQuotes && beside <= moderation.MaxContext &&
		len(in.Called) <= maxCalled && len(in.Subject) <= maxCalled && len(in.Asides) <= maxAsides &&
		(in.Subject == "" || in.About != moderation.AboutSelf && in.About != moderation.AboutCircle)
}

// takeReport keeps a report that whoever reports may make now.
func (s *Server) takeReport(r *http.Request, by reporter, in ReportIn) (ReportOut, *room.Refusal, error) {
	if s.Desk == nil {
		return ReportOut{}, refuse(NotFound), nil
	}
	// Whoever asks may be gone, with a bad line, before it is kept.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), storeWithin)
	defer cancel()
	l := s.Face.in(r)
	if in.About == moderation.AboutSelf {
		return s.seats.own(by.seat).say(ctx, in, func(in ReportIn) (ReportOut, *room.Refusal, error) { return s.judgeReport(ctx, l, by, in) })
	}
	if !s.seats.mayReport(by.seat) || !s.doors.mayReport(s.address(r)) {
		s.Meter.Drop(dropReports)
		return ReportOut{}, refuse(ReportMany), nil
	}
	return s.judgeReport(ctx, l, by, in)
}

// judgeReport checks what a report says, and files it.
func (s *Server) judgeReport(ctx context.Context, l *lang.Texts, by reporter, in ReportIn) (ReportOut, *room.Refusal, error) {
	now := s.Now()
	quotes, old, no := s.checkQuotes(by, in, now)
	if no != nil {
		return ReportOut{}, no, nil
	}
	if in.Subject == "" && in.About != moderation.AboutSelf && in.About != moderation.AboutCircle {
		in.Subject = whoseWords(by, quotes)
	}
	report := moderation.Report{Kind: in.Kind, About: in.About, Category: in.Category, Circle: moderation.CircleID(by.circle),
		Room: by.room, Subject: in.Subject, Reporter: by.seat, Lang: l.Tag, At: now}
	if in.About == moderation.AboutSelf {
		report.Subject = by.seat
	}
	if no, err := s.aboutWhom(ctx, &report, by, quotes); no != nil || err != nil {
		return ReportOut{}, no, err
	}
	body := moderation.Body{Text: in.Text, Called: in.Called, Quotes: quotes}
	for i, q := range body.Quotes { // what somebody else said is beside what this is about
		if in.About != moderation.AboutCircle && in.Subject != "" && q.Room == by.room && q.Seat != in.Subject {
			body.Quotes[i].Context = true
		}
	}
	out, err := s.fileReport(ctx, report, body)
	out.Old = old
	return out, nil, err
}

// whoseWords is whom a report is about that names nobody: who said all of what
// it quotes, so that it is kept from them, too. Empty: there is no such one.
func whoseWords(by reporter, quotes []moderation.Quote) (one room.SeatID) {
	for _, q := range quotes {
		if q.Context || q.Seat == by.seat || q.Room != by.room {
			continue
		}
		if one != "" && one != q.Seat {
			return ""
		}
		one = q.Seat
	}
	return one
}

// checkQuotes returns what is quoted, as far as its tags can be checked, and
// how much was said too long ago for that.
func (s *Server) checkQuotes(by reporter, in ReportIn, now time.Time) (list []moderation.Quote, old int, no *room.Refusal) {
	rooms := []room.ID{by.room}
	for _, token := range in.Asides {
		r, err := s.openReceipt(token)
		if err != nil || r.Of != by.seat {
			return nil, 0, refuse(ReportWords)
		}
		rooms = append(rooms, r.Room)
	}
	type place struct {
		room.ID
		seq uint64
	}
	seen := map[place]bool{}
	for _, q := range in.Quotes {
		at := q.Room
		if at == "" {
			at = by.room
		}
		err := moderation.ErrForged
		if slices.Contains(rooms, at) && s.Keys != nil {
			err = s.Keys.Check(moderation.Evidence{Room: at, Seq: q.Seq, Seat: q.Seat, At: q.At, Words: q.Words}, q.Tag, now)
		}
		switch {
		case errors.Is(err, moderation.ErrExpired):
			old++
		case err != nil:
			return nil, 0, refuse(ReportWords)
		case !seen[place{at, q.Seq}]:
			seen[place{at, q.Seq}] = true
			list = append(list, moderation.Quote{Room: at, Seq: q.Seq, Seat: q.Seat, At: q.At, Words: q.Words, Called: q.Called, Context: q.Context})
		}
	}
	return list, old, nil
}

// fileReport seals what was typed and chosen to whoever may read it, and keeps
// the report.
func (s *Server) fileReport(ctx context.Context, report moderation.Report, body moderation.Body) (ReportOut, error) {
	out := ReportOut{Words: WordsNone}
	if body.Text != "" || body.Place != "" || body.Contact != "" || len(body.Quotes) > 0 {
		out.Words = WordsNoKey
		keys, err := s.Desk.Keys(ctx)
		if err != nil {
			return ReportOut{}, err
		}
		text, err := json.Marshal(body)
		if err != nil {
			return ReportOut{}, err
		}
		keys = slices.DeleteFunc(keys, func(k moderation.PublicKey) bool { return slices.Contains(report.Away, k.Person) })
		sealed, err := moderation.Seal(text, append(keys, s.Offline...), s.Random)
		switch {
		case err == nil:
			report.Body, report.Quotes, out.Words = &sealed, len(body.Quotes), WordsKept
		case !errors.Is(err, moderation.ErrNobody):
			return ReportOut{}, err
		}
	}
	filed, err := s.Desk.File(ctx, report)
	if err != nil {
		return ReportOut{}, err
	}
	if filed.Lost != nil && !errors.Is(filed.Lost, moderation.ErrErased) {
		s.Fault("report", filed.Lost) // it is there, without its words, and so will the next be
	}
	s.ring(ctx)
	out.Code, out.OnCall = filed.Code, filed.OnCall
	if out.Words == WordsKept && !filed.Kept {
		out.Words = WordsNoKey
	}
	return out, nil
}

// answerReport answers with what became of a report.
func (s *Server) answerReport(w http.ResponseWriter, r *http.Request, out ReportOut, no *room.Refusal, err error) {
	l := s.Face.in(r)
	switch {
	case err != nil:
		s.Fault("report", err)
		w.Header().Set("Retry-After", "1")
		answerJSON(w, http.StatusServiceUnavailable, refusedIn(l, refuse(ReportLater)))
	case no != nil:
		if no.Code == ReportMany {
			w.Header().Set("Retry-After", "60")
		}
		answerJSON(w, reportStatuses(no.Code), refusedIn(l, no))
	default:
		answerJSON(w, http.StatusOK, out)
	}
}

// reportStatuses is the HTTP status of a refusal.
func reportStatuses(c room.Code) int {
	switch c {
	case NoSeat, ReceiptOld:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case Malformed:
		return http.StatusBadRequest
	case ReportBig:
		return http.StatusRequestEntityTooLarge
	case ReportMany:
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/moderation"
	"hearth/room"
)

// The pages of reporting work without script: both doors for whoever has a
// receipt, a notice of illegal content for everybody, and how far one has come.

// reportData is the page with the forms, and once something was sent what
// became of it.
type reportData struct {
	Sorts   []sortLabel
	Of      string // the form that is shown again: "circle" or "outside"; empty: none
	Problem string // a kind sentence about it
	Typed   reportTyped
	Sent    *reportSent
}

// reportTyped is what the fields of the forms hold.
type reportTyped struct {
	Receipt, Which, About, Category, Called, Text string
	Place, Why, Contact                           string
	Good                                          bool
}

// reportSent is what became of a report.
type reportSent struct {
	ReportOut
	Link string // where one asks how far it has come
}

// sortLabel is one category with its label.
type sortLabel struct {
	Value moderation.Category
	Label string
}

// categoryKey is the key of a category's label.
func categoryKey(c moderation.Category) string { return "report.category." + string(c) }

// What somebody with a receipt can choose on the page.
const (
	whichSelf    = "self"
	whichSomeone = "someone"
	whichConduct = "conduct"
)

func (s *Server) showReport(w http.ResponseWriter, r *http.Request, status int, d reportData) {
	l := s.Face.in(r)
	for _, one := range moderation.Sorts {
		d.Sorts = append(d.Sorts, sortLabel{one.Category, l.T(categoryKey(one.Category))})
	}
	s.Face.show(w, r, "report", status, d)
}

func (s *Server) reportPage(w http.ResponseWriter, r *http.Request) {
	if s.Desk == nil {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	s.showReport(w, r, http.StatusOK, reportData{})
}

// reportForm takes what one of the forms sends.
func (s *Server) reportForm(w http.ResponseWriter, r *http.Request) {
	if s.Desk == nil {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	if err := r.ParseForm(); err != nil {
		s.problem(w, r, http.StatusBadRequest, Malformed)
		return
	}
	field := r.PostForm.Get
	d := reportData{Of: "circle", Typed: reportTyped{
		Receipt: PastedCode(field("receipt")), Which: field("which"), About: field("about"), Category: field("category"), Called: field("called"),
		Text: field("text"), Place: field("place"), Why: field("why"), Contact: field("contact"), Good: field("good") == "1",
	}}
	var out ReportOut
	var no *room.Refusal
	var err error
	if field("form") == "outside" {
		d.Of = "outside"
		out, no, err = s.takeNotice(r, d.Typed)
	} else {
		out, no, err = s.takeTyped(r, d.Typed)
	}
	s.shownReport(w, r, d, out, no, err)
}

// shownReport shows what became of a form: what was typed stays in it until it
// was taken.
func (s *Server) shownReport(w http.ResponseWriter, r *http.Request, d reportData, out ReportOut, no *room.Refusal, err error) {
	status := http.StatusOK
	switch {
	case err != nil:
		s.Fault("report", err)
		status, d.Problem = http.StatusServiceUnavailable, s.said(r, ReportLater)
	case no != nil:
		status, d.Problem = reportStatuses(no.Code), s.said(r, no.Code)
	default:
		link := s.PublicURL.JoinPath("report", "status")
		link.Fragment = out.Code
		d = reportData{Sent: &reportSent{out, link.String()}}
	}
	s.showReport(w, r, status, d)
}

// takeTyped takes a report from the form for whoever has a receipt.
func (s *Server) takeTyped(r *http.Request, t reportTyped) (ReportOut, *room.Refusal, error) {
	by, no := s.byReceipt(t.Receipt)
	if no != nil {
		return ReportOut{}, no, nil
	}
	in := ReportIn{Kind: moderation.Care, About: moderation.AboutSelf, Called: t.Called, Text: newlines(t.Text)}
	switch t.Which {
	case whichSelf:
		in.Called = ""
	case whichSomeone:
		in.About = moderation.AboutPerson
	default:
		in.Kind, in.About, in.Category = moderation.Conduct, moderation.About(t.About), moderation.Category(t.Category)
	}
	if !utf8.ValidString(in.Text) || !utf8.ValidString(in.Called) {
		return ReportOut{}, refuse(Malformed), nil
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return ReportOut{}, nil, err
	}
	if in, no = decodeReport(raw); no != nil {
		return ReportOut{}, no, nil
	}
	return s.takeReport(r, by, in)
}

// takeNotice takes a notice of illegal content from outside.
func (s *Server) takeNotice(r *http.Request, t reportTyped) (ReportOut, *room.Refusal, error) {
	body := moderation.Body{Text: newlines(t.Why), Place: newlines(t.Place), Contact: t.Contact}
	for _, typed := range []struct {
		text string
		most int
	}{{body.Text, moderation.MaxText}, {body.Place, moderation.MaxPlace}, {body.Contact, moderation.MaxContact}} {
		switch {
		case !utf8.ValidString(typed.text):
			return ReportOut{}, refuse(Malformed), nil
		case utf8.RuneCountInString(typed.text) > typed.most:
			return ReportOut{}, refuse(ReportLong), nil
		}
	}
	if !visible(body.Text) || !visible(body.Place) || !t.Good {
		return ReportOut{}, refuse(ReportEmpty), nil
	}
	if !s.doors.mayNotice(s.address(r)) {
		s.Meter.Drop(dropReports)
		return ReportOut{}, refuse(ReportMany), nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), storeWithin)
	defer cancel()
	out, err := s.fileReport(ctx, moderation.Report{Kind: moderation.Notice, About: moderation.AboutCircle, Category: moderation.Illegal,
		Lang: s.Face.in(r).Tag, At: s.Now()}, body)
	return out, nil, err
}

// newlines undoes what a form makes of the ends of lines.
func newlines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// statusData is the way to what became of a report, and that.
type statusData struct {
	Wrong bool // the code leads to none
	Asked *moderation.Progress
	Since string // when that was, in words
}

func (s *Server) reportStatusPage(w http.ResponseWriter, r *http.Request) {
	if s.Desk == nil {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	s.Face.show(w, r, "reportstatus", http.StatusOK, statusData{})
}

// reportStatus says how far a report has come, to whoever has its code: to a
// script as JSON, else as a page.
func (s *Server) reportStatus(w http.ResponseWriter, r *http.Request) {
	if s.Desk == nil {
		s.problem(w, r, http.StatusNotFound, NotFound)
		return
	}
	if !s.slowly(w, r, s.doors.mayAskReport) {
		return
	}
	script := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	var ask ReportAsk
	if script {
		in := json.NewDecoder(r.Body)
		if err := in.Decode(&ask); err != nil {
			s.answerReport(w, r, ReportOut{}, refuse(Malformed), nil)
			return
		}
	} else {
		ask.Code = PastedCode(r.PostFormValue("code"))
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	p, err := s.Desk.Progress(ctx, ask.Code, s.Now())
	switch none := errors.Is(err, moderation.ErrNoReport); {
	case script && none:
		s.answerReport(w, r, ReportOut{}, refuse(NotFound), nil)
	case script && err != nil:
		s.answerReport(w, r, ReportOut{}, nil, err)
	case script:
		answerJSON(w, http.StatusOK, ReportStep{p.Step, p.Since.UnixMilli(), p.OnCall, p.Public})
	case none:
		s.Face.show(w, r, "reportstatus", http.StatusNotFound, statusData{Wrong: true})
	case err != nil:
		s.fault(w, r, "report", err)
	default:
		s.Face.show(w, r, "reportstatus", http.StatusOK, statusData{Asked: &p, Since: s.Face.in(r).DayAndTime(p.Since.In(time.UTC))})
	}
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"hearth/circle"
	"hearth/room"
	"hearth/web/lang"
)

// The office: pages for those who run the house. Forms work without script; a
// change is a POST that leads back to a page, and what was typed is never lost.

// part is what somebody is, to the house or to one circle.
type part string

// The parts. Somebody may have several.
const (
	asAdmin     part = "admin"       // runs the house
	asKeeper    part = "facilitator" // of the circle
	asDeputy    part = "deputy"      // of the circle
	asModerator part = "moderator"   // looks after every circle
	asSigned    part = "signed in"   // is anybody at all here
)

// duty is one thing that can be done in the office.
type duty string

// The duties.
const (
	lookAround   duty = "look around"    // see one's circles, and go in
	makeCircles  duty = "make circles"   //
	writeTexts   duty = "write texts"    // of a circle: what stands on its page
	setCircle    duty = "set a circle"   // who may come in, whether it is listed, how many
	keepDates    duty = "keep dates"     // call one off, give it a theme
	setSchedule  duty = "set a schedule" //
	namePeople   duty = "name people"    // who keep a circle
	inviteInto   duty = "invite"         // members and listeners
	answerAsked  duty = "answer"         // what was asked before a first visit
	managePeople duty = "manage people"  // their rights; asks for a fresh sign-in
	runHouse     duty = "run the house"  // settings, status, audit
)

// duties is who may do what. What is not in it is nobody's.
var duties = map[duty][]part{
	lookAround:   {asSigned},
	makeCircles:  {asAdmin},
	writeTexts:   {asAdmin, asKeeper},
	setCircle:    {asAdmin},
	keepDates:    {asAdmin, asKeeper},
	setSchedule:  {asAdmin},
	namePeople:   {asAdmin},
	inviteInto:   {asAdmin, asKeeper},
	answerAsked:  {asAdmin, asKeeper},
	managePeople: {asAdmin},
	runHouse:     {asAdmin},
}

// partsOf says what somebody is; to a circle, if it has an id.
func partsOf(p circle.Person, c circle.Circle) []part {
	parts := []part{asSigned}
	if p.Admin {
		parts = append(parts, asAdmin)
	}
	if p.Moderator {
		parts = append(parts, asModerator)
	}
	switch role, deputy := c.Keeps(p.ID); {
	case role == room.Facilitator:
		parts = append(parts, asKeeper)
	case deputy:
		parts = append(parts, asDeputy)
	}
	return parts
}

// mayAs says whether somebody with these parts has a duty.
func mayAs(parts []part, d duty) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(duties[d], p) })
}

// visit is somebody in the office, with one request.
type visit struct {
	*who
	texts  *lang.Texts
	parts  []part
	circle circle.Circle // whose page it is, if it is one's
}

func (v *visit) may(d duty) bool { return mayAs(v.parts, d) }

func (v *visit) t(key string, with ...any) string { return v.texts.T(key, with...) }

// act is what the audit says of a change.
func (v *visit) act(s *Server) circle.Act { return circle.Act{By: v.ID, At: s.Now()} }

// office is a Server with the pages of the office.
type office struct{ *Server }

// officeDoor is one address of the office. One with {id} is about a circle.
type officeDoor struct {
	at    string // method and path
	duty  duty
	fresh bool // asks for a fresh sign-in
	do    func(office, http.ResponseWriter, *http.Request, *visit) error
}

// officeDoors are all of them.
func officeDoors() []officeDoor {
	return []officeDoor{
		{"GET /office", lookAround, false, office.home},
		{"GET /office/circles", lookAround, false, office.home},
		{"GET /office/circles/new", makeCircles, false, office.newCircle},
		{"POST /office/circles/new", makeCircles, false, office.addCircle},
		{"GET /office/circles/{id}", writeTexts, false, office.editCircle},
		{"POST /office/circles/{id}", writeTexts, false, office.changeCircle},
		{"GET /office/circles/{id}/schedule", keepDates, false, office.schedule},
		{"POST /office/circles/{id}/schedule", setSchedule, false, office.setSchedule},
		{"POST /office/circles/{id}/dates", keepDates, false, office.changeDates},
		{"GET /office/circles/{id}/people", namePeople, true, office.keepers},
		{"POST /office/circles/{id}/people", namePeople, true, office.changeKeepers},
		{"GET /office/circles/{id}/invites", inviteInto, false, office.invites},
		{"POST /office/circles/{id}/invites", inviteInto, false, office.addInvites},
		{"POST /office/circles/{id}/invites/revoke", inviteInto, false, office.revoke},
		{"GET /office/circles/{id}/questions", answerAsked, false, office.questions},
		{"POST /office/circles/{id}/questions", answerAsked, false, office.answer},
		{"GET /office/questions", lookAround, false, office.allQuestions},
		{"GET /office/people", managePeople, true, office.people},
		{"POST /office/people", managePeople, true, office.changePeople},
		{"GET /office/settings", runHouse, false, office.settings},
		{"GET /office/status", runHouse, false, office.status},
		{"GET /office/audit", runHouse, false, office.audit},
		{"POST /office/audit", runHouse, false, office.verifyAudit},
	}
}

// office puts its pages among the others.
func (s *Server) office(m *http.ServeMux) {
	o := office{s}
	for _, d := range officeDoors() {
		if d.fresh { // those duties are an admin's, whatever circle it is about
			m.HandleFunc(d.at, s.fresh(isAdmin, o.behind(d)))
		} else {
			m.HandleFunc(d.at, s.signedIn(anybody, o.behind(d)))
		}
	}
}

// behind lets in whoever has the duty; to others there is nothing.
func (o office) behind(d officeDoor) func(http.ResponseWriter, *http.Request, *who) {
	return func(w http.ResponseWriter, r *http.Request, p *who) {
		v := &visit{who: p, texts: o.Face.in(r)}
		ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
		defer cancel()
		r = r.WithContext(ctx)
		var err error
		if id := r.PathValue("id"); id != "" {
			v.circle, err = o.Store.Circle(ctx, circle.ID(id))
		}
		v.parts = partsOf(p.Person, v.circle)
		if errors.Is(err, circle.ErrNoCircle) || err == nil && !v.may(d.duty) {
			o.problem(w, r, http.StatusNotFound, NotFound)
			return
		}
		if err == nil && r.Method == http.MethodPost && r.ParseForm() != nil {
			o.problem(w, r, http.StatusBadRequest, Malformed)
			return
		}
		if err == nil {
			err = d.do(o, w, r, v)
		}
		if err != nil {
			o.fault(w, r, "office", err)
		}
	}
}

// back leads to a page after a change, which then says what was done: one of
// officeSays.
func back(w http.ResponseWriter, r *http.Request, to, said string) error {
	if said != "" {
		to += "?" + url.Values{"said": {said}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// officeSays is what a page may say was done, by what stands in its address.
var officeSays = map[string]string{
	"made":     "office.said.made",
	"saved":    "office.said.saved",
	"off":      "office.said.off",
	"on":       "office.said.on",
	"theme":    "office.said.theme",
	"added":    "office.said.added",
	"without":  "office.said.without",
	"revoked":  "office.said.revoked",
	"answered": "office.said.answered",
	"deleted":  "office.said.deleted",
	"removed":  "office.said.removed",
	"changed":  "office.said.changed",
	"gone":     "office.said.gone",
	"holds":    "office.said.holds",
}

// letterhead is what every page of the office begins with.
type letterhead struct {
	Who    string  // is signed in
	Tabs   []wayTo // of the office
	Circle *of     // whose page it is
	Said   string  // what was done
	Wrong  string  // what the matter is, with the page as a whole
}

// of is a circle at the top of its pages.
type of struct {
	Title string
	ID    circle.ID
	Tabs  []wayTo
	Page  string // its public page; empty: it has none
}

// wayTo is a way to another page.
type wayTo struct {
	Text, To string
	Here     bool
}

// letterhead makes the top of a page.
func (o office) letterhead(r *http.Request, v *visit) letterhead {
	d := letterhead{Who: v.Name}
	if key, ok := officeSays[r.URL.Query().Get("said")]; ok && r.Method == http.MethodGet {
		d.Said = v.t(key)
	}
	at := r.URL.Path
	add := func(to *[]wayTo, d duty, text, path string, more ...string) {
		if v.may(d) {
			*to = append(*to, wayTo{text, path, at == path || slices.Contains(more, at)})
		}
	}
	add(&d.Tabs, lookAround, v.t("office.tab.circles"), "/office", "/office/circles", "/office/circles/new")
	add(&d.Tabs, lookAround, v.t("office.tab.questions"), "/office/questions")
	add(&d.Tabs, managePeople, v.t("office.tab.people"), "/office/people")
	add(&d.Tabs, runHouse, v.t("office.tab.status"), "/office/status")
	add(&d.Tabs, runHouse, v.t("office.tab.settings"), "/office/settings")
	add(&d.Tabs, runHouse, v.t("office.tab.audit"), "/office/audit")
	if v.circle.ID == "" {
		return d
	}
	c := &of{Title: v.circle.Settings.Title, ID: v.circle.ID}
	base := officeOf(c.ID)
	add(&c.Tabs, writeTexts, v.t("office.of.texts"), base)
	add(&c.Tabs, keepDates, v.t("office.of.schedule"), base+"/schedule")
	add(&c.Tabs, namePeople, v.t("office.of.people"), base+"/people")
	add(&c.Tabs, inviteInto, v.t("office.of.invites"), base+"/invites", base+"/invites/revoke")
	add(&c.Tabs, answerAsked, v.t("office.of.questions"), base+"/questions")
	if v.circle.Standing == circle.Meeting || v.circle.Standing == circle.Announced {
		c.Page = "/circles/" + string(c.ID)
	}
	d.Circle = c
	d.Tabs[0].Here = true
	return d
}

// officeOf is where a circle is in the office.
func officeOf(id circle.ID) string { return "/office/circles/" + string(id) }

package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
	"hearth/web/lang"
)

// The moderators' desk. Its page is deskpage.go, what goes over the wire
// deskwire.go, what it shows deskview.go and desklive.go, its sockets
// desksocket.go, and what moderators do desk.go and deskact.go. To everybody
// who is no moderator there is nothing at these addresses.

// What the desk refuses with, beside what the rest of this package does.
const (
	SignInFirst  room.Code = "sign-in"       // nobody is signed in on this browser any more
	ProveIt      room.Code = "prove-it"      // a touch of the passkey is asked for first
	NoCase       room.Code = "no-case"       // there is none of that id, for whoever asks
	CaseTaken    room.Code = "case-taken"    // another moderator has it
	ClaimFirst   room.Code = "claim-first"   // it is for whoever has the case, and that is not them
	CaseChanged  room.Code = "case-changed"  // somebody else changed it at the same time
	CaseDone     room.Code = "case-done"     // it is closed, undone or judged already
	DeskFull     room.Code = "desk-full"     // there are too many of that already
	BadAction    room.Code = "bad-action"    // that action does not go with that case
	RuleNeeded   room.Code = "rule-needed"   //
	FactsNeeded  room.Code = "facts-needed"  // a sentence, and a note, within their bounds
	EndNeeded    room.Code = "end-needed"    // of a ban
	SecondNeeded room.Code = "second-needed" // the code of another moderator is not good
	EnterFirst   room.Code = "enter-first"   // a quiet room is opened by who sits in the room
	NoteNeeded   room.Code = "note-needed"   // a note has 1 to 1,000 characters
	BadKey       room.Code = "bad-key"       // a public key is none
	NoModerator  room.Code = "no-moderator"  // whom a case is handed to is none
)

// deskRefusals says how each no of a moderation.Store is answered.
var deskRefusals = []struct {
	err    error
	code   room.Code
	status int
}{
	{moderation.ErrNoCase, NoCase, http.StatusNotFound},
	{moderation.ErrNoReport, NoCase, http.StatusNotFound},
	{moderation.ErrNoAppeal, NoCase, http.StatusNotFound},
	{moderation.ErrNotYours, ClaimFirst, http.StatusConflict},
	{moderation.ErrChanged, CaseChanged, http.StatusConflict},
	{moderation.ErrDone, CaseDone, http.StatusConflict},
	{moderation.ErrAppealed, CaseDone, http.StatusConflict},
	{moderation.ErrFull, DeskFull, http.StatusConflict},
	{moderation.ErrAction, BadAction, http.StatusUnprocessableEntity},
	{moderation.ErrRule, RuleNeeded, http.StatusUnprocessableEntity},
	{moderation.ErrFacts, FactsNeeded, http.StatusUnprocessableEntity},
	{moderation.ErrMinutes, room.BadMinutes, http.StatusUnprocessableEntity},
	{moderation.ErrEnd, EndNeeded, http.StatusUnprocessableEntity},
	{moderation.ErrKey, BadKey, http.StatusUnprocessableEntity},
}

// Bounds of the desk.
const (
	maxDesk   = 32 << 10 // bytes of one request
	mostCards = 100      // of the queue that a desk shows at once
	mostFound = 50       // cases of one page of a search
	// deskWithin bounds how long a moderator waits: a decision is written, and
	// then each room of whoever it is about has CommandWithin.
	deskWithin = 20 * time.Second
	// secondFor is how long another moderator's agreement is good.
	secondFor = 5 * time.Minute
)

// helm is a Server at its desk.
type helm struct{ *Server }

// mate is a moderator, with one request.
type mate struct {
	*who
	texts *lang.Texts
	now   time.Time
}

func (m *mate) person() moderation.PersonID { return moderation.PersonID(m.ID) }
func (m *mate) act() moderation.Act         { return moderation.Act{By: m.person(), At: m.now} }
func (m *mate) viewer() moderation.Viewer   { return moderation.Viewer{Person: m.person()} }

// deskNo is why a desk's request was not done.
type deskNo struct {
	status int
	code   room.Code
}

func (n *deskNo) Error() string { return "web: desk: " + string(n.code) }

// deskDoor is one address of the desk that answers in JSON.
type deskDoor struct {
	at    string // method and path
	fresh bool   // asks for a fresh sign-in
	do    func(helm, context.Context, *http.Request, *mate) (any, error)
}

// deskDoors are all of them.
func deskDoors() []deskDoor {
	const one = "/desk/cases/{id}"
	return []deskDoor{
		{"GET " + one, false, helm.look},
		{"POST " + one + "/claim", false, helm.claim},
		{"POST " + one + "/release", false, helm.release},
		{"POST " + one + "/hand-over", false, helm.handCase},
		{"POST " + one + "/read", true, helm.read},
		{"POST " + one + "/note", false, helm.note},
		{"POST " + one + "/care", false, helm.care},
		{"POST " + one + "/decide", false, helm.decide}, // a ban asks for it
		{"POST " + one + "/undo", false, helm.undo},
		{"POST " + one + "/judge", false, helm.judge},
		{"POST " + one + "/second", true, helm.second},
		{"GET /desk/search", false, helm.search},
		{"POST /desk/duty", false, helm.duty},
		{"POST /desk/shift", false, helm.shift},
		{"POST /desk/keys", true, helm.addKey}, // whose key it is reads all that comes
		{"POST /desk/keys/end", false, helm.endKey},
	}
}

func isModerator(p *who) bool { return p.Moderator }

// moderators puts the desk's addresses among the others.
func (s *Server) moderators(m *http.ServeMux) {
	if s.Desk == nil {
		return
	}
	h := helm{s}
	m.HandleFunc("GET /desk", s.signedIn(isModerator, h.page))
	m.HandleFunc("GET /desk/ws", h.upgrade)
	for _, d := range deskDoors() {
		m.HandleFunc(d.at, h.behind(d))
	}
}

// page shows the desk before anything is live.
func (h helm) page(w http.ResponseWriter, r *http.Request, p *who) {
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	list, err := h.Store.Circles(ctx)
	if err != nil {
		h.fault(w, r, "desk", err)
		return
	}
	d := DeskData{Who: p.Name}
	for _, c := range list {
		d.Circles = append(d.Circles, DeskCircle{string(c.ID), c.Settings.Title})
	}
	h.Face.Desk(w, r, d)
}

// behind lets moderators in.
func (h helm) behind(d deskDoor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m, err := h.mate(r)
		if err == nil && d.fresh && !m.fresh(m.now) {
			err = &deskNo{http.StatusForbidden, ProveIt}
		}
		if err == nil && !h.watching.allow(h.Limits.Desk, m.person()) {
			err = &deskNo{http.StatusTooManyRequests, SlowDown}
		}
		if err != nil {
			h.refused(w, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), deskWithin)
		defer cancel()
		v, err := d.do(h, ctx, r, m)
		if err != nil {
			h.refused(w, r, err)
			return
		}
		answerJSON(w, http.StatusOK, v)
	}
}

// mate returns the moderator who sent a request.
func (h helm) mate(r *http.Request) (*mate, error) {
	p, err := h.who(r)
	switch {
	case errors.Is(err, circle.ErrNoSession):
		return nil, &deskNo{http.StatusUnauthorized, SignInFirst}
	case err != nil:
		return nil, err
	case !p.Moderator:
		return nil, &deskNo{http.StatusNotFound, NotFound}
	}
	return &mate{who: p, texts: h.Face.in(r), now: h.Now()}, nil
}

// refused answers why something was not done.
func (h helm) refused(w http.ResponseWriter, r *http.Request, err error) {
	l := h.Face.in(r)
	status, no := h.refusal(err)
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	answerJSON(w, status, refusedIn(l, no))
}

// refusal says how an error is answered. One that is no refusal is a fault of
// ours, and told of.
func (h helm) refusal(err error) (int, *room.Refusal) {
	var no *deskNo
	var taken *moderation.ClaimedError
	switch {
	case errors.As(err, &no):
		return no.status, refuseAny(no.code)
	case errors.As(err, &taken):
		return http.StatusConflict, refuse(CaseTaken)
	case refusalIn(err) != nil:
		return http.StatusConflict, refusalIn(err)
	}
	for _, one := range deskRefusals {
		if errors.Is(err, one.err) {
			return one.status, refuseAny(one.code)
		}
	}
	if !errors.Is(err, context.Canceled) {
		h.Fault("desk", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, refuse(Unavailable)
	}
	return http.StatusInternalServerError, refuse(Faulty)
}

// refuseAny is refuse, also with a code of package room.
func refuseAny(c room.Code) *room.Refusal {
	if _, ours := says[c]; ours {
		return refuse(c)
	}
	return room.Refuse(c)
}

// sent reads what a desk asks; nothing at all is an empty object.
func sent[T any](r *http.Request) (v T, err error) {
	b, err := io.ReadAll(r.Body)
	if err == nil && len(b) == 0 {
		b = []byte("{}")
	}
	if err == nil {
		err = decode(b, &v)
	}
	if err != nil {
		return v, &deskNo{http.StatusBadRequest, Malformed}
	}
	return v, nil
}

// holdsCase says whether somebody has a case now.
func holdsCase(c moderation.Case, p moderation.PersonID, now time.Time) bool {
	return c.Claim.By == p && now.Before(c.Claim.Until)
}

// mayOn says whether a moderator may do something with a case that they can
// see at all: whoever is kept away from one finds none.
func mayOn(do moderation.Capability, c moderation.Case, p moderation.PersonID, now time.Time) bool {
	if c.Kind == moderation.Appeal && c.DecidedBy(p) {
		return moderation.May(do, moderation.Decider)
	}
	return moderation.May(do, moderation.Moderator) || holdsCase(c, p, now) && moderation.May(do, moderation.Claimer)
}

// opened returns the case of a request, for what somebody would do with it.
func (h helm) opened(ctx context.Context, r *http.Request, m *mate, do moderation.Capability) (moderation.Dossier, error) {
	d, err := h.Desk.Case(ctx, m.viewer(), r.PathValue("id"), m.now)
	if err == nil && !mayOn(do, d.Case, m.person(), m.now) {
		err = moderation.ErrNotYours
	}
	return d, err
}

// changed tells all desks that something is different now, and answers with
// the case as it is.
func (h helm) changed(ctx context.Context, m *mate, id string) (any, error) {
	h.ring(ctx)
	return h.caseView(ctx, m, id)
}

func (h helm) look(ctx context.Context, r *http.Request, m *mate) (any, error) {
	if _, err := h.opened(ctx, r, m, "look"); err != nil {
		return nil, err
	}
	return h.caseView(ctx, m, r.PathValue("id"))
}

// does is what only changes a case: it is opened, changed and shown again.
func (h helm) does(ctx context.Context, r *http.Request, m *mate, do moderation.Capability, change func(moderation.Dossier) error) (any, error) {
	d, err := h.opened(ctx, r, m, do)
	if err != nil {
		return nil, err
	}
	if err := change(d); err != nil {
		return nil, err
	}
	return h.changed(ctx, m, d.ID)
}

func (h helm) claim(ctx context.Context, r *http.Request, m *mate) (any, error) {
	return h.does(ctx, r, m, "claim", func(d moderation.Dossier) error {
		_, err := h.Desk.Claim(ctx, m.act(), d.ID)
		return err
	})
}

func (h helm) release(ctx context.Context, r *http.Request, m *mate) (any, error) {
	return h.does(ctx, r, m, "release", func(d moderation.Dossier) error {
		return h.Desk.Release(ctx, m.act(), d.ID)
	})
}

func (h helm) handCase(ctx context.Context, r *http.Request, m *mate) (any, error) {
	to, err := sent[DeskTo](r)
	if err == nil {
		err = h.isMate(ctx, m, to.To)
	}
	if err != nil {
		return nil, err
	}
	return h.does(ctx, r, m, "hand-over", func(d moderation.Dossier) error {
		err := h.Desk.HandOver(ctx, m.act(), d.ID, moderation.PersonID(to.To))
		if now, again := h.Desk.Case(ctx, m.viewer(), d.ID, m.now); errors.Is(err, moderation.ErrNotYours) && again == nil && holdsCase(now.Case, m.person(), m.now) {
			return &deskNo{http.StatusUnprocessableEntity, NoModerator} // it is the other one's that it isn't
		}
		return err
	})
}

// isMate refuses to hand anything to who is no other moderator.
func (h helm) isMate(ctx context.Context, m *mate, id string) error {
	p, err := h.Store.Person(ctx, circle.PersonID(id))
	if errors.Is(err, circle.ErrNoPerson) || err == nil && (!p.Moderator || p.ID == m.ID) {
		return &deskNo{http.StatusUnprocessableEntity, NoModerator}
	}
	return err
}

// read opens what is sealed in a case's reports; the audit says who did.
func (h helm) read(ctx context.Context, r *http.Request, m *mate) (any, error) {
	d, err := h.opened(ctx, r, m, "read")
	if err != nil {
		return nil, err
	}
	all, err := h.Desk.Bodies(ctx, m.act(), d.ID)
	if err != nil {
		return nil, err
	}
	h.ring(ctx) // the claim goes on
	if all == nil {
		all = map[string]moderation.Sealed{}
	}
	return DeskBodies{all}, nil
}

func (h helm) note(ctx context.Context, r *http.Request, m *mate) (any, error) {
	n, err := sent[DeskNote](r)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(n.Text) == "" || utf8.RuneCountInString(n.Text) > moderation.MaxNote {
		return nil, &deskNo{http.StatusUnprocessableEntity, NoteNeeded}
	}
	do, again := moderation.Capability("note"), time.Time{}
	if n.Again != 0 {
		do, again = "follow-up", time.UnixMilli(n.Again)
		if !again.After(m.now) || again.After(m.now.Add(moderation.MaxBan)) {
			return nil, &deskNo{http.StatusBadRequest, Malformed}
		}
	}
	return h.does(ctx, r, m, do, func(d moderation.Dossier) error {
		return h.Desk.Note(ctx, m.act(), d.ID, n.Text, again)
	})
}

func (h helm) care(ctx context.Context, r *http.Request, m *mate) (any, error) {
	c, err := sent[DeskCare](r)
	ends := c.State == moderation.Closed && slices.Contains(moderation.Outcomes, c.Outcome)
	if err == nil && !ends && (c.State != moderation.WithThem || c.Outcome != "") {
		err = &deskNo{http.StatusBadRequest, Malformed}
	}
	if err != nil {
		return nil, err
	}
	return h.does(ctx, r, m, "care", func(d moderation.Dossier) error {
		if d.Kind != moderation.Care {
			return moderation.ErrAction
		}
		return h.Desk.Care(ctx, m.act(), d.ID, c.State, c.Outcome)
	})
}

func (h helm) duty(ctx context.Context, r *http.Request, m *mate) (any, error) {
	d, err := sent[DeskDuty](r)
	if err == nil && (d.Hours < 0 || time.Duration(d.Hours) > moderation.MostDuty/time.Hour) {
		err = &deskNo{http.StatusBadRequest, Malformed}
	}
	if err != nil {
		return nil, err
	}
	var until time.Time
	if d.Hours > 0 {
		until = m.now.Add(time.Duration(d.Hours) * time.Hour)
	}
	if err := h.Desk.SetDuty(ctx, m.act(), until); err != nil {
		return nil, err
	}
	return h.deskChanged(ctx, m)
}

func (h helm) shift(ctx context.Context, r *http.Request, m *mate) (any, error) {
	to, err := sent[DeskTo](r)
	if err == nil {
		err = h.isMate(ctx, m, to.To)
	}
	if err == nil {
		_, err = h.Desk.Shift(ctx, m.act(), moderation.PersonID(to.To))
	}
	if err != nil {
		return nil, err
	}
	return h.deskChanged(ctx, m)
}

func (h helm) addKey(ctx context.Context, r *http.Request, m *mate) (any, error) {
	k, err := sent[DeskKey](r)
	if err != nil {
		return nil, err
	}
	id, err := moderation.KeyID(k.Raw)
	if err == nil {
		err = h.Desk.AddKey(ctx, m.act(), moderation.PublicKey{ID: id, Person: m.person(), Raw: k.Raw})
	}
	if err != nil {
		return nil, err
	}
	return h.deskChanged(ctx, m)
}

func (h helm) endKey(ctx context.Context, r *http.Request, m *mate) (any, error) {
	k, err := sent[DeskKeyEnd](r)
	if err == nil {
		err = h.Desk.EndKey(ctx, m.act(), k.ID)
	}
	if err != nil {
		return nil, err
	}
	return h.deskChanged(ctx, m)
}

// deskChanged tells all desks of a change, and answers with what this one
// shows now.
func (h helm) deskChanged(ctx context.Context, m *mate) (any, error) {
	h.ring(ctx)
	rev, err := h.Desk.Desk(ctx)
	if err != nil {
		return nil, err
	}
	v, _, err := h.deskView(ctx, m, rev)
	return v, err
}

// search finds past and present cases by facts alone.
func (h helm) search(ctx context.Context, r *http.Request, m *mate) (any, error) {
	q := r.URL.Query()
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(q.Get(name), 10, 64)
		return max(0, n) // what is no number is any
	}
	at := func(name string) time.Time {
		if n := number(name); n > 0 {
			return time.UnixMilli(n)
		}
		return time.Time{}
	}
	found, err := h.Desk.Search(ctx, m.viewer(), moderation.Search{
		N: number("n"), Kind: moderation.Kind(q.Get("kind")), Category: moderation.Category(q.Get("category")),
		Circle: moderation.CircleID(q.Get("circle")), Action: moderation.Action(q.Get("action")), By: moderation.PersonID(q.Get("by")),
		From: at("from"), To: at("to"), Before: number("before"), Most: mostFound,
	})
	if err != nil {
		return nil, err
	}
	names, err := h.names(ctx, found...)
	if err != nil {
		return nil, err
	}
	v := DeskCases{Cases: []Card{}}
	for _, c := range found {
		v.Cases = append(v.Cases, names.card(c, m.now))
	}
	return v, nil
}

// agreed is what the code of a second moderator says.
type agreed struct {
	Case   string              `json:"case"`
	Person moderation.PersonID `json:"person"`
	Until  int64               `json:"until"`
}

// second lets another moderator agree to a ban without an end.
func (h helm) second(ctx context.Context, r *http.Request, m *mate) (any, error) {
	d, err := h.opened(ctx, r, m, "second")
	switch {
	case err != nil:
		return nil, err
	case holdsCase(d.Case, m.person(), m.now) || d.Subject == "" || d.State == moderation.Closed:
		return nil, moderation.ErrAction // it is another one who decides
	case h.Keys == nil:
		return nil, &deskNo{http.StatusServiceUnavailable, Unavailable}
	}
	code := h.Keys.Sign("second", encode(agreed{d.ID, m.person(), m.now.Add(secondFor).UnixMilli()}))
	if code == "" {
		return nil, &deskNo{http.StatusServiceUnavailable, Unavailable}
	}
	return DeskSecond{code}, nil
}

// seconded returns who agreed by a code to a ban in a case.
func (h helm) seconded(ctx context.Context, m *mate, of, code string) (moderation.PersonID, error) {
	no := &deskNo{http.StatusUnprocessableEntity, SecondNeeded}
	if h.Keys == nil {
		return "", no
	}
	said, err := h.Keys.Open("second", code, m.now)
	var a agreed
	if err != nil || decode(said, &a) != nil || a.Case != of || a.Person == m.person() || !m.now.Before(time.UnixMilli(a.Until)) {
		return "", no
	}
	p, err := h.Store.Person(ctx, circle.PersonID(a.Person))
	if errors.Is(err, circle.ErrNoPerson) || err == nil && !p.Moderator {
		return "", no
	}
	return a.Person, err
}

// paces slows moderators down, each by themselves.
type paces struct {
	mu  sync.Mutex // guards all
	all map[moderation.PersonID]*rate.Limiter
}

// allow counts a request of somebody, and says whether it may go on. There
// are as many as there are moderators.
func (p *paces) allow(r Rate, of moderation.PersonID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[moderation.PersonID]*rate.Limiter{}
	}
	l, ok := p.all[of]
	if !ok {
		l = r.limiter()
		p.all[of] = l
	}
	return l.Allow()
}

package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// watch is a clock that a test moves on.
type watch struct{ ahead atomic.Int64 }

func (w *watch) now() time.Time         { return time.Now().Add(time.Duration(w.ahead.Load())) }
func (w *watch) passes(d time.Duration) { w.ahead.Add(int64(d)) }
func (w *watch) set(c *Config)          { c.Now = w.now }

// jsonTo makes a request one of a script.
func jsonTo(ask any) func(*http.Request) {
	return func(r *http.Request) {
		b := encode(ask)
		if s, is := ask.(string); is {
			b = []byte(s) // as it is
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.Header.Set("Content-Type", "application/json")
	}
}

// atDesk asks the desk, and asserts how that is answered. A nil ask is a GET.
func (b *browser) atDesk(path string, ask any, status int) []byte {
	b.h.t.Helper()
	var res *http.Response
	if ask == nil {
		res = b.asks(path, nil)
	} else {
		res = b.asks(path, url.Values{}, jsonTo(ask))
	}
	all, err := io.ReadAll(res.Body)
	b.h.must(err)
	if res.StatusCode != status {
		b.h.t.Fatalf("%s: %s, want %d\n%s\n%v", path, res.Status, status, all, b.h.told())
	}
	return all
}

// none is what is sent where nothing is to be said.
type none struct{}

// deals asks something about a case, and returns what the case is then.
func (c *clerk) deals(id, what string, ask any) (v CaseView) {
	c.h.t.Helper()
	c.h.must(json.Unmarshal(c.atDesk("/desk/cases/"+id+what, ask, http.StatusOK), &v))
	return v
}

// hindered asserts that the desk says no.
func (b *browser) hindered(path string, ask any, status int, code room.Code) {
	b.h.t.Helper()
	var no room.Refusal
	b.h.must(json.Unmarshal(b.atDesk(path, ask, status), &no))
	if no.Code != code || no.Say == "" {
		b.h.t.Errorf("%s: %+v, want %s", path, no, code)
	}
}

// sees returns what a moderator's desk shows.
func (c *clerk) seesDesk() (v DeskView) {
	c.h.t.Helper()
	c.h.must(json.Unmarshal(c.atDesk("/desk/duty", DeskDuty{}, http.StatusOK), &v))
	return v
}

// reported files a report about somebody, and returns the case's id.
func (m *meeting) reported(about *tab, change ...func(*moderation.Report)) string {
	m.t.Helper()
	r := moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment, Circle: moderation.CircleID(m.circle),
		Room: m.roomOf(about), Subject: about.me(), Reporter: m.ana.me(), Lang: "en", At: m.server.Now()}
	for _, f := range change {
		f(&r)
	}
	filed, err := m.desk.File(m.t.Context(), r)
	m.must(err)
	return filed.Case
}

// moderator is one more of them.
func (h *house) moderator(name string) *clerk {
	h.t.Helper()
	return h.employs(name, circle.Welcome{Moderator: true})
}

// warns is a decision that changes nothing but what somebody is told.
func warns(v CaseView) DeskDecide {
	return DeskDecide{Rev: v.Rev, Action: moderation.Warn, Rule: string(moderation.Harassment), Facts: "You called somebody a name.", More: true}
}

// To everybody who is no moderator there is nothing at the desk's addresses.
func TestDeskIsForModerators(t *testing.T) {
	m := meet(t)
	id, mo := m.reported(m.ben), m.moderator("Mo")
	others := map[string]*clerk{"an admin": m.employs("Ada", circle.Welcome{Admin: true}), "who keeps the circle": m.employs("Kit", circle.Welcome{Circle: m.circle})}
	nobody := m.browser()
	for _, d := range deskDoors() {
		method, path, _ := strings.Cut(d.at, " ")
		path = strings.Replace(path, "{id}", id, 1)
		var ask any
		if method == "POST" {
			ask = none{}
		}
		nobody.hindered(path, ask, http.StatusUnauthorized, SignInFirst)
		for who, c := range others {
			var no room.Refusal
			m.must(json.Unmarshal(c.atDesk(path, ask, http.StatusNotFound), &no))
			if no.Code != NotFound {
				t.Errorf("%s as %s: %v", d.at, who, no)
			}
		}
		if res := mo.asks(path, map[string]url.Values{"POST": {}}[method]); res.StatusCode == http.StatusNotFound || res.StatusCode >= 500 {
			t.Errorf("%s as a moderator: %s", d.at, res.Status)
		}
	}
	if res := nobody.asks("/desk", nil); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/sign-in") {
		t.Errorf("the page, for nobody: %s", res.Status)
	}
	others["an admin"].shows("/desk", nil, http.StatusNotFound, "!hearth-desk")
	mo.shows("/desk", nil, http.StatusOK, "<hearth-desk")
}

// Moderators who claim one card at once: one has it, the others are told who.
func TestClaimsOverHTTP(t *testing.T) {
	m := meet(t)
	id := m.reported(m.ben)
	var all []*clerk
	for _, name := range []string{"Mo", "Jo", "Lu", "Vi", "Al", "Bo"} {
		all = append(all, m.moderator(name))
	}
	answers := make([]int, len(all))
	var group sync.WaitGroup
	for i, c := range all {
		group.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.url.String()+"/desk/cases/"+id+"/claim", strings.NewReader("{}"))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Origin", m.url.String())
			r.AddCookie(&http.Cookie{Name: personCookie, Value: c.cookies[personCookie]})
			res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = res.StatusCode
			_ = res.Body.Close()
		})
	}
	group.Wait()
	winner := slices.Index(answers, http.StatusOK)
	slices.Sort(answers)
	if want := []int{200, 409, 409, 409, 409, 409}; !slices.Equal(answers, want) {
		t.Fatalf("%v", answers)
	}
	for i, c := range all {
		v := c.deals(id, "", nil)
		if v.Claim == nil || v.Claim.ID != string(all[winner].ID) || v.Claim.Name != all[winner].Name || slices.Contains(v.Can, "decide") != (i == winner) {
			t.Errorf("%s sees %+v, and can %v", c.Name, v.Claim, v.Can)
		}
		if i != winner {
			c.hindered("/desk/cases/"+id+"/claim", none{}, http.StatusConflict, CaseTaken)
			c.hindered("/desk/cases/"+id+"/decide", warns(v), http.StatusConflict, ClaimFirst)
			c.hindered("/desk/cases/"+id+"/read", none{}, http.StatusConflict, ClaimFirst)
		}
	}
}

// Whoever's time with a case has run out does nothing with it any more, and
// nothing comes of what they send late.
func TestALostClaimDecidesNothing(t *testing.T) {
	var clock watch
	m := meet(t, clock.set)
	id, mo, jo := m.reported(m.ben), m.moderator("Mo"), m.moderator("Jo")
	mine := mo.deals(id, "/claim", none{})
	clock.passes(moderation.ClaimFor + time.Second)
	jo.deals(id, "/claim", none{})
	at := "/desk/cases/" + id
	for what, ask := range map[string]any{"/decide": warns(mine), "/read": none{}, "/release": none{}, "/hand-over": DeskTo{string(jo.ID)}} {
		mo.hindered(at+what, ask, http.StatusConflict, ClaimFirst)
	}
	v := jo.deals(id, "", nil)
	if len(v.Decisions) != 0 || v.Claim == nil || v.Claim.ID != string(jo.ID) {
		t.Errorf("it came to %+v", v)
	}
	old := warns(v)
	old.Rev--
	jo.hindered(at+"/decide", old, http.StatusConflict, CaseChanged)
	if v = jo.deals(id, "/decide", warns(v)); len(v.Decisions) != 1 || v.Decisions[0].By.Name != "Jo" {
		t.Errorf("%+v", v.Decisions)
	}
}

// A moderator who is reported finds no card, no count and no case.
func TestAReportedModeratorSeesNothing(t *testing.T) {
	m := meet(t)
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	before := mo.seesDesk()
	id := m.reported(m.ben, func(r *moderation.Report) {
		r.About, r.SubjectPerson, r.Away = moderation.AboutModerator, moderation.PersonID(mo.ID), []moderation.PersonID{moderation.PersonID(mo.ID)}
	})
	after := mo.seesDesk()
	if after.Open != 0 || after.Late != 0 || len(after.Cards) != 0 || len(before.Cards) != 0 {
		t.Errorf("Mo's desk shows %+v", after)
	}
	for _, d := range deskDoors() {
		method, path, one := strings.Cut(strings.Replace(d.at, "{id}", id, 1), " ")
		if !one || !strings.Contains(path, "/cases/") {
			continue
		}
		ask := map[string]any{"GET": nil, "POST": none{}}[method]
		for what, full := range map[string]any{"/hand-over": DeskTo{string(jo.ID)}, "/note": DeskNote{Text: "x"}, "/care": DeskCare{State: moderation.WithThem},
			"/decide": DeskDecide{Action: moderation.NoAction, Rule: moderation.RuleGround, Facts: "x"}, "/undo": DeskUndo{"x"}, "/judge": DeskJudge{Answer: "x"}} {
			if strings.HasSuffix(path, what) {
				ask = full
			}
		}
		mo.hindered(path, ask, http.StatusNotFound, NoCase)
	}
	if found := string(mo.atDesk("/desk/search", nil, http.StatusOK)); found != "{\"cases\":[]}\n" {
		t.Errorf("a search finds %s", found)
	}
	if v := jo.seesDesk(); v.Open != 1 || len(v.Cards) != 1 || v.Cards[0].ID != id {
		t.Errorf("Jo's desk shows %+v", v)
	}
	jo.deals(id, "/claim", none{})
	jo.hindered("/desk/cases/"+id+"/hand-over", DeskTo{string(mo.ID)}, http.StatusUnprocessableEntity, NoModerator)
}

// What needs a touch of the passkey lately says so, and does nothing.
func TestTheDeskAsksForAFreshSignIn(t *testing.T) {
	m := meet(t)
	id, mo := m.reported(m.ben), m.moderator("Mo")
	secret, err := m.store.SignIn(t.Context(), mo.ID, time.Now().Add(-circle.FreshSession-time.Minute))
	m.must(err)
	fresh := mo.cookies[personCookie]
	mo.cookies[personCookie] = secret
	v, at := mo.deals(id, "/claim", none{}), "/desk/cases/"+id
	ban := DeskDecide{Rev: v.Rev, Action: moderation.Ban, Scope: moderation.OfCircle, Days: 7, Rule: string(moderation.Harassment), Facts: "You threatened somebody.", More: true}
	for what, ask := range map[string]any{at + "/read": none{}, at + "/decide": ban, at + "/second": none{}, "/desk/keys": DeskKey{[]byte("key")}} {
		mo.hindered(what, ask, http.StatusForbidden, ProveIt)
	}
	v = mo.deals(id, "/decide", warns(v))
	ban.Rev = v.Rev
	mo.cookies[personCookie] = fresh
	if v = mo.deals(id, "/decide", ban); len(v.Decisions) != 2 || v.Decisions[1].Action != moderation.Ban {
		t.Errorf("%+v", v.Decisions)
	}
	mo.atDesk(at+"/read", none{}, http.StatusOK)
}

// What is sent is read strictly, and bounded; whoever asks too fast waits.
func TestTheDeskReadsStrictly(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Desk = Rate{40, time.Hour} })
	id, mo := m.reported(m.ben), m.moderator("Mo")
	v, at := mo.deals(id, "/claim", none{}), "/desk/cases/"+id+"/decide"
	good := string(encode(warns(v)))
	for _, bad := range []string{"{", "[]", "null", `"x"`, good + good, strings.Replace(good, `"rev"`, `"Rev"`, 1), strings.Replace(good, "{", `{"by":"me",`, 1),
		strings.Replace(good, "{", `{"rev":1,`, 1), strings.Replace(good, `"warn"`, "null", 1)} {
		mo.hindered(at, bad, http.StatusBadRequest, Malformed)
	}
	long := httptest.NewRequest(http.MethodPost, m.url.String()+at, strings.NewReader(strings.Repeat(" ", maxDesk)+good))
	long.AddCookie(&http.Cookie{Name: personCookie, Value: mo.cookies[personCookie]})
	w := httptest.NewRecorder()
	if m.server.Handler().ServeHTTP(w, long); w.Code != http.StatusBadRequest {
		t.Errorf("what is too long: %d", w.Code)
	}
	for code, change := range map[room.Code]func(*DeskDecide){
		BadAction:       func(d *DeskDecide) { d.Action = "dance" },
		RuleNeeded:      func(d *DeskDecide) { d.Rule = "because" },
		FactsNeeded:     func(d *DeskDecide) { d.Facts = strings.Repeat("x", moderation.MaxFacts+1) },
		room.BadMinutes: func(d *DeskDecide) { d.Action, d.Minutes = moderation.MuteAction, 61 },
		EndNeeded:       func(d *DeskDecide) { d.Action, d.Scope = moderation.Ban, moderation.OfHouse },
		SecondNeeded:    func(d *DeskDecide) { d.Action, d.Scope, d.Second = moderation.Ban, moderation.OfHouse, "x" },
		EnterFirst:      func(d *DeskDecide) { d.Action = moderation.QuietRoom },
	} {
		d := warns(v)
		change(&d)
		status := http.StatusUnprocessableEntity
		if code == EnterFirst {
			status = http.StatusConflict
		}
		mo.hindered(at, d, status, code)
	}
	mo.hindered("/desk/cases/nothing", nil, http.StatusNotFound, NoCase)
	if v = mo.deals(id, "", nil); len(v.Decisions) != 0 {
		t.Errorf("%+v", v.Decisions)
	}
	for range 40 {
		if res := mo.asks("/desk/cases/"+id, nil); res.StatusCode == http.StatusTooManyRequests {
			m.moderator("Jo").atDesk("/desk/cases/"+id, nil, http.StatusOK) // others don't
			return
		}
	}
	t.Error("nobody is slowed down")
}

// A case of a circle that was made a moment ago has its title.
func TestTheDeskKnowsNewCircles(t *testing.T) {
	m := meet(t)
	h := helm{m.server}
	_, err := h.names(t.Context())
	m.must(err)
	set := room.DefaultSettings()
	set.Title = "Just made"
	m.must(m.store.AddCircle(t.Context(), circle.Act{}, circle.Circle{ID: "new", Settings: set, Country: "GB"}))
	c := moderation.Case{Circle: "new"}
	names, err := h.names(t.Context(), c)
	m.must(err)
	if title := names.card(c, time.Now()).Title; title != "Just made" {
		t.Errorf("it is called %q", title)
	}
}

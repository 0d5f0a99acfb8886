package web

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// stated is what somebody is told next of a decision about them.
func (t *tab) stated() (room.Frame, *room.Statement) {
	t.h.t.Helper()
	f := t.hears("a statement", func(f room.Frame) bool { return f.You != nil && f.You.Stated != nil })
	return f, f.You.Stated
}

// quiet asserts that somebody has heard nothing of a decision.
func (t *tab) quiet(words ...string) {
	t.h.t.Helper()
	for _, f := range t.heard {
		for _, w := range append(words, "stated") {
			if strings.Contains(string(encode(f)), w) {
				t.h.t.Errorf("somebody else hears %q: %s", w, encode(f))
			}
		}
	}
}

// mutes is a decision.
func mutes(v CaseView) DeskDecide {
	return DeskDecide{Rev: v.Rev, Action: moderation.MuteAction, Minutes: 10, Rule: moderation.RuleGround, Facts: "You spoke over others, canary.", Public: "We have talked with them.", More: true}
}

// A mute reaches the room and whom it is about, with the reasons in the same
// frame, and nobody else is told them; undone, both are gone.
func TestADecisionReachesTheRoom(t *testing.T) {
	m := meet(t)
	id, mo, jo := m.reported(m.ben), m.moderator("Mo"), m.moderator("Jo")
	v := mo.deals(id, "/claim", none{})
	if v.Live == nil || v.Live.People != 2 || !v.Live.Facilitator || v.Live.Moderator || v.Live.Subject != "here" || v.Live.Phase != room.Circle {
		t.Fatalf("the room is shown as %+v", v.Live)
	}
	if !slices.Contains(v.Actions, moderation.MuteAction) || slices.Contains(v.Actions, "") || v.Ground[0] != "One at a time." {
		t.Errorf("%v, %v", v.Actions, v.Ground)
	}
	v = mo.deals(id, "/decide", mutes(v))
	d := v.Decisions[0]
	if d.Missed || d.Facts != "You spoke over others, canary." || d.By.Name != "Mo" || !d.Can || v.State != moderation.Acknowledged || v.Live == nil || v.Live.Muted == 0 {
		t.Errorf("%+v, %+v", d, v.Live)
	}
	f, said := m.ben.stated()
	if f.You.Muted == 0 || f.You.Why != room.MuteRules || said.ID != d.ID || said.Action != "mute" || said.Facts != d.Facts || said.Rule != moderation.RuleGround || said.Appeal == "" || said.Until == 0 {
		t.Errorf("Ben is told %s", encode(f.You))
	}
	m.goesOn()
	m.ana.quiet("canary", said.Appeal)

	v = jo.deals(id, "/undo", DeskUndo{d.ID}) // no claim is needed for that
	if v.Decisions[0].Undone == 0 || v.Decisions[0].Can || v.Decisions[0].Missed || v.Live.Muted != 0 {
		t.Errorf("undone: %+v, %+v", v.Decisions[0], v.Live)
	}
	m.ben.hears("the end of it", func(f room.Frame) bool { return f.You != nil && f.You.Stated == nil && f.You.Muted == 0 })
	jo.hindered("/desk/cases/"+id+"/undo", DeskUndo{d.ID}, http.StatusConflict, CaseDone)
	jo.hindered("/desk/cases/"+id+"/undo", DeskUndo{"another"}, http.StatusNotFound, NoCase)
	m.goesOn()
}

// Whoever is removed is told why in their last frame, and isn't in the room any
// more; what comes after the room is over is missed there, and holds.
func TestADecisionOutlastsTheRoom(t *testing.T) {
	m := meet(t)
	id, mo := m.reported(m.ben), m.moderator("Mo")
	v := mo.deals(id, "/claim", none{})
	d := warns(v)
	d.Action = moderation.RemoveAction
	v = mo.deals(id, "/decide", d)
	if f, said := m.ben.stated(); !f.You.Removed || said.Facts != d.Facts {
		t.Errorf("Ben is told %s", encode(f.You))
	}
	m.ben.closes(int(CloseRemoved))
	if v.Decisions[0].Missed || v.Live.Subject != "gone" || v.Live.People != 1 {
		t.Errorf("%+v, %+v", v.Decisions[0], v.Live)
	}
	c := warns(v)
	c.Action = moderation.CloseRoom
	v = mo.deals(id, "/decide", c)
	m.ana.closes(int(CloseOver))
	if v.Live != nil || slices.Contains(v.Actions, moderation.MuteAction) || !slices.Contains(v.Actions, moderation.Ban) {
		t.Errorf("when the room is over: %+v, %v", v.Live, v.Actions)
	}
	late := mutes(v)
	late.More = false
	v = mo.deals(id, "/decide", late)
	if last := v.Decisions[len(v.Decisions)-1]; !last.Missed || v.State != moderation.Closed || v.Closed == 0 || slices.Contains(v.Can, "decide") {
		t.Errorf("%+v: %s, can %v", last, v.State, v.Can)
	}
	if len(m.told()) > 0 {
		t.Errorf("a room that is over is a fault: %v", m.faults)
	}
}

// twice is a house with another circle, and Cat, who sits in both with one
// browser.
func twice(t *testing.T, m *meeting) (here, there *tab) {
	t.Helper()
	walk := circle.Circle{ID: "c2", Settings: m.set, Country: "GB"}
	m.must(m.store.AddCircle(t.Context(), circle.Act{At: time.Now()}, walk))
	b := m.browser()
	sit := func(of circle.ID) *tab {
		code, err := m.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: of, Role: room.Member, Uses: 1})
		m.must(err)
		one := m.dial()
		one.browser, one.handle = b, b.enters(code)
		one.hello(Hello{Name: "Cat"})
		return one
	}
	return sit(m.circle), sit("c2")
}

// A ban from a circle ends what they have there and nothing else; one from the
// house ends it wherever they sit, with the reasons; undone, they may come
// again.
func TestABanReachesAsFarAsItSays(t *testing.T) {
	m := meet(t)
	mo := m.moderator("Mo")
	here, there := twice(t, m)
	id := m.reported(here)
	ban := func(s moderation.Scope) CaseView {
		v := mo.deals(id, "/claim", none{})
		return mo.deals(id, "/decide", DeskDecide{Rev: v.Rev, Action: moderation.Ban, Scope: s, Days: 7, Rule: string(moderation.Outing), Facts: "You told who somebody is.", More: true})
	}
	v := ban(moderation.OfCircle)
	if _, said := here.stated(); said.Scope != "circle" || said.Until == 0 {
		t.Errorf("%+v", said)
	}
	here.closes(int(CloseRemoved))
	if d := v.Decisions[0]; d.Missed || d.Until-d.At != int64(7*24*time.Hour/time.Millisecond) {
		t.Errorf("%+v", d)
	}
	m.server.Recheck()
	there.does("listen", map[string]any{"on": true}) // it goes on there

	v = ban(moderation.OfHouse)
	if _, said := there.stated(); said.ID != v.Decisions[1].ID || said.Scope != "server" {
		t.Errorf("elsewhere they are told %+v", said)
	}
	there.closes(int(CloseRemoved))
	if res := there.browser.asks("/c/"+there.handle+"/ticket", url.Values{}); res.StatusCode == http.StatusOK {
		t.Error("they get a ticket")
	}
	for _, d := range v.Decisions {
		mo.deals(id, "/undo", DeskUndo{d.ID})
	}
	if res := there.browser.asks("/c/"+there.handle+"/ticket", url.Values{}); res.StatusCode != http.StatusOK {
		t.Errorf("after all is undone: %s", res.Status)
	}
	m.goesOn()
}

// Nobody judges what they decided; overturned by another, it is taken back
// also in the room.
func TestAnAppealIsJudgedByAnother(t *testing.T) {
	m := meet(t)
	id, mo, jo := m.reported(m.ben), m.moderator("Mo"), m.moderator("Jo")
	mo.deals(id, "/decide", mutes(mo.deals(id, "/claim", none{})))
	_, said := m.ben.stated()
	m.must(m.desk.Appeal(t.Context(), said.Appeal, "It was not like that.", m.server.Now()))
	cards := jo.seesDesk().Cards
	i := slices.IndexFunc(cards, func(c Card) bool { return c.Kind == moderation.Appeal })
	if i < 0 {
		t.Fatalf("no appeal among %+v", cards)
	}
	appeal := cards[i].ID
	v := mo.deals(appeal, "", nil)
	if len(v.Can) == 0 || slices.ContainsFunc(v.Can, func(c moderation.Capability) bool { return c == "claim" || c == "judge" }) {
		t.Errorf("the decider can %v", v.Can)
	}
	for _, what := range []string{"/claim", "/judge"} {
		var ask any = none{}
		if what == "/judge" {
			ask = DeskJudge{Overturn: true, Answer: "x"}
		}
		mo.hindered("/desk/cases/"+appeal+what, ask, http.StatusConflict, ClaimFirst)
	}
	v = jo.deals(appeal, "/claim", none{})
	if v.Appeal == nil || v.Appeal.Text != "It was not like that." || v.Appeal.Decision.ID != said.ID || v.Appeal.Decision.By.Name != "Mo" || !slices.Contains(v.Can, "judge") || slices.Contains(v.Can, "decide") {
		t.Errorf("%+v, can %v", v.Appeal, v.Can)
	}
	jo.hindered("/desk/cases/"+appeal+"/hand-over", DeskTo{string(mo.ID)}, http.StatusUnprocessableEntity, NoModerator)
	v = jo.deals(appeal, "/judge", DeskJudge{Overturn: true, Answer: "You are right."})
	if v.State != moderation.Closed || !v.Appeal.Overturned || v.Appeal.Answer != "You are right." {
		t.Errorf("%+v", v.Appeal)
	}
	m.ben.hears("the end of it", func(f room.Frame) bool { return f.You != nil && f.You.Stated == nil && f.You.Muted == 0 })
	jo.hindered("/desk/cases/"+appeal+"/judge", DeskJudge{Answer: "x"}, http.StatusConflict, CaseDone)
}

// A ban without an end takes a second moderator, whose word is good for that
// case, and not for one's own.
func TestABanWithoutAnEnd(t *testing.T) {
	var clock watch
	m := meet(t, clock.set)
	id, mo, jo := m.reported(m.ben), m.moderator("Mo"), m.moderator("Jo")
	other := m.reported(m.ana)
	v := mo.deals(id, "/claim", none{})
	code := func(c *clerk, of string) string {
		var s DeskSecond
		m.must(decode(c.atDesk("/desk/cases/"+of+"/second", none{}, http.StatusOK), &s))
		return s.Code
	}
	ban := DeskDecide{Rev: v.Rev, Action: moderation.Ban, Scope: moderation.OfHouse, Rule: string(moderation.ChildSafety), Facts: "For good.", More: true}
	at := "/desk/cases/" + id
	mo.hindered(at+"/second", none{}, http.StatusUnprocessableEntity, BadAction)
	old := code(jo, id)
	clock.passes(secondFor - time.Minute)
	v = mo.deals(id, "/claim", none{})
	ban.Rev = v.Rev
	good, mine := code(jo, id), m.keys.Sign("second", encode(agreed{id, moderation.PersonID(mo.ID), clock.now().Add(secondFor).UnixMilli()}))
	clock.passes(time.Minute + time.Second)
	for what, bad := range map[string]string{"of another case": code(jo, other), "one's own": mine, "an old one": old, "made up": good[:len(good)-2] + "AA",
		"for something else": m.keys.Sign("seat", encode(agreed{id, moderation.PersonID(jo.ID), clock.now().Add(time.Minute).UnixMilli()}))} {
		ban.Second = bad
		var no room.Refusal
		m.must(decode(mo.atDesk(at+"/decide", ban, http.StatusUnprocessableEntity), &no))
		if no.Code != SecondNeeded {
			t.Errorf("%s: %v", what, no)
		}
	}
	ban.Second = good
	if d := mo.deals(id, "/decide", ban).Decisions[0]; d.Second != "Jo" || d.Until != 0 || d.Scope != moderation.OfHouse {
		t.Errorf("%+v", d)
	}
}

// A quiet room is with the moderator, who sits in the room first.
func TestAQuietRoomIsWithTheModerator(t *testing.T) {
	m := meet(t)
	id, mo := m.reported(m.ben), m.moderator("Mo")
	d := warns(mo.deals(id, "/claim", none{}))
	d.Action = moderation.QuietRoom
	mo.hindered("/desk/cases/"+id+"/decide", d, http.StatusConflict, EnterFirst)
	res := mo.asks("/circles/"+string(m.circle)+"/keep", url.Values{})
	tab := m.dial()
	tab.browser, tab.handle = mo.browser, strings.TrimPrefix(res.Header.Get("Location"), "/c/")
	tab.hello(Hello{Name: "Mo"})
	v := mo.deals(id, "/decide", d)
	f := m.ben.hears("the quiet room", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 1 && f.You.Stated != nil })
	if a := f.You.Asides[0]; a.Kind != room.QuietRoom || a.By != tab.me() || v.Decisions[0].Missed || v.Live == nil || !v.Live.Moderator {
		t.Errorf("%+v, %+v, %+v", a, v.Decisions[0], v.Live)
	}
}

// Care goes its own way: nobody is acted on.
func TestCareOnTheDesk(t *testing.T) {
	m := meet(t)
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	id := m.reported(m.ben, func(r *moderation.Report) { r.Kind, r.Category = moderation.Care, "" })
	v := mo.deals(id, "/claim", none{})
	if slices.Contains(v.Can, "decide") || !slices.Contains(v.Can, "care") || len(v.Actions) > 0 {
		t.Errorf("can %v, %v", v.Can, v.Actions)
	}
	at := "/desk/cases/" + id
	jo.hindered(at+"/care", DeskCare{State: moderation.WithThem}, http.StatusConflict, ClaimFirst)
	for _, bad := range []DeskCare{{State: moderation.Closed}, {State: moderation.Closed, Outcome: "cured"}, {State: moderation.Raised}, {State: moderation.WithThem, Outcome: moderation.TheyAreOK}} {
		mo.hindered(at+"/care", bad, http.StatusBadRequest, Malformed)
	}
	mute := mutes(v)
	mo.hindered(at+"/decide", mute, http.StatusUnprocessableEntity, BadAction)
	if v = mo.deals(id, "/care", DeskCare{State: moderation.WithThem}); v.State != moderation.WithThem {
		t.Errorf("%+v", v.Card)
	}
	v = mo.deals(id, "/care", DeskCare{State: moderation.Closed, Outcome: moderation.ResourcesGiven})
	if v.State != moderation.Closed || v.Outcome != moderation.ResourcesGiven {
		t.Errorf("%+v", v.Card)
	}
	again := m.server.Now().Add(48 * time.Hour).UnixMilli()
	v = mo.deals(id, "/note", DeskNote{Text: "Ask how they are.", Again: again})
	if v.Again != again || len(v.Notes) != 1 || v.Notes[0].Text != "Ask how they are." || v.Notes[0].By.Name != "Mo" {
		t.Errorf("%+v, %+v", v.Card, v.Notes)
	}
	jo.hindered(at+"/note", DeskNote{Text: " "}, http.StatusUnprocessableEntity, NoteNeeded)
	if v = jo.deals(id, "/note", DeskNote{Text: "<script>alert(1)</script>"}); v.Notes[1].Text != "<script>alert(1)</script>" {
		t.Errorf("%+v", v.Notes)
	}
	m.ana.quiet()
	m.goesOn()
}

// Who is on call, whose keys there are, and a shift that is handed on.
func TestDutyKeysAndShift(t *testing.T) {
	m := meet(t)
	mo, jo := m.moderator("Mo"), m.moderator("Jo")
	view := func(c *clerk, path string, ask any) (v DeskView) {
		m.must(json.Unmarshal(c.atDesk(path, ask, http.StatusOK), &v))
		return v
	}
	v := view(mo, "/desk/duty", DeskDuty{2})
	if len(v.Duty) != 1 || v.Duty[0].Name != "Mo" || v.Duty[0].Until-v.Now != int64(2*time.Hour/time.Millisecond) {
		t.Errorf("%+v", v.Duty)
	}
	mo.hindered("/desk/duty", DeskDuty{13}, http.StatusBadRequest, Malformed)
	first, second := m.reported(m.ben), m.reported(m.ana)
	mo.deals(first, "/claim", none{})
	mo.deals(second, "/claim", none{})
	mo.hindered("/desk/shift", DeskTo{string(mo.ID)}, http.StatusUnprocessableEntity, NoModerator)
	for _, c := range view(mo, "/desk/shift", DeskTo{string(jo.ID)}).Cards {
		if c.Claim == nil || c.Claim.ID != string(jo.ID) {
			t.Errorf("%+v", c)
		}
	}
	if v = view(mo, "/desk/duty", DeskDuty{}); len(v.Duty) != 0 {
		t.Errorf("%+v", v.Duty)
	}
	mo.hindered("/desk/keys", DeskKey{[]byte("tea")}, http.StatusUnprocessableEntity, BadKey)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	m.must(err)
	raw := key.PublicKey().Bytes()
	if v = view(mo, "/desk/keys", DeskKey{raw}); len(v.Keys) != 1 || len(view(jo, "/desk/duty", DeskDuty{}).Keys) != 0 {
		t.Fatalf("%v", v.Keys)
	}
	if v = view(mo, "/desk/keys/end", DeskKeyEnd{v.Keys[0]}); len(v.Keys) != 0 {
		t.Errorf("%v", v.Keys)
	}
}

// A search finds by facts, newest first.
func TestDeskSearch(t *testing.T) {
	m := meet(t)
	mo := m.moderator("Mo")
	about := m.reported(m.ben)
	care := m.reported(m.ben, func(r *moderation.Report) { r.Kind, r.Category = moderation.Care, "" })
	mo.deals(about, "/decide", warns(mo.deals(about, "/claim", none{})))
	for query, want := range map[string][]string{
		"":                                  {care, about},
		"?kind=care":                        {care},
		"?category=harassment":              {about},
		"?action=warn":                      {about},
		"?action=ban":                       {},
		"?by=" + string(mo.ID):              {about},
		"?n=1":                              {about},
		"?before=2":                         {about},
		"?circle=" + string(m.circle):       {care, about},
		"?circle=none":                      {},
		"?to=1000":                          {},
		"?from=1000&n=x&before=x&kind=":     {care, about},
		"?kind=care'+OR+1=1--&category=%00": {},
	} {
		var v DeskCases
		m.must(json.Unmarshal(mo.atDesk("/desk/search"+query, nil, http.StatusOK), &v))
		got := []string{}
		for _, c := range v.Cases {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", query, got, want)
		}
	}
}

// hasty is a desk before whose decisions something happens, once.
type hasty struct {
	moderation.Store
	first func()
}

// Decide is moderation.Store's.
func (h *hasty) Decide(ctx context.Context, a moderation.Act, rev int, d moderation.Decision, more bool) (moderation.Decision, error) {
	if first := h.first; first != nil {
		h.first = nil
		first()
	}
	return h.Store.Decide(ctx, a, rev, d, more)
}

// Whoever takes another seat in the moment they are banned, after it was
// looked where they sit, loses that one too.
func TestABanMissesNoSeat(t *testing.T) {
	between := &hasty{}
	m := meet(t, func(c *Config) { between.Store, c.Desk = c.Desk, between })
	mo := m.moderator("Mo")
	here, _ := twice(t, m)
	id := m.reported(here)
	v := mo.deals(id, "/claim", none{})
	handle := ""
	between.first = func() { handle = here.browser.enters(m.invite(room.Member)) }
	mo.deals(id, "/decide", DeskDecide{Rev: v.Rev, Action: moderation.Ban, Scope: moderation.OfCircle, Days: 1, Rule: string(moderation.Outing), Facts: "You told who somebody is.", More: true})
	if handle == "" {
		t.Fatal("nothing came between")
	}
	if _, err := m.store.Seat(t.Context(), handle, here.browser.cookies[seatCookie+handle]); !errors.Is(err, circle.ErrBanned) {
		t.Errorf("their newest seat: %v", err)
	}
}

// Package modtest holds every moderation.Store to the promises of its
// comment: one suite for all implementations.
//
//	func TestDesk(t *testing.T) {
//		modtest.Run(t, func(t *testing.T) modtest.Subject { … })
//	}
package modtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// Subject is one empty database under test.
type Subject struct {
	Store   moderation.Store
	Circles circle.Store // of the same database
	Vault   *Vault       // of Store
	// Node opens another node on the same database and Vault.
	Node func() moderation.Store
	// Exec runs a statement on the database itself, beside every Store.
	Exec func(query string, args ...any) error
	// Count counts what a query finds.
	Count func(query string, args ...any) int
}

type promise struct {
	name string
	test func(*house)
}

// Run holds the stores that fresh makes to every promise, each on a new one.
func Run(t *testing.T, fresh func(*testing.T) Subject) {
	for _, group := range groups {
		for _, p := range group {
			t.Run(p.name, func(t *testing.T) { p.test(newHouse(t, fresh(t))) })
		}
	}
}

// groups are the promises, by what they are about.
var groups = [][]promise{
	reports, cases, claims, decisions, appeals,
	duties, modKeys, paging, banning, owing,
	retention, places,
}

var evening = time.Date(2026, 3, 1, 19, 0, 0, 0, time.UTC)

// The circles that each house has.
const tea, walk = circle.ID("0195-tea"), circle.ID("0195-walk")

// house is a store with two circles, three moderators and somebody who keeps
// a circle and is none.
type house struct {
	*testing.T
	Subject
	ctx         context.Context
	now         time.Time
	mo, nia, oz moderation.PersonID // moderators
	kim         moderation.PersonID // not
	keeper      string              // code of a facilitator's invite to tea
}

func newHouse(t *testing.T, s Subject) *house {
	h := &house{T: t, Subject: s, ctx: context.Background(), now: evening}
	for _, id := range []circle.ID{tea, walk} {
		set := room.DefaultSettings()
		set.Title = string(id)
		h.ok(s.Circles.AddCircle(h.ctx, circle.Act{}, circle.Circle{ID: id, Settings: set, Rules: []string{"one at a time"}, Country: "IE"}))
	}
	code, err := s.Circles.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: tea, Role: room.Facilitator})
	h.ok(err)
	h.keeper = code
	h.mo, h.nia, h.oz, h.kim = h.person("Mo", true), h.person("Nia", true), h.person("Oz", true), h.person("Kim", false)
	return h
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// want checks what was answered to something.
func (h *house) want(what string, err, want error) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("%s: %v; want %v", what, err, want)
	}
}

// by is somebody who acts now.
func (h *house) by(p moderation.PersonID) moderation.Act { return moderation.Act{By: p, At: h.now} }

// pass lets time go by.
func (h *house) pass(d time.Duration) { h.now = h.now.Add(d) }

// person makes somebody who has a part in running the house.
func (h *house) person(name string, moderator bool) moderation.PersonID {
	h.Helper()
	code, err := h.Circles.AddWelcome(h.ctx, circle.Act{At: h.now}, circle.Welcome{Moderator: moderator, Until: h.now.Add(circle.WelcomeLife)})
	h.ok(err)
	p, err := h.Circles.Register(h.ctx, code, circle.Person{ID: circle.PersonID("id of " + name), Name: name}, circle.Passkey{ID: []byte("key of " + name), Data: []byte("record")}, h.now)
	h.ok(err)
	return moderation.PersonID(p.ID)
}

// comes brings a device into the circle of a code and returns its seat.
func (h *house) comes(device, code string) circle.Seat {
	h.Helper()
	seat, _, err := h.Circles.Redeem(h.ctx, circle.Claim{Code: code, Device: device}, h.now)
	h.ok(err)
	return seat
}

// about is a report about a seat in a room of tea.
func (h *house) about(c moderation.Category, r room.ID, subject, reporter room.SeatID) moderation.Report {
	return moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: c, Circle: moderation.CircleID(tea), Room: r,
		Subject: subject, Reporter: reporter, Lang: "en", At: h.now}
}

// worry is a care report about a seat in a room of tea.
func (h *house) worry(r room.ID, subject, reporter room.SeatID) moderation.Report {
	out := h.about("", r, subject, reporter)
	out.Kind = moderation.Care
	if subject == reporter {
		out.About = moderation.AboutSelf
	}
	return out
}

// files files a report and must be taken.
func (h *house) files(r moderation.Report) moderation.Filed {
	h.Helper()
	f, err := h.Store.File(h.ctx, r)
	h.ok(err)
	if f.Case == "" || len(f.Code) != 22 {
		h.Fatalf("half a receipt: %+v", f)
	}
	return f
}

// claims has somebody take a case, who must get it.
func (h *house) claims(p moderation.PersonID, id string) moderation.Case {
	h.Helper()
	c, err := h.Store.Claim(h.ctx, h.by(p), id)
	h.ok(err)
	return c
}

// dossier is a case as somebody sees it, who must.
func (h *house) dossier(p moderation.PersonID, id string) moderation.Dossier {
	h.Helper()
	d, err := h.Store.Case(h.ctx, moderation.Viewer{Person: p}, id, h.now)
	h.ok(err)
	return d
}

// decision is one that may be made, about a case.
func decision(id string, a moderation.Action) moderation.Decision {
	return moderation.Decision{Case: id, Action: a, Rule: string(moderation.Harassment), Facts: "You called somebody names.", Public: "We spoke with them."}
}

// ban is a decision to keep somebody out of the circle for a week.
func (h *house) ban(id string, reach ...string) moderation.Decision {
	d := decision(id, moderation.Ban)
	d.Scope, d.Until, d.Reach = moderation.OfCircle, h.now.Add(7*24*time.Hour), reach
	return d
}

// decides has whoever claimed a case decide it as it is now.
func (h *house) decides(p moderation.PersonID, d moderation.Decision) moderation.Decision {
	h.Helper()
	out, err := h.Store.Decide(h.ctx, h.by(p), h.dossier(p, d.Case).Rev, d, false)
	h.ok(err)
	return out
}

package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"hearth/circle"
	"hearth/moderation"
)

// namesFor is how long a desk goes on with names of people and circles before
// it asks for them again.
const namesFor = 2 * time.Second

// names are those of everybody in the house and of all circles, as they were
// a moment ago. They are not changed once they are made.
type names struct {
	at      time.Time
	people  []circle.Person
	circles map[circle.ID]circle.Circle
}

// namesKept keeps names for all desks of a node.
type namesKept struct {
	mu  sync.Mutex // guards all
	all *names
}

// names returns them, of namesFor ago at most, and newer than every circle that
// these cases are of.
func (h helm) names(ctx context.Context, of ...moderation.Case) (*names, error) {
	k := &h.watching.names
	k.mu.Lock()
	defer k.mu.Unlock()
	now := h.Now()
	if k.all != nil && now.Sub(k.all.at).Abs() < namesFor && k.all.know(of) {
		return k.all, nil
	}
	people, err := h.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.Store.Circles(ctx)
	if err != nil {
		return nil, err
	}
	n := &names{at: now, people: people, circles: make(map[circle.ID]circle.Circle, len(list))}
	for _, c := range list {
		n.circles[c.ID] = c
	}
	k.all = n
	return n, nil
}

// know says whether every circle that cases are of is among them.
func (n *names) know(cases []moderation.Case) bool {
	return !slices.ContainsFunc(cases, func(c moderation.Case) bool {
		_, known := n.circles[circle.ID(c.Circle)]
		return c.Circle != "" && !known
	})
}

// name is what somebody is called; empty if they have no part in the house any
// more.
func (n *names) name(id moderation.PersonID) NameView {
	i := slices.IndexFunc(n.people, func(p circle.Person) bool { return p.ID == circle.PersonID(id) })
	if i < 0 {
		return NameView{ID: string(id)}
	}
	return NameView{ID: string(id), Name: n.people[i].Name}
}

// moderators are all there are.
func (n *names) moderators() []NameView {
	list := []NameView{}
	for _, p := range n.people {
		if p.Moderator {
			list = append(list, NameView{string(p.ID), p.Name})
		}
	}
	return list
}

// card shows a case in the queue.
func (n *names) card(c moderation.Case, now time.Time) Card {
	v := Card{
		ID: c.ID, N: c.N, Rev: c.Rev, Kind: c.Kind, About: c.About, Category: c.Category, Priority: c.Priority,
		Circle: string(c.Circle), Title: n.circles[circle.ID(c.Circle)].Settings.Title,
		State: c.State, Outcome: c.Outcome, Reports: c.Reports, Quotes: c.Quotes,
		Raised: millis(c.Raised), Due: millis(c.Due), Again: millis(c.Again), Closed: millis(c.Closed),
	}
	if c.Claim.By != "" && now.Before(c.Claim.Until) {
		v.Claim = &ClaimView{n.name(c.Claim.By), millis(c.Claim.Since), millis(c.Claim.Until)}
	}
	return v
}

// millis is a time on the wire; 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// deskView is what a moderator's desk shows at a revision of it, and the cases
// on it.
func (h helm) deskView(ctx context.Context, m *mate, rev int64) (*DeskView, []moderation.Case, error) {
	q, err := h.Desk.Queue(ctx, m.viewer(), m.now, mostCards)
	if err != nil {
		return nil, nil, err
	}
	names, err := h.names(ctx, q.Cases...)
	if err != nil {
		return nil, nil, err
	}
	v := &DeskView{T: "desk", Rev: rev, Now: millis(m.now), You: string(m.ID), Cards: []Card{}, Open: q.Open, Late: q.Late,
		Duty: []DutyView{}, People: names.moderators(), Keys: []string{}}
	for _, c := range q.Cases {
		card := names.card(c, m.now)
		card.Live = h.watching.lives.of(c)
		v.Cards = append(v.Cards, card)
	}
	return v, q.Cases, h.fill(ctx, m, v)
}

// fill fills in what a desk shows beside the queue.
func (h helm) fill(ctx context.Context, m *mate, v *DeskView) error {
	on, err := h.Desk.OnDuty(ctx, m.now)
	if err != nil {
		return err
	}
	for _, d := range on {
		v.Duty = append(v.Duty, DutyView{NameView{string(d.Person), d.Name}, millis(d.Since), millis(d.Until)})
	}
	keys, err := h.Desk.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Person == m.person() {
			v.Keys = append(v.Keys, k.ID)
		}
	}
	v.Unheard, err = h.Desk.Unheard(ctx, m.viewer())
	return err
}

// caseView is an open case, for one moderator.
func (h helm) caseView(ctx context.Context, m *mate, id string) (*CaseView, error) {
	d, err := h.Desk.Case(ctx, m.viewer(), id, m.now)
	if err != nil {
		return nil, err
	}
	names, err := h.names(ctx, d.Case)
	if err != nil {
		return nil, err
	}
	v := &CaseView{Card: names.card(d.Case, m.now), Filings: []FilingView{}, Decisions: []DecisionView{}, Notes: []NoteView{}, Erased: d.Erased}
	h.watching.lives.look(ctx, h.Hub, []moderation.Case{d.Case}, h.Now)
	v.Live = h.watching.lives.of(d.Case)
	of := names.circles[circle.ID(d.Circle)]
	v.Ground, v.Series = of.Rules, of.Series
	v.Can = can(d, m)
	if slices.Contains(v.Can, "decide") {
		v.Actions = actions(d.Case, v.Live)
	}
	keys, err := h.Desk.Keys(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range d.Filings {
		v.Filings = append(v.Filings, FilingView{f.ID, f.About, f.Category, f.Quotes, f.Lang, millis(f.At), orNone(f.Keys), names.openers(f, keys)})
	}
	for _, one := range d.Decisions {
		v.Decisions = append(v.Decisions, names.decision(d.Case, one, m))
	}
	for _, n := range d.Notes {
		v.Notes = append(v.Notes, NoteView{names.name(n.By), millis(n.At), n.Text})
	}
	v.Appeal, err = h.appealView(ctx, m, d, names)
	return v, err
}

// openers are the moderators who have a key that opens a report.
func (n *names) openers(f moderation.Filing, keys []moderation.PublicKey) (list []NameView) {
	for _, k := range keys {
		one := n.name(k.Person)
		if k.Person != "" && slices.Contains(f.Keys, k.ID) && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// decision shows one of a case.
func (n *names) decision(c moderation.Case, d moderation.Decision, m *mate) DecisionView {
	v := DecisionView{ID: d.ID, By: n.name(d.By), At: millis(d.At), Action: d.Action, Scope: d.Scope, Until: millis(d.Until),
		Rule: d.Rule, Facts: d.Facts, Public: d.Public, Undone: millis(d.Undone), Yours: m.person() == d.By || m.person() == d.Second}
	if d.Second != "" {
		v.Second = n.name(d.Second).Name
	}
	v.Can = d.Case == c.ID && undoable(d) && mayOn("undo", c, m.person(), m.now)
	return v
}

func undoable(d moderation.Decision) bool { return d.Undone.IsZero() && d.Action.Undoable() }

// appealView shows what an appeal says, and what it is against. That stands
// in the case it was decided in; whoever is kept away from that sees the
// statement alone.
func (h helm) appealView(ctx context.Context, m *mate, d moderation.Dossier, names *names) (*AppealView, error) {
	if d.Appeal == nil {
		return nil, nil
	}
	v := &AppealView{Text: d.Appeal.Text, At: millis(d.Appeal.At), Decided: millis(d.Appeal.Decided), Overturned: d.Appeal.Overturned, Answer: d.Appeal.Answer}
	v.Decision.ID = d.Appeal.Decision
	i := slices.IndexFunc(d.Decisions, func(one moderation.Decision) bool { return one.ID == d.Appeal.Decision })
	if i >= 0 {
		v.Decision = names.decision(d.Case, d.Decisions[i], m)
	}
	return v, nil
}

// can lists what somebody may do with a case now, and would not be refused for
// how far it has come.
func can(d moderation.Dossier, m *mate) []moderation.Capability {
	list := []moderation.Capability{}
	for _, c := range moderation.Capabilities() {
		if mayOn(c, d.Case, m.person(), m.now) && fits(c, d, m) {
			list = append(list, c)
		}
	}
	return list
}

// fits says whether a capability goes with what a case is, and how far it has
// come.
func fits(do moderation.Capability, d moderation.Dossier, m *mate) bool {
	open, mine := d.State != moderation.Closed, holdsCase(d.Case, m.person(), m.now)
	decided := d.Kind == moderation.Conduct || d.Kind == moderation.Notice
	switch do {
	case "claim":
		return d.Claim.By == "" || !m.now.Before(d.Claim.Until) // also a closed one: to read it again, or for what follows
	case "read":
		return slices.ContainsFunc(d.Filings, func(f moderation.Filing) bool { return len(f.Keys) > 0 })
	case "care":
		return open && d.Kind == moderation.Care
	case "decide":
		return open && decided
	case "judge":
		return open && d.Kind == moderation.Appeal
	case "second":
		return open && decided && !mine && d.Subject != ""
	case "undo":
		return slices.ContainsFunc(d.Decisions, func(one moderation.Decision) bool { return one.Case == d.ID && undoable(one) })
	}
	return true
}

// inRoom are the actions that nothing comes of once a room is over.
var inRoom = []moderation.Action{moderation.TakeStick, moderation.MuteAction, moderation.QuietRoom, moderation.RemoveAction, moderation.CloseRoom, moderation.Restrict}

// actions lists what can be decided in a case now.
func actions(c moderation.Case, live *LiveView) []moderation.Action {
	list := []moderation.Action{}
	for _, a := range moderation.Actions {
		switch {
		case a.Concerns() && c.Subject == "", live == nil && slices.Contains(inRoom, a):
			continue
		case a == moderation.QuietRoom && live.Subject != "here":
			continue
		}
		list = append(list, a)
	}
	return list
}

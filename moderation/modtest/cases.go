package modtest

import (
	"slices"
	"time"

	"hearth/moderation"
)

// numbers are those of some cases.
func numbers(list []moderation.Case) (out []int64) {
	for _, c := range list {
		out = append(out, c.N)
	}
	return out
}

// finds searches and must find these cases, by their numbers.
func (h *house) finds(s moderation.Search, want ...int64) {
	h.Helper()
	list, err := h.Store.Search(h.ctx, moderation.Viewer{Person: h.mo}, s)
	if h.ok(err); !slices.Equal(numbers(list), want) {
		h.Errorf("%+v finds %v, want %v", s, numbers(list), want)
	}
}

var cases = []promise{
	{"the gravest comes first, then the oldest, and so many as were asked for", func(h *house) {
		for n, c := range []moderation.Category{moderation.Other, moderation.Sexual, moderation.Harassment, moderation.ThreatToOthers, moderation.Methods} {
			h.pass(time.Second)
			h.files(h.about(c, "room", seat(n), "bo"))
		}
		h.now = evening.Add(-time.Hour) // the clock went back: what comes now is no older
		h.files(h.about(moderation.Sexual, "room", "late", "bo"))
		h.now = evening.Add(time.Hour)
		h.files(h.worry("room", "ada", "bo"))
		if q := h.queue(h.mo); !slices.Equal(numbers(q.Cases), []int64{4, 7, 2, 5, 6, 3, 1}) || q.Open != 7 || q.Late != 5 {
			h.Errorf("%v, %d open, %d late", numbers(q.Cases), q.Open, q.Late)
		}
		q, err := h.Store.Queue(h.ctx, moderation.Viewer{Person: h.mo}, h.now, 2)
		if h.ok(err); !slices.Equal(numbers(q.Cases), []int64{4, 7}) || q.Open != 7 {
			h.Errorf("%v, %d open", numbers(q.Cases), q.Open)
		}
	}},
	{"what somebody has is not late", func(h *house) {
		id := h.files(h.about(moderation.ThreatToOthers, "room", "ada", "bo")).Case
		h.pass(time.Minute)
		if q := h.queue(h.mo); q.Late != 0 {
			h.Error("late before its time")
		}
		h.pass(time.Second)
		if q := h.queue(h.mo); q.Late != 1 {
			h.Error("not late")
		}
		h.claims(h.mo, id)
		if q := h.queue(h.mo); q.Late != 0 || q.Open != 1 || q.Cases[0].Claim.By != h.mo {
			h.Errorf("%+v", q)
		}
		h.pass(moderation.ClaimFor)
		if q := h.queue(h.mo); q.Late != 1 || q.Cases[0].Claim != (moderation.Claim{}) {
			h.Errorf("%+v", q)
		}
	}},
	{"whoever is kept away finds nothing: no case, no count, no claim", func(h *house) {
		r := h.about(moderation.FacilitatorUnsafe, "room", "ada", "bo")
		r.About, r.SubjectPerson, r.Away = moderation.AboutFacilitator, h.mo, []moderation.PersonID{h.nia}
		r.Body = sealed()
		id := h.files(r).Case
		h.claims(h.oz, id)
		d := h.decides(h.oz, decision(id, moderation.Warn))
		h.ok(h.Store.Appeal(h.ctx, d.Appeal, "No.", h.now))
		other := h.files(h.about(moderation.Outing, "room", "cy", "bo")).Case
		for _, p := range []moderation.PersonID{h.mo, h.nia} {
			if q := h.queue(p); q.Open != 1 || q.Late != 0 || len(q.Cases) != 1 || q.Cases[0].ID != other {
				h.Errorf("%s sees %+v", p, q)
			}
			found, err := h.Store.Search(h.ctx, moderation.Viewer{Person: p}, moderation.Search{})
			if h.ok(err); len(found) != 1 {
				h.Errorf("%s finds %v", p, numbers(found))
			}
			for _, of := range []string{id, h.queue(h.oz).Cases[1].ID} {
				h.keptAway(p, of)
			}
			_, err = h.Store.Undo(h.ctx, h.by(p), d.ID)
			h.want("undo", err, moderation.ErrNoCase)
		}
		if q := h.queue(h.oz); q.Open != 2 {
			h.Errorf("%+v", q)
		}
		h.claims(h.oz, other)
		h.want("handing over to who is not kept away", h.Store.HandOver(h.ctx, h.by(h.oz), other, h.mo), nil)
	}},
	{"who is kept away by a later report loses the claim", func(h *house) {
		id := h.files(h.about(moderation.Outing, "room", "ada", "bo")).Case
		h.claims(h.mo, id)
		r := h.about(moderation.Outing, "room", "ada", "cy")
		r.Away = []moderation.PersonID{h.mo}
		h.files(r)
		h.keptAway(h.mo, id)
		h.claims(h.nia, id)
	}},
	{"nobody but moderators sees or does anything", func(h *house) {
		id := h.files(h.about(moderation.Outing, "room", "ada", "bo")).Case
		for _, p := range []moderation.PersonID{h.kim, "nobody"} {
			if q := h.queue(p); q.Open != 0 || len(q.Cases) != 0 {
				h.Errorf("%q sees %+v", p, q)
			}
			_, err := h.Store.Case(h.ctx, moderation.Viewer{Person: p}, id, h.now)
			h.want("case", err, moderation.ErrNoCase)
			h.mayNot(p, id)
		}
		// One who is no moderator any more, in the middle of it.
		h.claims(h.mo, id)
		h.ok(h.Exec(`UPDATE people SET moderator = 0 WHERE id = $1`, string(h.mo)))
		h.mayNot(h.mo, id)
		h.claims(h.nia, h.files(h.about(moderation.Outing, "room", "cy", "bo")).Case)
		h.want("handing over to them", h.Store.HandOver(h.ctx, h.by(h.nia), h.queue(h.nia).Cases[1].ID, h.mo), moderation.ErrNotYours)
		_, err := h.Store.Shift(h.ctx, h.by(h.nia), h.mo)
		h.want("a shift", err, moderation.ErrNotYours)
	}},
	{"past cases are found by facts", func(h *house) {
		a := h.files(h.about(moderation.Selling, "room", "ada", "bo")).Case
		h.pass(time.Hour)
		h.files(h.worry("room", "ada", "bo"))
		h.pass(time.Hour)
		r := h.about(moderation.Outing, "another", "ada", "bo")
		r.Circle = moderation.CircleID(walk)
		h.files(r)
		h.claims(h.nia, a)
		h.decides(h.nia, decision(a, moderation.Warn))
		h.finds(moderation.Search{}, 3, 2, 1)
		h.finds(moderation.Search{N: 2}, 2)
		h.finds(moderation.Search{N: 9})
		h.finds(moderation.Search{Kind: moderation.Conduct}, 3, 1)
		h.finds(moderation.Search{Category: moderation.Outing}, 3)
		h.finds(moderation.Search{Circle: moderation.CircleID(tea)}, 2, 1)
		h.finds(moderation.Search{Action: moderation.Warn}, 1)
		h.finds(moderation.Search{Action: moderation.Ban})
		h.finds(moderation.Search{By: h.nia}, 1)
		h.finds(moderation.Search{By: h.mo})
		h.finds(moderation.Search{From: evening.Add(time.Hour)}, 3, 2)
		h.finds(moderation.Search{To: evening.Add(time.Hour)}, 1)
		h.finds(moderation.Search{Most: 2}, 3, 2)
		h.finds(moderation.Search{Most: 2, Before: 2}, 1)
		h.finds(moderation.Search{Circle: "' OR 1=1 --\x00"})
	}},
	{"a case has all that belongs to it, oldest first, and no appeal code", func(h *house) {
		id := h.files(h.about(moderation.Selling, "room", "ada", "bo")).Case
		h.claims(h.mo, id)
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "First.", time.Time{}))
		h.now = evening.Add(-time.Minute) // the clock goes back
		h.claims(h.mo, id)
		h.ok(h.Store.Note(h.ctx, h.by(h.nia), id, "Second <b>é\x00.", time.Time{}))
		one, err := h.Store.Decide(h.ctx, h.by(h.mo), h.dossier(h.mo, id).Rev, decision(id, moderation.Warn), true)
		h.ok(err)
		two := h.decides(h.mo, decision(id, moderation.TakeStick))
		d := h.dossier(h.nia, id)
		if len(d.Notes) != 2 || d.Notes[0].Text != "First." || d.Notes[0].By != h.mo || d.Notes[1].Text != "Second <b>é\uFFFD." || d.Notes[1].Case != id || !d.Notes[1].At.Equal(h.now) {
			h.Errorf("%+v", d.Notes)
		}
		if len(d.Decisions) != 2 || d.Decisions[0].ID != one.ID || d.Decisions[1].ID != two.ID || d.Decisions[0].Facts != one.Facts || d.Decisions[0].Public != one.Public {
			h.Errorf("%+v", d.Decisions)
		}
		if one.Appeal == "" || d.Decisions[0].Appeal != "" || d.Decisions[1].Appeal != "" || d.Erased || d.Appeal != nil {
			h.Errorf("%+v", d)
		}
		if n := h.Count(`SELECT COUNT(*) FROM notes WHERE texts LIKE '%First%'`) + h.Count(`SELECT COUNT(*) FROM decisions WHERE texts LIKE '%names%'`); n != 0 {
			h.Errorf("%d texts lie there as they came", n)
		}
		h.ok(h.Vault.Destroy(h.ctx, h.Vault.Names()...))
		if d := h.dossier(h.nia, id); !d.Erased || d.Notes[0].Text+d.Decisions[0].Facts+d.Decisions[0].Public != "" || d.Decisions[0].Rule == "" {
			h.Errorf("without its key: %+v", d)
		}
		h.Vault.Away = true
		if _, err := h.Store.Case(h.ctx, moderation.Viewer{Person: h.mo}, id, h.now); err == nil {
			h.Error("the vault can't be reached, and it reads as erased")
		}
	}},
	{"a desk sees that something changed, and that nothing did", func(h *house) {
		was, err := h.Store.Desk(h.ctx)
		h.ok(err)
		id := ""
		step := func(what string, do func()) {
			h.Helper()
			do()
			now, err := h.Node().Desk(h.ctx)
			if h.ok(err); now <= was {
				h.Errorf("%s: %d, after %d", what, now, was)
			}
			was = now
		}
		step("report", func() { id = h.files(h.worry("room", "ada", "bo")).Case })
		step("claim", func() { h.claims(h.mo, id) })
		step("note", func() { h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "So.", time.Time{})) })
		step("care", func() { h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.WithThem, "")) })
		step("hand over", func() { h.ok(h.Store.HandOver(h.ctx, h.by(h.mo), id, h.nia)) })
		step("release", func() { h.ok(h.Store.Release(h.ctx, h.by(h.nia), id)) })
		h.mayNot(h.kim, id)
		h.queue(h.mo)
		if now, err := h.Store.Desk(h.ctx); err != nil || now != was {
			h.Errorf("%d after %d, %v", now, was, err)
		}
	}},
	{"a reviewed case comes back when it was said to", func(h *house) {
		id := h.files(h.worry("room", "ada", "bo")).Case
		h.claims(h.mo, id)
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.Closed, moderation.ResourcesGiven))
		later := h.now.Add(24 * time.Hour)
		h.want("by who has it not", h.Store.Note(h.ctx, h.by(h.nia), id, "Ask tomorrow.", later), moderation.ErrNotYours)
		h.want("in the past", h.Store.Note(h.ctx, h.by(h.mo), id, "Ask yesterday.", h.now), moderation.ErrEnd)
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "Ask tomorrow.", later))
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "And be kind.", time.Time{})) // before its time: it stays
		if q := h.queue(h.mo); q.Open != 0 {
			h.Errorf("%+v", q)
		}
		h.now = later
		if q := h.queue(h.nia); q.Open != 1 || !q.Cases[0].Again.Equal(later) || q.Late != 0 {
			h.Errorf("%+v", q)
		}
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "I only look.", time.Time{}))
		if q := h.queue(h.nia); q.Open != 1 {
			h.Error("gone, by a note of who has it not")
		}
		h.claims(h.nia, id)
		h.ok(h.Store.Note(h.ctx, h.by(h.nia), id, "They are well.", time.Time{}))
		if q := h.queue(h.nia); q.Open != 0 {
			h.Errorf("%+v", q)
		}
	}},
}

// keptAway: to somebody a case is not there at all.
func (h *house) keptAway(p moderation.PersonID, id string) {
	h.Helper()
	_, err := h.Store.Case(h.ctx, moderation.Viewer{Person: p}, id, h.now)
	h.want("case", err, moderation.ErrNoCase)
	for what, err := range h.tries(p, id) {
		h.want(what, err, moderation.ErrNoCase)
	}
}

// mayNot: somebody may do nothing about a case.
func (h *house) mayNot(p moderation.PersonID, id string) {
	h.Helper()
	for what, err := range h.tries(p, id) {
		h.want(what, err, moderation.ErrNotYours)
	}
}

// tries has somebody try everything about a case.
func (h *house) tries(p moderation.PersonID, id string) map[string]error {
	_, claim := h.Store.Claim(h.ctx, h.by(p), id)
	_, bodies := h.Store.Bodies(h.ctx, h.by(p), id)
	_, decide := h.Store.Decide(h.ctx, h.by(p), 1, decision(id, moderation.NoAction), false)
	return map[string]error{
		"claim": claim, "bodies": bodies, "decide": decide,
		"release":   h.Store.Release(h.ctx, h.by(p), id),
		"hand over": h.Store.HandOver(h.ctx, h.by(p), id, h.oz),
		"note":      h.Store.Note(h.ctx, h.by(p), id, "So.", time.Time{}),
		"care":      h.Store.Care(h.ctx, h.by(p), id, moderation.WithThem, ""),
	}
}

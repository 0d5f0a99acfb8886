package modtest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/moderation"
)

// conduct is a new case about somebody.
func (h *house) conduct(subject string) string {
	h.Helper()
	return h.files(h.about(moderation.Harassment, "room", seatOf(subject), "bo")).Case
}

// taken: somebody can't have a case, for somebody else has it.
func (h *house) taken(p moderation.PersonID, id string, by moderation.PersonID) {
	h.Helper()
	_, err := h.Store.Claim(h.ctx, h.by(p), id)
	var claimed *moderation.ClaimedError
	if !errors.As(err, &claimed) || claimed.By != by || !claimed.Until.After(h.now) {
		h.Errorf("%s claims it: %v; want that %s has it", p, err, by)
	}
}

var claims = []promise{
	{"the first claim acknowledges, and is on record", func(h *house) {
		id := h.conduct("ada")
		h.pass(time.Second)
		c := h.claims(h.mo, id)
		if c.State != moderation.Acknowledged || !c.Acked.Equal(h.now) || c.Rev != 2 ||
			c.Claim.By != h.mo || !c.Claim.Since.Equal(h.now) || !c.Claim.Until.Equal(h.now.Add(moderation.ClaimFor)) {
			h.Errorf("%+v", c)
		}
		h.ok(h.Store.Release(h.ctx, h.by(h.mo), id))
		h.pass(time.Second)
		if again := h.claims(h.nia, id); again.Claim.By != h.nia || !again.Acked.Equal(c.Acked) {
			h.Errorf("%+v", again)
		}
		if h.did("case-claimed") != 2 || h.did("case-released") != 1 {
			h.Error("it is not on record")
		}
		for _, id := range []string{"", "none", "\x00"} {
			_, err := h.Store.Claim(h.ctx, h.by(h.mo), id)
			h.want("claim of "+id, err, moderation.ErrNoCase)
		}
	}},
	{"of fifty who claim one card at once one has it", func(h *house) {
		id := h.conduct("ada")
		var people []moderation.PersonID
		for n := range 50 {
			people = append(people, h.person(fmt.Sprint("M", n), true))
		}
		nodes := []moderation.Store{h.Store, h.Node()}
		errs := make([]error, len(people))
		var wg sync.WaitGroup
		for n, p := range people {
			wg.Go(func() { _, errs[n] = nodes[n%2].Claim(h.ctx, h.by(p), id) })
		}
		wg.Wait()
		var who moderation.PersonID
		for n, err := range errs {
			if err == nil && who != "" {
				h.Errorf("%s and %s both have it", who, people[n])
			}
			if err == nil {
				who = people[n]
			}
		}
		for n, err := range errs {
			if claimed := (*moderation.ClaimedError)(nil); people[n] != who && (!errors.As(err, &claimed) || claimed.By != who) {
				h.Errorf("%s: %v", people[n], err)
			}
		}
		if c := h.dossier(h.mo, id); who == "" || c.Claim.By != who || h.Count(`SELECT COUNT(*) FROM claims`) != 1 || h.did("case-claimed") != 1 {
			h.Errorf("%q, %+v", who, c.Claim)
		}
		// Not even past every Store is there a second one.
		if h.Exec(`INSERT INTO claims (case_id, person, since, until_at) VALUES ($1, 'else', 0, 0)`, id) == nil {
			h.Error("the database takes a second claim")
		}
	}},
	{"a lease runs out, and lasts for as long as somebody is at work", func(h *house) {
		id := h.conduct("ada")
		h.claims(h.mo, id)
		for what, do := range map[string]func() error{
			"claim": func() error { _, err := h.Store.Claim(h.ctx, h.by(h.mo), id); return err },
			"read":  func() error { _, err := h.Store.Bodies(h.ctx, h.by(h.mo), id); return err },
			"note":  func() error { return h.Store.Note(h.ctx, h.by(h.mo), id, "So.", time.Time{}) },
			"decide": func() error {
				_, err := h.Store.Decide(h.ctx, h.by(h.mo), h.dossier(h.mo, id).Rev, decision(id, moderation.TakeStick), true)
				return err
			},
		} {
			since := h.dossier(h.mo, id).Claim.Since
			h.pass(moderation.ClaimFor - time.Second)
			h.ok(do())
			if c := h.dossier(h.mo, id).Claim; !c.Until.Equal(h.now.Add(moderation.ClaimFor)) || !c.Since.Equal(since) {
				h.Errorf("%s: %+v", what, c)
			}
			h.taken(h.nia, id, h.mo)
		}
		h.pass(moderation.ClaimFor)
		for what, err := range map[string]error{
			"release":   h.Store.Release(h.ctx, h.by(h.mo), id),
			"hand over": h.Store.HandOver(h.ctx, h.by(h.mo), id, h.nia),
		} {
			h.want(what, err, moderation.ErrNotYours)
		}
		_, err := h.Store.Decide(h.ctx, h.by(h.mo), h.dossier(h.mo, id).Rev, decision(id, moderation.Warn), false)
		h.want("deciding after it ran out", err, moderation.ErrNotYours)
		h.claims(h.nia, id)
		h.taken(h.mo, id, h.nia)
		_, err = h.Store.Decide(h.ctx, h.by(h.mo), h.dossier(h.mo, id).Rev, decision(id, moderation.Warn), false)
		h.want("deciding what somebody else has", err, moderation.ErrNotYours)
	}},
	{"renewing a claim changes nothing that a decision was looked at with", func(h *house) {
		id := h.conduct("ada")
		rev := h.claims(h.mo, id).Rev
		h.pass(time.Minute)
		h.claims(h.mo, id)
		_, err := h.Store.Bodies(h.ctx, h.by(h.mo), id)
		h.ok(err)
		if c := h.dossier(h.mo, id); c.Rev != rev || h.did("case-claimed") != 1 {
			h.Errorf("%d, then %d", rev, c.Rev)
		}
	}},
	{"a clock that goes back lengthens no lease", func(h *house) {
		id := h.conduct("ada")
		h.claims(h.mo, id)
		h.now = evening.Add(-30 * time.Second) // as much as nodes may differ
		h.taken(h.nia, id, h.mo)
		h.now = evening.Add(-time.Hour)
		if c := h.dossier(h.mo, id); c.Claim != (moderation.Claim{}) {
			h.Errorf("%+v", c.Claim)
		}
		h.claims(h.nia, id)
		h.pass(moderation.ClaimFor - time.Second)
		h.taken(h.mo, id, h.nia)
		h.pass(time.Second)
		h.claims(h.mo, id)
	}},
	{"a case is handed over, and so is a shift", func(h *house) {
		one, two, three, four := h.conduct("a"), h.conduct("b"), h.conduct("c"), h.conduct("d")
		for _, id := range []string{one, two, three} {
			h.claims(h.mo, id)
		}
		h.claims(h.oz, four)
		h.want("to who is no moderator", h.Store.HandOver(h.ctx, h.by(h.mo), one, h.kim), moderation.ErrNotYours)
		h.want("of another's", h.Store.HandOver(h.ctx, h.by(h.mo), four, h.nia), moderation.ErrNotYours)
		h.ok(h.Store.HandOver(h.ctx, h.by(h.mo), one, h.nia))
		h.taken(h.mo, one, h.nia)
		r := h.about(moderation.Harassment, "room", "c", "cy") // Nia must not see it
		r.Away = []moderation.PersonID{h.nia}
		h.files(r)
		h.want("to who is kept away", h.Store.HandOver(h.ctx, h.by(h.mo), three, h.nia), moderation.ErrNotYours)
		h.pass(time.Minute)
		n, err := h.Store.Shift(h.ctx, h.by(h.mo), h.nia)
		if h.ok(err); n != 1 {
			h.Errorf("%d were handed over", n)
		}
		for id, want := range map[string]moderation.PersonID{one: h.nia, two: h.nia, three: "", four: h.oz} {
			if c := h.dossier(h.oz, id); c.Claim.By != want {
				h.Errorf("case %d is with %q, want %q", c.N, c.Claim.By, want)
			}
		}
		if c := h.dossier(h.oz, two); !c.Claim.Since.Equal(h.now) || h.did("case-handed") != 2 {
			h.Errorf("%+v, %d lines", c.Claim, h.did("case-handed"))
		}
		if n, err := h.Store.Shift(h.ctx, h.by(h.mo), h.nia); err != nil || n != 0 {
			h.Errorf("again %d, %v", n, err)
		}
	}},
}

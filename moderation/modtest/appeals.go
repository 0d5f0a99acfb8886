package modtest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/moderation"
)

// appealed is a ban by Mo that was appealed: the decision, and the case of
// the appeal.
func (h *house) appealed() (moderation.Decision, string) {
	h.Helper()
	d := h.decides(h.mo, h.ban(h.fresh(h.mo), "device:a"))
	h.ok(h.Store.Appeal(h.ctx, d.Appeal, "It was not me.", h.now))
	return d, h.queue(h.nia).Cases[0].ID
}

// stated is what a code tells, which it must.
func (h *house) stated(code string) (moderation.Decision, *moderation.Appealed) {
	h.Helper()
	d, a, err := h.Store.Stated(h.ctx, code, h.now)
	h.ok(err)
	return d, a
}

// isOut says whether a device is kept out of tea.
func (h *house) isOut(key string) bool {
	h.Helper()
	out, _, err := h.Store.Banned(h.ctx, []string{key}, moderation.CircleID(tea), h.now)
	h.ok(err)
	return len(out) > 0
}

var appeals = []promise{
	{"whoever has the code is told what was decided, and can appeal once", func(h *house) {
		d := h.decides(h.mo, h.ban(h.fresh(h.mo), "device:a"))
		is, a := h.stated(d.Appeal)
		if is.ID != d.ID || is.Facts != d.Facts || is.Rule != d.Rule || is.Action != moderation.Ban || !is.Until.Equal(d.Until) || is.Public != "" || a != nil {
			h.Errorf("%+v, %+v", is, a)
		}
		for _, wrong := range []string{"", "wrong", d.ID, d.Appeal + "x", strings.ToUpper(d.Appeal) + "-"} {
			_, _, err := h.Store.Stated(h.ctx, wrong, h.now)
			h.want("stated", err, moderation.ErrNoAppeal)
			h.want("appeal", h.Store.Appeal(h.ctx, wrong, "It was not me.", h.now), moderation.ErrNoAppeal)
		}
		h.want("no words", h.Store.Appeal(h.ctx, d.Appeal, "", h.now), moderation.ErrFacts)
		h.want("too many", h.Store.Appeal(h.ctx, d.Appeal, strings.Repeat("é", moderation.MaxAppealing+1), h.now), moderation.ErrFacts)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() { errs[n] = h.Store.Appeal(h.ctx, d.Appeal, "It was not me.", h.now) })
		}
		wg.Wait()
		slices.SortFunc(errs, func(a, b error) int {
			if a == nil {
				return -1
			}
			return 1
		})
		h.ok(errs[0])
		for _, err := range errs[1:] {
			h.want("twice", err, moderation.ErrAppealed)
		}
		_, a = h.stated(d.Appeal)
		q := h.queue(h.nia)
		if a == nil || a.Text != "It was not me." || !a.At.Equal(h.now) || !a.Decided.IsZero() || q.Open != 1 || a.Case != q.Cases[0].ID {
			h.Fatalf("%+v, %+v", a, q)
		}
		if c := q.Cases[0]; c.Kind != moderation.Appeal || c.Of != d.ID || c.Decider != h.mo || c.Priority != moderation.P3 || c.Subject != "fresh" || !c.Due.Equal(h.now.Add(48*time.Hour)) {
			h.Errorf("%+v", c)
		}
		if h.Count(`SELECT COUNT(*) FROM appeals WHERE texts LIKE '%not me%'`) != 0 || h.Count(`SELECT COUNT(*) FROM decisions WHERE code = $1`, d.Appeal) != 0 {
			h.Error("words or the code lie there as they came")
		}
	}},
	{"a decision can be appealed for 183 days, and what was answered is there as long again", func(h *house) {
		d := h.decides(h.mo, h.ban(h.fresh(h.mo)))
		e := h.decides(h.mo, decision(h.fresh(h.mo), moderation.Warn))
		h.pass(moderation.AppealFor)
		h.ok(h.Store.Appeal(h.ctx, d.Appeal, "It was not me.", h.now))
		h.pass(time.Second)
		_, _, err := h.Store.Stated(h.ctx, e.Appeal, h.now)
		h.want("after its time", err, moderation.ErrNoAppeal)
		h.want("after its time", h.Store.Appeal(h.ctx, e.Appeal, "It was not me.", h.now), moderation.ErrNoAppeal)
		h.pass(moderation.AppealFor - time.Second)
		h.stated(d.Appeal)
		h.pass(time.Second)
		_, _, err = h.Store.Stated(h.ctx, d.Appeal, h.now)
		h.want("as long again", err, moderation.ErrNoAppeal)
	}},
	{"an appeal is judged by somebody else, and overturning lifts the ban", func(h *house) {
		d, id := h.appealed()
		_, err := h.Store.Claim(h.ctx, h.by(h.mo), id)
		h.want("claimed by who decided", err, moderation.ErrNotYours)
		_, err = h.Store.Judge(h.ctx, h.by(h.nia), id, true, "You were right.")
		h.want("without a claim", err, moderation.ErrNotYours)
		h.claims(h.nia, id)
		h.want("handed to who decided", h.Store.HandOver(h.ctx, h.by(h.nia), id, h.mo), moderation.ErrNotYours)
		if a := h.dossier(h.nia, id); a.Appeal == nil || a.Appeal.Text != "It was not me." || len(a.Decisions) != 1 || a.Decisions[0].ID != d.ID || a.Decisions[0].Facts != d.Facts || a.Decisions[0].Appeal != "" {
			h.Errorf("%+v", a)
		}
		for _, wrong := range []string{"", strings.Repeat("x", moderation.MaxFacts+1)} {
			_, err = h.Store.Judge(h.ctx, h.by(h.nia), id, true, wrong)
			h.want("without a sentence", err, moderation.ErrFacts)
		}
		_, err = h.Store.Decide(h.ctx, h.by(h.nia), h.dossier(h.nia, id).Rev, decision(id, moderation.Warn), false)
		h.want("deciding an appeal", err, moderation.ErrAction)
		if !h.isOut("device:a") {
			h.Fatal("the ban does not hold")
		}
		was, err := h.Circles.Revision(h.ctx)
		h.ok(err)
		h.pass(time.Minute)
		after, err := h.Store.Judge(h.ctx, h.by(h.nia), id, true, "You were right.")
		h.ok(err)
		if after.ID != d.ID || !after.Undone.Equal(h.now) || after.Undoer != h.nia || !slices.Equal(after.Reach, []string{"device:a"}) || h.isOut("device:a") {
			h.Errorf("%+v", after)
		}
		if n, err := h.Circles.Revision(h.ctx); err != nil || n <= was {
			h.Errorf("nodes do not look again: %d, %v", n, err)
		}
		_, a := h.stated(d.Appeal)
		if !a.Overturned || a.Answer != "You were right." || a.Text != "It was not me." || a.By != h.nia || !a.Decided.Equal(h.now) || h.queue(h.nia).Open != 0 {
			h.Errorf("%+v", a)
		}
		_, err = h.Store.Judge(h.ctx, h.by(h.nia), id, false, "Or not.")
		h.want("twice", err, moderation.ErrDone)
		if h.did("appeal-judged") != 1 || h.did("undone") != 1 {
			h.Error("it is not on record")
		}
	}},
	{"what an appeal upholds holds", func(h *house) {
		d, id := h.appealed()
		h.claims(h.nia, id)
		after, err := h.Store.Judge(h.ctx, h.by(h.nia), id, false, "We looked again.")
		h.ok(err)
		_, a := h.stated(d.Appeal)
		if !after.Undone.IsZero() || a.Overturned || a.Answer != "We looked again." || !h.isOut("device:a") || h.did("undone") != 0 {
			h.Errorf("%+v, %+v", after, a)
		}
		h.want("another", h.Store.Appeal(h.ctx, d.Appeal, "Really not.", h.now), moderation.ErrAppealed)
	}},
	{"the database itself refuses that who decided judges", func(h *house) {
		d, id := h.appealed()
		if h.Exec(`UPDATE appeals SET judge = $1 WHERE case_id = $2`, string(h.mo), id) == nil {
			h.Error("it lets them judge")
		}
		if h.Exec(`UPDATE appeals SET decider = 'else' WHERE case_id = $1`, id) == nil {
			h.Error("it lets somebody else have decided")
		}
		if h.Exec(`INSERT INTO appeals (case_id, decision, decider, at, overturned) SELECT $1, decision, decider, at, 0 FROM appeals`, d.Case) == nil {
			h.Error("it takes a second appeal")
		}
		h.ok(h.Exec(`UPDATE appeals SET judge = $1 WHERE case_id = $2`, string(h.nia), id)) // the control
	}},
	{"whoever agreed to a ban without an end doesn't judge it either, also for the database", func(h *house) {
		d := h.ban(h.fresh(h.mo))
		d.Until, d.Second = time.Time{}, h.nia
		d = h.decides(h.mo, d)
		h.ok(h.Store.Appeal(h.ctx, d.Appeal, "It was not me.", h.now))
		id := h.queue(h.oz).Cases[0].ID
		_, err := h.Store.Claim(h.ctx, h.by(h.nia), id)
		h.want("claimed by who agreed", err, moderation.ErrNotYours)
		h.claims(h.oz, id)
		h.want("handed to who agreed", h.Store.HandOver(h.ctx, h.by(h.oz), id, h.nia), moderation.ErrNotYours)
		if h.Exec(`UPDATE appeals SET judge = $1 WHERE case_id = $2`, string(h.nia), id) == nil {
			h.Error("the database lets them judge")
		}
		_, err = h.Store.Judge(h.ctx, h.by(h.oz), id, true, "You were right.")
		h.ok(err)
	}},
	{"what was undone meanwhile can't be appealed, and an appeal of it is answered", func(h *house) {
		d, id := h.appealed()
		_, err := h.Store.Undo(h.ctx, h.by(h.mo), d.ID)
		h.ok(err)
		h.claims(h.nia, id)
		after, err := h.Store.Judge(h.ctx, h.by(h.nia), id, true, "It was lifted already.")
		if h.ok(err); after.Undoer != h.mo {
			h.Errorf("%+v", after)
		}
		e := h.decides(h.mo, decision(h.fresh(h.mo), moderation.Warn))
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), e.ID)
		h.ok(err)
		h.want("what was undone", h.Store.Appeal(h.ctx, e.Appeal, "No.", h.now), moderation.ErrNoAppeal)
	}},
	{"judging what is no appeal is refused", func(h *house) {
		_, err := h.Store.Judge(h.ctx, h.by(h.mo), h.fresh(h.mo), true, "Yes.")
		h.want("conduct", err, moderation.ErrAction)
		_, err = h.Store.Judge(h.ctx, h.by(h.mo), "none", true, "Yes.")
		h.want("nothing", err, moderation.ErrNoCase)
	}},
	{"a case whose texts are gone can still be decided and judged", func(h *house) {
		d, id := h.appealed()
		h.claims(h.nia, id)
		open := h.fresh(h.oz)
		for _, of := range []string{d.Case, open} {
			h.ok(h.Store.Erase(h.ctx, h.by(h.oz), of))
		}
		_, err := h.Store.Judge(h.ctx, h.by(h.nia), id, true, "You were right.")
		h.ok(err)
		if is, a := h.stated(d.Appeal); is.Facts != "" || a.Text != "" || a.Answer != "You were right." {
			h.Errorf("%+v, %+v", is, a)
		}
		r := h.about(moderation.Harassment, "room", "fresh", "cy")
		r.Body = sealed()
		if f := h.files(r); f.Case != open || !f.Kept {
			h.Errorf("%+v", f)
		}
		h.claims(h.oz, open)
		later := h.decides(h.oz, decision(open, moderation.Warn))
		_, err = h.Store.Retain(h.ctx, moderation.DefaultPeriods(), h.now, false)
		h.ok(err)
		bodies, err := h.Store.Bodies(h.ctx, h.by(h.oz), open)
		if h.ok(err); len(bodies) != 1 || h.dossier(h.oz, open).Decisions[0].Facts != later.Facts {
			h.Error("what came after erasing is gone, too")
		}
	}},
}

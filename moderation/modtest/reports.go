package modtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// seat names the n-th one who reports.
func seat(n int) room.SeatID { return room.SeatID(fmt.Sprintf("seat-%05d", n)) }

// queue is what somebody's desk shows.
func (h *house) queue(p moderation.PersonID) moderation.Queue {
	h.Helper()
	q, err := h.Store.Queue(h.ctx, moderation.Viewer{Person: p}, h.now, 50)
	h.ok(err)
	return q
}

// progress is what the code of a receipt says, which it must.
func (h *house) progress(code string) moderation.Progress {
	h.Helper()
	p, err := h.Store.Progress(h.ctx, code, h.now)
	h.ok(err)
	return p
}

var reports = []promise{
	{"500 reports about one person are one card, and the texts of 50 are kept", func(h *house) {
		codes := map[string]int{}
		var id string
		for n := range 500 {
			r := h.about(moderation.Harassment, "room", "ada", seat(n))
			r.Body, r.Quotes = sealed(), 1
			f := h.files(r)
			if f.New != (n == 0) || n > 0 && f.Case != id || f.Kept != (n < moderation.MostReports) {
				h.Fatalf("report %d: %+v", n, f)
			}
			id = f.Case
			codes[f.Code]++
		}
		q := h.queue(h.mo)
		if len(q.Cases) != 1 || q.Open != 1 || q.Cases[0].Reports != 500 || q.Cases[0].Quotes != moderation.MostReports {
			h.Fatalf("%+v", q)
		}
		h.claims(h.mo, id)
		bodies, err := h.Store.Bodies(h.ctx, h.by(h.mo), id)
		h.ok(err)
		d := h.dossier(h.mo, id)
		if len(bodies) != moderation.MostReports || len(d.Filings) != moderation.MostReports || h.Count(`SELECT COUNT(*) FROM reports`) != moderation.MostReports+1 {
			h.Errorf("%d bodies, %d filings, %d rows", len(bodies), len(d.Filings), h.Count(`SELECT COUNT(*) FROM reports`))
		}
		// Everybody can ask what became of it, also who came after them.
		for code := range codes {
			if p := h.progress(code); p.Step != moderation.Looking || p.Kind != moderation.Conduct {
				h.Errorf("%+v", p)
			}
		}
		if len(codes) != moderation.MostReports+1 {
			h.Errorf("%d codes", len(codes))
		}
	}},
	{"care and conduct about one person never mix, nor do rooms and people", func(h *house) {
		all := map[string]bool{}
		for _, r := range []moderation.Report{
			h.about(moderation.Selling, "room", "ada", "bo"), h.worry("room", "ada", "bo"), h.about(moderation.Selling, "another", "ada", "bo"),
			h.about(moderation.Selling, "room", "cy", "bo"), h.about(moderation.Selling, "room", "", "bo"), h.worry("room", "", "bo"),
		} {
			f := h.files(r)
			if !f.New || all[f.Case] {
				h.Errorf("%+v joined %+v", r, f)
			}
			all[f.Case] = true
			if again := h.files(r); again.New || again.Case != f.Case || again.Code == f.Code {
				h.Errorf("the second: %+v, after %+v", again, f)
			}
		}
		notice := moderation.Report{Kind: moderation.Notice, About: moderation.AboutCircle, Category: moderation.Illegal, At: h.now}
		if a, b := h.files(notice), h.files(notice); !a.New || !b.New || a.Case == b.Case {
			h.Error("notices from outside are one")
		}
		outside := h.about(moderation.Outing, "", "", "")
		if a, b := h.files(outside), h.files(outside); a.Case == b.Case {
			h.Error("reports from nowhere are one")
		}
	}},
	{"a case is as grave as its gravest report, and its time only gets shorter", func(h *house) {
		id := h.files(h.about(moderation.TurnTaking, "room", "ada", "bo")).Case
		see := func(c moderation.Category, p moderation.Priority, due time.Time, state moderation.State) {
			h.Helper()
			if is := h.dossier(h.mo, id).Case; is.Category != c || is.Priority != p || !is.Due.Equal(due) || is.State != state {
				h.Errorf("%s, P%d, due %v, %s; want %s, P%d, %v, %s", is.Category, is.Priority, is.Due, is.State, c, p, due, state)
			}
		}
		see(moderation.TurnTaking, moderation.P3, evening.Add(48*time.Hour), moderation.Raised)
		h.claims(h.mo, id)
		h.pass(time.Hour) // nobody has it any more
		h.files(h.about(moderation.ChildSafety, "room", "ada", "cy"))
		soon := h.now.Add(time.Minute)
		see(moderation.ChildSafety, moderation.P0, soon, moderation.Raised)
		h.claims(h.nia, id)
		h.pass(time.Second)
		h.files(h.about(moderation.ThreatToOthers, "room", "ada", "dee"))
		see(moderation.ThreatToOthers, moderation.P0, soon, moderation.Acknowledged)
		h.files(h.about(moderation.Selling, "room", "ada", "eve"))
		see(moderation.ThreatToOthers, moderation.P0, soon, moderation.Acknowledged)
	}},
	{"a care case that somebody has taken stays so", func(h *house) {
		id := h.files(h.worry("room", "ada", "bo")).Case
		h.claims(h.mo, id)
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.WithThem, ""))
		for n := range 20 {
			h.pass(time.Minute)
			h.files(h.worry("room", "ada", seat(n)))
		}
		if c := h.dossier(h.mo, id); c.State != moderation.WithThem || !c.Acked.Equal(evening) || c.Reports != 21 || c.Priority != moderation.P0 {
			h.Errorf("%+v", c.Case)
		}
	}},
	{"after a case is closed the next report begins another", func(h *house) {
		r := h.about(moderation.Harassment, "room", "ada", "bo")
		id := h.files(r).Case
		h.claims(h.mo, id)
		h.decides(h.mo, decision(id, moderation.NoAction))
		if again := h.files(r); !again.New || again.Case == id {
			h.Errorf("%+v", again)
		}
	}},
	{"one's own distress, 1,000 times, is one card with one text, the last", func(h *house) {
		for n := range moderation.MostReports { // others have said all that is kept
			h.files(h.worry("room", "ada", seat(n)))
		}
		const times = 1000
		var last moderation.Filed
		for n := range times {
			r := h.worry("room", "ada", "ada")
			r.Body = sealed()
			r.Body.Body = fmt.Append(nil, "body ", n)
			last = h.files(r)
			if !last.Kept {
				h.Fatal("it was not kept")
			}
		}
		q := h.queue(h.mo)
		if rows := h.Count(`SELECT COUNT(*) FROM reports`); q.Open != 1 || rows != moderation.MostReports+1 || q.Cases[0].Reports != rows || q.Cases[0].About != moderation.AboutPerson {
			h.Errorf("%d rows, %+v", rows, q)
		}
		h.claims(h.mo, last.Case)
		bodies, err := h.Store.Bodies(h.ctx, h.by(h.mo), last.Case)
		h.ok(err)
		if len(bodies) != 1 {
			h.Errorf("%d bodies", len(bodies))
		}
		for _, b := range bodies {
			if string(b.Body) != fmt.Sprint("body ", times-1) {
				h.Errorf("it says %q", b.Body)
			}
		}
	}},
	{"reports that come at once are one card", func(h *house) {
		const times = 24
		nodes := []moderation.Store{h.Store, h.Node()}
		var wg sync.WaitGroup
		got := make([]moderation.Filed, times)
		errs := make([]error, times)
		for n := range times {
			wg.Go(func() {
				r := h.about(moderation.Harassment, "room", "ada", seat(n))
				r.Body = sealed()
				got[n], errs[n] = nodes[n%2].File(h.ctx, r)
			})
		}
		wg.Wait()
		made := 0
		for n, f := range got {
			h.ok(errs[n])
			if f.New {
				made++
			}
			if f.Case != got[0].Case || !f.Kept {
				h.Errorf("%+v and %+v", f, got[0])
			}
		}
		if q := h.queue(h.mo); made != 1 || q.Cases[0].Reports != times {
			h.Errorf("%d were new, %+v", made, q)
		}
	}},
	{"whoever reported is told how far it has come, and nothing more", func(h *house) {
		r := h.about(moderation.Harassment, "room", "ada", "bo")
		r.Lang = "es"
		f := h.files(r)
		if p := h.progress(f.Code); p != (moderation.Progress{Kind: moderation.Conduct, Step: moderation.Received, Since: p.Since, Lang: "es"}) || !p.Since.Equal(evening) {
			h.Errorf("%+v", p)
		}
		h.pass(time.Minute)
		h.claims(h.mo, f.Case)
		if p := h.progress(f.Code); p.Step != moderation.Looking || !p.Since.Equal(h.now) {
			h.Errorf("%+v", p)
		}
		h.pass(time.Minute)
		d := h.decides(h.mo, decision(f.Case, moderation.Warn))
		if p := h.progress(f.Code); p.Step != moderation.Settled || !p.Since.Equal(h.now) || p.Public != "We spoke with them." {
			h.Errorf("%+v", p)
		}
		_, err := h.Store.Undo(h.ctx, h.by(h.nia), d.ID)
		h.ok(err)
		if p := h.progress(f.Code); p.Public != "" {
			h.Errorf("it still says %q", p.Public)
		}
		for _, wrong := range []string{"", "wrong", f.Case, d.ID, d.Appeal, f.Code + "x", "\x00"} {
			p, err := h.Store.Progress(h.ctx, wrong, h.now)
			if h.want(wrong, err, moderation.ErrNoReport); p != (moderation.Progress{}) {
				h.Errorf("%q tells %+v", wrong, p)
			}
		}
	}},
	{"somebody is on call unless they must not see it", func(h *house) {
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		yes := h.files(h.about(moderation.Harassment, "room", "ada", "bo"))
		away := h.about(moderation.Harassment, "room", "cy", "bo")
		away.Away = []moderation.PersonID{h.mo}
		no := h.files(away)
		if a, b := h.progress(yes.Code), h.progress(no.Code); !a.OnCall || b.OnCall || !yes.OnCall || no.OnCall {
			h.Errorf("%+v, %+v; at once %+v, %+v", a, b, yes, no)
		}
		if again := h.files(h.about(moderation.Harassment, "room", "cy", "di")); again.New || again.OnCall {
			h.Errorf("who is kept away from a case is on call for it: %+v", again)
		}
		if n := h.Count(`SELECT COUNT(*) FROM cases WHERE alone = 1`); n != 1 {
			h.Errorf("%d cases came while nobody was there", n)
		}
	}},
	{"without the vault a report comes all the same, without its words", func(h *house) {
		h.Vault.Away = true
		r := h.worry("room", "ada", "ada")
		r.Body = sealed()
		f := h.files(r)
		h.Vault.Away = false
		if q := h.queue(h.mo); f.Kept || q.Open != 1 || h.Count(`SELECT COUNT(*) FROM reports WHERE body IS NULL`) != 1 {
			h.Errorf("%+v, %+v", f, q)
		}
		if f := h.files(r); !f.Kept {
			h.Error("and not after that either")
		}
	}},
	{"what reports bring is opened by whoever has the case, and that is on record", func(h *house) {
		r := h.about(moderation.Harassment, "room", "ada", "bo")
		r.Body, r.Quotes = sealed(), 3
		id := h.files(r).Case
		h.files(h.about(moderation.Harassment, "room", "ada", "cy")) // without
		_, err := h.Store.Bodies(h.ctx, h.by(h.mo), id)
		h.want("without a claim", err, moderation.ErrNotYours)
		h.claims(h.mo, id)
		_, err = h.Store.Bodies(h.ctx, h.by(h.nia), id)
		h.want("another's claim", err, moderation.ErrNotYours)
		before := h.did("evidence-read")
		bodies, err := h.Store.Bodies(h.ctx, h.by(h.mo), id)
		h.ok(err)
		d := h.dossier(h.mo, id)
		if len(d.Filings) != 2 || d.Quotes != 3 || d.Reports != 2 {
			h.Fatalf("%+v", d)
		}
		with, without := d.Filings[0], d.Filings[1]
		if len(with.Keys) == 0 {
			with, without = without, with
		}
		got := bodies[with.ID]
		if len(bodies) != 1 || string(got.Body) != string(r.Body.Body) || got.V != 1 || len(got.To) != 1 || got.To[0].Key != "key" {
			h.Errorf("%+v", bodies)
		}
		if !slices.Equal(with.Keys, []string{"key"}) || without.Keys != nil || with.Quotes != 3 || with.Lang != "en" || !with.At.Equal(h.now) || !with.Receipt {
			h.Errorf("%+v, %+v", with, without)
		}
		if before != 0 || h.did("evidence-read") != 1 {
			h.Error("it is not on record, or what was refused is")
		}
		// What lies in the table tells nothing without the vault.
		if n := h.Count(`SELECT COUNT(*) FROM reports WHERE body LIKE '%key%' OR body LIKE '%sealed%'`); n != 0 {
			h.Errorf("%d bodies lie there as they came", n)
		}
		h.ok(h.Vault.Destroy(h.ctx, h.Vault.Names()...))
		bodies, err = h.Store.Bodies(h.ctx, h.by(h.mo), id)
		if h.ok(err); len(bodies) != 0 {
			h.Errorf("without its key: %+v", bodies)
		}
		if d := h.dossier(h.mo, id); d.Filings[0].Keys != nil || d.Filings[1].Keys != nil {
			h.Errorf("%+v", d.Filings)
		}
	}},
	{"what is typed with broken letters is taken", func(h *house) {
		r := h.about("\x00\xff", "ro\x00om", "ada\xff", "\xfe")
		r.Lang = "\x00"
		f := h.files(r)
		if again := h.files(r); again.Case != f.Case {
			h.Error("it does not find its case again")
		}
		if _, err := h.Store.File(h.ctx, moderation.Report{Kind: moderation.Appeal}); err == nil {
			h.Error("an appeal came as a report")
		}
		if !strings.Contains(string(h.dossier(h.mo, f.Case).Subject), "ada") {
			h.Error("whom it is about is lost")
		}
	}},
}

// did counts lines of the audit.
func (h *house) did(what string) int {
	h.Helper()
	return h.Count(`SELECT COUNT(*) FROM audit WHERE did = $1`, what)
}

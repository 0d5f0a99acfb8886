package modtest

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

const day = 24 * time.Hour

// sealed is what somebody reported, as far as a store knows.
func sealed() *moderation.Sealed {
	return &moderation.Sealed{V: 1, Body: []byte("a body that is sealed"), To: []moderation.Wrapped{{Key: "key", Enc: []byte("enc"), Box: []byte("box")}}}
}

// settled is a case about somebody, with a body, that Mo has decided.
func (h *house) settled(subject string, a moderation.Action) (id, code string) {
	h.Helper()
	r := h.about(moderation.Harassment, "room", room.SeatID("seat of "+subject), "another")
	r.Body, r.Quotes = sealed(), 1
	id = h.files(r).Case
	h.claims(h.mo, id)
	d := decision(id, a)
	if a == moderation.MuteAction {
		d.Minutes = 5
	}
	if a == moderation.Ban {
		d = h.ban(id, "device:"+subject)
	}
	return id, h.decides(h.mo, d).Appeal
}

// kept is what is still there of a case, in words.
func (h *house) kept(id string) string {
	h.Helper()
	h.claims(h.mo, id)
	bodies, err := h.Store.Bodies(h.ctx, h.by(h.mo), id)
	h.ok(err)
	var has []string
	if len(bodies) > 0 {
		has = append(has, "bodies")
	}
	d := h.dossier(h.mo, id)
	for _, one := range d.Decisions {
		if one.Facts != "" {
			has = append(has, "facts")
		}
	}
	for _, n := range d.Notes {
		if n.Text != "" {
			has = append(has, "notes")
		}
	}
	return strings.Join(has, " ")
}

// retains clears out, after a dry run that must say the same and change nothing.
func (h *house) retains(want moderation.Swept) {
	h.Helper()
	p, before := moderation.DefaultPeriods(), h.Vault.Names()
	dry, err := h.Store.Retain(h.ctx, p, h.now, true)
	h.ok(err)
	again, err := h.Store.Retain(h.ctx, p, h.now, true)
	h.ok(err)
	if now := h.Vault.Names(); !slices.Equal(now, before) {
		h.Errorf("a dry run destroyed keys: there were %q, and are %q", before, now)
	}
	did, err := h.Store.Retain(h.ctx, p, h.now, false)
	h.ok(err)
	if dry != want || again != want || did != want {
		h.Errorf("a dry run said %+v, another %+v, and it did %+v; want %+v", dry, again, did, want)
	}
	h.noSpentKeys()
}

// noSpentKeys: with what was cleared out or erased went its key, for it lives
// on in a database's log. A key is called by its case, and by how often that
// was erased before.
func (h *house) noSpentKeys() {
	h.Helper()
	for _, name := range h.Vault.Names() {
		of, id, _ := strings.Cut(name, ":")
		id, after, _ := strings.Cut(id, ".")
		n, _ := strconv.Atoi(after)
		erased := h.Count(`SELECT COALESCE(MAX(erased), 999) FROM cases WHERE id = $1`, id)
		bodies := h.Count(`SELECT COUNT(*) FROM reports WHERE case_id = $1 AND body IS NOT NULL`, id)
		if n < erased || of == "body" && bodies == 0 {
			h.Errorf("the key %q is there; what was written under it is not", name)
		}
	}
}

var retention = []promise{
	{"what was reported goes 30 days after the decision, and 183 if that can be appealed", func(h *house) {
		plain, _ := h.settled("1", moderation.NoAction)
		warned, code := h.settled("2", moderation.Warn)
		h.pass(30 * day)
		h.retains(moderation.Swept{})
		h.pass(time.Hour)
		h.retains(moderation.Swept{Bodies: 1})
		if plain, warned := h.kept(plain), h.kept(warned); plain != "facts" || warned != "bodies facts" {
			h.Errorf("kept %q of no action, %q of a warning", plain, warned)
		}
		h.pass(153 * day)
		h.retains(moderation.Swept{Bodies: 1, Texts: 2})
		if k := h.kept(warned); k != "" {
			h.Errorf("kept %q of a warning that can't be appealed any more", k)
		}
		_, _, err := h.Store.Stated(h.ctx, code, h.now)
		h.want("its statement", err, moderation.ErrNoAppeal)
		h.retains(moderation.Swept{})
	}},
	{"the texts of care go 7 days after it ended, and its facts after a year", func(h *house) {
		r := h.worry("room", "seat", "another")
		r.Body = sealed()
		id := h.files(r).Case
		h.claims(h.mo, id)
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.WithThem, ""))
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "They were glad.", time.Time{}))
		h.pass(60 * day)
		h.retains(moderation.Swept{}) // it goes on
		h.claims(h.mo, id)
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.Closed, moderation.TheyAreOK))
		h.pass(7 * day)
		h.retains(moderation.Swept{})
		h.pass(time.Hour)
		h.retains(moderation.Swept{Bodies: 1, Texts: 1})
		if k := h.kept(id); k != "" {
			h.Errorf("kept %q", k)
		}
		h.pass(360 * day)
		h.retains(moderation.Swept{Cases: 1})
		_, err := h.Store.Case(h.ctx, moderation.Viewer{Person: h.mo}, id, h.now)
		h.want("the case", err, moderation.ErrNoCase)
		if n := h.Count(`SELECT COUNT(*) FROM reports`) + h.Count(`SELECT COUNT(*) FROM notes`); n != 0 {
			h.Errorf("%d rows are left of it", n)
		}
	}},
	{"a ban is kept for 30 days after its end, and what it says for as long", func(h *house) {
		id, code := h.settled("3", moderation.Ban) // for a week
		_, _, err := h.Store.Stated(h.ctx, code, h.now)
		h.ok(err)
		h.pass(37 * day)
		h.retains(moderation.Swept{})
		h.pass(time.Hour)
		h.retains(moderation.Swept{Bans: 1})
		if n := h.Count(`SELECT COUNT(*) FROM bans`); n != 0 {
			h.Errorf("%d bans are left", n)
		}
		if k := h.kept(id); k != "bodies facts" {
			h.Errorf("kept %q of what can still be appealed", k)
		}
	}},
	{"a ban without an end outlasts everything, and is told for as long", func(h *house) {
		id := h.files(h.about(moderation.Harassment, "room", "seat", "another")).Case
		h.claims(h.mo, id)
		d := h.ban(id, "device:x")
		d.Until, d.Second = time.Time{}, h.nia
		h.decides(h.mo, d)
		h.pass(1000 * day)
		h.retains(moderation.Swept{})
		out, _, err := h.Store.Banned(h.ctx, []string{"device:x"}, moderation.CircleID(tea), h.now)
		if err != nil || len(out) != 1 || out[0].Facts == "" {
			h.Errorf("%v, %v", out, err)
		}
	}},
	{"a case that was appealed goes when the appeal has had its time", func(h *house) {
		id, code := h.settled("4", moderation.Warn)
		h.pass(100 * day)
		h.ok(h.Store.Appeal(h.ctx, code, "I was not there.", h.now))
		h.pass(20 * day)
		q, err := h.Store.Queue(h.ctx, moderation.Viewer{Person: h.nia}, h.now, 10)
		if err != nil || len(q.Cases) != 1 {
			h.Fatal(q, err)
		}
		appeal := q.Cases[0].ID
		h.claims(h.nia, appeal)
		_, err = h.Store.Judge(h.ctx, h.by(h.nia), appeal, false, "We looked again.")
		h.ok(err)
		h.pass(250 * day) // the case is older than a year, its appeal is not
		h.retains(moderation.Swept{Bodies: 1, Texts: 2})
		h.pass(120 * day)
		h.retains(moderation.Swept{Cases: 2})
		_, err = h.Store.Case(h.ctx, moderation.Viewer{Person: h.mo}, id, h.now)
		h.want("the case", err, moderation.ErrNoCase)
		if n := h.Count(`SELECT COUNT(*) FROM decisions`) + h.Count(`SELECT COUNT(*) FROM appeals`) + h.Count(`SELECT COUNT(*) FROM cases`); n != 0 {
			h.Errorf("%d rows are left", n)
		}
	}},
	{"erasing a case leaves its facts, and the audit verifies", func(h *house) {
		id, code := h.settled("5", moderation.Ban)
		other, _ := h.settled("6", moderation.Warn)
		h.ok(h.Store.Appeal(h.ctx, code, "Please look again.", h.now))
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, "A note.", time.Time{}))
		h.want("of nobody", h.Store.Erase(h.ctx, h.by(h.mo), "none"), moderation.ErrNoCase)
		h.want("by who is no moderator", h.Store.Erase(h.ctx, h.by(h.kim), id), moderation.ErrNotYours)
		h.ok(h.Store.Erase(h.ctx, moderation.Act{At: h.now}, id)) // at the command line
		h.ok(h.Store.Erase(h.ctx, h.by(h.mo), id))                // twice is once
		if k := h.kept(id); k != "" || !h.dossier(h.mo, id).Erased {
			h.Errorf("kept %q", k)
		}
		if k := h.kept(other); k != "bodies facts" {
			h.Errorf("of another case only %q is left", k)
		}
		for _, table := range []string{"decisions", "notes", "appeals"} {
			if n := h.Count(`SELECT COUNT(*) FROM ` + table + ` WHERE texts IS NOT NULL`); n != map[string]int{"decisions": 1}[table] {
				h.Errorf("%d texts in %s", n, table)
			}
		}
		for _, name := range []string{"case:" + id, "body:" + id} {
			if _, err := h.Vault.Key(h.ctx, name); !errors.Is(err, moderation.ErrErased) {
				h.Errorf("the key %s: %v", name, err)
			}
		}
		out, _, err := h.Store.Banned(h.ctx, []string{"device:5"}, moderation.CircleID(tea), h.now)
		if err != nil || len(out) != 1 || out[0].Facts != "" {
			h.Errorf("the ban: %v, %v", out, err)
		}
		list, err := h.Circles.Audit(h.ctx, 0, 1)
		if err != nil || len(list) != 1 {
			h.Fatal(list, err)
		}
		h.ok(h.Circles.VerifyAudit(h.ctx, circle.AuditHead{Seq: list[0].Seq, Hash: list[0].Hash, At: h.now}))
	}},
}

package modtest

import (
	"slices"
	"sync"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

func seatOf(subject string) room.SeatID { return room.SeatID(subject) }

// decide has somebody decide, and tells what was answered.
func (h *house) decide(p moderation.PersonID, d moderation.Decision) error {
	h.Helper()
	_, err := h.Store.Decide(h.ctx, h.by(p), h.dossier(p, d.Case).Rev, d, false)
	return err
}

// banRows counts those by which a decision keeps people out.
func (h *house) banRows(d moderation.Decision) int {
	return h.Count(`SELECT COUNT(*) FROM bans WHERE decision = $1`, d.ID)
}

var decisions = []promise{
	{"a decision closes the case, with a rule, a sentence and a code", func(h *house) {
		id := h.conduct("ada")
		h.claims(h.mo, id)
		h.pass(time.Minute)
		d := h.decides(h.mo, decision(id, moderation.Warn))
		if d.ID == "" || d.By != h.mo || !d.At.Equal(h.now) || len(d.Appeal) != 22 || !slices.Equal(d.Seats, []room.SeatID{"ada"}) {
			h.Errorf("%+v", d)
		}
		c := h.dossier(h.mo, id)
		if c.State != moderation.Closed || !c.Closed.Equal(h.now) || h.queue(h.mo).Open != 0 {
			h.Errorf("%+v", c.Case)
		}
		if h.Count(`SELECT COUNT(*) FROM audit WHERE did = 'decided' AND what = $1 AND person = $2 AND rule = $3 AND LENGTH(words) = 64`,
			d.ID, string(h.mo), d.Rule) != 1 {
			h.Error("it is not on record, or without its commitment")
		}
		h.ok(h.Circles.VerifyAudit(h.ctx))
		h.want("another", h.decide(h.mo, decision(id, moderation.Warn)), moderation.ErrDone)
		if d := h.decides(h.mo, decision(h.fresh(h.mo), moderation.NoAction)); d.Appeal != "" {
			h.Error("nobody is concerned, and somebody can appeal")
		}
	}},
	{"what Check refuses is refused, and changes nothing", func(h *house) {
		id := h.fresh(h.mo)
		long := decision(id, moderation.Warn)
		long.Facts = string(make([]rune, moderation.MaxFacts+1))
		forever := h.ban(id)
		forever.Until = time.Time{}
		own, kim, away := forever, forever, forever
		own.Second, kim.Second, away.Second = h.mo, h.kim, "nobody"
		mute := decision(id, moderation.MuteAction)
		mute.Minutes = room.MaxMuteMinutes + 1
		ruleless := decision(id, moderation.Warn)
		ruleless.Rule = ""
		for _, one := range []struct {
			d    moderation.Decision
			want error
		}{
			{long, moderation.ErrFacts}, {forever, moderation.ErrEnd}, {own, moderation.ErrEnd}, {kim, moderation.ErrEnd}, {away, moderation.ErrEnd},
			{mute, moderation.ErrMinutes}, {ruleless, moderation.ErrRule}, {decision(id, "shout"), moderation.ErrAction},
		} {
			h.want(string(one.d.Action), h.decide(h.mo, one.d), one.want)
		}
		nowhere := h.about(moderation.Outing, "", "ada", "")
		nowhere.Circle = ""
		no := h.files(nowhere).Case
		h.claims(h.mo, no)
		h.want("a ban from no circle", h.decide(h.mo, h.ban(no)), moderation.ErrAction)
		care := h.files(h.worry("room", "ada", "bo")).Case
		h.claims(h.mo, care)
		h.want("care acts on nobody", h.decide(h.mo, decision(care, moderation.Warn)), moderation.ErrAction)
		if n := h.Count(`SELECT COUNT(*) FROM decisions`) + h.Count(`SELECT COUNT(*) FROM bans`); n != 0 {
			h.Errorf("%d rows", n)
		}
	}},
	{"who decides has seen what there is", func(h *house) {
		id := h.fresh(h.mo)
		rev := h.dossier(h.mo, id).Rev
		h.files(h.about(moderation.Outing, "room", "fresh", "cy"))
		_, err := h.Store.Decide(h.ctx, h.by(h.mo), rev, decision(id, moderation.Warn), false)
		h.want("after a report", err, moderation.ErrChanged)
		rev = h.dossier(h.mo, id).Rev
		h.ok(h.Store.Note(h.ctx, h.by(h.nia), id, "Look at the second one.", time.Time{}))
		_, err = h.Store.Decide(h.ctx, h.by(h.mo), rev, decision(id, moderation.Warn), false)
		h.want("after a note", err, moderation.ErrChanged)
		rev = h.dossier(h.mo, id).Rev
		nodes := []moderation.Store{h.Store, h.Node()}
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() {
				_, errs[n] = nodes[n%2].Decide(h.ctx, h.by(h.mo), rev, decision(id, moderation.Warn), n%3 == 0)
			})
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
				continue
			}
			h.want("two at once", err, moderation.ErrChanged)
		}
		if done != 1 || h.Count(`SELECT COUNT(*) FROM decisions`) != 1 {
			h.Errorf("%d decided", done)
		}
	}},
	{"a ban has a row for each key, and ends seats", func(h *house) {
		ada := h.comes("ada", h.keeper)
		id := h.files(h.about(moderation.Outing, ada.Room, ada.ID, "bo")).Case
		h.claims(h.mo, id)
		was, err := h.Circles.Revision(h.ctx)
		h.ok(err)
		b := h.ban(id, "device:a", "person:p", "prefix:day:x")
		b.Seats = []room.SeatID{"elsewhere", ada.ID, "elsewhere"}
		d := h.decides(h.mo, b)
		if n := h.banRows(d); n != 5 || h.Count(`SELECT COUNT(*) FROM bans WHERE circle = $1 AND from_at = $2 AND until_at = $3`, string(tea), h.now.UnixMilli(), b.Until.UnixMilli()) != 4 ||
			h.Count(`SELECT COUNT(*) FROM bans WHERE key = 'prefix:day:x' AND until_at = $1`, h.now.Add(moderation.PrefixFor).UnixMilli()) != 1 {
			h.Errorf("%d rows", n)
		}
		if n := h.Count(`SELECT COUNT(*) FROM told WHERE decision = $1`, d.ID); n != 4 || h.Count(`SELECT COUNT(*) FROM told WHERE key LIKE 'prefix%'`) != 0 {
			h.Errorf("%d are told", n)
		}
		if gone, err := h.Circles.Removed(h.ctx, ada.Room); err != nil || !slices.Contains(gone, ada.ID) {
			h.Errorf("%v, %v", gone, err)
		}
		if n, err := h.Circles.Revision(h.ctx); err != nil || n <= was {
			h.Errorf("nodes do not look again: %d, %v", n, err)
		}
		b = h.ban(h.fresh(h.mo), "device:b")
		b.Scope = moderation.OfHouse
		if d := h.decides(h.mo, b); h.Count(`SELECT COUNT(*) FROM bans WHERE decision = $1 AND circle = ''`, d.ID) != 2 {
			h.Error("a ban from the house is from a circle")
		}
		b = h.ban(h.fresh(h.mo), "device:c")
		b.Until, b.Second = time.Time{}, h.nia
		if d := h.decides(h.mo, b); d.Second != h.nia || h.Count(`SELECT COUNT(*) FROM bans WHERE decision = $1 AND until_at IS NULL`, d.ID) != 2 {
			h.Errorf("%+v", d)
		}
	}},
	{"the database itself refuses a ban without an end or a second moderator", func(h *house) {
		id := h.conduct("ada")
		put := func(second any) error {
			return h.Exec(`INSERT INTO decisions (id, case_id, n, person, at, action, minutes, scope, until_at, second, rule) VALUES ('x', $1, 1, 'mo', 0, 'ban', 0, 'circle', NULL, $2, 'selling')`, id, second)
		}
		if put(nil) == nil || put("mo") == nil {
			h.Error("it takes it")
		}
		if h.Exec(`INSERT INTO decisions (id, case_id, n, person, at, action, minutes, scope, rule) VALUES ('x', $1, 1, 'mo', 0, 'warn', 0, '', '')`, id) == nil {
			h.Error("it takes one without a rule")
		}
		h.ok(put("nia")) // the control
	}},
	{"a removal is kept for the gathering, and undone with all it barred", func(h *house) {
		ada, bo := h.comes("ada", h.keeper), h.comes("bo", h.keeper)
		h.ok(h.Circles.Bar(h.ctx, bo.Room, bo.ID)) // by a facilitator
		id := h.files(h.about(moderation.Outing, ada.Room, ada.ID, "cy")).Case
		h.claims(h.mo, id)
		r := decision(id, moderation.RemoveAction)
		r.Seats = []room.SeatID{bo.ID}
		d, err := h.Store.Decide(h.ctx, h.by(h.mo), h.dossier(h.mo, id).Rev, r, true)
		h.ok(err)
		h.out(ada, true)
		if h.banRows(d) != 0 {
			h.Error("a removal bans")
		}
		second := h.decides(h.mo, h.ban(id))
		undone, err := h.Store.Undo(h.ctx, h.by(h.nia), d.ID)
		h.ok(err)
		h.out(ada, true) // by the ban, now
		if undone.Undoer != h.nia || !undone.Undone.Equal(h.now) || undone.Facts != d.Facts || undone.Appeal != d.Appeal || !slices.Contains(undone.Seats, ada.ID) {
			h.Errorf("%+v", undone)
		}
		_, err = h.Store.Undo(h.ctx, h.by(h.nia), second.ID)
		h.ok(err)
		h.out(ada, false)
		h.out(bo, true) // that was not ours to lift
	}},
	{"undoing is once, and of what can be", func(h *house) {
		ban := h.decides(h.mo, h.ban(h.fresh(h.mo), "device:a"))
		if out, _, err := h.Store.Banned(h.ctx, []string{"device:a"}, moderation.CircleID(tea), h.now); err != nil || len(out) != 1 {
			h.Fatal(out, err)
		}
		rev := h.dossier(h.mo, ban.Case).Rev
		d, err := h.Store.Undo(h.ctx, h.by(h.nia), ban.ID)
		if h.ok(err); !slices.Equal(d.Reach, []string{"device:a"}) || h.dossier(h.mo, ban.Case).Rev != rev+1 || h.did("undone") != 1 {
			h.Errorf("%+v", d)
		}
		if out, wait, err := h.Store.Banned(h.ctx, []string{"device:a"}, moderation.CircleID(tea), h.now); err != nil || len(out) != 0 || wait {
			h.Errorf("%v, %v, %v", out, wait, err)
		}
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), ban.ID)
		h.want("twice", err, moderation.ErrDone)
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), "none")
		h.want("nothing", err, moderation.ErrNoCase)
		closed := h.decides(h.mo, decision(h.fresh(h.mo), moderation.CloseRoom))
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), closed.ID)
		h.want("a closed room", err, moderation.ErrAction)
		warned := h.decides(h.mo, decision(h.fresh(h.mo), moderation.Warn))
		_, err = h.Store.Undo(h.ctx, h.by(h.kim), warned.ID)
		h.want("by who is no moderator", err, moderation.ErrNotYours)
	}},
	{"care goes one way, and ends with an outcome", func(h *house) {
		id := h.files(h.worry("room", "ada", "bo")).Case
		h.claims(h.mo, id)
		for _, wrong := range []struct {
			to moderation.State
			o  moderation.Outcome
		}{{moderation.Raised, ""}, {moderation.Closed, ""}, {moderation.Closed, "fixed"}, {moderation.WithThem, moderation.TheyAreOK}, {"", ""}} {
			h.want(string(wrong.to), h.Store.Care(h.ctx, h.by(h.mo), id, wrong.to, wrong.o), moderation.ErrAction)
		}
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.WithThem, ""))
		h.pass(time.Minute)
		h.ok(h.Store.Care(h.ctx, h.by(h.mo), id, moderation.Closed, moderation.HandedOver))
		if c := h.dossier(h.nia, id); c.State != moderation.Closed || c.Outcome != moderation.HandedOver || !c.Closed.Equal(h.now) || h.did("care-with") != 1 || h.did("care-ended") != 1 {
			h.Errorf("%+v", c.Case)
		}
		h.want("after it ended", h.Store.Care(h.ctx, h.by(h.mo), id, moderation.WithThem, ""), moderation.ErrDone)
		h.want("conduct", h.Store.Care(h.ctx, h.by(h.mo), h.fresh(h.mo), moderation.WithThem, ""), moderation.ErrAction)
	}},
	{"notes have bounds", func(h *house) {
		id := h.conduct("ada")
		long := string(slices.Repeat([]rune("é"), moderation.MaxNote))
		h.want("an empty one", h.Store.Note(h.ctx, h.by(h.mo), id, "", time.Time{}), moderation.ErrFacts)
		h.want("a long one", h.Store.Note(h.ctx, h.by(h.mo), id, long+"é", time.Time{}), moderation.ErrFacts)
		h.ok(h.Store.Note(h.ctx, h.by(h.mo), id, long, time.Time{}))
		var err error
		for range 300 {
			if err = h.Store.Note(h.ctx, h.by(h.mo), id, "So.", time.Time{}); err != nil {
				break
			}
		}
		h.want("too many", err, moderation.ErrFull)
	}},
}

// fresh is a new case that somebody has.
func (h *house) fresh(p moderation.PersonID) string {
	h.Helper()
	id := h.conduct("fresh")
	h.claims(p, id)
	return id
}

// out says that a seat is out of its room, or is not.
func (h *house) out(s circle.Seat, want bool) {
	h.Helper()
	gone, err := h.Circles.Removed(h.ctx, s.Room)
	if h.ok(err); slices.Contains(gone, s.ID) != want {
		h.Errorf("%s is out: %v, want %v", s.ID, !want, want)
	}
}

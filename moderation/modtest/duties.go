package modtest

import (
	"slices"
	"time"

	"hearth/circle"
	"hearth/moderation"
)

// onCall is who is on duty now.
func (h *house) onCall() (who []moderation.PersonID) {
	h.Helper()
	list, err := h.Store.OnDuty(h.ctx, h.now)
	h.ok(err)
	for _, d := range list {
		who = append(who, d.Person)
	}
	return who
}

// expectOnCall checks who is on duty now, whoever began first before others.
func (h *house) expectOnCall(want ...moderation.PersonID) {
	h.Helper()
	if got := h.onCall(); !slices.Equal(got, want) {
		h.Errorf("on call are %q, want %q", got, want)
	}
}

// didBy are the lines of the audit by somebody, oldest first.
func (h *house) didBy(p moderation.PersonID) (list []string) {
	h.Helper()
	all, err := h.Circles.Audit(h.ctx, 0, 1000)
	h.ok(err)
	for _, a := range slices.Backward(all) {
		if a.By == circle.PersonID(p) {
			list = append(list, a.Did)
		}
	}
	return list
}

// desk counts a desk's changes.
func (h *house) desk() int64 {
	h.Helper()
	n, err := h.Store.Desk(h.ctx)
	h.ok(err)
	return n
}

// demote takes the moderator's part from somebody.
func (h *house) demote(p moderation.PersonID) {
	h.Helper()
	who, err := h.Circles.Person(h.ctx, circle.PersonID(p))
	h.ok(err)
	who.Moderator = false
	h.ok(h.Circles.ChangePerson(h.ctx, circle.Act{At: h.now}, who))
}

var duties = []promise{
	{"who is on call is so until the end they said, on every node", func(h *house) {
		h.expectOnCall()
		was := h.desk()
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.nia), h.now.Add(2*time.Hour)))
		h.pass(time.Minute)
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		h.expectOnCall(h.nia, h.mo)
		list, err := h.Node().OnDuty(h.ctx, h.now)
		h.ok(err)
		if len(list) != 2 || list[1].Name != "Mo" || !list[1].Since.Equal(h.now) || !list[1].Until.Equal(h.now.Add(time.Hour)) {
			h.Errorf("the other node says %+v", list)
		}
		if h.desk() < was+2 {
			h.Error("no desk heard of it")
		}
		h.pass(time.Hour - time.Millisecond)
		h.expectOnCall(h.nia, h.mo)
		h.pass(time.Millisecond)
		h.expectOnCall(h.nia)
		h.pass(time.Hour)
		h.expectOnCall()
	}},
	{"somebody who says again that they are on call has been since they first did", func(h *house) {
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		h.pass(time.Minute)
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.nia), h.now.Add(time.Hour)))
		h.pass(time.Minute)
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(3*time.Hour)))
		h.expectOnCall(h.mo, h.nia)
		h.pass(3 * time.Hour) // it is over: this is another one
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.nia), h.now.Add(time.Hour)))
		h.pass(time.Minute)
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		h.expectOnCall(h.nia, h.mo)
	}},
	{"nobody is on call for more than twelve hours at once", func(h *house) {
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(100*time.Hour)))
		h.pass(moderation.MostDuty - 1)
		h.expectOnCall(h.mo)
		h.pass(1)
		h.expectOnCall()
	}},
	{"duty ends when they say so, and that is in the audit", func(h *house) {
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), time.Time{}))
		h.expectOnCall()
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now.Add(time.Hour)))
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now))
		h.ok(h.Store.SetDuty(h.ctx, h.by(h.mo), h.now)) // a second time is nothing
		h.expectOnCall()
		want := []string{"duty-begun", "duty-ended", "duty-begun", "duty-ended"}
		if got := h.didBy(h.mo); len(got) < 4 || !slices.Equal(got[len(got)-4:], want) {
			h.Errorf("the audit ends with %q", got)
		}
	}},
	{"only moderators are on call", func(h *house) {
		h.want("somebody who keeps a circle", h.Store.SetDuty(h.ctx, h.by(h.kim), h.now.Add(time.Hour)), moderation.ErrNotYours)
		h.want("nobody", h.Store.SetDuty(h.ctx, h.by("nobody"), h.now.Add(time.Hour)), moderation.ErrNotYours)
		h.expectOnCall()
	}},
	{"whoever is no moderator any more has no duty, no key and no case", func(h *house) {
		for i, leave := range []func(){
			func() { h.demote(h.mo) },
			func() { h.ok(h.Circles.RemovePerson(h.ctx, circle.Act{At: h.now}, circle.PersonID(h.nia))) },
		} {
			who := []moderation.PersonID{h.mo, h.nia}[i]
			h.ok(h.Store.SetDuty(h.ctx, h.by(who), h.now.Add(time.Hour)))
			h.ok(h.Store.SetDuty(h.ctx, h.by(h.oz), h.now.Add(time.Hour)))
			h.ok(h.Store.AddKey(h.ctx, h.by(who), publicKey(h, who)))
			h.ok(h.Store.AddKey(h.ctx, h.by(h.oz), publicKey(h, h.oz)))
			id := h.files(h.about(moderation.Harassment, "room", "somebody "+roomSeat(i), "ada")).Case
			h.claims(who, id)
			rev, was := h.dossier(h.oz, id).Rev, h.desk()
			leave()
			h.expectOnCall(h.oz)
			if keys := h.keysOf(who); len(keys) != 0 {
				h.Errorf("%s: has %d keys", who, len(keys))
			}
			if d := h.dossier(h.oz, id); d.Claim.By != "" || d.Rev == rev || h.desk() == was {
				h.Errorf("%s: the case is %+v", who, d.Case)
			}
			h.claims(h.oz, id)
		}
		if len(h.keysOf(h.oz)) != 2 {
			h.Error("somebody else's keys are gone")
		}
	}},
}

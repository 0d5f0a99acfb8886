package circletest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hearth/circle"
	"hearth/room"
)

var invites = []promise{
	{"wrong, used up, expired and barred codes have one answer", oneAnswer},
	{"and take the same time", sameTime},
	{"an invite ends at its time", func(h *house) {
		h.comes("kim", h.keeper)
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Until: h.now.Add(time.Hour)})
		h.now = h.now.Add(time.Hour - time.Second)
		h.comes("ada", code)
		h.now = h.now.Add(time.Second)
		h.refused(circle.Claim{Code: code, Device: "ada"}, circle.ErrNoInvite)
		h.refused(circle.Claim{Code: code, Device: "bo"}, circle.ErrNoInvite)
	}},
	{"an invite for three lets three in, and each of them back", func(h *house) {
		h.comes("kim", h.keeper)
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 3})
		var seats []ticket
		for _, who := range []string{"ada", "bo", "cy"} {
			seats = append(seats, h.comes(who, code))
		}
		h.refused(circle.Claim{Code: code, Device: "di"}, circle.ErrNoInvite)
		h.refused(circle.Claim{Code: code, Device: "ada", Fresh: true}, circle.ErrNoInvite)
		if back := h.comes("bo", code); back.ID != seats[1].ID {
			h.Errorf("bo came back to %+v", back)
		}
	}},
	{"a single-use invite belongs to its first device", func(h *house) {
		kim := h.comes("kim", h.keeper)
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1})
		ada := h.comes("ada", code)
		for range 2 { // in this room, and in the next
			h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
			h.refused(circle.Claim{Code: code, Device: "ada", Fresh: true}, circle.ErrNoInvite)
			if back := h.comes("ada", code); back.ID != ada.ID {
				h.Errorf("ada came back to %+v, had %+v", back, ada)
			}
			h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
			kim = h.comes("kim", h.keeper)
			ada = h.comes("ada", code)
		}
	}},
	{"a facilitator's single-use link opens every gathering, for one browser", func(h *house) {
		code := h.invite(circle.Invite{Circle: tea, Role: room.Facilitator, Uses: 1})
		kim := h.comes("kim", code)
		h.ok(h.Store.EndRoom(h.ctx, kim.Room, h.now))
		h.refused(circle.Claim{Code: code, Device: "eve"}, circle.ErrNoInvite)
		if next := h.comes("kim", code); next.Room == kim.Room {
			h.Error("the old room was opened again")
		}
	}},
	{"of many at once, as many come in as there are uses", func(h *house) {
		h.comes("kim", h.keeper)
		for _, uses := range []int{1, 3} {
			for round := range 5 {
				code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: uses})
				var in atomic.Int32
				var wg sync.WaitGroup
				for n := range 8 {
					wg.Go(func() {
						_, _, err := h.Store.Redeem(h.ctx, circle.Claim{Code: code, Device: device(n)}, h.now)
						switch {
						case err == nil:
							in.Add(1)
						case !errors.Is(err, circle.ErrNoInvite):
							h.Error(err)
						}
					})
				}
				wg.Wait()
				if int(in.Load()) != uses {
					h.Fatalf("round %d: %d came in, there were %d uses", round, in.Load(), uses)
				}
			}
		}
	}},
	{"codes are long and never alike", func(h *house) {
		seen := map[string]bool{}
		for range 50 {
			code := h.invite(circle.Invite{Circle: tea, Role: room.Member})
			if len(code) < 22 || seen[code] {
				h.Fatalf("code %q", code)
			}
			seen[code] = true
		}
	}},
	{"what is no invite is not made", func(h *house) {
		for name, i := range map[string]circle.Invite{
			"no circle":       {Role: room.Member},
			"no such circle":  {Circle: "elsewhere", Role: room.Member},
			"no role":         {Circle: tea},
			"deputy":          {Circle: tea, Role: room.Deputy},
			"house":           {Circle: tea, Role: room.House},
			"fewer than none": {Circle: tea, Role: room.Member, Uses: -1},
			"ended before":    {Circle: tea, Role: room.Member, Until: h.now},
		} {
			if code, err := h.Store.AddInvite(h.ctx, circle.Act{At: h.now}, i); err == nil || code != "" {
				h.Errorf("%s: %q, %v", name, code, err)
			}
		}
	}},
}

// badClaims are claims that have to look alike, each on a prepared invite.
func (h *house) badClaims() map[string]circle.Claim {
	h.comes("kim", h.keeper)
	usedUp := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 2})
	h.comes("ada", usedUp)
	h.comes("bo", usedUp)
	single := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 1})
	h.comes("cy", single)
	expired := h.invite(circle.Invite{Circle: tea, Role: room.Member, Until: h.now.Add(time.Minute)})
	revoked := h.invite(circle.Invite{Circle: tea, Role: room.Member, For: "revoked"})
	h.ok(h.Store.Revoke(h.ctx, circle.Act{At: h.now}, tea, h.named("revoked").ID))
	open := h.invite(circle.Invite{Circle: tea, Role: room.Member})
	di := h.comes("di", open)
	h.ok(h.Store.Bar(h.ctx, di.Room, di.ID))
	h.now = h.now.Add(time.Hour)
	return map[string]circle.Claim{
		"wrong":            {Code: "AAAAAAAAAAAAAAAAAAAAAAAAAA", Device: "eve"},
		"empty":            {Device: "eve"},
		"used up":          {Code: usedUp, Device: "eve"},
		"somebody's":       {Code: single, Device: "eve"},
		"expired":          {Code: expired, Device: "eve"},
		"revoked":          {Code: revoked, Device: "eve"},
		"barred":           {Code: open, Device: "di"},
		"barred, asks new": {Code: open, Device: "di", Fresh: true},
	}
}

func oneAnswer(h *house) {
	for name, claim := range h.badClaims() {
		_, _, err := h.Store.Redeem(h.ctx, claim, h.now)
		if !errors.Is(err, circle.ErrNoInvite) {
			h.Errorf("%s: %v", name, err)
		}
		h.refused(claim, circle.ErrNoInvite)
	}
}

// sameTime compares medians, taken in turns. It would see a wait for the
// disk or a second transaction; that the questions asked are the same ones
// is for the store's own tests.
func sameTime(h *house) {
	claims := h.badClaims()
	took := map[string][]time.Duration{}
	for range 150 {
		for name, claim := range claims {
			start := time.Now()
			if _, _, err := h.Store.Redeem(h.ctx, claim, h.now); !errors.Is(err, circle.ErrNoInvite) {
				h.Fatal(name, err)
			}
			took[name] = append(took[name], time.Since(start))
		}
	}
	median := func(name string) time.Duration {
		slices.Sort(took[name])
		return took[name][len(took[name])/2]
	}
	wrong := median("wrong")
	for name := range claims {
		if m := median(name); m > 2*wrong || wrong > 2*m {
			h.Errorf("%s takes %v, a wrong code %v", name, m, wrong)
		}
	}
}

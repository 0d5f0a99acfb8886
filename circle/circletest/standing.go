package circletest

import (
	"reflect"
	"slices"
	"strings"

	"hearth/circle"
	"hearth/room"
)

// circle returns a circle as it is kept.
func (h *house) circle(id circle.ID) circle.Circle {
	h.Helper()
	c, err := h.Store.Circle(h.ctx, id)
	h.ok(err)
	return c
}

// change changes a circle.
func (h *house) change(id circle.ID, how func(*circle.Circle)) circle.Circle {
	h.Helper()
	c := h.circle(id)
	how(&c)
	h.ok(h.Store.ChangeCircle(h.ctx, circle.Act{By: "kim", At: h.now}, c))
	return h.circle(id)
}

// full has something in every part of it.
func full() circle.Circle {
	set := room.DefaultSettings()
	set.Title = "Sunday bread"
	return circle.Circle{ID: "0195-full", Settings: set, Rules: []string{"one at a time"}, Country: "GB", About: circle.About{
		Purpose: "For whoever bakes, and \"mustn't\".", Themes: []string{"grief", "wellbeing"}, Notes: []string{"loss"}, Language: "es", Region: "IE",
		Format: "council", Access: circle.InviteAndWait, Standing: circle.Announced, Listed: true, Series: true,
		Keepers: []circle.PersonID{"kim"}, Deputies: []circle.PersonID{"lee", "mo"},
		Schedule: circle.Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 75, Rule: "FREQ=WEEKLY;BYDAY=TU",
			Off: map[string]string{"2026-03-10T19:00": "A holiday"}, Themes: map[string]string{"2026-03-17T19:00": "Rye"}},
	}}
}

var standing = []promise{
	{"a circle is kept with everything that is said of it", func(h *house) {
		want := full()
		want.Rev, want.RulesRev, want.Feed, want.Interest = 7, 7, "mine", 7 // these are the store's to say
		h.ok(h.Store.AddCircle(h.ctx, circle.Act{At: h.now}, want))
		h.Store = h.Reopen()
		got := h.circle(want.ID)
		if got.Rev != 1 || got.RulesRev != 1 || got.Interest != 0 || len(got.Feed) < 22 || got.Feed == h.circle(tea).Feed {
			h.Errorf("the store's own: %+v", got)
		}
		want.Rev, want.RulesRev, want.Feed, want.Interest = 1, 1, got.Feed, 0
		if !reflect.DeepEqual(got, want) {
			h.Errorf("%+v\nwant %+v", got, want)
		}
		_, err := h.Store.Circle(h.ctx, "elsewhere\x00")
		h.want("another", err, circle.ErrNoCircle)
	}},
	{"what Check refuses is neither added nor kept", func(h *house) {
		for name, spoil := range map[string]func(*circle.Circle){
			"settings": func(c *circle.Circle) { c.Settings = room.Settings{} },
			"purpose":  func(c *circle.Circle) { c.Purpose = strings.Repeat("x", circle.MaxPurpose+1) },
			"theme":    func(c *circle.Circle) { c.Themes = []string{"weather"} },
			"access":   func(c *circle.Circle) { c.Access = "perhaps" },
			"open":     func(c *circle.Circle) { c.Access = circle.OpenToAll },
			"schedule": func(c *circle.Circle) { c.Schedule.Zone = "Nowhere/Else" },
		} {
			bad := full()
			if spoil(&bad); h.Store.AddCircle(h.ctx, circle.Act{}, bad) == nil {
				h.Errorf("%s: it was added", name)
			}
			bad.ID, bad.Rev = tea, 1
			if h.Store.ChangeCircle(h.ctx, circle.Act{}, bad) == nil {
				h.Errorf("%s: it was kept", name)
			}
		}
		if c := h.circle(tea); c.Rev != 1 || c.Settings.Title != string(tea) || len(h.did()) != 3 {
			h.Errorf("%+v, %v", c, h.did())
		}
	}},
	{"a change counts, and keeps what is the store's", func(h *house) {
		was := h.circle(tea)
		now := h.change(tea, func(c *circle.Circle) {
			c.Settings.Title, c.Feed, c.RulesRev, c.Interest = "Green tea", "another", 9, 9
		})
		if now.Rev != 2 || now.Settings.Title != "Green tea" || now.Feed != was.Feed || now.RulesRev != 1 || now.Interest != 0 {
			h.Errorf("%+v", now)
		}
		if list, err := h.Store.Circles(h.ctx); err != nil || len(list) != 2 || list[0].ID != tea || list[1].Rev != 1 {
			h.Errorf("%+v, %v", list, err)
		}
		h.want("one that isn't there", h.Store.ChangeCircle(h.ctx, circle.Act{}, full()), circle.ErrNoCircle)
	}},
	{"ground rules count by themselves", func(h *house) {
		if c := h.change(tea, func(c *circle.Circle) { c.Rules = append(c.Rules, "no advice") }); c.RulesRev != 2 || c.Rev != 2 {
			h.Errorf("%+v", c)
		}
		if c := h.change(tea, func(c *circle.Circle) { c.Purpose = "For tea." }); c.RulesRev != 2 || c.Rev != 3 || len(c.Rules) != 3 {
			h.Errorf("%+v", c)
		}
	}},
	{"of two changes of one circle, the second is told of the first", func(h *house) {
		one, two := h.circle(tea), h.circle(tea)
		one.Purpose, two.Purpose = "For one.", "For two."
		h.ok(h.Store.ChangeCircle(h.ctx, circle.Act{}, one))
		h.want("the second", h.Store.ChangeCircle(h.ctx, circle.Act{}, two), circle.ErrChanged)
		if c := h.circle(tea); c.Purpose != "For one." || c.Rev != 2 {
			h.Errorf("%+v", c)
		}
	}},
	{"who would come is counted while a circle is announced", func(h *house) {
		h.want("a circle that meets", h.Store.AddInterest(h.ctx, tea), circle.ErrNoCircle)
		h.want("none", h.Store.AddInterest(h.ctx, "elsewhere"), circle.ErrNoCircle)
		h.change(tea, func(c *circle.Circle) { c.Standing = circle.Announced })
		for range 3 {
			h.ok(h.Store.AddInterest(h.ctx, tea))
		}
		if c := h.circle(tea); c.Interest != 3 || c.Rev != 2 {
			h.Errorf("%+v", c)
		}
		if c := h.change(tea, func(c *circle.Circle) { c.Standing = circle.Meeting }); c.Interest != 3 {
			h.Errorf("%+v", c)
		}
	}},
	{"who keeps a circle from when to when is in the audit", func(h *house) {
		before := len(h.did())
		h.change(tea, func(c *circle.Circle) { c.Keepers, c.Deputies = []circle.PersonID{"a", "b"}, []circle.PersonID{"d"} })
		revision, err := h.Store.Revision(h.ctx)
		h.ok(err)
		h.change(tea, func(c *circle.Circle) { c.Keepers = []circle.PersonID{"b", "c"} })
		want := []string{"circle-changed", "keeper-named", "keeper-named", "deputy-named", "circle-changed", "keeper-named", "keeper-left"}
		if did := h.did()[before:]; !slices.Equal(did, want) {
			h.Errorf("%q", did)
		}
		lines, err := h.Store.Audit(h.ctx, 0, 2)
		h.ok(err)
		if lines[0].What != "a" || lines[1].What != "c" || lines[0].By != "kim" || !lines[0].At.Equal(h.now) {
			h.Errorf("%+v", lines)
		}
		if now, err := h.Store.Revision(h.ctx); err != nil || now <= revision {
			h.Errorf("a right ended, and the revision is %d, was %d (%v)", now, revision, err)
		}
	}},
}

package modtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// links are the links of a room's seats; of none: of all since then.
func (h *house) links(of room.ID, since time.Time) string {
	h.Helper()
	all, err := h.Store.Links(h.ctx, of, since)
	h.ok(err)
	return strings.Join(slices.Sorted(maps.Values(all)), ", ")
}

// told are the facts of the decisions somebody is to be told of.
func (h *house) told(seat room.SeatID, of circle.ID, keys ...string) string {
	h.Helper()
	list, err := h.Store.Owed(h.ctx, seat, keys, moderation.CircleID(of), h.now)
	h.ok(err)
	return facts(list)
}

func facts(list []moderation.Decision) string {
	var all []string
	for _, d := range list {
		all = append(all, d.Facts)
	}
	return strings.Join(all, ", ")
}

// does has Mo decide about a seat, in words that say what.
func (h *house) does(s circle.Seat, a moderation.Action, what string, keys ...string) moderation.Decision {
	h.Helper()
	d := decision(h.caseOf(s), a)
	d.Facts, d.Reach = what, keys
	switch a {
	case moderation.MuteAction:
		d.Minutes = 5
	case moderation.Ban:
		d.Scope, d.Until = moderation.OfCircle, h.now.Add(7*24*time.Hour)
	}
	return h.decides(h.mo, d)
}

// expect compares what is told.
func (h *house) expect(what, got, want string) {
	h.Helper()
	if got != want {
		h.Errorf("%s: %q; want %q", what, got, want)
	}
}

var owing = []promise{
	{"who asks is told by which bans they are kept out, newest first", func(h *house) {
		eve := h.enters(brings("eve", h.member(tea, 0)))
		old := h.does(eve.Seat, moderation.Ban, "first", "device:eve", "prefix:1:a")
		h.pass(time.Minute)
		h.bans(eve.Seat, moderation.OfHouse, 0, []string{"device:eve", "device:eve's phone"})
		for _, c := range []struct {
			keys []string
			of   circle.ID
			want string
			wait bool
		}{
			{nil, tea, "", false}, {[]string{""}, tea, "", false}, {[]string{"device:ada"}, tea, "", false},
			{[]string{"device:eve"}, tea, "You called somebody names., first", false},
			{[]string{"device:ada", "device:eve"}, walk, "You called somebody names.", false},
			{[]string{"device:eve's phone"}, tea, "You called somebody names.", false},
			{[]string{"prefix:1:a"}, tea, "", true}, {[]string{"prefix:1:a"}, walk, "", false},
			{[]string{"device:eve", "prefix:1:a"}, tea, "You called somebody names., first", true},
		} {
			list, wait, err := h.Store.Banned(h.ctx, c.keys, moderation.CircleID(c.of), h.now)
			h.ok(err)
			if facts(list) != c.want || wait != c.wait {
				h.Errorf("%q in %s: %q, waits %v", c.keys, c.of, facts(list), wait)
			}
		}
		list, _, err := h.Store.Banned(h.ctx, []string{"device:eve"}, moderation.CircleID(tea), h.now)
		h.ok(err)
		if is := list[1].Statement(); is != old.Statement() || is.Appeal == "" {
			h.Errorf("it states %+v, want %+v", is, old.Statement())
		}
		h.pass(7 * 24 * time.Hour)
		list, wait, err := h.Store.Banned(h.ctx, []string{"device:eve", "prefix:1:a"}, moderation.CircleID(tea), h.now)
		h.ok(err)
		if len(list) != 1 || wait {
			h.Errorf("after its end: %q, waits %v", facts(list), wait)
		}
	}},
	{"what was decided about somebody is told at their next join, until it was, and while it holds", func(h *house) {
		eve := h.enters(brings("eve", h.member(tea, 0))).Seat
		warned := h.does(eve, moderation.Warn, "warned", "device:eve", "prefix:1:a")
		h.pass(time.Second)
		muted := h.does(eve, moderation.MuteAction, "muted", "device:eve")
		h.pass(time.Second)
		banned := h.does(eve, moderation.Ban, "banned", "device:eve")
		h.does(eve, moderation.NoAction, "nothing", "device:eve")
		h.pass(time.Second)
		h.expect("by the seat", h.told(eve.ID, tea), "banned, muted, warned")
		h.expect("by the device", h.told("", tea, "device:eve"), "banned, muted, warned")
		h.expect("by the network", h.told("", tea, "prefix:1:a"), "")
		h.expect("somebody else", h.told("ada", tea, "device:ada", ""), "")
		h.expect("nobody", h.told("", tea), "")
		h.expect("elsewhere", h.told(eve.ID, walk, "device:eve"), "")
		for _, d := range []moderation.Decision{warned, muted, banned} {
			h.ok(h.Store.Told(h.ctx, d.ID, h.now))
			h.ok(h.Store.Told(h.ctx, d.ID, h.now))
		}
		h.expect("once told", h.told(eve.ID, tea), "banned, muted")
		h.pass(5 * time.Minute)
		h.expect("after the mute", h.told(eve.ID, tea), "banned")
		_, err := h.Store.Undo(h.ctx, h.by(h.mo), banned.ID)
		h.ok(err)
		h.expect("undone", h.told(eve.ID, tea), "")
	}},
	{"a removal is told of while that gathering goes on, and what was never told until it can't be appealed", func(h *house) {
		eve := h.enters(brings("eve", h.member(tea, 0))).Seat
		d := h.does(eve, moderation.RemoveAction, "removed", "device:eve")
		h.ok(h.Store.Told(h.ctx, d.ID, h.now))
		h.expect("during it", h.told(eve.ID, tea), "removed")
		h.ok(h.Circles.EndRoom(h.ctx, eve.Room, h.now))
		h.expect("after it", h.told(eve.ID, tea), "")
		h.does(eve, moderation.Warn, "warned", "device:eve")
		h.pass(moderation.AppealFor - time.Millisecond)
		h.expect("half a year later", h.told("", tea, "device:eve"), "warned")
		h.pass(time.Millisecond)
		h.expect("later than that", h.told("", tea, "device:eve"), "")
	}},
	{"a ban from the house is told of in every circle, for thirty days", func(h *house) {
		eve := h.enters(brings("eve", h.member(tea, 0))).Seat
		d := h.bans(eve, moderation.OfHouse, 0, []string{"device:eve"})
		h.ok(h.Store.Told(h.ctx, d.ID, h.now))
		h.pass(30*24*time.Hour - time.Millisecond)
		h.expect("elsewhere", h.told("", walk, "device:eve"), d.Facts)
		h.pass(time.Millisecond)
		h.expect("later", h.told("", walk, "device:eve"), "")
	}},
	{"what leads from a seat to whoever sits there is kept as it came, also after the end", func(h *house) {
		h.comes("kim", h.keeper) // brings none
		code := h.member(tea, 0)
		eve := h.enters(brings("eve", code))
		h.pass(time.Minute)
		ada, walker := h.enters(brings("ada", code)), h.enters(brings("bo", h.member(walk, 0)))
		h.expect("of the room", h.links(eve.Room, h.now), "link of ada, link of eve")
		h.expect("of the other", h.links(walker.Room, h.now), "link of bo")
		h.expect("of all since", h.links("", h.now), "link of ada, link of bo")
		h.expect("of all", h.links("", evening), "link of ada, link of bo, link of eve")
		_, err := h.Circles.Aside(h.ctx, ada.Seat, "an aside")
		h.ok(err)
		h.expect("of an aside", h.links("an aside", h.now), "link of ada")
		h.pass(time.Minute)
		again := brings("eve", code)
		again.Link = "eve's newer link"
		if back := h.enters(again); back.ID != eve.ID {
			h.Error("eve has another seat")
		}
		h.expect("when she came again", h.links(eve.Room, h.now), "eve's newer link, link of ada")
		h.expect("and since", h.links("", h.now), "eve's newer link")
		h.ok(h.Circles.EndRoom(h.ctx, eve.Room, h.now))
		h.expect("after the end", h.links(eve.Room, h.now), "eve's newer link, link of ada")
	}},
	{"a seat that was had while it was decided is banned with the others", func(h *house) {
		h.now = time.Now().Truncate(time.Millisecond)
		eve, walker, other := h.enters(brings("eve", h.member(tea, 0))), h.enters(brings("eve", h.member(walk, 0))), h.enters(brings("ada", h.member(walk, 0)))
		d := h.bans(eve.Seat, moderation.OfHouse, 0, []string{"device:eve", "prefix:1:a"})
		h.proves(walker, nil)
		before, err := h.Circles.Revision(h.ctx)
		h.ok(err)
		h.ok(h.Store.Include(h.ctx, d.ID, []room.SeatID{walker.ID}))
		h.ok(h.Store.Include(h.ctx, d.ID, []room.SeatID{walker.ID}))
		h.proves(walker, circle.ErrBanned)
		if after, err := h.Circles.Revision(h.ctx); err != nil || after != before+1 {
			h.Errorf("nodes look again %d times, %v", after-before, err)
		}
		_, err = h.Store.Undo(h.ctx, h.by(h.mo), d.ID)
		h.ok(err)
		h.proves(walker, nil)
		warned := h.does(eve.Seat, moderation.Warn, "warned", "device:eve")
		for _, id := range []string{d.ID, warned.ID, "nothing"} {
			h.ok(h.Store.Include(h.ctx, id, []room.SeatID{other.ID}))
		}
		h.proves(other, nil)
	}},
	{"of coming in and being banned at once, one comes before the other", func(h *house) {
		h.now = time.Now().Truncate(time.Millisecond)
		code, elsewhere := h.member(tea, 0), h.member(walk, 0)
		h.enters(brings("kim", h.keeper))
		h.enters(brings("kim", elsewhere))
		in := 0
		for n := range 100 {
			if h.race(n, code, elsewhere) {
				in++
			}
		}
		h.Logf("%d of 100 came in first", in)
	}},
}

// race has somebody come in while they are banned, and says whether they did:
// then they are in Links at once when that is decided, and nobody comes after.
func (h *house) race(n int, code, elsewhere string) (first bool) {
	h.Helper()
	who := fmt.Sprintf("eve %d", n)
	eve := h.enters(brings(who, code))
	claim, scope := brings(who, elsewhere), moderation.OfHouse
	if n%2 == 1 {
		claim, scope = brings(who, code), moderation.OfCircle
		claim.Fresh = true
	}
	d := decision(h.caseOf(eve.Seat), moderation.Ban)
	d.Scope, d.Second, d.Reach = scope, h.nia, []string{"device:" + who}
	rev := h.dossier(h.mo, d.Case).Rev
	var all sync.WaitGroup
	start := make(chan struct{})
	var came ticket
	var redeemed, decided, looked error
	var links map[room.SeatID]string
	all.Go(func() {
		<-start
		came.Seat, came.secret, redeemed = h.Circles.Redeem(h.ctx, claim, h.now)
	})
	all.Go(func() {
		<-start
		if d, decided = h.Store.Decide(h.ctx, h.by(h.mo), rev, d, false); decided == nil {
			links, looked = h.Store.Links(h.ctx, "", evening)
		}
	})
	close(start)
	all.Wait()
	h.ok(errors.Join(decided, looked))
	if redeemed == nil {
		if links[came.ID] != claim.Link {
			h.Fatalf("try %d: came in after it was decided", n)
		}
		h.ok(h.Store.Include(h.ctx, d.ID, []room.SeatID{came.ID}))
		h.proves(came, circle.ErrBanned)
	} else if !errors.Is(redeemed, circle.ErrBanned) {
		h.Fatalf("try %d: %v", n, redeemed)
	}
	h.proves(eve, circle.ErrBanned)
	h.refused(claim, circle.ErrBanned)
	return redeemed == nil
}

package web

import (
	"net/http"
	"testing"

	"hearth/moderation"
	"hearth/room"
)

// comesBack asserts whether somebody who was removed is let in again.
func (m *meeting) comesBack(t *tab, name string, can bool) {
	m.t.Helper()
	again := t.again()
	if can {
		again.hello(Hello{Name: name})
		return
	}
	again.says(Hello{Name: name, Ticket: t.browser.ticket(t.handle)})
	again.refuses(room.YouAreBarred)
}

// removes is a decision.
func removes(v CaseView) DeskDecide {
	d := warns(v)
	d.Action = moderation.RemoveAction
	return d
}

// What another decision does as well, or who keeps the circle did before, is
// not undone with a decision.
func TestUndoingLeavesWhatElseHolds(t *testing.T) {
	t.Run("a removal by who keeps the circle", func(t *testing.T) {
		m := meet(t)
		mo := m.moderator("Mo")
		id := m.reported(m.ben)
		m.ana.does("remove", map[string]any{"seat": m.ben.me()})
		m.ben.closes(int(CloseRemoved))
		m.until("it is kept", func() bool {
			out, err := m.store.Removed(t.Context(), m.roomOf(m.ben))
			m.must(err)
			return len(out) == 1
		})
		v := mo.deals(id, "/claim", none{})
		v = mo.deals(id, "/decide", removes(v))
		v = mo.deals(id, "/undo", DeskUndo{v.Decisions[0].ID})
		m.comesBack(m.ben, "Ben", false)
		if v.Decisions[0].Undone == 0 {
			t.Errorf("%+v", v.Decisions[0])
		}
	})
	t.Run("another removal", func(t *testing.T) {
		m := meet(t)
		mo := m.moderator("Mo")
		id := m.reported(m.ben)
		v := mo.deals(id, "/claim", none{})
		v = mo.deals(id, "/decide", removes(v))
		m.ben.closes(int(CloseRemoved))
		v = mo.deals(id, "/decide", removes(v))
		mo.deals(id, "/undo", DeskUndo{v.Decisions[0].ID})
		m.comesBack(m.ben, "Ben", false)
		mo.deals(id, "/undo", DeskUndo{v.Decisions[1].ID})
		m.comesBack(m.ben, "Ben", true)
	})
	t.Run("a longer mute", func(t *testing.T) {
		m := meet(t)
		mo := m.moderator("Mo")
		id := m.reported(m.ben)
		v := mo.deals(id, "/claim", none{})
		v = mo.deals(id, "/decide", mutes(v))
		m.ben.stated()
		m.ana.does("mute", map[string]any{"seat": m.ben.me(), "minutes": 30})
		v = mo.deals(id, "/undo", DeskUndo{v.Decisions[0].ID})
		m.ben.hears("the end of it", func(f room.Frame) bool { return f.You != nil && f.You.Stated == nil && f.You.Muted != 0 })
		if v.Live == nil || v.Live.Muted == 0 {
			t.Errorf("%+v", v.Live)
		}
	})
}

// Whoever sits in a room twice is removed twice, and may come again twice.
func TestUndoingReachesEverySeat(t *testing.T) {
	m := meet(t)
	mo, b := m.moderator("Mo"), m.browser()
	sit := func(name string) *tab {
		one := m.dial()
		one.browser, one.handle = b, b.enters(m.invite(room.Member))
		one.hello(Hello{Name: name})
		return one
	}
	one, two := sit("One"), sit("Two")
	id := m.reported(one)
	v := mo.deals(id, "/claim", none{})
	v = mo.deals(id, "/decide", removes(v))
	one.closes(int(CloseRemoved))
	two.closes(int(CloseRemoved))
	mo.deals(id, "/undo", DeskUndo{v.Decisions[0].ID})
	m.comesBack(one, "One", true)
	m.comesBack(two, "Two", true)
	if len(m.told()) > 0 {
		t.Errorf("%v", m.faults)
	}
}

// A quiet room is with the moderator who decides, also where another one has
// sat longer; and blanks are no sentence.
func TestAQuietRoomIsWithWhoeverDecides(t *testing.T) {
	m := meet(t)
	id, jo, mo := m.reported(m.ben), m.moderator("Jo"), m.moderator("Mo")
	sits := func(c *clerk) *tab {
		c.keeps(m.circle)
		one := m.dial()
		one.browser, one.handle = c.browser, c.handleOf()
		one.hello(Hello{Name: c.Name})
		return one
	}
	first, second := sits(jo), sits(mo)
	d := warns(mo.deals(id, "/claim", none{}))
	d.Facts = " \u200b\u202e "
	mo.hindered("/desk/cases/"+id+"/decide", d, http.StatusUnprocessableEntity, FactsNeeded)
	d = warns(mo.deals(id, "", nil))
	d.Action = moderation.QuietRoom
	mo.deals(id, "/decide", d)
	f := m.ben.hears("the quiet room", func(f room.Frame) bool { return f.You != nil && len(f.You.Asides) == 1 })
	if by := f.You.Asides[0].By; by != second.me() || by == first.me() {
		t.Errorf("it is with %s, who decides is %s, %s", by, second.me(), first.me())
	}
}

package main

import (
	"testing"

	"hearth/room"
)

// within is a guest's second line, into the one aside they are asked into.
func (g *guest) within(id room.ID) *guest {
	g.t.Helper()
	one := &guest{t: g.t, base: g.base, handle: g.handle, cookie: g.cookie, name: g.name, session: "two" + g.session[3:], door: "aside/" + string(id)}
	return one.sit()
}

// TestAnAsideOutlastsAKill: a talk goes on after a kill -9, nothing that was
// said in it is in any file, and it ends with the circle.
func TestAnAsideOutlastsAKill(t *testing.T) {
	data, addr := t.TempDir(), freeAddr(t)
	p := start(t, data, "--listen", addr)
	p.free("As it comes")
	ada, rest := circleOf(t, p, "Ben")
	ben := rest[0]
	ada.do("aside", `{"kind":"talk","with":[%q]}`, ben.seat)
	asked := ben.welcome().State.You.Asides
	if len(asked) != 1 {
		t.Fatalf("Ben is asked into %+v", asked)
	}
	id := asked[0].ID
	const words = "between the two of us"
	one, other := ada.within(id), ben.within(id)
	one.do("say", `{"turn":0,"text":%q}`, words)
	other.sees("what Ada said", func() bool { return len(other.said) == 1 && other.said[0].Text == words })
	p.kill()

	left := places{}
	left.folder(t, "data", data)
	if found := left.find(words); len(found) > 0 {
		t.Errorf("what was said aside is in %q", found)
	}
	if len(left.find(string(id))) == 0 {
		t.Error("control: the search finds nothing")
	}
	start(t, data, "--listen", addr)
	if again := ben.welcome().State.You.Asides; len(again) != 1 || again[0].ID != id {
		t.Fatalf("after the kill Ben is in %+v", again)
	}
	ada.sit()
	one, other = ada.within(id), ben.within(id)
	one.do("say", `{"turn":0,"text":"still here"}`)
	other.sees("what Ada says now", func() bool { return len(other.said) == 1 && other.said[0].Text == "still here" })
	ada.do("close", `{}`)
	for _, g := range []*guest{one, other} {
		if code := g.closes(); code != 4410 {
			t.Errorf("%s's line into the aside closes with %d", g.name, code)
		}
	}
}

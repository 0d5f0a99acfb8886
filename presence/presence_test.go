package presence

import "testing"

// A person with a phone and a tablet: only the last line that goes counts.
func TestOnlyTheLastConnectionGoneCounts(t *testing.T) {
	p := NewTable()
	steps := []struct {
		what string
		do   func() bool
		want bool
	}{
		{"the phone connects, the first", func() bool { return p.Connect("room", "jun", 1) }, true},
		{"the tablet is not the first", func() bool { return p.Connect("room", "jun", 2) }, false},
		{"the tablet again", func() bool { return p.Connect("room", "jun", 2) }, false},
		{"Abena is the first of hers", func() bool { return p.Connect("room", "abena", 3) }, true},
		{"the phone goes, not the last", func() bool { return p.Gone("room", "jun", 1) }, false},
		{"the phone can't go twice", func() bool { return p.Gone("room", "jun", 1) }, false},
		{"Jun is here", func() bool { return p.Here("room", "jun") }, true},
		{"but not in another room", func() bool { return p.Here("other", "jun") }, false},
		{"the tablet goes, the last", func() bool { return p.Gone("room", "jun", 2) }, true},
		{"Jun is not here", func() bool { return p.Here("room", "jun") }, false},
		{"Abena still is", func() bool { return p.Here("room", "abena") }, true},
		{"a stranger was never here", func() bool { return p.Gone("room", "noor", 9) }, false},
	}
	for _, s := range steps {
		if got := s.do(); got != s.want {
			t.Fatalf("%s: got %v, want %v", s.what, got, s.want)
		}
	}
	p.Gone("room", "abena", 3)
	if len(p.rooms) != 0 {
		t.Fatalf("an empty room is kept: %v", p.rooms)
	}
}

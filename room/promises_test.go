package room

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// wellFormed says what is wrong with a state by itself; nil if nothing is.
func wellFormed(s *State, now time.Time) error {
	for _, ask := range []func(*State, time.Time) error{stickSound, ringSound, peopleSound, careSound, clocksSound, asidesSound, doorSound, deskSound} {
		if err := ask(s, now); err != nil {
			return err
		}
	}
	return nil
}

func stickSound(s *State, _ time.Time) error {
	st := s.Stick
	switch {
	case st.At == Resting && st.Seat != "":
		return brokenf("the stick rests and is with %s", st.Seat)
	case st.At == Resting:
		return nil
	case s.Phase != Circle:
		return brokenf("the stick is %s in phase %s", st.At, s.Phase)
	case s.Floor != Ring:
		return brokenf("the stick is %s on an open floor", st.At)
	case !takesPart(s, st.Seat) || !slices.Contains(s.Order, st.Seat):
		return brokenf("the stick is with %s, who is not in the ring", st.Seat)
	case s.muted(st.Seat):
		return brokenf("the stick is with %s, who is muted", st.Seat)
	case st.Turn == 0:
		return brokenf("the stick is %s without a turn", st.At)
	}
	return nil
}

// takesPart says whether the stick comes to a seat, written down once more.
func takesPart(s *State, id SeatID) bool {
	seat := s.Seats[id]
	return seat != nil && !seat.Listening && seat.Role != Listener && seat.Role != Moderator
}

// ringSound: every member and facilitator sits in the ring exactly once, and
// nobody else; whoever waits in a round sits there.
func ringSound(s *State, _ time.Time) error {
	once := map[SeatID]bool{}
	for _, id := range s.Order {
		seat := s.Seats[id]
		if once[id] || seat == nil || seat.Role != Member && seat.Role != Facilitator {
			return brokenf("%s is wrong in the ring %v", id, s.Order)
		}
		once[id] = true
	}
	for id, seat := range s.Seats {
		if (seat.Role == Member || seat.Role == Facilitator) && !once[id] {
			return brokenf("%s is missing from the ring", id)
		}
	}
	waits := map[SeatID]bool{}
	for _, p := range s.Round.Queue {
		if waits[p.Seat] || !takesPart(s, p.Seat) || p.Seat == s.Stick.Seat {
			return brokenf("%s is wrong in the queue %v", p.Seat, s.Round.Queue)
		}
		waits[p.Seat] = true
	}
	late := false
	for _, p := range s.Round.Queue[min(1, len(s.Round.Queue)):] { // the first may have been moved
		if late && !p.Late && !s.Round.Moved {
			return brokenf("a latecomer is before %s", p.Seat)
		}
		late = p.Late
	}
	if !s.Round.Going && len(s.Round.Queue)+len(s.Round.Had) > 0 {
		return brokenf("a round that is over has a queue")
	}
	return nil
}

func peopleSound(s *State, _ time.Time) error {
	for _, id := range s.Barred {
		if s.Seats[id] != nil || s.doorAt(id) >= 0 {
			return brokenf("%s was removed and sits here", id)
		}
	}
	for id := range s.Words.Names {
		if s.Seats[id] == nil && s.doorAt(id) < 0 {
			return brokenf("%s is gone and their name is kept", id)
		}
	}
	if s.Chair != "" && s.Seats[s.Chair] == nil && s.Phase != Over {
		return brokenf("%s is gone and has the chair", s.Chair)
	}
	for name, n := range map[string][2]int{
		"barred": {len(s.Barred), MaxBarred}, "mutes": {len(s.Mutes), MaxMutes}, "had": {len(s.Round.Had), MaxHad},
		"deputies": {len(s.Deputies), MaxDeputies}, "recent": {len(s.Words.Recent), MaxRecent},
		"seats": {len(s.Seats), s.Set.MaxSeats + ReservedSeats},
	} {
		if n[0] > n[1] {
			return brokenf("%d %s, more than %d", n[0], name, n[1])
		}
	}
	return nil
}

// doorSound: whoever waits has no seat; nobody waits for a place that is free,
// in a room that is over, or twice; what was said to them goes with them.
func doorSound(s *State, _ time.Time) error {
	at := map[SeatID]bool{}
	guests := 0
	for _, seat := range s.Seats {
		if seat.Role == Member || seat.Role == Listener {
			guests++
		}
	}
	for _, w := range s.Door {
		switch {
		case s.Seats[w.Seat] != nil || at[w.Seat]:
			return brokenf("%s sits here and waits, or waits twice", w.Seat)
		case w.Role != Member && w.Role != Listener:
			return brokenf("%s waits, and looks after the circle", w.Seat)
		case !w.Asks && w.Gone.IsZero() && guests < s.Set.MaxSeats:
			return brokenf("%s waits for a place, and %d of %d are taken", w.Seat, guests, s.Set.MaxSeats)
		}
		at[w.Seat] = true
	}
	for id := range s.Words.Told {
		if !at[id] {
			return brokenf("%s is not at the door, and what was said to them is kept", id)
		}
	}
	switch {
	case guests > s.Set.MaxSeats:
		return brokenf("%d guests for %d places", guests, s.Set.MaxSeats)
	case len(s.Door) > MaxDoor || len(s.Known) > MaxKnown || s.Phase == Over && len(s.Door)+len(s.Known) > 0:
		return brokenf("%d wait, %d are known, in %s", len(s.Door), len(s.Known), s.Phase)
	}
	return nil
}

// careSound: a circle is kept, or somebody is being looked for (rule 8).
func careSound(s *State, now time.Time) error {
	switch {
	case s.Phase == Over && (s.Care != nil || len(s.Mutes)+len(s.Deputies) > 0):
		return brokenf("a room that is over still cares")
	case s.Phase == Over:
		return nil
	case s.kept() && s.Care != nil:
		return brokenf("the room is kept and care goes on: %v", *s.Care)
	case !s.kept() && s.Care == nil && s.Phase == Circle:
		return brokenf("nobody keeps the circle and nobody is looked for")
	case s.Care != nil && s.Care.Until.IsZero() && (s.Stick.At != InHand || s.Hold != nil):
		return brokenf("care waits for a turn that does not run")
	}
	if at, c := s.Due(); at.IsZero() && (s.Phase == Circle || len(s.Seats) > 0) {
		return brokenf("nothing will ever end this room: %v", c)
	}
	return nil
}

// clocksSound: a clock runs only while the room does, and no longer than a
// grace lasts.
func clocksSound(s *State, now time.Time) error {
	st := s.Stick
	runs := s.Hold == nil && s.Phase == Circle && st.At != Resting
	here := st.At != Resting && s.Seats[st.Seat].Here
	for name, c := range map[string]struct {
		Clock
		runs bool
		most time.Duration
	}{
		"turn":    {st.Clock, runs && here, 1 << 62},
		"away":    {st.Away, runs && !here, s.Set.Grace},
		"stopped": {st.Stopped, runs && !here, max(s.Set.MaxStopped, s.Set.Grace)},
	} {
		switch {
		case c.Since.IsZero() == c.runs:
			return brokenf("clock %q runs: %v", name, !c.runs)
		case c.Since.After(now) || c.Spent < 0:
			return brokenf("clock %q is ahead of time", name)
		case c.Read(now) > c.most:
			return brokenf("clock %q shows %v, more than %v", name, c.Read(now), c.most)
		}
	}
	return nil
}

// discreet looks at what leaves the room: shared frames carry nothing that
// concerns one seat, and nobody's frame tells of another's mute.
func discreet(s *State, e Entry) error {
	if f := View(s, e, Everybody); f != nil {
		b, err := json.Marshal(f)
		if err != nil {
			return err
		}
		for _, private := range []string{"mute", "remove", "barred", "declin", "silent", "skip", "cut", `"later"`, `"you"`, `"keep"`, "away", "aside", "waiting", "door", "stated", "restrict", "readmit", "decision"} {
			if f.Said == nil && strings.Contains(strings.ToLower(string(b)), private) {
				return brokenf("everybody sees %q in %s", private, b)
			}
		}
	}
	for _, w := range s.Door {
		if f := View(s, e, Everybody); f != nil {
			if b, err := json.Marshal(f); err != nil || strings.Contains(string(b), `"`+string(w.Seat)+`"`) {
				return brokenf("everybody sees that %s waits: %s, %v", w.Seat, b, err)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Seats)) {
		f := View(s, e, Audience{Seat: id})
		st := f.You.Stated
		if told, is := s.Stated[id]; is != (st != nil) || is && st.ID != told.ID {
			return brokenf("%s is told %v of a decision, and there is %v", id, st, told)
		}
		if f.Room != nil || f.Keep != nil || f.Said != nil || f.You.Seat != id || len(f.You.Asides) != len(s.asidesOf(id)) || f.You.Muted != ms(s.Mutes[id].Until) {
			return brokenf("%s sees what is not theirs", id)
		}
	}
	return nil
}

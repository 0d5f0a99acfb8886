package room

import (
	"slices"
	"unicode/utf8"
)

// What is said: rule 2. The caller has normalised the text.

func (a Say) decide(d *decision) {
	if !d.speakable(a.Text) || !d.mayType() {
		return
	}
	if d.s.Floor == Ring && a.Turn != d.s.Stick.Turn {
		d.refuse(TurnMoved)
		return
	}
	if utf8.RuneCountInString(a.Note) > MaxNote {
		d.refuse(LongNote)
		return
	}
	d.only(Said{Seat: d.by, Turn: d.s.Stick.Turn, Text: a.Text, Note: a.Note})
}

// mayType refuses whoever may not speak now.
func (d *decision) mayType() bool {
	code := d.s.silenced(d.by)
	if code != "" {
		d.refuse(code)
	}
	return code == ""
}

// silenced says why a seat may not speak now; empty if it may. In the ring
// the holder speaks, on the open floor anyone, where somebody leads whoever
// keeps the circle and readers; in the quiet nobody, nor two members aside
// while nobody is there who looks after them; and never a muted seat.
func (s *State) silenced(id SeatID) Code {
	st := s.Stick
	role, _ := s.RoleOf(id)
	switch {
	case s.muted(id):
		return YouAreMuted
	case s.alone():
		return KeeperNeeded
	case s.Floor == Ring && (st.At != InHand || st.Seat != id):
		return NotHolding
	case s.Floor == Quiet:
		return InQuiet
	case s.Floor == Lead && role != Facilitator && !s.has(id, Reader):
		return InLead
	}
	return ""
}

func (d *decision) speakable(text string) bool {
	switch {
	case text == "":
		d.refuse(NoWords)
	case utf8.RuneCountInString(text) > MaxWords:
		d.refuse(TooManyWords)
	default:
		return true
	}
	return false
}

// Guard is a word without the stick, to protect the circle, shown as such.
// A moderator may have muted a facilitator.
func (a Guard) decide(d *decision) {
	switch {
	case !d.speakable(a.Text):
		// refused
	case d.s.muted(d.by):
		d.refuse(YouAreMuted)
	default:
		d.only(Said{Seat: d.by, Turn: d.s.Stick.Turn, Guardian: true, Text: a.Text})
	}
}

func (a Retract) decide(d *decision) {
	i := slices.IndexFunc(d.s.Words.Recent, func(u Utterance) bool { return u.Seq == a.Seq })
	switch {
	case i < 0:
		d.refuse(NoSuchWords)
	case d.s.Words.Recent[i].Seat != d.by:
		d.refuse(NotYourWords)
	default:
		d.only(Retracted(a))
	}
}

func (a React) decide(d *decision) {
	if !slices.Contains(Reactions, a.Kind) {
		d.refuse(BadReaction)
		return
	}
	d.only(Reacted{Seat: d.by, Kind: a.Kind})
}

func (a Type) decide(d *decision) {
	if d.mayType() {
		d.only(Typing{Seat: d.by})
	}
}

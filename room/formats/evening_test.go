package formats_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/room"
)

// opening is when the doors of every circle here open.
var opening = time.Unix(0, 0).UTC()

// evening hosts a room in virtual time, as a hub does: it decides, applies,
// and runs what time brings. Whoever watches sees each entry after it is in.
type evening struct {
	s     *room.State
	now   time.Time
	log   []room.Entry
	watch func(room.Entry) error
}

// open opens the doors of a circle.
func (v *evening) open(set room.Settings) {
	v.s, v.now = &room.State{}, opening
	v.commit(room.Begin("room", set, opening))
}

// do puts one command to the room. The error is what the person is told, or
// what whoever watches says.
func (v *evening) do(by room.Actor, a room.Act) ([]room.Event, error) {
	events, err := v.s.Decide(v.now, room.Command{By: by, Do: a})
	if err != nil || len(events) == 0 || room.Silent(a) {
		return events, err
	}
	e := room.Entry{Seq: v.s.Seq + 1, At: v.now, By: by.Seat, Events: events}
	v.commit(e)
	if v.watch != nil {
		err = v.watch(e)
	}
	return events, err
}

func (v *evening) commit(e room.Entry) {
	v.s.Apply(e)
	v.log = append(v.log, e)
}

func (v *evening) by(id room.SeatID, a room.Act) ([]room.Event, error) {
	return v.do(room.Actor{Seat: id}, a)
}

func (v *evening) house(a room.Act) ([]room.Event, error) {
	return v.do(room.Actor{House: true}, a)
}

// timer runs what time brings next, if that is by then; false if it isn't.
func (v *evening) timer(until time.Time) (bool, []room.Event, error) {
	at, c := v.s.Due()
	if at.IsZero() || at.After(until) {
		return false, nil, nil
	}
	if at.After(v.now) {
		v.now = at
	}
	events, err := v.do(c.By, c.Do)
	if err == nil && len(events) == 0 {
		err = brokenf("timer %v is due and changes nothing", c.Do)
	}
	return true, events, err
}

// story tells the newest entries.
func (v *evening) story(last int) string {
	var b strings.Builder
	for _, e := range v.log[max(0, len(v.log)-last):] {
		fmt.Fprintf(&b, "%s #%d by %s\n", clock(e.At), e.Seq, e.By)
		for _, ev := range e.Events {
			fmt.Fprintf(&b, "    %s\n", tell(ev))
		}
	}
	return b.String()
}

// clock shows a time as hours, minutes and seconds since the opening.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// broken is a promise that was not kept.
type broken struct{ what string }

func (b *broken) Error() string { return "broken: " + b.what }

func brokenf(format string, args ...any) error { return &broken{fmt.Sprintf(format, args...)} }

// codeOf returns the code of a refusal; empty if it is none.
func codeOf(err error) room.Code {
	var r *room.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// stage returns the stage of tonight's agenda that the circle is in, and
// where it stands; -1: in none.
func (v *evening) stage() (room.Stage, int) {
	i := slices.IndexFunc(v.s.Agenda, func(g room.Stage) bool { return g.ID == v.s.Now.Stage })
	if i < 0 {
		return room.Stage{}, i
	}
	return v.s.Agenda[i], i
}

func byHand(o room.Order) bool { return o == room.OrderHands || o == room.OrderLeast }

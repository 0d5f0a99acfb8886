package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"hearth/moderation"
	"hearth/room"
	"hearth/room/hub"
)

// What a decision comes to:
//
//	May, Check ─► who they are beyond this seat (links) ─► Desk.Decide, durable first
//	    ─► hub.Desk: act and statement in one entry of the room ─► their other rooms ─► doorbell
//
// What the room refuses, since it is over or they have gone, changes nothing of
// the decision: it holds, and they are told at their next join.

// decide keeps a decision about a case and carries it out.
func (h helm) decide(ctx context.Context, r *http.Request, m *mate) (any, error) {
	ask, err := sent[DeskDecide](r)
	if err != nil {
		return nil, err
	}
	c, err := h.opened(ctx, r, m, "decide")
	if err != nil {
		return nil, err
	}
	if ask.Action == moderation.Ban && !m.fresh(m.now) {
		return nil, &deskNo{http.StatusForbidden, ProveIt}
	}
	d, sits, err := h.decision(ctx, m, c.Case, ask)
	if err != nil {
		return nil, err
	}
	also, err := h.reach(ctx, m, c.Case, &d)
	if err != nil {
		return nil, err
	}
	if d, err = h.Desk.Decide(ctx, m.act(), ask.Rev, d, ask.More); err != nil {
		return nil, err
	}
	h.ring(ctx) // sessions end while the rooms are told
	if err := h.meanwhile(ctx, m, c.Case, &d, also); err != nil {
		h.Fault("desk", err) // the decision holds, and keys keep them out
	}
	act, acts := d.InRoom(c.Case)
	act = quietWith(act, sits)
	missed := acts && !h.inRoom(ctx, c.Room, act)
	h.everywhere(ctx, d, c.Case, also, moderation.Decision.InRoom)
	return h.decided(ctx, m, c.ID, d.ID, missed)
}

// decided answers with a case after a decision in it, or its undoing.
func (h helm) decided(ctx context.Context, m *mate, of, decision string, missed bool) (any, error) {
	h.ring(ctx)
	h.watching.lives.forget()
	v, err := h.caseView(ctx, m, of)
	if err != nil {
		return nil, err
	}
	for i := range v.Decisions {
		if v.Decisions[i].ID == decision {
			v.Decisions[i].Missed = missed
		}
	}
	return v, nil
}

// quietWith makes a quiet room one with the moderator who decides, by their seat
// in the room, and not with another one who sits there.
func quietWith(a room.Act, sits room.SeatID) room.Act {
	if s, is := a.(room.Sanction); is {
		if quiet, is := s.Do.(room.Aside); is {
			quiet.By = sits
			s.Do = quiet
			return s
		}
	}
	return a
}

// decision makes what is asked a decision, and looks it over. For a quiet room
// it returns where the moderator sits.
func (h helm) decision(ctx context.Context, m *mate, c moderation.Case, ask DeskDecide) (d moderation.Decision, sits room.SeatID, err error) {
	if !visible(ask.Facts) {
		ask.Facts = "" // blanks tell nobody anything
	}
	d = moderation.Decision{Case: c.ID, By: m.person(), At: m.now, Action: ask.Action, Rule: ask.Rule, Facts: ask.Facts, Public: ask.Public}
	switch ask.Action {
	case moderation.MuteAction:
		d.Minutes = ask.Minutes
		d.Until = m.now.Add(time.Duration(max(0, min(ask.Minutes, room.MaxMuteMinutes))) * time.Minute)
	case moderation.Ban:
		const day = 24 * time.Hour
		d.Scope = ask.Scope
		switch {
		case ask.Days < 0 || ask.Days > int(moderation.MaxBan/day):
			return d, "", moderation.ErrEnd
		case ask.Days > 0:
			d.Until = m.now.Add(time.Duration(ask.Days) * day)
		case ask.Second != "":
			second, err := h.seconded(ctx, m, c.ID, ask.Second)
			if err != nil {
				return d, "", err
			}
			d.Second = second
		}
	case moderation.QuietRoom:
		if sits, err = h.sits(ctx, m, c.Room); err != nil {
			return d, "", err
		}
	}
	return d, sits, d.Check(c, m.now)
}

// sits returns the seat by which a moderator is in a room, and refuses a quiet
// room to who isn't there to be in it.
func (h helm) sits(ctx context.Context, m *mate, id room.ID) (room.SeatID, error) {
	links, err := h.links(ctx, m, id)
	if err != nil {
		return "", err
	}
	here := make(chan room.SeatID, 1) // the look may outlast its context
	err = h.Hub.Glance(ctx, id, func(_ time.Time, s *room.State) {
		found := room.SeatID("")
		for seat, l := range links {
			if sat := s.Seats[seat]; l.Person == m.person() && sat != nil && sat.Here && sat.Role == room.Moderator {
				found = seat
			}
		}
		here <- found
	})
	if err != nil && !isOver(err) {
		return "", err
	}
	if err == nil {
		if seat := <-here; seat != "" {
			return seat, nil
		}
	}
	return "", &deskNo{http.StatusConflict, EnterFirst}
}

// isOver says whether a room has ended, or never was.
func isOver(err error) bool {
	var ended *hub.Ended
	return errors.As(err, &ended) && ended.Reason == hub.RoomOver || errors.Is(err, room.ErrNoRoom)
}

// links are who sat in a room, as far as that is still known: of an empty one,
// everybody within moderation.KeepKeys. One whose key is gone leads nowhere.
func (h helm) links(ctx context.Context, m *mate, of room.ID) (map[room.SeatID]moderation.Link, error) {
	if h.Keys == nil {
		return nil, nil
	}
	sealed, err := h.Desk.Links(ctx, of, m.now.Add(-moderation.KeepKeys))
	if err != nil {
		return nil, err
	}
	all := make(map[room.SeatID]moderation.Link, len(sealed))
	for seat, box := range sealed {
		if l, err := h.Keys.OpenLink(box, m.now); err == nil {
			all[seat] = l
		}
	}
	return all, nil
}

// reach fills in whom a decision reaches beyond the seat that it is about, and
// returns where else they sit: for a removal, in this room; for a ban, wherever
// it holds.
func (h helm) reach(ctx context.Context, m *mate, c moderation.Case, d *moderation.Decision) (map[room.SeatID]moderation.Place, error) {
	if !d.Action.Concerns() {
		return nil, nil
	}
	d.Seats = []room.SeatID{c.Subject}
	of := c.Room
	if d.Action == moderation.Ban {
		of = "" // also where they sit now, if this room is over
	}
	links, err := h.links(ctx, m, of)
	if err != nil {
		return nil, err
	}
	them := links[c.Subject]
	if them.Person == "" {
		them.Person = c.Person
	}
	d.Reach = them.Keys()
	if d.Action != moderation.Ban && d.Action != moderation.RemoveAction {
		return nil, nil
	}
	var same []room.SeatID
	for seat, l := range links {
		if seat != c.Subject && (l.Device != "" && l.Device == them.Device || l.Person != "" && l.Person == them.Person) {
			same = append(same, seat)
		}
	}
	also, err := h.Desk.Sitting(ctx, same...)
	if err != nil {
		return nil, err
	}
	for seat, at := range also {
		if d.Action == moderation.Ban && d.Scope != moderation.OfHouse && at.Circle != c.Circle || d.Action == moderation.RemoveAction && at.Room != c.Room {
			delete(also, seat)
			continue
		}
		d.Seats = append(d.Seats, seat)
	}
	return also, nil
}

// meanwhile adds to a ban the seats that they were given while it was decided:
// whoever came in the moment before it is known now, and after it nobody does.
func (h helm) meanwhile(ctx context.Context, m *mate, c moderation.Case, d *moderation.Decision, also map[room.SeatID]moderation.Place) error {
	if d.Action != moderation.Ban {
		return nil
	}
	again := *d
	late, err := h.reach(ctx, m, c, &again)
	if err != nil {
		return err
	}
	var more []room.SeatID
	for seat, at := range late {
		if !slices.Contains(d.Seats, seat) {
			more, also[seat] = append(more, seat), at
		}
	}
	if len(more) == 0 {
		return nil
	}
	defer h.ring(ctx)
	return h.Desk.Include(ctx, d.ID, more)
}

// inRoom has a room do what was decided. False: it is over, or refuses; or it
// doesn't answer, which is told of.
func (h helm) inRoom(ctx context.Context, id room.ID, a room.Act) bool {
	ctx, cancel := context.WithTimeout(ctx, h.Limits.CommandWithin)
	defer cancel()
	answer, err := h.Hub.Desk(ctx, id, a)
	if err != nil && !isOver(err) && !errors.Is(err, context.Canceled) {
		h.Fault("desk", err)
	}
	return err == nil && answer.Refused == nil
}

// roomsMost is how many rooms are told of one decision at once.
const roomsMost = 4

// everywhere does in the other rooms of somebody what was done in the case's.
func (h helm) everywhere(ctx context.Context, d moderation.Decision, c moderation.Case, also map[room.SeatID]moderation.Place, act func(moderation.Decision, moderation.Case) (room.Act, bool)) {
	var group sync.WaitGroup
	places := make(chan struct{}, roomsMost)
	for seat, at := range also {
		there := c
		there.Subject, there.Room = seat, at.Room
		a, acts := act(d, there)
		if !acts {
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			h.inRoom(ctx, at.Room, a)
		})
	}
	group.Wait()
}

// undo takes a decision back, in the database and then in its rooms.
func (h helm) undo(ctx context.Context, r *http.Request, m *mate) (any, error) {
	ask, err := sent[DeskUndo](r)
	if err != nil {
		return nil, err
	}
	c, err := h.opened(ctx, r, m, "undo")
	if err != nil {
		return nil, err
	}
	ours := false
	for _, d := range c.Decisions {
		ours = ours || d.ID == ask.Decision && d.Case == c.ID
	}
	if !ours {
		return nil, moderation.ErrNoCase
	}
	d, err := h.Desk.Undo(ctx, m.act(), ask.Decision)
	if err != nil {
		return nil, err
	}
	return h.decided(ctx, m, c.ID, d.ID, !h.undone(ctx, d, c.Case))
}

// undone has the rooms take back what was undone, but for what another
// decision, or whoever keeps the circle, does still.
func (h helm) undone(ctx context.Context, d moderation.Decision, c moderation.Case) bool {
	h.ring(ctx)
	act, acts := takenBack(d, c)
	took := !acts || h.inRoom(ctx, c.Room, act)
	var others []room.SeatID
	for _, seat := range d.Seats {
		if seat != c.Subject {
			others = append(others, seat)
		}
	}
	also, err := h.Desk.Sitting(ctx, others...)
	if err != nil {
		h.Fault("desk", err) // they may come again all the same: the ban is gone
	}
	h.everywhere(ctx, d, c, also, takenBack)
	return took
}

// takenBack is what a room takes back of a decision that was undone.
func takenBack(d moderation.Decision, c moderation.Case) (room.Act, bool) {
	if slices.Contains(d.Held, c.Subject) {
		return d.StaysInRoom(c)
	}
	return d.BackInRoom(c)
}

// judge decides an appeal. To overturn is to undo the decision.
func (h helm) judge(ctx context.Context, r *http.Request, m *mate) (any, error) {
	ask, err := sent[DeskJudge](r)
	if err != nil {
		return nil, err
	}
	c, err := h.opened(ctx, r, m, "judge")
	if err == nil && !visible(ask.Answer) {
		err = moderation.ErrFacts
	}
	if err != nil {
		return nil, err
	}
	d, err := h.Desk.Judge(ctx, m.act(), c.ID, ask.Overturn, ask.Answer)
	if err != nil {
		return nil, err
	}
	missed := ask.Overturn && !h.undone(ctx, d, c.Case)
	return h.decided(ctx, m, c.ID, d.ID, missed)
}

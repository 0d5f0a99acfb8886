package hub

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hearth/room"
)

// This file is what a room needs because other nodes have it too, or had.

// clearEarlierLife tells the room what happened while no node ran it:
// nothing, and every line to a node that is gone is down. A process that
// ended well had dropped everybody already; they lose no time by it either.
func (l *live) clearEarlierLife(ctx context.Context) {
	if l.deserted() || l.state.Phase == room.Over {
		return
	}
	var batch []*asked
	if at := l.hub.fellAt(l.id); !at.IsZero() && !l.othersKeep() {
		batch = append(batch, ask(outage(at.Add(l.skew), l.now())))
	}
	if batch = append(batch, l.amends()...); len(batch) > 0 {
		l.commit(ctx, batch)
	}
}

func outage(from, to time.Time) room.Command {
	return house(room.Outage{From: from, To: to})
}

func house(a room.Act) room.Command { return room.Command{By: room.Actor{House: true}, Do: a} }

func (l *live) drop(id room.SeatID) *asked {
	return ask(house(room.Drop{Seat: id, Node: l.cfg.Nodes.Me()}))
}

// mend puts right what the room thinks of lines and time: nodes that are
// gone, seats that sit here and are told to be away, seats told to be here that
// are not, time in which no node lived.
func (l *live) mend(ctx context.Context) {
	if l.state.Phase == room.Over {
		return
	}
	for s := range l.sittings {
		if l.isRemoved(s.guest.Seat) && l.state.Seats[s.guest.Seat] == nil {
			s.queue.end(WasRemoved)
		}
	}
	batch := l.amends()
	if len(batch) == 0 {
		return
	}
	l.commit(ctx, batch)
	for _, a := range batch {
		arrive, is := a.command.Do.(room.Arrive)
		if !is || a.answer.Refused == nil || arrive.Name != nil {
			continue
		}
		for s := range l.sittings {
			if s.guest.Seat == arrive.Seat {
				s.queue.end(RoomFault) // it asks again, and is told why not
			}
		}
	}
}

// amends are the commands of mend; none, almost always.
func (l *live) amends() []*asked {
	var batch []*asked
	if from, to := l.cfg.Nodes.Dark(l.id); to.After(l.state.At) && !l.deserted() {
		batch = append(batch, ask(outage(from, to)))
	}
	if again := l.seatedAgain(); len(again) > 0 {
		batch = append(batch, ask(house(room.Bar{Seats: again})))
	}
	here := map[room.SeatID]Guest{}
	for s := range l.sittings {
		if !s.queue.over() && !l.isRemoved(s.guest.Seat) { // they are on the way out
			here[s.guest.Seat] = s.guest
		}
	}
	for _, id := range slices.Sorted(maps.Keys(here)) {
		g := here[id]
		if !l.reached(id) {
			batch = append(batch, ask(house(l.arrival(g))))
		}
		if l.state.Words.Names[id] == (room.Name{}) && g.Name != nil {
			named := l.arrival(g)
			named.Barred, named.Name = false, g.Name
			batch = append(batch, ask(house(named)))
		}
	}
	return append(batch, l.lost(here)...)
}

// reached says whether the room knows that somebody has a line to this node,
// or to enough others. Of who waits at the door it knows one line.
func (l *live) reached(id room.SeatID) bool {
	for _, w := range l.state.Door {
		if w.Seat == id {
			return w.Gone.IsZero()
		}
	}
	seat := l.state.Seats[id]
	return seat != nil && seat.Here && (slices.Contains(seat.Nodes, l.cfg.Nodes.Me()) || len(seat.Nodes) >= room.MaxNodes)
}

// lost are the commands about lines that the room believes in: to nodes that
// are gone, and to this one of seats that have none.
func (l *live) lost(here map[room.SeatID]Guest) []*asked {
	var batch []*asked
	me, gone := l.cfg.Nodes.Me(), map[string]bool{}
	node := func(n string) {
		if n != me && !gone[n] && l.cfg.Nodes.Dead(n) {
			gone[n] = true
			batch = append(batch, ask(house(room.Lost{Node: n})))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.state.Seats)) {
		seat := l.state.Seats[id]
		for _, n := range seat.Nodes {
			node(n)
		}
		_, sits := here[id]
		if !sits && slices.Contains(seat.Nodes, me) || seat.Here && len(seat.Nodes) == 0 {
			batch = append(batch, ask(house(room.Drop{Seat: id, Node: nodeIn(seat, me)})))
		}
	}
	for _, w := range l.state.Door {
		if !w.Gone.IsZero() {
			continue
		}
		node(w.Node)
		if _, sits := here[w.Seat]; !sits && w.Node == me {
			batch = append(batch, ask(house(room.Drop{Seat: w.Seat, Node: me})))
		}
	}
	return batch
}

// seatedAgain are seats that were removed, and sit in a room whose log has
// lost that.
func (l *live) seatedAgain() (list []room.SeatID) {
	slices.Sort(l.removed)
	l.removed = slices.Compact(l.removed)
	for _, id := range l.removed {
		if l.isRemoved(id) && (l.state.Seats[id] != nil || room.Waits(l.state, id)) {
			list = append(list, id)
		}
	}
	return list
}

// isRemoved says whether a seat is known to have been removed, also if the log
// has lost it, and was not let in again since.
func (l *live) isRemoved(id room.SeatID) bool {
	return contains(l.removed, id) && !contains(l.state.Readmitted, id)
}

// nodeIn is me, unless a seat's lines end nowhere in particular.
func nodeIn(seat *room.Seat, me string) string {
	if len(seat.Nodes) == 0 {
		return ""
	}
	return me
}

// othersKeep says whether a node that lives, other than this, has lines to
// seats of the room: it runs what time brings.
func (l *live) othersKeep() bool {
	me := l.cfg.Nodes.Me()
	for _, seat := range l.state.Seats {
		for _, n := range seat.Nodes {
			if n != me && !l.cfg.Nodes.Dead(n) {
				return true
			}
		}
	}
	return slices.ContainsFunc(l.state.Door, func(w room.AtDoor) bool {
		return w.Gone.IsZero() && w.Node != me && !l.cfg.Nodes.Dead(w.Node)
	})
}

// openWords sees to the room's key, and reads the words that it opens.
func (l *live) openWords(ctx context.Context) error {
	if l.cfg.Keys == nil || l.state.Phase == room.Over {
		return nil
	}
	named := l.state.Kid
	l.holdKey(ctx)
	if named == "" || l.kid != named {
		return nil
	}
	return l.load(ctx)
}

// keysMost is how often a key is looked for when others name another one
// meanwhile.
const keysMost = 2

// holdKey sees to it that the key which the log names is here. Nobody who
// answers has it? Then another is named; of two who do that at once, one
// does.
func (l *live) holdKey(ctx context.Context) {
	if l.cfg.Keys == nil || l.state.Phase == room.Over {
		return
	}
	l.keying = true
	defer func() { l.keying = false }()
	for range keysMost {
		fresh, err := l.cfg.Keys.Hold(ctx, l.id, l.state.Kid)
		if err != nil {
			l.cfg.Fault(l.id, fmt.Errorf("the room's key: %w", err))
			return
		}
		if fresh == "" {
			l.kid = l.state.Kid
			return
		}
		l.kid = fresh
		a := ask(house(room.Rekey{Was: l.state.Kid, Kid: fresh}))
		if l.write(ctx, []*asked{a}); a.err != nil || l.state.Kid == fresh {
			return
		}
	}
}

// leave lets go of the room and, with it, its key: as long as it is run here
// it is written here, also when every line is down.
func (l *live) leave() {
	if l.cfg.Keys != nil {
		l.cfg.Keys.Release(l.id)
	}
	l.hub.letGo(l)
}

// followKey gets the key that another node has named meanwhile. If it can't
// be had now it names no other, or two nodes that don't hear each other would
// go on doing so; what is said here is sealed so that they can ask for it.
func (l *live) followKey(ctx context.Context) {
	if l.cfg.Keys == nil || l.keying || l.state.Kid == l.kid || l.state.Phase == room.Over {
		return
	}
	l.kid = l.state.Kid
	if _, err := l.cfg.Keys.Hold(ctx, l.id, l.kid); err != nil {
		l.cfg.Fault(l.id, fmt.Errorf("the room's key: %w", err))
	}
}

// readWords reads names, and what was typed about stages and pictures, again
// whose key has come back.
func (l *live) readWords(ctx context.Context) {
	tail, err := l.cfg.Log.Read(ctx, l.id, room.Head{})
	if err != nil || tail.State == nil || tail.Head != l.head {
		return // it goes on, and people name themselves
	}
	named, words := map[room.SeatID]bool{}, tail.Current().Words
	if len(words.Pictures) > 0 {
		l.state.Words.Pictures = words.Pictures
	}
	typed := len(words.Stages) > 0 && len(l.state.Words.Stages) == 0
	if typed {
		l.state.Words.Stages = words.Stages
	}
	for id, n := range words.Names {
		if (l.state.Seats[id] != nil || room.Waits(l.state, id)) && l.state.Words.Names[id] == (room.Name{}) {
			l.state.Words.Names[id], named[id] = n, true
		}
	}
	said := len(words.Told) > 0 && len(l.state.Words.Told) == 0
	if said {
		l.state.Words.Told = words.Told
	}
	if len(named) == 0 && !typed && !said {
		return
	}
	l.tellWords(named)
}

// tellWords tells everybody the names that have come back, and with them what
// was typed about stages.
func (l *live) tellWords(named map[room.SeatID]bool) {
	seats := l.state.SeatViews()
	maps.DeleteFunc(seats, func(id room.SeatID, _ *room.SeatView) bool { return !named[id] })
	frame := l.cfg.Encode(l.id, &room.Frame{Seq: l.state.Seq, At: l.state.At.UnixMilli(), Room: l.state.RoomView(l.state.At), Seats: seats})
	t := &telling{live: l, last: room.Entry{Seq: l.state.Seq, At: l.state.At}}
	for s := range l.sittings {
		if s.door != nil {
			t.atDoor(s)
			continue
		}
		if !s.queue.put(frame) || !t.private(s) {
			s.queue.restart(l.anew(s))
		}
		s.queue.stands(l.backlog.last())
	}
}

package moderation

import (
	"time"

	"hearth/room"
)

// InRoom is what a decision about a case does in its room: the act, and what
// whom it is about is told, in one. False if there is nothing to do there.
func (d Decision) InRoom(c Case) (room.Act, bool) {
	if d.Action == CloseRoom {
		return room.Close{}, c.Room != ""
	}
	do := d.does(c.Subject)
	if do == nil || c.Subject == "" || c.Room == "" {
		return nil, false
	}
	return room.Sanction{Do: do, Seat: c.Subject, Stated: d.Statement()}, true
}

// does is what an action does to a seat; nil if it does nothing.
func (d Decision) does(seat room.SeatID) room.Act {
	switch d.Action {
	case Warn:
		return room.Warn{Seat: seat}
	case TakeStick:
		return room.TakeStick{Seat: seat}
	case MuteAction:
		return room.Mute{Seat: seat, Minutes: d.Minutes, Why: room.MuteRules}
	case QuietRoom: // with the moderator who sits in the room; refused if there is none
		return room.Aside{Kind: room.QuietRoom, With: []room.SeatID{seat}, ID: room.ID(d.ID)}
	case RemoveAction, Ban:
		return room.Remove{Seat: seat}
	case Restrict:
		return room.Restrict{Seat: seat, On: true}
	}
	return nil
}

// muteLate is how much later than a decision its mute may end: so long a room
// may take to hear of it, and so far may clocks be apart.
const muteLate = 15 * time.Second

// BackInRoom is what undoing a decision does in its room: the other way round
// what can be, and the statement is withdrawn. False if there is nothing to do
// there. Of a removal or restriction it says nothing of whether another
// decision holds still: StaysInRoom is for that.
func (d Decision) BackInRoom(c Case) (room.Act, bool) {
	stays, is := d.StaysInRoom(c)
	if !is {
		return nil, false
	}
	switch d.Action {
	case MuteAction:
		undo := room.Undo{Do: room.Unmute{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}
		if !d.Until.IsZero() {
			undo.Until = d.Until.Add(muteLate)
		}
		return undo, true
	case RemoveAction, Ban:
		return room.Undo{Do: room.Readmit{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}, true
	case QuietRoom:
		return room.Undo{Do: room.AsideEnd{ID: room.ID(d.ID)}, Seat: c.Subject, ID: d.ID}, true
	case Restrict:
		return room.Undo{Do: room.Restrict{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}, true
	}
	return stays, true
}

// StaysInRoom is what undoing a decision does in its room while another one
// keeps what it did: the statement alone is withdrawn.
func (d Decision) StaysInRoom(c Case) (room.Act, bool) {
	if c.Subject == "" || c.Room == "" || !d.Action.Undoable() {
		return nil, false
	}
	return room.Withdraw{Seat: c.Subject, ID: d.ID}, true
}

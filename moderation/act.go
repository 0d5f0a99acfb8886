package moderation

import "hearth/room"

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

// BackInRoom is what undoing a decision does in its room: the other way round
// what can be, and the statement is withdrawn. False if there is nothing to do
// there.
func (d Decision) BackInRoom(c Case) (room.Act, bool) {
	if c.Subject == "" || c.Room == "" || !d.Action.Undoable() {
		return nil, false
	}
	switch d.Action {
	case MuteAction:
		return room.Undo{Do: room.Unmute{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}, true
	case RemoveAction, Ban:
		return room.Undo{Do: room.Readmit{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}, true
	case QuietRoom:
		return room.Undo{Do: room.AsideEnd{ID: room.ID(d.ID)}, Seat: c.Subject, ID: d.ID}, true
	case Restrict:
		return room.Undo{Do: room.Restrict{Seat: c.Subject}, Seat: c.Subject, ID: d.ID}, true
	}
	return room.Withdraw{Seat: c.Subject, ID: d.ID}, true
}

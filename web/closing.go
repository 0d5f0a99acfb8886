package web

import (
	"github.com/coder/websocket"

	"hearth/room/hub"
)

// The codes a socket is closed with; PROTOCOL.md says which of them to come
// back after.
const (
	CloseLeft      = websocket.StatusNormalClosure           // 1000: you left
	CloseBinary    = websocket.StatusUnsupportedData         // 1003
	CloseNotText   = websocket.StatusInvalidFramePayloadData // 1007
	CloseTooBig    = websocket.StatusMessageTooBig           // 1009
	CloseFault     = websocket.StatusInternalError           // 1011
	CloseMoving    = websocket.StatusServiceRestart          // 1012
	CloseMalformed = websocket.StatusCode(4400)
	CloseTicket    = websocket.StatusCode(4401)
	CloseRemoved   = websocket.StatusCode(4403)
	CloseNoSeat    = websocket.StatusCode(4404)
	CloseBanned    = websocket.StatusCode(4405)
	CloseSlow      = websocket.StatusCode(4408)
	CloseRefused   = websocket.StatusCode(4409) // the refused frame before it says why
	CloseOver      = websocket.StatusCode(4410)
	CloseReplaced  = websocket.StatusCode(4412) // the same tab has a newer connection
	CloseTooMany   = websocket.StatusCode(4429)
)

// closeCodes says for each code what it means and what a client does then.
var closeCodes = []struct {
	Code        websocket.StatusCode
	Means, Then string
}{
	{CloseLeft, "you left the circle", "stay away"},
	{CloseBinary, "a binary frame came; the wire is text", "stay away: a mistake in the client"},
	{CloseNotText, "a text frame was not UTF-8", "stay away: a mistake in the client"},
	{CloseTooBig, "a message was longer than 16 KiB", "stay away: a mistake in the client"},
	{CloseFault, "a fault on our side, or the room can't go on in this process", "come back, with backoff"},
	{CloseMoving, "this node restarts", "come back reconnectIn after the moving frame, with jitter"},
	{CloseMalformed, "frames were not understood: no hello first, a second hello, or too many mistakes", "stay away: a mistake in the client; reloading the page gets the right one"},
	{CloseTicket, "the ticket was not good, or not any more", "get a new ticket and come back"},
	{CloseRemoved, "this seat was removed from the room", "stay away, show help"},
	{CloseNoSeat, "this seat isn't known any more", "ask for a ticket once; if that is refused, stay away: the person's link may open a new one"},
	{CloseBanned, "whoever sits here is kept out of the circle for now, by a decision", "stay away; GET /c/{handle} shows what was decided, why, and how to have it looked at again"},
	{CloseSlow, "hello did not come in time, or the client read too slowly", "come back, with backoff"},
	{CloseRefused, "the hello was refused; the refused frame before it says why", "change what it says, get a new ticket and come back"},
	{CloseOver, "this gathering has ended", "stay away"},
	{CloseReplaced, "the same session came back on another connection", "stay away: the other one lives"},
	{CloseTooMany, "too many sockets for this seat or address, or noise on the line", "come back after a minute, with backoff"},
}

// closeFor says how a sitting's end closes its socket.
func closeFor(r hub.Reason) websocket.StatusCode {
	switch r {
	case hub.YouLeft:
		return CloseLeft
	case hub.WasRemoved:
		return CloseRemoved
	case hub.RoomOver:
		return CloseOver
	case hub.SlowReader:
		return CloseSlow
	case hub.Replaced:
		return CloseReplaced
	case hub.ShuttingOff:
		return CloseMoving
	}
	return CloseFault
}

// The reasons that Meter.Drop counts.
const (
	dropEnter     = "enter"     // a try to redeem an invite, too many
	dropHandshake = "handshake" // a websocket, too many
	dropTickets   = "tickets"   // no room for another ticket, or too fast
	dropSignal    = "signal"    // a reaction or typing sign, too fast
	dropNoise     = "noise"     // a connection that sent no messages
	dropPictures  = "pictures"  // to show or to see, too many
	dropReports   = "reports"   // too many from a seat or an address
	dropPage      = "page"      // a call that reached nobody
	dropMistakes  = "mistakes"  // a connection with too many frames not understood
)

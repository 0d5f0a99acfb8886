// Package presence knows which connections each seat has, and with that who
// is here. It reports a seat's first connection and its last one gone, and
// knows nothing of sticks and turns.
package presence

import (
	"sync"

	"hearth/room"
)

// Table holds the connections of one process. It is safe for concurrent use.
type Table struct {
	mu    sync.Mutex // guards rooms
	rooms map[room.ID]map[room.SeatID]map[Conn]struct{}
}

// Conn names one connection of this process.
type Conn uint64

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{rooms: map[room.ID]map[room.SeatID]map[Conn]struct{}{}}
}

// Connect adds a connection and says whether it is the seat's first.
// Connecting twice is connecting once.
func (t *Table) Connect(r room.ID, seat room.SeatID, c Conn) (first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	seats := t.rooms[r]
	if seats == nil {
		seats = map[room.SeatID]map[Conn]struct{}{}
		t.rooms[r] = seats
	}
	first = len(seats[seat]) == 0
	if first {
		seats[seat] = map[Conn]struct{}{}
	}
	seats[seat][c] = struct{}{}
	return first
}

// Gone takes a connection away and says whether it was the seat's last. Of
// one that was not there it says no.
func (t *Table) Gone(r room.ID, seat room.SeatID, c Conn) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	conns := t.rooms[r][seat]
	if _, ok := conns[c]; !ok {
		return false
	}
	delete(conns, c)
	if len(conns) > 0 {
		return false
	}
	delete(t.rooms[r], seat)
	if len(t.rooms[r]) == 0 {
		delete(t.rooms, r)
	}
	return true
}

// Here says whether a seat has a connection.
func (t *Table) Here(r room.ID, seat room.SeatID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.rooms[r][seat]) > 0
}

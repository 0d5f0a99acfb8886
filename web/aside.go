package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
)

// An aside is a room of its own: a page that is in a circle opens a second
// socket into it, with a ticket that the circle's cookie is good for. There
// is no cookie for the aside itself, so nothing of it outlasts the circle.

// aside trades a seat's cookie for a ticket into an aside that the seat is
// asked into: {"ticket": …}, or a refusal.
func (s *Server) aside(w http.ResponseWriter, r *http.Request) {
	s.admission(w, r, func(ctx context.Context, seat circle.Seat) (circle.Seat, error) {
		id := room.ID(r.PathValue("aside"))
		a, err := s.Hub.House(ctx, seat.Room, room.Knock{ID: id, Seat: seat.ID})
		switch {
		case err != nil:
			return circle.Seat{}, err
		case a.Refused != nil:
			return circle.Seat{}, a.Refused
		}
		there, err := s.Store.Aside(ctx, seat, id)
		if errors.Is(err, circle.ErrNoRoom) {
			return circle.Seat{}, room.Refuse(room.NoSuchAside)
		}
		return there, err
	})
}

// withID gives an act that opens a room the name of it: 122 random bits.
func (s *Server) withID(a room.Act) (room.Act, *room.Refusal) {
	open, is := a.(room.Aside)
	if !is {
		return a, nil
	}
	id, err := uuid.NewRandomFromReader(s.Random)
	if err != nil {
		s.Fault("aside", err)
		return nil, refuse(Faulty)
	}
	open.ID = room.ID(id.String())
	return open, nil
}

// stepsOut tells the circle that a seat of it goes into an aside, and asks
// whether it was asked there. The circle may say no: the aside is over, or the
// seat is not in it any more.
func (c *socket) stepsOut(ctx context.Context) (asked bool, code websocket.StatusCode) {
	if c.Seat.In == "" {
		return false, 0
	}
	s := c.server
	s.seats.stepped(c.desk, 1)
	c.aside = true
	c.desk.stepping.Lock()
	defer c.desk.stepping.Unlock()
	a, err := s.Hub.House(ctx, c.Seat.In, room.StepOut{ID: c.Seat.Room, Seat: c.Seat.Of})
	switch {
	case err != nil:
		return false, c.unseated(err)
	case a.Refused != nil:
		c.refuse(a.Refused)
		return false, CloseOver
	}
	asks := make(chan bool, 1) // the look may outlast its context
	err = s.Hub.Look(ctx, c.Seat.In, func(_ time.Time, st *room.State) { asks <- st.AsksInto(c.Seat.Room, c.Seat.Of) })
	if err != nil {
		return false, c.unseated(err)
	}
	return <-asks, 0
}

// How often the circle is told that somebody is back, and how far apart.
const (
	stepTries = 3
	stepEvery = time.Second
)

// stepsIn tells the circle that somebody is back, if no other socket of theirs
// here is in the aside. Where this node restarts they come back at another.
func (c *socket) stepsIn() {
	s := c.server
	if !c.aside {
		return
	}
	s.seats.stepped(c.desk, -1)
	for range stepTries {
		if s.draining.Load() || c.stepIn() == nil {
			return
		}
		t := time.NewTimer(stepEvery)
		<-t.C
	}
}

func (c *socket) stepIn() error {
	s := c.server
	c.desk.stepping.Lock()
	defer c.desk.stepping.Unlock()
	if s.seats.stepped(c.desk, 0) > 0 {
		return nil // there is another, or a new one
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.Limits.CommandWithin)
	defer cancel()
	_, err := s.Hub.House(ctx, c.Seat.In, room.StepIn{ID: c.Seat.Room, Seat: c.Seat.Of})
	return err
}

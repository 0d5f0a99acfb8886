package web

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"hearth/moderation"
	"hearth/room"
	"hearth/room/hub"
)

// What desks show of the rooms that their cases are about. A look changes
// nothing there, and starts no room (hub.Glance).
const (
	lookEvery  = 2 * time.Second  // at one room
	overFor    = 10 * time.Minute // a room that is over stays so
	lookWithin = time.Second      // for all rooms of one desk; what is late is shown the next time
	looksMost  = 8                // at once
	livesMost  = 1000             // rooms that are remembered
)

// lives are the rooms that desks of a node have looked at.
type lives struct {
	mu  sync.Mutex // guards all
	all map[room.ID]glimpse
}

// forget has every room that goes on looked at again.
func (l *lives) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, g := range l.all {
		if !g.over {
			g.at = time.Time{}
			l.all[id] = g
		}
	}
}

// glimpse is a live room as it was a moment ago: facts alone, and of each seat
// no more than a case about it needs. It is not changed once it is made.
type glimpse struct {
	at    time.Time
	over  bool
	view  LiveView // without a subject
	seats map[room.SeatID]bool
	holds room.SeatID
	muted map[room.SeatID]int64
}

// of is the room of a case, for a card; nil: it is over, or there is none.
func (l *lives) of(c moderation.Case) *LiveView {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, known := l.all[c.Room]
	if !known || g.over {
		return nil
	}
	v := g.view
	if c.Subject == "" {
		return &v
	}
	v.Subject = "gone"
	if here, seated := g.seats[c.Subject]; seated {
		v.Subject = map[bool]string{true: "here", false: "away"}[here]
	}
	v.Holds, v.Muted = g.holds == c.Subject, g.muted[c.Subject]
	return &v
}

// look looks at the rooms of cases, unless somebody just did, and says whether
// any is another than before.
func (l *lives) look(ctx context.Context, h *hub.Hub, cases []moderation.Case, now func() time.Time) (news bool) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	var group sync.WaitGroup
	var mu sync.Mutex // guards news
	places := make(chan struct{}, looksMost)
	for _, id := range l.stale(cases, now()) {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			g, err := glance(ctx, h, id, now)
			if err != nil {
				return // it is asked again the next time
			}
			if l.keep(id, g) {
				mu.Lock()
				defer mu.Unlock()
				news = true
			}
		})
	}
	group.Wait()
	return news
}

// stale are the rooms of cases that nobody has looked at just now.
func (l *lives) stale(cases []moderation.Case, now time.Time) (ids []room.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range cases {
		g, known := l.all[c.Room]
		age := now.Sub(g.at).Abs()
		fresh := known && (age < lookEvery || g.over && age < overFor)
		if c.Room != "" && !fresh && !slices.Contains(ids, c.Room) {
			ids = append(ids, c.Room)
		}
	}
	return ids
}

// keep keeps a glimpse, and says whether it shows something else than the one
// before.
func (l *lives) keep(id room.ID, g glimpse) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil || len(l.all) >= livesMost {
		l.all = map[room.ID]glimpse{}
	}
	was, known := l.all[id]
	l.all[id] = g
	return !known || !was.same(g)
}

// glance looks at one room. An error is that nobody can say.
func glance(ctx context.Context, h *hub.Hub, id room.ID, now func() time.Time) (glimpse, error) {
	seen := make(chan glimpse, 1) // the look may outlast its context
	err := h.Glance(ctx, id, func(_ time.Time, s *room.State) { seen <- glimpseOf(s) })
	var ended *hub.Ended
	switch {
	case errors.As(err, &ended) && ended.Reason == hub.RoomOver, errors.Is(err, room.ErrNoRoom):
		return glimpse{at: now(), over: true}, nil
	case err != nil:
		return glimpse{}, err
	}
	g := <-seen
	g.at = now()
	return g, nil
}

func glimpseOf(s *room.State) glimpse {
	g := glimpse{view: LiveView{Phase: s.PhaseNow()}, seats: map[room.SeatID]bool{}, muted: map[room.SeatID]int64{}}
	for id, seat := range s.Seats {
		g.seats[id] = seat.Here
		if !seat.Here {
			continue
		}
		g.view.People++
		role, _ := s.RoleOf(id)
		g.view.Facilitator = g.view.Facilitator || role == room.Facilitator
		g.view.Moderator = g.view.Moderator || role == room.Moderator
	}
	for id, m := range s.Mutes {
		g.muted[id] = millis(m.Until)
	}
	if s.Stick.At == room.InHand {
		g.holds = s.Stick.Seat
	}
	return g
}

// same says whether two glimpses show the same.
func (g glimpse) same(o glimpse) bool {
	return g.over == o.over && g.view == o.view && g.holds == o.holds && maps.Equal(g.seats, o.seats) && maps.Equal(g.muted, o.muted)
}

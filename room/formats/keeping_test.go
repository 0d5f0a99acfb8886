package formats_test

import (
	"time"

	"hearth/room"
)

// What whoever keeps a simulated circle does, which is what the board says,
// and what the others do in each kind of stage.

// afterTalk is how long people stay when the circle is over.
const afterTalk = 3 * time.Minute

// stageBegins: open stages fill with talk, hands go up, support is offered.
func (c *circle) stageBegins(id room.StageID) {
	g, _ := c.stage()
	c.in(g.Time, c.lookAtBoard)
	c.in(afterTalk, c.lookAtBoard)
	switch {
	case g.Kind == room.KindOpen || g.Kind == room.KindLead:
		c.freely(id)
	case byHand(g.Order):
		for _, p := range c.people {
			if !p.silent && c.chance(60) {
				c.in(c.between(time.Second, g.Time), func() { c.raises(p, id) })
			}
		}
	}
	if g.Kind == room.KindOpen && g.Time >= 10*time.Minute && c.chance(40) {
		p := c.people[c.rand.IntN(len(c.people))]
		c.in(c.between(time.Minute, g.Time), func() {
			if c.s.Now.Stage == id {
				c.keeper(func(k *person) { c.asks(k, room.Rally{Seat: p.id}) })
			}
		})
	}
	if g.Kind == room.KindLead && c.chance(30) {
		p := c.people[1+c.rand.IntN(len(c.people)-1)]
		c.in(c.moment(), func() { c.keeper(func(k *person) { c.asks(k, room.Grant{Seat: p.id, Duty: room.Reader, On: true}) }) })
	}
	for _, p := range c.people { // some have thought of something already
		if (g.Kind == room.KindOpen || g.Kind == room.KindLead) && !p.silent && c.chance(8) {
			c.in(c.between(time.Second, 5*time.Minute), func() { c.asks(p, room.Hand{On: true}) })
		}
	}
}

// raises: a hand goes up, and one in ten comes down again.
func (c *circle) raises(p *person, id room.StageID) {
	if c.s.Now.Stage != id || !c.asks(p, room.Hand{On: true}) || !c.chance(10) {
		return
	}
	c.in(c.between(time.Second, 2*time.Minute), func() { c.asks(p, room.Hand{}) })
}

// freely: somebody who may say something does, every twenty seconds or so.
func (c *circle) freely(id room.StageID) {
	c.in(time.Duration(c.rand.ExpFloat64()*float64(20*time.Second)), func() {
		if c.s.Now.Stage != id || c.s.Phase != room.Circle {
			return
		}
		p := c.people[c.rand.IntN(len(c.people))]
		if c.s.Floor == room.Lead {
			p = c.people[0]
		}
		if c.s.Floor != room.Ring && c.s.Can(p.id, "say") {
			c.asks(p, room.Say{Text: "some words"})
		}
		c.freely(id)
	})
}

// keeper lets whoever keeps the circle do something, if they are there.
func (c *circle) keeper(do func(*person)) {
	if c.s.Chair == "" {
		return
	}
	if p := c.person(c.s.Chair); p.line && !p.left {
		do(p)
	}
}

// lookAtBoard: whoever keeps the circle sees what is next, and does it after
// a moment.
func (c *circle) lookAtBoard() {
	if c.waits || c.next() == nil {
		return
	}
	c.waits = true
	c.in(c.moment(), func() {
		c.waits = false
		act := c.next()
		if act == nil {
			return
		}
		c.keeper(func(p *person) {
			if !c.asks(p, act) {
				c.in(10*time.Second, c.lookAtBoard) // they look again
			}
		})
	})
}

// next is what the board says is next; nil if there is nothing to do.
func (c *circle) next() room.Act {
	g, i := c.stage()
	s := c.s
	rests := s.Stick.At == room.Resting
	up := g.Time > 0 && s.Now.Clock.Read(c.now) >= g.Time
	switch {
	case s.Phase == room.Over || s.Chair == "" || !c.person(s.Chair).line || s.Now.Moving != 0 ||
		s.Support != nil && s.Support.Going && !rests:
		return nil
	case s.Phase == room.Gathering:
		if c.now.Before(opening.Add(begins)) {
			return nil
		}
		return room.Next{Turn: s.Stick.Turn}
	case g.Closing && (s.Round.Going || s.Now.Rounds == 0):
		if rests {
			return room.Next{Turn: s.Stick.Turn}
		}
		return nil
	case i == len(s.Agenda)-1:
		if s.Now.Clock.Read(c.now) < afterTalk {
			return nil
		}
		return room.Close{}
	case g.Kind == room.KindRound && !byHand(g.Order) && !s.Round.Going && s.Now.Rounds > 0, up && !(c.people[0].patient && s.Round.Going && !byHand(g.Order)):
		return room.Go{From: g.ID, To: s.Agenda[i+1].ID}
	case rests && s.Round.Going && s.Can(s.Chair, "next"):
		return room.Next{Turn: s.Stick.Turn}
	}
	return nil
}

// deputiesAsked: the facilitator was away too long. A deputy takes over, and
// the facilitator takes the chair back when they return.
func (c *circle) deputiesAsked() {
	for _, id := range c.s.Deputies {
		p := c.person(id)
		c.in(c.moment(), func() {
			if c.s.Can(p.id, "take-chair") {
				c.asks(p, room.TakeChair{})
			}
		})
	}
}

package formats_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"hearth/room"
)

// person is somebody in a simulated circle.
type person struct {
	id      room.SeatID
	role    room.Role
	silent  bool // never answers an offer
	late    bool
	patient bool // lets a round go to its end before going on, if they keep the circle
	line    bool // up
	left    bool
	talk    talk
}

// talk is a turn as its speaker means it.
type talk struct {
	turn uint64
	left time.Duration // of what there is to say, with the line up
	goes bool          // the next words are on their way
}

// circle is one evening with simulated people: what they do and what their
// lines do to them comes from one seed.
type circle struct {
	evening
	judge   *judge
	rand    *rand.Rand
	people  []*person
	todo    []intent // by time
	intents int
	waits   bool // whoever keeps the circle has looked at the board and is about to act
	refused map[room.Code]int
	broken  error
}

// intent is what somebody means to do.
type intent struct {
	at time.Time
	n  int
	do func()
}

func (c *circle) in(d time.Duration, do func()) {
	c.intents++
	n := intent{c.now.Add(d), c.intents, do}
	i, _ := slices.BinarySearchFunc(c.todo, n, func(a, b intent) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n)) })
	c.todo = slices.Insert(c.todo, i, n)
}

func (c *circle) chance(percent float64) bool { return c.rand.Float64()*100 < percent }

// lognormal draws a length of which half are shorter than median, and one in
// twenty is longer than p95.
func (c *circle) lognormal(median, p95 time.Duration) time.Duration {
	sigma := math.Log(float64(p95)/float64(median)) / 1.645
	return time.Duration(float64(median) * math.Exp(sigma*c.rand.NormFloat64()))
}

func (c *circle) between(a, b time.Duration) time.Duration {
	return a + time.Duration(c.rand.Int64N(int64(b-a)))
}

// moment is how long somebody takes to react.
func (c *circle) moment() time.Duration { return c.lognormal(4*time.Second, 15*time.Second) }

// begins is when the circle is to begin, after the doors open.
const begins = 5 * time.Minute

// hold holds a whole circle. The error is a promise that was not kept.
func hold(set room.Settings, r *rand.Rand) (*circle, error) {
	c := &circle{judge: newJudge(set), rand: r, refused: map[room.Code]int{}}
	c.watch = func(e room.Entry) error {
		err := c.judge.saw(c.s, e)
		for _, ev := range e.Events {
			c.hears(ev)
		}
		if len(e.Events) != 1 || !isSaid(e.Events[0]) {
			c.lookAtBoard()
		}
		return err
	}
	c.open(set)
	c.invite()
	c.in(begins, c.lookAtBoard)
	for end := opening.Add(6 * time.Hour); c.s.Phase != room.Over && c.broken == nil; {
		if c.now.After(end) {
			return c, brokenf("nobody ever closes this circle")
		}
		next := c.todo[0]
		ran, _, err := c.timer(next.at)
		c.broken = errors.Join(c.broken, err)
		if !ran {
			c.todo, c.now = c.todo[1:], next.at
			next.do()
		}
	}
	return c, c.broken
}

func isSaid(ev room.Event) bool { _, is := ev.(room.Said); return is }

// invite draws 8 to 12 people: one in five comes late, one in five is
// silent, two may take over.
func (c *circle) invite() {
	n := 8 + c.rand.IntN(5)
	parts := c.rand.Perm(n - 1)
	few := int(math.Round(float64(n) / 5))
	for i := range n {
		p := &person{id: room.SeatID(fmt.Sprintf("%08x-0000-4000-8000-%012d", c.rand.Uint32(), i)), role: room.Member}
		if i == 0 {
			p.role, p.patient = room.Facilitator, c.chance(33)
		} else {
			p.silent = parts[i-1] < few
			p.late = c.rand.IntN(n-1) < few
		}
		c.people = append(c.people, p)
		comes := c.between(0, begins)
		if p.late {
			comes = begins + c.between(0, c.length()/2)
		}
		if i == 0 {
			comes = 0
		}
		c.in(comes, func() { c.arrives(p) })
	}
}

// length is what the agenda takes.
func (c *circle) length() time.Duration {
	var sum time.Duration
	for _, g := range c.s.Agenda {
		sum += g.Time
	}
	return sum
}

// arrives: somebody comes in, and from now on their line may drop.
func (c *circle) arrives(p *person) {
	p.line = true
	c.ask(room.Actor{House: true}, room.Arrive{Seat: p.id, Role: p.role})
	c.line(p)
	if p.role == room.Member && !p.silent && c.deputies() < 2 {
		c.in(c.moment(), func() { c.asks(c.people[0], room.NameDeputy{Seat: p.id, On: true}) })
	}
	if p.role == room.Member && c.chance(2) {
		c.in(c.between(time.Minute, c.length()), func() {
			if c.asks(p, room.Leave{Fine: true}) {
				p.left = true
			}
		})
	}
	if p.role == room.Member && c.chance(1) {
		c.in(c.between(time.Minute, c.length()), func() {
			c.keeper(func(k *person) { c.asks(k, room.Mute{Seat: p.id, Minutes: 1 + c.rand.IntN(9)}) })
		})
	}
	if p.role == room.Member && c.chance(2) {
		c.in(c.between(time.Minute, c.length()), func() { c.asks(p, room.Listen{On: true}) })
		c.in(c.between(time.Minute, c.length()), func() { c.asks(p, room.Listen{}) })
	}
}

func (c *circle) deputies() int { return len(c.s.Deputies) }

// line drops once in ten minutes, for 5 to 90 seconds; of two hundred drops
// one is for good.
func (c *circle) line(p *person) {
	c.in(time.Duration(c.rand.ExpFloat64()*float64(10*time.Minute)), func() {
		if p.left {
			return
		}
		p.line = false
		c.ask(room.Actor{House: true}, room.Drop{Seat: p.id})
		if p.role == room.Member && c.chance(0.5) {
			return
		}
		c.in(c.between(5*time.Second, 90*time.Second), func() {
			p.line = true
			c.ask(room.Actor{House: true}, room.Arrive{Seat: p.id, Role: p.role})
			c.line(p)
		})
	})
}

// asks puts what a person does to the room, if their line is up, and says
// whether it came about.
func (c *circle) asks(p *person, a room.Act) bool {
	return p.line && !p.left && c.ask(room.Actor{Seat: p.id}, a)
}

func (c *circle) ask(by room.Actor, a room.Act) bool {
	events, err := c.do(by, a)
	if code := codeOf(err); code != "" {
		c.refused[code]++
		return false
	}
	c.broken = errors.Join(c.broken, err)
	return err == nil && len(events) > 0
}

func (c *circle) person(id room.SeatID) *person {
	i := slices.IndexFunc(c.people, func(p *person) bool { return p.id == id })
	return c.people[i]
}

// hears is what people do about what happens.
func (c *circle) hears(ev room.Event) {
	switch ev := ev.(type) {
	case room.StickOffered:
		c.offered(c.person(ev.To), ev.Turn)
	case room.Took:
		c.takes(c.person(ev.Seat), ev.Turn)
	case room.TimeTold:
		c.told(ev.Firm)
	case room.StageMoving:
		c.told(false)
	case room.Returned:
		p, st := c.person(ev.Seat), c.s.Stick
		switch {
		case st.Seat == p.id && st.At == room.Offered:
			c.offered(p, st.Turn)
		case st.Seat == p.id && st.At == room.InHand:
			c.words(p, st.Turn)
		}
		if p.role == room.Facilitator && c.s.Chair != p.id {
			c.in(c.moment(), func() { c.asks(p, room.TakeChair{}) })
		}
	case room.StageSet:
		c.stageBegins(ev.Stage)
	case room.CareMoved:
		if ev.Step == room.CareDeputies {
			c.deputiesAsked()
		}
	case room.SupportAsked:
		p := c.person(ev.Seat)
		c.in(c.moment(), func() { c.asks(p, room.Consent{Yes: c.chance(70)}) })
	}
}

// offered: most take the stick, after a moment.
func (c *circle) offered(p *person, turn uint64) {
	if p.silent {
		return
	}
	c.in(c.moment(), func() {
		if st := c.s.Stick; st.Turn != turn || st.Seat != p.id || st.At != room.Offered {
			return
		}
		switch n := c.rand.IntN(100); {
		case n < 4:
			c.asks(p, room.Decline{Turn: turn})
		case n < 8 && c.asks(p, room.Later{Turn: turn}):
		case n < 9:
			c.asks(p, room.Listen{On: true})
		default:
			c.asks(p, room.Take{Turn: turn})
		}
	})
}

// takes: somebody has the stick. Where a turn ends with its time, two in
// three use all of theirs.
func (c *circle) takes(p *person, turn uint64) {
	p.talk = talk{turn: turn, left: c.lognormal(3*time.Minute, 12*time.Minute)}
	if st := c.s.Stick; st.Hard {
		p.talk.left = time.Duration((0.2 + 0.7*c.rand.Float64()) * float64(st.Limit))
		if c.chance(66) {
			p.talk.left = time.Hour
		}
	}
	if c.chance(20) {
		c.asks(p, room.SetWish{Turn: turn, Wish: room.WishListen})
	}
	c.words(p, turn)
}

// words: a few of them, every twenty seconds, as long as there is something
// to say; then the stick goes on.
func (c *circle) words(p *person, turn uint64) {
	if p.talk.goes {
		return
	}
	p.talk.goes = true
	d := min(p.talk.left, c.between(12*time.Second, 28*time.Second))
	c.in(d, func() {
		p.talk.goes = false
		if st := c.s.Stick; p.talk.turn != turn || st.Turn != turn || st.Seat != p.id || st.At != room.InHand || !p.line {
			return
		}
		if p.talk.left -= d; p.talk.left <= 0 {
			c.asks(p, room.Pass{Turn: turn, To: c.nominee(p)})
			return
		}
		c.asks(p, room.Say{Turn: turn, Text: "some words"})
		if c.chance(0.5) {
			c.asks(p, room.Hand{On: true}) // something else comes to mind
		}
		c.words(p, turn)
	})
}

// nominee is whom somebody names who is next, where the order is so.
func (c *circle) nominee(p *person) room.SeatID {
	next := c.s.RoomView(c.now).Round.Next
	if c.s.Round.Order != room.OrderNominate || len(next) == 0 || c.chance(15) {
		return ""
	}
	if id := next[c.rand.IntN(len(next))]; c.person(id).line {
		return id
	}
	return ""
}

// told: nine in ten who hear that their time is over find an end in half a
// minute, and where it is some minutes until then, in those. Who uses a whole
// share goes on to its end.
func (c *circle) told(firm bool) {
	st := c.s.Stick
	p := c.person(st.Seat)
	switch {
	case p.talk.turn != st.Turn || c.chance(10):
	case firm:
		p.talk.left = min(p.talk.left, c.between(20*time.Second, 140*time.Second))
	case c.s.Now.Moving != 0 || !st.Hard:
		p.talk.left = min(p.talk.left, c.between(10*time.Second, 30*time.Second))
	}
}

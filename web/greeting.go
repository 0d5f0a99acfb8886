package web

import (
	"context"
	"encoding/json"

	"hearth/room"
	"hearth/room/hub"
)

// welcome and fresh are the frames of those names; what was missed comes
// encoded already.
type (
	welcome struct {
		Welcome
		Missed []json.RawMessage `json:"missed,omitempty"`
	}
	fresh struct {
		Fresh
		Missed []json.RawMessage `json:"missed,omitempty"`
	}
)

func welcomeOf(g hub.Greeting) welcome {
	return welcome{Missed: missed(g), Welcome: Welcome{
		T: "welcome", Epoch: g.Epoch, Seq: g.Seq, Tag: g.Tag, Last: g.Last,
		Now: g.Now.UnixMilli(), State: (*State)(g.Fresh), Door: g.Door, Rewound: g.Rewound,
	}}
}

func freshOf(g hub.Greeting) fresh {
	return fresh{Missed: missed(g), Fresh: Fresh{
		T: "state", Epoch: g.Epoch, Seq: g.Seq, Tag: g.Tag, Last: g.Last,
		Now: g.Now.UnixMilli(), State: (*State)(g.Fresh), Door: g.Door, Rewound: g.Rewound,
	}}
}

func missed(g hub.Greeting) []json.RawMessage {
	var list []json.RawMessage
	for _, f := range g.Missed {
		list = append(list, f)
	}
	return list
}

// startAgain sends the room from scratch. No command is on its way
// meanwhile: every answer before this frame is counted in its last, every
// later one is about the room that it shows.
func (c *socket) startAgain(g hub.Greeting) error {
	c.doing.Lock()
	defer c.doing.Unlock()
	if g.Rewound {
		c.recount(g.Last)
	}
	g.Last = c.last.Load()
	return c.write(encode(freshOf(g)))
}

// noNumber is one that no session comes to: JSON's largest whole one.
const noNumber = 1<<53 - 1

// recount asks the room for the number of the session's last command: what
// the hub last knew may be older than an answer that was sent since. A
// command out of order does nothing and is answered with it.
func (c *socket) recount(known uint64) {
	ctx, cancel := context.WithTimeout(c.ctx, c.server.Limits.CommandWithin)
	defer cancel()
	if a, err := c.sit.Do(ctx, noNumber, room.Retract{}); err == nil {
		known = a.Last
	}
	c.last.Store(known)
}

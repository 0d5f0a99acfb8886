package faults

import (
	"context"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// flags make much happen in a minute.
var flags = []string{"--trusted-proxy", "127.0.0.0/8", "--offer-window", "3s", "--grace", "4s", "--turn-time", "4s", "--keeper-grace", "6s"}

func TestTalk(t *testing.T) {
	n := NewNode(t, bin(t), "one", flags...)
	n.Start()
	began := time.Now()
	c := NewCircle(t, "Tuesday", 1, began, n)
	var all people
	c.Seat(&all, room.Facilitator, Talk)
	c.Seat(&all, room.Listener, Talk)
	for range 6 {
		c.Seat(&all, room.Member, Talk)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var group sync.WaitGroup
	for _, tab := range c.Tabs {
		group.Go(func() {
			if err := tab.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 3 {
		pause(ctx, 2*time.Second)
		switch i {
		case 0:
			n.Kill()
			n.Start()
		case 1:
			n.Line.Cut()
		}
	}
	for _, tab := range c.Tabs {
		tab.Quiet()
	}
	group.Wait()
	count := map[string]int{}
	for _, o := range c.Record.Ops {
		count[string(o.Outcome)+" "+string(o.Do.Can())+" "+string(o.Code)]++
		if o.Tries > 1 {
			t.Log(o)
		}
	}
	t.Log(len(c.Record.Ops), count, len(c.Record.Sights), c.Record.Losses, c.Record.Wrong)
	t.Log(n.Log())
	t.Fail()
}

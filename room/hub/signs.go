package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"hearth/room"
)

// signsWaiting is how many messages of other nodes may wait for a room;
// more are lost.
const signsWaiting = 16

// signs is what a node tells the others of reactions and typing.
type signs struct {
	Node string   `json:"node"`
	List []Signal `json:"list"`
}

// listen hears the signals of other nodes.
func (l *live) listen(ctx context.Context) error {
	if l.cfg.Bus == nil {
		return nil
	}
	err := l.cfg.Bus.Subscribe(ctx, string(l.id), func(msg []byte) {
		var heard signs
		if json.Unmarshal(msg, &heard) != nil || heard.Node == l.cfg.Nodes.Me() {
			return
		}
		select {
		case l.heard <- heard.List[:min(len(heard.List), signalsMost)]:
		default:
			l.cfg.Meter.Drop("signals")
		}
	})
	if err != nil {
		return fmt.Errorf("listen to the other nodes: %w", err)
	}
	return nil
}

// judgeSignal decides a lossy act on the state as it is here; it makes no
// entry and is gathered with others.
func (l *live) judgeSignal(r *request) {
	events, err := l.state.Decide(l.now(), r.command)
	if refusal, ok := err.(*room.Refusal); ok {
		r.answer.Refused = refusal
		return
	}
	for _, ev := range events {
		s := Signal{Turn: l.state.Stick.Turn}
		switch ev := ev.(type) {
		case room.Reacted:
			s.Seat, s.Kind = ev.Seat, ev.Kind
		case room.Typing:
			s.Seat = ev.Seat
		default:
			continue // not lossy: it would have needed a commit
		}
		if len(l.signals) == 0 && !l.doorOwes {
			l.flush.Reset(signalsEvery)
		}
		if len(l.signals) < signalsMost {
			l.signals[s] = struct{}{}
		}
	}
}

// flushSignals hands out what was gathered, here and on the other nodes.
func (l *live) flushSignals(ctx context.Context) {
	list := slices.Collect(maps.Keys(l.signals))
	clear(l.signals)
	l.hand(list)
	if l.cfg.Bus == nil || !l.awayAt.IsZero() || len(list) == 0 {
		return
	}
	msg, err := json.Marshal(signs{Node: l.cfg.Nodes.Me(), List: list})
	if err == nil {
		err = l.cfg.Bus.Publish(ctx, string(l.id), msg)
	}
	if err != nil {
		l.cfg.Meter.Drop("signals")
	}
}

// hand hands signals to everybody here, of those who sit in the room.
func (l *live) hand(list []Signal) {
	list = slices.DeleteFunc(list, func(s Signal) bool {
		return l.state.Seats[s.Seat] == nil || s.Kind != "" && !slices.Contains(room.Reactions, s.Kind)
	})
	if len(list) == 0 {
		return
	}
	for s := range l.sittings {
		if s.door == nil {
			s.queue.signal(list)
		}
	}
}

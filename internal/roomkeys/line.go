package roomkeys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"hearth/room"
)

// Topic is where nodes speak of keys.
const Topic = "keys"

// Peers are the nodes that share the rooms, as far as is known now.
//
// Me is this node's present boot, see presence.NodeID; it may change. Others
// are the boots that live besides it: empty when it is alone, nil when that
// can't be said now.
type Peers interface {
	Me() string
	Others() []string
}

// hearMost is how many messages wait to be heard; more are dropped, and
// those that matter are said again.
const hearMost = 256

// line is a ring's end of the bus: one goroutine that hears and speaks.
type line struct {
	ring  *Ring
	bus   room.Bus
	peers Peers
	in    chan []byte
	done  chan struct{} // closed when nobody speaks any more

	// The goroutine's own.
	answers bucket
	now     view      // of this round
	said    time.Time // when all that is held was announced last
	pulse   bool      // this round is one of those that come every askEvery
}

// view is what is known of the nodes.
type view struct {
	me     string
	others []string
	known  bool
}

func (v view) lives(boot string) bool { return !v.known || slices.Contains(v.others, boot) }

func (l *line) look() view {
	others := l.peers.Others()
	v := view{me: l.peers.Me(), others: slices.Clone(others), known: others != nil}
	slices.Sort(v.others)
	return v
}

// Serve begins to ask other nodes for keys and to answer them, over bus,
// until ctx ends; Wait waits for the end. It returns once it listens, with
// an error if it can't. It may be called again after an error only.
func (r *Ring) Serve(ctx context.Context, bus room.Bus, peers Peers) error {
	if r.mac == nil {
		return fmt.Errorf("room keys: the deployment secret needs at least %d bytes", SecretLeast)
	}
	l := &line{ring: r, bus: bus, peers: peers, in: make(chan []byte, hearMost), done: make(chan struct{})}
	r.mu.Lock()
	taken := r.line != nil
	r.mu.Unlock()
	if taken {
		return errors.New("room keys: served already")
	}
	err := bus.Subscribe(ctx, Topic, func(msg []byte) {
		select {
		case l.in <- msg:
		default:
		}
	})
	if err != nil {
		return fmt.Errorf("room keys: listening to the other nodes: %w", err)
	}
	r.mu.Lock()
	r.line = l
	r.mu.Unlock()
	go l.run(ctx)
	return nil
}

// Wait returns when what Serve began has ended; at once if it never did.
func (r *Ring) Wait() {
	r.mu.Lock()
	l := r.line
	r.mu.Unlock()
	if l != nil {
		<-l.done
	}
}

func (l *line) run(ctx context.Context) {
	defer close(l.done)
	pulse := time.NewTicker(askEvery)
	defer pulse.Stop()
	for {
		var msg []byte
		l.pulse = false
		select {
		case <-ctx.Done():
			return
		case msg = <-l.in:
		case <-pulse.C:
			l.pulse = true
		case <-l.ring.poke:
		}
		before := l.now
		l.now = l.look()
		if l.pulse {
			l.ring.sweep(l.now)
		}
		if msg != nil {
			l.hear(ctx, msg)
		}
		l.ask(ctx)
		l.announce(ctx, !slices.Equal(before.others, l.now.others) || before.me != l.now.me)
	}
}

// sweep forgets what has had its time.
func (r *Ring) sweep(v view) {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shelf.sweep(now)
	r.asks.forget(now)
	r.news.sweep(v)
	for id, at := range r.over {
		if now.Sub(at) > keep+heardFor {
			delete(r.over, id)
		}
	}
}

// sayFor bounds the sending of one message.
const sayFor = time.Second

// say sends a message; false if it did not go out.
func (l *line) say(ctx context.Context, m message) bool {
	if l.now.me == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, sayFor)
	defer cancel()
	m.from = l.now.me
	err := l.bus.Publish(ctx, Topic, m.encode(l.ring.mac))
	if err != nil && !errors.Is(err, context.Canceled) {
		l.ring.tell("a message to the other nodes did not go out", err)
	}
	return err == nil
}

// hear takes one message. What is not signed, not whole or one's own is
// none.
func (l *line) hear(ctx context.Context, msg []byte) {
	m, err := decode(l.ring.mac, msg)
	switch {
	case errors.Is(err, errForged):
		l.ring.tell("somebody speaks to the nodes who has another secret; is the secret file the same everywhere?", err)
		return
	case err != nil:
		l.ring.tell("a message from another node can't be read; does another version run somewhere?", err)
		return
	case m.from == l.now.me:
		return
	}
	switch m.kind {
	case anAsk:
		l.answer(ctx, m)
	case anAnswer:
		l.receive(m)
	default:
		l.learn(m)
	}
}

// ask sends the asks that are due.
func (l *line) ask(ctx context.Context) {
	r := l.ring
	r.mu.Lock()
	due := r.asks.due(r.cfg.Now(), l.pulse)
	r.mu.Unlock()
	for _, a := range due {
		if !l.ready(a) {
			return
		}
		m := message{kind: anAsk, name: a.name, nonce: a.nonce, data: a.pair.PublicKey().Bytes()}
		if !l.say(ctx, m) {
			return
		}
		r.mu.Lock()
		a.sent++
		r.mu.Unlock()
	}
}

// ready gives a new ask its key pair.
func (l *line) ready(a *ask) bool {
	l.ring.mu.Lock()
	begun := a.sent > 0
	l.ring.mu.Unlock()
	if begun {
		return true
	}
	pair, err := kem().GenerateKey()
	if err == nil {
		_, err = io.ReadFull(rand.Reader, a.nonce[:])
	}
	if err != nil {
		l.ring.tell("making a key pair", err)
		return false
	}
	a.pair = pair
	return true
}

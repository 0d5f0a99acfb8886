package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/room"
)

// How often a node listens for itself, and after how long it does not trust
// its ears any more.
const (
	probing = time.Second
	deaf    = 3 * time.Second
)

// rings is what a doorbell tells, one thing at a time; neither may block.
type rings struct {
	ring func(id room.ID, epoch string, seq uint64) // a room has an entry that may be new
	all  func()                                     // any room may have: rings were lost, or may have been
}

// doorbell is a node's one subscription. It carries the rings of all rooms
// and the messages of the Bus, and of both may lose some; when it may have,
// it says so. What it can't notice is a connection that lives and says
// nothing: against that it calls to itself through Redis every second, and
// makes the subscription anew if it does not hear that.
//
// It is its node's room.Bus.
type doorbell struct {
	c     redis.UniversalClient
	on    rings
	probe string    // the channel of its own
	began time.Time // probes tell their time from here
	bus   *bus
	again chan struct{} // call now, not only at the next second
	there chan struct{} // Redis has taken a call

	mu   sync.Mutex // guards what follows
	last time.Time  // when the newest probe went out that was heard; zero: none was
}

// newDoorbell returns a doorbell that hears nothing before it runs.
func newDoorbell(c redis.UniversalClient, on rings) *doorbell {
	return &doorbell{c: c, on: on, probe: "hearth:probe:" + rand.Text(), began: time.Now(), bus: newBus(),
		again: make(chan struct{}, 1), there: make(chan struct{}, 1)}
}

// channels are those it listens on, always the same.
func (d *doorbell) channels() []string {
	all := []string{d.probe}
	for p := range partitions {
		all = append(all, key(p, "bell"), key(p, "bus"))
	}
	return all
}

// run listens until ctx ends.
func (d *doorbell) run(ctx context.Context) {
	var probes sync.WaitGroup
	probes.Go(func() { d.call(ctx) })
	defer probes.Wait()
	for {
		select { // go-redis can't be stopped while it waits for a Redis that is not there
		case <-ctx.Done():
			return
		case <-d.there:
			d.listen(ctx)
		}
		select {
		case <-d.there: // that was before
		default:
		}
		tap(d.again)
	}
}

// listen subscribes, and returns when it has not heard itself for too long.
// In between go-redis repairs the connection when it sees that it is broken,
// and subscribes again.
func (d *doorbell) listen(ctx context.Context) {
	channels := d.channels()
	sub := d.c.Subscribe(ctx, channels...)
	heard := sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(0)) // the probe is the check
	defer func() {
		_ = sub.Close() // it is done with, whatever that says
		for range heard {
		}
	}()
	since := time.Now()
	look := time.NewTicker(probing)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if time.Since(d.later(since)) > deaf {
				return
			}
		case it := <-heard:
			switch it := it.(type) {
			case *redis.Subscription:
				// The last one of all: from here on nothing is missed.
				if it.Kind == "subscribe" && it.Count == len(channels) {
					d.on.all()
					tap(d.again)
				}
			case *redis.Message:
				d.sort(it)
			}
		}
	}
}

// sort brings a message to whom it is for. What does not read as a ring rings
// nothing: whoever else speaks here, it is not a node.
func (d *doorbell) sort(m *redis.Message) {
	switch {
	case m.Channel == d.probe:
		if ns, err := strconv.ParseInt(m.Payload, 10, 64); err == nil {
			d.mu.Lock()
			d.last = d.began.Add(time.Duration(ns))
			d.mu.Unlock()
		}
	case strings.HasSuffix(m.Channel, ":bus"):
		d.bus.hear(m.Payload)
	default:
		f := strings.Split(m.Payload, " ")
		if len(f) != 3 {
			return
		}
		if seq, err := strconv.ParseUint(f[2], 10, 64); err == nil {
			d.on.ring(room.ID(f[0]), f[1], seq)
		}
	}
}

// call says the time into its own channel, through a connection like any
// other's, until ctx ends.
func (d *doorbell) call(ctx context.Context) {
	tick := time.NewTicker(probing)
	defer tick.Stop()
	for {
		limit, cancel := context.WithTimeout(ctx, probing)
		err := d.c.Publish(limit, d.probe, strconv.FormatInt(int64(time.Since(d.began)), 10)).Err()
		cancel()
		if err == nil {
			tap(d.there)
		}
		select {
		case <-tick.C:
		case <-d.again:
		case <-ctx.Done():
			return
		}
	}
}

// tap rings a bell that holds one ring.
func tap(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// later is the later of a time and of when the newest probe heard went out.
func (d *doorbell) later(t time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last.After(t) {
		return d.last
	}
	return t
}

// heard is nil if it hears itself; else a sentence. A node that is deaf does
// not know what happens in its rooms soon enough.
func (d *doorbell) heard() error {
	last := d.later(time.Time{})
	if last.IsZero() || time.Since(last) > deaf {
		return errors.New("this node does not hear its own messages through Redis: see that Redis runs, and that the network to it is up")
	}
	return nil
}

package hub

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue is what waits for one connection. The room puts in, the
// connection's writer takes out; neither waits for the other.
type queue struct {
	cfg  Config
	ring chan struct{} // holds at most one

	mu     sync.Mutex // guards what follows
	load   Load
	coming [][]byte // put in, and not to be taken before it is known where they lead
	bytes  int
	since  time.Time // when the oldest waiting frame was put in
	fellAt time.Time // when the reader last fell behind
	ended  Reason
}

func newQueue(cfg Config) *queue { return &queue{cfg: cfg, ring: make(chan struct{}, 1)} }

// put adds an encoded frame, or says that the reader has fallen behind. The
// reader gets it when stands tells where it leads.
func (q *queue) put(frame []byte) (fits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != "" {
		return true // it hears nothing more
	}
	waiting := len(q.load.Frames) + len(q.coming)
	if waiting >= queueEntries || q.bytes+len(frame) > queueBytes {
		return false
	}
	if waiting == 0 {
		q.since = q.cfg.Now()
	}
	q.coming = append(q.coming, frame)
	q.bytes += len(frame)
	return true
}

// stands tells which point of the log the reader has reached with what waits.
func (q *queue) stands(at heard) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.load.Frames, q.coming = append(q.load.Frames, q.coming...), nil
	if len(q.load.Frames) > 0 {
		q.load.Seq, q.load.Tag = at.seq, at.tag
		q.wake()
	}
}

// replace replaces what waits by the room from scratch, by no fault of the
// reader's.
func (q *queue) replace(g Greeting) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != "" {
		return
	}
	if old := q.load.Fresh; old != nil {
		g.Rewound = g.Rewound || old.Rewound
	}
	q.load, q.coming, q.bytes, q.since = Load{Fresh: &g}, nil, 0, q.cfg.Now()
	q.wake()
}

// restart replaces what waits by the room from scratch, once in a while; a
// reader that falls behind again so soon has ended.
func (q *queue) restart(g Greeting) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != "" {
		return
	}
	now := q.cfg.Now()
	again := !q.fellAt.IsZero() && now.Sub(q.fellAt) < idleFor
	q.load, q.coming, q.bytes, q.since, q.fellAt = Load{Fresh: &g}, nil, 0, now, now
	if again {
		q.cfg.Meter.Drop("slow")
		q.load, q.ended = Load{}, SlowReader
	} else {
		q.cfg.Meter.Drop("overflow")
	}
	q.wake()
}

func (q *queue) signal(s []Signal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != "" {
		return
	}
	if free := signalsMost - len(q.load.Signals); len(s) > free {
		q.cfg.Meter.Drop("signals")
		s = s[:free]
	}
	q.load.Signals = append(q.load.Signals, s...)
	q.wake()
}

// end lets the reader take what waits, then tells it why that was all.
func (q *queue) end(r Reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended == "" {
		q.ended = r
	}
	q.wake()
}

// over says whether nothing more is to come.
func (q *queue) over() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended != ""
}

// forget takes out a frame that nobody is to read any more.
func (q *queue) forget(frame []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.load.Frames = slices.DeleteFunc(q.load.Frames, func(f []byte) bool { return same(f, frame) })
	q.bytes = total(q.load.Frames)
}

// same says whether two encoded frames are one: frames are shared, and no
// two are made in one place.
func same(a, b []byte) bool { return len(a) > 0 && len(b) > 0 && &a[0] == &b[0] }

func total(frames [][]byte) (bytes int) {
	for _, f := range frames {
		bytes += len(f)
	}
	return bytes
}

func (q *queue) wake() {
	select {
	case q.ring <- struct{}{}:
	default:
	}
}

func (q *queue) take() (Load, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.load
	if l.Fresh == nil && len(l.Frames) == 0 && len(l.Signals) == 0 {
		if q.ended != "" {
			return Load{}, &Ended{q.ended}
		}
		return Load{}, nil
	}
	if len(l.Frames) > 0 {
		q.cfg.Meter.Delivery(q.cfg.Now().Sub(q.since))
	}
	q.load, q.bytes = Load{}, total(q.coming)
	return l, nil
}

func (q *queue) next(ctx context.Context) (Load, error) {
	for {
		l, err := q.take()
		if err != nil || l.Fresh != nil || len(l.Frames) > 0 || len(l.Signals) > 0 {
			return l, err
		}
		select {
		case <-q.ring:
		case <-ctx.Done():
			return Load{}, ctx.Err()
		}
	}
}

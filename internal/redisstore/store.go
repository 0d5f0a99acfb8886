package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/room"
)

// Options are what a Store is made of. URL, Secret and Words are needed.
type Options struct {
	URL      string // redis://, rediss://; with master_name= the first of several sentinels
	Password string // wins over the URL's; empty: the URL's
	TLS      *tls.Config
	Ack      Ack    // zero: AckPrimary
	Secret   []byte // the deployment's, at least 32 bytes: the same on every node
	Words    Words

	Now   func() time.Time // nil: time.Now
	Fault func(error)      // told what went wrong and what to do; nil: silent
}

// Ack says when an append counts as written.
type Ack string

// The acknowledgements.
const (
	AckPrimary Ack = "primary" // the primary has it
	AckReplica Ack = "replica" // and a replica too: a failover loses nothing acknowledged
)

// Words seals what may not be read where it is stored. Bound is data that
// must be the same when the words are opened again.
type Words interface {
	// Seal seals with the room's present key; an error if there is none.
	Seal(id room.ID, bound, words []byte) (sealed []byte, err error)
	// Open opens what was sealed; false if its key is not here, or it is not
	// what was sealed.
	Open(id room.ID, bound, sealed []byte) (words []byte, ok bool)
}

// Events are told by a Store while it runs. They must not block for long.
type Events struct {
	Orphans  func([]room.ID) // rooms that have something due and no node that does it; one call at a time
	Outdated func()          // a newer program writes here: this one should end; once
}

// Store is one node's hold on Redis.
type Store struct {
	client redis.UniversalClient
	secret []byte // of the deployment
	now    func() time.Time
	fault  func(error)
	link   *link
	nodes  *nodes
	rooms  *rooms
	log    *roomLog
	offers *offers
	pulse  *pulse
	bell   *doorbell

	newer   sync.Once
	closing sync.Once
	closed  error // what closing said
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows
	events Events
	stop   context.CancelFunc // nil: not started
	old    bool               // a newer program writes here
}

// pace is how fast things go. Tests go faster where it does no harm.
type pace struct {
	beat   time.Duration // between beats
	silent time.Duration // without a confirmed beat: not ready
	lease  time.Duration // of time in which somebody lived: a node without a beat is dead
	cap    time.Duration // what a stretch without any beat counts at most
	least  time.Duration // a restoring window is open at least
	most   time.Duration // and at most
	late   time.Duration // overdue by so much, a room is anybody's
	again  time.Duration // then others hear of it
}

// standard is the pace of a deployment. A dead node is found out in lease +
// beat + cap, under 2 s; a node falls silent before its lease ends.
var standard = pace{
	beat: 250 * time.Millisecond, silent: time.Second, lease: 1300 * time.Millisecond, cap: 400 * time.Millisecond,
	least: 700 * time.Millisecond, most: 2 * time.Second, late: 1500 * time.Millisecond, again: time.Second,
}

// joining is how long Start takes at most.
const joining = 5 * time.Second

// Open connects to Redis and looks at whether it is one that Hearth can keep
// rooms in; the error says what to do if not. The store does nothing until
// Start.
func Open(ctx context.Context, o Options) (*Store, error) { return open(ctx, o, standard) }

func open(ctx context.Context, o Options, p pace) (*Store, error) {
	if o.Words == nil {
		return nil, errors.New("redisstore: Options.Words is needed")
	}
	if o.Ack != "" && o.Ack != AckPrimary && o.Ack != AckReplica {
		return nil, errors.New("an acknowledgement is one of primary and replica")
	}
	c, err := o.client()
	if err != nil {
		return nil, err
	}
	err = check(ctx, c, o)
	if err == nil {
		err = load(ctx, c)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return build(c, o, p), nil
}

// build puts a store together.
func build(c redis.UniversalClient, o Options, p pace) *Store {
	s := &Store{client: c, secret: o.Secret, now: o.Now, fault: o.Fault, rooms: newRooms()}
	if s.now == nil {
		s.now = time.Now
	}
	if s.fault == nil {
		s.fault = func(error) {}
	}
	seals := sealer{o.Words}
	s.nodes = newNodes(s.now, p.silent)
	s.link = &link{client: c, replica: o.Ack == AckReplica, waits: make(chan struct{}, mostWaits), pace: p, nodes: s.nodes}
	s.log = &roomLog{link: s.link, seals: seals, rooms: s.rooms, outdated: s.outdated}
	s.offers = &offers{link: s.link, seals: seals, rooms: s.rooms, fault: s.fault, outdated: s.outdated}
	s.pulse = &pulse{link: s.link, nodes: s.nodes, rooms: s.rooms, offers: s.offers, log: s.log, now: s.now, fault: s.fault,
		kick: make(chan struct{}, 1), fill: make(chan struct{}, 1)}
	s.log.hurry = s.pulse.hurry
	s.bell = newDoorbell(c, rings{ring: s.rooms.ring, all: func() { s.rooms.ringAll(nil) }})
	return s
}

// Log returns the rooms' logs. Append and Read work between Start and Leave.
// Watch does not ring for what this node wrote or has read.
func (s *Store) Log() room.Log { return s.log }

// Start joins the other nodes, waiting out a restoring window, and then
// beats and listens until Close. It takes at most 5 s. Once per Store.
func (s *Store) Start(ctx context.Context, ev Events) error {
	run, stop := context.WithCancel(context.Background())
	s.mu.Lock()
	if s.stop != nil {
		s.mu.Unlock()
		stop()
		return errors.New("redisstore: started twice")
	}
	s.stop, s.events = stop, ev
	s.mu.Unlock()
	s.pulse.tell(ev.Orphans)
	s.running.Go(func() { s.bell.run(run) })
	ctx, cancel := context.WithTimeout(ctx, joining)
	defer cancel()
	if err := s.pulse.join(ctx); err != nil {
		stop()
		s.running.Wait()
		return fmt.Errorf("join the other nodes: %w", err)
	}
	s.running.Go(func() { s.pulse.beats(run) })
	s.running.Go(func() { s.pulse.fillCopies(run) })
	return nil
}

// Bus carries what may be lost between the nodes; it works between Start and
// Close.
func (s *Store) Bus() room.Bus { return s.bell }

// Ready says, in a sentence for the operator, why nobody new should be sent
// to this node; nil if they may be.
func (s *Store) Ready() error {
	s.mu.Lock()
	old, started := s.old, s.stop != nil
	s.mu.Unlock()
	switch {
	case old:
		return ErrNewer
	case !started:
		return errors.New("this node has not joined the others yet")
	}
	if err := s.pulse.ready(); err != nil {
		return err
	}
	return s.bell.heard()
}

// Leave takes this node off the list, so that nobody waits for it; nothing
// can be appended or read any more.
func (s *Store) Leave(ctx context.Context) error {
	if !s.pulse.leave() {
		return nil
	}
	acts := make([]*act, partitions)
	for p := range acts {
		acts[p] = &act{script: leaveScript, keys: keys(p), args: s.link.args(p, "")}
	}
	return s.link.run(ctx, false, acts...)
}

// Close ends what Start began and closes the connections; twice is once. The
// node is then gone for the others once its lease is over, or at once after
// Leave.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.stop != nil {
		s.stop()
	}
	s.mu.Unlock()
	s.running.Wait()
	s.closing.Do(func() { s.closed = s.client.Close() })
	return s.closed
}

// Live returns the rooms that are not over, in no order.
func (s *Store) Live(ctx context.Context) ([]room.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	var ids []room.ID
	for p := range partitions {
		list, err := s.client.ZRange(ctx, key(p, "due"), 0, -1).Result()
		if err != nil {
			return nil, sentence(err)
		}
		ids = append(ids, roomIDs(list)...)
	}
	return ids, nil
}

// roomIDs are those of some names that are rooms'.
func roomIDs(names []string) (ids []room.ID) {
	for _, n := range names {
		if id := room.ID(n); fits(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// outdated says, once, that a newer program writes here.
func (s *Store) outdated() {
	s.newer.Do(func() {
		s.mu.Lock()
		s.old = true
		tell := s.events.Outdated
		s.mu.Unlock()
		s.fault(ErrNewer)
		if tell != nil {
			tell()
		}
	})
}

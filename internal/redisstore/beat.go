package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"sync"
	"time"

	"hearth/room"
)

// Bounds of one beat.
const (
	mostOverdue = 32        // rooms told of, per partition
	mostLacking = 16        // copies read again
	goneFor     = time.Hour // names of the dead are kept
	soonest     = 20 * time.Millisecond
	inWindow    = 50 * time.Millisecond // between beats while a window is open
)

// pulse is what says that this node lives.
type pulse struct {
	link   *link
	nodes  *nodes
	rooms  *rooms
	offers *offers
	log    *roomLog
	now    func() time.Time
	fault  func(error)
	kick   chan struct{} // the next beat is wanted at once
	fill   chan struct{} // copies may be missing

	mu      sync.Mutex      // guards what follows
	orphans func([]room.ID) // nil: silent
	left    bool
	trouble error // what the last beat met
}

// hurry asks for the next beat at once.
func (b *pulse) hurry() { ring(b.kick) }

// freshName is a name for a life of this node: 60 random bits.
func freshName() string { return rand.Text()[:12] }

// join beats until this node is on the list and no window is open.
func (b *pulse) join(ctx context.Context) error {
	for {
		open, err := b.round(ctx)
		if err == nil && !open {
			return nil
		}
		select {
		case <-time.After(inWindow):
		case <-ctx.Done():
			if err == nil {
				err = &fault{"Redis has not ended its restoring in time: try again", nil}
			}
			return err
		}
	}
}

// beats beats until ctx ends.
func (b *pulse) beats(ctx context.Context) {
	next := time.NewTimer(b.link.pace.beat)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-b.kick:
			select {
			case <-time.After(soonest):
			case <-ctx.Done():
			}
		case <-ctx.Done():
			return
		}
		if b.hasLeft() {
			return
		}
		open, err := b.round(ctx)
		if ctx.Err() != nil {
			return
		}
		b.note(err)
		wait := b.link.pace.beat
		if open || errors.Is(err, errFenced) {
			wait = min(wait, inWindow)
		}
		next.Reset(wait)
		if err == nil && !open {
			ring(b.fill)
		}
	}
}

// tell has a function told of rooms that nobody does.
func (b *pulse) tell(orphans func([]room.ID)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orphans = orphans
}

// leave ends the beating; false if it has ended.
func (b *pulse) leave() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.left
	b.left = true
	return !was
}

func (b *pulse) hasLeft() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left
}

// ready says why this node may not be thought alive; nil if it may.
func (b *pulse) ready() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.left:
		return errors.New("this node has left the others: it is ending")
	case b.nodes.confirmed():
		return nil
	case b.trouble != nil:
		return b.trouble
	}
	return &fault{"Redis has not confirmed for a second that this node lives: see that it runs and that the network to it is up", nil}
}

// note tells a trouble when it begins or becomes another.
func (b *pulse) note(err error) {
	b.mu.Lock()
	was := b.trouble
	b.trouble = err
	b.mu.Unlock()
	if err != nil && !errors.Is(err, errFenced) && (was == nil || was.Error() != err.Error()) {
		b.fault(err)
	}
}

// errFenced: the others took this node for gone. It joins again by itself.
var errFenced = &fault{"the other nodes took this one for gone: it is joining them again", nil}

// round is one beat in every partition, in one round trip. Open says that a
// window is open somewhere. An error says that not all were confirmed.
func (b *pulse) round(ctx context.Context) (open bool, err error) {
	sent := b.now()
	round, name, was, join := b.nodes.begin(freshName)
	acts, about := b.beatActs(name, was, join)
	err = b.link.run(ctx, false, acts...)
	var orphans []room.ID
	changed, fenced := false, false
	for p, a := range acts {
		switch {
		case a.err != nil:
		case a.reply.word == "ok":
			late, news, bad := b.confirmed(round, p, a.reply, about[p])
			orphans, changed, err = append(orphans, late...), changed || news, errors.Join(err, bad)
		case a.reply.word == "restoring":
			open = true
			_, from := a.reply.number(), a.reply.text()
			err = errors.Join(err, b.offers.make(ctx, p, name, from))
		case a.reply.word == "fenced":
			fenced = true
		}
	}
	switch {
	case fenced:
		b.nodes.rename(freshName())
		return open, errors.Join(err, errFenced)
	case err != nil:
		b.rings(changed)
		return open, err
	case join:
		b.nodes.joined()
		changed = true
	}
	if !open { // within a window nobody can do anything
		changed = b.nodes.settle(round, sent) || changed
	}
	b.rings(changed)
	b.adopt(orphans)
	return open, nil
}

func (b *pulse) rings(changed bool) {
	if changed {
		b.rooms.ringAll(nil)
	}
}

// beatActs are the beats of one round, and the rooms that each asks about.
func (b *pulse) beatActs(name, was string, join bool) ([]*act, [partitions][]asked) {
	var about [partitions][]asked
	for _, a := range b.rooms.ask() {
		p := partition(string(a.id))
		about[p] = append(about[p], a)
	}
	acts := make([]*act, partitions)
	for p := range acts {
		args := append(b.link.args(p, name), join, was, b.offers.made(p, name),
			b.link.pace.lease.Milliseconds(), b.link.pace.cap.Milliseconds(),
			b.link.pace.late.Milliseconds(), b.link.pace.again.Milliseconds(), mostOverdue,
			key(p, "room:"), goneFor.Milliseconds())
		names := keys(p)
		for _, a := range about[p] {
			names = append(names, key(p, "room:"+string(a.id)))
			args = append(args, a.known.epoch, a.known.seq)
		}
		acts[p] = &act{script: beatScript, keys: names, args: args}
	}
	return acts, about
}

// confirmed takes over what a beat told, and returns the rooms that are
// overdue.
func (b *pulse) confirmed(round uint64, p int, r reply, about []asked) (late []room.ID, changed bool, err error) {
	now := part{alive: map[string]bool{}, seen: r.number()}
	for _, name := range r.texts() {
		now.alive[name] = true
	}
	from, err1 := strconv.ParseInt(r.text(), 10, 64)
	to, err2 := strconv.ParseInt(r.text(), 10, 64)
	now.from, now.to = from, to
	differ, overdue := r.texts(), r.texts()
	if r.bad || err1 != nil || err2 != nil || len(differ)%3 != 0 {
		return nil, false, &fault{"a beat in Redis was answered with what Hearth does not expect: see what else writes to " + key(p, "life"), nil}
	}
	changed = b.nodes.heard(round, p, now)
	for ; len(differ) > 0; differ = differ[3:] {
		i, err1 := strconv.Atoi(differ[0])
		seq, err2 := strconv.ParseUint(differ[2], 10, 64)
		if err1 == nil && err2 == nil && i < len(about) {
			b.rooms.differs(about[i], differ[1], seq)
		}
	}
	if b.offers.over(p) {
		b.rooms.ringAll(func(id room.ID) bool { return partition(string(id)) == p })
	}
	return roomIDs(overdue), changed, nil
}

// adopt rings for rooms that are overdue and open here, and tells of the
// others.
func (b *pulse) adopt(overdue []room.ID) {
	var orphans []room.ID
	for _, id := range overdue {
		if !b.rooms.nudge(id) {
			orphans = append(orphans, id)
		}
	}
	b.mu.Lock()
	tell := b.orphans
	b.mu.Unlock()
	if len(orphans) > 0 && tell != nil {
		tell(orphans)
	}
}

// fillCopies reads rooms of which there is no copy, apart from the beats,
// which must not wait for it.
func (b *pulse) fillCopies(ctx context.Context) {
	for {
		select {
		case <-b.fill:
		case <-ctx.Done():
			return
		}
		for _, id := range b.rooms.lacking(mostLacking) {
			// What is wrong with a room is told to who reads it.
			_, _ = b.log.read(ctx, id, room.Head{}, false)
		}
	}
}

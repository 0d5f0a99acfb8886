package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
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

// freshName is a name for a life of this node: 60 random bits.
func freshName() string { return rand.Text()[:12] }

// join beats until this node is on the list and no window is open.
func (s *Store) join(ctx context.Context) error {
	for {
		open, err := s.round(ctx)
		if err == nil && !open {
			return nil
		}
		select {
		case <-time.After(inWindow):
		case <-ctx.Done():
			if err == nil {
				err = errors.New("Redis has not ended its restoring in time")
			}
			return err
		}
	}
}

// beats beats until ctx ends.
func (s *Store) beats(ctx context.Context) {
	next := time.NewTimer(s.pace.beat)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-s.kick:
			select {
			case <-time.After(soonest):
			case <-ctx.Done():
			}
		case <-ctx.Done():
			return
		}
		if s.hasLeft() {
			return
		}
		open, err := s.round(ctx)
		if ctx.Err() != nil {
			return
		}
		s.note(err)
		wait := s.pace.beat
		if open || errors.Is(err, errFenced) {
			wait = min(wait, inWindow)
		}
		next.Reset(wait)
		if err == nil && !open {
			ring(s.fill)
		}
	}
}

func (s *Store) hasLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

// note tells a trouble when it begins or becomes another.
func (s *Store) note(err error) {
	s.mu.Lock()
	was := s.trouble
	s.trouble = err
	s.mu.Unlock()
	if err != nil && !errors.Is(err, errFenced) && (was == nil || was.Error() != err.Error()) {
		s.fault(err)
	}
}

// errFenced: the others took this node for gone. It joins again by itself.
var errFenced = &fault{"the other nodes took this one for gone: it is joining them again", nil}

// round is one beat in every partition, in one round trip. Open says that a
// window is open somewhere. An error says that not all were confirmed.
func (s *Store) round(ctx context.Context) (open bool, err error) {
	sent := s.now()
	round, name, was, join := s.nodes.begin(freshName)
	acts, about := s.beatActs(name, was, join)
	err = s.run(ctx, false, acts...)
	var orphans []room.ID
	changed, fenced := false, false
	for p, a := range acts {
		switch {
		case a.err != nil:
		case a.reply.word == "ok":
			late, news, bad := s.confirmed(round, p, a.reply, about[p])
			orphans, changed, err = append(orphans, late...), changed || news, errors.Join(err, bad)
		case a.reply.word == "restoring":
			open = true
			_, from := a.reply.number(), a.reply.text()
			err = errors.Join(err, s.offer(ctx, p, name, from))
		case a.reply.word == "fenced":
			fenced = true
		}
	}
	switch {
	case fenced:
		s.nodes.rename(freshName())
		return open, errors.Join(err, errFenced)
	case err != nil:
		s.rings(changed)
		return open, err
	case join:
		s.nodes.joined()
		changed = true
	}
	if !open { // within a window nobody can do anything
		changed = s.nodes.settle(round, sent) || changed
	}
	s.rings(changed)
	s.adopt(orphans)
	return open, nil
}

func (s *Store) rings(changed bool) {
	if changed {
		s.rooms.ringAll(nil)
	}
}

// beatActs are the beats of one round, and the rooms that each asks about.
func (s *Store) beatActs(name, was string, join bool) ([]*act, [partitions][]asked) {
	var about [partitions][]asked
	for _, a := range s.rooms.ask() {
		p := partition(string(a.id))
		about[p] = append(about[p], a)
	}
	acts := make([]*act, partitions)
	for p := range acts {
		args := s.args(p)
		args[0] = name
		args = append(args, join, was, s.offered(p, name),
			s.pace.lease.Milliseconds(), s.pace.cap.Milliseconds(),
			s.pace.late.Milliseconds(), s.pace.again.Milliseconds(), mostOverdue,
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
func (s *Store) confirmed(round uint64, p int, r reply, about []asked) (late []room.ID, changed bool, err error) {
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
	changed = s.nodes.heard(round, p, now)
	for ; len(differ) > 0; differ = differ[3:] {
		i, err1 := strconv.Atoi(differ[0])
		seq, err2 := strconv.ParseUint(differ[2], 10, 64)
		if err1 == nil && err2 == nil && i < len(about) {
			s.rooms.ring(about[i].id, differ[1], seq)
		}
	}
	if s.reopened(p) {
		s.rooms.ringAll(func(id room.ID) bool { return partition(string(id)) == p })
	}
	return roomIDs(overdue), changed, nil
}

// adopt rings for rooms that are overdue and open here, and tells of the
// others.
func (s *Store) adopt(overdue []room.ID) {
	var orphans []room.ID
	for _, id := range overdue {
		if !s.rooms.nudge(id) {
			orphans = append(orphans, id)
		}
	}
	s.mu.Lock()
	tell := s.events.Orphans
	s.mu.Unlock()
	if len(orphans) > 0 && tell != nil {
		tell(orphans)
	}
}

// fillCopies reads rooms of which there is no copy, apart from the beats,
// which must not wait for it.
func (s *Store) fillCopies(ctx context.Context) {
	for {
		select {
		case <-s.fill:
		case <-ctx.Done():
			return
		}
		for _, id := range s.rooms.lacking(mostLacking) {
			// What is wrong with a room is told to who reads it.
			_, _ = s.read(ctx, id, room.Head{}, false)
		}
	}
}

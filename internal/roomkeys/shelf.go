package roomkeys

import (
	"time"

	"hearth/room"
)

const (
	roomsMost = 4096 // rooms that a node holds keys of
	kidsMost  = 4    // keys of one room: each is a time when all its nodes were lost
)

// keep is how long a key outlives the last seat in its room.
const keep = 10 * time.Minute

// shelf is where the keys are. It has no lock: Ring's guards it.
type shelf struct {
	rooms map[room.ID]*roomKeys
	no    uint64
}

// roomKeys is what is held for one room.
type roomKeys struct {
	sits    bool   // somebody sits in it here
	present string // kid of the key that is sealed with; empty: none yet
	keys    map[string]*key
}

func (s *shelf) get(n name) *key {
	if r := s.rooms[n.room]; r != nil {
		return r.keys[n.kid]
	}
	return nil
}

// present returns the key that a room's words are sealed with; nil: none.
func (s *shelf) present(id room.ID) (name, *key) {
	r := s.rooms[id]
	if r == nil {
		return name{}, nil
	}
	return name{id, r.present}, r.keys[r.present]
}

func (s *shelf) sits(id room.ID) bool {
	r := s.rooms[id]
	return r != nil && r.sits
}

// put keeps a key. With push, others that matter less go if there is no room
// for it; false if it was not kept.
func (s *shelf) put(n name, k *key, push bool) bool {
	r := s.rooms[n.room]
	if r == nil {
		if len(s.rooms) >= roomsMost && (!push || !s.pushOut()) {
			return false
		}
		r = &roomKeys{keys: map[string]*key{}}
		s.rooms[n.room] = r
	}
	if len(r.keys) >= kidsMost {
		if !push {
			return false
		}
		r.pushOut()
	}
	s.no++
	k.no = s.no
	r.keys[n.kid] = k
	return true
}

// fits says whether put keeps a key without push.
func (s *shelf) fits(n name) bool {
	r := s.rooms[n.room]
	if r == nil {
		return len(s.rooms) < roomsMost
	}
	return len(r.keys) < kidsMost
}

// pushOut drops the room without a seat here that would go first.
func (s *shelf) pushOut() bool {
	var first room.ID
	var ends time.Time
	for id, r := range s.rooms {
		if at := r.until(); !r.sits && (first == "" || at.Before(ends)) {
			first, ends = id, at
		}
	}
	s.drop(first)
	return first != ""
}

// until is when the last of a room's keys would go.
func (r *roomKeys) until() time.Time {
	var last time.Time
	for _, k := range r.keys {
		if k.until.After(last) {
			last = k.until
		}
	}
	return last
}

// pushOut drops the oldest key that is not the present one.
func (r *roomKeys) pushOut() {
	oldest := ""
	for kid, k := range r.keys {
		if kid != r.present && (oldest == "" || k.no < r.keys[oldest].no) {
			oldest = kid
		}
	}
	r.keys[oldest].wipe()
	delete(r.keys, oldest)
}

// drop drops all of a room's keys.
func (s *shelf) drop(id room.ID) {
	if r := s.rooms[id]; r != nil {
		for _, k := range r.keys {
			k.wipe()
		}
		delete(s.rooms, id)
	}
}

// sweep drops the keys whose time is over.
func (s *shelf) sweep(now time.Time) {
	for id, r := range s.rooms {
		for kid, k := range r.keys {
			for boot, at := range k.others {
				if now.Sub(at) > heardFor {
					delete(k.others, boot)
				}
			}
			if !r.sits && !now.Before(k.until) {
				k.wipe()
				delete(r.keys, kid)
			}
		}
		if len(r.keys) == 0 && !r.sits {
			delete(s.rooms, id)
		}
	}
}

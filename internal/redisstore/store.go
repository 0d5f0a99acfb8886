package redisstore

import (
	"crypto/tls"
	"time"

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

// Events are told by a Store while it runs, one at a time. They must not
// block for long.
type Events struct {
	Orphans  func([]room.ID) // rooms that have something due and no node that does it
	Outdated func()          // a newer program writes here: this one should end
}

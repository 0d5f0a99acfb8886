package moderation

import (
	"context"
	"errors"
)

// ErrErased: the key of a name was destroyed, or is lost: what was written
// under it can't be read any more.
var ErrErased = errors.New("moderation: what was typed there is gone")

// Vault keeps the keys that typed texts are kept under, one for each case,
// outside the database and its backups: what is deleted from a database lives
// on in its log, and nobody reads it there once its key is gone.
//
// Make returns the 32 bytes of a name, the same ones each time and on every
// node, and makes them the first time; ErrErased once they were destroyed.
// Key returns them without making any; else ErrErased.
// Destroy makes names unreadable for good, on every node; twice is once.
type Vault interface {
	Make(ctx context.Context, name string) ([]byte, error)
	Key(ctx context.Context, name string) ([]byte, error)
	Destroy(ctx context.Context, names ...string) error
}

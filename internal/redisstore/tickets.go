package redisstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/circle"
)

// mostTicket is the largest admission that is kept, in bytes. Four ids, a
// secret and a role take about 400.
const mostTicket = 4 << 10

// tickets is circle.Tickets in Redis, so that a ticket from one node is good
// on another.
//
// How many wait is not counted: that would take a second key and a script for
// each. They end by themselves after circle.TicketLife, each takes less than
// 6 KiB, and only who has a seat is given one, as often as web lets a seat
// ask; a Redis that is full refuses them like everything else.
type tickets struct {
	c      redis.UniversalClient
	secret []byte // the deployment's: without it nobody who writes in Redis makes one
	random io.Reader
}

// Tickets are good on every node of the deployment.
func (s *Store) Tickets() circle.Tickets { return newTickets(s.client, s.secret, nil) }

// newTickets returns tickets whose codes random makes; nil is crypto/rand.
func newTickets(c redis.UniversalClient, secret []byte, random io.Reader) circle.Tickets {
	if random == nil {
		random = rand.Reader
	}
	return &tickets{c, secret, random}
}

// ticket is what is sealed.
type ticket struct {
	circle.Admission
	Until time.Time // by the clock of the node that issued it
}

// Issue is circle.Tickets's.
func (t *tickets) Issue(ctx context.Context, a circle.Admission, now time.Time) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(t.random, b[:]); err != nil {
		return "", fmt.Errorf("redisstore: make a ticket: %w", err)
	}
	code := base64.RawURLEncoding.EncodeToString(b[:])
	plain, err := json.Marshal(ticket{a, now.Add(circle.TicketLife)})
	if err == nil && len(plain) > mostTicket {
		err = errors.New("the admission is too large")
	}
	if err != nil {
		return "", fmt.Errorf("redisstore: make a ticket: %w", err)
	}
	name, seal, err := t.ofCode(code)
	if err != nil {
		return "", fmt.Errorf("redisstore: make a ticket: %w", err)
	}
	sealed := seal.Seal(nil, make([]byte, seal.NonceSize()), plain, []byte(name))
	kept, err := t.c.SetNX(ctx, name, sealed, circle.TicketLife).Result()
	if err != nil {
		return "", fmt.Errorf("redisstore: keep a ticket: %w", sentence(err))
	}
	if !kept {
		return "", errors.New("redisstore: make a ticket: chance gave the same code twice")
	}
	return code, nil
}

// Take is circle.Tickets's. What is kept under the name of a code and does
// not open with it is not a ticket.
func (t *tickets) Take(ctx context.Context, code string, now time.Time) (circle.Admission, error) {
	if len(code) != 22 {
		return circle.Admission{}, circle.ErrNoTicket
	}
	name, seal, err := t.ofCode(code)
	if err != nil {
		return circle.Admission{}, fmt.Errorf("redisstore: take a ticket: %w", err)
	}
	sealed, err := t.c.GetDel(ctx, name).Bytes()
	if err == redis.Nil {
		return circle.Admission{}, circle.ErrNoTicket
	}
	if err != nil {
		return circle.Admission{}, fmt.Errorf("redisstore: take a ticket: %w", sentence(err))
	}
	var is ticket
	plain, err := seal.Open(nil, make([]byte, seal.NonceSize()), sealed, []byte(name))
	if err != nil || json.Unmarshal(plain, &is) != nil || !now.Before(is.Until) {
		return circle.Admission{}, circle.ErrNoTicket
	}
	return is.Admission, nil
}

// ofCode is under which name a code's ticket is kept, and what seals it.
// Neither can be had without the code, nor the code from them; and who has a
// code of their own still lacks the secret to seal with. A code seals
// once, so the nonce may be the same for all.
func (t *tickets) ofCode(code string) (name string, seal cipher.AEAD, err error) {
	sum := sha256.Sum256([]byte("ticket" + code))
	name = "hearth:ticket:" + hex.EncodeToString(sum[:])
	key, err := hkdf.Key(sha256.New, []byte(code), t.secret, "hearth ticket", 32)
	if err != nil {
		return "", nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", nil, err
	}
	seal, err = cipher.NewGCM(block)
	return name, seal, err
}

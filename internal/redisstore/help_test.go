package redisstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/internal/servers"
	"hearth/room"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// brisk is the pace of tests that don't measure it.
var brisk = pace{
	beat: 20 * time.Millisecond, silent: time.Second, lease: 1300 * time.Millisecond, cap: 400 * time.Millisecond,
	least: 0, most: 2 * time.Second, late: 1500 * time.Millisecond, again: time.Second,
}

// vault seals for every room with one key. Without a key it neither seals
// nor opens.
type vault struct {
	mu  sync.Mutex // guards key
	key cipher.AEAD
}

func newVault(t testing.TB) *vault {
	t.Helper()
	block, err := aes.NewCipher([]byte("a key for all rooms of one test."))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return &vault{key: aead}
}

// lose forgets the key.
func (v *vault) lose() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.key = nil
}

func (v *vault) Seal(id room.ID, bound, words []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key == nil {
		return nil, errors.New("no key")
	}
	return v.key.Seal(nil, nil, words, append([]byte(id+"\n"), bound...)), nil
}

func (v *vault) Open(id room.ID, bound, sealed []byte) ([]byte, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key == nil {
		return nil, false
	}
	words, err := v.key.Open(nil, nil, sealed, append([]byte(id+"\n"), bound...))
	return words, err == nil
}

// node is a store that was started.
func node(t testing.TB, r *servers.Redis, p pace, change ...func(*Options, *Events)) *Store {
	t.Helper()
	o, ev := Options{URL: r.URL(), Secret: deployment, Words: newVault(t)}, Events{}
	for _, c := range change {
		c(&o, &ev)
	}
	s, err := open(t.Context(), o, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Start(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	return s
}

// keeper appends to one room as a hub would.
type keeper struct {
	t     testing.TB
	log   room.Log
	id    room.ID
	head  room.Head
	state *room.State
}

func begin(t testing.TB, s *Store, id room.ID) *keeper {
	t.Helper()
	k := &keeper{t: t, log: s.Log(), id: id, state: &room.State{}}
	k.append(room.Begun{Room: id, Set: room.DefaultSettings()})
	return k
}

// batch is the next batch of one entry; with its state, unless it is words
// only.
func (k *keeper) batch(events ...room.Event) room.Batch {
	e := room.Entry{Seq: k.head.Seq + 1, At: k.now(), Events: events}
	state := k.state.Clone()
	state.Apply(e)
	b := room.Batch{Entries: []room.Entry{e}, State: state, Now: e.At}
	for _, ev := range events {
		switch ev.(type) {
		case room.Said, room.Retracted:
			b.State = nil
		}
	}
	return b
}

// now is the writer's clock, which never goes back.
func (k *keeper) now() time.Time {
	now := time.Now().UTC()
	if now.Before(k.state.At) {
		return k.state.At
	}
	return now
}

func (k *keeper) append(events ...room.Event) room.Tail {
	k.t.Helper()
	tail, err := k.try(events...)
	if err != nil {
		k.t.Fatalf("append after %d: %v", k.head.Seq, err)
	}
	return tail
}

func (k *keeper) try(events ...room.Event) (room.Tail, error) {
	b := k.batch(events...)
	tail, err := k.log.Append(context.Background(), k.id, k.head, b)
	if err == nil {
		k.head = tail.Head
		for _, e := range b.Entries {
			k.state.Apply(e)
		}
	}
	return tail, err
}

func (k *keeper) say(text string) { k.t.Helper(); k.append(room.Said{Seat: "a", Turn: 1, Text: text}) }

func (k *keeper) read(after room.Head) room.Tail {
	k.t.Helper()
	tail, err := k.log.Read(context.Background(), k.id, after)
	if err != nil {
		k.t.Fatalf("read after %d: %v", after.Seq, err)
	}
	return tail
}

// soon asks until it is so.
func soon(t testing.TB, within time.Duration, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(within); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("within %v it is not so: %s", within, what)
		}
	}
}

func heard(t testing.TB, bell <-chan struct{}) {
	t.Helper()
	select {
	case <-bell:
	case <-time.After(10 * time.Second):
		t.Fatal("no ring")
	}
}

// quiet is a store that beats only when told to.
func quiet(t testing.TB, r *servers.Redis, p pace, change ...func(*Options, *Events)) *Store {
	t.Helper()
	o, ev := Options{URL: r.URL(), Secret: deployment, Words: newVault(t)}, Events{}
	for _, c := range change {
		c(&o, &ev)
	}
	s, err := open(t.Context(), o, p)
	if err != nil {
		t.Fatal(err)
	}
	s.events = ev
	s.pulse.tell(ev.Orphans)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// joined is a quiet store that is on the list.
func joined(t testing.TB, r *servers.Redis, p pace, change ...func(*Options, *Events)) *Store {
	t.Helper()
	s := quiet(t, r, p, change...)
	if err := s.pulse.join(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// do does something to Redis behind everybody's back.
func do(t testing.TB, r *servers.Redis, args ...string) string {
	t.Helper()
	said, err := r.Do(args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return said
}

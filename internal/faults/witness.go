package faults

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/room"
)

// Witness reads every room's log in Redis, past all proxies, again and again,
// so that it also knows what is cut off or lost later. What is stored where is
// in the package doc of redisstore.
type Witness struct {
	began time.Time

	mu    sync.Mutex // held while it looks; guards what follows
	redis *redis.Client
	life  int // see Glance
	rooms map[room.ID]*History
	names map[room.ID]string // partition tags
}

// lookEvery is how often a witness looks, and lookWithin how long one look
// may take: a paused Redis is no reason to wait.
const (
	lookEvery  = 50 * time.Millisecond
	lookWithin = 2 * time.Second
	lookBack   = 64 // entries read at once, as long as that is enough
)

// NewWitness makes one for the Redis at addr. Times are counted from began.
func NewWitness(addr string, began time.Time) *Witness {
	w := &Witness{began: began, rooms: map[room.ID]*History{}, names: map[room.ID]string{}}
	w.redis = client(addr)
	return w
}

func client(addr string) *redis.Client {
	return redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, ContextTimeoutEnabled: true, DisableIdentity: true,
		DialTimeout: lookWithin, ReadTimeout: lookWithin, WriteTimeout: lookWithin})
}

// Follow goes on at another Redis, which may be behind the one before.
func (w *Witness) Follow(addr string, behind bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if behind {
		w.life++
	}
	_ = w.redis.Close()
	w.redis = client(addr)
}

// Close ends it.
func (w *Witness) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.redis.Close()
}

// Run looks until ctx ends.
func (w *Witness) Run(ctx context.Context) {
	for ctx.Err() == nil {
		_ = w.Look(ctx) // while Redis is away there is nothing to see
		pause(ctx, lookEvery)
	}
}

// Look looks at every room once.
func (w *Witness) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.find(ctx); err != nil {
		return err
	}
	for id, h := range w.rooms {
		if err := w.read(ctx, h, w.names[id], -lookBack); err != nil {
			return err
		}
	}
	return nil
}

// find looks for rooms that are new.
func (w *Witness) find(ctx context.Context) error {
	keys, err := w.redis.Keys(ctx, "hearth:{*}:room:*").Result()
	if err != nil {
		return err
	}
	for _, k := range keys {
		parts := strings.SplitN(k, ":", 4)
		id := room.ID(parts[3])
		if w.rooms[id] != nil {
			continue
		}
		facts, err := w.redis.HGet(ctx, k, "facts").Result()
		if err != nil {
			return err
		}
		var state struct {
			Set struct {
				Title string `json:"title"`
			} `json:"set"`
		}
		if err := json.Unmarshal([]byte(facts), &state); err != nil {
			return fmt.Errorf("the state of %s: %w", id, err)
		}
		h := NewHistory(id)
		h.Title = state.Set.Title
		w.rooms[id], w.names[id] = h, parts[1]
	}
	return nil
}

// read reads what is new in one room, from an index of its list on.
func (w *Witness) read(ctx context.Context, h *History, tag string, from int64) error {
	head := "hearth:" + tag + ":room:" + string(h.Room)
	tx := w.redis.TxPipeline()
	fields := tx.HMGet(ctx, head, "epoch", "seq", "base", "base_hash")
	list := tx.LRange(ctx, "hearth:"+tag+":log:"+string(h.Room), from, -1)
	if _, err := tx.Exec(ctx); err != nil {
		return err
	}
	now := time.Since(w.began)
	f := fields.Val()
	if f[0] == nil {
		if h.life == w.life {
			h.wrong(now, "the room is gone")
		}
		return nil // the nodes have not given it back yet
	}
	g := Glance{Life: w.life, Epoch: text(f[0])}
	seq, err1 := strconv.ParseUint(text(f[1]), 10, 64)
	base, err2 := strconv.ParseUint(text(f[2]), 10, 64)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("the numbers of %s: %q, %q", h.Room, f[1], f[2])
	}
	entries := list.Val()
	g.Base = seq - uint64(len(entries))
	if !w.before(h, &g, base, text(f[3])) && from != 0 {
		return w.read(ctx, h, tag, 0) // that was not far enough back
	}
	for _, e := range entries {
		hash, facts, err := apart(e)
		if err != nil {
			h.wrong(now, "an entry does not read: %q", e)
			return nil
		}
		g.Hashes, g.Facts = append(g.Hashes, hash), append(g.Facts, facts)
	}
	h.Saw(g, now)
	return nil
}

// before finds the hash of the entry before those that were read; false if it
// is not known.
func (w *Witness) before(h *History, g *Glance, base uint64, baseHash string) bool {
	if g.Base == base {
		hash, err := hex.DecodeString(baseHash)
		if err != nil || len(hash) != 32 {
			return false
		}
		g.BaseHash = [32]byte(hash)
		return true
	}
	known := h.Points[Point{g.Epoch, g.Base}]
	if len(known) != 1 {
		return false
	}
	g.BaseHash = known[0].Hash
	return true
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// apart takes a stored entry apart: 64 hex digits of its hash, 8 of how long
// its facts are, its facts, its sealed words.
func apart(e string) (hash [32]byte, facts []byte, err error) {
	if len(e) < 72 {
		return hash, nil, fmt.Errorf("it has %d bytes", len(e))
	}
	n, err := strconv.ParseUint(e[64:72], 16, 32)
	if err != nil || n > uint64(len(e)-72) {
		return hash, nil, fmt.Errorf("its facts would have %s bytes", e[64:72])
	}
	_, err = hex.Decode(hash[:], []byte(e[:64]))
	return hash, []byte(e[72 : 72+n]), err
}

// Histories are what it has seen, by the title of the room's circle. It is
// asked for when the witness has ended.
func (w *Witness) Histories() map[string]*History {
	all := map[string]*History{}
	for _, h := range w.rooms {
		all[h.Title] = h
	}
	return all
}

// Told is the newest entry of which everybody in a circle is told.
func (w *Witness) Told(title string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.rooms {
		for l := h.Newest; h.Title == title && l != nil; l = l.Parent {
			if room.View(l.State(), l.Entry, room.Everybody) != nil {
				return l.Entry.Seq
			}
		}
	}
	return 0
}

// Now is the room of a circle as it was last seen; nil if it never was.
func (w *Witness) Now(title string) *room.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.rooms {
		if h.Title == title && h.Newest != nil {
			return h.Newest.State()
		}
	}
	return nil
}

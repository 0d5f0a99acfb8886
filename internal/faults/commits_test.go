package faults

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hearth/internal/redisstore"
	"hearth/internal/roomkeys"
	"hearth/internal/servers"
	"hearth/internal/sqlstore"
	"hearth/moderation"
	"hearth/presence"
	"hearth/room"
	"hearth/room/hub"
	"hearth/web"
)

// BenchmarkClusterCommits is how many commands are acknowledged in a second
// where all twelve of an open circle speak as fast as they can: in one room,
// and in a hundred. That is more than people may; so it asks hubs and logs,
// without the web before them: one hub on SQLite, one on Redis, and two on
// Redis who share each room. They take turns.
func BenchmarkClusterCommits(b *testing.B) {
	d := measured(b)
	redis, secret := benchRedis(b), []byte(rand.Text()+rand.Text())
	houses := []*house{
		{of: "one", hubs: []*hub.Hub{hubOnSQLite(b)}},
		{of: "redis", hubs: []*hub.Hub{hubOnRedis(b, redis, secret)}},
	}
	other := benchRedis(b) // its only rooms are those of two
	houses = append(houses, &house{of: "two", hubs: []*hub.Hub{hubOnRedis(b, other, secret), hubOnRedis(b, other, secret)}})
	for _, h := range houses {
		h.open(b)
	}
	rate := map[string][]cell{}
	for b.Loop() {
		for _, some := range []struct {
			name  string
			rooms int
		}{{"room", 1}, {"rooms", paceRooms}} {
			sum := make([]float64, len(houses))
			for range 3 {
				for i, h := range houses {
					sum[i] += h.speak(b, some.rooms, d/10) / 3
				}
			}
			for i, h := range houses {
				rate[some.name] = append(rate[some.name], cell{h.of, sum[i]})
			}
		}
	}
	t := report{b: b}
	t.row("commits in one room", "room-commits/s", rate["room"]...)
	t.row("commits in a hundred rooms", "rooms-commits/s", rate["rooms"]...)
	t.print()
}

func hubOnSQLite(b *testing.B) *hub.Hub {
	db, err := sqlstore.Open(b.Context(), filepath.Join(b.TempDir(), "hearth.db"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return newHub(b, hub.Config{Log: db.Log()})
}

func hubOnRedis(b *testing.B, r *servers.Redis, secret []byte) *hub.Hub {
	ring := roomkeys.New(roomkeys.Config{Secret: secret})
	s, err := redisstore.Open(b.Context(), redisstore.Options{URL: r.URL(), Secret: secret, Words: ring})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Start(b.Context(), redisstore.Events{}); err != nil {
		b.Fatal(err)
	}
	serving, end := context.WithCancel(context.Background())
	if err := ring.Serve(serving, s.Bus(), s.Nodes()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { end(); ring.Wait() })
	return newHub(b, hub.Config{Log: s.Log(), Nodes: s.Nodes(), Bus: s.Bus(), Keys: ring})
}

func newHub(b *testing.B, c hub.Config) *hub.Hub {
	keys := &moderation.Keys{}
	if _, err := keys.Rotate(time.Now(), rand.Reader); err != nil {
		b.Fatal(err)
	}
	c.Presence, c.Encode = presence.NewTable(), web.Encoder(keys)
	c.Settings = func(context.Context, room.ID) (room.Settings, error) { return room.DefaultSettings(), nil }
	h := hub.New(c)
	b.Cleanup(h.Stop)
	return h
}

// house is some hubs that share rooms, and who sits in these.
type house struct {
	of    string
	hubs  []*hub.Hub
	rooms [][]*speaker
}

// speaker is somebody who sits at one of the hubs.
type speaker struct {
	sit *hub.Sitting
	n   uint64
}

// open lets everybody in, and has them hear what is said.
func (h *house) open(b *testing.B) {
	h.rooms = make([][]*speaker, paceRooms)
	var group sync.WaitGroup
	some := make(chan struct{}, 8)
	for i := range h.rooms {
		group.Go(func() {
			some <- struct{}{}
			defer func() { <-some }()
			id := room.ID(fmt.Sprint("room-", i))
			for j := range pacePeople {
				name, role := fmt.Sprint("Person ", j), room.Member
				if j == 0 {
					role = room.Facilitator
				}
				g := hub.Guest{Seat: room.SeatID(fmt.Sprintf("%s-%d", id, j)), Role: role, Session: "tab", Name: &room.Name{Name: name, Key: name}}
				sit, _, err := h.hubs[j%len(h.hubs)].Sit(b.Context(), id, g)
				if err != nil {
					b.Errorf("%s: %v", h.of, err)
					return
				}
				s := &speaker{sit: sit}
				h.rooms[i] = append(h.rooms[i], s)
				go s.hear()
				if j == 0 && !s.do(b, room.OpenFloor{}) {
					return
				}
			}
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// hear takes what comes until the hub stops.
func (s *speaker) hear() {
	for {
		if _, err := s.sit.Next(context.Background()); err != nil {
			return
		}
	}
}

// do does one thing; where it is unknown whether it is done, it asks again, as
// clients do.
func (s *speaker) do(b *testing.B, a room.Act) bool {
	s.n++
	var answer hub.Answer
	var err error
	if !Poll(patience, func() bool { answer, err = s.sit.Do(context.Background(), s.n, a); return err == nil }) || answer.Seq == 0 {
		b.Errorf("%s was answered %+v, %v", a.Can(), answer, err)
		return false
	}
	return true
}

// speak has everybody speak in some of the rooms, and says how often that was
// in a second.
func (h *house) speak(b *testing.B, rooms int, d time.Duration) float64 {
	ctx, cancel := context.WithTimeout(b.Context(), d)
	defer cancel()
	text := strings.Repeat("tea ", 50)
	var done atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for _, people := range h.rooms[:rooms] {
		for _, s := range people {
			group.Go(func() {
				for ctx.Err() == nil && s.do(b, room.Say{Text: text}) {
					done.Add(1)
				}
			})
		}
	}
	group.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

package redisstore

import (
	"context"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/logtest"
)

// twoNodes is a log whose rings are heard at another node: a store does not
// ring for what it has written itself.
type twoNodes struct {
	room.Log
	other room.Log
}

func (l twoNodes) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	return l.other.Watch(ctx, id)
}

func TestLog(t *testing.T) {
	r := servers.StartRedis(t)
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		if _, err := r.Do("FLUSHALL"); err != nil {
			t.Fatal(err)
		}
		s := node(t, r, brisk)
		other := node(t, r, brisk)
		return logtest.Subject{Log: twoNodes{s.Log(), other.Log()}, Now: time.Now, KeepsWords: true,
			Stored: func(id room.ID) [][]byte { return storedFacts(t, s, id) },
			Reopen: func() room.Log { return node(t, r, brisk).Log() }}
	})
}

// storedFacts are the facts of all entries kept.
func storedFacts(t *testing.T, s *Store, id room.ID) (list [][]byte) {
	t.Helper()
	all, err := s.client.LRange(t.Context(), key(partition(string(id)), "log:"+string(id)), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range all {
		e, err := parseStored(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.facts)
	}
	return list
}

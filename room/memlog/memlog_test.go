package memlog_test

import (
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/room"
	"hearth/room/logtest"
	"hearth/room/memlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLog(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		var mu sync.Mutex
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		clock := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		l := memlog.New(clock)
		return logtest.Subject{Log: l, Now: clock, KeepsWords: true,
			Set: func(t time.Time) {
				mu.Lock()
				defer mu.Unlock()
				now = t
			},
			Stored: func(id room.ID) (list [][]byte) {
				for _, s := range l.Stored(id) {
					list = append(list, s.Facts)
				}
				return list
			}}
	})
}

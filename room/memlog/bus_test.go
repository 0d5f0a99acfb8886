package memlog_test

import (
	"testing"

	"hearth/room"
	"hearth/room/logtest"
	"hearth/room/memlog"
)

func TestBus(t *testing.T) {
	logtest.RunBus(t, func(*testing.T) (a, b room.Bus) {
		one := memlog.NewBus()
		return one, one
	})
}

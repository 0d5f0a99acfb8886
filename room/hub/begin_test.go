package hub

import (
	"context"
	"testing"
	"time"

	"hearth/room"
	"hearth/room/memlog"
)

func TestARoomBeginsByTheLogsClock(t *testing.T) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		m.log = memlog.New(func() time.Time { return time.Now().Add(time.Minute) })
		m.open()
		fac, _ := m.circle("jun")
		if a := fac.does(room.Guard{Text: "Welcome."}); a.Seq == 0 {
			t.Errorf("a welcome was answered %+v", a)
		}
		if ahead := time.Until(m.state().At); ahead < 59*time.Second || ahead > time.Minute {
			t.Errorf("the room's time is %v from ours, the log's a minute ahead", ahead)
		}
	})
}

// crossed is a log on which somebody else acts just before the next room
// begins.
type crossed struct {
	room.Log
	first func()
}

func (l *crossed) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	if first := l.first; first != nil && at.Seq == 0 {
		l.first = nil
		first()
	}
	return l.Log.Append(ctx, id, at, b)
}

func TestTwoNodesBeginARoomAtOnce(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		var fac *person
		l := &crossed{Log: f.log, first: func() { fac = f.sitsAt("north", "marisol", room.Facilitator, nil) }}
		f.hubs["south"].cfg.Log = l
		jun := f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		f.stickIs("offered marisol 1")
		if got := len(f.state().Seats); got != 2 {
			t.Errorf("%d sit in the room that both began", got)
		}
		if a := jun.does(room.Listen{On: true}); a.Seq == 0 {
			t.Errorf("Jun was answered %+v", a)
		}
	}, "north", "south")
}

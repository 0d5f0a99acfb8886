package redisstore

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// relay passes on what clients say, and what the server answers unless it is
// told to lose that.
type relay struct {
	net.Listener
	loses atomic.Bool
}

func relayTo(t *testing.T, to string) *relay {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: listen}
	t.Cleanup(func() { listen.Close() })
	go func() {
		for {
			near, err := listen.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(far, near) // until either end closes
				far.Close()
			}()
			go r.answer(near, far)
		}
	}()
	return r
}

func (r *relay) answer(near, far net.Conn) {
	defer near.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := far.Read(b)
		if err != nil {
			return
		}
		if r.loses.Load() {
			continue
		}
		if _, err := near.Write(b[:n]); err != nil {
			return
		}
	}
}

// TestALostReplyIsUnknown: what was asked is done once, and reading tells.
func TestALostReplyIsUnknown(t *testing.T) {
	r := servers.StartRedis(t)
	line := relayTo(t, r.Addr)
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.URL = "redis://" + line.Addr().String() })
	k := talk(t, s, "r")
	watching(t, s, "r")
	for range 2 {
		line.loses.Store(true)
		b := k.batch(room.CareOver{})
		_, err := s.Log().Append(t.Context(), "r", k.head, b)
		says(t, err, "does not answer in time")
		line.loses.Store(false)
		tail := k.read(k.head)
		if tail.State != nil || len(tail.Entries) != 1 || tail.Head.Seq != k.head.Seq+1 {
			t.Fatalf("%d entries came of one", len(tail.Entries))
		}
		k.head, k.state = tail.Head, b.State
		k.append(room.CareOver{})
	}
	if got := said(k.read(room.Head{})); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the words are %q", got)
	}
}

// TestTheLeastOfUsersCanDoAll that a node does.
func TestTheLeastOfUsersCanDoAll(t *testing.T) {
	r := servers.StartRedis(t)
	servers.StartReplica(t, r)
	allow(t, r, ACL("hearth"))
	least := func(o *Options, _ *Events) { o.URL = "redis://hearth:tea@" + r.Addr }
	s := joined(t, r, brisk, least)
	other := joined(t, r, brisk, least, func(o *Options, _ *Events) { o.Ack = AckReplica })
	k := talk(t, s, "r")
	watching(t, s, "r")
	k.append(room.Joined{Seat: "b", Role: room.Member, Node: s.nodes.Me()})
	k.append(room.Retracted{Seq: 3})
	for range keepEntries {
		k.say("x")
	}
	k.append(room.CareOver{})
	soon(t, 10*time.Second, "a replica confirms", func() bool {
		_, err := other.Log().Read(t.Context(), "r", room.Head{})
		return err == nil
	})
	do(t, r, "FLUSHALL")
	rounds(t, s, other)
	if tail := k.read(room.Head{}); tail.Head.Hash != k.head.Hash {
		t.Error("it was not given back")
	}
	k.head = k.read(room.Head{}).Head
	k.append(room.Closed{})
	if _, err := s.Live(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Leave(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAFailover: nodes follow the sentinel to the replica, which has all that
// was acknowledged, and go on.
func TestAFailover(t *testing.T) {
	t.Parallel()
	primary := servers.StartRedis(t)
	servers.StartReplica(t, primary)
	sentinel := servers.StartSentinel(t, primary, "circle")
	by := func(o *Options, _ *Events) { o.URL, o.Ack = sentinel.URL(), AckReplica }
	a, b := node(t, primary, standard, by), node(t, primary, standard, by)
	k := &keeper{t: t, log: a.Log(), id: "r", state: &room.State{}}
	soon(t, 10*time.Second, "a replica confirms", func() bool {
		_, err := a.Log().Read(t.Context(), "r", room.Head{})
		return err != nil && err.Error() == room.ErrNoRoom.Error()
	})
	k.append(room.Begun{Room: "r", Set: room.DefaultSettings()})
	watching(t, a, "r")
	watching(t, b, "r")
	for i := range 50 {
		k.say(fmt.Sprint("word ", i))
	}
	before := k.head
	primary.Kill()
	var at []any
	soon(t, 20*time.Second, "both nodes are on the replica", func() bool {
		var err error
		at, err = b.client.HMGet(t.Context(), key(partition("r"), "room:r"), "seq", "hash").Result()
		return err == nil && sentinel.Primary() != primary.Addr && a.nodes.confirmed() && b.nodes.confirmed()
	})
	if at[0] != fmt.Sprint(before.Seq) || at[1] != hexed(before.Hash) {
		t.Errorf("the replica is at %v, %d was acknowledged", at, before.Seq)
	}
	// It has no replica of its own: nothing counts as written there.
	_, err := k.try(room.CareOver{})
	says(t, err, "no replica")
}

// TestEveryRoomIsAskedAbout within four beats.
func TestEveryRoomIsAskedAbout(t *testing.T) {
	for _, n := range []int{1, 63, 64, 65, 257, 1000} {
		rooms, asked := newRooms(), map[room.ID]int{}
		for i := range n {
			rooms.watch(t.Context(), room.ID(fmt.Sprint("room-", i)))
		}
		for range 4 {
			list := rooms.ask()
			if len(list) > max(64, n/4+1) {
				t.Errorf("of %d rooms %d were asked about at once", n, len(list))
			}
			for _, a := range list {
				asked[a.id]++
			}
		}
		if len(asked) != n {
			t.Errorf("of %d rooms %d were asked about", n, len(asked))
		}
	}
}

// TestAPasswordThatIsNoLongerRight is told as that by a beat too, which finds
// no connection to send anything on.
func TestAPasswordThatIsNoLongerRight(t *testing.T) {
	r := servers.StartRedis(t)
	do(t, r, "ACL", "SETUSER", "h", "on", ">one", "~*", "&*", "+@all")
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.URL = "redis://h:one@" + r.Addr })
	do(t, r, "ACL", "SETUSER", "h", "resetpass", ">two")
	do(t, r, "CLIENT", "KILL", "USER", "h")
	var err error
	soon(t, 5*time.Second, "the beat fails", func() bool {
		_, err = s.pulse.round(t.Context())
		return err != nil && !errors.Is(err, io.EOF)
	})
	says(t, err, "password", "script", "one")
}

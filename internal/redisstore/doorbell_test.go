package redisstore

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/logtest"
)

// door is a doorbell that runs, and what it rang.
type door struct {
	*doorbell
	rung chan string
	all  atomic.Int64
}

func hang(t *testing.T, o Options) *door {
	t.Helper()
	d := &door{rung: make(chan string, 100)}
	d.doorbell = newDoorbell(speak(t, o), rings{
		ring: func(id room.ID, epoch string, seq uint64) {
			d.rung <- string(id) + "|" + epoch + "|" + strconv.FormatUint(seq, 10)
		},
		all: func() { d.all.Add(1) },
	})
	if d.heard() == nil {
		t.Error("it hears before it runs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	became(t, "it hears", func() bool { return d.heard() == nil })
	return d
}

func (d *door) rang(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-d.rung:
		if got != want {
			t.Errorf("rang %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("no ring, want %q", want)
	}
}

func TestBus(t *testing.T) {
	r := servers.StartRedis(t)
	logtest.RunBus(t, func(t *testing.T) (a, b room.Bus) {
		return hang(t, Options{URL: r.URL()}), hang(t, Options{URL: r.URL()})
	})
}

func TestABusOfTheLeastOfUsers(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	logtest.RunBus(t, func(t *testing.T) (a, b room.Bus) {
		d := hang(t, Options{URL: "redis://hearth:tea@" + r.Addr})
		return d, d
	})
}

func TestSlowListenersAreCounted(t *testing.T) {
	d := hang(t, Options{URL: servers.StartRedis(t).URL()})
	free := make(chan struct{})
	defer close(free)
	if err := d.Subscribe(t.Context(), "tea", func([]byte) { <-free }); err != nil {
		t.Fatal(err)
	}
	for range 2 * waiting {
		if err := d.Publish(t.Context(), "tea", nil); err != nil {
			t.Fatal(err)
		}
	}
	// One may be with the listener already.
	became(t, "what did not fit is counted", func() bool { return d.bus.missed() >= waiting-1 })
	says(t, d.Publish(t.Context(), "two\nlines", nil), "more than one line")
}

func TestTheBellOfEveryPartition(t *testing.T) {
	r := servers.StartRedis(t)
	d := hang(t, Options{URL: r.URL()})
	for p := range partitions {
		set(t, r, "PUBLISH", key(p, "bell"), "5b0e epoch 7")
		d.rang(t, "5b0e|epoch|7")
	}
	for _, noise := range []string{"", "5b0e", "5b0e epoch", "5b0e epoch seven", "5b0e epoch -1", "5b0e epoch 7 8", "5b0e  7"} {
		set(t, r, "PUBLISH", key(3, "bell"), noise)
	}
	set(t, r, "PUBLISH", key(3, "bus"), "a bus without a topic")
	set(t, r, "PUBLISH", d.probe, "not a time")
	set(t, r, "PUBLISH", key(3, "bell"), "5b0e epoch 8")
	d.rang(t, "5b0e||7") // an empty epoch is for the store to judge
	d.rang(t, "5b0e|epoch|8")
	if n := d.all.Load(); n != 1 {
		t.Errorf("one subscription rang for all %d times", n)
	}
}

func TestACutSubscriptionRingsForAll(t *testing.T) {
	r := servers.StartRedis(t)
	d := hang(t, Options{URL: r.URL()})
	for n := int64(2); n < 5; n++ {
		set(t, r, "CLIENT", "KILL", "TYPE", "pubsub")
		became(t, "all rooms are rung for", func() bool { return d.all.Load() == n })
	}
	r.Restart()
	became(t, "also after a restart", func() bool { return d.all.Load() == 5 })
	set(t, r, "PUBLISH", key(0, "bell"), "5b0e epoch 1")
	d.rang(t, "5b0e|epoch|1")
}

func TestANodeKnowsWhenItIsDeaf(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t)
	d := hang(t, Options{URL: r.URL()})
	r.Pause()
	became(t, "it is deaf", func() bool { return d.heard() != nil })
	says(t, d.heard(), "does not hear its own messages")
	r.Resume()
	became(t, "it hears again", func() bool { return d.heard() == nil })
}

// A connection may live and carry nothing: then it is dropped for another.
func TestASubscriptionThatSaysNothingIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := servers.StartRedis(t)
	l := lay(t, r.Addr)
	d := hang(t, Options{URL: "redis://" + l.Addr().String()})
	l.mute()
	began := time.Now()
	became(t, "it rings for all", func() bool { return d.all.Load() > 1 })
	if took := time.Since(began); took > deaf+2*probing+dialing+2*talking {
		t.Errorf("that took %v", took)
	}
	became(t, "it hears itself", func() bool { return d.heard() == nil })
}

func TestADoorbellFollowsAFailover(t *testing.T) {
	t.Parallel()
	primary := servers.StartRedis(t)
	replica := servers.StartReplica(t, primary)
	s := servers.StartSentinel(t, primary, "circle")
	d := hang(t, Options{URL: s.URL()})
	primary.Pause() // its connections stay open, and say nothing
	became(t, "all rooms are rung for", func() bool { return d.all.Load() > 1 })
	became(t, "it hears itself", func() bool { return d.heard() == nil })
	set(t, replica, "PUBLISH", key(0, "bell"), "5b0e epoch 1")
	d.rang(t, "5b0e|epoch|1")
}

func TestADoorbellLeavesNothingBehind(t *testing.T) {
	r := servers.StartRedis(t)
	before := goleak.IgnoreCurrent()
	for _, paused := range []bool{false, true} {
		o := Options{URL: r.URL()}
		c, err := o.client()
		if err != nil {
			t.Fatal(err)
		}
		d := newDoorbell(c, rings{func(room.ID, string, uint64) {}, func() {}})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { d.run(ctx) })
		became(t, "it hears", func() bool { return d.heard() == nil })
		if err := d.Subscribe(ctx, "tea", func([]byte) {}); err != nil {
			t.Fatal(err)
		}
		if paused {
			r.Pause()
		}
		cancel()
		running.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		became(t, "nobody listens", func() bool {
			d.bus.mu.Lock()
			defer d.bus.mu.Unlock()
			return len(d.bus.topics) == 0
		})
	}
	goleak.VerifyNone(t, before)
}

// line is a relay to a server whose connections can fall silent.
type line struct {
	net.Listener
	mu   sync.Mutex
	gone chan struct{} // closed: connections made before carry nothing any more
}

func lay(t *testing.T, to string) *line {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{Listener: listen, gone: make(chan struct{})}
	t.Cleanup(func() { l.Close(); l.mute() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				return
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			l.mu.Lock()
			gone := l.gone
			l.mu.Unlock()
			go pass(far, near, gone)
			go pass(near, far, gone)
		}
	}()
	return l
}

func (l *line) mute() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.gone)
	l.gone = make(chan struct{})
}

// pass carries bytes until gone, and then reads them for nobody.
func pass(to io.WriteCloser, from io.Reader, gone <-chan struct{}) {
	defer to.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		select {
		case <-gone:
			continue
		default:
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func TestPartitionsAreFixed(t *testing.T) {
	// They must be the same in every version of the program.
	for name, want := range map[string]int{"": 5, "tea": 9, "5b0e7a52-0001": 14} {
		if p := partition(name); p != want {
			t.Errorf("%q is in %d, not in %d", name, p, want)
		}
	}
	seen := map[int]int{}
	for i := range 1600 {
		seen[partition(strings.Repeat("a", i%40)+string(rune('a'+i/40)))]++
	}
	if len(seen) != partitions || tag(3) != "{3}" {
		t.Errorf("names fall into %v", seen)
	}
}

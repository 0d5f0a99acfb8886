package logtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/room"
)

// RunBus holds buses to every promise of room.Bus. Ends makes two ends of a
// new one, as two nodes have them; they may be the same.
func RunBus(t *testing.T, ends func(*testing.T) (a, b room.Bus)) {
	for _, p := range buses {
		t.Run(p.name, func(t *testing.T) {
			a, b := ends(t)
			p.test(t, a, b)
		})
	}
}

var buses = []struct {
	name string
	test func(t *testing.T, a, b room.Bus)
}{
	{"what is said at one end is heard at both", func(t *testing.T, a, b room.Bus) {
		own, other := listen(t, a, "tea"), listen(t, b, "tea")
		say(t, a, "tea", "hot", own, other)
		say(t, b, "tea", "cold", own, other)
	}},
	{"each topic is for itself", func(t *testing.T, a, b room.Bus) {
		tea, teapot := listen(t, b, "tea"), listen(t, b, "teapot")
		say(t, a, "tea", "hot", tea)
		say(t, a, "teapot", "round", teapot)
		tea.only(t, "hot")
		teapot.only(t, "round")
	}},
	{"many topics, many listeners", manyTopics},
	{"any bytes are a message, also none and the most", func(t *testing.T, a, b room.Bus) {
		e := listen(t, b, "tea")
		most := strings.Repeat("\x00\n\xff ", room.MaxBusBytes/4)
		for _, msg := range []string{"", "\n", most} {
			say(t, a, "tea", msg, e)
		}
		if err := a.Publish(t.Context(), "tea", make([]byte, room.MaxBusBytes+1)); err == nil {
			t.Error("a message larger than the most went out")
		}
	}},
	{"one after another, and those of one sender in their order", inOrder},
	{"a message is its hearer's own", func(t *testing.T, a, b room.Bus) {
		first, second := listen(t, b, "tea"), listen(t, b, "tea")
		msg := []byte("hot")
		until(t, func() bool {
			publish(t, a, "tea", msg)
			return first.has("hot") && second.has("hot")
		})
		copy(msg, "ZZZ")
		for _, e := range []*ear{first, second} {
			got := e.all()
			if i := slices.IndexFunc(got, func(m []byte) bool { return string(m) != "hot" }); i >= 0 {
				t.Fatalf("%q", got)
			}
			copy(got[0], "YYY")
		}
	}},
	{"who is slow loses messages, and holds up nobody", slow},
	{"listening ends with its context", func(t *testing.T, a, b room.Bus) {
		ctx, cancel := context.WithCancel(t.Context())
		gone, stays := &ear{}, listen(t, b, "tea")
		if err := b.Subscribe(ctx, "tea", gone.hear); err != nil {
			t.Fatal(err)
		}
		say(t, a, "tea", "hot", gone, stays)
		cancel()
		say(t, a, "tea", "cold", stays)
		if gone.has("cold") {
			t.Error("heard after the end")
		}
		if err := b.Subscribe(ctx, "tea", gone.hear); err == nil {
			t.Error("listening began though its context had ended")
		}
		if err := a.Publish(ctx, "tea", nil); err == nil {
			t.Error("a message went out though its context had ended")
		}
	}},
}

// manyTopics has more of them than any bus has channels.
func manyTopics(t *testing.T, a, b room.Bus) {
	ears := map[string]*ear{}
	for i := range 50 {
		topic := fmt.Sprintf("5b0e7a52-%04d", i)
		ears[topic] = listen(t, b, topic)
	}
	for topic, e := range ears {
		say(t, a, topic, topic, e)
	}
	for topic, e := range ears {
		e.only(t, topic)
	}
}

func inOrder(t *testing.T, a, b room.Bus) {
	const n = 40 // few enough that none need be lost
	e := listen(t, b, "tea")
	say(t, a, "tea", "begin", e)
	for i := range n {
		publish(t, a, "tea", fmt.Appendf(nil, "%03d", i))
	}
	until(t, func() bool { return e.has(fmt.Sprintf("%03d", n-1)) })
	got := slices.DeleteFunc(e.all(), func(m []byte) bool { return string(m) == "begin" })
	if !slices.IsSortedFunc(got, bytes.Compare) {
		t.Errorf("%q", got)
	}
}

func slow(t *testing.T, a, b room.Bus) {
	stuck, free := make(chan struct{}), make(chan struct{})
	defer close(free)
	once := false
	err := b.Subscribe(t.Context(), "tea", func([]byte) {
		if !once {
			once = true
			close(stuck)
		}
		<-free
	})
	if err != nil {
		t.Fatal(err)
	}
	brisk := listen(t, b, "tea")
	say(t, a, "tea", "hot", brisk)
	<-stuck
	for range 1000 {
		publish(t, a, "tea", []byte("more"))
	}
	say(t, a, "tea", "cold", brisk)
}

// ear keeps what it hears.
type ear struct {
	busy sync.Mutex // held while it hears
	mu   sync.Mutex // guards what follows
	kept [][]byte
	both bool // it heard two things at once
}

func listen(t *testing.T, b room.Bus, topic string) *ear {
	t.Helper()
	e := &ear{}
	if err := b.Subscribe(t.Context(), topic, e.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.both {
			t.Errorf("two messages on %s came at once", topic)
		}
	})
	return e
}

func (e *ear) hear(msg []byte) {
	alone := e.busy.TryLock()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept, e.both = append(e.kept, msg), e.both || !alone
	if alone {
		e.busy.Unlock()
	}
}

func (e *ear) all() [][]byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.kept)
}

func (e *ear) has(msg string) bool {
	return slices.ContainsFunc(e.all(), func(m []byte) bool { return string(m) == msg })
}

func (e *ear) only(t *testing.T, msg string) {
	t.Helper()
	for _, m := range e.all() {
		if string(m) != msg {
			t.Errorf("heard %q, which is not for it", m)
		}
	}
}

// say publishes a message until all of them have heard it: one may be lost.
func say(t *testing.T, b room.Bus, topic, msg string, ears ...*ear) {
	t.Helper()
	last := time.Time{}
	until(t, func() bool {
		if time.Since(last) > 200*time.Millisecond {
			publish(t, b, topic, []byte(msg))
			last = time.Now()
		}
		return !slices.ContainsFunc(ears, func(e *ear) bool { return !e.has(msg) })
	})
}

func publish(t *testing.T, b room.Bus, topic string, msg []byte) {
	t.Helper()
	if err := b.Publish(t.Context(), topic, msg); err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, is func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it was not heard")
		}
	}
}

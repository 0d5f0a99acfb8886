package hub

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hearth/presence"
	"hearth/room"
	"hearth/room/memlog"
)

// fleet is several nodes on one log, in virtual time, and what they know of
// each other.
type fleet struct {
	*meeting
	mem   *memlog.Log
	hubs  map[string]*Hub
	mu    sync.Mutex // guards what follows
	dead  map[string]bool
	names map[string]string // of nodes that were given another
	bells []chan struct{}
	keys  map[string]map[string]bool // who has which
	lost  bool                       // no node answers that asks for a key
	deaf  bool                       // no doorbell is heard
	dark  [2]time.Time               // when no node lived
}

// together runs nodes on one log; the first is the meeting's hub.
func together(t *testing.T, what func(t *testing.T, f *fleet), names ...string) {
	meet(t, func(t *testing.T, m *meeting) {
		m.hub.Stop()
		f := &fleet{meeting: m, mem: m.log.(*memlog.Log), hubs: map[string]*Hub{}, dead: map[string]bool{}, names: map[string]string{}, keys: map[string]map[string]bool{}}
		m.log = rung{m.log, f}
		bus := memlog.NewBus()
		for _, name := range names {
			m.open()
			cfg := m.cfg
			cfg.Nodes, cfg.Bus, cfg.Keys = oneOf{f, name}, bus, ringOf{f, name}
			f.hubs[name] = New(cfg)
			defer f.hubs[name].Stop()
		}
		m.hub = f.hubs[names[0]]
		what(t, f)
	})
}

// rung is a log whose doorbell also rings when the nodes change.
type rung struct {
	room.Log
	f *fleet
}

func (r rung) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	theirs, err := r.Log.Watch(ctx, id)
	if err != nil {
		return nil, err
	}
	bell, both := make(chan struct{}, 1), make(chan struct{}, 1)
	r.f.mu.Lock()
	r.f.bells = append(r.f.bells, bell)
	r.f.mu.Unlock()
	go func() {
		for {
			select {
			case <-theirs:
			case <-bell:
			case <-ctx.Done():
				return
			}
			r.f.mu.Lock()
			deaf := r.f.deaf
			r.f.mu.Unlock()
			if deaf {
				continue
			}
			select {
			case both <- struct{}{}:
			default:
			}
		}
	}()
	return both, nil
}

// oneOf is one node's view of the others.
type oneOf struct {
	f    *fleet
	name string
}

func (n oneOf) Me() string {
	n.f.mu.Lock()
	defer n.f.mu.Unlock()
	if other := n.f.names[n.name]; other != "" {
		return other
	}
	return n.name
}

func (n oneOf) Others() []string { return nil }

func (n oneOf) Dead(other string) bool {
	n.f.mu.Lock()
	defer n.f.mu.Unlock()
	return n.f.dead[other]
}

func (n oneOf) Dark(room.ID) (from, to time.Time) {
	n.f.mu.Lock()
	defer n.f.mu.Unlock()
	return n.f.dark[0], n.f.dark[1]
}

// declareDead tells everybody that a node is gone; it may live and get
// another name.
func (f *fleet) declareDead(name, again string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead[name] = true
	f.names[name] = again
	f.ringAll()
}

// ringAll rings every bell; f.mu is held.
func (f *fleet) ringAll() {
	for _, bell := range f.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// ringOf is a node's keys: names of them.
type ringOf struct {
	f    *fleet
	name string
}

func (r ringOf) Hold(_ context.Context, _ room.ID, kid string) (string, error) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	mine := r.f.keys[r.name]
	if mine == nil {
		mine = map[string]bool{}
		r.f.keys[r.name] = mine
	}
	for _, theirs := range r.f.keys {
		if kid != "" && (mine[kid] || theirs[kid] && !r.f.lost) {
			mine[kid] = true
			return "", nil
		}
	}
	fresh := fmt.Sprintf("key-%s-%d", r.name, len(mine))
	mine[fresh] = true
	return fresh, nil
}

func (r ringOf) Release(room.ID) {}

func (r ringOf) Forget(room.ID) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	delete(r.f.keys, r.name)
}

// sitsAt seats somebody at a node.
func (f *fleet) sitsAt(node, seat string, role room.Role, resume *Point) *person {
	f.t.Helper()
	was := f.hub
	f.hub = f.hubs[node]
	defer func() { f.hub = was }()
	p, err := f.tab(seat, seat+"-tab", role, resume)
	if err != nil {
		f.t.Fatalf("%s could not sit down at %s: %v", seat, node, err)
	}
	return p
}

// loses rewinds the log to an entry.
func (f *fleet) loses(after uint64) {
	f.t.Helper()
	if err := f.mem.Lose(here, after); err != nil {
		f.t.Fatal(err)
	}
	pass(time.Second)
}

var _ presence.Nodes = oneOf{}

func TestPeopleOnTwoNodesHearEachOther(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Decline{Turn: 1})
		jun.does(room.Take{Turn: 2})
		jun.does(room.Say{Turn: 2, Text: "hello"})
		if got := words(must(fac.hears())); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("Marisol heard %q", got)
		}
		if _, err := jun.s.Signal(t.Context(), room.React{Kind: room.Heart}); err != nil {
			t.Fatal(err)
		}
		pass(signalsEvery)
		if l, err := fac.s.queue.take(); err != nil || len(l.Signals) != 1 || l.Signals[0].Kind != room.Heart {
			t.Errorf("Marisol saw %+v, %v", l, err)
		}
		if l, _ := jun.s.queue.take(); len(l.Signals) != 1 {
			t.Errorf("Jun saw %d signs of one reaction", len(l.Signals))
		}
	}, "north", "south")
}

func TestTheHolderOfADeadNodeComesBackOnAnother(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Decline{Turn: 1})
		jun.does(room.Take{Turn: 2})
		pass(10 * time.Second)
		seen := f.now()
		f.hubs["south"].Stop()
		f.declareDead("south", "")
		pass(time.Second)
		if f.state().Seats["jun"].Here {
			t.Fatal("nobody noticed that the node is gone")
		}
		fac.does(room.Guard{Text: "Jun's line dropped, we wait."})
		pass(20 * time.Second)
		back := f.sitsAt("north", "jun", room.Member, seen)
		f.stickIs("held jun 2")
		if got := words(must(back.hears())); !slices.Equal(got, []string{"Jun's line dropped, we wait."}) {
			t.Errorf("back, Jun heard %q", got)
		}
		if got := f.state().Stick.Clock.Read(time.Now()); got != 10*time.Second {
			t.Errorf("the clock shows %v", got)
		}
	}, "north", "south")
}

// A node that was paused and given up for dead lives: its people are here
// again under its new name before they lose anything.
func TestANodeGivenUpForDeadComesBack(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Decline{Turn: 1})
		jun.does(room.Take{Turn: 2})
		f.declareDead("south", "south-again")
		pass(time.Second)
		seat := f.state().Seats["jun"]
		if !seat.Here || !slices.Equal(seat.Nodes, []string{"south-again"}) {
			t.Fatalf("Jun is at %v, here %v", seat.Nodes, seat.Here)
		}
		pass(5 * time.Minute)
		f.stickIs("held jun 2")
		jun.does(room.Say{Turn: 2, Text: "still here"})
	}, "north", "south")
}

func TestOneOfTwoNodesLosesItsLine(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		phone := f.sitsAt("north", "jun", room.Member, nil)
		laptop := f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Decline{Turn: 1})
		laptop.does(room.Take{Turn: 2})
		phone.s.Rise()
		pass(5 * time.Minute)
		f.stickIs("held jun 2")
		laptop.s.Rise()
		pass(31 * time.Second)
		f.stickIs("resting  2")
	}, "north", "south")
}

// Whoever moves to another node has what was said meanwhile, though nobody
// sat there before; a node that begins a room names its key once.
func TestWordsMissedOnTheWay(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		fac.does(room.Say{Turn: 1, Text: "one"})
		seen := f.now()
		jun.s.Rise()
		fac.does(room.Say{Turn: 1, Text: "two"})
		taken := fac.does(room.Say{Turn: 1, Text: "taken back"})
		fac.does(room.Retract{Seq: taken.Seq})
		fac.does(room.MoreTime{Turn: 1, Minutes: 1})
		back := f.sitsAt("south", "jun", room.Member, seen)
		if got := missed(back); back.g.Fresh == nil || !slices.Equal(got, []string{"two"}) || back.g.Rewound {
			t.Errorf("fresh %v, missed %q, rewound %v", back.g.Fresh != nil, got, back.g.Rewound)
		}
		late := f.sitsAt("south", "noor", room.Member, seen)
		if got := missed(late); len(got) > 0 {
			t.Errorf("a latecomer is given %q", got)
		}
		if kid := f.state().Kid; kid != "key-north-0" {
			t.Errorf("the room's key is %q", kid)
		}
	}, "north", "south")
}

func missed(p *person) []string {
	var frames []room.Frame
	for _, b := range p.g.Missed {
		frames = append(frames, frameOf(p.m.t, b))
	}
	return words(frames)
}

// A key that nobody has any more is followed by another, on every node.
func TestALostKeyIsFollowedByAnother(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		f.sitsAt("north", "marisol", room.Facilitator, nil)
		f.mu.Lock()
		f.lost = true
		f.mu.Unlock()
		f.sitsAt("south", "jun", room.Member, nil)
		if kid := f.state().Kid; kid != "key-south-0" {
			t.Errorf("the room's key is %q", kid)
		}
		f.mu.Lock()
		f.lost = false
		f.mu.Unlock()
		f.sitsAt("east", "noor", room.Member, nil)
		f.mu.Lock()
		defer f.mu.Unlock()
		if kid := f.keys["east"]["key-south-0"]; !kid {
			t.Error("a third node did not get the key")
		}
	}, "north", "south", "east")
}

// A log that has lost its newest entries is told to everybody who had them,
// and to those who come from a node that had.
func TestALogThatWasRewoundIsTold(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("north", "jun", room.Member, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		before := f.now().Seq
		fac.does(room.Say{Turn: 1, Text: "lost"})
		seen := f.now()
		jun.s.Rise()
		fac.hears()
		f.loses(before)
		l, err := fac.s.queue.take()
		if err != nil || l.Fresh == nil || !l.Fresh.Rewound || l.Fresh.Last != fac.n-1 {
			t.Fatalf("Marisol is told %+v, %v", l.Fresh, err)
		}
		fac.n = l.Fresh.Last
		fac.does(room.Say{Turn: 1, Text: "again"})
		again := f.sitsAt("south", "jun", room.Member, seen)
		if got := missed(again); !slices.Equal(got, []string{"again"}) {
			t.Errorf("Jun is given %q of the new past", got)
		}
		if !again.g.Rewound || again.g.Fresh == nil {
			t.Errorf("Jun, from another past, is told %+v", again.g)
		}
		f.stickIs("held marisol 1")
	}, "north", "south")
}

// A log that was restored whole is not worth a word.
func TestALogThatWasRestoredWhole(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		fac.does(room.Next{})
		fac.does(room.Take{Turn: 1})
		fac.hears()
		f.loses(f.now().Seq)
		if l, err := fac.s.queue.take(); err != nil || l.Fresh != nil {
			t.Errorf("Marisol is told %+v, %v", l.Fresh, err)
		}
		fac.does(room.Say{Turn: 1, Text: "on"})
	}, "north")
}

// No answer, not even no, is from a stale copy: a node that hears no doorbell
// refuses nothing that is right by now, and repeats nothing that is not.
func TestANodeThatHearsNothingAnswersRight(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		jun := f.sitsAt("south", "jun", room.Member, nil)
		pass(time.Second)
		f.mu.Lock()
		f.deaf = true
		f.mu.Unlock()
		fac.does(room.Next{})
		fac.does(room.Decline{Turn: 1})
		jun.does(room.Take{Turn: 2})
		fac.does(room.Mute{Seat: "jun", Minutes: 1})
		for _, a := range []room.Act{room.Say{Turn: 2, Text: "unheard"}, room.Pass{Turn: 2}} {
			if ans, err := jun.asks(a); err != nil || ans.Refused == nil {
				t.Errorf("%T of somebody muted elsewhere: %+v, %v", a, ans, err)
			}
		}
		fac.does(room.Unmute{Seat: "jun"})
		fac.does(room.Offer{Turn: 2, Seat: "jun"})
		jun.does(room.Take{Turn: 3})
	}, "north", "south")
}

// While no node could reach the log nobody could do anything, also if nobody
// tried: it counts once, whoever tells it.
func TestATimeInWhichNoNodeLivedDoesNotCount(t *testing.T) {
	together(t, func(t *testing.T, f *fleet) {
		fac := f.sitsAt("north", "marisol", room.Facilitator, nil)
		f.sitsAt("south", "jun", room.Member, nil)
		fac.does(room.Next{})
		pass(10 * time.Second)
		from := time.Now()
		pass(75 * time.Second)
		f.mu.Lock()
		f.dark = [2]time.Time{from, time.Now()}
		f.ringAll()
		f.mu.Unlock()
		pass(79 * time.Second)
		f.stickIs("offered marisol 1")
		pass(2 * time.Second)
		f.stickIs("offered jun 2")
	}, "north", "south")
}

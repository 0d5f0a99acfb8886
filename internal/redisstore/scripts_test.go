package redisstore

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// replies are those that the scripts were seen to give.
type seenReplies map[string]map[string]bool

// of runs one act and notes its reply.
func (seen seenReplies) of(t *testing.T, s *Store, a *act) string {
	t.Helper()
	if err := s.link.run(t.Context(), false, a); err != nil {
		t.Fatalf("%s: %v", a.script.name, err)
	}
	if seen[a.script.name] == nil {
		seen[a.script.name] = map[string]bool{}
	}
	seen[a.script.name][a.reply.word] = true
	return a.reply.word
}

func appendAct(t *testing.T, s *Store, id room.ID, at room.Head, b room.Batch) *act {
	t.Helper()
	batch, err := b.Store(at)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.log.writing(id, at, b, batch)
	if err != nil {
		t.Fatal(err)
	}
	return w.act(s.link)
}

func readAct(s *Store, id room.ID, after room.Head) *act {
	return &act{script: readScript, keys: roomKeys(id),
		args: append(s.link.args(partition(string(id)), ""), Format, after.Epoch, after.Seq, hexed(after.Hash))}
}

// offerAct offers a room of one entry more than the keeper's.
func offerAct(t *testing.T, s *Store, k *keeper, seq uint64) *act {
	t.Helper()
	state := k.state.Clone()
	state.Seq = seq
	facts, _, err := room.SplitState(state)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.offers.of(partition(string(k.id)), s.nodes.Me(), k.id, copied{head: room.Head{Epoch: "E", Seq: seq},
		at: nanos(k.now()), stateSeq: seq, state: stored{facts: facts}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestEveryReply drives every branch of every script.
func TestEveryReply(t *testing.T) {
	r, seen := servers.StartRedis(t), seenReplies{}
	s := joined(t, r, brisk)
	stranger := quiet(t, r, brisk) // on no list
	k := begin(t, s, "r")
	p := partition("r")
	beat := func(s *Store, name string, join bool) *act {
		acts, _ := s.pulse.beatActs(name, "", join)
		return acts[p]
	}
	leave := func(s *Store) *act { return &act{script: leaveScript, keys: keys(p), args: s.link.args(p, "")} }
	want := func(word string, s *Store, a *act) {
		t.Helper()
		if got := seen.of(t, s, a); got != word {
			t.Errorf("%s answered %q, want %q", a.script.name, got, word)
		}
	}
	next := func() room.Batch { return k.batch(room.CareOver{}) }

	want("ok", s, beat(s, s.nodes.Me(), false))
	want("fenced", stranger, beat(stranger, "stranger", false))
	want("fenced", stranger, leave(stranger))
	want("fenced", stranger, appendAct(t, stranger, "r", k.head, next()))
	want("fenced", stranger, readAct(stranger, "r", k.head))
	want("closed", s, offerAct(t, s, k, 9))

	shelfReplies(t, r, want, s, stranger)

	first := k.head
	want("ok", s, appendAct(t, s, "r", k.head, room.Batch{Now: time.Now()}))
	k.append(room.CareOver{})
	want("moved", s, appendAct(t, s, "r", first, room.Batch{Now: time.Now()}))
	want("moved-whole", s, appendAct(t, s, "r", room.Head{}, room.Batch{Now: time.Now()}))
	want("clock", s, appendAct(t, s, "r", k.head, room.Batch{Now: time.Now().Add(time.Hour)}))
	want("noroom", s, appendAct(t, s, "none", k.head, room.Batch{Now: time.Now()}))
	want("noroom", s, readAct(s, "none", k.head))
	want("news", s, readAct(s, "r", first))
	want("whole", s, readAct(s, "r", room.Head{}))

	// Another life of Redis: a window that stays open.
	open := brisk
	open.least, open.most = time.Minute, time.Minute
	s.link.pace, stranger.link.pace = open, open
	do(t, r, "HSET", key(p, "life"), "run", "another")
	want("restoring", s, beat(s, s.nodes.Me(), false))
	want("restoring", s, appendAct(t, s, "r", k.head, next()))
	want("restoring", s, readAct(s, "r", k.head))
	want("restoring", s, s.link.shelfAct(putScript, "r", "tea", "x", 9, 1, 60))
	want("restoring", s, s.link.shelfAct(dropScript, "r", "tea"))
	want("kept", s, offerAct(t, s, k, k.head.Seq))
	want("taken", s, offerAct(t, s, k, k.head.Seq+1))
	want("fenced", stranger, offerAct(t, stranger, k, 9))
	do(t, r, "HSET", key(p, "room:r"), "v", strconv.Itoa(Format+1))
	want("newer", s, offerAct(t, s, k, 99))
	do(t, r, "HDEL", key(p, "room:r"), "v")
	want("foreign", s, offerAct(t, s, k, 99))

	do(t, r, "HDEL", key(p, "life"), "until")
	want("foreign", s, readAct(s, "r", k.head))
	want("foreign", s, appendAct(t, s, "r", k.head, next()))
	do(t, r, "HSET", key(p, "room:r"), "v", strconv.Itoa(Format+1))
	want("newer", s, readAct(s, "r", k.head))
	want("newer", s, appendAct(t, s, "r", k.head, next()))
	want("ok", s, leave(s))
	want("fenced", s, beat(s, s.nodes.Me(), true)) // who is gone stays gone

	for _, sc := range scripts() {
		if declared, got := declaredReplies(sc), sorted(seen[sc.name]); !slices.Equal(declared, got) {
			t.Errorf("%s: seen %q of %q", sc.name, got, declared)
		}
	}
}

// shelfReplies drives put and drop.
func shelfReplies(t *testing.T, r *servers.Redis, want func(string, *Store, *act), s, stranger *Store) {
	t.Helper()
	put := func(s *Store, name string) *act { return s.link.shelfAct(putScript, "r", name, "x", 9, 1, 60) }
	drop := func(s *Store) *act { return s.link.shelfAct(dropScript, "r", "tea") }
	want("fenced", stranger, put(stranger, "tea"))
	want("fenced", stranger, drop(stranger))
	want("ok", s, put(s, "tea"))
	want("twice", s, put(s, "tea"))
	want("full", s, put(s, "pot"))
	want("ok", s, drop(s))
	do(t, r, "SET", shelfKey("r"), "x")
	want("foreign", s, put(s, "tea"))
	want("foreign", s, drop(s))
	do(t, r, "DEL", shelfKey("r"))
}

// declaredReplies are the words that a script's source returns.
func declaredReplies(s script) []string {
	words := map[string]bool{}
	for _, found := range regexp.MustCompile(`return \{'([a-z-]+)'`).FindAllStringSubmatch(s.text, -1) {
		words[found[1]] = true
	}
	return sorted(words)
}

func sorted(words map[string]bool) (list []string) {
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

// TestForeignContent: what nobody of us wrote is an error of that room alone,
// told with the names of its keys, and never changed.
func TestForeignContent(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	other := begin(t, s, "other")
	p := partition("r")
	rm, lg := key(p, "room:r"), key(p, "log:r")
	for name, spoil := range map[string][]string{
		"a text for the room":  {"SET", rm, "x"},
		"a text for the log":   {"SET", lg, "x"},
		"no log":               {"DEL", lg},
		"no room":              {"DEL", rm},
		"an entry too many":    {"RPUSH", lg, "x"},
		"an entry spoilt":      {"LSET", lg, "1", "x"},
		"an entry cut":         {"LSET", lg, "1", strings.Repeat("0", 64) + "ffffffff{}"},
		"no version":           {"HDEL", rm, "v"},
		"no epoch":             {"HDEL", rm, "epoch"},
		"no number":            {"HSET", rm, "seq", "many"},
		"another number":       {"HSET", rm, "seq", "7"},
		"another hash":         {"HSET", rm, "hash", strings.Repeat("0", 64)},
		"half a hash":          {"HSET", rm, "state_hash", "00"},
		"no time":              {"HDEL", rm, "at"},
		"half a time":          {"HSET", rm, "at", "17"},
		"a wild time":          {"HSET", rm, "at", "179999999999999999x"},
		"no facts":             {"HDEL", rm, "facts"},
		"facts of none":        {"HSET", rm, "facts", "{}"},
		"facts that don't end": {"HSET", rm, "facts", "{"},
		"a state of nothing":   {"HSET", rm, "state_seq", "1"},
		"a base ahead":         {"HSET", rm, "base", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			do(t, r, "DEL", rm, lg)
			k := begin(t, s, "r")
			k.append(room.Joined{Seat: "a", Role: room.Member})
			k.say("hello")
			if k.read(room.Head{}).State == nil {
				t.Fatal("no state")
			}
			do(t, r, spoil...)
			before := do(t, r, "EXISTS", rm, lg)
			_, err := s.Log().Read(t.Context(), "r", room.Head{})
			says(t, err, "DEL "+rm+" "+lg)
			if _, err = k.try(room.CareOver{}); err == nil && name != "an entry spoilt" && !strings.Contains(name, "fact") &&
				name != "an entry cut" && name != "half a hash" && name != "a state of nothing" {
				t.Error("an append found nothing wrong")
			}
			if after := do(t, r, "EXISTS", rm, lg); after != before {
				t.Error("keys came or went")
			}
			other.append(room.CareOver{})
			if s.pulse.round(t.Context()); s.nodes.confirmed() != true {
				t.Error("the node does not beat any more")
			}
		})
	}
}

// TestFactsThatWereChanged read well and are not what was hashed.
func TestFactsThatWereChanged(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := begin(t, s, "r")
	first := k.head
	k.append(room.Joined{Seat: "a", Role: room.Member})
	k.append(room.CareOver{})
	lg := key(partition("r"), "log:r")
	was := do(t, r, "LINDEX", lg, "1")
	do(t, r, "LSET", lg, "1", strings.Replace(was, `"Seat":"a"`, `"Seat":"x"`, 1))
	for _, after := range []room.Head{first, {}} {
		if tail, err := s.Log().Read(t.Context(), "r", after); err == nil {
			t.Errorf("they were handed out: %+v", tail.Entries)
		}
	}
	do(t, r, "LSET", lg, "1", strings.Repeat("0", 64)+was[64:])
	if tail, err := s.Log().Read(t.Context(), "r", first); err == nil {
		t.Errorf("with another hash they were handed out: %+v", tail.Entries)
	}
	do(t, r, "LSET", lg, "1", was)
	k.read(first)
}

// TestAForeignPartition: where the keys of a partition are not ours, the node
// says so and takes nobody new; rooms elsewhere go on.
func TestAForeignPartition(t *testing.T) {
	r := servers.StartRedis(t)
	s := node(t, r, brisk)
	k := begin(t, s, "r")
	name, p := s.nodes.Me(), 0
	for p = range partitions {
		if p != partition("r") {
			break
		}
	}
	soon(t, 5*time.Second, "it is ready", func() bool { return s.Ready() == nil })
	do(t, r, "DEL", key(p, "nodes"))
	do(t, r, "SET", key(p, "nodes"), "somebody's")
	soon(t, 5*time.Second, "it is not ready", func() bool { return s.Ready() != nil })
	says(t, s.Ready(), key(p, "nodes"), "somebody's")
	k.append(room.CareOver{})
	do(t, r, "DEL", key(p, "nodes"))
	soon(t, 5*time.Second, "it is ready again", func() bool { return s.Ready() == nil })
	if me := s.nodes.Me(); me == name || !s.nodes.Dead(name) {
		t.Errorf("it was off a list, and is %s still", me)
	}
	k.append(room.CareOver{})
}

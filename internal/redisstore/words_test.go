package redisstore

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// spy listens to MONITOR until the test ends.
type spy struct {
	conn net.Conn
	done chan []byte
}

func eavesdrop(t *testing.T, r *servers.Redis) *spy {
	t.Helper()
	conn, err := net.Dial("tcp", r.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("MONITOR\r\n")); err != nil {
		t.Fatal(err)
	}
	ok := make([]byte, 5)
	if _, err := io.ReadFull(conn, ok); err != nil || string(ok) != "+OK\r\n" {
		t.Fatalf("%q, %v", ok, err)
	}
	s := &spy{conn, make(chan []byte)}
	go func() {
		all, _ := io.ReadAll(conn) // until the deadline
		s.done <- all
	}()
	return s
}

// told returns all it has heard up to something said now.
func (s *spy) told(t *testing.T) []byte {
	t.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	all := <-s.done
	if err := s.conn.Close(); err != nil {
		t.Error(err)
	}
	return all
}

// TestNothingReadableIsInRedis: words are planted wherever there are words,
// and looked for wherever Redis shows or keeps anything. A fact planted the
// same way is found everywhere, so the looking can find.
func TestNothingReadableIsInRedis(t *testing.T) {
	const words, name, pronouns, fact = "canary-said", "canary-name", "canary-pronouns", "canary-fact"
	r := servers.StartRedis(t, "--appendonly", "yes", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "100000")
	monitor := eavesdrop(t, r)
	s := joined(t, r, brisk)
	k := begin(t, s, "r")
	set := room.DefaultSettings()
	set.Title = fact
	k.append(room.Begun{Room: "r", Set: set})
	k.append(room.Joined{Seat: "a", Role: room.Member}, room.Named{Seat: "a", Name: room.Name{Name: name, Key: name + "-key", Pronouns: pronouns}})
	watching(t, s, "r")
	k.say(words + "-kept")
	k.say(words + "-taken-back")
	k.append(room.Retracted{Seq: k.head.Seq})
	do(t, r, "SAVE")
	kept := do(t, r, "SLOWLOG", "GET", "-1") + raw(t, s, "r")
	do(t, r, "FLUSHALL")
	rounds(t, s) // offered again
	if got := said(k.read(room.Head{})); !slices.Equal(got, []string{words + "-kept", ""}) {
		t.Fatalf("the words are %q", got)
	}
	k.head = k.read(room.Head{}).Head
	k.append(room.Closed{})

	places := map[string]string{
		"the slow log":       kept + do(t, r, "SLOWLOG", "GET", "-1"),
		"MONITOR":            string(monitor.told(t)),
		"its files":          files(t, r.Dir),
		"what is kept":       kept,
		"what is kept after": raw(t, s, "r"),
	}
	for where, all := range places {
		if !strings.Contains(all, fact) {
			t.Errorf("%s: the fact is not found, so nothing would be", where)
		}
		for _, canary := range []string{words, name, pronouns} {
			if strings.Contains(all, canary) {
				t.Errorf("%s shows %s", where, canary)
			}
		}
	}
}

// raw is what Redis keeps of a room, as values and as DUMP.
func raw(t *testing.T, s *Store, id string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{"room:", "log:"} {
		k := key(partition(id), name+id)
		dump, err := s.client.Dump(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(dump)
	}
	fields, err := s.client.HGetAll(t.Context(), key(partition(id), "room:"+id)).Result()
	if err != nil {
		t.Fatal(err)
	}
	for f, v := range fields {
		all.WriteString(f + " " + v + "\n")
	}
	list, err := s.client.LRange(t.Context(), key(partition(id), "log:"+id), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	return all.String() + strings.Join(list, "\n")
}

func files(t *testing.T, dir string) string {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestWordsTakenBackAreGone from the list at once, sealed though they were;
// other words stay.
func TestWordsTakenBackAreGone(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := talk(t, s, "r")
	watching(t, s, "r")
	k.say("two")
	k.say("three")
	sealed := func() (lengths []bool) {
		list, err := s.client.LRange(t.Context(), key(partition("r"), "log:r"), 0, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range list {
			e, err := parseStored(text)
			if err != nil {
				t.Fatal(err)
			}
			lengths = append(lengths, len(e.sealed) > 0)
		}
		return lengths
	}
	if got := sealed(); !slices.Equal(got, []bool{false, true, true, true, true}) {
		t.Fatalf("sealed words: %v", got)
	}
	k.append(room.Retracted{Seq: 4}, room.Retracted{Seq: 99}, room.Retracted{Seq: 0})
	if got := sealed(); !slices.Equal(got, []bool{false, true, true, false, true, false}) {
		t.Errorf("sealed words: %v", got)
	}
	c := s.rooms.copies(partition("r"))["r"]
	if len(c.entries) != 4 || len(c.entries[1].sealed) > 0 || len(c.entries[2].sealed) == 0 {
		t.Errorf("the copy of %d entries kept what was taken back, or lost another", len(c.entries))
	}
	if got := said(k.read(room.Head{})); !slices.Equal(got, []string{"one", "", "three"}) {
		t.Errorf("the words are %q", got)
	}
}

// TestWordsNeedAKey: without one nothing is written, and what is there reads
// without its words.
func TestWordsNeedAKey(t *testing.T) {
	r := servers.StartRedis(t)
	keys := newVault(t)
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.Words = keys })
	k := talk(t, s, "r")
	keys.lose()
	_, err := k.try(room.Said{Seat: "a", Turn: 1, Text: "two"})
	says(t, err, "can't be sealed")
	if tail := k.read(k.head); tail.Head != k.head {
		t.Error("it was written")
	}
	k.state.Words.Names = nil
	k.append(room.CareOver{}) // without words
	tail := k.read(room.Head{})
	if got := said(tail); !slices.Equal(got, []string{""}) || len(tail.State.Words.Names) > 0 {
		t.Errorf("without the key: %q, %v", got, tail.State.Words.Names)
	}
}

// TestSealedWordsOpenWhereTheyBelong and nowhere else.
func TestSealedWordsOpenWhereTheyBelong(t *testing.T) {
	r := servers.StartRedis(t)
	s := joined(t, r, brisk)
	k := begin(t, s, "r")
	k.say("one")
	k.say("two")
	lg := key(partition("r"), "log:r")
	list, err := s.client.LRange(t.Context(), lg, 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	one, err1 := parseStored(list[1])
	two, err2 := parseStored(list[2])
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	one.sealed, two.sealed = two.sealed, one.sealed
	for i, e := range map[string]stored{"1": one, "2": two} {
		do(t, r, "LSET", lg, i, e.String())
	}
	if got := said(k.read(room.Head{})); !slices.Equal(got, []string{"", ""}) {
		t.Errorf("words in another's place read %q", got)
	}
}

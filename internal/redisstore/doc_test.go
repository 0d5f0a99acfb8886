package redisstore

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// TestTheTableNamesEveryKey that a store ever makes, and every field of a
// hash, with the kind that it has.
func TestTheTableNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds, about := map[string]string{}, ""
	fields := map[string]string{} // key -> its lines of the table
	row := regexp.MustCompile(`^//\t(hearth:\S+)\s+(hash|zset|set|list|string)\s`)
	for _, line := range strings.Split(string(text), "\n") {
		if m := row.FindStringSubmatch(line); m != nil {
			about = m[1]
			kinds[about] = m[2]
		} else if !strings.HasPrefix(line, "//\t  ") {
			about = ""
		}
		fields[about] += line + "\n"
	}
	r := servers.StartRedis(t)
	servers.StartReplica(t, r)
	s := joined(t, r, brisk, func(o *Options, _ *Events) { o.Ack = AckReplica })
	other := joined(t, r, brisk)
	k := &keeper{t: t, log: s.Log(), id: "r", state: &room.State{}}
	soon(t, 10*time.Second, "the replica confirms", func() bool {
		tail, err := k.try(room.Begun{Room: "r", Set: room.DefaultSettings()})
		k.head = tail.Head
		return err == nil || errors.Is(err, room.ErrMoved)
	})
	k.state = k.read(room.Head{}).Current()
	if err := s.Shelf().Put(t.Context(), "r", "NAME", []byte("x")); err != nil {
		t.Fatal(err)
	}
	shelved(t, s, "days", "texts")
	watching(t, s, "r")
	k.append(room.Joined{Seat: "b", Role: room.Member, Node: s.nodes.Me()})
	do(t, r, "HSET", key(0, "life"), "run", "another")
	seen := map[string]bool{}
	look := func() {
		for _, name := range strings.Fields(do(t, r, "KEYS", "*")) {
			generic := regexp.MustCompile(`\{\d+\}`).ReplaceAllString(name, "{P}")
			generic = regexp.MustCompile(`:(room|log|shelf):.*`).ReplaceAllString(generic, ":$1:ID")
			generic = regexp.MustCompile(`:probe:.*`).ReplaceAllString(generic, ":probe:NAME")
			kind := do(t, r, "TYPE", name)
			if kind == "none" {
				continue // its time is over
			}
			if kinds[generic] != kind {
				t.Errorf("%s is a %s, the table says %q", generic, kind, kinds[generic])
			}
			seen[generic] = true
			if kind != "hash" || generic == "hearth:{P}:nodes" || strings.HasPrefix(generic, "hearth:secrets:") {
				continue
			}
			for i, f := range strings.Split(do(t, r, "HKEYS", name), "\n") {
				if !regexp.MustCompile(`\b` + f + `\b`).MatchString(fields[generic]) {
					t.Errorf("field %d of %s, %s, is not in the table", i, generic, f)
				}
			}
		}
	}
	look()
	if _, err := s.pulse.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pulse.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	look()
	if err := other.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	look()
	for name := range kinds {
		if !seen[name] && !strings.HasPrefix(name, "hearth:ticket:") {
			t.Errorf("the table has %s, and there is none", name)
		}
	}
}

// shelved puts a secret into some groups.
func shelved(t *testing.T, s *Store, groups ...string) {
	t.Helper()
	for _, group := range groups {
		secrets, err := s.Secrets(group, time.Minute)
		if err == nil {
			_, err = secrets.Put(t.Context(), "NAME", []byte("x"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

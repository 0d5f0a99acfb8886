package redisstore

import (
	"crypto/rand"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/logtest"
)

// allow makes the user of an ACL line, with the password tea.
func allow(t *testing.T, r *servers.Redis, line string) {
	t.Helper()
	words := strings.Fields(line)
	set(t, r, "ACL", "DELUSER", words[1])
	set(t, r, append([]string{"ACL", "SETUSER"}, append(words[1:], ">tea")...)...)
}

func TestTheUserIsAllowedAllThatIsNeeded(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	if _, err := checked(t, r, Options{URL: "redis://hearth:tea@" + r.Addr}); err != nil {
		t.Error(err)
	}
}

func TestTheUserIsAllowedNothingElse(t *testing.T) {
	r := servers.StartRedis(t)
	set(t, r, "SET", "tea", "hot")
	allow(t, r, ACL("hearth"))
	c := speak(t, Options{URL: "redis://hearth:tea@" + r.Addr})
	for _, line := range []string{"get tea", "set tea cold", "publish tea hot", "keys *", "flushall", "config get *",
		"eval return 0", "acl list", "slowlog get", "monitor", "save", "shutdown", "script flush", "client list", "scan 0"} {
		args := []any{}
		for _, w := range strings.Fields(line) {
			args = append(args, w)
		}
		says(t, sentence(c.Do(t.Context(), args...).Err()), "hearth redis-acl", "tea")
	}
}

// TestTheLeastOfUsersKeepsRooms runs what a store does as that user: all
// promises of a log, and what is not in them.
func TestTheLeastOfUsersKeepsRooms(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	least := func(o *Options, _ *Events) { o.URL = "redis://hearth:tea@" + r.Addr }
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		set(t, r, "FLUSHALL")
		s := node(t, r, brisk, least)
		return logtest.Subject{Log: twoNodes{s.Log(), node(t, r, brisk, least).Log()}, Now: time.Now, KeepsWords: true,
			Stored: func(id room.ID) [][]byte { return storedFacts(t, s, id) },
			Reopen: func() room.Log { return node(t, r, brisk, least).Log() }}
	})
	set(t, r, "FLUSHALL")
	servers.StartReplica(t, r)
	became(t, "the replica is known", func() bool {
		said, err := r.Do("INFO", "replication")
		return err == nil && strings.Contains(said, "state=online")
	})
	s := node(t, r, brisk, least, func(o *Options, _ *Events) { o.Ack = AckReplica })
	var k *keeper
	became(t, "a replica has it", func() bool { // on a slow machine not at once
		k = &keeper{t: t, log: s.Log(), id: room.ID(strings.ToLower(rand.Text())), state: &room.State{}}
		_, err := k.try(room.Begun{Room: k.id, Set: room.DefaultSettings()})
		return err == nil
	})
	watching(t, s, k.id)
	set(t, r, "FLUSHALL") // the node gives back what it has
	became(t, "the room is back", func() bool {
		live, err := s.Live(t.Context())
		return err == nil && slices.Contains(live, k.id)
	})
	if err := s.Leave(t.Context()); err != nil {
		t.Error(err)
	}
	if log, err := r.Do("ACL", "LOG"); err != nil || strings.Contains(log, "evalsha") || strings.Contains(log, "lua") {
		t.Errorf("something was refused: %s, %v", log, err)
	}
}

func TestALineIsGoodForTheAclfile(t *testing.T) {
	file := t.TempDir() + "/users"
	if err := os.WriteFile(file, []byte(ACL("hearth")+" >tea\nuser default on nopass ~* &* +@all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := servers.StartRedis(t, "--aclfile", file)
	if _, err := checked(t, r, Options{URL: "redis://hearth:tea@" + r.Addr}); err != nil {
		t.Error(err)
	}
}

func TestCheckSeesEveryCommandThatIsMissing(t *testing.T) {
	r := servers.StartRedis(t)
	url := "redis://hearth:tea@" + r.Addr
	for _, n := range append(slices.Clone(needed.inScripts), needed.directly...) {
		allow(t, r, strings.Replace(ACL("hearth")+" ", " +"+n.command+" ", " ", 1))
		_, err := checked(t, r, Options{URL: url})
		says(t, err, "`hearth redis-acl` prints what to allow")
	}
	for _, less := range []string{"~hearth:*", "&hearth:*"} {
		allow(t, r, strings.Replace(ACL("hearth"), less, "", 1))
		_, err := checked(t, r, Options{URL: url})
		says(t, err, "`hearth redis-acl` prints what to allow")
	}
}

// calls finds a command that a script does.
var calls = regexp.MustCompile(`redis\.p?call\(\s*['"]([A-Za-z]+)['"]`)

// TestTheListIsWhatTheScriptsDo: no command of a script is missing, and none
// is allowed for nothing.
func TestTheListIsWhatTheScriptsDo(t *testing.T) {
	done := map[string]bool{"getdel": true, "hsetnx": true} // by tickets, and by secrets
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".lua") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range calls.FindAllSubmatch(text, -1) {
			done[strings.ToLower(string(found[1]))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range needed.inScripts {
		if !done[n.command] {
			t.Errorf("%s is allowed and nobody needs it", n.command)
		}
		delete(done, n.command)
	}
	for name := range done {
		t.Errorf("%s is needed and not allowed", name)
	}
}

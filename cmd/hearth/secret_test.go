package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/servers"
)

// turnedAway runs a node that must not come up and returns the sentence that
// it ends with.
func turnedAway(t *testing.T, code int, args ...string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	is, out, errs := finish(t, append([]string{"--data", data, "--listen=127.0.0.1:0", "--admin-listen="}, args...)...)
	lines := strings.Split(strings.TrimSuffix(errs, "\n"), "\n") // warnings may come before
	last := lines[len(lines)-1]
	if is != code || out != "" || !strings.HasPrefix(last, "hearth: ") {
		t.Errorf("exit %d, printed %q, said %q; want exit %d and a sentence", is, out, errs, code)
	}
	if strings.Contains(errs, canary) {
		t.Errorf("a secret is printed: %s", errs)
	}
	if found := noise.FindString(errs); found != "" {
		t.Errorf("%q in: %s", found, errs)
	}
	return last
}

// with is a URL with another user and password.
func with(t *testing.T, raw, user, password string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if user == "" {
		user = u.User.Username()
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

func TestWhatNodesShare(t *testing.T) {
	p := servers.StartPostgres(t)
	t.Run("can't be used", func(t *testing.T) { cantBeUsed(t, share(t, p)) })
	t.Run("is another's", func(t *testing.T) { isAnothers(t, p) })
	t.Run("has passwords in files", func(t *testing.T) { hasPasswordsInFiles(t, share(t, p)) })
}

func cantBeUsed(t *testing.T, c *common) {
	c.node() // what is wrong with others is not wrong with this one
	c.do("ACL", "SETUSER", "small", "on", ">"+canary, "~hearth:*", "&hearth:*", "-@all", "+info", "+script", "+evalsha", "+set", "+config|get")
	replica := servers.StartReplica(t, c.redis)
	nobody := freeAddr(t)
	for _, x := range []struct{ args, say string }{
		{"--redis nonsense-" + canary, "not the URL of a Redis"},
		{"--redis https://u:" + canary + "@redis.example.org", "not the URL of a Redis"},
		{"--redis redis://u:" + canary + "/x@redis.example.org:6379", "in a password are written"},
		{"--redis redis://u:x#" + canary + "@redis.example.org:6379", "in a password are written"},
		{"--redis " + c.url + "?" + canary + "=1", "an option that Hearth does not know"},
		{"--redis " + c.url + "/3", "database 0 only"},
		{"--redis redis://u:" + canary + "@" + nobody, "nothing answers where --redis points"},
		{"--redis redis://" + c.redis.Addr, "--redis-password-file"},
		{"--redis " + with(t, c.url, "", "x"+canary), "does not know this user and password"},
		{"--redis redis://small:" + canary + "@" + c.redis.Addr, "`hearth redis-acl` prints what to allow"},
		{"--redis " + replica.URL(), "name the primary in --redis"},
		{"--redis rediss" + strings.TrimPrefix(c.url, "redis"), "Redis does not answer in time"},
		{"--secret-file " + secretFile(t, 31), "--secret-file"},
		{"--secret-file " + secretFile(t, 32), "give every node the same file with --secret-file"},
		{"--redis-ca-file " + c.secret, "no certificate in PEM form"},
		{"--database nonsense-" + canary, "It looks like postgres://"},
		{"--database postgres://u:" + canary + "/x@" + nobody + "/hearth", "put the password into a file"},
		{"--database postgres://u:" + canary + "@" + nobody + "/hearth", "check that PostgreSQL runs there"},
		{"--database " + with(t, c.database, "", canary), "check the user and the password"},
		{"--database " + with(t, c.database, "nobody", canary), "check the user and the password"},
		{"--database " + c.database + "x", "there is no such database"},
		{"--database " + c.database + "?sslmode=require", "sslmode"},
	} {
		if say := turnedAway(t, 1, c.flags(strings.Fields(x.args)...)...); !strings.Contains(say, x.say) {
			t.Errorf("%s: said %q, want %q in it", x.args, say, x.say)
		}
	}
	c.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	if say := turnedAway(t, 1, c.flags()...); !strings.Contains(say, "maxmemory-policy noeviction") {
		t.Errorf("a Redis that throws keys away: said %q", say)
	}
}

func isAnothers(t *testing.T, p *servers.Postgres) {
	c := share(t, p)
	c.node().kill() // makes the tables
	p.Exec(t, c.database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	if say := turnedAway(t, 1, c.flags()...); !strings.Contains(say, "Run the newer program") {
		t.Errorf("a newer database: said %q", say)
	}
	if code, _, errs := finish(t, append([]string{"invite", "--role", "member"}, c.flags()...)...); code != 1 || !strings.Contains(errs, "Run the newer program") {
		t.Errorf("invite: exit %d, said %q", code, errs)
	}
	c.database = p.Database(t)
	p.Exec(t, c.database, "CREATE TABLE payroll (id int)")
	if say := turnedAway(t, 1, c.flags()...); !strings.Contains(say, "has other tables in it") {
		t.Errorf("somebody else's database: said %q", say)
	}
}

func TestFilesOfSecrets(t *testing.T) {
	here := t.TempDir()
	files := map[string]string{filepath.Join(here, "none"): "no such file", here: "is a directory", os.DevNull: "is empty", "/dev/zero": "larger than any secret"}
	redis, database := "redis://127.0.0.1:1", "postgres://u@127.0.0.1:1/hearth"
	for _, flag := range []string{"--secret-file", "--redis-password-file", "--redis-ca-file", "--database-password-file"} {
		for name, why := range files {
			c := Config{Redis: Sensitive(redis), Database: Sensitive(database)}
			read := map[string]func() error{
				"--secret-file":            func() error { _, err := readSecret(flag, name); return err },
				"--redis-password-file":    func() error { c.RedisPassword = name; _, err := c.redisOptions(); return err },
				"--redis-ca-file":          func() error { c.RedisCA = name; _, err := c.redisOptions(); return err },
				"--database-password-file": func() error { c.DatabasePassword = name; _, err := connect(t.Context(), &c); return err },
			}
			if err := read[flag](); err == nil || !strings.Contains(err.Error(), flag) || !strings.Contains(err.Error(), why) {
				t.Errorf("%s %s: %v, want %q", flag, name, err, why)
			}
		}
	}
	say := turnedAway(t, 1, "--redis", redis, "--database", database, "--secret-file", filepath.Join(here, "none"))
	if !strings.Contains(say, "--secret-file can't be read") {
		t.Errorf("said %q", say)
	}
}

func hasPasswordsInFiles(t *testing.T, c *common) {
	u, err := url.Parse(c.database)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	n := c.node("--redis", with(t, c.url, "", "wrong"), "--redis-password-file", file("redis", canary+"\n"),
		"--database", with(t, c.database, "", "wrong"), "--database-password-file", file("database", password+"\r\n"))
	n.awaitReady(200, "ok")
}

func TestSharingIsAllOrNothing(t *testing.T) {
	redis, database := "--redis=redis://:"+canary+"@127.0.0.1:1", "--database=postgres://u:"+canary+"@127.0.0.1:1/hearth"
	secret := "--secret-file=" + secretFile(t, 32)
	for _, x := range []struct {
		args []string
		say  string
	}{
		{[]string{redis, secret}, "give --database postgres://"},
		{[]string{database, secret}, "give --redis too"},
		{[]string{redis, database}, "give --secret-file"},
		{[]string{redis, database, secret, "--redis-ack=both"}, "--redis-ack"},
	} {
		if say := turnedAway(t, 2, x.args...); !strings.Contains(say, x.say) {
			t.Errorf("%s: said %q, want %q in it", x.args, say, x.say)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	redis, database := "redis://u:"+canary+"@redis.example.org", "postgres://u:"+canary+"@db.example.org/hearth"
	secret := secretFile(t, 32)
	t.Setenv("HEARTH_REDIS", redis)
	in := file(t, `{"database": "`+database+`", "secret-file": "`+secret+`"}`)
	got := printed(t, "--config", in)
	if got["redis"] != redacted || got["database"] != redacted || got["secret-file"] != secret {
		t.Errorf("printed %v", got)
	}
	for _, args := range [][]string{
		{"config", "print", "--config", in},
		{"config", "print", "--config", in, "--max-seats=1"},
		{"config", "print", "--config", file(t, `{"redis": "`+redis+`",}`)},
		{"config", "print", "--config", file(t, `{"redis": ["`+redis+`"]}`)},
		{"config", "print", "--reddis=" + redis},
		{"config", "print", "--secret-file=", "--database=" + database},
		{"redis-acl"},
		{"--help"},
	} {
		if _, out, errs := ask(t, args...); strings.Contains(out+errs, canary) {
			t.Errorf("%s: a secret is printed: %s%s", args, out, errs)
		}
	}
}

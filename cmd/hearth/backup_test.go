package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"

	"hearth/internal/servers"
)

// made makes a circle beside a server, and returns its links.
func made(t *testing.T, title string, args ...string) map[string]string {
	t.Helper()
	code, out, errs := finish(t, append([]string{"circle", title, "--prompt", "How was your week?"}, args...)...)
	if code != 0 {
		t.Fatalf("exit %d, said %q", code, errs)
	}
	return linksIn(out)
}

// says runs a command and looks for its exit code and all of some words, in
// what it prints and says.
func says(t *testing.T, code int, words []string, args ...string) string {
	t.Helper()
	is, out, errs := finish(t, args...)
	for _, w := range words {
		if !strings.Contains(out+errs, w) {
			t.Errorf("%s: printed %q, said %q, without %q", args, out, errs, w)
		}
	}
	if is != code {
		t.Errorf("%s: exit %d, want %d; said %q", args, is, code, errs)
	}
	return out + errs
}

func TestBackupAndRestoreWhileTheServerRuns(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	p.free("As it comes")
	keeper := enter(t, p.links["facilitator"], "Ada").sit()
	file := filepath.Join(t.TempDir(), "backup")
	says(t, 0, []string{"2 circles", "8 invites", file, "keep it as safe"}, "backup", file, "--data", data)
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
	since := made(t, "Since", "--data", data)
	cleo := enter(t, since["facilitator"], "Cleo").sit()

	says(t, 1, []string{"There is a file", "--force"}, "backup", file, "--data", data)
	says(t, 1, []string{"Please name the file"}, "backup", "", "--data", data)
	says(t, 1, []string{"is the database itself"}, "backup", dbPath(data), "--force", "--data", data)
	says(t, 1, []string{"in it:     2 circles", "now here:  3 circles", "1 go on, 1 end", "Nothing was changed yet", "--yes"}, "restore", file, "--data", data)
	if status := opens(t, since["member"]); status != 303 {
		t.Errorf("without --yes something was changed: %d", status)
	}
	says(t, 0, []string{"Restored."}, "restore", file, "--yes", "--data", data)
	keeper.do("name", `{"name":"Ada still"}`)
	if status := opens(t, since["member"]); status != 403 {
		t.Errorf("the link of a circle made since: %d", status)
	}
	if here, gone := keeper.mayReturn(), cleo.mayReturn(); here != 200 || gone == 200 {
		t.Errorf("who sat then is answered %d, who sat in a circle made since %d", here, gone)
	}
	if status := opens(t, p.links["member"]); status != 303 {
		t.Errorf("a link of then: %d", status)
	}
}

// mayReturn asks for a ticket and says how that is answered: 200 gives one.
func (g *guest) mayReturn() int {
	g.t.Helper()
	status, _ := g.asks("POST", "ticket")
	return status
}

// opens says what a link answers: 303 leads in, 403 doesn't.
func opens(t *testing.T, link string) int {
	t.Helper()
	base, code, _ := strings.Cut(link, "/enter#")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(base+"/enter", url.Values{"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestRestoreAsRoot: what root restores is the server's to work with.
func TestRestoreAsRoot(t *testing.T) {
	if os.Getuid() != 0 {
		return // nobody else can give files away
	}
	data, other := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "other")
	start(t, data)
	file := filepath.Join(t.TempDir(), "backup")
	says(t, 0, nil, "backup", file, "--data", data)
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(other, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	says(t, 0, []string{"Restored."}, "restore", file, "--yes", "--data", other)
	st, err := os.Stat(dbPath(other))
	if err != nil || st.Sys().(*syscall.Stat_t).Uid != 65534 {
		t.Errorf("the database is %+v's, %v", st.Sys(), err)
	}
}

func TestRestoreIntoANewFolder(t *testing.T) {
	data, other := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "other")
	p := start(t, data)
	file := filepath.Join(t.TempDir(), "backup")
	says(t, 0, nil, "backup", file, "--data", data)
	p.kill()
	says(t, 0, []string{"It isn't known here", "Restored."}, "restore", file, "--yes", "--data", other)
	q := start(t, other)
	if len(q.links) != 0 {
		t.Errorf("it began anew:\n%s", q.out)
	}
	if status := opens(t, q.url+p.links["member"][strings.Index(p.links["member"], "/enter"):]); status != 303 {
		t.Errorf("a link of then: %d", status)
	}
}

func TestWhatCantBeRestored(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	p.stop()
	file := filepath.Join(t.TempDir(), "backup")
	says(t, 0, nil, "backup", file, "--data", data)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(dbPath(data))
	if err != nil {
		t.Fatal(err)
	}
	for say, b := range map[string][]byte{
		"does not read as one": whole[:len(whole)/2],
		"no backup":            []byte("a letter"),
		"altered":              bytes.Replace(whole, []byte("Tuesday evening"), []byte("Tuesday morning"), 1),
	} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, 1, []string{say, file, "Nothing was changed"}, "restore", file, "--yes", "--data", data)
	}
	says(t, 1, []string{"can't be read"}, "restore", file+"x", "--yes", "--data", data)
	says(t, 1, []string{"There is no circle in"}, "backup", file+"y", "--data", filepath.Join(t.TempDir(), "none"))
	says(t, 1, []string{"Nothing was backed up"}, "backup", filepath.Join(file, "below"), "--data", data)
	if after, err := os.ReadFile(dbPath(data)); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the database was changed (%v)", err)
	}
}

func TestCheck(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	says(t, 1, []string{"look: data folder", "look: database"}, "check", "--data", data)
	p := start(t, data)
	well := says(t, 0, []string{"ok    data folder", "ok    formats", "ok    database: whole", "1 circle", "ok    audit", "ok    crisis signposts", "ok    public circles: 1"}, "check", "--data", data)
	if strings.Contains(well, "look:") {
		t.Errorf("it says\n%s", well)
	}
	p.stop()
	before := snapshot(t, data)
	says(t, 0, []string{"ok    database: whole"}, "check", "--data", data)
	if !bytes.Equal(snapshot(t, data), before) {
		t.Error("looking changed something")
	}

	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "mine.toml"), []byte("name ="), 0o600); err != nil {
		t.Fatal(err)
	}
	signposts := filepath.Join(bad, "crisis.json")
	if err := os.WriteFile(signposts, []byte(`[{"name":"Line","region":"SE","languages":["sv"],"channels":["call"],"number":"112","hours":"always",
		"for":"anybody","owner":"Somebody","checked":"2020-01-01","source":"https://example.org/"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 1, []string{"look: formats: ", "mine.toml", "1 thing to look at"}, "check", "--data", data, "--formats", bad)
	says(t, 1, []string{"look: crisis signposts: ", "like Line", "look: public circles: ", "Tuesday evening circle (IE)"}, "check", "--data", data, "--crisis-file", signposts)
	says(t, 1, []string{"look: crisis signposts: "}, "check", "--data", data, "--crisis-file", signposts+"x")
	says(t, 1, []string{"look: reminders: "}, "check", "--data", data, "--smtp", "smtp://mail.example.org", "--smtp-password-file", signposts+"x", "--mail-from", "circle@example.org")

	alter(t, data, `UPDATE audit SET did = 'nothing' WHERE seq = 2`)
	says(t, 1, []string{"look: audit: ", "line 2"}, "check", "--data", data)
	alter(t, data, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	says(t, 1, []string{"look: database: ", "newer"}, "check", "--data", data)
	if err := os.Truncate(dbPath(data), 8192); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	says(t, 1, []string{"look: database: ", "damaged", "look: data folder: others", "2 things"}, "check", "--data", data)
}

// alter changes the database behind everybody's back.
func alter(t *testing.T, data, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", dbPath(data))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

// snapshot is every byte in a folder.
func snapshot(t *testing.T, dir string) (all []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, name...), b...)
	}
	return all
}

func TestBackupOfSeveralNodes(t *testing.T) {
	p := servers.StartPostgres(t)
	c := share(t, p)
	n := c.node()
	n.free("Then")
	file := filepath.Join(t.TempDir(), "backup")
	flags := func(args ...string) []string {
		return append(args, append([]string{"--data", n.data}, c.flags()...)...)
	}
	says(t, 0, []string{"1 circle"}, flags("backup", file)...)
	says(t, 0, []string{"ok    database: whole", "ok    audit", "ok    redis"}, flags("check")...)
	then := n.links["member"]
	n.free("Since")
	says(t, 0, []string{"(PostgreSQL,", "now here:  2 circles", "Restored."}, flags("restore", file, "--yes")...)
	if a, b := opens(t, then), opens(t, n.links["member"]); a != 303 || b != 403 {
		t.Errorf("links answer %d, %d", a, b)
	}
	// From one kind to the other: a node alone goes on with it.
	alone := filepath.Join(t.TempDir(), "alone")
	says(t, 0, []string{"Restored."}, "restore", file, "--yes", "--data", alone)
	q := start(t, alone)
	if status := opens(t, q.url+then[strings.Index(then, "/enter"):]); status != 303 {
		t.Errorf("a link of then, elsewhere: %d", status)
	}
	c.redis.Kill()
	says(t, 1, []string{"look: redis: ", "1 thing"}, flags("check")...)
}

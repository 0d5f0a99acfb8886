package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hearth/room"
	"hearth/web"
)

func TestInviteWhileTheServerRuns(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	said(t, data, 0, "circle", "Thursday carers")
	code, out, errs := finish(t, "invite", "--data", data, "--role", "listener", "--uses", "1", "--circle", "thursday CARERS")
	link := strings.TrimSpace(out)
	if code != 0 || !strings.HasPrefix(link, p.url+"/enter#") {
		t.Fatalf("exit %d, printed %q, said %q", code, out, errs)
	}
	g := enter(t, link, "Lis").sit()
	if role := g.seats[g.seat].Role; role != room.Listener {
		t.Errorf("the link seats a %s", role)
	}
	for _, c := range []struct{ flag, say string }{
		{"--circle=Wednesday", `There is no circle "Wednesday". There are: "Tuesday evening circle", "Thursday carers".`},
		{"--data=" + filepath.Join(t.TempDir(), "none"), "There is no circle in "},
	} {
		if code, _, errs := finish(t, "invite", "--data", data, "--role", "member", c.flag); code != 1 || !strings.Contains(errs, c.say) {
			t.Errorf("%s: exit %d, said %q", c.flag, code, errs)
		}
	}
}

func TestACircleMadeWhileTheServerRuns(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	code, out, errs := finish(t, "circle", "Thursday carers", "--data", data, "--prompt", "How was your week?", "--rule", "One, at a time.", "--rule", "Stays here.", "--country", "GB")
	if code != 0 || strings.Count(out, p.url+"/enter#") != 4 {
		t.Fatalf("exit %d, printed %q, said %q", code, out, errs)
	}
	_, link, _ := finish(t, "invite", "--data", data, "--role", "member", "--uses", "1", "--circle", "thursday carers")
	g := enter(t, strings.TrimSpace(link), "Ada").sit()
	if g.room.Title != "Thursday carers" || g.room.Prompt != "How was your week?" {
		t.Errorf("the link leads to %q, %q", g.room.Title, g.room.Prompt)
	}
	for _, c := range []struct{ args, say string }{
		{"thursday CARERS", "There is a circle \"Thursday carers\" already."},
		{" ", "title"},
		{"Friday|--country|Britain", "two letters"},
		{"Friday|--data|" + filepath.Join(t.TempDir(), "none"), "There is no circle in "},
	} {
		args := append([]string{"circle", "--data", data}, strings.Split(c.args, "|")...)
		if code, _, errs := finish(t, args...); code != 1 || !strings.Contains(errs, c.say) {
			t.Errorf("%s: exit %d, said %q", c.args, code, errs)
		}
	}
}

func TestInviteLimits(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	circleOf(t, p)
	_, out, _ := finish(t, "invite", "--data", data, "--role", "member", "--uses", "1")
	link := strings.TrimSpace(out)
	enter(t, link, "Once")
	if status := redeem(t, link); status != 403 {
		t.Errorf("a link for one use, used by a second browser: %d", status)
	}
	_, out, _ = finish(t, "invite", "--data", data, "--role", "member", "--for", "1ns")
	if status := redeem(t, strings.TrimSpace(out)); status != 403 {
		t.Errorf("a link that has run out: %d", status)
	}
	_, out, _ = finish(t, "invite", "--data", data, "--role", "facilitator", "--public-url", "https://circle.example.org")
	link = strings.TrimSpace(out)
	if !strings.HasPrefix(link, "https://circle.example.org/enter#") {
		t.Fatalf("printed %q", link)
	}
	link = p.url + strings.TrimPrefix(link, "https://circle.example.org")
	enter(t, link, "Facilitator")
	if status := redeem(t, link); status != 403 {
		t.Errorf("a public facilitator's link used by a second browser: %d", status)
	}
}

func TestSIGTERMTellsEverybody(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	p.free("As it comes")
	keeper, members := circleOf(t, p, "Ben", "Cleo")
	closed := make(chan websocket.StatusCode)
	for _, g := range members {
		go func() {
			if !g.isMoved() {
				closed <- -1
				return
			}
			closed <- g.closes()
		}()
	}
	if code, took := p.stop(); code != 0 || took > 15*time.Second {
		t.Errorf("exit %d after %v", code, took)
	}
	for range members {
		if code := <-closed; code != websocket.StatusServiceRestart {
			t.Errorf("closed with %d, want to be told to move, then 1012", code)
		}
	}
	if code := keeper.closes(); code == -1 {
		t.Error("somebody who didn't read along is still connected")
	}
	if log := p.errs.String(); !strings.Contains(log, `"msg":"stopped"`) {
		t.Errorf("didn't end in order:\n%s", log)
	}
}

func TestWhileStopping(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	p.free("As it comes")
	_, members := circleOf(t, p, "Ben") // the facilitator doesn't read along, so that stopping takes a while
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if !members[0].isMoved() {
		t.Fatal("Ben was not told to move")
	}
	if status, _ := get(t, p.admin+"/readyz"); status != 503 {
		t.Errorf("/readyz says %d", status)
	}
	if status, _ := get(t, p.admin+"/livez"); status != 200 {
		t.Errorf("/livez says %d", status)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if log := p.errs.String(); strings.Contains(log, `"msg":"stopped"`) {
		t.Errorf("a second signal was waited with:\n%s", log)
	}
}

// kills is how often TestKill9 pulls the plug; 200 when asked for.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("HEARTH_KILLS"))
	if err != nil || n < 1 {
		return 3
	}
	return n
}

func TestKill9InTheMiddleOfATurn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	addr := freeAddr(t)
	p := start(t, data, "--listen", addr)
	p.free("As it comes")
	keeper, members := circleOf(t, p, "Ben", "Cleo")
	keeper.do("next", `{"turn":%d}`, keeper.room.Stick.Turn)
	keeper.do("take", `{"turn":%d}`, keeper.isOffered())
	keeper.sees("herself holding", func() bool { return keeper.room.Stick.At == room.InHand })
	before := keeper.room
	for i := range kills(t) {
		deputy := i%2 == 0
		last := keeper.ask("deputy", `{"seat":%q,"on":%t}`, members[0].seat, deputy)
		if last.Refused != nil {
			t.Fatalf("kill %d: %v", i, last.Refused)
		}
		keeper.send(web.Do{T: "do", N: keeper.n + 1, Act: "say", With: fmt.Appendf(nil, `{"turn":%d,"text":"Word."}`, before.Stick.Turn)})
		p.kill() // the words may have been taken or not
		p = start(t, data, "--listen", addr)
		if w := keeper.welcome(); w.Seq < last.Seq || w.Last < last.Last || w.Last > last.Last+1 {
			t.Fatalf("kill %d: acknowledged were entry %d and number %d, found again %d and %d", i, last.Seq, last.Last, w.Seq, w.Last)
		}
		for _, g := range members {
			g.sit()
			g.sees("the facilitator's name", func() bool { s := g.seats[keeper.seat]; return s != nil && s.Name == "Ada" && s.Here })
			now := g.room
			if now.Stick.At != room.InHand || now.Stick.Seat != keeper.seat || now.Stick.Turn != before.Stick.Turn ||
				!slices.Equal(now.Order, before.Order) || now.Phase != before.Phase || now.Round.N != before.Round.N {
				t.Fatalf("kill %d: the room was\n%+v\nand is\n%+v", i, before, now)
			}
		}
		if is := members[1].seats[members[0].seat].Role == room.Deputy; is != deputy {
			t.Fatalf("kill %d: Ben is named as deputy: %t, want %t", i, is, deputy)
		}
	}
}

// leak finds planted words.
func leak(b []byte, planted []string) string {
	for _, c := range planted {
		if bytes.Contains(b, []byte(c)) {
			return c
		}
	}
	return ""
}

func TestNoWordsInLogsOrOnDisk(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data, "--log-level", "debug")
	p.free("As it comes")
	keeper, members := circleOf(t, p, "CanaryName")
	ben := members[0]
	planted := []string{"CanaryName", "canaryname", "canary-", ben.cookie[strings.Index(ben.cookie, "=")+1:], ben.ticket()}
	for _, link := range slices.AppendSeq(slices.Clone(p.given), maps.Values(p.links)) {
		planted = append(planted, strings.SplitAfter(link, "#")[1])
	}
	keeper.do("next", `{"turn":%d}`, keeper.room.Stick.Turn)
	keeper.do("take", `{"turn":%d}`, keeper.isOffered())
	keeper.do("say", `{"turn":%d,"text":"canary-words"}`, keeper.room.Stick.Turn)
	ben.do("name", `{"name":"CanaryName","pronouns":"canary-pronouns"}`)
	ben.sees("the words", func() bool { return len(ben.said) > 0 })
	ben.send("canary-not-an-object")
	ben.send(map[string]any{"t": "canary-type", "canary-field": "canary-value"})
	if err := ben.conn.Write(t.Context(), websocket.MessageBinary, []byte("canary-binary")); err != nil {
		t.Fatal(err)
	}
	ben.closes()
	_, _ = get(t, p.url+"/canary-path?canary-query=1")
	if status := redeem(t, p.url+"/enter#canary-code"); status != 403 {
		t.Errorf("a wrong code: %d", status)
	}

	disk := map[string][]byte{}
	read := func() {
		names, err := filepath.Glob(filepath.Join(data, "*"))
		if err != nil || len(names) < 3 {
			t.Fatalf("%v %v", names, err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			disk[name] = append(disk[name], b...)
		}
	}
	read()
	_ = keeper.conn.CloseNow() // who doesn't read along would be waited for
	p.stop()
	read()
	var all []byte
	for name, b := range disk {
		if c := leak(b, planted); c != "" {
			t.Errorf("%s holds %q", name, c)
		}
		all = append(all, b...)
	}
	if c := leak([]byte(p.errs.String()), planted); c != "" {
		t.Errorf("the log holds %q:\n%s", c, p.errs)
	}
	// The same search finds what is meant to be there.
	if leak(all, []string{"Tuesday evening circle"}) == "" || leak(all, []string{string(ben.seat)}) == "" {
		t.Error("the search can't find a title or a seat on disk: it proves nothing")
	}
	if leak([]byte(p.errs.String()), []string{p.url}) == "" || ben.said[0].Text != "canary-words" {
		t.Error("the search can't find what was logged, or nothing was said: it proves nothing")
	}
}

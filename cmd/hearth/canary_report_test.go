package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"hearth/moderation"
	"hearth/room"
	"hearth/web"
)

// quoted is something that somebody hears, as a report quotes it.
func (g *guest) quoted(text string) (q web.QuoteIn) {
	g.t.Helper()
	g.until(text, func(f frame) bool {
		var list []room.Frame
		if f.T != "entries" || json.Unmarshal(f.List, &list) != nil {
			return false
		}
		for _, e := range list {
			if e.Said != nil && strings.Contains(e.Said.Text, text) {
				q = web.QuoteIn{Seq: e.Seq, Seat: e.Said.Seat, At: e.At, Words: e.Said.Text, Tag: e.Said.Tag, Called: "Ada " + word}
			}
		}
		return q.Tag != ""
	})
	return q
}

// posts sends JSON with the seat's cookie.
func (g *guest) posts(what string, body any) (status int, answer []byte) {
	g.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", g.base+"/c/"+g.handle+"/"+what, bytes.NewReader(b))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Cookie", g.cookie)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(res.Body); err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, answer
}

// Of what is said nothing is kept anywhere, as long as nobody reports. Of a
// report the chosen words are, and nothing else; and the whole disk, with all
// keys that are on it, reads none of them.
func TestOnlyWhatIsReportedIsKeptAndNobodyHereReadsIt(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	key, public := organisation(t)
	p := start(t, data, "--log-level", "debug", "--moderator-key", base64.RawURLEncoding.EncodeToString(public.Raw))
	p.free("As it comes")
	keeper, rest := circleOf(t, p, "Ben")
	ben := rest[0]
	keeper.begins()
	keeper.do("say", `{"turn":%d,"text":"Not chosen: %s"}`, keeper.room.Stick.Turn, word)
	left := ben.quoted("Not chosen")
	keeper.do("say", `{"turn":%d,"text":"Chosen: %s"}`, keeper.room.Stick.Turn, word)
	chosen := ben.quoted("Chosen")
	before := places{}
	before.folder(t, "before", data)
	in := web.ReportIn{Kind: moderation.Conduct, About: moderation.AboutWords, Category: moderation.Harassment, Subject: chosen.Seat,
		Called: "Ada " + word, Text: "Typed: " + word, Quotes: []web.QuoteIn{chosen}}
	forged := in
	forged.Quotes = []web.QuoteIn{left}
	forged.Quotes[0].Words += " " + word
	if status, _ := ben.posts("report", forged); status != http.StatusUnprocessableEntity {
		t.Errorf("a forged quote: %d", status)
	}
	status, answer := ben.posts("report", in)
	var out web.ReportOut
	if err := json.Unmarshal(answer, &out); err != nil || status != http.StatusOK || out.Words != web.WordsKept {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	notice := url.Values{"form": {"outside"}, "place": {"at " + word}, "why": {"why " + word}, "contact": {"call " + word}, "good": {"1"}}
	if status, _ := (browser{p: p}).asks("/report", notice); status != http.StatusOK {
		t.Errorf("the notice: %d", status)
	}
	p.readsReports(key, fmt.Sprintf("Chosen: %s", word), "Not chosen")
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	before.folder(t, "after", data)
	before.put("log", []byte(p.errs.String()))
	before.put("out", []byte(p.out+p.rest.String()))
	if found := before.find(word); len(found) > 0 {
		t.Errorf("words are in %q", found)
	}
	if found := before.find(out.Code); len(found) > 0 {
		t.Errorf("the code of the report is in %q", found)
	}
	// The control: the same folders, searched the same way, have what is there.
	if found := strings.Join(before.find(string(chosen.Seat)), "\n"); !strings.Contains(found, "after /hearth.db") {
		t.Errorf("the control is only found in %q", found)
	}
	if found := strings.Join(before.find("http://localhost:"), "\n"); !strings.Contains(found, "log") || !strings.Contains(found, "out") {
		t.Errorf("the control is only found in %q", found)
	}
	if len(before["after /texts.keys"]) == 0 || len(before["after /evidence.json"]) == 0 {
		t.Error("the keys of the disk are not among what was searched")
	}
}

// readsReports asserts what the organisation's key reads in the first case.
func (p *program) readsReports(key, has, not string) {
	p.t.Helper()
	code, out, errs := finish(p.t, append([]string{"report", "export", "1"}, p.flags...)...)
	if code != 0 {
		p.t.Fatal(errs)
	}
	if strings.Contains(out, word) {
		p.t.Errorf("what is exported can be read: %s", out)
	}
	var d web.DeskBodies
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		p.t.Fatal(err)
	}
	text, err := read(p.t, key, d)
	if err != nil || !strings.Contains(text, has) || !strings.Contains(text, "Typed: "+word) || strings.Contains(text, not) {
		p.t.Errorf("the organisation reads %q, %v", text, err)
	}
}

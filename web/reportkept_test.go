package web

import (
	"crypto/ecdh"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/sqlstore"
	"hearth/internal/vault"
	"hearth/moderation"
	"hearth/room"
)

// sits has somebody of the house take a seat in the circle.
func (c *complaint) sits(p *clerk) *tab {
	p.keeps(c.circle)
	one := c.dial()
	one.browser, one.handle = p.browser, p.handleOf()
	one.hello(Hello{Name: p.Name})
	return one
}

// A report stays away from whom it is about also if the reporter doesn't name
// them, if they have left, and when the keys of links are lost.
func TestFromWhomAReportIsKeptWithoutAName(t *testing.T) {
	c := complain(t)
	kit, mo := c.employs("Kit", circle.Welcome{Circle: c.circle, Moderator: true}), c.moderator("Mo")
	kits, mos := c.sits(kit), c.sits(mo)
	about := func(what string, in ReportIn, subject room.SeatID, away ...*clerk) {
		t.Helper()
		c.cat.reports(in, http.StatusOK)
		r, _ := c.desk.last()
		var want []moderation.PersonID
		for _, p := range away {
			want = append(want, moderation.PersonID(p.ID))
		}
		slices.Sort(r.Away)
		slices.Sort(want)
		if !slices.Equal(r.Away, want) || r.Subject != subject {
			t.Errorf("%s: about %q, kept from %v, want %v", what, r.Subject, r.Away, want)
		}
	}
	words := c.ofBen(c.hears("Something that hurt."))
	words.Subject = ""
	about("words of somebody unnamed", words, c.ben.me())
	some := ReportIn{Kind: moderation.Conduct, About: moderation.AboutModerator, Category: moderation.Other}
	about("a moderator unnamed", some, "", kit, mo) // Kit is one, too
	left := ReportIn{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Other, Subject: kits.me()}
	kits.does("leave", map[string]any{})
	about("who kept the circle, and left", left, kits.me(), kit)
	c.server.Keys = new(moderation.Keys)
	_, err := c.server.Keys.Rotate(c.server.Now(), rand.Reader)
	c.must(err)
	some.Subject = mos.me()
	about("a moderator, without a link", some, mos.me(), mo)
	if len(c.told()) > 0 {
		t.Errorf("%v", c.faults)
	}
}

// When keys of texts are gone while the house is open, a report arrives without
// its words: the reporter is told, and so is whoever runs the house.
func TestAReportWithoutKeysOfTexts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "texts.keys")
	keys, err := vault.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := complain(t, func(f *Config) { f.Desk.(*drawer).Store = db.Desk(keys) })
	if out, _ := c.cat.reports(c.ofBen(), http.StatusOK); out.Words != WordsKept || len(c.told()) > 0 {
		t.Fatalf("%+v, %v", out, c.faults)
	}
	c.must(os.WriteFile(path, []byte("damaged"), 0o600))
	out, _ := c.cat.reports(ofMyself("I can't, canary."), http.StatusOK)
	if told := c.told(); out.Words != WordsNoKey || len(told) != 1 || !strings.Contains(told[0], "damaged") || strings.Contains(told[0], "canary") {
		t.Errorf("%+v, told is %q", out, told)
	}
	if _, n := c.desk.last(); n != 2 {
		t.Errorf("%d were filed", n)
	}
}

// What is reported about somebody is not sealed to a key of theirs.
func TestAReportIsNotSealedToWhomItIsKeptFrom(t *testing.T) {
	c := complain(t)
	mo, jo := c.moderator("Mo"), c.moderator("Jo")
	mos := c.sits(mo)
	ids := map[*clerk]string{}
	for _, p := range []*clerk{mo, jo} {
		key, err := ecdh.P256().GenerateKey(rand.Reader)
		c.must(err)
		raw := key.PublicKey().Bytes()
		ids[p], err = moderation.KeyID(raw)
		c.must(err)
		c.must(c.desk.AddKey(t.Context(), moderation.Act{By: moderation.PersonID(p.ID), At: time.Now()}, moderation.PublicKey{Raw: raw}))
	}
	sealedTo := func(p *clerk) bool {
		r, _ := c.desk.last()
		return slices.ContainsFunc(r.Body.To, func(w moderation.Wrapped) bool { return w.Key == ids[p] })
	}
	c.cat.reports(c.ofBen(), http.StatusOK)
	if !sealedTo(mo) || !sealedTo(jo) {
		t.Error("moderators can't read what is about a member")
	}
	in := c.ofBen()
	in.About, in.Subject = moderation.AboutModerator, mos.me()
	c.cat.reports(in, http.StatusOK)
	if sealedTo(mo) || !sealedTo(jo) {
		t.Error("it is sealed to whom it is about, or to nobody else")
	}
}

package web

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/room"
)

// drawer is a desk that remembers what was filed, and can fail.
type drawer struct {
	moderation.Store
	broken atomic.Bool
	mu     sync.Mutex // guards filed
	filed  []moderation.Report
}

// File is moderation.Store's.
func (d *drawer) File(ctx context.Context, r moderation.Report) (moderation.Filed, error) {
	if d.broken.Load() {
		return moderation.Filed{}, errBroken
	}
	f, err := d.Store.File(ctx, r)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.filed = append(d.filed, r)
	}
	return f, err
}

// last returns what was filed last, and how much was in all.
func (d *drawer) last() (r moderation.Report, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n = len(d.filed); n > 0 {
		r = d.filed[n-1]
	}
	return r, n
}

// complaint is a circle in which something can be reported: Cat sits there
// too, and the organisation has a key.
type complaint struct {
	*meeting
	cat  *tab
	desk *drawer
	key  *ecdh.PrivateKey
	now  watch
}

func complain(t testing.TB, change ...func(*Config)) *complaint {
	t.Helper()
	c := &complaint{desk: &drawer{}}
	var err error
	if c.key, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	raw := c.key.PublicKey().Bytes()
	id, err := moderation.KeyID(raw)
	if err != nil {
		t.Fatal(err)
	}
	c.meeting = meet(t, append([]func(*Config){func(f *Config) {
		c.desk.Store = f.Desk
		f.Desk, f.Now, f.Offline = c.desk, c.now.now, []moderation.PublicKey{{ID: id, Raw: raw}}
	}}, change...)...)
	c.cat = c.arrives("Cat", room.Member)
	return c
}

// hears has Ben say words, and returns them as Cat hears them.
func (c *complaint) hears(words string) QuoteIn {
	c.t.Helper()
	if c.ana.stick.Seat == c.ana.me() {
		c.ana.does("pass", map[string]any{"turn": c.ana.turn()})
		c.ben.hears("the stick", func(f room.Frame) bool {
			return f.Room != nil && f.Room.Stick.At == room.Offered && f.Room.Stick.Turn > 1
		})
		c.ben.does("take", map[string]any{"turn": c.ben.turn()})
	}
	c.ben.does("say", map[string]any{"turn": c.ben.turn(), "text": words})
	f := c.cat.hears("Ben's words", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == words })
	return QuoteIn{Seq: f.Seq, Seat: f.Said.Seat, At: f.At, Words: f.Said.Text, Tag: f.Said.Tag, Called: "Ben"}
}

// reports sends a report from a seat, and asserts how it is answered.
func (t *tab) reports(in any, status int) (out ReportOut, no room.Refusal) {
	t.h.t.Helper()
	return t.browser.reports("/c/"+t.handle+"/report", in, status)
}

func (b *browser) reports(path string, in any, status int) (out ReportOut, no room.Refusal) {
	b.h.t.Helper()
	res := b.asks(path, url.Values{}, jsonTo(in))
	all, err := io.ReadAll(res.Body)
	b.h.must(err)
	if res.StatusCode != status {
		b.h.t.Fatalf("%s: %s, want %d\n%s\n%v", path, res.Status, status, all, b.h.faults)
	}
	if status == http.StatusOK {
		b.h.must(json.Unmarshal(all, &out))
		if out.Code == "" {
			b.h.t.Errorf("no code: %s", all)
		}
		return out, no
	}
	b.h.must(json.Unmarshal(all, &no))
	if no.Say == "" {
		b.h.t.Errorf("refused without a word: %s", all)
	}
	return out, no
}

// refusesReport asserts that a report is refused, and nothing kept of it.
func (c *complaint) refusesReport(in any, status int, code room.Code) {
	c.t.Helper()
	_, before := c.desk.last()
	if _, no := c.cat.reports(in, status); no.Code != code {
		c.t.Errorf("%+v: %+v, want %s", in, no, code)
	}
	if _, after := c.desk.last(); after != before {
		c.t.Errorf("%+v: it was filed all the same", in)
	}
}

// read opens the body of what was filed last, with the organisation's key.
func (c *complaint) read() (b moderation.Body) {
	c.t.Helper()
	r, _ := c.desk.last()
	if r.Body == nil {
		c.t.Fatal("there is no body")
	}
	text, err := moderation.Open(c.key.Bytes(), *r.Body)
	c.must(err)
	c.must(json.Unmarshal(text, &b))
	return b
}

// ofBen is a report about Ben.
func (c *complaint) ofBen(quotes ...QuoteIn) ReportIn {
	in := ReportIn{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment, Subject: c.ben.me(), Called: "Ben", Text: "It hurt.", Quotes: quotes}
	if len(quotes) > 0 {
		in.About = moderation.AboutWords
	}
	return in
}

// ofMyself is what is never refused.
func ofMyself(text string) ReportIn {
	return ReportIn{Kind: moderation.Care, About: moderation.AboutSelf, Text: text}
}

func TestAGuestReportsWords(t *testing.T) {
	c := complain(t)
	rung, stop := c.server.bell.listen()
	defer stop()
	q := c.hears("You are nothing.")
	out, _ := c.cat.reports(c.ofBen(q), http.StatusOK)
	r, n := c.desk.last()
	if n != 1 || r.Kind != moderation.Conduct || r.About != moderation.AboutWords || r.Category != moderation.Harassment || r.Room != c.roomOf(c.cat) ||
		r.Circle != moderation.CircleID(c.circle) || r.Subject != c.ben.me() || r.Reporter != c.cat.me() || r.Quotes != 1 || r.Lang != "en" {
		t.Errorf("%d filed: %+v", n, r)
	}
	if b := c.read(); b.Text != "It hurt." || b.Called != "Ben" || len(b.Quotes) != 1 || b.Quotes[0].Words != q.Words || b.Quotes[0].Room != r.Room || b.Quotes[0].Context {
		t.Errorf("the body: %+v", b)
	}
	if out.Words != WordsKept || out.OnCall || out.Old != 0 {
		t.Errorf("answered: %+v", out)
	}
	select {
	case <-rung:
	default:
		t.Error("nobody rang for the desk")
	}
}

// Only what was delivered, as it was delivered, in this very room, is taken.
func TestNobodyForgesAQuote(t *testing.T) {
	c := complain(t, func(f *Config) { f.Limits.SeatReports = Rate{100, time.Minute} })
	q := c.hears("I am tired of you.")
	elsewhere := moderation.Evidence{Room: "another room", Seq: 7, Seat: c.ben.me(), At: q.At, Words: "said elsewhere"}
	foreign := QuoteIn{Seq: 7, Seat: c.ben.me(), At: q.At, Words: "said elsewhere", Tag: c.keys.Tag(elsewhere)}
	for name, change := range map[string]func(*QuoteIn){
		"other words":         func(q *QuoteIn) { q.Words = "I will hurt you." },
		"a dot more":          func(q *QuoteIn) { q.Words += "." },
		"somebody else":       func(q *QuoteIn) { q.Seat = c.ana.me() },
		"another time":        func(q *QuoteIn) { q.At++ },
		"another place":       func(q *QuoteIn) { q.Seq++ },
		"a tag of nobody":     func(q *QuoteIn) { q.Tag = q.Tag[:len(q.Tag)-1] + "x" },
		"no key in the tag":   func(q *QuoteIn) { q.Tag = "tag" },
		"another room":        func(q *QuoteIn) { *q = foreign },
		"another room, named": func(q *QuoteIn) { *q = foreign; q.Room = "another room" },
	} {
		forged := q
		change(&forged)
		c.refusesReport(c.ofBen(forged), http.StatusUnprocessableEntity, ReportWords)
		c.refusesReport(c.ofBen(q, forged), http.StatusUnprocessableEntity, ReportWords)
		if t.Failed() {
			t.Fatalf("with %s", name)
		}
	}
	own := q
	own.Room = c.roomOf(c.cat)
	c.cat.reports(c.ofBen(q, own, q), http.StatusOK) // the same words thrice are one quote
	if r, _ := c.desk.last(); r.Quotes != 1 {
		t.Errorf("control: %d quotes", r.Quotes)
	}
}

// What was said too long ago to be checked is left out, and the reporter told.
func TestOldWordsAreLeftOut(t *testing.T) {
	c := complain(t)
	q := c.hears("An old hurt.")
	receipt := c.server.receipt(circle.Seat{ID: c.cat.me(), Room: c.roomOf(c.cat), Circle: c.circle})
	c.now.passes(moderation.KeepKeys + time.Minute)
	out, _ := c.cat.reports(c.ofBen(q), http.StatusOK)
	if r, _ := c.desk.last(); out.Old != 1 || r.Quotes != 0 || len(c.read().Quotes) != 0 {
		t.Errorf("%+v, filed %+v", out, r)
	}
	if _, no := c.cat.browser.reports("/report", withReceipt(c.ofBen(), receipt), http.StatusForbidden); no.Code != ReceiptOld {
		t.Errorf("a receipt whose time is over: %+v", no)
	}
}

// What was taken back stays reportable by those who heard it.
func TestWordsTakenBackCanBeReported(t *testing.T) {
	c := complain(t)
	q := c.hears("I take that back.")
	c.ben.does("retract", map[string]any{"seq": q.Seq})
	c.cat.hears("that it is taken back", func(f room.Frame) bool { return f.Retracted == q.Seq })
	c.cat.reports(c.ofBen(q), http.StatusOK)
	if b := c.read(); len(b.Quotes) != 1 || b.Quotes[0].Words != q.Words {
		t.Errorf("%+v", b)
	}
}

// What others said is beside what a report is about, and said so.
func TestContextIsMarked(t *testing.T) {
	c := complain(t)
	c.ana.does("say", map[string]any{"turn": c.ana.turn(), "text": "Let us begin."})
	f := c.cat.hears("Ana's words", func(f room.Frame) bool { return f.Said != nil })
	around := QuoteIn{Seq: f.Seq, Seat: f.Said.Seat, At: f.At, Words: f.Said.Text, Tag: f.Said.Tag, Context: true}
	of := c.hears("Let us not.")
	chosen := around
	chosen.Context = false
	for _, beside := range []QuoteIn{around, chosen} {
		c.cat.reports(c.ofBen(of, beside), http.StatusOK)
		if b := c.read(); len(b.Quotes) != 2 || b.Quotes[0].Context || !b.Quotes[1].Context {
			t.Errorf("%+v", b.Quotes)
		}
	}
}

// Words of an aside are quoted with the receipt of a seat in it.
func TestWordsOfAnAsideAreReported(t *testing.T) {
	c := complain(t)
	id := c.ana.opens(room.Talk, c.cat)
	res := c.cat.knocks(id)
	var ticket Ticket
	c.must(json.NewDecoder(res.Body).Decode(&ticket))
	ana, cat := c.ana.within(c.house, id), c.cat.within(c.house, id)
	ana.does("say", map[string]any{"turn": 0, "text": "Nobody will believe you."})
	f := cat.hears("words", func(f room.Frame) bool { return f.Said != nil })
	q := QuoteIn{Room: id, Seq: f.Seq, Seat: f.Said.Seat, At: f.At, Words: f.Said.Text, Tag: f.Said.Tag}
	in := ReportIn{Kind: moderation.Conduct, About: moderation.AboutFacilitator, Category: moderation.FacilitatorUnsafe, Subject: c.ana.me(), Quotes: []QuoteIn{q}}
	c.refusesReport(in, http.StatusUnprocessableEntity, ReportWords)
	in.Asides = []string{c.server.receipt(circle.Seat{ID: "x", Of: c.ana.me(), Room: id, In: c.roomOf(c.cat), Circle: c.circle})}
	c.refusesReport(in, http.StatusUnprocessableEntity, ReportWords)
	in.Asides = []string{ticket.Receipt}
	c.cat.reports(in, http.StatusOK)
	if b := c.read(); len(b.Quotes) != 1 || b.Quotes[0].Room != id || b.Quotes[0].Context {
		t.Errorf("%+v", b)
	}
	if _, no := c.browser().reports("/report", withReceipt(c.ofBen(), ticket.Receipt), http.StatusForbidden); no.Code != ReceiptOld {
		t.Errorf("an aside's receipt is good for a seat: %+v", no)
	}
}

func withReceipt(in ReportIn, receipt string) ReportIn {
	in.Receipt = receipt
	return in
}

// Whoever left, or was removed, reports with their receipt, also about
// somebody who is long gone; of nobody in particular where that can't be known.
func TestReportsAfterLeaving(t *testing.T) {
	c := complain(t)
	q := c.hears("Go away.")
	res := c.cat.browser.asks("/c/"+c.cat.handle+"/ticket", url.Values{})
	var ticket Ticket
	c.must(json.NewDecoder(res.Body).Decode(&ticket))
	c.ben.does("leave", map[string]any{})
	c.ana.does("remove", map[string]any{"seat": c.cat.me()})
	c.cat.closes(4403)
	stranger := c.browser()
	stranger.reports("/report", withReceipt(c.ofBen(q), ticket.Receipt), http.StatusOK)
	if r, _ := c.desk.last(); r.Reporter != c.cat.me() || r.Subject != c.ben.me() || r.Room != c.roomHere() {
		t.Errorf("filed %+v", r)
	}
	made := c.ofBen()
	made.Subject = "nobody-at-all"
	stranger.reports("/report", withReceipt(made, ticket.Receipt), http.StatusOK)
	if r, _ := c.desk.last(); r.Subject != "" || c.read().Called != "Ben" {
		t.Errorf("whoever isn't known: %+v", r)
	}
	for name, receipt := range map[string]string{"none": "", "made up": "a.b.c", "another's, changed": ticket.Receipt[:len(ticket.Receipt)-2] + "AA",
		"for something else": c.keys.Sign("moderator", []byte(`{"r":"r","s":"s","u":99999999999}`))} {
		if _, no := stranger.reports("/report", withReceipt(c.ofBen(), receipt), http.StatusForbidden); no.Code != ReceiptOld {
			t.Errorf("a receipt that is %s: %+v", name, no)
		}
	}
	c.now.passes(room.DefaultSettings().MaxLife + moderation.ReportAgain)
	if _, no := stranger.reports("/report", withReceipt(c.ofBen(), ticket.Receipt), http.StatusForbidden); no.Code != ReceiptOld {
		t.Errorf("a day after: %+v", no)
	}
}

// Whoever waits at the door, or has not knocked yet, can report too.
func TestReportsAtTheDoor(t *testing.T) {
	c := complain(t)
	dan := c.knocks(c.shared(room.Member))
	dan.reports(ofMyself("I am outside."), http.StatusOK)
	dan.hello(Hello{Name: "Dan"})
	dan.reports(ReportIn{Kind: moderation.Conduct, About: moderation.AboutFacilitator, Category: moderation.Other, Text: "They let nobody in."}, http.StatusOK)
	if r, n := c.desk.last(); n != 2 || r.Reporter == "" || r.About != moderation.AboutFacilitator || r.Subject != "" {
		t.Errorf("%d filed: %+v", n, r)
	}
	if _, no := c.browser().reports("/c/"+dan.handle+"/report", ofMyself("x"), http.StatusForbidden); no.Code != NoSeat {
		t.Errorf("without a seat: %+v", no)
	}
}

// A report about oneself is care. About somebody who never was here it is
// about nobody.
func TestWhomAReportIsAbout(t *testing.T) {
	c := complain(t)
	in := c.ofBen()
	in.Subject = c.cat.me()
	c.refusesReport(in, http.StatusUnprocessableEntity, ReportSelf)
	in.Subject = "01890000-0000-7000-8000-000000000000"
	c.refusesReport(in, http.StatusUnprocessableEntity, ReportWhom)
	c.cat.reports(ofMyself("I don't feel safe with myself."), http.StatusOK)
	if r, _ := c.desk.last(); r.Subject != c.cat.me() || r.Kind != moderation.Care || r.Priority() != moderation.P0 {
		t.Errorf("care: %+v", r)
	}
	c.cat.reports(ReportIn{Kind: moderation.Care, About: moderation.AboutPerson, Subject: c.ben.me()}, http.StatusOK)
	if r, _ := c.desk.last(); r.Subject != c.ben.me() || r.Body != nil {
		t.Errorf("care for somebody, without a word: %+v", r)
	}
}

// Whoever keeps the circle never sees a report about how it is kept, nor a
// moderator one about them; nor does whoever reports.
func TestFromWhomAReportIsKept(t *testing.T) {
	c := complain(t)
	kit, dee := c.employs("Kit", circle.Welcome{Circle: c.circle, Moderator: true}), c.employs("Dee", circle.Welcome{Circle: c.circle, Deputy: true})
	mo := c.moderator("Mo")
	sits := func(p *clerk, name string) *tab {
		p.keeps(c.circle)
		one := c.dial()
		one.browser, one.handle = p.browser, p.handleOf()
		one.hello(Hello{Name: name})
		return one
	}
	mod := sits(mo, "Mo")
	keepers := []moderation.PersonID{moderation.PersonID(kit.ID), moderation.PersonID(dee.ID)}
	for _, one := range []struct {
		name string
		in   ReportIn
		away []moderation.PersonID
	}{
		{"about a member", c.ofBen(), nil},
		{"about who keeps the circle", ReportIn{Kind: moderation.Conduct, About: moderation.AboutFacilitator, Category: moderation.Other}, keepers},
		{"as who keeps the circle", ReportIn{Kind: moderation.Conduct, About: moderation.AboutCircle, Category: moderation.FacilitatorUnsafe}, keepers},
		{"about the seat that keeps it", ReportIn{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Sexual, Subject: c.ana.me()}, keepers},
		{"about a moderator", ReportIn{Kind: moderation.Conduct, About: moderation.AboutModerator, Category: moderation.Other, Subject: mod.me()}, []moderation.PersonID{moderation.PersonID(mo.ID)}},
	} {
		c.cat.reports(one.in, http.StatusOK)
		if r, _ := c.desk.last(); !slices.Equal(r.Away, one.away) {
			t.Errorf("%s: kept from %v, want %v", one.name, r.Away, one.away)
		}
	}
	mod.reports(c.ofBen(), http.StatusOK)
	if r, _ := c.desk.last(); !slices.Equal(r.Away, []moderation.PersonID{moderation.PersonID(mo.ID)}) {
		t.Errorf("a moderator reports: kept from %v", r.Away)
	}
}

// keeps sits a person of the house down in a circle.
func (c *clerk) keeps(id circle.ID) {
	c.h.t.Helper()
	if res := c.asks("/circles/"+string(id)+"/keep", url.Values{}); res.StatusCode != http.StatusSeeOther {
		c.h.t.Fatalf("keeping: %s", res.Status)
	}
}

// handleOf names the seat that a browser has.
func (b *browser) handleOf() string {
	for name := range b.cookies {
		if h, is := strings.CutPrefix(name, seatCookie); is && h != "device" && h != "person" && h != "lang" {
			return h
		}
	}
	return ""
}

// Nobody reports without end, and whoever isn't well is never told to wait.
func TestReportsAreSlowedAndOwnDistressIsNot(t *testing.T) {
	c := complain(t)
	for range 5 {
		c.cat.reports(c.ofBen(), http.StatusOK)
	}
	res := c.cat.browser.asks("/c/"+c.cat.handle+"/report", url.Values{}, jsonTo(c.ofBen()))
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" || c.dropped(dropReports) != 1 {
		t.Errorf("the sixth: %s", res.Status)
	}
	var all sync.WaitGroup
	codes := make(chan string, 300)
	for range 300 {
		all.Go(func() {
			out, _ := c.cat.reports(ofMyself("Please."), http.StatusOK)
			codes <- out.Code
		})
	}
	all.Wait()
	if len(codes) != 300 {
		t.Errorf("%d of 300 were heard", len(codes))
	}
	q, err := c.desk.Queue(t.Context(), moderation.Viewer{Person: moderation.PersonID(c.moderator("Mo").ID)}, c.now.now(), 10)
	c.must(err)
	if q.Open != 2 {
		t.Errorf("%d cards", q.Open)
	}
	c.refusesReport(c.ofBen(), http.StatusTooManyRequests, ReportMany)
}

// What somebody says of themselves costs one after the other, and the newest
// stands for all that waited.
func TestOwnReportsMerge(t *testing.T) {
	o := newOwnReports()
	inside, goOn := make(chan string), make(chan struct{})
	keep := func(in ReportIn) (ReportOut, *room.Refusal, error) {
		inside <- in.Text
		<-goOn
		return ReportOut{Code: in.Text}, nil, nil
	}
	got := make(chan string, 100)
	say := func(text string) {
		out, _, err := o.say(t.Context(), ofMyself(text), keep)
		if err != nil {
			t.Error(err)
		}
		got <- out.Code
	}
	go say("first")
	if <-inside != "first" {
		t.Fatal("the first isn't kept at once")
	}
	waits := func(text string) func() bool {
		return func() bool { o.mu.Lock(); defer o.mu.Unlock(); return o.next != nil && o.next.in.Text == text }
	}
	h := &house{t: t}
	for _, text := range []string{"second", "third", "fourth"} {
		go say(text)
		h.until(text, waits(text))
	}
	goOn <- struct{}{}
	if kept := <-inside; kept != "fourth" {
		t.Errorf("%q stands for those that waited", kept)
	}
	goOn <- struct{}{}
	count := map[string]int{}
	for range 4 {
		count[<-got]++
	}
	if count["first"] != 1 || count["fourth"] != 3 {
		t.Errorf("answered: %v", count)
	}
}

// Who is on call, and whether anybody could read the words, is said at once.
func TestWhatAReporterIsTold(t *testing.T) {
	c := complain(t, func(f *Config) { f.Offline = nil })
	q := c.hears("Words that nobody may keep.")
	if out, _ := c.cat.reports(c.ofBen(q), http.StatusOK); out.Words != WordsNoKey || out.OnCall {
		t.Errorf("without a key: %+v", out)
	}
	if r, _ := c.desk.last(); r.Body != nil || r.Quotes != 0 {
		t.Errorf("without a key: %+v", r)
	}
	mo := c.moderator("Mo")
	c.must(c.desk.AddKey(t.Context(), moderation.Act{By: moderation.PersonID(mo.ID), At: c.now.now()}, moderation.PublicKey{Raw: c.key.PublicKey().Bytes(), Person: moderation.PersonID(mo.ID), ID: must2(moderation.KeyID(c.key.PublicKey().Bytes()))}))
	c.must(c.desk.SetDuty(t.Context(), moderation.Act{By: moderation.PersonID(mo.ID), At: c.now.now()}, c.now.now().Add(time.Hour)))
	out, _ := c.cat.reports(c.ofBen(q), http.StatusOK)
	if out.Words != WordsKept || !out.OnCall || len(c.read().Quotes) != 1 {
		t.Errorf("with a moderator: %+v", out)
	}
	if out, _ := c.cat.reports(ReportIn{Kind: moderation.Conduct, About: moderation.AboutCircle, Category: moderation.TurnTaking}, http.StatusOK); out.Words != WordsNone {
		t.Errorf("without a word: %+v", out)
	}
	res := c.cat.browser.asks("/report/status", url.Values{}, jsonTo(ReportAsk{out.Code}))
	var step ReportStep
	c.must(json.NewDecoder(res.Body).Decode(&step))
	if step.Step != moderation.Received || !step.OnCall || step.Since == 0 {
		t.Errorf("how far it has come: %+v", step)
	}
	if res := c.cat.browser.asks("/report/status", url.Values{}, jsonTo(ReportAsk{noCode})); res.StatusCode != http.StatusNotFound {
		t.Errorf("a code of nothing: %s", res.Status)
	}
}

func must2(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// A desk that can't keep it says so kindly; what was typed is nowhere.
func TestAReportThatCantBeKept(t *testing.T) {
	c := complain(t)
	c.desk.broken.Store(true)
	for _, in := range []ReportIn{c.ofBen(c.hears("canary words")), ofMyself("canary of my own")} {
		if _, no := c.cat.reports(in, http.StatusServiceUnavailable); no.Code != ReportLater {
			t.Errorf("%+v", no)
		}
	}
	faults := strings.Join(c.told(), "\n")
	if !strings.Contains(faults, "report: ") || strings.Contains(faults, "canary") || strings.Contains(faults, string(c.ben.me())) {
		t.Errorf("told: %s", faults)
	}
	c.desk.broken.Store(false)
	c.cat.reports(ofMyself("again"), http.StatusOK)
}

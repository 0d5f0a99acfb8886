package web

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// reportEvening is one evening in which Cat does something, or nothing, after
// Ben has spoken; every byte that Ben and Ana, who keeps the circle, received
// from then on. Time stands still and chance repeats itself, so that two
// evenings differ by nothing else.
func reportEvening(t *testing.T, does func(*complaint, QuoteIn)) (ben, ana string) {
	if _, err := theFace(); err != nil { // made outside of the bubble, for all
		t.Fatal(err)
	}
	t.Run("evening", func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 1)
		synctest.Test(t, func(t *testing.T) {
			c := complain(piped{t})
			q := c.hears("You are no use.")
			c.ana.hears("Ben's words", func(f room.Frame) bool { return f.Said != nil && f.Said.Text == q.Words })
			does(c, q)
			synctest.Wait()
			c.ben.text(fmt.Sprintf(`{"t":"do","n":%d,"act":"say","with":{"turn":%d,"text":"And now."}}`, c.ben.n+1, c.ben.turn()))
			ben, ana = c.ben.upToAll(`"t":"answer"`, "And now."), c.ana.upToAll("And now.")
		})
	})
	return ben, ana
}

// upToAll returns the frames up to where all of these have come: what is
// everybody's as it came, and after it what answers this very tab, which has an
// order of its own.
func (t *tab) upToAll(all ...string) string {
	t.h.t.Helper()
	var told, answers string
	for left := all; len(left) > 0; {
		frame := t.raws(left[0], func(string) bool { return true })
		left = slices.DeleteFunc(slices.Clone(left), func(what string) bool { return strings.Contains(frame, what) })
		if kindOf([]byte(frame)) == "answer" {
			answers += frame + "\n"
		} else {
			told += frame + "\n"
		}
	}
	return told + answers
}

// Byte for byte the same is what the subject of a report and the facilitator
// receive, whether there is one or not.
func TestAReportLeavesNoTraceOnTheWire(t *testing.T) {
	ben, ana := reportEvening(t, func(*complaint, QuoteIn) {})
	if !strings.Contains(ben, "And now.") || !strings.Contains(ana, "And now.") {
		t.Fatalf("the evening did not go on: %q, %q", ben, ana)
	}
	for name, does := range map[string]func(*complaint, QuoteIn){
		"nothing":  func(*complaint, QuoteIn) {},
		"of words": func(c *complaint, q QuoteIn) { c.cat.reports(c.ofBen(q), http.StatusOK) },
		"about whoever keeps": func(c *complaint, _ QuoteIn) {
			c.cat.reports(ReportIn{Kind: moderation.Conduct, About: moderation.AboutFacilitator, Category: moderation.FacilitatorUnsafe, Subject: c.ana.me(), Text: "x"}, http.StatusOK)
		},
		"out of care": func(c *complaint, _ QuoteIn) {
			c.cat.reports(ReportIn{Kind: moderation.Care, About: moderation.AboutPerson, Subject: c.ben.me()}, http.StatusOK)
		},
		"refused": func(c *complaint, q QuoteIn) {
			q.Words = "forged"
			c.refusesReport(c.ofBen(q), http.StatusUnprocessableEntity, ReportWords)
		},
	} {
		withBen, withAna := reportEvening(t, does)
		if withBen != ben {
			t.Errorf("a report %s: Ben receives\n%s\nand else\n%s", name, withBen, ben)
		}
		if withAna != ana {
			t.Errorf("a report %s: Ana receives\n%s\nand else\n%s", name, withAna, ana)
		}
	}
	// The comparison finds what is there: a hand goes up; an entry that nobody
	// is shown makes the next one's number another.
	for name, does := range map[string]func(*complaint, QuoteIn){
		"a listener": func(c *complaint, _ QuoteIn) { c.cat.does("listen", map[string]any{"on": true}) },
		"an entry":   func(c *complaint, _ QuoteIn) { c.cat.does("name", map[string]any{"name": "Cat", "pronouns": "she"}) },
	} {
		if withBen, withAna := reportEvening(t, does); withBen == ben || withAna == ana {
			t.Errorf("control: %s, and the frames are the same", name)
		}
	}
}

// Pain is no offence: what people in circles say reaches the others as it
// was said, and can be told to a moderator as it was typed.
func TestPainIsNeverRefused(t *testing.T) {
	c := complain(t, func(f *Config) {
		f.Limits.Commands, f.Limits.SeatReports, f.Limits.Reports = Rate{1000, time.Millisecond}, Rate{1000, time.Millisecond}, Rate{1000, time.Millisecond}
	})
	f, err := os.Open("testdata/painful.txt")
	c.must(err)
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		q := c.hears(lines.Text())
		if q.Words != lines.Text() {
			t.Errorf("said %q, heard %q", lines.Text(), q.Words)
		}
		in := ofMyself(lines.Text())
		if n%2 == 1 {
			in = c.ofBen(q)
			in.Text = lines.Text()
		}
		c.cat.reports(in, http.StatusOK)
		if b := c.read(); b.Text != lines.Text() || len(b.Quotes) != len(in.Quotes) {
			t.Errorf("typed %q, kept %+v", lines.Text(), b)
		}
	}
	if n < 60 {
		t.Errorf("only %d sentences", n)
	}
}

// Every category has a label of its own in every language.
func TestEveryCategoryHasItsOwnLabel(t *testing.T) {
	face := newTestFace(t)
	for _, l := range face.texts {
		labels := map[string]moderation.Category{}
		for _, s := range moderation.Sorts {
			key := categoryKey(s.Category)
			label := l.T(key)
			if !l.Has(key) || strings.TrimSpace(label) == "" {
				t.Errorf("%s: %s has no label", l.Name, s.Category)
			}
			if other, twice := labels[label]; twice {
				t.Errorf("%s: %s and %s are both %q", l.Name, s.Category, other, label)
			}
			labels[label] = s.Category
		}
	}
}

// judge takes reports as a server with one day key does, which has tagged one
// utterance.
type judge struct {
	*Server
	said  moderation.Evidence
	seeds []string // the first quotes it
}

func newJudge(t testing.TB) judge {
	t.Helper()
	keys := new(moderation.Keys)
	if _, err := keys.Rotate(time.Now(), strings.NewReader(strings.Repeat("k", 32))); err != nil {
		t.Fatal(err)
	}
	e := moderation.Evidence{Room: "r", Seq: 3, Seat: "s", At: 1700000000000, Words: "said"}
	good := fmt.Sprintf(`{"kind":"conduct","about":"words","category":"other","subject":"s","text":"t","quotes":[{"seq":3,"seat":"s","at":1700000000000,"words":"said","tag":%q}]}`, keys.Tag(e))
	return judge{&Server{Config: Config{Keys: keys, Now: time.Now}}, e, []string{good, `{"kind":"care","about":"self"}`, `{"kind":"conduct"}`, `[]`,
		`{"kind":"care","about":"self","quotes":[null]}`, strings.Replace(good, "said", "sa\\u0000id", 1)}}
}

// judges says whether a body is taken as a report, and how many quotes of it:
// never what a frame would not be, nor a quote whose tag was not made for it.
func (j judge) judges(t testing.TB, raw []byte) (taken bool, quotes int) {
	in, no := readReport(bytes.NewReader(raw))
	if no != nil {
		return false, 0
	}
	if !in.whole() || len([]rune(in.Text)) > moderation.MaxText || len(in.Quotes) > moderation.MaxQuotes+moderation.MaxContext {
		t.Fatalf("taken: %+v", in)
	}
	list, _, no := j.checkQuotes(reporter{seat: "me", room: "r"}, in, time.Now())
	for _, q := range list {
		if (moderation.Evidence{Room: q.Room, Seq: q.Seq, Seat: q.Seat, At: q.At, Words: q.Words}) != j.said {
			t.Fatalf("a forged quote is taken: %+v", q)
		}
	}
	if no != nil && len(list) > 0 {
		t.Fatal("refused, and something is taken all the same")
	}
	return no == nil, len(list)
}

// FuzzReport: whatever comes, nothing breaks.
func FuzzReport(f *testing.F) {
	j := newJudge(f)
	for _, seed := range j.seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { j.judges(t, raw) })
}

var chanced = flag.Int("reports", 50_000, "reports that are changed by chance")

// The same without a fuzzer's pace: reports with some bytes changed, left out,
// doubled or put in, so that most are none, and some still are.
func TestReportsByChance(t *testing.T) {
	j := newJudge(t)
	if taken, quotes := j.judges(t, []byte(j.seeds[0])); !taken || quotes != 1 {
		t.Fatalf("what was said is not taken: %v, %d", taken, quotes)
	}
	chance := rand.New(rand.NewPCG(6, 6))
	const letters = `"{}[]:,\\u0123456789abcstADZ-_. ` + "\x00\xff\n"
	reports, quoting := 0, 0
	for range *chanced {
		raw := []byte(j.seeds[chance.IntN(len(j.seeds))])
		for range 1 + chance.IntN(3) {
			at := chance.IntN(len(raw) + 1)
			to := min(len(raw), at+chance.IntN(4))
			piece := []byte{letters[chance.IntN(len(letters))]}
			if from := chance.IntN(len(raw) + 1); chance.IntN(4) == 0 {
				piece = raw[from:min(len(raw), from+chance.IntN(40))]
			}
			raw = slices.Concat(raw[:at], piece, raw[to:])
		}
		taken, quotes := j.judges(t, raw)
		if taken {
			reports++
		}
		quoting += quotes
	}
	t.Logf("of %d, %d are reports, with %d quotes", *chanced, reports, quoting)
	if reports == 0 || quoting == 0 {
		t.Error("nothing is taken any more: too much is changed to show anything")
	}
}

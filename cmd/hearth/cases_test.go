package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"hearth/moderation"
	"hearth/web"
)

// What was reported leaves the house sealed, and opens with the organisation's
// key alone; once it is erased nothing does, and the audit still verifies.
func TestCasesAtTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	key, public := organisation(t)
	p := start(t, data, "--moderator-key", base64.RawURLEncoding.EncodeToString(public.Raw))
	try := func(want int, say string, args ...string) string {
		t.Helper()
		code, out, errs := finish(t, append(args, "--data", data)...)
		if code != want || !strings.Contains(out+errs, say) {
			t.Errorf("%v: exit %d, printed %q, said %q; want %q", args, code, out, errs, say)
		}
		return out
	}
	exported := func() (d web.DeskBodies) {
		t.Helper()
		if err := json.Unmarshal([]byte(try(0, "", "report", "export", "1")), &d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	try(1, "There is no case 1.", "report", "export", "1")
	form := url.Values{"form": {"outside"}, "place": {"The Tuesday circle"}, "why": {"Somebody sells medicine there."}, "good": {"1"}}
	answer, err := http.PostForm(p.url+"/report", form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatal("the notice was answered", answer.Status)
	}
	text, err := read(t, key, exported())
	if err != nil || !strings.Contains(text, "sells medicine") || !strings.Contains(text, "The Tuesday circle") {
		t.Errorf("exported: %q, %v", text, err)
	}
	if other, _ := organisation(t); len(exported().Bodies) != 1 {
		t.Error("the report is not there twice")
	} else if text, err := read(t, other, exported()); err == nil || strings.Contains(text, "medicine") {
		t.Errorf("another's key opens it: %q", text)
	}
	try(0, "Would go: words of reports in 0 cases, other texts of 0 cases, facts of 0 cases, 0 bans.", "retention", "--dry-run")
	try(0, "Gone: words of reports in 0 cases", "retention")
	try(1, "please add --yes", "erase", "1")
	if len(exported().Bodies) != 1 {
		t.Error("it was erased although nobody said yes")
	}
	try(1, "There is no case 2.", "erase", "2", "--yes")
	try(0, "Every text of case 1 is destroyed.", "erase", "1", "--yes")
	if left := exported(); len(left.Bodies) != 0 {
		t.Errorf("after erasing there is %v", left)
	}
	try(0, "fits", "audit", "verify")
	if out := try(0, "", "audit", "export"); !strings.Contains(out, `"did":"evidence-read"`) || !strings.Contains(out, `"did":"case-erased"`) {
		t.Errorf("the audit says %s", out)
	}
}

// What the stores are tested with is what a house has that says nothing else.
func TestThePeriodsOfAHouseThatSaysNothing(t *testing.T) {
	is := printed(t)
	days := func(flag string) int { n, _ := is[flag].(float64); return int(n) }
	cfg := Config{KeepEvidence: days("keep-evidence"), KeepAppealable: days("keep-appealable"), KeepCare: days("keep-care"),
		KeepReports: days("keep-reports"), KeepBans: days("keep-bans")}
	if got := cfg.periods(); got != moderation.DefaultPeriods() {
		t.Errorf("%+v; want %+v", got, moderation.DefaultPeriods())
	}
	if got := printed(t, "--keep-care", "3")["keep-care"]; got != 3.0 {
		t.Errorf("a house that says 3 days has %v", got)
	}
}

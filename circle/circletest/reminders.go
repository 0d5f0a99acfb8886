package circletest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hearth/circle"
)

var reminders = []promise{
	{"whoever agrees is reminded once, and forgotten after", remindedOnce},
	{"whoever doesn't agree is forgotten, and not asked twice a day", askedOnceADay},
	{"who said no is not asked again that day", saidNo},
	{"a reminder goes on to another date", goesOn},
	{"a mail that did not arrive is tried again, until the date begins", triedAgain},
	{"a mail that may have arrived goes out twice at most", twiceAtMost},
	{"what is said of a mail of before changes nothing", ofBefore},
	{"a reminder nobody can mail is gone", goneAtOnce},
	{"a stranger can't have the house ask without end", askedInAll},
	{"many ask for mails at once, and each gets another", eachAnother},
	{"what isn't whole or of no circle is not kept", notKept},
}

// wish is a reminder that nobody has asked for yet, of a date in so long.
func (h *house) wish(who string, of circle.ID, in time.Duration) circle.Reminder {
	begins := h.now.Add(in)
	return circle.Reminder{ID: "id of " + who + " for " + string(of), Circle: of, Date: begins.Format("2006-01-02T15:04"), Begins: begins, Ends: begins.Add(time.Hour),
		Code: "code of " + who + " for " + string(of), Whose: "hash of " + who, Sealed: []byte{0, 255, 1}}
}

func (h *house) asks(r circle.Reminder, want error) {
	h.Helper()
	if err := h.Store.AskReminder(h.ctx, r, h.now); !errors.Is(err, want) || want != nil && err.Error() != want.Error() {
		h.Fatalf("asks for %s: %v, want %v", r.ID, err, want)
	}
}

// mails takes what is due and says that it was sent.
func (h *house) mails() (out []string) {
	h.Helper()
	for {
		r, err := h.Store.DueReminder(h.ctx, h.now)
		if errors.Is(err, circle.ErrNoReminder) {
			return out
		}
		h.ok(err)
		what := "asked "
		if r.Agreed {
			what = "reminded "
		}
		out = append(out, what+r.ID)
		h.ok(h.Store.ReminderSent(h.ctx, r))
	}
}

func (h *house) mailed(want ...string) {
	h.Helper()
	if got := h.mails(); !slices.Equal(got, want) {
		h.Fatalf("at %v: %q, want %q", h.now, got, want)
	}
}

// known says whether a code still leads somewhere.
func (h *house) known(code string, want bool) circle.Reminder {
	h.Helper()
	r, err := h.Store.Reminder(h.ctx, code, h.now)
	if want && err != nil || !want && (!errors.Is(err, circle.ErrNoReminder) || r.ID != "") {
		h.Fatalf("%s: %+v, %v; known should be %v", code, r, err, want)
	}
	return r
}

func remindedOnce(h *house) {
	r := h.wish("ada", tea, 48*time.Hour)
	h.asks(r, nil)
	h.mailed("asked " + r.ID)
	h.mailed()
	got := h.known(r.Code, true)
	if got.Code != "" || got.Circle != tea || got.Date != r.Date || !got.Begins.Equal(r.Begins) || !got.Ends.Equal(r.Ends) ||
		got.Whose != r.Whose || !slices.Equal(got.Sealed, r.Sealed) || got.Agreed || !got.Asked.Equal(h.now) {
		h.Fatalf("kept %+v of %+v", got, r)
	}
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.now = h.now.Add(46*time.Hour - time.Millisecond)
	h.ok(h.Store.ClearReminders(h.ctx, h.now))
	h.mailed()
	h.now = h.now.Add(time.Millisecond)
	h.Store = h.Reopen()
	h.mailed("reminded " + r.ID)
	h.mailed()
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.mailed()
	h.now = r.Ends.Add(-time.Millisecond)
	h.known(r.Code, true)
	h.now = r.Ends
	h.known(r.Code, false)
	h.ok(h.Store.ClearReminders(h.ctx, h.now))
	h.asks(h.wish("ada", tea, time.Hour), nil) // under the same id: nothing was left
}

func askedOnceADay(h *house) {
	r := h.wish("ada", tea, 72*time.Hour)
	h.asks(r, nil)
	h.mailed("asked " + r.ID)
	h.asks(h.wish("ada", walk, time.Hour), circle.ErrAsked)
	h.asks(h.wish("bo", walk, 72*time.Hour), nil)
	h.now = h.now.Add(circle.KeepUnagreed - time.Millisecond)
	h.asks(h.wish("ada", walk, time.Hour), circle.ErrAsked)
	h.known(r.Code, true)
	h.now = h.now.Add(time.Millisecond)
	h.known(r.Code, false)
	if err := h.Store.AgreeReminder(h.ctx, r.Code, h.now); !errors.Is(err, circle.ErrNoReminder) {
		h.Fatalf("agreed too late: %v", err)
	}
	h.ok(h.Store.ClearReminders(h.ctx, h.now))
	again := h.wish("ada", tea, 72*time.Hour)
	h.asks(again, nil)
	h.ok(h.Store.AgreeReminder(h.ctx, again.Code, h.now))
	h.asks(h.wish("ada", tea, 96*time.Hour), circle.ErrAsked) // has one for this circle
	h.asks(h.wish("ada", walk, 72*time.Hour), nil)
}

func saidNo(h *house) {
	r := h.wish("ada", tea, time.Hour)
	h.asks(r, nil)
	h.ok(h.Store.StopReminder(h.ctx, r.Code, h.now))
	h.mailed()
	h.known(r.Code, false)
	if err := h.Store.StopReminder(h.ctx, r.Code, h.now); !errors.Is(err, circle.ErrNoReminder) {
		h.Fatalf("stopped twice: %v", err)
	}
	h.now = h.now.Add(circle.KeepUnagreed - time.Millisecond)
	h.ok(h.Store.ClearReminders(h.ctx, h.now))
	h.asks(h.wish("ada", walk, time.Hour), circle.ErrAsked)
	h.now = h.now.Add(time.Millisecond)
	h.asks(h.wish("ada", walk, 90*time.Hour), nil)
	h.ok(h.Store.AgreeReminder(h.ctx, h.wish("ada", walk, 0).Code, h.now))
	h.now = h.now.Add(89 * time.Hour)
	h.ok(h.Store.StopReminder(h.ctx, h.wish("ada", walk, 0).Code, h.now))
	h.mailed()
	h.asks(h.wish("ada", tea, time.Hour), circle.ErrAsked)
}

func goesOn(h *house) {
	r := h.wish("ada", tea, 3*time.Hour)
	next := circle.Date{Local: "next", Start: h.now.Add(27 * time.Hour), End: h.now.Add(28 * time.Hour)}
	h.asks(r, nil)
	if err := h.Store.RenewReminder(h.ctx, r.Code, next, h.now); !errors.Is(err, circle.ErrNoReminder) {
		h.Fatalf("renewed what nobody agreed to: %v", err)
	}
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.now = h.now.Add(time.Hour)
	h.mailed("reminded " + r.ID)
	h.ok(h.Store.RenewReminder(h.ctx, r.Code, circle.Date{Local: r.Date, Start: r.Begins, End: r.Ends}, h.now))
	h.mailed()
	h.ok(h.Store.RenewReminder(h.ctx, r.Code, next, h.now))
	h.mailed()
	h.now = r.Ends.Add(time.Hour)
	h.ok(h.Store.ClearReminders(h.ctx, h.now))
	if got := h.known(r.Code, true); got.Date != "next" || !got.Begins.Equal(next.Start) || !got.Ends.Equal(next.End) {
		h.Fatalf("went on as %+v", got)
	}
	h.now = next.Start.Add(-circle.RemindBefore)
	h.mailed("reminded " + r.ID)
	if err := h.Store.RenewReminder(h.ctx, r.Code, circle.Date{Local: "past", Start: h.now, End: h.now.Add(time.Hour)}, h.now); err == nil {
		h.Fatal("renewed for what has begun")
	}
}

func (h *house) due() circle.Reminder {
	h.Helper()
	r, err := h.Store.DueReminder(h.ctx, h.now)
	h.ok(err)
	return r
}

func triedAgain(h *house) {
	r := h.wish("ada", tea, 3*time.Hour)
	h.asks(r, nil)
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.now = h.now.Add(time.Hour)
	for n := range 20 {
		got := h.due()
		if got.Attempt != 1 || got.Failed != n {
			h.Fatalf("try %d: %+v", n, got)
		}
		h.ok(h.Store.ReminderUnsent(h.ctx, got, h.now.Add(time.Minute)))
		h.mailed()
		h.now = h.now.Add(time.Minute)
	}
	h.now = r.Begins
	h.mailed()
}

func twiceAtMost(h *house) {
	r := h.wish("ada", tea, 24*time.Hour)
	h.asks(r, nil)
	for n := range circle.RemindAttempts {
		if got := h.due(); got.Attempt != n+1 {
			h.Fatalf("attempt %d: %+v", n+1, got)
		}
		h.now = h.now.Add(circle.RemindLease - time.Millisecond)
		h.mailed()
		h.now = h.now.Add(time.Millisecond)
	}
	h.mailed()
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now)) // the other mail is another mail
	h.now = r.Begins.Add(-time.Hour)
	h.mailed("reminded " + r.ID)
}

func ofBefore(h *house) {
	r := h.wish("ada", tea, time.Hour)
	h.asks(r, nil)
	asking := h.due()
	h.ok(h.Store.AgreeReminder(h.ctx, r.Code, h.now))
	h.ok(h.Store.ReminderSent(h.ctx, asking))
	h.ok(h.Store.ReminderUnsent(h.ctx, asking, h.now.Add(time.Hour)))
	h.ok(h.Store.RemoveReminder(h.ctx, asking))
	h.mailed("reminded " + r.ID)
	slow := h.wish("bo", walk, time.Hour)
	h.asks(slow, nil)
	first := h.due()
	h.now = h.now.Add(circle.RemindLease)
	second := h.due()
	h.ok(h.Store.ReminderUnsent(h.ctx, first, h.now))
	h.mailed()
	h.ok(h.Store.ReminderUnsent(h.ctx, second, h.now))
	if again := h.due(); again.Attempt != 2 || again.Failed != 1 {
		h.Fatalf("handed out as %+v", again)
	}
}

func goneAtOnce(h *house) {
	r := h.wish("ada", tea, 48*time.Hour)
	h.asks(r, nil)
	h.ok(h.Store.RemoveReminder(h.ctx, h.due()))
	h.known(r.Code, false)
	h.mailed()
	h.asks(h.wish("ada", walk, time.Hour), circle.ErrAsked)
}

func askedInAll(h *house) {
	for n := range circle.MostUnagreed {
		h.asks(h.wish(fmt.Sprint(n), tea, time.Hour), nil)
	}
	h.asks(h.wish("ada", tea, time.Hour), circle.ErrFull)
	h.ok(h.Store.AgreeReminder(h.ctx, h.wish("7", tea, 0).Code, h.now))
	h.asks(h.wish("ada", tea, time.Hour), nil)
	h.asks(h.wish("bo", tea, time.Hour), circle.ErrFull)
	h.now = h.now.Add(circle.KeepUnagreed)
	h.asks(h.wish("bo", tea, time.Hour), nil)
}

func eachAnother(h *house) {
	const all = 12
	for n := range all {
		h.asks(h.wish(fmt.Sprint(n), tea, time.Hour), nil)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				r, err := h.Store.DueReminder(h.ctx, h.now)
				if errors.Is(err, circle.ErrNoReminder) {
					return
				}
				if err != nil {
					failed.Store(&err)
					return
				}
				mu.Lock()
				seen[r.ID]++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		h.Fatal(*err)
	}
	for id, n := range seen {
		if n != 1 {
			h.Errorf("%s was handed out %d times", id, n)
		}
	}
	if len(seen) != all {
		h.Errorf("%d of %d were handed out", len(seen), all)
	}
}

func notKept(h *house) {
	h.asks(h.wish("ada", "nowhere", time.Hour), circle.ErrNoCircle)
	for name, spoil := range map[string]func(*circle.Reminder){
		"no id": func(r *circle.Reminder) { r.ID = "" }, "no code": func(r *circle.Reminder) { r.Code = "" },
		"nobody": func(r *circle.Reminder) { r.Whose = "" }, "no address": func(r *circle.Reminder) { r.Sealed = nil },
		"a long one": func(r *circle.Reminder) { r.Sealed = make([]byte, circle.MaxSealed+1) },
		"over":       func(r *circle.Reminder) { r.Ends = h.now },
	} {
		r := h.wish("ada", tea, time.Hour)
		spoil(&r)
		if err := h.Store.AskReminder(h.ctx, r, h.now); err == nil {
			h.Errorf("%s: it is kept", name)
		}
	}
	h.known("", false)
	h.known("a code that is none", false)
	h.asks(h.wish("ada", tea, time.Hour), nil)
}

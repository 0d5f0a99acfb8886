package circletest

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

// RunTickets holds the tickets that fresh makes to every promise of
// circle.Tickets, each on new ones. They must have room for 200.
func RunTickets(t *testing.T, fresh func(*testing.T) circle.Tickets) {
	for _, p := range []struct {
		name string
		test func(*desk)
	}{
		{"a ticket is good once", func(d *desk) {
			code := d.issue("ash", d.now)
			d.takes(code, d.now, "ash")
			d.refused(code, d.now)
		}},
		{"an admission comes back whole", whole},
		{"each code stands for its own", func(d *desk) {
			ash, birch := d.issue("ash", d.now), d.issue("birch", d.now)
			d.takes(birch, d.now, "birch")
			d.takes(ash, d.now, "ash")
		}},
		{"of two who take it at once one has it", atOnce},
		{"a ticket is good until its time is over, and not after", func(d *desk) {
			early, late, forgotten := d.issue("ash", d.now), d.issue("birch", d.now), d.issue("elm", d.now)
			d.takes(early, d.now.Add(circle.TicketLife-time.Second), "ash")
			d.refused(late, d.now.Add(circle.TicketLife))
			d.refused(forgotten, d.now.Add(time.Hour))
			d.refused(late, d.now) // and it was used up by that
		}},
		{"codes are 22 characters and never the same", codes},
		{"what is not a code is refused", func(d *desk) {
			code := d.issue("ash", d.now)
			last := "A"
			if strings.HasSuffix(code, last) {
				last = "Q"
			}
			for _, wrong := range []string{"", "ash", code[:21], code + "A", code[:21] + last, " " + code, code + "=", "*",
				"\x00", strings.Repeat("A", 22), strings.Repeat("A", 1<<16), strings.Repeat("ä", 11), code[:21] + "\n"} {
				d.refused(wrong, d.now)
			}
			d.takes(code, d.now, "ash") // none of that has harmed it
		}},
		{"after the end of its context nothing is issued or taken by mistake", func(d *desk) {
			code := d.issue("ash", d.now)
			ctx, cancel := context.WithCancel(d.ctx)
			cancel()
			// It may be done or refused; but if not done, it is no wrong ticket.
			if _, err := d.Take(ctx, code, d.now); errors.Is(err, circle.ErrNoTicket) {
				d.Error("a ticket that was not looked at is called wrong")
			}
		}},
	} {
		t.Run(p.name, func(t *testing.T) {
			p.test(&desk{T: t, Tickets: fresh(t), ctx: t.Context(), now: time.Now()})
		})
	}
}

// desk is where tickets are had. Its time is the real one: some tickets end
// by a clock that no test can set.
type desk struct {
	*testing.T
	circle.Tickets
	ctx context.Context
	now time.Time
}

func admission(secret string) circle.Admission {
	return circle.Admission{Seat: circle.Seat{ID: room.SeatID("seat-" + secret), Room: "5b0e7a52"}, Secret: secret}
}

func (d *desk) issue(secret string, at time.Time) string {
	d.Helper()
	code, err := d.Issue(d.ctx, admission(secret), at)
	if err != nil {
		d.Fatalf("a ticket for %s: %v", secret, err)
	}
	return code
}

func (d *desk) takes(code string, at time.Time, secret string) {
	d.Helper()
	if got, err := d.Take(d.ctx, code, at); err != nil || got != admission(secret) {
		d.Fatalf("the ticket of %s is %+v, %v", secret, got, err)
	}
}

func (d *desk) refused(code string, at time.Time) {
	d.Helper()
	if got, err := d.Take(d.ctx, code, at); !errors.Is(err, circle.ErrNoTicket) || got != (circle.Admission{}) {
		d.Fatalf("%.30q: %+v, %v", code, got, err)
	}
}

func whole(d *desk) {
	for _, a := range []circle.Admission{
		{},
		{Seat: circle.Seat{ID: "seat", Handle: "handle", Room: "room", Circle: "circle", Role: room.Facilitator, Barred: true}, Secret: "secret"},
		{Seat: circle.Seat{ID: "<&>\u2028", Role: room.Listener}, Secret: "\"quoted\"\n and äöü"},
	} {
		code, err := d.Issue(d.ctx, a, d.now)
		if err != nil {
			d.Fatal(err)
		}
		if got, err := d.Take(d.ctx, code, d.now); err != nil || got != a {
			d.Errorf("%+v became %+v, %v", a, got, err)
		}
	}
}

func atOnce(d *desk) {
	for range 10 {
		code := d.issue("ash", d.now)
		var wg sync.WaitGroup
		start, errs := make(chan struct{}), make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				<-start
				_, errs[i] = d.Take(d.ctx, code, d.now)
			})
		}
		close(start)
		wg.Wait()
		had := 0
		for _, err := range errs {
			if err == nil {
				had++
			} else if !errors.Is(err, circle.ErrNoTicket) {
				d.Fatal(err)
			}
		}
		if had != 1 {
			d.Fatalf("%d of %d had it", had, len(errs))
		}
	}
}

func codes(d *desk) {
	form, seen := regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`), map[string]bool{}
	for range 200 {
		code := d.issue("ash", d.now)
		if !form.MatchString(code) || seen[code] {
			d.Fatalf("%q", code)
		}
		seen[code] = true
	}
}

package circle_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hearth/circle"
)

func TestTicketsAreBounded(t *testing.T) {
	now := time.Now()
	k := circle.NewTickets(2, nil)
	issue := func(at time.Time) (string, error) { return k.Issue(t.Context(), circle.Admission{Secret: "s"}, at) }
	a, err1 := issue(now)
	b, err2 := issue(now)
	if _, err := issue(now); err1 != nil || err2 != nil || !errors.Is(err, circle.ErrTickets) {
		t.Fatalf("two fit, and not three: %v, %v, %v", err1, err2, err)
	}
	if got, err := k.Take(t.Context(), a, now); err != nil || got.Secret != "s" {
		t.Fatalf("a stands for %+v, %v", got, err)
	}
	if _, err := k.Take(t.Context(), a, now); !errors.Is(err, circle.ErrNoTicket) {
		t.Fatalf("a is good twice: %v", err)
	}
	if _, err := issue(now); err != nil {
		t.Errorf("a used ticket still takes room: %v", err)
	}
	later := now.Add(circle.TicketLife)
	if _, err := k.Take(t.Context(), b, later); !errors.Is(err, circle.ErrNoTicket) {
		t.Errorf("b is good after its time: %v", err)
	}
	for range 2 {
		if _, err := issue(later); err != nil {
			t.Errorf("what expired still takes room: %v", err)
		}
	}
}

func TestNoChanceNoTicket(t *testing.T) {
	k := circle.NewTickets(2, strings.NewReader("short"))
	code, err := k.Issue(t.Context(), circle.Admission{}, time.Now())
	if err == nil || errors.Is(err, circle.ErrTickets) || code != "" {
		t.Errorf("a ticket %q without chance: %v", code, err)
	}
}

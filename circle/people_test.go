package circle

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

func TestWhatRidesOnALink(t *testing.T) {
	for _, r := range []room.Role{room.Member, room.Listener, room.Facilitator, room.Moderator} {
		keeps := r == room.Facilitator || r == room.Moderator
		for _, c := range []struct{ passkeys, loopback, want bool }{
			{false, false, true}, {false, true, true}, {true, true, true}, {true, false, !keeps},
		} {
			if got := RidesOnLink(r, c.passkeys, c.loopback); got != c.want {
				t.Errorf("%s, passkeys %v, loopback %v: %v", r, c.passkeys, c.loopback, got)
			}
		}
	}
}

// Once people sign in, a link to keep a circle opens nothing, also for
// whoever came in by it before; one for members does.
func TestJudgeOfALinkOnceThereArePasskeys(t *testing.T) {
	for _, c := range []struct {
		role room.Role
		far  bool
		seat room.SeatID
		want error
	}{
		{room.Facilitator, true, "", ErrNoInvite}, {room.Facilitator, true, "s", ErrNoInvite}, {room.Moderator, true, "", ErrNoInvite},
		{room.Facilitator, false, "", nil}, {room.Member, true, "", nil},
	} {
		f := Found{Exists: true, Invite: Invite{Role: c.role}, Signs: true, Room: "r", Seat: c.seat}
		if _, err := f.Judge(Claim{Code: "x", Far: c.far}, time.Now()); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	f := Found{Exists: true, Invite: Invite{Role: room.Facilitator}, Keeps: true, Signs: true, Room: "r"}
	if _, err := f.Judge(Claim{Circle: "c", Person: "p", Far: true}, time.Now()); err != nil {
		t.Error("whoever signed in:", err)
	}
}

func TestPersonCheck(t *testing.T) {
	if err := (Person{ID: "p", Name: strings.Repeat("é", MaxPerson/2)}).Check(); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]Person{"no id": {Name: "Kim"}, "no name": {ID: "p", Name: " \t"}, "long": {ID: "p", Name: strings.Repeat("é", MaxPerson/2+1)}} {
		if p.Check() == nil {
			t.Errorf("%s is a person", name)
		}
	}
}

package circle

import (
	"errors"
	"testing"
	"time"

	"hearth/room"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	member, keeper := Invite{Role: room.Member}, Invite{Role: room.Facilitator}
	uses := func(i Invite, n int) Invite { i.Uses = n; return i }
	until := func(i Invite, d time.Duration) Invite { i.Until = now.Add(d); return i }
	for _, c := range []struct {
		name  string
		f     Found
		fresh bool
		want  Grant
		err   error
	}{
		{name: "wrong code", err: ErrNoInvite},
		{name: "wrong code, though a room is open", f: Found{Room: "r"}, err: ErrNoInvite},
		{name: "open invite", f: Found{Exists: true, Invite: member, Room: "r"}, want: NewSeat},
		{name: "open invite, used often", f: Found{Exists: true, Invite: member, Used: 99, Room: "r"}, want: NewSeat},
		{name: "before its end", f: Found{Exists: true, Invite: until(member, 1), Room: "r"}, want: NewSeat},
		{name: "at its end", f: Found{Exists: true, Invite: until(member, 0), Room: "r"}, err: ErrNoInvite},
		{name: "past its end, with a seat", f: Found{Exists: true, Invite: until(member, -1), Room: "r", Seat: "s"}, err: ErrNoInvite},
		{name: "one use left", f: Found{Exists: true, Invite: uses(member, 3), Used: 2, Room: "r"}, want: NewSeat},
		{name: "used up", f: Found{Exists: true, Invite: uses(member, 3), Used: 3, Room: "r"}, err: ErrNoInvite},
		{name: "used up, back to its seat", f: Found{Exists: true, Invite: uses(member, 3), Used: 3, Room: "r", Seat: "s"}, want: SameSeat},
		{name: "used up, somebody else on the device", f: Found{Exists: true, Invite: uses(member, 3), Used: 3, Room: "r", Seat: "s"}, fresh: true, err: ErrNoInvite},
		{name: "somebody else on the device", f: Found{Exists: true, Invite: member, Room: "r", Seat: "s"}, fresh: true, want: NewSeat},
		{name: "single, first time", f: Found{Exists: true, Invite: uses(member, 1), Room: "r"}, want: NewSeat},
		{name: "single, another device", f: Found{Exists: true, Invite: uses(member, 1), Used: 1, Room: "r"}, err: ErrNoInvite},
		{name: "single, same device in a later room", f: Found{Exists: true, Invite: uses(member, 1), Used: 1, Mine: true, Room: "r"}, want: NewSeat},
		{name: "single, somebody else on the device", f: Found{Exists: true, Invite: uses(member, 1), Used: 1, Mine: true, Room: "r"}, fresh: true, err: ErrNoInvite},
		{name: "twice, bound means nothing", f: Found{Exists: true, Invite: uses(member, 2), Used: 2, Mine: true, Room: "r"}, err: ErrNoInvite},
		{name: "barred, with a seat", f: Found{Exists: true, Invite: member, Room: "r", Seat: "s", Barred: true}, err: ErrNoInvite},
		{name: "barred keeper", f: Found{Exists: true, Invite: keeper, Room: "r", Barred: true}, err: ErrNoInvite},
		{name: "never a room, a member", f: Found{Exists: true, Invite: member}, want: NewRoom},
		{name: "over a moment ago, a member", f: Found{Exists: true, Invite: member, Over: now.Add(-Rest + 1)}, err: ErrNotOpen},
		{name: "over a while ago, a member", f: Found{Exists: true, Invite: member, Over: now.Add(-Rest)}, want: NewRoom},
		{name: "no room, used up", f: Found{Exists: true, Invite: uses(member, 2), Used: 2}, err: ErrNoInvite},
		{name: "just over, a listener", f: Found{Exists: true, Invite: Invite{Role: room.Listener}, Over: now}, err: ErrNotOpen},
		{name: "just over, a moderator", f: Found{Exists: true, Invite: Invite{Role: room.Moderator}, Over: now}, err: ErrNotOpen},
		{name: "just over, the facilitator", f: Found{Exists: true, Invite: keeper, Over: now}, want: NewRoom},
		{name: "no room, the facilitator's single use", f: Found{Exists: true, Invite: uses(keeper, 1), Used: 1, Mine: true}, want: NewRoom},
	} {
		got, err := c.f.Judge(Claim{Fresh: c.fresh}, now)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

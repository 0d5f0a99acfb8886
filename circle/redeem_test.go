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
		got, err := c.f.Judge(Claim{Code: "code", Fresh: c.fresh}, now)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

// FuzzJudge holds every grant to its reasons, told the other way round.
func FuzzJudge(f *testing.F) {
	f.Add(true, true, false, false, false, 1, 1, int64(0), int64(0), "r", "", string(room.Member))
	f.Add(true, false, false, true, false, 0, 9, int64(5), int64(-time.Minute), "", "s", string(room.Facilitator))
	f.Add(true, false, false, false, true, 0, 1, int64(0), int64(-time.Minute), "", "", string(room.Member))
	f.Add(false, false, true, false, true, 3, 3, int64(-5), int64(1), "r", "s", string(room.Listener))
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, exists, mine, barred, ends, fresh bool, uses, used int, left, over int64, r, seat, role string) {
		uses, used = uses&7, used&7
		found := Found{Exists: exists, Mine: mine, Barred: barred, Used: used, Room: room.ID(r), Seat: room.SeatID(seat),
			Invite: Invite{Role: room.Role(role), Uses: uses}}
		if ends {
			found.Invite.Until = now.Add(time.Duration(left))
		}
		if over != 0 {
			found.Over = now.Add(time.Duration(over))
		}
		opens := role == string(room.Facilitator) || over == 0 || time.Duration(over) <= -Rest
		good := exists && !barred && (!ends || left > 0)
		mayEnter := uses == 0 || used < uses || uses == 1 && mine && !fresh
		grant, err := found.Judge(Claim{Code: "code", Fresh: fresh}, now)
		ok := false
		switch grant {
		case SameSeat:
			ok = err == nil && good && seat != "" && !fresh
		case NewSeat:
			ok = err == nil && good && mayEnter && r != "" && (seat == "" || fresh)
		case NewRoom:
			ok = err == nil && good && mayEnter && r == "" && opens
		case 0:
			ok = err == ErrNoInvite && (!good || !mayEnter) || err == ErrNotOpen && good && r == "" && !opens
		}
		if !ok {
			t.Errorf("%+v, fresh %v: %v, %v", found, fresh, grant, err)
		}
	})
}

func TestCheckInvite(t *testing.T) {
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	good := Invite{Circle: "c", Role: room.Member, Uses: 1, Until: now.Add(1)}
	if err := good.Check(now); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Invite){
		"no circle": func(i *Invite) { i.Circle = "" }, "no role": func(i *Invite) { i.Role = "" },
		"deputy": func(i *Invite) { i.Role = room.Deputy }, "uses": func(i *Invite) { i.Uses = -1 },
		"ended": func(i *Invite) { i.Until = now },
	} {
		i := good
		if spoil(&i); i.Check(now) == nil {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

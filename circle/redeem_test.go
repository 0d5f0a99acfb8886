package circle

import (
	"errors"
	"strings"
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

// TestJudgeDoors: what the circle says about who comes in how, and when.
func TestJudgeDoors(t *testing.T) {
	// A Tuesday in March, an hour after a weekly circle began.
	first := time.Date(2026, 3, 3, 19, 0, 0, 0, time.UTC)
	weekly := Schedule{Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=TU"}
	moved := weekly
	moved.Off = map[string]string{"2026-03-03T19:00": "", "2026-03-10T19:00": "A holiday"}
	code, page, person := Claim{Code: "code"}, Claim{Circle: "c"}, Claim{Circle: "c", Person: "p"}
	member, keeper, moderator := Invite{Role: room.Member}, Invite{Role: room.Facilitator}, Invite{Role: room.Moderator}
	single := Invite{Role: room.Member, Uses: 1}
	for _, c := range []struct {
		name  string
		claim Claim
		f     Found
		at    time.Duration // after the first date began
		want  Grant
		err   error
	}{
		{name: "revoked, with a seat", claim: code, f: Found{Invite: member, Ended: true, Room: "r", Seat: "s"}, err: ErrNoInvite},
		{name: "the page of a circle by invite", claim: page, f: Found{Invite: member, Room: "r"}, err: ErrNoInvite},
		{name: "the page of one that is open", claim: page, f: Found{Invite: member, About: About{Access: OpenToAll}, Room: "r"}, want: NewSeat},
		{name: "the page of one that is to be", claim: page, f: Found{Invite: member, About: About{Access: OpenToAll, Standing: Announced}, Room: "r"}, err: ErrNoInvite},
		{name: "a keeper", claim: person, f: Found{Invite: keeper, Keeps: true}, want: NewRoom},
		{name: "a moderator", claim: person, f: Found{Invite: moderator, Room: "r"}, want: NewSeat},
		{name: "somebody without a part in an open circle", claim: person, f: Found{About: About{Access: OpenToAll}, Room: "r"}, err: ErrNoInvite},
		{name: "a person is never somebody else", claim: Claim{Circle: "c", Person: "p", Fresh: true}, f: Found{Invite: keeper, Keeps: true, Room: "r", Seat: "s"}, want: SameSeat},
		{name: "a draft, by a keeper's link", claim: code, f: Found{Invite: keeper, About: About{Standing: Draft}, Room: "r"}, err: ErrNoInvite},
		{name: "a draft, a keeper", claim: person, f: Found{Invite: keeper, Keeps: true, About: About{Standing: Draft}}, want: NewRoom},
		{name: "a draft, a deputy", claim: person, f: Found{Invite: member, Keeps: true, About: About{Standing: Draft}}, err: ErrNotOpen},
		{name: "a draft, a deputy after the keeper", claim: person, f: Found{Invite: member, Keeps: true, About: About{Standing: Draft}, Room: "r"}, want: NewSeat},
		{name: "a draft, a moderator", claim: person, f: Found{Invite: moderator, About: About{Standing: Draft}, Room: "r"}, err: ErrNoInvite},
		{name: "closed, a keeper with a seat", claim: person, f: Found{Invite: keeper, Keeps: true, About: About{Standing: Closed}, Room: "r", Seat: "s"}, err: ErrNoInvite},
		{name: "of no standing that is known", claim: code, f: Found{Invite: member, About: About{Standing: "odd"}, Room: "r"}, err: ErrNoInvite},
		{name: "too early", claim: code, at: -Early - 1, f: Found{Invite: member, About: About{Schedule: weekly}}, err: ErrNotOpen},
		{name: "early", claim: code, at: -Early, f: Found{Invite: member, About: About{Schedule: weekly}}, want: NewRoom},
		{name: "too early, a room is open", claim: code, at: -2 * Early, f: Found{Invite: member, About: About{Schedule: weekly}, Room: "r"}, want: NewSeat},
		{name: "too early, a moderator", claim: person, at: -2 * Early, f: Found{Invite: moderator, About: About{Schedule: weekly}}, err: ErrNotOpen},
		{name: "too early, the facilitator", claim: code, at: -2 * Early, f: Found{Invite: keeper, About: About{Schedule: weekly}}, want: NewRoom},
		{name: "on a date, after a room that just ended", claim: code, at: 30 * time.Minute, f: Found{Invite: member, About: About{Schedule: weekly}, Over: first}, err: ErrNotOpen},
		{name: "on a date that is off", claim: code, f: Found{Invite: member, About: About{Schedule: moved}}, err: ErrNotOpen},
		{name: "a series, before its first date is over", claim: code, at: time.Hour - 1, f: Found{Invite: single, About: About{Schedule: weekly, Series: true}, Room: "r"}, want: NewSeat},
		{name: "a series, after it", claim: code, at: time.Hour, f: Found{Invite: single, About: About{Schedule: weekly, Series: true}, Room: "r"}, err: ErrNoInvite},
		{name: "a series, a listener after it", claim: code, at: time.Hour, f: Found{Invite: Invite{Role: room.Listener}, About: About{Schedule: weekly, Series: true}, Room: "r"}, err: ErrNoInvite},
		{name: "a series, one of the same people", claim: code, at: time.Hour, f: Found{Invite: single, Used: 1, Mine: true, About: About{Schedule: weekly, Series: true}, Room: "r"}, want: NewSeat},
		{name: "a series, back to a seat", claim: code, at: time.Hour, f: Found{Invite: single, Used: 1, Mine: true, About: About{Schedule: weekly, Series: true}, Room: "r", Seat: "s"}, want: SameSeat},
		{name: "a series, a keeper's link", claim: code, at: time.Hour, f: Found{Invite: keeper, About: About{Schedule: weekly, Series: true}, Room: "r"}, want: NewSeat},
		{name: "a series, a deputy", claim: person, at: time.Hour, f: Found{Invite: member, Keeps: true, About: About{Schedule: weekly, Series: true}, Room: "r"}, want: NewSeat},
		{name: "a series whose first dates are off", claim: code, at: 8 * 24 * time.Hour, f: Found{Invite: single, About: About{Schedule: moved, Series: true}, Room: "r"}, want: NewSeat},
		{name: "a series whose first dates are off, after the third", claim: code, at: 15 * 24 * time.Hour, f: Found{Invite: single, About: About{Schedule: moved, Series: true}, Room: "r"}, err: ErrNoInvite},
		{name: "a series that meets as it comes", claim: code, f: Found{Invite: single, About: About{Series: true}, Room: "r"}, want: NewSeat},
	} {
		c.f.Exists = true
		got, err := c.f.Judge(c.claim, first.Add(c.at))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

// TestJudgeBans: a ban is told of where it alone stands in the way.
func TestJudgeBans(t *testing.T) {
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	member := Invite{Role: room.Member}
	for _, c := range []struct {
		name string
		f    Found
		err  error
	}{
		{"a good code", Found{Exists: true, Room: "r"}, ErrBanned},
		{"back to a seat", Found{Exists: true, Room: "r", Seat: "s"}, ErrBanned},
		{"the first to come", Found{Exists: true}, ErrBanned},
		{"barred from the gathering too", Found{Exists: true, Room: "r", Barred: true}, ErrBanned},
		{"a wrong code", Found{Room: "r"}, ErrNoInvite},
		{"a revoked code", Found{Exists: true, Room: "r", Ended: true}, ErrNoInvite},
		{"a circle that is closed", Found{Exists: true, Room: "r", About: About{Standing: Closed}}, ErrNoInvite},
		{"not open", Found{Exists: true, Over: now}, ErrNotOpen},
	} {
		c.f.Invite = member
		without, _ := c.f.Judge(Claim{Code: "code"}, now)
		c.f.Banned = true
		got, err := c.f.Judge(Claim{Code: "code"}, now)
		if got != 0 || err != c.err || !c.f.Barred && (without != 0) != (err == ErrBanned) {
			t.Errorf("%s: %v, %v; %v without the ban", c.name, got, err, without)
		}
	}
	if !errors.Is(ErrBanned, ErrNoSeat) {
		t.Error("who looks for ErrNoSeat lets whoever is banned stay")
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
	good := Invite{Circle: "c", Role: room.Member, Uses: 1, Until: now.Add(1), For: strings.Repeat("é", MaxFor)}
	if err := good.Check(now); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Invite){
		"no circle": func(i *Invite) { i.Circle = "" }, "no role": func(i *Invite) { i.Role = "" },
		"deputy": func(i *Invite) { i.Role = room.Deputy }, "uses": func(i *Invite) { i.Uses = -1 },
		"ended": func(i *Invite) { i.Until = now }, "note": func(i *Invite) { i.For = strings.Repeat("é", MaxFor+1) },
	} {
		i := good
		if spoil(&i); i.Check(now) == nil {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

func TestCheckCircle(t *testing.T) {
	good := Circle{ID: "c", Settings: room.DefaultSettings(), Rules: []string{"شخص واحد يتكلم."}, About: About{Language: "pt-BR", Purpose: "One.\nTwo.", Notes: []string{"Wörter"}}}
	good.Settings.Title = "Thursday carers ☕"
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Circle){
		"title of two lines": func(c *Circle) { c.Settings.Title = "a\nb" }, "title, no UTF-8": func(c *Circle) { c.Settings.Title = "a\xff" },
		"prompt": func(c *Circle) { c.Settings.Prompt = "a\x00b" }, "next": func(c *Circle) { c.Settings.Next = "a\rb" },
		"purpose": func(c *Circle) { c.Purpose = "\x1b[31mred" }, "note": func(c *Circle) { c.Notes = []string{"a\tb"} },
		"rule": func(c *Circle) { c.Rules = []string{"a\u0085b"} }, "language": func(c *Circle) { c.Language = "en us" },
		"long language": func(c *Circle) { c.Language = "en-" + strings.Repeat("a", 100) },
	} {
		c := good
		if spoil(&c); c.Check() == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// One's own link leads in where a circle is by invite. Whoever shares one, and
// whoever comes where everybody waits, waits; who looks after it never does.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		access Access
		role   room.Role
		uses   int
		want   bool
	}{
		{ByInvite, room.Member, 1, false}, {ByInvite, room.Listener, 1, false},
		{ByInvite, room.Member, 0, true}, {ByInvite, room.Listener, 2, true},
		{InviteAndWait, room.Member, 1, true}, {OpenToAll, room.Member, 1, true}, {OpenToAll, room.Member, 0, true},
		{InviteAndWait, room.Facilitator, 0, false}, {OpenToAll, room.Moderator, 0, false}, {ByInvite, room.Facilitator, 0, false},
	} {
		if got := c.access.Waits(Invite{Role: c.role, Uses: c.uses}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Whoever comes from where somebody is banned waits, unless they look after
// the circle.
func TestWaitsForTheNetwork(t *testing.T) {
	code, page, person := Claim{Code: "code"}, Claim{Circle: "c"}, Claim{Circle: "c", Person: "p"}
	for _, c := range []struct {
		claim  Claim
		access Access
		role   room.Role
		wait   bool
		want   bool
	}{
		{code, ByInvite, room.Member, true, true}, {code, ByInvite, room.Listener, true, true}, {page, OpenToAll, room.Member, true, true},
		{code, ByInvite, room.Member, false, false}, {code, InviteAndWait, room.Member, false, true}, {page, OpenToAll, room.Member, false, true},
		{code, ByInvite, room.Facilitator, true, false}, {code, ByInvite, room.Moderator, true, false}, {person, OpenToAll, room.Member, true, false},
		{Claim{Code: "code", Person: "p"}, ByInvite, room.Member, true, true}, // it is the code that lets them in
	} {
		f := Found{Invite: Invite{Role: c.role, Uses: 1}, About: About{Access: c.access}, Wait: c.wait}
		if got := f.Waits(c.claim); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

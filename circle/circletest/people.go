package circletest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hearth/circle"
	"hearth/room"
)

// welcome makes a welcome and returns its code.
func (h *house) welcome(w circle.Welcome) string {
	h.Helper()
	if w.Until.IsZero() {
		w.Until = h.now.Add(circle.WelcomeLife)
	}
	code, err := h.Store.AddWelcome(h.ctx, circle.Act{At: h.now}, w)
	h.ok(err)
	return code
}

// joins makes somebody one of those who run the house, with a passkey.
func (h *house) joins(name string, w circle.Welcome) circle.Person {
	h.Helper()
	p, err := h.Store.Register(h.ctx, h.welcome(w), circle.Person{ID: circle.PersonID("id of " + name), Name: name}, key(name), h.now)
	h.ok(err)
	return p
}

func key(name string) circle.Passkey {
	return circle.Passkey{ID: []byte("key\x00" + name), Data: []byte("record 1 of " + name)}
}

func (h *house) signsIn(p circle.Person) string {
	h.Helper()
	secret, err := h.Store.SignIn(h.ctx, p.ID, h.now)
	h.ok(err)
	return secret
}

// in says whether a secret is somebody's who is signed in.
func (h *house) in(secret string) bool {
	h.Helper()
	s, err := h.Store.Session(h.ctx, secret, h.now)
	if err != nil && (!errors.Is(err, circle.ErrNoSession) || s != (circle.Session{})) {
		h.Errorf("session: %+v, %v", s, err)
	}
	return err == nil
}

func (h *house) want(what string, err, want error) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("%s: %v, want %v", what, err, want)
	}
}

// did lists what the audit says, oldest first.
func (h *house) did() (list []string) {
	h.Helper()
	lines, err := h.Store.Audit(h.ctx, 0, 100)
	h.ok(err)
	for _, l := range lines {
		list = append(list, l.Did)
	}
	slices.Reverse(list)
	return list
}

var people = []promise{
	{"a welcome makes somebody once, with its rights", func(h *house) {
		code := h.welcome(circle.Welcome{Admin: true})
		for range 2 { // looking is not using
			w, err := h.Store.Welcome(h.ctx, code, h.now)
			h.ok(err)
			if !w.Admin || w.Moderator || w.Person != "" {
				h.Errorf("%+v", w)
			}
		}
		made, err := h.Store.Register(h.ctx, code, circle.Person{ID: "kim", Name: " Kim ", Moderator: true}, key("kim"), h.now)
		h.ok(err)
		h.Store = h.Reopen()
		kim, err := h.Store.Person(h.ctx, "kim")
		h.ok(err)
		if kim != (circle.Person{ID: "kim", Name: "Kim", Admin: true, Made: kim.Made}) || made.ID != "kim" || !kim.Made.Equal(h.now) {
			h.Errorf("%+v, made as %+v", kim, made)
		}
		_, err = h.Store.Register(h.ctx, code, circle.Person{ID: "eve", Name: "Eve"}, key("eve"), h.now)
		h.want("the second time", err, circle.ErrNoWelcome)
		_, err = h.Store.Welcome(h.ctx, code, h.now)
		h.want("looked at after", err, circle.ErrNoWelcome)
		_, err = h.Store.Person(h.ctx, "eve")
		h.want("Eve", err, circle.ErrNoPerson)
		if did := h.did(); !slices.Contains(did, "welcome-made") || !slices.Contains(did, "person-came") || !slices.Contains(did, "passkey-made") {
			h.Errorf("the audit says %v", did)
		}
	}},
	{"a welcome ends", func(h *house) {
		code := h.welcome(circle.Welcome{Until: h.now.Add(circle.FirstWelcome)})
		h.now = h.now.Add(circle.FirstWelcome)
		_, err := h.Store.Welcome(h.ctx, code, h.now)
		h.want("welcome", err, circle.ErrNoWelcome)
		_, err = h.Store.Register(h.ctx, code, circle.Person{ID: "kim", Name: "Kim"}, key("kim"), h.now)
		h.want("register", err, circle.ErrNoWelcome)
		_, err = h.Store.AddWelcome(h.ctx, circle.Act{At: h.now}, circle.Welcome{Until: h.now})
		if err == nil {
			h.Error("one that had ended was made")
		}
		for no, w := range map[error]circle.Welcome{circle.ErrNoPerson: {Person: "nobody"}, circle.ErrNoCircle: {Circle: "nowhere"}} {
			w.Until = h.now.Add(time.Hour)
			_, err := h.Store.AddWelcome(h.ctx, circle.Act{At: h.now}, w)
			h.want("names what isn't there", err, no)
		}
	}},
	{"a welcome works no longer than the rights of who made it", func(h *house) {
		kim, eve := h.joins("kim", circle.Welcome{Admin: true}), h.joins("eve", circle.Welcome{Admin: true})
		made := func(by circle.PersonID, w circle.Welcome) string {
			w.Until = h.now.Add(circle.WelcomeLife)
			code, err := h.Store.AddWelcome(h.ctx, circle.Act{By: by, At: h.now}, w)
			h.ok(err)
			return code
		}
		admin, tea, hers := made(eve.ID, circle.Welcome{Admin: true}), made(eve.ID, circle.Welcome{Circle: tea}), made(eve.ID, circle.Welcome{Person: eve.ID})
		kims := made(kim.ID, circle.Welcome{Moderator: true})
		eve.Admin = false
		h.ok(h.Store.ChangePerson(h.ctx, circle.Act{By: kim.ID, At: h.now}, eve))
		for what, code := range map[string]string{"an admin": admin, "a keeper": tea} {
			_, err := h.Store.Welcome(h.ctx, code, h.now)
			h.want("looked at: "+what, err, circle.ErrNoWelcome)
			_, err = h.Store.Register(h.ctx, code, circle.Person{ID: "mal", Name: "Mal"}, key("mal"), h.now)
			h.want("used: "+what, err, circle.ErrNoWelcome)
		}
		for _, code := range []string{hers, kims} {
			_, err := h.Store.Welcome(h.ctx, code, h.now)
			h.ok(err)
		}
		h.ok(h.Store.RemovePerson(h.ctx, circle.Act{By: kim.ID, At: h.now}, eve.ID))
		_, err := h.Store.Welcome(h.ctx, admin, h.now)
		h.want("of somebody removed", err, circle.ErrNoWelcome)
	}},
	{"whoever shuts somebody out shuts out their way back too", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		act := circle.Act{By: kim.ID, At: h.now}
		link := func(by circle.PersonID) string {
			code, err := h.Store.AddWelcome(h.ctx, circle.Act{By: by, At: h.now}, circle.Welcome{Person: kim.ID, Until: h.now.Add(circle.FirstWelcome)})
			h.ok(err)
			return code
		}
		_, err := h.Store.Register(h.ctx, link(""), circle.Person{}, key("phone"), h.now)
		h.ok(err)
		ends := map[string]func() error{
			"a session":   func() error { return h.Store.EndSession(h.ctx, act, kim.ID, h.session(h.signsIn(kim))) },
			"all of them": func() error { h.signsIn(kim); return h.Store.EndSession(h.ctx, act, kim.ID, "") },
			"a passkey":   func() error { return h.Store.RemovePasskey(h.ctx, act, kim.ID, key("phone").ID) },
		}
		for what, end := range ends {
			own, given := link(kim.ID), link("")
			h.ok(end())
			_, err := h.Store.Welcome(h.ctx, own, h.now)
			h.want("ended "+what, err, circle.ErrNoWelcome)
			_, err = h.Store.Welcome(h.ctx, given, h.now)
			h.ok(err)
		}
	}},
	{"the first admin's welcome works while there is none", func(h *house) {
		one, two := h.welcome(circle.Welcome{First: true, Admin: true}), h.welcome(circle.Welcome{First: true, Admin: true})
		_, err := h.Store.Register(h.ctx, one, circle.Person{ID: "kim", Name: "Kim"}, key("kim"), h.now)
		h.ok(err)
		_, err = h.Store.Register(h.ctx, two, circle.Person{ID: "eve", Name: "Eve"}, key("eve"), h.now)
		h.want("the other one", err, circle.ErrNoWelcome)
	}},
	{"of many who use one welcome, one does", func(h *house) {
		for round := range 5 {
			code := h.welcome(circle.Welcome{Moderator: true})
			var in atomic.Int32
			var wg sync.WaitGroup
			for n := range 6 {
				wg.Go(func() {
					name := device(round*10 + n)
					_, err := h.Store.Register(h.ctx, code, circle.Person{ID: circle.PersonID(name), Name: "Mo"}, key(name), h.now)
					if err == nil {
						in.Add(1)
					} else if !errors.Is(err, circle.ErrNoWelcome) {
						h.Error(err)
					}
				})
			}
			wg.Wait()
			if in.Load() != 1 {
				h.Fatalf("%d came by one welcome", in.Load())
			}
		}
	}},
	{"what is no person is not made, and the welcome still works", func(h *house) {
		h.joins("kim", circle.Welcome{Admin: true})
		code := h.welcome(circle.Welcome{})
		for what, p := range map[string]circle.Person{"no name": {ID: "x", Name: " "}, "no id": {Name: "X"}, "a long name": {ID: "x", Name: string(make([]rune, circle.MaxPerson+1))}} {
			if _, err := h.Store.Register(h.ctx, code, p, key("x"), h.now); err == nil {
				h.Errorf("%s was made", what)
			}
		}
		_, err := h.Store.Register(h.ctx, code, circle.Person{ID: "x", Name: "X"}, key("kim"), h.now)
		h.want("somebody else's passkey", err, circle.ErrNoPasskey)
		_, err = h.Store.Register(h.ctx, code, circle.Person{ID: "x", Name: "X"}, key("x"), h.now)
		h.ok(err)
	}},
	{"people come in their order, and change their names", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		h.joins("ada", circle.Welcome{})
		kim.Name = "Kim B."
		h.ok(h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, kim))
		list, err := h.Store.People(h.ctx)
		h.ok(err)
		if len(list) != 2 || list[0].Name != "Kim B." || list[1].Name != "ada" {
			h.Errorf("%+v", list)
		}
		h.want("nobody", h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, circle.Person{ID: "nobody", Name: "N"}), circle.ErrNoPerson)
		h.want("nobody", h.Store.RemovePerson(h.ctx, circle.Act{At: h.now}, "nobody"), circle.ErrNoPerson)
	}},
	{"somebody stays who runs the house", lastAdmin},
	{"whoever is given a circle keeps it, and whoever goes doesn't", keepsIt},
	{"a link doesn't make anybody keep a circle once people sign in", func(h *house) {
		claim := circle.Claim{Code: h.keeper, Device: "kim", Far: true}
		kim, _, err := h.Store.Redeem(h.ctx, claim, h.now)
		h.ok(err)
		ada := h.joins("ada", circle.Welcome{Circle: tea})
		h.refused(claim, circle.ErrNoInvite)
		seat, _, err := h.Store.Redeem(h.ctx, circle.Claim{Circle: tea, Person: ada.ID, Session: h.session(h.signsIn(ada)), Device: "ada", Far: true}, h.now)
		h.ok(err)
		if seat.Role != room.Facilitator || seat.Room != kim.Room {
			h.Errorf("%+v", seat)
		}
		claim.Far = false
		_, _, err = h.Store.Redeem(h.ctx, claim, h.now)
		h.ok(err)
	}},
	{"other rights sign out everywhere", func(h *house) {
		h.joins("kim", circle.Welcome{Admin: true})
		ada := h.joins("ada", circle.Welcome{})
		one, two := h.signsIn(ada), h.signsIn(ada)
		ada.Name = "Ada L."
		h.ok(h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, ada))
		if !h.in(one) || !h.in(two) {
			h.Error("another name signed her out")
		}
		was := h.revision()
		ada.Moderator = true
		h.ok(h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, ada))
		if h.in(one) || h.in(two) || h.revision() == was {
			h.Error("other rights did not, or nobody was told")
		}
	}},
}

// session returns the id of a secret's session.
func (h *house) session(secret string) string {
	h.Helper()
	s, err := h.Store.Session(h.ctx, secret, h.now)
	h.ok(err)
	return s.ID
}

func (h *house) revision() int64 {
	h.Helper()
	n, err := h.Store.Revision(h.ctx)
	h.ok(err)
	return n
}

// lastAdmin: also when two admins take each other's rights at once.
func lastAdmin(h *house) {
	kim := h.joins("kim", circle.Welcome{Admin: true})
	kim.Admin = false
	h.want("change", h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, kim), circle.ErrLastAdmin)
	h.want("remove", h.Store.RemovePerson(h.ctx, circle.Act{At: h.now}, kim.ID), circle.ErrLastAdmin)
	for round := range 5 {
		other := h.joins(device(round), circle.Welcome{Admin: true})
		var wg sync.WaitGroup
		for _, p := range []circle.Person{kim, other} {
			wg.Go(func() {
				p.Admin = false
				if err := h.Store.ChangePerson(h.ctx, circle.Act{At: h.now}, p); err != nil && !errors.Is(err, circle.ErrLastAdmin) {
					h.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := h.Store.People(h.ctx)
		h.ok(err)
		list = slices.DeleteFunc(list, func(p circle.Person) bool { return !p.Admin })
		if len(list) != 1 {
			h.Fatalf("round %d: %d admins are left", round, len(list))
		}
		kim = list[0]
	}
}

func keepsIt(h *house) {
	h.joins("kim", circle.Welcome{Admin: true})
	ada := h.joins("ada", circle.Welcome{Circle: tea})
	bo := h.joins("bo", circle.Welcome{Circle: tea, Deputy: true})
	was, err := h.Store.Circle(h.ctx, tea)
	h.ok(err)
	if !slices.Equal(was.Keepers, []circle.PersonID{ada.ID}) || !slices.Equal(was.Deputies, []circle.PersonID{bo.ID}) {
		h.Fatalf("%+v", was.About)
	}
	secret := h.signsIn(ada)
	rev := h.revision()
	h.ok(h.Store.RemovePerson(h.ctx, circle.Act{At: h.now}, ada.ID))
	now, err := h.Store.Circle(h.ctx, tea)
	h.ok(err)
	keys, err := h.Store.Passkeys(h.ctx, ada.ID)
	h.ok(err)
	_, gone := h.Store.Person(h.ctx, ada.ID)
	if len(now.Keepers) != 0 || len(now.Deputies) != 1 || now.Rev <= was.Rev || h.in(secret) || len(keys) != 0 || h.revision() == rev {
		h.Errorf("%+v, %d passkeys", now, len(keys))
	}
	h.want("person", gone, circle.ErrNoPerson)
	other, err := h.Store.Circle(h.ctx, walk)
	h.ok(err)
	if other.Rev != 1 {
		h.Error("another circle was changed")
	}
}

var keys = []promise{
	{"somebody gets another passkey, and never loses the last", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		act := circle.Act{By: kim.ID, At: h.now}
		h.want("the only one", h.Store.RemovePasskey(h.ctx, act, kim.ID, key("kim").ID), circle.ErrLastAdmin)
		h.now = h.now.Add(time.Second)
		again, err := h.Store.Register(h.ctx, h.welcome(circle.Welcome{Person: kim.ID}), circle.Person{ID: "eve", Name: "Eve"}, key("phone"), h.now)
		h.ok(err)
		if again.ID != kim.ID || again.Name != "kim" {
			h.Errorf("made %+v", again)
		}
		h.want("not there", h.Store.RemovePasskey(h.ctx, act, kim.ID, []byte("other")), circle.ErrNoPasskey)
		h.want("not theirs", h.Store.RemovePasskey(h.ctx, act, "eve", key("kim").ID), circle.ErrNoPasskey)
		h.ok(h.Store.RemovePasskey(h.ctx, act, kim.ID, key("kim").ID))
		list, err := h.Store.Passkeys(h.ctx, kim.ID)
		h.ok(err)
		if len(list) != 1 || string(list[0].ID) != string(key("phone").ID) || string(list[0].Data) != string(key("phone").Data) || list[0].Person != kim.ID || !list[0].Used.IsZero() {
			h.Errorf("%+v", list)
		}
	}},
	{"a person has so many passkeys and no more", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		for n := range circle.MostPasskeys {
			_, err := h.Store.Register(h.ctx, h.welcome(circle.Welcome{Person: kim.ID}), circle.Person{}, key(device(n)), h.now)
			if last := n == circle.MostPasskeys-1; last != errors.Is(err, circle.ErrFull) || !last && err != nil {
				h.Fatalf("passkey %d: %v", n+2, err)
			}
		}
	}},
	{"a passkey's record is changed by one at a time", func(h *house) {
		h.joins("kim", circle.Welcome{Admin: true})
		next := key("kim")
		next.Data = []byte("record 2 of kim")
		h.ok(h.Store.UsePasskey(h.ctx, next, key("kim").Data, h.now))
		h.want("again from the same", h.Store.UsePasskey(h.ctx, next, key("kim").Data, h.now), circle.ErrChanged)
		h.want("nobody's", h.Store.UsePasskey(h.ctx, key("eve"), key("eve").Data, h.now), circle.ErrNoPasskey)
		list, err := h.Store.Passkeys(h.ctx, "id of kim")
		h.ok(err)
		if len(list) != 1 || string(list[0].Data) != "record 2 of kim" || !list[0].Used.Equal(h.now.Truncate(24*time.Hour)) {
			h.Errorf("%+v", list)
		}
	}},
	{"what a sign-in needs is had once, for five minutes", func(h *house) {
		code, err := h.Store.Begin(h.ctx, []byte("challenge\x00"), h.now)
		h.ok(err)
		h.Store = h.Reopen()
		_, err = h.Store.End(h.ctx, code+"x", h.now)
		h.want("another code", err, circle.ErrNoPasskey)
		var in atomic.Int32
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				data, err := h.Store.End(h.ctx, code, h.now)
				if err == nil && string(data) == "challenge\x00" {
					in.Add(1)
				} else if !errors.Is(err, circle.ErrNoPasskey) {
					h.Errorf("%q, %v", data, err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			h.Errorf("%d had it", in.Load())
		}
		late, err := h.Store.Begin(h.ctx, []byte("challenge"), h.now)
		h.ok(err)
		data, err := h.Store.End(h.ctx, late, h.now.Add(circle.CeremonyLife))
		h.want("late", err, circle.ErrNoPasskey)
		if data != nil {
			h.Errorf("late: %q", data)
		}
	}},
}

var signedIn = []promise{
	{"whoever signs in is known by the secret alone", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		secret := h.signsIn(kim)
		h.Store = h.Reopen()
		s, err := h.Store.Session(h.ctx, secret, h.now)
		h.ok(err)
		if s.Person != kim.ID || !s.Made.Equal(h.now) || !s.Proved.Equal(h.now) || s.ID == "" || len(secret) < 22 {
			h.Errorf("%+v", s)
		}
		for _, wrong := range []string{"", "x", s.ID, secret + " ", "\x00"} {
			if h.in(wrong) {
				h.Errorf("%q is signed in", wrong)
			}
		}
		_, err = h.Store.SignIn(h.ctx, "nobody", h.now)
		h.want("nobody", err, circle.ErrNoPerson)
	}},
	{"a session ends when it isn't used, and in any case", func(h *house) {
		kim := h.joins("kim", circle.Welcome{Admin: true})
		idle, used := h.signsIn(kim), h.signsIn(kim)
		from := h.now
		for h.now.Before(from.Add(circle.SessionLife)) {
			if !h.in(used) {
				h.Fatalf("over after %v of use", h.now.Sub(from))
			}
			h.now = h.now.Add(24 * time.Hour)
			if since := h.now.Sub(from); since == circle.SessionIdle && h.in(idle) {
				h.Error("one that wasn't used goes on")
			}
		}
		if h.in(used) {
			h.Error("one goes on for ever")
		}
		list, err := h.Store.Sessions(h.ctx, kim.ID, h.now)
		h.ok(err)
		if len(list) != 0 {
			h.Errorf("listed: %+v", list)
		}
	}},
	{"touching the passkey again changes the secret", func(h *house) {
		old := h.signsIn(h.joins("kim", circle.Welcome{Admin: true}))
		before, err := h.Store.Session(h.ctx, old, h.now)
		h.ok(err)
		h.now = h.now.Add(time.Hour)
		renewed, err := h.Store.Prove(h.ctx, old, h.now)
		h.ok(err)
		after, err := h.Store.Session(h.ctx, renewed, h.now)
		h.ok(err)
		if renewed == old || h.in(old) || after.ID != before.ID || !after.Proved.Equal(h.now) || !after.Made.Equal(before.Made) {
			h.Errorf("%+v became %+v", before, after)
		}
		_, err = h.Store.Prove(h.ctx, old, h.now)
		h.want("the old one", err, circle.ErrNoSession)
	}},
	{"sessions are listed, and ended one by one or all", func(h *house) {
		kim, ada := h.joins("kim", circle.Welcome{Admin: true}), h.joins("ada", circle.Welcome{})
		act := circle.Act{By: kim.ID, At: h.now}
		one := h.signsIn(kim)
		h.now = h.now.Add(time.Minute)
		two, hers := h.signsIn(kim), h.signsIn(ada)
		list, err := h.Store.Sessions(h.ctx, kim.ID, h.now)
		h.ok(err)
		if len(list) != 2 || !list[0].Made.After(list[1].Made) {
			h.Fatalf("%+v", list)
		}
		rev := h.revision()
		h.want("somebody else's", h.Store.EndSession(h.ctx, act, ada.ID, list[0].ID), circle.ErrNoSession)
		h.ok(h.Store.EndSession(h.ctx, act, kim.ID, list[0].ID))
		if !h.in(one) || h.in(two) || h.revision() == rev {
			h.Error("the wrong one ended, or nobody was told")
		}
		h.ok(h.Store.EndSession(h.ctx, act, kim.ID, ""))
		if h.in(one) || !h.in(hers) {
			h.Error("not all of Kim's ended, or Ada's did")
		}
		h.ok(h.Store.EndSession(h.ctx, act, kim.ID, ""))
		if did := h.did(); did[len(did)-1] != "session-ended" {
			h.Errorf("the audit says %v", did)
		}
		h.ok(h.Store.VerifyAudit(h.ctx))
	}},
}

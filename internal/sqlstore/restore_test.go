package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/room"
)

// house makes circles and people, and fails the test when it can't.
type house struct {
	*testing.T
	d     *Durable
	store circle.Store
	ctx   context.Context
}

func newHouse(t *testing.T, d *Durable) *house {
	return &house{T: t, d: d, store: d.Circles(), ctx: context.Background()}
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) want(what string, is, want error) {
	h.Helper()
	if !errors.Is(is, want) {
		h.Errorf("%s: %v, want %v", what, is, want)
	}
}

func (h *house) circle(id circle.ID, keepers ...circle.PersonID) {
	h.Helper()
	h.ok(h.store.AddCircle(h.ctx, circle.Act{At: noon}, circle.Circle{ID: id, Settings: room.DefaultSettings(), About: circle.About{Keepers: keepers}}))
}

func (h *house) invite(of circle.ID, role room.Role, uses int) string {
	h.Helper()
	code, err := h.store.AddInvite(h.ctx, circle.Act{At: noon}, circle.Invite{Circle: of, Role: role, Uses: uses})
	h.ok(err)
	return code
}

// sits is somebody with a seat.
type sits struct {
	circle.Seat
	secret string
}

func (h *house) comes(c circle.Claim) sits {
	h.Helper()
	seat, secret, err := h.store.Redeem(h.ctx, c, noon)
	h.ok(err)
	return sits{seat, secret}
}

func (h *house) sits(s sits) error {
	_, err := h.store.Seat(h.ctx, s.Handle, s.secret)
	return err
}

func (h *house) person(id circle.PersonID, w circle.Welcome) (session string) {
	h.Helper()
	w.Until = noon.Add(time.Hour)
	code, err := h.store.AddWelcome(h.ctx, circle.Act{At: noon}, w)
	h.ok(err)
	_, err = h.store.Register(h.ctx, code, circle.Person{ID: id, Name: "P " + string(id)}, circle.Passkey{ID: []byte("key of " + id), Data: []byte("{}")}, noon)
	h.ok(err)
	secret, err := h.store.SignIn(h.ctx, id, noon)
	h.ok(err)
	return secret
}

// change is what somebody changes of a circle.
func (h *house) change(id circle.ID, how func(*circle.Circle)) {
	h.Helper()
	c, err := h.store.Circle(h.ctx, id)
	h.ok(err)
	how(&c)
	h.ok(h.store.ChangeCircle(h.ctx, circle.Act{At: noon}, c))
}

func TestRestoreWhileCirclesMeet(t *testing.T) {
	p := servers.StartPostgres(t)
	t.Run("SQLite", func(t *testing.T) {
		db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon })
		begun := restoreWhileCirclesMeet(newHouse(t, db.Durable), func(id room.ID) { begin(t, db, id) })
		if live, err := db.Live(t.Context()); err != nil || len(live) != 1 || live[0] != begun {
			t.Errorf("live are %q, want %q (%v)", live, begun, err)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		restoreWhileCirclesMeet(newHouse(t, connect(t, p.Database(t))), func(room.ID) {})
	})
}

// restoreWhileCirclesMeet returns the one room that goes on.
func restoreWhileCirclesMeet(h *house, begin func(room.ID)) room.ID {
	h.circle("stays")
	session := h.person("kim", circle.Welcome{Admin: true, Circle: "stays"})
	s, err := h.store.Session(h.ctx, session, noon)
	h.ok(err)
	then := h.invite("stays", room.Member, 0)
	file := backedUp(h.T, h.d)

	h.circle("goes")
	since, other := h.invite("stays", room.Member, 0), h.invite("goes", room.Facilitator, 0)
	kim := h.comes(circle.Claim{Circle: "stays", Person: "kim", Session: s.ID, Device: "kim"})
	ada, bo := h.comes(circle.Claim{Code: then, Device: "ada"}), h.comes(circle.Claim{Code: since, Device: "bo"})
	cleo := h.comes(circle.Claim{Code: other, Device: "cleo"})
	begin(ada.Room)
	begin(cleo.Room)
	h.ok(h.store.Bar(h.ctx, ada.Room, ada.ID))
	welcome, err := h.store.AddWelcome(h.ctx, circle.Act{At: noon}, circle.Welcome{Admin: true, Until: noon.Add(time.Hour)})
	h.ok(err)
	rev, err := h.store.Revision(h.ctx)
	h.ok(err)

	want := restored(h.T, h.d, file)
	if want.GoOn != 1 || want.Ended != 1 || want.Out != 1 || want.Links != 1 || !want.Same || !want.Audits || (want.Again != Again{}) {
		h.Errorf("it is told %+v", want)
	}
	h.want("whoever came by an invite of then", h.sits(ada), nil)
	h.want("whoever came by an invite since", h.sits(bo), nil)
	h.want("whoever was in a circle since", h.sits(cleo), circle.ErrNoSeat)
	h.want("whoever was signed in", h.sits(kim), circle.ErrNoSeat)
	if seat, err := h.store.Seat(h.ctx, ada.Handle, ada.secret); err != nil || !seat.Barred {
		h.Errorf("whoever was removed: %+v, %v", seat, err)
	}
	if dee := h.comes(circle.Claim{Code: then, Device: "dee"}); dee.Room != ada.Room {
		h.Error("another gathering has begun")
	}
	_, _, err = h.store.Redeem(h.ctx, circle.Claim{Code: since, Device: "eve"}, noon)
	h.want("an invite made since", err, circle.ErrNoInvite)
	_, _, err = h.store.Redeem(h.ctx, circle.Claim{Code: other, Device: "eve"}, noon)
	h.want("an invite into a circle made since", err, circle.ErrNoInvite)
	_, err = h.store.Circle(h.ctx, "goes")
	h.want("a circle made since", err, circle.ErrNoCircle)
	_, err = h.store.Session(h.ctx, session, noon)
	h.want("a session", err, circle.ErrNoSession)
	_, err = h.store.Welcome(h.ctx, welcome, noon)
	h.want("a link for somebody new", err, circle.ErrNoWelcome)
	if now, err := h.store.Revision(h.ctx); err != nil || now == rev {
		h.Errorf("nobody is told: %d, %v", now, err)
	}
	lines, err := h.store.Audit(h.ctx, 0, 100)
	h.ok(errors.Join(err, h.store.VerifyAudit(h.ctx)))
	if lines[0].Did != "restored" || lines[0].What != noon.Format(time.RFC3339) || len(lines) < 6 {
		h.Errorf("the audit says %+v", lines)
	}
	again := restored(h.T, h.d, file) // the same once more
	if again.GoOn != 1 || again.Ended != 0 || again.Now["circles"] != 1 {
		h.Errorf("once more it is told %+v", again)
	}
	h.want("whoever came since, once more", h.sits(bo), nil)
	return ada.Room
}

// TestWorksAgain: it is said what comes back that was ended on purpose.
func TestWorksAgain(t *testing.T) {
	h := newHouse(t, newFile(t))
	h.circle("c")
	h.person("ada", circle.Welcome{Admin: true})
	h.person("bo", circle.Welcome{Moderator: true, Circle: "c"})
	h.person("cleo", circle.Welcome{Circle: "c", Deputy: true})
	revoked, single := h.invite("c", room.Member, 0), h.invite("c", room.Member, 1)
	h.invite("c", room.Listener, 0)
	file := backedUp(t, h.d)
	b := read(t, file)
	is := func(step string, want Again) {
		t.Helper()
		if c, err := h.d.Compare(h.ctx, b, noon); err != nil || c.Again != want {
			t.Errorf("%s: %+v, %v; want %+v", step, c.Again, err, want)
		}
	}
	is("at once", Again{})
	list, err := h.store.Invites(h.ctx, "c", noon)
	h.ok(err)
	h.ok(h.store.Revoke(h.ctx, circle.Act{At: noon}, "c", list[2].ID))
	is("an invite revoked", Again{Invites: 1})
	h.comes(circle.Claim{Code: h.invite("c", room.Facilitator, 0), Device: "kim"})
	h.comes(circle.Claim{Code: single, Device: "dee"})
	is("and one used up", Again{Invites: 2})
	h.change("c", func(c *circle.Circle) { c.Keepers, c.Deputies = nil, nil })
	is("who keeps the circle", Again{Invites: 2, Rights: 2})
	h.ok(h.store.ChangePerson(h.ctx, circle.Act{At: noon}, circle.Person{ID: "bo", Name: "Bo"}))
	is("who moderates", Again{Invites: 2, Rights: 3})
	h.ok(h.store.RemovePerson(h.ctx, circle.Act{At: noon}, "cleo"))
	is("somebody removed", Again{Invites: 2, Rights: 2, People: 1})
	more, err := h.store.AddWelcome(h.ctx, circle.Act{At: noon}, circle.Welcome{Person: "ada", Until: noon.Add(time.Hour)})
	h.ok(err)
	_, err = h.store.Register(h.ctx, more, circle.Person{}, circle.Passkey{ID: []byte("another"), Data: []byte("{}")}, noon)
	h.ok(errors.Join(err, h.store.RemovePasskey(h.ctx, circle.Act{At: noon}, "ada", []byte("key of ada"))))
	want := Again{Invites: 2, Rights: 2, People: 1, Passkeys: 1}
	is("a passkey removed", want)

	if c := restored(t, h.d, file); c.Again != want {
		t.Errorf("restored it says %+v", c.Again)
	}
	h.comes(circle.Claim{Code: revoked, Device: "fay"})
	is("restored", Again{})
	if bo, err := h.store.Person(h.ctx, "bo"); err != nil || !bo.Moderator {
		t.Errorf("%+v, %v", bo, err)
	}
	_, err = h.store.Person(h.ctx, "cleo")
	h.ok(err)
}

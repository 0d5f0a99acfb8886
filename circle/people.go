package circle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hearth/room"
)

// PersonID names somebody who has a part in running the house. A random UUID.
type PersonID string

// Person is somebody with a part in running the house: an admin, a moderator,
// or somebody who keeps a circle (the circle says who). Members are nobody
// here.
type Person struct {
	ID        PersonID
	Name      string // as they want to be called; on their circles' pages
	Admin     bool   // runs the house: circles, people, settings
	Moderator bool   // looks after every circle
	Made      time.Time
}

// MaxPerson bounds a person's name, in bytes: room for the 40 letters that
// package web lets a name have, with the signs on them.
const MaxPerson = 120

// Check says what is wrong with a person who is about to be kept.
func (p Person) Check() error {
	switch {
	case p.ID == "":
		return errors.New("circle: a person needs an id")
	case strings.TrimSpace(p.Name) == "":
		return errors.New("circle: a person needs a name")
	case len(p.Name) > MaxPerson:
		return fmt.Errorf("circle: a person's name has at most %d bytes", MaxPerson)
	}
	return nil
}

// RidesOnLink says whether a role may come in by a link alone. Whoever keeps
// or moderates a circle has more to lose than a link can guard: once people
// sign in with passkeys, in a house that others can reach, they sign in.
// Until then, and on one's own machine, a link does.
func RidesOnLink(r room.Role, passkeys, loopback bool) bool {
	return loopback || !passkeys || r != room.Facilitator && r != room.Moderator
}

// People keeps who has a part in running the house. Changes are in the audit.
type People interface {
	People(ctx context.Context) ([]Person, error)            // in the order they came
	Person(ctx context.Context, id PersonID) (Person, error) // or ErrNoPerson
	// ChangePerson keeps another name or other rights. Whoever gets other
	// rights is signed out everywhere. ErrLastAdmin when no admin would be
	// left.
	ChangePerson(ctx context.Context, a Act, p Person) error
	// RemovePerson takes somebody's rights, passkeys, sessions and seats, and
	// their part in every circle. ErrLastAdmin as above.
	RemovePerson(ctx context.Context, a Act, id PersonID) error
}

// Welcome is a link that makes somebody one of these people, or gives one of
// them another passkey. It works once.
type Welcome struct {
	Person    PersonID // who gets a passkey; empty: somebody new
	First     bool     // works while the house has no admin, and no longer
	Admin     bool     // of somebody new, as is what follows
	Moderator bool
	Circle    ID   // that they keep; empty: none
	Deputy    bool // as a deputy
	Until     time.Time
}

// How long welcomes work: the first admin's, printed at each start while the
// house has none, and any other.
const (
	FirstWelcome = 15 * time.Minute
	WelcomeLife  = 7 * 24 * time.Hour
)

// MostPasskeys is how many passkeys a person can have.
const MostPasskeys = 10

// Passkey is what somebody signs in with. Data is the authenticator's public
// record as the web keeps it; nothing in it is secret.
type Passkey struct {
	ID     []byte // the credential's
	Person PersonID
	Data   []byte
	Made   time.Time
	Used   time.Time // the day of last use; zero: never
}

// Passkeys keeps what people sign in with, and what lets them make their first.
type Passkeys interface {
	// AddWelcome keeps a welcome and returns its code, told only now. ErrNoPerson
	// or ErrNoCircle if it names one that isn't there. It works for as long as
	// whoever made it is an admin, or it is for a passkey of their own; the
	// latter ends with any session or passkey that they end.
	AddWelcome(ctx context.Context, a Act, w Welcome) (code string, err error)
	Welcome(ctx context.Context, code string, now time.Time) (Welcome, error) // or ErrNoWelcome; it still works after
	// Register uses a welcome up: it makes the person, if they are new, under
	// the id and name given and with the welcome's rights, and keeps their
	// passkey. ErrNoWelcome if it was used or has ended, ErrNoPasskey if
	// somebody has that passkey already, ErrFull with MostPasskeys: then the
	// welcome still works.
	Register(ctx context.Context, code string, p Person, k Passkey, now time.Time) (Person, error)
	Passkeys(ctx context.Context, p PersonID) ([]Passkey, error)
	// UsePasskey keeps what a sign-in changed of a passkey's record, if was is
	// what it was; else ErrChanged: two used it at once, as a copy would.
	// ErrNoPasskey if it is gone.
	UsePasskey(ctx context.Context, k Passkey, was []byte, now time.Time) error
	RemovePasskey(ctx context.Context, a Act, p PersonID, id []byte) error // never the last: ErrLastAdmin
	// Begin keeps what a sign-in needs from its first step to its second, for
	// CeremonyLife; End returns it once.
	Begin(ctx context.Context, data []byte, now time.Time) (code string, err error)
	End(ctx context.Context, code string, now time.Time) ([]byte, error) // or ErrNoPasskey
}

// CeremonyLife is how long somebody has to touch their passkey.
const CeremonyLife = 5 * time.Minute

// Session is somebody signed in on one browser.
type Session struct {
	ID     string // names it in lists
	Person PersonID
	Made   time.Time
	Seen   time.Time // to the hour
	Proved time.Time // when a passkey was last touched for it
}

// How long sessions last without use, and in all, and how long a touch of the
// passkey is fresh enough for what needs it.
const (
	SessionIdle  = 7 * 24 * time.Hour
	SessionLife  = 30 * 24 * time.Hour
	FreshSession = 15 * time.Minute
)

// Sessions keeps who is signed in. A session ends with its person's rights.
type Sessions interface {
	// SignIn begins a session of somebody who has just touched their passkey.
	// ErrNoPerson if they aren't there any more.
	SignIn(ctx context.Context, p PersonID, now time.Time) (secret string, err error)
	// Session returns the session of a secret, and notes that it is in use;
	// else ErrNoSession.
	Session(ctx context.Context, secret string, now time.Time) (Session, error)
	// Prove notes that a passkey was touched again, under a new secret: the
	// old one is worth nothing from then on.
	Prove(ctx context.Context, secret string, now time.Time) (renewed string, err error)
	Sessions(ctx context.Context, p PersonID, now time.Time) ([]Session, error)
	// EndSession ends one of somebody's sessions, or ErrNoSession; with an
	// empty id all of them. Seats that were had by it prove nothing from then
	// on.
	EndSession(ctx context.Context, a Act, p PersonID, id string) error
	// Revision counts whatever ends a seat or session before its time:
	// revoked invites, ended sessions, changed rights. Who polls it knows when
	// to look again.
	Revision(ctx context.Context) (int64, error)
}

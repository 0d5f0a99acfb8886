package circle

import (
	"context"
	"time"
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

// MaxPerson bounds a person's name, in characters.
const MaxPerson = 40

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
	Admin     bool     // of somebody new, as is what follows
	Moderator bool
	Circle    ID   // that they keep; empty: none
	Deputy    bool // as a deputy
	Until     time.Time
}

// How long welcomes work: the first admin's, printed at a first start, and
// any other.
const (
	FirstWelcome = 15 * time.Minute
	WelcomeLife  = 7 * 24 * time.Hour
)

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
	AddWelcome(ctx context.Context, a Act, w Welcome) (code string, err error)
	Welcome(ctx context.Context, code string, now time.Time) (Welcome, error) // or ErrNoWelcome; it still works after
	// Register uses a welcome up: it makes the person, if they are new, under
	// the id and name given, and keeps their passkey. ErrNoWelcome if it was
	// used or has ended.
	Register(ctx context.Context, code string, p Person, k Passkey, now time.Time) (Person, error)
	Passkeys(ctx context.Context, p PersonID) ([]Passkey, error)
	// UsePasskey keeps what a sign-in changed of a passkey's record, if was is
	// what it was; else ErrChanged: two used it at once, as a copy would.
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
	SignIn(ctx context.Context, p PersonID, now time.Time) (secret string, err error)
	// Session returns the session of a secret; else ErrNoSession.
	Session(ctx context.Context, secret string, now time.Time) (Session, error)
	// Prove notes that a passkey was touched again, under a new secret: the
	// old one is worth nothing from then on.
	Prove(ctx context.Context, secret string, now time.Time) (renewed string, err error)
	Sessions(ctx context.Context, p PersonID, now time.Time) ([]Session, error)
	// EndSession ends one of somebody's sessions; with an empty id all of them.
	EndSession(ctx context.Context, a Act, p PersonID, id string) error
	// Revision counts whatever ends a seat or session before its time:
	// revoked invites, ended sessions, changed rights. Who polls it knows when
	// to look again.
	Revision(ctx context.Context) (int64, error)
}

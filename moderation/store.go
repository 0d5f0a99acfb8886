package moderation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hearth/room"
)

// What Store answers besides nil; compare with errors.Is.
var (
	ErrNoReport = errors.New("moderation: no such report")
	ErrNoCase   = errors.New("moderation: no such case")
	ErrNotYours = errors.New("moderation: not yours to do")
	ErrChanged  = errors.New("moderation: somebody else changed it at the same time")
	ErrNoAppeal = errors.New("moderation: no such decision to appeal")
	ErrAppealed = errors.New("moderation: it was appealed already")
	ErrFull     = errors.New("moderation: too many already")
	ErrDone     = errors.New("moderation: that is done already")
)

// ClaimedError: somebody else has the case.
type ClaimedError struct{ Claim }

func (e *ClaimedError) Error() string { return fmt.Sprintf("moderation: %s has it", e.By) }

// Act is who does something (nobody: at the command line), and when. Every
// change of a moderator's is in the audit, in the transaction that makes it.
type Act struct {
	By PersonID
	At time.Time
}

// Viewer is who looks. Whoever is kept away from a case finds ErrNoCase: not
// even that it is there.
type Viewer struct{ Person PersonID }

// Store is all that is kept of reports and what came of them, in one database.
// Every method is one transaction. Texts are kept under keys of a Vault.
type Store interface {
	Reports
	Cases
	Claims
	Decisions
	Appeals
	Sanctions
	Places
	Duties
	Pages
	ModKeys
	Retention
	// Desk counts every change that a desk shows, so that every node sees it.
	Desk(ctx context.Context) (int64, error)
}

// Reports keeps reports.
//
// File keeps one: it joins the open case of its kind about the same subject in
// the same room, or that about the room itself, or begins one. A case has the
// priority and category of its gravest report. Of a case beyond MostReports
// only the number grows, but one's own distress replaces what the same seat
// said before. A care case that was acknowledged stays so.
type Reports interface {
	File(ctx context.Context, r Report) (Filed, error)
	// Progress answers whoever has the code of a receipt; else ErrNoReport.
	Progress(ctx context.Context, code string, now time.Time) (Progress, error)
	// Bodies opens the reports of a case: what is sealed in them, by report id.
	// Opening is in the audit. ErrNotYours unless whoever asks has claimed it, or
	// is at the command line.
	Bodies(ctx context.Context, a Act, of string) (map[string]Sealed, error)
}

// Cases is what the desk shows.
type Cases interface {
	Queue(ctx context.Context, v Viewer, now time.Time, most int) (Queue, error)
	Case(ctx context.Context, v Viewer, id string, now time.Time) (Dossier, error)
	// Search finds closed and open cases, newest first, by facts alone.
	Search(ctx context.Context, v Viewer, s Search) ([]Case, error)
}

// Search is what past cases are found by; what is empty is any.
type Search struct {
	N        int64
	Kind     Kind
	Category Category
	Circle   CircleID
	Action   Action
	By       PersonID // who decided
	From, To time.Time
	Before   int64 // N: of the page before
	Most     int
}

// Claims are leases of ClaimFor, one row a case.
//
// Claim takes a case, or renews what is one's own; *ClaimedError when somebody
// else has it, ErrNotYours to whoever decided what an appeal is
// against, or agreed to it. The first claim
// acknowledges. Release gives it back; HandOver to another moderator. Shift
// hands all of somebody's over, and says how many.
type Claims interface {
	Claim(ctx context.Context, a Act, id string) (Case, error)
	Release(ctx context.Context, a Act, id string) error
	HandOver(ctx context.Context, a Act, id string, to PersonID) error
	Shift(ctx context.Context, a Act, to PersonID) (int, error)
}

// Decisions keeps what was done.
//
// Decide keeps a decision that Decision.Check lets pass, of whoever has
// claimed the case; with its id, Appeal and time. rev is the Case.Rev they
// saw: with another it is ErrChanged. Bans hold from here on, in this very
// transaction. NoAction and all else close the case, unless more is set.
// Undo takes a decision back, and with it its ban.
// Care moves a care case on: WithThem, or Closed with an outcome.
type Decisions interface {
	Decide(ctx context.Context, a Act, rev int, d Decision, more bool) (Decision, error)
	Undo(ctx context.Context, a Act, decision string) (Decision, error)
	Care(ctx context.Context, a Act, id string, to State, o Outcome) error
	// Note leaves a note, and FollowUp one with which the case comes back to the
	// queue then (zero: not).
	Note(ctx context.Context, a Act, id, text string, again time.Time) error
}

// Appeals are had by the code in a statement, without an account, for
// AppealFor, once a decision.
type Appeals interface {
	// Stated returns the decision of a code, with its facts, and its appeal if
	// there was one; else ErrNoAppeal.
	Stated(ctx context.Context, code string, now time.Time) (Decision, *Appealed, error)
	Appeal(ctx context.Context, code, text string, now time.Time) error // ErrAppealed, ErrNoAppeal
	// Judge decides one, by who has claimed it and is not who decided; the
	// database refuses that too. Overturning undoes the decision.
	Judge(ctx context.Context, a Act, id string, overturn bool, answer string) (Decision, error)
}

// Sanctions is who is kept out, and who is to be told of a decision.
type Sanctions interface {
	// Banned returns the decisions by which any of the keys (Link.Keys) is kept
	// out of a circle now, newest first. Those by a prefix alone keep nobody
	// out: who comes from there waits at the door.
	Banned(ctx context.Context, keys []string, of CircleID, now time.Time) (out []Decision, wait bool, err error)
	// Owed returns the decisions that whoever sits in a seat, or has one of the
	// keys, is to be told of in a circle, newest first: those of the last 30 days that
	// still hold, and those that they were never shown, for as long as they can be
	// appealed. A ban or mute holds until its end, a removal until that gathering's.
	// Told notes that they were shown it.
	Owed(ctx context.Context, seat room.SeatID, keys []string, of CircleID, now time.Time) ([]Decision, error)
	Told(ctx context.Context, decision string, now time.Time) error
	// Links returns the sealed Links of seats, by seat: of one room, or with
	// an empty one of all that were had since then.
	Links(ctx context.Context, of room.ID, since time.Time) (map[room.SeatID]string, error)
	// Include adds to a ban the seats that whoever it is about had since its
	// Seats were looked for: a claim that was good the moment before Decide has
	// its Link by then. After Decide no other is, and people who sign in have
	// no seat any more. Of a ban that was undone, or is none, nothing changes.
	Include(ctx context.Context, decision string, seats []room.SeatID) error
}

// Place is where a seat is, and whose, if they have a part in running the
// house.
type Place struct {
	Room   room.ID
	Circle CircleID
	Person PersonID
}

// Places says where people sit.
//
// Sitting returns the places of those of these seats whose room is not over,
// asides too.
type Places interface {
	Sitting(ctx context.Context, seats ...room.SeatID) (map[room.SeatID]Place, error)
}

// Duty is somebody on call.
type Duty struct {
	Person PersonID
	Name   string
	Since  time.Time
	Until  time.Time
}

// MostDuty is how long somebody can be on call without saying so again.
const MostDuty = 12 * time.Hour

// Duties is who is on call.
type Duties interface {
	OnDuty(ctx context.Context, now time.Time) ([]Duty, error)
	SetDuty(ctx context.Context, a Act, until time.Time) error // zero, or past: not any more
}

// Page is one alarm about a case that waits.
type Page struct {
	Case  Case
	Step  PageStep
	Tries int // that failed on every channel
}

// PageStep is how loud.
type PageStep string

// The steps.
const (
	PageCall      PageStep = "call"      // everybody on call, on all channels at once
	PageEmergency PageStep = "emergency" // and the organisation's emergency contact
)

// PageLease is how long a node has for a page before another takes it up.
const PageLease = 20 * time.Second

// Pages is who is called about what waits. A page goes out once, from one
// node: at Due, or at once if nobody was on duty, but for a P3; the emergency one
// EmergencyAfter a P0 was raised. One that failed on every channel is due
// again after PageLease, for as long as nobody has taken the case; so is one of
// whose node nothing is heard. Who gets it has PageLease to send it.
type Pages interface {
	DuePage(ctx context.Context, now time.Time) (Page, error) // ErrDone: none is
	Paged(ctx context.Context, p Page, ok bool, now time.Time) error
	// Unheard counts pages that failed on every channel about what still waits,
	// and whoever looks may see.
	Unheard(ctx context.Context, v Viewer) (int, error)
}

// ModKeys are the public keys that reports are sealed to.
type ModKeys interface {
	AddKey(ctx context.Context, a Act, k PublicKey) error // MostKeys of a person; the oldest makes room
	Keys(ctx context.Context) ([]PublicKey, error)        // of those who are moderators now
	EndKey(ctx context.Context, a Act, id string) error   // one's own
}

// MostKeys is how many browsers of one moderator reports are sealed to.
const MostKeys = 5

// Periods are how long things are kept. An operator may change them.
type Periods struct {
	Evidence   time.Duration // after the decision
	Appealable time.Duration // of what can be appealed
	CareText   time.Duration // after care ended
	Metadata   time.Duration // of reports and cases
	Bans       time.Duration // after their end
}

// DefaultPeriods are those of an operator who says nothing else.
func DefaultPeriods() Periods {
	const day = 24 * time.Hour
	return Periods{Evidence: 30 * day, Appealable: 183 * day, CareText: 7 * day, Metadata: 365 * day, Bans: 30 * day}
}

// Swept counts what had its time.
type Swept struct {
	Bodies int // reports whose words are gone
	Texts  int // cases whose other texts are: statements, notes, appeals
	Cases  int // whose facts are
	Bans   int
}

// Retention clears out. With dry nothing is changed.
type Retention interface {
	Retain(ctx context.Context, p Periods, now time.Time, dry bool) (Swept, error)
	// Erase destroys every text of a case, for whoever asks that theirs be
	// gone. Facts and the audit stay, and the audit still verifies.
	Erase(ctx context.Context, a Act, id string) error
	// Numbered returns the id of a case by its number, for the command line:
	// no one is kept away from there. ErrNoCase.
	Numbered(ctx context.Context, n int64) (id string, err error)
}

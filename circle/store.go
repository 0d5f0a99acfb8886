package circle

import (
	"context"
	"time"

	"hearth/room"
)

// Seats keeps who may sit where.
//
// Redeem trades an invite for a seat in the circle's present room and the
// secret that proves it. The same device redeeming the same invite in the
// same room gets its seat back with a new secret, whatever uses are left,
// unless it asks for a fresh one; a single-use invite is bound to its first
// device. A claim without a code comes from the page of a circle that is open
// to all, as a member; with a person it is theirs to come, as what the circle
// says they are, or as a moderator, whatever device they use. When the circle
// has no room or its room is over, a new one begins; within Rest of the last
// one's end, and outside of its dates if it has any, only a facilitator begins
// it, and anybody else gets ErrNotOpen. Wrong, used up, revoked, expired and
// barred codes, and circles that don't let whoever asks in, are ErrNoInvite,
// all in the same time. Whoever is banned, by one of the claim's keys or by the
// seat it leads back to, is ErrBanned where the claim would be good otherwise;
// whose network alone is banned gets a seat that waits. With ErrBanned comes a
// Seat that opens nothing: its Circle, and ID and Person as far as there are
// any, by which they are told why; so it is of Seat below.
type Seats interface {
	Redeem(ctx context.Context, c Claim, now time.Time) (seat Seat, secret string, err error)
	// Seat returns the seat of a handle if the secret is right; else
	// ErrNoSeat, also when the invite it was had by was revoked, and for a
	// person's when their session or their part in the circle has ended;
	// ErrBanned when whoever sits there is kept out by now, of the circle or
	// the house.
	Seat(ctx context.Context, handle, secret string) (Seat, error)
	// Aside returns the seat in an aside for somebody who sits in the room
	// it belongs to, the same one each time. The aside's room begins with the
	// first of them, and ends with the other one; ErrNoRoom when it has
	// ended, or is another circle's or somebody's gathering, ErrNoSeat when
	// whoever asks has no seat any more. Whether they are asked into it is
	// the room's to say.
	Aside(ctx context.Context, of Seat, id room.ID) (Seat, error)
	// Bar makes the seats' devices, and single-use invites, useless for
	// their room. Barring twice is barring once.
	Bar(ctx context.Context, r room.ID, seats ...room.SeatID) error
	// Readmit undoes Bar, of these seats alone.
	Readmit(ctx context.Context, r room.ID, seats ...room.SeatID) error
	// Removed returns the seats of a room that were barred, each by itself, or
	// banned, while the room is not over: what to bar again where a log has
	// lost it. Sorted.
	Removed(ctx context.Context, r room.ID) ([]room.SeatID, error)
	// EndRoom tells that a room is over: its seats are worth nothing more,
	// nor are those of its asides.
	EndRoom(ctx context.Context, r room.ID, now time.Time) error
	// OfRoom returns the circle a room belongs to; else ErrNoRoom. Its
	// settings are those of the room: an aside has its own.
	OfRoom(ctx context.Context, r room.ID) (Circle, error)
	// Forget makes a device unknown to a circle: its seats and what binds an
	// invite to it are gone. A single-use invite is used up then. Barred
	// devices stay barred.
	Forget(ctx context.Context, of ID, device string) error
}

// Act is who does something to what is kept, and when: for the audit.
type Act struct {
	By PersonID  // empty: whoever runs the program, at its command line
	At time.Time // zero: now
}

// Circles keeps the standing circles. A circle that Check refuses is refused.
// Each change is in the audit once it is made.
type Circles interface {
	Circles(ctx context.Context) ([]Circle, error)        // in the order they were made; drafts too
	Circle(ctx context.Context, id ID) (Circle, error)    // or ErrNoCircle
	AddCircle(ctx context.Context, a Act, c Circle) error // its Rev becomes 1, and it gets a Feed
	// ChangeCircle keeps c instead of what has its id. With another Rev than
	// the one that is kept it is ErrChanged, and nothing changes. Gatherings
	// that go on keep what they began with.
	ChangeCircle(ctx context.Context, a Act, c Circle) error
	// AddInterest counts somebody who would come to an announced circle.
	AddInterest(ctx context.Context, id ID) error
}

// Invites keeps who was invited. Making and revoking are in the audit.
type Invites interface {
	// AddInvite keeps an invite and returns its code, told only now.
	AddInvite(ctx context.Context, a Act, i Invite) (code string, err error)
	Invites(ctx context.Context, of ID, now time.Time) ([]Invite, error) // which still let in or bring back, newest first
	// Revoke ends an invite, and every seat that was had by it, at once.
	// ErrNoInvite if the circle has none of that id.
	Revoke(ctx context.Context, a Act, of ID, id string) error
}

// Question is what somebody asks who keeps a circle, without a name. Whoever
// has its code reads the answer.
type Question struct {
	ID       string
	Circle   ID
	Text     string // at most MaxQuestion characters
	Asked    time.Time
	Answer   string // as long at most; empty: none yet
	Answered time.Time
}

// Bounds of questions. They are kept for KeepQuestions (safety: facilitators
// read them, 30 days).
const (
	MaxQuestion   = 1000 // characters
	MostQuestions = 50   // of one circle that wait for an answer
	KeepQuestions = 30 * 24 * time.Hour
)

// Questions keeps what was asked before a first visit, for KeepQuestions.
type Questions interface {
	// Ask keeps a question and returns the code its answer is read with, told
	// only now. ErrFull when MostQuestions wait.
	Ask(ctx context.Context, of ID, text string, now time.Time) (code string, err error)
	Questions(ctx context.Context, of ID, now time.Time) ([]Question, error) // oldest first
	Asked(ctx context.Context, code string, now time.Time) (Question, error) // or ErrNoQuestion
	// Answer answers a question of a circle; an empty answer deletes it. ErrNoQuestion
	// if it isn't there.
	Answer(ctx context.Context, a Act, of ID, id, text string) error
}

// Acted is one line of the audit. It names things by id, and says nothing
// that anybody typed but for circles' titles, which are public.
type Acted struct {
	Seq  int64
	At   time.Time
	By   PersonID // empty: at the command line
	Did  string   // what, like "circle-changed"
	What string   // to what: an id
	Rule string   // by which, of a decision about a report
	// Words is a commitment to what was typed with it: hex SHA-256 of a salt
	// and the text, which both lie elsewhere and can be erased.
	Words string
	Hash  string // over all of this and the line before, in hex
}

// AuditHead is a line of the audit as it was when it was the newest one, and
// was told to somebody outside.
type AuditHead struct {
	Seq  int64
	Hash string
	At   time.Time // when it was told
}

// KeepAudit is how long a line of the audit is kept (safety: 24 months). The
// newest one is kept for as long as it is.
const KeepAudit = 730 * 24 * time.Hour

// Audit is what was done to circles, invites and people: append-only, each
// line in the transaction that did it, chained by hashes. Lines go after
// KeepAudit, the oldest first; what is left still holds. A chain can't see
// that its end was cut off, or that somebody wrote all of it anew: up to a head
// that was kept elsewhere it can.
type Audit interface {
	Audit(ctx context.Context, before int64, most int) ([]Acted, error) // newest first; before 0: from the end
	// VerifyAudit looks the whole chain over, and whether the heads are in it.
	// An error says at which line it doesn't hold.
	VerifyAudit(ctx context.Context, heads ...AuditHead) error
}

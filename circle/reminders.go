package circle

import (
	"context"
	"errors"
	"time"
)

// Reminder is a wish to be told by mail before one date of a circle. The
// address is in Sealed, which only the server's key opens; a store can't.
type Reminder struct {
	ID      string // random; the asker makes it
	Circle  ID
	Date    string    // Date.Local
	Begins  time.Time // the date
	Ends    time.Time // of the date: after it nothing is kept
	Code    string    // what its links prove it by, 128 random bits; kept as a hash, empty when read
	Whose   string    // the same for the same address, keyed so that nobody can guess it
	Sealed  []byte    // who to write to, at most MaxSealed bytes; empty: they said no
	Agreed  bool      // whoever reads the mail of that address wants it
	Asked   time.Time
	Failed  int // how often it could not be sent
	Attempt int // 1 or 2, of DueReminder
}

// Bounds and times of reminders.
const (
	MaxSealed      = 1024
	KeepUnagreed   = 24 * time.Hour // and nobody is asked twice in that time
	RemindBefore   = 2 * time.Hour
	MostUnagreed   = 500 // of the whole house: what a stranger may have it ask
	MostReminders  = 20_000
	RemindLease    = 3 * time.Minute // in which whoever sends one says what came of it
	RemindAttempts = 2               // at most so many that may have arrived
)

// What Reminders answers besides nil.
var (
	// ErrAsked: that address was asked today and hasn't answered, or has a
	// reminder for this circle. Nothing changes.
	ErrAsked      = errors.New("circle: asked already")
	ErrNoReminder = errors.New("circle: no such reminder")
)

// Reminders keeps who wants to be reminded of a date, until that date is over.
//
// A reminder goes two ways. AskReminder keeps it, and one mail asks whether
// the owner of the address wants it: within KeepUnagreed they agree, or all of
// it is forgotten. Once they agree, one mail goes out RemindBefore the date,
// and after the date all of it is forgotten, unless they renew it. Nobody is
// asked twice within KeepUnagreed, not even after they said no: of a no only
// Whose is kept, for that time.
//
// DueReminder hands out a mail that is due, asking or reminding, to one caller
// at a time, who says what came of it within RemindLease: Sent, Unsent (it
// did not arrive, for certain: again later) or, if it can never arrive,
// RemoveReminder. Whoever says nothing may have sent it: it is handed out
// once more, and then no more. What is said of one that has changed since, or
// is handed out again, changes nothing. No mail goes out once the date begins.
//
// What is past its time is not there for any of them; ClearReminders deletes
// it.
type Reminders interface {
	// AskReminder keeps a reminder that nobody has agreed to. ErrAsked, or
	// ErrFull when MostUnagreed or MostReminders are kept.
	AskReminder(ctx context.Context, r Reminder, now time.Time) error
	Reminder(ctx context.Context, code string, now time.Time) (Reminder, error) // or ErrNoReminder
	// AgreeReminder agrees to one; again is the same.
	AgreeReminder(ctx context.Context, code string, now time.Time) error
	// RenewReminder moves one that was agreed to to another date of its
	// circle. To the one it has already changes nothing.
	RenewReminder(ctx context.Context, code string, to Date, now time.Time) error
	// StopReminder says no.
	StopReminder(ctx context.Context, code string, now time.Time) error

	DueReminder(ctx context.Context, now time.Time) (Reminder, error) // or ErrNoReminder: none is due
	ReminderSent(ctx context.Context, r Reminder) error
	ReminderUnsent(ctx context.Context, r Reminder, again time.Time) error
	RemoveReminder(ctx context.Context, r Reminder) error
	ClearReminders(ctx context.Context, now time.Time) error
}

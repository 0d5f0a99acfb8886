// Package circle is the standing group behind the rooms: what a circle is and
// when it meets, who runs it, who may come in by which invite, and which seat
// in which room that gives. Rules only; Store says what is kept and SQL keeps it.
//
//	Claim → look all of it up → Judge → a seat and its secret, or no
//
// People may arrive early and wait: whoever comes first opens the room, and
// the circle in it begins when the facilitator begins it. For an hour after a
// gathering (Rest) only a facilitator opens the next one; a circle with a
// schedule opens only around its dates (Early).
package circle

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hearth/room"
)

// ID names a circle. A random UUID.
type ID string

// Circle is a standing group.
type Circle struct {
	ID       ID
	Rev      int           // counts its changes, from 1; the store does
	Settings room.Settings // of every room of it; the title is here
	Rules    []string      // ground rules, accepted at the door
	Country  string        // ISO 3166 code whose crisis help the card shows first
	Interest int           // how many have said they would come, while it is announced; the store counts
	About
}

// About is what stands on a circle's page, and who may come in how.
type About struct {
	Purpose  string     `json:"purpose,omitempty"`  // what it is for, at most MaxPurpose characters
	Themes   []string   `json:"themes,omitempty"`   // of Themes
	Notes    []string   `json:"notes,omitempty"`    // content notes: what is talked about that one may want to know before
	Language string     `json:"language,omitempty"` // BCP 47; empty: not said
	Region   string     `json:"region,omitempty"`   // ISO 3166 code of whom it is for; empty: anywhere
	Format   string     `json:"format,omitempty"`   // it was made with
	RulesRev int        `json:"rulesRev,omitempty"` // counts the changes of the ground rules, from 1; the store does
	Access   Access     `json:"access,omitempty"`
	Standing Standing   `json:"standing,omitempty"`
	Listed   bool       `json:"listed,omitempty"`   // in the directory
	Series   bool       `json:"series,omitempty"`   // the same people on all its dates: nobody new after the first
	Keepers  []PersonID `json:"keepers,omitempty"`  // its facilitators
	Deputies []PersonID `json:"deputies,omitempty"` // who take over from them
	Schedule Schedule   `json:"schedule,omitzero"`
	Feed     string     `json:"feed,omitempty"` // names its calendar feed, random; the store makes it
}

// Bounds of a circle.
const (
	MaxPurpose = 600 // characters
	MaxNotes   = 6
	MaxNote    = 80 // characters
	MaxRules   = 20
	MaxRule    = 200 // characters
	MaxKeepers = 8   // of each kind
)

// Themes are what a circle can be about, as the directory filters by.
var Themes = []string{"anxiety", "depression", "trauma", "grief", "addiction", "carers", "illness", "loneliness", "parents", "lgbtq", "young", "wellbeing"}

// Access says who may come in how. Whoever keeps or moderates the circle
// never waits.
type Access string

// The ways in.
const (
	ByInvite      Access = ""     // by invite: one's own brings in, a reusable one to the waiting room
	OpenToAll     Access = "open" // from its page, to the waiting room; invites too
	InviteAndWait Access = "wait" // by invite, and everybody waits to be let in
)

// Waits says whether whoever comes in by an invite waits to be let in. A link
// that several may use always means waiting: nobody knows who has it.
func (a Access) Waits(i Invite) bool {
	if i.Role != room.Member && i.Role != room.Listener {
		return false
	}
	return a != ByInvite || i.Uses != 1
}

// Standing is where a circle is in its life.
type Standing string

// The standings. A draft is seen by those who run it alone; an announced
// circle has a page and no room yet; a closed one neither.
const (
	Meeting   Standing = ""
	Draft     Standing = "draft"
	Announced Standing = "announced"
	Closed    Standing = "closed"
)

// Keeps says whether somebody is one of the circle's facilitators, or as what
// else they come: room.Facilitator, room.Member for a deputy, or nothing.
func (c Circle) Keeps(p PersonID) (role room.Role, deputy bool) {
	switch {
	case p == "":
	case slices.Contains(c.Keepers, p):
		return room.Facilitator, false
	case slices.Contains(c.Deputies, p):
		return room.Member, true
	}
	return "", false
}

// Admits says what is wrong with an invite into this circle, besides what
// Invite.Check says. In a series one's own link is what makes somebody one of
// the same people.
func (c Circle) Admits(i Invite) error {
	if c.Series && i.Uses != 1 && (i.Role == room.Member || i.Role == room.Listener) {
		return errors.New("circle: a series is for the same people on every date, so each of them needs a link of their own, for a single use")
	}
	return nil
}

// Check says what is wrong with a circle that is about to be kept, in a
// sentence for whoever typed it.
func (c Circle) Check() error {
	if err := c.Settings.Check(); err != nil {
		return err
	}
	for _, theme := range c.Themes {
		if !slices.Contains(Themes, theme) {
			return fmt.Errorf("circle: there is no theme %q", theme)
		}
	}
	long := func(s string, most int) bool { return len([]rune(s)) > most }
	switch {
	case c.ID == "":
		return errors.New("circle: it needs an id")
	case !c.readable():
		return errors.New("circle: there is something in its texts that can't be shown: a control character, a line break in a line, or no UTF-8")
	case !languageTag.MatchString(c.Language):
		return fmt.Errorf("circle: %.40q is no language, like en or pt-BR", c.Language)
	case long(c.Purpose, MaxPurpose):
		return fmt.Errorf("circle: its purpose is longer than %d characters", MaxPurpose)
	case len(c.Notes) > MaxNotes || slices.ContainsFunc(c.Notes, func(s string) bool { return s == "" || long(s, MaxNote) }):
		return fmt.Errorf("circle: at most %d content notes of %d characters", MaxNotes, MaxNote)
	case len(c.Rules) > MaxRules || slices.ContainsFunc(c.Rules, func(s string) bool { return s == "" || long(s, MaxRule) }):
		return fmt.Errorf("circle: at most %d ground rules of %d characters", MaxRules, MaxRule)
	case !slices.Contains([]Access{ByInvite, OpenToAll, InviteAndWait}, c.Access):
		return fmt.Errorf("circle: there is no access %q", c.Access)
	case !slices.Contains([]Standing{Meeting, Draft, Announced, Closed}, c.Standing):
		return fmt.Errorf("circle: there is no standing %q", c.Standing)
	case c.Series && c.Access == OpenToAll:
		return errors.New("circle: a series is for the same people on every date, so it can't be open to all")
	case len(c.Keepers) > MaxKeepers || len(c.Deputies) > MaxKeepers:
		return fmt.Errorf("circle: at most %d facilitators, and as many deputies", MaxKeepers)
	}
	return c.Schedule.Check()
}

// languageTag is the form of a BCP 47 tag, or of none.
var languageTag = regexp.MustCompile(`^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3})?$`)

// readable says whether a circle's texts can stand in a page, a calendar file
// and a terminal: UTF-8 without control characters, and line breaks only where
// there can be several lines.
func (c Circle) readable() bool {
	control := func(but string) func(string) bool {
		return func(s string) bool {
			return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(but, r) })
		}
	}
	lines := slices.Concat([]string{c.Settings.Title, c.Settings.Next}, c.Notes, c.Rules)
	texts := []string{c.Purpose, c.Settings.Prompt, c.Settings.Goodbye}
	return !slices.ContainsFunc(lines, control("")) && !slices.ContainsFunc(texts, control("\n\t"))
}

// Invite lets people into a circle. Its code is 128 random bits and is
// stored only as a hash.
type Invite struct {
	ID     string // names it for those who run the circle; the store makes it
	Circle ID
	Role   room.Role
	Uses   int       // how often it can be redeemed; 0: any number of times
	Used   int       // how often it was; the store counts
	Until  time.Time // zero: no end
	For    string    // a note of whoever made it, at most MaxFor characters
}

// MaxFor bounds the note on an invite.
const MaxFor = 40

// Seat is a credential: the right to sit in one room.
type Seat struct {
	ID     room.SeatID
	Handle string // names the seat in URLs and its cookie; says nothing else
	Room   room.ID
	Circle ID
	Role   room.Role // as invited
	Barred bool      // somebody was removed who sat at its device: not to be seated anew
	Waits  bool      // to be let in, when it comes into the room
	Deputy bool      // named to take over, when it comes into the room
	Person PersonID  // of somebody who is signed in; else empty

	// Of an aside's: the seat of the same person in the room that it is an
	// aside of, and that room. Whoever proves that seat proves this one.
	Of room.SeatID
	In room.ID
}

// Claim is what a browser brings to come in: the code of an invite, the
// circle whose page it comes from, or the circle and a person who is signed in.
type Claim struct {
	Code    string   // an invite's
	Circle  ID       // without a code
	Person  PersonID // with Circle: somebody who keeps it, is a deputy or a moderator
	Session string   // of Person: ends with it
	Device  string   // random token of the browser, stored as a hash
	Fresh   bool     // somebody else on the same device: a new seat
	Far     bool     // the house is reached from other machines: see RidesOnLink

	// Keys are what a ban can know whoever comes by: their device, themselves,
	// and where their network is, newest first (moderation.Link). Link is what
	// leads from the seat to them, sealed; empty: nothing does.
	Keys []string
	Link string
}

// What Store answers besides nil; compare with errors.Is.
var (
	// ErrNoInvite is one answer for a wrong, a used up, a revoked and an
	// expired code, one that was barred, and a circle that isn't open to
	// whoever asks: a guesser learns nothing.
	ErrNoInvite = errors.New("circle: no such invite")
	// ErrNotOpen: the circle's gathering was over a moment ago or it isn't
	// its time, and no facilitator has opened another.
	ErrNotOpen = errors.New("circle: not open now")
	ErrNoSeat  = errors.New("circle: no such seat")
	// ErrBanned is an ErrNoSeat of whoever is kept out of the circle or the
	// house for now, and would sit there otherwise: they are told so.
	ErrBanned = fmt.Errorf("circle: kept out for now: %w", ErrNoSeat)
	ErrNoRoom = errors.New("circle: no such room")

	ErrNoCircle   = errors.New("circle: no such circle")
	ErrChanged    = errors.New("circle: somebody else changed it at the same time")
	ErrNoQuestion = errors.New("circle: no such question")
	ErrFull       = errors.New("circle: too many already")
	ErrNoPerson   = errors.New("circle: no such person")
	ErrLastAdmin  = errors.New("circle: somebody must stay who runs the house")
	ErrNoWelcome  = errors.New("circle: no such welcome")
	ErrNoSession  = errors.New("circle: no such session")
	ErrNoPasskey  = errors.New("circle: no such passkey")
)

// Store is all that is kept of circles, in one database. Secrets are kept as
// hashes only. Every method is one transaction.
type Store interface {
	Seats
	Circles
	Invites
	Questions
	Audit
	People
	Passkeys
	Sessions
	Reminders
}

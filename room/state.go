package room

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Phase is where a gathering stands between arrival and close.
type Phase string

// The phases. Held is never stored: a gathering or circle with a Hold is held.
const (
	Gathering Phase = "gathering"
	Circle    Phase = "circle"
	Held      Phase = "held"
	Over      Phase = "over"
)

// Floor says how speaking goes round.
type Floor string

// The floors.
const (
	Ring  Floor = "ring"  // the stick goes round: its holder speaks
	Open  Floor = "open"  // anyone unmuted may speak, the stick rests
	Quiet Floor = "quiet" // nobody speaks
	Lead  Floor = "lead"  // whoever keeps the circle speaks, and readers
)

// Settings are the circle's choices for one room. Durations are encoded in
// nanoseconds.
type Settings struct {
	Title    string  `json:"title"`
	Prompt   string  `json:"prompt,omitempty"`
	MaxSeats int     `json:"maxSeats"`         // members and listeners
	Aside    ID      `json:"aside,omitempty"`  // the room that this is an aside of
	Agenda   []Stage `json:"agenda,omitempty"` // empty: the circle goes as it comes

	// For the page after the close.
	Goodbye   string   `json:"goodbye,omitempty"`   // the circle's words
	Next      string   `json:"next,omitempty"`      // when it meets again, as one would say it
	Resources []string `json:"resources,omitempty"` // where to find more, a line each

	OfferWindow time.Duration `json:"offerWindow"` // silence past it is "later", then a pass
	TurnTime    time.Duration `json:"turnTime"`    // soft, told to the holder only; 0: as it comes
	Grace       time.Duration `json:"grace"`       // a dropped holder's, per absence
	MaxStopped  time.Duration `json:"maxStopped"`  // stopped clock, per turn
	SeatGrace   time.Duration `json:"seatGrace"`   // a dropped seat is kept so long
	HoldAsk     time.Duration `json:"holdAsk"`     // a held room is asked about again
	KeeperGrace time.Duration `json:"keeperGrace"` // rule 8: the facilitator's longer grace
	DeputyWait  time.Duration `json:"deputyWait"`  // then deputies are asked, so long
	ModWait     time.Duration `json:"modWait"`     // then moderators
	CloseNotice time.Duration `json:"closeNotice"` // then a close, announced so long before
	MaxLife     time.Duration `json:"maxLife"`     // no gathering outlasts it
}

// DefaultSettings suit a circle of up to thirty that keeps no time. The
// graces are those of practice: half a minute for a phone that changes
// cells, a minute for the person everybody relies on.
func DefaultSettings() Settings {
	return Settings{
		Title: "Circle", MaxSeats: 30,
		OfferWindow: 90 * time.Second,
		Grace:       30 * time.Second, MaxStopped: 120 * time.Second,
		SeatGrace: 15 * time.Minute, HoldAsk: 5 * time.Minute,
		KeeperGrace: 60 * time.Second, DeputyWait: 2 * time.Minute,
		ModWait: 3 * time.Minute, CloseNotice: 5 * time.Minute,
		MaxLife: 12 * time.Hour,
	}
}

// Check says what is wrong with settings. Every timer needs a length: one
// of zero would never stop coming due.
func (s Settings) Check() error {
	for name, d := range map[string]time.Duration{
		"offerWindow": s.OfferWindow, "grace": s.Grace, "maxStopped": s.MaxStopped, "seatGrace": s.SeatGrace,
		"holdAsk": s.HoldAsk, "keeperGrace": s.KeeperGrace, "deputyWait": s.DeputyWait, "modWait": s.ModWait,
		"closeNotice": s.CloseNotice, "maxLife": s.MaxLife,
	} {
		if d < time.Second || d > 7*24*time.Hour {
			return fmt.Errorf("room settings: %s must be between a second and a week", name)
		}
	}
	switch {
	case s.TurnTime < 0 || s.TurnTime > 24*time.Hour:
		return errors.New("room settings: turnTime must be between nothing and a day")
	case s.MaxSeats < 1 || s.MaxSeats > MostSeats:
		return fmt.Errorf("room settings: maxSeats must be between 1 and %d", MostSeats)
	case s.Title == "" || len(s.Title) > 200 || len(s.Prompt) > 1000:
		return errors.New("room settings: a title of at most 200 bytes is needed, and a prompt of at most 1,000")
	case len(s.Goodbye) > 1000 || len(s.Next) > 200 || len(s.Resources) > 5:
		return errors.New("room settings: at most 1,000 bytes of goodbye, 200 of next, and 5 resources")
	}
	for _, r := range s.Resources {
		if r == "" || len(r) > 200 {
			return errors.New("room settings: a resource is a line of 1 to 200 bytes")
		}
	}
	return CheckAgenda(s.Agenda)
}

// Bounds of a room. Where a list is full the oldest entry makes room. They
// keep the facts of a room of thirty within 32 KiB.
const (
	MaxWords       = 4000 // characters in one utterance
	MaxSessions    = 5    // remembered per seat
	MaxNodes       = 4    // that a seat is known to have lines to; another counts when one of them goes
	MaxBarred      = 100
	MaxMutes       = 50
	MaxDeputies    = 8
	MaxOfDuty      = 3   // who have the same duty
	MaxHad         = 40  // seats whose offer is over, per round
	MaxNote        = 100 // characters of a content note
	MaxAlt         = 300 // characters that describe a picture
	MaxRecent      = 200 // utterances that can still be retracted
	MaxMuteMinutes = 60
	MaxStated      = 10 // seats that are told again of a decision about them; the desk tells everybody at their next coming in
	MaxRestricted  = 8
	MaxReadmitted  = 12
	MaxMoreMinutes = 30
	MostSeats      = 100 // that MaxSeats may be
	ReservedSeats  = 6   // facilitators and moderators fit beyond MaxSeats
)

// State is everything a room knows: facts, and the words held in memory.
type State struct {
	Room  ID        `json:"room"`
	Seq   uint64    `json:"seq"`
	At    time.Time `json:"at"`
	Begun time.Time `json:"begun"` // when those who gather here began to come
	Set   Settings  `json:"set"`

	Phase   Phase       `json:"phase"`
	Floor   Floor       `json:"floor"`
	Stick   Stick       `json:"stick"`
	Round   Round       `json:"round"`
	Agenda  []Stage     `json:"agenda,omitempty"` // tonight's
	Plan    int         `json:"plan,omitempty"`   // counts the changes of tonight's agenda
	Newest  StageID     `json:"newest,omitempty"` // the highest id that a plan gave
	Now     Progress    `json:"now,omitzero"`
	Start   time.Time   `json:"start,omitzero"` // when the circle began
	Support *Support    `json:"support,omitempty"`
	Asides  []AsideRoom `json:"asides,omitempty"`
	Rules   time.Time   `json:"rules,omitzero"` // when the circle was last reminded of them
	Hold    *Hold       `json:"hold,omitempty"`
	Care    *Care       `json:"care,omitempty"`
	Chair   SeatID      `json:"chair,omitempty"`
	Closing time.Time   `json:"closing,omitzero"` // an announced end

	Order    SeatIDs            `json:"order"` // the ring, in seat order
	Seats    map[SeatID]*Seat   `json:"seats"`
	Deputies SeatIDs            `json:"deputies,omitempty"`
	Barred   SeatIDs            `json:"barred,omitempty"`
	Mutes    map[SeatID]Silence `json:"mutes,omitempty"`
	Kid      string             `json:"kid,omitempty"` // names the key that words are sealed with at rest
	Door     Door               `json:"door,omitempty"`
	Known    SeatIDs            `json:"known,omitempty"` // were in the room before, or let in: they come back without waiting

	// What the desk decided.
	Stated     map[SeatID]Outline `json:"stated,omitempty"`     // the newest about each seat
	Restricted SeatIDs            `json:"restricted,omitempty"` // keep the circle no longer, nor are asked to
	Readmitted SeatIDs            `json:"readmitted,omitempty"` // were removed, and may come again

	Words Words `json:"-"`
}

// Seat is one person's place.
type Seat struct {
	Role      Role          `json:"role"`
	Here      bool          `json:"here"`                // at least one connection
	Nodes     []string      `json:"nodes,omitempty"`     // where its connections end; clones share it: never changed in place
	Gone      time.Time     `json:"gone,omitzero"`       // since when not
	Since     uint64        `json:"since"`               // seq of the entry that seated them
	Listening bool          `json:"listening,omitempty"` // today the stick passes by
	Hand      uint64        `json:"hand,omitempty"`      // seq of the entry that raised it; 0: it is down
	Merged    bool          `json:"merged,omitempty"`    // their turn is made up for in the closing round
	Asked     bool          `json:"asked,omitempty"`     // of an aside: was asked there; two such are never alone in it
	Duties    []Duty        `json:"duties,omitempty"`    // clones share it: never changed in place
	Heard     time.Duration `json:"heard,omitempty"`     // how long they have held the stick, for OrderLeast
	Receipts  []Receipt     `json:"receipts,omitempty"`  // oldest first
}

// Receipt is the last numbered command of one session that was committed.
type Receipt struct {
	Session string
	N       uint64
	Seq     uint64 // the entry it became
}

// StickAt says where the stick is.
type StickAt string

// Where the stick can be.
const (
	Resting StickAt = "resting"
	Offered StickAt = "offered"
	InHand  StickAt = "held"
)

// Stick is the talking stick. Turn numbers one offer and the holding that
// may come of it; it never goes back and is never used twice.
type Stick struct {
	At   StickAt `json:"at"`
	Turn uint64  `json:"turn"`
	Seat SeatID  `json:"seat,omitempty"` // offered to, or held by
	From SeatID  `json:"from,omitempty"` // who passed it on, if anyone
	// Clock runs while the turn or offer does: not when held, not when its
	// seat's line is down.
	Clock Clock `json:"clock"`
	// Away counts the present absence of the seat, Stopped all of this turn.
	Away    Clock         `json:"away"`
	Stopped Clock         `json:"stopped"`
	Limit   time.Duration `json:"limit,omitempty"` // 0: as it comes
	Hard    bool          `json:"hard,omitempty"`  // the turn ends with it
	Firm    bool          `json:"firm,omitempty"`  // the turn ends when the closing round begins, as its holder was told
	Told    bool          `json:"told,omitempty"`  // the limit was signalled
	Wish    Wish          `json:"wish,omitempty"`
	Shown   bool          `json:"shown,omitempty"` // the turn has had its picture
	Place   Place         `json:"place,omitzero"`  // the place in the round it came from; zero: none
}

// Round is once round the ring.
type Round struct {
	N     int           `json:"n"`
	Going bool          `json:"going"`
	Order Order         `json:"order,omitempty"` // empty: as they sit
	Queue []Place       `json:"queue,omitempty"` // who is still to be offered, in order
	Had   SeatIDs       `json:"had,omitempty"`   // whose offer in this round is over
	Took  bool          `json:"took,omitempty"`  // somebody took the stick in it
	At    int           `json:"at,omitempty"`    // first offers made; whether one was put off doesn't show in it
	Of    int           `json:"of,omitempty"`    // seats in it, from its start and since
	Moved bool          `json:"moved,omitempty"` // its order was changed by hand
	Share time.Duration `json:"share,omitempty"` // of each, where the time is split
}

// Progress is how far the agenda has come.
type Progress struct {
	Stage  StageID `json:"stage,omitempty"`  // 0: none has begun
	Clock  Clock   `json:"clock,omitzero"`   // since it began; not while the room is held
	Rounds int     `json:"rounds,omitempty"` // it has had
	Bell   bool    `json:"bell,omitempty"`   // the quiet is over
	Moving StageID `json:"moving,omitempty"` // what follows when the present turn ends
}

// Support is a round for one person who wants it.
type Support struct {
	Seat   SeatID `json:"seat"`
	Asked  bool   `json:"asked,omitempty"`  // whoever keeps the circle has offered it
	Agreed bool   `json:"agreed,omitempty"` // the person would like it
	Going  bool   `json:"going,omitempty"`
}

// Wish is what whoever speaks would like from the others.
type Wish string

// The wishes.
const (
	WishListen      Wish = "listen" // just listen
	WishReflections Wish = "reflections"
	WishIdeas       Wish = "ideas"
)

// Duty is a help that a member was asked for tonight.
type Duty string

// The duties.
const (
	Timekeeper Duty = "timekeeper" // sees the stage's clock, may give more time
	Greeter    Duty = "greeter"    // may talk aside with whoever is new
	Reader     Duty = "reader"     // reads aloud where the facilitator leads
)

// Place is one seat's place in a round's queue: first everybody who was
// there at the start, then those offered again, then latecomers.
type Place struct {
	Seat  SeatID        `json:"seat"`
	Again bool          `json:"again,omitempty"` // has put it off once
	Cut   bool          `json:"cut,omitempty"`   // was cut off once
	Late  bool          `json:"late,omitempty"`  // came after the round began
	Spent time.Duration `json:"spent,omitempty"` // of a turn that was cut off
}

// Silence is a mute: until when, and the reason the muted person is told.
type Silence struct {
	Until time.Time `json:"u"`
	Why   MuteWhy   `json:"w"`
}

// MuteWhy is one of a few reasons, so that a mute carries no typed words.
type MuteWhy string

// The reasons.
const (
	MuteSpace MuteWhy = "space" // so that others have room
	MuteRules MuteWhy = "rules" // the ground rules
	MuteCalm  MuteWhy = "calm"  // so that it can calm down
)

// Hold stops the room: the stick, its clocks, words and typing of all but
// facilitator and moderators.
type Hold struct {
	By    SeatID    `json:"by,omitempty"`
	Why   HoldWhy   `json:"why"`
	Since time.Time `json:"since"`
	Asked time.Time `json:"asked,omitzero"` // when last asked whether it is still right
}

// HoldWhy is one of a few reasons, so that a hold carries no typed words.
type HoldWhy string

// The reasons.
const (
	HoldBreath HoldWhy = "breath" // a breath together
	HoldCare   HoldWhy = "care"   // somebody needs a moment
	HoldPause  HoldWhy = "pause"  // a short break
)

// CareStep is how far a room without its facilitator has come (rule 8).
type CareStep string

// The steps, in order.
const (
	CareGrace      CareStep = "grace"
	CareDeputies   CareStep = "deputies"
	CareModerators CareStep = "moderators"
	CareClosing    CareStep = "closing"
)

// Care is who looks after the room while nobody keeps it.
type Care struct {
	Step  CareStep  `json:"step"`
	Until time.Time `json:"until,omitzero"` // zero while the turn finishes
}

// Words are what a person typed. They live in memory only.
type Words struct {
	Names    map[SeatID]Name   `json:"names,omitempty"`
	Stages   map[StageID]Typed `json:"stages,omitempty"`   // what was typed about tonight's
	Pictures map[string]Shown  `json:"pictures,omitempty"` // by name
	Told     map[SeatID]string `json:"told,omitempty"`     // to those at the door
	Stated   map[SeatID]Reason `json:"stated,omitempty"`
	Recent   []Utterance       `json:"-"` // what can still be retracted, oldest first
}

// Typed is what somebody wrote for a stage of tonight.
type Typed struct {
	Title  string `json:"title,omitempty"`
	Prompt string `json:"prompt,omitempty"`
}

// Picture is one that was shown in a turn. Its key opens what a Shelf keeps
// under its name, and never leaves the server.
type Picture struct {
	Name string `json:"name"`
	Type string `json:"type"` // image/jpeg or image/png
	W    int    `json:"w"`    // pixels
	H    int    `json:"h"`
	Key  []byte `json:"key,omitempty"` // words
}

// Shown is a picture that can still be seen by those who were there.
type Shown struct {
	Picture
	Seq  uint64 `json:"seq"` // the entry that showed it
	Seat SeatID `json:"seat"`
}

// Utterance says who said an entry, and in which turn.
type Utterance struct {
	Seq  uint64
	Seat SeatID
	Turn uint64
}

// Name is what somebody wants to be called tonight. Key is the name as
// compared: two names with one key are the same name.
type Name struct {
	Name     string `json:"name"`
	Key      string `json:"key"`
	Pronouns string `json:"pronouns,omitempty"`
}

// Clock is a stopwatch that can be stopped and run on.
type Clock struct {
	Spent time.Duration `json:"spent,omitempty"`
	Since time.Time     `json:"since,omitzero"` // zero: stopped
}

// Read returns what the clock shows.
func (c Clock) Read(now time.Time) time.Duration {
	if c.Since.IsZero() {
		return c.Spent
	}
	return c.Spent + now.Sub(c.Since)
}

// When says at what time the clock will show d; false while it is stopped.
func (c Clock) When(d time.Duration) (time.Time, bool) {
	if c.Since.IsZero() {
		return time.Time{}, false
	}
	return c.Since.Add(d - c.Spent), true
}

func (c *Clock) set(run bool, now time.Time) {
	switch {
	case run && c.Since.IsZero():
		c.Since = now
	case !run && !c.Since.IsZero():
		c.Spent, c.Since = c.Read(now), time.Time{}
	}
}

// shift forgets time in which nobody could do anything.
func (c *Clock) shift(d time.Duration) {
	if !c.Since.IsZero() {
		c.Since = c.Since.Add(d)
	}
}

// Clone returns a deep copy.
func (s *State) Clone() *State {
	c := *s
	if s.Hold != nil {
		h := *s.Hold
		c.Hold = &h
	}
	if s.Care != nil {
		k := *s.Care
		c.Care = &k
	}
	c.Round.Queue = slices.Clone(s.Round.Queue)
	c.Round.Had = slices.Clone(s.Round.Had)
	c.Order = slices.Clone(s.Order)
	c.Deputies = slices.Clone(s.Deputies)
	c.Barred = slices.Clone(s.Barred)
	c.Mutes = maps.Clone(s.Mutes)
	c.Seats = make(map[SeatID]*Seat, len(s.Seats))
	for id, seat := range s.Seats {
		k := *seat
		k.Receipts = slices.Clone(seat.Receipts)
		c.Seats[id] = &k
	}
	if s.Support != nil {
		h := *s.Support
		c.Support = &h
	}
	c.Agenda = slices.Clone(s.Agenda)
	c.Asides = slices.Clone(s.Asides)
	c.Known = slices.Clone(s.Known)
	c.Door = slices.Clone(s.Door)
	for i := range c.Door {
		c.Door[i].Receipts = slices.Clone(c.Door[i].Receipts)
	}
	c.Stated = maps.Clone(s.Stated)
	c.Restricted = slices.Clone(s.Restricted)
	c.Readmitted = slices.Clone(s.Readmitted)
	c.Words.Stated = maps.Clone(s.Words.Stated)
	c.Words.Told = maps.Clone(s.Words.Told)
	c.Words.Names = maps.Clone(s.Words.Names)
	c.Words.Stages = maps.Clone(s.Words.Stages)
	c.Words.Pictures = maps.Clone(s.Words.Pictures)
	c.Words.Recent = slices.Clone(s.Words.Recent)
	return &c
}

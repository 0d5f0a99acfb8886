package room

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// This file is the border where a store takes a room apart. Split makes two
// JSON documents of a value: facts, which may be kept, and words (names and
// what was said), which a store seals or leaves out. Join puts them together
// again; without words the value comes back without words. The same value
// always makes the same bytes.

// Bounds in bytes of what is stored, checked before reading and before
// writing: what could not be read again is never written.
const (
	MaxEntryBytes = 64 << 10  // facts, and words, of one entry
	MaxStateBytes = 256 << 10 // facts, and words, of one state
)

// kinds names every event as it is stored. A name is never used again for
// something else.
var kinds = map[string]reflect.Type{
	"begun":          reflect.TypeFor[Begun](),
	"joined":         reflect.TypeFor[Joined](),
	"returned":       reflect.TypeFor[Returned](),
	"dropped":        reflect.TypeFor[Dropped](),
	"reached":        reflect.TypeFor[Reached](),
	"unreached":      reflect.TypeFor[Unreached](),
	"keyed":          reflect.TypeFor[Keyed](),
	"left":           reflect.TypeFor[Left](),
	"removed":        reflect.TypeFor[Removed](),
	"named":          reflect.TypeFor[Named](),
	"takes-part":     reflect.TypeFor[TakesPart](),
	"listens":        reflect.TypeFor[Listens](),
	"circle-began":   reflect.TypeFor[CircleBegan](),
	"floor-set":      reflect.TypeFor[FloorSet](),
	"round-started":  reflect.TypeFor[RoundStarted](),
	"round-ended":    reflect.TypeFor[RoundEnded](),
	"missed":         reflect.TypeFor[Missed](),
	"offered":        reflect.TypeFor[StickOffered](),
	"offer-ended":    reflect.TypeFor[OfferEnded](),
	"took":           reflect.TypeFor[Took](),
	"turn-ended":     reflect.TypeFor[TurnEnded](),
	"time-given":     reflect.TypeFor[TimeGiven](),
	"time-told":      reflect.TypeFor[TimeTold](),
	"held":           reflect.TypeFor[WasHeld](),
	"hold-asked":     reflect.TypeFor[HoldAsked](),
	"released":       reflect.TypeFor[Released](),
	"muted":          reflect.TypeFor[Muted](),
	"unmuted":        reflect.TypeFor[Unmuted](),
	"deputized":      reflect.TypeFor[Deputized](),
	"chair-taken":    reflect.TypeFor[ChairTaken](),
	"care-moved":     reflect.TypeFor[CareMoved](),
	"care-over":      reflect.TypeFor[CareOver](),
	"end-set":        reflect.TypeFor[EndSet](),
	"closed":         reflect.TypeFor[Closed](),
	"froze":          reflect.TypeFor[Froze](),
	"stage-set":      reflect.TypeFor[StageSet](),
	"stage-moving":   reflect.TypeFor[StageMoving](),
	"extended":       reflect.TypeFor[Extended](),
	"planned":        reflect.TypeFor[Planned](),
	"moved":          reflect.TypeFor[Moved](),
	"merged":         reflect.TypeFor[Merged](),
	"bell":           reflect.TypeFor[BellRang](),
	"reminded":       reflect.TypeFor[Reminded](),
	"duty":           reflect.TypeFor[DutySet](),
	"support-asked":  reflect.TypeFor[SupportAsked](),
	"support-wanted": reflect.TypeFor[SupportWanted](),
	"support-began":  reflect.TypeFor[SupportBegan](),
	"support-over":   reflect.TypeFor[SupportOver](),
	"aside-opened":   reflect.TypeFor[AsideOpened](),
	"aside-over":     reflect.TypeFor[AsideOver](),
	"stepped-out":    reflect.TypeFor[SteppedOut](),
	"stepped-in":     reflect.TypeFor[SteppedIn](),
	"wished":         reflect.TypeFor[Wished](),
	"hand":           reflect.TypeFor[HandRaised](),
	"at-door":        reflect.TypeFor[CameToDoor](),
	"door-dropped":   reflect.TypeFor[DoorDropped](),
	"let-in":         reflect.TypeFor[LetIn](),
	"left-door":      reflect.TypeFor[LeftDoor](),
	"told-at-door":   reflect.TypeFor[ToldAtDoor](),
	"stated":         reflect.TypeFor[Stated](),
	"withdrawn":      reflect.TypeFor[Withdrawn](),
	"restricted":     reflect.TypeFor[Restricted](),
	"readmitted":     reflect.TypeFor[Readmitted](),
	"said":           reflect.TypeFor[Said](),
	"retracted":      reflect.TypeFor[Retracted](),
}

// kindNames is kinds the other way round.
var kindNames = func() map[reflect.Type]string {
	names := make(map[reflect.Type]string, len(kinds))
	for name, t := range kinds {
		names[t] = name
	}
	return names
}()

// Receipts, places and mutes are many: they are stored as lists, [session, n,
// seq], [seat, flags, spent] and [until, why]. Earlier versions stored objects, which read too.

func (m Silence) MarshalJSON() ([]byte, error) {
	return encode([2]any{m.Until.UnixNano(), m.Why})
}

func (m *Silence) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		type old Silence // without this method
		return json.Unmarshal(b, (*old)(m))
	}
	var until int64
	err := decodeList(b, &until, &m.Why)
	m.Until = time.Unix(0, until).UTC()
	return err
}

func (r Receipt) MarshalJSON() ([]byte, error) {
	b, err := appendText(append(make([]byte, 0, 64), '['), r.Session)
	b = strconv.AppendUint(append(b, ','), r.N, 10)
	b = strconv.AppendUint(append(b, ','), r.Seq, 10)
	return append(b, ']'), err
}

// appendText appends a text as JSON. Ids need no escaping.
func appendText(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, err := encode(s)
			return append(b, text...), err
		}
	}
	return append(append(append(b, '"'), s...), '"'), nil
}

func (r *Receipt) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		var old struct {
			S    string
			N, Q uint64
		}
		err := json.Unmarshal(b, &old)
		*r = Receipt{Session: old.S, N: old.N, Seq: old.Q}
		return err
	}
	return decodeList(b, &r.Session, &r.N, &r.Seq)
}

func (p Place) MarshalJSON() ([]byte, error) {
	flags := ""
	for _, f := range []struct {
		is   bool
		name string
	}{{p.Again, "a"}, {p.Cut, "c"}, {p.Late, "l"}} {
		if f.is {
			flags += f.name
		}
	}
	b, err := appendText(append(make([]byte, 0, 64), '['), string(p.Seat))
	b = append(append(append(b, `,"`...), flags...), `",`...)
	return append(strconv.AppendInt(b, int64(p.Spent), 10), ']'), err
}

func (p *Place) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		type old Place // without this method
		return json.Unmarshal(b, (*old)(p))
	}
	var flags string
	err := decodeList(b, &p.Seat, &flags, &p.Spent)
	has := func(f string) bool { return strings.Contains(flags, f) }
	p.Again, p.Cut, p.Late = has("a"), has("c"), has("l")
	return err
}

// decodeList reads a list of exactly these things.
func decodeList(b []byte, into ...any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) != len(into) {
		return errors.New("a list is too long or too short")
	}
	for i, p := range parts {
		if err := json.Unmarshal(p, into[i]); err != nil {
			return err
		}
	}
	return nil
}

// entryFacts is an entry as it is stored.
type entryFacts struct {
	Seq     uint64       `json:"seq"`
	At      time.Time    `json:"at"`
	By      SeatID       `json:"by,omitempty"`
	Session string       `json:"s,omitempty"`
	N       uint64       `json:"n,omitempty"`
	Events  []eventFacts `json:"events"`
}

// eventFacts is stored as ["kind",{...}].
type eventFacts struct{ Event }

// eventWords are the words of one event of an entry.
type eventWords struct {
	I     int               `json:"i"` // which event
	Text  string            `json:"text,omitempty"`
	Note  string            `json:"note,omitempty"`
	Key   []byte            `json:"key,omitempty"` // of a picture
	Name  *Name             `json:"name,omitempty"`
	Typed map[StageID]Typed `json:"typed,omitempty"`
	Why   *Reason           `json:"why,omitempty"` // of a statement
}

func (f eventFacts) MarshalJSON() ([]byte, error) {
	kind, ok := kindNames[reflect.TypeOf(f.Event)]
	if !ok {
		return nil, fmt.Errorf("an event %T is not stored", f.Event)
	}
	return encode([2]any{kind, f.Event})
}

func (f *eventFacts) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	var kind string
	if err := decode(b, MaxEntryBytes, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return errors.New("an event is not a kind and its fields")
	}
	if err := json.Unmarshal(pair[0], &kind); err != nil {
		return err
	}
	t, ok := kinds[kind]
	if !ok {
		return errors.New("unknown kind of event")
	}
	ev := reflect.New(t)
	if err := decode(pair[1], MaxEntryBytes, ev.Interface()); err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	f.Event = ev.Elem().Interface().(Event)
	if words, _ := apart(f.Event); words != nil {
		return fmt.Errorf("event %s: words among the facts", kind)
	}
	return nil
}

// apart returns the words of an event, nil if there are none, and the event
// without them.
func apart(ev Event) (*eventWords, Event) {
	switch e := ev.(type) {
	case Said:
		w := &eventWords{Text: e.Text, Note: e.Note}
		e.Text, e.Note = "", ""
		if e.Picture != nil {
			p := *e.Picture
			w.Key, p.Key, e.Picture = p.Key, nil, &p
		}
		if w.Text != "" || w.Note != "" || w.Key != nil {
			return w, e
		}
	case ToldAtDoor:
		if e.Text != "" {
			return &eventWords{Text: e.Text}, ToldAtDoor{Seat: e.Seat}
		}
	case Stated:
		if bare, why := e.Statement.apart(); why != (Reason{}) {
			return &eventWords{Why: &why}, Stated{Seat: e.Seat, Statement: bare.with(Reason{})}
		}
	case Planned:
		if len(e.Typed) > 0 {
			w := &eventWords{Typed: e.Typed}
			e.Typed = nil
			return w, e
		}
	case Named:
		if e.Name != (Name{}) {
			w := &eventWords{Name: &e.Name}
			return w, Named{Seat: e.Seat}
		}
	}
	return nil, ev
}

// together gives an event its words back.
func together(ev Event, w eventWords) (Event, error) {
	switch e := ev.(type) {
	case Said:
		if w.Name != nil || w.Typed != nil || w.Why != nil || w.Key != nil && e.Picture == nil {
			break
		}
		e.Text, e.Note = w.Text, w.Note
		if e.Picture != nil {
			p := *e.Picture
			p.Key = w.Key
			e.Picture = &p
		}
		return e, nil
	case ToldAtDoor:
		if w.Text != "" && w.Note == "" && w.Key == nil && w.Name == nil && w.Typed == nil && w.Why == nil {
			e.Text = w.Text
			return e, nil
		}
	case Stated:
		if w.Why != nil && w.Text == "" && w.Note == "" && w.Key == nil && w.Name == nil && w.Typed == nil {
			bare, _ := e.Statement.apart()
			e.Statement = bare.with(*w.Why)
			return e, nil
		}
	case Planned:
		if w.Typed != nil && w.Name == nil && w.Text == "" && w.Why == nil {
			e.Typed = w.Typed
			return e, nil
		}
	case Named:
		if w.Text == "" && w.Name != nil && w.Why == nil {
			e.Name = *w.Name
			return e, nil
		}
	}
	return nil, errors.New("room: words that belong to no event")
}

// SplitEntry encodes an entry. Words is nil if it has none. An event that
// makes no entry (see Lossy), or more than MaxEntryBytes, is an error.
func SplitEntry(e Entry) (facts, words []byte, err error) {
	f := entryFacts{Seq: e.Seq, At: e.At, By: e.By, Session: e.Session, N: e.N,
		Events: make([]eventFacts, len(e.Events))}
	var ws []eventWords
	for i, ev := range e.Events {
		w, bare := apart(ev)
		f.Events[i] = eventFacts{bare}
		if w != nil {
			w.I = i
			ws = append(ws, *w)
		}
	}
	if facts, err = encode(f); err != nil {
		return nil, nil, fmt.Errorf("room: entry %d: %w", e.Seq, err)
	}
	if ws != nil {
		if words, err = encode(ws); err != nil {
			return nil, nil, fmt.Errorf("room: words of entry %d: %w", e.Seq, err)
		}
	}
	if max(len(facts), len(words)) > MaxEntryBytes {
		return nil, nil, fmt.Errorf("room: entry %d is larger than %d bytes", e.Seq, MaxEntryBytes)
	}
	return facts, words, nil
}

// JoinEntry decodes what SplitEntry made. Words may be nil. Its error never
// repeats words.
func JoinEntry(facts, words []byte) (Entry, error) {
	var f entryFacts
	if err := decode(facts, MaxEntryBytes, &f); err != nil {
		return Entry{}, fmt.Errorf("room: stored entry: %w", err)
	}
	e := Entry{Seq: f.Seq, At: f.At, By: f.By, Session: f.Session, N: f.N}
	for _, ev := range f.Events {
		e.Events = append(e.Events, ev.Event)
	}
	if len(words) == 0 {
		return e, nil
	}
	var ws []eventWords
	if decode(words, MaxEntryBytes, &ws) != nil {
		return Entry{}, errors.New("room: stored words of an entry do not read")
	}
	for _, w := range ws {
		if w.I < 0 || w.I >= len(e.Events) {
			return Entry{}, errors.New("room: words that belong to no event")
		}
		var err error
		if e.Events[w.I], err = together(e.Events[w.I], w); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

// SplitState encodes a state. Words is nil if nobody has a name; what can
// still be retracted is not stored. More than MaxStateBytes is an error.
func SplitState(s *State) (facts, words []byte, err error) {
	if facts, err = encode(s); err != nil {
		return nil, nil, fmt.Errorf("room: state: %w", err)
	}
	if len(s.Words.Names)+len(s.Words.Stages)+len(s.Words.Pictures)+len(s.Words.Told)+len(s.Words.Stated) > 0 {
		if words, err = encode(s.Words); err != nil {
			return nil, nil, fmt.Errorf("room: words of a state: %w", err)
		}
	}
	if max(len(facts), len(words)) > MaxStateBytes {
		return nil, nil, fmt.Errorf("room: the state is larger than %d bytes", MaxStateBytes)
	}
	return facts, words, nil
}

// JoinState decodes what SplitState made. Words may be nil. Its error never
// repeats words.
func JoinState(facts, words []byte) (*State, error) {
	s := &State{}
	if err := decode(facts, MaxStateBytes, s); err != nil {
		return nil, fmt.Errorf("room: stored state: %w", err)
	}
	for _, seat := range s.Seats {
		if seat == nil {
			return nil, errors.New("room: stored state: a seat is empty")
		}
	}
	if len(words) > 0 && decode(words, MaxStateBytes, &s.Words) != nil {
		return nil, errors.New("room: stored words of a state do not read")
	}
	if s.Seats == nil {
		s.Seats = map[SeatID]*Seat{}
	}
	if s.Mutes == nil {
		s.Mutes = map[SeatID]Silence{}
	}
	if s.Words.Names == nil {
		s.Words.Names = map[SeatID]Name{}
	}
	return s, nil
}

// encode makes compact JSON that keeps <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// decode reads exactly one JSON document without unknown fields. A bare
// null is no document: it would pass for any.
func decode(b []byte, most int, v any) error {
	if len(b) > most {
		return fmt.Errorf("larger than %d bytes", most)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the end")
	}
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		return errors.New("there is nothing")
	}
	return nil
}

// Stored is one entry as a log keeps it. Facts go into the hash chain.
type Stored struct {
	Seq          uint64
	Hash         [32]byte // Chain up to and with this entry
	At           time.Time
	Facts, Words []byte
}

// StoredBatch is a batch as a log keeps it.
type StoredBatch struct {
	Entries      []Stored
	Head         Head   // after the last entry; its epoch is that of the head before
	Facts, Words []byte // of the state; without facts the stored state stays
}

// Store encodes a batch for a log whose head is at. Entries that don't
// follow on, go back in time, are newer than the batch claims or more than
// MaxSkew older, and a state of another entry than the last, are errors: a
// fault of the caller's.
func (b Batch) Store(at Head) (StoredBatch, error) {
	out, last := StoredBatch{Head: at}, time.Time{}
	for _, e := range b.Entries {
		if e.Seq != out.Head.Seq+1 {
			return StoredBatch{}, fmt.Errorf("room log: entry %d cannot follow entry %d", e.Seq, out.Head.Seq)
		}
		if e.At.Before(last) || e.At.After(b.Now) || b.Now.Sub(e.At) > MaxSkew {
			return StoredBatch{}, fmt.Errorf("room log: entry %d: %w", e.Seq, ErrClock)
		}
		facts, words, err := SplitEntry(e)
		if err != nil {
			return StoredBatch{}, err
		}
		last = e.At
		out.Head.Seq, out.Head.Hash = e.Seq, Chain(out.Head.Hash, e.Seq, facts)
		out.Entries = append(out.Entries, Stored{Seq: e.Seq, Hash: out.Head.Hash, At: e.At, Facts: facts, Words: words})
	}
	switch {
	case len(b.Entries) == 0: // nothing is written
	case b.State != nil && b.State.Seq != out.Head.Seq:
		return StoredBatch{}, fmt.Errorf("room log: the state of entry %d cannot go with entry %d", b.State.Seq, out.Head.Seq)
	case b.State != nil:
		var err error
		if out.Facts, out.Words, err = SplitState(b.State); err != nil {
			return StoredBatch{}, err
		}
	case at.Seq == 0:
		return StoredBatch{}, errors.New("room log: a log begins with a state")
	}
	return out, nil
}

// LogTime is the clock of a log for one room: the machine's, but never
// behind the newest entry. A machine's clock that was set back so stops time
// in a room rather than the room.
func LogTime(machine, newest time.Time) time.Time {
	if machine.Before(newest) {
		return newest
	}
	return machine
}

// CheckClaim says whether a batch may claim its time: ErrClock if it is more
// than MaxSkew from the log's clock, or it or its first entry is before the
// newest entry.
func (b Batch) CheckClaim(newest, clock time.Time) error {
	if b.Now.Sub(clock).Abs() > MaxSkew || b.Now.Before(newest) {
		return ErrClock
	}
	if len(b.Entries) > 0 && b.Entries[0].At.Before(newest) {
		return ErrClock
	}
	return nil
}

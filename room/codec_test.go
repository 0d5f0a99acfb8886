package room

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// everyEvent is one of each, every field set.
var everyEvent = []Event{
	Begun{Room: "r", Set: DefaultSettings()},
	Joined{Seat: "a", Role: Member, Node: "north", Asked: true},
	Returned{Seat: "a", Node: "north"},
	Reached{Seat: "a", Node: "north"},
	Unreached{Seat: "a", Node: "north"},
	Keyed{Kid: "k1"},
	Dropped{Seat: "a"},
	Left{Seat: "a", Fine: true, Long: true},
	Removed{Seat: "a", Here: true},
	Named{Seat: "a", Name: Name{Name: "Ada <3", Key: "ada <3", Pronouns: "she"}},
	TakesPart{Seat: "a"},
	Listens{Seat: "a", On: true},
	CircleBegan{},
	FloorSet{Floor: Open},
	RoundStarted{N: 2, Queue: []SeatID{"a", "b"}, Order: OrderRandom, Share: time.Minute},
	RoundEnded{N: 2},
	Missed{Seat: "a"},
	StickOffered{Turn: 3, To: "a", From: "b", Place: Place{Seat: "a", Again: true}, Limit: time.Minute, Hard: true},
	OfferEnded{Turn: 3, Seat: "a", How: HowLater},
	Took{Turn: 3, Seat: "a"},
	TurnEnded{Turn: 3, Seat: "a", How: HowDone},
	TimeGiven{Turn: 3, More: time.Minute},
	TimeTold{Turn: 3, Firm: true},
	Wished{Turn: 3, Wish: WishListen},
	HandRaised{Seat: "a", On: true},
	StageSet{Stage: 2, Later: time.Minute},
	StageMoving{Stage: 3},
	Extended{Stage: 2, By: time.Minute},
	Planned{Rev: 1, Stages: []Stage{{ID: 1, Kind: KindQuiet, Title: "Quiet", Time: time.Minute}}, Typed: map[StageID]Typed{1: {"Still", "Breathe"}}},
	Moved{Seat: "a", Before: "b"},
	Merged{Seats: []SeatID{"a"}},
	BellRang{Stage: 2},
	Reminded{},
	DutySet{Seat: "a", Duty: Reader, On: true},
	SupportAsked{Seat: "a"},
	SupportWanted{Seat: "a"},
	SupportBegan{Seat: "a"},
	SupportOver{Seat: "a", Began: true},
	WasHeld{By: "a", Why: HoldBreath},
	HoldAsked{},
	Released{},
	Muted{Seat: "a", Until: noon.Add(time.Minute), Why: MuteCalm},
	Unmuted{Seat: "a"},
	Deputized{Seat: "a", On: true},
	ChairTaken{Seat: "a"},
	CareMoved{Step: CareGrace, Until: noon},
	CareOver{},
	EndSet{At: noon},
	Closed{By: "a"},
	Froze{For: time.Second},
	Said{Seat: "a", Turn: 3, Guardian: true, Text: "I came <late> & stayed.\u2028", Note: "about a bus",
		Picture: &Picture{Name: "p", Type: "image/png", W: 3, H: 2, Key: []byte("key")}},
	CameToDoor{Seat: "a", Role: Member, Node: "north", First: true, Asks: true, Deputy: true},
	DoorDropped{Seat: "a"},
	LetIn{Seat: "a"},
	LeftDoor{Seat: "a", Long: true},
	ToldAtDoor{Seat: "a", Text: "In five minutes <3"},
	Stated{Seat: "a", Statement: someStatement("d1")},
	Withdrawn{Seat: "a", ID: "d1"},
	Restricted{Seat: "a", On: true},
	Readmitted{Seat: "a"},
	AsideOpened{ID: "r2", Kind: QuietRoom, By: "a", Seats: []SeatID{"a", "b"}},
	AsideOver{ID: "r2", Began: true, Back: []SeatID{"b"}},
	SteppedOut{ID: "r2", Seat: "b", Out: true},
	SteppedIn{ID: "r2", Seat: "b", Back: true},
	Retracted{Seq: 7},
	Reacted{Seat: "a", Kind: Snap},
	Typing{Seat: "a"},
}

// eventTypes reads from the source which types are events.
func eventTypes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var names []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "apply" {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return names
}

// full says whether every field of an event is set, so that a field which
// the codec forgets cannot hide behind its zero.
func full(v reflect.Value) bool {
	if v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type() != reflect.TypeFor[time.Time]() {
		for _, f := range v.Fields() {
			if f.Kind() != reflect.Struct && f.IsZero() {
				return false
			}
		}
	}
	return true
}

func TestEveryEventRoundTrips(t *testing.T) {
	seen := map[string]bool{}
	for _, ev := range everyEvent {
		name := reflect.TypeOf(ev).Name()
		seen[name] = true
		if !full(reflect.ValueOf(ev)) {
			t.Errorf("%s: the table leaves a field empty", name)
		}
		in := Entry{Seq: 9, At: noon, By: "a", Session: "tab", N: 4, Events: []Event{CareOver{}, ev}}
		facts, words, err := SplitEntry(in)
		if _, lossy := ev.(Lossy); lossy {
			if err == nil {
				t.Errorf("%s makes no entry and was stored all the same", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out, err := JoinEntry(facts, words)
		if err != nil || !reflect.DeepEqual(in, out) {
			t.Errorf("%s: got %+v, %v\nwant %+v\nfacts %s", name, out, err, in, facts)
		}
		again, _, _ := SplitEntry(out)
		if !bytes.Equal(facts, again) {
			t.Errorf("%s: bytes differ the second time:\n%s\n%s", name, facts, again)
		}
	}
	for _, name := range eventTypes(t) {
		if !seen[name] {
			t.Errorf("the table lacks %s", name)
		}
	}
	if got, want := len(kinds)+2, len(seen); got != want || len(kindNames) != len(kinds) {
		t.Errorf("%d kinds for %d events", got, want)
	}
}

// TestStoredForm holds the stored form still: logs written by an earlier
// version must read.
func TestStoredForm(t *testing.T) {
	facts, words, err := SplitEntry(Entry{Seq: 2, At: noon, By: "a", Session: "tab", N: 1, Events: []Event{
		Said{Seat: "a", Turn: 3, Text: "hello"}, CircleBegan{}}})
	const want = `{"seq":2,"at":"2026-03-01T12:00:00.123456789Z","by":"a","s":"tab","n":1,` +
		`"events":[["said",{"Seat":"a","Turn":3,"Guardian":false,"Text":""}],["circle-began",{}]]}`
	if err != nil || string(facts) != want || string(words) != `[{"i":0,"text":"hello"}]` {
		t.Errorf("%v\n%s\n%s", err, facts, words)
	}
}

// TestEarlierForms: receipts and places were objects once.
func TestEarlierForms(t *testing.T) {
	s, err := JoinState([]byte(`{"seats":{"a":{"role":"member","receipts":[{"s":"tab","n":4,"q":9}]}},
		"round":{"n":1,"going":true,"queue":[{"seat":"a","again":true,"late":true}]},
		"order":["a"],"deputies":["b"],"asides":[{"id":"t1","kind":"talk","by":"a","seats":["a","b"],"in":["b"]}],
		"mutes":{"b":{"u":"2026-03-01T12:00:00.123Z","w":"calm"}}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Seats["a"].Receipt("tab"), (Receipt{"tab", 4, 9}); got != want {
		t.Errorf("a receipt reads as %+v", got)
	}
	if got, want := s.Round.Queue[0], (Place{Seat: "a", Again: true, Late: true}); got != want {
		t.Errorf("a place reads as %+v", got)
	}
	if want := (Silence{Until: time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC), Why: MuteCalm}); s.Mutes["b"] != want {
		t.Errorf("a mute reads as %+v", s.Mutes["b"])
	}
	if a := s.Asides[0]; s.Order[0] != "a" || s.Deputies[0] != "b" || a.Seats[1] != "b" || a.In[0] != "b" {
		t.Errorf("seats read as %v, %v, %+v", s.Order, s.Deputies, a)
	}
	for _, bad := range []string{`[]`, `["a","",1,2]`, `7`, `"a"`, `["a",1,"b"]`} {
		if err := new(Place).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s reads as a place", bad)
		}
		if err := new(Receipt).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s reads as a receipt", bad)
		}
	}
}

func TestEntryWithoutWords(t *testing.T) {
	facts, words, err := SplitEntry(Entry{Seq: 1, At: noon, Events: []Event{
		Said{Seat: "a", Text: "hello"}, Named{Seat: "a", Name: Name{Name: "Ada", Key: "ada"}}}})
	if err != nil || words == nil {
		t.Fatal(err, words)
	}
	e, err := JoinEntry(facts, nil)
	want := []Event{Said{Seat: "a"}, Named{Seat: "a"}}
	if err != nil || !reflect.DeepEqual(e.Events, want) {
		t.Errorf("got %+v, %v", e.Events, err)
	}
	again, none, err := SplitEntry(e)
	if err != nil || none != nil || !bytes.Equal(again, facts) {
		t.Errorf("an entry without words makes other facts: %s, words %s, %v", again, none, err)
	}
}

// wordy names every string of an event or state that is words; all the
// others are facts.
var wordy = []string{"Said.Text", "Said.Note", "ToldAtDoor.Text", "Words.Told", "Planned.Typed.Title", "Planned.Typed.Prompt",
	"Words.Stages.Title", "Words.Stages.Prompt", "Words.Pictures.Picture.Name", "Words.Pictures.Picture.Type", "Words.Pictures.Seat", "Named.Name.Name", "Named.Name.Key", "Named.Name.Pronouns",
	"Stated.Statement.Facts", "Stated.Statement.Appeal", "Words.Stated.Facts", "Words.Stated.Appeal",
	"Words.Names.Name", "Words.Names.Key", "Words.Names.Pronouns"}

// plainFacts are the facts of type string: what an organiser wrote about the
// circle, and random ids. A field of type string that is in neither list
// fails the test, so that nobody adds words to the facts by oversight.
var plainFacts = []string{"Joined.Node", "Returned.Node", "Reached.Node", "Unreached.Node", "CameToDoor.Node", "Door.Node", "Door.Receipts.Session", "Keyed.Kid", "Seats.Nodes", "Kid", "Begun.Set.Title", "Begun.Set.Prompt", "Set.Title", "Set.Prompt",
	"Begun.Set.Agenda.Title", "Begun.Set.Agenda.Prompt", "Begun.Set.Agenda.Cue", "Begun.Set.Goodbye", "Begun.Set.Next", "Begun.Set.Resources",
	"Set.Agenda.Title", "Set.Agenda.Prompt", "Set.Agenda.Cue", "Set.Goodbye", "Set.Next", "Set.Resources",
	"Agenda.Title", "Agenda.Prompt", "Agenda.Cue", "Planned.Stages.Title", "Planned.Stages.Prompt", "Planned.Stages.Cue",
	"Said.Picture.Name", "Said.Picture.Type", "Seats.Receipts.Session",
	"Stated.Statement.ID", "Stated.Statement.Action", "Stated.Statement.Scope", "Stated.Statement.Rule", "Withdrawn.ID",
	"Stated.ID", "Stated.Action", "Stated.Scope", "Stated.Rule"}

// plant puts a canary of its own into every string below v and returns
// them by path.
func plant(v reflect.Value, path string, found map[string]string) {
	switch v.Kind() {
	case reflect.String:
		found[path] = "canary." + path + "."
		if v.Type() == reflect.TypeFor[string]() {
			found[path] = "plain" + found[path]
		}
		v.SetString(found[path])
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			plant(v.Field(i), path+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		plant(v.Index(0), path, found)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		plant(v.Elem(), path, found)
	case reflect.Map:
		elem := reflect.New(v.Type().Elem()).Elem()
		plant(elem, path, found)
		v.Set(reflect.MakeMap(v.Type()))
		key := reflect.New(v.Type().Key()).Elem()
		if key.Kind() == reflect.String {
			key.SetString("seat")
		}
		v.SetMapIndex(key, elem)
	}
}

func checkCanaries(t *testing.T, found map[string]string, facts, words []byte) {
	t.Helper()
	for path, canary := range found {
		inFacts, inWords := bytes.Contains(facts, []byte(canary)), bytes.Contains(words, []byte(canary))
		isWords := slices.Contains(wordy, path)
		if strings.HasPrefix(canary, "plain") && !isWords && !slices.Contains(plainFacts, path) {
			t.Errorf("%s: is it words or a fact?", path)
		}
		if inFacts == isWords || inWords != isWords {
			t.Errorf("%s: in facts %v, in words %v", path, inFacts, inWords)
		}
	}
}

func TestNoWordsAmongFacts(t *testing.T) {
	planted := map[string]bool{}
	for name, typ := range kinds {
		found := map[string]string{}
		v := reflect.New(typ).Elem()
		plant(v, typ.Name(), found)
		facts, words, err := SplitEntry(Entry{Seq: 1, Events: []Event{v.Interface().(Event)}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkCanaries(t, found, facts, words)
		for path := range found {
			planted[path] = true
		}
	}
	s, found := &State{}, map[string]string{}
	plant(reflect.ValueOf(s).Elem(), "State", found)
	facts, words, err := SplitState(s)
	if err != nil {
		t.Fatal(err)
	}
	trimmed := map[string]string{}
	for path, canary := range found {
		if !strings.HasPrefix(path, "State.Words.Recent") { // not stored
			trimmed[strings.TrimPrefix(path, "State.")] = canary
		}
	}
	checkCanaries(t, trimmed, facts, words)
	for path := range trimmed {
		planted[path] = true
	}
	for _, path := range wordy { // the search could have found each
		if !planted[path] {
			t.Errorf("no canary was planted in %s", path)
		}
	}
}

func TestStateRoundTrips(t *testing.T) {
	s := &State{}
	plant(reflect.ValueOf(s).Elem(), "State", map[string]string{})
	s.Seq, s.At, s.Begun, s.Set.Grace = 7, noon, noon, time.Minute
	s.Mutes = map[SeatID]Silence{"b": {noon, MuteCalm}, "a": {noon, MuteSpace}}
	s.Words.Recent = nil
	facts, words, err := SplitState(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := JoinState(facts, words)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Fatalf("%v\ngot  %+v\nwant %+v", err, got, s)
	}
	bare, err := JoinState(facts, nil)
	if err != nil || len(bare.Words.Names) != 0 {
		t.Errorf("without words: %v %v", bare.Words, err)
	}
	for range 20 { // maps must not shuffle the bytes
		if again, _, _ := SplitState(s.Clone()); !bytes.Equal(again, facts) {
			t.Fatalf("bytes differ:\n%s\n%s", facts, again)
		}
	}
}

// TestEmptyStateCanBeFolded: an old or small state must not leave a map out
// that Apply writes to.
func TestEmptyStateCanBeFolded(t *testing.T) {
	s, err := JoinState([]byte(`{}`), nil)
	if err != nil || s.Seats == nil || s.Mutes == nil || s.Words.Names == nil {
		t.Fatalf("%+v, %v", s, err)
	}
}

func TestBadStoredEntry(t *testing.T) {
	const ok = `{"seq":1,"at":"2026-03-01T12:00:00Z","events":[["said",{"Seat":"a"}]]}`
	if _, err := JoinEntry([]byte(ok), []byte(`[{"i":0,"text":"x"}]`)); err != nil {
		t.Fatal("control:", err)
	}
	for name, c := range map[string]struct{ facts, words string }{
		"nothing":           {"", ""},
		"null":              {" null ", ""},
		"not JSON":          {"\x00\xff", ""},
		"cut short":         {ok[:len(ok)-1], ""},
		"trailing":          {ok + "{}", ""},
		"unknown field":     {`{"seq":1,"colour":"red"}`, ""},
		"unknown kind":      {`{"events":[["sang",{}]]}`, ""},
		"lossy kind":        {`{"events":[["reacted",{}]]}`, ""},
		"unknown in event":  {`{"events":[["said",{"Loud":true}]]}`, ""},
		"event null":        {`{"events":[null]}`, ""},
		"fields null":       {`{"events":[["said",null]]}`, ""},
		"one of two":        {`{"events":[["said"]]}`, ""},
		"three of two":      {`{"events":[["said",{},{}]]}`, ""},
		"kind a number":     {`{"events":[[1,{}]]}`, ""},
		"words among facts": {`{"events":[["said",{"Text":"secret"}]]}`, ""},
		"name among facts":  {`{"events":[["named",{"Name":{"name":"secret"}}]]}`, ""},
		"negative seq":      {`{"seq":-1}`, ""},
		"too large":         {ok + strings.Repeat(" ", MaxEntryBytes), ""},
		"words not JSON":    {ok, "secret"},
		"words null":        {ok, "null"},
		"words behind":      {ok, `[{"i":1,"text":"secret"}]`},
		"words before":      {ok, `[{"i":-1,"text":"secret"}]`},
		"words elsewhere":   {ok, `[{"i":0,"name":{"name":"secret"}}]`},
		"words unknown":     {ok, `[{"i":0,"secret":1}]`},
		"words too large":   {ok, `[{"i":0,"text":"` + strings.Repeat("secret", MaxEntryBytes/6) + `"}]`},
	} {
		_, err := JoinEntry([]byte(c.facts), []byte(c.words))
		if err == nil {
			t.Errorf("%s: was read", name)
		} else if strings.Contains(err.Error(), "secret") || len(err.Error()) > 200 {
			t.Errorf("%s: the error repeats content: %v", name, err)
		}
	}
}

func TestBadStoredState(t *testing.T) {
	for name, c := range map[string]struct{ facts, words string }{
		"nothing":         {"", ""},
		"null":            {"null", ""},
		"cut short":       {`{"seq":1`, ""},
		"trailing":        {`{}{}`, ""},
		"unknown field":   {`{"colour":"red"}`, ""},
		"words":           {`{"Words":{"names":{}}}`, ""},
		"empty seat":      {`{"seats":{"a":null}}`, ""},
		"too large":       {`{}` + strings.Repeat(" ", MaxStateBytes), ""},
		"words not JSON":  {`{}`, "secret"},
		"words unknown":   {`{}`, `{"secret":1}`},
		"words too large": {`{}`, `{}` + strings.Repeat(" ", MaxStateBytes)},
	} {
		_, err := JoinState([]byte(c.facts), []byte(c.words))
		if err == nil {
			t.Errorf("%s: was read", name)
		} else if strings.Contains(err.Error(), "secret") || len(err.Error()) > 200 {
			t.Errorf("%s: the error repeats content: %v", name, err)
		}
	}
}

func TestTooLargeIsNotWritten(t *testing.T) {
	for name, e := range map[string]Entry{
		"facts": {Events: []Event{RoundStarted{Queue: make([]SeatID, MaxEntryBytes)}}},
		"words": {Events: []Event{Said{Text: strings.Repeat("w", MaxEntryBytes)}}},
	} {
		if _, _, err := SplitEntry(e); err == nil {
			t.Errorf("%s: an entry was taken apart that could not be read again", name)
		}
	}
	for name, s := range map[string]*State{
		"facts": {Order: make([]SeatID, MaxStateBytes)},
		"words": {Words: Words{Names: map[SeatID]Name{"a": {Name: strings.Repeat("n", MaxStateBytes)}}}},
	} {
		if _, _, err := SplitState(s); err == nil {
			t.Errorf("%s: a state was taken apart that could not be read again", name)
		}
	}
	// The longest utterance fits, whatever it is written in.
	for _, r := range []string{"a", "😀", "\u2028", "\x01"} {
		if _, _, err := SplitEntry(Entry{Events: []Event{Said{Text: strings.Repeat(r, MaxWords)}}}); err != nil {
			t.Errorf("%q: %v", r, err)
		}
	}
}

func TestBatchStore(t *testing.T) {
	at := Head{Epoch: "e", Seq: 4, Hash: [32]byte{1}}
	e5, e6 := Entry{Seq: 5, At: noon, Events: []Event{CareOver{}}}, Entry{Seq: 6, At: noon}
	got, err := Batch{Entries: []Entry{e5, e6}, Now: noon, State: &State{Seq: 6}}.Store(at)
	if err != nil || len(got.Entries) != 2 || got.Facts == nil {
		t.Fatal(got, err)
	}
	f5, _, _ := SplitEntry(e5)
	f6, _, _ := SplitEntry(e6)
	if h := Chain(Chain(at.Hash, 5, f5), 6, f6); got.Entries[1].Hash != h || got.Head != (Head{"e", 6, h}) || !bytes.Equal(got.Entries[1].Facts, f6) {
		t.Errorf("the chain is not that of the stored bytes")
	}
	if none, err := (Batch{State: &State{Seq: 4}, Now: noon}).Store(at); err != nil || none.Facts != nil || none.Head != at {
		t.Errorf("a batch without entries wants to write: %+v, %v", none, err)
	}
	early := Entry{Seq: 6, At: noon.Add(-1)}
	for name, b := range map[string]Batch{
		"gap":            {Entries: []Entry{e6}, Now: noon},
		"repeat":         {Entries: []Entry{e5, e5}, Now: noon},
		"back in time":   {Entries: []Entry{e5, early}, Now: noon},
		"long before":    {Entries: []Entry{e5}, Now: noon.Add(MaxSkew + 1)},
		"ahead of claim": {Entries: []Entry{e5}, Now: noon.Add(-1)},
		"state behind":   {Entries: []Entry{e5, e6}, Now: noon, State: &State{Seq: 5}},
		"lossy":          {Entries: []Entry{{Seq: 5, At: noon, Events: []Event{Typing{}}}}, Now: noon},
	} {
		if _, err := b.Store(at); err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
	if _, err := (Batch{Entries: []Entry{{Seq: 1, At: noon}}, Now: noon}).Store(Head{}); err == nil {
		t.Error("a log began without a state")
	}
}

func FuzzEntry(f *testing.F) {
	for _, ev := range everyEvent {
		if facts, words, err := SplitEntry(Entry{Seq: 1, At: noon, By: "a", Session: "t", N: 1, Events: []Event{ev}}); err == nil {
			f.Add(facts, words)
		}
	}
	f.Fuzz(func(t *testing.T, facts, words []byte) {
		e, err := JoinEntry(facts, words)
		if err != nil {
			return
		}
		f1, w1, err := SplitEntry(e)
		if err != nil {
			return // larger when written out in full
		}
		e2, err := JoinEntry(f1, w1)
		if err != nil {
			t.Fatalf("what was written does not read: %v\n%s\n%s", err, f1, w1)
		}
		f2, w2, err := SplitEntry(e2)
		if err != nil || !bytes.Equal(f1, f2) || !bytes.Equal(w1, w2) {
			t.Fatalf("bytes move: %v\n%s\n%s\n%s\n%s", err, f1, f2, w1, w2)
		}
	})
}

func FuzzState(f *testing.F) {
	for _, s := range []*State{
		{},
		{Room: "r", Seq: 7, At: noon, Begun: noon, Phase: Circle, Floor: Ring, Order: []SeatID{"a"}, Chair: "a",
			Seats: map[SeatID]*Seat{"a": {Role: Member, Here: true, Receipts: []Receipt{{Session: "t", N: 1, Seq: 2}}}},
			Words: Words{Names: map[SeatID]Name{"a": {Name: "Ada", Key: "ada"}}}},
		{Stick: Stick{At: InHand, Turn: 3, Seat: "a", Clock: Clock{Since: noon, Spent: 1}}, Hold: &Hold{Why: HoldBreath, Since: noon},
			Care: &Care{Step: CareGrace}, Mutes: map[SeatID]Silence{"b": {noon, MuteRules}}, Barred: []SeatID{"c"}, Closing: noon},
	} {
		facts, words, err := SplitState(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(facts, words)
	}
	for _, small := range []string{`{"seats":{"a":null}}`, `{"seats":{"a":{}}}`, `{"round":{"queue":[{"seat":"a"}]}}`, `{"order":["a"]}`, `{"seq":-1}`} {
		f.Add([]byte(small), []byte(`{"names":{"a":{}}}`))
	}
	f.Fuzz(func(t *testing.T, facts, words []byte) {
		s, err := JoinState(facts, words)
		if err != nil {
			return
		}
		f1, w1, err := SplitState(s.Clone())
		if err != nil {
			return // larger when written out in full
		}
		s2, err := JoinState(f1, w1)
		if err != nil {
			t.Fatalf("what was written does not read: %v\n%s", err, f1)
		}
		f2, w2, err := SplitState(s2)
		if err != nil || !bytes.Equal(f1, f2) || !bytes.Equal(w1, w2) {
			t.Fatalf("bytes move: %v\n%s\n%s\n%s\n%s", err, f1, f2, w1, w2)
		}
	})
}

func TestKindNamesAreDistinct(t *testing.T) {
	types := map[reflect.Type]string{}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if other := types[kinds[name]]; other != "" {
			t.Errorf("%s and %s name one event", name, other)
		}
		types[kinds[name]] = name
		if name != strings.ToLower(name) {
			t.Errorf("%s is not lower case", name)
		}
	}
}

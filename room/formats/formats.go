// Package formats reads what kind of circle is held: its agenda, ground
// rules, wording and graces, from a file that a facilitator can read and an
// operator can write.
//
//	name = "night-shift"                 # lower-case letters, digits, hyphens
//	description = "For people who work at night."
//	opening = "Welcome."                 # optional: stands there until it begins
//	goodbye = "Sleep well."              # optional: after the close
//	resources = ["…"]                    # optional: lines below the goodbye
//	rules = ["What is said here stays here."]
//
//	[graces]                             # optional, each of them too
//	offer-window = "2m"                  # how long an offered stick waits for an answer
//	grace = "30s"                        # … for a speaker whose line dropped
//	keeper-grace = "60s"                 # … for the facilitator
//	deputy-wait = "2m"                   # … then for a deputy
//	moderator-wait = "3m"                # … then for a moderator
//	close-notice = "5m"                  # … and then until it closes
//
//	[[stage]]                            # once for each stage, in order
//	title = "Highs and lows"
//	kind = "round"                       # round, open, quiet or lead
//	minutes = 25                         # or "as it comes", which it is without
//	prompt = "What was a high of your week?"   # optional
//	cue = "Take the stick first."        # optional: what the facilitator says or does
//	order = "ring"                       # these for a round only; ring, reversed, hands,
//	                                     # least, nominate or random; ring without
//	turn = "4m"                          # or "as it comes", which it is without
//	split = true                         # instead: an equal part of the stage's minutes
//	hard = true                          # a turn ends with its time
//	rounds = 2                           # or "until time"; without: one, or until time by raised hand
//	images = true                        # a turn may carry one picture
//	closing = true                       # exactly one round, the closing round
//
// What is not exactly right is refused with file, line and reason: a circle
// that begins with another agenda than somebody wrote is worse than none.
package formats

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"hearth/room"
)

// Format is a kind of circle.
type Format struct {
	Name        string // of its own, like peer-support
	Description string // one sentence
	Opening     string // stands in the middle until the circle begins
	Goodbye     string // the circle's words after its close
	Resources   []string
	Rules       []string // ground rules, accepted at the door
	Agenda      []room.Stage
	Graces      Graces
}

// Graces are what a format asks to be waited; 0: what is usual.
type Graces struct {
	OfferWindow, Grace, KeeperGrace, DeputyWait, ModWait, CloseNotice time.Duration
}

// Bounds of a format, beside those of an agenda. Goodbye and resources
// together fit what room.Settings takes.
const (
	MaxFile        = 64 << 10 // bytes
	MaxFiles       = 100      // in a folder
	MaxName        = 40       // bytes, as are those below
	MaxDescription = 200
	MaxGoodbye     = 400
	MaxResources   = 3 // lines
	MaxResource    = 180
	MaxRules       = 20 // sentences
	MaxRule        = 200
	MinGrace       = 10 * time.Second
	MaxGrace       = 15 * time.Minute
)

// Error says what is wrong with a file, for the person who wrote it.
type Error struct {
	File string
	Line int    // from 1
	Why  string // a sentence, without anything that is too long
}

// Error reads like "night.toml, line 12: …".
func (e *Error) Error() string { return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Why) }

//go:embed *.toml es/*.toml
var files embed.FS

// Builtin returns the formats that come with Hearth, by name. An error is a
// fault of the program.
func Builtin() ([]Format, error) { return Load(files) }

// In returns a built-in format in another language (BCP 47), with the same
// stages and times; in English if it isn't there. What an operator wrote stays
// as it is, also under a name of ours.
func (f Format) In(language string) Format {
	base, _, _ := strings.Cut(language, "-")
	first, err := Open(files, f.Name+".toml")
	if err != nil || !reflect.DeepEqual(f, first) {
		return f
	}
	if other, err := Open(files, path.Join(base, f.Name+".toml")); err == nil {
		return other
	}
	return f
}

// Load reads every file of a folder that ends in .toml, by name. The error
// joins one for each file that can't be used; then there are no formats, as
// half of them would be a surprise.
func Load(fsys fs.FS) ([]Format, error) {
	names, err := fs.Glob(fsys, "*.toml")
	if err == nil && len(names) == 0 {
		_, err = fs.ReadDir(fsys, ".") // Glob keeps to itself what it can't read
	}
	if err != nil {
		return nil, err
	}
	if len(names) > MaxFiles {
		return nil, fmt.Errorf("there are %d formats, more than %d", len(names), MaxFiles)
	}
	var all []Format
	var wrong []error
	from := map[string]string{}
	for _, name := range names {
		f, err := Open(fsys, name)
		if other, twice := from[f.Name]; err == nil && twice {
			err = &Error{File: name, Line: 1, Why: fmt.Sprintf("%s is called %q already. Please choose another name.", other, f.Name)}
		}
		from[f.Name] = name
		if err != nil {
			wrong = append(wrong, err)
		} else {
			all = append(all, f)
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	sortByName(all)
	return all, nil
}

// Open reads one file of a folder. Links are followed: that is how a cluster
// hands out files. An error is an *Error.
func Open(fsys fs.FS, name string) (Format, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return Format{}, &Error{File: name, Line: 1, Why: "the file can't be read: " + cause(err) + "."}
	}
	if !info.Mode().IsRegular() {
		return Format{}, &Error{File: name, Line: 1, Why: "this is no file."}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return Format{}, &Error{File: name, Line: 1, Why: "the file can't be read: " + cause(err) + "."}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return Format{}, &Error{File: name, Line: 1, Why: "the file can't be read: " + cause(err) + "."}
	}
	return Parse(path.Base(name), text)
}

// cause is why the system said no, without the path that is said already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// Add returns formats with one's own beside them, by name; of two with the
// same name one's own.
func Add(to, own []Format) []Format {
	all := slices.Clone(own)
	for _, f := range to {
		if _, replaced := Named(own, f.Name); !replaced {
			all = append(all, f)
		}
	}
	sortByName(all)
	return all
}

// Named returns the format of a name.
func Named(all []Format, name string) (Format, bool) {
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

func sortByName(all []Format) {
	slices.SortFunc(all, func(a, b Format) int { return cmp.Compare(a.Name, b.Name) })
}

// Settings returns the settings of a circle of this format: base, with its
// agenda, its words and what it asks to be waited.
func (f Format) Settings(base room.Settings) room.Settings {
	base.Agenda = slices.Clone(f.Agenda)
	base.Prompt = f.Opening
	base.Goodbye, base.Resources = f.Goodbye, slices.Clone(f.Resources)
	base.OfferWindow = cmp.Or(f.Graces.OfferWindow, base.OfferWindow)
	base.Grace = cmp.Or(f.Graces.Grace, base.Grace)
	base.KeeperGrace = cmp.Or(f.Graces.KeeperGrace, base.KeeperGrace)
	base.DeputyWait = cmp.Or(f.Graces.DeputyWait, base.DeputyWait)
	base.ModWait = cmp.Or(f.Graces.ModWait, base.ModWait)
	base.CloseNotice = cmp.Or(f.Graces.CloseNotice, base.CloseNotice)
	return base
}

// Time is what the stages take together; those that go as they come take
// nothing.
func (f Format) Time() time.Duration {
	var sum time.Duration
	for _, g := range f.Agenda {
		sum += g.Time
	}
	return sum
}

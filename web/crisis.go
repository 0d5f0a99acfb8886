package web

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Signpost is one place to turn to in a crisis. It is data that goes stale,
// so it carries where it comes from and when somebody last looked.
type Signpost struct {
	Name      string   `json:"name"`
	Region    string   `json:"region"`            // ISO 3166 country, or EU
	Languages []string `json:"languages"`         // BCP 47
	Channels  []string `json:"channels"`          // call, text, chat, web
	Number    string   `json:"number,omitempty"`  // for call and text
	Address   string   `json:"address,omitempty"` // https, for chat and web
	Keyword   string   `json:"keyword,omitempty"` // to text to the number
	Hours     string   `json:"hours"`
	For       string   `json:"for"`     // what it is for
	Owner     string   `json:"owner"`   // who runs it
	Checked   string   `json:"checked"` // when somebody last looked, YYYY-MM-DD
	Source    string   `json:"source"`  // https, where the facts are from

	Said map[string]SignpostSaid `json:"in,omitempty"` // by language, BCP 47
}

// SignpostSaid is what a signpost says of itself in another language; what is
// empty is said as it is.
type SignpostSaid struct {
	Hours string `json:"hours,omitempty"`
	For   string `json:"for,omitempty"`
}

// Crisis is a checked list of signposts. The operator edits the file it
// comes from; NewCrisis judges it.
type Crisis struct{ all []Signpost }

// Country is a choice on the crisis card.
type Country struct{ Code, Name string }

// AtOnce is how many signposts a person is shown: on a bad day twenty help
// less than two.
const AtOnce = 3

// staleMonths is how long a signpost is trusted after somebody looked.
const staleMonths = 6

// euRegion is the region of signposts that hold in the whole European Union.
const euRegion = "EU"

// euMembers are the countries of the European Union, ISO 3166.
var euMembers = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

//go:embed face/crisis.json
var crisisFile embed.FS

// BuiltInCrisis returns the signposts that come with Hearth.
func BuiltInCrisis() (*Crisis, error) {
	f, err := crisisFile.Open("face/crisis.json")
	if err != nil {
		return nil, fmt.Errorf("web: crisis: %w", err)
	}
	defer f.Close()
	return NewCrisis("crisis.json", f)
}

// NewCrisis reads a JSON list of signposts. What is not exactly right is an
// error that names the file, the line where the entry begins and the reason.
func NewCrisis(file string, r io.Reader) (*Crisis, error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("web: %s: %w", file, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	fail := func(at int64, err error) (*Crisis, error) {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = max(at, min(syntax.Offset, int64(len(text))))
		}
		line := 1 + bytes.Count(text[:at], []byte{'\n'})
		return nil, fmt.Errorf("web: %s line %d: %w", file, line, err)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fail(0, errors.New("a list of signposts was expected"))
	}
	c := &Crisis{}
	for d.More() {
		at := entryStart(text, d.InputOffset())
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fail(at, err)
		}
		s, err := readSignpost(raw)
		if err != nil {
			return fail(at, err)
		}
		if slices.ContainsFunc(c.all, s.same) {
			return fail(at, fmt.Errorf("%q: it is in the list already", s.Name))
		}
		c.all = append(c.all, s)
	}
	if _, err := d.Token(); err != nil {
		return fail(d.InputOffset(), fmt.Errorf("the list doesn't end: %w", err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fail(d.InputOffset(), errors.New("something follows the list"))
	}
	if len(c.all) == 0 {
		return fail(0, errors.New("there is no signpost in it"))
	}
	return c, nil
}

// entryStart skips what stands between two entries.
func entryStart(text []byte, at int64) int64 {
	for at < int64(len(text)) && strings.IndexByte(" \t\r\n,", text[at]) >= 0 {
		at++
	}
	return at
}

func readSignpost(raw []byte) (Signpost, error) {
	var s Signpost
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf("%q: %w", s.Name, err)
	}
	return s, nil
}

func (s Signpost) same(o Signpost) bool {
	return s.Region == o.Region && s.Number == o.Number && s.Address == o.Address && s.Keyword == o.Keyword
}

// numberShape is a telephone number as people write it.
var numberShape = regexp.MustCompile(`^\+?[0-9](?:[ -]?[0-9])*$`)

func (s Signpost) check() error {
	for _, f := range []struct{ name, text string }{
		{"name", s.Name}, {"region", s.Region}, {"hours", s.Hours}, {"for", s.For},
		{"owner", s.Owner}, {"checked", s.Checked}, {"source", s.Source},
	} {
		if strings.TrimSpace(f.text) == "" {
			return fmt.Errorf("%s is missing", f.name)
		}
	}
	texts := []string{s.Name, s.Number, s.Address, s.Keyword, s.Hours, s.For, s.Owner, s.Source}
	for _, said := range s.Said {
		texts = append(texts, said.Hours, said.For)
	}
	for _, t := range texts {
		if utf8.RuneCountInString(t) > 200 || strings.ContainsFunc(t, unicode.IsControl) {
			return errors.New("a text is longer than 200 characters or has control characters")
		}
	}
	if !validRegion(s.Region) {
		return fmt.Errorf("region %q is not a country (like US) or EU", s.Region)
	}
	if len(s.Languages) == 0 {
		return errors.New("languages is missing")
	}
	for _, l := range slices.Concat(s.Languages, slices.Sorted(maps.Keys(s.Said))) {
		if _, err := language.Parse(l); err != nil {
			return fmt.Errorf("language %q is not known", l)
		}
	}
	if _, err := time.Parse(time.DateOnly, s.Checked); err != nil {
		return fmt.Errorf("checked %q is not a date like 2026-11-01", s.Checked)
	}
	if !secureURL(s.Source) {
		return fmt.Errorf("source %q is not an https address", s.Source)
	}
	return s.checkChannels()
}

func (s Signpost) checkChannels() error {
	if len(s.Channels) == 0 {
		return errors.New("channels is missing")
	}
	for i, c := range s.Channels {
		if !slices.Contains([]string{"call", "text", "chat", "web"}, c) {
			return fmt.Errorf("channel %q is not call, text, chat or web", c)
		}
		if slices.Contains(s.Channels[:i], c) {
			return fmt.Errorf("channel %q is there twice", c)
		}
	}
	phone := s.By("call") || s.By("text")
	online := s.By("chat") || s.By("web")
	switch {
	case phone && s.Number == "":
		return errors.New("number is missing")
	case !phone && s.Number != "":
		return errors.New("a number is for call or text")
	case phone && !numberShape.MatchString(s.Number):
		return fmt.Errorf("number %q is not a telephone number", s.Number)
	case online && !secureURL(s.Address):
		return fmt.Errorf("address %q is not an https address", s.Address)
	case !online && s.Address != "":
		return errors.New("an address is for chat or web")
	case s.Keyword != "" && !s.By("text"):
		return errors.New("a keyword is for text")
	}
	return nil
}

func validRegion(code string) bool {
	if code == euRegion {
		return true
	}
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.IsCountry() && r.String() == code
}

func secureURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// By says whether the signpost is reached by a channel.
func (s Signpost) By(channel string) bool { return slices.Contains(s.Channels, channel) }

// Digits returns the number as a telephone dials it.
func (s Signpost) Digits() string {
	return strings.NewReplacer(" ", "", "-", "").Replace(s.Number)
}

// CheckedAt returns the checked date.
func (s Signpost) CheckedAt() time.Time {
	t, _ := time.Parse(time.DateOnly, s.Checked) // NewCrisis has looked
	return t
}

// In returns the signpost as it is said in a language.
func (s Signpost) In(tag string) Signpost {
	said := s.Said[tag]
	s.Hours, s.For = cmp.Or(said.Hours, s.Hours), cmp.Or(said.For, s.For)
	return s
}

// For returns the signposts of a country, AtOnce at most: its own, then for
// a country of the European Union those that hold in all of it. None if
// there is no checked one.
func (c *Crisis) For(country string) []Signpost {
	var out []Signpost
	for _, s := range c.all {
		if s.Region == country {
			out = append(out, s)
		}
	}
	for _, s := range c.all {
		known := func(o Signpost) bool { return s.Number != "" && o.Digits() == s.Digits() }
		if s.Region == euRegion && slices.Contains(euMembers, country) && !slices.ContainsFunc(out, known) {
			out = append(out, s)
		}
	}
	return out[:min(len(out), AtOnce)]
}

// Countries lists the choices there are, by name; the European Union last.
func (c *Crisis) Countries() []Country {
	var out []Country
	eu := false
	for _, s := range c.all {
		known := func(o Country) bool { return o.Code == s.Region }
		switch {
		case s.Region == euRegion:
			eu = true
		case !slices.ContainsFunc(out, known):
			out = append(out, Country{s.Region, regionName(s.Region)})
		}
	}
	slices.SortFunc(out, func(a, b Country) int { return strings.Compare(a.Name, b.Name) })
	if eu {
		out = append(out, Country{euRegion, "Elsewhere in the European Union"})
	}
	return out
}

// Choice returns the code among Countries that suits a country: itself, the
// European Union for its members, or "" for somewhere else.
func (c *Crisis) Choice(country string) string {
	has := func(code string) bool {
		return slices.ContainsFunc(c.all, func(s Signpost) bool { return s.Region == code })
	}
	switch {
	case country != "" && has(country):
		return country
	case slices.Contains(euMembers, country) && has(euRegion):
		return euRegion
	}
	return ""
}

// Stale returns the signposts nobody has looked at for six months before
// now, and those that claim a day still to come.
func (c *Crisis) Stale(now time.Time) []Signpost {
	var out []Signpost
	for _, s := range c.all {
		t, err := time.Parse(time.DateOnly, s.Checked)
		if err != nil || t.AddDate(0, staleMonths, 0).Before(now) || t.After(now.AddDate(0, 0, 1)) {
			out = append(out, s)
		}
	}
	return out
}

func regionName(code string) string {
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.English.Regions().Name(r)
}

package formats

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pelletier/go-toml/v2/unstable"
)

// value is what stands behind the = of a line.
type value struct {
	kind unstable.Kind
	text string
	list []value
	line int
}

// asItComes and untilTime are how a file says that there is no limit.
const (
	asItComes = "as it comes"
	untilTime = "until time"
)

// at is an error in another line than that of the key.
type at struct {
	line int
	why  error
}

func (e at) Error() string { return e.why.Error() }

// words reads a text of at most so many bytes. Line breaks are read as
// spaces, so that a long one may go over several lines.
func (v value) words(most int) (string, error) {
	if v.kind != unstable.String {
		return "", errors.New(`this is a text, and stands in quotes: "Like this."`)
	}
	for _, r := range v.text {
		if strange(r) {
			return "", fmt.Errorf("there is a sign in it that can't be shown (%U)", r)
		}
	}
	text := strings.Join(strings.FieldsFunc(v.text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " ")
	switch {
	case text == "":
		return "", errors.New("this is empty. Please write something, or take the line out")
	case len(text) > most:
		return "", fmt.Errorf("this is too long: %d bytes, and %d is the most. Most letters are one byte, some are two to four", len(text), most)
	}
	return text, nil
}

// strange says whether a sign would spoil what stands around it: control
// characters, and those that turn the direction of a line.
func strange(r rune) bool {
	if strings.ContainsRune("\t\r\n", r) {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || r >= 0x202A && r <= 0x202E || r == unicode.ReplacementChar
}

// sentences reads a list of texts.
func (v value) sentences(most, long int) ([]string, error) {
	if v.kind != unstable.Array {
		return nil, errors.New(`this is a list, and stands in brackets: ["One.", "Another."]`)
	}
	var all []string
	for _, one := range v.list {
		text, err := one.words(long)
		if err != nil {
			return nil, at{one.line, err}
		}
		if len(all) == most {
			return nil, at{one.line, fmt.Errorf("there are more than %d", most)}
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return nil, errors.New("the list is empty. Please write something into it, or take it out")
	}
	return all, nil
}

var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (v value) name() (string, error) {
	name, err := v.words(MaxName)
	if err == nil && !nameForm.MatchString(name) {
		err = errors.New(`a name has small letters, digits and hyphens only, like "night-shift"`)
	}
	return name, err
}

// whole reads a number between two, both included.
func (v value) whole(from, to int64) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(v.text, "_", ""), 0, 64)
	if v.kind != unstable.Integer || err != nil || n < from || n > to {
		return 0, fmt.Errorf("this is a whole number from %d to %d, without quotes", from, to)
	}
	return n, nil
}

// minutes reads the time of a stage.
func (v value) minutes(most time.Duration) (time.Duration, error) {
	if v.kind == unstable.String && v.text == asItComes {
		return 0, nil
	}
	n, err := v.whole(1, int64(most/time.Minute))
	if err != nil {
		return 0, fmt.Errorf("%w, or %q", err, asItComes)
	}
	return time.Duration(n) * time.Minute, nil
}

// rounds reads how often the stick goes round; 0 is until the time has come.
func (v value) rounds(most int64) (int, error) {
	if v.kind == unstable.String && v.text == untilTime {
		return 0, nil
	}
	n, err := v.whole(1, most)
	if err != nil {
		return 0, fmt.Errorf("%w, or %q", err, untilTime)
	}
	return int(n), nil
}

// span reads a time like 90s or 4m.
func (v value) span(from, to time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(v.text)
	if v.kind != unstable.String || err != nil || d < from || d > to || d%time.Second != 0 {
		return 0, fmt.Errorf(`this is a time from %s to %s, in quotes: "90s", "4m" or "1m30s"`, short(from), short(to))
	}
	return d, nil
}

// turn reads the time of one turn.
func (v value) turn(from, to time.Duration) (time.Duration, error) {
	if v.kind == unstable.String && v.text == asItComes {
		return 0, nil
	}
	d, err := v.span(from, to)
	if err != nil {
		return 0, fmt.Errorf("%w, or %q", err, asItComes)
	}
	return d, nil
}

// short leaves out what is nothing: 15m instead of 15m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (v value) yes() (bool, error) {
	if v.kind != unstable.Bool {
		return false, errors.New("this is true or false, without quotes")
	}
	return v.text == "true", nil
}

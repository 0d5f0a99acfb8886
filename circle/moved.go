package circle

import (
	"slices"
	"time"
)

// Instead returns the schedule with what was said by hand about the dates of
// another, which it comes instead of: a date that was called off stays so when
// the circle meets an hour later that day. What is said of days that it
// doesn't meet on any more is left out.
func (s Schedule) Instead(was Schedule) Schedule {
	first, err := local(s.First)
	if err != nil {
		return s
	}
	s.Also, s.Not, s.Off, s.Themes = slices.Clone(was.Also), nil, nil, nil
	to := func(at string) (string, bool) {
		if _, ok := s.Date(at); ok {
			return at, true
		}
		l, err := local(at)
		if err != nil {
			return "", false
		}
		at = l.Format(time.DateOnly) + first.Format("T15:04")
		_, ok := s.Date(at)
		return at, ok
	}
	kept := func(m map[string]string) map[string]string {
		out := map[string]string{}
		for at, text := range m {
			if at, ok := to(at); ok {
				out[at] = text
			}
		}
		return out
	}
	off, themes, not := kept(was.Off), kept(was.Themes), []string(nil)
	for _, at := range was.Not {
		if at, ok := to(at); ok {
			not = append(not, at)
		}
	}
	s.Off, s.Themes, s.Not = off, themes, not
	return s
}

package web

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"hearth/room"
)

// maxMarks is how many combining marks may follow one character: more than
// any script stacks, fewer than it takes to paint over a neighbour's line.
const maxMarks = 8

// words brings an utterance into the form everybody gets: NFC, line ends as
// \n, trimmed. Letters of every script stay, and so do the joiners and
// direction marks that scripts need. Gone are control characters but newline
// and tab, what turns the direction of text around, and invisible characters
// where they do nothing but hide. What is then empty is room.NoWords. How
// long words may be is the room's to say.
func words(s string) (string, *room.Refusal) {
	s = norm.NFC.String(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
	s = strings.TrimSpace(norm.NFC.String(tidy(s, keepInWords))) // what was taken out may have kept two apart
	if !visible(s) {
		return "", room.Refuse(room.NoWords)
	}
	return s, nil
}

func keepInWords(r rune) bool {
	if r == '\n' || r == '\t' {
		return true
	}
	return !unicode.IsControl(r) && !turnsText(r) && !hidden(r)
}

// turnsText says whether r overrides, embeds or isolates the direction of
// text: Unicode UAX #9, the explicit formatting characters.
func turnsText(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// marksDirection says whether r is a plain direction mark, which
// right-to-left text uses next to numbers and punctuation.
func marksDirection(r rune) bool { return r == 0x200E || r == 0x200F || r == 0x061C }

// hidden says whether r shows nothing and joins nothing: zero-width space,
// word joiner and invisible operators, byte order mark, deprecated format
// characters, annotation anchors, Hangul fillers, tags outside of flags.
func hidden(r rune) bool {
	switch {
	case r == 0x200B, r == 0xFEFF, r == 0x180E, r == 0x034F:
	case r >= 0x2060 && r <= 0x2064, r >= 0x206A && r <= 0x206F:
	case r >= 0xFFF9 && r <= 0xFFFB:
	case r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
	default:
		return false
	}
	return true
}

const (
	zwnj      = 0x200C
	zwj       = 0x200D
	blackFlag = 0x1F3F4 // opens a flag spelled in tags
)

func isTag(r rune) bool    { return r >= 0xE0020 && r <= 0xE007F }
func isJoiner(r rune) bool { return r == zwj || r == zwnj }

// tidy keeps what keep keeps; of joiners those that stand alone between two
// characters, of tags those behind a black flag, of combining marks maxMarks
// in a row, on something.
func tidy(s string, keep func(rune) bool) string {
	var b strings.Builder
	b.Grow(len(s))
	var last rune // the last one kept
	marks, flag, joiner := 0, false, rune(0)
	for _, r := range s {
		switch {
		case isTag(r) && !flag, r > 0xE007F && r < 0xE0100, !keep(r):
			continue
		case isJoiner(r):
			if last == 0 || unicode.IsSpace(last) || joiner != 0 {
				continue
			}
			joiner = r // written when something follows that it can join
			continue
		case unicode.IsMark(r):
			if marks++; marks > maxMarks || last == 0 || unicode.IsSpace(last) {
				continue
			}
		default:
			marks = 0
		}
		if joiner != 0 && !unicode.IsSpace(r) {
			b.WriteRune(joiner)
		}
		joiner = 0
		flag = r == blackFlag || flag && isTag(r)
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// visible says whether anything of s can be seen.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !hidden(r)
	})
}

// maybeWords is words that stand in one line and may be missing: a note, a title.
func maybeWords(s string) (string, *room.Refusal) {
	if s == "" {
		return "", nil
	}
	s, no := words(s)
	return strings.Join(strings.Fields(s), " "), no
}

// planWords brings what is typed about stages into its form, in place.
func planWords(stages []room.PlanStage) *room.Refusal {
	for i := range stages {
		for _, typed := range []*string{&stages[i].Title, &stages[i].Prompt} {
			var no *room.Refusal
			if *typed, no = maybeWords(*typed); no != nil {
				return no
			}
		}
	}
	return nil
}

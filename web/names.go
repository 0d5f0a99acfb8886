package web

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"hearth/room"
)

// Limits of a name after it was brought into its normal form.
const (
	maxNameGraphemes = 40
	maxNameBytes     = 120
	// maxNameRaw bounds the work before: longer is refused unread.
	maxNameRaw = 4 * maxNameBytes
)

// name brings what somebody wants to be called into its normal form: NFKC,
// on one line, single spaces, no controls, nothing that turns text around,
// nothing invisible but the joiners inside emoji. It refuses with
// room.NameNeeded, NameLong, NameMixed or PronounsLong. Names made of emoji
// alone are fine.
//
// The name's Key is what is compared: without emoji's invisible parts, and
// case-folded (Unicode toNFKC_Casefold, nearly).
func name(called, pronouns string) (*room.Name, *room.Refusal) {
	n, ok := oneLine(called)
	switch {
	case !ok:
		return nil, refuse(NameLong)
	case !visible(n):
		return nil, room.Refuse(room.NameNeeded)
	case mixed(n):
		return nil, refuse(NameMixed)
	}
	p, ok := oneLine(pronouns)
	if !ok {
		return nil, refuse(PronounsLong)
	}
	if !visible(p) {
		p = ""
	}
	return &room.Name{Name: n, Key: nameKey(n), Pronouns: p}, nil
}

// oneLine normalises a short text; false if it is too long.
func oneLine(s string) (string, bool) {
	if len(s) > maxNameRaw {
		return "", false
	}
	for before := "\n"; s != before; { // what was taken out may have kept two apart
		before = s
		s = strings.ReplaceAll(norm.NFKC.String(s), brailleBlank, " ")
		s = strings.Join(strings.Fields(s), " ")
		s = emojiJoiners(tidy(s, keepInName))
	}
	return s, len(s) <= maxNameBytes && graphemes(s) <= maxNameGraphemes
}

func keepInName(r rune) bool {
	return keepInWords(r) && r != '\n' && r != '\t' && !unseen(r) && !unicode.In(r, unicode.Zl, unicode.Zp)
}

// brailleBlank is a symbol to Unicode and a space to the eye.
const brailleBlank = "\u2800"

// unseen says whether r would make two names that look alike: Unicode's
// default ignorable and format characters but what emoji are made of, and
// three signs without a shape (object replacement, null notehead, Khitan
// filler). Format characters that show, like the Arabic number sign, stay.
func unseen(r rune) bool {
	switch {
	case r == zwj, r == 0xFE0E, r == 0xFE0F, isTag(r), unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	case r == 0xFFFC, r == 0x1D159, r == 0x16FE4:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// emojiJoiners drops the joiners that do not stand between two parts of an
// emoji.
func emojiJoiners(s string) string {
	if !strings.ContainsRune(s, zwj) {
		return s
	}
	runes := []rune(s)
	kept := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r == zwj && (i == 0 || i+1 == len(runes) || !emojiPart(runes[i-1]) || !emojiPart(runes[i+1])) {
			continue
		}
		kept = append(kept, r)
	}
	return string(kept)
}

// emojiPart says whether a joiner beside r can belong to an emoji: symbols,
// skin tones, variation selectors.
func emojiPart(r rune) bool {
	return unicode.In(r, unicode.So, unicode.Sk) || isVariation(r) || r >= 0x1F000 && r <= 0x1FAFF ||
		r == 0x2640 || r == 0x2642
}

func isVariation(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F }

func nameKey(n string) string {
	n = strings.Map(func(r rune) rune {
		if isVariation(r) || r == zwj {
			return -1
		}
		return r
	}, n)
	return norm.NFKC.String(cases.Fold().String(n))
}

// lookalikes are the scripts whose letters pass for one another's.
var lookalikes = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek}

// mixed says whether s has letters of more than one of the lookalikes.
func mixed(s string) bool {
	found := 0
	for _, script := range lookalikes {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(script, r) }) {
			found++
		}
	}
	return found > 1
}

// graphemes counts what a person would call characters, closely enough for a
// limit: combining marks, variation selectors, skin tones and tags belong to
// what they follow, a joiner ties the next one on, two regional indicators
// are one flag. (UAX #29 also joins Hangul jamo, which NFKC has composed
// already, and the prepended marks of a few scripts, which count here.)
func graphemes(s string) int {
	n, tied, half := 0, false, false
	for _, r := range s {
		region := r >= 0x1F1E6 && r <= 0x1F1FF
		switch {
		case r == zwj:
			tied = true
			continue
		case unicode.IsMark(r), isVariation(r), isTag(r), r >= 0x1F3FB && r <= 0x1F3FF, tied:
			if n == 0 {
				n = 1
			}
		case region && half:
		default:
			n++
		}
		tied = false
		half = region && !half
	}
	return n
}

package web

import (
	"hearth/moderation"
	"hearth/room"
)

// What goes between somebody who reports and the server, as JSON. A refusal
// has the form of room.Refusal, and nothing is kept then. Times are Unix
// milliseconds.
type (
	// ReportIn is the body of POST /c/{handle}/report, and of POST /report by
	// whoever has left. Texts are kept as they were typed.
	ReportIn struct {
		Kind     moderation.Kind     `json:"kind"`  // care or conduct
		About    moderation.About    `json:"about"` // self and person of care; all but self of conduct
		Category moderation.Category `json:"category,omitempty"`
		Subject  room.SeatID         `json:"subject,omitempty"` // whom it is about; of self nobody else
		Called   string              `json:"called,omitempty"`  // the subject, as the reporter saw them; 200 bytes
		Text     string              `json:"text,omitempty"`    // 2,000 characters
		Quotes   []QuoteIn           `json:"quotes,omitempty"`  // 10, and 10 as context
		Asides   []string            `json:"asides,omitempty"`  // receipts of asides that are quoted, 4
		Receipt  string              `json:"receipt,omitempty"` // at /report alone
	}
	// QuoteIn is one utterance, as it was delivered.
	QuoteIn struct {
		Room    room.ID     `json:"room,omitempty"` // of an aside; empty: the seat's own
		Seq     uint64      `json:"seq"`
		Seat    room.SeatID `json:"seat"`
		At      int64       `json:"at"`
		Words   string      `json:"words"`
		Tag     string      `json:"tag"`
		Called  string      `json:"called,omitempty"`
		Context bool        `json:"context,omitempty"` // beside the words it is about
	}
	// ReportOut answers a report that was taken.
	ReportOut struct {
		Code   string   `json:"code"`          // asks how far it has come, and nothing else
		OnCall bool     `json:"onCall"`        // somebody is on call now
		Words  WordsWay `json:"words"`         // what became of what was typed and chosen
		Old    int      `json:"old,omitempty"` // words that were left out: said too long ago to be checked
	}
	// ReportAsk is the body of POST /report/status.
	ReportAsk struct {
		Code string `json:"code"`
	}
	// ReportStep answers it: how far a report has come. Never what became of
	// somebody else.
	ReportStep struct {
		Step   moderation.Step `json:"step"`
		Since  int64           `json:"since"`
		OnCall bool            `json:"onCall"`           // somebody was on call when it came
		Public string          `json:"public,omitempty"` // what moderators say of it to those who reported
	}
)

// WordsWay is what became of the words in a report.
type WordsWay string

// The ways.
const (
	WordsKept  WordsWay = "kept"  // sealed: moderators alone can read them
	WordsNone  WordsWay = "none"  // there were none
	WordsNoKey WordsWay = "nokey" // they could not be kept so that moderators alone read them: what it is about was passed on
)

// Bounds of ReportIn beside those of package moderation.
const (
	maxReport = 96 << 10 // bytes of a body
	maxCalled = 200      // bytes
	maxAsides = 4
)

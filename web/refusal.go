package web

import (
	"maps"
	"slices"
	"time"

	"hearth/room"
	"hearth/web/lang"
)

// The codes the wire and the pages refuse with, beside those of package room.
const (
	Malformed      room.Code = "malformed"       // the frame is not what PROTOCOL.md says
	UnknownCommand room.Code = "unknown-command" // no such act, or not to be sent this way
	SlowDown       room.Code = "slow-down"       // too fast; the sentence says the wait
	Unavailable    room.Code = "unavailable"     // nothing can be written for a moment
	HelloFirst     room.Code = "hello-first"     // the first frame is hello
	HelloTwice     room.Code = "hello-twice"     // and the only one
	NameLong       room.Code = "name-long"
	NameMixed      room.Code = "name-mixed" // letters of two look-alike scripts
	PronounsLong   room.Code = "pronouns-long"
	NoInvite       room.Code = "no-invite" // wrong, used up, expired or barred: one answer
	NotOpen        room.Code = "not-open"
	NoSeat         room.Code = "no-seat"
	Banned         room.Code = "banned"   // kept out for now; the circle's page says why
	TooMany        room.Code = "too-many" // from one address, or on this node
	TooManyTabs    room.Code = "too-many-tabs"
	NotFound       room.Code = "not-found"
	Elsewhere      room.Code = "elsewhere" // the request came from another site
	Faulty         room.Code = "fault"     // our mistake
	Restarting     room.Code = "restarting"

	ReportWords room.Code = "report-words" // a tag that doesn't fit: nothing was kept
	ReportSelf  room.Code = "report-self"  // of conduct, about oneself
	ReportWhom  room.Code = "report-whom"  // nobody of this circle
	ReportLong  room.Code = "report-long"
	ReportBig   room.Code = "report-big"
	ReportMany  room.Code = "report-many"
	ReportLater room.Code = "report-later" // it can't be kept just now
	ReportEmpty room.Code = "report-empty" // a notice without what is needed
	ReceiptOld  room.Code = "receipt-old"

	AltNeeded     room.Code = "alt-needed"
	AltLong       room.Code = "alt-long"
	PictureBig    room.Code = "picture-big"
	PicturePixels room.Code = "picture-pixels"
	NotAPicture   room.Code = "not-a-picture"
	PictureMoves  room.Code = "picture-moves"
	PictureBroken room.Code = "picture-broken"
	PictureBusy   room.Code = "picture-busy" // too many at once, on this node
	PictureCut    room.Code = "picture-cut"  // it did not come whole, or took too long
	ShelfFull     room.Code = "shelf-full"
)

// says holds the sentence of every code in English, from the catalogue; what
// the room refuses with is in there too.
var says = func() map[room.Code]string {
	all := map[room.Code]string{}
	for code, say := range lang.First("refusal") {
		if !slices.Contains(room.Codes(), room.Code(code)) && code != waitKey {
			all[room.Code(code)] = say
		}
	}
	return all
}()

// refusalKey is the key of a code's sentence in the catalogue.
func refusalKey(c room.Code) string { return "refusal." + string(c) }

// waitKey says slow-down with the seconds to wait.
const waitKey = "wait"

// refuse returns the refusal of a code of this package.
func refuse(c room.Code) *room.Refusal { return &room.Refusal{Code: c, Say: says[c]} }

// refuseWait returns slow-down with the wait, rounded up to whole seconds.
func refuseWait(l *lang.Texts, wait time.Duration) *room.Refusal {
	n := max(1, int((wait+time.Second-1)/time.Second))
	return &room.Refusal{Code: SlowDown, Say: l.T(refusalKey(waitKey), "n", n)}
}

// refusedIn returns a refusal in a language. One that says more than its code
// does stays as it is.
func refusedIn(l *lang.Texts, no *room.Refusal) *room.Refusal {
	if no == nil || no.Say != says[no.Code] && *no != *room.Refuse(no.Code) {
		return no
	}
	return &room.Refusal{Code: no.Code, Say: l.T(refusalKey(no.Code))}
}

// Codes lists every code this package can refuse with, sorted. Those of
// package room come through it too.
func Codes() []room.Code { return slices.Sorted(maps.Keys(says)) }

package web

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"hearth/room"
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
	TooMany        room.Code = "too-many" // from one address, or on this node
	TooManyTabs    room.Code = "too-many-tabs"
	NotFound       room.Code = "not-found"
	Elsewhere      room.Code = "elsewhere" // the request came from another site
	Faulty         room.Code = "fault"     // our mistake
	Restarting     room.Code = "restarting"

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

// says holds the sentence of every code.
var says = map[room.Code]string{
	Malformed:      "This page and the circle don't understand each other. Reloading the page usually helps.",
	UnknownCommand: "This circle doesn't know how to do that. Reloading the page usually helps.",
	SlowDown:       "Let's take it a little slower. Nothing is lost.",
	Unavailable:    "The circle can't be reached for a moment. What you wrote is still here; please try again.",
	HelloFirst:     "This page and the circle missed each other's greeting. Reloading the page usually helps.",
	HelloTwice:     "You are already in the circle from this page.",
	NameLong:       "That name is a little too long for the ring. Up to 40 characters fit.",
	NameMixed:      "Please write your name in one alphabet, so that it can't be taken for somebody else's.",
	PronounsLong:   "Those pronouns are a little too long for the ring. Up to 40 characters fit.",
	NoInvite:       "This link doesn't open a circle. It may have been used or its time may be over. Whoever sent it can give you a new one.",
	NotOpen:        "The circle has closed for now. It opens again when a facilitator begins the next one, or in an hour.",
	NoSeat:         "We can't find your seat in this browser. Please open your link once more.",
	TooMany:        "Many people are arriving at the same moment. Please try again in a minute.",
	TooManyTabs:    "You have this circle open in many places already. Closing one of them makes room.",
	NotFound:       "There is nothing at this address.",
	Elsewhere:      "This came from another site, so we left it alone. Please open your link once more.",
	Faulty:         "Something went wrong on our side. Please try again in a moment.",
	Restarting:     "The house is just restarting. Please try again in a moment.",

	AltNeeded:     "Please say in a few words what the picture shows, for those who can't see it.",
	AltLong:       "Please say in 300 characters or less what the picture shows. You can tell more with your words.",
	PictureBig:    "That picture is larger than 8 MB. A smaller copy of it will do nicely.",
	PicturePixels: "That picture has more pixels than we can take in. A smaller copy of it will do nicely.",
	NotAPicture:   "We can show JPEG, PNG and WebP pictures, and couldn't read this one as any of them.",
	PictureMoves:  "We keep it calm here, so moving pictures can't be shown. A still one is welcome.",
	PictureBroken: "Part of that picture seems to be missing. Perhaps another copy of it can be read.",
	PictureBusy:   "A few other pictures are just being looked at. Please try again in a moment.",
	PictureCut:    "The picture didn't arrive whole. Please try again; a smaller copy of it is faster.",
	ShelfFull:     "We have kept as many pictures as we can for tonight. You are welcome to tell about this one.",
}

// refuse returns the refusal of a code of this package.
func refuse(c room.Code) *room.Refusal { return &room.Refusal{Code: c, Say: says[c]} }

// refuseWait returns slow-down with the wait, rounded up to whole seconds.
func refuseWait(wait time.Duration) *room.Refusal {
	n := int((wait + time.Second - 1) / time.Second)
	unit := "seconds"
	if n <= 1 {
		n, unit = 1, "second"
	}
	say := fmt.Sprintf("Let's take it a little slower. In %d %s you can go on; nothing is lost.", n, unit)
	return &room.Refusal{Code: SlowDown, Say: say}
}

// Codes lists every code this package can refuse with, sorted. Those of
// package room come through it too.
func Codes() []room.Code { return slices.Sorted(maps.Keys(says)) }

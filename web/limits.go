package web

import (
	"reflect"
	"time"

	"golang.org/x/time/rate"
)

// Limits is how much of everything. They are wide enough that nobody in a
// circle meets them; whoever does is slowed down first, then refused, and
// never shut out for it.
type Limits struct {
	Frame int64 // bytes of one message from a client

	Commands Rate          // of one seat; safety commands have their own
	Wait     time.Duration // the longest a command is held back before it is refused
	Waits    Rate          // how many commands may be held back, before refusals
	Safety   Rate          // mute, remove, hold and close, of one seat
	Signals  Rate          // of one socket
	Messages Rate          // of one socket; more is read slowly
	Mistakes Rate          // frames not understood, of one socket; more closes it
	Pings    Rate          // from a client; browsers send none

	SocketsPerSeat    int
	SocketsPerAddress int  // IPv4, or IPv6 /64; a resume is never refused for it
	WaitingPerAddress int  // before their hello
	Handshakes        Rate // of one address
	AllHandshakes     Rate // of this node
	Enters            Rate // of one address: tries to redeem an invite
	AllEnters         Rate // of this node
	Asks              Rate // of one address: interest, being forgotten
	Writes            Rate // of one address: questions, addresses for reminders
	SeatReports       Rate // of one seat: reports, but for what somebody says of themselves
	Reports           Rate // of one address: the same
	Notices           Rate // of one address: notices from outside; each is a call in the night
	ReportLooks       Rate // of one address: how far they have come
	Tickets           int  // waiting, on this node, if Config.Tickets is nil
	SeatTickets       Rate // of one seat

	Desk         Rate // of one moderator: what they ask of the desk
	DeskSockets  int  // of one moderator
	DeskMessages Rate // of one desk's socket; more closes it

	Pictures        Rate // of one seat: shown
	PictureLooks    Rate // of one seat: looked at
	Uploads         int  // pictures on their way to this node; each takes up to 8 MiB
	PicturesWaiting int  // to be looked at by this node, which does one at a time

	HelloWithin   time.Duration
	MessageWithin time.Duration // from a message's first byte to its last
	WriteWithin   time.Duration
	CommandWithin time.Duration // for an answer of the room
	CloseWithin   time.Duration // for a client's answer to a close
	PictureWithin time.Duration // for a picture to come whole, or to go
	BeatAfter     time.Duration // of silence
	PingEvery     time.Duration
	PingWait      time.Duration
	RecheckEvery  time.Duration // of a socket's seat credential
	DrainSpread   time.Duration
	SeatCookie    time.Duration // how long a browser keeps a seat
	DeviceCookie  time.Duration // and its device token, from its last use
}

// Rate is Burst at once, then one every Every.
type Rate struct {
	Burst int
	Every time.Duration
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Every(r.Every), r.Burst) }

// DefaultLimits are an operator's to change. Phone networks put hundreds of
// people behind one address, so those of an address are high.
func DefaultLimits() Limits {
	return Limits{
		Frame:    16 << 10,
		Commands: Rate{10, time.Second / 2},
		Wait:     time.Second,
		Waits:    Rate{4, 2 * time.Second},
		Safety:   Rate{40, time.Second / 4},
		Signals:  Rate{6, time.Second / 2},
		Messages: Rate{200, 50 * time.Millisecond},
		Mistakes: Rate{10, 6 * time.Second},
		Pings:    Rate{20, time.Second},

		SocketsPerSeat:    5,
		SocketsPerAddress: 200,
		WaitingPerAddress: 50,
		Handshakes:        Rate{250, time.Second / 10},
		AllHandshakes:     Rate{2000, time.Second / 200},
		Enters:            Rate{60, time.Second},
		AllEnters:         Rate{500, time.Second / 50},
		Asks:              Rate{20, 30 * time.Second},
		Writes:            Rate{10, 5 * time.Minute},
		SeatReports:       Rate{5, time.Minute},
		Reports:           Rate{30, 20 * time.Second},
		Notices:           Rate{5, 5 * time.Minute},
		ReportLooks:       Rate{240, time.Second / 4}, // a page asks four times a minute
		Tickets:           20_000,
		SeatTickets:       Rate{10, 3 * time.Second},

		Desk:         Rate{60, time.Second / 4},
		DeskSockets:  5,
		DeskMessages: Rate{10, 5 * time.Second},

		Pictures:        Rate{6, 10 * time.Second},
		PictureLooks:    Rate{120, time.Second / 2},
		Uploads:         16,
		PicturesWaiting: 8,

		HelloWithin:   5 * time.Second,
		MessageWithin: 30 * time.Second,
		WriteWithin:   10 * time.Second,
		CommandWithin: 10 * time.Second,
		CloseWithin:   5 * time.Second,
		PictureWithin: 5 * time.Minute, // 8 MiB at 400 kbit/s take 168 s
		BeatAfter:     15 * time.Second,
		PingEvery:     20 * time.Second,
		PingWait:      20 * time.Second,
		RecheckEvery:  60 * time.Second,
		DrainSpread:   2 * time.Second,
		SeatCookie:    24 * time.Hour,
		DeviceCookie:  30 * 24 * time.Hour,
	}
}

// withDefaults fills what is zero.
func (l Limits) withDefaults() Limits {
	have, want := reflect.ValueOf(&l).Elem(), reflect.ValueOf(DefaultLimits())
	for i := range have.NumField() {
		if have.Field(i).IsZero() {
			have.Field(i).Set(want.Field(i))
		}
	}
	return l
}

package web

import (
	"encoding/json"

	"hearth/room"
)

// Protocol is the websocket subprotocol of this version of the wire.
const Protocol = "hearth.v1"

// What a client sends. One JSON object in one text frame; T names its type.
type (
	// Hello is the first frame, within HelloWithin of the handshake.
	Hello struct {
		T        string  `json:"t"`       // "hello"
		Ticket   string  `json:"ticket"`  // single use, 30 s, for one seat
		Session  string  `json:"session"` // random, one per tab: 16 to 22 of A-Z a-z 0-9 - _
		Name     string  `json:"name"`
		Pronouns string  `json:"pronouns,omitempty"`
		Listen   bool    `json:"listen,omitempty"` // just listening, chosen at the door
		First    bool    `json:"first,omitempty"`  // "this is my first time", for whoever lets them in
		Resume   *Resume `json:"resume,omitempty"`
	}
	// Resume names the last entry a client has.
	Resume struct {
		Epoch string `json:"epoch"`
		Seq   uint64 `json:"seq"`
		Tag   string `json:"tag,omitempty"` // as it came with that entry; without it everything comes anew
	}
	// Do is a numbered command.
	Do struct {
		T    string          `json:"t"` // "do"
		N    uint64          `json:"n"` // one more than the last that was answered ok
		Act  room.Capability `json:"act"`
		With json.RawMessage `json:"with,omitempty"`
	}
	// Signal is lossy: a reaction, or that somebody is typing.
	Signal struct {
		T    string          `json:"t"`   // "signal"
		Act  room.Capability `json:"act"` // "react" or "typing"
		With json.RawMessage `json:"with,omitempty"`
	}
)

// What the server sends.
type (
	// Welcome answers hello. State is absent when the client's resume could
	// be honoured: then entries follow. Door is there instead for whoever has
	// to wait at the door, whatever they resume: it changes with the door of
	// an entry, and a state follows by itself when they are let in.
	Welcome struct {
		T     string         `json:"t"` // "welcome"
		Epoch string         `json:"epoch"`
		Seq   uint64         `json:"seq"`  // what State shows, or what resume starts after
		Tag   string         `json:"tag"`  // of the log at Seq
		Last  uint64         `json:"last"` // number of this session's last committed command
		Now   int64          `json:"now"`
		State *State         `json:"state,omitempty"`
		Door  *room.DoorView `json:"door,omitempty"`
		// Missed is what was said (and taken back) between the client's
		// resume and State, oldest first, if it is still known.
		Missed  []room.Frame `json:"missed,omitempty"`
		Rewound bool         `json:"rewound,omitempty"` // entries that were committed are lost
		Country string       `json:"country,omitempty"` // of the circle, for the crisis card; the member's choice wins
	}
	// State is the room from scratch: everything known before is void, but
	// for words already on the screen.
	State struct {
		Room  *room.RoomView                 `json:"room"`
		Seats map[room.SeatID]*room.SeatView `json:"seats"`
		You   *room.YouView                  `json:"you"`
		Keep  *room.KeepView                 `json:"keep,omitempty"`
	}
	// Fresh replaces everything, after a client fell behind, the log was
	// rewound, or whoever was at the door was let in. State or Door is there.
	Fresh struct {
		T       string         `json:"t"` // "state"
		Epoch   string         `json:"epoch"`
		Seq     uint64         `json:"seq"`
		Tag     string         `json:"tag"`
		Last    uint64         `json:"last"` // as in welcome; every answer before this frame is counted
		Now     int64          `json:"now"`
		State   *State         `json:"state,omitempty"`
		Door    *room.DoorView `json:"door,omitempty"`
		Missed  []room.Frame   `json:"missed,omitempty"`
		Rewound bool           `json:"rewound,omitempty"`
	}
	// Entries are what happened, in order. One seq may come in several
	// frames: what everybody sees, then what concerns this seat.
	Entries struct {
		T    string       `json:"t"` // "entries"
		List []room.Frame `json:"list"`
		Seq  uint64       `json:"seq"` // how far they lead: to resume from, with Tag
		Tag  string       `json:"tag"`
	}
	// Answer answers one Do. Exactly one of Seq, Already and Refused is set.
	Answer struct {
		T       string        `json:"t"` // "answer"
		N       uint64        `json:"n"`
		Seq     uint64        `json:"seq,omitempty"`     // the entry it became; its entry may come earlier or later
		Already bool          `json:"already,omitempty"` // it was so before; N is not used up
		Refused *room.Refusal `json:"refused,omitempty"` // N is not used up
		Last    uint64        `json:"last"`              // number of the last committed command
	}
	// Signals are what was signalled lately, coalesced for 250 ms.
	Signals struct {
		T    string       `json:"t"` // "signals"
		List []SignalView `json:"list"`
	}
	// SignalView is one signal of one seat.
	SignalView struct {
		Seat room.SeatID   `json:"seat"`
		Kind room.Reaction `json:"kind,omitempty"` // empty: typing
		Turn uint64        `json:"turn"`
	}
	// Moving tells that this server is about to restart.
	Moving struct {
		T           string `json:"t"`           // "moving"
		ReconnectIn int64  `json:"reconnectIn"` // milliseconds from now
	}
	// Beat is sent when nothing else was for 15 s: no frame for 40 s means
	// the line is down.
	Beat struct {
		T   string `json:"t"` // "beat"
		Now int64  `json:"now"`
	}
	// Refused answers a frame that is not understood and has no number.
	Refused struct {
		T       string        `json:"t"` // "refused"
		Refused *room.Refusal `json:"refused"`
	}
)

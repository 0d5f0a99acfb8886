package web

import (
	"hearth/moderation"
	"hearth/room"
)

// What goes between a moderator's desk and the server. Changes are POSTs of
// JSON to /desk/…, answered with what the case is now (CaseView), or a refusal in
// the form of room.Refusal; those about no case, /desk/duty, /desk/shift and
// /desk/keys, are answered with a DeskView. The socket at /desk/ws, subprotocol
// DeskProtocol, only tells: a DeskView at once, and after each change anywhere;
// a Beat after BeatAfter of silence, so that a line that is down shows. It closes
// with 4404 when whoever opened it is signed out there or no moderator any
// more, 4429 when they have too many, and as a room's does otherwise. Times are
// Unix milliseconds.
type (
	// DeskView is all that a desk shows beside an open case.
	DeskView struct {
		T       string     `json:"t"` // "desk"
		Rev     int64      `json:"rev"`
		Now     int64      `json:"now"`
		You     string     `json:"you"` // a person's id
		Cards   []Card     `json:"cards"`
		Open    int        `json:"open"`    // how many wait, of which Cards are the first
		Late    int        `json:"late"`    // past their time without anybody
		Unheard int        `json:"unheard"` // pages that reached nobody: the loudest there is
		Duty    []DutyView `json:"duty"`
		People  []NameView `json:"people"` // the moderators: to hand over to
		Keys    []string   `json:"keys"`   // ids of your own keys, as the server knows them
	}
	// DutyView is somebody on call.
	DutyView struct {
		NameView
		Since int64 `json:"since"`
		Until int64 `json:"until"`
	}
	// NameView is a moderator.
	NameView struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	// Card is one case in the queue.
	Card struct {
		ID       string              `json:"id"`
		N        int64               `json:"n"`
		Rev      int                 `json:"rev"`
		Kind     moderation.Kind     `json:"kind"`
		About    moderation.About    `json:"about"`
		Category moderation.Category `json:"category,omitempty"`
		Priority moderation.Priority `json:"priority"`
		Circle   string              `json:"circle"`          // id; empty: none
		Title    string              `json:"title,omitempty"` // of the circle
		State    moderation.State    `json:"state"`
		Outcome  moderation.Outcome  `json:"outcome,omitempty"`
		Reports  int                 `json:"reports"`
		Quotes   int                 `json:"quotes"`
		Raised   int64               `json:"raised"`
		Due      int64               `json:"due"`
		Again    int64               `json:"again,omitempty"`
		Closed   int64               `json:"closed,omitempty"`
		Claim    *ClaimView          `json:"claim,omitempty"`
		Live     *LiveView           `json:"live,omitempty"` // the room goes on
	}
	// ClaimView says who has a case.
	ClaimView struct {
		NameView
		Since int64 `json:"since"`
		Until int64 `json:"until"`
	}
	// LiveView is a live room as the desk may see it: facts alone.
	LiveView struct {
		People      int        `json:"people"` // with a line, who sit in it
		Facilitator bool       `json:"facilitator"`
		Moderator   bool       `json:"moderator"`
		Phase       room.Phase `json:"phase"`
		Subject     string     `json:"subject,omitempty"` // "here", "away" or "gone": whom it is about
		Holds       bool       `json:"holds,omitempty"`   // they hold the stick
		Muted       int64      `json:"muted,omitempty"`   // until when
	}
	// CaseView is an open case.
	CaseView struct {
		Card
		Can       []moderation.Capability `json:"can"`               // what you may do with it now
		Actions   []moderation.Action     `json:"actions,omitempty"` // what can be decided now
		Ground    []string                `json:"ground,omitempty"`  // the circle's ground rules
		Series    bool                    `json:"series,omitempty"`  // the circle is one
		Filings   []FilingView            `json:"filings"`
		Decisions []DecisionView          `json:"decisions"`
		Notes     []NoteView              `json:"notes"`
		Appeal    *AppealView             `json:"appeal,omitempty"`
		Erased    bool                    `json:"erased,omitempty"`
	}
	// FilingView is one report of a case.
	FilingView struct {
		ID       string              `json:"id"`
		About    moderation.About    `json:"about"`
		Category moderation.Category `json:"category,omitempty"`
		Quotes   int                 `json:"quotes"`
		Lang     string              `json:"lang"`
		At       int64               `json:"at"`
		Keys     []string            `json:"keys"`              // that open it; none: nothing was typed, or it is gone
		Openers  []NameView          `json:"openers,omitempty"` // moderators who have one of them, you too; the organisation's is nobody's
	}
	// DecisionView is one decision.
	DecisionView struct {
		ID     string            `json:"id"`
		By     NameView          `json:"by"`
		At     int64             `json:"at"`
		Action moderation.Action `json:"action"`
		Scope  moderation.Scope  `json:"scope,omitempty"`
		Until  int64             `json:"until,omitempty"`
		Second string            `json:"second,omitempty"` // name
		Yours  bool              `json:"yours,omitempty"`  // you decided it, or agreed to it
		Rule   string            `json:"rule"`
		Facts  string            `json:"facts"`
		Public string            `json:"public,omitempty"`
		Undone int64             `json:"undone,omitempty"`
		Can    bool              `json:"can"`              // you may undo it
		Missed bool              `json:"missed,omitempty"` // the room did not take it: it is over, or they had gone
	}
	// NoteView is one note.
	NoteView struct {
		By   NameView `json:"by"`
		At   int64    `json:"at"`
		Text string   `json:"text"`
	}
	// AppealView is what an appeal says.
	AppealView struct {
		Text       string       `json:"text"`
		At         int64        `json:"at"`
		Decision   DecisionView `json:"decision"` // what it is against
		Decided    int64        `json:"decided,omitempty"`
		Overturned bool         `json:"overturned,omitempty"`
		Answer     string       `json:"answer,omitempty"`
	}
)

// What a desk asks, by address under /desk/cases/{id}/.
type (
	// DeskDecide is POST decide.
	DeskDecide struct {
		Rev     int               `json:"rev"`
		Action  moderation.Action `json:"action"`
		Minutes int               `json:"minutes,omitempty"`
		Scope   moderation.Scope  `json:"scope,omitempty"`
		Days    int               `json:"days,omitempty"`   // of a ban; 0: no end, with Second
		Second  string            `json:"second,omitempty"` // code of another moderator who agrees, from POST second
		Rule    string            `json:"rule"`
		Facts   string            `json:"facts"`
		Public  string            `json:"public,omitempty"`
		More    bool              `json:"more,omitempty"` // the case stays open
	}
	// DeskUndo is POST undo.
	DeskUndo struct {
		Decision string `json:"decision"`
	}
	// DeskCare is POST care.
	DeskCare struct {
		State   moderation.State   `json:"state"`
		Outcome moderation.Outcome `json:"outcome,omitempty"`
	}
	// DeskNote is POST note.
	DeskNote struct {
		Text  string `json:"text"`
		Again int64  `json:"again,omitempty"` // the case comes back to the queue then
	}
	// DeskTo is POST hand-over, and POST /desk/shift.
	DeskTo struct {
		To string `json:"to"`
	}
	// DeskJudge is POST judge.
	DeskJudge struct {
		Overturn bool   `json:"overturn,omitempty"`
		Answer   string `json:"answer"`
	}
	// DeskDuty is POST /desk/duty.
	DeskDuty struct {
		Hours int `json:"hours"` // 0: not any more; 12 at most
	}
	// DeskKey is POST /desk/keys.
	DeskKey struct {
		Raw []byte `json:"raw"` // an uncompressed point of P-256
	}
	// DeskKeyEnd is POST /desk/keys/end: one's own key, that is lost or not
	// wanted any more.
	DeskKeyEnd struct {
		ID string `json:"id"`
	}
	// DeskActive is all that a desk's socket sends, at most each 30 s: the
	// moderator is at work on a case that they have, and keeps it.
	DeskActive struct {
		T    string `json:"t"` // "active"
		Case string `json:"case"`
	}
	// DeskBodies answers POST read: what of each report is sealed, by its id.
	DeskBodies struct {
		Bodies map[string]moderation.Sealed `json:"bodies"`
	}
	// DeskCases answers GET /desk/search.
	DeskCases struct {
		Cases []Card `json:"cases"`
	}
	// DeskSecond answers POST second: a code by which another moderator agrees
	// to a ban without an end in this case, for 5 minutes, told to whoever
	// decides.
	DeskSecond struct {
		Code string `json:"code"`
	}
)

package room

// Statement is what somebody is told of a decision about them: in the frame
// that applies it, and again whenever they come back. Facts and Appeal are
// words: they are in no stored fact of a room.
type Statement struct {
	ID          string `json:"id"`
	Action      string `json:"action"`
	Scope       string `json:"scope,omitempty"`       // of a ban: circle, series or server
	From        int64  `json:"from"`                  // Unix milliseconds, as the rest
	Until       int64  `json:"until,omitempty"`       // 0: no end, or nothing that lasts
	Rule        string `json:"rule"`                  // a category of package moderation, or ground-rules
	Facts       string `json:"facts,omitempty"`       // a person's sentence; decided by a human
	Appeal      string `json:"appeal,omitempty"`      // the code to appeal with, at /appeal#…
	AppealUntil int64  `json:"appealUntil,omitempty"` // and until when
}

// Reason is what of a statement is words.
type Reason struct {
	Facts  string `json:"facts,omitempty"`
	Appeal string `json:"appeal,omitempty"`
}

// Outline is a statement without its words, as a state keeps it. There may be
// many: each is stored as a list, in the order of the fields.
type Outline struct {
	ID          string
	Action      string
	Scope       string
	From        int64
	Until       int64
	Rule        string
	AppealUntil int64
}

func (o Outline) MarshalJSON() ([]byte, error) {
	return encode([]any{o.ID, o.Action, o.Scope, o.From, o.Until, o.Rule, o.AppealUntil})
}

func (o *Outline) UnmarshalJSON(b []byte) error {
	return decodeList(b, &o.ID, &o.Action, &o.Scope, &o.From, &o.Until, &o.Rule, &o.AppealUntil)
}

// apart takes a statement apart into facts and words.
func (s Statement) apart() (Outline, Reason) {
	return Outline{ID: s.ID, Action: s.Action, Scope: s.Scope, From: s.From, Until: s.Until, Rule: s.Rule, AppealUntil: s.AppealUntil},
		Reason{Facts: s.Facts, Appeal: s.Appeal}
}

// with puts a statement together again; without its words it has none.
func (o Outline) with(why Reason) Statement {
	return Statement{ID: o.ID, Action: o.Action, Scope: o.Scope, From: o.From, Until: o.Until, Rule: o.Rule,
		Facts: why.Facts, Appeal: why.Appeal, AppealUntil: o.AppealUntil}
}

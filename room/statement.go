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

// apart returns the words of a statement, and it without them.
func (s Statement) apart() (Reason, Statement) {
	why := Reason{Facts: s.Facts, Appeal: s.Appeal}
	s.Facts, s.Appeal = "", ""
	return why, s
}

// with returns a statement with its words.
func (s Statement) with(why Reason) Statement {
	s.Facts, s.Appeal = why.Facts, why.Appeal
	return s
}

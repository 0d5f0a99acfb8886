package moderation

import "slices"

// Standing is what somebody is to a case.
type Standing string

// The standings. Somebody who is kept away has no other.
const (
	Away      Standing = "kept away" // it is about them, or theirs, or they reported it
	Moderator Standing = "moderator"
	Claimer   Standing = "has it"     // and a moderator
	Decider   Standing = "decided it" // what an appeal is against, and a moderator
)

// Capability is one thing that can be done on the desk.
type Capability string

// desk is who may do what on the desk. What is not in it is refused.
var desk = map[Capability][]Standing{
	"look":      {Moderator, Decider},
	"claim":     {Moderator},
	"release":   {Claimer},
	"hand-over": {Claimer},
	"read":      {Claimer}, // reports' bodies; each is in the audit, and asks for a fresh sign-in
	"note":      {Moderator, Decider},
	"care":      {Claimer}, // with the person, and how it ended
	"decide":    {Claimer}, // a ban asks for a fresh sign-in
	"second":    {Moderator},
	"undo":      {Moderator, Decider},
	"judge":     {Claimer}, // an appeal, which its Decider can't claim
	"follow-up": {Claimer},
	"search":    {Moderator},
}

// May says whether the table lets somebody with a standing do c.
func May(c Capability, as Standing) bool { return slices.Contains(desk[c], as) }

// Capabilities lists what the table knows, sorted.
func Capabilities() []Capability {
	all := make([]Capability, 0, len(desk))
	for c := range desk {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

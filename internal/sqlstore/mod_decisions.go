package sqlstore

import "hearth/moderation"

// modDecisions is the moderation.Decisions of a database.
type modDecisions struct {
	mod
	moderation.Decisions
}

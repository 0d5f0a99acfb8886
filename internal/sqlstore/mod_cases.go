package sqlstore

import "hearth/moderation"

// modCases is the moderation.Cases of a database.
type modCases struct {
	mod
	moderation.Cases
}

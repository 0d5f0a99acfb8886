package sqlstore

import "hearth/moderation"

// modRetention is the moderation.Retention of a database.
type modRetention struct {
	mod
	moderation.Retention
}

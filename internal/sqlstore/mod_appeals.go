package sqlstore

import "hearth/moderation"

// modAppeals is the moderation.Appeals of a database.
type modAppeals struct {
	mod
	moderation.Appeals
}

package sqlstore

import "hearth/moderation"

// modReports is the moderation.Reports of a database.
type modReports struct {
	mod
	moderation.Reports
}

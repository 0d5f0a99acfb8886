package sqlstore

import "hearth/moderation"

// modClaims is the moderation.Claims of a database.
type modClaims struct {
	mod
	moderation.Claims
}

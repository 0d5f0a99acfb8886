package moderation

import "errors"

// PublicKey is one that reports are sealed to: made in a moderator's browser,
// or the organisation's own (hearth moderator-key), whose other half is on no
// server.
type PublicKey struct {
	ID     string   // KeyID of Raw
	Person PersonID // empty: the organisation's
	Raw    []byte   // an uncompressed point of P-256, 65 bytes
}

// Sealed is what the holders of some keys alone can read.
type Sealed struct {
	V    int       `json:"v"`    // 1
	Body []byte    `json:"body"` // 12 bytes of nonce and AES-256-GCM, under a key of its own
	To   []Wrapped `json:"to"`
}

// Wrapped is that key for one of them: HPKE in base mode with DHKEM(P-256,
// HKDF-SHA256), HKDF-SHA256 and AES-256-GCM (RFC 9180).
type Wrapped struct {
	Key string `json:"key"` // PublicKey.ID
	Enc []byte `json:"enc"` // 65 bytes
	Box []byte `json:"box"` // 48 bytes
}

// ErrKey: a public key is none.
var ErrKey = errors.New("moderation: not a key of P-256")

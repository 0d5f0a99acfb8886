package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Link is what leads from a seat to whoever sat there, beyond its room. It is
// kept sealed under a day key, so that it goes with that after KeepKeys, and
// seats of two rooms can't be told to be one person's by who reads the store.
type Link struct {
	Device string   `json:"d,omitempty"` // DeviceKey
	Prefix string   `json:"p,omitempty"` // Keys.Prefix at that time
	Person PersonID `json:"w,omitempty"`
}

// DeviceKey is what a browser's device token is called in a ban. The token is
// 128 random bits, so that this leads back to nothing.
func DeviceKey(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("hearth ban by device\x00" + token))
	return "device:" + hex.EncodeToString(sum[:16])
}

// PersonKey is what somebody who signs in is called in a ban.
func PersonKey(p PersonID) string {
	if p == "" {
		return ""
	}
	return "person:" + string(p)
}

// Keys are what a ban of whoever this is keeps out.
func (l Link) Keys() (keys []string) {
	for _, k := range []string{l.Device, l.Prefix, PersonKey(l.Person)} {
		if k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// PrefixFor is how long a network prefix is held against newcomers: they wait
// at the door, and are never refused for it, for a phone network puts hundreds
// of people behind one.
const PrefixFor = 24 * time.Hour

package moderation

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"strings"
	"time"
)

// Sign returns a token that says payload, for one purpose: the day key's id, a
// dot, payload and a dot and the MAC, both in unpadded base64url. Whoever has
// it can read what it says. It is good for as long as its key is kept, 48 to
// 72 hours. Empty before the first Rotate.
func (k *Keys) Sign(purpose string, payload []byte) string {
	day, ok := k.newest()
	if !ok {
		return ""
	}
	return day.sign(purpose, payload)
}

// Open returns what a token of Sign says, if it was made for that purpose with
// a key that is still kept at now; else ErrForged or ErrExpired.
func (k *Keys) Open(purpose, token string, now time.Time) ([]byte, error) {
	id, rest, _ := strings.Cut(token, ".")
	said, _, ok := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(said)
	if !ok || err != nil {
		return nil, ErrForged
	}
	days := k.find(id, now)
	if len(days) == 0 {
		return nil, ErrExpired
	}
	for _, day := range days {
		if hmac.Equal([]byte(token), []byte(day.sign(purpose, payload))) {
			return payload, nil
		}
	}
	return nil, ErrForged
}

func (d dayKey) sign(purpose string, payload []byte) string {
	h := hmac.New(sha256.New, d.under("sign "+purpose))
	h.Write(payload)
	return d.ID + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Prefix returns what a network prefix is called under the keys that were in
// use within PrefixFor, newest first: the first is what to keep, any of them
// may have been kept. Whoever has no key can't try which prefix it was.
func (k *Keys) Prefix(p netip.Prefix, now time.Time) (names []string) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	since := now.Add(-PrefixFor).UTC().Format(time.DateOnly)
	for i := len(k.days) - 1; i >= 0; i-- {
		d := k.days[i]
		last := i == len(k.days)-1 // is in use, however old
		if !d.kept(now) || d.day() < since && !last {
			continue
		}
		h := hmac.New(sha256.New, d.under("prefix"))
		h.Write([]byte(p.Masked().String()))
		names = append(names, "prefix:"+d.ID+":"+hex.EncodeToString(h.Sum(nil)[:16]))
	}
	return names
}

// linkSize is what the length of a sealed Link is a multiple of: it must not
// tell whether a person of the house is in it.
const linkSize = 256

// SealLink seals a link under the newest key: the same link is never sealed
// the same way twice. Empty before the first Rotate.
func (k *Keys) SealLink(l Link) string {
	day, ok := k.newest()
	if !ok {
		return ""
	}
	plain, err := json.Marshal(l)
	if err != nil {
		return "" // three strings: it does not happen
	}
	plain = append(plain, strings.Repeat(" ", (linkSize-len(plain)%linkSize)%linkSize)...)
	return day.ID + "." + base64.RawURLEncoding.EncodeToString(day.links().Seal(nil, nil, plain, []byte(day.ID)))
}

// OpenLink opens what SealLink sealed, if its key is still kept at now; else
// ErrForged or ErrExpired.
func (k *Keys) OpenLink(sealed string, now time.Time) (l Link, err error) {
	id, rest, _ := strings.Cut(sealed, ".")
	box, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || rest == "" {
		return Link{}, ErrForged
	}
	days := k.find(id, now)
	if len(days) == 0 {
		return Link{}, ErrExpired
	}
	for _, day := range days {
		plain, err := day.links().Open(nil, nil, box, []byte(day.ID))
		if err == nil && json.Unmarshal(plain, &l) == nil {
			return l, nil
		}
	}
	return Link{}, ErrForged
}

// links seals links, with a random nonce for each. There is a key for one day's
// alone, so that chance never gives a nonce twice.
func (d dayKey) links() cipher.AEAD {
	block, err := aes.NewCipher(d.under("link"))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // it is AES
	}
	return seal
}

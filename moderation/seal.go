package moderation

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
)

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

// What sealing and opening answer besides nil; compare with errors.Is.
var (
	ErrKey    = errors.New("moderation: not a key of P-256")
	ErrNobody = errors.New("moderation: there is nobody to seal to")
	ErrSealed = errors.New("moderation: that key does not open it")
)

// sealedFor is the info of HPKE: a key wrapped for a report is good for
// nothing else.
const sealedFor = "hearth report 1"

const (
	encSize  = 65 // of an encapsulated key
	keySize  = 32
	nonceLen = 12
)

// KeyID returns the id of a public key, the first 12 bytes of its SHA-256 in
// base64url, or ErrKey if raw is no uncompressed point of P-256.
func KeyID(raw []byte) (string, error) {
	if _, err := ecdh.P256().NewPublicKey(raw); err != nil || len(raw) != encSize {
		return "", ErrKey
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:12]), nil
}

// Seal seals a report's body to everybody in to, under a key of its own from
// random. Keys that are none, or there twice, are left out, so that one bad
// key never keeps a report from the others; ErrNobody if none is left.
func Seal(body []byte, to []PublicKey, random io.Reader) (Sealed, error) {
	var chance [keySize + nonceLen]byte
	if _, err := io.ReadFull(random, chance[:]); err != nil {
		return Sealed{}, fmt.Errorf("moderation: seal a report: %w", err)
	}
	key, nonce := chance[:keySize], chance[keySize:]
	s := Sealed{V: 1, To: []Wrapped{}}
	for _, k := range to {
		id, err := KeyID(k.Raw)
		if err != nil || slices.ContainsFunc(s.To, func(w Wrapped) bool { return w.Key == id }) {
			continue
		}
		w, err := wrap(id, k.Raw, key)
		if err != nil {
			return Sealed{}, err
		}
		s.To = append(s.To, w)
	}
	if len(s.To) == 0 {
		return Sealed{}, ErrNobody
	}
	aead, err := bodies(key)
	if err != nil {
		return Sealed{}, err
	}
	s.Body = aead.Seal(slices.Clone(nonce), nonce, body, nil)
	return s, nil
}

func wrap(id string, raw, key []byte) (Wrapped, error) {
	public, err := hpke.DHKEM(ecdh.P256()).NewPublicKey(raw)
	if err != nil {
		return Wrapped{}, ErrKey
	}
	enc, sender, err := hpke.NewSender(public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealedFor))
	if err != nil {
		return Wrapped{}, fmt.Errorf("moderation: seal a report: %w", err)
	}
	box, err := sender.Seal(nil, key)
	if err != nil {
		return Wrapped{}, fmt.Errorf("moderation: seal a report: %w", err)
	}
	return Wrapped{Key: id, Enc: enc, Box: box}, nil
}

// Open opens a body with the other half of one of the keys it was sealed to:
// 32 bytes, as `hearth moderator-key` keeps them. ErrKey if they are none,
// ErrSealed if it is not sealed to that key, or was changed.
func Open(private []byte, s Sealed) ([]byte, error) {
	own, err := hpke.DHKEM(ecdh.P256()).NewPrivateKey(private)
	if err != nil {
		return nil, ErrKey
	}
	id, err := KeyID(own.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	if s.V != 1 || len(s.Body) < nonceLen {
		return nil, ErrSealed
	}
	for _, w := range s.To {
		if w.Key != id || len(w.Enc) != encSize {
			continue
		}
		key, err := unwrap(own, w)
		if err != nil {
			continue
		}
		aead, err := bodies(key)
		if err != nil {
			continue
		}
		if body, err := aead.Open(nil, s.Body[:nonceLen], s.Body[nonceLen:], nil); err == nil {
			return body, nil
		}
	}
	return nil, ErrSealed
}

func unwrap(own hpke.PrivateKey, w Wrapped) ([]byte, error) {
	to, err := hpke.NewRecipient(w.Enc, own, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealedFor))
	if err != nil {
		return nil, err
	}
	return to.Open(nil, w.Box)
}

func bodies(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, ErrSealed
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

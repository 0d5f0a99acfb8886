package roomkeys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"hearth/room"
)

// name names one key: kids are unique within a room.
type name struct {
	room room.ID
	kid  string
}

// nameMost bounds room ids, kids and boots, in bytes.
const nameMost = 64

func nameable(s string) bool { return s != "" && len(s) <= nameMost }

// key is one room's key. It prints as nothing.
type key struct {
	raw    [32]byte
	words  cipher.AEAD
	no     uint64               // in what order keys came here
	until  time.Time            // kept till then although nobody sits here
	others map[string]time.Time // boots that have it, and when they last said so
	alone  time.Time            // since when it was announced as held by nobody else; zero: it is not
}

func newKey(raw []byte) *key {
	k := &key{raw: [32]byte(raw), others: map[string]time.Time{}}
	block, err := aes.NewCipher(k.raw[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	if k.words, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		panic(err) // so is AES
	}
	return k
}

// wipe makes a dropped key useless.
func (k *key) wipe() {
	clear(k.raw[:])
	k.words = nil
}

// Format prints no key, whatever the verb.
func (k *key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String is for who asks for it outside fmt.
func (k *key) String() string { return redacted }

// GoString is String.
func (k *key) GoString() string { return redacted }

const redacted = "[redacted]"

// kidOf is the name that a key has in a room: 96 bits of a hash of both, 16
// characters of base64url.
func kidOf(id room.ID, raw []byte) string {
	h := sha256.New()
	h.Write(joined("hearth room key name 1", string(id)))
	h.Write(raw)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// joined writes parts so that no two lists of them read alike.
func joined(parts ...string) []byte {
	var b []byte
	for _, p := range parts {
		b = fmt.Appendf(b, "%d:", len(p))
		b = append(b, p...)
	}
	return b
}

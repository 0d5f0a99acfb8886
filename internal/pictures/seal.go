package pictures

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
)

// KeySize is how long a picture's key is, in bytes.
const KeySize = 32

// NewKey returns a fresh key. Each picture has its own, so that a picture is
// gone with its key, wherever its sealed bytes may still be.
func NewKey(random io.Reader) ([]byte, error) {
	key := make([]byte, KeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("pictures: make a key: %w", err)
	}
	return key, nil
}

// A sealed picture is: version, a nonce of 12 bytes, the bytes as AES-256-GCM
// leaves them, a tag of 16 bytes.
const version = 1

// Overhead is how much longer a sealed picture is, in bytes.
const Overhead = 1 + 12 + 16

// Seal seals a picture's bytes. It opens in the same room, under the same id.
func Seal(key []byte, room, id string, plain []byte) ([]byte, error) {
	gcm, err := ofKey(key)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, 1, len(plain)+Overhead)
	sealed[0] = version
	return gcm.Seal(sealed, nil, plain, bind(room, id)), nil
}

// Open opens what Seal sealed; false if it is something else, or belongs
// elsewhere.
func Open(key []byte, room, id string, sealed []byte) ([]byte, bool) {
	gcm, err := ofKey(key)
	if err != nil || len(sealed) < Overhead || sealed[0] != version {
		return nil, false
	}
	plain, err := gcm.Open(nil, nil, sealed[1:], bind(room, id))
	return plain, err == nil
}

func ofKey(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("pictures: a key has %d bytes", KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bind is what is authenticated with a picture: each part behind its length,
// so that no two pairs are alike.
func bind(room, id string) []byte {
	b := []byte("hearth picture 1")
	for _, part := range []string{room, id} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

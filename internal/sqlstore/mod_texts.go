package sqlstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"hearth/moderation"
)

// textKey and bodyKey name the keys of what is typed about a case, and of
// what its reports bring. Erased counts how often they were erased: what is
// written after that has keys of its own, and is not lost with the others.
func textKey(id string, erased int64) string { return keyName(vaultTexts, id, erased) }
func bodyKey(id string, erased int64) string { return keyName(vaultBody, id, erased) }

func keyName(of, id string, erased int64) string {
	if erased == 0 {
		return of + id
	}
	return of + id + "." + strconv.FormatInt(erased, 10)
}

// haveKey returns a key; nil if what was written under it is gone.
func (m mod) haveKey(ctx context.Context, name string) ([]byte, error) {
	key, err := m.vault.Key(ctx, name)
	if errors.Is(err, moderation.ErrErased) {
		return nil, nil
	}
	return key, err
}

// texts is what the column of that name holds, as JSON, of a decision, an
// appeal or a note.
type texts struct {
	Facts  string `json:"facts,omitempty"`
	Public string `json:"public,omitempty"`
	Appeal string `json:"appeal,omitempty"` // the code
	Text   string `json:"text,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// saltSize is how many random bytes stand before each text: 128 bits, so that
// nobody finds a short one by trying.
const saltSize = 16

// seal seals a text as JSON for a place: a table, its column and a row. It is
// base64 of 12 bytes of nonce and AES-256-GCM over salt and text. The
// commitment is SHA-256 over salt and text, in hex, for the audit: it tells
// nothing once the salt is gone.
func seal(key []byte, place string, text any) (kept, commitment string, err error) {
	plain, err := json.Marshal(text)
	if err != nil {
		return "", "", err
	}
	box, err := boxOf(key)
	if err != nil {
		return "", "", err
	}
	salted := make([]byte, saltSize, saltSize+len(plain))
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+saltSize+len(plain)+box.Overhead())
	_, _ = rand.Read(salted) // it never fails
	_, _ = rand.Read(nonce)
	salted = append(salted, plain...)
	sum := sha256.Sum256(salted)
	return base64.StdEncoding.EncodeToString(box.Seal(nonce, nonce, salted, []byte(place))), hex.EncodeToString(sum[:]), nil
}

// unseal opens what seal sealed for the same place.
func unseal(key []byte, place, kept string, into any) error {
	box, err := boxOf(key)
	if err != nil {
		return err
	}
	sealed, err := base64.StdEncoding.DecodeString(kept)
	if err != nil || len(sealed) < box.NonceSize() {
		return fmt.Errorf("%s is not as it was written", place)
	}
	salted, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(place))
	if err != nil || len(salted) < saltSize || json.Unmarshal(salted[saltSize:], into) != nil {
		return fmt.Errorf("%s is not as it was written", place)
	}
	return nil
}

func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// opener opens texts of several cases, and asks for each key once.
type opener struct {
	mod
	keys map[string][]byte // nil: gone
}

func (m mod) opener() *opener { return &opener{mod: m, keys: map[string][]byte{}} }

// open opens a text; it stays empty if that is erased.
func (o *opener) open(ctx context.Context, name, place, kept string, into any) error {
	if kept == "" {
		return nil
	}
	key, known := o.keys[name]
	if !known {
		var err error
		if key, err = o.haveKey(ctx, name); err != nil {
			return err
		}
		o.keys[name] = key
	}
	if key == nil {
		return nil
	}
	return unseal(key, place, kept, into)
}

// lost says whether something that was asked for is erased.
func (o *opener) lost() bool {
	for _, key := range o.keys {
		if key == nil {
			return true
		}
	}
	return false
}

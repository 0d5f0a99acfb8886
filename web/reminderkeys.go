package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// reminderKeys keep what a reminder knows of anybody out of the database: the
// address is sealed, and what tells it from others is a keyed hash. They come
// from a secret that is in no database and no backup of one.
type reminderKeys struct {
	seal        cipher.AEAD
	whose, code []byte
}

// recipient is what is sealed: who is written to, and in which language.
type recipient struct {
	To   string `json:"to"`
	Lang string `json:"lang"`
}

// sealedSize is how long every recipient is before it is sealed: the length of
// an address tells something too.
const sealedSize = 512

// newReminderKeys makes them of 32 bytes or more.
func newReminderKeys(secret []byte) (*reminderKeys, error) {
	if len(secret) < 32 {
		return nil, errors.New("web: reminders need a secret of 32 bytes")
	}
	k := &reminderKeys{}
	var seal []byte
	for use, to := range map[string]*[]byte{"seal": &seal, "whose": &k.whose, "code": &k.code} {
		var err error
		if *to, err = hkdf.Key(sha256.New, secret, nil, "hearth reminders "+use, 32); err != nil {
			return nil, fmt.Errorf("web: reminders: %w", err)
		}
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, fmt.Errorf("web: reminders: %w", err)
	}
	k.seal, err = cipher.NewGCMWithRandomNonce(block)
	return k, err
}

// close seals a recipient for the reminder of an id.
func (k *reminderKeys) close(id string, who recipient) ([]byte, error) {
	b, err := json.Marshal(who)
	if err != nil || len(b) > sealedSize {
		return nil, errors.New("web: reminders: an address too long to seal")
	}
	padded := append(b, strings.Repeat(" ", sealedSize-len(b))...)
	return k.seal.Seal(nil, nil, padded, []byte(id)), nil
}

// open is the other way round.
func (k *reminderKeys) open(id string, sealed []byte) (who recipient, err error) {
	b, err := k.seal.Open(nil, nil, sealed, []byte(id))
	if err == nil {
		err = json.Unmarshal(b, &who)
	}
	if err != nil {
		return recipient{}, errors.New("web: reminders: an address was sealed with another key")
	}
	return who, nil
}

// hash is the same for the same mailbox, however it is written.
func (k *reminderKeys) hash(address string) string {
	m := hmac.New(sha256.New, k.whose)
	m.Write([]byte(mailbox(address)))
	return hex.EncodeToString(m.Sum(nil))
}

// mailbox is an address in one way of writing it: in lower case, without what
// is after a plus. Gmail, which has a good part of all mailboxes, reads over
// dots too, so that one of ten letters would have 512 addresses to ask.
func mailbox(address string) string {
	at := max(strings.LastIndexByte(address, '@'), 0)
	box, _, _ := strings.Cut(strings.ToLower(address[:at]), "+")
	switch domain := strings.ToLower(address[at:]); domain {
	case "@gmail.com", "@googlemail.com":
		return strings.ReplaceAll(box, ".", "") + "@gmail.com"
	default:
		return box + domain
	}
}

// codeOf is what the links in every mail of a reminder prove it by: 128 bits,
// in the form of an invite's.
func (k *reminderKeys) codeOf(id string) string {
	m := hmac.New(sha256.New, k.code)
	m.Write([]byte(id))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}

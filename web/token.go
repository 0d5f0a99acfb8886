package web

import (
	"encoding/base64"
	"fmt"
	"io"
)

// newToken returns 128 random bits in base64url, 22 characters.
func newToken(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("web: make a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// isToken says whether s has the form of one that newToken made.
func isToken(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 16 && len(s) == 22 // the decoder skips line ends
}

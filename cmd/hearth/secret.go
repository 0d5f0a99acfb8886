package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretMost bounds a file with a secret: a wrong name may lead anywhere.
const secretMost = 64 << 10

// readSecret reads a file that a flag names, whole; nil without a name.
func readSecret(flag, name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, say("The file of %s can't be read: %w.", flag, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, secretMost+1))
	switch {
	case err != nil:
		return nil, say("The file of %s can't be read: %w.", flag, err)
	case len(b) == 0:
		return nil, say("The file of %s, %s, is empty.", flag, name)
	case len(b) > secretMost:
		return nil, say("The file of %s, %s, is larger than any secret.", flag, name)
	}
	return b, nil
}

// readPassword reads a password that stands alone in a file; the end of its
// line is not part of it.
func readPassword(flag, name string) (string, error) {
	b, err := readSecret(flag, name)
	return strings.TrimRight(string(b), "\r\n"), err
}

// readCA returns a TLS configuration that trusts one authority; nil without a
// name.
func readCA(flag, name string) (*tls.Config, error) {
	b, err := readSecret(flag, name)
	if err != nil || b == nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, say("The file of %s, %s, has no certificate in PEM form.", flag, name)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// ownKey is 32 bytes for a purpose: from the secret that nodes share, or of this
// folder's own, in a file that no backup of the database has. Lost says what a
// damaged one takes along.
func (c *Config) ownKey(purpose, lost string) ([]byte, error) {
	const size = 32
	if c.Redis != "" {
		secret, err := readSecret("--secret-file", c.Secret)
		if err != nil {
			return nil, err
		}
		return hkdf.Key(sha256.New, secret, nil, "hearth "+purpose, size)
	}
	name := filepath.Join(c.Data, purpose+".key")
	b, err := os.ReadFile(name)
	switch {
	case err == nil && len(b) == size:
		return b, nil
	case err == nil:
		return nil, say("%s is damaged. Moving it away lets Hearth start; %s.", name, lost)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, say("The key of the %s can't be read: %w. Please make %s readable.", purpose, err, name)
	}
	b = make([]byte, size)
	_, _ = rand.Read(b) // it never fails
	return b, writeSecret(name, b)
}

package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
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

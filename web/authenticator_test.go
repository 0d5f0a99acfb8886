package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"hearth/circle"
)

// What an authenticator says of itself (WebAuthn 3, §6.1).
const (
	userThere    = 1 << 0
	userVerified = 1 << 2
	hasKey       = 1 << 6
)

// authenticator is one passkey and what it says of itself, which a test can
// make wrong.
type authenticator struct {
	key     *ecdsa.PrivateKey
	id      []byte
	user    []byte // handle
	flags   byte
	count   uint32
	origin  string
	rp      string
	asks    string // challenge instead of what was asked
	kind    string // of ceremony, instead of the one it is
	framed  bool   // says that it was asked inside another site's page
	nothing bool   // signs something else
}

func (h *house) authenticator(name string) *authenticator {
	h.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	h.must(err)
	return &authenticator{key: key, id: []byte("id of " + name + "'s passkey"), flags: userThere | userVerified, origin: h.url.String(), rp: "localhost"}
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// client is clientDataJSON.
func (a *authenticator) client(kind, challenge string) []byte {
	if a.asks != "" {
		challenge = a.asks
	}
	if a.kind != "" {
		kind = a.kind
	}
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": a.framed})
	return b
}

// data is authenticatorData without a key.
func (a *authenticator) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(a.rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.count)
}

// creates answers what navigator.credentials.create would.
func (a *authenticator) creates(o options) map[string]any {
	a.user, _ = base64.RawURLEncoding.DecodeString(o.User.ID)
	client := a.client("webauthn.create", o.Challenge)
	data := append(a.data(a.flags|hasKey), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	public, _ := a.key.PublicKey.Bytes()
	data = append(data, 0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32) // COSE: EC2, ES256, P-256
	data = append(append(data, public[1:33]...), 0x22, 0x58, 32)
	data = append(data, public[33:]...)
	object := append([]byte("\xA3\x63fmt\x64none\x67attStmt\xA0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	return map[string]any{"id": text64(a.id), "rawId": text64(a.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": text64(client), "attestationObject": text64(append(object, data...))}}
}

// gets answers what navigator.credentials.get would.
func (a *authenticator) gets(o options) map[string]any {
	a.count++
	client, data := a.client("webauthn.get", o.Challenge), a.data(a.flags)
	hash := sha256.Sum256(client)
	over := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	if a.nothing {
		over = sha256.Sum256(nil)
	}
	signature, _ := ecdsa.SignASN1(rand.Reader, a.key, over[:])
	return map[string]any{"id": text64(a.id), "rawId": text64(a.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": text64(client), "authenticatorData": text64(data), "signature": text64(signature), "userHandle": text64(a.user)}}
}

// options is what of a ceremony's options an authenticator needs.
type options struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"user"`
	ExcludeCredentials []struct {
		ID string `json:"id"`
	} `json:"excludeCredentials"`
	UserVerification string `json:"userVerification"`
	RpID             string `json:"rpId"`
}

// answered is what the house says to a script.
type answered struct {
	status  int
	Say, To string
	Options options
}

// sends posts JSON as the pages' script does.
func (b *browser) sends(path string, v any) (a answered) {
	b.h.t.Helper()
	body, err := json.Marshal(v)
	b.h.must(err)
	return b.sendsRaw(path, body)
}

func (b *browser) sendsRaw(path string, body []byte) (a answered) {
	b.h.t.Helper()
	res := b.asks(path, url.Values{}, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	})
	b.h.must(json.NewDecoder(res.Body).Decode(&a))
	a.status = res.StatusCode
	return a
}

// welcome makes a welcome.
func (h *house) welcome(w circle.Welcome) string {
	h.t.Helper()
	w.Until = h.server.Now().Add(time.Hour)
	code, err := h.store.AddWelcome(h.t.Context(), circle.Act{At: h.server.Now()}, w)
	h.must(err)
	return code
}

// joins makes somebody one of those who run the house: their passkey, and a
// browser where they are signed in.
func (h *house) joins(name string, w circle.Welcome) (*authenticator, *browser) {
	h.t.Helper()
	a, b := h.authenticator(name), h.browser()
	if got := b.registers(a, h.welcome(w), name); got.status != http.StatusOK || got.To != "/office" {
		h.t.Fatalf("%s makes a passkey: %+v", name, got)
	}
	return a, b
}

// registers goes through both steps of making a passkey.
func (b *browser) registers(a *authenticator, code, name string) answered {
	b.h.t.Helper()
	begun := b.sends("/welcome/begin", map[string]any{"code": code, "name": name})
	if begun.status != http.StatusOK {
		return begun
	}
	return b.sends("/welcome/end", map[string]any{"code": code, "name": name, "credential": a.creates(begun.Options)})
}

// signsIn goes through both steps of signing in.
func (b *browser) signsIn(a *authenticator) answered {
	b.h.t.Helper()
	begun := b.sends("/sign-in/begin", map[string]any{})
	if begun.status != http.StatusOK {
		return begun
	}
	return b.sends("/sign-in", map[string]any{"credential": a.gets(begun.Options), "to": "/office/sessions"})
}

// in says whether somebody is signed in on a browser.
func (b *browser) in() bool {
	b.h.t.Helper()
	return b.asks("/office/sessions", nil).StatusCode == http.StatusOK
}

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (h *house) noFaults(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.faults) != 0 {
		t.Errorf("faults: %v", h.faults)
	}
}

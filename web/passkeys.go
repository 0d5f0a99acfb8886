package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hearth/circle"
)

// relying is this house as passkeys know it, by the host of its public URL.
// What is between the two steps of a ceremony is in the store, so that any
// node can finish what another began.
type relying struct {
	*webauthn.WebAuthn
	store circle.Passkeys
}

// newRelying tells how passkeys are asked for: kept by the authenticator, so
// that nobody types who they are; opened by a PIN or a look; no statement of
// who made the authenticator. Passkeys have no use for an IP address as a
// name; on a machine of one's own it is localhost.
func newRelying(u *url.URL, store circle.Passkeys) (*relying, error) {
	host, origin := u.Hostname(), u.Scheme+"://"+u.Host
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		host, origin = "localhost", u.Scheme+"://localhost"
		if port := u.Port(); port != "" {
			origin += ":" + port
		}
	}
	patience := webauthn.TimeoutConfig{Timeout: circle.CeremonyLife, TimeoutUVD: circle.CeremonyLife}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Hearth", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: patience, Registration: patience},
	})
	if err != nil {
		return nil, fmt.Errorf("web: passkeys need a public URL with a name: %w", err)
	}
	return &relying{WebAuthn: rp, store: store}, nil
}

// holder is somebody as passkeys know them.
type holder struct {
	circle.Person
	kept []circle.Passkey
	keys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return []byte(h.ID) }
func (h *holder) WebAuthnName() string                       { return h.Name }
func (h *holder) WebAuthnDisplayName() string                { return h.Name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holder reads somebody's passkeys.
func (s *Server) holder(ctx context.Context, p circle.Person) (*holder, error) {
	h := &holder{Person: p}
	var err error
	if h.kept, err = s.Store.Passkeys(ctx, p.ID); err != nil {
		return nil, err
	}
	for _, k := range h.kept {
		var key webauthn.Credential
		if err := json.Unmarshal(k.Data, &key); err != nil {
			return nil, fmt.Errorf("a passkey's record does not read: %w", err)
		}
		h.keys = append(h.keys, key)
	}
	return h, nil
}

// ceremony is what is kept between the two steps.
type ceremony struct {
	Session webauthn.SessionData
	Person  circle.PersonID `json:",omitempty"` // who makes a passkey; empty: somebody signs in
	Welcome string          `json:",omitempty"` // hash of the code that lets them
}

// errPasskey is one answer for whatever is wrong with what a browser sends of
// a passkey: why is nobody's business who sends it.
var errPasskey = errors.New("web: that was no passkey of ours")

// errCopied: a passkey's counter went back, as a copy's would.
var errCopied = errors.New("web: a passkey counts as if there were a copy of it")

func (r *relying) begin(ctx context.Context, c ceremony, now time.Time) (code string, err error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return r.store.Begin(ctx, b, now)
}

// end returns what was begun, once.
func (r *relying) end(ctx context.Context, code string, now time.Time) (c ceremony, err error) {
	b, err := r.store.End(ctx, code, now)
	switch {
	case errors.Is(err, circle.ErrNoPasskey):
		return c, errPasskey
	case err != nil:
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

// asked begins to sign somebody in, whoever it is.
func (r *relying) asked(ctx context.Context, now time.Time) (code string, options any, err error) {
	ask, session, err := r.BeginDiscoverableLogin()
	if err != nil {
		return "", nil, err
	}
	code, err = r.begin(ctx, ceremony{Session: *session}, now)
	return code, ask.Response, err
}

// offered begins to make a passkey for somebody by a welcome.
func (r *relying) offered(ctx context.Context, h *holder, welcome string, now time.Time) (code string, options any, err error) {
	ask, session, err := r.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return "", nil, err
	}
	code, err = r.begin(ctx, ceremony{Session: *session, Person: h.ID, Welcome: hashed(welcome)}, now)
	return code, ask.Response, err
}

// made checks a new passkey against what was offered.
func (r *relying) made(ctx context.Context, code, welcome string, credential []byte, now time.Time) (circle.Passkey, error) {
	c, err := r.end(ctx, code, now)
	if err != nil {
		return circle.Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil || c.Person == "" || c.Welcome != hashed(welcome) {
		return circle.Passkey{}, errPasskey
	}
	key, err := r.CreateCredential(&holder{Person: circle.Person{ID: c.Person}}, c.Session, parsed)
	if err != nil || len(key.ID) > maxKeyID || !key.Flags.UserVerified {
		return circle.Passkey{}, errPasskey
	}
	key.Attestation = webauthn.CredentialAttestation{} // nobody asked for it
	data, err := json.Marshal(key)
	return circle.Passkey{ID: key.ID, Person: c.Person, Data: data}, err
}

// maxKeyID is how long an authenticator's name for a passkey may be (WebAuthn
// 3, §4: at most 1,023 bytes).
const maxKeyID = 1023

// touched checks a passkey that somebody signs in with, and keeps what that
// changed of its record. It returns whose it is.
func (s *Server) touched(ctx context.Context, code string, credential []byte) (circle.PersonID, error) {
	c, err := s.keys.end(ctx, code, s.Now())
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil || c.Person != "" {
		return "", errPasskey
	}
	var h *holder
	var fault error // of the store, which says nothing about the passkey
	_, key, err := s.keys.ValidatePasskeyLogin(func(_, user []byte) (webauthn.User, error) {
		p, err := s.Store.Person(ctx, circle.PersonID(user))
		if err == nil {
			h, err = s.holder(ctx, p)
		}
		if err != nil && !errors.Is(err, circle.ErrNoPerson) {
			fault = err
		}
		return h, err
	}, c.Session, parsed)
	switch {
	case fault != nil:
		return "", fault
	case err != nil:
		return "", errPasskey
	case key.Authenticator.CloneWarning:
		return h.ID, errCopied
	}
	return h.ID, s.used(ctx, h, key)
}

func (s *Server) used(ctx context.Context, h *holder, key *webauthn.Credential) error {
	data, err := json.Marshal(key)
	if err != nil {
		return err
	}
	for _, k := range h.kept {
		if string(k.ID) != string(key.ID) {
			continue
		}
		was := k.Data
		k.Data = data
		err := s.Store.UsePasskey(ctx, k, was, s.Now())
		if errors.Is(err, circle.ErrChanged) || errors.Is(err, circle.ErrNoPasskey) {
			return errPasskey // used twice at once, or just taken away
		}
		return err
	}
	return errPasskey
}

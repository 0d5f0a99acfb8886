package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"hearth/moderation"
)

// modKeyCmd is the organisation's own key for reports. It needs no server, and
// is not meant for the machine of one.
type modKeyCmd struct {
	Make modKeyMake `cmd:"" help:"Make a key: its secret half into a file, its public half onto the terminal, for --moderator-key."`
	Open modKeyOpen `cmd:"" help:"Read a report: hearth moderator-key open FILE < EXPORT prints what is sealed in it."`
}

type modKeyMake struct {
	File string `arg:"" placeholder:"FILE" help:"Where the secret half goes. Keep it where two people can get at it, and on no server."`
}

type modKeyOpen struct {
	File string `arg:"" placeholder:"FILE" help:"The secret half, as hearth moderator-key make wrote it."`
}

// keyLine is how the file of a secret half begins.
const keyLine = "hearth-moderator-key-1 "

// mostExport is the largest export that is read, in bytes: 50 reports, each
// with ten quotes of 4,000 characters, for many moderators.
const mostExport = 64 << 20

func (c *modKeyMake) run(out io.Writer) error {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return say("There is a file %s already, and a key that is written over opens nothing again. Please name another.", c.File)
	}
	if err != nil {
		return say("The key can't be written: %w.", err)
	}
	_, err = fmt.Fprintln(f, keyLine+base64.RawURLEncoding.EncodeToString(key.Bytes()))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(say("The key can't be written: %w.", err), os.Remove(c.File))
	}
	_, err = fmt.Fprintln(out, base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()))
	return err
}

// run prints the body of what in holds: one sealed report, or several by their
// ids in {"bodies": …}.
func (c *modKeyOpen) run(in io.Reader, out io.Writer) error {
	key, err := readModKey(c.File)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(in, mostExport+1))
	if err != nil || len(b) > mostExport {
		return say("The export can't be read, or is larger than any.")
	}
	var export struct {
		moderation.Sealed
		Bodies map[string]moderation.Sealed `json:"bodies"`
	}
	if err := json.Unmarshal(b, &export); err != nil || export.V == 0 && len(export.Bodies) == 0 {
		return say("That is no export of a report.")
	}
	if export.Bodies == nil {
		body, err := openBody(key, export.Sealed)
		if err != nil {
			return err
		}
		return printBody(out, body)
	}
	bodies, shut := map[string]json.RawMessage{}, 0
	for id, sealed := range export.Bodies {
		if bodies[id], err = openBody(key, sealed); err != nil {
			delete(bodies, id)
			shut++
		}
	}
	if err := printBody(out, map[string]any{"bodies": bodies}); err != nil {
		return err
	}
	if shut > 0 {
		return say("%s of %d can't be read with this key: they were sealed to others, or changed.", many(shut, "report", "reports"), len(export.Bodies))
	}
	return nil
}

func openBody(key []byte, s moderation.Sealed) (json.RawMessage, error) {
	body, err := moderation.Open(key, s)
	if err == nil && !json.Valid(body) {
		err = moderation.ErrSealed
	}
	if err != nil {
		return nil, say("This key does not open that report: it was sealed to others, or changed.")
	}
	return body, nil
}

func printBody(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// readModKey reads a secret half.
func readModKey(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, say("The key can't be read: %w.", err)
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), keyLine)
	key, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil {
		return nil, say("%s is no key that hearth moderator-key made.", name)
	}
	return key, nil
}

// offline returns the organisation's public keys.
func (c *Config) offline() ([]moderation.PublicKey, error) {
	var keys []moderation.PublicKey
	for _, text := range c.ModeratorKey {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(text))
		id := ""
		if err == nil {
			id, err = moderation.KeyID(raw)
		}
		if err != nil {
			return nil, say("--moderator-key is no public key. Please make one with: hearth moderator-key make FILE, and give the line that it prints.")
		}
		keys = append(keys, moderation.PublicKey{ID: id, Raw: raw})
	}
	return keys, nil
}

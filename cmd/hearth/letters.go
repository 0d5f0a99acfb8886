package main

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"hearth/internal/mail"
	"hearth/web"
)

// letters sends web's letters by SMTP.
type letters struct{ *mail.Sender }

// Takes is web.Mailer's.
func (letters) Takes(address string) bool { return mail.ValidAddress(address) }

// Send is web.Mailer's.
func (l letters) Send(ctx context.Context, one web.Letter) error {
	return l.Sender.Send(ctx, mail.Letter(one))
}

// mailer is what sends reminders; nil: there are none.
func (c *Config) mailer() (web.Mailer, error) {
	s, err := c.sender()
	if s == nil || err != nil {
		return nil, err
	}
	return letters{s}, nil
}

// sender is what sends mail; nil: none is set up.
func (c *Config) sender() (*mail.Sender, error) {
	if c.SMTP == "" {
		return nil, nil
	}
	password, err := readPassword("--smtp-password-file", c.SMTPPassword)
	if err != nil {
		return nil, err
	}
	s, err := mail.New(mail.Options{URL: string(c.SMTP), Password: password, From: c.MailFrom})
	if err != nil {
		return nil, say("Mail can't be sent: %w. Please check --smtp and --mail-from.", err)
	}
	return s, nil
}

// mailKey is what addresses are sealed with: from the secret that nodes
// share, or of this folder's own, in a file that no backup of the database has.
func (c *Config) mailKey() ([]byte, error) {
	if c.Redis != "" {
		secret, err := readSecret("--secret-file", c.Secret)
		if err != nil {
			return nil, err
		}
		return hkdf.Key(sha256.New, secret, nil, "hearth reminders", 32)
	}
	name := filepath.Join(c.Data, "reminders.key")
	b, err := os.ReadFile(name)
	switch {
	case err == nil && len(b) == 32:
		return b, nil
	case err == nil:
		return nil, say("%s is damaged. Moving it away lets Hearth start; reminders that people asked for are not sent then.", name)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, say("The key of the reminders can't be read: %w. Please make %s readable.", err, name)
	}
	b = make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return b, writeSecret(name, b)
}

// keepReminding sends what is due, every minute until ctx ends.
func keepReminding(ctx context.Context, s *web.Server) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		s.Remind(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

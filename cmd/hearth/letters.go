package main

import (
	"context"
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

// mailKey is what addresses are sealed with.
func (c *Config) mailKey() ([]byte, error) {
	return c.ownKey("reminders", "reminders that people asked for are not sent then")
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

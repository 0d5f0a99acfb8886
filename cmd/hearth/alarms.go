package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"hearth/internal/mail"
	"hearth/moderation"
	"hearth/web"
)

// webhookWithin bounds one call of a webhook, and webhookAnswer what is read of
// its answer, in bytes.
const (
	webhookWithin = 5 * time.Second
	webhookAnswer = 4 << 10
)

// signatureHeader has the HMAC-SHA256 of a webhook's body, under the secret of
// --on-call-webhook-secret-file: sha256= and hex.
const signatureHeader = "Hearth-Signature"

// alarms are the channels that people are called by: each address of its own,
// so that one that fails keeps no other from it.
func (c *Config) alarms() ([]web.Alarm, error) {
	if err := c.checkAlarms(); err != nil {
		return nil, err
	}
	sender, err := c.sender()
	if err != nil {
		return nil, err
	}
	var all []web.Alarm
	for _, to := range c.OnCallMail {
		all = append(all, mailAlarm{sender, to, false})
	}
	for _, to := range c.EmergencyMail {
		all = append(all, mailAlarm{sender, to, true})
	}
	if c.OnCallWebhook == "" {
		return all, nil
	}
	secret, err := readSecret("--on-call-webhook-secret-file", c.OnCallSecret)
	if err != nil {
		return nil, err
	}
	return append(all, webhook{string(c.OnCallWebhook), secret, newWebhookClient()}), nil
}

// checkAlarms: what people are called by goes together.
func (c *Config) checkAlarms() error {
	for flag, list := range map[string][]string{"--on-call-mail": c.OnCallMail, "--emergency-mail": c.EmergencyMail} {
		if len(list) > 0 && c.SMTP == "" {
			return say("%s needs a mail server. Please give --smtp too.", flag)
		}
		for _, to := range list {
			if !mail.ValidAddress(to) {
				return say("%s takes addresses alone, like ada@example.org; several with commas.", flag)
			}
		}
	}
	if c.OnCallSecret != "" && c.OnCallWebhook == "" {
		return say("--on-call-webhook-secret-file is for a webhook. Please give --on-call-webhook too.")
	}
	if c.OnCallWebhook == "" {
		return nil
	}
	u, err := url.Parse(string(c.OnCallWebhook))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return say("--on-call-webhook looks like https://example.org/path (nothing of it is shown here, because of what may be secret in it).")
	}
	return nil
}

// mailAlarm calls by mail. Nothing in a mail tells what it is about: it may be
// seen on a locked screen.
type mailAlarm struct {
	*mail.Sender
	to        string
	emergency bool
}

// Name is web.Alarm's.
func (mailAlarm) Name() string { return "mail" }

// Emergency is web.Alarm's.
func (a mailAlarm) Emergency() bool { return a.emergency }

// Call is web.Alarm's.
func (a mailAlarm) Call(ctx context.Context, c web.AlarmCall) error {
	subject := "You are asked for"
	text := fmt.Sprintf("Somebody is asked for at the desk, number %d. It has waited for %s so far, and nobody has taken it yet.\n\n%s\n\nWhoever takes it first has it; then nobody else is called.\n",
		c.N, waited(c.Waiting), c.Desk)
	if c.Step == moderation.PageEmergency {
		subject = "You are asked for, please, now"
	}
	err := a.Send(ctx, mail.Letter{To: a.to, Lang: "en", Subject: subject, Text: text})
	var fault *mail.Fault
	if errors.As(err, &fault) && fault.Perhaps() {
		return fmt.Errorf("it may have gone out all the same: %w", err)
	}
	return err
}

// waited says how long something waited.
func waited(seconds int64) string {
	if seconds < 120 {
		return many(int(seconds), "second", "seconds")
	}
	return many(int(seconds/60), "minute", "minutes")
}

// webhook calls by a POST of JSON, which any paging service can be told to
// take.
type webhook struct {
	url    string
	secret []byte // nil: it is not signed
	client *http.Client
}

// newWebhookClient follows no redirect: what is signed for one address is
// nothing for another.
func newWebhookClient() *http.Client {
	return &http.Client{
		Timeout:       webhookWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSHandshakeTimeout: webhookWithin},
	}
}

// webhookCall is what is sent.
type webhookCall struct {
	Case    int64               `json:"case"`    // its number
	Step    moderation.PageStep `json:"step"`    // call or emergency
	Waiting int64               `json:"waiting"` // seconds
	Desk    string              `json:"desk"`    // where to go
	At      int64               `json:"at"`      // Unix seconds, so that a call can't be used again later
}

// Name is web.Alarm's.
func (webhook) Name() string { return "webhook" }

// Emergency is web.Alarm's.
func (webhook) Emergency() bool { return false }

// Call is web.Alarm's. No error says what the address is.
func (h webhook) Call(ctx context.Context, c web.AlarmCall) error {
	body, err := json.Marshal(webhookCall{c.N, c.Step, c.Waiting, c.Desk, time.Now().Unix()})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address can't be asked")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Hearth")
	if h.secret != nil {
		r.Header.Set(signatureHeader, signature(h.secret, body))
	}
	res, err := h.client.Do(r)
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // without the address
	}
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, webhookAnswer) // the status says it all
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("it answered %d", res.StatusCode)
	}
	return nil
}

// signature is what stands in signatureHeader.
func signature(secret, body []byte) string {
	m := hmac.New(sha256.New, secret)
	m.Write(body)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// keepPaging lets calls go out about what waits, each second until ctx ends.
func keepPaging(ctx context.Context, s *web.Server) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		s.Page(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

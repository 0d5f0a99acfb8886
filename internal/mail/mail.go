// Package mail sends one short plain letter at a time over SMTP.
//
//	dial → greeting → STARTTLS → AUTH → MAIL → RCPT → DATA → the last dot ─► "250": it is theirs now
//
// What comes before the last dot fails for certain; after it nobody knows
// (Fault.Perhaps). No error says who a letter is for or what is in it, nor
// what the server said, which may repeat both: only its codes.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/url"
	"strings"
	"time"
)

// Options say by which server, and from whom.
type Options struct {
	// smtp://user@host:587, with STARTTLS, or smtps://user@host:465, with TLS
	// from the beginning. Only a server on this machine may do without TLS, or
	// one whose URL ends in ?tls=off.
	URL      string
	Password string         // wins over one in the URL
	From     string         // Hearth <hearth@example.org>
	Roots    *x509.CertPool // nil: the system's
	Within   time.Duration  // for one letter; 0: 30 s
	Now      func() time.Time
}

// Letter is one mail to one person.
type Letter struct {
	To      string // an address alone: ada@example.org
	Subject string // one line
	Text    string
	Lang    string // BCP 47
}

// Sender sends letters. Safe for concurrent use; each has a line of its own.
type Sender struct {
	o     Options
	host  string // as TLS and AUTH know it
	addr  string // host and port
	whole bool   // TLS from the beginning
	plain bool   // may do without
	user  string
	from  *mail.Address
}

// maxAddress is the longest address there is (RFC 5321), and maxAnswers how
// many bytes a server may say about one letter, its certificates included.
const (
	maxAddress = 254
	maxAnswers = 256 << 10
)

// New makes a sender. An error says what is wrong with the options, without
// what may be a password.
func New(o Options) (*Sender, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("mail: the server looks like smtp://user@host:587 or smtps://user@host:465 (nothing of it is shown here, because of the password)")
	}
	s := &Sender{o: o, host: u.Hostname(), whole: u.Scheme == "smtps", user: u.User.Username()}
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "465", false: "587"}[s.whole]
	}
	s.addr = net.JoinHostPort(s.host, port)
	ip := net.ParseIP(s.host)
	s.plain = !s.whole && (s.host == "localhost" || ip != nil && ip.IsLoopback() || u.Query().Get("tls") == "off")
	if word, has := u.User.Password(); has && o.Password == "" {
		s.o.Password = word
	}
	if s.from, err = mail.ParseAddress(o.From); err != nil || !ValidAddress(s.from.Address) {
		return nil, errors.New("mail: the sender looks like Hearth <hearth@example.org>")
	}
	if s.o.Within <= 0 {
		s.o.Within = 30 * time.Second
	}
	if s.o.Now == nil {
		s.o.Now = time.Now
	}
	return s, nil
}

// ValidAddress says whether s is one address that a letter can go to: in
// ASCII, with nothing around it.
func ValidAddress(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 0x7F {
			return false
		}
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && len(s) <= maxAddress && !strings.ContainsAny(s, "<>\"(),:;")
}

// Fault is why a letter did not go out.
type Fault struct {
	Step     string // dial, greeting, tls, auth, from, to, data or letter
	Code     int    // of the server's answer; 0: it gave none
	Detail   string // its enhanced code, like 5.1.1
	refused  bool
	perhaps  bool
	cause    error
	sayCause bool
}

// Error says where it failed and the server's codes.
func (f *Fault) Error() string {
	switch {
	case f.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("mail: %s: the server answered %d %s", f.Step, f.Code, f.Detail))
	case f.sayCause:
		return fmt.Sprintf("mail: %s: %v", f.Step, f.cause)
	}
	return fmt.Sprintf("mail: %s: the server was cut off or took too long", f.Step)
}

// Refused says that this address will never take this letter.
func (f *Fault) Refused() bool { return f.refused }

// Perhaps says that the letter may have gone out all the same.
func (f *Fault) Perhaps() bool { return f.perhaps }

// Down says that no other letter would fare better now.
func (f *Fault) Down() bool { return f.Step != "to" && f.Step != "data" && f.Step != "letter" }

// Send sends a letter. Any error is a *Fault.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	body, err := s.write(l)
	if err != nil {
		return &Fault{Step: "letter", refused: true, cause: err, sayCause: true}
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Within)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return &Fault{Step: "dial", cause: err, sayCause: true}
	}
	defer conn.Close()
	// Whatever hangs ends with ctx.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c, fault := s.greet(ctx, &bounded{Conn: conn, left: maxAnswers})
	if fault != nil {
		return fault
	}
	if fault := s.hand(c, l.To, body); fault != nil {
		return fault
	}
	_ = c.Quit() // the letter is theirs; how they part is no matter
	return nil
}

// greet brings a line to where letters can be handed over.
func (s *Sender) greet(ctx context.Context, conn net.Conn) (*smtp.Client, *Fault) {
	with := &tls.Config{ServerName: s.host, RootCAs: s.o.Roots, MinVersion: tls.VersionTLS12}
	if s.whole {
		t := tls.Client(conn, with)
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, &Fault{Step: "tls", cause: err, sayCause: true}
		}
		conn = t
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, fault("greeting", err)
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	if err := c.Hello(domain); err != nil {
		return nil, fault("greeting", err)
	}
	if offers, _ := c.Extension("STARTTLS"); !s.whole && offers {
		if err := c.StartTLS(with); err != nil {
			f := fault("tls", err)
			f.sayCause = f.Code == 0 // a certificate's matter
			return nil, f
		}
	}
	if _, safe := c.TLSConnectionState(); !safe && !s.plain {
		return nil, &Fault{Step: "tls", cause: errors.New("the server offers no TLS, and is not on this machine"), sayCause: true}
	}
	if s.user != "" {
		// Not without TLS, but to this machine: PlainAuth sees to that.
		if err := c.Auth(smtp.PlainAuth("", s.user, s.o.Password, s.host)); err != nil {
			return nil, fault("auth", err)
		}
	}
	return c, nil
}

// hand hands a letter over.
func (s *Sender) hand(c *smtp.Client, to string, body []byte) *Fault {
	if err := c.Mail(s.from.Address); err != nil {
		return fault("from", err)
	}
	if err := c.Rcpt(to); err != nil {
		return fault("to", err)
	}
	w, err := c.Data()
	if err != nil {
		return fault("data", err)
	}
	if _, err := w.Write(body); err != nil {
		return fault("data", err) // the last dot is not out
	}
	if err := w.Close(); err != nil {
		f := fault("data", err)
		f.perhaps = f.Code == 0
		return f
	}
	return nil
}

// write makes the letter as it travels.
func (s *Sender) write(l Letter) ([]byte, error) {
	switch {
	case !ValidAddress(l.To):
		return nil, errors.New("it is not to an address")
	case l.Subject == "" || strings.ContainsFunc(l.Subject+l.Lang, func(r rune) bool { return r < ' ' || r == 0x7F }):
		return nil, errors.New("its subject is not one line")
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	_, domain, _ := strings.Cut(s.from.Address, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", s.from.String()}, {"To", "<" + l.To + ">"}, {"Subject", mime.QEncoding.Encode("utf-8", l.Subject)},
		{"Date", s.o.Now().UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + hex.EncodeToString(id[:]) + "@" + domain + ">"},
		{"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
		{"Content-Language", l.Lang}, {"Auto-Submitted", "auto-generated"},
	} {
		if h[1] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
		}
	}
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	_, err := io.WriteString(q, strings.ReplaceAll(l.Text, "\r", ""))
	return b.Bytes(), errors.Join(err, q.Close())
}

// bounded is a line on which a server can't talk without end.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the server says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

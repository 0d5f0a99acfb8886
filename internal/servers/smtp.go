package servers

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// SMTP is a mail server that keeps what it is given, speaks SMTP with
// STARTTLS or TLS from the beginning, and behaves at each step as it is told.
type SMTP struct {
	Addr  string         // host:port
	Roots *x509.CertPool // that its certificate is checked by; it is for 127.0.0.1 and localhost

	t     testing.TB
	o     SMTPOptions
	cert  tls.Certificate
	lines net.Listener
	group sync.WaitGroup

	mu      sync.Mutex // guards what follows
	says    map[string]string
	letters []Letter
	open    map[net.Conn]bool
	seen    []string
}

// SMTPOptions say what a server can do.
type SMTPOptions struct {
	Whole    bool   // TLS from the beginning
	NoTLS    bool   // none at all
	User     string // asked for, with Password, if it isn't empty
	Password string
}

// Letter is what a server took.
type Letter struct{ From, To, Data string }

// What a server can be told to do at a step besides answering.
const (
	Hang = "hang" // says nothing, until the other side has had enough
	Cut  = "cut"  // ends the line
)

// StartSMTP starts a server; it answers when this returns.
func StartSMTP(t testing.TB, o SMTPOptions) *SMTP {
	t.Helper()
	s := &SMTP{t: t, o: o, says: map[string]string{}, open: map[net.Conn]bool{}}
	s.certify()
	s.listen("127.0.0.1:0")
	t.Cleanup(s.Stop)
	return s
}

func (s *SMTP) listen(addr string) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.lines, s.Addr = l, l.Addr().String()
	s.group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open[conn] = true
			s.mu.Unlock()
			s.group.Go(func() { s.serve(conn) })
		}
	})
}

// Stop ends the server and every line to it.
func (s *SMTP) Stop() {
	s.lines.Close()
	s.mu.Lock()
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// Again starts a stopped server where it was.
func (s *SMTP) Again() {
	s.t.Helper()
	s.listen(s.Addr)
}

// Say has the server answer so at a step from now on: greeting, EHLO,
// STARTTLS, AUTH, MAIL, RCPT, DATA, or "." for the end of a letter. Hang and
// Cut are more than words; an empty answer is its own again.
func (s *SMTP) Say(step, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says[step] = answer
}

// Letters are those it took, the first first.
func (s *SMTP) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// Seen are the steps that lines have come to, in order.
func (s *SMTP) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// at answers at a step; false ends the line.
func (s *SMTP) at(conn net.Conn, step, usual string) bool {
	s.mu.Lock()
	s.seen = append(s.seen, step)
	say := s.says[step]
	s.mu.Unlock()
	switch say {
	case Hang:
		_, _ = io.Copy(io.Discard, conn)
		return false
	case Cut:
		return false
	case "":
		say = usual
	}
	_, err := io.WriteString(conn, say+"\r\n")
	return err == nil
}

func (s *SMTP) serve(raw net.Conn) {
	conn := raw
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.open, raw)
		s.mu.Unlock()
	}()
	safe := &tls.Config{Certificates: []tls.Certificate{s.cert}}
	if s.o.Whole {
		conn = tls.Server(conn, safe)
	}
	if !s.at(conn, "greeting", "220 mail.test ready") {
		return
	}
	in := textproto.NewReader(bufio.NewReader(conn))
	var now Letter
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch verb = strings.ToUpper(verb); verb {
		case "STARTTLS":
			if !s.at(conn, verb, "220 go on") {
				return
			}
			conn = tls.Server(raw, safe)
			in = textproto.NewReader(bufio.NewReader(conn))
			continue
		case "DATA":
			if !s.at(conn, verb, "354 end with a dot") {
				return
			}
			if !s.take(conn, in, now) {
				return
			}
			continue
		case "MAIL":
			now.From = between(rest)
		case "RCPT":
			now.To = between(rest)
		case "QUIT":
			s.at(conn, verb, "221 bye")
			return
		}
		if !s.at(conn, verb, s.usual(conn, verb, rest)) {
			return
		}
	}
}

// take reads a letter and keeps it, if the answer is that it does.
func (s *SMTP) take(conn net.Conn, in *textproto.Reader, now Letter) bool {
	s.mu.Lock()
	say := s.says["DATA"]
	s.mu.Unlock()
	if say != "" {
		return true // it was not asked for
	}
	text, err := in.ReadDotBytes()
	if err != nil {
		return false
	}
	now.Data = string(text)
	s.mu.Lock()
	if say := s.says["."]; say == "" || strings.HasPrefix(say, "2") || say == Cut {
		s.letters = append(s.letters, now)
	}
	s.mu.Unlock()
	return s.at(conn, ".", "250 2.0.0 taken")
}

func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

func (s *SMTP) usual(conn net.Conn, verb, rest string) string {
	_, safe := conn.(*tls.Conn)
	switch verb {
	case "EHLO":
		says := "250-mail.test\r\n"
		if !safe && !s.o.NoTLS {
			says += "250-STARTTLS\r\n"
		}
		if s.o.User != "" {
			says += "250-AUTH PLAIN\r\n"
		}
		return says + "250 8BITMIME"
	case "AUTH":
		given, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
		if string(given) != "\x00"+s.o.User+"\x00"+s.o.Password {
			return "535 5.7.8 no"
		}
		return "235 2.7.0 welcome"
	}
	return "250 2.1.0 fine"
}

// certify makes a certificate that nothing but Roots knows.
func (s *SMTP) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	name := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, name, name, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(made)
}

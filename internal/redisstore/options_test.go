package redisstore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hearth/internal/servers"
)

var deployment = []byte("a secret of thirty-two bytes, at least")

// speak is a client made of options, closed with the test.
func speak(t *testing.T, o Options) redis.UniversalClient {
	t.Helper()
	c, err := o.client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// says fails unless an error tells what it should, and nothing it should not.
func says(t *testing.T, err error, what string, never ...string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), what) {
		t.Errorf("%v\nwant a sentence with %q", err, what)
		return
	}
	for _, n := range never {
		if strings.Contains(err.Error(), n) {
			t.Errorf("%v\nrepeats %q", err, n)
		}
	}
}

func TestAWrongURLIsToldWithoutItsPassword(t *testing.T) {
	for url, want := range map[string]string{
		"":                                "not the URL of a Redis",
		"kettle":                          "not the URL of a Redis",
		"localhost:6379":                  "not the URL of a Redis",
		"http://user:kettle@host":         "not the URL of a Redis",
		"redis://":                        "not the URL of a Redis",
		"redis://user:kettle#1@host":      "not the URL of a Redis",
		"redis://user:kettle/1@host":      "not the URL of a Redis",
		"redis://user:ket%zztle@host":     "not the URL of a Redis",
		"redis://host:6379#kettle":        "not the URL of a Redis",
		"redis://:kettle@host:port":       "not the URL of a Redis",
		"redis://h:1?master_name=m&addr=": "not the URL of a Redis with Sentinel",
		"redis://:kettle@host/3":          "database 0 only",
		"redis://:kettle@host?db=3":       "an option that Hearth does not know",
		"redis://u:p?kettle=1@host":       "not the URL of a Redis",
		"redis://host?kettle=1":           "an option that Hearth does not know",
		"redis://host?addr=kettle:1":      "needs master_name",
		"redis://h?master_name=m&route_by_latency=kettle": "an option that Hearth does not know",
	} {
		_, err := Options{URL: url}.client()
		if err == nil {
			t.Errorf("%s is taken", url)
			continue
		}
		says(t, err, want, "kettle")
	}
	_, err := Options{URL: "redis://host", TLS: &tls.Config{}}.client()
	says(t, err, "begin it with rediss://")
}

func TestPasswords(t *testing.T) {
	r := servers.StartRedis(t, "--requirepass", "kettle")
	ping := func(o Options) error { return sentence(speak(t, o).Ping(t.Context()).Err()) }
	if err := ping(Options{URL: r.URL()}); err != nil {
		t.Errorf("with the password in the URL: %v", err)
	}
	if err := ping(Options{URL: "redis://:stale@" + r.Addr, Password: "kettle"}); err != nil {
		t.Errorf("the password of its own does not win: %v", err)
	}
	says(t, ping(Options{URL: "redis://" + r.Addr}), "asks for a password")
	says(t, ping(Options{URL: r.URL(), Password: "stale"}), "does not know this user and password", "kettle", "stale")
}

// A command whose reply is lost may have been carried out: it is not said a
// second time.
func TestNothingIsSaidTwice(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	came := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came <- struct{}{}
			c.Close()
		}
	}()
	c := speak(t, Options{URL: "redis://" + l.Addr().String()})
	says(t, sentence(c.Ping(t.Context()).Err()), "connection to Redis was cut", l.Addr().String())
	if n := len(came); n != 1 {
		t.Errorf("%d connections for one command", n)
	}
}

func TestAContextEndsACommand(t *testing.T) {
	r := servers.StartRedis(t)
	c := speak(t, Options{URL: r.URL()})
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	r.Pause()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	says(t, sentence(c.Ping(ctx).Err()), "does not answer in time")
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	began = time.Now()
	says(t, sentence(c.Ping(t.Context()).Err()), "does not answer in time")
	if took := time.Since(began); took > 2*(dialing+talking) {
		t.Errorf("without an end of its own it took %v", took)
	}
}

func TestSentinelsSayWhereThePrimaryIs(t *testing.T) {
	t.Parallel()
	primary := servers.StartRedis(t, "--requirepass", "kettle")
	servers.StartReplica(t, primary)
	s := servers.StartSentinel(t, primary, "circle")
	down := "127.0.0.1:" + servers.FreePort(t)
	c := speak(t, Options{URL: "redis://" + down + "?master_name=circle&addr=" + s.Addr, Password: "kettle"})
	if err := check(t.Context(), c, Options{Secret: deployment}); err != nil {
		t.Fatal(err)
	}
	primary.Kill()
	became(t, "the client follows", func() bool {
		return c.Set(t.Context(), "tea", "hot", 0).Err() == nil
	})
	if err := check(t.Context(), c, Options{Secret: deployment}); err != nil {
		t.Errorf("after the failover: %v", err)
	}
	lost := speak(t, Options{URL: s.URL() + "x", Password: "kettle"})
	says(t, sentence(lost.Ping(t.Context()).Err()), "no sentinel in --redis says where the primary is", s.Addr)
	says(t, check(t.Context(), speak(t, Options{URL: "redis://" + s.Addr}), Options{Secret: deployment}), "add ?master_name=NAME")
}

// became polls until it is so.
func became(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not so", what)
		}
	}
}

func TestTLS(t *testing.T) {
	dir, roots := authority(t)
	port := servers.FreePort(t)
	r := servers.StartRedis(t, "--tls-port", port, "--tls-auth-clients", "no",
		"--tls-cert-file", filepath.Join(dir, "cert"), "--tls-key-file", filepath.Join(dir, "key"), "--requirepass", "kettle")
	ping := func(o Options) error { return sentence(speak(t, o).Ping(t.Context()).Err()) }
	url := "rediss://:kettle@127.0.0.1:" + port
	if err := ping(Options{URL: url, TLS: &tls.Config{RootCAs: roots}}); err != nil {
		t.Error(err)
	}
	says(t, ping(Options{URL: url}), "name the file of its authority in --redis-ca-file", "127.0.0.1")
	says(t, ping(Options{URL: url, TLS: &tls.Config{RootCAs: roots, ServerName: "tea.example"}}), "and the host in --redis as the certificate does")
	says(t, ping(Options{URL: "redis://:kettle@127.0.0.1:" + port}), "with TLS, --redis begins with rediss://")
	if err := ping(Options{URL: "rediss://:kettle@" + r.Addr, TLS: &tls.Config{RootCAs: roots}}); err == nil {
		t.Error("TLS is spoken with a server that has none")
	}
}

// authority makes a certificate for 127.0.0.1 that vouches for itself.
func authority(t *testing.T) (dir string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	who := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, who, who, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir, roots = t.TempDir(), x509.NewCertPool()
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(cert)
	return dir, roots
}

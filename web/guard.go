package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"

	"hearth/internal/pictures"
	"hearth/room"
)

// maxBody is the most a form or request may send: a code, a passkey's answer.
// Texts that somebody types may be more, and come back if they are too long:
// in a form a letter of most of the world's scripts takes nine bytes.
const (
	maxBody = 8 << 10
	maxText = 128 << 10
)

// mostOf is how many bytes a request may send.
func mostOf(r *http.Request) int64 {
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/c/") && strings.HasSuffix(r.URL.Path, "/picture") {
		return pictures.MaxBytes
	}
	if r.URL.Path == "/report" || strings.HasPrefix(r.URL.Path, "/c/") && strings.HasSuffix(r.URL.Path, "/report") {
		return maxReport
	}
	if strings.HasPrefix(r.URL.Path, "/desk/") {
		return maxDesk
	}
	asks := strings.HasPrefix(r.URL.Path, "/circles/") && strings.HasSuffix(r.URL.Path, "/ask")
	if asks || r.URL.Path == "/appeal/send" || strings.HasPrefix(r.URL.Path, "/office/") {
		return maxText
	}
	return maxBody
}

// guard puts around every route what all of them need.
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, http.StatusForbidden, Elsewhere)
	}))
	next = origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recoverPage(w, r)
		s.headers(w.Header())
		if !s.hosts[bareHost(s.PublicURL.Scheme, r.Host)] {
			http.Error(w, s.said(r, Elsewhere), http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostOf(r))
		next.ServeHTTP(w, r)
	})
}

// headers are those of every answer. Assets replace Cache-Control.
func (s *Server) headers(h http.Header) {
	h.Set("Content-Security-Policy", PagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would make the Origin of our own forms null
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if s.PublicURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func (s *Server) recoverPage(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		s.Fault("page", panicked(v))
		s.problem(w, r, http.StatusInternalServerError, Faulty)
	}
}

// panicked makes an error of a panic: where, and what if that can't be
// anybody's words.
func panicked(v any) error {
	if e, ok := v.(runtime.Error); ok {
		return fmt.Errorf("panic: %w\n%s", e, debug.Stack())
	}
	return fmt.Errorf("panic with a %T\n%s", v, debug.Stack())
}

// said returns the sentence of a code in the language of a request.
func (s *Server) said(r *http.Request, c room.Code) string { return s.Face.in(r).T(refusalKey(c)) }

// problem shows a page with the sentence of a code.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, status int, c room.Code) {
	l := s.Face.in(r)
	s.Face.Problem(w, r, status, l.T(cmp.Or(titles[c], "problem.title")), s.said(r, c))
}

// titles are the keys of what stands above a problem.
var titles = map[room.Code]string{
	NotFound: "problem.notFound", NoSeat: "problem.noSeat", TooMany: "problem.oneMoment", Restarting: "problem.oneMoment",
}

// hostsOf lists the Host headers of a public URL. On a machine of one's own
// its loopback names are one place.
func hostsOf(u *url.URL) map[string]bool {
	hosts := map[string]bool{bareHost(u.Scheme, u.Host): true}
	ip, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]"))
	if u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return hosts
	}
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if port := u.Port(); port != "" {
			name += ":" + port
		}
		hosts[bareHost(u.Scheme, name)] = true
	}
	return hosts
}

// bareHost is a host in lower case without the port its scheme implies.
func bareHost(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// ownOrigin says whether a request says that it comes from a page of ours, at
// the very host it goes to. No Origin is no.
func (s *Server) ownOrigin(r *http.Request) bool {
	given := r.Header.Values("Origin")
	if len(given) != 1 {
		return false
	}
	u, err := url.Parse(given[0])
	if err != nil || u.Scheme != s.PublicURL.Scheme || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	host := bareHost(u.Scheme, u.Host)
	return s.hosts[host] && host == bareHost(u.Scheme, r.Host)
}

// address is where a request comes from: the peer, or what the nearest
// proxies that we trust say. IPv6 counts by /64, which is one household.
func (s *Server) address(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // not from a network: all such are one
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // bits fit the family
	return p
}

func (s *Server) trusts(ip netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// refusalIn returns the refusal in an error, if that is what it is.
func refusalIn(err error) *room.Refusal {
	var no *room.Refusal
	errors.As(err, &no)
	return no
}

package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hearth/circle"
	"hearth/room"
)

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// host makes a request for another host.
func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

// header replaces a header; empty removes it.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
}

func TestAForeignHostIsRefused(t *testing.T) {
	m := meet(t)
	port := ":" + m.url.Port()
	for name, want := range map[string]int{
		"localhost" + port: 200, "LOCALHOST" + port: 200, "127.0.0.1" + port: 200, "[::1]" + port: 200,
		"evil.example": 421, "evil.example" + port: 421, "localhost": 421, "localhost:1": 421,
		"localhost.evil.example" + port: 421, "127.0.0.2" + port: 421,
	} {
		if res := m.browser().asks("/help", nil, host(name)); res.StatusCode != want {
			t.Errorf("%s: %s, want %d", name, res.Status, want)
		}
	}
	m.goesOn()
}

func TestAPublicHostHasNoOtherNames(t *testing.T) {
	for at, hosts := range map[string][]string{
		"https://circle.example":      {"circle.example"},
		"https://circle.example:8443": {"circle.example:8443"},
		"http://localhost":            {"127.0.0.1", "[::1]", "localhost"},
		"http://127.0.0.1:8080":       {"127.0.0.1:8080", "[::1]:8080", "localhost:8080"},
		"http://[::1]:8080":           {"127.0.0.1:8080", "[::1]:8080", "localhost:8080"},
	} {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for h := range hostsOf(u) {
			got = append(got, h)
		}
		if slices.Sort(got); !slices.Equal(got, hosts) {
			t.Errorf("%s: %v, want %v", at, got, hosts)
		}
	}
	if bareHost("https", "Circle.Example:443") != "circle.example" || bareHost("https", "circle.example:80") == "circle.example" {
		t.Error("the port that a scheme implies is not part of a host, another is")
	}
}

func TestAForeignOriginOpensNoSocket(t *testing.T) {
	m := meet(t)
	port := m.url.Port()
	for what, headers := range map[string]map[string]string{
		"no Origin":                    {"Origin": ""},
		"null":                         {"Origin": "null"},
		"another site":                 {"Origin": "http://evil.example"},
		"another port":                 {"Origin": "http://localhost:1"},
		"another scheme":               {"Origin": "https://localhost:" + port},
		"a name of ours, not this one": {"Origin": "http://127.0.0.1:" + port},
		"a suffix":                     {"Origin": "http://localhost:" + port + ".evil.example"},
		"a path":                       {"Origin": "http://localhost:" + port + "/x"},
		"a user":                       {"Origin": "http://localhost:" + port + "@evil.example"},
		"Host and Origin agree":        {"Host": "evil.example", "Origin": "http://evil.example"},
	} {
		_, res := m.handshake(headers)
		want := http.StatusForbidden
		if headers["Host"] != "" {
			want = http.StatusMisdirectedRequest
		}
		if res.StatusCode != want {
			t.Errorf("%s: %s, want %d", what, res.Status, want)
		}
	}
	if _, res := m.handshake(map[string]string{"Host": "127.0.0.1:" + port, "Origin": "http://127.0.0.1:" + port}); res.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("the other name of this machine: %s", res.Status)
	}
	m.goesOn()
}

func TestASocketNeedsTheSubprotocol(t *testing.T) {
	m := meet(t)
	for _, p := range []string{"", "hearth.v0", "graphql-ws"} {
		if _, res := m.handshake(map[string]string{"Sec-WebSocket-Protocol": p}); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", p, res.Status)
		}
	}
	_, res := m.handshake(map[string]string{"Sec-WebSocket-Protocol": "other, " + Protocol})
	if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Protocol") != Protocol {
		t.Errorf("among others: %s %v", res.Status, res.Header)
	}
	m.goesOn()
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	m := meet(t)
	code := m.invite(room.Member)
	for what, change := range map[string][]func(*http.Request){
		"Sec-Fetch-Site": {header("Sec-Fetch-Site", "cross-site")},
		"same-site":      {header("Sec-Fetch-Site", "same-site")},
		"Origin":         {header("Sec-Fetch-Site", ""), header("Origin", "http://evil.example")},
	} {
		res := m.browser().asks("/enter", url.Values{"code": {code}}, change...)
		if res.StatusCode != http.StatusForbidden || len(res.Cookies()) != 0 {
			t.Errorf("%s: %s, %d cookies", what, res.Status, len(res.Cookies()))
		}
	}
	if res := m.browser().asks("/enter", url.Values{"code": {code}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("our own: %s", res.Status)
	}
	m.goesOn()
}

func TestEveryAnswerCarriesItsHeaders(t *testing.T) {
	m := meet(t)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
	for path, status := range map[string]int{
		"/": 200, "/enter": 200, "/help": 200, "/nothing": 404, "/c/nobody": 404, "/c/" + m.ben.handle: 200,
		"/assets/nothing.js": 404, "/ws": 403, "/c/" + m.ben.handle + "/ticket": 404,
	} {
		res := m.ben.browser.asks(path, nil)
		if res.StatusCode != status {
			t.Errorf("%s: %s, want %d", path, res.Status, status)
		}
		for name, value := range want {
			if got := res.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if res.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s has no Permissions-Policy", path)
		}
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	m := meet(t)
	page := body(t, m.browser().asks("/", nil))
	path := regexp.MustCompile(`/assets/[^"]+\.js`).FindString(page)
	res := m.browser().asks(path, nil)
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %s, %q", path, res.Status, res.Header.Get("Cache-Control"))
	}
	packed := m.browser().asks(path, nil, header("Accept-Encoding", "gzip, deflate, br"))
	if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("%s travels as %q", path, got)
	}
}

// One answer for every code that doesn't open, so that guessing tells
// nothing.
func TestCodesThatDoNotOpenAreAllTheSame(t *testing.T) {
	var later atomic.Int64
	m := meet(t, func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	once, err := m.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: m.circle, Role: room.Member, Uses: 1})
	m.must(err)
	old, err := m.store.AddInvite(t.Context(), circle.Act{At: time.Now()}, circle.Invite{Circle: m.circle, Role: room.Member, Until: time.Now().Add(time.Minute)})
	m.must(err)
	m.browser().enters(once)
	later.Store(int64(time.Hour))
	wrong := "BBBBBBBBBBBBBBBBBBBBBA"
	answers := map[string]string{}
	for what, code := range map[string]string{
		"wrong": wrong, "used up": once, "expired": old, "empty": "", "too short": "AAAA", "too long": strings.Repeat("A", 5000),
		"not a code": "<script>", "with NUL": "A\x00B", "not UTF-8": "\xff\xfe",
	} {
		res := m.browser().asks("/enter", url.Values{"code": {code}})
		if res.StatusCode != http.StatusForbidden || len(res.Cookies()) != 0 {
			t.Errorf("%s: %s, %d cookies", what, res.Status, len(res.Cookies()))
		}
		answers[what] = body(t, res)
	}
	for what, got := range answers {
		if got != answers["wrong"] {
			t.Errorf("%s is answered in another way than a wrong code", what)
		}
	}
	if !strings.Contains(answers["wrong"], "This link doesn") || strings.Contains(answers["wrong"], wrong) {
		t.Error("the answer has no kind sentence, or repeats the code")
	}
	m.goesOn()
}

// What was never a code costs a look-up like any other.
func TestWhatIsNoCodeIsLookedUpToo(t *testing.T) {
	m := meet(t)
	m.store.broken.Store(true)
	for _, code := range []string{"", "x", noCode} {
		if res := m.browser().asks("/enter", url.Values{"code": {code}}); res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%q never reached the store: %s", code, res.Status)
		}
	}
	m.store.broken.Store(false)
	m.goesOn()
}

func TestACircleThatIsNotOpenSaysSo(t *testing.T) {
	m := meet(t)
	m.must(m.store.EndRoom(t.Context(), m.roomOf(m.ben), time.Now()))
	res := m.browser().asks("/enter", url.Values{"code": {m.invite(room.Member)}})
	if res.StatusCode != http.StatusConflict || !strings.Contains(body(t, res), "isn’t open") {
		t.Errorf("%s", res.Status)
	}
}

func TestCookiesAreOfOneSeatAndThisHost(t *testing.T) {
	m := meet(t)
	b := m.browser()
	res := b.asks("/enter", url.Values{"code": {m.invite(room.Member)}})
	if len(res.Cookies()) != 2 {
		t.Fatalf("%d cookies", len(res.Cookies()))
	}
	for _, c := range res.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-hearth-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s", c)
		}
		most := 24 * time.Hour
		if c.Name == deviceCookie {
			most = 30 * 24 * time.Hour
		}
		if age := time.Duration(c.MaxAge) * time.Second; age <= 0 || age > most {
			t.Errorf("%s lives %v", c.Name, age)
		}
	}
}

func TestTwoSeatsShareABrowser(t *testing.T) {
	m := meet(t)
	b := m.browser()
	one, two := b.enters(m.invite(room.Member)), b.enters(m.invite(room.Listener))
	if one == two {
		t.Fatal("two links, one seat")
	}
	for _, handle := range []string{one, two} {
		if res := b.asks("/c/"+handle, nil); res.StatusCode != http.StatusOK {
			t.Errorf("/c/%s: %s", handle, res.Status)
		}
	}
	m.goesOn()
}

func TestALinkOpenedTwiceIsOneSeat(t *testing.T) {
	m := meet(t)
	code := m.shared(room.Member)
	b := m.browser()
	first := b.enters(code)
	if again := b.enters(code); again != first {
		t.Errorf("the same link in the same browser: %q and %q", first, again)
	}
	res := b.asks("/enter", url.Values{"code": {code}, "fresh": {"1"}})
	if at := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || at == "/c/"+first {
		t.Errorf("somebody else on this device: %s %s", res.Status, at)
	}
	if other := m.browser().enters(code); other == first {
		t.Error("another browser got the same seat")
	}
}

func TestAPastedLinkIsItsCode(t *testing.T) {
	m := meet(t)
	res := m.browser().asks("/enter", url.Values{"code": {" " + m.url.String() + "/enter#" + m.invite(room.Member) + "\n"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("%s", res.Status)
	}
}

func TestNothingChangesOnGET(t *testing.T) {
	m := meet(t)
	res := m.browser().asks("/enter?code="+m.invite(room.Member), nil)
	if res.StatusCode != http.StatusOK || len(res.Cookies()) != 0 {
		t.Errorf("%s, %d cookies", res.Status, len(res.Cookies()))
	}
}

func TestAFormThatIsTooLongIsRefused(t *testing.T) {
	m := meet(t)
	res := m.browser().asks("/enter", url.Values{"code": {strings.Repeat("A", maxBody+1)}})
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("%s", res.Status)
	}
	m.goesOn()
}

// A fault is told kindly, and its own text stays inside.
func TestAFaultNeverReachesAPerson(t *testing.T) {
	m := meet(t)
	m.store.broken.Store(true)
	for _, res := range []*http.Response{
		m.ben.browser.asks("/c/"+m.ben.handle, nil),
		m.ben.browser.asks("/c/"+m.ben.handle+"/ticket", url.Values{}),
		m.browser().asks("/enter", url.Values{"code": {noCode}}),
	} {
		if text := body(t, res); res.StatusCode < 500 || strings.Contains(text, "fire") {
			t.Errorf("%s: %s", res.Status, text)
		}
	}
	m.mu.Lock()
	told := strings.Join(m.faults, "\n")
	m.mu.Unlock()
	for _, where := range []string{"circle: ", "ticket: ", "enter: "} {
		if !strings.Contains(told, where+errBroken.Error()) {
			t.Errorf("the operator was not told of %s", where)
		}
	}
	m.goesOn()
}

func TestAPanicIsOneAnswer(t *testing.T) {
	m := meet(t)
	m.server.Store = nil // what must never be
	res := m.ben.browser.asks("/c/"+m.ben.handle, nil)
	m.server.Store = m.store
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(body(t, res), "nil pointer") {
		t.Errorf("%s", res.Status)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.faults) != 1 || !strings.Contains(m.faults[0], "panic") {
		t.Errorf("told: %v", m.faults)
	}
}

func TestTooManyTriesToEnterAreSlowedDown(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Enters = Rate{4, time.Hour} }) // two are Ana and Ben
	for i, want := range []int{403, 403, 429, 429} {
		res := m.browser().asks("/enter", url.Values{"code": {noCode}})
		if res.StatusCode != want {
			t.Errorf("try %d: %s, want %d", i+1, res.Status, want)
		}
		if want == 429 && res.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	if m.dropped(dropEnter) != 2 {
		t.Errorf("%d were counted", m.dropped(dropEnter))
	}
	m.goesOn()
}

func TestTooManyHandshakesAreRefused(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.Handshakes = Rate{3, time.Hour} })
	for i, want := range []int{101, 429} {
		if _, res := m.handshake(nil); res.StatusCode != want {
			t.Errorf("handshake %d: %s, want %d", i+1, res.Status, want)
		}
	}
	m.goesOn()
}

func TestTooManyWaitingForHelloAreRefused(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.WaitingPerAddress = 3 })
	for i, want := range []int{101, 101, 101, 429} {
		if _, res := m.handshake(nil); res.StatusCode != want {
			t.Errorf("handshake %d: %s, want %d", i+1, res.Status, want)
		}
	}
	m.goesOn()
}

// The address is full: a newcomer waits, whoever had a place gets it back.
func TestAFullAddressStillLetsSeatsResume(t *testing.T) {
	m := meet(t, func(c *Config) { c.Limits.SocketsPerAddress = 2 })
	cat := m.guest(room.Member)
	cat.says(Hello{Name: "Cat"})
	cat.refuses(TooMany)
	cat.closes(4429)
	second := m.ben.again()
	second.hello(Hello{Name: "Ben", Resume: &Resume{Epoch: m.ben.welcome.Epoch, Seq: m.ben.seen}})
	m.goesOn()
}

func TestTheAddressIsThePeersUnlessAProxyWeTrustSaysElse(t *testing.T) {
	s := &Server{Config: Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for _, c := range []struct{ what, peer, forwarded, want string }{
		{"a peer", "192.0.2.7:1234", "", "192.0.2.7/32"},
		{"a peer that claims", "192.0.2.7:1234", "198.51.100.1", "192.0.2.7/32"},
		{"behind a proxy", "10.0.0.1:80", "198.51.100.1", "198.51.100.1/32"},
		{"behind two", "10.0.0.1:80", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1/32"},
		{"a proxy's nonsense", "10.0.0.1:80", "unknown", "10.0.0.1/32"},
		{"a proxy by itself", "10.0.0.1:80", "", "10.0.0.1/32"},
		{"IPv6 is a household", "[2001:db8:1:2:3:4:5:6]:80", "", "2001:db8:1:2::/64"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:80", "", "192.0.2.7/32"},
		{"a zone", "[fe80::1%eth0]:80", "", "fe80::/64"},
		{"each loopback is one", "127.0.0.9:80", "", "127.0.0.9/32"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.address(r).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestADoorIsForgottenOnlyWhenNothingHangsOnIt(t *testing.T) {
	d := newDoors(DefaultLimits())
	in := netip.MustParsePrefix("192.0.2.1/32")
	one := d.knock(in)
	if one == nil || !d.in(one, false) {
		t.Fatal("no way in")
	}
	for i := range mostDoors + 10 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		p, _ := a.Prefix(32)
		d.mu.Lock()
		d.at(p)
		d.mu.Unlock()
	}
	if len(d.byAddr) > mostDoors {
		t.Errorf("%d addresses are remembered", len(d.byAddr))
	}
	if d.byAddr[in] != one || one.sockets != 1 {
		t.Error("an address with a socket was forgotten")
	}
}

func TestTheTicketIsNotInAnyURL(t *testing.T) {
	m := meet(t)
	res := m.ben.browser.asks("/c/"+m.ben.handle+"/ticket", url.Values{})
	var got Ticket
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || !isToken(got.Ticket) || res.Header.Get("Location") != "" {
		t.Errorf("%+v %v %q", got, err, res.Header.Get("Location"))
	}
	if _, res := m.handshake(map[string]string{"Cookie": ""}); res.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("the handshake itself needs nothing secret: %s", res.Status)
	}
}

// Leaving quickly takes every cookie of ours back, and nobody else's page can
// ask for it.
func TestForgetTakesTheCookiesBack(t *testing.T) {
	m := meet(t)
	b := m.browser()
	handle := b.enters(m.invite(room.Member))
	res := b.asks("/forget", url.Values{})
	if res.StatusCode != http.StatusNoContent || !strings.Contains(res.Header.Get("Clear-Site-Data"), `"cookies"`) {
		t.Fatalf("%s, %q", res.Status, res.Header.Get("Clear-Site-Data"))
	}
	gone := map[string]bool{}
	for _, c := range res.Cookies() {
		gone[c.Name] = c.MaxAge < 0 && c.Secure && c.Path == "/"
	}
	if len(gone) != 2 || !gone[deviceCookie] || !gone[seatCookie+handle] {
		t.Errorf("taken back: %v", gone)
	}
}

// The door says how many a room holds now, not when the circle was made.
func TestTheDoorSaysHowManyFit(t *testing.T) {
	m := meet(t, func(c *Config) { c.Seats = 7 })
	b := m.browser()
	if page := body(t, b.asks("/c/"+b.enters(m.invite(room.Member)), nil)); !strings.Contains(page, "up to 7 people") {
		t.Error("it does not")
	}
}

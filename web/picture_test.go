package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/pictures"
	"hearth/internal/redisstore"
	"hearth/internal/servers"
	"hearth/room"
	"hearth/room/memlog"
)

// What is hidden in the picture that Ana brings.
const (
	gps    = "canary-gps"
	script = "<script>canary()</script>"
)

// photo is a picture that lies on its side, as a phone's does, with the place
// it was taken at and a script in its comment. Upright it is 40 by 60.
func photo(t testing.TB) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 60, 40))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i % 251)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00" + gps
	out := []byte{0xff, 0xd8}
	for marker, data := range map[byte]string{0xe1: tiff, 0xfe: script} {
		out = append(append(out, 0xff, marker, 0, byte(2+len(data))), data...)
	}
	return append(out, b.Bytes()[2:]...)
}

// gallery is a meeting whose first stage has pictures.
func gallery(t testing.TB, change ...func(*Config)) *meeting {
	t.Helper()
	h := open(t, change...)
	h.set.Agenda = []room.Stage{{ID: 1, Kind: room.KindRound, Order: room.OrderRing, Rounds: 1, Images: true, Time: time.Hour},
		{ID: 2, Kind: room.KindRound, Order: room.OrderRing, Rounds: 1, Closing: true, Time: 10 * time.Minute}}
	m := &meeting{house: h, ana: h.arrives("Ana", room.Facilitator), ben: h.arrives("Ben", room.Member)}
	m.ana.does("next", map[string]any{"turn": m.ana.turn()})
	m.ana.does("take", map[string]any{"turn": m.ana.turn()})
	return m
}

// posts sends a picture as the page does.
func (t *tab) posts(in io.Reader, change ...func(*http.Request)) *http.Response {
	t.h.t.Helper()
	return t.browser.asks("/c/"+t.handle+"/picture", url.Values{}, append([]func(*http.Request){func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(in), -1
		if b, is := in.(*bytes.Reader); is {
			r.ContentLength = b.Size()
		}
		r.Header.Set("Content-Type", "image/jpeg")
		r.Header.Set(turnHeader, fmt.Sprint(t.turn()))
		r.Header.Set(altHeader, url.PathEscape("my kettle ☕"))
	}}, change...)...)
}

// shows shows a picture that is taken, and returns its entry's number.
func (t *tab) shows(in []byte) uint64 {
	t.h.t.Helper()
	res := t.posts(bytes.NewReader(in))
	var s Shown
	if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || json.Unmarshal(b, &s) != nil || s.Seq == 0 {
		t.h.t.Fatalf("show: %s, %s, %v", res.Status, b, err)
	}
	return s.Seq
}

// isRefused wants a refusal.
func isRefused(t *testing.T, what string, res *http.Response, status int, code room.Code) {
	t.Helper()
	var no room.Refusal
	err := json.NewDecoder(res.Body).Decode(&no)
	if err != nil || res.StatusCode != status || no.Code != code || no.Say == "" {
		t.Errorf("%s: %s, %+v, %v; want %d %s", what, res.Status, no, err, status, code)
	}
}

// sees waits for a picture and returns its name.
func (t *tab) sees() string {
	t.h.t.Helper()
	f := t.hears("a picture", func(f room.Frame) bool { return f.Said != nil && f.Said.Picture != nil })
	return f.Said.Picture.Name
}

func (t *tab) gets(name string, change ...func(*http.Request)) *http.Response {
	t.h.t.Helper()
	return t.browser.asks("/c/"+t.handle+"/picture/"+name, nil, change...)
}

// gone wants that somebody does not see a picture.
func gone(t *testing.T, what string, res *http.Response) {
	t.Helper()
	if res.StatusCode != http.StatusNotFound || strings.HasPrefix(res.Header.Get("Content-Type"), "image") {
		t.Errorf("%s: %s, %s", what, res.Status, res.Header.Get("Content-Type"))
	}
}

// The others get the picture upright, with what it shows in words, and
// nothing of what came with it.
func TestAPictureArrivesBare(t *testing.T) {
	m := gallery(t)
	in := append(photo(t), strings.Repeat("PK\x03\x04 a canary in a zip ", 1<<16)...) // as much as a phone's
	if !bytes.Contains(in, []byte(gps)) || !bytes.Contains(in, []byte(script)) {
		t.Fatal("there is nothing hidden in it, so this proves nothing")
	}
	seq := m.ana.shows(in)
	f := m.ben.hears("a picture", func(f room.Frame) bool { return f.Said != nil })
	if f.Seq != seq || f.Said.Text != "my kettle ☕" || f.Said.Picture == nil || f.Said.Picture.W != 40 || f.Said.Picture.H != 60 {
		t.Fatalf("Ben hears %+v", f.Said)
	}
	for who, one := range map[string]*tab{"Ana": m.ana, "Ben": m.ben} {
		res := one.gets(f.Said.Picture.Name)
		got, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s gets %s, %v", who, res.Status, err)
		}
		for _, hidden := range []string{gps, script, "canary", "script", "Exif", "PK\x03"} {
			if bytes.Contains(got, []byte(hidden)) {
				t.Errorf("%s gets %q with it", who, hidden)
			}
		}
		c, kind, err := image.DecodeConfig(bytes.NewReader(got))
		if err != nil || res.Header.Get("Content-Type") != "image/"+kind || c.Width != 40 || c.Height != 60 {
			t.Errorf("%s gets %s of %d by %d, %v", who, kind, c.Width, c.Height, err)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Disposition": "inline",
			"Content-Security-Policy": picturePolicy, "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s gets %s: %q", who, name, got)
			}
		}
	}
	m.goesOn()
}

// The key is in no frame and no answer.
func TestAPicturesKeyStaysHere(t *testing.T) {
	m := gallery(t)
	m.ana.shows(photo(t))
	name := m.ben.sees()
	var key []byte
	m.must(m.hub.Look(t.Context(), m.roomOf(m.ana), func(_ time.Time, s *room.State) { key = s.Words.Pictures[name].Key }))
	if len(key) != pictures.KeySize {
		t.Fatalf("a key of %d bytes", len(key))
	}
	sealed, err := m.shown.Get(t.Context(), m.roomOf(m.ana), name)
	m.must(err)
	if _, ok := pictures.Open(key, string(m.roomOf(m.ana)), name, sealed); !ok {
		t.Fatal("it is not the key, so this proves nothing")
	}
	again := m.ben.again()
	again.hello(Hello{Name: "Ben"})
	out := fmt.Sprint(string(encode(again.welcome)), m.ben.gets(name).Header, m.ana.posts(bytes.NewReader(photo(t))).Header)
	for _, way := range []string{string(key), base64.StdEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key), fmt.Sprintf("%x", key)} {
		if strings.Contains(out, way) {
			t.Error("a key went out")
		}
	}
}

// unread sends the head of a picture and nothing of the picture, and returns
// what is answered.
func (t *tab) unread(change ...func(http.Header)) *http.Response {
	t.h.t.Helper()
	conn, res := t.begins(change...)
	t.h.t.Cleanup(func() { _ = conn.Close() })
	t.h.must(conn.SetReadDeadline(time.Now().Add(patience)))
	got, err := http.ReadResponse(bufio.NewReader(conn), res)
	if err != nil {
		t.h.t.Fatalf("no answer before the picture was read: %v", err)
	}
	return got
}

// begins sends the head of a picture of 5 MB.
func (t *tab) begins(change ...func(http.Header)) (net.Conn, *http.Request) {
	t.h.t.Helper()
	head, r := t.head(change...)
	conn, err := net.Dial("tcp", strings.Replace(t.h.url.Host, "localhost", "127.0.0.1", 1))
	t.h.must(err)
	_, err = conn.Write(head)
	t.h.must(err)
	return conn, r
}

func (t *tab) head(change ...func(http.Header)) ([]byte, *http.Request) {
	t.h.t.Helper()
	r, err := http.NewRequest("POST", t.h.url.String()+"/c/"+t.handle+"/picture", nil)
	t.h.must(err)
	for name, value := range t.browser.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("Origin", t.h.url.String())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set(turnHeader, fmt.Sprint(t.turn()))
	r.Header.Set(altHeader, "tea")
	r.Header.Set("Content-Length", "5000000")
	for _, f := range change {
		f(r.Header)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\n", r.URL.Path, t.h.url.Host)
	t.h.must(r.Header.Write(&b))
	return append(b.Bytes(), "\r\n"...), r
}

// Whoever may not show a picture is told so before any of it is read.
func TestNobodyElsesPictureIsRead(t *testing.T) {
	m := gallery(t)
	m.ben.stick = m.ana.stick
	isRefused(t, "without the stick", m.ben.unread(), http.StatusConflict, room.NotHolding)
	list := m.arrives("Lis", room.Listener)
	isRefused(t, "a listener", list.unread(), http.StatusConflict, room.NotYours)
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	isRefused(t, "an old turn", m.ana.unread(set(turnHeader, "0")), http.StatusConflict, room.TurnMoved)
	for what, c := range map[string]struct {
		change func(http.Header)
		code   room.Code
	}{
		"no turn":         {func(h http.Header) { h.Del(turnHeader) }, Malformed},
		"a turn of words": {set(turnHeader, "one"), Malformed},
		"no alt text":     {func(h http.Header) { h.Del(altHeader) }, AltNeeded},
		"spaces":          {set(altHeader, "%20%E2%80%8B"), AltNeeded},
		"half an escape":  {set(altHeader, "%4"), Malformed},
		"no UTF-8":        {set(altHeader, "%ff"), Malformed},
		"301 characters":  {set(altHeader, strings.Repeat("a", 301)), AltLong},
	} {
		isRefused(t, what, m.ana.unread(c.change), http.StatusBadRequest, c.code)
	}
	isRefused(t, "no cookie", m.ana.unread(func(h http.Header) { h.Del("Cookie") }), http.StatusForbidden, NoSeat)
	isRefused(t, "too large", m.ana.unread(set("Content-Length", fmt.Sprint(pictures.MaxBytes+1))), http.StatusRequestEntityTooLarge, PictureBig)
	elsewhere := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if res := m.ana.posts(bytes.NewReader(photo(t)), elsewhere); res.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %s", res.Status)
	}
	m.ana.shows(photo(t))
	isRefused(t, "a second one", m.ana.unread(), http.StatusConflict, room.OnePicture)
	m.ben.sees()
	m.goesOn()
}

func TestAStageWithoutPictures(t *testing.T) {
	m := meet(t)
	isRefused(t, "no stage for it", m.ana.unread(), http.StatusConflict, room.NoPictures)
	if m.goesOn(); m.shown.Kept() != 0 {
		t.Error("a picture is kept")
	}
}

// What is no picture is refused kindly, the circle goes on, and nothing is
// kept.
func TestPicturesThatAreNone(t *testing.T) {
	m := gallery(t, func(c *Config) { c.Limits.Pictures = Rate{100, time.Second} })
	in := photo(t)
	bomb := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x75\x30\x00\x00\x75\x30\x08\x06\x00\x00\x00"), "\x66\x27\xf8\xba"...)
	for what, c := range map[string]struct {
		in     io.Reader
		status int
		code   room.Code
	}{
		"a text":          {bytes.NewReader([]byte("<html>" + script)), http.StatusUnsupportedMediaType, NotAPicture},
		"a GIF":           {bytes.NewReader([]byte("GIF89a")), http.StatusUnsupportedMediaType, PictureMoves},
		"half a photo":    {bytes.NewReader(in[:len(in)/2]), http.StatusUnprocessableEntity, PictureBroken},
		"a bomb":          {bytes.NewReader(bomb), http.StatusRequestEntityTooLarge, PicturePixels},
		"nothing":         {bytes.NewReader(nil), http.StatusUnsupportedMediaType, NotAPicture},
		"more than it is": {io.LimitReader(endless{}, 2*pictures.MaxBytes), http.StatusRequestEntityTooLarge, PictureBig},
	} {
		isRefused(t, what, m.ana.posts(c.in), c.status, c.code)
	}
	if m.shown.Kept() != 0 {
		t.Error("something is kept")
	}
	m.goesOn()
	m.ana.shows(in)
}

// endless is a body that does not end, and does not say how long it is.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// If the stick moves on while the picture is on its way, it is not shown, and
// not kept.
func TestTheStickMovesOnMeanwhile(t *testing.T) {
	m := gallery(t)
	in := photo(t)
	conn, r := m.ana.begins(func(h http.Header) { h.Set("Content-Length", fmt.Sprint(len(in))) })
	defer conn.Close()
	_, err := conn.Write(in[:100])
	m.must(err)
	m.until("the picture is on its way", func() bool { return len(m.server.uploads) == 1 })
	isRefused(t, "a second at the same time", m.ana.unread(), http.StatusTooManyRequests, SlowDown)
	m.ana.does("pass", map[string]any{"turn": m.ana.turn()})
	_, err = conn.Write(in[100:])
	m.must(err)
	res, err := http.ReadResponse(bufio.NewReader(conn), r)
	m.must(err)
	isRefused(t, "too late", res, http.StatusConflict, room.TurnMoved)
	if m.shown.Kept() != 0 {
		t.Error("it is kept")
	}
}

// A slow line gets more time than other requests, but not for ever.
func TestAPictureOnASlowLine(t *testing.T) {
	in := photo(t)
	m := gallery(t, func(c *Config) { c.Limits.PictureWithin = time.Second })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	m.must(err)
	slow := m.server.HTTP()
	slow.ReadTimeout, slow.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	ended := make(chan error)
	go func() { ended <- slow.Serve(l) }()
	defer func() { m.must(slow.Close()); <-ended }()
	sends := func(pieces int, every time.Duration) *http.Response {
		head, r := m.ana.head(func(h http.Header) { h.Set("Content-Length", fmt.Sprint(len(in))) })
		conn, err := net.Dial("tcp", l.Addr().String())
		m.must(err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write(head)
		m.must(err)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := range pieces {
			<-tick.C
			if _, err = conn.Write(in[len(in)*i/pieces : len(in)*(i+1)/pieces]); err != nil {
				break
			}
		}
		m.must(conn.SetReadDeadline(time.Now().Add(patience)))
		res, err := http.ReadResponse(bufio.NewReader(conn), r)
		m.must(err)
		return res
	}
	isRefused(t, "too slow", sends(4, 400*time.Millisecond), http.StatusRequestTimeout, PictureCut)
	m.until("the line is given back", func() bool { return len(m.server.uploads) == 0 })
	if res := sends(4, 100*time.Millisecond); res.StatusCode != http.StatusOK {
		t.Errorf("within its time: %s", res.Status)
	}
}

func TestTooManyPicturesAreSlowedDown(t *testing.T) {
	m := gallery(t, func(c *Config) { c.Limits.PictureLooks = Rate{20, time.Hour} })
	for range DefaultLimits().Pictures.Burst {
		isRefused(t, "no picture", m.ana.posts(bytes.NewReader([]byte("x"))), http.StatusUnsupportedMediaType, NotAPicture)
	}
	isRefused(t, "one too many", m.ana.unread(), http.StatusTooManyRequests, SlowDown)
	for range cap(m.server.uploads) {
		m.server.uploads <- struct{}{}
	}
	m.ana.does("pass", map[string]any{"turn": m.ana.turn()})
	m.ben.hears("the offer", func(f room.Frame) bool { return f.Room != nil && f.Room.Stick.Turn == m.ana.turn() })
	m.ben.does("take", map[string]any{"turn": m.ben.turn()})
	isRefused(t, "too many of others", m.ben.unread(), http.StatusServiceUnavailable, PictureBusy)
	for range 20 {
		gone(t, "none", m.ben.gets("none"))
	}
	if res := m.ben.gets("none"); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one look too many: %s", res.Status)
	}
	if m.dropped(dropPictures) != 3 {
		t.Errorf("%d are counted", m.dropped(dropPictures))
	}
}

// Only who was there when it was shown sees a picture.
func TestALatecomerSeesNoPicture(t *testing.T) {
	m := gallery(t)
	m.ana.shows(photo(t))
	name := m.ben.sees()
	cleo := m.arrives("Cleo", room.Member)
	gone(t, "a latecomer", cleo.gets(name))
	gone(t, "who never came", m.guest(room.Member).gets(name))
	gone(t, "another name", m.ben.gets(name+"A"))
	gone(t, "no name", m.ben.gets(""))
	gone(t, "no cookie", m.ben.gets(name, func(r *http.Request) { r.Header.Del("Cookie") }))
	gone(t, "another's cookie", m.ben.gets(name, func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, m.ben.handle, m.ana.handle, 1) }))
	if res := m.ben.gets(name); res.StatusCode != http.StatusOK {
		t.Errorf("who was there: %s", res.Status)
	}
	south := m.beside()
	if res := m.ben.goes(south).gets(name); res.StatusCode != http.StatusOK {
		t.Errorf("who was there, on another node: %s", res.Status)
	}
	m.ana.does("remove", map[string]any{"seat": m.ben.welcome.State.You.Seat})
	gone(t, "who was removed", m.ben.gets(name))
}

// A picture whose key is lost, or that is not the one that was sealed, is not
// there.
func TestAPictureThatCantBeOpened(t *testing.T) {
	m := gallery(t)
	m.ana.shows(photo(t))
	name, id := m.ben.sees(), m.roomOf(m.ana)
	sealed, err := m.shown.Get(t.Context(), id, name)
	m.must(err)
	m.must(m.shown.Put(t.Context(), id, "keyless", sealed))
	tail, err := m.log.Read(t.Context(), id, room.Head{})
	m.must(err)
	said := room.Said{Seat: m.ana.welcome.State.You.Seat, Turn: m.ana.turn(), Text: "x", Picture: &room.Picture{Name: "keyless", Type: "image/jpeg"}}
	_, err = m.log.Append(t.Context(), id, tail.Head, room.Batch{Now: tail.Now, Entries: []room.Entry{{Seq: tail.Head.Seq + 1, At: tail.Now, Events: []room.Event{said}}}})
	m.must(err)
	gone(t, "without its key", m.ben.gets("keyless"))
	sealed[len(sealed)-1] ^= 1
	m.must(m.shown.Drop(t.Context(), id, name))
	gone(t, "that is not on the shelf", m.ben.gets(name))
	m.must(m.shown.Put(t.Context(), id, name, sealed))
	gone(t, "that was changed", m.ben.gets(name))
	m.ben.sees()
	m.goesOn()
}

func TestAPictureTakenBackIsGone(t *testing.T) {
	m := gallery(t)
	seq := m.ana.shows(photo(t))
	name := m.ben.sees()
	m.ana.does("retract", map[string]any{"seq": seq})
	gone(t, "taken back", m.ben.gets(name))
	m.until("nothing is kept", func() bool { return m.shown.Kept() == 0 })
}

// TestNothingIsLeftOfAPictureAfterClose in memory.
func TestNothingIsLeftOfAPictureAfterClose(t *testing.T) {
	m := gallery(t)
	m.ana.shows(photo(t))
	name := m.ben.sees()
	if m.shown.Kept() != 1 {
		t.Error("it is not kept, so this proves nothing")
	}
	m.ana.does("close", map[string]any{})
	m.until("nothing is kept", func() bool { return m.shown.Kept() == 0 })
	gone(t, "afterwards", m.ben.gets(name))
}

// TestNothingIsLeftOfAPictureInRedis: no key is, and what its files, slow log
// and memory ever had can't be read.
func TestNothingIsLeftOfAPictureInRedis(t *testing.T) {
	r := servers.StartRedis(t, "--appendonly", "yes", "--slowlog-log-slower-than", "0", "--rdbcompression", "no")
	s, err := redisstore.Open(t.Context(), redisstore.Options{URL: r.URL(), Secret: bytes.Repeat([]byte("s"), 32), Words: noWords{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Start(t.Context(), redisstore.Events{}); err != nil {
		t.Fatal(err)
	}
	m := gallery(t, func(c *Config) { c.Shelf = s.Shelf() })
	do := func(args ...string) string {
		said, err := r.Do(args...)
		m.must(err)
		return said
	}
	m.ana.shows(photo(t))
	name, id := m.ben.sees(), m.roomOf(m.ana)
	plain, err := io.ReadAll(m.ben.gets(name).Body)
	m.must(err)
	sealed, err := s.Shelf().Get(t.Context(), id, name)
	m.must(err)
	if !strings.Contains(do("KEYS", "*"), ":shelf:"+string(id)) || len(plain) < 100 {
		t.Error("it is not kept, so this proves nothing")
	}
	do("SAVE")
	m.ana.does("close", map[string]any{})
	m.until("nothing is kept", func() bool { return !strings.Contains(do("KEYS", "*"), ":shelf:") })
	gone(t, "afterwards", m.ben.gets(name))
	left := do("SLOWLOG", "GET", "-1")
	m.must(filepath.WalkDir(r.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		left += string(b)
		return err
	}))
	if !strings.Contains(left, string(sealed)) {
		t.Error("what was sealed is not found, so nothing would be")
	}
	for i := 0; i+20 <= len(plain); i += 20 {
		if part := plain[i : i+20]; !bytes.Equal(part, bytes.Repeat(part[:1], 20)) && strings.Contains(left, string(part)) {
			t.Fatalf("a part of it, at %d, can be read", i)
		}
	}
}

// noWords is for a store that keeps pictures alone.
type noWords struct{}

func (noWords) Seal(room.ID, []byte, []byte) ([]byte, error) { return nil, errBroken }
func (noWords) Open(room.ID, []byte, []byte) ([]byte, bool)  { return nil, false }

// stubborn is a shelf that fails.
type stubborn struct {
	room.Shelf
	put, get error
}

func (s *stubborn) Put(ctx context.Context, id room.ID, name string, sealed []byte) error {
	if s.put != nil {
		return s.put
	}
	return s.Shelf.Put(ctx, id, name, sealed)
}

func (s *stubborn) Get(ctx context.Context, id room.ID, name string) ([]byte, error) {
	if s.get != nil {
		return nil, s.get
	}
	return s.Shelf.Get(ctx, id, name)
}

// A shelf that is full or away is a kind sentence, and nothing is shown.
func TestAShelfThatTakesNothing(t *testing.T) {
	s := &stubborn{Shelf: memlog.NewShelf(time.Now)}
	m := gallery(t, func(c *Config) { c.Shelf = s })
	s.put = fmt.Errorf("no: %w", room.ErrShelfFull)
	isRefused(t, "full", m.ana.posts(bytes.NewReader(photo(t))), http.StatusConflict, ShelfFull)
	s.put = errBroken
	isRefused(t, "away", m.ana.posts(bytes.NewReader(photo(t))), http.StatusServiceUnavailable, Unavailable)
	s.put = nil
	m.ana.shows(photo(t))
	name := m.ben.sees()
	s.get = errBroken
	if res := m.ben.gets(name); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("away: %s", res.Status)
	}
	m.mu.Lock()
	faults := strings.Join(m.faults, "\n")
	m.mu.Unlock()
	if strings.Count(faults, errBroken.Error()) != 2 || strings.Contains(faults, "kettle") {
		t.Errorf("faults: %s", faults)
	}
	m.store.broken.Store(true)
	isRefused(t, "no store", m.ana.unread(), http.StatusServiceUnavailable, Unavailable)
	m.store.broken.Store(false)
	m.server.draining.Store(true)
	isRefused(t, "a node that ends", m.ana.unread(), http.StatusServiceUnavailable, Restarting)
}

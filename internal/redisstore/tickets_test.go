package redisstore

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"hearth/circle"
	"hearth/circle/circletest"
	"hearth/internal/servers"
	"hearth/room"
)

func TestTickets(t *testing.T) {
	r := servers.StartRedis(t)
	allow(t, r, ACL("hearth"))
	circletest.RunTickets(t, func(t *testing.T) circle.Tickets {
		return newTickets(speak(t, Options{URL: "redis://hearth:tea@" + r.Addr}), nil, nil)
	})
}

func TestATicketOfOneNodeIsGoodOnAnother(t *testing.T) {
	r := servers.StartRedis(t)
	a, b := newTickets(speak(t, Options{URL: r.URL()}), nil, nil), newTickets(speak(t, Options{URL: r.URL()}), nil, nil)
	code, err := a.Issue(t.Context(), circle.Admission{Secret: "kettle"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Take(t.Context(), code, time.Now()); err != nil || got.Secret != "kettle" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestATicketEndsByItselfAndDoesNotRead(t *testing.T) {
	r := servers.StartRedis(t, "--appendonly", "yes", "--appendfsync", "always", "--slowlog-log-slower-than", "0")
	k := newTickets(speak(t, Options{URL: r.URL()}), nil, nil)
	a := circle.Admission{Seat: circle.Seat{ID: "canary-seat", Handle: "canary-handle", Room: "canary-room", Circle: "canary-circle", Role: room.Member},
		Secret: "canary-secret"}
	code, err := k.Issue(t.Context(), a, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	names, err := r.Do("KEYS", "*")
	if err != nil || strings.Contains(names, "\n") || !strings.HasPrefix(names, "hearth:ticket:") {
		t.Fatalf("kept under %q, %v", names, err)
	}
	left, err := r.Do("PTTL", names)
	if err != nil || len(left) < 4 || len(left) > 5 || left > "30000" && len(left) == 5 {
		t.Errorf("it ends in %s ms, %v", left, err)
	}
	slow, err := r.Do("SLOWLOG", "GET", "100")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{slow}
	err = filepath.WalkDir(r.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files = append(files, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(files, func(f string) bool { return strings.Contains(f, names) }) {
		t.Error("the search can't find what is there")
	}
	for _, word := range []string{"canary", code} {
		if slices.ContainsFunc(files, func(f string) bool { return strings.Contains(f, word) }) {
			t.Errorf("%s can be read", word)
		}
	}
	set(t, r, "PEXPIRE", names, "1")
	became(t, "its time is over", func() bool {
		_, err := k.Take(t.Context(), code, time.Now())
		return errors.Is(err, circle.ErrNoTicket)
	})
}

func TestWhatIsNoTicketUnderItsName(t *testing.T) {
	r := servers.StartRedis(t)
	k := newTickets(speak(t, Options{URL: r.URL()}), nil, nil)
	code := strings.Repeat("A", 22)
	name, _, err := k.(*tickets).ofCode(code)
	if err != nil {
		t.Fatal(err)
	}
	set(t, r, "SET", name, "a kettle")
	if _, err := k.Take(t.Context(), code, time.Now()); !errors.Is(err, circle.ErrNoTicket) {
		t.Errorf("of a kettle: %v", err)
	}
	set(t, r, "LPUSH", name, "a kettle")
	_, err = k.Take(t.Context(), code, time.Now())
	says(t, err, "something else in Redis", "kettle")

	r.Kill()
	_, err = k.Take(t.Context(), code, time.Now())
	says(t, err, "Redis", r.Addr)
	if errors.Is(err, circle.ErrNoTicket) {
		t.Error("a ticket is called wrong because Redis is away")
	}
	_, err = k.Issue(t.Context(), circle.Admission{}, time.Now())
	says(t, err, "Redis", r.Addr)
}

func TestTicketsThatCanNotBeMade(t *testing.T) {
	r := servers.StartRedis(t)
	c := speak(t, Options{URL: r.URL()})
	_, err := newTickets(c, nil, iotest.ErrReader(errors.New("no chance"))).Issue(t.Context(), circle.Admission{}, time.Now())
	says(t, err, "no chance")
	same := newTickets(c, nil, bytes.NewReader(make([]byte, 32)))
	if _, err := same.Issue(t.Context(), circle.Admission{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = same.Issue(t.Context(), circle.Admission{}, time.Now())
	says(t, err, "make a ticket")
	_, err = newTickets(c, nil, rand.Reader).Issue(t.Context(), circle.Admission{Secret: strings.Repeat("a", mostTicket)}, time.Now())
	says(t, err, "too large", "aaaa")
	set(t, r, "CONFIG", "SET", "maxmemory", "1")
	_, err = newTickets(c, nil, nil).Issue(t.Context(), circle.Admission{}, time.Now())
	says(t, err, "Redis is full")
}

// Who writes in Redis and has no secret can't make a ticket of a code of
// their own.
func TestATicketWithoutTheSecretIsNone(t *testing.T) {
	r := servers.StartRedis(t)
	c := speak(t, Options{URL: r.URL()})
	code, err := newTickets(c, []byte("a guess"), nil).Issue(t.Context(), circle.Admission{Secret: "kettle"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := newTickets(c, []byte("the secret"), nil).Take(t.Context(), code, time.Now()); !errors.Is(err, circle.ErrNoTicket) {
		t.Errorf("%+v, %v", got, err)
	}
}

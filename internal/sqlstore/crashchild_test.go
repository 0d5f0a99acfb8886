package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"hearth/circle"
	"hearth/room"
)

// childEnv tells a test binary to be one of these, with what follows the
// first word, until it is killed or done.
const childEnv = "SQLSTORE_TEST_CHILD"

var children = map[string]func(ctx context.Context, args []string) error{
	"keeps":    keeps,
	"restores": restores,
	"full":     full,
}

// openAs opens what a test names: a URL or a path.
func openAs(ctx context.Context, where string) (*Durable, error) {
	if strings.HasPrefix(where, "postgres") {
		return Connect(ctx, Options{URL: where})
	}
	db, err := Open(ctx, where, func() time.Time { return noon })
	if err != nil {
		return nil, err
	}
	return db.Durable, nil
}

// keeps makes circles, invites, questions, people and sessions, and prints
// what was acknowledged, one line each. What fails is not printed: that is
// for the server's kills, which it outlives.
func keeps(ctx context.Context, args []string) error {
	d, err := openAs(ctx, args[0])
	if err != nil {
		return err
	}
	again := time.NewTicker(20 * time.Millisecond) // after a failure
	defer again.Stop()
	s, act := d.Circles(), circle.Act{At: noon}
	for n := 0; n < 10_000; n++ {
		id := fmt.Sprint(args[1], ".", n)
		c := circle.Circle{ID: circle.ID(id), Settings: room.DefaultSettings()}
		if s.AddCircle(ctx, act, c) != nil {
			<-again.C
			continue
		}
		prints("circle", id, 1)
		if c, err = s.Circle(ctx, c.ID); err == nil {
			if c.Country = "GB"; s.ChangeCircle(ctx, act, c) == nil {
				prints("circle", id, 2)
			}
		}
		if code, err := s.AddInvite(ctx, act, circle.Invite{Circle: c.ID, Role: room.Facilitator}); err == nil {
			prints("invite", code)
			if seat, secret, err := s.Redeem(ctx, circle.Claim{Code: code, Device: "d"}, noon); err == nil {
				prints("seat", seat.Handle, secret)
			}
		}
		if code, err := s.AddInvite(ctx, act, circle.Invite{Circle: c.ID, Role: room.Member}); err == nil {
			if list, err := s.Invites(ctx, c.ID, noon); err == nil && s.Revoke(ctx, act, c.ID, list[0].ID) == nil {
				prints("revoked", code)
			}
		}
		keepsQuestion(ctx, s, c.ID)
		keepsPerson(ctx, s, id)
	}
	return errors.New("nobody came")
}

func keepsQuestion(ctx context.Context, s circle.Store, id circle.ID) {
	code, err := s.Ask(ctx, id, "May I? "+string(id), noon)
	if err != nil {
		return
	}
	prints("asked", code, id)
	q, err := s.Asked(ctx, code, noon)
	if err == nil && s.Answer(ctx, circle.Act{At: noon}, id, q.ID, "Yes. "+string(id)) == nil {
		prints("answered", code, id)
	}
}

func keepsPerson(ctx context.Context, s circle.Store, id string) {
	code, err := s.AddWelcome(ctx, circle.Act{At: noon}, circle.Welcome{Moderator: true, Until: noon.Add(time.Hour)})
	if err != nil {
		return
	}
	p := circle.Person{ID: circle.PersonID(id), Name: "P " + id}
	if _, err = s.Register(ctx, code, p, circle.Passkey{ID: []byte(id), Data: []byte("{}")}, noon); err != nil {
		return
	}
	prints("person", id)
	if secret, err := s.SignIn(ctx, p.ID, noon); err == nil {
		prints("session", secret, id)
	}
}

// prints writes one line in one write: half of it is no line.
func prints(what ...any) { fmt.Print(fmt.Sprintln(what...)) }

// restores puts one of two backups in the place of the other, and says which
// was acknowledged.
func restores(ctx context.Context, args []string) error {
	d, err := openAs(ctx, args[0])
	if err != nil {
		return err
	}
	for n := 0; n < 1000; n++ {
		b, err := ReadBackup(ctx, args[1+n%2])
		if err != nil {
			return err
		}
		prints("begins", n%2)
		if _, err := d.Restore(ctx, b, circle.Act{At: noon}); err != nil {
			return err
		}
		prints("restored", n%2)
		if err := b.Close(); err != nil {
			return err
		}
	}
	return errors.New("nobody came")
}

// full writes a backup where a file may have 8 KiB, and says what came of it.
func full(ctx context.Context, args []string) error {
	d, err := openAs(ctx, args[0])
	if err != nil {
		return err
	}
	b, err := d.Backup(ctx, noon)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	most := syscall.Rlimit{Cur: 8192, Max: 8192}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &most); err != nil {
		return err
	}
	if _, err := b.Write(ctx, args[1], true); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("a full disk: %w", err)
	}
	prints("refused")
	os.Exit(0)
	return nil
}

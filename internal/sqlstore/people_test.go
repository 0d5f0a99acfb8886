package sqlstore

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
)

// TestSecretsOfPeople: no code and no secret is in the file, a person's name
// is (which shows that one would be found), and a sweep takes what is past
// its time and nothing else.
func TestSecretsOfPeople(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "hearth.db")
	db := open(t, path, func() time.Time { return noon })
	s := db.Circles()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	welcome := func() string {
		code, err := s.AddWelcome(ctx, circle.Act{At: noon}, circle.Welcome{Admin: true, Until: noon.Add(time.Hour)})
		must(err)
		return code
	}
	used, unused := welcome(), welcome()
	kim, err := s.Register(ctx, used, circle.Person{ID: "kim", Name: "Kimberley Canary"}, circle.Passkey{ID: []byte("k"), Data: []byte("record")}, noon)
	must(err)
	old, err := s.SignIn(ctx, kim.ID, noon)
	must(err)
	renewed, err := s.Prove(ctx, old, noon)
	must(err)
	begun, err := s.Begin(ctx, []byte("challenge"), noon)
	must(err)

	var kept []byte
	for _, file := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(file)
		must(err)
		kept = append(kept, b...)
	}
	if !strings.Contains(string(kept), "Kimberley Canary") {
		t.Fatal("what is kept is not found")
	}
	for _, secret := range []string{used, unused, old, renewed, begun} {
		if strings.Contains(string(kept), secret) {
			t.Errorf("the secret %.4s… is kept", secret)
		}
	}

	left := func(after time.Duration, welcomes, ceremonies, sessions int) {
		t.Helper()
		must(db.Sweep(ctx, noon.Add(after)))
		var n [3]int
		must(db.read.QueryRow(`SELECT (SELECT COUNT(*) FROM welcomes), (SELECT COUNT(*) FROM ceremonies), (SELECT COUNT(*) FROM sessions)`).Scan(&n[0], &n[1], &n[2]))
		if n != [3]int{welcomes, ceremonies, sessions} {
			t.Errorf("after %v there are %v", after, n)
		}
	}
	left(circle.CeremonyLife, 1, 1, 1)
	left(circle.CeremonyLife+time.Second, 1, 0, 1)
	left(time.Hour+time.Second, 0, 0, 1)
	left(circle.SessionIdle, 0, 0, 1)
	left(circle.SessionIdle+time.Second, 0, 0, 0)
	if people, err := s.People(ctx); err != nil || len(people) != 1 {
		t.Errorf("%+v, %v", people, err)
	}
}

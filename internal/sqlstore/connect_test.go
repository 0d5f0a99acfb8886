package sqlstore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hearth/circle"
	"hearth/internal/servers"
	"hearth/room"
)

// refused connects and must get an error of a kind, with a sentence in it
// that says what to do, and never the password.
func refused(t *testing.T, o Options, want error, says ...string) {
	t.Helper()
	d, err := Connect(context.Background(), o)
	if err == nil {
		_ = d.Close()
		t.Errorf("%v is no matter", want)
		return
	}
	if d != nil || !errors.Is(err, want) {
		t.Errorf("%v; want %v", err, want)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%v; want it to say %q", err, s)
		}
	}
	u, _ := url.Parse(o.URL)
	for _, secret := range []string{o.Password, "s3cret"} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%v: that is the password", err)
		}
	}
	if u != nil {
		if secret, has := u.User.Password(); has && strings.Contains(err.Error(), secret) {
			t.Errorf("%v: that is the password", err)
		}
	}
}

// with changes a part of a URL.
func with(t *testing.T, in string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func TestAddressesThatDoNotRead(t *testing.T) {
	for _, u := range []string{"", "hearth.db", "localhost:5432", "mysql://kim:s3cret@localhost/db", "host=localhost password=s3cret",
		"kim:s3cret@localhost/db", "postgres://kim:s3cret@localhost:port/db", "postgres://kim:s3cret@localhost:99999/db",
		"postgres://kim:pa@s3cret@localhost/db", "postgres://kim:12/s3cret@localhost/db", "postgres://kim:12?s3cret@localhost/db",
		"postgres://kim:12#s3cret@localhost/db", "postgres://kim:%s3cret@localhost/db", "postgres://kim:s3cret@localhost/db?sslmode=perhaps",
		"postgres://kim@localhost/db?password=s3cret&sslmode=perhaps", "postgres://kim:s3cret@localhost/db\x00", "postgres://kim:s3cret@[::1/db"} {
		refused(t, Options{URL: u}, ErrAddress, "postgres://user@host:5432/database", "%40")
	}
	refused(t, Options{URL: "postgres://kim:s3cret@localhost/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"}, ErrAddress, "/nowhere/ca.pem")
	refused(t, Options{URL: "nowhere", Password: "other s3cret"}, ErrAddress)
}

func TestAddressesThatRead(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://kim:s3cret@localhost/db":                                              "localhost:5432/db",
		"postgresql://kim@localhost:6000/db?sslmode=disable":                              "localhost:6000/db",
		"postgres://kim:%40%2F%3F%23@[::1]:5433/a%40b":                                    "[::1]:5433/a@b",
		"postgres://kim@one:5432,two:5433/db?target_session_attrs=read-write":             "one:5432/db",
		"postgres://kim@/db?host=/run/postgresql":                                         "/run/postgresql:5432/db",
		"postgres://kim:s3cret@localhost/db?connect_timeout=1&application_name=something": "localhost:5432/db",
	} {
		cfg, err := Options{URL: in}.config()
		if err != nil || place(cfg) != want || cfg.User != "kim" || cfg.ConnectTimeout == 0 {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if pool := pgPool(cfg, 1, callTime, "read committed", "off"); pool.Close() != nil {
			t.Error("a pool that was never used does not close")
		}
		if cfg, _ := (Options{URL: in, Password: "other"}).config(); cfg.Password != "other" {
			t.Errorf("%s: %q", in, cfg.Password)
		}
	}
}

// FuzzAddress: whatever is brought, no error has the password in it, nor
// does what a database is called.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"", "@localhost/db", "/@", "#", "?", "%", "pa@ss", ":5432/", "a b", "\\", "[", "é"} {
		f.Add("postgres://kim:", s, s+"@localhost:5432/db")
		f.Add("postgresql://", s, "@localhost/db?password=")
		f.Add("", s, s)
	}
	const canary = "canary-s3cret"
	f.Fuzz(func(t *testing.T, before, around, after string) {
		in := before + around + canary + after
		cfg, err := Options{URL: in}.config()
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", in, err)
		}
		u, bad := url.Parse(in)
		if err != nil || bad != nil || strings.Contains(u.Hostname()+u.Path+u.RawQuery, canary) {
			return // it is not where a password is
		}
		if strings.Contains(place(cfg), canary) {
			t.Errorf("%q: %s", in, place(cfg))
		}
	})
}

func TestPostgresThatIsNotThere(t *testing.T) {
	nobody := net.JoinHostPort("127.0.0.1", servers.FreePort(t))
	refused(t, Options{URL: "postgres://kim:s3cret@" + nobody + "/db"}, ErrAway, nobody+"/db", "check that PostgreSQL runs there")
	refused(t, Options{URL: "postgres://kim:s3cret@nowhere.invalid/db"}, ErrAway, "nowhere.invalid:5432/db")
	// Something else answers there.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = c.Close()
		}
	}()
	refused(t, Options{URL: "postgres://kim:s3cret@" + l.Addr().String() + "/db"}, ErrAway, l.Addr().String())
	if _, err := net.Dial("tcp", l.Addr().String()); err != nil {
		t.Error("control: nothing listened there:", err)
	}
}

// TestDoors: who is let in, and what the others are told.
func TestDoors(t *testing.T) {
	p := servers.StartPostgres(t)
	good := p.Database(t)
	u, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := u.User.Password()
	user := u.User.Username()
	refused(t, Options{URL: good, Password: "not s3cret"}, ErrLogin, p.Addr, "check the user and the password")
	refused(t, Options{URL: with(t, good, func(u *url.URL) { u.User = url.User(user) })}, ErrLogin)
	refused(t, Options{URL: with(t, good, func(u *url.URL) { u.User = url.UserPassword("nobody", "s3cret") })}, ErrLogin)
	refused(t, Options{URL: with(t, good, func(u *url.URL) { u.Path = "/elsewhere" })}, ErrAddress, "createdb")
	refused(t, Options{URL: good + "?sslmode=require"}, ErrAway, "sslmode")
	// The password of a file wins over the one in the URL.
	for _, o := range []Options{{URL: good}, {URL: with(t, good, func(u *url.URL) { u.User = url.User(user) }), Password: secret},
		{URL: with(t, good, func(u *url.URL) { u.User = url.UserPassword(user, "wrong") }), Password: secret},
		{URL: strings.Replace(good, "postgres://", "postgresql://", 1)}} {
		d, err := Connect(context.Background(), o)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := errors.Join(d.Ready(context.Background()), d.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestTLS: with sslmode=verify-full only the server whose certificate is
// trusted gets to see the password.
func TestTLS(t *testing.T) {
	p := servers.StartPostgres(t)
	ours := certify(t, p.Dir)
	others := certify(t, t.TempDir())
	p.Exec(t, p.URL(), `ALTER SYSTEM SET ssl_cert_file = '`+ours+`'`, `ALTER SYSTEM SET ssl_key_file = '`+ours+`.key'`, `ALTER SYSTEM SET ssl = 'on'`)
	p.Restart()
	url := p.Database(t)
	refused(t, Options{URL: url + "?sslmode=verify-full&sslrootcert=" + others}, ErrLogin, "sslrootcert")
	d := connect(t, url+"?sslmode=verify-full&sslrootcert="+ours)
	var used bool
	if err := d.write.QueryRow(`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).Scan(&used); err != nil || !used {
		t.Error("no TLS:", err)
	}
}

// certify writes a certificate for 127.0.0.1 that is its own authority, and
// its key beside it, for the owner of the folder.
func certify(t *testing.T, dir string) (file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// Two that are called alike could be taken for each other.
	is := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: dir}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, &is, &is, &key.PublicKey, key)
	secret, err2 := x509.MarshalPKCS8PrivateKey(key)
	folder, err3 := os.Stat(dir)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "cert.pem")
	for name, block := range map[string]pem.Block{file: {Type: "CERTIFICATE", Bytes: cert}, file + ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		owner := folder.Sys().(*syscall.Stat_t)
		err := errors.Join(os.WriteFile(name, pem.EncodeToMemory(&block), 0o600), os.Chown(name, int(owner.Uid), int(owner.Gid)))
		if err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// TestPostgresOfOthers: databases that this program must leave alone.
func TestPostgresOfOthers(t *testing.T) {
	newest, err := latest(true)
	if err != nil {
		t.Fatal(err)
	}
	p := servers.StartPostgres(t)
	for name, c := range map[string]struct {
		made []string
		want error
		says string
	}{
		"recipes":  {[]string{`CREATE TABLE recipes (id TEXT)`}, ErrForeign, "Choose another place"},
		"migrated": {[]string{`CREATE TABLE recipes (id TEXT)`, `CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT)`, `INSERT INTO goose_db_version VALUES (1, 77)`}, ErrForeign, "other tables"},
		"newer":    {[]string{`CREATE TABLE circles (id TEXT)`, `CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT)`, `INSERT INTO goose_db_version VALUES (1, 9999)`}, ErrNewer, "has version 9999"},
		"broken":   {[]string{`CREATE TABLE circles (id TEXT)`, `CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT)`, fmt.Sprintf(`INSERT INTO goose_db_version VALUES (1, %d)`, newest)}, ErrDamaged, "a table is missing"},
		"older":    {[]string{`CREATE TABLE circles (id TEXT)`, `CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT)`, `INSERT INTO goose_db_version VALUES (1, 3)`}, ErrDamaged, "a column is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			url := p.Database(t)
			p.Exec(t, url, c.made...)
			refused(t, Options{URL: url}, c.want, c.says, p.Addr)
			// Nothing was added to it.
			p.Exec(t, url, `DO $$ BEGIN
				IF (SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public') <> `+strconv.Itoa(countTables(c.made))+` THEN RAISE 'touched'; END IF;
			END $$`)
		})
	}
}

func countTables(made []string) (n int) {
	for _, m := range made {
		n += strings.Count(m, "CREATE TABLE")
	}
	return n
}

// TestRights: with fewer than it needs the program says so at the start;
// with the tables made by somebody else it needs to write to them only.
func TestRights(t *testing.T) {
	ctx := context.Background()
	p := servers.StartPostgres(t)
	owner := p.Database(t)
	name := strings.TrimPrefix(with(t, owner, func(u *url.URL) { u.Scheme, u.Host, u.User = "", "", nil }), "/")
	super := with(t, p.URL(), func(u *url.URL) { u.Path = "/" + name })
	p.Exec(t, p.URL(), `CREATE ROLE guest LOGIN PASSWORD 'guest-s3cret'`)
	guest := Options{URL: with(t, owner, func(u *url.URL) { u.User = url.User("guest") }), Password: "guest-s3cret"}

	p.Exec(t, super, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	refused(t, guest, ErrAccess, "ALTER DATABASE", p.Addr)
	connect(t, owner)
	refused(t, guest, ErrAccess, "GRANT")
	p.Exec(t, super, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest`)
	tables, err := sharedTables()
	if err != nil || !slices.Contains(tables, "seats") || !slices.Contains(tables, "audit") {
		t.Fatal(tables, err)
	}
	all := strings.Join(tables, ", ")
	refused(t, guest, ErrAccess, "lacks rights on "+all)
	p.Exec(t, super, `GRANT INSERT, UPDATE, DELETE ON `+all+` TO guest`)
	d, err := Connect(ctx, guest)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	keeper, _ := twoInvites(t, d)
	kim, _, err := d.Circles().Redeem(ctx, circle.Claim{Code: keeper, Device: "kim"}, noon)
	if err := errors.Join(err, d.Circles().Bar(ctx, kim.Room, kim.ID), d.Circles().EndRoom(ctx, kim.Room, noon), d.Sweep(ctx, noon.Add(time.Hour))); err != nil {
		t.Error(err)
	}
	// Taken away while it runs.
	p.Exec(t, super, `REVOKE DELETE ON seats FROM guest`)
	if err := d.Sweep(ctx, noon); !errors.Is(err, ErrAccess) || !strings.Contains(err.Error(), "GRANT") {
		t.Error(err)
	}
}

// TestNoSchema: a user whose search path leads nowhere.
func TestNoSchema(t *testing.T) {
	p := servers.StartPostgres(t)
	url := p.Database(t)
	p.Exec(t, url, `DROP SCHEMA public`)
	refused(t, Options{URL: url}, ErrAccess, "no schema")
	p.Exec(t, url, `CREATE SCHEMA public`)
	if err := connect(t, url).Ready(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestReadOnlyPostgres: a standby, or one that was made read-only, is not
// ready and says so.
func TestReadOnlyPostgres(t *testing.T) {
	ctx := context.Background()
	p := servers.StartPostgres(t)
	url := p.Database(t)
	d := connect(t, url)
	if err := d.Ready(ctx); err != nil {
		t.Error(err)
	}
	standby(t, p)
	for _, err := range []error{d.Ready(ctx), d.Sweep(ctx, noon), d.Circles().AddCircle(ctx, circle.Act{}, circle.Circle{ID: "c", Settings: room.DefaultSettings()})} {
		if !errors.Is(err, ErrAccess) || !strings.Contains(err.Error(), "standby") {
			t.Error(err)
		}
	}
	if _, err := d.Circles().Circles(ctx); err != nil {
		t.Error("it can be read:", err)
	}
	refused(t, Options{URL: p.URL()}, ErrAccess, "standby")
}

// standby starts a server again as one that follows nobody yet.
func standby(t *testing.T, p *servers.Postgres) {
	t.Helper()
	p.Kill()
	if err := os.WriteFile(p.Dir+"/data/standby.signal", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p.Restart()
}

func TestTooOldPostgres(t *testing.T) {
	for version, want := range map[int]error{90624: ErrOld, 130014: ErrOld, 140000: nil, 150018: nil, 170006: nil} {
		err := newEnough("there", version)
		if !errors.Is(err, want) || err != nil && !strings.Contains(err.Error(), "needs 14 or newer") {
			t.Errorf("%d: %v", version, err)
		}
	}
}

// TestAdvice: what PostgreSQL says at bad moments comes with what to do.
func TestAdvice(t *testing.T) {
	d := &Durable{shared: true, place: "there/db"}
	for code, want := range map[string]error{"53100": ErrAccess, "53300": ErrAway, "57P01": ErrAway, "57P03": ErrAway, "57014": ErrAway, "XX001": ErrDamaged} {
		cause := &pgconn.PgError{Code: code, Message: "so it is"}
		err := d.explain(wrap("seat", cause))
		if !errors.Is(err, want) || !errors.Is(err, cause) || !strings.Contains(err.Error(), "there/db") {
			t.Errorf("%s: %v", code, err)
		}
		if again := d.explain(err); again != err {
			t.Errorf("%s is told twice: %v", code, again)
		}
	}
	for _, err := range []error{circle.ErrNoInvite, circle.ErrNoSeat, context.Canceled, &pgconn.PgError{Code: "23505"}} {
		if got := d.explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

package sqlstore

import (
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// What Open and Connect answer besides nil, and every call that meets the
// same; compare with errors.Is. The text names the place and says
// what to do.
var (
	ErrAccess  = errors.New("sqlstore: the database can't be written")
	ErrDamaged = errors.New("sqlstore: the database is damaged")
	ErrNewer   = errors.New("sqlstore: the database is of a newer version")
	ErrForeign = errors.New("sqlstore: the database is not Hearth's")
	ErrUpdate  = errors.New("sqlstore: the database is of an older version")
	// Of PostgreSQL only.
	ErrAddress = errors.New("sqlstore: the database's address does not read")
	ErrAway    = errors.New("sqlstore: the database does not answer")
	ErrLogin   = errors.New("sqlstore: the database does not let Hearth in")
	ErrOld     = errors.New("sqlstore: the database is too old")
)

// contents is what was found in a database.
type contents struct {
	tables, versioned, circles int // in all, goose's, and ours by that name
	version                    int64
}

const versionQuery = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`

// judge says whether this program can go on with it.
func (c contents) judge(place string, newest int64) error {
	switch {
	case c.tables > c.versioned && c.circles == 0:
		return fmt.Errorf("%w: %s has other tables in it. Nothing was changed. Choose another place for the data", ErrForeign, place)
	case c.version > newest:
		return fmt.Errorf("%w: %s has version %d, this program knows %d. Nothing was changed. Run the newer program, or restore a backup of before into a new one (hearth restore)", ErrNewer, place, c.version, newest)
	}
	return nil
}

// notUpdated is about tables that could not be changed to what this program
// needs.
func notUpdated(place string, err error) error {
	if told(err) {
		return err
	}
	return fmt.Errorf("%w: %s: its tables could not be brought up to date. They are as they were; the program of before goes on with them: %w", ErrUpdate, place, err)
}

// readOnly is what PostgreSQL answers a write it takes none of
// (read_only_sql_transaction). The codes are in its manual, appendix A.
const readOnly = "25006"

const howToGrant = `make it the database's owner (ALTER DATABASE … OWNER TO …), or GRANT CREATE ON SCHEMA public, and ALL ON ALL TABLES IN SCHEMA public, TO it`

// advice is what to do about an error of PostgreSQL, by its code.
var advice = map[string]struct {
	kind error
	do   string
}{
	"28000":  {ErrLogin, "check the user, and that its pg_hba.conf lets this machine in"},
	"28P01":  {ErrLogin, "check the user and the password"},
	"3D000":  {ErrAddress, "there is no such database; make it with createdb, or check the address"},
	"42501":  {ErrAccess, "the user may not do that; " + howToGrant},
	"3F000":  {ErrAccess, "the user has no schema to make tables in; " + howToGrant},
	readOnly: {ErrAccess, "it takes no writes; if it is a standby, name the primary, or all of them with target_session_attrs=read-write"},
	"53100":  {ErrAccess, "its disk is full"},
	"53200":  {ErrAway, "it is out of memory"},
	"53300":  {ErrAway, "it has no connection left; raise its max_connections"},
	"55P03":  {ErrAway, "another transaction holds what is needed"},
	"57014":  {ErrAway, "it took too long"},
	"57P01":  {ErrAway, "it is being stopped"},
	"57P02":  {ErrAway, "one of its processes has failed, and it starts again"},
	"57P03":  {ErrAway, "it is starting or being stopped; try again in a moment"},
	"25P03":  {ErrAway, "this program stood still for too long"},
	"42P01":  {ErrDamaged, "a table is missing; restore a backup into a new database (hearth restore)"},
	"42703":  {ErrDamaged, "a column is missing; restore a backup into a new database (hearth restore)"},
	"XX001":  {ErrDamaged, "restore a backup into a new database (hearth restore)"},
	"XX002":  {ErrDamaged, "restore a backup into a new database (hearth restore)"},
}

// inWords is an error of PostgreSQL as it says it, without its codes.
type inWords struct{ *pgconn.PgError }

func (e inWords) Error() string { return e.Message }
func (e inWords) Unwrap() error { return e.PgError }

// explain tells what to do about an error of the database.
func (d *Durable) explain(err error) error {
	if err == nil || told(err) {
		return err
	}
	if !d.shared {
		if ours := explainFile(d.place, err); told(ours) {
			return ours
		}
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		if a, ok := advice[e.Code]; ok {
			return fmt.Errorf("%w: %s: %s: %w", a.kind, d.place, a.do, inWords{e})
		}
		return err
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return fmt.Errorf("%w: %s: its certificate is not one that is trusted; name its authority with sslrootcert=: %w", ErrLogin, d.place, err)
	}
	var dial *pgconn.ConnectError
	var line net.Error // a deadline that passed is one, too
	broken := errors.As(err, &line) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
	if errors.As(err, &dial) || broken {
		return fmt.Errorf("%w: %s: check that PostgreSQL runs there, and sslmode if it wants or has no TLS: %w", ErrAway, d.place, err)
	}
	return err
}

// told says whether an error has its sentence already.
func told(err error) bool {
	for _, kind := range []error{ErrAccess, ErrDamaged, ErrNewer, ErrForeign, ErrUpdate, ErrAddress, ErrAway, ErrLogin, ErrOld} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

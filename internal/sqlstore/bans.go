package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"hearth/circle"
)

// What begins the key of a ban: of a seat, of somebody who is signed in, and
// of a network, which keeps nobody out. The rest are devices.
const (
	bannedSeat   = "seat:"
	bannedPerson = "person:"
	byPrefix     = "prefix:%" // as in LIKE
)

// mostKeys bounds what one look asks for.
const mostKeys = 64

// asKeys are the keys of somebody as a query takes them, those that the store
// knows itself first.
func asKeys(theirs []string, known ...string) (args []any) {
	for _, k := range append(known, theirs...) {
		if k != "" && len(args) < mostKeys {
			args = append(args, asText(k))
		}
	}
	return args
}

// places are the names of n arguments in a query, from the first on.
func places(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(list, ", ")
}

// holdsAt says in a query whether a ban b still holds, at a time; those by a
// prefix, if they are from after another. When it began is not asked: it holds
// from its transaction on, whatever a node's clock says. There is no join on
// purpose: before PostgreSQL knows how many of what there are it went through
// all decisions, 28 ms for each look at a seat with 10,000 bans.
func holdsAt(now, prefixes string) string {
	return `(SELECT d.undone_at FROM decisions d WHERE d.id = b.decision) IS NULL AND (b.until_at IS NULL OR b.until_at > ` + now + `) AND (b.key NOT LIKE '` + byPrefix + `' OR b.from_at > ` + prefixes + `)`
}

// keepLink keeps what leads from a seat to whoever sits there, instead of what
// was kept of them before.
func keepLink(ctx context.Context, t *sql.Tx, s circle.Seat, sealed string, now time.Time) error {
	_, err := t.ExecContext(ctx, `INSERT INTO links (seat, room, at, sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (seat) DO UPDATE SET at = excluded.at, sealed = excluded.sealed`,
		string(s.ID), string(s.Room), now.UnixMilli(), asText(sealed))
	return err
}

// linkAside keeps of a seat in an aside what is kept of the same person's seat
// in the room that it belongs to.
func linkAside(ctx context.Context, t *sql.Tx, s circle.Seat) error {
	_, err := t.ExecContext(ctx, `INSERT INTO links (seat, room, at, sealed) SELECT $1, $2, at, sealed FROM links WHERE seat = $3
		ON CONFLICT (seat) DO UPDATE SET at = excluded.at, sealed = excluded.sealed`,
		string(s.ID), string(s.Room), string(s.Of))
	return err
}

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"hearth/circle"
)

// sumUp says what the differences come to.
func (d *Durable) sumUp(ctx context.Context, t *sql.Tx, all differences, now time.Time) (Change, error) {
	c := Change{Now: map[string]int{}, Then: map[string]int{}, Audits: all.of("audit").keep}
	for _, one := range all {
		c.Now[one.name], c.Then[one.name] = len(one.have), len(one.want)
	}
	lost := all.lost()
	c.Same = c.Now["circles"] > len(lost)
	if c.Same {
		c.Again = all.again(now)
	}
	for query, n := range map[string]*int{
		`SELECT COUNT(*) FROM sessions`:                                       &c.Out,
		`SELECT COUNT(*) FROM welcomes`:                                       &c.Links,
		`SELECT COUNT(*) FROM rooms WHERE over_at IS NULL AND parent IS NULL`: &c.GoOn,
	} {
		if err := t.QueryRowContext(ctx, query).Scan(n); err != nil {
			return c, err
		}
	}
	for _, id := range lost {
		var n int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM rooms WHERE over_at IS NULL AND parent IS NULL AND circle = $1`, id).Scan(&n); err != nil {
			return c, err
		}
		c.Ended += n
		c.GoOn -= n
	}
	return c, nil
}

// again counts what was ended since the backup and works again after it.
// What is not there any more was ended: nothing else takes it away but its
// time.
func (all differences) again(now time.Time) (a Again) {
	invites, circles, people, passkeys := all.of("invites"), all.of("circles"), all.of("people"), all.of("passkeys")
	for key, then := range invites.want {
		is := invites.have[key]
		if works(invites.table, then, now) && circles.has(invites.text(then, "circle")) && (is == nil || !works(invites.table, is, now)) {
			a.Invites++
		}
	}
	for key, then := range people.want {
		is := people.have[key]
		if is == nil {
			a.People++
			continue
		}
		for _, right := range []string{"admin", "moderator"} {
			if people.number(then, right) > people.number(is, right) {
				a.Rights++
			}
		}
	}
	for key, then := range passkeys.want {
		if passkeys.have[key] == nil && people.has(passkeys.text(then, "person")) {
			a.Passkeys++
		}
	}
	for key, then := range circles.want {
		if is := circles.have[key]; is != nil {
			a.Rights += parts(circles.text(then, "about"), circles.text(is, "about"), people)
		}
	}
	return a
}

// has says whether a row with that id is there.
func (d *difference) has(id string) bool { return d.have[keyOfID(id)] != nil }

// works says whether an invite lets somebody in.
func works(t table, row []any, now time.Time) bool {
	until := row[t.at("until_at")]
	return t.text(row, "role") != "" && row[t.at("revoked_at")] == nil && (until == nil || t.number(row, "until_at") > now.UnixMilli()) &&
		(t.number(row, "uses") == 0 || t.number(row, "used") < t.number(row, "uses"))
}

// parts counts who had a part in a circle then and has less now, of the
// people who are there. In what does not read nobody has one.
func parts(then, is string, people *difference) (n int) {
	var was, now circle.About
	if json.Unmarshal([]byte(then), &was) != nil || json.Unmarshal([]byte(is), &now) != nil {
		return 0
	}
	for _, p := range was.Keepers {
		if people.has(string(p)) && !slices.Contains(now.Keepers, p) {
			n++
		}
	}
	for _, p := range was.Deputies {
		if people.has(string(p)) && !slices.Contains(now.Keepers, p) && !slices.Contains(now.Deputies, p) {
			n++
		}
	}
	return n
}

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"hearth/circle"
)

// people is the circle.People of a database.
type people struct{ db *Durable }

// holdPeople has whoever changes rights come one after the other, so that
// two who each take the other's leave an admin; and before that the circles
// they keep, in the order in which everybody takes them.
var (
	holdPeople     = hold{`LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE`, nil}
	holdEverywhere = hold{`SELECT id FROM circles ORDER BY id FOR NO KEY UPDATE; ` + holdPeople.query, nil}
)

const personColumns = `SELECT id, name, admin, moderator, made FROM people `

// People is circle.People's.
func (p people) People(ctx context.Context) ([]circle.Person, error) {
	ctx, cancel := p.db.bound(ctx)
	defer cancel()
	rows, err := p.db.read.QueryContext(ctx, personColumns+`ORDER BY n`)
	if err != nil {
		return nil, wrap("people", p.db.explain(err))
	}
	defer rows.Close()
	var list []circle.Person
	for rows.Next() {
		one, err := scanPerson(rows)
		if err != nil {
			return nil, wrap("people", p.db.explain(err))
		}
		list = append(list, one)
	}
	return list, wrap("people", p.db.explain(rows.Err()))
}

// Person is circle.People's.
func (p people) Person(ctx context.Context, id circle.PersonID) (circle.Person, error) {
	ctx, cancel := p.db.bound(ctx)
	defer cancel()
	one, err := personOf(ctx, p.db.read, id)
	if errors.Is(err, circle.ErrNoPerson) {
		return one, err
	}
	return one, wrap("person", p.db.explain(err))
}

type scanner interface{ Scan(...any) error }

func scanPerson(row scanner) (p circle.Person, err error) {
	var made int64
	err = row.Scan(&p.ID, &p.Name, &p.Admin, &p.Moderator, &made)
	p.Made = time.UnixMilli(made)
	return p, err
}

func personOf(ctx context.Context, q asker, id circle.PersonID) (circle.Person, error) {
	one, err := scanPerson(q.QueryRowContext(ctx, personColumns+`WHERE id = $1`, asText(string(id))))
	if errors.Is(err, sql.ErrNoRows) {
		return circle.Person{}, circle.ErrNoPerson
	}
	return one, err
}

// ChangePerson is circle.People's.
func (p people) ChangePerson(ctx context.Context, a circle.Act, to circle.Person) error {
	if err := to.Check(); err != nil {
		return err
	}
	return answer("change person", p.db.change(ctx, holdPeople, func(t *sql.Tx) error {
		was, err := personOf(ctx, t, to.ID)
		if err != nil {
			return err
		}
		if was.Admin && !to.Admin {
			if err := anotherAdmin(ctx, t, to.ID); err != nil {
				return err
			}
		}
		if was.Moderator && !to.Moderator {
			if err := p.db.leaveDesk(ctx, t, to.ID); err != nil {
				return err
			}
		}
		_, err = t.ExecContext(ctx, `UPDATE people SET name = $2, admin = $3, moderator = $4 WHERE id = $1`,
			string(to.ID), asText(strings.TrimSpace(to.Name)), bit(to.Admin), bit(to.Moderator))
		if err == nil {
			err = p.db.record(ctx, t, a, "person-changed", string(to.ID))
		}
		if err == nil && (was.Admin != to.Admin || was.Moderator != to.Moderator) {
			err = signOut(ctx, t, to.ID)
		}
		return err
	}))
}

// anotherAdmin is ErrLastAdmin if nobody else runs the house.
func anotherAdmin(ctx context.Context, t *sql.Tx, than circle.PersonID) error {
	var others int
	err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM people WHERE admin = 1 AND id <> $1`, string(than)).Scan(&others)
	if err == nil && others == 0 {
		err = circle.ErrLastAdmin
	}
	return err
}

// signOut ends all sessions of somebody.
func signOut(ctx context.Context, t *sql.Tx, id circle.PersonID) error {
	if _, err := t.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1`, string(id)); err != nil {
		return err
	}
	return bump(ctx, t)
}

// RemovePerson is circle.People's.
func (p people) RemovePerson(ctx context.Context, a circle.Act, id circle.PersonID) error {
	return answer("remove person", p.db.change(ctx, holdEverywhere, func(t *sql.Tx) error {
		was, err := personOf(ctx, t, id)
		if err != nil {
			return err
		}
		if was.Admin {
			if err := anotherAdmin(ctx, t, id); err != nil {
				return err
			}
		}
		if err := errors.Join(dismiss(ctx, t, id), p.db.leaveDesk(ctx, t, id)); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM sessions WHERE person = $1`, `DELETE FROM passkeys WHERE person = $1`,
			`DELETE FROM welcomes WHERE person = $1`, `DELETE FROM people WHERE id = $1`} {
			if _, err := t.ExecContext(ctx, q, string(id)); err != nil {
				return err
			}
		}
		if err := p.db.record(ctx, t, a, "person-removed", string(id)); err != nil {
			return err
		}
		return bump(ctx, t)
	}))
}

// dismiss takes somebody out of every circle they have a part in.
func dismiss(ctx context.Context, t *sql.Tx, id circle.PersonID) error {
	all, err := abouts(ctx, t)
	if err != nil {
		return err
	}
	is := func(p circle.PersonID) bool { return p == id }
	for of, about := range all {
		if !slices.ContainsFunc(about.Keepers, is) && !slices.ContainsFunc(about.Deputies, is) {
			continue
		}
		about.Keepers, about.Deputies = slices.DeleteFunc(about.Keepers, is), slices.DeleteFunc(about.Deputies, is)
		if err := keepAbout(ctx, t, of, about); err != nil {
			return err
		}
	}
	return nil
}

// appoint gives somebody new a part in a circle.
func (p passkeys) appoint(ctx context.Context, t *sql.Tx, of circle.ID, id circle.PersonID, deputy bool, now time.Time) error {
	all, err := abouts(ctx, t)
	if err != nil {
		return err
	}
	about, ok := all[of]
	if !ok {
		return circle.ErrNoCircle
	}
	list, did := &about.Keepers, "keeper-named"
	if deputy {
		list, did = &about.Deputies, "deputy-named"
	}
	if len(*list) >= circle.MaxKeepers {
		return circle.ErrFull
	}
	*list = append(*list, id)
	if err := keepAbout(ctx, t, of, about); err != nil {
		return err
	}
	return p.db.record(ctx, t, circle.Act{By: id, At: now}, did, string(id))
}

// abouts reads what circles are about. Whoever changes it holds them.
func abouts(ctx context.Context, t *sql.Tx) (map[circle.ID]circle.About, error) {
	rows, err := t.QueryContext(ctx, `SELECT id, about FROM circles`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[circle.ID]circle.About{}
	for rows.Next() {
		var id circle.ID
		var text string
		var about circle.About
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &about); err != nil {
			return nil, wrap("circle "+string(id)+" does not read", err)
		}
		all[id] = about
	}
	return all, rows.Err()
}

func keepAbout(ctx context.Context, t *sql.Tx, of circle.ID, about circle.About) error {
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `UPDATE circles SET about = $2, rev = rev + 1 WHERE id = $1`, string(of), string(text))
	return err
}

// bit is how a yes or no is kept.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

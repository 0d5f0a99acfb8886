package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
)

// circles is the circle.Store of a database: a part for each part of that.
type circles struct {
	seats
	standing
	invites
	questions
	audit
	people
	passkeys
	sessions
	reminders
}

// Circles returns all that the database keeps of circles.
func (d *Durable) Circles() circle.Store {
	return circles{seats: seats{d}, standing: standing{d}, invites: invites{d}, questions: questions{d}, audit: audit{d},
		people: people{d}, passkeys: passkeys{d}, sessions: sessions{d}, reminders: reminders{d}}
}

// digest is how a secret is kept. What it is for goes in first, so that one
// secret is kept differently in each place and two places can't be matched.
func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:])
}

// asText is what somebody sent as PostgreSQL takes it: it has no text with
// zero bytes or broken letters in it. None of ours has those, so it can't
// become one of ours.
func asText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// newCode returns 128 random bits in base64url: 22 characters, the form that
// package web looks codes up by.
func newCode() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newIDs are the names of a new seat and a new room. Seats and rooms are
// random through and through: an id that told the time could be linked.
func newIDs() (room.SeatID, room.ID) {
	return room.SeatID(uuid.NewString()), room.ID(uuid.NewString())
}

// standing is the circle.Circles of a database.
type standing struct{ db *Durable }

// Circles is circle.Store's.
func (s standing) Circles(ctx context.Context) ([]circle.Circle, error) {
	return s.db.circles(ctx, `ORDER BY c.made`)
}

// Circle is circle.Store's.
func (s standing) Circle(ctx context.Context, id circle.ID) (circle.Circle, error) {
	list, err := s.db.circles(ctx, `WHERE c.id = $1`, asText(string(id)))
	if err == nil && len(list) == 0 {
		return circle.Circle{}, circle.ErrNoCircle
	}
	if err != nil {
		return circle.Circle{}, err
	}
	return list[0], nil
}

func (d *Durable) circles(ctx context.Context, which string, args ...any) (list []circle.Circle, err error) {
	ctx, cancel := d.bound(ctx)
	defer cancel()
	rows, err := d.read.QueryContext(ctx, `SELECT c.id, c.settings, c.rules, c.country, c.about, c.rev, c.interest FROM circles c `+which, args...)
	if err != nil {
		return nil, wrap("circles", d.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var one circle.Circle
		var settings, rules, about string
		if err := rows.Scan(&one.ID, &settings, &rules, &one.Country, &about, &one.Rev, &one.Interest); err != nil {
			return nil, wrap("circles", d.explain(err))
		}
		err := errors.Join(json.Unmarshal([]byte(settings), &one.Settings), json.Unmarshal([]byte(rules), &one.Rules), json.Unmarshal([]byte(about), &one.About))
		if err != nil {
			return nil, fmt.Errorf("circle %s does not read: %w", one.ID, err)
		}
		list = append(list, one)
	}
	return list, wrap("circles", d.explain(rows.Err()))
}

// kept is a circle as it is written: what of it is JSON.
func kept(c circle.Circle) (settings, rules, about string, err error) {
	s, err := json.Marshal(c.Settings)
	r, err2 := json.Marshal(c.Rules)
	a, err3 := json.Marshal(c.About)
	return string(s), string(r), string(a), errors.Join(err, err2, err3)
}

// AddCircle is circle.Store's.
func (s standing) AddCircle(ctx context.Context, a circle.Act, c circle.Circle) error {
	if err := c.Check(); err != nil {
		return err
	}
	c.RulesRev, c.Feed = 1, newCode()
	settings, rules, about, err := kept(c)
	if err != nil {
		return wrap("add circle", err)
	}
	return wrap("add circle", s.db.change(ctx, holdList, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO circles (id, made, settings, rules, country, about, rev, interest)
			SELECT $1, COALESCE(MAX(made), 0) + 1, $2, $3, $4, $5, 1, 0 FROM circles`, string(c.ID), settings, rules, c.Country, about)
		if err != nil {
			return err
		}
		return s.db.record(ctx, t, a, "circle-made", string(c.ID))
	}))
}

// ChangeCircle is circle.Store's. A change of who keeps the circle is in the
// audit by itself, after the change of the circle.
func (s standing) ChangeCircle(ctx context.Context, a circle.Act, c circle.Circle) error {
	if err := c.Check(); err != nil {
		return err
	}
	err := s.db.change(ctx, holdByCircle(c.ID), func(t *sql.Tx) error {
		was, err := changing(ctx, t, c.ID)
		if err != nil {
			return err
		}
		if was.Rev != c.Rev {
			return circle.ErrChanged
		}
		now := c
		if now.Feed = was.Feed; now.Feed == "" {
			now.Feed = newCode()
		}
		if now.RulesRev = max(1, was.RulesRev); !slices.Equal(was.Rules, c.Rules) {
			now.RulesRev++
		}
		return s.write(ctx, t, a, was, now)
	})
	return answer("change circle", err)
}

// changing reads what a change of a circle is judged by, where it is written.
func changing(ctx context.Context, q asker, id circle.ID) (was circle.Circle, err error) {
	var rules, about string
	err = q.QueryRowContext(ctx, `SELECT rev, rules, about FROM circles WHERE id = $1`, asText(string(id))).Scan(&was.Rev, &rules, &about)
	if found, err := some(err); err != nil {
		return was, err
	} else if !found {
		return was, circle.ErrNoCircle
	}
	return was, errors.Join(json.Unmarshal([]byte(rules), &was.Rules), json.Unmarshal([]byte(about), &was.About))
}

func (s standing) write(ctx context.Context, t *sql.Tx, a circle.Act, was, now circle.Circle) error {
	settings, rules, about, err := kept(now)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `UPDATE circles SET settings = $2, rules = $3, country = $4, about = $5, rev = rev + 1 WHERE id = $1`,
		string(now.ID), settings, rules, now.Country, about)
	if err != nil {
		return err
	}
	if err := s.db.record(ctx, t, a, "circle-changed", string(now.ID)); err != nil {
		return err
	}
	ended := false
	for _, c := range []struct {
		who      string
		was, now []circle.PersonID
	}{{"keeper", was.Keepers, now.Keepers}, {"deputy", was.Deputies, now.Deputies}} {
		for _, p := range without(c.now, c.was) {
			if err := s.db.record(ctx, t, a, c.who+"-named", string(p)); err != nil {
				return err
			}
		}
		for _, p := range without(c.was, c.now) {
			ended = true
			if err := s.db.record(ctx, t, a, c.who+"-left", string(p)); err != nil {
				return err
			}
		}
	}
	if ended {
		return bump(ctx, t)
	}
	return nil
}

// without are those of all that are not among the others.
func without(all, others []circle.PersonID) []circle.PersonID {
	return slices.DeleteFunc(slices.Clone(all), func(p circle.PersonID) bool { return slices.Contains(others, p) })
}

// AddInterest is circle.Store's.
func (s standing) AddInterest(ctx context.Context, id circle.ID) error {
	err := s.db.change(ctx, holdByCircle(id), func(t *sql.Tx) error {
		was, err := changing(ctx, t, id)
		if err == nil && was.Standing != circle.Announced {
			err = circle.ErrNoCircle
		}
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `UPDATE circles SET interest = interest + 1 WHERE id = $1`, string(id))
		return err
	})
	return answer("interest", err)
}

// feeds gives a feed to each circle that was made by a program that knew of
// none: what it is about is empty then, and never afterwards.
func (d *Durable) feeds(ctx context.Context) error {
	var without []string
	err := d.look(ctx, func(t *sql.Tx) (err error) {
		without, err = column(ctx, t, `SELECT id FROM circles WHERE about = '{}'`)
		return err
	})
	for _, id := range without {
		about, err := json.Marshal(circle.About{RulesRev: 1, Feed: newCode()})
		if err != nil {
			return err
		}
		err = d.change(ctx, holdByCircle(circle.ID(id)), func(t *sql.Tx) error {
			_, err := t.ExecContext(ctx, `UPDATE circles SET about = $2 WHERE id = $1 AND about = '{}'`, id, string(about))
			return err
		})
		if err != nil {
			return wrap("feeds", err)
		}
	}
	return wrap("feeds", err)
}

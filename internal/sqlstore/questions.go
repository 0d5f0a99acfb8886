package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"hearth/circle"
)

// questions is the circle.Questions of a database.
type questions struct{ db *Durable }

// fits says what is wrong with the text of a question or an answer.
func fits(text string) error {
	if n := len([]rune(text)); n > circle.MaxQuestion {
		return fmt.Errorf("a question or an answer has at most %d characters, this one has %d", circle.MaxQuestion, n)
	}
	return nil
}

// sinceWhen is when a question was asked, at the earliest, that is still kept.
func sinceWhen(now time.Time) int64 { return now.Add(-circle.KeepQuestions).UnixMilli() }

// Ask is circle.Store's.
func (q questions) Ask(ctx context.Context, of circle.ID, text string, now time.Time) (code string, err error) {
	if text = strings.TrimSpace(asText(text)); text == "" {
		return "", fmt.Errorf("ask: there is no question")
	}
	if err := fits(text); err != nil {
		return "", err
	}
	code = newCode()
	err = q.db.change(ctx, holdByCircle(of), func(t *sql.Tx) error {
		if _, err := changing(ctx, t, of); err != nil {
			return err
		}
		var wait int
		err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM questions WHERE circle = $1 AND answered_at IS NULL AND asked_at > $2`,
			string(of), sinceWhen(now)).Scan(&wait)
		if err == nil && wait >= circle.MostQuestions {
			err = circle.ErrFull
		}
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO questions (id, circle, code, text, asked_at, answer) VALUES ($1, $2, $3, $4, $5, '')`,
			uuid.NewString(), string(of), digest("question", code), text, now.UnixMilli())
		return err
	})
	if err != nil {
		return "", answer("ask", err)
	}
	return code, nil
}

// Questions is circle.Store's.
func (q questions) Questions(ctx context.Context, of circle.ID, now time.Time) ([]circle.Question, error) {
	return q.list(ctx, `circle = $1 AND asked_at > $2 ORDER BY asked_at, id`, asText(string(of)), sinceWhen(now))
}

// Asked is circle.Store's.
func (q questions) Asked(ctx context.Context, code string, now time.Time) (circle.Question, error) {
	list, err := q.list(ctx, `code = $1 AND asked_at > $2`, digest("question", code), sinceWhen(now))
	if err != nil {
		return circle.Question{}, err
	}
	if len(list) == 0 {
		return circle.Question{}, circle.ErrNoQuestion
	}
	return list[0], nil
}

func (q questions) list(ctx context.Context, which string, args ...any) (list []circle.Question, err error) {
	ctx, cancel := q.db.bound(ctx)
	defer cancel()
	rows, err := q.db.read.QueryContext(ctx, `SELECT id, circle, text, asked_at, answer, answered_at FROM questions WHERE `+which, args...)
	if err != nil {
		return nil, wrap("questions", q.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var one circle.Question
		var asked int64
		var answered sql.NullInt64
		if err := rows.Scan(&one.ID, &one.Circle, &one.Text, &asked, &one.Answer, &answered); err != nil {
			return nil, wrap("questions", q.db.explain(err))
		}
		if one.Asked = time.UnixMilli(asked); answered.Valid {
			one.Answered = time.UnixMilli(answered.Int64)
		}
		list = append(list, one)
	}
	return list, wrap("questions", q.db.explain(rows.Err()))
}

// Answer is circle.Store's. Another answer takes the place of the first.
func (q questions) Answer(ctx context.Context, a circle.Act, of circle.ID, id, text string) error {
	if text = strings.TrimSpace(asText(text)); text != "" {
		if err := fits(text); err != nil {
			return err
		}
	}
	err := q.db.change(ctx, holdByCircle(of), func(t *sql.Tx) error {
		now := moment(a)
		var done sql.Result
		var err error
		did := "question-answered"
		if text == "" {
			did = "question-deleted"
			done, err = t.ExecContext(ctx, `DELETE FROM questions WHERE circle = $1 AND id = $2 AND asked_at > $3`,
				asText(string(of)), asText(id), sinceWhen(now))
		} else {
			done, err = t.ExecContext(ctx, `UPDATE questions SET answer = $4, answered_at = $5 WHERE circle = $1 AND id = $2 AND asked_at > $3`,
				asText(string(of)), asText(id), sinceWhen(now), text, now.UnixMilli())
		}
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			if err == nil {
				err = circle.ErrNoQuestion
			}
			return err
		}
		return q.db.record(ctx, t, a, did, id)
	})
	return answer("answer", err)
}

package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"hearth/circle"
)

// questionsPage shows what was asked before a first visit, of one circle or
// of all that somebody answers for.
type questionsPage struct {
	letterhead
	All  bool
	Of   []questionsOf
	None bool
	Days int // that they are kept
}

type questionsOf struct {
	Title string
	To    string // where answers go
	List  []questionRow
}

type questionRow struct {
	circle.Question
	On, Until string // when it was asked, and when it is deleted, in words
	UTC       string
	Typed     string
	Wrong     string
	Most      int
}

func (o office) questions(w http.ResponseWriter, r *http.Request, v *visit) error {
	return o.showQuestions(w, r, v, []circle.Circle{v.circle}, "", http.StatusOK)
}

// allQuestions are those of every circle that somebody answers for.
func (o office) allQuestions(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := o.Store.Circles(r.Context())
	if err != nil {
		return err
	}
	var mine []circle.Circle
	for _, c := range all {
		if mayAs(partsOf(v.Person, c), answerAsked) {
			mine = append(mine, c)
		}
	}
	return o.showQuestions(w, r, v, mine, "", http.StatusOK)
}

func (o office) answer(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, id := newForm(r.PostForm), r.PostForm.Get("question")
	text, said := "", "deleted"
	if r.PostForm.Get("do") != "delete" {
		said = "answered"
		if text = f.area(v.texts, "answer", circle.MaxQuestion); text == "" {
			f.blame("answer", v.t("office.wrong.needed"))
		}
	}
	if say := f.wrong["answer"]; say != "" {
		return o.showQuestions(w, r, v, []circle.Circle{v.circle}, say, http.StatusUnprocessableEntity)
	}
	err := o.Store.Answer(r.Context(), v.act(o.Server), v.circle.ID, id, text)
	if err != nil && !errors.Is(err, circle.ErrNoQuestion) {
		return err
	}
	if err != nil {
		said = "deleted" // by somebody else, or by time
	}
	return back(w, r, officeOf(v.circle.ID)+"/questions", said)
}

func (o office) showQuestions(w http.ResponseWriter, r *http.Request, v *visit, of []circle.Circle, wrong string, status int) error {
	p := questionsPage{letterhead: o.letterhead(r, v), All: v.circle.ID == "", None: true, Days: int(circle.KeepQuestions / (24 * time.Hour))}
	for _, c := range of {
		list, err := o.Store.Questions(r.Context(), c.ID, o.Now())
		if err != nil {
			return err
		}
		one := questionsOf{Title: c.Settings.Title, To: officeOf(c.ID) + "/questions"}
		for _, q := range list {
			row := questionRow{
				Question: q, On: v.texts.Date(q.Asked.UTC()), UTC: q.Asked.UTC().Format(time.RFC3339),
				Until: v.texts.Date(q.Asked.Add(circle.KeepQuestions).UTC()), Typed: q.Answer, Most: circle.MaxQuestion,
			}
			if wrong != "" && r.PostForm.Get("question") == q.ID {
				row.Wrong, row.Typed = wrong, strings.TrimSpace(r.PostForm.Get("answer"))
			}
			one.List = append(one.List, row)
		}
		if len(one.List) > 0 {
			p.None = false
			p.Of = append(p.Of, one)
		}
	}
	o.Face.show(w, r, "office-questions", status, p)
	return nil
}

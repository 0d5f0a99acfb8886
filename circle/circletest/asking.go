package circletest

import (
	"strings"
	"time"

	"hearth/circle"
)

// wonders asks a question and returns the code.
func (h *house) wonders(text string) string {
	h.Helper()
	code, err := h.Store.Ask(h.ctx, tea, text, h.now)
	if h.ok(err); len(code) < 22 {
		h.Fatalf("code %q", code)
	}
	return code
}

func (h *house) questions() []circle.Question {
	h.Helper()
	list, err := h.Store.Questions(h.ctx, tea, h.now)
	h.ok(err)
	return list
}

var asking = []promise{
	{"a question is read by who keeps the circle, and its answer by who has the code", func(h *house) {
		text := "Do I have to speak?\nI <mumble>, \"a lot\"."
		code := h.wonders("  " + text + "\n")
		h.now = h.now.Add(time.Minute)
		h.wonders("Is there tea?")
		h.Store = h.Reopen()
		list := h.questions()
		if len(list) != 2 || list[0].Text != text || list[1].Text != "Is there tea?" || list[0].Circle != tea || list[0].ID == list[1].ID || !list[1].Asked.Equal(h.now) {
			h.Fatalf("%+v", list)
		}
		if q, err := h.Store.Asked(h.ctx, code, h.now); err != nil || q != list[0] || q.Answer != "" || !q.Answered.IsZero() {
			h.Errorf("before an answer: %+v, %v", q, err)
		}
		h.now = h.now.Add(time.Hour)
		for _, answer := range []string{"No.", "No, never."} {
			h.ok(h.Store.Answer(h.ctx, circle.Act{By: "kim", At: h.now}, tea, list[0].ID, answer))
			if q, err := h.Store.Asked(h.ctx, code, h.now); err != nil || q.Answer != answer || !q.Answered.Equal(h.now) || q.Text != text {
				h.Errorf("%+v, %v", q, err)
			}
		}
		h.ok(h.Store.Answer(h.ctx, circle.Act{By: "kim", At: h.now}, tea, list[0].ID, " "))
		_, err := h.Store.Asked(h.ctx, code, h.now)
		h.want("deleted", err, circle.ErrNoQuestion)
		if did := h.did(); len(h.questions()) != 1 || did[len(did)-1] != "question-deleted" || did[len(did)-2] != "question-answered" {
			h.Errorf("%q", did)
		}
	}},
	{"a question is of one circle, and its code of one question", func(h *house) {
		code := h.wonders("May I bring my dog?")
		id := h.questions()[0].ID
		for _, wrong := range []string{"", code + "x", id, "\x00"} {
			_, err := h.Store.Asked(h.ctx, wrong, h.now)
			h.want("another code", err, circle.ErrNoQuestion)
			if wrong != id {
				h.want("another id", h.Store.Answer(h.ctx, circle.Act{At: h.now}, tea, wrong, "Yes."), circle.ErrNoQuestion)
			}
		}
		h.want("another circle's", h.Store.Answer(h.ctx, circle.Act{At: h.now}, walk, id, "Yes."), circle.ErrNoQuestion)
		if list, err := h.Store.Questions(h.ctx, walk, h.now); err != nil || list != nil {
			h.Errorf("%+v, %v", list, err)
		}
		_, err := h.Store.Ask(h.ctx, "elsewhere", "Anybody?", h.now)
		h.want("nobody to ask", err, circle.ErrNoCircle)
	}},
	{"questions have a length, and end", func(h *house) {
		long := strings.Repeat("é", circle.MaxQuestion)
		code := h.wonders(long)
		for _, bad := range []string{"", " \n", long + "x"} {
			if code, err := h.Store.Ask(h.ctx, tea, bad, h.now); err == nil || code != "" {
				h.Errorf("%d characters were a question", len([]rune(bad)))
			}
		}
		id := h.questions()[0].ID
		h.ok(h.Store.Answer(h.ctx, circle.Act{At: h.now}, tea, id, long))
		if h.Store.Answer(h.ctx, circle.Act{At: h.now}, tea, id, long+"x") == nil {
			h.Error("too long an answer was kept")
		}
		h.now = h.now.Add(circle.KeepQuestions - time.Second)
		if q, err := h.Store.Asked(h.ctx, code, h.now); err != nil || q.Text != long || len(h.questions()) != 1 {
			h.Errorf("on its last day: %v", err)
		}
		h.now = h.now.Add(time.Second)
		_, err := h.Store.Asked(h.ctx, code, h.now)
		h.want("after its time", err, circle.ErrNoQuestion)
		h.want("answered after its time", h.Store.Answer(h.ctx, circle.Act{At: h.now}, tea, id, "Yes."), circle.ErrNoQuestion)
		if list := h.questions(); list != nil {
			h.Errorf("%+v", list)
		}
	}},
	{"only so many questions of a circle wait for an answer", func(h *house) {
		for range circle.MostQuestions {
			h.wonders("Is there tea?")
		}
		if code, err := h.Store.Ask(h.ctx, tea, "And biscuits?", h.now); code != "" {
			h.Errorf("one more: %v", err)
		} else {
			h.want("one more", err, circle.ErrFull)
		}
		if _, err := h.Store.Ask(h.ctx, walk, "In the rain?", h.now); err != nil {
			h.Error("another circle:", err)
		}
		h.ok(h.Store.Answer(h.ctx, circle.Act{At: h.now}, tea, h.questions()[7].ID, "There is."))
		h.wonders("And biscuits?")
	}},
}

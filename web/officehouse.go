package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"hearth/circle"
)

// Setting is one thing the program runs with, for an admin to read. Secrets
// come masked.
type Setting struct{ Name, Value, Help string }

// Condition is how one part of the house does. Name and Say are keys of the
// catalogue, With what Say's blanks are filled with. It names nobody.
type Condition struct {
	Name  string
	State string // ConditionFine, ConditionLook or ConditionDown
	Say   string
	With  []any
}

// The states of a Condition.
const (
	ConditionFine = "fine"
	ConditionLook = "look" // somebody should look at it
	ConditionDown = "down"
)

// auditShown is how many lines of the audit are on one page.
const auditShown = 50

type settingsPage struct {
	letterhead
	List []Setting
}

func (o office) settings(w http.ResponseWriter, r *http.Request, v *visit) error {
	o.Face.show(w, r, "office-settings", http.StatusOK, settingsPage{o.letterhead(r, v), o.Settings})
	return nil
}

type statusPage struct {
	letterhead
	List []conditionRow
	At   string
}

type conditionRow struct {
	Condition
	Word string // the state in words
}

func (o office) status(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := statusPage{letterhead: o.letterhead(r, v), At: v.texts.DayAndTime(o.Now().UTC())}
	all := []Condition{}
	if o.Status != nil {
		all = o.Status(r.Context())
	}
	stale := Condition{Name: "office.status.crisis", State: ConditionFine, Say: "office.status.crisis.fine"}
	if n := len(o.Face.crisis.Stale(o.Now())); n > 0 {
		stale.State, stale.Say, stale.With = ConditionLook, "office.status.crisis.stale", []any{"n", n}
	}
	for _, c := range append(all, stale) {
		c.Name, c.Say = v.t(c.Name), v.t(c.Say, c.With...)
		p.List = append(p.List, conditionRow{c, v.t(conditionKey(c.State))})
	}
	o.Face.show(w, r, "office-status", http.StatusOK, p)
	return nil
}

func conditionKey(state string) string {
	switch state {
	case ConditionFine:
		return "office.state.fine"
	case ConditionDown:
		return "office.state.down"
	}
	return "office.state.look"
}

type auditPage struct {
	letterhead
	List  []auditRow
	Older int64 // the next page begins before it; 0: there is none
}

type auditRow struct {
	Seq       int64
	When, UTC string
	Who, Did  string
	What      string // its name, if it still has one
	ID        string // else its id
	Hash      string // its beginning
}

func (o office) audit(w http.ResponseWriter, r *http.Request, v *visit) error {
	return o.showAudit(w, r, v, "", http.StatusOK)
}

// verifyAudit looks the whole chain over. It is a POST: a long one is work.
func (o office) verifyAudit(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := o.Store.VerifyAudit(r.Context()); err != nil {
		if r.Context().Err() != nil {
			return err
		}
		o.Fault("audit", err)
		return o.showAudit(w, r, v, v.t("office.wrong.audit"), http.StatusConflict)
	}
	return back(w, r, "/office/audit", "holds")
}

func (o office) showAudit(w http.ResponseWriter, r *http.Request, v *visit, wrong string, status int) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // 0: from the end
	list, err := o.Store.Audit(r.Context(), max(before, 0), auditShown)
	if err != nil {
		return err
	}
	names, titles, err := o.called(r.Context())
	if err != nil {
		return err
	}
	p := auditPage{letterhead: o.letterhead(r, v)}
	p.Wrong = wrong
	for _, a := range list {
		row := auditRow{Seq: a.Seq, When: v.texts.DayAndTime(a.At.UTC()), UTC: a.At.UTC().Format(time.RFC3339), Did: a.Did, What: a.What, Hash: a.Hash}
		row.Hash = a.Hash[:min(len(a.Hash), 12)]
		if did := v.t("office.did." + a.Did); did != "office.did."+a.Did {
			row.Did = did
		}
		switch name, known := names[a.By]; {
		case a.By == "":
			row.Who = v.t("office.by.terminal")
		case known:
			row.Who = name
		default:
			row.Who = v.t("office.by.gone")
		}
		if name := names[circle.PersonID(a.What)]; name != "" {
			row.What = name
		} else if title := titles[circle.ID(a.What)]; title != "" {
			row.What = title
		} else {
			row.What, row.ID = "", a.What
		}
		p.List = append(p.List, row)
	}
	if len(list) == auditShown && list[len(list)-1].Seq > 1 {
		p.Older = list[len(list)-1].Seq
	}
	o.Face.show(w, r, "office-audit", status, p)
	return nil
}

// called are the names of people and the titles of circles, by id.
func (o office) called(ctx context.Context) (map[circle.PersonID]string, map[circle.ID]string, error) {
	people, err := o.Store.People(ctx)
	if err != nil {
		return nil, nil, err
	}
	circles, err := o.Store.Circles(ctx)
	names, titles := map[circle.PersonID]string{}, map[circle.ID]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	for _, c := range circles {
		titles[c.ID] = c.Settings.Title
	}
	return names, titles, err
}

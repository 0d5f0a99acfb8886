package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hearth/circle"
)

// keepersPage shows who keeps a circle.
type keepersPage struct {
	letterhead
	Rev      int
	Keepers  []circle.Person
	Deputies []circle.Person
	Others   []circle.Person // who could
	As       string          // typed
	Link     string          // a welcome, told only now
	Deputy   bool            // it is a deputy's
}

func (o office) keepers(w http.ResponseWriter, r *http.Request, v *visit) error {
	return o.showKeepers(w, r, v, keepersPage{}, http.StatusOK)
}

func (o office) changeKeepers(w http.ResponseWriter, r *http.Request, v *visit) error {
	c := v.circle
	c.Rev, _ = strconv.Atoi(r.PostForm.Get("rev"))
	who, as := circle.PersonID(r.PostForm.Get("person")), r.PostForm.Get("as")
	c.Keepers, c.Deputies = without(c.Keepers, who), without(c.Deputies, who)
	said := "saved"
	switch r.PostForm.Get("do") {
	case "invite":
		w2 := circle.Welcome{Circle: c.ID, Deputy: as == "deputy", Until: o.Now().Add(circle.WelcomeLife)}
		code, err := o.Store.AddWelcome(r.Context(), v.act(o.Server), w2)
		if err != nil {
			return err
		}
		return o.showKeepers(w, r, v, keepersPage{Link: o.welcome(code), Deputy: w2.Deputy, As: as}, http.StatusOK)
	case "add":
		if _, err := o.Store.Person(r.Context(), who); errors.Is(err, circle.ErrNoPerson) {
			p := keepersPage{As: as}
			p.Wrong = v.t("office.wrong.person")
			return o.showKeepers(w, r, v, p, http.StatusUnprocessableEntity)
		} else if err != nil {
			return err
		}
		if as == "deputy" {
			c.Deputies = append(c.Deputies, who)
		} else {
			c.Keepers = append(c.Keepers, who)
		}
	case "remove":
		said = "removed"
	default:
		o.problem(w, r, http.StatusBadRequest, Malformed)
		return nil
	}
	if len(c.Keepers) > circle.MaxKeepers || len(c.Deputies) > circle.MaxKeepers {
		p := keepersPage{As: as}
		p.Wrong = v.t("office.wrong.keepers", "n", circle.MaxKeepers)
		return o.showKeepers(w, r, v, p, http.StatusUnprocessableEntity)
	}
	if late, err := o.keep(w, r, v, c, "/people", said); !late {
		return err
	}
	p := keepersPage{As: as}
	p.Wrong = v.t("office.wrong.changed")
	return o.showKeepers(w, r, v, p, http.StatusConflict)
}

// welcome is the link of a welcome. Its code stands behind #: browsers don't
// send that part to anybody.
func (o office) welcome(code string) string { return o.PublicURL.String() + "/welcome#" + code }

func without(all []circle.PersonID, one circle.PersonID) []circle.PersonID {
	return slices.DeleteFunc(slices.Clone(all), func(p circle.PersonID) bool { return p == one })
}

func (o office) showKeepers(w http.ResponseWriter, r *http.Request, v *visit, p keepersPage, status int) error {
	all, err := o.Store.People(r.Context())
	if err != nil {
		return err
	}
	wrong := p.Wrong
	p.letterhead, p.Rev = o.letterhead(r, v), v.circle.Rev
	p.Wrong = wrong
	for _, one := range all {
		switch {
		case slices.Contains(v.circle.Keepers, one.ID):
			p.Keepers = append(p.Keepers, one)
		case slices.Contains(v.circle.Deputies, one.ID):
			p.Deputies = append(p.Deputies, one)
		default:
			p.Others = append(p.Others, one)
		}
	}
	o.Face.show(w, r, "office-keepers", status, p)
	return nil
}

// peoplePage shows who has a part in running the house.
type peoplePage struct {
	letterhead
	People    []personRow
	Link      string // a welcome, told only now
	Admin     bool   // typed, or the welcome's
	Moderator bool
}

type personRow struct {
	circle.Person
	Mine    bool     // it is whoever looks
	Circles []string // that they keep or are a deputy of
	Wrong   string
}

func (o office) people(w http.ResponseWriter, r *http.Request, v *visit) error {
	return o.showPeople(w, r, v, peoplePage{}, "", "", http.StatusOK)
}

func (o office) changePeople(w http.ResponseWriter, r *http.Request, v *visit) error {
	who := circle.PersonID(r.PostForm.Get("person"))
	admin, moderator := r.PostForm.Get("admin") == "1", r.PostForm.Get("moderator") == "1"
	do := r.PostForm.Get("do")
	if do == "invite" {
		code, err := o.Store.AddWelcome(r.Context(), v.act(o.Server), circle.Welcome{Admin: admin, Moderator: moderator, Until: o.Now().Add(circle.WelcomeLife)})
		if err != nil {
			return err
		}
		return o.showPeople(w, r, v, peoplePage{Link: o.welcome(code), Admin: admin, Moderator: moderator}, "", "", http.StatusOK)
	}
	one, err := o.Store.Person(r.Context(), who)
	said := "changed"
	switch {
	case err != nil:
	case do == "change":
		n, no := name(r.PostForm.Get("name"), "")
		if no != nil {
			return o.showPeople(w, r, v, peoplePage{}, who, v.t("office.wrong.name"), http.StatusUnprocessableEntity)
		}
		one.Name, one.Admin, one.Moderator = n.Name, admin, moderator
		err = o.Store.ChangePerson(r.Context(), v.act(o.Server), one)
	case do == "remove":
		said = "gone"
		err = o.Store.RemovePerson(r.Context(), v.act(o.Server), who)
	default:
		o.problem(w, r, http.StatusBadRequest, Malformed)
		return nil
	}
	switch {
	case errors.Is(err, circle.ErrLastAdmin):
		return o.showPeople(w, r, v, peoplePage{}, who, v.t("office.wrong.last"), http.StatusConflict)
	case errors.Is(err, circle.ErrNoPerson):
		p := peoplePage{}
		p.Wrong = v.t("office.wrong.person")
		return o.showPeople(w, r, v, p, "", "", http.StatusConflict)
	case err != nil:
		return err
	}
	return back(w, r, "/office/people", said)
}

// showPeople lists everybody; what is wrong stands beside whom it is about.
func (o office) showPeople(w http.ResponseWriter, r *http.Request, v *visit, p peoplePage, about circle.PersonID, wrong string, status int) error {
	all, err := o.Store.People(r.Context())
	if err != nil {
		return err
	}
	circles, err := o.Store.Circles(r.Context())
	if err != nil {
		return err
	}
	whole := p.Wrong
	p.letterhead = o.letterhead(r, v)
	p.Wrong = whole
	for _, one := range all {
		row := personRow{Person: one, Mine: one.ID == v.ID}
		for _, c := range circles {
			if role, deputy := c.Keeps(one.ID); role != "" || deputy {
				row.Circles = append(row.Circles, c.Settings.Title)
			}
		}
		if one.ID == about {
			row.Wrong = wrong
			if n := strings.TrimSpace(r.PostForm.Get("name")); r.PostForm.Has("name") {
				row.Name, row.Admin, row.Moderator = n, r.PostForm.Get("admin") == "1", r.PostForm.Get("moderator") == "1"
			}
		}
		p.People = append(p.People, row)
	}
	o.Face.show(w, r, "office-people", status, p)
	return nil
}

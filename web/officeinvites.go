package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"hearth/circle"
	"hearth/room"
)

// mostInvites is how many links can be made at once, and how long a list of
// a circle's questions may get on a page.
const mostInvites = 30

// invitesPage shows who was invited into a circle, and makes links.
type invitesPage struct {
	letterhead
	Made   []madeLink // told only now
	Waits  bool       // whoever comes by them waits to be let in
	Fields []field
	List   []inviteRow
	Series bool
}

// madeLink is a link and a message to send it with, which says nothing about
// what it leads to.
type madeLink struct{ For, Link, Message string }

type inviteRow struct {
	ID    string
	For   string
	Role  string
	Used  string
	Until string
	UTC   string // of Until
	Waits bool
}

func (o office) invites(w http.ResponseWriter, r *http.Request, v *visit) error {
	return o.showInvites(w, r, v, invitesPage{}, newForm(freshInvite()), http.StatusOK)
}

// freshInvite is the form before anything is typed.
func freshInvite() url.Values {
	return url.Values{"kind": {"each"}, "role": {string(room.Member)}, "until": {"0"}}
}

func (o office) addInvites(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, c, now := newForm(r.PostForm), v.circle, o.Now()
	kind, role := f.chosen(v.texts, "kind", kindField(v)), f.chosen(v.texts, "role", roleField(v))
	days, _ := strconv.Atoi(f.chosen(v.texts, "until", untilField(v))) // one of ours
	whom := f.lines(v.texts, "for", mostInvites, circle.MaxFor)
	one := circle.Invite{Circle: c.ID, Role: room.Role(role), Uses: 1}
	if kind == "many" {
		one.Uses = 0
	}
	if days > 0 {
		one.Until = now.Add(time.Duration(days) * 24 * time.Hour)
	}
	if c.Series && kind == "many" {
		f.blame("kind", v.t("office.wrong.many.series"))
	}
	if kind == "many" && len(whom) > 1 {
		f.blame("for", v.t("office.wrong.many.for"))
	}
	if len(f.wrong) > 0 {
		p := invitesPage{}
		p.Wrong = v.t("office.wrong.some")
		return o.showInvites(w, r, v, p, f, http.StatusUnprocessableEntity)
	}
	if len(whom) == 0 {
		whom = []string{""}
	}
	p := invitesPage{Waits: c.Access.Waits(one)}
	for _, one.For = range whom {
		code, err := o.Store.AddInvite(r.Context(), v.act(o.Server), one)
		if err != nil {
			return err
		}
		link := o.PublicURL.String() + "/enter#" + code
		p.Made = append(p.Made, madeLink{one.For, link, v.t("office.message", "link", link)})
	}
	return o.showInvites(w, r, v, p, newForm(freshInvite()), http.StatusOK)
}

// invitesOf are a circle's invites that whoever looks may see and end: those
// of facilitators and moderators are an admin's.
func (o office) invitesOf(r *http.Request, v *visit) ([]circle.Invite, error) {
	list, err := o.Store.Invites(r.Context(), v.circle.ID, o.Now())
	if !v.may(setCircle) {
		list = slices.DeleteFunc(list, func(i circle.Invite) bool { return i.Role != room.Member && i.Role != room.Listener })
	}
	return list, err
}

func (o office) revoke(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := o.invitesOf(r, v)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(i circle.Invite) bool { return i.ID == r.PostForm.Get("invite") }) {
		return back(w, r, officeOf(v.circle.ID)+"/invites", "revoked") // somebody was quicker
	}
	err = o.Store.Revoke(r.Context(), v.act(o.Server), v.circle.ID, r.PostForm.Get("invite"))
	if err != nil && !errors.Is(err, circle.ErrNoInvite) {
		return err
	}
	return back(w, r, officeOf(v.circle.ID)+"/invites", "revoked")
}

func kindField(v *visit) field {
	return field{Name: "kind", Kind: "pick", Label: v.t("office.kind"), Groups: []group{{Picks: []pick{
		{Value: "each", Label: v.t("office.kind.each"), Hint: v.t("office.kind.each.say")},
		{Value: "many", Label: v.t("office.kind.many"), Hint: v.t("office.kind.many.say")},
	}}}}
}

func roleField(v *visit) field {
	return field{Name: "role", Kind: "select", Label: v.t("office.role"), Groups: []group{{Picks: []pick{
		{Value: string(room.Member), Label: v.t("office.role.member")},
		{Value: string(room.Listener), Label: v.t("office.role.listener")},
	}}}}
}

func untilField(v *visit) field {
	picks := []pick{{Value: "0", Label: v.t("office.until.none")}}
	for _, n := range []int{7, 30, 90} {
		picks = append(picks, pick{Value: strconv.Itoa(n), Label: v.t("office.until.days", "n", n)})
	}
	return field{Name: "until", Kind: "select", Label: v.t("office.until"), Groups: []group{{Picks: picks}}}
}

func (o office) showInvites(w http.ResponseWriter, r *http.Request, v *visit, p invitesPage, f *form, status int) error {
	list, err := o.invitesOf(r, v)
	if err != nil {
		return err
	}
	wrong := p.Wrong
	p.letterhead, p.Series = o.letterhead(r, v), v.circle.Series
	p.Wrong = wrong
	for _, q := range []field{
		kindField(v),
		{Name: "for", Kind: "lines", Label: v.t("office.for"), Hint: v.t("office.for.hint", "n", circle.MaxFor), Rows: 3},
		roleField(v), untilField(v),
	} {
		p.Fields = append(p.Fields, f.fill(q))
	}
	for _, i := range list {
		row := inviteRow{ID: i.ID, For: i.For, Role: v.t(roleKey(i.Role)), Waits: v.circle.Access.Waits(i)}
		switch {
		case i.Used == 0:
			row.Used = v.t("office.used.not")
		case i.Uses == 1:
			row.Used = v.t("office.used.once")
		default:
			row.Used = v.t("office.used", "n", i.Used)
		}
		if !i.Until.IsZero() {
			row.Until, row.UTC = v.texts.Date(i.Until.UTC()), i.Until.UTC().Format(time.RFC3339)
		}
		p.List = append(p.List, row)
	}
	o.Face.show(w, r, "office-invites", status, p)
	return nil
}

// roleKey is the text that says who an invite is for.
func roleKey(r room.Role) string {
	switch r {
	case room.Listener:
		return "office.role.listener"
	case room.Facilitator:
		return "office.role.facilitator"
	case room.Moderator:
		return "office.role.moderator"
	}
	return "office.role.member"
}

package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"hearth/circle"
	"hearth/room"
	"hearth/room/formats"
)

// Bounds of what is typed about a circle, in characters. The store's, in
// bytes, are wider for every script but one made of emoji.
const (
	maxCircleTitle = 80
	maxOpening     = 300
	maxGoodbye     = 300
	maxResource    = 150
	maxResources   = 5
)

// usual is the format of a circle that asks for none.
const usual = "peer-support"

// MayMeet says whether a circle may be held as it is: where anybody can come
// in or find it, somebody will one day on a bad day, so there have to be
// signposts for its country.
func MayMeet(c circle.Circle, signposts *Crisis) bool {
	public := c.Standing == circle.Meeting && (c.Access == circle.OpenToAll || c.Listed)
	return !public || len(signposts.For(c.Country)) > 0
}

// circlePage shows the form of a circle.
type circlePage struct {
	letterhead
	New      bool
	Rev      int
	Sections []section
	Action   string
}

func (o office) newCircle(w http.ResponseWriter, r *http.Request, v *visit) error {
	c := circle.Circle{Settings: room.DefaultSettings(), About: circle.About{Standing: circle.Draft, Format: usual, Language: v.texts.Tag}}
	c.Settings.Title = ""
	c.Settings.MaxSeats = min(12, o.most())
	all, err := o.Store.Circles(r.Context())
	if err != nil {
		return err
	}
	if len(all) > 0 { // most houses are in one country
		c.Country = all[len(all)-1].Country
	}
	o.showCircle(w, r, v, newForm(valuesOf(c)), c, http.StatusOK, "")
	return nil
}

// most is how many seats a room of this house can have.
func (o office) most() int {
	if o.Seats > 0 {
		return o.Seats
	}
	return room.MostSeats
}

func (o office) addCircle(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := newForm(r.PostForm)
	was := circle.Circle{Settings: room.DefaultSettings(), About: circle.About{Standing: circle.Draft}}
	c := o.readCircle(v, f, was)
	c.ID = circle.ID(uuid.NewString())
	if err := o.judgeCircle(r, v, f, c); err != nil {
		return err
	}
	if len(f.wrong) > 0 {
		o.showCircle(w, r, v, f, was, http.StatusUnprocessableEntity, v.t("office.wrong.some"))
		return nil
	}
	if err := o.Store.AddCircle(r.Context(), v.act(o.Server), c); err != nil {
		return err
	}
	return back(w, r, officeOf(c.ID)+"/schedule", "made")
}

func (o office) editCircle(w http.ResponseWriter, r *http.Request, v *visit) error {
	o.showCircle(w, r, v, newForm(valuesOf(v.circle)), v.circle, http.StatusOK, "")
	return nil
}

func (o office) changeCircle(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := newForm(r.PostForm)
	c := o.readCircle(v, f, v.circle)
	c.Rev, _ = strconv.Atoi(r.PostForm.Get("rev")) // 0 is none that is kept
	if err := o.judgeCircle(r, v, f, c); err != nil {
		return err
	}
	err := error(circle.ErrChanged)
	if len(f.wrong) == 0 && c.Rev == v.circle.Rev {
		err = o.Store.ChangeCircle(r.Context(), v.act(o.Server), c)
	}
	switch {
	case err == nil:
		return back(w, r, officeOf(c.ID), "saved")
	case !errors.Is(err, circle.ErrChanged):
		return err
	case c.Rev == v.circle.Rev && len(f.wrong) > 0:
		o.showCircle(w, r, v, f, v.circle, http.StatusUnprocessableEntity, v.t("office.wrong.some"))
		return nil
	}
	now, err := o.Store.Circle(r.Context(), c.ID) // it may be newer than what v has
	if err != nil {
		return err
	}
	f.kept = valuesOf(now)
	o.showCircle(w, r, v, f, now, http.StatusConflict, v.t("office.wrong.changed"))
	return nil
}

// keep keeps a changed circle and goes back to its page; late: somebody else
// changed it meanwhile, and the visit has theirs now.
func (o office) keep(w http.ResponseWriter, r *http.Request, v *visit, c circle.Circle, page, said string) (late bool, err error) {
	err = circle.ErrChanged
	if c.Rev == v.circle.Rev {
		err = o.Store.ChangeCircle(r.Context(), v.act(o.Server), c)
	}
	switch {
	case err == nil:
		return false, back(w, r, officeOf(c.ID)+page, said)
	case !errors.Is(err, circle.ErrChanged):
		return false, err
	}
	v.circle, err = o.Store.Circle(r.Context(), c.ID)
	return err == nil, err
}

// valuesOf is a circle as its form has it.
func valuesOf(c circle.Circle) url.Values {
	yes := func(b bool) []string {
		if b {
			return []string{"1"}
		}
		return nil
	}
	one := func(s string) []string { return []string{s} }
	return url.Values{
		"title": one(c.Settings.Title), "purpose": one(c.Purpose), "format": one(c.Format), "language": one(c.Language),
		"country": one(c.Country), "region": one(c.Region), "themes": c.Themes, "notes": one(strings.Join(c.Notes, "\n")),
		"rules": one(strings.Join(c.Rules, "\n")), "prompt": one(c.Settings.Prompt), "goodbye": one(c.Settings.Goodbye),
		"resources": one(strings.Join(c.Settings.Resources, "\n")), "capacity": one(strconv.Itoa(c.Settings.MaxSeats)),
		"access": one(string(c.Access)), "standing": one(string(c.Standing)), "listed": yes(c.Listed), "series": yes(c.Series),
	}
}

// readCircle is a circle with what was typed about it, as far as whoever
// typed it may say so.
func (o office) readCircle(v *visit, f *form, was circle.Circle) circle.Circle {
	c := was
	c.Settings.Title = f.line(v.texts, "title", maxCircleTitle, true)
	c.Purpose = f.area(v.texts, "purpose", circle.MaxPurpose)
	c.Themes = f.themes()
	c.Notes = f.lines(v.texts, "notes", circle.MaxNotes, circle.MaxNote)
	c.Rules = f.lines(v.texts, "rules", circle.MaxRules, circle.MaxRule)
	c.Settings.Prompt = f.area(v.texts, "prompt", maxOpening)
	c.Settings.Goodbye = f.area(v.texts, "goodbye", maxGoodbye)
	c.Settings.Resources = f.lines(v.texts, "resources", maxResources, maxResource)
	if !v.may(setCircle) {
		return c
	}
	c.Format = f.chosen(v.texts, "format", o.formatField(v, was.Format))
	c.Language = f.chosen(v.texts, "language", languageField(v))
	c.Country = f.chosen(v.texts, "country", o.countryField(v))
	c.Region = f.chosen(v.texts, "region", regionField(v))
	c.Settings.MaxSeats = f.number(v.texts, "capacity", 2, o.most())
	c.Access = circle.Access(f.chosen(v.texts, "access", accessField(v)))
	c.Standing = circle.Standing(f.chosen(v.texts, "standing", standingField(v)))
	c.Listed, c.Series = f.typed.Get("listed") == "1", f.typed.Get("series") == "1"
	return o.dressed(c, was)
}

// themes are those that were ticked, of those there are.
func (f *form) themes() (all []string) {
	for _, t := range circle.Themes {
		if slices.Contains(f.typed["themes"], t) {
			all = append(all, t)
		}
	}
	return all
}

// dressed gives a circle what its format and language bring along, if they
// are new to it: the agenda, and those texts that nobody wrote differently.
func (o office) dressed(c, was circle.Circle) circle.Circle {
	next, known := o.format(c.Format, c.Language)
	if !known || c.Format == was.Format && c.Language == was.Language {
		return c
	}
	old, _ := o.format(was.Format, was.Language)
	made := next.Settings(room.DefaultSettings())
	made.Title, made.MaxSeats, made.Next = c.Settings.Title, c.Settings.MaxSeats, c.Settings.Next
	keep := func(typed, before string) bool { return typed != "" && typed != before }
	if keep(c.Settings.Prompt, old.Opening) {
		made.Prompt = c.Settings.Prompt
	}
	if keep(c.Settings.Goodbye, old.Goodbye) {
		made.Goodbye = c.Settings.Goodbye
	}
	if len(c.Settings.Resources) > 0 && !slices.Equal(c.Settings.Resources, old.Resources) {
		made.Resources = c.Settings.Resources
	}
	c.Settings = made
	if len(c.Rules) == 0 || slices.Equal(c.Rules, old.Rules) {
		c.Rules = next.Rules
	}
	return c
}

// kinds are the formats a circle can have.
func (o office) kinds() []formats.Format {
	if o.Formats != nil {
		return o.Formats
	}
	all, err := formats.Builtin()
	if err != nil {
		o.Fault("formats", err)
	}
	return all
}

// format is one of them in a language.
func (o office) format(name, language string) (formats.Format, bool) {
	f, there := formats.Named(o.kinds(), name)
	return f.In(language), there
}

// judgeCircle blames what can only be judged with the whole before one.
func (o office) judgeCircle(r *http.Request, v *visit, f *form, c circle.Circle) error {
	if !MayMeet(c, o.Face.crisis) {
		f.blame("country", v.t("office.wrong.country"))
		f.blame("standing", v.t("office.wrong.standing"))
	}
	if c.Series && c.Access == circle.OpenToAll {
		f.blame("series", v.t("office.wrong.series"))
	}
	all, err := o.Store.Circles(r.Context())
	for _, other := range all {
		if other.ID != c.ID && strings.EqualFold(other.Settings.Title, c.Settings.Title) {
			f.blame("title", v.t("office.wrong.title"))
		}
	}
	if err == nil && len(f.wrong) == 0 && c.Check() != nil { // in bytes, say
		f.blame("title", v.t("office.wrong.whole"))
	}
	return err
}

func (o office) showCircle(w http.ResponseWriter, r *http.Request, v *visit, f *form, c circle.Circle, status int, wrong string) {
	p := circlePage{letterhead: o.letterhead(r, v), New: c.ID == "", Rev: c.Rev, Action: r.URL.Path}
	p.Wrong = wrong
	t, house := v.t, v.may(setCircle)
	title := field{Name: "title", Kind: "line", Label: t("office.title"), Hint: t("office.title.hint"), Most: maxCircleTitle, Need: true}
	purpose := field{Name: "purpose", Kind: "area", Label: t("office.purpose"), Hint: t("office.purpose.hint"), Most: circle.MaxPurpose, Rows: 3}
	if house {
		p.Sections = append(p.Sections,
			f.section(t("office.part.first"), t("office.part.first.say"), true, title, purpose, o.formatField(v, c.Format), languageField(v), o.countryField(v)),
			f.section(t("office.part.way"), t("office.part.way.say"), !p.New, standingField(v), accessField(v),
				field{Name: "listed", Kind: "check", Label: t("office.listed"), Hint: t("office.listed.hint")},
				field{Name: "series", Kind: "check", Label: t("office.series"), Hint: t("office.series.hint")},
				field{Name: "capacity", Kind: "number", Label: t("office.capacity"), Hint: t("office.capacity.hint", "max", o.most()), Min: 2, Max: o.most()}))
	} else {
		p.Sections = append(p.Sections, f.section(t("office.part.first"), "", true, title, purpose))
	}
	about := []field{themesField(v), {Name: "notes", Kind: "lines", Label: t("office.notes"), Hint: t("office.notes.hint", "n", circle.MaxNotes), Rows: 3}}
	if house {
		about = append(about, regionField(v))
	}
	rules := t("office.rules.hint")
	if c.RulesRev > 0 {
		rules += " " + t("office.rules.version", "version", c.RulesRev)
	}
	p.Sections = append(p.Sections,
		f.section(t("office.part.about"), t("office.part.about.say"), false, about...),
		f.section(t("office.part.rules"), t("office.part.rules.say"), false, field{Name: "rules", Kind: "lines", Label: t("office.rules"), Hint: rules, Rows: 8}),
		f.section(t("office.part.words"), t("office.part.words.say"), false,
			field{Name: "prompt", Kind: "area", Label: t("office.prompt"), Hint: t("office.prompt.hint"), Most: maxOpening, Rows: 2},
			field{Name: "goodbye", Kind: "area", Label: t("office.goodbye"), Hint: t("office.goodbye.hint"), Most: maxGoodbye, Rows: 2},
			field{Name: "resources", Kind: "lines", Label: t("office.resources"), Hint: t("office.resources.hint", "n", maxResources), Rows: 3}))
	o.Face.show(w, r, "office-circle", status, p)
}

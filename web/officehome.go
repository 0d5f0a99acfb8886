package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"hearth/circle"
	"hearth/moderation"
)

// homePage is what somebody has to do with, and what to do now.
type homePage struct {
	letterhead
	May    bool        // make circles
	Desk   bool        // go to the desk, as a moderator
	Waits  string      // how much waits there
	Steps  []firstStep // of a house that begins; none when all are done
	Mine   []circleRow
	Others []circleRow // that a moderator looks after
}

// firstStep is one thing to do before a first circle is held.
type firstStep struct {
	Text, Say, To string
	Done          bool
}

// circleRow is one circle of the list.
type circleRow struct {
	Title     string
	To        string // its pages here; empty: none
	Standing  string
	Muted     bool   // it doesn't meet
	Part      string // what whoever looks is to it
	Next, UTC string // date
	Todo      []todo
	Keep      string // where to go in; empty: not now
}

// todo is what to do now, and where.
type todo struct{ Text, To string }

func (o office) home(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := o.Store.Circles(r.Context())
	if err != nil {
		return err
	}
	p := homePage{letterhead: o.letterhead(r, v), May: v.may(makeCircles)}
	p.Tabs[0].Here = true
	if p.May {
		p.Steps = firstSteps(v, all)
	}
	if p.Desk = v.Moderator && o.Desk != nil; p.Desk {
		p.Waits = o.waits(r.Context(), v)
	}
	last := func(c circle.Circle) int {
		if c.Standing == circle.Closed {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b circle.Circle) int { return cmp.Compare(last(a), last(b)) })
	for _, c := range all {
		parts := partsOf(v.Person, c)
		mine := mayAs(parts, writeTexts) || slices.Contains(parts, asDeputy)
		if !mine && (!slices.Contains(parts, asModerator) || c.Standing != circle.Meeting) {
			continue
		}
		row, err := o.row(r.Context(), v, c, parts)
		if err != nil {
			return err
		}
		if mine {
			p.Mine = append(p.Mine, row)
		} else {
			p.Others = append(p.Others, row)
		}
	}
	o.Face.show(w, r, "office-home", http.StatusOK, p)
	return nil
}

// waits says how much waits on the desk. The office is there without it, too.
func (o office) waits(ctx context.Context, v *visit) string {
	q, err := o.Server.Desk.Queue(ctx, moderation.Viewer{Person: moderation.PersonID(v.ID)}, o.Now(), 1)
	if err != nil {
		o.Fault("office desk", err)
		return ""
	}
	if q.Open == 0 {
		return v.t("desk.queueNone")
	}
	return v.t("desk.queue", "n", q.Open)
}

// row says where a circle stands, and what there is to do.
func (o office) row(ctx context.Context, v *visit, c circle.Circle, parts []part) (circleRow, error) {
	now, to := o.Now(), officeOf(c.ID)
	row := circleRow{Title: c.Settings.Title, Standing: v.t(standingKey(c.Standing)), Muted: c.Standing != circle.Meeting, Part: partSays(v, parts)}
	if mayAs(parts, writeTexts) {
		row.To = to
	}
	for _, d := range c.Schedule.Next(now, nextDates) {
		if !d.Off {
			row.Next, row.UTC = v.texts.DayAndTime(inZone(c.Schedule, d.Start)), d.Start.UTC().Format(time.RFC3339)
			break
		}
	}
	in := slices.ContainsFunc(parts, func(p part) bool { return p == asKeeper || p == asDeputy || p == asModerator })
	if in && c.Standing == circle.Meeting && (slices.Contains(parts, asKeeper) || c.Schedule.Open(now)) {
		row.Keep = "/circles/" + string(c.ID) + "/keep"
	}
	if row.To == "" || c.Standing == circle.Closed {
		return row, nil
	}
	asked, err := o.Store.Questions(ctx, c.ID, now)
	if err != nil {
		return row, err
	}
	waiting := 0
	for _, q := range asked {
		if q.Answer == "" {
			waiting++
		}
	}
	say := func(is bool, d duty, text, at string) {
		if is && mayAs(parts, d) {
			row.Todo = append(row.Todo, todo{text, to + at})
		}
	}
	say(waiting > 0, answerAsked, v.t("office.todo.questions", "n", waiting), "/questions")
	say(c.Schedule.IsZero(), setSchedule, v.t("office.todo.schedule"), "/schedule")
	say(!c.Schedule.IsZero() && row.Next == "", setSchedule, v.t("office.todo.over"), "/schedule")
	say(len(c.Keepers) == 0, namePeople, v.t("office.todo.keepers"), "/people")
	say(c.Standing == circle.Draft, setCircle, v.t("office.todo.draft"), "#standing")
	say(c.Standing == circle.Announced, setCircle, v.t("office.todo.announced", "n", c.Interest), "#standing")
	say(!MayMeet(c, o.Face.crisis), setCircle, v.t("office.todo.signposts"), "#country")
	return row, nil
}

// firstSteps are what a house that begins has to do, each with the circle
// that lacks it; none once a circle has them all.
func firstSteps(v *visit, all []circle.Circle) []firstStep {
	all = slices.DeleteFunc(slices.Clone(all), func(c circle.Circle) bool { return c.Standing == circle.Closed })
	has := []func(circle.Circle) bool{
		func(circle.Circle) bool { return true },
		func(c circle.Circle) bool { return len(c.Keepers) > 0 },
		func(c circle.Circle) bool { return !c.Schedule.IsZero() },
		func(c circle.Circle) bool {
			return c.Standing == circle.Announced || c.Standing == circle.Meeting && (c.Listed || c.Access != circle.ByInvite)
		},
	}
	steps := []firstStep{
		{Text: v.t("office.step.circle"), Say: v.t("office.step.circle.say"), To: "/office/circles/new"},
		{Text: v.t("office.step.keeper"), Say: v.t("office.step.keeper.say"), To: "/people"},
		{Text: v.t("office.step.time"), Say: v.t("office.step.time.say"), To: "/schedule"},
		{Text: v.t("office.step.open"), Say: v.t("office.step.open.say"), To: "#standing"},
	}
	done := 0
	for i := range steps {
		lacks := slices.IndexFunc(all, func(c circle.Circle) bool { return !has[i](c) })
		steps[i].Done = len(all) > 0 && slices.ContainsFunc(all, has[i])
		switch {
		case steps[i].Done:
			done++
			steps[i].To = ""
		case i > 0 && lacks >= 0:
			steps[i].To = officeOf(all[lacks].ID) + steps[i].To
		case i > 0:
			steps[i].To = ""
		}
	}
	if done == len(steps) {
		return nil
	}
	return steps
}

func standingKey(s circle.Standing) string {
	switch s {
	case circle.Draft:
		return "office.standing.draft"
	case circle.Announced:
		return "office.standing.announced"
	case circle.Closed:
		return "office.standing.closed"
	}
	return "office.standing.meeting"
}

// partSays is what somebody is to a circle, in words; empty for an admin
// without a part in it.
func partSays(v *visit, parts []part) string {
	switch {
	case slices.Contains(parts, asKeeper):
		return v.t("office.part.keeper")
	case slices.Contains(parts, asDeputy):
		return v.t("office.part.deputy")
	}
	return ""
}

// nextSays is when a circle meets again, for the page after a gathering: by
// its schedule, or as somebody typed it. A date that begins within the hour is
// the one people are coming in for.
func (s *Server) nextSays(r *http.Request, c circle.Circle) string {
	if c.Schedule.IsZero() {
		return c.Settings.Next
	}
	now := s.Now()
	for _, d := range c.Schedule.Next(now, nextDates) {
		if !d.Off && d.Start.After(now.Add(time.Hour)) {
			return s.Face.in(r).DayAndTime(inZone(c.Schedule, d.Start))
		}
	}
	return ""
}

// holds is how many seats a circle's room has: as many as it says, and never
// more than the house allows.
func (s *Server) holds(c circle.Circle) int {
	if s.Seats == 0 {
		return c.Settings.MaxSeats
	}
	return min(s.Seats, c.Settings.MaxSeats)
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"hearth/moderation"
	"hearth/web"
)

// shown are the settings as the office shows them: as `hearth config print`
// does, secrets masked, by name.
func (c *Config) shown() ([]web.Setting, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := json.Unmarshal(b, &values); err != nil {
		return nil, err
	}
	var list []web.Setting
	for name, v := range values {
		one := web.Setting{Name: "--" + name}
		if v != nil {
			one.Value = fmt.Sprint(v)
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b web.Setting) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// health is how this node does, for the office. It names nobody.
func (s *server) health(ctx context.Context) []web.Condition {
	list := []web.Condition{{Name: "status.version", State: web.ConditionFine, Say: "status.version.is", With: []any{"version", version()}}}
	add := func(name string, err error) {
		c := web.Condition{Name: "status." + name, State: web.ConditionFine, Say: "status." + name + ".fine"}
		if err != nil {
			c.State, c.Say = web.ConditionDown, "status."+name+".down"
		}
		list = append(list, c)
	}
	add("database", s.store.Ready(ctx))
	if s.redis != nil {
		add("redis", s.redis.Ready())
		list = append(list, web.Condition{Name: "status.nodes", State: web.ConditionFine, Say: "status.nodes.are",
			With: []any{"n", 1 + len(s.redis.Nodes().Others())}})
	}
	list = append(list, web.Condition{Name: "status.rooms", State: web.ConditionFine, Say: "status.rooms.are", With: []any{"n", s.hub.Rooms()}})
	list = append(list, s.readable(ctx)...)
	mail := web.Condition{Name: "status.mail", State: web.ConditionFine, Say: "status.mail.off"}
	if s.cfg.SMTP != "" {
		mail.Say = "status.mail.fine"
		if since := s.web.MailDown(); !since.IsZero() {
			mail.State, mail.Say = web.ConditionDown, "status.mail.down"
			mail.With = []any{"since", since.UTC().Format("2006-01-02 15:04 UTC")}
		}
	}
	return append(list, mail)
}

// readable says whether anybody could read what is reported; nothing while the
// database can't say.
func (s *server) readable(ctx context.Context) []web.Condition {
	n, err := readers(ctx, s.cfg, s.store.Desk(s.vault))
	switch {
	case err != nil:
		return nil
	case n == 0:
		return []web.Condition{{Name: "status.reports", State: web.ConditionLook, Say: "status.reports.nobody"}}
	}
	return []web.Condition{{Name: "status.reports", State: web.ConditionFine, Say: "status.reports.are", With: []any{"n", n}}}
}

// readers counts the keys that reports are sealed to: moderators' and the
// organisation's.
func readers(ctx context.Context, cfg *Config, keys moderation.ModKeys) (int, error) {
	house, err := cfg.offline()
	if err != nil {
		return 0, err
	}
	theirs, err := keys.Keys(ctx)
	return len(house) + len(theirs), err
}

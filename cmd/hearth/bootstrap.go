package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hearth/circle"
)

// firstAdmin returns a link that makes whoever opens it first the one who
// runs the house, as long as nobody does; else nothing. Each start makes
// another. It works once, for circle.FirstWelcome, and only while there is
// still nobody.
func firstAdmin(ctx context.Context, s circle.Store, url string, now time.Time) (link string, err error) {
	people, err := s.People(ctx)
	if err != nil {
		return "", fmt.Errorf("the people who run the house can't be read: %w", err)
	}
	if slices.ContainsFunc(people, func(p circle.Person) bool { return p.Admin }) {
		return "", nil
	}
	return welcomeLink(ctx, s, url, circle.Welcome{First: true, Admin: true, Until: now.Add(circle.FirstWelcome)}, now)
}

// welcomeLink keeps a welcome and returns its link, whose code stands behind
// # like an invite's.
func welcomeLink(ctx context.Context, s circle.Store, url string, w circle.Welcome, now time.Time) (string, error) {
	code, err := s.AddWelcome(ctx, circle.Act{At: now}, w)
	if err != nil {
		return "", fmt.Errorf("the link can't be kept: %w", err)
	}
	return url + "/welcome#" + code, nil
}

package web

import (
	"context"

	"hearth/moderation"
)

// Alarm calls people who are not at their desk: by mail, by a webhook. A call
// says that somebody is needed and where, and nothing about whom or what.
type Alarm interface {
	// Name is of the channel, for logs: mail, webhook.
	Name() string
	// Emergency says that it reaches the organisation's emergency contact,
	// and is used for that alone.
	Emergency() bool
	// Call returns nil when it was taken. It ends with ctx.
	Call(ctx context.Context, c AlarmCall) error
}

// AlarmCall is what goes out.
type AlarmCall struct {
	N       int64 // the case's number
	Step    moderation.PageStep
	Waiting int64  // seconds since it was raised
	Desk    string // the address of the desk
}

// Package faults runs Hearth as it is run in earnest, breaks things, and
// checks that nobody was told anything untrue.
package faults

import "time"

// patience bounds what is bound to happen.
const patience = 30 * time.Second

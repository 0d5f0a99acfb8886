// Package moderation holds what lets words be reported without being kept.
// Rules only: no I/O, no clock; time and chance arrive as arguments.
//
// Evidence without a content log: with each delivered utterance goes a tag,
// made under a day key that is forgotten after KeepKeys. Whoever reports
// words brings their tag along, so nobody can forge a quote and the house
// need not keep what people said.
package moderation

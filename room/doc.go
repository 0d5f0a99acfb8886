// Package room is one gathering of a circle as a pure state machine: who sits
// where, who holds the talking stick, who may do what. It has no clock, no
// chance and no I/O; time and ids arrive as arguments.
//
// Whoever hosts a room runs this loop (package hub does):
//
//	events, err := state.Decide(now, command) // judges, changes nothing
//	entry := room.Entry{Seq: state.Seq + 1, At: now, Events: events, ...}
//	next.Apply(entry)                          // folds a fact, judges nothing
//	tail, err := log.Append(ctx, id, head, ...)// the one commit point
//	frame := room.View(next, entry, audience)  // what may leave, for whom
//	when, timer := next.Due()                  // the next thing time brings
//
// State is facts and words. Facts (seats, turns, mutes) may be stored; Words
// (names, what was said) never are in readable form, see SplitState.
//
// A refusal is a *Refusal: a code for the program and a sentence for the
// person. Decide returns no events and no error when what is asked is
// already so.
//
// Where to read: command.go and event.go are what can be asked and what can
// happen; roles.go who may; turn.go, seat.go, keep.go, words.go, stage.go (the
// agenda), hands.go, aside.go, door.go (who waits to be let in) and desk.go (what
// moderators decide without a seat) the rules, by topic; agenda.go what an agenda is; timer.go what time brings; view.go and
// project.go what leaves; codec.go what is stored; log.go the contract of logs.
// testdata has every rule as a meeting.
package room

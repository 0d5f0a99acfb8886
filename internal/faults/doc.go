// Package faults runs Hearth as it is run in earnest, breaks things, and
// checks that nobody was told anything untrue.
//
// Everything is a real process: three nodes, a redis-server with a replica,
// PostgreSQL. Circles of eight people, three of four with an agenda (see
// agenda_test.go), talk over real websockets and do what fits and often what
// doesn't, from several nodes at once: also whoever keeps the circle, who moves
// stages, plans, gives more time and hands the chair on, while node, Redis and the lines between them
// fail as a seed says. Every line goes through a Proxy, which can cut it,
// refuse it, hold or lose one way of it, make it slow, or lead it elsewhere.
//
//	clients ── Proxy ── node ── Proxy ── Redis ── Proxy ── its replica
//	   │                                   │
//	 Record: what they were told         Witness: what was in the logs
//	   └───────────── check ───────────────┘
//
// A client (Tab) numbers its commands and repeats one, on any node, until it
// knows what became of it. Its Record has each command with the time it was
// first sent and the time it was settled, and everything it saw. The Witness
// reads every room's log past the proxies, again and again, also just before
// a Redis is ended, so that its History has every entry that ever was, and
// verifies the hash chain. Check (in check_test.go) then asks porcupine, room
// by room, for an order in which everything makes sense at once:
//
//   - what was acknowledged is the step of the log from entry n-1 to n, is
//     what Decide makes of the command there, and is in the log at the end;
//   - what was refused, or already so, is so by Decide at some entry between
//     asking and answer;
//   - what is unknown either is in the log or never happened;
//   - no number of a session was used twice, no two entries were ever seen
//     under one (epoch, seq), what clients saw of the room is what the log
//     makes of it, what was heard is what was said, and one person at most
//     had the stick;
//   - a stage, a round or a prompt changes by somebody's act or by the closing
//     round's own time, never by a line; rounds and plans count on, one by
//     one, and of two plans for one revision one is done; in the quiet nobody
//     speaks, and where one leads nobody but they and readers; a hand stays up;
//     the closing round begins at most a beat and a grace after its time, in
//     which somebody wrote (ledger_test.go keeps an account of all this beside
//     the room's own code);
//   - for no client does a turn, a round or a plan go back unless it is told
//     that something is lost, and at the end everybody, on whichever node,
//     knows what the log has made of the room.
//
// Porcupine's "Unknown", which is running out of time, is a failure.
//
// # Running it
//
//	go test ./internal/faults                             one seed for 20 s, and small scenes
//	go test ./internal/faults -run TestFaults -seed 7 -for 60s -v
//	go test ./internal/faults -run TestFaults -seeds 20 -for 60s -timeout 60m -v
//	go test ./internal/faults -run 'Failover|Nodes|Loss|Holder|Thousand|Rolling|Removed|Outages' -long -timeout 60m -v
//
// It needs redis-server and PostgreSQL, and leaves itself out with a sentence
// where there are none, unless CI=true. HEARTH_BIN names a program to test in
// place of this tree's.
//
// # Reading it
//
// Each seed prints one line:
//
//	faults: seed 3: ok: 10672 acknowledged, 1539 already so, 3894 refused, 0 unknown; 97 stages, 12 closing rounds by themselves (at most 63ms late), …; ack=primary fsync=always; 30 faults (answers-lost 2, …); 1m9s
//
// Odd seeds run with the append-only file synced always, even ones every
// second; half of both acknowledge once a replica has it too, and then a
// replica is promoted while it is behind.
//
// When something is wrong the line says so, and the test tells which seed and
// rooms, when each fault began and ended (times are since the start), and in
// which folders are the nodes' logs, all that is wrong, and porcupine's
// picture (history.html). The same seed makes the same faults and the same
// people; when exactly what meets what, no seed decides: run it again a few
// times. What the check finds is found in checker_test.go, in histories with
// one mistake each.
//
// The scenes (scenes_test.go) are promises about time and place: failovers
// that lose nothing, losses that are told, a holder who comes back elsewhere,
// a node's connections that are all back soon, a rolling restart that nobody
// hears, a removal that is everywhere at once, and outages that kill nobody.
package faults

import "time"

// patience bounds what is bound to happen.
const patience = 30 * time.Second

// Package redisstore keeps in Redis what several nodes share while people
// gather: the rooms' logs, who lives, tickets, and what may be lost. Nothing
// in it is durable in the sense of internal/sqlstore: a room ends within
// hours, and what Redis loses meanwhile the nodes give back.
//
// # What is kept
//
// {P} is a partition, {0} to {15}, by hash of the room's id. All keys begin
// with hearth: and no other key is touched. Times are ms by the clock of
// Redis where nothing else is said.
//
//	key                  kind    what                                              for how long
//	hearth:{P}:life      hash    run: which life of redis-server wrote last        always (16 of them)
//	                             beat: last beat of any node
//	                             active: how long somebody lived, in all
//	                             dark_from, dark_to: last time nobody did
//	                             from, until, need: restoring window, and how
//	                             many nodes it waits for
//	hearth:{P}:nodes     hash    node -> active at its last beat                   lease: 1.3 s of active
//	hearth:{P}:gone      zset    nodes that are dead, by when                      1 h
//	hearth:{P}:offered   set     nodes that have offered their copies              the window: 0.7 to 2 s
//	hearth:{P}:due       zset    rooms that are not over, by when something is     as its room
//	                             due; when nothing is, when the room expires
//	hearth:{P}:at        zset    "node room": a seat there has a line to the node  as its node, or until
//	                                                                               the state names it no more
//	hearth:{P}:room:ID   hash    v: format                                         24 h after the last write,
//	                             epoch, seq, hash, at: head; at in ns, 19 digits   1 h once it is over
//	                             state_seq, state_hash: the entry of the state
//	                             facts, words: the state; words sealed
//	                             base, base_hash: what the oldest entry follows
//	                             nodes: those of hearth:{P}:at for this room
//	hearth:{P}:log:ID    list    entries base+1 to seq: 64 hex digits of hash, 8   as its room; the newest 512,
//	                             of the facts' length, facts, sealed words         and all behind the state; of
//	                                                                               a room that is over only
//	                                                                               what closed it, wordless
//	hearth:{P}:shelf:ID  hash    bytes: of all its pictures together               24 h after its first picture;
//	                             p:NAME: one picture, sealed with its own key,     until its room is over, or it
//	                             which is among the words of the log               is taken back
//	hearth:{P}:sync      string  what WAIT waits for; only with ack=replica        always
//	hearth:ticket:HASH   string  one sealed admission, by SHA-256 of its code      30 s, or until it is used
//	hearth:secrets:days  hash    day keys of evidence by id, sealed, see Secrets   72 h after the last one
//	                                                                               was put there
//	hearth:secrets:texts hash    keys of typed texts by case, sealed; of a         always
//	                             destroyed one that it was
//	hearth:secret        string  tag of the deployment's secret                    always
//	hearth:probe:NAME    string  a scratch key of the checks at the start          1 s
//
//	channel              what
//	hearth:{P}:bell      "room epoch seq" after each write
//	hearth:{P}:bus       a topic, a line feed, a message
//	hearth:probe:NAME    a node calling to itself
//
// Facts are seat ids and what they did, never what was said or a name. Words
// are sealed with keys that Redis never sees, see Words; words taken back are
// cut from the list in the act that takes them back. Pictures lost in a flush
// are lost: no node has another copy. Secrets are put back from the nodes' files.
//
// # The acts
//
// Each script in scripts/ is one act, and does the same three things first.
//
//	life     another run, or none: Redis was flushed, restarted or failed over.
//	         A restoring window opens, and all but beats and offers wait.
//	fence    a node that is not on the list does nothing.
//	look     content that no Hearth wrote, or a newer one, is left alone.
//
//	append   compare epoch, seq and hash; write all of it or none; ring
//	read     what follows a point, or state and entries
//	beat     I live; who does not; what I have missed; what nobody does
//	restore  here is my copy; the highest number wins
//	leave    I go
//	put      a picture, unless the shelf is full
//	drop     a picture
//
// # A node's loop
//
// Every 250 ms, one round trip with one beat for each partition:
//
//	ok         who lives, when nobody did, rooms with news, rooms overdue
//	fenced     the others gave this node up: it joins under a new name
//	restoring  offer the copies of the rooms watched here, then say so
//
// Beside it: one subscription for bells, Bus and probe (see doorbell), and a
// reader that fetches copies that are missing.
//
// A lease is in time that somebody lived: when nobody can beat, all clocks
// stand, so an outage of Redis declares nobody dead. A name is never used
// again, and what is not on the list never will be; that makes death final,
// and every write of the dead is fenced by Redis, not by a clock.
package redisstore

// Package sqlstore keeps in SQL what outlasts the process: circles, invites
// and seat credentials, and for a single node the room logs. The embedded
// default is one SQLite file (Open). Several nodes share a PostgreSQL of
// version 14 or newer (Connect), which has the same tables but for those of
// room logs: it never holds them. There are no words in either (what people
// say, and their names): they stay in memory. There are no secrets either:
// codes, secrets and device tokens are 128 random bits and kept as SHA-256
// only.
//
// Everything that is kept, and how long. Times are Unix milliseconds but
// for at_ns; hashes are in hex.
//
//	circles: the standing groups, for good
//	  id        random
//	  made      1, 2, 3 …: the order they were made in
//	  settings  room.Settings as JSON: title, prompt, graces
//	  rules     the ground rules as a JSON list
//	  country   whose crisis help is shown first
//
//	rooms: gatherings, until Sweep takes them after they are over
//	  id        random
//	  circle    whose gathering it is
//	  over_at   when it ended; null: it is open. One open room a circle,
//	            and its asides
//	  parent    of an aside: the room it is an aside of; else null
//
//	invites: until they end, or are used up and nobody sits by them; one
//	without an end and with uses left, or for one device, as long as its circle
//	  code      hash of the code
//	  circle    where it lets in
//	  role      as what
//	  uses      how often; 0: any number of times
//	  used      how often it was
//	  until_at  its end; null: none
//	  device    of a single-use invite: hash of code and device token
//
//	seats: credentials, until their room is over
//	  id        random, in one room only
//	  handle    its name in URLs and cookies, random
//	  secret    hash of the secret that proves it
//	  room      where it is
//	  n         1, 2, 3 … in its room
//	  role      as invited
//	  invite    by which it was had
//	  device    hash of room and device token: other rooms have another; in an
//	            aside that of the room it belongs to
//	  of_seat   in an aside: the seat of the same person in the room it belongs
//	            to, whose secret proves this one too; else null
//
//	bars: who may not come in again, until the room is over
//	  room      where
//	  device    as in seats; or "seat " and a seat's id, for what a room's log
//	            may lose
//
//	logs (SQLite only): one for each room's log, until Sweep takes it with its room
//	  room      whose log
//	  epoch     random, new with every log
//	  over_at   when its state was over; null: it is not
//
//	entries (SQLite only): what happened in a room, as long as its log
//	  room      whose log
//	  seq       1, 2, 3 …
//	  hash      room.Chain up to this entry
//	  at_ns     when, in Unix nanoseconds
//	  facts     room.SplitEntry's facts
//
//	states (SQLite only): what a log adds up to, as long as the log
//	  room      whose log
//	  seq       of the last entry in it
//	  facts     room.SplitState's facts
//
//	beats (SQLite only): when this server was last alive, one row
//	  id        always 1
//	  beat_at   the time of the last beat
//
// goose_db_version is goose's own: which migrations ran, and when.
//
// Deleting is real in SQLite: it overwrites what is deleted (secure_delete),
// and Sweep empties the write-ahead log. PostgreSQL has no such thing: what
// is deleted is out of reach of every query, but its bytes stay in the data
// files until VACUUM and new rows take their place, and in the write-ahead
// log, on standbys and in backups for as long as these are kept. They are
// random names and hashes of random bits, which tell nothing about anybody.
//
// On PostgreSQL whoever writes about a circle holds its row first, so that
// two nodes come one after the other; whoever guesses at codes only reads,
// and waits for nobody. Which settings a connection has is in pgPool.
package sqlstore

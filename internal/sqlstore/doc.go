// Package sqlstore keeps in SQL what outlasts the process: room logs,
// circles, invites and seat credentials. The embedded default is one SQLite
// file. There are no words in it (what people say, and their names): they
// stay in memory. There are no secrets in it either: codes, secrets and
// device tokens are 128 random bits and kept as SHA-256 only.
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
//	  over_at   when it ended; null: it is open. One open room a circle
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
//	  device    hash of room and device token: other rooms have another
//
//	bars: who may not come in again, until the room is over
//	  room      where
//	  device    as in seats
//
//	logs: one for each room's log, until Sweep takes it with its room
//	  room      whose log
//	  epoch     random, new with every log
//	  over_at   when its state was over; null: it is not
//
//	entries: what happened in a room, as long as its log
//	  room      whose log
//	  seq       1, 2, 3 …
//	  hash      room.Chain up to this entry
//	  at_ns     when, in Unix nanoseconds
//	  facts     room.SplitEntry's facts
//
//	states: what a log adds up to, as long as the log
//	  room      whose log
//	  seq       of the last entry in it
//	  facts     room.SplitState's facts
//
//	beats: when this server was last alive, one row
//	  id        always 1
//	  beat_at   the time of the last beat
//
// goose_db_version is goose's own: which migrations ran, and when.
//
// Deleting is real: SQLite overwrites what is deleted (secure_delete), and
// Sweep empties the write-ahead log.
package sqlstore

// Package sqlstore keeps in SQL what outlasts the process: circles, invites
// and seat credentials, and for a single node the room logs. The embedded
// default is one SQLite file (Open). Several nodes share a PostgreSQL of
// version 14 or newer (Connect), which has the same tables but for those of
// room logs: it never holds them. What people say in a room, and what they
// are called there, is in neither: it stays in memory. What was typed for a
// circle's page is, and questions are, for their time; what was reported and
// decided is, sealed under keys that are in neither. There are no secrets: codes,
// secrets and device tokens are 128 random bits and kept as SHA-256 only.
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
//	  about     circle.About as JSON: what stands on its page, who may come in
//	            how, who keeps it, its schedule and the name of its feed
//	  rev       1, 2, 3 …: counts its changes
//	  interest  how many would come, while it is announced
//
//	rooms: gatherings, until Sweep takes them after they are over
//	  id        random
//	  circle    whose gathering it is
//	  over_at   when it ended; null: it is open. One open room a circle,
//	            and its asides
//	  parent    of an aside: the room it is an aside of; else null
//
//	invites: until they end, are revoked or are used up, and nobody sits by
//	them; one without an end and with uses left, or for one device until that
//	is forgotten, as long as its circle
//	  code      hash of the code
//	  circle    where it lets in
//	  role      as what; empty: no invite, but what seats hang on that were had
//	            by the circle's page, or by somebody who is signed in
//	  uses      how often; 0: any number of times
//	  used      how often it was
//	  until_at  its end; null: none
//	  device    of a single-use invite: hash of the above and device token;
//	            from earlier programs of code and device token
//	  id        names it for those who run the circle, random; null: from
//	            earlier programs, and it has a piece of the hash for a name
//	  n         1, 2, 3 … in its circle
//	  note      what whoever made it wrote on it, to know it again
//	  revoked_at when it was revoked; null: it was not
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
//	  waits     1: to be let in, when it comes into the room
//	  deputy    1: named to take over
//	  person    of somebody who is signed in: who; else null
//	  session   by which session of theirs, and it ends with it; else null
//
//	bars: who may not come in again, until the room is over
//	  room      where
//	  device    as in seats; or "seat " and a seat's id, for what a room's log
//	            may lose; or "person " and who it is, of somebody signed in
//	  decision  by which decision of a moderator's; null: of whoever keeps the
//	            circle
//
//	questions: what was asked who keeps a circle, for 30 days
//	  id        random
//	  circle    of which
//	  code      hash of the code that the answer is read with
//	  text      the question, as it was typed
//	  asked_at  when
//	  answer    as it was typed; empty: none yet
//	  answered_at when; null: not yet
//
//	audit: what was done by those who run the house, 24 months
//	  seq       1, 2, 3 …
//	  at        when
//	  person    who; empty: at the command line
//	  did       what, a word of ours
//	  what      to what, an id
//	  rule      by which, of a decision about a report; else null
//	  words     hex SHA-256 of a salt and what was typed with it, which lie
//	            elsewhere and can be erased; else null
//	  prev      hash of the line before; empty: there was none
//	  hash      of all of this
//
//	revisions: how often something ended a seat or session before its time,
//	one row
//	  id        always 1
//	  n         so often, from 1
//
//	reminders: who wants a mail before a date, until that date is over; one that
//	nobody agreed to for a day
//	  id        random
//	  circle    of which circle
//	  date      its local time, as the schedule names it
//	  begins_at when it begins
//	  ends_at   and ends
//	  code      hash of what its links prove it by
//	  whose     keyed hash of the address, to ask nobody twice in a day
//	  sealed    address and language, sealed with a key that is not in the
//	            database; empty once they said no
//	  agreed    1: whoever reads that address wants it
//	  asked_at  when it was asked for
//	  gone_at   when nothing of it is kept any more
//	  due_at    when a mail is due, or whoever sends it has had their time;
//	            null: none is
//	  attempts  how often that mail may have gone out
//	  failed    how often it did not, for certain
//
//	people: who has a part in running the house, until they are removed
//	  id        random
//	  n         1, 2, 3 …: the order they came in
//	  name      as they want to be called; it stands on their circles' pages
//	  admin     1: runs the house
//	  moderator 1: looks after every circle
//	  made      when they came
//
//	passkeys: what they sign in with, until it or they are removed
//	  id        the authenticator's name for it, in base64url
//	  person    whose
//	  data      the public key and what the authenticator said of it, in base64url
//	  made      when
//	  used_at   the day it was last used; null: never
//
//	welcomes: links that make somebody one of these people, or give one of
//	them a passkey; until they are used, or Sweep takes them after their end
//	  code      hash of the code
//	  person    who gets a passkey; null: somebody new
//	  circle    that somebody new keeps; null: none
//	  first     1: works while nobody runs the house
//	  admin     1: somebody new does, from then on
//	  moderator 1: somebody new looks after every circle
//	  deputy    1: of the circle
//	  until_at  their end
//	  maker     who made it, and must still be allowed to; null: it was made at
//	            the command line
//
//	ceremonies: what a sign-in needs from its first step to its second; until
//	that, or after five minutes until the next begins or Sweep takes them
//	  code      hash of the code
//	  data      the challenge, and who makes a passkey, in base64url
//	  until_at  their end
//
//	sessions: who is signed in, until they sign out or lose what they may;
//	after 7 days without use, or 30 in all, until Sweep takes them
//	  id        random; names it in lists
//	  secret    hash of the secret that proves it
//	  person    who
//	  made      when they signed in
//	  seen      the hour it was last used
//	  proved    when a passkey was last touched for it
//
//	cases: what is, or was, on the moderators' desk, 12 months after it was
//	closed. Moderators read it, but for those in case_away
//	  id        random
//	  n         1, 2, 3 …: what moderators call it
//	  rev       1, 2, 3 …: counts its changes
//	  kind      care, conduct, notice or appeal
//	  about     what its gravest report is about, a word of ours
//	  category  and of which category; empty: none
//	  priority  0 is the gravest
//	  circle    where; empty: it is not known
//	  room      where; empty: outside
//	  subject   the seat it is about; empty: none
//	  person    who that is, of people who have a part in running the house
//	  state     how far it has come, a word of ours
//	  outcome   how care ended, a word of ours; else empty
//	  reports   how many
//	  quotes    how many utterances are in them
//	  raised_at when it was
//	  due_at    when somebody should have taken it
//	  acked_at  when somebody first did; null: nobody yet
//	  closed_at when it was closed; null: it is open
//	  again_at  when it comes back to be followed up; null: it doesn't
//	  alone     1: nobody was on call when it came
//	  erased    how often its texts were erased
//
//	case_away: who never sees a case, as long as it
//	  case_id   which
//	  person    who: whom it is about, whoever reported it, and of what is about
//	            keeping a circle whoever keeps it
//
//	claims: who has a case, for 5 minutes from when they last did something with
//	it; a row of before says nothing, and goes with the case or the person
//	  case_id   which
//	  person    who
//	  since     since when
//	  until_at  its end
//
//	reports: what was reported, as long as its case; of each case 50, one's own
//	distress, and one row for all others
//	  id        random
//	  case_id   of which case
//	  code      hash of the code that whoever reported asks by what became of it
//	  about     what it is about; empty: the row for all others
//	  category  of which category
//	  reporter  whose seat; empty: from outside. Nobody reads it: a seat's own
//	            distress takes the place of what it said before
//	  lang      in which language it came
//	  at        when
//	  quotes    how many utterances are in it
//	  on_call   1: somebody was on call
//	  keys      ids of the keys that open its body
//	  body      moderation.Sealed, which only moderators' own keys open, sealed
//	            once more under a key of the vault; for 7 days after care ended,
//	            30 after another case was closed, 183 if that can be appealed;
//	            null: nothing was typed, or it is gone
//
//	decisions: what moderators did, as long as the case; one whose ban lasts as
//	long as that
//	  id        random
//	  case_id   in which case
//	  n         1, 2, 3 … in it
//	  person    who
//	  at        when
//	  action    what, a word of ours
//	  minutes   of a mute
//	  scope     of a ban
//	  until_at  of a ban or mute: its end; null: none
//	  second    who agreed to a ban without an end; else null
//	  rule      by which rule
//	  code      hash of the code that it is appealed with; null: nobody is
//	            concerned
//	  texts     the sentences for whom it concerns and for those who reported,
//	            and the code, as JSON, sealed under a key of the vault: for
//	            moderators and whom it concerns, 183 days, of a ban while it
//	            lasts; 7 days of care; null: they are gone
//	  undone_at when it was taken back; null: it was not
//	  undoer    by whom
//	  told_at   when whom it concerns was first told at a join; null: not yet
//
//	appeals: against decisions, as long as both cases
//	  case_id   its own case
//	  decision  against which
//	  decider   who decided that, and never judges it
//	  second    who agreed to it, and never judges it either; null: nobody had to
//	  at        when
//	  texts     what was written and the answer, as JSON, sealed under a key of
//	            the vault: for moderators and whoever wrote it, 183 days after
//	            the answer; null: they are gone
//	  judge     who judged it; null: nobody yet
//	  judged_at when
//	  overturned 1: the decision was taken back
//
//	notes: what moderators leave each other, as long as the case
//	  id        random
//	  case_id   about which case
//	  n         1, 2, 3 … in it
//	  person    who
//	  at        when
//	  texts     what, as JSON, sealed under a key of the vault: for moderators,
//	            183 days after the case was closed, 7 of care; null: it is gone
//
//	desk: how often something that a desk shows has changed, one row
//	  id        always 1
//	  n         so often, from 1
//
//	bans: whom a decision keeps out, until they are cleared out a while after
//	their end; those by a prefix, which make people wait, hold for 24 hours, and
//	until the next hourly Sweep
//	  decision  which
//	  key       whom: "device:" and a hash of the device token, "person:" and who
//	            it is, of somebody who signs in, "prefix:" and a hash of their
//	            network under a day key, "seat:" and a seat
//	  circle    from where; empty: from all of the house
//	  from_at   since when
//	  until_at  its end; null: none
//
//	told: whom else a decision is about, to tell them when they come again; as
//	long as the decision
//	  decision  which
//	  key       whom, as in bans; never by a prefix
//
//	links: what leads from a seat to whoever sat there, for 72 hours
//	  seat      whose
//	  room      where it is
//	  at        when whoever it is came in by it last
//	  sealed    moderation.Link, sealed under a day key that is not in the
//	            database and kept as long
//
//	duties: who is on call, until they are no moderator any more
//	  person    who
//	  since     when they said so
//	  until_at  its end, 12 hours later at most
//
//	pages: calls about what waits, as long as the case
//	  case_id   about what
//	  step      "call", or "emergency"
//	  lease_at  until when a node has it, or it waits to be tried again
//	  priority  how grave the case was
//	  tries     how often it failed on every channel
//	  done_at   when one took it; null: none did
//
//	modkeys: public keys that reports are sealed to, until whoever has the other
//	half ends them, makes five newer ones or is no moderator any more
//	  id        a piece of its hash
//	  person    whose
//	  raw       a point of P-256, in base64
//	  made      when
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
// random names and hashes of random bits, which tell nothing about anybody. What
// was typed about reports is sealed under keys of a moderation.Vault, and nobody
// reads it anywhere once its key is gone.
//
// A backup (Durable.Backup) is one SQLite file with the tables of inBackup, and
// bans with what they hang on, without a text (bansInBackup); leftOut says why
// it has none of the others. What is deleted here stays in
// backups for as long as these are kept.
//
// On PostgreSQL whoever writes about a circle holds its row first, so that
// two nodes come one after the other; whoever guesses at codes only reads,
// and waits for nobody. Which settings a connection has is in pgPool.
package sqlstore

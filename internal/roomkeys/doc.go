// Package roomkeys holds the keys that words are sealed with where they are
// stored. They exist in the memory of nodes and nowhere else.
//
// A key is 32 random bytes. Its name, the kid, is a hash of room and key: it
// stands in the room's log and on every sealed blob, and what comes under a
// name it does not hash to is not taken. Words are sealed with AES-256-GCM;
// room, kid and what the store binds are authenticated with them.
//
// Nodes speak on one topic of the bus. Every message carries an HMAC under a
// key derived from the deployment secret:
//
//	ask      room kid nonce public-key   who has it? Every 250 ms, for 3 s
//	answer   room kid nonce sealed       from everybody who has it: HPKE-sealed
//	                                     to that public key, bound to the rest
//	held     boot no {room kid sits alone left}…  these I hold
//	leaving  boot no {room kid …}…       these nobody else holds, and I go
//	forget   boot no room                this room is over
//
// The key pair of an ask is its own and dropped when answered, or 13 s after
// the ask began. An ask without an answer ends in a new key; what was
// sealed with the old one stays shut until somebody who holds it says so in a
// held, and is asked again.
//
// Two hold every key where two nodes live. Held goes out when a key is made
// or got, when the set of nodes changes, and every 3 s. If it says alone (the
// sender knows of no other holder), then the node with the highest hash of
// room and boot, of those that live, stay and are not the sender, asks for
// the key; 3 s later the second as well. Who leaves says leaving every 250 ms until others hold everything.
//
// A key is kept while somebody sits in its room, here or (as their held
// says) elsewhere, and 10 minutes longer; not beyond the room's end.
//
// What others can and can't do:
//
//   - With all of Redis (files, replica, slow log, everything ever said on
//     the bus) and the deployment secret, later: nothing opens, once the
//     nodes have dropped the room's key and the ask's key pair. Asks use
//     ML-KEM-768 with X25519, so this holds against a quantum computer if
//     ML-KEM does. Seen are room ids, kids, boots, times and lengths.
//   - Writing to Redis without the secret: no key, and none planted. Asks
//     sent again are answered to who asked first, and only so many a second.
//     Announcements sent again are older than the newest heard of that boot.
//     Holding messages back costs words, or 10 minutes of memory.
//   - Writing to Redis with the secret, while a node holds the key: it can
//     ask and is answered. The secret is what a node is known by.
//   - Reading a node's memory: its keys. Dropped ones are zeroed, but copies
//     that the runtime or the cipher made may remain until they are reused.
package roomkeys

// Package vault keeps the keys that typed texts of reports and decisions are
// kept under in the database, one for each case, outside it and its backups.
// What is deleted from a database lives on in its log and in copies of it;
// once the key is destroyed nobody reads it there.
//
//	File     one file, texts.keys in the data folder: of a node alone
//	Shared   such a file on every node, and a shelf in between (package redisstore)
//	Memory   nothing lasts: for tests
//
// The file is JSON, {"v":1,"keys":{NAME:BASE64},"gone":[NAME]}, for its owner
// alone. It is written whole, beside, and renamed; programs on one machine wait
// for each other. The names of destroyed keys stay in it, so that no other
// node and no old copy of the shelf brings a key back. A copy of the file itself
// would: keep it apart from backups of the database, and for no longer than texts
// are kept.
//
// Nodes that share a shelf give each other what they hold:
//
//	Make      the first to put a key on the shelf wins, and the others take it
//	Destroy   own file first, then the shelf; the others drop theirs with Sync,
//	          or when they next ask for it
//	Sync      every minute: take what is new, drop what is gone, and put back
//	          what the shelf has lost, but nothing that any node knows destroyed
//
// While the shelf can't be reached, a node reads what it holds, and makes
// nothing new. A shelf that loses what it took in its last minute, as in a
// failover, can make two nodes make a key of the same name: the one on the
// shelf stays, and what was kept under the other can't be read any more. Sync
// says so.
package vault

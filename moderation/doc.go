// Package moderation holds what lets words be reported without being kept, and
// what a house does about reports: cases, who has them, decisions, appeals, who
// is kept out. Rules only: no I/O, no clock; time arrives as an argument, and so
// does chance, but for what an algorithm draws by itself so that it can't be
// drawn twice (HPKE, the nonce of a link). Store says what is kept, Vault under
// which keys.
//
// Evidence without a content log: with each delivered utterance goes a tag,
// made under a day key that is forgotten after KeepKeys. Whoever reports
// words brings their tag along, so nobody can forge a quote and the house
// need not keep what people said. Under keys that come from the same one, and go
// with it, are receipts signed (Sign), network prefixes named (Prefix), and what
// leads from a seat to a person sealed (SealLink).
//
//	words ─ Tag ─► browser ─ report ─► Check ─► Body ─ Seal ─► Report ─► Store
//	                                                    │
//	             moderators' browsers, the offline key ─┘ ─ Open ─► Body
//
// What is reported is sealed to the public keys of moderators and of the
// organisation before it is kept: no private half is on any server.
package moderation

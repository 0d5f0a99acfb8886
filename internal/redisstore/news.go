package redisstore

import (
	"strconv"

	"hearth/room"
)

// news is what a script tells of a room, checked against its hashes but not
// decoded.
type news struct {
	now  int64 // µs, the clock of Redis
	at   string
	head room.Head
	base struct { // what the first of entries follows
		seq  uint64
		hash [32]byte
	}
	entries []stored

	// Only when all of a room is told:
	stateSeq  uint64
	stateHash [32]byte
	state     stored // facts and sealed words
}

// parseNews reads the values of one reply: news after a head, or all there is.
func parseNews(r reply, after room.Head, whole bool) (n news, err error) {
	n.now, n.head.Epoch = r.number(), r.text()
	seq, err1 := strconv.ParseUint(r.text(), 10, 64)
	hash, err2 := unhex(r.text())
	n.head.Seq, n.head.Hash, n.at = seq, hash, r.text()
	if r.bad || err1 != nil || err2 != nil {
		return n, errStored
	}
	n.base.seq, n.base.hash = after.Seq, after.Hash
	list := r
	if whole {
		all := r.sub()
		if list, err = n.parseState(all); err != nil || r.bad {
			return n, errStored
		}
	}
	for _, text := range list.texts() {
		e, err := parseStored(text)
		if err != nil {
			return n, err
		}
		n.entries = append(n.entries, e)
	}
	if list.bad {
		return n, errStored
	}
	return n, n.verify(whole)
}

// parseState reads the state, and returns what the entries are in.
func (n *news) parseState(all reply) (reply, error) {
	var err1, err2, err3, err4 error
	n.stateSeq, err1 = strconv.ParseUint(all.text(), 10, 64)
	n.stateHash, err2 = unhex(all.text())
	n.base.seq, err3 = strconv.ParseUint(all.text(), 10, 64)
	n.base.hash, err4 = unhex(all.text())
	n.state = stored{facts: []byte(all.text()), sealed: []byte(all.text())}
	if all.bad || err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return reply{}, errStored
	}
	return all, nil
}

// verify computes the chain from the point that is known, or from the oldest
// entry kept, over the state's entry up to the head.
func (n *news) verify(whole bool) error {
	hash, seq := n.base.hash, n.base.seq
	met := !whole || seq == n.stateSeq && hash == n.stateHash
	for _, e := range n.entries {
		seq++
		if hash = room.Chain(hash, seq, e.facts); hash != e.hash {
			return errStored
		}
		met = met || seq == n.stateSeq && hash == n.stateHash
	}
	if !met || seq != n.head.Seq || hash != n.head.Hash {
		return errStored
	}
	return nil
}

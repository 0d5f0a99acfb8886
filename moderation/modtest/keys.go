package modtest

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"strconv"
	"time"

	"hearth/moderation"
	"hearth/room"
)

// publicKey makes a key of somebody's.
func publicKey(h *house, p moderation.PersonID) moderation.PublicKey {
	h.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	h.ok(err)
	raw := private.PublicKey().Bytes()
	id, err := moderation.KeyID(raw)
	h.ok(err)
	return moderation.PublicKey{ID: id, Person: p, Raw: raw}
}

// roomSeat numbers a seat.
func roomSeat(n int) room.SeatID { return room.SeatID(strconv.Itoa(n)) }

// keysOf are somebody's keys that reports are sealed to, oldest first.
func (h *house) keysOf(p moderation.PersonID) (list []moderation.PublicKey) {
	h.Helper()
	all, err := h.Store.Keys(h.ctx)
	h.ok(err)
	for _, k := range all {
		if k.Person == p {
			list = append(list, k)
		}
	}
	return list
}

// hasKeys checks somebody's keys.
func (h *house) hasKeys(p moderation.PersonID, want ...moderation.PublicKey) {
	h.Helper()
	got := h.keysOf(p)
	if len(got) != len(want) {
		h.Errorf("%s has %d keys, want %d", p, len(got), len(want))
		return
	}
	for i, k := range want {
		if got[i].ID != k.ID || !bytes.Equal(got[i].Raw, k.Raw) {
			h.Errorf("%s: key %d is %s, want %s", p, i, got[i].ID, k.ID)
		}
	}
}

var modKeys = []promise{
	{"keys are as they were added, of whoever added them, on every node", func(h *house) {
		one, two := publicKey(h, h.mo), publicKey(h, h.mo)
		two.Person, two.ID = h.oz, "a name of its own" // it is still Mo who adds it
		was := h.desk()
		h.ok(h.Store.AddKey(h.ctx, h.by(h.mo), one))
		h.pass(time.Second)
		h.ok(h.Node().AddKey(h.ctx, h.by(h.mo), two))
		two.ID, _ = moderation.KeyID(two.Raw)
		h.hasKeys(h.mo, one, two)
		h.ok(h.Store.AddKey(h.ctx, h.by(h.mo), one))
		h.hasKeys(h.mo, one, two)
		h.hasKeys(h.oz)
		if h.desk() < was+2 {
			h.Error("no desk heard of it")
		}
	}},
	{"of more than five keys of one person the oldest makes room, also when clocks go back", func(h *house) {
		var all []moderation.PublicKey
		other := publicKey(h, h.oz)
		h.ok(h.Store.AddKey(h.ctx, h.by(h.oz), other))
		for range moderation.MostKeys + 2 {
			k := publicKey(h, h.mo)
			all = append(all, k)
			h.ok(h.Store.AddKey(h.ctx, h.by(h.mo), k))
			h.pass(-time.Minute)
		}
		h.hasKeys(h.mo, all[2:]...)
		h.hasKeys(h.oz, other)
	}},
	{"what is no point of P-256 is no key", func(h *house) {
		good := publicKey(h, h.mo)
		off := bytes.Clone(good.Raw)
		off[64] ^= 1
		for name, raw := range map[string][]byte{"none": nil, "short": good.Raw[:64], "long": append(bytes.Clone(good.Raw), 0), "off the curve": off} {
			h.want(name, h.Store.AddKey(h.ctx, h.by(h.mo), moderation.PublicKey{ID: good.ID, Raw: raw}), moderation.ErrKey)
		}
		h.hasKeys(h.mo)
	}},
	{"keys are of moderators, and one key is one person's", func(h *house) {
		k := publicKey(h, h.mo)
		h.want("somebody who keeps a circle", h.Store.AddKey(h.ctx, h.by(h.kim), k), moderation.ErrNotYours)
		h.ok(h.Store.AddKey(h.ctx, h.by(h.mo), k))
		h.want("somebody else's", h.Store.AddKey(h.ctx, h.by(h.oz), k), moderation.ErrDone)
		h.want("ending somebody else's", h.Store.EndKey(h.ctx, h.by(h.oz), k.ID), moderation.ErrNotYours)
		h.hasKeys(h.mo, k)
		h.ok(h.Store.EndKey(h.ctx, h.by(h.mo), k.ID))
		h.hasKeys(h.mo)
		h.want("ending it again", h.Store.EndKey(h.ctx, h.by(h.mo), k.ID), moderation.ErrNotYours)
		if got := h.didBy(h.mo); len(got) < 2 || got[len(got)-2] != "key-added" || got[len(got)-1] != "key-ended" {
			h.Errorf("the audit ends with %q", got)
		}
	}},
}

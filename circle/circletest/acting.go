package circletest

import (
	"slices"
	"time"

	"hearth/circle"
	"hearth/room"
)

var acting = []promise{
	{"what is done is in the audit, and what is not done is not", func(h *house) {
		at := h.now.Add(time.Minute)
		h.ok(h.Store.AddCircle(h.ctx, circle.Act{By: "kim", At: at}, full()))
		lines, err := h.Store.Audit(h.ctx, 0, 100)
		h.ok(err)
		l := lines[0]
		if l.Seq != int64(len(lines)) || !l.At.Equal(at) || l.By != "kim" || l.Did != "circle-made" || l.What != "0195-full" || len(l.Hash) != 64 {
			h.Errorf("%+v", l)
		}
		if h.Store.AddCircle(h.ctx, circle.Act{By: "kim", At: at}, full()) == nil {
			h.Error("twice")
		}
		h.want("a change", h.Store.ChangeCircle(h.ctx, circle.Act{}, circle.Circle{ID: tea, Rev: 9, Settings: room.DefaultSettings()}), circle.ErrChanged)
		h.want("an answer", h.Store.Answer(h.ctx, circle.Act{}, tea, "none", "Yes."), circle.ErrNoQuestion)
		if did := h.did(); !slices.Equal(did, []string{"circle-made", "circle-made", "invite-made", "circle-made"}) {
			h.Errorf("%q", did)
		}
	}},
	{"the audit is read page by page, newest first, and holds", func(h *house) {
		for range 20 {
			h.invite(circle.Invite{Circle: tea, Role: room.Member})
		}
		h.Store = h.Reopen()
		h.ok(h.Store.VerifyAudit(h.ctx))
		var before int64
		var all []circle.Acted
		for {
			page, err := h.Store.Audit(h.ctx, before, 7)
			h.ok(err)
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			before = page[len(page)-1].Seq
		}
		hashes := map[string]bool{}
		for n, l := range all {
			if l.Seq != int64(23-n) || hashes[l.Hash] {
				h.Errorf("line %d is %+v", n, l)
			}
			hashes[l.Hash] = true
		}
		if len(all) != 23 {
			h.Errorf("%d lines", len(all))
		}
	}},
}

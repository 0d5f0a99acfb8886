package circletest

import (
	"errors"
	"sync"
	"sync/atomic"

	"hearth/circle"
	"hearth/room"
)

// both are this node and another one on the same store.
func (h *house) both() [2]circle.Store { return [2]circle.Store{h.Store, h.Node()} }

// together runs f for 0 to n-1, all at the same time.
func together(n int, f func(int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

var nodes = []promise{
	{"thirty on two nodes take the last ten uses: ten are in", func(h *house) {
		both := h.both()
		h.comes("kim", h.keeper)
		code := h.invite(circle.Invite{Circle: tea, Role: room.Member, Uses: 12, For: "twelve"})
		h.comes("ada", code)
		h.comes("bo", code)
		var in, out atomic.Int32
		seats := make([]ticket, 30)
		together(30, func(n int) {
			seat, secret, err := both[n%2].Redeem(h.ctx, circle.Claim{Code: code, Device: device(n)}, h.now)
			switch {
			case err == nil:
				in.Add(1)
				seats[n] = ticket{seat, secret}
			case errors.Is(err, circle.ErrNoInvite):
				out.Add(1)
			default:
				h.Error(err)
			}
		})
		if in.Load() != 10 || out.Load() != 20 || h.named("twelve").Used != 12 {
			h.Errorf("%d came in, %d did not, it says %d", in.Load(), out.Load(), h.named("twelve").Used)
		}
		for n, t := range seats {
			if t.ID != "" && !h.sits(t) {
				h.Errorf("seat %d is worth nothing", n)
			}
		}
	}},
	{"of two on two nodes who change a circle at once one is told", func(h *house) {
		both := h.both()
		for range 10 {
			was := h.circle(tea)
			var errs [2]error
			together(2, func(n int) {
				c := was
				c.Purpose = device(n)
				errs[n] = both[n].ChangeCircle(h.ctx, circle.Act{At: h.now}, c)
			})
			now := h.circle(tea)
			won := 0
			if errs[0] != nil {
				won = 1
			}
			if errs[won] != nil || !errors.Is(errs[1-won], circle.ErrChanged) || now.Purpose != device(won) || now.Rev != was.Rev+1 {
				h.Fatalf("%v; %q, %d after %d", errs, now.Purpose, now.Rev, was.Rev)
			}
		}
		h.ok(h.Store.VerifyAudit(h.ctx))
	}},
	{"whoever comes in while the invite is revoked elsewhere has nothing of it", func(h *house) {
		both := h.both()
		h.comes("kim", h.keeper)
		for round := range 10 {
			code := h.invite(circle.Invite{Circle: tea, Role: room.Member, For: device(round)})
			id := h.named(device(round)).ID
			seats := make([]ticket, 6)
			together(7, func(n int) {
				if n == 6 {
					if err := both[1].Revoke(h.ctx, circle.Act{At: h.now}, tea, id); err != nil {
						h.Error(err)
					}
					return
				}
				seat, secret, err := both[n%2].Redeem(h.ctx, circle.Claim{Code: code, Device: device(n)}, h.now)
				if err != nil && !errors.Is(err, circle.ErrNoInvite) {
					h.Error(err)
				}
				seats[n] = ticket{seat, secret}
			})
			for _, t := range seats {
				if t.ID != "" && h.sits(t) {
					h.Fatalf("round %d: %+v outlasted the invite", round, t.Seat)
				}
			}
		}
	}},
	{"the audit holds whatever two nodes do at once", func(h *house) {
		both := h.both()
		before := len(h.did())
		together(24, func(n int) {
			s, err := both[n%2], error(nil)
			switch n % 3 {
			case 0:
				_, err = s.AddInvite(h.ctx, circle.Act{At: h.now}, circle.Invite{Circle: []circle.ID{tea, walk}[n%4/2], Role: room.Member})
			case 1:
				c := full()
				c.ID = circle.ID(device(n))
				err = s.AddCircle(h.ctx, circle.Act{At: h.now}, c)
			case 2:
				_, err = s.AddWelcome(h.ctx, circle.Act{At: h.now}, circle.Welcome{Moderator: true, Until: h.now.Add(circle.WelcomeLife)})
			}
			if err != nil {
				h.Error(err)
			}
		})
		h.ok(h.Store.VerifyAudit(h.ctx))
		if did := h.did(); len(did) != before+24 {
			h.Errorf("%d lines, want %d more than %d", len(did), 24, before)
		}
	}},
}

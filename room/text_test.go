package room

import (
	"reflect"
	"testing"
)

// What is written by hand is what the encoder writes, byte for byte: the
// same value always makes the same bytes.
func TestListsByHandAreJSON(t *testing.T) {
	for _, s := range []string{"", "0123456789abcdefghijkl", `say "no"`, `a\b`, "<a&b>", "tab\t", "é", "\u2028", "\x7f", "\xff"} {
		receipt, place := Receipt{Session: s, N: 3, Seq: 1 << 60}, Place{Seat: SeatID(s), Again: true, Late: true, Spent: -5}
		for _, one := range []struct{ byHand, list any }{{receipt, [3]any{s, 3, uint64(1 << 60)}}, {place, [3]any{s, "al", -5}}} {
			is, err1 := encode(one.byHand)
			should, err2 := encode(one.list)
			if err1 != nil || err2 != nil || !reflect.DeepEqual(is, should) {
				t.Errorf("%q is %s (%v) and should be %s (%v)", s, is, err1, should, err2)
			}
		}
	}
}

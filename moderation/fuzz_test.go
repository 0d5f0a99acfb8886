package moderation

import (
	"bytes"
	"slices"
	"testing"

	"hearth/room"
)

// twoNodes are keys of two nodes, together and each alone.
func twoNodes(f *testing.F) (both *Keys, each []*Keys) {
	f.Helper()
	both = new(Keys)
	for _, seed := range []byte{1, 2} {
		k := new(Keys)
		if _, err := k.Rotate(noon, chance(seed)); err != nil {
			f.Fatal(err)
		}
		days, err := k.Days()
		if err != nil {
			f.Fatal(err)
		}
		both.Merge(days, noon)
		each = append(each, k)
	}
	return both, each
}

// FuzzEvidence brings any tag with any evidence: only what Tag made for
// exactly that is accepted.
func FuzzEvidence(f *testing.F) {
	both, each := twoNodes(f)
	e := said()
	for _, tag := range []string{both.Tag(e), each[0].Tag(e), each[1].Tag(e), "", "2026-03-01.", both.Sign("seat", nil)} {
		f.Add(tag, string(e.Room), e.Seq, string(e.Seat), e.At, e.Words)
	}
	f.Fuzz(func(t *testing.T, tag, r string, seq uint64, seat string, at int64, words string) {
		e := Evidence{Room: room.ID(r), Seq: seq, Seat: room.SeatID(seat), At: at, Words: words}
		if err := both.Check(e, both.Tag(e), noon); err != nil { // the control
			t.Fatalf("a true tag: %v", err)
		}
		made := slices.ContainsFunc(each, func(k *Keys) bool { return k.Tag(e) == tag })
		if err := both.Check(e, tag, noon); (err == nil) != made {
			t.Errorf("%q: %v, and it was made by Tag: %v", tag, err, made)
		}
		e.Seq++
		if made && both.Check(e, tag, noon) == nil {
			t.Errorf("%q is good for another entry", tag)
		}
	})
}

// FuzzSigned brings any token for any purpose, and as a sealed link.
func FuzzSigned(f *testing.F) {
	both, each := twoNodes(f)
	link := Link{Device: "d", Person: "p"} // sealed otherwise in each process
	for _, token := range []string{both.Sign("seat", []byte(`{}`)), each[0].Sign("seat", nil), each[1].Sign("", []byte("a")), both.Tag(said()), both.SealLink(link), "", ".", ".."} {
		f.Add("seat", token)
	}
	f.Fuzz(func(t *testing.T, purpose, token string) {
		mine := both.Sign(purpose, []byte(token))
		if said, err := both.Open(purpose, mine, noon); err != nil || string(said) != token { // the control
			t.Fatalf("a true token: %q, %v", said, err)
		}
		if _, err := both.Open(purpose+"x", mine, noon); err == nil {
			t.Error("it is good for another purpose")
		}
		said, err := both.Open(purpose, token, noon)
		if err == nil && !slices.ContainsFunc(each, func(k *Keys) bool { return k.Sign(purpose, said) == token }) {
			t.Errorf("%q is taken to say %q", token, said)
		}
		if l, err := both.OpenLink(token, noon); err == nil && l != link {
			t.Errorf("%q is taken for a link: %+v", token, l)
		}
	})
}

// FuzzSealed brings any sealed report: it opens if it is the one that was
// sealed, and nothing falls over.
func FuzzSealed(f *testing.F) {
	v := readVector(f) // the same in each process
	private, s := v.Private, v.Sealed
	if _, err := Open(private, s); err != nil { // the control
		f.Fatal(err)
	}
	f.Add(1, s.Body, s.To[1].Enc, s.To[1].Box, private)
	f.Add(1, s.Body, s.To[0].Enc, s.To[0].Box, private)
	f.Add(2, s.Body[:12], s.To[1].Enc[:64], []byte{}, []byte("short"))
	f.Fuzz(func(t *testing.T, version int, sealed, enc, box, key []byte) {
		any := Sealed{V: version, Body: sealed, To: []Wrapped{{}, {Key: v.ID, Enc: enc, Box: box}}}
		same := version == 1 && bytes.Equal(sealed, s.Body) && bytes.Equal(enc, s.To[1].Enc) && bytes.Equal(box, s.To[1].Box)
		if body, err := Open(private, any); (err == nil) != same || (body == nil) == same {
			t.Errorf("it opens, %q, %v, and is the one that was sealed: %v", body, err, same)
		}
		if body, err := Open(key, any); err == nil && !(same && bytes.Equal(key, private)) {
			t.Errorf("another key opens it: %q", body)
		}
		if _, err := KeyID(enc); err == nil && len(enc) != encSize {
			t.Errorf("%d bytes are a public key", len(enc))
		}
	})
}

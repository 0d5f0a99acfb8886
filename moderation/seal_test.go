package moderation

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"testing"
)

// pair makes the two halves of a key.
func pair(t testing.TB) (private []byte, public PublicKey) {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw := k.PublicKey().Bytes()
	id, err := KeyID(raw)
	if err != nil {
		t.Fatal(err)
	}
	return k.Bytes(), PublicKey{ID: id, Raw: raw}
}

func sealed(t testing.TB, body string, to ...PublicKey) Sealed {
	t.Helper()
	s, err := Seal([]byte(body), to, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachOfSeveralOpensAReport(t *testing.T) {
	a, pubA := pair(t)
	b, pubB := pair(t)
	c, _ := pair(t)
	s := sealed(t, `{"text":"tea"}`, pubA, pubB, pubA)
	if len(s.To) != 2 || s.To[0].Key != pubA.ID || bytes.Contains(s.Body, []byte("tea")) || len(s.To[0].Enc) != 65 || len(s.To[0].Box) != 48 {
		t.Errorf("sealed as %+v", s)
	}
	for _, private := range [][]byte{a, b} {
		if body, err := Open(private, s); err != nil || string(body) != `{"text":"tea"}` {
			t.Errorf("%q, %v", body, err)
		}
	}
	if body, err := Open(c, s); body != nil || !errors.Is(err, ErrSealed) {
		t.Errorf("somebody else: %q, %v", body, err)
	}
	if _, err := Open([]byte("short"), s); !errors.Is(err, ErrKey) {
		t.Errorf("no key: %v", err)
	}
	if again := sealed(t, `{"text":"tea"}`, pubA); bytes.Equal(again.Body, s.Body) {
		t.Error("the same words look the same")
	}
}

func TestWhatIsNoKeyKeepsAReportFromNobodyElse(t *testing.T) {
	private, public := pair(t)
	point := slices.Clone(public.Raw)
	point[64] ^= 1 // beside the curve
	bad := []PublicKey{{}, {Raw: point}, {Raw: public.Raw[:64]}, {Raw: make([]byte, 65)}}
	for i, k := range bad {
		if _, err := KeyID(k.Raw); !errors.Is(err, ErrKey) {
			t.Errorf("%d is a key: %v", i, err)
		}
	}
	if body, err := Open(private, sealed(t, "tea", append(bad, public)...)); err != nil || string(body) != "tea" {
		t.Errorf("%q, %v", body, err)
	}
	for _, to := range [][]PublicKey{nil, bad} {
		if _, err := Seal([]byte("tea"), to, rand.Reader); !errors.Is(err, ErrNobody) {
			t.Errorf("sealed to nobody: %v", err)
		}
	}
	if _, err := Seal([]byte("tea"), []PublicKey{public}, bytes.NewReader(make([]byte, 43))); err == nil {
		t.Error("sealed without chance")
	}
}

func TestAnAlteredReportDoesNotOpen(t *testing.T) {
	private, public := pair(t)
	_, other := pair(t)
	for name, change := range map[string]func(*Sealed){
		"version":        func(s *Sealed) { s.V = 2 },
		"nonce":          func(s *Sealed) { s.Body[0] ^= 1 },
		"body":           func(s *Sealed) { s.Body[12] ^= 1 },
		"cut":            func(s *Sealed) { s.Body = s.Body[:11] },
		"box":            func(s *Sealed) { s.To[0].Box[47] ^= 1 },
		"no box":         func(s *Sealed) { s.To[0].Box = nil },
		"enc":            func(s *Sealed) { s.To[0].Enc[64] ^= 1 },
		"enc of another": func(s *Sealed) { s.To[0].Enc = other.Raw },
		"no enc":         func(s *Sealed) { s.To[0].Enc = nil },
		"key":            func(s *Sealed) { s.To[0].Key = other.ID },
		"nobody":         func(s *Sealed) { s.To = nil },
	} {
		s := sealed(t, "tea", public)
		change(&s)
		if body, err := Open(private, s); body != nil || !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
}

// rewrite makes testdata/sealed.json anew, which the browser's side is held to
// as well (web/e2e/hpke.spec.ts).
var rewrite = flag.Bool("rewrite", false, "write testdata/sealed.json anew")

// vector is a report sealed to a key that is for this test alone.
type vector struct {
	Private []byte `json:"private"`
	Raw     []byte `json:"raw"` // its public half
	ID      string `json:"id"`
	Body    Body   `json:"body"`
	Sealed  Sealed `json:"sealed"` // to another, too
	Foreign Sealed `json:"foreign"`
}

const vectorFile = "testdata/sealed.json"

func readVector(t testing.TB) (v vector) {
	t.Helper()
	b, err := os.ReadFile(vectorFile)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSealedVector(t *testing.T) {
	if *rewrite {
		private, public := pair(t)
		_, other := pair(t)
		v := vector{Private: private, Raw: public.Raw, ID: public.ID, Body: Body{Text: "I am worried. Ich mache mir Sorgen. أنا قلق 🫖", Quotes: []Quote{{Room: "r", Seq: 7, Words: "I had a good week."}}}}
		body, err := json.Marshal(v.Body)
		if err != nil {
			t.Fatal(err)
		}
		v.Sealed, v.Foreign = sealed(t, string(body), other, public), sealed(t, string(body), other)
		b, err := json.MarshalIndent(v, "", "  ")
		if err == nil {
			err = os.WriteFile(vectorFile, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	v := readVector(t)
	if id, err := KeyID(v.Raw); id != v.ID || err != nil {
		t.Errorf("the key is called %s, %v", id, err)
	}
	body, err := Open(v.Private, v.Sealed)
	want, _ := json.Marshal(v.Body)
	if err != nil || !bytes.Equal(body, want) {
		t.Errorf("%s, %v", body, err)
	}
	if _, err := Open(v.Private, v.Foreign); !errors.Is(err, ErrSealed) {
		t.Errorf("a foreign one: %v", err)
	}
}

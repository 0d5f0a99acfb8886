package moderation

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
)

func anchorKey(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

// Anchors are found in whatever they were kept in, and only ours count.
func TestAnchorsAreReadOutOfAnyText(t *testing.T) {
	key := anchorKey(1)
	a := Anchor{Seq: 7, Hash: strings.Repeat("ab", 32), At: noon}
	line := a.Sign(key)
	text := `{"level":"info","msg":"the audit so far","anchor":"` + line + `"}` + "\n> mail: " + line + "\nand no more\n"
	good, bad, err := ReadAnchors(strings.NewReader(text), key.Public().(ed25519.PublicKey))
	if err != nil || bad != 0 || len(good) != 2 || good[0].Seq != a.Seq || good[0].Hash != a.Hash || !good[0].At.Equal(a.At) {
		t.Fatalf("%v, %d bad, %v", good, bad, err)
	}
	other := map[string]string{
		"another's":    a.Sign(anchorKey(2)),
		"another line": strings.Replace(line, " 7 ", " 8 ", 1),
		"another hash": strings.Replace(line, "abab", "abac", 1),
		"another time": strings.Replace(line, "0 ", "1 ", 1),
	}
	for name, text := range other {
		good, bad, err := ReadAnchors(strings.NewReader(text), key.Public().(ed25519.PublicKey))
		if err != nil || bad != 1 || len(good) != 0 {
			t.Errorf("%s: %v, %d bad, %v", name, good, bad, err)
		}
	}
}

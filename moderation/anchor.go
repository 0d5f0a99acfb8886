package moderation

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"
)

// Anchor is the newest line of the audit at some time, signed, as it is told
// outside: in the log, by mail. Whoever keeps one can tell whether the audit
// was cut off before it, or written anew. What came after the last anchor can
// still be cut off unseen.
type Anchor struct {
	Seq  int64
	Hash string // 64 hex digits
	At   time.Time
}

// signed is what the signature is over.
func (a Anchor) signed() string {
	return fmt.Sprintf("hearth-audit 1 %d %s %d", a.Seq, a.Hash, a.At.UnixMilli())
}

// Sign returns an anchor as one line of text.
func (a Anchor) Sign(key ed25519.PrivateKey) string {
	return a.signed() + " " + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(a.signed())))
}

var anchorLine = regexp.MustCompile(`hearth-audit 1 ([0-9]{1,18}) ([0-9a-f]{64}) ([0-9]{1,15}) ([A-Za-z0-9_-]{86})`)

// ReadAnchors finds anchors in any text, a log or a mail, and returns those
// that key has signed. Others are counted: somebody else's, or changed.
func ReadAnchors(r io.Reader, key ed25519.PublicKey) (good []Anchor, bad int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		for _, m := range anchorLine.FindAllStringSubmatch(lines.Text(), -1) {
			seq, errSeq := strconv.ParseInt(m[1], 10, 64)
			at, errAt := strconv.ParseInt(m[3], 10, 64)
			sig, errSig := base64.RawURLEncoding.DecodeString(m[4])
			a := Anchor{Seq: seq, Hash: m[2], At: time.UnixMilli(at)}
			if errSeq != nil || errAt != nil || errSig != nil || !ed25519.Verify(key, []byte(a.signed()), sig) {
				bad++
				continue
			}
			good = append(good, a)
		}
	}
	return good, bad, lines.Err()
}

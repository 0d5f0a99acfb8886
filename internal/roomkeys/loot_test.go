package roomkeys

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/redisstore"
	"hearth/internal/servers"
	"hearth/room"
)

// loot is what a thief has, after the night: every file of Redis and of its
// replica, their slow logs, all that was ever said to Redis and on the bus,
// the deployment secret, and this program's source.
type loot struct {
	secret []byte
	bytes  [][]byte // files and recordings; also as they were before they were quoted
	said   [][]byte // on the bus
	labels []string // every string that stands in the source, or in a file as a word
}

// blob is sealed words, as they lie in a file.
type blob struct {
	kid           string
	nonce, sealed []byte
}

// begins is how sealed words begin: version, length of the kid, kid. Behind it
// are the nonce, 12 bytes, and the words.
var begins = regexp.MustCompile(`\x01\x10[A-Za-z0-9_-]{16}`)

// blobs finds sealed words.
func (l *loot) blobs() (list []blob) {
	seen := map[string]bool{}
	for _, b := range l.bytes {
		for _, at := range begins.FindAllIndex(b, -1) {
			rest := b[at[1]:min(at[1]+400, len(b))]
			if len(rest) < 12+aes.BlockSize || seen[string(rest[:12])] {
				continue
			}
			seen[string(rest[:12])] = true
			list = append(list, blob{string(b[at[0]+2 : at[1]]), rest[:12], rest[12:]})
		}
	}
	return list
}

// starts are how words begin: of an entry, of a state.
var starts = []string{`[{"i":0,`, `{"names"`}

// opens says whether a key opens a blob. It reads what GCM would refuse, so
// that nothing that is authenticated has to be guessed.
func (b blob) opens(key []byte) bool {
	block, err := aes.NewCipher(key)
	if err != nil {
		return false
	}
	var pad [aes.BlockSize]byte
	block.Encrypt(pad[:], b.counter())
	for i := range pad {
		pad[i] ^= b.sealed[i]
	}
	return bytes.HasPrefix(pad[:], []byte(starts[0])) || bytes.HasPrefix(pad[:], []byte(starts[1]))
}

// counter is where GCM begins to count for a nonce of 12 bytes (NIST SP
// 800-38D, 7.1: the first block is the tag's).
func (b blob) counter() []byte {
	return append(append(make([]byte, 0, aes.BlockSize), b.nonce...), 0, 0, 0, 2)
}

// reads is a blob's words, with a key that opens it.
func (b blob) reads(key []byte) string {
	block, err := aes.NewCipher(key)
	if err != nil {
		return ""
	}
	words := make([]byte, len(b.sealed))
	cipher.NewCTR(block, b.counter()).XORKeyStream(words, b.sealed)
	return string(words)
}

// attack tries every key that it can think of, until one opens a blob. Of
// those with one kid, which have one key, it tries the first.
func (l *loot) attack(all []blob) (key []byte, tried int) {
	var blobs []blob
	for _, b := range all {
		if !slices.ContainsFunc(blobs, func(o blob) bool { return o.kid == b.kid }) {
			blobs = append(blobs, b)
		}
	}
	try := func(k []byte) bool {
		tried++
		for _, b := range blobs {
			if b.opens(k) {
				key = bytes.Clone(k)
				return false
			}
		}
		return true
	}
	for _, way := range []func(func([]byte) bool) bool{l.standing, l.derived, l.answered} {
		if !way(try) {
			break
		}
	}
	return key, tried
}

// standing are all 32 bytes that stand anywhere, as they are, in hex, in
// base64.
func (l *loot) standing(try func([]byte) bool) bool {
	for _, b := range append([][]byte{l.secret}, append(l.bytes, l.said...)...) {
		for i := 0; i+32 <= len(b); i++ {
			if !try(b[i : i+32]) {
				return false
			}
		}
		for _, run := range regexp.MustCompile(`[0-9A-Fa-f]{64,}`).FindAll(b, -1) {
			for i := 0; i+64 <= len(run); i++ {
				if k, err := hex.DecodeString(string(run[i : i+64])); err == nil && !try(k) {
					return false
				}
			}
		}
		for _, run := range regexp.MustCompile(`[A-Za-z0-9+/_-]{43,}`).FindAll(b, -1) {
			run = bytes.ReplaceAll(bytes.ReplaceAll(run, []byte("-"), []byte("+")), []byte("_"), []byte("/"))
			for i := 0; i+43 <= len(run); i++ {
				if k, err := base64.RawStdEncoding.DecodeString(string(run[i : i+43])); err == nil && !try(k) {
					return false
				}
			}
		}
	}
	return true
}

// seeds are what keys could be derived from, were they derived from the secret.
func (l *loot) seeds() [][]byte {
	sum, long, trimmed := sha256.Sum256(l.secret), sha512.Sum512(l.secret), bytes.TrimSpace(l.secret)
	mac, err := hkdf.Key(sha256.New, l.secret, nil, "hearth room keys: messages 1", sha256.Size)
	if err != nil {
		panic(err)
	}
	return [][]byte{l.secret, l.secret[:32], trimmed, sum[:], long[:32], mac, {}}
}

// derived are hashes of a seed and any word that the thief knows.
func (l *loot) derived(try func([]byte) bool) bool {
	for _, seed := range l.seeds() {
		for _, label := range append([]string{""}, l.labels...) {
			a, b := sha256.Sum256(append(bytes.Clone(seed), label...)), sha256.Sum256(append([]byte(label), seed...))
			m := hmac.New(sha256.New, seed)
			m.Write([]byte(label))
			info, err := hkdf.Key(sha256.New, seed, nil, label, 32)
			salt, err2 := hkdf.Key(sha256.New, seed, []byte(label), "", 32)
			if err != nil || err2 != nil {
				panic("32 bytes can be had")
			}
			for _, k := range [][]byte{a[:], b[:], m.Sum(nil), info, salt} {
				if !try(k) || !try(k[:16]) {
					return false
				}
			}
		}
	}
	return true
}

// answered are keys that nodes gave each other, opened with key pairs derived
// from what the thief has.
func (l *loot) answered(try func([]byte) bool) bool {
	var pairs []hpke.PrivateKey
	l.derived(func(k []byte) bool {
		if pair, err := kem().DeriveKeyPair(k); err == nil && len(pairs) < 500 { // each costs a tenth of a millisecond and more
			pairs = append(pairs, pair)
		}
		return len(pairs) < 500
	})
	for _, b := range l.said {
		m, err := read(b)
		if err != nil || m.kind != anAnswer {
			continue
		}
		for _, pair := range pairs {
			if raw, err := hpke.Open(pair, kdf(), aead(), bindAnswer(m.name, m.nonce), m.data); err == nil && !try(raw) {
				return false
			}
		}
	}
	return true
}

// house is a node's hold on Redis, with its keys.
type house struct {
	ring  *Ring
	store *redisstore.Store
	stop  context.CancelFunc
}

// lives starts a node. What it hears on the bus is heard by the thief too.
func (l *loot) lives(t *testing.T, r *servers.Redis, mu *sync.Mutex) *house {
	t.Helper()
	h := &house{ring: New(Config{Secret: l.secret})}
	var err error
	if h.store, err = redisstore.Open(t.Context(), redisstore.Options{URL: r.URL(), Secret: l.secret, Words: h.ring}); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Start(t.Context(), redisstore.Events{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = sync.OnceFunc(func() {
		stop()
		h.ring.Wait()
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(h.stop)
	err = h.store.Bus().Subscribe(ctx, Topic, func(msg []byte) {
		mu.Lock()
		defer mu.Unlock()
		l.said = append(l.said, msg)
	})
	if err == nil {
		err = h.ring.Serve(ctx, h.store.Bus(), h.store.Nodes())
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// meet holds a gathering in which three things are said and one is taken
// back, at one node, and reads it at another. It returns the key.
func meet(t *testing.T, a, b *house) (kid string, raw []byte) {
	t.Helper()
	kid, err := a.ring.Hold(t.Context(), here, "")
	if err != nil {
		t.Fatal(err)
	}
	var head room.Head
	state := &room.State{}
	add := func(events ...room.Event) {
		t.Helper()
		e := room.Entry{Seq: head.Seq + 1, At: time.Now().UTC(), Events: events}
		state.Apply(e)
		tail, err := a.store.Log().Append(t.Context(), here, head, room.Batch{Entries: []room.Entry{e}, State: state, Now: e.At})
		if err != nil {
			t.Fatal(err)
		}
		head = tail.Head
	}
	add(room.Begun{Room: here, Set: room.DefaultSettings()}, room.Keyed{Kid: kid}, room.Joined{Seat: "a", Role: room.Member})
	add(room.Named{Seat: "a", Name: room.Name{Name: "Canary", Key: "canary"}})
	add(room.Said{Seat: "a", Turn: 1, Text: "the canary sings"})
	add(room.Said{Seat: "a", Turn: 1, Text: "the canary takes this back"})
	add(room.Retracted{Seq: 4})
	add(room.Said{Seat: "a", Turn: 1, Text: "the canary is quiet"})

	if fresh, err := b.ring.Hold(t.Context(), here, kid); fresh != "" || err != nil {
		t.Fatalf("the other node did not get the key: %q, %v", fresh, err)
	}
	tail, err := b.store.Log().Read(t.Context(), here, room.Head{})
	if err != nil || tail.State.Words.Names["a"].Name != "Canary" {
		t.Fatalf("the other node reads %+v, %v", tail.State, err)
	}
	a.ring.mu.Lock()
	defer a.ring.mu.Unlock()
	key := a.ring.shelf.get(name{here, kid}).raw
	return kid, key[:]
}

// listens records all that a Redis is told.
func listens(t *testing.T, r *servers.Redis) (heard func() []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", r.Addr)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "MONITOR\r\n")
	var all bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = all.ReadFrom(conn)
	}()
	return func() []byte { conn.Close(); <-ended; return all.Bytes() }
}

// quoted is how Redis shows bytes that don't print.
var quoted = regexp.MustCompile(`\\x[0-9a-f]{2}|\\["\\nrtab]`)

func unquote(b []byte) []byte {
	return quoted.ReplaceAllFunc(b, func(q []byte) []byte {
		s, err := strconv.Unquote(`"` + string(q) + `"`)
		if err != nil {
			return q
		}
		return []byte(s)
	})
}

// take takes what is left of a Redis.
func (l *loot) take(t *testing.T, r *servers.Redis) {
	t.Helper()
	slow, err := r.Do("SLOWLOG", "GET", "-1")
	if err != nil {
		t.Fatal(err)
	}
	l.bytes = append(l.bytes, []byte(slow))
	err = filepath.WalkDir(r.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		l.bytes = append(l.bytes, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// learn takes in every string of a package's source, and every word that
// stands in the files.
func (l *loot) learn(t *testing.T, dirs ...string) {
	t.Helper()
	known := map[string]bool{}
	note := func(s string) {
		if s != "" && len(s) < 100 && !known[s] {
			known[s] = true
			l.labels = append(l.labels, s)
		}
	}
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			for _, s := range literals(t, name) {
				note(s)
			}
		}
	}
	for _, b := range l.bytes {
		for _, w := range regexp.MustCompile(`[\w:{}-]{4,64}`).FindAllString(string(b), 200_000) {
			if strings.ContainsAny(w, "-_:{") || len(w) == 26 || len(w) == 64 || len(w) == 16 || len(w) == 12 { // ids, epochs, hashes, kids, keys, boots
				note(w)
			}
		}
	}
}

func literals(t *testing.T, name string) (list []string) {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	if _, err := parser.ParseFile(set, name, src, parser.ImportsOnly); err != nil {
		t.Fatal(err)
	}
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile(name, -1, len(src)), src, nil, 0)
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			return list
		}
		if tok == token.STRING {
			if said, err := strconv.Unquote(text); err == nil {
				list = append(list, said)
			}
		}
	}
}

// With all of Redis and the deployment secret in hand, words can't be read
// once the nodes have dropped the key. Each way of trying is tried on
// something that it must find.
func TestTheLootOpensNothing(t *testing.T) {
	keeps := []string{"--appendonly", "yes", "--appendfsync", "always", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "100000"}
	primary := servers.StartRedis(t, keeps...)
	replica := servers.StartReplica(t, primary, keeps...)
	monitor := listens(t, primary)
	l := &loot{secret: secret}
	var mu sync.Mutex // guards l.said
	a, b := l.lives(t, primary, &mu), l.lives(t, primary, &mu)
	kid, raw := meet(t, a, b)
	a.ring.Forget(here)
	b.ring.Forget(here)
	if _, ok := b.ring.Open(here, nil, short([]byte{version}, kid)); ok {
		t.Error("a node has the key still")
	}
	a.stop()
	b.stop()
	heard := monitor()
	l.bytes = append(l.bytes, heard, unquote(heard))
	l.take(t, primary)
	l.take(t, replica)
	l.learn(t, ".", "../redisstore")

	blobs := l.blobs()
	texts := ""
	for _, b := range blobs {
		texts += b.reads(raw)
	}
	for _, text := range []string{"the canary sings", "the canary takes this back", "the canary is quiet", `"name":"Canary"`} {
		if !strings.Contains(texts, text) {
			t.Errorf("with the true key there is no %q in %d blobs: this thief can't find them", text, len(blobs))
		}
	}
	key, tried := l.attack(blobs)
	if key != nil || tried < 100_000 {
		t.Fatalf("%d keys tried, found %x", tried, key)
	}
	t.Logf("%d keys tried on %d blobs from %d labels and %d messages", tried, len(blobs), len(l.labels), len(l.said))
	answers := 0
	for _, b := range l.said {
		if m, err := read(b); err == nil && m.kind == anAnswer {
			answers++
		}
		if !bytes.Contains(unquote(heard), b) {
			t.Error("a message on the bus was not recorded: the loot is not whole")
		}
	}
	if answers == 0 {
		t.Error("no key was given by one node to another: that way was not tried")
	}
	l.controls(t, blobs, raw)
}

// controls: the very same attack finds a key that was left lying about, was
// derived from the secret, or was given to a key pair that was.
func (l *loot) controls(t *testing.T, blobs []blob, raw []byte) {
	t.Helper()
	for way, left := range map[string][]byte{
		"as it is": append([]byte("xyz"), raw...),
		"in hex":   fmt.Appendf(nil, "key=%X;", raw), "in base64": fmt.Appendf(nil, "key=%s", base64.RawURLEncoding.EncodeToString(raw)),
	} {
		with := *l
		with.bytes = [][]byte{left}
		if key, _ := with.attack(blobs); !bytes.Equal(key, raw) {
			t.Errorf("control: a key that lies there %s is not found", way)
		}
	}
	here := *l
	here.bytes, here.said = nil, nil
	derived, err := hkdf.Key(sha256.New, l.secret, nil, "hearth words 1", 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(blobs[0].kid))
	for _, weak := range [][]byte{l.secret[:32], derived, mac.Sum(nil)} {
		sealed := newKey(weak).words.Seal(nil, nil, []byte(starts[0]+`"text":"a control"}]`), nil)
		if key, _ := here.attack([]blob{{nonce: sealed[:12], sealed: sealed[12:]}}); !bytes.Equal(key, weak) {
			t.Error("control: a key made of the secret is not found")
		}
	}
	pair, err := kem().DeriveKeyPair(l.seeds()[3])
	if err != nil {
		t.Fatal(err)
	}
	ask := message{kind: anAsk, from: "weak", name: name{"a room", blobs[0].kid}, data: pair.PublicKey().Bytes()}
	here.labels, here.said = nil, [][]byte{reply(t, ask, ask.name, raw).encode(nil)}
	if key, _ := here.attack(blobs); !bytes.Equal(key, raw) {
		t.Error("control: a key given to a key pair made of the secret is not found")
	}
}

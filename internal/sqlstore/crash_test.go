package sqlstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/room"
)

// lifeEnv tells a test binary to be one life of a server on the database it
// names, until it is killed.
const lifeEnv = "SQLSTORE_TEST_LIFE"

func TestMain(m *testing.M) {
	if path := os.Getenv(lifeEnv); path != "" {
		fmt.Fprintln(os.Stderr, live(path))
		os.Exit(1)
	}
	if args := strings.Fields(os.Getenv(childEnv)); len(args) > 0 {
		fmt.Fprintln(os.Stderr, children[args[0]](context.Background(), args[1:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// live appends to one room, prints every head that was acknowledged, and
// after 300 waits to be killed.
func live(path string) error {
	ctx := context.Background()
	db, err := Open(ctx, path, time.Now)
	if err != nil {
		return err
	}
	log := db.Log()
	tail, err := log.Read(ctx, "r", room.Head{})
	state := tail.Current()
	if errors.Is(err, room.ErrNoRoom) {
		state = &room.State{}
	} else if err != nil {
		return err
	}
	for n, head := 0, tail.Head; ; n, head = n+1, tail.Head {
		if n == 300 {
			<-time.After(time.Minute)
			return errors.New("nobody came")
		}
		b := room.Batch{Now: time.Now()}
		for i := range 1 + head.Seq%3 {
			e := room.Entry{Seq: head.Seq + i + 1, At: b.Now, By: "a", Session: "tab", N: head.Seq + i}
			if e.Seq == 1 {
				e.Events = []room.Event{room.Begun{Room: "r", Set: room.DefaultSettings()}}
			} else {
				e.Events = []room.Event{room.Said{Seat: "a", Text: "hello"}}
			}
			state.Apply(e)
			b.Entries = append(b.Entries, e)
		}
		if head.Seq%2 == 0 {
			b.State = state
		}
		switch tail, err = log.Append(ctx, "r", head, b); {
		case errors.Is(err, room.ErrClock): // a busy machine took its time: start from what is there
			tail, err = log.Read(ctx, "r", room.Head{})
			state = tail.Current()
			if errors.Is(err, room.ErrNoRoom) {
				state = &room.State{}
			} else if err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		if _, err := fmt.Printf("%d %x\n", tail.Head.Seq, tail.Head.Hash); err != nil {
			return err
		}
	}
}

// life runs one life, kills it at a random moment and returns the heads it
// had acknowledged. Half of the lives are killed by the clock, from before
// the database is open; the others while they append.
func life(t *testing.T, chance *rand.Rand, path string) map[uint64]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), lifeEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acks, lines := map[uint64]string{}, bufio.NewScanner(out)
	kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	if chance.IntN(2) == 0 {
		kill.Reset(time.Duration(chance.IntN(40_000)) * time.Microsecond)
	}
	after := chance.IntN(100)
	for lines.Scan() {
		var seq uint64
		var hash string
		if _, err := fmt.Sscan(lines.Text(), &seq, &hash); err == nil && len(hash) == 64 {
			acks[seq] = hash
		}
		if len(acks) == after {
			kill.Reset(time.Duration(chance.IntN(1000)) * time.Microsecond)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("it was not killed but ended: %v", err)
	}
	kill.Stop()
	return acks
}

// TestKills: 200 lives that end by kill -9, and every fact that was
// acknowledged is there, in an unbroken chain. A kill is not a power cut:
// what the disk does when the current fails is beyond this test.
func TestKills(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 20
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "hearth.db")
	acks, total := map[uint64]string{}, 0
	var seen room.Head
	for n := 1; n <= kills; n++ {
		for seq, hash := range life(t, chance, path) {
			acks[seq] = hash
			total++
		}
		// Often the next life has to start from what the last one left.
		if n == kills || chance.IntN(3) == 0 {
			seen = follow(t, path, seen, acks)
			clear(acks)
		}
	}
	t.Logf("%d kills, %d acknowledged, %d entries", kills, total, seen.Seq)
	if total < kills {
		t.Errorf("only %d appends were acknowledged: nothing was tried", total)
	}
	follow(t, path, room.Head{Epoch: seen.Epoch}, nil)
}

// follow opens the database, reads on from a head and holds what is there
// against what was acknowledged.
func follow(t *testing.T, path string, after room.Head, acks map[uint64]string) room.Head {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tail, err := db.Log().Read(ctx, "r", room.Head{})
	if errors.Is(err, room.ErrNoRoom) && len(acks) == 0 && after.Seq == 0 {
		return room.Head{}
	}
	if err != nil {
		t.Fatal(err)
	}
	if s := tail.Current(); s.Seq != tail.Head.Seq {
		t.Fatalf("the state folds to %d, the head is %d", s.Seq, tail.Head.Seq)
	}
	if after.Epoch == "" {
		after.Epoch = tail.Head.Epoch
	}
	if tail, err = db.Log().Read(ctx, "r", after); err != nil || tail.State != nil {
		t.Fatalf("what was read before is no point of the log: %v", err)
	}
	hash, seq := after.Hash, after.Seq
	for _, e := range tail.Entries {
		facts, _, err := room.SplitEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		seq++
		hash = room.Chain(hash, seq, facts)
		if want, ok := acks[seq]; ok && want != fmt.Sprintf("%x", hash) {
			t.Fatalf("entry %d is not the one that was acknowledged", seq)
		}
		delete(acks, seq)
	}
	if len(acks) != 0 || tail.Head.Seq != seq || tail.Head.Hash != hash {
		t.Fatalf("%d acknowledged entries are gone; read to %d, the head is %d", len(acks), seq, tail.Head.Seq)
	}
	return tail.Head
}

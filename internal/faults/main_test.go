package faults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// program builds hearth once, in a folder that goes when the tests have ended.
// HEARTH_BIN names one that is there already.
var program = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("HEARTH_BIN"); bin != "" {
		return bin, nil
	}
	dir, err := os.MkdirTemp("", "hearth-faults-")
	if err != nil {
		return "", err
	}
	built = dir
	bin := filepath.Join(dir, "hearth")
	build := exec.Command("go", "build", "-o", bin, "./cmd/hearth")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

var built string // what program made

// silent is a log for go-redis, which would print what is meant to happen.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

func bin(t testing.TB) string {
	t.Helper()
	b, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

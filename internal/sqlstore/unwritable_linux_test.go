package sqlstore

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

// TestUnwritable opens as a user who may read and not write.
func TestUnwritable(t *testing.T) {
	path := lived(t, closed)
	dir := filepath.Dir(path)
	for p, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o555, path: 0o444} {
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	asNobody(t, func() {
		refusesUntouched(t, path, ErrAccess)
		refusesUntouched(t, filepath.Join(dir, "new.db"), ErrAccess)
	})
	for _, mode := range [][2]os.FileMode{{0o777, 0o444}, {0o555, 0o666}} { // one of them, but not the other
		if err := errors.Join(os.Chmod(dir, mode[0]), os.Chmod(path, mode[1])); err != nil {
			t.Fatal(err)
		}
		asNobody(t, func() { refusesUntouched(t, path, ErrAccess) })
	}
}

// asNobody runs f on a thread that may do what others may. The thread ends
// with it. Whoever is not root is nobody already.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() {
		if os.Getuid() == 0 {
			runtime.LockOSThread()
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
				t.Error(errno)
				return
			}
		}
		f()
	})
	wg.Wait()
}

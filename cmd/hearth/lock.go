package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lock is held by the one server of a data folder. Its file names the
// address people reach the server at, for `hearth invite`. The kernel lets go
// of it when the process ends, however it ends.
type lock struct{ file *os.File }

func lockPath(data string) string { return filepath.Join(data, "lock") }

// takeLock takes data/lock or says who has it.
func takeLock(data string) (*lock, error) {
	f, err := os.OpenFile(lockPath(data), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, cantWrite(data, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, say("Another Hearth already serves the data in %s. Please stop it first, or choose another folder with --data.", data)
		}
		return nil, say("The data folder %s can't be locked: %w. Please use a local disk.", data, err)
	}
	return &lock{f}, nil
}

// tell writes the server's public address into the lock.
func (l *lock) tell(url string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(url+"\n"), 0)
	return err
}

// release empties the lock and lets go of it. The file stays: removing it
// would let two servers lock two files of one name.
func (l *lock) release() {
	_ = l.file.Truncate(0)
	l.file.Close()
}

// servedAt returns the address of the server that runs on a data folder, or
// of the last one that was killed; empty if there is none.
func servedAt(data string) string {
	f, err := os.Open(lockPath(data))
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// makeData makes the data folder, readable by its owner alone.
func makeData(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return cantWrite(data, err)
	}
	return nil
}

func cantWrite(data string, err error) error {
	return say("The data folder %s can't be written to: %w. Please make it writable, or choose another with --data.", data, err)
}

package servers

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// process is one running server, and a second process that has it on a
// leash: that reads a pipe which ends with this program, however it ends, and
// then kills the server.
type process struct {
	cmd, leash *exec.Cmd
	ended      chan struct{}
	once       sync.Once
}

func spawn(name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{})}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.leash = exec.Command("sh", "-c", `read -r _ || kill -9 "$0"`, strconv.Itoa(p.cmd.Process.Pid))
	_, err := p.leash.StdinPipe()
	if err == nil {
		err = p.leash.Start()
	}
	if err != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is for its log to say
		close(p.ended)
	}()
	return p, nil
}

// kill ends it at once and waits until it is gone. The leash comes off first:
// afterwards the number may be another process's.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.leash.Process.Kill()
		_ = p.leash.Wait()
		_ = p.cmd.Process.Kill()
	})
	<-p.ended
}

// answers waits until the server answers PING; an error if it ends before.
func (p *process) answers(addr, password string) error {
	var err error
	poll(func() bool {
		select {
		case <-p.ended: // somebody else may answer at its address
			err = errors.New("it ended at once")
			return true
		default:
		}
		_, err = do(addr, password, []string{"PING"})
		return err == nil || strings.HasPrefix(err.Error(), "NOAUTH")
	})
	return err
}

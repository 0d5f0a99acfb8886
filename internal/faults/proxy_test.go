package faults

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo is a server that says its name before everything it repeats.
func echo(t *testing.T, name string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for s := bufio.NewScanner(c); s.Scan(); {
					fmt.Fprintf(c, "%s %s\n", name, s.Text())
				}
			}()
		}
	}()
	return l.Addr().String()
}

// caller talks through a proxy.
type caller struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func call(t *testing.T, p *Proxy) *caller {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &caller{t, c, bufio.NewReader(c)}
}

func (c *caller) says(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) hears(want string) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if got, err := c.in.ReadString('\n'); got != want+"\n" {
		c.t.Fatalf("heard %q, %v; want %q", got, err, want)
	}
}

func (c *caller) hearsNothing(d time.Duration) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(d))
	if got, err := c.in.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("heard %q, %v; want nothing", got, err)
	}
}

func (c *caller) isCut() {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if got, err := c.in.ReadString('\n'); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("heard %q, %v; want the end", got, err)
	}
}

// refused asserts that nobody is to be had through a proxy.
func refused(t *testing.T, p *Proxy) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err == nil {
		defer c.Close()
		(&caller{t, c, bufio.NewReader(c)}).isCut()
	}
}

func TestProxyCutsAndRefuses(t *testing.T) {
	p := StartProxy(t, echo(t, "one"))
	c := call(t, p)
	c.says("hello")
	c.hears("one hello")
	p.Cut()
	c.isCut()
	c = call(t, p)
	c.says("again")
	c.hears("one again")
	p.Refuse()
	c.says("still here")
	c.hears("one still here")
	refused(t, p)
	p.Heal()
	c = call(t, p)
	c.says("back")
	c.hears("one back")
}

func TestProxyLeadsElsewhere(t *testing.T) {
	p := StartProxy(t, echo(t, "one"))
	c := call(t, p)
	c.says("a")
	c.hears("one a")
	p.Retarget(echo(t, "two"))
	c.says("b")
	c.hears("one b")
	p.Cut()
	c.isCut()
	c = call(t, p)
	c.says("c")
	c.hears("two c")
}

func TestProxyHoldsEitherWay(t *testing.T) {
	for _, w := range []Way{There, Back} {
		p := StartProxy(t, echo(t, "one"))
		c := call(t, p)
		p.Hold(w)
		c.says("a")
		c.says("b")
		c.hearsNothing(50 * time.Millisecond)
		p.Heal()
		c.hears("one a")
		c.hears("one b")
	}
}

func TestProxyLosesReplies(t *testing.T) {
	p := StartProxy(t, echo(t, "one"))
	c := call(t, p)
	p.Lose(Back)
	c.says("a")
	c.hearsNothing(50 * time.Millisecond)
	p.Heal()
	c.isCut()
	c = call(t, p)
	c.says("b")
	c.hears("one b")
}

func TestProxyDeafensWhoSubscribed(t *testing.T) {
	p := StartProxy(t, echo(t, "one"))
	asks, listens := call(t, p), call(t, p)
	listens.says("subscribe\r")
	listens.hears("one subscribe")
	p.Deafen()
	listens.says("a")
	listens.hearsNothing(50 * time.Millisecond)
	asks.says("b")
	asks.hears("one b")
	p.Heal()
	listens.hears("one a")
}

func TestProxyIsSlow(t *testing.T) {
	p := StartProxy(t, echo(t, "one"))
	c := call(t, p)
	p.Delay(40 * time.Millisecond)
	began := time.Now()
	c.says("a")
	c.says("b")
	c.hears("one a")
	c.hears("one b")
	if took := time.Since(began); took < 80*time.Millisecond {
		t.Errorf("there and back took %v", took)
	}
	p.Heal()
	c.says("c")
	c.hears("one c")
}

func TestProxyWithoutATarget(t *testing.T) {
	p := StartProxy(t, "127.0.0.1:1")
	refused(t, p)
	p.Retarget(echo(t, "late"))
	c := call(t, p)
	c.says("a")
	c.hears("late a")
}

package servers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// do speaks one command to a server, on a connection of its own, and returns
// the reply as text. A server that does not answer within a second is an
// error.
func do(addr, password string, args []string) (string, error) {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	in := bufio.NewReader(c)
	if password != "" {
		if _, err := ask(c, in, []string{"AUTH", password}); err != nil {
			return "", err
		}
	}
	return ask(c, in, args)
}

// ask writes a command in Redis' protocol (RESP2) and reads its reply.
func ask(out io.Writer, in *bufio.Reader, args []string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return "", err
	}
	return reply(in)
}

func reply(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return "", errors.New("an empty reply")
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '-':
		return "", errors.New(rest)
	case '$', '*':
		n, err := strconv.Atoi(rest)
		if err != nil {
			return "", err
		}
		if kind == '*' {
			return lines(in, n)
		}
		if n < 0 {
			return "", nil
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(in, b); err != nil {
			return "", err
		}
		return string(b[:n]), nil
	}
	return rest, nil
}

func lines(in *bufio.Reader, n int) (string, error) {
	all := []string{}
	for range n {
		one, err := reply(in)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	return strings.Join(all, "\n"), nil
}

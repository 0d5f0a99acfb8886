package redisstore

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// fault is what went wrong, in a sentence that says what to do. What Redis or
// the network said is inside for errors.Is and errors.As, and is not printed:
// it may name users, addresses, keys.
type fault struct {
	say   string
	cause error
}

func (f *fault) Error() string { return f.say }
func (f *fault) Unwrap() error { return f.cause }

// replies are the errors of Redis that an operator can do something about,
// by the word they begin with.
var replies = map[string]string{
	"READONLY":    "this Redis is a replica and takes no writes: name the primary in --redis, or the sentinels with master_name=",
	"LOADING":     "Redis is loading its data and takes nothing yet: it comes back by itself",
	"OOM":         "Redis is full: give it more memory (CONFIG SET maxmemory) and leave maxmemory-policy at noeviction",
	"MISCONF":     "Redis can't write to its disk and takes no writes: make space, then see its log",
	"NOREPLICAS":  "Redis takes no writes because too few replicas follow it (min-replicas-to-write): start the replicas",
	"NOPERM":      needs,
	"NOAUTH":      "Redis asks for a password: put it into the file of --redis-password-file, and the user's name into --redis",
	"WRONGPASS":   "Redis does not know this user and password: compare --redis and --redis-password-file with its users (ACL LIST)",
	"WRONGTYPE":   "under a name that is Hearth's there is something else in Redis: give Hearth a Redis of its own, or remove what does not belong to it",
	"DENIED":      "Redis is in protected mode and answers only its own machine: set a password or a user in it",
	"BUSY":        "Redis is busy with somebody's script: it must end first (SCRIPT KILL)",
	"MASTERDOWN":  "this Redis is a replica that has lost its primary: start the primary, or promote the replica",
	"MOVED":       clustered,
	"ASK":         clustered,
	"CROSSSLOT":   clustered,
	"CLUSTERDOWN": clustered,
}

const (
	needs     = "the Redis user may not do all that Hearth needs: `hearth redis-acl` prints what to allow"
	clustered = "this Redis is part of a cluster: Hearth needs a single primary, with replicas and Sentinel if you like"
)

// place finds which line of a script an error was in: that is ours to print.
var place = regexp.MustCompile(`user_script:\d+`)

// code finds the word an error of Redis begins with.
var code = regexp.MustCompile(`^[A-Z]{2,20}\b`)

// sentence says what an error from Redis means and what to do about it. That
// the caller gave up, redis.Nil and what is a sentence already come back as
// they are; nil is nil.
func sentence(err error) error {
	var f *fault
	if err == nil || err == redis.Nil || errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	var said redis.Error
	if errors.As(err, &said) && !lost(err) {
		return &fault{ofReply(said.Error()), err}
	}
	return &fault{ofNetwork(err), err}
}

// lost says whether no sentinel knew the primary. Of that go-redis makes an
// error that is also redis.Nil, when a sentinel answered.
func lost(err error) bool { return strings.Contains(err.Error(), "redis: all sentinels") }

func ofReply(said string) string {
	first := code.FindString(said)
	if first == "ERR" && strings.Contains(said, "max number of clients") {
		return "Redis has too many connections: raise its maxclients"
	}
	// Where a script may not do something Redis says NOPERM so: 7.0, and later.
	if strings.Contains(said, " executing the script can") || strings.Contains(said, "ACL failure in script") {
		first = "NOPERM"
	}
	if say, known := replies[first]; known {
		return say
	}
	if first == "" {
		first = "something"
	}
	if at := place.FindString(said); at != "" {
		first += " at " + at
	}
	return "Redis answered " + first + ", which Hearth does not expect: see the log of Redis"
}

func ofNetwork(err error) string {
	var timeout net.Error
	var name *net.DNSError
	var unknown x509.UnknownAuthorityError
	var wrong x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown), errors.As(err, &wrong), errors.As(err, &invalid):
		return "the certificate of Redis is not one to trust: name the file of its authority in --redis-ca-file, " +
			"and the host in --redis as the certificate does"
	case errors.As(err, &name):
		return "the host in --redis has no address: compare its name"
	case lost(err):
		return "no sentinel in --redis says where the primary is: compare the addresses and master_name=, and see that a sentinel runs"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing answers where --redis points: see that Redis runs there and that the port is right"
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return "all connections to Redis are busy: it is slow, or the network to it is"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "Redis does not answer in time: see that it runs and that the network to it is up"
	case errors.Is(err, redis.ErrClosed):
		return "the connections to Redis are closed: this node is ending"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &timeout),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection to Redis was cut: see that it runs and that the network to it is up; with TLS, --redis begins with rediss://"
	}
	return "Redis can't be used, for a reason that Hearth does not know: see the log of Redis"
}

package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// How long one thing may take. A node that hears nothing from Redis for a
// second falls silent anyway, so waiting much longer helps nobody.
const (
	dialing = time.Second
	talking = 1500 * time.Millisecond // reading or writing one command
)

// connections is how many a node has at most, besides 10 for pipelines and
// one to listen on. A commit keeps one busy for about a millisecond.
const connections = 64

// looks is what a URL may look like, for whoever wrote another.
const looks = "one looks like redis://user@host:6379, with TLS rediss://user@host:6379, " +
	"with Sentinel redis://sentinel:26379?master_name=NAME&addr=sentinel2:26379&username=USER; " +
	"the characters / ? # % @ in a password are written %2F %3F %23 %25 %40, or give it with --redis-password-file"

// client is what the options describe. It does not connect yet. It repeats no
// command by itself, because a command whose reply was lost may have been
// carried out; and it says nothing to anybody but Hearth.
func (o Options) client() (redis.UniversalClient, error) {
	redis.SetLogger(silent{})
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Fragment != "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		return nil, errors.New("that is not the URL of a Redis: " + looks)
	}
	if o.TLS != nil && u.Scheme != "rediss" {
		return nil, errors.New("there is a certificate authority for Redis, but its URL is without TLS: begin it with rediss://")
	}
	if u.Path != "" && u.Path != "/" && u.Path != "/0" {
		return nil, errors.New("hearth uses database 0 only, because channels are not divided by database: " +
			"leave the number out of the URL of Redis, and give every Hearth a Redis of its own")
	}
	q := u.Query()
	for name := range q { // most of go-redis' options would break promises made here
		if name != "master_name" && (q.Get("master_name") == "" || name != "addr" && name != "username" && name != "password") {
			return nil, errors.New("the URL of Redis has an option that Hearth does not know, or that needs master_name: " + looks)
		}
	}
	if q.Get("master_name") != "" {
		return o.failover()
	}
	return o.single()
}

func (o Options) single() (redis.UniversalClient, error) {
	c, err := redis.ParseURL(o.URL)
	if err != nil { // its text may repeat the URL
		return nil, errors.New("that is not the URL of a Redis: " + looks)
	}
	if o.Password != "" {
		c.Password = o.Password
	}
	if o.TLS != nil {
		name := c.TLSConfig.ServerName
		c.TLSConfig = o.TLS.Clone()
		if c.TLSConfig.ServerName == "" {
			c.TLSConfig.ServerName = name
		}
	}
	strict(c.TLSConfig)
	c.MaxRetries, c.DialerRetries = -1, 1
	c.DialTimeout, c.ReadTimeout, c.WriteTimeout, c.PoolTimeout = dialing, talking, talking, talking
	c.PoolSize, c.MaxActiveConns = connections, connections
	c.ContextTimeoutEnabled = true
	c.DisableIdentity = true
	c.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(c), nil
}

// failover is a client that asks sentinels where the primary is. The URL's
// user and password are the sentinels'; those of Redis are options in it, or
// the password stands alone.
func (o Options) failover() (redis.UniversalClient, error) {
	c, err := redis.ParseFailoverURL(o.URL)
	if err != nil {
		return nil, errors.New("that is not the URL of a Redis with Sentinel: " + looks)
	}
	if o.Password != "" {
		c.Password = o.Password
	}
	if c.TLSConfig != nil { // each server is held to its own name, not to the first sentinel's
		c.TLSConfig.ServerName = ""
	}
	if o.TLS != nil {
		c.TLSConfig = o.TLS.Clone()
	}
	strict(c.TLSConfig)
	c.MaxRetries, c.DialerRetries = -1, 1
	c.DialTimeout, c.ReadTimeout, c.WriteTimeout, c.PoolTimeout = dialing, talking, talking, talking
	c.PoolSize, c.MaxActiveConns = connections, connections
	c.ContextTimeoutEnabled = true
	c.DisableIdentity = true
	return redis.NewFailoverClient(c), nil
}

func strict(c *tls.Config) {
	if c != nil && c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
}

// silent is go-redis' logger: what it says names addresses and users, and
// Hearth hears of every fault anyway.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

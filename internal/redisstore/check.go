package redisstore

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// least is the shortest deployment secret that is taken, in bytes: as long as
// the tags made with it.
const least = 32

// loading is how long a node waits at its start for a Redis that is reading
// its data, unless its context ends before.
const loading = 30 * time.Second

// check looks, once at the start, at whether this Redis keeps what Hearth
// promises with it, as far as its user may see that. What can't be lived with
// is an error; what can, is told to Fault.
func check(ctx context.Context, c redis.UniversalClient, o Options) error {
	if len(o.Secret) < least {
		return errors.New("the secret is too short: the file of --secret-file has at least 32 random bytes (head -c 48 /dev/urandom | base64), the same on every node")
	}
	i, err := loaded(ctx, c)
	if err != nil {
		return err
	}
	if err := i.fit(); err != nil {
		return err
	}
	if err := permitted(ctx, c, "hearth:probe:"+rand.Text()); err != nil {
		return err
	}
	if o.Fault != nil {
		for _, w := range i.warnings(fsync(ctx, c), o.Ack) {
			o.Fault(errors.New(w))
		}
	}
	return agree(ctx, c, o.Secret)
}

// info is what Redis says of itself: its fields by name.
type info map[string]string

// loaded returns what Redis says of itself once it has read its data.
func loaded(ctx context.Context, c redis.UniversalClient) (info, error) {
	ctx, cancel := context.WithTimeout(ctx, loading)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	reads := false
	for {
		said, err := c.Info(ctx).Result()
		i := parse(said)
		if err == nil && i["loading"] != "1" {
			return i, nil
		}
		reads = reads || err == nil || redis.HasErrorPrefix(err, "LOADING")
		if !reads { // once it does, it may be slow to answer
			return nil, sentence(err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, &fault{"Redis is still loading its data: try again when its log says that it is ready", ctx.Err()}
		}
	}
}

func parse(said string) info {
	i := info{}
	for in := bufio.NewScanner(strings.NewReader(said)); in.Scan(); {
		if name, value, ok := strings.Cut(in.Text(), ":"); ok {
			i[name] = value
		}
	}
	return i
}

// fit says what makes this Redis unfit, if anything does.
func (i info) fit() error {
	major, _, _ := strings.Cut(i["redis_version"], ".")
	n, err := strconv.Atoi(major)
	switch {
	case i["redis_mode"] == "sentinel":
		return errors.New("this is a sentinel, not a Redis: add ?master_name=NAME to --redis")
	case err != nil:
		return errors.New("this Redis does not say which version it is: Hearth needs Redis 7.0 or newer")
	case n < 7:
		return errors.New("this Redis is too old: Hearth needs Redis 7.0 or newer")
	case i["redis_mode"] == "cluster":
		return errors.New(clustered)
	case i["role"] != "master":
		return errors.New(replies["READONLY"])
	case i["maxmemory_policy"] != "noeviction":
		return errors.New("this Redis throws keys away when it is full, and rooms with them: CONFIG SET maxmemory-policy noeviction, and the same in its configuration file")
	}
	return nil
}

// fsync is when Redis brings its log of writes to the disk; empty if the user
// may not see that, as the least of users may not.
func fsync(ctx context.Context, c redis.UniversalClient) string {
	said, err := c.ConfigGet(ctx, "appendfsync").Result()
	if err != nil {
		return ""
	}
	return said["appendfsync"]
}

// warnings are what can be lived with, and should be known.
func (i info) warnings(fsync string, ack Ack) []string {
	told := []string{}
	if i["aof_enabled"] != "1" {
		told = append(told, "Redis keeps no log of its writes: if it restarts, rooms live on only in the nodes that are in them (CONFIG SET appendonly yes)")
	} else if fsync == "" {
		told = append(told, "fsync policy not verified: see that appendfsync of Redis is always, or everysec if a second may be lost with the power")
	} else if fsync == "no" {
		told = append(told, "Redis leaves it to its machine when writes reach the disk: CONFIG SET appendfsync everysec, or always")
	}
	if i["aof_last_write_status"] == "err" || i["rdb_last_bgsave_status"] == "err" {
		told = append(told, replies["MISCONF"])
	}
	if ack == AckReplica && i["connected_slaves"] == "0" {
		told = append(told, "no replica follows this Redis: with --redis-ack replica nothing counts as written until one does")
	}
	return told
}

// secretKey holds a tag of the deployment's secret.
const secretKey = "hearth:secret"

// agree refuses a secret that is not that of the other nodes. The tag says
// nothing of the secret to who does not have it.
func agree(ctx context.Context, c redis.UniversalClient, secret []byte) error {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("hearth: one deployment, one secret"))
	ours := hex.EncodeToString(mac.Sum(nil))
	theirs, err := c.SetArgs(ctx, secretKey, ours, redis.SetArgs{Mode: "NX", Get: true}).Result()
	if err == redis.Nil { // nobody was here before
		return nil
	}
	if err != nil {
		return sentence(err)
	}
	if b, err := hex.DecodeString(theirs); err != nil || len(b) != sha256.Size {
		return errors.New(replies["WRONGTYPE"] + " (" + secretKey + ")")
	}
	if !hmac.Equal([]byte(theirs), []byte(ours)) {
		return errors.New("the other nodes have another secret: give every node the same file with --secret-file; " +
			"to change it, stop all nodes, then DEL " + secretKey)
	}
	return nil
}

package redisstore

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// need is one command that Hearth uses, and an example of it that does no
// harm: K is a scratch key that ends by itself, C a scratch channel.
type need struct{ command, example string }

// needed is every command of this package: nothing else may the user of
// Hearth do. Those who speak it are allowed HELLO and AUTH by Redis itself.
var needed = struct{ inScripts, directly []need }{
	inScripts: []need{ // some of them directly too
		{"set", "K x px 1000"}, {"getdel", "K"}, {"del", "K"}, {"exists", "K"}, {"type", "K"}, {"expire", "K 1"},
		{"hset", "K f v"}, {"hsetnx", "K f v"}, {"hget", "K f"}, {"hmget", "K f"}, {"hgetall", "K"}, {"hdel", "K f"}, {"hlen", "K"}, {"hexists", "K f"},
		{"rpush", "K v"}, {"lrange", "K 0 0"}, {"lindex", "K 0"}, {"lset", "K 0 v"}, {"llen", "K"}, {"ltrim", "K 0 0"},
		{"zadd", "K 0 m"}, {"zrem", "K m"}, {"zscore", "K m"}, {"zrange", "K 0 0"}, {"zremrangebyscore", "K 0 0"},
		{"sadd", "K m"}, {"scard", "K"},
		{"time", ""}, {"info", "server"}, {"publish", "C x"},
	},
	directly: []need{{"evalsha", ""}, {"script|load", ""}, {"subscribe", ""}, {"wait", ""}}, // permitted does each
}

// ACL is the line of Redis' aclfile that makes a user with the rights Hearth
// needs and no others. It gives no password: nobody can be that user until
// `>password` is added. With ACL SETUSER in place of the word user it is a
// command.
func ACL(user string) string {
	words := []string{"user", user, "on", "resetkeys", "~hearth:*", "resetchannels", "&hearth:*", "-@all"}
	for _, n := range append(append([]need{}, needed.inScripts...), needed.directly...) {
		words = append(words, "+"+n.command)
	}
	return strings.Join(words, " ")
}

// trial does every example and returns the commands that were refused. Each
// begins with a plain value under the key, so that nothing else is ever
// stored there, and what is stored ends within a second.
const trial = `#!lua
local refused = {}
local function try(line)
  local words = {}
  for word in string.gmatch(line, '%S+') do
    if word == 'K' then word = KEYS[1] elseif word == 'C' then word = ARGV[1] end
    words[#words + 1] = word
  end
  local said = redis.pcall(unpack(words))
  local err = type(said) == 'table' and said.err or ''
  return string.find(err, 'NOPERM', 1, true) -- in scripts there is no code for it, and 7.0 has other words than later ones
    or string.find(err, ' executing the script can', 1, true) or string.find(err, 'ACL failure in script', 1, true)
end
if try('set K x px 1000') then return {'set'} end
for i = 2, #ARGV do
  try('set K x px 1000')
  if try(ARGV[i]) then refused[#refused + 1] = string.match(ARGV[i], '%S+') end
end
try('set K x px 1000')
return refused
`

// permitted tries whether the user may do all that will be needed, so that it
// shows now and not in the middle of a gathering.
func permitted(ctx context.Context, c redis.UniversalClient, probe string) error {
	sha, err := c.ScriptLoad(ctx, trial).Result()
	if err != nil {
		return sentence(err)
	}
	args := []any{probe}
	for _, n := range needed.inScripts {
		args = append(args, n.command+" "+n.example)
	}
	refused, err := c.EvalSha(ctx, sha, []string{probe}, args...).StringSlice()
	if err != nil {
		return sentence(err)
	}
	if len(refused) > 0 {
		return &fault{needs + " (" + strings.Join(refused, ", ") + " is refused now)", nil}
	}
	if err := c.Do(ctx, "wait", 0, 0).Err(); err != nil {
		return sentence(err)
	}
	ear := c.Subscribe(ctx, probe)
	defer ear.Close()
	_, err = ear.ReceiveTimeout(ctx, talking)
	return sentence(err)
}

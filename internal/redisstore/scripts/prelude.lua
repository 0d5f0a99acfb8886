#!lua
-- This begins every script. A script is refused whole where Redis takes no
-- writes (full, read-only, too few replicas), because it names no flags.
--
-- KEYS 1-6 and ARGV 1-5 are the same for all. Times are in ms, but for a
-- room's `at`: ns in 19 digits, compared as text, since numbers here hold
-- only 53 bits.

local LIFE, NODES, GONE, OFFERED, DUE, AT = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local boot = ARGV[1]
local nodes_known = tonumber(ARGV[2]) -- how many nodes the caller last knew alive
local last_beat = tonumber(ARGV[3]) -- when a beat of the caller was last confirmed, 0: never
local window_least, window_most = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call('TIME')
local us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(us / 1000)

-- restoring says whether a window is open in which nodes offer their copies.
-- It opens one when this is another life of Redis than the one that wrote
-- `life`, or `life` is gone; and ends it when its time has come.
local function restoring()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local l = redis.call('HMGET', LIFE, 'run', 'from', 'until', 'need', 'beat')
  if not l[5] or tonumber(l[5]) < last_beat then
    redis.call('HSET', LIFE, 'beat', last_beat > 0 and last_beat or now)
  end
  if l[1] ~= run then
    local need = math.max(1, nodes_known, redis.call('HLEN', NODES))
    redis.call('DEL', OFFERED)
    redis.call('HSET', LIFE, 'run', run, 'from', now, 'until', now + window_most, 'need', need)
    return true
  end
  if not l[3] then
    return false
  end
  local from, till, need = tonumber(l[2]), tonumber(l[3]), tonumber(l[4])
  if nodes_known > need then
    need = nodes_known
    redis.call('HSET', LIFE, 'need', need)
  end
  if now < from then -- the clock of Redis was set back
    redis.call('HSET', LIFE, 'from', now, 'until', now + window_most)
    return true
  end
  if now < till and (now < from + window_least or redis.call('SCARD', OFFERED) < need) then
    return true
  end
  redis.call('HDEL', LIFE, 'until', 'need')
  redis.call('DEL', OFFERED)
  return false
end

local function fenced()
  return redis.call('HEXISTS', NODES, boot) == 0
end

-- bury takes a node off the list for good. The rooms it has lines to are due
-- now: whoever does that finds it gone.
local function bury(name)
  redis.call('HDEL', NODES, name)
  redis.call('ZADD', GONE, now, name)
  local rooms = redis.call('ZRANGE', AT, '[' .. name .. ' ', '(' .. name .. '!', 'BYLEX')
  for _, member in ipairs(rooms) do
    redis.call('ZADD', DUE, 'XX', 0, string.sub(member, #name + 2))
    redis.call('ZREM', AT, member)
  end
end

-- What follows is about one room: KEYS 7 and 8.
local ROOM, LIST = KEYS[7], KEYS[8]

-- look returns a room's fields; or nil and what is wrong: 'noroom', 'newer',
-- 'foreign'. Numbers of entries stay text in e.seq and are numbers in e.n.
local function look(format)
  local kind, list = redis.call('TYPE', ROOM).ok, redis.call('TYPE', LIST).ok
  if kind == 'none' and list == 'none' then
    return nil, 'noroom'
  end
  if kind ~= 'hash' then
    return nil, 'foreign'
  end
  local f = redis.call('HMGET', ROOM, 'v', 'epoch', 'seq', 'hash', 'at', 'state_seq', 'state_hash', 'base', 'base_hash')
  local v = tonumber(f[1])
  if v and v > tonumber(format) then
    return nil, 'newer'
  end
  local e = { epoch = f[2], seq = f[3], n = tonumber(f[3]), hash = f[4], at = f[5],
    state = tonumber(f[6]), state_hash = f[7], base = tonumber(f[8]), base_hash = f[9] }
  if not (v and e.epoch and e.n and e.hash and e.at and e.state and e.state_hash and e.base and e.base_hash)
    or #e.at ~= 19 or e.base > e.state or e.state > e.n or (list ~= 'list' and list ~= 'none')
    or (list == 'none' and 0 or redis.call('LLEN', LIST)) ~= e.n - e.base then
    return nil, 'foreign'
  end
  return e
end

-- point says whether (epoch, seq, hash) is a point of the log from which the
-- entries that follow are still kept.
local function point(e, epoch, seq, hash)
  local n = tonumber(seq)
  if epoch ~= e.epoch or n < e.base or n > e.n then
    return false
  end
  if n == e.base then
    return hash == e.base_hash
  end
  return hash == string.sub(redis.call('LINDEX', LIST, n - e.base - 1), 1, 64)
end

local function after(e, seq)
  return redis.call('LRANGE', LIST, tonumber(seq) - e.base, -1)
end

-- whole is all there is of a room: its state and every entry kept.
local function whole(e)
  local w = redis.call('HMGET', ROOM, 'facts', 'words')
  return { tostring(e.state), e.state_hash, tostring(e.base), e.base_hash, w[1] or '', w[2] or '',
    redis.call('LRANGE', LIST, 0, -1) }
end

-- sync gives WAIT, which follows on the same connection, something to wait
-- for: what was answered is then on a replica too.
local function sync(key)
  if key then
    redis.call('SET', key, us)
  end
end

-- shelved is how many bytes a shelf of pictures holds; nil: it is not one.
local function shelved(key)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then
    return 0
  end
  return kind == 'hash' and tonumber(redis.call('HGET', key, 'bytes')) or nil
end

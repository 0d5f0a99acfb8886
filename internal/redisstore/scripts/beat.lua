-- beat says that a node lives, declares dead those that did not say so for
-- too long, and tells what a node may have missed. KEYS 7 and on: rooms asked
-- about, with two arguments each.

local join, was = ARGV[6] == '1', ARGV[7] -- was: the name it had before, if any
local done = ARGV[8] -- the window in which it has offered all its copies
local lease, cap = tonumber(ARGV[9]), tonumber(ARGV[10])
local late, again, most = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local rooms = ARGV[14] -- what the names of rooms' keys begin with
local remember = tonumber(ARGV[15])

local open = restoring()
local l = redis.call('HMGET', LIFE, 'active', 'beat', 'dark_from', 'dark_to', 'from')
local active = tonumber(l[1] or 0)
if fenced() then
  if not join or redis.call('ZSCORE', GONE, boot) then
    return {'fenced', now}
  end
  if was ~= '' then
    bury(was)
  end
  redis.call('HSET', NODES, boot, active)
end
if open then
  if done == l[5] then
    redis.call('SADD', OFFERED, boot)
  end
  redis.call('HSET', NODES, boot, active)
  return {'restoring', now, l[5]}
end

-- Time in which no node could beat ages nobody: it counts as cap at most.
local gap = now - tonumber(l[2])
local from, to = l[3] or '0', l[4] or '0'
if gap > lease then
  from, to = l[2], tostring(now)
  redis.call('HSET', LIFE, 'dark_from', from, 'dark_to', to)
end
active = active + math.min(math.max(gap, 0), cap)
redis.call('HSET', LIFE, 'active', active, 'beat', now)
redis.call('HSET', NODES, boot, active)
local alive, list = {}, redis.call('HGETALL', NODES)
for i = 1, #list, 2 do
  if active - (tonumber(list[i + 1]) or 0) > lease then
    bury(list[i])
  else
    alive[#alive + 1] = list[i]
  end
end
redis.call('ZREMRANGEBYSCORE', GONE, '-inf', now - remember)

local differ, overdue = {}, {}
for i = 7, #KEYS do
  local epoch, seq = ARGV[2 * i + 2], ARGV[2 * i + 3]
  local h = redis.pcall('HMGET', KEYS[i], 'epoch', 'seq')
  if h.err then
    h = { 'x', '0' } -- reading it tells what is wrong
  end
  if (h[1] or '') ~= epoch or (h[2] or '0') ~= seq then
    differ[#differ + 1] = tostring(i - 7)
    differ[#differ + 1] = h[1] or ''
    differ[#differ + 1] = h[2] or '0'
  end
end
for _, id in ipairs(redis.call('ZRANGE', DUE, '-inf', now - late, 'BYSCORE', 'LIMIT', 0, most)) do
  if redis.call('EXISTS', rooms .. id) == 0 then
    redis.call('ZREM', DUE, id) -- its time is over
  else
    overdue[#overdue + 1] = id
    redis.call('ZADD', DUE, now - late + again, id) -- others hear of it if nothing comes of this
  end
end
return {'ok', now, alive, from, to, differ, overdue}

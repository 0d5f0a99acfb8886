-- append writes a batch if the room's head is what the writer saw, all of it
-- or nothing. KEYS 9: sync, only where a replica must have it too.

local format, id, bell = ARGV[6], ARGV[7], ARGV[8]
local epoch, seq, hash = ARGV[9], ARGV[10], ARGV[11] -- the head it was decided on
local fresh = ARGV[12] -- epoch, if this begins the log
local claim_us, claim, first, last = tonumber(ARGV[13]), ARGV[14], ARGV[15], ARGV[16]
local skew_us = tonumber(ARGV[17])
local new_seq, new_hash = ARGV[18], ARGV[19]
local facts, words, due = ARGV[20], ARGV[21], ARGV[22] -- facts '': the state stays
local over, ttl, keep = ARGV[23] == '1', ARGV[24], tonumber(ARGV[25])
local at_nodes = ARGV[26] -- nodes that seats have lines to, with a space behind each
local entries = tonumber(ARGV[27]) -- so many follow; then seqs whose words are taken back

if restoring() then
  return {'restoring', us}
end
if fenced() then
  return {'fenced', us}
end
local e, why = look(format)
if why == 'foreign' then
  return {'foreign', us}
elseif why == 'newer' then
  return {'newer', us}
end
local begins = why == 'noroom'
if begins and (epoch ~= '' or seq ~= '0' or hash ~= string.rep('0', 64)) then
  return {'noroom', us}
end
sync(KEYS[9])
if not begins and (epoch ~= e.epoch or seq ~= e.seq or hash ~= e.hash) then
  if point(e, epoch, seq, hash) then
    return {'moved', us, e.epoch, e.seq, e.hash, e.at, after(e, seq)}
  end
  return {'moved-whole', us, e.epoch, e.seq, e.hash, e.at, whole(e)}
end

local newest = begins and string.rep('0', 19) or e.at
local clock = math.max(us, tonumber(string.sub(newest, 1, 16)))
if math.abs(claim_us - clock) > skew_us or claim < newest or (entries > 0 and first < newest) then
  return {'clock', us, newest}
end
if entries == 0 then
  return {'ok', us, epoch, newest}
end

-- From here it is written. What can fail, because there is something else
-- under a name, comes first.
local live = facts ~= '' and not over
if live then
  redis.call('ZADD', DUE, due, id)
end
if facts ~= '' then
  local was = not begins and redis.call('HGET', ROOM, 'nodes') or ''
  for name in string.gmatch(was, '(%S+) ') do
    redis.call('ZREM', AT, name .. ' ' .. id)
  end
  for name in string.gmatch(at_nodes, '(%S+) ') do
    redis.call('ZADD', AT, 0, name .. ' ' .. id)
  end
end
if begins then
  epoch = fresh
  redis.call('HSET', ROOM, 'epoch', epoch, 'base', 0, 'base_hash', hash)
  e = { n = 0, base = 0, state = 0 }
end
if over then -- only what closed it is kept, for those who are one step behind
  redis.call('DEL', LIST)
  redis.call('HSET', ROOM, 'base', seq, 'base_hash', hash)
  redis.call('ZREM', DUE, id)
  e.base = tonumber(seq)
end
for i = 28, 27 + entries do
  redis.call('RPUSH', LIST, ARGV[i])
end
redis.call('HSET', ROOM, 'v', format, 'seq', new_seq, 'hash', new_hash, 'at', last)
if facts ~= '' then
  redis.call('HSET', ROOM, 'state_seq', new_seq, 'state_hash', new_hash, 'facts', facts, 'words', words, 'nodes', at_nodes)
  e.state = tonumber(new_seq)
end
for i = 28 + entries, #ARGV do
  local n = tonumber(ARGV[i]) - e.base - 1
  local entry = n >= 0 and redis.call('LINDEX', LIST, n)
  if entry then
    redis.call('LSET', LIST, n, string.sub(entry, 1, 72 + (tonumber(string.sub(entry, 65, 72), 16) or #entry)))
  end
end
local base = math.min(tonumber(new_seq) - keep, e.state)
if base > e.base then
  local before = redis.call('LINDEX', LIST, base - e.base - 1)
  redis.call('LTRIM', LIST, base - e.base, -1)
  redis.call('HSET', ROOM, 'base', base, 'base_hash', string.sub(before, 1, 64))
end
if facts ~= '' or redis.call('ZSCORE', DUE, id) then
  redis.call('EXPIRE', ROOM, ttl)
  redis.call('EXPIRE', LIST, ttl)
end
redis.call('PUBLISH', bell, id .. ' ' .. epoch .. ' ' .. new_seq)
return {'ok', us, epoch, last}

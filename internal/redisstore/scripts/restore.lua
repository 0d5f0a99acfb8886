-- restore offers a node's copy of one room. It is taken only while a window
-- is open, and only if it knows more than what is there: the highest number
-- wins, whoever comes first.

local format, id, bell = ARGV[6], ARGV[7], ARGV[8]
local epoch, seq, hash, at = ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local state_seq, state_hash, facts, words = ARGV[13], ARGV[14], ARGV[15], ARGV[16]
local over, ttl = ARGV[17] == '1', ARGV[18] -- entries follow

if not restoring() then
  return {'closed', us}
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
if e and e.n >= tonumber(seq) then
  return {'kept', us}
end
-- Due at once: whoever takes it looks at everything.
if over then
  redis.call('ZREM', DUE, id)
else
  redis.call('ZADD', DUE, 0, id)
end
redis.call('DEL', ROOM, LIST)
for i = 19, #ARGV do
  redis.call('RPUSH', LIST, ARGV[i])
end
redis.call('HSET', ROOM, 'v', format, 'epoch', epoch, 'seq', seq, 'hash', hash, 'at', at,
  'state_seq', state_seq, 'state_hash', state_hash, 'facts', facts, 'words', words,
  'base', state_seq, 'base_hash', state_hash, 'nodes', '')
redis.call('EXPIRE', ROOM, ttl)
redis.call('EXPIRE', LIST, ttl)
redis.call('PUBLISH', bell, id .. ' ' .. epoch .. ' ' .. seq)
return {'taken', us}

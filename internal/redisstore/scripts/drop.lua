-- drop forgets one picture. KEYS 7: the shelf.

local SHELF = KEYS[7]
local field = 'p:' .. ARGV[6]

if restoring() then
  return {'restoring', us}
end
if fenced() then
  return {'fenced', us}
end
local bytes = shelved(SHELF)
if not bytes then
  return {'foreign', us}
end
local sealed = redis.call('HGET', SHELF, field)
if sealed then
  redis.call('HDEL', SHELF, field)
  redis.call('HSET', SHELF, 'bytes', bytes - #sealed)
  if redis.call('HLEN', SHELF) == 1 then
    redis.call('DEL', SHELF)
  end
end
return {'ok', us}
